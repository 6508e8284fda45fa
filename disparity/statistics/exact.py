"""Exact tests of two proportions, many tables at once: Fisher's, his with mid-p, and Boschloo's."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln

from disparity.statistics.arguments import Floats, checked_whole_share
from disparity.statistics.comparison import Numbers
from disparity.statistics.root_finding import crossing
from disparity.statistics.score import Tables

FISHER = "Fisher"
MID_P_FISHER = "mid-p Fisher"
BOSCHLOO = "Boschloo"

LARGEST_FOR_BOSCHLOO = 200
"""Most people in both groups together for whom `exact_test` takes Boschloo's test: about 1 ms a table."""

_Integers: TypeAlias = NDArray[np.int64]
_Tables: TypeAlias = Tables[np.int64]

# Probabilities that differ relatively by no more are equal but for rounding. The tables of one set of margins
# are few, and R takes this much; all the tables of two groups are many and can lie closer together.
_SAME_PROBABILITY = 1e-7
_SAME_TAIL = 1e-10
_CELLS = 1 << 19


class ExactTest(NamedTuple):
    """Result of an exact test, arrays of one shape (scalars for scalar arguments).

    ``statistic`` is the smaller of Fisher's two one-sided probabilities, ``p_value`` is two-sided, ``method``
    is the test taken: `FISHER`, `MID_P_FISHER` or `BOSCHLOO`.
    """

    statistic: Numbers
    p_value: Numbers
    method: Numbers


class _Conditional(NamedTuple):
    """Probabilities over the tables that share a table's margins."""

    low: Floats  # group 2 with as few events, or fewer
    high: Floats  # as many, or more
    rarer: Floats  # less probable than the table
    alike: Floats  # as probable


def fisher(events_1: ArrayLike, n_1: ArrayLike, events_2: ArrayLike, n_2: ArrayLike) -> ExactTest:
    """Fisher's exact test: the probability, given all margins, of a table no more probable than the one seen.

    Whole counts, broadcast, 0 <= events <= n, 1 <= n <= 10**9. Swapping the groups, or taking non-events for
    events, leaves p as it is. Two groups without events, or with nothing but events: p = 1. Probabilities
    within one in ten million of each other are taken as equal. Raises ValueError naming the argument. Fisher
    (1935), J R Stat Soc 98, 39-82; two-sided as in Freeman and Halton (1951), Biometrika 38, 141-149.

    Examples
    --------
    >>> round(float(fisher(1, 10, 7, 10).p_value), 4)
    0.0198
    """
    tables, where, shape = _distinct(events_1, n_1, events_2, n_2)
    conditional = _conditional(tables)
    p_value = np.minimum(conditional.rarer + conditional.alike, 1.0)
    return _result(conditional, p_value, np.full(p_value.shape, FISHER), where, shape)


def fisher_mid_p(events_1: ArrayLike, n_1: ArrayLike, events_2: ArrayLike, n_2: ArrayLike) -> ExactTest:
    """Fisher's exact test with mid-p: tables as probable as the one seen count half.

    Arguments, symmetries and errors as `fisher`. Its size is near the nominal level, at some rates above it.
    Where the margins allow one table only p is 1, not 1/2. Lancaster (1961), J Am Stat Assoc 56, 223-234; recommended
    by Lydersen, Fagerland and Laake (2009), Stat Med 28, 1159-1175.

    Examples
    --------
    >>> round(float(fisher_mid_p(1, 10, 7, 10).p_value), 4)
    0.0102
    """
    tables, where, shape = _distinct(events_1, n_1, events_2, n_2)
    conditional = _conditional(tables)
    p_value = _mid_p(tables, conditional)
    return _result(conditional, p_value, np.full(p_value.shape, MID_P_FISHER), where, shape)


