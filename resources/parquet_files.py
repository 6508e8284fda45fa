"""Parquet files: their columns as text, dates as ISO text, streamed in batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from disparity.datasets.dates import LONDON
from disparity.refusal import Refusal, refuse
from resources.tables import BATCH_ROWS, Table, cell, empty, tidy, what_it_is


def parquet_table(path: Path, where: str) -> Table:
    """Open a Parquet file as a table; its first row is row 2, as below a row of headings.

    Raises Refusal for another kind of file, or a damaged one.
    """
    if path.stat().st_size == 0:
        raise empty(where)
    try:
        rows = pl.scan_parquet(path, glob=False)
        schema = rows.collect_schema()
    except (pl.exceptions.PolarsError, OSError):
        words = what_it_is(path)
        known = words if words not in (None, "a Parquet file") else "damaged, or no Parquet file"
        raise _unread(f"the file is {known}", where) from None

    def read(positions: Sequence[int]) -> Iterator[pl.DataFrame]:
        cells = [
            as_text(name, schema[name]).alias(cell(position)) for position, name in _named(schema, positions)
        ]
        try:
            numbered = rows.with_row_index("cell_row_number", 2).select(
                pl.col("cell_row_number").cast(pl.Int64).alias("row_number"), *cells
            )
            yield from numbered.collect_batches(maintain_order=True, chunk_size=BATCH_ROWS)
        except (pl.exceptions.PolarsError, OSError):
            raise _unread("the file is damaged", where) from None

    nested = frozenset(position for position, dtype in enumerate(schema.dtypes()) if dtype.is_nested())
    return Table(tuple(map(tidy, schema.names())), read, nested=nested)


def as_text(name: str, dtype: pl.DataType) -> pl.Expr:
    """Return a typed column as text: days, of a time with a zone that in London; 7 for 7.0; true or false."""
    value = pl.col(name)
    if isinstance(dtype, pl.Datetime) and dtype.time_zone is not None:
        value = value.dt.convert_time_zone(LONDON.key)
    if dtype.is_temporal() and dtype not in (pl.Duration, pl.Time):
        return value.dt.to_string("%Y-%m-%d")
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


def _named(schema: pl.Schema, positions: Sequence[int]) -> list[tuple[int, str]]:
    return [(position, schema.names()[position]) for position in positions]


def _unread(what: str, where: str) -> Refusal:
    return refuse(
        what,
        where=where,
        rule="this source is a Parquet file of plain columns",
        do="write it again, or change the format in catalogue/sources.yaml",
    )
