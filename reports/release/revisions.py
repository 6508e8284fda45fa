"""Revisions: which published figures are others now, by quarter and vintage, and why as far as that is recorded.

What belongs here compares states of a quarter that were published. Which those were is for `assets.revising` to find.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

import pandas as pd

from disparity.periods import Quarter
from disparity.refusal import refuse
from disparity.rows import Estimate
from reports.release.estimates import NUMBERS

NO_REASON = "No reason is recorded."

_FIGURE = ["indicator", "breakdown", "level"]
# A q-value is about all comparisons of a report: one figure more beside it changes it, and revises nothing.
_NUMBERS = [name for name in NUMBERS if name != "q_value"]


@dataclass(frozen=True)
class Revised:
    """A vintage that changed published figures: its quarter's last day, its number, and its reason where one is recorded.

    ``figures`` are those of which a number was shown before, is shown now and differs, as indicator/breakdown/level;
    None in a release of an earlier version, which did not say which.
    """

    period_end: str
    vintage: int
    reason: str | None = None
    figures: tuple[str, ...] | None = None

    @property
    def title(self) -> str:
        """Which vintage of which quarter it is."""
        quarter = Quarter.holding(dt.date.fromisoformat(self.period_end))
        return f"{quarter.words}, vintage {self.vintage}"

    @property
    def why(self) -> str:
        """The reason, or that none is recorded."""
        return self.reason or NO_REASON

    @property
    def words(self) -> str:
        """The whole of it, as a page says it."""
        return f"{self.title}: {self.why}"

    def concerns(self, row: Estimate) -> bool:
        """Return whether a row of the estimates is one of the figures revised."""
        if Quarter.from_key(row.quarter).end.isoformat() != self.period_end or row.vintage < self.vintage:
            return False
        return self.figures is None or f"{row.indicator}/{row.breakdown}/{row.level}" in self.figures

    def as_json(self) -> dict[str, Any]:
        """Return it as a frozen release has it: one of an earlier version without figures, as it was."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
            if name != "figures" or value is not None
        }

    @classmethod
    def from_json(cls, read: Mapping[str, Any]) -> Revised:
        """Read back what `as_json` wrote."""
        figures = read.get("figures")
        return cls(**{**read, "figures": None if figures is None else tuple(figures)})


def revisions_of(
    quarter: Quarter, states: Sequence[tuple[int, pd.DataFrame]], reasons: Mapping[int, str]
) -> tuple[Revised, ...]:
    """Return each state of a quarter's figures by which a number that readers were given before is another or gone.

    ``states`` are vintages with their rows of estimates, oldest first: those that were published, and last the one to be.
    """
    end = quarter.end.isoformat()
    return tuple(
        Revised(end, vintage, reasons.get(vintage), figures)
        for (_, before), (vintage, after) in pairwise(states)
        if (figures := _revised(before, after)) is not None
    )


def _revised(before: pd.DataFrame, after: pd.DataFrame) -> tuple[str, ...] | None:
    """Return the figures with a number that two states show and that differs; None where the first's numbers all stay."""
    then = before.set_index(_FIGURE)[_NUMBERS]
    now = after.set_index(_FIGURE)[_NUMBERS].reindex(then.index)
    differ = then.notna() & (then != now)
    if not differ.to_numpy().any():
        return None
    return tuple("/".join(each) for each in then.index[(differ & now.notna()).any(axis=1)])


def without_reason(revisions: Iterable[Revised]) -> list[str]:
    """Return a sentence for each revision that has no reason, for those who can write one."""
    return [
        str(
            refuse(
                "figures that were published are others now, and nothing says why",
                where=each.title,
                rule="readers of a revision are told its reason",
                do=f"write it in revisions.yaml of the catalogue, {each.period_end}, {each.vintage}, reason, "
                "and run the quarter again",
            )
        )
        for each in revisions
        if each.reason is None
    ]
