"""The lower score limit of a ratio of two proportions, found by the people moved between the groups."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from disparity.statistics.arguments import Floats
from disparity.statistics.root_finding import bounded_excess, crossing
from disparity.statistics.score import Tables, blockwise

_Tables: TypeAlias = Tables[np.float64]

_NEWTON_STEPS = 3
_FOUND = 1e-9
"""A last step this small beside the events kept leaves an error of its square."""


def lower_ratio_limit(tables: _Tables, allowed: Floats) -> Floats:
    """Return the lowest ratio rate 1 / rate 2 whose score is within ``allowed`` deviations; one-dimensional.

    At the most likely rates with a given ratio below the estimate, the quadratic of Miettinen and Nurminen (1985)
    says that rate 1 is (x1 - m) / (n1 - m) and rate 2 is (x2 + m) / (n2 + m) for one m from 0 to x1, as if m events
    had gone from the one group to the other. The score equation is then m^2 (y1 / (n1 (x1 - m)) +
    y2 / (n2 (x2 + m))) = allowed^2, y being non-events: its left side rises with m, and as a cubic it is the one of
    Nam (1995), Biometrics 51, 1097-1106.
    """
    x1, n1, x2, n2 = tables
    moved = blockwise(_by_newton, tables, allowed)
    all_had_it = np.flatnonzero(x1 == n1)
    moved[all_had_it] = _let_go_by_group_2(tables.take(all_had_it), allowed[all_had_it])
    left = np.flatnonzero(np.isnan(moved))
    moved[left] = blockwise(_by_search, tables.take(left), allowed[left])
    with np.errstate(divide="ignore", invalid="ignore"):
        rate_1 = (x1 - moved) / (n1 - moved)
        rate_1[all_had_it] = _rate_where_all_had_it(
            tables.take(all_had_it), moved[all_had_it], allowed[all_had_it]
        )
        return np.where(x1 == 0, 0.0, rate_1 * (n2 + moved) / (x2 + moved))


def _by_newton(tables: _Tables, allowed: Floats) -> Floats:
    """Return the events moved: none where there are none, NaN where a few steps do not find them."""
    x1, n1, x2, n2 = tables
    missed_1, missed_2 = (n1 - x1) / n1, (n2 - x2) / n2
    squared = allowed * allowed
    cubic, linear = missed_1 - missed_2, squared * (x1 - x2)
    constant = squared * x1 * x2
    square = missed_1 * x2 + missed_2 * x1 + squared
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        # Without its cubic term, which is 0 where the rates are equal, the equation is a quadratic.
        moved = (linear + np.sqrt(linear * linear + 4.0 * square * constant)) / (2.0 * square)
        for _ in range(_NEWTON_STEPS):
            value = ((cubic * moved + square) * moved - linear) * moved - constant
            moved = moved - value / ((3.0 * cubic * moved + 2.0 * square) * moved - linear)
        # The last step is taken on the equation as it stands, whose terms are all positive: it is the check as well.
        kept, given = x1 - moved, x2 + moved
        part_1, part_2 = missed_1 / kept, missed_2 / given
        whole = part_1 + part_2
        slope = 2.0 * whole + moved * (part_1 / kept - part_2 / given)
        step = (moved * whole - squared / moved) / slope
        found = np.where((np.abs(step) <= _FOUND * kept) & (moved > 0), moved - step, np.nan)
        return np.where(x1 == 0, 0.0, found)


def _by_search(tables: _Tables, allowed: Floats) -> Floats:
    x1, n1, x2, n2 = tables
    missed_1, missed_2 = (n1 - x1) / n1, (n2 - x2) / n2
    # Either term of the equation by itself sets a most, and the nearer of the two is near what is sought.
    most = np.minimum(_let_go_by_group_1(tables, allowed), _let_go_by_group_2(tables, allowed))

    def excess(share: Floats) -> Floats:
        moved = share * most
        return bounded_excess(moved, allowed / np.sqrt(missed_1 / (x1 - moved) + missed_2 / (x2 + moved)))

    with np.errstate(divide="ignore"):
        return most * crossing(excess, np.ones_like(x1), np.zeros_like(x1))


def _let_go_by_group_1(tables: _Tables, allowed: Floats) -> Floats:
    """Return the events moved if group 2's term of the equation were 0."""
    x1, n1, _, _ = tables
    squared = allowed * allowed
    return 2.0 * squared * x1 / (squared + np.sqrt(squared * (squared + 4.0 * (n1 - x1) / n1 * x1)))


def _let_go_by_group_2(tables: _Tables, allowed: Floats) -> Floats:
    """Return the events moved if group 1's term of the equation were 0, and all of them at most."""
    x1, _, x2, n2 = tables
    squared, missed_2 = allowed * allowed, (n2 - x2) / n2
    root = np.sqrt(squared * (squared + 4.0 * missed_2 * x2))
    with np.errstate(divide="ignore"):
        return np.minimum(x1, (squared + root) / (2.0 * missed_2))


def _rate_where_all_had_it(tables: _Tables, moved: Floats, allowed: Floats) -> Floats:
    """Return rate 1 where group 1 has no non-events: 1 until all its events are moved, from then on below it.

    The odds against the event take up what the score of group 2 leaves of what is allowed.
    """
    _, n1, x2, n2 = tables
    odds_against = n1 * ((allowed / n1) ** 2 - (n2 - x2) / n2 / (x2 + n1))
    return 1.0 / (1.0 + np.where(moved < n1, 0.0, odds_against))
