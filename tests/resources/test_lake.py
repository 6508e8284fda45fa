"""The lake: content addressed, pointer last, owner-only, and whole whatever is killed in between."""

from __future__ import annotations

import hashlib
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from disparity.periods import Quarter
from disparity.refusal import Refusal
from resources.lake import Lake, alone, make_private_folder, replace_file, sha256_of

NOW = Quarter.from_key("2026-07-01")
FRAME = pl.DataFrame({"a": [1, 2], "b": ["x", None]})


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


def tree(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_what_is_put_is_got(lake: Lake, tmp_path: Path) -> None:
    lent = tmp_path / "made elsewhere"
    lent.write_bytes(b"third")
    put = lake.put(
        "records/leavers", NOW, {"rows": 2}, {"t.parquet": FRAME, "b.bin": b"second", "c.bin": lent}
    )
    got = lake.get("records/leavers", NOW)
    assert got == put
    assert got is not None
    assert got.facts == {"rows": 2}
    assert got.scan("t").collect().equals(FRAME)
    assert (got.read("b.bin"), got.read("c.bin")) == (b"second", b"third")
    assert not lent.exists(), "a file that is lent is taken"


def test_what_was_never_put_is_none(lake: Lake) -> None:
    lake.put("records/leavers", NOW, {}, {})
    assert lake.get("records/leavers", NOW.plus(-1)) is None
    assert lake.get("records/recruitment", NOW) is None


def test_files_are_named_by_content_and_the_same_content_changes_nothing(lake: Lake) -> None:
    first = lake.put("counts/leaving", NOW, {"n": 1}, {"c.bin": b"same", "t.parquet": FRAME})
    before = tree(lake.root)
    second = lake.put("counts/leaving", NOW, {"n": 1}, {"t.parquet": FRAME, "c.bin": b"same"})
    assert first == second
    assert tree(lake.root) == before
    assert hashlib.sha256(b"same").hexdigest()[:32] in first.files["c.bin"].name
    assert sha256_of(first.files["c.bin"]) == hashlib.sha256(b"same").hexdigest()


def test_other_content_or_facts_make_another_version_and_the_old_file_stays(lake: Lake) -> None:
    old = lake.put("counts/leaving", NOW, {}, {"c.bin": b"old"})
    new = lake.put("counts/leaving", NOW, {}, {"c.bin": b"new"})
    noted = lake.put("counts/leaving", NOW, {"note": 1}, {"c.bin": b"new"})
    assert len({old.version, new.version, noted.version}) == 3
    assert old.read("c.bin") == b"old", "a reader that holds the old pointer still reads it"
    held = lake.get("counts/leaving", NOW)
    assert held is not None
    assert held.read("c.bin") == b"new"


def test_quarters_and_places_are_apart(lake: Lake) -> None:
    lake.put("counts/leaving", NOW, {"at": "now"}, {})
    lake.put("counts/leaving", NOW.plus(1), {"at": "next"}, {})
    lake.put("published/counts/leaving", NOW, {"at": "elsewhere"}, {})
    found = [lake.get("counts/leaving", NOW), lake.get("counts/leaving", NOW.plus(1))]
    assert [each.facts["at"] for each in found if each] == ["now", "next"]


def test_everything_is_its_owners_alone(lake: Lake) -> None:
    before = os.umask(0)
    try:
        lake.put("published/protected/leaving", NOW, {}, {"c.bin": b"x", "t.parquet": FRAME})
    finally:
        os.umask(before)
    for path in (lake.root, *lake.root.rglob("*")):
        expected = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == expected, path.name


def test_nothing_is_left_aside(lake: Lake) -> None:
    with lake.aside() as lent:
        (lent / "half").write_text("written")
        assert stat.S_IMODE(lent.stat().st_mode) == 0o700
        lake.put("counts/leaving", NOW, {}, {"c.bin": b"x"})
        assert (lent / "half").exists(), "what another is writing is left alone"
    assert not list(lake.root.rglob(".writing-*"))


@pytest.mark.parametrize("fails", ["Path.replace", "os.replace", "json.dumps", "os.fsync"])
def test_a_failure_at_any_step_leaves_the_old_content(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    lake.put("counts/leaving", NOW, {"n": 1}, {"c.bin": b"old"})
    before = lake.get("counts/leaving", NOW)

    def broken(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(f"resources.lake.{fails}", broken)
        with pytest.raises(KeyboardInterrupt):
            lake.put("counts/leaving", NOW, {"n": 2}, {"c.bin": b"new"})
    assert lake.get("counts/leaving", NOW) == before
    assert before is not None
    assert before.read("c.bin") == b"old"
    assert not list(lake.root.rglob(".writing-*"))
    after = lake.put("counts/leaving", NOW, {"n": 2}, {"c.bin": b"new"})
    assert after.read("c.bin") == b"new"


KILLED = """
import os, signal, sys
from pathlib import Path
from disparity.periods import Quarter
import resources.lake as it
lake = it.Lake(Path(sys.argv[1]))
it.replace_file = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
with lake.aside() as lent:
    (lent / "personal.txt").write_text("half written")
    lake.put("counts/leaving", Quarter.from_key("2026-07-01"), {}, {"c.bin": b"new"})
"""


def test_a_killed_process_leaves_the_old_content_and_the_next_clears_up_after_it(lake: Lake) -> None:
    lake.put("counts/leaving", NOW, {}, {"c.bin": b"old"})
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", KILLED, str(lake.root)], cwd=root, check=False)
    assert done.returncode == -signal.SIGKILL
    held = lake.get("counts/leaving", NOW)
    assert held is not None
    assert held.read("c.bin") == b"old"
    assert list(lake.root.rglob("personal.txt")), "else this shows nothing"
    assert lake.put("counts/leaving", NOW, {}, {"c.bin": b"new"}).read("c.bin") == b"new"
    assert not list(lake.root.rglob(".writing-*"))


PUTS_OFTEN = """
import sys
from pathlib import Path
from disparity.periods import Quarter
from resources.lake import Lake
lake = Lake(Path(sys.argv[1]))
for _ in range(20):
    lake.put("counts/leaving", Quarter.from_key("2026-07-01"), {"of": sys.argv[2]}, {"c.bin": sys.argv[2].encode()})
"""


def test_two_at_once_end_in_one_whole(lake: Lake) -> None:
    root = Path(__file__).parents[2]
    both = [
        subprocess.Popen([sys.executable, "-c", PUTS_OFTEN, str(lake.root), each], cwd=root)
        for each in ("one", "two")
    ]
    assert [process.wait() for process in both] == [0, 0]
    held = lake.get("counts/leaving", NOW)
    assert held is not None
    assert held.read("c.bin").decode() == held.facts["of"]
    assert not list(lake.root.rglob(".writing-*"))


def test_a_folder_that_cannot_be_written_is_a_refusal(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Refusal, match="the folder cannot be written") as refused:
        Lake(tmp_path / "file" / "lake")
    assert "--storage" in str(refused.value)
    with pytest.raises(Refusal):
        make_private_folder(tmp_path / "file")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_below_one_that_may_not_be_written_is_a_refusal(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(Refusal):
            Lake(tmp_path / "lake")
    finally:
        tmp_path.chmod(0o700)


def test_a_folder_that_others_could_enter_is_closed(tmp_path: Path) -> None:
    folder = tmp_path / "open"
    folder.mkdir(mode=0o755)
    assert stat.S_IMODE(make_private_folder(folder).stat().st_mode) == 0o700


def test_a_file_is_replaced_whole_with_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "it"
    path.write_bytes(b"old and longer")
    replace_file(path, b"new", mode=0o644)
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"new", 0o644)
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_is_held_by_one_at_a_time(tmp_path: Path) -> None:
    with alone(tmp_path), pytest.raises(BlockingIOError), alone(tmp_path, wait=False):
        pass
    with alone(tmp_path, wait=False):
        pass
