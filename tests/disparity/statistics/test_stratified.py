"""Stratified comparisons against published values, over many small strata, and by simulation."""

from __future__ import annotations

import json
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.stats import chi2, hypergeom, norm

from disparity.statistics import stratified_odds
from disparity.statistics.proportions import risk_difference, risk_ratio
from disparity.statistics.stratified import (
    cochran_mantel_haenszel,
    stratified_risk_difference,
    stratified_risk_ratio,
)
from disparity.statistics.stratified_odds import breslow_day, stratified_odds_ratio

CASES = json.loads((Path(__file__).parents[2] / "reference" / "cases.json").read_text(encoding="utf-8"))
BERKELEY = next(case for case in CASES if case["id"] == "cmh_berkeley")
RATIOS = [stratified_risk_ratio, stratified_odds_ratio]
POOLED = [stratified_risk_difference, *RATIOS]
robins_breslow_greenland = partial(stratified_odds_ratio, method="robins_breslow_greenland")


def berkeley() -> tuple[np.ndarray, ...]:
    tables = np.array(BERKELEY["inputs"]["tables"])
    return tables[:, 0, 0], tables[:, 0].sum(axis=1), tables[:, 1, 0], tables[:, 1].sum(axis=1)


def columns(rows: list[tuple[int, int, int, int]]) -> np.ndarray:
    return np.array(rows).T


def small_strata(strata: int, count: int) -> np.ndarray:
    """Random tables of strata with none to three people in each group, the same on every run."""
    group = [(x, n) for n in range(4) for x in range(n + 1)]
    table = np.array([(*first, *second) for first in group for second in group])
    if strata == 2:
        pairs = np.stack(np.meshgrid(np.arange(100), np.arange(100)), axis=-1).reshape(-1, 2)
        return np.moveaxis(table[pairs], -1, 0)
    rng = np.random.default_rng(3)
    return np.moveaxis(table[rng.integers(0, 100, (count, strata))], -1, 0)


# Every pair of strata of up to three people in each group, and a few thousand of five strata.
STRATA = {"every pair": small_strata(2, 0), "five": small_strata(5, 3000)}


def test_berkeley_admissions_reference():
    expected, tolerance = BERKELEY["expected"], BERKELEY["abs_tol"]
    pooled = stratified_odds_ratio(*berkeley(), method="robins_breslow_greenland")
    assert pooled.estimate == pytest.approx(expected["or_pooled"], abs=tolerance)
    assert (pooled.low, pooled.high) == pytest.approx(expected["or_ci"], abs=tolerance)
    corrected = cochran_mantel_haenszel(*berkeley(), continuity=True)
    assert corrected.statistic == pytest.approx(expected["stat_corrected"], abs=tolerance)
    assert corrected.p_value == pytest.approx(expected["p"], abs=tolerance)
    agreement = breslow_day(*berkeley())
    assert agreement.statistic == pytest.approx(expected["breslow_day"], abs=tolerance)
    assert agreement.p_value == pytest.approx(expected["bd_p"], abs=1e-7)
    assert agreement.freedom == 5
    # To more digits, with Tarone's correction, by statsmodels 0.15.0.
    assert agreement.statistic == pytest.approx(18.832956951510866, abs=1e-10)


def test_berkeley_admissions_show_simpsons_paradox():
    """Men were refused less often over all departments, and not within them: Bickel and others (1975)."""
    refused_men, men, refused_women, women = berkeley()
    crude = risk_ratio(refused_women.sum(), women.sum(), refused_men.sum(), men.sum())
    within = stratified_risk_ratio(refused_women, women, refused_men, men)
    assert crude.low > 1.2
    assert within.low < 1 < within.high
    assert within.estimate < 1
    assert within.p_value == pytest.approx(0.2316, abs=5e-5)
    # Admission asks the same question and gives the same test.
    admitted = stratified_risk_ratio(women - refused_women, women, men - refused_men, men)
    assert admitted.estimate > 1
    assert admitted.p_value == pytest.approx(within.p_value)


