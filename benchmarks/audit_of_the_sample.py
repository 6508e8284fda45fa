"""Audit and repair of the sample's quarter with eight released before it. Promised: under 15 s."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import ParamSpec, TypeVar
from unittest.mock import patch

from assets import protecting
from assets.auditing import audit_of_release
from assets.counting import count_theme, frame_of, people_counted, records_held
from assets.partitions import longest_window
from assets.receiving import receive
from assets.recording import keep_records
from disparity.audiences import RELEASED
from disparity.catalogue import themes_of
from disparity.counts.counting import Records
from disparity.datasets import DATASETS
from disparity.disclosure.ledger import ledger_of
from disparity.periods import Quarter
from pipelines.commands.demonstration import LAST, QUARTERS
from pipelines.sample import write_sample
from resources.databases import save_ledger
from resources.settings import Settings
from resources.workplace import Workplace

AUDIENCE = "published"
BEFORE = 8

_PARTS = {"protect": "protected", "audit_told": "attacked", "to_be_hidden": "chosen what else to hide"}

_Given = ParamSpec("_Given")
_Result = TypeVar("_Result")


def workplace_in(folder: Path) -> Workplace:
    """Return an installation that keeps everything in one folder."""
    return Workplace(Settings.from_environment({}, landing=folder / "landing", storage=folder / "storage"))


def count_quarter(workplace: Workplace, records: Records, quarter: Quarter) -> None:
    """Count and keep a quarter's indicators."""
    for theme in themes_of(workplace.catalogue):
        count_theme(workplace, theme, records, quarter)


def tell(workplace: Workplace, quarter: Quarter) -> None:
    """Enter in the ledger, with no report made, that every audience was told a quarter's protected counts."""
    counts = frame_of(workplace, "counts", quarter)
    protected = frame_of(workplace, f"{AUDIENCE}/protected", quarter)
    counted = people_counted(workplace, counts, quarter)
    told = ledger_of(counts, protected, counted.people)
    for audience in RELEASED:
        save_ledger(workplace.internal, audience, quarter, 1, told, counted.recorded)


def measure(workplace: Workplace, quarter: Quarter) -> None:
    """Protect, attack and hide further until nobody is found; print how long each took and what was found."""
    seconds: defaultdict[str, float] = defaultdict(float)

    def timed(part: str, work: Callable[_Given, _Result]) -> Callable[_Given, _Result]:
        def working(*args: _Given.args, **kwargs: _Given.kwargs) -> _Result:
            started = time.perf_counter()
            try:
                return work(*args, **kwargs)
            finally:
                seconds[part] += time.perf_counter() - started

        return working

    with ExitStack() as patched:
        for part in _PARTS:
            patched.enter_context(patch.object(protecting, part, timed(part, getattr(protecting, part))))
        timed("all", protecting.protect_themes)(workplace, AUDIENCE, quarter)
    found = audit_of_release(workplace, AUDIENCE, quarter)
    spent = ", ".join(f"{words} {seconds[part]:.1f} s" for part, words in _PARTS.items())
    print(f"{quarter.words}: {seconds['all']:.1f} s and {peak():.0f} MB: {spent}")
    print(
        f"  {found.counts:,} counts in {found.sums:,} sums, {found.hidden:,} hidden: {found.safe:,} safe, "
        f"{len(found.exposed)} exposed, {len(found.exposed_before)} by earlier releases, {len(found.unproved)} unproved"
    )


def peak() -> float:
    """Return the most memory in MB that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def prepare(workplace: Workplace) -> None:
    """Count the sample's last quarters and release all but the very last."""
    write_sample(workplace.settings.landing, quarters=QUARTERS, last_quarter=LAST)
    for quarter in LAST.window(QUARTERS):
        for dataset in DATASETS.values():
            receive(workplace, dataset, quarter)
            keep_records(workplace, dataset, quarter)
    window = longest_window(workplace.catalogue)
    for quarter in LAST.window(BEFORE + 1):
        count_quarter(workplace, records_held(workplace, quarter, window), quarter)
        if quarter < LAST:
            protecting.protect_themes(workplace, AUDIENCE, quarter)
            tell(workplace, quarter)


def main() -> None:
    """Prepare in a process of its own, so that its memory is not counted, then measure."""
    if len(sys.argv) > 1:
        prepare(workplace_in(Path(sys.argv[1])))
        return
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "benchmarks.audit_of_the_sample", folder], check=True)
        measure(workplace_in(Path(folder)), LAST)


if __name__ == "__main__":
    main()
