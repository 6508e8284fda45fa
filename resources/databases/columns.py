"""Columns that the two databases share, and the rows of a frame as a database takes them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any

from sqlalchemy import DateTime, Dialect, Double, String, Text, TypeDecorator
from sqlalchemy.orm import Mapped, mapped_column

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
Number = Annotated[float | None, mapped_column(Double)]


class IdentityColumns:
    """By which identity a database belongs to a storage, and how often that was opened. One row."""

    identity: Mapped[str] = mapped_column(String(32), primary_key=True)
    opened: Mapped[int]


class EstimateColumns:
    """The columns of indicators.csv, in its order. An empty number is protected, or does not apply."""

    organisation: Mapped[MaybeWords]
    theme: Mapped[MaybeWords]
    indicator: Mapped[MaybeWords]
    breakdown: Mapped[MaybeWords]
    level: Mapped[MaybeWords]
    quarter: Mapped[str] = mapped_column(String(10), primary_key=True)
    period_start: Mapped[MaybeWords]
    period_end: Mapped[MaybeWords]
    quarters: Mapped[int]
    reference_group: Mapped[MaybeWords]
    group: Mapped[MaybeWords]
    reference_base: Mapped[Number]
    reference_events: Mapped[Number]
    reference_value: Mapped[Number]
    group_base: Mapped[Number]
    group_events: Mapped[Number]
    group_value: Mapped[Number]
    ratio_of: Mapped[MaybeWords]
    ratio: Mapped[Number]
    ratio_low: Mapped[Number]
    ratio_high: Mapped[Number]
    difference: Mapped[Number]
    difference_low: Mapped[Number]
    difference_high: Mapped[Number]
    p_value: Mapped[Number]
    q_value: Mapped[Number]
    evidence: Mapped[MaybeWords]
    flag: Mapped[MaybeWords]
    people_to_parity: Mapped[MaybeWords]
    unknown_base: Mapped[Number]
    unknown_events: Mapped[Number]
    ratio_low_unknown: Mapped[Number]
    ratio_high_unknown: Mapped[Number]
    status: Mapped[MaybeWords]
    vintage: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    reference_base_status: Mapped[MaybeWords]
    reference_events_status: Mapped[MaybeWords]
    group_base_status: Mapped[MaybeWords]
    group_events_status: Mapped[MaybeWords]
    unknown_base_status: Mapped[MaybeWords]
    unknown_events_status: Mapped[MaybeWords]


def rows_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a frame's rows with None where a value is missing: a NaN is not the same on every database."""
    values = frame.astype(object)
    return [
        {str(name): value for name, value in row.items()}
        for row in values.where(values.notna(), None).to_dict("records")
    ]
