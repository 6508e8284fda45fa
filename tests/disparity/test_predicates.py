"""Predicates: what is taken, what is refused and in which words, and what happens to nulls."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from disparity.predicates import PredicateError, nearest, resolve

COLUMNS = pl.Schema(
    {
        "band": pl.String,
        "note": pl.String,
        "shortlisted": pl.Boolean,
        "declined": pl.Boolean,
        "completed_date": pl.Date,
        "cost": pl.Float64,
    }
)
ALLOWED = {"band": ("Band 5", "Band 6", "Don't know")}
ROWS = pl.DataFrame(
    {
        "band": ["Band 5", "Band 6", "Don't know", None],
        "note": ["a", "b", "c", "d"],
        "shortlisted": [True, True, False, None],
        "declined": [False, True, None, None],
        "completed_date": [dt.date(2026, 7, 1), dt.date(2026, 9, 30), None, dt.date(2026, 10, 1)],
        "cost": [0.0, 2.5, None, -1.0],
    },
    schema=COLUMNS,
)


def judged(sql: str) -> list[bool | None]:
    expression = resolve(sql, COLUMNS, ALLOWED)
    return ROWS.with_columns(it=expression)["it"].to_list()


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("TRUE", [True, True, True, True]),
        ("shortlisted = TRUE", [True, True, False, None]),
        ("cost BETWEEN 0 AND 0", [True, False, None, False]),
        ("shortlisted", [True, True, False, None]),
        ("shortlisted AND NOT declined", [True, False, False, None]),
        ("NOT (shortlisted OR declined)", [False, False, None, None]),
        ("band = 'Band 5'", [True, False, False, None]),
        ("band <> 'Band 5'", [False, True, True, None]),
        ("'Band 6' = band", [False, True, False, None]),
        ("band IN ('Band 5', 'Don''t know')", [True, False, True, None]),
        ("NOT band IN ('Band 5')", [False, True, True, None]),
        ("band IS NULL", [False, False, False, True]),
        ("band IS NOT NULL AND shortlisted", [True, True, False, False]),
        ("completed_date >= DATE '2026-09-30'", [False, True, None, True]),
        ("completed_date BETWEEN DATE '2026-07-01' AND DATE '2026-09-30'", [True, True, None, False]),
        ("cost > -0.5 AND cost < 2.5", [True, False, None, False]),
        ("note = 'anything at all'", [False, False, False, False]),
    ],
)
def test_a_predicate_is_true_false_or_not_answered_row_by_row(sql: str, expected: list[bool | None]) -> None:
    assert judged(sql) == expected


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("shortlistd", "no column 'shortlistd'; did you mean 'shortlisted'?"),
        ("rows.shortlisted", "name the column without a table"),
        ("band = 'Band5'", "'Band5' is not a value of band; did you mean 'Band 5'?"),
        ("(band) = ('band 5')", "'band 5' is not a value of band; did you mean 'Band 5'?"),
        ("NOT band IN ('Band 5', 'Band 7')", "'Band 7' is not a value of band"),
        ("band > 'Bnd 5'", "'Bnd 5' is not a value of band"),
        ("band BETWEEN 'Band 5' AND 'Band 9'", "'Band 9' is not a value of band"),
        ('band = "Band 5"', "no column 'Band 5'"),
        ("SUM(cost) > 5", "uses an aggregate"),
        ("COUNT(*) > 5", "uses an aggregate"),
        ("ROW_NUMBER() OVER () = 1", "uses an aggregate"),
        ("shortlisted IS TRUE", "uses IS TRUE or IS FALSE"),
        ("shortlisted IS NOT FALSE", "uses IS TRUE or IS FALSE"),
        ("band = NULL", "compares with NULL, which is never true"),
        ("band IN ('Band 5', NULL)", "compares with NULL"),
        ("band IN (SELECT band FROM self)", "a predicate holds comparisons"),
        ("band LIKE 'Band%'", "a predicate holds comparisons"),
        ("UPPER(note) = 'A'", "uses UPPER"),
        ("cost + 1 > 2", "uses ADD"),
        ("CASE WHEN shortlisted THEN TRUE END", "uses CASE"),
        ("shortlisted; declined", "is not one SQL expression"),
        ("shortlisted AND", "is not one SQL expression"),
        (" ", "is not one SQL expression"),
        ("completed_date > DATE '2026-13-01'", "'2026-13-01' is not a date"),
        (
            "completed_date > '2026-07-01'",
            "completed_date is not a text and cannot be compared with '2026-07-01'",
        ),
        ("shortlisted = 'true'", "shortlisted is not a text"),
        ("cost = 'five'", "cost is not a text"),
        ("cost", "gives Float64, not true or false"),
        ("'Band 5'", "gives String, not true or false"),
        ("shortlisted > 5 AND cost", "types of what it compares do not fit"),
        ("FALSE", "'FALSE' names no column, so it says the same of every row"),
        ("1 = 1", "'1 = 1' names no column"),
        ("shortlisted AND (1 = 1)", "'1 = 1' names no column"),
        ("NOT TRUE OR shortlisted", "'TRUE' names no column"),
        ("band = band", "'band = band' compares a column with itself"),
        ("NOT band", "band is not true or false and cannot stand by itself; compare it with something"),
        ("NOT (completed_date)", "completed_date is not true or false and cannot stand by itself"),
        (
            "cost BETWEEN 5 AND 1",
            "'cost BETWEEN 5 AND 1' is never true; the smaller end of BETWEEN stands first",
        ),
        ("NOT cost BETWEEN -1 AND -5", "the smaller end of BETWEEN stands first"),
        (
            "completed_date BETWEEN DATE '2026-09-30' AND DATE '2026-07-01'",
            "the smaller end of BETWEEN stands first",
        ),
        ("band > 'Band 5'", "would follow the alphabet; list the values of band with IN"),
        ("band BETWEEN 'Band 5' AND 'Band 6'", "would follow the alphabet; list the values of band with IN"),
        ("'m' <= (note)", "would follow the alphabet; list the values of note with IN"),
    ],
)
def test_what_cannot_be_used_is_refused_in_words(sql: str, words: str) -> None:
    with pytest.raises(PredicateError) as refused:
        resolve(sql, COLUMNS, ALLOWED)
    assert words in str(refused.value)


def test_the_nearest_word_is_found_whatever_its_case() -> None:
    assert nearest("SHORTLISTED", ["shortlisted", "declined"]) == "; did you mean 'shortlisted'?"
    assert nearest("zzz", ["Yes", "No"]) == "; it is one of Yes, No"
    assert nearest("zzz", map(str, range(20))).endswith("11…")
    assert nearest("zzz", []) == ""
