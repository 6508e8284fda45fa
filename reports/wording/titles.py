"""Titles: what a chart or a card shows, said in a line."""

from __future__ import annotations

import math

from disparity.catalogue.indicators import Indicator, Share
from disparity.rows import Estimate
from disparity.statistics.evidence import CLEAR, SOME
from reports.wording.numbers import Wording, figure, label, sentence_case, share_words, times
from reports.wording.sentences import both_sides


def message_title(row: Estimate, indicator: Indicator, wording: Wording) -> str:
    """Return a chart's message in ten words or fewer."""
    if not row.told:
        return "Not shown this quarter"
    if isinstance(indicator, Share):
        return _share_title(row, indicator, wording)
    values = ", ".join(
        f"{group} {figure(value, indicator, wording)}"
        for group, value in ((row.reference_group, row.reference_value), (row.group, row.group_value))
        if value is not None
    )
    candidates = (
        [f"{sentence_case(row.evidence)}: {values}"]
        if row.evidence and row.evidence not in (CLEAR, SOME)
        else []
    )
    if row.evidence in (CLEAR, SOME) and row.ratio is not None and math.isfinite(row.ratio):
        first, second = both_sides(row, indicator)
        lead = "Clear evidence" if row.evidence == CLEAR else "Some evidence"
        candidates.append(f"{lead}: {first} {times(row.ratio, indicator)} as {second}")
        candidates.append(f"{lead}: {values}")
    return short_title(
        *candidates, sentence_case(values), sentence_case(row.evidence or "This quarter's figures")
    )


def short_title(*candidates: str) -> str:
    """Return the first candidate of ten words or fewer; the last one cut to ten where none is."""
    for candidate in candidates:
        if len(candidate.split()) <= 10:
            return candidate
    return " ".join(candidates[-1].split()[:10])


def _share_title(row: Estimate, indicator: Share, wording: Wording) -> str:
    whom = share_words(indicator, wording).removesuffix(" share")
    here = figure(row.group_value, indicator, wording)
    if not row.reference_group or row.reference_value is None or row.group_value is None:
        return short_title(f"{here} of {indicator.base_words} {indicator.event_words}", f"{whom}: {here}")
    beside = figure(row.reference_value, indicator, wording)
    return short_title(
        f"{whom}: {here} of {label(row.group)}, {beside} of {label(row.reference_group)}",
        f"{whom}: {here}, beside {beside} of {label(row.reference_group)}",
        f"{whom}: {here} beside {beside}",
    )
