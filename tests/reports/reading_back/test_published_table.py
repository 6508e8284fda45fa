"""A published table as its reader has it: what each count could be, and what is refused."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from disparity.catalogue import Catalogue, Policy
from disparity.counts.cells import CELLS
from disparity.disclosure.published_reports import Report
from disparity.disclosure.released_counts import BEYOND
from disparity.refusal import Refusal
from reports.reading_back.published_table import read_told
from reports.release.estimates import COLUMNS, quoted
from resources.catalogue import load_catalogue

SECRET = "Dr A. Person"
FILE = "published/2026-07-01/indicators.csv"
COMPARED = {"ratio_low": "0.75", "ratio_high": "38.40", "p_value": "1.0000", "flag": "cannot tell"}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue(Path("catalogue"))


@pytest.fixture(scope="module")
def policy(catalogue: Catalogue) -> Policy:
    return catalogue.policies["threshold8_round5"]


def line(indicator: str, level: tuple[str, str], shown: tuple[str, ...], **others: str) -> dict[str, str]:
    """A row over the year to September 2026; of each count in turn what is shown, or its status."""
    counts = dict(zip(CELLS, shown, strict=True))
    statuses = {f"{cell}_status": text if text.startswith("[") else "" for cell, text in counts.items()}
    return {
        "indicator": indicator, "breakdown": level[0], "level": level[1], "quarter": "2026-07-01",
        "period_start": "2025-10-01", "period_end": "2026-09-30", "quarters": "4", "vintage": "1",
        **{cell: "" if text.startswith("[") else text for cell, text in counts.items()},
        **statuses, **others,
    }  # fmt: skip


@pytest.fixture(scope="module")
def content() -> bytes:
    """A row that tells all, one that hides a count of those it compares, and a share, which has no sixth count."""
    rows = [
        line("appointed_from_shortlisting", ("all", "all"), ("1000", "210", "800", "100", "40", "10")),
        line(
            "appointed_from_shortlisting", ("directorate", "Surgery"), ("60", "20", "25", "[c]", "[c]", "0"),
            **COMPARED,
        ),
        line("ethnic_minority_share_of_staff", ("all", "all"), ("[x]", "[x]", "3000", "1000", "200", "[x]")),
    ]  # fmt: skip
    lines = [COLUMNS, *([row.get(name, "") for name in COLUMNS] for row in rows)]
    return "".join(",".join(map(quoted, each)) + "\n" for each in lines).encode()


@pytest.fixture
def read(catalogue: Catalogue, policy: Policy) -> Callable[..., Report]:
    def of(content: bytes, policy: Policy = policy) -> Report:
        return read_told(content, catalogue, policy, FILE)

    return of


def spoilt(content: bytes, row: int, **cells: str) -> bytes:
    """The table with some cells of a row written otherwise; the headings are row 1."""
    lines = list(csv.reader(io.StringIO(content.decode(), newline="")))
    for name, text in cells.items():
        lines[row - 1][COLUMNS.index(name)] = text
    return "".join(",".join(map(quoted, line)) + "\n" for line in lines).encode()


def interval(report: Report, row: int, cell: str) -> tuple[int | None, int | None]:
    found = report.cells.row(row, named=True)
    return found[f"{cell}_low"], found[f"{cell}_high"]


def test_a_shown_count_is_what_rounds_to_it_and_nought_is_nought(
    read: Callable[..., Report], content: bytes
) -> None:
    report = read(spoilt(content, 2, group_events="10"))
    assert (report.quarter.key, report.vintage) == ("2026-07-01", 1)
    assert interval(report, 0, "reference_base") == (998, 1002)
    # 8 is the least count that is told.
    assert interval(report, 0, "group_events") == (8, 12)
    assert interval(report, 1, "unknown_events") == (0, 0)
    assert interval(report, 2, "reference_base") == (None, None)


def test_by_another_rule_the_same_bytes_leave_other_counts(
    read: Callable[..., Report], content: bytes, policy: Policy
) -> None:
    exact = policy.model_copy(update={"round_to": 1})
    assert interval(read(content, exact), 0, "reference_base") == (1000, 1000)
    of_all = dict.fromkeys(("low", "medium", "high"), 999)
    stricter = policy.model_copy(update={"threshold_by_sensitivity": of_all})
    headings_and_first = b"".join(content.splitlines(keepends=True)[:2])
    report = read(spoilt(headings_and_first, 2, **dict.fromkeys(CELLS, "1000")), stricter)
    assert interval(report, 0, "reference_base") == (999, 1002)


def test_a_hidden_count_is_small_where_it_is_compared_and_else_of_any_size(
    read: Callable[..., Report], content: bytes, policy: Policy
) -> None:
    assert interval(read(content), 1, "group_events") == (1, 7)
    # Of those whose ethnicity is unknown a comparison says nothing.
    assert interval(read(content), 1, "unknown_base") == (1, BEYOND)
    alone = spoilt(content, 3, ratio_low="", ratio_high="", p_value="", flag="")
    assert interval(read(alone), 1, "group_events") == (1, BEYOND)


def test_where_noughts_are_hidden_a_hidden_count_can_be_one(
    read: Callable[..., Report], content: bytes, policy: Policy
) -> None:
    hiding = policy.model_copy(update={"hide_noughts": ("high",), "threshold_by_sensitivity": {"high": 11}})
    # Another row can ask more of the same people than this one.
    assert interval(read(content, hiding), 1, "group_events") == (0, 10)


def test_a_level_that_was_made_safe_for_a_spreadsheet_is_read_as_it_is(
    read: Callable[..., Report], content: bytes
) -> None:
    assert read(spoilt(content, 3, level="'=Surgery")).cells["level"].to_list()[1] == "=Surgery"


@pytest.mark.parametrize(
    ("row", "column", "text"),
    [
        (2, "group_base", SECRET),
        (2, "group_base", "802"),
        (2, "group_base", "-5"),
        (2, "group_base", "800.0"),
        (2, "group_base", ""),
        (2, "group_base", "5"),
        (2, "group_base", "99999999999999999999"),
        (3, "group_events", "15"),
        (4, "unknown_events", "15"),
        (4, "unknown_events_status", ""),
        (2, "group_base_status", SECRET),
        (2, "indicator", SECRET),
        (2, "breakdown", SECRET),
        (2, "level", SECRET),
        (2, "quarters", "1"),
        (2, "quarter", SECRET),
        (3, "quarter", "2026-04-01"),
        (2, "period_start", SECRET),
        (2, "period_end", SECRET),
        (2, "period_end", "2026-09-29"),
        (2, "period_end", "9999-12-31"),
        (3, "period_end", "2026-06-30"),
        (2, "vintage", SECRET),
        (4, "vintage", "2"),
    ],
)
def test_a_spoilt_cell_is_refused_by_its_place_and_never_by_what_stands_there(
    read: Callable[..., Report], content: bytes, row: int, column: str, text: str
) -> None:
    with pytest.raises(Refusal) as refused:
        read(spoilt(content, row, **{column: text}))
    words = str(refused.value)
    place = words.partition(":")[0]
    assert place.startswith(f"{FILE}, row ")
    assert column.removesuffix("_status") in place
    assert "Rule: " in words
    assert "What to do: " in words
    assert SECRET not in words


def surveys(*held: str, quarters: str = "1") -> bytes:
    """A table of answers to two questions of surveys that were held in the quarters that began and ended then."""
    spans = (
        dict(zip(("period_start", "period_end"), held[:2], strict=True)),
        dict(zip(("period_start", "period_end"), held[-2:], strict=True)),
    )
    shown = ("400", "210", "300", "100", "40", "10")
    rows = [
        line(name, ("all", "all"), shown, quarters=quarters, **span)
        for name, span in zip(("equal_opportunity", "inclusive_leadership"), spans, strict=True)
    ]
    lines = [COLUMNS, *([row.get(name, "") for name in COLUMNS] for row in rows)]
    return "".join(",".join(map(quoted, each)) + "\n" for each in lines).encode()


AUTUMN = ("2025-10-01", "2025-12-31")


def test_a_table_says_of_which_quarter_its_survey_is(read: Callable[..., Report]) -> None:
    report = read(surveys(*AUTUMN))
    assert report.quarter.key == "2026-07-01"
    assert report.held == {"staff_survey": AUTUMN[0]}


@pytest.mark.parametrize(
    ("table", "column"),
    [
        (surveys("2025-07-01", "2025-09-30"), "period_end"),
        (surveys("2025-09-01", "2025-12-31"), "period_start"),
        (surveys(*AUTUMN, "2026-01-01", "2026-03-31"), "period_start"),
        (surveys(*AUTUMN, quarters="2"), "quarters"),
    ],
    ids=["before the window", "no quarter", "two surveys", "another length"],
)
def test_another_time_of_a_survey_is_refused(read: Callable[..., Report], table: bytes, column: str) -> None:
    with pytest.raises(Refusal, match=f"row [23], {column}: "):
        read(table)


def test_a_table_of_an_earlier_version_is_of_the_quarter_its_periods_end_with(
    read: Callable[..., Report], content: bytes
) -> None:
    lines = list(csv.reader(io.StringIO(content.decode(), newline="")))
    at = COLUMNS.index("quarter")
    before = "".join(",".join(map(quoted, [*each[:at], *each[at + 1 :]])) + "\n" for each in lines).encode()
    assert read(before).quarter == read(content).quarter
    assert read(before).held == {}


def test_a_row_that_stands_twice_is_refused(read: Callable[..., Report], content: bytes) -> None:
    with pytest.raises(Refusal, match="row 5, level: it stands twice"):
        read(content + content.splitlines(keepends=True)[3])


@pytest.mark.parametrize(
    ("spoil", "where"),
    [
        (lambda _: b"", "row 1"),
        (lambda _: b"\xff\xfe\x00", FILE),
        (lambda content: content.replace(b"period_end", b"end"), "row 1"),
        (lambda content: content.splitlines(keepends=True)[0], FILE),
        (lambda content: content + b"one,two\n", "row 5"),
        (lambda content: content + b'"open', FILE),
        (lambda content: content[:-30], "row 4"),
    ],
)
def test_what_is_no_such_table_is_refused(
    read: Callable[..., Report], content: bytes, spoil: Callable[[bytes], bytes], where: str
) -> None:
    with pytest.raises(Refusal, match=where):
        read(spoil(content))
