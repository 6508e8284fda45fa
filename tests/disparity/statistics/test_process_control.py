"""Process control against the reference charts, against the rules read one point at a time, and as properties."""

from __future__ import annotations

import datetime as dt
import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.lib.stride_tricks import sliding_window_view

from disparity.periods import Quarter
from disparity.statistics.process_control import (
    ABOVE_UPPER,
    BELOW_LOWER,
    COMMON_CAUSE,
    CONCERN,
    FAILS,
    FALLING,
    IMPROVEMENT,
    INCONSISTENT,
    NEAR_LOWER,
    NEAR_UPPER,
    NEITHER_HIGH,
    NEITHER_LOW,
    NOT_APPLICABLE,
    PASSES,
    PROCESS_LIMITS,
    RISING,
    RULES,
    SHIFT_ABOVE,
    SHIFT_BELOW,
    TRIAL_LIMITS,
    funnel_limits,
    p_chart,
    xmr,
)
from disparity.statistics.proportions import wilson

CASES = json.loads((Path(__file__).parents[2] / "reference" / "cases.json").read_text(encoding="utf-8"))
UPWARD = {ABOVE_UPPER, RISING, NEAR_UPPER, SHIFT_ABOVE}


def chart(values, **options):
    """XmR chart of values from one quarter each."""
    quarters = [(number, number) for number in range(np.shape(values)[-1])]
    return xmr(values, quarters, **{"better": "higher", **options})


def marked(values, **options):
    """Signals of the points that are not common cause, by position."""
    signals = chart(values, **options).signals
    return {int(at): str(signals[at]) for at in np.flatnonzero(signals != COMMON_CAUSE)}


def signal_of(y: list[float], at: int, screen: bool) -> str:
    """Read the rules for one point, from lists."""
    mean = sum(y) / len(y)
    moving = [abs(one - other) for one, other in pairwise(y)]
    average = sum(moving) / len(moving)
    kept = [gap for gap in moving if gap < 3.267 * average] if screen else moving
    average = sum(kept) / len(kept) if any(kept) else average
    z = [(value - mean) / average if average else 0.0 for value in y]
    if abs(z[at]) > 2.66:
        return ABOVE_UPPER if z[at] > 0 else BELOW_LOWER
    for start in range(min(at, len(y) - 7), max(at - 7, -1), -1):
        seven = y[start : start + 7]
        if seven == sorted(set(seven)):
            return RISING
        if seven == sorted(set(seven), reverse=True):
            return FALLING
    near = [2.66 * 2 / 3 < abs(value) <= 2.66 for value in z]
    for start in range(max(at - 2, 0), min(at, len(y) - 3) + 1):
        three = range(start, start + 3)
        for sign, word in ((1, NEAR_UPPER), (-1, NEAR_LOWER)):
            if near[at] and sum(near[i] for i in three) >= 2 and all(sign * z[i] > 0 for i in three):
                return word
    for start in range(max(at - 6, 0), min(at, len(y) - 7) + 1):
        for sign, word in ((1, SHIFT_ABOVE), (-1, SHIFT_BELOW)):
            if all(sign * value > 0 for value in z[start : start + 7]):
                return word
    return COMMON_CAUSE


@pytest.mark.parametrize("case", [c for c in CASES if c["kind"] == "xmr"], ids=lambda c: c["id"])
def test_xmr_reference(case):
    result = chart(case["inputs"]["y"], screen=case["inputs"]["screen"])
    limits = (result.mean, result.lower, result.upper)
    assert limits == pytest.approx(case["expected"], abs=case["abs_tol"], rel=0)


# NHSRplotthedots, vignettes/deviations.Rmd; shared/reference/spc_vectors.csv.
@pytest.mark.parametrize(
    ("screen", "lower", "mean", "upper"), [(True, -0.72, 1.94, 4.6), (False, -3.06, 1.94, 6.95)]
)
def test_xmr_of_the_deviations_vignette(screen, lower, mean, upper):
    series = [1, 2, 1, 2, 10, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1]
    result = chart(series, screen=screen)
    assert (result.lower, result.mean, result.upper) == pytest.approx((lower, mean, upper), abs=0.0051)
    assert marked(series, screen=screen) == {4: ABOVE_UPPER}


