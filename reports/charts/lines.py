"""A chart of two groups over the quarters told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from disparity.catalogue.deliveries import is_of_a_survey
from disparity.catalogue.indicators import Indicator
from disparity.datasets import DATASETS
from disparity.periods import Quarter
from disparity.rows import Estimate
from reports.charts.groups import Side, said, sides_of
from reports.charts.style import (
    DOTS,
    INK,
    QUIET,
    TEXT,
    Plot,
    from_nought,
    inches_of,
    leave_margins,
    new_figure,
    value_form,
    wrapped,
)
from reports.wording.numbers import Wording, figure, sentence_case
from reports.wording.periods import end_words, is_snapshot, quarter_ending, when_words
from reports.wording.targets import Standing, target_words
from reports.wording.titles import message_title

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_LABELLED_QUARTERS = 5


def plot_of_lines(
    series: Sequence[Estimate], standing: Standing | None, indicator: Indicator, wording: Wording
) -> Plot:
    """Draw both groups over the quarters told, earliest first, their last values marked and named.

    With a target the quarters go on to its date, and so does the straight path that leads there.
    """
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
    quarters = quarters_drawn(series, standing, indicator)
    goal = [standing.goal] if standing else []
    from_nought(
        axes, "y", [*goal, *(value for side in sides for value in side.values)], value_form(indicator)
    )
    axes.set_xlim(-0.3, len(quarters) - 1)
    if standing:
        _draw_path(axes, standing, quarters, figure(standing.goal, indicator, wording))
        _lead_to_names(axes, sides, len(series) - 1, len(quarters) - 1)
    name_quarters(axes, quarters, indicator)
    axes.set_xlabel(_when(indicator), color=INK, fontsize=TEXT, loc="left", gid="when")
    _label_ends(axes, sides, indicator, wording)
    alt = _alt_of_lines(series, sides, indicator, wording)
    if standing:
        alt = f"{alt} Target: {target_words(standing, indicator, wording)}"
    return Plot(made, message_title(series[-1], indicator, wording), alt)


def _when(indicator: Indicator) -> str:
    """Say what the names of the quarters are of."""
    if is_of_a_survey(indicator):
        return f"{sentence_case(DATASETS[indicator.dataset].called)} of"
    return "At the end of" if is_snapshot(indicator) else f"{3 * indicator.quarters} months to the end of"


def quarters_drawn(
    series: Sequence[Estimate], standing: Standing | None, indicator: Indicator
) -> list[Quarter]:
    """Return the quarters that have a place in the chart: those of the rows, and those still to come before a target.

    Of surveys that are still to come, one a year.
    """
    told = [quarter_ending(row.period_end) for row in series]
    last = Quarter.holding(standing.target.by) if standing else told[-1]
    step = 4 if is_of_a_survey(indicator) else 1
    while told[-1] < last:
        told.append(min(told[-1].plus(step), last))
    return told


def name_quarters(axes: Axes, quarters: Sequence[Quarter], indicator: Indicator) -> None:
    """Name the last quarter, and others at even steps before it."""
    step = max(1, -(-len(quarters) // _MOST_LABELLED_QUARTERS))
    places = list(range(len(quarters) - 1, -1, -step))[::-1]
    axes.set_xticks(places, [end_words(quarters[place], indicator).replace(" ", "\n") for place in places])


def _draw_path(axes: Axes, standing: Standing, quarters: Sequence[Quarter], goal: str) -> None:
    """Draw where the straight path is at each quarter from its first to the target's, and name the target there."""
    first = Quarter.holding(standing.target.since)
    places = [place for place, quarter in enumerate(quarters) if quarter >= first]
    path = [standing.path_at(quarters[place].end) for place in places]
    axes.plot(places, path, color=QUIET, linewidth=2.2, linestyle=DOTS, zorder=2, gid="line-target")
    axes.annotate(
        f"Target {goal}",
        (places[-1], path[-1]),
        xytext=(0, 8),
        textcoords="offset points",
        ha="right",
        color=INK,
        gid="label-target",
    )


def _lead_to_names(axes: Axes, sides: Sequence[Side], now: int, end: int) -> None:
    """Lead from each group's last value to its name, across the quarters still to come."""
    for side in sides:
        value = side.values[-1]
        if value is not None and end > now:
            axes.plot([now, end], [value, value], color=side.colour, linewidth=0.8, gid=f"lead-{side.key}")


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
    of = f"{DATASETS[indicator.dataset].called}s" if is_of_a_survey(indicator) else "quarters"
    parts = [f"Line chart of {len(series)} {of}' figures."]
    for side in sides:
        told = [(row, value) for row, value in zip(series, side.values, strict=True) if value is not None]
        (start, begun), (end, ended) = told[0], told[-1]
        parts.append(
            f"{sentence_case(side.name)}: "
            f"{figure(begun, indicator, wording)} ({when_words(start, indicator)}), then "
            f"{figure(ended, indicator, wording)} ({when_words(end, indicator)})."
        )
    return " ".join([*parts, *said(now, indicator, wording)])
