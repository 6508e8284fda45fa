"""Workbooks: which sheet is read, what has no value is not blank, and no shape of a sheet takes more than it holds."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import polars as pl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from disparity.catalogue import Source
from disparity.refusal import Refusal
from pipelines.commands.checked_words import words_of
from pipelines.commands.checking import check_file
from resources import office_workbooks, sheets
from resources.office_workbooks import cells_of, sheets_of
from resources.tables import Table
from resources.workbooks import workbook_table

CASES = Path(__file__).parents[1] / "cases"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
OPEN = "urn:oasis:names:tc:opendocument:xmlns:"


def source(**changed: Any) -> Source:
    plain = {
        "format": "xlsx",
        "location": "l.xlsx",
        "columns": {"person": "Number"},
        "date_format": "%d/%m/%Y",
    }
    return Source.model_validate({**plain, **changed})


def opened(path: Path, content: bytes, **changed: Any) -> Table:
    path.write_bytes(content)
    return workbook_table(path, source(**changed), "leavers, l.xlsx")


def rows(table: Table) -> list[tuple[Any, ...]]:
    return pl.concat(list(table.read(range(len(table.headings))))).rows()


def trimmed(table: Table) -> list[tuple[Any, ...]]:
    """The rows as whoever maps them has them: without blanks around a text, and those that hold anything."""
    found = [
        tuple(each.strip() or None if isinstance(each, str) else each for each in row) for row in rows(table)
    ]
    return [row for row in found if any(row[1:])]


def said(table: Table) -> list[str]:
    return [note.said(str) for note in table.notes]


@pytest.fixture
def book(tmp_path: Path) -> Callable[..., Table]:
    """Open a workbook, given as bytes."""
    return lambda content, **changed: opened(tmp_path / "l.xlsx", content, **changed)


def xlsx(
    *sheets: tuple[str, str], states: Sequence[str] = (), charts: Sequence[int] = (), calculation: str = ""
) -> bytes:
    """The least that is an XLSX workbook: sheets by name, each with the XML of its rows."""
    kinds = ["chartsheet" if at in charts else "worksheet" for at in range(len(sheets))]
    listed = "".join(
        f'<sheet name="{name}" sheetId="{at + 1}" state="{states[at] if states else "visible"}" r:id="r{at}"/>'
        for at, (name, _) in enumerate(sheets)
    )
    related = "".join(
        f'<Relationship Id="r{at}" Type="{OFFICE}/{kind}" Target="{kind}s/sheet{at}.xml"/>'
        for at, kind in enumerate(kinds)
    )
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("[Content_Types].xml", "<Types/>")
        root = f'<Relationship Id="r" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
        parts.writestr("_rels/.rels", f'<Relationships xmlns="{PACKAGE}">{root}</Relationships>')
        parts.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{listed}</sheets>{calculation}</workbook>',
        )
        parts.writestr(
            "xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{PACKAGE}">{related}</Relationships>'
        )
        for at, (kind, (_, cells)) in enumerate(zip(kinds, sheets, strict=True)):
            parts.writestr(
                f"xl/{kind}s/sheet{at}.xml",
                f'<worksheet xmlns="{MAIN}"><sheetData>{cells}</sheetData></worksheet>',
            )
    return content.getvalue()


def text(place: str, words: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{words}</t></is></c>'


HEADINGS = f'<row r="1">{text("A1", "Number")}{text("B1", "Date")}{text("C1", "Reason")}</row>'


def ods(*tables: str, styles: str = "") -> bytes:
    """The least that is an OpenDocument spreadsheet as LibreOffice writes it."""
    spaces = "".join(f' xmlns:{name}="{OPEN}{name}:1.0"' for name in ("office", "style", "table", "text"))
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        parts.writestr("META-INF/manifest.xml", "<manifest/>")
        parts.writestr(
            "content.xml",
            f'<office:document-content{spaces} xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:1.0" '
            f'office:version="1.3"><office:automatic-styles>{styles}</office:automatic-styles><office:body>'
            f"<office:spreadsheet>{''.join(tables)}</office:spreadsheet></office:body></office:document-content>",
        )
    return content.getvalue()


def table(name: str, *rows_of_cells: str, style: str = "shown") -> str:
    lines = "".join(
        each if each.startswith("<table:table-row") else f"<table:table-row>{each}</table:table-row>"
        for each in rows_of_cells
    )
    return f'<table:table table:name="{name}" table:style-name="{style}">{lines}</table:table>'


def word(words: str, more: str = "") -> str:
    return f'<table:table-cell office:value-type="string"{more}><text:p>{words}</text:p></table:table-cell>'


HIDDEN = (
    '<style:style style:name="shown" style:family="table"><style:table-properties table:display="true"/></style:style>'
    '<style:style style:name="gone" style:family="table"><style:table-properties table:display="false"/></style:style>'
)
WORDS = word("Number") + word("Date") + word("Reason")


# What has no value


def test_errors_pass_as_their_own_words_and_not_as_blanks() -> None:
    found = rows(workbook_table(CASES / "error_cells.xlsx", source(), "learning_budget"))
    numbers = {row: number for row, _, number, *_ in found}
    assert [numbers[row] for row in (3, 4, 5)] == ["#N/A", "#N/A", "#REF!"]
    assert {row: cells for row, *cells in found}[6][4] == "#N/A"
    assert {row: cells for row, *cells in found}[7][5] == "#VALUE!"


def test_errors_are_rejected_as_unreadable(cases_catalogue: Callable[..., Path], tmp_path: Path) -> None:
    catalogue = cases_catalogue(tmp_path / "catalogue", learning_budget={"format": "xlsx"})
    words = words_of(check_file(CASES / "error_cells.xlsx", "learning_budget", None, catalogue))
    assert "person: no identifier: an error of a spreadsheet: 3 rows (rows 3, 4, 5)" in words
    assert "approved: unreadable: 1 row (row 6)" in words
    assert "completed: unreadable: 1 row (row 7)" in words


@pytest.mark.parametrize(
    ("cell", "reads"),
    [
        ('<c r="C2" t="e"><v>#DIV/0!</v></c>', "#DIV/0!"),
        ('<c r="C2" t="e"><f>1/0</f><v>#NAME?</v></c>', "#NAME?"),
        ('<c r="C2" t="e"><v>#GETTING_DATA</v></c>', "#GETTING_DATA"),
        ("<c r='C2' t='e'><v>#REF!</v></c>", "#REF!"),
        ('<c t="e" r="C2"><v>#NUM!</v></c>', "#NUM!"),
        ('<c r="C2"><f>B2+1</f></c>', "#N/A"),
        ('<c r="C2"><f>B2+1</f><v></v></c>', "#N/A"),
        ('<c r="C2"><f t="shared" si="0"/><v/></c>', "#N/A"),
        ('<c r="C2" t="str"><f>B2</f></c>', "#N/A"),
        ('<c r="C2" t="str"><f>IF(B2="","",B2)</f><v></v></c>', None),
        ('<c r="C2"><f>B2+1</f><v>0</v></c>', "0"),
        ('<c r="C2" t="str"><f>B2</f><v>Retirement &amp; more</v></c>', "Retirement & more"),
        ('<c r="C2" t="b"><f>TRUE()</f><v>1</v></c>', "true"),
        ('<c r="C2"/>', None),
    ],
)
def test_what_a_cell_of_an_office_workbook_reads_as(
    cell: str, reads: str | None, book: Callable[..., Table]
) -> None:
    found = book(xlsx(("Leavers", f'{HEADINGS}<row r="2">{text("A2", "7")}{cell}</row>')))
    assert rows(found) == [(2, "7", None, reads)]
    never = reads == "#N/A"
    assert len(said(found)) == never
    assert not never or "a formula that was never calculated, and so has no value: 1;" in said(found)[0]


def of_dates(*cells: str, code: str = "", from_1904: bool = False) -> bytes:
    """A workbook whose style 1 is of dates, or by another format's code, with cells in column B."""
    lines = "".join(
        f'<row r="{at}">{text(f"A{at}", "7")}{each.format(at)}</row>'
        for at, each in enumerate(cells, start=2)
    )
    of_format = f'<numFmts><numFmt numFmtId="14" formatCode="{code}"/></numFmts>' if code else ""
    styles = '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs>'
    plain = xlsx(("Leavers", HEADINGS + lines), calculation='<workbookPr date1904="1"/>' if from_1904 else "")
    content = io.BytesIO(plain)
    with zipfile.ZipFile(content, "a") as parts:
        parts.writestr("xl/styles.xml", f'<styleSheet xmlns="{MAIN}">{of_format}{styles}</styleSheet>')
    return content.getvalue()


