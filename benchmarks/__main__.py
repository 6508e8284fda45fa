"""Measure what the pipeline promises of speed and memory, each in a process of its own, and print it."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time

BENCHMARKS = (
    "import_code_location",
    "survey_from_csv_to_counts",
    "intervals_side_by_side",
    "exact_tests",
    "audit_of_the_sample",
    "audit_of_a_large_organisation",
    "audit_of_seven_years",
    "report_of_the_sample",
)


def measured(command: list[str]) -> tuple[float, float, str]:
    """Return a command's seconds, its peak memory in MB, and what it printed."""
    started = time.perf_counter()
    ran = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    printed = ran.stdout.read() if ran.stdout else ""
    _, status, usage = os.wait4(ran.pid, 0)
    if status:
        sys.exit(f"{' '.join(command)} failed")
    return time.perf_counter() - started, usage.ru_maxrss / 1024, printed.strip()


def main() -> None:
    """Run every benchmark."""
    for name in BENCHMARKS:
        seconds, megabytes, printed = measured([sys.executable, "-m", f"benchmarks.{name}"])
        print(f"{name}: {seconds:.1f} s and {megabytes:.0f} MB at most, with what it started")
        print(textwrap.indent(printed, "  "), flush=True)


if __name__ == "__main__":
    main()
