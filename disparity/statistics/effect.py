"""How large a disparity is in plain counts: four-fifths, people to parity, events at equal chances."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from disparity.statistics.arguments import checked_count, checked_share, checked_whole_share
from disparity.statistics.comparison import Interval, Numbers
from disparity.statistics.power import DetectableRatio, smallest_detectable_ratio

# What a disparity amounts to is looked for here; what numbers could have shown is worked out in its own module.
__all__ = [
    "ABOVE",
    "BELOW",
    "CANNOT_TELL",
    "WITHIN",
    "DetectableRatio",
    "chance_of_as_few",
    "expected_at_equal_chances",
    "four_fifths",
    "four_fifths_box",
    "people_to_parity",
    "people_to_parity_box",
    "selections_to_four_fifths",
    "selections_to_four_fifths_box",
    "smallest_detectable_ratio",
]

BELOW = "below 0.80"
WITHIN = "within 0.80 to 1.25"
ABOVE = "above 1.25"
CANNOT_TELL = "cannot tell"

_Integers = NDArray[np.int64]


def four_fifths(events_1: ArrayLike, n_1: ArrayLike, events_2: ArrayLike, n_2: ArrayLike) -> Numbers:
    """Say whether rate 1 over rate 2 is outside 0.80 to 1.25, by integer arithmetic.

    Whole counts, broadcast, 0 <= events <= n. Returns text of that shape: `BELOW`, `WITHIN` (both ends
    belong to it), `ABOVE`, or `CANNOT_TELL` where a group is empty or neither has events. Raises ValueError
    naming the argument. Uniform Guidelines on Employee Selection Procedures (1978), 29 CFR 1607.4(D).

    Examples
    --------
    >>> str(four_fifths(12, 50, 20, 50))
    'below 0.80'
    """
    x1, n1, x2, n2 = _tables(events_1, n_1, events_2, n_2, least=0)
    first, second = x1 * n2, x2 * n1
    told = (n1 > 0) & (n2 > 0) & (x1 + x2 > 0)
    flags = np.select(
        [~told, 5 * first < 4 * second, 4 * first > 5 * second], [CANNOT_TELL, BELOW, ABOVE], WITHIN
    )
    return flags[()]


def four_fifths_box(events_1: Interval, n_1: Interval, events_2: Interval, n_2: Interval) -> Numbers:
    """Say what `four_fifths` says of every table whose counts lie in these whole-number intervals.

    `CANNOT_TELL` where tables of the box disagree. Raises ValueError naming the argument.

    Examples
    --------
    >>> from disparity.statistics.comparison import Interval
    >>> str(four_fifths_box(Interval(11, 18), Interval(50, 50), Interval(20, 20), Interval(50, 50)))
    'cannot tell'
    """
    lowest_1, highest_1 = _extremes(events_1, n_1, "_1", least=0)
    lowest_2, highest_2 = _extremes(events_2, n_2, "_2", least=0)
    at_least = four_fifths(*lowest_1, *highest_2)
    at_most = four_fifths(*highest_1, *lowest_2)
    none_1, none_2 = lowest_1[0] == 0, lowest_2[0] == 0
    eventless = none_1 & none_2
    empty = none_1 & (np.asarray(n_1.low) == 0) | none_2 & (np.asarray(n_2.low) == 0)
    return np.where((at_least == at_most) & ~eventless & ~empty, at_least, CANNOT_TELL)[()]


def people_to_parity(events_1: ArrayLike, n_1: ArrayLike, events_2: ArrayLike, n_2: ArrayLike) -> Numbers:
    """Return how many events of group 1 would have had to be group 2's for equal rates, of as many in all.

    Whole counts, broadcast, 0 <= events <= n, n >= 1. A whole number: the one that brings the rates nearest,
    the smaller of two as near; negative where group 2 has more than its part, so swapping negates it.
    Raises ValueError naming the argument. For monitoring; never a quota.

    Examples
    --------
    >>> int(people_to_parity(48, 154, 12, 88))
    10
    """
    x1, n1, x2, n2 = _tables(events_1, n_1, events_2, n_2, least=1)
    surplus, total = x1 * n2 - x2 * n1, n1 + n2
    return np.asarray(np.sign(surplus) * ((2 * np.abs(surplus) + total - 1) // (2 * total)))[()]


def people_to_parity_box(events_1: Interval, n_1: Interval, events_2: Interval, n_2: Interval) -> Interval:
    """Return the least and greatest `people_to_parity` of the tables whose counts lie in these intervals.

    The surplus rises with the rate of group 1 and falls with that of group 2, so two tables hold the range.
    An empty group is left out of the box. Raises ValueError naming the argument.

    Examples
    --------
    >>> from disparity.statistics.comparison import Interval
    >>> low, high = people_to_parity_box(Interval(46, 50), Interval(154, 154), Interval(12, 12), Interval(88, 88))
    >>> int(low), int(high)
    (9, 11)
    """
    lowest_1, highest_1 = _extremes(events_1, n_1, "_1", least=1)
    lowest_2, highest_2 = _extremes(events_2, n_2, "_2", least=1)
    return Interval(people_to_parity(*lowest_1, *highest_2), people_to_parity(*highest_1, *lowest_2))


def selections_to_four_fifths(
    events_1: ArrayLike, n_1: ArrayLike, events_2: ArrayLike, n_2: ArrayLike
) -> Numbers:
    """Return the fewest events of group 1 that would have had to be group 2's for a ratio of 0.80 to 1.25.

    With as many events in all, by integer arithmetic. Whole counts, broadcast, 0 <= events <= n, n >= 1. A
    whole number: 0 where `four_fifths` is within (or neither group has events), positive where the ratio is
    above 1.25, negative where it is below 0.80 and events of group 2 would have had to be group 1's, so
    swapping negates it. In a small group one event can be a step over the whole of 0.80 to 1.25. Raises
    ValueError naming the argument. For monitoring; never a quota. Uniform Guidelines on Employee Selection
    Procedures (1978), 29 CFR 1607.4(D).

    Examples
    --------
    >>> int(selections_to_four_fifths(48, 154, 12, 88))
    7
    """
    x1, n1, x2, n2 = _tables(events_1, n_1, events_2, n_2, least=1)
    first, second = x1 * n2, x2 * n1
    from_1 = _whole_steps(4 * first - 5 * second, 4 * n2 + 5 * n1)
    from_2 = _whole_steps(4 * second - 5 * first, 4 * n1 + 5 * n2)
    return np.asarray(from_1 - from_2)[()]


def selections_to_four_fifths_box(
    events_1: Interval, n_1: Interval, events_2: Interval, n_2: Interval
) -> Interval:
    """Return the least and greatest `selections_to_four_fifths` of the tables in these intervals of counts.

    It rises with events 1 and n 2 and falls with n 1 and events 2, so two tables hold the range. An empty
    group is left out of the box. Raises ValueError naming the argument.

    Examples
    --------
    >>> from disparity.statistics.comparison import Interval
    >>> low, high = selections_to_four_fifths_box(Interval(46, 50), Interval(154, 154), Interval(12, 12), Interval(88, 88))
    >>> int(low), int(high)
    (7, 8)
    """
    lowest_1, highest_1 = _extremes(events_1, n_1, "_1", least=1)
    lowest_2, highest_2 = _extremes(events_2, n_2, "_2", least=1)
    return Interval(
        selections_to_four_fifths(*lowest_1, *highest_2), selections_to_four_fifths(*highest_1, *lowest_2)
    )


def expected_at_equal_chances(
    events_1: ArrayLike, n_1: ArrayLike, events_2: ArrayLike, n_2: ArrayLike
) -> Numbers:
    """Return the events group 2 would have had, of all there were, at the rate of both groups together.

    Counts broadcast, 0 <= events <= n, n >= 1; rarely whole. Raises ValueError naming the argument.

    Examples
    --------
    >>> round(float(expected_at_equal_chances(48, 154, 12, 88)), 1)
    21.8
    """
    x1, n1 = checked_share(events_1, n_1, "_1")
    x2, n2 = checked_share(events_2, n_2, "_2")
    return np.asarray((x1 + x2) * n2 / (n1 + n2))[()]


def chance_of_as_few(events_1: ArrayLike, n_1: ArrayLike, events_2: ArrayLike, n_2: ArrayLike) -> Numbers:
    """Return how rarely group 2 would have as few events as it had, or fewer, were chances equal.

    Between 0 and 1: at p, as few would be seen in p of such periods, given as many events in all and groups
    of these sizes. Whole counts, broadcast, 0 <= events <= n, n >= 1. One tail, exact (hypergeometric, no
    continuity correction): near 1 where group 2 has more than its part (give the groups the other way round
    to ask about group 1). It is the p-value of Fisher's one-sided test: Fisher (1935), J R Stat Soc 98, 39-82.
    Raises ValueError naming the argument.

    Examples
    --------
    >>> round(float(chance_of_as_few(48, 154, 12, 88)), 4)
    0.0015
    """
    from scipy.stats import hypergeom

    x1, n1, x2, n2 = _tables(events_1, n_1, events_2, n_2, least=1)
    return np.asarray(hypergeom.cdf(x2, n1 + n2, x1 + x2, n2))[()]


def _tables(
    events_1: ArrayLike, n_1: ArrayLike, events_2: ArrayLike, n_2: ArrayLike, *, least: int
) -> tuple[_Integers, _Integers, _Integers, _Integers]:
    x1, n1 = checked_whole_share(events_1, n_1, "_1", least=least)
    x2, n2 = checked_whole_share(events_2, n_2, "_2", least=least)
    return x1, n1, x2, n2


def _whole_steps(distance: _Integers, step: _Integers) -> _Integers:
    """Return how many whole steps cover a distance, none where it is not above 0."""
    return np.asarray(np.maximum(-(-distance // step), 0))


def _extremes(
    events: Interval, n: Interval, suffix: str, *, least: int
) -> tuple[tuple[_Integers, _Integers], tuple[_Integers, _Integers]]:
    """Events and base at the lowest and at the highest rate of the box, keeping events within the base."""
    x_low, x_high = (checked_count(f"events{suffix}", limit) for limit in events)
    n_low, n_high = (checked_count(f"n{suffix}", limit) for limit in n)
    if np.any(x_low > x_high) or np.any(n_low > n_high):
        raise ValueError(f"events{suffix} and n{suffix} must have low not above high")
    x_high = np.minimum(x_high, n_high)
    n_low = np.maximum(n_low, np.maximum(least, x_high))
    return (x_low, n_high), (x_high, n_low)
