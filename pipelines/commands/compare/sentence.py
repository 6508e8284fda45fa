"""The sentence of one comparison typed in by hand: both rates with their counts, the ratio and what the evidence is."""

from __future__ import annotations

import math
import re
from typing import NamedTuple

from disparity.rounding import written
from disparity.statistics.arguments import checked_share, critical_value
from disparity.statistics.comparison import Comparison
from disparity.statistics.effect import expected_at_equal_chances
from disparity.statistics.evidence import CLEAR, NO_MATERIAL_DISPARITY, SOME, TOO_FEW
from reports.wording.numbers import times_as_likely

AVOIDED = ("BAME", "BME", "non-White", "only", "worst")

# A comparison is worded here alone, so that no caller's word can say what the evidence does not.
_OURS = re.compile(r"likel|%|per ?cent", re.IGNORECASE)

_Side = tuple[int, int]


class ComparedWords(NamedTuple):
    """The words of a comparison: who is compared, of whom the rate is, and what happened to them.

    As in "White", "ethnic minority", "applicants", "were appointed".
    """

    group_1: str
    group_2: str
    base: str
    event: str


def comparison_sentence(
    words: ComparedWords,
    events_1: float,
    n_1: float,
    events_2: float,
    n_2: float,
    ratio: Comparison,
    evidence: str,
    *,
    level: float = 0.95,
    percent_decimals: int = 1,
    avoided: tuple[str, ...] = AVOIDED,
) -> str:
    """Return the text of one comparison: both rates and their counts, the ratio, what the evidence is.

    Exact whole counts, 0 <= events <= n, n >= 1; ``ratio`` is rate 1 over rate 2 with its interval at
    ``level``, as `risk_ratio` gives it; ``evidence`` is one of the four fixed words. The rates are
    percentages; the ratio is told as "1.5 times as likely", or not at all where group 2 has no events. Which
    group was more likely is said with `CLEAR` and `SOME` alone, and not where the interval still holds 1.
    With `TOO_FEW` a ratio is never without what follows it: how many events there were, and how many equal
    chances would have given group 2. Raises ValueError naming the argument: for counts that are none, a ratio
    that is not theirs, another evidence word, or words that are empty, speak of what is likely or of
    percentages, or are among those house style avoids.
    """
    critical_value(level)
    _check_words(words, avoided)
    first, second = _whole_side(events_1, n_1, "_1"), _whole_side(events_2, n_2, "_2")
    _check_ratio(ratio, first, second)
    told = _both_rates(words, first, second, percent_decimals) + _ratio_told(words, ratio, level)
    if evidence == TOO_FEW:
        return f"{told}. {_too_few(words, first, second)}"
    if evidence == NO_MATERIAL_DISPARITY:
        return f"{told}, {NO_MATERIAL_DISPARITY}."
    if evidence in (CLEAR, SOME):
        found = CLEAR if evidence == CLEAR else f"{SOME} of a disparity"
        return f"{told}, {found}{_direction(words, ratio)}."
    raise ValueError("evidence must be one of the four fixed words")


def _check_words(words: ComparedWords, avoided: tuple[str, ...]) -> None:
    for name, text in words._asdict().items():
        if not text.strip() or not text.isprintable():
            raise ValueError(f"{name} must be words that can be printed")
        if _OURS.search(text):
            raise ValueError(f"{name} must not speak of what is likely, or of percentages")
        if any(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE) for word in avoided):
            raise ValueError(f"{name} must not hold a word that house style avoids")


def _whole_side(events: float, n: float, suffix: str) -> _Side:
    x, base = (float(each) for each in checked_share(events, n, suffix))
    for name, count in ((f"events{suffix}", x), (f"n{suffix}", base)):
        if not count.is_integer():
            raise ValueError(f"{name} must be a whole number")
    return int(x), int(base)


def _check_ratio(ratio: Comparison, first: _Side, second: _Side) -> None:
    (x1, n1), (x2, n2) = first, second
    given, low, high = (float(each) for each in ratio[:3])
    if x2:
        theirs = math.isclose(given, x1 * n2 / (x2 * n1), rel_tol=0.01)
    else:
        theirs = math.isinf(given) if x1 else math.isnan(given)
    if not theirs:
        raise ValueError("ratio must be the rate of group 1 over that of group 2")
    if not 0 <= low <= high:
        raise ValueError("ratio must have an interval with low not above high")


def _both_rates(words: ComparedWords, first: _Side, second: _Side, decimals: int) -> str:
    said_1, said_2 = (
        f"{x:,} of {n:,} {group} {words.base} ({_percentage(x, n, decimals)})"
        for (x, n), group in ((first, words.group_1), (second, words.group_2))
    )
    return f"{said_1} {words.event}, beside {said_2}"


def _percentage(events: int, n: int, decimals: int) -> str:
    """Write a rate; one that is not 0% or 100% never rounds to it."""
    least = 10.0**-decimals
    if 0 < 100 * events < n * least / 2:
        return f"less than {least:.{decimals}f}%"
    if 0 < 100 * (n - events) < n * least / 2:
        return f"more than {100 - least:.{decimals}f}%"
    return f"{written(100 * events / n, decimals)}%"


def _ratio_told(words: ComparedWords, ratio: Comparison, level: float) -> str:
    """Say the ratio and its interval; nothing where there is no ratio that words can tell."""
    estimate, low, high = (float(each) for each in ratio[:3])
    if not math.isfinite(estimate):
        return ""
    limits = f"{written(low, 2)} upwards" if math.isinf(high) else f"{written(low, 2)} to {written(high, 2)}"
    return (
        f": {times_as_likely(estimate)} for {words.group_1} as for {words.group_2} {words.base} "
        f"({100 * level:g}% interval {limits})"
    )


def _direction(words: ComparedWords, ratio: Comparison) -> str:
    """Say which group was more likely; nothing where the interval holds 1."""
    if ratio.low > 1:
        return f"; {words.group_1} {words.base} were more likely"
    if ratio.high < 1:
        return f"; {words.group_2} {words.base} were more likely"
    return ""


def _too_few(words: ComparedWords, first: _Side, second: _Side) -> str:
    events = first[0] + second[0]
    expected = float(expected_at_equal_chances(*first, *second))
    about = written(expected, thousands=True) if expected >= 9.95 else written(expected, 1).removesuffix(".0")
    return (
        f"Too few to tell: {events:,} {'event' if events == 1 else 'events'} in all; equal chances would give "
        f"about {about} to {words.group_2} {words.base}."
    )
