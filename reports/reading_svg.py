"""Reading a chart back: its marks turned into data through its own scales, and its words.

Ticks say where on the drawing a value is. What stands there is compared with the rows of the release, so that a mark out
of place, one too many and one that is lacking are all found. Findings never repeat a number.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from disparity.periods import Quarter
from reports.drawings import Drawing, Part, Point
from reports.origins import MARKERS, Origins, strays, without
from reports.sentences import label, sentence_case
from reports.table import Estimate, Number, unit_of

# As exact as a drawing has to be, in points: the scale of values has some two hundred.
_PRECISION = 0.05
_SIDES = ("reference", "group")
# The white grounds of page and plot and the lines of ticks are paths that no row stands behind.
_GROUND = re.compile(r"patch_[12]|[xy]tick_\d+")
_SPEAKS = re.compile(r"[xy]tick_\d+|when")


@dataclass(frozen=True)
class Scale:
    """From a value to its place on the drawing and back: straight, or by logarithms."""

    first: float
    step: float
    logarithmic: bool = False

    def place(self, value: float) -> float:
        """Return where a value stands; NaN where the scale has no place for it."""
        if self.logarithmic:
            value = math.log10(value) if value > 0 else math.nan
        return self.first + self.step * value

    def value(self, place: float) -> float:
        """Return the value that stands at a place."""
        value = (place - self.first) / self.step
        return float(10**value) if self.logarithmic else value

    def holds(self, place: float, value: float) -> bool:
        """Whether a value stands at a place, as exactly as a drawing can say."""
        ends = (self.value(place - _PRECISION), self.value(place + _PRECISION))
        return min(ends) <= value <= max(ends)

    @classmethod
    def through(cls, ticks: Sequence[tuple[float, float]]) -> Scale | None:
        """Return the scale on which all ticks (value, place) stand; None where there is none or fewer than two."""
        if len({value for value, _ in ticks}) < 2 or not all(math.isfinite(value) for value, _ in ticks):
            return None
        for logarithmic in (False, True):
            if logarithmic and min(value for value, _ in ticks) <= 0:
                continue
            told = [(math.log10(value) if logarithmic else value, place) for value, place in ticks]
            (low, start), (high, end) = min(told), max(told)
            step = (end - start) / (high - low)
            scale = cls(start - step * low, step, logarithmic)
            if step and all(abs(scale.place(value) - place) <= _PRECISION for value, place in ticks):
                return scale
        return None


# ------------------------------------------------------------------ what a chart has to show


_Told = tuple[float | None, float]


@dataclass(frozen=True)
class _Shape:
    """A line through points (category, value), the category None where it crosses all; ``marked`` with a mark at each."""

    points: Sequence[_Told]
    marked: bool = False


@dataclass(frozen=True)
class _Expected:
    """What the release has a chart show: shapes, and labels as the name and the figures one of which follows it."""

    values_on: Literal["x", "y"]
    categories: Sequence[str]
    shapes: Mapping[str, _Shape]
    labels: Mapping[str, tuple[str, Sequence[str]]]


_NOUGHT = {"nought": _Shape([(None, 0.0), (None, 0.0)])}


def _lines(name: str, origins: Origins) -> _Expected:
    """Two lines over the quarters, their last values marked and named."""
    series, indicator = origins.series(name), origins.catalogue.indicators[name]
    ends = [Quarter.holding(dt.date.fromisoformat(row.period_end)).words for row in series]
    shapes, labels = dict(_NOUGHT), {}
    for side in _SIDES:
        values = _values(series, side)
        points: list[_Told] = [(at, value) for at, value in enumerate(values) if value is not None]
        if points:
            now = [point for point in points if point[0] == len(series) - 1]
            shapes |= {f"line-{side}": _Shape(points, True), f"now-{side}": _Shape(now, True)}
            figure = origins.value(values[-1], indicator) or "not shown"
            labels[f"label-{side}"] = (_name(series[-1], side), [figure])
    return _Expected("y", [end.split(" to ")[1] for end in ends], shapes, labels)


def _dots(name: str, origins: Origins) -> _Expected:
    """A dot for each group, at the end of a line from nought; the first group above."""
    row, indicator = origins.whole(name), origins.catalogue.indicators[name]
    rows = [row] if row is not None else []
    told = [(side, value) for side in _SIDES for value in _values(rows, side) if value is not None]
    shapes, labels = dict(_NOUGHT), {}
    for at, (side, value) in enumerate(reversed(told)):
        shapes |= {
            f"line-{side}": _Shape([(at, 0.0), (at, value)]),
            f"now-{side}": _Shape([(at, value)], True),
        }
        labels[f"label-{side}"] = ("", [origins.value(value, indicator)])
    return _Expected("x", [_name(each, side) for side, _ in reversed(told) for each in rows], shapes, labels)


def _ladder(name: str, origins: Origins) -> _Expected:
    """A rung for each band, from the value of all staff to its own."""
    row, indicator, bands = origins.whole(name), origins.catalogue.indicators[name], origins.bands(name)
    whole = (row.group_value if row is not None else None) or 0.0
    shapes = _NOUGHT | {"line-whole": _Shape([(None, whole), (None, whole)])}
    labels: dict[str, tuple[str, Sequence[str]]] = {
        "label-whole": (f"All {indicator.base_words}", [origins.value(whole, indicator)])
    }
    for at, value in enumerate(_values(bands, "group")):
        labels[f"label-{at}"] = ("", MARKERS if value is None else [origins.value(value, indicator)])
        if value is not None:
            shapes |= {
                f"line-{at}": _Shape([(at, whole), (at, value)]),
                f"now-{at}": _Shape([(at, value)], True),
            }
    return _Expected("x", [origins.level_words(band) for band in bands], shapes, labels)


def _stages(name: str, origins: Origins) -> _Expected:
    """Two rates for each stage, each at the end of a line from nought; the first stage above."""
    steps, indicator = origins.steps(name)[::-1], origins.catalogue.indicators[name]
    shapes, labels = dict(_NOUGHT), dict[str, tuple[str, Sequence[str]]]()
    for side, key, shift in zip(_SIDES, "\u25cf\u25a0", (0.17, -0.17), strict=True):
        labels[f"key-{side}"] = (key, [""])
        for _, row in steps[:1]:
            labels[f"label-{side}"] = (_name(row, side), [""])
        for at, value in enumerate(_values([row for _, row in steps], side)):
            labels[f"label-{side}-{at}"] = (
                "",
                MARKERS if value is None else [origins.value(value, indicator)],
            )
            if value is not None:
                shapes |= {
                    f"line-{side}-{at}": _Shape([(at + shift, 0.0), (at + shift, value)]),
                    f"now-{side}-{at}": _Shape([(at + shift, value)], True),
                }
    return _Expected("x", [title for title, _ in steps], shapes, labels)


_KINDS: Mapping[str, Callable[[str, Origins], _Expected]] = {
    "lines": _lines,
    "dots": _dots,
    "ladder": _ladder,
    "stages": _stages,
}


def _values(rows: Sequence[Estimate], side: str) -> list[Number]:
    return [row.reference_value if side == "reference" else row.group_value for row in rows]


def _name(row: Estimate, side: str) -> str:
    return sentence_case(label(row.reference_group if side == "reference" else row.group))


# ------------------------------------------------------------------ what it shows


def unexplained_in_drawing(drawing: Drawing, name: str, origins: Origins) -> Iterator[str]:
    """Yield what in an indicator's drawing has no origin in the release, and which marks of rows it lacks."""
    for foreign in sorted(set(drawing.foreign)):
        yield f"{foreign}: no drawing of ours has it"
    phrases = [*origins.chart_phrases(name)]
    for what, text, told in (
        ("title", drawing.title, origins.chart_title(name)),
        ("description", drawing.words, origins.chart_words(name, drawing.words)),
        (
            "note of its window",
            drawing.text_of("when"),
            [str(3 * origins.catalogue.indicators[name].quarters)],
        ),
    ):
        if strays(without(text, phrases), told):
            yield f"its {what} has a number that does not follow from the rows it is about"
    yield from _unexplained_marks(drawing, _KINDS[drawing.kind](name, origins), _form(name, origins))


