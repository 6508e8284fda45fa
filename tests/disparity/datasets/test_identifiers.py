"""Identifiers: what stands for nobody has a cause, what stands for somebody passes as it is, and zeros are seen."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from disparity.datasets.identifiers import (
    apart_by_zeros,
    cause_of,
    filled,
    identified,
    is_marked,
    without_zeros,
)

ERROR = "an error of a spreadsheet"
FORMULA = "written as a formula"
QUOTED = "quotation marks stand around or before it"
INVISIBLE = "it holds invisible characters"
SCRIPT = "it holds digits of another script than 0 to 9"
SCIENTIFIC = "a number in scientific notation (its digits are lost)"
DECIMAL = "a number with a decimal point or comma"
SIGNED = "a number with a sign"
NOTHING = "a word or sign that stands for nothing"

NOBODY = {
    ERROR: (
        "#N/A", "#n/a", "#NA", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#REF", "#WERT!",
        "#GETTING_DATA", "Err:502", "#ERROR!", "#NV", "#N/D", "#N/B", "#I/T", "#\u041d/\u0414", "#YOK", "#N/DISP",
        "#HI\u00c1NYZIK", "#\u00a1REF!", "#\u00a1VALOR!", "#N/A N/A", "Fehler:508", "Err :502",
    ),
    FORMULA: ('="00123"', '=TEXT(A2,"00000")', "=A2", "=00123"),
    QUOTED: (
        "'00123", "\u201900123", "\u201800123\u2019", '"00123"', "\u201c00123\u201d", "`123", "\u00b4123", "123'", "'E123",
    ),
    INVISIBLE: (
        "00\u200b123", "\u200b00123", "00123\ufeff", "\ufeff00123", "00\u00ad123", "00\u00a0123", "00\u202f123",
        "\u206000123", "00\t123", "00123\x00", "00\u2800123", "00123\u200e", "\u200b", "\ufe0f123",
    ),
    SCRIPT: ("\uff10\uff10\uff11\uff12\uff13", "\u0660\u0661\u0662", "E12\uff13"),
    SCIENTIFIC: ("1.23E+02", "1,23E+05", "1.23e5", "1.2E10", "1E+05", "123e+4", "1.E+05", "1.23E-05", "-1.2E+05"),
    DECIMAL: ("123.0", "123.00", "00123.0", "123,0", "123.5", "123.", "1,234", "12,345,678", "1,234.00"),
    SIGNED: ("-1", "+123", "\u2212123", "-1.0", "- 5"),
    NOTHING: (
        "n/a", "N/A", "n.a.", "NA", "TBC", "tbc", "T.B.C.", "tba", "tbd", "to be confirmed", "To Be Advised", "none",
        "None", "NIL", "null", "NULL", "<NA>", "NaN", "unknown", "Unknown ", "UNKNOWN?", "(unknown)", "not known", "vacant",
        "Vacancy", "blank", "(blank)", "[missing]", "-", "--", "\u2013", "?", "???", ".", "...", "*", "########", "_",
        "not yet issued", "no staff number", "pending", "As above", "xxx", "XXXXXXXX", "\u2026", "N/K",
        "true", "FALSE", "Loading...", "No data", "inf",
    ),
}  # fmt: skip
SOMEBODY = (
    "123", "00123", "9", "999999", "12345678901234567890", "E1234567", "1E234567", "23E4567", "1E5", "R1", "A", "X",
    "289-NHS-2026/12", "2026/12", "2026-12", "2026.07.12", "C9287-24-0123", "v.12", "#123", "12 345 678", "100%",
    "3f9a0c12-1e23-4e56-8abc-123456789012", "1e345678-1e23-4e56-8abc-123456789012", "p.quince@example.org", "O'Brien",
    "Staff Nurse, Ward 5", "Nil by mouth nurse", "'Return to practice' nurses", "Directors'", "Nana", "Vacancy 12",
    "\u00c9lo\u00efse", "\u01301",
)  # fmt: skip


def one(text: str | None, expression: pl.Expr) -> str | None:
    found = pl.DataFrame({"text": [text]}, schema={"text": pl.String}).select(expression)
    value: str | None = found.item()
    return value


@pytest.mark.parametrize(
    ("cause", "text"), [(cause, text) for cause, texts in NOBODY.items() for text in texts]
)
def test_text_that_stands_for_nobody_is_marked_with_its_cause(cause: str, text: str) -> None:
    marker = one(text, identified(pl.col("text")))
    assert one(marker, cause_of(pl.col("text"))) == f"no identifier: {cause}"
    assert one(marker, is_marked(pl.col("text"))) is True


@pytest.mark.parametrize("text", SOMEBODY)
def test_an_identifier_passes_as_it_is(text: str) -> None:
    assert one(text, identified(pl.col("text"))) == text
    assert one(text, is_marked(pl.col("text"))) is False
    assert one(text, cause_of(pl.col("text"))) is None


def test_null_stays_null() -> None:
    assert one(None, identified(pl.col("text"))) is None
    assert one(None, cause_of(pl.col("text"))) is None


@given(st.text(st.sampled_from("0129.,eE+-#/!?'=nax \u00a0\u200b"), max_size=8))
def test_a_text_passes_whole_or_nothing_of_it_does(text: str) -> None:
    found = one(text, identified(pl.col("text")))
    assert one(found, is_marked(pl.col("text"))) is (found != text)


@given(st.integers(1, 10**12), st.integers(0, 20))
def test_a_number_is_somebodys_whatever_zeros_stand_in_front(number: int, digits: int) -> None:
    padded = str(number).zfill(digits)
    assert one(padded, identified(pl.col("text"))) == padded
    shorter = one(padded, without_zeros(pl.col("text")))
    assert shorter == (str(number) if padded != str(number) else None)
    assert one(str(number), filled(pl.col("text"), digits)) == padded


@pytest.mark.parametrize("text", ["E0012", "00E12", "00-12", "0", "000", "12", "0.5", "", None])
def test_nothing_but_a_number_has_zeros_to_lose(text: str | None) -> None:
    assert one(text, without_zeros(pl.col("text"))) is None


@pytest.mark.parametrize("text", ["E12", "1.5", "", None, "=12"])
def test_nothing_but_a_number_is_filled(text: str | None) -> None:
    assert one(text, filled(pl.col("text"), 8)) == text


def test_numbers_kept_apart_by_zeros_are_counted_by_column() -> None:
    received = pl.LazyFrame(
        {
            "request": ["r1", "r2", "r3", "r4", "r5", "r6"],
            "request_without_zeros": pl.Series([None] * 6, dtype=pl.String),
            "person": ["00123", "123", "0123", "00123", "0456", "E12"],
            "person_without_zeros": ["123", None, "123", "123", "456", None],
        }
    )
    assert apart_by_zeros(received) == {"person": 3}


def test_what_was_received_before_zeros_were_looked_at_keeps_none_apart() -> None:
    assert apart_by_zeros(pl.LazyFrame({"person": ["00123", "123"]})) == {}
