"""What all charts share: the Analysis Function's style, sizes, scales, and writing as SVG and PNG bytes.

Drawn on Figure objects without pyplot. matplotlib is imported inside the functions: it takes 1.5 s. Axes, marks and
labels have names of their own (``gid``), by which `reports.reading_back.svg` finds them again.
"""

from __future__ import annotations

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

from disparity.catalogue.indicators import Indicator
from reports.release.estimates import unit_of
from reports.wording.numbers import label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 6.6  # inches, so that 13 point text is 13 point on a page 634 pixels wide
PNG_DPI = 144
THUMBNAIL_DPI = 60
INK, QUIET, GRID = "#212B32", "#4C6272", "#D8DDE0"
TEXT = 13
DASHES = (0, (5, 2))
DOTS = (0, (1, 2))
_LONGEST_LABEL = 34
_MOST_ON_A_LINE = 80


@dataclass(frozen=True)
class Plot:
    """A figure before it is written, with its words."""

    figure: Figure
    title: str
    alt: str


@contextmanager
def charts_style(salt: str) -> Iterator[None]:
    """Set the Analysis Function's style, a font that ships with matplotlib, and what fixes the bytes."""
    import matplotlib as mpl

    sheet = files("afcharts").joinpath("afcharts.mplstyle")
    style: Any = mpl.rc_params_from_file(str(sheet), use_default_template=False)
    style["font.family"] = "DejaVu Sans"
    style["font.size"] = TEXT
    style["text.parse_math"] = False
    style["axes.spines.bottom"] = False
    style["svg.fonttype"] = "none"
    style["svg.hashsalt"] = salt
    with mpl.rc_context(), warnings.catch_warnings():
        # Neither a machine's own matplotlibrc nor what this process set before changes a chart.
        mpl.rcdefaults()
        mpl.rcParams.update(style)
        # A name may hold a character the font lacks; it is then drawn as a box, and the table beside has it.
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from font")
        yield


def new_figure(kind: str, height: float) -> tuple[Figure, Axes]:
    """Return a figure of the width of a page, and axes named for the kind of chart."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    made = Figure(figsize=(WIDTH, height))
    FigureCanvasAgg(made)
    return made, made.add_axes((0.0, 0.0, 1.0, 1.0), gid=kind)


def leave_margins(axes: Axes, *, left: float, right: float, top: float, bottom: float) -> None:
    """Leave margins given in inches around the plot."""
    width, height = inches_of(axes)
    axes.set_position(
        (left / width, bottom / height, 1 - (left + right) / width, 1 - (top + bottom) / height)
    )


def inches_of(axes: Axes) -> tuple[float, float]:
    """Return width and height of the whole figure, in inches."""
    box = axes.figure.bbox
    return box.width / axes.figure.dpi, box.height / axes.figure.dpi


def svg_of(plot: Plot) -> bytes:
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


def png_of(figure: Figure, dpi: int) -> bytes:
    """Write as PNG without the name and version of the program."""
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=dpi, metadata={"Software": None})
    return out.getvalue()


def from_nought(axes: Axes, way: str, values: Sequence[float | None], form: str) -> None:
    """Start the scale of values at nought and end it at a round figure, in four steps or fewer."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axis = axes.yaxis if way == "y" else axes.xaxis
    greatest = max((value for value in values if value is not None), default=0.0)
    steps = MaxNLocator(nbins=4, steps=[1, 2, 2.5, 5, 10]).tick_values(0, max(greatest, 0.1))
    (axes.set_ylim if way == "y" else axes.set_xlim)(0, float(steps[-1]))
    axis.set_ticks([float(step) for step in steps])
    axis.set_major_formatter(FuncFormatter(lambda value, _: form.format(value)))
    axes.grid(visible=True, axis="y" if way == "y" else "x", color=GRID)
    # Lines of no width across the other scale show nothing and say where its labels belong.
    axes.grid(visible=True, axis="x" if way == "y" else "y", linewidth=0)
    nought = axes.axhline if way == "y" else axes.axvline
    nought(0, color=QUIET, linewidth=1, clip_on=False, zorder=1, gid="nought")
    axes.tick_params(length=0, labelcolor=INK, labelsize=TEXT)


def value_form(indicator: Indicator) -> str:
    """Return how values of an indicator are written beside their scale."""
    return {"percent": "{:g}%", "pounds": "£{:,g}"}.get(unit_of(indicator), "{:g}")


def wrapped(text: str, width: int, most: int = _LONGEST_LABEL) -> str:
    """Return words cut to a length and broken over lines."""
    return "\n".join(textwrap.wrap(cut(text, most), width))


def fitted(text: str, inches: float, most_lines: int) -> str:
    """Return words broken over lines no wider than this, as measured in the font, and cut where those are too few."""
    lines: list[str] = []
    for width in range(min(len(text), _MOST_ON_A_LINE) + 1, 1, -1):
        lines = textwrap.wrap(text, width, max_lines=most_lines, placeholder="…")
        if all(inches_wide(line) <= inches for line in lines):
            break
    return "\n".join(lines)


def inches_wide(text: str) -> float:
    """Return the width of words on one line."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextToPath

    width, _, _ = TextToPath().get_text_width_height_descent(text, FontProperties(size=TEXT), ismath=False)
    return float(width) / 72


def cut(text: str, most: int = _LONGEST_LABEL) -> str:
    """Return words cut to a length, with an ellipsis where they were."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
