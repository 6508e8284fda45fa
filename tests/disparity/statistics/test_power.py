"""Detectable disparities against the exact power of the test, counted over every table."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from disparity.statistics import effect
from disparity.statistics.power import smallest_detectable_ratio
from disparity.statistics.proportions import risk_ratio


def power_by_counting(
    n1: int, rate_1: float, n2: int, rate_2: float, level: float = 0.95
) -> tuple[float, float]:
    """Return the chance that `risk_ratio` finds group 2 higher, and that it finds group 1 higher."""
    x1, x2 = np.meshgrid(np.arange(n1 + 1), np.arange(n2 + 1), indexing="ij")
    compared = risk_ratio(x1, n1, x2, n2, level=level)
    likely = binom.pmf(x1, n1, rate_1) * binom.pmf(x2, n2, rate_2)
    found = compared.p_value < 1 - level
    return likely[found & (compared.statistic < 0)].sum(), likely[found & (compared.statistic > 0)].sum()


def rates_at(ratio: float, n1: int, n2: int, pooled: float) -> tuple[float, float]:
    """Return the two rates of this ratio that make up the pooled rate."""
    if np.isinf(ratio):
        return pooled * (n1 + n2) / n1, 0.0
    rate_2 = pooled * (n1 + n2) / (n1 * ratio + n2)
    return min(ratio * rate_2, 1.0), rate_2


def furthest(n1: int, n2: int, pooled: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the rates furthest apart that make up the pooled rate: group 2 the higher, group 1 the higher."""
    total = n1 + n2
    wide = min(pooled * total / n1, (1 - pooled) * total / n2)
    other = min(pooled * total / n2, (1 - pooled) * total / n1)
    return (
        (max(pooled - other * n2 / total, 0.0), min(pooled + other * n1 / total, 1.0)),
        (min(pooled + wide * n2 / total, 1.0), max(pooled - wide * n1 / total, 0.0)),
    )


@pytest.mark.parametrize(("level", "power"), [(0.95, 0.8), (0.9, 0.9), (0.99, 0.5)])
@pytest.mark.parametrize(
    ("n1", "n2", "pooled"),
    [
        (1, 1, 0.5),
        (1, 9, 0.4),
        (1, 11, 0.2),
        (3, 3, 0.5),
        (5, 12, 0.3),
        (12, 5, 0.3),
        (7, 40, 0.9),
        (40, 7, 0.05),
        (10, 10, 0.5),
        (30, 90, 0.2),
        (90, 30, 0.02),
        (60, 140, 0.2),
        (4000, 20, 0.5),
    ],
)
def test_the_ratio_is_found_as_often_as_said(n1, n2, pooled, level, power):
    detectable = smallest_detectable_ratio(n1, n2, pooled, level=level, power=power)
    for side, ratio in enumerate(detectable):
        if np.isnan(ratio):
            rates = furthest(n1, n2, pooled)[side]
            assert power_by_counting(n1, rates[0], n2, rates[1], level)[side] < power
            continue
        assert ratio < 1 if side == 0 else ratio > 1
        rates = rates_at(float(ratio), n1, n2, pooled)
        assert power_by_counting(n1, rates[0], n2, rates[1], level)[side] == pytest.approx(power, abs=1e-6)


