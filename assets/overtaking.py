"""Overtaking: a later quarter's report is not made while an earlier one is still to come, nor left without it unsaid."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from disparity.catalogue import Catalogue
from disparity.catalogue.deliveries import is_of_a_survey
from disparity.periods import Quarter
from disparity.refusal import refuse
from reports.reading_back.files import FROZEN
from reports.release.frozen import from_json
from resources.databases import latest_release
from resources.lake import Damaged, Entry
from resources.turns import waiting_before
from resources.workplace import Workplace


def refuse_overtaking(workplace: Workplace, audience: str, quarter: Quarter) -> None:
    """Raise Refusal where a quarter before this one waits to be run and was not released: this one would lack it."""
    waiting = [
        each
        for each in waiting_before(workplace.settings.storage, quarter)
        if (found := latest_release(workplace.results, audience, each)) is None or found.state != "released"
    ]
    if waiting:
        words = ", ".join(each.words for each in waiting)
        raise refuse(
            f"{quarter.words} is not released to the {audience} audience: {words} was started meanwhile and is not "
            "released yet",
            where=f"{audience}, {quarter.words}",
            rule="a report rests on what was released of the quarters before it",
            do="wait until that run has ended, and run this quarter again",
        )


def released_without(workplace: Workplace, audience: str, quarter: Quarter) -> Iterator[Quarter]:
    """Yield each later quarter whose latest release has not this quarter's figures as they were last released.

    One whose release is damaged or gone is among them and refuses nothing: this quarter does not rest on it, and
    it has to be made again whatever it held.
    """
    now = _vintages(workplace.lake.get(f"{audience}/release", quarter), quarter, workplace.catalogue)
    if not now:
        return
    for later in workplace.lake.quarters(f"{audience}/release"):
        if later <= quarter:
            continue
        held = latest_release(workplace.results, audience, later)
        if held is None or held.state != "released":
            continue
        try:
            entry = workplace.lake.get(f"{audience}/release", later)
            rests_on_it = now <= _vintages(entry, quarter, workplace.catalogue)
        except Damaged:
            rests_on_it = False
        if not rests_on_it:
            yield later


def _vintages(entry: Entry | None, quarter: Quarter, catalogue: Catalogue) -> set[tuple[str, int]]:
    """Return which vintage of a quarter's figures the history of a release holds, by indicator.

    A survey stands in the history of the latest report that rests on it, and not in its own quarter's.
    """
    if entry is None:
        return set()
    history: pd.DataFrame = from_json(entry.read(FROZEN)).history
    of_it = history[history["quarter"] == quarter.key]
    surveys = {name for name, each in catalogue.indicators.items() if is_of_a_survey(each)}
    return {
        (name, int(vintage))
        for name, vintage in zip(of_it["indicator"], of_it["vintage"], strict=True)
        if name in catalogue.indicators and name not in surveys
    }
