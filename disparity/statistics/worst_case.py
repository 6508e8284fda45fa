"""Comparisons over protected cells: widest interval and largest p of every table the cells could be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import product
from typing import NamedTuple, TypeAlias

import numpy as np

from disparity.statistics.arguments import Floats, checked
from disparity.statistics.comparison import Comparison, Interval, Numbers
from disparity.statistics.exact import exact_test
from disparity.statistics.rates import rate_ratio
from disparity.statistics.stratified import Stratified
from disparity.statistics.trend import Window, change_of_ratio

Box: TypeAlias = tuple[Interval, Interval, Interval, Interval]
"""What events 1, n 1, events 2 and n 2 could be."""


# Cochran's rule of thumb for when a chi-square may be trusted.
_EXPECTED = 5.0
# From there on an exact p decides nothing, and the ends of the box are enough.
_CLOSE = 0.05


def hull(
    compare: Callable[..., Comparison],
    events_1: Interval,
    n_1: Interval,
    events_2: Interval,
    n_2: Interval,
    *,
    level: float = 0.95,
) -> Comparison:
    """Return the widest interval and largest p of ``compare`` over every table in a box of counts.

    ``compare`` is `risk_ratio`, `risk_difference` or `rate_ratio` (n is then the exposure). Each count is an
    interval of whole numbers, low and high broadcast; a known count has low equal to high. Tables with more
    events than people, or nobody in a group, are no part of the box for proportions. The estimate is NaN: the
    point value comes from what is shown. Where the box holds equal rates p is 1 and the statistic 0;
    elsewhere they are those of the table with the largest p.

    Limits and statistic rise with events 1 and n 2 and fall with n 1 and events 2, so the highest and lowest
    rates settle them, except that a group with no events, or nothing but events, tells less the smaller it
    is. The lowest rate is therefore tried at the largest and the smallest n, and so is the highest where
    events can fill the group.
    Raises ValueError naming the argument, also where low is above high or no table is possible.

    Examples
    --------
    >>> from disparity.statistics.comparison import Interval
    >>> from disparity.statistics.proportions import risk_ratio
    >>> whole = Interval(100, 100)
    >>> found = hull(risk_ratio, Interval(38, 42), whole, Interval(18, 22), whole)
    >>> [round(float(each), 2) for each in (found.low, found.high)]
    [1.11, 3.78]
    """
    lowest, highest = _extremes(events_1, n_1, events_2, n_2, shares=compare is not rate_ratio)
    return _widest(compare, lowest + highest, level=level)


def exact_p_where_small(
    p_value: Numbers, events_1: Interval, n_1: Interval, events_2: Interval, n_2: Interval
) -> Numbers:
    """Return ``p_value``, or where an expected cell can be below 5 the largest p over the tables of the box.

    ``p_value`` is that of `hull` for the same counts, all of one dimension. The exact test is `exact_test`'s;
    where the box holds equal rates p stays 1. Every table is looked at where the ends of the box give less than
    0.05; a larger p is that of the ends. Where every cell of some table can be 5 or more, its own p is that of the
    score test: then the larger of the two stands. Below 5 expected the score test finds differences that are
    not there more often than it says. Raises ValueError naming the argument.

    Examples
    --------
    >>> import numpy as np
    >>> from disparity.statistics.comparison import Interval
    >>> counts = [Interval(np.array([each]), np.array([each])) for each in (1, 10, 7, 10)]
    >>> np.round(exact_p_where_small(np.array([0.5]), *counts), 4)
    array([0.008])
    """
    tables = [table for ends in _extremes(events_1, n_1, events_2, n_2, shares=True) for table in ends]
    counts = np.stack([np.stack(np.broadcast_arrays(*table)) for table in tables], axis=1)
    least = _least_expected(events_1, n_1, events_2, n_2)
    small = np.flatnonzero((least < _EXPECTED) & (np.asarray(p_value) < 1.0))
    exact = np.array(p_value, dtype=np.float64, copy=True)
    if small.size:
        exact[small] = np.asarray(exact_test(*counts[:, :, small]).p_value).max(axis=0)
    for at in small[exact[small] < _CLOSE]:
        box = [
            Interval(*(np.broadcast_to(end, exact.shape)[at] for end in each))
            for each in (events_1, n_1, events_2, n_2)
        ]
        exact[at] = _largest_exact_p(*box)
    either = small[_most_expected(events_1, n_1, events_2, n_2)[small] >= _EXPECTED]
    exact[either] = np.maximum(exact[either], np.asarray(p_value)[either])
    return exact


def _least_expected(events_1: Interval, n_1: Interval, events_2: Interval, n_2: Interval) -> Floats:
    """Return the smallest expected cell of any table of the box: it is at a corner, both groups with few or many."""
    group_1 = _Group.of(events_1, n_1, "_1", shares=True, least=1.0)
    group_2 = _Group.of(events_2, n_2, "_2", shares=True, least=1.0)
    corners = product((*group_1.low, *group_1.high), (*group_2.low, *group_2.high))
    expected = []
    for (x1, n1), (x2, n2) in corners:
        events, people = x1 + x2, n1 + n2
        expected.append(np.minimum(events, people - events) * np.minimum(n1, n2) / people)
    return np.asarray(np.min(np.broadcast_arrays(*expected), axis=0))


def _most_expected(events_1: Interval, n_1: Interval, events_2: Interval, n_2: Interval) -> Floats:
    """Return what the smallest expected cell is at most, in any table of the box.

    Each cell is largest at a corner of its own, and the smallest is no more than half the smaller group. No table need
    reach the least of these: a few boxes count as holding a table of 5 and more that hold none, and p is larger for it.
    """
    group_1 = _Group.of(events_1, n_1, "_1", shares=True, least=1.0)
    group_2 = _Group.of(events_2, n_2, "_2", shares=True, least=1.0)
    most = [np.minimum(group_1.n_high, group_2.n_high) / 2.0]
    for own, other in ((group_1, group_2), (group_2, group_1)):
        most.append((own.x_high + other.x_high) * own.n_high / (own.n_high + other.n_low))
        people = own.n_high + other.n_high
        most.append((people - own.x_low - other.x_low) * own.n_high / people)
    return np.asarray(np.min(np.broadcast_arrays(*most), axis=0))


def _largest_exact_p(events_1: Interval, n_1: Interval, events_2: Interval, n_2: Interval) -> float:
    """Return the largest exact p over every table of a box that holds no equal rates.

    None may be left out: p rises and falls between the ends of n, and between those of the events too, where tables of the
    other tail come to be as unlikely as the one seen.
    """
    sides = (events_1, n_1, events_2, n_2)
    ranges = (np.arange(float(each.low), float(each.high) + 1.0) for each in sides)
    x1, n1, x2, n2 = (each.ravel() for each in np.meshgrid(*ranges))
    possible = (n1 >= np.maximum(x1, 1.0)) & (n2 >= np.maximum(x2, 1.0))
    return float(np.max(exact_test(x1[possible], n1[possible], x2[possible], n2[possible]).p_value))


def hull_of_change(
    now: Box, then: Box, *, window: Window, earlier_window: Window, level: float = 0.95
) -> Comparison:
    """Return the widest interval and largest p of `change_of_ratio` over every pair of tables in two boxes.

    Each box is events 1, n 1, events 2, n 2 as for `hull`; shapes broadcast, and the estimate is NaN. The
    ratio of ratios is lowest where today's is lowest and the earlier one highest, and so are its limits: a
    square-and-add limit never falls when the estimate and the limits it is made of rise. That holds where all
    events are at least 1: a ratio of 0 or infinity has nothing to square. Raises ValueError naming the
    argument, also where the windows share a quarter or events could be 0.

    Examples
    --------
    >>> from disparity.statistics.comparison import Interval
    >>> now = [Interval(each, each) for each in (40, 100, 20, 100)]
    >>> then = [Interval(each, each) for each in (30, 100, 25, 100)]
    >>> found = hull_of_change(now, then, window=(5, 8), earlier_window=(1, 4))
    >>> [round(float(each), 2) for each in (found.low, found.high)]
    [0.88, 3.18]
    """
    for name, events in zip(("events_1", "events_2"), (0, 2), strict=True):
        if any(np.any(np.asarray(box[events].low) < 1) for box in (now, then)):
            raise ValueError(f"{name} must be at least 1 in both windows")
    lowest_now, highest_now = _extremes(*now, shares=True)
    lowest_then, highest_then = _extremes(*then, shares=True)
    pairs = [(*first, *second) for first in lowest_now for second in highest_then]
    pairs += [(*first, *second) for first in highest_now for second in lowest_then]
    return _widest(partial(change_of_ratio, window=window, earlier_window=earlier_window), pairs, level=level)


def hull_of_strata(
    compare: Callable[..., Stratified],
    events_1: Interval,
    n_1: Interval,
    events_2: Interval,
    n_2: Interval,
    *,
    level: float = 0.95,
) -> Comparison:
    """Return the widest interval and largest p of a stratified comparison (strata on the last axis) over a box.

    ``compare`` is `stratified_risk_ratio` or `stratified_risk_difference`; counts as for `hull`, empty strata
    allowed. All strata are taken together to their lowest and to their highest rates, each with the most and
    the fewest people, since those set the weights. A mixture of the two can lie beyond: by a few hundredths of
    a limit where strata hold 8 people or more in each group, by more where they hold fewer. Raises ValueError
    naming the argument.

    Examples
    --------
    >>> from disparity.statistics.comparison import Interval
    >>> from disparity.statistics.stratified import stratified_risk_ratio
    >>> counts = [Interval(each, each) for each in ([10, 20], [50, 60], [5, 12], [50, 60])]
    >>> found = hull_of_strata(stratified_risk_ratio, *counts)
    >>> [round(float(each), 2) for each in (found.low, found.high)]
    [1.05, 3.0]
    """
    group_1 = _Group.of(events_1, n_1, "_1", shares=True, least=0.0)
    group_2 = _Group.of(events_2, n_2, "_2", shares=True, least=0.0)
    tables = [
        (*first, *second)
        for ends in ((group_1.low, group_2.high), (group_1.high, group_2.low))
        for first, second in product(*ends)
    ]
    return _widest(compare, tables, level=level)


def _widest(
    compare: Callable[..., Comparison | Stratified], tables: Sequence[tuple[Floats, ...]], *, level: float
) -> Comparison:
    """Return the lowest and highest limits and the largest p; p is 1 where equality lies between the tables.

    All tables are compared in one call, on an axis before the others.
    """
    shape = np.broadcast_shapes(*(np.shape(count) for table in tables for count in table))
    counts = [
        np.stack([np.broadcast_to(count, shape) for count in each]) for each in zip(*tables, strict=True)
    ]
    _, lows, highs, statistics, p_values = (np.asarray(field) for field in compare(*counts, level=level)[:5])
    equal = (statistics.min(axis=0) <= 0) & (statistics.max(axis=0) >= 0)
    nearest = np.take_along_axis(statistics, p_values.argmax(axis=0)[np.newaxis], axis=0)[0]
    return Comparison(
        np.full(equal.shape, np.nan)[()],
        lows.min(axis=0),
        highs.max(axis=0),
        np.where(equal, 0.0, nearest)[()],
        np.where(equal, 1.0, p_values.max(axis=0))[()],
    )


_Table: TypeAlias = tuple[Floats, Floats, Floats, Floats]


def _extremes(
    events_1: Interval, n_1: Interval, events_2: Interval, n_2: Interval, *, shares: bool
) -> tuple[list[_Table], list[_Table]]:
    """Return the tables of a box among which group 1 stands lowest beside group 2, and highest."""
    group_1 = _Group.of(events_1, n_1, "_1", shares=shares, least=1.0)
    group_2 = _Group.of(events_2, n_2, "_2", shares=shares, least=1.0)
    lowest = [(*low, *high) for low in group_1.lowest for high in group_2.highest]
    highest = [(*high, *low) for high in group_1.highest for low in group_2.lowest]
    return lowest, highest


class _Group(NamedTuple):
    """What one group's events and base could be, cut to the tables that are possible."""

    x_low: Floats
    x_high: Floats
    n_low: Floats
    n_high: Floats
    shares: bool

    @classmethod
    def of(cls, events: Interval, n: Interval, suffix: str, *, shares: bool, least: float) -> _Group:
        x_low, x_high = (checked(f"events{suffix}", limit) for limit in events)
        n_low, n_high = (checked(f"n{suffix}", limit) for limit in n)
        if np.any(x_low > x_high):
            raise ValueError(f"events{suffix} must have low not above high")
        if np.any(n_low > n_high):
            raise ValueError(f"n{suffix} must have low not above high")
        if shares:
            if np.any(n_high < np.maximum(x_low, least)):
                raise ValueError(
                    f"n{suffix} must leave room for events{suffix} and at least {least:g} people"
                )
            n_low = np.maximum(n_low, np.maximum(x_low, least))
            x_high = np.minimum(x_high, n_high)
        return cls(x_low, x_high, n_low, n_high, shares)

    @property
    def low(self) -> tuple[tuple[Floats, Floats], ...]:
        """The fewest events, of the fewest and the most people."""
        return (self.x_low, self.n_low), (self.x_low, self.n_high)

    @property
    def high(self) -> tuple[tuple[Floats, Floats], ...]:
        """The most events, of the fewest and the most people."""
        return (self.x_high, np.maximum(self.n_low, self.x_high)), (self.x_high, self.n_high)

    @property
    def lowest(self) -> tuple[tuple[Floats, Floats], ...]:
        """The tables at which the group can stand lowest; see `hull`."""
        return (self.x_low, self.n_high), (self.x_low, self.n_low)

    @property
    def highest(self) -> tuple[tuple[Floats, Floats], ...]:
        """The tables at which the group can stand highest; see `hull`."""
        if not self.shares:
            return ((self.x_high, self.n_low),)
        largest = self.x_high, np.maximum(self.n_low, self.x_high)
        return largest, (np.minimum(self.x_high, self.n_low), self.n_low)
