"""Two groups compared from four numbers an analyst types: the whole answer, as plain text or as one JSON object."""

from __future__ import annotations

import dataclasses
import json
import math
from dataclasses import dataclass
from typing import Annotated, Any, get_type_hints

from disparity.refusal import Refusal, refuse
from disparity.statistics.comparison import Comparison
from disparity.statistics.effect import (
    chance_of_as_few,
    expected_at_equal_chances,
    four_fifths,
    people_to_parity,
    selections_to_four_fifths,
    smallest_detectable_ratio,
)
from disparity.statistics.evidence import TOO_FEW, evidence_words
from disparity.statistics.exact import exact_test
from disparity.statistics.proportions import odds_ratio, risk_difference, risk_ratio, wilson
from disparity.statistics.unknowns import (
    difference_over_allocations,
    ratio_over_allocations,
    turning_allocation,
)
from pipelines.commands.compare.question import Question
from pipelines.commands.compare.sentence import ComparedWords, comparison_sentence

# What the fixed words mean does not change with the level that intervals are shown at.
_EVIDENCE_LEVEL = 0.95
# Cochran's rule of thumb for when a score test may be trusted, as the reports have it.
_LEAST_EXPECTED = 5.0


@dataclass(frozen=True)
class Rates:
    """Each group by itself."""

    rate_1: Annotated[float, "rate of group 1, between 0 and 1"]
    rate_1_low: Annotated[float, "lower limit of rate_1, Wilson"]
    rate_1_high: Annotated[float, "upper limit of rate_1, Wilson"]
    rate_2: Annotated[float, "rate of group 2, between 0 and 1"]
    rate_2_low: Annotated[float, "lower limit of rate_2, Wilson"]
    rate_2_high: Annotated[float, "upper limit of rate_2, Wilson"]


@dataclass(frozen=True)
class Compared:
    """The groups beside each other, in the order that ``ratio_of`` names."""

    ratio_of: Annotated[
        str, "the two groups in the order in which ratio, odds ratio and difference take them"
    ]
    ratio: Annotated[float, "ratio of rates, Miettinen and Nurminen; null where neither group has events"]
    ratio_low: Annotated[float, "lower limit of ratio"]
    ratio_high: Annotated[float, "upper limit of ratio"]
    difference: Annotated[float, "difference of rates, between -1 and 1, same method"]
    difference_low: Annotated[float, "lower limit of difference"]
    difference_high: Annotated[float, "upper limit of difference"]
    odds_ratio: Annotated[float, "ratio of odds, same method; null where all or nobody had the event"]
    odds_ratio_low: Annotated[float, "lower limit of odds_ratio"]
    odds_ratio_high: Annotated[float, "upper limit of odds_ratio"]
    score_p_value: Annotated[float, "two-sided p of the score test of equal rates, shared by the three above"]
    least_expected: Annotated[
        float, "fewest expected in a cell at equal rates; below 5 the exact test decides"
    ]
    exact_test: Annotated[str | None, "Boschloo or mid-p Fisher, which was taken; null where none was needed"]
    exact_p_value: Annotated[float | None, "two-sided p of that test; null where none was needed"]

    @property
    def p_value(self) -> float:
        """The p that decides: the exact one where there is one."""
        return self.score_p_value if self.exact_p_value is None else self.exact_p_value


@dataclass(frozen=True)
class Judged:
    """What may be said of it."""

    p_value: Annotated[float, "the p that decides: the exact one where there is one, else the score test's"]
    four_fifths: Annotated[str, "below 0.80, within 0.80 to 1.25, above 1.25, or cannot tell"]
    significant: Annotated[bool, "whether p_value is below 1 - level"]
    evidence: Annotated[str, "one of the four fixed words, from p_value and the 95% interval, unadjusted"]
    detectable_ratio_below: Annotated[
        float | None,
        "ratio below 1 nearest to it found 4 times in 5; null where none is, or not too few to tell",
    ]
    detectable_ratio_above: Annotated[float | None, "the same above 1"]


