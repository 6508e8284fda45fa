"""Leavers: the HR record that a person left, with the reason recorded."""

from __future__ import annotations

from disparity.datasets.contract import Column, Dataset, Vocabulary, ethnicity


def columns(vocabulary: Vocabulary) -> dict[str, Column]:
    """Return the columns of a leaver row."""
    lists = vocabulary.lists
    return {
        "person": Column("identifier", "Pseudonym of the person who left", example="3f9a0c…"),
        "leaving_date": Column("date", "Last day of employment", example="2026-08-31"),
        "ethnic_code": ethnicity(vocabulary),
        "reason": Column(
            "category",
            "Recorded reason for leaving; blank when not recorded",
            example="Voluntary Resignation - Lack of Opportunities",
            nullable=True,
            allowed=lists.leaving_reason,
        ),
        "band": Column(
            "category", "Last pay band or grade", example="Band 5", needed=False, allowed=lists.band
        ),
        "directorate": Column(
            "category", "Last directorate", example="Surgery", needed=False, allowed=lists.directorate
        ),
    }


DATASET = Dataset(
    name="leavers",
    title="Leavers",
    description="One row per person who left in the quarter: the HR record, not what they said.",
    cadence="quarterly",
    period_column="leaving_date",
    key=("person",),
    columns=columns,
    is_of_staff=True,
)
