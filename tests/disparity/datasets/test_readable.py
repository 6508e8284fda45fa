"""Reading text by its kind: what is read, what is not, and what is withheld at the door."""

from __future__ import annotations

import datetime as dt
from typing import get_args

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disparity.datasets.contract import DTYPES, Column, Kind, Vocabulary
from disparity.datasets.lists import Lists
from disparity.datasets.readable import WITHHELD, passed, read, rule_withheld, withheld

VOCABULARY = Vocabulary(
    lists=Lists(band=(), directorate=(), staff_type=(), staff_group=(), channel=(), leaving_reason=()),
    ethnic_codes=("A", "C3", "99"),
    ethnic_words=frozenset({"a", "c3", "99", "white british", "bangladeshi"}),
    answers={},
    questions={},
)
DATES = {"2026-08-31": dt.date(2026, 8, 31), "2024-02-29": dt.date(2024, 2, 29)}
FLAGS = dict.fromkeys(("true", "True", "TRUE", "t", "yes", "Y", "1"), True) | dict.fromkeys(
    ("false", "FALSE", "f", "No", "n", "0"), False
)
NUMBERS = {
    "0": 0.0, "7": 7.0, "0.80": 0.8, ".5": 0.5, "2.": 2.0, "-3": -3.0, "+3": 3.0,
    "1,250": 1250.0, "1,234,567.8": 1234567.8, "£240.00": 240.0, "-£1,250": -1250.0,
}  # fmt: skip
WHOLE = {"0": 0, "12": 12, "-3": -3}

NO_DATES = (
    "31/08/2026", "2026-8-31", "2026-02-30", "2026-13-01", "20260831", "46265", "2026-08-31 00:00:00",
    "2026-08-31\n", "2026-08-31 Ann Peach", "x2026-08-31", "born 1980", "-", "", "1899-12-31", "2200-01-01", "0027-03-31",
)  # fmt: skip
NO_FLAGS = ("maybe", "yes please", "10", "-1", "1.0", "y.", " yes", "true\n", "Ann Peach", "")
NO_NUMBERS = ("9" * 400,
    "NaN", "nan", "inf", "-inf", "Infinity", "1e5", "2,5", "1,00", "1,0000", ",100", "1_000", "0x10", "£", "-", ".",
    "five", "5 days", "5\n", "٣", "QQ123456C", "1 250", "",
)  # fmt: skip
NO_WHOLE = ("NaN", "inf", "2.5", "1e5", "five", "12 days", "QQ123456C", "9" * 30, "")

READ: list[tuple[Kind, str, object]] = [
    *(("date", text, value) for text, value in DATES.items()),
    *(("flag", text, value) for text, value in FLAGS.items()),
    *((kind, text, value) for kind in ("number", "pounds") for text, value in NUMBERS.items()),
    *(("whole number", text, value) for text, value in WHOLE.items()),
]
UNREADABLE: list[tuple[Kind, str]] = [
    *(("date", text) for text in NO_DATES),
    *(("flag", text) for text in NO_FLAGS),
    *((kind, text) for kind in ("number", "pounds") for text in NO_NUMBERS),
    *(("whole number", text) for text in NO_WHOLE),
]
KINDS: tuple[Kind, ...] = get_args(Kind)
AS_IT_IS: tuple[Kind, ...] = ("identifier", "category", "ethnicity")


def read_one(text: str | None, kind: Kind) -> object:
    found = pl.DataFrame({"text": [text]}, schema={"text": pl.String}).select(read(pl.col("text"), kind))
    return found.item()


def passed_one(text: str | None, kind: Kind, allowed: tuple[str, ...] | None = None) -> str | None:
    column = Column(kind, "A column", example="", allowed=allowed)
    found = pl.DataFrame({"text": [text]}, schema={"text": pl.String}).select(
        passed(pl.col("text"), column, VOCABULARY)
    )
    assert found.schema == {"text": pl.String}
    value: str | None = found.item()
    return value


def numbered(count: int) -> list[str]:
    return [str(number) for number in range(count)]


# Reading


@pytest.mark.parametrize(("kind", "text", "value"), READ, ids=numbered(len(READ)))
def test_text_of_its_kind_is_read(kind: Kind, text: str, value: object) -> None:
    assert read_one(text, kind) == value


@pytest.mark.parametrize(("kind", "text"), UNREADABLE, ids=numbered(len(UNREADABLE)))
def test_text_of_no_such_kind_reads_as_null(kind: Kind, text: str) -> None:
    assert read_one(text, kind) is None


