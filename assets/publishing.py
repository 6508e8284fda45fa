"""Publishing: the approved release as files, and the index over all quarters. Who approves it is `assets.approving`'s."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

from assets.approving import latest_and_frozen
from assets.machine import of_this_machine
from assets.revising import HISTORY, history_shown
from assets.standing import standing_of
from disparity.audiences import Audience
from disparity.periods import Quarter
from disparity.refusal import refuse
from reports.pages import index
from reports.pages.quarter import OVERVIEW
from reports.reading_back.files import FROZEN
from reports.reading_back.index import unexplained_in_index
from reports.release.frozen import from_json, revisions_in, to_json
from resources.databases import (
    is_approved,
    published_vintages,
    record_publication,
)
from resources.lake import Entry
from resources.publisher import PAGE, Readers, publish_files
from resources.workplace import Workplace

READERS: dict[str, Readers] = {"published": "everybody", "restricted": "group"}


def refuse_empty(workplace: Workplace, audience: str, quarter: Quarter) -> None:
    """Raise Refusal where a release shows no figure at all: it is published where that is asked for alone."""
    _, entry = latest_and_frozen(workplace, audience, quarter)
    standing = standing_of(from_json(entry.read(FROZEN)).estimates)
    if not standing.shown:
        raise refuse(
            f"the report shows none of its {standing.figures} figures: {standing.words}",
            where=f"{audience}, {quarter.words}",
            rule="a report without a figure is published where that is asked for",
            do=f"look at what it waits for; to publish it all the same: race-equality publish --quarter {quarter.key} "
            "--approved-by NAME --even-if-empty, or in Dagster the tag even_if_empty on the run",
        )


def publish(workplace: Workplace, audience: str, quarter: Quarter) -> Path:
    """Write an approved release to its place and bring the index up to date; return the page.

    Raises Refusal when the quarter was not released, its latest release is not approved, or the index does not follow from
    the reports it lists.
    """
    found, entry = latest_and_frozen(workplace, audience, quarter)
    where = f"{audience}, {quarter.words}"
    if workplace.catalogue.organisation.approval_required and not is_approved(workplace.results, found.id):
        raise refuse(
            "the release awaits approval", where=where, rule="a named person approves before publication",
            do="run the job `publish` in Dagster, or race-equality publish --approved-by NAME",
        )  # fmt: skip
    files = {name: entry.read(name) for name in entry.files}
    before = workplace.lake.get_to_replace(f"{audience}/publication", quarter)
    facts = {**entry.facts, HISTORY: history_shown(before, files[FROZEN])}
    kept = workplace.lake.put(f"{audience}/publication", quarter, facts, files)
    folder = workplace.settings.storage / audience / quarter.key
    published = _as_published(files)
    storage, readers = workplace.settings.storage, READERS[audience]
    publish_files(folder, published, below=storage, readers=readers)
    record_publication(
        workplace.results, audience, quarter, int(kept.facts["vintage"]), dt.datetime.now(dt.UTC)
    )
    over_all = {PAGE: _index(workplace, audience)}  # type: ignore[arg-type]
    publish_files(folder.parent, over_all, below=storage, readers=readers)
    return folder / "index.html"


def files_spoilt(workplace: Workplace, audience: str, quarter: Quarter) -> list[str]:
    """Return the names of a publication's files that are gone or not as they were written. Raises Damaged by the lake's."""
    entry = workplace.lake.get(f"{audience}/publication", quarter)
    files = {name: entry.read(name) for name in entry.files} if entry else {}
    folder = workplace.settings.storage / audience / quarter.key
    return [
        name
        for name, content in _as_published(files).items()
        if not (folder / name).is_file() or (folder / name).read_bytes() != content
    ]


def _as_published(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Freeze a release once more: earlier versions kept in it what is not told, this one changes no byte."""
    return {**files, FROZEN: to_json(from_json(files[FROZEN]))} if files else {}


def _index(workplace: Workplace, audience: Audience) -> bytes:
    """Return the index over all that is published. Raises Refusal where it says what no report it lists does."""
    catalogue = workplace.catalogue
    published = {
        quarter: entry
        for quarter in published_vintages(workplace.results, audience)
        if (entry := workplace.lake.get(f"{audience}/publication", quarter)) is not None
    }
    files = {
        quarter: {name: entry.read(name) for name in (OVERVIEW, FROZEN)}
        for quarter, entry in published.items()
    }
    listed = [_entry(quarter, entry, files[quarter][FROZEN]) for quarter, entry in published.items()]
    latest = from_json(files[max(files)][FROZEN]) if files else None
    page = index.index_page(catalogue, audience, listed, latest).encode()
    strange = unexplained_in_index(page, files, catalogue, audience, secrets=of_this_machine(workplace))
    if strange:
        raise refuse(
            f"the quarter is published and the index over all quarters is not: {' '.join(strange)}",
            where=f"{audience}, {PAGE} over all quarters",
            rule="every number and link of it follows from the reports it lists; the one before stays in place",
            do="run, approve and publish again each quarter that is named, the latest one where none is",
        )
    return page


def _entry(quarter: Quarter, entry: Entry, frozen: bytes) -> index.Entry:
    return index.Entry(quarter, tuple(entry.facts["headlines"]), revisions_in(frozen))
