"""Adjusting a family of p-values that are published together."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from disparity.statistics.arguments import as_floats, checked
from disparity.statistics.comparison import Numbers


def benjamini_hochberg(p: ArrayLike) -> Numbers:
    """Return q-values, in the shape of ``p``, that control the false discovery rate over the whole array.

    NaN stays NaN and is no member of the family. Raises ValueError naming ``p`` where one is outside 0 to 1.
    Benjamini and Hochberg (1995), J R Stat Soc B 57, 289-300.

    Examples
    --------
    >>> [round(float(q), 4) for q in benjamini_hochberg([0.01, 0.02, 0.2])]
    [0.03, 0.03, 0.2]
    """
    values, tested, order = _family(p)
    family = values[tested][order]
    scaled = family * (family.size / np.arange(1.0, family.size + 1.0))
    return _adjusted(values, tested, order, np.minimum.accumulate(scaled[::-1])[::-1])


def holm(p: ArrayLike) -> Numbers:
    """Return adjusted p-values, in the shape of ``p``, that control the chance of any false finding.

    Over the whole array, whatever the dependence between its members: a finding at 0.05 is one that a chance
    of 0.05 of any false finding among them all still allows. NaN stays NaN and is no member of the family.
    Raises ValueError naming ``p`` where one is outside 0 to 1. Holm (1979), Scand J Stat 6, 65-70.

    Examples
    --------
    >>> [round(float(p), 4) for p in holm([0.01, 0.02, 0.2])]
    [0.03, 0.04, 0.2]
    """
    values, tested, order = _family(p)
    family = values[tested][order]
    scaled = family * np.arange(family.size, 0.0, -1.0)
    return _adjusted(values, tested, order, np.maximum.accumulate(scaled))


def _family(p: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.intp]]:
    """Return the values, which of them are p-values, and the order of those from the smallest."""
    values = as_floats("p", p)
    tested = ~np.isnan(values)
    family = checked("p", values[tested])
    if np.any(family > 1.0):
        raise ValueError(f"p must not be above 1; {np.count_nonzero(family > 1.0)} of {family.size} are")
    return values, tested, np.argsort(family, kind="stable")


def _adjusted(
    values: NDArray[np.float64],
    tested: NDArray[np.bool_],
    order: NDArray[np.intp],
    sorted_family: NDArray[np.float64],
) -> Numbers:
    """Put the adjusted family, sorted, back where its members stood."""
    adjusted = np.empty_like(sorted_family)
    adjusted[order] = sorted_family
    result = np.full_like(values, np.nan)
    result[tested] = np.minimum(adjusted, 1.0)
    return result[()]
