"""Staff in post: one row per person employed on the last day of the quarter, by their primary assignment."""

from __future__ import annotations

import pandera.polars as pa

from disparity.datasets.contract import Dataset, Vocabulary, column, ethnicity


def schema(vocabulary: Vocabulary) -> pa.DataFrameSchema:
    """Return the contract of a staff-in-post row."""
    lists = vocabulary.lists
    return pa.DataFrameSchema(
        {
            "person": column("identifier", "Pseudonym of the employee", example="3f9a0c…"),
            "snapshot_date": column(
                "date", "Day the staff list was taken, the quarter's last", example="2026-09-30"
            ),
            "ethnic_code": ethnicity(vocabulary),
            "band": column("category", "Pay band or grade", example="Band 6", allowed=lists.band),
            "staff_type": column(
                "category",
                "Clinical, non-clinical or as the organisation divides its staff",
                example="Clinical",
                needed=False,
                allowed=lists.staff_type,
            ),
            "staff_group": column(
                "category",
                "Occupational group",
                example="Nursing and midwifery",
                needed=False,
                allowed=lists.staff_group,
            ),
            "directorate": column("category", "Directorate", example="Medicine", allowed=lists.directorate),
            "fte": column(
                "number",
                "Contracted time",
                unit="full-time equivalent",
                example="0.8",
                needed=False,
                least=0,
                most=2,
            ),
            "senior_manager": column("flag", "Counted as a senior manager", example="false"),
            "board_member": column("flag", "Voting member of the board", example="false"),
        },
        name="staff_in_post",
        strict=True,
    )


DATASET = Dataset(
    name="staff_in_post",
    title="Staff in post",
    description="One row per person employed on the last day of the quarter, by their primary assignment.",
    cadence="snapshot",
    period_column="snapshot_date",
    key=("person",),
    schema=schema,
)
