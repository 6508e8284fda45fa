"""Comparison: what every method that compares two groups returns, and the p-value of its statistic."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from disparity.statistics.arguments import Floats

Numbers: TypeAlias = NDArray[Any]
"""An array, or a NumPy scalar where every argument was a scalar."""


class Interval(NamedTuple):
    """A lower and an upper limit, arrays of one shape (scalars for scalar arguments)."""

    low: Numbers
    high: Numbers


class Comparison(NamedTuple):
    """Group 1 beside group 2: an estimate, its interval, the statistic and two-sided p of no difference.

    Every field has the broadcast shape of the arguments. The statistic is positive where group 1 is higher.
    """

    estimate: Numbers
    low: Numbers
    high: Numbers
    statistic: Numbers
    p_value: Numbers


def two_sided_p(statistic: Floats) -> Floats:
    """Return the two-sided p of a standard normal deviate.

    Examples
    --------
    >>> import numpy as np
    >>> np.round(two_sided_p(np.array([0.0, 1.96])), 3)
    array([1.  , 0.05])
    """
    return np.asarray(2.0 * ndtr(-np.abs(statistic)))
