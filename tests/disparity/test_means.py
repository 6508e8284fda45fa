"""Means against scipy's Welch test, and at the edges where nothing can be told."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disparity.means import mean_difference, mean_ratio

groups = st.tuples(st.integers(2, 5000), st.floats(0.1, 1000), st.floats(0.01, 500))


# Welch (1947) as worked in scipy's and R's t.test: two samples given whole.
def test_welch_difference_against_scipy():
    from scipy.stats import ttest_ind

    generator = np.random.default_rng(5)
    for n1, n2, spread in ((2, 2, 1.0), (5, 40, 3.0), (300, 12, 0.2)):
        first, second = generator.normal(5, 1, n1), generator.normal(4.5, spread, n2)
        expected = ttest_ind(first, second, equal_var=False)
        interval = expected.confidence_interval(0.95)
        result = mean_difference(n1, first.mean(), first.std(ddof=1), n2, second.mean(), second.std(ddof=1))
        assert result.statistic == pytest.approx(expected.statistic)
        assert result.p_value == pytest.approx(expected.pvalue)
        assert (result.low, result.high) == pytest.approx((interval.low, interval.high))
        assert result.estimate == pytest.approx(first.mean() - second.mean())


def test_fieller_ratio_solves_its_equation():
    from scipy.stats import t

    n1, m1, s1, n2, m2, s2 = 30, 12.0, 4.0, 25, 9.0, 3.5
    result = mean_ratio(n1, m1, s1, n2, m2, s2)
    v1, v2 = s1**2 / n1, s2**2 / n2
    freedom = (v1 + v2) ** 2 / (v1**2 / (n1 - 1) + v2**2 / (n2 - 1))
    for limit in (result.low, result.high):
        distance = abs(m1 - limit * m2) / np.sqrt(v1 + limit**2 * v2)
        assert distance == pytest.approx(t.ppf(0.975, freedom))
    assert result.estimate == pytest.approx(4 / 3)
    assert result.low < result.estimate < result.high


@settings(deadline=None, max_examples=200)
@given(groups, groups, st.sampled_from([0.8, 0.95, 0.99]))
def test_interval_and_p_agree_and_swap(first, second, level):
    difference, ratio = (compare(*first, *second, level=level) for compare in (mean_difference, mean_ratio))
    assert difference.p_value == ratio.p_value
    if abs(difference.p_value - (1 - level)) > 1e-9:
        rejected = difference.p_value < 1 - level
        assert (difference.low > 0 or difference.high < 0) == rejected
        assert (ratio.low > 1 or ratio.high < 1) == rejected
    swapped = mean_difference(*second, *first, level=level)
    assert difference.low == pytest.approx(-swapped.high)
    inverted = mean_ratio(*second, *first, level=level)
    assert 0 <= ratio.low <= ratio.estimate * (1 + 1e-9)
    assert ratio.estimate <= ratio.high * (1 + 1e-9)
    assert ratio.low == pytest.approx(1 / inverted.high, rel=1e-6, abs=1e-12)


@pytest.mark.parametrize(
    "groups_",
    [
        (1, 3.0, float("nan"), 20, 4.0, 1.0),
        (0, float("nan"), float("nan"), 20, 4.0, 1.0),
        (20, 3.0, 0.0, 20, 4.0, 0.0),
    ],
)
def test_nothing_to_tell_variation_from(groups_):
    difference, ratio = mean_difference(*groups_), mean_ratio(*groups_)
    for result in (difference, ratio):
        assert np.isnan(result.p_value)
        assert np.isnan(result.statistic)
        assert np.isposinf(result.high)
    assert np.isneginf(difference.low)
    assert ratio.low == 0


def test_one_constant_group_leaves_the_others_freedom():
    from scipy.stats import t

    result = mean_difference(10, 5.0, 0.0, 10, 4.0, 1.0)
    assert result.p_value == pytest.approx(2 * t.sf(np.sqrt(10), 9))


def test_a_mean_of_nothing():
    result = mean_ratio([20, 20, 20], [0.0, 3.0, 0.0], [0.0, 1.0, 0.0], 20, [3.0, 0.0, 0.0], [1.0, 0.0, 0.0])
    np.testing.assert_array_equal(result.estimate, [0, np.inf, np.nan])
    assert result.low[0] == 0
    assert result.high[0] < 1
    assert result.low[1] > 1
    assert result.high[1] == np.inf
    assert (result.low[2], result.high[2]) == (0, np.inf)


def test_scalars_give_scalars_and_arrays_broadcast():
    assert all(isinstance(field, float) for field in mean_difference(5, 1, 1, 5, 2, 1))
    assert all(isinstance(field, float) for field in mean_ratio(5, 1, 1, 5, 2, 1))
    assert mean_ratio([[5], [9]], 1, 1, 5, [2, 3, 4], 1).low.shape == (2, 3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((-1, 1, 1, 5, 1, 1), "n_1"),
        ((5, float("nan"), 1, 5, 1, 1), "mean_1"),
        ((5, 1, 1, 5, 1, -1), "sd_2"),
        ((5, 1, 1, 5, 1, float("nan")), "sd_2"),
        ((5, "Ama", 1, 5, 1, 1), "mean_1 must be numbers$"),
    ],
)
@pytest.mark.parametrize("compare", [mean_difference, mean_ratio])
def test_refusals_name_the_argument(compare, arguments, message):
    with pytest.raises(ValueError, match=message):
        compare(*arguments)


def test_ratio_refuses_negative_means():
    with pytest.raises(ValueError, match="mean_2 must not be negative"):
        mean_ratio(5, 1, 1, 5, -1, 1)
