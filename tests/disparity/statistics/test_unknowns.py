"""Bounds from people of unknown ethnicity, against every way to divide them."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disparity.statistics.unknowns import (
    difference_over_allocations,
    ratio_bounds,
    ratio_over_allocations,
    turning_allocation,
)

groups = st.tuples(st.integers(0, 6), st.integers(0, 6)).map(lambda pair: (pair[0], sum(pair)))


def every_table(most: int, most_unknown: int) -> np.ndarray:
    """Every x1, n1, x2, n2, x0, n0 with groups of 1 to ``most`` people, as columns."""
    sides = [(x, n) for n in range(1, most + 1) for x in range(n + 1)]
    unknown = [(x, n) for n in range(most_unknown + 1) for x in range(n + 1)]
    return np.array([(*a, *b, *c) for a, b, c in product(sides, sides, unknown)]).T


def allocations(x1: int, n1: int, x2: int, n2: int, x0: int, n0: int) -> list[tuple[Fraction, Fraction]]:
    """Both rates under every way to divide the unknown."""
    return [
        (Fraction(x1 + to_1, n1 + to_1 + others), Fraction(x2 + x0 - to_1, n2 + x0 - to_1 + n0 - x0 - others))
        for to_1 in range(x0 + 1)
        for others in range(n0 - x0 + 1)
    ]


def test_worked_by_hand():
    # 32/140 beside 8/60, 4 of 20 unknown: (36/160)/(8/60) and (32/140)/(12/80)
    low, high = ratio_bounds(32, 140, 8, 60, 4, 20)
    assert low == pytest.approx(32 / 140 * 80 / 12)
    assert high == pytest.approx(36 / 160 * 60 / 8)


def test_no_unknown_leaves_the_ratio():
    assert ratio_bounds(3, 10, 2, 10, 0, 0) == pytest.approx((1.5, 1.5))


def test_groups_without_events():
    assert ratio_bounds(3, 10, 0, 10, 0, 5) == (np.inf, np.inf)
    assert ratio_bounds(0, 10, 0, 10, 2, 5) == (0, np.inf)
    assert np.all(np.isnan(ratio_bounds(0, 10, 0, 10, 0, 5)))


@settings(deadline=None)
@given(*[st.tuples(st.integers(0, 50), st.integers(1, 50)) for _ in range(3)])
def test_order_and_swap(first, second, unknown):
    groups = [(events, events + others) for events, others in (first, second, unknown)]
    low, high = ratio_bounds(*groups[0], *groups[1], *groups[2])
    back = ratio_bounds(*groups[1], *groups[0], *groups[2])
    if np.isnan(low):
        assert groups[0][0] == groups[1][0] == groups[2][0] == 0
        return
    assert low <= high
    with np.errstate(divide="ignore"):
        assert np.divide(1.0, back.high) == pytest.approx(low)


def test_every_allocation_of_every_small_table():
    tables = every_table(4, 4)
    ratio, difference = ratio_over_allocations(*tables), difference_over_allocations(*tables)
    share = turning_allocation(*tables).share
    for row, table in enumerate(tables.T.tolist()):
        rates = allocations(*table)
        differences = [first - second for first, second in rates]
        assert difference.low[row] == pytest.approx(float(min(differences)), abs=1e-15)
        assert difference.high[row] == pytest.approx(float(max(differences)), abs=1e-15)
        ratios = [first / second if second else np.inf for first, second in rates if first or second]
        if ratios:
            assert ratio.low[row] == pytest.approx(float(min(ratios)), rel=1e-14)
            assert ratio.high[row] == pytest.approx(float(max(ratios)), rel=1e-14)
        else:
            assert np.isnan((ratio.low[row], ratio.high[row])).all()
        x1, n1, x2, n2, _, _ = table
        surplus = x1 * n2 - x2 * n1
        turned = surplus != 0 and min(np.sign(surplus) * float(each) for each in differences) <= 0
        assert np.isnan(share[row]) == (not turned)


def test_the_plain_scenarios_lie_within_the_extremes():
    tables = every_table(4, 3)
    plain, extreme = ratio_bounds(*tables), ratio_over_allocations(*tables)
    told = ~np.isnan(plain.low) & ~np.isnan(plain.high)
    assert np.all((extreme.low <= plain.low * (1 + 1e-12))[told])
    assert np.all((extreme.high >= plain.high * (1 - 1e-12))[told])


def test_extremes_worked_by_hand():
    # 32/140 beside 8/60, 4 of 20 unknown: the 4 with group 2 and the 16 with group 1, or the other way round.
    assert ratio_over_allocations(32, 140, 8, 60, 4, 20) == pytest.approx(
        ((32 / 156) / (12 / 64), (36 / 144) / (8 / 76))
    )
    assert difference_over_allocations(32, 140, 8, 60, 4, 20) == pytest.approx(
        (32 / 156 - 12 / 64, 36 / 144 - 8 / 76)
    )
    assert ratio_over_allocations(3, 10, 2, 10, 0, 0) == pytest.approx((1.5, 1.5))
    assert ratio_over_allocations(3, 10, 0, 10, 0, 5) == (np.inf, np.inf)
    assert ratio_over_allocations(0, 10, 0, 10, 2, 5) == (0, np.inf)


def test_turning_worked_by_hand():
    # 6/10 beside 4/10, 10 unknown, 5 with the event. In proportion: 8.5/15 beside 6.5/15. A share of 0.4 leans:
    # events 6 + 2.5 - 0.4 * 2.5 = 7.5 in group 1 and 7.5 in group 2, others as many: 7.5/15 in both.
    turning = turning_allocation(6, 10, 4, 10, 5, 10)
    assert turning.share == pytest.approx(0.4)
    assert turning.events_to == 2
    assert turning[2:] == pytest.approx((1.5, 5, 3.5, 5))
    assert all(isinstance(each, np.generic) for each in turning)
    swapped = turning_allocation(4, 10, 6, 10, 5, 10)
    assert (swapped.share, swapped.events_to) == (pytest.approx(0.4), 1)
    assert swapped[2:] == pytest.approx((3.5, 5, 1.5, 5))


def test_nothing_turns_where_nothing_can():
    for table in ((6, 10, 4, 10, 0, 0), (9, 10, 1, 10, 1, 2), (5, 10, 5, 10, 3, 6), (0, 9, 0, 9, 0, 4)):
        turning = turning_allocation(*table)
        assert turning.events_to == 0
        assert np.isnan([turning.share, *turning[2:]]).all()


@settings(deadline=None, max_examples=300)
@given(groups, groups, st.tuples(st.integers(0, 40), st.integers(0, 40)))
def test_the_path_turns_at_the_share_and_not_before(first, second, unknown):
    (x1, n1), (x2, n2) = first, second
    if n1 == 0 or n2 == 0:
        return
    x0, n0 = unknown[0], sum(unknown)
    turning = turning_allocation(x1, n1, x2, n2, x0, n0)
    if np.isnan(turning.share):
        return
    assert 0 < turning.share <= 1
    assert turning.unknown_events_1 + turning.unknown_events_2 == pytest.approx(x0)
    assert turning.unknown_n_1 + turning.unknown_n_2 == pytest.approx(n0)
    assert -1e-9 <= turning.unknown_events_1 <= turning.unknown_n_1 + 1e-9
    assert -1e-9 <= turning.unknown_events_2 <= turning.unknown_n_2 + 1e-9
    part, end = n1 / (n1 + n2), 1.0 if turning.events_to == 1 else 0.0
    sign = -1 if turning.events_to == 1 else 1

    def gap(share: float) -> float:
        events = x0 * ((1 - share) * part + share * end)
        people = events + (n0 - x0) * ((1 - share) * part + share * (1 - end))
        return sign * ((x1 + events) / (n1 + people) - (x2 + x0 - events) / (n2 + n0 - people))

    assert gap(turning.share) == pytest.approx(0, abs=1e-12)
    gaps = [gap(share) for share in np.linspace(0, turning.share, 9)]
    assert gaps[0] > 0
    assert np.all(np.diff(gaps) < 1e-12)
    events = turning.unknown_events_1
    assert (x1 + events) / (n1 + turning.unknown_n_1) == pytest.approx(
        (x2 + x0 - events) / (n2 + turning.unknown_n_2)
    )


EVERY = (ratio_bounds, ratio_over_allocations, difference_over_allocations, turning_allocation)


@pytest.mark.parametrize("bounds", EVERY)
def test_shapes_and_refusals(bounds):
    assert all(field.shape == (3, 2) for field in bounds([1, 2], 10, [[1], [2], [3]], 10, 1, 2))
    assert all(isinstance(field, np.generic) for field in bounds(1, 10, 2, 10, 1, 2))
    with pytest.raises(ValueError, match="unknown_events must not be above unknown_n"):
        bounds(1, 2, 1, 2, 3, 2)
    with pytest.raises(ValueError, match="n_2 must be finite and at least 1"):
        bounds(1, 2, 0, 0, 1, 2)
    with pytest.raises(ValueError, match="events_1 must not be above n_1"):
        bounds(3, 2, 0, 1, 1, 2)
    with pytest.raises(ValueError, match="unknown_n must be finite"):
        bounds(1, 2, 0, 1, 1, float("nan"))


def test_arrays_and_refusals():
    assert ratio_bounds([1, 2], 10, [[1], [2], [3]], 10, 1, 2).low.shape == (3, 2)
    with pytest.raises(ValueError, match="unknown_events must not be above unknown_n"):
        ratio_bounds(1, 2, 1, 2, 3, 2)
    with pytest.raises(ValueError, match="n_2"):
        ratio_bounds(1, 2, 0, 0, 1, 2)