@dataclass(frozen=True)
class People:
    """What it amounts to in people."""

    expected_events_1: Annotated[float, "events of group 1 at equal chances, of as many in all"]
    expected_events_2: Annotated[float, "events of group 2 at equal chances, of as many in all"]
    fewer_group: Annotated[int, "the group, 1 or 2, with fewer events than expected; 2 where neither has"]
    chance_of_as_few: Annotated[float, "how rarely fewer_group would have as few at equal chances"]
    people_to_parity: Annotated[
        int | None,
        "events of group 1 that would have had to be group 2's for equal rates, negative the other way; "
        "null where fewer events are better",
    ]
    selections_to_four_fifths: Annotated[int | None, "the same for a ratio of 0.80 to 1.25"]


@dataclass(frozen=True)
class Unknown:
    """What people of unknown ethnicity could do to it; every field null where --unknown was not given."""

    ratio_all_unknown_in_1: Annotated[float | None, "ratio if all the unknown were of group 1"] = None
    ratio_all_unknown_in_2: Annotated[float | None, "ratio if all the unknown were of group 2"] = None
    ratio_lowest: Annotated[float | None, "least ratio over every way to divide the unknown"] = None
    ratio_highest: Annotated[float | None, "greatest ratio over every way to divide the unknown"] = None
    difference_lowest: Annotated[float | None, "least difference over every way to divide the unknown"] = None
    difference_highest: Annotated[
        float | None, "greatest difference over every way to divide the unknown"
    ] = None
    turning_share: Annotated[
        float | None,
        "share of the unknown leaning against what was found that makes rates equal; null where none",
    ] = None
    turning_events_to: Annotated[
        int | None, "the group, 1 or 2, that these lean their events to; else null"
    ] = None
    turning_events_1: Annotated[float | None, "unknown events then in group 1, rarely whole; else null"] = (
        None
    )
    turning_n_1: Annotated[float | None, "unknown people then in group 1; else null"] = None
    turning_events_2: Annotated[float | None, "unknown events then in group 2; else null"] = None
    turning_n_2: Annotated[float | None, "unknown people then in group 2; else null"] = None


@dataclass(frozen=True)
class Answer:
    """The whole answer. The keys of its parts, in order, are those of the JSON object, after ``sentence``."""

    sentence: str
    question: Question
    rates: Rates
    compared: Compared
    judged: Judged
    people: People
    unknown: Unknown


KEYS: dict[str, str] = {
    "sentence": "the comparison in one sentence, or two where it is too few to tell",
    **{
        name: annotated.__metadata__[0]
        for part in (Question, Rates, Compared, Judged, People, Unknown)
        for name, annotated in get_type_hints(part, include_extras=True).items()
    },
}
"""Every key of the JSON object, in order, and what it means. Each is always there."""


def answer(question: Question) -> Answer:
    """Work out everything. Raises Refusal for words that a sentence may not hold."""
    ratio = risk_ratio(*question.sides, level=question.level)
    compared = _compared(question, ratio)
    judged = _judged(question, compared)
    return Answer(
        _sentence(question, ratio, judged.evidence),
        question,
        _rates(question),
        compared,
        judged,
        _people(question),
        _unknown(question),
    )


def _rates(question: Question) -> Rates:
    x1, n1, x2, n2 = question.counts
    low, high = wilson([x1, x2], [n1, n2], level=question.level)
    return Rates(x1 / n1, float(low[0]), float(high[0]), x2 / n2, float(low[1]), float(high[1]))


def _compared(question: Question, ratio: Comparison) -> Compared:
    sides = question.sides
    difference = risk_difference(*sides, level=question.level)
    odds = odds_ratio(*sides, level=question.level)
    x1, n1, x2, n2 = sides
    events, people = x1 + x2, n1 + n2
    least = min(events, people - events) * min(n1, n2) / people
    exact = exact_test(*sides) if least < _LEAST_EXPECTED else None
    return Compared(
        ratio_of=f"{question.words.group_1} / {question.words.group_2}",
        ratio=float(ratio.estimate),
        ratio_low=float(ratio.low),
        ratio_high=float(ratio.high),
        difference=float(difference.estimate),
        difference_low=float(difference.low),
        difference_high=float(difference.high),
        odds_ratio=float(odds.estimate),
        odds_ratio_low=float(odds.low),
        odds_ratio_high=float(odds.high),
        score_p_value=float(ratio.p_value),
        least_expected=least,
        exact_test=str(exact.method) if exact else None,
        exact_p_value=float(exact.p_value) if exact else None,
    )


