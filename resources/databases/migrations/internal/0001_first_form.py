"""First form: profiles, analysts' estimates and the ledger."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "internal_0001"
down_revision = None
branch_labels = None
depends_on = None

TEXT = (
    "organisation",
    "theme",
    "indicator",
    "breakdown",
    "level",
    "period_start",
    "period_end",
    "reference_group",
    "group",
    "ratio_of",
    "evidence",
    "flag",
    "people_to_parity",
    "status",
    "reference_base_status",
    "reference_events_status",
    "group_base_status",
    "group_events_status",
    "unknown_base_status",
    "unknown_events_status",
)
NUMBERS = (
    "reference_base",
    "reference_events",
    "reference_value",
    "group_base",
    "group_events",
    "group_value",
    "ratio",
    "ratio_low",
    "ratio_high",
    "difference",
    "difference_low",
    "difference_high",
    "p_value",
    "q_value",
    "unknown_base",
    "unknown_events",
    "ratio_low_unknown",
    "ratio_high_unknown",
)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "profile",
        sa.Column("dataset", sa.String(100), nullable=False),
        sa.Column("quarter", sa.String(10), nullable=False),
        sa.Column("measure", sa.String(20), nullable=False),
        sa.Column("column", sa.String(100), nullable=False),
        sa.Column("category", sa.String(300), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("dataset", "quarter", "measure", "column", "category", name="pk_profile"),
    )
    op.create_table(
        "analyst_estimate",
        sa.Column("quarter", sa.String(10), nullable=False),
        sa.Column("vintage", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("quarters", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text()) for name in TEXT),
        *(sa.Column(name, sa.Double()) for name in NUMBERS),
        sa.PrimaryKeyConstraint("quarter", "vintage", "position", name="pk_analyst_estimate"),
    )
    op.create_table(
        "ledger",
        sa.Column("audience", sa.String(20), nullable=False),
        sa.Column("quarter", sa.String(10), nullable=False),
        sa.Column("vintage", sa.Integer(), nullable=False),
        sa.Column("indicator", sa.String(100), nullable=False),
        sa.Column("breakdown", sa.String(100), nullable=False),
        sa.Column("level", sa.String(300), nullable=False),
        sa.Column("cell", sa.String(100), nullable=False),
        sa.Column("true_count", sa.Double()),
        sa.Column("shown", sa.Double()),
        sa.Column("low", sa.Double()),
        sa.Column("high", sa.Double()),
        sa.PrimaryKeyConstraint(
            "audience", "quarter", "vintage", "indicator", "breakdown", "level", "cell", name="pk_ledger"
        ),
    )
