"""Protection in rounds ends when the intruder finds nobody more, and after four rounds whatever he finds."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from disparity.catalogue.policies import Policy
from disparity.counts.cells import CELLS, COUNTS
from disparity.disclosure.released_counts import Before
from disparity.disclosure.rounds import protect_in_rounds
from disparity.ethnicity import ETHNIC_MINORITY, UNKNOWN, WHITE
from disparity.markers import HIDDEN
from disparity.populations.people import EVERYONE, People
from invented_people import domain_of

POLICY = Policy(
    title="Threshold 8, rounded to 5", why="a test", threshold=8, round_to=5, percent_decimals=0, pounds_round_to=10,
    least_interval=5,
)  # fmt: skip
DOMAIN = domain_of([("event",)], {})
BASE = People("applications", DOMAIN.everybody, "2026-07-01", "2026-07-01", EVERYONE)
EVENTS = BASE.called(DOMAIN.named(DOMAIN.within(DOMAIN.whole(BASE.name), DOMAIN.where(("event",)))))
CELL_PEOPLE = {
    f"{side}_{kind}": people._replace(ethnicity=ethnicity)
    for side, ethnicity in (("reference", WHITE), ("group", ETHNIC_MINORITY), ("unknown", UNKNOWN))
    for kind, people in (("base", BASE), ("events", EVENTS))
}
SOUGHT = CELL_PEOPLE["group_events"]
COUNTED = pl.DataFrame(
    [{"indicator": "appointed", "breakdown": "all", "level": "all", "unit": "", "of": "", "missing": "",
      **dict(zip(CELLS, (200, 90, 120, 40, 60, 30), strict=True))}],
    schema=COUNTS,
)  # fmt: skip


class Intruder:
    def __init__(self, *finds: set[People]) -> None:
        self.finds, self.told = [*finds], list[Mapping[People, Before]]()

    def __call__(self, told: Mapping[People, Before]) -> set[People]:
        self.told.append(told)
        return self.finds[min(len(self.told), len(self.finds)) - 1]


def protected(intruder: Intruder, readers: tuple[Mapping[People, Before], ...] = ({},)) -> pl.DataFrame:
    DOMAIN.forget_rows()
    return protect_in_rounds(COUNTED, POLICY, {"appointed": CELL_PEOPLE}, {}, readers, {}, intruder)


def test_where_he_finds_nobody_one_round_is_enough() -> None:
    intruder = Intruder(set())
    found = protected(intruder)
    assert len(intruder.told) == 1
    assert found["group_events_status"].to_list() == [""]


def test_whom_he_finds_is_hidden_and_he_looks_again() -> None:
    intruder = Intruder({SOUGHT}, set())
    found = protected(intruder)
    assert len(intruder.told) == 2
    assert [told[SOUGHT].hidden for told in intruder.told] == [False, True]
    assert found["group_events_status"].to_list() == [HIDDEN]


def test_it_ends_after_four_rounds_whatever_he_finds() -> None:
    finds = [
        {CELL_PEOPLE[each]} for each in ("group_events", "reference_events", "unknown_events", "group_base")
    ]
    intruder = Intruder(*finds)
    protected(intruder)
    assert len(intruder.told) == 4
