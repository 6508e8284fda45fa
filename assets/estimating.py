"""Estimating: an audience's estimates from its protected counts, kept by vintage."""

from __future__ import annotations

import dagster as dg
import pandas as pd
import polars as pl

from assets.counting import frame_of, policy_of
from disparity.analyses import analyse
from disparity.audiences import ANALYST
from disparity.catalogue import Catalogue
from disparity.estimates import estimate
from disparity.periods import Quarter
from disparity.rounding import written
from reports.release.analyses import analyses_csv
from reports.release.estimates import canonical, indicators_csv
from resources.databases import latest_estimates, save_estimates
from resources.lake import make_private_folder, replace_file
from resources.workplace import Workplace

SUMMARY_ROWS = 10


def keep_estimates(workplace: Workplace, audience: str, quarter: Quarter) -> pd.DataFrame:
    """Estimate every indicator from an audience's protected counts and keep the result; return it with its vintage."""
    protected = frame_of(workplace, f"{audience}/protected", quarter).to_pandas()
    if "as_of" not in protected.columns:
        # What an earlier version protected does not say whose survey it is: it keeps the window for its time.
        protected = protected.assign(as_of="")
    policy = policy_of(workplace, audience)
    table = estimate(
        protected,
        workplace.catalogue,
        quarter,
        percent_decimals=policy.percent_decimals,
        least_base=policy.least_base,
        released=audience != ANALYST,
    )
    engine = workplace.internal if audience == ANALYST else workplace.results
    table["vintage"] = save_estimates(engine, audience, quarter, table)
    analyses = analyse(
        protected,
        table,
        earlier_estimates(workplace, audience, quarter),
        workplace.catalogue,
        quarter,
        policy,
    )
    workplace.lake.put(
        f"{audience}/estimates", quarter, {"vintage": int(table["vintage"].iloc[0])},
        {"estimates.parquet": pl.from_pandas(table), "analyses.parquet": pl.from_pandas(analyses)},
    )  # fmt: skip
    if audience == ANALYST:
        folder = make_private_folder(make_private_folder(workplace.settings.storage / ANALYST) / quarter.key)
        replace_file(folder / "indicators.csv", indicators_csv(table))
        replace_file(folder / "analyses.csv", analyses_csv(analyses))
    return table


def earlier_estimates(workplace: Workplace, audience: str, quarter: Quarter) -> pd.DataFrame:
    """Return an audience's latest estimates of every quarter before this one, back to the organisation's first."""
    first = Quarter(workplace.catalogue.organisation.first_quarter)
    back = (quarter.start.year - first.start.year) * 4 + (quarter.start.month - first.start.month) // 3
    engine = workplace.internal if audience == ANALYST else workplace.results
    return latest_estimates(engine, audience, quarter.window(back + 1)[:-1])


def current_estimates(
    workplace: Workplace, audience: str, quarter: Quarter
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the estimates last made for a quarter, released or not, and the analyses behind them."""
    entry = workplace.lake.get(f"{audience}/estimates", quarter)
    if entry is None:
        raise dg.Failure(f"{audience}/estimates has nothing for {quarter.words}; materialise it first")
    estimates, analyses = (entry.scan(name).collect().to_pandas() for name in ("estimates", "analyses"))
    return canonical(estimates), analyses


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
        ratio = written(row["ratio"], 2) if pd.notna(row["ratio"]) else ""
        title = catalogue.indicators[row["indicator"]].title
        lines.append(
            f"| {title} | {row['reference_group']} / {row['group']} | {values} | {ratio} | {row['evidence']} |"
        )
    return "\n".join(lines)
