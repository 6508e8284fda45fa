"""Predicates of the catalogue: small SQL expressions, checked against a dataset's columns and turned into Polars expressions."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

import polars as pl
import sqlglot
from sqlglot import exp

_ROW_WISE = (
    exp.And, exp.Or, exp.Not, exp.Paren, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.In, exp.Between,
    exp.Is, exp.Null, exp.Boolean, exp.Literal, exp.Column, exp.Identifier, exp.Neg,
)  # fmt: skip


class PredicateError(ValueError):
    """A predicate the pipeline will not use; the message says which part and why."""


def resolve(sql: str, columns: pl.Schema, allowed: Mapping[str, tuple[str, ...]]) -> pl.Expr:
    """Turn a predicate into a row-wise Boolean expression over ``columns``.

    ``allowed`` holds the allowed texts of the columns that have them. Raises PredicateError for anything that is not
    built from comparisons, IN, BETWEEN, IS [NOT] NULL, AND, OR and NOT over known columns, for a literal that is not an
    allowed value of its column (a misspelt one would be false in silence), and for a result that is not Boolean.
    """
    tree = _parse(sql)
    for node in tree.walk():
        _check_node(node, sql)
    for name in tree.find_all(exp.Column):
        _check_column(name, columns)
    for comparison in tree.find_all(exp.EQ, exp.NEQ, exp.In):
        _check_literals(comparison, allowed)
    try:
        resolved = pl.sql_expr(sql)
        dtype = pl.DataFrame(schema=columns).select(resolved.alias("it")).schema["it"]
    except pl.exceptions.PolarsError as error:
        raise PredicateError(f"{sql!r} cannot be evaluated: the types do not fit ({type(error).__name__})") from None
    if dtype != pl.Boolean:
        raise PredicateError(f"{sql!r} gives {dtype}, not true or false; compare it with something")
    return resolved


def _parse(sql: str) -> exp.Expression:
    try:
        return sqlglot.parse_one(sql, read="postgres", into=exp.Condition)
    except sqlglot.errors.SqlglotError:
        raise PredicateError(f"{sql!r} is not an SQL expression") from None


def _is_date(node: exp.Expression) -> bool:
    return isinstance(node, exp.Cast) and node.to.this == exp.DataType.Type.DATE and isinstance(node.this, exp.Literal)


def _check_node(node: exp.Expression, sql: str) -> None:
    if isinstance(node, exp.Is) and not isinstance(node.expression, exp.Null):
        raise PredicateError(f"{sql!r} uses IS TRUE or IS FALSE, which is wrong where nothing was recorded; name the column alone")
    if isinstance(node, _ROW_WISE) or _is_date(node) or (isinstance(node, exp.DataType) and _is_date(node.parent)):
        return
    if isinstance(node, exp.AggFunc | exp.Window):
        raise PredicateError(f"{sql!r} uses an aggregate; a predicate speaks of one row at a time")
    raise PredicateError(
        f"{sql!r} uses {node.key.upper()}; a predicate holds comparisons, IN, BETWEEN, IS NULL, AND, OR and NOT"
    )


def _check_column(column: exp.Column, columns: pl.Schema) -> None:
    if column.table:
        raise PredicateError(f"{column.sql()!r}: name the column without a table")
    if column.name not in columns:
        raise PredicateError(f"no column {column.name!r}{nearest(column.name, columns)}")


def _check_literals(comparison: exp.Expression, allowed: Mapping[str, tuple[str, ...]]) -> None:
    sides = [comparison.this, comparison.args.get("expression"), *comparison.args.get("expressions", [])]
    names = [side.name for side in sides if isinstance(side, exp.Column) and side.name in allowed]
    for name in names:
        for literal in (side for side in sides if isinstance(side, exp.Literal) and side.is_string):
            if literal.name not in allowed[name]:
                raise PredicateError(f"{literal.name!r} is not a value of {name}{nearest(literal.name, allowed[name])}")


def nearest(word: str, words: object) -> str:
    """Say which of the right words is nearest to a wrong one, or list them when none is near."""
    right = [str(each) for each in words]  # type: ignore[attr-defined]
    near = difflib.get_close_matches(word, right, n=1, cutoff=0.5)
    if near:
        return f"; did you mean {near[0]!r}?"
    return f"; it is one of {', '.join(right[:12])}{'…' if len(right) > 12 else ''}" if right else ""
