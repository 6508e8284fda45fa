"""Spreadsheets: an XLSX file taken apart into sheets of cells, and a list of whatever has no business in it.

Read from the parts of the file themselves, since readers of values show neither a formula behind a value nor what is
hidden. Every part, element and attribute that our workbooks have is known by its form; anything else is foreign: formulas,
links to elsewhere, comments, macros, hidden sheets, rows and columns, formats that show another number.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from xml.etree import ElementTree as ET

from reports.reading_back.svg_parts import UnreadableError

_EPOCH = (1980, 1, 1, 0, 0, 0)
_LARGEST = 50_000_000
_LOCAL_HEADER, _END_OF_ARCHIVE, _CENTRAL_ENTRY = 30, 22, 46

_N, _SIZE, _ANY = r"-?\d+(?:\.\d+)?(?:E[-+]?\d+)?", r"[1-9]\d*(?:\.\d+)?", r"[\s\S]*"
_CELL = r"[A-Z]{1,3}[1-9]\d*"
_RANGE = rf"{_CELL}(?::{_CELL})?"
_ID = r"rId\d+"
_TABLE = r"notes|contents_table|table_\d+"
_PART = (
    r"/?(?:\.\./)?(?:xl/)?(?:docProps/(?:app|core)|(?:worksheets/sheet|tables/table|theme/theme)\d+"
    r"|workbook|styles|sharedStrings)\.xml"
)
_KIND = (
    r"http://schemas\.openxmlformats\.org/(?:officeDocument|package)/2006/relationships/"
    r"(?:metadata/core-properties|extended-properties|officeDocument|worksheet|theme|styles|sharedStrings|table)"
)
_STYLE = (
    rf"{_N}|[0-9A-F]{{8}}|Arial|Calibri|minor|none|gray125|thin|left|right|top|Normal|TableStyleMedium9|PivotStyleLight16"
    r"|#,##0|0\.0000"
)

_Forms = Mapping[str, Mapping[str, str]]
_RELATIONS: _Forms = {"Relationships": {}, "Relationship": {"Id": _ID, "Type": _KIND, "Target": _PART}}
# The form of every attribute of every element, that of its text under "", and "*" for any element or attribute.
_PARTS: Mapping[str, _Forms] = {
    r"\[Content_Types\]\.xml": {
        "Types": {},
        "Default": {"Extension": "rels|xml", "ContentType": r"application/[\w.+-]+"},
        "Override": {"PartName": _PART, "ContentType": r"application/vnd\.openxmlformats-[\w.+-]+"},
    },
    r"_rels/\.rels|xl/_rels/workbook\.xml\.rels|xl/worksheets/_rels/sheet\d+\.xml\.rels": _RELATIONS,
    r"docProps/app\.xml": {
        **{name: {} for name in ("Properties", "HeadingPairs", "TitlesOfParts", "variant", "Company")},
        "Application": {"": "Microsoft Excel"},
        "vector": {"size": _N, "baseType": "variant|lpstr"},
        "lpstr": {"": r"Worksheets|Named Ranges|(?:Cover|Contents|Notes|Table_\d+)(?:!Print_Titles)?"},
        **{name: {"": _N} for name in ("i4", "AppVersion", "DocSecurity")},
        **{name: {"": "false"} for name in ("ScaleCrop", "LinksUpToDate", "SharedDoc", "HyperlinksChanged")},
    },
    r"docProps/core\.xml": {
        "coreProperties": {},
        **{name: {"": _ANY} for name in ("title", "subject", "creator", "lastModifiedBy")},
        **{name: {"type": "dcterms:W3CDTF", "": _ANY} for name in ("created", "modified")},
    },
    r"xl/workbook\.xml": {
        **{name: {} for name in ("workbook", "bookViews", "sheets", "definedNames")},
        "fileVersion": {"appName": "xl", "lastEdited": _N, "lowestEdited": _N, "rupBuild": _N},
        "workbookPr": {"defaultThemeVersion": _N},
        "workbookView": {"*": _N},
        "sheet": {"name": _ANY, "sheetId": _N, "id": _ID},
        "definedName": {
            "name": r"_xlnm\.Print_Titles",
            "localSheetId": _N,
            "": r"(?:Contents|Notes|Table_\d+)!\$\d+:\$\d+",
        },
        "calcPr": {"calcId": _N, "fullCalcOnLoad": "1"},
    },
    r"xl/sharedStrings\.xml": {
        "sst": {"count": _N, "uniqueCount": _N},
        "si": {},
        "t": {"space": "preserve", "": _ANY},
    },
    r"xl/styles\.xml": {"*": {"*": _STYLE}},
    r"xl/theme/theme1\.xml": {"*": {"*": _ANY}},
    r"xl/tables/table\d+\.xml": {
        "table": {"id": _N, "name": _TABLE, "displayName": _TABLE, "ref": _RANGE, "totalsRowShown": "0"},
        "tableColumns": {"count": _N},
        "tableColumn": {"id": _N, "name": _ANY},
        "tableStyleInfo": {"*": "[01]"},
    },
    r"xl/worksheets/sheet\d+\.xml": {
        **{
            name: {}
            for name in (
                "worksheet",
                "sheetPr",
                "sheetViews",
                "cols",
                "sheetData",
                "hyperlinks",
                "headerFooter",
            )
        },
        "pageSetUpPr": {"fitToPage": "1"},
        "dimension": {"ref": _RANGE},
        "sheetView": {"showGridLines": "0", "tabSelected": "1", "workbookViewId": "0"},
        "sheetFormatPr": {"defaultRowHeight": _SIZE},
        "col": {"min": _N, "max": _N, "width": _SIZE, "customWidth": "1"},
        "row": {"r": _N, "spans": r"\d+:\d+", "ht": _SIZE, "customHeight": "1"},
        "c": {"r": _CELL, "s": _N, "t": "s"},
        "v": {"": _N},
        "hyperlink": {"ref": _CELL, "location": r"'(?:Notes|Table_\d+)'!A1", "display": _ANY},
        "pageMargins": {"*": _N},
        "pageSetup": {"paperSize": _N, "fitToHeight": "0", "orientation": "landscape"},
        **{name: {"": _ANY} for name in ("oddHeader", "oddFooter")},
        "tableParts": {"count": _N},
        "tablePart": {"id": _ID},
    },
}
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")

Place = tuple[int, int]


@dataclass(frozen=True)
class Opened:
    """A sheet as the file has it: its cells by row and column from 1, its links, the headings of its table, its margins."""

    name: str
    cells: Mapping[Place, str | float]
    links: Mapping[Place, tuple[str, str]]
    headings: Sequence[str]
    header: str
    footer: str


@dataclass(frozen=True)
class Spreadsheet:
    """A workbook taken apart: its sheets in their order, what it says of itself, and what is foreign."""

    sheets: tuple[Opened, ...]
    properties: Mapping[str, str]
    strings: tuple[str, ...]
    foreign: tuple[str, ...]

    def texts(self) -> Iterator[str]:
        """Yield everything it says, in cells, in links, in margins or of itself."""
        yield from (*self.strings, *self.properties.values())
        for sheet in self.sheets:
            yield from (sheet.name, sheet.header, sheet.footer, *sheet.headings)
            yield from (words for link in sheet.links.values() for words in link)


def open_spreadsheet(content: bytes) -> Spreadsheet:
    """Take the bytes of an XLSX file apart. Raises UnreadableError for what is no workbook of ours."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        if sum(each.file_size for each in archive.infolist()) > _LARGEST:
            raise UnreadableError("it is larger than a workbook of ours can be")
        parts = {name: archive.read(name) for name in archive.namelist()}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError):
        raise UnreadableError("it is no workbook") from None
    reading = _Parts(parts, list(_foreign_around(archive, content)))
    return reading.spreadsheet()


