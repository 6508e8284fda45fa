"""Parquet files: their columns as text, dates as ISO text, streamed in batches."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl
from polars.exceptions import PanicException

from disparity.catalogue import Source
from disparity.datasets.dates import LONDON
from disparity.refusal import Refusal, refuse
from resources.expansion import hold_rows
from resources.sheets import NO_DAY
from resources.tables import BATCH_ROWS, Table, cell, empty, tidy, what_it_is

_A_DAY = {"ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}
# From 1 January 1970, with a day to spare at either end for the time of another place.
_FIRST_DAY, _LAST_DAY = (
    (day - dt.date(1970, 1, 1)).days for day in (dt.date(1, 1, 2), dt.date(9999, 12, 30))
)


def parquet_table(path: Path, _: Source, where: str) -> Table:
    """Open a Parquet file as a table; its first row is row 2, as below a row of headings.

    Raises Refusal for another kind of file, or a damaged one.
    """
    if path.stat().st_size == 0:
        raise empty(where)
    try:
        rows = pl.scan_parquet(path, glob=False)
        schema, number = rows.collect_schema(), rows.select(pl.len()).collect().item()
    except (pl.exceptions.PolarsError, PanicException, OSError):
        words = what_it_is(path)
        known = words if words not in (None, "a Parquet file") else "damaged, or no Parquet file"
        raise _unread(f"the file is {known}", where) from None
    hold_rows(number, path.stat().st_size, where)

    def read(positions: Sequence[int]) -> Iterator[pl.DataFrame]:
        named = _named(schema, positions)
        given = rows.select(pl.col(name).alias(cell(position)) for position, name in named)
        so_far = 0
        try:
            for batch in given.collect_batches(maintain_order=True, chunk_size=BATCH_ROWS):
                # Not before: where Polars fails within a batch of its own making, it gives no more, and no error.
                texts = batch.select(as_text(cell(position), schema[name]) for position, name in named)
                yield texts.with_row_index("row_number", so_far + 2).cast({"row_number": pl.Int64})
                so_far += batch.height
        except (pl.exceptions.PolarsError, PanicException, OSError):
            raise _unread("the file is damaged", where) from None
        if so_far != number:
            raise _unread(f"the file is damaged: of {number:,} rows {so_far:,} can be read", where)

    nested = frozenset(position for position, dtype in enumerate(schema.dtypes()) if dtype.is_nested())
    return Table(tuple(map(tidy, schema.names())), read, nested=nested)


def as_text(name: str, dtype: pl.DataType) -> pl.Expr:
    """Return a typed column as text: days, of a time with a zone that in London; 7 for 7.0; true or false."""
    value = pl.col(name)
    if isinstance(dtype, pl.Datetime):
        return _day(value, _A_DAY[dtype.time_unit], zoned=dtype.time_zone is not None)
    if dtype == pl.Date:
        return _day(value, 1, zoned=False)
    if dtype.is_float():
        whole = (value == value.floor()) & (value.abs() < 2**53)
        return (
            pl.when(whole)
            .then(value.cast(pl.Int64, strict=False).cast(pl.String))
            .otherwise(value.fill_nan(None).cast(pl.String))
        )
    text = value.cast(pl.String)
    # Databases write whole numbers with the decimals of their column: 123.0000000000 is 123, as it is from a query.
    return text.str.replace(r"\.0+$", "") if dtype.is_decimal() else text


def _day(value: pl.Expr, a_day: int, *, zoned: bool) -> pl.Expr:
    """Return a date or a time as a day; outside the calendar, where Polars would panic, as an error's word."""
    there = (value.to_physical() // a_day).is_between(_FIRST_DAY, _LAST_DAY)
    within = pl.when(there).then(value)
    day = (within.dt.convert_time_zone(LONDON.key) if zoned else within).dt.to_string("%Y-%m-%d")
    return pl.when(there).then(day).when(~there).then(pl.lit(NO_DAY))


def _named(schema: pl.Schema, positions: Sequence[int]) -> list[tuple[int, str]]:
    return [(position, schema.names()[position]) for position in positions]


def _unread(what: str, where: str) -> Refusal:
    return refuse(
        what,
        where=where,
        rule="this source is a Parquet file of plain columns",
        do="write it again, or change the format in catalogue/sources.yaml",
    )
