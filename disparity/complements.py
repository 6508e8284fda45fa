"""Complements: which counts add up to which, and what of a hidden count the others give away.

A reader who knows the rounding rule holds every shown count as an interval, a hidden one as "small", and
knows what adds up: levels to the whole, White, ethnic minority and unknown to everyone, a part and the rest,
events and non-events to the base. He narrows each interval by the others until nothing moves. Hidden here
means hidden from him.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from disparity.catalogue.policies import Policy
from disparity.counts import ALL, CELLS

Ints = NDArray[np.int64]

TOLD, SMALL, OF_ANY_SIZE, IMPLIED = range(4)
"""Shown rounded; hidden as small; hidden for another's sake; shown nowhere, the sum or rest of others."""

BEYOND = 10_000_000
"""The greatest count of a cell that was hidden for another's sake: nothing is told of its size."""

NOUGHT = -1
_SIDES = ("reference", "group", "unknown")


def rounded(true: Ints, policy: Policy) -> Ints:
    """Return counts rounded to the policy's multiple, halves up."""
    return policy.round_to * ((true + policy.round_to // 2) // policy.round_to)


def bounds(true: Ints, state: Ints, policy: Policy) -> tuple[Ints, Ints]:
    """Return the least and greatest count each may be, to a reader who knows policy and state alone."""
    shown, step = rounded(true, policy), policy.round_to
    low = np.select(
        [state == TOLD, state == IMPLIED], [np.maximum(shown - step // 2, policy.threshold), 0], 1
    )
    high = np.select([state == TOLD, state == SMALL], [shown + (step - 1) // 2, policy.threshold - 1], BEYOND)
    nought = (true == 0) & (state != IMPLIED)
    return np.where(nought, 0, low), np.where(nought, 0, high)


def states_of_cells(counts: pl.DataFrame, true: Ints, policy: Policy) -> Ints:
    """Return how each cell (rows by `CELLS`, -1 where absent) is kept so that no small one is told.

    Counts of 1 to ``threshold`` - 1 are hidden. Where what adds up leaves such a count fewer than
    ``least_interval`` values, the smallest told count that narrows it is hidden too, and so on: each round
    hides more, so it ends. Depends on the true counts and the policy alone.
    """
    cells, tables = _tables(counts, true)
    state = np.where(tables.implied, IMPLIED, np.where(tables.true < policy.threshold, SMALL, TOLD))
    state = _hidden_further(tables, state.astype(np.int64), policy)
    known = np.append(state, TOLD)[cells]
    return np.where(cells == NOUGHT, TOLD, known)


class _Tables(NamedTuple):
    """Counts above nought and the sums they stand in: the signed terms of each sum add up to nought."""

    true: Ints
    implied: NDArray[np.bool_]
    of_sum: Ints
    number: Ints
    sign: Ints

    def narrowed(self, low: Ints, high: Ints) -> tuple[Ints, Ints]:
        """Return the intervals once each was narrowed by the others of its sums until nothing moves."""
        while True:
            least, most = self.implied_by_sums(low, high)
            tighter_low, tighter_high = low.copy(), high.copy()
            np.maximum.at(tighter_low, self.number, least)
            np.minimum.at(tighter_high, self.number, most)
            if np.array_equal(tighter_low, low) and np.array_equal(tighter_high, high):
                return low, high
            low, high = tighter_low, tighter_high

    def implied_by_sums(self, low: Ints, high: Ints) -> tuple[Ints, Ints]:
        """Return, for every term, what the other terms of its sum leave its count to be."""
        plus = self.sign > 0
        least = np.where(plus, low[self.number], -high[self.number])
        most = np.where(plus, high[self.number], -low[self.number])
        size = int(self.of_sum.max(initial=-1)) + 1
        least_of_sum, most_of_sum = np.zeros(size, np.int64), np.zeros(size, np.int64)
        np.add.at(least_of_sum, self.of_sum, least)
        np.add.at(most_of_sum, self.of_sum, most)
        at_least, at_most = most - most_of_sum[self.of_sum], least - least_of_sum[self.of_sum]
        return np.where(plus, at_least, -at_most), np.where(plus, at_most, -at_least)

    def connected(self) -> Ints:
        """Return a label for each count, the same for those that sums tie together."""
        label = np.arange(len(self.true))
        while True:
            of_sum = np.full(int(self.of_sum.max(initial=-1)) + 1, len(label))
            np.minimum.at(of_sum, self.of_sum, label[self.number])
            lowest = label.copy()
            np.minimum.at(lowest, self.number, of_sum[self.of_sum])
            if np.array_equal(lowest, label):
                return label
            label = lowest


def _hidden_further(tables: _Tables, state: Ints, policy: Policy) -> Ints:
    """Hide a further count for each told too closely, one in every set of connected tables at a time."""
    state, given_up = state.copy(), np.zeros(len(state), bool)
    connected = tables.connected()
    small = tables.true < policy.threshold
    while True:
        own = bounds(tables.true, state, policy)
        narrow = tables.narrowed(*own)
        width = np.minimum(policy.least_interval, own[1] - own[0] + 1)
        secret = (state == SMALL) | (state == OF_ANY_SIZE) | ((state == IMPLIED) & small & (tables.true > 0))
        width = np.where(state == IMPLIED, np.minimum(width, policy.threshold - 1), width)
        close = np.flatnonzero(secret & ~given_up & (narrow[1] - narrow[0] + 1 < width))
        if not close.size:
            return state
        _, first = np.unique(connected[close], return_index=True)
        for at in close[first]:
            other = _to_hide(tables, int(at), state, own, narrow)
            if other is None:
                given_up[at] = True
            else:
                state[other] = OF_ANY_SIZE


def _to_hide(
    tables: _Tables, at: int, state: Ints, own: tuple[Ints, Ints], narrow: tuple[Ints, Ints]
) -> int | None:
    """Return the smallest told count that narrows this one, else the largest small one."""
    least, most = tables.implied_by_sums(*narrow)
    seen, waiting, sizes = {at}, [at], set[int]()
    while waiting:
        nearer: set[int] = set()
        for count in waiting:
            terms = np.flatnonzero(tables.number == count)
            binds_low = (least[terms] == narrow[0][count]) & (narrow[0][count] > own[0][count])
            binds_high = (most[terms] == narrow[1][count]) & (narrow[1][count] < own[1][count])
            sums = tables.of_sum[terms[binds_low | binds_high]]
            nearer |= {int(each) for each in tables.number[np.isin(tables.of_sum, sums)]} - seen
        told = [each for each in nearer if state[each] == TOLD]
        if told:
            return min(told, key=lambda each: (int(tables.true[each]), each))
        sizes |= {each for each in nearer if state[each] == SMALL}
        seen |= nearer
        waiting = sorted(nearer)
    return max(sizes, key=lambda each: (int(tables.true[each]), -each), default=None)


def _tables(counts: pl.DataFrame, true: Ints) -> tuple[Ints, _Tables]:
    """Return which count each cell is, and all that adds up among the counts and what they imply."""
    made = _Making()
    cells = np.full(true.shape, NOUGHT, dtype=np.int64)
    keys = counts.select("indicator", "breakdown").with_row_index("row")
    for _, blocks in keys.group_by("indicator", maintain_order=True):
        rows = dict(blocks.group_by("breakdown", maintain_order=True).agg("row").iter_rows())
        levels = {name: counts["level"].gather(at).to_list() for name, at in rows.items()}
        made.add_indicator(true, cells, {name: np.array(at) for name, at in rows.items()}, levels)
    return cells, made.tables()


class _Making:
    """Gathers counts and sums. Columns of the same numbers at the same levels are one and the same."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[object, ...], int] = {}
        self._true: list[int] = []
        self._shown: set[int] = set()
        self._terms: list[tuple[int, int, int]] = []
        self._sums: set[tuple[int, tuple[int, ...]]] = set()

    def tables(self) -> _Tables:
        terms = np.array(self._terms, dtype=np.int64).reshape(-1, 3)
        implied = np.ones(len(self._true), bool)
        implied[sorted(self._shown)] = False
        return _Tables(np.array(self._true, dtype=np.int64), implied, *terms.T)

    def add_indicator(
        self, true: Ints, cells: Ints, rows: dict[str, Ints], levels: dict[str, list[str]]
    ) -> None:
        """Add one indicator's cells, what its rows imply, and what adds up among them."""
        whole: dict[str, Ints] = {}
        for breakdown in sorted(rows, key=lambda name: name != ALL):
            at = rows[breakdown]
            columns = {
                cell: true[at, index]
                for index, cell in enumerate(CELLS)
                if at.size and true[at[0], index] >= 0
            }
            held = {
                cell: self._series(breakdown, levels[breakdown], values, shown=True)
                for cell, values in columns.items()
            }
            for index, cell in enumerate(CELLS):
                if cell in held:
                    cells[at, index] = held[cell]
            for name, parts in _implied(columns):
                total = np.sum([columns[part] for part in parts], axis=0)
                held[name] = self._series(breakdown, levels[breakdown], total, shown=False)
                columns[name] = total
                self._add_rows(held[name], [held[part] for part in parts])
            for whole_name, parts, rest in _rests(columns):
                values = columns[whole_name] - np.sum([columns[part] for part in parts], axis=0)
                held[rest] = self._series(breakdown, levels[breakdown], values, shown=False)
                columns[rest] = values
                self._add_rows(held[whole_name], [*(held[part] for part in parts), held[rest]])
            if breakdown == ALL:
                whole = held
            else:
                self._add_levels(whole, held)

    def _add_levels(self, whole: dict[str, Ints], held: dict[str, Ints]) -> None:
        for name, counts in held.items():
            if name in whole:
                self._add(int(whole[name][0]), counts)
        for kind in ("base", "events"):
            reference, group = f"reference_{kind}", f"group_{kind}"
            if reference in held and reference not in whole and group in whole:
                everyone = np.repeat(whole[group], len(held[group]))
                self._add_rows(everyone, [held[reference], held[group]])

    def _series(self, breakdown: str, levels: Iterable[str], values: Ints, *, shown: bool) -> Ints:
        pairs = [(level, int(value)) for level, value in zip(levels, values, strict=True)]
        key = (breakdown, tuple(sorted(pair for pair in pairs if pair[1])))
        found = [self._number((*key, level), value, shown=shown) for level, value in pairs]
        return np.array(found, dtype=np.int64)

    def _number(self, key: tuple[object, ...], value: int, *, shown: bool) -> int:
        if value == 0 and shown:
            return NOUGHT
        if value == 0 or key not in self._numbers:
            # Nobody is told that an implied count is nought, so each of those stands for itself.
            self._true.append(value)
            if value == 0:
                return len(self._true) - 1
            self._numbers[key] = len(self._true) - 1
        if shown:
            self._shown.add(self._numbers[key])
        return self._numbers[key]

    def _add_rows(self, wholes: Ints, parts: list[Ints]) -> None:
        for row, whole in enumerate(wholes):
            self._add(int(whole), np.array([part[row] for part in parts]))

    def _add(self, whole: int, parts: Ints) -> None:
        """Add a sum that holds among the true counts, once."""
        present = tuple(sorted(int(part) for part in parts if part != NOUGHT))
        if whole == NOUGHT or not present or present == (whole,) or (whole, present) in self._sums:
            return
        self._sums.add((whole, present))
        number = len(self._sums) - 1
        self._terms += [(number, whole, -1), *((number, part, 1) for part in present)]


def _implied(columns: dict[str, Ints]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Name the totals that a row's cells add up to: everyone by ethnicity, or a part and the rest."""
    for kind in ("base", "events"):
        sides = tuple(f"{side}_{kind}" for side in _SIDES)
        compared = sides if f"unknown_{kind}" in columns and "unknown_events" in columns else sides[:2]
        if all(name in columns for name in compared):
            yield f"everyone_{kind}", compared


def _rests(columns: dict[str, Ints]) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Name what is left of a row's cells: those without the event, and in a population its White people."""
    for side in _SIDES:
        base, events = f"{side}_base", f"{side}_events"
        if base in columns and events in columns and bool((columns[events] <= columns[base]).all()):
            yield base, (events,), f"{side}_without"
    if "unknown_events" in columns or not {"group_base", "group_events", "unknown_base"} <= set(columns):
        return
    everyone, of_them, unknown = (columns[name] for name in ("group_base", "group_events", "unknown_base"))
    if bool((of_them + unknown <= everyone).all()) and not bool((of_them == unknown).all()):
        yield "group_base", ("group_events", "unknown_base"), "white_in_group"
