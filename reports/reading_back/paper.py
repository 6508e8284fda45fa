"""Reading the board paper back: the document it was printed from by the rules of a page, then the PDF beside that document.

What a page of the PDF says is compared without its blanks, since lines end where there is room. Findings never repeat a
number or a word of the paper.
"""

from __future__ import annotations

import base64
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from xml.etree import ElementTree as ET

from disparity.catalogue.indicators import COMPARISONS
from reports.pages.frame import markings
from reports.pages.quarter import Picture
from reports.paper.board_paper import paper_page, paper_title
from reports.paper.printing import PRODUCER, printable
from reports.reading_back.expected_text import Origins
from reports.reading_back.html_parts import PageReader
from reports.reading_back.page import unexplained_in_page
from reports.reading_back.pdf_parts import Element, Stroke, TaggedPdf, joined, points_of
from reports.reading_back.svg_parts import Point, read_drawing

_KINDS = {
    **{tag: tag.upper() for tag in ("h1", "h2", "h3", "p", "li", "th", "td")},
    "img alt": "Figure",
}
_CELL = re.compile(r"\d+-\d+-\d+")
# As near as a stroke has to be to where it is in the drawing, in points of the drawing.
_PRECISION = 0.05
_SVG, _LINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}href"
_STEP = re.compile(r"([MLC])([^MLCz]*)")

Block = tuple[str, str]


def unexplained_in_paper(paper: TaggedPdf, origins: Origins, files: Mapping[str, bytes]) -> Iterator[str]:
    """Yield what in a paper has no origin in the release; ``files`` are those published with it, drawings among them."""
    yield from paper.foreign
    page = PageReader(paper_page(origins.release, origins.catalogue, _pictures(files)))
    for finding in unexplained_in_page(page, origins, files):
        yield f"in the document it is printed from, {finding}"
    blocks = [(_KINDS[place.tag], printable(place.text)) for place in page.places if place.tag in _KINDS]
    yield from _in_elements(blocks, paper.elements)
    shown = [place.name or COMPARISONS for place in page.places if place.tag == "img alt"]
    yield from _in_drawings([files[f"{name}.svg"] for name in shown], paper.elements)
    yield from _in_margins(paper, origins)
    yield from _in_what_is_not_seen(paper, blocks, origins)


def _pictures(files: Mapping[str, bytes]) -> dict[str, Picture]:
    """Return the drawings that are published, as a page holds them."""
    found = {}
    for name, content in files.items():
        if name.endswith(".svg"):
            drawing = read_drawing(content)
            source = f"data:image/svg+xml;base64,{base64.b64encode(content).decode()}"
            found[name.removesuffix(".svg")] = Picture(drawing.title, drawing.words, source)
    return found


# ------------------------------------------------------------------ what is read aloud


def _in_elements(blocks: Sequence[Block], elements: Sequence[Element]) -> Iterator[str]:
    """Yield the elements that are not those of the document, in their order."""
    told = [each for each in elements if joined(each.text)]
    found = list(_without_repeated_headings(told, blocks))
    for (kind, text), element in zip(blocks, found, strict=False):
        if kind != element.kind or not _same(text, element.text):
            yield f"page {element.page + 1}, <{element.kind}>: it is not what the paper says there"
    if len(found) != len(blocks):
        yield "it has more or fewer paragraphs, cells, headings or figures than the paper"


def _without_repeated_headings(elements: Sequence[Element], blocks: Sequence[Block]) -> Iterator[Element]:
    """Yield the elements, but for headings of columns that a table repeats on its next page."""
    left, column_headings = list(blocks), [text for kind, text in blocks if kind == "TH"]
    page = 0
    for element in elements:
        kind, text = left[0] if left else ("", "")
        expected = kind == element.kind and _same(text, element.text)
        repeated = element.kind == "TH" and any(_same(each, element.text) for each in column_headings)
        if not expected and repeated and element.page > page:
            continue
        page = element.page if expected else page
        left = left[1:]
        yield element


def _same(text: str, other: str) -> bool:
    """Whether two texts say the same: where some of it runs from right to left, the same characters."""
    one, two = joined(text), joined(other)
    if any(unicodedata.bidirectional(each) in ("R", "AL") for each in one):
        return sorted(unicodedata.normalize("NFKC", one)) == sorted(unicodedata.normalize("NFKC", two))
    return one == two


# ------------------------------------------------------------------ drawings


def _in_drawings(drawings: Sequence[bytes], elements: Sequence[Element]) -> Iterator[str]:
    """Yield the figures whose strokes or words are not those of the drawing published beside the paper."""
    figures = [each for each in elements if each.kind == "Figure"]
    for at, (content, figure) in enumerate(zip(drawings, figures, strict=False), start=1):
        root = ET.fromstring(content)  # noqa: S314 - read as a drawing before
        words = [each.text or "" for each in root.iter(f"{_SVG}text")]
        if not _same("".join(map(printable, words)), figure.drawn_words):
            yield f"figure {at}: its words are not those of the drawing"
        if not _coincide(list(_strokes(root)), figure.strokes):
            yield f"figure {at}: its lines, marks or colours are not those of the drawing"


