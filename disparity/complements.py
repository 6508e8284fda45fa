"""Complements: which counts add up to which, and what of a hidden count the others give away.

A reader who knows the rounding rule holds every shown count as an interval, a hidden one as "small", and
knows what adds up: levels to the whole, White, ethnic minority and unknown to everyone, a part and the rest,
events and non-events to the base. He narrows each interval by the others until nothing moves. Hidden here
means hidden from him.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from disparity.adding_up import NOUGHT, Ints, Tables, tables_of
from disparity.catalogue.policies import Policy

TOLD, SMALL, OF_ANY_SIZE, IMPLIED = range(4)
"""Shown rounded; hidden as small; hidden for another's sake; shown nowhere, the sum or rest of others."""

BEYOND = 10_000_000
"""The greatest count of a cell that was hidden for another's sake: nothing is told of its size."""


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
    cells, tables = tables_of(counts, true)
    state = np.where(tables.implied, IMPLIED, np.where(tables.true < policy.threshold, SMALL, TOLD))
    state = _hidden_further(tables, state.astype(np.int64), policy)
    known = np.append(state, TOLD)[cells]
    return np.where(cells == NOUGHT, TOLD, known)


def _hidden_further(tables: Tables, state: Ints, policy: Policy) -> Ints:
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
    tables: Tables, at: int, state: Ints, own: tuple[Ints, Ints], narrow: tuple[Ints, Ints]
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
