"""Delimited text: find out its encoding, read its headings, and stream its rows as text."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from disparity.catalogue import Source
from disparity.refusal import Refusal, refuse
from resources.inspection import Inspection, going_on
from resources.notes import Note
from resources.tables import Hint, Table, cell, empty, ends_early, row_of_headings, tidy, what_it_is

_PIECE = 8 << 20
_LONGEST_RECORD = 64 << 20
_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_SAVE_AS_UTF_8 = "export it as UTF-8 (in Excel: CSV UTF-8), or state its encoding in catalogue/sources.yaml"
_CUT_SHORT = "rows with fewer fields than there are headings: {rows}; what they lack is read as blank"
# Quotes stand around a whole field; a mark within one that has none is a sign as any other.
_QUOTED = rb'(?<![^%b\r\n])"[^"]*(?:""[^"]*)*"'
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

    cut_short = 0

    def read(positions: Sequence[int]) -> Iterator[pl.DataFrame]:
        nonlocal cut_short
        pieces = _utf_8_pieces(path, encoding, where)
        data = itertools.chain((next(pieces, b"")[top.size :],), pieces)
        row, cut_short = source.skip_rows + 2, 0
        for records in _whole_records(data, top.line_end):
            try:
                rows, whole = _rows(records, row, source, top, where), True
                row += rows.height
            except Refusal:
                if inspection is None:
                    raise
                rows, row, whole = _rows_that_divide(records, row, source, top, where, inspection)
            yield rows.select("row_number", *map(cell, positions))
            cut_short += _cut_short(records, len(top.headings), source.delimiter, top.line_end)
            if not whole:
                return

    def hint(wanted: Sequence[str]) -> Hint | None:
        return _hint(top, source, wanted)

    def noted() -> tuple[Note, ...]:
        return (Note(_CUT_SHORT, cut_short),) if cut_short else ()

    notes = (Note(encoding.note),) if encoding.note else ()
    return Table(tuple(map(tidy, top.headings)), read, notes, hint, noted=noted)


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
    line_end = "\r" if "\r" in text and "\n" not in text else "\n"
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
        raise _unpaired_quotes(where, "a row at the top") from None
    if banner < source.skip_rows or headings is None:
        raise ends_early(where, source.skip_rows)
    return _Top(text, tuple(headings), size, line_end)


def _whole_records(pieces: Iterable[bytes], line_end: str) -> Iterator[bytes]:
    """Cut the text after line ends that are not within quotes, and end it with one.

    Where no such line end comes, the rest is handed on as it is, to be refused where its rows are divided.
    """
    pending = b""
    for piece in pieces:
        pending += piece
        end = _end_of_last_record(pending, line_end.encode())
        if end or len(pending) > _LONGEST_RECORD:
            end = end or len(pending)
            yield pending[:end]
            pending = pending[end:]
    if pending:
        yield pending + line_end.encode()


def _end_of_last_record(text: bytes, line_end: bytes) -> int:
    marks, end = text.count(b'"'), len(text)
    while True:
        after = end
        end = text.rfind(line_end, 0, after)
        if end < 0:
            return 0
        marks -= text.count(b'"', end, after)
        if marks % 2 == 0:
            return end + 1


def _rows(records: bytes, first_row: int, source: Source, top: _Top, where: str) -> pl.DataFrame:
    """Divide whole records into fields. All are read: reading some, Polars passes over fields too many."""
    try:
        return (
            pl.scan_csv(
                records,
                has_header=False,
                separator=source.delimiter,
                eol_char=top.line_end,
                schema=dict.fromkeys(map(cell, range(len(top.headings))), pl.String),
                infer_schema=False,
                missing_columns="insert",
                row_index_name="row_number",
                row_index_offset=first_row,
            )
            .with_columns(pl.col("row_number").cast(pl.Int64))
            .collect()
        )
    except pl.exceptions.PolarsError:
        # Polars quotes the field in its message, which may hold a person's words.
        raise _faulty_row(records, first_row, source, top, where) from None


def _cut_short(records: bytes, headings: int, delimiter: str, line_end: str) -> int:
    """Count the rows with fewer fields than headings, which Polars fills up in silence; blank rows are not among them."""
    mark = delimiter.encode()
    lines = re.sub(_QUOTED % re.escape(mark), b"_", records).split(line_end.encode())
    return sum(line.count(mark) < headings - 1 and bool(line.strip(mark + b" \t\r\n")) for line in lines)


def _divided(records: bytes, source: Source, top: _Top) -> Iterator[list[str]]:
    """Divide whole records one by one. Raises csv.Error at the first whose quotation marks do not pair up."""
    marks = 0

    def counted() -> Iterator[str]:
        nonlocal marks
        for line in io.StringIO(records.decode(), newline=top.line_end):
            marks += line.count('"')
            yield line

    for fields in csv.reader(counted(), delimiter=source.delimiter, strict=True):
        if marks % 2:
            raise csv.Error
        yield fields


def _faulty_row(records: bytes, first_row: int, source: Source, top: _Top, where: str) -> Refusal:
    """Find the first row that cannot be divided into one field per heading, and say what is wrong with it."""
    row = first_row
    try:
        for fields in _divided(records, source, top):
            if len(fields) > len(top.headings):
                return _too_many_fields(where, row, len(top.headings), source.delimiter)
            row += 1
    except csv.Error:
        return _unpaired_quotes(where, f"row {row}")
    return _unpaired_quotes(where, f"a row from row {first_row} on")


def _rows_that_divide(
    records: bytes, first_row: int, source: Source, top: _Top, where: str, inspection: Inspection
) -> tuple[pl.DataFrame, int, bool]:
    """Return the rows of a piece with a faulty one, the number of the row behind it, and whether all were divided.

    Rows with too many fields are noted and left out; nothing is read from a quotation mark without its pair on.
    """
    row, width, whole = first_row, len(top.headings), True
    numbers: list[int] = []
    cells: list[list[str | None]] = []
    undivided: list[int] = []
    try:
        for fields in _divided(records, source, top):
            if len(fields) > width:
                undivided.append(row)
            else:
                numbers.append(row)
                cells.append([*fields, *[None] * (width - len(fields))])
            row += 1
    except csv.Error:
        whole = False
    if undivided and not inspection.undivided:
        inspection.faults.append(_too_many_fields(where, undivided[0], width, source.delimiter))
    inspection.undivided += undivided
    if not whole:
        inspection.faults.append(_unpaired_quotes(where, f"row {row}", "; nothing is read from there on"))
    elif not undivided:
        inspection.faults.append(_unpaired_quotes(where, f"a row from row {first_row} on"))
    schema = dict.fromkeys(map(cell, range(width)), pl.String)
    rows = pl.DataFrame(cells, schema=schema, orient="row")
    return rows.insert_column(0, pl.Series("row_number", numbers, dtype=pl.Int64)), row, whole


def _unpaired_quotes(where: str, row: str, and_then: str = "") -> Refusal:
    return refuse(
        f"{row} cannot be divided into fields: its quotation marks do not pair up{and_then}",
        where=where,
        rule="a field that holds a quotation mark is in quotes and doubles it",
        do="export it with text in quotes",
    )


def _too_many_fields(where: str, row: int, headings: int, delimiter: str) -> Refusal:
    return refuse(
        f"row {row} has more fields than there are headings ({headings})",
        where=where,
        rule="a row has at most one field per heading",
        do=f"put a field that holds a {_DELIMITERS.get(delimiter, 'delimiter')} or a line break in quotes",
    )


def _hint(top: _Top, source: Source, wanted: Sequence[str]) -> Hint | None:
    here = len(set(wanted) & set(map(tidy, top.headings)))
    for delimiter, name in _DELIMITERS.items():
        if delimiter == source.delimiter:
            continue
        rows = _first_rows(top, delimiter)
        fits = (
            len(rows) > source.skip_rows and len(set(wanted) & set(map(tidy, rows[source.skip_rows]))) > here
        )
        if fits or (len(top.headings) == 1 and delimiter in top.headings[0]):
            words = f"the delimiter looks like a {name}: set delimiter in catalogue/sources.yaml"
            return Hint(words, {"delimiter": delimiter})
    return row_of_headings(_first_rows(top, source.delimiter), wanted, source.skip_rows)


def _first_rows(top: _Top, delimiter: str) -> list[list[str]]:
    lines = io.StringIO(top.text, newline=top.line_end)
    try:
        return list(itertools.islice(csv.reader(lines, delimiter=delimiter), 30))
    except csv.Error:
        return []
