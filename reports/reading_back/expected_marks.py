"""Marks: what the release has a chart of each kind show, and where on its scales.

Worked out from the rows and not from what draws them, so that `reports.reading_back.svg` compares a drawing with the
release.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, takewhile
from typing import Literal

from disparity.catalogue.deliveries import is_of_a_survey
from disparity.catalogue.indicators import Indicator
from disparity.periods import Quarter
from disparity.rows import Estimate, Number
from reports.reading_back.expected_text import MARKERS, Origins, ratio_cell_text, ratio_text
from reports.release.estimates import unit_of
from reports.wording.numbers import label, sentence_case
from reports.wording.targets import Standing

_SIDES = ("reference", "group")

Told = tuple[float | None, float]
Label = tuple[str, Sequence[str]]


@dataclass(frozen=True)
class Shape:
    """A line through points (category, value), the category None where it crosses all; ``marked`` with a mark at each.

    What is ``cut`` stands at the end of the scale where it lies beyond, and what tells that it does is drawn there alone.
    """

    points: Sequence[Told]
    marked: bool = False
    cut: bool = False
    tells_beyond: bool = False


@dataclass(frozen=True)
class Expected:
    """What the release has a chart show: shapes, and labels as the name and the figures one of which follows it.

    ``form`` is how values are written beside their scale, ``window`` the numbers of the note on it.
    """

    form: str
    values_on: Literal["x", "y"]
    categories: Sequence[str]
    shapes: Mapping[str, Shape]
    labels: Mapping[str, Label]
    window: Sequence[str] = ()


_NOUGHT = {"nought": Shape([(None, 0.0), (None, 0.0)])}


def _lines(name: str, origins: Origins) -> Expected:
    """Two lines over the quarters, their last values marked and named."""
    series, indicator = origins.series(name), origins.catalogue.indicators[name]
    standing = origins.standing(name)
    quarters = _quarters(series, standing, step=4 if is_of_a_survey(indicator) else 1)
    shapes, labels = dict(_NOUGHT), {}
    if standing is not None:
        first = Quarter.holding(standing.target.since)
        path = [(at, standing.path_at(each.end)) for at, each in enumerate(quarters) if each >= first]
        shapes["line-target"] = Shape(path)
        labels["label-target"] = ("Target", [origins.value(standing.goal, indicator)])
    for side in _SIDES:
        values = _values(series, side)
        points: list[Told] = [(at, value) for at, value in enumerate(values) if value is not None]
        if points:
            now = [point for point in points if point[0] == len(series) - 1]
            shapes |= {f"line-{side}": Shape(points, True), f"now-{side}": Shape(now, True)}
            figure = origins.value(values[-1], indicator) or "not shown"
            labels[f"label-{side}"] = (_name(series[-1], side), [figure])
            if now and len(quarters) > len(series):
                shapes[f"lead-{side}"] = Shape([*now, (len(quarters) - 1, now[0][1])])
    ends = [each.season if is_of_a_survey(indicator) else each.last_month for each in quarters]
    window = [] if is_of_a_survey(indicator) else [str(3 * indicator.quarters)]
    return Expected(_form(indicator), "y", ends, shapes, labels, window)


def _quarters(series: Sequence[Estimate], standing: Standing | None, step: int) -> list[Quarter]:
    """Return the quarters of the rows, and those from there to a target, of surveys one a year and the target's."""
    told = [Quarter.holding(dt.date.fromisoformat(row.period_end)) for row in series]
    by = told[-1] if standing is None else Quarter.holding(standing.target.by)
    coming = list(takewhile(lambda each: each < by, map(told[-1].plus, count(step, step))))
    return [*told, *coming, *([by] if by > told[-1] else [])]


def _dots(name: str, origins: Origins) -> Expected:
    """A dot for each group, at the end of a line from nought; the first group above."""
    row, indicator = origins.whole(name), origins.catalogue.indicators[name]
    rows = [row] if row is not None else []
    told = [(side, value) for side in _SIDES for value in _values(rows, side) if value is not None]
    shapes, labels = dict(_NOUGHT), {}
    for at, (side, value) in enumerate(reversed(told)):
        shapes |= {
            f"line-{side}": Shape([(at, 0.0), (at, value)]),
            f"now-{side}": Shape([(at, value)], True),
        }
        labels[f"label-{side}"] = ("", [origins.value(value, indicator)])
    categories = [_name(each, side) for side, _ in reversed(told) for each in rows]
    return Expected(_form(indicator), "x", categories, shapes, labels)


def _ladder(name: str, origins: Origins) -> Expected:
    """A rung for each band, from the value of all staff to its own."""
    row, indicator, bands = origins.whole(name), origins.catalogue.indicators[name], origins.bands(name)
    whole = (row.group_value if row is not None else None) or 0.0
    shapes = _NOUGHT | {"line-whole": Shape([(None, whole), (None, whole)])}
    labels: dict[str, Label] = {
        "label-whole": (f"All {indicator.base_words}", [origins.value(whole, indicator)])
    }
    for at, value in enumerate(_values(bands, "group")):
        labels[f"label-{at}"] = ("", MARKERS if value is None else [origins.value(value, indicator)])
        if value is not None:
            shapes |= {
                f"line-{at}": Shape([(at, whole), (at, value)]),
                f"now-{at}": Shape([(at, value)], True),
            }
    return Expected(_form(indicator), "x", [origins.level_words(band) for band in bands], shapes, labels)


