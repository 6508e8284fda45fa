"""Appointments on shared shortlists by hand, by simulation, and from sums as from counts."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom, fisher_exact, hypergeom

from disparity.statistics import vacancies as module
from disparity.statistics.proportions import risk_ratio
from disparity.statistics.stratified import cochran_mantel_haenszel
from disparity.statistics.vacancies import by_vacancy, by_vacancy_exact, vacancy_ratio

# Every table of up to three people in each group, every pair of such tables, and 3000 fives of them.
GROUPS = [(x, n) for n in range(4) for x in range(n + 1)]
TABLES = np.array([(*first, *second) for first in GROUPS for second in GROUPS]).T
PAIRS = TABLES[:, np.indices((100, 100)).reshape(2, -1).T]
FIVES = TABLES[:, np.random.default_rng(3).integers(0, 100, (3000, 5))]


def summed(x1: np.ndarray, n1: np.ndarray, x2: np.ndarray, n2: np.ndarray) -> tuple[np.ndarray, ...]:
    """What `vacancy_ratio` takes, of the vacancies that inform."""
    n, appointed = n1 + n2, x1 + x2
    informs = (n1 > 0) & (n2 > 0) & (appointed > 0) & (appointed < n)
    size = np.where(informs, n, 2)
    parts = (
        x1 * n2 / size,
        x2 * n1 / size,
        n1 * n2 * appointed * (n - appointed) / (size**2 * (size - 1)),
    )
    return tuple(np.where(informs, part, 0.0).sum(axis=-1) for part in parts)


@pytest.mark.parametrize("level", [0.8, 0.95])
@pytest.mark.parametrize("vacancies", [PAIRS, FIVES], ids=["every pair", "five"])
def test_sums_tell_what_the_vacancies_do(vacancies, level):
    ours, theirs = vacancy_ratio(*summed(*vacancies), level=level), by_vacancy(*vacancies, level=level)
    for field, other in zip(
        ours, (theirs.ratio, theirs.low, theirs.high, theirs.statistic, theirs.p_value), strict=True
    ):
        np.testing.assert_allclose(field, other, rtol=1e-12, atol=1e-12)


def test_edges_of_sums():
    none_1, none_2 = vacancy_ratio(0, 2, 1.5), vacancy_ratio(2, 0, 1.5)
    assert (none_1.estimate, none_1.low) == (0, 0)
    assert (none_2.estimate, none_2.high) == (np.inf, np.inf)
    assert none_1.high == pytest.approx(1 / none_2.low)
    np.testing.assert_array_equal(vacancy_ratio(0, 0, 0), (np.nan, 0, np.inf, 0, 1))
    many = vacancy_ratio([[3.0], [1.0]], [1.0, 2.0, 3.0], 2.0)
    assert many.low.shape == (2, 3)
    assert isinstance(vacancy_ratio(3, 1, 2).low, float)
    assert vacancy_ratio(np.empty(0), 1, 1).high.shape == (0,)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((-1, 2, 1), "^sum_1 must be finite and at least 0; 1 of 1 are not$"),
        ((1, [2, float("inf")], 1), "^sum_2 must be finite and at least 0; 1 of 2 are not$"),
        ((1, 2, float("nan")), "^variance must be finite"),
        ((1, 2, "much"), "^variance must be numbers$"),
    ],
)
def test_refusals_of_sums_name_the_argument(arguments, message):
    with pytest.raises(ValueError, match=message):
        vacancy_ratio(*arguments)


def one_place_each(seed: int, ratio: float, vacancies: int, times: int) -> tuple[np.ndarray, ...]:
    """One appointment a vacancy, each person of group 1 ``ratio`` times as likely as each of group 2."""
    rng = np.random.default_rng(seed)
    n1, n2 = rng.binomial(3, 0.4, (times, vacancies)), rng.integers(1, 8, (times, vacancies))
    x1 = (rng.random((times, vacancies)) < ratio * n1 / (ratio * n1 + n2)).astype(int)
    return x1, n1, 1 - x1, n2


@pytest.mark.parametrize("ratio", [0.5, 1.0, 2.0])
def test_vacancy_interval_covers(ratio):
    result = by_vacancy(*one_place_each(2, ratio, 40, 4000))
    assert 0.94 < ((result.low <= ratio) & (ratio <= result.high)).mean() < 0.965
    assert np.median(result.ratio) == pytest.approx(ratio, rel=0.06)


def test_pooling_vacancies_understates_the_variance():
    """The reason for `by_vacancy`: what one person gets another does not, and pooled rates do not know."""
    rng = np.random.default_rng(6)
    ones = np.ones((4000, 60), dtype=int)
    x1 = (rng.random(ones.shape) < 0.5).astype(int)
    conditional = by_vacancy(x1, ones, 1 - x1, ones)
    assert (conditional.p_value < 0.05).mean() == pytest.approx(0.05, abs=0.015)
    pooled = risk_ratio(x1.sum(axis=1), 60, (1 - x1).sum(axis=1), 60)
    assert (pooled.p_value < 0.05).mean() > 0.12


def test_vacancies_by_hand():
    """Two shortlists with one place each: 2 and 3 people, then 1 and 4; group 1 gets the first place only."""
    result = by_vacancy([1, 0], [2, 1], [0, 1], [3, 4])
    assert result.observed == 1
    assert result.expected == pytest.approx(2 / 5 + 1 / 5)
    variance = 2 * 3 / 25 + 1 * 4 / 25
    assert result.statistic == pytest.approx(0.4 / np.sqrt(variance))
    assert result.ratio == pytest.approx((3 / 5) / (1 / 5))
    for limit in (result.low, result.high):
        distance = 3 / 5 - limit * 1 / 5
        assert distance**2 == pytest.approx(1.959963984540054**2 * limit * variance)
    assert result.vacancies == 2
    assert isinstance(result.low, float)


def test_vacancies_that_cannot_tell_are_left_out():
    some = by_vacancy([1, 0, 1], [2, 3, 1], [0, 1, 1], [4, 2, 5])
    more = by_vacancy(
        [1, 0, 1, 1, 0, 2, 0], [2, 3, 1, 4, 3, 2, 0], [0, 1, 1, 0, 0, 2, 1], [4, 2, 5, 0, 4, 2, 6]
    )
    np.testing.assert_allclose(more, some, rtol=1e-14)
    assert some.vacancies == 3
    nothing = by_vacancy([1, 0], [1, 4], [0, 0], [0, 3])
    np.testing.assert_array_equal(nothing, (0, 0, np.nan, 0, np.inf, 0, 1, 0))


@pytest.mark.parametrize("level", [0.3, 0.8, 0.95, 0.99])
def test_every_small_set_of_vacancies(level):
    for x1, n1, x2, n2 in (PAIRS, FIVES):
        result, swapped = by_vacancy(x1, n1, x2, n2, level=level), by_vacancy(x2, n2, x1, n1, level=level)
        np.testing.assert_array_equal((result.low > 1) | (result.high < 1), result.p_value < 1 - level)
        known = result.vacancies > 0
        np.testing.assert_array_equal(known, ~np.isnan(result.ratio))
        assert np.all((result.low <= result.ratio) & (result.ratio <= result.high), where=known)
        some = result.low > 0
        np.testing.assert_allclose(result.low[some], 1 / swapped.high[some], rtol=1e-12)
        surplus = result.observed - result.expected
        np.testing.assert_allclose(surplus, -(swapped.observed - swapped.expected), atol=1e-12)
        np.testing.assert_allclose(
            result.p_value, cochran_mantel_haenszel(x1, n1, x2, n2).p_value, rtol=1e-12
        )


def test_exact_p_of_one_vacancy_is_fishers():
    x1, n1, x2, n2 = TABLES
    p = by_vacancy_exact(*TABLES[:, :, None])
    for row in range(100):
        table = [[x1[row], n1[row] - x1[row]], [x2[row], n2[row] - x2[row]]]
        expected = fisher_exact(table).pvalue if n1[row] and n2[row] else 1.0
        assert p[row] == pytest.approx(expected, abs=1e-12)
    assert isinstance(by_vacancy_exact(1, 2, 0, 3), float)


def test_exact_p_of_many_vacancies_is_that_of_the_sum():
    rng = np.random.default_rng(8)
    for vacancies in (2, 7, 40):
        n1, n2 = rng.integers(1, 6, vacancies), rng.integers(1, 9, vacancies)
        x1, x2 = rng.binomial(n1, 0.4), rng.binomial(n2, 0.2)
        chances, least = np.ones(1), 0
        for place in range(vacancies):
            places = x1[place] + x2[place]
            fewest = max(0, places - n2[place])
            counts = np.arange(fewest, min(n1[place], places) + 1)
            chances = np.convolve(chances, hypergeom.pmf(counts, n1[place] + n2[place], n1[place], places))
            least += fewest
        seen = chances[x1.sum() - least]
        expected = chances[chances <= seen * (1 + 1e-9)].sum()
        assert by_vacancy_exact(x1, n1, x2, n2) == pytest.approx(expected, abs=1e-12)


def test_exact_p_is_the_same_however_many_vacancies_are_worked_at_once(monkeypatch):
    together = by_vacancy_exact(*FIVES[:, :200])
    assert np.all((together > 0) & (together <= 1))
    for block in (16, 400):
        monkeypatch.setattr(module, "BLOCK", block)
        np.testing.assert_allclose(by_vacancy_exact(*FIVES[:, :200]), together, rtol=1e-12)
        np.testing.assert_allclose(by_vacancy_exact(*FIVES[:, 7]), together[7], rtol=1e-12)


def test_exact_p_keeps_to_its_bounds():
    assert by_vacancy_exact(*PAIRS).max() == 1
    ones = np.ones(166)
    assert 0 <= by_vacancy_exact(ones, 2, 0, 3) < 1e-12
    np.testing.assert_array_equal(by_vacancy_exact(np.empty((2, 0)), 5, np.empty((2, 0)), 5), [1, 1])
    assert by_vacancy_exact(np.empty((0, 3)), 5, np.empty((0, 3)), 5).shape == (0,)


def test_exact_p_counts_totals_as_likely_on_the_other_side():
    for seen in range(21, 40):
        first = np.arange(40) < seen
        p = by_vacancy_exact(first, 1, ~first, 1)
        assert p == pytest.approx(2 * binom.sf(seen - 1, 40, 0.5), abs=1e-13)


def test_exact_p_never_warns_more_often_than_it_may():
    tables = one_place_each(11, 1.0, 8, 4000)
    assert (by_vacancy_exact(*tables) < 0.05).mean() < 0.05
    lone = by_vacancy(1, 1, 0, 9)
    assert lone.p_value < 0.01 < by_vacancy_exact(1, 1, 0, 9)


def test_interval_and_p_agree_to_the_last_digit():
    for vacancies in np.moveaxis(FIVES[:, :150], 1, 0):
        p = by_vacancy(*vacancies).p_value
        for level in np.clip([1 - p, np.nextafter(1 - p, 0), np.nextafter(1 - p, 1)], 1e-9, 1 - 1e-9):
            result = by_vacancy(*vacancies, level=level)
            assert (result.low > 1 or result.high < 1) == (result.p_value < 1 - level)


def test_a_shortlist_with_nobody_in_a_group_counts_for_nothing():
    vacancies = [[3, 2, 5], [5, 5, 6], [1, 1, 2], [2, 2, 3]]
    alone = [[2, 0, 0], [3, 0, 0], [0, 4, 0], [0, 9, 0]]
    more = np.concatenate([vacancies, alone], axis=1)
    np.testing.assert_allclose(by_vacancy(*more), by_vacancy(*vacancies), rtol=1e-14)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([5, 1], [4, 4], [1, 1], [2, 2]), r"^events_1 must not be above n_1"),
        (([1, 1], [4, 4], [1, 3], [2, 2]), r"^events_2 must not be above n_2"),
        (([1, -1], [4, 4], [1, 1], [2, 2]), "^events_1 must be finite and at least 0"),
        (([1, 1], [4, float("nan")], [1, 1], [2, 2]), "^n_1 must be finite"),
        ((["Ama", "Bo"], 4, 1, 2), "^events_1 must be numbers$"),
        (([0, 0], [4, 4], [0, 0], [2, 0.5]), "^n_2 must be 0 or at least 1; 1 of 2 are not$"),
        (([1.5, 1], [2, 2], [1, 1], [2, 2]), r"^events_1 must be whole numbers; 1 of 2 are not$"),
        (([1, 1], [2.5, 2], [1, 1], [2, 2]), r"^n_1 must be whole numbers; 1 of 2 are not$"),
        (([1, 1], [2, 2], [1.5, 1], [2, 2]), r"^events_2 must be whole numbers; 1 of 2 are not$"),
        (([1, 1], [2, 2], [1, 1], [2, 2.5]), r"^n_2 must be whole numbers; 1 of 2 are not$"),
    ],
)
@pytest.mark.parametrize("compare", [by_vacancy, by_vacancy_exact])
def test_refusals_of_vacancies_name_the_argument(compare, arguments, message):
    with pytest.raises(ValueError, match=message):
        compare(*arguments)


def test_refusals_of_level():
    with pytest.raises(ValueError, match=r"^level must"):
        by_vacancy(1, 2, 1, 2, level=95)
    with pytest.raises(ValueError, match=r"^level must"):
        vacancy_ratio(1, 2, 1, level=95)