@pytest.mark.parametrize("screen", [True, False])
@pytest.mark.parametrize("levels", [3, 6, 1000])
def test_every_point_by_the_rules_read_one_at_a_time(screen, levels):
    rng = np.random.default_rng(levels)
    noise = rng.integers(0, levels, (400, 16))
    drift = np.sort(rng.integers(0, levels, (100, 16)), axis=-1)
    steps = noise[:100] + np.where(np.arange(16) < 8, 0, levels)
    series = np.concatenate(
        [noise, drift, drift[:, ::-1], steps, rng.integers(0, levels, (100, 7)).repeat(3, -1)[:, :16]]
    )
    signals = chart(series, screen=screen).signals
    for row, y in enumerate(series.tolist()):
        assert signals[row].tolist() == [signal_of(y, at, screen) for at in range(16)], y


def test_a_shift_takes_seven_and_a_point_on_the_mean_breaks_it():
    even = [1, -1] * 6
    assert marked([*even, *[0.5, 0.6] * 3, -1, 1, -1.3, -1]) == {}
    seven = [*even, *[0.5, 0.6] * 3, 0.5, -1.3, 1, -1.3, -1.2]
    assert set(marked(seven).values()) == {SHIFT_ABOVE}
    assert list(marked(seven)) == list(range(12, 19))
    assert set(marked([-y for y in seven]).values()) == {SHIFT_BELOW}
    assert marked([*even, 0.5, 0.6, 0.5, 0, 0.5, 0.6, 0.5, -1.6, -1.6]) == {}


def test_a_trend_takes_seven_rising_points_and_counts_the_first():
    rising = [5, 4, 5, 4, 3.0, 3.2, 3.9, 4.5, 5.1, 5.9, 6.1, 4, 5, 4]
    assert marked(rising) == dict.fromkeys(range(4, 11), RISING)
    assert marked([-y for y in rising]) == dict.fromkeys(range(4, 11), FALLING)
    assert marked([5, 4, 5, 4, 3.0, 3.2, 3.9, 4.5, 4.5, 5.1, 5.9, 6.1, 4, 5]) == {}
    assert marked([5, 4, 5, 4, 3.2, 3.9, 4.5, 5.1, 5.9, 6.1, 4, 5, 4]) == {}


@pytest.mark.parametrize(
    ("series", "rising"),
    [([0, 1, 2, 3, 4, 5, 6, 5, 4, 3, 2, 1, 0], 6), ([0, 1, 2, 3, 4, 5, 6, 6, 5, 4, 3, 2, 1, 0], 7)],
)
def test_where_two_trends_meet_a_point_goes_by_the_later_that_it_is_in(series, rising):
    # Wide swings first keep the turning point inside the limits.
    swings = [-9, 9, -9, 9, -9, *series, 12, -9, 9]
    for sign, first, second in ((1, RISING, FALLING), (-1, FALLING, RISING)):
        signals = chart([sign * y for y in swings], screen=False).signals[5 : 5 + len(series)]
        assert signals.tolist() == [first] * rising + [second] * (len(series) - rising)


def test_two_of_three_need_one_side_and_a_place_inside_the_limit():
    # The swing sets the limits near 5.3 either side of a mean near 0, and what counts as near at 3.6.
    def near(*middle):
        return marked([*[-1, 1] * 50, *middle, *[-1, 1] * 50])

    assert near(4.5, 0.5, 4.5) == {100: NEAR_UPPER, 102: NEAR_UPPER}
    assert near(-4.5, -4.5) == {100: NEAR_LOWER, 101: NEAR_LOWER}
    assert near(4.5, -0.5, 4.5) == {}
    assert near(4.5, 0.5, 0.5, 4.5) == {}
    assert near(3.4, 0.5, 4.5) == {}
    assert near(4.5, 7) == {101: ABOVE_UPPER}


