"""How a number came about: what is counted, from which extracts, which rows were left out and why, and what is shown."""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import pytest


class Ended(Protocol):
    code: int
    out: str
    err: str


class Finished(Protocol):
    catalogue: Path
    landing: Path
    storage: Path
    key: str


Command = Callable[..., Ended]


@pytest.fixture
def explain(command: Command, finished_sample: Finished) -> Command:
    def run(indicator: str, key: str = finished_sample.key) -> Ended:
        places = ("--storage", finished_sample.storage, "--catalogue", finished_sample.catalogue)
        return command("explain", indicator, "--quarter", key, *places)

    return run


def _exact(finished_sample: Finished, indicator: str) -> dict[str, str]:
    table = finished_sample.storage / "analyst" / finished_sample.key / "indicators.csv"
    rows = csv.DictReader(table.read_text(encoding="utf-8-sig").splitlines())
    return next(row for row in rows if row["indicator"] == indicator and row["breakdown"] == "all")


def test_an_appointment_figure_from_predicate_to_policy(explain: Command, finished_sample: Finished) -> None:
    ended = explain("appointed_from_shortlisting")
    assert (ended.code, ended.err) == (0, "")
    for line in (
        "base: shortlisted AND NOT declined",
        "event: appointed",
        "window: Oct 2025 to Sep 2026 (4 quarters)",
        "ratio: reference/group; margin 0.8 to 1.25",
        "restricted: threshold8_round5: Counts of 1 to 7 hidden, others rounded to 5",
        "sensitivity: low",
        "also by band",
    ):
        assert line in ended.out
    row = _exact(finished_sample, "appointed_from_shortlisting")
    for cell in ("reference_base", "reference_events", "group_base", "group_events"):
        assert f"{cell.replace('_', ' ')}: {int(float(row[cell])):,}" in ended.out


def test_every_extract_is_named_with_its_hash_and_its_rows_add_up(
    explain: Command, finished_sample: Finished
) -> None:
    said = explain("left_for_lack_of_opportunity").out
    files = sorted(finished_sample.landing.glob("leavers_*"))
    assert len(files) == 4
    for file in files:
        assert f"{file.name} (sha256 {hashlib.sha256(file.read_bytes()).hexdigest()[:16]})" in said
    sums = re.findall(r"rows in ([\d,]+), accepted ([\d,]+), rejected ([\d,]+)", said)
    assert len(sums) == 4
    for received, accepted, rejected in sums:
        assert int(received.replace(",", "")) == int(accepted.replace(",", "")) + int(
            rejected.replace(",", "")
        )


def test_rows_outside_the_base_are_told_by_reason_and_add_up(
    explain: Command, finished_sample: Finished
) -> None:
    said = explain("appointed_from_shortlisting").out
    reasons = _account(said, "recruitment")
    assert list(reasons) == [
        "in the base",
        "outside: still open, with no completed_date",
        "outside: completed_date not in the window",
        "outside: base not answered or not recorded",
        "outside: base not true",
        "outside: event not answered or not recorded",
    ]
    row = _exact(finished_sample, "appointed_from_shortlisting")
    bases = ("reference_base", "group_base", "unknown_base")
    assert reasons["in the base"] == sum(int(float(row[cell])) for cell in bases)
    assert reasons["outside: still open, with no completed_date"] > 0
    assert reasons["outside: base not true"] > 0
    accepted = [int(rows.replace(",", "")) for rows in re.findall(r"accepted ([\d,]+)", said)]
    assert sum(reasons.values()) == sum(accepted)


def _account(said: str, dataset: str) -> dict[str, int]:
    """Return what an explanation says of the accepted rows of a dataset, by reason; their sum is what it says too."""
    lines = iter(said.split("in the base and outside it\n")[1].split("\n\n", maxsplit=1)[0].splitlines())
    whole = next(line for line in lines if line.startswith(f"  {dataset}: "))
    reasons: dict[str, int] = {}
    for line in lines:
        if not line.startswith("    "):
            break
        reason, _, rows = line.strip().rpartition(": ")
        reasons[reason] = int(rows.replace(",", ""))
    assert sum(reasons.values()) == int(whole.rpartition(": ")[2].replace(",", ""))
    return reasons


@pytest.mark.parametrize(
    ("indicator", "dataset", "reason", "cells"),
    [
        ("non_mandatory_training", "staff_in_post", "in the base", ("reference_base", "group_base", "unknown_base")),
        (
            "leavers_per_100_staff", "leavers", "counted as events",
            ("reference_events", "group_events", "unknown_events"),
        ),
        ("equal_opportunity", "staff_survey", "in the base", ("reference_base", "group_base", "unknown_base")),
        ("ethnic_minority_share_of_board", "staff_in_post", "in the part", ("group_base",)),
    ],
)  # fmt: skip
def test_the_account_of_each_kind_agrees_with_its_counts(
    explain: Command,
    finished_sample: Finished,
    indicator: str,
    dataset: str,
    reason: str,
    cells: tuple[str, ...],
) -> None:
    row = _exact(finished_sample, indicator)
    told = _account(explain(indicator).out, dataset)
    assert told[reason] == sum(int(float(row[cell])) for cell in cells)


def test_ethnicity_looked_up_in_the_staff_list_is_told(explain: Command) -> None:
    assert re.search(r"ethnicity taken from staff in post: [\d,]+", explain("non_mandatory_training").out)
    assert "ethnicity taken from staff" not in explain("equal_opportunity").out


def test_people_in_post_stand_beside_what_they_had(explain: Command) -> None:
    said = explain("non_mandatory_training").out
    assert "learning_budget, Oct to Dec 2025" in said
    assert "staff_in_post, Jul to Sep 2026" in said
    assert "medium" in said


def test_an_agreement_is_told_and_a_missing_survey_quarter_is_too(explain: Command) -> None:
    assert "needs the agreement of board: 2023-09-28" in explain("ethnic_minority_share_of_board").out
    assert "staff_survey, Jan to Mar 2026: not received" in explain("equal_opportunity").out


def test_every_indicator_can_be_explained(explain: Command, finished_sample: Finished) -> None:
    table = finished_sample.storage / "analyst" / finished_sample.key / "indicators.csv"
    names = {row["indicator"] for row in csv.DictReader(table.read_text(encoding="utf-8-sig").splitlines())}
    assert len(names) > 20
    for name in sorted(names)[::4]:
        ended = explain(name)
        assert ended.code == 0, ended.err
        assert f"({name})" in ended.out.splitlines()[0]


def test_what_cannot_be_explained_is_refused_in_a_sentence(explain: Command) -> None:
    misspelt = explain("appointed_from_shortlistin")
    assert (misspelt.code, misspelt.out) == (1, "")
    assert (
        "no indicator 'appointed_from_shortlistin'; did you mean 'appointed_from_shortlisting'?"
        in misspelt.err
    )
    early = explain("appointed_from_shortlisting", "2025-10-01")
    assert early.code == 1
    assert "nothing was counted for Oct to Dec 2025" in early.err
    assert "race-equality run --quarter 2025-10-01" in early.err
