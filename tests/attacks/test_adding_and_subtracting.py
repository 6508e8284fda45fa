"""Attacks by adding and subtracting what is told: each works on a threshold alone, and not on what the product tells."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from disparity.catalogue.indicators import BROAD_GROUP
from disparity.disclosure import protect
from disparity.disclosure.ledger import told_in
from disparity.ethnicity import ETHNIC_MINORITY, UNKNOWN, WHITE
from disparity.populations.people import edition
from invented_people import everybody, having

SPRING, SUMMER = "2026-04-01", "2026-07-01"
ANYBODY = everybody(
    "",
    *((event,) for event in ("gone", "safe", "appointed", "shortlisted")),
    ("shortlisted", "interviewed"), ("shortlisted", "interviewed", "offered"),
    since=SUMMER, until=SUMMER,
    levels={
        "band": ("Band 5", "Band 6", "one", "two", "three"),
        "directorate": ("Medicine", "Surgery", "Estates"),
    },
)  # fmt: skip


@pytest.fixture(autouse=True)
def no_rows_of_other_tests() -> None:
    ANYBODY.region.domain.forget_rows()


def rows_of(
    dataset: str, *event: str, base: tuple[str, ...] = (), since: str = SUMMER, until: str = SUMMER
) -> Any:
    """Say whom the cells of an indicator with base and events count."""
    anybody = ANYBODY._replace(dataset=dataset, since=since, until=until)
    there, events = having(anybody, *base), having(anybody, *base, *event)
    return {
        f"{side}_{kind}": of._replace(ethnicity=ethnicity)
        for side, ethnicity in (("reference", WHITE), ("group", ETHNIC_MINORITY), ("unknown", UNKNOWN))
        for kind, of in (("base", there), ("events", events))
    }


def share_of(dataset: str) -> Any:
    """Say whom the cells of a share without a part count."""
    there = ANYBODY._replace(dataset=dataset)
    rest = there._replace(elsewhere=True)
    return {
        "group_base": there, "group_events": there._replace(ethnicity=ETHNIC_MINORITY),
        "unknown_base": there._replace(ethnicity=UNKNOWN),
        "reference_base": rest, "reference_events": rest._replace(ethnicity=ETHNIC_MINORITY),
    }  # fmt: skip


def test_a_level_is_the_whole_less_the_others(
    attacker: Any, counted: Any, exact: Any, unprotected: Any
) -> None:
    counts = counted("left", {"all": (0, 0, 25, 0, 0, 0), "one": (0, 0, 12, 0, 0, 0), "two": (0, 0, 10, 0, 0, 0),
                              "three": (0, 0, 3, 0, 0, 0)})  # fmt: skip
    wanted = ("", "left", "three", "group_base")
    levels = [("", "left", level, "group_base") for level in ("one", "two", "three")]

    def attacked(protected: pl.DataFrame) -> int:
        him = type(attacker)()
        him.reads(protected)
        him.knows(("", "left", "all", "group_base"), levels)
        return him.width_of(wanted)

    assert attacked(unprotected(counts, exact)) == 1
    assert attacked(protect(counts, exact, {"left": rows_of("leavers", "gone")})) >= exact.least_interval


def test_white_people_are_everyone_less_the_others(
    attacker: Any, counted: Any, exact: Any, unprotected: Any
) -> None:
    """Everyone, ethnic minority and unknown are told; White people, three of them, are what is left."""
    counts = counted("share", {"all": (None, None, 60, 46, 11, None)}, of=ETHNIC_MINORITY)
    cells = [("", "share", "all", name) for name in ("group_events", "unknown_base")]

    def attacked(protected: pl.DataFrame) -> int:
        him = type(attacker)()
        him.reads(protected)
        him.knows(("", "share", "all", "group_base"), [*cells, "white"])
        return him.width_of("white")

    assert attacked(unprotected(counts, exact)) == 1
    assert attacked(protect(counts, exact, {"share": share_of("staff_in_post")})) >= exact.least_interval


def test_who_did_not_have_the_event_is_the_base_less_the_events(
    attacker: Any, counted: Any, exact: Any, unprotected: Any
) -> None:
    """Of 20, 18 feel safe: two of them do not."""
    counts = counted("safe", {"all": (0, 0, 20, 18, 0, 0)})

    def attacked(protected: pl.DataFrame) -> int:
        him = type(attacker)()
        him.reads(protected)
        him.knows(("", "safe", "all", "group_base"), [("", "safe", "all", "group_events"), "unsafe"])
        return him.width_of("unsafe")

    assert attacked(unprotected(counts, exact)) == 1
    assert attacked(protect(counts, exact, {"safe": rows_of("staff_survey", "safe")})) >= exact.least_interval


def test_a_broad_group_is_ethnic_minority_less_the_other_groups(
    attacker: Any, counted: Any, exact: Any, unprotected: Any
) -> None:
    rows = {"all": (90, 9, 23, 6, 0, 0), "Asian": (90, 9, 20, 6, 0, 0), "Black": (90, 9, 3, 0, 0, 0)}
    counts = counted("appointed", rows, breakdown=BROAD_GROUP)

    def attacked(protected: pl.DataFrame) -> int:
        him = type(attacker)()
        him.reads(protected)
        groups = [("", "appointed", level, "group_base") for level in ("Asian", "Black")]
        him.knows(("", "appointed", "all", "group_base"), groups)
        return him.width_of(groups[1])

    assert attacked(unprotected(counts, exact)) == 1
    people = {"appointed": rows_of("recruitment", "appointed")}
    assert attacked(protect(counts, exact, people)) >= exact.least_interval


def test_a_directorate_is_known_by_the_bands(
    attacker: Any, counted: Any, exact: Any, unprotected: Any
) -> None:
    """Bands add up to the whole, which the directorates add up to as well; together they tell the smallest."""
    bands = counted(
        "left", {"all": (0, 0, 30, 0, 0, 0), "Band 5": (0, 0, 14, 0, 0, 0), "Band 6": (0, 0, 16, 0, 0, 0)}
    )
    places = counted(
        "left", {"Medicine": (0, 0, 15, 0, 0, 0), "Surgery": (0, 0, 12, 0, 0, 0), "Estates": (0, 0, 3, 0, 0, 0)},
        breakdown="directorate",
    )  # fmt: skip
    counts = pl.concat([bands, places])

    def attacked(protected: pl.DataFrame) -> int:
        him = type(attacker)()
        him.reads(protected.filter(pl.col("level") != "all"))
        for levels in (("Band 5", "Band 6"), ("Medicine", "Surgery", "Estates")):
            him.knows("whole", [("", "left", level, "group_base") for level in levels])
        return him.width_of(("", "left", "Estates", "group_base"))

    assert attacked(unprotected(counts, exact)) == 1
    assert attacked(protect(counts, exact, {"left": rows_of("leavers", "gone")})) >= exact.least_interval


def test_those_who_fell_out_between_two_stages_are_known_by_both(
    attacker: Any, counted: Any, exact: Any, unprotected: Any
) -> None:
    """Two people who were shortlisted were not interviewed."""
    first = counted("shortlisted", {"all": (0, 0, 80, 30, 0, 0)})
    second = counted("offered", {"all": (0, 0, 28, 9, 0, 0)})
    counts = pl.concat([first, second])
    people = {
        "shortlisted": rows_of("recruitment", "shortlisted"),
        "offered": rows_of("recruitment", "offered", base=("shortlisted", "interviewed")),
    }

    def attacked(protected: pl.DataFrame) -> int:
        him = type(attacker)()
        him.reads(protected)
        him.knows(
            ("", "shortlisted", "all", "group_events"),
            [("", "offered", "all", "group_base"), "not interviewed"],
        )
        return him.width_of("not interviewed")

    assert attacked(unprotected(counts, exact)) == 1
    assert attacked(protect(counts, exact, people)) >= exact.least_interval


# ----------------------------------------------------------------------- over releases


@pytest.mark.parametrize("policy", ["exact", "rounding"])
def test_a_year_less_the_year_before_it_tells_a_quarter(
    attacker: Any, counted: Any, policy: str, unprotected: Any, request: pytest.FixtureRequest
) -> None:
    """Four quarters to spring, four to summer, and the first of them alone: what is left is the summer quarter."""
    rule = request.getfixturevalue(policy)
    to_spring = counted("a_year", {"all": (0, 0, 40, 40, 0, 0)})
    first_alone = counted("a_quarter", {"all": (0, 0, 20, 20, 0, 0)})
    to_summer = counted("a_year", {"all": (0, 0, 22, 22, 0, 0)})
    spring = {
        "a_year": rows_of("leavers", since="2025-07-01", until=SPRING),
        "a_quarter": rows_of("leavers", since="2025-07-01", until="2025-07-01"),
    }
    summer = {"a_year": rows_of("leavers", since="2025-10-01", until=SUMMER)}
    quarters = [f"quarter {at}" for at in range(5)]

    def attacked(releases: list[pl.DataFrame]) -> int:
        him = type(attacker)()
        for at, protected in enumerate(releases):
            him.reads(protected, release=at)
        him.knows((0, "a_year", "all", "group_base"), quarters[:4])
        him.knows((1, "a_year", "all", "group_base"), quarters[1:])
        him.knows((0, "a_quarter", "all", "group_base"), quarters[:1])
        return him.width_of(quarters[4])

    earlier = pl.concat([to_spring, first_alone])
    told = protect(earlier, rule, spring)
    if policy == "exact":
        assert attacked([unprotected(earlier, rule), unprotected(to_summer, rule)]) == 1
        # Each release by itself gives nothing away, and both together do.
        assert attacked([told, protect(to_summer, rule, summer)]) == 1
    assert attacked([told, protect(to_summer, rule, summer, told_in(told, spring))]) >= rule.least_interval


def test_a_corrected_figure_less_the_first_tells_who_was_added(
    attacker: Any, counted: Any, exact: Any, unprotected: Any
) -> None:
    first, corrected = (
        counted("left", {"all": (0, 0, 0, 0, 0, 0) if n is None else (0, 0, n, n, 0, 0)}) for n in (20, 21)
    )
    people = {"left": rows_of("leavers")}

    def attacked(releases: list[pl.DataFrame]) -> int:
        him = type(attacker)()
        for at, protected in enumerate(releases):
            him.reads(protected, release=at)
        him.knows((1, "left", "all", "group_base"), [(0, "left", "all", "group_base"), "added"])
        return him.width_of("added")

    assert attacked([unprotected(first, exact), unprotected(corrected, exact)]) == 1
    told = protect(first, exact, people)
    editions = {edition(each, "vintage 1"): known for each, known in told_in(told, people).items()}
    assert attacked([told, protect(corrected, exact, people, editions)]) >= exact.least_interval


def test_what_was_hidden_once_stays_hidden(counted: Any, rounding: Any) -> None:
    """A yearly survey stands in four reports: what one of them hides the next does not tell."""
    survey = {"all": (0, 0, 22, 0, 0, 0), "one": (0, 0, 12, 0, 0, 0), "two": (0, 0, 10, 0, 0, 0)}
    people = {"answered": rows_of("staff_survey")}
    hidden = {each: known._replace(hidden=True) for each, known in told_in(
        protect(counted("answered", survey), rounding, people), people).items()}  # fmt: skip
    again = protect(counted("answered", survey), rounding, people, hidden)
    assert set(again["group_base_status"]) == {"[c]"}


def test_a_colleague_takes_himself_away(attacker: Any, counted: Any, rounding: Any) -> None:
    """He is one of those in a hidden cell; of the others as many values are left as before."""
    counts = counted(
        "left", {"all": (0, 0, 24, 0, 0, 0), "one": (0, 0, 20, 0, 0, 0), "two": (0, 0, 4, 0, 0, 0)}
    )
    attacker.reads(protect(counts, rounding, {"left": rows_of("leavers", "gone")}))
    cell = ("", "left", "two", "group_base")
    attacker.is_told("himself", 1, 1)
    attacker.knows(cell, ["himself", "the others"])
    attacker.knows(("", "left", "all", "group_base"), [("", "left", "one", "group_base"), cell])
    assert attacker.width_of("the others") >= rounding.least_interval
