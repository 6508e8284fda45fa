"""How a run ends: one table of the reports of a quarter, what they show and what the rest waits for."""

from __future__ import annotations

import io
from collections.abc import Mapping

from rich import box
from rich.console import Console
from rich.table import Table

from assets.standing import Standing, standing_of
from disparity.audiences import RELEASED
from disparity.periods import Quarter
from pipelines.commands.status import stands
from reports.reading_back.files import FROZEN
from reports.release.frozen import from_json
from resources.databases import latest_release
from resources.workplace import Workplace

_PLAIN_WIDTH = 100  # where there is no terminal


def closing_table(workplace: Workplace, quarter: Quarter) -> str:
    """Return the table of a quarter's reports, or "" where none is released.

    How many figures a report shows and hides can be counted on its pages: nothing here says more than they do.
    """
    standings = standings_of(workplace, quarter)
    if not standings:
        return ""
    table = Table(f"Figures of {quarter.words}", *standings, box=box.SIMPLE_HEAD)
    for column in table.columns[1:]:
        column.justify = "right"
    for words, counts in _rows(standings).items():
        table.add_row(words, *map(str, counts))
    table.add_row("the report is", *(stands(workplace, audience, quarter) for audience in standings))
    written = io.StringIO()
    width = Console().width if Console().is_terminal else _PLAIN_WIDTH
    Console(file=written, width=width).print(table)
    return "\n".join(line.rstrip() for line in written.getvalue().splitlines() if line.strip())


def standings_of(workplace: Workplace, quarter: Quarter) -> dict[str, Standing]:
    """Return what each audience's report of a quarter shows, of those that are released."""
    standings = {}
    for audience in RELEASED:
        entry = workplace.lake.get(f"{audience}/release", quarter)
        release = latest_release(workplace.results, audience, quarter)
        if entry is not None and release is not None and release.state == "released":
            standings[audience] = standing_of(from_json(entry.read(FROZEN)).estimates)
    return standings


def _rows(standings: Mapping[str, Standing]) -> dict[str, list[int]]:
    """Return the reports' counts of figures: shown, not shown by their policies, and not available, by reason."""
    each = standings.values()
    lacking = dict.fromkeys(why for standing in each for why in standing.lacking)
    return {
        "shown": [standing.shown for standing in each],
        "hidden by the policy": [standing.hidden for standing in each],
        "too few people": [standing.too_few for standing in each],
        **{f"not available: {why}": [standing.lacking.get(why, 0) for standing in each] for why in lacking},
    }
