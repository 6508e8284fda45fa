"""Staff in post: one row per person employed on the last day of the quarter, by their primary assignment."""

from __future__ import annotations

from disparity.datasets.contract import Column, Dataset, Vocabulary, ethnicity


def columns(vocabulary: Vocabulary) -> dict[str, Column]:
    """Return the columns of a staff-in-post row."""
    lists = vocabulary.lists
    return {
        "person": Column("identifier", "Pseudonym of the employee", example="3f9a0c…"),
        "snapshot_date": Column(
            "date", "Day the staff list was taken, the quarter's last", example="2026-09-30"
        ),
        "ethnic_code": ethnicity(vocabulary),
        "band": Column("category", "Pay band or grade", example="Band 6", allowed=lists.band),
        "staff_type": Column(
            "category",
            "Clinical, non-clinical or as the organisation divides its staff",
            example="Clinical",
            needed=False,
            allowed=lists.staff_type,
        ),
        "staff_group": Column(
            "category",
            "Occupational group",
            example="Nursing and midwifery",
            needed=False,
            allowed=lists.staff_group,
        ),
        "directorate": Column("category", "Directorate", example="Medicine", allowed=lists.directorate),
        "fte": Column(
            "number",
            "Contracted time",
            unit="full-time equivalent",
            example="0.8",
            needed=False,
            least=0,
            most=2,
        ),
        "senior_manager": Column("flag", "Counted as a senior manager", example="false"),
        "board_member": Column("flag", "Voting member of the board", example="false"),
    }


DATASET = Dataset(
    name="staff_in_post",
    title="Staff in post",
    description="One row per person employed on the last day of the quarter, by their primary assignment.",
    cadence="snapshot",
    period_column="snapshot_date",
    key=("person",),
    columns=columns,
)
