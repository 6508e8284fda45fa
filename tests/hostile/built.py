"""Some six hundred extracts of leavers built to be hostile: what they stand for, what they repeat, what they lie about.

Each is small or of 10 MB at most, and is named by its format and by what is wrong with it.
"""

from __future__ import annotations

import decimal
import io
import struct
import warnings
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from hostile.sound import (
    HEADINGS,
    ROWS,
    STYLES,
    book,
    csv_text,
    frame,
    ods_cell,
    ods_content,
    ods_parts,
    ods_rows,
    people,
    related,
    shared_strings,
    sheet_rows,
    text_cell,
    worksheet,
    xlsx_parts,
    zipped,
)

Content = Callable[[], bytes]
Named = Iterator[tuple[str, Content]]


@dataclass(frozen=True)
class Built:
    """One hostile file: its format, what is wrong with it, and its bytes once asked for."""

    format: str
    name: str
    content: Content


def built() -> Iterator[Built]:
    """All of them, one after another, as some are large before they are packed."""
    families: dict[str, tuple[Callable[[], Named], ...]] = {
        "xlsx": (_places, _shared, _values, _sheets, _xml_of_sheets, _archives_of("xlsx"), _bombs),
        "ods": (_repeats, _open_values, _archives_of("ods")),
        "parquet": (_pages, _types, _lies),
        "csv": (_shapes, _quotes, _bytes_of_text),
    }
    for format_, those in families.items():
        for family in those:
            for name, content in family():
                yield Built(format_, name, content)


_ENTITIES = "".join(f'<!ENTITY l{at} "' + f"&l{at - 1};" * 10 + '">' for at in range(1, 10))


# XLSX


def _xlsx(rows: str, *, before: str = "", after: str = "", **shared: str) -> Content:
    return lambda: zipped(xlsx_parts(worksheet(rows, before=before, after=after), **shared))


def _far(place: str) -> str:
    """A row with one cell at a place, behind all others."""
    number = "".join(sign for sign in place if sign.isdigit())
    return f'<row r="{number}">{text_cell(place, "Quince")}</row>'


def _places() -> Named:
    for place in ("XFD1048576", "A1048576", "XFC999999", "AAA50000", "ZZ1000000"):
        yield f"a cell in {place}", _xlsx(sheet_rows(more=_far(place)))
        yield f"a number in {place}", _xlsx(sheet_rows(more=_far(place).replace("inlineStr", "n")))
        yield f"nothing but a cell in {place}", _xlsx(_far(place))
        yield (
            f"an error in {place}",
            _xlsx(
                sheet_rows(
                    more=_far(place).replace('t="inlineStr"><is><t>Quince</t></is>', 't="e"><v>#N/A</v>')
                )
            ),
        )
    for place in (
        "A0",
        "A99999999999",
        "1A",
        "",
        "XFE2",
        "AAAA2",
        "a50",
        "A-1",
        "A1048577",
        "\N{ARABIC-INDIC DIGIT ONE}",
    ):
        yield (
            f"a cell in {place!r}",
            _xlsx(sheet_rows(more=f'<row r="50">{text_cell(place, "Quince")}</row>')),
        )
    for row in ("0", "-1", "4294967297", "1e3", "", "x", "9" * 5000, "1048577"):
        yield (
            f"a row {row[:12]!r}",
            _xlsx(sheet_rows(more=f'<row r="{row}">{text_cell("A50", "Quince")}</row>')),
        )
        yield (
            f"a row {row[:12]!r} with cells that have no place",
            _xlsx(sheet_rows(more=f'<row r="{row}"><c t="str"><v>Quince</v></c></row>')),
        )
    for said in ("A1:XFD1048576", "A1:A1", "XFD1048576:A1", "ZZZZ1:AAAA99999999999", "", "B2"):
        yield f"a dimension {said!r}", _xlsx(sheet_rows(), before=f'<dimension ref="{said}"/>')
    yield (
        "a diagonal of 700 cells",
        _xlsx(
            sheet_rows(
                more="".join(
                    f'<row r="{1400 * at + 60}"><c r="{_at(at)}{1400 * at + 60}"><v>1</v></c></row>'
                    for at in range(1, 700)
                )
            )
        ),
    )
    yield "a row twice", _xlsx(sheet_rows(more=f'<row r="2">{text_cell("A2", "Quince")}</row>'))
    yield "a cell twice", _xlsx(sheet_rows(in_row={2: text_cell("A2", "Quince")}))
    yield "a heading twice", _xlsx(sheet_rows(in_row={1: text_cell("H1", "Band")}))
    yield (
        "rows backwards",
        _xlsx(
            "".join(reversed(sheet_rows().split("</row>")[:-1])).replace("<row", "</row><row")[6:] + "</row>"
        ),
    )
    yield (
        "16,384 headings",
        _xlsx(sheet_rows(in_row={1: "".join(text_cell(f"{_at(at)}1", f"h{at}") for at in range(7, 16384))})),
    )
    yield (
        "a million empty rows",
        _xlsx(sheet_rows(more="".join(f'<row r="{at}"/>' for at in range(50, 1_000_050)))),
    )
    yield (
        "a million empty cells",
        _xlsx(
            sheet_rows(
                more="".join(f'<row r="{at}"><c r="A{at}" s="1"/></row>' for at in range(50, 1_000_050))
            )
        ),
    )
    yield (
        "a million cells without a place",
        _xlsx(sheet_rows(more="<row>" + "<c><v>1</v></c>" * 1_000_000 + "</row>")),
    )


