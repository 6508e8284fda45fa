"""The score statistic of two proportions: constrained rates, variance, and how far a table is from a measure."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from disparity.statistics.arguments import Floats
from disparity.statistics.root_finding import bounded_excess

_Number = TypeVar("_Number", bound=np.generic)
_Flags: TypeAlias = NDArray[np.bool_]


class Tables(NamedTuple, Generic[_Number]):
    """Two-group tables, arrays of one shape."""

    x1: NDArray[_Number]
    n1: NDArray[_Number]
    x2: NDArray[_Number]
    n2: NDArray[_Number]

    def swapped(self) -> Tables[_Number]:
        """Return the tables with the groups exchanged."""
        return Tables(self.x2, self.n2, self.x1, self.n1)

    def take(self, which: slice | NDArray[Any]) -> Tables[_Number]:
        """Return these tables of all."""
        return Tables(self.x1[which], self.n1[which], self.x2[which], self.n2[which])


_Tables: TypeAlias = Tables[np.float64]

_BLOCK = 8192


def blockwise(limit: Callable[..., Floats], tables: _Tables, *others: float | NDArray[Any]) -> Floats:
    """Run ``limit`` over blocks of tables that stay in the processor's cache."""
    result = np.empty_like(tables.x1)
    for start in range(0, result.size, _BLOCK):
        rows = slice(start, start + _BLOCK)
        parts = [other[rows] if isinstance(other, np.ndarray) else other for other in others]
        result[rows] = limit(tables.take(rows), *parts)
    return result


def finite_sample(tables: _Tables) -> Floats:
    """Return the factor N / (N - 1) of Miettinen and Nurminen."""
    total = tables.n1 + tables.n2
    return total / (total - 1.0)


def pooled_statistic(tables: _Tables, factor: Floats) -> Floats:
    """Score statistic of equal rates; 0 where no table of these margins could differ."""
    x1, n1, x2, n2 = tables
    events, failures = x1 + x2, (n1 - x1) + (n2 - x2)
    difference = x1 * (n2 - x2) - x2 * (n1 - x1)
    variance = factor * events * failures * n1 * n2 / (n1 + n2)
    return np.divide(difference, np.sqrt(variance), out=np.zeros_like(x1), where=variance > 0)


def difference_excess(tables: _Tables, difference: Floats, allowed: Floats) -> Floats:
    """Excess of the score at the rates that differ by ``difference``, ``allowed`` deviations being within."""
    x1, n1, x2, n2 = tables
    deviation = allowed * np.sqrt(difference_variance(tables, difference))
    return bounded_excess(x1 / n1 - x2 / n2 - difference, deviation)


def difference_variance(tables: _Tables, difference: Floats) -> Floats:
    """Variance of rate 1 - rate 2 at the most likely rates that differ by ``difference``."""
    p1, p2 = _constrained_by_difference(tables, difference)
    return p1 * (1.0 - p1) / tables.n1 + p2 * (1.0 - p2) / tables.n2


def _constrained_by_difference(tables: _Tables, difference: Floats) -> tuple[Floats, Floats]:
    """Most likely rates that differ by ``difference``: the cubic of Miettinen and Nurminen (1985)."""
    x1, n1, x2, n2 = tables
    total, events = n1 + n2, x1 + x2
    a = ((n1 + 2.0 * n2) * difference - total - events) / (3.0 * total)
    b = ((n2 * difference - total - 2.0 * x2) * difference + events) / (3.0 * total)
    c = x2 * difference * (1.0 - difference) / total
    q = a * a * a - 1.5 * a * b + 0.5 * c
    p = np.copysign(np.sqrt(np.maximum(a * a - b, 0.0)), q)
    with np.errstate(divide="ignore", invalid="ignore"):
        cosine = np.where(p == 0, 0.0, q / (p * p * p))
    angle = (math.pi + np.arccos(np.clip(cosine, -1.0, 1.0))) / 3.0
    least, most = np.maximum(0.0, -difference), np.minimum(1.0, 1.0 - difference)
    rate_2 = np.clip(2.0 * p * np.cos(angle) - a, least, most)
    # At these two ends the cubic has a double root, of which it keeps half the digits.
    rate_2 = np.where(events == 0, least, np.where(events == total, most, rate_2))
    return np.clip(rate_2 + difference, 0.0, 1.0), rate_2


def ratio_excess(tables: _Tables, w1: Floats, w2: Floats, allowed: Floats) -> Floats:
    """Excess of the score at the rates with w1 * rate 1 = w2 * rate 2, ``allowed`` deviations being within."""
    x1, n1, x2, n2 = tables
    _, variance = ratio_moments(tables, w1, w2)
    return bounded_excess(w1 * x1 / n1 - w2 * x2 / n2, allowed * np.sqrt(variance))


def ratio_moments(tables: _Tables, w1: Floats, w2: Floats) -> tuple[Floats, Floats]:
    """Most likely w1 * rate 1 = w2 * rate 2, and the variance of w1 * rate 1 - w2 * rate 2 there.

    The quadratic of Miettinen and Nurminen (1985), written in sums of positive terms: the
    textbook form loses half its digits where nearly everyone has the event.
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


def low_beside(neutral: float, low: Floats, above: _Flags, significant: _Flags) -> Floats:
    """Put a lower limit that rounding left on the wrong side of ``neutral`` on the side of its p."""
    return np.where(
        above & significant, np.maximum(low, np.nextafter(neutral, 2.0)), np.minimum(low, neutral)
    )


def beside_one(low: Floats, high: Floats, above: _Flags, significant: _Flags) -> tuple[Floats, Floats]:
    """Put limits that rounding left on the wrong side of 1 on the side of their p."""
    low = low_beside(1.0, low, above, significant)
    high = np.where(~above & significant, np.minimum(high, np.nextafter(1.0, 0.0)), np.maximum(high, 1.0))
    return low, high
