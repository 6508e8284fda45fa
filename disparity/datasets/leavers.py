"""Leavers: the HR record that a person left, with the reason recorded."""

from __future__ import annotations

import pandera.polars as pa

from disparity.datasets.contract import Dataset, Vocabulary, column, ethnicity


def schema(vocabulary: Vocabulary) -> pa.DataFrameSchema:
    """Return the contract of a leaver row."""
    lists = vocabulary.lists
    return pa.DataFrameSchema(
        {
            "person": column("identifier", "Pseudonym of the person who left", example="3f9a0c…"),
            "leaving_date": column("date", "Last day of employment", example="2026-08-31"),
            "ethnic_code": ethnicity(vocabulary),
            "reason": column(
                "category",
                "Recorded reason for leaving; blank when not recorded",
                example="Voluntary Resignation - Lack of Opportunities",
                nullable=True,
                allowed=lists.leaving_reason,
            ),
            "band": column(
                "category", "Last pay band or grade", example="Band 5", needed=False, allowed=lists.band
            ),
            "directorate": column(
                "category", "Last directorate", example="Surgery", needed=False, allowed=lists.directorate
            ),
        },
        name="leavers",
        strict=True,
    )


DATASET = Dataset(
    name="leavers",
    title="Leavers",
    description="One row per person who left in the quarter: the HR record, not what they said.",
    cadence="quarterly",
    period_column="leaving_date",
    key=("person",),
    schema=schema,
)
