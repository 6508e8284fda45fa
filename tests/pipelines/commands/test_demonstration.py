"""How the demonstration is opened in Dagster: by one word of `make ui`."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


def dry(*words: str) -> str:
    """What `make` would run, without running it, as if the environment were there."""
    asked = ["make", "--dry-run", "--no-print-directory", "--old-file=.venv/run.stamp", *words]
    return subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60).stdout


def test_make_ui_opens_ones_own_place_and_the_demonstration_on_request() -> None:
    assert dry("ui").rstrip().endswith("-m pipelines ui")
    opened = dry("ui", "DEMO=1").splitlines()[-1]
    assert opened.endswith("ui --catalogue catalogue --landing demo/landing --storage demo/storage")


@pytest.mark.parametrize("target", ["demo", "clean"])
def test_the_demonstration_has_one_folder(target: str) -> None:
    assert dry(target).rstrip().endswith(" demo")
