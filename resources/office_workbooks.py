"""XLSX: the sheets of a workbook, and one sheet's cells as text.

Calamine reads a sheet fast, as one box from its first cell to its last, with errors and formulas never calculated as
blanks, days that Excel has not as others or blanks, and any flag but 0 as true. A sheet whose box is small and that has
none of these is read from the file as it is. One that has errors besides, as Excel writes them, is read from a copy in
memory in which they are text. Any other is written anew in memory, a cell at a time, and may have fewer of them: columns
without a cell are closed up, and what has no value is text that says so.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from posixpath import join, normpath
from typing import IO
from xml.sax.saxutils import escape, quoteattr

import fastexcel
import polars as pl
from polars.exceptions import PanicException

from resources.sheets import (
    MOST_COLUMNS,
    MOST_ROWS,
    NO_DAY,
    NO_FLAG,
    NO_VALUE,
    Sheet,
    TooManyCellsError,
    most_cells_one_by_one,
)
from resources.xml_parts import (
    DamagedError,
    archive_of,
    attributes_of,
    local,
    parse,
    parser_of,
    pieces,
    usual_name,
)

_BOOK = "xl/workbook.xml"
_RELATED = "xl/_rels/workbook.xml.rels"
_STYLES = "xl/styles.xml"
_MOST_STYLES = 65_490
_SMALL_BOX = 1_000_000
_CELLS_A_PIECE = 10_000
_quoted = lru_cache(1024)(quoteattr)  # kinds and styles of cells, which are few

_USUAL_CELL = re.compile(rb'<c r="([A-Z]{1,3})\d')
_ROW_OF_CELL = re.compile(rb'<c r="[A-Z]{1,3}(\d{1,7})')
_ANY_CELL = re.compile(rb"<c[\s/>]")
_NOT_PLAIN = re.compile(rb"""<f[\s/>]|=\s?["']e["']""")
_ODD_FLAG = re.compile(rb"""<c\s[^>]*?\bt\s?=\s?["']b["'][^>]*(?<!/)>(?!<v>[01]</v>)""")
# A number of three to six digits before its point is a day of Excel's, whichever of its two calendars is meant.
_ODD_DATE = (
    rb"""<c\s(?![^>]*\bt\s?=\s?["'](?:s|str|inlineStr|b|e)["'])[^>]*?\bs\s?=\s?["'](?:%b)["'][^>]*(?<!/)>"""
    rb"""(?!<v>[1-9]\d{2,5}(?:\.\d+)?</v>)"""
)
_FORMULA = rb"(?:<f(?: [^<>]*)?>[^<]*</f>|<f(?: [^<>]*)?/>)"
_ERROR = re.compile(
    rb'<c r="([A-Z]{1,3}\d{1,7})"(?: s="\d{1,5}")? t="e"(?: s="\d{1,5}")?>'
    + _FORMULA
    + rb"?<v>([^<]+)</v></c>"
)
_AS_TEXT = rb'<c r="\1" t="inlineStr"><is><t xml:space="preserve">\2</t></is></c>'
_CALCULATED = re.compile(_FORMULA + rb"(?=<v>[^<])")
_SURELY_CALCULATED = re.compile(_FORMULA + rb"(?=<v>(?!0</v>)[^<])")
_LONGEST_CELL = 4 << 20
_FORMATS_OF_DATES = frozenset(map(str, (*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59))))
_NOT_OF_DATES = re.compile(r'"[^"]*"|\[(?![hms]+\])[^\]]*\]|[\\_*].', re.IGNORECASE)
_OF_DATES = re.compile("[dmyhs]", re.IGNORECASE)
_ENDS_OF_CALENDARS = {False: 2_958_466, True: 2_957_004}  # of 1900, and of 1904: 1 January 10000
_NO_SUCH_DAY = "1900-02-29"  # day 60 of Excel's calendar, which no other has
_PLACE = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")


@dataclass(frozen=True)
class Cells:
    """A sheet's cells as text, the first row its first.

    ``never_calculated`` are rows with a formula that never was, ``no_such_day`` rows with 29 February 1900.
    """

    frame: pl.DataFrame
    never_calculated: int = 0
    no_such_day: int = 0


