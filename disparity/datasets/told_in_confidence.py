"""Staff survey and exit interviews: answers given in confidence, keyed apart from every HR record.

Neither schema has a place for a staff number, and their identifiers are hashed with a key of their own, so an
answer cannot be joined to a person. The columns of the answers come from the catalogue's questions.
"""

from __future__ import annotations

from disparity.datasets.contract import Column, Dataset, Vocabulary, ethnicity


def _answers(vocabulary: Vocabulary, dataset: str) -> dict[str, Column]:
    answers = vocabulary.answers[dataset]
    return {
        question: Column(
            "category",
            f"Answer to: {text}",
            example=answers[question][0],
            needed=False,
            nullable=True,
            allowed=answers[question],
        )
        for question, text in vocabulary.questions[dataset].items()
    }


def survey_columns(vocabulary: Vocabulary) -> dict[str, Column]:
    """Return the columns of a survey reply."""
    lists = vocabulary.lists
    return {
        "reply": Column("identifier", "Pseudonym of the reply, joined to nothing", example="c81d77…"),
        "survey_date": Column("date", "Day of the reply, or of the survey's close", example="2025-11-28"),
        "ethnic_code": ethnicity(vocabulary),
        "band": Column(
            "category", "Pay band as answered", example="Band 6", needed=False, allowed=lists.band
        ),
        "directorate": Column(
            "category",
            "Directorate as answered",
            example="Medicine",
            needed=False,
            allowed=lists.directorate,
        ),
        **_answers(vocabulary, "staff_survey"),
    }


def interview_columns(vocabulary: Vocabulary) -> dict[str, Column]:
    """Return the columns of an exit interview."""
    return {
        "interview": Column("identifier", "Pseudonym of the interview, joined to nothing", example="e0471b…"),
        "interview_date": Column("date", "Day of the interview", example="2026-08-25"),
        "ethnic_code": ethnicity(vocabulary),
        **_answers(vocabulary, "exit_interviews"),
    }


STAFF_SURVEY = Dataset(
    name="staff_survey",
    title="Staff survey",
    description="One row per reply to the annual staff survey, given in confidence by those who chose to.",
    cadence="annual",
    period_column="survey_date",
    key=("reply",),
    columns=survey_columns,
    in_confidence=True,
    called="survey",
)

EXIT_INTERVIEWS = Dataset(
    name="exit_interviews",
    title="Exit interviews",
    description="One row per exit interview held in the quarter, given in confidence by those who chose to.",
    cadence="quarterly",
    period_column="interview_date",
    key=("interview",),
    columns=interview_columns,
    in_confidence=True,
)
