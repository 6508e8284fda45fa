"""Proportions against published values, over every small table, and as properties."""

from __future__ import annotations

import json
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import betainc, ndtr
from scipy.stats import binom

from disparity.statistics.arguments import checked_count, checked_whole, checked_whole_share, critical_value
from disparity.statistics.proportions import (
    clopper_pearson,
    mid_p,
    odds_ratio,
    risk_difference,
    risk_ratio,
    wilson,
)

CASES = json.loads((Path(__file__).parents[2] / "reference" / "cases.json").read_text(encoding="utf-8"))
ONE_GROUP = {"wilson": wilson, "clopper_pearson": clopper_pearson, "midp_exact": mid_p}
TWO_GROUPS = {
    "rd_miettinen_nurminen": risk_difference,
    "rd_newcombe": partial(risk_difference, method="newcombe"),
    "rr_koopman": partial(risk_ratio, method="koopman"),
    "rr_mn_score": risk_ratio,
    "rr_mover_wilson": partial(risk_ratio, method="mover_wilson"),
    "or_mn_score": odds_ratio,
}
DIFFERENCES = [TWO_GROUPS["rd_miettinen_nurminen"], TWO_GROUPS["rd_newcombe"]]
RATIOS = [TWO_GROUPS["rr_mn_score"], TWO_GROUPS["rr_koopman"], TWO_GROUPS["rr_mover_wilson"], odds_ratio]


def every_table(most_1: int, most_2: int) -> tuple[np.ndarray, ...]:
    """Every table of two groups of 1 to ``most`` people each."""
    x1, n1, x2, n2 = np.meshgrid(
        np.arange(most_1 + 1),
        np.arange(1, most_1 + 1),
        np.arange(most_2 + 1),
        np.arange(1, most_2 + 1),
        indexing="ij",
    )
    possible = (x1 <= n1) & (x2 <= n2)
    return x1[possible], n1[possible], x2[possible], n2[possible]


X1, N1, X2, N2 = every_table(12, 8)
LARGER = every_table(40, 20)


@st.composite
def tables(draw: st.DrawFn, most: int = 100_000) -> tuple[int, int, int, int]:
    n1, n2 = draw(st.integers(1, most)), draw(st.integers(1, most))
    return draw(st.integers(0, n1)), n1, draw(st.integers(0, n2)), n2


@pytest.mark.parametrize("case", [c for c in CASES if c["kind"] in ONE_GROUP], ids=lambda c: c["id"])
def test_one_group_reference(case):
    given_ = case["inputs"]
    interval = ONE_GROUP[case["kind"]](given_["x"], given_["n"], level=given_["level"])
    assert interval == pytest.approx(case["expected"], abs=case["abs_tol"], rel=0)


@pytest.mark.parametrize("case", [c for c in CASES if c["kind"] in TWO_GROUPS], ids=lambda c: c["id"])
def test_two_groups_reference(case):
    given_ = case["inputs"]
    table = (given_[name] for name in ("x1", "n1", "x2", "n2"))
    comparison = TWO_GROUPS[case["kind"]](*table, level=given_["level"])
    assert (comparison.low, comparison.high) == pytest.approx(case["expected"], abs=case["abs_tol"], rel=0)


# Newcombe (1998), Stat Med 17, 857-872, table I, as in the tests of petelaud/ratesci (test3.R) and of
# PharmCat/ClinicalTrialUtilities.jl (citest.jl).
@pytest.mark.parametrize(
    ("interval", "counts", "expected"),
    [
        (wilson, (81, 263), (0.2553, 0.3662)),
        (wilson, (15, 148), (0.0624, 0.1605)),
        (wilson, (0, 20), (0.0000, 0.1611)),
        (wilson, (1, 29), (0.0061, 0.1718)),
        (clopper_pearson, (15, 148), (0.0578, 0.1617)),
        (clopper_pearson, (0, 20), (0.0000, 0.1684)),
        (clopper_pearson, (1, 29), (0.0009, 0.1776)),
        (mid_p, (15, 148), (0.0601, 0.1581)),
        (mid_p, (0, 20), (0.0000, 0.1391)),
        (mid_p, (1, 29), (0.0017, 0.1585)),
    ],
)
def test_newcombe_1998_table_i(interval, counts, expected):
    assert interval(*counts) == pytest.approx(expected, abs=5.1e-5)


