"""Tests of the catalogue's expectations, judged by Great Expectations over profiles in SQLite."""

from __future__ import annotations

import os
import re
import socket
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from pydantic import TypeAdapter

from disparity.catalogue.expectations import Expectation, Expectations
from disparity.datasets.profile import SCHEMA
from disparity.periods import Quarter
from disparity.refusal import Refusal
from resources import expectations
from resources.databases import default_url, open_database, save_profile
from resources.expectations import AS_EXPECTED, validate_profiles
from resources.yaml_lines import read_yaml

ROOT = Path(__file__).resolve().parents[2]
SUMMER = Quarter.from_key("2026-07-01")
SUITES: dict[str, tuple[Expectation, ...]] = TypeAdapter(Expectations).validate_python(
    read_yaml(ROOT / "catalogue" / "expectations.yaml").value
)
ALL = [each for suite in SUITES.values() for each in suite]

Profile = dict[tuple[str, str, str], float]
KNOWN = {("share", "ethnicity_answer", "known"): 96.0}
USUAL: dict[str, Profile] = {
    "staff_in_post": {
        ("rows", "", ""): 3000,
        **KNOWN,
        ("share", "ethnicity", "white"): 78,
        ("share", "ethnicity", "ethnic_minority"): 18,
        ("share", "band", "Band 5"): 40,
        ("share", "directorate", "Medicine"): 30,
    },
    "recruitment": {("rows", "", ""): 900, **KNOWN, ("share", "shortlisted", "true"): 30},
    "learning_budget": {("rows", "", ""): 250, ("sum", "cost", ""): 60_000},
    "leavers": {("rows", "", ""): 90, **KNOWN},
    "staff_survey": {("rows", "", ""): 1700},
    "exit_interviews": {("rows", "", ""): 40},
}
STRANGE: dict[str, Profile] = {
    "staff_in_post": {
        ("rows", "", ""): 1500,
        ("share", "ethnicity_answer", "known"): 89,
        ("share", "ethnicity", "white"): 70,
        ("share", "ethnicity", "ethnic_minority"): 18,
        ("share", "band", "Band 5"): 46,
        ("share", "directorate", "Medicine"): 24,
    },
    "recruitment": {
        ("rows", "", ""): 2000,
        ("share", "ethnicity_answer", "known"): 79,
        ("share", "shortlisted", "true"): 46,
    },
    "learning_budget": {("rows", "", ""): 100, ("sum", "cost", ""): 10_000},
    "leavers": {("rows", "", ""): 600, ("share", "ethnicity_answer", "known"): 80},
    "staff_survey": {("rows", "", ""): 2600},
    "exit_interviews": {("rows", "", ""): 1000},
}


def save(url: str, quarter: Quarter, profiles: dict[str, Profile]) -> None:
    """Save the profiles of a quarter."""
    engine = open_database("internal", url)
    for dataset, numbers in profiles.items():
        rows = [(*key, float(value)) for key, value in numbers.items()]
        save_profile(engine, dataset, quarter, pl.DataFrame(rows, schema=SCHEMA, orient="row"))
    engine.dispose()


@pytest.fixture
def url(tmp_path: Path) -> str:
    """An internal database with four usual quarters before the summer's, in a folder with an awkward name."""
    address = default_url("internal", tmp_path / "its $HOME {folder}")
    for back in range(1, 5):
        save(address, SUMMER.plus(-back), USUAL)
    return address


def of(query: str) -> dict[str, tuple[Expectation, ...]]:
    """Make a suite of one query."""
    return {"own": (Expectation(name="own", sentence="It differs.", query=query),)}


def test_usual_extracts_are_as_expected(url: str, tmp_path: Path) -> None:
    save(url, SUMMER, USUAL)
    findings = validate_profiles(url, SUMMER, SUITES, tmp_path / "docs")
    assert [each.name for each in findings] == [each.name for each in ALL]
    assert {(each.ok, each.judged, each.sentence) for each in findings} == {(True, True, AS_EXPECTED)}


def test_strange_extracts_fail_every_expectation_and_each_says_its_sentence(url: str, tmp_path: Path) -> None:
    save(url, SUMMER, STRANGE)
    findings = validate_profiles(url, SUMMER, SUITES, tmp_path / "docs")
    assert [(each.name, each.ok, each.sentence) for each in findings] == [
        (each.name, False, each.sentence) for each in ALL
    ]


