"""Attack: numbers stand in sentences, titles, alternative texts and analyses too, and say more than the tables beside them.

Two organisations whose counts are told alike have to be told of in the same words, in every file of a publication.
"""

from __future__ import annotations

import re
from typing import Any

import polars as pl
import pytest

from disparity.catalogue.policies import Policy
from reports.reading_back.svg_parts import read_drawing

APPOINTED, LEAVERS, SPEND = "appointed_from_shortlisting", "leavers_per_100_staff", "training_spend_per_head"
PAIR = re.compile(r"(?:[Aa]bout )?\b(\d[\d,]*) of (\d[\d,]*)\b")
# Base and events of the reference group and of the group, by band; the last band has few. All is shown alike.
BANDS = {"Band 5": (213, 92, 43, 22), "Band 6": (118, 51, 41, 19), "Band 7": (90, 34, 12, 3)}
BANDS_ALIKE = {"Band 5": (214, 91, 44, 21), "Band 6": (119, 52, 40, 18), "Band 7": (89, 33, 11, 4)}
SPENT, SPENT_ALIKE = (61_900.0, 25_180.0), (61_700.0, 25_050.0)


@pytest.fixture
def organisation(counted: Any) -> Any:
    """Make the counts of three indicators from those of the bands."""

    def made(bands: dict[str, tuple[int, ...]], spent: tuple[float, float]) -> pl.DataFrame:
        rows = {band: (*cells, 0, 0) for band, cells in bands.items()}
        whole = {"all": tuple(map(sum, zip(*rows.values(), strict=True)))}
        totals = {
            f"{side}_{name}": pl.lit(value if name == "total" else value**2 / n + 90.0**2 * (n - 1))
            for side, value, n in zip(("reference", "group"), spent, (421, 96), strict=True)
            for name in ("total", "squares")
        }
        heads = counted(SPEND, whole, unit="pounds").with_columns(**totals)
        return pl.concat([counted(APPOINTED, whole | rows), heads, counted(LEAVERS, whole)])

    return made


def said(files: dict[str, bytes]) -> str:
    """Return all words of the pages and of their drawings: titles, descriptions, labels."""
    pages = "".join(content.decode() for name, content in files.items() if name.endswith(".html"))
    page = re.sub(r"<style.*?</style>|<[^>]+>", " ", pages, flags=re.DOTALL)
    drawings = [read_drawing(content) for name, content in files.items() if name.endswith(".svg")]
    return " ".join([page, *(f"{each.title} {each.words}" for each in drawings)])


def test_words_tell_what_the_rule_hides(counted: Any, analyst: Any) -> None:
    """The analysts' sentence of a difference that is too few to tell has both counts; the alternative text repeats it."""
    text = said(analyst.files(counted(APPOINTED, {"all": (300, 121, 14, 4, 0, 0)})))
    assert text.count("4 of 14 ") > 1
    assert "28.57%" in text


def test_no_word_is_said_of_what_is_hidden(counted: Any, published: Any, rounding: Policy) -> None:
    """1 to 7 of 13 to 17: whatever they are, all files but none of the figures are there, and they are the same."""
    files = [
        published.files(counted(APPOINTED, {"all": (300, 121, people, events, 0, 0)}))
        for people, events in ((14, 4), (13, 1), (17, 7))
    ]
    assert files[0] == files[1] == files[2]
    assert all(
        int(events.replace(",", "")) % rounding.round_to == 0 for events, _ in PAIR.findall(said(files[0]))
    )


def test_published_words_have_no_count_that_is_not_rounded(
    organisation: Any, published: Any, analyst: Any, rounding: Policy
) -> None:
    """Where words give events and people, as in "about 20 of 55 were appointed", both are rounded."""
    exact, told = (said(build.files(organisation(BANDS, SPENT))) for build in (analyst, published))
    step = rounding.round_to
    counts = {int(each.replace(",", "")) for pair in PAIR.findall(told) for each in pair}
    assert counts
    assert all(each % step == 0 for each in counts)
    assert any(int(each.replace(",", "")) % step for pair in PAIR.findall(exact) for each in pair)
    assert not re.search(r"\d\.\d+%", told), "percentages are whole"
    assert re.search(r"\d\.\d+%", exact)


def test_organisations_that_are_told_alike_read_alike_to_the_byte(
    organisation: Any, published: Any, analyst: Any
) -> None:
    """Pages, drawings, pictures, paper, workbook, CSV and JSON; the analysts' differ but where there is no figure."""
    one, other = organisation(BANDS, SPENT), organisation(BANDS_ALIKE, SPENT_ALIKE)
    assert published.protected(one).equals(published.protected(other))
    assert published.files(one) == published.files(other)
    first, second = analyst.files(one), analyst.files(other)
    assert len(first) > 6
    alike = {name for name in first if first[name] == second[name]}
    assert alike == {"release.schema.json", "experience.html", "workforce.html"}
