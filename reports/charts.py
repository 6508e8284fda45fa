"""Charts of the headline indicators, together and one by one, as SVG and PNG bytes with their words: which shows what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from disparity.catalogue import Catalogue
from disparity.catalogue.indicators import COMPARISONS, Indicator, Share
from disparity.catalogue.targets import Target
from reports.chart_of_bands import plot_of_bands, rungs_of
from reports.chart_of_dots import plot_of_dots
from reports.chart_of_lines import plot_of_lines
from reports.chart_of_ratios import compared, plot_of_ratios
from reports.chart_of_stages import plot_of_stages, stages_picture, steps_of
from reports.chart_style import PNG_DPI, THUMBNAIL_DPI, Plot, charts_style, png_of, svg_of
from reports.release import Release
from reports.sentences import Wording, wording_for
from reports.table import Estimate, rows_of
from reports.targets import standing_of


@dataclass(frozen=True)
class Chart:
    """A drawn chart: its message, the words that stand in for it, and its bytes."""

    name: str
    title: str
    alt: str
    svg: bytes
    png: bytes


def charts_of(release: Release, catalogue: Catalogue) -> dict[str, Chart]:
    """Draw the chart of comparisons, one for every headline indicator that has a figure to show, and one of its stages.

    By the names of their pictures, in the order of the catalogue.
    """
    wording = wording_for(catalogue, release.audience)
    rows, history = rows_of(release.estimates), rows_of(release.history)
    drawn = {COMPARISONS: comparisons_chart(rows, catalogue, wording)} | {
        name: headline_chart(
            name, indicator, _about(name, rows), _about(name, history), wording, catalogue.targets.get(name)
        )
        for name, indicator in catalogue.indicators.items()
        if indicator.headline
    }
    drawn |= {
        stages_picture(name): stages_chart(name, catalogue, rows, wording) for name in catalogue.indicators
    }
    return {name: chart for name, chart in drawn.items() if chart is not None}


def headline_chart(
    name: str,
    indicator: Indicator,
    rows: Sequence[Estimate],
    history: Sequence[Estimate],
    wording: Wording,
    target: Target | None = None,
) -> Chart | None:
    """Draw one indicator from its rows of the quarter and its history; None where there is no figure.

    Shares with pay bands become a ladder of bands beside all staff; others lines over the quarters told, with the path
    to a target, or for a single quarter a dot for each group. The same rows give the same bytes.
    """
    with charts_style(name):
        plot = _plot(indicator, rows, history, wording, target)
        if plot is None:
            return None
        svg = svg_of(plot)
        return Chart(name, plot.title, plot.alt, svg, png_of(plot.figure, PNG_DPI))


def comparisons_chart(rows: Sequence[Estimate], catalogue: Catalogue, wording: Wording) -> Chart | None:
    """Draw the ratios that can stand on one scale; None where there are fewer than two."""
    told = compared(rows, catalogue)
    if not told:
        return None
    with charts_style(COMPARISONS):
        plot = plot_of_ratios(told, catalogue, wording)
        return Chart(COMPARISONS, plot.title, plot.alt, svg_of(plot), png_of(plot.figure, PNG_DPI))


def stages_chart(name: str, catalogue: Catalogue, rows: Sequence[Estimate], wording: Wording) -> Chart | None:
    """Draw the stages of an indicator from the rows of the quarter; None where it has none or they are not told."""
    wholes = {row.indicator: row for row in rows if row.breakdown == "all"}
    steps = steps_of(name, catalogue.indicators, wholes)
    if not steps:
        return None
    picture = stages_picture(name)
    with charts_style(picture):
        plot = plot_of_stages(steps, catalogue.indicators[name], wording)
        return Chart(picture, plot.title, plot.alt, svg_of(plot), png_of(plot.figure, PNG_DPI))


def thumbnail(
    name: str,
    indicator: Indicator,
    rows: Sequence[Estimate],
    history: Sequence[Estimate],
    wording: Wording,
    target: Target | None = None,
) -> bytes | None:
    """Draw the same chart as a PNG of less than 40 kB, for Dagster's pages; None with no figure."""
    with charts_style(name):
        plot = _plot(indicator, rows, history, wording, target)
        return None if plot is None else png_of(plot.figure, THUMBNAIL_DPI)


def _about(name: str, rows: Sequence[Estimate]) -> list[Estimate]:
    return [row for row in rows if row.indicator == name]


def _plot(
    indicator: Indicator,
    rows: Sequence[Estimate],
    history: Sequence[Estimate],
    wording: Wording,
    target: Target | None,
) -> Plot | None:
    now = next((row for row in rows if row.breakdown == "all"), None)
    if now is None or not now.told:
        return None
    if isinstance(indicator, Share) and indicator.value is None:
        ladder = rungs_of(rows, wording)
        if sum(value is not None for _, value, _ in ladder) >= 2:
            return plot_of_bands(now, ladder, indicator, wording)
    by_end = {
        row.period_end: row for row in history if row.breakdown == "all" and row.period_end <= now.period_end
    }
    series = [row for _, row in sorted((by_end | {now.period_end: now}).items())]
    told = [row for row in series if row.told]
    if len(told) < 2:
        return plot_of_dots(now, indicator, wording)
    return plot_of_lines(series, standing_of(target, series), indicator, wording)
