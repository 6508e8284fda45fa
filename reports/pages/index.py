"""The index over all quarters of an audience: headline indicators side by side, then every quarter, latest first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from disparity.audiences import Audience
from disparity.catalogue import Catalogue
from disparity.datasets import DATASETS
from disparity.periods import Quarter
from disparity.rows import Estimate
from reports.pages.changes import then_cell
from reports.pages.frame import render
from reports.pages.tables import Params, table
from reports.release.frozen import Release
from reports.release.revisions import Revised
from reports.wording.periods import is_survey
from reports.wording.release_view import Told

_QUARTERS = 5


@dataclass(frozen=True)
class Entry:
    """A released quarter as the index lists it."""

    quarter: Quarter
    sentences: tuple[str, ...]
    recorded: tuple[Revised, ...] = ()

    @property
    def revisions(self) -> tuple[Revised, ...]:
        """Those of the revisions in its release that are of the quarter itself."""
        end = self.quarter.end.isoformat()
        return tuple(each for each in self.recorded if each.period_end == end)


def index_page(
    catalogue: Catalogue, audience: Audience, entries: Sequence[Entry], latest: Release | None
) -> str:
    """Return the index as one HTML document, from each quarter's headline sentences and the latest of the releases."""
    return render(
        "index.jinja",
        catalogue.organisation,
        audience,
        title="Race equality reports",
        entries=sorted(entries, key=lambda each: each.quarter, reverse=True),
        by_indicator=None if latest is None else _by_indicator(Told(latest, catalogue)),
    )


def _by_indicator(told: Told) -> Params | None:
    """Return the table of headline indicators over the last quarters, latest first; None where none was told."""
    ends = {row.period_end for rows in told.history.values() for row in rows if row.told}
    quarters = [Quarter.holding(dt.date.fromisoformat(end)) for end in sorted(ends, reverse=True)[:_QUARTERS]]
    rows = {}
    for name, indicator in told.catalogue.indicators.items():
        by_end = {row.period_end: row for row in told.history.get(name, ())}
        found = [by_end.get(quarter.end.isoformat()) for quarter in quarters]
        if indicator.headline and any(row is not None and row.told for row in found):
            cells = [_cell(name, quarter, row, told) for quarter, row in zip(quarters, found, strict=True)]
            rows[name] = [indicator.title, *cells]
    if not rows:
        return None
    return table(
        "by-indicator",
        "Headline indicators by quarter",
        ["Indicator", *(quarter.words for quarter in quarters)],
        list(rows.values()),
        kind="by-indicator",
        fields=[quarter.end.isoformat() for quarter in quarters],
        keys=list(rows),
    )


def _cell(name: str, quarter: Quarter, row: Estimate | None, told: Told) -> str:
    """Write an indicator's figure of a quarter, or that the quarter brought no survey after the one before."""
    indicator = told.catalogue.indicators[name]
    earlier = (each for each in told.history[name] if each.period_end < quarter.end.isoformat())
    if row is None and any(is_survey(each, indicator) for each in earlier):
        return f"No new {DATASETS[indicator.dataset].called}"
    return then_cell(row, told)
