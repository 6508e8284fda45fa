"""Adjusting a family of p-values that are published together."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from disparity.proportions import Numbers, as_floats, checked


def benjamini_hochberg(p: ArrayLike) -> Numbers:
    """Return q-values, in the shape of ``p``, that control the false discovery rate over the whole array.

    NaN stays NaN and is no member of the family. Raises ValueError naming ``p`` where one is outside 0 to 1.
    Benjamini and Hochberg (1995), J R Stat Soc B 57, 289-300.
    """
    values = as_floats("p", p)
    tested = ~np.isnan(values)
    family = checked("p", values[tested])
    if np.any(family > 1.0):
        raise ValueError(f"p must not be above 1; {np.count_nonzero(family > 1.0)} of {family.size} are")
    order = np.argsort(family, kind="stable")
    scaled = family[order] * (family.size / np.arange(1.0, family.size + 1.0))
    adjusted = np.empty_like(family)
    adjusted[order] = np.minimum.accumulate(scaled[::-1])[::-1]
    q = np.full_like(values, np.nan)
    q[tested] = np.minimum(adjusted, 1.0)
    return q[()]
