"""Counting: a theme's indicators over their windows, and those counts after an audience's policy."""

from __future__ import annotations

import dagster as dg
import polars as pl

from assets.audiences import ANALYST, themes_of
from assets.states import RECEIVED
from disparity.catalogue import Policy
from disparity.catalogue.policies import NoProtection
from disparity.counts import CELLS, Records, count
from disparity.datasets import DATASETS
from disparity.disclosure import protect
from disparity.periods import Quarter
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


def protect_themes(workplace: Workplace, audience: str, quarter: Quarter) -> dict[str, Entry]:
    """Put the counts of all themes through the audience's policy together and keep them by theme.

    Together, because the same people are counted under several themes: what one shows could give away what another hides.
    """
    catalogue = workplace.catalogue
    counted = {theme: workplace.lake.get(f"counts/{theme}", quarter) for theme in themes_of(catalogue)}
    held = {theme: entry for theme, entry in counted.items() if entry is not None}
    if len(held) < len(counted):
        raise dg.Failure(f"counts are not whole for {quarter.words}; materialise counts first")
    counts = pl.concat([entry.scan("counts") for entry in held.values()]).collect()
    protected = protect(counts, policy_of(workplace, audience))
    kept = {}
    for theme, entry in held.items():
        of_theme = [name for name, each in catalogue.indicators.items() if each.theme == theme]
        rows = protected.filter(pl.col("indicator").is_in(of_theme))
        facts = {"counts_version": entry.version, "cells_hidden": _hidden(rows)}
        kept[theme] = workplace.lake.put(
            f"{audience}/protected/{theme}", quarter, facts, {"protected.parquet": rows}
        )
    return kept


def _hidden(protected: pl.DataFrame) -> int:
    return sum(int((protected[f"{cell}_status"] == "[c]").sum()) for cell in CELLS)
