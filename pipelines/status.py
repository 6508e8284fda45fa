"""Where every quarter stands: what was received, released and published."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from assets.audiences import RELEASED
from disparity.datasets import DATASETS
from disparity.periods import Quarter
from resources.databases import latest_release
from resources.settings import Settings
from resources.workplace import Workplace

_MARKS = {"received": "received", "not received": "-", "refused": "REFUSED"}


def status_table(settings: Settings) -> None:
    """Print one line per quarter that anything is known of."""
    workplace = Workplace(settings)
    table = Table(title=workplace.catalogue.organisation.name, title_justify="left")
    for heading in ("quarter", *(dataset.title for dataset in DATASETS.values()), *RELEASED):
        table.add_column(heading)
    for quarter in _known(workplace):
        entries = [workplace.lake.get(f"records/{name}", quarter) for name in DATASETS]
        states = [_MARKS[entry.facts["state"]] if entry else "not run" for entry in entries]
        table.add_row(
            quarter.words,
            *states,
            *(_stands(workplace, audience, quarter) for audience in RELEASED),
        )
    console = Console(width=None if Console().is_terminal else 160)
    if table.row_count:
        console.print(table)
    else:
        console.print(
            f"Nothing has been run yet below {settings.storage}. Start with: race-equality run --quarter …"
        )


def _known(workplace: Workplace) -> list[Quarter]:
    pointers = (workplace.settings.storage / "lake" / "records").glob("*/*.json")
    return sorted({Quarter.from_key(path.stem) for path in pointers})


def _stands(workplace: Workplace, audience: str, quarter: Quarter) -> str:
    release = latest_release(workplace.results, audience, quarter)
    if release is None:
        return "-"
    if release.state != "released":
        return "held"
    publication = workplace.lake.get(f"{audience}/publication", quarter)
    if publication is not None and publication.facts["sha256"] == release.content_sha256:
        return "published"
    return "awaiting approval" if workplace.catalogue.organisation.approval_required else "released"