# 3,000 people at a half have 342 counts within six deviations, so every other one is summed; 1,600 have 253.
@pytest.mark.parametrize(("n1", "n2", "tolerance"), [(3000, 3100, 1e-3), (1600, 1610, 1e-6)])
def test_the_power_is_as_said_where_counts_are_passed_over_and_where_they_just_are_not(n1, n2, tolerance):
    pooled = 0.5
    detectable = smallest_detectable_ratio(n1, n2, pooled)
    for side, ratio in enumerate(detectable):
        rate_1, rate_2 = rates_at(float(ratio), n1, n2, pooled)
        x1 = np.arange(n1 // 2 - 200, n1 // 2 + 201)[:, np.newaxis]
        x2 = np.arange(n2 // 2 - 200, n2 // 2 + 201)
        compared = risk_ratio(x1, n1, x2, n2)
        found = (compared.p_value < 0.05) & (np.sign(compared.statistic) == (-1, 1)[side])
        likely = binom.pmf(x1, n1, rate_1) * binom.pmf(x2, n2, rate_2)
        assert likely[found].sum() == pytest.approx(0.8, abs=tolerance)


# The examples of R's power.prop.test: 50 a group at 0.50 and 0.75 have power 0.740; 76.7 a group have 0.90.
def test_near_the_normal_approximation_of_r():
    assert smallest_detectable_ratio(50, 50, 0.625, power=0.740).above == pytest.approx(1.5, rel=0.02)
    assert smallest_detectable_ratio(77, 77, 0.625, power=0.9).above == pytest.approx(1.5, rel=0.02)
    million = 10**6
    expected = 0.3 + np.array([-0.5, 0.5]) * (1.959964 + 0.841621) * np.sqrt(0.3 * 0.7 * 2 / million)
    assert smallest_detectable_ratio(million, million, 0.3).above == pytest.approx(
        expected[1] / expected[0], rel=1e-5
    )


@settings(deadline=None, max_examples=80)
@given(st.integers(1, 400), st.integers(1, 400), st.floats(0, 1))
def test_swapping_inverts_and_more_people_show_more(n1, n2, pooled):
    one, swapped = smallest_detectable_ratio(n1, n2, pooled), smallest_detectable_ratio(n2, n1, pooled)
    for ours, theirs in ((one.below, swapped.above), (one.above, swapped.below)):
        assert np.isnan(ours) == np.isnan(theirs)
        if not np.isnan(ours):
            assert ours * theirs == pytest.approx(1) or (ours, theirs) in ((0, np.inf), (np.inf, 0))
    assert np.isnan(one.below) or 0 <= one.below < 1
    assert np.isnan(one.above) or one.above > 1
    if not np.isnan(one.above):
        assert smallest_detectable_ratio(50 * n1, 50 * n2, pooled).above < one.above
        assert smallest_detectable_ratio(n1, n2, pooled, power=0.7).above < one.above


def test_no_ratio_where_none_could_be_shown():
    assert np.isnan(smallest_detectable_ratio(500, 400, [0, 1])).all()
    assert np.isnan(smallest_detectable_ratio(2, 2, 0.5)).all()
    # The rarer the event, the more of a group of 30 must have none of it: not even then would it show.
    assert np.isnan(smallest_detectable_ratio(200, 30, 0.05).above)


def test_nothing_more_is_asked_where_equal_rates_are_found_as_often():
    # One person beside a thousand: the event of that one is found at any level, and is not so rare as that.
    found = power_by_counting(1000, 0.001, 1, 0.001, level=0.9999)[0]
    assert found > 0.0003
    assert smallest_detectable_ratio(1000, 1, 0.001, level=0.9999, power=0.0003).below == 1
    assert smallest_detectable_ratio(1, 1000, 0.001, level=0.9999, power=0.0003).above == 1
    assert smallest_detectable_ratio(1000, 1, 0.001, level=0.9999, power=0.002).below < 1


def test_shapes_company_and_the_other_name():
    assert effect.smallest_detectable_ratio is smallest_detectable_ratio
    assert all(isinstance(field, float) for field in smallest_detectable_ratio(20, 30, 0.3))
    many = smallest_detectable_ratio([[20], [3000]], [30, 300, 4], 0.3)
    assert many.above.shape == (2, 3)
    assert many.above[0, 1] == pytest.approx(smallest_detectable_ratio(20, 300, 0.3).above, rel=1e-9)
    assert many.below[1, 0] == pytest.approx(smallest_detectable_ratio(3000, 30, 0.3).below, rel=1e-9)
    assert smallest_detectable_ratio([], [], 0.3).above.shape == (0,)
    blocks = smallest_detectable_ratio(np.full(700, 20), 30, 0.3).above
    np.testing.assert_allclose(blocks, blocks[0], rtol=1e-9)


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((0, 5, 0.3), {}, "^n_1 must be finite and at least 1"),
        ((5, 0, 0.3), {}, "^n_2 must be finite and at least 1"),
        ((5, 5.5, 0.3), {}, "^n_2 must be whole numbers; 1 of 1 are not$"),
        ((5, 5, [1.2, 0.5, 1.0]), {}, "^pooled_rate must not be above 1; 1 of 3 are$"),
        ((5, 5, float("nan")), {}, "^pooled_rate must be finite"),
        ((5, "Ama", 0.2), {}, "^n_2 must be numbers$"),
        ((5, 5, 0.2), {"power": 0.05}, "^power must be between 1 - level and 1$"),
        ((5, 5, 0.2), {"power": 0.5, "level": 0.5}, "^power must be between"),
        ((5, 5, 0.2), {"power": 1.0}, "^power must be between"),
        ((5, 5, 0.2), {"level": 95}, "^level must be between"),
    ],
)
def test_refusals_name_the_argument(arguments, options, message):
    with pytest.raises(ValueError, match=message):
        smallest_detectable_ratio(*arguments, **options)
