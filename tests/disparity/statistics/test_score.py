"""Constrained rates against the likelihood itself, and limits on the side of their p."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import xlog1py, xlogy

from disparity.statistics.score import Tables, beside_one, difference_variance, low_beside, ratio_moments

TABLE = Tables(*(np.array([count]) for count in (7.0, 20.0, 5.0, 31.0)))


def likeliest(rate_1_of, least: float, most: float) -> tuple[float, float]:
    """Both rates where the likelihood of the table is largest, rate 1 being a function of rate 2."""

    def lost(rate_2: float) -> float:
        rate_1 = rate_1_of(rate_2)
        return -(xlogy(7, rate_1) + xlog1py(13, -rate_1) + xlogy(5, rate_2) + xlog1py(26, -rate_2))

    rate_2 = minimize_scalar(lost, bounds=(least, most), method="bounded", options={"xatol": 1e-10}).x
    return rate_1_of(rate_2), rate_2


@pytest.mark.parametrize("difference", [-0.3, 0.0, 0.45])
def test_variance_at_the_likeliest_rates_that_differ_by_so_much(difference):
    p1, p2 = likeliest(lambda rate: rate + difference, max(0, -difference), min(1, 1 - difference))
    expected = p1 * (1 - p1) / 20 + p2 * (1 - p2) / 31
    assert difference_variance(TABLE, np.array([difference])) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("ratio", [0.4, 1.0, 3.0])
def test_moments_at_the_likeliest_rates_of_a_ratio(ratio):
    p1, p2 = likeliest(lambda rate: rate * ratio, 0, min(1, 1 / ratio))
    common, variance = ratio_moments(TABLE, np.ones(1), np.array([ratio]))
    assert common == pytest.approx(p1, rel=1e-6)
    assert variance == pytest.approx(p1 * (1 - p1) / 20 + ratio**2 * p2 * (1 - p2) / 31, rel=1e-6)


def test_limits_are_put_on_the_side_of_their_p():
    low, high = np.array([1.0, 1.1, 0.5, 0.5]), np.array([2.0, 2.0, 1.0, 0.9])
    above, significant = np.array([True, True, False, False]), np.array([True, False, True, False])
    low, high = beside_one(low, high, above, significant)
    np.testing.assert_array_equal(low, [np.nextafter(1, 2), 1, 0.5, 0.5])
    np.testing.assert_array_equal(high, [2, 2, np.nextafter(1, 0), 1])
    np.testing.assert_array_equal(
        low_beside(0.0, np.array([0.0, 1e-17]), np.array([True, True]), np.array([True, False])),
        [np.nextafter(0, 1), 0],
    )


def test_tables_swapped_and_taken():
    tables = Tables(*np.arange(12).reshape(4, 3))
    assert tables.swapped().swapped()[0] is tables.x1
    np.testing.assert_array_equal(tables.swapped(), tables[2:] + tables[:2])
    np.testing.assert_array_equal(tables.take(slice(1, 2)), [[1], [4], [7], [10]])


def test_moments_of_weights_that_are_both_larger_are_larger_by_as_much() -> None:
    ratio = np.array([1.7])
    common, variance = ratio_moments(TABLE, np.ones(1), ratio)
    times_3, squared = ratio_moments(TABLE, np.full(1, 3.0), 3.0 * ratio)
    np.testing.assert_allclose((times_3, squared), (3.0 * common, 9.0 * variance), rtol=1e-12)
