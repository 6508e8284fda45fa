"""Revisions: why a quarter that had been released was released again with other figures, in words that people write.

The software sees that figures changed and cannot know why: rows were sent again, or somebody objected to the use of theirs.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from disparity.catalogue.words import Words
from disparity.model import Model
from disparity.periods import Quarter

_FIRST = 2


class Revision(Model):
    """Why one vintage followed the one before it."""

    reason: Words
    reason_for: dict[Literal["restricted", "published"], Words] = Field(
        default_factory=dict,
        description="where another correction gave one audience's report this vintage: the reason for that audience",
    )

    def told_to(self, audience: str) -> str:
        """Return the reason that an audience is told."""
        return next((words for each, words in self.reason_for.items() if each == audience), self.reason)


def _ends_a_quarter(day: dt.date) -> dt.date:
    end = Quarter.holding(day).end
    if day != end:
        raise ValueError(f"a quarter is named here by its last day; write {end} for the one that holds {day}")
    return day


def _follows_a_release(vintage: int) -> int:
    if vintage < _FIRST:
        raise ValueError(f"the first release corrects nothing; vintages that do are numbered from {_FIRST}")
    return vintage


def _nothing_yet(value: Any) -> Any:
    """A file of comments alone has no value."""
    return {} if value is None else value


Vintages = dict[Annotated[int, AfterValidator(_follows_a_release)], Revision]
Revisions = Annotated[
    dict[Annotated[dt.date, AfterValidator(_ends_a_quarter)], Vintages], BeforeValidator(_nothing_yet)
]
"""The reasons by the last day of the quarter and by vintage."""
