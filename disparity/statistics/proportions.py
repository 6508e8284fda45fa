"""Proportions and the comparison of two of them: intervals, differences and ratios from counts alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc, betaincc, betainccinv, betaincinv

from disparity.statistics.arguments import Floats, checked_share, critical_value
from disparity.statistics.comparison import Comparison, Interval, two_sided_p
from disparity.statistics.root_finding import bounded_excess, crossing
from disparity.statistics.score import (
    Tables,
    blockwise,
    difference_excess,
    finite_sample,
    low_beside,
    pooled_statistic,
)
from disparity.statistics.score_ratio import lower_ratio_limit

_Tables: TypeAlias = Tables[np.float64]


def wilson(events: ArrayLike, n: ArrayLike, *, level: float = 0.95) -> Interval:
    """Score interval of one proportion, between 0 and 1.

    ``events`` of ``n``, broadcast; 0 <= events <= n, n >= 1. At no events the lower limit is 0, at all
    events the upper is 1. Raises ValueError naming the argument. Wilson (1927), J Am Stat Assoc 22, 209-212.

    Examples
    --------
    >>> low, high = wilson(65, 100)
    >>> round(float(low), 4), round(float(high), 4)
    (0.5525, 0.7364)
    """
    z = critical_value(level)
    x, base = checked_share(events, n)
    return Interval(_wilson_low(x, base, z)[()], _wilson_high(x, base, z)[()])


def _wilson_high(x: Floats, n: Floats, z: float | Floats) -> Floats:
    half = z * np.sqrt(x * (n - x) / n + z * z / 4.0)
    return np.where(x == n, 1.0, (x + z * z / 2.0 + half) / (n + z * z))


def _wilson_low(x: Floats, n: Floats, z: float | Floats) -> Floats:
    # The product of the two limits is p^2 / (1 + z^2/n); subtracting instead loses digits at small rates.
    return x * x / n / ((n + z * z) * _wilson_high(x, n, z))


def clopper_pearson(events: ArrayLike, n: ArrayLike, *, level: float = 0.95) -> Interval:
    """Exact (conservative) interval of one proportion, between 0 and 1.

    Shapes and errors as `wilson`. Clopper and Pearson (1934), Biometrika 26, 404-413.

    Examples
    --------
    >>> low, high = clopper_pearson(0, 10)
    >>> round(float(low), 4), round(float(high), 4)
    (0.0, 0.3085)
    """
    critical_value(level)
    x, base = checked_share(events, n)
    tail = (1.0 - level) / 2.0
    some, fail = _above_zero(x), _above_zero(base - x)
    lower = np.where(x == 0, 0.0, betaincinv(some, base - x + 1.0, tail))
    upper = np.where(x == base, 1.0, betainccinv(x + 1.0, fail, tail))
    return Interval(lower[()], upper[()])


def _above_zero(counts: Floats) -> Floats:
    """Return ``counts`` with 1 for 0, where the inverse of a tail is asked for and then not used."""
    return np.where(counts == 0, 1.0, counts)


def mid_p(events: ArrayLike, n: ArrayLike, *, level: float = 0.95) -> Interval:
    """Mid-p interval of one proportion, between 0 and 1: exact tails that take half of what was seen.

    Shapes and errors as `wilson`. At no events the lower limit is 0, at all events the upper is 1. It lies
    inside `clopper_pearson`; it covers with about ``level`` on average, and less at some rates. Lancaster
    (1961), J Am Stat Assoc 56, 223-234; Berry and Armitage (1995), Statistician 44, 417-423.

    Examples
    --------
    >>> low, high = mid_p(0, 10)
    >>> round(float(low), 4), round(float(high), 4)
    (0.0, 0.2589)
    """
    critical_value(level)
    x, base = checked_share(events, n)
    flat, total = np.ravel(x), np.ravel(base)
    # Of events and non-events the fewer are looked at: a rate near 1 has too few digits for its tails.
    few = np.minimum(flat, total - flat)
    rest = total - few
    lower, some = np.zeros(few.size), few > 0
    # A tail of at least x events is betainc at (x, rest + 1); one of at most x is betaincc at (x + 1, rest).
    x_some, rest_some = few[some], rest[some]
    lower[some] = _mid_p_limit(
        betainc, betaincinv, (x_some, rest_some + 1.0), (x_some + 1.0, rest_some), 1.0 - level
    )
    upper = _mid_p_limit(betaincc, betainccinv, (few + 1.0, rest), (few, rest + 1.0), 1.0 - level)
    turned = flat > few
    low, high = np.where(turned, 1.0 - upper, lower), np.where(turned, 1.0 - lower, upper)
    return Interval(low.reshape(x.shape)[()], high.reshape(x.shape)[()])


def _mid_p_limit(
    tail: np.ufunc,
    inverse: np.ufunc,
    seen: tuple[Floats, Floats],
    beyond: tuple[Floats, Floats],
    error: float,
) -> Floats:
    """Rate at which the tails with and without what was seen add up to ``error``."""
    outside, inside = inverse(*seen, error / 2.0), inverse(*seen, error)

    def excess(u: Floats) -> Floats:
        rate = outside + u * (inside - outside)
        return bounded_excess(np.asarray(error), tail(*seen, rate) + tail(*beyond, rate))

    # With nothing beyond what was seen the limit is the inner end itself. A smaller tolerance would be within
    # the rounding of the tails.
    start = np.where(np.minimum(*beyond) == 0, 1.0, 0.0)
    u = crossing(excess, start, np.ones_like(start), tolerance=1e-11)
    return np.asarray(outside + u * (inside - outside))


def _tables(
    events_1: ArrayLike, n_1: ArrayLike, events_2: ArrayLike, n_2: ArrayLike
) -> tuple[_Tables, tuple[int, ...]]:
    arrays = np.broadcast_arrays(*checked_share(events_1, n_1, "_1"), *checked_share(events_2, n_2, "_2"))
    x1, n1, x2, n2 = (np.ravel(array) for array in arrays)
    return Tables(x1, n1, x2, n2), arrays[0].shape


def risk_difference(
    events_1: ArrayLike,
    n_1: ArrayLike,
    events_2: ArrayLike,
    n_2: ArrayLike,
    *,
    level: float = 0.95,
    method: Literal["miettinen_nurminen", "newcombe"] = "miettinen_nurminen",
) -> Comparison:
    """Rate of group 1 less rate of group 2, between -1 and 1.

    Arguments broadcast; 0 <= events <= n and n >= 1 in each group. The interval excludes 0 exactly when
    p < 1 - level; swapping the groups negates it. Two groups without events, or with nothing but events,
    differ by 0 with p = 1. Raises ValueError naming the argument.

    ``miettinen_nurminen``: score interval with the constrained maximum likelihood variance in closed form and
    the factor N/(N-1); p from the same statistic at 0. Miettinen and Nurminen (1985), Stat Med 4, 213-226.
    ``newcombe``: square-and-add of Wilson limits; p is where that interval would touch 0. Newcombe (1998),
    Stat Med 17, 873-890, method 10.

    Examples
    --------
    >>> found = risk_difference(56, 70, 48, 80)
    >>> [round(float(each), 4) for each in (found.estimate, found.low, found.high)]
    [0.2, 0.0528, 0.3382]
    """
    z = critical_value(level)
    tables, shape = _tables(events_1, n_1, events_2, n_2)
    estimate = tables.x1 / tables.n1 - tables.x2 / tables.n2
    if method == "miettinen_nurminen":
        statistic = pooled_statistic(tables, finite_sample(tables))
        significant = two_sided_p(statistic) < 1.0 - level
        low = blockwise(_score_difference_low, tables, z, significant)
        high = -blockwise(_score_difference_low, tables.swapped(), z, significant)
    elif method == "newcombe":
        statistic = blockwise(_newcombe_statistic, tables)
        significant = two_sided_p(statistic) < 1.0 - level
        low = low_beside(0.0, _newcombe_low(tables, z), estimate > 0, significant)
        high = -low_beside(0.0, _newcombe_low(tables.swapped(), z), estimate < 0, significant)
    else:
        raise ValueError("method must be miettinen_nurminen or newcombe")
    return _comparison(shape, estimate, low, high, statistic)


def risk_ratio(
    events_1: ArrayLike,
    n_1: ArrayLike,
    events_2: ArrayLike,
    n_2: ArrayLike,
    *,
    level: float = 0.95,
    method: Literal["miettinen_nurminen", "koopman", "mover_wilson"] = "miettinen_nurminen",
) -> Comparison:
    """Rate of group 1 over rate of group 2, between 0 and infinity.

    Arguments broadcast; 0 <= events <= n and n >= 1 in each group. The interval excludes 1 exactly when
    p < 1 - level; swapping the groups inverts it. No events in group 1: estimate and lower limit 0. None in
    group 2: estimate and upper limit infinite, lower limit above 0. None in either: estimate NaN, interval 0
    to infinity, p = 1. Raises ValueError naming the argument.

    ``miettinen_nurminen``: score interval with the constrained maximum likelihood variance in closed form and
    the factor N/(N-1); p from the same statistic at 1. Miettinen and Nurminen (1985), Stat Med 4, 213-226.
    ``koopman``: the same without the factor. Koopman (1984), Biometrics 40, 513-517.
    ``mover_wilson``: from the Wilson limits of the two rates; p is where that interval would touch 1, which
    is the p of the difference by ``newcombe``. Donner and Zou (2012), Stat Methods Med Res 21, 347-359.

    Examples
    --------
    >>> found = risk_ratio(235, 2435, 157, 2435)
    >>> [round(float(each), 2) for each in (found.estimate, found.low, found.high)]
    [1.5, 1.23, 1.82]
    >>> import numpy as np
    >>> risk_ratio(np.array([0, 5]), 50, 5, 50).estimate
    array([0., 1.])
    """
    z = critical_value(level)
    tables, shape = _tables(events_1, n_1, events_2, n_2)
    limit: Callable[[_Tables, Floats], Floats]
    if method == "mover_wilson":
        statistic = blockwise(_newcombe_statistic, tables)
        limit, allowed = _mover_ratio_low, np.full_like(tables.n1, z)
    elif method in {"miettinen_nurminen", "koopman"}:
        factor = finite_sample(tables) if method == "miettinen_nurminen" else np.ones_like(tables.n1)
        statistic = pooled_statistic(tables, factor)
        limit, allowed = lower_ratio_limit, z * np.sqrt(factor)
    else:
        raise ValueError("method must be miettinen_nurminen, koopman or mover_wilson")
    significant = two_sided_p(statistic) < 1.0 - level
    with np.errstate(divide="ignore", invalid="ignore"):
        estimate = tables.x1 * tables.n2 / (tables.x2 * tables.n1)
        low = low_beside(1.0, limit(tables, allowed), statistic > 0, significant)
        high = 1.0 / low_beside(1.0, limit(tables.swapped(), allowed), statistic < 0, significant)
    return _comparison(shape, estimate, low, high, statistic)


def odds_ratio(
    events_1: ArrayLike,
    n_1: ArrayLike,
    events_2: ArrayLike,
    n_2: ArrayLike,
    *,
    level: float = 0.95,
    method: Literal["miettinen_nurminen"] = "miettinen_nurminen",
) -> Comparison:
    """Odds of the event in group 1 over the odds in group 2, between 0 and infinity.

    Arguments broadcast; 0 <= events <= n and n >= 1 in each group. The interval excludes 1 exactly when
    p < 1 - level; swapping the groups inverts it, and so does taking non-events for events. Estimate and
    lower limit 0 where group 1 has no events or group 2 nothing else; estimate and upper limit infinite where
    group 2 has none or group 1 nothing else. Neither group with events, or both with nothing else: estimate
    NaN, interval 0 to infinity, p = 1. Raises ValueError naming the argument.

    Score interval with the factor N/(N-1): Miettinen and Nurminen (1985), Stat Med 4, 213-226. The most
    likely rates are found as the table of the same margins: Cornfield (1956), Proc 3rd Berkeley Symp 4,
    135-148.

    Examples
    --------
    >>> found = odds_ratio(56, 70, 48, 80)
    >>> [round(float(each), 2) for each in (found.estimate, found.low, found.high)]
    [2.67, 1.28, 5.54]
    """
    z = critical_value(level)
    tables, shape = _tables(events_1, n_1, events_2, n_2)
    if method != "miettinen_nurminen":
        raise ValueError("method must be miettinen_nurminen")
    factor = finite_sample(tables)
    statistic = pooled_statistic(tables, factor)
    significant = two_sided_p(statistic) < 1.0 - level
    allowed = z * np.sqrt(factor)
    with np.errstate(divide="ignore", invalid="ignore"):
        estimate = tables.x1 * (tables.n2 - tables.x2) / (tables.x2 * (tables.n1 - tables.x1))
        low = blockwise(_score_odds_low, tables, allowed, significant)
        high = 1.0 / blockwise(_score_odds_low, tables.swapped(), allowed, significant)
    return _comparison(shape, estimate, low, high, statistic)


def _comparison(
    shape: tuple[int, ...], estimate: Floats, low: Floats, high: Floats, statistic: Floats
) -> Comparison:
    fields = (estimate, low, high, statistic, two_sided_p(statistic))
    return Comparison(*(field.reshape(shape)[()] for field in fields))


def _score_difference_low(tables: _Tables, z: float, significant: NDArray[np.bool_]) -> Floats:
    estimate = tables.x1 / tables.n1 - tables.x2 / tables.n2
    allowed = z * np.sqrt(finite_sample(tables))

    def excess(difference: Floats) -> Floats:
        return difference_excess(tables, difference, allowed)

    # Zero is put on its proper side first, so that interval and p agree to the last digit.
    above = estimate > 0
    outside = np.where(above & significant, 0.0, -1.0)
    inside = np.where(above & ~significant, 0.0, estimate)
    return crossing(excess, outside, inside)


def _score_odds_low(tables: _Tables, allowed: Floats, significant: NDArray[np.bool_]) -> Floats:
    x1, n1, x2, n2 = tables
    y1, y2 = n1 - x1, n2 - x2
    scarce = np.minimum(x1, y2)
    spare_1, spare_2 = x1 - scarce, y2 - scarce

    # Any table of these margins has so many people moved across, a share u of the most that can be.
    def fitted(u: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        kept, moved = (1.0 - u) * scarce, u * scarce
        return spare_1 + kept, y1 + moved, x2 + moved, spare_2 + kept

    def excess(u: Floats) -> Floats:
        return bounded_excess(u * scarce, allowed / np.sqrt(sum(1.0 / cell for cell in fitted(u))))

    u = crossing(excess, np.ones_like(x1), np.zeros_like(x1))
    events_1, failures_1, events_2, failures_2 = fitted(u)
    low = np.where(scarce == 0, 0.0, (events_1 / failures_1) * (failures_2 / events_2))
    return low_beside(1.0, low, x1 * y2 > x2 * y1, significant)


def _mover_ratio_low(tables: _Tables, z: Floats) -> Floats:
    x1, n1, x2, n2 = tables
    rate_1, rate_2 = x1 / n1, x2 / n2
    low_1, high_2 = _wilson_low(x1, n1, z), _wilson_high(x2, n2, z)
    below, above = rate_1 - low_1, high_2 - rate_2
    # The limit R solves rate 1 - R * rate 2 = hypot(below, R * above); this is the root without cancellation.
    root = np.sqrt((rate_1 * above) ** 2 + below**2 * high_2 * (rate_2 - above))
    return np.where(x1 == 0, 0.0, low_1 * (rate_1 + below) / (rate_1 * rate_2 + root))


def _newcombe_low(tables: _Tables, z: float | Floats) -> Floats:
    x1, n1, x2, n2 = tables
    return x1 / n1 - x2 / n2 - _newcombe_reach(tables, z)


def _newcombe_reach(tables: _Tables, z: float | Floats) -> Floats:
    x1, n1, x2, n2 = tables
    below = _wilson_high(n1 - x1, n1, z) - (n1 - x1) / n1
    above = _wilson_high(x2, n2, z) - x2 / n2
    return np.hypot(below, above)


def _newcombe_statistic(tables: _Tables) -> Floats:
    """Deviate at which the interval would touch 0, signed."""
    x1, n1, x2, n2 = tables
    estimate = x1 / n1 - x2 / n2
    first = estimate >= 0
    higher = Tables(
        np.where(first, x1, x2), np.where(first, n1, n2), np.where(first, x2, x1), np.where(first, n2, n1)
    )

    def excess(u: Floats) -> Floats:
        return bounded_excess(np.abs(estimate), _newcombe_reach(higher, u / (1.0 - u)))

    u = crossing(excess, np.zeros_like(x1), np.full_like(x1, 1.0 - 1e-9))
    return np.where(estimate == 0, 0.0, np.copysign(u / (1.0 - u), estimate))
