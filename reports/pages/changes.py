"""What changed since last quarter and a year before: headline figures as released, and what else is known to differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from disparity.analyses import CHANGE, TIMES_THEN
from disparity.catalogue import Method
from disparity.catalogue.deliveries import is_of_a_survey
from disparity.markers import ABSENT
from disparity.periods import Quarter
from disparity.rows import Estimate, Line
from reports.pages.tables import Params, table
from reports.release.revisions import Revised
from reports.wording.cells import cell
from reports.wording.numbers import figure, ratio_words, sentence_case
from reports.wording.periods import is_survey, no_new_survey, quarter_ending, when_words
from reports.wording.release_view import Told

EARLIER = {"now": 0, "quarter_before": 1, "year_before": 4}
"""The columns of the table, each so many quarters back."""
SURVEYS = ("latest", "before")
"""The columns of the table of surveys."""

_NOT_TESTED = "Not tested [z]"


@dataclass(frozen=True)
class Changes:
    """The tables of headline figures then and now, and what is known of data, revisions, method and practice.

    Figures of surveys have a table of their own: a quarter without a new one repeats the latest.
    """

    table: Params | None
    surveys: Params | None
    data: tuple[str, ...]
    revisions: tuple[Revised, ...]
    method: str
    practice: str


def changes_of(told: Told) -> Changes:
    """Return what changed, as far as the release knows it."""
    release = told.release
    # Why this quarter itself was revised stands above all else.
    earlier = tuple(each for each in release.revisions if each not in release.own_revisions)
    return Changes(
        _table(told),
        _surveys(told),
        (*_no_new_surveys(told), *_data(told)),
        earlier,
        _method(release.changed_since),
        _practice(told),
    )


def change_cell(lines: Sequence[Line]) -> str:
    """Say in words whether a ratio changed since the last window that shares no quarter with this one, or survey."""
    for line in lines:
        if line.analysis == CHANGE and line.figure == TIMES_THEN:
            return sentence_case(line.words)
    return _NOT_TESTED


def then_cell(row: Estimate | None, told: Told) -> str:
    """Write a row's ratio, or its value where nothing is compared, or the marker in its place; revised ones say so."""
    if row is None:
        return ABSENT
    indicator, alone = told.catalogue.indicators[row.indicator], not row.reference_group
    value = row.group_value if alone else row.ratio
    if value is None:
        return cell(None, row.marker)
    revised = " [r]" if told.release.is_revised(row) else ""
    return (figure(value, indicator, told.wording) if alone else ratio_words(value)) + revised


def back(quarter: Quarter, column: str) -> str:
    """Return the last day of the quarter that a column is about."""
    return quarter.plus(-EARLIER[column]).end.isoformat()


def _table(told: Told) -> Params | None:
    quarter, rows, earlier = told.release.quarter, {}, False
    for name, indicator in told.catalogue.indicators.items():
        if is_of_a_survey(indicator):
            continue
        by_end = {row.period_end: row for row in told.history.get(name, ())}
        found = [by_end.get(back(quarter, column)) for column in EARLIER]
        earlier = earlier or any(row is not None and row.told for row in found[1:])
        if indicator.headline and any(row is not None and row.told for row in found):
            cells = [then_cell(row, told) for row in found]
            rows[name] = [indicator.title, *cells, change_cell(told.lines.get(name, ()))]
    if not earlier:
        return None
    return table(
        "changes",
        "Headline figures in this report, last quarter's and that of a year before",
        ["Indicator", "This report", "Last quarter", "A year before", "Has it changed?"],
        list(rows.values()),
        kind="changes",
        fields=(*EARLIER, "change"),
        keys=list(rows),
        words=1,
    )


def _surveys(told: Told) -> Params | None:
    """Return the table of headline figures of the latest surveys and the ones before; None where none was told before."""
    rows, earlier = {}, False
    for name, indicator in told.catalogue.indicators.items():
        now = told.whole(name)
        if now is None or not indicator.headline or not is_survey(now, indicator):
            continue
        held = (row for row in told.history.get(name, ()) if is_survey(row, indicator))
        before = next((row for row in held if row.period_end < now.period_end), None)
        earlier = earlier or (before is not None and before.told)
        if now.told or (before is not None and before.told):
            cells = [_survey_cell(row, told) for row in (now, before)]
            rows[name] = [indicator.title, *cells, change_cell(told.lines.get(name, ()))]
    if not earlier:
        return None
    return table(
        "survey-changes",
        "Headline figures of the latest survey and of the one before",
        ["Indicator", "Latest survey", "The one before", "Has it changed?"],
        list(rows.values()),
        kind="survey-changes",
        fields=(*SURVEYS, "change"),
        keys=list(rows),
        words=1,
    )


def _survey_cell(row: Estimate | None, told: Told) -> str:
    """Write a survey's figure with the season it is of."""
    said = then_cell(row, told)
    return said if row is None else f"{said} ({quarter_ending(row.period_end).season})"


def _no_new_surveys(told: Told) -> Sequence[str]:
    """Say of which surveys the quarter brought no new one, and which is the latest."""
    said: dict[str, None] = {}
    for name, indicator in told.catalogue.indicators.items():
        row = told.whole(name)
        if row is not None and (words := no_new_survey(row, indicator)):
            said[f"{words.removesuffix('.')}: the latest is the {when_words(row, indicator)}."] = None
    return list(said)


def _data(told: Told) -> Sequence[str]:
    """Say which extracts lack, and which figures were revised."""
    datasets, indicators = told.release.datasets, told.catalogue.indicators
    said = []
    for state in ("not received", "refused"):
        titles = [each.title for each in datasets if each.state == state]
        if titles:
            said.append(f"{sentence_case(state)} this quarter: {'; '.join(titles)}.")
    revised = [
        indicators[name].title
        for name, rows in told.history.items()
        if name in indicators and any(told.release.is_revised(row) for row in rows)
    ]
    if revised:
        said.append(f"Revised since they were first published [r]: {'; '.join(revised)}.")
    return said or ["Every extract came, and no headline figure was revised."]


def _method(changed: tuple[str, ...] | None) -> str:
    """Say which parts of the method changed. The version of the software is no part of it: it stands in the provenance."""
    if changed is None:
        return "There is no release of the quarter before whose method is on record to compare with."
    if not changed:
        return "The method is that of last quarter's release: the catalogue asks, reads, protects and words as it did."
    words = "; ".join(str(Method.model_fields[part].title) for part in changed)
    return (
        f"Not as in last quarter's release: {words}. Where a figure moved, this may be why; "
        "the history of the catalogue says what was changed."
    )


def _practice(told: Told) -> str:
    if told.release.commentary is None:
        return "This report holds no record of what the organisation did differently."
    return "What the organisation did differently is in the commentary alone."
