"""Receiving: what is remembered of rows that a source's settings leave out, and what becomes of those nearly kept."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from assets.receiving import receive
from assets.recording import keep_records
from disparity.datasets import DATASETS
from disparity.periods import Quarter
from resources.settings import Settings
from resources.workplace import Workplace

CASES = Path(__file__).parents[1] / "cases"
QUARTER = Quarter.from_key("2026-07-01")


def test_rows_left_out_are_remembered_by_heading_without_a_word_and_those_nearly_kept_are_rejected(
    cases_catalogue: Callable[..., Path], tmp_path: Path
) -> None:
    kept = {
        "Primary Assignment": ["Y"],
        "Assignment Status": ["Active Assignment", "Internal Secondment", "Acting Up"],
    }
    folders = {name: tmp_path / name for name in ("catalogue", "landing", "storage")}
    cases_catalogue(folders["catalogue"], staff_in_post={"keep": kept})
    folders["landing"].mkdir()
    shutil.copy(CASES / "kept_words_that_nearly_match.csv", folders["landing"] / "staff_in_post.csv")
    workplace = Workplace(Settings.from_environment({}, **folders))
    facts = receive(workplace, DATASETS["staff_in_post"], QUARTER).facts
    assert (facts["rows"], facts["rows_left_out"]) == (8, 1)
    assert facts["left_out"] == [{"setting": "keep", "heading": "Primary Assignment", "rows": 1}]
    judged = keep_records(workplace, DATASETS["staff_in_post"], QUARTER).facts
    assert (judged["state"], judged["rows_accepted"], judged["rows_rejected"]) == ("refused", 2, 6)
    assert "keep (nearly one of the words kept under Assignment Status)" in judged["words"]
    assert not any(word in str((facts, judged)) for word in ("Active", "Acting up", "'Yes'", "'y'"))
