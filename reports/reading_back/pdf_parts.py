"""Tagged PDF: a finished paper taken apart into the words of its elements, and a list of whatever has no business in it.

Every key, name and stream that our papers have is known. Anything else is foreign, so that nothing can hide in what is not
seen. What a glyph says is held against the font that we print with; its outlines are not.
"""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from reports.paper.printing import characters_of, elements_of, kids_of, said_by_glyphs, saved
from reports.reading_back.svg_parts import Point, UnreadableError

if TYPE_CHECKING:
    from pikepdf import Object, Page, Pdf

BLOCKS = ("H1", "H2", "H3", "P", "LI", "TH", "TD", "Figure")
"""The kinds of element that have words of their own."""

_KEYS_IN_WORDS = """
/A /Alt /Ascent /Author /BBox /BaseFont /BleedBox /CA /CIDSystemInfo /CIDToGIDMap /CS /CapHeight /ColSpan
/ColorSpace /Columns /Contents /Count /CreationDate /DW /DecodeParms /DescendantFonts /Descent /Dest
/DisplayDocTitle /Encoding /ExtGState /Filter /First /Flags /Font /FontBBox /FontDescriptor /FontFamily
/FontFile2 /FontName /Group /Headers /I /ID /Info /ItalicAngle /K /Kids /Lang /Last /Length /Length1
/MarkInfo /Marked /MediaBox /Metadata /ModDate /N /Next /Nums /O /Ordering /Outlines /P /Pages /Parent
/ParentTree /Pattern /Pg /Predictor /Prev /Producer /Range /Registry /Resources /Root /RowSpan /S /Scope
/Shading /Size /StemH /StemV /StructParents /StructTreeRoot /Subtype /Supplement /Tabs /Title /ToUnicode
/TrimBox /Type /ViewerPreferences /W /WhitePoint /XObject /ca /lab-d50 /lab-d65
"""
_NAMES_IN_WORDS = """
/CIDFontType2 /Catalog /Column /DeviceRGB /Div /Document /Figure /FlateDecode /Font /FontDescriptor
/Form /Group /H1 /H2 /H3 /Identity /Identity-H /L /LBody /LI /Lab /Layout /Lbl /Metadata /NonStruct /ObjStm
/P /Page /Pages /Row /S /Sect /Span /StructElem /StructTreeRoot /TBody /TD /TH /THead /TR /Table
/Transparency /Type0 /XML /XObject /XRef /XYZ
"""
_OPERATORS_IN_WORDS = "q Q cm gs rg RG w d J j M m l c re h S B f f* n W W* BT ET Tm Tf TJ Tr BMC BDC EMC Do"
_KEYS, _NAMES = frozenset(_KEYS_IN_WORDS.split()), frozenset(_NAMES_IN_WORDS.split())
_OPERATORS = frozenset(_OPERATORS_IN_WORDS.split())
_NUMBERED = re.compile(r"/(?:x\d+|[aA][01](?:\.0)?|[A-Z]{6}(?:\+Paper(?:-Bold)?)?)")
_KINDS_OF_STREAM = {None, "/Form", "/XML"}
_TEXT_OF_THE_FONT = ("Adobe", "UCS", "Identity", "Paper")

Step = tuple[bool, list[Point]]
"""A step of a path: whether it moves without drawing, and its points."""

Matrix = tuple[float, float, float, float, float, float]
_AS_IT_IS: Matrix = (1, 0, 0, 1, 0, 0)


@dataclass(frozen=True)
class Stroke:
    """A path that was drawn: its points, and the colours it was filled and drawn with, "" for neither."""

    points: Sequence[Point]
    fill: str
    line: str


@dataclass(frozen=True)
class Element:
    """An element as it is read aloud: its kind, its words, and the strokes that are drawn in it."""

    kind: str
    text: str
    page: int
    strokes: Sequence[Stroke] = ()
    drawn_words: str = ""


