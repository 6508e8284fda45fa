"""Planting canaries in extracts, and breaking extracts that are full of them; a part of the program beside it.

A canary is a text that stands nowhere else, so that whoever finds it knows which column of which extract it came out of.
Every column of every extract gets one of each kind, in rows that are otherwise good and in rows that are broken.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import itertools
import random
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import fastexcel
import xlsxwriter

from disparity.catalogue import Source
from disparity.catalogue.vocabulary import vocabulary_of
from disparity.datasets import DATASETS
from disparity.periods import Quarter
from resources.catalogue import load_catalogue

BEFORE, QUARTER = Quarter.from_key("2025-10-01"), Quarter.from_key("2026-01-01")
KINDS = ("name", "ni_number", "e_mail", "free_text", "rare_code", "number", "date")
EXTRA = ("NI Number", "E-mail (work)", "Manager's notes", "Former grade code")
"""Headings that no catalogue maps, beside those of the sample that it does not map either."""

Cell = str | float | dt.date


@dataclass(frozen=True)
class Canary:
    """One canary: where it was planted, its kind, how it may be typed, and what of it gives it away."""

    dataset: str
    heading: str
    column: str
    kind: str
    typed: tuple[Cell, ...] = field(repr=False)
    tells: tuple[str, ...] = field(repr=False)


def _word(stream: random.Random) -> str:
    """Return ten letters that no language has."""
    return "".join(stream.choice("qxzvkj") + stream.choice("aeiou") for _ in range(5))


def canary(dataset: str, heading: str, column: str, kind: str, date_format: str = "%d/%m/%Y") -> Canary:
    """Make the canary of a column and a kind, the same each time."""
    stream = random.Random(f"{dataset} {heading} {kind}")
    one, two, three = (_word(stream) for _ in range(3))
    typed: tuple[Cell, ...]
    tells: tuple[str, ...]
    match kind:
        case "ni_number":
            letters = [stream.choice("GHJKLMNPRSTWXYZ") for _ in range(3)]
            digits = [f"{stream.randrange(100):02}" for _ in range(3)]
            parts = (letters[0] + letters[1], *digits, letters[2])
            typed = (" ".join(parts), "".join(parts))
            tells = (" ".join(parts), "".join(parts))
        case "e_mail":
            typed = (f"{one}.{two}@{three}.example", f"{one}.{two}@{three}.example".upper())
            tells = (f"{one}.{two}", three)
        case "free_text":
            typed = (f'She told {one.title()}: "never again",\nand wrote to {two}.', f"{one} ({two})")
            tells = (one, two)
        case "rare_code":
            code = "".join(stream.choice("GHJKLMNPRSTWXYZ23456789") for _ in range(10))
            typed, tells = (code, code.lower()), (code,)
        case "number":
            pounds = stream.randrange(10**12, 10**13)
            typed = (float(f"{pounds}.25"), f"£{pounds:,}.25")
            tells = (str(pounds), f"{pounds:,}", f"{pounds / 10**12:.12f}")
        case "date":
            day = dt.date(1921, 1, 1) + dt.timedelta(days=stream.randrange(10_000))
            words = f"{day.day} {day:%B %Y}"
            typed = (day, words)
            forms = (
                date_format,
                "%Y-%m-%d",
                "%Y/%m/%d",
                "%d/%m/%Y",
                "%d.%m.%Y",
                "%m/%d/%Y",
                "%d %b %Y",
                "%B %d, %Y",
            )
            tells = (*dict.fromkeys(day.strftime(each) for each in forms), words)
        case _:
            typed = (f"{one.title()}ë {two.title()}", f"{two.upper()}, {one.lower()}ë")
            tells = (one, two)
    return Canary(dataset, heading, column, kind, typed, tells)


@dataclass(frozen=True)
class Sheet:
    """An extract as its supplier has it."""

    source: Source
    banner: list[str]
    headings: list[str]
    rows: list[list[Cell]]

    @property
    def texts(self) -> list[list[str]]:
        """Every cell below the headings as text."""
        return [[_as_text(each, self.source.date_format) for each in row] for row in self.rows]

    @classmethod
    def read(cls, path: Path, source: Source) -> Sheet:
        """Read a good extract of the sample."""
        above = source.skip_rows
        if source.format == "xlsx":
            cells = fastexcel.read_excel(path).load_sheet(source.sheet or 0, header_row=None, dtypes="string")
            table: list[list[Cell]] = [
                ["" if each is None else str(each) for each in row] for row in cells.to_polars().rows()
            ]
            return cls(
                source, [str(row[0]) for row in table[:above]], [*map(str, table[above])], table[above + 1 :]
            )
        text = path.read_bytes().decode(source.encoding or "utf-8-sig")
        lines = text.splitlines(keepends=True)
        headings, *rows = csv.reader(lines[above:], delimiter=source.delimiter)
        return cls(source, [each.rstrip() for each in lines[:above]], headings, [[*row] for row in rows])

    def to_bytes(self) -> bytes:
        """Return the file's bytes, as its format has it."""
        return self._workbook() if self.source.format == "xlsx" else self._delimited()

    def _delimited(self) -> bytes:
        lines = io.StringIO(newline="")
        lines.writelines(f"{each}\r\n" for each in self.banner)
        csv.writer(lines, delimiter=self.source.delimiter).writerows([self.headings, *self.texts])
        return lines.getvalue().encode(self.source.encoding or "utf-8-sig")

    def _workbook(self) -> bytes:
        content = io.BytesIO()
        with xlsxwriter.Workbook(content) as book:
            author, other = (canary("learning_budget", each, "", "name") for each in HIDDEN)
            book.set_properties({"author": author.typed[0], "comments": author.typed[1]})
            day = book.add_format({"num_format": "dd/mm/yyyy"})
            sheet = book.add_worksheet(self.source.sheet)
            banner: list[list[Cell]] = [[each] for each in self.banner]
            rows: list[list[Cell]] = [*banner, [*self.headings], *self.rows]
            for at, row in enumerate(rows):
                for place, each in enumerate(row):
                    if isinstance(each, dt.date):
                        sheet.write_datetime(at, place, dt.datetime.combine(each, dt.time()), day)
                    elif isinstance(each, float):
                        sheet.write_number(at, place, each)
                    else:
                        sheet.write_string(at, place, each)
            book.add_worksheet("People").write_string(0, 0, str(other.typed[0]))
        return content.getvalue()