def _unexplained_marks(drawing: Drawing, expected: _Expected, form: str) -> Iterator[str]:
    try:
        scales = _Scales.of(drawing, expected, form)
    except ValueError as error:
        yield str(error)
        return
    for lacking in sorted({*expected.shapes, *expected.labels} - set(drawing.parts)):
        yield f"{lacking}: what a row of the release has is not drawn"
    for name, part in drawing.parts.items():
        reason = _wrong(name, part, expected, scales)
        if reason:
            yield f"{name}: {reason}"


def _wrong(name: str, part: Part, expected: _Expected, scales: _Scales) -> str:
    """Return why a part has no origin; "" where it has."""
    ground = bool(_GROUND.fullmatch(name))
    shape = expected.shapes.get(name, _Shape([]))
    if part.words and not (name in expected.labels or _SPEAKS.fullmatch(name)):
        return "words that no row of the release stands behind"
    if name in expected.labels and not _says(part.text, *expected.labels[name]):
        return "it is not the value of its row"
    marks = shape.points if shape.marked else []
    few = (len(part.paths), len(part.marks)) == (bool(ground or shape.points), len(marks))
    if not few or (len(part.points) != len(shape.points) and not ground):
        return "more or fewer marks than rows of the release have values"
    pairs = [*zip(part.marks, marks, strict=True), *zip(part.points, shape.points, strict=False)]
    stand = all(scales.hold(point, told) for point, told in pairs)
    return "" if stand else "a mark does not stand where the value of its row is"


