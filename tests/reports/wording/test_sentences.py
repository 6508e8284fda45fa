from __future__ import annotations

import math
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.wording import numbers, titles
from reports.wording import sentences as say


@pytest.fixture
def wording(catalogue):
    return numbers.wording_for(catalogue, "published")


def everything(row, indicator, wording):
    return [
        say.finding(row, indicator, wording),
        say.evidence_sentence(row, indicator, wording),
        say.flag_sentence(row),
        say.unknown_sentence(row, indicator, wording),
        say.parity_words(row),
        numbers.difference_words(row, indicator, wording),
        titles.message_title(row, indicator, wording),
    ]


def test_both_rates_stand_beside_the_ratio(catalogue, told, wording):
    said = say.finding(told["appointed"], catalogue.indicators["appointed"], wording)
    assert said == (
        "21% of White shortlisted applicants were appointed, beside 13% of ethnic minority shortlisted "
        "applicants. "
        "That is 1.68 times as likely for White shortlisted applicants as for ethnic minority ones "
        "(95% interval 1.35 to 2.09)."
    )


def test_where_there_is_nobody_to_count_nothing_is_missing_and_nothing_is_hidden(catalogue, told, wording):
    nobody = {"group_base": 0, "group_events": 0, "group_value": None, "ratio": None, "ratio_low": None}
    row = replace(told["appointed"], **nobody, ratio_high=None, difference=None)
    said = say.finding(row, catalogue.indicators["appointed"], wording)
    assert "There is no figure for ethnic minority shortlisted applicants, as nobody is counted [z]." in said
    assert "[x]" not in said
    assert "not shown" not in said


def test_each_kind_has_a_sentence_of_its_own(catalogue, told, wording):
    said = {name: say.finding(row, catalogue.indicators[name], wording) for name, row in told.items()}
    assert (
        said["share_of_staff"] == "33% of staff in post are from an ethnic minority (about 1,000 of 3,000)."
    )
    assert said["senior_managers"] == (
        "20% of senior managers are from an ethnic minority, beside 34% of other staff. The share for "
        "senior managers "
        "is 0.59 times as high as for other staff (95% interval 0.39 to 0.86), 14 percentage points apart."
    )
    assert said["spend_per_head"].startswith(
        "Training spend per head: £120 for White staff in post, beside £80 for"
    )
    assert "1.5 times as high" in said["spend_per_head"]
    assert said["share_of_spend"] == (
        "25% of training spend went to ethnic minority staff, who were 33% of staff in post. "
        "8 percentage points apart."
    )
    assert said["leavers"].startswith("Leavers a year per 100 staff: 11.0 for White staff, beside 12.5 for")
    assert said["survey_response"] == "Not available [x]: not received."


def test_more_likely_needs_evidence(catalogue, told, wording):
    indicator = catalogue.indicators["appointed"]
    for evidence in ("clear evidence of a disparity", "some evidence"):
        row = replace(told["appointed"], evidence=evidence)
        assert any("more likely" in sentence for sentence in everything(row, indicator, wording))
    for evidence in ("no material disparity", "too few to tell", ""):
        row = replace(told["appointed"], evidence=evidence)
        assert not any("more likely" in sentence for sentence in everything(row, indicator, wording))


def test_the_more_likely_group_is_the_one_with_the_higher_rate(catalogue, told, wording):
    turned = replace(told["appointed"], reference_value=10.0, group_value=20.0, ratio=0.5)
    said = say.evidence_sentence(turned, catalogue.indicators["appointed"], wording)
    assert said == "Clear evidence of a disparity: ethnic minority shortlisted applicants were more likely."


def test_too_few_says_what_was_seen_and_expected(catalogue, told, wording):
    row = replace(
        told["appointed"],
        evidence="too few to tell",
        group_events=10.0,
        group_base=60.0,
        reference_events=35.0,
        reference_base=140.0,
    )
    assert say.evidence_sentence(row, catalogue.indicators["appointed"], wording) == (
        "Too few to tell. About 10 of 60 ethnic minority shortlisted applicants were appointed; "
        "equal chances would give "
        "about 14."
    )


def test_the_two_flags_stand_beside_each_other(told):
    assert (
        say.flag_sentence(told["appointed"]) == "Ratio: outside 0.80 to 1.25. Statistically significant: yes."
    )
    unsure = replace(told["appointed"], flag="cannot tell", evidence="too few to tell")
    assert say.flag_sentence(unsure) == (
        "Ratio: cannot tell whether outside 0.80 to 1.25. Statistically significant: no."
    )


def test_unknown_ethnicity_is_put_into_each_group(catalogue, told, wording):
    # (210 + 10) / (1000 + 40) over 100 / 800 is 1.69; 210 / 1000 over (100 + 10) / (800 + 40) is 1.60.
    assert say.unknown_sentence(told["appointed"], catalogue.indicators["appointed"], wording) == (
        "If all those of unknown ethnicity (about 40) were White, the ratio would be 1.69; "
        "if all were ethnic minority, 1.60."
    )


def test_unknown_bounds_that_the_shown_counts_do_not_give_are_not_pinned_to_a_group(catalogue, told, wording):
    row = replace(told["appointed"], ratio_low_unknown=0.9, ratio_high_unknown=1.9)
    assert say.unknown_sentence(row, catalogue.indicators["appointed"], wording) == (
        "If all those of unknown ethnicity (about 40) were in one of the two groups, the ratio would be "
        "at the lowest 0.90 "
        "and at the highest 1.90. That range crosses 1."
    )


