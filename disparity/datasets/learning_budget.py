"""Learning and development budget: one row per request for training or development."""

from __future__ import annotations

import pandera.polars as pa
import polars as pl

from disparity.datasets.contract import Dataset, Vocabulary, column, ethnicity, row_rule


def schema(vocabulary: Vocabulary) -> pa.DataFrameSchema:
    """Return the contract of a request row."""
    return pa.DataFrameSchema(
        {
            "request": column("identifier", "Pseudonym of the request", example="5be01f…"),
            "person": column("identifier", "Pseudonym of the employee who asked", example="3f9a0c…"),
            "requested_date": column("date", "Day of the request", example="2026-07-14"),
            "ethnic_code": ethnicity(vocabulary),
            "training": column(
                "category",
                "Mandatory for the role or not",
                example="non_mandatory",
                allowed=("mandatory", "non_mandatory"),
            ),
            "directorate": column(
                "category",
                "Directorate of the employee",
                example="Medicine",
                needed=False,
                allowed=vocabulary.lists.directorate,
            ),
            "approved": column(
                "flag", "The request was approved; blank while undecided", example="true", nullable=True
            ),
            "completed": column("flag", "The training took place", example="true", needed=False),
            "cost": column("pounds", "Spent from the budget", unit="pounds", example="240.00", least=0),
        },
        checks=[
            row_rule("money spent on a refused request", pl.col("approved") | (pl.col("cost") == 0)),
            row_rule("completed but refused", pl.col("approved") | ~pl.col("completed")),
        ],
        name="learning_budget",
        strict=True,
    )


DATASET = Dataset(
    name="learning_budget",
    title="Learning and development budget",
    description="One row per request for training or development made in the quarter, with what was spent.",
    cadence="quarterly",
    period_column="requested_date",
    key=("request",),
    schema=schema,
    may_take_ethnicity_of_staff=True,
)