def _says(text: str, name: str, figures: Sequence[str]) -> bool:
    """Whether a label is a name, as far as it went, and one of these figures."""
    ends = [figure for figure in figures if text.endswith(figure)]
    return any(_is_cut_of(text.removesuffix(end), name) for end in ends)


def _is_cut_of(text: str, words: str) -> bool:
    """Whether a text is these words, broken over lines or cut short."""
    text, words = re.sub(r"\s", "", text), re.sub(r"\s", "", words)
    return text == words or (text.endswith("…") and len(text) > 1 and words.startswith(text[:-1]))


# ------------------------------------------------------------------ scales


def _form(name: str, origins: Origins) -> str:
    """Return how values are written beside the scale of an indicator's values."""
    units = {"percent": r"([\d.]+)%", "pounds": r"£([\d,.]+(?:e\+\d+)?)"}
    return units.get(unit_of(origins.catalogue.indicators[name]), r"([\d.]+)")


@dataclass(frozen=True)
class _Scales:
    """Both scales of a drawing."""

    values: Scale
    categories: Scale
    values_on: Literal["x", "y"]

    @classmethod
    def of(cls, drawing: Drawing, expected: _Expected, form: str) -> _Scales:
        """Read both scales off their ticks. Raises ValueError in words where one is not that of the release."""
        across: Literal["x", "y"] = "y" if expected.values_on == "x" else "x"
        values = Scale.through(list(_value_ticks(_ticks(drawing, expected.values_on), form)))
        if values is None:
            raise ValueError("its scale of values cannot be read")
        named = list(_category_ticks(_ticks(drawing, across), expected.categories))
        # One category alone stands at its tick.
        categories = Scale(named[0][1], 1.0) if len(named) == 1 else Scale.through(named)
        if categories is None:
            raise ValueError("its scale of names cannot be read")
        return cls(values, categories, expected.values_on)

    def hold(self, point: Point, told: _Told) -> bool:
        """Whether a point stands for a category and a value."""
        value_at, category_at = point if self.values_on == "x" else point[::-1]
        category, value = told
        on = category is None or self.categories.holds(category_at, category)
        return on and self.values.holds(value_at, value)


def _ticks(drawing: Drawing, way: Literal["x", "y"]) -> list[tuple[str, float]]:
    """Return words and places of the ticks of a scale, from the left or from below."""
    at = 0 if way == "x" else 1
    parts = [part for name, part in drawing.parts.items() if name.startswith(f"{way}tick_")]
    placed = [(part.text, path[0][at]) for part in parts for path in part.paths if path]
    return sorted(placed, key=lambda tick: tick[1], reverse=way == "y")


def _value_ticks(ticks: Sequence[tuple[str, float]], form: str) -> Iterator[tuple[float, float]]:
    """Yield values and places of ticks. Raises ValueError where the words of one are no value in the unit."""
    for words, place in ticks:
        found = re.fullmatch(form, words)
        if found is None:
            raise ValueError("its scale of values cannot be read")
        yield float(found[1].replace(",", "")), place


def _category_ticks(
    ticks: Sequence[tuple[str, float]], categories: Sequence[str]
) -> Iterator[tuple[float, float]]:
    """Yield numbers and places of categories. Raises ValueError where one is not the release's, in their order."""
    at = 0
    for words, place in ticks:
        named = (i for i, each in enumerate(categories) if i >= at and _is_cut_of(words, each))
        found = next(named, None)
        if found is None:
            raise ValueError("its scale of names has one that the release does not have")
        yield found, place
        at = found + 1