# Limits of the stratified Miettinen-Nurminen interval with Mantel-Haenszel weights.
CISAPRIDE = [
    (15, 16, 9, 16),
    (12, 16, 1, 16),
    (29, 34, 18, 34),
    (42, 56, 31, 56),
    (14, 22, 6, 22),
    (44, 54, 17, 55),
    (14, 17, 7, 15),
    (29, 58, 23, 58),
    (10, 14, 3, 15),
    (17, 26, 6, 27),
    (38, 44, 12, 45),
    (19, 29, 22, 30),
    (21, 38, 19, 38),
]
MYELOMA = [
    (3, 4, 1, 3),
    (3, 4, 8, 11),
    (2, 2, 2, 3),
    (2, 2, 2, 2),
    (2, 2, 0, 3),
    (1, 3, 2, 3),
    (2, 2, 2, 3),
    (1, 5, 4, 4),
    (2, 2, 2, 3),
    (0, 2, 2, 3),
    (3, 3, 3, 3),
    (2, 2, 0, 2),
    (1, 4, 1, 5),
    (2, 3, 2, 4),
    (2, 4, 4, 6),
    (4, 12, 3, 9),
    (1, 2, 2, 3),
    (3, 3, 1, 4),
    (1, 4, 2, 3),
    (0, 3, 0, 2),
    (2, 4, 1, 5),
]
ADVERSE_EVENTS = [
    (0, 432, 0, 142),
    (1, 375, 0, 125),
    (0, 80, 0, 40),
    (0, 248, 1, 84),
    (0, 50, 0, 24),
    (2, 251, 0, 85),
    (5, 605, 1, 209),
    (1, 466, 2, 231),
    (4, 525, 0, 175),
    (1, 80, 0, 40),
    (1, 375, 0, 124),
    (0, 189, 0, 59),
    (0, 55, 0, 27),
    (0, 110, 0, 56),
    (0, 85, 0, 85),
    (0, 170, 0, 85),
    (4, 1030, 1, 350),
]


@pytest.mark.parametrize(
    ("strata", "expected", "tolerance"),
    [
        # Data of Laud (2017), Pharm Stat 16, 334-348, table BII; limits by ratesci and by Klingenberg's program.
        pytest.param(CISAPRIDE, (0.245286, 0.369981), 5e-7, id="cisapride"),
        # Klingenberg (2014), Stat Med 33, 2968-2983: myeloma and adverse events. The lower limit of the first is
        # quoted as -0.010 in ratesci-sas, a slip of the point: 40-digit arithmetic gives -0.09968.
        pytest.param(MYELOMA, (-0.100, 0.206), 5e-4, id="myeloma"),
        pytest.param(ADVERSE_EVENTS, (-0.0027, 0.0038), 5e-5, id="adverse events"),
        # Lu (2008), Joint Statistical Meetings.
        pytest.param([(3, 5, 1, 15), (4, 10, 3, 10), (18, 35, 2, 25)], (0.1963, 0.5381), 5e-5, id="Lu"),
        # lrstat 0.2.13 for R, by the same author.
        pytest.param([(4, 10, 2, 20), (3, 10, 0, 10)], (0.082536, 0.53206), 5e-6, id="lrstat"),
    ],
)
def test_published_stratified_differences(strata, expected, tolerance):
    pooled = stratified_risk_difference(*columns(strata))
    assert (pooled.low, pooled.high) == pytest.approx(expected, abs=tolerance)
    assert pooled.strata == len(strata)


def test_published_difference_with_its_test_and_homogeneity():
    """Example 1 of ratesci-sas, where PROC FREQ's interval by Sato's variance contradicts the test."""
    pooled = stratified_risk_difference(
        *columns([(25, 33, 4, 17), (34, 50, 17, 25), (28, 50, 15, 25), (52, 67, 22, 33)])
    )
    assert pooled.estimate == pytest.approx(0.1142057102, abs=1e-8)
    assert (pooled.low, pooled.high) == pytest.approx((0.0007231903, 0.2297652849), abs=2e-9)
    assert pooled.statistic == pytest.approx(1.9727559446, abs=2e-9)
    assert pooled.p_value == pytest.approx(0.0485233747, abs=1e-9)
    # Q = 10.0169442 there (p = 0.0184227) is at the pooled estimate; at the best estimate it is a little smaller.
    assert 0.018430 < pooled.homogeneity_p < 0.018445