# The worked examples of Fagerland, Lydersen and Laake (2015), Stat Methods Med Res 24, 224-254, and (2017)
# Statistical Analysis of Contingency Tables, with the digits of their R package: ocbe-uio/contingencytables,
# tests/testthat/test-ch2.R and test-ch4.R.
@pytest.mark.parametrize(
    ("method", "counts", "expected"),
    [
        ("wilson", (13, 16), (0.5699, 0.9341)),
        ("clopper_pearson", (13, 16), (0.5435, 0.9595)),
        ("midp_exact", (13, 16), (0.5699, 0.9500)),
        ("rd_newcombe", (7, 34, 1, 34), (0.0189, 0.3404)),
        ("rd_miettinen_nurminen", (0, 16, 15, 72), (-0.3164, -0.0056)),
        ("rr_koopman", (7, 34, 1, 34), (1.2209, 42.5757)),
        ("rr_mn_score", (7, 34, 1, 34), (1.2086, 43.0330)),
        ("rr_mover_wilson", (7, 34, 1, 34), (1.1537, 41.9763)),
        ("or_mn_score", (9, 13, 4, 14), (1.0934, 28.9419)),
    ],
)
def test_fagerland_lydersen_and_laake(method, counts, expected):
    result = (ONE_GROUP | TWO_GROUPS)[method](*counts)
    assert (result.low, result.high) == pytest.approx(expected, abs=5.1e-5)


# Fagerland and Newcombe (2013), Stat Med 32, 2823-2836, as in the tests of petelaud/ratesci (test3.R).
@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("rr_mover_wilson", [(0.282, 0.563), (0.398, 0.761), (1.277, 40.751)]),
        ("rr_mn_score", [(0.280, 0.560), (0.397, 0.742), (1.296, 42.544)]),
        ("or_mn_score", [(0.050, 0.245), (0.000, 0.417), (1.416, 76.428)]),
    ],
)
def test_fagerland_and_newcombe_2013(method, expected):
    result = TWO_GROUPS[method]([24, 29, 7], [73, 55, 18], [53, 11, 1], [65, 11, 18])
    np.testing.assert_allclose(np.stack([result.low, result.high], axis=1), expected, atol=5.1e-4, rtol=0)


def test_gart_and_nam_1988():
    # Biometrics 44, 323-338, without the correction for skewness; as in the tests of petelaud/ratesci.
    result = risk_ratio([8, 6], [15, 10], [4, 6], [15, 20], method="koopman")
    np.testing.assert_allclose(result.low, [0.815, 0.844], atol=5.1e-4)
    np.testing.assert_allclose(result.high, [5.336, 4.594], atol=5.1e-4)


def test_gart_and_thomas_1982():
    # Am J Epidemiol 115, 453-470: Cornfield's limits, which have no factor N/(N-1); as in petelaud/ratesci.
    total = 51 + 230
    level = 1 - 2 * ndtr(-critical_value(0.95) * np.sqrt((total - 1) / total))
    result = odds_ratio(28, 51, 71, 230, level=level)
    assert (result.low, result.high) == pytest.approx((1.476, 5.035), abs=5.1e-4)


