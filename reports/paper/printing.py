"""Printing: an HTML document as a PDF that follows PDF/UA-1, the same bytes from the same document.

WeasyPrint lays it out and tags it; what it leaves open is set with pikepdf afterwards: the scope of header cells, and
margins as artifacts. Text is in one font, which comes with matplotlib and is cut down here, so that nothing depends on a
machine's fonts or on which libraries it has for them.
"""

from __future__ import annotations

import base64
import datetime as dt
import io
import re
import unicodedata
import warnings
from contextlib import redirect_stdout
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from disparity.refusal import refuse

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from pikepdf import Object, Page, Pdf
    from weasyprint.text.fonts import FontConfiguration

FONT = "Paper"
PRODUCER = "WeasyPrint"
_FACES = {"normal": "DejaVuSans.ttf", "bold": "DejaVuSans-Bold.ttf"}
_FONT_OF_DRAWINGS = "'DejaVu Sans', Verdana, Arial, sans-serif"
_NO_GLYPH = "\u25a1"
_POINTS_A_PIXEL = 0.75
_MAPPING = re.compile(r"<([0-9a-f]{4})> <((?:[0-9a-f]{4})+)>")
# Those of ISO 32000-1, 9.9. Which glyph stands for which character is in the PDF itself.
_TABLES_OF_A_PDF = {"GlyphOrder", "glyf", "head", "hhea", "hmtx", "loca", "maxp"}


def check_printing() -> None:
    """Raise Refusal where the machine lacks the library that lays text out: it comes from the system, not from Python."""
    # It prints where to read of it before it raises. What is said to people is said here.
    with warnings.catch_warnings(), redirect_stdout(io.StringIO()):
        # It warns of what it lacks on this machine: a library that cuts fonts down, and fonts. Neither is used here.
        warnings.filterwarnings("ignore", message="HarfBuzz-Subset will be required")
        warnings.filterwarnings("ignore", message="No fonts configured in FontConfig|FontConfig cannot load")
        try:
            import weasyprint  # noqa: F401
        except OSError:
            raise refuse(
                "Pango, by which the board paper is laid out, is not on this machine",
                where="board paper",
                rule="every release has a board paper as PDF, and pip cannot bring Pango, a library of the system",
                do="install it: on Debian and Ubuntu `apt-get install libpango-1.0-0 libpangoft2-1.0-0`, on Fedora "
                "`dnf install pango`, on macOS `brew install pango`",
            ) from None


def printable(text: str) -> str:
    """Return a text in the characters that the font has: others become a box, and marks that turn text around go."""
    known = set.intersection(*(set(characters_of(weight)) for weight in _FACES))
    return "".join(
        each if ord(each) in known or each in "\n\t" else _NO_GLYPH
        for each in unicodedata.normalize("NFC", text)
        if unicodedata.category(each) not in ("Cf", "Cs")
    )


def printed(html: str, style: str, *, author: str, day: dt.date) -> bytes:
    """Print a document, dated ``day``. Pictures in it are data addresses of SVG; nothing is fetched from anywhere.

    Raises Refusal as `check_printing` does.
    """
    check_printing()
    import weasyprint
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class Sources(URLFetcher):  # type: ignore[misc]
        """Fonts by their weight, and drawings in the one font."""

        def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
            kind, _, rest = url.partition(":")
            if kind == "font":
                return URLFetcherResponse(url, _font(rest), {"Content-Type": "font/ttf"})
            if not rest.startswith("image/svg+xml;base64,"):
                raise ValueError("a document has nothing but drawings")
            drawing = base64.b64decode(rest.partition(",")[2]).decode().replace(_FONT_OF_DRAWINGS, FONT)
            return URLFetcherResponse(url, printable(drawing).encode(), {"Content-Type": "image/svg+xml"})

    fonts, sources = _no_fonts(), Sources()
    faces = "".join(
        f'@font-face {{ font-family: {FONT}; font-weight: {weight}; src: url("font:{weight}") }}\n'
        for weight in _FACES
    )
    sheet = weasyprint.CSS(string=faces + style, font_config=fonts, url_fetcher=sources)
    document = weasyprint.HTML(string=printable(html), url_fetcher=sources)
    laid_out = document.render(font_config=fonts, stylesheets=[sheet])
    laid_out.metadata.authors = [printable(author)]
    laid_out.metadata.created = laid_out.metadata.modified = day.isoformat()
    return _finished(laid_out.write_pdf(pdf_variant="pdf/ua-1"))


def _no_fonts() -> FontConfiguration:
    """Return the fonts to lay a document out with: none of the machine's, and none of its rules on which stands for which.

    WeasyPrint would begin with those, and Pango takes characters that are also emoji from them before it asks ours.
    """
    from weasyprint.text.ffi import ffi, fontconfig, pangoft2
    from weasyprint.text.fonts import FontConfiguration

    fonts = FontConfiguration()
    ffi.cdef("FcConfig * FcConfigCreate (void);", override=True)
    fonts._config = fontconfig.FcConfigCreate()
    pangoft2.pango_fc_font_map_set_config(ffi.cast("PangoFcFontMap *", fonts.font_map), fonts._config)
    # The map of fonts holds it from now on.
    fontconfig.FcConfigDestroy(fonts._config)
    return fonts


def saved(pdf: Pdf) -> bytes:
    """Write a PDF in the one way in which ours are written: what it holds decides every byte, its identity too."""
    import pikepdf

    out = io.BytesIO()
    pdf.save(
        out,
        deterministic_id=True,
        object_stream_mode=pikepdf.ObjectStreamMode.generate,
        recompress_flate=True,
        normalize_content=False,
    )
    return out.getvalue()


