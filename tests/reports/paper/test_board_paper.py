"""The board paper: a tagged PDF that says what a board is asked, in six pages or fewer, the same bytes every time."""

from __future__ import annotations

import datetime as dt
import io
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import matplotlib
import pikepdf
import pytest
from fontTools.ttLib import TTFont

from disparity.catalogue import BoardPaper, Catalogue
from disparity.refusal import Refusal
from reports.charts.drawing import charts_of
from reports.charts.style import TEXT, WIDTH
from reports.pages.quarter import Picture
from reports.paper.board_paper import NOT_RECORDED, paper, paper_page
from reports.paper.printing import (
    FONT,
    check_printing,
    elements_of,
    kids_of,
    printable,
    printed,
    said_by_glyphs,
)
from reports.reading_back.expected_text import Origins
from reports.reading_back.paper import unexplained_in_paper
from reports.reading_back.pdf_parts import TaggedPdf, read_tagged_pdf
from reports.release.frozen import Release, to_json

BOARD = BoardPaper(
    purpose="decision",
    decision="The board is asked to agree the actions below.",
    sponsor="Chief people officer",
    author="Head of people analytics",
    meeting="Board of directors, 26 November 2026",
    objective="Everybody is treated fairly.",
    risk="Skills are lost, and duties under the Equality Act 2010 may be breached.",
    duties=("Equality Act 2010, section 149", "Workforce Race Equality Standard"),
    actions=({"action": "Read shortlists again.", "owner": "Head of recruitment", "by": "31 March 2027"},),
)
HOSTILE = (
    "<script>alert(1)</script>",
    "=cmd|'/c calc'!A1",
    "Ward " + "of a very long name " * 14,
    "\u202eDirectorate of reversing\u202c",
    "Un\u200bbroken" + "x" * 290,
    "\U0001f600 \U0001f469\U0001f3fd\u200d\u2695\ufe0f care & <b>bold</b>",
    "\u05e9\u05dc\u05d5\u05dd wing 8a",
)


def made(release: Release, catalogue: Catalogue) -> bytes:
    return paper(release, catalogue, charts_of(release, catalogue))


def document(release: Release, catalogue: Catalogue) -> str:
    """Return the document alone: it takes no time."""
    return paper_page(release, catalogue, {})


@pytest.fixture(scope="module")
def of_a_board(catalogue: Catalogue) -> Catalogue:
    return catalogue.model_copy(update={"board_paper": BOARD})


@pytest.fixture(scope="module")
def content(release: Release, of_a_board: Catalogue) -> bytes:
    return made(release, of_a_board)


@pytest.fixture(scope="module")
def pdf(content: bytes) -> Iterator[pikepdf.Pdf]:
    with pikepdf.open(io.BytesIO(content)) as opened:
        yield opened


@pytest.fixture(scope="module")
def read(content: bytes) -> TaggedPdf:
    return read_tagged_pdf(content)


def print_words(words: str) -> bytes:
    """Print a document of one paragraph in the two faces of the font."""
    page = (
        f'<html lang="en"><head><title>Words</title></head><body><p>{words} <b>{words}</b></p></body></html>'
    )
    return printed(page, f"body {{ font-family: {FONT} }}", author="Nobody", day=dt.date(2026, 9, 30))


def fonts_of(content: bytes) -> list[str]:
    with pikepdf.open(io.BytesIO(content)) as pdf:
        fonts = [font for page in pdf.pages for font in page.obj.Resources.Font.values()]
        return [str(font.BaseFont) for font in fonts]


def of_kind(pdf: pikepdf.Pdf, *kinds: str) -> list[pikepdf.Object]:
    return [element for element, _ in elements_of(pdf) if element.S in kinds]


def beneath(element: pikepdf.Object) -> Iterator[pikepdf.Object]:
    for kid in kids_of(element):
        if not isinstance(kid, int):
            yield kid
            yield from beneath(kid)


# ------------------------------------------------------------------ the structure


def test_it_says_that_it_is_tagged_in_which_language_and_by_which_standard(pdf):
    assert bool(pdf.Root.MarkInfo.Marked)
    assert str(pdf.Root.Lang) == "en-GB"
    assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)
    with pdf.open_metadata() as metadata:
        assert metadata["{http://www.aiim.org/pdfua/ns/id/}part"] == "1"
        assert metadata["dc:title"] == "Race equality: Jul to Sep 2026"
        # Of another version, which changes no word, an approver would be asked again.
        assert metadata["pdf:Producer"] == str(pdf.docinfo.Producer) == "WeasyPrint"
    assert str(pdf.docinfo.Title) == "Race equality: Jul to Sep 2026"
    assert all(page.obj.Tabs == "/S" for page in pdf.pages)