HIDDEN = ("(properties)", "(other sheet)")


def _on_one_line(each: Cell) -> Cell:
    return each.replace("\n", " ") if isinstance(each, str) else each


def _as_text(each: Cell, date_format: str) -> str:
    if isinstance(each, dt.date):
        return each.strftime(date_format)
    return f"{each:.2f}" if isinstance(each, float) else each


@dataclass(frozen=True)
class Bed:
    """One extract to plant in: which of its headings are read as what."""

    dataset: str
    sheet: Sheet
    columns: dict[str, str]
    identifiers: list[str]
    open_to_text: list[str]
    chosen_by: list[str]

    @classmethod
    def of(cls, dataset: str, sheet: Sheet, kinds: Mapping[str, str]) -> Bed:
        """Divide the headings of an extract by what the catalogue makes of them."""
        source = sheet.source
        columns = {heading: column for column, heading in source.columns.items()}
        in_force = [source.in_force.start, source.in_force.end] if source.in_force else []
        return cls(
            dataset,
            replace(sheet, headings=[*sheet.headings, *EXTRA, str(canary(dataset, *HEADING).typed[0])]),
            columns,
            [each for each, column in columns.items() if kinds[column] == "identifier"],
            [each for each, column in columns.items() if kinds[column] != "identifier"],
            [*source.keep, *in_force],
        )

    def canary(self, heading: str, kind: str) -> Canary:
        """Return the canary of one of its columns."""
        return canary(
            self.dataset, heading, self.columns.get(heading, ""), kind, self.sheet.source.date_format
        )

    def canaries(self) -> list[Canary]:
        """Return every canary that is planted in it."""
        return [
            *(self.canary(heading, kind) for heading in self.sheet.headings[:-1] for kind in KINDS),
            *(self.canary(heading, LISTED) for heading in self._ethnicities()),
            canary(self.dataset, *HEADING),
        ]

    def planted(self, way: int) -> Sheet:
        """Return the extract with canaries, each typed in the first or the second of its ways."""
        rows, numbers = [], itertools.count(1)
        for kind in KINDS:
            rows += [self._row(kind, way, next(numbers), places) for places in self._places()]
            for again in ([], [self.open_to_text[-1]]):  # a key once more, in the same row and in another one
                number = next(numbers)
                rows += [self._row(kind, way, number, places) for places in ([], again)]
            rows.append(self._row(kind, way, None, self.open_to_text))
        rows += [self._row("name", way, next(numbers), [each], LISTED) for each in self._ethnicities()]
        width = len(self.sheet.headings)
        return replace(
            self.sheet, rows=[*rows, *([*row, *[""] * (width - len(row))] for row in self.sheet.rows)]
        )

    def _ethnicities(self) -> list[str]:
        return [heading for heading, column in self.columns.items() if column == "ethnic_code"]

    def identifiers_in(self, planted: Sheet) -> Iterator[dict[str, Any]]:
        """Yield what was typed into each column of identifiers."""
        told = planted.rows[: -len(self.sheet.rows)]
        for heading in self.identifiers:
            texts = [each for row in told if (each := row[planted.headings.index(heading)])]
            yield {
                "dataset": self.dataset,
                "heading": heading,
                "column": self.columns[heading],
                "texts": texts,
            }

    def _places(self) -> list[list[str]]:
        """Return which columns are spoilt in each row: none, all that are read as values, and each alone."""
        return [[], self.open_to_text, *([each] for each in [*self.open_to_text, *self.chosen_by])]

    def _row(self, kind: str, way: int, number: int | None, places: list[str], of: str = "") -> list[Cell]:
        """Return a good row with a canary in every identifier, every column that is not read, and in ``places``.

        Identifiers end with a number, so that rows do not repeat each other; without one they are blank.
        """
        told = {
            each: self.canary(each, kind).typed[way] for each in self.sheet.headings if self._is_free(each)
        }
        for each in self.identifiers:
            told[each] = "" if number is None else f"{_as_text(told[each], '%d/%m/%Y')} no. {number}"
        told |= {each: self.canary(each, of or kind).typed[way] for each in places}
        # With a line break in a column that is read the whole extract would be refused, as one of the broken ones is.
        told |= {each: _on_one_line(told[each]) for each in (*self.columns, *self.chosen_by) if each in told}
        good = self._good_row()
        return [told.get(each, good.get(each, "")) for each in self.sheet.headings]

    def _is_free(self, heading: str) -> bool:
        return heading in self.identifiers or heading not in (*self.open_to_text, *self.chosen_by)

    def _good_row(self) -> dict[str, Cell]:
        """Return the row of the sample that is kept by the source's rules and has most of its cells filled."""
        keep = self.sheet.source.keep
        rows = [dict(zip(self.sheet.headings, row, strict=False)) for row in self.sheet.rows]
        kept = [row for row in rows if all(row[each] in allowed for each, allowed in keep.items())]
        return max(kept, key=lambda row: sum(bool(row[each]) for each in self.columns))


