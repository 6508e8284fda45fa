"""Suppression: the fewest people to hide besides the secret ones, so that no sums together give a secret count away.

Counts hidden one after the other (:mod:`disparity.disclosure.secondary_suppression`) are soon chosen, but they are
more than need be. Here a program of noughts and ones chooses, and an attacker who solves all sums at once
(:mod:`disparity.disclosure.attacker`) tries the choice. How he comes too close to a count is an inequality that every
choice must keep to stop him; with it the program chooses anew, until he is stopped.
"""

from __future__ import annotations

import time
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import Bounds as Limits
from scipy.optimize import LinearConstraint, linprog, milp
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from disparity.disclosure.additivity import Bounds, Ints, Tables
from disparity.disclosure.attacker import (
    EXPOSED,
    SAFE,
    UNPROVED,
    Bools,
    proof_of,
    range_of,
)

# The weights of sums are counted in these parts, so that what they imply is computed in whole numbers, without error.
# It has many divisors: nearly all weights that are best are fractions of small numbers.
_PARTS = 5040

# How far from the fewest a program may stop: far, while there is much to learn, and soon a choice is at hand; then nowhere.
_GAPS = (0.05, 0.0)


class Choice(NamedTuple):
    """What to hide: arrays over all counts.

    ``hidden`` are those to hide besides what is hidden already, ``people`` how many are counted there; ``fewest`` is
    whether fewer were proved not to be enough. ``short`` are those for which not even hiding everything is: they are
    left what that would leave them.
    """

    hidden: Bools
    people: int
    fewest: bool
    short: Bools


def fewest_hidden(
    tables: Tables, told: Bounds, if_hidden: Bounds, wanted: Ints, cost: Ints, seconds: float
) -> Choice:
    """Choose what to hide so that an attacker is left at least ``wanted`` values for each count, at the least cost.

    ``told`` holds what each count may be to a reader before anything further is hidden, ``if_hidden`` what it may be
    once it is: the same where it is hidden already, told nowhere, nought, or not to be hidden. ``wanted`` is 0 where
    nobody asks, ``cost`` how many people each counts, none below 0. All are arrays over the counts of ``tables``. Values
    left are the greatest less the least, plus one, over all tables of whole numbers that keep the sums and intervals.

    Half of ``seconds`` is for the fewest. Where that is not enough, the latest choice is mended: each inequality it does
    not keep is met by what costs least for what it gives, and then the dearest is shown again wherever the attacker stays
    stopped; ``fewest`` is false. Where time does not suffice for that, everything is hidden. Of several choices at the
    least cost it is left open which one is made; the same input gives the same choice unless time ran out.

    Raises ValueError where hiding would tell more than telling, and `Contradiction` where no table keeps what is told.

    The fewest are found by cutting planes, as in Fischetti and Salazar-González (2000), Models and algorithms for
    optimizing cell suppression in tabular data with linear constraints, J. Am. Stat. Assoc. 95, 916-928, where whole
    numbers, which people are, are not asked for.
    """
    if np.any((if_hidden.low > told.low) | (if_hidden.high < told.high)):
        raise ValueError("a hidden count must leave what telling it would leave")
    start = time.monotonic()
    search = _Search(tables, told, if_hidden, wanted, cost, start + seconds)
    chosen = search.fewest(start + seconds / 2)
    fewest = chosen is not None
    if chosen is None:
        chosen = search.one_by_one()
    return Choice(chosen, int(cost[chosen].sum()), fewest, search.short)


class _Cut(NamedTuple):
    """What some counts give when they are hidden, and how much of it every choice must give."""

    counts: Ints
    gives: Ints
    needed: int

    def missing(self, chosen: Bools) -> int:
        return self.needed - int(self.gives[chosen[self.counts]].sum())


