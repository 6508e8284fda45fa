"""The fixed words, at their thresholds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from disparity.evidence import evidence_words, times_as_likely


@pytest.mark.parametrize(
    ("q", "low", "high", "words"),
    [
        (0.009, 1.3, 2.0, "clear evidence of a disparity"),
        (0.01, 1.3, 2.0, "some evidence"),
        (0.049, 1.01, 2.0, "some evidence"),
        (0.05, 0.9, 2.0, "too few to tell"),
        (0.001, 1.05, 1.2, "no material disparity"),
        (0.9, 0.8, 1.25, "no material disparity"),
        (0.9, 0.7999, 1.25, "too few to tell"),
        (0.001, 0.85, 1.2501, "clear evidence of a disparity"),
        (float("nan"), 0, float("inf"), "too few to tell"),
        (float("nan"), float("nan"), float("nan"), "too few to tell"),
        (1, 0, float("inf"), "too few to tell"),
    ],
)
def test_words(q, low, high, words):
    said = evidence_words(q, low, high)
    assert said == words
    assert isinstance(said, str)


def test_margin_of_a_difference():
    assert evidence_words(0.001, -0.02, 0.03, margin_low=-0.05, margin_high=0.05) == "no material disparity"
    assert evidence_words(0.001, -0.06, -0.01, margin_low=-0.05, margin_high=0.05).startswith("clear")


def test_shapes():
    assert evidence_words([0.5, 0.001], [[0.9], [2.0]], [[1.1], [3.0]]).tolist() == [
        ["no material disparity", "no material disparity"],
        ["too few to tell", "clear evidence of a disparity"],
    ]


@pytest.mark.parametrize(
    ("arguments", "margins", "message"),
    [
        ((1.1, 1, 2), {}, "q_value"),
        ((-0.1, 1, 2), {}, "q_value"),
        ((0.1, 2, 1), {}, "low"),
        ((0.1, "Ama", 1), {}, "low must be numbers$"),
        ((0.1, 1, 2), {"margin_low": 2.0}, "margin_low"),
    ],
)
def test_refusals_name_the_argument(arguments, margins, message):
    with pytest.raises(ValueError, match=message):
        evidence_words(*arguments, **margins)


@pytest.mark.parametrize(
    ("ratio", "words"),
    [
        (1.5, "1.5 times as likely"),
        (1.714, "1.71 times as likely"),
        (2.0, "2 times as likely"),
        (1.0, "as likely"),
        (0.996, "as likely"),
        (0.64, "0.64 times as likely"),
        (0.0, "0 times as likely"),
        (0.004, "less than 0.01 times as likely"),
        (9.994, "9.99 times as likely"),
        (9.996, "10 times as likely"),
        (42.4, "42 times as likely"),
        (np.float64(1.25), "1.25 times as likely"),
    ],
)
def test_times_as_likely(ratio, words):
    assert times_as_likely(ratio) == words


@given(st.floats(0, 1e6))
def test_never_a_percentage_nor_more_likely(ratio):
    words = times_as_likely(ratio)
    assert words.endswith("as likely")
    assert not any(part in words for part in ("%", "per cent", "more", "e+"))


@pytest.mark.parametrize("ratio", [-1, float("nan"), float("inf")])
def test_no_words_for_what_is_no_ratio(ratio):
    with pytest.raises(ValueError, match="ratio"):
        times_as_likely(ratio)