def _finished(content: bytes) -> bytes:
    import pikepdf

    with pikepdf.open(io.BytesIO(content)) as pdf:
        _place_figures(pdf)
        read = _give_scope(pdf)
        for number, page in enumerate(pdf.pages):
            _make_artifacts(pdf, page, read[number])
        _cut_down_fonts(pdf)
        _leave_out_version(pdf)
        once = saved(pdf)
    # Written twice, so that one who opens and writes it again gets the same bytes.
    with pikepdf.open(io.BytesIO(once)) as pdf:
        return saved(pdf)


def _leave_out_version(pdf: Pdf) -> None:
    """Name what laid the paper out without its version: that belongs to the provenance, and changes with no word."""
    pdf.docinfo.Producer = PRODUCER
    packet = pdf.Root.Metadata.read_bytes()
    pdf.Root.Metadata.write(re.sub(rb"(?<=pdf:Producer=\")[^\"]*", PRODUCER.encode(), packet))


def _place_figures(pdf: Pdf) -> None:
    """Say where each figure is in points from the page's foot: they are laid out in pixels from its head."""
    for element, _ in elements_of(pdf):
        if element.S == "/Figure":
            height = float(element.Pg.MediaBox[3])
            left, top, right, bottom = (float(end) * _POINTS_A_PIXEL for end in element.A.BBox)
            element.A.BBox = [round(end, 3) for end in (left, height - bottom, right, height - top)]


def _give_scope(pdf: Pdf) -> dict[int, set[int]]:
    """Say of every header cell whether it heads a row or a column. Returns the marked content of each page that is read."""
    import pikepdf

    pages = {page.obj.objgen: number for number, page in enumerate(pdf.pages)}
    read: dict[int, set[int]] = {number: set() for number in pages.values()}
    for element, above in elements_of(pdf):
        if element.S == "/TH":
            in_head = above[-2:-1] == ("/THead",)
            element.A.Scope = pikepdf.Name.Column if in_head else pikepdf.Name.Row
        for kid in kids_of(element):
            if isinstance(kid, int):
                read[pages[element.Pg.objgen]].add(kid)
    return read


def elements_of(pdf: Pdf) -> Iterator[tuple[Object, tuple[str, ...]]]:
    """Yield the elements of the structure in the order in which they are read, each with the kinds of those above it."""
    left: list[tuple[Object, tuple[str, ...]]] = [(kid, ()) for kid in kids_of(pdf.Root.StructTreeRoot)]
    left.reverse()
    while left:
        element, above = left.pop()
        if isinstance(element, int):
            continue
        yield element, above
        left += [(kid, (*above, str(element.S))) for kid in reversed(kids_of(element))]


def kids_of(element: Object) -> list[Object]:
    """Return what an element holds: further elements, and numbers of marked content."""
    import pikepdf

    if "/K" not in element:
        return []
    kids = element.K
    return list(kids) if isinstance(kids, pikepdf.Array) else [kids]


def _make_artifacts(pdf: Pdf, page: Page, read: set[int]) -> None:
    """Mark what no element of the structure holds, as margins do, as what is not read aloud."""
    import pikepdf

    artifact = pikepdf.Dictionary(Type=pikepdf.Name.Pagination)
    changed = []
    for each in pikepdf.parse_content_stream(page):
        operands = list(each.operands)
        if str(each.operator) == "BDC" and int(operands[1].get("/MCID", -1)) not in read:
            operands = [pikepdf.Name.Artifact, artifact]
        changed.append((operands, each.operator))
    page.obj.Contents = pdf.make_stream(pikepdf.unparse_content_stream(changed))


def _cut_down_fonts(pdf: Pdf) -> None:
    """Replace each font, which WeasyPrint cut down by whatever library is there, with the same glyphs cut down by us."""
    import pikepdf

    for each in pdf.objects:
        if isinstance(each, pikepdf.Dictionary) and "/ToUnicode" in each:
            file = each.DescendantFonts[0].FontDescriptor.FontFile2
            weight = "bold" if str(each.BaseFont).endswith("-Bold") else "normal"
            cut = _cut_down(weight, [glyph for glyph, _ in said_by_glyphs(each)])
            file.write(cut)
            file.Length1 = len(cut)


def said_by_glyphs(font: Object) -> Iterator[tuple[int, str]]:
    """Yield the number of each glyph that a document shows of a font, with what it says."""
    # Before the glyphs stands the range that their numbers may have, in the same spelling.
    said = font.ToUnicode.read_bytes().decode("ascii").partition("endcodespacerange")[2]
    for glyph, text in _MAPPING.findall(said):
        yield int(glyph, 16), bytes.fromhex(text).decode("utf-16-be")


def _cut_down(weight: str, glyphs: Collection[int]) -> bytes:
    """Return a face with the outlines of these glyphs alone, under their numbers, and the tables that a PDF needs."""
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont

    face, out = TTFont(io.BytesIO(_font(weight)), recalcTimestamp=False), io.BytesIO()
    face.getGlyphOrder()  # read from a table that goes
    for tag in set(face.keys()) - _TABLES_OF_A_PDF:
        del face[tag]
    cutter = Subsetter(Options(retain_gids=True, hinting=False))
    cutter.populate(gids=glyphs)
    cutter.subset(face)
    face.save(out)
    return out.getvalue()


@cache
def characters_of(weight: str) -> Mapping[int, int]:
    """Return the characters of a face of the font, ``normal`` or ``bold``, each with the number of its glyph."""
    from matplotlib.ft2font import FT2Font

    return FT2Font(io.BytesIO(_font(weight))).get_charmap()


@cache
def _font(weight: str) -> bytes:
    return files("matplotlib").joinpath("mpl-data", "fonts", "ttf", _FACES[weight]).read_bytes()