def boschloo(events_1: ArrayLike, n_1: ArrayLike, events_2: ArrayLike, n_2: ArrayLike) -> ExactTest:
    """Boschloo's exact unconditional test, two-sided as twice the smaller one-sided p, at most 1.

    Arguments, symmetries and errors as `fisher`. The one-sided p is the probability of a table whose Fisher
    one-sided p is no larger than that of the table seen, at the common rate that makes it largest. So the
    size is never above nominal, and p never above twice Fisher's smaller one-sided. Time grows with the
    product of the group sizes: seconds a table for groups of thousands. Boschloo (1970), Stat Neerl 24, 1-35.

    Examples
    --------
    >>> round(float(boschloo(1, 10, 7, 10).p_value), 4)
    0.008
    """
    tables, where, shape = _distinct(events_1, n_1, events_2, n_2)
    conditional = _conditional(tables)
    p_value = _unconditional(tables, conditional)
    return _result(conditional, p_value, np.full(p_value.shape, BOSCHLOO), where, shape)


def exact_test(events_1: ArrayLike, n_1: ArrayLike, events_2: ArrayLike, n_2: ArrayLike) -> ExactTest:
    """`boschloo` for groups of at most `LARGEST_FOR_BOSCHLOO` people together, `fisher_mid_p` for larger.

    Arguments, symmetries and errors as `fisher`. Which was taken depends on the table's own size alone, and
    stands in ``method``. Both are recommended, and give about the same results: Lydersen, Fagerland and Laake
    (2009), Stat Med 28, 1159-1175.

    Examples
    --------
    >>> str(exact_test(1, 10, 7, 10).method)
    'Boschloo'
    """
    tables, where, shape = _distinct(events_1, n_1, events_2, n_2)
    conditional = _conditional(tables)
    small = tables.n1 + tables.n2 <= LARGEST_FOR_BOSCHLOO
    p_value = _mid_p(tables, conditional)
    few = _Conditional(*(field[small] for field in conditional))
    p_value[small] = _unconditional(tables.take(small), few)
    return _result(conditional, p_value, np.where(small, BOSCHLOO, MID_P_FISHER), where, shape)


def _result(
    conditional: _Conditional,
    p_value: Floats,
    method: NDArray[np.str_],
    where: _Integers,
    shape: tuple[int, ...],
) -> ExactTest:
    statistic = np.minimum(conditional.low, conditional.high)
    return ExactTest(*(field[where].reshape(shape)[()] for field in (statistic, p_value, method)))


def _mid_p(tables: _Tables, conditional: _Conditional) -> Floats:
    # Without events no other table has these margins: half of its probability would look like evidence.
    eventless = tables.x1 + tables.x2 == 0
    return np.where(eventless, 1.0, conditional.rarer + conditional.alike / 2.0)


def _distinct(
    events_1: ArrayLike, n_1: ArrayLike, events_2: ArrayLike, n_2: ArrayLike
) -> tuple[_Tables, _Integers, tuple[int, ...]]:
    """Tables that differ by more than which group and which outcome comes first, and where each stands.

    Group 2 is never the larger.
    """
    first, second = checked_whole_share(events_1, n_1, "_1"), checked_whole_share(events_2, n_2, "_2")
    columns = np.broadcast_arrays(*first, *second)
    x1, n1, x2, n2 = (column.ravel() for column in columns)
    x1, x2 = np.where(n1 < n2, x2, x1), np.where(n1 < n2, x1, x2)
    n1, n2 = np.maximum(n1, n2), np.minimum(n1, n2)
    events, failures = x1 + x2, n1 + n2 - x1 - x2
    mirrored = (events > failures) | ((events == failures) & (2 * x1 > n1))
    x1, x2 = np.where(mirrored, n1 - x1, x1), np.where(mirrored, n2 - x2, x2)
    turned = (n1 == n2) & (x1 < x2)
    x1, x2 = np.where(turned, x2, x1), np.where(turned, x1, x2)
    rows, where = np.unique(np.stack([n1, n2, x1, x2], axis=1), axis=0, return_inverse=True)
    return Tables(rows[:, 2], rows[:, 0], rows[:, 3], rows[:, 1]), where.ravel(), columns[0].shape


