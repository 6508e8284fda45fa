"""The attacker: how many values everything that was told leaves for a count, to somebody who solves all of it at once.

Intervals narrowed sum by sum (:mod:`disparity.adding_up`) hold what single sums say. Here whole tables are sought that
keep every sum and interval together: two of them far enough apart in a count prove that it is safe, and each serves all
counts; where a whole-number program finds that there are none, the count is proved exposed.

One program over everything takes seconds, so that few may be asked. Each pushes all counts not yet settled, kin the same
way; while all but one breakdown stays as it is, or all but what is near, programs are many times as fast; and most counts
that are exposed are so by the sums of their own level alone. What hangs together by no sum is searched side by side.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from disparity.adding_up import Bounds, Ints, Tables
from disparity.populations import People
from disparity.programs import ROUNDING, Contradiction, Floats, System

__all__ = [
    "EXPOSED",
    "NOT_ASKED",
    "SAFE",
    "UNPROVED",
    "Bools",
    "Contradiction",
    "Proof",
    "proof_of",
    "range_of",
]

Bools = NDArray[np.bool_]

NOT_ASKED, SAFE, EXPOSED, UNPROVED = range(4)
"""Of a count nobody asked about; proved to be left enough values; proved to be left too few; neither in the time given."""

_SEED = 20_260_701
# So many counts at most are tried one by one, by the sums of their level, before all else was tried.
_FEW = 32
# Programs over one breakdown are so much cheaper than one over everything that several go before it.
_SWEEPS = 2
# What is within so many sums of counts not yet settled is pushed before all is: wider while that settles none.
_STEPS = (4, 5, 6)
# So many rounds may settle nothing before the last counts are tried one by one, by all sums: that takes longest.
_PATIENCE = 2


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


def proof_of(
    tables: Tables, told: Bounds, wanted: Ints, seconds: float, small_below: Ints | None = None
) -> Proof:
    """Prove of every count that an attacker is left at least ``wanted`` values for it, or that he is not.

    ``told`` holds the interval of each count, ``wanted`` is 0 where nobody asks; what proves to be no less than
    ``small_below`` is safe whatever it is left. Values left are the greatest less the least, plus one, over all tables
    of whole numbers that keep the sums and the intervals. What is proved neither way when ``seconds`` run out is
    `UNPROVED`. The same input gives the same proof unless time ran out. Raises `Contradiction` where there is no table.

    What an attacker infers is found by programs as in Fischetti and Salazar-González (2000), Models and algorithms for
    optimizing cell suppression in tabular data with linear constraints, J. Am. Stat. Assoc. 95, 916-928; here over
    whole numbers, which people are.
    """
    deadline = time.monotonic() + seconds
    low, high = _narrowed(tables, told)
    proof = Proof(low, high, high.copy(), low.copy(), np.zeros(len(low), np.int8))
    large = np.full(len(low), np.inf) if small_below is None else small_below
    asked = np.where(low < large, wanted, 0)
    parts = list(_parts(tables, Bounds(low, high), asked))
    # The programs leave the interpreter free meanwhile.
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda part: part[1].search(deadline), parts))
    for numbers, part in parts:
        for whole, known in zip(proof[:4], (part.low, part.high, part.least, part.greatest), strict=True):
            whole[numbers] = known
    left, found = proof.high - proof.low + 1, proof.greatest - proof.least + 1
    proof.state[:] = np.select(
        [wanted <= 0, proof.low >= large, left < wanted, found >= wanted],
        [NOT_ASKED, SAFE, EXPOSED, SAFE],
        UNPROVED,
    )
    return proof


def range_of(tables: Tables, told: Bounds, number: int) -> tuple[int, int]:
    """Return the least and the greatest value of one count in all whole tables. Raises `Contradiction`."""
    low, high = _narrowed(tables, told)
    wanted = np.where(np.arange(len(low)) == number, high - low + 1, 0)
    for numbers, part in _parts(tables, Bounds(low, high), wanted):
        at = np.flatnonzero(numbers == number)
        if at.size:
            for way in (1, -1):
                part.reach(int(at[0]), way, part.everything, np.inf)
            return int(part.least[at[0]]), int(part.greatest[at[0]])
    return int(low[number]), int(high[number])


def _narrowed(tables: Tables, told: Bounds) -> Bounds:
    narrow = Bounds(*tables.narrowed(*told))
    if np.any(narrow.low > narrow.high):
        raise Contradiction("what was told leaves nothing that a count could be")
    return narrow


def _parts(tables: Tables, within: Bounds, wanted: Ints) -> Iterator[tuple[Ints, _Part]]:
    """Yield what hangs together by sums, small parts first, and which counts those are.

    Counts of one value tie nothing together.
    """
    (low, high), kin = within, _kin_of(tables)
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
        numbers = np.flatnonzero(is_open)[places]
        system = System(csr_array(of_part[rows]), totals[rows])
        of_counts = Bounds(low[numbers], high[numbers])
        of_these = _Kin(*(each[numbers] for each in kin))
        yield numbers, _Part(system, of_counts, wanted[numbers], of_these)


class _Kin(NamedTuple):
    """Which counts are of one breakdown, which of one level of it, and which of one level and ethnicity, numbered."""

    breakdown: Ints
    level: Ints
    group: Ints


def _kin_of(tables: Tables) -> _Kin:
    keys: list[Callable[[People], object]] = [
        lambda each: each.breakdown,
        lambda each: (each.breakdown, each.level),
        lambda each: (each.breakdown, each.level, each.ethnicity),
    ]
    labels = np.zeros((len(keys), len(tables)), np.int64)
    for label, key in zip(labels, keys, strict=True):
        known: dict[object, int] = {}
        for people, number in tables.number_of.items():
            label[number] = known.setdefault(key(people), len(known))
    return _Kin(*labels)


class _Part:
    """Counts that hang together: intervals narrow from without, tables that are found widen from within."""

    def __init__(self, system: System, within: Bounds, wanted: Ints, kin: _Kin) -> None:
        self._system, self._wanted, self._kin = system, wanted, kin
        self.everything = np.arange(len(wanted))
        self._breakdowns = [np.flatnonzero(kin.breakdown == each) for each in np.unique(kin.breakdown)]
        self.low, self.high = within.low.copy(), within.high.copy()
        # Before a table is found, the least is above the greatest.
        self.least, self.greatest = within.high.copy(), within.low.copy()
        self._table = within.low.copy()
        self._random = np.random.default_rng(_SEED)

    def search(self, deadline: float) -> None:
        """Look for tables that settle counts many at a time for as long as that settles some; then one by one.

        Raises Contradiction where there is no table.
        """
        # The first table settles nothing by itself.
        self._push(self.everything, (1,), deadline)
        stalled = 0
        while self._unsettled.any() and stalled < _PATIENCE and time.monotonic() < deadline:
            left = np.count_nonzero(self._unsettled)
            for free in _SWEEPS * self._breakdowns:
                self._push(free, (1, -1), deadline)
            if np.count_nonzero(self._unsettled) <= _FEW:
                self._try_each(deadline, of_level=True)
            self._push_near(deadline)
            stalled = stalled + 1 if np.count_nonzero(self._unsettled) == left else 0
        self._try_each(deadline, of_level=False)

    def _push_near(self, deadline: float) -> None:
        """Push counts not yet settled while all that is not near them stays as it is, wider while that settles none."""
        left = np.count_nonzero(self._unsettled)
        for steps in _STEPS:
            self._push(self._system.reached(self._unsettled, steps), (1, -1), deadline)
            if np.count_nonzero(self._unsettled) < left:
                return
        self._push(self.everything, (1, -1), deadline)

    def _try_each(self, deadline: float, *, of_level: bool) -> None:
        for target in np.flatnonzero(self._unsettled):
            among = np.flatnonzero(self._kin.level == self._kin.level[target])
            for way, can in ((1, self.greatest < self.high), (-1, self.least > self.low)):
                if can[target] and self._unsettled[target] and time.monotonic() < deadline:
                    self.reach(int(target), way, among if of_level else self.everything, deadline)

    @property
    def _unsettled(self) -> Bools:
        found, left = self.greatest - self.least + 1, self.high - self.low + 1
        unsettled: Bools = (self._wanted > 0) & (found < self._wanted) & (left >= self._wanted)
        return unsettled

    def _push(self, free: Ints, ways: tuple[int, ...], deadline: float) -> None:
        """Push counts not yet settled one way, and then the other, while all but those ``free`` stay as they are.

        Kin are pushed the same way, and weigh the same: against its kin a count could hardly move.
        """
        number = int(self._kin.group.max(initial=0)) + 1
        way_of = self._random.choice(np.array([-1, 1]), number)[self._kin.group]
        weight = self._random.integers(1, 5, number)[self._kin.group]
        for way in ways:
            can = np.where(way * way_of > 0, self.greatest < self.high, self.least > self.low)
            targets = free[(self._unsettled & can)[free]]
            if targets.size and time.monotonic() < deadline:
                costs, within = self._aimed(targets, way * way_of[targets])
                self._note(self._system.near(costs * weight, within, free, self._table, deadline))

    def _aimed(self, targets: Ints, ways: Ints) -> tuple[Floats, Bounds]:
        """Return the costs that push targets either way, and intervals that stop them where it no longer matters.

        No further than is wanted, beyond what was found the other way: further would be at other targets' cost.
        """
        low, high = self.low.copy(), self.high.copy()
        missing = self._wanted[targets] - 1
        upto, downto = self.least[targets] + missing, self.greatest[targets] - missing
        high[targets] = np.where(ways > 0, np.minimum(high[targets], upto), high[targets])
        low[targets] = np.where(ways < 0, np.maximum(low[targets], downto), low[targets])
        costs = np.zeros(len(low))
        costs[targets] = -ways
        return costs, Bounds(low, high)

    def reach(self, target: int, way: int, among: Ints, deadline: float) -> None:
        """Note how far one way a count can go, as far as matters, by the sums that are wholly ``among`` some counts."""
        costs, aimed = self._aimed(np.array([target]), np.array([way]))
        # What stops short of where it was aimed may have values beyond: it is asked again how far it can go at all.
        for within in (aimed, Bounds(self.low, self.high)):
            system, here = self._system.among(among), Bounds(within.low[among], within.high[among])
            solved = system.solved(costs[among], here, deadline, whole=True)
            if solved.x is not None and len(among) == len(self.everything):
                self._note(np.rint(solved.x).astype(np.int64))
            if solved.mip_dual_bound is None:
                return
            end = solved.mip_dual_bound / costs[target]
            if (end + ROUNDING >= within.high[target]) if way > 0 else (end - ROUNDING <= within.low[target]):
                return
        self._narrow(target, way, end)

    def _note(self, table: Ints) -> None:
        """Take in a table, if it is one to the last digit: only that is proof."""
        if np.all((table >= self.low) & (table <= self.high)) and self._system.keeps(table):
            self._table = table
            self.least, self.greatest = np.minimum(self.least, table), np.maximum(self.greatest, table)

    def _narrow(self, target: int, way: int, end: float) -> None:
        """Take in how far a target can go, where a program says that is less than its interval."""
        if way > 0:
            self.high[target] = int(np.floor(end + ROUNDING))
        else:
            self.low[target] = int(np.ceil(end - ROUNDING))
