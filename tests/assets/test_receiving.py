"""Receiving never looks at what the door withholds: only a supplier's check does."""

from __future__ import annotations

import ast
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from assets.receiving import receive
from disparity.datasets import DATASETS
from disparity.datasets.readable import WITHHELD
from disparity.periods import Quarter
from resources.settings import Settings
from resources.workplace import Workplace

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests" / "cases"


def test_a_quarter_is_received_without_an_inspection(
    cases_catalogue: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> None:
        pytest.fail("an inspection was made, or a withheld word was looked at")

    monkeypatch.setattr("resources.inspection.Inspection.__init__", never)
    monkeypatch.setattr("resources.inspection.WithheldWords.__init__", never)
    landing = tmp_path / "landing"
    landing.mkdir()
    shutil.copyfile(CASES / "spellings_of_ethnicity.csv", landing / "leavers.csv")
    settings = Settings.from_environment(
        {}, catalogue=cases_catalogue(tmp_path / "catalogue"), landing=landing, storage=tmp_path / "storage"
    )
    entry = receive(Workplace(settings), DATASETS["leavers"], Quarter.from_key("2026-07-01"))
    assert entry.facts["state"] == "received", entry.facts["words"]
    codes = entry.scan("text").collect()["ethnic_code"]
    assert (codes == WITHHELD).sum() == 13
    assert not {"White - British", "Prefer not to say"} & {*codes.to_list(), *map(str, entry.facts.values())}


def test_nothing_but_check_makes_an_inspection() -> None:
    makers = {
        path.relative_to(ROOT).as_posix()
        for folder in ("assets", "disparity", "pipelines", "reports", "resources")
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Inspection"
    }
    assert makers == {"pipelines/commands/checking.py"}
