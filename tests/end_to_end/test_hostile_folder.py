"""No Python file of the folder that a command is started in is executed, whatever its name: a supplier may put it there.

`ui` is started in such a folder by tests/browser/conftest.py.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hostile_folder import HostileFolder

PROGRAM = [str(Path(sys.executable).parent / "race-equality")]
BY_HABIT = [sys.executable, "-m", "pipelines"]
CASES = Path(__file__).parents[1] / "cases"


def said_by(command: list[str], *arguments: object, folder: Path) -> str:
    ended = subprocess.run(
        [*command, *map(str, arguments)], cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        check=False, timeout=300,
    )  # fmt: skip
    assert "Traceback" not in ended.stdout
    return ended.stdout


def test_the_files_would_be_executed(tmp_path: Path) -> None:
    hostile = HostileFolder(tmp_path / "landing")
    program = [sys.executable, "-c", "import gql, yaml, dagster, disparity"]
    subprocess.run(program, cwd=tmp_path / "landing", check=True)
    assert hostile.executed == ["dagster", "disparity", "gql", "yaml"]


@pytest.mark.long
@pytest.mark.parametrize("command", [PROGRAM, BY_HABIT], ids=["program", "by_habit"])
def test_check_executes_nothing_of_its_folder_nor_does_the_process_that_reads(
    command: list[str], cases_catalogue: Callable[..., Path], tmp_path: Path
) -> None:
    hostile = HostileFolder(tmp_path / "landing", standard_library=command is PROGRAM)
    if command is BY_HABIT:
        # Without -P Python itself looks there for what it is asked to run, and for some modules of its own, before any line
        # of ours is read.
        (tmp_path / "landing" / "pipelines.py").unlink()
    catalogue = cases_catalogue(tmp_path / "catalogue", learning_budget={"format": "xlsx"})
    asked = ["check", CASES / "error_cells.xlsx", "--dataset", "learning_budget", "--catalogue", catalogue]
    said = said_by(command, *asked, folder=tmp_path / "landing")
    assert "completed: unreadable: 1 row (row 7)" in said
    assert hostile.executed == []


@pytest.mark.long
def test_run_executes_nothing_of_its_folder(tmp_path: Path) -> None:
    hostile = HostileFolder(tmp_path / "landing")
    asked = ["run", "--quarter", "2026-07-01", "--landing", ".", "--storage", tmp_path / "storage"]
    assert "is not released" in said_by(PROGRAM, *asked, folder=tmp_path / "landing")
    assert hostile.executed == []
