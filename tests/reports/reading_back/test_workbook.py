"""Reading the workbook back: nothing is found in it as it is, and every tampering is."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest

from reports.reading_back.files import BOOK, unexplained
from reports.release.estimates import rows_of
from reports.workbook.writing import workbook

SECRET = "jsmith"
FIRST_TABLE, LEVELS = "xl/worksheets/sheet4.xml", "xl/worksheets/sheet11.xml"
STRINGS, STYLES, WORKBOOK = "xl/sharedStrings.xml", "xl/styles.xml", "xl/workbook.xml"
CORE, RELATIONS = "docProps/core.xml", "xl/_rels/workbook.xml.rels"


@pytest.fixture(scope="module")
def made(release, catalogue) -> bytes:
    return workbook(release, catalogue)


@pytest.fixture
def found(release, catalogue) -> Callable[[bytes], list[str]]:
    """Return what is found in the bytes of a workbook."""
    return lambda content: unexplained({BOOK: content}, release, catalogue, secrets=[SECRET])


def parts_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: dict[str, bytes]) -> bytes:
    """Pack parts as the library does: every time is the beginning of 1980."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def tampered(content: bytes, part: str, old: str, new: str) -> bytes:
    """Replace the first match in a part, and make sure that there is one."""
    parts = parts_of(content)
    changed, times = re.subn(old, new, parts[part].decode(), count=1, flags=re.DOTALL)
    assert times == 1
    return packed(parts | {part: changed.encode()})


@pytest.mark.parametrize("audience", ["restricted", "published", "analyst"])
def test_a_workbook_as_it_is_has_nothing_without_origin(release, catalogue, audience):
    told = replace(release, audience=audience)
    assert unexplained({BOOK: workbook(told, catalogue)}, told, catalogue, secrets=[SECRET]) == []


def test_a_user_whose_name_is_a_word_of_the_workbook_is_not_found(made, release, catalogue):
    secrets = ["notes", "remarks", "Cover", "shorthand", "contents", "nought"]
    assert unexplained({BOOK: made}, release, catalogue, secrets=secrets) == []


def test_packing_it_again_changes_nothing(made, found):
    assert found(packed(parts_of(made))) == []


def test_a_workbook_made_from_exact_counts_is_found(release, catalogue):
    exact = {
        name: release.estimates[name] + 1 for name in ("group_base", "group_events", "group_value", "ratio")
    }
    raw = replace(release, estimates=release.estimates.assign(**exact))
    findings = unexplained({BOOK: workbook(raw, catalogue)}, release, catalogue)
    assert any("Ratio: it is not that of the release" in each for each in findings)


@pytest.mark.parametrize(
    ("part", "old", "new", "where"),
    [
        (FIRST_TABLE, r"<v>34</v>", "<v>33</v>", "Table_1, row 2, Reference group: value"),
        (FIRST_TABLE, r"<v>0.59</v>", "<v>0.594</v>", "Table_1, row 2, Ratio:"),
        (FIRST_TABLE, r"<v>33</v>", "<f>30+3</f><v>33</v>", "a formula"),
        (FIRST_TABLE, r'(<c r="F6" s="\d+")><v>34</v>', r'\1 t="str"><v>34</v>', "an attribute of <c>"),
        (FIRST_TABLE, r'(<c r="F5" s="\d+")/>', r"\1><v>37</v></c>", "Table_1, row 1, a cell that has to be blank"),
        (FIRST_TABLE, r"(</row>)(</sheetData>)", r'\1<row r="99"><c r="A99"><v>37</v></c></row>\2', "row 95, a cell"),
        (FIRST_TABLE, r'<row r="5"', '<row hidden="1" r="5"', "an attribute of <row>"),
        (FIRST_TABLE, r' ht="[^"]*"', ' ht="0"', "an attribute of <row>"),
        (FIRST_TABLE, r'<col min="1"', '<col hidden="1" min="1"', "an attribute of <col>"),
        (FIRST_TABLE, r"</sheetData>", "</sheetData><dataValidations/>", "an element: no workbook of ours has it"),
        (FIRST_TABLE, r"</sheetData>", "</sheetData><!-- 37 -->", "more than XML of ours"),
        (FIRST_TABLE, r"Restricted: for named readers", "Published: for all staff", "what is printed above"),
        (LEVELS, r"<v>0.75</v>", "<v>0.76</v>", "Ratio: lower limit"),
        (STRINGS, r">\[c\]<", ">7<", "shorthand: it is not that of the release"),
        (STRINGS, r">\[c\]<", "><r><t>[c]</t></r><", "an element: no workbook of ours has it"),
        (STRINGS, r">Surgery<", ">Urology<", "Directorate (level): it is not that of the release"),
        (STRINGS, r"</sst>", "<si><t>37</t></si></sst>", "words that stand in no cell"),
        (STRINGS, r"Restricted: for named readers", "Published: for all staff", "line 4"),
        (STYLES, r'formatCode="0.00"', 'formatCode="&quot;37&quot;"', "an attribute of <numFmt>"),
        (STYLES, r"Arial", SECRET, "an attribute of <name>"),
        ("xl/theme/theme1.xml", r"Office", SECRET, "a theme of its own"),
        ("xl/tables/table3.xml", r'name="Unit"', 'name="37"', "the headings of its table"),
        ("xl/worksheets/sheet2.xml", r"location=\"'Notes'!A1\"", 'location="https://example.org"', "<hyperlink>"),
        ("xl/worksheets/sheet2.xml", r"'Table_2'!A1", "'Table_1'!A1", "its links are not those to the sheets"),
        (WORKBOOK, r'<sheet name="Table_1"', '<sheet state="hidden" name="Table_1"', "an attribute of <sheet>"),
        (WORKBOOK, r'<sheet name="Table_1".*?/>', "", "a sheet that the workbook does not list"),
        (WORKBOOK, r"</definedNames>", '<definedName name="seen">37</definedName></definedNames>', "<definedName>"),
        (RELATIONS, r'Target="styles.xml"', 'Target="https://example.org" TargetMode="External"', "<Relationship>"),
        (CORE, r"(<dc:creator>).*?(</dc:creator>)", r"\1A. Person\2", "its property creator"),
        (CORE, r"2026-10-01T00", "2026-11-28T16", "its property created"),
        (CORE, r"</cp:coreProperties>", "<cp:keywords>37</cp:keywords></cp:coreProperties>", "an element"),
        ("docProps/app.xml", r"<Company></Company>", "<Company>37</Company>", "the words of <Company>"),
    ],
)  # fmt: skip
def test_every_tampering_is_found(made, found, part, old, new, where):
    findings = found(tampered(made, part, old, new))
    assert any(where in each for each in findings), findings
    assert not any(SECRET in each or "37" in each or "Person" in each for each in findings)


