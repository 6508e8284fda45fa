"""Change between windows and the way to a target: against other routes, over small tables, and as properties."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import partial
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from disparity.statistics.arguments import critical_value
from disparity.statistics.proportions import risk_difference, risk_ratio, wilson
from disparity.statistics.targets import (
    BEHIND,
    CANNOT_TELL,
    NOT_REACHABLE,
    ON_THE_LINE,
    REACHABLE,
    appointments_needed,
    distance_to_target,
    on_track,
    path,
)
from disparity.statistics.trend import change_of_difference, change_of_ratio

APART = {"window": (12, 15), "earlier_window": (8, 11)}
CHANGES = [(change_of_ratio, 1.0), (change_of_difference, 0.0)]
GROUPS = [(x, n) for n in range(1, 4) for x in range(n + 1)]
# Every pair of tables of groups of 1 to 3, a column for each.
SMALL = np.array([sum(four, ()) for four in product(GROUPS, repeat=4)]).T


@st.composite
def windows(draw: st.DrawFn, most: int = 20_000) -> tuple[int, ...]:
    sizes = [draw(st.integers(1, most)) for _ in range(4)]
    return tuple(value for n in sizes for value in (draw(st.integers(0, n)), n))


def swapped_windows(counts):
    return (*counts[4:], *counts[:4])


def swapped_groups(counts):
    return (*counts[2:4], *counts[:2], *counts[6:], *counts[4:6])


def log_limits(counts, level=0.95):
    """Limits of the log of the ratio of ratios, by squares of the limits of each."""
    now, then = risk_ratio(*counts[:4], level=level), risk_ratio(*counts[4:], level=level)
    one, before = (np.log([ratio.estimate, ratio.low, ratio.high]) for ratio in (now, then))
    return (
        one[0] - before[0] - math.hypot(one[0] - one[1], before[2] - before[0]),
        one[0] - before[0] + math.hypot(one[2] - one[0], before[0] - before[1]),
    )


def difference_limits(counts, level=0.95):
    """Limits of the difference of differences, by squares of the limits of each."""
    one, before = (risk_difference(*table, level=level) for table in (counts[:4], counts[4:]))
    change = one.estimate - before.estimate
    return (
        change - math.hypot(one.estimate - one.low, before.high - before.estimate),
        change + math.hypot(one.high - one.estimate, before.estimate - before.low),
    )


COUNTS = [
    (30, 60, 20, 60, 20, 60, 30, 60),
    (20, 60, 30, 60, 30, 60, 20, 60),
    (7, 18, 1, 18, 9, 40, 12, 33),
    (60, 60, 50, 60, 52, 60, 60, 60),
    (5, 60, 9, 60, 1, 60, 30, 60),
    (996, 1000, 1000, 1000, 2, 1000, 1, 1000),
    (400, 10**6, 300, 10**6, 300, 10**6, 350, 10**6),
]


@pytest.mark.parametrize("counts", COUNTS)
def test_the_windows_are_added_by_squares(counts):
    change = change_of_ratio(*counts, **APART)
    assert (math.log(change.low), math.log(change.high)) == pytest.approx(log_limits(counts))
    assert change.estimate == pytest.approx(
        risk_ratio(*counts[:4]).estimate / risk_ratio(*counts[4:]).estimate
    )
    change = change_of_difference(*counts, **APART)
    assert (change.low, change.high) == pytest.approx(difference_limits(counts))
    assert change.estimate == pytest.approx(
        risk_difference(*counts[:4]).estimate - risk_difference(*counts[4:]).estimate
    )


# Altman and Bland (2003), BMJ 326, 219: the difference of two log ratios over its standard error. Large groups
# must agree with it.
def test_large_groups_agree_with_altman_and_bland():
    now, then = (240_000, 730_000, 530_000, 650_000), (241_000, 730_000, 530_000, 650_000)
    logs = [math.log(x1 * n2 / (x2 * n1)) for x1, n1, x2, n2 in (now, then)]
    variance = sum(1 / x1 - 1 / n1 + 1 / x2 - 1 / n2 for x1, n1, x2, n2 in (now, then))
    change = change_of_ratio(*now, *then, **APART)
    difference, error = logs[0] - logs[1], math.sqrt(variance)
    assert change.statistic == pytest.approx(difference / error, rel=2e-3)
    reach = critical_value(0.95) * error
    assert math.log(change.low) == pytest.approx(difference - reach, rel=2e-3)
    assert math.log(change.high) == pytest.approx(difference + reach, rel=2e-3)


@pytest.mark.parametrize("counts", COUNTS)
def test_a_window_beside_the_same_counts_has_not_changed(counts):
    for change, neutral in CHANGES:
        result = change(*counts[:4], *counts[:4], **APART)
        assert (result.estimate, result.statistic, result.p_value) == (neutral, 0, 1)
        assert result.low < neutral < result.high


def test_a_change_beyond_every_doubt_has_a_finite_statistic():
    for change, _ in CHANGES:
        result = change(10**6, 10**6, 1, 10**6, 1, 10**6, 10**6, 10**6, **APART)
        assert 100 < result.statistic < np.inf
        assert result.p_value == 0


@pytest.mark.parametrize("counts", COUNTS)
@pytest.mark.parametrize(
    ("change", "limits"), [(change_of_ratio, log_limits), (change_of_difference, difference_limits)]
)
def test_p_is_the_level_at_which_the_interval_touches_no_change(change, limits, counts):
    result = change(*counts, **APART)
    assert 1e-9 < result.p_value < 1
    touching = limits(counts, level=1 - float(result.p_value))[0 if result.statistic > 0 else 1]
    assert touching == pytest.approx(0, abs=1e-6 * np.ptp(limits(counts)))
    neutral = 1 if change is change_of_ratio else 0
    for level in 1 - result.p_value + np.arange(-8, 9) * 2.0**-53:
        _, low, high, _, p = change(*counts, level=float(level), **APART)
        assert (low > neutral or high < neutral) == (p < 1 - level)


@pytest.mark.parametrize(
    "counts",
    [
        (0, 60, 30, 60, 20, 60, 30, 60),
        (5, 60, 0, 60, 20, 60, 30, 60),
        (5, 60, 9, 60, 0, 60, 30, 60),
        (5, 60, 9, 60, 20, 60, 0, 60),
        (5, 60, 0, 60, 0, 60, 9, 60),
        (0, 60, 9, 60, 5, 60, 0, 60),
    ],
)
def test_beside_a_zero_the_limits_are_quotients_of_the_ends(counts):
    change = change_of_ratio(*counts, **APART)
    now, then = risk_ratio(*counts[:4]), risk_ratio(*counts[4:])
    with np.errstate(divide="ignore"):
        assert (change.low, change.high) == pytest.approx((now.low / then.high, now.high / then.low))
    level = 1 - float(change.p_value)
    now, then = risk_ratio(*counts[:4], level=level), risk_ratio(*counts[4:], level=level)
    touching = now.low / then.high if change.statistic > 0 else now.high / then.low
    assert touching == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("level", [0.8, 0.95, 0.999])
def test_every_small_change_of_ratio(level):
    x1, n1, x2, n2, y1, m1, y2, m2 = SMALL
    estimate, low, high, statistic, p = change_of_ratio(*SMALL, level=level, **APART)
    rise, fall = x1 * n2 * y2 * m1, x2 * n1 * y1 * m2
    unknown = (rise == 0) & (fall == 0)
    np.testing.assert_array_equal(np.isnan(estimate), unknown)
    assert np.all((low[unknown] == 0) & np.isposinf(high[unknown]) & (p[unknown] == 1))
    assert np.all((low >= 0) & (low < high))
    assert np.all((low <= estimate * (1 + 1e-12))[~unknown] & (estimate <= high * (1 + 1e-12))[~unknown])
    np.testing.assert_array_equal((low > 1) | (high < 1), p < 1 - level)
    np.testing.assert_array_equal(low == 0, rise == 0)
    np.testing.assert_array_equal(np.isposinf(high), fall == 0)
    np.testing.assert_array_equal(np.sign(statistic), np.where(unknown, 0, np.sign(rise - fall)))
    assert np.all(p[rise == fall] == 1)


@pytest.mark.parametrize("level", [0.8, 0.95, 0.999])
def test_every_small_change_of_difference(level):
    estimate, low, high, statistic, p = change_of_difference(*SMALL, level=level, **APART)
    assert np.all((low >= -2) & (low <= estimate) & (estimate <= high) & (high <= 2))
    np.testing.assert_array_equal((low > 0) | (high < 0), p < 1 - level)
    assert np.all(np.abs(statistic)[np.abs(estimate) > 1e-9] > 0)
    np.testing.assert_allclose(p[np.abs(estimate) < 1e-9], 1, atol=1e-9)


@pytest.mark.parametrize("turn", [swapped_windows, swapped_groups])
@pytest.mark.parametrize(("change", "neutral"), CHANGES)
def test_every_small_change_turns_round(change, neutral, turn):
    one, other = change(*SMALL, **APART), change(*turn(SMALL), **APART)
    np.testing.assert_allclose(one.statistic, -other.statistic, atol=1e-9, rtol=1e-9)
    np.testing.assert_allclose(one.p_value, other.p_value, atol=1e-9)
    with np.errstate(divide="ignore"):
        low, high = (1 / other.high, 1 / other.low) if neutral else (-other.high, -other.low)
    np.testing.assert_allclose(one.low, low, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(one.high, high, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(("change", "neutral"), CHANGES)
def test_changes_widen_with_level(change, neutral):
    some = SMALL[:, ::7]
    results = [change(*some, level=level, **APART) for level in (0.5, 0.8, 0.95, 0.99)]
    for narrow, wide in pairwise(results):
        assert np.all(wide.low <= narrow.low + 1e-12)
        assert np.all((wide.high >= narrow.high * (1 - 1e-12)) | (wide.high >= narrow.high - 1e-12))
        np.testing.assert_array_equal(narrow.p_value, wide.p_value)


@settings(deadline=None, max_examples=80)
@given(windows(), st.floats(0.5, 0.999))
def test_changes_at_any_size(counts, level):
    for change, neutral in CHANGES:
        result = change(*counts, level=level, **APART)
        assert result.low <= result.high
        assert (result.low > neutral or result.high < neutral) == (result.p_value < 1 - level)
        back = change(*swapped_windows(counts), level=level, **APART)
        mirrored = -back.high if neutral == 0 else (1 / back.high if back.high < np.inf else 0.0)
        assert result.low == pytest.approx(mirrored, abs=1e-12, rel=1e-9)
        assert result.p_value == pytest.approx(back.p_value, abs=1e-9)


# None of 60 now beside 20 of 60 a year before is a change, though its logarithm is infinite.
def test_a_group_without_events_still_tells():
    assert change_of_ratio(0, 60, 30, 60, 20, 60, 30, 60, **APART).p_value < 0.01
    assert change_of_ratio(0, 6, 3, 6, 2, 6, 3, 6, **APART).p_value > 0.2
    # Limits by squares stay inside those without events, however few the events.
    none, nearly = (change_of_ratio(x, 60, 30, 60, 20, 60, 30, 60, **APART) for x in (0, 1e-9))
    assert nearly.high < none.high


@pytest.mark.parametrize(("change", "neutral"), CHANGES)
def test_either_window_may_be_the_later(change, neutral):
    counts = (3, 10, 2, 10, 2, 12, 5, 9)
    assert change(*counts, **APART) == change(*counts, window=(8, 11), earlier_window=(12, 15))


@pytest.mark.parametrize(("change", "neutral"), CHANGES)
def test_a_window_may_be_one_quarter(change, neutral):
    counts = (3, 10, 2, 10, 2, 12, 5, 9)
    assert change(*counts, **APART) == change(*counts, window=(12, 12), earlier_window=(11, 11))


def test_change_shapes():
    one = change_of_ratio(3, 10, 2, 10, 2, 12, 5, 9, **APART)
    assert all(isinstance(field, float) for field in one)
    many = change_of_ratio([[3], [5]], 10, [1, 2, 3], 20, 2, 12, 5, 9, **APART)
    assert many.low.shape == (2, 3)
    assert many.p_value[1, 2] == change_of_ratio(5, 10, 3, 20, 2, 12, 5, 9, **APART).p_value
    for change, _ in CHANGES:
        assert change(*([[]] * 8), **APART).low.shape == (0,)


@pytest.mark.parametrize(("change", "neutral"), CHANGES)
def test_a_change_has_the_same_limits_in_any_company(change, neutral):
    together = change(*SMALL, **APART)
    for row in range(0, SMALL.shape[1], 641):
        alone = change(*SMALL[:, row], **APART)
        np.testing.assert_array_equal([field[row] for field in together], [*alone])


@pytest.mark.parametrize(
    ("window", "earlier", "message"),
    [
        ((12, 15), (9, 12), r"^window and earlier_window must share no quarter; 1 of 1 do$"),
        ((12, 15), (12, 15), "share no quarter"),
        ((12, 12), (12, 12), "share no quarter"),
        ((8, 15), (10, 11), "share no quarter"),
        ((8, 12), (12, 15), "share no quarter"),
        ((12, 15), ([8, 9, 4], [11, 12, 7]), "share no quarter; 1 of 3 do"),
        ((15, 12), (8, 11), "^window and earlier_window must each start before they end$"),
        ((12, 15), (11, 8), "^window and earlier_window must each start before they end$"),
        ((12, 15.5), (8, 11), "^window must be whole numbers of quarters$"),
        ((12, 15), (8, float("nan")), "^earlier_window must be finite$"),
    ],
)
@pytest.mark.parametrize(("change", "neutral"), CHANGES)
def test_windows_that_share_a_quarter_are_refused(change, neutral, window, earlier, message):
    with pytest.raises(ValueError, match=message):
        change(1, 4, 1, 4, 1, 4, 1, 4, window=window, earlier_window=earlier)


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ((5, 4, 1, 4, 1, 4, 1, 4), "^events_1 must not be above n_1"),
        ((1, 4, 5, 4, 1, 4, 1, 4), "^events_2 must not be above n_2"),
        ((1, 4, 1, 4, 5, 4, 1, 4), "^earlier_events_1 must not be above earlier_n_1"),
        ((1, 4, 1, 4, 1, 4, 5, 4), "^earlier_events_2 must not be above earlier_n_2"),
        ((1, 4, 1, 4, 0, 0, 1, 4), "^earlier_n_1 must be finite and at least 1"),
        ((1, 4, -1, 4, 1, 4, 1, 4), "^events_2 must be finite and at least 0"),
        ((1, 4, 1, 4, 1, 4, float("nan"), 4), "^earlier_events_2 must be finite"),
    ],
)
@pytest.mark.parametrize(("change", "neutral"), CHANGES)
def test_changes_name_the_argument(change, neutral, counts, message):
    with pytest.raises(ValueError, match=message):
        change(*counts, **APART)
    with pytest.raises(ValueError, match="level"):
        change(1, 4, 1, 4, 1, 4, 1, 4, level=95, **APART)


def test_the_line_runs_straight_from_baseline_to_target():
    line = path(0.10, 0.22, 0, 12, [0, 1, 6, 12, 13, 400])
    np.testing.assert_allclose(line, [0.10, 0.11, 0.16, 0.22, 0.22, 0.22])
    assert (line[0], line[3], line[5]) == (0.10, 0.22, 0.22)
    assert path(1.4, 1.0, 100, 112, 106) == pytest.approx(1.2)
    # Added up, the line would end a rounding error below its target.
    assert 0.2 + (0.9 - 0.2) < path(0.2, 0.9, 0, 12, 12) == 0.9
    assert isinstance(path(0.1, 0.2, 0, 12, 3), float)
    assert path([[0.1], [0.2]], 0.3, 0, 12, [3, 6, 9]).shape == (2, 3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0.1, 0.2, 4, 4, 4), "^target_at must be after baseline_at$"),
        ((0.1, 0.2, 4, 8, 3), "^now_at must not be before baseline_at$"),
        ((0.1, 0.2, 4.5, 8, 5), "^baseline_at must be whole numbers of quarters$"),
        ((0.1, 0.2, 4, 8.5, 5), "^target_at must be whole numbers of quarters$"),
        ((float("nan"), 0.2, 4, 8, 5), "^baseline must be finite$"),
        ((0.1, float("inf"), 4, 8, 5), "^target must be finite$"),
        ((0.1, 0.2, 4, 8, "now"), "^now_at must be numbers$"),
    ],
)
def test_path_names_the_argument(arguments, message):
    with pytest.raises(ValueError, match=message):
        path(*arguments)


def test_distance_over_every_small_share():
    for (x, n), (goal, base) in product(GROUPS, GROUPS):
        target = Fraction(goal, base)
        for better, step in (("higher", 1), ("lower", -1)):
            result = distance_to_target(x, n, goal, base, better=better)
            people = next(k for k in range(n + 1) if step * (Fraction(x + step * k, n) - target) >= 0)
            assert result.people == people
            assert result.points == pytest.approx(float(100 * step * (target - Fraction(x, n))))


def test_distance_in_plain_numbers():
    # 6 of 60 senior managers, 24 of 180 staff: parity is 8 of 60.
    result = distance_to_target(6, 60, 24, 180)
    assert (result.points, result.people) == (pytest.approx(10 / 3), 2)
    assert isinstance(result.people, np.int64)
    # In floating point 0.07 * 100 is above 7 and an eighth person would be asked for.
    assert 0.07 * 100 > 7
    assert distance_to_target(0, 100, 7, 100).people == 7
    assert distance_to_target(10**9, 10**9, 1, 10**9).people == 0
    assert distance_to_target([[6], [7]], 60, [20, 25, 30], 100).people.shape == (2, 3)


def test_on_track_is_judged_by_the_wilson_interval():
    low, high = wilson(12, 60)
    lines = [0.0, low, np.nextafter(low, 1), 0.2, high, np.nextafter(high, 1), 1.0]
    above, straddles, below = [ON_THE_LINE] * 2, [CANNOT_TELL] * 3, [BEHIND] * 2
    result = on_track(12, 60, lines)
    assert result.word.tolist() == above + straddles + below
    assert (result.share[0], result.low[0], result.high[0]) == (0.2, low, high)
    lower = on_track(
        12, 60, [0.0, np.nextafter(low, 0), low, 0.2, np.nextafter(high, 0), high, 1.0], better="lower"
    )
    assert lower.word.tolist() == [BEHIND] * 2 + straddles + above
    assert on_track(12, 60, 0.1, level=0.999).word == CANNOT_TELL
    assert on_track(12, 60, 0.1).word == ON_THE_LINE
    assert isinstance(on_track(12, 60, 0.1).word, str)


@st.composite
def plans(draw: st.DrawFn, most: int) -> tuple[int, ...]:
    n, base = draw(st.integers(1, most)), draw(st.integers(1, most))
    x, goal, leave = draw(st.integers(0, n)), draw(st.integers(0, base)), draw(st.integers(0, n))
    return x, n, goal, base, draw(st.integers(0, most)), leave


def least_appointments(x: int, n: int, goal: int, base: int, k: int, leave: int) -> int:
    """By fractions: the least m with (x (n - leave)/n + m) / (n - leave + k) at least the target."""
    return max(0, math.ceil(Fraction(goal * (n - leave + k), base) - Fraction(x * (n - leave), n)))


@settings(deadline=None, max_examples=300)
@given(plans(12) | plans(10**9))
def test_appointments_needed_are_the_least_whole_number(plan):
    x, n, goal, base, k, leave = plan
    assume(n - leave + k > 0)
    result = appointments_needed(x, n, goal, base, appointments=k, leavers=leave)
    needed = least_appointments(*plan)
    assert result.needed == needed
    assert result.word == (REACHABLE if needed <= k else NOT_REACHABLE)


def test_appointments_in_plain_numbers():
    # 6 of 60; 24 leave and 24 come in three years; parity at 20% is 12 of 60, and 3.6 of the 6 stay.
    result = appointments_needed(6, 60, 20, 100, appointments=24, leavers=24)
    assert (result.needed, result.word) == (9, REACHABLE)
    assert isinstance(result.needed, np.int64)
    many = appointments_needed(6, 60, 20, 100, appointments=[24, 8, 9, 0], leavers=[24, 8, 9, 0])
    assert many.needed.tolist() == [9, 7, 7, 6]
    assert many.word.tolist() == [REACHABLE, REACHABLE, REACHABLE, NOT_REACHABLE]
    assert appointments_needed(30, 60, 20, 100, appointments=5, leavers=0).needed == 0


needed = partial(appointments_needed, appointments=2, leavers=0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: distance_to_target(5, 4, 1, 5), "^events must not be above n;"),
        (lambda: distance_to_target(1, 4, 6, 5), "^target_events must not be above target_n;"),
        (lambda: distance_to_target(1, 4, 1, 0), "^target_n must be finite and at least 1"),
        (lambda: distance_to_target(1.5, 4, 1, 5), "^events must be whole numbers"),
        (lambda: distance_to_target(1, 4, 0.2, 1), "^target_events must be whole numbers"),
        (lambda: distance_to_target(1, 10**10, 1, 5), "^n must be whole numbers up to"),
        (lambda: distance_to_target(1, 4, 1, 5, better="up"), "^better must be higher or lower$"),
        (lambda: on_track(5, 4, 0.2), "^events must not be above n;"),
        (lambda: on_track(1, 4, 1.01), "^line must be a share from 0 to 1$"),
        (lambda: on_track(1, 4, float("nan")), "^line must be finite"),
        (lambda: on_track(1, 4, 0.2, level=95), "^level"),
        (lambda: on_track(1, 4, 0.2, better="neither"), "^better must be higher or lower$"),
        (lambda: needed(5, 4, 1, 5), "^events must not be above n;"),
        (lambda: needed(1, 4, 6, 5), "^target_events must not be above target_n;"),
        (lambda: needed(1, 4, 1, 5, leavers=5), "^leavers must not be above n$"),
        (
            lambda: needed(1, 4, 1, 5, appointments=0, leavers=4),
            "^appointments must be above 0 where everyone leaves$",
        ),
        (lambda: needed(1, 4, 1, 5, appointments=1.5), "^appointments must be whole"),
        (lambda: needed(1, 4, 1, 5, leavers=-1), "^leavers must be finite and at"),
    ],
)
def test_targets_name_the_argument(call, message):
    with pytest.raises(ValueError, match=message):
        call()