def _conditional(tables: _Tables) -> _Conditional:
    x1, n1, x2, n2 = tables
    events, total = x1 + x2, n1 + n2
    mean = events * (n2 / total)
    variance = mean * (n1 / total) * ((total - events) / (total - 1))
    # All tables beyond this reach are together less probable than a float can say: Bernstein's inequality.
    reach = 500.0 + 39.0 * np.sqrt(variance)
    least = np.maximum(np.maximum(0, events - n1), np.ceil(mean - reach).astype(np.int64))
    most = np.minimum(np.minimum(n2, events), np.floor(mean + reach).astype(np.int64))
    result = _Conditional(*(np.empty(events.size) for _ in _Conditional._fields))
    for rows in _blocks(most - least + 1):
        summed = _summed(tables.take(rows), least[rows], most[rows])
        for field, values in zip(result, summed, strict=True):
            field[rows] = values
    return result


def _blocks(sizes: _Integers) -> Iterator[slice]:
    """Runs of tables with no more than `_CELLS` cells together, or of one table."""
    ends = np.cumsum(sizes)
    start = 0
    while start < sizes.size:
        allowed = ends[start] - sizes[start] + _CELLS
        stop = max(start + 1, int(np.searchsorted(ends, allowed, side="right")))
        yield slice(start, stop)
        start = stop


def _summed(tables: _Tables, least: _Integers, most: _Integers) -> _Conditional:
    """Sums over the tables with ``least`` to ``most`` events in group 2, end to end in one array."""
    sizes = most - least + 1
    starts = np.cumsum(sizes) - sizes
    owner = np.repeat(np.arange(sizes.size), sizes)
    x2 = np.arange(owner.size) + (least - starts)[owner]
    seen = _log_weight(*tables)
    moved = tables.x2[owner] - x2
    weight = _log_weight(tables.x1[owner] + moved, tables.n1[owner], x2, tables.n2[owner])
    probability = np.exp(weight - np.maximum.reduceat(weight, starts)[owner])
    probability /= np.add.reduceat(probability, starts)[owner]
    apart = weight - seen[owner]
    chosen = (moved >= 0, moved <= 0, apart < -_SAME_PROBABILITY, np.abs(apart) <= _SAME_PROBABILITY)
    return _Conditional(*(np.add.reduceat(np.where(which, probability, 0.0), starts) for which in chosen))


def _log_weight(x1: _Integers, n1: _Integers | int, x2: _Integers, n2: _Integers | int) -> Floats:
    """Log probability of each table given its margins, but for what all tables of those margins share."""
    return -np.asarray(gammaln(x1 + 1) + gammaln(n1 - x1 + 1) + gammaln(x2 + 1) + gammaln(n2 - x2 + 1))


