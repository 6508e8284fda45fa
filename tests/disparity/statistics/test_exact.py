"""Exact tests against published values, rational arithmetic, scipy and their own definitions."""

from __future__ import annotations

import json
from fractions import Fraction
from functools import cache
from math import comb
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from disparity.statistics import exact
from disparity.statistics.exact import (
    BOSCHLOO,
    FISHER,
    LARGEST_FOR_BOSCHLOO,
    MID_P_FISHER,
    boschloo,
    exact_test,
    fisher,
    fisher_mid_p,
)

CASES = json.loads((Path(__file__).parents[2] / "reference" / "cases.json").read_text(encoding="utf-8"))
TESTS = [fisher, fisher_mid_p, boschloo, exact_test]


def cases(kind):
    return pytest.mark.parametrize("case", [c for c in CASES if c["kind"] == kind], ids=lambda c: c["id"])


def every_table(most_1, most_2, *, least=1):
    """Every table of two groups of ``least`` to ``most`` people each."""
    sizes = np.arange(least, most_1 + 1), np.arange(least, most_2 + 1)
    x1, n1, x2, n2 = np.meshgrid(
        np.arange(most_1 + 1), sizes[0], np.arange(most_2 + 1), sizes[1], indexing="ij"
    )
    possible = (x1 <= n1) & (x2 <= n2)
    return x1[possible], n1[possible], x2[possible], n2[possible]


X1, N1, X2, N2 = every_table(9, 6)


@st.composite
def tables(draw, most):
    n1, n2 = draw(st.integers(1, most)), draw(st.integers(1, most))
    return draw(st.integers(0, n1)), n1, draw(st.integers(0, n2)), n2


@cache
def conditional(n1, n2, events):
    """Probability of each number of events in group 1, given the events in both, as fractions."""
    possible = range(max(0, events - n2), min(n1, events) + 1)
    return {a: Fraction(comb(n1, a) * comb(n2, events - a), comb(n1 + n2, events)) for a in possible}


def lower_tail(x1, n1, x2, n2):
    return sum(p for a, p in conditional(n1, n2, x1 + x2).items() if a <= x1)


@cases("fisher_two_sided")
def test_fisher_reference(case):
    (a, b), (c, d) = case["inputs"]["table"]
    for table in ((a, a + b, c, c + d), (a, a + c, b, b + d)):
        assert fisher(*table).p_value == pytest.approx(case["expected"], abs=case["abs_tol"], rel=0)


@cases("boschloo_two_sided_central")
def test_boschloo_reference(case):
    (a, b), (c, d) = case["inputs"]["table"]  # a column for each group
    result = boschloo(a, a + c, b, b + d)
    expected = pytest.approx(case["expected"], abs=case["abs_tol"], rel=0)
    assert [result.statistic, result.p_value] == expected


def test_boschloo_of_saari_and_others_2004():
    # Satisfied with their job, 74 of 117 professors and 31 of 63 scientists: Hum Resour Manage 43, 395-407,
    # worked one-sided in the documentation of scipy.stats.boschloo_exact, which cuts its digits off.
    result = boschloo(74, 117, 31, 63)
    assert (result.statistic, result.p_value / 2) == pytest.approx((0.0483, 0.0355), abs=1e-4)


def test_ritland_and_others_2007():
    # 0 of 16 and 15 of 72, from the tests of Fagerland, Lydersen and Laake's R package contingencytables
    # (ocbe-uio/contingencytables, tests/testthat/test-ch4.R).
    assert fisher(0, 16, 15, 72).p_value == pytest.approx(0.06287, abs=5.1e-6)
    assert fisher_mid_p(0, 16, 15, 72).p_value == pytest.approx(0.04466, abs=5.1e-6)


def test_a_lady_tasting_tea():
    # Fisher (1935), The Design of Experiments, chapter II: 3 of 4 right has 17 of 70 as its one tail.
    result = fisher(3, 4, 1, 4)
    assert (result.statistic, result.p_value) == pytest.approx((17 / 70, 34 / 70), rel=1e-13)
    assert fisher_mid_p(3, 4, 1, 4).p_value == pytest.approx(18 / 70, rel=1e-13)


