"""Profiling: a quarter's profiles are kept and held against the catalogue's expectations."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from assets.lacking import came_within_a_year
from assets.states import NOT_RECEIVED, RECEIVED, REFUSED, State
from disparity.datasets import DATASETS
from disparity.datasets.profile import profile
from disparity.periods import Quarter
from resources.databases import save_profile
from resources.expectations import validate_profiles
from resources.lake import Entry
from resources.withheld import words_withheld
from resources.workplace import Workplace


@words_withheld("records were profiled")
def keep_profiles(workplace: Workplace, quarter: Quarter) -> int:
    """Put every dataset's profile of a quarter into the internal database; return how many datasets had records."""
    profiled = 0
    for name, dataset in DATASETS.items():
        entry = workplace.lake.get(f"records/{name}", quarter)
        held = entry is not None and entry.facts["state"] == RECEIVED
        rows = (
            profile(entry.scan("accepted"), dataset, workplace.vocabulary)
            if entry and held
            else pl.DataFrame()
        )
        save_profile(workplace.internal, name, quarter, rows)
        profiled += held
    return profiled


def unseen(workplace: Workplace, quarter: Quarter) -> Iterator[tuple[str, State]]:
    """Yield the title and state of each extract that a source is named for and no expectation can be held against."""
    for name in (name for name in DATASETS if name in workplace.catalogue.sources):
        entry = workplace.lake.get(f"records/{name}", quarter)
        state: State = entry.facts["state"] if entry else NOT_RECEIVED
        if state == REFUSED or (state == NOT_RECEIVED and not came_within_a_year(workplace, name, quarter)):
            yield DATASETS[name].title, state


def keep_findings(workplace: Workplace, quarter: Quarter) -> Entry:
    """Hold a quarter's profiles against the catalogue's expectations and keep what was found, in words."""
    found = validate_profiles(
        workplace.settings.internal_url,
        quarter,
        workplace.catalogue.expectations,
        workplace.settings.storage / "data_docs",
    )
    findings = [{"name": each.name, "ok": each.ok, "sentence": each.sentence} for each in found]
    return workplace.lake.put("quality/expectations", quarter, {"findings": findings}, {})
