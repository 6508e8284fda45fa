"""Which accepted rows an indicator counts, and why the others stand outside it: the account beside the counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from disparity.catalogue.deliveries import quarters_counted
from disparity.catalogue.given import STAFF
from disparity.catalogue.indicators import Coverage, Indicator, Linked, Mean, Rate, Rows, Share
from disparity.counts.counting import Records, linked_people, quarters_of_base
from disparity.periods import Quarter

IN_BASE = "in the base"
IN_EVENTS = "counted as events"
IN_PART = "in the part"
BASE_NOT_TRUE = "outside: base not true"
BASE_NOT_ANSWERED = "outside: base not answered or not recorded"
EVENT_NOT_ANSWERED = "outside: event not answered or not recorded"

_Steps = Sequence[tuple[str, pl.Expr]]
"""Reasons in the order they are asked; the first that is met is a row's."""


@dataclass(frozen=True)
class Account:
    """How many accepted rows of one dataset an indicator's window holds, by where each stands."""

    dataset: str
    rows: Mapping[str, int]


def accounts_of(
    indicator: Indicator, predicates: Mapping[str, pl.Expr], records: Records, quarter: Quarter
) -> list[Account]:
    """Account for every accepted row of an indicator's window that ends with ``quarter``.

    The window has every delivery it needs, as `disparity.counts.counting.count` says. Sums are exact: for analysts alone.
    """
    window = quarter.window(indicator.quarters)
    return [
        Account(dataset, _tally(frame, steps, otherwise))
        for dataset, frame, steps, otherwise in _asked(indicator, predicates, records, window)
    ]


def _asked(
    indicator: Indicator, predicates: Mapping[str, pl.Expr], records: Records, window: Sequence[Quarter]
) -> Iterator[tuple[str, pl.LazyFrame, _Steps, str]]:
    own = indicator.dataset
    frame = records.over(own, quarters_counted(own, window))
    match indicator:
        case Rows():
            steps = [*_windowed(indicator, window), *_base(predicates), _event(predicates["event"])]
            yield own, frame, steps, IN_BASE
        case Mean():
            yield own, frame, [*_base(predicates), _event(pl.col(indicator.value))], IN_BASE
        case Share():
            yield own, frame, *_of_share(indicator, predicates)
        case Linked():
            staff = linked_people(indicator, predicates["event"], frame, records.over(STAFF, window[-1:]))
            yield STAFF, staff, [*_base(predicates), _event(pl.col("had"))], IN_BASE
            yield own, frame, _events(predicates), IN_EVENTS
        case Coverage():
            stood = records.over(indicator.base_dataset, quarters_of_base(indicator, records, window))
            yield indicator.base_dataset, stood, _base(predicates), IN_BASE
            yield own, frame, _events(predicates), IN_EVENTS
        case Rate():
            yield STAFF, records.over(STAFF, window), [], IN_BASE
            yield own, frame, _events(predicates), IN_EVENTS


def _windowed(indicator: Rows, window: Sequence[Quarter]) -> _Steps:
    if indicator.window_by is None:
        return []
    day = pl.col(indicator.window_by)
    return [
        (f"outside: still open, with no {indicator.window_by}", day.is_null()),
        (
            f"outside: {indicator.window_by} not in the window",
            ~day.is_between(window[0].start, window[-1].end),
        ),
    ]


def _base(predicates: Mapping[str, pl.Expr]) -> _Steps:
    base = predicates["base"]
    return [(BASE_NOT_ANSWERED, base.is_null()), (BASE_NOT_TRUE, ~base)]


def _event(event: pl.Expr) -> tuple[str, pl.Expr]:
    return EVENT_NOT_ANSWERED, event.is_null()


def _events(predicates: Mapping[str, pl.Expr]) -> _Steps:
    return [_event(predicates["event"]), ("outside: event not true", ~predicates["event"])]


def _of_share(indicator: Share, predicates: Mapping[str, pl.Expr]) -> tuple[_Steps, str]:
    if indicator.value is not None:
        value = pl.col(indicator.value)
        return [
            (f"outside: {indicator.value} not recorded", value.is_null()),
            (f"outside: {indicator.value} is nought", ~(value > 0)),
        ], IN_BASE
    if "part" in predicates:
        part = predicates["part"]
        return [("outside: part not recorded", part.is_null()), ("in the rest", ~part)], IN_PART
    return [], IN_BASE


def _tally(frame: pl.LazyFrame, steps: _Steps, otherwise: str) -> dict[str, int]:
    """Count rows by the first reason each one meets; the reasons stand in the order they are asked, noughts too."""
    reason = pl.coalesce(*(pl.when(met).then(pl.lit(words)) for words, met in steps), pl.lit(otherwise))
    # Added to the rows, not selected alone: a reason may be one literal for all of them.
    tallied = frame.with_columns(reason=reason).group_by("reason").len()
    found = dict(tallied.collect(engine="streaming").iter_rows())
    return {words: found.get(words, 0) for words in (otherwise, *(words for words, _ in steps))}