def _at(column: int) -> str:
    letters, column = "", column + 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _shared() -> Named:
    def used(times: int, index: str = "0", more: str = "") -> str:
        return sheet_rows(
            more="".join(
                f'<row r="{at}"><c r="A{at}" t="s"><v>{index}</v></c>{more.format(at)}</row>'
                for at in range(50, 50 + times)
            )
        )

    for length in (30_000, 1_000_000, 50_000_000):
        for times in (20, 2_000, 200_000):
            yield (
                f"one shared text of {length:,} letters in {times:,} cells",
                _xlsx(used(times), shared=shared_strings(f"<si><t>{'Q' * length}</t></si>")),
            )
            yield (
                f"the same in {times:,} cells of {length:,} letters with an error beside",
                _xlsx(
                    used(times, more='<c r="B{0}" t="e"><v>#N/A</v></c>'),
                    shared=shared_strings(f"<si><t>{'Q' * length}</t></si>"),
                ),
            )
    for index in ("1", "-1", "4294967296", "", "x", "1.5"):
        yield (
            f"a shared text numbered {index!r}",
            _xlsx(used(3, index), shared=shared_strings("<si><t>Quince</t></si>")),
        )
    for count in ("4294967295", "18446744073709551616", "-1", "x", "2000000000"):
        said = f' count="{count}" uniqueCount="{count}"'
        yield (
            f"{count} shared texts announced",
            _xlsx(used(3), shared=shared_strings("<si><t>Quince</t></si>", attributes=said)),
        )
    yield "three million shared texts", _xlsx(used(3), shared=shared_strings("<si><t>Q</t></si>" * 3_000_000))
    yield "three million empty shared texts", _xlsx(used(3), shared=shared_strings("<si/>" * 3_000_000))
    yield (
        "a shared text in a million runs",
        _xlsx(used(300), shared=shared_strings(f"<si>{'<r><t>Q</t></r>' * 1_000_000}</si>")),
    )
    yield (
        "no part of shared texts",
        lambda: zipped(
            {
                name: part
                for name, part in xlsx_parts(worksheet(used(3)), shared="x").items()
                if "shared" not in name
            }
        ),
    )


def _values() -> Named:
    for kind, text in (
        ("b", "2"), ("b", "true"), ("b", "x"), ("b", ""), ("n", "nan"), ("n", "inf"), ("n", "1e999"), ("n", "-1e308"),
        ("n", "9" * 400), ("n", "0x10"), ("n", "Quince"), ("d", "2026-13-45"), ("d", "99999-01-01T00:00:00"),
        ("d", ""), ("e", "Quince"), ("e", ""), ("s", "Quince"), ("zz", "1"), ("", "1"), ("str", "\N{ZERO WIDTH SPACE}"),
        ("inlineStr", "1"), ("n", "1 2"), ("n", "1,5"), ("n", "\N{FULLWIDTH DIGIT ONE}"),
    ):  # fmt: skip
        yield (
            f"a cell of kind {kind!r} with {text[:12]!r}",
            _xlsx(
                sheet_rows(
                    more=f'<row r="50"><c r="A50" t="{kind}"><v>{text}</v></c><c r="B50" t="{kind}"><v>{text}</v></c></row>'
                )
            ),
        )
    for serial in (
        "-1",
        "0",
        "0.5",
        "59.9",
        "60",
        "61",
        "2958465",
        "2958466",
        "1e10",
        "1e300",
        "-1e300",
        "nan",
        "inf",
    ):
        yield (
            f"a date of serial {serial}",
            _xlsx(sheet_rows(more=f'<row r="50"><c r="B50" s="1"><v>{serial}</v></c></row>')),
        )
    for style in ("2", "99999", "-1", "x", "4294967296"):
        yield (
            f"style {style}",
            _xlsx(sheet_rows(more=f'<row r="50"><c r="B50" s="{style}"><v>1</v></c></row>')),
        )
    for name, styles in {
        "no styles": None,
        "styles that are text": "Quince",
        "a million styles": STYLES.replace("</cellXfs>", '<xf numFmtId="14"/>' * 1_000_000 + "</cellXfs>"),
        "a format of a million letters": STYLES.replace(
            "<fonts", f'<numFmts><numFmt numFmtId="14" formatCode="{"d" * 1_000_000}"/></numFmts><fonts'
        ),
        "a format that is never closed": STYLES.replace(
            "<fonts", '<numFmts><numFmt numFmtId="14" formatCode="[h:&quot;"/></numFmts><fonts'
        ),
        "a number of a format that is none": STYLES.replace('numFmtId="14"', 'numFmtId="-5"'),
    }.items():
        yield (
            name,
            lambda styles=styles: zipped(
                {
                    key: part
                    for key, part in (xlsx_parts() | {"xl/styles.xml": styles}).items()
                    if part is not None
                }
            ),
        )  # type: ignore[misc]


