"""Tests that the catalogue's expectations say the same on PostgreSQL as on SQLite."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from pydantic import TypeAdapter

from disparity.catalogue.expectations import Expectations
from disparity.datasets.profile import SCHEMA
from disparity.periods import Quarter
from resources.databases import default_url, open_database, save_profile
from resources.expectations import Finding, validate_profiles
from resources.yaml_lines import read_yaml

SUMMER = Quarter.from_key("2026-07-01")
CATALOGUE = Path(__file__).resolve().parents[3] / "catalogue"


def judged(url: str, folder: Path) -> tuple[Finding, ...]:
    """Save two quarters that differ in part, and judge the later one."""
    suites = TypeAdapter(Expectations).validate_python(read_yaml(CATALOGUE / "expectations.yaml").value)
    engine = open_database("internal", url)
    for quarter, staff, known in ((SUMMER.plus(-1), 3000.0, 96.0), (SUMMER, 2400.0, 85.0)):
        for dataset, rows in (("staff_in_post", staff), ("leavers", 90.0), ("recruitment", 900.0)):
            numbers = [
                ("rows", "", "", rows),
                ("share", "ethnicity_answer", "known", known),
                ("share", "band", "Band 5", 40.0),
                ("share", "shortlisted", "true", 30.0),
            ]
            save_profile(engine, dataset, quarter, pl.DataFrame(numbers, schema=SCHEMA, orient="row"))
    engine.dispose()
    return validate_profiles(url, SUMMER, suites, folder)


@pytest.mark.postgresql
def test_findings_are_the_same_on_postgresql(new_postgresql: Callable[[], str], tmp_path: Path) -> None:
    found = judged(new_postgresql(), tmp_path / "docs")
    assert found == judged(default_url("internal", tmp_path), tmp_path / "docs")
    assert {each.name for each in found if not each.ok} == {
        "staff_in_post_much_as_before",
        "leavers_explain_a_fall_in_staff",
        "ethnicity_known_for_most_staff",
        "ethnicity_known_for_most_leavers",
    }