HEADING, LISTED = ("(heading)", "", "heading"), "listed_code"
REFUSED, JOINED = "refused", "joined"
"""Landing folders in which every extract is refused, or has its first row on the line of its headings."""
FILE = canary("landing", "(file name)", "", "name")


def plant(folder: Path) -> tuple[list[Canary], list[dict[str, Any]]]:
    """Spoil the good extracts in a folder's landing place; return the canaries in them, and the identifiers as typed."""
    catalogue = load_catalogue(folder / "catalogue")
    kinds = {name: dataset.columns(vocabulary_of(catalogue)) for name, dataset in DATASETS.items()}
    planted = [FILE, *(canary("learning_budget", each, "", "name") for each in HIDDEN)]
    identifiers = []
    for way, quarter in enumerate((BEFORE, QUARTER)):
        for dataset, source in catalogue.sources.items():
            path = extract_of(folder / "landing", source, quarter)
            if path.exists():
                named = {name: column.kind for name, column in kinds[dataset].items()}
                bed = Bed.of(dataset, Sheet.read(path, source), named)
                spoilt = bed.planted(way)
                path.write_bytes(spoilt.to_bytes())
                planted += bed.canaries() if quarter == BEFORE else []
                identifiers += list(bed.identifiers_in(spoilt))
    (folder / "landing" / f"Referral of {FILE.typed[0]}.docx").write_text(f"About {FILE.typed[1]}")
    listed = [each for each in planted if each.kind == LISTED]
    _know_codes(folder / "catalogue" / "ethnicity.csv", [str(word) for each in listed for word in each.typed])
    return planted, identifiers


