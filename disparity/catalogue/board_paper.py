"""The board paper: the words on its cover and its actions, which people write and the software does not invent."""

from __future__ import annotations

from typing import Literal

from disparity.catalogue.words import Words
from disparity.model import Model


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
