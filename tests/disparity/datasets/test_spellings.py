"""Suggestions for words of ethnicity that nobody knows: right where they are made, and none where it is a guess."""

from __future__ import annotations

import csv

import pytest

from disparity.datasets.spellings import Spellings
from disparity.ethnicity import Code, Crosswalk
from resources.catalogue import DEFAULT, load_catalogue

CROSSWALK: Crosswalk = load_catalogue(DEFAULT).ethnicity
SPELLINGS = Spellings(CROSSWALK)


def suggested(word: str) -> str | None:
    code = SPELLINGS.suggested(word)
    return code.code if code else None


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("White British", "A"),
        ("White \u2013 British", "A"),
        ("A White - British", "A"),
        ("White British (A)", "A"),
        ("A\u200b", "A"),
        ("White Britsh", "A"),
        ("White & Asian", "F"),
        ("Mixed - White & Black Caribbean", "D"),
        ("H Asian or Asian British - Indian", "H"),
        ("Black or Black British - African", "N"),
        ("Z Not Stated", "Z"),
    ],
)
def test_another_spelling_of_a_label_or_category_is_its_code(word: str, code: str) -> None:
    assert suggested(word) == code


@pytest.mark.parametrize(
    "word",
    ["", "-", "NULL", "Unspecified", "Other", "White", "Black", "Mixed", "Non-White", "Not Black", "Not White British",
     "B White - British", "Prefer not to say", "Jane Quince"],
)  # fmt: skip
def test_what_could_be_several_codes_or_none_is_nobodys(word: str) -> None:
    assert suggested(word) is None


@pytest.mark.parametrize("file", ["recruitment_ethnicity.csv", "survey_ethnicity.csv"])
def test_no_suggestion_is_against_what_people_decided(file: str) -> None:
    with (DEFAULT / file).open(encoding="utf-8") as lines:
        words = list(csv.reader(lines))[1:]
    made = {theirs: suggested(theirs) for theirs, _ in words}
    assert sum(code is not None for code in made.values()) > len(words) / 2
    assert [(theirs, made[theirs]) for theirs, ours in words if made[theirs] not in (ours, None)] == []


@pytest.mark.parametrize("code", CROSSWALK.codes, ids=lambda code: code.code)
def test_a_code_and_a_label_in_other_letters_are_their_own(code: Code) -> None:
    assert suggested(f" {code.code.lower()} ") == code.code
    assert suggested(code.label.upper()) == code.code


@pytest.mark.parametrize(
    "word",
    ["", "-", "NULL", "Unspecified", "Other", "Prefer not to say", "I do not wish to disclose my ethnic origin", "Mixed",
     "Not White British", "White\u200b"],
)  # fmt: skip
def test_parts_of_labels_and_words_for_no_answer_are_of_the_list(word: str) -> None:
    assert SPELLINGS.of_the_list(word)


@pytest.mark.parametrize(
    "word", ["Quince", "Do", "Say An", "A Quince", "White Quince", "70010001", "2026", "Martian"]
)
def test_what_may_be_somebodys_is_not(word: str) -> None:
    assert not SPELLINGS.of_the_list(word)
