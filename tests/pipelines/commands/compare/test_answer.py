"""Four numbers compared on the command line: the whole answer in words and as JSON, and how each mistake ends."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disparity.refusal import Refusal
from disparity.statistics.comparison import Interval
from disparity.statistics.evidence import CLEAR, NO_MATERIAL_DISPARITY, SOME, TOO_FEW
from disparity.statistics.proportions import risk_difference, risk_ratio, wilson
from disparity.statistics.unknowns import ratio_bounds
from disparity.statistics.worst_case import exact_p_where_small
from pipelines.commands.compare.answer import KEYS, Answer, answer, as_json
from pipelines.commands.compare.question import question_of
from pipelines.commands.compare.text import as_words


class Ended(Protocol):
    code: int
    out: str
    err: str


Command = Callable[..., Ended]

# Bertrand and Mullainathan (2004), American Economic Review 94, 991-1013, table 1: 9.65%, 6.45%, ratio 1.50.
PUBLISHED = ("235/2435", "157/2435")
CALLED = ("--base", "applicants", "--event", "were called back")


def answered(counts_1: str, counts_2: str, **options: Any) -> Answer:
    return answer(question_of(counts_1, counts_2, **options))


def keyed(counts_1: str, counts_2: str, **options: Any) -> dict[str, Any]:
    return json.loads(as_json(answered(counts_1, counts_2, **options)))


def section(words: str, label: str) -> str:
    """Return the words beside a label, on one line."""
    lines = words.splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith(f"  {label}"))
    found = [lines[start][24:]]
    for line in lines[start + 1 :]:
        if not line.startswith(" " * 24):
            break
        found.append(line.strip())
    return " ".join(found)


def test_the_published_field_experiment_in_words(command: Command) -> None:
    ended = command("compare", *PUBLISHED, *CALLED)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.splitlines()[0] == (
        "235 of 2,435 White applicants (9.7%) were called back, beside 157 of 2,435 ethnic minority applicants "
        "(6.4%): 1.5 times as likely for White as for ethnic minority applicants (95% interval 1.23 to 1.82), "
        "clear evidence of a disparity; White applicants were more likely."
    )
    for label, words in (
        ("White  ", "9.65% (8.54% to 10.89%), 235 of 2,435"),
        ("ethnic minority  ", "6.45% (5.54% to 7.49%), 157 of 2,435"),
        ("Ratio", "1.50 (1.23 to 1.82)"),
        ("Difference", "3.20 percentage points (1.68 to 4.74)"),
        ("Odds ratio", "1.55 (1.26 to 1.91)"),
        ("Score test", "p below 0.0001"),
        ("Exact test", "not needed: every cell expects 5 or more"),
        ("Flags", "Ratio: above 1.25. Significant at 0.05: yes."),
        (
            "Equal chances",
            "392 events in all; equal chances would give about 196 to White and about 196 to ethnic minority "
            "applicants.",
        ),
        (
            "How rare",
            "157 to ethnic minority applicants: as few as that, or fewer, would be seen in less than 0.01% of such "
            "comparisons were chances equal.",
        ),
        (
            "To parity",
            "39 of the 392 events would have had to go to ethnic minority instead of White applicants for rates "
            "as near as whole people allow, with the total as it was.",
        ),
        (
            "To four-fifths",
            "18 of the 392 events would have had to go to ethnic minority instead of White applicants for a ratio of "
            "at most 1.25, with the total as it was. For monitoring; not a quota.",
        ),
    ):
        assert section(ended.out, label) == words
    assert section(ended.out, "Evidence").startswith(f"{CLEAR}. Judged by itself")
    assert "Could have shown" not in ended.out
    assert "Unknown ethnicity" not in ended.out


def test_the_published_field_experiment_unrounded(command: Command) -> None:
    ended = command("compare", *PUBLISHED, *CALLED, "--json")
    assert (ended.code, ended.err) == (0, "")
    found = json.loads(ended.out)
    assert found["rate_1"] == 235 / 2435
    assert found["rate_2"] == 157 / 2435
    assert found["ratio"] == pytest.approx(235 / 157, rel=1e-15)
    assert round(100 * found["rate_1"], 2) == 9.65
    assert round(100 * found["rate_2"], 2) == 6.45
    assert round(found["ratio"], 2) == 1.50
    table = (235, 2435, 157, 2435)
    for name, comparison in (("ratio", risk_ratio(*table)), ("difference", risk_difference(*table))):
        limits = comparison.estimate, comparison.low, comparison.high
        assert (found[name], found[f"{name}_low"], found[f"{name}_high"]) == limits
        assert found["score_p_value"] == found["p_value"] == comparison.p_value
    assert (found["rate_2_low"], found["rate_2_high"]) == tuple(wilson(157, 2435))
    assert (found["exact_test"], found["exact_p_value"], found["least_expected"]) == (None, None, 196)
    assert (found["people_to_parity"], found["selections_to_four_fifths"]) == (39, 18)


def test_the_keys_are_always_these_and_each_is_explained() -> None:
    tables = [PUBLISHED, ("0/5", "5/5"), ("0/60", "0/40"), ("60/60", "60/60"), ("32/140", "8/60")]
    for counts in tables:
        for unknown in (None, "10/50", "0/0"):
            for better in ("higher", "lower"):
                assert list(keyed(*counts, unknown=unknown, better=better)) == list(KEYS)
    assert all(means.strip() for means in KEYS.values())
    assert list(KEYS) == [
        "sentence", "group_1", "group_2", "base", "event", "better", "level", "events_1", "n_1", "events_2", "n_2",
        "unknown_events", "unknown_n", "rate_1", "rate_1_low", "rate_1_high", "rate_2", "rate_2_low", "rate_2_high",
        "ratio_of", "ratio", "ratio_low", "ratio_high", "difference", "difference_low", "difference_high",
        "odds_ratio", "odds_ratio_low", "odds_ratio_high", "score_p_value", "least_expected", "exact_test",
        "exact_p_value", "p_value", "four_fifths", "significant", "evidence", "detectable_ratio_below",
        "detectable_ratio_above", "expected_events_1", "expected_events_2", "fewer_group", "chance_of_as_few",
        "people_to_parity", "selections_to_four_fifths", "ratio_all_unknown_in_1", "ratio_all_unknown_in_2",
        "ratio_lowest", "ratio_highest", "difference_lowest", "difference_highest", "turning_share",
        "turning_events_to", "turning_events_1", "turning_n_1", "turning_events_2", "turning_n_2",
    ]  # fmt: skip


def test_none_against_all() -> None:
    found = keyed("0/5", "5/5")
    assert (found["ratio"], found["ratio_low"], found["odds_ratio"]) == (0, 0, 0)
    assert found["ratio_high"] < 1
    assert (found["exact_test"], found["exact_p_value"]) == ("Boschloo", pytest.approx(2 / 2**10))
    assert found["p_value"] == found["exact_p_value"]
    assert (found["evidence"], found["four_fifths"], found["significant"]) == (CLEAR, "below 0.80", True)
    assert (found["expected_events_1"], found["expected_events_2"]) == (2.5, 2.5)
    assert (found["fewer_group"], found["chance_of_as_few"]) == (1, pytest.approx(1 / 252))
    assert found["people_to_parity"] == -2
    turned = keyed("5/5", "0/5")
    assert (turned["ratio"], turned["ratio_high"], turned["odds_ratio"]) == ("inf", "inf", "inf")
    assert turned["people_to_parity"] == 2
    words = as_words(answered("5/5", "0/5"))
    assert section(words, "Ratio") == "infinite (2.17 upwards)"
    assert section(words, "Exact test") == ("p 0.0020 (Boschloo); it decides, as a cell expects fewer than 5")
    assert section(words, "To parity").startswith("2 of the 5 events would have had to go to ethnic minority")


def test_nobody_had_it() -> None:
    found = keyed("0/60", "0/40", unknown="0/3")
    assert (found["ratio"], found["ratio_low"], found["ratio_high"]) == (None, 0, "inf")
    assert (found["difference"], found["odds_ratio"], found["p_value"]) == (0, None, 1)
    assert (found["evidence"], found["four_fifths"], found["significant"]) == (TOO_FEW, "cannot tell", False)
    assert (found["detectable_ratio_below"], found["detectable_ratio_above"]) == (None, None)
    assert (found["ratio_lowest"], found["turning_share"], found["turning_events_to"]) == (None, None, None)
    words = as_words(answered("0/60", "0/40", unknown="0/3"))
    assert section(words, "Ratio") == "cannot be told (0.00 upwards)"
    assert section(words, "To four-fifths").startswith("Cannot tell: there were no events.")
    assert section(words, "Any allocation") == "Cannot be told: there were no events."
    assert "even the largest disparity would be missed" in section(words, "Could have shown")
    assert "nan" not in words


def test_everyone_had_it() -> None:
    found = keyed("60/60", "60/60")
    assert (found["ratio"], found["difference"], found["odds_ratio"], found["p_value"]) == (1, 0, None, 1)
    assert (found["evidence"], found["four_fifths"]) == (NO_MATERIAL_DISPARITY, "within 0.80 to 1.25")
    assert (found["people_to_parity"], found["selections_to_four_fifths"]) == (0, 0)
    words = as_words(answered("60/60", "60/60"))
    assert section(words, "To parity") == "None: the rates were as equal as whole people allow."
    assert section(words, "Difference") == "0.00 percentage points (-6.06 to 6.06)"


def test_better_lower_turns_the_ratio_round() -> None:
    options = {"base": "staff", "event": "were disciplined"}
    higher = keyed("10/500", "30/500", **options)
    lower = keyed("10/500", "30/500", better="lower", **options)
    assert (higher["ratio_of"], lower["ratio_of"]) == ("White / ethnic minority", "ethnic minority / White")
    assert (higher["ratio"], lower["ratio"]) == (pytest.approx(1 / 3), pytest.approx(3))
    assert lower["ratio_low"] == pytest.approx(1 / higher["ratio_high"])
    assert lower["difference"] == -higher["difference"] == pytest.approx(0.04)
    assert (higher["four_fifths"], lower["four_fifths"]) == ("below 0.80", "above 1.25")
    assert lower["sentence"].startswith(
        "30 of 500 ethnic minority staff (6.0%) were disciplined, beside 10 of"
    )
    assert lower["sentence"].endswith("; ethnic minority staff were more likely.")
    for same in ("events_1", "rate_1", "rate_2", "p_value", "evidence", "expected_events_2", "fewer_group"):
        assert lower[same] == higher[same]
    # What should happen to fewer people is no place to share out.
    assert (lower["people_to_parity"], lower["selections_to_four_fifths"]) == (None, None)
    words = as_words(answered("10/500", "30/500", better="lower", **options))
    assert section(words, "To parity") == (
        "Not given where fewer events are better: they are no places to share out."
    )
    assert "ethnic minority / White, with 95% intervals" in words


def test_too_few_to_tell_says_what_could_have_been_shown() -> None:
    found = answered("32/140", "8/60")
    words = as_words(found)
    assert found.judged.evidence == TOO_FEW
    assert "more likely" not in words
    assert words.splitlines()[0].endswith(
        "Too few to tell: 40 events in all; equal chances would give about 12 to ethnic minority people."
    )
    assert section(words, "Could have shown") == (
        "A ratio of 2.89 or more, or of 0.45 or less, would be found four times in five (at the 95% level). A smaller "
        "disparity may be there."
    )
    assert section(words, "How rare").startswith("8 to ethnic minority people: as few as that, or fewer, ")
    assert "8.60% of such comparisons" in section(words, "How rare")


def test_the_unknown_that_can_turn_it() -> None:
    found = keyed("32/140", "8/60", unknown="10/50")
    assert found["ratio_all_unknown_in_1"] == pytest.approx((42 / 190) / (8 / 60))
    assert found["ratio_all_unknown_in_2"] == pytest.approx((32 / 140) / (18 / 110))
    assert (found["ratio_lowest"], found["ratio_highest"]) == (
        pytest.approx((32 / 180) / (18 / 70)),
        pytest.approx((42 / 150) / (8 / 100)),
    )
    assert found["turning_events_to"] == 2
    rate_1 = (32 + found["turning_events_1"]) / (140 + found["turning_n_1"])
    rate_2 = (8 + found["turning_events_2"]) / (60 + found["turning_n_2"])
    assert rate_1 == pytest.approx(rate_2)
    words = as_words(answered("32/140", "8/60", unknown="10/50"))
    assert section(words, "Not known") == "10 events of 50 people"
    assert section(words, "All White") == "ratio 1.66"
    assert section(words, "All ethnic minority") == "ratio 1.40"
    assert section(words, "Any allocation") == (
        "ratio 0.69 to 3.50; difference -7.94 to 20.00 percentage points. That range of ratios crosses 1."
    )
    assert section(words, "Turning point") == (
        "The rates would be equal if about 6.5 of the 10 with the event were ethnic minority people and about 34 of "
        "the 40 without it White people. That is 50.00% of the unknown leaning against what was found, the others "
        "divided as the known are."
    )


def test_the_turning_point_of_a_group_with_fewer_is_told_the_other_way_round() -> None:
    words = as_words(answered("8/60", "32/140", unknown="10/50"))
    turning = section(words, "Turning point")
    assert "about 6.5 of the 10 with the event were White people" in turning
    assert "about 34 of the 40 without it ethnic minority people" in turning


def test_unknown_people_who_all_or_none_had_it_are_told_of_once() -> None:
    none = section(as_words(answered("12/100", "10/100", unknown="0/80")), "Turning point")
    assert "with the event" not in none
    assert "of the 80 without it White people" in none
    everyone = section(as_words(answered("12/100", "10/100", unknown="9/9")), "Turning point")
    assert "of the 9 with the event were ethnic minority people. That is" in everyone


def test_the_unknown_that_cannot_turn_it_and_nobody_unknown() -> None:
    words = as_words(answered(*PUBLISHED, unknown="10/50"))
    assert section(words, "Turning point") == "No way to allocate the unknown makes the rates equal."
    assert "crosses 1" not in words
    words = as_words(answered("5/10", "5/10", unknown="1/2"))
    assert section(words, "Turning point") == "The known rates are equal: there is nothing to turn."
    words = as_words(answered(*PUBLISHED, unknown="0/0"))
    assert words.rstrip().endswith("  Not known             0 events of 0 people")


@pytest.mark.parametrize(
    ("given_", "argument", "said"),
    [
        (("3/2", "1/2"), "COUNTS_1", "'3/2' has more events than people"),
        (("1/2", "3/2"), "COUNTS_2", "'3/2' has more events than people"),
        (("a/b", "1/2"), "COUNTS_1", "'a/b' is not events/people"),
        (("5/0", "1/2"), "COUNTS_1", "'5/0' is a group of nobody"),
        (("1/2", "0/0"), "COUNTS_2", "'0/0' is a group of nobody"),
        (("-3/5", "1/2"), "COUNTS_1", "'-3/5' is not events/people"),
        (("1/2", "3/-5"), "COUNTS_2", "'3/-5' is not events/people"),
        (("1.5/3", "1/2"), "COUNTS_1", "'1.5/3' is not events/people"),
        (("1/2", "3"), "COUNTS_2", "'3' is not events/people"),
        (("1/2", ""), "COUNTS_2", "'' is not events/people"),
        (("1/2/3", "1/2"), "COUNTS_1", "'1/2/3' is not events/people"),
        (("1/2", "1/1000000001"), "COUNTS_2", "'1/1000000001' is not events/people"),
        (("1/2", "\u0663/\u0665"), "COUNTS_2", "'\u0663/\u0665' is not events/people"),
        (("1/2", "1/2", "--unknown", "3/2"), "--unknown", "'3/2' has more events than people"),
        (("1/2", "1/2", "--unknown", "5/0"), "--unknown", "'5/0' has more events than people"),
        (("1/2", "1/2", "--unknown", "-3/5"), "--unknown", "'-3/5' is not events/people"),
        (("1/2", "1/2", "--level", "95"), "--level", "95 is no level for an interval"),
        (("1/2", "1/2", "--level", "nan"), "--level", "nan is no level for an interval"),
        (("1/2", "1/2", "--group-1", "BAME"), "--group-1", "these words cannot stand in a sentence"),
        (("1/2", "1/2", "--base", " "), "--base", "these words cannot stand in a sentence"),
        (("1/2", "1/2", "--event", "were likely"), "--event", "these words cannot stand in a sentence"),
        (("1/2", "1/2", "--group-2", "white"), "--group-2", "it is the same as --group-1"),
    ],
)
@pytest.mark.parametrize("more", [(), ("--json", "--better", "lower")])
def test_a_mistake_ends_with_a_sentence_that_names_the_argument(
    given_: tuple[str, ...], argument: str, said: str, more: tuple[str, ...], command: Command
) -> None:
    ended = command("compare", *given_, *more)
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith(f"{argument}: {said}. Rule: ")
    assert "What to do: " in ended.err
    assert len(ended.err.splitlines()) == 1


def test_help_names_the_counts_as_the_mistakes_do(command: Command) -> None:
    said = command("compare", "--help").out
    assert "COUNTS_1" in said
    assert "COUNTS_2" in said
    assert " compare " in command("--help").out


def test_spaces_and_leading_noughts_are_read() -> None:
    assert question_of(" 235 / 2435 ", "0157/02435").counts == (235, 2435, 157, 2435)
    assert question_of("0/1", "1000000000/1000000000").counts == (0, 1, 10**9, 10**9)


def test_the_fixed_words_mean_the_same_at_every_level() -> None:
    narrow, wide = (keyed("32/140", "8/60", level=level) for level in (0.5, 0.99))
    assert narrow["evidence"] == wide["evidence"] == TOO_FEW
    assert (narrow["significant"], wide["significant"]) == (True, False)
    assert narrow["ratio_low"] > wide["ratio_low"]
    equal = [keyed("50/100", "50/100", level=level)["evidence"] for level in (0.5, 0.95)]
    assert equal == [TOO_FEW, TOO_FEW]
    assert "White / ethnic minority, with 99.9% intervals" in as_words(answered("1/2", "1/2", level=0.999))


def test_the_exact_test_is_said_to_decide_where_the_interval_says_otherwise() -> None:
    found = answered("3/4", "0/4")
    assert found.compared.score_p_value < 0.05 <= found.judged.p_value
    assert found.judged.evidence == TOO_FEW
    words = as_words(found)
    assert section(words, "Exact test").endswith("the exact test does not agree with them.")
    assert "more likely" not in words


def test_a_terminal_gets_the_sentence_wrapped_and_long_names_fit() -> None:
    found = answered(
        "235/2435", "157/2435", group_1="White British and White Irish applicants", group_2="[bold] Asian",
        unknown="100/900",
    )  # fmt: skip
    wrapped = as_words(found, wrap_sentence=True)
    assert max(map(len, wrapped.splitlines())) <= 80
    assert " ".join(wrapped.split("\n\n")[0].split()) == found.sentence
    assert "\x1b" not in wrapped
    assert "  [bold] Asian " in wrapped
    assert not any(line != line.rstrip() for line in wrapped.splitlines())


def test_a_step_over_the_whole_of_four_fifths_is_called_that() -> None:
    words = as_words(answered("3/4", "0/4"))
    assert section(words, "To parity").startswith("1 of the 3 events would have had to go to ethnic minority")
    assert section(words, "To four-fifths") == (
        "2 of the 3 events would have had to go to ethnic minority instead of White people for a ratio of at most "
        "1.25, with the total as it was. With so few, that goes past the other end. For monitoring; not a quota."
    )
    assert "past the other end" not in as_words(answered("32/140", "8/60"))
    assert "for a ratio of at least 0.80" in section(as_words(answered("8/60", "32/140")), "To four-fifths")


def test_an_answer_at_the_largest_counts() -> None:
    found = keyed("3/1000000000", "1/1000000000", unknown="2/1000000000")
    assert (found["exact_test"], found["evidence"]) == ("mid-p Fisher", TOO_FEW)
    assert all(not isinstance(value, float) or math.isfinite(value) for value in found.values())


sides = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@settings(max_examples=60, deadline=None)
@given(sides, sides, sides, st.sampled_from(["higher", "lower"]))
def test_every_table_is_answered_in_agreement_with_the_reports(
    first: tuple[int, int], second: tuple[int, int], rest: tuple[int, int], better: str
) -> None:
    typed = ["{}/{}".format(*side) for side in (first, second, rest)]
    found = answered(typed[0], typed[1], unknown=typed[2], better=better)
    words = as_words(found)
    assert words.splitlines()[0] == found.sentence
    assert max(map(len, words.splitlines()[1:])) <= 80
    assert "nan" not in words
    assert ("more likely" not in words) or found.judged.evidence in (CLEAR, SOME)
    assert ("Could have shown" in words) == (found.judged.evidence == TOO_FEW)
    if "go to" in words:
        assert "For monitoring; not a quota." in words
    json.loads(as_json(found), parse_constant=pytest.fail)
    sides = found.question.sides
    bounds = ratio_bounds(*sides, *rest)
    scenarios = sorted([found.unknown.ratio_all_unknown_in_1, found.unknown.ratio_all_unknown_in_2])
    np.testing.assert_allclose(scenarios, [bounds.low, bounds.high])
    if found.compared.score_p_value < 1:
        boxes = (Interval(np.array([count]), np.array([count])) for count in sides)
        p_value = exact_p_where_small(np.array([found.compared.score_p_value]), *boxes)
        assert found.judged.p_value == pytest.approx(p_value[0])


def test_a_refusal_is_raised_before_anything_is_worked_out() -> None:
    with pytest.raises(Refusal, match=r"^COUNTS_2: "):
        question_of("1/2", "2/1")
