"""The lower limit of a ratio solves the score equation in its first form, whichever way it is found."""

from __future__ import annotations

import numpy as np
import pytest

from disparity.statistics import score_ratio
from disparity.statistics.score import Tables, ratio_excess
from disparity.statistics.score_ratio import lower_ratio_limit


def tables() -> Tables[np.float64]:
    """Return every table of up to 9 and 7 people, and some of any size with few events or few non-events."""
    grid = np.array(np.meshgrid(*map(np.arange, (10, 10, 8, 8)), indexing="ij"), float).reshape(4, -1)
    x1, n1, x2, n2 = grid[:, (grid[0] <= grid[1]) & (grid[2] <= grid[3]) & (grid[1] > 0) & (grid[3] > 0)]
    random = np.random.default_rng(7)
    n = 10 ** random.integers(2, 8, (2, 400)) + random.integers(0, 90, (2, 400))
    few = np.minimum(random.integers(0, 4, (2, 400)), n)
    rest = np.where(random.integers(0, 2, (2, 400)), few, n - few)
    large = (rest[0], n[0], rest[1], n[1])
    return Tables(
        *(np.concatenate([small, some]) for small, some in zip((x1, n1, x2, n2), large, strict=True))
    )


@pytest.mark.parametrize("allowed", [0.3, 1.96, 6.0])
def test_the_score_crosses_what_is_allowed_at_the_limit(allowed):
    every = tables()
    some = every.take(every.x1 > 0)
    allowed_each = np.full_like(some.x1, allowed)
    low = lower_ratio_limit(some, allowed_each)
    one = np.ones_like(low)
    assert (ratio_excess(some, one, low * (1 - 1e-8), allowed_each) > 0).all()
    assert (ratio_excess(some, one, low * (1 + 1e-8), allowed_each) < 0).all()


@pytest.mark.parametrize("allowed", [0.3, 1.96, 6.0])
def test_steps_and_search_find_the_same_limit(monkeypatch, allowed):
    every = tables()
    allowed_each = np.full_like(every.x1, allowed)
    by_steps = lower_ratio_limit(every, allowed_each)
    monkeypatch.setattr(score_ratio, "_FOUND", -1.0)
    np.testing.assert_allclose(lower_ratio_limit(every, allowed_each), by_steps, rtol=1e-11)


def test_no_events_in_group_1_have_the_limit_0_and_all_of_them_a_limit_above():
    shape = Tables(*np.array([[0.0, 5.0, 5.0], [5.0, 5.0, 5.0], [3.0, 0.0, 4.0], [4.0, 4.0, 4.0]]))
    low = lower_ratio_limit(shape, np.full(3, 2.0))
    # All of both: n / (n + allowed squared), whatever group 2 is.
    np.testing.assert_allclose(low[[0, 2]], [0.0, 5 / 9], rtol=1e-14)
    assert low[1] > 1


def test_most_limits_need_no_search(monkeypatch):
    searched = []
    search = score_ratio._by_search
    monkeypatch.setattr(
        score_ratio,
        "_by_search",
        lambda some, allowed: searched.append(some.x1.size) or search(some, allowed),
    )
    random = np.random.default_rng(1)
    n_1, n_2 = random.integers(1, 3000, (2, 20_000)).astype(float)
    every = Tables(random.integers(0, n_1 + 1) + 0.0, n_1, random.integers(0, n_2 + 1) + 0.0, n_2)
    lower_ratio_limit(every, np.full_like(n_1, 1.96))
    assert 0 < sum(searched) < 400
