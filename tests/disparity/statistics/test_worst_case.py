"""The hull beside brute force over every table in its box."""

from __future__ import annotations

from functools import partial
from itertools import product

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from disparity.statistics.comparison import Comparison, Interval
from disparity.statistics.exact import exact_test
from disparity.statistics.proportions import risk_difference, risk_ratio
from disparity.statistics.rates import rate_ratio
from disparity.statistics.stratified import stratified_risk_difference, stratified_risk_ratio
from disparity.statistics.trend import change_of_ratio
from disparity.statistics.worst_case import exact_p_where_small, hull, hull_of_change, hull_of_strata

COMPARISONS = {
    "difference": risk_difference,
    "difference by Newcombe": partial(risk_difference, method="newcombe"),
    "ratio": risk_ratio,
    "ratio by Koopman": partial(risk_ratio, method="koopman"),
    "rate ratio": rate_ratio,
}
few = st.tuples(st.integers(0, 12), st.integers(0, 3)).map(lambda pair: Interval(pair[0], sum(pair)))
bases = st.tuples(st.integers(0, 25), st.integers(0, 4)).map(lambda pair: Interval(pair[0], sum(pair)))


def brute_force(compare, box, level) -> Comparison | None:
    x1, n1, x2, n2 = (range(int(low), int(high) + 1) for low, high in box)
    tables = np.array(list(product(x1, n1, x2, n2))).T
    possible = (tables[1] >= 1) & (tables[3] >= 1)
    if compare is not rate_ratio:
        possible &= (tables[0] <= tables[1]) & (tables[2] <= tables[3])
    return compare(*tables[:, possible], level=level) if possible.any() else None


@pytest.mark.parametrize("name", COMPARISONS)
@settings(deadline=None, max_examples=50)
@given(box=st.tuples(few, bases, few, bases), level=st.sampled_from([0.8, 0.95, 0.99]))
def test_no_table_of_the_box_is_beyond_the_hull(name, box, level):
    compare = COMPARISONS[name]
    if compare is rate_ratio:
        box = tuple(
            Interval(max(low, least), max(high, least))
            for (low, high), least in zip(box, (0, 1, 0, 1), strict=True)
        )
    every = brute_force(compare, box, level)
    if every is None:
        with pytest.raises(ValueError, match="must leave room for"):
            hull(compare, *box, level=level)
        return
    result = hull(compare, *box, level=level)
    assert np.isnan(result.estimate)
    slack = 1e-9
    assert result.low == pytest.approx(every.low.min(), rel=slack, abs=slack)
    assert result.high == pytest.approx(every.high.max(), rel=slack, abs=slack)
    if result.statistic == 0:
        assert result.p_value == 1
        assert every.statistic.min() <= slack
        assert every.statistic.max() >= -slack
    else:
        assert result.p_value == pytest.approx(every.p_value.max(), rel=1e-6)
        assert np.all(np.sign(every.statistic) == np.sign(result.statistic))
    neutral = 0 if "difference" in name else 1
    assert (result.low > neutral or result.high < neutral) == (result.p_value < 1 - level)


@pytest.mark.parametrize("name", COMPARISONS)
def test_a_box_of_one_table_is_that_table(name):
    box = (Interval(7, 7), Interval(34, 34), Interval(1, 1), Interval(34, 34))
    result, table = hull(COMPARISONS[name], *box), COMPARISONS[name](7, 34, 1, 34)
    assert result[1:] == table[1:]
    assert all(isinstance(field, float) for field in result)


def test_a_smaller_group_without_events_can_reach_lower():
    box = (Interval(0, 0), Interval(1, 40), Interval(1, 1), Interval(2, 2))
    assert hull(risk_difference, *box).low == risk_difference(0, 1, 1, 2).low
    assert risk_difference(0, 40, 1, 2).low > risk_difference(0, 1, 1, 2).low


def test_equal_rates_at_an_end_of_the_box_are_held():
    # 3 against 4 events over the same time has p = 1 too.
    four, ten = Interval(4, 4), Interval(10, 10)
    for few in (Interval(3, 4), Interval(4, 5)):
        for box in ((few, ten, four, ten), (four, ten, few, ten)):
            result = hull(rate_ratio, *box)
            assert (result.statistic, result.p_value) == (0, 1)