def sheets_of(path: Path) -> list[Sheet]:
    """Return the sheets of cells, in the order of their tabs; charts are none. Raises DamagedError."""
    places: dict[str, str] = {}
    found: list[Sheet] = []

    def related(name: str, attributes: dict[str, str]) -> None:
        given = attributes_of(attributes)
        if local(name) == "Relationship" and given.get("Type", "").endswith("/worksheet"):
            target = given.get("Target", "")
            places[given.get("Id", "")] = normpath(join("xl", target)).lstrip("/")

    def listed(name: str, attributes: dict[str, str]) -> None:
        given = attributes_of(attributes)
        if local(name) == "sheet" and given.get("id") in places:
            hidden = given.get("state", "visible") != "visible"
            found.append(Sheet(given.get("name", ""), places[given["id"]], hidden))

    parse(parser_of(related), pieces(path, _RELATED))
    parse(parser_of(listed), pieces(path, _BOOK))
    return found


def cells_of(path: Path, sheet: Sheet) -> Cells:
    """Read a sheet. Raises DamagedError, and TooManyCellsError where its cells have to be looked at one by one."""
    of_dates, settings = _styles_of_dates(path), _settings_of(path)
    mending = _Mending(settings)
    if _is_plain(mending.mended(pieces(path, sheet.part)), of_dates):
        if not mending.mended_any:
            return Cells(_loaded(path, sheet))
        copy = io.BytesIO()
        with _with_another(path, sheet, copy) as out:
            for text in mending.mended(pieces(path, sheet.part)):
                out.write(text)
        return Cells(_loaded(copy.getvalue(), sheet))
    copy = io.BytesIO()
    rows = _written_anew(path, sheet, of_dates, settings, copy).rows
    return Cells(_loaded(copy.getvalue(), sheet), rows["never calculated"], rows["no such day"])


def _loaded(workbook: Path | bytes, sheet: Sheet) -> pl.DataFrame:
    try:
        loaded = fastexcel.read_excel(workbook).load_sheet(
            sheet.name, header_row=None, skip_rows=0, dtypes="string"
        )
        return loaded.to_polars()
    except (fastexcel.FastExcelError, PanicException):
        raise DamagedError from None


def _styles_of_dates(path: Path) -> frozenset[str]:
    """Return the numbers of the styles by which a number is a date or a time."""
    with archive_of(path) as parts:
        if _STYLES not in map(usual_name, parts.namelist()):
            return frozenset()
    formats, styles, of_cells = set(_FORMATS_OF_DATES), list[str](), False

    def begins(name: str, attributes: dict[str, str]) -> None:
        nonlocal of_cells
        match local(name):
            case "numFmt":
                code = _NOT_OF_DATES.sub("", attributes.get("formatCode", ""))
                (formats.add if _OF_DATES.search(code) else formats.discard)(attributes.get("numFmtId", ""))
            case "cellXfs":
                of_cells = True
            case "xf" if of_cells:
                styles.append(attributes.get("numFmtId", ""))
                if len(styles) > _MOST_STYLES:
                    raise DamagedError

    def ends(name: str) -> None:
        nonlocal of_cells
        of_cells = of_cells and local(name) != "cellXfs"

    parser = parser_of(begins)
    parser.EndElementHandler = ends
    parse(parser, pieces(path, _STYLES))
    return frozenset(str(at) for at, each in enumerate(styles) if each in formats)


@dataclass(frozen=True)
class _Settings:
    """Of a workbook: whether its program leaves formulas to be calculated on opening, and which calendar it has."""

    calculated_on_opening: bool
    from_1904: bool


def _settings_of(path: Path) -> _Settings:
    found = dict[str, bool]()

    def settings(name: str, attributes: dict[str, str]) -> None:
        for element, attribute in (("calcPr", "fullCalcOnLoad"), ("workbookPr", "date1904")):
            if local(name) == element:
                found[element] = attributes.get(attribute) in ("1", "true")

    parse(parser_of(settings), pieces(path, _BOOK))
    return _Settings(found.get("calcPr", False), found.get("workbookPr", False))


class _Mending:
    """Makes text of errors in a sheet's bytes, and takes formulas from cells whose value was calculated.

    Only what is written as Excel does is touched; `_is_plain` sees the rest.
    """

    def __init__(self, settings: _Settings) -> None:
        self.mended_any = False
        # Programs that leave formulas to be calculated write 0, or nothing, for their values.
        self._calculated = _SURELY_CALCULATED if settings.calculated_on_opening else _CALCULATED

    def mended(self, parts: Iterator[bytes]) -> Iterator[bytes]:
        for text in _whole_cells(parts):
            with_text, errors = _ERROR.subn(_AS_TEXT, text)
            without, formulas = self._calculated.subn(b"", with_text)
            self.mended_any = self.mended_any or errors + formulas > 0
            yield without


