"""The internal database, owner-only: profiles, analysts' estimates, and what cells were when released."""

from __future__ import annotations

from sqlalchemy import Double, MetaData, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from resources.databases.columns import (
    NAMING,
    EstimateColumns,
    IdentityColumns,
    QuarterKey,
    Sha256,
    Word,
    Words,
)


class InternalBase(DeclarativeBase):
    """Every table of the internal database."""

    metadata = MetaData(naming_convention=NAMING)


class InternalIdentity(IdentityColumns, InternalBase):
    """To which storage this database belongs."""

    __tablename__ = "internal_identity"


class Profile(InternalBase):
    """One number about one dataset in one quarter: rows, nulls, a share in percent, or a sum."""

    __tablename__ = "profile"

    dataset: Mapped[str] = mapped_column(String(100), primary_key=True)
    quarter: Mapped[str] = mapped_column(String(10), primary_key=True)
    measure: Mapped[str] = mapped_column(String(20), primary_key=True)
    column: Mapped[str] = mapped_column(String(100), primary_key=True)
    category: Mapped[str] = mapped_column(String(300), primary_key=True)
    value: Mapped[float] = mapped_column(Double)


class AnalystEstimate(EstimateColumns, InternalBase):
    """One unprotected estimate, as one vintage of a quarter had it."""

    __tablename__ = "analyst_estimate"

    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class LedgerEntry(InternalBase):
    """What some people's count was when it was released: who they are, the truth, what was shown and what it could be."""

    __tablename__ = "ledger"

    audience: Mapped[str] = mapped_column(String(20), primary_key=True)
    quarter: Mapped[str] = mapped_column(String(10), primary_key=True)
    vintage: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    dataset: Mapped[Word]
    conditions: Mapped[Words]
    since: Mapped[QuarterKey]
    until: Mapped[QuarterKey]
    ethnicity: Mapped[Word]
    breakdown: Mapped[Word]
    level: Mapped[str] = mapped_column(String(300))
    elsewhere: Mapped[bool]
    true_count: Mapped[int]
    shown: Mapped[int | None]
    low: Mapped[int]
    high: Mapped[int]
    hidden: Mapped[bool]


class LedgerRelease(InternalBase):
    """That a release is in the ledger, with how many lines. ``on_record``: the results database is known to have it."""

    __tablename__ = "ledger_release"

    audience: Mapped[str] = mapped_column(String(20), primary_key=True)
    quarter: Mapped[str] = mapped_column(String(10), primary_key=True)
    vintage: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content_sha256: Mapped[Sha256]
    lines: Mapped[int]
    on_record: Mapped[bool]


class LedgerColumns(InternalBase):
    """What was recorded of a dataset's columns when a release spoke of a quarter: `populations.recorded` as text."""

    __tablename__ = "ledger_columns"

    audience: Mapped[str] = mapped_column(String(20), primary_key=True)
    quarter: Mapped[str] = mapped_column(String(10), primary_key=True)
    vintage: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    dataset: Mapped[str] = mapped_column(String(100), primary_key=True)
    of_quarter: Mapped[str] = mapped_column(String(10), primary_key=True)
    recorded: Mapped[Words]
