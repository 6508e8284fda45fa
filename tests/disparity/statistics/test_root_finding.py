"""The root finder against functions whose roots are known."""

from __future__ import annotations

import numpy as np
import pytest

from disparity.statistics.root_finding import bounded_excess, crossing


def test_roots_of_many_functions_at_once():
    power = np.array([1.0, 2.0, 3.0, 9.0, 0.5])
    root = crossing(lambda x: 0.5 - x**power, np.zeros(5), np.ones(5))
    np.testing.assert_allclose(root, 0.5 ** (1 / power), rtol=1e-12)


def test_outside_may_be_above_and_a_jump_is_found_as_well():
    root = crossing(lambda x: np.where(x > 0.3, 1.0, -1.0), np.array([1.0]), np.array([0.0]))
    assert root == pytest.approx(0.3, abs=1e-12)


def test_ends_that_are_one_or_have_the_wrong_sign():
    ends = np.array([0.25, 0.75])
    np.testing.assert_array_equal(crossing(lambda x: x - 1, ends, ends), ends)
    # Nowhere positive: the outer end is taken for the root.
    assert crossing(lambda x: x - 2, np.zeros(1), np.ones(1)) == pytest.approx(0, abs=1e-12)
    assert crossing(np.sin, np.empty(0), np.empty(0)).shape == (0,)


def test_a_coarser_tolerance_takes_fewer_steps():
    steps = []

    def excess(x):
        steps.append(x)
        return np.cos(20 * x) - 2 * x**9

    fine = crossing(excess, np.zeros(3), np.array([0.1, 0.09, 0.08]))
    taken = len(steps)
    coarse = crossing(excess, np.zeros(3), np.array([0.1, 0.09, 0.08]), tolerance=1e-4)
    assert len(steps) - taken < taken
    np.testing.assert_allclose(coarse, fine, rtol=1e-3)


def test_an_excess_is_bounded_and_has_the_sign_of_what_is_beyond():
    distance, deviation = np.array([3.0, 1.0, 1.0, 0.0, 0.0]), np.array([1.0, 1.0, 3.0, 2.0, 0.0])
    np.testing.assert_array_equal(bounded_excess(distance, deviation), [0.25, 0, -0.25, -0.5, -0.5])
