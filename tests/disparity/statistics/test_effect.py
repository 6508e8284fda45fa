"""Four-fifths, people to parity and rarity, against exact fractions and every table of a box."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disparity.statistics.comparison import Interval
from disparity.statistics.effect import (
    ABOVE,
    BELOW,
    CANNOT_TELL,
    WITHIN,
    chance_of_as_few,
    expected_at_equal_chances,
    four_fifths,
    four_fifths_box,
    people_to_parity,
    people_to_parity_box,
    selections_to_four_fifths,
    selections_to_four_fifths_box,
)

counts = st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)).map(lambda pair: (pair[0], sum(pair)))
spans = st.tuples(st.integers(0, 7), st.integers(0, 3)).map(lambda pair: Interval(pair[0], sum(pair)))


def tables_of(box: tuple[Interval, ...]) -> list[tuple[int, int, int, int]]:
    x1, n1, x2, n2 = (range(int(low), int(high) + 1) for low, high in box)
    return [table for table in product(x1, n1, x2, n2) if table[0] <= table[1] and table[2] <= table[3]]


@settings(deadline=None)
@given(counts, counts)
def test_four_fifths_is_the_exact_fraction(first, second):
    (x1, n1), (x2, n2) = first, second
    if n1 == 0 or n2 == 0 or x1 == x2 == 0:
        expected = CANNOT_TELL
    elif x2 == 0 or Fraction(x1, n1) / Fraction(x2, n2) > Fraction(5, 4):
        expected = ABOVE
    else:
        expected = BELOW if Fraction(x1, n1) / Fraction(x2, n2) < Fraction(4, 5) else WITHIN
    assert four_fifths(x1, n1, x2, n2) == expected


def test_below_four_fifths_by_the_integer_rule():
    tables = np.array(tables_of(tuple(Interval(low, 12) for low in (0, 1, 0, 1)))).T
    x1, n1, x2, n2 = tables
    below = four_fifths(*tables) == BELOW
    np.testing.assert_array_equal(below, 5 * x1 * n2 < 4 * x2 * n1)
    np.testing.assert_array_equal(four_fifths(x2, n2, x1, n1) == ABOVE, below)


def test_four_fifths_at_its_very_ends():
    assert four_fifths(4, 10, 5, 10) == WITHIN
    assert four_fifths(5, 10, 4, 10) == WITHIN
    assert four_fifths(4 * 10**8 - 1, 10**9, 5 * 10**8, 10**9) == BELOW
    assert four_fifths(5 * 10**8 + 1, 10**9, 4 * 10**8, 10**9) == ABOVE


def test_four_fifths_words_and_shapes():
    assert (BELOW, WITHIN, ABOVE) == ("below 0.80", "within 0.80 to 1.25", "above 1.25")
    assert isinstance(four_fifths(1, 2, 1, 2), str)
    np.testing.assert_array_equal(four_fifths([1, 9, 0], 10, [5, 5, 0], 10), [BELOW, ABOVE, CANNOT_TELL])


@settings(deadline=None, max_examples=150)
@given(spans, spans, spans, spans)
def test_boxes_say_what_all_their_tables_say(x1, n1, x2, n2):
    box = (x1, n1, x2, n2)
    if x1.low > n1.high or x2.low > n2.high:
        with pytest.raises(ValueError, match="must not be above"):
            four_fifths_box(*box)
        return
    tables = np.array(tables_of(box)).T
    flags = set(four_fifths(*tables))
    assert four_fifths_box(*box) == (flags.pop() if len(flags) == 1 else CANNOT_TELL)
    peopled = tables[:, (tables[1] > 0) & (tables[3] > 0)]
    if peopled.size:
        people = people_to_parity(*peopled)
        assert people_to_parity_box(*box) == (people.min(), people.max())
        selections = selections_to_four_fifths(*peopled)
        assert selections_to_four_fifths_box(*box) == (selections.min(), selections.max())


@settings(deadline=None)
@given(counts, counts)
def test_people_to_parity_brings_the_rates_nearest(first, second):
    (x1, n1), (x2, n2) = first, second
    if n1 == 0 or n2 == 0:
        return
    moved = int(people_to_parity(x1, n1, x2, n2))
    assert people_to_parity(x2, n2, x1, n1) == -moved

    def gap(people: int) -> Fraction:
        return abs(Fraction(x1 - people, n1) - Fraction(x2 + people, n2))

    assert 0 <= x1 - moved <= n1
    assert 0 <= x2 + moved <= n2
    assert gap(moved) <= min(gap(moved - 1), gap(moved + 1))
    assert moved == 0 or gap(moved) < gap(moved - int(np.sign(moved)))


@settings(deadline=None)
@given(counts, counts)
def test_selections_are_the_fewest_that_reach_four_fifths(first, second):
    (x1, n1), (x2, n2) = first, second
    if n1 == 0 or n2 == 0:
        return
    moved = int(selections_to_four_fifths(x1, n1, x2, n2))
    assert selections_to_four_fifths(x2, n2, x1, n1) == -moved
    assert 0 <= x1 - moved <= n1
    assert 0 <= x2 + moved <= n2
    flag = four_fifths(x1, n1, x2, n2)
    assert np.sign(moved) == {BELOW: -1, ABOVE: 1}.get(str(flag), 0)
    if moved:
        assert four_fifths(x1 - moved, n1, x2 + moved, n2) != flag
        one_fewer = moved - int(np.sign(moved))
        assert four_fifths(x1 - one_fewer, n1, x2 + one_fewer, n2) == flag


def test_selections_worked_by_hand():
    # 32/140 beside 8/60: 29/140 beside 11/60 is 1.13, 30/140 beside 10/60 is 1.29.
    assert selections_to_four_fifths(32, 140, 8, 60) == 3
    assert selections_to_four_fifths(8, 60, 32, 140) == -3
    assert selections_to_four_fifths(4, 10, 5, 10) == 0
    assert selections_to_four_fifths(0, 10, 0, 10) == 0
    # One place, one applicant of each group: it is over the whole of 0.80 to 1.25 in one step.
    assert selections_to_four_fifths(1, 1, 0, 1) == 1
    assert selections_to_four_fifths(10**9, 10**9, 0, 10**9) == 444_444_445
    box = selections_to_four_fifths_box(
        Interval(32, 32), Interval(140, 140), Interval([1, 8], [6, 8]), Interval(60, 60)
    )
    assert (box.low.tolist(), box.high.tolist()) == ([4, 3], [8, 3])


def chance_by_counting(x1: int, n1: int, x2: int, n2: int) -> Fraction:
    events = x1 + x2
    as_few = sum(comb(n2, seen) * comb(n1, events - seen) for seen in range(x2 + 1) if events - seen <= n1)
    return Fraction(as_few, comb(n1 + n2, events))


def test_chance_of_as_few_in_every_small_table():
    tables = np.array(tables_of(tuple(Interval(low, 9) for low in (0, 1, 0, 1)))).T
    expected = [float(chance_by_counting(*table)) for table in tables.T.tolist()]
    np.testing.assert_allclose(chance_of_as_few(*tables), expected, rtol=1e-12)


@settings(deadline=None, max_examples=60)
@given(*[st.tuples(st.integers(0, 300), st.integers(0, 300)) for _ in range(2)])
def test_chance_of_as_few_at_any_size(first, second):
    (x1, y1), (x2, y2) = first, second
    if x1 + y1 == 0 or x2 + y2 == 0:
        return
    expected = float(chance_by_counting(x1, x1 + y1, x2, x2 + y2))
    assert chance_of_as_few(x1, x1 + y1, x2, x2 + y2) == pytest.approx(expected, rel=1e-10, abs=1e-290)


# Fisher (1935), The Design of Experiments, chapter 2: three cups of four told, or better, in 17 of 70.
def test_chance_of_as_few_of_the_lady_tasting_tea():
    assert chance_of_as_few(3, 4, 1, 4) == pytest.approx(17 / 70)
    assert chance_of_as_few(4, 4, 0, 4) == pytest.approx(1 / 70)


def test_chance_where_nothing_could_differ_and_shapes():
    assert chance_of_as_few(0, 10, 0, 10) == 1
    assert chance_of_as_few(10, 10, 7, 7) == 1
    assert isinstance(chance_of_as_few(1, 5, 1, 5), float)
    assert chance_of_as_few([1, 2], 9, [[1], [2], [3]], 9).shape == (3, 2)


def test_people_worked_by_hand():
    # 40 places: at 40/200 White applicants' 140 make 28, so 4 of their 32 would have gone the other way.
    assert people_to_parity(32, 140, 8, 60) == 4
    assert expected_at_equal_chances(32, 140, 8, 60) == 12
    assert people_to_parity(1, 1, 0, 1) == 0
    assert people_to_parity_box(
        Interval(32, 32), Interval(140, 140), Interval([1, 8], [7, 8]), Interval(60, 60)
    ).low.tolist() == [5, 4]


def test_a_group_that_may_be_empty_cannot_be_told():
    nobody, nobody_or_one, five = Interval(0, 0), Interval(0, 1), Interval(5, 5)
    assert four_fifths_box(nobody, Interval(1, 9), five, five) == BELOW
    assert four_fifths_box(nobody, nobody_or_one, five, five) == CANNOT_TELL
    assert four_fifths_box(five, five, nobody, nobody_or_one) == CANNOT_TELL
    assert people_to_parity_box(nobody, nobody_or_one, five, five) == (-1, -1)


def test_refusals_name_the_argument():
    with pytest.raises(ValueError, match="events_1 must be whole numbers"):
        four_fifths(1.5, 2, 1, 2)
    with pytest.raises(ValueError, match="n_2 must be whole numbers up to"):
        four_fifths(1, 2, 1, 10**10)
    with pytest.raises(ValueError, match="events_2 must not be above n_2"):
        people_to_parity(1, 2, 3, 2)
    with pytest.raises(ValueError, match="n_1"):
        people_to_parity(0, 0, 1, 2)
    with pytest.raises(ValueError, match="n_1"):
        expected_at_equal_chances(0, 0, 1, 2)
    for few in (chance_of_as_few, selections_to_four_fifths):
        with pytest.raises(ValueError, match="n_2"):
            few(1, 2, 0, 0)
        with pytest.raises(ValueError, match="events_2 must be whole numbers"):
            few(1, 2, 0.5, 2)
        with pytest.raises(ValueError, match="events_1 must not be above n_1"):
            few(3, 2, 1, 2)
    with pytest.raises(ValueError, match="events_1 and n_1 must have low not above high"):
        four_fifths_box(Interval(3, 2), Interval(5, 5), Interval(1, 1), Interval(2, 2))


ONE, TEN = Interval(1, 1), Interval(10, 10)


@pytest.mark.parametrize("of_box", [four_fifths_box, people_to_parity_box, selections_to_four_fifths_box])
@pytest.mark.parametrize(
    ("box", "words"),
    [
        ((Interval(1.5, 2), TEN, ONE, TEN), "^events_1 must be whole numbers"),
        ((ONE, Interval(9.5, 10), ONE, TEN), "^n_1 must be whole numbers"),
        ((ONE, TEN, Interval(-1, 2), TEN), "^events_2 must be finite and at least 0"),
        ((ONE, TEN, ONE, Interval(10, float("inf"))), "^n_2 must be finite"),
        ((Interval(2, 1), TEN, ONE, TEN), "^events_1 and n_1 must have low not above high"),
        ((ONE, TEN, ONE, Interval(11, 10)), "^events_2 and n_2 must have low not above high"),
    ],
)
def test_refusals_of_a_box_name_the_group(of_box, box, words):
    with pytest.raises(ValueError, match=words):
        of_box(*box)


def test_expected_events_name_the_group_refused():
    with pytest.raises(ValueError, match=r"^events_2 must not be above n_2"):
        expected_at_equal_chances(1, 2, 3, 2)
    with pytest.raises(ValueError, match=r"^n_2 must be finite and at least 1"):
        expected_at_equal_chances(1, 2, 0, 0)


def test_a_box_with_an_empty_group_cannot_tell():
    nobody, some = Interval(0, 0), Interval(0, 5)
    for box in ((nobody, some, Interval(3, 3), TEN), (Interval(3, 3), TEN, nobody, some)):
        assert four_fifths_box(*box) == CANNOT_TELL
    assert four_fifths_box(nobody, TEN, Interval(3, 3), TEN) == BELOW
    assert four_fifths_box(Interval(3, 3), TEN, nobody, TEN) == ABOVE
