"""What a supplier's check alone asks of the reading of a file: to go on past a fault, and which words were not known.

A run refuses at the first fault of a file, and no word that was withheld from it is kept anywhere.
"""

from __future__ import annotations

import difflib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import polars as pl

from disparity.refusal import Refusal
from resources.words_met import WordsMet

_MOST_COMPARED = 200
_NEAR = 0.6


@dataclass
class WithheldWords:
    """Texts that are no value of their column, as far as whoever holds the file may be shown them again.

    ``ethnicity`` are words that nobody knows. Of a category no wrong word is shown: ``nearest`` counts rows by the right
    word that is nearest, None where none is near.
    """

    ethnicity: WordsMet = field(default_factory=WordsMet)
    nearest: dict[str, Counter[str | None]] = field(default_factory=lambda: defaultdict(Counter))
    _compared: dict[str, dict[str, str | None]] = field(default_factory=lambda: defaultdict(dict), repr=False)

    def of_category(self, column: str, words: pl.Series, right: Sequence[str]) -> None:
        """Count the right words that are nearest to words of a category that are not allowed.

        Where there are more different ones than can be compared in a moment, those to come are near to none.
        """
        lower = {each.lower(): each for each in right}
        compared = self._compared[column]
        for word, rows in _counted(words):
            if word not in compared and len(compared) < _MOST_COMPARED:
                near = difflib.get_close_matches(word.lower(), lower, n=1, cutoff=_NEAR)
                compared[word] = lower[near[0]] if near else None
            self.nearest[column][compared.get(word)] += rows


@dataclass
class Inspection:
    """What one check gathers while a file is read.

    ``faults`` are what a run refuses the file for; ``undivided`` are rows, by number, that have more fields than
    there are headings; ``unread`` are mapped headings that are not there or cannot be read.
    """

    faults: list[Refusal] = field(default_factory=list)
    undivided: list[int] = field(default_factory=list)
    unread: tuple[str, ...] = ()
    words: WithheldWords = field(default_factory=WithheldWords)


@contextmanager
def going_on(inspection: Inspection | None) -> Iterator[None]:
    """Note a refusal and go on where a check wants all of them; let it pass anywhere else."""
    try:
        yield
    except Refusal as fault:
        if inspection is None:
            raise
        inspection.faults.append(fault)


def _counted(words: pl.Series) -> Iterator[tuple[str, int]]:
    return words.drop_nulls().value_counts(sort=True).iter_rows()
