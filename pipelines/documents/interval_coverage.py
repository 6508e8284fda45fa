"""How often the 95% intervals hold the true value: every table two groups can give, by its probability.

Nothing is simulated. At given true rates the chance of every table is known, so the coverage is the sum of the
chances of the tables whose interval holds the truth. Evaluation, not a method: nothing in a report comes from here.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import partial
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from disparity.statistics.comparison import Comparison, Interval
from disparity.statistics.proportions import (
    clopper_pearson,
    mid_p,
    odds_ratio,
    risk_difference,
    risk_ratio,
    wilson,
)

LOWEST, HIGHEST = 0.93, 0.97
"""What the coverage of a 95% interval is held against."""

ENOUGH = 5.0
"""Cochran's rule of thumb: events and non-events expected in a group, below which approximations are in doubt."""

_Floats: TypeAlias = NDArray[np.float64]


class Design(NamedTuple):
    """Group sizes, rates of group 2 and ratios of the rates: every combination whose two rates lie in the range."""

    sizes: tuple[tuple[int, int], ...]
    rates: tuple[Fraction, ...]
    ratios: tuple[Fraction, ...]

    @property
    def pairs(self) -> list[tuple[Fraction, Fraction]]:
        """Return the true rates of groups 1 and 2, as fractions so that equal rates are equal."""
        least, most = min(self.rates), max(self.rates)
        return [(p * r, p) for p in self.rates for r in self.ratios if least <= p * r <= most]

    @property
    def single_sizes(self) -> list[int]:
        """Return the size of every group, for intervals of one rate."""
        return sorted({n for pair in self.sizes for n in pair})


DOCUMENTED = Design(
    sizes=((40, 20), (100, 40), (140, 60), (300, 100)),
    rates=tuple(Fraction(percent, 100) for percent in range(2, 99, 2)),
    ratios=tuple(Fraction(*parts) for parts in ((1, 2), (2, 3), (4, 5), (1, 1), (5, 4), (3, 2), (2, 1))),
)
"""The grid of the documentation: groups and rates as staff data have them, from a small department to a trust."""


class OneRate(NamedTuple):
    """An interval of one rate."""

    name: str
    interval: Callable[..., Interval]
    measure: str = "One rate"


class TwoRates(NamedTuple):
    """An interval that compares two rates, and the true value it should hold."""

    measure: str
    name: str
    compare: Callable[..., Comparison]
    truth: Callable[[Fraction, Fraction], Fraction]


Method: TypeAlias = OneRate | TwoRates


def _difference(p1: Fraction, p2: Fraction) -> Fraction:
    return p1 - p2


def _ratio(p1: Fraction, p2: Fraction) -> Fraction:
    return p1 / p2


def _odds_ratio(p1: Fraction, p2: Fraction) -> Fraction:
    return p1 * (1 - p2) / (p2 * (1 - p1))


METHODS: tuple[Method, ...] = (
    OneRate("Wilson", wilson),
    OneRate("Mid-p", mid_p),
    OneRate("Clopper-Pearson", clopper_pearson),
    TwoRates("Difference", "Miettinen-Nurminen", risk_difference, _difference),
    TwoRates("Difference", "Newcombe", partial(risk_difference, method="newcombe"), _difference),
    TwoRates("Ratio", "Miettinen-Nurminen", risk_ratio, _ratio),
    TwoRates("Ratio", "Koopman", partial(risk_ratio, method="koopman"), _ratio),
    TwoRates("Ratio", "MOVER-Wilson", partial(risk_ratio, method="mover_wilson"), _ratio),
    TwoRates("Odds ratio", "Miettinen-Nurminen", odds_ratio, _odds_ratio),
)


class Coverage(NamedTuple):
    """A method's coverage at every point of a design, and which point it is; arrays of one length.

    ``expected`` is the least number of events or non-events expected in a group. The second group of an
    interval of one rate has size and rate NaN.
    """

    measure: str
    name: str
    held: _Floats
    expected: _Floats
    n_1: _Floats
    n_2: _Floats
    rate_1: _Floats
    rate_2: _Floats

    def where(self, chosen: NDArray[np.bool_]) -> Coverage:
        """Return the chosen points."""
        return Coverage(self.measure, self.name, *(field[chosen] for field in self[2:]))

    @property
    def enough(self) -> Coverage:
        """Return the points at which `ENOUGH` events and non-events are expected in every group."""
        return self.where(self.expected >= ENOUGH)

    @property
    def few(self) -> Coverage:
        """Return the other points."""
        return self.where(self.expected < ENOUGH)

    @property
    def inside(self) -> float:
        """Return the share of points at which coverage is from `LOWEST` to `HIGHEST`."""
        return float(np.mean((self.held >= LOWEST) & (self.held <= HIGHEST)))


def coverage(method: Method, design: Design = DOCUMENTED) -> Coverage:
    """Return a method's coverage at every point of a design."""
    points = _of_one(method, design) if isinstance(method, OneRate) else _of_two(method, design)
    held, n_1, n_2, rate_1, rate_2 = np.array(points, dtype=np.float64).T
    cells = [n * share for n, p in ((n_1, rate_1), (n_2, rate_2)) for share in (p, 1.0 - p)]
    # A whole number expected must not fall below itself by rounding: 5 of 100 at 5% are enough.
    expected = np.round(np.nanmin(cells, axis=0), 9)
    return Coverage(method.measure, method.name, held, expected, n_1, n_2, rate_1, rate_2)


def _of_one(method: OneRate, design: Design) -> list[tuple[float, ...]]:
    points: list[tuple[float, ...]] = []
    for n in design.single_sizes:
        events = np.arange(n + 1)
        low, high = method.interval(events, n)
        for rate in map(float, design.rates):
            held = binom.pmf(events, n, rate) @ ((low <= rate) & (rate <= high))
            points.append((float(held), n, np.nan, rate, np.nan))
    return points


def _of_two(method: TwoRates, design: Design) -> list[tuple[float, ...]]:
    points: list[tuple[float, ...]] = []
    for n_1, n_2 in design.sizes:
        events_1, events_2 = np.arange(n_1 + 1), np.arange(n_2 + 1)
        interval = method.compare(events_1[:, np.newaxis], n_1, events_2, n_2)
        for pair in design.pairs:
            truth, (rate_1, rate_2) = float(method.truth(*pair)), map(float, pair)
            holds = (interval.low <= truth) & (truth <= interval.high)
            held = binom.pmf(events_1, n_1, rate_1) @ holds @ binom.pmf(events_2, n_2, rate_2)
            points.append((float(held), n_1, n_2, rate_1, rate_2))
    return points
