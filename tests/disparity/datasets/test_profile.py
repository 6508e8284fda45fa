"""Tests of the profile of a dataset's records."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disparity.datasets import DATASETS, Vocabulary
from disparity.datasets.lists import Lists
from disparity.datasets.profile import SCHEMA, profile

VOCABULARY = Vocabulary(
    lists=Lists(
        band=("Band 5", "Band 6"),
        directorate=("Medicine", "Surgery"),
        staff_type=(),
        staff_group=(),
        channel=("NHS Jobs",),
        leaving_reason=("Retirement",),
    ),
    ethnic_codes=("A", "H", "Z", "99"),
    ethnic_words=frozenset({"a", "h", "z", "99"}),
    answers={"staff_survey": {"q1": ("Yes", "No")}, "exit_interviews": {}},
    questions={"staff_survey": {"q1": "Fair?"}, "exit_interviews": {}},
)
BUDGET = DATASETS["learning_budget"]


def budget(rows: list[tuple[str | None, bool | None, float | None, str]]) -> pl.LazyFrame:
    """Make records of the learning budget: directorate, approved, cost and comparison group."""
    given = pl.DataFrame(
        rows,
        schema={"directorate": pl.String, "approved": pl.Boolean, "cost": pl.Float64, "ethnicity": pl.String},
        orient="row",
    )
    kept = BUDGET.columns(VOCABULARY)
    return given.with_columns(
        *(pl.lit(None, pl.String).alias(name) for name in kept if name not in {*given.columns, "completed"}),
        completed=pl.lit(None, pl.Boolean),
        ethnicity_answer=pl.when(pl.col("ethnicity") == "unknown")
        .then(pl.lit("declined"))
        .otherwise(pl.lit("known")),
    ).lazy()


ROWS = [
    ("Medicine", True, 100.0, "white"),
    ("Medicine", True, 20.5, "ethnic_minority"),
    (None, None, None, "unknown"),
    ("Surgery", False, 0.0, "white"),
]


def numbers(frame: pl.DataFrame) -> dict[tuple[str, str, str], float]:
    """Return a profile by measure, column and category."""
    return {(measure, column, category): value for measure, column, category, value in frame.iter_rows()}


def test_a_profile_counts_rows_blanks_shares_and_sums() -> None:
    found = numbers(profile(budget(ROWS), BUDGET, VOCABULARY))
    assert found["rows", "", ""] == 4
    assert found["nulls", "directorate", ""] == 1
    assert found["nulls", "cost", ""] == 1
    assert found["share", "directorate", "Medicine"] == 50
    assert found["share", "directorate", "Surgery"] == 25
    assert found["share", "approved", "true"] == 50
    assert found["share", "approved", "false"] == 25
    assert found["share", "ethnicity", "white"] == 50
    assert found["share", "ethnicity", "unknown"] == 25
    assert found["share", "ethnicity_answer", "declined"] == 25
    assert found["sum", "cost", ""] == 120.5


def test_an_allowed_value_that_nobody_has_is_nought() -> None:
    found = numbers(profile(budget(ROWS[:1]), BUDGET, VOCABULARY))
    assert found["share", "directorate", "Surgery"] == 0
    assert found["share", "ethnicity_answer", "not_known"] == 0


def test_identifiers_and_dates_have_their_blanks_counted_and_nothing_else() -> None:
    found = numbers(profile(budget(ROWS), BUDGET, VOCABULARY))
    of_people = {key for key in found if key[1] in ("person", "request", "requested_date", "ethnic_code")}
    assert of_people == {
        ("nulls", each, "") for each in ("person", "request", "requested_date", "ethnic_code")
    }


def test_no_rows_have_no_shares() -> None:
    found = numbers(profile(budget([]), BUDGET, VOCABULARY))
    assert found["rows", "", ""] == 0
    assert not [key for key in found if key[0] == "share"]
    assert found["sum", "cost", ""] == 0


def test_the_answers_of_a_survey_are_categories() -> None:
    survey = DATASETS["staff_survey"]
    records = pl.DataFrame({"q1": ["Yes", "No", None, "Yes"]}).with_columns(
        *(pl.lit(None, pl.String).alias(name) for name in survey.columns(VOCABULARY) if name != "q1"),
        ethnicity=pl.lit("white"),
        ethnicity_answer=pl.lit("known"),
    )
    found = numbers(profile(records.lazy(), survey, VOCABULARY))
    assert found["share", "q1", "Yes"] == 50
    assert found["nulls", "q1", ""] == 1


@settings(deadline=None, max_examples=30)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Medicine", "Surgery", None]),
            st.sampled_from([True, False, None]),
            st.none() | st.floats(0, 1e6),
            st.sampled_from(["white", "ethnic_minority", "unknown"]),
        ),
        min_size=1,
        max_size=40,
    )
)
def test_shares_and_blanks_make_the_whole(
    rows: list[tuple[str | None, bool | None, float | None, str]],
) -> None:
    frame = profile(budget(rows), BUDGET, VOCABULARY)
    found = numbers(frame)
    assert frame.schema == SCHEMA
    for column in ("directorate", "approved"):
        shares = sum(value for key, value in found.items() if key[:2] == ("share", column))
        assert shares + 100 * found["nulls", column, ""] / len(rows) == pytest.approx(100)
    assert sum(value for key, value in found.items() if key[:2] == ("share", "ethnicity")) == pytest.approx(
        100
    )
