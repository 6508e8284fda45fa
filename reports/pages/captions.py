"""The pack for slides: the title of each chart's picture, its words for those who cannot see it, and its source."""

from __future__ import annotations

from collections.abc import Mapping

from disparity.formulas import without_formula
from reports.charts.drawing import Chart
from reports.pages.frame import markings
from reports.release.estimates import quoted
from reports.release.frozen import Release
from reports.wording.numbers import label

CAPTION_COLUMNS = ("file", "title", "alt_text", "source")


def captions_csv(release: Release, charts: Mapping[str, Chart]) -> bytes:
    """Write the captions of the pictures: a header, UTF-8, lines ended by LF, one line for each chart in its order.

    A text that a spreadsheet would run as a formula is given an apostrophe in front.
    """
    source = source_of(release)
    lines = [
        CAPTION_COLUMNS,
        *((f"{name}.png", label(chart.title), label(chart.alt), source) for name, chart in charts.items()),
    ]
    return "".join(f"{','.join(quoted(without_formula(cell)) for cell in line)}\n" for line in lines).encode()


def source_of(release: Release) -> str:
    """Say where a picture comes from, and who may see it: it travels without its page."""
    told = (
        f"{label(release.organisation.name)}, race equality report, {release.quarter.words}",
        *markings(release.organisation, release.audience),
    )
    return "".join(f"{each}. " for each in told).strip()