def test_every_figure_has_words_in_its_place(pdf, release, of_a_board):
    charts = charts_of(release, of_a_board)
    shown = ("comparisons", "appointed", "senior_managers", "leavers")
    assert [str(figure.Alt) for figure in of_kind(pdf, "/Figure")] == [charts[name].alt for name in shown]


def test_every_table_has_headings_that_say_what_they_head(pdf):
    tables = of_kind(pdf, "/Table")
    assert len(tables) >= 4
    for table in tables:
        rows = [each for each in beneath(table) if each.S == "/TR"]
        heads = [each for each in beneath(table) if each.S == "/TH"]
        assert {str(each.A.Scope) for each in heads} == {"/Column", "/Row"}
        assert len(heads) == len(kids_of(rows[0])) + len(rows) - 1
        for row in rows:
            assert len(kids_of(row)) == len(kids_of(rows[0]))
        identities = {str(each.ID) for each in heads}
        for cell in (each for each in beneath(table) if each.S == "/TD"):
            named = [str(each) for each in cell.A.Headers]
            assert len(named) == 2
            assert set(named) <= identities


def test_headings_are_in_order_and_are_the_bookmarks(pdf, read):
    levels = [int(str(each.S)[-1]) for each in of_kind(pdf, "/H1", "/H2", "/H3", "/H4", "/H5", "/H6")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert read.bookmarks == [each.text for each in read.elements if each.kind in ("H1", "H2", "H3")]


def test_all_that_is_marked_is_in_the_structure_or_is_an_artifact(pdf):
    held = {
        (element.Pg.objgen, kid)
        for element, _ in elements_of(pdf)
        for kid in kids_of(element)
        if isinstance(kid, int)
    }
    for page in pdf.pages:
        depth = 0
        for each in pikepdf.parse_content_stream(page):
            operator = str(each.operator)
            if operator == "BDC" and each.operands[0] != "/Artifact":
                assert (page.obj.objgen, int(each.operands[1].MCID)) in held
            depth += {"BDC": 1, "BMC": 1, "EMC": -1}.get(operator, 0)
            if operator in ("TJ", "S", "B", "f", "f*", "Do"):
                assert depth > 0, operator


def test_every_element_points_at_the_one_it_is_in(pdf):
    for element, _ in elements_of(pdf):
        for kid in kids_of(element):
            assert isinstance(kid, int) or kid.P.objgen == element.objgen


def test_lists_have_items_with_bodies(pdf):
    lists = of_kind(pdf, "/L")
    assert lists
    for each in lists:
        assert {str(item.S) for item in kids_of(each)} == {"/LI"}
        assert all("/LBody" in [str(part.S) for part in kids_of(item)] for item in kids_of(each))


def test_fonts_are_embedded_and_their_glyphs_say_what_they_are(pdf):
    fonts = {font.objgen: font for page in pdf.pages for font in page.obj.Resources.Font.values()}
    assert {str(font.BaseFont).split("+")[1] for font in fonts.values()} == {"Paper", "Paper-Bold"}
    for font in fonts.values():
        said = dict(said_by_glyphs(font))
        file = font.DescendantFonts[0].FontDescriptor.FontFile2
        assert int(file.Length1) == len(file.read_bytes())
        face = TTFont(io.BytesIO(file.read_bytes()))
        drawn = {
            face.getGlyphID(each) for each in face.getGlyphOrder() if face["glyf"][each].numberOfContours
        }
        assert drawn >= {glyph for glyph, text in said.items() if text.strip()}
        assert len(drawn) < len(said) + 20


def test_it_has_no_link_no_script_and_nothing_attached(pdf, read):
    assert not {"/OpenAction", "/AA", "/AcroForm", "/Names", "/AF"} & set(pdf.Root.keys())
    assert not any("/Annots" in page.obj for page in pdf.pages)
    assert read.foreign == []


# ------------------------------------------------------------------ what it says


def test_it_has_the_fields_that_a_secretary_expects(read):
    said = [each.text for each in read.elements if each.kind in ("TH", "TD")]
    for field, words in (
        ("Purpose", "For decision"),
        ("Meeting", BOARD.meeting),
        ("Decision asked", BOARD.decision),
        ("Sponsor", BOARD.sponsor),
        ("Author", BOARD.author),
        ("Legal duty", "Equality Act 2010, section 149; Workforce Race Equality Standard"),
        ("Who may read it", "Restricted: for named readers | Invented figures: about nobody"),
    ):
        assert said[said.index(field) + 1] == words
    assert "Read shortlists again." in said


def test_every_page_says_who_may_read_it_and_which_it_is(read):
    marking = "Restricted: for named readers | Invented figures: about nobody"
    pages = len(read.margins)
    assert read.margins == [[marking, f"Page {number} of {pages}"] for number in range(1, pages + 1)]


def test_without_words_of_the_organisation_it_says_that_there_are_none(release, catalogue):
    page = document(release, catalogue)
    assert "The board is asked to note the evidence" in page
    assert "The software&#39;s own words" in page
    assert page.count(NOT_RECORDED) == 5
    assert "The meeting after 30 September 2026" in page
    assert "the software proposes none" in page


def test_four_charts_of_the_strongest_evidence(release, of_a_board, told):
    pictures = dict.fromkeys(told, Picture("title", "words", "data:,"))
    page = paper_page(release, of_a_board, pictures)
    places = [page.index(f'class="chart" data-indicator="{name}"') for name in (
        "appointed", "senior_managers", "leavers", "share_of_staff",
    )]  # fmt: skip
    assert places == sorted(places)
    assert page.count('class="chart"') == 4


def test_what_cannot_be_said_is_said(release, of_a_board):
    page = document(release, of_a_board)
    assert "which does not mean that there is no disparity: Leavers a year per 100 staff." in page
    assert "it does not by itself say why." in page


# ------------------------------------------------------------------ any organisation, any names


def test_two_to_six_pages(read):
    assert 2 <= len(read.margins) <= 6


@pytest.fixture(scope="module")
def small(release: Release) -> Release:
    """Return a release in which nearly everything is hidden, as for an organisation of a hundred."""
    blank = [name for name in release.estimates if name.endswith(("_events", "_value", "_base"))]
    blank += ["ratio", "difference", "q_value"]
    marked = [name for name in release.estimates if name.endswith("_status")]
    changes = dict.fromkeys(blank, None) | dict.fromkeys(marked, "[c]")
    rows = release.estimates.assign(**changes, status="[c]", evidence="", flag="")
    return replace(release, estimates=rows, history=rows.iloc[:0], analyses=release.analyses.iloc[:0])


def test_a_small_organisation_gets_a_short_paper_that_says_why(small, of_a_board):
    read = read_tagged_pdf(made(small, of_a_board))
    assert 2 <= len(read.margins) <= 3
    said = " ".join(each.text for each in read.elements)
    assert "No headline figure can be shown" in said
    assert "too few people to show it without a risk to them" in said


def test_hostile_names_are_shown_and_do_no_harm(release, of_a_board):
    titles = iter(HOSTILE)
    indicators = {
        name: each.model_copy(update={"title": next(titles)}) for name, each in of_a_board.indicators.items()
    }
    organisation = release.organisation.model_copy(update={"name": "\u202eTrust <i>&\U0001f3e5 " + "y" * 270})
    named = of_a_board.model_copy(update={"indicators": indicators, "organisation": organisation})
    called = replace(release, organisation=organisation)
    charts = charts_of(called, named)
    content = paper(called, named, charts)
    read = read_tagged_pdf(content)
    drawings = {f"{name}.svg": chart.svg for name, chart in charts.items()}
    assert list(unexplained_in_paper(read, Origins(called, named), drawings)) == []
    assert len(read.margins) <= 6
    said = "".join("".join(each.text.split()) for each in read.elements)
    for name in HOSTILE[:3]:
        assert "".join(name.split()) in said
    assert "\u202e" not in said
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert not {"/OpenAction", "/AA", "/Names"} & set(pdf.Root.keys())
        assert len(of_kind(pdf, "/Figure")) == 4


def test_what_the_font_lacks_is_a_box_and_marks_that_turn_text_go():
    assert printable("a\u202eb\u200d \u0001f\U0001f9ec") == "ab \u25a1f\u25a1"
    assert printable("e\u0301") == "\u00e9"


def test_the_text_of_charts_is_of_twelve_points_or_more(pdf):
    for each in of_kind(pdf, "/Figure"):
        left, _, right, _ = map(float, each.A.BBox)
        assert TEXT * (right - left) / (WIDTH * 72) >= 12


# ------------------------------------------------------------------ the same bytes, and no machine


def test_the_same_release_gives_the_same_bytes(content, release, of_a_board):
    assert made(release, of_a_board) == content


def test_the_ninth_paper_of_a_process_is_what_the_first_would_have_been():
    before = print_words("The first: 1 to 5.")
    for number in range(7):
        print_words("".join(chr(0x410 + number + each) for each in range(20)) + " \u2211 \ufb01")
    assert print_words("The first: 1 to 5.") == before


def test_so_it_is_where_harfbuzz_cannot_cut_fonts_down(content, release, of_a_board, monkeypatch):
    monkeypatch.setattr("weasyprint.pdf.fonts.harfbuzz_subset", None)
    assert made(release, of_a_board) == content


# Characters that are drawn as emoji where a machine has a font of them.
EMOJI = "Ward \u26a1 \u231a \u2665 \u00a9 1\ufe0f\u20e3"
RULES = {
    "none": "",
    "fonts": "<dir>{fonts}</dir>",
    "fonts that stand for every other": """<dir>{fonts}</dir>
        <match target="pattern"><edit name="family" mode="assign" binding="strong">
        <string>STIXGeneral</string></edit></match>""",
    "the name of ours": """<dir>{fonts}</dir><match target="scan">
        <edit name="family" mode="prepend"><string>Paper</string></edit></match>""",
}


@pytest.mark.parametrize("rules", RULES.values(), ids=list(RULES))
def test_so_it_is_on_a_machine_with_any_fonts_and_rules(rules, monkeypatch, tmp_path):
    before = print_words(EMOJI)
    fonts = Path(matplotlib.get_data_path(), "fonts", "ttf")
    rules = f"<fontconfig>{rules.format(fonts=fonts)}<cachedir>{tmp_path}</cachedir></fontconfig>"
    (tmp_path / "fonts.conf").write_text(f'<?xml version="1.0"?>{rules}')
    monkeypatch.setenv("FONTCONFIG_FILE", str(tmp_path / "fonts.conf"))
    assert print_words(EMOJI) == before
    assert {each.split("+")[1] for each in fonts_of(before)} == {"Paper", "Paper-Bold"}


AGAIN = """
import pickle, sys
from reports.charts.drawing import charts_of
from reports.paper.board_paper import paper
from reports.release.frozen import from_json
release, catalogue = pickle.loads(sys.stdin.buffer.read())
release = from_json(release)
sys.stdout.buffer.write(paper(release, catalogue, charts_of(release, catalogue)))
"""


@pytest.mark.long
@pytest.mark.parametrize(
    "settings",
    [
        {"PYTHONHASHSEED": "1", "TZ": "Pacific/Kiritimati", "LC_ALL": "C", "SOURCE_DATE_EPOCH": "1"},
        {"PYTHONHASHSEED": "2", "TZ": "America/Los_Angeles", "LANG": "de_DE.UTF-8", "HOME": "/nonexistent"},
    ],
)
def test_so_does_another_process_elsewhere(content, release, of_a_board, settings):
    import pickle

    environment = {name: value for name, value in os.environ.items() if name != "SOURCE_DATE_EPOCH"}
    made_there = subprocess.run(
        [sys.executable, "-c", AGAIN],
        input=pickle.dumps((to_json(release), of_a_board)),
        capture_output=True,
        check=True,
        cwd=Path(__file__).parents[3],
        env=environment | settings,
    )
    assert made_there.stdout == content


def test_without_pango_the_answer_is_a_sentence(monkeypatch, capsys):
    class NotThere:
        def find_spec(self, name: str, *_: object) -> None:
            if name == "weasyprint":
                sys.stdout.write("WeasyPrint could not import some external libraries.")
                raise OSError("cannot load library 'pango-1.0-0'")

    for name in [each for each in sys.modules if each.partition(".")[0] == "weasyprint"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [NotThere(), *sys.meta_path])
    with pytest.raises(Refusal, match=r"apt-get install libpango-1\.0-0"):
        check_printing()
    assert capsys.readouterr().out == ""
