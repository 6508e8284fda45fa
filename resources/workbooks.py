"""Workbooks, XLSX and ODS: one sheet's headings and rows as text, with real dates as ISO text."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import fastexcel
import polars as pl

from disparity.catalogue import Source
from disparity.refusal import Refusal, refuse
from resources.notes import Note
from resources.tables import (
    BATCH_ROWS,
    Hint,
    Table,
    cell,
    empty,
    ends_early,
    nearest_there,
    row_of_headings,
    tidy,
    what_it_is,
)

_REAL_DATE = r"^(\d{4}-\d{2}-\d{2})[ T]\d{2}:\d{2}:\d{2}(?:\.\d+)?$"


def workbook_table(path: Path, source: Source, where: str) -> Table:
    """Open one sheet as a table: the one the source names, else the first.

    A real date reads as ``2026-09-30`` whatever its cell shows; a whole number as ``7``; an error such as
    #N/A as blank. The whole sheet is held in memory (at most 1,048,576 rows). Raises Refusal for a password,
    another kind of file, a sheet that is not there, or no headings.
    """
    if path.stat().st_size == 0:
        raise empty(where)
    _refuse_what_is_no_workbook(path, where)
    try:
        workbook = fastexcel.read_excel(path)
        name = _sheet(workbook, source, where)
        cells = workbook.load_sheet(name, header_row=None, skip_rows=0, dtypes="string").to_polars()
    except (fastexcel.FastExcelError, fastexcel.CalamineError):
        raise _no_workbook("the file is damaged, or is no workbook that can be read", where) from None
    if cells.height == 0:
        raise empty(f"{where}, sheet {name}")
    if cells.height <= source.skip_rows:
        raise ends_early(f"{where}, sheet {name}", source.skip_rows)
    cells.columns = [cell(position) for position in range(cells.width)]

    def read(positions: Sequence[int]) -> Iterator[pl.DataFrame]:
        rows = cells.select(
            pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("row_number"),
            *(pl.col(cell(position)).str.replace(_REAL_DATE, "$1") for position in positions),
        )
        yield from rows.slice(source.skip_rows + 1).iter_slices(BATCH_ROWS)

    def hint(wanted: Sequence[str]) -> Hint | None:
        return row_of_headings(cells.head(30).rows(), wanted, source.skip_rows)

    others = len(workbook.sheet_names) - 1
    first = Note(f"read the first sheet; {others} more were not read")
    notes = (first,) if others and source.sheet is None else ()
    return Table(tuple(map(tidy, cells.row(source.skip_rows))), read, notes, hint)


def _refuse_what_is_no_workbook(path: Path, where: str) -> None:
    with path.open("rb") as file:
        if file.read(4) == b"\xd0\xcf\x11\xe0":
            raise _protected(where)
    if not zipfile.is_zipfile(path):
        raise _no_workbook(
            f"the file is {what_it_is(path) or 'text or something else'}, not a workbook", where
        )
    with zipfile.ZipFile(path) as parts:
        names = set(parts.namelist())
        manifest = parts.read("META-INF/manifest.xml") if "META-INF/manifest.xml" in names else b""
    if "encrypted-package" in names or b"encryption-data" in manifest:
        raise _protected(where)
    if not names & {"[Content_Types].xml", "content.xml"}:
        raise _no_workbook("the file is a zip archive, not a workbook", where)


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


def _sheet(workbook: fastexcel.ExcelReader, source: Source, where: str) -> str:
    names = workbook.sheet_names
    if source.sheet is None:
        return names[0]
    if source.sheet not in names:
        raise refuse(
            f"the workbook has no sheet {source.sheet!r}{nearest_there(source.sheet, names)}",
            where=where,
            rule="the sheet is the one that catalogue/sources.yaml names",
            do="rename the sheet, or change sheet in the catalogue",
        )
    return source.sheet
