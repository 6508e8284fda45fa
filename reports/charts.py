"""Charts of the headline indicators, in the Analysis Function's style, as SVG and PNG bytes with their words.

Drawn on Figure objects without pyplot. matplotlib is imported inside the functions: it takes 1.5 s. Axes, marks and
labels have names of their own (``gid``), by which `reports.reading_svg` finds them again.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import textwrap
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from disparity.catalogue import Catalogue
from disparity.catalogue.indicators import Indicator, Share
from disparity.periods import Quarter
from reports.release import Release
from reports.sentences import (
    Wording,
    evidence_sentence,
    figure,
    finding,
    is_snapshot,
    label,
    level_words,
    message_title,
    period_words,
    sentence_case,
    share_words,
    short_title,
    wording_for,
)
from reports.table import Estimate, rows_of, unit_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 6.6  # inches, so that 13 point text is 13 point on a page 634 pixels wide
_PNG_DPI = 144
_THUMBNAIL_DPI = 60
_INK, _QUIET, _GRID = "#212B32", "#4C6272", "#D8DDE0"
_TEXT = 13
_DASHES = (0, (5, 2))
_MOST_LABELLED_QUARTERS = 5
_LONGEST_LABEL = 34


@dataclass(frozen=True)
class Chart:
    """A drawn chart: its message, the words that stand in for it, and its bytes."""

    name: str
    title: str
    alt: str
    svg: bytes
    png: bytes


@dataclass(frozen=True)
class _Plot:
    """A figure before it is written, with its words."""

    figure: Figure
    title: str
    alt: str


def charts_of(release: Release, catalogue: Catalogue) -> dict[str, Chart]:
    """Draw a chart for every headline indicator that has a figure to show, in the order of the catalogue."""
    wording = wording_for(catalogue, release.audience)
    rows, history = rows_of(release.estimates), rows_of(release.history)
    drawn = {
        name: headline_chart(name, indicator, _about(name, rows), _about(name, history), wording)
        for name, indicator in catalogue.indicators.items()
        if indicator.headline
    }
    return {name: chart for name, chart in drawn.items() if chart is not None}


def headline_chart(
    name: str, indicator: Indicator, rows: Sequence[Estimate], history: Sequence[Estimate], wording: Wording
) -> Chart | None:
    """Draw one indicator from its rows of the quarter and its history; None where there is no figure.

    Shares with pay bands become a ladder of bands beside all staff; others lines over the quarters told, or
    for a single quarter a dot for each group. The same rows give the same bytes.
    """
    with _style(name):
        plot = _plot(indicator, rows, history, wording)
        if plot is None:
            return None
        svg = _svg(plot)
        return Chart(name, plot.title, plot.alt, svg, _png(plot.figure, _PNG_DPI))


def thumbnail(
    name: str, indicator: Indicator, rows: Sequence[Estimate], history: Sequence[Estimate], wording: Wording
) -> bytes | None:
    """Draw the same chart as a PNG of less than 40 kB, for Dagster's pages; None with no figure."""
    with _style(name):
        plot = _plot(indicator, rows, history, wording)
        return None if plot is None else _png(plot.figure, _THUMBNAIL_DPI)


def _about(name: str, rows: Sequence[Estimate]) -> list[Estimate]:
    return [row for row in rows if row.indicator == name]


def _plot(
    indicator: Indicator, rows: Sequence[Estimate], history: Sequence[Estimate], wording: Wording
) -> _Plot | None:
    now = next((row for row in rows if row.breakdown == "all"), None)
    if now is None or not now.told:
        return None
    if isinstance(indicator, Share) and indicator.value is None:
        ladder = _rungs(rows, wording)
        if sum(value is not None for _, value, _ in ladder) >= 2:
            return _ladder(now, ladder, indicator, wording)
    by_end = {
        row.period_end: row for row in history if row.breakdown == "all" and row.period_end <= now.period_end
    }
    series = [row for _, row in sorted((by_end | {now.period_end: now}).items())]
    told = [row for row in series if row.told]
    return _lines(series, indicator, wording) if len(told) >= 2 else _dots(now, indicator, wording)


# ------------------------------------------------------------------ style and writing