@pytest.mark.parametrize(
    ("number", "reads", "from_1904"),
    [
        ("1e10", "#NUM!", "#NUM!"),
        ("2958466", "#NUM!", "#NUM!"),
        ("-1", "#NUM!", "#NUM!"),
        ("-1e300", "#NUM!", "#NUM!"),
        ("nan", "#NUM!", "#NUM!"),
        ("inf", "#NUM!", "#NUM!"),
        ("60", "1900-02-29", "1904-03-01"),
        ("60.75", "1900-02-29", "1904-03-01"),
        ("59", "1900-02-28", "1904-02-29"),
        ("61", "1900-03-01", "1904-03-02"),
        ("2957003.5", "9995-12-30", "9999-12-31"),
        ("2958465.5", "9999-12-31", "#NUM!"),
        ("46295", "2026-09-30", "2030-10-01"),
        ("many", "many", "many"),
    ],
)
@pytest.mark.parametrize(
    "cell", ['<c r="B{{0}}" s="1"><v>{0}</v></c>', "<c s='1' t='n' r='B{{0}}'><v>{0}</v></c>"]
)
def test_a_date_that_excel_has_not_is_no_blank_and_no_other_day(
    number: str, reads: str, from_1904: str, cell: str, book: Callable[..., Table]
) -> None:
    for calendar, day in ((False, reads), (True, from_1904)):
        found = book(of_dates(cell.format(number), from_1904=calendar))
        assert rows(found) == [(2, "7", day, None)]
        assert ("29 February 1900: 1;" in "".join(said(found))) == (day == "1900-02-29")


