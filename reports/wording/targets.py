"""Where an indicator stands on the straight path to its target, and how that is said."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from disparity.catalogue.deliveries import is_of_a_survey
from disparity.catalogue.indicators import Indicator, Linked, Share
from disparity.catalogue.targets import PARITY, Target
from disparity.periods import Quarter
from disparity.rounding import half_up
from disparity.rows import Estimate
from reports.release.estimates import unit_of
from reports.wording.numbers import Wording, figure, label, number
from reports.wording.periods import period_words


@dataclass(frozen=True)
class Standing:
    """A path from what was told of a first quarter to the target, beside what is told now.

    ``goal`` is where the path ends: for parity what the other group's figure is now, which may move.
    """

    target: Target
    start: Estimate
    now: Estimate
    begun: float
    reached: float
    goal: float

    def path_at(self, end: dt.date) -> float:
        """Return where the path is at the end of a quarter: past the target's date, at the goal."""
        first, last = self.target.since, self.target.by
        gone = min(max((end - first) / (last - first), 0.0), 1.0)
        return self.begun + gone * (self.goal - self.begun)

    @property
    def path_now(self) -> float:
        """Where the path is at the end of the quarter reported on."""
        return self.path_at(dt.date.fromisoformat(self.now.period_end))

    @property
    def people_apart(self) -> int:
        """About how many people of the base lie between figure and path, where the figure is a percentage of people."""
        return int(half_up(abs(self.path_now - self.reached) / 100 * (self.now.group_base or 0)))


def standing_of(target: Target | None, indicator: Indicator, rows: Iterable[Estimate]) -> Standing | None:
    """Return the standing from the whole organisation's rows of this quarter and earlier ones, in any order.

    The path starts from the figure of the target's first quarter, or from that of the latest survey then. None without a
    target, before its first quarter, or where one of the figures that it needs is not told.
    """
    by_end = {row.period_end: row for row in rows}
    start = by_end.get(_start_of(target, indicator, by_end)) if target else None
    if target is None or start is None or start.group_value is None:
        return None
    now = by_end[max(by_end)]
    if Quarter.from_key(now.quarter).end < target.since:
        return None
    goal = now.reference_value if target.reach == PARITY else float(target.reach)
    if now.group_value is None or goal is None:
        return None
    return Standing(target, start, now, start.group_value, now.group_value, goal)


def _start_of(target: Target, indicator: Indicator, ends: Iterable[str]) -> str:
    since = target.since.isoformat()
    return max((end for end in ends if end <= since), default="") if is_of_a_survey(indicator) else since


def target_words(standing: Standing, indicator: Indicator, wording: Wording) -> str:
    """Say what the target is, where the path to it has got to, and how far the figure is from that."""
    now = standing.now
    goal, begun, path, reached = (
        figure(value, indicator, wording)
        for value in (standing.goal, standing.begun, standing.path_now, standing.reached)
    )
    aim = f"match {label(now.reference_group)}" if standing.target.reach == PARITY else f"reach {goal}"
    by = Quarter.holding(standing.target.by).words
    lead = (
        f"To {aim} by {by}, on a straight path from {begun} ({period_words(standing.start, indicator)}). "
        f"The path is at {path} now and the figure is {reached}"
    )
    if path == reached:
        return f"{lead}: on the path."
    side = "above" if standing.reached > standing.path_now else "below"
    return f"{lead}: {side} the path{_people(standing, indicator)}."


def _people(standing: Standing, indicator: Indicator) -> str:
    of_a_sum = isinstance(indicator, Share | Linked) and indicator.value is not None
    base, apart = standing.now.group_base, standing.people_apart
    if base is None or of_a_sum or unit_of(indicator) != "percent":
        return ""
    whom = (
        indicator.part_words
        if isinstance(indicator, Share) and indicator.part_words
        else indicator.base_words
    )
    return f", by about {apart} of {number(base)} {whom}" if apart else ", by less than one person"
