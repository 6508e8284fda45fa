"""A control chart: the ratio quarter by quarter, of quarters that share nobody, between the limits of its own run."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING

from disparity.catalogue.indicators import Indicator
from disparity.rows import Estimate, Line
from disparity.statistics.process_control import COMMON_CAUSE
from reports.charts.lines import name_quarters, quarters_drawn
from reports.charts.style import (
    DASHES,
    INK,
    QUIET,
    TEXT,
    Plot,
    from_nought,
    inches_of,
    leave_margins,
    new_figure,
)
from reports.wording.numbers import Wording, ratio_words
from reports.wording.periods import period_words
from reports.wording.supporting_facts import control_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_NAMES = {"high": "Upper limit", "mean": "Mean", "low": "Lower limit"}


def plot_of_control(
    series: Sequence[Estimate], control: Line, indicator: Indicator, wording: Wording
) -> Plot:
    """Draw the ratio of each quarter that tells it, oldest first, with its mean, its limits, and where groups are equal."""
    made, axes = new_figure("control", 3.7)
    leave_margins(axes, left=0.75, right=1.95, top=0.35, bottom=0.85)
    ratios = [math.nan if row.ratio is None else row.ratio for row in series]
    told = [ratio for ratio in ratios if math.isfinite(ratio)]
    levels = {"high": control.high or 0.0, "mean": sum(told) / len(told), "low": control.low or 0.0}
    for name, level in levels.items():
        dashes = "-" if name == "mean" else DASHES
        axes.axhline(level, color=QUIET, linewidth=1.6, linestyle=dashes, zorder=1, gid=f"line-{name}")
    axes.axhline(1, color=INK, linewidth=1, zorder=1, gid="line-equal")
    axes.plot(
        ratios,
        color=wording.style.group_colour,
        linewidth=2.2,
        marker="s",
        markersize=6,
        clip_on=False,
        gid="line-ratio",
    )
    from_nought(axes, "y", [*told, *levels.values(), 1.0], "{:g}")
    axes.set_xlim(-0.3, len(series) - 1)
    name_quarters(axes, quarters_drawn(series, None, indicator), indicator)
    axes.set_xlabel("3 months to the end of", color=INK, fontsize=TEXT, loc="left", gid="when")
    words = {name: f"{_NAMES[name]} {ratio_words(level)}" for name, level in levels.items()} | {
        "equal": "Equal"
    }
    _name_levels(axes, levels | {"equal": 1.0}, words)
    latest = series[-1].ratio or 0.0
    return Plot(made, _title(latest, control), _alt(series[-1], told, words, control, indicator))


def _name_levels(axes: Axes, levels: Mapping[str, float], words: Mapping[str, str]) -> None:
    """Name each level at its end, apart from each other where they are near."""
    bottom, top = axes.get_ylim()
    line = (top - bottom) * (TEXT * 1.35 / 72) / (axes.get_position().height * inches_of(axes)[1])
    names = sorted(levels, key=lambda name: (levels[name], name))
    for name, height in zip(names, _apart([levels[name] for name in names], line), strict=True):
        axes.text(
            1.04,
            (height - bottom) / (top - bottom),
            words[name],
            transform=axes.transAxes,
            va="center",
            color=INK,
            gid=f"label-{name}",
        )


def _apart(heights: Sequence[float], line: float) -> list[float]:
    """Return ascending heights a line apart: halfway between pushing all up and pushing all down."""
    up = list(accumulate(heights, lambda below, height: max(height, below + line)))
    down = list(accumulate(reversed(heights), lambda above, height: min(height, above - line)))
    return [(high + low) / 2 for high, low in zip(up, reversed(down), strict=True)]


def _title(latest: float, control: Line) -> str:
    usual = control.words.startswith(COMMON_CAUSE)
    return f"Latest ratio {ratio_words(latest)}: {'no more' if usual else 'more'} than the usual variation"


def _alt(
    now: Estimate, told: Sequence[float], words: Mapping[str, str], control: Line, indicator: Indicator
) -> str:
    return (
        f"Control chart of the ratio in {len(told)} single quarters. Latest {ratio_words(now.ratio or 0.0)} "
        f"({period_words(now, indicator)}); {words['mean'].lower()}. {control_words([control])}"
    )