@contextmanager
def _style(salt: str) -> Iterator[None]:
    """Set the Analysis Function's style, a font that ships with matplotlib, and what fixes the bytes."""
    import matplotlib as mpl

    sheet = files("afcharts").joinpath("afcharts.mplstyle")
    style: Any = mpl.rc_params_from_file(str(sheet), use_default_template=False)
    style["font.family"] = "DejaVu Sans"
    style["font.size"] = _TEXT
    style["text.parse_math"] = False
    style["axes.spines.bottom"] = False
    style["svg.fonttype"] = "none"
    style["svg.hashsalt"] = salt
    with mpl.rc_context(style), warnings.catch_warnings():
        # A name may hold a character the font lacks; it is then drawn as a box, and the table beside has it.
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from font")
        yield


def _figure(kind: str, height: float) -> tuple[Figure, Axes]:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    made = Figure(figsize=(WIDTH, height))
    FigureCanvasAgg(made)
    return made, made.add_axes((0.0, 0.0, 1.0, 1.0), gid=kind)


def _place(axes: Axes, *, left: float, right: float, top: float, bottom: float) -> None:
    """Leave margins given in inches around the plot."""
    width, height = _size(axes)
    axes.set_position(
        (left / width, bottom / height, 1 - (left + right) / width, 1 - (top + bottom) / height)
    )


def _size(axes: Axes) -> tuple[float, float]:
    """Return width and height of the whole figure, in inches."""
    box = axes.figure.bbox
    return box.width / axes.figure.dpi, box.height / axes.figure.dpi


def _svg(plot: _Plot) -> bytes:
    """Write as SVG with title and description, without matplotlib's addresses, version and date."""
    out = io.BytesIO()
    plot.figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    text = out.getvalue().decode()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>\s*", "", text, flags=re.DOTALL)
    text = text.replace("'DejaVu Sans'", "'DejaVu Sans', Verdana, Arial, sans-serif")
    opening, rest = text.removeprefix("<svg ").split(">", 1)
    return (
        f'<svg role="img" aria-labelledby="chart-title chart-desc" {opening}>\n'
        f' <title id="chart-title">{escape(label(plot.title))}</title>\n'
        f' <desc id="chart-desc">{escape(label(plot.alt))}</desc>{rest}'
    ).encode()


def _png(figure: Figure, dpi: int) -> bytes:
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=dpi, metadata={"Software": None})
    return out.getvalue()


# ------------------------------------------------------------------ lines over the quarters


@dataclass(frozen=True)
class _Side:
    """One group's values over time and how it is drawn: never told apart by colour alone."""

    key: str
    name: str
    values: tuple[float | None, ...]
    colour: str
    marker: str
    size: int
    line: Any


def _sides(series: Sequence[Estimate], wording: Wording) -> list[_Side]:
    now = series[-1]
    # The circle is larger than the square, so that both are seen where they lie on each other.
    reference = _Side(
        key="reference",
        name=label(now.reference_group),
        values=tuple(row.reference_value for row in series),
        colour=wording.style.reference_colour,
        marker="o",
        size=12,
        line="-",
    )
    group = _Side(
        key="group",
        name=label(now.group),
        values=tuple(row.group_value for row in series),
        colour=wording.style.group_colour,
        marker="s",
        size=9,
        line=_DASHES,
    )
    return [side for side in (reference, group) if any(value is not None for value in side.values)]


def _lines(series: Sequence[Estimate], indicator: Indicator, wording: Wording) -> _Plot:
    made, axes = _figure("lines", 3.7)
    _place(axes, left=0.75, right=1.95, top=0.35, bottom=0.85)
    sides = _sides(series, wording)
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
    _from_nought(axes, "y", [value for side in sides for value in side.values], indicator)
    axes.set_xlim(-0.3, len(series) - 1)
    _name_quarters(axes, series, indicator)
    _label_ends(axes, sides, indicator, wording)
    return _Plot(
        made, message_title(series[-1], indicator, wording), _alt_of_lines(series, sides, indicator, wording)
    )


