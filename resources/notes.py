"""Notes on how an extract was read: what its reader has to know, with the counts of rows that go through a policy.

No value of a row stands here; a heading may.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

MOST_ROWS = 8
"""Rows that a note names by number, at most."""

_ROWS = "{rows}"


@dataclass(frozen=True)
class Note:
    """One thing about how an extract was read; ``{rows}`` in its words stands for the count of rows it is about.

    ``at`` are the numbers of the first of them, for the terminal of a check: how many they are is a count.
    """

    words: str
    rows: int | None = None
    at: tuple[int, ...] = ()

    def said(self, shown: Callable[[int], str]) -> str:
        """Return the words, their count as ``shown`` gives it: exact on a terminal, by a policy anywhere else.

        >>> Note("{rows} rows have fewer fields than there are headings", 12).said(str)
        '12 rows have fewer fields than there are headings'
        """
        return self.words if self.rows is None else self.words.replace(_ROWS, shown(self.rows))