def test_a_first_quarter_has_nothing_to_compare_with(tmp_path: Path) -> None:
    url = default_url("internal", tmp_path)
    save(url, SUMMER, USUAL)
    said = {each.name: each for each in validate_profiles(url, SUMMER, SUITES, tmp_path / "docs")}
    volume = said["staff_in_post_much_as_before"]
    assert (volume.ok, volume.judged) == (True, False)
    assert volume.sentence == (
        "Nothing to compare with yet: no extract of staff in post for the quarters from Jul to Sep 2025 to "
        "Apr to Jun 2026."
    )
    assert said["staff_in_post_bands_much_as_before"].sentence == (
        "Nothing to compare with yet: no extract of staff in post for Apr to Jun 2026."
    )
    assert said["ethnicity_known_for_most_staff"].judged


def test_a_dataset_that_was_not_received_is_not_judged(url: str, tmp_path: Path) -> None:
    save(url, SUMMER, {name: profile for name, profile in USUAL.items() if name != "staff_survey"})
    said = {each.name: each for each in validate_profiles(url, SUMMER, SUITES, tmp_path / "docs")}
    assert said["replies_no_more_than_staff"].sentence == (
        "Not judged: no extract of staff survey for Jul to Sep 2026."
    )
    assert {name for name, each in said.items() if not each.judged} == {
        "replies_no_more_than_staff",
        "survey_replies_much_as_last_year",
    }


def test_without_anything_to_judge_there_is_still_a_page_that_says_so(tmp_path: Path) -> None:
    url = default_url("internal", tmp_path)
    findings = validate_profiles(url, SUMMER, SUITES, tmp_path / "docs")
    assert not any(each.judged for each in findings)
    assert "not judged" in (tmp_path / "docs" / "2026-07-01" / "index.html").read_text(encoding="utf-8")


