"""The catalogue reader: every kind of mistake is pointed at by file, line and key, with the nearest right word."""

from __future__ import annotations

import datetime as dt
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from disparity.catalogue import Catalogue, Method
from disparity.catalogue.given import not_available, not_given
from disparity.refusal import Refusal
from resources.catalogue import DEFAULT, load_catalogue, method_of
from resources.yaml_lines import read_yaml

Change = Callable[[str, str, str], None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the default catalogue, to make mistakes in."""
    return Path(shutil.copytree(DEFAULT, tmp_path / "catalogue"))


def mistakes_in(folder: Path) -> list[str]:
    with pytest.raises(Refusal) as refused:
        load_catalogue(folder)
    return [line.replace(f"{folder}/", "") for line in str(refused.value).splitlines()]


def changed(folder: Path, file: str, old: str, new: str) -> int:
    """Change the first place that reads ``old``; return the line it begins on."""
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


# file, what stands there, what stands there now, how many lines on the mistake is, and what is said of it
MISTAKES = {
    "unknown key": (
        "organisation.yaml", "reject_limit_percent: 5", "reject_limit_procent: 5", 0,
        "reject_limit_procent: no such key; did you mean 'reject_limit_percent'?",
    ),
    "unknown key of an indicator": (
        "indicators.yaml", "  headline: true\n  wres: 1", "  headlines: true\n  wres: 1", 0,
        "ethnic_minority_share_of_staff.headlines: no such key; did you mean 'headline'?",
    ),
    "key of another kind of indicator": (
        "indicators.yaml", "  wres: 1\n", "  base_dataset: leavers\n", 0,
        "ethnic_minority_share_of_staff.base_dataset: no such key; did you mean 'dataset'?",
    ),
    "unknown key of a source": (
        "sources.yaml", "  skip_rows: 3", "  skip_row: 3", 0,
        "staff_in_post.skip_row: no such key; did you mean 'skip_rows'?",
    ),
    "target of no indicator": (
        "targets.yaml", "ethnic_minority_share_of_senior_managers:", "ethnic_minority_share_of_senior_manager:", 0,
        "ethnic_minority_share_of_senior_manager: no indicator 'ethnic_minority_share_of_senior_manager'; "
        "did you mean 'ethnic_minority_share_of_senior_managers'?",
    ),
    "target of what is no headline": (
        "targets.yaml", "ethnic_minority_share_of_senior_managers:", "shortlisted_each_quarter:", 0,
        "shortlisted_each_quarter: a target is seen against its history, which is kept of headlines alone; "
        "give its indicator headline: true",
    ),
    "target with nobody to match": (
        "targets.yaml", "ethnic_minority_share_of_senior_managers:", "ethnic_minority_share_of_staff:", 1,
        "ethnic_minority_share_of_staff.reach: this share is compared with nobody, so that there is nothing to match; "
        "give a value to reach",
    ),
    "bad literal": (
        "organisation.yaml", "comparison: wres", "comparison: wers", 0,
        "comparison: expected 'wres' or 'white_british'; did you mean 'wres'?",
    ),
    "bad literal in a list": (
        "organisation.yaml", "[staff_in_post, recruitment, leavers]", "[staff_in_post, recruitement, leavers]", 0,
        "required_datasets.1: expected 'staff_in_post', 'staff_survey', 'recruitment',",
    ),
    "unknown audience": (
        "organisation.yaml", "  published: threshold8_round5", "  publishd: threshold8_round5", 0,
        "audiences.publishd: expected 'restricted' or 'published'; did you mean 'published'?",
    ),
    "unknown kind": (
        "indicators.yaml", "  kind: share", "  kind: shares", -1,
        "ethnic_minority_share_of_staff: expected a kind among 'rows', 'mean', 'share', 'linked', 'coverage', 'rate'; "
        "did you mean 'share'?",
    ),
    "no kind": (
        "indicators.yaml", "  kind: share\n", "", -1,
        "ethnic_minority_share_of_staff: the key kind is needed and is not there; add it",
    ),
    "missing key": (
        "organisation.yaml", "short_name: Northmoor and Vale\n", "", None,
        "short_name: this key is needed and is not there; add it",
    ),
    "missing key of an indicator": (
        "indicators.yaml", "  base_words: staff in post\n", "", None,
        "ethnic_minority_share_of_staff.base_words: this key is needed and is not there; add it",
    ),
    "wrong kind of value": (
        "organisation.yaml", "reject_limit_percent: 5", "reject_limit_percent: five", 0,
        "reject_limit_percent: expected a number",
    ),
    "text that YAML reads as something else": (
        "survey.yaml", 'yes_no: ["Yes", "No"]', "yes_no: [Yes, No]", 0,
        "scales.yes_no.0: expected text; put quotes around it",
    ),
    "one where a list is meant": (
        "indicators.yaml", "breakdowns: [band, staff_type, directorate]", "breakdowns: band", 0,
        "ethnic_minority_share_of_staff.breakdowns: expected a list",
    ),
    "a date that is none": (
        "organisation.yaml", "first_quarter: 2023-10-01", "first_quarter: last year", 0,
        "first_quarter: expected a date such as 2026-07-01",
    ),
    "a day no quarter starts on": (
        "organisation.yaml", "first_quarter: 2023-10-01", "first_quarter: 2023-11-01", 0,
        "first_quarter: a quarter starts on 1 January, 1 April, 1 July or 1 October",
    ),
    "a bad name": (
        "indicators.yaml", "ethnicity_not_known:", "Ethnicity not known:", 0,
        "Ethnicity not known: a name is lower-case letters, digits and _, beginning with a letter",
    ),
    "an indicator named like the chart of all ratios": (
        "indicators.yaml", "ethnicity_not_known:", "comparisons:", 0,
        "comparisons: comparisons is what the chart of all ratios is called; give the indicator another name",
    ),
    "an indicator named like a kind": (
        "indicators.yaml", "ethnicity_not_known:\n  kind: share", "rate:\n  kind: share\n  base: x", 2,
        "rate.base: no such key",
    ),
    "twice the same key": (
        "organisation.yaml", "comparison: wres", "comparison: wres\ncomparison: wres", 1,
        "comparison: the key stands twice",
    ),
    "twice the same key, deeper": (
        "indicators.yaml", "  theme: workforce\n", "  theme: workforce\n  theme: workforce\n", 1,
        "ethnic_minority_share_of_staff.theme: the key stands twice",
    ),
    "predicate naming no column": (
        "indicators.yaml", "  part: senior_manager", "  part: senior_manger", 0,
        "ethnic_minority_share_of_senior_managers.part: in staff_in_post: no column 'senior_manger'; "
        "did you mean 'senior_manager'?",
    ),
    "predicate misspelling a value": (
        "indicators.yaml", "event: equal_opportunity = 'Yes'", "event: equal_opportunity = 'yes'", 0,
        "equal_opportunity.event: in staff_survey: 'yes' is not a value of equal_opportunity; did you mean 'Yes'?",
    ),
    "predicate using an aggregate": (
        "indicators.yaml", "  event: appointed\n", "  event: MAX(appointed)\n", 0,
        "appointed_from_shortlisting.event: in recruitment: 'MAX(appointed)' uses an aggregate",
    ),
    "predicate using IS TRUE": (
        "indicators.yaml", "  event: appointed\n", "  event: appointed IS TRUE\n", 0,
        "appointed_from_shortlisting.event: in recruitment: 'appointed IS TRUE' uses IS TRUE or IS FALSE",
    ),
    "unknown policy": (
        "organisation.yaml", "  published: threshold8_round5", "  published: threshold8", 0,
        "audiences.published: no policy 'threshold8'; did you mean 'threshold8_round5'?",
    ),
    "a policy for larger organisations": (
        "organisation.yaml", "headcount: 3000", "headcount: 400", None,
        "audiences.published: the policy 'threshold8_round5' is not meant for 400 staff; leave audiences out",
    ),
    "audience without a policy": (
        "organisation.yaml", "  published: threshold8_round5\n", "", None,
        "audiences: no policy for published",
    ),
    "unknown breakdown": (
        "indicators.yaml", "[band, staff_type, directorate]", "[bnad, staff_type]", 0,
        "ethnic_minority_share_of_staff.breakdowns: staff_in_post has no column 'bnad'; did you mean 'band'?",
    ),
    "breakdown by a number": (
        "indicators.yaml", "[band, staff_type, directorate]", "[fte]", 0,
        "ethnic_minority_share_of_staff.breakdowns: fte of staff_in_post is not divided into levels",
    ),
    "breakdown by ethnicity": (
        "indicators.yaml", "[band, staff_type, directorate]", "[ethnic_code]", 0,
        "ethnic_minority_share_of_staff.breakdowns: ethnic_code of staff_in_post is not divided into levels",
    ),
    "a value that is no number": (
        "indicators.yaml", "  value: cost", "  value: training", 0,
        "training_spend_per_head.value: learning_budget has no number 'training'; it is one of cost",
    ),
    "a window by no date": (
        "indicators.yaml", "  window_by: completed_date", "  window_by: complete_date", 0,
        "shortlisted_from_applications.window_by: recruitment has no date 'complete_date'; "
        "did you mean 'completed_date'?",
    ),
    "linked to what was told in confidence": (
        "indicators.yaml", "  dataset: learning_budget\n  event: training = 'non_mandatory' AND completed",
        "  dataset: staff_survey\n  event: equal_opportunity = 'Yes'", 0,
        "non_mandatory_training.dataset: staff_survey was told in confidence and is never linked to a person",
    ),
    "linked to what names nobody": (
        "indicators.yaml", "  dataset: learning_budget\n  event: training = 'non_mandatory' AND completed",
        "  dataset: recruitment\n  event: appointed", 0,
        "non_mandatory_training.dataset: recruitment does not say which person; "
        "it is one of staff_in_post, learning_budget, leavers",
    ),
    "a part without words": (
        "indicators.yaml", "  part_words: senior managers\n", "", None,
        "ethnic_minority_share_of_senior_managers: part_words names what part or value picks out",
    ),
    "what a figure of a window asks about": (
        "indicators.yaml", "  dataset: leavers", "  dataset: leavers\n  asks_about: the 12 months before", 1,
        "leavers_per_100_staff.asks_about: leavers comes every quarter",
    ),
    "an agreement nobody recorded": (
        "indicators.yaml", "  needs_agreement: board", "  needs_agreement: bord", 0,
        "ethnic_minority_share_of_board.needs_agreement: organisation.yaml has no agreement 'bord'; did you mean 'board'?",
    ),
    "a source of no dataset": (
        "sources.yaml", "leavers:\n", "leaver:\n", 0, "leaver: no dataset 'leaver'; did you mean 'leavers'?",
    ),
    "a column mapped to nothing of ours": (
        "sources.yaml", "    person: Employee Number\n", "    persn: Employee Number\n", 0,
        "staff_in_post.columns.persn: staff_in_post has no column 'persn'; did you mean 'person'?",
    ),
    "a needed column not mapped": (
        "sources.yaml", "    band: Pay Scale\n", "", None,
        "staff_in_post.columns: staff_in_post needs the column band; map it to a heading",
    ),
    "a column of predicates that no source gives": (
        "sources.yaml", "    declined: Offer Declined\n", "", -16,
        "recruitment.columns: recruitment is not given declined, on which indicators rest (indicators.yaml): "
        "appointed_from_shortlisting (base), appointed_from_applications (base); "
        "map it to a heading, or say not_available: [declined]",
    ),
    "a column of an event that no source gives": (
        "sources.yaml", "    completed: Attended\n", "", None,
        "learning_budget.columns: learning_budget is not given completed, on which indicators rest (indicators.yaml): "
        "non_mandatory_training (event)",
    ),
    "a column that is blank in every row": (
        "sources.yaml", "    completed: Attended\n", "  constants:\n    completed: \" \"\n", None,
        "learning_budget.columns: learning_budget is not given completed, on which indicators rest",
    ),
    "a breakdown that no source gives": (
        "sources.yaml", "    staff_type: Clinical?\n", "", None,
        "staff_in_post.columns: staff_in_post is not given staff_type, on which indicators rest (indicators.yaml): "
        "ethnic_minority_share_of_staff (breakdowns), non_mandatory_training (breakdowns)",
    ),
    "a breakdown that one of two datasets is not given": (
        "sources.yaml", "    reason: Reason for Leaving \u2013 Recorded\n    band: Pay Scale\n",
        "    reason: Reason for Leaving \u2013 Recorded\n", None,
        "leavers.columns: leavers is not given band, on which indicators rest (indicators.yaml): "
        "leavers_per_100_staff (breakdowns)",
    ),
    "no ethnicity, which nothing looks up": (
        "sources.yaml", "    ethnic_code: How would you describe your ethnicity?\n", "", None,
        "exit_interviews.columns: exit_interviews is not given ethnic_code, on which indicators rest (indicators.yaml): "
        "exit_interviews_held (ethnicity), would_recommend (ethnicity), reported_discrimination (ethnicity)",
    ),
    "a question that no source gives": (
        "sources.yaml", "    inclusive_leadership: L1\n", "", None,
        "staff_survey.columns: staff_survey is not given inclusive_leadership, on which indicators rest (indicators.yaml): "
        "inclusive_leadership (base), inclusive_leadership (event)",
    ),
    "a column given and not available": (
        "sources.yaml", "    declined: Offer Declined\n",
        "    declined: Offer Declined\n  not_available: [declined]\n", None,
        "recruitment: declined: given, and said to be not available; keep one",
    ),
    "a column not available that is none": (
        "sources.yaml", "    declined: Offer Declined\n", "  not_available: [declind]\n", 0,
        "recruitment.not_available.0: recruitment has no column 'declind'; did you mean 'declined'?",
    ),
    "an expectation of a column that no source gives": (
        "expectations.yaml", "numbers: {dataset: staff_in_post, measure: share, column: ethnicity_answer, category: known}",
        "numbers: {dataset: learning_budget, measure: share, column: gender, category: known}", 0,
        "ethnicity.0.numbers.column: learning_budget is not given 'gender' (sources.yaml)",
    ),
    "a query of a column that no source gives": (
        "expectations.yaml", "AND now.measure = 'share' AND now.\"column\" = 'shortlisted'",
        "AND now.measure = 'share' AND now.\"column\" = 'years_experience'", None,
        "shares.3.query: recruitment is not given 'years_experience' (sources.yaml)",
    ),
    "a value mapped to none of ours": (
        "sources.yaml", "417 Surgery: Surgery", "417 Surgery: Surgry", 0,
        "staff_in_post.values.directorate.417 Surgery: 'Surgry' is not a value of directorate; did you mean 'Surgery'?",
    ),
    "a theme without words": (
        "house_style.yaml", "  leaving: Leaving\n", "", None, "themes: no words for the theme leaving",
    ),
    "a policy that shows some as nought": (
        "policies/threshold8_round5.yaml", "round_to: 5", "round_to: 20", None,
        "(the whole file): a count of 8 is shown and would be rounded to 0",
    ),
    "an unknown key of a policy": (
        "policies/threshold8_round5.yaml", "threshold: 8", "treshold: 8", 0,
        "treshold: no such key; did you mean 'threshold'?",
    ),
    "an unknown suite part": (
        "expectations.yaml", "sentence: The number of staff", "sentense: The number of staff", 0,
        "volume.0.sentense: no such key; did you mean 'sentence'?",
    ),
    "an ethnic code that is none": (
        "sources.yaml", "      Pakistani: J\n", "      Pakistani: JJ\n", 0,
        "exit_interviews.values.ethnic_code.Pakistani: 'JJ' is not a value of ethnic_code; did you mean 'J'?",
    ),
    "a flag that is neither true nor false": (
        "sources.yaml", 'approved: {Approved: "true"', 'approved: {Approved: "truee"', 0,
        "learning_budget.values.approved.Approved: 'truee' is not a value of approved; did you mean 'true'?",
    ),
    "a word that means nothing": (
        "sources.yaml", 'approved: {Approved: "true"', 'approved: {Approved: ""', 0,
        "learning_budget.values.approved.Approved: no word of ours stands here; "
        "a text that stands for nothing goes under no_value",
    ),
    "a word for somebody that stands for nobody": (
        "sources.yaml", 'approved: {Approved: "true"', 'person: {Agency: TBC}\n    approved: {Approved: "true"', 0,
        "learning_budget.values.person.Agency: 'TBC' is not a value of person",
    ),
    "digits of a column that is none": (
        "sources.yaml", "  sheet: Requests\n", "  sheet: Requests\n  digits: {persn: 8}\n", 1,
        "learning_budget.digits.persn: learning_budget has no column 'persn'; did you mean 'person'?",
    ),
    "digits of a column that holds no identifiers": (
        "sources.yaml", "  sheet: Requests\n", "  sheet: Requests\n  digits: {cost: 8}\n", 1,
        "learning_budget.digits.cost: cost is no identifier, and digits are an identifier's",
    ),
    "digits that are too few to lose one": (
        "sources.yaml", "  sheet: Requests\n", "  sheet: Requests\n  digits: {person: 1}\n", 1,
        "learning_budget.digits.person: ",
    ),
    "a word for nobody": (
        "sources.yaml", "  values:\n    training: {Statutory", '  values:\n    person: {"": X}\n    training: {Statutory',
        1,
        "learning_budget.values.person.: a blank is nobody: it cannot be read as one person",
    ),
    "a list of words that is not there": (
        "sources.yaml", "    ethnic_code: recruitment_ethnicity.csv", "    ethnic_code: recruitment_ethnicty.csv", 0,
        "recruitment.values_from.ethnic_code: recruitment_ethnicty.csv is not in the catalogue folder; "
        "did you mean 'recruitment_ethnicity.csv'?",
    ),
    "a date format of no directive": (
        "sources.yaml", '  date_format: "%d/%m/%Y"', '  date_format: "%d/%m/%Q"', 0,
        "staff_in_post.date_format: a date written as '%d/%m/%Q' cannot be read back; "
        "write %d for the day, %m or %b for the month and %Y for the year, such as %d/%m/%Y",
    ),
    "a date format without a year": (
        "sources.yaml", '  date_format: "%d/%m/%Y"', '  date_format: "%d/%m"', 0,
        "staff_in_post.date_format: a date written as '%d/%m' cannot be read back",
    ),
    "a date format that is half of a time": (
        "sources.yaml", '  date_format: "%d/%m/%Y"', '  date_format: "%d/%M/%Y"', 0,
        "staff_in_post.date_format: a date written as '%d/%M/%Y' cannot be read back",
    ),
    "a date format that looks as ISO dates do and is another": (
        "sources.yaml", '  date_format: "%d/%m/%Y"', '  date_format: "%Y-%d-%m"', 0,
        "staff_in_post.date_format: by '%Y-%d-%m' 2026-10-09 would be 10 September",
    ),
    "a date format without a day": (
        "sources.yaml", '  date_format: "%d/%m/%Y"', '  date_format: "%m/%Y"', 0,
        "staff_in_post.date_format: a date written as '%m/%Y' cannot be read back",
    ),
    "a date format with a directive twice": (
        "sources.yaml", '  date_format: "%d/%m/%Y"', '  date_format: "%d/%d/%Y"', 0,
        "staff_in_post.date_format: a date written as '%d/%d/%Y' cannot be read back",
    ),
    "words to leave out under a heading that rows are not taken by": (
        "sources.yaml", "  in_force: {start", '  leave_out: {Assignment: ["y"]}\n  in_force: {start', 0,
        "staff_in_post.leave_out.Assignment: 'Assignment' is no heading of keep",
    ),
    "a word that is taken and left out": (
        "sources.yaml", "  in_force: {start", '  leave_out: {Primary Assignment: ["Y"]}\n  in_force: {start', 0,
        "staff_in_post.leave_out.Primary Assignment: 'Y' is a word that keep takes; leave it under one of the two",
    ),
    "a placeholder of a location that is none": (
        "sources.yaml", "staff_in_post_{quarter}_invented", "staff_in_post_{quater}_invented", 0,
        "staff_in_post.location: nothing is put in place of {quater}; did you mean '{quarter}'?",
    ),
    "a placeholder of a location left open": (
        "sources.yaml", "staff_in_post_{quarter}_invented", "staff_in_post_{quarter_invented", 0,
        "staff_in_post.location: nothing is put in place of {quarter_invented.csv; did you mean '{quarter}'?",
    ),
    "a placeholder of a constant that is none": (
        "sources.yaml", "{quarter_end}", "{quarter_ned}", 0,
        "staff_in_post.constants.snapshot_date: nothing is put in place of {quarter_ned}; did you mean '{quarter_end}'?",
    ),
    "a constant that is no value of its column": (
        "sources.yaml", "    board_member: Board Voting\n  constants:\n", "  constants:\n    board_member: flase\n", 1,
        "staff_in_post.constants.board_member: 'flase' is not a value of board_member; did you mean 'false'?",
    ),
    "a constant that is no date": (
        "sources.yaml", '    snapshot_date: "{quarter_end}"', '    snapshot_date: "30/09/2026"', 0,
        "staff_in_post.constants.snapshot_date: '30/09/2026' is not a value of snapshot_date; "
        "write a date as 2026-07-01",
    ),
    "a value that stands twice in a list": (
        "organisation.yaml", "    - Band 2\n", "    - Band 2\n    - band 2\n", -1,
        "lists.band: these stand twice: Band 2, band 2; keep one of each",
    ),
    "an answer that stands twice on a scale": (
        "survey.yaml", 'yes_no: ["Yes", "No"]', 'yes_no: ["Yes", "No", "Yes"]', 0,
        "scales.yes_no: these stand twice: Yes; keep one of each",
    ),
    "a theme of a question that is none": (
        "survey.yaml", "    theme: experience", "    theme: experince", 0,
        "staff_survey.harassment_from_public.theme: expected 'workforce', 'recruitment', 'experience', "
        "'development' or 'leaving'; did you mean 'experience'?",
    ),
    "an agreement that is still to come": (
        "organisation.yaml", "agreed_on: 2023-09-28", "agreed_on: 2033-09-28", 0,
        "agreements.board.agreed_on: 2033-09-28 is still to come. An agreement counts from the day it was given: "
        "give that day, or leave agreed_on out until then",
    ),
    "a predicate that is half an expression": (
        "indicators.yaml", "  event: appointed\n", "  event: appointed AND\n", 0,
        "appointed_from_shortlisting.event: in recruitment: 'appointed AND' is not one SQL expression",
    ),
    "an event that is everybody": (
        "indicators.yaml", "  event: appointed\n", "  event: (true)\n", 0,
        "appointed_from_shortlisting.event: TRUE is everybody in the base; pick out some of them",
    ),
    "a predicate that is constant": (
        "indicators.yaml", "  event: appointed\n", "  event: 1 = 1\n", 0,
        "appointed_from_shortlisting.event: in recruitment: '1 = 1' names no column",
    ),
    "an audience whose policy shows one person": (
        "policies/threshold8_round5.yaml", "threshold: 8\nround_to: 5", "threshold: 1\nround_to: 1", None,
        "audiences.restricted: the policy 'threshold8_round5' would show what one person answered, as a count of 1; "
        "give it a threshold of at least 3",
    ),
    "an audience whose policy shows two people": (
        "policies/threshold8_round5.yaml", "threshold: 8\nround_to: 5", "threshold: 2\nround_to: 1", None,
        "audiences.published: the policy 'threshold8_round5' would tell each of two people what the other answered, "
        "as a count of 2; give it a threshold of at least 3",
    ),
}  # fmt: skip


def test_what_is_said_to_be_not_available_is_no_mistake(folder: Path) -> None:
    """A predicate's column, a breakdown's, and an ethnicity that is looked up among staff."""
    said = "  not_available: [declined, years_experience]\n"
    changed(folder, "sources.yaml", "    declined: Offer Declined\n", said)
    changed(folder, "sources.yaml", "    staff_type: Clinical?\n", "")
    last = "    board_member: Board Voting\n"
    changed(folder, "sources.yaml", last, f"{last}  not_available: [staff_type]\n")
    last = "    cost: Cost (£)\n"
    changed(folder, "sources.yaml", last, f"{last}  not_available: [ethnic_code]\n")
    lacking = not_available(load_catalogue(folder).sources)
    assert {name: each for name, each in lacking.items() if each} == {
        "staff_in_post": {"staff_type"},
        "recruitment": {"declined", "years_experience"},
    }


def test_a_column_that_is_needed_cannot_be_left_out(folder: Path) -> None:
    changed(folder, "sources.yaml", "    approved: Decision\n", "")
    last = "    cost: Cost (£)\n"
    line = changed(folder, "sources.yaml", last, f"{last}  not_available: [approved]\n") + 1
    words = "learning_budget.not_available.0: learning_budget needs the column 'approved', which cannot be left out"
    assert any(each.startswith(f"sources.yaml, line {line}, {words}") for each in mistakes_in(folder))


def test_a_stratum_a_value_and_a_window_are_rested_on_too() -> None:
    """Today's datasets need every such column; one that need not be there would be asked for."""
    catalogue = load_catalogue(DEFAULT)
    sources = {name: each.model_copy(update={"columns": {}}) for name, each in catalogue.sources.items()}
    resting = not_given(catalogue.indicators, sources)
    assert ("appointed_from_shortlisting", "stratified_by") in resting["recruitment", "vacancy"]
    assert ("appointed_from_shortlisting", "window_by") not in resting.get(("recruitment", "vacancy"), [])
    assert ("appointed_from_shortlisting", "window_by") in resting["recruitment", "completed_date"]
    assert ("training_spend_per_head", "value") in resting["learning_budget", "cost"]
    # What staff are not given nobody looks up.
    assert ("ethnic_minority_share_of_training_spend", "ethnicity") in resting[
        "learning_budget", "ethnic_code"
    ]
    assert resting["staff_in_post", "ethnic_code"]
    assert not_given(catalogue.indicators, {}) == {}, "a dataset without a source is not received"


@pytest.mark.parametrize(("headcount", "policy"), [(499, "small_organisation"), (500, "threshold8_round5")])
def test_the_policy_of_an_organisation_that_names_none_follows_from_its_headcount(
    folder: Path, headcount: int, policy: str
) -> None:
    changed(folder, "organisation.yaml", "headcount: 3000", f"headcount: {headcount}")
    named = "audiences:\n  restricted: threshold8_round5\n  published: threshold8_round5\n"
    changed(folder, "organisation.yaml", named, "")
    assert load_catalogue(folder).organisation.audiences == {"restricted": policy, "published": policy}


@pytest.mark.parametrize(("file", "old", "new", "on", "words"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_pointed_at(
    folder: Path, file: str, old: str, new: str, on: int | None, words: str
) -> None:
    line = changed(folder, file, old, new)
    found = mistakes_in(folder)
    about = [each for each in found if words in each]
    assert about, found
    assert ("organisation.yaml" if "audiences." in words else file) in about[0]
    stated = int(re.findall(r"line (\d+)", about[0])[0])
    if on is not None:
        assert stated == line + on
    assert stated >= 1


WORD_LISTS = {
    "no code": ("recruitment_ethnicity.csv", "Chinese,R\n", "Chinese,RR\n",
        "ethnic_code: 'RR' is not a value of ethnic_code; did you mean 'R'?"),
    "no band": ("pay_scales.csv", "XR05,Band 5\n", "XR05,Band5\n",
        "band: 'Band5' is not a value of band; did you mean 'Band 5'?"),
    "no word of ours": ("recruitment_ethnicity.csv", "Chinese,R\n", "Chinese,\n",
        "ethnic_code: no word of ours stands here; a text that stands for nothing goes under no_value"),
    "no second field": ("recruitment_ethnicity.csv", "Chinese,R\n", "Chinese\n",
        "ethnic_code: a line has two fields, their word and ours; this one has 1"),
    "a third field": ("recruitment_ethnicity.csv", "Chinese,R\n", "Chinese,R,Asian\n",
        "ethnic_code: a line has two fields, their word and ours; this one has 3"),
}  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "words"), WORD_LISTS.values(), ids=WORD_LISTS)
def test_a_line_of_a_word_list_is_judged_when_the_catalogue_loads(
    folder: Path, file: str, old: str, new: str, words: str
) -> None:
    line = changed(folder, file, old, new)
    assert mistakes_in(folder) == [f"{file}, line {line}, {words}"]


def test_a_word_with_two_meanings_is_pointed_at(folder: Path) -> None:
    with (folder / "pay_scales.csv").open("a", encoding="utf-8") as lines:
        lines.write('\n"XR\n05",Band 5\nXR05,Band 6\nXR05,Band 5\n')
    number = len((folder / "pay_scales.csv").read_text(encoding="utf-8").splitlines()) - 1
    said = "band: 'XR05' has a second meaning here; keep one"
    assert mistakes_in(folder) == [f"pay_scales.csv, line {number}, {said}"]


def test_a_list_of_words_in_another_encoding_is_a_mistake(folder: Path) -> None:
    (folder / "pay_scales.csv").write_bytes("Scale,Band\nXR\xe9,Band 5\n".encode("windows-1252"))
    found = mistakes_in(folder)
    assert len(found) == 2  # two sources name it
    assert "staff_in_post.values_from.band: pay_scales.csv is not CSV in UTF-8; save it as that" in found[0]


def test_labels_spelt_in_any_case_are_words_for_an_ethnic_code(folder: Path) -> None:
    changed(folder, "sources.yaml", "      White Irish: B\n", "      White Irish: iRISH\n")
    changed(folder, "sources.yaml", 'approved: {Approved: "true"', 'approved: {Approved: "YES"')
    assert load_catalogue(folder)


QUERY = """  format: sql
  location: "mssql+pyodbc://user:${{HR}}@host/{location}?driver={{ODBC Driver 17}}"
  query: >-
    SELECT * FROM leavers WHERE left_on::date BETWEEN :period_start AND {end} AND note <> '{{b}}' AND at > '12:30'
"""


@pytest.mark.parametrize(
    ("location", "end", "words"),
    [
        ("hr_{quarter}", ":period_end", None),
        ("hr_{quater}", ":period_end", "location: nothing is put in place of {quater}; did you mean '{quarter}'?"),
        ("hr", ":period_edn", "query: nothing is put in place of :period_edn; did you mean ':period_end'?"),
        ("hr", "'{quarter}'", "query: nothing is put in place of {quarter}; it is one of "
         ":period_start, :next_period_start, :period_end"),
        ("hr", ":next_period_start", None),
        ("hr", ":next_period", "query: nothing is put in place of :next_period; did you mean ':next_period_start'?"),
    ],
)  # fmt: skip
def test_placeholders_of_a_query_are_looked_at(
    folder: Path, location: str, end: str, words: str | None
) -> None:
    path = folder / "sources.yaml"
    text = path.read_text(encoding="utf-8")
    old = "  format: csv\n  location: leavers_{quarter}_invented.csv\n"
    assert old in text
    path.write_text(text.replace(old, QUERY.format(location=location, end=end)), encoding="utf-8")
    if words is None:
        assert load_catalogue(folder)
    else:
        (found,) = mistakes_in(folder)
        assert found.endswith(f"leavers.{words}")


def test_an_agreement_counts_on_the_day_it_is_given(folder: Path) -> None:
    day = dt.date(2023, 10, 5)
    assert load_catalogue(folder, today=day)
    with pytest.raises(Refusal, match="2023-10-05 is still to come"):
        load_catalogue(folder, today=day - dt.timedelta(days=1))


def test_a_file_that_cannot_be_opened_is_not_said_to_be_in_another_encoding(folder: Path) -> None:
    (folder / "survey.yaml").unlink()
    (folder / "survey.yaml").mkdir()
    (found,) = mistakes_in(folder)
    assert found.startswith("survey.yaml: the file cannot be opened (it is a folder, not a file). ")
    assert "UTF-8" not in found


def test_the_default_catalogue_has_no_mistake(folder: Path) -> None:
    assert load_catalogue(folder) == load_catalogue(DEFAULT)


def test_all_mistakes_of_all_files_are_told_at_once(folder: Path) -> None:
    changed(folder, "organisation.yaml", "comparison: wres", "comparison: wers")
    changed(folder, "organisation.yaml", "approval_required: true", "approval_required: perhaps")
    changed(folder, "indicators.yaml", "  kind: share", "  kind: shares")
    changed(folder, "ethnicity.csv", "B,Irish,B,", "B,,B,")
    files = [each.split(",")[0] for each in mistakes_in(folder)]
    assert files == ["organisation.yaml", "organisation.yaml", "indicators.yaml", "ethnicity.csv"]


def test_mistakes_in_several_indicators_are_told_at_once(folder: Path) -> None:
    changed(folder, "indicators.yaml", "  part: senior_manager", "  part: senior_manger")
    changed(folder, "indicators.yaml", "  part: board_member", "  part: bord_member")
    assert len(mistakes_in(folder)) == 2


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("B,Irish,B,Irish,White,known,false", "B,Irish,B,Irish,Whit,known,false",
         "line 3, broad_group: expected 'Asian', 'Black', 'Mixed', 'White', 'Other' or 'Unknown'; did you mean 'White'?"),
        ("B,Irish,B,Irish,White,known,false", "B,Irish,B,Irish,White,known,perhaps",
         "line 3, white_british: expected true or false"),
        ("B,Irish,B,Irish,White,known,false", "B,Irish,B,Irish,White,known",
         "line 3, white_british: this key is needed and is not there"),
        ("B,Irish,B,Irish,White,known,false", "B,Irish,B,Irish,White,known,false,more",
         "line 3, (no heading): no such key"),
        ("B,Irish,B,Irish,White,known,false", '\nB,"Irish,\nor so",B,Irish,Whit,known,false',
         "line 5, broad_group: expected"),
        ("B,Irish,B,Irish,White,known,false", "A,Irish,B,Irish,White,known,false",
         "'A' stands for two things, A and A; keep one"),
        (",broad_group,", ",broad_grp,", "line 2, broad_grp: no such key; did you mean 'broad_group'?"),
    ],
)  # fmt: skip
def test_a_bad_row_of_the_ethnic_codes_is_pointed_at(folder: Path, old: str, new: str, words: str) -> None:
    changed(folder, "ethnicity.csv", old, new)
    found = mistakes_in(folder)
    assert any(words in each and each.startswith("ethnicity.csv") for each in found), found[:5]


