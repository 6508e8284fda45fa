"""What people of unknown ethnicity could do to a comparison."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from disparity.statistics.arguments import Floats, checked_share
from disparity.statistics.comparison import Interval, Numbers


class Turning(NamedTuple):
    """The allocation of the unknown people at which the ratio of rates reaches 1, arrays of one shape.

    ``share`` of the unknown, between 0 and 1, are divided against what was found and the others as the known
    people are. The rest is that allocation, rarely whole: how many of the unknown people, and of their
    events, are then in each group. ``events_to`` is the group, 1 or 2, that has more of the events than its
    part: the one with the lower rate; 0 where nothing can turn, and all the other fields are then NaN.
    """

    share: Numbers
    events_to: Numbers
    unknown_events_1: Numbers
    unknown_n_1: Numbers
    unknown_events_2: Numbers
    unknown_n_2: Numbers


class _Counts(NamedTuple):
    """Events and bases of both groups and of the unknown, broadcast together."""

    x1: Floats
    n1: Floats
    x2: Floats
    n2: Floats
    x0: Floats
    n0: Floats


def ratio_bounds(
    events_1: ArrayLike,
    n_1: ArrayLike,
    events_2: ArrayLike,
    n_2: ArrayLike,
    unknown_events: ArrayLike,
    unknown_n: ArrayLike,
) -> Interval:
    """Return the ratio of rates if all the unknown were in group 1 and if all were in group 2, lower first.

    ``unknown_events`` of ``unknown_n`` people (0 allowed) stand outside both groups; arguments broadcast.
    Every person moves together: these are two plain scenarios, not the extremes of every way to divide the
    unknown, which are `ratio_over_allocations`. Infinite where group 2 then has no events; both NaN where no
    group has any. Raises ValueError naming the argument. After the worst-case bounds of Manski (1989), J Hum
    Resour 24, 343-360.

    Examples
    --------
    >>> low, high = ratio_bounds(48, 154, 12, 88, 2, 10)
    >>> round(float(low), 2), round(float(high), 2)
    (2.18, 2.24)
    """
    x1, n1, x2, n2, x0, n0 = _counts(events_1, n_1, events_2, n_2, unknown_events, unknown_n)
    with np.errstate(divide="ignore", invalid="ignore"):
        all_in_1 = (x1 + x0) / (n1 + n0) / (x2 / n2)
        all_in_2 = (x1 / n1) / ((x2 + x0) / (n2 + n0))
    low, high = np.minimum(all_in_1, all_in_2), np.maximum(all_in_1, all_in_2)
    return Interval(np.asarray(low)[()], np.asarray(high)[()])


def ratio_over_allocations(
    events_1: ArrayLike,
    n_1: ArrayLike,
    events_2: ArrayLike,
    n_2: ArrayLike,
    unknown_events: ArrayLike,
    unknown_n: ArrayLike,
) -> Interval:
    """Return the least and greatest ratio of rates over every way to divide the unknown between the groups.

    Any number of the ``unknown_n`` people (0 allowed) in group 1 and the others in group 2, with any of the
    ``unknown_events`` among either; arguments broadcast, 0 <= events <= n, n >= 1 in each group. The two ends
    are reached: a rate is highest with all the unknown events and none of the other unknown people in its
    group, and the other group's rate is then at its lowest. The upper end is infinite where group 2 can be
    without events, and the lower too where it has none in any allocation; both are NaN where nobody has any.
    Raises ValueError naming the argument. After the worst-case bounds of Manski (1989), J Hum Resour 24,
    343-360.

    Examples
    --------
    >>> low, high = ratio_over_allocations(48, 154, 12, 88, 2, 10)
    >>> round(float(low), 2), round(float(high), 2)
    (1.9, 2.56)
    """
    (low_1, high_1), (low_2, high_2) = _extreme_rates(
        _counts(events_1, n_1, events_2, n_2, unknown_events, unknown_n)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        return Interval(np.asarray(low_1 / high_2)[()], np.asarray(high_1 / low_2)[()])


def difference_over_allocations(
    events_1: ArrayLike,
    n_1: ArrayLike,
    events_2: ArrayLike,
    n_2: ArrayLike,
    unknown_events: ArrayLike,
    unknown_n: ArrayLike,
) -> Interval:
    """Return the least and greatest rate 1 less rate 2 over every way to divide the unknown.

    Arguments, source and errors as `ratio_over_allocations`, whose extreme allocations are these too. Between
    -1 and 1.

    Examples
    --------
    >>> low, high = difference_over_allocations(48, 154, 12, 88, 2, 10)
    >>> round(float(low), 3), round(float(high), 3)
    (0.141, 0.196)
    """
    (low_1, high_1), (low_2, high_2) = _extreme_rates(
        _counts(events_1, n_1, events_2, n_2, unknown_events, unknown_n)
    )
    return Interval(np.asarray(low_1 - high_2)[()], np.asarray(high_1 - low_2)[()])


def turning_allocation(
    events_1: ArrayLike,
    n_1: ArrayLike,
    events_2: ArrayLike,
    n_2: ArrayLike,
    unknown_events: ArrayLike,
    unknown_n: ArrayLike,
) -> Turning:
    """Return how far the unknown must lean to one side for the ratio of rates to reach 1.

    Arguments broadcast, 0 <= events <= n, n >= 1 in each group, ``unknown_n`` at least 0. One path is taken.
    It starts with the unknown in proportion: those with the event and those without are each divided as the
    known people are (n_1 to n_2), which never carries the ratio to 1. It ends at the allocation furthest
    against what was found: all the unknown events in the group with the lower rate, all the other unknown
    people in the other. In between, a share of the unknown is divided in the second way and the others in
    the first, and the gap between the rates narrows all along, so one share is the smallest; a path of
    another shape could turn with fewer people. Since the end is the extreme of
    `difference_over_allocations`, a share of NaN says that no allocation of any shape reaches 1 (or that the
    known rates are equal, and there is nothing to turn). Raises ValueError naming the argument.

    Examples
    --------
    >>> found = turning_allocation(30, 100, 20, 90, 20, 60)
    >>> round(float(found.share), 2)
    0.29
    """
    counts = _counts(events_1, n_1, events_2, n_2, unknown_events, unknown_n)
    x1, n1, x2, n2, x0, n0 = counts
    surplus = x1 * n2 - x2 * n1
    # The group with the higher rate loses unknown events and gains the other unknown people.
    high = np.where(surplus > 0, n1, n2)
    events, others = x1 + x2 + x0, (n1 - x1) + (n2 - x2) + (n0 - x0)
    # Equal rates are equal odds, so the products that square the share cancel and an equation of one degree
    # is left.
    reach = high * x0 * others + (n1 + n2 - high) * (n0 - x0) * events
    share = np.divide(
        np.abs(surplus) * (n1 + n2 + n0), reach, out=np.full_like(reach, np.nan), where=reach > 0
    )
    turns = (surplus != 0) & (share <= 1.0)
    share = np.where(turns, share, np.nan)
    part_1 = n1 / (n1 + n2)
    events_to_1 = np.where(surplus < 0, 1.0, 0.0)
    events_in_1 = x0 * (part_1 + share * (events_to_1 - part_1))
    others_in_1 = (n0 - x0) * (part_1 + share * (1.0 - events_to_1 - part_1))
    in_1 = events_in_1 + others_in_1
    return Turning(
        share[()],
        np.where(turns, np.where(surplus > 0, 2, 1), 0)[()],
        events_in_1[()],
        in_1[()],
        (x0 - events_in_1)[()],
        (n0 - in_1)[()],
    )


def _counts(
    events_1: ArrayLike,
    n_1: ArrayLike,
    events_2: ArrayLike,
    n_2: ArrayLike,
    unknown_events: ArrayLike,
    unknown_n: ArrayLike,
) -> _Counts:
    return _Counts(
        *np.broadcast_arrays(
            *checked_share(events_1, n_1, "_1"),
            *checked_share(events_2, n_2, "_2"),
            *checked_share(unknown_events, unknown_n, prefix="unknown_", least=0.0),
        )
    )


def _extreme_rates(counts: _Counts) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]]:
    """Return the lowest and highest rate of each group; one is at its lowest where the other is highest."""
    x1, n1, x2, n2, x0, n0 = counts
    others = n0 - x0
    return (x1 / (n1 + others), (x1 + x0) / (n1 + x0)), (x2 / (n2 + others), (x2 + x0) / (n2 + x0))
