"""Two groups compared within strata and pooled: bands or directorates, and vacancies with their shortlists."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc

from disparity.crossing import crossing
from disparity.proportions import (
    Numbers,
    _constrained_by_difference,
    _excess,
    _p_value,
    _Tables,
    checked_share,
    critical_value,
)

_Floats = NDArray[np.float64]
_Flags = NDArray[np.bool_]

_BLOCK = 1 << 15
# The logarithm of any odds ratio that counts below 10^18 can tell from 0 or infinity.
_WIDEST_LOG_ODDS = 60.0


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


class ChiSquare(NamedTuple):
    """A chi-square statistic, its degrees of freedom and its p, arrays of one shape."""

    statistic: Numbers
    freedom: Numbers
    p_value: Numbers


class ByVacancy(NamedTuple):
    """Appointments of group 1 beside what equal chances on the same shortlists would have given.

    Every field has the shape of the arguments without their last axis; the counts are over the ``vacancies``
    that inform. ``statistic`` is positive where group 1 had more than its expectation.
    """

    observed: Numbers
    expected: Numbers
    ratio: Numbers
    low: Numbers
    high: Numbers
    statistic: Numbers
    p_value: Numbers
    vacancies: Numbers


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
    """
    z = critical_value(level)
    strata, shape = _strata(events_1, n_1, events_2, n_2)
    used = strata.both
    gap, statistic = _cochran(strata)
    significant = _p_value(statistic) < 1.0 - level
    with np.errstate(invalid="ignore"):
        estimate = gap / strata.weight.sum(axis=-1)
    low = _blockwise(_difference_low, strata, z, significant)
    high = -_blockwise(_difference_low, strata.swapped(), z, significant)
    homogeneity = _difference_homogeneity(strata, estimate)
    return _stratified(shape, estimate, (low, high), statistic, homogeneity, used)


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
    """
    z = critical_value(level)
    strata, shape = _strata(events_1, n_1, events_2, n_2)
    used = strata.both & (strata.events > 0)
    _, statistic = _cochran(strata)
    significant = _p_value(statistic) < 1.0 - level
    sum_1, sum_2 = strata.weighted_rates()
    with np.errstate(divide="ignore", invalid="ignore"):
        estimate = sum_1 / sum_2
        low = _blockwise(_ratio_low, strata, z, significant)
        high = 1.0 / _blockwise(_ratio_low, strata.swapped(), z, significant)
    low, high = _beside_one(low, high, statistic, significant)
    homogeneity = _ratio_homogeneity(strata, estimate)
    return _stratified(shape, estimate, (low, high), statistic, homogeneity, used)


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
    """
    z = critical_value(level)
    strata, shape = _strata(events_1, n_1, events_2, n_2)
    _require_whole(strata)
    used = strata.both & (strata.most > strata.fewest)
    _, statistic = _cochran(strata)
    significant = _p_value(statistic) < 1.0 - level
    if method == "conditional_score":
        numbers = _window(strata)
        estimate, low, high = np.exp(
            _blockwise(_conditional_log_odds, strata, z, significant, numbers=numbers)
        )
        low, high = _beside_one(low, high, statistic, significant)
    elif method == "robins_breslow_greenland":
        estimate, low, high = _robins_breslow_greenland(strata, z)
    else:
        raise ValueError("method must be conditional_score or robins_breslow_greenland")
    homogeneity = ChiSquare(*_blockwise(_conditional_homogeneity, strata, estimate, numbers=_window(strata)))
    return _stratified(shape, estimate, (low, high), statistic, homogeneity, used)


