"""Reading tables back: what the cells of each kind of table may say, by the row and the field they stand for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

from disparity.analyses import CHANGE
from disparity.datasets import DATASETS
from disparity.periods import Quarter
from disparity.rows import Estimate
from reports.pages.changes import EARLIER, SURVEYS
from reports.reading_back.expected_text import (
    MARKERS,
    Origins,
    count_text,
    limits_text,
    ratio_text,
    stage_texts,
)
from reports.reading_back.html_parts import Place
from reports.release.frozen import DatasetStatus
from reports.wording.numbers import label, sentence_case
from reports.wording.periods import is_survey, when_words

Texts = Sequence[str]
_NOT_APPLICABLE = "[z]"


def heading_texts(place: Place, origins: Origins) -> Texts:
    """Return what the heading of a row may say; nothing where the release has no such row."""
    return _HEADINGS[place.about["table"]](place, origins) if place.about["table"] in _HEADINGS else ()


def cell_texts(place: Place, origins: Origins) -> Texts:
    """Return what a cell may say; nothing where the release has no such row or field."""
    return _CELLS[place.about["table"]](place, origins) if place.about["table"] in _CELLS else ()


def _key(place: Place) -> str:
    return place.about.get("row", "")


def _level(place: Place, origins: Origins) -> Estimate | None:
    return origins.levels.get((place.name, place.about.get("breakdown", "")), {}).get(_key(place))


def _earlier(place: Place, origins: Origins) -> Estimate | None:
    return origins.history.get(place.name, {}).get(_key(place))


def _dataset(place: Place, origins: Origins) -> DatasetStatus | None:
    return next((each for each in origins.release.datasets if each.name == _key(place)), None)


# ------------------------------------------------------------------ headings of rows


def _side_heading(place: Place, origins: Origins) -> Texts:
    row = origins.whole(place.name)
    if row is None:
        return ()
    words = {
        "reference": label(row.reference_group),
        "group": label(row.group),
        "unknown": origins.catalogue.house_style.groups["unknown"],
    }
    return [sentence_case(words[_key(place)])] if _key(place) in words else ()


def _period_heading(place: Place, origins: Origins) -> Texts:
    row = _earlier(place, origins)
    if row is None:
        return ()
    words = sentence_case(when_words(row, origins.catalogue.indicators[row.indicator]))
    return [f"{words} [r]" if origins.release.is_revised(row) else words]


def _level_heading(place: Place, origins: Origins) -> Texts:
    row = _level(place, origins)
    return () if row is None else [sentence_case(origins.level_words(row))]


def _indicator_heading(place: Place, origins: Origins) -> Texts:
    indicators = origins.catalogue.indicators
    indicator = indicators.get(_key(place))
    if indicator is None:
        # A stage that the catalogue no longer has keeps its name.
        return [line.of for line in origins.lines.get(place.name, ()) if line.of == _key(place)]
    # The last stage of all is called by what happened after the one before.
    before = [indicators[each].event_words for each in getattr(indicator, "stages", ())[-1:]]
    return [
        indicator.title,
        *(f"{sentence_case(indicator.event_words)}, of those who {each}" for each in before),
    ]


def _dataset_heading(place: Place, origins: Origins) -> Texts:
    dataset = _dataset(place, origins)
    return () if dataset is None else [dataset.title]


# ------------------------------------------------------------------ cells


def _side_cell(place: Place, origins: Origins) -> Texts:
    row = origins.whole(place.name)
    return () if row is None else _of_row(row, f"{_key(place)}_{place.field}", origins)


def _earlier_cell(place: Place, origins: Origins) -> Texts:
    row = _earlier(place, origins)
    if row is not None and place.field == "ratio":
        return [ratio_text(row.ratio)] if row.ratio is not None else MARKERS
    return () if row is None else _of_row(row, place.field, origins)


def _level_cell(place: Place, origins: Origins) -> Texts:
    row = _level(place, origins)
    return () if row is None else _of_row(row, place.field, origins)


def _stage_cell(place: Place, origins: Origins) -> Texts:
    ratio, part = stage_texts(origins.lines.get(place.name, ()), _key(place))
    return [ratio if place.field == "ratio" else part]


def _brief_cell(place: Place, origins: Origins) -> Texts:
    row = origins.whole(_key(place))
    if row is None:
        return ()
    if place.field == "reference_value" and not row.reference_group:
        return [_NOT_APPLICABLE]
    return _of_row(row, place.field, origins)


def _change_cell(place: Place, origins: Origins) -> Texts:
    name = _key(place)
    if place.field == "change":
        tested = [each for each in origins.lines.get(name, ()) if each.analysis == CHANGE and each.words]
        return [sentence_case(each.words) for each in tested] or ["Not tested [z]"]
    end = origins.release.quarter.plus(-EARLIER[place.field]).end.isoformat()
    return _then(name, end, origins)


def _survey_cell(place: Place, origins: Origins) -> Texts:
    """Return what may be told of the latest survey of an indicator, or of the one before."""
    name = _key(place)
    if place.field == "change":
        return _change_cell(place, origins)
    held = [row for row in origins.series(name) if is_survey(row, origins.catalogue.indicators[name])]
    at = len(held) - 1 - SURVEYS.index(place.field)
    if at < 0:
        return ["[x]"]
    season = Quarter.holding(dt.date.fromisoformat(held[at].period_end)).season
    return [f"{text} ({season})" for text in _ratio_or_value(held[at], origins)]


def _quarter_cell(place: Place, origins: Origins) -> Texts:
    """Return what may be told of a quarter; of surveys after the first that is known, that it brought no new one."""
    name, end = _key(place), place.field
    rows = origins.history.get(name, {})
    indicator = origins.catalogue.indicators[name]
    if end not in rows and any(is_survey(row, indicator) and row.period_end < end for row in rows.values()):
        return [f"No new {DATASETS[indicator.dataset].called}"]
    return _then(name, end, origins)


def _then(name: str, end: str, origins: Origins) -> Texts:
    """Return what may be told of an indicator for the quarter that ended on a day."""
    row = origins.history.get(name, {}).get(end)
    if row is None:
        return ["[x]"]
    return _ratio_or_value(row, origins)


def _ratio_or_value(row: Estimate, origins: Origins) -> Texts:
    """Return a row's ratio, or its value where nothing is compared, or the markers that may stand in its place."""
    value = origins.value(row.group_value, origins.catalogue.indicators[row.indicator])
    told = (
        (ratio_text(row.ratio) or ("no upper limit" if row.ratio else "")) if row.reference_group else value
    )
    if not told:
        return MARKERS
    return [f"{told} [r]" if origins.release.is_revised(row) else told]


