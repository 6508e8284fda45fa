"""Witnesses: whole tables that an attacker cannot tell from the true one, kept as moves away from it.

A count is proved safe by two tables that keep everything published and lie far enough apart in it. The auditor knows
the true counts: they are such a table, the base, and any other is a move away from it, which leaves most counts as
they are. A move is kept from one audit to the next and looked at again, not believed: it still proves what it proved
wherever it keeps all sums and intervals of the day. What lies far back does, for as long as nothing new is published
of the same quarters, so that it need not be sought again. How tables are sought is not said here
(:mod:`disparity.disclosure.attacker`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array, vstack
from scipy.sparse.csgraph import connected_components

from disparity.disclosure.additivity import Bounds, Ints, Tables
from disparity.disclosure.integer_programs import System, matrix_of
from disparity.populations.people import Key, People


class Witnesses(NamedTuple):
    """A base table over some people, and moves away from it: a row a move, a column a people, in whole numbers.

    ``true`` are the counts known to be true. For the owner alone: this is the truth.
    """

    people: tuple[Key, ...]
    table: Ints
    moves: csr_array
    true: Mapping[People, int]

    @classmethod
    def of_truth(cls, true: Mapping[People, int], earlier: Witnesses | None = None) -> Witnesses:
        """Return what is known before an attack: the true counts, and the witnesses of an earlier one."""
        if earlier is None:
            return cls((), np.zeros(0, np.int64), csr_array((0, 0), dtype=np.int64), true)
        return earlier._replace(true=true)

    def numbered(self, tables: Tables) -> Ints:
        """Return the number that each of the people has in some tables, -1 of those who are not in them."""
        number_of = {each.key: number for each, number in tables.number_of.items()}
        return np.array([number_of.get(each, -1) for each in self.people], np.int64)


def base_of(tables: Tables, within: Bounds, known: Witnesses, deadline: float) -> Ints | None:
    """Return the whole table of the true counts; what is not known of it is as near to the earlier base as can be.

    None where the true counts are no table of what was published, or none was found until the deadline (as of `monotonic`).
    """
    low, high = within.low.copy(), within.high.copy()
    for people, count in known.true.items():
        number = tables.number_of.get(people)
        if number is not None and low[number] <= count <= high[number]:
            low[number] = high[number] = count
    low, high = tables.narrowed(low, high)
    if np.any(low > high):
        return None
    numbers, earlier = known.numbered(tables), low.copy()
    earlier[numbers[numbers >= 0]] = known.table[numbers >= 0]
    table: Ints = np.clip(earlier, low, high)
    sums = matrix_of(tables)
    broken = abs(sums).T @ (sums @ table != 0) > 0
    free = _tied(sums, np.flatnonzero(low < high), broken)
    system = System(sums, np.zeros(sums.shape[0], np.int64))
    for whole in (False, True):
        if system.keeps(table):
            return table
        moved = system.moved_least(table, Bounds(low, high), free, np.ones(len(free)), deadline, whole=whole)
        if moved is None:
            return None
        # What is not whole in fractions is sought in whole numbers, which it then is.
        rounded = np.rint(moved).astype(np.int64)
        if whole or system.keeps(rounded):
            table = rounded
    return table if system.keeps(table) else None


def _tied(sums: csr_array, open_ones: Ints, broken: np.ndarray) -> Ints:
    """Return the open counts that sums of open counts lead to from any that is in a broken sum."""
    free = csr_array(abs(sums[:, open_ones]))
    label = connected_components(csr_array(free.T @ free), directed=False)[1]
    return open_ones[np.isin(label, label[broken[open_ones]])]


def moved_by(tables: Tables, within: Bounds, base: Ints, known: Witnesses) -> csr_array:
    """Return the moves that lead from the base to a whole table of what is published now: a row a move."""
    numbers = known.numbered(tables)
    rows = np.repeat(np.arange(known.moves.shape[0]), np.diff(known.moves.indptr))
    columns, by = numbers[known.moves.indices], known.moves.data
    fails = columns < 0
    reached = base[columns] + by
    fails |= (reached < within.low[columns]) | (reached > within.high[columns])
    whole = ~np.isin(np.arange(known.moves.shape[0]), rows[fails])
    there = columns >= 0
    shape = (known.moves.shape[0], len(base))
    moves = csr_array((by[there], (rows[there], columns[there])), shape=shape)
    whole &= abs(moves @ matrix_of(tables).T).sum(axis=1) == 0
    return csr_array(moves[np.flatnonzero(whole)])


def kept(
    tables: Tables, base: Ints, moves: csr_array, wanted: Ints, until: Ints, known: Witnesses
) -> Witnesses:
    """Return the base and as many of the moves, in parts that hang together by no sum, as leave the values ``wanted``.

    Those that end first, by the quarters ``until`` of what they move, are taken first: no later report speaks of it.
    """
    apart = _apart(matrix_of(tables), moves)
    last = np.maximum.reduceat(until[apart.indices], apart.indptr[:-1]) if apart.nnz else np.zeros(0)
    least, greatest, taken = *np.zeros((2, len(base)), np.int64), []
    for row in np.argsort(last, kind="stable").tolist():
        here = slice(apart.indptr[row], apart.indptr[row + 1])
        at, by = apart.indices[here], apart.data[here]
        lacking = greatest[at] - least[at] + 1 < wanted[at]
        if np.any(lacking & ((by < least[at]) | (by > greatest[at]))):
            taken.append(row)
            least[at], greatest[at] = np.minimum(least[at], by), np.maximum(greatest[at], by)
    return Witnesses(
        tuple(each.key for each in tables.number_of),
        base,
        csr_array(apart[np.array(taken, np.int64)]),
        known.true,
    )


def _apart(sums: csr_array, moves: csr_array) -> csr_array:
    """Return each move as several, each of counts that sums of moved counts tie together."""
    found: list[csr_array] = []
    for each in range(moves.shape[0]):
        columns = moves.indices[moves.indptr[each] : moves.indptr[each + 1]]
        by = moves.data[moves.indptr[each] : moves.indptr[each + 1]]
        tied = csr_array(abs(sums[:, columns]))
        _, label = connected_components(csr_array(tied.T @ tied), directed=False)
        shape = (int(label.max(initial=-1)) + 1, moves.shape[1])
        found.append(csr_array((by, (label, columns)), shape=shape))
    return csr_array(vstack(found)) if found else moves