def cochran_mantel_haenszel(
    events_1: ArrayLike, n_1: ArrayLike, events_2: ArrayLike, n_2: ArrayLike, *, continuity: bool = False
) -> ChiSquare:
    """Test of no difference within any stratum (the last axis), with one degree of freedom.

    Arguments as `stratified_risk_ratio`. ``continuity`` takes half an event off the distance from expectation
    (no further than 0), as other programs do by default; no interval here agrees with that. Nothing to tell:
    statistic 0, p = 1. Raises ValueError naming the argument. Cochran (1954), Biometrics 10, 417-451; Mantel
    and Haenszel (1959), J Natl Cancer Inst 22, 719-748.
    """
    strata, shape = _strata(events_1, n_1, events_2, n_2)
    gap, signed = _cochran(strata)
    statistic = signed * signed
    if continuity:
        nearer = np.maximum(np.abs(gap) - 0.5, 0.0)
        statistic = np.divide(nearer, gap, out=np.zeros_like(gap), where=gap != 0) ** 2 * statistic
    return _chi_square(shape, statistic, np.ones_like(statistic))


def breslow_day(events_1: ArrayLike, n_1: ArrayLike, events_2: ArrayLike, n_2: ArrayLike) -> ChiSquare:
    """Test that the odds ratio is the same in every stratum (the last axis), with Tarone's correction.

    Arguments as `stratified_odds_ratio`. Degrees of freedom: the strata that tell anything, less one. All NaN
    where that is below 1, or where the Mantel-Haenszel odds ratio is 0 or infinite. Only for strata with
    several expected in every cell: over 200 pairs it finds disagreement where there is none. Raises ValueError
    naming the argument. Breslow and Day (1980), Statistical
    Methods in Cancer Research I, IARC, 142-143; Tarone (1985), Biometrika 72, 91-95.
    """
    strata, shape = _strata(events_1, n_1, events_2, n_2)
    return ChiSquare(*(np.asarray(field).reshape(shape)[()] for field in _tarone(strata)))


def by_vacancy(
    events_1: ArrayLike, n_1: ArrayLike, events_2: ArrayLike, n_2: ArrayLike, *, level: float = 0.95
) -> ByVacancy:
    """Compare two groups' chances of appointment among people on the same shortlist.

    The last axis holds the vacancies: ``events`` appointed of ``n`` shortlisted, whole counts, broadcast,
    0 <= events <= n. Each vacancy's appointments are taken as given, for one place on a shortlist cannot go to
    both groups: at equal chances group 1 then has a hypergeometric count with mean n_1 m / n. Vacancies
    with one group alone on the shortlist, or with nobody or everybody appointed, inform nothing and are left
    out. Raises ValueError naming the argument.

    ``ratio`` is Mantel and Haenszel's ratio of appointment rates: how many times as likely a person of group 1
    is to be appointed as a person of group 2 on the same shortlist. Its interval holds every ratio r for which the distance
    sum((x_1 n_2 - r x_2 n_1) / n) is within chance, of variance r times the hypergeometric variance at equal
    chances: exact where a vacancy has one appointment, close where appointments are few beside the shortlist.
    It excludes 1 exactly when p < 1 - level, swapping the groups inverts it, no appointments of group 1 give 0
    and none of group 2 infinity. The test is Cochran, Mantel and Haenszel's, which is the logrank test with
    vacancies for times; its p is a normal approximation: with few expected take `by_vacancy_exact`. Mantel and
    Haenszel (1959), J Natl Cancer Inst 22, 719-748; Mantel (1966), Cancer Chemother Rep 50, 163-170; the
    form of the interval: Sato (1990), Biometrics 46, 71-80.
    """
    z = critical_value(level)
    strata, shape = _strata(events_1, n_1, events_2, n_2)
    _require_whole(strata)
    informs = strata.both & (strata.most > strata.fewest)
    expected = np.where(informs, strata.n1 * strata.events / strata.total, 0.0).sum(axis=-1)
    _, statistic = _cochran(strata)
    p_value = _p_value(statistic)
    sum_1, sum_2 = (rates.sum(axis=-1) for rates in strata.weighted(informs))
    ratio, low, high = _vacancy_ratio(sum_1, sum_2, z * z * _null_variance(strata))
    low, high = _beside_one(low, high, statistic, p_value < 1.0 - level)
    observed = np.where(informs, strata.x1, 0.0).sum(axis=-1)
    fields = (observed, expected, ratio, low, high, statistic, p_value, informs.sum(axis=-1))
    return ByVacancy(*(field.reshape(shape)[()] for field in fields))


