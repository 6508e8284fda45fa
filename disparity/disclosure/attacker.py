"""The attacker: how many values everything that was told leaves for a count, to somebody who solves all of it at once.

Intervals narrowed sum by sum (:mod:`disparity.disclosure.additivity`) hold what single sums say. Here whole tables
are sought that keep every sum and interval together: two of them far enough apart in a count prove that it is safe,
and each serves all counts; where a whole-number program finds that there are none, the count is proved exposed.

Every table is found as a move away from one whole table, the base (:mod:`disparity.disclosure.witnesses`), in which
all but a few counts stay as they are: such a table needs no proof that the rest can be completed, however many
reports there are. First all counts not yet settled are pushed at once, kin the same way: those that no later report
will speak of, then by quarter and by breakdown, and then with all quarters about them. What that leaves is looked at
one by one: most counts that are exposed show it in fractions, by the sums of their level; others are moved by the
least move; and only what is left then is sought over everything. What hangs together by no sum, and pushes of one
kind, are searched side by side.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import cache
from threading import Lock
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, vstack
from scipy.sparse.csgraph import connected_components

from disparity.disclosure.additivity import Bounds, Ints, Tables
from disparity.disclosure.integer_programs import ROUNDING, Contradiction, Floats, System, matrix_of
from disparity.disclosure.witnesses import Witnesses, base_of, kept, moved_by
from disparity.periods import Quarter
from disparity.populations.people import People

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
# A push that settles no more than this part of what is left is not made again.
_HARDLY = 0.05
# Quarters are pushed together in stretches of so many of the longest windows.
_STRETCH = 4
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
    kin = _kin_of(tables)
    parts = list(_parts(tables, proof, asked, kin, base))
    settling = _Settling([part for _, part in parts], progress)
    # The programs leave the interpreter free meanwhile. Parts wait for programs, so each has workers of its own.
    with ThreadPoolExecutor() as of_parts, ThreadPoolExecutor(os.cpu_count()) as of_programs:
        list(of_parts.map(lambda part: part[1].search(deadline, settling, of_programs), parts))
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
        keep(kept(tables, base, moves, asked, kin.until, known))
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
    for numbers, part in _parts(tables, nothing, wanted, _kin_of(tables), None):
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


def _parts(
    tables: Tables, so_far: Proof, wanted: Ints, kin: _Kin, base: Ints | None
) -> Iterator[tuple[Ints, _Part]]:
    """Yield what hangs together by sums, small parts first, and which counts those are.

    Counts of one value tie nothing together.
    """
    low, high = so_far.low, so_far.high
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


class _Aim(NamedTuple):
    """A push: what it costs to add one to each count, within which intervals, and which counts are free to move."""

    costs: Floats
    within: Bounds
    free: Ints


class _Part:
    """Counts that hang together: intervals narrow from without, tables that are found widen from within."""

    def __init__(self, system: System, found: _Found, wanted: Ints, kin: _Kin, base: Ints | None) -> None:
        self._system, self._wanted, self._kin = system, wanted, kin
        self.everything = np.arange(len(wanted))
        self.low, self.high, self.least, self.greatest = (each.copy() for each in found)
        self._base = found.low.copy() if base is None else base
        self._has_base = self._is_table(self._base)
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

    def search(self, deadline: float, settling: _Settling, programs: Executor) -> None:
        """Look for tables that settle counts many at a time for as long as that settles some; then one by one.

        Raises Contradiction where there is no table.
        """
        if not self._unsettled.any():
            return
        self._deadline, self._programs = deadline, programs
        if not self._has_base:
            self._note(self._first())
        attempts = (self._push_often, self._bound_each, self._push_often, self._move_each, self._try_each)
        for turn, attempt in enumerate(attempts, 1):
            if self._unsettled.any() and time.monotonic() < deadline:
                attempt()
                settling.ended(turn, self)

    def _first(self) -> Ints:
        """Return a first table, where none is known: all others are moves away from it."""
        costs, within = np.zeros(len(self._wanted)), Bounds(self.low, self.high)
        return self._pushed(_Aim(costs, within, self.everything))

    def _push_often(self) -> None:
        """Push what is not settled in several scopes, each and all of them again for as long as that settles some."""
        for _ in self._while_settling():
            for scopes in (self._lasting, self._quarters, self._breakdowns, self._stretches):
                for _ in self._while_settling():
                    self._push(map(np.flatnonzero, scopes()))

    def _while_settling(self) -> Iterator[None]:
        """Go on until nothing is left, time is over, or the last turn settled hardly any of what was left."""
        settled = 1.0
        while self._unsettled.any() and settled > _HARDLY and time.monotonic() < self._deadline:
            left = self.left
            yield
            settled = 1 - self.left / left

    def _lasting(self) -> Iterator[Bools]:
        """Yield, of breakdowns and of all, the counts that no later report will speak of: moves of these stay moves."""
        over = self._kin.until <= self._kin.until.max() - self._window + 1
        if (self._unsettled & over).any():
            yield from (scope & over for scopes in (self._breakdowns, self._stretches) for scope in scopes())

    def _stretches(self) -> Iterator[Bools]:
        """Yield the counts of all quarters about those not settled, in stretches: pushes of many at once settle most."""
        here, length = self._unsettled, _STRETCH * self._window
        first, last = int(self._kin.since[here].min()), int(self._kin.until[here].max())
        for start in range(first - self._window, max(first, last + self._window - length) + 1, length // 2):
            yield self._between(start, start + length)

    def _quarters(self) -> Iterator[Bools]:
        """Yield the counts of each quarter of those not settled: where other pushes come out in fractions, these do not."""
        here = self._unsettled
        for quarter in range(int(self._kin.since[here].min()), int(self._kin.until[here].max()) + 1):
            yield self._between(quarter, quarter)

    def _breakdowns(self) -> Iterator[Bools]:
        """Yield the counts of each breakdown of those not settled, in all quarters about them."""
        for stretch in self._stretches():
            for each in np.unique(self._kin.breakdown[self._unsettled & stretch]):
                yield stretch & (self._kin.breakdown == each)

    def _between(self, first: int, last: int) -> Bools:
        since, until = self._kin.since, self._kin.until
        shared: Bools = (until >= first) & (since <= last)
        return shared

    def _move_each(self) -> None:
        """Move each count that is not settled by the least move, in the quarters about it and then in more."""
        for target in np.flatnonzero(self._unsettled).tolist():
            alike = self._kin.breakdown == self._kin.breakdown[target]
            nearby, further = self._about(target, 1), self._about(target, 2)
            for free in map(np.flatnonzero, (nearby & alike, nearby, further)):
                self._move(target, free)

    def _about(self, target: int, windows: int) -> Bools:
        """Return the counts that share a quarter with one, or with so many windows before and after it."""
        span = windows * self._window
        return self._between(int(self._kin.since[target]) - span, int(self._kin.until[target]) + span)

    def _move(self, target: int, free: Ints) -> None:
        """Move one count as far as is wanted of it either way, while all but those free stay as they are in the base."""
        if not self._unsettled[target] or time.monotonic() > self._deadline:
            return
        for moved in self._programs.map(lambda way: self._moved(target, way, free), (1, -1)):
            if moved is not None:
                self._note(moved)

    def _moved(self, target: int, way: int, free: Ints) -> Ints | None:
        """Return a table in which one count is moved, or None if none was found."""
        missing = int(self._wanted[target]) - 1
        end = int(self.least[target]) + missing if way > 0 else int(self.greatest[target]) - missing
        if not self.low[target] <= end <= self.high[target]:
            return None
        low, high = self.low.copy(), self.high.copy()
        low[target] = high[target] = end
        within, touched, random = Bounds(low, high), np.zeros(len(low), bool), np.random.default_rng(_SEED)
        for turn in range(_TRIES):
            weights = random.integers(4, 9, len(free)).astype(float) if turn else np.ones(len(free))
            moved = self._system.moved_least(self._base, within, free, weights, self._deadline, whole=False)
            if moved is None:
                return None
            if self._is_table(table := np.rint(moved).astype(np.int64)):
                return table
            touched = np.not_equal(moved, self._base)
        among = self._system.reached(touched, 1)
        if len(among) > _MOST_MADE_WHOLE:
            return None
        one = np.ones(len(among))
        moved = self._system.moved_least(self._base, within, among, one, self._deadline, whole=True)
        return None if moved is None else np.rint(moved).astype(np.int64)

    def _bound_each(self) -> None:
        """Look how far each count that is not settled can go in fractions by the sums about it: most exposed ones show so.

        What some of all sums leave a count, all of them do at most.
        """
        for target in np.flatnonzero(self._unsettled).tolist():
            level = self._kin.level == self._kin.level[target]
            for among in map(np.flatnonzero, (level & self._about(target, 0), self._about(target, 0))):
                self._reach(target, among, whole=False)

    def _try_each(self) -> None:
        """Look how far each count that is not settled can go in whole numbers, by the sums of its level and then by all."""
        for target in np.flatnonzero(self._unsettled).tolist():
            for among in (np.flatnonzero(self._kin.level == self._kin.level[target]), self.everything):
                self._reach(target, among, whole=True)

    def _reach(self, target: int, among: Ints, *, whole: bool) -> None:
        for way, can in ((1, self.greatest < self.high), (-1, self.least > self.low)):
            if can[target] and self._unsettled[target] and time.monotonic() < self._deadline:
                self.reach(target, way, among, self._deadline, whole=whole)

    @property
    def _unsettled(self) -> Bools:
        found, left = self.greatest - self.least + 1, self.high - self.low + 1
        unsettled: Bools = (self._wanted > 0) & (found < self._wanted) & (left >= self._wanted)
        return unsettled

    def _push(self, frees: Iterable[Ints]) -> None:
        """Push counts not yet settled among each of these either way, while all but those free stay as in the base.

        Kin are pushed the same way, and weigh the same: against its kin a count could hardly move.
        """
        aims = [aim for free in frees for aim in self._aims(free)]
        for table in self._programs.map(self._pushed, aims):
            self._note(table)

    def _pushed(self, aim: _Aim) -> Ints:
        return self._system.near(aim.costs, aim.within, aim.free, self._base, self._deadline)

    def _aims(self, free: Ints) -> Iterator[_Aim]:
        number = int(self._kin.group.max(initial=0)) + 1
        way_of = self._random.choice(np.array([-1, 1]), number)[self._kin.group]
        weight = self._random.integers(1, 5, number)[self._kin.group]
        for way in (1, -1):
            can = np.where(way * way_of > 0, self.greatest < self.high, self.least > self.low)
            targets = free[(self._unsettled & can)[free]]
            if targets.size and time.monotonic() < self._deadline:
                costs, within = self._aimed(targets, way * way_of[targets])
                yield _Aim(costs * weight, within, free)

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

    def reach(self, target: int, way: int, among: Ints, deadline: float, *, whole: bool = True) -> None:
        """Note how far one way a count can go, as far as matters, by the sums that are wholly ``among`` some counts."""
        costs, aimed = self._aimed(np.array([target]), np.array([way]))
        # What stops short of where it was aimed may have values beyond: it is asked again how far it can go at all.
        for within in (aimed, Bounds(self.low, self.high)):
            system, here = self._system.among(among), Bounds(within.low[among], within.high[among])
            solved = system.solved(costs[among], here, deadline, whole=whole)
            if solved.x is not None and len(among) == len(self.everything):
                self._note(np.rint(solved.x).astype(np.int64))
            # Fractions that time ran out on are no bound: only the cheapest of all are.
            bound = solved.mip_dual_bound if whole else solved.fun if solved.status == 0 else None
            if bound is None:
                return
            end = bound / costs[target]
            if (end + ROUNDING >= within.high[target]) if way > 0 else (end - ROUNDING <= within.low[target]):
                return
        self._narrow(target, way, end)

    def _is_table(self, table: Ints) -> bool:
        """Return whether it is one to the last digit: only that is proof."""
        return bool(np.all((table >= self.low) & (table <= self.high))) and self._system.keeps(table)

    def _note(self, table: Ints) -> None:
        """Take in a table, if it is one."""
        if self._is_table(table):
            if not self._has_base:
                self._base, self._has_base = table, True
            if np.any(self._unsettled & ((table < self.least) | (table > self.greatest))):
                self._moves.append(csr_array((table - self._base)[np.newaxis]))
            self.least, self.greatest = np.minimum(self.least, table), np.maximum(self.greatest, table)

    def _narrow(self, target: int, way: int, end: float) -> None:
        """Take in how far a target can go, where a program says that is less than its interval."""
        if way > 0:
            self.high[target] = int(np.floor(end + ROUNDING))
        else:
            self.low[target] = int(np.ceil(end - ROUNDING))
