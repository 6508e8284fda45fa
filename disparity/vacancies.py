"""Two groups on the same shortlists: a ratio of chances from sums over vacancies."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from disparity.proportions import Comparison, checked, critical_value


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
    """
    z = critical_value(level)
    first, second, spread = np.broadcast_arrays(
        checked("sum_1", sum_1), checked("sum_2", sum_2), checked("variance", variance)
    )
    gap = first - second
    statistic = np.divide(gap, np.sqrt(spread), out=np.zeros_like(gap), where=spread > 0)
    p_value = np.asarray(2.0 * ndtr(-np.abs(statistic)))
    allowed = z * z * spread
    middle = 2.0 * first * second + allowed
    outer = middle + np.sqrt(allowed * (middle + 2.0 * first * second))
    with np.errstate(divide="ignore", invalid="ignore"):
        estimate = first / second
        low = np.where(first == 0, 0.0, 2.0 * first * first / outer)
        high = np.where(second == 0, np.inf, outer / (2.0 * second * second))
    significant, above = p_value < 1.0 - level, statistic > 0
    # Rounding alone could put a limit on the wrong side of 1.
    low = np.where(significant & above, np.maximum(low, np.nextafter(1.0, 2.0)), np.minimum(low, 1.0))
    high = np.where(significant & ~above, np.minimum(high, np.nextafter(1.0, 0.0)), np.maximum(high, 1.0))
    return Comparison(*(np.asarray(field)[()] for field in (estimate, low, high, statistic, p_value)))
