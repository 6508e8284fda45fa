"""Decompositions against a published example, by hand, as properties and by simulation."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disparity.statistics.decomposition import funnel, kitagawa, kitagawa_counts
from disparity.statistics.proportions import risk_difference, risk_ratio

CASES = json.loads((Path(__file__).parents[2] / "reference" / "cases.json").read_text(encoding="utf-8"))
APPLIED = ([435, 157, 40], [700, 235, 85])


@pytest.mark.parametrize("case", [c for c in CASES if c["kind"] == "kitagawa"], ids=lambda c: c["id"])
def test_kitagawa_reference(case):
    given_, expected, tolerance = case["inputs"], case["expected"], case["abs_tol"]
    split = kitagawa(given_["size1"], given_["rate1"], given_["size0"], given_["rate0"])
    assert split.crude_1 == pytest.approx(expected["crude1"], abs=tolerance)
    assert split.crude_2 == pytest.approx(expected["crude0"], abs=tolerance)
    assert split.mix == pytest.approx(expected["composition"], abs=tolerance)
    assert split.rate == pytest.approx(expected["rate"], abs=tolerance)
    assert split.difference == pytest.approx(split.mix + split.rate, abs=1e-12)


def test_funnel_by_hand():
    """Of 435 applicants 157 were shortlisted and 40 appointed; of 700 others, 235 and 85."""
    result = funnel(*APPLIED)
    np.testing.assert_allclose(result.stages.estimate, [(157 / 435) / (235 / 700), (40 / 157) / (85 / 235)])
    shortlisting, appointing = risk_ratio(157, 435, 235, 700), risk_ratio(40, 157, 85, 235)
    np.testing.assert_allclose(result.log_interval.low, np.log([shortlisting.low, appointing.low]))
    np.testing.assert_allclose(result.log_interval.high, np.log([shortlisting.high, appointing.high]))
    np.testing.assert_allclose(result.stages.p_value, [shortlisting.p_value, appointing.p_value])
    assert result.whole == pytest.approx(risk_ratio(40, 435, 85, 700))
    assert result.log_ratio.sum() == pytest.approx(np.log(result.whole.estimate), abs=1e-15)
    # Shortlisting helped a little and appointing took more than all of it back.
    np.testing.assert_allclose(result.share, result.log_ratio / np.log((40 / 435) / (85 / 700)))
    assert result.share[0] < 0 < 1 < result.share[1]


@settings(deadline=None, max_examples=100)
@given(st.data())
def test_shares_add_up_and_swapping_negates(data):
    stages = data.draw(st.integers(2, 6))
    counts = st.lists(st.integers(1, 10**6), min_size=stages, max_size=stages)
    first, second = (sorted(data.draw(counts), reverse=True) for _ in range(2))
    result, swapped = funnel(first, second), funnel(second, first)
    whole = np.log(first[-1] / first[0]) - np.log(second[-1] / second[0])
    assert result.log_ratio.sum() == pytest.approx(whole, abs=1e-12)
    np.testing.assert_allclose(result.log_ratio, -swapped.log_ratio, atol=1e-12)
    np.testing.assert_allclose(result.log_interval.low, -swapped.log_interval.high, rtol=1e-9, atol=1e-9)
    if first[-1] * second[0] == second[-1] * first[0]:
        assert np.all(np.isnan(result.share))
    else:
        assert result.share.sum() == pytest.approx(1, abs=1e-9)


def test_no_share_of_nothing_or_of_infinity():
    # 30/90 then 9/30, against 27/90 then 9/27: the whole ratio is 1, and rounding makes no share of it.
    even = funnel([90, 30, 9], [90, 27, 9])
    assert np.all(np.isnan(even.share))
    assert np.all(even.log_ratio != 0)
    nobody = funnel([200, 80, 20, 0], [400, 100, 12, 3])
    assert np.all(np.isnan(nobody.share))
    assert nobody.log_ratio[0] == pytest.approx(np.log(1.6))
    assert nobody.log_ratio[-1] == -np.inf
    lost = funnel([200, 0, 0], [400, 100, 12])
    assert np.isnan(lost.log_ratio[1])
    assert (lost.stages.low[1], lost.stages.high[1], lost.stages.p_value[1]) == (0, np.inf, 1)
    assert lost.whole.estimate == 0
    empty = funnel([0, 0], [0, 0])
    assert np.isnan(empty.whole.estimate)
    assert empty.whole.p_value == 1


def test_many_funnels_at_once():
    first = np.array([[100, 50, 10], [80, 40, 5], [0, 0, 0]])
    result = funnel(first, [300, 200, 60])
    assert result.share.shape == (3, 2)
    assert result.whole.low.shape == (3,)
    for row in range(2):
        np.testing.assert_allclose(result.share[row], funnel(first[row], [300, 200, 60]).share)
    assert isinstance(funnel([5, 3], [6, 2]).whole.low, float)


@settings(deadline=None, max_examples=100)
@given(st.data())
def test_mix_and_rate_add_up_exactly(data):
    categories = data.draw(st.integers(1, 8))
    sizes = st.lists(st.integers(0, 10**5), min_size=categories, max_size=categories).filter(any)
    rates = st.lists(st.floats(-1e3, 1e3), min_size=categories, max_size=categories)
    size_1, size_2, rate_1, rate_2 = (data.draw(kind) for kind in (sizes, sizes, rates, rates))
    split, swapped = kitagawa(size_1, rate_1, size_2, rate_2), kitagawa(size_2, rate_2, size_1, rate_1)
    crude = np.average(rate_1, weights=size_1) - np.average(rate_2, weights=size_2)
    assert split.difference == pytest.approx(crude, abs=1e-9)
    assert split.mix + split.rate == pytest.approx(crude, abs=1e-9)
    assert split.mix_parts.sum() == pytest.approx(split.mix, abs=1e-12)
    assert split.rate_parts.sum() == pytest.approx(split.rate, abs=1e-12)
    for name in ("difference", "mix", "rate"):
        assert getattr(split, name) == pytest.approx(-getattr(swapped, name), abs=1e-9)
    scaled = kitagawa(np.multiply(size_1, 0.01), rate_1, size_2, rate_2)
    assert scaled.mix == pytest.approx(split.mix, abs=1e-9)


def test_equal_rates_are_all_mix_and_equal_sizes_all_rate():
    same_rates = kitagawa([10, 90], [0.5, 0.1], [50, 50], [0.5, 0.1])
    assert same_rates.rate == 0
    assert same_rates.mix == pytest.approx(0.14 - 0.3)
    same_sizes = kitagawa([10, 90], [0.5, 0.1], [1, 9], [0.2, 0.3])
    assert same_sizes.mix == pytest.approx(0, abs=1e-15)
    assert same_sizes.rate == pytest.approx(0.14 - 0.29)


def test_a_category_with_nobody_in_one_group_counts_as_mix():
    split = kitagawa([10, 0, 90], [0.5, np.nan, 0.1], [10, 50, 40], [0.5, 0.8, 0.1])
    assert split.rate == 0
    assert split.rate_parts[1] == 0
    assert split.mix_parts[1] == pytest.approx(-0.5 * 0.8)
    assert split.mix == pytest.approx(split.difference)
    # A category that nobody is in adds nothing.
    assert kitagawa([5, 0], [0.2, np.nan], [9, 0], [0.1, np.nan]).mix_parts[1] == 0


def test_counts_give_the_same_split_as_rates():
    x1, n1, x2, n2 = [3, 8, 0], [10, 20, 0], [2, 3, 4], [30, 10, 9]
    result = kitagawa_counts(x1, n1, x2, n2)
    rates = kitagawa(n1, [0.3, 0.4, np.nan], n2, np.divide(x2, n2))
    for ours, theirs in zip(result.split, rates, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-14)
    assert result.crude == pytest.approx(risk_difference(11, 30, 9, 49))
    assert result.split.difference == pytest.approx(result.crude.estimate)
    assert isinstance(result.mix_interval.low, float)
    for interval, part in ((result.mix_interval, "mix"), (result.rate_interval, "rate")):
        assert interval.low < getattr(result.split, part) < interval.high
    swapped = kitagawa_counts(x2, n2, x1, n1)
    assert swapped.mix_interval.low == pytest.approx(-result.mix_interval.high)
    assert swapped.rate_interval.low == pytest.approx(-result.rate_interval.high)


def test_one_category_has_no_mix_and_nothing_seen_is_not_certain():
    alone = kitagawa_counts([30], [60], [10], [50])
    assert (alone.split.mix, alone.mix_interval.low, alone.mix_interval.high) == (0, 0, 0)
    assert alone.rate_interval.low == pytest.approx(0.3 - 1.96 * 0.0851, abs=0.005)
    nothing = kitagawa_counts([0, 0], [5, 5], [0, 0], [5, 5])
    assert nothing.split.rate == 0
    assert nothing.rate_interval.low < -0.2
    assert nothing.rate_interval.high > 0.2
    wide = kitagawa_counts([1, 0], [1, 1], [0, 1], [1, 1], level=0.999)
    assert (wide.rate_interval.low, wide.rate_interval.high) == (-1, 1)


@pytest.mark.parametrize(
    "counts",
    [
        [[30, 150, 38], [100, 190, 160], [120, 60, 75], [150, 200, 90]],
        # nobody of group 2 in the last category, none of group 1 in the first
        [[0, 150, 38], [0, 190, 160], [120, 60, 0], [150, 200, 0]],
    ],
)
def test_intervals_move_with_every_count(counts):
    """The delta method against slopes taken numerically, with every count its own variable."""
    x1, n1, x2, n2 = np.array(counts, dtype=float)
    result = kitagawa_counts(x1, n1, x2, n2)

    def parts(cells: np.ndarray) -> np.ndarray:
        a, b, c, d = cells.reshape(4, 3)
        split = kitagawa_counts(a, a + b, c, c + d).split
        return np.array([split.mix, split.rate])

    cells = np.concatenate([x1, n1 - x1, x2, n2 - x2])
    steps = np.where(np.eye(12) * (cells > 0), 1e-3, 0.0)
    slopes = np.array([(parts(cells + step) - parts(cells - step)) / 2e-3 for step in steps])
    # Cells of a group are multinomial, so the slopes of a group vary over its people.
    variance = np.zeros(2)
    for group in (slice(0, 6), slice(6, 12)):
        people, share = cells[group].sum(), cells[group] / cells[group].sum()
        within = slopes[group] * people
        variance += (share @ within**2 - (share @ within) ** 2) / people
    for interval, error in zip((result.mix_interval, result.rate_interval), np.sqrt(variance), strict=True):
        assert (interval.high - interval.low) / 2 / 1.959964 == pytest.approx(error, rel=0.015)


@pytest.mark.parametrize(
    ("people", "rates_1", "rates_2"),
    [
        ((2000, 500), [0.1, 0.2, 0.35, 0.6], [0.08, 0.15, 0.3, 0.4]),
        ((400, 150), [0.5, 0.5, 0.9, 0.95], [0.5, 0.6, 0.9, 0.97]),
    ],
)
def test_kitagawa_intervals_cover(people, rates_1, rates_2):
    mix_1, mix_2 = [0.3, 0.3, 0.2, 0.2], [0.5, 0.25, 0.15, 0.1]
    rng = np.random.default_rng(12)
    n1, n2 = rng.multinomial(people[0], mix_1, 4000), rng.multinomial(people[1], mix_2, 4000)
    result = kitagawa_counts(rng.binomial(n1, rates_1), n1, rng.binomial(n2, rates_2), n2)
    true = kitagawa(mix_1, rates_1, mix_2, rates_2)
    for interval, value in ((result.mix_interval, true.mix), (result.rate_interval, true.rate)):
        covered = ((interval.low <= value) & (value <= interval.high)).mean()
        assert 0.93 < covered < 0.975


def test_many_splits_at_once():
    events = np.arange(12).reshape(2, 2, 3)
    result = kitagawa_counts(events, 20, [4, 5, 6], [10, 20, 30])
    assert result.split.mix.shape == (2, 2)
    assert result.split.mix_parts.shape == (2, 2, 3)
    alone = kitagawa_counts(events[1, 0], 20, [4, 5, 6], [10, 20, 30])
    assert result.rate_interval.low[1, 0] == pytest.approx(alone.rate_interval.low)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: funnel([5], [5]), r"^events_1 must hold at least two stages"),
        (lambda: funnel([5, 4], 3), r"^events_2 must hold at least two stages"),
        (
            lambda: funnel([5, 4], [3, 4]),
            r"^events_2 must not rise from one stage to the next; it does at 1$",
        ),
        (lambda: funnel([5, -1], [3, 2]), r"^events_1 must be finite and at least 0"),
        (lambda: funnel([5, 4], [3, 2], level=95), r"^level must"),
        (lambda: kitagawa([1, -1], [1, 1], [1, 1], [1, 1]), r"^size_1 must be finite and at least 0"),
        (lambda: kitagawa([1, 1], [1, np.nan], [1, 1], [1, 1]), r"^rate_1 must be finite wherever size_1"),
        (lambda: kitagawa([1, 1], [1, 1], [1, 1], [np.inf, 1]), r"^rate_2 must be finite wherever size_2"),
        (lambda: kitagawa([1, 1], [1, 1], [0, 0], [1, 1]), r"^size_2 must be above 0 in at least one"),
        (lambda: kitagawa([1, 1], ["a", 1], [1, 1], [1, 1]), r"^rate_1 must be numbers$"),
        (lambda: kitagawa_counts([3, 1], [2, 2], [1, 1], [2, 2]), r"^events_1 must not be above n_1"),
        (lambda: kitagawa_counts([0, 0], [2, 2], [0, 0], [0, 0]), r"^n_2 must be above 0 in at least one"),
        (lambda: kitagawa_counts([1, 0], [2, 2], [1, 1], [2, 2], level=1), r"^level must"),
    ],
)
def test_refusals_name_the_argument(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_many_at_once_give_what_each_gives_alone_at_any_level():
    x1, x2 = np.array([[900, 480, 200], [70, 40, 9]]), np.array([[700, 300, 90], [60, 30, 12]])
    together = funnel(x1, x2, level=0.8)
    for at in range(2):
        alone = funnel(x1[at], x2[at], level=0.8)
        assert together.stages.low[at] == pytest.approx(alone.stages.low)
        assert together.share[at] == pytest.approx(alone.share)
        assert together.whole.high[at] == pytest.approx(alone.whole.high)
    assert np.all(together.stages.low > funnel(x1, x2).stages.low)

    counts = (
        np.array([[20, 30], [5, 9]]),
        np.array([[40, 80], [9, 30]]),
        np.array([[9, 8], [4, 1]]),
        np.array([[30, 20], [30, 1]]),
    )
    both = kitagawa_counts(*counts, level=0.8)
    for at in range(2):
        alone = kitagawa_counts(*(each[at] for each in counts), level=0.8)
        for found, expected in ((both.split.mix, alone.split.mix), (both.split.crude_1, alone.split.crude_1)):
            assert found[at] == pytest.approx(expected)
        assert both.split.crude_2[at] == pytest.approx(alone.split.crude_2)
        assert both.crude.low[at] == pytest.approx(alone.crude.low)
        assert both.rate_interval.low[at] == pytest.approx(alone.rate_interval.low)


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        (([1], [0], [1], [2]), "events_1 must not be above n_1"),
        (([1], [2], [3], [2]), "events_2 must not be above n_2"),
        (([0, 0], [0, 0], [1, 1], [2, 2]), "n_1 must"),
        (([1, 1], [2, 2], [0, 0], [0, 0]), "n_2 must"),
    ],
)
def test_refusals_of_counts_name_the_group(counts, words):
    with pytest.raises(ValueError, match=words):
        kitagawa_counts(*counts)


def test_a_stage_that_one_group_never_reached_tells_no_share():
    found = funnel([100, 50, 20], [80, 0, 0])
    assert np.isnan(found.share).all()
    assert (found.stages.low[1], found.stages.high[1], found.stages.p_value[1]) == (0, np.inf, 1)
