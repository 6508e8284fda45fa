"""The page of one quarter: a self-contained HTML document on the NHS design system's components."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

from jinja2 import ChainableUndefined, ChoiceLoader, Environment, PackageLoader

from disparity.catalogue import Catalogue
from disparity.catalogue.indicators import Coverage, Indicator, Linked, Rate, Rows
from disparity.catalogue.organisation import Organisation
from reports.analyses import Line, lines_of
from reports.cards import Card, Params, Tag, card_of, table, tag_of, why_not
from reports.charts import Chart
from reports.release import Audience, DatasetStatus, Release
from reports.sentences import MARKERS, finding, headline_rows, label, sentence_case, wording_for
from reports.table import Estimate, rows_of

MARKINGS: Mapping[Audience, str] = {
    "restricted": "Restricted: for named readers",
    "published": "Published: for all staff and the public",
    "analyst": "Analysts alone: not protected, not to be passed on",
}
INVENTED = "Invented figures: about nobody"
_HEADLINES = 3

_Rows = Mapping[str, Sequence[Estimate]]
_Lines = Mapping[str, Sequence[Line]]
_OfIndicator = TypeVar("_OfIndicator", Estimate, Line)


@dataclass(frozen=True)
class Headline:
    """One of the sentences a report opens with, its evidence and the card it comes from."""

    text: str
    tag: Tag | None
    name: str


@dataclass(frozen=True)
class ThemeSection:
    """One theme: the datasets it lacks, its cards, and the indicators that have no figure with the reason."""

    name: str
    title: str
    lacking: tuple[DatasetStatus, ...]
    cards: tuple[Card, ...]
    untold: Params | None


def quarter_page(release: Release, catalogue: Catalogue, charts: Mapping[str, Chart]) -> str:
    """Return the report of a quarter as one HTML document that requests nothing.

    ``charts`` are what `reports.charts.charts_of` drew, by indicator.
    """
    wording = wording_for(catalogue, release.audience)
    rows, history = _by_indicator(rows_of(release.estimates)), _by_indicator(rows_of(release.history))
    lines = _by_indicator(lines_of(release.analyses))
    themes = [
        _theme(theme, release, catalogue, rows, history, lines)
        for theme in catalogue.house_style.themes
        if any(indicator.theme == theme for indicator in catalogue.indicators.values())
    ]
    headlines = [
        Headline(
            finding(row, catalogue.indicators[row.indicator], wording), tag_of(row.evidence), row.indicator
        )
        for row in headline_rows(release.estimates, catalogue)[:_HEADLINES]
    ]
    return render(
        "quarter.jinja",
        release.organisation,
        release.audience,
        title=f"Race equality report: {release.quarter.words}",
        quarter=release.quarter,
        revised=any(row.vintage > 1 for each in rows.values() for row in each),
        headlines=headlines,
        headline_count=sum(indicator.headline for indicator in catalogue.indicators.values()),
        themes=themes,
        pictures={name: Picture.of(chart) for name, chart in charts.items()},
        contents=_contents(themes),
        provenance=[
            {"key": {"text": name}, "value": {"text": value, "classes": "app-code"}}
            for name, value in release.provenance
        ],
        datasets=_datasets(release.datasets),
        release=release,
        comparison=_comparison(catalogue),
        unprotected=release.audience == "analyst",
        markers=table(
            "markers",
            "Markers that stand in place of a figure",
            ["Marker", "Meaning"],
            MARKERS,
            kind="markers",
            words=1,
        ),
    )


@dataclass(frozen=True)
class Picture:
    """A chart as the page holds it."""

    title: str
    alt: str
    source: str

    @classmethod
    def of(cls, chart: Chart) -> Picture:
        """Return the chart's SVG as a data address, so that the page is one file and no id can clash."""
        return cls(
            chart.title, chart.alt, f"data:image/svg+xml;base64,{base64.b64encode(chart.svg).decode()}"
        )


def render(template: str, organisation: Organisation, audience: Audience, **values: Any) -> str:
    """Render a page of this organisation for an audience, its marking and its content security policy set."""
    markings = _markings(organisation, audience)
    style = stylesheet(organisation, audience)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        _environment()
        .get_template(template)
        .render(
            organisation=organisation,
            audience=audience,
            markings=markings,
            style=style,
            style_hash=digest,
            **values,
        )
    )


def stylesheet(organisation: Organisation, audience: Audience) -> str:
    """Return the stylesheet, with the marking printed in the margin of every sheet."""
    marking = " | ".join(_markings(organisation, audience))
    sheet = files("reports").joinpath("style.css").read_text(encoding="utf-8")
    return (
        f'\n{sheet}\n@page {{ @top-left {{ content: "{marking}"; font: bold 10pt Arial, sans-serif; }} }}\n'
    )


