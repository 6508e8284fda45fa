"""What holds for every test: a key of its own, no telemetry, fixed dates; and one small sample run from end to end."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import sqlite3
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import event
from sqlalchemy.pool import Pool

ROOT = Path(__file__).parents[1]
CATALOGUE = ROOT / "catalogue"
CASES = ROOT / "tests" / "cases"
LAST_KEY = "2026-07-01"

# Set while tests are collected, so that session fixtures and the programs that tests start have it too.
for name in [name for name in os.environ if name.startswith("RACE_EQUALITY_")]:
    del os.environ[name]
os.environ |= {
    "RACE_EQUALITY_KEY": "5a" * 32,
    "SOURCE_DATE_EPOCH": "1790000000",
    "DAGSTER_DISABLE_TELEMETRY": "yes",
    "GX_ANALYTICS_ENABLED": "false",
}


@event.listens_for(Pool, "checkout")
def _wait_for_no_disk(connection: object, *_: object) -> None:
    """No test cuts the power, and waiting for the disk at every commit is a third of what a run takes."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous = OFF")


@pytest.fixture(scope="session", autouse=True)
def _write_to_no_disk() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("os.fsync", lambda _: None)
        yield


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let one process begin with the finished sample, and another with what is slow and needs none, so that none waits."""
    reading = {each.path for each in items if "finished_sample" in getattr(each, "fixturenames", ())}
    first = next((each.path for each in items if each.path in reading), None)

    def turn(item: pytest.Item) -> tuple[bool, bool, bool]:
        return item.path != first, item.path.parent.name != "end_to_end", item.path in reading

    items.sort(key=turn)


@dataclass(frozen=True)
class FinishedSample:
    """A sample run from its extracts to its published report. Tests read it; one that changes something copies it."""

    catalogue: Path
    landing: Path
    storage: Path
    manifest: dict[str, Any]
    key: str = LAST_KEY


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit code, and what it said on either stream."""

    code: int
    out: str
    err: str


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ended]:
    """Run the command line in this process, as the installed program does."""
    from pipelines.command_line import main

    def run(*arguments: object) -> Ended:
        monkeypatch.setattr("sys.argv", ["race-equality", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return Ended(int(ended.value.code or 0), said.out, said.err)

    return run


@pytest.fixture
def storage_of_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the catalogue, landing place and storage of an earlier version, and the key they were made with."""
    monkeypatch.setenv("RACE_EQUALITY_KEY", "a+key+of+the+tests+that+is+used+nowhere+else")
    with tarfile.open(ROOT / "tests" / "storage_of_before" / "membership_body.tar.xz") as archive:
        archive.extractall(tmp_path / "before", filter="tar")  # which keeps who may read what
    return tmp_path / "before"


@pytest.fixture(scope="session")
def catalogue_from() -> Callable[[Path, str], Path]:
    """Copy the default catalogue, its first quarter set, so that quarters before have neither records nor releases."""

    def copied(folder: Path, first_quarter: str) -> Path:
        shutil.copytree(CATALOGUE, folder)
        organisation = folder / "organisation.yaml"
        text = organisation.read_text(encoding="utf-8")
        default = "first_quarter: 2023-10-01"
        assert default in text
        organisation.write_text(text.replace(default, f"first_quarter: {first_quarter}"), encoding="utf-8")
        return folder

    return copied


@pytest.fixture(scope="session")
def cases_catalogue(catalogue_from: Callable[[Path, str], Path]) -> Callable[..., Path]:
    """Copy the default catalogue with the sources of ``tests/cases``; ``changes`` by dataset are laid over them."""

    def copied(folder: Path, **changes: dict[str, Any]) -> Path:
        catalogue = catalogue_from(folder, LAST_KEY)
        sources = yaml.safe_load((CASES / "sources.yaml").read_text(encoding="utf-8"))
        changed = {name: source | changes.get(name, {}) for name, source in sources.items()}
        (catalogue / "sources.yaml").write_text(yaml.safe_dump(changed, sort_keys=False), encoding="utf-8")
        return catalogue

    return copied


@pytest.fixture(scope="session")
def finished_sample(
    tmp_path_factory: pytest.TempPathFactory, catalogue_from: Callable[[Path, str], Path]
) -> FinishedSample:
    """Give a small sample's finished year. Where tests run in several processes, the first to ask makes it for all."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "finished_sample"
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            made = tmp_path_factory.mktemp("sample_being_made")
            _finish_a_sample(made, catalogue_from)
            made.rename(folder)
    manifest = json.loads((folder / "landing" / "manifest_invented.json").read_text(encoding="utf-8"))
    return FinishedSample(folder / "catalogue", folder / "landing", folder / "storage", manifest)


def _finish_a_sample(folder: Path, catalogue_from: Callable[[Path, str], Path]) -> None:
    """Run four quarters' records and the last one's counts, estimates and release, and publish it."""
    from disparity.periods import Quarter
    from pipelines.commands.running import publish_quarter, run_quarters
    from pipelines.sample import write_sample
    from resources.settings import Settings

    landing, last = folder / "landing", Quarter.from_key(LAST_KEY)
    write_sample(landing, quarters=4, staff=600)
    settings = Settings.from_environment(
        {},
        catalogue=catalogue_from(folder / "catalogue", "2025-10-01"),
        landing=landing,
        storage=folder / "storage",
    )
    released = run_quarters(settings, last, history=3)
    assert released.good, released.words
    published = publish_quarter(settings, last, "A. Tester")
    assert published.good, published.words
