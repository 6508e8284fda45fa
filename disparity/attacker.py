"""The attacker: how many values everything that was told leaves for a count, to somebody who solves all of it at once.

Intervals narrowed sum by sum (:mod:`disparity.adding_up`) hold what single sums say. Here whole tables are sought that
keep every sum and interval together: two of them far enough apart in a count prove that it is safe, and each serves all
counts; where a whole-number program finds that there are none, the count is proved exposed.

Every table is found as a move away from one whole table, the base (:mod:`disparity.witnesses`), in which all but a few
counts stay as they are. Programs over few counts are many times as fast as one over everything, and a table that leaves the
rest as it is needs no proof that the rest can be completed, however many reports there are. First, all counts not yet
settled of one breakdown and some quarters are pushed at once, kin the same way; then each that is left alone, by the least
move; and only what that leaves is sought over everything. Most counts that are exposed are so by the sums of their level
alone. What hangs together by no sum is searched side by side.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from threading import Lock
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, vstack
from scipy.sparse.csgraph import connected_components

from disparity.adding_up import Bounds, Ints, Tables
from disparity.periods import Quarter
from disparity.populations import People
from disparity.programs import ROUNDING, Contradiction, Floats, System, matrix_of
from disparity.witnesses import Witnesses, base_of, kept, moved_by

__all__ = [
    "EXPOSED",
    "NOT_ASKED",
    "SAFE",
    "UNPROVED",
    "Aid",
    "Bools",
    "Contradiction",
    "Progress",
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
# So many rounds may settle hardly anything before the last counts are tried one by one, which takes longer.
_PATIENCE = 2
_HARDLY = 0.1
# What is within so many sums of counts not yet settled is pushed before all is: wider while that settles none.
_STEPS = (4, 5, 6)
# Quarters are pushed together in blocks of so many of the longest windows, each block a window after the one before.
_SPAN = 2
# Programs over one breakdown are so much cheaper than one over everything that several go before it.
_SWEEPS = 2
# A least move that comes out in fractions is sought again so many times, by other weights.
_TRIES = 6
# Fractions among so many counts are made whole; of more, that takes longer than anything else that may help.
_MOST_MADE_WHOLE = 3_000

Progress = Callable[[int, int], None]
"""Is told, each time a round of an attack ends, which it was and how many counts are left to be settled."""


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


class Aid(NamedTuple):
    """What an attack is given by who knows the truth: what is ``known``, what to call with what to ``keep``, and progress.

    ``keep`` is called with the witnesses found, where the true counts are known and are a table of what is published.
    """

    known: Witnesses | None = None
    keep: Callable[[Witnesses], None] = lambda _found: None
    progress: Progress = lambda _turn, _left: None


def proof_of(
    tables: Tables,
    told: Bounds,
    wanted: Ints,
    seconds: float,
    small_below: Ints | None = None,
    aid: Aid | None = None,
) -> Proof:
    """Prove of every count that an attacker is left at least ``wanted`` values for it, or that he is not.

    ``told`` holds the interval of each count, ``wanted`` is 0 where nobody asks; what proves to be no less than
    ``small_below`` is safe whatever it is left. Values left are the greatest less the least, plus one, over all tables
    of whole numbers that keep the sums and the intervals. What is proved neither way when ``seconds`` run out is
    `UNPROVED`. With the true counts in ``aid``, tables are sought from there, and those of an earlier attack that are
    tables still are not sought again; without, a first table is sought. The same input gives the same proof unless time
    ran out. Raises `Contradiction` where there is no table.

    What an attacker infers is found by programs as in Fischetti and Salazar-González (2000), Models and algorithms for
    optimizing cell suppression in tabular data with linear constraints, J. Am. Stat. Assoc. 95, 916-928; here over
    whole numbers, which people are.
    """
    deadline = time.monotonic() + seconds
    known, keep, progress = aid or Aid()
    within = _narrowed(tables, told)
    low, high = within
    # Before a table is found, the least is above the greatest.
    proof = Proof(low, high, high.copy(), low.copy(), np.zeros(len(low), np.int8))
    base = None if known is None else base_of(tables, within, known, deadline)
    moves = csr_array((0, len(low)), dtype=np.int64)
    if known is not None and base is not None:
        moves = moved_by(tables, within, base, known)
        proof.least[:], proof.greatest[:] = (base + furthest for furthest in _furthest(moves))
    large = np.full(len(low), np.inf) if small_below is None else small_below
    asked = np.where(low < large, wanted, 0)
    parts = list(_parts(tables, proof, asked, base))
    settling = _Settling([part for _, part in parts], progress)
    # The programs leave the interpreter free meanwhile.
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda part: part[1].search(deadline, settling), parts))
    for numbers, part in parts:
        for whole, of_part in zip(proof[:4], (part.low, part.high, part.least, part.greatest), strict=True):
            whole[numbers] = of_part
    left, found = proof.high - proof.low + 1, proof.greatest - proof.least + 1
    proof.state[:] = np.select(
        [wanted <= 0, proof.low >= large, left < wanted, found >= wanted],
        [NOT_ASKED, SAFE, EXPOSED, SAFE],
        UNPROVED,
    )
    if known is not None and base is not None:
        found_now = [part.moves_among(numbers, len(low)) for numbers, part in parts]
        moves = csr_array(vstack([moves, *found_now]))
        keep(kept(tables, base, moves, np.flatnonzero(asked > 0), known))
    return proof


def _furthest(moves: csr_array) -> tuple[Ints, Ints]:
    """Return how far down and up any of some moves takes each count."""
    down, up = np.zeros((2, moves.shape[1]), np.int64)
    np.minimum.at(down, moves.indices, moves.data)
    np.maximum.at(up, moves.indices, moves.data)
    return down, up


def range_of(tables: Tables, told: Bounds, number: int) -> tuple[int, int]:
    """Return the least and the greatest value of one count in all whole tables. Raises `Contradiction`."""
    low, high = _narrowed(tables, told)
    wanted = np.where(np.arange(len(low)) == number, high - low + 1, 0)
    nothing = Proof(low, high, high.copy(), low.copy(), np.zeros(len(low), np.int8))
    for numbers, part in _parts(tables, nothing, wanted, None):
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


def _parts(tables: Tables, so_far: Proof, wanted: Ints, base: Ints | None) -> Iterator[tuple[Ints, _Part]]:
    """Yield what hangs together by sums, small parts first, and which counts those are.

    Counts of one value tie nothing together.
    """
    low, high, kin = so_far.low, so_far.high, _kin_of(tables)
    sums, is_open = matrix_of(tables), low < high
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
        found = _Found(*(each[numbers] for each in so_far[:4]))
        of_these = _Kin(*(each[numbers] for each in kin))
        yield (
            numbers,
            _Part(system, found, wanted[numbers], of_these, None if base is None else base[numbers]),
        )


class _Found(NamedTuple):
    """What is known of each count so far, as in `Proof`."""

    low: Ints
    high: Ints
    least: Ints
    greatest: Ints


class _Settling:
    """How far an attack has come, over all its parts, which are searched side by side."""

    def __init__(self, parts: list[_Part], progress: Progress) -> None:
        self._left = {id(part): part.left for part in parts}
        self._progress, self._lock = progress, Lock()

    def ended(self, turn: int, part: _Part) -> None:
        """Say that a round of a part has ended."""
        with self._lock:
            self._left[id(part)] = part.left
            self._progress(turn, sum(self._left.values()))


class _Kin(NamedTuple):
    """Which counts are of one breakdown, one level of it, and one level and ethnicity, numbered; and their quarters."""

    breakdown: Ints
    level: Ints
    group: Ints
    since: Ints
    until: Ints


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
    place = cache(lambda key: Quarter.from_key(key).place)
    since, until = (
        np.array([place(getattr(each, end)) for each in tables.number_of], np.int64)
        for end in ("since", "until")
    )
    return _Kin(labels[0], labels[1], labels[2], since, until)


class _Part:
    """Counts that hang together: intervals narrow from without, tables that are found widen from within."""

    def __init__(self, system: System, found: _Found, wanted: Ints, kin: _Kin, base: Ints | None) -> None:
        self._system, self._wanted, self._kin = system, wanted, kin
        self.everything = np.arange(len(wanted))
        self.low, self.high, self.least, self.greatest = (each.copy() for each in found)
        self._base = found.low.copy() if base is None else base
        self._table = self._base
        self._moves: list[csr_array] = []
        self._window = int(np.max(kin.until - kin.since, initial=0)) + 1
        self._random = np.random.default_rng(_SEED)

    @property
    def left(self) -> int:
        """How many counts are not settled."""
        return int(np.count_nonzero(self._unsettled))

    def moves_among(self, numbers: Ints, size: int) -> csr_array:
        """Return the moves that settled something, where the counts have these numbers among so many."""
        rows = [np.full(len(each.indices), at, np.int64) for at, each in enumerate(self._moves)]
        columns = [numbers[each.indices] for each in self._moves]
        by = [each.data for each in self._moves]
        none = [np.zeros(0, np.int64)]
        entries = (np.concatenate(by or none), tuple(map(np.concatenate, (rows or none, columns or none))))
        return csr_array(entries, shape=(len(self._moves), size))

    def search(self, deadline: float, settling: _Settling) -> None:
        """Look for tables that settle counts many at a time for as long as that settles some; then one by one.

        Raises Contradiction where there is no table.
        """
        if not self._unsettled.any():
            return
        if not self._is_table(self._base):
            self._note(self._first(deadline))
        self._push_blocks(deadline)
        settling.ended(turn := 1, self)
        stalled = 0
        while self._unsettled.any() and stalled < _PATIENCE and time.monotonic() < deadline:
            left, turn = self.left, turn + 1
            self._push_about(deadline)
            stalled = stalled + 1 if left - self.left <= _HARDLY * left else 0
            settling.ended(turn, self)
        if self.left <= _FEW:
            self._try_each(deadline, of_level=True)
        for attempt in (self._move_each, lambda deadline: self._try_each(deadline, of_level=False)):
            if self._unsettled.any():
                attempt(deadline)
                settling.ended(turn := turn + 1, self)

    def _first(self, deadline: float) -> Ints:
        """Return the first table, where none is known: all others are moves away from it."""
        nothing = np.zeros(len(self._wanted))
        found = self._system.near(nothing, Bounds(self.low, self.high), self.everything, self._base, deadline)
        if self._is_table(found):
            self._base = found
        return found

    def _push_blocks(self, deadline: float) -> None:
        """Push what is not settled in each block of quarters, while all outside it is as in the base."""
        for inside in self._blocks():
            self._table = self._base
            self._push_within(inside, deadline)

    def _push_about(self, deadline: float) -> None:
        """Push what is not settled in all quarters about it; and then with what is near by sums, wider while it must be."""
        here = self._unsettled
        first, last = int(self._kin.since[here].min()), int(self._kin.until[here].max())
        inside = self._between(first - self._window, last + self._window)
        self._push_within(inside, deadline)
        left = self.left
        for steps in _STEPS:
            near = np.zeros(len(inside), bool)
            near[self._system.reached(self._unsettled, steps)] = True
            self._push(np.flatnonzero(near & inside), (1, -1), deadline)
            if self.left < left:
                return
        self._push(np.flatnonzero(inside), (1, -1), deadline)

    def _push_within(self, inside: Bools, deadline: float) -> None:
        """Push one breakdown after the other; what one push moved stays so for the next."""
        for _ in range(_SWEEPS):
            for each in np.unique(self._kin.breakdown[self._unsettled & inside]):
                self._push(np.flatnonzero(inside & (self._kin.breakdown == each)), (1, -1), deadline)

    def _blocks(self) -> Iterator[Bools]:
        """Yield the counts of each block of quarters: windows that share some of them, and what lies wholly within."""
        ends, span = int(self._kin.until.max()), _SPAN * self._window
        for first in range(int(self._kin.since.min()), ends + 1, self._window):
            yield self._between(first, first + span - 1)
            if first + span > ends:
                return

    def _between(self, first: int, last: int) -> Bools:
        since, until = self._kin.since, self._kin.until
        shared: Bools = (until >= first) & (since <= last)
        return shared

    def _move_each(self, deadline: float) -> None:
        """Move each count that is not settled by the least move, in the quarters about it and then in more."""
        for target in np.flatnonzero(self._unsettled).tolist():
            since, until = int(self._kin.since[target]), int(self._kin.until[target])
            nearby = self._between(since - self._window, until + self._window)
            further = self._between(since - 2 * self._window, until + 2 * self._window)
            alike = self._kin.breakdown == self._kin.breakdown[target]
            for free in map(np.flatnonzero, (nearby & alike, nearby, further)):
                for way in (1, -1):
                    if self._unsettled[target] and time.monotonic() < deadline:
                        self._move(target, way, free, deadline)

    def _move(self, target: int, way: int, free: Ints, deadline: float) -> None:
        """Move one count as far as is wanted of it, while all but those free stay as they are in the base."""
        missing = int(self._wanted[target]) - 1
        end = int(self.least[target]) + missing if way > 0 else int(self.greatest[target]) - missing
        if not self.low[target] <= end <= self.high[target]:
            return
        low, high = self.low.copy(), self.high.copy()
        low[target] = high[target] = end
        within, weights, touched = Bounds(low, high), np.ones(len(free)), np.zeros(len(low), bool)
        for _ in range(_TRIES):
            moved = self._system.moved_least(self._base, within, free, weights, deadline, whole=False)
            if moved is None:
                return
            self._note(np.rint(moved).astype(np.int64))
            if not self._unsettled[target]:
                return
            touched = np.not_equal(moved, self._base)
            weights = self._random.integers(4, 9, len(free)).astype(float)
        among = self._system.reached(touched, 1)
        if len(among) <= _MOST_MADE_WHOLE:
            one = np.ones(len(among))
            moved = self._system.moved_least(self._base, within, among, one, deadline, whole=True)
            if moved is not None:
                self._note(np.rint(moved).astype(np.int64))

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

    def _is_table(self, table: Ints) -> bool:
        """Return whether it is one to the last digit: only that is proof."""
        return bool(np.all((table >= self.low) & (table <= self.high))) and self._system.keeps(table)

    def _note(self, table: Ints) -> None:
        """Take in a table, if it is one."""
        if self._is_table(table):
            if np.any(self._unsettled & ((table < self.least) | (table > self.greatest))):
                self._moves.append(csr_array((table - self._base)[np.newaxis]))
            self._table = table
            self.least, self.greatest = np.minimum(self.least, table), np.maximum(self.greatest, table)

    def _narrow(self, target: int, way: int, end: float) -> None:
        """Take in how far a target can go, where a program says that is less than its interval."""
        if way > 0:
            self.high[target] = int(np.floor(end + ROUNDING))
        else:
            self.low[target] = int(np.ceil(end - ROUNDING))