def test_boxes_broadcast():
    known = Interval(60, 60)
    result = hull(risk_ratio, Interval([1, 20], [7, 20]), known, Interval(30, 30), known)
    assert result.low.shape == (2,)
    assert result.low[1] == risk_ratio(20, 60, 30, 60).low
    assert result.high[0] == risk_ratio(7, 60, 30, 60).high
    assert result.p_value[0] == risk_ratio(7, 60, 30, 60).p_value


def test_refusals_name_the_argument():
    box = (Interval(2, 2), Interval(10, 10), Interval(2, 2), Interval(10, 10))
    for look, least in (
        (partial(hull, risk_ratio), 1),
        (partial(hull_of_strata, stratified_risk_ratio), 0),
        (partial(exact_p_where_small, np.array([0.5])), 1),
    ):
        for place, name in enumerate(("events_1", "n_1", "events_2", "n_2")):
            for wrong, message in (
                (Interval(9, 8), "must have low not above high"),
                (Interval(-1, 8), "must be finite and at least 0"),
            ):
                with pytest.raises(ValueError, match=f"^{name} {message}"):
                    look(*box[:place], wrong, *box[place + 1 :])
        for suffix, fewer in (("_1", (box[0], Interval(0, 1), *box[2:])), ("_2", (*box[:3], Interval(0, 1)))):
            message = f"^n{suffix} must leave room for events{suffix} and at least {least} people"
            with pytest.raises(ValueError, match=message):
                look(*fewer)


small = st.tuples(st.integers(1, 9), st.integers(0, 1)).map(lambda pair: Interval(pair[0], sum(pair)))
some = st.tuples(st.integers(1, 20), st.integers(0, 1)).map(lambda pair: Interval(pair[0], sum(pair)))
four = st.tuples(small, some, small, some).filter(
    lambda box: all(x.low <= n.high for x, n in (box[:2], box[2:]))
)


def tables_of(box):
    tables = np.array(list(product(*(range(int(low), int(high) + 1) for low, high in box)))).T
    return tables[:, (tables[0] <= tables[1]) & (tables[2] <= tables[3])]


def holds(result, every, slack=1e-9):
    assert np.isnan(result.estimate)
    assert result.low <= every.low.min() * (1 + slack) + slack
    assert result.high >= every.high.max() * (1 - slack) - slack
    assert result.p_value >= every.p_value.max() - slack


# In these the events may be more than the people: tables that are no part of the box.
FULL = (Interval(9, 10), Interval(8, 9), Interval(3, 4), Interval(9, 9))
FULL_2 = (*FULL[2:], *FULL[:2])


@settings(deadline=None, max_examples=25)
@given(now=four, then=four)
@example(now=FULL, then=FULL_2)
@example(now=FULL_2, then=FULL)
def test_no_pair_of_tables_is_beyond_the_hull_of_a_change(now, then):
    windows = {"window": (5, 8), "earlier_window": (1, 4)}
    first, second = tables_of(now)[:, :, np.newaxis], tables_of(then)[:, np.newaxis, :]
    holds(hull_of_change(now, then, **windows), change_of_ratio(*first, *second, **windows))


def test_a_change_from_nothing_is_refused():
    ten, nothing = Interval(10, 10), Interval(0, 3)
    some = (ten, ten, ten, ten)
    for name, none in (("events_1", (nothing, ten, ten, ten)), ("events_2", (ten, ten, nothing, ten))):
        for boxes in ((none, some), (some, none)):
            with pytest.raises(ValueError, match=f"^{name} must be at least 1 in both windows$"):
                hull_of_change(*boxes, window=(5, 8), earlier_window=(1, 4))


def stratum_of(people, events):
    return tuple(
        Interval(low, low + more)
        for (n, wider), (share, more_events) in zip(people, events, strict=True)
        for low, more in ((round(share * n), more_events), (n, wider))
    )


