"""The board paper: the words on its cover and its actions, which people write and the software does not invent."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator

from disparity.model import Model, Text

_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
# Numbers that are no figures: dates, years, and places in an Act or a standard.
_NO_FIGURE = re.compile(
    rf"(?<![\d£.,])(?:\d{{1,2}} (?:{_MONTHS})\b|(?:19|20)\d\d(?:/\d\d)?(?![\d%]|[.,]\d))"
    r"|\b(?:section|article|schedule|part|regulation|standard|indicator)s? \d{1,3}[A-Z]?(?:\(\d{1,2}\))*",
    re.IGNORECASE,
)
_FIGURE = re.compile(r"\d|\bper ?cent\b|%", re.IGNORECASE)


def _without_figures(text: str) -> str:
    """A figure typed by hand is protected by nothing and is wrong a quarter later."""
    if _FIGURE.search(_NO_FIGURE.sub("", text)):
        raise ValueError(
            "a figure is typed here, and the figures of a board paper come from the release, which protects them; "
            "say it without the number (years, dates such as 31 March 2027 and numbers of sections, articles, "
            "standards and indicators may stand)"
        )
    return text


Words = Annotated[Text, AfterValidator(_without_figures)]
"""Text in which no figure is typed by hand."""


class Action(Model):
    """Something to be done: what, whose it is (a role, no name) and by when."""

    action: Words
    owner: Words
    by: Words


class BoardPaper(Model):
    """What a board secretary expects on a cover, and the actions that are put to the board."""

    purpose: Literal["decision", "assurance", "discussion", "information"]
    decision: Words
    sponsor: Words
    author: Words
    meeting: Words | None = None
    objective: Words
    risk: Words
    duties: tuple[Words, ...]
    actions: tuple[Action, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """Everything in it that is written freely."""
        own = (self.decision, self.sponsor, self.author, self.meeting or "", self.objective, self.risk)
        done = (text for each in self.actions for text in (each.action, each.owner, each.by))
        return *own, *self.duties, *done
