"""The published place: a folder of files that a plain web server can serve."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from disparity.refusal import refuse
from resources.lake import alone, replace_file

Readers = Literal["everybody", "group", "owner"]

_MODES: dict[Readers, tuple[int, int]] = {
    "everybody": (0o755, 0o644),
    "group": (0o750, 0o640),
    "owner": (0o700, 0o600),
}
PAGE = "index.html"


def publish_files(
    folder: Path, files: Mapping[str, bytes], *, below: Path, readers: Readers = "everybody"
) -> None:
    """Write files whole, one after the other, the page last; beside a page, files of an earlier release go.

    Each file is replaced in one step, so a reader never meets half of one, and one publication of a folder
    waits for another. ``readers`` says who may read besides this account: everybody, its group (for a web
    server behind a sign-in), or nobody. Every folder from ``below`` down to this one is given those rights,
    whenever it was made. The index alone (one file) leaves all else in place. Raises Refusal when the folder
    cannot be written.
    """
    of_folders, of_files = _MODES[readers]
    try:
        below.mkdir(parents=True, exist_ok=True)
        made = below
        for part in folder.relative_to(below).parts:
            made /= part
            made.mkdir(mode=of_folders, exist_ok=True)
            made.chmod(of_folders)
        with alone(folder):
            for unfinished in folder.glob(".writing-*"):  # left by a publication that was killed
                unfinished.unlink()
            for name, content in sorted(files.items(), key=lambda file: (file[0] == PAGE, file[0])):
                replace_file(folder / name, content, mode=of_files)
            if len(files) > 1:
                for stale in (path for path in folder.iterdir() if path.is_file() and path.name not in files):
                    stale.unlink()
    except OSError as error:
        raise refuse(
            f"the folder cannot be written ({error.strerror})",
            where=str(folder),
            rule="reports are written below the storage folder",
            do="give this account the folder or name another --storage",
        ) from None
