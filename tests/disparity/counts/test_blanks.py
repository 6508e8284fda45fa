"""Blanks: whom an indicator loses by them, against a plain reading of each row by three-valued logic in Python."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from disparity.catalogue import Catalogue, Indicator
from disparity.catalogue.checks import predicates_of
from disparity.counts.base_accounts import BASE_NOT_TRUE, IN_BASE, accounts_of
from disparity.counts.blanks import Blanks, Loss
from disparity.counts.counting import Records
from disparity.periods import Quarter
from resources.catalogue import load_catalogue

CATALOGUE = load_catalogue(Path(__file__).parents[3] / "catalogue")
NOW = Quarter.from_key("2026-07-01")
WORDS = {
    "theme": "recruitment", "title": "T", "question": "Q", "base_words": "people", "event_words": "did",
    "sensitivity": "low",
}  # fmt: skip
STAGES = ("shortlisted", "interviewed", "offered", "appointed", "declined")
APPLICATIONS = pl.Schema({"completed_date": pl.Date, **dict.fromkeys(STAGES, pl.Boolean)})
Row = dict[str, Any]


def indicator(**given: Any) -> Indicator:
    return TypeAdapter(Indicator).validate_python({**WORDS, **given})


def rows(base: str, event: str, **given: Any) -> Indicator:
    return indicator(kind="rows", dataset="recruitment", base=base, event=event, **given)


def only(made: Indicator) -> Catalogue:
    return CATALOGUE.model_copy(update={"indicators": {"it": made}})


def losses(
    made: Indicator, dataset: str, received: pl.DataFrame, accepted: pl.DataFrame
) -> dict[str, list[Loss]]:
    gathered = Blanks(dataset, received.columns, only(made))
    gathered.add(received, accepted)
    return {each.column: list(each.losses) for each in gathered.findings()}


def as_text(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(pl.all().cast(pl.String))


def applications(*of: Row) -> pl.DataFrame:
    return pl.DataFrame(list(of), schema=APPLICATIONS)


answer = st.sampled_from([True, False, None])
application = st.fixed_dictionaries(
    {"completed_date": st.sampled_from([dt.date(2026, 8, 1), None]), **dict.fromkeys(STAGES, answer)}
)


@given(st.lists(application, max_size=12))
@settings(max_examples=40, deadline=None)
def test_of_each_column_as_many_are_lost_as_whoever_reads_row_by_row_finds(of: list[Row]) -> None:
    made, frame = (
        rows("shortlisted AND NOT declined", "appointed", window_by="completed_date"),
        applications(*of),
    )
    asked = [
        each
        for each in of
        if each["completed_date"] and each["shortlisted"] is not False and each["declined"] is not True
    ]
    by_column = losses(made, "recruitment", as_text(frame), frame)
    for column in ("declined", "appointed"):
        blank = sum(each[column] is None for each in asked)
        assert by_column.get(column, []) == ([Loss("it", "base", blank, len(asked))] if blank else [])
    assert not by_column.get("interviewed"), "no part of what is asked"


@given(st.lists(application, max_size=12), st.sampled_from(["interviewed", "offered"]))
@settings(max_examples=40, deadline=None)
def test_base_and_lost_and_those_of_whom_it_is_not_true_are_all_accepted_rows(
    of: list[Row], blank: str
) -> None:
    """Where one column alone can be blank, against the account that `explain` gives of the same rows."""
    filled = {"completed_date": NOW.start} | dict.fromkeys(STAGES, False)
    frame = applications(
        *(filled | {k: v for k, v in each.items() if v is not None or k == blank} for each in of)
    )
    made = rows("shortlisted AND NOT offered", "interviewed")
    found = [each for lost in losses(made, "recruitment", as_text(frame), frame).values() for each in lost]
    predicates = predicates_of(only(made))["it"]
    records = Records(
        {
            "recruitment": {
                each: frame.lazy() if each == NOW else frame.clear().lazy() for each in NOW.window(4)
            }
        }
    )
    (account,) = accounts_of(made, predicates, records, NOW)
    in_base, not_true = account.rows[IN_BASE], account.rows[BASE_NOT_TRUE]
    assert in_base + sum(each.lost for each in found) + not_true == frame.height
    assert all(each.asked == in_base + each.lost for each in found)


@pytest.mark.parametrize(
    ("made", "column"),
    [
        (rows("shortlisted", "interviewed"), "interviewed"),
        (rows("interviewed IS NOT NULL AND shortlisted", "interviewed"), "interviewed"),
        (rows("NOT shortlisted OR offered", "appointed"), "offered"),
        (rows("TRUE", "offered AND NOT declined"), "declined"),
    ],
)
def test_whether_the_base_asks_for_an_answer_by_name_or_not_who_left_it_blank_is_lost(
    made: Indicator, column: str
) -> None:
    row = {"shortlisted": True, "interviewed": True, "offered": True, "appointed": False, "declined": False}
    frame = applications(row, row | {column: None})
    assert losses(made, "recruitment", as_text(frame), frame)[column] == [Loss("it", "base", 1, 2)]


def test_a_blank_that_changes_nothing_loses_nobody() -> None:
    frame = applications({"shortlisted": False, "declined": None, "appointed": False})
    found = losses(rows("shortlisted AND NOT declined", "appointed"), "recruitment", as_text(frame), frame)
    assert found["declined"] == []
    frame = applications({"shortlisted": True, "offered": None, "appointed": True})
    assert (
        losses(rows("shortlisted OR offered", "appointed"), "recruitment", as_text(frame), frame)["offered"]
        == []
    )


def test_vacancies_still_open_are_in_progress_and_no_fault() -> None:
    made = rows("shortlisted", "appointed", window_by="completed_date")
    day = dt.date(2026, 8, 1)
    frame = applications(
        {"completed_date": day, "shortlisted": True, "appointed": True},
        {"shortlisted": True, "appointed": None},
    )
    gathered = Blanks("recruitment", frame.columns, only(made))
    gathered.add(as_text(frame), frame)
    found = {each.column: each for each in gathered.findings()}
    assert found["completed_date"].read_as == "in progress"
    assert found["completed_date"].losses == (Loss("it", "base", 1, 2),)
    assert not found["completed_date"].to_be_looked_at
    assert found["appointed"].losses == (), "it is open, whatever its stages say"


def test_ethnicity_and_survey_answers_are_blank_as_their_description_has_it() -> None:
    question = next(iter(CATALOGUE.survey.staff_survey))
    favourable = CATALOGUE.survey.staff_survey[question].favourable[0]
    made = indicator(
        kind="rows",
        dataset="staff_survey",
        base=f"{question} IS NOT NULL",
        event=f"{question} = '{favourable}'",
    )
    received = pl.DataFrame({"ethnic_code": ["A", None], question: [favourable, None]})
    gathered = Blanks("staff_survey", received.columns, only(made))
    gathered.add(received, received.with_columns(pl.col("ethnic_code").fill_null("99")))
    found = {each.column: each for each in gathered.findings()}
    assert (found["ethnic_code"].read_as, found["ethnic_code"].rows) == ("not known", 1)
    assert (found[question].read_as, found[question].losses) == ("not answered", (Loss("it", "base", 1, 2),))
    assert not any(each.to_be_looked_at for each in found.values())


def test_events_of_another_dataset_and_the_levels_of_a_breakdown_are_said_too() -> None:
    made = indicator(
        kind="linked",
        dataset="learning_budget",
        event="training = 'non_mandatory' AND completed",
        breakdowns=["directorate"],
    )
    frame = pl.DataFrame(
        {
            "training": ["non_mandatory", "mandatory", "non_mandatory"],
            "completed": [None, None, True],
            "directorate": ["M", "M", None],
        }
    )
    gathered = Blanks("learning_budget", frame.columns, only(made))
    gathered.add(as_text(frame), frame)
    found = {each.column: each for each in gathered.findings()}
    assert found["completed"].losses == (Loss("it", "events", 1, 3),)
    assert found["directorate"].levels == (), "people are broken down by the staff list's directorate"
    staff = pl.DataFrame({"staff_type": ["Clinical", None]})
    made = indicator(kind="share", dataset="staff_in_post", breakdowns=["staff_type"])
    gathered = Blanks("staff_in_post", staff.columns, only(made))
    gathered.add(staff, staff)
    (blank,) = gathered.findings()
    assert (blank.levels, blank.losses) == (("it",), ())


@given(st.lists(application, max_size=8), st.integers(0, 8))
@settings(max_examples=15, deadline=None)
def test_batches_add_up_to_the_whole(of: list[Row], at: int) -> None:
    made, frame = rows("shortlisted", "appointed"), applications(*of)
    in_parts = Blanks("recruitment", frame.columns, only(made))
    for part in (frame[:at], frame[at:]):
        in_parts.add(as_text(part), part)
    in_one = Blanks("recruitment", frame.columns, only(made))
    in_one.add(as_text(frame), frame)
    assert in_parts.findings() == in_one.findings()