@pytest.mark.parametrize(
    ("better", "high", "low"),
    [
        ("higher", IMPROVEMENT, CONCERN),
        ("lower", CONCERN, IMPROVEMENT),
        ("neither", NEITHER_HIGH, NEITHER_LOW),
    ],
)
def test_point_types_follow_the_direction(better, high, low):
    rng = np.random.default_rng(3)
    result = chart(np.cumsum(rng.normal(size=(200, 20)), axis=-1), better=better)
    upward = np.isin(result.signals, list(UPWARD))
    common = result.signals == COMMON_CAUSE
    assert set(result.signals[~common & ~upward].tolist()) == {BELOW_LOWER, FALLING, NEAR_LOWER, SHIFT_BELOW}
    np.testing.assert_array_equal(result.points, np.where(common, COMMON_CAUSE, np.where(upward, high, low)))
    np.testing.assert_array_equal(result.variation, result.points[:, -1])


@pytest.mark.parametrize(
    ("better", "target", "word"),
    [
        ("higher", 6, FAILS),
        ("higher", -2, PASSES),
        ("lower", 6, PASSES),
        ("lower", -2, FAILS),
        ("higher", 2, INCONSISTENT),
        ("lower", 1.5 + 2.66, INCONSISTENT),
        ("higher", 1.5 - 2.66, INCONSISTENT),
        ("neither", 6, NOT_APPLICABLE),
        ("higher", None, NOT_APPLICABLE),
    ],
)
def test_assurance_sets_the_target_against_the_limits(better, target, word):
    assert chart([1, 2] * 8, better=better, target=target).assurance == word


def test_targets_by_series():
    result = chart([[1, 2] * 8, [1, 2] * 8], target=[6, -2])
    assert result.assurance.tolist() == [FAILS, PASSES]
    with pytest.raises(ValueError, match="target must be one number"):
        chart([1, 2] * 8, target=[6, -2])


def test_trial_limits_below_twelve_points():
    assert chart([1, 2] * 6).limits == PROCESS_LIMITS
    assert chart([1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1]).limits == TRIAL_LIMITS
    two = chart([1, 2])
    assert (two.lower, two.mean, two.upper) == pytest.approx((1.5 - 2.66, 1.5, 1.5 + 2.66))


def test_one_series_gives_scalars_and_names_the_rules():
    result = chart([1, 2] * 6, target=1.5)
    assert all(isinstance(field, float) for field in (result.mean, result.lower, result.upper))
    assert (result.variation, result.assurance) == (COMMON_CAUSE, INCONSISTENT)
    assert isinstance(result.variation, str)
    assert isinstance(result.assurance, str)
    assert result.rules == RULES == "nhsrplotthedots-0.2.2"
    many = chart(np.ones((2, 3, 12)))
    assert (many.mean.shape, many.points.shape, many.variation.shape) == ((2, 3), (2, 3, 12), (2, 3))


@pytest.mark.parametrize("value", [0.1, 1 / 3, 1e-9, 0.0, 123456.7])
def test_equal_values_are_common_cause(value):
    result = chart([value] * 13)
    assert set(result.points.tolist()) == {COMMON_CAUSE}
    assert (result.lower, result.upper) == pytest.approx((value, value))


def test_screening_never_leaves_limits_without_movement():
    series = [0.0] * 6 + [0.2] + [0.0] * 6
    assert marked(series) == marked(series, screen=False) == {6: ABOVE_UPPER}
    # 0.3 - 0.1 and 0.2 differ by rounding, which is no movement either.
    assert marked([0.2, 0.3 - 0.1] * 3 + [0.7] + [0.2, 0.3 - 0.1] * 3) == {6: ABOVE_UPPER}


