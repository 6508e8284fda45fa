"""The one exception for a user's mistake: a sentence that says what, where, which rule and what to do."""

from __future__ import annotations

from collections.abc import Sequence

from disparity.printable import printable


class Refusal(Exception):  # noqa: N818 - a refusal is an answer to a person, not a programming error
    """Input or a setting that the pipeline will not use.

    The message is shown to people as it stands, so it never holds the value of a row, a name or free text.
    ``there`` are words of the file itself that would help its owner to mend it, such as the names of its sheets:
    for the terminal of `check` alone.
    """

    def __init__(self, words: str, there: Sequence[str] = ()) -> None:
        """Take the sentence as it is shown."""
        super().__init__(words)
        self.there = tuple(there)


def refuse(what: str, *, where: str, rule: str, do: str, there: Sequence[str] = ()) -> Refusal:
    """Word a refusal: what is wrong, where, the rule it breaks and what to do about it."""
    words = f"{where}: {what.rstrip('.')}. Rule: {rule.rstrip('.')}. What to do: {do.rstrip('.')}."
    return Refusal(printable(words), tuple(map(printable, there)))
