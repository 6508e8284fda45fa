"""Blanks from the extract to what is said of them: who is in a base, what a report says, what its readers know by it."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from assets.counting import count_theme, frame_of, people_counted, records_held
from assets.estimating import keep_estimates
from assets.noticing import quality_notes
from assets.protecting import protect_themes
from assets.receiving import receive
from assets.recording import keep_records
from disparity.datasets import DATASETS
from disparity.disclosure.ledger import AND, ledger_of, told_in
from disparity.periods import Quarter
from disparity.populations.people import UNANSWERED
from resources.settings import Settings
from resources.workplace import Workplace

CASES = Path(__file__).parents[1] / "cases"
CASE = CASES / "declined_blank_where_no_offer.csv"
QUARTER = Quarter.from_key("2026-07-01")
APPOINTED = "appointed_from_shortlisting"
BLANK_IS_NO = {"declined": {"": "false"}}

Counted = Callable[..., Workplace]


@pytest.fixture
def counted(cases_catalogue: Callable[..., Path], tmp_path: Path) -> Counted:
    """Take in an extract of applications and count and protect it, with windows of the one quarter there is."""

    def counting(extract: str, **changed: Any) -> Workplace:
        catalogue = cases_catalogue(tmp_path / "catalogue", recruitment=changed)
        indicators = yaml.safe_load((catalogue / "indicators.yaml").read_text(encoding="utf-8"))
        of_recruitment = {
            name: each | {"quarters": 1}
            for name, each in indicators.items()
            if each.get("dataset") == "recruitment" and name != "shortlisted_each_quarter"
        }
        (catalogue / "indicators.yaml").write_text(yaml.safe_dump(of_recruitment, sort_keys=False))
        (catalogue / "targets.yaml").write_text("{}\n")
        for commentary in (catalogue / "commentary").glob("*.md"):
            commentary.unlink()
        landing = tmp_path / "landing"
        landing.mkdir()
        (landing / "recruitment.csv").write_text(extract, encoding="utf-8")
        settings = Settings.from_environment(
            {}, catalogue=catalogue, landing=landing, storage=tmp_path / "storage"
        )
        workplace = Workplace(settings)
        receive(workplace, DATASETS["recruitment"], QUARTER)
        assert keep_records(workplace, DATASETS["recruitment"], QUARTER).facts["words"] == ""
        count_theme(workplace, "recruitment", records_held(workplace, QUARTER, 1), QUARTER)
        for audience in ("published", "restricted", "analyst"):
            protect_themes(workplace, audience, QUARTER)
        return workplace

    return counting


def whole(frame: pl.DataFrame, name: str = APPOINTED) -> dict[str, Any]:
    return frame.row(by_predicate=(pl.col("indicator") == name) & (pl.col("breakdown") == "all"), named=True)


def notes(workplace: Workplace, audience: str = "published") -> list[str]:
    """Return what is said of answers: of columns that the case does not have something is said as well."""
    said = quality_notes(workplace, QUARTER, workplace.policy(audience))
    return [each for each in said if not each.startswith("Not broken down by")]


def test_where_blank_means_no_those_who_had_no_offer_are_in_the_base(counted: Counted) -> None:
    workplace = counted(CASE.read_text(), values=BLANK_IS_NO)
    row = whole(frame_of(workplace, "counts", QUARTER))
    assert (row["reference_events"], row["reference_base"]) == (48, 154)
    assert (row["group_events"], row["group_base"]) == (12, 88)
    estimates = keep_estimates(workplace, "analyst", QUARTER)
    told = estimates[(estimates["indicator"] == APPOINTED) & (estimates["breakdown"] == "all")].iloc[0]
    assert [round(told[name], 2) for name in ("ratio", "ratio_low", "ratio_high")] == [2.29, 1.32, 4.09]
    assert [round(told[name]) for name in ("reference_value", "group_value")] == [31, 14]
    assert notes(workplace) == []


def test_as_it_stands_report_and_run_say_that_answers_are_lacking(counted: Counted) -> None:
    workplace = counted(CASE.read_text())
    assert whole(frame_of(workplace, "counts", QUARTER))["unanswered"] == 182
    for audience in ("published", "restricted"):
        assert notes(workplace, audience) == [
            "Recruitment: one in fifty or more of those asked have no answer on record and are in no base. "
            "It concerns: Appointed, of those shortlisted; Appointed, of those who applied."
        ]


def written(how: str) -> str:
    """Write the case's stages another way: nothing in place of No, or the line cut short after the last Yes."""
    heading, *lines = csv.reader(CASE.read_text().splitlines())
    lines = [["" if each == "No" else each for each in line] for line in lines]
    if how == "cut short":
        lines = [line[: max(at for at, each in enumerate(line, start=1) if each)] for line in lines]
    return "\n".join(",".join(line) for line in [heading, *lines])


@pytest.mark.parametrize("how", ["Yes or blank", "cut short"])
def test_stages_that_are_blank_where_they_were_not_reached_are_said(how: str, counted: Counted) -> None:
    workplace = counted(written(how), values={"shortlisted": {"": "false"}})
    row = whole(frame_of(workplace, "counts", QUARTER))
    assert (row["reference_base"], row["group_base"]) == (0, 0)
    lacking, stages = notes(workplace)
    assert "one in fifty or more of those asked have no answer on record" in lacking
    assert (
        "Offered a post, of those interviewed; Appointed, of those shortlisted; Appointed, of those"
        in lacking
    )
    assert stages == (
        "Recruitment: the base of a stage is not those who reached the stage before. It concerns: Offered a post, "
        "of those interviewed (the stage before is: Interviewed, of those shortlisted)."
    )


@pytest.mark.parametrize("how", ["Yes or blank", "cut short"])
def test_read_as_no_they_are_the_figures_of_the_file_that_says_no(how: str, counted: Counted) -> None:
    stages = ("shortlisted", "interviewed", "offered", "appointed", "declined")
    workplace = counted(written(how), values={name: {"": "false"} for name in stages})
    row = whole(frame_of(workplace, "counts", QUARTER))
    assert (row["reference_events"], row["reference_base"]) == (48, 154)
    assert (row["group_events"], row["group_base"]) == (12, 88)
    assert notes(workplace) == []


def test_what_a_note_follows_from_is_known_to_the_attacker_and_to_the_ledger(counted: Counted) -> None:
    workplace = counted(CASE.read_text())
    counts = frame_of(workplace, "counts", QUARTER)
    people = people_counted(workplace, counts, QUARTER).people
    protected = frame_of(workplace, "published/protected", QUARTER)
    unanswered = people[APPOINTED][UNANSWERED]
    known = told_in(protected, people)[unanswered]
    assert known.low <= 182 <= known.high
    asked = unanswered.asked
    kept = ledger_of(counts, protected, people).filter(
        (pl.col("conditions") == AND.join(sorted(asked.conditions)))
        & (pl.col("ethnicity") == asked.ethnicity)
    )
    assert kept["true_count"].to_list() == [182]