def test_pages_are_the_owners_alone_and_ask_nothing_of_other_servers(url: str, tmp_path: Path) -> None:
    save(url, SUMMER, STRANGE)
    for _ in range(2):
        validate_profiles(url, SUMMER, SUITES, tmp_path / "docs")
    assert [each.name for each in (tmp_path / "docs").iterdir()] == ["2026-07-01"]
    for folder in (tmp_path / "docs", tmp_path / "docs" / "2026-07-01"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    pages = {path: path.read_text(encoding="utf-8") for path in (tmp_path / "docs").rglob("*.html")}
    assert len(pages) == 1 + 2 * len(SUITES)
    for html in pages.values():
        assert not re.search(r"<script|<(link|img|iframe)\b[^>]*(https?:)?//|url\(['\"]?(https?:)?//", html)
    index = pages[tmp_path / "docs" / "2026-07-01" / "index.html"]
    assert all(each.sentence in index.replace("&#x27;", "'") for each in ALL)
    for link in re.findall(r'href="([^"]+)"', index):
        assert (tmp_path / "docs" / "2026-07-01" / link).is_file()


def test_nothing_leaves_the_machine(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise AssertionError("a connection was tried")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    save(url, SUMMER, USUAL)
    assert all(each.ok for each in validate_profiles(url, SUMMER, SUITES, tmp_path / "docs"))
    assert os.environ["GX_ANALYTICS_ENABLED"] == "false"


def test_importing_the_module_does_not_import_great_expectations() -> None:
    code = "import sys, resources.expectations; sys.exit('great_expectations' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_odd_words_in_a_query_are_words(url: str, tmp_path: Path) -> None:
    odd = ['a {batch} of it\'s: "50%"', ":quarter {0}"]
    save(url, SUMMER, {"leavers": {("share", "band", each): 1.0 for each in odd}})
    begins = "SELECT value FROM profile WHERE dataset = 'leavers' AND quarter = :quarter AND category = "
    queries = [begins + "'" + each.replace("'", "''") + "'" for each in (*odd, "another {0}")]
    suite = [
        Expectation(name=f"own_{at}", sentence="It is there.", query=query)
        for at, query in enumerate(queries)
    ]
    findings = validate_profiles(url, SUMMER, {"own": suite}, tmp_path / "docs")
    assert [each.ok for each in findings] == [False, False, True]


def test_a_query_that_the_database_cannot_run_is_refused(url: str, tmp_path: Path) -> None:
    save(url, SUMMER, USUAL)
    query = "SELECT STDDEV(value) FROM profile WHERE dataset = 'leavers' AND quarter = :quarter"
    with pytest.raises(Refusal, match="own: it cannot be evaluated") as refusal:
        validate_profiles(url, SUMMER, of(query), tmp_path / "docs")
    assert refusal.value.__cause__ is None
    assert list((tmp_path / "docs").iterdir()) == []


ENDLESS = (
    "WITH RECURSIVE n(one) AS (SELECT 1 UNION ALL SELECT one + 1 FROM n) "
    "SELECT COUNT(*) FROM n CROSS JOIN profile WHERE dataset = 'leavers' AND quarter = :quarter"
)


def test_a_query_without_end_is_stopped_and_named(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(url, SUMMER, USUAL)
    monkeypatch.setattr(expectations, "LIMIT_SECONDS", 0.2)
    with pytest.raises(Refusal, match=r"expectations\.yaml, own: the query took longer than 0\.2 seconds"):
        validate_profiles(url, SUMMER, of(ENDLESS), tmp_path / "docs")
    assert list((tmp_path / "docs").iterdir()) == []


PLAIN = "SELECT value FROM profile WHERE dataset = 'leavers' AND quarter = :quarter"


@pytest.mark.parametrize("name", ["ledger", "analyst_estimate", "internal_version", "other.profile"])
def test_no_other_table_is_there_though_the_catalogue_had_let_it_through(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    save(url, SUMMER, USUAL)
    monkeypatch.setattr(Expectation, "sql", lambda *_: f"SELECT * FROM {name}")
    with pytest.raises(Refusal, match="own: it cannot be evaluated"):
        validate_profiles(url, SUMMER, of(PLAIN), tmp_path / "docs")


def test_the_table_of_tables_names_the_profile_alone(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(url, SUMMER, USUAL)
    others = "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'profile'"
    monkeypatch.setattr(Expectation, "sql", lambda *_: others)
    (finding,) = validate_profiles(url, SUMMER, of(PLAIN), tmp_path / "docs")
    assert finding.ok


def test_a_query_that_finds_more_than_can_be_held_has_found_something(url: str, tmp_path: Path) -> None:
    save(url, SUMMER, USUAL)
    many = ", ".join(f"profile AS p{at}" for at in range(20))
    query = f"SELECT p0.value FROM {many} WHERE p0.dataset = 'leavers' AND p0.quarter = :quarter"
    (finding,) = validate_profiles(url, SUMMER, of(query), tmp_path / "docs")
    assert not finding.ok


@pytest.mark.parametrize("arguments", [{"min_valu": 1}, {"min_value": "many"}, {}])
def test_arguments_that_do_not_fit_are_refused(url: str, tmp_path: Path, arguments: dict[str, Any]) -> None:
    save(url, SUMMER, USUAL)
    own = Expectation.model_validate(
        {
            "name": "own",
            "sentence": "It differs.",
            "expect": "expect_column_values_to_be_between",
            "numbers": {"dataset": "leavers", "measure": "rows"},
            "arguments": arguments,
        }
    )
    with pytest.raises(Refusal, match=r"expectations\.yaml, own"):
        validate_profiles(url, SUMMER, {"own": (own,)}, tmp_path / "docs")


ORDINARY = [
    ("expect_table_row_count_to_be_between", {"min_value": 5, "max_value": 5}, True),
    ("expect_table_row_count_to_be_between", {"min_value": 6}, False),
    ("expect_column_max_to_be_between", {"max_value": 96}, True),
    ("expect_column_min_to_be_between", {"min_value": 19}, False),
    ("expect_column_sum_to_be_between", {"min_value": 262, "max_value": 262}, True),
    ("expect_column_mean_to_be_between", {"max_value": 50}, False),
    ("expect_column_values_to_be_in_set", {"value_set": [96, 78, 18, 40, 30]}, True),
    ("expect_column_values_to_be_in_set", {"value_set": [97]}, False),
]


def test_ordinary_expectations_are_about_the_numbers_chosen(url: str, tmp_path: Path) -> None:
    save(url, SUMMER, USUAL)
    numbers = {"dataset": "staff_in_post", "measure": "share"}
    own = [
        Expectation.model_validate(
            {
                "name": f"own_{at}",
                "sentence": "No.",
                "expect": expect,
                "numbers": numbers,
                "arguments": arguments,
            }
        )
        for at, (expect, arguments, _) in enumerate(ORDINARY)
    ]
    findings = validate_profiles(url, SUMMER, {"own": own}, tmp_path / "docs")
    assert [each.ok for each in findings] == [ok for *_, ok in ORDINARY]