def test_published_stratified_risk_ratio():
    """Example of mnRiskRatioCI in lrstat 0.2.13 for R."""
    pooled = stratified_risk_ratio([4, 3], [10, 10], [2, 0], [20, 10])
    assert pooled.estimate == pytest.approx(6.25)
    assert (pooled.low, pooled.high) == pytest.approx((1.475588, 27.6909), rel=1e-6)
    assert pooled.statistic == pytest.approx(2.627423, abs=5e-7)


# By bisection of the numerically maximised likelihood in 40-digit arithmetic, with no closed form of a rate; odds
# ratios by exact sums over every table of the margins.
@pytest.mark.parametrize(
    ("compare", "strata", "low", "high"),
    [
        (
            stratified_risk_difference,
            [(5, 20, 1, 15), (0, 7, 2, 9), (3, 3, 4, 8)],
            -0.080972735428,
            0.315263506633,
        ),
        (
            stratified_risk_difference,
            [(1, 1, 0, 3), (0, 2, 1, 2), (2, 2, 2, 2), (0, 4, 0, 5), (1, 6, 0, 1)],
            -0.249624066314,
            0.397549339955,
        ),
        (
            stratified_risk_ratio,
            [(5, 20, 1, 15), (0, 7, 2, 9), (3, 3, 4, 8)],
            0.699912543703,
            4.05845055052,
        ),
        (stratified_risk_ratio, [(40, 400, 30, 500), (3, 900, 8, 1200)], 0.938887839665, 2.172456442476),
        (
            stratified_odds_ratio,
            [(1, 1, 0, 3), (0, 2, 1, 2), (2, 2, 2, 2), (0, 4, 0, 5), (1, 6, 0, 1)],
            0.17513567012338,
            19.482351273395,
        ),
        (stratified_odds_ratio, [(40, 400, 30, 500), (3, 900, 8, 1200)], 0.9346816978622, 2.2937313009771),
    ],
)
def test_limits_to_ten_digits(compare, strata, low, high):
    pooled = compare(*columns(strata))
    assert (pooled.low, pooled.high) == pytest.approx((low, high), abs=1e-11, rel=1e-10)


@pytest.mark.parametrize(
    ("pooled", "single"),
    [(stratified_risk_difference, risk_difference), (stratified_risk_ratio, risk_ratio)],
)
def test_one_stratum_is_no_stratification(pooled, single):
    rng = np.random.default_rng(5)
    n1, n2 = rng.integers(1, 30, (2, 500))
    x1, x2 = rng.binomial(n1, 0.3), rng.binomial(n2, 0.3)
    ours, theirs = pooled(x1[:, None], n1[:, None], x2[:, None], n2[:, None]), single(x1, n1, x2, n2)
    for field, other in zip(ours[:5], theirs, strict=True):
        np.testing.assert_allclose(field, other, rtol=1e-9, atol=1e-11)
    assert np.all(np.isnan(ours.homogeneity_p))
    scalar = pooled(3, 10, 2, 12)
    assert isinstance(scalar.low, float)
    assert scalar.low == pytest.approx(single(3, 10, 2, 12).low)


