"""Protection in rounds ends when the intruder finds nobody more, and after four rounds whatever he finds."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from disparity.catalogue.policies import Policy
from disparity.counts.cells import CELLS, COUNTS
from disparity.disclosure.released_counts import Before
from disparity.disclosure.rounds import protect_in_rounds
from disparity.markers import HIDDEN
from disparity.populations.people import EVERYONE, People
from invented_people import domain_of, of_two_groups

POLICY = Policy(
    title="Threshold 8, rounded to 5", why="a test", threshold=8, round_to=5, percent_decimals=0, pounds_round_to=10,
    least_interval=5,
)  # fmt: skip
DOMAIN = domain_of([("event",)], {})
BASE = People("applications", DOMAIN.everybody, "2026-07-01", "2026-07-01", EVERYONE)
CELL_PEOPLE = of_two_groups(BASE, "event")
SOUGHT = CELL_PEOPLE["group_events"]
COUNTED = pl.DataFrame(
    [{"indicator": "appointed", "breakdown": "all", "level": "all", "unit": "", "of": "", "missing": "",
      **dict(zip(CELLS, (200, 90, 120, 40, 60, 30), strict=True))}],
    schema=COUNTS,
)  # fmt: skip


class Intruder:
    def __init__(self, *finds: set[People]) -> None:
        self.finds, self.shown = [*finds], list[Mapping[People, Before]]()

    def __call__(self, report: Mapping[People, Before]) -> set[People]:
        self.shown.append(report)
        return self.finds[min(len(self.shown), len(self.finds)) - 1]


def protected(intruder: Intruder, readers: tuple[Mapping[People, Before], ...] = ({},)) -> pl.DataFrame:
    DOMAIN.forget_rows()
    return protect_in_rounds(COUNTED, POLICY, {"appointed": CELL_PEOPLE}, {}, readers, {}, intruder)


def test_where_he_finds_nobody_one_round_is_enough() -> None:
    intruder = Intruder(set())
    found = protected(intruder)
    assert len(intruder.shown) == 1
    assert found["group_events_status"].to_list() == [""]


def test_whom_he_finds_is_hidden_and_he_looks_again() -> None:
    intruder = Intruder({SOUGHT}, set())
    found = protected(intruder)
    assert len(intruder.shown) == 2
    assert [report[SOUGHT].hidden for report in intruder.shown] == [False, True]
    assert found["group_events_status"].to_list() == [HIDDEN]


def test_it_ends_after_four_rounds_whatever_he_finds() -> None:
    finds = [
        {CELL_PEOPLE[each]} for each in ("group_events", "reference_events", "unknown_events", "group_base")
    ]
    intruder = Intruder(*finds)
    protected(intruder)
    assert len(intruder.shown) == 4
