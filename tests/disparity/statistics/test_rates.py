"""Rates against published values, scipy's distributions and their own test."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disparity.statistics.rates import byar, exact_poisson, rate, rate_ratio

CASES = {
    case["id"]: case
    for case in json.loads(
        (Path(__file__).parents[2] / "reference" / "cases.json").read_text(encoding="utf-8")
    )
}
X1, X2, T1, T2 = (a.ravel() for a in np.meshgrid(range(16), range(12), [1, 3.5, 40], [1, 7], indexing="ij"))


def test_byar_reference():
    case = CASES["byar_65"]
    assert byar(65) == pytest.approx(case["expected"], abs=case["abs_tol"], rel=0)


def test_exact_rate_reference():
    case = CASES["pois_1"]
    result = rate(case["inputs"]["x"], case["inputs"]["n"])
    limits = [limit * case["inputs"]["mult"] for limit in (result.low, result.high)]
    assert limits == pytest.approx(case["expected"], abs=case["abs_tol"], rel=0)


# Garwood (1936), table: 95% limits of a Poisson count.
@pytest.mark.parametrize(
    ("events", "expected"),
    [(0, (0, 3.69)), (1, (0.0253, 5.57)), (5, (1.62, 11.67)), (10, (4.80, 18.39)), (50, (37.11, 65.92))],
)
def test_garwood_1936(events, expected):
    assert exact_poisson(events) == pytest.approx(expected, abs=0.0051)


def test_poisson_limits_leave_the_tail_they_should():
    from scipy.stats import poisson

    x = np.arange(1, 200)
    low, high = exact_poisson(x, level=0.9)
    np.testing.assert_allclose(poisson.sf(x - 1, low), 0.05, rtol=1e-9)
    np.testing.assert_allclose(poisson.cdf(x, high), 0.05, rtol=1e-9)
    near = byar(x[9:], level=0.9)
    np.testing.assert_allclose(near.low, low[9:], rtol=0.01)
    np.testing.assert_allclose(near.high, high[9:], rtol=0.01)


def test_byar_never_goes_below_nothing():
    assert byar(0).low == 0
    assert byar(1, level=0.9999).low == 0


def test_rate_turns_from_exact_to_byar_at_ten():
    result = rate([9, 10], 2.0)
    assert result.low[0] == exact_poisson(9).low / 2
    assert result.low[1] == byar(10).low / 2
    assert result.high[0] == exact_poisson(9).high / 2
    assert result.high[1] == byar(10).high / 2
    np.testing.assert_array_equal(result.estimate, [4.5, 5])
    assert isinstance(rate(3, 10).low, float)


def test_a_rate_has_the_level_asked_for():
    result = rate([9, 10], 2.0, level=0.8)
    assert (result.low[0] * 2, result.high[0] * 2) == exact_poisson(9, level=0.8)
    assert (result.low[1] * 2, result.high[1] * 2) == byar(10, level=0.8)


@pytest.mark.parametrize("level", [0.8, 0.95])
def test_every_small_rate_ratio(level):
    estimate, low, high, statistic, p = rate_ratio(X1, T1, X2, T2, level=level)
    none = (X1 == 0) & (X2 == 0)
    np.testing.assert_array_equal(np.isnan(estimate), none)
    assert np.all(p[none] == 1)
    assert np.all(statistic[none] == 0)
    np.testing.assert_array_equal(low == 0, X1 == 0)
    np.testing.assert_array_equal(np.isposinf(high), X2 == 0)
    assert np.all((low <= estimate) & (estimate <= high) | none)
    np.testing.assert_array_equal((low > 1) | (high < 1), p < 1 - level)
    swapped = rate_ratio(X2, T2, X1, T1, level=level)
    np.testing.assert_allclose(low[X1 > 0], 1 / swapped.high[X1 > 0], rtol=1e-12)
    np.testing.assert_allclose(p, swapped.p_value, rtol=1e-9)
    np.testing.assert_allclose(statistic, -swapped.statistic, atol=1e-12)


def test_rate_ratio_p_is_twice_the_smaller_binomial_tail():
    from scipy.stats import binom

    share = T1 / (T1 + T2)
    tail = np.minimum(binom.cdf(X1, X1 + X2, share), binom.sf(X1 - 1, X1 + X2, share))
    np.testing.assert_allclose(rate_ratio(X1, T1, X2, T2).p_value, np.minimum(1, 2 * tail), rtol=1e-9)


def test_rate_ratio_limits_are_clopper_pearson():
    from scipy.stats import binomtest

    share = binomtest(12, 20).proportion_ci(0.95, method="exact")
    result = rate_ratio(12, 100, 8, 300)
    assert result.estimate == pytest.approx(4.5)
    assert result.low == pytest.approx(3 * share.low / (1 - share.low), rel=1e-9)
    assert result.high == pytest.approx(3 * share.high / (1 - share.high), rel=1e-9)
    # At equal rates a quarter of the 20 events would be the first group's: 5, of variance 20/4 * 3/4.
    assert result.statistic == pytest.approx((12 - 5) / np.sqrt(3.75))


@settings(deadline=None, max_examples=100)
@given(st.integers(0, 100_000), st.floats(0.01, 1e6), st.integers(0, 100_000), st.floats(0.01, 1e6))
def test_rate_ratio_agrees_with_its_p_at_any_size(x1, t1, x2, t2):
    result = rate_ratio(x1, t1, x2, t2)
    assert 0 <= result.p_value <= 1
    if abs(result.p_value - 0.05) > 1e-9:
        assert (result.low > 1 or result.high < 1) == (result.p_value < 0.05)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((-1, 1, 1, 1), "^events_1 must be finite and at least 0"),
        ((1, 0, 1, 1), "^exposure_1 must be above 0"),
        ((1, 1, float("nan"), 1), "^events_2 must be finite"),
        ((1, 1, 1, -2), "^exposure_2 must be finite and at least 0"),
    ],
)
def test_refusals_name_the_argument(arguments, message):
    with pytest.raises(ValueError, match=message):
        rate_ratio(*arguments)


def test_refusals_of_one_rate():
    with pytest.raises(ValueError, match=r"^exposure must be above 0; 2 of 3 are not$"):
        rate(1, [0, 1, 0])
    for interval in (exact_poisson, byar, lambda events: rate(events, 1)):
        with pytest.raises(ValueError, match=r"^events must be finite and at least 0"):
            interval(-1)
    with pytest.raises(ValueError, match="level"):
        byar(1, level=2)
