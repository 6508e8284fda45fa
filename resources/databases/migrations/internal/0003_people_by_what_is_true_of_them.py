"""The ledger's people by what is true of them: conditions are predicates; what columns could hold has a table."""

from __future__ import annotations

import re

import sqlalchemy as sa
from alembic import op

revision = "internal_0003"
down_revision = "internal_0002"
branch_labels = None
depends_on = None

_AND = "\n"
_UNANSWERED, _ASKED, _ANSWERED = "did not answer of ", "asked: ", "answered: "
_PART = re.compile(r"other than (?P<part>.*?)(?: as answered)?", re.DOTALL)
_MAYBE = "not known to lack "
_COUNTED = "as counted by "


def upgrade() -> None:
    """Say of each line whether it is hidden, and write as predicates what was named in other words."""
    op.add_column("ledger", sa.Column("hidden", sa.Boolean()))
    ledger = sa.table("ledger", *map(sa.column, ("dataset", "conditions", "hidden", "shown")))
    connection = op.get_bind()
    unanswered = ledger.c.dataset.like(f"{_UNANSWERED}%")
    hidden = sa.and_(ledger.c.shown.is_(None), sa.not_(unanswered))
    connection.execute(sa.update(ledger).values(hidden=hidden))
    for dataset, conditions in connection.execute(
        sa.select(ledger.c.dataset, ledger.c.conditions).distinct()
    ).all():
        named = people_of_before(dataset, conditions)
        if named != (dataset, conditions):
            line = (ledger.c.dataset == dataset) & (ledger.c.conditions == conditions)
            connection.execute(sa.update(ledger).where(line).values(dataset=named[0], conditions=named[1]))
    with op.batch_alter_table("ledger") as table:
        table.alter_column("hidden", existing_type=sa.Boolean(), nullable=False)
    op.create_table(
        "ledger_columns",
        sa.Column("audience", sa.String(20), nullable=False),
        sa.Column("quarter", sa.String(10), nullable=False),
        sa.Column("vintage", sa.Integer(), nullable=False),
        sa.Column("dataset", sa.String(100), nullable=False),
        sa.Column("of_quarter", sa.String(10), nullable=False),
        sa.Column("recorded", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(
            "audience", "quarter", "vintage", "dataset", "of_quarter", name="pk_ledger_columns"
        ),
    )


def people_of_before(dataset: str, conditions: str) -> tuple[str, str]:
    """Return the dataset and conditions that are as people were named before, in predicates."""
    lines = conditions.split(_AND) if conditions else []
    if dataset.startswith(_UNANSWERED):
        asked = [each.removeprefix(_ASKED) for each in lines if each.startswith(_ASKED)]
        answered = [each.removeprefix(_ANSWERED) for each in lines if each.startswith(_ANSWERED)]
        maybe = [f"({each.removeprefix(_MAYBE)}) IS NOT FALSE" for each in asked if each.startswith(_MAYBE)]
        sure = [each for each in asked if not each.startswith(_MAYBE)]
        lacking = " AND ".join(f"({each})" for each in sorted(answered))
        return dataset.removeprefix(_UNANSWERED), _AND.join(
            sorted([*sure, *maybe, f"({lacking}) IS NOT TRUE"])
        )
    counted = [each for each in lines if each.startswith(_COUNTED)]
    kept = [_part_as_predicate(each) for each in lines if each not in counted]
    return " ".join([dataset, *counted]), _AND.join(sorted(kept))


def _part_as_predicate(line: str) -> str:
    part = _PART.fullmatch(line)
    return f"NOT ({part['part']})" if part else line
