"""What stands behind a comparison, in words: true to its lines, and nothing where a line is not there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from disparity.analyses import CHANGE, DETECTABLE, MIX_AND_RATE, THEN
from reports.release.analyses import lines_of
from reports.wording.numbers import wording_for
from reports.wording.supporting_facts import change_words, facts_of, stage_rows


@pytest.fixture
def lines(release):
    return list(lines_of(release.analyses))


def test_every_line_is_told(lines, catalogue):
    assert facts_of(lines, catalogue.indicators["appointed"], wording_for(catalogue, "restricted")) == (
        (
            "Change",
            "In Oct 2024 to Sep 2025 the ratio was 1.57. It is now 1.09 times that (0.70 to 1.69): "
            "too few to tell whether it changed.",
        ),
        (
            "Within the same shortlist",
            "Among people on the same shortlist the ratio is 1.50 (0.97 to 2.35). "
            "Each post is one place, so this is the closer comparison.",
        ),
        ("Within the same pay band", "Whatever the hidden counts are, the interval is 0.77 to 4.25."),
        (
            "Within the same directorate",
            "The ratio is 1.59 (0.93 to 2.95). Of the difference, 8.4 percentage points would remain if both groups "
            "had the same mix by directorate; the mix adds \u22120.4.",
        ),
        (
            "Could have been seen",
            "A ratio of 1.40 or more, or of 0.68 or less, would have been found four times in five by a test of "
            "this figure alone.",
        ),
        (
            "Single quarters",
            "Over 9 quarters, the latest ratio shows common cause; trial limits (a rule set). Limits 0.90 to 1.90.",
        ),
    )


def test_without_lines_nothing_is_said(catalogue):
    assert facts_of([], catalogue.indicators["appointed"], wording_for(catalogue, "restricted")) == ()
    assert stage_rows([], {}) == []


def test_a_change_needs_both_of_its_figures(lines, catalogue):
    appointed = catalogue.indicators["appointed"]
    assert change_words([each for each in lines if each.figure != THEN], appointed) == ""
    (settled,) = [each for each in lines if each.analysis == CHANGE and each.figure != THEN]
    then = next(each for each in lines if each.figure == THEN)
    assert change_words([then, replace(settled, words="no material change")], appointed).endswith(
        ": no material change."
    )


def test_a_split_needs_both_of_its_parts(lines, catalogue):
    kept = [each for each in lines if each.analysis != MIX_AND_RATE or each.figure == "mix"]
    facts = dict(facts_of(kept, catalogue.indicators["appointed"], wording_for(catalogue, "restricted")))
    assert facts["Within the same directorate"] == "The ratio is 1.59 (0.93 to 2.95)."


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (None, 1.4, "A ratio of 1.40 or more would have been found"),
        (None, None, "even the largest disparity would have been missed"),
    ],
)
def test_what_could_not_have_been_seen_is_said(lines, catalogue, low, high, words):
    found = [replace(each, low=low, high=high) for each in lines if each.analysis == DETECTABLE]
    assert (
        words
        in dict(facts_of(found, catalogue.indicators["appointed"], wording_for(catalogue, "restricted")))[
            "Could have been seen"
        ]
    )


def test_stages_have_their_titles_and_parts(lines):
    assert stage_rows(lines, {"shortlisted": "Shortlisted", "appointed": "Were appointed"}) == [
        ["Shortlisted", "1.26 (1.12 to 1.42)", "45%"],
        ["Were appointed", "1.35 (1.01 upwards)", "55%"],
    ]
