"""Opening one file of a catalogue: it is a file, of bounded size, and nothing that is waited for or has no end.

What its text says belongs with whoever asked for it.
"""

from __future__ import annotations

import errno
import io
import stat
from pathlib import Path

MOST_BYTES = 1 << 20
"""The largest file that a catalogue may hold."""


def what_it_is_not(mode: int) -> str | None:
    """Say what a path leads to that is no file, by its mode; None for a file."""
    if stat.S_ISREG(mode):
        return None
    return "a folder" if stat.S_ISDIR(mode) else "a pipe, a socket or a device"


def hold_to_a_file(path: Path) -> None:
    """Raise OSError, in words for people, where a path leads to no file.

    It is asked before anything is opened: whoever opens a pipe waits for somebody to write to it.
    """
    other = what_it_is_not(path.stat().st_mode)
    if other is not None:
        raise OSError(errno.EINVAL, f"it is {other}, not a file", str(path))


def text_of(
    path: Path, *, encoding: str = "utf-8", newline: str | None = None, most: int = MOST_BYTES
) -> str:
    """Return a file's text.

    Raises OSError, whose words are for people, where it cannot be opened, is no file or is larger than ``most`` bytes;
    UnicodeDecodeError where it is of another encoding.
    """
    hold_to_a_file(path)
    with path.open("rb") as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise OSError(errno.EFBIG, f"it is larger than {most >> 10:,} KiB", str(path))
    return io.TextIOWrapper(io.BytesIO(content), encoding=encoding, newline=newline).read()
