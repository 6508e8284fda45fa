"""Expectations: what a quarter's profile should look like, each in SQL and a sentence."""

from __future__ import annotations

from collections import Counter
from functools import cached_property, lru_cache
from typing import Annotated, Any, Literal, get_args

import sqlglot
from pydantic import AfterValidator, Field, field_validator, model_validator
from sqlglot import exp
from sqlglot.errors import OptimizeError, SqlglotError
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import traverse_scope

from disparity.catalogue.organisation import DatasetName
from disparity.model import Model, Name, Text
from disparity.predicates import nearest

PROFILE = {
    "dataset": "text",
    "quarter": "text",
    "measure": "text",
    "column": "text",
    "category": "text",
    "value": "double",
}
"""The table that a query may read, with its types."""

QUARTERS = ("quarter", "previous_quarter", "same_quarter_last_year", "four_quarters_before")
"""What a query may bind; ``four_quarters_before`` is the first of the four, to stand in a range."""

Measure = Literal["rows", "nulls", "share", "sum"]

_WORDS = {"dataset": get_args(DatasetName), "measure": get_args(Measure)}

Expected = Literal[
    "expect_column_values_to_be_between",
    "expect_column_values_to_be_in_set",
    "expect_column_max_to_be_between",
    "expect_column_min_to_be_between",
    "expect_column_mean_to_be_between",
    "expect_column_sum_to_be_between",
    "expect_table_row_count_to_be_between",
]


class Numbers(Model):
    """Which numbers of the quarter's profile an expectation is about."""

    dataset: DatasetName
    measure: Measure
    column: str | None = None
    category: str | None = None


