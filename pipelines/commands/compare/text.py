"""The answer to a comparison as text for a terminal."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from typing import TypeAlias

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from disparity.rounding import written
from disparity.statistics.effect import CANNOT_TELL, WITHIN, four_fifths
from disparity.statistics.evidence import TOO_FEW
from pipelines.commands.compare.answer import Answer, Judged, Unknown
from pipelines.commands.compare.question import Question

Section: TypeAlias = tuple[str, list[tuple[str, str]]]

_WIDTH = 80
_LABEL_WIDTH = 20


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
