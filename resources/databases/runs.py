"""Runs, the extracts they read, and the log of who did what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from disparity.periods import Quarter
from resources.databases.opening import writing
from resources.databases.results import AuditEntry, Extract, Run


@dataclass(frozen=True)
class ExtractState:
    """One file of an extract and what became of it. With nothing received, file name and sha256 are empty.

    Rows accepted and rejected are those of the whole extract, as its readers may be shown them: ``0``, ``[c]`` or rounded.
    """

    file_name: str
    sha256: str
    rows_accepted: str
    rows_rejected: str
    state: str
    words: str


def record_run(
    engine: Engine,
    run_id: str,
    quarter: Quarter,
    *,
    code_version: str,
    catalogue_hash: str,
    what: str,
    started_at: dt.datetime,
) -> None:
    """Record a run over a quarter; the first record of it stays."""
    with writing(engine) as session:
        if session.get(Run, (run_id, quarter.key)) is None:
            session.add(
                Run(
                    run_id=run_id,
                    quarter=quarter.key,
                    code_version=code_version,
                    catalogue_hash=catalogue_hash,
                    what=what,
                    started_at=started_at,
                )
            )


def save_extract_state(engine: Engine, dataset: str, quarter: Quarter, files: Sequence[ExtractState]) -> None:
    """Record the files that a quarter's extract is now; those it was before are kept, as not current."""
    with writing(engine) as session:
        session.execute(
            update(Extract)
            .where(Extract.dataset == dataset, Extract.quarter == quarter.key)
            .values(current=False)
        )
        for each in files:
            session.merge(Extract(dataset=dataset, quarter=quarter.key, current=True, **asdict(each)))


def extract_states(engine: Engine, quarter: Quarter) -> dict[str, tuple[ExtractState, ...]]:
    """Return the current files of every dataset of a quarter, by dataset and then by name."""
    query = select(Extract).where(Extract.quarter == quarter.key, Extract.current)
    found: dict[str, tuple[ExtractState, ...]] = {}
    with Session(engine) as session:
        for row in session.scalars(query.order_by(Extract.dataset, Extract.file_name)):
            state = ExtractState(
                row.file_name, row.sha256, row.rows_accepted, row.rows_rejected, row.state, row.words
            )
            found[row.dataset] = (*found.get(row.dataset, ()), state)
    return found


def log(engine: Engine, who: str, what: str, at: dt.datetime) -> None:
    """Add a line to the audit log, which nobody can change or remove through the database."""
    with writing(engine) as session:
        session.add(AuditEntry(at=at, who=who, what=what))
