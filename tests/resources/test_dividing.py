"""Rows that another row or the headings would take in: each is read, or the file is refused; none goes in silence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from disparity.catalogue import Source
from disparity.datasets import DATASETS, Vocabulary
from disparity.datasets.lists import Lists
from disparity.periods import Quarter
from disparity.refusal import Refusal
from resources.inspection import Inspection
from resources.landing import Extract, read_extract
from resources.pseudonyms import PseudonymKeys

HEADINGS = "Employee Number,Leaving Date,Reason,Notes"
PEOPLE = 91
VOCABULARY = Vocabulary(
    lists=Lists(
        band=("Band 5",), directorate=("Medicine",), staff_type=("Clinical",), staff_group=("Nursing",),
        channel=("NHS Jobs",), leaving_reason=("Retirement",),
    ),
    ethnic_codes=("A", "99"),
    ethnic_words=frozenset({"a", "99"}),
    answers={"staff_survey": {}, "exit_interviews": {}},
    questions={"staff_survey": {}, "exit_interviews": {}},
)  # fmt: skip


def lines(**changed: str) -> list[str]:
    """The headings and 91 rows; ``row_5`` in place of the fifth line of the file, and so on."""
    rows = [HEADINGS, *(f"20{n:03},31/08/2026,Retirement,note of Quince" for n in range(PEOPLE))]
    for name, row in changed.items():
        rows[int(name.removeprefix("row_")) - 1] = row
    return rows


Read = Callable[..., tuple[Extract, pl.DataFrame]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Read lines, or a whole text, as an extract of leavers."""

    def reading(
        given: list[str] | str, *, inspection: Inspection | None = None, **changed: Any
    ) -> tuple[Extract, pl.DataFrame]:
        text = given if isinstance(given, str) else "\n".join(given) + "\n"
        (tmp_path / "leavers.csv").write_text(text, encoding="utf-8", newline="")
        plain = {
            "format": "csv", "location": "leavers.csv", "date_format": "%d/%m/%Y",
            "columns": {"person": "Employee Number", "leaving_date": "Leaving Date", "reason": "Reason"},
        }  # fmt: skip
        source = Source.model_validate({**plain, **changed})
        out = tmp_path / "received.parquet"
        extract = read_extract(
            DATASETS["leavers"], source, tmp_path, VOCABULARY, Quarter.from_key("2026-07-01"), tmp_path,
            PseudonymKeys(bytes(32)), out, inspection,
        )  # fmt: skip
        assert extract is not None
        return extract, pl.read_parquet(out)

    return reading


@pytest.fixture
def refused(read: Read) -> Callable[..., str]:
    """Read what a run and a check refuse alike; return what the run says, which quotes no row."""

    def reading(given: list[str] | str, **changed: Any) -> str:
        with pytest.raises(Refusal) as refusal:
            read(given, **changed)
        inspection = Inspection()
        try:
            read(given, inspection=inspection, **changed)
        except Refusal as again:
            inspection.faults.append(again)
        said = [str(refusal.value), *map(str, inspection.faults)]
        assert len(said) > 1
        for value in ("Quince", "Retirement'", "20003", "20000", "31/08"):
            assert not any(value in sentence for sentence in said)
        return said[0]

    return reading


STRAY = '20003,31/08/2026,Retirement,"note of Quince'
CLOSED = '20005,31/08/2026,Retirement,note of Quince"'


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    ("rows", "says"),
    [
        # In a column that is not read, from its beginning to its end two rows on.
        ({"row_5": STRAY, "row_7": CLOSED}, "row 5 has text in quotes with a line break"),
        # In one that is read.
        (
            {"row_5": '20003,31/08/2026,"Retirement,x', "row_7": '20005,31/08/2026,Retirement",x'},
            "row 5 has a line break within quotes under the heading 'Reason'",
        ),
        # From one column into another.
        (
            {"row_5": '20003,31/08/2026,"Retirement,x', "row_6": '20004,31/08/2026,Retirement,x"'},
            "row 5 has a line break within quotes under the heading 'Reason'",
        ),
        ({"row_5": STRAY, "row_7": '20005,31/08/2026,Retirement",x'}, "row 5 has more fields"),
        # Within cells that stand in no quotes.
        (
            {"row_5": '20003,31/08/2026,Retirement,5" tall', "row_7": '20005,31/08/2026,Retirement,6" tall'},
            "row 5 cannot be divided",
        ),
        # One alone, and at the very end of the file.
        ({"row_5": STRAY}, "row 5 cannot be divided"),
        ({"row_92": '20090,31/08/2026,Retirement,"'}, "row 92 cannot be divided"),
        ({"row_92": '"'}, "row 92 cannot be divided"),
        # Two rows on one line, and the headings once more, in an order of their own.
        ({"row_5": "20003,31/08/2026,Retirement,x20004,31/08/2026,Retirement,x"}, "row 5 has more fields"),
        ({"row_47": HEADINGS}, "row 47 holds the headings again"),
        ({"row_47": "\ufeffReason,Notes,Leaving Date,Employee Number"}, "row 47 holds the headings again"),
    ],
)  # fmt: skip
def test_no_row_is_taken_into_another_in_silence(
    rows: dict[str, str], says: str, delimiter: str, line_end: str, refused: Callable[..., str]
) -> None:
    text = line_end.join(lines(**rows)).replace(",", delimiter) + line_end
    assert says in refused(text, delimiter=delimiter)