def _markings(organisation: Organisation, audience: Audience) -> list[str]:
    return [MARKINGS[audience], *([INVENTED] if organisation.invented else [])]


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=ChoiceLoader([PackageLoader("reports"), PackageLoader("nhsuk_frontend_jinja")]),
        autoescape=True,
        undefined=ChainableUndefined,  # the macros read parameters that were not given
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(label=label, sentence_case=sentence_case)
    return environment


def _by_indicator(rows: Sequence[_OfIndicator]) -> dict[str, list[_OfIndicator]]:
    grouped: dict[str, list[_OfIndicator]] = {}
    for row in rows:
        grouped.setdefault(row.indicator, []).append(row)
    return grouped


def _theme(
    theme: str, release: Release, catalogue: Catalogue, quarter: _Rows, history: _Rows, lines: _Lines
) -> ThemeSection:
    wording, title = wording_for(catalogue, release.audience), catalogue.house_style.themes[theme]
    titles = {name: _stage_title(name, catalogue) for name in catalogue.indicators}
    indicators = {name: each for name, each in catalogue.indicators.items() if each.theme == theme}
    cards: list[Card] = []
    untold: dict[str, list[str]] = {}
    for name, indicator in indicators.items():
        about = quarter.get(name, ())
        whole = next((row for row in about if row.breakdown == "all"), None)
        if whole is None or not _says_something(whole):
            untold[name] = [indicator.title, why_not(whole)]
        else:
            behind = lines.get(name, ())
            cards.append(card_of(name, indicator, about, history.get(name, ()), behind, titles, wording))
    used = {dataset for indicator in indicators.values() for dataset in datasets_of(indicator)}
    return ThemeSection(
        name=theme,
        title=title,
        lacking=tuple(each for each in release.datasets if each.name in used and each.state != "received"),
        cards=tuple(cards),
        untold=_untold(theme, title, untold) if untold else None,
    )


def _stage_title(name: str, catalogue: Catalogue) -> str:
    """Return how a stage is called: by its title, or the last of all by what happened after the one before."""
    indicator = catalogue.indicators[name]
    if not isinstance(indicator, Rows) or not indicator.stages:
        return indicator.title
    before = catalogue.indicators[indicator.stages[-1]]
    return f"{sentence_case(indicator.event_words)}, of those who {before.event_words}"


def _untold(theme: str, title: str, rows: Mapping[str, Sequence[str]]) -> Params:
    return table(
        f"{theme}-untold",
        f"{title}: not shown this quarter",
        ["Indicator", "Why"],
        list(rows.values()),
        kind="untold",
        fields=("why",),
        keys=list(rows),
        words=1,
    )


def _says_something(row: Estimate) -> bool:
    """Whether a row has a value, a count or an interval to tell."""
    return row.told or row.ratio_low is not None or row.group_base is not None


def datasets_of(indicator: Indicator) -> tuple[str, ...]:
    """Return the datasets that an indicator rests on."""
    match indicator:
        case Linked() | Rate():
            return (indicator.dataset, "staff_in_post")
        case Coverage():
            return (indicator.dataset, indicator.base_dataset)
        case _:
            return (indicator.dataset,)


def _datasets(datasets: Sequence[DatasetStatus]) -> Params:
    rows = [
        [each.title, sentence_case(each.state), sentence_case(each.words) or "Nothing to note."]
        for each in datasets
    ]
    return table(
        "datasets",
        "Extracts of this quarter",
        ["Extract", "State", "Notes"],
        rows,
        kind="datasets",
        fields=("state", "words"),
        keys=[each.name for each in datasets],
        words=2,
    )


def _contents(themes: Sequence[ThemeSection]) -> list[dict[str, str]]:
    places = [(f"theme-{theme.name}", theme.title) for theme in themes]
    places += [("quality", "Data quality"), ("method", "How it was made"), ("glossary", "Markers")]
    return [{"href": f"#{anchor}", "text": text} for anchor, text in places]


def _comparison(catalogue: Catalogue) -> str:
    groups = catalogue.house_style.groups
    white, minority = groups["white"], groups["ethnic_minority"]
    if catalogue.organisation.comparison == "white_british":
        return (
            f"{white} here is White British; {minority} is everyone else of known ethnicity, "
            "White minorities included."
        )
    return (
        f"{white} here is every White group; {minority} is every other group of known ethnicity. "
        "This is the comparison of the Workforce Race Equality Standard."
    )