# Newcombe (1998), Stat Med 17, 873-890, table II.
@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ((56, 70, 48, 80), (0.0524, 0.3339)),
        ((9, 10, 3, 10), (0.1705, 0.8090)),
        ((6, 7, 2, 7), (0.0582, 0.8062)),
        ((5, 56, 0, 29), (-0.0381, 0.1926)),
        ((0, 10, 0, 20), (-0.1611, 0.2775)),
        ((0, 10, 0, 10), (-0.2775, 0.2775)),
        ((10, 10, 0, 20), (0.6791, 1.0000)),
        ((10, 10, 0, 10), (0.6075, 1.0000)),
    ],
)
def test_newcombe_1998_table_ii_method_10(table, expected):
    comparison = risk_difference(*table, method="newcombe")
    assert (comparison.low, comparison.high) == pytest.approx(expected, abs=5.1e-5)


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ((56, 70, 48, 80), (0.0528, 0.3382)),
        ((9, 10, 3, 10), (0.1700, 0.8406)),
        ((6, 7, 2, 7), (0.0342, 0.8534)),
        ((5, 56, 0, 29), (-0.0326, 0.1933)),
        ((0, 10, 0, 20), (-0.1658, 0.2844)),
        ((0, 10, 0, 10), (-0.2879, 0.2879)),
        ((10, 10, 0, 20), (0.7156, 1.0000)),
    ],
)
def test_newcombe_1998_table_ii_miettinen_nurminen(table, expected):
    comparison = risk_difference(*table)
    assert (comparison.low, comparison.high) == pytest.approx(expected, abs=5.1e-5)


# By bisection of the numerically maximised likelihood in 50-digit arithmetic, with no closed form of a rate.
@pytest.mark.parametrize(
    ("compare", "table", "low"),
    [
        (risk_difference, (0, 10, 0, 7), -0.368319413628695),
        (risk_difference, (5, 56, 0, 29), -0.0325965617435137),
        (risk_difference, (12, 16, 1, 16), 0.374978291248099),
        (risk_difference, (3, 7, 7, 7), -0.847673184057249),
        (risk_difference, (999999, 1000000, 1000000, 1000000), -5.66491378679995e-6),
        (risk_difference, (400, 1000000, 300, 1000000), 4.82861976093731e-5),
        (risk_ratio, (24, 73, 53, 65), 0.279687968462409),
        (risk_ratio, (7, 18, 1, 18), 1.29563035090904),
        (risk_ratio, (3, 5, 0, 5), 1.00363596231858),
        (risk_ratio, (5, 5, 5, 5), 0.539473981317999),
        (risk_ratio, (1, 1000000, 0, 1000000), 0.260317848017386),
        (risk_ratio, (1000000, 1000000, 1000000, 1000000), 0.999996158554015),
        (risk_ratio, (999999, 1000000, 1000000, 1000000), 0.999994335086213),
        (odds_ratio, (24, 73, 53, 65), 0.0503605138346663),
        (odds_ratio, (3, 5, 0, 5), 1.00583625635096),
        (odds_ratio, (5, 5, 2, 5), 1.00583625635096),
        (odds_ratio, (1, 1, 0, 1), 0.0677653422248499),
        (odds_ratio, (400, 1000000, 300, 1000000), 1.14820634560727),
        (odds_ratio, (999999, 1000000, 999990, 1000000), 1.65001035376272),
        (odds_ratio, (1000000, 1000000, 3, 1000000), 67913401157.479),
    ],
)
def test_limits_to_ten_digits(compare, table, low):
    assert compare(*table).low == pytest.approx(low, abs=1e-11, rel=1e-10)


# By the formulas of the papers in 50-digit arithmetic, the limits of mid-p by bisection of binomial sums.
@pytest.mark.parametrize(
    ("table", "low"),
    [
        ((3, 5, 0, 5), 1.08842388616268),
        ((5, 5, 5, 5), 0.565517535216825),
        ((1, 1000000, 0, 1000000), 0.147692360897953),
        ((400, 1000000, 300, 1000000), 1.14796087258423),
        ((999999, 1000000, 1000000, 1000000), 0.999994335088196),
    ],
)
def test_mover_limits_to_ten_digits(table, low):
    assert risk_ratio(*table, method="mover_wilson").low == pytest.approx(low, rel=1e-10)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((81, 263), (0.254402104945522, 0.365773474257777)),
        ((3, 3), (0.368403149864039, 1.0)),
        ((2, 10**6), (3.35329191026029e-7, 6.60794375521098e-6)),
        ((1, 10**9), (5.00203448352759e-11, 4.93186051459537e-9)),
    ],
)
def test_mid_p_limits_to_ten_digits(counts, expected):
    assert mid_p(*counts) == pytest.approx(expected, rel=1e-10)


