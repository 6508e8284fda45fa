"""The files by which a release differs from what was published of its quarter."""

from __future__ import annotations

from pathlib import Path

import pytest

from assets.differing import files_that_differ
from disparity.periods import Quarter
from reports.release.provenance import PROVENANCE
from resources.catalogue import DEFAULT
from resources.settings import Settings
from resources.workplace import Workplace

QUARTER = Quarter.from_key("2026-07-01")
FILES = {"index.html": b"page", "board-paper.pdf": b"paper", "appointed.svg": b"drawing"}


@pytest.fixture
def workplace(tmp_path: Path) -> Workplace:
    folders = {"catalogue": DEFAULT, "landing": tmp_path / "landing", "storage": tmp_path / "storage"}
    return Workplace(Settings.from_environment({}, **folders))


def keep(workplace: Workplace, stage: str, files: dict[str, bytes]) -> None:
    workplace.lake.put(f"restricted/{stage}", QUARTER, {}, files)


def test_before_anything_was_published_there_is_nothing_to_differ_from(workplace: Workplace) -> None:
    assert files_that_differ(workplace, "restricted", QUARTER) is None
    keep(workplace, "release", FILES)
    assert files_that_differ(workplace, "restricted", QUARTER) is None


def test_the_same_files_again_differ_in_nothing_whatever_made_them(workplace: Workplace) -> None:
    keep(workplace, "publication", FILES | {PROVENANCE: b"by the version before"})
    keep(workplace, "release", FILES | {PROVENANCE: b"by this version"})
    assert files_that_differ(workplace, "restricted", QUARTER) == []
    assert files_that_differ(workplace, "published", QUARTER) is None


def test_files_that_were_changed_added_or_left_out_are_named(workplace: Workplace) -> None:
    keep(workplace, "publication", FILES)
    kept = {name: content for name, content in FILES.items() if name != "appointed.svg"}
    keep(workplace, "release", kept | {"board-paper.pdf": b"another paper", "leavers.svg": b"drawing"})
    assert files_that_differ(workplace, "restricted", QUARTER) == [
        "appointed.svg",
        "board-paper.pdf",
        "leavers.svg",
    ]
