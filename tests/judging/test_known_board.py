"""What docs/privacy.md says that a known board gives away is what the judge finds in the membership body's report."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from judge.holdings import Reader
from judge.judgement import Left, left_to
from pipelines.documents.policy_figures import REPORTED, sample_counted, told_by_policy
from reports.release.estimates import indicators_csv

ROOT = Path(__file__).parents[2]
BODY = ROOT / "catalogue_examples" / "membership_body"
BOARD = "ethnic_minority_share_of_board/all/all"
TOLD = {
    "other staff from an ethnic minority": f"{BOARD}/reference_events",
    "staff whose ethnicity is not known": "ethnic_minority_share_of_staff/all/all/unknown_base",
    "the same, without trustees (base of training)": "non_mandatory_training/all/all/unknown_base",
    "of those, had training; had money spent on it": "non_mandatory_training/all/all/unknown_events",
    "staff of unknown ethnicity in the base of the survey's response, a quarter before": (
        "survey_response/all/all/unknown_base"
    ),
}


@pytest.mark.long
def test_what_a_known_board_gives_away_is_what_the_page_says(tmp_path: Path) -> None:
    body = sample_counted(BODY, "membership_body", 120, tmp_path)
    table = tmp_path / "indicators.csv"
    table.write_bytes(
        indicators_csv(pd.DataFrame(told_by_policy(body, body.catalogue.policies["small_organisation"]).rows))
    )
    whole = body.counts.filter(breakdown="all", indicator="ethnic_minority_share_of_board").row(0, named=True)
    known = {f"{REPORTED.key} {BOARD}/{cell}": whole[cell] for cell in ("group_base", "group_events")}
    policy = BODY / "policies" / "small_organisation.yaml"
    without, knowing = (_by_name(Reader([table], BODY, policy, known=each)) for each in ({}, known))
    lines = [
        f"| {words} | {_range(without[name])} | {_range(knowing[name])} |" for words, name in TOLD.items()
    ]
    page = (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")
    wrong = "\n".join(line for line in lines if line not in page)
    assert not wrong, wrong


def _by_name(reader: Reader) -> dict[str, Left]:
    return {left.name.partition(" ")[2]: left for left in left_to(reader)}


def _range(left: Left) -> str:
    return f"{left.least} exactly" if left.least == left.greatest else f"{left.least} to {left.greatest}"