def test_scalars_give_scalars_and_arrays_broadcast():
    one = risk_ratio(3, 10, 2, 10)
    assert all(isinstance(field, float) for field in one)
    for interval in ONE_GROUP.values():
        assert all(isinstance(field, float) for field in interval(3, 10))
        assert interval([[3], [4]], [10, 11, 12]).low.shape == (2, 3)
        assert interval([], []).high.shape == (0,)
    many = risk_ratio([[3], [5]], 10, [1, 2, 3], 20)
    assert many.low.shape == (2, 3)
    assert many.p_value[1, 2] == risk_ratio(5, 10, 3, 20).p_value
    assert risk_difference([], [], [], []).low.shape == (0,)


@pytest.mark.parametrize("compare", DIFFERENCES + RATIOS)
def test_a_table_has_the_same_limits_in_any_company(compare):
    together = compare(X1, N1, X2, N2)
    for row in range(0, X1.size, 97):
        alone = compare(X1[row], N1[row], X2[row], N2[row])
        assert (alone.low, alone.high) == (together.low[row], together.high[row])


@pytest.mark.parametrize("level", [0.5, 0.95, 0.9999])
@pytest.mark.parametrize("interval", ONE_GROUP.values())
def test_every_small_proportion(interval, level):
    n, x = np.meshgrid(np.arange(1, 121), np.arange(121))
    x, n = x[x <= n], n[x <= n]
    low, high = interval(x, n, level=level)
    assert np.all((low >= 0) & (low <= x / n) & (x / n <= high) & (high <= 1) & (low < high))
    wider = interval(x, n, level=level + (1 - level) / 2)
    assert np.all((wider.low <= low) & (wider.high >= high))
    mirrored = interval(n - x, n, level=level)
    np.testing.assert_allclose(low, 1 - mirrored.high, atol=1e-13)


def test_mid_p_has_the_tails_it_should_inside_clopper_pearson():
    x, n = X1[(X1 > 0) & (X1 < N1)], N1[(X1 > 0) & (X1 < N1)]
    low, high = mid_p(x, n, level=0.9)
    np.testing.assert_allclose(binom.sf(x, n, low) + binom.pmf(x, n, low) / 2, 0.05, rtol=1e-9)
    np.testing.assert_allclose(binom.cdf(x - 1, n, high) + binom.pmf(x, n, high) / 2, 0.05, rtol=1e-9)
    exact = clopper_pearson(x, n, level=0.9)
    assert np.all((exact.low < low) & (high < exact.high))


