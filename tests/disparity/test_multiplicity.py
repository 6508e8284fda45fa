"""Benjamini-Hochberg against scipy and a published family."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disparity.multiplicity import benjamini_hochberg


def test_reference():
    cases = json.loads((Path(__file__).parents[1] / "reference" / "cases.json").read_text(encoding="utf-8"))
    (case,) = (case for case in cases if case["kind"] == "bh")
    q = benjamini_hochberg(case["inputs"]["p"])
    np.testing.assert_allclose(q, case["expected"], atol=case["abs_tol"], rtol=0)


@settings(deadline=None)
@given(st.lists(st.one_of(st.floats(0, 1), st.just(float("nan"))), max_size=40))
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


@pytest.mark.parametrize("p", [[0.2, 1.1], [-0.1], ["Ama"], [np.inf]])
def test_refuses_what_is_no_p(p):
    with pytest.raises(ValueError, match=r"^p must"):
        benjamini_hochberg(p)
