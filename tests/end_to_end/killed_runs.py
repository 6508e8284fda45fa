"""A program for the tests of killed runs: run a quarter, kill it, run it again, and that at one moment after another.

A moment is one at which something is about to become true outside the process: a file is renamed into its place or removed
below the storage folder, or one of the pipeline's two databases has just committed. Each run is a process of its own,
forked from this one, which imports everything and runs nothing: so a hundred runs do not import a hundred times.

With a number, that many runs are killed at random times instead, every fifth of them a first run, in a storage of its own.

usage: killed_runs.py FOLDER [NUMBER SEED], where FOLDER holds ``catalogue`` and ``landing`` of two quarters. Prints what it
found as JSON.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sys
import time
from pathlib import Path

import matplotlib.figure  # noqa: F401
import scipy.stats  # noqa: F401
from alembic import command, config  # noqa: F401
from sqlalchemy import Connection, Engine, event

from disparity.periods import Quarter
from pipelines.commands.running import publish_quarter, run_quarters
from resources.settings import Settings

RELEASED = ("published", "restricted")
BEFORE, QUARTER = Quarter.from_key("2026-04-01"), Quarter.from_key("2026-07-01")
AT_ONCE = 2


class Moments:
    """The moments of one run, in order; at the one whose number is given, the process kills itself."""

    def __init__(self, storage: Path, fatal: int | None) -> None:
        self.storage, self.fatal = str(storage) + os.sep, fatal
        self.stages: list[str] = []
        sys.addaudithook(self._heard)
        event.listen(Engine, "commit", self._committed)

    def _heard(self, name: str, arguments: tuple[object, ...]) -> None:
        if name not in ("os.rename", "os.remove"):
            return
        path = os.fspath(arguments[1 if name == "os.rename" else 0])  # type: ignore[arg-type]
        if isinstance(path, str) and path.startswith(self.storage):
            parts = path.removeprefix(self.storage).split(os.sep)
            # Dagster's own files, SQLite's journals, and what is taken out of a folder lent for writing are no moments.
            elsewhere = parts[0] in ("dagster", "data_docs") or parts[0].endswith((".db", "-journal"))
            if not elsewhere and not any(part.startswith(".writing-") for part in parts[:-1]):
                self._passed(_stage(parts))

    def _committed(self, connection: Connection) -> None:
        name = Path(connection.engine.url.database or "").name
        if name in ("internal.db", "results.db"):
            self._passed(f"commit to {name}")

    def _passed(self, stage: str) -> None:
        self.stages.append(stage)
        if len(self.stages) - 1 == self.fatal:
            os.kill(os.getpid(), signal.SIGKILL)


def _stage(parts: list[str]) -> str:
    """Name a moment by its stage: the folder, and whether a pointer, a page or another file becomes true."""
    kind = {"index.html": "page", f"{QUARTER.key}.json": "pointer"}.get(parts[-1], "file")
    folder = "/".join(part for part in parts[:-1] if part not in (QUARTER.key, "lake"))
    deep = folder.split("/")
    short = "/".join(deep[:2]) if deep[0] in ("analyst", *RELEASED) else deep[0]
    inside = "/quarter" if QUARTER.key in parts[:-1] else ""
    return f"{short}{inside}: {kind}"


def _run(folder: Path, storage: Path, quarter: Quarter) -> str:
    """Run a quarter and publish it; return "" or what went wrong."""
    settings = Settings.from_environment(
        {**os.environ}, catalogue=folder / "catalogue", landing=folder / "landing", storage=storage
    )
    outcome = run_quarters(settings, quarter, history=0)
    if outcome.good:
        outcome = publish_quarter(settings, quarter, "A. Tester")
    return "" if outcome.good else outcome.words


def _in_child(
    folder: Path, storage: Path, quarter: Quarter, fatal: int | None = None, stages: Path | None = None
) -> int:
    """Start a run in a forked process; return the process's number."""
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), 1)
            os.dup2(nowhere.fileno(), 2)
        moments = Moments(storage, fatal) if fatal is not None or stages else None
        failed = _run(folder, storage, quarter)
        if stages and moments:
            stages.write_text(json.dumps(moments.stages), encoding="utf-8")
        if failed:
            (folder / "failed.txt").write_text(f"{storage.name}: {failed}\n", encoding="utf-8")
        status = 1 if failed else 0
    finally:
        os._exit(status)


