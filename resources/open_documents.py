"""ODS: the sheets of a spreadsheet, and one sheet's rows as text, streamed; what is repeated is not held repeated."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from resources.sheets import (
    MOST_COLUMNS,
    MOST_ROWS,
    NO_FLAG,
    NO_VALUE,
    Sheet,
    TooManyCellsError,
    most_cells_one_by_one,
)
from resources.xml_parts import DamagedError, parsed, parser_of, pieces

_CONTENT = "content.xml"
_CELLS = ("table:table-cell", "table:covered-table-cell")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}(?=T|$)")
_SHOWN_ERROR = re.compile(r"#(N/A|NULL!|DIV/0!|VALUE!|REF!|NAME\?|NUM!)|Err:\d{3}")
# In any language: what is shown so, and whose value is a number or no text, is an error; 0 may be written for it.
_SHOWN_IN_PLACE = re.compile(r"#\D*[^\W\d]\D*|#DIV/0!|[^\W\d]+\s?:\s?\d{3}")
_NUMBERS = ("float", "percentage", "currency")
_VALUES = {
    "float": "office:value",
    "percentage": "office:value",
    "currency": "office:value",
    "date": "office:date-value",
    "time": "office:time-value",
    "boolean": "office:boolean-value",
    "string": "office:string-value",
}


@dataclass(frozen=True)
class Row:
    """A row and its number, how many alike it stands for, and the texts of its cells by position.

    ``blank`` is said of the whole row, whichever cells were asked for.
    """

    number: int
    times: int
    cells: dict[int, str]
    blank: bool


@dataclass(frozen=True)
class OpenSheet(Sheet):
    """A sheet with its first rows, and how many of its rows hold a formula never calculated."""

    top: list[Row] = field(default_factory=list)
    never_calculated: int = 0


def sheets_of(path: Path, rows_at_top: int) -> list[OpenSheet]:
    """Return the sheets in the order of their tabs. Raises DamagedError; TooManyCellsError by those of all."""
    reader = _Reader(sheet=None, rows=rows_at_top, positions=range(MOST_COLUMNS))
    most = most_cells_one_by_one(path.stat().st_size)
    for _ in parsed(reader.parser, pieces(path, _CONTENT)):
        if reader.met > most:
            raise TooManyCellsError(most)
    return reader.sheets


def rows_of(path: Path, sheet: Sheet, positions: Sequence[int]) -> Iterator[Row]:
    """Stream a sheet's rows with the cells at the positions; blank rows after all others are passed over.

    Raises DamagedError.
    """
    reader = _Reader(sheet=sheet.name, rows=MOST_ROWS, positions=frozenset(positions))
    blank: list[Row] = []
    for _ in parsed(reader.parser, pieces(path, sheet.part)):
        for row in reader.rows:
            if row.blank:
                blank.append(row)
                continue
            if row.number + row.times - 1 > MOST_ROWS:
                raise DamagedError
            yield from blank
            blank.clear()
            yield row
        reader.rows.clear()
        if reader.sheets:
            return


class _Reader:
    """Takes the first ``rows`` rows of one sheet, or of each, while the content is parsed.

    The prefixes are those of the standard, which every program writes.
    """

    def __init__(self, *, sheet: str | None, rows: int, positions: Collection[int]) -> None:
        self.parser = parser_of(self._start)
        self.parser.EndElementHandler = self._end
        self.rows: list[Row] = []
        self.sheets: list[OpenSheet] = []
        self.met = 0  # cells as they are written, each once
        self._only, self._rows, self._positions = sheet, rows, positions
        self._hidden_styles: set[str] = set()
        self._style = ""
        self._sheet: Sheet | None = None
        self._number = 1
        self._never_calculated = 0
        self._begin_row({})
        self._at: Sequence[int] = ()  # where the cell at hand stands, of the positions wanted
        self._cell: dict[str, str] = {}
        self._texts: list[str] = []
        self._paragraphs = 0
        self._aside = ""  # a comment or a drawing in a cell has paragraphs of its own

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name in _CELLS:
            self._begin_cell(attributes)
        elif name == "table:table-row":
            self._begin_row(attributes)
        elif name == "table:table":
            self._begin_sheet(attributes)
        elif name == "style:style":
            self._style = attributes.get("style:name", "")
        elif name == "style:table-properties":
            if attributes.get("table:display") == "false":
                self._hidden_styles.add(self._style)
        elif self._at and not self._aside:
            self._within_cell(name, attributes)

    def _begin_sheet(self, attributes: dict[str, str]) -> None:
        name = attributes.get("table:name", "")
        if self._only in (None, name) and not (self._only and self.sheets):
            hidden = attributes.get("table:style-name") in self._hidden_styles
            self._sheet = Sheet(name, _CONTENT, hidden)
            self._number, self._never_calculated = 1, 0

    def _begin_row(self, attributes: dict[str, str]) -> None:
        self._times = _times(attributes.get("table:number-rows-repeated"), MOST_ROWS + 1)
        self._cells: dict[int, str] = {}
        self._next = 0
        self._blank, self._lacks_value = True, False

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        self.met += 1
        times = _times(attributes.get("table:number-columns-repeated"), MOST_COLUMNS)
        first, self._next = self._next, self._next + times
        if "office:value-type" in attributes:
            self._blank = False
        elif "table:formula" in attributes:
            self._blank, self._lacks_value = False, True
        if self._sheet is None or self._number > self._rows:
            return
        if times == 1:
            self._at = (first,) if first in self._positions else ()
        else:
            self._at = [at for at in self._positions if first <= at < self._next]
        if self._at:
            self._cell, self._texts, self._paragraphs = attributes, [], 0

    def _within_cell(self, name: str, attributes: dict[str, str]) -> None:
        match name:
            case "text:p":
                self._texts += ["\n"] if self._paragraphs else []
                self._paragraphs += 1
                self.parser.CharacterDataHandler = self._texts.append
            case "text:s":
                self._texts.append(" " * _times(attributes.get("text:c"), 1000))
            case "text:tab":
                self._texts.append("\t")
            case "text:line-break":
                self._texts.append("\n")
            case "office:annotation":
                self._aside = name
            case _ if name.startswith("draw:"):
                self._aside = name

    def _end(self, name: str) -> None:
        if self._at:
            self._end_within_cell(name)
        elif self._sheet is None:
            return
        elif name == "table:table-row":
            self._end_row()
        elif name == "table:table":
            self.sheets.append(
                OpenSheet(**vars(self._sheet), top=self.rows, never_calculated=self._never_calculated)
            )
            self._sheet = None
            if self._only is None:
                self.rows = []

    def _end_within_cell(self, name: str) -> None:
        if self._aside:
            self._aside = "" if name == self._aside else self._aside
        elif name == "text:p":
            self.parser.CharacterDataHandler = None
        elif name in _CELLS:
            text = self._text()
            if text:
                self._blank = False
                self._cells |= dict.fromkeys(self._at, text)
            self._at = ()

    def _end_row(self) -> None:
        if self._number <= self._rows:
            self.rows.append(Row(self._number, self._times, self._cells, self._blank))
        elif self._only is not None and not self._blank:
            raise DamagedError  # rows below the last that a sheet can have would be lost in silence
        self._never_calculated += self._lacks_value * self._times
        self._number += self._times

    def _text(self) -> str:
        """Return the cell's text: its value where it has one, else what it shows; an error as its word."""
        shown = "".join(self._texts)
        kind = self._cell.get("office:value-type")
        formula = "table:formula" in self._cell
        of_no_text = kind in _NUMBERS or self._cell.get("office:string-value") == ""
        errors = _SHOWN_IN_PLACE if of_no_text else _SHOWN_ERROR
        if self._cell.get("calcext:value-type") == "error" or (formula and errors.fullmatch(shown)):
            return shown if shown.startswith("#") else NO_VALUE
        if kind is None:
            return NO_VALUE if formula else shown
        value = self._cell.get(_VALUES.get(kind, ""), shown)
        if kind == "boolean" and value not in ("true", "false"):
            return NO_FLAG
        if kind in _VALUES and kind != "string" and not value:
            return NO_VALUE
        if kind in _NUMBERS:
            return _number(value)
        day = _DAY.match(value) if kind == "date" else None
        return day[0] if day else value


def _number(value: str) -> str:
    """Return a number as text, a whole one without decimals.

    >>> [_number(value) for value in ("1001", "7.0", "0.25", "many")]
    ['1001', '7', '0.25', 'many']
    """
    try:
        number = float(value)
    except ValueError:
        return value
    return str(int(number)) if number.is_integer() and abs(number) < 2**53 else repr(number)


def _times(stated: str | None, most: int) -> int:
    """Read how often something is repeated, at least once and at most so often."""
    return 1 if stated is None else max(1, min(int(stated[:9]), most))