class _Search:
    """The search for a choice: the inequalities found so far, and the attacker who finds more."""

    def __init__(
        self, tables: Tables, told: Bounds, if_hidden: Bounds, wanted: Ints, cost: Ints, deadline: float
    ) -> None:
        self._tables, self._told, self._if_hidden, self._cost = tables, told, if_hidden, cost
        self._deadline = deadline
        self._can_hide: Bools = (if_hidden.low < told.low) | (if_hidden.high > told.high)
        of_sum = tables.sum_of(np.arange(len(tables.number)))
        shape = (int(of_sum.max(initial=-1)) + 1, len(tables))
        self._sums = csr_array((tables.sign, (of_sum, tables.number)), shape=shape)
        self._latest: Bools = np.zeros(len(tables), bool)
        at_best = proof_of(tables, if_hidden, wanted, _until(deadline))
        self._wanted = wanted.copy()
        for target in np.flatnonzero(at_best.state == EXPOSED):
            low, high = range_of(tables, if_hidden, int(target))
            self._wanted[target] = min(int(wanted[target]), high - low + 1)
        self.short: Bools = (self._wanted < wanted) | (at_best.state == UNPROVED)
        self._cuts = [
            cut
            for target in np.flatnonzero(wanted > 0).tolist()
            for cut in self._of_single_sums(target)
            if cut.needed > 0
        ]

    def fewest(self, deadline: float) -> Bools | None:
        """Return the choice that hides the fewest people, or None where time runs out."""
        company = self._company()
        for gap in _GAPS:
            stopped = False
            while not stopped:
                chosen = self._cheapest(company, gap, _until(deadline))
                if chosen is None:
                    return None
                stopped = self._stops(chosen, deadline)
                if gap > 0 or stopped:
                    self._latest = chosen
        return self._latest

    def _cheapest(self, company: LinearConstraint, gap: float, seconds: float) -> Bools | None:
        """Return the cheapest choice that keeps the inequalities found so far, or None where time runs out."""
        solved = milp(
            self._cost.astype(float),
            integrality=np.ones(len(self._cost), np.int64),
            bounds=Limits(0, self._can_hide.astype(float)),
            constraints=[self._kept_cuts(), company],
            options={"mip_rel_gap": gap, "time_limit": min(seconds, 1e9)},
        )
        chosen: Bools | None = solved.x > 0.5 if solved.status == 0 and seconds > 0 else None
        return chosen

    def one_by_one(self) -> Bools:
        """Return the latest choice with what it lacks: everything that can be hidden, where time runs out."""
        chosen = self._latest.copy()
        while not np.array_equal(chosen, self._can_hide) and _until(self._deadline) > 0:
            self._cover(chosen)
            if self._stops(chosen, self._deadline):
                return self._without_needless(chosen)
        return self._can_hide

    def _without_needless(self, chosen: Bools) -> Bools:
        for each in sorted(np.flatnonzero(chosen).tolist(), key=lambda at: (-int(self._cost[at]), at)):
            chosen[each] = False
            may_do = _until(self._deadline) > 0 and all(cut.missing(chosen) <= 0 for cut in self._cuts)
            chosen[each] = not (may_do and self._stops(chosen, self._deadline))
        return chosen

    def _kept_cuts(self) -> LinearConstraint:
        row = np.repeat(np.arange(len(self._cuts)), np.array([len(cut.counts) for cut in self._cuts], int))
        number = [at for cut in self._cuts for at in cut.counts.tolist()]
        gives = [each / cut.needed for cut in self._cuts for each in cut.gives.tolist()]
        shape = (len(self._cuts), len(self._cost))
        return LinearConstraint(csr_array((gives, (row, np.array(number, int))), shape=shape), 1, np.inf)

    def _company(self) -> LinearConstraint:
        """Say that no count is hidden alone among counts told exactly: their sum tells it, so it may as well be shown."""
        is_open = (self._told.low < self._told.high).astype(np.int64)
        present = abs(self._sums).sign()
        closed = present[np.flatnonzero(present @ is_open == 0)]
        row, number = closed.nonzero()
        itself = csr_array((np.ones(len(row)), (np.arange(len(row)), number)), shape=(len(row), len(is_open)))
        return LinearConstraint(csr_array(closed[row] - 2 * itself), 0, np.inf)

    def _cover(self, chosen: Bools) -> None:
        """Choose for each inequality that is not kept what costs least for what it gives."""
        for cut in self._cuts:
            while (missing := cut.missing(chosen)) > 0 and not chosen[cut.counts].all():
                left = ~chosen[cut.counts]
                given = np.minimum(cut.gives[left], missing)
                chosen[cut.counts[left][np.argmin(self._cost[cut.counts[left]] / given)]] = True

    def _stops(self, chosen: Bools, deadline: float) -> bool:
        """Return whether a choice is proved to stop the attacker; what he finds else is an inequality more for each."""
        shown = Bounds(
            np.where(chosen, self._if_hidden.low, self._told.low),
            np.where(chosen, self._if_hidden.high, self._told.high),
        )
        proof = proof_of(self._tables, shown, self._wanted, _until(deadline))
        reasoning, stopped = _Reasoning(self._sums, shown), True
        for target in np.flatnonzero((self._wanted > 0) & (proof.state != SAFE)).tolist():
            weights, tied = reasoning.about(target)
            cut = self._cut(target, weights)
            if cut.missing(chosen) <= 0:
                if proof.state[target] == EXPOSED and self._is_left_enough(target, shown):
                    continue
                # Only whole numbers give it away: one more must be hidden of those that what is hidden is tied to.
                more = tied[self._can_hide[tied] & ~chosen[tied]]
                cut = _Cut(more, np.ones(len(more), np.int64), 1)
            self._cuts.append(cut)
            stopped = False
        return stopped

    def _is_left_enough(self, target: int, shown: Bounds) -> bool:
        """Return whether it is, where a proof that looks no further than wanted may miss values beyond a gap."""
        low, high = range_of(self._tables, shown, target)
        return high - low + 1 >= int(self._wanted[target])

    def _of_single_sums(self, target: int) -> list[_Cut]:
        """Return what a count's own interval implies by itself, and each of its sums."""
        weights = np.zeros((2, self._sums.shape[0]), np.int64)
        cuts = [self._cut(target, weights)]
        for one in self._tables.sums_with(np.array([target])):
            weights[:, one] = np.array([-1, 1]) * _PARTS * self._sums[one, target]
            cuts.append(self._cut(target, weights))
            weights[:, one] = 0
        return cuts

    def _cut(self, target: int, weights: Ints) -> _Cut:
        """Return what weights of the sums imply, a row of them each for how far a count goes up and down.

        Sums come to nought: added to a count with any weights they leave it as it is. The greatest that every count by
        itself may then come to bounds it, and that grows by a fixed amount for each that is hidden.
        """
        of_count: Ints = np.array(weights @ self._sums)
        of_count[:, target] += np.array([_PARTS, -_PARTS])
        up, down = np.maximum(of_count, 0).sum(axis=0), np.maximum(-of_count, 0).sum(axis=0)
        told, if_hidden = self._told, self._if_hidden
        needed = _PARTS * (int(self._wanted[target]) - 1) - int(np.sum(up * told.high - down * told.low))
        gives = up * (if_hidden.high - told.high) + down * (told.low - if_hidden.low)
        counts = np.flatnonzero(gives)
        # More than is needed is no better than enough.
        return _Cut(counts, np.minimum(gives[counts], max(needed, 0)), needed)


