"""What whoever ran a quarter is told of exact records, and what readers are told: only what protected counts say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from assets.counting import count_theme, frame_of, records_held
from assets.noticing import noticed, quality_notes
from assets.protecting import protect_themes
from assets.receiving import receive
from assets.recording import keep_records
from disparity.datasets import DATASETS
from disparity.periods import Quarter
from resources.settings import Settings
from resources.workplace import Workplace

CASE = Path(__file__).parents[1] / "cases" / "declined_blank_where_no_offer.csv"
QUARTER = Quarter.from_key("2026-07-01")
FEWER = "Ethnicity is known for fewer than 80% of job applications."
MANY = "The number of job applications is under half or over twice the mean of the four quarters before."

Applied = Callable[[int], Workplace]


@pytest.fixture
def applied(cases_catalogue: Callable[..., Path], tmp_path: Path) -> Applied:
    """Count and protect the case's 700 applications, so many of them without a known ethnicity."""

    def counting(unknown: int) -> Workplace:
        folder = tmp_path / str(unknown)
        folder.mkdir()
        catalogue = cases_catalogue(folder / "catalogue")
        indicators = yaml.safe_load((catalogue / "indicators.yaml").read_text(encoding="utf-8"))
        kept = {
            "shortlisted_from_applications": indicators["shortlisted_from_applications"] | {"quarters": 1}
        }
        (catalogue / "indicators.yaml").write_text(yaml.safe_dump(kept, sort_keys=False))
        (catalogue / "targets.yaml").write_text("{}\n")
        for commentary in (catalogue / "commentary").glob("*.md"):
            commentary.unlink()
        landing = folder / "landing"
        landing.mkdir()
        heading, *lines = CASE.read_text(encoding="utf-8").splitlines()
        cells = [line.split(",") for line in lines]
        known = [
            ",".join([*each[:4], "Z" if at < unknown else "A", *each[5:]]) for at, each in enumerate(cells)
        ]
        (landing / "recruitment.csv").write_text("\n".join([heading, *known]), encoding="utf-8")
        settings = Settings.from_environment(
            {}, catalogue=catalogue, landing=landing, storage=folder / "storage"
        )
        workplace = Workplace(settings)
        receive(workplace, DATASETS["recruitment"], QUARTER)
        keep_records(workplace, DATASETS["recruitment"], QUARTER)
        count_theme(workplace, "recruitment", records_held(workplace, QUARTER, 1), QUARTER)
        protect_themes(workplace, "published", QUARTER)
        return workplace

    return counting


def found(workplace: Workplace, *sentences: str) -> None:
    """Keep what the expectations found: that these were not met."""
    findings = [{"name": "it", "ok": False, "sentence": each} for each in sentences]
    workplace.lake.put("quality/expectations", QUARTER, {"findings": findings}, {})


def readers(workplace: Workplace) -> list[str]:
    return list(quality_notes(workplace, QUARTER, workplace.policy("published")))


def test_one_person_that_turns_an_expectation_is_told_to_whoever_ran_and_changes_nothing_for_readers(
    applied: Applied,
) -> None:
    met, unmet = applied(140), applied(141)
    found(unmet, FEWER, MANY)
    assert frame_of(met, "published/protected", QUARTER).equals(
        frame_of(unmet, "published/protected", QUARTER)
    )
    assert readers(met) == readers(unmet)
    assert not {FEWER, MANY} & set(readers(unmet))
    assert {FEWER, MANY} <= set(noticed(unmet, QUARTER, unmet.policy("restricted")))


def test_readers_are_told_what_the_protected_counts_leave_no_doubt_of(applied: Applied) -> None:
    workplace = applied(150)
    assert FEWER in readers(workplace), "though no expectation was judged"
