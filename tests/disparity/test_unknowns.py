"""Bounds from people of unknown ethnicity."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disparity.unknowns import ratio_bounds


def test_worked_by_hand():
    # 32/140 beside 8/60, 4 of 20 unknown: (36/160)/(8/60) and (32/140)/(12/80)
    low, high = ratio_bounds(32, 140, 8, 60, 4, 20)
    assert low == pytest.approx(32 / 140 * 80 / 12)
    assert high == pytest.approx(36 / 160 * 60 / 8)


def test_no_unknown_leaves_the_ratio():
    assert ratio_bounds(3, 10, 2, 10, 0, 0) == pytest.approx((1.5, 1.5))


def test_groups_without_events():
    assert ratio_bounds(3, 10, 0, 10, 0, 5) == (np.inf, np.inf)
    assert ratio_bounds(0, 10, 0, 10, 2, 5) == (0, np.inf)
    assert np.all(np.isnan(ratio_bounds(0, 10, 0, 10, 0, 5)))


@settings(deadline=None)
@given(*[st.tuples(st.integers(0, 50), st.integers(1, 50)) for _ in range(3)])
def test_order_and_swap(first, second, unknown):
    groups = [(events, events + others) for events, others in (first, second, unknown)]
    low, high = ratio_bounds(*groups[0], *groups[1], *groups[2])
    back = ratio_bounds(*groups[1], *groups[0], *groups[2])
    if np.isnan(low):
        assert groups[0][0] == groups[1][0] == groups[2][0] == 0
        return
    assert low <= high
    with np.errstate(divide="ignore"):
        assert np.divide(1.0, back.high) == pytest.approx(low)


def test_arrays_and_refusals():
    assert ratio_bounds([1, 2], 10, [[1], [2], [3]], 10, 1, 2).low.shape == (3, 2)
    with pytest.raises(ValueError, match="unknown_events must not be above unknown_n"):
        ratio_bounds(1, 2, 1, 2, 3, 2)
    with pytest.raises(ValueError, match="n_2"):
        ratio_bounds(1, 2, 0, 0, 1, 2)
