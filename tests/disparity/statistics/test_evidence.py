"""The fixed words, at their thresholds, and the sentence they allow."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from disparity.statistics.evidence import CLEAR, NO_MATERIAL_DISPARITY, SOME, TOO_FEW, evidence_words
from disparity.statistics.proportions import risk_ratio
from pipelines.commands.compare.sentence import AVOIDED, ComparedWords, comparison_sentence
from reports.wording.numbers import times_as_likely

WORDS = ComparedWords("White", "ethnic minority", "applicants", "were appointed")
EVIDENCE = (CLEAR, SOME, NO_MATERIAL_DISPARITY, TOO_FEW)
sides = (
    st.tuples(st.integers(0, 3000), st.integers(0, 3000)).filter(any).map(lambda pair: (pair[0], sum(pair)))
)


def said(x1: int, n1: int, x2: int, n2: int, evidence: str, **options) -> str:
    return comparison_sentence(WORDS, x1, n1, x2, n2, risk_ratio(x1, n1, x2, n2), evidence, **options)


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


@pytest.mark.parametrize(
    ("table", "evidence", "sentence"),
    [
        (
            (235, 2435, 157, 2435),
            CLEAR,
            "235 of 2,435 White applicants (9.7%) were appointed, beside 157 of 2,435 ethnic minority applicants "
            "(6.4%): 1.5 times as likely for White as for ethnic minority applicants (95% interval 1.23 to 1.82), "
            "clear evidence of a disparity; White applicants were more likely.",
        ),
        (
            (157, 2435, 235, 2435),
            SOME,
            "157 of 2,435 White applicants (6.4%) were appointed, beside 235 of 2,435 ethnic minority applicants "
            "(9.7%): 0.67 times as likely for White as for ethnic minority applicants (95% interval 0.55 to 0.81), "
            "some evidence of a disparity; ethnic minority applicants were more likely.",
        ),
        (
            (500, 1000, 505, 1000),
            NO_MATERIAL_DISPARITY,
            "500 of 1,000 White applicants (50.0%) were appointed, beside 505 of 1,000 ethnic minority applicants "
            "(50.5%): 0.99 times as likely for White as for ethnic minority applicants "
            "(95% interval 0.91 to 1.08), no material disparity.",
        ),
        (
            (32, 140, 8, 60),
            TOO_FEW,
            "32 of 140 White applicants (22.9%) were appointed, beside 8 of 60 ethnic minority applicants (13.3%): "
            "1.71 times as likely for White as for ethnic minority applicants (95% interval 0.87 to 3.52). "
            "Too few to tell: 40 events in all; equal chances would give about 12 to ethnic minority applicants.",
        ),
        (
            (1, 9, 0, 4),
            TOO_FEW,
            "1 of 9 White applicants (11.1%) were appointed, beside 0 of 4 ethnic minority applicants (0.0%). "
            "Too few to tell: 1 event in all; equal chances would give about 0.3 to ethnic minority applicants.",
        ),
        (
            (5, 5, 0, 5),
            SOME,
            "5 of 5 White applicants (100.0%) were appointed, beside 0 of 5 ethnic minority applicants (0.0%), "
            "some evidence of a disparity; White applicants were more likely.",
        ),
    ],
)
def test_sentences(table, evidence, sentence):
    assert said(*table, evidence) == sentence


def test_decimals_level_and_rates_near_the_ends():
    table = (1, 3000, 2999, 3000)
    sentence = comparison_sentence(
        WORDS, *table, risk_ratio(*table, level=0.99), CLEAR, level=0.99, percent_decimals=0
    )
    assert "applicants (less than 1%) were" in sentence
    assert "applicants (more than 99%): less than 0.01 times as likely for White" in sentence
    assert "(99% interval 0.00 to 0.00)" in sentence
    assert "(23%) were appointed" in said(32, 140, 8, 60, TOO_FEW, percent_decimals=0)
    assert "(0.000%): " not in said(1, 10**6, 0, 9, TOO_FEW, percent_decimals=3)
    assert "(less than 0.001%)" in said(1, 10**6, 5, 9, TOO_FEW, percent_decimals=3)


def test_an_interval_that_holds_1_names_no_group():
    # Some evidence by an exact test, say, where the score interval does not agree.
    sentence = said(32, 140, 8, 60, SOME)
    assert sentence.endswith("(95% interval 0.87 to 3.52), some evidence of a disparity.")


@given(sides, sides, st.sampled_from(EVIDENCE), st.sampled_from([0, 1, 2]))
def test_what_no_sentence_says(first, second, evidence, decimals):
    sentence = said(*first, *second, evidence, percent_decimals=decimals)
    if evidence not in (CLEAR, SOME):
        assert "more likely" not in sentence
        assert "evidence" not in sentence
    ratio = risk_ratio(*first, *second)
    if "more likely" in sentence:
        higher = "White" if first[0] * second[1] > second[0] * first[1] else "ethnic minority"
        assert sentence.endswith(f"; {higher} applicants were more likely.")
        assert ratio.low > 1 or ratio.high < 1
    warned = f"Too few to tell: {first[0] + second[0]:,} event"
    assert (warned in sentence) == (evidence == TOO_FEW)
    for events, n in (first, second):
        assert f"{events:,} of {n:,} " in sentence
    # Percentages are of rates (in brackets, after the group) or the level; the ratio is never one.
    for match in re.finditer(r"[^ (]+%", sentence):
        after = sentence[match.end() :]
        assert after.startswith((")", " interval "))
    assert ("times as likely for" in sentence or ": as likely for" in sentence) == bool(
        np.isfinite(ratio.estimate)
    )
    assert not any(re.search(rf"\b{word}\b", sentence, re.IGNORECASE) for word in AVOIDED)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"group_2": "BAME"}, "group_2 must not hold a word that house style avoids"),
        ({"group_2": "non-white"}, "group_2 must not hold a word"),
        ({"base": "applicants, once only"}, "base must not hold a word"),
        ({"event": "were in the worst tenth"}, "event must not hold a word"),
        ({"event": "were more likely to leave"}, "event must not speak of what is likely"),
        ({"event": "were 12% up"}, "event must not speak of what is likely, or of percentages"),
        ({"group_1": " "}, "group_1 must be words"),
        ({"group_1": "White\u202e"}, "group_1 must be words that can be printed"),
    ],
)
def test_words_refused(changed, message):
    with pytest.raises(ValueError, match=message):
        comparison_sentence(WORDS._replace(**changed), 3, 9, 1, 9, risk_ratio(3, 9, 1, 9), TOO_FEW)


def test_the_words_to_avoid_are_the_callers():
    words = WORDS._replace(event="were appointed only once")
    assert "only once" in comparison_sentence(words, 3, 9, 1, 9, risk_ratio(3, 9, 1, 9), TOO_FEW, avoided=())
    # A part of a word is another word.
    assert "commonly" in comparison_sentence(
        WORDS._replace(event="were commonly asked about worsted"), 3, 9, 1, 9, risk_ratio(3, 9, 1, 9), TOO_FEW
    )


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ((5, 4, 1, 2), "events_1 must not be above n_1"),
        ((1, 4, 1, 0), "n_2 must be finite and at least 1"),
        ((1.5, 4, 1, 2), "events_1 must be a whole number$"),
        ((1, 4, 1, 2.5), "n_2 must be a whole number$"),
    ],
)
def test_counts_refused(table, message):
    with pytest.raises(ValueError, match=message):
        comparison_sentence(WORDS, *table, risk_ratio(3, 9, 1, 9), TOO_FEW)


@pytest.mark.parametrize("table", [(1, 9, 3, 9), (3, 9, 0, 9), (0, 9, 0, 9)])
def test_a_ratio_of_other_counts_is_refused(table):
    with pytest.raises(ValueError, match="ratio must be the rate of group 1"):
        comparison_sentence(WORDS, *table, risk_ratio(3, 9, 1, 9), TOO_FEW)


def test_other_refusals_and_nothing_of_the_argument_in_them():
    ratio = risk_ratio(3, 9, 1, 9)
    with pytest.raises(ValueError, match=r"^evidence must be one of the four fixed words$"):
        comparison_sentence(WORDS, 3, 9, 1, 9, ratio, "strong evidence")
    for broken in (ratio._replace(low=5.0, high=4.0), ratio._replace(low=np.nan), ratio._replace(low=-1.0)):
        with pytest.raises(ValueError, match="ratio must have an interval"):
            comparison_sentence(WORDS, 3, 9, 1, 9, broken, TOO_FEW)
    with pytest.raises(ValueError, match="level"):
        comparison_sentence(WORDS, 3, 9, 1, 9, ratio, TOO_FEW, level=95)


@pytest.mark.parametrize(("q", "low", "high"), [(0.0, 1.3, 2.0), (1.0, 1.0, 1.0), (0.5, 1.5, 1.5)])
def test_the_ends_of_what_is_allowed_are_allowed(q, low, high):
    assert evidence_words(q, low, high) in EVIDENCE


@pytest.mark.parametrize(
    ("arguments", "margins", "words"),
    [
        (("x", 1, 2), {}, "^q_value must be numbers$"),
        ((0.5, 1, "x"), {}, "^high must be numbers$"),
        ((1.1, 1, 2), {}, "^q_value must be between 0 and 1$"),
        ((0.5, 2, 1), {}, "^low must not be above high$"),
        ((0.5, 1, 2), {"margin_low": 1.0, "margin_high": 1.0}, "^margin_low must be below margin_high$"),
    ],
)
def test_refusals_of_words_name_the_argument(arguments, margins, words):
    with pytest.raises(ValueError, match=words):
        evidence_words(*arguments, **margins)


@pytest.mark.parametrize(
    ("ratio", "words"),
    [
        (0.01, "0.01 times as likely"),
        (0.0099, "less than 0.01 times as likely"),
        (9.99, "9.99 times as likely"),
        (9.995, "10 times as likely"),
        (10.4, "10 times as likely"),
        (2.0, "2 times as likely"),
        (100.0, "100 times as likely"),
        (1.004, "as likely"),
        (0.0, "0 times as likely"),
    ],
)
def test_a_ratio_is_written_to_the_digit(ratio, words):
    assert times_as_likely(ratio) == words


def test_a_ratio_that_is_none_is_refused_in_these_words():
    with pytest.raises(ValueError, match=r"^ratio must be finite and not negative$"):
        times_as_likely(float("inf"))


@pytest.mark.parametrize(
    ("events", "n", "decimals", "words"),
    [
        (1, 2_000, 1, "(0.1%)"),  # 0.05% is half of the last digit and rounds up
        (1, 2_001, 1, "(less than 0.1%)"),
        (1, 100, 1, "(1.0%)"),
        (1_999, 2_000, 1, "(100.0%)"),
        (2_000, 2_001, 1, "(more than 99.9%)"),
        (99, 100, 1, "(99.0%)"),
        (1, 201, 0, "(less than 1%)"),
        (1, 199, 0, "(1%)"),
        (200, 201, 0, "(more than 99%)"),
        (3, 7, 0, "(43%)"),
    ],
)
def test_a_rate_that_is_not_nothing_is_never_written_as_nothing(events, n, decimals, words):
    assert words in said(events, n, 50, 100, TOO_FEW, percent_decimals=decimals)


def test_limits_without_end_and_few_events_are_said():
    table = (9, 30, 1, 300)
    endless = risk_ratio(*table)._replace(high=float("inf"))
    assert "interval 14.05 upwards)" in comparison_sentence(WORDS, *table, endless._replace(low=14.05), CLEAR)
    few = said(1, 40, 1, 60, TOO_FEW)
    assert few.endswith(
        "Too few to tell: 2 events in all; equal chances would give about 1.2 to ethnic minority applicants."
    )
    whole = said(1, 40, 1, 40, TOO_FEW)
    assert whole.endswith("equal chances would give about 1 to ethnic minority applicants.")
    tens = said(10, 40, 10, 40, TOO_FEW)
    assert "about 10 to ethnic minority" in tens
    assert "about 9.9 to ethnic minority" in said(10, 101, 10, 99, TOO_FEW)
    assert "about 1,000 to ethnic minority" in said(1_000, 4_000, 1_000, 4_000, TOO_FEW)


def test_the_ratio_must_be_that_of_the_counts_and_have_an_interval():
    right = risk_ratio(30, 100, 20, 100)
    for wrong in (right._replace(estimate=1.6), right._replace(low=2.5, high=2.0), right._replace(low=-0.1)):
        with pytest.raises(ValueError, match=r"^ratio must "):
            comparison_sentence(WORDS, 30, 100, 20, 100, wrong, SOME)
    near = right._replace(estimate=1.5074)  # within a hundredth: a ratio may come rounded
    assert "times as likely" in comparison_sentence(WORDS, 30, 100, 20, 100, near, SOME)
    exact = right._replace(low=1.5, high=1.5)
    assert "1.50 to 1.50" in comparison_sentence(WORDS, 30, 100, 20, 100, exact, SOME)
    none = risk_ratio(0, 100, 20, 100)
    assert none.low == 0
    assert "0 times as likely" in comparison_sentence(WORDS, 0, 100, 20, 100, none, CLEAR)
    with pytest.raises(ValueError, match="ratio must be the rate"):
        comparison_sentence(WORDS, 0, 5, 0, 5, risk_ratio(1, 5, 0, 5), TOO_FEW)


@pytest.mark.parametrize(("low", "high"), [(1.0, 2.0), (0.5, 1.0)])
def test_an_interval_that_ends_at_1_names_no_group(low, high):
    table = (30, 100, 25, 100)
    told = comparison_sentence(WORDS, *table, risk_ratio(*table)._replace(low=low, high=high), SOME)
    assert "more likely" not in told
