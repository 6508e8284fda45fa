"""Attack: a small group's percentage with its Wilson interval is the count of events and of people, in other words.

A score interval depends on both counts, so that at one decimal all groups of up to 50 people read differently. It is
why no interval may be worked out from true counts that are hidden or rounded.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from disparity.catalogue.policies import Policy
from disparity.statistics.proportions import wilson

INDICATOR = "appointed_from_shortlisting"


def percentages(events: Any, people: Any, decimals: int) -> pd.DataFrame:
    """Write a percentage and its Wilson interval as a table would."""
    limits = wilson(events, people)
    return pd.DataFrame(
        {
            name: np.char.mod(f"%.{decimals}f", 100 * value)
            for name, value in (("value", events / people), ("low", limits.low), ("high", limits.high))
        }
    )


@pytest.mark.parametrize(("decimals", "least_share"), [(1, 1.0), (0, 0.85)])
def test_a_percentage_with_its_interval_is_both_counts(
    tables: Any, decimals: int, least_share: float
) -> None:
    """Nine in ten are found at whole percentages as well: rounding the percentage alone is no protection."""
    tried = tables.group_of(32, INDICATOR)
    read = percentages(tried.cell("group_events"), tried.cell("group_base"), decimals)
    found = ~read.duplicated(keep=False)
    assert found.mean() >= least_share


def test_estimates_beside_blanked_counts_are_both_counts(tables: Any, analyst: Any) -> None:
    """The analysts' rows with all counts cut out of them still tell 32 people apart from 31."""
    tried = tables.group_of(32, INDICATOR)
    printed = tried.printed_by(analyst)
    estimates_alone = tables.numbered(printed, tables.of_the_estimates(printed))
    assert np.unique(estimates_alone).size == len(tried)


@pytest.mark.parametrize("indicator", [INDICATOR, "harassment_from_staff", "leavers_per_100_staff"])
def test_published_rows_say_no_more_than_their_counts_do(
    tables: Any, published: Any, rounding: Policy, indicator: str
) -> None:
    tried = tables.group_of(32, indicator)
    printed = tried.printed_by(published)
    everything, counts_alone = tables.numbered(printed), tables.numbered(printed, tables.as_told)
    assert np.array_equal(everything, counts_alone)
    for name in tables.of_a_group:
        assert tried.fewest_left(everything, name) >= rounding.least_interval, name


def test_a_row_among_many_is_protected_as_it_would_be_alone(tables: Any, published: Any) -> None:
    """What the test before rests on: tables tried out together say nothing of each other."""
    tried = tables.group_of(32, INDICATOR)
    together = tried.printed_by(published)
    for at in (3, 60, 200, 333, 500, len(tried) - 1):
        alone = tables.of(INDICATOR, tried.cells[[at]]).printed_by(published)
        pd.testing.assert_frame_equal(alone, together.iloc[[at]].reset_index(drop=True))
