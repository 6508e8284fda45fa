"""Attack: a mean to the printed decimals, times the people, is the sum; one report less another is one person.

The published mean is rounded, and so are the people. It is told of eight people or more; how unequally they share the sum
is not asked here.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import polars as pl
import pytest

from disparity.catalogue.policies import Policy

INDICATOR = "training_spend_per_head"
BESIDE = (300, 120)
STEPS = {"pounds": 10.0, "hours": 0.5}


class Spent(NamedTuple):
    """A group, how many of it had something spent on them, what in all, and how unequally."""

    people: int
    had_some: int
    total: float
    deviation: float

    @property
    def squares(self) -> float:
        return self.total**2 / self.people + self.deviation**2 * (self.people - 1)


@pytest.fixture
def spending(counted: Any) -> Any:
    """Make counts of groups, each a level beside 300 people of the reference group, by unit."""

    def made(groups: list[Spent], unit: str = "pounds") -> pl.DataFrame:
        rows = {f"{at:05}": (*BESIDE, group.people, group.had_some, 0, 0) for at, group in enumerate(groups)}
        return counted(INDICATOR, rows, unit=unit).with_columns(
            reference_total=pl.lit(30_000.0),
            reference_squares=pl.lit(30_000.0**2 / 300 + 90.0**2 * 299),
            group_total=pl.Series([group.total for group in groups], dtype=pl.Float64),
            group_squares=pl.Series([group.squares for group in groups], dtype=pl.Float64),
        )

    return made


@pytest.fixture(params=STEPS)
def unit(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def of_unit(build: Any, unit: str) -> Any:
    """Return a build whose catalogue has the indicator in this unit."""
    indicator = build.catalogue.indicators[INDICATOR].model_copy(update={"unit": unit})
    changed = {"indicators": build.catalogue.indicators | {INDICATOR: indicator}}
    return type(build)(build.catalogue.model_copy(update=changed), build.policy)


def totals_left(told: dict[str, Any], *, people: int | None = None) -> tuple[float, float]:
    """Return the least and greatest sum behind a row, to one who knows the rule, or how many people they are as well."""
    fewest, most = (people, people) if people else (told["group_base_low"], told["group_base_high"])
    return fewest * told["group_mean_low"], most * told["group_mean_high"]


def costs_left(before: tuple[float, float], after: tuple[float, float]) -> tuple[float, float]:
    """Return the least and greatest that can have been spent on whom the second sum has and the first has not."""
    return after[0] - before[1], after[1] - before[0]


def test_a_mean_is_the_sum_and_the_people(spending: Any, analyst: Any) -> None:
    """To the penny, of up to nine people and whole pounds: every fraction of theirs reads differently."""
    groups = [Spent(people, people, total, 0) for people in range(1, 10) for total in range(1, 300)]
    printed = analyst.printed(spending(groups))
    fractions = {Fraction(int(group.total), group.people) for group in groups}
    assert printed["group_value"].nunique() == len(fractions)


def test_two_means_give_what_was_spent_on_one_person(spending: Any, analyst: Any) -> None:
    """Of 40 people, and of them and one more a quarter later: his course to the pound, whatever it cost."""
    courses = range(0, 1500, 7)
    before = Spent(40, 20, 4_321, 80)
    printed = analyst.printed(
        spending([before, *(Spent(41, 21, before.total + course, 80) for course in courses)])
    )
    totals = (printed["group_value"].astype(float) * printed["group_base"].astype(float)).round()
    assert list(totals[1:] - totals[0]) == list(courses)


def test_published_means_leave_what_was_spent_on_one_person_open(
    spending: Any, published: Any, rounding: Policy
) -> None:
    """It was £250: £0 to £840 for all a reader knows; one who knows how many people they are is left £10 for each."""
    groups = [Spent(40, 20, 4_321, 80), Spent(41, 21, 4_321 + 250, 80)]
    told = published.protected(spending(groups)).to_dicts()
    least, most = costs_left(*(totals_left(each) for each in told))
    assert least <= 0
    assert most >= 800
    known = [totals_left(each, people=group.people) for each, group in zip(told, groups, strict=True)]
    least, most = costs_left(*known)
    assert most - least >= (40 + 41) * rounding.pounds_round_to


def test_all_sums_that_a_published_mean_allows_print_the_same_row(
    spending: Any, published: Any, analyst: Any, unit: str
) -> None:
    """Mean and deviation anywhere within their rounding, 18 to 22 people of whom 13 to 17 had some."""
    step, scale = STEPS[unit], STEPS[unit] / STEPS["pounds"]
    tried = [
        Spent(people, had_some, people * mean * scale, deviation * scale)
        for people in range(18, 23)
        for had_some in range(13, min(people - 4, 17) + 1)
        for mean in np.arange(115.25, 125, 1.5)
        for deviation in (75.5, 79, 84.5)
    ]
    counts = spending(tried, unit)
    family = ["level", "q_value", "evidence"]
    rows = of_unit(published, unit).printed(counts).drop(columns=family)
    assert rows["group_value"].astype(float).unique() == [120 * scale]
    assert len(rows.drop_duplicates()) == 1
    assert np.ptp([each.total for each in tried]) >= 60 * step
    assert len(of_unit(analyst, unit).printed(counts).drop(columns=family).drop_duplicates()) == len(tried)


def test_no_mean_of_few_people_is_published(spending: Any, published: Any, analyst: Any) -> None:
    """Nor of many of whom few had some: the sum would be theirs."""
    few = [Spent(people, some, 100.0 * some, 80) for people in range(1, 33) for some in range(1, people + 1)]
    few = [each for each in few if min(each.people, each.had_some) < 8]
    counts = spending(few)
    assert (analyst.printed(counts)["group_value"] != "").all()
    assert set(published.printed(counts)["group_value"]) == {""}
