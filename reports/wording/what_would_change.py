"""What would change the view: how a headline would look if what is not known, or not alike, were otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from disparity.analyses import STANDARDISED, WITHIN_STRATA
from disparity.catalogue.indicators import Indicator
from disparity.rounding import written
from disparity.rows import Estimate, Line, Number
from disparity.statistics.evidence import NO_MATERIAL_DISPARITY, TOO_FEW
from reports.wording.numbers import Wording, interval
from reports.wording.sentences import unknown_sentence
from reports.wording.supporting_facts import facts_of

_COULD_HAVE = "Could have been seen"
_MORE = "More people, or more quarters: too few were counted to tell."
_LATER = "A ratio outside the margin in a later quarter."
_NOTHING = (
    "Nothing that this report can test: neither people of unknown ethnicity nor a comparison of like with like "
    "brings the ratio to equal."
)


def view_sentences(
    row: Estimate, indicator: Indicator, lines: Sequence[Line], wording: Wording
) -> tuple[str, ...]:
    """Say what would change the view of a headline. Empty where nothing is compared, or nothing was tested."""
    if not row.evidence:
        return ()
    unknown = (
        [unknown_sentence(row, indicator, wording)]
        if _holds_one(row.ratio_low_unknown, row.ratio_high_unknown)
        else []
    )
    if row.evidence == TOO_FEW:
        return (*unknown, dict(facts_of(lines, indicator, wording)).get(_COULD_HAVE, _MORE))
    if row.evidence == NO_MATERIAL_DISPARITY:
        return (*unknown, _LATER)
    doubts = (*unknown, *_of_like_with_like(lines, wording))
    return doubts or ((_NOTHING,) if _was_tested(row, lines) else ())


def _of_like_with_like(lines: Sequence[Line], wording: Wording) -> Iterator[str]:
    """Yield the comparisons within a shortlist, a band or a directorate that equal chances could have given."""
    for line in lines:
        if line.analysis in (WITHIN_STRATA, STANDARDISED) and _holds_one(line.low, line.high):
            ratio = "" if line.value is None else f"the ratio is {written(line.value, 2)} and "
            yield (
                f"Like with like: within the same {_within(line, wording)} {ratio}the 95% interval is "
                f"{interval(line.low, line.high)}, so equal chances are not ruled out there."
            )


def _within(line: Line, wording: Wording) -> str:
    if line.analysis == WITHIN_STRATA:
        return "shortlist"
    words = wording.style.breakdowns.get(line.of, line.of)
    return f"{words[:1].lower()}{words[1:]}"


def _holds_one(low: Number, high: Number) -> bool:
    return low is not None and high is not None and low <= 1 <= high


def _was_tested(row: Estimate, lines: Sequence[Line]) -> bool:
    """Whether the unknown were bounded and a comparison of like with like was made."""
    alike = any(line.analysis in (WITHIN_STRATA, STANDARDISED) for line in lines)
    return alike and row.ratio_low_unknown is not None
