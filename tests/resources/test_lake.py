"""The lake: content addressed, pointer last, owner-only, and whole whatever is killed in between."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from disparity.periods import Quarter
from disparity.refusal import Refusal
from resources.lake import REGISTER, Damaged, Lake, alone, make_private_folder, replace_file, sha256_of

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


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def _cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _rename(path: Path) -> None:
    path.rename(path.with_name(f"copy of {path.name}"))


SPOILING: list[Callable[[Path], None]] = [_flip, _cut_off, _empty, _rename, Path.unlink]


def _spoilt(lake: Lake, spoil: Callable[[Path], None], name: str) -> Path:
    """Put an entry of three files, spoil its pointer or a file, and return that."""
    entry = lake.put(
        "counts/leaving", NOW, {"n": 1}, {"t.parquet": FRAME, "b.bin": b"second", "c.json": b"{}"}
    )
    path = lake.root / "counts/leaving" / f"{NOW.key}.json" if name == "pointer" else entry.files[name]
    spoil(path)
    return path


@pytest.mark.parametrize("name", ["pointer", "t.parquet", "b.bin", "c.json"])
@pytest.mark.parametrize("spoil", SPOILING)
def test_what_is_not_as_it_was_written_is_refused_and_made_anew(
    lake: Lake, spoil: Callable[[Path], None], name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = _spoilt(lake, spoil, name)
    for opened in (lake, Lake(lake.root)):
        with pytest.raises(Damaged, match=f"lake, counts/leaving of {NOW.words}: {path.name} is") as refused:
            # Whichever file is asked for: rows that were rejected are read by nobody.
            read(opened)
        assert f"race-equality run --quarter {NOW.key}" in str(refused.value)
        assert [(place, quarter) for place, quarter, _ in opened.damages()] == [("counts/leaving", NOW)]
        assert opened.holds("counts/leaving", NOW)
        assert opened.quarters("counts/leaving") == [NOW]
    assert lake.get_to_replace("counts/leaving", NOW) is None
    assert f"{path.name} is" in capsys.readouterr().err
    lake.put("counts/leaving", NOW, {"n": 1}, {"t.parquet": FRAME, "b.bin": b"second", "c.json": b"{}"})
    read(lake)
    assert list(lake.damages()) == []
    assert capsys.readouterr().err == ""


def read(lake: Lake) -> None:
    held = lake.get("counts/leaving", NOW)
    assert held is not None
    held.read("b.bin")
    held.scan("t")


def test_every_flipped_bit_of_a_pointer_is_noticed(lake: Lake) -> None:
    lake.put("counts/leaving", NOW, {"rows": 12, "words": "é"}, {"c.bin": b"x"})
    pointer = lake.root / "counts/leaving" / f"{NOW.key}.json"
    whole = pointer.read_bytes()
    for at in range(len(whole)):
        for bit in (1, 32):
            pointer.write_bytes(whole[:at] + bytes([whole[at] ^ bit]) + whole[at + 1 :])
            with pytest.raises(Damaged):
                lake.get("counts/leaving", NOW)


@pytest.mark.parametrize("other", ["another quarter", "another place", "the other file"])
def test_two_that_were_exchanged_are_refused(lake: Lake, other: str) -> None:
    files = {"a.bin": b"one", "b.bin": b"two"}
    entry = lake.put("counts/leaving", NOW, {}, files)
    lake.put("counts/leaving", NOW.plus(1), {"n": 1}, files)
    lake.put("counts/voice", NOW, {"n": 2}, files)
    assert list(lake.damages()) == []
    pointer = lake.root / "counts/leaving" / f"{NOW.key}.json"
    pairs = {
        "another quarter": (pointer, pointer.with_name(f"{NOW.plus(1).key}.json")),
        "another place": (pointer, lake.root / "counts/voice" / pointer.name),
        "the other file": tuple(entry.files.values()),
    }
    _exchange(*pairs[other])
    assert len(list(lake.damages())) == 2
    with pytest.raises(Damaged):
        read(lake)


def _exchange(one: Path, other: Path) -> None:
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)


def test_a_damaged_file_is_not_taken_over_under_another_name(lake: Lake) -> None:
    entry = lake.put("received/leavers", NOW, {}, {"text.parquet": FRAME})
    stored = {name: path.name for name, path in entry.files.items()}
    assert lake.files_of("received/leavers", NOW, stored) == entry.files
    _flip(entry.files["text.parquet"])
    with pytest.raises(Damaged):
        lake.files_of("received/leavers", NOW, stored)


def test_a_file_is_compared_once_and_again_when_it_changed(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake.put("counts/leaving", NOW, {}, {"b.bin": b"second", "t.parquet": FRAME})
    compared = []

    def counted(path: Path) -> str:
        compared.append(path.name)
        return sha256_of(path)

    monkeypatch.setattr("resources.lake.sha256_of", counted)
    for _ in range(3):
        read(lake)
    assert len(compared) == 2
    entry = lake.get("counts/leaving", NOW)
    assert entry is not None
    _flip(entry.files["b.bin"])
    with pytest.raises(Damaged):
        read(lake)


def test_a_lake_of_an_earlier_version_is_listed_and_sealed_and_its_versions_stay(lake: Lake) -> None:
    entry = lake.put("counts/leaving", NOW, {"n": 1.5, "words": ["é"]}, {"b.bin": b"second"})
    pointer = lake.root / "counts/leaving" / f"{NOW.key}.json"
    sealed = pointer.read_bytes()
    of_before = {name: each for name, each in json.loads(sealed).items() if name != "seal"}
    assert of_before.keys() == {"facts", "files"}
    pointer.write_bytes(json.dumps(of_before, sort_keys=True, indent=1).encode())
    assert hashlib.sha256(pointer.read_bytes()).hexdigest() == entry.version, (
        "records name what they rest on by it"
    )
    spoilt = lake.root / "counts/leaving" / f"{NOW.plus(1).key}.json"
    spoilt.write_bytes(b'{"facts"')
    (lake.root / REGISTER).unlink()
    opened = Lake(lake.root)
    assert opened.get("counts/leaving", NOW) == entry
    assert pointer.read_bytes() == sealed
    with pytest.raises(Damaged):
        opened.get("counts/leaving", NOW.plus(1))


def test_what_is_forgotten_is_not_missed(lake: Lake) -> None:
    _spoilt(lake, Path.unlink, "pointer")
    lake.forget("counts/leaving", NOW)
    assert lake.get("counts/leaving", NOW) is None
    assert list(Lake(lake.root).damages()) == []


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
