"""Parquet files: typed columns as text, and the day of a time in whatever zone it was written."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from resources.parquet_files import parquet_table


def _text(column: pl.Series, folder: Path) -> list[str | None]:
    path = folder / "l.parquet"
    column.alias("Left").to_frame().write_parquet(path)
    (batch,) = parquet_table(path, "leavers").read([0])
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
