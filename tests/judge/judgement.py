"""The judgement: whether enough values are left of hidden counts, and of those that follow and are published nowhere."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import permutations
from typing import NamedTuple

from judge.holdings import Holding, Reader
from judge.policies import BEYOND
from judge.published import EVERYONE, MINORITY
from judge.tables import People, Tables

SECONDS = 20.0
"""For one question to the solver."""
OF_A_DATASET = 3600.0
"""After so many seconds of questions about one dataset no further one is asked: what is left of them is undecided."""


class Left(NamedTuple):
    """What is left of one count: its name, the least and the greatest it can be, and how many values it should be left.

    ``follows``: it is published nowhere. Where an end was not found in the time given it is None.
    """

    name: str
    least: int | None
    greatest: int | None
    wanted: int
    follows: bool


class Judgement(NamedTuple):
    """How many counts were asked about, those that are left too few values, and those not decided in the time given.

    ``contradictory`` are datasets of which no table has all that was published.
    """

    hidden: int
    following: int
    exposed: tuple[Left, ...]
    undecided: tuple[str, ...]
    contradictory: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether everybody is left enough values."""
        return not self.exposed and not self.undecided and not self.contradictory


class _Asked(NamedTuple):
    """A count that is asked about: exposed if it can be below ``small_below`` and has fewer values than ``wanted``.

    ``zero_is_shown``: that it is nobody is no secret.
    """

    name: str
    people: People
    wanted: int
    small_below: int
    follows: bool
    zero_is_shown: bool


def judge(reader: Reader, seconds: float = SECONDS, of_a_dataset: float = OF_A_DATASET) -> Judgement:
    """Judge all that a reader has of each dataset."""
    found = [_judged(holding, seconds, of_a_dataset) for holding in reader.holds()]
    return Judgement(
        sum(each.hidden for each in found),
        sum(each.following for each in found),
        tuple(left for each in found for left in each.exposed),
        tuple(name for each in found for name in each.undecided),
        tuple(name for each in found for name in each.contradictory),
    )


def left_to(reader: Reader, seconds: float = SECONDS) -> Iterator[Left]:
    """Yield what a reader is left of every hidden count that could be anybody's, to the last value."""
    for holding in reader.holds():
        if holding.possible():
            asked = list(_hidden(holding))
            tables = holding.tables([each.people for each in asked], seconds)
            yield from (_left(tables, each) for each in asked)


def _judged(holding: Holding, seconds: float, of_a_dataset: float) -> Judgement:
    if not holding.possible():
        return Judgement(0, 0, (), (), (holding.dataset,))
    hidden, following = list(_hidden(holding)), list(_following(holding))
    asked = [*hidden, *following]
    tables = holding.tables([each.people for each in asked], seconds)
    end = time.monotonic() + of_a_dataset
    enough = [_enough(tables, each) if time.monotonic() < end else None for each in asked]
    return Judgement(
        len(hidden),
        len(following),
        tuple(_left(tables, each) for each, is_so in zip(asked, enough, strict=True) if is_so is False),
        tuple(each.name for each, is_so in zip(asked, enough, strict=True) if is_so is None),
        (),
    )


def _left(tables: Tables, asked: _Asked) -> Left:
    ends = tables.least_of(asked.people), tables.greatest_of(asked.people)
    return Left(asked.name, *ends, asked.wanted, asked.follows)


def _enough(tables: Tables, asked: _Asked) -> bool | None:
    """Return whether a count is left enough values; None where that was not decided in the time given."""
    # Tables that were found before mostly answer it.
    least, greatest = tables.seen.get(asked.people, (0, -1))
    if greatest - least + 1 >= asked.wanted:
        return True
    first = tables.least_of(asked.people)
    if first is None or first >= asked.small_below:
        return None if first is None else True
    reached = tables.reaches(asked.people, first + asked.wanted - 1)
    if reached is False and asked.zero_is_shown and first == 0:
        somebody = tables.reaches(asked.people, 1)
        return None if somebody is None else not somebody
    return reached


def _hidden(holding: Holding) -> Iterator[_Asked]:
    """Yield the hidden counts. A policy asks no more values of one than it could have by itself."""
    policy = holding.policy
    for people, known in holding.known.items():
        # That nobody is what nobody can be says nothing.
        if known.could.hidden and people.chosen.levels:
            least, greatest, _ = known.could
            small_below = greatest + 1 if greatest < BEYOND else policy.greatest_threshold
            wanted = min(policy.least_interval, greatest - least + 1)
            yield _Asked(known.name, people, wanted, small_below, follows=False, zero_is_shown=False)


def _following(holding: Holding) -> Iterator[_Asked]:
    """Yield the counts published nowhere that a reader finds by taking others from one count."""
    found = set(holding.known)
    for wider, parts in _taken(holding, list(holding.known)):
        rest = _without(holding, wider, parts)
        # That nobody is left of nobody says nothing.
        if rest is None or rest in found or not holding.known[wider].could.greatest:
            continue
        found.add(rest)
        of_all = [holding.known[each] for each in (wider, *parts)]
        threshold = max(each.threshold for each in of_all)
        # A policy that hides zero hides that everybody of a base had it; that there is nobody else is no such secret.
        hides_zero = (wider, *parts) in holding.events and any(each.hides_zero for each in of_all)
        yield _Asked(
            " less ".join(each.name for each in of_all),
            rest,
            min(holding.policy.least_interval, threshold - 1 + hides_zero),
            threshold,
            follows=True,
            zero_is_shown=not hides_zero,
        )


def _without(holding: Holding, wider: People, parts: Sequence[People]) -> People | None:
    rest: People | None = wider
    for each in parts:
        rest = None if rest is None else holding.rest_of(rest, each)
    return rest


def _taken(holding: Holding, published: Sequence[People]) -> Iterator[tuple[People, Sequence[People]]]:
    """Yield what can be taken from what: at one level and of one ethnicity; and of a share everyone and its group.

    One count from another, and all that have nobody in common from what they are part of. A whole less one of its levels
    is the sum of the others, of which each is asked about.
    """
    alike: dict[tuple[object, ...], list[People]] = defaultdict(list)
    for people in published:
        for place in holding.places[people]:
            alike[place, people.first, people.last, people.ethnicities].append(people)
    for group in alike.values():
        yield from ((wider, [narrower]) for wider, narrower in permutations(group, 2))
        yield from ((wider, holding.parts_of(wider, group)) for wider in group)
    everyone, minority = holding.ethnicities(EVERYONE), holding.ethnicities(MINORITY)
    for people in published:
        group_of_it = people._replace(ethnicities=minority)
        if people.ethnicities == everyone and group_of_it in holding.known:
            yield people, [group_of_it]
