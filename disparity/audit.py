"""The audit: whether a release, with all that its readers were told before, leaves every hidden count enough values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from disparity.adding_up import Tables, tables_over
from disparity.attacker import EXPOSED, SAFE, UNPROVED, Contradiction, Proof, proof_of
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
    tables = tables_over(tuple(known))
    low = np.array([-BEYOND if is_change(each) else 0 for each in tables.number_of])
    high = np.full(len(tables), BEYOND)
    wanted = np.zeros(len(tables), np.int64)
    for number, (least, most, hidden) in enumerate(known.values()):
        low[number], high[number] = least, most
        wanted[number] = min(policy.least_interval, most - least + 1) if hidden else 0
    return tables, proof_of(tables.holding(low, high), Bounds(low, high), wanted, seconds)


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
