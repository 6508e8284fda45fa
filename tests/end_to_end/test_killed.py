"""A run killed at any stage and run again writes the same bytes as an undisturbed one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = Path(__file__).with_name("killed_runs.py")
STAGES = (
    "received: file",
    "received: pointer",
    "records: file",
    "records: pointer",
    "counts: file",
    "counts: pointer",
    "analyst/protected: pointer",
    "restricted/protected: pointer",
    "published/protected: pointer",
    "analyst/estimates: pointer",
    "restricted/estimates: pointer",
    "published/estimates: pointer",
    "published/release: file",
    "restricted/release: pointer",
    "published/release: pointer",
    "published/publication: pointer",
    "restricted/publication: pointer",
    "published/quarter: file",
    "published/quarter: page",
    "restricted/quarter: page",
    "published: page",
    "restricted: page",
    "commit to internal.db",
    "commit to results.db",
)


@pytest.mark.long
def test_killed_at_every_stage_and_run_again_it_writes_the_same_bytes(
    tmp_path: Path, few_indicators: Callable[..., Path]
) -> None:
    from pipelines.sample import write_sample

    names = ("ethnic_minority_share_of_staff", "appointed_from_shortlisting")
    few_indicators(tmp_path / "catalogue", "2026-04-01", names=names)
    write_sample(tmp_path / "landing", quarters=2, staff=300)
    ended = subprocess.run(
        [sys.executable, str(PROGRAM), str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False, timeout=900,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr[-3000:]
    told = json.loads(ended.stdout)
    assert {
        "published/index.html",
        "published/2026-04-01/index.html",
        "restricted/2026-07-01/index.html",
    } <= set(told["files"])
    assert not [name for name in told["files"] if ".writing-" in name]
    lacking = [stage for stage in STAGES if stage not in {each["stage"] for each in told["found"]}]
    assert not lacking, sorted(set(told["stages"]))
    assert not [each for each in told["found"] if each["killed"] != -9]
    assert not [each for each in told["found"] if each["again"] != 0 or each["differs"]]
