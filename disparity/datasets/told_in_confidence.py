"""Staff survey and exit interviews: answers given in confidence, keyed apart from every HR record.

Neither schema has a place for a staff number, and their identifiers are hashed with a key of their own, so an answer cannot be
joined to a person. The columns of the answers come from the catalogue's questions.
"""

from __future__ import annotations

import pandera.polars as pa

from disparity.datasets.contract import Dataset, Vocabulary, column, ethnicity


def _answers(vocabulary: Vocabulary, dataset: str) -> dict[str, pa.Column]:
    answers = vocabulary.answers[dataset]
    return {
        question: column(
            "category",
            f"Answer to: {text}",
            example=answers[question][0],
            needed=False,
            nullable=True,
            allowed=answers[question],
        )
        for question, text in vocabulary.questions[dataset].items()
    }


def survey_schema(vocabulary: Vocabulary) -> pa.DataFrameSchema:
    """Return the contract of a survey reply."""
    lists = vocabulary.lists
    return pa.DataFrameSchema(
        {
            "reply": column("identifier", "Pseudonym of the reply, joined to nothing", example="c81d77…"),
            "survey_date": column("date", "Day of the reply, or of the survey's close", example="2025-11-28"),
            "ethnic_code": ethnicity(vocabulary),
            "band": column(
                "category", "Pay band as answered", example="Band 6", needed=False, allowed=lists.band
            ),
            "directorate": column(
                "category",
                "Directorate as answered",
                example="Medicine",
                needed=False,
                allowed=lists.directorate,
            ),
            **_answers(vocabulary, "staff_survey"),
        },
        name="staff_survey",
        strict=True,
    )


def interview_schema(vocabulary: Vocabulary) -> pa.DataFrameSchema:
    """Return the contract of an exit interview."""
    return pa.DataFrameSchema(
        {
            "interview": column(
                "identifier", "Pseudonym of the interview, joined to nothing", example="e0471b…"
            ),
            "interview_date": column("date", "Day of the interview", example="2026-08-25"),
            "ethnic_code": ethnicity(vocabulary),
            **_answers(vocabulary, "exit_interviews"),
        },
        name="exit_interviews",
        strict=True,
    )


STAFF_SURVEY = Dataset(
    name="staff_survey",
    title="Staff survey",
    description="One row per reply to the annual staff survey, given in confidence by those who chose to.",
    cadence="annual",
    period_column="survey_date",
    key=("reply",),
    schema=survey_schema,
    in_confidence=True,
)

EXIT_INTERVIEWS = Dataset(
    name="exit_interviews",
    title="Exit interviews",
    description="One row per exit interview held in the quarter, given in confidence by those who chose to.",
    cadence="quarterly",
    period_column="interview_date",
    key=("interview",),
    schema=interview_schema,
    in_confidence=True,
)