def _foreign_around(archive: zipfile.ZipFile, content: bytes) -> Iterator[str]:
    """Yield what an archive holds beside its parts: bytes before, between and after them, comments, times."""
    entries = sorted(archive.infolist(), key=lambda each: each.header_offset)
    at = 0
    for entry in entries:
        if entry.header_offset != at:
            yield "bytes between its parts"
        if entry.date_time != _EPOCH or entry.extra or entry.comment:
            yield "a time or a comment on one of its parts"
        at = entry.header_offset + _LOCAL_HEADER + len(entry.filename.encode()) + entry.compress_size
    listed = sum(_CENTRAL_ENTRY + len(entry.filename.encode()) for entry in entries)
    if archive.comment or at + listed + _END_OF_ARCHIVE != len(content):
        yield "bytes after its parts"
    if len({entry.filename for entry in entries}) < len(entries):
        yield "a part that stands twice"


@dataclass
class _Parts:
    """The parts of one workbook, and what was found foreign in them."""

    contents: Mapping[str, bytes]
    foreign: list[str]
    trees: dict[str, ET.Element] = field(default_factory=dict)

    def spreadsheet(self) -> Spreadsheet:
        """Read all parts."""
        for name, content in self.contents.items():
            forms = next((each for part, each in _PARTS.items() if re.fullmatch(part, name)), None)
            if forms is None:
                self.foreign.append("a part")
                continue
            self.trees[name] = _parsed(content)
            self.foreign += _foreign_in(self.trees[name], forms)
        if self.contents.get("xl/theme/theme1.xml") != _theme():
            self.foreign.append("a theme of its own")
        strings = tuple(
            _unescaped("".join(each.itertext())) for each in self._tree("xl/sharedStrings.xml").iter("si")
        )
        used: set[int] = set()
        sheets = tuple(self._sheet(name, part, strings, used) for name, part in self._listed())
        if used != set(range(len(strings))):
            self.foreign.append("words that stand in no cell")
        core = self._tree("docProps/core.xml")
        properties = {each.tag: each.text or "" for each in core}
        return Spreadsheet(sheets, properties, strings, tuple(dict.fromkeys(self.foreign)))

    def _tree(self, name: str) -> ET.Element:
        if name not in self.trees:
            raise UnreadableError("it lacks a part that every workbook has")
        return self.trees[name]

    def _related(self, name: str) -> Mapping[str, str]:
        """Return the parts that a part names, by their identifiers; none where it names none."""
        folder, _, file = name.rpartition("/")
        tree = self.trees.get(f"{folder}/_rels/{file}.rels")
        told = [] if tree is None else [(each.get("Id", ""), each.get("Target", "")) for each in tree]
        return {
            each: f"{folder}/{target}".replace(f"{folder}/../", f"{folder.rpartition('/')[0]}/")
            for each, target in told
        }

    def _listed(self) -> list[tuple[str, str]]:
        """Return name and part of each sheet, in the order of the workbook."""
        related = self._related("xl/workbook.xml")
        listed = [
            (each.get("name", ""), related.get(each.get("id", ""), ""))
            for each in self._tree("xl/workbook.xml").iter("sheet")
        ]
        held = {name for name in self.contents if name.startswith("xl/worksheets/sheet")}
        if {part for _, part in listed} != held or len(listed) != len(held):
            self.foreign.append("a sheet that the workbook does not list")
        return listed

    def _sheet(self, name: str, part: str, strings: Sequence[str], used: set[int]) -> Opened:
        """Read one sheet; ``used`` takes the places of the words that stand in it."""
        tree = self._tree(part)
        tables = [self.trees[other] for other in self._related(part).values() if other in self.trees]
        return Opened(
            name=name,
            cells=self._cells(tree, strings, used),
            links={
                _place(each.get("ref", "")): (each.get("location", ""), each.get("display", ""))
                for each in tree.iter("hyperlink")
            },
            headings=[
                _unescaped(each.get("name", "")) for table in tables for each in table.iter("tableColumn")
            ],
            header="".join(each.text or "" for each in tree.iter("oddHeader")),
            footer="".join(each.text or "" for each in tree.iter("oddFooter")),
        )

    def _cells(self, tree: ET.Element, strings: Sequence[str], used: set[int]) -> dict[Place, str | float]:
        cells: dict[Place, str | float] = {}
        for each in tree.iter("c"):
            value = each.findtext("v")
            if value is None:
                continue
            place = _place(each.get("r", ""))
            if place in cells:
                self.foreign.append("a cell that stands twice")
            if each.get("t") != "s":
                cells[place] = float(value)
                continue
            if int(value) not in range(len(strings)):
                raise UnreadableError("a cell has words that are not there")
            used.add(int(value))
            cells[place] = strings[int(value)]
        return cells


