"""Every file of the sample's last report, made and read back. Promised: under 20 s."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from assets.releasing import render
from benchmarks.audit_of_the_sample import AUDIENCE, peak, workplace_in
from pipelines.commands.demonstration import LAST, demonstrate
from reports.reading_back.files import unexplained
from reports.release.frozen import from_json


def main() -> None:
    """Run the demonstration in a process of its own, then make its last report again."""
    if len(sys.argv) > 1:
        demonstrate(Path(sys.argv[1]))
        return
    with tempfile.TemporaryDirectory() as folder:
        again = [sys.executable, "-m", "benchmarks.report_of_the_sample", folder]
        subprocess.run(again, check=True, stdout=subprocess.DEVNULL)
        workplace = workplace_in(Path(folder))
        frozen = Path(folder) / "storage" / AUDIENCE / LAST.key / "release.json"
        release = from_json(frozen.read_bytes())
        started = time.perf_counter()
        files = render(workplace, release)
        made = time.perf_counter()
        found = unexplained(files, release, workplace.catalogue)
        read = time.perf_counter()
    longest = max((len(content), name) for name, content in files.items() if name.endswith(".html"))
    print(
        f"{LAST.words}, {len(files)} files: made in {made - started:.1f} s, read back in {read - made:.1f} s, "
        f"{peak():.0f} MB"
    )
    print(f"  longest page {longest[1]}, {longest[0] / 1000:,.0f} kB; {len(found)} numbers without an origin")


if __name__ == "__main__":
    main()
