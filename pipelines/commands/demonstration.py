"""The demonstration: invented extracts, the whole job over them, and its headline figures."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.table import Table

from disparity.periods import Quarter
from disparity.refusal import Refusal
from disparity.rounding import written
from pipelines.commands.running import publish_quarter, run_quarters
from pipelines.sample import write_sample
from reports.paper.printing import check_printing
from reports.release.estimates import read_indicators_csv
from resources.catalogue import DEFAULT, load_catalogue
from resources.settings import Settings

QUARTERS = 12
LAST = Quarter.from_key("2026-07-01")


def demonstrate(out: Path) -> None:
    """Write twelve quarters of invented extracts, run them all, release the last nine and publish the last."""
    check_printing()
    settings = Settings.from_environment(
        {}, catalogue=DEFAULT, landing=out / "landing", storage=out / "storage"
    )
    console = Console(width=None if Console().is_terminal else 140)
    console.print(f"Writing invented extracts of {QUARTERS} quarters to {settings.landing}")
    write_sample(settings.landing, quarters=QUARTERS, last_quarter=LAST)
    released = run_quarters(settings, LAST, QUARTERS - 1)
    if not released.good:
        raise Refusal(released.words)
    published = publish_quarter(settings, LAST, "the demonstration (nobody)")
    if not published.good:
        raise Refusal(published.words)
    page = settings.storage / "published" / LAST.key / "index.html"
    console.print(_headlines(read_indicators_csv((page.parent / "indicators.csv").read_bytes())))
    console.print(f"The figures are invented. Open the page: {page}", soft_wrap=True)
    seen = f"race-equality ui --catalogue {settings.catalogue} --landing {settings.landing} --storage {settings.storage}"
    console.print(f"See the runs and assets in Dagster: make ui DEMO=1, or {seen}", soft_wrap=True)


def _headlines(figures: pd.DataFrame) -> Table:
    catalogue = load_catalogue(DEFAULT)
    table = Table(title=f"{catalogue.organisation.name}: {LAST.words}, as published", title_justify="left")
    for heading in ("indicator", "groups compared", "values", "ratio", "interval", "evidence"):
        table.add_column(heading)
    whole = figures[figures["breakdown"] == "all"].set_index("indicator")
    for name, indicator in catalogue.indicators.items():
        if not indicator.headline or name not in whole.index:
            continue
        row = whole.loc[name]
        told = not row["status"]
        values = [f"{row[each]:g}" for each in ("reference_value", "group_value") if pd.notna(row[each])]
        compared = told and pd.notna(row["ratio"])
        table.add_row(
            indicator.title,
            row["ratio_of"] or row["group"],
            " and ".join(values) if told else row["status"],
            written(row["ratio"], 2) if compared else "",
            f"{written(row['ratio_low'], 2)} to {written(row['ratio_high'], 2)}" if compared else "",
            row["evidence"],
        )
    return table