def _is_plain(texts: Iterable[bytes], of_dates: Collection[str]) -> bool:
    """Tell from the bytes whether every cell is of the usual form, has a value that it can have, and the box is small.

    "No" may be said of a sheet that is plain, never "yes" of one that is not.
    """
    odd_date = re.compile(_ODD_DATE % "|".join(sorted(of_dates)).encode()) if of_dates else None
    columns: set[bytes] = set()
    cells, rows = 0, 0
    for text in texts:
        usual = _USUAL_CELL.findall(text)
        if _NOT_PLAIN.search(text) or len(usual) != len(_ANY_CELL.findall(text)):
            return False
        if _ODD_FLAG.search(text) or (odd_date is not None and odd_date.search(text)):
            return False
        columns.update(usual)
        cells += len(usual)
        last = _ROW_OF_CELL.match(text, max(0, text.rfind(b"<c ")))
        rows = max(rows, int(last[1])) if last else rows
    box = rows * max((_column(each.decode()) for each in columns), default=0)
    return cells > 0 and box <= max(_SMALL_BOX, 3 * cells)


def _whole_cells(parts: Iterator[bytes]) -> Iterator[bytes]:
    """Cut a sheet's bytes where cells begin; a cell that is too long for that, and is none of Excel's, anywhere."""
    kept = b""
    for piece in _large(parts):
        text = kept + piece
        end = text.rfind(b"<c ", 1)
        if end < 0:
            end = (
                0 if text.startswith(b"<c ") and len(text) < _LONGEST_CELL else max(0, len(text) - len(b"<c"))
            )
        if end:
            yield text[:end]
        kept = text[end:]
    yield kept


def _large(parts: Iterator[bytes]) -> Iterator[bytes]:
    gathered = bytearray()
    for piece in parts:
        gathered += piece
        if len(gathered) >= 1 << 20:
            yield bytes(gathered)
            gathered.clear()
    yield bytes(gathered)


def _column(letters: str) -> int:
    """Return a column's number, from 1.

    >>> [_column(letters) for letters in ("A", "Z", "AA", "XFD")]
    [1, 26, 27, 16384]
    """
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _letters(column: int) -> str:
    """Return a column's letters.

    >>> [_letters(column) for column in (1, 26, 27, 16384)]
    ['A', 'Z', 'AA', 'XFD']
    """
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


@contextmanager
def _with_another(path: Path, sheet: Sheet, copy: IO[bytes]) -> Iterator[IO[bytes]]:
    """Write what all sheets of the workbook share into ``copy``, and lend what is to become this one sheet."""
    with archive_of(path) as parts:
        names = list(map(usual_name, parts.namelist()))
    with zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out:
        for name in names:
            if name.count("/") <= 1 or name.lower() == _RELATED:
                with out.open(name, "w", force_zip64=True) as into:
                    for piece in pieces(path, name):
                        into.write(piece)
        with out.open(sheet.part, "w", force_zip64=True) as into:
            yield into


def _written_anew(
    path: Path, sheet: Sheet, of_dates: Collection[str], settings: _Settings, copy: IO[bytes]
) -> _Anew:
    """Write the workbook with this one sheet's rows and cells, and what all sheets share, into ``copy``."""
    with _with_another(path, sheet, copy) as out:
        anew = _Anew(out, of_dates, settings, most_cells_one_by_one(path.stat().st_size))
        parse(anew.parser, pieces(path, sheet.part))
        anew.finish()
    return anew


