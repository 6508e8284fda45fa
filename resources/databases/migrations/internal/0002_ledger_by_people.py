"""The ledger by people: whom a count is of stands beside it, so that releases can be added up. Earlier lines go."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "internal_0002"
down_revision = "internal_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the ledger anew: its old lines do not say whom they are of."""
    op.drop_table("ledger")
    op.create_table(
        "ledger",
        sa.Column("audience", sa.String(20), nullable=False),
        sa.Column("quarter", sa.String(10), nullable=False),
        sa.Column("vintage", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("dataset", sa.String(100), nullable=False),
        sa.Column("conditions", sa.Text(), nullable=False),
        sa.Column("since", sa.String(10), nullable=False),
        sa.Column("until", sa.String(10), nullable=False),
        sa.Column("ethnicity", sa.String(100), nullable=False),
        sa.Column("breakdown", sa.String(100), nullable=False),
        sa.Column("level", sa.String(300), nullable=False),
        sa.Column("elsewhere", sa.Boolean(), nullable=False),
        sa.Column("true_count", sa.Integer(), nullable=False),
        sa.Column("shown", sa.Integer()),
        sa.Column("low", sa.Integer(), nullable=False),
        sa.Column("high", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("audience", "quarter", "vintage", "position", name="pk_ledger"),
    )
