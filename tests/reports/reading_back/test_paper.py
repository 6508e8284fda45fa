"""Reading the board paper back: nothing is found in one as it is, and every tampering is, without repeating any of it."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from disparity.catalogue import BoardPaper, Catalogue
from reports.charts.drawing import charts_of
from reports.pages.downloads import PAPER
from reports.paper.board_paper import paper
from reports.paper.printing import elements_of, saved
from reports.reading_back.files import unexplained
from reports.reading_back.pdf_parts import joined, read_tagged_pdf
from reports.release.frozen import Release
from reports.release.revisions import Revised

SECRETS = ("jsmith", "/srv/landing/northmoor")
BOARD = BoardPaper(
    purpose="assurance",
    decision="The board is asked to note the evidence.",
    sponsor="Chief people officer",
    author="Head of people analytics",
    objective="Everybody is treated fairly.",
    risk="Duties under the Equality Act 2010 may be breached.",
    duties=("Equality Act 2010, section 149",),
    actions=({"action": "Read shortlists again.", "owner": "Head of recruitment", "by": "31 March 2027"},),
)

Change = Callable[[pikepdf.Pdf], object]


@pytest.fixture(scope="module")
def of_a_board(catalogue: Catalogue) -> Catalogue:
    return catalogue.model_copy(update={"board_paper": BOARD})


@pytest.fixture(scope="module")
def files(release: Release, of_a_board: Catalogue) -> dict[str, bytes]:
    charts = charts_of(release, of_a_board)
    drawings = {f"{name}.svg": chart.svg for name, chart in charts.items()}
    return drawings | {PAPER: paper(release, of_a_board, charts)}


@pytest.fixture
def found(files, release, of_a_board) -> Callable[[bytes], list[str]]:
    """Return the function that reads a paper beside the drawings, and gives what it found of the paper."""

    def read(content: bytes) -> list[str]:
        findings = unexplained(files | {PAPER: content}, release, of_a_board, secrets=SECRETS)
        assert all(each.startswith(f"{PAPER}: ") for each in findings)
        return findings

    return read


def test_why_it_was_revised_is_printed_and_read_back(release, of_a_board):
    own = Revised("2026-09-30", 2)
    revised = replace(
        release,
        estimates=release.estimates.assign(vintage=2),
        revisions=(*release.revisions, own),
        provenance=(("Vintage", "2"),),
    )
    # The history has this quarter's figures too.
    now = revised.history["period_end"] == "2026-09-30"
    revised = replace(
        revised, history=revised.history.assign(vintage=revised.history["vintage"].mask(now, 2))
    )
    charts = charts_of(revised, of_a_board)
    files = {f"{name}.svg": chart.svg for name, chart in charts.items()}
    content = paper(revised, of_a_board, charts)
    assert unexplained(files | {PAPER: content}, revised, of_a_board, secrets=SECRETS) == []
    said = " ".join(read_tagged_pdf(content).texts())
    for words in (own.words, release.revisions[0].words):
        assert joined(words) in joined(said)
    other = replace(revised, revisions=(replace(release.revisions[0], reason="Other words."), own))
    assert any("reason for revision 1" in each for each in unexplained(files, other, of_a_board))


def tampered(content: bytes, change: Change) -> bytes:
    with pikepdf.open(io.BytesIO(content)) as pdf:
        change(pdf)
        return saved(pdf)


def first(pdf: pikepdf.Pdf, kind: str) -> pikepdf.Object:
    return next(element for element, _ in elements_of(pdf) if kind == element.S)


def rewritten(
    pdf: pikepdf.Pdf, operator: str, change: Callable[[list[object]], list[object]], at: int
) -> None:
    """Change the operands of an operator at its ``at``-th place on the first page that has so many."""
    for page in pdf.pages:
        stream = [(list(each.operands), each.operator) for each in pikepdf.parse_content_stream(page)]
        places = [place for place, each in enumerate(stream) if str(each[1]) == operator]
        if len(places) > at:
            operands, name = stream[places[at]]
            stream[places[at]] = (change(operands), name)
            page.obj.Contents = pdf.make_stream(pikepdf.unparse_content_stream(stream))
            return
    raise AssertionError(operator)


def added(pdf: pikepdf.Pdf, drawn: bytes) -> None:
    page = pdf.pages[0]
    page.obj.Contents = pdf.make_stream(page.obj.Contents.read_bytes() + b"\n" + drawn)


def another_digit(operands: list[object]) -> list[object]:
    """Write every digit as the one after it: digits are glyphs 19 to 28 of the font."""
    changed = []
    for each in operands[0]:
        glyphs = bytes(each) if isinstance(each, String) else b""
        if len(glyphs) == 2 and 19 <= glyphs[1] <= 27 and glyphs[0] == 0:
            changed.append(String(bytes([0, glyphs[1] + 1])))
        else:
            changed.append(each)
    return [Array(changed)]


def every_digit(pdf: pikepdf.Pdf) -> None:
    page = pdf.pages[0]
    stream = [(list(each.operands), each.operator) for each in pikepdf.parse_content_stream(page)]
    changed = [(another_digit(each) if str(name) == "TJ" else each, name) for each, name in stream]
    page.obj.Contents = pdf.make_stream(pikepdf.unparse_content_stream(changed))


def lying_glyph(pdf: pikepdf.Pdf) -> None:
    font = next(iter(pdf.pages[0].obj.Resources.Font.values()))
    told = font.ToUnicode.read_bytes()
    assert b"> <0032>" in told
    font.ToUnicode = pdf.make_stream(told.replace(b"> <0032>", b"> <0039>"))


def other_metadata(pdf: pikepdf.Pdf) -> None:
    pdf.Root.Metadata = pdf.make_stream(b"<x>jsmith</x>", Type=Name.Metadata, Subtype=Name.XML)


def moved_mark(pdf: pikepdf.Pdf) -> None:
    def lower(operands: list[object]) -> list[object]:
        return [*operands[:-1], float(operands[-1]) + 7]

    for number, page in enumerate(pdf.pages):
        stream = [(list(each.operands), each.operator) for each in pikepdf.parse_content_stream(page)]
        curves = [place for place, each in enumerate(stream) if str(each[1]) == "c"]
        if curves:
            operands, name = stream[curves[0]]
            stream[curves[0]] = (lower(operands), name)
            pdf.pages[number].obj.Contents = pdf.make_stream(pikepdf.unparse_content_stream(stream))
            return


def other_colours(pdf: pikepdf.Pdf) -> None:
    """Give each group's lines the colour of the other's."""
    for page in pdf.pages:
        stream = page.obj.Contents.read_bytes()
        ours, theirs = b"0.070588 0.262745 0.427451 RG", b"0.956863 0.415686 0.145098 RG"
        if ours in stream:
            page.obj.Contents = pdf.make_stream(stream.replace(ours, theirs))
            return
    raise AssertionError("no line has the colour")


def test_a_paper_as_it_is_has_nothing_without_origin(files, release, of_a_board):
    assert unexplained(files, release, of_a_board, secrets=SECRETS) == []


@pytest.mark.parametrize("audience", ["published", "analyst"])
def test_so_it_is_for_every_audience_and_without_words_of_the_organisation(release, catalogue, audience):
    other = replace(release, audience=audience)
    charts = charts_of(other, catalogue)
    drawings = {f"{name}.svg": chart.svg for name, chart in charts.items()}
    assert unexplained(drawings | {PAPER: paper(other, catalogue, charts)}, other, catalogue) == []


def test_a_paper_of_other_figures_is_found(files, release, of_a_board, found):
    other = replace(release, estimates=release.estimates.assign(ratio=release.estimates["ratio"] + 0.01))
    findings = found(paper(other, of_a_board, charts_of(other, of_a_board)))
    assert any("<TD>" in each for each in findings)
    assert any("<Figure>" in each for each in findings)


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (every_digit, "page 1, <"),
        (lambda pdf: setattr(first(pdf, "/Figure"), "Alt", String("37 people")), "<Figure>"),
        (lambda pdf: setattr(first(pdf, "/TH"), "ActualText", String("37")), "an entry"),
        (lambda pdf: setattr(first(pdf, "/H2"), "S", Name.P), "<P>"),
        (lambda pdf: setattr(first(pdf, "/TH").A, "Summary", String("37")), "an entry"),
        (lambda pdf: setattr(pdf.docinfo, "Author", String("jsmith")), "the entry Author"),
        (lambda pdf: setattr(pdf.docinfo, "Subject", String("37 people")), "an entry"),
        (lambda pdf: setattr(pdf.docinfo, "CreationDate", String("D:20261001120000")), "the entry CreationDate"),
        (lambda pdf: setattr(pdf.Root.Outlines.First, "Title", String("37")), "bookmarks"),
        (lambda pdf: setattr(pdf.Root, "OpenAction", Dictionary(S=Name.JavaScript, JS=String("1"))), "an entry"),
        (lambda pdf: setattr(pdf.Root, "Lang", String("37")), "the entry Lang"),
        (lambda pdf: pdf.attachments.__setitem__("raw.csv", b"37"), "an entry"),
        (lambda pdf: setattr(pdf.pages[0].obj, "Annots", Array([])), "an entry"),
        (lambda pdf: pdf.pages.__delitem__(-1), "no paper"),
        (other_metadata, "metadata"),
        (lambda pdf: setattr(pdf.trailer, "ID", Array([String("37 of jsmith"), String("x")])), "the entry ID"),
        (lying_glyph, "a glyph that says what it is not"),
        (moved_mark, "lines, marks or colours"),
        (other_colours, "lines, marks or colours"),
        (lambda pdf: added(pdf, b"BT 1 0 0 1 50 50 Tm ET q 0 0 1 1 re W n Q /x99 Do"), "no paper"),
        (lambda pdf: added(pdf, b"BI /W 1 /H 1 /BPC 8 /CS /G ID 7 EI"), "an operator"),
        (lambda pdf: rewritten(pdf, "TJ", lambda operands: [Array([*operands[0], *operands[0]])], 3), "page 1, <"),
    ],
)  # fmt: skip
def test_what_a_paper_says_without_origin_is_found(files, found, change, where):
    findings = found(tampered(files[PAPER], change))
    assert any(where in each for each in findings), findings
    assert not any("37" in each or "jsmith" in each for each in findings)


def test_words_in_the_margin_and_outside_of_elements_are_found(files, found):
    def write(pdf: pikepdf.Pdf, around: tuple[bytes, bytes]) -> None:
        font = next(iter(pdf.pages[0].obj.Resources.Font.keys())).encode()
        added(pdf, around[0] + b" BT " + font + b" 9 Tf 1 0 0 1 50 50 Tm [<0016><001a>] TJ ET " + around[1])

    margin = found(
        tampered(files[PAPER], lambda pdf: write(pdf, (b"/Artifact <</Type /Pagination>> BDC", b"EMC")))
    )
    assert any("margins" in each for each in margin)
    outside = found(tampered(files[PAPER], lambda pdf: write(pdf, (b"", b""))))
    assert any("outside of every element" in each for each in outside)


@pytest.mark.parametrize("more", [b"% jsmith\n", b"\n37 0 obj\n(37)\nendobj\n"])
def test_what_lies_after_its_end_is_found(files, found, more):
    assert any("more in it than its objects" in each for each in found(files[PAPER] + more))


@pytest.mark.parametrize("content", [b"", b"<html></html>", b"%PDF-1.7\n"])
def test_what_is_no_paper_cannot_be_read(found, content):
    assert found(content) == [f"{PAPER}: it is no paper that can be read."]


def test_the_drawings_are_those_published_beside_it(files, release, of_a_board):
    swapped = files | {"appointed.svg": files["leavers.svg"]}
    findings = unexplained(swapped, release, of_a_board)
    assert any(each.startswith(PAPER) and "<Figure>" in each for each in findings)


def test_a_board_has_no_figure_typed_by_hand(files, release, of_a_board):
    typed = BOARD.model_copy(update={"risk": "We lose 37 people a year."})
    other = of_a_board.model_copy(update={"board_paper": typed})
    assert any("<TD>" in each for each in unexplained(files, release, other))
