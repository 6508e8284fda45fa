"""Learning and development budget: one row per request for training or development."""

from __future__ import annotations

import polars as pl

from disparity.datasets.contract import Column, Dataset, RowRule, Vocabulary, ethnicity


def columns(vocabulary: Vocabulary) -> dict[str, Column]:
    """Return the columns of a request row."""
    return {
        "request": Column("identifier", "Pseudonym of the request", example="5be01f…"),
        "person": Column("identifier", "Pseudonym of the employee who asked", example="3f9a0c…"),
        "requested_date": Column("date", "Day of the request", example="2026-07-14"),
        "ethnic_code": ethnicity(vocabulary),
        "training": Column(
            "category",
            "Mandatory for the role or not",
            example="non_mandatory",
            allowed=("mandatory", "non_mandatory"),
        ),
        "directorate": Column(
            "category",
            "Directorate of the employee",
            example="Medicine",
            needed=False,
            allowed=vocabulary.lists.directorate,
        ),
        "approved": Column(
            "flag", "The request was approved; blank while undecided", example="true", nullable=True
        ),
        "completed": Column("flag", "The training took place", example="true", needed=False),
        "cost": Column("pounds", "Spent from the budget", unit="pounds", example="240.00", least=0),
    }


RULES = (
    RowRule("money spent on a refused request", pl.col("approved") | (pl.col("cost") == 0)),
    RowRule("completed but refused", pl.col("approved") | ~pl.col("completed")),
)

DATASET = Dataset(
    name="learning_budget",
    title="Learning and development budget",
    description="One row per request for training or development made in the quarter, with what was spent.",
    cadence="quarterly",
    period_column="requested_date",
    key=("request",),
    columns=columns,
    is_of_staff=True,
    rules=RULES,
    may_take_ethnicity_of_staff=True,
)
