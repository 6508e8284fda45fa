"""The attacker: how many values everything that was told leaves for a count, to somebody who solves all of it at once.

Intervals narrowed sum by sum (:mod:`disparity.adding_up`) hold what single sums say. Here whole tables are sought that
keep every sum and interval together: two of them far enough apart in a count prove that it is safe, and each serves all
counts; where a whole-number program finds that there are none, the count is proved exposed.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds as Limits
from scipy.optimize import LinearConstraint, OptimizeResult, milp
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from disparity.adding_up import Ints, Tables
from disparity.complements import Bounds

Bools = NDArray[np.bool_]

NOT_ASKED, SAFE, EXPOSED, UNPROVED = range(4)
"""Of a count nobody asked about; proved to be left enough values; proved to be left too few; neither in the time given."""

# How many counts one program is to move at once, and how far from the best it may stop: the last ones one by one, exactly.
_TOGETHER = ((60, 0.1), (10, 0.1), (1, 0.0))
_SEED = 20_260_701
_ROUNDING = 1e-6


class Contradiction(ValueError):  # noqa: N818 (it is what it is called)
    """No whole numbers within the intervals keep every sum: not all that was told is of the same records."""


class Proof(NamedTuple):
    """What an attacker can know of each count: arrays over all of them.

    Every whole table lies within ``low`` and ``high``; tables were found that reach ``least`` and ``greatest`` (where
    none was sought these say nothing). ``state`` is one of `NOT_ASKED`, `SAFE`, `EXPOSED` and `UNPROVED`.
    """

    low: Ints
    high: Ints
    least: Ints
    greatest: Ints
    state: NDArray[np.int8]


def proof_of(tables: Tables, told: Bounds, wanted: Ints, seconds: float) -> Proof:
    """Prove of every count that an attacker is left at least ``wanted`` values for it, or that he is not.

    ``told`` holds the interval of each count, ``wanted`` is 0 where nobody asks. Values left are the greatest less the
    least, plus one, over all tables of whole numbers that keep the sums and the intervals. What is proved neither way
    when ``seconds`` run out is `UNPROVED`. The same input gives the same proof unless time ran out. Raises
    `Contradiction` where there is no such table.

    What an attacker infers is found by programs as in Fischetti and Salazar-González (2000), Models and algorithms for
    optimizing cell suppression in tabular data with linear constraints, J. Am. Stat. Assoc. 95, 916-928; here over
    whole numbers, which people are.
    """
    deadline = time.monotonic() + seconds
    low, high = _narrowed(tables, told)
    proof = Proof(low, high, high.copy(), low.copy(), np.zeros(len(low), np.int8))
    parts = [(numbers, _Part(sums, totals, Bounds(low[numbers], high[numbers]), wanted[numbers]))
             for numbers, sums, totals in _parts(tables, low, high)]  # fmt: skip
    for together, gap in _TOGETHER:
        for _, part in parts:
            part.search(together, gap, deadline)
    for numbers, part in parts:
        for whole, known in zip(proof[:4], (part.low, part.high, part.least, part.greatest), strict=True):
            whole[numbers] = known
    left, found = proof.high - proof.low + 1, proof.greatest - proof.least + 1
    proof.state[:] = np.select(
        [wanted <= 0, left < wanted, found >= wanted], [NOT_ASKED, EXPOSED, SAFE], UNPROVED
    )
    return proof


def range_of(tables: Tables, told: Bounds, number: int) -> tuple[int, int]:
    """Return the least and the greatest value of one count in all whole tables. Raises `Contradiction`."""
    low, high = _narrowed(tables, told)
    for numbers, sums, totals in _parts(tables, low, high):
        at = np.flatnonzero(numbers == number)
        if at.size:
            within = Bounds(low[numbers], high[numbers])
            part = _Part(sums, totals, within, within.high - within.low + 1)
            for way in (1, -1):
                part.push(at, np.array([way]), 0.0, np.inf)
            return int(part.least[at[0]]), int(part.greatest[at[0]])
    return int(low[number]), int(high[number])


def _narrowed(tables: Tables, told: Bounds) -> Bounds:
    narrow = Bounds(*tables.narrowed(*told))
    if np.any(narrow.low > narrow.high):
        raise Contradiction("what was told leaves nothing that a count could be")
    return narrow


def _parts(tables: Tables, low: Ints, high: Ints) -> Iterator[tuple[Ints, csr_array, Ints]]:
    """Yield what hangs together by sums, small parts first: its counts, its sums over them, and what each must come to.

    Counts of one value tie nothing together.
    """
    of_sum = tables.sum_of(np.arange(len(tables.number)))
    shape = (int(of_sum.max(initial=-1)) + 1, len(low))
    sums = csr_array((tables.sign, (of_sum, tables.number)), shape=shape)
    is_open = low < high
    totals = -(sums @ np.where(is_open, 0, low))
    free = csr_array(sums[:, np.flatnonzero(is_open)])
    ties = csr_array(abs(free).T @ abs(free))
    number, label = connected_components(ties, directed=False)
    order = np.argsort(label, kind="stable")
    starts = np.searchsorted(label[order], np.arange(number))
    for places in sorted(np.split(order, starts[1:]), key=len):
        of_part = csr_array(free[:, places])
        rows = np.flatnonzero(np.diff(of_part.indptr))
        yield np.flatnonzero(is_open)[places], csr_array(of_part[rows]), totals[rows]


class _Part:
    """Counts that hang together: intervals narrow from without, tables that are found widen from within."""

    def __init__(self, sums: csr_array, totals: Ints, within: Bounds, wanted: Ints) -> None:
        self._sums, self._totals, self._wanted = sums, totals, wanted
        self.low, self.high = within.low.copy(), within.high.copy()
        # Before a table is found, the least is above the greatest.
        self.least, self.greatest = within.high.copy(), within.low.copy()
        self._random = np.random.default_rng(_SEED)

    def search(self, together: int, gap: float, deadline: float) -> None:
        """Look for tables that move counts not yet settled, so many at a time; one at a time proves what they are."""
        untried = self._random.permutation(np.flatnonzero(self._unsettled))
        while untried.size:
            targets, untried = untried[:together], untried[together:]
            ways = self._random.choice(np.array([-1, 1]), len(targets))
            for each in (ways, -ways):
                left = self._unsettled[targets]
                if left.any() and time.monotonic() < deadline:
                    self.push(targets[left], each[left], gap, deadline - time.monotonic())

    @property
    def _unsettled(self) -> Bools:
        found, left = self.greatest - self.least + 1, self.high - self.low + 1
        unsettled: Bools = (self._wanted > 0) & (found < self._wanted) & (left >= self._wanted)
        return unsettled

    def push(self, targets: Ints, ways: Ints, gap: float, seconds: float) -> None:
        """Find a table in which targets lie as far either way as matters, and note what it proves."""
        low, high = self.low.copy(), self.high.copy()
        # No further than is wanted, beyond what was found the other way: further would be at other targets' cost.
        missing = self._wanted[targets] - 1
        upto, downto = self.least[targets] + missing, self.greatest[targets] - missing
        high[targets] = np.where(ways > 0, np.minimum(high[targets], upto), high[targets])
        low[targets] = np.where(ways < 0, np.maximum(low[targets], downto), low[targets])
        costs = np.zeros(len(low))
        costs[targets] = -ways
        solved = self._solved(costs, Bounds(low, high), gap, seconds)
        if solved.status == 2:
            raise Contradiction("no whole numbers keep all that was told")
        if solved.x is not None:
            self._note(np.rint(solved.x).astype(np.int64))
        if len(targets) == 1 and solved.mip_dual_bound is not None:
            target = int(targets[0])
            self._narrow(target, int(ways[0]), solved.mip_dual_bound / costs[target], Bounds(low, high))

    def _solved(
        self, costs: NDArray[np.float64], within: Bounds, gap: float, seconds: float
    ) -> OptimizeResult:
        totals = self._totals.astype(float)
        return milp(
            costs,
            integrality=np.ones(len(costs), np.int64),
            bounds=Limits(within.low.astype(float), within.high.astype(float)),
            constraints=LinearConstraint(self._sums.astype(float), totals, totals),
            options={"mip_rel_gap": gap, "time_limit": min(seconds, 1e9)},
        )

    def _note(self, table: Ints) -> None:
        """Take in a table, if it is one to the last digit: only that is proof."""
        kept = np.all((table >= self.low) & (table <= self.high)) and np.array_equal(
            self._sums @ table, self._totals
        )
        if kept:
            self.least, self.greatest = np.minimum(self.least, table), np.maximum(self.greatest, table)

    def _narrow(self, target: int, way: int, end: float, within: Bounds) -> None:
        """Take in how far a target can go, where a program says that is less than was asked of it."""
        if way > 0 and end + _ROUNDING < within.high[target]:
            self.high[target] = int(np.floor(end + _ROUNDING))
        elif way < 0 and end - _ROUNDING > within.low[target]:
            self.low[target] = int(np.ceil(end - _ROUNDING))
