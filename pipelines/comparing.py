"""Two groups compared from four numbers an analyst types: the whole answer, as plain text or as one JSON object."""

from __future__ import annotations

import dataclasses
import io
import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeAlias, get_type_hints

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from disparity.refusal import Refusal, refuse
from disparity.rounding import written
from disparity.statistics.arguments import LARGEST_COUNT
from disparity.statistics.comparison import Comparison
from disparity.statistics.effect import (
    CANNOT_TELL,
    WITHIN,
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
from pipelines.commands.compare.sentence import ComparedWords, comparison_sentence

Better: TypeAlias = Literal["higher", "lower"]
Section: TypeAlias = tuple[str, list[tuple[str, str]]]
_Sides: TypeAlias = tuple[int, int, int, int]

_COUNTS = re.compile(r"\s*0*([0-9]{1,10})\s*/\s*0*([0-9]{1,10})\s*")
_LEVELS = (0.5, 0.9999)
# What the fixed words mean does not change with the level that intervals are shown at.
_EVIDENCE_LEVEL = 0.95
# Cochran's rule of thumb for when a score test may be trusted, as the reports have it.
_LEAST_EXPECTED = 5.0

_WIDTH = 80
_LABEL_WIDTH = 20


@dataclass(frozen=True)
class Question:
    """What was asked. Groups 1 and 2 are always the first and the second of the counts given.

    Here and in the other parts of the answer a field is a key of the JSON object and says what it means.
    """

    group_1: Annotated[str, "words for group 1"]
    group_2: Annotated[str, "words for group 2"]
    base: Annotated[str, "who is counted, such as applicants"]
    event: Annotated[str, "what happened to them, such as were called back"]
    better: Annotated[Better, "whether more or fewer events are better: higher or lower"]
    level: Annotated[float, "level of every interval and of the significance flag, such as 0.95"]
    events_1: Annotated[int, "events of group 1"]
    n_1: Annotated[int, "people of group 1"]
    events_2: Annotated[int, "events of group 2"]
    n_2: Annotated[int, "people of group 2"]
    unknown_events: Annotated[
        int | None, "events of people of unknown ethnicity; null where --unknown was not given"
    ]
    unknown_n: Annotated[int | None, "people of unknown ethnicity; null where --unknown was not given"]

    @property
    def counts(self) -> _Sides:
        """Events and people of group 1, then of group 2."""
        return self.events_1, self.n_1, self.events_2, self.n_2

    @property
    def flipped(self) -> bool:
        """Whether the ratio is group 2's rate over group 1's, as of what is better rarer."""
        return self.better == "lower"

    @property
    def sides(self) -> _Sides:
        """Return the counts in the order of the ratio, its numerator first."""
        x1, n1, x2, n2 = self.counts
        return (x2, n2, x1, n1) if self.flipped else (x1, n1, x2, n2)

    @property
    def words(self) -> ComparedWords:
        """Return the words in the order of the ratio, its numerator first."""
        first, second = (self.group_2, self.group_1) if self.flipped else (self.group_1, self.group_2)
        return ComparedWords(first, second, self.base, self.event)


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


def question_of(
    counts_1: str,
    counts_2: str,
    *,
    unknown: str | None = None,
    better: Better = "higher",
    group_1: str = "White",
    group_2: str = "ethnic minority",
    base: str = "people",
    event: str = "had the outcome",
    level: float = 0.95,
) -> Question:
    """Read what was typed. Raises Refusal naming the argument that is wrong."""
    if not _LEVELS[0] <= level <= _LEVELS[1]:
        raise refuse(
            f"{level:g} is no level for an interval", where="--level",
            rule=f"a level is from {_LEVELS[0]} to {_LEVELS[1]}", do="give 0.95 for 95% intervals",
        )  # fmt: skip
    if group_1.strip().casefold() == group_2.strip().casefold():
        raise refuse(
            "it is the same as --group-1", where="--group-2", rule="two groups are compared",
            do="name the group of the second counts",
        )  # fmt: skip
    events_1, n_1 = _read("COUNTS_1", counts_1)
    events_2, n_2 = _read("COUNTS_2", counts_2)
    unknown_events, unknown_n = (None, None) if unknown is None else _read("--unknown", unknown, least=0)
    return Question(
        group_1, group_2, base, event, better, level, events_1, n_1, events_2, n_2, unknown_events, unknown_n
    )


def _read(argument: str, typed: str, *, least: int = 1) -> tuple[int, int]:
    """Read events/people. Raises Refusal naming the argument."""
    found = _COUNTS.fullmatch(typed)
    events, n = (int(found[1]), int(found[2])) if found else (-1, -1)
    if found is None or max(events, n) > LARGEST_COUNT:
        raise refuse(
            f"{typed!r} is not events/people", where=argument,
            rule=f"counts are two whole numbers with a slash between, from 0 to {LARGEST_COUNT:,}, without commas",
            do="give them such as 235/2435",
        )  # fmt: skip
    if n < least:
        raise refuse(
            f"{typed!r} is a group of nobody", where=argument, rule="a rate needs at least 1 person",
            do="give how many people there were after the slash",
        )  # fmt: skip
    if events > n:
        raise refuse(
            f"{typed!r} has more events than people", where=argument,
            rule="events are counted among the people", do="give the events first, then the people",
        )  # fmt: skip
    return events, n


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


def as_words(found: Answer, *, wrap_sentence: bool = False) -> str:
    """Lay the answer out within 80 columns, the sentence first.

    The sentence is one line, so that a program finds it whole; ``wrap_sentence`` wraps it too, for a terminal.
    """
    drawn = io.StringIO()
    console = Console(file=drawn, width=_WIDTH, color_system=None, force_terminal=False)
    console.print(Text(found.sentence), soft_wrap=not wrap_sentence)
    for heading, rows in _sections(found):
        console.print()
        console.print(Text(heading))
        lines = Table.grid(padding=(0, 2, 0, 0))
        lines.add_column(width=_LABEL_WIDTH, overflow="fold")
        lines.add_column(overflow="fold")
        for label, words in rows:
            lines.add_row(Text(label), Text(words))
        console.print(Padding(lines, (0, 0, 0, 2)))
    return "\n".join(line.rstrip() for line in drawn.getvalue().splitlines())


def _sections(found: Answer) -> Iterator[Section]:
    at_level = f"with {100 * found.question.level:g}% intervals"
    yield f"Rates, {at_level}", list(_rate_rows(found))
    yield f"{found.compared.ratio_of}, {at_level}", list(_compared_rows(found))
    yield "What can be said", list(_judged_rows(found))
    yield "In people", list(_people_rows(found))
    if found.question.unknown_n is not None:
        yield "Unknown ethnicity", list(_unknown_rows(found))


def _rate_rows(found: Answer) -> Iterator[tuple[str, str]]:
    asked, rates = found.question, found.rates
    yield (
        asked.group_1,
        f"{_percent(rates.rate_1)} ({_percent(rates.rate_1_low)} to {_percent(rates.rate_1_high)}), "
        f"{asked.events_1:,} of {asked.n_1:,}",
    )
    yield (
        asked.group_2,
        f"{_percent(rates.rate_2)} ({_percent(rates.rate_2_low)} to {_percent(rates.rate_2_high)}), "
        f"{asked.events_2:,} of {asked.n_2:,}",
    )


def _compared_rows(found: Answer) -> Iterator[tuple[str, str]]:
    this = found.compared
    yield "Ratio", f"{_ratio(this.ratio)} ({_limits(this.ratio_low, this.ratio_high)})"
    yield (
        "Difference",
        f"{_points(this.difference)} percentage points "
        f"({_points(this.difference_low)} to {_points(this.difference_high)})",
    )
    yield "Odds ratio", f"{_ratio(this.odds_ratio)} ({_limits(this.odds_ratio_low, this.odds_ratio_high)})"
    yield "Score test", _p(this.score_p_value)
    if this.exact_p_value is None:
        yield "Exact test", "not needed: every cell expects 5 or more"
        return
    yield (
        "Exact test",
        f"{_p(this.exact_p_value)} ({this.exact_test}); it decides, as a cell expects fewer than 5",
    )
    if found.judged.significant != (this.ratio_low > 1 or this.ratio_high < 1):
        yield "", "The intervals go with the score test; the exact test does not agree with them."


def _judged_rows(found: Answer) -> Iterator[tuple[str, str]]:
    judged, level = found.judged, found.question.level
    significant = "yes" if judged.significant else "no"
    yield "Flags", f"Ratio: {judged.four_fifths}. Significant at {1 - level:.4g}: {significant}."
    yield (
        "Evidence",
        f"{judged.evidence}. Judged by itself, from p at 0.01 and 0.05 and the 95% interval of the ratio; "
        "one of several comparisons needs an adjusted p.",
    )
    if judged.evidence == TOO_FEW:
        yield "Could have shown", _detectable_words(judged, level)


def _detectable_words(judged: Judged, level: float) -> str:
    ends = [
        f"{_ratio(end)} or {side}"
        for end, side in ((judged.detectable_ratio_above, "more"), (judged.detectable_ratio_below, "less"))
        if end is not None and not math.isnan(end)
    ]
    if not ends:
        return "With so few, even the largest disparity would be missed more than one time in five."
    return (
        f"A ratio of {', or of '.join(ends)}, would be found four times in five (at the {100 * level:g}% level). "
        "A smaller disparity may be there."
    )


def _people_rows(found: Answer) -> Iterator[tuple[str, str]]:
    asked, people = found.question, found.people
    events = asked.events_1 + asked.events_2
    yield (
        "Equal chances",
        f"{_events(events)} in all; equal chances would give about {_about(people.expected_events_1)} to "
        f"{asked.group_1} and about {_about(people.expected_events_2)} to {asked.group_2} {asked.base}.",
    )
    seen, group = (
        (asked.events_1, asked.group_1) if people.fewer_group == 1 else (asked.events_2, asked.group_2)
    )
    yield (
        "How rare",
        f"{seen:,} to {group} {asked.base}: as few as that, or fewer, would be seen in "
        f"{_percent(people.chance_of_as_few)} of such comparisons were chances equal.",
    )
    moved, selected = people.people_to_parity, people.selections_to_four_fifths
    if moved is None or selected is None:
        yield "To parity", "Not given where fewer events are better: they are no places to share out."
        return
    yield (
        "To parity",
        (
            _moved(asked, moved, "for rates as near as whole people allow")
            if moved
            else "None: the rates were as equal as whole people allow."
        ),
    )
    if found.judged.four_fifths == CANNOT_TELL:
        yield "To four-fifths", "Cannot tell: there were no events."
    elif selected:
        bound = "at most 1.25" if selected > 0 else "at least 0.80"
        past = "" if _reaches_four_fifths(asked, selected) else " With so few, that goes past the other end."
        yield "To four-fifths", _moved(asked, selected, f"for a ratio of {bound}") + past
    else:
        yield "To four-fifths", "None: the ratio was within 0.80 to 1.25."
    yield "", "For monitoring; not a quota."


def _reaches_four_fifths(asked: Question, selected: int) -> bool:
    """Say whether the ratio is then within 0.80 to 1.25, which one event more or less can step over."""
    x1, n1, x2, n2 = asked.counts
    return str(four_fifths(x1 - selected, n1, x2 + selected, n2)) == WITHIN


def _moved(asked: Question, number: int, purpose: str) -> str:
    taker, giver = (asked.group_2, asked.group_1) if number > 0 else (asked.group_1, asked.group_2)
    return (
        f"{abs(number):,} of the {_events(asked.events_1 + asked.events_2)} would have had to go to {taker} "
        f"instead of {giver} {asked.base} {purpose}, with the total as it was."
    )


def _unknown_rows(found: Answer) -> Iterator[tuple[str, str]]:
    asked, this = found.question, found.unknown
    yield "Not known", f"{_events(asked.unknown_events or 0)} of {asked.unknown_n or 0:,} {asked.base}"
    if not asked.unknown_n:
        return
    ends = this.ratio_all_unknown_in_1, this.ratio_all_unknown_in_2
    yield f"All {asked.group_1}", f"ratio {_ratio(ends[0])}"
    yield f"All {asked.group_2}", f"ratio {_ratio(ends[1])}"
    yield "Any allocation", _allocation_words(this)
    yield "Turning point", _turning_words(asked, this)


def _allocation_words(this: Unknown) -> str:
    low, high = this.ratio_lowest, this.ratio_highest
    if low is None or high is None or math.isnan(low):
        return "Cannot be told: there were no events."
    crosses = " That range of ratios crosses 1." if low < 1 < high else ""
    return (
        f"ratio {_ratio(low)} to {_ratio(high)}; difference {_points(this.difference_lowest or 0.0)} to "
        f"{_points(this.difference_highest or 0.0)} percentage points.{crosses}"
    )


def _turning_words(asked: Question, this: Unknown) -> str:
    x1, n1, x2, n2 = asked.counts
    if x1 * n2 == x2 * n1:
        return "The known rates are equal: there is nothing to turn."
    if this.turning_events_to is None:
        return "No way to allocate the unknown makes the rates equal."
    x0, n0 = asked.unknown_events or 0, asked.unknown_n or 0
    in_1 = asked.group_1, this.turning_events_1 or 0.0, this.turning_n_1 or 0.0
    in_2 = asked.group_2, this.turning_events_2 or 0.0, this.turning_n_2 or 0.0
    (gains, events, _), (loses, events_there, n_there) = (
        (in_2, in_1) if this.turning_events_to == 2 else (in_1, in_2)
    )
    parts = [f"about {_about(events)} of the {x0:,} with the event were {gains} {asked.base}"] if x0 else []
    if n0 > x0:
        parts.append(
            f"about {_about(n_there - events_there)} of the {n0 - x0:,} without it {loses} {asked.base}"
        )
    return (
        f"The rates would be equal if {' and '.join(parts)}. That is {_percent(this.turning_share or 0.0)} of the "
        "unknown leaning against what was found, the others divided as the known are."
    )


def _events(count: int) -> str:
    return "1 event" if count == 1 else f"{count:,} events"


def _about(count: float) -> str:
    return written(count, thousands=True) if count >= 9.95 else written(count, 1).removesuffix(".0")


def _percent(share: float) -> str:
    """Write a share; one that is not 0% or 100% never rounds to it."""
    if 0 < share < 0.00005:
        return "less than 0.01%"
    if 0.99995 < share < 1:
        return "more than 99.99%"
    return f"{written(100 * share, 2)}%"


def _points(difference: float) -> str:
    return written(100 * difference, 2)


def _p(p_value: float) -> str:
    return "p below 0.0001" if p_value < 0.0001 else f"p {written(p_value, 4)}"


def _ratio(value: float | None) -> str:
    if value is None or math.isnan(value):
        return "cannot be told"
    if math.isinf(value):
        return "infinite"
    return "less than 0.01" if 0 < value < 0.005 else written(value, 2, thousands=True)


def _limits(low: float, high: float) -> str:
    return f"{_ratio(low)} upwards" if math.isinf(high) else f"{_ratio(low)} to {_ratio(high)}"
