"""Recruitment: one row per application, with the stages it reached."""

from __future__ import annotations

import polars as pl

from disparity.datasets.contract import Column, Dataset, RowRule, Vocabulary, ethnicity


def _implies(later: str, earlier: str) -> RowRule:
    return RowRule(f"{later} but not {earlier}", ~pl.col(later) | pl.col(earlier))


def columns(vocabulary: Vocabulary) -> dict[str, Column]:
    """Return the columns of an application row. Stages are nested: an offer needs an interview."""
    lists = vocabulary.lists
    return {
        "application": Column("identifier", "Pseudonym of the application", example="91bc4e…"),
        "vacancy": Column("identifier", "Pseudonym of the vacancy", example="07d2aa…"),
        "opened_date": Column(
            "date",
            "Day the vacancy opened; may lie before the quarter",
            example="2026-05-11",
            needed=False,
            nullable=True,
        ),
        "completed_date": Column(
            "date",
            "Day the vacancy was completed; blank while it is in progress",
            example="2026-08-20",
            nullable=True,
        ),
        "ethnic_code": ethnicity(vocabulary),
        "channel": Column(
            "category",
            "Agency or platform the application came through",
            example="NHS Jobs",
            needed=False,
            allowed=lists.channel,
        ),
        "band": Column("category", "Band of the post", example="Band 6", needed=False, allowed=lists.band),
        "directorate": Column(
            "category",
            "Directorate of the post",
            example="Medicine",
            needed=False,
            allowed=lists.directorate,
        ),
        "internal": Column("flag", "The applicant already worked here", example="false", needed=False),
        "international": Column(
            "flag", "Part of an international recruitment drive", example="false", needed=False
        ),
        "gender": Column(
            "category",
            "Gender as given by the applicant",
            example="female",
            needed=False,
            allowed=("female", "male", "other", "not stated"),
        ),
        "years_experience": Column(
            "number", "Experience stated", unit="years", example="6", needed=False, least=0, most=70
        ),
        "shortlisted": Column("flag", "Was shortlisted", example="true"),
        "interviewed": Column("flag", "Was interviewed", example="true", needed=False),
        "offered": Column("flag", "Was offered the post", example="false", needed=False),
        "appointed": Column("flag", "Was appointed", example="false", needed=False),
        "declined": Column(
            "flag",
            "Declined the offer; left out of the appointment indicators",
            example="false",
            needed=False,
        ),
    }


# Directly, not by way of a stage that an extract may lack.
NESTED = {
    "interviewed": ("shortlisted",),
    "offered": ("shortlisted", "interviewed"),
    "appointed": ("shortlisted", "offered"),
    "declined": ("offered",),
}
RULES = (
    *(_implies(later, earlier) for later, stages in NESTED.items() for earlier in stages),
    RowRule("appointed and declined", ~(pl.col("appointed") & pl.col("declined"))),
    RowRule("completed before it opened", pl.col("completed_date") >= pl.col("opened_date")),
)

DATASET = Dataset(
    name="recruitment",
    title="Recruitment",
    description="One row per application to a vacancy completed in the quarter or open, with its stages.",
    cadence="quarterly",
    period_column="completed_date",
    key=("application",),
    columns=columns,
    rules=RULES,
    nested=NESTED,
    open_period=True,
)
