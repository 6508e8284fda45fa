"""Two million survey rows of 20 columns, from CSV to counts, validation included. Promised: under 30 s and 1.2 GB."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

QUARTER = "2025-10-01"
ROWS = 2_000_000


def write_survey(path: Path, rows: int) -> None:
    """Write invented replies under the headings that the default catalogue maps, with other columns to make 20."""
    import numpy as np
    import polars as pl

    from disparity.catalogue.vocabulary import vocabulary_of
    from resources.catalogue import DEFAULT, load_catalogue

    catalogue = load_catalogue(DEFAULT)
    source, vocabulary = catalogue.sources["staff_survey"], vocabulary_of(catalogue)
    random = np.random.default_rng(1)
    columns: dict[str, object] = {}
    for name, heading in source.columns.items():
        if name == "reply":
            columns[heading] = [f"R{number:08d}" for number in range(rows)]
        elif name == "survey_date":
            columns[heading] = ["14/11/2025"] * rows
        elif name == "ethnic_code":
            columns[heading] = random.choice(["A", "C", "D", "H", "M", "N", "R", "Z"], rows)
        else:
            allowed = vocabulary.answers["staff_survey"].get(name) or getattr(vocabulary.lists, name)
            columns[heading] = random.choice(list(allowed), rows)
    for extra in range(20 - len(columns)):
        columns[f"Another question {extra}"] = random.choice(["Yes", "No"], rows)
    pl.DataFrame(columns).write_csv(path, separator=source.delimiter)


def run(folder: Path) -> None:
    """Receive, judge and count the survey, timing each stage."""
    from assets.counting import count_theme, records_held
    from assets.receiving import receive
    from assets.recording import keep_records
    from disparity.datasets import DATASETS
    from disparity.periods import Quarter
    from resources.settings import Settings
    from resources.workplace import Workplace

    workplace = Workplace(Settings.from_environment({}, landing=folder, storage=folder / "storage"))
    quarter, dataset = Quarter.from_key(QUARTER), DATASETS["staff_survey"]
    times = [time.perf_counter()]
    receive(workplace, dataset, quarter)
    times.append(time.perf_counter())
    facts = keep_records(workplace, dataset, quarter).facts
    times.append(time.perf_counter())
    count_theme(workplace, "experience", records_held(workplace, quarter, 4), quarter)
    times.append(time.perf_counter())
    received, kept, counted = (later - earlier for earlier, later in pairwise(times))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{facts['rows_accepted']:,} rows accepted, {facts['rows_rejected']:,} rejected; {times[-1] - times[0]:.1f} s and "
        f"{peak:.0f} MB (received {received:.1f} s, records {kept:.1f} s, counts {counted:.1f} s)"
    )


def main() -> None:
    """Write the survey in a process of its own, so that its memory is not counted, then run."""
    if len(sys.argv) > 1:
        write_survey(Path(sys.argv[1]), ROWS)
        return
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / f"staff_survey_{QUARTER}_invented.csv"
        subprocess.run([sys.executable, "-m", "benchmarks.survey_from_csv_to_counts", str(path)], check=True)
        run(Path(name))


if __name__ == "__main__":
    main()
