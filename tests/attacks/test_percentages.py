"""Attack: a percentage of a base that is known is the count: 1.4% of 295 is four people."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from disparity.catalogue.policies import Policy
from disparity.rounding import half_up

INDICATOR = "appointed_from_shortlisting"
BASES = range(30, 301)


@pytest.fixture(scope="module")
def few_of_many(tables: Any) -> Any:
    """1 to 7 of every base up to 300: the events are hidden and the base is told."""
    return tables.of(INDICATOR, np.array([(500, 200, n, x, 0, 0) for n in BASES for x in range(1, 8)]))


def test_a_percentage_of_a_known_base_is_the_count(few_of_many: Any, tables: Any, analyst: Any) -> None:
    printed = few_of_many.printed_by(analyst)
    of_295 = printed[(printed["group_base"] == "295") & (printed["group_events"] == "4")]
    assert set(of_295["group_value"]) == {"1.36"}
    left = few_of_many.values_left(tables.numbered(printed, ["group_base", "group_value"]), "group_events")
    assert (left == 1).all()


def test_a_decimal_is_enough_and_none_is_not_safe(few_of_many: Any, tables: Any, rounding: Policy) -> None:
    """The base rounded to 5, the percentage to one decimal: it leaves few. At whole ones it leaves too few as well."""
    base, events = few_of_many.cell("group_base"), few_of_many.cell("group_events")
    for decimals in (1, 0):
        value = np.round(100 * events / base, decimals)
        read = pd.DataFrame({"base": (base + 2) // 5 * 5, "value": value})
        left = few_of_many.values_left(tables.numbered(read), "group_events")
        assert (left < rounding.least_interval).mean() > 0.9, decimals


def test_no_percentage_of_a_hidden_count_is_published(few_of_many: Any, tables: Any, published: Any) -> None:
    printed = few_of_many.printed_by(published)
    assert set(printed["group_events_status"]) == {"[c]"}
    assert set(printed["group_value"]) == {""}
    assert few_of_many.fewest_left(tables.numbered(printed), "group_events") == 7


def test_published_percentages_are_those_of_the_shown_counts(
    tables: Any, published: Any, rounding: Policy
) -> None:
    """Whole, and the same for all counts that are shown alike: nothing is left of the true ones."""
    tried = tables.group_of(42, INDICATOR)
    printed = tried.printed_by(published)
    told = printed[printed["group_value"] != ""]
    shown = told[["group_base", "group_events", "group_value"]].astype(float)
    assert (shown["group_value"] == half_up(100 * shown["group_events"] / shown["group_base"])).all()
    alike = tables.numbered(printed, [*tables.as_told, "group_value"])
    for name in tables.of_a_group:
        assert tried.fewest_left(alike, name) >= rounding.least_interval, name


# ----------------------------------------------------------------------- shares of a sum of money

SPEND = "ethnic_minority_share_of_training_spend"
TOTAL = 20_000


def spent(counted: Any, share: float) -> pl.DataFrame:
    """Make the spend of a quarter: 60 staff of whom 25 are of an ethnic minority, in an organisation of 600."""
    counts = counted(SPEND, {"all": (600, 180, 60, 25, 0, None)}, of="ethnic_minority", unit="pounds")
    return counts.with_columns(
        reference_total=pl.lit(float(TOTAL)), group_total=pl.lit(round(share * TOTAL, 2))
    )


def share_read(printed: pd.DataFrame) -> float:
    """Read the share of the money: as it is told, and more closely by what it is told to differ from."""
    row = printed.iloc[0]
    beside = 100 * float(row["reference_events"]) / float(row["reference_base"])
    return beside + float(row["difference"])


def test_a_difference_tells_the_share_of_a_sum_more_closely(counted: Any, analyst: Any) -> None:
    """Where the whole is known from elsewhere, such as the annual accounts, it tells one course of £150."""
    without, with_course = (analyst.printed(spent(counted, share)) for share in (0.35, 0.3575))
    told = (share_read(with_course) - share_read(without)) * TOTAL / 100
    assert told == pytest.approx(150, abs=20)


def test_a_published_difference_tells_the_share_of_a_sum_no_more_closely(
    counted: Any, published: Any, rounding: Policy
) -> None:
    """Shares that round to the same whole percentage have to read the same."""
    shares = np.arange(0.3460, 0.3540, 0.0005)
    printed = [published.printed(spent(counted, share)) for share in shares]
    assert {row["group_value"][0] for row in printed} == {"35"}
    assert len({share_read(row) for row in printed}) == 1