def _sheets() -> Named:
    def with_parts(**parts: str | None) -> Content:
        names = {
            "book": "xl/workbook.xml",
            "rels": "xl/_rels/workbook.xml.rels",
            "sheet": "xl/worksheets/sheet1.xml",
        }
        changed = {names[name]: part for name, part in parts.items()}
        return lambda: zipped(
            {name: part for name, part in (xlsx_parts() | changed).items() if part is not None}
        )

    one = ("r1", "worksheet", "worksheets/sheet1.xml")
    yield "no sheets", with_parts(book=book())
    yield "no list of sheets", with_parts(book=None)
    yield "no relations", with_parts(rels=None)
    yield "no part of the sheet", with_parts(sheet=None)
    yield "an empty sheet", with_parts(sheet="")
    yield "a sheet without rows", with_parts(sheet=worksheet(""))
    yield "a sheet that is text", with_parts(sheet="Quince")
    yield "a sheet that is another's XML", with_parts(sheet=ods_content())
    yield "a sheet of another relation", with_parts(book=book(("Leavers", "r9")))
    yield "a sheet that is a chart", with_parts(rels=related(("r1", "chartsheet", "worksheets/sheet1.xml")))
    yield (
        "a sheet outside the archive",
        with_parts(rels=related(("r1", "worksheet", "../../../../etc/passwd"))),
    )
    yield (
        "a sheet on the web",
        with_parts(rels=related(("r1", "worksheet", "https://example.invalid/sheet1.xml"))),
    )
    yield "a sheet that is the list of sheets", with_parts(rels=related(("r1", "worksheet", "workbook.xml")))
    yield "a sheet of no name", with_parts(book=book(("", "r1")))
    yield "a sheet of a name of a million letters", with_parts(book=book(("Q" * 1_000_000, "r1")))
    yield "two sheets of one name", with_parts(book=book(("Leavers", "r1"), ("Leavers", "r1")))
    yield "20,000 sheets", with_parts(book=book(*[(f"s{at}", "r1") for at in range(20_000)]))
    yield (
        "a sheet that is hidden",
        with_parts(book=book(("Leavers", "r1")).replace("r:id", 'state="veryHidden" r:id')),
    )
    yield (
        "a sheet of a state that is none",
        with_parts(book=book(("Leavers", "r1")).replace("r:id", 'state="Quince" r:id')),
    )
    yield "a list of sheets that ends early", with_parts(book=book(("Leavers", "r1"))[:-20])
    yield "relations that end early", with_parts(rels=related(one)[:-20])
    yield (
        "a link to another workbook",
        with_parts(
            sheet=worksheet(sheet_rows(more='<row r="50"><c r="A50"><f>[1]Quince!A1</f><v>1</v></c></row>'))
        ),
    )


def _xml_of_sheets() -> Named:
    sheet = worksheet(sheet_rows())

    def with_sheet(text: bytes | str) -> Content:
        return lambda: zipped(xlsx_parts() | {"xl/worksheets/sheet1.xml": text})

    lol = _ENTITIES
    doctype = f'<!DOCTYPE worksheet [<!ENTITY l0 "Quincey">{lol}]>'
    outside = '<!DOCTYPE worksheet [<!ENTITY l9 SYSTEM "file:///etc/hostname">]>'
    yield "entities of entities", with_sheet(doctype + sheet.replace("Quincey001", "&l9;"))
    yield "an entity outside", with_sheet(outside + sheet.replace("Quincey001", "&l9;"))
    yield "an entity that is not declared", with_sheet(sheet.replace("Quincey001", "&l9;"))
    yield "a character that is none", with_sheet(sheet.replace("Quincey001", "&#0;"))
    yield "a surrogate", with_sheet(sheet.replace("Quincey001", "&#xD800;"))
    yield "zero bytes", with_sheet(sheet.replace("Quincey001", "Qui\0nce"))
    yield "control characters", with_sheet(sheet.replace("Quincey001", "Qui\x1bnce"))
    yield "UTF-16", with_sheet(('<?xml version="1.0" encoding="UTF-16"?>' + sheet).encode("utf-16"))
    yield (
        "UTF-16 that is said to be UTF-8",
        with_sheet(('<?xml version="1.0" encoding="UTF-8"?>' + sheet).encode("utf-16")),
    )
    yield "an encoding that is none", with_sheet('<?xml version="1.0" encoding="Quince"?>' + sheet)
    yield "bytes that are no UTF-8", with_sheet(sheet.replace("Quincey001", "\xff\xfe").encode("latin-1"))
    yield "a mark before", with_sheet(b"\xef\xbb\xbf" + sheet.encode())
    yield (
        "half a million elements in each other",
        with_sheet(sheet.replace("<sheetData>", "<sheetData>" + "<x>" * 500_000)),
    )
    yield (
        "a hundred thousand attributes",
        with_sheet(
            sheet.replace(
                "<sheetData>", "<sheetData " + " ".join(f'a{at}="1"' for at in range(100_000)) + ">"
            )
        ),
    )
    yield (
        "an attribute of 50 million letters",
        with_sheet(sheet.replace("<sheetData>", f'<sheetData a="{"Q" * 50_000_000}">')),
    )
    yield (
        "a comment of 50 million letters",
        with_sheet(sheet.replace("<sheetData>", f"<sheetData><!--{'Q' * 50_000_000}-->")),
    )
    yield "a text of 50 million letters", with_sheet(sheet.replace("Quincey001", "Q" * 50_000_000))
    yield "a heading of 50 million letters", with_sheet(sheet.replace("Surname", "Q" * 50_000_000))
    yield "a number of 50 million digits", with_sheet(sheet.replace("<v>46208<", f"<v>{'4' * 50_000_000}<"))
    yield "an element that never ends", with_sheet(sheet[:-400])
    yield "text without mark-up, 50 million letters", with_sheet("<" + "Q" * 50_000_000)
    yield "text in pieces of CDATA", with_sheet(sheet.replace("Quincey001", "<![CDATA[Q]]>" * 500_000))
    yield (
        "another prefix",
        with_sheet(sheet.replace("<", "<x:").replace("<x:/", "</x:").replace("xmlns=", "xmlns:x=")),
    )


def _bombs() -> Named:
    """A part of a gigabyte that is a megabyte in the archive."""
    for name in ("xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml", "xl/workbook.xml", "xl/theme/theme1.xml",
                 "[Content_Types].xml", "xl/_rels/workbook.xml.rels"):  # fmt: skip
        for filler in (b" ", b"\0", b"<c><v>1</v></c>"):
            yield (
                f"a gigabyte of {filler.decode()!r} in {name}",
                lambda name=name, filler=filler: _bomb(name, filler),
            )  # type: ignore[misc]


