"""Rounding of figures for people: halves away from zero, as a spreadsheet has them; no rounding of counts by a policy."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

# Of the value: division in binary misses a decimal half by a few parts in 10^16, and sums of many terms by more.
_NEAR = 1e-12


def half_up(values: ArrayLike, decimals: int = 0) -> NDArray[np.float64]:
    """Return values rounded to ``decimals``, of the same shape; a half goes away from zero.

    A value within a part in 10^12 of a half counts as one: 1.005 has no exact binary fraction, and what is nearest to it
    lies below. NaN and infinities stay; there is no minus zero.

    >>> half_up([12.5, 2.5, -0.5, 1.005], 0).tolist()
    [13.0, 3.0, -1.0, 1.0]
    >>> half_up(1.005, 2).item()
    1.01
    """
    given = np.asarray(values, dtype=float)
    scale = 10.0**decimals
    scaled = np.abs(given) * scale
    with np.errstate(invalid="ignore"):
        whole = np.floor(scaled * (1 + _NEAR) + 0.5)
    rounded: NDArray[np.float64] = np.copysign(whole / scale, given) + 0.0
    return rounded


def written(value: Any, decimals: int = 0, *, thousands: bool = False) -> str:
    """Write one number with exactly ``decimals`` decimals, rounded by `half_up`.

    >>> written(12.5), written(1234.565, 2, thousands=True)
    ('13', '1,234.57')
    """
    rounded = half_up(value, decimals).item()
    return f"{rounded:,.{decimals}f}" if thousands else f"{rounded:.{decimals}f}"