@pytest.mark.parametrize("strata", STRATA.values(), ids=STRATA)
@pytest.mark.parametrize("level", [0.3, 0.8, 0.95])
@pytest.mark.parametrize("compare", POOLED)
def test_every_small_comparison(compare, level, strata):
    x1, n1, x2, n2 = strata
    pooled, swapped = compare(x1, n1, x2, n2, level=level), compare(x2, n2, x1, n1, level=level)
    estimate, low, high, _, p, _, used = pooled
    neutral = 1 if compare in RATIOS else 0
    np.testing.assert_array_equal((low > neutral) | (high < neutral), p < 1 - level)
    known = ~np.isnan(estimate)
    np.testing.assert_array_equal(known, used > 0)
    assert np.all(p[~known] == 1)
    assert np.all((low <= estimate + 1e-12) & (estimate <= high * (1 + 1e-12) + 1e-12), where=known)
    np.testing.assert_allclose(pooled.statistic, -swapped.statistic, atol=1e-12)
    np.testing.assert_allclose(pooled.homogeneity_p, swapped.homogeneity_p, rtol=1e-7)
    if compare in RATIOS:
        inside = known & (estimate > 0) & np.isfinite(estimate)
        np.testing.assert_allclose(estimate[inside], 1 / swapped.estimate[inside], rtol=1e-11)
        assert np.all((low >= 0) & (low < high))
        assert np.all((low[~known] == 0) & np.isposinf(high[~known]))
        np.testing.assert_array_equal(low == 0, ~known | (estimate == 0))
        np.testing.assert_array_equal(np.isposinf(high), ~known | np.isposinf(estimate))
        np.testing.assert_allclose(low[low > 0], 1 / swapped.high[low > 0], rtol=1e-11)
    else:
        assert np.all((low >= -1) & (low < high) & (high <= 1))
        np.testing.assert_allclose(estimate, -swapped.estimate, atol=1e-12)
        np.testing.assert_allclose(low, -swapped.high, atol=1e-12)


@pytest.mark.parametrize("compare", POOLED)
def test_interval_and_p_agree_to_the_last_digit(compare):
    for strata in np.moveaxis(STRATA["five"][:, :150], 1, 0):
        p = compare(*strata).p_value
        neutral = 0 if compare is stratified_risk_difference else 1
        for level in np.clip([1 - p, np.nextafter(1 - p, 0), np.nextafter(1 - p, 1)], 1e-9, 1 - 1e-9):
            result = compare(*strata, level=level)
            assert (result.low > neutral or result.high < neutral) == (result.p_value < 1 - level)


@pytest.mark.parametrize("compare", POOLED)
def test_intervals_widen_with_level(compare):
    results = [compare(*STRATA["five"][:, :500], level=level) for level in (0.5, 0.9, 0.95, 0.99)]
    for narrow, wide in pairwise(results):
        assert np.all(wide.low <= narrow.low + 1e-12)
        assert np.all(wide.high >= narrow.high * (1 - 1e-12) - 1e-12)


@pytest.mark.parametrize("compare", [*POOLED, cochran_mantel_haenszel, breslow_day])
def test_a_stratum_with_nobody_in_a_group_counts_for_nothing(compare):
    strata = columns([(3, 5, 1, 2), (2, 5, 1, 2), (5, 6, 2, 3)])
    more = np.concatenate([strata, columns([(2, 3, 0, 0), (0, 0, 4, 9), (0, 0, 0, 0)])], axis=1)
    np.testing.assert_allclose(compare(*more), compare(*strata), rtol=1e-14)


@pytest.mark.parametrize("compare", [*POOLED, robins_breslow_greenland, cochran_mantel_haenszel, breslow_day])
def test_many_comparisons_at_once_are_as_each_alone(compare):
    x1, n1, x2, n2 = STRATA["five"][:, :60]
    together = compare(x1.reshape(3, 20, 5), n1.reshape(3, 20, 5), x2.reshape(3, 20, 5), n2.reshape(3, 20, 5))
    assert all(field.shape == (3, 20) for field in together)
    assert all(np.ndim(field) == 0 for field in compare(3, 10, 2, 12))
    for row in range(0, 60, 7):
        alone = compare(x1[row], n1[row], x2[row], n2[row])
        np.testing.assert_allclose([field.ravel()[row] for field in together], alone, rtol=1e-11)


def test_shapes_and_empty_arrays():
    assert stratified_risk_ratio([[3, 1], [2, 2]], [10, 20], [1, 2], 15).low.shape == (2,)
    assert stratified_odds_ratio(np.empty((0, 3)), 5, np.empty((0, 3)), 5).low.shape == (0,)
    nothing = stratified_risk_difference(np.empty((2, 0)), 5, np.empty((2, 0)), 5)
    np.testing.assert_array_equal(nothing.strata, [0, 0])
    np.testing.assert_array_equal(nothing.low, [-1, -1])
    np.testing.assert_array_equal(nothing.p_value, [1, 1])


