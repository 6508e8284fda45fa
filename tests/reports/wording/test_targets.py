"""Targets: the straight path to them, and how far a figure is from it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from disparity.catalogue import Target
from reports.wording.numbers import wording_for
from reports.wording.targets import standing_of, target_words

SINCE, BY = dt.date(2025, 9, 30), dt.date(2028, 9, 30)


@pytest.fixture
def standing(row, catalogue):
    """Return the function that makes a standing: what was told at first and now, and what is to be reached."""

    def made(reach="parity", *, begun=11.0, reached=12.5, base=800.0, other=21.0):
        now = {"group_value": reached, "group_base": base, "reference_value": other}
        rows = [row("appointed", **now), row("appointed", back=4, group_value=begun, reference_value=20.0)]
        return standing_of(Target(reach=reach, since=SINCE, by=BY), catalogue.indicators["appointed"], rows)

    return made


@pytest.fixture
def words(catalogue):
    def said(standing):
        return target_words(standing, catalogue.indicators["appointed"], wording_for(catalogue, "published"))

    return said


@pytest.mark.parametrize(
    ("end", "path"),
    [
        (SINCE, 11.0),
        (dt.date(2027, 3, 31), 11 + 10 * 547 / 1096),
        (BY, 21.0),
        (dt.date(2029, 9, 30), 21.0),
        (dt.date(2025, 6, 30), 11.0),
    ],
)
def test_the_path_is_straight_and_ends_at_the_target(standing, end, path):
    assert standing().path_at(end) == pytest.approx(path)


@pytest.mark.parametrize(
    "lacking", [{"begun": None}, {"reached": None}, {"other": None}], ids=["start", "now", "match"]
)
def test_without_a_figure_there_is_no_path(standing, lacking):
    assert standing(**lacking) is None


def test_a_value_to_reach_needs_nobody_to_match(standing):
    assert standing(15.0, other=None).goal == 15


def test_before_the_path_begins_and_without_a_target_there_is_none(row, catalogue):
    rows = [row("appointed", group_value=12.0, reference_value=21.0)]
    later = Target(reach="parity", since=dt.date(2026, 12, 31), by=BY)
    assert standing_of(later, catalogue.indicators["appointed"], rows) is None
    assert standing_of(None, catalogue.indicators["appointed"], rows) is None


def test_how_far_it_is_from_the_path_is_said_in_people(standing, words):
    # A third of the way from 11% to 21%, by days: 14.33%, 1.83 percentage points of 800 people above 12.5%.
    assert words(standing()) == (
        "To match White by Jul to Sep 2028, on a straight path from 11% (Oct 2024 to Sep 2025). "
        "The path is at 14% now and the figure is 13%: below the path, by about 15 of 800 shortlisted applicants."
    )


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"reach": 8.0}, "To reach 8% by Jul to Sep 2028"),
        ({"reach": 8.0}, "above the path, by about 20 of 800"),
        ({"reached": 14.4}, "is 14%: on the path."),
        ({"base": 20.0, "reached": 13.0}, "below the path, by less than one person."),
        ({"base": None}, "below the path."),
    ],
)
def test_what_is_said_follows_from_the_figures(standing, words, given, said):
    assert said in words(standing(**given))


def test_money_is_no_people(catalogue, row):
    of = [row("spend_per_head", back=back, group_value=80.0 - back, group_base=1000.0) for back in (0, 4)]
    standing = standing_of(
        Target(reach=120.0, since=SINCE, by=BY), catalogue.indicators["spend_per_head"], of
    )
    assert standing is not None
    said = target_words(standing, catalogue.indicators["spend_per_head"], wording_for(catalogue, "published"))
    assert said.endswith("the figure is £80: below the path.")


def test_the_latest_row_is_now(standing, catalogue):
    first = standing()
    again = standing_of(
        first.target, catalogue.indicators["appointed"], [first.start, replace(first.now, group_value=13.0)]
    )
    assert again is not None
    assert again.reached == 13.0
