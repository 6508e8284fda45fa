"""A chart of the stages of a funnel: both groups' rates at each stage, and below them those of all stages together."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from disparity.catalogue.indicators import Indicator, Rows
from disparity.rows import Estimate
from disparity.statistics.evidence import CLEAR, SOME
from reports.charts.groups import Side, both_sides, draw_from_nought, said
from reports.charts.style import (
    INK,
    QUIET,
    Plot,
    cut,
    from_nought,
    inches_of,
    leave_margins,
    new_figure,
    value_form,
    wrapped,
)
from reports.wording.cells import side_value
from reports.wording.numbers import Wording, label, ratio_words, sentence_case
from reports.wording.periods import period_words
from reports.wording.titles import short_title

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_PITCH = 0.72  # inches from stage to stage: three lines of text
_APART = 0.17  # of the pitch, from the middle of a stage to the mark of either group
_KEYS = {"reference": "\u25cf", "group": "\u25a0"}


@dataclass(frozen=True)
class Step:
    """A stage by its title and its row, or all stages together by the indicator's own."""

    title: str
    row: Estimate


def stages_picture(name: str) -> str:
    """Return how the picture of an indicator's stages is called: an indicator has another chart by its own name."""
    return f"{name}_stages"


def steps_of(name: str, indicators: Mapping[str, Indicator], wholes: Mapping[str, Estimate]) -> list[Step]:
    """Return an indicator's stages in their order and last itself, from the rows of the whole organisation.

    What happened between the last stage and the event is no indicator, and no rate of it is told. None where a stage has
    no row, or too little is told to compare stages.
    """
    indicator = indicators[name]
    stages = indicator.stages if isinstance(indicator, Rows) else ()
    if not stages or not {*stages, name} <= set(wholes):
        return []
    steps = [Step(label(indicators[stage].title), wholes[stage]) for stage in stages]
    if not wholes[name].told or not any(step.row.told for step in steps):
        return []
    return [*steps, Step(f"All stages: {label(indicator.title)}", wholes[name])]


def plot_of_stages(steps: Sequence[Step], indicator: Indicator, wording: Wording) -> Plot:
    """Draw two rates for each stage, the first stage above, with markers where one is not told."""
    rows = [step.row for step in steps]
    told = {
        "reference": [side_value(row, "reference", indicator, wording) for row in rows],
        "group": [side_value(row, "group", indicator, wording) for row in rows],
    }
    made, axes = new_figure("stages", 1.15 + _PITCH * len(steps))
    longest = max(len(words) for each in told.values() for words in each)
    leave_margins(axes, left=2.4, right=0.35 + 0.125 * longest, top=0.7, bottom=0.45)
    sides = both_sides(rows, wording)
    for side, shift in zip(sides, (_APART, -_APART), strict=True):
        for place, (value, words) in enumerate(
            zip(reversed(side.values), reversed(told[side.key]), strict=True)
        ):
            _mark(axes, side, f"{side.key}-{place}", place + shift, value, words)
    _name_sides(axes, sides)
    axes.set_ylim(-0.5, len(steps) - 0.5)
    from_nought(axes, "x", [value for side in sides for value in side.values], value_form(indicator))
    axes.set_yticks(range(len(steps)), [wrapped(step.title, 22, 44) for step in reversed(steps)])
    return Plot(made, _title(steps[:-1]), _alt(steps, told, indicator, wording))


def _mark(axes: Axes, side: Side, name: str, height: float, value: float | None, words: str) -> None:
    """Draw a rate at the end of a line from nought, and what it is; its marker alone where it is not told."""
    if value is not None:
        draw_from_nought(axes, side, name, height, value)
    axes.annotate(
        words,
        (value or 0, height),
        xytext=(6 if value is None else 12, 0),
        textcoords="offset points",
        va="center",
        color=QUIET if value is None else INK,
        fontweight="normal" if value is None else "bold",
        gid=f"label-{name}",
    )


def _name_sides(axes: Axes, sides: Sequence[Side]) -> None:
    """Say above the plot which mark is whose, a line for each: names may be long."""
    width, _ = inches_of(axes)
    for side, above in zip(sides, (32, 12), strict=True):
        for words, across, colour, what in (
            (_KEYS[side.key], 0, side.colour, "key"),
            (cut(sentence_case(side.name)), 16, INK, "label"),
        ):
            axes.annotate(
                words,
                (0.1 / width, 1),
                xycoords=("figure fraction", "axes fraction"),
                xytext=(across, above),
                textcoords="offset points",
                va="center",
                color=colour,
                gid=f"{what}-{side.key}",
            )


def _title(stages: Sequence[Step]) -> str:
    """Say at which stage the rates shown differ most in their ratio, where there is evidence of it."""
    evident = [step for step in stages if step.row.evidence in (CLEAR, SOME)]
    if not evident:
        return "No stage shown has evidence of a disparity"
    compared = [step for step in stages if step.row.ratio is not None]
    most = max(map(_width, compared), default=0.0)
    widest = [step for step in compared if _width(step) == most]
    if len(widest) == 1 < len(compared) and widest[0] in evident:
        return short_title(
            f"Rates shown differ most: {_within(widest[0])}",
            "Rates shown differ more at one stage than at others",
        )
    strongest = min(evident, key=lambda step: step.row.evidence != CLEAR)
    words = CLEAR if strongest.row.evidence == CLEAR else f"{SOME} of a disparity"
    return short_title(
        f"{sentence_case(words)}: {_within(strongest)}", f"{sentence_case(words)} at one stage or more"
    )


def _width(step: Step) -> float:
    """Return how far the ratio of a stage is from 1, either way alike."""
    ratio = step.row.ratio or 0.0
    return round(abs(math.log(ratio)), 6) if 0 < ratio < math.inf else math.inf


def _within(step: Step) -> str:
    return f"{step.title[:1].lower()}{step.title[1:]}"


def _alt(
    steps: Sequence[Step], told: Mapping[str, Sequence[str]], indicator: Indicator, wording: Wording
) -> str:
    now = steps[-1].row
    stages = [
        f"{step.title}: {label(step.row.reference_group)} {reference}, {label(step.row.group)} {group}"
        + (f", ratio {ratio_words(step.row.ratio)}" if step.row.ratio is not None else "")
        for step, reference, group in zip(steps, told["reference"], told["group"], strict=True)
    ]
    lead = f"Dot chart of stages, {period_words(now, indicator)}. {'; '.join(stages)}."
    return " ".join([lead, *said(now, indicator, wording)])