def by_vacancy_exact(events_1: ArrayLike, n_1: ArrayLike, events_2: ArrayLike, n_2: ArrayLike) -> Numbers:
    """Return the exact two-sided p of equal chances among people on the same shortlist.

    Arguments and errors as `by_vacancy`. The count of group 1 over all vacancies is a sum of independent
    hypergeometric counts; p is the chance of all totals no more likely than the one seen, which for a single
    vacancy is Fisher's exact test. Absolute error below 1e-12. No vacancy that informs: 1. Memory grows with
    vacancies times the most that group 1 could have had. Mehta, Patel and Gray (1985), J Am Stat Assoc 80,
    969-973 (the distribution; here by discrete Fourier transform).
    """
    strata, shape = _strata(events_1, n_1, events_2, n_2)
    _require_whole(strata)
    numbers = int((strata.most - strata.fewest).sum(axis=-1).max(initial=0.0)) + 1
    return _blockwise(_exact_p, strata, numbers=numbers).reshape(shape)[()]


class _Strata(NamedTuple):
    """Counts as tables by strata. An empty stratum is one person without event in each group, of no weight."""

    x1: _Floats
    n1: _Floats
    x2: _Floats
    n2: _Floats
    both: _Flags

    @property
    def tables(self) -> _Tables:
        return _Tables(self.x1, self.n1, self.x2, self.n2)

    @property
    def total(self) -> _Floats:
        return self.n1 + self.n2

    @property
    def events(self) -> _Floats:
        return self.x1 + self.x2

    @property
    def weight(self) -> _Floats:
        return np.where(self.both, self.n1 * self.n2 / self.total, 0.0)

    @property
    def fewest(self) -> _Floats:
        """Events group 1 has at least, the margins being what they are."""
        return np.maximum(0.0, self.events - self.n2)

    @property
    def most(self) -> _Floats:
        return np.minimum(self.n1, self.events)

    def weighted(self, used: _Flags) -> tuple[_Floats, _Floats]:
        """Each group's rate times the weight of the stratum, 0 in strata not used."""
        first = np.where(used, self.x1 * self.n2 / self.total, 0.0)
        return first, np.where(used, self.x2 * self.n1 / self.total, 0.0)

    def weighted_rates(self) -> tuple[_Floats, _Floats]:
        first, second = self.weighted(self.both)
        return first.sum(axis=-1), second.sum(axis=-1)

    def swapped(self) -> _Strata:
        return _Strata(self.x2, self.n2, self.x1, self.n1, self.both)

    def part(self, index: slice | tuple[slice, slice]) -> _Strata:
        return _Strata(self.x1[index], self.n1[index], self.x2[index], self.n2[index], self.both[index])


def _strata(
    events_1: ArrayLike, n_1: ArrayLike, events_2: ArrayLike, n_2: ArrayLike
) -> tuple[_Strata, tuple[int, ...]]:
    """Return the counts as (tables, strata), and the shape of the tables."""
    first = checked_share(events_1, n_1, "_1", least=0.0)
    second = checked_share(events_2, n_2, "_2", least=0.0)
    for name, size in (("n_1", first[1]), ("n_2", second[1])):
        wrong = np.count_nonzero((size > 0) & (size < 1))
        if wrong:
            raise ValueError(f"{name} must be 0 or at least 1; {wrong} of {size.size} are not")
    arrays = np.broadcast_arrays(*first, *second, np.zeros(1))[:4]
    shape = arrays[0].shape[:-1]
    x1, n1, x2, n2 = (array.reshape(math.prod(shape), array.shape[-1]) for array in arrays)
    both = (n1 > 0) & (n2 > 0)
    x1, x2 = (np.where(both, x, 0.0) for x in (x1, x2))
    n1, n2 = (np.where(both, n, 1.0) for n in (n1, n2))
    return _Strata(x1, n1, x2, n2, both), shape


def _require_whole(strata: _Strata) -> None:
    for name, counts in zip(("events_1", "n_1", "events_2", "n_2"), strata.tables, strict=True):
        wrong = np.count_nonzero(counts != np.floor(counts))
        if wrong:
            raise ValueError(f"{name} must be whole numbers; {wrong} of {counts.size} are not")


