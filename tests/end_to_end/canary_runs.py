"""A program for the test of canaries: plant them in every extract, then run jobs that end well and jobs that do not.

usage: canary_runs.py FOLDER few|all. FOLDER holds ``catalogue`` and ``landing``, with good extracts of two quarters. What
was planted, and how every job ended, is written into ``landing`` as JSON; all else that is written goes into ``outside``.
"""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any
from unittest.mock import patch

import dagster as dg
import polars as pl
import yaml
from canary_planting import BEFORE, JOINED, QUARTER, REFUSED, Sheet, break_files, canary, extract_of, plant

from assets.approving import offer_of
from disparity.audiences import RELEASED
from disparity.counts.counting import Records
from disparity.periods import Quarter
from disparity.refusal import Refusal
from pipelines.command_line import main as command_line
from pipelines.definitions import definitions_for
from pipelines.interface.processes import dagster_instance
from resources.catalogue import load_catalogue
from resources.settings import Settings
from resources.workplace import Workplace


def _settings(folder: Path, landing: Path | None = None, catalogue: Path | None = None) -> Settings:
    return Settings.from_environment(
        {},
        catalogue=catalogue or folder / "catalogue",
        landing=landing or folder / "landing",
        storage=folder / "outside" / "storage",
    )


class Runs:
    """Runs jobs and commands in one place, and remembers how each ended."""

    def __init__(self, folder: Path, instance: dg.DagsterInstance) -> None:
        self.folder, self.instance = folder, instance
        self.lake = folder / "outside" / "storage" / "lake"
        self.ended: dict[str, list[str]] = {}

    def job(
        self,
        told: str,
        job: str,
        quarter: Quarter,
        *,
        landing: Path | None = None,
        catalogue: Path | None = None,
    ) -> None:
        """Run a job with all that Dagster logs; remember which errors it ended with."""
        workplace = Workplace(_settings(self.folder, landing, catalogue))
        result = (
            definitions_for(workplace)
            .resolve_job_def(job)
            .execute_in_process(
                partition_key=quarter.key, instance=self.instance, raise_on_error=False,
                run_config=_approval(workplace, quarter) if job == "publish" else {},
            )
        )  # fmt: skip
        failures = [event.step_failure_data.error for event in result.all_events if event.is_step_failure]
        self.ended[told] = [] if result.success else [_kind(each) for each in failures]

    def command(self, *words: object, landing: Path | None = None) -> None:
        """Run a command in this process, and remember its exit code. What it answers on the terminal is kept apart."""
        given = [str(each) for each in words]
        arguments = ["race-equality", *given, *self._folders(given[0], landing)]
        said = self.folder / "outside" / "said" / f"{given[0]}.txt"
        with (
            patch.object(sys, "argv", arguments),
            said.open("a", encoding="utf-8") as answer,
            contextlib.redirect_stdout(answer),
            contextlib.redirect_stderr(answer),
        ):
            try:
                command_line()
            except SystemExit as ended:
                self.ended.setdefault(f"command {given[0]}", []).append(str(ended.code))

    def program(self, *words: object, landing: Path) -> None:
        """Run the same as a program of its own; what it says stands beside what this one says."""
        given = [str(each) for each in words]
        command = [sys.executable, "-m", "pipelines", *given, *self._folders(given[0], landing)]
        with (self.folder / "outside" / "said" / f"{given[0]}.txt").open("wb") as said:
            ended = subprocess.run(command, stdout=said, stderr=subprocess.STDOUT, check=False)
        self.ended[f"program {given[0]}"] = [str(ended.returncode)]

    def _folders(self, word: str, landing: Path | None) -> list[str]:
        settings = _settings(self.folder, landing)
        used = {"check": ("catalogue",), "run": ("catalogue", "storage", "landing")}
        names = used.get(word, ("catalogue", "storage"))
        return [each for name in names for each in (f"--{name}", str(getattr(settings, name)))]


def _approval(workplace: Workplace, quarter: Quarter) -> dict[str, object]:
    """Return what somebody types who approves whatever was released of a quarter."""
    releases = []
    for audience in RELEASED:
        with contextlib.suppress(Refusal):
            releases.append(offer_of(workplace, audience, quarter).release)
    given = {"approved_by": "A. Tester", "releases": releases}
    return {"resources": {"approval": {"config": given}}}


def _kind(error: Any) -> str:
    while error.cause is not None:
        error = error.cause
    return str(error.cls_name)


def good_jobs(runs: Runs) -> None:
    """Run what ends well: two quarters, and one of them published."""
    runs.job("a quarter", "quarterly_report", BEFORE)
    runs.job("the next quarter", "quarterly_report", QUARTER)
    runs.job("publish", "publish", BEFORE)


