"""First form: runs, extracts, estimates, releases, approvals, publications and the audit log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "results_0001"
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
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables, and have the database itself keep the audit log append-only."""
    op.create_table(
        "run",
        sa.Column("run_id", sa.String(64), nullable=False),
        sa.Column("quarter", sa.String(10), nullable=False),
        sa.Column("code_version", sa.String(100), nullable=False),
        sa.Column("catalogue_hash", sa.String(64), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("run_id", "quarter", name="pk_run"),
    )
    op.create_table(
        "extract",
        sa.Column("dataset", sa.String(100), nullable=False),
        sa.Column("quarter", sa.String(10), nullable=False),
        sa.Column("file_name", sa.String(300), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("rows_accepted", sa.String(length=100), nullable=False),
        sa.Column("rows_rejected", sa.String(length=100), nullable=False),
        sa.Column("state", sa.String(100), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("dataset", "quarter", "file_name", "sha256", name="pk_extract"),
    )
    op.create_table(
        "estimate",
        sa.Column("audience", sa.String(20), nullable=False),
        sa.Column("quarter", sa.String(10), nullable=False),
        sa.Column("vintage", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("quarters", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text()) for name in TEXT),
        *(sa.Column(name, sa.Double()) for name in NUMBERS),
        sa.PrimaryKeyConstraint("audience", "quarter", "vintage", "position", name="pk_estimate"),
    )
    op.create_table(
        "release",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("audience", sa.String(20), nullable=False),
        sa.Column("quarter", sa.String(10), nullable=False),
        sa.Column("vintage", sa.Integer(), nullable=False),
        sa.Column("content_sha256", sa.String(64), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("released_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_release"),
        sa.UniqueConstraint("audience", "quarter", "vintage", "content_sha256", name="uq_release_audience"),
        sa.CheckConstraint("state IN ('released', 'held')", name="ck_release_state"),
    )
    op.create_table(
        "approval",
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("approved_by", sa.String(100), nullable=False),
        sa.Column("approved_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("release_id", name="pk_approval"),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], name="fk_approval_release_id"),
    )
    op.create_table(
        "publication",
        sa.Column("audience", sa.String(20), nullable=False),
        sa.Column("quarter", sa.String(10), nullable=False),
        sa.Column("vintage", sa.Integer(), nullable=False),
        sa.Column("published_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("audience", "quarter", "vintage", name="pk_publication"),
    )
    op.create_table(
        "audit_log",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("who", sa.String(100), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_log"),
    )
    for statement in _APPEND_ONLY[op.get_bind().dialect.name]:
        op.execute(statement)


_APPEND_ONLY = {
    "sqlite": [
        f"CREATE TRIGGER audit_log_keeps_{done} BEFORE {doing} ON audit_log "
        "BEGIN SELECT RAISE(ABORT, 'the audit log is added to, never changed'); END"
        for done, doing in (("changed", "UPDATE"), ("removed", "DELETE"))
    ],
    "postgresql": [
        "CREATE FUNCTION audit_log_is_kept() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the audit log is added to, never changed'; END $$",
        "CREATE TRIGGER audit_log_is_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_log_is_kept()",
    ],
}