def test_every_small_table_against_fractions():
    expected = []
    for x1, n1, x2, n2 in zip(*(column.tolist() for column in (X1, N1, X2, N2)), strict=True):
        probabilities = conditional(n1, n2, x1 + x2)
        seen = probabilities[x1]
        rarer = sum(p for p in probabilities.values() if p < seen)
        alike = sum(p for p in probabilities.values() if p == seen)
        tails = lower_tail(x1, n1, x2, n2), lower_tail(x2, n2, x1, n1)
        half = rarer + alike / 2 if len(probabilities) > 1 else 1
        expected.append([float(min(tails)), float(rarer + alike), float(half)])
    statistic, p_value, mid_p = np.transpose(expected)
    np.testing.assert_allclose(fisher(X1, N1, X2, N2).p_value, p_value, rtol=1e-12)
    np.testing.assert_allclose(fisher_mid_p(X1, N1, X2, N2).p_value, mid_p, rtol=1e-12)
    for test in TESTS:
        np.testing.assert_allclose(test(X1, N1, X2, N2).statistic, statistic, rtol=1e-12)


def one_sided(table, tail, rates):
    """Largest probability over ``rates`` of a one-sided p no larger than that of ``table``, by definition."""
    _, n1, _, n2 = table
    both = [(a, b) for a in range(n1 + 1) for b in range(n2 + 1)]
    extreme = np.array([tail(a, n1, b, n2) <= tail(*table) for a, b in both])
    a, b = np.transpose(both)
    probability = stats.binom.pmf(a, n1, rates[:, None]) * stats.binom.pmf(b, n2, rates[:, None])
    return probability[:, extreme].sum(axis=1).max()


@pytest.mark.parametrize(
    "table", [(5, 7, 1, 6), (0, 4, 5, 7), (1, 1, 0, 9), (3, 3, 2, 8), (2, 5, 2, 5), (9, 20, 0, 5)]
)
def test_boschloo_against_its_definition(table):
    rates = np.sin(np.linspace(0, np.pi / 2, 20_001)) ** 2
    low = one_sided(table, lower_tail, rates)
    high = one_sided(table, lambda a, n1, b, n2: lower_tail(b, n2, a, n1), rates)
    assert boschloo(*table).p_value == pytest.approx(min(1, 2 * min(low, high)), rel=1e-7)


def test_boschloo_is_that_of_scipy_on_a_sample():
    rng = np.random.default_rng(1970)
    n1, n2 = rng.integers(2, 31, (2, 60))
    x1, x2 = rng.integers(1, n1), rng.integers(0, n2 + 1)
    result = boschloo(x1, n1, x2, n2)
    expected = [
        stats.boschloo_exact(table) for table in np.transpose([[x1, x2], [n1 - x1, n2 - x2]], (2, 0, 1))
    ]
    np.testing.assert_allclose(result.p_value, [each.pvalue for each in expected], rtol=1e-9)
    np.testing.assert_allclose(result.statistic, [each.statistic for each in expected], rtol=1e-11)


@pytest.mark.parametrize("level", [0.05, 0.01])
def test_boschloo_rejects_no_more_often_than_the_level(level):
    x1, n1, x2, n2 = every_table(13, 11)
    rejected = boschloo(x1, n1, x2, n2).p_value <= level
    sizes = np.zeros((14, 12))
    for rate in np.linspace(0, 1, 101):
        chance = stats.binom.pmf(x1, n1, rate) * stats.binom.pmf(x2, n2, rate) * rejected
        at_rate = np.zeros_like(sizes)
        np.add.at(at_rate, (n1, n2), chance)
        sizes = np.maximum(sizes, at_rate)
    assert sizes.max() <= level
    # Not by never rejecting: with 13 and 11 Fisher's test reaches 0.034 and 0.004.
    assert sizes[13, 11] > 0.8 * level


@pytest.mark.parametrize("test", TESTS)
def test_p_and_statistic_keep_to_their_bounds_and_symmetries(test):
    result = test(X1, N1, X2, N2)
    assert np.all((result.p_value > 0) & (result.p_value <= 1) & (result.statistic <= 1))
    for other in (test(X2, N2, X1, N1), test(N1 - X1, N1, N2 - X2, N2), test(N2 - X2, N2, N1 - X1, N1)):
        np.testing.assert_array_equal(result.p_value, other.p_value)
        np.testing.assert_array_equal(result.statistic, other.statistic)
    assert np.all(result.p_value[(X1 + X2 == 0) | (X1 + X2 == N1 + N2)] == 1)


def test_boschloo_is_never_above_twice_the_one_sided_fisher():
    result = boschloo(X1, N1, X2, N2)
    assert np.all(result.p_value <= np.minimum(1, 2 * result.statistic))
    assert np.mean(result.p_value < 2 * result.statistic) > 0.5


def test_mid_p_is_below_fisher_where_tables_could_differ():
    apart = (X1 + X2 > 0) & (X1 + X2 < N1 + N2)
    assert np.all(fisher_mid_p(X1, N1, X2, N2).p_value[apart] < fisher(X1, N1, X2, N2).p_value[apart])


