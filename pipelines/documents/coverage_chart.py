"""The chart of how often intervals hold the truth, as SVG: the same figures give the same bytes on every machine.

Written by hand rather than by matplotlib, whose SVG changes with its version, so that a test can hold the file
in the documentation against the code. Colours of the Government Analysis Function; no meaning rests on them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from xml.sax.saxutils import escape

import numpy as np

from pipelines.documents.interval_coverage import ENOUGH, HIGHEST, LOWEST, Coverage

TITLE = "Coverage of the 95% intervals"

_COLOURS = {"One rate": "#12436D", "Difference": "#28A197", "Ratio": "#801650", "Odds ratio": "#F46A25"}
_INK, _QUIET, _BAND, _PAPER = "#212B32", "#4C6272", "#E8EDEE", "#FFFFFF"
_TEXT = 16  # pixels: 12 point
_WIDTH, _LEFT, _RIGHT, _TOP = 880, 220, 690, 40
_ROW, _HEADING, _FOOT = 48, 30, 64
_AXIS = (0.91, 1.0)
_TICKS = (0.91, 0.93, 0.95, 0.97, 0.99)
_APART = 9


def coverage_chart(found: Sequence[Coverage]) -> str:
    """Draw a row for each method: two bars, one of the points where enough is expected, one of the others."""
    measures = [(measure, list(rows)) for measure, rows in groupby(found, key=lambda each: each.measure)]
    bottom = _TOP + _HEADING * len(measures) + _ROW * len(found)
    height = bottom + _FOOT
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" '
            f'height="{height}" role="img" aria-labelledby="title desc" font-family="Arial, sans-serif" '
            f'font-size="{_TEXT}" fill="{_INK}">',
            f'<title id="title">{TITLE}</title>',
            f'<desc id="desc">{escape(_description(found))}</desc>',
            f'<rect width="{_WIDTH}" height="{height}" fill="{_PAPER}"/>',
            *_scale(bottom),
            *_rows(measures),
            "</svg>\n",
        )
    )


def _description(found: Sequence[Coverage]) -> str:
    """Return the words that stand in for the chart."""
    said = (
        f"{each.measure}, {each.name}: {_limits(each.enough)} where {ENOUGH:g} or more are expected, "
        f"{_limits(each.few)} elsewhere"
        for each in found
    )
    return f"Lowest and highest coverage on the grid. {'; '.join(said)}."


def _limits(points: Coverage) -> str:
    return f"{points.held.min():.3f} to {points.held.max():.3f}"


def _x(coverage: float) -> float:
    start, end = _AXIS
    return _LEFT + (coverage - start) / (end - start) * (_RIGHT - _LEFT)


def _line(x1: float, y1: float, x2: float, y2: float, *, colour: str, width: float, more: str = "") -> str:
    ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line {ends} stroke="{colour}" stroke-width="{width:g}"{more}/>'


def _words(x: float, y: float, text: str, more: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}"{more}>{escape(text)}</text>'


def _scale(bottom: int) -> Iterator[str]:
    """Draw the goal as a band, 0.95 as a line, and the axis."""
    left, right, middle = _x(LOWEST), _x(HIGHEST), ' text-anchor="middle"'
    yield (
        f'<rect x="{left:.1f}" y="{_TOP}" width="{right - left:.1f}" height="{bottom - _TOP}" fill="{_BAND}"/>'
    )
    yield _words((left + right) / 2, _TOP - 12, f"{LOWEST} to {HIGHEST}", middle)
    yield _line(_x(0.95), _TOP, _x(0.95), bottom, colour=_QUIET, width=1, more=' stroke-dasharray="4 4"')
    yield _line(_LEFT, bottom, _RIGHT, bottom, colour=_QUIET, width=1)
    for tick in _TICKS:
        yield _line(_x(tick), bottom, _x(tick), bottom + 6, colour=_QUIET, width=1)
        yield _words(_x(tick), bottom + 24, f"{tick:.2f}", middle)
    yield _words((_LEFT + _RIGHT) / 2, bottom + 50, "How often the 95% interval holds the true value", middle)


def _rows(measures: Sequence[tuple[str, list[Coverage]]]) -> Iterator[str]:
    y, first = _TOP, True
    for measure, rows in measures:
        yield _words(12, y + 22, measure, ' font-weight="bold"')
        y += _HEADING
        for row in rows:
            middle = y + _ROW / 2 - 4
            yield _words(12, middle + 5, row.name)
            yield from _bar(row.enough, middle - _APART, _COLOURS[measure], filled=True)
            yield from _bar(row.few, middle + _APART, _COLOURS[measure], filled=False)
            if first:
                end = _x(max(row.enough.held.max(), row.few.held.max())) + 12
                yield _words(end, middle - _APART + 5, f"{ENOUGH:g} or more expected")
                yield _words(end, middle + _APART + 6, f"fewer than {ENOUGH:g} expected")
            first = False
            y += _ROW


def _bar(points: Coverage, y: float, colour: str, *, filled: bool) -> Iterator[str]:
    """Draw the lowest to the highest as a line, nine points in ten as a bar, the mean as a stroke across it."""
    held = points.held
    start, end = (_x(float(limit)) for limit in np.quantile(held, (0.05, 0.95)))
    yield _line(_x(held.min()), y, _x(held.max()), y, colour=colour, width=2)
    inside = colour if filled else _PAPER
    yield (
        f'<rect x="{start:.1f}" y="{y - 5:.1f}" width="{end - start:.1f}" height="10" fill="{inside}" '
        f'stroke="{colour}" stroke-width="2"/>'
    )
    mean = _x(float(held.mean()))
    yield _line(mean, y - 5, mean, y + 5, colour=_PAPER if filled else colour, width=3)