@settings(deadline=None, max_examples=25)
@given(st.data(), st.floats(0.5, 0.999))
def test_properties_at_any_size(data, level):
    strata = data.draw(st.integers(1, 6))
    sizes = st.lists(st.integers(0, 10**6), min_size=strata, max_size=strata)
    n1, n2 = data.draw(sizes), data.draw(sizes)
    x1, x2 = ([data.draw(st.integers(0, n)) for n in group] for group in (n1, n2))
    for compare in POOLED:
        pooled, swapped = compare(x1, n1, x2, n2, level=level), compare(x2, n2, x1, n1, level=level)
        neutral = 1 if compare in RATIOS else 0
        assert (pooled.low > neutral or pooled.high < neutral) == (pooled.p_value < 1 - level)
        assert pooled.low < pooled.high
        back = -swapped.high if neutral == 0 else (1 / swapped.high if swapped.high < np.inf else 0.0)
        assert pooled.low == pytest.approx(back, abs=1e-9, rel=1e-8)


def test_window_of_counts_leaves_no_chance_out():
    """Large strata are summed next to the likeliest count only: here against every count there is."""
    odds, (x1, n1, x2, n2) = 1.3, (400, 1000, 350, 1500)
    counts = np.arange(751)
    weights = hypergeom.logpmf(counts, n1 + n2, n1, x1 + x2)

    def distance(log_odds: float) -> float:
        chances = np.exp(weights + log_odds * counts - np.max(weights + log_odds * counts))
        chances /= chances.sum()
        mean = chances @ counts
        return (x1 - mean) / np.sqrt(chances @ (counts - mean) ** 2)

    pooled = stratified_odds_ratio([x1], [n1], [x2], [n2])
    assert distance(np.log(pooled.low)) == pytest.approx(1.959963984540054, abs=1e-9)
    assert distance(np.log(pooled.high)) == pytest.approx(-1.959963984540054, abs=1e-9)
    assert distance(np.log(pooled.estimate)) == pytest.approx(0, abs=1e-9)
    assert pooled.low > odds


@pytest.mark.parametrize("level", [0.5, 0.95])
def test_windows_of_counts_tell_what_all_counts_do(level, monkeypatch):
    def every_count(strata) -> int:
        return int((strata.most - strata.fewest).max()) + 1

    tables = [
        (400, 1000, 350, 1500),
        (4900, 10**6, 5100, 10**6),
        (150, 200, 850, 10**5),
        (30, 5000, 900, 10**5),
        (900, 1000, 80, 1000),
    ]
    windows = [stratified_odds_ratio(*np.transpose([table]), level=level) for table in tables]
    assert all(
        stratified_odds._window(stratified_odds.strata_of(*np.transpose([t]))[0]) < t[1] for t in tables
    )
    monkeypatch.setattr(stratified_odds, "_window", every_count)
    for table, windowed in zip(tables, windows, strict=True):
        whole = stratified_odds_ratio(*np.transpose([table]), level=level)
        np.testing.assert_allclose(windowed, whole, rtol=1e-11)


def moments_of(odds, n1, events, n2) -> tuple[np.ndarray, np.ndarray]:
    """Mean and variance of the events of group 1 at these odds ratios, summed over all its counts."""
    counts = np.arange(n1.max() + 1)
    chances = hypergeom.pmf(counts, *(part[..., None] for part in (n1 + n2, n1, events))) * odds**counts
    chances /= chances.sum(axis=-1, keepdims=True)
    mean = chances @ counts
    return mean, (chances * (counts - mean[..., None]) ** 2).sum(axis=-1)