def _from_nought(axes: Axes, way: str, values: Sequence[float | None], indicator: Indicator) -> None:
    """Start the scale of values at nought and end it at a round figure, in four steps or fewer."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axis = axes.yaxis if way == "y" else axes.xaxis
    greatest = max((value for value in values if value is not None), default=0.0)
    steps = MaxNLocator(nbins=4, steps=[1, 2, 2.5, 5, 10]).tick_values(0, max(greatest, 0.1))
    (axes.set_ylim if way == "y" else axes.set_xlim)(0, float(steps[-1]))
    axis.set_ticks([float(step) for step in steps])
    sign = {"percent": "{:g}%", "pounds": "£{:,g}"}.get(unit_of(indicator), "{:g}")
    axis.set_major_formatter(FuncFormatter(lambda value, _: sign.format(value)))
    axes.grid(visible=True, axis="y" if way == "y" else "x", color=_GRID)
    # Lines of no width across the other scale show nothing and say where its labels belong.
    axes.grid(visible=True, axis="x" if way == "y" else "y", linewidth=0)
    nought = axes.axhline if way == "y" else axes.axvline
    nought(0, color=_QUIET, linewidth=1, clip_on=False, zorder=1, gid="nought")
    axes.tick_params(length=0, labelcolor=_INK, labelsize=_TEXT)


def _name_quarters(axes: Axes, series: Sequence[Estimate], indicator: Indicator) -> None:
    last = len(series) - 1
    step = max(1, -(-len(series) // _MOST_LABELLED_QUARTERS))
    places = list(range(last, -1, -step))[::-1]
    ends = [dt.date.fromisoformat(series[place].period_end) for place in places]
    axes.set_xticks(places, [Quarter.holding(end).words.split(" to ")[1].replace(" ", "\n") for end in ends])
    when = "At" if is_snapshot(indicator) else f"{3 * series[-1].quarters} months to"
    axes.set_xlabel(f"{when} the end of", color=_INK, fontsize=_TEXT, loc="left", gid="when")


def _label_ends(axes: Axes, sides: Sequence[_Side], indicator: Indicator, wording: Wording) -> None:
    """Name each line at its end, moved apart where two would lie on each other."""
    texts = []
    for side in sides:
        told = next((value for value in reversed(side.values) if value is not None), 0.0)
        now = side.values[-1]
        words = "not shown" if now is None else figure(now, indicator, wording)
        texts.append((told, f"{_wrapped(sentence_case(side.name), 16)}\n{words}"))
    bottom, top = axes.get_ylim()
    line = (top - bottom) * (_TEXT * 1.25 / 72) / (axes.get_position().height * _size(axes)[1])
    for side, (_, words), middle in zip(sides, texts, _apart(texts, line), strict=True):
        axes.text(
            1.04,
            (middle - bottom) / (top - bottom),
            words,
            transform=axes.transAxes,
            va="center",
            color=_INK,
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


def _wrapped(text: str, width: int, most: int = _LONGEST_LABEL) -> str:
    return "\n".join(textwrap.wrap(_cut(text, most), width))


def _cut(text: str, most: int = _LONGEST_LABEL) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def _alt_of_lines(
    series: Sequence[Estimate], sides: Sequence[_Side], indicator: Indicator, wording: Wording
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
    return " ".join([*parts, *_said(now, indicator, wording)])


def _said(now: Estimate, indicator: Indicator, wording: Wording) -> list[str]:
    sentences = (finding(now, indicator, wording), evidence_sentence(now, indicator, wording))
    return [sentence for sentence in sentences if sentence]


# ------------------------------------------------------------------ dots for one quarter


def _dots(now: Estimate, indicator: Indicator, wording: Wording) -> _Plot:
    sides = _sides([now], wording)
    made, axes = _figure("dots", 0.9 + 0.62 * len(sides))
    _place(axes, left=1.9, right=0.95, top=0.15, bottom=0.45)
    for place, side in enumerate(reversed(sides)):
        value = side.values[0] or 0.0
        axes.plot(
            [0, value],
            [place, place],
            color=side.colour,
            linewidth=2.2,
            linestyle=side.line,
            clip_on=False,
            gid=f"line-{side.key}",
        )
        axes.plot(
            [value],
            [place],
            color=side.colour,
            marker=side.marker,
            markersize=side.size,
            clip_on=False,
            zorder=4,
            gid=f"now-{side.key}",
        )
        axes.annotate(
            figure(value, indicator, wording),
            (value, place),
            xytext=(12, 0),
            textcoords="offset points",
            va="center",
            color=_INK,
            fontweight="bold",
            gid=f"label-{side.key}",
        )
    axes.set_ylim(-0.6, len(sides) - 0.4)
    _from_nought(axes, "x", [side.values[0] for side in sides], indicator)
    axes.set_yticks(range(len(sides)), [_wrapped(sentence_case(side.name), 18) for side in reversed(sides)])
    values = "; ".join(f"{side.name} {figure(side.values[0], indicator, wording)}" for side in sides)
    alt = " ".join([f"Dot chart, {period_words(now, indicator)}: {values}.", *_said(now, indicator, wording)])
    return _Plot(made, message_title(now, indicator, wording), alt)


# ------------------------------------------------------------------ ladder of bands


_Rung = tuple[str, float | None, str]


def _rungs(rows: Sequence[Estimate], wording: Wording) -> list[_Rung]:
    """Return the bands in the organisation's order, lowest first, each with its share or a marker."""
    order = {band: place for place, band in enumerate(wording.organisation.lists.band)}
    bands = [row for row in rows if row.breakdown == "band"]
    bands.sort(key=lambda row: (order.get(row.level, len(order)), row.level))
    return [
        (level_words("band", row.level, wording.style), row.group_value, row.status.split(" ")[0] or "[x]")
        for row in bands
    ]


