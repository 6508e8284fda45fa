"""Releases have a number of their own in the order they were recorded in, so that no clock says which is the latest."""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "results_0002"
down_revision = "results_0001"
branch_labels = None
depends_on = None

_RECORDED = re.compile(r"(?:released|held) .* release (\d+)")


def upgrade() -> None:
    """Number the releases there are as the audit log has them; of those it does not name, the time has to do."""
    op.add_column("release", sa.Column("sequence", sa.Integer()))
    release = sa.table("release", *map(sa.column, ("id", "released_at", "sequence")))
    log = sa.table("audit_log", *map(sa.column, ("id", "what")))
    connection = op.get_bind()
    lines = connection.execute(sa.select(log.c.id, log.c.what).order_by(log.c.id))
    logged = {int(found[1]): line for line, what in lines if (found := _RECORDED.fullmatch(what))}
    held = connection.execute(sa.select(release.c.id, release.c.released_at)).all()
    for sequence, row in enumerate(sorted(held, key=lambda row: _made(row, logged)), start=1):
        connection.execute(sa.update(release).where(release.c.id == row.id).values(sequence=sequence))
    # Not as a constraint: SQLite would make the table anew, which approvals point to.
    op.create_index("ix_release_sequence", "release", ["sequence"], unique=True)


def _made(row: Any, logged: dict[int, int]) -> tuple[int, str, int]:
    return logged.get(row.id, 0), str(row.released_at), row.id
