"""How a run ends: one table of the reports of a quarter, what they show and what the rest waits for."""

from __future__ import annotations

import io

from rich.console import Console
from rich.table import Table

from assets.audiences import RELEASED
from assets.standing import standing_of
from disparity.periods import Quarter
from pipelines.status import stands
from reports.reading_back import FROZEN
from reports.release import from_json
from resources.databases import latest_release
from resources.workplace import Workplace

_HEADINGS = ("report", "shown", "hidden", "too few", "not available", "it stands")


def closing_table(workplace: Workplace, quarter: Quarter) -> str:
    """Return the table of a quarter's reports, or "" where none is released.

    How many figures a report shows and hides can be counted on its pages: nothing here says more than they do.
    """
    table = Table(*_HEADINGS, title=f"Figures of {quarter.words}", title_justify="left")
    for audience in RELEASED:
        entry = workplace.lake.get(f"{audience}/release", quarter)
        release = latest_release(workplace.results, audience, quarter)
        if entry is None or release is None or release.state != "released":
            continue
        standing = standing_of(from_json(entry.read(FROZEN)).estimates)
        lacking = "\n".join(f"{number} {why}" for why, number in standing.lacking.items()) or "0"
        counts = (str(each) for each in (standing.shown, standing.hidden, standing.too_few))
        table.add_row(audience, *counts, lacking, stands(workplace, audience, quarter))
    if not table.row_count:
        return ""
    written = io.StringIO()
    Console(file=written, width=Console().width if Console().is_terminal else 100).print(table)
    return written.getvalue().rstrip("\n")
