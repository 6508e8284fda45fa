"""Records: every row received is accepted or rejected for a reason, and nobody can be known by a reject."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disparity.catalogue.vocabulary import vocabulary_of
from disparity.datasets import DATASETS, Vocabulary
from disparity.datasets.records import (
    CONFLICT,
    DUPLICATE,
    EMPTY,
    NOT_A_CODE,
    REJECTS,
    ROW,
    UNREADABLE,
    WHOLE_ROW,
    Batch,
    RecordContract,
    refusal_words,
    repeated_keys,
    take_ethnicity_of_staff,
)
from disparity.ethnicity import Crosswalk
from disparity.periods import Quarter
from resources.catalogue import DEFAULT, load_catalogue

NOW = Quarter.from_key("2026-07-01")
CATALOGUE = load_catalogue(DEFAULT)
VOCABULARY: Vocabulary = vocabulary_of(CATALOGUE)
CROSSWALK: Crosswalk = CATALOGUE.ethnicity
APPLICATION = {
    "application": "a1",
    "vacancy": "v1",
    "completed_date": "2026-08-20",
    "ethnic_code": "A",
    "band": "Band 6",
    "shortlisted": "true",
    "interviewed": "true",
    "offered": "false",
    "appointed": "false",
}
REQUEST = {
    "request": "r1",
    "person": "p1",
    "requested_date": "2026-07-14",
    "training": "non_mandatory",
    "approved": "true",
    "cost": "240.00",
}
PERSON = {
    "person": "p1",
    "snapshot_date": "2026-09-30",
    "ethnic_code": "H",
    "band": "Band 6",
    "directorate": "Medicine",
    "fte": "0.8",
    "senior_manager": "false",
    "board_member": "false",
}
LEAVER = {"person": "p1", "leaving_date": "2026-08-31", "ethnic_code": "A", "reason": "Retirement Age"}


def received(*rows: dict[str, Any]) -> pl.DataFrame:
    """Make received text: every row from a file, numbered as a spreadsheet shows them."""
    names = dict.fromkeys(name for row in rows for name in row)
    return pl.DataFrame(
        [
            {"file": "f.csv", "row_number": at, **{name: row.get(name) for name in names}}
            for at, row in enumerate(rows, 2)
        ],
        schema={"file": pl.String, "row_number": pl.Int64, **dict.fromkeys(names, pl.String)},
    )


def contract(dataset: str, quarter: Quarter | None = NOW) -> RecordContract:
    return RecordContract(DATASETS[dataset], VOCABULARY, CROSSWALK, "wres", quarter)


def judged(dataset: str, *rows: dict[str, Any]) -> Batch:
    return contract(dataset).judge(received(*rows))


def reasons(batch: Batch) -> list[tuple[int, str, str]]:
    return sorted(batch.rejects.select("row_number", "column", "rule").rows())


PLAIN = {
    "staff_in_post": PERSON,
    "recruitment": APPLICATION,
    "learning_budget": REQUEST,
    "leavers": LEAVER,
    "staff_survey": {"reply": "s1", "survey_date": "2026-09-01", "equal_opportunity": "Don't know"},
    "exit_interviews": {"interview": "i1", "interview_date": "2026-07-01", "would_recommend": "Agree"},
}


@pytest.mark.parametrize("dataset", DATASETS)
def test_a_sound_row_of_every_dataset_is_taken_with_types_and_ethnicity(dataset: str) -> None:
    batch = judged(dataset, PLAIN[dataset])
    assert batch.rejects.is_empty()
    assert batch.rejects.schema == REJECTS
    described = DATASETS[dataset].columns(VOCABULARY)
    assert batch.accepted.columns == [
        *ROW, *described, "ethnic_category", "broad_group", "ethnicity_answer", "ethnicity"
    ]  # fmt: skip
    assert batch.accepted.height == 1


@pytest.mark.parametrize(
    ("given", "code", "answer", "group"),
    [
        ("A", "A", "known", "white"),
        ("a", "A", "known", "white"),
        (" CP ", "CP", "known", "white"),
        ("Polish", "CP", "known", "white"),
        ("Indian or British Indian", "H", "known", "ethnic_minority"),
        ("Z", "Z", "declined", "unknown"),
        ("X", "X", "not_known", "unknown"),
        (None, "99", "not_known", "unknown"),
        ("", "99", "not_known", "unknown"),
        ("  ", "99", "not_known", "unknown"),
    ],
)
def test_a_code_label_or_blank_gets_its_meaning(
    given: str | None, code: str, answer: str, group: str
) -> None:
    batch = judged("staff_in_post", {**PERSON, "ethnic_code": given})
    found = batch.accepted.row(0, named=True)
    assert (found["ethnic_code"], found["ethnicity_answer"], found["ethnicity"]) == (code, answer, group)


@pytest.mark.parametrize("code", ["Q", "ZZ", "Indien", "0"])
def test_an_unknown_code_is_rejected_and_not_told(code: str) -> None:
    batch = judged("staff_in_post", {**PERSON, "ethnic_code": code})
    assert reasons(batch) == [(2, "ethnic_code", NOT_A_CODE)]
    assert code not in batch.rejects["rule"].to_list()


@pytest.mark.parametrize(
    ("dataset", "changed", "column", "rule"),
    [
        ("staff_in_post", {"band": None}, "band", EMPTY),
        ("staff_in_post", {"band": "Band 99"}, "band", "not one of the allowed values"),
        ("staff_in_post", {"person": None}, "person", EMPTY),
        ("staff_in_post", {"fte": "lots"}, "fte", UNREADABLE),
        ("staff_in_post", {"fte": "NaN"}, "fte", UNREADABLE),
        ("staff_in_post", {"fte": "inf"}, "fte", UNREADABLE),
        ("staff_in_post", {"fte": "0,8"}, "fte", UNREADABLE),
        ("staff_in_post", {"fte": "2.5"}, "fte", "above 2"),
        ("staff_in_post", {"fte": "-0.1"}, "fte", "below 0"),
        ("staff_in_post", {"senior_manager": "maybe"}, "senior_manager", UNREADABLE),
        ("staff_in_post", {"snapshot_date": "30/09/2026"}, "snapshot_date", UNREADABLE),
        ("staff_in_post", {"snapshot_date": "2026-09-31"}, "snapshot_date", UNREADABLE),
        ("staff_in_post", {"snapshot_date": "26-9-1"}, "snapshot_date", UNREADABLE),
        ("staff_in_post", {"snapshot_date": None}, "snapshot_date", EMPTY),
        ("staff_in_post", {"snapshot_date": "0000-09-30"}, "snapshot_date", UNREADABLE),
        ("staff_in_post", {"snapshot_date": "1899-12-31"}, "snapshot_date", UNREADABLE),
        ("staff_in_post", {"snapshot_date": "2200-01-01"}, "snapshot_date", UNREADABLE),
        ("staff_in_post", {"snapshot_date": "9999-12-31"}, "snapshot_date", UNREADABLE),
        ("staff_in_post", {"snapshot_date": "1900-01-01"}, "snapshot_date", "belongs to another quarter"),
        ("staff_in_post", {"in_force": "(withheld)"}, "in_force", UNREADABLE),
        ("staff_in_post", {"in_force": "(withheld: unreadable: (To))"}, "in_force", "unreadable: (To)"),
        ("staff_in_post", {"keep": "(withheld: nearly one of the words kept under Status)"}, "keep",
         "nearly one of the words kept under Status"),
        ("leavers", {"leaving_date": "(withheld: unreadable: expected DD/MM/YYYY)"}, "leaving_date",
         "unreadable: expected DD/MM/YYYY"),
        ("recruitment", {"completed_date": "0000-08-20"}, "completed_date", UNREADABLE),
        ("recruitment", {"opened_date": "0000-08-20"}, "opened_date", UNREADABLE),
        ("leavers", {"leaving_date": "9999-12-31"}, "leaving_date", UNREADABLE),
        ("leavers", {"leaving_date": "1956-05-05"}, "leaving_date", "belongs to another quarter"),
        ("leavers", {"leaving_date": "2025-07-01"}, "leaving_date", "belongs to Jul to Sep 2025"),
        ("leavers", {"leaving_date": "2025-06-30"}, "leaving_date", "belongs to another quarter"),
        ("staff_in_post", {"snapshot_date": "2026-06-30"}, "snapshot_date", "belongs to Apr to Jun 2026"),
        ("staff_in_post", {"snapshot_date": "2027-01-01"}, "snapshot_date", "belongs to Jan to Mar 2027"),
        ("recruitment", {"completed_date": "2025-12-31"}, "completed_date", "belongs to Oct to Dec 2025"),
        ("recruitment", {"completed_date": "soon"}, "completed_date", UNREADABLE),
        ("recruitment", {"opened_date": "2026-09-01"}, WHOLE_ROW, "completed before it opened"),
        ("recruitment", {"offered": None, "appointed": "yes", "shortlisted": "no", "interviewed": None},
         WHOLE_ROW, "appointed but not shortlisted"),
        ("recruitment", {"interviewed": "no", "offered": "yes"}, WHOLE_ROW, "offered but not interviewed"),
        ("learning_budget", {"cost": "-1"}, "cost", "below 0"),
        ("learning_budget", {"cost": None}, "cost", EMPTY),
        ("learning_budget", {"approved": "no"}, WHOLE_ROW, "money spent on a refused request"),
        ("learning_budget", {"cost": "0", "approved": "n", "completed": "y"}, WHOLE_ROW, "completed but refused"),
        ("staff_survey", {"equal_opportunity": "Perhaps"}, "equal_opportunity", "not one of the allowed values"),
    ],
)  # fmt: skip
def test_a_row_that_breaks_a_rule_is_rejected_with_column_and_rule(
    dataset: str, changed: dict[str, Any], column: str, rule: str
) -> None:
    batch = judged(dataset, PLAIN[dataset], {**PLAIN[dataset], **changed})
    assert reasons(batch) == [(3, column, rule)]
    assert batch.accepted["row_number"].to_list() == [2]


@pytest.mark.parametrize(
    ("text", "pounds"), [("£1,240.50", 1240.5), ("1,000,000", 1_000_000), ("12", 12), ("-0", 0), (".5", 0.5)]
)
def test_pounds_are_read_as_people_write_them(text: str, pounds: float) -> None:
    assert judged("learning_budget", {**REQUEST, "cost": text}).accepted["cost"].item() == pounds


@pytest.mark.parametrize("text", ["1,24", "12,34,567", "£", ".", "1.2.3", "1 000", "0x10", "1e3"])
def test_a_number_that_could_be_two_things_is_not_read(text: str) -> None:
    assert reasons(judged("learning_budget", {**REQUEST, "cost": text})) == [(2, "cost", UNREADABLE)]


@pytest.mark.parametrize(("text", "flag"), [("TRUE", True), ("y", True), ("No", False), ("0", False)])
def test_flags_are_read_as_people_write_them(text: str, flag: bool) -> None:
    assert judged("staff_in_post", {**PERSON, "board_member": text}).accepted["board_member"].item() is flag


def test_a_vacancy_in_progress_is_kept_and_may_have_opened_long_before() -> None:
    batch = judged("recruitment", {**APPLICATION, "completed_date": None, "opened_date": "2025-01-05"})
    assert batch.rejects.is_empty()
    assert batch.accepted["completed_date"].to_list() == [None]


def test_without_a_quarter_rows_of_any_period_are_taken() -> None:
    batch = contract("leavers", None).judge(received({**LEAVER, "leaving_date": "1999-12-31"}))
    assert batch.accepted.height == 1


def test_a_row_may_break_several_rules_and_each_is_told_once() -> None:
    broken = {
        **APPLICATION, "band": "?", "ethnic_code": "?", "completed_date": "?", "interviewed": "no",
        "shortlisted": "no", "offered": "yes", "appointed": "yes", "declined": "yes",
    }  # fmt: skip
    found = reasons(judged("recruitment", broken))
    assert len(found) == len(set(found))
    assert [each[1:] for each in found if each[1] != WHOLE_ROW] == [
        ("band", "not one of the allowed values"),
        ("completed_date", UNREADABLE),
        ("ethnic_code", NOT_A_CODE),
    ]
    assert {rule for _, column, rule in found if column == WHOLE_ROW} == {
        "offered but not shortlisted",
        "offered but not interviewed",
        "appointed but not shortlisted",
        "appointed and declined",
    }


def test_the_rule_is_told_of_the_right_row_in_a_later_batch() -> None:
    rows = received(*[{**LEAVER, "person": str(at)} for at in range(50)]).with_columns(
        row_number=pl.col("row_number") + 100_000,
        reason=pl.when(pl.col("row_number") == 33).then(pl.lit("no reason of ours")).otherwise("reason"),
    )
    batch = contract("leavers").judge(rows)
    assert reasons(batch) == [(100_033, "reason", "not one of the allowed values")]


SECRET = "Mx Quince, 7 Orchard Lane"
DIRTY = st.fixed_dictionaries(
    {
        "request": st.sampled_from(["r1", "r2", "r3", "r4", None]),
        "person": st.sampled_from(["p1", "p2", None]),
        "requested_date": st.sampled_from(["2026-07-14", "2026-09-30", "2026-10-01", "2024-01-31", SECRET, None]),
        "ethnic_code": st.sampled_from(["A", "H", "99", "Z", "z", "Chinese", SECRET, "", None]),
        "training": st.sampled_from(["mandatory", "non_mandatory", SECRET, None]),
        "directorate": st.sampled_from(["Medicine", SECRET, None]),
        "approved": st.sampled_from(["true", "NO", SECRET, None]),
        "completed": st.sampled_from(["1", "f", SECRET, None]),
        "cost": st.sampled_from(["0", "12.50", "-4", "nan", SECRET, None]),
    }
)  # fmt: skip


@settings(max_examples=15, deadline=None)
@given(rows=st.lists(DIRTY, min_size=1, max_size=15), split=st.integers(0, 15))
def test_every_row_is_accepted_or_rejected_and_never_both(rows: list[dict[str, Any]], split: int) -> None:
    dataset = DATASETS["learning_budget"]
    text = received(*rows)
    repeated = repeated_keys(text.lazy(), dataset)
    batches = [
        contract("learning_budget").judge(each)
        for each in (text[:split], text[split:])
        if not each.is_empty()
    ]
    rejects = pl.concat([repeated, *(each.rejects for each in batches)])
    accepted = pl.concat([each.accepted for each in batches]).join(repeated, on=ROW, how="anti")
    turned_away = rejects.select(ROW).unique()
    assert accepted.height + turned_away.height == text.height
    assert accepted.join(turned_away, on=ROW, how="inner").is_empty()
    assert rejects.null_count().sum_horizontal().item() == 0
    assert rejects.filter(pl.col("rule") == "").is_empty()
    assert SECRET not in str(rejects.to_dicts())
    assert accepted["request"].is_unique().all()
    kept = accepted.drop("directorate", "completed", "approved")
    assert kept.null_count().sum_horizontal().item() == 0
    assert accepted["requested_date"].is_between(NOW.start, NOW.end).all()
    whole = contract("learning_budget").judge(text)
    assert whole.accepted.equals(pl.concat([each.accepted for each in batches])), "batches do not matter"


def test_of_exact_duplicates_the_first_stays_and_of_conflicts_none() -> None:
    first, second = {**LEAVER, "person": "p2"}, {**LEAVER, "person": "p3"}
    text = received(LEAVER, first, LEAVER, second, {**second, "reason": None}, LEAVER, second)
    found = repeated_keys(text.lazy(), DATASETS["leavers"])
    assert found.schema == REJECTS
    assert sorted(found.select("row_number", "column", "rule").rows()) == [
        (4, "person", DUPLICATE),
        (5, "person", CONFLICT),
        (6, "person", CONFLICT),
        (7, "person", DUPLICATE),
        (8, "person", CONFLICT),
    ]


def test_rows_without_a_key_are_no_duplicates_of_each_other() -> None:
    nameless = {**LEAVER, "person": None}
    assert repeated_keys(received(nameless, nameless).lazy(), DATASETS["leavers"]).is_empty()
    assert reasons(judged("leavers", nameless)) == [(2, "person", EMPTY)]


def test_what_stands_for_nobody_is_rejected_with_its_cause_and_repeats_nobody() -> None:
    error, word = (
        "no identifier: an error of a spreadsheet",
        "no identifier: a word or sign that stands for nothing",
    )
    marked = [{**LEAVER, "person": f"({rule})"} for rule in (error, error, word)]
    text = received(LEAVER, *marked, {**LEAVER, "person": "p2"})
    assert repeated_keys(text.lazy(), DATASETS["leavers"]).is_empty()
    batch = contract("leavers").judge(text)
    assert reasons(batch) == [(3, "person", error), (4, "person", error), (5, "person", word)]
    assert batch.accepted["row_number"].to_list() == [2, 6]


@pytest.mark.parametrize(
    ("dataset", "column"),
    [
        (name, column)
        for name, dataset in DATASETS.items()
        for column, described in dataset.columns(VOCABULARY).items()
        if described.kind == "identifier"
    ],
)
def test_every_identifier_of_every_dataset_may_be_marked(dataset: str, column: str) -> None:
    rule = "no identifier: written as a formula"
    batch = judged(dataset, {**PLAIN[dataset], column: f"({rule})"})
    assert reasons(batch) == [(2, column, rule)]


@pytest.mark.parametrize("mark", ["in_force", "keep"])
def test_a_row_that_may_not_be_meant_is_no_repetition_of_one_that_is(mark: str) -> None:
    text = received({**PERSON, mark: None}, {**PERSON, mark: "(withheld)"}, {**PERSON, "fte": "1"})
    found = repeated_keys(text.lazy(), DATASETS["staff_in_post"])
    assert found["row_number"].to_list() == [2, 4]


def test_no_rows_are_no_rejects_and_no_records() -> None:
    batch = contract("leavers").judge(received(LEAVER).clear())
    assert (batch.accepted.height, batch.rejects.height, batch.dated) == (0, 0, 0)
    assert batch.accepted.columns == judged("leavers", LEAVER).accepted.columns


def test_the_same_row_in_two_files_is_one() -> None:
    text = received(LEAVER, LEAVER).with_columns(
        file=pl.Series(["b.csv", "a.csv"]), row_number=pl.lit(2, pl.Int64)
    )
    assert repeated_keys(text.lazy(), DATASETS["leavers"])["file"].to_list() == ["b.csv"]


# ------------------------------------------------------------- ethnicity of staff

STAFF = received(
    {**PERSON, "person": "known", "ethnic_code": "H"},
    {**PERSON, "person": "declined", "ethnic_code": "Z"},
    {**PERSON, "person": "never asked", "ethnic_code": None},
)


@pytest.mark.parametrize(
    ("own", "person", "group", "answer", "source"),
    [
        (None, "known", "ethnic_minority", "known", "staff in post"),
        (None, "declined", "unknown", "declined", "staff in post"),
        (None, "never asked", "unknown", "not_known", "own"),
        (None, "not in post", "unknown", "not_known", "own"),
        ("Z", "known", "unknown", "declined", "own"),
        ("A", "known", "white", "known", "own"),
        ("A", "declined", "white", "known", "own"),
        ("X", "known", "ethnic_minority", "known", "staff in post"),
    ],
)
def test_ethnicity_is_taken_from_staff_where_none_was_recorded(
    own: str | None, person: str, group: str, answer: str, source: str
) -> None:
    staff = contract("staff_in_post").judge(STAFF).accepted.lazy()
    records = judged("learning_budget", {**REQUEST, "person": person, "ethnic_code": own}).accepted
    found = take_ethnicity_of_staff(records.lazy(), staff).collect()
    assert found.columns == [*records.columns, "ethnicity_from"]
    row = found.row(0, named=True)
    assert (row["ethnicity"], row["ethnicity_answer"], row["ethnicity_from"]) == (group, answer, source)
    assert (row["ethnic_code"] == "H") == (source == "staff in post" and answer == "known")


def test_taking_ethnicity_keeps_every_row_in_its_order() -> None:
    staff = contract("staff_in_post").judge(STAFF).accepted.lazy()
    rows = [{**REQUEST, "request": str(at), "person": ("known", "nobody")[at % 2]} for at in range(40)]
    records = judged("learning_budget", *rows).accepted
    found = take_ethnicity_of_staff(records.lazy(), staff).collect()
    assert found["row_number"].to_list() == records["row_number"].to_list()


# --------------------------------------------------------------- the extract as a whole


def rejects_of(*rules: tuple[str, str], file: str = "f.csv") -> pl.DataFrame:
    """Rejected rows, one for each column and rule."""
    return pl.DataFrame(
        [
            {"file": file, "row_number": at, "column": each[0], "rule": each[1]}
            for at, each in enumerate(rules, 2)
        ],
        schema=REJECTS,
    )


BAND, LATE = ("band", "not one of the allowed values"), ("leaving_date", "belongs to Apr to Jun 2026")


@pytest.mark.parametrize(
    ("rows", "dated", "rules", "begins"),
    [
        (100, 100, [BAND] * 5, ""),
        (100, 100, [BAND] * 6, "more than 5% of rows were rejected, which is the limit: band (not one of"),
        (100, 100, [LATE] * 51, "most rows that have a date belong to another quarter than Jul to Sep 2026"),
        (
            100,
            100,
            [LATE] * 50,
            "more than 5% of rows were rejected, which is the limit: leaving_date (belongs",
        ),
        (119, 53, [LATE] * 53, "most rows that have a date belong to another quarter than Jul to Sep 2026"),
        (0, 0, [], ""),
        (100, 0, [BAND] * 5, ""),
        (1, 1, [LATE], "most rows that have a date belong"),
    ],
)
def test_an_extract_is_refused_for_its_rejects_in_words(
    rows: int, dated: int, rules: list[tuple[str, str]], begins: str
) -> None:
    words = refusal_words(
        DATASETS["leavers"], NOW, rejects_of(*rules), received=rows, dated=dated, limit_percent=5.0
    )
    assert words.startswith(begins)
    assert bool(words) == bool(begins)


def test_a_refusal_names_the_commonest_rules_the_file_and_how_to_see_every_row_but_no_count() -> None:
    rules = [("fte", "above 2")] + [BAND] * 7 + [("fte", EMPTY)] * 2 + [("ethnic_code", NOT_A_CODE)] * 3
    rejects = rejects_of(*rules, file="staff list.csv")
    words = refusal_words(DATASETS["staff_in_post"], NOW, rejects, received=100, dated=100, limit_percent=5.0)
    assert words == (
        "more than 5% of rows were rejected, which is the limit: band (not one of the allowed values); "
        "ethnic_code (not a known ethnic code); fte (empty); and more. To see which rows: race-equality check "
        "'staff list.csv' --dataset staff_in_post --quarter 2026-07-01. Mend the extract and send it again"
    )


def test_rows_of_another_quarter_are_told_by_file() -> None:
    rejects = pl.concat([rejects_of(LATE, file="a.csv"), rejects_of(LATE, LATE, file="b.csv")])
    words = refusal_words(DATASETS["leavers"], NOW, rejects, received=3, dated=3, limit_percent=5.0)
    assert "race-equality check b.csv --dataset leavers --quarter 2026-07-01" in words
    assert words.endswith("Send the extract of Jul to Sep 2026, or place this one under its own quarter")


def test_the_rejects_of_late_rows_name_the_quarter_they_belong_to() -> None:
    days = [dt.date(2026, 6, 30), dt.date(2026, 10, 1), dt.date(2026, 6, 1)]
    rows = [{**LEAVER, "person": str(day), "leaving_date": day.isoformat()} for day in days]
    assert [rule for _, _, rule in reasons(judged("leavers", *rows))] == [
        "belongs to Apr to Jun 2026",
        "belongs to Oct to Dec 2026",
        "belongs to Apr to Jun 2026",
    ]
