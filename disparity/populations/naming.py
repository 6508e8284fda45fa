"""Naming: from how people are asked for to their one name, by what their dataset can hold in the quarters spoken of.

Which values a column can have follows from the dataset's contract, the catalogue's lists, and what was recorded of each
quarter: values allowed then, and whether any accepted row is blank. What staff had in another dataset is one more column
of theirs, and of two such columns one can imply the other.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import pairwise, permutations
from typing import NamedTuple

import polars as pl

from disparity.catalogue import Catalogue
from disparity.catalogue.divisions import NOT_RECORDED
from disparity.catalogue.given import broken_down_by_dataset
from disparity.catalogue.indicators import ALL, Indicator
from disparity.catalogue.vocabulary import columns_of_all, vocabulary_of
from disparity.datasets import DATASETS
from disparity.datasets.contract import DTYPES, Column
from disparity.periods import Quarter
from disparity.populations.people import (
    ANY_ROW,
    HAD,
    KNOWN,
    STAFF,
    Asked,
    People,
    asked_for,
    asked_for_all,
    asked_of_levels,
    plain_dataset,
    quarters_of,
)
from disparity.populations.recorded import Recorded, known_within
from disparity.populations.regions import JUDGED, Classes, Domain, Region, TooManyClasses
from disparity.predicates import columns_of, conditions_of, literals_of

ANY_OTHER = "any other"
"""The class of the values of a column that nothing tells apart."""

_Literal = str | float | dt.date


class Naming:
    """The domains of all datasets over all quarters, made of everything that is asked for, and the names they give."""

    def __init__(
        self,
        asked: Iterable[Asked],
        columns: Mapping[str, Mapping[str, Column]],
        breakdowns: Mapping[str, Collection[str]],
        recorded: Mapping[tuple[str, str], Recorded],
    ) -> None:
        """Take everything that is to be named, the described columns and the breakdowns of each dataset.

        ``recorded`` is by dataset and quarter's key; of a quarter that it lacks, a column that may be empty may be blank.
        Raises TooManyClasses where what is asked for tells too many rows apart.
        """
        self._recorded, self._domains = recorded, dict[object, Domain]()
        self._over: dict[tuple[str, str, str], Domain] = {}
        self._wholes: dict[tuple[str, str, str], set[frozenset[str]]] = defaultdict(set)
        conditions: dict[str, set[str]] = defaultdict(set)
        levels: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for each in asked:
            dataset = plain_dataset(each.dataset)
            self._wholes[dataset, each.since, each.until].add(each.conditions)
            conditions[dataset] |= each.conditions
            if each.breakdown != ALL:
                levels[dataset][each.breakdown].add(each.level)
        for had in [found for each in conditions[STAFF] if (found := _had(each))]:
            conditions[had.dataset] |= had.conditions
        self._of = {
            dataset: _Contract(
                dataset,
                described,
                conditions[dataset],
                {*breakdowns.get(dataset, ()), *levels[dataset]},
                levels[dataset],
            )
            for dataset, described in columns.items()
        }

    def people(self, asked: Asked) -> People:
        """Return the people asked for, by their one name."""
        domain = self.domain(plain_dataset(asked.dataset), asked.since, asked.until)
        name = domain.named(domain.where(asked.conditions))
        if asked.breakdown != ALL:
            scope = (asked.dataset, asked.since, asked.until, asked.ethnicity)
            domain.counted_by(scope, name, asked.breakdown)
            name = domain.of_row(name, asked.breakdown, asked.level, elsewhere=asked.elsewhere)
        of_levels = asked.elsewhere and asked.breakdown == ALL
        return People(
            asked.dataset,
            name.region,
            asked.since,
            asked.until,
            asked.ethnicity,
            name.breakdown,
            name.level,
            of_levels,
        )

    def forget_rows(self) -> None:
        """Forget which rows were noted of any people."""
        for domain in self._domains.values():
            domain.forget_rows()

    def domain(self, dataset: str, since: str, until: str) -> Domain:
        """Return the rows that a dataset can have over some quarters."""
        key = (dataset, since, until)
        if key not in self._over:
            self._over[key] = self._made(dataset, since, until)
        return self._over[key]

    def _made(self, dataset: str, since: str, until: str) -> Domain:
        contract, wholes = self._of[dataset], frozenset(self._wholes.get((dataset, since, until), ()))
        recorded = [self._recorded.get((dataset, key)) for key in quarters_of(since, until)]
        classes = contract.classes(recorded)
        had = self._had(wholes, until)
        classes |= {
            column: _flag(blank=self._not_known(conditions, until)) for column, (_, conditions) in had.items()
        }
        within = known_within(recorded)
        labels = tuple((name, each.labels) for name, each in classes.items())
        key = (dataset, labels, wholes, tuple(sorted(within.items())))
        if key not in self._domains:
            meant = {
                condition: f'"{column}"' if not known else f'"{column}" IS NOT NULL'
                for column, (_, texts) in had.items()
                for condition, known in texts.items()
            }
            implied = [
                ~pl.col(fewer) | pl.col(more)
                for (fewer, (few, _)), (more, (many, _)) in permutations(had.items(), 2)
                if many.holds(few)
            ]
            self._domains[key] = Domain(
                classes, [*contract.rules, *implied], contract.breakdowns, wholes, meant, within,
                lambda since, until: self.domain(dataset, since, until),
            )  # fmt: skip
        return self._domains[key]

    def _had(self, wholes: Collection[frozenset[str]], until: str) -> dict[str, tuple[_Had, dict[str, bool]]]:
        """Return the columns of what staff had: what it is, and the conditions that ask for it, or whether it is known."""
        found: dict[str, tuple[_Had, dict[str, bool]]] = {}
        for condition in sorted({each for conditions in wholes for each in conditions}):
            asked = _had(condition)
            if asked is not None:
                region = self.domain(asked.dataset, asked.since, until).where(asked.conditions)
                had = _Had(asked.dataset, asked.since, region)
                found.setdefault(had.column, (had, {}))[1][condition] = condition.startswith(KNOWN)
        return found

    def _not_known(self, conditions: Mapping[str, bool], until: str) -> bool:
        """Return whether of some of the staff it is not known whether they had what these conditions ask for."""
        recorded = self._recorded.get((STAFF, until))
        if recorded is None:
            return any(conditions.values())
        return any(recorded.blank.get(each.removeprefix(KNOWN), False) for each in conditions)


def people_of_all(
    catalogue: Catalogue,
    quarter: Quarter,
    as_of: Mapping[str, str],
    undecided: Collection[str] = (),
    recorded: Mapping[tuple[str, str], Recorded] | None = None,
    counts: pl.DataFrame | None = None,
) -> dict[str, dict[str, People]]:
    """Return whom the cells of every indicator's whole count in the report of ``quarter``, by their names.

    ``as_of`` is by indicator, as `people.asked_for_all` takes it with those ``undecided``, and ``recorded`` as `Naming`
    does; ``counts``, where there are any yet, have the rows whose levels are named too. Raises TooManyClasses.
    """
    asked = asked_for_all(catalogue, quarter, as_of, undecided)
    levels = [] if counts is None else asked_of_levels(catalogue, counts, quarter)
    naming = Naming(
        [*levels, *(each for cells in asked.values() for each in cells.values())],
        columns_of_all(vocabulary_of(catalogue)),
        broken_down_by_dataset(catalogue.indicators),
        recorded or {},
    )
    return {
        name: {cell: naming.people(each) for cell, each in cells.items()} for name, cells in asked.items()
    }


def too_many_classes(catalogue: Catalogue) -> dict[str, str]:
    """Return, by indicator, the columns by which its predicates and breakdowns tell too many classes of rows apart.

    Named are those that are too much by themselves, or else the last of those that are too much together.
    """
    indicators = catalogue.indicators
    if not (columns := _too_many(catalogue, indicators)):
        return {}
    alone = {
        name: found for name, each in indicators.items() if (found := _too_many(catalogue, {name: each}))
    }
    return alone or {next(reversed(indicators)): columns}


def _too_many(catalogue: Catalogue, indicators: Mapping[str, Indicator]) -> str:
    """Return the columns that tell too many classes of rows apart, "" where none do."""
    quarter = Quarter(catalogue.organisation.first_quarter)
    asked = [
        each
        for indicator in indicators.values()
        for each in asked_for(indicator, quarter, quarter.key, undecided=True).values()
    ]
    columns = columns_of_all(vocabulary_of(catalogue))
    try:
        naming = Naming(asked, columns, broken_down_by_dataset(indicators), {})
        for each in dict.fromkeys((each.dataset, each.since, each.until) for each in asked):
            naming.domain(*each).check()
    except TooManyClasses as error:
        return str(error)
    return ""


class _Asked(NamedTuple):
    """What staff had, as it was asked for: rows of another dataset, since a quarter."""

    dataset: str
    since: str
    conditions: frozenset[str]


class _Had(NamedTuple):
    """What staff had: any row of a set of another dataset, since a quarter."""

    dataset: str
    since: str
    region: Region

    @property
    def column(self) -> str:
        """The name of the column it is, the same wherever it is made."""
        return (
            f"had {hashlib.sha256(repr((self.dataset, self.since, str(self.region))).encode()).hexdigest()}"
        )

    def holds(self, other: _Had) -> bool:
        """Return whether whoever had the other had this."""
        if self.dataset != other.dataset or self.since > other.since:
            return False
        domain = self.region.domain
        return domain.holds(self.region, domain.kept(other.region))


def _had(condition: str) -> _Asked | None:
    found = HAD.fullmatch(condition.removeprefix(KNOWN))
    if found is None:
        return None
    above = {f"{found['value']} > 0"} if found["value"] != ANY_ROW else set()
    return _Asked(found["dataset"], found["since"], frozenset(conditions_of(found["event"])) | above)


_ASKED_NO_MORE = Column("category", "A question asked before", example="", needed=False)


class _Contract:
    """What a dataset's columns can hold, as far as conditions and breakdowns tell it apart."""

    def __init__(
        self,
        dataset: str,
        described: Mapping[str, Column],
        conditions: Iterable[str],
        breakdowns: Collection[str],
        levels: Mapping[str, Collection[str]],
    ) -> None:
        self.breakdowns, self._levels = breakdowns, levels
        asked = [
            found["of"] if (found := JUDGED.fullmatch(each)) else each
            for each in conditions
            if not _had(each)
        ]
        asked_for = {column for each in asked for column in columns_of(each)} | set(breakdowns)
        # An earlier release may have spoken of a question that is asked no more.
        self._described = {**dict.fromkeys(asked_for, _ASKED_NO_MORE), **described}
        named, rules = asked_for, DATASETS[dataset].rules
        while more := {
            column
            for rule in rules
            if named & (of := set(rule.holds.meta.root_names()))
            for column in of - named
        }:
            named = named | more
        self.rules = [each.holds for each in rules if set(each.holds.meta.root_names()) <= named]
        self._columns = sorted(named)
        # A rule that compares with a number compares with the least or the most there is.
        self._ruled = {column for rule in self.rules for column in rule.meta.root_names()}
        self._literals: dict[str, set[_Literal]] = defaultdict(set)
        for predicate in asked:
            for column, value in literals_of(predicate):
                self._literals[column].add(value)
        for rule in self.rules:
            # What is compared with each other is cut at the same values.
            compared = rule.meta.root_names()
            together = {value for each in compared for value in self._literals[each]}
            for each in compared:
                self._literals[each] |= together

    def classes(self, recorded: Collection[Recorded | None]) -> dict[str, Classes]:
        """Return the classes of each column in some quarters."""
        return {name: self._of_column(name, recorded) for name in self._columns}

    def _of_column(self, name: str, recorded: Collection[Recorded | None]) -> Classes:
        column = self._described[name]
        blank = any(
            column.may_be_empty if each is None or name not in each.blank else each.blank[name]
            for each in recorded
        )
        if column.kind == "flag":
            return _flag(blank=blank)
        if DTYPES[column.kind] == pl.String:
            allowed = {
                value
                for each in recorded
                for value in (
                    column.allowed or () if each is None else each.values.get(name, column.allowed or ())
                )
            }
            return self._texts(name, allowed, listed=column.allowed is not None, blank=blank)
        if DTYPES[column.kind] == pl.Date:
            days = {each for each in self._literals[name] if isinstance(each, dt.date)}
            return _of_values([*_days(days)], pl.Date, blank=blank)
        numbers = {each for each in self._literals[name] if isinstance(each, float)}
        if name in self._ruled:
            numbers |= {each for each in (column.least, column.most) if each is not None}
        return _of_values([*_numbers(numbers, column)], pl.Float64, blank=blank)

    def _texts(self, name: str, allowed: Collection[str], *, listed: bool, blank: bool) -> Classes:
        """Return a class of each text that is told apart, and one of all others that are allowed."""
        apart = {str(each) for each in self._literals[name]}
        if name in self.breakdowns:
            apart |= {*allowed, *self._levels.get(name, ())} - {NOT_RECORDED}
        there = sorted(apart & {*allowed, *self._levels.get(name, ())} if listed else apart)
        others = not listed or bool(set(allowed) - apart)
        labelled = [(each, each) for each in there]
        return _of_values(labelled + [(ANY_OTHER, ANY_OTHER)] * others, pl.String, blank=blank)