def test_ethnic_codes_without_one_for_a_blank_are_refused(folder: Path) -> None:
    path = folder / "ethnicity.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("not_known", "declined"), encoding="utf-8")
    assert "no code has the answer not_known" in mistakes_in(folder)[0]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"name: [", "line 1 is not YAML"),
        (b"a: 1\n b: 2\n", "line 2 is not YAML"),
        (b"a: 1\n---\nb: 2\n", "is not YAML"),
        (b"a: \x00\n", "it holds characters that are not text"),
        (b"a: 1\nb: 2026-13-45\n", "line 2 is not YAML (it looks like a date or number and is none"),
        (b"a: &a [*a]\n", "a part of it holds itself"),
        (b"? [a, b]\n: 1\n", "line 1 is not YAML (a key is a word"),
        (b"a: !!python/object:os.system x\n", "line 1 is not YAML"),
        (b"<<: {a: 1}\n", "is not YAML"),
        (b"name: Caf\xe9\n", "the file cannot be read as UTF-8 text"),
        (b"", "(the whole file): expected keys with values under them"),
        (b"name: " + b"[" * 60 + b"]" * 60, "nested more than 50 deep"),
        (b"name: " + b"[" * 20_000, "nested more than 50 deep"),
        (b"name: " + b"9" * 5_000, "a number has too many digits"),
        (b"name: 0x" + b"f" * 5_000, "a number has too many digits"),
        (b"name: 1" + b":1" * 100_000, "a number has too many digits"),
        (b"name: 9223372036854775808", "a number is too large"),
        (b"name: .inf", "a number is too large or is none"),
        (b"name: 1.0e+999", "a number is too large or is none"),
        (b"name: .nan", "a number is too large or is none"),
        (b'name: !!int ""', "it looks like a date or number and is none"),
        (b"name: !!timestamp x", "it looks like a date or number and is none"),
        (b"name: !!bool x", "it looks like a date or number and is none"),
        (
            b"a: &a [1]\n"
            + b"".join(b"%c: &%c [%s]\n" % (n, n, b", ".join([b"*%c" % (n - 1)] * 9)) for n in b"bcdefghi"),
            "its aliases stand for more than 100,000 values",
        ),
        (b"# " + b"x" * (1 << 20), "the file cannot be opened (it is larger than 256 KiB)"),
        (b"- 1\n- 2\n", "(the whole file): expected keys with values under them"),
    ],
)
def test_a_file_that_is_no_yaml_is_refused_in_words(folder: Path, content: bytes, words: str) -> None:
    (folder / "organisation.yaml").write_bytes(content)
    found = mistakes_in(folder)
    assert any(words in each for each in found), found
    assert found[0].startswith("organisation.yaml")


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("organisation.yaml", "a pipe"),
        ("targets.yaml", "no end"),
        ("policies/none.yaml", "a folder"),
        ("ethnicity.csv", "no end"),
        ("pay_scales.csv", "a pipe"),
        ("commentary/2026-07-01.md", "a pipe"),
    ],
)
def test_what_is_no_file_is_refused_and_not_waited_for(folder: Path, file: str, kind: str) -> None:
    path = folder / file
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    match kind:
        case "a pipe":
            os.mkfifo(path)
        case "a folder":
            path.mkdir()
        case _:
            path.symlink_to("/dev/zero")
    what = "a folder" if kind == "a folder" else "a pipe, a socket or a device"
    assert any(f"cannot be opened (it is {what}, not a file)" in each for each in mistakes_in(folder))


