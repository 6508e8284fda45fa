"""Rows left out: what is counted, which words may be said where, and what older entries of the lake say."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resources.left_out import Counting, LeftOut, in_short, listed


def counting(words: dict[str, int]) -> Counting:
    counted = Counting()
    counted.add("keep", "Status", sum(words.values()), words)
    return counted


def test_rows_are_said_by_setting_heading_and_word() -> None:
    counted = counting({"Career Break": 3, "": 1, "Left\u00a0": 1})
    counted.add("in_force", "Start", 0)
    counted.add("in_force", "End", 1200)
    counted.add("nearly", "Primary", 1, {"y": 1})
    assert (counted.rows("keep"), counted.rows("keep", "in_force"), counted.rows("nearly")) == (5, 1205, 1)
    assert list(listed(counted.found("keep", "in_force", "nearly"))) == [
        "left out by keep, Status: 5 rows: 'Career Break' (3), blank (1), 'Left\\xa0' (1)",
        "left out by in_force (not in force on the quarter's last day), End: 1,200 rows",
        "nearly a word that keep takes, Primary: 1 row: 'y' (1); add the words to keep or to leave_out in sources.yaml",
    ]


def test_a_dozen_words_are_said() -> None:
    (line,) = listed(counting({f"Code {letter}": 2 for letter in "abcdefghijklmn"}).found("keep"))
    assert line.count("(2)") == 12
    assert line.endswith("'Code l' (2), and 2 more")


@pytest.mark.parametrize(
    "words",
    [
        {f"Ann Peach the {at}th": 5 for at in range(41)},
        {f"Ann Peach the {at}th": 1 for at in range(21)},
        {"Career Break": 3, "20500001": 1},
        {"Career Break": 3, "a.peach@example.org": 1},
        {"Career Break": 3, "Says she was passed over twice, and wrote to Quillfeather about it": 1},
    ],
    ids=["many", "each once", "a number", "an address", "free text"],
)
def test_no_word_is_said_where_they_look_like_names_or_numbers(words: dict[str, int]) -> None:
    (found,) = counting(words).found("keep")
    assert (found.rows, found.words) == (sum(words.values()), ())
    assert list(listed([found])) == [f"left out by keep, Status: {found.rows} rows"]


def test_words_that_become_too_many_are_forgotten_for_good() -> None:
    counted = counting({f"name {at}": 1 for at in range(30)})
    counted.include(counting({f"other name {at}": 1 for at in range(30)}))
    counted.include(counting({"Career Break": 1}))
    assert counted.found("keep") == (LeftOut("keep", "Status", 61),)


@settings(deadline=None, max_examples=30)
@given(files=st.lists(st.dictionaries(st.sampled_from("abc"), st.integers(1, 9))))
def test_files_add_up(files: list[dict[str, int]]) -> None:
    together = Counting()
    for words in files:
        together.include(counting(words))
    rows = sum(sum(words.values()) for words in files)
    assert together.rows("keep") == rows
    assert sum(sum(rows for _, rows in each.words) for each in together.found("keep")) == rows


def test_what_is_stored_and_said_in_a_run_holds_no_word() -> None:
    found = counting({"Career Break": 3}).found("keep")
    facts = {"rows_left_out": 3, "left_out": [each.fact for each in found]}
    assert "Career" not in str(facts)
    assert in_short(facts, lambda rows: "[c]") == "left out by keep, Status: [c]"
    assert in_short({"rows_left_out": 0, "left_out": []}, str) == "0"


def test_an_entry_of_an_earlier_version_has_one_count() -> None:
    assert in_short({"rows_left_out": 12}, str) == "12"
    assert in_short({"state": "refused"}, str) == "0"
