"""What groups of these sizes could have shown: the smallest disparity a test would find often enough."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc, gammaln, ndtri, xlog1py, xlogy

from disparity.statistics.arguments import Floats, checked, checked_whole, critical_value
from disparity.statistics.comparison import Numbers
from disparity.statistics.root_finding import crossing

# Tables are worked in blocks, each over no more than so many counts of its smaller group.
_BLOCK = 256
_COUNTS = 256
_TOLERANCE = 1e-9


class DetectableRatio(NamedTuple):
    """The ratios nearest 1 that would be found, arrays of one shape; NaN where no ratio on that side would."""

    below: Numbers
    above: Numbers


class _Design(NamedTuple):
    """Sizes of two groups, the first no larger than the second, and the rate of both together."""

    m: Floats
    n: Floats
    rate: Floats

    def some(self, rows: slice | NDArray[np.intp]) -> _Design:
        """Return these rows of the design."""
        return _Design(self.m[rows], self.n[rows], self.rate[rows])

    def rates(self, gap: Floats) -> tuple[Floats, Floats]:
        """Return the rates of the groups, ``gap`` apart, that leave the rate of both together as it is."""
        total = self.m + self.n
        first, second = self.rate + gap * self.n / total, self.rate - gap * self.m / total
        return np.clip(first, 0.0, 1.0), np.clip(second, 0.0, 1.0)


def smallest_detectable_ratio(
    n_1: ArrayLike, n_2: ArrayLike, pooled_rate: ArrayLike, *, level: float = 0.95, power: float = 0.8
) -> DetectableRatio:
    """Return the ratios of rates, below and above 1, that groups of these sizes would show often enough.

    Whole bases ``n_1`` and ``n_2`` (at least 1) and the rate of both groups together (0 to 1), broadcast. Were
    rate 1 over rate 2 the ratio returned, with the pooled rate as it is, the score test of `risk_ratio` would
    find it at ``level`` and on the right side in ``power`` of periods; a ratio nearer 1 is found less often.
    One test by itself: adjusting for a family needs more. NaN where even no event in the lower group, or
    every event possible in the higher, would be found less often; that is so at a pooled rate of 0 or 1, and
    in small groups. 1 where equal rates would be found so often, as a low power allows. Swapping the groups
    inverts. Raises ValueError naming the argument, and ``power`` outside 1 - level to 1.

    The power is exact: binomial probabilities summed over every table that the test finds, as Suissa and
    Shuster (1985), J R Stat Soc A 148, 317-327, do for the pooled statistic, here with the factor N/(N-1).
    Where the smaller group has more than 256 counts within six deviations of what is expected, some are
    passed over in even steps and the others stand for them: how far the ratio is from 1 is then good to 0.3%.

    Examples
    --------
    >>> below, above = smallest_detectable_ratio(200, 800, 0.1)
    >>> round(float(below), 2), round(float(above), 2)
    (0.45, 1.81)
    """
    z = critical_value(level)
    if not 1.0 - level < power < 1.0:
        raise ValueError("power must be between 1 - level and 1")
    n1, n2, rate = np.broadcast_arrays(
        checked_whole("n_1", n_1, least=1.0),
        checked_whole("n_2", n_2, least=1.0),
        checked("pooled_rate", pooled_rate),
    )
    if np.any(rate > 1.0):
        raise ValueError(
            f"pooled_rate must not be above 1; {np.count_nonzero(rate > 1.0)} of {rate.size} are"
        )
    flat = (np.ravel(n1), np.ravel(n2), np.ravel(rate))
    above = _ratio_above(*flat, z, power)
    below = 1.0 / _ratio_above(flat[1], flat[0], flat[2], z, power)
    return DetectableRatio(below.reshape(rate.shape)[()], above.reshape(rate.shape)[()])


def _ratio_above(n1: Floats, n2: Floats, rate: Floats, z: float, power: float) -> Floats:
    """Return the smallest ratio above 1 that would be found, NaN where none would."""
    # Group 1 is higher in events just where group 2 is higher in people without the event, so that either
    # group can stand first, and the smaller one does: fewer counts to sum over.
    swap = n2 < n1
    design = _Design(np.where(swap, n2, n1), np.where(swap, n1, n2), np.where(swap, 1.0 - rate, rate))
    gap = np.empty_like(rate)
    for start in range(0, gap.size, _BLOCK):
        rows = slice(start, start + _BLOCK)
        gap[rows] = _smallest_gap(design.some(rows), z, power)
    total = n1 + n2
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray((rate + gap * n2 / total) / np.maximum(rate - gap * n1 / total, 0.0))


def _smallest_gap(design: _Design, z: float, power: float) -> Floats:
    """Return the gap between the rates at which the power is reached: 0 if at equal rates, NaN if nowhere."""
    total = design.m + design.n
    widest = np.minimum(design.rate / design.m, (1.0 - design.rate) / design.n) * total
    at_equal, at_widest = (_chance_found(design, gap, z) for gap in (np.zeros_like(total), widest))
    gap = np.where(at_widest < power, np.nan, 0.0)
    rows = np.flatnonzero((at_equal < power) & (at_widest >= power))
    some = design.some(rows)

    def short_of(gaps: Floats) -> Floats:
        # In deviates, in which the chance is nearly a straight line in the gap.
        chance = np.clip(_chance_found(some, gaps, z), 1e-12, 1.0 - 1e-12)
        return np.asarray(ndtri(power) - ndtri(chance))

    gap[rows] = crossing(short_of, np.zeros(rows.size), widest[rows], tolerance=_TOLERANCE)
    return gap


def _chance_found(design: _Design, gap: Floats, z: float) -> Floats:
    """Return the chance that the score test finds the first group higher, its rate ``gap`` above the other's."""
    rate_1, rate_2 = design.rates(gap)
    step = np.ceil(2.0 * _reach(design.m, design.rate) / _COUNTS)
    x1, weight = _likely_counts(design.m, rate_1, step)
    m, n, chance = (each[:, np.newaxis] for each in (design.m, design.n, 1.0 - rate_2))
    limit = _found_below(x1, m, n, z)
    # Where counts are passed over the limit lies anywhere between two whole numbers.
    most = np.where(step[:, np.newaxis] > 1.0, limit - 0.5, np.ceil(limit) - 1.0)
    as_few = np.where(most < 0, 0.0, betainc(n - np.maximum(most, 0.0), np.maximum(most, 0.0) + 1.0, chance))
    return np.asarray((weight * as_few).sum(axis=1))