def _dataset_cell(place: Place, origins: Origins) -> Texts:
    dataset = _dataset(place, origins)
    if dataset is None:
        return ()
    words = dataset.state if place.field == "state" else dataset.words or "Nothing to note."
    return [sentence_case(words)]


def _of_row(row: Estimate, field: str, origins: Origins) -> Texts:
    """Return the figure of a row's field, or the markers that may stand in its place."""
    if field == "evidence":
        return [sentence_case(row.evidence) or row.status or _NOT_APPLICABLE]
    value = getattr(row, field, None)
    if value is None:
        return MARKERS
    if field == "ratio":
        limits = limits_text(row.ratio_low, row.ratio_high)
        return [ratio_text(value) + (f" ({limits})" if limits else "")]
    if field.endswith("_value"):
        return [origins.value(value, origins.catalogue.indicators[row.indicator])]
    return [count_text(value)]


_Says = Callable[[Place, Origins], Texts]
_HEADINGS: Mapping[str, _Says] = {
    "figures": _side_heading,
    "history": _period_heading,
    "breakdown": _level_heading,
    "stages": _indicator_heading,
    "changes": _indicator_heading,
    "survey-changes": _indicator_heading,
    "by-indicator": _indicator_heading,
    "in-brief": _indicator_heading,
    "datasets": _dataset_heading,
}
_CELLS: Mapping[str, _Says] = {
    "figures": _side_cell,
    "history": _earlier_cell,
    "breakdown": _level_cell,
    "stages": _stage_cell,
    "changes": _change_cell,
    "survey-changes": _survey_cell,
    "by-indicator": _quarter_cell,
    "in-brief": _brief_cell,
    "datasets": _dataset_cell,
}
