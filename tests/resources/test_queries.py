"""Queries: the days that a query is bound to, times in zones, and the last day of a quarter that BETWEEN loses."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
import sqlalchemy as sa

from disparity.catalogue import Source
from disparity.periods import Quarter
from resources.queries import RowsHash, TimesOfDay, _batches, query_answer

QUARTER = Quarter.from_key("2026-07-01")
BETWEEN = "BETWEEN :period_start AND :period_end"
HALF_OPEN = ">= :period_start AND left_at < :next_period_start"
TIMES = (
    "2026-06-30 23:59:00",
    "2026-07-01 00:00:00",
    "2026-09-29 10:30:00",
    "2026-09-30 14:05:00",
    "2026-10-01 00:00:00",
)


@pytest.fixture
def location(tmp_path: Path) -> str:
    """A database of leavers with the time at which they left."""
    url = f"sqlite:///{tmp_path / 'hr.db'}"
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE leavers (left_at TEXT)"))
        connection.execute(sa.text("INSERT INTO leavers VALUES (:at)"), [{"at": at} for at in TIMES])
    engine.dispose()
    return url


def _asked(location: str, query: str) -> tuple[list[str], list[str]]:
    source = Source(format="sql", location=location, query=query, columns={"leaving_date": "left_at"})
    with query_answer(source, QUARTER, "leavers, query") as answer:
        rows = pl.concat(answer.table.read([0]))["cell_0"].to_list()
    return rows, [note.words for note in answer.times.notes]


def test_the_day_after_the_quarter_bounds_its_last_day_whole(location: str) -> None:
    rows, notes = _asked(location, f"SELECT left_at FROM leavers WHERE left_at {HALF_OPEN}")
    assert rows == list(TIMES[1:4])
    assert notes == []


def test_it_is_said_where_between_loses_the_last_day(location: str) -> None:
    rows, (note,) = _asked(location, f"SELECT left_at FROM leavers WHERE left_at {BETWEEN}")
    assert rows == list(TIMES[1:3])
    assert "none is of the quarter's last day" in note
    assert "write >= :period_start AND < :next_period_start" in note


@pytest.mark.parametrize(
    "query",
    [
        f"SELECT left_at FROM leavers WHERE date(left_at) {BETWEEN}",
        f"SELECT date(left_at) AS left_at FROM leavers WHERE left_at {BETWEEN}",
        "SELECT left_at FROM leavers WHERE left_at < '2026-07-02'",
    ],
    ids=["the day is taken whole", "no times to be seen", "bound to no day"],
)
def test_nothing_is_said_where_nothing_is_seen_to_be_lost(query: str, location: str) -> None:
    rows, notes = _asked(location, query)
    assert rows
    assert notes == []


def test_times_with_a_zone_are_of_the_day_in_london() -> None:
    """As drivers of databases that know zones give them, which SQLite is not."""
    new_york = dt.timezone(dt.timedelta(hours=-4))
    rows = [
        (dt.datetime(2026, 6, 30, 23, tzinfo=dt.UTC),),
        (dt.datetime(2026, 6, 30, 19, 30, tzinfo=new_york),),
        (dt.datetime(2026, 12, 31, 23, tzinfo=dt.UTC),),
        (dt.datetime.fromisoformat("2026-06-30T23:00:00"),),
        (dt.date(2026, 6, 30),),
        (None,),
    ]

    days = ["2026-07-01", "2026-07-01", "2026-12-31", "2026-06-30", "2026-06-30", None]
    assert _texts(rows) == days


def test_a_number_whose_digits_are_lost_is_not_written_as_if_it_had_them_and_no_number_is_a_blank() -> None:
    given = [
        123.0,
        Decimal("123.00"),
        2**60 + 1,
        Decimal(2**60 + 1),
        1.23e20,
        math.inf,
        math.nan,
        Decimal("NaN"),
    ]
    exact = str(2**60 + 1)
    assert _texts([(each,) for each in given]) == ["123", "123", exact, exact, "1.23e+20", "inf", None, None]


def _texts(rows: Sequence[tuple[object]]) -> list[str | None]:
    class Result:
        def partitions(self) -> list[list[tuple[object]]]:
            return [list(rows)]

    times = TimesOfDay("SELECT 1", QUARTER)
    (batch,) = _batches(Result(), [0], RowsHash(["left_at"]), times)  # type: ignore[arg-type]
    return list(batch["cell_0"])