def broken_files(runs: Runs, landings: list[Path]) -> None:
    """Take in extract after extract that cannot be used; the job itself ends well, and the extract is refused."""
    for landing in landings:
        runs.job(f"files {landing.name}", "backfill_history", QUARTER, landing=landing)


def other_formats(runs: Runs) -> None:
    """Take extracts in from a database and a Parquet file, good ones and broken ones."""
    landing = runs.folder / "landing"
    catalogue = runs.folder / "catalogue_of_other_formats"
    interviews, leavers = landing / "interviews.db", landing / f"leavers_{BEFORE.key}.parquet"
    _read_from(interviews, leavers, shutil.copytree(runs.folder / "catalogue", catalogue) / "sources.yaml")
    sources = load_catalogue(runs.folder / "catalogue").sources
    sheets = [
        Sheet.read(extract_of(landing, sources[each], BEFORE), sources[each])
        for each in ("exit_interviews", "leavers")
    ]
    _put_into_a_database(sheets[0], interviews)
    frame = pl.DataFrame(sheets[1].texts, schema=sheets[1].headings, orient="row")
    frame.write_parquet(leavers)
    runs.job("other formats", "backfill_history", BEFORE, catalogue=catalogue)
    bad = (
        str(canary("exit_interviews", "In their own words", "", "free_text").typed[0]).encode("cp1252")
        + b"\xff"
    )
    with contextlib.closing(sqlite3.connect(interviews)) as connection, connection:
        connection.execute('UPDATE interviews SET "In their own words" = CAST(? AS TEXT)', (bad,))
    frame.with_columns(pl.concat_list(pl.all()).alias("Pay Scale")).write_parquet(leavers)
    runs.job(
        "other formats: words of no encoding, and lists", "backfill_history", BEFORE, catalogue=catalogue
    )
    leavers.write_bytes(leavers.read_bytes()[:-99])
    interviews.write_bytes(interviews.read_bytes()[: -interviews.stat().st_size // 3])
    runs.job("other formats: cut off", "backfill_history", BEFORE, catalogue=catalogue)


def _read_from(interviews: Path, leavers: Path, path: Path) -> None:
    """Let a catalogue read exit interviews from a database, and leavers from a Parquet file."""
    sources = yaml.safe_load(path.read_text(encoding="utf-8"))
    database = {"format": "sql", "location": f"sqlite:///{interviews}", "query": "SELECT * FROM interviews"}
    parquet = {"format": "parquet", "location": leavers.name.replace(BEFORE.key, "{quarter}")}
    for name, changed in (("exit_interviews", database), ("leavers", parquet)):
        kept = {
            key: value
            for key, value in sources[name].items()
            if key not in ("skip_rows", "encoding", "delimiter")
        }
        sources[name] = {**kept, **changed}
    path.write_text(yaml.safe_dump(sources, allow_unicode=True), encoding="utf-8")


def _put_into_a_database(sheet: Sheet, path: Path) -> None:
    columns = ", ".join(f'"{each}"' for each in sheet.headings)
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"CREATE TABLE interviews ({columns})")
        places = ", ".join("?" * len(sheet.headings))
        connection.executemany(f"INSERT INTO interviews VALUES ({places})", sheet.texts)


@contextlib.contextmanager
def _spoilt(path: Path, content: bytes) -> Iterator[None]:
    whole = path.read_bytes()
    path.write_bytes(content)
    yield
    path.write_bytes(whole)


@contextlib.contextmanager
def _file_in_the_way(folder: Path) -> Iterator[None]:
    aside = folder.rename(folder.with_name("aside"))
    folder.write_text("")
    yield
    folder.unlink()
    aside.rename(folder)


@contextlib.contextmanager
def _refusing_rows(database: Path, table: str) -> Iterator[None]:
    with contextlib.closing(sqlite3.connect(database)) as connection:
        connection.execute(
            f"CREATE TRIGGER refuses BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'it refuses'); END"
        )
    yield
    with contextlib.closing(sqlite3.connect(database)) as connection:
        connection.execute("DROP TRIGGER refuses")


def _quote(frame: Any, *_: Any, **__: Any) -> Any:
    """Fail as a strict reading of rows would, with the rows in its words."""
    raise ValueError(f"this cannot be read as a number: {frame.lazy().collect().rows()}")


def _quote_cells(_: Any, cells: pl.DataFrame, *__: Any) -> Any:
    _quote(cells)


def _quote_spending(*given: Any) -> Any:
    (records,) = (each for each in given if isinstance(each, Records))
    _quote(records.over("learning_budget", [BEFORE]))


ROWS_IN_HAND: dict[str, tuple[str, str, Callable[..., Any]]] = {
    "receiving": ("resources.mapping.RowMapping.received", "backfill_history", _quote_cells),
    "recording": ("disparity.datasets.records.RecordContract.judge", "backfill_history", _quote_cells),
    "profiling": ("assets.profiling.profile", "backfill_history", _quote),
    "counting": ("assets.counting.count", "rebuild_after_restatement", _quote_spending),
    "protecting": ("assets.protecting.protect", "rebuild_after_restatement", _quote),
}
"""Functions that hold rows, or exact counts, and jobs in which they are called."""


def rows_in_hand(runs: Runs, names: list[str]) -> None:
    """Run jobs that fail by an error nobody foresaw, whose own words quote the rows that were in hand."""
    for name in names:
        target, job, raising = ROWS_IN_HAND[name]
        with patch(target, raising):
            runs.job(f"an error in {name}", job, BEFORE)


def failing_jobs(runs: Runs) -> None:
    """Run what ends badly: extracts refused, files and folders of the lake spoilt, databases that refuse."""
    storage, lake = runs.lake.parent, runs.lake
    refused = runs.folder / "landing" / REFUSED
    runs.job("a required extract refused", "quarterly_report", QUARTER, landing=refused)
    (pointer,) = lake.glob(f"records/recruitment/{BEFORE.key}.json")
    with _spoilt(pointer, pointer.read_bytes()[:100]):
        runs.job("a pointer cut off", "quarterly_report", BEFORE)
    (pointer,) = lake.glob(f"records/learning_budget/{BEFORE.key}.json")
    kept = pointer.with_name(json.loads(pointer.read_bytes())["files"]["accepted.parquet"])
    with _spoilt(kept, kept.read_bytes()[:-200]):
        runs.job("records cut off", "rebuild_after_restatement", BEFORE)
    texts = io.BytesIO()
    pl.read_parquet(kept).with_columns(cost=pl.lit("nought"), approved=pl.lit("perhaps")).write_parquet(texts)
    with _spoilt(kept, texts.getvalue()):
        runs.job("records of another kind", "rebuild_after_restatement", BEFORE)
    with _file_in_the_way(lake / "counts"):
        runs.job("a file in the way", "rebuild_after_restatement", BEFORE)
    for database, table, job in (
        ("internal", "profile", "backfill_history"),
        ("results", "run", "rebuild_after_restatement"),
    ):
        with _refusing_rows(storage / f"{database}.db", table):
            runs.job(f"{database} refuses {table}", job, BEFORE)


CHECKED = ("staff_in_post", "recruitment", "learning_budget")
"""Datasets whose broken files are checked one by one; between them they are broken in every way."""


def commands(runs: Runs, landings: list[Path]) -> None:
    """Ask the command line for the same, good and bad.

    ``check`` is not asked about the extracts of JOINED: it tells whoever holds a file what its headings are.
    """
    catalogue = load_catalogue(runs.folder / "catalogue")
    for dataset, source in catalogue.sources.items():
        for landing in (runs.folder / "landing", *(landings if dataset in CHECKED else [])):
            path = extract_of(landing, source, QUARTER)
            if path.exists():
                runs.command("check", path, "--dataset", dataset, "--quarter", QUARTER.key)
    runs.program("run", "--quarter", QUARTER.key, "--history", 1, landing=runs.folder / "landing" / REFUSED)
    runs.command("publish", "--quarter", QUARTER.key, "--approved-by", "A. Tester")
    runs.command("status")
    runs.command("explain", "training_spend_per_head", "--quarter", BEFORE.key)
    with patch("disparity.datasets.records.RecordContract.judge", ROWS_IN_HAND["recording"][2]):
        runs.command("run", "--quarter", QUARTER.key)


def main() -> None:
    """Plant, run, and write down what was planted and how all ended."""
    folder, few = Path(sys.argv[1]), sys.argv[2] == "few"
    planted, identifiers = plant(folder)
    landings = break_files(folder)
    with dagster_instance(_settings(folder)) as instance:
        runs = Runs(folder, instance)
        if few:
            runs.job("records", "backfill_history", BEFORE)
            broken_files(runs, [landings[2], folder / "landing" / JOINED])
            rows_in_hand(runs, ["receiving"])
        else:
            good_jobs(runs)
            broken_files(runs, [*landings, folder / "landing" / JOINED])
            failing_jobs(runs)
            other_formats(runs)
            rows_in_hand(runs, list(ROWS_IN_HAND))
            commands(runs, landings)
    told = {"planted": [asdict(each) for each in planted], "identifiers": identifiers, "ended": runs.ended}
    for name, held in told.items():
        (folder / "landing" / f"{name}.json").write_text(json.dumps(held, default=str), encoding="utf-8")


if __name__ == "__main__":
    main()
