"""Borrowed words: what an example catalogue says of an invented organisation has no place in the report of a real one.

Whole sentences are compared, and targets with their dates. Short words are anybody's (a role, a duty under an Act, a
date), and so is a sentence that shares no more than a turn of phrase with an example's.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from disparity.catalogue.board_paper import BoardPaper
from disparity.catalogue.commentary import SLOT
from disparity.catalogue.organisation import Organisation
from disparity.catalogue.revisions import Vintages
from disparity.catalogue.targets import Target

LEAST_WORDS = 8
"""A sentence of fewer words is taken for anybody's."""

# A sentence ends with its mark, with its paragraph, and where the next point of a list or a heading begins.
_SENTENCE = re.compile(r"(?:(?!\n\s*(?:\n|[-*#]))[^.!?])+")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Written:
    """One text that somebody wrote into a catalogue: the file (without ending), its key path, and the text."""

    file: str
    path: tuple[Hashable, ...]
    text: str


def written_in(
    organisation: Organisation, board_paper: BoardPaper | None, revisions: Mapping[dt.date, Vintages]
) -> Iterator[Written]:
    """Yield what a report passes on from a catalogue in the organisation's own name."""
    for name, agreement in organisation.agreements.items():
        yield Written("organisation", ("agreements", name, "recorded_by"), agreement.recorded_by or "")
    if board_paper is not None:
        for key in ("decision", "objective", "risk"):
            yield Written("board_paper", (key,), getattr(board_paper, key))
        for at, action in enumerate(board_paper.actions):
            yield Written("board_paper", ("actions", at, "action"), action.action)
    for day, vintages in revisions.items():
        for vintage, revision in vintages.items():
            yield Written("revisions", (str(day), vintage, "reason"), revision.reason)
            for audience, reason in revision.reason_for.items():
                yield Written("revisions", (str(day), vintage, "reason_for", audience), reason)


def sentences(text: str) -> Iterator[tuple[int, str]]:
    """Yield each sentence that is long enough to be somebody's own, as bare words, with the number of its first line.

    >>> list(sentences("Noted.\\n\\nThe trust loses *staff* and skills, and may breach\\nits duties."))
    [(3, 'the trust loses staff and skills and may breach its duties')]
    """
    # A slot stands for a figure: which one it is makes no sentence another, and its dot ends none.
    plain = SLOT.sub(lambda slot: "figure" + " " * (len(slot[0]) - len("figure")), text)
    for part in _SENTENCE.finditer(plain):
        words = _WORD.findall(part[0].casefold())
        if len(words) >= LEAST_WORDS:
            start = part.start() + len(part[0]) - len(part[0].lstrip())
            yield plain.count("\n", 0, start) + 1, " ".join(words)


def borrowed(own: Iterable[Written], examples: Iterable[str]) -> Iterator[Written]:
    """Yield each text in which a sentence of an example stands."""
    theirs = {sentence for text in examples for _, sentence in sentences(text)}
    for each in own:
        if any(sentence in theirs for _, sentence in sentences(each.text)):
            yield each


def borrowed_lines(own: str, examples: Iterable[str]) -> Iterator[int]:
    """Yield the line on which each sentence begins that stands in an example too."""
    theirs = {sentence for text in examples for _, sentence in sentences(text)}
    yield from (line for line, sentence in sentences(own) if sentence in theirs)


def borrowed_targets(own: Mapping[str, Target], examples: Mapping[str, Target]) -> Iterator[str]:
    """Yield the indicators whose target is an example's to the day."""
    yield from (name for name, target in own.items() if examples.get(name) == target)
