"""A command's temporary folder: what a killed one left goes, what a living one uses stays."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from resources.temporary import temporary_folder

HOLDING = """
import sys, tempfile
from resources.temporary import temporary_folder
tempfile.tempdir = sys.argv[1]
with temporary_folder("check") as folder:
    (folder / "text.parquet").write_text("rows")
    print(folder, flush=True)
    sys.stdin.read()
"""


def test_the_next_clears_what_a_killed_one_left_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / "somebody else's").mkdir()
    (tmp_path / "race-equality-link").symlink_to(tmp_path / "somebody else's")
    holding = [
        subprocess.Popen(
            [sys.executable, "-c", HOLDING, str(tmp_path)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2],
        )
        for _ in range(2)
    ]  # fmt: skip
    killed, living = (Path(each.stdout.readline().strip()) for each in holding if each.stdout)
    holding[0].kill()
    holding[0].communicate()
    assert killed.exists()
    with temporary_folder("run") as ours:
        assert not killed.exists()
        assert (living / "text.parquet").exists()
        assert Path(tempfile.mkdtemp()).parent == ours
    holding[1].communicate("")
    assert {path.name for path in tmp_path.iterdir()} == {"somebody else's", "race-equality-link"}
    assert tempfile.tempdir == str(tmp_path)
