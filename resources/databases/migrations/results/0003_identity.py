"""The database knows to which storage it belongs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "results_0003"
down_revision = "results_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; the identity is made, or taken over, when the storage is opened."""
    op.create_table(
        "results_identity",
        sa.Column("identity", sa.String(32), nullable=False),
        sa.Column("opened", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("identity", name="pk_results_identity"),
    )
