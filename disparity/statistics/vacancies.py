"""Two groups on the same shortlists: a ratio of chances from sums over vacancies or their counts, and its exact p."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from disparity.statistics.arguments import Floats, checked, critical_value
from disparity.statistics.comparison import Comparison, Numbers, two_sided_p
from disparity.statistics.score import beside_one
from disparity.statistics.strata import (
    BLOCK,
    Strata,
    by_blocks,
    chances_of,
    log_weights_of,
    null_variance,
    require_whole,
    strata_of,
)


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


def vacancy_ratio(
    sum_1: ArrayLike, sum_2: ArrayLike, variance: ArrayLike, *, level: float = 0.95
) -> Comparison:
    """Compare two groups' chances among people on the same shortlist, from sums over vacancies that inform.

    ``sum_1`` is the sum of x1 n2 / n and ``sum_2`` of x2 n1 / n, where x1 of n1 and x2 of n2 on a shortlist of n
    were appointed; ``variance`` that of their difference at equal chances, the sum of n1 n2 m (n - m) /
    (n^2 (n - 1)) with m appointed. A vacancy informs where both groups are on its shortlist and some but not
    all are appointed. All at least 0, broadcast.

    The estimate is Mantel and Haenszel's: how many times as likely a person of group 1 is to be appointed as a
    person of group 2 on the same shortlist; infinite where ``sum_2`` is 0, NaN where both are. The interval holds every
    ratio r for which (sum_1 - r sum_2)^2 is within chance, of variance r times that at equal chances: exact where a
    vacancy has one appointment, close where appointments are few beside the shortlist. It excludes 1 exactly
    when p < 1 - level; swapping the groups inverts it. No variance: 0 to infinity, p = 1. The statistic is that
    of Cochran, Mantel and Haenszel; p is its normal approximation, for a variance of 5 or more. Raises
    ValueError naming the argument. Mantel and Haenszel (1959), J Natl Cancer Inst 22, 719-748; the form of the
    interval: Sato (1990), Biometrics 46, 71-80.

    Examples
    --------
    >>> found = vacancy_ratio(4.0, 2.0, 1.5)
    >>> round(float(found.estimate), 2)
    2.0
    """
    z = critical_value(level)
    first, second, spread = np.broadcast_arrays(
        checked("sum_1", sum_1), checked("sum_2", sum_2), checked("variance", variance)
    )
    gap = first - second
    statistic = np.divide(gap, np.sqrt(spread), out=np.zeros_like(gap), where=spread > 0)
    p_value = two_sided_p(statistic)
    allowed = z * z * spread
    middle = 2.0 * first * second + allowed
    outer = middle + np.sqrt(allowed * (middle + 2.0 * first * second))
    with np.errstate(divide="ignore", invalid="ignore"):
        estimate = first / second
        low = np.where(first == 0, 0.0, 2.0 * first * first / outer)
        high = np.where(second == 0, np.inf, outer / (2.0 * second * second))
    low, high = beside_one(low, high, statistic > 0, p_value < 1.0 - level)
    return Comparison(*(np.asarray(field)[()] for field in (estimate, low, high, statistic, p_value)))


def by_vacancy(
    events_1: ArrayLike, n_1: ArrayLike, events_2: ArrayLike, n_2: ArrayLike, *, level: float = 0.95
) -> ByVacancy:
    """Compare two groups' chances of appointment among people on the same shortlist.

    The last axis holds the vacancies: ``events`` appointed of ``n`` shortlisted, whole counts, broadcast,
    0 <= events <= n. Each vacancy's appointments are taken as given, for one place on a shortlist cannot go to
    both groups: at equal chances group 1 then has a hypergeometric count with mean n_1 m / n. Vacancies
    with one group alone on the shortlist, or with nobody or everybody appointed, inform nothing and are left
    out. Raises ValueError naming the argument.

    Ratio, interval and test are those of `vacancy_ratio`: no appointments of group 1 give 0 and none of group 2
    infinity. The test is also the logrank test with vacancies for times; with few expected take
    `by_vacancy_exact`. Mantel (1966), Cancer Chemother Rep 50, 163-170.

    Examples
    --------
    >>> found = by_vacancy([1, 0, 1], [3, 2, 4], [0, 1, 0], [2, 2, 2])
    >>> int(found.vacancies), round(float(found.expected), 2)
    (3, 1.77)
    """
    strata, shape = strata_of(events_1, n_1, events_2, n_2)
    require_whole(strata)
    informs = strata.both & (strata.most > strata.fewest)
    expected = np.where(informs, strata.n1 * strata.events / strata.total, 0.0).sum(axis=-1)
    sum_1, sum_2 = (rates.sum(axis=-1) for rates in strata.weighted(informs))
    compared = vacancy_ratio(sum_1, sum_2, null_variance(strata), level=level)
    observed = np.where(informs, strata.x1, 0.0).sum(axis=-1)
    fields = (observed, expected, *compared, informs.sum(axis=-1))
    return ByVacancy(*(field.reshape(shape)[()] for field in fields))


def by_vacancy_exact(events_1: ArrayLike, n_1: ArrayLike, events_2: ArrayLike, n_2: ArrayLike) -> Numbers:
    """Return the exact two-sided p of equal chances among people on the same shortlist.

    Arguments and errors as `by_vacancy`. The count of group 1 over all vacancies is a sum of independent
    hypergeometric counts; p is the chance of all totals no more likely than the one seen, which for a single
    vacancy is Fisher's exact test. Absolute error below 1e-12. No vacancy that informs: 1. Memory grows with
    vacancies times the most that group 1 could have had. Mehta, Patel and Gray (1985), J Am Stat Assoc 80,
    969-973 (the distribution; here by discrete Fourier transform).

    Examples
    --------
    >>> round(float(by_vacancy_exact([1, 0, 1], [3, 2, 4], [0, 1, 0], [2, 2, 2])), 3)
    1.0
    """
    strata, shape = strata_of(events_1, n_1, events_2, n_2)
    require_whole(strata)
    numbers = int((strata.most - strata.fewest).sum(axis=-1).max(initial=0.0)) + 1
    return by_blocks(_exact_p, strata, numbers=numbers).reshape(shape)[()]


def _exact_p(strata: Strata) -> Floats:
    """Chance of all totals of group 1 no more likely than the one seen, at equal chances."""
    spread = strata.most - strata.fewest
    points = int(spread.sum(axis=-1).max(initial=0.0)) + 1
    length = int(spread.max(initial=0.0)) + 1
    transform = np.ones((strata.x1.shape[0], points // 2 + 1), dtype=np.complex128)
    step = max(1, BLOCK // (points * max(1, strata.x1.shape[0])))
    for start in range(0, strata.x1.shape[1], step):
        some = strata.part((slice(None), slice(start, start + step)))
        chances = chances_of(log_weights_of(some, some.fewest, length))
        transform *= np.fft.rfft(chances, n=points, axis=-1).prod(axis=1)
    chances = np.fft.irfft(transform, n=points, axis=-1)
    seen = (strata.x1 - strata.fewest).sum(axis=-1).astype(np.int64)
    # Totals as likely as the one seen differ from it by rounding alone.
    limit = np.take_along_axis(chances, seen[:, None], axis=-1) * (1.0 + 1e-7) + 1e-15
    return np.asarray(np.clip(np.where(chances <= limit, chances, 0.0).sum(axis=-1), 0.0, 1.0))
