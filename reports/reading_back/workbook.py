"""Reading the workbook back: every cell, link and margin of the finished file beside what the release has in its place.

Numbers are compared with the rows of the release, and words with what they may be made of, so that what
`reports.workbook.layout` lays out is itself read back and not taken for true.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from disparity.analyses import CHANGE
from disparity.rounding import half_up
from reports.pages.frame import markings
from reports.reading_back.expected_text import Origins, numbers_in, without
from reports.reading_back.xlsx_parts import Opened, Place, Spreadsheet
from reports.wording.numbers import sentence_case
from reports.wording.periods import period_words, then_words
from reports.workbook.layout import book_of
from reports.workbook.sheets import (
    CONTENTS,
    CONTENTS_HEADINGS,
    CONTENTS_TITLE,
    COVER,
    ONE_TABLE,
    Book,
    Column,
    Sheet,
    number_of,
    plain,
)

_TITLE, _MARKING, _HOW_TO_READ, _HEADINGS = 1, 2, 3, 4
_FLAG, _UNITS = "0.80 to 1.25", ("a year per 100 staff", "part of 1")

_Cells = dict[Place, tuple[str | float, str]]
"""What has to stand in each place that is not blank, and the place in words."""


def unexplained_in_workbook(spreadsheet: Spreadsheet, origins: Origins) -> Iterator[str]:
    """Yield where a workbook is not the release: its sheets, cells, links and margins, and what else it holds."""
    for foreign in spreadsheet.foreign:
        yield f"{foreign}: no workbook of ours has it"
    book = book_of(origins.release, origins.catalogue)
    yield from _unexplained_words(book, origins)
    yield from _properties(spreadsheet.properties, book, origins)
    names = [COVER, CONTENTS, *(sheet.name for sheet in (book.notes, *book.tables))]
    if [sheet.name for sheet in spreadsheet.sheets] != names:
        yield "its sheets are not those of the release"
        return
    marking = " | ".join(markings(origins.release.organisation, origins.release.audience))
    cover, contents, *tables = spreadsheet.sheets
    yield from _differences(
        cover, {(at, 1): (line, f"line {at}") for at, line in enumerate(book.cover.lines, 1)}
    )
    yield from _differences(contents, _contents(book))
    for opened, sheet in zip(tables, (book.notes, *book.tables), strict=True):
        yield from _differences(opened, _cells_of(sheet))
        if list(opened.headings) != [column.heading for column in sheet.columns]:
            yield f"{sheet.name}: the headings of its table are not those of the release"
    for opened, name in zip(spreadsheet.sheets, names, strict=True):
        if (opened.header, opened.footer) != (f"&L&B{marking}", "&L&A&RPage &P of &N"):
            yield f"{name}: what is printed above or below it is not its marking and its page"
        if dict(opened.links) != (_links(book) if name == CONTENTS else {}):
            yield f"{name}: its links are not those to the sheets"


def _properties(properties: Mapping[str, str], book: Book, origins: Origins) -> Iterator[str]:
    """Yield what a workbook says of itself that is neither its title, its organisation nor the day after its quarter."""
    organisation, created = plain(origins.release.organisation.name), origins.release.quarter.plus(1).start
    told = {
        "title": book.cover.title,
        "subject": book.marking,
        "creator": organisation,
        "lastModifiedBy": organisation,
        **dict.fromkeys(("created", "modified"), f"{created.isoformat()}T00:00:00Z"),
    }
    for name, words in told.items():
        if properties.get(name) != words:
            yield f"its property {name} is not that of the release"


def _contents(book: Book) -> _Cells:
    lines = {_TITLE: CONTENTS_TITLE, _MARKING: book.marking, _HOW_TO_READ: ONE_TABLE}
    found: _Cells = {(at, 1): (words, f"line {at}") for at, words in lines.items()}
    found |= {(_HEADINGS, at): (words, "the headings") for at, words in enumerate(CONTENTS_HEADINGS, start=1)}
    for at, sheet in enumerate((book.notes, *book.tables), start=_HEADINGS + 1):
        found |= {(at, 1): (sheet.name, f"line {at}"), (at, 2): (sheet.title, f"line {at}")}
    return found


def _links(book: Book) -> dict[Place, tuple[str, str]]:
    sheets = enumerate((book.notes, *book.tables), start=_HEADINGS + 1)
    return {(at, 1): (f"'{sheet.name}'!A1", sheet.name) for at, sheet in sheets}


def _cells_of(sheet: Sheet) -> _Cells:
    """Return what has to stand on a sheet with a table."""
    lines = {_TITLE: sheet.title, _MARKING: sheet.marking, _HOW_TO_READ: sheet.how_to_read}
    found: _Cells = {(at, 1): (words, f"line {at}") for at, words in lines.items()}
    for across, column in enumerate(sheet.columns, start=1):
        found[_HEADINGS, across] = (column.heading, "the headings")
        for down, row in enumerate(sheet.rows, start=1):
            told = _told(row, column)
            if told is not None:
                found[_HEADINGS + down, across] = (told, f"row {down}, {column.heading}")
    return found


def _told(row: Any, column: Column) -> str | float | None:
    """Return what a cell has to hold: words, or the number of the release as it was rounded; None where it is blank."""
    if column.words is not None:
        return column.words(row) or None
    value = number_of(row, column.field)
    return None if value is None else float(half_up(value, column.decimals))


def _differences(opened: Opened, told: _Cells) -> Iterator[str]:
    """Yield the places at which a sheet has something else than it has to, or something where it has to be blank."""
    for place in sorted(told.keys() | opened.cells.keys()):
        value, where = told.get(place, (None, f"row {place[0] - _HEADINGS}, a cell that has to be blank"))
        found = opened.cells.get(place)
        if found != value or isinstance(found, str) != isinstance(value, str):
            yield f"{opened.name}, {where}: it is not that of the release"


# ------------------------------------------------------------------ words


def _unexplained_words(book: Book, origins: Origins) -> Iterator[str]:
    """Yield the columns whose words hold a number that comes from no name, period or status of the release."""
    known = _known(origins)
    for sheet in book.tables:
        if not _is_explained(sheet.title, known):
            yield f"{sheet.name}: a number in its title"
        for column in sheet.columns:
            said = (
                {column.heading, *(column.words(row) for row in sheet.rows)}
                if column.words
                else {column.heading}
            )
            if not all(_is_explained(words, known) for words in said):
                yield f"{sheet.name}, {column.heading}: a number in words that comes from nowhere"


def _is_explained(words: str, known: frozenset[str]) -> bool:
    return not numbers_in(words) or words in known or not numbers_in(without(words, known))


def _known(origins: Origins) -> frozenset[str]:
    """Return the words of the release and its catalogue that may hold a number."""
    found = {_FLAG, *_UNITS, origins.release.quarter.words}
    found.update(phrase for name in origins.catalogue.indicators for phrase in origins.phrases(name))
    for rows in origins.levels.values():
        for row in rows.values():
            names = (origins.level_words(row), row.reference_group, row.group, row.ratio_of)
            period = period_words(row, origins.catalogue.indicators[row.indicator])
            found.update((period, *names, *origins.status(row.status), *map(plain, names)))
    earlier = (row for rows in origins.history.values() for row in rows.values())
    found.update(text for row in earlier for text in origins.status(row.status))
    for lines in origins.lines.values():
        for line in lines:
            found.update((line.of, line.words))
            if line.analysis == CHANGE:
                found.add(sentence_case(then_words(line.of, origins.catalogue.indicators[line.indicator])))
    return frozenset(found - {""})
