"""Sound extracts of leavers in every format, from which hostile ones are built: parts of archives, rows, columns.

The people are invented. Their numbers and surnames are found again by ``PEOPLE`` in anything that is printed.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Mapping, Sequence

import polars as pl

HEADINGS = (
    "Employee Number",
    "Termination Date",
    "Ethnic Origin",
    "Reason",
    "Band",
    "Directorate",
    "Surname",
)
COLUMNS = {
    "person": "Employee Number",
    "leaving_date": "Termination Date",
    "ethnic_code": "Ethnic Origin",
    "reason": "Reason",
    "band": "Band",
    "directorate": "Directorate",
}
ROWS = 40
PEOPLE = re.compile(r"700100\d\d|Quinc|uincey", re.IGNORECASE)

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_OPEN = "urn:oasis:names:tc:opendocument:xmlns:"

Parts = dict[str, bytes | str]


def people() -> list[tuple[str, ...]]:
    """Rows of invented leavers, as text."""
    first = dt.date(2026, 7, 1)
    return [
        (
            str(70010000 + at),
            f"{first + dt.timedelta(days=at * 2):%d/%m/%Y}",
            "ACFJM"[at % 5],
            ("Retirement Age", "Relocation")[at % 2],
            f"Band {5 + at % 3}",
            ("Medicine", "Surgery")[at % 2],
            f"Quincey{at:03d}",
        )
        for at in range(ROWS)
    ]


def csv_text(rows: Sequence[Sequence[str]] | None = None, *, delimiter: str = ",", line: str = "\r\n") -> str:
    """Delimited text with the headings above."""
    return "".join(delimiter.join(row) + line for row in (HEADINGS, *(people() if rows is None else rows)))


def frame() -> pl.DataFrame:
    """The rows as a typed frame."""
    texts = pl.DataFrame(people(), schema=list(HEADINGS), orient="row")
    return texts.with_columns(pl.col("Termination Date").str.to_date("%d/%m/%Y"))


def zipped(parts: Mapping[str, bytes | str], *, stored: bool = False) -> bytes:
    """A zip archive of the parts."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return content.getvalue()


# XLSX


def text_cell(place: str, words: str) -> str:
    """A cell with a text of its own."""
    return f'<c r="{place}" t="inlineStr"><is><t>{words}</t></is></c>'


def sheet_rows(*, more: str = "", in_row: Mapping[int, str] | None = None, serial: bool = True) -> str:
    """The XML of headings and people; ``in_row`` are further cells by row, ``more`` what follows them all.

    Dates are serial numbers of the style for dates, or text.
    """
    lines = []
    for number, row in enumerate((HEADINGS, *people()), start=1):
        cells = [text_cell(f"{letter}{number}", words) for letter, words in zip("ABCDEFG", row, strict=True)]
        if serial and number > 1:
            cells[1] = f'<c r="B{number}" s="1"><v>{46204 + 2 * number}</v></c>'
        lines.append(f'<row r="{number}">{"".join(cells)}{(in_row or {}).get(number, "")}</row>')
    return "".join(lines) + more


def worksheet(rows: str, *, before: str = "", after: str = "") -> str:
    """A sheet of such rows."""
    return f'<worksheet xmlns="{_MAIN}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'


STYLES = (
    f'<styleSheet xmlns="{_MAIN}"><fonts count="1"><font/></fonts><fills count="1"><fill/></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>'
)


def book(*sheets: tuple[str, str], more: str = "") -> str:
    """The list of a workbook's sheets: their names and the numbers of their relations."""
    listed = "".join(
        f'<sheet name="{name}" sheetId="{at + 1}" r:id="{rel}"/>' for at, (name, rel) in enumerate(sheets)
    )
    return f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">{more}<sheets>{listed}</sheets></workbook>'


def related(*targets: tuple[str, str, str]) -> str:
    """Relations: their numbers, kinds and targets."""
    each = "".join(
        f'<Relationship Id="{at}" Type="{_OFFICE}/{kind}" Target="{to}"/>' for at, kind, to in targets
    )
    return f'<Relationships xmlns="{_PACKAGE}">{each}</Relationships>'


def xlsx_parts(sheet: str | None = None, **shared: str) -> Parts:
    """The parts of a workbook of one sheet; ``shared`` is its part of shared strings, where it has one."""
    named = [("r1", "worksheet", "worksheets/sheet1.xml"), ("r2", "styles", "styles.xml")]
    if shared:
        named.append(("r3", "sharedStrings", "sharedStrings.xml"))
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    return {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kind}.worksheet+xml"/></Types>',
        "_rels/.rels": related(("r1", "officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": book(("Leavers", "r1")),
        "xl/_rels/workbook.xml.rels": related(*named),
        "xl/styles.xml": STYLES,
        **({"xl/sharedStrings.xml": shared["shared"]} if shared else {}),
        "xl/worksheets/sheet1.xml": worksheet(sheet_rows()) if sheet is None else sheet,
    }


def shared_strings(items: str, *, attributes: str = "") -> str:
    """The part of shared strings."""
    return f'<sst xmlns="{_MAIN}"{attributes}>{items}</sst>'


# ODS


def ods_cell(words: str, more: str = "") -> str:
    """A cell of text."""
    return f'<table:table-cell office:value-type="string"{more}><text:p>{words}</text:p></table:table-cell>'


def ods_rows() -> str:
    """Headings and people."""
    return "".join(
        f"<table:table-row>{''.join(map(ods_cell, row))}</table:table-row>" for row in (HEADINGS, *people())
    )


def ods_content(rows: str | None = None, *, before: str = "", tables: str | None = None) -> str:
    """The content of a spreadsheet of one table, or of those given."""
    spaces = "".join(f' xmlns:{name}="{_OPEN}{name}:1.0"' for name in ("office", "style", "table", "text"))
    table = f'<table:table table:name="Leavers">{ods_rows() if rows is None else rows}</table:table>'
    return (
        f'{before}<office:document-content{spaces} office:version="1.3"><office:body><office:spreadsheet>'
        f"{table if tables is None else tables}</office:spreadsheet></office:body></office:document-content>"
    )


def ods_parts(content: bytes | str | None = None) -> Parts:
    """The parts of a spreadsheet."""
    return {
        "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
        "META-INF/manifest.xml": "<manifest/>",
        "content.xml": ods_content() if content is None else content,
    }
