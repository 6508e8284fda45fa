"""From numbers to the fixed words in which a disparity is reported."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from disparity.statistics.arguments import as_floats
from disparity.statistics.comparison import Numbers

NO_MATERIAL_DISPARITY = "no material disparity"
CLEAR = "clear evidence of a disparity"
SOME = "some evidence"
TOO_FEW = "too few to tell"


def evidence_words(
    q_value: ArrayLike,
    low: ArrayLike,
    high: ArrayLike,
    *,
    margin_low: float = 0.8,
    margin_high: float = 1.25,
) -> Numbers:
    """Return the words for an adjusted p and an interval, in their broadcast shape.

    `NO_MATERIAL_DISPARITY` where the whole interval lies within the margin (its ends belong to it), whatever
    q is; else `CLEAR` below 0.01, `SOME` below 0.05, and `TOO_FEW` otherwise, also where q is NaN. The margin
    is in the unit of the interval: the default suits ratios. Over protected cells give the largest q and the
    widest interval. Raises ValueError naming the argument for q outside 0 to 1, or low above high.

    Examples
    --------
    >>> str(evidence_words(0.001, 1.32, 4.09))
    'clear evidence of a disparity'
    >>> str(evidence_words(0.4, 0.9, 1.1))
    'no material disparity'
    """
    q, lower, upper = (
        as_floats(name, values) for name, values in (("q_value", q_value), ("low", low), ("high", high))
    )
    if np.any((q < 0) | (q > 1)):
        raise ValueError("q_value must be between 0 and 1")
    if np.any(lower > upper):
        raise ValueError("low must not be above high")
    if not margin_low < margin_high:
        raise ValueError("margin_low must be below margin_high")
    within = (lower >= margin_low) & (upper <= margin_high)
    words = np.select([within, q < 0.01, q < 0.05], [NO_MATERIAL_DISPARITY, CLEAR, SOME], TOO_FEW)
    return words[()]
