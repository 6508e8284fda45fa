"""Two-group tables by strata: what their margins allow, the test of no difference, and whether they agree."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc

from disparity.statistics.arguments import Floats, checked_share, checked_whole
from disparity.statistics.comparison import Numbers
from disparity.statistics.score import Tables

_Flags: TypeAlias = NDArray[np.bool_]

BLOCK = 1 << 15
"""Numbers worked with at a time."""


class ChiSquare(NamedTuple):
    """A chi-square statistic, its degrees of freedom and its p, arrays of one shape."""

    statistic: Numbers
    freedom: Numbers
    p_value: Numbers


class Strata(NamedTuple):
    """Counts as tables by strata. An empty stratum is one person without event in each group, of no weight."""

    x1: Floats
    n1: Floats
    x2: Floats
    n2: Floats
    both: _Flags

    @property
    def tables(self) -> Tables[np.float64]:
        """The counts alone."""
        return Tables(self.x1, self.n1, self.x2, self.n2)

    @property
    def total(self) -> Floats:
        """People of both groups."""
        return self.n1 + self.n2

    @property
    def events(self) -> Floats:
        """Events of both groups."""
        return self.x1 + self.x2

    @property
    def weight(self) -> Floats:
        """Weight of Mantel and Haenszel, 0 where a group is empty."""
        return np.where(self.both, self.n1 * self.n2 / self.total, 0.0)

    @property
    def fewest(self) -> Floats:
        """Events group 1 has at least, the margins being what they are."""
        return np.maximum(0.0, self.events - self.n2)

    @property
    def most(self) -> Floats:
        """Events group 1 has at most."""
        return np.minimum(self.n1, self.events)

    def weighted(self, used: _Flags) -> tuple[Floats, Floats]:
        """Each group's rate times the weight of the stratum, 0 in strata not used."""
        first = np.where(used, self.x1 * self.n2 / self.total, 0.0)
        return first, np.where(used, self.x2 * self.n1 / self.total, 0.0)

    def weighted_rates(self) -> tuple[Floats, Floats]:
        """Sums of each group's weighted rates over the strata."""
        first, second = self.weighted(self.both)
        return first.sum(axis=-1), second.sum(axis=-1)

    def swapped(self) -> Strata:
        """Return the strata with the groups exchanged."""
        return Strata(self.x2, self.n2, self.x1, self.n1, self.both)

    def part(self, index: slice | tuple[slice, slice]) -> Strata:
        """Return these tables, or these strata of them."""
        return Strata(self.x1[index], self.n1[index], self.x2[index], self.n2[index], self.both[index])


def strata_of(
    events_1: ArrayLike, n_1: ArrayLike, events_2: ArrayLike, n_2: ArrayLike
) -> tuple[Strata, tuple[int, ...]]:
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
    return Strata(x1, n1, x2, n2, both), shape


def require_whole(strata: Strata) -> None:
    """Raise ValueError naming the argument that holds parts of people."""
    for name, counts in zip(("events_1", "n_1", "events_2", "n_2"), strata.tables, strict=True):
        checked_whole(name, counts)


def by_blocks(
    part: Callable[..., Floats], strata: Strata, *others: float | NDArray[Any], numbers: int = 1
) -> Floats:
    """Run ``part``, which holds about so many ``numbers`` for each stratum, over blocks of tables."""
    tables, each = strata.x1.shape
    step = max(1, BLOCK // max(1, each * numbers))
    results = []
    for start in range(0, max(tables, 1), step):
        rows = slice(start, start + step)
        parts = [other[rows] if isinstance(other, np.ndarray) else other for other in others]
        results.append(part(strata.part(rows), *parts))
    return np.concatenate(results, axis=-1)


def null_variance(strata: Strata) -> Floats:
    """Hypergeometric variance of the events of group 1 at equal chances, over the strata."""
    _, n1, _, n2 = strata.tables
    total, events = strata.total, strata.events
    variance = n1 * n2 * events * (total - events) / (total * total * (total - 1.0))
    return np.asarray(np.where(strata.both, variance, 0.0).sum(axis=-1))


def cochran(strata: Strata) -> tuple[Floats, Floats]:
    """Events of group 1 above expectation, and that in standard deviations: 0 where nothing could differ."""
    x1, n1, x2, n2 = strata.tables
    gap = (np.where(strata.both, x1 * n2 - x2 * n1, 0.0) / strata.total).sum(axis=-1)
    variance = null_variance(strata)
    return gap, np.divide(gap, np.sqrt(variance), out=np.zeros_like(gap), where=variance > 0)


def homogeneity_test(used: _Flags, score: Floats, variance: Floats, slope: Floats) -> ChiSquare:
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
    return chi_square(whole.shape, np.maximum(whole - fitted, 0.0), told.sum(axis=-1) - 1.0)


def chi_square(shape: tuple[int, ...], statistic: Floats, freedom: Floats) -> ChiSquare:
    """Return the test, all NaN where there is no degree of freedom."""
    told = freedom >= 1
    p_value = chdtrc(np.where(told, freedom, 1.0), np.where(told, statistic, 0.0))
    fields = (np.where(told, field, np.nan) for field in (statistic, freedom, p_value))
    return ChiSquare(*(field.reshape(shape)[()] for field in fields))


def log_weights_of(strata: Strata, start: Floats, length: int) -> Floats:
    """Logarithm of how likely each count of group 1 is, beside ``start``, at equal odds and fixed margins.

    Counts run from ``start`` on a last axis of ``length``.
    """
    x = start[..., None] + np.arange(length)
    events, n1, n2 = (field[..., None] for field in (strata.events, strata.n1, strata.n2))
    ratio = (n1 - x) * (events - x) / ((x + 1.0) * (n2 - events + x + 1.0))
    with np.errstate(divide="ignore"):
        step = np.log(np.where(x < strata.most[..., None], ratio, 0.0))
    return np.concatenate([np.zeros_like(x[..., :1]), np.cumsum(step[..., :-1], axis=-1)], axis=-1)


def chances_of(log_weights: Floats) -> Floats:
    """Return the chances that add up to 1 on the last axis."""
    weights = np.exp(log_weights - log_weights.max(axis=-1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=-1, keepdims=True))
