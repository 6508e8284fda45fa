"""Estimates: one row per indicator, breakdown and level for an audience, kept by vintage."""

from collections.abc import Iterator

import dagster as dg
import pandas as pd
import polars as pl

from assets.counts import ANALYST, policy_of, themes_of
from assets.naming import described, team
from assets.partitions import quarter_of, quarters_of
from disparity.catalogue import Catalogue
from disparity.estimates import estimate
from disparity.periods import Quarter
from reports.table import indicators_csv
from resources.databases import save_estimates
from resources.lake import make_private_folder, replace_file
from resources.workplace import Workplace

SUMMARY_ROWS = 10


def keep_estimates(workplace: Workplace, audience: str, quarter: Quarter) -> pd.DataFrame:
    """Estimate every indicator from an audience's protected counts and keep the result; return it with its vintage."""
    themes = [
        workplace.lake.get(f"{audience}/protected/{theme}", quarter) for theme in themes_of(workplace.catalogue)
    ]
    if any(entry is None for entry in themes):
        raise dg.Failure(f"{audience}/protected is not whole for {quarter.words}; materialise it first")
    protected = pd.concat([entry.scan("protected").collect().to_pandas() for entry in themes if entry], ignore_index=True)
    table = estimate(
        protected,
        workplace.catalogue,
        quarter,
        percent_decimals=policy_of(workplace, audience).percent_decimals,
        released=audience != ANALYST,
    )
    engine = workplace.internal if audience == ANALYST else workplace.results
    table["vintage"] = save_estimates(engine, audience, quarter, table)
    workplace.lake.put(
        f"{audience}/estimates", quarter, {"vintage": int(table["vintage"].iloc[0])},
        {"estimates.parquet": pl.from_pandas(table)},
    )  # fmt: skip
    if audience == ANALYST:
        folder = make_private_folder(make_private_folder(workplace.settings.storage / ANALYST) / quarter.key)
        replace_file(folder / "indicators.csv", indicators_csv(table))
    return table


def current_estimates(workplace: Workplace, audience: str, quarter: Quarter) -> pd.DataFrame:
    """Return the estimates last made for a quarter, released or not."""
    entry = workplace.lake.get(f"{audience}/estimates", quarter)
    if entry is None:
        raise dg.Failure(f"{audience}/estimates has nothing for {quarter.words}; materialise it first")
    return entry.scan("estimates").collect().to_pandas()


def summary(table: pd.DataFrame, catalogue: Catalogue) -> str:
    """Return the whole-organisation headline figures of an audience as ten rows of Markdown, from its own estimates."""
    whole = table[table["breakdown"] == "all"]
    headline = [name for name, each in catalogue.indicators.items() if each.headline]
    ordered = pd.concat([whole[whole["indicator"].isin(headline)], whole[~whole["indicator"].isin(headline)]])
    lines = ["| indicator | groups | values | ratio | evidence |", "| --- | --- | --- | --- | --- |"]
    for row in ordered.head(SUMMARY_ROWS).to_dict("records"):
        values = f"{row['reference_value']:g} / {row['group_value']:g}" if row["status"] == "" else row["status"]
        ratio = f"{row['ratio']:.2f}" if pd.notna(row["ratio"]) else ""
        title = catalogue.indicators[row["indicator"]].title
        lines.append(f"| {title} | {row['reference_group']} / {row['group']} | {values} | {ratio} | {row['evidence']} |")
    return "\n".join(lines)


def estimates_asset(catalogue: Catalogue, audience: str) -> dg.AssetsDefinition:
    """Make one audience's estimates."""
    quarters = quarters_of(catalogue.organisation)

    @dg.asset(
        key=dg.AssetKey([audience, "estimates"]),
        deps=[dg.AssetKey([audience, "protected", theme]) for theme in themes_of(catalogue)],
        partitions_def=quarters,
        group_name=f"{audience}_report",
        kinds={"pandas", "scipy"},
        owners=[team(catalogue)],
        description=f"What the {audience} counts say of each indicator: rates, ratio, difference, intervals and evidence.",
        code_version=described(estimate),
    )
    def estimates(context: dg.AssetExecutionContext, workplace: dg.ResourceParam[Workplace]) -> Iterator[dg.MaterializeResult]:
        table = keep_estimates(workplace, audience, quarter_of(context))
        metadata: dict[str, object] = {
            "figures": len(table),
            "figures told": int((table["status"] == "").sum()),
            "vintage": int(table["vintage"].iloc[0]),
        }
        if audience == ANALYST:
            metadata["where"] = "analyst/<quarter>/indicators.csv below the storage folder, for named analysts"
        else:
            metadata["headline figures"] = dg.MetadataValue.md(summary(table, catalogue))
        yield dg.MaterializeResult(metadata=metadata)  # type: ignore[arg-type]

    return estimates


