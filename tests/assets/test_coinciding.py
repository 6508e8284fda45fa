"""Levels that lie within others in the records: named to the analyst, by what the policy shows."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from assets.coinciding import coinciding
from assets.counting import count_theme, recorded_when_counted
from disparity.counts.counting import Records
from disparity.datasets import DATASETS
from disparity.periods import Quarter
from disparity.populations.recorded import all_recorded, known_within
from resources.settings import Settings
from resources.workplace import Workplace

NOW = Quarter.from_key("2026-07-01")


def staff(bands: dict[str, tuple[int, int]]) -> pl.LazyFrame:
    """Return staff of each band, so many clinical and so many not."""
    rows = [
        (band, kind)
        for band, counts in bands.items()
        for kind, count in zip(("Clinical", "Non-clinical"), counts, strict=True)
        for _ in range(count)
    ]
    number = len(rows)
    columns = {
        "person": [str(each) for each in range(number)],
        "snapshot_date": [dt.date(2026, 9, 30)] * number,
        "band": [band for band, _ in rows],
        "staff_type": [kind for _, kind in rows],
        "directorate": ["Medicine", "Surgery"] * (number // 2) + ["Medicine"] * (number % 2),
        "senior_manager": [False] * number,
        "board_member": [False] * number,
        "ethnicity": ["white"] * number,
        "broad_group": ["White"] * number,
        "ethnicity_answer": ["known"] * number,
    }
    return pl.LazyFrame(columns)


@pytest.fixture
def workplace(tmp_path: Path) -> Workplace:
    return Workplace(Settings.from_environment({}, landing=tmp_path, storage=tmp_path / "storage"))


def counted(workplace: Workplace, bands: dict[str, tuple[int, int]]) -> list[str]:
    records = Records({**{name: {} for name in DATASETS}, "staff_in_post": {NOW: staff(bands)}})
    count_theme(workplace, "workforce", records, NOW)
    return list(coinciding(workplace, NOW, workplace.policy("published")))


def test_two_breakdowns_of_which_one_follows_from_the_other_are_named(workplace: Workplace) -> None:
    (sentence,) = counted(workplace, {"Consultant": (12, 0), "Band 5": (20, 15), "Band 6": (20, 15)})
    assert sentence.startswith("Staff in post: ")
    assert "(Pay band within Clinical and non-clinical)" in sentence
    assert "Consultant" not in sentence, "no level is named"


def test_of_fewer_than_ten_people_nothing_is_common_knowledge(workplace: Workplace) -> None:
    assert counted(workplace, {"Consultant": (9, 0), "Band 5": (20, 15), "Band 6": (20, 15)}) == []


def test_where_nothing_lies_within_anything_nothing_is_said(workplace: Workplace) -> None:
    assert counted(workplace, {"Consultant": (12, 1), "Band 5": (20, 15), "Band 6": (20, 15)}) == []


def test_what_is_recorded_is_of_the_columns_and_levels_and_of_no_person(workplace: Workplace) -> None:
    counted(workplace, {"Consultant": (12, 0), "Band 5": (20, 15), "Band 6": (20, 15)})
    recorded = all_recorded(recorded_when_counted(workplace, NOW))["staff_in_post", NOW.key]
    assert recorded.blank["band"] is False
    assert recorded.blank["staff_group"] is True, "a column that the records have not is blank"
    assert set(recorded.blank) == {
        name
        for name, each in DATASETS["staff_in_post"].columns(workplace.vocabulary).items()
        if each.kind != "identifier"
    }
    assert known_within([recorded]) == {("band", "Consultant"): (("staff_type", "Clinical"),)}
    assert known_within([recorded, None]) == {}, "of a quarter of which nothing is recorded it is not known"
