"""Blanks: which columns of an extract are blank in some rows, how that is read, and whom each indicator loses by it.

A row is lost to an indicator where it is not known whether it belongs to the base, or what became of it. Of every accepted
row one thing is true: it is counted, it is lost, or the base is known not to hold of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import Literal

import polars as pl

from disparity.catalogue import Catalogue
from disparity.catalogue.given import broken_down
from disparity.catalogue.indicators import Coverage, Indicator, Linked, Mean, Rate, Rows, Share
from disparity.catalogue.vocabulary import record_columns, record_values, vocabulary_of
from disparity.datasets import DATASETS
from disparity.datasets.contract import Column, Vocabulary
from disparity.populations.people import STAFF
from disparity.predicates import columns_of, conditions_of, resolve

ReadAs = Literal["in progress", "not known", "not answered", "not recorded"]
Role = Literal["base", "events"]

_Part = tuple[frozenset[str], pl.Expr]
"""The columns of a condition, and the condition: null where an answer is lacking."""


@dataclass(frozen=True)
class Loss:
    """How many of those an indicator asks of are lost to its base, or its events, because one column is blank."""

    indicator: str
    role: Role
    lost: int
    asked: int


@dataclass(frozen=True)
class Blank:
    """A column that is blank in some of the rows received.

    ``as_described`` is whether its description gives a blank its meaning, such as a vacancy still open or a question left
    out. ``levels`` are the indicators that are broken down by it, where these rows stand as not recorded.
    """

    column: str
    rows: int
    of: int
    read_as: ReadAs
    as_described: bool
    losses: tuple[Loss, ...]
    levels: tuple[str, ...]

    @property
    def to_be_looked_at(self) -> bool:
        """Whether people are lost by blanks that nobody has said the meaning of, or no row has a value at all."""
        return (bool(self.losses) and not self.as_described) or self.rows == self.of


@dataclass(frozen=True)
class Question:
    """What an indicator asks of the rows of a dataset.

    ``asks`` are the conditions of the base, ``answered`` the columns that the base wants an answer in by name, ``answer``
    the columns whose answer is the event or the value, with the expression that is null where there is none. ``within`` is
    the date by which rows belong to the window.
    """

    dataset: str
    role: Role
    asks: tuple[_Part, ...] = ()
    answered: tuple[str, ...] = ()
    answer: _Part | None = None
    within: str | None = None

    @property
    def dated(self) -> pl.Expr:
        """Whether a row has the date by which it would belong to a window."""
        return pl.lit(value=True) if self.within is None else pl.col(self.within).is_not_null()

    @property
    def not_outside(self) -> pl.Expr:
        """Whether the base is not known to be untrue of a row."""
        return _all(expression for _, expression in self.asks).fill_null(value=True)

    def lost_by(self, column: str) -> pl.Expr:
        """Whether a row is lost for want of an answer in one column, be it among others."""
        lacking = [expression for columns, expression in self._lacking() if column in columns]
        return self.not_outside & pl.col(column).is_null() & _any(lacking)

    def _lacking(self) -> Iterator[_Part]:
        for columns, expression in (*self.asks, *((self.answer,) if self.answer else ())):
            yield columns, expression.is_null()
        for column in self.answered:
            yield frozenset({column}), pl.col(column).is_null()

    @property
    def columns(self) -> frozenset[str]:
        """Every column whose blank could lose a row, but for the date of the window."""
        return frozenset().union(*(columns for columns, _ in self._lacking()))


def _all(expressions: Iterator[pl.Expr]) -> pl.Expr:
    return reduce(and_, expressions, pl.lit(value=True))


def _any(expressions: Collection[pl.Expr] | Iterator[pl.Expr]) -> pl.Expr:
    return reduce(or_, expressions, pl.lit(value=False))


def questions_of(indicator: Indicator, vocabulary: Vocabulary) -> list[Question]:
    """Return what an indicator asks of the rows of each dataset that it looks at. Raises PredicateError."""
    own = indicator.dataset
    match indicator:
        case Rows():
            event = _predicate(indicator.event, own, vocabulary)
            return [_question(own, indicator.base, vocabulary, event, indicator.window_by)]
        case Mean():
            return [_question(own, indicator.base, vocabulary, _value(indicator.value))]
        case Share():
            answer = _of_share(indicator, vocabulary)
            return [] if answer is None else [Question(own, "base", answer=answer)]
        case Linked() | Coverage() | Rate():
            events = Question(own, "events", answer=_predicate(indicator.event, own, vocabulary))
            return [*_of_others(indicator, vocabulary), events]


def _of_share(indicator: Share, vocabulary: Vocabulary) -> _Part | None:
    if indicator.value is not None:
        return _value(indicator.value)
    return None if indicator.part is None else _predicate(indicator.part, indicator.dataset, vocabulary)


def _of_others(indicator: Linked | Coverage | Rate, vocabulary: Vocabulary) -> list[Question]:
    """Return what is asked of the people that events of another dataset are set against; of person-time nothing."""
    if isinstance(indicator, Rate):
        return []
    dataset = STAFF if isinstance(indicator, Linked) else indicator.base_dataset
    return [_question(dataset, indicator.base, vocabulary)]


def _question(
    dataset: str, base: str, vocabulary: Vocabulary, answer: _Part | None = None, within: str | None = None
) -> Question:
    """Take apart what the base asks of people and which answers it wants by name: both lose whoever left them blank."""
    asks, answered = [], []
    for condition in conditions_of(base):
        name = condition.removesuffix(" IS NOT NULL")
        if name != condition and name.isidentifier():
            answered.append(name)
        else:
            asks.append(_predicate(condition, dataset, vocabulary))
    return Question(dataset, "base", tuple(asks), tuple(answered), answer, within)


def _predicate(sql: str, dataset: str, vocabulary: Vocabulary) -> _Part:
    resolved = resolve(sql, record_columns(dataset, vocabulary), record_values(dataset, vocabulary))
    return frozenset(columns_of(sql)), resolved


def _value(column: str) -> _Part:
    return frozenset({column}), pl.col(column)


class Blanks:
    """Blanks of one dataset's mapped columns, gathered batch by batch."""

    def __init__(self, dataset: str, mapped: Collection[str], catalogue: Catalogue) -> None:
        """Prepare what every indicator asks of the dataset. Raises PredicateError for a predicate that is not one."""
        vocabulary = vocabulary_of(catalogue)
        described = DATASETS[dataset].columns(vocabulary)
        self._dataset = dataset
        self._columns = {
            name: each for name, each in described.items() if name in mapped and each.may_be_empty
        }
        self._broken_down = {
            name: each.breakdowns
            for name, each in catalogue.indicators.items()
            if dataset in broken_down(each)
        }
        asked = [
            (name, question)
            for name, indicator in catalogue.indicators.items()
            for question in questions_of(indicator, vocabulary)
            if question.dataset == dataset
        ]
        self._asked = [
            (column, name, question)
            for column in self._columns
            for name, question in asked
            if column in question.columns or column == question.within
        ]
        self._rows = 0
        self._blank: Counter[str] = Counter()
        self._lost = [(0, 0)] * len(self._asked)

    def add(self, received: pl.DataFrame, accepted: pl.DataFrame) -> None:
        """Add a batch as it was received, as text, and those of its rows that were accepted."""
        self._rows += received.height
        for name in self._columns:
            self._blank[name] += received[name].null_count()
        if not self._asked:
            return
        counted = {
            f"{what} {at}": whether(column, question)
            for at, (column, _, question) in enumerate(self._asked)
            for what, whether in (("lost", _lost), ("asked", _asked))
        }
        # Added to the rows, not selected alone: a question may be one literal for all of them.
        sums = accepted.with_columns(**counted).select(pl.col(*counted).sum()).row(0, named=True)
        self._lost = [
            (lost + sums[f"lost {at}"], asked + sums[f"asked {at}"])
            for at, (lost, asked) in enumerate(self._lost)
        ]

    def findings(self) -> list[Blank]:
        """Return the columns that are blank in some rows, in the order of the dataset."""
        return [
            Blank(
                name,
                self._blank[name],
                self._rows,
                _read_as(self._dataset, name, described),
                described.nullable or described.kind == "ethnicity",
                tuple(self._losses(name)),
                tuple(each for each, columns in self._broken_down.items() if name in columns),
            )
            for name, described in self._columns.items()
            if self._blank[name]
        ]

    def _losses(self, name: str) -> Iterator[Loss]:
        for (column, indicator, question), (lost, asked) in zip(self._asked, self._lost, strict=True):
            if column == name and lost:
                yield Loss(indicator, question.role, lost, asked)


def _lost(column: str, question: Question) -> pl.Expr:
    """Whether a row is lost by one column; those without the date of the window are lost by that alone."""
    if column == question.within:
        return question.not_outside & ~question.dated
    return question.lost_by(column) & question.dated


def _asked(column: str, question: Question) -> pl.Expr:
    return question.not_outside if column == question.within else question.not_outside & question.dated


def _read_as(dataset: str, name: str, described: Column) -> ReadAs:
    if described.kind == "ethnicity":
        return "not known"
    if DATASETS[dataset].open_period and name == DATASETS[dataset].period_column:
        return "in progress"
    return "not answered" if described.kind == "flag" or DATASETS[dataset].in_confidence else "not recorded"
