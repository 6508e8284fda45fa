"""The two groups of a chart, never told apart by colour alone, and what is said of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from disparity.catalogue.indicators import Indicator
from disparity.rows import Estimate
from reports.charts.style import DASHES
from reports.wording.numbers import Wording, label
from reports.wording.sentences import evidence_sentence, finding

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class Side:
    """One group's values over time and how it is drawn: never told apart by colour alone."""

    key: str
    name: str
    values: tuple[float | None, ...]
    colour: str
    marker: str
    size: int
    line: Any


def sides_of(series: Sequence[Estimate], wording: Wording) -> list[Side]:
    """Return the groups that have a value in any row, the latest row last."""
    return [side for side in both_sides(series, wording) if any(value is not None for value in side.values)]


def both_sides(series: Sequence[Estimate], wording: Wording) -> list[Side]:
    """Return both groups, the reference first, whether or not they have a value."""
    now = series[-1]
    # The circle is larger than the square, so that both are seen where they lie on each other.
    reference = Side(
        key="reference",
        name=label(now.reference_group),
        values=tuple(row.reference_value for row in series),
        colour=wording.style.reference_colour,
        marker="o",
        size=12,
        line="-",
    )
    group = Side(
        key="group",
        name=label(now.group),
        values=tuple(row.group_value for row in series),
        colour=wording.style.group_colour,
        marker="s",
        size=9,
        line=DASHES,
    )
    return [reference, group]


def draw_from_nought(axes: Axes, side: Side, name: str, height: float, value: float) -> None:
    """Draw a group's mark at a value, at the end of a line from nought."""
    axes.plot(
        [0, value],
        [height, height],
        color=side.colour,
        linewidth=2.2,
        linestyle=side.line,
        clip_on=False,
        gid=f"line-{name}",
    )
    axes.plot(
        [value],
        [height],
        color=side.colour,
        marker=side.marker,
        markersize=side.size,
        clip_on=False,
        zorder=4,
        gid=f"now-{name}",
    )


def said(now: Estimate, indicator: Indicator, wording: Wording) -> list[str]:
    """Return what is found of a row and how strong the evidence is."""
    sentences = (finding(now, indicator, wording), evidence_sentence(now, indicator, wording))
    return [sentence for sentence in sentences if sentence]
