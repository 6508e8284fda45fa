"""Surveys: whose figures are of the quarter they were held in, and stand once in a series."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from disparity.catalogue.deliveries import (
    is_held,
    is_of_a_survey,
    is_of_single_quarters,
    one_row_a_survey,
    window_of,
)
from disparity.datasets import DATASETS
from disparity.periods import Quarter
from resources.catalogue import DEFAULT, load_catalogue

SUMMER, AUTUMN = Quarter.from_key("2026-07-01"), Quarter.from_key("2025-10-01")
CATALOGUE = load_catalogue(DEFAULT)
ASKED, COUNTED = (CATALOGUE.indicators[name] for name in ("equal_opportunity", "leavers_per_100_staff"))


def test_a_survey_is_of_the_quarter_it_was_held_in_and_anything_else_of_its_window() -> None:
    assert window_of(ASKED, SUMMER, AUTUMN.key) == (AUTUMN,)
    assert window_of(COUNTED, SUMMER, SUMMER.key) == SUMMER.window(4)
    # Where it was not received the window says how far back was looked.
    assert window_of(ASKED, SUMMER, "") == SUMMER.window(4)


@pytest.mark.parametrize("cadence", ["annual", "every two years"])
def test_whatever_is_rarer_than_quarters_is_of_its_own_time(
    monkeypatch: pytest.MonkeyPatch, cadence: str
) -> None:
    leavers = DATASETS["leavers"]
    assert not is_of_a_survey(COUNTED)
    monkeypatch.setitem(DATASETS, "leavers", replace(leavers, cadence=cadence))  # type: ignore[arg-type]
    assert window_of(COUNTED, SUMMER, AUTUMN.key) == (AUTUMN,)


def test_a_survey_is_under_no_control_of_single_quarters() -> None:
    assert is_of_single_quarters(COUNTED.model_copy(update={"quarters": 1}))
    assert not is_of_single_quarters(ASKED.model_copy(update={"quarters": 1}))


def test_a_row_without_its_survey_and_one_of_an_earlier_version_are_of_no_survey() -> None:
    assert is_held(1, "")
    assert is_held(1, "[c]")
    assert not is_held(4, "")
    assert not is_held(1, "[x] staff survey: not received")


def reports(last: int, surveys: list[int]) -> pd.DataFrame:
    """The rows of a survey and of leavers in the reports of quarters 0 to ``last``; surveys were held in some of them."""
    rows = []
    for at in range(last + 1):
        quarter = AUTUMN.plus(at)
        held = [each for each in surveys if at - 4 < each <= at]
        window = (AUTUMN.plus(held[-1]),) if held else quarter.window(4)
        for name, span in (("equal_opportunity", window), ("leavers_per_100_staff", quarter.window(4))):
            rows.append(
                {
                    "indicator": name, "breakdown": "all", "level": "all", "quarter": quarter.key, "quarters": len(span),
                    "period_end": span[-1].end.isoformat(), "vintage": at,
                    "status": "" if held or name != "equal_opportunity" else "[x] staff survey: not received",
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


@given(last=st.integers(0, 14), surveys=st.sets(st.integers(0, 14)).map(sorted))
def test_a_series_has_each_survey_once_as_the_latest_report_has_it(last: int, surveys: list[int]) -> None:
    table = reports(last, surveys)
    now = AUTUMN.plus(last)
    kept = one_row_a_survey(table, CATALOGUE, now)
    asked = kept[kept["indicator"] == "equal_opportunity"]
    held = asked[asked["quarters"] == 1]
    assert held["period_end"].tolist() == [AUTUMN.plus(at).end.isoformat() for at in surveys if at <= last]
    assert set(asked.loc[asked["quarters"] != 1, "quarter"]) <= {now.key}
    for at, vintage in zip([at for at in surveys if at <= last], held["vintage"], strict=True):
        after = [each for each in surveys if each > at]
        assert vintage == min(at + 3, last, *(each - 1 for each in after))
    assert len(kept[kept["indicator"] == "leavers_per_100_staff"]) == last + 1


def test_rows_of_an_earlier_version_of_which_nobody_knows_the_survey_stand_in_no_series() -> None:
    table = reports(3, [0])
    before = table["indicator"].eq("equal_opportunity") & table["quarter"].ne(AUTUMN.plus(3).key)
    table.loc[before, "quarters"] = 4
    kept = one_row_a_survey(table, CATALOGUE, AUTUMN.plus(3))
    assert len(kept[kept["indicator"] == "equal_opportunity"]) == 1
