"""Delimited text: find out its encoding, read its headings, and stream its text to where its rows are divided."""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from disparity.catalogue import Source
from disparity.refusal import refuse
from resources.dividing import DELIMITERS, Division, swallows_a_row, unpaired_quotes_at_the_top, whole_records
from resources.inspection import Inspection, going_on
from resources.notes import Note
from resources.tables import Hint, Table, empty, ends_early, row_of_headings, tidy, what_it_is

_PIECE = 2 << 20
_MOST_HEADINGS = 16_384  # as many columns as a sheet of a workbook has
_MOST_FIRST_ROWS = 500
_TOP = 1 << 16
_QUOTED = re.compile(r'"[^"]*"')
_SAVE_AS_UTF_8 = "export it as UTF-8 (in Excel: CSV UTF-8), or state its encoding in catalogue/sources.yaml"
_ENCODINGS = "delimited text is UTF-8, UTF-16 or Windows-1252"


@dataclass(frozen=True)
class _Encoding:
    name: str
    note: str = ""

    @property
    def family(self) -> str:
        return {"utf-8-sig": "utf-8", "cp1252": "windows-1252"}.get(self.name, "utf-16")


@dataclass(frozen=True)
class _Top:
    """The beginning of the text, the headings in it, and the bytes up to the first row of data."""

    text: str
    headings: tuple[str, ...]
    size: int
    line_end: str


def delimited_table(path: Path, source: Source, where: str, inspection: Inspection | None = None) -> Table:
    """Open a delimited file as a table.

    What is not UTF-8 is recoded in passing, a piece at a time, and a note says so. Raises Refusal for another
    kind of file, an encoding that does not fit, no headings, or (while it is read) a row that cannot be
    divided. A check's ``inspection`` notes what does not keep the rest from being read.
    """
    other = what_it_is(path)
    if other is not None:
        raise refuse(
            f"the file is {other}, not delimited text",
            where=where,
            rule="this source is of format csv",
            do="export it as CSV, or change the format in catalogue/sources.yaml",
        )
    encoding = _found_encoding(path, where)
    with going_on(inspection):
        _refuse_another_encoding(encoding, path, source.encoding, where)
    top = _top(next(_utf_8_pieces(path, encoding, where), b""), source, where)

    division: Division | None = None

    def read(positions: Sequence[int]) -> Iterator[pl.DataFrame]:
        nonlocal division
        pieces = _utf_8_pieces(path, encoding, where)
        data = itertools.chain((next(pieces, b"")[top.size :],), pieces)
        first_row = source.skip_rows + 2
        division = Division(
            top.headings, positions, source.delimiter, top.line_end, where, first_row, inspection
        )
        for records in whole_records(data, top.line_end):
            yield from division.rows(records)
            if division.ended:
                return

    def hint(wanted: Sequence[str]) -> Hint | None:
        return _hint(top, source, wanted)

    def noted() -> tuple[Note, ...]:
        return division.notes() if division else ()

    notes = (Note(encoding.note),) if encoding.note else ()
    first = _rows_at_the_top(top, source.delimiter, source.skip_rows + 1 + _MOST_FIRST_ROWS)
    return Table(
        tuple(map(tidy, top.headings)), read, notes, hint, noted=noted, first=first[source.skip_rows + 1 :]
    )


def _refuse_another_encoding(found: _Encoding, path: Path, stated: str | None, where: str) -> None:
    if stated in (None, found.family) or (stated == "windows-1252" and _is_ascii(path)):
        return
    raise refuse(
        f"the file is not {stated}: its bytes are {found.family}",
        where=where,
        rule="a stated encoding must fit the file",
        do=f"state {found.family} in catalogue/sources.yaml, or export the file as {stated}",
    )


def _found_encoding(path: Path, where: str) -> _Encoding:
    """Find out the encoding from every byte of the file."""
    with path.open("rb") as file:
        head = file.read(4096)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _Encoding("utf-16", "read as UTF-16, as its byte-order mark says")
    if head and head.count(0) * 4 >= len(head):
        name = "utf-16-le" if head[1::2].count(0) >= head[::2].count(0) else "utf-16-be"
        return _Encoding(name, "read as UTF-16: every other byte is zero, and there is no byte-order mark")
    if any(b"\0" in piece for piece in _pieces(path)):
        raise refuse(
            "the file holds zero bytes and is no text", where=where, rule=_ENCODINGS, do="export it again"
        )
    bad = _first_line_that_is_not("utf-8", path)
    if bad is None:
        return _Encoding("utf-8-sig")
    line, other_letters_before = bad
    if other_letters_before:
        raise refuse(
            f"the file is UTF-8 up to line {line} and is not from there on",
            where=where,
            rule="a file has one encoding throughout",
            do="look whether it was cut short or joined from two, and export it again",
        )
    undefined = _first_line_that_is_not("cp1252", path)
    if undefined is not None:
        raise refuse(
            f"line {undefined[0]} is neither UTF-8 nor Windows-1252",
            where=where,
            rule=_ENCODINGS,
            do=_SAVE_AS_UTF_8,
        )
    return _Encoding("cp1252", "read as Windows-1252: the file is not UTF-8")


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def _is_ascii(path: Path) -> bool:
    return all(piece.isascii() for piece in _pieces(path))


