"""Audit and repair of both samples' quarters over seven years, each released before the next.

Promised of the last: 60 s and 2 GB.

Printed are the fourth and the eighth report, after which it ends; with ``every`` as an argument, all: that takes hours.
"""

from __future__ import annotations

import re
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path

from assets import protecting
from assets.auditing import audit_of_release
from assets.counting import records_held
from assets.partitions import longest_window
from assets.receiving import receive
from assets.recording import keep_records
from benchmarks.audit_of_the_sample import AUDIENCE, count_quarter, peak, tell
from disparity.datasets import DATASETS
from pipelines.commands.demonstration import LAST
from pipelines.sample import write_sample
from pipelines.sample.profiles import ProfileName
from resources.catalogue import DEFAULT
from resources.settings import Settings
from resources.workplace import Workplace

QUARTERS = 28
GROWTH = (4, 8)
SAMPLES: dict[ProfileName, Path] = {
    "trust": DEFAULT,
    "membership_body": DEFAULT.parent / "catalogue_examples" / "membership_body",
}


def prepared(profile: ProfileName, catalogue: Path, folder: Path) -> Workplace:
    """Receive the extracts of all quarters and count them, by a catalogue that begins with the first of them."""
    own = shutil.copytree(catalogue, folder / "catalogue") / "organisation.yaml"
    first = LAST.window(QUARTERS)[0].key
    own.write_text(re.sub(r"(?m)^first_quarter: .*$", f"first_quarter: {first}", own.read_text()))
    settings = Settings.from_environment(
        {}, catalogue=own.parent, landing=folder / "landing", storage=folder / "storage"
    )
    workplace = Workplace(settings)
    write_sample(settings.landing, quarters=QUARTERS, last_quarter=LAST, profile=profile)
    window = longest_window(workplace.catalogue)
    for quarter in LAST.window(QUARTERS):
        for dataset in DATASETS.values():
            receive(workplace, dataset, quarter)
            keep_records(workplace, dataset, quarter)
        count_quarter(workplace, records_held(workplace, quarter, window), quarter)
    return workplace


def processor_seconds() -> float:
    """Return how long the processors worked for this process: less than the clock says where others wait beside it."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def release_one_after_the_other(workplace: Workplace, shown: tuple[int, ...]) -> None:
    """Protect, audit and enter every quarter in the ledger, and print what the reports shown took."""
    for report, quarter in enumerate(LAST.window(QUARTERS)[: max(shown)], 1):
        clock, used = time.perf_counter(), processor_seconds()
        protecting.protect_themes(workplace, AUDIENCE, quarter)
        clock, used = time.perf_counter() - clock, processor_seconds() - used
        found = audit_of_release(workplace, AUDIENCE, quarter)
        tell(workplace, quarter)
        if report in shown:
            print(
                f"  report {report}: {clock:.1f} s ({used:.1f} s of processors), {peak():.0f} MB at most so far; "
                f"{found.counts:,} counts in {found.sums:,} sums, {found.hidden:,} hidden: {found.safe:,} safe, "
                f"{len(found.exposed)} exposed, {len(found.exposed_before)} by earlier releases, "
                f"{len(found.unproved)} unproved",
                flush=True,
            )


def main() -> None:
    """Release seven years of both samples."""
    shown = tuple(range(1, QUARTERS + 1)) if "every" in sys.argv else GROWTH
    for profile, catalogue in SAMPLES.items():
        print(f"{profile}, one report after the other:", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            release_one_after_the_other(prepared(profile, catalogue, Path(folder)), shown)


if __name__ == "__main__":
    main()
