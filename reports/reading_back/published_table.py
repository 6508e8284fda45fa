"""Reading a published table as its reader does: from the bytes of ``indicators.csv`` to what each count could be.

Nothing is taken on trust: the bytes may have been changed since, or be of another catalogue. A refusal names the file, the
row (the headings are row 1, as a spreadsheet has it) and the column, and never what stands there.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Mapping
from typing import NamedTuple

import polars as pl

from disparity.catalogue import Catalogue, Policy
from disparity.catalogue.deliveries import is_held, is_of_a_survey
from disparity.catalogue.indicators import ALL, broken_down_by
from disparity.counts.cells import CELLS
from disparity.disclosure.published_reports import Report
from disparity.disclosure.released_counts import BEYOND
from disparity.formulas import without_apostrophe
from disparity.markers import ABSENT, HIDDEN
from disparity.periods import Quarter
from disparity.populations.people import asked_for_all
from disparity.refusal import Refusal, refuse
from reports.release.estimates import COLUMNS, QUARTER

_NUMBER = re.compile(r"0|[1-9][0-9]{0,6}")
_COMPARED = ("ratio_low", "ratio_high", "p_value", "flag")
_KEYS = ("indicator", "breakdown", "level")
_TOLD = pl.Schema(
    {
        **dict.fromkeys(_KEYS, pl.String),
        **{f"{cell}_{end}": pl.Int64 for cell in CELLS for end in ("low", "high")},
        **{f"{cell}_status": pl.String for cell in CELLS},
    }
)
_EARLIER_COLUMNS = tuple(name for name in COLUMNS if name != QUARTER)
_AS_PUBLISHED = "fetch the file as it was published, and read it with the catalogue of then"
_OF_THE_CATALOGUE = "a table is read with the catalogue that it was made with"


class _Row(NamedTuple):
    """A row of the table by column, and where it stands."""

    cells: Mapping[str, str]
    number: int
    file: str

    @property
    def key(self) -> tuple[str, ...]:
        return tuple(self.cells[name] for name in _KEYS)

    def wrong(self, column: str, what: str, rule: str) -> Refusal:
        return refuse(what, where=f"{self.file}, row {self.number}, {column}", rule=rule, do=_AS_PUBLISHED)


def read_told(content: bytes, catalogue: Catalogue, policy: Policy, file: str) -> Report:
    """Read what a published table tells, by the rule of the policy. Raises Refusal, naming the file as ``file``."""
    rows = _rows(content, file)
    quarter, vintage = _quarter(rows), _of_all(rows, "vintage")
    held: dict[str, str] = {}
    if not _NUMBER.fullmatch(vintage):
        raise rows[0].wrong("vintage", "it is no vintage", "vintages are numbered from 1")
    # Which counts an indicator has does not depend on whose records those of a yearly dataset are.
    people = asked_for_all(catalogue, quarter, dict.fromkeys(catalogue.indicators, quarter.key))
    told: dict[tuple[str, ...], dict[str, object]] = {}
    for row in rows:
        _check_row(row, catalogue, quarter)
        dataset, survey = catalogue.indicators[row.cells["indicator"]].dataset, _survey(row, catalogue)
        if survey and held.setdefault(dataset, survey) != survey:
            raise row.wrong(
                "period_start", "it is another survey than that of a row above", "a report has one of each"
            )
        if row.key in told:
            raise row.wrong(
                "level", "it stands twice", "indicator, breakdown and level tell a row from the others"
            )
        told[row.key] = dict(zip(_KEYS, row.key, strict=True))
        threshold = policy.threshold_of(catalogue.indicators[row.cells["indicator"]].sensitivity)
        for cell in CELLS:
            low, high = _could_be(row, cell, policy, threshold)
            if low is not None and cell not in people[row.cells["indicator"]]:
                raise row.wrong(cell, "the indicator has no such count", f"it stands as {ABSENT}")
            told[row.key] |= {
                f"{cell}_low": low, f"{cell}_high": high, f"{cell}_status": row.cells[f"{cell}_status"],
            }  # fmt: skip
    return Report(quarter, int(vintage), pl.DataFrame(list(told.values()), schema=_TOLD), held)


def _rows(content: bytes, file: str) -> list[_Row]:
    """Return the rows, each text as it was before it was made safe for a spreadsheet."""
    rule = "a table is UTF-8 and comma-separated, and every row has a cell for each heading"
    try:
        lines = list(csv.reader(io.StringIO(content.decode(), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error):
        raise refuse("it cannot be read as a table", where=file, rule=rule, do=_AS_PUBLISHED) from None
    columns = tuple(lines[0]) if lines else ()
    if columns not in (COLUMNS, _EARLIER_COLUMNS):
        wrong = "the headings are not those of a published table"
        raise refuse(wrong, where=f"{file}, row 1", rule=rule, do=_AS_PUBLISHED)
    if len(lines) == 1:
        raise refuse("there is no row below the headings", where=file, rule=rule, do=_AS_PUBLISHED)
    for number, line in enumerate(lines[1:], start=2):
        if len(line) != len(columns):
            wrong = "it has more or fewer cells than headings"
            raise refuse(wrong, where=f"{file}, row {number}", rule=rule, do=_AS_PUBLISHED)
    return [
        _Row(dict(zip(columns, map(without_apostrophe, line), strict=True)), number, file)
        for number, line in enumerate(lines[1:], start=2)
    ]


def _of_all(rows: list[_Row], column: str) -> str:
    """Return what a column says in every row."""
    said = rows[0].cells[column]
    for row in rows:
        if row.cells[column] != said:
            raise row.wrong(column, "it is not that of the first row", "a table is of one report")
    return said


def _quarter(rows: list[_Row]) -> Quarter:
    """Return the quarter of the report; an earlier version did not say it, and all its periods ended with it."""
    if QUARTER not in rows[0].cells:
        _of_all(rows, "period_end")
        return _ending(rows[0])
    try:
        return Quarter.from_key(_of_all(rows, QUARTER))
    except ValueError:
        raise rows[0].wrong(
            QUARTER, "it is no quarter", "a quarter is its first day, such as 2026-07-01"
        ) from None


def _ending(row: _Row) -> Quarter:
    """Return the quarter that the period of a row ends with."""
    end = row.cells["period_end"]
    try:
        # By its key, because a quarter of a year that there is not has none.
        quarter = Quarter.from_key(Quarter.holding(dt.date.fromisoformat(end)).key)
    except ValueError:
        quarter = None
    if quarter is None or quarter.end.isoformat() != end:
        raise row.wrong(
            "period_end", "it ends no quarter", "a period ends with a quarter, such as 2026-09-30"
        )
    return quarter


def _survey(row: _Row, catalogue: Catalogue) -> str:
    """Return the key of the quarter of the survey that a row is of; "" where it is of none, or does not say."""
    of_a_survey = is_of_a_survey(catalogue.indicators[row.cells["indicator"]])
    dated = QUARTER in row.cells and is_held(int(row.cells["quarters"]), row.cells["status"])
    return row.cells["period_start"] if of_a_survey and dated else ""


def _check_row(row: _Row, catalogue: Catalogue, quarter: Quarter) -> None:
    """Refuse a row that is not of an indicator of the catalogue, over its window and by one of its breakdowns."""
    indicator = catalogue.indicators.get(row.cells["indicator"])
    if indicator is None:
        raise row.wrong("indicator", "the catalogue has no such indicator", _OF_THE_CATALOGUE)
    breakdown = row.cells["breakdown"]
    if breakdown not in (ALL, *broken_down_by(indicator)):
        raise row.wrong("breakdown", "the indicator is not broken down by it", _OF_THE_CATALOGUE)
    if (breakdown == ALL) != (row.cells["level"] == ALL):
        raise row.wrong("level", "it is no level of the breakdown", f"the whole stands as {ALL}, {ALL}")
    window = quarter.window(indicator.quarters)
    if is_of_a_survey(indicator) and row.cells["quarters"] == "1":
        last = _ending(row)
        if last not in window:
            raise row.wrong("period_end", "the window has no such quarter", _OF_THE_CATALOGUE)
        window = (last,)
    if row.cells["quarters"] != str(len(window)):
        raise row.wrong("quarters", "the catalogue counts over another window", _OF_THE_CATALOGUE)
    if row.cells["period_start"] != window[0].key:
        raise row.wrong("period_start", "the window does not start there", _OF_THE_CATALOGUE)
    if row.cells["period_end"] != window[-1].end.isoformat():
        raise row.wrong("period_end", "the window does not end there", _OF_THE_CATALOGUE)


def _could_be(row: _Row, cell: str, policy: Policy, threshold: int) -> tuple[int | None, int | None]:
    """Return the least and the greatest count that a cell could be; None where nothing is told of it."""
    shown, status = row.cells[cell], row.cells[f"{cell}_status"]
    if status not in ("", HIDDEN, ABSENT):
        raise row.wrong(f"{cell}_status", "it is no status", f"a status is empty, {HIDDEN} or {ABSENT}")
    if status and shown:
        raise row.wrong(cell, "it is told and marked as not told", f"a count marked {status} is left empty")
    if status == ABSENT:
        return None, None
    if status == HIDDEN:
        return (0 if policy.hide_noughts else 1), _greatest_hidden(row, cell, policy)
    if shown == "0":
        return 0, 0
    count = int(shown) if _NUMBER.fullmatch(shown) else -1
    low, high = max(count - policy.round_to // 2, threshold), count + (policy.round_to - 1) // 2
    if count % policy.round_to or low > high:
        rule = (
            f"{policy.title}: 0, or what a count of {threshold} or more is when rounded to {policy.round_to}"
        )
        raise row.wrong(cell, "no count is shown so", rule)
    return low, high


def _greatest_hidden(row: _Row, cell: str, policy: Policy) -> int:
    """Return the most that a hidden count could be.

    Nothing is compared with a count that was hidden for another's sake. So where an interval, a p-value or a flag stands
    beside hidden counts, a reader knows that they are small, by their own row or by another that tells of the same people.
    """
    compared = cell in CELLS[:4] and any(row.cells[name] for name in _COMPARED)
    return max(policy.greatest_threshold - 1, 1) if compared else BEYOND
