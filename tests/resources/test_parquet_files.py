"""Parquet files: typed columns as text, and the day of a time in whatever zone it was written."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from disparity.catalogue import Source
from disparity.refusal import Refusal
from resources.parquet_files import parquet_table

SOURCE = Source.model_validate(
    {"format": "parquet", "location": "l.parquet", "columns": {"person": "Left"}, "date_format": "%d/%m/%Y"}
)


def _text(column: pl.Series, folder: Path) -> list[str | None]:
    path = folder / "l.parquet"
    column.alias("Left").to_frame().write_parquet(path)
    (batch,) = parquet_table(path, SOURCE, "leavers").read([0])
    found: list[str | None] = batch["cell_0"].to_list()
    return found


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Kolkata", "Europe/London", "+02:00"])
def test_a_time_with_a_zone_is_of_the_day_in_london(
    unit: pl.datatypes.TimeUnit, zone: str, tmp_path: Path
) -> None:
    moments = [dt.datetime(2026, 6, 30, 22, 59, tzinfo=dt.UTC), dt.datetime(2026, 6, 30, 23, tzinfo=dt.UTC),
               dt.datetime(2026, 12, 31, 23, 59, tzinfo=dt.UTC), None]  # fmt: skip
    column = pl.Series(moments, dtype=pl.Datetime(unit, "UTC")).dt.convert_time_zone(zone)
    assert _text(column, tmp_path) == ["2026-06-30", "2026-07-01", "2026-12-31", None]


def test_a_time_without_a_zone_and_a_day_are_as_they_stand(tmp_path: Path) -> None:
    moments = pl.Series(["2026-06-30 23:30", None]).str.to_datetime("%Y-%m-%d %H:%M")
    assert _text(moments, tmp_path) == ["2026-06-30", None]
    assert _text(pl.Series([dt.date(2026, 6, 30), dt.date(4712, 12, 31)]), tmp_path) == [
        "2026-06-30",
        "4712-12-31",
    ]


@pytest.mark.parametrize("scale", [0, 2, 10])
def test_a_whole_number_is_one_however_many_decimals_its_column_has(scale: int, tmp_path: Path) -> None:
    numbers = pl.Series([Decimal(123), Decimal(100), None], dtype=pl.Decimal(38, scale))
    assert _text(numbers, tmp_path) == ["123", "100", None]
    assert _text(pl.Series([Decimal("0.80")], dtype=pl.Decimal(10, 2)), tmp_path) == ["0.80"]


def test_a_day_outside_the_calendar_is_no_blank_and_takes_no_row_away(tmp_path: Path) -> None:
    """Polars panics at such a day, and a batch of its own that panics is the end of the rows, and no error."""
    days = pl.Series([0, 2**31 - 1, -(2**31), None], dtype=pl.Int32).cast(pl.Date)
    assert _text(days, tmp_path) == ["1970-01-01", "#NUM!", "#NUM!", None]


@pytest.mark.parametrize("unit", ["ms", "us"])
@pytest.mark.parametrize("zone", [None, "UTC"])
def test_so_it_is_with_a_time(unit: pl.datatypes.TimeUnit, zone: str | None, tmp_path: Path) -> None:
    times = pl.Series([0, 2**63 - 1, -(2**63) + 1, None]).cast(pl.Datetime(unit, zone))
    assert _text(times, tmp_path) == ["1970-01-01", "#NUM!", "#NUM!", None]


@pytest.mark.parametrize("zone", ["Mars/Olympus", "+99:99", "", "EST5EDT4"])
def test_a_zone_that_nobody_knows_is_damage(zone: str, tmp_path: Path) -> None:
    path = tmp_path / "l.parquet"
    pq.write_table(pa.table({"Left": pa.array([0], pa.timestamp("us", zone))}), path)
    if zone:
        with pytest.raises(Refusal, match="leavers: the file is damaged"):
            list(parquet_table(path, SOURCE, "leavers").read([0]))
    else:
        assert len(list(parquet_table(path, SOURCE, "leavers").read([0]))) == 1


def test_rows_that_cannot_be_read_are_missed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "l.parquet"
    pl.DataFrame({"Left": ["1", "2"]}).write_parquet(path)
    table = parquet_table(path, SOURCE, "leavers")
    monkeypatch.setattr(
        pl.LazyFrame, "collect_batches", lambda *_, **__: iter([pl.DataFrame({"cell_0": ["1"]})])
    )
    with pytest.raises(Refusal, match="of 2 rows 1 can be read"):
        list(table.read([0]))


def test_more_rows_than_a_file_of_its_size_holds_are_refused_before_they_are_read(tmp_path: Path) -> None:
    path = tmp_path / "l.parquet"
    pq.write_table(pa.table({"Left": pa.nulls(20_000_000)}), path, row_group_size=20_000_000)
    with pytest.raises(Refusal, match="stands for 20,000,000 rows"):
        parquet_table(path, SOURCE, "leavers")
