"""From a supplier's rows to ours: which are taken, which are left out, and which can be neither."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disparity.catalogue import Source
from disparity.catalogue.vocabulary import vocabulary_of
from disparity.datasets import DATASETS
from disparity.datasets.readable import UNREADABLE, withheld
from disparity.datasets.records import RecordContract
from disparity.periods import Quarter
from resources.catalogue import DEFAULT, load_catalogue
from resources.inspection import WithheldWords
from resources.landing import Extract, read_extract
from resources.left_out import LeftOut
from resources.mapping import Tally, mapping_of
from resources.pseudonyms import PseudonymKeys
from resources.tables import cell

CASES = Path(__file__).parents[1] / "cases"
QUARTER = Quarter.from_key("2026-07-01")
VOCABULARY = vocabulary_of(load_catalogue(DEFAULT))
IN_FORCE = {"start": "From", "end": "To"}
NO_YEAR = "the year is not of 1900 to 2199; where it stands for no date, name it under no_value"


def received(
    headings: Sequence[str], rows: Sequence[Sequence[str | None]], **changed: Any
) -> tuple[pl.DataFrame, Tally]:
    """Map rows of leavers, of which two headings are read besides those that choose rows."""
    source = Source.model_validate(
        {
            "format": "csv",
            "location": "leavers.csv",
            "date_format": "%d/%m/%Y",
            "columns": {"person": "No", "leaving_date": "Left"},
            "constants": {"reason": ""},
            **changed,
        }
    )
    key = bytes(range(32))
    mapping = mapping_of(DATASETS["leavers"], source, VOCABULARY, DEFAULT, quarter=QUARTER, key=key)
    every = ("No", "Left", *headings)
    cells = pl.DataFrame(
        [(at, str(at), "31/08/2026", *row) for at, row in enumerate(rows, start=2)],
        schema={"row_number": pl.Int64, **{cell(at): pl.String for at in range(len(every))}},
        orient="row",
    )
    tally = Tally(withheld=WithheldWords())
    return mapping.received(cells, {heading: at for at, heading in enumerate(every)}, "l.csv", tally), tally


def marks(rows: pl.DataFrame, name: str) -> dict[int, str | None]:
    return dict(rows.select("row_number", name).iter_rows())


# Effective dates


@pytest.mark.parametrize(
    ("start", "end", "why"),
    [
        ("01/04/19", "", "expected DD/MM/YYYY; looks like two-digit years (From)"),
        ("01/04/2019", "31/03/27", "expected DD/MM/YYYY; looks like two-digit years (To)"),
        ("01/10/26", "31/03/2027", "expected DD/MM/YYYY; looks like two-digit years (From)"),
        ("01/04/0019", "", f"expected DD/MM/YYYY; {NO_YEAR} (From)"),
        ("01/04/0207", "31/12/4712", f"expected DD/MM/YYYY; {NO_YEAR} (From)"),
        ("01/04/2019", "31/12/1019", f"expected DD/MM/YYYY; {NO_YEAR} (To)"),
        ("01/04/2019", "0001-01-01", f"expected DD/MM/YYYY; {NO_YEAR} (To)"),
        ("01/04/2019", "31/12/9999", f"expected DD/MM/YYYY; {NO_YEAR} (To)"),
        ("43556", "", "expected DD/MM/YYYY; looks like an Excel serial number (From)"),
        ("01/04/2019 00:00", "", "expected DD/MM/YYYY; looks like a date with a time behind it (From)"),
        ("soon", "later", "expected DD/MM/YYYY (From)"),
        ("01/04/2019", "01/01/1900",
         "expected DD/MM/YYYY; 1 January 1900 stands for no date; name it under no_value (To)"),
        ("01/04/2019", "31/03/2017", "ends before it starts; where the end stands for no date, name it under no_value"),
        ("01/04/2091", "", "starts more than ten years after the quarter"),
        ("01/04/2091", "31/12/4712", "starts more than ten years after the quarter"),
        ("01/11/2026", "31/10/2025", "ends before it starts; where the end stands for no date, name it under no_value"),
    ],
)  # fmt: skip
def test_rows_that_cannot_be_judged_by_their_dates_are_marked_and_neither_in_nor_out(
    start: str, end: str, why: str
) -> None:
    rows, tally = received(["From", "To"], [(start, end)], in_force=IN_FORCE, no_value=["31/12/4712"])
    assert marks(rows, "in_force") == {2: withheld(f"{UNREADABLE}: {why}")}
    assert tally.left_out.rows("in_force") == 0


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("01/04/2019", "31/03/2027"),
        ("01/04/2019", "31/12/2099"),
        ("01/04/2019", "30/09/2026"),
        ("30/09/2026", ""),
        ("", "31/12/4712"),
        ("2019-04-01 00:00:00", "4712-12-31"),
        ("2026-09-29T23:00:00Z", ""),
        ("2026-09-30T22:59:59Z", ""),
    ],
)
def test_rows_in_force_are_taken(start: str, end: str) -> None:
    rows, tally = received(["From", "To"], [(start, end)], in_force=IN_FORCE, no_value=["31/12/4712"])
    assert marks(rows, "in_force") == {2: None}
    assert tally.left_out.found("in_force") == ()


@pytest.mark.parametrize(
    ("start", "end", "heading"),
    [
        ("01/04/2019", "29/09/2026", "To"),
        ("soon", "29/09/2026", "To"),
        ("02/09/2026", "01/09/2026", "To"),  # cancelled: it ended on the day before its start
        ("01/10/2026", "", "From"),
        ("30/09/2036", "", "From"),
        ("01/10/2026", "one day", "From"),
        ("2026-09-30T23:00:00Z", "", "From"),  # the first of October in London
    ],
)
def test_rows_that_are_not_in_force_are_left_out_by_the_date_that_says_so(
    start: str, end: str, heading: str
) -> None:
    rows, tally = received(["From", "To"], [(start, end)], in_force=IN_FORCE)
    assert rows.is_empty()
    assert tally.left_out.found("in_force") == (LeftOut("in_force", heading, 1),)


texts_of_dates = (
    st.none()
    | st.dates(dt.date(2020, 1, 1), dt.date(2030, 1, 1)).map("{:%d/%m/%Y}".format)
    | st.dates().map(lambda day: f"{day.day:02}/{day.month:02}/{day.year:04}")
    | st.sampled_from(["31/12/4712", "01/01/1900", "01/04/19", "46295", "soon"])
)


@settings(deadline=None, max_examples=60)
@given(rows=st.lists(st.tuples(texts_of_dates, texts_of_dates), min_size=1))
def test_every_row_is_in_force_or_left_out_or_marked(rows: list[tuple[str | None, str | None]]) -> None:
    found, tally = received(["From", "To"], rows, in_force=IN_FORCE, no_value=["31/12/4712"])
    assert found.height + tally.left_out.rows("in_force") == tally.rows == len(rows)
    assert tally.dated + tally.undated.total() <= len(rows)
    for number in found.filter(pl.col("in_force").is_null())["row_number"]:
        for text in rows[number - 2]:
            assert text in (None, "31/12/4712") or 1900 <= int(text[-4:]) <= 2199


# Words of a filter


def test_words_that_are_nearly_kept_are_neither_taken_nor_left_out() -> None:
    rows = [("Y", "Active"), ("y", "Active"), ("Y", "active"), ("Yes", "ACTIVE"), ("y", "Left"), ("N", "active"),
            (None, "Active")]  # fmt: skip
    found, tally = received(["Primary", "Status"], rows, keep={"Primary": ["Y"], "Status": ["Active"]})
    primary, status = (
        withheld(f"nearly one of the words kept under {name}") for name in ("Primary", "Status")
    )
    assert marks(found, "keep") == {2: None, 3: primary, 4: status, 5: primary}
    assert tally.left_out.found("keep") == (
        LeftOut("keep", "Primary", 2, (("", 1), ("N", 1))),
        LeftOut("keep", "Status", 1, (), (6,)),
    )
    assert tally.left_out.found("nearly") == (
        LeftOut("nearly", "Primary", 2, (("Yes", 1), ("y", 1))),
        LeftOut("nearly", "Status", 1, (("active", 1),)),
    )


def test_a_word_that_is_known_to_be_another_is_left_out() -> None:
    chosen = {"keep": {"Code": ["a"]}, "leave_out": {"Code": ["A"]}}
    found, tally = received(["Code"], [("a",), ("A",), ("á",)], **chosen)
    assert marks(found, "keep") == {2: None}
    assert tally.left_out.found("keep") == (LeftOut("keep", "Code", 2, (("A", 1),), (4,)),)


def test_an_error_of_a_spreadsheet_is_no_other_word_unless_the_source_says_what_it_is() -> None:
    rows = [("a",), ("#N/A",), ("#NV",), ("#REF!",), ("N/A",), (None,)]
    chosen = {"keep": {"Code": ["a"]}, "leave_out": {"Code": ["#NV"]}, "no_value": ["#REF!"]}
    found, tally = received(["Code"], rows, **chosen)
    unreadable = withheld("unreadable: an error of a spreadsheet under Code")
    assert marks(found, "keep") == {2: None, 3: unreadable}
    assert tally.left_out.rows("keep") == 4


def test_blanks_around_a_word_are_trimmed_as_everywhere() -> None:
    found, _ = received(["Code"], [(" Y\u00a0",)], keep={"Code": ["Y"]})
    assert marks(found, "keep") == {2: None}


words = (
    st.none()
    | st.sampled_from(["Y", "y", "Yes", "N", "no", "-", "Ann Peach", "\u200bY"])
    | st.text(max_size=3)
)


@settings(deadline=None, max_examples=60)
@given(rows=st.lists(st.tuples(words, words)), kept=st.sets(st.sampled_from(["Y", "N", ""]), min_size=1))
def test_rows_taken_left_out_and_nearly_kept_are_all_rows(
    rows: list[tuple[str | None, str | None]], kept: set[str]
) -> None:
    found, tally = received(["One", "Two"], rows, keep={"One": sorted(kept), "Two": ["Y"]})
    nearly = found["keep"].count()
    assert found["keep"].null_count() + nearly + tally.left_out.rows("keep") == tally.rows == len(rows)
    assert tally.left_out.rows("nearly") == nearly
    for number in found.filter(pl.col("keep").is_null())["row_number"]:
        one, two = ((text or "").strip() for text in rows[number - 2])
        assert (one in kept, two) == (True, "Y")


# Files that were misread


@pytest.fixture
def case(
    cases_catalogue: Callable[..., Path], tmp_path: Path
) -> Callable[..., tuple[Extract, pl.DataFrame, Any]]:
    """Read a file of tests/cases as its folder says: the extract, its rows as text and the rows rejected."""

    def reading(file: str, dataset: str, **changed: Any) -> tuple[Extract, pl.DataFrame, list[Any]]:
        folder = cases_catalogue(tmp_path / "catalogue", **{dataset: {"location": file, **changed}})
        catalogue, out = load_catalogue(folder), tmp_path / "text.parquet"
        keys = PseudonymKeys(bytes(range(32)))
        extract = read_extract(
            DATASETS[dataset], catalogue.sources[dataset], folder, vocabulary_of(catalogue), QUARTER, CASES, keys, out
        )  # fmt: skip
        assert extract is not None
        text = pl.read_parquet(out)
        contract = RecordContract(
            DATASETS[dataset], vocabulary_of(catalogue), catalogue.ethnicity, catalogue.organisation.comparison, QUARTER
        )  # fmt: skip
        return extract, text, contract.judge(text).rejects.drop("file").sort("row_number").rows()

    return reading


def test_effective_dates_of_impossible_years_are_unreadable(case: Callable[..., Any]) -> None:
    extract, text, rejected = case(
        "effective_dates_of_impossible_years.csv",
        "staff_in_post",
        in_force={"start": "Start", "end": "End"},
        no_value=["31/12/4712"],
    )
    two_digits = "unreadable: expected DD/MM/YYYY; looks like two-digit years"
    assert rejected == [
        (3, "in_force", f"{two_digits} (Start)"),
        (5, "in_force", f"{two_digits} (End)"),
        (6, "in_force", f"{two_digits} (Start)"),
    ]
    assert (text.height, extract.rows, extract.left_out) == (5, 5, ())


def test_words_that_nearly_match_are_rejected_and_said(case: Callable[..., Any]) -> None:
    kept = ["Active Assignment", "Internal Secondment", "Acting Up"]
    extract, text, rejected = case(
        "kept_words_that_nearly_match.csv",
        "staff_in_post",
        keep={"Primary Assignment": ["Y"], "Assignment Status": kept},
    )
    nearly = "nearly one of the words kept under"
    assert rejected == [
        (3, "keep", f"{nearly} Assignment Status"),
        (4, "keep", f"{nearly} Primary Assignment"),
        (5, "keep", f"{nearly} Primary Assignment"),
        (7, "keep", f"{nearly} Assignment Status"),
        (8, "keep", f"{nearly} Assignment Status"),
        (9, "keep", f"{nearly} Assignment Status"),
    ]
    assert extract.left_out == (LeftOut("keep", "Primary Assignment", 1),)
    assert extract.nearly_kept == (
        LeftOut("nearly", "Primary Assignment", 2),
        LeftOut("nearly", "Assignment Status", 4),
    )
    assert text.height == 8


def test_utc_times_in_summer_are_of_the_day_in_london(case: Callable[..., Any]) -> None:
    _, text, rejected = case("utc_times_in_summer.parquet", "leavers", format="parquet")
    assert rejected == []
    assert text["leaving_date"].to_list() == ["2026-07-01", "2026-08-14", "2026-08-15"]