@dataclass(frozen=True)
class TaggedPdf:
    """A paper as it was read: elements in their order, margins by page, bookmarks, what else it says, what is foreign.

    ``strings`` are texts by the key that they stand under, ``metadata`` what the packet of metadata says.
    """

    elements: Sequence[Element]
    margins: Sequence[Sequence[str]]
    bookmarks: Sequence[str]
    strings: Sequence[tuple[str, str]]
    metadata: Sequence[str]
    foreign: Sequence[str]

    def texts(self) -> Iterator[str]:
        """Return everything it says, to people or not, but for the words in drawings, which have no blanks."""
        yield from (each.text for each in self.elements)
        yield from (text for page in self.margins for text in page)
        yield from (text for _, text in self.strings)
        yield from (*self.bookmarks, *self.metadata)


def read_tagged_pdf(content: bytes) -> TaggedPdf:
    """Take a paper apart. Raises UnreadableError where it is no PDF, or none of ours."""
    import pikepdf

    try:
        with pikepdf.open(io.BytesIO(content), suppress_warnings=True) as pdf:
            foreign = [] if saved(pdf) == content else ["there is more in it than its objects"]
            things = _Things(pdf)
            inks = [_Ink(page) for page in pdf.pages]
            foreign += things.foreign + [each for ink in inks for each in ink.foreign]
            return TaggedPdf(
                elements=list(_elements(pdf, inks)),
                margins=[ink.margins for ink in inks],
                bookmarks=list(_bookmarks(pdf)),
                strings=things.strings,
                metadata=list(_metadata(pdf)),
                foreign=list(dict.fromkeys(foreign)),
            )
    except (pikepdf.PdfError, AttributeError, KeyError, TypeError, IndexError):
        raise UnreadableError("it is no paper that can be read") from None


def joined(text: str) -> str:
    """Return a text without its blanks, which a page has between its lines and within its words as it needs."""
    return "".join(text.split())


def points_of(path: Sequence[Step]) -> list[Point]:
    """Return the points of a path, but for moves after which nothing is drawn."""
    after = [*(moves for moves, _ in path[1:]), True]
    return [
        point
        for (moves, points), then in zip(path, after, strict=False)
        if not (moves and then)
        for point in points
    ]


def _elements(pdf: Pdf, inks: Sequence[_Ink]) -> Iterator[Element]:
    """Yield the elements that have words, each with those of everything beneath it."""
    pages = {page.obj.objgen: number for number, page in enumerate(pdf.pages)}
    for element, _ in elements_of(pdf):
        kind = str(element.S)[1:]
        if kind not in BLOCKS:
            continue
        page = pages[element.Pg.objgen]
        held = list(_marked(element, pages))
        drawn = " ".join(inks[at].words.get(mark, "") for at, mark in held)
        if kind != "Figure":
            yield Element(kind, drawn, page)
            continue
        strokes = [stroke for at, mark in held for stroke in inks[at].strokes.get(mark, ())]
        yield Element(kind, str(element.get("/Alt", "")), page, strokes, drawn)


def _marked(element: Object, pages: Mapping[tuple[int, int], int]) -> Iterator[tuple[int, int]]:
    """Yield page and number of the marked content beneath an element, but for the bullets of lists."""
    for kid in kids_of(element):
        if isinstance(kid, int):
            yield pages[element.Pg.objgen], kid
        elif kid.S != "/Lbl":
            yield from _marked(kid, pages)


def _bookmarks(pdf: Pdf) -> Iterator[str]:
    with pdf.open_outline() as outline:
        left = list(reversed(outline.root))
        while left:
            item = left.pop()
            yield item.title
            left += reversed(item.children)


def _metadata(pdf: Pdf) -> Iterator[str]:
    """Yield what the packet of metadata says, its addresses and empty places left out."""
    from xml.etree import ElementTree as ET

    packet = pdf.Root.Metadata.read_bytes()
    if b"<!" in packet:
        raise UnreadableError("its metadata declare or remark something, and those of no paper of ours do")
    try:
        root = ET.fromstring(packet)  # noqa: S314 - ours, and nothing is declared in it
    except ET.ParseError:
        raise UnreadableError("its metadata cannot be read") from None
    for each in root.iter():
        yield from (
            text.strip() for text in (each.text, each.tail, *each.attrib.values()) if text and text.strip()
        )