def test_conditional_odds_ratio_expects_what_was_seen():
    """And homogeneity is what is left of each stratum's distance from that, in its exact deviations."""
    x1, n1, x2, n2 = STRATA["five"][:, ((STRATA["five"][1] > 0) & (STRATA["five"][3] > 0)).all(axis=1)]
    pooled = stratified_odds_ratio(x1, n1, x2, n2)
    inside = (pooled.estimate > 0) & np.isfinite(pooled.estimate)
    assert inside.sum() > 500
    x1, n1, x2, n2 = (part[inside] for part in (x1, n1, x2, n2))
    mean, variance = moments_of(pooled.estimate[inside][:, None, None], n1, x1 + x2, n2)
    np.testing.assert_allclose(mean.sum(axis=-1), x1.sum(axis=-1), rtol=1e-10)
    free = variance > 1e-9
    left = np.where(free, (x1 - mean) ** 2 / np.where(free, variance, 1.0), 0.0).sum(axis=-1)
    several = free.sum(axis=-1) > 1
    expected = np.where(several, chi2.sf(left, free.sum(axis=-1) - 1), np.nan)
    np.testing.assert_allclose(pooled.homogeneity_p[inside], expected, rtol=1e-7)


def expected_at(odds, n1, events, n2) -> float:
    """Events of group 1 in the one table of these margins that has these odds."""
    return brentq(
        lambda a: a * (n2 - events + a) - odds * (n1 - a) * (events - a),
        max(0, events - n2),
        min(n1, events),
        xtol=1e-15,
    )


def tarone_by_root(x1, n1, x2, n2) -> float:
    """Breslow and Day's statistic with Tarone's correction, the expected tables found by a root."""
    total, events = n1 + n2, x1 + x2
    odds = (x1 * (n2 - x2) / total).sum() / (x2 * (n1 - x1) / total).sum()
    a = np.array([expected_at(odds, *margins) for margins in zip(n1, events, n2, strict=True)])
    weight = 1 / sum(1 / cell for cell in (a, n1 - a, events - a, n2 - events + a))
    return ((x1 - a) ** 2 / weight).sum() - (x1 - a).sum() ** 2 / weight.sum()


def test_breslow_day_of_few_people_against_its_definition():
    extreme = columns([(1, 10, 9, 10), (0, 100, 99, 100)])
    pair = columns([(1, 2, 1, 3), (1, 3, 1, 2)])
    for table in (extreme, pair, *np.moveaxis(STRATA["five"][:, :400], 1, 0)):
        x1, n1, x2, n2 = table
        tell = (n1 > 0) & (n2 > 0) & (x1 + x2 > 0) & (x1 + x2 < n1 + n2)
        found = breslow_day(*table)
        if tell.sum() > 1 and np.any(x1 * (n2 - x2) > 0) and np.any(x2 * (n1 - x1) > 0):
            expected = tarone_by_root(*table[:, tell])
            assert found.statistic == pytest.approx(expected, rel=1e-7, abs=1e-9)
            assert found.freedom == tell.sum() - 1
        else:
            assert np.isnan(found).all()


@pytest.mark.parametrize(
    ("compare", "strata"),
    [
        (stratified_risk_difference, [(4, 10, 2, 10), (10, 20, 6, 20), (30, 50, 20, 50)]),
        (stratified_risk_ratio, [(4, 10, 2, 10), (12, 20, 6, 20), (10, 50, 5, 50)]),
        (breslow_day, [(8, 12, 4, 12), (4, 6, 2, 6), (1, 2, 1, 5)]),
    ],
)
def test_strata_of_one_measure_agree_wholly(compare, strata):
    result = compare(*columns(strata))
    p_value = result.p_value if compare is breslow_day else result.homogeneity_p
    assert p_value == pytest.approx(1, abs=1e-6)


def test_robins_breslow_greenland_of_one_stratum_is_woolf():
    # Woolf (1955), Ann Hum Genet 19, 251-253: the variance of the log odds ratio is the sum of 1 over each cell.
    for table in ((1, 3, 1, 3), (20, 30, 5, 60)):
        x1, n1, x2, n2 = table
        pooled = robins_breslow_greenland(*table)
        odds, error = (
            x1 * (n2 - x2) / (x2 * (n1 - x1)),
            np.sqrt(1 / x1 + 1 / (n1 - x1) + 1 / x2 + 1 / (n2 - x2)),
        )
        reach = norm.isf(0.025) * error
        expected = odds, odds * np.exp(-reach), odds * np.exp(reach)
        assert tuple(pooled[:3]) == pytest.approx(expected, rel=1e-12)