@pytest.mark.parametrize("kind", AS_IT_IS)
def test_identifiers_categories_and_codes_stay_as_they_are(kind: Kind) -> None:
    assert read_one(" Band 5 ", kind) == " Band 5 "


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_its_type_and_null_reads_as_null(kind: Kind) -> None:
    empty = pl.DataFrame({"text": [None]}, schema={"text": pl.String}).select(read(pl.col("text"), kind))
    assert empty.schema == {"text": DTYPES[kind]}
    assert empty.item() is None


# At the door


@pytest.mark.parametrize(("kind", "text", "value"), READ, ids=numbered(len(READ)))
def test_what_can_be_read_passes_as_it_was_given(kind: Kind, text: str, value: object) -> None:
    assert passed_one(text, kind) == text


@pytest.mark.parametrize(("kind", "text"), UNREADABLE, ids=numbered(len(UNREADABLE)))
def test_what_cannot_be_read_is_withheld(kind: Kind, text: str) -> None:
    assert passed_one(text, kind) == WITHHELD


@pytest.mark.parametrize("text", ["A", "a", "C3", "c3", "99", "White British", "WHITE BRITISH"])
def test_known_ethnic_codes_and_labels_pass_in_any_case(text: str) -> None:
    assert passed_one(text, "ethnicity") == text


@pytest.mark.parametrize("text", ["ZZ", "C33", "A B", "White British, Ann Peach", "her mother is", ""])
def test_unknown_ethnic_codes_are_withheld(text: str) -> None:
    assert passed_one(text, "ethnicity") == WITHHELD


def test_an_ethnic_column_of_codes_takes_labels_too() -> None:
    assert passed_one("Bangladeshi", "ethnicity", VOCABULARY.ethnic_codes) == "Bangladeshi"


@pytest.mark.parametrize(
    "text", ["Band 7", "band 5", "Band 5 ", "Band", "Band 5\nAnn Peach", "Ann Peach", ""]
)
def test_words_that_are_not_listed_are_withheld(text: str) -> None:
    assert passed_one(text, "category", ("Band 5", "Band 6")) == WITHHELD


def test_listed_words_pass() -> None:
    assert passed_one("Band 5", "category", ("Band 5", "Band 6")) == "Band 5"


@pytest.mark.parametrize("allowed", [(), None])
def test_a_category_without_a_list_lets_nothing_pass(allowed: tuple[str, ...] | None) -> None:
    assert passed_one("Band 5", "category", allowed) == WITHHELD
    assert passed_one(None, "category", allowed) is None


@pytest.mark.parametrize("text", ["1001", "QQ123456C", "Ann Peach", " 5 "])
def test_identifiers_pass_to_be_replaced_by_their_pseudonyms(text: str) -> None:
    assert passed_one(text, "identifier") == text


@pytest.mark.parametrize("kind", KINDS)
def test_null_stays_null(kind: Kind) -> None:
    assert passed_one(None, kind, ("Band 5",)) is None


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "identifier"])
def test_what_is_withheld_is_no_value_and_is_withheld_again(kind: Kind) -> None:
    assert passed_one(WITHHELD, kind, ("Band 5",)) == WITHHELD
    assert read_one(WITHHELD, kind) == (WITHHELD if kind in AS_IT_IS else None)
    assert WITHHELD.lower() not in VOCABULARY.ethnic_words


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "identifier"])
def test_text_that_is_made_to_look_withheld_says_nothing(kind: Kind) -> None:
    assert passed_one(withheld("Ann Peach"), kind, ("Band 5",)) == WITHHELD


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (withheld("too long (Notes)"), "too long (Notes)"),
        (WITHHELD, None),
        ("2026-08-31", None),
        (None, None),
    ],
)
def test_the_rule_that_text_was_withheld_by(text: str | None, rule: str | None) -> None:
    found = pl.DataFrame({"text": [text]}, schema={"text": pl.String}).select(rule_withheld(pl.col("text")))
    assert found.item() == rule


@settings(deadline=None, max_examples=60)
@given(texts=st.lists(st.none() | st.text(max_size=12) | st.sampled_from(["C3", "Band 5", "5", "yes"])))
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "identifier"])
def test_each_row_is_itself_withheld_or_null_and_is_readable_where_itself(
    kind: Kind, texts: list[str | None]
) -> None:
    column = Column(kind, "A column", example="", allowed=("Band 5",))
    given_text = pl.DataFrame({"text": texts}, schema={"text": pl.String})
    found = given_text.select(passed(pl.col("text"), column, VOCABULARY))["text"].to_list()
    values = given_text.select(read(pl.col("text"), kind))["text"].to_list()
    can_be = {
        "category": lambda text: text == "Band 5",
        "ethnicity": lambda text: text.lower() in VOCABULARY.ethnic_words,
    }
    for text, one, value in zip(texts, found, values, strict=True):
        if text is None:
            assert one is None
        else:
            itself = can_be[kind](text) if kind in can_be else value is not None
            assert one == (text if itself else WITHHELD)