@pytest.mark.parametrize(
    "file", ["organisation.yaml", "indicators.yaml", "expectations.yaml", "ethnicity.csv"]
)
def test_a_file_that_is_not_there_is_named(folder: Path, file: str) -> None:
    (folder / file).unlink()
    assert mistakes_in(folder)[0].startswith(f"{file}: the file is not there")


def test_ethnic_codes_in_another_encoding_are_refused(folder: Path) -> None:
    (folder / "ethnicity.csv").write_bytes("code,label\nA,Ångström\n".encode("windows-1252"))
    assert "is not CSV in UTF-8" in mistakes_in(folder)[0]


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="there is no such folder"):
        load_catalogue(tmp_path / "none")


def parts_changed(folder: Path) -> set[str]:
    """Return the parts of the method in which a copy is not the default catalogue."""
    return {part for part, sha256 in method_of(DEFAULT).items() if method_of(folder)[part] != sha256}


def test_every_part_of_a_catalogue_is_method_or_says_and_aims(folder: Path) -> None:
    assert set(method_of(folder)) == set(Method.model_fields)
    assert all(field.title for field in Method.model_fields.values())
    assert set(Catalogue.model_fields) - set(Method.model_fields) == {
        "board_paper", "targets", "commentary", "revisions",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "old", "new", "parts"),
    [
        ("organisation.yaml", "reject_limit_percent: 5", "reject_limit_percent: 6", {"organisation"}),
        ("survey.yaml", "scales:", "scales: # as they are", set()),
        ("indicators.yaml", "better: lower", "better: higher", {"indicators"}),
        ("house_style.yaml", "recruitment: Recruitment", "recruitment: Hiring", {"house_style"}),
        ("policies/threshold8_round5.yaml", "threshold: 8", "threshold: 9", {"policies"}),
        ("pay_scales.csv", "Band 5", "Band 6", {"sources"}),
        ("ethnicity.csv", "White", "white", {"ethnicity"}),
        ("board_paper.yaml", "decision:", "decision: \n  ", set()),
        ("targets.yaml", "by: 2", "by: 3", set()),
        ("revisions.yaml", "", "# Nothing yet\n", set()),
        ("commentary/2026-07-01.md", "By:", "By: the", set()),
    ],
)
def test_the_method_changes_with_what_its_files_say_and_with_nothing_else(
    folder: Path, name: str, old: str, new: str, parts: set[str]
) -> None:
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert parts_changed(folder) == parts


