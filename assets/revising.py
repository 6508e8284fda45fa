"""Revising: which figures of a release are others than those its readers were given before.

A quarter's figures are published with its own report, and those of everybody in the charts and tables of later ones too.
What was released and never published revises nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

import pandas as pd

from disparity.catalogue.indicators import ALL
from disparity.periods import Quarter
from reports.reading_back.files import FROZEN
from reports.release.frozen import from_json
from reports.release.revisions import Revised, revisions_of
from resources.databases import estimates_of, published_vintages
from resources.lake import Entry
from resources.workplace import Workplace

HISTORY = "history"
"""The fact of a publication that says of which earlier quarters its reports showed which vintages."""

Vintages = dict[str, list[int]]


def revisions_in_release(
    workplace: Workplace, audience: str, history: pd.DataFrame, estimates: pd.DataFrame
) -> Iterator[Revised]:
    """Yield what a release revises of what was published to its audience, earliest quarter first."""
    own, in_history = _published(workplace, audience)
    told = pd.concat([history[["quarter", "vintage"]], estimates[["quarter", "vintage"]]])
    for key, vintage in told.groupby("quarter")["vintage"].max().items():
        quarter, latest = Quarter.from_key(str(key)), int(vintage)
        before = sorted(
            {each for each in (*own.get(quarter, ()), *in_history.get(quarter, ())) if each < latest}
        )
        rows = {each: estimates_of(workplace.results, audience, quarter, each) for each in (*before, latest)}
        published = {
            each: table
            if each in own.get(quarter, ()) or each == latest
            else table[table["breakdown"] == ALL]
            for each, table in rows.items()
        }
        yield from revisions_of(quarter, list(published.items()), _reasons(workplace, audience, quarter))


def history_shown(before: Entry | None, frozen: bytes) -> Vintages:
    """Return which vintages of earlier quarters the reports of one quarter show: those published before, and the next."""
    shown = {} if before is None else _history_of(before)
    for key, vintages in _in_history(frozen).items():
        shown[key] = sorted({*shown.get(key, ()), *vintages})
    return shown


def _published(
    workplace: Workplace, audience: str
) -> tuple[Mapping[Quarter, list[int]], Mapping[Quarter, set[int]]]:
    """Return the vintages of each quarter that were published in its own report, and those in the history of any."""
    own = published_vintages(workplace.results, audience)
    in_history: dict[Quarter, set[int]] = {}
    for quarter in own:
        entry = workplace.lake.get(f"{audience}/publication", quarter)
        for key, vintages in (_history_of(entry) if entry else {}).items():
            in_history.setdefault(Quarter.from_key(key), set()).update(vintages)
    return own, in_history


def _history_of(publication: Entry) -> Vintages:
    """Return what a publication says of its history; one of an earlier version does not, and its latest report does."""
    kept: Vintages | None = publication.facts.get(HISTORY)
    return dict(kept) if kept is not None else _in_history(publication.read(FROZEN))


def _in_history(frozen: bytes) -> Vintages:
    release = from_json(frozen)
    shown = release.history[release.history["quarter"] != release.quarter.key]
    return {str(key): sorted(set(map(int, of))) for key, of in shown.groupby("quarter")["vintage"]}


def _reasons(workplace: Workplace, audience: str, quarter: Quarter) -> dict[int, str]:
    end: dt.date = quarter.end
    recorded = workplace.catalogue.revisions.get(end, {})
    return {vintage: each.told_to(audience) for vintage, each in recorded.items()}
