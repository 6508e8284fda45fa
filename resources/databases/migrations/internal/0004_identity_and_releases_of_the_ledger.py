"""The database knows to which storage it belongs, and the ledger which releases it holds and with how many lines."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "internal_0004"
down_revision = "internal_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables and enter the releases that the ledger has lines of; of their content nothing is known."""
    op.create_table(
        "internal_identity",
        sa.Column("identity", sa.String(32), nullable=False),
        sa.Column("opened", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("identity", name="pk_internal_identity"),
    )
    releases = op.create_table(
        "ledger_release",
        sa.Column("audience", sa.String(20), nullable=False),
        sa.Column("quarter", sa.String(10), nullable=False),
        sa.Column("vintage", sa.Integer(), nullable=False),
        sa.Column("content_sha256", sa.String(64), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("on_record", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("audience", "quarter", "vintage", name="pk_ledger_release"),
    )
    ledger = sa.table("ledger", *map(sa.column, ("audience", "quarter", "vintage")))
    key = (ledger.c.audience, ledger.c.quarter, ledger.c.vintage)
    held = sa.select(*key, sa.literal(""), sa.func.count(), sa.true()).group_by(*key)
    op.get_bind().execute(releases.insert().from_select([each.name for each in releases.c], held))
