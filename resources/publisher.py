"""The published place: a folder of files that a plain web server can serve."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from disparity.refusal import refuse
from resources.lake import replace_file

READABLE = 0o644


def publish_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files whole, one after the other, the page last, and remove those of an earlier release that are no longer part.

    Each file is replaced in one step, so a reader never meets half of one. Raises Refusal when the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in sorted(files.items(), key=lambda file: file[0] == "index.html"):
            replace_file(folder / name, content, mode=READABLE)
        if len(files) > 1:
            for stale in (path for path in folder.iterdir() if path.is_file() and path.name not in files):
                stale.unlink()
    except OSError as error:
        raise refuse(
            f"the folder cannot be written ({error.strerror})", where=str(folder),
            rule="reports are written below the storage folder", do="give this account the folder or name another --storage",
        ) from None  # fmt: skip
