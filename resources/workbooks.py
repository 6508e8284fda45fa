"""Workbooks, XLSX and ODS: one sheet's headings and rows as text, with real dates as ISO text."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Literal

import polars as pl

from disparity.catalogue import Source
from disparity.refusal import Refusal, refuse
from resources import office_workbooks, open_documents
from resources.expansion import hold_text
from resources.notes import Note
from resources.sheets import TooManyCellsError, notes_on, sheet_meant
from resources.tables import (
    BATCH_ROWS,
    Hint,
    Table,
    cell,
    empty,
    ends_early,
    row_of_headings,
    tidy,
    what_it_is,
)
from resources.xml_parts import DamagedError, archive_of

_ROWS_AT_THE_TOP = 30
_LONGEST_MANIFEST = 1 << 20
_REAL_DATE = r"^(\d{4}-\d{2}-\d{2})[ T]\d{2}:\d{2}:\d{2}(?:\.\d+)?$"


def workbook_table(path: Path, source: Source, where: str) -> Table:
    """Open one sheet as a table: the one the source names, else the first that can be seen.

    A real date reads as ``2026-09-30`` whatever its cell shows; a whole number as ``7``; an error as its own word,
    such as ``#REF!``, and a formula never calculated as ``#N/A``, which are values of no column. Nothing right of
    the last heading is read. Raises Refusal for a password, another kind of file, a sheet that is not there, or no
    headings.
    """
    if path.stat().st_size == 0:
        raise empty(where)
    try:
        table = _open_document_table if _kind_of_workbook(path, where) == "ods" else _office_table
        return table(path, source, where)
    except DamagedError:
        raise _damaged(where) from None
    except TooManyCellsError as error:
        raise _too_many_cells(error.most, where) from None


def _office_table(path: Path, source: Source, where: str) -> Table:
    sheets = office_workbooks.sheets_of(path)
    sheet = sheet_meant(sheets, source, where)
    found = office_workbooks.cells_of(path, sheet)
    cells = found.frame
    cells.columns = [cell(position) for position in range(cells.width)]
    top = cells.head(max(_ROWS_AT_THE_TOP, source.skip_rows + 1)).rows()
    headings = _headings(top, source, f"{where}, sheet {sheet.name}")

    def read(positions: Sequence[int]) -> Iterator[pl.DataFrame]:
        rows = cells.select(
            pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("row_number"),
            *(pl.col(cell(position)).str.replace(_REAL_DATE, "$1") for position in positions),
        )
        yield from rows.slice(source.skip_rows + 1).iter_slices(BATCH_ROWS)

    notes = (
        *notes_on(sheet, sheets, source),
        *_never_calculated(found.never_calculated),
        *_no_such_day(found.no_such_day),
    )
    return Table(headings, read, notes, _hint_from(top, source))


def _open_document_table(path: Path, source: Source, where: str) -> Table:
    rows_at_top = max(_ROWS_AT_THE_TOP, source.skip_rows + 1)
    sheets = open_documents.sheets_of(path, rows_at_top)
    sheet = sheet_meant(sheets, source, where)
    top = [
        [row.cells.get(position) for position in range(max(row.cells, default=-1) + 1)]
        for row in sheet.top
        for _ in range(min(row.times, rows_at_top - row.number + 1))
    ]
    headings = _headings(top, source, f"{where}, sheet {sheet.name}")

    def read(positions: Sequence[int]) -> Iterator[pl.DataFrame]:
        try:
            rows = open_documents.rows_of(path, sheet, positions)
            yield from _batches(rows, source.skip_rows + 1, positions)
        except DamagedError:
            raise _damaged(where) from None

    notes = (*notes_on(sheet, sheets, source), *_never_calculated(sheet.never_calculated))
    return Table(headings, read, notes, _hint_from(top, source))


def _batches(
    rows: Iterator[open_documents.Row], above: int, positions: Sequence[int]
) -> Iterator[pl.DataFrame]:
    """Gather rows below the first ``above`` ones into batches of the cells at the positions."""
    schema = {"row_number": pl.Int64, **{cell(position): pl.String for position in positions}}
    batch: list[tuple[int | str | None, ...]] = []
    for row in rows:
        texts = tuple(map(row.cells.get, positions))
        for number in range(max(row.number, above + 1), row.number + row.times):
            batch.append((number, *texts))
            if len(batch) == BATCH_ROWS:
                yield pl.DataFrame(batch, schema=schema, orient="row")
                batch = []
    if batch:
        yield pl.DataFrame(batch, schema=schema, orient="row")


def _headings(top: Sequence[Sequence[str | None]], source: Source, where: str) -> tuple[str, ...]:
    """Return the headings up to the last that is not blank."""
    if not top:
        raise empty(where)
    if len(top) <= source.skip_rows:
        raise ends_early(where, source.skip_rows)
    headings = [tidy(text) for text in top[source.skip_rows]]
    while headings and not headings[-1]:
        headings.pop()
    return tuple(headings)


def _hint_from(top: Sequence[Sequence[str | None]], source: Source) -> Callable[[Sequence[str]], Hint | None]:
    return lambda wanted: row_of_headings(top, wanted, source.skip_rows)


def _never_calculated(rows: int) -> tuple[Note, ...]:
    words = (
        "rows with a formula that was never calculated, and so has no value: {rows}; open the workbook in a "
        "spreadsheet program, save it, and send it again"
    )
    return (Note(words, rows),) if rows else ()


def _no_such_day(rows: int) -> tuple[Note, ...]:
    words = (
        "rows with 29 February 1900: {rows}; Excel has that day, and no calendar; it may be the number 60 in a cell "
        "that shows dates"
    )
    return (Note(words, rows),) if rows else ()


def _kind_of_workbook(path: Path, where: str) -> Literal["xlsx", "ods"]:
    """Tell the two kinds apart by what is in the archive; refuse anything else."""
    with path.open("rb") as file:
        if file.read(4) == b"\xd0\xcf\x11\xe0":
            raise _protected(where)
    if not zipfile.is_zipfile(path):
        raise _no_workbook(
            f"the file is {what_it_is(path) or 'text or something else'}, not a workbook", where
        )
    with archive_of(path) as parts:
        for part in parts.infolist():
            hold_text(part.file_size, path.stat().st_size, where)
        names = set(parts.namelist())
        manifest = _manifest(parts) if "META-INF/manifest.xml" in names else b""
    if "encrypted-package" in names or b"encryption-data" in manifest:
        raise _protected(where)
    if not names & {"[Content_Types].xml", "content.xml"}:
        raise _no_workbook("the file is a zip archive, not a workbook", where)
    return "ods" if "content.xml" in names else "xlsx"


def _manifest(parts: zipfile.ZipFile) -> bytes:
    with parts.open("META-INF/manifest.xml") as manifest:
        return manifest.read(_LONGEST_MANIFEST)


def _damaged(where: str) -> Refusal:
    return _no_workbook("the file is damaged, or is no workbook that can be read", where)


def _too_many_cells(most: int, where: str) -> Refusal:
    return refuse(
        f"it has more than {most:,} cells, and they have to be looked at one by one",
        where=where,
        rule="so they have in ODS, and in XLSX where formulas were never calculated, dates or flags are none, or cells "
        f"lie far apart; a file of its size may have {most:,} of them then",
        do="send it as CSV, or in several files (files: many); or open it in Excel, see that nothing but the table is in "
        "it, and save it as .xlsx",
    )


def _protected(where: str) -> Refusal:
    return refuse(
        "the workbook has a password, or is of the old .xls kind",
        where=where,
        rule="a workbook is read without a password, as .xlsx or .ods",
        do="take the password off (the landing folder is itself protected) or save it as .xlsx",
    )


def _no_workbook(what: str, where: str) -> Refusal:
    return refuse(
        what,
        where=where,
        rule="this source is a workbook, .xlsx or .ods",
        do="export it again as a workbook, or change the format in catalogue/sources.yaml",
    )
