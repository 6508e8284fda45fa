"""Counting: a theme's indicators over their windows, whom they count, and what readers were told of those before."""

from __future__ import annotations

from collections.abc import Mapping

import dagster as dg
import polars as pl

from assets.audiences import ANALYST, RELEASED, read_by, themes_of, wider_than
from assets.states import RECEIVED
from disparity.catalogue import Policy
from disparity.catalogue.given import not_available
from disparity.catalogue.policies import NoProtection
from disparity.complements import Before
from disparity.counts import ALL, Records, count
from disparity.datasets import DATASETS
from disparity.ledger import counted_the_same, together, told_alike, told_by, told_in
from disparity.periods import Quarter
from disparity.populations import People, people_of_all
from resources.databases import ledger_for
from resources.lake import Entry
from resources.workplace import Workplace

UNDIVIDED = "undivided"
"""The fact of a theme's counts that says what they could not be broken down by; counts of before have none."""


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
    facts = {"rows": counts.height, UNDIVIDED: [each._asdict() for each in undivided]}
    return workplace.lake.put(f"counts/{theme}", quarter, facts, {"counts.parquet": counts})


def people_counted(
    workplace: Workplace, counts: pl.DataFrame, quarter: Quarter
) -> dict[str, dict[str, People]]:
    """Return whom the cells of every indicator's whole count."""
    as_of = dict(counts.select("indicator", "as_of").iter_rows())
    unanswered = counts.filter((pl.col("breakdown") == ALL) & (pl.col("unanswered") > 0))
    return people_of_all(workplace.catalogue, quarter, as_of, unanswered["indicator"].to_list())


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


def told_before(
    workplace: Workplace,
    audience: str,
    quarter: Quarter,
    counts: pl.DataFrame,
    people: Mapping[str, Mapping[str, People]],
) -> list[dict[People, Before]]:
    """Return what each kind of reader of a report was told earlier: of other quarters, and of this one before.

    Where the reports for narrower audiences told no more than the wider ones, who reads all of them knows what each does.
    """
    ledger = ledger_for(workplace.internal, RELEASED)
    own = ledger.filter((pl.col("audience") == audience) & (pl.col("quarter") == quarter.key))
    if counted_the_same(own.filter(pl.col("vintage") == pl.col("vintage").max()), counts, people):
        # Later reports were made with this one in mind; made again it is the same.
        ledger = ledger.filter(pl.col("quarter") < quarter.key)
    kinds = read_by(audience)
    if told_alike(ledger, RELEASED):
        kinds = kinds[-1:]
    return [told_by(ledger.filter(pl.col("audience").is_in(kind)), making=quarter) for kind in kinds]


def told_to_more(
    workplace: Workplace, audience: str, quarter: Quarter, people: Mapping[str, Mapping[str, People]]
) -> dict[People, Before]:
    """Return what the reports of the same quarter for more people tell, which readers of this one lay beside it."""
    known: dict[People, Before] = {}
    for wider in wider_than(audience):
        known = together(known, told_in(frame_of(workplace, f"{wider}/protected", quarter), people))
    return known
