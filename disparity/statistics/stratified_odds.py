"""Odds of two groups compared within strata and pooled."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from disparity.statistics.arguments import Floats, critical_value
from disparity.statistics.comparison import two_sided_p
from disparity.statistics.root_finding import bounded_excess, crossing
from disparity.statistics.score import beside_one
from disparity.statistics.strata import (
    ChiSquare,
    Strata,
    by_blocks,
    chances_of,
    cochran,
    homogeneity_test,
    log_weights_of,
    require_whole,
    strata_of,
)
from disparity.statistics.stratified import Stratified, pooled_result

_Flags: TypeAlias = NDArray[np.bool_]

# The logarithm of any odds ratio that counts below 10^18 can tell from 0 or infinity.
_WIDEST_LOG_ODDS = 60.0


def stratified_odds_ratio(
    events_1: ArrayLike,
    n_1: ArrayLike,
    events_2: ArrayLike,
    n_2: ArrayLike,
    *,
    level: float = 0.95,
    method: Literal["conditional_score", "robins_breslow_greenland"] = "conditional_score",
) -> Stratified:
    """Odds of group 1 over odds of group 2 within strata (the last axis).

    Whole counts, broadcast; 0 <= events <= n; a single stratum may be a scalar. Strata with nobody in a group,
    or where nobody or everybody has the event, count for nothing. The test is Cochran, Mantel and Haenszel's.
    ``homogeneity_p`` is that of `breslow_day` with exact means and variances given the margins: with small
    strata it seldom warns, where `breslow_day` warns without cause. Raises ValueError naming the argument.

    ``conditional_score``: conditional maximum likelihood estimate, and the interval of odds ratios whose
    expectation of the events of group 1, all margins fixed, is no further than chance from what was seen. At 1
    it is the test, so the interval excludes 1 exactly when p < 1 - level; swapping the groups inverts; sound
    for few large strata and for many small ones. As few events in group 1 as there could be: estimate and
    lower limit 0; as many: estimate and upper limit infinite; no stratum that tells: NaN within 0 to infinity,
    p = 1. Time grows with the square root of the counts. Breslow and Day (1980), Statistical Methods in Cancer
    Research I, IARC, 124-146; homogeneity with small strata: Liang and Self (1985), Biometrika 72, 353-358.
    ``robins_breslow_greenland``: the Mantel-Haenszel estimate, and an interval by the variance of its logarithm.
    That variance is not the test's, so interval and p may disagree. An estimate of 0 or infinity has no such
    variance: the interval is then 0 to infinity. Robins, Breslow and Greenland (1986), Biometrics 42, 311-323.

    Examples
    --------
    >>> found = stratified_odds_ratio([10, 20], [50, 60], [5, 12], [50, 60])
    >>> round(float(found.estimate), 2)
    2.07
    """
    z = critical_value(level)
    strata, shape = strata_of(events_1, n_1, events_2, n_2)
    require_whole(strata)
    used = strata.both & (strata.most > strata.fewest)
    _, statistic = cochran(strata)
    significant = two_sided_p(statistic) < 1.0 - level
    if method == "conditional_score":
        numbers = _window(strata)
        estimate, low, high = np.exp(
            by_blocks(_conditional_log_odds, strata, z, significant, numbers=numbers)
        )
        low, high = beside_one(low, high, statistic > 0, significant)
    elif method == "robins_breslow_greenland":
        estimate, low, high = _robins_breslow_greenland(strata, z)
    else:
        raise ValueError("method must be conditional_score or robins_breslow_greenland")
    homogeneity = ChiSquare(*by_blocks(_conditional_homogeneity, strata, estimate, numbers=_window(strata)))
    return pooled_result(shape, estimate, (low, high), statistic, homogeneity, used)


def breslow_day(events_1: ArrayLike, n_1: ArrayLike, events_2: ArrayLike, n_2: ArrayLike) -> ChiSquare:
    """Test that the odds ratio is the same in every stratum (the last axis), with Tarone's correction.

    Arguments as `stratified_odds_ratio`. Degrees of freedom: the strata that tell anything, less one. All NaN
    where that is below 1, or where the Mantel-Haenszel odds ratio is 0 or infinite. Only for strata with
    several expected in every cell: over 200 pairs it finds disagreement where there is none. Raises ValueError
    naming the argument. Breslow and Day (1980), Statistical
    Methods in Cancer Research I, IARC, 142-143; Tarone (1985), Biometrika 72, 91-95.

    Examples
    --------
    >>> round(float(breslow_day([10, 20], [50, 60], [5, 12], [50, 60]).p_value), 2)
    0.87
    """
    strata, shape = strata_of(events_1, n_1, events_2, n_2)
    return ChiSquare(*(np.asarray(field).reshape(shape)[()] for field in _tarone(strata)))


def _conditional_log_odds(strata: Strata, z: float, significant: _Flags) -> Floats:
    """Logarithms of the most likely odds ratio and its limits, stacked."""
    expectation = _conditional(strata)
    seen, room = strata.x1.sum(axis=-1), (strata.most - strata.fewest).sum(axis=-1) + 1.0
    none, every = (strata.x1 == strata.fewest).all(axis=-1), (strata.x1 == strata.most).all(axis=-1)
    above = cochran(strata)[1] > 0
    lowest, highest = np.full_like(seen, -_WIDEST_LOG_ODDS), np.full_like(seen, _WIDEST_LOG_ODDS)

    def lead(log_odds: Floats) -> Floats:
        return np.asarray((seen - expectation(log_odds)[0].sum(axis=-1)) / room)

    def excess_above(log_odds: Floats) -> Floats:
        mean, variance = (part.sum(axis=-1) for part in expectation(log_odds))
        return bounded_excess(seen - mean, z * np.sqrt(variance))

    def excess_below(log_odds: Floats) -> Floats:
        mean, variance = (part.sum(axis=-1) for part in expectation(log_odds))
        return bounded_excess(mean - seen, z * np.sqrt(variance))

    zero = np.zeros_like(seen)
    middle = crossing(lead, np.where(above, zero, lowest), np.where(above, highest, zero))
    # Zero is put on its proper side first, so that interval and p agree to the last digit.
    outside, inside = (
        np.where(significant & above, zero, lowest),
        np.where(~significant & above, zero, middle),
    )
    low = np.where(none, -np.inf, crossing(excess_above, outside, inside))
    below = ~above
    outside, inside = (
        np.where(significant & below, zero, highest),
        np.where(~significant & below, zero, middle),
    )
    high = np.where(every, np.inf, crossing(excess_below, outside, inside))
    return np.stack([np.select([none & every, none, every], [np.nan, -np.inf, np.inf], middle), low, high])


def _conditional(strata: Strata) -> Callable[[Floats], tuple[Floats, Floats]]:
    """Return what gives mean and variance of each stratum's events of group 1 at a log odds ratio, margins fixed."""
    length = _window(strata)
    latest = np.maximum(strata.most - length + 1.0, strata.fewest)
    moving = bool(np.any(latest > strata.fewest))
    along = np.arange(float(length))
    fixed = log_weights_of(strata, strata.fewest, length)

    def expectation(log_odds: Floats) -> tuple[Floats, Floats]:
        start, log_weights = strata.fewest, fixed
        if moving:
            centre = np.rint(_fitted(strata, np.exp(log_odds)))
            start = np.clip(centre - length // 2, strata.fewest, latest)
            log_weights = log_weights_of(strata, start, length)
        chances = chances_of(log_weights + log_odds[:, None, None] * along)
        mean = chances @ along
        return start + mean, (chances * (along - mean[..., None]) ** 2).sum(axis=-1)

    return expectation


def _conditional_homogeneity(strata: Strata, estimate: Floats) -> Floats:
    told = np.isfinite(estimate) & (estimate > 0)
    mean, variance = _conditional(strata)(np.log(np.where(told, estimate, 1.0)))
    used = strata.both & (strata.most > strata.fewest) & told[:, None]
    return np.stack(homogeneity_test(used, strata.x1 - mean, variance, variance))


def _window(strata: Strata) -> int:
    """How many counts next to the likeliest hold all but 1e-13 of the chance, at any odds ratio.

    The count is a sum of independent zeros and ones, at most as many as its range: its standard deviation is
    at most half the root of that.
    """
    widest = float((strata.most - strata.fewest).max(initial=0.0))
    return 1 + int(min(widest, 2.0 * math.ceil(9.0 * math.sqrt(widest) / 2.0 + 20.0)))


def _fitted(strata: Strata, odds: Floats) -> Floats:
    """Events of group 1 that give each stratum these odds ratios with its margins: Cornfield's quadratic."""
    ratio = odds[:, None]
    slack = strata.n2 - strata.events
    b, c = ratio * (strata.n1 + strata.events) + slack, ratio * strata.n1 * strata.events
    size = b + np.sqrt(np.maximum(b * b - 4.0 * (ratio - 1.0) * c, 0.0))
    return np.clip(np.divide(2.0 * c, size, out=np.zeros_like(c), where=size > 0), strata.fewest, strata.most)


def _cross_products(strata: Strata) -> tuple[Floats, Floats]:
    x1, n1, x2, n2 = strata.tables
    return x1 * (n2 - x2) / strata.total, x2 * (n1 - x1) / strata.total


def _robins_breslow_greenland(strata: Strata, z: float) -> tuple[Floats, Floats, Floats]:
    first, second = _cross_products(strata)
    agree = (strata.x1 + strata.n2 - strata.x2) / strata.total
    differ = 1.0 - agree
    r, s = first.sum(axis=-1), second.sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        estimate = r / s
        variance = (
            (agree * first).sum(axis=-1) / (2.0 * r * r)
            + (agree * second + differ * first).sum(axis=-1) / (2.0 * r * s)
            + (differ * second).sum(axis=-1) / (2.0 * s * s)
        )
        factor = np.exp(z * np.sqrt(variance))
        low, high = estimate / factor, estimate * factor
    told = (r > 0) & (s > 0)
    return estimate, np.where(told, low, 0.0), np.where(told, high, np.inf)


def _tarone(strata: Strata) -> ChiSquare:
    first, second = (product.sum(axis=-1) for product in _cross_products(strata))
    told = (first > 0) & (second > 0)
    odds = np.divide(first, second, out=np.ones_like(first), where=told)
    a = _fitted(strata, odds)
    used = strata.both & (strata.most > strata.fewest) & told[:, None]
    cells = np.stack([a, strata.n1 - a, strata.events - a, strata.n2 - strata.events + a])
    with np.errstate(divide="ignore"):
        variance = 1.0 / (1.0 / np.maximum(cells, 0.0)).sum(axis=0)
    return homogeneity_test(used, strata.x1 - a, variance, variance)
