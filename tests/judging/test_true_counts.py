"""What adds up holds of the true counts of several reports: no sum is false of them, and nobody is taken for nobody."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from assets.counting import Counted, frame_of, people_counted
from disparity.catalogue.indicators import ALL, BROAD_GROUP
from disparity.disclosure import protect
from disparity.disclosure.additivity import Bounds, of_missing_levels, tables_over
from disparity.disclosure.integer_programs import Contradiction, System, matrix_of
from disparity.disclosure.ledger import ledger_of, true_by
from disparity.disclosure.protection import people_in, true_counts
from disparity.disclosure.unanswered import unanswered_in
from disparity.periods import Quarter
from disparity.populations.people import People
from judging.drawn import counted_in_turn
from resources.databases import save_ledger
from resources.workplace import Workplace

QUARTERS = 5
# The directors' report has breakdowns that the public has not.
BREAKDOWNS = {"restricted": (BROAD_GROUP, "band", "directorate"), "published": (BROAD_GROUP,)}
READERS = (("published",), ("published", "restricted"))


def told_to(audience: str, counts: pl.DataFrame) -> pl.DataFrame:
    return counts.filter(pl.col("breakdown").is_in([ALL, *BREAKDOWNS[audience]]))


def true_of(
    audiences: tuple[str, ...], counted: Counted, counts: pl.DataFrame, quarter: Quarter
) -> dict[People, int]:
    """Return the true counts of all that a report and those before it tell of to some audiences."""
    ledger = counted.ledger.filter(pl.col("audience").is_in(audiences))
    true = true_by(ledger, quarter, counted.naming)
    for each in audiences:
        told = told_to(each, counts)
        true |= people_in(told, true_counts(told), counted.people, told=True)[0]
    return true | unanswered_in(counts, counted.people)


def keep(workplace: Workplace, counted: Counted, counts: pl.DataFrame, quarter: Quarter) -> None:
    """Keep what a report tells in the ledger."""
    for audience in BREAKDOWNS:
        told = told_to(audience, counts)
        shown = protect(told, workplace.policy(audience), counted.people)
        kept = ledger_of(told, shown, counted.people)
        save_ledger(workplace.internal, audience, quarter, 1, kept, counted.recorded, "")


def hold(true: Mapping[People, int]) -> bool:
    """Return whether some counts of whoever is not told of go with the true ones."""
    if not true:
        return True
    tables = tables_over(tuple(true))
    low, high = np.zeros(len(tables), np.int64), np.full(len(tables), 10_000)
    low[: len(true)] = high[: len(true)] = list(true.values())
    high[[tables.number_of[each] for each in of_missing_levels(tuple(true))]] = 0
    if np.any(low > high):
        return False
    system = System(matrix_of(tables), np.zeros(tables.number_of_sums, np.int64))
    try:
        solved = system.solved(np.zeros(len(tables)), Bounds(low, high), math.inf, whole=False)
    except Contradiction:
        return False
    return solved.status == 0


@pytest.mark.parametrize("seed", range(10))
def test_true_counts_of_several_reports_hold(seed: int, tmp_path: Path) -> None:
    for workplace, quarter in counted_in_turn(seed, tmp_path, QUARTERS):
        counts = frame_of(workplace, "counts", quarter)
        counted = people_counted(workplace, counts, quarter)
        # Whoever is told more is looked at first: what he knows may not be held to be known to others.
        for audiences in reversed(READERS):
            if not hold(true_of(audiences, counted, counts, quarter)):
                pytest.fail(
                    f"what {' and '.join(audiences)} tell of {quarter.key} is false of the true counts"
                )
        keep(workplace, counted, counts, quarter)
