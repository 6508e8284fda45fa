"""Counting: a theme's indicators over their windows, whom they count, and what readers were told of those before."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

import dagster as dg
import polars as pl

from assets.states import RECEIVED
from disparity.audiences import ANALYST, RELEASED
from disparity.catalogue import Catalogue, Policy, themes_of
from disparity.catalogue.divisions import NOT_RECORDED, OF_NOBODY, Undivided, cells_of
from disparity.catalogue.given import broken_down, broken_down_by_dataset, datasets_of, not_available
from disparity.catalogue.indicators import ALL, Indicator, Linked
from disparity.catalogue.policies import NoProtection
from disparity.catalogue.vocabulary import columns_of_all
from disparity.counts.counting import Records, count
from disparity.datasets import DATASETS
from disparity.disclosure.ledger import (
    asked_in,
)
from disparity.periods import Quarter
from disparity.populations.naming import Naming
from disparity.populations.people import (
    STAFF,
    Asked,
    People,
    asked_for_all,
    asked_of_levels,
    had_in,
)
from disparity.populations.recorded import Recorded, all_recorded, recorded_from, recorded_in
from resources.databases import ledger_for, recorded_for
from resources.lake import Entry
from resources.workplace import Workplace

UNDIVIDED = "undivided"
"""The fact of a theme's counts that says what they could not be broken down by; counts of before have none."""
RECORDED = "recorded"
"""The fact of a theme's counts that says what the records counted show of their columns; counts of before have none."""


def policy_of(workplace: Workplace, audience: str) -> Policy | NoProtection:
    """Return what an audience's counts go through."""
    return NoProtection() if audience == ANALYST else workplace.policy(audience)


def records_held(workplace: Workplace, quarter: Quarter, quarters: int) -> Records:
    """Return the accepted records of every dataset over a window, without refused and missing ones."""
    frames: dict[str, dict[Quarter, pl.LazyFrame]] = {}
    for dataset in DATASETS:
        entries = {each: workplace.lake.get(f"records/{dataset}", each) for each in quarter.window(quarters)}
        frames[dataset] = {
            each: entry.scan("accepted")
            for each, entry in entries.items()
            if entry is not None and entry.facts["state"] == RECEIVED
        }
    return Records(frames, not_available(workplace.catalogue.sources))


def count_theme(workplace: Workplace, theme: str, records: Records, quarter: Quarter) -> Entry:
    """Count one theme's indicators over their windows and keep the counts."""
    indicators = {name: each for name, each in workplace.catalogue.indicators.items() if each.theme == theme}
    counts, undivided = count(indicators, workplace.predicates, records, quarter)
    facts = {
        "rows": counts.height,
        UNDIVIDED: [each._asdict() for each in undivided],
        RECORDED: list(_recorded_in(workplace, indicators, records, quarter)),
    }
    return workplace.lake.put(f"counts/{theme}", quarter, facts, {"counts.parquet": counts})


def _recorded_in(
    workplace: Workplace, indicators: Mapping[str, Indicator], records: Records, quarter: Quarter
) -> Iterator[tuple[str, str, str]]:
    """Yield what the records that indicators count show of their columns: dataset, quarter's key, and that as text."""
    counted = {
        (dataset, each)
        for indicator in indicators.values()
        for dataset in {*datasets_of(indicator).values(), *broken_down(indicator)}
        for each in quarter.window(indicator.quarters)
        if each in records.frames.get(dataset, {})
    }
    breakdowns = broken_down_by_dataset(workplace.catalogue.indicators)
    for dataset in sorted({dataset for dataset, _ in counted}):
        quarters = sorted(each for name, each in counted if name == dataset)
        described = DATASETS[dataset].columns(workplace.vocabulary)
        found = recorded_in(
            [records.frames[dataset][each] for each in quarters], described, breakdowns.get(dataset, ())
        )
        yield from ((dataset, each.key, known.text()) for each, known in zip(quarters, found, strict=True))


class Counted(NamedTuple):
    """Whom the cells of every indicator's whole count, how all are named, and what was recorded of their datasets.

    ``ledger`` is what every release to any audience told of whom.
    """

    people: dict[str, dict[str, People]]
    naming: Naming
    recorded: dict[tuple[str, str], Recorded]
    ledger: pl.DataFrame