class _Things:
    """Every object of a PDF: the strings in it, by the key they stand under, and what no paper of ours has."""

    def __init__(self, pdf: Pdf) -> None:
        self.foreign: list[str] = []
        self.strings: list[tuple[str, str]] = []
        for each in pdf.objects:
            self._walk(each, "")
        self._walk(pdf.trailer, "")

    def _walk(self, thing: Object, key: str) -> None:
        import pikepdf

        if isinstance(thing, pikepdf.Stream) and _text_or_none(thing.get("/Subtype")) not in _KINDS_OF_STREAM:
            self.foreign.append("a file or picture within it")
        if isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
            for name, value in thing.items():
                if name not in _KEYS and not _NUMBERED.fullmatch(name):
                    self.foreign.append("an entry that no paper of ours has")
                self._walk_own(value, name)
        elif isinstance(thing, pikepdf.Array):
            for value in thing:
                self._walk_own(value, key)
        elif isinstance(thing, pikepdf.Name):
            if str(thing) not in _NAMES and not _NUMBERED.fullmatch(str(thing)):
                self.foreign.append("a name that no paper of ours has")
        elif isinstance(thing, pikepdf.String) and str(thing) not in _TEXT_OF_THE_FONT:
            self.strings.append((key[1:], str(thing)))

    def _walk_own(self, value: Object, key: str) -> None:
        """Walk a value that is not an object of its own, which is met by itself."""
        if not getattr(value, "is_indirect", False):
            self._walk(value, key)


def _text_or_none(value: object) -> str | None:
    return None if value is None else str(value)


@dataclass
class _State:
    """What holds while a page is drawn: the place of what is drawn, the font and the colours."""

    matrix: Matrix = _AS_IT_IS
    font: str = ""
    fill: str = "#000000"
    line: str = "#000000"