def test_a_hidden_count_is_said_to_be_hidden(catalogue, protected, wording):
    assert say.finding(protected, catalogue.indicators["appointed"], wording) == (
        "Not shown [c]: too few people to show it without a risk to them. "
        "Whatever the hidden counts are, the ratio is 0.75 to 38.40."
    )


@pytest.mark.parametrize(
    ("reference_events", "words"),
    [
        (
            200,
            " Fewer than 8 of about 60 ethnic minority shortlisted applicants were appointed; "
            "equal chances would give about 12.",
        ),
        (140, ""),
    ],
    ids=["below what equal chances give", "says nothing"],
)
def test_a_hidden_count_has_its_bound_told_where_that_says_something(
    catalogue, protected, wording, reference_events, words
):
    row = replace(
        protected, reference_base=1_000.0, reference_events=float(reference_events),
        reference_events_status="", group_base=60.0, group_base_status="", group_events=None,
        group_events_status="[c]", status="[c]", ratio_low=1.2, ratio_high=math.inf,
    )  # fmt: skip
    said = say.finding(row, catalogue.indicators["appointed"], wording)
    before = "Whatever the hidden counts are, the ratio is 1.20 upwards."
    assert said.partition(before)[2] == words
    # A count hidden for another's sake has no limits, and nothing is known of its size.
    unlimited = replace(row, ratio_low=None, ratio_high=None)
    assert "Fewer than" not in say.finding(unlimited, catalogue.indicators["appointed"], wording)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("[c]", "Not shown [c]: too few people"),
        ("[u]", "Not shown [u]"),
        ("[x] 3 of 4 quarters", "Not available [x]: 3 of 4 quarters were received."),
        ("[x] not received", "Not available [x]: not received."),
        ("[x] recruitment has no 'declined'", "Not available [x]: recruitment has no 'declined'."),
        (
            "[x] staff survey has no 'paid_quarters'",
            "Not available [x]: staff survey has no 'paid_quarters'.",
        ),
        ("[x] not agreed", "have not agreed"),
        ("[z]", "Not applicable [z]."),
    ],
)
def test_each_status_has_words(status, words):
    assert words in say.status_sentence(*status.split(" ", 1))


@pytest.mark.parametrize(
    ("people", "words"),
    [("0", "None"), ("4", "4 would"), ("-3", "3 would"), ("-5 to -3", "3 to 5"), ("-3 to 2", "0 to 3")],
)
def test_people_to_parity_is_a_size_and_no_quota(told, people, words):
    said = say.parity_words(replace(told["appointed"], people_to_parity=people))
    assert said.startswith(words)
    assert people == "0" or "not a quota" in said


def test_a_percentage_does_not_round_to_none_or_all(catalogue, told, wording):
    indicator = catalogue.indicators["appointed"]
    assert numbers.figure(0.2, indicator, wording) == "less than 1%"
    assert numbers.figure(99.8, indicator, wording) == "more than 99%"
    assert numbers.figure(0.0, indicator, wording) == "0%"


def test_an_analyst_reads_decimals_and_exact_counts(catalogue, told):
    wording = numbers.wording_for(catalogue, "analyst")
    assert say.finding(told["appointed"], catalogue.indicators["appointed"], wording).startswith(
        "21.00% of White"
    )
    assert "about" not in say.unknown_sentence(told["appointed"], catalogue.indicators["appointed"], wording)


def test_headlines_are_three_and_the_strongest_first(catalogue, release):
    said = say.headline_sentences(release.estimates, catalogue, "restricted")
    assert len(said) == 3
    assert said[0].startswith("21% of White shortlisted")
    assert said[1].startswith("20% of senior managers")
    assert said[2].startswith("Leavers a year")


def test_no_word_to_avoid_is_generated(catalogue, release, wording):
    for row in say.rows_of(release.estimates):
        for sentence in everything(row, catalogue.indicators[row.indicator], wording):
            assert not re.search(r"\b(BAME|BME|non-White|only|worst)\b", sentence)


def test_marks_that_turn_text_round_are_dropped():
    assert numbers.label("Med\u202eicine\x00\u200f") == "Medicine"


ratios = st.none() | st.floats(0, 200, allow_nan=False)
values = st.none() | st.floats(0, 100, allow_nan=False)
words = st.sampled_from(
    ["", "clear evidence of a disparity", "some evidence", "no material disparity", "too few to tell"]
)


@settings(deadline=None, max_examples=150)
@given(data=st.data(), name=st.sampled_from(["appointed", "senior_managers", "spend_per_head", "leavers"]))
def test_whatever_the_numbers_no_ratio_is_a_percentage_and_titles_are_short(data, name, catalogue, told):
    wording = numbers.wording_for(catalogue, "published")
    ratio = data.draw(ratios)
    row = replace(
        told[name],
        ratio=ratio,
        ratio_low=data.draw(ratios),
        ratio_high=data.draw(ratios),
        evidence=data.draw(words),
        reference_value=data.draw(values),
        group_value=data.draw(values),
        difference=data.draw(values),
    )
    indicator = catalogue.indicators[name]
    assert len(titles.message_title(row, indicator, wording).split()) <= 10
    shown = {numbers.figure(value, indicator, wording) for value in (row.reference_value, row.group_value)}
    for sentence in everything(row, indicator, wording):
        assert "nan" not in sentence.lower().replace("unan", "")
        for percentage in re.findall(
            r"(?<!less than )(?<!more than )\b[\d.]+%(?! interval)", sentence, re.IGNORECASE
        ):
            assert percentage in shown | {"95%"}
