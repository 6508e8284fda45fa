"""A chart of the ratios of several indicators, a dot and its interval for each, on a scale of times."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import count
from typing import TYPE_CHECKING

from disparity.catalogue import Catalogue
from disparity.markers import NOT_APPLICABLE
from disparity.rows import Estimate
from disparity.statistics.evidence import CLEAR
from reports.charts.style import (
    GRID,
    INK,
    QUIET,
    TEXT,
    WIDTH,
    Plot,
    fitted,
    inches_of,
    inches_wide,
    leave_margins,
    new_figure,
)
from reports.wording.numbers import Wording, interval, label, ratio_words, sentence_case

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_NAMES, _WIDEST_FIGURES, _GAP, _APART = 2.5, 3.0, 0.15, 0.08  # inches
_LINE = TEXT * 1.25 / 72
_ABOVE, _BELOW = 0.4, 0.35 + 2 * _LINE
_MOST_LINES, _MOST_STEPS = 3, 4
# An interval goes on beyond them as an arrow, so that one of a few people leaves room for the others.
_FURTHEST = (0.25, 4.0)
_HEADING = "Ratio (95% interval)"


def compared(rows: Sequence[Estimate], catalogue: Catalogue) -> list[Estimate]:
    """Return the rows of headline indicators that can stand on one scale: above 1, the group fares less well.

    In the order of the catalogue; a row without a ratio has its interval at least. Empty with fewer than two ratios.
    """
    whole = {row.indicator: row for row in rows if row.breakdown == "all"}
    of_one_kind = [
        name for name, each in catalogue.indicators.items() if each.headline and each.above_1_is_less_well
    ]
    found = [whole[name] for name in of_one_kind if name in whole and _says_something(whole[name])]
    return found if sum(row.ratio is not None for row in found) >= 2 else []


def plot_of_ratios(rows: Sequence[Estimate], catalogue: Catalogue, wording: Wording) -> Plot:
    """Draw a row for each ratio, the first above: its dot, its interval, and both in figures beside its evidence."""
    names = [label(catalogue.indicators[row.indicator].title) for row in rows]
    figures = [_ratio_and_interval(row) for row in rows]
    wide = min(_WIDEST_FIGURES, max(map(inches_wide, [_HEADING, *figures])))
    said = [
        f"{each}\n{fitted(row.evidence, wide, 2)}".strip() for each, row in zip(figures, rows, strict=True)
    ]
    named = [fitted(name, _NAMES - 2 * _GAP, _MOST_LINES) for name in names]
    lines = max(text.count("\n") + 1 for text in (*named, *said))
    made, axes = new_figure("ratios", _ABOVE + _BELOW + (lines * _LINE + _APART) * len(rows))
    leave_margins(axes, left=_NAMES, right=wide + 2 * _GAP, top=_ABOVE, bottom=_BELOW)
    _scale(axes, _ticks(rows))
    for place, (row, words) in enumerate(reversed(list(zip(rows, said, strict=True)))):
        _draw(axes, place, row, wording.style.reference_colour)
        _write(axes, words, place, f"label-{place}")
    axes.set_ylim(-0.5, len(rows) - 0.5)
    axes.set_yticks(range(len(rows)), named[::-1])
    axes.tick_params(length=0, labelcolor=INK, labelsize=TEXT)
    # An arrow at the end of the scale stays clear of the names.
    axes.tick_params(axis="y", pad=_GAP * 72)
    _explain(axes, wording)
    return Plot(made, _title(rows), _alt(rows, names, figures, wording))


def _ratio_and_interval(row: Estimate) -> str:
    """Write a ratio with its interval; where it is not told, the marker that stands in its place."""
    limits = interval(row.ratio_low, row.ratio_high)
    ratio = row.marker or NOT_APPLICABLE if row.ratio is None else ratio_words(row.ratio)
    return f"{ratio} ({limits})" if limits else ratio


def _meaning(wording: Wording) -> tuple[str, str]:
    """Say what a ratio above 1 means, and one below."""
    white, minority = (wording.style.groups[group] for group in ("white", "ethnic_minority"))
    return f"Above 1: {minority} people fare less well.", f"Below 1: {white} people fare less well."


def _says_something(row: Estimate) -> bool:
    """Whether a ratio is told, or an interval that does not hold every ratio that there is."""
    low, high = _ends(row)
    return low > 0 or math.isfinite(high) if row.ratio is None else math.isfinite(row.ratio)


def _ends(row: Estimate) -> tuple[float, float]:
    """Return the ends of an interval, where none is told those of all ratios."""
    if row.ratio_low is None:
        return 0.0, math.inf
    return row.ratio_low, math.inf if row.ratio_high is None else row.ratio_high


def _ticks(rows: Sequence[Estimate]) -> list[float]:
    """Return powers of two about 1 that hold every dot, and intervals as far as the furthest."""
    shown = [1.0, *(row.ratio for row in rows if row.ratio)]
    ends = [end for row in rows if row.ratio_low is not None for end in _ends(row)]
    shown += [min(max(end, _FURTHEST[0]), _FURTHEST[1]) for end in ends]
    below, above = max(1.0, -math.log2(min(shown))), max(1.0, math.log2(max(shown)))
    both = ((size, math.ceil(below / size), math.ceil(above / size)) for size in count(1))
    size, down, up = next(steps for steps in both if sum(steps[1:]) <= _MOST_STEPS)
    return [2.0 ** (size * at) for at in range(-down, up + 1)]


def _scale(axes: Axes, ticks: Sequence[float]) -> None:
    from matplotlib.ticker import NullLocator

    axes.set_xscale("log")
    axes.set_xlim(ticks[0], ticks[-1])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.grid(visible=True, axis="x", color=GRID, clip_on=False)
    # Lines of no width show nothing and say where the names belong.
    axes.grid(visible=True, axis="y", linewidth=0)
    axes.axvline(1, color=QUIET, linewidth=1.5, zorder=1, gid="line-equal")


def _draw(axes: Axes, place: int, row: Estimate, colour: str) -> None:
    """Draw an interval, with an arrow where it goes on beyond the scale, and the dot of the ratio."""
    first, last = axes.get_xlim()
    low, high = _ends(row)
    if row.ratio_low is not None:
        shown = [min(max(end, first), last) for end in (low, high)]
        axes.plot(shown, [place, place], color=colour, linewidth=2.2, clip_on=False, gid=f"line-{place}")
        for key, end, at in zip(("low", "high"), (low, high), shown, strict=True):
            if end != at:
                _mark(axes, at, place, colour, "<" if end < at else ">", f"{key}-{place}")
    if row.ratio:
        _mark(axes, row.ratio, place, colour, "o", f"now-{place}")


def _mark(axes: Axes, value: float, place: int, colour: str, marker: str, gid: str) -> None:
    axes.plot([value], [place], color=colour, marker=marker, markersize=9, clip_on=False, zorder=4, gid=gid)


def _write(axes: Axes, words: str, place: int, gid: str) -> None:
    axes.annotate(
        words,
        (1, place),
        xycoords=("axes fraction", "data"),
        xytext=(_GAP * 72, 0),
        textcoords="offset points",
        va="center",
        color=INK,
        gid=gid,
    )


def _explain(axes: Axes, wording: Wording) -> None:
    """Name the line at 1 and the column of figures above, and say below what the scale means."""
    for words, along, gap, gid in (
        ("Equal", "data", 0.0, "equal"),
        (_HEADING, "axes fraction", _GAP, "ratio"),
    ):
        axes.annotate(
            words,
            (1, 1),
            xycoords=(along, "axes fraction"),
            xytext=(gap * 72, 6),
            textcoords="offset points",
            ha="left" if gap else "center",
            color=INK,
            gid=f"label-{gid}",
        )
    _, height = inches_of(axes)
    for line, (words, gid) in enumerate(zip(_meaning(wording)[::-1], ("below", "above"), strict=True)):
        axes.figure.text(
            _GAP / WIDTH,
            (0.08 + line * _LINE) / height,
            fitted(words, WIDTH - 2 * _GAP, 1),
            color=INK,
            gid=f"label-{gid}",
        )


def _title(rows: Sequence[Estimate]) -> str:
    clear = sum(row.evidence == CLEAR for row in rows)
    return f"{sentence_case(CLEAR)} in {clear or 'none'} of {len(rows)} comparisons"


def _alt(rows: Sequence[Estimate], names: Sequence[str], figures: Sequence[str], wording: Wording) -> str:
    return " ".join(
        [
            f"Dot chart of {len(rows)} ratios, each with its 95% interval.",
            *_meaning(wording),
            f"{_title(rows)}: {'; '.join(_said(rows, names, figures))}.",
        ]
    )


def _said(rows: Sequence[Estimate], names: Sequence[str], figures: Sequence[str]) -> Iterator[str]:
    for row, name, figure in zip(rows, names, figures, strict=True):
        yield f"{name} {figure}" + (f", {row.evidence}" if row.evidence else "")
