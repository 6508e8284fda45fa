"""Delimited text divided into rows and fields: no row is taken into another, and none for a heading, in silence.

Quotes stand around a whole field; a mark within one that has none is a sign as any other, as long as a row has an even
number of them. What the text's encoding and its headings are, and where its rows begin, is found before.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import polars as pl

from disparity.refusal import Refusal, refuse
from resources.inspection import Inspection
from resources.notes import MOST_ROWS, Note
from resources.tables import BATCH_ROWS, cell, tidy
from resources.withheld import panics_unsaid

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
"""What delimiters are called."""

_LONGEST_RECORD = 8 << 20  # in which more fields of the greatest length find room than a row has
_MOST_CELLS = 2_000_000  # of one batch: rows that end early are filled up
_WIDE = 500  # headings, from which on a whole row is not made of one that ends early
_CUT_SHORT = "rows with fewer fields than there are headings: {rows}; what they lack is read as blank"
_LINE_BREAKS = (
    "rows with a line break within quotes, under headings that are not read: {rows}; the first is row "
)
# A field that begins and ends with its quotes and has no line break: what is left of marks then wants a closer look.
_PLAINLY_QUOTED = rb'(?<![^%b\r\n])"[^"\r\n]*+(?:""[^"\r\n]*+)*+"(?=[%b\r\n]|\Z)'
_STRAY_LINE_END = {"\n": re.compile(rb"\r(?!\r*\n)"), "\r": re.compile(rb"\n")}
_NEW_LINE, _TOO_LONG = "new-line character", "field larger than field limit"  # as csv.Error says it


def whole_records(pieces: Iterable[bytes], line_end: str) -> Iterator[bytes]:
    """Cut a text after line ends that are not within quotes, and end it with one.

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


def swallows_a_row(field: str, headings: int, delimiter: str) -> bool:
    """Return whether a field with a line break may hold the rest of its row and the beginning of a later one.

    Quotation marks too many that pair up so take as many delimiters into the field, for each line break, as a row has.
    """
    breaks = len(re.findall(r"\r\n?|\n", field))
    return breaks > 0 and field.count(delimiter) >= breaks * (headings - 1)


