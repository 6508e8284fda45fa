"""Tests of what the internal database alone holds: profiles and the ledger of cells."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import pandas as pd
import polars as pl
import pytest
import sqlalchemy as sa

from disparity.periods import Quarter
from resources.databases import open_database, save_ledger, save_profile

SUMMER = Quarter.from_key("2026-07-01")


@pytest.fixture
def internal(new_url: Callable[[], str]) -> Iterator[sa.Engine]:
    """An empty internal database."""
    engine = open_database("internal", new_url())
    yield engine
    engine.dispose()


def rows(count: float) -> pl.DataFrame:
    """Make a profile of two numbers."""
    return pl.DataFrame(
        {
            "measure": ["rows", "share"],
            "column": ["", "ethnicity"],
            "category": ["", "white"],
            "value": [float(count), 81.25],
        }
    )


def stored(engine: sa.Engine, query: str) -> list[tuple[object, ...]]:
    """Return the rows of a query as plain tuples, sorted."""
    with engine.connect() as connection:
        return sorted(tuple(row) for row in connection.execute(sa.text(query)))


def test_a_profile_is_replaced_for_its_dataset_and_quarter_alone(internal: sa.Engine) -> None:
    save_profile(internal, "leavers", SUMMER, rows(40))
    save_profile(internal, "leavers", SUMMER.plus(-1), rows(35))
    save_profile(internal, "recruitment", SUMMER, rows(900))
    save_profile(internal, "leavers", SUMMER, rows(41).head(1))
    assert stored(internal, "SELECT dataset, quarter, measure, value FROM profile") == [
        ("leavers", "2026-04-01", "rows", 35.0),
        ("leavers", "2026-04-01", "share", 81.25),
        ("leavers", "2026-07-01", "rows", 41.0),
        ("recruitment", "2026-07-01", "rows", 900.0),
        ("recruitment", "2026-07-01", "share", 81.25),
    ]


def test_a_profile_of_no_rows_takes_it_away(internal: sa.Engine) -> None:
    save_profile(internal, "leavers", SUMMER, rows(40))
    save_profile(internal, "leavers", SUMMER, rows(40).clear())
    assert stored(internal, "SELECT dataset FROM profile") == []


def test_a_profile_that_cannot_be_saved_leaves_the_old_one(internal: sa.Engine) -> None:
    save_profile(internal, "leavers", SUMMER, rows(40))
    with pytest.raises(sa.exc.IntegrityError):
        save_profile(internal, "leavers", SUMMER, pl.concat([rows(41), rows(42)]))
    assert (40.0,) in stored(internal, "SELECT value FROM profile")


def test_the_ledger_keeps_what_cells_were_when_first_released(internal: sa.Engine) -> None:
    cells = pd.DataFrame(
        {
            "indicator": ["leavers_rate"] * 2,
            "breakdown": ["all"] * 2,
            "level": ["all"] * 2,
            "cell": ["group_base", "group_events"],
            "true_count": [61.0, 5.0],
            "shown": [60.0, math.nan],
            "low": [58.0, 1.0],
            "high": [62.0, 7.0],
        }
    )
    save_ledger(internal, "restricted", SUMMER, 1, cells)
    save_ledger(internal, "restricted", SUMMER, 1, cells.assign(true_count=0.0))
    save_ledger(internal, "restricted", SUMMER, 2, cells.head(1).assign(true_count=62.0))
    assert stored(internal, "SELECT vintage, cell, true_count, shown, low, high FROM ledger") == [
        (1, "group_base", 61.0, 60.0, 58.0, 62.0),
        (1, "group_events", 5.0, None, 1.0, 7.0),
        (2, "group_base", 62.0, 60.0, 58.0, 62.0),
    ]