def _bomb(name: str, filler: bytes) -> bytes:
    content = io.BytesIO()
    parts = xlsx_parts(None, shared=shared_strings("<si><t>Quince</t></si>"))
    text = str(parts.pop(name, "<a/>"))
    head, tail = text.rsplit("</", 1) if "</" in text else (text[:-4], "a>")
    piece = filler * (1_000_000 // len(filler))
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for other, part in parts.items():
            archive.writestr(other, part)
        with archive.open(name, "w", force_zip64=True) as into:
            into.write(head.encode())
            for _ in range(1000):
                into.write(piece)
            into.write(f"</{tail}".encode())
    return content.getvalue()


# Archives of either kind


def _archives_of(format_: str) -> Callable[[], Named]:
    return lambda: _archives(format_)


def _archives(format_: str) -> Named:
    parts = xlsx_parts() if format_ == "xlsx" else ods_parts()
    content = "xl/worksheets/sheet1.xml" if format_ == "xlsx" else "content.xml"
    sound = zipped(parts)

    def again(name: str, text: bytes | str, *, first: bool = False) -> bytes:
        written = io.BytesIO()
        with warnings.catch_warnings(), zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
            warnings.simplefilter("ignore")  # of a name that is there already, which is meant
            for each, part in (
                ([(name, text)] if first else []) + list(parts.items()) + ([] if first else [(name, text)])
            ):
                archive.writestr(zipfile.ZipInfo(each), part)
        return written.getvalue()

    for share in (0.02, 0.3, 0.6, 0.9, 0.97, 0.999):
        yield f"cut off at {share:.1%}", lambda share=share: sound[: int(len(sound) * share)]  # type: ignore[misc]
    for at in (0.05, 0.2, 0.5, 0.8):
        yield f"100 zero bytes at {at:.0%}", lambda at=at: _over(sound, int(len(sound) * at), bytes(100))  # type: ignore[misc]
    yield "a part twice, the second empty", lambda: again(content, "")
    yield "a part twice, the first empty", lambda: again(content, "", first=True)
    yield "a part outside the archive", lambda: again("../../../../tmp/quince", "Quince")
    yield "a part of an absolute name", lambda: again("/etc/quince", "Quince")
    yield "a part of no name", lambda: again("", "Quince")
    yield "a part of a name of 60,000 letters", lambda: again("q" * 60_000, "Quince")
    yield (
        "a part in capitals",
        lambda: zipped({name.upper() if name == content else name: part for name, part in parts.items()}),
    )
    yield "20,000 parts more", lambda: zipped(parts | {f"x/{at}": "" for at in range(20_000)})
    yield "a wrong checksum", lambda: _field(sound, content, 14, struct.pack("<I", 1))
    yield "a size that is too small", lambda: _field(sound, content, 22, struct.pack("<I", 10))
    yield "a size that is too large", lambda: _field(sound, content, 22, struct.pack("<I", 0xFFFFFFF0))
    yield "a packed size that is too large", lambda: _field(sound, content, 18, struct.pack("<I", 0xFFFFFFF0))
    for method in (1, 9, 12, 14, 93, 99):
        yield (
            f"packed by method {method}",
            lambda method=method: _field(sound, content, 8, struct.pack("<H", method)),
        )  # type: ignore[misc]
    yield "a part with a password", lambda: _field(sound, content, 6, struct.pack("<H", 1))
    yield "text before the archive", lambda: b"Quince" * 100 + sound
    yield "text behind the archive", lambda: sound + b"Quince" * 100
    yield "nothing but the end of an archive", lambda: b"PK\5\6" + bytes(18)
    yield (
        "a directory that is somewhere else",
        lambda: _over(sound, len(sound) - 6, struct.pack("<I", 0xFFFFFF00)),
    )
    yield "nothing", lambda: b""
    yield "one byte", lambda: b"P"
    yield "an old Office file", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4096)
    yield "another kind of file", lambda: b"%PDF-1.7 Quince"
    yield "a folder of parts that is none", lambda: zipped({"quince.txt": "Quince"})
    yield "stored, not packed", lambda: zipped(parts, stored=True)
    yield "every part empty", lambda: zipped(dict.fromkeys(parts, ""))
    yield "an archive in the archive", lambda: zipped(parts | {content: sound})


def _over(content: bytes, at: int, these: bytes) -> bytes:
    return content[:at] + these + content[at + len(these) :]


def _field(content: bytes, part: str, offset: int, value: bytes) -> bytes:
    """Change a field of a part's head, and of its entry in the directory, where it stands two bytes or so further on."""
    local = content.index(part.encode()) - 30
    central = content.rindex(part.encode()) - 46
    changed = _over(content, local + offset, value)
    return _over(changed, central + offset + 2, value)


# ODS


