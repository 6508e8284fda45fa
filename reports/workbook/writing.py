"""The workbook: a release's figures as marked-up tables of numbers, in the Analysis Function's style, as XLSX bytes.

Written by gptables on xlsxwriter. What stands where is in `reports.workbook.layout`. Both libraries are imported inside the
functions, with gptables' warnings turned off: it is written for pandas 2 and warns of what pandas 4 will refuse.
"""

from __future__ import annotations

import datetime as dt
import io
import textwrap
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pandas as pd

from disparity.catalogue import Catalogue
from disparity.rounding import half_up
from reports.release.frozen import Release
from reports.workbook.layout import book_of
from reports.workbook.sheets import (
    ABOUT,
    CONTENTS,
    CONTENTS_HEADINGS,
    CONTENTS_TITLE,
    COVER,
    INTRODUCTION,
    ONE_TABLE,
    SHORTHAND,
    Book,
    Column,
    Cover,
    Row,
    Sheet,
    number_of,
)

# Nothing is made of a text but a text, and no clock is asked.
_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_A3 = 8
_COVER_WIDTH = 85
# How high a line is, in points: of the theme's 12, and of its titles.
_LINE, _LARGE_LINE = 16, 22


def workbook(release: Release, catalogue: Catalogue) -> bytes:
    """Write a release as a workbook: cover, contents, notes, and one table a sheet. The same release, the same bytes."""
    book = book_of(release, catalogue)
    out = io.BytesIO()
    with _quietly():
        import gptables

        made = gptables.GPWorkbook(out, options=_OPTIONS)
        _describe(made, book)
        _write_cover(made, book.cover)
        tables = {sheet.name: _table(sheet) for sheet in (book.notes, *book.tables)}
        contents = made.make_table_of_contents(
            tables,
            title=CONTENTS_TITLE,
            column_names=list(CONTENTS_HEADINGS),
            subtitles=[book.marking],
            instructions=ONE_TABLE,
        )
        _write(made, CONTENTS, contents, (14, 90))
        for sheet in (book.notes, *book.tables):
            _write(made, sheet.name, tables[sheet.name], [column.width for column in sheet.columns])
        for sheet in made.worksheets():
            _print(sheet, book.marking)
        made.close()
    return out.getvalue()


@contextmanager
def _quietly() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _describe(made: Any, book: Book) -> None:
    """Say what the file is, of whom and of when: the day after the quarter, whenever it was made."""
    created = dt.datetime.combine(book.end, dt.time()) + dt.timedelta(days=1)
    said = {"title": book.cover.title, "subject": book.marking, "author": book.organisation}
    made.set_properties(said | {"created": created})


def _write_cover(made: Any, cover: Cover) -> None:
    import gptables

    sheet = made.add_worksheet(COVER)
    sheet.write_cover(
        gptables.Cover(cover.title, intro=list(cover.intro), about=list(cover.about), width=_COVER_WIDTH)
    )
    for place, line in enumerate(cover.lines):
        _set_height(sheet, place, [(line, _COVER_WIDTH)], large=line in (cover.title, INTRODUCTION, ABOUT))


def _table(sheet: Sheet) -> Any:
    """Return a sheet's table as gptables takes it."""
    import gptables

    headings = [column.heading for column in sheet.columns]
    cells = [[_cell(row, column) for column in sheet.columns] for row in sheet.rows]
    forms = {column.heading: column.form for column in sheet.columns if column.field}
    return gptables.GPTable(
        table=pd.DataFrame(cells, columns=headings, dtype=object),
        table_name=sheet.name.lower(),
        title=sheet.title,
        subtitles=[sheet.marking],
        instructions=sheet.how_to_read,
        index_columns={2: 0},
        additional_formatting=[
            _formatted(headings, valign="top"),
            # Away from the number before it, which stands at the right.
            _formatted([heading for heading in headings if heading.endswith(SHORTHAND)], indent=1),
            *(_formatted([heading], num_format=form) for heading, form in forms.items()),
        ],
    )


def _formatted(headings: Sequence[str], **form: Any) -> dict[str, Any]:
    return {"column": {"columns": list(headings), "format": form}}


def _cell(row: Row, column: Column) -> str | float | None:
    """Return what a cell holds: words, or a number as exact as `indicators_csv` has it; None where it is blank."""
    if column.words is not None:
        return column.words(row) or None
    value = number_of(row, column.field)
    return None if value is None else float(half_up(value, column.decimals))


def _write(made: Any, name: str, table: Any, widths: Sequence[int]) -> None:
    """Write a sheet: its columns as wide as they were given, its rows high enough for their longest words."""
    sheet = made.add_worksheet(name)
    sheet.write_gptable(table, auto_width=False, reference_order=[])
    for place, width in enumerate(widths):
        sheet.set_column(place, place, width)
    first = table.data_range[0]
    lines = (table.title, *table.subtitles, table.instructions)
    for place, line in enumerate(lines):
        _set_height(sheet, place, [(line, len(line) + 1)], large=line != table.instructions)
    for place, row in enumerate([list(table.table.columns), *table.table.to_numpy().tolist()], start=first):
        _set_height(sheet, place, list(zip(row, widths, strict=True)))
    # The headings of a table that runs over several pages stand on each of them.
    sheet.repeat_rows(first)


def _set_height(sheet: Any, place: int, cells: Sequence[tuple[Any, int]], *, large: bool = False) -> None:
    """Give a row the height of its longest words: not every program that opens a workbook works it out."""
    texts = [(cell[0] if isinstance(cell, list) else cell, width) for cell, width in cells]
    lines = max(len(textwrap.wrap(text, width - 1)) for text, width in texts if isinstance(text, str))
    sheet.set_row(place, lines * (_LARGE_LINE if large else _LINE))


def _print(sheet: Any, marking: str) -> None:
    """Set a sheet for paper, across and as wide as one page, with the marking above and the page's number below."""
    sheet.set_landscape()
    sheet.set_paper(_A3)
    sheet.fit_to_pages(1, 0)
    sheet.set_header(f"&L&B{marking.replace('&', '&&')}")
    sheet.set_footer("&L&A&RPage &P of &N")
