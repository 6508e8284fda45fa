"""Complements: which further counts must be hidden so that what adds up gives no hidden one away.

A reader who knows the rounding rule holds every shown count as an interval, a hidden one as "small", and knows what
adds up (:mod:`disparity.disclosure.additivity`). He narrows each interval by the others until nothing moves. Hidden
here means hidden from him.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from disparity.catalogue.policies import Policy
from disparity.disclosure.additivity import (
    Bounds,
    Ints,
    Tables,
    of_missing_levels,
    rests,
    tables_over,
)
from disparity.disclosure.fewest_people import fewest_hidden
from disparity.disclosure.released_counts import (
    BEYOND,
    OF_ANY_SIZE,
    SMALL,
    TOLD,
    Asked,
    Before,
    asked_of_all,
    bounds,
)
from disparity.populations.people import People, edition, is_change, since_edition
from disparity.populations.regions import Region

# Of more counts than these the fewest people are not sought: it takes minutes, and what is found would depend on the time.
_MOST_FOR_FEWEST = 1_000
_SECONDS_FOR_FEWEST = 600.0
# A whole is worth as many people as ten of its levels, a headline as ten wholes.
TIMES_AS_DEAR = 10


def states_of(
    people: Sequence[People],
    true: Ints,
    policy: Policy,
    before: Mapping[People, Before] | None = None,
    asked: Asked | None = None,
    also: Collection[People] = (),
) -> Ints:
    """Return how the count of each of ``people`` is kept so that no small one can be worked out.

    Small counts are hidden as ``asked`` (by default, as the policy asks of all), what was hidden ``before`` too, and of
    ``also`` not even the size is told. Where what adds up leaves a hidden count, or one that is nowhere told and could be
    small, fewer than ``least_interval`` values, a told count that narrows it is hidden too, and so on: each round hides
    more, so it ends.
    """
    before = before or {}
    asked = asked or asked_of_all(policy, len(true))
    there = (true > 0) | (asked.nought > 0)
    state = np.where(there & (true < asked.threshold), SMALL, TOLD)
    hidden = np.array([each in before and before[each].hidden for each in people], bool) & (state == TOLD)
    further = np.array([each in also for each in people], bool)
    state = np.where((hidden | further) & there, OF_ANY_SIZE, state)
    return _hidden_further(people, true, state, policy, before, asked)


class _Reader:
    """What a reader of some tables, old and new, has been told, and what he makes of it."""

    def __init__(
        self,
        people: Sequence[People],
        true: Ints,
        policy: Policy,
        before: Mapping[People, Before],
        asked: Asked,
    ) -> None:
        self.true, self.policy, self._asked = true, policy, asked
        tables = tables_over(tuple(dict.fromkeys([*people, *before])))
        size = len(tables)
        self._low = np.where([is_change(each) for each in tables.number_of], -BEYOND, 0)
        self._high = np.full(size, BEYOND)
        counted = {each: Before(n, n, False) for each, n in zip(people, true.tolist(), strict=True)}
        missing = of_missing_levels(tuple(dict.fromkeys([*people, *before])))
        nobody = [*_nobody(counted), *_nobody(before), *missing]
        # Of whom a figure is published, that says how many they are.
        unpublished = (each for each in nobody if each not in counted and each not in before)
        self._high[[tables.number_of[each] for each in unpublished if each in tables.number_of]] = 0
        own = np.arange(size) < len(people)
        truth = np.concatenate([true, np.zeros(size - len(people), np.int64)])
        # Where an answer is lacking, what should add up may not.
        self.tables: Tables = tables.holding(
            np.where(own, truth, self._low), np.where(own, truth, self._high)
        )
        self._secret_before = np.zeros(size, bool)
        for each, known in before.items():
            at = self.tables.number_of[each]
            self._low[at], self._high[at], self._secret_before[at] = known
        told_before = np.array([each in before and not before[each].hidden for each in people], bool)
        self.can_be_hidden = ((true > 0) | (asked.nought > 0)) & ~told_before
        self._implied = np.ones(size, bool)
        self._implied[: len(people)] = False
        self._implied[[self.tables.number_of[each] for each in before]] = False
        self.matters = asked.matters
        self._of_all = _asked_of_numbered(self.tables, people, asked, policy)
        untold = Bounds(self._low, self._high)
        self._by_then = Bounds(*self.tables.narrowed(*untold))
        self._close_by_then = self._is_close(self._secret_before, untold, self._by_then)

    def told(self, state: Ints) -> Bounds:
        """Return what each count may be by what is shown of it alone."""
        low, high = self._low.copy(), self._high.copy()
        own = bounds(self.true, state, self.policy, self._asked)
        low[: len(state)] = np.maximum(low[: len(state)], own.low)
        high[: len(state)] = np.minimum(high[: len(state)], own.high)
        return Bounds(low, high)

    def least_left(self, told: Bounds) -> Ints:
        """Return how many values each must be left where it is hidden: no more than its own cell leaves."""
        least: Ints = np.minimum(self.policy.least_interval, told.high - told.low + 1)
        return least

    def close(self, state: Ints, told: Bounds, narrow: Bounds) -> NDArray[np.bool_]:
        """Return which counts are left too few values by what is told now: hidden ones, and small ones told nowhere.

        What earlier releases by themselves gave away cannot be taken back; it must not become narrower still.
        """
        secret = self._secret_before.copy()
        secret[: len(state)] |= state != TOLD
        by_now = (narrow.low > self._by_then.low) | (narrow.high < self._by_then.high)
        return self._is_close(secret, told, narrow) & (by_now | ~self._close_by_then)

    def _is_close(self, secret: NDArray[np.bool_], told: Bounds, narrow: Bounds) -> NDArray[np.bool_]:
        threshold, nought, _ = self._of_all
        small = self._implied & (narrow.low < threshold) & (narrow.high > -threshold)
        small &= (narrow.low != 0) | (narrow.high != 0) | (nought > 0)
        least = self.least_left(told)
        least = np.where(self._implied, np.minimum(least, threshold - 1 + nought), least)
        # What was hidden for another's sake and cannot be small is no secret of its own.
        secret = secret & (narrow.low < threshold)
        close: NDArray[np.bool_] = (secret | small) & (narrow.high - narrow.low + 1 < least)
        return close


def _asked_of_numbered(tables: Tables, people: Sequence[People], asked: Asked, policy: Policy) -> Asked:
    """Return what is asked of every numbered count: of one that is only implied, the most of those it adds up with.

    Of one told in other quarters, what is asked of those of the same kind now; of what nothing is known of, the most.
    """
    of_kind: dict[tuple[str, Region], Ints] = {}
    for each, wanted in zip(people, np.column_stack(asked), strict=True):
        of_kind[_kind(each)] = np.maximum(of_kind.get(_kind(each), wanted), wanted)
    nothing = np.zeros(3, np.int64)
    own = np.array([of_kind.get(_kind(each), nothing) for each in tables.number_of], np.int64).reshape(-1, 3)
    sums = tables.sum_of(np.arange(len(tables.number)))
    of_sums = np.zeros((int(sums.max(initial=-1)) + 1, 3), np.int64)
    np.maximum.at(of_sums, sums, own[tables.number])
    nearby = np.zeros_like(own)
    np.maximum.at(nearby, tables.number, of_sums[sums])
    most = np.array([policy.greatest_threshold, bool(policy.hide_noughts), 0])
    found = np.where(own[:, :1] > 0, own, np.where(nearby[:, :1] > 0, nearby, most))
    return Asked(*found.T)


def _kind(people: People) -> tuple[str, Region]:
    now_and_change = since_edition(people)
    return (people if now_and_change is None else now_and_change[0]).dataset, people.region


def as_earlier_records(before: Mapping[People, Before]) -> dict[People, Before]:
    """Return what was told before as editions of their own: to be done where it contradicts what is told now."""
    return {
        edition(each, "earlier records") if since_edition(each) is None else each: known
        for each, known in before.items()
    }


def _nobody(told: Mapping[People, Before]) -> Iterator[People]:
    """Yield those who are left of some people once others are taken away, where a reader sees that it is nobody.

    He does where all figures of those of whom more is asked are those of whom less is asked, and there are several.
    """
    of_kind: dict[tuple[object, ...], list[tuple[Before, Before, People]]] = defaultdict(list)
    for wider, narrower, rest, kind in rests(told):
        of_kind[kind].append((told[wider], told[narrower], rest))
    for figures in of_kind.values():
        # That two are hidden alike says nothing of either.
        shown = (figure for figure, other, _ in figures if not figure.hidden and not other.hidden)
        several = sum(figure.high > 0 for figure in shown) > 1
        if several and all(figure == other for figure, other, _ in figures):
            yield from (rest for _, _, rest in figures)


def _hidden_further(
    people: Sequence[People],
    true: Ints,
    state: Ints,
    policy: Policy,
    before: Mapping[People, Before],
    asked: Asked,
) -> Ints:
    """Hide a further count for each that is told too closely, one after the other."""
    reader = _Reader(people, true, policy, before, asked)
    state, given_up = state.copy(), np.zeros(len(reader.tables), bool)
    told = reader.told(state)
    narrow = Bounds(*reader.tables.narrowed(*told))
    if np.any(narrow.low > narrow.high):
        earlier = as_earlier_records(before)
        if earlier == before:
            raise ValueError("counts contradict what they should add up to")
        return _hidden_further(people, true, state, policy, earlier, asked)
    if policy.hides == "fewest people" and np.count_nonzero(reader.can_be_hidden) <= _MOST_FOR_FEWEST:
        state = _with_fewest(reader, state)
        told = reader.told(state)
        narrow = Bounds(*reader.tables.narrowed(*told))
    while True:
        close = np.flatnonzero(reader.close(state, told, narrow) & ~given_up)
        if not close.size:
            return state
        other = _to_hide(reader, int(close[0]), state, told, narrow)
        if other is None:
            given_up[close[0]] = True
            continue
        state[other] = OF_ANY_SIZE
        told = reader.told(state)
        narrow = _reopened(reader.tables, other, told, narrow)


def _with_fewest(reader: _Reader, state: Ints) -> Ints:
    """Hide the fewest people that leave every hidden count enough values to who solves all sums at once."""
    told = reader.told(state)
    can_be = reader.can_be_hidden & (state == TOLD) & (reader.true > 0)
    if_hidden = reader.told(np.where(can_be, OF_ANY_SIZE, state))
    rest = (0, len(reader.tables) - len(state))
    wanted = np.where(np.pad(state != TOLD, rest), reader.least_left(told), 0)
    cost = np.pad(reader.true * TIMES_AS_DEAR**reader.matters, rest)
    choice = fewest_hidden(reader.tables, told, if_hidden, wanted, cost, _SECONDS_FOR_FEWEST)
    return np.where(choice.hidden[: len(state)], OF_ANY_SIZE, state)


def _to_hide(reader: _Reader, at: int, state: Ints, told: Bounds, narrow: Bounds) -> int | None:
    """Return of the told counts that narrow this one the nearest that matters least, else the largest small one.

    A level further off goes before a whole beside it: a headline is worth some levels.
    """
    seen, waiting, small = {at}, np.array([at]), set[int]()
    best: int | None = None
    while waiting.size:
        nearer = set(_narrowing(reader.tables, waiting, told, narrow).tolist()) - seen
        here = [each for each in nearer if each < len(state) and reader.can_be_hidden[each]]
        shown = [each for each in here if state[each] == TOLD]
        least = min(
            shown, key=lambda each: (int(reader.matters[each]), int(reader.true[each]), each), default=best
        )
        if best is None or (least is not None and reader.matters[least] < reader.matters[best]):
            best = least
        if best is not None and reader.matters[best] == 0:
            return best
        small |= {each for each in here if state[each] == SMALL}
        seen |= nearer
        waiting = np.array(sorted(nearer), dtype=np.int64)
    if best is not None:
        return best
    largest = sorted(small, key=lambda each: (-int(reader.true[each]), each))
    return largest[0] if largest else None


def _narrowing(tables: Tables, counts: Ints, told: Bounds, narrow: Bounds) -> Ints:
    """Return the counts of the sums that give some counts a bound of their narrowed interval."""
    binding = _binding(tables, tables.sums_with(counts), told, narrow)
    sums = tables.sum_of(binding[np.isin(tables.number[binding], counts)])
    return np.unique(tables.number[tables.terms_in(np.unique(sums))])


def _binding(tables: Tables, sums: Ints, told: Bounds, narrow: Bounds) -> Ints:
    """Return the terms of some sums whose sum gives their count a bound that it was not told."""
    terms, least, most = tables.implied(sums, *narrow)
    number = tables.number[terms]
    low, high = narrow.low[number], narrow.high[number]
    binds = ((least == low) & (low > told.low[number])) | ((most == high) & (high < told.high[number]))
    binding: Ints = terms[binds]
    return binding


def _reopened(tables: Tables, hidden: int, told: Bounds, narrow: Bounds) -> Bounds:
    """Return what the intervals are once a count is hidden: what it narrowed, and what that did, is narrowed anew."""
    anew = waiting = np.array([hidden])
    while waiting.size:
        bound = tables.number[_binding(tables, tables.sums_with(waiting), told, narrow)]
        waiting = np.setdiff1d(bound, anew)
        anew = np.union1d(anew, waiting)
    low, high = narrow.low.copy(), narrow.high.copy()
    low[anew], high[anew] = told.low[anew], told.high[anew]
    return Bounds(*tables.narrowed(low, high, anew))