@pytest.mark.parametrize(
    ("code", "reads"),
    [
        ("dd/mm/yyyy", "#NUM!"),
        ("[h]:mm", "#NUM!"),
        ("[Red]0", "-1"),
        ("0&quot;d&quot;", "-1"),
        ("0\\d", "-1"),
        ("0_d", "-1"),
    ],
)
def test_a_number_is_a_date_by_its_style(code: str, reads: str, book: Callable[..., Table]) -> None:
    content = of_dates('<c r="B{0}" s="1"><v>-1</v></c>', '<c r="B{0}"><v>-1</v></c>', code=code)
    assert [row[2] for row in rows(book(content))] == [reads, "-1"]


@pytest.mark.parametrize(
    ("value", "reads"),
    [
        ("0", "false"),
        ("1", "true"),
        ("false", "false"),
        ("true", "true"),
        ("2", "#VALUE!"),
        ("no", "#VALUE!"),
        ("", "#VALUE!"),
    ],
)
def test_a_flag_that_is_neither_true_nor_false_is_unreadable(
    value: str, reads: str, book: Callable[..., Table]
) -> None:
    assert rows(book(of_dates(f'<c r="B{{0}}" t="b"><v>{value}</v></c>')))[0][2] == reads
    kind = f'office:value-type="boolean" office:boolean-value="{value}"'
    cell = f"<table:table-cell {kind}><text:p>TRUE</text:p></table:table-cell>"
    found = rows(book(ods(table("Leavers", WORDS, word("7") + cell + word("x")))))[0][2]
    assert found == (reads if value in ("true", "false") else "#VALUE!")


@pytest.mark.parametrize("kind", ["date", "float", "time"])
def test_a_value_that_is_empty_where_one_is_said_to_be_is_no_blank(
    kind: str, book: Callable[..., Table]
) -> None:
    named = "value" if kind == "float" else f"{kind}-value"
    cell = f'<table:table-cell office:value-type="{kind}" office:{named}=""><text:p>9</text:p></table:table-cell>'
    assert rows(book(ods(table("Leavers", WORDS, word("7") + cell + word("x")))))[0][2] == "#N/A"