@dataclass
class _Ink:
    """What is written and drawn on a page, by the number of the marked content it stands in."""

    page: Page
    words: dict[int, str] = field(default_factory=dict)
    strokes: dict[int, list[Stroke]] = field(default_factory=dict)
    margins: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._fonts: dict[str, _Font] = {}
        self._marks: list[int | None] = []
        self._states = [_State()]
        self._path: list[Step] = []
        self._draw(self.page.obj, self.page.obj.Resources)

    def _draw(self, source: Object, resources: Object) -> None:
        import pikepdf

        handlers: Mapping[str, Callable[[list[Object]], None]] = {
            "q": lambda _: self._states.append(replace(self._now)),
            "Q": lambda _: self._states.__delitem__(-1),
            "cm": lambda numbers: setattr(self._now, "matrix", _times(_matrix(numbers), self._now.matrix)),
            "Tf": lambda named: self._use_font(str(named[0]), resources),
            "TJ": lambda shown: self._write(shown[0]),
            "Do": lambda named: self._draw_form(resources.XObject[str(named[0])]),
            "BDC": self._begin,
            "BMC": lambda _: self._marks.append(None),
            "EMC": lambda _: self._marks.__delitem__(-1),
            "m": lambda numbers: self._go(numbers, moves=True),
            **dict.fromkeys(("l", "c"), lambda numbers: self._go(numbers, moves=False)),
            "rg": lambda numbers: setattr(self._now, "fill", _colour(numbers)),
            "RG": lambda numbers: setattr(self._now, "line", _colour(numbers)),
            "S": lambda _: self._finish("", self._now.line),
            "B": lambda _: self._finish(self._now.fill, self._now.line),
            **dict.fromkeys(("f", "f*"), lambda _: self._finish(self._now.fill, "")),
            "n": lambda _: self._finish("", ""),
        }
        for each in pikepdf.parse_content_stream(source):
            name = str(each.operator)
            if name not in _OPERATORS:
                self.foreign.append("an operator that no paper of ours has")
            elif name in handlers:
                handlers[name](list(each.operands))

    @property
    def _now(self) -> _State:
        return self._states[-1]

    def _begin(self, operands: list[Object]) -> None:
        number = operands[1].get("/MCID")
        if number is None:
            self.margins.append("")
        else:
            # A picture is measured from where it begins.
            self._now.matrix = _AS_IT_IS
        self._marks.append(-1 if number is None else int(number))

    def _draw_form(self, form: Object) -> None:
        before = len(self._states)
        self._states.append(replace(self._now))
        self._draw(form, form.Resources)
        del self._states[before:]

    def _use_font(self, name: str, resources: Object) -> None:
        if name not in self._fonts:
            self._fonts[name] = _Font.of(resources.Font[name])
            if self._fonts[name].lies:
                self.foreign.append("a glyph that says what it is not")
        self._now.font = name

    def _write(self, shown: Object) -> None:
        font = self._fonts[self._now.font]
        text = "".join(font.text(bytes(each)) for each in shown if not _is_number(each))
        mark = self._marks[-1] if self._marks else None
        if mark is None:
            self.foreign.append("words outside of every element")
        elif mark < 0:
            self.margins[-1] += text
        else:
            self.words[mark] = self.words.get(mark, "") + text

    def _go(self, numbers: list[Object], *, moves: bool) -> None:
        ends = [float(each) for each in numbers]
        points = [_placed(self._now.matrix, end) for end in zip(ends[::2], ends[1::2], strict=True)]
        self._path.append((moves, points))

    def _finish(self, fill: str, line: str) -> None:
        """End a path. One without a colour shows nothing; it cuts what follows to its shape."""
        mark, points = self._marks[-1] if self._marks else None, points_of(self._path)
        if points and (fill or line) and mark is not None and mark >= 0:
            self.strokes.setdefault(mark, []).append(Stroke(points, fill, line))
        self._path = []


@dataclass(frozen=True)
class _Font:
    """What the glyphs of a font say."""

    said: Mapping[int, str]
    bold: bool

    @classmethod
    def of(cls, font: Object) -> _Font:
        return cls(dict(said_by_glyphs(font)), str(font.BaseFont).endswith("-Bold"))

    def text(self, glyphs: bytes) -> str:
        """Return what glyphs say; a box where one says nothing."""
        numbers = [int.from_bytes(glyphs[at : at + 2], "big") for at in range(0, len(glyphs), 2)]
        return "".join(self.said.get(number, "\u25a1") for number in numbers)

    @cached_property
    def lies(self) -> bool:
        """Whether a glyph says another character than the font that we print with has there."""
        drawn: dict[int, set[str]] = {}
        for character, glyph in characters_of("bold" if self.bold else "normal").items():
            drawn.setdefault(glyph, set()).add(unicodedata.normalize("NFKC", chr(character)))
        return any(
            glyph in drawn and unicodedata.normalize("NFKC", text) not in drawn[glyph]
            for glyph, text in self.said.items()
        )


def _is_number(value: object) -> bool:
    import pikepdf

    return not isinstance(value, pikepdf.String)


def _colour(parts: Sequence[Object]) -> str:
    return "#" + "".join(f"{round(255 * float(each)):02x}" for each in parts)


def _matrix(numbers: Sequence[Object]) -> Matrix:
    a, b, c, d, e, f = (float(each) for each in numbers)
    return a, b, c, d, e, f


def _times(first: Matrix, then: Matrix) -> Matrix:
    """Return the matrix that does one thing and then another."""
    a, b, c, d, e, f = first
    p, q, r, s, t, u = then
    return a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u


def _placed(matrix: Matrix, point: Point) -> Point:
    a, b, c, d, e, f = matrix
    x, y = point
    return a * x + c * y + e, b * x + d * y + f