def test_rolling_windows_would_alarm():
    noise = np.random.default_rng(5).normal(size=(2000, 23))
    rolling = sliding_window_view(noise, 4, axis=-1).mean(axis=-1)
    separate, overlapping = (
        (chart(series).signals != COMMON_CAUSE).any(axis=-1).mean() for series in (noise[:, :20], rolling)
    )
    assert separate < 0.18
    assert overlapping > 0.89


@pytest.mark.parametrize(
    "periods",
    [
        [(at, at) for at in range(12)],
        [(4 * at, 4 * at + 3) for at in range(12)],
        [(2 * at, 2 * at) for at in range(12)],
        [(Quarter.from_key("2024-04-01").plus(at),) * 2 for at in range(12)],
        [(dt.date(2024, 1 + at, 1), dt.date(2024, 1 + at, 28)) for at in range(12)],
        np.stack([np.arange(12), np.arange(12)], axis=-1),
    ],
)
def test_separate_periods_are_taken(periods):
    assert xmr([1, 2] * 6, periods, better="higher").limits == PROCESS_LIMITS


@pytest.mark.parametrize(
    ("periods", "message"),
    [
        ([(at, at + 3) for at in range(12)], r"^periods must not overlap.*; 11 of 12 share"),
        ([*((at, at + 1) for at in range(0, 22, 2)), (21, 24)], r"overlap.*; 1 of 12"),
        ([(0, 0)] * 12, r"overlap.*; 11 of 12"),
        (
            [
                (Quarter.from_key("2024-04-01").plus(at), Quarter.from_key("2024-04-01").plus(at + 1))
                for at in range(12)
            ],
            "overlap",
        ),
        ([(-at, -at) for at in range(12)], "run from the oldest"),
        ([(at, at - 1) for at in range(12)], "end after they start"),
        ([(float("nan"), float("nan"))] * 12, "from the oldest"),
        ([(at, at) for at in range(11)], "as many as values"),
        (list(range(12)), "pairs of first and last"),
        ([("2024", 2024)] * 12, "pairs of first and last"),
    ],
)
def test_other_periods_are_refused(periods, message):
    with pytest.raises(ValueError, match=message):
        xmr([1, 2] * 6, periods, better="higher")


@pytest.mark.parametrize(
    ("values", "options", "message"),
    [
        ([1, 2, float("nan")], {}, r"^values must be finite; 1 of 3 are not$"),
        ([1, float("inf")], {}, "values must be finite"),
        (["Ama", "Bo"], {}, r"values must be numbers$"),
        ([1], {}, "values must hold at least two points"),
        ([], {}, "values must hold at least two points"),
        ([1, 2], {"better": "up"}, "better must be"),
        ([1, 2], {"rules": "nhsrplotthedots-0.1.0"}, "rules must be"),
        ([1, 2], {"target": float("nan")}, "target must be finite"),
    ],
)
def test_xmr_refusals_name_the_argument(values, options, message):
    with pytest.raises(ValueError, match=message):
        chart(values, **options)
    with pytest.raises(ValueError, match="at least two points"):
        xmr(3.0, [(1, 1)], better="higher")


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.integers(-50, 50), min_size=2, max_size=40),
    st.integers(-1000, 1000),
    st.sampled_from([0.25, 1.0, 8.0]),
)
def test_a_chart_moves_with_its_unit(values, shift, scale):
    y = np.array(values, dtype=float)
    plain, moved, mirrored = chart(y), chart(scale * y + shift), chart(-y)
    assert plain.signals.tolist() == moved.signals.tolist()
    for ours, theirs in zip(plain[2:5], moved[2:5], strict=True):
        assert theirs == pytest.approx(scale * ours + shift, abs=1e-9)
    swapped = {IMPROVEMENT: CONCERN, CONCERN: IMPROVEMENT, COMMON_CAUSE: COMMON_CAUSE}
    assert [swapped[point] for point in mirrored.points] == plain.points.tolist()