def _stratified(
    shape: tuple[int, ...],
    estimate: _Floats,
    interval: tuple[_Floats, _Floats],
    statistic: _Floats,
    homogeneity: ChiSquare,
    used: _Flags,
) -> Stratified:
    fields = (estimate, *interval, statistic, _p_value(statistic), homogeneity.p_value, used.sum(axis=-1))
    return Stratified(*(field.reshape(shape)[()] for field in fields))


def _chi_square(shape: tuple[int, ...], statistic: _Floats, freedom: _Floats) -> ChiSquare:
    """Return the test, all NaN where there is no degree of freedom."""
    told = freedom >= 1
    p_value = chdtrc(np.where(told, freedom, 1.0), np.where(told, statistic, 0.0))
    fields = (np.where(told, field, np.nan) for field in (statistic, freedom, p_value))
    return ChiSquare(*(field.reshape(shape)[()] for field in fields))


def _blockwise(
    part: Callable[..., _Floats], strata: _Strata, *others: float | NDArray[Any], numbers: int = 1
) -> _Floats:
    """Run ``part``, which holds about so many ``numbers`` for each stratum, over blocks of tables."""
    tables, each = strata.x1.shape
    step = max(1, _BLOCK // max(1, each * numbers))
    results = []
    for start in range(0, max(tables, 1), step):
        rows = slice(start, start + step)
        parts = [other[rows] if isinstance(other, np.ndarray) else other for other in others]
        results.append(part(strata.part(rows), *parts))
    return np.concatenate(results, axis=-1)


def _null_variance(strata: _Strata) -> _Floats:
    """Hypergeometric variance of the events of group 1 at equal chances, over the strata."""
    _, n1, _, n2 = strata.tables
    total, events = strata.total, strata.events
    variance = n1 * n2 * events * (total - events) / (total * total * (total - 1.0))
    return np.asarray(np.where(strata.both, variance, 0.0).sum(axis=-1))


def _cochran(strata: _Strata) -> tuple[_Floats, _Floats]:
    """Events of group 1 above expectation, and that in standard deviations: 0 where nothing could differ."""
    x1, n1, x2, n2 = strata.tables
    gap = (np.where(strata.both, x1 * n2 - x2 * n1, 0.0) / strata.total).sum(axis=-1)
    variance = _null_variance(strata)
    return gap, np.divide(gap, np.sqrt(variance), out=np.zeros_like(gap), where=variance > 0)


def _beside_one(
    low: _Floats, high: _Floats, statistic: _Floats, significant: _Flags
) -> tuple[_Floats, _Floats]:
    """Put limits that rounding left on the wrong side of 1 on the side of their p."""
    above = statistic > 0
    low = np.where(significant & above, np.maximum(low, np.nextafter(1.0, 2.0)), np.minimum(low, 1.0))
    high = np.where(significant & ~above, np.minimum(high, np.nextafter(1.0, 0.0)), np.maximum(high, 1.0))
    return low, high


def _squared_weight(strata: _Strata) -> _Floats:
    """Squared weight with the factor N / (N - 1) of Miettinen and Nurminen."""
    return strata.weight**2 * strata.total / (strata.total - 1.0)


def _difference_low(strata: _Strata, z: float, significant: _Flags) -> _Floats:
    gap, statistic = _cochran(strata)
    weight, squared = strata.weight.sum(axis=-1), _squared_weight(strata)

    def excess(difference: _Floats) -> _Floats:
        variance = squared * _difference_variance(strata.tables, difference[:, None])
        return _excess(gap - difference * weight, z * np.sqrt(variance.sum(axis=-1)))

    # Zero is put on its proper side first, so that interval and p agree to the last digit.
    above, known = statistic > 0, weight > 0
    estimate = np.divide(gap, weight, out=np.zeros_like(gap), where=known)
    outside = np.where(above & significant, 0.0, -1.0)
    inside = np.where(above & ~significant, 0.0, estimate)
    return np.where(known, crossing(excess, outside, inside), -1.0)


def _difference_variance(tables: _Tables, difference: _Floats) -> _Floats:
    p1, p2 = _constrained_by_difference(tables, difference)
    return p1 * (1.0 - p1) / tables.n1 + p2 * (1.0 - p2) / tables.n2


def _difference_homogeneity(strata: _Strata, estimate: _Floats) -> ChiSquare:
    x1, n1, x2, n2 = strata.tables
    pooled = np.nan_to_num(estimate)[:, None]
    variance = _difference_variance(strata.tables, pooled) * strata.total / (strata.total - 1.0)
    return _homogeneity(strata.both, x1 / n1 - x2 / n2 - pooled, variance, np.ones_like(x1))


def _homogeneity(used: _Flags, score: _Floats, variance: _Floats, slope: _Floats) -> ChiSquare:
    """Score test that one parameter fits all strata: what is left after its best step from the pooled estimate.

    ``slope`` is how fast each stratum's score falls with the parameter. Strata of no variance tell nothing.
    """
    # Below this, a variance is what rounding left of none.
    told = used & (variance > 1e-15)
    precision = np.divide(1.0, variance, out=np.zeros_like(variance), where=told)
    whole = (score * score * precision).sum(axis=-1)
    step = (score * slope * precision).sum(axis=-1)
    information = (slope * slope * precision).sum(axis=-1)
    fitted = np.divide(step * step, information, out=np.zeros_like(step), where=information > 0)
    return _chi_square(whole.shape, np.maximum(whole - fitted, 0.0), told.sum(axis=-1) - 1.0)


def _ratio_low(strata: _Strata, z: float, significant: _Flags) -> _Floats:
    sum_1, sum_2 = strata.weighted_rates()
    scale = (sum_1 + 0.5) / (sum_2 + 0.5)
    squared = _squared_weight(strata)

    # The ratio is scale * u / (1 - u): u runs over a finite range also where the ratio does not.
    def excess(u: _Floats) -> _Floats:
        w1, w2 = 1.0 - u, scale * u
        variance = squared * _ratio_moments(strata.tables, w1[:, None], w2[:, None])[1]
        return _excess(w1 * sum_1 - w2 * sum_2, z * np.sqrt(variance.sum(axis=-1)))

    above = _cochran(strata)[1] > 0
    total = sum_1 + scale * sum_2
    at_estimate = np.divide(sum_1, total, out=np.zeros_like(total), where=total > 0)
    at_estimate = np.where(sum_2 == 0, 1.0 - 1e-12, at_estimate)
    at_one = 1.0 / (1.0 + scale)
    outside = np.where(above & significant, at_one, 0.0)
    inside = np.where(above & ~significant, at_one, at_estimate)
    u = crossing(excess, outside, inside)
    return np.where(sum_1 == 0, 0.0, scale * u / (1.0 - u))


def _ratio_moments(tables: _Tables, w1: _Floats, w2: _Floats) -> tuple[_Floats, _Floats]:
    """Most likely w1 * rate 1 = w2 * rate 2, and the variance of w1 * rate 1 - w2 * rate 2 there.

    The quadratic of Miettinen and Nurminen (1985), written in sums of positive terms as for a single table.
    """
    x1, n1, x2, n2 = tables
    y1, y2 = n1 - x1, n2 - x2
    a, b = w2 * (n1 + x2), w1 * (n2 + x1)
    product = 4.0 * w1 * w2 * y1 * y2
    gap = a - b
    root = np.sqrt(gap * gap + product)
    longer = np.abs(gap) + root
    shorter = np.divide(product, longer, out=np.zeros_like(longer), where=longer > 0)
    size = a + b + root
    common = 2.0 * w1 * w2 * (x1 + x2) / size
    miss_1 = (np.where(gap >= 0, shorter, longer) + 2.0 * w2 * y1) / size
    miss_2 = (np.where(gap >= 0, longer, shorter) + 2.0 * w1 * y2) / size
    return common, common * (w1 * miss_1 / n1 + w2 * miss_2 / n2)


def _ratio_homogeneity(strata: _Strata, estimate: _Floats) -> ChiSquare:
    x1, n1, x2, n2 = strata.tables
    told = np.isfinite(estimate)
    ratio = np.where(told, estimate, 1.0)[:, None]
    w1, w2 = 1.0 / (1.0 + ratio), ratio / (1.0 + ratio)
    common, variance = _ratio_moments(strata.tables, w1, w2)
    score = w1 * x1 / n1 - w2 * x2 / n2
    return _homogeneity(
        strata.both & told[:, None], score, variance * strata.total / (strata.total - 1.0), common
    )


def _vacancy_ratio(sum_1: _Floats, sum_2: _Floats, allowed: _Floats) -> tuple[_Floats, _Floats, _Floats]:
    """Ratio and limits: the roots r of (sum_1 - r sum_2)^2 = r * allowed."""
    middle = 2.0 * sum_1 * sum_2 + allowed
    outer = middle + np.sqrt(allowed * (middle + 2.0 * sum_1 * sum_2))
    with np.errstate(divide="ignore", invalid="ignore"):
        low = np.where(sum_1 == 0, 0.0, 2.0 * sum_1 * sum_1 / outer)
        high = np.where(sum_2 == 0, np.inf, outer / (2.0 * sum_2 * sum_2))
        return sum_1 / sum_2, low, high


def _exact_p(strata: _Strata) -> _Floats:
    """Chance of all totals of group 1 no more likely than the one seen, at equal chances."""
    spread = strata.most - strata.fewest
    points = int(spread.sum(axis=-1).max(initial=0.0)) + 1
    length = int(spread.max(initial=0.0)) + 1
    transform = np.ones((strata.x1.shape[0], points // 2 + 1), dtype=np.complex128)
    step = max(1, _BLOCK // (points * max(1, strata.x1.shape[0])))
    for start in range(0, strata.x1.shape[1], step):
        some = strata.part((slice(None), slice(start, start + step)))
        chances = _chances(_log_weights(some, some.fewest, length))
        transform *= np.fft.rfft(chances, n=points, axis=-1).prod(axis=1)
    chances = np.fft.irfft(transform, n=points, axis=-1)
    seen = (strata.x1 - strata.fewest).sum(axis=-1).astype(np.int64)
    # Totals as likely as the one seen differ from it by rounding alone.
    limit = np.take_along_axis(chances, seen[:, None], axis=-1) * (1.0 + 1e-7) + 1e-15
    return np.asarray(np.clip(np.where(chances <= limit, chances, 0.0).sum(axis=-1), 0.0, 1.0))


def _log_weights(strata: _Strata, start: _Floats, length: int) -> _Floats:
    """Logarithm of how likely each count of group 1 is, beside ``start``, at equal odds and fixed margins.

    Counts run from ``start`` on a last axis of ``length``.
    """
    x = start[..., None] + np.arange(length)
    events, n1, n2 = (field[..., None] for field in (strata.events, strata.n1, strata.n2))
    ratio = (n1 - x) * (events - x) / ((x + 1.0) * (n2 - events + x + 1.0))
    with np.errstate(divide="ignore"):
        step = np.log(np.where(x < strata.most[..., None], ratio, 0.0))
    return np.concatenate([np.zeros_like(x[..., :1]), np.cumsum(step[..., :-1], axis=-1)], axis=-1)


def _chances(log_weights: _Floats) -> _Floats:
    weights = np.exp(log_weights - log_weights.max(axis=-1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=-1, keepdims=True))


def _conditional_log_odds(strata: _Strata, z: float, significant: _Flags) -> _Floats:
    """Logarithms of the most likely odds ratio and its limits, stacked."""
    expectation = _conditional(strata)
    seen, room = strata.x1.sum(axis=-1), (strata.most - strata.fewest).sum(axis=-1) + 1.0
    none, every = (strata.x1 == strata.fewest).all(axis=-1), (strata.x1 == strata.most).all(axis=-1)
    above = _cochran(strata)[1] > 0
    lowest, highest = np.full_like(seen, -_WIDEST_LOG_ODDS), np.full_like(seen, _WIDEST_LOG_ODDS)

    def lead(log_odds: _Floats) -> _Floats:
        return np.asarray((seen - expectation(log_odds)[0].sum(axis=-1)) / room)

    def excess_above(log_odds: _Floats) -> _Floats:
        mean, variance = (part.sum(axis=-1) for part in expectation(log_odds))
        return _excess(seen - mean, z * np.sqrt(variance))

    def excess_below(log_odds: _Floats) -> _Floats:
        mean, variance = (part.sum(axis=-1) for part in expectation(log_odds))
        return _excess(mean - seen, z * np.sqrt(variance))

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


def _conditional(strata: _Strata) -> Callable[[_Floats], tuple[_Floats, _Floats]]:
    """Return what gives mean and variance of each stratum's events of group 1 at a log odds ratio, margins fixed."""
    length = _window(strata)
    latest = np.maximum(strata.most - length + 1.0, strata.fewest)
    moving = bool(np.any(latest > strata.fewest))
    along = np.arange(float(length))
    fixed = _log_weights(strata, strata.fewest, length)

    def expectation(log_odds: _Floats) -> tuple[_Floats, _Floats]:
        start, log_weights = strata.fewest, fixed
        if moving:
            centre = np.rint(_fitted(strata, np.exp(log_odds)))
            start = np.clip(centre - length // 2, strata.fewest, latest)
            log_weights = _log_weights(strata, start, length)
        chances = _chances(log_weights + log_odds[:, None, None] * along)
        mean = chances @ along
        return start + mean, (chances * (along - mean[..., None]) ** 2).sum(axis=-1)

    return expectation


def _conditional_homogeneity(strata: _Strata, estimate: _Floats) -> _Floats:
    told = np.isfinite(estimate) & (estimate > 0)
    mean, variance = _conditional(strata)(np.log(np.where(told, estimate, 1.0)))
    used = strata.both & (strata.most > strata.fewest) & told[:, None]
    return np.stack(_homogeneity(used, strata.x1 - mean, variance, variance))


def _window(strata: _Strata) -> int:
    """How many counts next to the likeliest hold all but 1e-13 of the chance, at any odds ratio.

    The count is a sum of independent zeros and ones, at most as many as its range: its standard deviation is
    at most half the root of that.
    """
    widest = float((strata.most - strata.fewest).max(initial=0.0))
    return 1 + int(min(widest, 2.0 * math.ceil(9.0 * math.sqrt(widest) / 2.0 + 20.0)))


def _fitted(strata: _Strata, odds: _Floats) -> _Floats:
    """Events of group 1 that give each stratum these odds ratios with its margins: Cornfield's quadratic."""
    ratio = odds[:, None]
    slack = strata.n2 - strata.events
    b, c = ratio * (strata.n1 + strata.events) + slack, ratio * strata.n1 * strata.events
    size = b + np.sqrt(np.maximum(b * b - 4.0 * (ratio - 1.0) * c, 0.0))
    return np.clip(np.divide(2.0 * c, size, out=np.zeros_like(c), where=size > 0), strata.fewest, strata.most)


def _cross_products(strata: _Strata) -> tuple[_Floats, _Floats]:
    x1, n1, x2, n2 = strata.tables
    return x1 * (n2 - x2) / strata.total, x2 * (n1 - x1) / strata.total


def _robins_breslow_greenland(strata: _Strata, z: float) -> tuple[_Floats, _Floats, _Floats]:
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


def _tarone(strata: _Strata) -> ChiSquare:
    first, second = (product.sum(axis=-1) for product in _cross_products(strata))
    told = (first > 0) & (second > 0)
    odds = np.divide(first, second, out=np.ones_like(first), where=told)
    a = _fitted(strata, odds)
    used = strata.both & (strata.most > strata.fewest) & told[:, None]
    cells = np.stack([a, strata.n1 - a, strata.events - a, strata.n2 - strata.events + a])
    with np.errstate(divide="ignore"):
        variance = 1.0 / (1.0 / np.maximum(cells, 0.0)).sum(axis=0)
    return _homogeneity(used, strata.x1 - a, variance, variance)
