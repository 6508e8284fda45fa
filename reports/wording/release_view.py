"""A release as its pages are made from it: rows, history and lines by indicator, and the words of its audience."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from disparity.analyses import CONTROL
from disparity.catalogue import Catalogue
from disparity.catalogue.deliveries import is_of_single_quarters
from disparity.catalogue.indicators import Coverage, Indicator, Linked, Rate
from disparity.rows import Estimate, Line
from reports.release.analyses import lines_of
from reports.release.estimates import rows_of
from reports.release.frozen import Release
from reports.wording.numbers import Wording, wording_for
from reports.wording.targets import Standing, standing_of

_OfIndicator = TypeVar("_OfIndicator", Estimate, Line)


@dataclass(frozen=True)
class Told:
    """What is told of a quarter, found by indicator."""

    release: Release
    catalogue: Catalogue

    @cached_property
    def wording(self) -> Wording:
        """How the audience is told figures."""
        return wording_for(self.catalogue, self.release.audience)

    @cached_property
    def rows(self) -> Mapping[str, Sequence[Estimate]]:
        """The rows of the quarter."""
        return _by_indicator(rows_of(self.release.estimates))

    @cached_property
    def history(self) -> Mapping[str, Sequence[Estimate]]:
        """The rows of the whole organisation, this quarter's and earlier ones, latest first."""
        rows = sorted(rows_of(self.release.history), key=lambda row: row.period_end, reverse=True)
        return _by_indicator([row for row in rows if row.breakdown == "all"])

    @cached_property
    def lines(self) -> Mapping[str, Sequence[Line]]:
        """What stands behind the ratios."""
        return _by_indicator(lines_of(self.release.analyses))

    @cached_property
    def themes(self) -> Mapping[str, str]:
        """The titles of the themes that have indicators, in the order of the house style."""
        held = {indicator.theme for indicator in self.catalogue.indicators.values()}
        return {name: title for name, title in self.catalogue.house_style.themes.items() if name in held}

    def of_theme(self, theme: str) -> Mapping[str, Indicator]:
        """Return a theme's indicators in the order of the catalogue."""
        return {name: each for name, each in self.catalogue.indicators.items() if each.theme == theme}

    def whole(self, name: str) -> Estimate | None:
        """Return an indicator's row for the whole organisation."""
        return next((row for row in self.rows.get(name, ()) if row.breakdown == "all"), None)

    def control(self, name: str) -> Line | None:
        """Return the limits of an indicator's run of quarters that share nobody; None where it is under no such control."""
        if not is_of_single_quarters(self.catalogue.indicators[name]):
            return None
        return next((line for line in self.lines.get(name, ()) if line.analysis == CONTROL), None)

    def standing(self, name: str) -> Standing | None:
        """Return where an indicator stands on the path to its target, if it has one and its figures are told."""
        whole = self.whole(name)
        if whole is None:
            return None
        earlier = [row for row in self.history.get(name, ()) if row.period_end < whole.period_end]
        target, indicator = self.catalogue.targets.get(name), self.catalogue.indicators[name]
        return standing_of(target, indicator, [*earlier, whole])

    def card(self, name: str) -> str:
        """Return where an indicator's card is, from any page of the quarter."""
        return f"{page_of(self.catalogue.indicators[name].theme)}#{name}"

    def has_card(self, name: str) -> bool:
        """Whether an indicator has a figure of its own, for everybody or for one level."""
        return self.whole(name) is not None and any(row.told for row in self.rows[name])


def page_of(theme: str) -> str:
    """Return the name of a theme's page."""
    return f"{theme}.html"


def datasets_of(indicator: Indicator) -> tuple[str, ...]:
    """Return the datasets that an indicator rests on."""
    match indicator:
        case Linked() | Rate():
            return (indicator.dataset, "staff_in_post")
        case Coverage():
            return (indicator.dataset, indicator.base_dataset)
        case _:
            return (indicator.dataset,)


def _by_indicator(rows: Sequence[_OfIndicator]) -> dict[str, list[_OfIndicator]]:
    grouped: dict[str, list[_OfIndicator]] = {}
    for row in rows:
        grouped.setdefault(row.indicator, []).append(row)
    return grouped
