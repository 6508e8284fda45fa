"""Reading a chart back: its marks turned into data through its own scales, and its words.

Ticks say where on the drawing a value is. What stands there is compared with the rows of the release, so that a mark out
of place, one too many and one that is lacking are all found. Findings never repeat a number.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from disparity.catalogue.indicators import COMPARISONS
from reports.reading_back.expected_marks import KINDS, Expected, Shape, Told
from reports.reading_back.expected_text import Origins, strays, without
from reports.reading_back.svg_parts import Drawing, Part, Point

# As exact as a drawing has to be, in points: the scale of values has some two hundred.
_PRECISION = 0.05
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


# ------------------------------------------------------------------ what it shows


def unexplained_in_drawing(drawing: Drawing, name: str, origins: Origins) -> Iterator[str]:
    """Yield what in a drawing has no origin in the release, and which marks of rows it lacks.

    ``name`` is that of an indicator, or `COMPARISONS`.
    """
    for foreign in sorted(set(drawing.foreign)):
        yield f"{foreign}: no drawing of ours has it"
    if (drawing.kind == "ratios") != (name == COMPARISONS):
        yield "it is not the kind of chart that its name says"
        return
    expected = KINDS[drawing.kind](name, origins)
    phrases = [*origins.chart_phrases(name)]
    for what, text, told in (
        ("title", drawing.title, origins.chart_title(name)),
        ("description", drawing.words, origins.chart_words(name, drawing.words)),
        ("note of its window", drawing.text_of("when"), expected.window),
    ):
        if strays(without(text, phrases), told):
            yield f"its {what} has a number that does not follow from the rows it is about"
    yield from _unexplained_marks(drawing, expected)


def _unexplained_marks(drawing: Drawing, expected: Expected) -> Iterator[str]:
    try:
        scales = _Scales.of(drawing, expected)
    except ValueError as error:
        yield str(error)
        return
    shapes = {name: shape for name, shape in expected.shapes.items() if scales.have(shape)}
    expected = replace(expected, shapes=shapes)
    for lacking in sorted({*shapes, *expected.labels} - set(drawing.parts)):
        yield f"{lacking}: what a row of the release has is not drawn"
    for name, part in drawing.parts.items():
        reason = _wrong(name, part, expected, scales)
        if reason:
            yield f"{name}: {reason}"


def _wrong(name: str, part: Part, expected: Expected, scales: _Scales) -> str:
    """Return why a part has no origin; "" where it has."""
    ground = bool(_GROUND.fullmatch(name))
    shape = expected.shapes.get(name, Shape([]))
    if part.words and not (name in expected.labels or _SPEAKS.fullmatch(name)):
        return "words that no row of the release stands behind"
    if name in expected.labels and not _says(part.text, *expected.labels[name]):
        return "it is not the value of its row"
    marks = shape.points if shape.marked else []
    few = (len(part.paths), len(part.marks)) == (bool(ground or shape.points), len(marks))
    if not few or (len(part.points) != len(shape.points) and not ground):
        return "more or fewer marks than rows of the release have values"
    pairs = [*zip(part.marks, marks, strict=True), *zip(part.points, shape.points, strict=False)]
    stand = all(scales.hold(point, told, cut=shape.cut) for point, told in pairs)
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


@dataclass(frozen=True)
class _Scales:
    """Both scales of a drawing."""

    values: Scale
    categories: Scale
    ends: tuple[float, float]
    values_on: Literal["x", "y"]

    @classmethod
    def of(cls, drawing: Drawing, expected: Expected) -> _Scales:
        """Read both scales off their ticks. Raises ValueError in words where one is not that of the release."""
        across: Literal["x", "y"] = "y" if expected.values_on == "x" else "x"
        ticks = list(_value_ticks(_ticks(drawing, expected.values_on), expected.form))
        values = Scale.through(ticks)
        if values is None:
            raise ValueError("its scale of values cannot be read")
        named = list(_category_ticks(_ticks(drawing, across), expected.categories))
        # One category alone stands at its tick.
        categories = Scale(named[0][1], 1.0) if len(named) == 1 else Scale.through(named)
        if categories is None:
            raise ValueError("its scale of names cannot be read")
        told = [value for value, _ in ticks]
        return cls(values, categories, (min(told), max(told)), expected.values_on)

    def have(self, shape: Shape) -> bool:
        """Whether a shape is drawn: one that tells that it lies beyond the scale, where it does."""
        first, last = self.ends
        return not shape.tells_beyond or any(not first <= value <= last for _, value in shape.points)

    def hold(self, point: Point, told: Told, *, cut: bool) -> bool:
        """Whether a point stands for a category and a value."""
        value_at, category_at = point if self.values_on == "x" else point[::-1]
        category, value = told
        if cut:
            value = min(max(value, self.ends[0]), self.ends[1])
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