def test_ends_of_one_proportion_are_exact():
    n = np.arange(1, 200)
    for interval in ONE_GROUP.values():
        assert np.all(interval(0, n).low == 0)
        assert np.all(interval(n, n).high == 1)
        assert np.all(interval(0, n).high < 1)
        np.testing.assert_allclose(interval(n // 3, n).low, 1 - interval(n - n // 3, n).high, atol=1e-14)


def test_wilson_keeps_its_digits_at_tiny_rates():
    z = critical_value(0.95)
    low, high = wilson(1, 10**9)
    for limit in (low, high):
        assert (1e-9 - limit) ** 2 == pytest.approx(z * z * limit * (1 - limit) / 1e9, rel=1e-6)


def test_clopper_pearson_leaves_the_tail_it_should():
    x, n = X1[X1 > 0], N1[X1 > 0]
    low = clopper_pearson(x, n).low
    np.testing.assert_allclose(binom.sf(x - 1, n, low), 0.025, rtol=1e-9)


def check_difference(compare, table, level):
    x1, n1, x2, n2 = table
    result = compare(*table, level=level)
    estimate, low, high, statistic, p = result
    assert np.all((low >= -1) & (low <= estimate + 1e-15) & (estimate <= high + 1e-15) & (high <= 1))
    np.testing.assert_array_equal((low > 0) | (high < 0), p < 1 - level)
    swapped = compare(x2, n2, x1, n1, level=level)
    for ours, theirs in ((estimate, swapped.estimate), (low, swapped.high), (high, swapped.low)):
        np.testing.assert_allclose(ours, -theirs, atol=1e-12)
    np.testing.assert_allclose(statistic, -swapped.statistic, atol=1e-12)
    np.testing.assert_allclose(p, swapped.p_value, atol=1e-12)
    mirrored = compare(n1 - x1, n1, n2 - x2, n2, level=level)
    np.testing.assert_allclose(low, -mirrored.high, atol=1e-10)
    return result


def check_ratio(compare, table, level):
    x1, n1, x2, n2 = table
    result = compare(*table, level=level)
    estimate, low, high, statistic, p = result
    odds = compare is odds_ratio
    nothing, everything = (x1 + x2 == 0), (x1 + x2 == n1 + n2)
    known = ~(nothing | everything) if odds else ~nothing
    np.testing.assert_array_equal(np.isnan(estimate), ~known)
    assert np.all(p[nothing | everything] == 1)
    assert np.all((low >= 0) & (low < high))
    assert np.all((low <= estimate * (1 + 1e-12))[known] & (estimate <= high * (1 + 1e-12))[known])
    np.testing.assert_array_equal((low > 1) | (high < 1), p < 1 - level)
    np.testing.assert_array_equal(low == 0, (x1 == 0) | (odds & (x2 == n2)))
    np.testing.assert_array_equal(np.isposinf(high), (x2 == 0) | (odds & (x1 == n1)))
    swapped = compare(x2, n2, x1, n1, level=level)
    np.testing.assert_array_equal(low == 0, np.isposinf(swapped.high))
    np.testing.assert_allclose(low[low > 0], 1 / swapped.high[low > 0], rtol=1e-12)
    np.testing.assert_allclose(high[high < np.inf], 1 / swapped.low[high < np.inf], rtol=1e-12)
    np.testing.assert_allclose(statistic, -swapped.statistic, atol=1e-12)
    if odds:
        mirrored = compare(n1 - x1, n1, n2 - x2, n2, level=level)
        np.testing.assert_allclose(low[low > 0], 1 / mirrored.high[low > 0], rtol=1e-10)
    return result


def check(compare, table, level):
    return (check_difference if compare in DIFFERENCES else check_ratio)(compare, table, level)


@pytest.mark.parametrize("compare", DIFFERENCES + RATIOS)
@pytest.mark.parametrize("level", [0.8, 0.95, 0.999])
def test_every_small_table(compare, level):
    check(compare, (X1, N1, X2, N2), level)


@pytest.mark.parametrize("compare", DIFFERENCES + RATIOS)
def test_some_of_every_table_of_40_and_20(compare):
    check(compare, [column[::29] for column in LARGER], 0.95)


@pytest.mark.long
@pytest.mark.parametrize("compare", DIFFERENCES + RATIOS)
def test_every_table_of_40_and_20(compare):
    results = [check(compare, LARGER, level) for level in (0.5, 0.8, 0.9, 0.95, 0.99, 0.999)]
    for narrow, wide in pairwise(results):
        assert np.all((wide.low <= narrow.low) & (wide.high >= narrow.high))


@pytest.mark.parametrize("compare", DIFFERENCES + RATIOS)
def test_intervals_widen_with_level(compare):
    levels = [0.5, 0.8, 0.9, 0.95, 0.99]
    results = [compare(X1, N1, X2, N2, level=level) for level in levels]
    for narrow, wide in pairwise(results):
        assert np.all((wide.low <= narrow.low) & (wide.high >= narrow.high))


@pytest.mark.parametrize("compare", DIFFERENCES + RATIOS)
def test_interval_and_p_agree_to_the_last_digit(compare):
    neutral = 0 if compare in DIFFERENCES else 1
    for table in zip(*(column[::41].tolist() for column in (X1, N1, X2, N2)), strict=True):
        p = compare(*table).p_value
        for beyond in (p * (1 - 1e-15), p, p * (1 + 1e-15)):
            level = 1 - beyond
            if 0 < level < 1:
                result = compare(*table, level=level)
                assert (result.low > neutral or result.high < neutral) == (p < 1 - level)


def test_mover_ratio_has_the_p_of_the_newcombe_difference():
    difference = risk_difference(X1, N1, X2, N2, method="newcombe")
    ratio = risk_ratio(X1, N1, X2, N2, method="mover_wilson")
    np.testing.assert_array_equal(ratio.p_value, difference.p_value)
    # At the level 1 - p the limit is 1 itself.
    result = risk_ratio(24, 73, 53, 65, method="mover_wilson", level=0.9)
    touching = risk_ratio(24, 73, 38, 90, method="mover_wilson")
    level = 1 - touching.p_value
    assert risk_ratio(24, 73, 38, 90, method="mover_wilson", level=level).high == pytest.approx(1, abs=1e-9)
    assert result.high < 1


def test_difference_and_ratio_share_statistic_and_pearson_p():
    difference, ratio = risk_difference(X1, N1, X2, N2), risk_ratio(X1, N1, X2, N2)
    np.testing.assert_array_equal(difference.p_value, ratio.p_value)
    np.testing.assert_array_equal(difference.p_value, odds_ratio(X1, N1, X2, N2).p_value)
    # Pearson's chi-square of 24/73 and 53/65, times (N-1)/N
    y1, y2, total = 73 - 24, 65 - 53, 73 + 65
    pearson = total * (24 * y2 - 53 * y1) ** 2 / (73 * 65 * 77 * 61)
    assert risk_ratio(24, 73, 53, 65).statistic ** 2 == pytest.approx(pearson * (total - 1) / total)
    assert risk_ratio(24, 73, 53, 65, method="koopman").statistic ** 2 == pytest.approx(pearson)


def test_koopman_limit_has_the_score_it_should():
    low = risk_ratio(7, 34, 1, 34, method="koopman").low
    p2 = np.linspace(1e-6, 1 / low - 1e-6, 2_000_001)
    p2 = p2[p2 * low < 1]
    likelihood = 7 * np.log(p2 * low) + 27 * np.log1p(-p2 * low) + np.log(p2) + 33 * np.log1p(-p2)
    best = p2[likelihood.argmax()]
    variance = low * best * (1 - low * best) / 34 + low**2 * best * (1 - best) / 34
    assert (7 / 34 - low / 34) / np.sqrt(variance) == pytest.approx(critical_value(0.95), rel=1e-5)


@settings(deadline=None, max_examples=60)
@given(tables(), st.floats(0.5, 0.999))
def test_properties_at_any_size(table, level):
    x1, n1, x2, n2 = table
    for compare in DIFFERENCES + RATIOS:
        neutral = 0 if compare in DIFFERENCES else 1
        result, swapped = compare(*table, level=level), compare(x2, n2, x1, n1, level=level)
        assert result.low <= result.high
        assert (result.low > neutral or result.high < neutral) == (result.p_value < 1 - level)
        back = -swapped.high if neutral == 0 else (1 / swapped.high if swapped.high < np.inf else 0.0)
        assert result.low == pytest.approx(back, abs=1e-12, rel=1e-9)


@settings(deadline=None, max_examples=60)
@given(tables(most=10_000_000))
def test_score_limit_solves_the_score_equation(table):
    x1, n1, x2, n2 = table
    low = float(risk_ratio(*table).low)
    if x1 == 0:
        assert low == 0
        return
    total = n1 + n2
    b = n1 * low + x1 + n2 + x2 * low
    root = np.sqrt((low * (n1 + x2) - (n2 + x1)) ** 2 + 4 * low * (n1 - x1) * (n2 - x2))
    p2 = 2 * (x1 + x2) / (b + root)
    p1 = low * p2
    variance = (p1 * (1 - p1) / n1 + low**2 * p2 * (1 - p2) / n2) * total / (total - 1)
    z = (x1 / n1 - low * x2 / n2) / np.sqrt(max(variance, 1e-300))
    # 1 - p loses its digits in this plain form where everyone has the event.
    if max(p1, p2) < 1 - 1e-6:
        assert z == pytest.approx(critical_value(0.95), rel=1e-5)


@settings(deadline=None, max_examples=60)
@given(tables(most=100_000))
def test_odds_limit_solves_the_score_equation(table):
    x1, n1, x2, n2 = table
    low = float(odds_ratio(*table).low)
    if x1 == 0 or x2 == n2:
        assert low == 0
        return
    # The most likely rates with these odds, by the quadratic of Miettinen and Nurminen (1985).
    events, a = x1 + x2, n2 * (low - 1)
    b = n1 * low + n2 - events * (low - 1)
    p2 = 2 * events / (b + np.sqrt(b * b + 4 * a * events))
    p1 = p2 * low / (1 + p2 * (low - 1))
    variance = 1 / (1 / (n1 * p1 * (1 - p1)) + 1 / (n2 * p2 * (1 - p2)))
    z = (x1 - n1 * p1) / np.sqrt(variance * (n1 + n2) / (n1 + n2 - 1))
    assert z == pytest.approx(critical_value(0.95), rel=1e-4)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((5, 4, 1, 2), "events_1 must not be above n_1"),
        ((1, 4, 3, 2), "events_2 must not be above n_2"),
        ((-1, 4, 1, 2), "events_1 must be finite and at least 0"),
        ((1, 4, float("nan"), 2), "events_2 must be finite"),
        ((0, 0, 1, 2), "n_1 must be finite and at least 1"),
        ((1, 4, 1, float("inf")), "n_2 must be finite"),
        ((["Ama", "Bo"], 4, 1, 2), "events_1 must be numbers$"),
        (([1, 2, 9], 4, 1, 2), "1 of 3 are$"),
    ],
)
@pytest.mark.parametrize("compare", DIFFERENCES + RATIOS)
def test_refusals_name_the_argument(compare, arguments, message):
    with pytest.raises(ValueError, match=message):
        compare(*arguments)