@pytest.mark.parametrize(
    "name",
    ["xl/comments1.xml", "xl/externalLinks/externalLink1.xml", "xl/vbaProject.bin", "xl/media/image1.png"],
)
def test_a_part_that_we_never_write_is_found(made, found, name):
    assert any(
        "a part: no workbook of ours has it" in each for each in found(packed(parts_of(made) | {name: b"37"}))
    )


def test_a_sheet_more_is_found(made, found):
    parts = parts_of(made)
    added = {
        WORKBOOK: parts[WORKBOOK].replace(b"</sheets>", b'<sheet name="Raw" sheetId="99" r:id="rId99"/></sheets>'),
        RELATIONS: parts[RELATIONS].replace(
            b"</Relationships>",
            b'<Relationship Id="rId99" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"'
            b' Target="worksheets/sheet99.xml"/></Relationships>',
        ),
        "xl/worksheets/sheet99.xml": parts["xl/worksheets/sheet1.xml"],
    }  # fmt: skip
    assert found(packed(parts | added)) == [f"{BOOK}: its sheets are not those of the release."]


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        (lambda content: content + b"37", "bytes after its parts"),
        (lambda content: b"37" + content, "bytes between its parts"),
        (lambda content: content[:2000], "it is no workbook"),
        (lambda content: b"PK", "it is no workbook"),
        (lambda content: packed({"xl/workbook.xml": b'<?xml version="1.0"?><workbook/>'}), "it lacks a part"),
    ],
)
def test_what_is_no_workbook_or_more_than_one_is_found(made, found, changed, where):
    assert any(where in each for each in found(changed(made)))


def test_a_time_of_writing_is_found(made, found):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts_of(made).items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 11, 28, 16, 0, 0)), content)
    assert any("a time or a comment" in each for each in found(out.getvalue()))


def test_a_name_of_the_machine_is_found_and_not_repeated(made, found):
    findings = found(tampered(made, STRINGS, ">Surgery<", f">{SECRET}<"))
    assert any("a name of this machine" in each for each in findings)
    assert not any(SECRET in each for each in findings)


def test_a_number_in_the_words_of_a_row_is_found(release, catalogue):
    rows = [
        replace(row, evidence="7 of 12") if row.indicator == "leavers" else row
        for row in rows_of(release.estimates)
    ]
    wordy = replace(release, estimates=pd.DataFrame(rows))
    findings = unexplained({BOOK: workbook(wordy, catalogue)}, wordy, catalogue)
    assert findings == [
        f"{BOOK}: Table_5, Evidence: a number in words that comes from nowhere.",
    ]


@pytest.mark.parametrize(
    "name", ["5", "Ward 8a & more", "\u202eReversed 3", "X1" * 150, "½ of them", "=1+1", "🙂"]
)
def test_levels_may_be_called_anything(release, catalogue, name):
    called = replace(
        release,
        estimates=release.estimates.assign(
            level=release.estimates["level"].replace({"Surgery": name, "Band 6": name})
        ),
    )
    assert unexplained({BOOK: workbook(called, catalogue)}, called, catalogue) == []