def _reach(n: Floats, rate: Floats) -> Floats:
    return 6.0 * np.sqrt(n * rate * (1.0 - rate)) + 6.0


def _likely_counts(n: Floats, rate: Floats, step: Floats) -> tuple[Floats, Floats]:
    """Return a row of counts, ``step`` apart, for each group, and how likely each is, adding up to 1."""
    steps = np.arange(-(most := np.max(np.ceil(_reach(n, rate) / step), initial=0.0)), most + 1.0)
    counts = np.floor(n * rate)[:, np.newaxis] + step[:, np.newaxis] * steps
    base, chance = n[:, np.newaxis], rate[:, np.newaxis]
    possible = (counts >= 0) & (counts <= base)
    counts = np.clip(counts, 0.0, base)
    logs = xlogy(counts, chance) + xlog1py(base - counts, -chance)
    logs -= gammaln(counts + 1.0) + gammaln(base - counts + 1.0)
    logs = np.where(possible, logs, -np.inf)
    weight = np.exp(logs - logs.max(axis=1, keepdims=True))
    return counts, weight / weight.sum(axis=1, keepdims=True)


def _found_below(x1: Floats, m: Floats, n: Floats, z: float) -> Floats:
    """Return the events of the second group below which x1 of m is found higher, at most 0 if none are.

    The lower root of (x1 n - x2 m)^2 (N-1) = z^2 m n K (N-K) in x2, where N is all people and K all events.
    """
    total = m + n
    q = z * z * m * n / (total - 1.0)
    a, b = m * m + q, 2.0 * x1 * m * n + q * (total - 2.0 * x1)
    c = x1 * (x1 * n * n - q * (total - x1))
    return np.asarray(2.0 * c / (b + np.sqrt(np.maximum(b * b - 4.0 * a * c, 0.0))))
