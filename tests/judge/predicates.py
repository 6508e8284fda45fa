"""Predicates read as SQL reads them: true, false or not known of one row, and which values they can tell apart.

A reading of its own over sqlglot's syntax tree, row by row in Python, where the product hands SQL to Polars.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from functools import cache

import sqlglot
from sqlglot import exp

Value = str | bool | float | None
"""A field of a row; a date is its day as a number; None is an empty field."""
Row = Mapping[str, Value]


class NotCoveredError(Exception):
    """Something that the judge has no reading for."""


@cache
def parsed(sql: str) -> exp.Expr:
    """Return the syntax tree of a predicate."""
    return sqlglot.parse_one(sql, dialect="postgres", into=exp.Condition)


def truth(sql: str, row: Row) -> bool | None:
    """Return whether a predicate is true of a row; None where empty fields leave it open."""
    return _truth(parsed(sql), row)


def columns_of(sql: str) -> set[str]:
    """Return the fields that a predicate speaks of."""
    return {each.name for each in parsed(sql).find_all(exp.Column)}


def literals_of(sql: str, column: str) -> Iterator[Value]:
    """Yield what a predicate compares a field with."""
    for each in parsed(sql).find_all(exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.In, exp.Between):
        parts = [part.unnest() for part in each.iter_expressions()]
        named = [part.name for part in parts if isinstance(part, exp.Column)]
        if column in named:
            if len(named) > 1:
                raise NotCoveredError("a comparison of two fields")
            yield from (_value(part, {}) for part in parts if not isinstance(part, exp.Column))


def _truth(node: exp.Expr, row: Row) -> bool | None:
    node = node.unnest()
    match node:
        case exp.And():
            return _all(_truth(node.left, row), _truth(node.right, row))
        case exp.Or():
            return _not(_all(_not(_truth(node.left, row)), _not(_truth(node.right, row))))
        case exp.Not():
            return _not(_truth(node.this, row))
        case exp.Is():
            # IS NOT NULL is one node; so is NOT around an IS NULL.
            return (_value(node.this, row) is None) != bool(node.args.get("negate"))
        case exp.In():
            return _any_equal(_value(node.this, row), [_value(each, row) for each in node.expressions])
        case exp.Between():
            value, low, high = (_value(node.args[name], row) for name in ("this", "low", "high"))
            return _all(_ordered(low, value, equal=True), _ordered(value, high, equal=True))
        case exp.EQ() | exp.NEQ() | exp.LT() | exp.LTE() | exp.GT() | exp.GTE():
            return _compared(node, _value(node.left, row), _value(node.right, row))
        case exp.Boolean() | exp.Column():
            value = _value(node, row)
            assert value is None or isinstance(value, bool)
            return value
        case _:
            raise NotCoveredError(f"a predicate with {node.key.upper()}")


def _compared(node: exp.Expr, left: Value, right: Value) -> bool | None:
    match node:
        case exp.EQ():
            return _any_equal(left, [right])
        case exp.NEQ():
            return _not(_any_equal(left, [right]))
        case exp.LT() | exp.LTE():
            return _ordered(left, right, equal=isinstance(node, exp.LTE))
        case _:
            return _ordered(right, left, equal=isinstance(node, exp.GTE))


def _value(node: exp.Expr, row: Row) -> Value:
    node = node.unnest()
    match node:
        case exp.Column():
            return row[node.name]
        case exp.Boolean():
            return bool(node.this)
        case exp.Literal():
            return str(node.this) if node.is_string else float(node.this)
        case exp.Neg():
            return -float(node.this.name)
        case exp.Cast() if node.to.this == exp.DataType.Type.DATE:
            return float(dt.date.fromisoformat(node.this.name).toordinal())
        case _:
            raise NotCoveredError(f"a value with {node.key.upper()}")


def _not(value: bool | None) -> bool | None:
    return None if value is None else not value


def _all(left: bool | None, right: bool | None) -> bool | None:
    if left is False or right is False:
        return False
    return None if left is None or right is None else True


def _any_equal(value: Value, others: list[Value]) -> bool | None:
    return None if value is None else value in others


def _ordered(left: Value, right: Value, *, equal: bool) -> bool | None:
    if left is None or right is None:
        return None
    assert isinstance(left, float)
    assert isinstance(right, float)
    return left <= right if equal else left < right
