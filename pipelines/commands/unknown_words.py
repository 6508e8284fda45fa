"""Words of ethnicity in a checked file that nobody knows: which of them are shown, and the code each may mean.

Shown are words of a list of codes: spellings of one that is known, words for no answer, and what many people share. Any
other may be a surname that a damaged row brought there.
"""

from __future__ import annotations

from dataclasses import dataclass

from disparity.datasets.spellings import Spellings
from disparity.ethnicity import Code, Crosswalk
from resources.words_met import WordsMet


@dataclass(frozen=True)
class UnknownWord:
    """A word of ethnicity that nobody knows, in how many rows it stands, and the code it may mean."""

    word: str
    rows: int
    suggested: Code | None


@dataclass(frozen=True)
class UnknownWords:
    """What is shown of them, the commonest first, and the numbers of the ``rows`` whose words are not.

    ``none_of_a_list`` is whether all together look like names or numbers, as of another column: then nothing is shown.
    """

    listed: tuple[UnknownWord, ...] = ()
    rows: tuple[int, ...] = ()
    none_of_a_list: bool = False


def unknown_words(met: WordsMet, rows: int, crosswalk: Crosswalk) -> UnknownWords:
    """Judge the words that were met in a file of so many rows."""
    if met.too_many or met.are_mostly_met_once(rows):
        return UnknownWords(none_of_a_list=True)
    spellings = Spellings(crosswalk)
    listed, others = [], list[int]()
    for word, each in sorted(met.by_word.items(), key=lambda item: (-item[1].rows, item[0])):
        suggested = spellings.suggested(word)
        if suggested or spellings.of_the_list(word) or met.may_be_shown(word):
            listed.append(UnknownWord(word, each.rows, suggested))
        else:
            others += each.at
    return UnknownWords(tuple(listed), tuple(sorted(others)))