@pytest.mark.parametrize("kind", [xlsx(("Leavers", HEADINGS)), ods(table("Leavers", WORDS))])
@pytest.mark.parametrize("offset", [*range(0, 400, 23)])
def test_an_archive_that_is_damaged_anywhere_is_a_sentence(
    kind: bytes, offset: int, book: Callable[..., Table]
) -> None:
    for damaged in (kind[: -offset - 1], kind[: -offset - 24] + b"\xff" * 24 + kind[len(kind) - offset :]):
        with suppress(Refusal):
            rows(book(damaged))


def test_a_part_that_stands_for_more_than_a_file_of_its_size_holds_is_refused_before_it_is_read(
    book: Callable[..., Table], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resources.expansion._TEXT_OF_ANY_FILE", 1 << 20)
    with pytest.raises(Refusal, match=r"leavers, l\.xlsx: it stands for more than 1 MiB of text"):
        book(xlsx(("Leavers", HEADINGS + " " * (4 << 20))))


def test_a_nought_that_a_workbook_wants_calculated_is_no_value(book: Callable[..., Table]) -> None:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as made:
        sheet = made.add_worksheet("Leavers")
        sheet.write_row(0, 0, ("Number", "Date", "Reason"))
        sheet.write_row(1, 0, ("7", "x"))
        sheet.write_formula(1, 2, "=1+1")  # which this library cannot calculate: it writes 0
        sheet.write_formula(2, 2, "=1+1", None, 2)
    assert rows(book(content.getvalue())) == [(2, "7", "x", "#N/A"), (3, None, None, "2")]


@pytest.mark.parametrize(
    ("cell", "reads"),
    [
        (
            '<table:table-cell table:formula="of:=NA()" office:value-type="string" office:string-value="" '
            'calcext:value-type="error"><text:p>#N/A</text:p></table:table-cell>',
            "#N/A",
        ),
        (
            '<table:table-cell table:formula="of:=1/0" office:value-type="float" office:value="0">'
            "<text:p>#DIV/0!</text:p></table:table-cell>",
            "#DIV/0!",
        ),
        (
            '<table:table-cell table:formula="of:=X" office:value-type="string" office:string-value="" '
            'calcext:value-type="error"><text:p>Err:508</text:p></table:table-cell>',
            "#N/A",
        ),
        *(
            (
                f'<table:table-cell table:formula="of:=X" {value}><text:p>{shown}</text:p></table:table-cell>',
                shown if shown.startswith("#") else "#N/A",
            )
            for value in (
                'office:value-type="float" office:value="0"',
                'office:value-type="string" office:string-value=""',
            )
            for shown in ("#NV", "#WERT!", "#¡REF!", "#\u041d/\u0414", "#DIV/0!", "Fehler:508", "Err :502")
        ),
        (
            '<table:table-cell table:formula="of:=6" office:value-type="float" office:value="6">'
            "<text:p>#6</text:p></table:table-cell>",
            "6",
        ),
        ('<table:table-cell table:formula="of:=[.B2]+1"/>', "#N/A"),
        (
            '<table:table-cell table:formula="of:=[.B2]" office:value-type="string" office:string-value=""/>',
            None,
        ),
        (
            '<table:table-cell table:formula="of:=6+1" office:value-type="float" office:value="7.0"/>',
            "7",
        ),
        ('<table:table-cell office:value-type="percentage" office:value="0.25"/>', "0.25"),
        ('<table:table-cell office:value-type="boolean" office:boolean-value="true"/>', "true"),
        (
            '<table:table-cell office:value-type="date" office:date-value="2026-08-31T00:00:00"/>',
            "2026-08-31",
        ),
        (
            '<table:table-cell office:value-type="string"><office:annotation><text:p>Quince</text:p>'
            '</office:annotation><text:p>Two<text:s text:c="2"/><text:span>words</text:span></text:p>'
            "<text:p>and a line</text:p></table:table-cell>",
            "Two  words\nand a line",
        ),
    ],
)
def test_what_a_cell_of_an_open_document_reads_as(
    cell: str, reads: str | None, book: Callable[..., Table]
) -> None:
    found = book(ods(table("Leavers", WORDS, word("7") + "<table:table-cell/>" + cell)))
    assert rows(found) == [(2, "7", None, reads)]


# Which sheet


def test_the_first_sheet_that_can_be_seen_is_read_and_named(book: Callable[..., Table]) -> None:
    def of(number: str) -> str:
        return f'{HEADINGS}<row r="2">{text("A2", number)}</row>'

    content = xlsx(
        ("Old", of("1")), ("Very old", of("2")), ("Chart", ""), ("Now", of("3")), ("Later", of("4")),
        states=("hidden", "veryHidden", "visible", "visible", "visible"), charts=(2,),
    )  # fmt: skip
    found = book(content)
    assert rows(found) == [(2, "3", None, None)]
    assert said(found) == [
        "read the sheet Now, the first that can be seen; 3 more, 2 of them hidden, were not read"
    ]
    named = book(content, sheet="Old")
    assert rows(named) == [(2, "1", None, None)]
    assert said(named) == ["the sheet Old, which the catalogue names, is hidden"]


@pytest.mark.parametrize("slash", ["/", "\\"])
@pytest.mark.parametrize("reason", ['t="e"><v>#REF!</v>', 't="str"><v>#REF!</v>'])
def test_one_sheet_of_several_is_written_anew_by_itself(slash: str, reason: str, tmp_path: Path) -> None:
    """Whether it is read as it is or anew, and whichever slashes the names of the parts have."""
    whole = xlsx(
        ("Chart", ""), ("Other", HEADINGS), ("Leavers", f'{HEADINGS}<row r="2"><c r="C2" {reason}</c></row>'),
        charts=(0,),
    )  # fmt: skip
    path = tmp_path / "l.xlsx"
    with zipfile.ZipFile(io.BytesIO(whole)) as given, zipfile.ZipFile(path, "w") as parts:
        for name in given.namelist():
            parts.writestr(name.replace("/", slash), given.read(name))
    assert rows(workbook_table(path, source(sheet="Leavers"), "l")) == [(2, None, None, "#REF!")]


def test_so_it_is_in_an_open_document(book: Callable[..., Table]) -> None:
    content = ods(table("Old", WORDS, word("1"), style="gone"), table("Now", WORDS, word("2")), styles=HIDDEN)
    assert rows(book(content)) == [(2, "2", None, None)]
    assert "read the sheet Now" in said(book(content))[0]
    assert rows(book(content, sheet="Old")) == [(2, "1", None, None)]


def test_a_workbook_of_hidden_sheets_alone_is_refused(book: Callable[..., Table]) -> None:
    with pytest.raises(Refusal, match="no sheet of cells can be seen"):
        book(xlsx(("Old", HEADINGS), states=("hidden",)))


def test_check_alone_lists_the_sheets_there_are(cases_catalogue: Callable[..., Path], tmp_path: Path) -> None:
    (tmp_path / "l.xlsx").write_bytes(xlsx(("Quince", HEADINGS), ("Peach", HEADINGS), ("Plum", HEADINGS),
                                           states=("visible", "hidden", "visible")))  # fmt: skip
    catalogue = cases_catalogue(tmp_path / "catalogue", leavers={"format": "xlsx", "sheet": "Leavers"})
    with pytest.raises(Refusal) as refusal:
        check_file(tmp_path / "l.xlsx", "leavers", None, catalogue)
    sentence, there = str(refusal.value).splitlines()
    assert "has no sheet 'Leavers'. Rule: " in sentence
    assert there == "the sheets there are: Quince, Plum"


# The shape of a sheet


def test_one_cell_at_the_edge_costs_nothing() -> None:
    path = CASES / "one_stray_cell_at_the_edge.xlsx"
    found = workbook_table(path, source(), "leavers")
    assert found.headings == (
        "Employee Number", "Termination Date", "Ethnic Origin", "Reason", "Band", "Directorate"
    )  # fmt: skip
    assert len(rows(found)) == 1500
    assert rows(found)[0] == (2, "20500000", "2026-08-01", "A", "Retirement Age", "Band 5", "Medicine")
    assert cells_of(path, sheets_of(path)[0]).frame.shape == (1501, 7)


def test_nothing_right_of_the_last_heading_is_a_column(book: Callable[..., Table]) -> None:
    found = book(xlsx(("L", f'{HEADINGS}<row r="2">{text("A2", "7")}{text("F2", "a remark")}</row>')))
    assert (found.headings, rows(found)) == (("Number", "Date", "Reason"), [(2, "7", None, None)])


def test_headings_below_a_banner_and_right_of_a_blank_column(book: Callable[..., Table]) -> None:
    far = "".join(
        f'<row r="{row}">{text(f"C{row}", left)}{text(f"AAA{row}", right)}</row>'
        for row, left, right in ((4, "Number", "Reason"), (5000, "7", "Retirement"))
    )
    found = book(xlsx(("L", far + f'<row r="5001">{text("C5001", "8")}<c r="AAA5001" t="e"><v>#N/A</v></c></row>')),
                 skip_rows=3)  # fmt: skip
    assert [each for each in rows(found) if any(each[1:])] == [
        (5000, *_at(found, Number="7", Reason="Retirement")),
        (5001, *_at(found, Number="8", Reason="#N/A")),
    ]


def _at(found: Table, **texts: str) -> list[str | None]:
    return [texts.get(heading) for heading in found.headings]


def test_what_is_repeated_in_an_open_document_is_not_held_repeated(book: Callable[..., Table]) -> None:
    blank = '<table:table-cell table:number-columns-repeated="16000"/>'
    content = ods(
        table(
            "Leavers",
            WORDS + blank + word(" "),
            word("7") + blank + word("a remark", ' table:number-columns-repeated="16384"'),
            f'<table:table-row table:number-rows-repeated="3">{blank}</table:table-row>',
            f'<table:table-row table:number-rows-repeated="2">{word("8")}{blank}</table:table-row>',
            f'<table:table-row table:number-rows-repeated="1048569">{blank}</table:table-row>',
        )
    )
    found = book(content)
    assert found.headings == ("Number", "Date", "Reason")
    assert rows(found) == [(row, number, None, None) for row, number in
                           ((2, "7"), (3, None), (4, None), (5, None), (6, "8"), (7, "8"))]  # fmt: skip


@pytest.mark.parametrize("rows_repeated", ["1048576", "99999999999999999999", "many"])
def test_more_rows_than_a_sheet_has_are_damage(rows_repeated: str, book: Callable[..., Table]) -> None:
    repeated = f'<table:table-row table:number-rows-repeated="{rows_repeated}">{word("7")}</table:table-row>'
    with pytest.raises(Refusal, match="damaged"):
        rows(book(ods(table("Leavers", WORDS, repeated))))


def test_rows_below_the_last_that_a_sheet_has_are_not_lost_in_silence(book: Callable[..., Table]) -> None:
    blank = '<table:table-row table:number-rows-repeated="1048576"><table:table-cell/></table:table-row>'
    assert rows(book(ods(table("Leavers", WORDS, word("7"), blank)))) == [(2, "7", None, None)]
    with pytest.raises(Refusal, match="damaged"):
        rows(book(ods(table("Leavers", WORDS, word("7"), blank, word("8")))))


def test_entities_are_damage(book: Callable[..., Table]) -> None:
    whole = zipfile.ZipFile(io.BytesIO(xlsx(("L", f'{HEADINGS}<row r="2"><c r="A2"><f>1</f></c></row>'))))
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as parts:
        for name in whole.namelist():
            before = b'<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa">]>' if "sheet0" in name else b""
            parts.writestr(name, before + whole.read(name))
    with pytest.raises(Refusal, match="damaged"):
        book(content.getvalue())


_texts = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=8)