def _repeats() -> Named:
    def with_rows(more: str) -> Content:
        return lambda: zipped(ods_parts(ods_content(ods_rows() + more)))

    def of_cells(cells: str, times: str = "1") -> str:
        return f'<table:table-row table:number-rows-repeated="{times}">{cells}</table:table-row>'

    def cell_repeated(words: str, times: str = "16384") -> str:
        return ods_cell(words, f' table:number-columns-repeated="{times}"')

    row = "".join(map(ods_cell, people()[0]))
    for times in ("1000000", "1048576", "2147483648", "9" * 30, "-1", "0", "x", "", "1e6"):
        yield f"a row {times[:12]!r} times", with_rows(of_cells(row, times))
        yield f"a cell {times[:12]!r} times", with_rows(of_cells(cell_repeated("Quince", times)))
        yield f"an empty row {times[:12]!r} times", with_rows(of_cells("", times))
    long, many_spaces = cell_repeated("Q" * 20_000), '<text:s text:c="1000000000"/>'
    yield "a long cell in every place of a sheet", with_rows(of_cells(long, "1000000"))
    yield "a long cell in every heading", lambda: zipped(ods_parts(ods_content(of_cells(long) + ods_rows())))
    yield (
        "16,384 headings alike",
        lambda: zipped(ods_parts(ods_content(of_cells(cell_repeated("q")) + ods_rows()))),
    )
    yield "spaces a billion times", with_rows(of_cells(ods_cell(many_spaces * 20_000)))
    yield "spaces in every row", with_rows(of_cells(ods_cell(many_spaces * 2_000), "1000000"))
    yield "a million rows", with_rows(of_cells("<table:table-cell/>") * 1_000_000)
    yield (
        "a million empty rows before",
        lambda: zipped(ods_parts(ods_content("<table:table-row/>" * 900_000 + ods_rows()))),
    )
    yield "a million paragraphs", with_rows(of_cells(ods_cell("</text:p><text:p>" * 1_000_000)))
    yield (
        "20,000 sheets",
        lambda: zipped(ods_parts(ods_content(tables='<table:table table:name="q"/>' * 20_000))),
    )


