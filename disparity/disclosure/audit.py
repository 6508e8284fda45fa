"""The audit: whether a release, with all that its readers were told before, leaves every hidden count enough values.

So must be left what is published nowhere and follows from what is, such as a base less its events, where it could be small.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple, TypeVar

import numpy as np

from disparity.catalogue.indicators import ALL
from disparity.catalogue.policies import Policy
from disparity.disclosure.additivity import Bounds, Tables, of_missing_levels, seen_to_be_nobody, tables_over
from disparity.disclosure.attacker import (
    EXPOSED,
    SAFE,
    UNPROVED,
    Aid,
    Contradiction,
    Proof,
    proof_of,
    range_of,
)
from disparity.disclosure.fewest_people import fewest_hidden
from disparity.disclosure.released_counts import BEYOND, Before, both
from disparity.disclosure.secondary_suppression import TIMES_AS_DEAR, as_earlier_records
from disparity.populations.people import People, is_change

_Found = TypeVar("_Found")


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
    told: Mapping[People, Before],
    before: Mapping[People, Before],
    policy: Policy,
    seconds: float,
    aid: Aid | None = None,
) -> Audit:
    """Set an attacker who holds all of ``told`` and ``before`` on every hidden count.

    Each that could be small must be left the policy's ``least_interval`` of values, or all that its own cell leaves where
    those are fewer. ``seconds`` is for one attack; where something is exposed, the earlier releases are attacked alone
    once more. Who knows the true counts gives them in ``aid``: then what an earlier audit proved is not sought again.
    Raises Contradiction where what is told contradicts itself, with nothing else beside it.
    """
    return _with(before, lambda earlier: _audit(told, earlier, policy, seconds, aid))


def _audit(
    told: Mapping[People, Before],
    before: Mapping[People, Before],
    policy: Policy,
    seconds: float,
    aid: Aid | None,
) -> Audit:
    everything = _together(told, before)
    tables, proof = _attacked(everything, policy, seconds, aid)
    numbered = tables.number_of
    # That nobody is left is no secret: it is shown where it is published.
    nobody = (proof.low == 0) & (proof.high == 0) & (np.arange(len(tables)) >= len(everything))
    exposed = [each for each, at in numbered.items() if proof.state[at] == EXPOSED and not nobody[at]]
    unproved = tuple(each for each, at in numbered.items() if proof.state[at] == UNPROVED)
    true = None if aid is None else Aid(aid.known)
    known = _known_before(exposed, proof, numbered, before, policy, seconds, true)
    not_safe = sum(everything[each].hidden for each in (*exposed, *unproved) if each in everything)
    hidden = sum(each.hidden for each in everything.values())
    return Audit(
        counts=len(numbered),
        sums=tables.number_of_sums,
        hidden=hidden,
        safe=hidden - not_safe,
        exposed=tuple(each for each in exposed if each not in known),
        exposed_before=tuple(each for each in exposed if each in known),
        unproved=unproved,
    )


def to_be_hidden(
    found: Audit,
    told: Mapping[People, Before],
    before: Mapping[People, Before],
    policy: Policy,
    seconds: float,
    aid: Aid | None = None,
) -> tuple[People, ...]:
    """Return of whom not even the size may be told so that nobody whom an audit found exposed is.

    Those exposed where that is enough, else the fewest people, levels before wholes. What readers were told before cannot
    be hidden; where hiding all else is not enough, some stay exposed.
    """
    return _with(before, lambda earlier: _to_be_hidden(found, told, earlier, policy, seconds, aid))


def _to_be_hidden(
    found: Audit,
    told: Mapping[People, Before],
    before: Mapping[People, Before],
    policy: Policy,
    seconds: float,
    aid: Aid | None,
) -> tuple[People, ...]:
    everything = _together(told, before)
    tables, within = _laid_out(everything)
    exposed = frozenset(found.exposed)
    if_hidden, holding = _if_hidden(tables, within, told, before, policy), tables.holding(*within)
    rest = (0, len(tables) - len(everything))
    wanted = np.zeros(len(tables), np.int64)
    for people in exposed:
        wanted[tables.number_of[people]] = (
            _wanted(everything[people], policy) if people in everything else _wanted_of_what_follows(policy)
        )
    themselves = np.pad([people in exposed and people in told for people in everything], rest)
    # Mostly it is enough that of those exposed not even the size is told; looking for the fewest takes far longer.
    as_hidden = Bounds(
        np.where(themselves, if_hidden.low, within.low), np.where(themselves, if_hidden.high, within.high)
    )
    true = None if aid is None else Aid(aid.known)
    if np.all(proof_of(holding, as_hidden, wanted, seconds, aid=true).state[wanted > 0] == SAFE):
        return tuple(each for each in told if each in exposed)
    cost = np.pad(
        [
            (TIMES_AS_DEAR if people.breakdown == ALL else 1) * each.low if people in told else 0
            for people, each in everything.items()
        ],
        rest,
    )
    choice = fewest_hidden(holding, within, if_hidden, wanted, cost, seconds)
    return tuple(each for each in told if choice.hidden[tables.number_of[each]])


def _if_hidden(
    tables: Tables,
    within: Bounds,
    told: Mapping[People, Before],
    before: Mapping[People, Before],
    policy: Policy,
) -> Bounds:
    """Return what each count may be where not even its size is told, as far as that is left to tell or not."""
    low, high = within.low.copy(), within.high.copy()
    for people, now in told.items():
        if now.high > 0 and (people not in before or before[people].hidden):
            number = tables.number_of[people]
            low[number], high[number] = min(now.low, policy.threshold), BEYOND
    # What is known of it from elsewhere stays.
    for people, earlier in before.items():
        number = tables.number_of[people]
        low[number], high[number] = max(low[number], earlier.low), min(high[number], earlier.high)
    return Bounds(low, high)


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
    return _with(before, lambda earlier: _left(people, _together(told, earlier), policy))


def _left(people: People, everything: Mapping[People, Before], policy: Policy) -> Left:
    tables, within = _laid_out(everything)
    least, greatest = range_of(tables.holding(*within), within, tables.number_of[people])
    known = everything[people]
    return Left(least, greatest, known.hidden, _wanted(known, policy), least < _small_below(known, policy))


def _with(before: Mapping[People, Before], find: Callable[[Mapping[People, Before]], _Found]) -> _Found:
    """Return what is found with what was told before: of other records, put right since, where it contradicts."""
    try:
        return find(before)
    except Contradiction:
        return find(as_earlier_records(before))


def _together(told: Mapping[People, Before], before: Mapping[People, Before]) -> dict[People, Before]:
    """Return what all releases say of each people; hidden is what any of them hides and none shows."""
    everything = dict(told)
    for people, earlier in before.items():
        now = told.get(people, earlier)
        if max(now.low, earlier.low) > min(now.high, earlier.high):
            raise Contradiction("a count was told otherwise before")
        everything[people] = both(earlier, now)
    if any(each.hidden and each.low <= 0 for each in everything.values()):
        # What is hidden of people whose level has no row is shown by that.
        seen = seen_to_be_nobody(tuple(everything))
        everything |= {each: Before(0, 0, hidden=False) for each in seen if everything[each].low <= 0}
    return everything


def _attacked(
    known: Mapping[People, Before],
    policy: Policy,
    seconds: float,
    aid: Aid | None,
    only: Collection[People] | None = None,
) -> tuple[Tables, Proof]:
    """Return the numbered counts with all their sums, and what an attacker makes of those that are hidden, or of some."""
    tables, within = _laid_out(known)
    wanted, small_below = np.zeros((2, len(tables)), np.int64)
    published = {(each.dataset, each.since, each.until) for each in known}
    for people, number in tables.number_of.items():
        if only is not None and people not in only:
            continue
        if people in known:
            wanted[number], small_below[number] = (
                _wanted(known[people], policy),
                _small_below(known[people], policy),
            )
        # Of whom an answer is lacking is no secret of its own: what is left of a base is one of what it is taken from.
        elif (people.dataset, people.since, people.until) in published and not people.region.lacks_an_answer:
            wanted[number], small_below[number] = _wanted_of_what_follows(policy), policy.threshold
    return tables, proof_of(tables.holding(*within), within, wanted, seconds, small_below, aid)


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
    """Return how many values a count is to be left: none asked of one hidden for another's sake, which is not small."""
    asked = known.hidden and known.low < policy.threshold
    return min(policy.least_interval, known.high - known.low + 1) if asked else 0


def _wanted_of_what_follows(policy: Policy) -> int:
    """Return how many values a count that is published nowhere is to be left: no more than a small one has."""
    return min(policy.least_interval, policy.threshold - 1)


def _small_below(known: Before, policy: Policy) -> int:
    """Return what a hidden count is small below: one hidden as small says so by its own interval."""
    return known.high + 1 if known.high < BEYOND else policy.greatest_threshold


def _known_before(
    exposed: list[People],
    proof: Proof,
    numbered: Mapping[People, int],
    before: Mapping[People, Before],
    policy: Policy,
    seconds: float,
    aid: Aid | None,
) -> set[People]:
    """Return those exposed that the earlier releases alone leave no more values than all together."""
    if not exposed or not before:
        return set()
    tables, alone = _attacked(before, policy, seconds, aid, only=exposed)
    known = set()
    for each in exposed:
        if each in tables.number_of:
            now, then = numbered[each], tables.number_of[each]
            if alone.high[then] - alone.low[then] <= proof.high[now] - proof.low[now]:
                known.add(each)
    return known
