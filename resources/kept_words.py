"""Words that rows are chosen by: whether a word is one of those kept, plainly another, or nearly one that is kept.

A word that is nearly one kept is neither the user's choice nor plainly not: "active assignment" for "Active
Assignment", "Yes" for "Y", a letter amiss. Words that differ in meaning and little in writing ("Inactive Assignment",
"Part Time 2" for "Part Time 1", "Trainer" for "Trainee") are others.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Literal

import polars as pl

Verdict = Literal["kept", "nearly", "another"]

_ALIKE = ({"y", "yes", "true", "1"}, {"n", "no", "false", "0"}, {"t", "true"}, {"f", "false"})
_LEAST_LETTERS = 5  # shorter words differ from others by one letter: "Paid" and "Said"
# Small letters of Cyrillic and Greek that look as Latin ones do, in capitals or not; and letters that are not seen.
_LOOK_ALIKE = str.maketrans(
    "\u0430\u0432\u0435\u043a\u043c\u043d\u043e\u0440\u0441\u0442\u0443\u0445\u0456\u0458\u0455"
    "\u03b1\u03b2\u03b5\u03b6\u03b7\u03b9\u03ba\u03bc\u03bd\u03bf\u03c1\u03c4\u03c5\u03c7",
    "abekmhopctyxijsabezhikmnoptyx",
    "\u115f\u1160\u3164\uffa0",
)
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")


class KeptWords:
    """The words kept under one heading, and those that are known to be others though they are nearly kept."""

    def __init__(self, kept: Iterable[str], others: Iterable[str] = ()) -> None:
        """Prepare the words as the catalogue writes them; "" stands for a blank."""
        self._kept = frozenset(kept)
        self._others = frozenset(others)
        self._plain = {_plain(word) for word in self._kept}
        self._parts = [_parts(word) for word in self._kept]

    def judge(self, texts: pl.Series, no_value: Sequence[str] = ()) -> pl.Series:
        """Return the verdict on each text; null, and a text that stands for nothing unless it is kept, is a blank."""
        blank = texts.is_null() | (texts.is_in(list(no_value)) & ~texts.is_in(list(self._kept)))
        words = pl.select(pl.when(blank).then(pl.lit("")).otherwise(texts)).to_series()
        known = words.unique()
        verdicts = pl.Series([self.verdict(word) for word in known], dtype=pl.String)
        return words.replace_strict(known, verdicts, return_dtype=pl.String)

    def verdict(self, word: str) -> Verdict:
        """Judge one word.

        >>> KeptWords(["Active Assignment"]).verdict("active  assignment")
        'nearly'
        """
        if word in self._kept:
            return "kept"
        if not word or word in self._others:
            return "another"
        return "nearly" if self._is_near(word) else "another"

    def _is_near(self, word: str) -> bool:
        plain = _plain(word)
        if plain in self._plain or any(plain in alike and alike & self._plain for alike in _ALIKE):
            return True
        parts = _parts(word)
        return any(_one_letter_amiss(parts, kept) for kept in self._parts)


def _plain(word: str) -> str:
    """Return a word without what is not seen or not meant: capitals, spaces, signs, scripts, zeros before a number."""
    text = unicodedata.normalize("NFKC", word).casefold().strip()
    if _NUMBER.fullmatch(text):
        return f"{Decimal(text).normalize():f}"
    return "".join(letter for letter in text.translate(_LOOK_ALIKE) if letter.isalnum() or letter == "+")


def _parts(word: str) -> list[str]:
    return re.findall(r"\w+", unicodedata.normalize("NFKC", word).casefold())


def _one_letter_amiss(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two texts are the same but for one long word, in which one letter is lost, added, wrong or displaced."""
    unlike = [pair for pair in zip(one, other, strict=False) if pair[0] != pair[1]]
    return len(one) == len(other) and len(unlike) == 1 and _misspelt(*unlike[0])


def _misspelt(one: str, other: str) -> bool:
    """Whether two words of letters are one slip of the pen apart, neither at the first letter nor a new last one.

    The first letter makes "atypical" of "typical", the last "trainer" of "trainee".
    """
    if min(len(one), len(other)) < _LEAST_LETTERS or not (one.isalpha() and other.isalpha()):
        return False
    pairs = zip(one, other, strict=False)
    shared = next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
    left, right = one[shared:], other[shared:]
    lost = left[1:] == right or left == right[1:]
    wrong = left[1:] == right[1:] != ""
    displaced = left[:2] == right[1::-1] and left[2:] == right[2:]
    return shared > 0 and (lost or wrong or displaced)
