"""Divisions: the breakdowns and strata that an indicator names and its records do not allow, and why."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

import polars as pl

from disparity.catalogue.given import STAFF
from disparity.catalogue.indicators import Coverage, Indicator, Linked, Rate, Rows, Share

NOT_RECORDED = "not recorded"
"""The level of those of whom a column has no value."""

NOT_GIVEN, OF_NOBODY = "not given", "recorded of nobody"

_BASES = ("reference_base", "group_base", "unknown_base")
_EVENTS = ("reference_events", "group_events", "unknown_events")


class Undivided(NamedTuple):
    """A breakdown or stratum that an indicator is not counted by: `NOT_GIVEN` with a dataset, or there `OF_NOBODY`."""

    indicator: str
    by: str
    dataset: str
    why: str


def divided(indicator: Indicator, without: Collection[str]) -> Indicator:
    """Return an indicator without some of its breakdowns and strata."""
    kept: dict[str, object] = {"breakdowns": tuple(by for by in indicator.breakdowns if by not in without)}
    if isinstance(indicator, Rows) and indicator.stratified_by in without:
        kept["stratified_by"] = None
    return indicator.model_copy(update=kept)


def recorded_of_nobody(name: str, indicator: Indicator, counts: pl.DataFrame) -> Iterator[Undivided]:
    """Yield the breakdowns of which nobody counted has a value, in one of the datasets at least.

    ``counts`` are the indicator's, with the columns of `disparity.counts.COUNTS`. The only level of such a breakdown would
    be the whole once more, or a dataset's people would all be missing from the levels of the other's. Where nobody is
    counted, nobody lacks a value.
    """
    for by in indicator.breakdowns:
        levels = counts.filter(pl.col("breakdown") == by)
        recorded = levels.filter(pl.col("level") != NOT_RECORDED)
        for dataset, cells in _counted_in(indicator):
            if _sum(levels, cells) > 0 and _sum(recorded, cells) == 0:
                yield Undivided(name, by, dataset, OF_NOBODY)


def cells_of(indicator: Indicator, dataset: str) -> tuple[str, ...]:
    """Return the cells of an indicator that count people of a dataset."""
    return tuple(cell for of, cells in _counted_in(indicator) if of == dataset for cell in cells)


def _sum(counts: pl.DataFrame, cells: Sequence[str]) -> int:
    return sum(int(counts[cell].sum() or 0) for cell in cells)


def _counted_in(indicator: Indicator) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return each dataset counted, with the cells that count its people."""
    match indicator:
        case Linked():
            return ((STAFF, _BASES),)
        case Coverage():
            return (indicator.base_dataset, _BASES), (indicator.dataset, _EVENTS)
        case Rate():
            return (STAFF, _BASES), (indicator.dataset, _EVENTS)
        case Share():
            return _shared_in(indicator)
        case _:
            return ((indicator.dataset, _BASES),)


def _shared_in(indicator: Share) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if indicator.value is not None:
        return (STAFF, ("reference_base",)), (indicator.dataset, ("group_base",))
    # Without a part nobody is counted but each level's people: the rest of a level is of all the others.
    rest = ("reference_base",) if indicator.part is not None else ()
    return ((indicator.dataset, ("group_base", *rest)),)
