"""The overview of a quarter: what is asked, headlines, what changed, all headline figures, and what cannot be said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from disparity.catalogue import Catalogue
from disparity.catalogue.indicators import Indicator, Share
from disparity.markers import NOT_APPLICABLE
from disparity.rows import Estimate
from disparity.statistics.evidence import CLEAR, SOME
from reports.pages.cards import Tag, tag_of
from reports.pages.tables import Params, table
from reports.release.frozen import DatasetStatus
from reports.wording.cells import cell, ratio_cell, side_value
from reports.wording.numbers import sentence_case
from reports.wording.release_view import Told, page_of
from reports.wording.sentences import MARKERS, finding, headline_rows
from reports.wording.what_would_change import view_sentences

_HEADLINES = 3


@dataclass(frozen=True)
class Headline:
    """One of the sentences a report opens with: its evidence, what would change the view, and where its card is."""

    text: str
    tag: Tag | None
    name: str
    card: str
    views: tuple[str, ...]


@dataclass(frozen=True)
class ThemeInBrief:
    """A theme as the overview lists it: the titles of its indicators with evidence of a disparity."""

    page: str
    title: str
    clear: tuple[str, ...]
    some: tuple[str, ...]
    has_figures: bool


def headlines_of(told: Told) -> list[Headline]:
    """Return the three headlines with the strongest evidence, or fewer where fewer can be told."""
    indicators, wording = told.catalogue.indicators, told.wording
    return [
        Headline(
            text=finding(row, indicators[row.indicator], wording),
            tag=tag_of(row.evidence),
            name=row.indicator,
            card=told.card(row.indicator),
            views=view_sentences(row, indicators[row.indicator], told.lines.get(row.indicator, ()), wording),
        )
        for row in headline_rows(told.release.estimates, told.catalogue)[:_HEADLINES]
    ]


def themes_in_brief(told: Told) -> list[ThemeInBrief]:
    """Return every theme with what stands out in it."""
    found = []
    for theme, title in told.themes.items():
        names = [name for name in told.of_theme(theme) if told.has_card(name)]
        found.append(
            ThemeInBrief(
                page_of(theme), title, _with(CLEAR, names, told), _with(SOME, names, told), bool(names)
            )
        )
    return found


def _with(evidence: str, names: Sequence[str], told: Told) -> tuple[str, ...]:
    wholes = ((told.catalogue.indicators[name].title, told.whole(name)) for name in names)
    return tuple(title for title, row in wholes if row is not None and row.evidence == evidence)


def headline_tables(told: Told) -> list[Params]:
    """Return all headline indicators in brief: those that compare two groups, and the shares of populations."""
    rows = {
        name: (indicator, row)
        for name, indicator in told.catalogue.indicators.items()
        if indicator.headline and (row := told.whole(name)) is not None and row.told
    }
    groups = told.catalogue.house_style.groups
    white, minority = sentence_case(groups["white"]), sentence_case(groups["ethnic_minority"])
    of_groups = {name: each for name, each in rows.items() if not isinstance(each[0], Share)}
    shares = {name: each for name, each in rows.items() if isinstance(each[0], Share)}
    made = []
    if of_groups:
        made.append(_brief("Headline indicators", "headline-rates", (white, minority), of_groups, told))
    if shares:
        caption = f"Headline indicators: {groups['ethnic_minority']} shares"
        made.append(_brief(caption, "headline-shares", ("Elsewhere", "In this group"), shares, told))
    return made


def _brief(
    caption: str,
    table_id: str,
    sides: tuple[str, str],
    rows: dict[str, tuple[Indicator, Estimate]],
    told: Told,
) -> Params:
    body = [
        [
            indicator.title,
            side_value(row, "reference", indicator, told.wording) if row.reference_group else NOT_APPLICABLE,
            side_value(row, "group", indicator, told.wording),
            cell(row.ratio, row.marker, ratio_cell(row)),
            sentence_case(row.evidence) or row.status or NOT_APPLICABLE,
        ]
        for indicator, row in rows.values()
    ]
    return table(
        table_id,
        caption,
        ["Indicator", *sides, "Ratio (95% interval)", "Evidence"],
        body,
        kind="in-brief",
        fields=("reference_value", "group_value", "ratio", "evidence"),
        keys=list(rows),
        links=[told.card(name) for name in rows],
        words=1,
    )


def datasets_table(datasets: Sequence[DatasetStatus]) -> Params:
    """Return the table of the quarter's extracts."""
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


def markers_table() -> Params:
    """Return the table of markers and what they mean."""
    return table(
        "markers",
        "Markers that stand in place of a figure",
        ["Marker", "Meaning"],
        MARKERS,
        kind="markers",
        words=1,
    )


def comparison_words(catalogue: Catalogue) -> str:
    """Say who is compared with whom."""
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
