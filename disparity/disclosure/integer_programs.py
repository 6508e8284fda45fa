"""Programs: counts that keep sums, sought as the cheapest in fractions or in whole numbers."""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds as Limits
from scipy.optimize import LinearConstraint, OptimizeResult, milp
from scipy.sparse import csc_array, csr_array, hstack

from disparity.disclosure.additivity import Bounds, Ints, Tables

Floats = NDArray[np.float64]

ROUNDING = 1e-6
"""How far from a whole number what a program finds may be and still mean it."""


class Contradiction(ValueError):  # noqa: N818 (it is what it is called)
    """No whole numbers within the intervals keep every sum: not all that was told is of the same records."""


def matrix_of(tables: Tables) -> csr_array:
    """Return the sums of some tables as a matrix of signs: a row a sum, a column a count."""
    of_sum = tables.sum_of(np.arange(len(tables.number)))
    shape = (int(of_sum.max(initial=-1)) + 1, len(tables))
    return csr_array((tables.sign, (of_sum, tables.number)), shape=shape)


class System:
    """Sums over counts and what each must come to, and the programs that find counts which keep them."""

    def __init__(self, sums: csr_array, totals: Ints) -> None:
        """Take a row of signs for each sum, and what it comes to."""
        self._sums, self._totals = sums, totals
        self._of_count = csc_array(sums)

    def keeps(self, table: Ints) -> bool:
        """Return whether a table keeps every sum, to the last digit."""
        return np.array_equal(self._sums @ table, self._totals)

    def among(self, counts: Ints) -> System:
        """Return the sums that are wholly of some counts."""
        sums = csr_array(self._of_count[:, counts])
        rows = np.flatnonzero(np.diff(sums.indptr) == np.diff(self._sums.indptr))
        return System(csr_array(sums[rows]), self._totals[rows])

    def reached(self, counts: NDArray[np.bool_], steps: int) -> Ints:
        """Return which counts so many sums, one after another, lead to from some."""
        sums = abs(self._sums)
        for _ in range(steps):
            counts = sums.T @ (sums @ counts) > 0
        return np.flatnonzero(counts)

    def beside(self, free: Ints, table: Ints) -> System:
        """Return what the sums say of counts that are free, while the others are as in a table."""
        fixed = table.copy()
        fixed[free] = 0
        sums = csr_array(self._of_count[:, free])
        rows = np.flatnonzero(np.diff(sums.indptr))
        return System(csr_array(sums[rows]), (self._totals - self._sums @ fixed)[rows])

    def solved(self, costs: Floats, within: Bounds, deadline: float, *, whole: bool) -> OptimizeResult:
        """Return the cheapest counts that keep the sums, in whole numbers or in fractions. Raises `Contradiction`."""
        totals = self._totals.astype(float)
        solved = milp(
            costs,
            integrality=np.full(len(costs), int(whole)),
            bounds=Limits(within.low.astype(float), within.high.astype(float)),
            constraints=LinearConstraint(self._sums.astype(float), totals, totals),
            options={"time_limit": _seconds_until(deadline)},
        )
        # As scipy's milp says that nothing keeps the sums.
        if solved.status == 2:
            raise Contradiction("no whole numbers keep all that was told")
        return solved

    def moved_least(
        self, table: Ints, within: Bounds, free: Ints, weights: Floats, deadline: float, *, whole: bool
    ) -> Floats | None:
        """Return the counts within these intervals that keep the sums and lie nearest to a table; None if there are none.

        Only ``free`` counts leave the table, each at its weight for each step. Moves of little weight touch few counts
        and are soon found; in fractions most come out whole.
        """
        here, low, high = table[free].astype(float), within.low[free], within.high[free]
        sums = csr_array(self._of_count[:, free])
        rows = np.flatnonzero(np.diff(sums.indptr))
        sums, totals = sums[rows].astype(float), (self._totals - self._sums @ table)[rows].astype(float)
        up = np.maximum(low - here, 0), np.maximum(high - here, 0)
        down = np.maximum(here - high, 0), np.maximum(here - low, 0)
        solved = milp(
            np.tile(weights, 2),
            integrality=np.full(2 * len(free), int(whole)),
            bounds=Limits(np.concatenate([up[0], down[0]]), np.concatenate([up[1], down[1]])),
            constraints=LinearConstraint(hstack([sums, -sums]).tocsc(), totals, totals),
            options={"time_limit": _seconds_until(deadline)},
        )
        if solved.x is None:
            return None
        moved = table.astype(float)
        moved[free] += solved.x[: len(free)] - solved.x[len(free) :]
        return moved

    def near(self, costs: Floats, within: Bounds, free: Ints, table: Ints, deadline: float) -> Ints:
        """Return whole numbers near the cheapest fractions where only ``free`` counts leave a table.

        Fractions are found in a fraction of the time, and most come out whole. Those that do not are made so among
        themselves, or else with more and more of those that they share sums with: up to half of all, or if need be all
        where the counts given are no table yet. What is returned may be no table.
        Raises `Contradiction` where nothing is.
        """
        moved = table.astype(float)
        solved = self._moved(moved, costs, within, free, deadline, whole=False)
        broken = np.abs(moved - np.rint(moved)) > ROUNDING
        most = len(free) / 2 if self.keeps(table) else len(table)
        while solved and 0 < np.count_nonzero(broken) <= most and time.monotonic() < deadline:
            again = np.flatnonzero(broken)
            if self._moved(moved, costs, within, again, deadline, whole=True) or broken.all():
                break
            broken = abs(self._sums).T @ (abs(self._sums) @ broken) > 0
        found: Ints = np.rint(moved).astype(np.int64)
        return found

    def _moved(
        self, table: Floats, costs: Floats, within: Bounds, free: Ints, deadline: float, *, whole: bool
    ) -> bool:
        """Move the free counts of a table to where they are cheapest, and return whether they can be anywhere."""
        system = self.beside(free, np.rint(table).astype(np.int64))
        here = Bounds(within.low[free], within.high[free])
        try:
            solved = system.solved(costs[free], here, deadline, whole=whole)
        except Contradiction:
            if len(free) == len(table):
                raise
            return False
        if solved.x is not None:
            table[free] = solved.x
        return solved.x is not None


def _seconds_until(deadline: float) -> float:
    return min(max(deadline - time.monotonic(), 0.0), 1e9)
