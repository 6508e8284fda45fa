"""The audit in words: what is said of one count, and which files were read."""

from __future__ import annotations

import json

import pytest

from disparity.catalogue import Catalogue
from disparity.disclosure.audit import Audit, Left
from disparity.disclosure.released_counts import BEYOND
from disparity.ethnicity import WHITE
from disparity.periods import Quarter
from invented_people import everybody
from reports.pages.audit import audit_json, audit_page, words_of_left

SUMMER = Quarter.from_key("2026-07-01")
FEW = everybody("staff_in_post", ethnicity=WHITE, levels={"band": ("Band 8", "Band 9")}).of_row(
    "band", "Band 9"
)
FOUND = Audit(counts=9, sums=4, hidden=3, safe=3, exposed=(), exposed_before=(), unproved=())
FILES = {"published/<2026-07-01>/indicators.csv": "5a" * 32}


@pytest.mark.parametrize(
    ("left", "between", "judged"),
    [
        (Left(1, 6, True, 5, small=True), "at least 1 and at most 6", "enough, 6 values: the policy asks for 5"),
        (Left(3, 3, True, 5, small=True), "3 exactly", "too few values, 1: the policy asks for 5"),
        (Left(1, BEYOND - 9, True, 5, small=True), "at least 1, and nothing says how many at most", "left enough: "),
        (Left(9, 9, True, 5, small=False), "9 exactly", "cannot be below 8"),
        (Left(1998, 2002, False, 0, small=False), "at least 1,998 and at most 2,002", "shows it rounded"),
    ],
)  # fmt: skip
def test_what_is_left_of_a_count_is_said_with_whether_it_is_enough(
    catalogue: Catalogue, left: Left, between: str, judged: str
) -> None:
    words = words_of_left(left, FEW, SUMMER, catalogue.policies["rounded"])
    who, worked_out, verdict = words.split("\n")
    assert who == "staff_in_post, quarter of 2026-07-01, white, Band 9 (band)."
    assert between in worked_out
    assert "Jul to Sep 2026" in worked_out
    assert judged in verdict


def test_the_files_that_were_read_back_are_named_with_their_hashes(catalogue: Catalogue) -> None:
    of = ("published", SUMMER, catalogue.policies["rounded"])
    assert json.loads(audit_json(FOUND, *of, FILES))["files"] == FILES
    assert "files" not in json.loads(audit_json(FOUND, *of))
    page = audit_page(FOUND, catalogue.organisation, *of, FILES)
    assert f"published/&lt;2026-07-01&gt;/indicators.csv, SHA-256 {'5a' * 32}" in page
    assert "Audit of files read back, Jul to Sep 2026" in page
    assert "every count in the files below" in page
    kept = audit_page(FOUND, catalogue.organisation, *of)
    assert "Audit of the published report, Jul to Sep 2026" in kept
    assert "Files read back" not in kept