stratum = st.builds(
    stratum_of,
    st.tuples(*[st.tuples(st.integers(8, 60), st.integers(0, 2))] * 2),
    st.tuples(*[st.tuples(st.floats(0, 0.8), st.integers(0, 1))] * 2),
)


@pytest.mark.parametrize("compare", [stratified_risk_ratio, stratified_risk_difference])
@settings(deadline=None, max_examples=25)
@given(first=stratum, second=stratum)
@example(first=FULL, second=FULL_2)
def test_no_strata_are_beyond_the_hull_of_strata(compare, first, second):
    pairs = list(product(tables_of(first).T, tables_of(second).T))
    every = compare(*np.moveaxis(np.array(pairs), 2, 0))
    box = [Interval(*np.transpose([one, other])) for one, other in zip(first, second, strict=True)]
    holds(hull_of_strata(compare, *box), every, slack=0.08)


@pytest.mark.parametrize("compare", [stratified_risk_ratio, stratified_risk_difference])
def test_a_stratum_of_nobody_widens_no_hull_of_strata(compare):
    box = [Interval(np.array([low, low]), np.array([low, low + 1])) for low in (5, 12, 3, 11)]
    more = [Interval(*(np.append(end, 0) for end in each)) for each in box]
    assert hull_of_strata(compare, *more)[1:] == pytest.approx(hull_of_strata(compare, *box)[1:])


@settings(deadline=None, max_examples=60)
@given(box=st.one_of(four, st.tuples(few, bases, few, bases)))
@example(box=(Interval(1, 1), Interval(30, 33), Interval(12, 14), Interval(28, 30)))
@example(box=(Interval(1, 2), Interval(10, 10), Interval(9, 10), Interval(12, 12)))
@example(box=(Interval(60, 60), Interval(60, 60), Interval(0, 0), Interval(1, 2)))
@example(box=(Interval(0, 0), Interval(1, 2), Interval(60, 60), Interval(60, 60)))
@example(box=(Interval(12, 13), Interval(30, 31), Interval(0, 1), Interval(20, 20)))
@example(box=(Interval(51, 51), Interval(60, 60), Interval(60, 60), Interval(60, 60)))
# Fewer people than events, which no table has.
@example(box=(Interval(6, 6), Interval(3, 7), Interval(0, 0), Interval(8, 8)))
@example(box=(Interval(20, 20), Interval(5, 40), Interval(20, 20), Interval(60, 60)))
@example(box=(Interval(20, 20), Interval(60, 60), Interval(20, 20), Interval(5, 40)))
def test_the_exact_p_of_small_tables_is_the_largest_of_the_box_where_it_decides(box):
    if any(n.high < max(x.low, 1) for x, n in (box[:2], box[2:])):
        return
    plain = hull(risk_ratio, *box)
    (found,) = exact_p_where_small(
        np.atleast_1d(plain.p_value), *(Interval(*np.atleast_1d(*each)) for each in box)
    )
    tables = tables_of(box)
    x1, n1, x2, n2 = tables[:, (tables[1] >= 1) & (tables[3] >= 1)]
    expected = np.minimum(x1 + x2, n1 + n2 - x1 - x2) * np.minimum(n1, n2) / (n1 + n2)
    largest = exact_test(x1, n1, x2, n2).p_value.max()
    larger = max(largest, float(plain.p_value))
    if plain.p_value == 1 or expected.min() >= 5:
        assert found == plain.p_value
    elif found < 0.05:
        # Of a few boxes it is not looked for whether a table of 5 and more is among those they hold.
        assert min(abs(found - each) for each in (largest, larger)) < 1e-9
        assert expected.max() < 5 or found == pytest.approx(larger, rel=1e-9)
    else:
        assert 0.05 <= found <= larger + 1e-12


def test_exact_p_may_be_largest_between_the_ends_of_the_events():
    """Nine events of 302 people, one more than the fewest: seven of them in the smaller group are no likelier than none."""
    box = [
        Interval(np.array([low]), np.array([high])) for low, high in ((0, 0), (113, 117), (8, 12), (188, 192))
    ]
    at_ends = exact_test(0, 113, np.array([8, 12]), 189).p_value.max()
    between = float(exact_test(0, 113, 9, 189).p_value)
    assert at_ends < 0.02 < between
    (found,) = exact_p_where_small(hull(risk_ratio, *box).p_value, *box)
    assert found >= between


