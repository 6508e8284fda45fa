"""Turns: runs over one storage go one after another, earlier quarters first.

A report rests on what was released before it, for its history and for what its readers know already: two that are made at
once would each lack the other. A turn is a lock of the system on a file, which goes with its process however that ends;
containers on one machine that share the storage folder share it too. What a run does with its turn is not known here.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from disparity.periods import Quarter
from resources.lake import make_private_folder

_LOOK_EVERY_SECONDS = 0.5
_RUNNING = "running"

_held: dict[Path, Quarter] = {}
"""The folders in which this process has the turn, with its earliest quarter: a command has one over all of its runs."""


@contextmanager
def turn(storage: Path, quarter: Quarter, say: Callable[[str], None]) -> Iterator[None]:
    """Hold the turn of a run whose earliest quarter this is; wait while another has it, or an earlier quarter waits.

    ``say`` is told once that it waits, and for whom.
    """
    folder = make_private_folder(storage / "turns")
    if folder in _held:
        yield
        return
    announced, running = _opened(folder / quarter.key), _opened(folder / _RUNNING)
    try:
        _wait(folder, quarter, announced, running, say)
        os.truncate(running, 0)
        os.pwrite(running, f"process {os.getpid()}, {quarter.words}".encode(), 0)
        _held[folder] = quarter
        try:
            yield
        finally:
            del _held[folder]
    finally:
        os.close(running)
        os.close(announced)


def waiting_before(storage: Path, quarter: Quarter) -> list[Quarter]:
    """Return the quarters before this one that another process runs, or waits to run."""
    folder = storage / "turns"
    announced = sorted(Quarter.from_key(path.name) for path in folder.glob("*-*-*"))
    return [
        each
        for each in announced
        if each < quarter and each != _held.get(folder) and _is_held(folder / each.key)
    ]


def _wait(folder: Path, quarter: Quarter, announced: int, running: int, say: Callable[[str], None]) -> None:
    told, first = False, False
    while True:
        # Announced before the turn is asked for, so that a later quarter sees it from then on.
        first = first or _locked(announced, fcntl.LOCK_EX)
        if first and not waiting_before(folder.parent, quarter) and _locked(running, fcntl.LOCK_EX):
            if not waiting_before(folder.parent, quarter):
                return
            fcntl.flock(running, fcntl.LOCK_UN)
        if not told:
            other = os.pread(running, 200, 0).decode(errors="replace")
            say(
                f"Another run over this storage goes first ({other or 'it has just begun'}). Waiting for its end."
            )
            told = True
        time.sleep(_LOOK_EVERY_SECONDS)


def _opened(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)


def _locked(handle: int, kind: int) -> bool:
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_held(path: Path) -> bool:
    handle = os.open(path, os.O_RDONLY)
    try:
        return not _locked(handle, fcntl.LOCK_SH)  # shared, so that two who look do not see each other
    finally:
        os.close(handle)
