"""A run killed at any stage, or at any time, and run again writes the same bytes as an undisturbed one."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

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


Kill = Callable[..., dict[str, Any]]


@pytest.fixture
def kill(tmp_path: Path, few_indicators: Callable[..., Path]) -> Kill:
    """Run the program over invented extracts of two quarters; give what it found."""
    from pipelines.sample import write_sample

    names = ("ethnic_minority_share_of_staff", "appointed_from_shortlisting")
    few_indicators(tmp_path / "catalogue", "2026-04-01", names=names)
    write_sample(tmp_path / "landing", quarters=2, staff=300)

    def killed(*arguments: int, seconds: int) -> dict[str, Any]:
        ended = subprocess.run(
            [sys.executable, str(PROGRAM), str(tmp_path), *map(str, arguments)],
            env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False, timeout=seconds,
        )  # fmt: skip
        assert ended.returncode == 0, ended.stderr[-3000:]
        return dict(json.loads(ended.stdout))

    return killed


@pytest.mark.long
def test_killed_at_random_times_and_run_again_it_writes_the_same_bytes(
    kill: Kill, capsys: pytest.CaptureFixture[str]
) -> None:
    number = int(os.environ.get("RANDOM_KILLS", "20"))
    seed = random.randrange(2**32)
    told = kill(number, seed, seconds=300 + 60 * number)
    assert {"published/index.html", "restricted/2026-07-01/index.html"} <= set(told["files"])
    found = told["found"]
    assert len(found) == number
    otherwise = [each for each in found if each["again"] != 0 or each["differs"]]
    with capsys.disabled():
        sys.stdout.write(
            f"\n{number} runs killed, {sum(each['first'] for each in found)} of them the first of a storage; seed {seed}; "
            f"{len(otherwise)} ended otherwise when they were run again\n"
        )
    assert any(each["first"] for each in found)
    assert min(each["after"] for each in found) < 0.5 < max(each["after"] for each in found)
    assert not otherwise, f"seed {seed}"


@pytest.mark.long
def test_killed_at_every_stage_and_run_again_it_writes_the_same_bytes(kill: Kill) -> None:
    told = kill(seconds=900)
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