def _first_line_that_is_not(encoding: str, path: Path) -> tuple[int, bool] | None:
    """Return the first line that is not of the encoding, and whether letters beyond ASCII come before."""
    decoder = codecs.getincrementaldecoder(encoding)()
    line, beyond_ascii = 1, False
    for piece in itertools.chain(_pieces(path), (b"",)):
        pending = decoder.getstate()[0]
        try:
            decoder.decode(piece, final=not piece)
        except UnicodeDecodeError as error:
            good = (pending + piece)[: error.start]
            return line + good.count(b"\n"), beyond_ascii or not good.isascii()
        line += piece.count(b"\n")
        beyond_ascii = beyond_ascii or not piece.isascii()
    return None


def _utf_8_pieces(path: Path, encoding: _Encoding, where: str) -> Iterator[bytes]:
    """Stream the text as UTF-8 without a byte-order mark."""
    if encoding.family == "utf-8":
        pieces = _pieces(path)
        yield next(pieces, b"").removeprefix(codecs.BOM_UTF8)
        yield from pieces
        return
    try:
        with path.open(encoding=encoding.name, newline="") as text:
            while piece := text.read(_PIECE):
                yield piece.encode()
    except UnicodeError:
        raise refuse(
            f"the file begins as {encoding.family} and does not go on as it",
            where=where,
            rule="a file has one encoding throughout",
            do=_SAVE_AS_UTF_8,
        ) from None


def _top(beginning: bytes, source: Source, where: str) -> _Top:
    if not beginning.strip():
        raise empty(where)
    text = beginning.decode(errors="ignore")
    line_end = _line_end(text)
    lines = io.StringIO(text, newline=line_end)
    size = 0

    def counted() -> Iterator[str]:
        nonlocal size
        for line in lines:
            size += len(line.encode())
            yield line

    from_here = counted()
    try:
        above = csv.reader(from_here, delimiter=source.delimiter)
        banner = len(list(itertools.islice(above, source.skip_rows)))
        # Strictly: a quotation mark without its pair would take rows of people for one heading.
        headings = next(csv.reader(from_here, delimiter=source.delimiter, strict=True), None)
    except csv.Error:
        raise unpaired_quotes_at_the_top(where) from None
    if banner < source.skip_rows or headings is None:
        raise ends_early(where, source.skip_rows)
    if any(_takes_rows_in(heading, len(headings), source.delimiter) for heading in headings):
        raise unpaired_quotes_at_the_top(where)
    if len(headings) > _MOST_HEADINGS:
        raise refuse(
            f"there are {len(headings):,} headings",
            where=where,
            rule=f"a table has at most {_MOST_HEADINGS:,} columns",
            do="export the columns that are meant",
        )
    return _Top(text, tuple(headings), size, line_end)


def _line_end(text: str) -> str:
    """Return what ends the first line that does not end within quotes."""
    first = re.search(r"\r\n|\n|\r", _QUOTED.sub("_", text[:_TOP]))
    return "\r" if first is not None and first[0] == "\r" else "\n"


def _takes_rows_in(heading: str, headings: int, delimiter: str) -> bool:
    """Return whether a heading's quotes have taken in what looks like rows below it."""
    _, *below = re.split(r"\r\n?|\n", heading)
    return swallows_a_row(heading, headings, delimiter) or any(
        delimiter in line and re.search(r"\d", line) for line in below
    )


def _hint(top: _Top, source: Source, wanted: Sequence[str]) -> Hint | None:
    here = len(set(wanted) & set(map(tidy, top.headings)))
    for delimiter, name in DELIMITERS.items():
        if delimiter == source.delimiter:
            continue
        rows = _rows_at_the_top(top, delimiter)
        fits = (
            len(rows) > source.skip_rows and len(set(wanted) & set(map(tidy, rows[source.skip_rows]))) > here
        )
        if fits or (len(top.headings) == 1 and delimiter in top.headings[0]):
            words = f"the delimiter looks like a {name}: set delimiter in catalogue/sources.yaml"
            return Hint(words, {"delimiter": delimiter})
    return row_of_headings(_rows_at_the_top(top, source.delimiter), wanted, source.skip_rows)


def _rows_at_the_top(top: _Top, delimiter: str, most: int = 30) -> list[list[str]]:
    """Return the first rows, the headings among them, up to one that cannot be divided."""
    rows: list[list[str]] = []
    with contextlib.suppress(csv.Error):
        for row in itertools.islice(
            csv.reader(io.StringIO(top.text, newline=top.line_end), delimiter=delimiter), most
        ):
            rows.append(row)
    return rows
