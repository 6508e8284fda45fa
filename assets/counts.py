"""Counts and protected counts: what later stages know about people, by theme, before and after an audience's policy."""

from collections.abc import Iterator

import dagster as dg
import polars as pl

from assets.naming import described, team
from assets.partitions import longest_window, over_window, quarter_of, quarters_of
from assets.received import RECEIVED
from disparity import counts as counting
from disparity.catalogue import Catalogue, Policy
from disparity.catalogue.policies import NoProtection
from disparity.counts import CELLS, Records, count
from disparity.datasets import DATASETS
from disparity.disclosure import protect, shown_count
from disparity.periods import Quarter
from resources.lake import Entry
from resources.workplace import Workplace

ANALYST = "analyst"
RELEASED = ("restricted", "published")
AUDIENCES = (ANALYST, *RELEASED)


def themes_of(catalogue: Catalogue) -> list[str]:
    """Return the themes that have indicators, in the order of the catalogue."""
    return list(dict.fromkeys(indicator.theme for indicator in catalogue.indicators.values()))


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
    return workplace.lake.put(f"counts/{theme}", quarter, {"rows": counted.height}, {"counts.parquet": counted})


def protect_theme(workplace: Workplace, audience: str, theme: str, quarter: Quarter) -> Entry:
    """Put one theme's counts through the audience's policy."""
    counted = workplace.lake.get(f"counts/{theme}", quarter)
    if counted is None:
        raise dg.Failure(f"counts/{theme} has nothing for {quarter.words}; materialise counts first")
    protected = protect(counted.scan("counts").collect(), policy_of(workplace, audience))
    facts = {"counts_version": counted.version, "cells_hidden": _hidden(protected)}
    return workplace.lake.put(f"{audience}/protected/{theme}", quarter, facts, {"protected.parquet": protected})


def _hidden(protected: pl.DataFrame) -> int:
    return sum(int((protected[f"{cell}_status"] == "[c]").sum()) for cell in CELLS)


def counts_assets(catalogue: Catalogue) -> dg.AssetsDefinition:
    """Make the counts of all themes, one asset each, counted in one step."""
    quarters, window = quarters_of(catalogue.organisation), longest_window(catalogue)
    deps = [dg.AssetDep(dg.AssetKey(["records", name]), partition_mapping=over_window(window)) for name in DATASETS]

    @dg.multi_asset(
        name="counts",
        specs=[
            dg.AssetSpec(
                ["counts", theme],
                deps=deps,
                partitions_def=quarters,
                group_name="counts",
                kinds={"polars"},
                owners=[team(catalogue)],
                description=f"{catalogue.house_style.themes[theme]}: counts by indicator, breakdown and group. Owner-only.",
                code_version=described(counting.count),
            )
            for theme in themes_of(catalogue)
        ],
    )
    def counts(context: dg.AssetExecutionContext, workplace: dg.ResourceParam[Workplace]) -> Iterator[dg.MaterializeResult]:
        quarter = quarter_of(context)
        records = records_held(workplace, quarter, window)
        for theme in themes_of(catalogue):
            entry = count_theme(workplace, theme, records, quarter)
            yield dg.MaterializeResult(
                asset_key=["counts", theme],
                data_version=dg.DataVersion(entry.version),
                metadata={"figures counted": entry.facts["rows"]},
            )

    return counts


def protected_assets(catalogue: Catalogue, audience: str) -> dg.AssetsDefinition:
    """Make one audience's protected counts of all themes, in one step."""
    quarters = quarters_of(catalogue.organisation)

    @dg.multi_asset(
        name=f"{audience}_protected",
        specs=[
            dg.AssetSpec(
                [audience, "protected", theme],
                deps=[dg.AssetKey(["counts", theme])],
                partitions_def=quarters,
                group_name=f"{audience}_protected",
                kinds={"polars"},
                owners=[team(catalogue)],
                description=f"{catalogue.house_style.themes[theme]} after the {audience} policy: every cell an interval or [c].",
                code_version=described(protect),
            )
            for theme in themes_of(catalogue)
        ],
    )
    def protected(context: dg.AssetExecutionContext, workplace: dg.ResourceParam[Workplace]) -> Iterator[dg.MaterializeResult]:
        quarter = quarter_of(context)
        for theme in themes_of(catalogue):
            entry = protect_theme(workplace, audience, theme, quarter)
            metadata = {"policy": policy_of(workplace, audience).title}
            if audience != ANALYST:
                metadata["cells not shown"] = shown_count(entry.facts["cells_hidden"], workplace.policy(audience))
            yield dg.MaterializeResult(
                asset_key=[audience, "protected", theme], data_version=dg.DataVersion(entry.version), metadata=metadata
            )

    return protected
