"""Where every quarter stands: what was received, released and published."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from assets.audiences import RELEASED
from disparity.datasets import DATASETS
from disparity.periods import Quarter
from disparity.printable import printable
from resources.databases import latest_release
from resources.settings import Settings
from resources.workplace import Workplace

_MARKS = {"received": "received", "not received": "-", "refused": "REFUSED"}
_DAMAGED = "DAMAGED"


def status_table(settings: Settings) -> None:
    """Print one line per quarter that anything is known of."""
    workplace = Workplace(settings)
    table = Table(title=printable(workplace.catalogue.organisation.name), title_justify="left")
    for heading in ("quarter", *(dataset.title for dataset in DATASETS.values()), *RELEASED):
        table.add_column(heading)
    damaged = False
    for quarter in _known(workplace):
        states = [_state(workplace, name, quarter) for name in DATASETS]
        stood = [stands(workplace, audience, quarter) for audience in RELEASED]
        table.add_row(quarter.words, *states, *stood)
        damaged |= _DAMAGED in (*states, *stood)
    console = Console(width=None if Console().is_terminal else 160)
    if table.row_count:
        console.print(table)
        if damaged:
            console.print(
                f"{_DAMAGED}: what points to the files in the lake cannot be read. Run the quarter again, or bring "
                f"{printable(str(workplace.lake.root))} back from a copy."
            )
    else:
        console.print(
            f"Nothing has been run yet below {printable(str(settings.storage))}. Start with: race-equality run --quarter …"
        )


def _known(workplace: Workplace) -> list[Quarter]:
    pointers = (workplace.settings.storage / "lake" / "records").glob("*/*.json")
    return sorted({Quarter.from_key(path.stem) for path in pointers})


def _state(workplace: Workplace, dataset: str, quarter: Quarter) -> str:
    try:
        entry = workplace.lake.get(f"records/{dataset}", quarter)
    except ValueError:  # cut off or spoilt: the quarters beside it are shown all the same
        return _DAMAGED
    return _MARKS[entry.facts["state"]] if entry else "not run"


def stands(workplace: Workplace, audience: str, quarter: Quarter) -> str:
    """Say where an audience's report of a quarter stands."""
    release = latest_release(workplace.results, audience, quarter)
    if release is None:
        return "-"
    if release.state != "released":
        return "held"
    try:
        publication = workplace.lake.get(f"{audience}/publication", quarter)
    except ValueError:
        return _DAMAGED
    if publication is not None and publication.facts["sha256"] == release.content_sha256:
        return "published"
    return "awaiting approval" if workplace.catalogue.organisation.approval_required else "released"
