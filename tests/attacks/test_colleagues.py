"""Attack: a colleague takes away what he knows: himself, the people of a board, or ten of them together.

Guaranteed, and tested here. A hidden count of 1 to 7 to which nothing else is added leaves one who is in it seven values
for the others. Where counts that add up narrow it, an outsider is left at least as many values as the policy asks
(``least_interval``), and one member of staff one fewer, wherever he stands: tested over organisations drawn at random,
not proved. Ten who stand elsewhere take nothing away from a hidden count.

Not guaranteed, and shown here so that nobody thinks it is. So many of a hidden count as know themselves leave the others
so many values fewer, and all seven of seven know that they are all. Ten of a count that is shown as 10 know that the others
are two at the most. Where all or none of a base had the event, everybody's answer is told, himself or not.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Iterator
from typing import Any, Literal

import numpy as np
import polars as pl
import pytest

from disparity.catalogue.organisation import Agreement
from disparity.catalogue.policies import Policy

INDICATOR = "appointed_from_shortlisting"
LEVELS = ("Band 5", "Band 6", "Band 7")
Kind = Literal["events", "rest"]


def cell(level: str, kind: str) -> tuple[str, str, str, str]:
    return ("", INDICATOR, level, f"group_{kind}")


def with_whole(levels: dict[str, tuple[int, int]]) -> dict[str, tuple[int, ...]]:
    """Return the rows of a group's levels, base and events of each, and their sum; nobody else is counted."""
    whole = (sum(n for n, _ in levels.values()), sum(x for _, x in levels.values()))
    return {level: (0, 0, *cells, 0, 0) for level, cells in {"all": whole, **levels}.items()}


@pytest.fixture
def set_on(attacker: Any) -> Any:
    """Give an attacker a report of a group by band, and that bands make the whole and events and others the base."""

    def him(protected: pl.DataFrame) -> Any:
        new = type(attacker)()
        new.reads(protected)
        levels = [level for level in protected["level"] if level != "all"]
        for kind in ("base", "events"):
            new.knows(cell("all", kind), [cell(level, kind) for level in levels])
        for level in ("all", *levels):
            new.knows(cell(level, "base"), [cell(level, "events"), cell(level, "rest")])
        return new

    return him


def tell_himself(him: Any, level: str, kind: Kind, *, together: int = 1) -> None:
    """Have so many people know that they are in a level, and did or did not have the event."""
    him.is_told("they", together, together)
    for where in (level, "all"):
        for what in (kind, "base"):
            him.knows(cell(where, what), ["they", ("others", cell(where, what))])


def secrets(protected: pl.DataFrame, level: str, kind: Kind) -> Iterator[tuple[Hashable, ...]]:
    """Yield what is hidden or told nowhere: of cells that he is in, the others."""
    for row in protected.iter_rows(named=True):
        for what in ("base", "events", "rest"):
            if what == "rest" or row[f"group_{what}_status"] == "[c]":
                here = cell(row["level"], what)
                his = row["level"] in (level, "all") and what in (kind, "base")
                yield ("others", here) if his else here


def organisation(seed: int) -> dict[str, tuple[int, int]]:
    """Draw a group of three bands, some of them small."""
    random = np.random.default_rng(seed)
    people = random.poisson(random.choice([4.0, 12.0, 30.0], len(LEVELS))) + 1
    events = random.binomial(people, random.uniform(0.1, 0.9))
    return {level: (int(n), int(x)) for level, n, x in zip(LEVELS, people, events, strict=True)}


# ----------------------------------------------------------------------- one colleague


def test_one_of_two_knows_the_other(
    counted: Any, analyst: Any, published: Any, set_on: Any, rounding: Policy
) -> None:
    """Two of 25 were appointed, and he is one of them: exact counts tell him of one other, published ones of 0 to 6."""
    counts = counted(INDICATOR, with_whole({"Band 5": (60, 31), "Band 6": (25, 2)}))
    left = []
    for build in (analyst, published):
        him = set_on(build.protected(counts))
        tell_himself(him, "Band 6", "events")
        left.append(him.range_of(("others", cell("Band 6", "events"))))
    assert left == [(1, 1), (0, rounding.threshold - 2)]


SEEDS = [*range(6), *(pytest.param(seed, marks=pytest.mark.long) for seed in range(100, 160))]


@pytest.mark.parametrize("seed", SEEDS)
def test_wherever_he_stands_he_is_left_one_value_fewer_than_an_outsider(
    counted: Any, analyst: Any, published: Any, set_on: Any, rounding: Policy, seed: int
) -> None:
    drawn = organisation(seed)
    counts = counted(INDICATOR, with_whole(drawn))
    told = published.protected(counts)
    places = [
        (level, kind)
        for level, (people, events) in drawn.items()
        for kind, there in (("events", events), ("rest", people - events))
        if there
    ]
    for level, kind in places:
        him, knowing_all = set_on(told), set_on(analyst.protected(counts))
        tell_himself(him, level, kind)
        tell_himself(knowing_all, level, kind)
        for secret in secrets(told, level, kind):
            assert knowing_all.width_of(secret) == 1
            low, high = him.range_of(secret)
            # Where everybody has the event, an outsider too is told that nobody is left.
            nobody = secret[0] != "others" and (low, high) == (0, 0)
            few = low < rounding.threshold - 1 and not nobody
            assert not few or high - low + 1 >= rounding.least_interval - 1, (level, kind, secret)