def test_exact_test_says_which_it_took():
    x1, n1 = [2, 2, 2], [10, 10, 10]
    x2, n2 = [30, 30, 30], [LARGEST_FOR_BOSCHLOO - 10, LARGEST_FOR_BOSCHLOO - 9, 900]
    result = exact_test(x1, n1, x2, n2)
    assert result.method.tolist() == [BOSCHLOO, MID_P_FISHER, MID_P_FISHER]
    assert result.p_value[0] == boschloo(2, 10, 30, n2[0]).p_value
    np.testing.assert_array_equal(result.p_value[1:], fisher_mid_p(2, 10, 30, n2[1:]).p_value)
    assert boschloo(2, 10, 30, 900).method == BOSCHLOO
    assert fisher(2, 10, 30, 900).method == FISHER
    assert fisher_mid_p(2, 10, [30], 900).method.tolist() == [MID_P_FISHER]


@pytest.mark.parametrize("test", TESTS)
def test_scalars_give_scalars_and_arrays_broadcast(test):
    one = test(3, 10, 2, 12)
    assert isinstance(one.p_value, float)
    assert isinstance(one.method, str)
    many = test([[3], [5]], 10, [1, 2, 3], 12)
    assert many.p_value.shape == many.statistic.shape == many.method.shape == (2, 3)
    assert many.p_value[0, 1] == pytest.approx(one.p_value, rel=1e-13)
    assert test([], [], [], []).p_value.shape == (0,)


@pytest.mark.parametrize("test", TESTS)
def test_a_table_has_the_same_p_in_any_company(test, monkeypatch):
    together = test(X1, N1, X2, N2)
    monkeypatch.setattr(exact, "_CELLS", 500)
    np.testing.assert_allclose(test(X1, N1, X2, N2).p_value, together.p_value, rtol=1e-12)
    for row in range(0, X1.size, 211):
        alone = test(X1[row], N1[row], X2[row], N2[row])
        assert alone.p_value == pytest.approx(together.p_value[row], rel=1e-12)


@settings(deadline=None, max_examples=40)
@given(tables(most=3000))
def test_fisher_at_any_size(table):
    x1, n1, x2, n2 = table
    result = fisher(*table)
    expected = stats.fisher_exact([[x1, n1 - x1], [x2, n2 - x2]]).pvalue
    assert result.p_value == pytest.approx(expected, rel=1e-8, abs=1e-300)
    tails = stats.hypergeom.cdf(x1, n1 + n2, x1 + x2, n1), stats.hypergeom.sf(x1 - 1, n1 + n2, x1 + x2, n1)
    assert result.statistic == pytest.approx(min(tails), rel=1e-8, abs=1e-300)
    assert fisher_mid_p(*table).p_value <= result.p_value


def test_fisher_of_groups_as_large_as_nations():
    n = 10**9
    result = fisher([n, n // 2, 499_990_000], n, [0, n // 2, 500_010_000], n)
    z = 20_000 / np.sqrt(n / 2)
    assert result.p_value == pytest.approx([0, 1, 2 * stats.norm.sf(z)], rel=1e-3)


def test_boschloo_of_groups_in_the_hundreds():
    # Between the pooled z, which it nears, and twice the one-sided p that it never exceeds.
    result = boschloo(30, 700, 50, 700)
    z = 20 / np.sqrt(80 * 1320 / 1400)
    assert 2 * stats.norm.sf(z) < result.p_value < 2 * result.statistic
    assert boschloo(1000, 1000, 0, 1000).p_value == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((5, 4, 1, 2), "events_1 must not be above n_1"),
        ((1, 4, 3, 2), "events_2 must not be above n_2"),
        ((-1, 4, 1, 2), "events_1 must be finite and at least 0"),
        ((1, 4, float("nan"), 2), "events_2 must be finite"),
        ((0, 0, 1, 2), "n_1 must be finite and at least 1"),
        ((1, 4, 0, 0), "n_2 must be finite and at least 1"),
        ((["Ama", "Bo"], 4, 1, 2), "events_1 must be numbers$"),
        (([1, 2.5], 4, 1, 2), "events_1 must be whole numbers up to 1000000000; 1 of 2 are not$"),
        ((1, 4, 1, 2.5), "n_2 must be whole numbers"),
        ((1, 4, 1, 10**10), "n_2 must be whole numbers up to"),
    ],
)
@pytest.mark.parametrize("test", TESTS)
def test_refusals_name_the_argument(test, arguments, message):
    with pytest.raises(ValueError, match=message):
        test(*arguments)