def _ladder(now: Estimate, rungs: Sequence[_Rung], indicator: Share, wording: Wording) -> _Plot:
    made, axes = _figure("ladder", 1.15 + 0.36 * len(rungs))
    _place(axes, left=1.9, right=0.75, top=0.55, bottom=0.45)
    colour, whole = wording.style.group_colour, now.group_value or 0.0
    axes.axvline(
        whole,
        color=wording.style.reference_colour,
        linewidth=2.2,
        linestyle=_DASHES,
        zorder=2,
        gid="line-whole",
    )
    for place, (_, value, marker) in enumerate(rungs):
        if value is None:
            axes.annotate(
                marker,
                (0, place),
                xytext=(6, 0),
                textcoords="offset points",
                va="center",
                color=_QUIET,
                gid=f"label-{place}",
            )
            continue
        axes.plot([whole, value], [place, place], color=_QUIET, linewidth=1.2, zorder=1, gid=f"line-{place}")
        axes.plot(
            [value],
            [place],
            color=colour,
            marker="s",
            markersize=9,
            clip_on=False,
            zorder=4,
            gid=f"now-{place}",
        )
        left = value < whole
        axes.annotate(
            figure(value, indicator, wording),
            (value, place),
            xytext=(-10 if left else 10, 0),
            va="center",
            ha="right" if left else "left",
            textcoords="offset points",
            color=_INK,
            gid=f"label-{place}",
        )
    axes.set_ylim(-0.6, len(rungs) - 0.4)
    _from_nought(axes, "x", [whole, *(value for _, value, _ in rungs)], indicator)
    axes.annotate(
        f"{_cut(f'All {indicator.base_words}')} {figure(whole, indicator, wording)}",
        (whole, 1),
        xycoords=("data", "axes fraction"),
        ha="center",
        xytext=(0, 6),
        textcoords="offset points",
        color=_INK,
        fontweight="bold",
        gid="label-whole",
    )
    axes.set_yticks(range(len(rungs)), [_cut(name, 22) for name, _, _ in rungs])
    return _Plot(
        made, _title_of_ladder(rungs, indicator, wording), _alt_of_ladder(now, rungs, indicator, wording)
    )


def _title_of_ladder(rungs: Sequence[_Rung], indicator: Share, wording: Wording) -> str:
    told = [value for _, value, _ in rungs if value is not None]
    low, high = figure(min(told), indicator, wording), figure(max(told), indicator, wording)
    by = wording.style.breakdowns.get("band", "band").lower()
    if low == high:
        return short_title(
            f"{indicator.title}: {low} in every {by} shown", f"The same in every {by} shown: {low}"
        )
    return short_title(
        f"{indicator.title}: {low} to {high} by {by}",
        f"{share_words(indicator, wording)}: {low} to {high} by {by}",
        f"From {low} to {high}",
    )


def _alt_of_ladder(now: Estimate, rungs: Sequence[_Rung], indicator: Indicator, wording: Wording) -> str:
    said = "; ".join(
        f"{name} {marker if value is None else figure(value, indicator, wording)}"
        for name, value, marker in rungs
    )
    when = period_words(now, indicator)
    return f"Dot chart of bands beside all staff, {when}. {finding(now, indicator, wording)} By band: {said}."
