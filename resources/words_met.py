"""Words of a file that no list has, as a check meets them: in which rows, and of how many people each is.

A word of a code list is many people's. One that few share may be somebody's own: a damaged row brings a surname under any
heading. So it is counted, its rows are named, and it is not shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

MOST_WORDS = 40
"""More different words than these are no list of codes: names, perhaps, or numbers."""

_MOST_ONCE = 20
_ROWS_NAMED = 8

LEAST_PEOPLE = 5
"""So many people share a word that may be shown: it tells none of them from the others.

A surname of one in a hundred is that of five in forty people, by chance, once in 20,000 times; that of three, once in 130.
"""


@dataclass(frozen=True)
class Met:
    """One word: its rows, and the numbers of those and whose they are as long as few people share it."""

    rows: int = 0
    at: tuple[int, ...] = ()
    of: frozenset[str] = frozenset()

    @property
    def shared(self) -> bool:
        """Whether as many people share it as it takes to be shown."""
        return len(self.of) >= LEAST_PEOPLE

    def __add__(self, other: Met) -> Met:
        """Return both together."""
        both = Met(self.rows + other.rows, self.at + other.at, self.of | other.of)
        return Met(both.rows, (), both.of) if both.shared else both


class WordsMet:
    """The words met so far; where they become too many, none is held on to."""

    def __init__(self, known: Iterable[str] = ()) -> None:
        """Begin with none; ``known`` words are nobody's, however few have them."""
        self.by_word: dict[str, Met] = {}
        self.too_many = False
        self._known = frozenset(known)

    def may_be_shown(self, word: str) -> bool:
        """Whether a word that was met is known, or so many share it that it is nobody's own."""
        return word in self._known or self.by_word[word].shared

    def are_mostly_met_once(self, rows: int) -> bool:
        """Whether many words stand in one row each, and in most of so many rows: names, perhaps, and no list of codes."""
        once = sum(each.rows == 1 for each in self.by_word.values())
        return once > _MOST_ONCE and 2 * once > rows

    def add(self, rows: pl.DataFrame) -> WordsMet:
        """Add rows of ``word``, ``who`` (null where nobody knows) and ``row_number``."""
        of = pl.col("who").drop_nulls().unique().head(LEAST_PEOPLE)
        found = rows.drop_nulls("word").group_by("word").agg(rows=pl.len(), at="row_number", of=of)
        self._include((word, Met(met, tuple(at), frozenset(of))) for word, met, at, of in found.iter_rows())
        return self

    def include(self, other: WordsMet) -> None:
        """Add what was met elsewhere."""
        self._known |= other._known
        self._include(other.by_word.items())
        if other.too_many:
            self._forget()

    def _include(self, found: Iterable[tuple[str, Met]]) -> None:
        for word, met in () if self.too_many else found:
            self.by_word[word] = self.by_word.get(word, Met()) + met
            if len(self.by_word) > MOST_WORDS:
                self._forget()
                return

    def _forget(self) -> None:
        self.too_many = True
        self.by_word.clear()


def rows_named(at: Sequence[int], *, every_row: bool = False) -> str:
    """Return the numbers of rows in words, the first eight unless every one is asked for."""
    named = at if every_row else at[:_ROWS_NAMED]
    return f"{'row' if len(at) == 1 else 'rows'} {', '.join(map(str, named))}{' …' if len(named) < len(at) else ''}"
