"""Extracts as files: delimited text and workbooks, the same bytes each time."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import polars as pl

_CREATED = dt.datetime(2023, 10, 1)  # noqa: DTZ001 - a workbook's own property has no zone
_BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True)
class FileShape:
    """How a supplier writes a file: format, lines above the header, columns of dates and of numbers."""

    format: str
    banner: tuple[str, ...] = ()
    delimiter: str = ","
    encoding: str = "utf-8"
    sheet: str = ""
    dates: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()


def write(rows: pl.DataFrame, shape: FileShape, stem: Path) -> Path:
    """Write a frame of text to ``stem`` with the format's suffix; return the path."""
    path = stem.with_name(f"{stem.name}.{shape.format}")
    if shape.format == "xlsx":
        _write_workbook(rows, shape, path)
    else:
        path.write_bytes(_delimited(rows, shape))
    return path


def _delimited(rows: pl.DataFrame, shape: FileShape) -> bytes:
    table = rows.write_csv(separator=shape.delimiter, line_terminator="\r\n")
    text = "".join(f"{line}\r\n" for line in shape.banner) + table
    if shape.encoding == "utf-16":
        return (_BYTE_ORDER_MARK + text).encode("utf-16-le")
    return text.encode(shape.encoding)


def _write_workbook(rows: pl.DataFrame, shape: FileShape, path: Path) -> None:
    """Write the banner in column A, the header and the rows; every ninth date is text, as people type it."""
    import xlsxwriter

    with xlsxwriter.Workbook(str(path), {"in_memory": True}) as book:
        book.set_properties(
            {"created": _CREATED, "author": "Invented", "comments": "Invented sample, about nobody"}
        )
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        sheet = book.add_worksheet(shape.sheet)
        for line, words in enumerate(shape.banner):
            sheet.write_string(line, 0, words)
        top = len(shape.banner)
        for place, heading in enumerate(rows.columns):
            sheet.write_string(top, place, heading)
            for row, value in enumerate(rows[heading].to_list(), start=1):
                if not value:
                    continue
                if heading in shape.dates and row % 9 and value[:1].isdigit():
                    sheet.write_datetime(top + row, place, dt.datetime.strptime(value, "%d/%m/%Y"), day)  # noqa: DTZ007
                elif heading in shape.numbers:
                    sheet.write_number(top + row, place, float(value))
                else:
                    sheet.write_string(top + row, place, value)
