"""Dagster's own storage: made by one process at a time, and mended where two processes once made it together.

Dagster guards the making of its SQLite files against threads alone. Of two processes that make them at once each may
write down a form of its own (Alembic's revision), and files with two of them open for nobody afterwards.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import dagster as dg

from disparity.refusal import Refusal, refuse
from resources.lake import alone

_WAIT_SECONDS = 60


def open_instance(home: Path, say: Callable[[str], None]) -> dg.DagsterInstance:
    """Open the instance whose home this is, made or mended where that is needed, while no other process does so.

    The lock is the folder's and goes with the process that holds it. ``say`` is told of what was mended. Raises Refusal
    where the storage cannot be opened.
    """
    from alembic.util import CommandError
    from sqlalchemy.exc import DatabaseError

    with alone(home):
        for path in sorted(home.rglob("*.db")):
            if _mended(path, home):
                say(
                    f"{path.relative_to(home.parent)}, a part of Dagster's history of runs, had been made by two processes "
                    "at once. It is mended, and nothing of it was lost."
                )
        try:
            return dg.DagsterInstance.from_config(str(home))
        except (CommandError, DatabaseError, sqlite3.DatabaseError) as error:
            raise _unusable(home, home, type(error).__name__) from None


def _mended(path: Path, home: Path) -> bool:
    """Leave of several revisions in a file the newest; return whether there were several.

    All of them are of one form: Dagster makes new files in its newest at once, whatever it writes down afterwards.
    """
    try:
        with closing(sqlite3.connect(path, timeout=_WAIT_SECONDS)) as connection, connection:
            revisions = _revisions(connection)
            if len(revisions) < 2:
                return False
            newest = _newest(revisions)
            if newest is None:
                raise _unusable(path, home, "it names revisions that this version of Dagster does not know")
            connection.execute("DELETE FROM alembic_version WHERE version_num <> ?", (newest,))
            return True
    except sqlite3.DatabaseError as error:
        raise _unusable(path, home, type(error).__name__) from None


def _revisions(connection: sqlite3.Connection) -> frozenset[str]:
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
        return frozenset()
    return frozenset(row[0] for row in connection.execute("SELECT version_num FROM alembic_version"))


def _newest(revisions: frozenset[str]) -> str | None:
    """Return the one revision that all the others come before, or None where there is none."""
    return next((each for each in revisions if revisions <= set(_up_to(each))), None)


def _up_to(revision: str) -> Iterator[str]:
    from alembic.config import Config
    from alembic.script import ScriptDirectory
    from alembic.script.revision import RevisionError
    from dagster._core.storage.sql import ALEMBIC_SCRIPTS_LOCATION

    config = Config()
    config.set_main_option("script_location", ALEMBIC_SCRIPTS_LOCATION)
    try:
        for script in ScriptDirectory.from_config(config).iterate_revisions(revision, "base"):
            yield script.revision
    except RevisionError:  # a revision of another version of Dagster
        return


def _unusable(place: Path, home: Path, why: str) -> Refusal:
    return refuse(
        f"Dagster's history of runs cannot be opened ({why})",
        where=str(place),
        rule="a run is written into that history",
        do=f"look at the space on the disk and who may write there; if it is damaged, bring {home} back from a copy, or "
        "move it away: a new one is made, and what is lost is the history of runs, not records, releases or approvals",
    )
