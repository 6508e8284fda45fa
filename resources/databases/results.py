"""The results database: runs, extracts by hash, estimates by vintage, releases, approvals and the log."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, MetaData, String, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from resources.databases.columns import (
    NAMING,
    EstimateColumns,
    IdentityColumns,
    Instant,
    QuarterKey,
    Sha256,
    Word,
    Words,
)


class ResultsBase(DeclarativeBase):
    """Every table of the results database."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {dt.datetime: Instant}  # noqa: RUF012 - SQLAlchemy reads it as it stands


class ResultsIdentity(IdentityColumns, ResultsBase):
    """To which storage this database belongs."""

    __tablename__ = "results_identity"


class Run(ResultsBase):
    """One run of the pipeline over one quarter, and what it ran on."""

    __tablename__ = "run"

    run_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    quarter: Mapped[str] = mapped_column(String(10), primary_key=True)
    code_version: Mapped[Word]
    catalogue_hash: Mapped[Sha256]
    what: Mapped[Words]
    started_at: Mapped[dt.datetime]


class Extract(ResultsBase):
    """One file of a quarter's extract, by content. ``current`` is false once it is replaced."""

    __tablename__ = "extract"

    dataset: Mapped[str] = mapped_column(String(100), primary_key=True)
    quarter: Mapped[str] = mapped_column(String(10), primary_key=True)
    file_name: Mapped[str] = mapped_column(String(300), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    rows_accepted: Mapped[Word]
    rows_rejected: Mapped[Word]
    state: Mapped[Word]
    words: Mapped[Words]
    current: Mapped[bool]


class Estimate(EstimateColumns, ResultsBase):
    """One protected estimate, as one vintage of a quarter had it for one audience."""

    __tablename__ = "estimate"

    audience: Mapped[str] = mapped_column(String(20), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class Release(ResultsBase):
    """What may be said of a quarter to an audience: one frozen content, released or held back.

    ``sequence`` is the order in which releases were recorded; the latest is known by it, and never by a clock.
    """

    __tablename__ = "release"
    __table_args__ = (
        UniqueConstraint("audience", "quarter", "vintage", "content_sha256"),
        CheckConstraint("state IN ('released', 'held')", name="state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    audience: Mapped[str] = mapped_column(String(20))
    quarter: Mapped[QuarterKey]
    vintage: Mapped[int]
    content_sha256: Mapped[Sha256]
    state: Mapped[str] = mapped_column(String(20))
    released_at: Mapped[dt.datetime]
    sequence: Mapped[int | None] = mapped_column(index=True, unique=True)


class Approval(ResultsBase):
    """One person's approval of one release."""

    __tablename__ = "approval"

    release_id: Mapped[int] = mapped_column(ForeignKey("release.id"), primary_key=True, autoincrement=False)
    approved_by: Mapped[Word]
    approved_at: Mapped[dt.datetime]


class Publication(ResultsBase):
    """One vintage of a quarter put before its audience."""

    __tablename__ = "publication"

    audience: Mapped[str] = mapped_column(String(20), primary_key=True)
    quarter: Mapped[str] = mapped_column(String(10), primary_key=True)
    vintage: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    published_at: Mapped[dt.datetime]


class AuditEntry(ResultsBase):
    """Who did what, and when. The database itself refuses to change or remove a line."""

    __tablename__ = "audit_log"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime]
    who: Mapped[Word]
    what: Mapped[Words]
