"""Dagster's own storage is made by one process at a time, and what two once made together is mended or refused in words."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from disparity.refusal import Refusal
from pipelines.interface.processes import dagster_home, dagster_instance
from resources.dagster_storage import open_instance
from resources.lake import alone
from resources.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("history/runs.db", "events/index.db", "schedules/schedules.db")
BEFORE = "5771160a95ad"
"""What Dagster writes down where it finds tables that another process has just made."""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.from_environment({}, storage=tmp_path / "storage")


def _revisions(path: Path, *more: str) -> list[str]:
    """Return the revisions written down in a file, having added some."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executemany("INSERT INTO alembic_version VALUES (?)", [(each,) for each in more])
        return [row[0] for row in connection.execute("SELECT version_num FROM alembic_version")]


def test_what_two_processes_made_at_once_is_mended_and_its_runs_are_there(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    import dagster as dg

    @dg.job
    def nothing() -> None:
        pass

    with dagster_instance(settings) as instance:
        made = instance.create_run_for_job(nothing).run_id
    home = dagster_home(settings)
    once = {part: _revisions(home / part) for part in PARTS}
    for part in PARTS:
        assert len(_revisions(home / part, BEFORE)) == 2
    capsys.readouterr()
    with dagster_instance(settings) as instance:
        assert [run.run_id for run in instance.get_runs()] == [made]
    assert {part: _revisions(home / part) for part in PARTS} == once
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("made by two processes at once. It is mended, and nothing of it was lost.") == 3
    with dagster_instance(settings):
        assert capsys.readouterr().err == "", "it is said once"


def test_revisions_that_nobody_knows_and_damaged_files_are_refused_in_words(settings: Settings) -> None:
    dagster_instance(settings).dispose()
    path = dagster_home(settings) / PARTS[0]
    _revisions(path, "of_another_dagster")
    with pytest.raises(Refusal, match="does not know") as refusal:
        dagster_instance(settings)
    assert "move it away: a new one is made" in str(refusal.value)
    path.write_bytes(b"no database at all " * 100)
    with pytest.raises(Refusal, match="history of runs cannot be opened \\(DatabaseError\\)"):
        dagster_instance(settings)


def test_nobody_makes_it_while_another_process_does(settings: Settings) -> None:
    home = dagster_home(settings)
    opened: list[str] = []

    def open_and_close() -> None:
        open_instance(home, opened.append).dispose()
        opened.append("opened")

    waiting = threading.Thread(target=open_and_close)
    with alone(home):
        waiting.start()
        waiting.join(0.5)
        assert list(home.rglob("*.db")) == []
    waiting.join(60)
    assert opened == ["opened"]
    assert {path.relative_to(home).as_posix() for path in home.rglob("*.db")} == set(PARTS)


OPEN_WHEN_TOLD = """
import sys
from pathlib import Path
from pipelines.interface.processes import dagster_instance
from resources.settings import Settings
sys.stdin.readline()
dagster_instance(Settings.from_environment({}, storage=Path(sys.argv[1]))).dispose()
"""


@pytest.mark.long
def test_two_processes_may_make_it_at_once(settings: Settings) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", OPEN_WHEN_TOLD, str(settings.storage)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for _ in range(2)
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(b"now\n")
        process.stdin.flush()
    ended = [(process.communicate(timeout=120)[1], process.returncode) for process in processes]
    assert ended == [(b"", 0)] * 2
    assert [len(_revisions(dagster_home(settings) / part)) for part in PARTS] == [1, 1, 1]