# ----------------------------------------------------------------------- a board member


@pytest.fixture
def the_board(counted: Any) -> pl.DataFrame:
    """Count a board of twelve of whom three are of an ethnic minority, in an organisation of 613, and all its staff."""
    of = {"of": "ethnic_minority"}
    board = counted("ethnic_minority_share_of_board", {"all": (601, 204, 12, 3, 0, None)}, **of)
    staff = counted("ethnic_minority_share_of_staff", {"all": (None, None, 613, 207, 21, None)}, **of)
    return pl.concat([board, staff])


def board_member(him: Any, protected: pl.DataFrame) -> Any:
    """He knows how many they are, which is public, and that he is of an ethnic minority; and what adds up."""
    new = type(him)()
    new.reads(protected)
    staff, board = (("", f"ethnic_minority_share_of_{name}", "all") for name in ("staff", "board"))
    new.knows((*staff, "group_events"), [(*board, "group_events"), (*board, "reference_events")])
    new.knows((*board, "group_base"), [(*board, "group_events"), "the rest of the board"])
    new.is_told((*board, "group_base"), 12, 12)
    new.is_told("himself", 1, 1)
    new.knows((*board, "group_events"), ["himself", "others"])
    return new


def agreed(build: Any, on: dt.date | None) -> Any:
    """Return a build whose organisation has the board's agreement, or lacks it."""
    organisation = build.catalogue.organisation
    agreements = organisation.agreements | {
        "board": Agreement(agreed_on=on, recorded_by="Secretary" if on else None)
    }
    changed = {"organisation": organisation.model_copy(update={"agreements": agreements})}
    return type(build)(build.catalogue.model_copy(update=changed), build.policy)


def test_a_board_member_does_not_learn_how_many_others_are_of_an_ethnic_minority(
    attacker: Any, the_board: pl.DataFrame, analyst: Any, published: Any, rounding: Policy
) -> None:
    """With the agreement on record: by exact counts two others, by published ones any number from none to six."""
    assert board_member(attacker, analyst.protected(the_board)).range_of("others") == (2, 2)
    him = board_member(attacker, published.protected(the_board))
    assert him.range_of("others") == (0, rounding.threshold - 2)


def test_without_agreement_nothing_is_told_of_the_board(the_board: pl.DataFrame, published: Any) -> None:
    """Not even as much as a status that depends on how many they are."""
    for events in (0, 3, 12):
        counts = the_board.with_columns(
            group_events=pl.when(pl.col("indicator").str.ends_with("board"))
            .then(events)
            .otherwise("group_events")
        )
        printed = agreed(published, None).printed(counts)
        row = printed[printed["indicator"] == "ethnic_minority_share_of_board"].iloc[0]
        figures = row[
            ["reference_base", "reference_events", "group_base", "group_events", "ratio", "p_value"]
        ]
        assert set(figures) == {""}
        assert row["status"] == "[x] not agreed"


# ----------------------------------------------------------------------- ten together


@pytest.mark.parametrize("together", range(1, 8))
def test_so_many_of_a_hidden_count_leave_the_others_so_many_values_fewer(
    counted: Any, published: Any, set_on: Any, rounding: Policy, together: int
) -> None:
    """No policy on counts can do otherwise; from four together on it is less than an outsider is promised."""
    protected = published.protected(counted(INDICATOR, with_whole({"Band 5": (60, 31), "Band 6": (25, 7)})))
    him = set_on(protected)
    tell_himself(him, "Band 6", "events", together=together)
    others = him.range_of(("others", cell("Band 6", "events")))
    assert others == (0, rounding.threshold - 1 - together)


def test_ten_who_stand_elsewhere_take_nothing_away(
    counted: Any, analyst: Any, published: Any, set_on: Any
) -> None:
    counts = counted(INDICATOR, with_whole({"Band 5": (60, 31), "Band 6": (25, 3)}))
    secret = cell("Band 6", "events")
    told = published.protected(counts)
    outsider, ten, knowing_all = set_on(told), set_on(told), set_on(analyst.protected(counts))
    for him in (ten, knowing_all):
        tell_himself(him, "Band 5", "events", together=10)
    assert knowing_all.width_of(secret) == 1
    assert ten.range_of(secret) == outsider.range_of(secret) == (1, 7)


def test_ten_of_a_count_that_is_shown_as_ten_know_the_others(
    counted: Any, published: Any, set_on: Any
) -> None:
    """Not guaranteed: the count is no hidden one, and a higher threshold would be needed to keep it from them."""
    him = set_on(
        published.protected(counted(INDICATOR, with_whole({"Band 5": (60, 31), "Band 6": (25, 11)})))
    )
    tell_himself(him, "Band 6", "events", together=10)
    assert him.range_of(("others", cell("Band 6", "events"))) == (0, 2)
