"""Means and medians of two groups compared, and how far apart they are in standard deviations."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import bdtr, gammaincinv, gammaln, nctdtr, nctdtrinc, ndtri, stdtr, stdtrit

from disparity.statistics.arguments import Floats, as_floats, checked, critical_value
from disparity.statistics.comparison import Comparison, Numbers, two_sided_p

# What is left of a sum of squares once its mean is taken out is rounding alone below this share of it.
_ROUNDING = 1e-12
# The statistic from which the limits of its noncentrality are approximated.
_FAR = 1e4


class StandardisedDifference(NamedTuple):
    """A difference in standard deviations with its interval, arrays of one shape."""

    estimate: Numbers
    low: Numbers
    high: Numbers


class MeanDifference(NamedTuple):
    """A difference of two means in their own unit, and in standard deviations."""

    difference: Comparison
    hedges_g: StandardisedDifference


class _Moments(NamedTuple):
    n: Floats
    mean: Floats
    sd: Floats


class _Welch(NamedTuple):
    mean_1: Floats
    mean_2: Floats
    variance_1: Floats
    variance_2: Floats
    statistic: Floats
    reach: Floats
    p_value: Floats


class _Median(NamedTuple):
    """A median, or its logarithm, and the standard error of that."""

    middle: Floats
    error: Floats


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

    Examples
    --------
    >>> found = mean_difference(40, 12.0, 3.0, 25, 10.0, 4.0)
    >>> [round(float(each), 2) for each in (found.estimate, found.low, found.high)]
    [2.0, 0.12, 3.88]
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

    Examples
    --------
    >>> found = mean_ratio(40, 12.0, 3.0, 25, 10.0, 4.0)
    >>> [round(float(each), 2) for each in (found.estimate, found.low, found.high)]
    [1.2, 1.01, 1.45]
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


def hedges_g(
    n_1: ArrayLike,
    mean_1: ArrayLike,
    sd_1: ArrayLike,
    n_2: ArrayLike,
    mean_2: ArrayLike,
    sd_2: ArrayLike,
    *,
    level: float = 0.95,
) -> StandardisedDifference:
    """Mean of group 1 less mean of group 2, in standard deviations of both groups pooled (Hedges' g).

    Arguments and errors as `mean_difference`. The estimate has the exact correction by gamma functions, which
    makes it unbiased for normal values of one variance. The interval is that of the noncentral t, for the
    standardised difference itself: exact for such values at every size, where the usual large-sample variance
    is not, and 0 is outside it just when the t test of pooled variance says so. Welch's test, of
    `mean_difference`, can differ from that where the groups vary differently. Swapping the groups negates.
    NaN and an infinite interval where nothing tells how the values vary (a group of fewer than two, or no
    variance in either). Hedges (1981), J Educ Stat 6, 107-128; Hedges and Olkin (1985), Statistical Methods
    for Meta-Analysis, pages 78-91; Steiger and Fouladi (1997) for the interval.

    Examples
    --------
    >>> found = hedges_g(40, 12.0, 3.0, 25, 10.0, 4.0)
    >>> [round(float(each), 2) for each in found]
    [0.58, 0.07, 1.09]
    """
    critical_value(level)
    groups = _checked_group(n_1, mean_1, sd_1, "_1"), _checked_group(n_2, mean_2, sd_2, "_2")
    n1, m1, s1, n2, m2, s2 = np.broadcast_arrays(*groups[0], *groups[1])
    freedom = n1 + n2 - 2.0
    with np.errstate(divide="ignore", invalid="ignore"):
        pooled = np.sqrt(((n1 - 1.0) * s1**2 + (n2 - 1.0) * s2**2) / freedom)
        told = (n1 >= 2) & (n2 >= 2) & (pooled > 0)
        difference = np.where(told, (m1 - m2) / pooled, np.nan)
        scale = np.sqrt(n1 * n2 / (n1 + n2))
        freedom = np.where(told, freedom, np.nan)
        correction = np.exp(gammaln(freedom / 2.0) - gammaln((freedom - 1.0) / 2.0)) / np.sqrt(freedom / 2.0)
        low = _noncentrality_low(difference * scale, freedom, level) / scale
        high = -_noncentrality_low(-difference * scale, freedom, level) / scale
    return StandardisedDifference(
        np.asarray(difference * correction)[()],
        np.where(np.isnan(low), -np.inf, low)[()],
        np.where(np.isnan(high), np.inf, high)[()],
    )


def mean_difference_from_sums(
    n_1: ArrayLike,
    sum_1: ArrayLike,
    squares_1: ArrayLike,
    n_2: ArrayLike,
    sum_2: ArrayLike,
    squares_2: ArrayLike,
    *,
    level: float = 0.95,
) -> MeanDifference:
    """Compare the means of two groups of which the counts, sums and sums of squares are known.

    Arguments broadcast; the sums are over the values of a group, and may be NaN where its n is 0. What
    `mean_difference` and `hedges_g` say of them. Values whose standard deviation is under a millionth of
    their mean count as not varying: their squares have lost it, so take sums about a nearer origin. Raises
    ValueError naming the argument, also for ``squares`` below what its sum and n allow.

    Examples
    --------
    >>> found = mean_difference_from_sums(4, 10.0, 30.0, 4, 14.0, 54.0)
    >>> float(found.difference.estimate)
    -1.0
    """
    first = _moments_of_sums(n_1, sum_1, squares_1, "_1")
    second = _moments_of_sums(n_2, sum_2, squares_2, "_2")
    return _compared(first, second, level)


def from_category_counts(
    scores: ArrayLike, counts_1: ArrayLike, counts_2: ArrayLike, *, level: float = 0.95
) -> MeanDifference:
    """Compare the mean scores of two groups of which it is known how many gave each score.

    ``scores`` has the score of each category on its last axis (1 to 5, say), and the counts have how many
    people of each group gave it; the other axes broadcast, and are the shape of the result. What
    `mean_difference` and `hedges_g` say of them; a group of nobody has no mean. Raises ValueError naming the
    argument.

    Examples
    --------
    >>> found = from_category_counts([1, 2, 3], [5, 10, 5], [10, 8, 2])
    >>> round(float(found.difference.estimate), 2)
    0.4
    """
    values = as_floats("scores", scores)
    if not np.all(np.isfinite(values)):
        raise ValueError("scores must be finite")
    first = _moments_of_categories(values, checked("counts_1", counts_1), "_1")
    second = _moments_of_categories(values, checked("counts_2", counts_2), "_2")
    return _compared(first, second, level)


def median_difference(values_1: ArrayLike, values_2: ArrayLike, *, level: float = 0.95) -> Comparison:
    """Median of group 1 less median of group 2, in the unit of the values, whatever their distribution.

    One sample a group along the last axis, not sorted; any axes before it broadcast. (Samples of different
    sizes cannot share an array: compare them one pair at a time.) The interval excludes 0 exactly when
    p < 1 - level; swapping the groups negates it. Statistic and p are NaN and the interval is infinite where
    nothing tells how the medians vary: a group of one, or middle values all the same in both groups. For
    values with few ties: scores of a few categories have medians that jump, so compare their means. Raises
    ValueError naming the argument where a value is not finite or a group is empty. Price and Bonett (2002),
    J Stat Comput Simul 72, 119-124; their variance of a median (2001), J Stat Comput Simul 68, 295-305.

    Examples
    --------
    >>> found = median_difference([3, 4, 5, 6, 9], [1, 2, 3, 4, 4])
    >>> float(found.estimate)
    2.0
    """
    z = critical_value(level)
    first, second = _sample("values_1", values_1), _sample("values_2", values_2)
    estimate, error, statistic, p_value = _medians_apart(
        _Median(np.median(first, axis=-1), _error_of_median(first)),
        _Median(np.median(second, axis=-1), _error_of_median(second)),
    )
    low, high = estimate - z * error, estimate + z * error
    return Comparison(*(np.asarray(field)[()] for field in (estimate, low, high, statistic, p_value)))


def median_ratio(values_1: ArrayLike, values_2: ArrayLike, *, level: float = 0.95) -> Comparison:
    """Median of group 1 over median of group 2, for values that cannot be negative (hours, pounds).

    Arguments and source as `median_difference`, on the logarithms of the values; the statistic is on that
    scale. The interval excludes 1 exactly when p < 1 - level; swapping the groups inverts it. Where a median
    or the middle values below it are 0, statistic and p are NaN and the interval is 0 to infinity; two
    medians of 0 have no ratio. Raises ValueError naming the argument, also for a negative value.

    Examples
    --------
    >>> found = median_ratio([3, 4, 6, 6, 9], [1, 2, 3, 4, 4])
    >>> float(found.estimate)
    2.0
    """
    z = critical_value(level)
    samples = _sample("values_1", values_1), _sample("values_2", values_2)
    for name, sample in zip(("values_1", "values_2"), samples, strict=True):
        if np.any(sample < 0):
            raise ValueError(f"{name} must not be negative in a ratio")
    with np.errstate(divide="ignore", invalid="ignore"):
        middles = [np.median(sample, axis=-1) for sample in samples]
        first, second = (
            _Median(np.log(middle), _error_of_median(np.log(sample)))
            for middle, sample in zip(middles, samples, strict=True)
        )
        _, error, statistic, p_value = _medians_apart(first, second)
        estimate = np.asarray(middles[0] / middles[1])
        unknown = np.isinf(error)
        low = np.where(unknown, 0.0, estimate * np.exp(-z * error))
        high = np.where(unknown, np.inf, estimate * np.exp(z * error))
    return Comparison(*(np.asarray(field)[()] for field in (estimate, low, high, statistic, p_value)))


def _compared(first: _Moments, second: _Moments, level: float) -> MeanDifference:
    return MeanDifference(
        mean_difference(*first, *second, level=level), hedges_g(*first, *second, level=level)
    )


def _moments_of_sums(n: ArrayLike, total: ArrayLike, squares: ArrayLike, suffix: str) -> _Moments:
    size, whole, square = np.broadcast_arrays(
        checked(f"n{suffix}", n), as_floats(f"sum{suffix}", total), as_floats(f"squares{suffix}", squares)
    )
    people = size > 0
    checked(f"sum{suffix}", np.abs(np.where(people, whole, 0.0)))
    checked(f"squares{suffix}", np.where(people, square, 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(people, whole / size, np.nan)
        apart = np.where(people, square - whole * mean, 0.0)
        rounding = np.where(people, _ROUNDING * square, 0.0)
    wrong = np.count_nonzero(apart < -rounding)
    if wrong:
        raise ValueError(
            f"squares{suffix} must be at least sum{suffix} squared over n{suffix}; {wrong} of {size.size} are not"
        )
    return _Moments(size, mean, _spread(size, np.where(apart > rounding, apart, 0.0)))


def _moments_of_categories(scores: Floats, counts: Floats, suffix: str) -> _Moments:
    if not (scores.ndim and counts.ndim and scores.shape[-1] == counts.shape[-1]):
        raise ValueError(f"counts{suffix} must have one count for each of the scores on its last axis")
    n = counts.sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.asarray((counts * scores).sum(axis=-1) / n)
    from_mean = scores - np.where(n > 0, mean, 0.0)[..., np.newaxis]
    apart = (counts * from_mean**2).sum(axis=-1)
    rounding = _ROUNDING**2 * (counts * scores**2).sum(axis=-1)
    return _Moments(n, mean, _spread(n, np.where(apart > rounding, apart, 0.0)))


def _spread(n: Floats, apart: Floats) -> Floats:
    """Return the standard deviation from the squared distances to the mean; NaN for fewer than two."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(n < 2, np.nan, np.sqrt(apart / (n - 1.0)))


def _noncentrality_low(statistic: Floats, freedom: Floats, level: float) -> Floats:
    """Return the noncentrality that leaves half of 1 - level above the statistic, the least of the interval."""
    inside = (1.0 + level) / 2.0
    far = np.abs(statistic) > _FAR
    t = np.where(far, 0.0, statistic)
    found = np.asarray(nctdtrinc(freedom, inside, t), dtype=np.float64)
    # SciPy stops its search at about seven digits; two steps of Newton give the others.
    for _ in range(2):
        near = 1e-4 * np.sqrt(np.maximum(1.0, np.abs(found)))
        slope = nctdtr(freedom, found + near, t) - nctdtr(freedom, found - near, t)
        beyond = nctdtr(freedom, found, t) - inside
        found = np.asarray(found - 2.0 * near * beyond / slope, dtype=np.float64)
    # So far out the two chances in t, its deviation and its numerator, are squared and added, to six digits:
    # a search there takes seconds and is no nearer.
    deviation = np.sqrt(
        2.0 * gammaincinv(freedom / 2.0, np.where(statistic > 0, 1.0 - inside, inside)) / freedom
    )
    added = statistic - np.hypot(statistic * (1.0 - deviation), ndtri(inside))
    return np.where(far, added, found)


def _sample(name: str, values: ArrayLike) -> Floats:
    sample = as_floats(name, values)
    if sample.ndim == 0 or sample.shape[-1] == 0:
        raise ValueError(f"{name} must hold one value or more along its last axis")
    wrong = np.count_nonzero(~np.isfinite(sample))
    if wrong:
        raise ValueError(f"{name} must be finite; {wrong} of {sample.size} are not")
    return np.sort(sample, axis=-1)


def _error_of_median(values: Floats) -> Floats:
    """Return the standard error of the median of sorted values, from the order statistics around it.

    The values about the square root of n places from the middle enclose the median with a known probability.
    """
    n = values.shape[-1]
    place = max(round((n + 1) / 2 - math.sqrt(n)), 1)
    deviates = -2.0 * ndtri(bdtr(place - 1, n, 0.5))
    apart = values[..., n - place] - values[..., place - 1]
    return np.asarray(apart / deviates if n > 1 else np.full_like(apart, np.nan))


def _medians_apart(first: _Median, second: _Median) -> tuple[Floats, Floats, Floats, Floats]:
    """Return difference, standard error (infinite where nothing tells it), statistic and p."""
    difference = np.asarray(first.middle - second.middle)
    both = np.asarray(np.hypot(first.error, second.error))
    told = np.isfinite(both) & np.isfinite(difference) & (both > 0)
    statistic = np.divide(difference, both, out=np.full_like(both, np.nan), where=told)
    return difference, np.where(told, both, np.inf), statistic, two_sided_p(statistic)


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
) -> tuple[Floats, Floats, Floats]:
    size, average, spread = np.broadcast_arrays(
        checked(f"n{suffix}", n), as_floats(f"mean{suffix}", mean), as_floats(f"sd{suffix}", sd)
    )
    checked(f"sd{suffix}", np.where(size < 2, 0.0, spread))
    if not np.all(np.isfinite(average) | (size == 0)):
        raise ValueError(f"mean{suffix} must be finite wherever n{suffix} is above 0")
    return size, np.where(size == 0, np.nan, average), np.where(size < 2, np.nan, spread)