def _parsed(content: bytes) -> ET.Element:
    """Read a part as XML without declarations, comments and instructions, its names without their namespaces."""
    if b"<!" in content or content.count(b"<?") != 1 or not content.startswith(b"<?xml "):
        raise UnreadableError("a part of it has more than XML of ours has")
    try:
        tree = ET.fromstring(content)  # noqa: S314  what could expand or load is refused above
    except ET.ParseError:
        raise UnreadableError("a part of it is no XML") from None
    for element in tree.iter():
        element.tag = _bare(element.tag)
        for name in [name for name in element.attrib if "}" in name]:
            element.attrib[_bare(name)] = element.attrib.pop(name)
    return tree


def _bare(name: str) -> str:
    return name.rpartition("}")[2]


def _foreign_in(tree: ET.Element, forms: _Forms) -> Iterator[str]:
    """Yield what elements, attributes and words of a part are not of their form. No value is repeated."""
    for element in tree.iter():
        form = forms.get(element.tag, forms.get("*"))
        if form is None:
            yield "a formula" if element.tag == "f" else "an element"
            continue
        for name, value in element.attrib.items():
            if re.fullmatch(form.get(name, form.get("*", "(?!)")), value) is None:
                yield f"an attribute of <{element.tag}>"
        if re.fullmatch(form.get("", r"\s*"), element.text or "") is None or (element.tail or "").strip():
            yield f"the words of <{element.tag}>"


@cache
def _theme() -> bytes:
    """Return the theme that xlsxwriter gives every workbook."""
    import xlsxwriter

    out = io.BytesIO()
    xlsxwriter.Workbook(out, {"in_memory": True}).close()
    return zipfile.ZipFile(out).read("xl/theme/theme1.xml")


def _place(reference: str) -> Place:
    """Return row and column of a cell such as ``AB12``."""
    letters = reference.rstrip("0123456789")
    column = 0
    for letter in letters:
        column = 26 * column + ord(letter) - 64
    return int(reference[len(letters) :] or 0), column


def _unescaped(text: str) -> str:
    """Return a text without the escapes that the format has for characters XML cannot hold."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
