"""The audit: whether a release, with all that its readers were told before, leaves every hidden count enough values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from disparity.adding_up import Tables, of_missing_levels, tables_over
from disparity.attacker import EXPOSED, SAFE, UNPROVED, Contradiction, Proof, proof_of, range_of
from disparity.catalogue.policies import Policy
from disparity.complements import BEYOND, Before, Bounds, as_earlier_records
from disparity.ledger import both
from disparity.populations import People, is_change


class Audit(NamedTuple):
    """Of the counts that are hidden now or were hidden before, which are safe and which are not.

    ``exposed`` are proved to be left too few values; ``exposed_before`` are too, but no fewer than the earlier releases
    by themselves left; ``unproved`` are those that were proved neither way in the time given. None holds a number.
    """

    counts: int
    sums: int
    hidden: int
    safe: int
    exposed: tuple[People, ...]
    exposed_before: tuple[People, ...]
    unproved: tuple[People, ...]

    @property
    def passed(self) -> bool:
        """Whether every hidden count is proved safe, but for what earlier releases gave away."""
        return not self.exposed and not self.unproved


class Left(NamedTuple):
    """What everything told leaves of one count: the least and the greatest it can be, and whether it is hidden.

    ``wanted`` is how many values it is to be left where it could be small, 0 where it is not hidden.
    """

    least: int
    greatest: int
    hidden: bool
    wanted: int
    small: bool

    @property
    def enough(self) -> bool:
        """Whether it is left as many values as it is to be left."""
        return not self.small or self.greatest - self.least + 1 >= self.wanted


def audit(
    told: Mapping[People, Before], before: Mapping[People, Before], policy: Policy, seconds: float
) -> Audit:
    """Set an attacker who holds all of ``told`` and ``before`` on every hidden count.

    Each that could be below the policy's threshold must be left its ``least_interval`` of values, or all that its own
    cell leaves where those are fewer. ``seconds`` is for one attack; where something is exposed, the earlier releases
    are attacked alone once more. Raises Contradiction where what is told contradicts itself, with nothing else beside it.
    """
    try:
        everything = _together(told, before)
        tables, proof = _attacked(everything, policy, seconds)
    except Contradiction:
        # Records were put right since: what was told before is of other records.
        before = as_earlier_records(before)
        everything = _together(told, before)
        tables, proof = _attacked(everything, policy, seconds)
    numbered, small = tables.number_of, proof.low < policy.threshold
    exposed = [
        each for each in everything if proof.state[numbered[each]] == EXPOSED and small[numbered[each]]
    ]
    known = _known_before(exposed, proof, numbered, before, policy, seconds) if exposed else set()
    return Audit(
        counts=len(numbered),
        sums=tables.number_of_sums,
        hidden=sum(each.hidden for each in everything.values()),
        safe=int(np.count_nonzero((proof.state == SAFE) | (proof.state == EXPOSED) & ~small)),
        exposed=tuple(each for each in exposed if each not in known),
        exposed_before=tuple(each for each in exposed if each in known),
        unproved=tuple(each for each in everything if proof.state[numbered[each]] == UNPROVED),
    )


def of_all_readers(found: Sequence[Audit]) -> Audit:
    """Return the audits of one report for several kinds of reader as one: a count is exposed if it is to any of them.

    How many are hidden and safe is said of those from whom most is hidden.
    """
    exposed = dict.fromkeys(people for each in found for people in each.exposed)
    unproved = dict.fromkeys(people for each in found for people in each.unproved)
    before = dict.fromkeys(people for each in found for people in each.exposed_before)
    return max(found, key=lambda each: each.hidden)._replace(
        exposed=tuple(exposed),
        unproved=tuple(people for people in unproved if people not in exposed),
        exposed_before=tuple(people for people in before if people not in exposed),
    )


def left_of(
    people: People, told: Mapping[People, Before], before: Mapping[People, Before], policy: Policy
) -> Left:
    """Return what an attacker who holds all of ``told`` and ``before`` is left for people that are ``told`` of.

    Raises Contradiction where `audit` does.
    """
    try:
        everything = _together(told, before)
        least, greatest = _range(people, everything)
    except Contradiction:
        everything = _together(told, as_earlier_records(before))
        least, greatest = _range(people, everything)
    known = everything[people]
    return Left(least, greatest, known.hidden, _wanted(known, policy), least < policy.threshold)


def _range(people: People, known: Mapping[People, Before]) -> tuple[int, int]:
    tables, within = _laid_out(known)
    return range_of(tables.holding(*within), within, tables.number_of[people])


def _together(told: Mapping[People, Before], before: Mapping[People, Before]) -> dict[People, Before]:
    """Return what all releases say of each people; hidden is what any of them hides and none shows."""
    everything = dict(told)
    for people, earlier in before.items():
        now = told.get(people, earlier)
        if max(now.low, earlier.low) > min(now.high, earlier.high):
            raise Contradiction("a count was told otherwise before")
        everything[people] = both(earlier, now)
    return everything


def _attacked(known: Mapping[People, Before], policy: Policy, seconds: float) -> tuple[Tables, Proof]:
    """Return the numbered counts with all their sums, and what an attacker makes of those that hold."""
    tables, within = _laid_out(known)
    wanted = np.zeros(len(tables), np.int64)
    wanted[: len(known)] = [_wanted(each, policy) for each in known.values()]
    return tables, proof_of(tables.holding(*within), within, wanted, seconds)


def _laid_out(known: Mapping[People, Before]) -> tuple[Tables, Bounds]:
    """Return the numbered counts, those known first, with all their sums, and what each can be by itself."""
    tables = tables_over(tuple(known))
    low = np.array([-BEYOND if is_change(each) else 0 for each in tables.number_of])
    high = np.full(len(tables), BEYOND)
    for number, (least, most, _) in enumerate(known.values()):
        low[number], high[number] = least, most
    high[[tables.number_of[each] for each in of_missing_levels(tuple(known))]] = 0
    return tables, Bounds(low, high)


def _wanted(known: Before, policy: Policy) -> int:
    """Return how many values a count is to be left."""
    return min(policy.least_interval, known.high - known.low + 1) if known.hidden else 0


def _known_before(
    exposed: list[People],
    proof: Proof,
    numbered: Mapping[People, int],
    before: Mapping[People, Before],
    policy: Policy,
    seconds: float,
) -> set[People]:
    """Return those exposed that the earlier releases alone leave no more values than all together."""
    if not before:
        return set()
    tables, alone = _attacked(before, policy, seconds)
    known = set()
    for each in exposed:
        if each in before:
            now, then = numbered[each], tables.number_of[each]
            if alone.high[then] - alone.low[then] <= proof.high[now] - proof.low[now]:
                known.add(each)
    return known
