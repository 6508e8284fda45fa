"""Rates of events over person-time: intervals of a count, a rate, and the ratio of two rates."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc, betaincc, betainccinv, betaincinv, gammainccinv, gammaincinv

from disparity.statistics.arguments import checked, critical_value
from disparity.statistics.comparison import Comparison, Interval, Numbers

_EXACT_BELOW = 10


class Rate(NamedTuple):
    """Events per unit of exposure with its interval, arrays of one shape (scalars for scalar arguments)."""

    estimate: Numbers
    low: Numbers
    high: Numbers


def exact_poisson(events: ArrayLike, *, level: float = 0.95) -> Interval:
    """Exact interval of the expected count behind ``events`` (any shape, at least 0).

    At no events the lower limit is 0. Raises ValueError naming the argument.
    Garwood (1936), Biometrika 28, 437-442.

    Examples
    --------
    >>> low, high = exact_poisson(4)
    >>> round(float(low), 2), round(float(high), 2)
    (1.09, 10.24)
    """
    critical_value(level)
    x = checked("events", events)
    tail = (1.0 - level) / 2.0
    low = np.where(x == 0, 0.0, gammaincinv(np.where(x == 0, 1.0, x), tail))
    return Interval(low[()], np.asarray(gammainccinv(x + 1.0, tail))[()])


def byar(events: ArrayLike, *, level: float = 0.95) -> Interval:
    """Byar's approximate interval of the expected count behind ``events`` (any shape, at least 0).

    The lower limit is never below 0, and 0 at no events. Raises ValueError naming the argument.
    Breslow and Day (1987), Statistical Methods in Cancer Research II, IARC, page 69.

    Examples
    --------
    >>> low, high = byar(65)
    >>> round(float(low), 2), round(float(high), 2)
    (50.16, 82.85)
    """
    z = critical_value(level)
    x = checked("events", events)
    some = np.where(x == 0, 1.0, x)
    root = np.maximum(1.0 - 1.0 / (9.0 * some) - z / (3.0 * np.sqrt(some)), 0.0)
    more = x + 1.0
    high = more * (1.0 - 1.0 / (9.0 * more) + z / (3.0 * np.sqrt(more))) ** 3
    return Interval((x * root**3)[()], high[()])


def rate(events: ArrayLike, exposure: ArrayLike, *, level: float = 0.95) -> Rate:
    """Return events per unit of ``exposure`` with its interval: exact below 10 events, Byar's from 10.

    ``events`` at least 0 and ``exposure`` above 0 (person-years, say), broadcast; the rate is in the inverse
    of the exposure's unit. Raises ValueError naming the argument. The switch at 10 is that of Public Health
    England's technical guide on confidence intervals (2018).

    Examples
    --------
    >>> found = rate(12, 250.0)
    >>> [round(100 * float(each), 2) for each in (found.estimate, found.low, found.high)]
    [4.8, 2.48, 8.39]
    """
    x, time = np.broadcast_arrays(checked("events", events), _checked_exposure("exposure", exposure))
    exact, approximate = exact_poisson(x, level=level), byar(x, level=level)
    few = x < _EXACT_BELOW
    low = np.where(few, exact.low, approximate.low) / time
    high = np.where(few, exact.high, approximate.high) / time
    return Rate((x / time)[()], low[()], high[()])


def rate_ratio(
    events_1: ArrayLike,
    exposure_1: ArrayLike,
    events_2: ArrayLike,
    exposure_2: ArrayLike,
    *,
    level: float = 0.95,
) -> Comparison:
    """Rate of group 1 over rate of group 2, between 0 and infinity, by the exact conditional method.

    Events at least 0, exposures above 0 in one unit, broadcast. Given all events together, those of group 1
    are binomial; the interval is Clopper and Pearson's, p twice the smaller tail (at most 1), so the interval
    excludes 1 exactly when p < 1 - level. Swapping the groups inverts. No events in group 2: estimate and
    upper limit infinite; in neither: estimate NaN, interval 0 to infinity, p = 1. The statistic is the
    standardised distance of ``events_1`` from its expectation at equal rates; p does not come from it.
    Raises ValueError naming the argument. Przyborowski and Wilenski (1940), Biometrika 31, 313-323.

    Examples
    --------
    >>> found = rate_ratio(12, 250.0, 20, 800.0)
    >>> [round(float(each), 2) for each in (found.estimate, found.low, found.high)]
    [1.92, 0.86, 4.12]
    """
    critical_value(level)
    x1, t1, x2, t2 = np.broadcast_arrays(
        checked("events_1", events_1),
        _checked_exposure("exposure_1", exposure_1),
        checked("events_2", events_2),
        _checked_exposure("exposure_2", exposure_2),
    )
    share = t1 / (t1 + t2)
    with np.errstate(divide="ignore", invalid="ignore"):
        estimate = (x1 / t1) / (x2 / t2)
        low = _odds_low(x1, x2, level) * (t2 / t1)
        high = 1.0 / (_odds_low(x2, x1, level) * (t1 / t2))
    spread = np.sqrt((x1 + x2) * share * (t2 / (t1 + t2)))
    distance = x1 * (t2 / (t1 + t2)) - x2 * share
    statistic = np.divide(distance, spread, out=np.zeros_like(spread), where=spread > 0)
    p_value = np.minimum(1.0, 2.0 * np.minimum(_at_least(x1, x2, share), _at_most(x1, x2, share)))
    return Comparison(*(np.asarray(field)[()] for field in (estimate, low, high, statistic, p_value)))


def _checked_exposure(name: str, exposure: ArrayLike) -> NDArray[np.float64]:
    time = checked(name, exposure)
    if np.any(time == 0):
        raise ValueError(f"{name} must be above 0; {np.count_nonzero(time == 0)} of {time.size} are not")
    return time


def _odds_low(x1: NDArray[np.float64], x2: NDArray[np.float64], level: float) -> NDArray[np.float64]:
    """Clopper-Pearson lower limit of the odds that an event is group 1's."""
    tail = (1.0 - level) / 2.0
    some = np.where(x1 == 0, 1.0, x1)
    odds = betaincinv(some, x2 + 1.0, tail) / betainccinv(x2 + 1.0, some, tail)
    return np.where(x1 == 0, 0.0, odds)


def _at_least(
    x1: NDArray[np.float64], x2: NDArray[np.float64], share: NDArray[np.float64]
) -> NDArray[np.float64]:
    return np.where(x1 == 0, 1.0, betainc(np.where(x1 == 0, 1.0, x1), x2 + 1.0, share))


def _at_most(
    x1: NDArray[np.float64], x2: NDArray[np.float64], share: NDArray[np.float64]
) -> NDArray[np.float64]:
    return np.where(x2 == 0, 1.0, betaincc(x1 + 1.0, np.where(x2 == 0, 1.0, x2), share))
