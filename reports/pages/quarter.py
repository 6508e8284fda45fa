"""The pages of one quarter: an overview, one page for each theme, and the way between them."""

from __future__ import annotations

import base64
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from disparity.catalogue import Catalogue
from disparity.catalogue.indicators import COMPARISONS
from disparity.catalogue.style import HouseStyle
from reports.charts.drawing import Chart
from reports.charts.stages import stages_picture
from reports.pages.changes import changes_of
from reports.pages.commentary import passage_html
from reports.pages.downloads import downloads_of
from reports.pages.frame import render
from reports.pages.overview import (
    comparison_words,
    datasets_table,
    headline_tables,
    headlines_of,
    markers_table,
    themes_in_brief,
)
from reports.pages.tables import Params
from reports.pages.theme import Theme, theme_of
from reports.release.frozen import Release
from reports.release.provenance import PROVENANCE
from reports.wording.limitations import unsaid_of
from reports.wording.release_view import Told, page_of

OVERVIEW = "index.html"
_ALL_QUARTERS = "../index.html"
_SECTIONS = {
    "headlines": "Headlines",
    "what-changed": "What changed",
    "in-brief": "All headline figures",
    "themes": "Themes",
    "limits": "What this report cannot say",
    "quality": "Data quality",
    "method": "How it was made",
    "glossary": "Words and markers",
    "downloads": "Downloads",
    "provenance": "Where it comes from",
}


@dataclass(frozen=True)
class Picture:
    """A chart as a page holds it."""

    title: str
    alt: str
    source: str

    @classmethod
    def of(cls, chart: Chart) -> Picture:
        """Return the chart's SVG as a data address, so that the page is one file and no id can clash."""
        return cls(
            chart.title, chart.alt, f"data:image/svg+xml;base64,{base64.b64encode(chart.svg).decode()}"
        )


def page_names(style: HouseStyle) -> tuple[str, ...]:
    """Return the names that pages of a quarter may have."""
    return (OVERVIEW, *(page_of(theme) for theme in style.themes))


def pages_of(
    release: Release, catalogue: Catalogue, charts: Mapping[str, Chart], beside: Collection[str]
) -> dict[str, str]:
    """Return the report of a quarter as HTML documents that request nothing, by name.

    ``charts`` are what `reports.charts.drawing.charts_of` drew, by name; ``beside`` are the names of the other files that
    are published with the pages, which the overview offers for download.
    """
    told = Told(release, catalogue)
    pages = {page_of(theme): _theme_page(theme_of(theme, told), told, charts) for theme in told.themes}
    return {OVERVIEW: _overview(told, charts, beside), **pages}


def _overview(told: Told, charts: Mapping[str, Chart], beside: Collection[str]) -> str:
    release = told.release
    board_paper = told.catalogue.board_paper
    decision = {"decision": "Decision asked"} if board_paper else {}
    return render(
        "overview.jinja",
        release.organisation,
        release.audience,
        title=f"Race equality report: {release.quarter.words}",
        heading="Race equality report",
        quarter=release.quarter,
        pages=_pages(told, OVERVIEW),
        sections=decision | _SECTIONS,
        board_paper=board_paper,
        headlines=headlines_of(told),
        headline_count=sum(indicator.headline for indicator in told.catalogue.indicators.values()),
        commentary=passage_html(told, "overview"),
        changes=changes_of(told),
        in_brief=headline_tables(told),
        comparisons=Picture.of(charts[COMPARISONS]) if COMPARISONS in charts else None,
        themes=themes_in_brief(told),
        unsaid=unsaid_of(told),
        datasets=datasets_table(release.datasets),
        provenance=[
            {"key": {"text": name}, "value": {"text": value, "classes": "app-code"}}
            for name, value in release.provenance
        ],
        made_by=PROVENANCE,
        release=release,
        comparison=comparison_words(told.catalogue),
        unprotected=release.audience == "analyst",
        markers=markers_table(),
        downloads=downloads_of(beside, told.catalogue),
    )


def _theme_page(theme: Theme, told: Told, charts: Mapping[str, Chart]) -> str:
    release = told.release
    sections = {card.name: card.title for card in theme.cards}
    if theme.untold:
        sections["untold"] = "Not shown this quarter"
    pictures = {name: Picture.of(chart) for name, chart in charts.items()}
    return render(
        "theme.jinja",
        release.organisation,
        release.audience,
        title=f"{theme.title}: {release.quarter.words}",
        heading=theme.title,
        quarter=release.quarter,
        pages=_pages(told, page_of(theme.name)),
        sections=sections if len(sections) > 1 else {},
        theme=theme,
        commentary=passage_html(told, theme.name),
        pictures=pictures,
        of_stages={card.name: pictures.get(stages_picture(card.name)) for card in theme.cards},
    )


def _pages(told: Told, current: str) -> Sequence[Params]:
    """Return the contents list: every page of the quarter, and the way to other quarters."""
    titles = {OVERVIEW: "Overview", **{page_of(theme): title for theme, title in told.themes.items()}}
    items: list[Params] = [
        {"text": title, "current": True} if name == current else {"href": name, "text": title}
        for name, title in titles.items()
    ]
    return [*items, {"href": _ALL_QUARTERS, "text": "All quarters"}]
