"""Revisions: which quarters of a report were released again with other figures, and why, as far as that is recorded."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from disparity.catalogue import Revisions
from disparity.periods import Quarter
from disparity.refusal import refuse

NO_REASON = "No reason is recorded."


@dataclass(frozen=True)
class Revised:
    """A vintage that followed another: its quarter's last day, its number, and its reason where one is recorded."""

    period_end: str
    vintage: int
    reason: str | None = None

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


def vintages_of(period_end: str, vintage: int, reasons: Mapping[int, str]) -> tuple[Revised, ...]:
    """Return every vintage that led to this one, but for the first, which revised nothing."""
    return tuple(Revised(period_end, each, reasons.get(each)) for each in range(2, vintage + 1))


def revisions_of(tables: Iterable[pd.DataFrame], recorded: Revisions, audience: str) -> tuple[Revised, ...]:
    """Return what was revised of the quarters that tables of estimates tell of, earliest first."""
    newest: dict[str, int] = {}
    for table in tables:
        for key, vintage in zip(table["quarter"], table["vintage"], strict=True):
            end = Quarter.from_key(str(key)).end.isoformat()
            newest[end] = max(int(vintage), newest.get(end, 0))
    found: list[Revised] = []
    for period_end, vintage in sorted(newest.items()):
        reasons = recorded.get(dt.date.fromisoformat(period_end), {})
        told = {each: revision.told_to(audience) for each, revision in reasons.items()}
        found += vintages_of(period_end, vintage, told)
    return tuple(found)


def without_reason(revisions: Iterable[Revised]) -> list[str]:
    """Return a sentence for each revision that has no reason, for those who can write one."""
    return [
        str(
            refuse(
                "it was released again with other figures, and nothing says why",
                where=each.title,
                rule="readers of a revision are told its reason",
                do=f"write it in revisions.yaml of the catalogue, {each.period_end}, {each.vintage}, reason, "
                "and run the quarter again",
            )
        )
        for each in revisions
        if each.reason is None
    ]
