"""Where functions cross zero, for whole arrays of functions at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from disparity.statistics.arguments import Floats

_ITERATIONS = 200


def crossing(
    excess: Callable[[Floats], Floats], outside: Floats, inside: Floats, *, tolerance: float = 1e-13
) -> Floats:
    """Where ``excess`` falls through 0 between points outside and inside the interval, all tables at once.

    One-dimensional arrays of one shape; to within ``tolerance`` of 1/1000 plus the size of the result. An
    ``excess`` of the wrong sign at an end is taken as 0 there. Bisection sped up by inverse quadratic
    interpolation: Chandrupatla (1997), Adv Eng Software 28, 145-149.
    """
    x1, x2 = inside, outside
    f1, f2 = np.minimum(excess(x1), -1e-300), np.maximum(excess(x2), 1e-300)
    t = np.full_like(x1, 0.5)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        for _ in range(_ITERATIONS):
            x = x1 + t * (x2 - x1)
            f = excess(x)
            same = (f > 0) == (f1 > 0)
            x3, f3 = np.where(same, x1, x2), np.where(same, f1, f2)
            x2, f2 = np.where(same, x2, x1), np.where(same, f2, f1)
            x1, f1 = x, f
            width = np.abs(x2 - x1)
            limit = np.minimum(tolerance * (1e-3 + np.abs(x1)) / width, 0.5)
            if np.all(limit >= 0.5):
                break
            t = np.clip(_interpolated(x1, f1, x2, f2, x3, f3), limit, 1.0 - limit)
            # What is found stays put, so that no table's limits depend on its neighbours in the array.
            t = np.where(limit >= 0.5, 0.0, t)
    return x1


def bounded_excess(distance: Floats, deviation: Floats) -> Floats:
    """Positive where ``distance`` is beyond ``deviation``, and between -1/2 and 1/2 always."""
    size = distance + deviation
    return np.divide(distance, size, out=np.zeros_like(size), where=size > 0) - 0.5


def _interpolated(x1: Floats, f1: Floats, x2: Floats, f2: Floats, x3: Floats, f3: Floats) -> Floats:
    xi = (x1 - x2) / (x3 - x2)
    phi = (f1 - f2) / (f3 - f2)
    smooth = (phi * phi < xi) & ((1.0 - phi) * (1.0 - phi) < 1.0 - xi)
    step = f1 / (f2 - f1) * f3 / (f2 - f3) + (x3 - x1) / (x2 - x1) * f1 / (f3 - f1) * f2 / (f3 - f2)
    return np.where(smooth, step, 0.5)