def test_robins_breslow_greenland_at_the_ends_claims_nothing():
    pooled = robins_breslow_greenland([0, 0], [5, 4], [2, 3], [6, 6])
    assert tuple(pooled[:3]) == (0, 0, np.inf)
    assert np.isnan(pooled.homogeneity_p)
    assert tuple(robins_breslow_greenland([2, 3], [6, 6], [0, 0], [5, 4])[:3]) == (np.inf, 0, np.inf)


def test_strata_where_everybody_has_the_event_tell_the_same_of_homogeneity_whichever_group_is_first():
    # The pooled difference is nought but for rounding, and two strata have no variance there.
    x1, n1, x2, n2 = [1, 2, 0, 2, 3], [2, 2, 2, 2, 3], [2, 3, 1, 3, 1], [3, 3, 3, 3, 2]
    p, swapped = (
        stratified_risk_difference(*counts).homogeneity_p for counts in ((x1, n1, x2, n2), (x2, n2, x1, n1))
    )
    assert p == pytest.approx(swapped, rel=1e-9)
    telling = [0, 2, 4]
    alone = stratified_risk_difference(*(np.array(counts)[telling] for counts in (x1, n1, x2, n2)))
    assert p == pytest.approx(alone.homogeneity_p, rel=1e-9)


def test_strata_of_no_variance_tell_nothing_of_homogeneity():
    assert np.isnan(stratified_risk_ratio([0, 0], [5, 6], [2, 3], [6, 7]).homogeneity_p)
    assert np.isnan(stratified_risk_ratio([2, 3], [5, 6], [0, 0], [6, 7]).homogeneity_p)
    assert np.isnan(stratified_risk_difference([0, 3], [5, 6], [0, 2], [6, 4]).homogeneity_p)
    for one_sided in ([0, 0], [5, 6], [2, 3], [6, 7]), ([2, 3], [5, 6], [0, 0], [6, 7]):
        assert np.all(np.isnan(breslow_day(*one_sided)))
        assert np.isnan(stratified_odds_ratio(*one_sided).homogeneity_p)


def test_continuity_takes_no_more_than_there_is():
    test = cochran_mantel_haenszel([3, 3], [6, 6], [3, 2], [6, 5], continuity=True)
    assert (test.statistic, test.p_value) == (0, 1)
    # Of 4 and 4 people 3 and 1 have the event: 1 above expectation, of variance 4 * 4 * 4 * 4 / (8 * 8 * 7).
    whole = cochran_mantel_haenszel(3, 4, 1, 4).statistic
    assert whole == pytest.approx(7 / 4)
    assert cochran_mantel_haenszel(3, 4, 1, 4, continuity=True).statistic == pytest.approx(whole / 4)
    assert cochran_mantel_haenszel([2, 0], 4, [2, 0], 4, continuity=True).statistic == 0
    plain = cochran_mantel_haenszel(*berkeley())
    assert plain.statistic == pytest.approx(stratified_risk_ratio(*berkeley()).statistic ** 2)


def sampled(seed: int, n1: np.ndarray, n2: np.ndarray, p1: np.ndarray, p2: np.ndarray, times: int) -> tuple:
    rng = np.random.default_rng(seed)
    shape = (times, n1.size)
    return rng.binomial(n1, p1, shape), n1, rng.binomial(n2, p2, shape), n2


N1, N2, P2 = (
    np.array([60, 50, 80, 40, 70]),
    np.array([10, 20, 15, 30, 12]),
    np.array([0.1, 0.3, 0.2, 0.35, 0.15]),
)
MANY_1, MANY_2, MANY_P2 = np.full(30, 4), np.full(30, 3), np.linspace(0.1, 0.45, 30)


