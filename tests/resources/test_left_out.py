"""Rows left out: what is counted, which words may be said where, and what older entries of the lake say."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resources.left_out import Counting, LeftOut, in_short, listed
from resources.words_met import WordsMet


def met(words: dict[str, int]) -> WordsMet:
    """Words with their rows, each of another person; the first row is 2, under one row of headings."""
    each = [word for word, rows in words.items() for _ in range(rows)]
    numbers = range(2, len(each) + 2)
    rows = {"word": each, "who": [str(number) for number in numbers], "row_number": numbers}
    return WordsMet().add(pl.DataFrame(rows, schema_overrides={"word": pl.String, "who": pl.String}))


def counting(words: dict[str, int]) -> Counting:
    counted = Counting()
    counted.add("keep", "Status", sum(words.values()), met(words))
    return counted


def test_rows_are_said_by_setting_heading_and_word() -> None:
    counted = counting({"Career Break": 1203, "": 5, "Left\u00a0": 6})
    counted.add("in_force", "Start", 0)
    counted.add("in_force", "End", 1200)
    counted.add("nearly", "Primary", 1, met({"y": 1}))
    assert (counted.rows("keep"), counted.rows("keep", "in_force"), counted.rows("nearly")) == (1214, 2414, 1)
    assert list(listed(counted.found("keep", "in_force", "nearly"))) == [
        "left out by keep, Status: 1,214 rows: 'Career Break' (1,203), 'Left\\xa0' (6), blank (5)",
        "left out by in_force (not in force on the quarter's last day), End: 1,200 rows",
        "nearly a word that keep takes, Primary: 1 row: 'y' (1); add the words to keep or to leave_out in sources.yaml",
    ]


def test_a_word_that_few_people_share_is_counted_and_its_rows_are_named() -> None:
    (line,) = listed(counting({"Career Break": 5, "Quince": 4}).found("keep"))
    few = "words that fewer than 5 people share (rows 7, 8, 9, 10)"
    assert line == f"left out by keep, Status: 9 rows: 'Career Break' (5), {few}"
    (line,) = listed(counting({"Quince": 1}).found("keep"))
    assert line == "left out by keep, Status: 1 row: words that fewer than 5 people share (row 2)"
    (line,) = listed(counting({"Quince": 4, "Quilter": 4, "Quill": 1}).found("keep"))
    assert line.endswith("(rows 2, 3, 4, 5, 6, 7, 8, 9 …)")


def test_a_dozen_words_are_said() -> None:
    (line,) = listed(counting({f"Code {letter}": 5 for letter in "abcdefghijklmn"}).found("keep"))
    assert line.count("(5)") == 12
    assert line.endswith("'Code l' (5), and 2 more")


@pytest.mark.parametrize(
    "words",
    [
        {f"Ann Peach the {at}th": 5 for at in range(41)},
        {f"Ann Peach the {at}th": 1 for at in range(21)},
        {"Career Break": 5, "20500001": 5},
        {"Career Break": 5, "a.peach@example.org": 5},
        {"Career Break": 5, "Says she was passed over twice, and wrote to Quillfeather about it": 5},
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
    counted.include(counting({"Career Break": 5}))
    assert counted.found("keep") == (LeftOut("keep", "Status", 65),)


@settings(deadline=None, max_examples=30)
@given(files=st.lists(st.dictionaries(st.sampled_from("abc"), st.integers(1, 9))))
def test_files_add_up(files: list[dict[str, int]]) -> None:
    together = Counting()
    for words in files:
        together.include(counting(words))
    rows = sum(sum(words.values()) for words in files)
    assert together.rows("keep") == rows
    said = [each for found in together.found("keep") for each in found.words]
    few = [row for found in together.found("keep") for row in found.few]
    assert sum(rows for _, rows in said) + len(few) == rows


def test_what_is_stored_and_said_in_a_run_holds_no_word() -> None:
    found = counting({"Career Break": 3}).found("keep")
    facts = {"rows_left_out": 3, "left_out": [each.fact for each in found]}
    assert "Career" not in str(facts)
    assert in_short(facts, lambda rows: "[c]") == "left out by keep, Status: [c]"
    assert in_short({"rows_left_out": 0, "left_out": []}, str) == "0"


def test_an_entry_of_an_earlier_version_has_one_count() -> None:
    assert in_short({"rows_left_out": 12}, str) == "12"
    assert in_short({"state": "refused"}, str) == "0"
