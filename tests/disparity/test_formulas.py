"""Texts that a spreadsheet would run: none stays one, and each comes back as it was."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disparity.formulas import without_apostrophe, without_formula


@pytest.mark.parametrize("text", ["=1+1", "+44", "-", "@SUM(A1)", " =1", "\uff1d1", "'=1"])
def test_a_formula_has_an_apostrophe_before_it(text: str) -> None:
    assert without_formula(text) == f"'{text}"


@given(st.text(alphabet=" '=+-@\uff1daA1\t"))
def test_every_text_comes_back(text: str) -> None:
    assert without_apostrophe(without_formula(text)) == text
    assert without_formula(text).strip()[:1] not in ("=", "+", "-", "@", "\uff1d")
