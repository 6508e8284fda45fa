"""Tests of what the internal database alone holds: profiles and the ledger of cells."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import polars as pl
import pytest
import sqlalchemy as sa

from disparity.disclosure.ledger import LEDGER
from disparity.periods import Quarter
from disparity.populations.recorded import Level, Recorded
from resources.databases import (
    Released,
    ledger_for,
    note_on_record,
    open_database,
    recorded_for,
    save_ledger,
    save_profile,
)

SPRING, SUMMER = Quarter.from_key("2026-04-01"), Quarter.from_key("2026-07-01")
HASH = "a" * 64


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


def test_the_ledger_keeps_what_was_told_when_first_released(internal: sa.Engine) -> None:
    people = {"dataset": "leavers", "conditions": "", "since": "2025-10-01", "until": "2026-07-01",
              "ethnicity": "white", "breakdown": "all", "level": "all", "elsewhere": False}  # fmt: skip
    told = pl.DataFrame(
        [
            {**people, "true_count": 61, "shown": 60, "low": 58, "high": 62, "hidden": False},
            {
                **people,
                "ethnicity": "unknown",
                "true_count": 5,
                "shown": None,
                "low": 1,
                "high": 7,
                "hidden": True,
            },
        ],
        schema=LEDGER,
    )
    level = Level(12, (("staff_group", "Medical"),))
    recorded = {
        ("leavers", SPRING.key): Recorded({"reason": True}, {"reason": ("Moved",)}, {"band": {"9": level}})
    }
    more = {**recorded, ("leavers", SUMMER.key): Recorded({"reason": False}, {})}
    other = told.with_columns(true_count=pl.lit(0, pl.Int64))
    save_ledger(internal, "restricted", SUMMER, 1, other, more, HASH)
    save_ledger(internal, "restricted", SUMMER, 1, told, recorded, HASH)  # the one before was never released
    note_on_record(internal, [Released("restricted", SUMMER.key, 1)])
    save_ledger(internal, "restricted", SUMMER, 1, other, more, HASH)
    save_ledger(internal, "restricted", SUMMER, 2, told.head(1), more, HASH)
    save_ledger(internal, "published", SUMMER, 1, told.tail(1), {}, HASH)
    kept = ledger_for(internal, ["restricted"])
    assert kept.select("vintage", *LEDGER).rows() == [
        (1, *told.row(0)),
        (1, *told.row(1)),
        (2, *told.row(0)),
    ]
    assert ledger_for(internal, ["restricted", "published"]).height == 4
    assert ledger_for(internal, ["nobody"]).schema == kept.schema
    assert recorded_for(internal, ["restricted"]) == [*recorded.items(), *more.items()]
    assert recorded_for(internal, ["published"]) == []
