"""Filling a commentary's slots from what an audience is told, and writing it as HTML."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from markdown_it import MarkdownIt
from markupsafe import Markup

from disparity.catalogue.commentary import SLOT, Passage
from disparity.catalogue.indicators import Indicator
from disparity.markers import ABSENT, HIDDEN, NOT_APPLICABLE, UNRELIABLE
from disparity.rows import Estimate, Number
from reports.wording.numbers import (
    Wording,
    difference_words,
    figure,
    interval,
    ratio_words,
    times,
)
from reports.wording.periods import period_words
from reports.wording.release_view import Told

MARKER_WORDS = {
    HIDDEN: "not shown [c]",
    UNRELIABLE: "too few to tell [u]",
    ABSENT: "not available [x]",
    NOT_APPLICABLE: "not applicable [z]",
}
"""What stands in a slot whose figure is not told."""

_Figure = Callable[[Estimate, Indicator, Wording], str]


def passage_html(told: Told, page: str) -> Mapping[str, str] | None:
    """Return who says what on a page, slots filled; None where nothing is said."""
    commentary = told.release.commentary
    passage = next((each for each in commentary.passages if each.page == page), None) if commentary else None
    if commentary is None or passage is None:
        return None
    return {"by": commentary.by, "page": page, "html": _html(passage, told)}


def _html(passage: Passage, told: Told) -> Markup:
    """Write Markdown as HTML: paragraphs, lists and emphasis, every other mark as the text it is."""
    writer = MarkdownIt("zero").enable(["list", "emphasis"])
    tokens = writer.parse(passage.text)
    for token in tokens:
        for child in token.children or ():
            child.content = SLOT.sub(lambda slot: slot_words(slot[1], slot[2], told), child.content)
    # Text is escaped as it is written, slots and all, and no rule that passes HTML on is in use.
    return Markup(writer.renderer.render(tokens, writer.options, {}))  # noqa: S704


def slot_words(name: str, what: str, told: Told) -> str:
    """Return the words of a slot: the figure in house style, or the marker that stands in its place."""
    indicator, row = told.catalogue.indicators.get(name), told.whole(name)
    if indicator is not None and what == "title":
        return indicator.title
    if indicator is None or row is None or what not in _FIGURES:
        return MARKER_WORDS[ABSENT]
    return _FIGURES[what](row, indicator, told.wording) or _marker(row)


def _marker(row: Estimate) -> str:
    return MARKER_WORDS[row.marker if row.marker in MARKER_WORDS else NOT_APPLICABLE]


def _value(value: Number, indicator: Indicator, wording: Wording) -> str:
    return "" if value is None else figure(value, indicator, wording)


def _told_ratio(row: Estimate) -> float | None:
    return None if row.ratio is None or math.isinf(row.ratio) else row.ratio


_FIGURES: Mapping[str, _Figure] = {
    "period": lambda row, indicator, _: period_words(row, indicator),
    "reference_value": lambda row, indicator, wording: _value(row.reference_value, indicator, wording),
    "group_value": lambda row, indicator, wording: _value(row.group_value, indicator, wording),
    "ratio": lambda row, *_: "" if _told_ratio(row) is None else ratio_words(row.ratio or 0),
    "times": lambda row, indicator, _: "" if _told_ratio(row) is None else times(row.ratio or 0, indicator),
    "interval": lambda row, *_: interval(row.ratio_low, row.ratio_high),
    "difference": difference_words,
    "evidence": lambda row, *_: row.evidence,
}