# Montgomery and Runger, Applied Statistics and Probability for Engineers, example 16-4: 20 samples of 100.
def test_p_chart_of_montgomery_and_runger():
    defective = [44, 48, 32, 50, 29, 31, 46, 52, 44, 48, 36, 52, 35, 41, 42, 30, 46, 38, 26, 30]
    result = p_chart(defective, 100)
    assert result.centre == 0.40
    np.testing.assert_allclose(result.low, 0.25, atol=0.005)
    np.testing.assert_allclose(result.high, 0.55, atol=0.005)
    assert set(result.signals.tolist()) == {COMMON_CAUSE}


def test_p_chart_limits_go_by_the_size_of_each_point():
    result = p_chart([[2, 30, 400], [0, 0, 0]], [[10, 100, 1000], [3, 4, 5]])
    assert result.centre.tolist() == [432 / 1110, 0]
    p = 432 / 1110
    reach = 3 * np.sqrt(p * (1 - p) / np.array([10, 100, 1000]))
    np.testing.assert_allclose(result.low[0], np.maximum(p - reach, 0))
    np.testing.assert_allclose(result.high[0], np.minimum(p + reach, 1))
    assert result.low[0, 0] == 0
    np.testing.assert_array_equal([result.low[1], result.high[1]], 0)
    assert p_chart([1, 90, 10, 10], 100).signals.tolist() == [
        BELOW_LOWER,
        ABOVE_UPPER,
        BELOW_LOWER,
        BELOW_LOWER,
    ]
    assert set(p_chart([3, 4, 5], [3, 4, 5]).signals.tolist()) == {COMMON_CAUSE}
    assert isinstance(p_chart([1, 2], [3, 4]).centre, float)


@pytest.mark.parametrize(
    "case", [c for c in CASES if c["kind"] == "funnel_proportion"], ids=lambda c: c["id"]
)
def test_funnel_reference(case):
    n, centre = case["inputs"]["n"], case["inputs"]["baseline"] / 100
    percent = [100 * limit for level in (0.95, 0.998) for limit in funnel_limits(n, centre, level=level)]
    assert percent == pytest.approx(case["expected"], abs=case["abs_tol"], rel=0)


@settings(deadline=None, max_examples=80)
@given(
    st.integers(1, 10_000), st.integers(0, 10_000), st.floats(0.001, 0.999), st.sampled_from([0.95, 0.998])
)
def test_outside_the_funnel_is_outside_the_wilson_interval(n, events, centre, level):
    share = min(events, n) / n
    low, high = funnel_limits(n, centre, level=level)
    assert 0 <= low <= centre <= high <= 1
    around = wilson(min(events, n), n, level=level)
    if min(abs(share - low), abs(share - high)) > 1e-9:
        assert (share < low or share > high) == (centre < around.low or centre > around.high)


def test_funnel_shapes_and_ends():
    assert funnel_limits([[5], [10]], [0.1, 0.5, 0.9]).low.shape == (2, 3)
    assert isinstance(funnel_limits(5, 0.5).low, float)
    assert funnel_limits(5, 0) == (0, 0)
    assert funnel_limits(5, 1) == (1, 1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: p_chart([3, 5], [4, 4]), r"^events must not be above n; 1 of 2 are$"),
        (lambda: p_chart([3, 5], [4, 0]), "n must be finite and at least 1"),
        (lambda: p_chart(3, 4), "at least one point"),
        (lambda: p_chart([], []), "at least one point"),
        (lambda: funnel_limits(0, 0.5), "n must be finite and at least 1"),
        (lambda: funnel_limits(5, 80.6), "centre must be a share from 0 to 1"),
        (lambda: funnel_limits(5, -0.1), "centre must be finite and at least 0"),
        (lambda: funnel_limits(5, 0.5, level=95), "level must be between"),
    ],
)
def test_refusals_of_proportions(call, message):
    with pytest.raises(ValueError, match=message):
        call()
