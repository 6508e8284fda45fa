"""Comparisons over protected cells: widest interval and largest p of every table the cells could be."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from disparity.proportions import Comparison, Interval, checked
from disparity.rates import rate_ratio

_Floats: TypeAlias = NDArray[np.float64]


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
    """
    shares = compare is not rate_ratio
    group_1 = _Box.of(events_1, n_1, "_1", shares=shares)
    group_2 = _Box.of(events_2, n_2, "_2", shares=shares)
    tables = [(*lowest, *highest) for lowest in group_1.lowest for highest in group_2.highest]
    tables += [(*highest, *lowest) for highest in group_1.highest for lowest in group_2.lowest]
    compared = [compare(*table, level=level) for table in tables]
    _, lows, highs, statistics, p_values = (
        np.stack(np.broadcast_arrays(*field)) for field in zip(*compared, strict=True)
    )
    equal = (statistics.min(axis=0) <= 0) & (statistics.max(axis=0) >= 0)
    nearest = np.take_along_axis(statistics, p_values.argmax(axis=0)[np.newaxis], axis=0)[0]
    return Comparison(
        np.full(equal.shape, np.nan)[()],
        lows.min(axis=0),
        highs.max(axis=0),
        np.where(equal, 0.0, nearest)[()],
        np.where(equal, 1.0, p_values.max(axis=0))[()],
    )


class _Box(NamedTuple):
    """What one group's events and base could be, cut to the tables that are possible."""

    x_low: _Floats
    x_high: _Floats
    n_low: _Floats
    n_high: _Floats
    shares: bool

    @classmethod
    def of(cls, events: Interval, n: Interval, suffix: str, *, shares: bool) -> _Box:
        x_low, x_high = (checked(f"events{suffix}", limit) for limit in events)
        n_low, n_high = (checked(f"n{suffix}", limit) for limit in n)
        if np.any(x_low > x_high):
            raise ValueError(f"events{suffix} must have low not above high")
        if np.any(n_low > n_high):
            raise ValueError(f"n{suffix} must have low not above high")
        if shares:
            if np.any(n_high < np.maximum(x_low, 1.0)):
                raise ValueError(f"n{suffix} must leave room for events{suffix} and at least one person")
            n_low = np.maximum(n_low, np.maximum(x_low, 1.0))
            x_high = np.minimum(x_high, n_high)
        return cls(x_low, x_high, n_low, n_high, shares)

    @property
    def lowest(self) -> tuple[tuple[_Floats, _Floats], ...]:
        return (self.x_low, self.n_high), (self.x_low, self.n_low)

    @property
    def highest(self) -> tuple[tuple[_Floats, _Floats], ...]:
        if not self.shares:
            return ((self.x_high, self.n_low),)
        largest = self.x_high, np.maximum(self.n_low, self.x_high)
        return largest, (np.minimum(self.x_high, self.n_low), self.n_low)
