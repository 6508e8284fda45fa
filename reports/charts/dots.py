"""A chart of two groups in one quarter, a dot for each."""

from __future__ import annotations

from disparity.catalogue.indicators import Indicator
from disparity.rows import Estimate
from reports.charts.groups import draw_from_nought, said, sides_of
from reports.charts.style import (
    INK,
    Plot,
    from_nought,
    leave_margins,
    new_figure,
    value_form,
    wrapped,
)
from reports.wording.numbers import Wording, figure, sentence_case
from reports.wording.periods import period_words
from reports.wording.titles import message_title


def plot_of_dots(now: Estimate, indicator: Indicator, wording: Wording) -> Plot:
    """Draw a dot for each group, the first above, at the end of a line from nought."""
    sides = sides_of([now], wording)
    made, axes = new_figure("dots", 0.9 + 0.62 * len(sides))
    leave_margins(axes, left=1.9, right=0.95, top=0.15, bottom=0.45)
    for place, side in enumerate(reversed(sides)):
        value = side.values[0] or 0.0
        draw_from_nought(axes, side, side.key, place, value)
        axes.annotate(
            figure(value, indicator, wording),
            (value, place),
            xytext=(12, 0),
            textcoords="offset points",
            va="center",
            color=INK,
            fontweight="bold",
            gid=f"label-{side.key}",
        )
    axes.set_ylim(-0.6, len(sides) - 0.4)
    from_nought(axes, "x", [side.values[0] for side in sides], value_form(indicator))
    axes.set_yticks(range(len(sides)), [wrapped(sentence_case(side.name), 18) for side in reversed(sides)])
    values = "; ".join(f"{side.name} {figure(side.values[0], indicator, wording)}" for side in sides)
    alt = " ".join([f"Dot chart, {period_words(now, indicator)}: {values}.", *said(now, indicator, wording)])
    return Plot(made, message_title(now, indicator, wording), alt)
