"""Rows that a source's own settings leave out: by setting, heading and word, and how that is said."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from resources.words_met import LEAST_PEOPLE, WordsMet, rows_named

Setting = Literal["keep", "in_force", "nearly"]
"""What leaves rows out: ``keep``, ``in_force``; or ``nearly``, whose words nearly are ones that ``keep`` takes."""

_WORDS_SAID = 12
_LONGEST_WORD = 60
_NUMBER_OR_ADDRESS = re.compile(r"\d{5}|@")
_HOW = {
    "keep": "left out by keep, {heading}",
    "in_force": "left out by in_force (not in force on the quarter's last day), {heading}",
    "nearly": "nearly a word that keep takes, {heading}",
}


@dataclass(frozen=True)
class LeftOut:
    """Rows that a setting does not take for what stands under a heading; each row counts under one heading.

    ``words`` are rows by the supplier's word, the commonest first: for the terminal of a check, and for nowhere
    else. There are none of dates, nor where the words look like names or numbers; nor are there those that few people
    share, whose rows ``few`` names by number.
    """

    setting: Setting
    heading: str
    rows: int
    words: tuple[tuple[str, int], ...] = ()
    few: tuple[int, ...] = ()

    @property
    def fact(self) -> dict[str, Any]:
        """What may be stored: no word of a row."""
        return {"setting": self.setting, "heading": self.heading, "rows": self.rows}


class Counting:
    """Counts rows by setting, heading and word while files are read. Where words are many, none is held on to."""

    def __init__(self) -> None:
        """Begin with no row."""
        self._rows: Counter[tuple[Setting, str]] = Counter()
        self._words: dict[tuple[Setting, str], WordsMet] = {}

    def add(self, setting: Setting, heading: str, rows: int, words: WordsMet | None = None) -> None:
        """Add rows of one heading; ``words`` are those of the rows, None where words are not to be said."""
        key = (setting, heading)
        self._rows[key] += rows
        if words is not None:
            self._words.setdefault(key, WordsMet()).include(words)

    def include(self, other: Counting) -> None:
        """Add what was counted of another file."""
        for (setting, heading), rows in other._rows.items():
            self.add(setting, heading, rows, other._words.get((setting, heading)))

    def rows(self, *settings: Setting) -> int:
        """Return the rows of some settings."""
        return sum(rows for (setting, _), rows in self._rows.items() if setting in settings)

    def found(self, *settings: Setting) -> tuple[LeftOut, ...]:
        """Return what was counted of some settings, in the order in which headings were met."""
        return tuple(
            LeftOut(setting, heading, rows, *_that_may_be_said(self._words.get((setting, heading)), setting))
            for (setting, heading), rows in self._rows.items()
            if rows and setting in settings
        )


def listed(left_out: Sequence[LeftOut]) -> Iterator[str]:
    """Yield a line for each heading with exact counts and the supplier's words: for the terminal of a check alone.

    >>> list(listed([LeftOut("keep", "Primary", 3, (("N", 2), ("", 1)))]))
    ["left out by keep, Primary: 3 rows: 'N' (2), blank (1)"]
    """
    for each in left_out:
        words = [f"{repr(word) if word else 'blank'} ({rows:,})" for word, rows in each.words[:_WORDS_SAID]]
        more = [f"and {len(each.words) - _WORDS_SAID} more"] if len(each.words) > _WORDS_SAID else []
        few = (
            [f"words that fewer than {LEAST_PEOPLE} people share ({rows_named(each.few)})"]
            if each.few
            else []
        )
        said = f": {', '.join(words + more + few)}" if words or few else ""
        rows = f"{each.rows:,} {'row' if each.rows == 1 else 'rows'}"
        do = "; add the words to keep or to leave_out in sources.yaml" if each.setting == "nearly" else ""
        yield f"{_how(each.setting, each.heading)}: {rows}{said}{do}"


def in_short(facts: Mapping[str, Any], shown: Callable[[int], str]) -> str:
    """Say what was left out by setting and heading, with counts as a policy shows them and no word of a row.

    ``facts`` are those of a received extract; entries written before headings were kept have one count alone.
    """
    if "left_out" not in facts:
        return shown(facts.get("rows_left_out", 0))
    lines = [f"{_how(each['setting'], each['heading'])}: {shown(each['rows'])}" for each in facts["left_out"]]
    return "; ".join(lines) or shown(0)


def _how(setting: Setting, heading: str) -> str:
    return _HOW[setting].format(heading=heading)


def _that_may_be_said(
    met: WordsMet | None, setting: Setting
) -> tuple[tuple[tuple[str, int], ...], tuple[int, ...]]:
    """Return the words of a list of codes with their rows, none where they look like names or numbers; and rows of others.

    What is nearly a word that is kept is a spelling of the source's own, however few have it.
    """
    if met is None:
        return (), ()
    words = met.by_word
    if met.are_mostly_met_once(sum(each.rows for each in words.values())):
        return (), ()
    if any(len(word) > _LONGEST_WORD or _NUMBER_OR_ADDRESS.search(word) for word in words):
        return (), ()
    said = {word: each.rows for word, each in words.items() if setting == "nearly" or met.may_be_shown(word)}
    few = sorted(row for word in words.keys() - said for row in words[word].at)
    return tuple(sorted(said.items(), key=lambda each: (-each[1], each[0]))), tuple(few)