def test_a_file_that_is_no_part_of_a_catalogue_changes_no_method(folder: Path) -> None:
    (folder / "README.md").write_text("How we keep it.\n", encoding="utf-8")
    (folder / "indicators.yaml~").write_text("an editor's copy", encoding="utf-8")
    assert parts_changed(folder) == set()


def test_a_list_of_words_under_another_name_is_another_source(folder: Path) -> None:
    (folder / "pay_scales.csv").rename(folder / "grades.csv")
    sources = folder / "sources.yaml"
    sources.write_text(sources.read_text(encoding="utf-8").replace("pay_scales.csv", "grades.csv"))
    assert parts_changed(folder) == {"sources"}


def test_lines_of_keys_are_kept_and_the_nearest_above_stands_in(tmp_path: Path) -> None:
    path = tmp_path / "it.yaml"
    path.write_text("# a comment\na:\n  b: 1\n  c:\n    - x\n    - y: 2\n", encoding="utf-8")
    document = read_yaml(path)
    assert document.value == {"a": {"b": 1, "c": ["x", {"y": 2}]}}
    assert document.line_of(("a", "b")) == 3
    assert document.line_of(("a", "c", 1, "y")) == 6
    assert document.line_of(("a", "d")) == 2
    assert document.line_of(("nothing",)) == 2


def test_predicates_that_tell_too_many_kinds_of_rows_apart_are_refused_with_their_columns(
    folder: Path,
) -> None:
    base = " OR ".join(
        f"harassment_from_{who} IN ('Never', '1 to 2', '3 to 5')"
        for who in ("public", "managers", "colleagues")
    )
    event = " OR ".join(
        (
            "equal_opportunity IN ('Yes', 'No')",
            "discrimination_from_staff = 'Yes'",
            *(
                f"{question} IN ('Strongly disagree', 'Disagree', 'Agree')"
                for question in ("inclusive_leadership", "access_to_development")
            ),
        )
    )
    changed(folder, "indicators.yaml", "base: harassment_from_public IS NOT NULL", f'base: "{base}"')
    changed(folder, "indicators.yaml", "event: harassment_from_public <> 'Never'", f'event: "{event}"')
    (mistake,) = mistakes_in(folder)
    assert (
        "harassment_from_public: more than 200,000 kinds of rows are told apart by access_to_development,"
        in mistake
    )
    assert "compare fewer of these columns" in mistake
