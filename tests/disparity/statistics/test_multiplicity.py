"""Benjamini-Hochberg and Holm against scipy, published families and their definitions."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disparity.statistics.multiplicity import benjamini_hochberg, holm

p_values = st.lists(st.one_of(st.floats(0, 1), st.just(float("nan"))), max_size=40)


def test_reference():
    cases = json.loads((Path(__file__).parents[2] / "reference" / "cases.json").read_text(encoding="utf-8"))
    (case,) = (case for case in cases if case["kind"] == "bh")
    q = benjamini_hochberg(case["inputs"]["p"])
    np.testing.assert_allclose(q, case["expected"], atol=case["abs_tol"], rtol=0)


@settings(deadline=None)
@given(p_values)
def test_agrees_with_scipy_and_leaves_nan_out(p):
    from scipy.stats import false_discovery_control

    values = np.array(p)
    tested = ~np.isnan(values)
    q = benjamini_hochberg(values)
    np.testing.assert_array_equal(np.isnan(q), ~tested)
    if tested.any():
        np.testing.assert_allclose(q[tested], false_discovery_control(values[tested]), rtol=1e-12)
        assert np.all(q[tested] >= values[tested] * (1 - 1e-12))


def test_shape_is_kept_over_one_family():
    p = np.array([[0.01, 0.04], [np.nan, 0.03]])
    np.testing.assert_allclose(benjamini_hochberg(p), [[0.03, 0.04], [np.nan, 0.04]])
    assert isinstance(benjamini_hochberg(0.2), float)
    assert benjamini_hochberg([]).shape == (0,)


# Benjamini and Hochberg (1995), section 4: fifteen p-values, of which their procedure finds four and
# Bonferroni's three.
def test_the_family_of_benjamini_and_hochberg_1995():
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459]
    p += [0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000]
    assert np.flatnonzero(benjamini_hochberg(p) <= 0.05).tolist() == [0, 1, 2, 3]
    assert np.flatnonzero(holm(p) <= 0.05).tolist() == [0, 1, 2]


# The example in the documentation of pingouin's multicomp; R's p.adjust gives the same.
def test_holm_of_a_published_family():
    np.testing.assert_allclose(
        holm([0.50, 0.003, 0.32, 0.054, 0.0003]), [0.64, 0.012, 0.64, 0.162, 0.0015], rtol=1e-12
    )


@settings(deadline=None)
@given(p_values, st.floats(0.001, 0.999))
def test_holm_finds_what_stepping_down_finds(p, level):
    values = np.array(p)
    adjusted = holm(values)
    tested = np.flatnonzero(~np.isnan(values))
    np.testing.assert_array_equal(np.isnan(adjusted), np.isnan(values))
    found = set()
    for step, place in enumerate(sorted(tested, key=lambda place: values[place])):
        if (tested.size - step) * values[place] > level:
            break
        found.add(place)
    assert found == set(np.flatnonzero(adjusted <= level))
    bonferroni = np.minimum(values * tested.size, 1.0)
    assert np.all((adjusted <= bonferroni)[tested])
    assert np.all(adjusted[tested] >= benjamini_hochberg(values)[tested] * (1 - 1e-12))


def test_holm_keeps_the_shape_over_one_family():
    np.testing.assert_allclose(holm(np.array([[0.01, 0.04], [np.nan, 0.03]])), [[0.03, 0.06], [np.nan, 0.06]])
    assert isinstance(holm(0.2), float)
    assert holm([]).shape == (0,)


@pytest.mark.parametrize("p", [[0.2, 1.1], [-0.1], ["Ama"], [np.inf]])
@pytest.mark.parametrize("adjust", [benjamini_hochberg, holm])
def test_refuses_what_is_no_p(adjust, p):
    with pytest.raises(ValueError, match=r"^p must"):
        adjust(p)


@pytest.mark.parametrize("adjust", [benjamini_hochberg, holm])
def test_a_probability_above_1_is_counted_and_one_of_1_is_none(adjust):
    with pytest.raises(ValueError, match=r"^p must not be above 1; 2 of 4 are$"):
        adjust([1.5, 0.2, 1.0, 1.0001])
    assert np.all(adjust([1.0, 1.0]) == 1.0)


@pytest.mark.parametrize("adjust", [benjamini_hochberg, holm])
def test_many_equal_probabilities_keep_their_places(adjust):
    p = np.where(np.arange(200) % 3 == 0, 0.004, 0.3)
    assert len(set(np.asarray(adjust(p))[p == 0.004])) == 1
