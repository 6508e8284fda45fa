"""Programs over small systems of which every table is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from disparity.disclosure.additivity import Bounds
from disparity.disclosure.integer_programs import Contradiction, System

# The first and second add up to 3, and so do the second and third; the first and third add up to the fourth.
TRIANGLE = System(csr_array([[1, 1, 0, 0], [0, 1, 1, 0], [1, 0, 1, -1]]), np.array([3, 3, 0]))
EVERYTHING = np.arange(4)


def within(last: tuple[int, int]) -> Bounds:
    return Bounds(np.array([0, 0, 0, last[0]]), np.array([9, 9, 9, last[1]]))


def test_fractions_are_made_whole() -> None:
    """The first and third count are alike, so twice either is at least 3: by halves 3, by people 4."""
    costs, told = np.array([0, 0, 0, 1.0]), within((3, 9))
    assert TRIANGLE.solved(costs, told, np.inf, whole=False).x.tolist() == [1.5, 1.5, 1.5, 3]
    found = TRIANGLE.near(costs, told, EVERYTHING, np.zeros(4, np.int64), np.inf)
    assert found.tolist() == [2, 1, 2, 4]
    assert TRIANGLE.keeps(found)


def test_where_only_fractions_keep_the_sums_there_is_no_table() -> None:
    with pytest.raises(Contradiction):
        TRIANGLE.near(np.zeros(4), within((3, 3)), EVERYTHING, np.zeros(4, np.int64), np.inf)


def test_what_is_not_free_stays_as_it_is() -> None:
    table = np.array([1, 2, 1, 2])
    costs = np.array([0, 0, 0, -1.0])
    assert TRIANGLE.near(costs, within((0, 9)), np.array([0, 3]), table, np.inf).tolist() == [1, 2, 1, 2]
    assert TRIANGLE.near(costs, within((0, 9)), EVERYTHING, table, np.inf).tolist() == [3, 0, 3, 6]


def test_counts_that_cannot_be_made_whole_where_others_stay_are_no_contradiction() -> None:
    """Nothing free keeps a sum that the others break, but elsewhere there are tables."""
    broken = np.array([9, 2, 1, 2])
    found = TRIANGLE.near(np.zeros(4), within((0, 9)), np.array([3]), broken, np.inf)
    assert not TRIANGLE.keeps(found)


def test_sums_among_some_counts_are_only_those_wholly_of_them() -> None:
    first_two = TRIANGLE.among(np.array([0, 1]))
    assert first_two.keeps(np.array([1, 2]))
    assert not first_two.keeps(np.array([1, 1]))
    assert TRIANGLE.among(np.array([0, 2])).keeps(np.array([7, 8])), "no sum is of these two alone"


def test_each_step_leads_over_one_sum() -> None:
    """A chain of five counts, each adding up with the next."""
    chain = System(csr_array(np.eye(4, 5) + np.eye(4, 5, 1)), np.full(4, 3))
    first = np.arange(5) == 0
    assert [chain.reached(first, steps).tolist() for steps in (0, 1, 2, 9)] == [
        [0],
        [0, 1],
        [0, 1, 2],
        [0, 1, 2, 3, 4],
    ]


def test_a_table_at_hand_is_not_made_anew_for_the_sake_of_halves() -> None:
    """Three of four counts come out as halves: beside a table that is too many to be worth it, without one it is not."""
    costs, told = np.array([0, 0, 0, 1.0]), within((3, 9))
    table = np.array([3, 0, 3, 6])
    assert not TRIANGLE.keeps(TRIANGLE.near(costs, told, EVERYTHING, table, np.inf))
    assert TRIANGLE.keeps(TRIANGLE.near(costs, told, EVERYTHING, np.zeros(4, np.int64), np.inf))
