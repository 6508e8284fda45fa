"""The published place: whole files, the page last, nothing of an earlier release beside it."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest

import resources.publisher as publisher
from disparity.refusal import Refusal
from resources.publisher import publish_files

FIRST = {"index.html": b"page 1", "a.png": b"chart", "indicators.csv": b"numbers 1", "z.svg": b"drawing"}
SECOND = {"index.html": b"page 2", "indicators.csv": b"numbers 2"}


def held(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_files_are_there_whole_and_a_web_server_may_read_them(tmp_path: Path) -> None:
    folder = tmp_path / "published" / "2026-07-01"
    publish_files(folder, FIRST, below=tmp_path)
    assert held(folder) == FIRST
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o644}


@pytest.mark.parametrize(("readers", "mode"), [("owner", 0o700), ("group", 0o750), ("everybody", 0o755)])
@pytest.mark.parametrize("made_before", [False, True])
def test_every_folder_on_the_way_is_for_the_same_readers(
    tmp_path: Path, readers: publisher.Readers, mode: int, made_before: bool
) -> None:
    folder = tmp_path / "storage" / "audit" / "published" / "2026-07-01"
    if made_before:
        folder.mkdir(parents=True)  # as an earlier version made it
    publish_files(folder, FIRST, below=tmp_path / "storage", readers=readers)
    below = (folder, folder.parent, folder.parent.parent)
    assert {stat.S_IMODE(each.stat().st_mode) for each in below} == {mode}


def test_a_later_release_leaves_nothing_of_the_one_before(tmp_path: Path) -> None:
    publish_files(tmp_path, FIRST, below=tmp_path)
    (tmp_path / ".writing-left-by-a-killed-run").write_bytes(b"half")
    publish_files(tmp_path, SECOND, below=tmp_path)
    assert held(tmp_path) == SECOND


def test_the_index_alone_leaves_quarters_and_other_files(tmp_path: Path) -> None:
    publish_files(tmp_path / "2026-07-01", FIRST, below=tmp_path)
    (tmp_path / "robots.txt").write_bytes(b"kept")
    publish_files(tmp_path, {"index.html": b"index"}, below=tmp_path)
    assert held(tmp_path) == {"index.html": b"index", "robots.txt": b"kept"}
    assert held(tmp_path / "2026-07-01") == FIRST


def test_the_page_comes_last_and_a_failure_before_it_leaves_the_old_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_files(tmp_path, FIRST, below=tmp_path)
    written: list[str] = []
    whole = publisher.replace_file

    def watched(path: Path, content: bytes, **more: Any) -> None:
        written.append(path.name)
        if path.name == "indicators.csv":
            raise OSError(28, "No space left on device")
        whole(path, content, **more)

    with monkeypatch.context() as patched:
        patched.setattr(publisher, "replace_file", watched)
        with pytest.raises(Refusal, match="No space left on device"):
            publish_files(tmp_path, SECOND, below=tmp_path)
    assert held(tmp_path) == FIRST
    assert written == ["indicators.csv"]
    publish_files(tmp_path, SECOND, below=tmp_path)
    assert held(tmp_path) == SECOND


def test_publishing_the_same_twice_changes_nothing(tmp_path: Path) -> None:
    publish_files(tmp_path, FIRST, below=tmp_path)
    publish_files(tmp_path, FIRST, below=tmp_path)
    assert held(tmp_path) == FIRST


def test_a_place_that_cannot_be_written_is_a_refusal(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"in the way")
    with pytest.raises(Refusal, match="the folder cannot be written") as refused:
        publish_files(tmp_path / "file" / "2026-07-01", FIRST, below=tmp_path)
    assert "--storage" in str(refused.value)


def test_what_a_killed_publication_left_unfinished_goes_with_the_next(tmp_path: Path) -> None:
    (tmp_path / ".writing-index").write_bytes(b"half a page")
    (tmp_path / "2026-07-01").mkdir()
    publish_files(tmp_path, {"index.html": b"whole"}, below=tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir() if not path.name.startswith(".lock")) == [
        "2026-07-01",
        "index.html",
    ]
