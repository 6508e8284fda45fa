"""Means of two groups compared, from counts, means and standard deviations alone."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtr, stdtrit

from disparity.proportions import Comparison, as_floats, checked, critical_value


class _Welch(NamedTuple):
    mean_1: NDArray[np.float64]
    mean_2: NDArray[np.float64]
    variance_1: NDArray[np.float64]
    variance_2: NDArray[np.float64]
    statistic: NDArray[np.float64]
    reach: NDArray[np.float64]
    p_value: NDArray[np.float64]


def mean_difference(
    n_1: ArrayLike,
    mean_1: ArrayLike,
    sd_1: ArrayLike,
    n_2: ArrayLike,
    mean_2: ArrayLike,
    sd_2: ArrayLike,
    *,
    level: float = 0.95,
) -> Comparison:
    """Mean of group 1 less mean of group 2, in the unit of the means, by Welch's unequal-variance t.

    Counts, means and sample standard deviations (divisor n - 1) broadcast. The interval excludes 0 exactly
    when p < 1 - level; swapping the groups negates it. Where nothing tells how the means vary (a group of
    fewer than two, or no variance in either) statistic and p are NaN and the interval is infinite; a mean may
    be NaN where its n is 0 and a standard deviation where its n is below 2. Otherwise raises ValueError
    naming the argument. Welch (1947), Biometrika 34, 28-35.
    """
    welch = _welch(n_1, mean_1, sd_1, n_2, mean_2, sd_2, level)
    estimate = welch.mean_1 - welch.mean_2
    half = np.where(
        np.isnan(welch.p_value), np.inf, welch.reach * np.sqrt(welch.variance_1 + welch.variance_2)
    )
    known = ~np.isnan(estimate)
    low, high = np.where(known, estimate - half, -np.inf), np.where(known, estimate + half, np.inf)
    return Comparison(estimate[()], low[()], high[()], welch.statistic[()], welch.p_value[()])


def mean_ratio(
    n_1: ArrayLike,
    mean_1: ArrayLike,
    sd_1: ArrayLike,
    n_2: ArrayLike,
    mean_2: ArrayLike,
    sd_2: ArrayLike,
    *,
    level: float = 0.95,
) -> Comparison:
    """Mean of group 1 over mean of group 2, for quantities that cannot be negative (hours, pounds).

    Arguments as `mean_difference`. The interval is Fieller's within 0 to infinity, at Welch's degrees of
    freedom for equal means, so it excludes 1 exactly when Welch's p < 1 - level and swapping the groups
    inverts it. The upper limit is infinite where the mean of group 2 could be 0. Two means of 0: estimate
    NaN. Where nothing tells how the means vary: p NaN, interval 0 to infinity. Raises ValueError naming the
    argument, also for a negative mean. Fieller (1954), J R Stat Soc B 16, 175-185; Welch (1947).
    """
    for name, mean in (("mean_1", mean_1), ("mean_2", mean_2)):
        if np.any(as_floats(name, mean) < 0):
            raise ValueError(f"{name} must not be negative in a ratio")
    welch = _welch(n_1, mean_1, sd_1, n_2, mean_2, sd_2, level)
    with np.errstate(divide="ignore", invalid="ignore"):
        estimate = welch.mean_1 / welch.mean_2
        product = welch.mean_1 * welch.mean_2
        surplus_1 = welch.mean_1**2 - welch.reach**2 * welch.variance_1
        surplus_2 = welch.mean_2**2 - welch.reach**2 * welch.variance_2
        sum_of_roots = product + np.sqrt(np.maximum(product**2 - surplus_1 * surplus_2, 0.0))
        low = np.where(surplus_1 > 0, surplus_1 / sum_of_roots, 0.0)
        high = np.where(surplus_2 > 0, sum_of_roots / surplus_2, np.inf)
    return Comparison(estimate[()], low[()], high[()], welch.statistic[()], welch.p_value[()])


def _welch(
    n_1: ArrayLike,
    mean_1: ArrayLike,
    sd_1: ArrayLike,
    n_2: ArrayLike,
    mean_2: ArrayLike,
    sd_2: ArrayLike,
    level: float,
) -> _Welch:
    critical_value(level)
    first, second = _checked_group(n_1, mean_1, sd_1, "_1"), _checked_group(n_2, mean_2, sd_2, "_2")
    n1, m1, s1, n2, m2, s2 = np.broadcast_arrays(*first, *second)
    with np.errstate(divide="ignore", invalid="ignore"):
        v1, v2 = np.asarray(s1**2 / n1), np.asarray(s2**2 / n2)
        both = v1 + v2
        told = (n1 >= 2) & (n2 >= 2) & (both > 0)
        part_1, part_2 = v1 / both, v2 / both
        freedom = np.where(told, 1.0 / (part_1**2 / (n1 - 1.0) + part_2**2 / (n2 - 1.0)), np.nan)
        statistic = np.where(told, (m1 - m2) / np.sqrt(both), np.nan)
        p_value = 2.0 * stdtr(freedom, -np.abs(statistic))
        reach = -stdtrit(freedom, (1.0 - level) / 2.0)
    return _Welch(np.asarray(m1), np.asarray(m2), v1, v2, statistic, np.asarray(reach), np.asarray(p_value))


def _checked_group(
    n: ArrayLike, mean: ArrayLike, sd: ArrayLike, suffix: str
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    size, average, spread = np.broadcast_arrays(
        checked(f"n{suffix}", n), as_floats(f"mean{suffix}", mean), as_floats(f"sd{suffix}", sd)
    )
    checked(f"sd{suffix}", np.where(size < 2, 0.0, spread))
    if not np.all(np.isfinite(average) | (size == 0)):
        raise ValueError(f"mean{suffix} must be finite wherever n{suffix} is above 0")
    return size, np.where(size == 0, np.nan, average), np.where(size < 2, np.nan, spread)
