"""Counting: a theme's indicators over their windows, and those counts after an audience's policy."""

from __future__ import annotations

from collections.abc import Mapping

import dagster as dg
import polars as pl

from assets.audiences import ANALYST, RELEASED, read_by, themes_of, wider_than
from assets.states import RECEIVED
from disparity.catalogue import Policy
from disparity.catalogue.policies import NoProtection
from disparity.complements import Before
from disparity.counts import CELLS, Records, count
from disparity.datasets import DATASETS
from disparity.disclosure import protect, told_this_quarter
from disparity.ledger import both, counted_the_same, told_alike, told_by, told_in
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
    catalogue, policy = workplace.catalogue, policy_of(workplace, audience)
    held = theme_entries(workplace, "counts", quarter)
    counts = frame_of(workplace, "counts", quarter)
    people = people_counted(workplace, counts, quarter)
    told = told_this_quarter(counts, policy, catalogue.indicators, quarter)
    hidden: set[People] = set()
    for before in told_before(workplace, audience, quarter, counts, people):
        protected = protect(told, policy, people, before, catalogue.indicators, hidden)
        hidden = {each for each, known in told_in(protected, people).items() if known.hidden}
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
) -> list[dict[People, Before]]:
    """Return what each kind of reader of a report knows from elsewhere: other quarters, earlier vintages, wider reports.

    Where the reports for narrower audiences told no more than the wider ones, who reads all of them knows what each does.
    """
    if audience == ANALYST:
        return [{}]
    ledger = ledger_for(workplace.internal, RELEASED)
    own = ledger.filter((pl.col("audience") == audience) & (pl.col("quarter") == quarter.key))
    if counted_the_same(own.filter(pl.col("vintage") == pl.col("vintage").max()), counts, people):
        # Later reports were made with this one in mind; made again it is the same.
        ledger = ledger.filter(pl.col("quarter") < quarter.key)
    kinds = read_by(audience)
    if told_alike(ledger, RELEASED):
        kinds = kinds[-1:]
    wider: dict[People, Before] = {}
    for each in wider_than(audience):
        wider |= told_in(frame_of(workplace, f"{each}/protected", quarter), people)
    return [
        _with(told_by(ledger.filter(pl.col("audience").is_in(kind)), making=quarter), wider) for kind in kinds
    ]


def _with(known: dict[People, Before], also: Mapping[People, Before]) -> dict[People, Before]:
    return known | {people: both(known.get(people, told), told) for people, told in also.items()}


def _hidden(protected: pl.DataFrame) -> int:
    return sum(int((protected[f"{cell}_status"] == "[c]").sum()) for cell in CELLS)