def test_refusals_of_level_method_and_one_group():
    with pytest.raises(ValueError, match="level"):
        wilson(1, 2, level=95)
    with pytest.raises(ValueError, match="level"):
        clopper_pearson(1, 2, level=0)
    with pytest.raises(ValueError, match="level"):
        mid_p(1, 2, level=1)
    with pytest.raises(ValueError, match=r"^events must not be above n;"):
        clopper_pearson(3, 2)
    with pytest.raises(ValueError, match=r"^events must not be above n;"):
        mid_p(3, 2)
    for compare in (risk_difference, risk_ratio, odds_ratio):
        with pytest.raises(ValueError, match="method"):
            compare(1, 2, 1, 2, method="wald")


def test_fractional_counts_are_taken():
    assert risk_ratio(2.5, 10, 2.5, 10).p_value == 1
    assert risk_difference(2.5, 10.5, 1.25, 9).low < 0
    assert odds_ratio(2.5, 10, 2.5, 10).p_value == 1
    low = clopper_pearson(0.25, 10).low
    assert betainc(0.25, 10.75, low) == pytest.approx(0.025)
    assert low < mid_p(0.25, 10).low < 0.025


def test_whole_numbers_are_asked_for_by_the_name_of_the_argument():
    events, n = checked_whole_share([1, 2], 4.0, "_1", prefix="unknown_")
    assert (events.dtype, n.dtype) == (np.int64, np.int64)
    np.testing.assert_array_equal([events, n], [[1, 2], [4, 4]])
    assert checked_whole("people", 10**12) == 10**12
    with pytest.raises(ValueError, match=r"^people must be whole numbers; 1 of 2 are not$"):
        checked_whole("people", [1.5, 2])
    with pytest.raises(ValueError, match=r"^people must be finite and at least 1; 1 of 2 are not$"):
        checked_whole("people", [0, 2], least=1.0)
    with pytest.raises(ValueError, match=r"^people must be whole numbers up to 1000000000; 1 of 1 are not$"):
        checked_count("people", 10**9 + 1)
    with pytest.raises(
        ValueError, match=r"^target_n must be whole numbers up to 1000000000; 2 of 2 are not$"
    ):
        checked_whole_share([1, 2], 4.5, prefix="target_")