def people_counted(workplace: Workplace, counts: pl.DataFrame, quarter: Quarter) -> Counted:
    """Return whom the cells of every indicator's whole count, named with all whom earlier releases spoke of."""
    as_of = dict(counts.select("indicator", "as_of").iter_rows())
    unanswered = counts.filter((pl.col("breakdown") == ALL) & (pl.col("unanswered") > 0))
    lacking = unanswered["indicator"].to_list()
    asked = asked_for_all(workplace.catalogue, quarter, as_of, lacking)
    recorded = all_recorded(
        [
            *recorded_when_counted(workplace, quarter),
            *_not_known(workplace.catalogue, quarter, as_of, lacking),
        ]
    )
    released = ledger_for(workplace.internal, RELEASED)
    known = all_recorded([*recorded_for(workplace.internal, RELEASED), *recorded.items()])
    to_name = [
        *asked_in(released),
        *asked_of_levels(workplace.catalogue, counts, quarter),
        *(each for cells in asked.values() for each in cells.values()),
    ]
    texts = tuple((key, each.text()) for key, each in sorted(known.items()))
    naming = _naming(_ToName(tuple(dict.fromkeys(to_name)), texts, repr(workplace.vocabulary), workplace))
    # It may have been made for counts that others have followed.
    naming.forget_rows()
    people = {
        name: {cell: naming.people(each) for cell, each in cells.items()} for name, cells in asked.items()
    }
    for each in found_undivided(workplace, quarter):
        if each.why == OF_NOBODY and each.indicator in people:
            # Readers are told that nobody has a value: all of them stand in the level of those without.
            for cell in cells_of(workplace.catalogue.indicators[each.indicator], each.dataset):
                people[each.indicator][cell].of_row(each.by, NOT_RECORDED)
    return Counted(people, naming, recorded, released)


def found_undivided(workplace: Workplace, quarter: Quarter) -> Iterator[Undivided]:
    """Yield what the counts of a quarter could not be broken down by; counts may be older than the catalogue."""
    entries = (workplace.lake.get(f"counts/{theme}", quarter) for theme in themes_of(workplace.catalogue))
    for entry in (each for each in entries if each is not None):
        for found in entry.facts.get(UNDIVIDED, ()):
            if found["indicator"] in workplace.catalogue.indicators:
                yield Undivided(**found)


@dataclass(frozen=True)
class _ToName:
    """Whom to name, by what was recorded and the catalogue's vocabulary; the workplace holds the rest."""

    asked: tuple[Asked, ...]
    recorded: tuple[tuple[tuple[str, str], str], ...]
    vocabulary: str
    workplace: Workplace = field(compare=False)


# A quarter is named when it is protected, audited and remembered: each time the same.
@lru_cache(maxsize=2)
def _naming(of: _ToName) -> Naming:
    return Naming(
        of.asked,
        columns_of_all(of.workplace.vocabulary),
        broken_down_by_dataset(of.workplace.catalogue.indicators),
        {key: recorded_from(text) for key, text in of.recorded},
    )


def recorded_when_counted(
    workplace: Workplace, quarter: Quarter
) -> Iterator[tuple[tuple[str, str], Recorded]]:
    """Yield what was recorded of the datasets when they were counted; counts of before do not say."""
    entries = (workplace.lake.get(f"counts/{theme}", quarter) for theme in themes_of(workplace.catalogue))
    for entry in (each for each in entries if each is not None):
        for dataset, key, text in entry.facts.get(RECORDED, ()):
            yield (dataset, key), recorded_from(text)


def _not_known(
    catalogue: Catalogue, quarter: Quarter, as_of: Collection[str], lacking: Collection[str]
) -> Iterator[tuple[tuple[str, str], Recorded]]:
    """Yield of which staff it is not known whether they had what a linked indicator asks for."""
    for name in as_of:
        indicator = catalogue.indicators[name]
        if isinstance(indicator, Linked):
            had = had_in(indicator, quarter.window(indicator.quarters)[0])
            yield (STAFF, quarter.key), Recorded({had: name in lacking}, {})


def theme_entries(workplace: Workplace, stage: str, quarter: Quarter) -> dict[str, Entry]:
    """Return what the lake holds of a stage, by theme. Raises Failure where a theme is lacking."""
    themes = themes_of(workplace.catalogue)
    held = {theme: workplace.lake.get(f"{stage}/{theme}", quarter) for theme in themes}
    whole = {theme: entry for theme, entry in held.items() if entry is not None}
    if len(whole) < len(held):
        raise dg.Failure(f"{stage} is not whole for {quarter.words}; materialise it first")
    return whole


def frame_of(workplace: Workplace, stage: str, quarter: Quarter) -> pl.DataFrame:
    """Return one frame of all themes of ``counts`` or an audience's ``protected``. Raises Failure as `theme_entries`."""
    entries = theme_entries(workplace, stage, quarter).values()
    return pl.concat([entry.scan(stage.rpartition("/")[2]) for entry in entries]).collect()
