"""The layout of the workbook: which sheets it has, what each says, and the columns and rows of every table.

A theme's comparisons for the whole organisation come first, then each breakdown, then what is behind them all: counts,
tests, analyses and earlier quarters. Every figure of `indicators.csv` and `analyses.csv` stands in one of them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal

from disparity.analyses import MIX, PART, RATE, STANDARDISED, WITHIN_STRATA
from disparity.catalogue import Catalogue
from disparity.catalogue.indicators import ALL, BROAD_GROUP, Rate
from disparity.markers import HIDDEN, NOT_APPLICABLE
from disparity.rows import Estimate, Line
from reports.pages.frame import markings
from reports.pages.overview import comparison_words
from reports.release.analyses import lines_of
from reports.release.estimates import rows_of, unit_of
from reports.release.frozen import Release
from reports.release.provenance import PROVENANCE
from reports.wording.numbers import level_words, sentence_case
from reports.wording.periods import period_words, then_words
from reports.wording.sentences import MARKERS, PERSON_QUARTERS, status_sentence
from reports.workbook.sheets import (
    NOTES,
    ONE_TABLE,
    PEOPLE,
    SHORTHAND,
    Book,
    Column,
    Counted,
    Cover,
    Row,
    Sheet,
    Side,
    number_of,
    plain,
)

_NOTES_TITLE = "Notes: shorthand, columns, extracts, and how it was made"
WHOLE = "Whole organisation"
_UNITS = {
    "percent": "percent",
    "pounds": "pounds a head",
    "hours": "hours a head",
    "points": "points",
    "rate": "a year per 100 staff",
}
_SIDES: Sequence[Side] = ("reference", "group", "unknown")
_LONGEST_HEADING = 200  # a table of Excel takes 255 characters


def book_of(release: Release, catalogue: Catalogue) -> Book:
    """Return what the workbook of a release has to hold."""
    layout = _Layout(release, catalogue)
    marking = " | ".join(markings(release.organisation, release.audience))
    return Book(
        cover=layout.cover(marking),
        notes=layout.notes(marking),
        tables=tuple(layout.tables(marking)),
        marking=marking,
        organisation=plain(release.organisation.name),
        end=release.quarter.end,
    )


class _Layout:
    """The sheets of one release."""

    def __init__(self, release: Release, catalogue: Catalogue) -> None:
        self._release, self._catalogue = release, catalogue
        self._indicators, self._style = catalogue.indicators, catalogue.house_style
        self._rows = rows_of(release.estimates)

    # -------------------------------------------------------------- cover and notes

    def cover(self, marking: str) -> Cover:
        """Return the first sheet."""
        release = self._release
        return Cover(
            title=f"Race equality report: {release.quarter.words}",
            intro=(
                plain(release.organisation.name),
                marking,
                f"Quarter: {release.quarter.words}. Each table says which period its figures are of.",
                *(plain(f"Revised [r]. {each.words}") for each in release.own_revisions),
                "Beside this file: the report in words (index.html), the same figures as indicators.csv and analyses.csv.",
            ),
            about=(
                plain(f"How people are protected: {release.policy_title}. {release.policy_why}"),
                "Every figure is computed from protected counts, so that none tells more than the counts do.",
                f"The sheet {NOTES} says what the shorthand and the columns mean, which extracts came and how it was made.",
                "Each sheet after it holds one table, which begins in column A.",
            ),
        )

    def notes(self, marking: str) -> Sheet:
        """Return the sheet of notes: shorthand, columns, extracts, quality, provenance."""
        rows = [
            *(("Shorthand", f"{marker} {words}") for marker, words in MARKERS),
            ("Who is compared", comparison_words(self._catalogue)),
            *_COLUMNS,
            ("Protection", f"{self._release.policy_title}. {self._release.policy_why}"),
            *((f"Extract: {each.title}", _state(each.state, each.words)) for each in self._release.datasets),
            *(("Data quality", note) for note in self._release.quality_notes),
            *((f"Revised [r]: {each.title}", each.why) for each in self._release.revisions),
            *((f"Provenance: {name}", value) for name, value in self._release.provenance),
            (
                "Provenance",
                f"Which software, catalogue and extracts made it stands in {PROVENANCE} beside this file.",
            ),
        ]
        columns = (
            Column("Subject", words=lambda row: plain(row[0]), width=36),
            Column("Note", words=lambda row: plain(row[1]), width=110),
        )
        return Sheet(NOTES, _NOTES_TITLE, marking, ONE_TABLE, columns, tuple(rows))

    # -------------------------------------------------------------- tables

    def tables(self, marking: str) -> Iterator[Sheet]:
        """Yield the tables, numbered in their order."""
        for number, (title, columns, rows) in enumerate(self._tables(), start=1):
            yield Sheet(f"Table_{number}", plain(title), marking, _HOW_TO_READ, tuple(columns), tuple(rows))

    def _tables(self) -> Iterator[tuple[str, Sequence[Column], Sequence[Row]]]:
        report, rows = f"report of {self._release.quarter.words}", self._rows
        for theme, title in self._style.themes.items():
            about = [row for row in rows if row.theme == theme and row.breakdown == ALL]
            if about:
                yield f"{title}: the whole organisation ({report})", self._comparisons(), about
        for breakdown in sorted({row.breakdown for row in rows} - {ALL}, key=self._place):
            about = [row for row in rows if row.breakdown == breakdown]
            title = self._style.breakdowns.get(breakdown, breakdown)
            yield f"{title}: comparisons within each level ({report})", self._comparisons(title), about
        yield f"Counts behind every comparison ({report})", self._counts(), _counted(rows)
        yield f"Tests, people to parity and unknown ethnicity ({report})", self._tests(), rows
        analyses = lines_of(self._release.analyses)
        if analyses:
            yield f"What stands behind the ratios ({report})", self._analyses(), analyses
        history = sorted(rows_of(self._release.history), key=self._by_indicator)
        if history:
            yield f"Headline indicators over the quarters ({report})", self._comparisons(), history

    def _place(self, breakdown: str) -> tuple[bool, int, str]:
        """Return where a breakdown stands: ethnic groups first, then the order of the house style."""
        known = list(self._style.breakdowns)
        return (
            breakdown != BROAD_GROUP,
            known.index(breakdown) if breakdown in known else len(known),
            breakdown,
        )

    def _by_indicator(self, row: Estimate) -> tuple[int, str]:
        return list(self._indicators).index(row.indicator), row.period_end

    def _comparisons(self, breakdown: str = "") -> Sequence[Column]:
        """Return the columns of comparisons, with one for the level where they are broken down."""
        level = [Column(_heading(f"{breakdown} (level)"), words=self._level, width=26)] if breakdown else []
        return (
            Column("Indicator", words=lambda row: self._title(row.indicator), width=36),
            *level,
            Column("Period", words=self._period, width=22),
            Column("Reference group", words=lambda row: _name(row.reference_group), width=13),
            Column("Comparison group", words=lambda row: _name(row.group), width=16),
            Column("Unit", words=self._unit, width=11),
            Column("Reference group: value", field="reference_value", width=13),
            Column(f"Reference group{SHORTHAND}", words=lambda row: _value_mark(row, "reference"), width=13),
            Column("Comparison group: value", field="group_value", width=13),
            Column(f"Comparison group{SHORTHAND}", words=lambda row: _value_mark(row, "group"), width=13),
            Column("Ratio is of", words=lambda row: _name(row.ratio_of), width=24),
            Column("Ratio", field="ratio", form="0.00"),
            Column("Ratio: lower limit", field="ratio_low", form="0.00"),
            Column("Ratio: upper limit", field="ratio_high", form="0.00"),
            Column(f"Ratio{SHORTHAND}", words=lambda row: _mark(row, "ratio", "ratio_low", "ratio_high")),
            Column("Difference", field="difference"),
            Column("Difference: lower limit", field="difference_low"),
            Column("Difference: upper limit", field="difference_high"),
            Column(
                f"Difference{SHORTHAND}",
                words=lambda row: _mark(row, "difference", "difference_low", "difference_high"),
            ),
            Column("Evidence", words=lambda row: sentence_case(row.evidence) or _mark_of(row), width=20),
            Column("Flag", words=self._flag, width=16),
            Column("Remarks", words=self._remarks, width=34),
        )

    def _counts(self) -> Sequence[Column]:
        return (
            *self._names(lambda counted: counted.row),
            Column("Group", words=self._group, width=26),
            Column("Base is of", words=lambda each: self._words_of(each.row, "base"), width=30),
            Column("Base", field="base", form="#,##0"),
            Column(f"Base{SHORTHAND}", words=lambda each: _count_mark(each, "base")),
            Column("Events are those who", words=lambda each: self._words_of(each.row, "event"), width=36),
            Column("Events", field="events", form="#,##0"),
            Column(f"Events{SHORTHAND}", words=lambda each: _count_mark(each, "events")),
        )

    def _tests(self) -> Sequence[Column]:
        unknown = ("ratio_low_unknown", "ratio_high_unknown")
        return (
            *self._names(lambda row: row),
            Column("Ratio is of", words=lambda row: _name(row.ratio_of), width=26),
            Column("p-value", field="p_value", form="0.0000"),
            Column("p-value, adjusted", field="q_value", form="0.0000"),
            Column(f"p-values{SHORTHAND}", words=lambda row: _mark(row, "p_value", "q_value")),
            Column("People to parity: least", field="people_least", form="0"),
            Column("People to parity: most", field="people_most", form="0"),
            Column(f"People to parity{SHORTHAND}", words=lambda row: _mark(row, *PEOPLE)),
            Column("Ratio over unknown ethnicity: lowest", field=unknown[0], form="0.00", width=15),
            Column("Ratio over unknown ethnicity: highest", field=unknown[1], form="0.00", width=15),
            Column(
                f"Ratio over unknown ethnicity{SHORTHAND}", words=lambda row: _mark(row, *unknown), width=15
            ),
        )

    def _analyses(self) -> Sequence[Column]:
        return (
            Column("Indicator", words=lambda line: self._title(line.indicator), width=40),
            Column("Analysis", words=lambda line: plain(sentence_case(line.analysis)), width=18),
            Column("It is about", words=self._about, width=36),
            Column("Figure", words=lambda line: plain(sentence_case(line.figure)), width=28),
            Column("Unit", words=_unit_of_line, width=18),
            Column("Value", field="value", form="0.00"),
            Column("Lower limit", field="low", form="0.00"),
            Column("Upper limit", field="high", form="0.00"),
            Column(f"Value{SHORTHAND}", words=_line_mark),
            Column("p-value", field="p_value", form="0.0000"),
            Column(f"p-value{SHORTHAND}", words=lambda line: NOT_APPLICABLE if line.p_value is None else ""),
            Column("Remarks", words=_line_remarks, width=40),
        )

    def _names(self, row: Callable[[Any], Estimate]) -> Sequence[Column]:
        """Return the columns that say which row of the estimates a row is of."""
        return (
            Column("Indicator", words=lambda each: self._title(row(each).indicator), width=40),
            Column("Breakdown", words=lambda each: self._breakdown(row(each)), width=24),
            Column("Level", words=lambda each: self._level(row(each)), width=30),
            Column("Period", words=lambda each: self._period(row(each)), width=22),
        )

    # -------------------------------------------------------------- words of a row

    def _title(self, name: str) -> str:
        return plain(self._indicators[name].title)

    def _period(self, row: Estimate) -> str:
        return sentence_case(period_words(row, self._indicators[row.indicator]))

    def _unit(self, row: Estimate) -> str:
        return _UNITS[unit_of(self._indicators[row.indicator])]

    def _flag(self, row: Estimate) -> str:
        asked = self._indicators[row.indicator].flag != "none"
        return sentence_case(row.flag) or (_mark_of(row) if asked else NOT_APPLICABLE)

    def _remarks(self, row: Estimate) -> str:
        said = [status_sentence(row.marker, row.reason)] if row.status else []
        if row.ratio_high is not None and math.isinf(row.ratio_high):
            said.append("The ratio has no upper limit.")
        if self._release.is_revised(row):
            said.append("Revised since it was first published [r].")
        return plain(" ".join(said)) if said else ""

    def _breakdown(self, row: Estimate) -> str:
        if row.breakdown == ALL:
            return WHOLE
        return plain(self._style.breakdowns.get(row.breakdown, row.breakdown))

    def _level(self, row: Estimate) -> str:
        if row.breakdown == ALL:
            return WHOLE
        return plain(sentence_case(level_words(row.breakdown, row.level, self._style)))

    def _group(self, counted: Counted) -> str:
        if counted.side == "unknown":
            return plain(sentence_case(self._style.groups["unknown"]))
        return _name(counted.row.reference_group if counted.side == "reference" else counted.row.group)

    def _words_of(self, row: Estimate, part: Literal["base", "event"]) -> str:
        indicator = self._indicators[row.indicator]
        over_time = f", in {PERSON_QUARTERS}" if isinstance(indicator, Rate) else ""
        return plain(
            sentence_case(indicator.base_words + over_time if part == "base" else indicator.event_words)
        )

    def _about(self, line: Line) -> str:
        """Return what a line is about in words: a period, a stage, a breakdown, or as it is."""
        if re.fullmatch(r"\d{4}-\d\d-\d\d to \d{4}-\d\d-\d\d", line.of):
            return sentence_case(then_words(line.of, self._indicators[line.indicator]))
        if line.of in self._indicators:
            return self._title(line.of)
        return plain(WHOLE if line.of == ALL else sentence_case(self._style.breakdowns.get(line.of, line.of)))


# ------------------------------------------------------------------ what stands beside a number


def _name(text: str) -> str:
    return plain(sentence_case(text)) if text else NOT_APPLICABLE


def _mark_of(row: Estimate) -> str:
    """Return the marker of a row, without the reason after it."""
    return row.marker or NOT_APPLICABLE


def _mark(row: Estimate, *fields: str) -> str:
    """Return what stands in place of numbers of a row where one of them is missing: its marker, or not applicable."""
    if all(number_of(row, field) is not None for field in fields):
        return ""
    return _mark_of(row) if number_of(row, fields[0]) is None else NOT_APPLICABLE


def _value_mark(row: Estimate, side: Literal["reference", "group"]) -> str:
    """Return what stands in place of a group's value: the marker of a count behind it, or the row's."""
    if getattr(row, f"{side}_value") is not None:
        return ""
    if side == "reference" and not row.reference_group:
        return NOT_APPLICABLE
    counted = Counted(row, side)
    return counted.status("events") or counted.status("base") or _mark_of(row)


def _count_mark(counted: Counted, part: Literal["base", "events"]) -> str:
    if getattr(counted, part) is not None:
        return ""
    return counted.status(part) or NOT_APPLICABLE


def _unit_of_line(line: Line) -> str:
    if line.figure in (MIX, RATE):
        return "percentage points"
    return "part of 1" if line.figure == PART else "ratio"


def _line_mark(line: Line) -> str:
    """Return what stands in place of a missing value or limit: of strata a value is missing for a hidden count."""
    numbers = [number_of(line, field) for field in ("value", "low", "high")]
    if None not in numbers:
        return ""
    return HIDDEN if numbers[0] is None and line.analysis in (STANDARDISED, WITHIN_STRATA) else NOT_APPLICABLE


def _line_remarks(line: Line) -> str:
    endless = line.high is not None and math.isinf(line.high)
    said = [line.words, "no upper limit" if endless else ""]
    return plain(sentence_case("; ".join(each for each in said if each))) if any(said) else ""


def _counted(rows: Sequence[Estimate]) -> list[Counted]:
    """Return the groups of every row: a row that compares nothing has no reference group."""
    return [
        Counted(row, side) for row in rows for side in _SIDES if side != "reference" or row.reference_group
    ]


# ------------------------------------------------------------------ words of a sheet


def _heading(text: str) -> str:
    return plain(text)[:_LONGEST_HEADING]


def _state(state: str, words: str) -> str:
    return f"{sentence_case(state)}. {sentence_case(words)}" if words else f"{sentence_case(state)}."


_HOW_TO_READ = (
    f"{ONE_TABLE} Where a number is blank, the shorthand column after it says why; a blank shorthand or remark "
    f"means that there is nothing to say. The sheet {NOTES} explains columns and shorthand."
)
_COLUMNS: Sequence[tuple[str, str]] = (
    (
        "Value",
        "As Unit says: a percentage in percent (12.5 stands for 12.5%), money in pounds a head, a rate in events a year "
        "per 100 staff.",
    ),
    (
        "Ratio",
        'The value of the first group under "Ratio is of" over that of the second. 1.00 is parity. Limits are those of the '
        "95% interval.",
    ),
    (
        "Difference",
        "The value of the first group less that of the second, in the unit of the values; where there is no ratio, the "
        "comparison group's less the reference group's.",
    ),
    (
        "Limits",
        "What the same process could have given by chance. Where counts are rounded or hidden, the widest over all that "
        "they could be.",
    ),
    (
        "Evidence",
        "At the worst case of what a hidden count could be. No material disparity: the whole interval lies within the "
        "indicator's margin. Clear evidence: adjusted p-value below 0.01. Some evidence: below 0.05. Otherwise too few to "
        'tell, which does not mean "no disparity".',
    ),
    (
        "Flag",
        "Whether the ratio lies outside 0.80 to 1.25. Cannot tell: rounded or hidden counts leave both open.",
    ),
    ("p-value, adjusted", "By Benjamini and Hochberg's method, over everything that is published together."),
    (
        "People to parity",
        "How many outcomes would have had to go the other way for equal rates, with the total as it was: above 0 from the "
        "reference group, below 0 to it. For monitoring; not a quota.",
    ),
    (
        "Ratio over unknown ethnicity",
        "The ratio if everybody of unknown ethnicity were in the one group, and if everybody were in the other.",
    ),
    (
        "Base and events",
        "The base is all who are counted, the events those of them to whom it happened. Of a rate the base is the sum of "
        "the quarterly staff lists.",
    ),
    (
        "Part of 1",
        "What a stage adds to the whole ratio, on the scale of logarithms: the parts of all stages add up to 1.",
    ),
    (
        "Rounding",
        "Every number is as exact as the policy lets it be told. No cell holds more digits than it shows, and no number is "
        "text.",
    ),
)