def _strokes(root: ET.Element) -> Iterator[Stroke]:
    """Yield every path that a drawing draws, a mark's where it is used."""
    defined = {f"#{each.get('id')}": each.get("d", "") for each in root.iter(f"{_SVG}path")}
    left = [root]
    while left:
        each = left.pop()
        if each.tag == f"{_SVG}defs":
            continue
        path = each.get("d", "")
        if each.tag == f"{_SVG}use":
            path = defined.get(each.get(_LINK, ""), "")
        x, y = float(each.get("x", 0)), float(each.get("y", 0))
        points = [(x + dx, y + dy) for dx, dy in _points(path)]
        fill, line = (_colour(each, name) for name in ("fill", "stroke"))
        if points and (fill or line):
            yield Stroke(points, fill, line)
        left += reversed(each)


def _points(path: str) -> list[Point]:
    """Return the points of a path; its curves are cubic in a drawing as in print."""
    steps = []
    for letter, rest in _STEP.findall(path):
        numbers = [float(number) for number in rest.split()]
        steps.append((letter == "M", list(zip(numbers[::2], numbers[1::2], strict=True))))
    return points_of(steps)


def _colour(each: ET.Element, name: str) -> str:
    """Return a colour of an element; "" where it has none."""
    found = re.search(rf"(?:^|; ){name}: (#[0-9a-f]{{6}})", each.get("style", ""))
    return found[1] if found else ""


def _coincide(drawn: Sequence[Stroke], printed: Sequence[Stroke]) -> bool:
    """Whether strokes have the same colours and places, on a scale that the first of them, the ground, gives."""
    if not drawn or len(drawn) != len(printed):
        return False
    scales = []
    for axis in (0, 1):
        ours, theirs = ([point[axis] for point in of[0].points] for of in (drawn, printed))
        if max(theirs) == min(theirs):
            return False
        scale = (max(ours) - min(ours)) / (max(theirs) - min(theirs))
        scales.append((scale, min(ours) - scale * min(theirs)))
    return all(_same_stroke(*pair, scales) for pair in zip(drawn, printed, strict=True))


def _same_stroke(drawn: Stroke, printed: Stroke, scales: Sequence[tuple[float, float]]) -> bool:
    if (drawn.fill, drawn.line, len(drawn.points)) != (printed.fill, printed.line, len(printed.points)):
        return False
    return all(
        abs(scale * theirs[axis] + start - ours[axis]) <= _PRECISION
        for ours, theirs in zip(drawn.points, printed.points, strict=True)
        for axis, (scale, start) in enumerate(scales)
    )


# ------------------------------------------------------------------ margins, and what is not seen


def _in_margins(paper: TaggedPdf, origins: Origins) -> Iterator[str]:
    """Yield the pages that do not say below who may read them and which page they are, and nothing else."""
    release, pages = origins.release, len(paper.margins)
    marking = " | ".join(markings(release.organisation, release.audience))
    for number, said in enumerate(paper.margins, start=1):
        if joined("".join(said)) != joined(f"{marking} Page {number} of {pages}"):
            yield f"page {number}: its margins do not say who may read it and which page it is, or more"


def _in_what_is_not_seen(paper: TaggedPdf, blocks: Sequence[Block], origins: Origins) -> Iterator[str]:
    """Yield what titles, bookmarks, dates and metadata say that the paper does not."""
    release = origins.release
    headings = [text for kind, text in blocks if kind in ("H1", "H2", "H3")]
    if [joined(each) for each in paper.bookmarks] != [joined(each) for each in headings]:
        yield "its bookmarks are not its headings"
    title, author = printable(paper_title(release.quarter)), printable(release.organisation.name)
    day = release.quarter.end
    known: Mapping[str, Callable[[str], bool]] = {
        "Title": lambda text: text in (title, *headings),
        "Author": lambda text: text == author,
        "Producer": lambda text: text == PRODUCER,
        "Lang": lambda text: text == "en-GB",
        "Alt": lambda text: text in [said for kind, said in blocks if kind == "Figure"],
        **dict.fromkeys(("CreationDate", "ModDate"), lambda text: text == f"D:{day:%Y%m%d}"),
        "Headers": lambda text: _CELL.fullmatch(text) is not None,
        # Cells are named by their place, the file itself by a hash of its bytes, which is no text.
        "ID": lambda text: (
            _CELL.fullmatch(text) is not None
            or (len(text) <= 16 and not (text.isascii() and text.isprintable()))
        ),
        "FontFamily": lambda text: text.startswith("Paper"),
    }
    for key, text in paper.strings:
        if key not in known or not known[key](text):
            yield f"the entry {key if key in known else 'of another name'} says what the paper does not"
    ours = {title, author, day.isoformat(), "1", "x-default"}
    if not {*paper.metadata} <= {*ours, PRODUCER}:
        yield "its metadata say what the paper does not"
