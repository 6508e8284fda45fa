"""Same input, same bytes: two machines' runs write identical reports, and a run again changes nothing."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RELEASED = ("published", "restricted")
KEYS = ("2026-04-01", "2026-07-01")

# What differs between machines and must not show: hash seed, clock, language, threads, folders, and the pseudonym key.
MACHINES = {
    "one": {"PYTHONHASHSEED": "1", "TZ": "UTC", "LC_ALL": "C", "RACE_EQUALITY_KEY": "1f" * 32},
    "another/place with spaces": {
        "PYTHONHASHSEED": "4242",
        "TZ": "Asia/Kathmandu",
        "LC_ALL": "C.UTF-8",
        "POLARS_MAX_THREADS": "1",
        "RACE_EQUALITY_KEY": "e7" * 32,
    },
}


def _start(place: Path, name: str, *words: str) -> subprocess.Popen[str]:
    storage = place / name / "storage"
    folders = {"catalogue": place / "catalogue", "storage": storage, "landing": place / "landing"}
    used = ("catalogue", "storage") if words[0] == "publish" else tuple(folders)
    options = [word for each in used for word in (f"--{each}", str(folders[each]))]
    return subprocess.Popen(
        [sys.executable, "-m", "pipelines", *words, *options],
        cwd=ROOT, env={**os.environ, **MACHINES[name]}, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def _both(place: Path, names: list[str], *words: str) -> None:
    for started in [_start(place, name, *words) for name in names]:
        said, _ = started.communicate(timeout=600)
        assert started.returncode == 0, said


def _run_and_publish(place: Path, names: list[str]) -> None:
    _both(place, names, "run", "--quarter", KEYS[-1], "--history", "4")
    for key in KEYS:
        _both(place, names, "publish", "--quarter", key, "--approved-by", "A. Tester")


def _tree(storage: Path) -> dict[str, bytes]:
    return {
        path.relative_to(storage).as_posix(): path.read_bytes()
        for audience in RELEASED
        for path in sorted((storage / audience).rglob("*"))
        if path.is_file()
    }


def _counted(database: Path, query: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(database)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


@pytest.mark.long
def test_two_machines_write_the_same_reports_and_a_run_again_changes_nothing(
    tmp_path: Path, catalogue_from: Callable[[Path, str], Path]
) -> None:
    from pipelines.sample import write_sample

    catalogue_from(tmp_path / "catalogue", "2025-07-01")
    write_sample(tmp_path / "landing", quarters=5, staff=600)
    _run_and_publish(tmp_path, list(MACHINES))
    one, another = (_tree(tmp_path / name / "storage") for name in MACHINES)
    assert {name.split("/")[1] for name in one} == {"index.html", *KEYS}
    assert len(one) > 40
    assert sorted(one) == sorted(another)
    assert [name for name in one if one[name] != another[name]] == []

    storage = tmp_path / "one" / "storage"
    releases = (
        "SELECT audience, quarter, vintage, content_sha256, state, released_at FROM release ORDER BY 1, 2, 3"
    )
    before = _counted(storage / "results.db", releases)
    assert {row[2] for row in before} == {1}
    assert len(before) == 4
    analyst = (storage / "analyst" / KEYS[-1] / "indicators.csv").read_bytes()
    _run_and_publish(tmp_path, ["one"])
    # Alone: nothing was drawn or printed in its process before.
    _both(tmp_path, ["one"], "run", "--quarter", KEYS[-1])
    assert _tree(storage) == one
    assert _counted(storage / "results.db", releases) == before
    assert (storage / "analyst" / KEYS[-1] / "indicators.csv").read_bytes() == analyst
    assert _counted(storage / "results.db", "SELECT MAX(vintage) FROM estimate") == [(1,)]
    assert _counted(storage / "internal.db", "SELECT MAX(vintage) FROM analyst_estimate") == [(1,)]