class _Anew:
    """Writes a sheet's rows and cells anew while they are parsed."""

    def __init__(
        self, out: IO[bytes], of_dates: Collection[str], settings: _Settings, most_cells: int
    ) -> None:
        self.parser = parser_of(self._start)
        self.rows = Counter[str]()  # by what is to be known of them
        self._out, self._of_dates = out, of_dates
        self._settings, self._most_cells, self._cells = settings, most_cells, 0
        self._pending = [
            '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        ]
        self._letters: dict[int, str] = {}  # of each column that has a cell, in the order met
        self._row, self._column, self._in_row = 0, 0, False
        self._cell: dict[str, str] = {}
        self._formula = self._given = self._spoken = False
        self._counted: set[str] = set()  # of this row
        self._texts: list[str] = []

    def finish(self) -> None:
        """Write what is still held, and the end."""
        self._end_row()
        self._pending.append("</sheetData></worksheet>")
        self._flush()

    def _flush(self) -> None:
        self._out.write("".join(self._pending).encode())
        self._pending.clear()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        match local(name):
            case "row":
                self._end_row()
                self._row = int(attributes.get("r", self._row + 1))
                self._column = 0
                self._counted.clear()
            case "c":
                self._begin_cell(attributes)
            case "f":
                self._formula = True
            case "v":
                self._given = True
                self.parser.CharacterDataHandler = self._texts.append
            case "t" if not self._spoken:
                self.parser.CharacterDataHandler = self._texts.append
            case "rPh":  # how a word is spoken stands with it
                self._spoken = True

    def _end_row(self) -> None:
        if self._in_row:
            self._pending.append("</row>")
            self._in_row = False

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        self._cells += 1
        if self._cells > self._most_cells:
            raise TooManyCellsError(self._most_cells)
        place = attributes.get("r")
        if place is None:
            self._column += 1
        else:
            found = _PLACE.fullmatch(place)
            if found is None or int(found[2]) != self._row:
                raise DamagedError
            self._column = _column(found[1])
        if self._column > MOST_COLUMNS or not 0 < self._row <= MOST_ROWS:
            raise DamagedError
        self._cell = attributes
        self._formula = self._given = self._spoken = False
        self._texts.clear()
        self.parser.EndElementHandler = self._end

    def _end(self, name: str) -> None:
        match local(name):
            case "v" | "t":
                self.parser.CharacterDataHandler = None
            case "rPh":
                self._spoken = False
            case "c":
                self.parser.EndElementHandler = None
                self._end_cell()

    def _end_cell(self) -> None:
        text, kind = "".join(self._texts), self._cell.get("t", "n")
        if kind == "e":
            self._write("inlineStr", text or NO_VALUE)
        elif self._formula and not self._calculated(text, kind):
            self._count("never calculated")
            self._write("inlineStr", NO_VALUE)
        elif kind == "b":
            self._write_flag(text)
        elif kind in ("n", "") and self._cell.get("s", "0") in self._of_dates:
            self._write_date(text)
        elif text:
            self._write(kind, text)

    def _count(self, what: str) -> None:
        self.rows[what] += what not in self._counted
        self._counted.add(what)

    def _write_flag(self, text: str) -> None:
        flag = {"0": "0", "false": "0", "1": "1", "true": "1"}.get(text)
        if flag is not None:
            self._write("b", flag)
        elif text or self._given:
            self._write("inlineStr", NO_FLAG)

    def _write_date(self, text: str) -> None:
        """Write a number that is shown as a date; of what is no number, the text, which is no date either."""
        try:
            day = float(text)
        except ValueError:
            if text:
                self._write("inlineStr", text)
            return
        if not 0 <= day < _ENDS_OF_CALENDARS[self._settings.from_1904]:
            self._write("inlineStr", NO_DAY)
        elif 60 <= day < 61 and not self._settings.from_1904:
            self._count("no such day")
            self._write("inlineStr", _NO_SUCH_DAY)
        else:
            self._write("n", text)

    def _calculated(self, text: str, kind: str) -> bool:
        """Tell whether a formula's value was calculated: programs that cannot calculate leave none, or 0 for Excel to."""
        if kind == "str":
            return self._given
        return text not in (("", "0") if self._settings.calculated_on_opening else ("",))

    def _write(self, kind: str, text: str) -> None:
        if not self._in_row:
            self._in_row = True
            self._pending.append(f'<row r="{self._row}">')
        letters = self._letters.get(self._column)
        if letters is None:
            letters = self._letters[self._column] = _letters(len(self._letters) + 1)
        head = f'<c r="{letters}{self._row}" t={_quoted(kind)}'
        if kind == "inlineStr":
            self._pending.append(f'{head}><is><t xml:space="preserve">{escape(text)}</t></is></c>')
        else:
            style = self._cell.get("s", "0")
            self._pending.append(f"{head} s={_quoted(style)}><v>{escape(text)}</v></c>")
        if len(self._pending) > _CELLS_A_PIECE:
            self._flush()
