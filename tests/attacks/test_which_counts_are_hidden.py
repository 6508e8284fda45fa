"""Attack: which counts are hidden tells why they are; a reader who knows the rule tries out what it would have hidden.

Of two bands with six and seven people the whole, 13, would be shown as 15 and leave two values for either. It is hidden for
their sake, and that it had to be is told by its marker, unless small wholes are marked in the same way.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd
import polars as pl
import pytest

from disparity.catalogue.policies import Policy
from disparity.counts.cells import CELLS
from disparity.disclosure import protect

INDICATOR = "appointed_from_shortlisting"
# The greatest count that is shown as 20, so that no pair is left out that would be marked the same.
MOST = 22
Bands = tuple[int, int]


def pairs() -> list[Bands]:
    """Return all pairs of bands that make a whole of 1 to `MOST`."""
    return [(one, other) for one in range(MOST + 1) for other in range(MOST + 1 - one) if one + other]


def rows_of(bands: Bands) -> dict[str, tuple[int, ...]]:
    """Return whole and bands: all of the reference group's are told, and no event happened in the group."""
    one, other = bands
    return {
        "all": (300, 120, one + other, 0, 0, 0),
        "Band 5": (150, 60, one, 0, 0, 0),
        "Band 6": (150, 60, other, 0, 0, 0),
    }


@pytest.fixture(scope="module")
def marked(rounding: Policy, tables: Any) -> dict[Bands, tuple[Any, ...]]:
    """Return what is shown and which markers stand in the tables of all pairs, as a reader sees them."""
    tried = {f"pair {at:03}": bands for at, bands in enumerate(pairs())}
    counts = pl.concat([tables.table(name, rows_of(bands)) for name, bands in tried.items()])
    told = protect(counts, rounding, {name: tables.people_of_their_own(name) for name in tried})
    seen = told.select("indicator", *(f"{cell}_{what}" for cell in CELLS for what in ("shown", "status")))
    by_name = seen.partition_by("indicator", as_dict=True, include_key=False)
    return {bands: tuple(by_name[name,].rows()) for name, bands in tried.items()}


def alike(read: dict[Bands, Any], true: Bands) -> list[Bands]:
    """Return the pairs of which a reader reads the same."""
    return [bands for bands, words in read.items() if words == read[true]]


def fewest_values(left: Iterable[Bands], true: Bands, threshold: int) -> int:
    """Return how many values are left of a band that is small."""
    each = [{bands[at] for bands in left} for at in (0, 1) if 0 < true[at] < threshold]
    return min(map(len, each))


def printed_alike(build: Any, counted: Any, tried: Sequence[Bands], true: Bands) -> list[Bands]:
    """Return those of some pairs whose published rows read the same to the letter."""
    rows = {bands: build.printed(counted(INDICATOR, rows_of(bands))) for bands in tried}
    return [bands for bands, printed in rows.items() if printed.equals(rows[true])]


def test_a_threshold_alone_leaves_two_values(
    attacker: Any, counted: Any, unprotected: Any, rounding: Policy
) -> None:
    attacker.reads(unprotected(counted(INDICATOR, rows_of((6, 7))), rounding))
    whole, *levels = [("", INDICATOR, level, "group_base") for level in ("all", "Band 5", "Band 6")]
    attacker.knows(whole, levels)
    assert attacker.range_of(levels[0]) == (6, 7)


def test_markers_leave_as_many_values_as_the_policy_asks(
    marked: dict[Bands, tuple[Any, ...]], rounding: Policy
) -> None:
    """Of every pair with a small band: so many pairs are marked alike that each is left its values."""
    small = [bands for bands in marked if any(0 < each < rounding.threshold for each in bands)]
    left = pd.Series(
        {bands: fewest_values(alike(marked, bands), bands, rounding.threshold) for bands in small}
    )
    assert len(left) > 100
    assert left.min() >= rounding.least_interval


@pytest.mark.parametrize("true", [(6, 7), (2, 14)], ids=["both small", "whole of 16"])
def test_published_rows_leave_as_many_values_as_the_policy_asks(
    marked: dict[Bands, tuple[Any, ...]], published: Any, counted: Any, rounding: Policy, true: Bands
) -> None:
    """All that is printed, among the pairs whose counts and markers read the same."""
    left = printed_alike(published, counted, alike(marked, true), true)
    assert true in left
    assert fewest_values(left, true, rounding.threshold) >= rounding.least_interval
