"""Organisations drawn at random, eight reports one after the other, and an attacker who keeps them all."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from disparity.disclosure import protect
from disparity.ethnicity import ETHNIC_MINORITY, UNKNOWN, WHITE
from disparity.ledger import both, told_in
from disparity.periods import Quarter
from disparity.populations import EVERYONE, People

FIRST = Quarter.from_key("2024-10-01")
RELEASES, WINDOW = 8, 4
LEVELS = ("one", "two", "three")
CELLS = ("group_base", "group_events")


def organisation(seed: int) -> np.ndarray:
    """Draw people of an ethnic minority and those among them with the event, by quarter and level: most are few."""
    random = np.random.default_rng(seed)
    people = random.poisson(
        random.choice([1.0, 3.0, 8.0, 20.0], len(LEVELS)), (RELEASES + WINDOW - 1, len(LEVELS))
    )
    return np.stack([people, random.binomial(people, random.uniform(0.1, 0.9))], axis=2)


def people_of(quarter: Quarter) -> dict[str, dict[str, People]]:
    base = People("leavers", frozenset(), quarter.window(WINDOW)[0].key, quarter.key, EVERYONE)
    return {
        "left": {
            f"{side}_{kind}": base._replace(ethnicity=ethnicity, conditions=conditions)
            for side, ethnicity in (("reference", WHITE), ("group", ETHNIC_MINORITY), ("unknown", UNKNOWN))
            for kind, conditions in (("base", frozenset()), ("events", frozenset({"gone"})))
        }
    }


def reports(counted: Any, drawn: np.ndarray) -> list[pl.DataFrame]:
    """Count eight windows, a quarter apart."""
    windows = [drawn[at : at + WINDOW].sum(axis=0) for at in range(RELEASES)]
    return [
        counted(
            "left",
            {"all": (0, 0, *window.sum(axis=0).tolist(), 0, 0)}
            | {level: (0, 0, *window[place].tolist(), 0, 0) for place, level in enumerate(LEVELS)},
        )
        for window in windows
    ]


def protected_in_turn(counts: list[pl.DataFrame], policy: Any) -> list[pl.DataFrame]:
    """Protect each report with all that was told before."""
    told, known = [], {}
    for at, each in enumerate(counts):
        people = people_of(FIRST.plus(at))
        told.append(protect(each, policy, people, known))
        known |= {who: both(known.get(who, new), new) for who, new in told_in(told[-1], people).items()}
    return told


def set_on(attacker: Any, releases: list[pl.DataFrame]) -> Any:
    """Give an attacker all reports, and what he knows of how they hang together."""
    him = type(attacker)()
    for at, release in enumerate(releases):
        him.reads(release, release=at)
        for cell in CELLS:
            him.knows((at, "left", "all", cell), [(at, "left", level, cell) for level in LEVELS])
            for level in ("all", *LEVELS):
                him.knows((at, "left", level, cell), [(at + back, level, cell) for back in range(WINDOW)])
        for level in ("all", *LEVELS):
            him.knows(
                (at, "left", level, "group_base"),
                [(at, "left", level, "group_events"), (at, level, "stayed")],
            )
    return him


def recovered(attacker: Any, releases: list[pl.DataFrame], policy: Any) -> list[Any]:
    """Return what all reports together leave fewer values than the policy asks for.

    Hidden cells, and the people of a single quarter, whom no report tells of by themselves, where they could be few. What
    is hidden for another's sake and cannot be few is no secret of its own.
    """
    him = set_on(attacker, releases)
    least = min(policy.least_interval, policy.threshold - 1)
    hidden = [
        (at, "left", row["level"], cell)
        for at, release in enumerate(releases)
        for row in release.iter_rows(named=True)
        for cell in CELLS
        if row[f"{cell}_status"] == "[c]"
    ]
    quarters = [
        (at, level, cell)
        for at in range(RELEASES + WINDOW - 1)
        for level in ("all", *LEVELS)
        for cell in CELLS
    ]
    ranges = {each: him.range_of(each) for each in (*hidden, *quarters)}
    few = [
        each for each in (*hidden, *quarters) if ranges[each][0] < policy.threshold and ranges[each] != (0, 0)
    ]
    return [each for each in few if ranges[each][1] - ranges[each][0] + 1 < least]


@pytest.mark.parametrize("seed", [1, 3])
def test_eight_reports_together_recover_nobody(
    attacker: Any, counted: Any, unprotected: Any, rounding: Any, seed: int
) -> None:
    counts = reports(counted, organisation(seed))
    assert recovered(attacker, [unprotected(each, rounding) for each in counts], rounding)
    assert recovered(attacker, protected_in_turn(counts, rounding), rounding) == []


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 125))
def test_nobody_of_many_organisations_is_recovered(
    attacker: Any, counted: Any, rounding: Any, seed: int
) -> None:
    told = protected_in_turn(reports(counted, organisation(seed)), rounding)
    assert recovered(attacker, told, rounding) == []
