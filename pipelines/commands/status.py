"""Where every quarter stands: what was received, released and published."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from rich.console import Console
from rich.table import Table

from disparity.audiences import RELEASED
from disparity.datasets import DATASETS
from disparity.periods import Quarter
from disparity.printable import printable
from resources.databases import latest_release
from resources.lake import Damaged
from resources.settings import Settings
from resources.workplace import Workplace

_MARKS = {"received": "received", "not received": "-", "refused": "REFUSED"}
_DAMAGED = "DAMAGED"


def status_table(settings: Settings) -> bool:
    """Print one line per quarter that anything is known of; return whether all of it is as it was written."""
    workplace = Workplace(settings)
    console = Console(width=None if Console().is_terminal else 160)
    damages = list(workplace.lake.damages())
    damaged = {(place, quarter) for place, quarter, _ in damages}
    spoilt = list(_spoilt(workplace, damaged))
    table = Table(title=printable(workplace.catalogue.organisation.name), title_justify="left")
    for heading in ("quarter", *(dataset.title for dataset in DATASETS.values()), *RELEASED):
        table.add_column(heading)
    for quarter in _known(workplace):
        states = [
            _DAMAGED if (f"records/{name}", quarter) in damaged else _state(workplace, name, quarter)
            for name in DATASETS
        ]
        table.add_row(
            quarter.words, *states, *(stands(workplace, audience, quarter) for audience in RELEASED)
        )
    if table.row_count:
        console.print(table)
    else:
        console.print(
            f"Nothing has been run yet below {printable(str(settings.storage))}. Start with: race-equality run --quarter …"
        )
    for words in (*(f"{_DAMAGED}: {each}" for _, _, each in damages), *spoilt):
        console.print(words, soft_wrap=True, highlight=False)
    return not damages and not spoilt


def _spoilt(workplace: Workplace, damaged: Collection[tuple[str, Quarter]]) -> Iterator[str]:
    """Yield a sentence for each published report whose files are not those that were published."""
    from assets.publishing import files_spoilt

    for audience in RELEASED:
        place = f"{audience}/publication"
        for quarter in workplace.lake.quarters(place):
            names = [] if (place, quarter) in damaged else files_spoilt(workplace, audience, quarter)
            if names:
                yield (
                    f"{_DAMAGED}: {audience}, {quarter.words}: these files are not as they were published: "
                    f"{', '.join(names)}. Publish again: race-equality publish --quarter {quarter.key} --approved-by NAME"
                )


def _known(workplace: Workplace) -> list[Quarter]:
    return sorted({quarter for name in DATASETS for quarter in workplace.lake.quarters(f"records/{name}")})


def _state(workplace: Workplace, dataset: str, quarter: Quarter) -> str:
    entry = workplace.lake.get(f"records/{dataset}", quarter)
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
    except Damaged:
        return _DAMAGED
    if publication is not None and publication.facts["sha256"] == release.content_sha256:
        return "published"
    return "awaiting approval" if workplace.catalogue.organisation.approval_required else "released"
