"""Predicates of the catalogue: small SQL expressions, checked against a dataset, as Polars expressions."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

import polars as pl
import sqlglot
from sqlglot import exp

_ORDERINGS = (exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between)
_COMPARISONS = (exp.EQ, exp.NEQ, exp.In, *_ORDERINGS)
_ROW_WISE = (
    *_COMPARISONS, exp.And, exp.Or, exp.Not, exp.Paren, exp.Is, exp.Neg,
    exp.Boolean, exp.Literal, exp.Column, exp.Identifier,
)  # fmt: skip


class PredicateError(ValueError):
    """A predicate the pipeline will not use; the message says which part and why."""


def resolve(sql: str, columns: pl.Schema, allowed: Mapping[str, tuple[str, ...]]) -> pl.Expr:
    """Turn a predicate into a row-wise Boolean expression over ``columns``.

    ``allowed`` holds the allowed texts of the columns that have them. Raises PredicateError for anything that
    is not built from comparisons, IN, BETWEEN, IS [NOT] NULL, AND, OR and NOT over known columns, for a
    literal that is not an allowed value of its column (a misspelt one would be false in silence), for a result
    that is not Boolean, and for what is true or false of every row alike. ``TRUE`` alone is everybody.
    """
    tree = _parse(sql)
    for node in tree.walk():
        _check_node(node, sql)
    for name in tree.find_all(exp.Column):
        _check_column(name, columns)
    for comparison in tree.find_all(*_COMPARISONS):
        _check_literals(comparison, columns, allowed)
    try:
        # What was checked is what is used: the tree as it was understood, not the text read a second time.
        resolved = pl.sql_expr(tree.sql(dialect="postgres"))
        dtype = pl.DataFrame(schema=columns).select(resolved.alias("it")).schema["it"]
    except pl.exceptions.PolarsError:
        raise PredicateError(
            f"{sql!r} cannot be evaluated: the types of what it compares do not fit"
        ) from None
    if dtype != pl.Boolean:
        raise PredicateError(f"{sql!r} gives {dtype}, not true or false; compare it with something")
    for condition in () if _is_true(tree) else _conditions(tree):
        _check_condition(condition, columns)
    for comparison in tree.find_all(*_COMPARISONS):
        _check_comparison(comparison, columns)
    return resolved


def is_everybody(sql: str) -> bool:
    """Return whether a predicate is ``TRUE``, which leaves nobody out. Raises PredicateError as `resolve`."""
    return _is_true(_parse(sql))


def conditions_of(sql: str) -> list[str]:
    """Return what an AND joins at the top of a predicate, each in one spelling; TRUE joins nothing.

    Raises PredicateError as `resolve`.
    """
    waiting, found = [_parse(sql)], []
    while waiting:
        node = waiting.pop().unnest()
        if isinstance(node, exp.And):
            waiting += [node.right, node.left]
        elif not _is_true(node):
            found.append(node.sql(dialect="postgres"))
    return found


def columns_of(sql: str) -> list[str]:
    """Return the columns a predicate speaks of, in the order of the alphabet. Raises PredicateError as `resolve`."""
    return sorted({each.name for each in _parse(sql).find_all(exp.Column)})


def literals_of(sql: str) -> list[tuple[str, str | float | dt.date]]:
    """Return each column with each value that a predicate compares it with. Raises PredicateError as `resolve`."""
    return [
        (column.name, value)
        for comparison in _parse(sql).find_all(*_COMPARISONS)
        for value in _values_in(comparison)
        for column in comparison.find_all(exp.Column)
    ]


def _values_in(comparison: exp.Expr) -> Iterator[str | float | dt.date]:
    for literal in comparison.find_all(exp.Literal):
        if isinstance(literal.parent, exp.Cast):
            yield dt.date.fromisoformat(literal.name)
        elif literal.is_string:
            yield literal.name
        else:
            yield -float(literal.name) if isinstance(literal.parent, exp.Neg) else float(literal.name)


def _is_true(tree: exp.Expr) -> bool:
    return bool(tree.unnest() == exp.true())


@lru_cache(maxsize=1024)
def _parse(sql: str) -> exp.Expr:
    """Parse an expression. The tree is one for all who ask, and nobody changes it."""
    try:
        trees = sqlglot.Dialect.get_or_raise("postgres").parse_into(exp.Condition, sql)
    except sqlglot.errors.SqlglotError:
        trees = []
    if len(trees) != 1 or trees[0] is None:
        raise PredicateError(f"{sql!r} is not one SQL expression")
    return trees[0]


def _check_node(node: exp.Expr, sql: str) -> None:
    if isinstance(node, exp.Is) and not isinstance(node.expression, exp.Null):
        raise PredicateError(
            f"{sql!r} uses IS TRUE or IS FALSE, wrong where nothing was recorded; name the column alone"
        )
    if isinstance(node, exp.Null) and not isinstance(node.parent, exp.Is):
        raise PredicateError(f"{sql!r} compares with NULL, which is never true; write IS NULL or IS NOT NULL")
    if isinstance(node, exp.AggFunc | exp.Window):
        raise PredicateError(f"{sql!r} uses an aggregate; a predicate speaks of one row at a time")
    if not isinstance(node, (*_ROW_WISE, exp.Null)) and not _is_of_a_date(node):
        raise PredicateError(
            f"{sql!r} uses {node.key.upper()}; "
            "a predicate holds comparisons, IN, BETWEEN, IS NULL, AND, OR, NOT and dates as DATE '2026-07-01'"
        )


def _is_of_a_date(node: exp.Expr | None) -> bool:
    """Return whether a node belongs to ``DATE 'yyyy-mm-dd'``, which parses as a cast of a text."""
    if isinstance(node, exp.DataType):
        return _is_of_a_date(node.parent)
    if not (isinstance(node, exp.Cast) and node.to.this == exp.DataType.Type.DATE):
        return False
    try:
        dt.date.fromisoformat(node.this.name if isinstance(node.this, exp.Literal) else "")
    except ValueError:
        raise PredicateError(f"{node.this.sql()} is not a date; write it as DATE '2026-07-01'") from None
    return True


def _check_column(column: exp.Column, columns: pl.Schema) -> None:
    if column.table:
        raise PredicateError(f"{column.sql()!r}: name the column without a table")
    if column.name not in columns:
        raise PredicateError(f"no column {column.name!r}{nearest(column.name, columns)}")


def _check_literals(comparison: exp.Expr, columns: pl.Schema, allowed: Mapping[str, tuple[str, ...]]) -> None:
    parts = [each.unnest() for each in comparison.iter_expressions()]
    texts = [each.name for each in parts if isinstance(each, exp.Literal) and each.is_string]
    for name in (each.name for each in parts if isinstance(each, exp.Column)):
        for text in texts:
            if columns[name] != pl.String:
                raise PredicateError(f"{name} is not a text and cannot be compared with {text!r}")
            if text not in allowed.get(name, (text,)):
                raise PredicateError(f"{text!r} is not a value of {name}{nearest(text, allowed[name])}")


def _conditions(node: exp.Expr) -> Iterator[exp.Expr]:
    """Yield the parts that AND, OR and NOT join."""
    node = node.unnest()
    if isinstance(node, exp.And | exp.Or):
        yield from _conditions(node.left)
        yield from _conditions(node.right)
    elif isinstance(node, exp.Not):
        yield from _conditions(node.this)
    else:
        yield node


def _check_condition(condition: exp.Expr, columns: pl.Schema) -> None:
    """Polars takes NOT of a text or a number, and an expression of no column; neither says what was meant."""
    text = condition.sql(dialect="postgres")
    if condition.find(exp.Column) is None:
        raise PredicateError(
            f"{text!r} names no column, so it says the same of every row; TRUE alone is everybody"
        )
    is_flag = isinstance(condition, exp.Column) and columns[condition.name] == pl.Boolean
    if not is_flag and not isinstance(condition, (*_COMPARISONS, exp.Is)):
        raise PredicateError(
            f"{text} is not true or false and cannot stand by itself; compare it with something"
        )


def _check_comparison(comparison: exp.Expr, columns: pl.Schema) -> None:
    text = comparison.sql(dialect="postgres")
    parts = [each.unnest() for each in comparison.iter_expressions()]
    names = [each.name for each in parts if isinstance(each, exp.Column)]
    if len(names) != len(set(names)):
        raise PredicateError(f"{text!r} compares a column with itself")
    texts = [name for name in names if columns[name] == pl.String]
    if texts and isinstance(comparison, _ORDERINGS):
        raise PredicateError(f"{text!r} would follow the alphabet; list the values of {texts[0]} with IN")
    if isinstance(comparison, exp.Between) and not any(each.find(exp.Column) for each in parts[1:]):
        low, high = (pl.sql_expr(each.sql(dialect="postgres")) for each in parts[1:])
        if pl.select(low > high).item():
            raise PredicateError(f"{text!r} is never true; the smaller end of BETWEEN stands first")


def nearest(word: str, words: Iterable[object]) -> str:
    """Say which of the right words is nearest to a wrong one, or list them when none is near."""
    right = [str(each) for each in words]
    lower = {each.lower(): each for each in right}
    near = difflib.get_close_matches(word.lower(), lower, n=1, cutoff=0.5)
    if near:
        return f"; did you mean {lower[near[0]]!r}?"
    return f"; it is one of {', '.join(right[:12])}{'…' if len(right) > 12 else ''}" if right else ""
