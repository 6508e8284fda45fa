"""The page of one theme: the extracts it lacks, its cards, and the indicators that have no figure with the reason."""

from __future__ import annotations

from dataclasses import dataclass

from disparity.catalogue import Catalogue
from disparity.catalogue.indicators import Rows
from reports.pages.cards import Card, card_of
from reports.release.frozen import DatasetStatus
from reports.wording.limitations import Reason, reasons_of
from reports.wording.numbers import sentence_case
from reports.wording.release_view import Told, datasets_of


@dataclass(frozen=True)
class Theme:
    """What the page of a theme holds."""

    name: str
    title: str
    lacking: tuple[DatasetStatus, ...]
    cards: tuple[Card, ...]
    untold: tuple[Reason, ...]


def theme_of(theme: str, told: Told) -> Theme:
    """Return what the page of a theme holds."""
    indicators = told.of_theme(theme)
    used = {dataset for indicator in indicators.values() for dataset in datasets_of(indicator)}
    titles = {name: _stage_title(name, told.catalogue) for name in told.catalogue.indicators}
    return Theme(
        name=theme,
        title=told.themes[theme],
        lacking=tuple(
            each for each in told.release.datasets if each.name in used and each.state != "received"
        ),
        cards=tuple(card_of(name, titles, told) for name in indicators if told.has_card(name)),
        untold=reasons_of(told, indicators),
    )


def _stage_title(name: str, catalogue: Catalogue) -> str:
    """Return how a stage is called: by its title, or the last of all by what happened after the one before."""
    indicator = catalogue.indicators[name]
    if not isinstance(indicator, Rows) or not indicator.stages:
        return indicator.title
    before = catalogue.indicators[indicator.stages[-1]]
    return f"{sentence_case(indicator.event_words)}, of those who {before.event_words}"