def _judged(question: Question, compared: Compared) -> Judged:
    sides, p_value = question.sides, compared.p_value
    ratio = risk_ratio(*sides, level=_EVIDENCE_LEVEL)
    evidence = str(evidence_words(p_value, ratio.low, ratio.high))
    below = above = None
    if evidence == TOO_FEW:
        x1, n1, x2, n2 = sides
        found = smallest_detectable_ratio(n1, n2, (x1 + x2) / (n1 + n2), level=question.level)
        below, above = float(found.below), float(found.above)
    flag = str(four_fifths(*sides))
    return Judged(p_value, flag, p_value < 1.0 - question.level, evidence, below, above)


def _people(question: Question) -> People:
    x1, n1, x2, n2 = question.counts
    expected = float(expected_at_equal_chances(x1, n1, x2, n2))
    fewer = 2 if x2 * n1 <= x1 * n2 else 1
    as_few = chance_of_as_few(x1, n1, x2, n2) if fewer == 2 else chance_of_as_few(x2, n2, x1, n1)
    # Events that are better rarer are no places to share out, and the reports do not count them so either.
    places = not question.flipped
    return People(
        x1 + x2 - expected,
        expected,
        fewer,
        float(as_few),
        int(people_to_parity(x1, n1, x2, n2)) if places else None,
        int(selections_to_four_fifths(x1, n1, x2, n2)) if places else None,
    )


def _unknown(question: Question) -> Unknown:
    x0, n0 = question.unknown_events, question.unknown_n
    if x0 is None or n0 is None:
        return Unknown()
    x1, n1, x2, n2 = question.counts
    all_in_1 = dataclasses.replace(question, events_1=x1 + x0, n_1=n1 + n0)
    all_in_2 = dataclasses.replace(question, events_2=x2 + x0, n_2=n2 + n0)
    ratio = ratio_over_allocations(*question.sides, x0, n0)
    difference = difference_over_allocations(*question.sides, x0, n0)
    turning = turning_allocation(x1, n1, x2, n2, x0, n0)
    return Unknown(
        ratio_all_unknown_in_1=float(risk_ratio(*all_in_1.sides).estimate),
        ratio_all_unknown_in_2=float(risk_ratio(*all_in_2.sides).estimate),
        ratio_lowest=float(ratio.low),
        ratio_highest=float(ratio.high),
        difference_lowest=float(difference.low),
        difference_highest=float(difference.high),
        turning_share=float(turning.share),
        turning_events_to=int(turning.events_to) or None,
        turning_events_1=float(turning.unknown_events_1),
        turning_n_1=float(turning.unknown_n_1),
        turning_events_2=float(turning.unknown_events_2),
        turning_n_2=float(turning.unknown_n_2),
    )


def _sentence(question: Question, ratio: Comparison, evidence: str) -> str:
    words = question.words
    try:
        return comparison_sentence(words, *question.sides, ratio, evidence, level=question.level)
    except ValueError as mistake:
        raise _misworded(question, mistake) from None


def _misworded(question: Question, mistake: ValueError) -> Refusal | ValueError:
    """Turn a complaint about a word into a refusal that names its option; give any other back as it is."""
    name, _, rule = str(mistake).partition(" ")
    if name not in ComparedWords._fields:
        return mistake
    if question.flipped:
        name = {"group_1": "group_2", "group_2": "group_1"}.get(name, name)
    return refuse(
        "these words cannot stand in a sentence", where=f"--{name.replace('_', '-')}", rule=f"they {rule}",
        do="give other words",
    )  # fmt: skip


def as_json(found: Answer) -> str:
    """Return one object whose keys are those of ``KEYS``: numbers unrounded, infinity "inf", what is absent null."""
    parts = (found.question, found.rates, found.compared, found.judged, found.people, found.unknown)
    keyed: dict[str, Any] = {"sentence": found.sentence}
    for part in parts:
        keyed |= {name: _plain(value) for name, value in dataclasses.asdict(part).items()}
    return json.dumps(keyed, ensure_ascii=False, allow_nan=False, indent=2)


def _plain(value: Any) -> Any:
    if not isinstance(value, float) or math.isfinite(value):
        return value
    return None if math.isnan(value) else "inf"
