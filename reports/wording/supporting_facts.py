"""What stands behind an indicator's comparison, in rows of tables and sentences."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from disparity.analyses import (
    CHANGE,
    CONTROL,
    DETECTABLE,
    MIX,
    MIX_AND_RATE,
    RATE,
    RATIO,
    STAGE,
    STANDARDISED,
    THEN,
    TIMES_THEN,
    WITHIN_STRATA,
)
from disparity.catalogue.indicators import Indicator
from disparity.markers import NOT_APPLICABLE
from disparity.rounding import written
from disparity.rows import Line, Number
from disparity.statistics.evidence import TOO_FEW
from reports.wording.numbers import Wording, interval, sentence_case
from reports.wording.periods import then_words

_MINUS = "\u2212"


def facts_of(lines: Sequence[Line], indicator: Indicator, wording: Wording) -> tuple[tuple[str, str], ...]:
    """Return what is said of a comparison beside its figures: its change, its strata, what could have been seen."""
    facts = (
        ("Change", change_words(lines, indicator)),
        ("Within the same shortlist", _shortlist_words(lines)),
        *(_standardised_facts(lines, wording)),
        ("Could have been seen", _detectable_words(lines)),
        ("Single quarters", control_words(lines)),
    )
    return tuple((name, words) for name, words in facts if words)


def change_words(lines: Sequence[Line], indicator: Indicator) -> str:
    """Say how a ratio moved from the last window that shares no quarter with it, or the survey before; else empty."""
    found = {line.figure: line for line in lines if line.analysis == CHANGE}
    if THEN not in found or TIMES_THEN not in found:
        return ""
    then, times = found[THEN], found[TIMES_THEN]
    words = "too few to tell whether it changed" if times.words == TOO_FEW else times.words
    when = then_words(then.of, indicator)
    return (
        f"In {when} the ratio was {_ratio(then.value)}. It is now {_ratio(times.value)} times that "
        f"({interval(times.low, times.high)}): {words}."
    )


def _shortlist_words(lines: Sequence[Line]) -> str:
    found = next((line for line in lines if line.analysis == WITHIN_STRATA), None)
    if found is None:
        return ""
    return (
        f"Among people on the same shortlist the ratio is {_ratio(found.value)} "
        f"({interval(found.low, found.high)}). Each post is one place, so this is the closer comparison."
    )


def _standardised_facts(lines: Sequence[Line], wording: Wording) -> Iterator[tuple[str, str]]:
    for line in lines:
        if line.analysis != STANDARDISED:
            continue
        by, limits = _by(line.of, wording), interval(line.low, line.high)
        lead = "Whatever the hidden counts are, the interval is " + limits
        if line.value is not None:
            lead = f"The ratio is {_ratio(line.value)} ({limits})"
        yield f"Within the same {by}", f"{lead}.{_mix_words(lines, line.of, by)}"


def _mix_words(lines: Sequence[Line], of: str, by: str) -> str:
    split = {line.figure: line.value for line in lines if line.analysis == MIX_AND_RATE and line.of == of}
    mix, rate = split.get(MIX), split.get(RATE)
    if mix is None or rate is None:
        return ""
    return (
        f" Of the difference, {_signed(rate)} percentage points would remain if both groups had the same mix "
        f"by {by}; the mix adds {_signed(mix)}."
    )


def _signed(value: float) -> str:
    return written(value, 1).replace("-", _MINUS)


def _detectable_words(lines: Sequence[Line]) -> str:
    found = next((line for line in lines if line.analysis == DETECTABLE), None)
    if found is None:
        return ""
    ends = [
        f"{_ratio(end)} or {side}"
        for end, side in ((found.high, "more"), (found.low, "less"))
        if end is not None
    ]
    if not ends:
        return (
            "With so few people even the largest disparity would have been missed more than one time in five."
        )
    ratios = ", or of ".join(ends) + ("," if len(ends) > 1 else "")
    return f"A ratio of {ratios} would have been found four times in five by a test of this figure alone."


def control_words(lines: Sequence[Line]) -> str:
    """Say whether the latest of single quarters is out of their own run; empty where that was not looked at."""
    found = next((line for line in lines if line.analysis == CONTROL), None)
    if found is None:
        return ""
    limits = f"{_ratio(found.low)} to {_ratio(found.high)}"
    return f"Over {found.of}, the latest ratio shows {found.words}. Limits {limits}."


def stage_rows(lines: Sequence[Line], titles: Mapping[str, str]) -> list[list[str]]:
    """Return the rows of the table of stages: stage, ratio with interval, part of the whole."""
    ratios = [line for line in lines if line.analysis == STAGE and line.figure == RATIO]
    parts = {line.of: line.value for line in lines if line.analysis == STAGE and line.figure != RATIO}
    return [
        [
            titles.get(line.of, line.of),
            f"{_ratio(line.value)} ({interval(line.low, line.high)})",
            _percent(parts.get(line.of)),
        ]
        for line in ratios
    ]


def stage_keys(lines: Sequence[Line]) -> list[str]:
    """Return the stage of each row of the table of stages."""
    return [line.of for line in lines if line.analysis == STAGE and line.figure == RATIO]


def _percent(part: Number) -> str:
    return NOT_APPLICABLE if part is None else f"{written(100 * part)}%".replace("-", _MINUS)


def _ratio(value: Number) -> str:
    return NOT_APPLICABLE if value is None or math.isinf(value) else written(value, 2)


def _by(breakdown: str, wording: Wording) -> str:
    words = wording.style.breakdowns.get(breakdown, breakdown)
    return sentence_case(words)[:1].lower() + words[1:]
