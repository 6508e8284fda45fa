"""Attack: p says how far two rates are apart, and q what stands beside it; both are turned back into counts.

q of one row depends on p of all rows of a report, so that a row which is left out altogether still speaks through the q of
its neighbours.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from disparity.catalogue.policies import Policy

INDICATOR = "appointed_from_shortlisting"
# A reader has p, and both bases; the events of the group are blanked.
BESIDE = ["reference_base", "reference_events", "group_base", "p_value"]
# A level in which three of fourteen people were appointed; and five of which all is told, whose p is a little smaller.
SECRET = (60, 40, 14, 3)
NEIGHBOURS = [(90, 60, 40, 15)] * 5


@pytest.fixture
def with_neighbours(counted: Any) -> Any:
    """Print a report whose first level is that of an attacker's table."""

    def printed(build: Any, events: int, people: int = SECRET[2]) -> pd.DataFrame:
        rows = [(*SECRET[:2], people, events), *NEIGHBOURS]
        counts = counted(INDICATOR, {f"Band {at}": (*row, 0, 0) for at, row in enumerate(rows)})
        return build.printed(counts)

    return printed


def test_p_gives_the_events_that_are_blanked(tables: Any, analyst: Any) -> None:
    """Four decimals: of groups of up to 32 people it leaves one count in most cases, and two on either side of parity."""
    tried = tables.group_of(32, INDICATOR, (42, 20))
    left = tried.values_left(tables.numbered(tried.printed_by(analyst), BESIDE), "group_events")
    assert (left == 1).mean() > 0.8
    assert np.quantile(left, 0.95) <= 2


def test_q_of_the_others_gives_the_events_of_a_row_that_is_left_out(
    analyst: Any, with_neighbours: Any
) -> None:
    """Where it has the largest p of all, theirs is its own: he tries out which count would give them that."""
    read = [tuple(with_neighbours(analyst, events)["q_value"][1:]) for events in range(1, 8)]
    assert read.count(read[SECRET[3] - 1]) == 1
    assert len(set(read)) > 2


def test_published_p_leaves_what_the_counts_leave(tables: Any, published: Any, rounding: Policy) -> None:
    tried = tables.group_of(32, INDICATOR, (42, 20))
    printed = tried.printed_by(published)
    assert (printed["p_value"] != "").any()
    alike = tables.numbered(printed, [*tables.as_told, "p_value"])
    assert np.array_equal(alike, tables.numbered(printed, tables.as_told))
    for name in tables.of_a_group:
        assert tried.fewest_left(alike, name) >= rounding.least_interval, name


def test_published_q_of_the_others_is_the_same_whatever_is_hidden(
    published: Any, with_neighbours: Any
) -> None:
    """Of 13 to 17 people shown as 15, 1 to 7 had the event: every such report reads the same, word for word."""
    first = with_neighbours(published, SECRET[3])
    assert (first["q_value"][1:] != "").all()
    for people in (13, 15, 17):
        for events in (1, 4, 7):
            pd.testing.assert_frame_equal(with_neighbours(published, events, people), first)