def _know_codes(path: Path, words: list[str]) -> None:
    """Add words to the ethnic codes that the catalogue knows, as other words for the first of them."""
    first = next(csv.DictReader(path.open(encoding="utf-8")))
    with path.open("a", encoding="utf-8", newline="") as lines:
        csv.DictWriter(lines, list(first)).writerows(
            {**first, "label": each} for each in dict.fromkeys(words)
        )


def extract_of(landing: Path, source: Source, quarter: Quarter) -> Path:
    return landing / source.location.replace("{quarter}", quarter.key)


# Broken files: each function spoils the bytes of an extract that is full of canaries.


def _headings_at(content: bytes, sheet: Sheet) -> tuple[int, int]:
    """Return where the line of headings begins and ends."""
    lines = content.splitlines(keepends=True)
    start = sum(map(len, lines[: len(sheet.banner)]))
    return start, start + len(lines[len(sheet.banner)])


def _respelt(sheet: Sheet, **changes: Any) -> bytes:
    return replace(sheet, **changes).to_bytes()


def _quote_before_last_heading(content: bytes, sheet: Sheet) -> bytes:
    start, end = _headings_at(content, sheet)
    at = content.rindex(sheet.source.delimiter.encode(), start, end) + 1
    return content[:at] + b'"' + content[at:]


def _quote_that_ends_later(content: bytes, sheet: Sheet) -> bytes:
    spoilt = _quote_before_last_heading(content.replace(b'"', b""), sheet).splitlines(keepends=True)
    at = len(sheet.banner) + 3
    return b"".join([*spoilt[:at], b'"' + spoilt[at], *spoilt[at + 1 :]])


def _first_row_beside_headings(content: bytes, sheet: Sheet) -> bytes:
    _, end = _headings_at(content, sheet)
    return content[: end - 2] + b" " + content[end:]


