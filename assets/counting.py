"""Counting: a theme's indicators over their windows, and those counts after an audience's policy."""

from __future__ import annotations

import dagster as dg
import polars as pl

from assets.audiences import ANALYST
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


def protect_theme(workplace: Workplace, audience: str, theme: str, quarter: Quarter) -> Entry:
    """Put one theme's counts through the audience's policy."""
    counted = workplace.lake.get(f"counts/{theme}", quarter)
    if counted is None:
        raise dg.Failure(f"counts/{theme} has nothing for {quarter.words}; materialise counts first")
    protected = protect(counted.scan("counts").collect(), policy_of(workplace, audience))
    facts = {"counts_version": counted.version, "cells_hidden": _hidden(protected)}
    return workplace.lake.put(
        f"{audience}/protected/{theme}", quarter, facts, {"protected.parquet": protected}
    )


def _hidden(protected: pl.DataFrame) -> int:
    return sum(int((protected[f"{cell}_status"] == "[c]").sum()) for cell in CELLS)
