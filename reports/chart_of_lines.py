"""A chart of two groups over the quarters told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from disparity.catalogue.indicators import Indicator
from disparity.periods import Quarter
from reports.chart_sides import Side, said, sides_of
from reports.chart_style import INK, TEXT, Plot, from_nought, inches_of, leave_margins, new_figure, wrapped
from reports.sentences import Wording, figure, is_snapshot, message_title, period_words, sentence_case
from reports.table import Estimate

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_LABELLED_QUARTERS = 5


def plot_of_lines(series: Sequence[Estimate], indicator: Indicator, wording: Wording) -> Plot:
    """Draw both groups over the quarters told, earliest first, their last values marked and named."""
    made, axes = new_figure("lines", 3.7)
    leave_margins(axes, left=0.75, right=1.95, top=0.35, bottom=0.85)
    sides = sides_of(series, wording)
    for side in sides:
        heights = [float("nan") if value is None else value for value in side.values]
        axes.plot(
            heights,
            color=side.colour,
            linestyle=side.line,
            linewidth=2.2,
            marker=side.marker,
            markersize=4,
            gid=f"line-{side.key}",
        )
        axes.plot(
            [len(series) - 1],
            heights[-1:],
            color=side.colour,
            marker=side.marker,
            markersize=side.size,
            markeredgecolor="white",
            markeredgewidth=1,
            clip_on=False,
            zorder=4,
            gid=f"now-{side.key}",
        )
    from_nought(axes, "y", [value for side in sides for value in side.values], indicator)
    axes.set_xlim(-0.3, len(series) - 1)
    _name_quarters(axes, series, indicator)
    _label_ends(axes, sides, indicator, wording)
    return Plot(
        made, message_title(series[-1], indicator, wording), _alt_of_lines(series, sides, indicator, wording)
    )


def _name_quarters(axes: Axes, series: Sequence[Estimate], indicator: Indicator) -> None:
    last = len(series) - 1
    step = max(1, -(-len(series) // _MOST_LABELLED_QUARTERS))
    places = list(range(last, -1, -step))[::-1]
    ends = [dt.date.fromisoformat(series[place].period_end) for place in places]
    axes.set_xticks(places, [Quarter.holding(end).words.split(" to ")[1].replace(" ", "\n") for end in ends])
    when = "At" if is_snapshot(indicator) else f"{3 * series[-1].quarters} months to"
    axes.set_xlabel(f"{when} the end of", color=INK, fontsize=TEXT, loc="left", gid="when")


def _label_ends(axes: Axes, sides: Sequence[Side], indicator: Indicator, wording: Wording) -> None:
    """Name each line at its end, moved apart where two would lie on each other."""
    texts = []
    for side in sides:
        told = next((value for value in reversed(side.values) if value is not None), 0.0)
        now = side.values[-1]
        words = "not shown" if now is None else figure(now, indicator, wording)
        texts.append((told, f"{wrapped(sentence_case(side.name), 16)}\n{words}"))
    bottom, top = axes.get_ylim()
    line = (top - bottom) * (TEXT * 1.25 / 72) / (axes.get_position().height * inches_of(axes)[1])
    for side, (_, words), middle in zip(sides, texts, _apart(texts, line), strict=True):
        axes.text(
            1.04,
            (middle - bottom) / (top - bottom),
            words,
            transform=axes.transAxes,
            va="center",
            color=INK,
            fontweight="bold",
            linespacing=1.15,
            gid=f"label-{side.key}",
        )


def _apart(texts: Sequence[tuple[float, str]], line: float) -> list[float]:
    """Return the middle of each of one or two labels, as near to its value as their heights let."""
    middles = [value for value, _ in texts]
    if len(texts) < 2:
        return middles
    least = line * sum(text.count("\n") + 1 for _, text in texts) / 2
    low, high = sorted((0, 1), key=lambda side: (middles[side], side == 0))
    lacking = least - (middles[high] - middles[low])
    if lacking > 0:
        middles[low] -= lacking / 2
        middles[high] += lacking / 2
    lowest = line * (texts[low][1].count("\n") + 1) / 2
    lift = max(0.0, lowest - middles[low] - line)
    return [middle + lift for middle in middles]


def _alt_of_lines(
    series: Sequence[Estimate], sides: Sequence[Side], indicator: Indicator, wording: Wording
) -> str:
    now = series[-1]
    parts = [f"Line chart of {len(series)} quarters' figures."]
    for side in sides:
        told = [(row, value) for row, value in zip(series, side.values, strict=True) if value is not None]
        (start, begun), (end, ended) = told[0], told[-1]
        parts.append(
            f"{sentence_case(side.name)}: "
            f"{figure(begun, indicator, wording)} ({period_words(start, indicator)}), then "
            f"{figure(ended, indicator, wording)} ({period_words(end, indicator)})."
        )
    return " ".join([*parts, *said(now, indicator, wording)])