@settings(deadline=None, max_examples=40)
@given(
    cells=st.dictionaries(st.tuples(st.integers(2, 60), st.integers(0, 2)), _texts, min_size=1, max_size=12)
)
def test_a_sheet_written_anew_reads_as_the_sheet_itself(
    cells: dict[tuple[int, int], str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """An error far away, in a column without heading, must change nothing of what is read."""
    folder = tmp_path_factory.getbasetemp()
    read = []
    for more in (False, True):
        content = io.BytesIO()
        with xlsxwriter.Workbook(content, {"in_memory": True, "strings_to_formulas": False}) as made:
            sheet = made.add_worksheet("Leavers")
            sheet.write_row(0, 0, ("Number", "Date", "Reason"))
            for (row, column), words in cells.items():
                sheet.write_string(row, column, words)
            if more:
                sheet.write_formula(max(row for row, _ in cells), 5000, "=NA()", None, "#N/A")
        read.append(rows(opened(folder / f"anew_{os.getpid()}.xlsx", content.getvalue())))
    assert read[0] == read[1]


# Cells that are looked at one by one

_as_excel_writes_them = st.one_of(
    st.builds(lambda words: f't="inlineStr"><is><t>{escape(words)}</t></is>', _texts),
    st.builds(lambda number: f"><v>{number}</v>", st.integers(0, 99)),
    st.builds(
        lambda style, formula, error: f'{style} t="e">{formula}<v>{error}</v>',
        st.sampled_from(["", ' s="0"']),
        st.sampled_from(
            ["", "<f>NA()</f>", '<f t="shared" si="0"/>', '<f t="shared" ref="A2:A9" si="0">A1</f>']
        ),
        st.sampled_from(["#N/A", "#REF!", "#DIV/0!", "#VALUE!", " ", "&#35;N/A"]),
    ),
    st.builds(
        lambda kind, formula, value: f"{kind}>{formula}<v>{value}</v>",
        st.sampled_from(["", ' t="str"']),
        st.sampled_from(["<f>1+1</f>", '<f t="shared" si="0"/>', "<f>IF(A1&lt;2,1)</f>"]),
        st.sampled_from(["7", "0.5", "0"]),
    ),
)


@settings(deadline=None, max_examples=150)
@given(
    cells=st.dictionaries(
        st.tuples(st.integers(2, 9), st.sampled_from("ABC")), _as_excel_writes_them, min_size=1
    ),
    later=st.booleans(),
)
def test_errors_and_formulas_read_alike_at_once_and_one_by_one(
    cells: dict[tuple[int, str], str], later: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    lines = ""
    for row in range(2, 10):
        there = [(column, cells[row, column]) for column in "ABC" if (row, column) in cells]
        written = [f'<c r="{column}{row}" {cell.lstrip()}</c>'.replace('" >', '">') for column, cell in there]
        lines += f'<row r="{row}">{"".join(written)}</row>'
    calculation = '<calcPr fullCalcOnLoad="1"/>' if later else ""
    path = tmp_path_factory.getbasetemp() / f"alike_{os.getpid()}.xlsx"
    content = xlsx(("L", HEADINGS + lines), calculation=calculation)
    at_once = opened(path, content)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(office_workbooks, "_is_plain", lambda *_: False)
        one_by_one = opened(path, content)
    assert (trimmed(at_once), said(at_once)) == (trimmed(one_by_one), said(one_by_one))


def test_a_workbook_with_errors_as_excel_writes_them_is_read_at_once(
    book: Callable[..., Table], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets, "_CELLS_ONE_BY_ONE", 3)
    error, calculated = '<c r="A2" t="e"><f>NA()</f><v>#N/A</v></c>', '<c r="B2"><f>1+1</f><v>2</v></c>'
    lines = f'{HEADINGS}<row r="2">{error}{calculated}{text("C2", "x")}</row>'
    assert rows(book(xlsx(("L", lines)))) == [(2, "#N/A", "2", "x")]
    many = "".join(f'<row r="{row}">{error.replace("A2", f"A{row}")}</row>' for row in range(2, 50_000))
    assert {row[1] for row in rows(book(xlsx(("L", HEADINGS + many))))} == {
        "#N/A"
    }  # of several pieces of text


@pytest.mark.parametrize("never", ["<f>1+1</f>", "<f>1+1</f><v></v>", "<f>1+1</f><v/>"])
def test_more_cells_than_are_looked_at_one_by_one_are_refused_by_their_number(
    never: str, book: Callable[..., Table], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = f'{HEADINGS}<row r="2"><c r="A2">{never}</c></row>'
    assert rows(book(xlsx(("L", lines)))) == [(2, "#N/A", None, None)]
    assert rows(book(ods(table("L", WORDS, word("1"))))) == [(2, "1", None, None)]
    monkeypatch.setattr(sheets, "_CELLS_ONE_BY_ONE", 3)
    for content in (xlsx(("L", lines)), ods(table("L", WORDS, word("1")))):
        with pytest.raises(
            Refusal, match="it has more than 3 cells, and they have to be looked at one by one"
        ):
            book(content)
    assert sheets.most_cells_one_by_one(20 << 20) > sheets.most_cells_one_by_one(10 << 20)
