"""Rates of two groups compared within strata and pooled: bands or directorates."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from disparity.statistics.arguments import Floats, critical_value
from disparity.statistics.comparison import Numbers, two_sided_p
from disparity.statistics.root_finding import bounded_excess, crossing
from disparity.statistics.score import beside_one, difference_variance, ratio_moments
from disparity.statistics.strata import (
    ChiSquare,
    Strata,
    by_blocks,
    chi_square,
    cochran,
    homogeneity_test,
    strata_of,
)

_Flags: TypeAlias = NDArray[np.bool_]


class Stratified(NamedTuple):
    """Group 1 beside group 2 over all strata: pooled estimate, interval, test, and whether the strata agree.

    Every field has the shape of the arguments without their last axis. ``statistic`` is positive where group 1
    is higher and ``p_value`` two-sided; ``homogeneity_p`` is small where the strata disagree, and NaN where
    fewer than two could; ``strata`` counts those that tell anything.
    """

    estimate: Numbers
    low: Numbers
    high: Numbers
    statistic: Numbers
    p_value: Numbers
    homogeneity_p: Numbers
    strata: Numbers


def stratified_risk_difference(
    events_1: ArrayLike, n_1: ArrayLike, events_2: ArrayLike, n_2: ArrayLike, *, level: float = 0.95
) -> Stratified:
    """Rate of group 1 less rate of group 2 within strata (the last axis), by Mantel-Haenszel weights.

    Arguments broadcast; 0 <= events <= n, each n 0 or at least 1; a single stratum may be a scalar. Strata
    with nobody in a group count for nothing. The interval is the stratified score interval of Miettinen and
    Nurminen and the test that of Cochran, Mantel and Haenszel: at 0 they are one statistic, so the interval
    excludes 0 exactly when p < 1 - level. Swapping the groups negates; one stratum gives `risk_difference`.
    No stratum with both groups: estimate NaN, interval -1 to 1, p = 1. ``homogeneity_p`` is the score test at
    the pooled estimate, defined with zero cells; with small strata it seldom warns. Raises ValueError naming
    the argument.

    Miettinen and Nurminen (1985), Stat Med 4, 213-226; weights and example in Klingenberg (2014), Stat Med 33,
    2968-2983; homogeneity: Gart and Nam (1990), Biometrics 46, 637-643, made fit for these weights as Tarone
    (1985), Biometrika 72, 91-95, does for odds ratios.

    Examples
    --------
    >>> found = stratified_risk_difference([10, 20], [50, 60], [5, 12], [50, 60])
    >>> round(float(found.estimate), 3)
    0.118
    """
    z = critical_value(level)
    strata, shape = strata_of(events_1, n_1, events_2, n_2)
    used = strata.both
    gap, statistic = cochran(strata)
    significant = two_sided_p(statistic) < 1.0 - level
    with np.errstate(invalid="ignore"):
        estimate = gap / strata.weight.sum(axis=-1)
    low = by_blocks(_difference_low, strata, z, significant)
    high = -by_blocks(_difference_low, strata.swapped(), z, significant)
    homogeneity = _difference_homogeneity(strata, estimate)
    return pooled_result(shape, estimate, (low, high), statistic, homogeneity, used)


def stratified_risk_ratio(
    events_1: ArrayLike, n_1: ArrayLike, events_2: ArrayLike, n_2: ArrayLike, *, level: float = 0.95
) -> Stratified:
    """Rate of group 1 over rate of group 2 within strata (the last axis), by Mantel-Haenszel weights.

    Arguments broadcast; 0 <= events <= n, each n 0 or at least 1; a single stratum may be a scalar. Strata
    with nobody in a group, or without events, count for nothing. The interval is the stratified score interval
    of Miettinen and Nurminen and the test that of Cochran, Mantel and Haenszel: at 1 they are one statistic,
    so the interval excludes 1 exactly when p < 1 - level. Swapping the groups inverts; one stratum gives
    `risk_ratio`, and the ends are as there: no events in group 1 give 0, none in group 2 infinity, none at all
    NaN within 0 to infinity with p = 1. ``homogeneity_p`` is the score test at the pooled estimate, defined
    with zero cells (a chi-square on log ratios is not); with small strata it seldom warns, and it is NaN where
    the estimate is 0 or infinite. Raises ValueError naming the argument.

    Miettinen and Nurminen (1985), Stat Med 4, 213-226; the estimate: Greenland and Robins (1985), Biometrics
    41, 55-68; homogeneity: Gart and Nam (1988), Biometrics 44, 323-338, made fit for these weights as Tarone
    (1985), Biometrika 72, 91-95, does for odds ratios.

    Examples
    --------
    >>> found = stratified_risk_ratio([10, 20], [50, 60], [5, 12], [50, 60])
    >>> round(float(found.estimate), 2), round(float(found.low), 2), round(float(found.high), 2)
    (1.76, 1.05, 3.0)
    """
    z = critical_value(level)
    strata, shape = strata_of(events_1, n_1, events_2, n_2)
    used = strata.both & (strata.events > 0)
    _, statistic = cochran(strata)
    significant = two_sided_p(statistic) < 1.0 - level
    sum_1, sum_2 = strata.weighted_rates()
    with np.errstate(divide="ignore", invalid="ignore"):
        estimate = sum_1 / sum_2
        low = by_blocks(_ratio_low, strata, z, significant)
        high = 1.0 / by_blocks(_ratio_low, strata.swapped(), z, significant)
    low, high = beside_one(low, high, statistic > 0, significant)
    homogeneity = _ratio_homogeneity(strata, estimate)
    return pooled_result(shape, estimate, (low, high), statistic, homogeneity, used)


def cochran_mantel_haenszel(
    events_1: ArrayLike, n_1: ArrayLike, events_2: ArrayLike, n_2: ArrayLike, *, continuity: bool = False
) -> ChiSquare:
    """Test of no difference within any stratum (the last axis), with one degree of freedom.

    Arguments as `stratified_risk_ratio`. ``continuity`` takes half an event off the distance from expectation
    (no further than 0), as other programs do by default; no interval here agrees with that. Nothing to tell:
    statistic 0, p = 1. Raises ValueError naming the argument. Cochran (1954), Biometrics 10, 417-451; Mantel
    and Haenszel (1959), J Natl Cancer Inst 22, 719-748.

    Examples
    --------
    >>> round(float(cochran_mantel_haenszel([10, 20], [50, 60], [5, 12], [50, 60]).p_value), 4)
    0.0315
    """
    strata, shape = strata_of(events_1, n_1, events_2, n_2)
    gap, signed = cochran(strata)
    statistic = signed * signed
    if continuity:
        nearer = np.maximum(np.abs(gap) - 0.5, 0.0)
        statistic = np.divide(nearer, gap, out=np.zeros_like(gap), where=gap != 0) ** 2 * statistic
    return chi_square(shape, statistic, np.ones_like(statistic))


def pooled_result(
    shape: tuple[int, ...],
    estimate: Floats,
    interval: tuple[Floats, Floats],
    statistic: Floats,
    homogeneity: ChiSquare,
    used: _Flags,
) -> Stratified:
    """Return what is known of the strata in the shape of the arguments, with the p of the statistic."""
    fields = (estimate, *interval, statistic, two_sided_p(statistic), homogeneity.p_value, used.sum(axis=-1))
    return Stratified(*(field.reshape(shape)[()] for field in fields))


def _squared_weight(strata: Strata) -> Floats:
    """Squared weight with the factor N / (N - 1) of Miettinen and Nurminen."""
    return strata.weight**2 * strata.total / (strata.total - 1.0)


def _difference_low(strata: Strata, z: float, significant: _Flags) -> Floats:
    gap, statistic = cochran(strata)
    weight, squared = strata.weight.sum(axis=-1), _squared_weight(strata)

    def excess(difference: Floats) -> Floats:
        variance = squared * difference_variance(strata.tables, difference[:, None])
        return bounded_excess(gap - difference * weight, z * np.sqrt(variance.sum(axis=-1)))

    # Zero is put on its proper side first, so that interval and p agree to the last digit.
    above, known = statistic > 0, weight > 0
    estimate = np.divide(gap, weight, out=np.zeros_like(gap), where=known)
    outside = np.where(above & significant, 0.0, -1.0)
    inside = np.where(above & ~significant, 0.0, estimate)
    return np.where(known, crossing(excess, outside, inside), -1.0)


def _difference_homogeneity(strata: Strata, estimate: Floats) -> ChiSquare:
    x1, n1, x2, n2 = strata.tables
    pooled = np.nan_to_num(estimate)[:, None]
    variance = difference_variance(strata.tables, pooled) * strata.total / (strata.total - 1.0)
    return homogeneity_test(strata.both, x1 / n1 - x2 / n2 - pooled, variance, np.ones_like(x1))


def _ratio_low(strata: Strata, z: float, significant: _Flags) -> Floats:
    sum_1, sum_2 = strata.weighted_rates()
    scale = (sum_1 + 0.5) / (sum_2 + 0.5)
    squared = _squared_weight(strata)

    # The ratio is scale * u / (1 - u): u runs over a finite range also where the ratio does not.
    def excess(u: Floats) -> Floats:
        w1, w2 = 1.0 - u, scale * u
        variance = squared * ratio_moments(strata.tables, w1[:, None], w2[:, None])[1]
        return bounded_excess(w1 * sum_1 - w2 * sum_2, z * np.sqrt(variance.sum(axis=-1)))

    above = cochran(strata)[1] > 0
    total = sum_1 + scale * sum_2
    at_estimate = np.divide(sum_1, total, out=np.zeros_like(total), where=total > 0)
    at_estimate = np.where(sum_2 == 0, 1.0 - 1e-12, at_estimate)
    at_one = 1.0 / (1.0 + scale)
    outside = np.where(above & significant, at_one, 0.0)
    inside = np.where(above & ~significant, at_one, at_estimate)
    u = crossing(excess, outside, inside)
    return np.where(sum_1 == 0, 0.0, scale * u / (1.0 - u))


def _ratio_homogeneity(strata: Strata, estimate: Floats) -> ChiSquare:
    x1, n1, x2, n2 = strata.tables
    told = np.isfinite(estimate)
    ratio = np.where(told, estimate, 1.0)[:, None]
    w1, w2 = 1.0 / (1.0 + ratio), ratio / (1.0 + ratio)
    common, variance = ratio_moments(strata.tables, w1, w2)
    score = w1 * x1 / n1 - w2 * x2 / n2
    return homogeneity_test(
        strata.both & told[:, None], score, variance * strata.total / (strata.total - 1.0), common
    )
