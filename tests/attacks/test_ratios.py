"""Attack: a ratio with its score interval, the difference with its own and p give all four counts behind them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from disparity.catalogue.policies import Policy
from disparity.statistics.proportions import risk_ratio
from disparity.statistics.rates import rate_ratio

INDICATORS = ("appointed_from_shortlisting", "harassment_from_staff", "leavers_per_100_staff")
# Base and events of the reference group, of the group and of the unknown: nought hidden, one, two, and a rest of two.
TRUTHS = [
    (42, 20, 31, 9, 0, 0),
    (42, 20, 31, 4, 0, 0),
    (42, 6, 24, 3, 0, 0),
    (42, 20, 10, 8, 0, 0),
    (23, 9, 5, 2, 0, 0),
]


def small_groups(tables: Any, indicator: str, most: int) -> Any:
    """Return all tables of two groups of at most so many people, in each of which something happened."""
    sides = [(n, x) for n in range(1, most + 1) for x in range(1, n + 1)]
    return tables.of(indicator, np.array([(*one, *other, 0, 0) for one in sides for other in sides]))


@pytest.mark.parametrize(
    ("compare", "least_share"), [(risk_ratio, 0.9), (rate_ratio, 0.6)], ids=["risk", "rate"]
)
def test_a_ratio_with_its_interval_is_four_counts(tables: Any, compare: Any, least_share: float) -> None:
    """Three figures of two decimals: most pairs of groups of up to twelve people have no double."""
    tried = small_groups(tables, INDICATORS[0], 12)
    cells = (tried.cell(f"{side}_{kind}") for side in ("reference", "group") for kind in ("events", "base"))
    read = pd.DataFrame(np.column_stack(compare(*cells)[:3]).round(2))
    assert (~read.duplicated(keep=False)).mean() > least_share


def test_a_row_of_estimates_without_counts_is_four_counts(tables: Any, analyst: Any) -> None:
    """All that the analysts' row says beside its counts: every pair of groups of up to eight people has no double."""
    tried = small_groups(tables, INDICATORS[0], 8)
    printed = tried.printed_by(analyst)
    estimates_alone = tables.numbered(printed, tables.of_the_estimates(printed))
    assert np.unique(estimates_alone).size == len(tried)


@pytest.mark.parametrize("indicator", INDICATORS)
@pytest.mark.parametrize("truth", TRUTHS, ids=range(len(TRUTHS)))
def test_every_table_that_the_counts_allow_prints_the_same_row(
    tables: Any, published: Any, rounding: Policy, indicator: str, truth: tuple[int, ...]
) -> None:
    """The attacker tries out all of them: none that the shown counts leave him is ruled out by an estimate."""
    tried = tables.all_that_could_be(truth, indicator, published)
    printed = tried.printed_by(published)
    counts_alone = tables.numbered(printed, tables.as_told)
    everything = tables.numbered(printed)
    assert np.array_equal(everything == everything[0], counts_alone == counts_alone[0])
    as_true = tables.of(indicator, tried.cells[everything == everything[0]])
    for side in ("reference", "group"):
        for kind in ("base", "events", "rest"):
            left = np.unique(as_true.cell(f"{side}_{kind}"))
            assert left.size >= rounding.least_interval, (side, kind)