@pytest.mark.parametrize("sizes", [(N1, N2, P2), (MANY_1, MANY_2, MANY_P2)], ids=["few large", "many small"])
def test_coverage_where_the_strata_agree(sizes):
    n1, n2, p2 = sizes
    odds = 1.7 * p2 / (1 - p2)
    for seed, (compare, p1, true) in enumerate(
        [
            (stratified_risk_ratio, 1.7 * p2, 1.7),
            (stratified_risk_difference, p2 + 0.12, 0.12),
            (stratified_odds_ratio, odds / (1 + odds), 1.7),
        ]
    ):
        pooled = compare(*sampled(seed, n1, n2, p1, p2, 1500))
        covered = ((pooled.low <= true) & (true <= pooled.high)).mean()
        assert 0.935 < covered < 0.97
        false_alarms = (pooled.homogeneity_p < 0.05).mean()
        assert false_alarms < 0.065
        if n1 is N1:
            assert false_alarms > 0.03


@pytest.mark.parametrize("compare", POOLED)
def test_homogeneity_finds_strata_that_disagree(compare):
    p1 = np.array([0.4, 0.1, 0.5, 0.1, 0.5])
    assert (compare(*sampled(9, N1, N2, p1, P2, 300)).homogeneity_p < 0.05).mean() > 0.9


def test_pairs_need_the_exact_moments():
    """In pairs, everyone sharing one ratio, the classical test finds disagreement each time; ours does not."""
    ones = np.ones(200, dtype=int)
    tables = sampled(4, ones, ones, 0.5 * ones, 0.3 * ones, 100)
    assert np.all(breslow_day(*tables).p_value < 0.05)
    assert np.all(stratified_odds_ratio(*tables).homogeneity_p > 0.05)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([5, 1], [4, 4], [1, 1], [2, 2]), r"^events_1 must not be above n_1"),
        (([1, 1], [4, 4], [1, 3], [2, 2]), r"^events_2 must not be above n_2"),
        (([1, -1], [4, 4], [1, 1], [2, 2]), "^events_1 must be finite and at least 0"),
        (([1, 1], [4, float("nan")], [1, 1], [2, 2]), "^n_1 must be finite"),
        ((["Ama", "Bo"], 4, 1, 2), "^events_1 must be numbers$"),
        (([0, 0], [0.5, 4], [0, 0], [2, 2]), "^n_1 must be 0 or at least 1; 1 of 2 are not$"),
        (([0, 0], [4, 4], [0, 0], [2, 0.5]), "^n_2 must be 0 or at least 1; 1 of 2 are not$"),
    ],
)
@pytest.mark.parametrize("compare", [*POOLED, breslow_day, cochran_mantel_haenszel])
def test_refusals_name_the_argument(compare, arguments, message):
    with pytest.raises(ValueError, match=message):
        compare(*arguments)


def test_refusals_of_level_method_and_parts_of_people():
    for compare in POOLED:
        with pytest.raises(ValueError, match=r"^level must"):
            compare(1, 2, 1, 2, level=95)
    with pytest.raises(ValueError, match=r"^method must"):
        stratified_odds_ratio(1, 2, 1, 2, method="wald")
    for place, name in enumerate(("events_1", "n_1", "events_2", "n_2")):
        counts = [[1, 1], [2, 2], [1, 1], [2, 2]]
        counts[place][0] += 0.5
        with pytest.raises(ValueError, match=rf"^{name} must be whole numbers; 1 of 2 are not$"):
            stratified_odds_ratio(*counts)
    assert stratified_risk_ratio([2.5, 1], 10, [2.5, 1], 10).p_value == 1


def test_both_odds_ratios_are_close_where_strata_are_large():
    conditional, classical = stratified_odds_ratio(*berkeley()), robins_breslow_greenland(*berkeley())
    np.testing.assert_allclose(conditional[:3], classical[:3], rtol=1e-3)
    assert conditional.homogeneity_p == pytest.approx(breslow_day(*berkeley()).p_value, rel=0.02)
