"""Charts, as SVG and PNG bytes with their words: which chart shows what of a release."""

from __future__ import annotations

from dataclasses import dataclass

from disparity.catalogue import Catalogue
from disparity.catalogue.indicators import COMPARISONS, Share
from reports.charts.bands import plot_of_bands, rungs_of
from reports.charts.control import plot_of_control
from reports.charts.dots import plot_of_dots
from reports.charts.lines import plot_of_lines
from reports.charts.ratios import compared, plot_of_ratios
from reports.charts.stages import plot_of_stages, stages_picture, steps_of
from reports.charts.style import (
    PNG_DPI,
    THUMBNAIL_DPI,
    Plot,
    charts_style,
    png_of,
    svg_of,
)
from reports.release.estimates import rows_of
from reports.release.frozen import Release
from reports.wording.release_view import Told


@dataclass(frozen=True)
class Chart:
    """A drawn chart: its message, the words that stand in for it, and its bytes."""

    name: str
    title: str
    alt: str
    svg: bytes
    png: bytes


def charts_of(release: Release, catalogue: Catalogue) -> dict[str, Chart]:
    """Draw all charts of a release, by the names of their pictures, each kind in the order of the catalogue.

    One of the ratios that can be compared, one for every indicator that is a headline or under process control and has a
    figure to show, and one for the stages of each that has some.
    """
    told = Told(release, catalogue)
    charts = [
        comparisons_chart(told),
        *(indicator_chart(name, told) for name in catalogue.indicators),
        *(stages_chart(name, told) for name in catalogue.indicators),
    ]
    return {chart.name: chart for chart in charts if chart is not None}


def comparisons_chart(told: Told) -> Chart | None:
    """Draw the ratios that can stand on one scale; None where there are fewer than two."""
    rows = compared(rows_of(told.release.estimates), told.catalogue)
    with charts_style(COMPARISONS):
        return _written(COMPARISONS, plot_of_ratios(rows, told.catalogue, told.wording) if rows else None)


def indicator_chart(name: str, told: Told) -> Chart | None:
    """Draw one indicator; None where it has no figure, or is neither a headline nor under process control.

    Quarters that share nobody become a control chart. Shares with pay bands become a ladder of bands beside all staff;
    others lines over the quarters told, with the path to a target, or for a single quarter a dot for each group.
    """
    with charts_style(name):
        return _written(name, _plot(name, told))


def stages_chart(name: str, told: Told) -> Chart | None:
    """Draw the stages of an indicator; None where it has none or they are not told."""
    indicators, picture = told.catalogue.indicators, stages_picture(name)
    wholes = {each: row for each in indicators if (row := told.whole(each)) is not None}
    steps = steps_of(name, indicators, wholes)
    with charts_style(picture):
        return _written(picture, plot_of_stages(steps, indicators[name], told.wording) if steps else None)


def thumbnail(name: str, told: Told) -> bytes | None:
    """Draw an indicator's chart as a PNG of less than 40 kB, for Dagster's pages; None where it has none."""
    with charts_style(name):
        plot = _plot(name, told)
        return None if plot is None else png_of(plot.figure, THUMBNAIL_DPI)


def _written(name: str, plot: Plot | None) -> Chart | None:
    return (
        None
        if plot is None
        else Chart(name, plot.title, plot.alt, svg_of(plot), png_of(plot.figure, PNG_DPI))
    )


def _plot(name: str, told: Told) -> Plot | None:
    now, indicator = told.whole(name), told.catalogue.indicators[name]
    control = told.control(name)
    if now is None or not now.told or not (indicator.headline or control):
        return None
    if isinstance(indicator, Share) and indicator.value is None:
        ladder = rungs_of(told.rows[name], told.wording)
        if sum(value is not None for _, value, _ in ladder) >= 2:
            return plot_of_bands(now, ladder, indicator, told.wording)
    earlier = [row for row in told.history.get(name, ()) if row.period_end < now.period_end]
    series = [*reversed(earlier), now]
    if control is not None:
        return plot_of_control(series, control, indicator, told.wording)
    if sum(row.told for row in series) < 2:
        return plot_of_dots(now, indicator, told.wording)
    return plot_of_lines(series, told.standing(name), indicator, told.wording)
