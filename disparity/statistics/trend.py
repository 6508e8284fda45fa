"""How a disparity moves between windows that share no quarter, and where a share stands on its way to a target."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from disparity.statistics.arguments import (
    Floats,
    checked_share,
    whole_quarters,
)
from disparity.statistics.comparison import Comparison, Numbers, two_sided_p
from disparity.statistics.proportions import risk_difference, risk_ratio
from disparity.statistics.root_finding import crossing
from disparity.statistics.score import Tables, difference_excess, finite_sample, ratio_excess

Window: TypeAlias = tuple[ArrayLike, ArrayLike]
"""First and last quarter of a window, both included, as whole numbers that count quarters."""

_Tables: TypeAlias = Tables[np.float64]

# Logarithm of a ratio beyond every limit that counts up to 10^9 can give.
_FAR = 60.0
# Keeps a deviate finite.
_NEARLY_ALL = 1.0 - 1e-15


def change_of_ratio(
    events_1: ArrayLike,
    n_1: ArrayLike,
    events_2: ArrayLike,
    n_2: ArrayLike,
    earlier_events_1: ArrayLike,
    earlier_n_1: ArrayLike,
    earlier_events_2: ArrayLike,
    earlier_n_2: ArrayLike,
    *,
    window: Window,
    earlier_window: Window,
    level: float = 0.95,
) -> Comparison:
    """Today's risk ratio over that of an earlier window: 1 is no change, above 1 the ratio has risen.

    Arguments broadcast; 0 <= events <= n and n >= 1 in each group. The windows are asked for because the
    method takes them as independent: windows that share a quarter raise ValueError, as a wrong count does,
    naming the argument. Where the same people are counted in both (staff in post), the interval is mostly
    too wide.

    The interval excludes 1 exactly when p < 1 - level; swapping the windows, or the groups in both, inverts
    it. The statistic is the deviate at which the interval would touch 1, positive where the ratio has risen.
    0 over 0 (also inf over inf) is NaN with interval 0 to infinity and p = 1; an estimate of 0 has lower limit
    0, an infinite one an infinite upper limit.

    Square-and-add (MOVER) on the log scale of the two Miettinen-Nurminen intervals: Zou and Donner (2008),
    Stat Med 27, 1693-1702; Donner and Zou (2012), Stat Methods Med Res 21, 347-359. Where one ratio is 0 or
    infinite there is nothing to square: the limits are then the quotients of the two intervals' ends, the
    widest that square-and-add could be.

    Examples
    --------
    >>> found = change_of_ratio(40, 100, 20, 100, 30, 100, 25, 100, window=(5, 8), earlier_window=(1, 4))
    >>> [round(float(each), 2) for each in (found.estimate, found.low, found.high)]
    [1.67, 0.88, 3.18]
    """
    _check_apart(window, earlier_window)
    now, then, shape = _two_windows(
        (events_1, n_1, events_2, n_2), (earlier_events_1, earlier_n_1, earlier_events_2, earlier_n_2)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        rise = (now.x1 * now.n2) * (then.x2 * then.n1)
        estimate = rise / ((now.x2 * now.n1) * (then.x1 * then.n2))
        one, other = risk_ratio(*now, level=level), risk_ratio(*then.swapped(), level=level)
        low = _low_of_product(one.estimate, one.low, other.estimate, other.low)
        high = 1.0 / _low_of_product(
            1.0 / one.estimate, 1.0 / one.high, 1.0 / other.estimate, 1.0 / other.high
        )
        first, second = _larger_first(estimate >= 1.0, now, then)
        logs = [np.log(tables.x1 * tables.n2 / (tables.x2 * tables.n1)) for tables in (first, second)]
    told = ~np.isnan(estimate)
    log_1, log_2 = (np.where(told, log, 0.0) for log in logs)
    size = _touching_deviate(log_1, log_2, _ratio_score(first), _ratio_score(second))
    statistic = np.where(estimate < 1.0, -size, size)
    return _compared(shape, estimate, low, high, statistic, neutral=1.0, level=level)


def change_of_difference(
    events_1: ArrayLike,
    n_1: ArrayLike,
    events_2: ArrayLike,
    n_2: ArrayLike,
    earlier_events_1: ArrayLike,
    earlier_n_1: ArrayLike,
    earlier_events_2: ArrayLike,
    earlier_n_2: ArrayLike,
    *,
    window: Window,
    earlier_window: Window,
    level: float = 0.95,
) -> Comparison:
    """Today's risk difference less that of an earlier window, between -2 and 2: 0 is no change.

    Arguments, errors, windows and method as `change_of_ratio`, from the two Miettinen-Nurminen intervals of
    the difference. The interval excludes 0 exactly when p < 1 - level; swapping the windows, or the groups
    in both, negates it. Defined for all counts.

    Examples
    --------
    >>> found = change_of_difference(40, 100, 20, 100, 30, 100, 25, 100, window=(5, 8), earlier_window=(1, 4))
    >>> [round(float(each), 2) for each in (found.estimate, found.low, found.high)]
    [0.15, -0.03, 0.32]
    """
    _check_apart(window, earlier_window)
    now, then, shape = _two_windows(
        (events_1, n_1, events_2, n_2), (earlier_events_1, earlier_n_1, earlier_events_2, earlier_n_2)
    )
    one, other = risk_difference(*now, level=level), risk_difference(*then, level=level)
    estimate = one.estimate - other.estimate
    low = estimate - np.hypot(one.estimate - one.low, other.high - other.estimate)
    high = estimate + np.hypot(one.high - one.estimate, other.estimate - other.low)
    first, second = _larger_first(estimate >= 0.0, now, then)
    difference_1, difference_2 = (tables.x1 / tables.n1 - tables.x2 / tables.n2 for tables in (first, second))
    size = _touching_deviate(difference_1, difference_2, _difference_score(first), _difference_score(second))
    return _compared(
        shape, estimate, low, high, np.where(estimate < 0.0, -size, size), neutral=0.0, level=level
    )


def _check_apart(window: Window, earlier_window: Window) -> None:
    first, last = (whole_quarters("window", end) for end in window)
    earlier_first, earlier_last = (whole_quarters("earlier_window", end) for end in earlier_window)
    if np.any(first > last) or np.any(earlier_first > earlier_last):
        raise ValueError("window and earlier_window must each start before they end")
    shared = (first <= earlier_last) & (earlier_first <= last)
    if np.any(shared):
        raise ValueError(
            f"window and earlier_window must share no quarter; {np.count_nonzero(shared)} of {shared.size} do"
        )


def _two_windows(
    now: tuple[ArrayLike, ...], then: tuple[ArrayLike, ...]
) -> tuple[_Tables, _Tables, tuple[int, ...]]:
    arrays = np.broadcast_arrays(
        *(
            array
            for prefix, (x1, n1, x2, n2) in (("", now), ("earlier_", then))
            for array in (
                *checked_share(x1, n1, "_1", prefix=prefix),
                *checked_share(x2, n2, "_2", prefix=prefix),
            )
        )
    )
    flat = [np.ravel(array) for array in arrays]
    return Tables(*flat[:4]), Tables(*flat[4:]), arrays[0].shape


def _larger_first(rose: NDArray[np.bool_], now: _Tables, then: _Tables) -> tuple[_Tables, _Tables]:
    """Two tables whose measures add up to the size of the change: the larger, and the smaller turned round."""
    first = (np.where(rose, one, other) for one, other in zip(now, then, strict=True))
    second = (np.where(rose, one, other) for one, other in zip(then.swapped(), now.swapped(), strict=True))
    return Tables(*first), Tables(*second)


def _low_of_product(estimate_1: Numbers, low_1: Numbers, estimate_2: Numbers, low_2: Numbers) -> Floats:
    product = estimate_1 * estimate_2
    reach = np.hypot(np.log(estimate_1 / low_1), np.log(estimate_2 / low_2))
    squared = np.isfinite(product) & (product > 0)
    return np.where(squared, product * np.exp(-reach), low_1 * low_2)


def _ratio_score(tables: _Tables) -> Callable[[Floats], Floats]:
    """Share d / (1 + d) of the deviate d at which the lower limit of the log ratio is at a given point."""
    allowed = np.sqrt(finite_sample(tables))

    def share(log_ratio: Floats) -> Floats:
        return 0.5 + ratio_excess(tables, np.ones_like(log_ratio), np.exp(log_ratio), allowed)

    return share


def _difference_score(tables: _Tables) -> Callable[[Floats], Floats]:
    """Share d / (1 + d) of the deviate d at which the lower limit of the difference is at a given point."""
    allowed = np.sqrt(finite_sample(tables))

    def share(difference: Floats) -> Floats:
        return 0.5 + difference_excess(tables, difference, allowed)

    return share


def _touching_deviate(
    estimate_1: Floats,
    estimate_2: Floats,
    share_1: Callable[[Floats], Floats],
    share_2: Callable[[Floats], Floats],
) -> Floats:
    """Deviate at which the lower limit of ``estimate_1 + estimate_2`` (not below 0) touches 0.

    There the two lower limits lie on a quarter circle about the estimates, as wide as their sum; where that
    is infinite, they are opposite. Along either, the one's deviate falls while the other's rises.
    """
    total = estimate_1 + estimate_2
    circle = np.isfinite(total)
    radius, centre_1, centre_2 = (np.where(circle, part, 0.0) for part in (total, estimate_1, estimate_2))
    start = -np.minimum(estimate_2, _FAR)
    span = np.minimum(estimate_1, _FAR) - start

    def limits(u: Floats) -> tuple[Floats, Floats]:
        turn, opposite = u * (math.pi / 2.0), start + u * span
        return (
            np.where(circle, centre_1 - radius * np.cos(turn), opposite),
            np.where(circle, centre_2 - radius * np.sin(turn), -opposite),
        )

    def excess(u: Floats) -> Floats:
        limit_1, limit_2 = limits(u)
        return share_1(limit_1) - share_2(limit_2)

    limit_1, limit_2 = limits(crossing(excess, np.zeros_like(total), np.ones_like(total)))
    # Equal but for rounding, which at an end of the range puts one of them at 1.
    share = np.clip(np.minimum(share_1(limit_1), share_2(limit_2)), 0.0, _NEARLY_ALL)
    return np.where(total > 0.0, share / (1.0 - share), 0.0)


def _compared(
    shape: tuple[int, ...],
    estimate: Floats,
    low: Floats,
    high: Floats,
    statistic: Floats,
    *,
    neutral: float,
    level: float,
) -> Comparison:
    """Put no change on its proper side of the limits, so that interval and p agree to the last digit."""
    p_value = two_sided_p(statistic)
    significant = p_value < 1.0 - level
    least, most = np.nextafter(neutral, np.inf), np.nextafter(neutral, -np.inf)
    low = np.where(
        estimate > neutral, np.where(significant, np.maximum(low, least), np.minimum(low, neutral)), low
    )
    high = np.where(
        estimate < neutral, np.where(significant, np.minimum(high, most), np.maximum(high, neutral)), high
    )
    fields = (estimate, low, high, statistic, p_value)
    return Comparison(*(field.reshape(shape)[()] for field in fields))
