"""Columns that the two databases share, and the rows of a frame as a database takes them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any

from sqlalchemy import DateTime, Dialect, Double, Integer, String, Text, TypeDecorator
from sqlalchemy.orm import Mapped, MappedColumn, mapped_column

from disparity.rows import Estimate, Kind, columns_of

if TYPE_CHECKING:
    import pandas as pd

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Instant(TypeDecorator[dt.datetime]):
    """A moment in UTC. SQLite keeps no time zone, so one is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        """Turn a moment into UTC. Raises ValueError when it has no time zone."""
        if value is not None and value.tzinfo is None:
            raise ValueError("a moment needs a time zone; pass a UTC datetime")
        return None if value is None else value.astimezone(dt.UTC)

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        """Return the moment in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


QuarterKey = Annotated[str, mapped_column(String(10))]
Word = Annotated[str, mapped_column(String(100))]
Sha256 = Annotated[str, mapped_column(String(64))]
Words = Annotated[str, mapped_column(Text)]
MaybeWords = Annotated[str | None, mapped_column(Text)]


class IdentityColumns:
    """By which identity a database belongs to a storage, and how often that was opened. One row."""

    identity: Mapped[str] = mapped_column(String(32), primary_key=True)
    opened: Mapped[int]


class EstimateColumns:
    """The columns of indicators.csv, in its order. An empty number is protected, or does not apply."""

    quarter: Mapped[str] = mapped_column(String(10), primary_key=True)
    vintage: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    status: Mapped[MaybeWords]


_IN_A_DATABASE: Mapping[Kind, Callable[[], MappedColumn[Any]]] = {
    "text": lambda: mapped_column(Text, nullable=True),
    "whole": lambda: mapped_column(Integer, nullable=False),
    "number": lambda: mapped_column(Double, nullable=True),
}
for _name, _column in columns_of(Estimate).items():
    if _name not in EstimateColumns.__annotations__:
        setattr(EstimateColumns, _name, _IN_A_DATABASE[_column.kind]())


def rows_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a frame's rows with None where a value is missing: a NaN is not the same on every database."""
    values = frame.astype(object)
    return [
        {str(name): value for name, value in row.items()}
        for row in values.where(values.notna(), None).to_dict("records")
    ]