class Expectation(Model):
    """One thing expected of a quarter, and the sentence said when it is not so.

    Either ``query``, SQL over the table ``profile`` that finds something only when it is not so; or
    ``expect``, one of Great Expectations' own, with its ``arguments``, about the ``numbers`` of the quarter's
    profile. A dataset that it names and that was not received leaves it unjudged, as does an earlier quarter
    that it binds and that has no profile.
    """

    name: Name
    sentence: Text
    query: Annotated[str, Field(min_length=1, max_length=4000)] | None = None
    expect: Expected | None = None
    numbers: Numbers | None = None
    arguments: dict[Name, str | float | tuple[str | float, ...]] = Field(default_factory=dict)

    @field_validator("query")
    @classmethod
    def _is_a_query(cls, value: str | None) -> str | None:
        if value is not None:
            _checked(value)
        return value

    @model_validator(mode="after")
    def _is_one_of_two(self) -> Expectation:
        ordinary = self.expect is not None and self.numbers is not None
        partly = self.expect is not None or self.numbers is not None or bool(self.arguments)
        if (self.query is None and not ordinary) or (self.query is not None and partly):
            raise ValueError("give either query, or expect and numbers with arguments")
        return self

    @cached_property
    def _tree(self) -> exp.Query:
        return _checked(self.query or "")

    @property
    def datasets(self) -> tuple[str, ...]:
        """The datasets it is about, sorted."""
        if self.numbers is not None:
            return (self.numbers.dataset,)
        named = {literal.name for column, literal in _compared(self._tree) if column == "dataset"}
        return tuple(sorted(named))

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the profile that it names, sorted."""
        if self.numbers is not None:
            return (self.numbers.column,) if self.numbers.column else ()
        named = {literal.name for column, literal in _compared(self._tree) if column == "column"}
        return tuple(sorted(named - {""}))

    @property
    def key_of_columns(self) -> tuple[str, ...]:
        """Where its columns stand below it."""
        return ("query",) if self.numbers is None else ("numbers", "column")

    @property
    def quarters(self) -> frozenset[str]:
        """The names of the quarters that it binds."""
        if self.query is None:
            return frozenset({"quarter"})
        return frozenset(place.name for place in self._tree.find_all(exp.Placeholder))

    def sql(self, quarters: dict[str, str], table: str) -> str:
        """Return the query for SQLite: quarter keys bound as literals, ``profile`` read as ``table``."""

        def bound(node: exp.Expression) -> exp.Expression:
            if isinstance(node, exp.Placeholder):
                return exp.Literal.string(quarters[node.name])
            if isinstance(node, exp.Table) and node.name == "profile":
                return exp.Table(this=exp.to_identifier(table, quoted=False), alias=node.args.get("alias"))
            return node

        return self._tree.transform(bound).sql("sqlite")


@lru_cache(maxsize=256)
def _checked(sql: str) -> exp.Query:
    """Parse a query and resolve its columns. Raises ValueError unless it only reads the table ``profile``.

    The tree is one for all who ask, and nobody changes it.
    """
    try:
        (tree,) = sqlglot.parse(sql, read="postgres")
    except (SqlglotError, ValueError):
        raise ValueError("it is not one SQL query") from None
    if not isinstance(tree, exp.Query):
        raise ValueError("it is not one SQL query; a query begins with SELECT or WITH")
    _check_reads_only(tree)
    try:
        tree = qualify(tree, schema={"profile": PROFILE}, dialect="postgres")
    except OptimizeError as error:
        raise ValueError(f"{str(error).partition('. Line')[0]}; profile has {', '.join(PROFILE)}") from None
    for place in tree.find_all(exp.Placeholder):
        if place.name not in QUARTERS:
            raise ValueError(f"no quarter :{place.name}{nearest(place.name, QUARTERS)}")
    compared = list(_compared(tree))
    for column, literal in compared:
        if literal.name not in _WORDS.get(column, (literal.name,)):
            raise ValueError(f"{literal.name!r} is no {column}{nearest(literal.name, _WORDS[column])}")
    if not any(column == "dataset" for column, _ in compared):
        raise ValueError("it names no dataset; compare the column dataset with one")
    if not any(place.name == "quarter" for place in tree.find_all(exp.Placeholder)):
        raise ValueError("it does not speak of the quarter; compare the column quarter with :quarter")
    return tree


def _check_reads_only(tree: exp.Query) -> None:
    if next(tree.find_all(exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.DDL, exp.Into, exp.Lock), None):
        raise ValueError("it changes something; a query only reads")
    unknown = next(tree.find_all(exp.Anonymous), None)
    if unknown is not None:
        raise ValueError(f"no function {unknown.name}")
    if any(common.alias == "profile" for common in tree.find_all(exp.CTE)):
        raise ValueError("profile is the table that is read; call what WITH defines something else")
    for scope in traverse_scope(tree):
        # A name that WITH defines is no table where it is defined, and is one everywhere else.
        for table in (each for each in scope.sources.values() if isinstance(each, exp.Table)):
            if table.name != "profile" or table.db:
                raise ValueError(f"no table {table.name!r}; a query reads profile")


def _compared(tree: exp.Query) -> list[tuple[str, exp.Literal]]:
    """Return every column that is compared with a text, and the text."""
    found: list[tuple[str, exp.Literal]] = []
    for comparison in tree.find_all(exp.EQ, exp.NEQ, exp.In):
        sides: list[Any] = [comparison.this, comparison.args.get("expression"), *comparison.expressions]
        columns = [side.name for side in sides if isinstance(side, exp.Column)]
        texts = [side for side in sides if isinstance(side, exp.Literal) and side.is_string]
        found.extend((column, literal) for column in columns for literal in texts)
    return found


def _names_once(
    suites: dict[str, tuple[Expectation, ...]],
) -> dict[str, tuple[Expectation, ...]]:
    times = Counter(expectation.name for suite in suites.values() for expectation in suite)
    twice = sorted(name for name, count in times.items() if count > 1)
    if twice:
        raise ValueError(f"each expectation has a name of its own; these stand twice: {', '.join(twice)}")
    return suites


Expectations = Annotated[dict[Name, tuple[Expectation, ...]], AfterValidator(_names_once)]
"""The suites of the catalogue, by name."""