def test_line_ends_of_two_kinds_are_refused_or_read_as_what_they_are(
    read: Read, refused: Callable[..., str]
) -> None:
    short = [each.removesuffix(",note of Quince") for each in lines()]
    mixed = "\n".join(short[:40]) + "\n" + "\r".join(short[40:])
    columns = {"person": "Employee Number", "leaving_date": "Leaving Date"}
    says = refused(mixed, columns=columns, constants={"reason": "Retirement"})
    assert "row 41 holds a line end of another kind" in says
    _, rows = read("\r".join(lines()[:40]) + "\r" + "\n".join(lines()[40:]))
    assert rows.height == PEOPLE
    for both in ("\r\r\n", "\r\n"):
        _, rows = read("\n".join(lines()[:40]) + "\n" + both.join(lines()[40:]))
        assert rows["leaving_date"].to_list() == ["2026-08-31"] * PEOPLE


def test_line_breaks_in_text_that_is_not_read_are_said_with_their_rows(read: Read) -> None:
    given = lines(row_5='20003,31/08/2026,Retirement,"a, b\nc"', row_9='20007,31/08/2026,Retirement,"d\r\ne"')
    extract, rows = read(given)
    assert rows.height == PEOPLE
    (note,) = extract.files[0].notes
    assert note.said(str).endswith("under headings that are not read: 2; the first is row 5")
    assert note.at == (5, 9)


def test_a_check_reads_on_past_a_row_that_may_be_several(read: Read) -> None:
    inspection = Inspection()
    _, rows = read(lines(row_5=STRAY, row_7=CLOSED), inspection=inspection)
    assert rows.height == PEOPLE - 3
    assert len(inspection.faults) == 1


def test_many_short_rows_are_read_in_batches_of_bounded_size(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches: list[int] = []
    frame = pl.LazyFrame.collect

    def collecting(lazy: pl.LazyFrame, *arguments: Any, **options: Any) -> Any:
        found = frame(lazy, *arguments, **options)
        batches.append(found.height * found.width)
        return found

    monkeypatch.setattr("resources.dividing._MOST_CELLS", 1_000)
    monkeypatch.setattr(pl.LazyFrame, "collect", collecting)
    extract, _ = read(HEADINGS + "\n" + "20001\n" * 5_000)
    assert extract.rows == 5_000
    assert max(batches) <= 2_000


# Headings


ROW = "20000,31/08/2026,Retirement,note of Quince"


@pytest.mark.parametrize(
    "given",
    [
        [HEADINGS + ROW, *lines()[2:]],
        [f"{HEADINGS},{ROW}", *lines()[2:]],
        [f"{HEADINGS} {ROW}", *lines()[2:]],
        [HEADINGS + ROW],
        # Without anything that looks like a date or number.
        [f"{HEADINGS}Quince,Ann,Nurse,Ward", *lines()[2:]],
        # A mark too many takes rows in.
        [HEADINGS.replace("Notes", '"Notes'), ROW + '"', *lines()[3:]],
        [HEADINGS.replace("Notes", '"Notes'), ROW.replace("Retirement", 'Retirement"'), *lines()[3:]],
    ],
)
def test_a_row_that_stands_among_the_headings_is_refused_and_not_named(
    given: list[str], refused: Callable[..., str]
) -> None:
    says = refused(given, may_be_empty=True)
    assert "looks like a row of data" in says or "a row at the top cannot be divided" in says


@pytest.mark.parametrize(
    "like_a_value",
    ["2026-08-31", "31 Aug 26", "20003", "A123", "Band 5", "A", "yes", "q@quince.example", "LS1 4AP", "note of Quince"],
)  # fmt: skip
def test_headings_that_look_like_values_are_not_named_nor_any_beside_them(
    like_a_value: str, read: Read
) -> None:
    extract, _ = read([f"{HEADINGS},Surname,{like_a_value}", *(f"{each},,x" for each in lines()[1:])])
    assert (extract.left_behind, extract.not_named) == ((), 3)


def test_other_headings_are_named(read: Read) -> None:
    more = "Address Line 1,Q28 Ethnic background,Surname,Start date"
    extract, _ = read([f"{HEADINGS},{more}", *(f"{each},,,,x" for each in lines()[1:])])
    assert extract.left_behind == tuple(sorted(["Notes", *more.split(",")]))
    assert extract.not_named == 0


def test_the_nearest_heading_to_a_missing_one_is_no_persons(refused: Callable[..., str]) -> None:
    joined = [HEADINGS.replace("Reason,", "Reason20000,"), *lines()[1:]]
    says = refused(joined)
    assert "the heading 'Reason' is missing." in says


def test_a_heading_of_ours_written_otherwise_is_the_nearest_whatever_it_looks_like(
    refused: Callable[..., str],
) -> None:
    columns = {"person": "Employee Number", "leaving_date": "Q 28", "reason": "Reason"}
    given = [HEADINGS.replace("Leaving Date", "q28"), *lines()[1:]]
    assert "the nearest is 'q28'" in refused(given, columns=columns)