@dataclass
class Division:
    """One reading of a file's rows, which come in pieces: the row it is at, and what it has met.

    ``headings`` are as they came; ``positions`` are those that are read, which are no free text. A check's
    ``inspection`` notes what does not keep other rows from being read; anywhere else the first fault is raised.
    """

    headings: tuple[str, ...]
    positions: Sequence[int]
    delimiter: str
    line_end: str
    where: str
    row: int
    inspection: Inspection | None = None
    ended: bool = field(default=False, init=False)
    _cut_short: int = field(default=0, init=False)
    _with_line_breaks: int = field(default=0, init=False)
    _first_with_line_breaks: list[int] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        """Prepare what every piece is looked at with."""
        mark = re.escape(self.delimiter.encode())
        self._plainly_quoted = re.compile(_PLAINLY_QUOTED % (mark, mark))
        self._read = frozenset(self.positions)
        self._wanted = frozenset(self.headings[each] for each in self.positions)
        self._longest_wanted = max(self._wanted, key=len, default="").encode()

    def rows(self, records: bytes) -> Iterator[pl.DataFrame]:
        """Yield the rows of a piece of whole records; ``ended`` is whether nothing is to be read behind it."""
        plain = self._plain(records)
        if plain is None:
            yield from self._one_by_one(records)
            return
        self._cut_short += sum(
            count < len(self.headings) - 1 and bool(line.strip(self.delimiter.encode() + b" \t\r\n"))
            for line, count in plain
        )
        most = max(1, _MOST_CELLS // len(self.headings))
        for part in [records] if len(plain) <= most else _parts(records, self.line_end.encode(), most):
            yield self._at_once(part)

    def notes(self) -> tuple[Note, ...]:
        """Return what is to be known of the rows, once all were read."""
        found = []
        if self._cut_short:
            found.append(Note(_CUT_SHORT, self._cut_short))
        if self._with_line_breaks:
            first = self._first_with_line_breaks
            found.append(Note(f"{_LINE_BREAKS}{first[0]}", self._with_line_breaks, tuple(first)))
        return tuple(found)

    def _plain(self, records: bytes) -> list[tuple[bytes, int]] | None:
        """Return the lines with their number of delimiters, where each is a row and nothing wants a closer look."""
        if len(self.headings) > _WIDE or (self._longest_wanted and self._longest_wanted in records):
            return None
        rest = self._plainly_quoted.sub(b"_", records) if b'"' in records else records
        if b'"' in rest or _STRAY_LINE_END[self.line_end].search(rest):
            return None
        mark = self.delimiter.encode()
        lines = [(line, line.count(mark)) for line in rest.split(self.line_end.encode())]
        return None if any(count >= len(self.headings) for _, count in lines) else lines

    @panics_unsaid()
    def _at_once(self, records: bytes) -> pl.DataFrame:
        try:
            rows = (
                pl.scan_csv(
                    records,
                    has_header=False,
                    separator=self.delimiter,
                    quote_char='"' if b'"' in records else None,
                    eol_char=self.line_end,
                    schema=dict.fromkeys(map(cell, range(len(self.headings))), pl.String),
                    infer_schema=False,
                    missing_columns="insert",
                    row_index_name="row_number",
                    row_index_offset=self.row,
                )
                .with_columns(pl.col("row_number").cast(pl.Int64))
                # All are read: reading some, Polars passes over fields too many.
                .collect()
            )
        except pl.exceptions.PolarsError:
            # Polars quotes the field in its message, which may hold a person's words.
            raise _unpaired_quotes(self.where, f"a row from row {self.row} on") from None
        self.row += rows.height
        return rows.select("row_number", *map(cell, self.positions))

    def _one_by_one(self, records: bytes) -> Iterator[pl.DataFrame]:
        numbers: list[int] = []
        cells: list[list[str | None]] = []
        try:
            for fields in self._divided(records):
                if self._is_a_row(fields):
                    numbers.append(self.row)
                    cells.append([fields[each] if each < len(fields) else None for each in self.positions])
                self.row += 1
                if len(numbers) == BATCH_ROWS:
                    yield self._frame(numbers, cells)
                    numbers, cells = [], []
        except csv.Error as error:
            self.ended = True
            self._fault(_cannot_be_divided(self.where, self.row, str(error), checked=bool(self.inspection)))
        yield self._frame(numbers, cells)

    def _frame(self, numbers: list[int], cells: list[list[str | None]]) -> pl.DataFrame:
        schema = dict.fromkeys(map(cell, self.positions), pl.String)
        rows = pl.DataFrame(cells, schema=schema, orient="row")
        return rows.insert_column(0, pl.Series("row_number", numbers, dtype=pl.Int64))

    def _divided(self, records: bytes) -> Iterator[list[str]]:
        """Divide whole records one by one. Raises csv.Error at the first whose quotation marks do not pair up."""
        marks = 0

        def counted() -> Iterator[str]:
            nonlocal marks
            for line in io.StringIO(records.decode(errors="replace"), newline=self.line_end):
                marks += line.count('"')
                yield line

        for fields in csv.reader(counted(), delimiter=self.delimiter, strict=True):
            if marks % 2:
                raise csv.Error
            yield fields

    def _is_a_row(self, fields: list[str]) -> bool:
        """Count what is to be known of a row; where it is none, that is a fault."""
        if len(fields) > len(self.headings):
            if self.inspection is None or not self.inspection.undivided:
                self._fault(_too_many_fields(self.where, self.row, len(self.headings), self.delimiter))
            if self.inspection is not None:
                self.inspection.undivided.append(self.row)
            return False
        if not self._wanted.isdisjoint(fields) and self._repeats_the_headings(fields):
            self._fault(_headings_again(self.where, self.row))
            return False
        if any("\n" in each or "\r" in each for each in fields):
            return self._line_breaks_may_be(fields)
        if len(fields) < len(self.headings) and any(each.strip() for each in fields):
            self._cut_short += 1
        return True

    def _repeats_the_headings(self, fields: list[str]) -> bool:
        there = {tidy(each.removeprefix("\ufeff")) for each in fields}
        wanted = {tidy(each) for each in self._wanted}
        return 2 * len(wanted & there) > len(wanted)

    def _line_breaks_may_be(self, fields: list[str]) -> bool:
        for position, text in enumerate(fields):
            if "\n" not in text and "\r" not in text:
                continue
            if position in self._read:
                self._fault(_line_break_read(self.where, self.row, tidy(self.headings[position])))
                return False
            if swallows_a_row(text, len(self.headings), self.delimiter):
                self._fault(_row_swallowed(self.where, self.row))
                return False
        self._with_line_breaks += 1
        if len(self._first_with_line_breaks) < MOST_ROWS:
            self._first_with_line_breaks.append(self.row)
        self._cut_short += len(fields) < len(self.headings)
        return True

    def _fault(self, refusal: Refusal) -> None:
        if self.inspection is None:
            raise refusal from None
        self.inspection.faults.append(refusal)


def _parts(records: bytes, line_end: bytes, most: int) -> Iterator[bytes]:
    lines = records.removesuffix(line_end).split(line_end)
    for first in range(0, len(lines), most):
        yield line_end.join(lines[first : first + most]) + line_end


def _cannot_be_divided(where: str, row: int, said: str, *, checked: bool) -> Refusal:
    and_then = "; nothing is read from there on" if checked else ""
    if said.startswith(_NEW_LINE):
        return refuse(
            f"row {row} holds a line end of another kind than the rows before it{and_then}",
            where=where,
            rule="all rows end alike, and a line break within a field stands in quotes",
            do="look whether the file was joined from two, and export it again",
        )
    if said.startswith(_TOO_LONG):
        return refuse(
            f"row {row} has a field of more than {csv.field_size_limit():,} characters{and_then}",
            where=where,
            rule="a field is no longer than that; a quotation mark without its pair makes one of many rows",
            do="look for that mark, and export it again",
        )
    return _unpaired_quotes(where, f"row {row}", and_then)


def _unpaired_quotes(where: str, row: str, and_then: str = "") -> Refusal:
    return refuse(
        f"{row} cannot be divided into fields: its quotation marks do not pair up{and_then}",
        where=where,
        rule="a field that holds a quotation mark is in quotes and doubles it",
        do="export it with text in quotes",
    )


def unpaired_quotes_at_the_top(where: str) -> Refusal:
    """Refuse a file whose quotation marks make headings of its rows."""
    return _unpaired_quotes(where, "a row at the top")


def _too_many_fields(where: str, row: int, headings: int, delimiter: str) -> Refusal:
    return refuse(
        f"row {row} has more fields than there are headings ({headings})",
        where=where,
        rule="a row has at most one field per heading",
        do=f"put a field that holds a {DELIMITERS.get(delimiter, 'delimiter')} or a line break in quotes; where a "
        "line break was lost between two rows, put it back",
    )


def _line_break_read(where: str, row: int, heading: str) -> Refusal:
    return refuse(
        f"row {row} has a line break within quotes under the heading {heading!r}: it may be several rows in one",
        where=where,
        rule="a column that is read holds a code, a date, a number or an identifier, and no line break",
        do="look for a quotation mark too many in that row and those after it, and export it again",
    )


def _row_swallowed(where: str, row: int) -> Refusal:
    return refuse(
        f"row {row} has text in quotes with a line break and as many delimiters as a row has: it may be several rows "
        "in one",
        where=where,
        rule="a row stands on its own; a quotation mark too many makes one of two",
        do="look for such a mark in that row and those after it; where the text is meant, export the file without "
        "that column, which is not read",
    )


def _headings_again(where: str, row: int) -> Refusal:
    return refuse(
        f"row {row} holds the headings again",
        where=where,
        rule="a file has one row of headings",
        do="where two files were joined, send them as they were (files: many)",
    )
