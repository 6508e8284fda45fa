"""A full disk, a full temporary folder, an output that takes no more, names that steer a terminal: words, for real."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import pytest

KEY = "2026-07-01"
ROOT = Path(__file__).parents[2]
HEADINGS = "Employee Number,Termination Date,Ethnic Origin,Reason,Band,Directorate"


class Ended(Protocol):
    code: int
    out: str
    err: str


Command = Callable[..., Ended]


def ended(*arguments: object, most_bytes: int | None = None, **options: object) -> tuple[int, bytes, bytes]:
    """Run the installed program; no file it writes may have more than so many bytes."""

    def limit() -> None:
        if most_bytes is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))

    asked = [os.fsencode(each) if isinstance(each, Path) else str(each) for each in arguments]
    given = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "cwd": ROOT, "preexec_fn": limit} | options
    done = subprocess.run([sys.executable, "-m", "pipelines", *asked], check=False, **given)  # type: ignore[call-overload]
    assert b"Traceback" not in (done.stderr or b"")
    assert b"Exception ignored" not in (done.stderr or b"")
    return done.returncode, done.stdout or b"", done.stderr or b""


def test_an_output_that_takes_no_more() -> None:
    with open("/dev/full", "w") as full:
        code, _, said = ended("compare", "1/2", "3/4", stdout=full)
        assert (code, b"there is no room left on the disk" in said) == (1, True)
        assert ended("compare", "1/2", "3/4", stdout=full, stderr=full)[0] == 1


@pytest.fixture
def leavers(cases_catalogue: Callable[..., Path], tmp_path: Path) -> Callable[..., list[object]]:
    """Write a file of leavers by its name in bytes; return the words of the command that checks it."""
    catalogue = cases_catalogue(tmp_path / "catalogue")

    def written(name: bytes, headings: str = HEADINGS) -> list[object]:
        file = tmp_path / os.fsdecode(name)
        row = "20600000,14/08/2026,A,Retirement Age,Band 5,Medicine"
        file.write_text(f"{headings}\n{row}{',x' * (headings.count(',') - 5)}\n", encoding="utf-8")
        return ["check", file, "--dataset", "leavers", "--quarter", KEY, "--catalogue", catalogue]

    return written


def test_a_temporary_folder_that_cannot_be_written(leavers: Callable[..., list[object]]) -> None:
    code, out, said = ended(*leavers(b"leavers.csv"), most_bytes=0)
    assert (code, out) == (1, b"")
    assert b"no temporary folder can be written" in said


def test_a_name_of_a_file_that_is_no_utf_8(leavers: Callable[..., list[object]], command: Command) -> None:
    checked = command(*leavers(b"leavers\xff.csv"))
    assert (checked.code, checked.out) == (1, "")
    assert "leavers\\udcff.csv: the name of the file is no UTF-8" in checked.err


def test_nothing_in_a_name_or_a_heading_steers_the_terminal(
    leavers: Callable[..., list[object]], command: Command
) -> None:
    steering = "\x1b[2J\u202e\x9b"
    checked = command(*leavers(f"a{steering}\n.csv".encode(), f"{HEADINGS},Notes{steering}"))
    assert (checked.code, checked.err) == (0, "")
    assert checked.out.startswith("a\\x1b[2J\\u202e\\x9b\\n.csv: 1 row read\n")
    assert "headings left behind: Notes\\x1b[2J\\u202e\\x9b\n" in checked.out
    assert all(sign.isprintable() or sign == "\n" for sign in checked.out)


@pytest.mark.parametrize("kind", ["a folder", "a pipe, a socket or a device"])
def test_a_check_of_what_is_no_file(kind: str, tmp_path: Path, command: Command) -> None:
    path = tmp_path / "leavers.csv"
    path.mkdir() if kind == "a folder" else os.mkfifo(path)
    checked = command("check", path, "--dataset", "leavers")
    assert checked.code == 1
    assert f"leavers.csv: it is {kind}, not a file" in checked.err


@pytest.mark.long
@pytest.mark.parametrize("most_bytes", [20_000, 150_000])
def test_a_disk_that_fills_while_a_quarter_runs(most_bytes: int, place: Path) -> None:
    """At 20 kB no database can be made, at 150 kB Dagster's own record of the run cannot go on."""
    options = (
        "--landing",
        place / "landing",
        "--storage",
        place / "storage",
        "--catalogue",
        place / "catalogue",
    )
    code, _, said = ended("run", "--quarter", KEY, *options, most_bytes=most_bytes)
    assert code == 1
    assert b"What to do: " in said