def _unconditional(tables: _Tables, conditional: _Conditional) -> Floats:
    """Boschloo's two-sided p: twice the smaller of the two one-sided."""
    # An upper tail is a lower one with events and non-events exchanged, and over all rates both have the same
    # largest probability, so lower tails are all that is needed.
    tail = np.concatenate([conditional.low, conditional.high])
    other = np.concatenate([conditional.high, conditional.low])
    n1, n2 = np.tile(tables.n1, 2), np.tile(tables.n2, 2)
    one_sided = np.empty(tail.size)
    for people in np.unique(n1 + n2).tolist():
        angles = _angles(people)
        same = np.nonzero(n1 + n2 == people)[0]
        step = max(1, _CELLS // angles.size)
        for start in range(0, same.size, step):
            rows = same[start : start + step]
            profiles = _profiles(tail[rows], n2[rows], people)
            one_sided[rows] = _largest(profiles, tail[rows], other[rows], angles)
    low, high = np.split(one_sided, 2)
    return np.minimum(2.0 * np.minimum(low, high), 1.0)


def _profiles(tail: Floats, n2: _Integers, people: int) -> Floats:
    """Probability of a one-sided Fisher p no larger than ``tail``, given the events in both groups.

    A row for each tail, a column for each number of events from none to all ``people``. Given the events,
    the tables that extreme are a lower tail, the largest one within the limit.
    """
    profiles = np.empty((tail.size, people + 1))
    for small in np.unique(n2).tolist():
        rows = np.nonzero(n2 == small)[0]
        limit = tail[rows, None, None] * (1.0 + _SAME_TAIL)
        step = max(1, _CELLS // ((small + 1) * rows.size))
        for start in range(0, people + 1, step):
            tails = _lower_tails(np.arange(start, min(start + step, people + 1)), people - small, small)
            profiles[rows, start : start + step] = np.where(tails <= limit, tails, 0.0).max(axis=2)
    return profiles


def _lower_tails(events: _Integers, n1: int, n2: int) -> Floats:
    """Probability of at most 0 to n2 events (columns) in group 2, given the ``events`` in both (rows)."""
    x2 = np.arange(n2 + 1)
    x1 = events[:, None] - x2
    possible = (x1 >= 0) & (x1 <= n1)
    weight = np.where(possible, _log_weight(np.clip(x1, 0, n1), n1, x2, n2), -np.inf)
    tails = np.cumsum(np.exp(weight - weight.max(axis=1, keepdims=True)), axis=1)
    return np.asarray(tails / tails[:, -1:])


def _angles(people: int) -> Floats:
    """Rates to look at first, as arcsines of their roots: there events spread by 1/2 over the root of people.

    Steps of an eighth of that spread. Below a rate of one in ``people`` every probability rises with the rate
    and above all but one it falls, so the largest is in between.
    """
    end = math.asin(math.sqrt(0.5 / people))
    return np.linspace(end, math.pi / 2.0 - end, math.ceil(8.0 * math.pi * math.sqrt(people)))


def _largest(profiles: Floats, tail: Floats, enough: Floats, angles: Floats) -> Floats:
    """Largest probability of each profile over the common rate of both groups.

    Where the first look already finds ``enough``, the other one-sided p is the smaller: what was found stays.
    """
    people = profiles.shape[1] - 1
    heights = np.empty((tail.size, angles.size))
    for start in range(0, angles.size, step := max(1, _CELLS // people)):
        some = slice(start, start + step)
        heights[:, some] = profiles @ _binomial(angles[some], people).T
    largest: Floats = heights.max(axis=1)
    # A probability bends by no more than 8 * people * tail: its peak is beside a step this near the highest.
    near = largest - people * (angles[1] - angles[0]) ** 2 * tail
    beside = np.pad(heights, ((0, 0), (1, 1)), constant_values=-np.inf)
    peaks = (heights >= near[:, None]) & (heights > beside[:, :-2]) & (heights >= beside[:, 2:])
    rows, columns = np.nonzero(peaks & (largest < enough)[:, None])
    rises = np.diff(profiles)[rows]

    def slope(angle: Floats) -> Floats:
        return np.asarray((rises * _binomial(angle, people - 1)).sum(axis=1))

    # Near its peak a probability changes with the square of the distance: eight digits of angle are plenty.
    before, after = np.maximum(columns - 1, 0), np.minimum(columns + 1, angles.size - 1)
    peak = crossing(slope, angles[before], angles[after], tolerance=1e-8)
    np.maximum.at(largest, rows, (profiles[rows] * _binomial(peak, people)).sum(axis=1))
    return largest


def _binomial(angle: Floats, people: int) -> Floats:
    """Probability of each number of events at each rate, the squared sine of ``angle``."""
    events = np.arange(people + 1)
    ways = gammaln(people + 1) - gammaln(events + 1) - gammaln(people - events + 1)
    log_rate, log_rest = 2.0 * np.log(np.sin(angle)), 2.0 * np.log(np.cos(angle))
    return np.exp(ways + events * log_rate[:, None] + (people - events) * log_rest[:, None])
