"""Halves go away from zero wherever a figure is rounded for people."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from disparity.rounding import half_up, written


@pytest.mark.parametrize(
    ("events", "base", "decimals", "percent"),
    [
        (25, 200, 0, "13"),
        (1, 8, 1, "12.5"),
        (1, 16, 1, "6.3"),
        (5, 1000, 0, "1"),
        (199, 200, 0, "100"),
        (3, 8, 0, "38"),
    ],
)
def test_a_rate_is_rounded_as_a_spreadsheet_has_it(
    events: int, base: int, decimals: int, percent: str
) -> None:
    assert written(100 * events / base, decimals) == percent


@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.integers(0, 2))
def test_every_rate_is_rounded_as_exact_fractions_are(counts: tuple[int, int], decimals: int) -> None:
    events, base = counts
    exact = Fraction(100 * events * 10**decimals, base)
    assert half_up(100 * events / base, decimals).item() == math.floor(exact + Fraction(1, 2)) / 10**decimals


@given(st.decimals(-(10**6), 10**6, places=4, allow_nan=False), st.integers(0, 3))
def test_a_decimal_is_rounded_as_it_is_written(value: Decimal, decimals: int) -> None:
    exact = value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    assert half_up(float(value), decimals).item() == float(exact)
    assert Decimal(written(float(value), decimals)) == exact


def test_what_is_no_number_stays_and_there_is_no_minus_zero() -> None:
    rounded = half_up([math.nan, math.inf, -math.inf, -0.2])
    np.testing.assert_array_equal(rounded, [math.nan, math.inf, -math.inf, 0.0])
    assert not np.signbit(rounded[-1])
    assert written(-0.2) == "0"


@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_rounding_keeps_the_sign_and_moves_no_further_than_half(value: float) -> None:
    rounded = half_up(value, 1).item()
    assert rounded * value >= 0
    assert abs(rounded - value) <= 0.05 * (1 + 1e-9) + 2e-12 * abs(value)