DELIMITED: dict[str, Callable[[bytes, Sheet], bytes]] = {
    "cut off": lambda content, sheet: content[: -len(content) // 20],
    "another delimiter": lambda content, sheet: content.replace(sheet.source.delimiter.encode(), b"|"),
    "bytes of no encoding": lambda content, sheet: content + "ë".encode() + b"\x81\xff\r\n",
    "a heading is missing": lambda content, sheet: _respelt(
        sheet, headings=["", *sheet.headings[1:3], "", *sheet.headings[4:]]
    ),
    "no headings": lambda content, sheet: _respelt(sheet, headings=[str(each) for each in sheet.rows[0]]),
    "no banner and no headings": lambda content, sheet: content[_headings_at(content, sheet)[1] :],
    "a heading twice": lambda content, sheet: _respelt(
        sheet, headings=[*sheet.headings[:-1], sheet.headings[2]]
    ),
    "a quotation mark in the headings": _quote_before_last_heading,
    "a quotation mark in the headings that ends later": _quote_that_ends_later,
    "too many fields": lambda content, sheet: content + content.splitlines()[-1] * 2 + b"\r\n",
    "a quotation mark in a row": lambda content, sheet: content + b'"' + content.splitlines()[-2] + b"\r\n",
    "line breaks in a row": lambda content, sheet: _respelt(
        sheet, rows=[[f"{each}\n{each}" for each in sheet.texts[0]], *sheet.rows[1:]]
    ),
    "zero bytes": lambda content, sheet: content + b"\0",
    "half of UTF-16": lambda content, sheet: content.decode("latin-1").encode("utf-16")[:-1],
    "a page": lambda content, sheet: b"<!DOCTYPE html><html><body>" + content,
}


def _respelt_part(content: bytes, part: str, spoil: Callable[[bytes], bytes]) -> bytes:
    spoilt = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(spoilt, "w") as new:
        for name in old.namelist():
            new.writestr(name, spoil(old.read(name)) if name == part else old.read(name))
    return spoilt.getvalue()


def _source(sheet: Sheet, /, **changes: str) -> bytes:
    return _respelt(sheet, source=sheet.source.model_copy(update=changes))


WORKBOOK: dict[str, Callable[[bytes, Sheet], bytes]] = {
    "cut off": lambda content, sheet: content[: -len(content) // 3],
    "text": lambda content, sheet: _source(sheet, format="csv"),
    "words cut off": lambda content, sheet: _respelt_part(
        content, "xl/sharedStrings.xml", lambda part: part[: len(part) // 2]
    ),
    "words of no encoding": lambda content, sheet: _respelt_part(
        content, "xl/sharedStrings.xml", lambda part: part.replace("ë".encode(), b"\xff\x81")
    ),
    "a sheet cut off": lambda content, sheet: _respelt_part(
        content, "xl/worksheets/sheet1.xml", lambda part: part[: len(part) // 2]
    ),
    "a heading is missing": DELIMITED["a heading is missing"],
    "no headings": DELIMITED["no headings"],
    "a heading twice": DELIMITED["a heading twice"],
    "no banner": lambda content, sheet: _respelt(sheet, banner=[]),
    "a sheet by another name": lambda content, sheet: _source(sheet, sheet=str(FILE.typed[0])),
    "a page": DELIMITED["a page"],
}


WAYS = {"csv": DELIMITED, "xlsx": WORKBOOK}


def break_files(folder: Path) -> list[Path]:
    """Write landing places in which every extract is broken, each in another way; all ways come up; return the places."""
    landing, sources = folder / "landing", load_catalogue(folder / "catalogue").sources
    for number in range(len(WORKBOOK)):
        for at, source in enumerate(sources.values()):
            ways = [*WAYS[source.format].values()]
            _break(landing, source, ways[(number + 3 * at) % len(ways)], landing / f"broken_{number:02}")
    for source in sources.values():
        refused = "cut off" if source.format == "xlsx" else "bytes of no encoding"
        _break(landing, source, WAYS[source.format][refused], landing / REFUSED)
        if source.format == "csv":
            _break(landing, source, _first_row_beside_headings, landing / JOINED)
    return sorted(landing.glob("broken_*"))


def _break(landing: Path, source: Source, spoil: Callable[[bytes, Sheet], bytes], place: Path) -> None:
    path = extract_of(landing, source, QUARTER)
    if not path.exists():  # the survey comes once a year; broken, it comes again
        path = extract_of(landing, source, BEFORE)
    place.mkdir(exist_ok=True)
    extract_of(place, source, QUARTER).write_bytes(spoil(path.read_bytes(), Sheet.read(path, source)))
