"""A command's own temporary folder: what a killed one leaves in it is cleared by the next."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from resources.lake import alone

_OURS = "race-equality-"


@contextlib.contextmanager
def temporary_folder(command: str) -> Iterator[Path]:
    """Lend a private folder, in which everything temporary is made until the block ends; then it goes.

    Its lock ends with the process however it ends: what a killed one left is known by it, and goes first.
    """
    place, before = Path(tempfile.gettempdir()), tempfile.tempdir
    _clear(place)
    with contextlib.ExitStack() as held:
        folder = _locked(place, command, held)
        tempfile.tempdir = str(folder)
        try:
            yield folder
        finally:
            tempfile.tempdir = before
            shutil.rmtree(folder, ignore_errors=True)


def _locked(place: Path, command: str, held: contextlib.ExitStack) -> Path:
    """Make a folder and hold its lock; make another where one that begins took it for left behind in between."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=f"{_OURS}{command}-", dir=place))
        with contextlib.suppress(FileNotFoundError, BlockingIOError):
            held.enter_context(alone(folder, wait=False))
            if folder.exists():
                return folder


def _clear(place: Path) -> None:
    for left in place.glob(f"{_OURS}*"):
        with contextlib.suppress(OSError):
            found = left.lstat()
            if stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid():
                with alone(left, wait=False):
                    shutil.rmtree(left, ignore_errors=True)
