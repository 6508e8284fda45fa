"""Means and medians against scipy, published examples, and at the edges where nothing can be told."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disparity.statistics.means import (
    from_category_counts,
    hedges_g,
    mean_difference,
    mean_difference_from_sums,
    mean_ratio,
    median_difference,
    median_ratio,
)

groups = st.tuples(st.integers(2, 5000), st.floats(0.1, 1000), st.floats(0.01, 500))


samples = st.lists(st.integers(0, 1000), min_size=1, max_size=40)


def summary(values) -> tuple[int, float, float]:
    """Return count, mean and standard deviation."""
    sample = np.asarray(values, float)
    return sample.size, sample.mean(), sample.std(ddof=1)


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


def test_one_person_has_a_mean_and_nobody_has_none():
    lone, nobody = (1, 3.0, 1.0, 20, 4.0, 1.0), (0, 3.0, 1.0, 20, 4.0, 1.0)
    assert mean_difference(*lone).estimate == -1
    assert mean_ratio(*lone).estimate == 0.75
    assert np.isnan([mean_difference(*nobody).estimate, mean_ratio(*nobody).estimate]).all()


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
        ((-1, 1, 1, 5, 1, 1), "^n_1 must be finite"),
        ((5, 1, 1, -5, 1, 1), "^n_2 must be finite"),
        ((5, float("nan"), 1, 5, 1, 1), "^mean_1 must be finite wherever n_1 is above 0$"),
        ((5, 1, 1, 5, float("nan"), 1), "^mean_2 must be finite wherever n_2 is above 0$"),
        ((5, 1, -1, 5, 1, 1), "^sd_1 must be finite and at least 0"),
        ((5, 1, 1, 5, 1, -1), "^sd_2 must be finite and at least 0"),
        ((5, 1, 1, 5, 1, float("nan")), "^sd_2 must be finite"),
        ((5, 1, 1, 2, 1, -1), "^sd_2 must be finite and at least 0"),
        ((5, "Ama", 1, 5, 1, 1), "^mean_1 must be numbers$"),
        ((5, 1, 1, 5, 1, "Ama"), "^sd_2 must be numbers$"),
    ],
)
@pytest.mark.parametrize("compare", [mean_difference, mean_ratio, hedges_g])
def test_refusals_name_the_argument(compare, arguments, message):
    with pytest.raises(ValueError, match=message):
        compare(*arguments)


def test_ratio_refuses_negative_means():
    with pytest.raises(ValueError, match="mean_2 must not be negative"):
        mean_ratio(5, 1, 1, 5, -1, 1)


# Henderson and Velleman (1981), Biometrics 37, 391-411, table 1: miles a gallon of cars with automatic and
# manual gears. The documentation of R's effectsize gives d = -1.48 (-2.27 to -0.67) and g = -1.44.
AUTOMATIC = [
    21.4,
    18.7,
    18.1,
    14.3,
    24.4,
    22.8,
    19.2,
    17.8,
    16.4,
    17.3,
    15.2,
    10.4,
    10.4,
    14.7,
    21.5,
    15.5,
    15.2,
]
AUTOMATIC += [13.3, 19.2]
MANUAL = [21.0, 21.0, 22.8, 32.4, 30.4, 33.9, 27.3, 26.0, 30.4, 15.8, 19.7, 15.0, 21.4]


def test_hedges_g_of_a_published_example():
    g = hedges_g(*summary(AUTOMATIC), *summary(MANUAL))
    assert g == pytest.approx((-1.44, -2.27, -0.67), abs=0.005)


@pytest.mark.parametrize(
    ("freedom", "correction"),
    [
        (2, 1 / np.sqrt(np.pi)),
        (3, np.sqrt(np.pi / 6)),
        (4, np.sqrt(2 / np.pi)),
        (10, 0.9227456080530871),
        (998, 0.999248277295649),
    ],
)
def test_exact_correction_by_gamma_functions(freedom, correction):
    assert hedges_g(2, 1.0, 1.0, freedom, 0.0, 1.0).estimate == pytest.approx(correction, rel=1e-11)


# Limits of the noncentrality of t. The first is the example of R's MBESS, conf.limits.nct(2.83, 126); all are
# roots in 30-digit arithmetic of the noncentral distribution, integrated over the deviation of the pooled one.
@pytest.mark.parametrize(
    ("t", "freedom", "low", "high"),
    [
        (2.83, 126, 0.8337502608406527, 4.81535914001667),
        (3.0, 2, -0.3946744065767939, 6.2828325754053),
        (-1.2, 8, -3.209660923201322, 0.8772840992059328),
        (12.0, 18, 7.612032178727377, 16.31737074306787),
    ],
)
def test_interval_of_g_is_that_of_the_noncentral_t(t, freedom, low, high):
    n = freedom / 2 + 1
    scale = np.sqrt(n / 2)
    g = hedges_g(n, 10 + t / scale, 1.0, n, 10.0, 1.0)
    assert (g.low * scale, g.high * scale) == pytest.approx((low, high), rel=1e-10)


@settings(deadline=None, max_examples=150)
@given(groups, groups, st.sampled_from([0.8, 0.95, 0.99]))
def test_g_agrees_with_the_pooled_t_test_and_swaps(first, second, level):
    from scipy.stats import ttest_ind_from_stats

    (n1, m1, s1), (n2, m2, s2) = first, second
    g, swapped = hedges_g(*first, *second, level=level), hedges_g(*second, *first, level=level)
    assert (g.estimate, g.low, g.high) == pytest.approx((-swapped.estimate, -swapped.high, -swapped.low))
    assert g.low <= g.estimate <= g.high
    p = ttest_ind_from_stats(m1, s1, n1, m2, s2, n2, equal_var=True).pvalue
    if abs(p - (1 - level)) > 1e-9:
        assert (g.low > 0 or g.high < 0) == (p < 1 - level)


@pytest.mark.parametrize("freedom", [2, 10, 1000, 1_000_000])
def test_limits_of_g_go_on_far_out(freedom):
    # A statistic of just over 10,000 has the limits of one just under it, and so on without end.
    n = freedom / 2 + 1
    limits = []
    for t in (9_999.9, 10_000.1, 1e9):
        g = hedges_g(n, [t, -t], 1 / np.sqrt(2 / n), n, 0.0, 1 / np.sqrt(2 / n))
        assert g.low[1] == pytest.approx(-g.high[0])
        limits.append([g.low[0] / t * np.sqrt(n / 2), g.high[0] / t * np.sqrt(n / 2)])
    assert limits[0] == pytest.approx(limits[1], rel=3e-6)
    from scipy.stats import chi2

    assert limits[2] == pytest.approx(np.sqrt(chi2.ppf([0.025, 0.975], freedom) / freedom), rel=1e-9)


def test_g_where_nothing_is_told_and_shapes():
    for groups_ in (
        (1, 3.0, np.nan, 20, 4.0, 1.0),
        (0, np.nan, np.nan, 9, 4.0, 1.0),
        (5, 3.0, 0.0, 5, 4.0, 0.0),
    ):
        g = hedges_g(*groups_)
        assert np.isnan(g.estimate)
        assert (g.low, g.high) == (-np.inf, np.inf)
    assert all(isinstance(field, float) for field in hedges_g(5, 1, 1, 5, 2, 1))
    assert hedges_g([[5], [9]], 1, 1, 5, [2, 3, 4], 1).low.shape == (2, 3)
    with pytest.raises(ValueError, match="level"):
        hedges_g(5, 1, 1, 5, 1, 1, level=95)


@settings(deadline=None, max_examples=150)
@given(samples, samples)
def test_sums_and_categories_say_what_the_values_say(first, second):
    sums = []
    for values in (first, second):
        sample = np.array(values)
        sums += [sample.size, sample.sum(), (sample**2).sum()]
    scores = np.arange(1001)
    tallies = [np.bincount(values, minlength=1001) for values in (first, second)]
    expected = mean_difference(*moments(first), *moments(second))
    for result in (mean_difference_from_sums(*sums), from_category_counts(scores, *tallies)):
        np.testing.assert_allclose(result.difference, expected, rtol=1e-8, atol=1e-8)
        np.testing.assert_allclose(
            result.hedges_g, hedges_g(*moments(first), *moments(second)), rtol=1e-8, atol=1e-8
        )


def moments(values) -> tuple[int, float, float]:
    """Return count, mean and standard deviation; NaN for the deviation of one value, 0 for a constant."""
    sample = np.array(values, float)
    if sample.size < 2:
        return sample.size, sample.mean(), np.nan
    return sample.size, sample.mean(), 0.0 if np.ptp(sample) == 0 else sample.std(ddof=1)


def test_survey_scores_worked_by_hand():
    # 1 to 5: two, none, one, none, one of group 1 (mean 2.5); none, none, none, one, one of group 2 (4.5).
    result = from_category_counts([1, 2, 3, 4, 5], [2, 0, 1, 0, 1], [0, 0, 0, 1, 1])
    assert result.difference.estimate == pytest.approx(-2.0)
    variance_1, variance_2 = (2 * 1.5**2 + 0.5**2 + 2.5**2) / 3, 0.5
    pooled = np.sqrt((3 * variance_1 + variance_2) / 4)
    assert result.hedges_g.estimate == pytest.approx(-2.0 / pooled * np.sqrt(2 / np.pi))
    assert result.difference.statistic == pytest.approx(-2.0 / np.sqrt(variance_1 / 4 + variance_2 / 2))


def test_constant_scores_do_not_vary_by_rounding():
    for result in (
        from_category_counts([0.1, 0.7], [7, 0], [0, 11]),
        mean_difference_from_sums(7, 7 * 0.1, 7 * 0.1**2, 11, 11 * 0.7, 11 * 0.7**2),
    ):
        assert result.difference.estimate == pytest.approx(-0.6)
        assert np.isnan(result.difference.p_value)
        assert np.isnan(result.hedges_g.estimate)
    told = mean_difference_from_sums(2, 2.0002, 2.00040002, 2, 2.0, 2.00000002)
    assert told.difference.p_value < 1


@pytest.mark.parametrize("score", [1e-9 / 3, 0.1, 1e6 / 3, 12345678901.23])
@pytest.mark.parametrize("n", [3, 7, 11, 49])
def test_constant_scores_of_any_size_do_not_vary_by_rounding(score, n):
    for result in (
        from_category_counts([score, 0.7], [n, 0], [0, n]),
        mean_difference_from_sums(n, n * score, n * score**2, n, n * 0.7, n * 0.7**2),
    ):
        assert np.isnan(result.difference.p_value)


def test_scores_far_from_nought_vary_as_those_near_it():
    near, far = (
        from_category_counts(np.arange(5) + start, [2, 0, 1, 0, 1], [0, 0, 0, 1, 1]) for start in (0, 1e9)
    )
    np.testing.assert_allclose(far.difference, near.difference)
    np.testing.assert_allclose(far.hedges_g, near.hedges_g)
    # Each table by its own scores: a small one is not lost in the rounding of a large one.
    both = from_category_counts([[0, 1, 2], [0, 1e15, 2e15]], [1, 1, 1], [0, 1, 1]).difference
    assert both.p_value[0] == pytest.approx(both.p_value[1])


def test_sums_and_categories_have_the_level_asked_for():
    values = ([1, 2, 4], [3, 5, 6, 6])
    sums = [part for sample in values for part in (len(sample), sum(sample), sum(x * x for x in sample))]
    tallies = [np.bincount(sample, minlength=7) for sample in values]
    groups_ = (*summary(values[0]), *summary(values[1]))
    for result in (
        mean_difference_from_sums(*sums, level=0.8),
        from_category_counts(np.arange(7), *tallies, level=0.8),
    ):
        np.testing.assert_allclose(result.difference, mean_difference(*groups_, level=0.8))
        np.testing.assert_allclose(result.hedges_g, hedges_g(*groups_, level=0.8))


def test_sums_of_nobody_or_of_one_tell_nothing():
    # Whatever they are: what is summed over nobody is not looked at, and one alone has no deviation.
    result = mean_difference_from_sums([0, 0, 0, 1], [0, 3, np.nan, 2], [0, 5, np.nan, 9], 5, 10, 30)
    assert np.isnan(result.difference.p_value).all()
    assert np.isnan(result.hedges_g.estimate).all()
    np.testing.assert_array_equal(result.difference.estimate, [np.nan, np.nan, np.nan, 0])
    # Weights may add up to one person.
    assert np.isnan(from_category_counts([1, 2], [0.5, 0.5], [3, 4]).difference.p_value)


def test_categories_of_many_tables_at_once():
    counts = np.arange(24).reshape(2, 3, 4)
    result = from_category_counts([1, 2, 3, 4], counts, counts[:, :1])
    assert result.difference.estimate.shape == (2, 3)
    alone = from_category_counts([1, 2, 3, 4], counts[1, 2], counts[1, 0])
    assert result.difference.low[1, 2] == pytest.approx(alone.difference.low)
    assert result.hedges_g.high[1, 2] == pytest.approx(alone.hedges_g.high)
    nobody = from_category_counts([1, 2], [0, 0], [3, 4]).difference
    assert np.isnan(nobody.estimate)
    assert (nobody.low, nobody.high) == (-np.inf, np.inf)
    empty = mean_difference_from_sums(0, np.nan, np.nan, 5, 10, 30).difference
    assert np.isnan(empty.p_value)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((-1, 1, 1, 5, 1, 1), "^n_1 must be finite"),
        ((5, float("nan"), 1, 5, 1, 1), "^sum_1 must be finite"),
        ((5, 1, 1, 5, 1, float("inf")), "^squares_2 must be finite"),
        ((5, 1, 1, 5, 10, 19.9), "^squares_2 must be at least sum_2 squared over n_2; 1 of 1 are not$"),
        ((5, "Ama", 1, 5, 1, 1), "^sum_1 must be numbers$"),
        ((5, 1, "Ama", 5, 1, 1), "^squares_1 must be numbers$"),
    ],
)
def test_sums_refused_name_the_argument(arguments, message):
    with pytest.raises(ValueError, match=message):
        mean_difference_from_sums(*arguments)


@pytest.mark.parametrize(
    ("scores", "counts_1", "counts_2", "message"),
    [
        ([1, 2], [1, 2, 3], [1, 2], "^counts_1 must have one count for each"),
        ([1, 2], [1, 2], 3, "^counts_2 must have one count for each"),
        ([1, 2], [1, -2], [1, 2], "^counts_1 must be finite and at least 0"),
        ([1, 2], [1, 2], [1, -2], "^counts_2 must be finite and at least 0"),
        ([1, float("nan")], [1, 2], [1, 2], "^scores must be finite$"),
        (["Ama", "Bo"], [1, 2], [1, 2], "^scores must be numbers$"),
    ],
)
def test_categories_refused_name_the_argument(scores, counts_1, counts_2, message):
    with pytest.raises(ValueError, match=message):
        from_category_counts(scores, counts_1, counts_2)


# Bonett's own examples, in the documentation of statpsych's ci.median2 and ci.ratio.median2.
@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (
            [32, 39, 26, 35, 43, 27, 40, 37, 34, 29],
            [36, 44, 47, 42, 49, 39, 46, 31, 33, 48],
            (-8.5, -16.95977, -0.04022524),
        ),
        (
            [32.1, 39.8, 26.3, 35.0, 43.1, 27.0, 40.9, 37.4, 34.0, 29.2],
            [36.8, 44.0, 47.1, 42.7, 49.0, 39.6, 46.2, 31.6, 33.1, 48.4],
            (-8.85, -17.66002, -0.0399751),
        ),
        (
            [70, 394, 43, 95, 62, 128, 2, 203, 81, 436, 85, 35, 156, 1, 3, 27, 63, 181, 184, 18],
            [102, 120, 78, 78, 417, 124, 86, 171, 176, 129, 230, 194, 100, 157, 306, 411, 164, 103, 193, 312],
            (-85, -157.7441, -12.25589),
        ),
    ],
)
def test_median_difference_of_published_examples(first, second, expected):
    assert median_difference(first, second)[:3] == pytest.approx(expected, rel=1e-6)


def test_median_ratio_of_a_published_example():
    first = [36, 44, 47, 42, 49, 39, 46, 31, 33, 48]
    second = [32, 39, 26, 35, 43, 27, 40, 37, 34, 29, 49, 42, 40]
    assert median_ratio(first, second)[:3] == pytest.approx((1.162162, 0.927667, 1.455933), rel=1e-6)


def test_order_statistics_of_the_variance_of_a_median():
    # Price and Bonett: the values (n + 1)/2 less the root of n, rounded, from either end; the chance that the
    # median is outside them is twice that of so few heads among n throws.
    for n, place in ((2, 1), (5, 1), (14, 4), (25, 8), (100, 40)):
        values = np.arange(1.0, n + 1.0) ** 2
        result = median_difference(values, np.zeros(3))
        from scipy.stats import binom, norm

        deviates = norm.isf(binom.cdf(place - 1, n, 0.5))
        error = (values[n - place] - values[place - 1]) / (2 * deviates)
        assert result.high - result.low == pytest.approx(2 * norm.isf(0.025) * error)


@settings(deadline=None, max_examples=150)
@given(samples, samples, st.sampled_from([0.8, 0.95, 0.99]))
def test_medians_agree_with_their_test_and_swap(first, second, level):
    for compare, neutral in ((median_difference, 0), (median_ratio, 1)):
        result, swapped = compare(first, second, level=level), compare(second, first, level=level)
        assert (result.low > neutral or result.high < neutral) == (result.p_value < 1 - level)
        assert np.isnan(result.p_value) == np.isnan(swapped.p_value)
        if neutral == 0:
            assert result.estimate == np.median(first) - np.median(second)
            assert (result.low, result.high) == pytest.approx((-swapped.high, -swapped.low))
        elif not np.isnan(result.p_value):
            assert result.low == pytest.approx(1 / swapped.high)


def test_medians_cover_what_they_should():
    generator = np.random.default_rng(7)
    first, second = generator.lognormal(2.0, 1.0, (4000, 24)), generator.lognormal(2.0, 1.0, (4000, 35))
    for compare, neutral in ((median_difference, 0), (median_ratio, 1)):
        result = compare(first, second)
        assert 0.94 < np.mean((result.low <= neutral) & (neutral <= result.high)) < 0.975


def test_medians_where_nothing_is_told():
    for compare in (median_difference, median_ratio):
        for first, second in (([3], [1, 2, 9]), ([5, 5, 5], [4, 4, 4, 4])):
            result = compare(first, second)
            assert np.isnan([result.statistic, result.p_value]).all()
            assert np.isposinf(result.high)
            assert result.low == (0 if compare is median_ratio else -np.inf)
    zero = median_ratio([0, 0, 0, 9, 9], [0, 0, 0, 0])
    assert np.isnan([zero.estimate, zero.p_value]).all()
    assert (zero.low, zero.high) == (0, np.inf)
    assert median_ratio([0, 0, 0, 9, 9], [1, 2, 3]).estimate == 0
    # A value of 0 far below the middle does not matter; one as near as the order statistics does.
    assert median_ratio([0, *range(5, 30)], [3, 4, 5]).p_value < 1
    assert np.isnan(median_ratio([0, 1, 2], [3, 4, 5]).p_value)


def test_medians_of_many_samples_and_refusals():
    assert all(isinstance(field, float) for field in median_difference([1, 2, 4], [2, 3]))
    assert all(isinstance(field, float) for field in median_ratio([1, 2, 4], [2, 3]))
    generator = np.random.default_rng(3)
    first, second = generator.random((2, 1, 9)), generator.random((3, 7))
    for compare in (median_difference, median_ratio):
        result = compare(first, second)
        assert result.high.shape == (2, 3)
        assert result.high[1, 2] == compare(first[1, 0], second[2]).high
        for values, message in (
            ([], "values_1 must hold one value or more"),
            (3.0, "values_1 must hold one value or more"),
            ([1, np.nan], "values_1 must be finite; 1 of 2 are not$"),
            (["Ama"], "values_1 must be numbers$"),
        ):
            with pytest.raises(ValueError, match=f"^{message}"):
                compare(values, [1, 2])
            with pytest.raises(ValueError, match="^" + message.replace("values_1", "values_2")):
                compare([1, 2], values)
    with pytest.raises(ValueError, match=r"^values_1 must not be negative"):
        median_ratio([1, -2], [1, 2])
    with pytest.raises(ValueError, match=r"^values_2 must not be negative"):
        median_ratio([1, 2], [1, -2])
    with pytest.raises(ValueError, match="level"):
        median_difference([1, 2], [1, 2], level=95)
