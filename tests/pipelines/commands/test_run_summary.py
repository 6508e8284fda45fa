"""What a run says of its extracts: once for what happened in several quarters, with the others named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from disparity.periods import Quarter
from pipelines.commands.run_summary import told_of_extracts
from resources.catalogue import DEFAULT
from resources.settings import Settings
from resources.workplace import Workplace

NOW = Quarter.from_key("2026-07-01")
LAST, BEFORE = NOW.plus(-1), NOW.plus(-2)
CODE = {"column": "ethnic_code", "rule": "not a known ethnic code", "rows": 2}
LATE = {"column": "completed_date", "rule": "belongs to Jan to Mar 2026", "rows": 1}


@pytest.fixture
def workplace(tmp_path: Path) -> Workplace:
    """A place where every required extract came for three quarters, and nothing was rejected."""
    folders = {"catalogue": DEFAULT, "landing": tmp_path / "landing", "storage": tmp_path / "storage"}
    workplace = Workplace(Settings.from_environment({}, **folders))
    for quarter in (BEFORE, LAST, NOW):
        for name in workplace.catalogue.organisation.required_datasets:
            record(workplace, name, quarter)
    return workplace


def record(workplace: Workplace, name: str, quarter: Quarter, **facts: Any) -> None:
    workplace.lake.put(f"records/{name}", quarter, {"state": "received", "words": ""} | facts, {})


def told(workplace: Workplace) -> list[str]:
    return list(told_of_extracts(workplace, [BEFORE, LAST, NOW]))


def test_nothing_is_said_where_all_is_well(workplace: Workplace) -> None:
    assert told(workplace) == []


def test_rejected_rows_of_three_quarters_are_one_sentence_of_the_latest(workplace: Workplace) -> None:
    for quarter, rules in ((BEFORE, [CODE]), (LAST, [CODE, LATE]), (NOW, [CODE])):
        record(workplace, "recruitment", quarter, rejected_by_rule=rules)
    (said,) = told(workplace)
    assert said.startswith("Recruitment of Jul to Sep 2026: some rows were rejected: not a known ethnic code")
    assert said.endswith("; rows were rejected, too, of Jan to Mar 2026, Apr to Jun 2026")
    assert "2 rows" not in said


def test_an_extract_that_never_came_is_said_once(workplace: Workplace) -> None:
    for quarter in (LAST, NOW):
        record(workplace, "leavers", quarter, state="not received")
    (said,) = told(workplace)
    assert "no file leavers_2026-07-01_invented.csv lies in" in said
    assert said.endswith("; nor did it come for Apr to Jun 2026")


def test_every_refusal_has_its_own_sentence(workplace: Workplace) -> None:
    for quarter, words in ((LAST, "it is a log-in page."), (NOW, "it is cut short.")):
        record(workplace, "leavers", quarter, state="refused", words=words, rejected_by_rule=[CODE])
    latest, earlier = told(workplace)
    assert latest.startswith("Leavers of Jul to Sep 2026: it is cut short. It lies in ")
    assert earlier.startswith("Leavers of Apr to Jun 2026: it is a log-in page. It lies in ")


def test_how_an_extract_was_read_is_said_of_the_quarter_asked_for_with_counts_by_the_policy(
    workplace: Workplace,
) -> None:
    left_out = [
        {"setting": "keep", "heading": "Primary Assignment", "rows": 23},
        {"setting": "in_force", "heading": "End", "rows": 3},
    ]
    facts = {"state": "received", "words": "blank rows were passed over", "left_out": left_out}
    for quarter in (LAST, NOW):
        workplace.lake.put("received/staff_in_post", quarter, facts, {})
    (said,) = told(workplace)
    assert said.startswith("Staff in post of Jul to Sep 2026: blank rows were passed over; ")
    assert "left out by keep, Primary Assignment: 25" in said
    assert said.endswith("End: [c]")