class _Reasoning:
    """How an attacker for whom counts are any numbers, not whole ones, comes as close to a count as he can."""

    def __init__(self, sums: csr_array, shown: Bounds) -> None:
        self._sums, self._shown = sums, shown
        self._open = np.flatnonzero(shown.low < shown.high)
        self._free = abs(csr_array(sums[:, self._open]))
        self._label = connected_components(self._free.T @ self._free, directed=False)[1]

    def about(self, target: int) -> tuple[Ints, Ints]:
        """Return the weights of sums, in parts, that bound a count from above and below, and all counts of such sums."""
        within = self._label == self._label[np.searchsorted(self._open, target)]
        places = np.unique(self._free[:, np.flatnonzero(within)].nonzero()[0])
        rows, counts = csr_array(self._sums[places]), self._open[within]
        weights = np.zeros((2, self._sums.shape[0]), np.int64)
        for row, way in enumerate((1, -1)):
            weights[row, places] = self._weights(rows, counts, np.where(counts == target, -way, 0))
        return weights, np.unique(rows.nonzero()[1]).astype(np.int64)

    def _weights(self, rows: csr_array, counts: Ints, costs: Ints) -> Ints:
        low, high = self._shown
        elsewhere = low.copy()
        elsewhere[counts] = 0
        within = list(zip(low[counts].tolist(), high[counts].tolist(), strict=True))
        # The stub of linprog knows no sparse matrix; HiGHS does.
        free: Any = csr_array(rows[:, counts])
        solved = linprog(costs, A_eq=free, b_eq=-(rows @ elsewhere), bounds=within)
        if solved.status != 0:
            return np.zeros(rows.shape[0], np.int64)
        weights: Ints = np.rint(_PARTS * solved.eqlin.marginals).astype(np.int64)
        return weights


def _until(deadline: float) -> float:
    return max(0.0, deadline - time.monotonic())
