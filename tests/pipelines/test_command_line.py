"""The command line: what it can do, and how each mistake ends: a sentence, exit 1, no traceback."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import pytest

from resources.catalogue import DEFAULT, load_catalogue

ROOT = Path(__file__).parents[2]


class Ended(Protocol):
    code: int
    out: str
    err: str


class Finished(Protocol):
    catalogue: Path
    landing: Path
    storage: Path
    key: str


Command = Callable[..., Ended]


def test_help_lists_what_people_use_and_hides_the_rest(command: Command) -> None:
    said = command("--help").out
    for name in ("sample", "check", "run", "publish", "status", "explain"):
        assert f" {name} " in said
    assert " demo " not in said
    assert " ui " not in said


NO_QUARTERS = (
    "2026-07-02", "2026-08-01", "banana", "2026", "20260701x", "2026-13-01", "", "9999-10-01", "0001-01-01",
)  # fmt: skip


@pytest.mark.parametrize("key", NO_QUARTERS)
def test_what_is_no_quarter_is_refused(key: str, command: Command, tmp_path: Path) -> None:
    ended = command("run", "--quarter", key, "--storage", tmp_path / "storage")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith(f"--quarter: {key!r} is not a quarter. Rule: ")
    assert "in a year from 1900 to 2199" in ended.err
    assert not (tmp_path / "storage").exists()


def test_a_sample_of_no_quarter_or_below_nought_is_refused(command: Command, tmp_path: Path) -> None:
    ended = command("sample", "--out", tmp_path / "out", "--last-quarter", "0001-04-01")
    assert ended.code == 1
    assert ended.err.startswith("--last-quarter: '0001-04-01' is not a quarter. Rule: ")
    assert command("sample", "--out", tmp_path / "out", "--seed", -5).code == 2
    assert not (tmp_path / "out").exists()


def test_a_sample_that_cannot_be_written_is_refused(command: Command, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a file")
    ended = command("sample", "--out", tmp_path / "file" / "out", "--quarters", 1, "--staff", 60)
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith(
        f"{tmp_path}/file/out: the sample cannot be written (Not a directory). Rule: "
    )
    assert len(ended.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("key", "span"), [("2099-01-01", "Jan to Mar 2099"), ("2023-07-01", "Jul to Sep 2023")]
)
def test_a_quarter_not_closed_or_before_the_first_is_refused(
    key: str, span: str, command: Command, tmp_path: Path
) -> None:
    ended = command("run", "--quarter", key, "--storage", tmp_path / "storage", "--landing", tmp_path)
    assert ended.code == 1
    assert f"{span} is not a quarter to report on" in ended.err
    assert "quarters run from Oct to Dec 2023" in ended.err
    assert len(ended.err.splitlines()) == 1
    assert not (tmp_path / "storage" / "lake").exists()


def test_a_sample_says_where_it_is_and_what_was_planted(command: Command, tmp_path: Path) -> None:
    ended = command("sample", "--out", tmp_path / "out", "--quarters", 1, "--staff", 60)
    assert ended.code == 0
    assert "Invented extracts of 1 quarters" in ended.out or "Invented extracts of 1 quarter " in ended.out
    assert str(tmp_path / "out" / "manifest_invented.json") in ended.out
    assert all("invented" in path.name for path in (tmp_path / "out").iterdir())


def test_a_sample_has_as_many_staff_as_the_catalogue_of_its_kind_speaks_of(
    command: Command, tmp_path: Path
) -> None:
    ended = command("sample", "--out", tmp_path, "--quarters", 1, "--profile", "membership_body")
    assert ended.code == 0
    manifest = json.loads((tmp_path / "manifest_invented.json").read_text(encoding="utf-8"))
    headcount = load_catalogue(
        DEFAULT.parent / "catalogue_examples" / "membership_body"
    ).organisation.headcount
    assert manifest["staff"] == headcount == 120


def test_a_profile_there_is_not_is_refused(command: Command, tmp_path: Path) -> None:
    ended = command("sample", "--out", tmp_path / "out", "--profile", "university")
    assert ended.code == 2
    assert "'trust', 'membership_body'" in ended.err
    assert not (tmp_path / "out").exists()


def test_nothing_is_published_that_was_not_released(
    command: Command, tmp_path: Path, finished_sample: Finished
) -> None:
    places = ("--storage", tmp_path / "storage", "--catalogue", finished_sample.catalogue)
    ended = command("publish", "--quarter", finished_sample.key, "--approved-by", "A. Tester", *places)
    assert ended.code == 1
    assert "nothing was released" in ended.out + ended.err
    assert "Traceback" not in ended.out + ended.err
    assert not (tmp_path / "storage" / "published").exists()


@pytest.mark.parametrize("name", ["", "   ", "\t"])
def test_nobody_approves_without_a_name(
    name: str, command: Command, tmp_path: Path, finished_sample: Finished
) -> None:
    places = ("--storage", tmp_path / "storage", "--catalogue", finished_sample.catalogue)
    ended = command("publish", "--quarter", finished_sample.key, "--approved-by", name, *places)
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith(
        "--approved-by: no name is given. Rule: a release is approved by a named person"
    )
    assert not (tmp_path / "storage").exists()


def test_status_tells_every_quarter(command: Command, finished_sample: Finished) -> None:
    ended = command("status", "--storage", finished_sample.storage, "--catalogue", finished_sample.catalogue)
    assert ended.code == 0
    lines = {line.split("│")[1].strip(): line for line in ended.out.splitlines() if line.startswith("│")}
    assert list(lines) == ["Oct to Dec 2025", "Jan to Mar 2026", "Apr to Jun 2026", "Jul to Sep 2026"]
    assert lines["Jul to Sep 2026"].count("published") == 2
    assert lines["Oct to Dec 2025"].count("received") == 6
    assert lines["Jan to Mar 2026"].count("received") == 5


def test_status_tells_what_is_damaged_and_shows_the_rest(
    command: Command, finished_sample: Finished, tmp_path: Path
) -> None:
    storage = tmp_path / "storage"
    shutil.copytree(finished_sample.storage, storage)
    for spoilt in ("records/leavers", "published/publication"):
        pointer = storage / "lake" / spoilt / f"{finished_sample.key}.json"
        pointer.write_bytes(pointer.read_bytes()[:40])
    ended = command("status", "--storage", storage, "--catalogue", finished_sample.catalogue)
    assert ended.code == 1, ended.err
    (line,) = [line for line in ended.out.splitlines() if line.startswith("│ Jul to Sep 2026")]
    assert (line.count("DAMAGED"), line.count("received"), line.count("published")) == (2, 4, 1)
    said = [line for line in ended.out.splitlines() if line.startswith("DAMAGED: ")]
    assert [each.partition(": ")[2].partition(":")[0] for each in said] == [
        "lake, published/publication of Jul to Sep 2026",
        "lake, records/leavers of Jul to Sep 2026",
    ]
    for each, again in zip(said, ("publish", "run"), strict=True):
        assert f"race-equality {again} --quarter {finished_sample.key}" in each


def test_status_tells_of_files_that_no_command_reads(
    command: Command, finished_sample: Finished, tmp_path: Path
) -> None:
    """Rows that were rejected, and pages that were published."""
    storage = tmp_path / "storage"
    shutil.copytree(finished_sample.storage, storage)
    rejected = next((storage / "lake" / "records" / "staff_in_post").glob("rejected-*"))
    page = storage / "published" / finished_sample.key / "index.html"
    for each in (rejected, page):
        content = bytearray(each.read_bytes())
        content[len(content) // 2] ^= 1
        each.write_bytes(content)
    (storage / "published" / finished_sample.key / "workbook.xlsx").unlink()
    ended = command("status", "--storage", storage, "--catalogue", finished_sample.catalogue)
    assert ended.code == 1
    assert f"{rejected.name} is not as it was written" in ended.out
    assert (
        "published, Jul to Sep 2026: these files are not as they were published: index.html, workbook.xlsx."
        in ended.out
    )


def test_status_of_an_empty_place_says_how_to_begin(command: Command, tmp_path: Path) -> None:
    ended = command("status", "--storage", tmp_path / "storage")
    assert ended.code == 0
    assert "Nothing has been run yet" in ended.out


def test_settings_come_from_the_environment_too(
    command: Command, finished_sample: Finished, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RACE_EQUALITY_STORAGE", str(finished_sample.storage))
    monkeypatch.setenv("RACE_EQUALITY_CATALOGUE", str(finished_sample.catalogue))
    assert "Jul to Sep 2026" in command("status").out


def test_the_module_runs_as_a_program_and_ends_without_a_traceback(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "pipelines", "run", "--quarter", "2026-07-01", "--catalogue", tmp_path / "none"],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith(f"{tmp_path / 'none'}: there is no such folder.")
    assert len(ended.stderr.splitlines()) == 1
