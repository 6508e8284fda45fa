"""Quarters: keys, the words people read, windows."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disparity.periods import Quarter, lag_of_change, words_of_span

QUARTERS = st.dates(dt.date(1990, 1, 1), dt.date(2090, 1, 1)).map(Quarter.holding)


@pytest.mark.parametrize(
    ("key", "end", "words"),
    [
        ("2026-01-01", dt.date(2026, 3, 31), "Jan to Mar 2026"),
        ("2024-01-01", dt.date(2024, 3, 31), "Jan to Mar 2024"),
        ("2026-07-01", dt.date(2026, 9, 30), "Jul to Sep 2026"),
        ("2026-10-01", dt.date(2026, 12, 31), "Oct to Dec 2026"),
    ],
)
def test_a_quarter_knows_its_last_day_and_its_words(key: str, end: dt.date, words: str) -> None:
    quarter = Quarter.from_key(key)
    assert (quarter.key, quarter.end, quarter.words) == (key, end, words)


@pytest.mark.parametrize("key", ["2026-02-01", "2026-07-02", "2026-13-01", "Q2", "", "2026-07"])
def test_any_other_day_is_no_quarter(key: str) -> None:
    with pytest.raises(ValueError, match=r"quarter starts on|[Ii]nvalid|month must"):
        Quarter.from_key(key)


def test_a_span_over_years_says_both() -> None:
    assert words_of_span(dt.date(2025, 10, 1), dt.date(2026, 9, 30)) == "Oct 2025 to Sep 2026"


@given(quarter=QUARTERS, quarters=st.integers(-40, 40))
def test_going_there_and_back_ends_where_it_began(quarter: Quarter, quarters: int) -> None:
    there = quarter.plus(quarters)
    assert there.plus(-quarters) == quarter
    assert Quarter.from_key(there.key) == there
    assert (there > quarter) == (quarters > 0)


@given(quarter=QUARTERS, length=st.integers(1, 12))
def test_a_window_is_whole_consecutive_and_ends_here(quarter: Quarter, length: int) -> None:
    window = quarter.window(length)
    assert len(window) == length
    assert window[-1] == quarter
    for earlier, later in itertools.pairwise(window):
        assert earlier.end + dt.timedelta(days=1) == later.start


@given(day=st.dates(dt.date(1990, 1, 1), dt.date(2090, 1, 1)))
def test_every_day_is_in_the_quarter_that_holds_it(day: dt.date) -> None:
    quarter = Quarter.holding(day)
    assert quarter.start <= day <= quarter.end


def test_the_last_quarter_that_a_date_can_name_has_an_end_and_words() -> None:
    quarter = Quarter(dt.date(9999, 10, 1))
    assert (quarter.end, quarter.words) == (dt.date(9999, 12, 31), "Oct to Dec 9999")


@pytest.mark.parametrize("key", ["0001-04-01", "1899-10-01", "2200-01-01", "9999-10-01"])
def test_a_quarter_of_no_sensible_year_is_no_quarter(key: str) -> None:
    with pytest.raises(ValueError, match="between 1900 and 2199"):
        Quarter.from_key(key)


@given(quarter=QUARTERS, length=st.sampled_from([1, 4, 8]))
def test_the_window_a_change_is_told_from_shares_no_quarter_and_has_the_same_seasons(
    quarter: Quarter, length: int
) -> None:
    then = quarter.plus(-lag_of_change(length))
    assert not set(quarter.window(length)) & set(then.window(length))
    assert then.start.month == quarter.start.month
