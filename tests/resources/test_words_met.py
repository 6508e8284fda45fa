"""Words that no list has: counted over batches, bounded, and shown only where they are nobody's own."""

from __future__ import annotations

import polars as pl
import pytest

from resources.words_met import LEAST_PEOPLE, MOST_WORDS, Met, WordsMet

ROWS = {"word": pl.String, "who": pl.String, "row_number": pl.Int64}


def rows(*found: tuple[str | None, str | None, int]) -> pl.DataFrame:
    return pl.DataFrame(found, schema=ROWS, orient="row")


def test_words_are_counted_over_batches_with_their_rows() -> None:
    met = WordsMet()
    met.add(rows(("White British", "1", 2), ("Martian", "2", 3), ("White British", "3", 4), (None, "4", 5)))
    met.add(rows(("White British", "3", 6)))
    assert met.by_word == {
        "White British": Met(3, (2, 4, 6), frozenset("13")),
        "Martian": Met(1, (3,), frozenset("2")),
    }
    assert not met.too_many


def test_a_word_may_be_shown_from_as_many_people_on_however_many_rows_one_of_them_has() -> None:
    met = WordsMet(known=["N"])
    met.add(rows(*(("Quince", "1", row) for row in range(50)), ("N", None, 50)))
    for other in range(2, LEAST_PEOPLE + 1):
        assert not met.may_be_shown("Quince")
        met.add(rows(("Quince", str(other), 50 + other)))
    assert met.may_be_shown("Quince")
    assert met.may_be_shown("N")
    assert met.by_word["Quince"].at == ()  # which are no longer wanted, and may be all of the file


def test_rows_that_are_nobodys_show_no_word() -> None:
    met = WordsMet().add(rows(*(("Quince", None, row) for row in range(50))))
    assert not met.may_be_shown("Quince")


@pytest.mark.parametrize("batches", [1, 2, 41])
def test_of_more_words_than_a_list_has_none_is_kept(batches: int) -> None:
    met = WordsMet()
    names = [(f"person {number}", str(number), number) for number in range(MOST_WORDS)]
    for first in range(batches):
        met.add(rows(*names[first::batches]))
    assert (len(met.by_word), met.too_many) == (MOST_WORDS, False)
    for _ in range(2):
        met.add(rows(("one more", "0", 0), *names))
    assert (met.by_word, met.too_many) == ({}, True)
    together = WordsMet().add(rows(names[0]))
    together.include(met)
    assert (together.by_word, together.too_many) == ({}, True)
