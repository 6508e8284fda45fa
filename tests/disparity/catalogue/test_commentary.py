"""Commentary: what may stand in it; every number typed by hand, in digits or in letters, is refused in its line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disparity.catalogue.commentary import FIGURES, Commentary, Lexicon, read_commentary
from resources.catalogue import DEFAULT, load_catalogue

BY = "By: Head of people analytics\n\n"


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    catalogue = load_catalogue(DEFAULT)
    return Lexicon(catalogue.indicators, catalogue.organisation, catalogue.house_style)


def read(text: str, lexicon: Lexicon) -> Commentary:
    commentary, wrong = read_commentary(text, lexicon)
    assert wrong == []
    assert commentary is not None
    return commentary


def test_text_goes_to_the_overview_and_below_a_heading_to_its_theme(lexicon):
    said = read(f"{BY}First.\n\n## Recruitment\n\nSecond.\nMore.\n\n## leaving ##\nThird.\n", lexicon)
    assert said.by == "Head of people analytics"
    assert [(each.page, each.text) for each in said.passages] == [
        ("overview", "First."),
        ("recruitment", "Second.\nMore."),
        ("leaving", "Third."),
    ]


@pytest.mark.parametrize("figure", FIGURES)
def test_every_figure_can_be_named(lexicon, figure):
    read(f"{BY}It is {{{{ appointed_from_shortlisting.{figure} }}}}.", lexicon)


@pytest.mark.parametrize(
    "words",
    [
        "Staff in Band 8a said so.",
        "- a list\n- with **strong** and *stressed* words",
        "A quarter of a year & more; one of them.",
        "Text with [brackets], an apostrophe's mark and a dash - here.",
    ],
)
def test_what_is_written_plainly_may_stand(lexicon, words):
    read(f"{BY}{words}", lexicon)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("It rose by 3 points.", "'3' is a number typed by hand; name the figure in a slot"),
        ("It is 1.7 times.", "'1.7' is a number typed by hand"),
        ("Some 1,200 applied.", "'1,200' is a number typed by hand"),
        ("It is ½ now.", "'½' is a number typed by hand"),
        ("Twelve people left.", "'Twelve' is a number typed by hand"),
        ("White applicants were twice as likely.", "'twice' is a number typed by hand"),
        ("1. first", "'1.' is a number typed by hand"),
        ("Band 8 and Band 8a.", "'8' is a number typed by hand"),
        ("See <b>this</b>.", "HTML has no place here"),
        ("<script>alert()</script>", "HTML has no place here"),
        ("See [the plan](plan.html).", "a link has no place here"),
        ("![a picture](a.png)", "a picture has no place here"),
        ("See https://example.org/.", "an address leads out of the report"),
        ("Write to a.person@example.org", "an address leads out of the report"),
        ("<https://example.org>", "an address leads out of the report"),
        ("Use `code`.", "Markdown of the kind code_inline has no place here"),
        ("> quoted", "a quotation has no place here"),
        ("Heading\n---", "a heading inside the text has no place here"),
        ("BAME staff said so.", "'BAME' is a word that the house style avoids"),
        ("It is only so.", "'only' is a word that the house style avoids"),
        ("{{ appointed_from_shortlist.ratio }}", "did you mean 'appointed_from_shortlisting'?"),
        ("{{ appointed_from_shortlisting.ration }}", "ration is no figure of an indicator; did you mean 'ratio'?"),
        ("{{ appointed_from_shortlisting }}", "a slot is written {{ indicator.figure }}"),
        ("{{ appointed_from_shortlisting.ratio", "a slot is written {{ indicator.figure }}"),
        ("{% if x %}", "a slot is written {{ indicator.figure }}"),
        ("## Recruiting", "a heading is the title of a theme; did you mean 'Recruitment'?"),
    ],
)  # fmt: skip
def test_what_may_not_stand_is_refused_in_its_line(lexicon, words, said):
    commentary, wrong = read_commentary(f"{BY}Before.\n\n{words}\n", lexicon)
    assert commentary is None
    assert any(said in each.words for each in wrong), wrong
    assert min(each.line for each in wrong) == 5


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "a commentary begins with who speaks"),
        ("Nobody speaks.", "a commentary begins with who speaks"),
        (BY, "nothing is said"),
        (f"{BY}## Leaving\n\nA.\n\n## Leaving\n\nB.\n", "this theme has a heading above"),
    ],
)
def test_a_commentary_says_who_speaks_and_says_something(lexicon, text, said):
    commentary, wrong = read_commentary(text, lexicon)
    assert commentary is None
    assert any(said in each.words for each in wrong)


@given(number=st.integers(0, 10**7), before=st.sampled_from(["", "£", "-", "about ", "Band "]))
def test_no_number_gets_through(lexicon, number, before):
    commentary, _ = read_commentary(f"{BY}It was {before}{number} then.", lexicon)
    # Bands are called by their numbers, and are no figures.
    assert (commentary is None) or f"Band {number}" in lexicon.names