def _flag(*, blank: bool) -> Classes:
    return _of_values([("false", False), ("true", True)], pl.Boolean, blank=blank)


def _of_values(labelled: Collection[tuple[str, object]], dtype: object, *, blank: bool) -> Classes:
    both = [*labelled, *([(NOT_RECORDED, None)] if blank else [])]
    return Classes(tuple(label for label, _ in both), pl.Series([value for _, value in both], dtype=dtype))  # type: ignore[arg-type]


def _numbers(cuts: Collection[float], column: Column) -> Iterator[tuple[str, float]]:
    """Yield each number that values are compared with, and one between each two and beyond them, within the limits."""
    least = -math.inf if column.least is None else column.least
    most = math.inf if column.most is None else column.most
    ordered = sorted(each for each in cuts if least <= each <= most)
    for low, high in pairwise([-math.inf, *ordered, math.inf]):
        if low == -math.inf:
            inside = high - 1 if high < math.inf else 0.0
        else:
            inside = low + 1 if high == math.inf else low + (high - low) / 2
        # At the limits there is nothing beyond, and between 1 and 2 no whole number.
        beyond = (low == -math.inf and high <= least) or (high == math.inf and low >= most)
        none_between = column.kind == "whole number" and low // 1 + 1 >= high
        if not beyond and not none_between:
            yield f"above {low:g} below {high:g}", inside
        if high < math.inf:
            yield f"{high:g}", high


def _days(cuts: Collection[dt.date]) -> Iterator[tuple[str, dt.date]]:
    """Yield each day that values are compared with, and one between each two and beyond them."""
    day = dt.timedelta(days=1)
    for before, following in pairwise([dt.date.min, *sorted(cuts), dt.date.max]):
        if before + day < following:
            yield f"after {before} before {following}", before + day
        if following < dt.date.max:
            yield f"{following}", following