def _ratios(_: str, origins: Origins) -> Expected:
    """A dot for each ratio on a line along its interval, the first above; a line across all where groups are equal."""
    rows, indicators = origins.comparisons[::-1], origins.catalogue.indicators
    shapes = {"line-equal": Shape([(None, 1.0), (None, 1.0)])}
    labels: dict[str, Label] = {
        "label-equal": ("Equal", [""]),
        "label-ratio": ("Ratio (95% interval)", [""]),
        "label-above": (origins.fares_less_well("Above 1", "ethnic_minority"), [""]),
        "label-below": (origins.fares_less_well("Below 1", "white"), [""]),
    }
    for at, row in enumerate(rows):
        labels[f"label-{at}"] = ("", [f"{ratio_cell_text(row)} {row.evidence}".strip()])
        if row.ratio:
            shapes[f"now-{at}"] = Shape([(at, row.ratio)], marked=True)
        if row.ratio_low is not None:
            ends = {"low": row.ratio_low, "high": math.inf if row.ratio_high is None else row.ratio_high}
            shapes[f"line-{at}"] = Shape([(at, end) for end in ends.values()], cut=True)
            for key, end in ends.items():
                shapes[f"{key}-{at}"] = Shape([(at, end)], marked=True, cut=True, tells_beyond=True)
    names = [label(indicators[row.indicator].title) for row in rows]
    return Expected(r"([\d.]+(?:e[+-]\d+)?)", "x", names, shapes, labels)


def _stages(name: str, origins: Origins) -> Expected:
    """Two rates for each stage, each at the end of a line from nought; the first stage above."""
    steps, indicator = origins.steps(name)[::-1], origins.catalogue.indicators[name]
    shapes, labels = dict(_NOUGHT), dict[str, Label]()
    for side, key, shift in zip(_SIDES, "\u25cf\u25a0", (0.17, -0.17), strict=True):
        labels[f"key-{side}"] = (key, [""])
        for _, row in steps[:1]:
            labels[f"label-{side}"] = (_name(row, side), [""])
        for at, value in enumerate(_values([row for _, row in steps], side)):
            told = MARKERS if value is None else [origins.value(value, indicator)]
            labels[f"label-{side}-{at}"] = ("", told)
            if value is not None:
                shapes |= {
                    f"line-{side}-{at}": Shape([(at + shift, 0.0), (at + shift, value)]),
                    f"now-{side}-{at}": Shape([(at + shift, value)], True),
                }
    return Expected(_form(indicator), "x", [title for title, _ in steps], shapes, labels)


def _control(name: str, origins: Origins) -> Expected:
    """A line of ratios over single quarters; across all their mean, their limits, and where groups are equal."""
    series, control = origins.series(name), origins.control(name)
    run = origins.run_of(name)
    if control is None or not run:
        return Expected("", "y", [], {}, {})
    levels = {"high": control.high or 0.0, "mean": sum(run) / len(run), "low": control.low or 0.0}
    names = {"high": "Upper limit", "mean": "Mean", "low": "Lower limit"}
    ratios = [
        (at, row.ratio) for at, row in enumerate(series) if row.ratio is not None and math.isfinite(row.ratio)
    ]
    across = {f"line-{key}": Shape([(None, level)] * 2) for key, level in (levels | {"equal": 1.0}).items()}
    labels: dict[str, Label] = {
        f"label-{key}": (names[key], [ratio_text(level)]) for key, level in levels.items()
    }
    return Expected(
        r"([\d.]+)",
        "y",
        [each.last_month for each in _quarters(series, None, step=1)],
        {**_NOUGHT, **across, "line-ratio": Shape(ratios, marked=True)},
        labels | {"label-equal": ("Equal", [""])},
        ["3"],
    )


KINDS: Mapping[str, Callable[[str, Origins], Expected]] = {
    "lines": _lines,
    "dots": _dots,
    "ladder": _ladder,
    "ratios": _ratios,
    "stages": _stages,
    "control": _control,
}


def _values(rows: Sequence[Estimate], side: str) -> list[Number]:
    return [row.reference_value if side == "reference" else row.group_value for row in rows]


def _name(row: Estimate, side: str) -> str:
    return sentence_case(label(row.reference_group if side == "reference" else row.group))


def _form(indicator: Indicator) -> str:
    """Return how values are written beside the scale of an indicator's."""
    units = {"percent": r"([\d.]+)%", "pounds": r"£([\d,.]+(?:e\+\d+)?)"}
    return units.get(unit_of(indicator), r"([\d.]+)")