def test_p_of_counts_that_can_be_on_both_sides_of_5_expected_is_the_larger_of_both_tests():
    """None of 38 and 18 of 98, rounded to 5: of the true table 5.03 are expected, and p is that of the score test."""
    box = [
        Interval(np.array([low]), np.array([high])) for low, high in ((0, 0), (38, 42), (18, 22), (98, 102))
    ]
    true = risk_ratio(0, 38, 18, 98)
    assert 18 * 38 / (38 + 98) > 5 > 18 * 38 / (38 + 102)
    (found,) = exact_p_where_small(hull(risk_ratio, *box).p_value, *box)
    assert found >= true.p_value > exact_test(0, 38, 18, 98).p_value
    # Sides and events exchanged it is the same.
    (turned,) = exact_p_where_small(hull(risk_ratio, *box[2:], *box[:2]).p_value, *box[2:], *box[:2])
    assert turned == pytest.approx(found)


@settings(deadline=None, max_examples=60)
@given(box=st.one_of(four, st.tuples(few, bases, few, bases)))
@example(box=(Interval(0, 0), Interval(38, 42), Interval(18, 22), Interval(98, 102)))
@example(box=(Interval(1, 2), Interval(30, 34), Interval(12, 16), Interval(48, 52)))
def test_p_is_no_smaller_than_that_of_any_table_by_the_test_that_is_right_for_it(box):
    if any(n.high < max(x.low, 1) for x, n in (box[:2], box[2:])):
        return
    boxes = tuple(Interval(*np.atleast_1d(*each)) for each in box)
    (found,) = exact_p_where_small(np.atleast_1d(hull(risk_ratio, *box).p_value), *boxes)
    tables = tables_of(box)
    x1, n1, x2, n2 = tables[:, (tables[1] >= 1) & (tables[3] >= 1)]
    expected = np.minimum(x1 + x2, n1 + n2 - x1 - x2) * np.minimum(n1, n2) / (n1 + n2)
    own = np.where(expected < 5, exact_test(x1, n1, x2, n2).p_value, risk_ratio(x1, n1, x2, n2).p_value)
    assert found >= min(own.max(), 0.05) - 1e-9


def test_exact_p_of_many_boxes_is_that_of_each():
    boxes = [
        (Interval(9, 10), Interval(30, 31), Interval(0, 1), Interval(20, 20)),
        (Interval(90, 90), Interval(300, 300), Interval(40, 41), Interval(200, 200)),
        (Interval(3, 4), Interval(12, 13), Interval(2, 3), Interval(9, 9)),
        (Interval(1, 1), Interval(30, 33), Interval(8, 9), Interval(28, 30)),
        (Interval(3, 3), Interval(12, 12), Interval(1, 1), Interval(20, 20)),
        # 5 expected, and so not fewer.
        (Interval(8, 8), Interval(10, 10), Interval(2, 2), Interval(10, 10)),
    ]
    together = tuple(Interval(*np.transpose(each)) for each in zip(*boxes, strict=True))
    plain = hull(risk_ratio, *together).p_value
    given_p = plain.copy()
    found = exact_p_where_small(given_p, *together)
    np.testing.assert_array_equal(given_p, plain)
    assert (found == plain).tolist() == [False, True, True, False, False, True]
    for at, box in enumerate(boxes):
        one = tuple(Interval(*np.atleast_1d(*each)) for each in box)
        assert found[at] == exact_p_where_small(plain[at : at + 1], *one)


def test_a_large_table_keeps_its_score_p():
    box = tuple(Interval(np.array([low]), np.array([low])) for low in (90.0, 300.0, 40.0, 200.0))
    p_value = hull(risk_ratio, *box).p_value
    assert exact_p_where_small(p_value, *box) == p_value
    few = tuple(Interval(np.array([low]), np.array([low])) for low in (9.0, 30.0, 0.0, 20.0))
    assert exact_p_where_small(hull(risk_ratio, *few).p_value, *few) == exact_test(9, 30, 0, 20).p_value
