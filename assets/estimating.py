"""Estimating: an audience's estimates from its protected counts, kept by vintage."""

from __future__ import annotations

import dagster as dg
import pandas as pd
import polars as pl

from assets.audiences import ANALYST, themes_of
from assets.counting import policy_of
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
        workplace.lake.get(f"{audience}/protected/{theme}", quarter)
        for theme in themes_of(workplace.catalogue)
    ]
    if any(entry is None for entry in themes):
        raise dg.Failure(f"{audience}/protected is not whole for {quarter.words}; materialise it first")
    protected = pd.concat(
        [entry.scan("protected").collect().to_pandas() for entry in themes if entry], ignore_index=True
    )
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
        values = (
            f"{row['reference_value']:g} / {row['group_value']:g}" if row["status"] == "" else row["status"]
        )
        ratio = f"{row['ratio']:.2f}" if pd.notna(row["ratio"]) else ""
        title = catalogue.indicators[row["indicator"]].title
        lines.append(
            f"| {title} | {row['reference_group']} / {row['group']} | {values} | {ratio} | {row['evidence']} |"
        )
    return "\n".join(lines)