def _open_values() -> Named:
    for kind, attributes in (
        ("float", 'office:value="nan"'), ("float", 'office:value="1e999"'), ("float", f'office:value="{"9" * 5000}"'),
        ("float", 'office:value="Quince"'), ("float", ""), ("date", 'office:date-value="2026-13-45"'),
        ("date", 'office:date-value="99999-01-01"'), ("date", 'office:date-value=""'), ("date", ""),
        ("time", 'office:time-value="PT99999999H"'), ("boolean", 'office:boolean-value="2"'), ("boolean", ""),
        ("string", f'office:string-value="{"Q" * 1_000_000}"'), ("Quince", 'office:value="1"'), ("void", ""),
        ("float", 'table:formula="of:=1/0"'), ("percentage", 'office:value="-inf"'), ("currency", 'office:value="0x1"'),
    ):  # fmt: skip
        cell = f'<table:table-cell office:value-type="{kind}" {attributes}><text:p>Quince</text:p></table:table-cell>'
        yield (
            f"a cell of kind {kind} with {attributes[:30]!r}",
            lambda cell=cell: zipped(  # type: ignore[misc]
                ods_parts(ods_content(f"{ods_rows()}<table:table-row>{cell * 2}</table:table-row>"))
            ),
        )
    sound = ods_content()
    lol = _ENTITIES
    for name, content in {
        "entities of entities": f'<!DOCTYPE x [<!ENTITY l0 "Quincey">{lol}]>'
        + sound.replace("Quincey001", "&l9;"),
        "an entity outside": '<!DOCTYPE x [<!ENTITY q SYSTEM "file:///etc/hostname">]>'
        + sound.replace("Quincey001", "&q;"),
        "no sheets": ods_content(tables=""),
        "no rows": ods_content(""),
        "a table in a table": ods_content(
            ods_rows()
            + f'<table:table-row><table:table-cell><table:table table:name="q">{ods_rows()}</table:table></table:table-cell></table:table-row>'
        ),
        "a table in a table of one name": ods_content(
            f'<table:table table:name="Leavers">{ods_rows()}</table:table>{ods_rows()}'
        ),
        "cells without a row": ods_content(ods_cell("Quince") * 3 + ods_rows()),
        "rows without a sheet": ods_content(tables=ods_rows()),
        "half a million elements in each other": ods_content("<table:table-row>" * 500_000),
        "a hundred thousand groups in each other": ods_content(
            "<table:table-row-group>" * 100_000 + ods_rows() + "</table:table-row-group>" * 100_000
        ),
        "another format's XML": worksheet(sheet_rows()),
        "text": "Quince",
        "an end that is missing": sound[:-60],
        "zero bytes": sound.replace("Quincey001", "\0"),
        "a prefix that is not declared": sound.replace("xmlns:table", "xmlns:quince"),
        "a comment of a cell": ods_content(
            ods_rows()
            + f"<table:table-row>{ods_cell('<office:annotation><text:p>Quince</text:p></office:annotation>')}</table:table-row>"
        ),
        "a sheet of a name of a million letters": ods_content(
            tables=f'<table:table table:name="{"Q" * 1_000_000}">{ods_rows()}</table:table>'
        ),
    }.items():
        yield name, lambda content=content: zipped(ods_parts(content))  # type: ignore[misc]
    for filler in (
        " ",
        "\0",
        '<table:table-row><table:table-cell office:value-type="float" office:value="1"/></table:table-row>',
    ):
        yield (
            f"a gigabyte of {filler[:12]!r}",
            lambda filler=filler: zipped(  # type: ignore[misc]
                ods_parts(ods_content(ods_rows() + filler * (400_000_000 // len(filler))))
            ),
        )
    yield (
        "a password",
        lambda: zipped(ods_parts() | {"META-INF/manifest.xml": "<manifest><encryption-data/></manifest>"}),
    )
    yield (
        "a manifest of 100 million letters",
        lambda: zipped(ods_parts() | {"META-INF/manifest.xml": b" " * 100_000_000}),
    )


# Parquet


def _written(table: pa.Table, **how: object) -> bytes:
    content = io.BytesIO()
    pq.write_table(table, content, **how)
    return content.getvalue()


def _with(**columns: pa.Array) -> pa.Table:
    """The people, again and again where need be, with columns in place of theirs or behind them."""
    people_again = pl.concat([frame()] * (len(next(iter(columns.values()))) // ROWS + 1))
    rows = people_again.to_arrow(compat_level=pl.CompatLevel.oldest()).slice(
        0, len(next(iter(columns.values())))
    )
    taken = {name: rows.column(name) for name in rows.column_names} | columns
    return pa.table(taken)


def _same(value: object, kind: pa.DataType, times: int) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.repeat(pa.scalar(0, pa.int8()), times), pa.array([value], kind))


def _pages() -> Named:
    for rows in (1_000_000, 20_000_000, 100_000_000):
        yield (
            f"{rows:,} rows of nothing",
            lambda rows=rows: _written(  # type: ignore[misc]
                pa.table({name: pa.nulls(rows, pa.null()) for name in HEADINGS}), row_group_size=rows
            ),
        )
        yield (
            f"{rows:,} rows alike",
            lambda rows=rows: _written(  # type: ignore[misc]
                pa.table({name: _same("Quince", pa.string(), rows) for name in HEADINGS}), row_group_size=rows
            ),
        )
    for length, rows in ((30_000, 2_000), (30_000, 1_000_000), (1_000_000, 20_000), (50_000_000, 200)):
        yield (
            f"one text of {length:,} letters in {rows:,} rows",
            lambda length=length, rows=rows: _written(  # type: ignore[misc]
                pa.table({name: _same("Q" * length, pa.string(), rows) for name in HEADINGS})
            ),
        )
    yield "one text of 100 million letters", lambda: _written(_with(Surname=pa.array(["Q" * 100_000_000])))
    yield (
        "one heading's text of 100 million letters",
        lambda: _written(_with(Reason=pa.array(["Q" * 100_000_000]))),
    )
    yield (
        "a list of a million items in 1,000 rows",
        lambda: _written(_with(Reason=pa.array([[None] * 1_000_000] + [None] * 999, pa.list_(pa.int8())))),
    )
    yield "3,000 groups of rows", lambda: _written(_with(Reason=pa.array(["x"] * 3_000)), row_group_size=1)
    yield "20,000 columns", lambda: _written(_with(**{f"c{at}": pa.array(["x"] * 3) for at in range(20_000)}))
    yield (
        "a column of a name of a million letters",
        lambda: _written(_with(**{"Q" * 1_000_000: pa.array(["x"] * 3)})),
    )
    yield "two columns of one name", lambda: _written(pa.table([pa.array(["x"])] * 2, names=["Band", "Band"]))
    yield "no columns", lambda: _written(pa.table({}))
    yield "no rows", lambda: _written(_with(Reason=pa.array(["x"])).slice(0, 0))
    yield (
        "metadata of 10 MB",
        lambda: _written(_with(Reason=pa.array(["x"] * 3)).replace_schema_metadata({"a": "Q" * 10_000_000})),
    )
    for codec in ("gzip", "brotli", "zstd", "lz4", "none"):
        yield (
            f"packed by {codec}",
            lambda codec=codec: _written(_with(Reason=pa.array(["x"] * 40)), compression=codec),
        )  # type: ignore[misc]


def _types() -> Named:
    big = 2**63 - 1
    for zone in (
        "Mars/Olympus",
        "+99:99",
        "\0",
        "Quince " * 100,
        "../../etc/localtime",
        "Europe/London ",
        "EST5EDT4",
        "-25:00",
    ):
        yield (
            f"the time zone {zone[:14]!r}",
            lambda zone=zone: _written(
                _with(**{"Termination Date": pa.array([0, 1, 2], pa.timestamp("us", zone))})
            ),
        )  # type: ignore[misc]
    for unit in ("s", "ms", "us", "ns"):
        for value in (big, -big - 1):
            for zone in (None, "UTC"):
                yield (
                    f"the time {value:.0e} {unit} {zone}",
                    lambda unit=unit, value=value, zone=zone: _written(  # type: ignore[misc]
                        _with(
                            **{
                                "Termination Date": pa.array(
                                    [int(value / 1001) if unit == "s" else value], pa.timestamp(unit, zone)
                                )
                            }
                        )
                    ),
                )
    for name, column in {
        "days before all": pa.array([-(2**31), 2**31 - 1], pa.date32()),
        "days in milliseconds": pa.array([2**62 // 86_400_000 * 86_400_000], pa.date64()),
        "a decimal of 38 digits": pa.array([10**37], pa.decimal128(38, 0)),
        "a decimal of 76 digits": pa.array([10**75], pa.decimal256(76, 0)),
        "a decimal of 38 places": pa.array([decimal.Decimal("1e-38")], pa.decimal128(38, 38)),
        "half floats": pa.array([1.5, float("nan"), float("inf")], pa.float16()),
        "floats at the edge": pa.array([1e308, -0.0, float("nan"), float("inf"), 2.0**63], pa.float64()),
        "unsigned numbers": pa.array([2**64 - 1], pa.uint64()),
        "bytes that are no text": pa.array([b"\xff\xfe", b"Quince"], pa.binary()),
        "bytes of one length": pa.array([b"\xff" * 16], pa.binary(16)),
        "text that is none": pa.Array.from_buffers(pa.string(), 1, [None, pa.py_buffer(struct.pack("<ii", 0, 2)), pa.py_buffer(b"\xff\xfe")]),
        "lists": pa.array([["a"], None], pa.list_(pa.string())),
        "structures": pa.array([{"a": 1}], pa.struct([("a", pa.int8())])),
        "maps": pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int8())),
        "lists of one length": pa.array([[1, 2]], pa.list_(pa.int8(), 2)),
        "times of a day": pa.array([86_399_999_999], pa.time64("us")),
        "a time of no day": pa.array([2**62], pa.time64("us")),
        "durations": pa.array([2**62], pa.duration("us")),
        "nothing": pa.nulls(3),
        "booleans": pa.array([True, None, False]),
        "words of a list": pa.array(["a", None, "b"]).dictionary_encode(),
        "large text": pa.array(["a"], pa.large_string()),
        "text with zeros": pa.array(["Qui\0nce", "\x1b[2J"]),
    }.items():  # fmt: skip
        for heading in ("Termination Date", "Employee Number"):
            yield (
                f"{name} under {heading}",
                lambda column=column, heading=heading: _written(_with(**{heading: column})),
            )  # type: ignore[misc]
    deep: pa.DataType = pa.int8()
    for _ in range(200):
        deep = pa.list_(deep)
    yield "lists of lists, 200 deep", lambda: _written(_with(Notes=pa.nulls(3, deep)))
    yield (
        "old times",
        lambda: _written(
            _with(**{"Termination Date": pa.array([0], pa.timestamp("ns"))}),
            use_deprecated_int96_timestamps=True,
        ),
    )


def _lies() -> Named:
    sound = _written(_with(Reason=pa.array(["x"] * 40)))
    footer = struct.unpack("<I", sound[-8:-4])[0]
    for share in (0.1, 0.5, 0.9, 0.99):
        yield f"cut off at {share:.0%}", lambda share=share: sound[: int(len(sound) * share)]  # type: ignore[misc]
    for length in (0, 1, footer - 1, footer + 1, len(sound) * 2, 2**31 - 1, 2**32 - 1):
        yield (
            f"a footer said to be of {length} bytes",
            lambda length=length: sound[:-8] + struct.pack("<I", length) + b"PAR1",
        )  # type: ignore[misc]
    yield "nothing", lambda: b""
    yield "the marks alone", lambda: b"PAR1PAR1"
    yield "one mark", lambda: b"PAR1"
    yield "a footer with a password", lambda: sound[:-4] + b"PARE"
    yield "another kind of file", lambda: b"%PDF-1.7 Quince"
    yield "a workbook", lambda: zipped(xlsx_parts())
    yield "text", lambda: csv_text().encode()
    # Compact Thrift writes 40 as a signed number of one byte, 80: rows and values of pages and footers alike.
    for name, value in {"5 rows": b"\x0a", "63 rows": b"\x7e", "minus one row": b"\x01"}.items():
        places = [at for at in range(len(sound) - 8 - footer, len(sound)) if sound[at] == 80]
        for at in places[:6]:
            yield f"{name} said at {at}", lambda at=at, value=value: _over(sound, at, value)  # type: ignore[misc]
    pages = [at for at in range(len(sound) - 8 - footer) if sound[at] == 80]
    for at in pages[:6]:
        yield f"fewer values in the page at {at}", lambda at=at: _over(sound, at, b"\x7e")  # type: ignore[misc]


# CSV

_MEGABYTES = 10_000_000


def _shapes() -> Named:
    sound = csv_text()
    head = ",".join(HEADINGS)
    for columns in (7, 30, 300, 3_000):
        wide = head + "".join(f",h{at}" for at in range(7, columns))
        yield (
            f"10 MB of short rows under {columns} headings",
            lambda wide=wide: f"{wide}\n{'1' + chr(10)}".encode() + b"1\n" * (_MEGABYTES // 2),
        )  # type: ignore[misc]
        yield (
            f"10 MB of empty rows under {columns} headings",
            lambda wide=wide: f"{wide}\n".encode() + b"\n" * _MEGABYTES,
        )  # type: ignore[misc]
        yield (
            f"10 MB of delimiters under {columns} headings",
            lambda wide=wide: f"{wide}\n".encode() + b"," * _MEGABYTES,
        )  # type: ignore[misc]
        yield (
            f"10 MB of rows of delimiters under {columns} headings",
            lambda wide=wide, columns=columns: (  # type: ignore[misc]
                f"{wide}\n".encode() + (b"," * (columns - 1) + b"\n") * (_MEGABYTES // columns)
            ),
        )
    for columns in (100, 500, 2_000):
        wide = head + "".join(f",h{at}" for at in range(7, columns))
        yield (
            f"10 MB of rows that end early under {columns} headings",
            lambda wide=wide: f"{wide}\n".encode() + b"1,23,45\n" * (_MEGABYTES // 8),  # type: ignore[misc]
        )
    yield (
        "20,000 headings and 20,000 short rows",
        lambda: (head + "".join(f",h{at}" for at in range(20_000)) + "\n1" * 20_000).encode(),
    )
    yield "a million headings", lambda: (head + "," * 1_000_000 + "\n" + sound).encode()
    yield (
        "a million headings with names",
        lambda: (head + "".join(f",{at}" for at in range(1_000_000)) + "\n1\n").encode(),
    )
    yield "a million fields in a row", lambda: (sound + "," * 1_000_000 + "\n").encode()
    yield "one line without end", lambda: b"Q" * _MEGABYTES
    yield "one row without end", lambda: (sound + "Q" * _MEGABYTES).encode()
    yield "one field of 10 MB", lambda: sound.replace("Quincey001", "Q" * _MEGABYTES).encode()
    yield "one date of 10 MB", lambda: sound.replace("03/07/2026", "3" * _MEGABYTES).encode()
    yield (
        "one word of ethnicity of 10 MB",
        lambda: sound.replace(",C,", f",{'C ' * (_MEGABYTES // 2)},", 1).encode(),
    )
    yield "one number of 10 MB", lambda: sound.replace("70010001", "7" * _MEGABYTES).encode()
    yield "one heading of 10 MB", lambda: sound.replace("Surname", "Q" * _MEGABYTES).encode()
    yield "headings alone", lambda: head.encode()
    yield "no headings", lambda: csv_text().split("\r\n", 1)[1].encode()
    yield "a heading twice", lambda: sound.replace("Surname", "Band").encode()
    yield "one byte", lambda: b"Q"
    yield "nothing", lambda: b""
    yield "spaces", lambda: b" " * 1_000_000
    yield "line ends alone", lambda: b"\r\n" * 1_000_000
    yield "another delimiter", lambda: csv_text(delimiter=";").encode()
    yield "old line ends", lambda: csv_text(line="\r").encode()
    yield (
        "line ends of several kinds",
        lambda: (csv_text(people()[:20]) + csv_text(people()[20:], line="\r").split("\r", 1)[1]).encode(),
    )
    yield "a separator of lines", lambda: csv_text(line="\N{LINE SEPARATOR}").encode()
    yield "1.2 million rows", lambda: (head + "\n" + "70010001\n" * 1_100_000).encode()


def _quotes() -> Named:
    sound = csv_text()
    yield "a mark that has no pair", lambda: sound.replace("Quincey001", '"Quincey001').encode()
    yield "a mark that has no pair in the headings", lambda: sound.replace("Surname", '"Surname').encode()
    yield (
        "two marks that pair up over rows",
        lambda: sound.replace("Quincey001", '"Quincey001').replace("Quincey003", 'Quincey003"').encode(),
    )
    yield "10 MB of marks", lambda: sound.encode() + b'"' * _MEGABYTES
    yield "10 MB of marks and one", lambda: sound.encode() + b'"' * (_MEGABYTES + 1)
    yield "10 MB of marks behind delimiters", lambda: sound.encode() + b',"' * (_MEGABYTES // 2)
    yield "10 MB of marks in lines", lambda: sound.encode() + b'"\n' * (_MEGABYTES // 2)
    yield "10 MB of marks in lines and one", lambda: sound.encode() + b'"\n' * (_MEGABYTES // 2) + b'"'
    yield "a mark before 10 MB of lines", lambda: sound.encode() + b'"' + b"1\n" * (_MEGABYTES // 2)
    yield "10 MB of lines in marks", lambda: sound.encode() + b'"' + b"1\n" * (_MEGABYTES // 2) + b'"\n'
    yield "10 MB of marks with letters behind", lambda: sound.encode() + b'"a"b,' * (_MEGABYTES // 5)
    yield "10 MB of doubled marks", lambda: sound.encode() + b',"' + b'""x' * (_MEGABYTES // 3)
    yield "headings in marks with line ends", lambda: sound.replace("Surname", '"Sur\r\nname"').encode()
    yield "every field in marks", lambda: sound.replace(",", '","').replace("\r\n", '"\r\n"').encode()


def _bytes_of_text() -> Named:
    sound = csv_text()
    for name in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7", "utf-8-sig", "cp037", "cp1252"):
        yield f"{name}", lambda name=name: sound.encode(name)  # type: ignore[misc]
        yield f"{name}, cut off within a letter", lambda name=name: sound.encode(name)[:-3]  # type: ignore[misc]
    yield "two marks of byte order", lambda: b"\xef\xbb\xbf" * 2 + sound.encode()
    yield "the mark of UTF-16 before UTF-8", lambda: b"\xff\xfe" + sound.encode()
    yield (
        "a lone surrogate in UTF-16",
        lambda: sound.replace("Quincey001", "\ud800").encode("utf-16", "surrogatepass"),
    )
    yield (
        "a lone surrogate in UTF-8",
        lambda: sound.replace("Quincey001", "\ud800").encode("utf-8", "surrogatepass"),
    )
    yield "zero bytes", lambda: sound.replace("Quincey001", "Qui\0nce").encode()
    yield "10 MB of zero bytes", lambda: bytes(_MEGABYTES)
    yield "10 MB of zero bytes behind", lambda: sound.encode() + bytes(_MEGABYTES)
    yield "UTF-8 and Windows-1252", lambda: sound.replace("Quincey001", "é").encode() + b"\xe9" * 10
    yield "bytes of no encoding", lambda: sound.encode() + b"\x81\x8d\x8f" * 100
    yield "10 MB of UTF-16", lambda: (csv_text() + "\u4e00" * (_MEGABYTES // 2)).encode("utf-16")
    yield "10 MB of rows in UTF-16", lambda: (csv_text() + "1\n" * (_MEGABYTES // 4)).encode("utf-16")
    yield "10 MB of Windows-1252", lambda: sound.encode() + b"\xe9" * _MEGABYTES
    yield (
        "what steers a terminal",
        lambda: (
            sound.replace("Surname", "\x1b[2J\x1b]0;Q\x07").replace("Retirement Age", "\x1b[31m").encode()
        ),
    )
    yield (
        "formulas",
        lambda: sound.replace("Quincey001", "=HYPERLINK(1)").replace("Relocation", "@SUM(1)").encode(),
    )
    yield (
        "letters that join",
        lambda: sound.replace("Retirement Age", "e" + "\N{COMBINING ACUTE ACCENT}" * 100_000).encode(),
    )
    yield (
        "from right to left",
        lambda: sound.replace("Retirement Age", "\N{RIGHT-TO-LEFT OVERRIDE}egA").encode(),
    )
    yield "a gzip archive", lambda: b"\x1f\x8b" + bytes(100)
    yield "a page", lambda: b"<!doctype html><title>Log in</title>"
    yield "a workbook", lambda: zipped(xlsx_parts())
    yield "a database", lambda: b"SQLite format 3\0" + bytes(100)
    yield (
        "digits of other scripts",
        lambda: (
            sound.replace("03/07/2026", "\N{ARABIC-INDIC DIGIT ONE}/07/2026")
            .replace("70010001", "\N{SUPERSCRIPT TWO}")
            .encode()
        ),
    )
    yield (
        "years of no calendar",
        lambda: sound.replace("03/07/2026", "31/12/9999").replace("05/07/2026", "00/00/0000").encode(),
    )
    yield "an exact number of many digits", lambda: sound.replace("70010001", "1e999999999").encode()
