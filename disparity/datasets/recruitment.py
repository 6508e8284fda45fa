"""Recruitment: one row per application, with the stages it reached."""

from __future__ import annotations

import pandera.polars as pa
import polars as pl

from disparity.datasets.contract import Dataset, Vocabulary, column, ethnicity, row_rule


def _implies(later: str, earlier: str) -> pa.Check:
    return row_rule(f"{later} but not {earlier}", ~pl.col(later) | pl.col(earlier))


def schema(vocabulary: Vocabulary) -> pa.DataFrameSchema:
    """Return the contract of an application row. Stages are nested: nobody is appointed who was not offered a post."""
    lists = vocabulary.lists
    return pa.DataFrameSchema(
        {
            "application": column("identifier", "Pseudonym of the application", example="91bc4e…"),
            "vacancy": column("identifier", "Pseudonym of the vacancy", example="07d2aa…"),
            "opened_date": column(
                "date",
                "Day the vacancy opened; may lie before the quarter",
                example="2026-05-11",
                needed=False,
                nullable=True,
            ),
            "completed_date": column(
                "date",
                "Day the vacancy was completed; blank while it is in progress",
                example="2026-08-20",
                nullable=True,
            ),
            "ethnic_code": ethnicity(vocabulary),
            "channel": column(
                "category",
                "Agency or platform the application came through",
                example="NHS Jobs",
                needed=False,
                allowed=lists.channel,
            ),
            "band": column(
                "category", "Band of the post", example="Band 6", needed=False, allowed=lists.band
            ),
            "directorate": column(
                "category",
                "Directorate of the post",
                example="Medicine",
                needed=False,
                allowed=lists.directorate,
            ),
            "internal": column("flag", "The applicant already worked here", example="false", needed=False),
            "international": column(
                "flag", "Part of an international recruitment drive", example="false", needed=False
            ),
            "gender": column(
                "category",
                "Gender as given by the applicant",
                example="female",
                needed=False,
                allowed=("female", "male", "other", "not stated"),
            ),
            "years_experience": column(
                "number", "Experience stated", unit="years", example="6", needed=False, least=0, most=70
            ),
            "shortlisted": column("flag", "Was shortlisted", example="true"),
            "interviewed": column("flag", "Was interviewed", example="true", needed=False),
            "offered": column("flag", "Was offered the post", example="false", needed=False),
            "appointed": column("flag", "Was appointed", example="false", needed=False),
            "declined": column(
                "flag",
                "Declined the offer; left out of the appointment indicators",
                example="false",
                needed=False,
            ),
        },
        checks=[
            _implies("interviewed", "shortlisted"),
            _implies("offered", "shortlisted"),
            _implies("offered", "interviewed"),
            _implies("appointed", "shortlisted"),
            _implies("appointed", "offered"),
            _implies("declined", "offered"),
            row_rule("appointed and declined", ~(pl.col("appointed") & pl.col("declined"))),
            row_rule("completed before it opened", pl.col("completed_date") >= pl.col("opened_date")),
        ],
        name="recruitment",
        strict=True,
    )


DATASET = Dataset(
    name="recruitment",
    title="Recruitment",
    description="One row per application to a vacancy completed in the quarter or still in progress, with its stages.",
    cadence="quarterly",
    period_column="completed_date",
    key=("application",),
    schema=schema,
    open_period=True,
)