def _wait(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _tree(storage: Path) -> dict[str, bytes]:
    return {
        path.relative_to(storage).as_posix(): path.read_bytes()
        for audience in RELEASED
        for path in sorted((storage / audience).rglob("*"))
        if path.is_file()
    }


def _chosen(stages: list[str]) -> list[int]:
    """One moment of each stage, in its midst: of files that no pointer names yet, those of one audience will do."""
    chosen: set[int] = set()
    for stage in dict.fromkeys(stages):
        at = [number for number, each in enumerate(stages) if each == stage]
        if stage.startswith("commit"):
            chosen |= {at[len(at) // 4], at[-len(at) // 4]}
        elif not stage.startswith(("analyst", "restricted")) or not stage.endswith("file"):
            chosen.add(at[len(at) // 2])
    return sorted(chosen)


def _undisturbed(folder: Path, storage: Path) -> float:
    """Run the quarter to its end; return the seconds it took."""
    began = time.monotonic()
    assert _wait(_in_child(folder, storage, QUARTER)) == 0, (folder / "failed.txt").read_text()
    return time.monotonic() - began


def _killed_after(folder: Path, storages: list[Path], seconds: list[float]) -> list[int]:
    """Start a run in each storage and kill it after so many seconds; return how each ended."""
    began, children = time.monotonic(), [_in_child(folder, storage, QUARTER) for storage in storages]
    for child, after in sorted(zip(children, seconds, strict=True), key=lambda each: each[1]):
        time.sleep(max(0.0, began + after - time.monotonic()))
        os.kill(child, signal.SIGKILL)  # one that has ended waits to be asked for
    return [_wait(child) for child in children]


def kill_at_random(folder: Path, number: int, seed: int) -> None:
    """Kill runs at times drawn evenly over an undisturbed one, run each again; print for each what differed.

    One that ended before it was to be killed shows nothing, and another is drawn.
    """
    base, drawn, found = folder / "base", random.Random(seed), []
    assert _wait(_in_child(folder, base, BEFORE)) == 0, (folder / "failed.txt").read_text()
    shutil.copytree(base, folder / "whole")
    took = {False: _undisturbed(folder, folder / "whole"), True: _undisturbed(folder, folder / "first")}
    expected = {False: _tree(folder / "whole"), True: _tree(folder / "first")}
    while len(found) < number:
        firsts = [(len(found) + each) % 5 == 4 for each in range(AT_ONCE)]
        storages = [folder / f"killed-{each}" for each in range(AT_ONCE)]
        for storage, first in zip(storages, firsts, strict=True):
            if not first:
                shutil.copytree(base, storage)
        seconds = [drawn.uniform(0, took[first]) for first in firsts]
        ended = _killed_after(folder, storages, seconds)
        again = [_wait(child) for child in [_in_child(folder, storage, QUARTER) for storage in storages]]
        for at, (storage, first) in enumerate(zip(storages, firsts, strict=True)):
            if ended[at] == -signal.SIGKILL:
                found.append(
                    {
                        "first": first,
                        "after": seconds[at] / took[first],
                        "again": again[at],
                        "differs": _differs(storage, expected[first]),
                    }
                )
            shutil.rmtree(storage, ignore_errors=True)
    print(json.dumps({"files": sorted(expected[False]), "found": found[:number]}))  # noqa: T201


def _differs(storage: Path, expected: dict[str, bytes]) -> list[str]:
    """Return which files of a storage's reports are not those expected."""
    tree = _tree(storage)
    return sorted(name for name in tree.keys() | expected.keys() if tree.get(name) != expected.get(name))


def main() -> None:
    """Make the undisturbed run, then kill and repeat; print the stages, and for each kill what differed."""
    folder = Path(sys.argv[1])
    if len(sys.argv) > 2:
        kill_at_random(folder, int(sys.argv[2]), int(sys.argv[3]))
        return
    base, whole = folder / "base", folder / "whole"
    assert _wait(_in_child(folder, base, BEFORE)) == 0, (folder / "failed.txt").read_text()
    shutil.copytree(base, whole)
    assert _wait(_in_child(folder, whole, QUARTER, stages=folder / "stages.json")) == 0, (
        folder / "failed.txt"
    ).read_text()
    stages = json.loads((folder / "stages.json").read_text(encoding="utf-8"))
    expected, found = _tree(whole), []
    waiting = _chosen(stages)
    while waiting:
        now, waiting = waiting[:AT_ONCE], waiting[AT_ONCE:]
        storages = {number: folder / f"killed-{number}" for number in now}
        for storage in storages.values():
            shutil.copytree(base, storage)
        killed = {
            number: _in_child(folder, storage, QUARTER, fatal=number) for number, storage in storages.items()
        }
        ended = {number: _wait(child) for number, child in killed.items()}
        again = {number: _in_child(folder, storage, QUARTER) for number, storage in storages.items()}
        repaired = {number: _wait(child) for number, child in again.items()}
        for number, storage in storages.items():
            found.append(
                {
                    "moment": number,
                    "stage": stages[number],
                    "killed": ended[number],
                    "again": repaired[number],
                    "differs": _differs(storage, expected),
                }
            )
            shutil.rmtree(storage)
    print(json.dumps({"stages": stages, "files": sorted(expected), "found": found}))  # noqa: T201


if __name__ == "__main__":
    main()
