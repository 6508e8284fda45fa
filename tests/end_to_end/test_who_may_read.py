"""Who may read what a run leaves below the storage folder, as docs/privacy.md has it."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

READERS = {"published": 0o755, "restricted": 0o750}
"""The folders that others than this account may enter; nobody else enters any other."""


class Finished(Protocol):
    storage: Path


class Ended(Protocol):
    code: int
    out: str


def _folders_too_wide(storage: Path) -> Iterator[str]:
    """Yield the folders that more may enter than should; what is below one for its owner alone nobody else reaches."""
    for top in (each for each in sorted(storage.iterdir()) if each.is_dir()):
        mode = READERS.get(top.name, 0o700)
        below = (
            [] if top.name in ("data_docs", "dagster") else [each for each in top.rglob("*") if each.is_dir()]
        )
        for each in (top, *below):
            if stat.S_IMODE(each.stat().st_mode) != mode:
                yield each.relative_to(storage).as_posix()


def test_no_folder_is_open_to_more_than_should_read_it(finished_sample: Finished) -> None:
    assert (finished_sample.storage / "audit" / "published").is_dir()
    assert list(_folders_too_wide(finished_sample.storage)) == []


def test_folders_that_an_earlier_version_left_open_are_closed_when_next_written(
    storage_of_before: Path, command: Callable[..., Ended]
) -> None:
    storage = storage_of_before / "storage"
    assert "audit" in set(_folders_too_wide(storage)), "as that version left it"
    folders = ("--catalogue", storage_of_before / "catalogue", "--storage", storage)
    for audience in ("published", "restricted"):
        assert command("audit", "--quarter", "2025-01-01", "--audience", audience, *folders).code == 0
    assert list(_folders_too_wide(storage)) == []
