"""Counting: a theme's indicators over their windows, and those counts after an audience's policy."""

from __future__ import annotations

from collections.abc import Mapping

import dagster as dg
import polars as pl

from assets.audiences import ANALYST, RELEASED, themes_of, wider_than
from assets.states import RECEIVED
from disparity.catalogue import Policy
from disparity.catalogue.policies import NoProtection
from disparity.complements import Before
from disparity.counts import CELLS, Records, count
from disparity.datasets import DATASETS
from disparity.disclosure import protect
from disparity.ledger import both, counted_the_same, told_by, told_in
from disparity.periods import Quarter
from disparity.populations import People, people_of_all
from resources.databases import ledger_for
from resources.lake import Entry
from resources.workplace import Workplace


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
    return Records(frames)


def count_theme(workplace: Workplace, theme: str, records: Records, quarter: Quarter) -> Entry:
    """Count one theme's indicators over their windows and keep the counts."""
    indicators = {name: each for name, each in workplace.catalogue.indicators.items() if each.theme == theme}
    counted = count(indicators, workplace.predicates, records, quarter)
    return workplace.lake.put(
        f"counts/{theme}", quarter, {"rows": counted.height}, {"counts.parquet": counted}
    )


def people_counted(
    workplace: Workplace, counts: pl.DataFrame, quarter: Quarter
) -> dict[str, dict[str, People]]:
    """Return whom the cells of every indicator's whole count."""
    as_of = dict(counts.select("indicator", "as_of").iter_rows())
    return people_of_all(workplace.catalogue, quarter, as_of)


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


def protect_themes(workplace: Workplace, audience: str, quarter: Quarter) -> dict[str, Entry]:
    """Put the counts of all themes through the audience's policy together and keep them by theme.

    Together, because the same people are counted under several themes: what one shows could give away what another hides.
    """
    catalogue = workplace.catalogue
    held = theme_entries(workplace, "counts", quarter)
    counts = frame_of(workplace, "counts", quarter)
    people = people_counted(workplace, counts, quarter)
    before = told_before(workplace, audience, quarter, counts, people)
    protected = protect(counts, policy_of(workplace, audience), people, before)
    kept = {}
    for theme, entry in held.items():
        of_theme = [name for name, each in catalogue.indicators.items() if each.theme == theme]
        rows = protected.filter(pl.col("indicator").is_in(of_theme))
        facts = {"counts_version": entry.version, "cells_hidden": _hidden(rows)}
        kept[theme] = workplace.lake.put(
            f"{audience}/protected/{theme}", quarter, facts, {"protected.parquet": rows}
        )
    return kept


def told_before(
    workplace: Workplace,
    audience: str,
    quarter: Quarter,
    counts: pl.DataFrame,
    people: Mapping[str, Mapping[str, People]],
) -> dict[People, Before]:
    """Return what readers of an audience's report know from elsewhere: other quarters, earlier vintages, wider reports."""
    if audience == ANALYST:
        return {}
    # A reader of the narrower report reads the wider one too, so the wider one is made with all of both in mind.
    ledger = ledger_for(workplace.internal, RELEASED)
    own = ledger.filter((pl.col("audience") == audience) & (pl.col("quarter") == quarter.key))
    if counted_the_same(own.filter(pl.col("vintage") == pl.col("vintage").max()), counts, people):
        # Later reports were made with this one in mind; made again it is the same.
        ledger = ledger.filter(pl.col("quarter") < quarter.key)
    known = told_by(ledger, making=quarter)
    for wider in wider_than(audience):
        told = told_in(frame_of(workplace, f"{wider}/protected", quarter), people)
        known |= {each: both(known.get(each, new), new) for each, new in told.items()}
    return known


def _hidden(protected: pl.DataFrame) -> int:
    return sum(int((protected[f"{cell}_status"] == "[c]").sum()) for cell in CELLS)
