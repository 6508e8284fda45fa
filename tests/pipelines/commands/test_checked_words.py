"""What a check says: every fault of a file in one go, what a run would do, and which words nobody knows."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter
import yaml

from disparity.periods import Quarter
from disparity.refusal import Refusal
from pipelines.commands.checked_words import words_of
from pipelines.commands.checking import Findings, check_file

CASES = Path(__file__).parents[2] / "cases"
QUARTER = Quarter.from_key("2026-07-01")
HEADINGS = "Employee Number,Termination Date,Ethnic Origin,Reason,Band,Directorate"
GOOD = "14/08/2026,A,Retirement Age,Band 5,Medicine"

Check = Callable[..., Findings]


@pytest.fixture
def check(cases_catalogue: Callable[..., Path], tmp_path: Path) -> Check:
    """Check a file, or lines of text as one, with the sources of the cases; ``changes`` by dataset are laid over them."""

    def checking(
        given: Path | list[str], dataset: str = "leavers", quarter: Quarter | None = QUARTER, **changes: Any
    ) -> Findings:
        catalogue = tmp_path / "catalogue"
        shutil.rmtree(catalogue, ignore_errors=True)
        cases_catalogue(catalogue, **{dataset: changes})
        path = given if isinstance(given, Path) else tmp_path / "file.csv"
        if isinstance(given, list):
            path.write_text("".join(f"{line}\n" for line in given), encoding="utf-8")
        return check_file(path, dataset, quarter, catalogue)

    return checking


def leavers(*ethnic: str) -> list[str]:
    """A file of leavers, one per word of ethnicity."""
    rows = [
        f"2{number},14/08/2026,{word},Retirement Age,Band 5,Medicine" for number, word in enumerate(ethnic)
    ]
    return [HEADINGS, *rows]


def test_the_words_of_ethnicity_that_are_not_known_are_listed(check: Check) -> None:
    findings = check(CASES / "spellings_of_ethnicity.csv")
    listed = {
        (each.word, each.rows): each.suggested and each.suggested.code
        for each in findings.unknown_words.listed
    }
    assert listed == {
        ("A White - British", 1): "A",
        ("White - British", 1): "A",
        ("White \u2013 British", 1): "A",
        ("Unspecified", 1): None,
        ("NULL", 1): None,
        ("Prefer not to say", 1): None,
        ("I do not wish to disclose my ethnic origin", 1): None,
        ("Z Not Stated", 1): "Z",
        ("-", 1): None,
        ("Other", 1): None,
        ("A\u200b", 1): "A",
        ("A - White British", 1): "A",
        ("White & Asian", 1): "F",
    }
    said = [line.strip() for line in words_of(findings, every_row=True).splitlines()]
    assert (
        "ethnic_code: not a known ethnic code: 13 rows (rows 2, 3, 4, 10, 12, 13, 14, 16, 19, 20, 24, 25, 28)"
        in said
    )
    assert "1  'I do not wish to disclose my ethnic origin'" in said
    assert any(
        line.startswith("1  'A\\u200b' ") and line.endswith("A (British, Mixed British)") for line in said
    )


APPLICATIONS = "Ref,Vacancy,Opened,Completed,Ethnicity,Shortlisted,Interviewed,Offered,Appointed,Declined"


def test_a_blank_that_rejects_its_row_has_the_line_that_would_read_it_as_no(check: Check) -> None:
    rows = [f"{number},V,,14/08/2026,A,{flag},,,," for number, flag in enumerate(("Yes", ""))]
    said = words_of(check([APPLICATIONS, *rows], "recruitment"))
    assert "shortlisted: empty: 1 row (row 3)" in said
    assert 'catalogue/sources.yaml, recruitment, values: shortlisted: {"": "false"}' in said
    read_as_no = words_of(check([APPLICATIONS, *rows], "recruitment", values={"shortlisted": {"": "false"}}))
    assert "shortlisted: empty" not in read_as_no
    # A blank person can mean nobody else.
    nobody = words_of(check([HEADINGS, f",{GOOD}"]))
    assert "person: empty: 1 row (row 2)" in nobody
    assert "if a blank means" not in nobody


@pytest.mark.parametrize("lacking", ["01/06/2026", "14/08/2026", "A"])
def test_a_column_without_a_value_in_any_row_is_to_be_looked_at(lacking: str, check: Check) -> None:
    rows = [f"{number},V,01/06/2026,14/08/2026,A,No,No,No,No,No".replace(lacking, "") for number in range(2)]
    findings = check([APPLICATIONS, *rows], "recruitment")
    assert words_of(findings).endswith("No row is rejected. Are the blanks meant as they are read?")


def test_numbers_apart_by_zeros_are_not_followed_by_nothing_is_wrong(check: Check) -> None:
    findings = check([HEADINGS, f"00123,{GOOD}", f"123,{GOOD}"])
    assert findings.good
    assert words_of(findings).endswith(
        "No row is rejected. Are numbers that differ by zeros alone really two?"
    )


def test_a_blank_is_not_listed_as_a_word_of_the_source(check: Check) -> None:
    rows = ["1,V,,14/08/2026,A,perhaps,No,No,No,No"]
    said = words_of(check([APPLICATIONS, *rows], "recruitment", values={"shortlisted": {"": "false"}}))
    assert "shortlisted: unreadable" in said
    assert "the source's own words" not in said


@pytest.mark.parametrize(
    ("words", "listed"),
    [
        ([f"word {n}" for n in range(40)] * 5, 40),
        ([f"word {n}" for n in range(41)] * 5, None),
        ([f"word {n}" for n in range(20)], 0),
        ([f"word {n}" for n in range(21)], None),
        ([f"word {n}" for n in range(21)] + ["A"] * 20, None),
        ([f"word {n}" for n in range(21)] + ["A"] * 21, 0),
        ([f"word {n}" for n in range(21)] + ["word 3"] * 21, 1),
    ],
)
def test_what_looks_like_names_or_numbers_is_not_listed(
    words: list[str], listed: int | None, check: Check
) -> None:
    findings = check(leavers(*words))
    said = words_of(findings)
    found = findings.unknown_words
    assert (None if found.none_of_a_list else len(found.listed)) == listed
    assert ("this looks like names or numbers. Is the heading Ethnic Origin right?" in said) == (
        listed is None
    )
    assert ("'word 3'" in said) == bool(listed)


def test_a_word_that_few_people_share_is_counted_and_its_rows_are_named(check: Check) -> None:
    """As a surname that a damaged row brings there, or all rows of one person."""
    findings = check(leavers(*["A"] * 50, *["Quince"] * 4, "Prefer not to say", "Martian", *["Venusian"] * 5))
    assert [(each.word, each.rows) for each in findings.unknown_words.listed] == [
        ("Venusian", 5),
        ("Prefer not to say", 1),
    ]
    said = words_of(findings)
    assert "look at rows 52, 53, 54, 55, 57 in the file" in said
    assert not {"Quince", "Martian"} & set(re.findall(r"\w+", said))
    again = check([*leavers("A"), *[f"7,{GOOD.replace(',A,', ',Quince,')}"] * 6])
    assert again.unknown_words.listed == ()
    assert "look at rows 3, 4, 5, 6, 7, 8 in the file" in words_of(again)


def test_what_would_steer_a_terminal_is_shown_as_signs(check: Check) -> None:
    said = words_of(check(leavers("A", *["\x1b[2Jred\u202e"] * 5)))
    assert "'\\x1b[2Jred\\u202e'" in said
    assert all(sign.isprintable() or sign == "\n" for sign in said)


def test_a_heading_of_no_end_is_cut(check: Check) -> None:
    said = words_of(check([f"{HEADINGS},{'Q' * 1000}", f"1,{GOOD},x"]))
    assert f"headings left behind: {'Q' * 60}…\n" in said


def test_all_thirty_bad_rows_are_named_on_request(check: Check) -> None:
    findings = check(CASES / "thirty_bad_rows.csv")
    assert "30 rows (rows 2, 4, 6, 8, 10, 12, 14, 16 …)" in words_of(findings)
    assert f"30 rows (rows {', '.join(map(str, range(2, 62, 2)))})" in words_of(findings, every_row=True)


def test_everything_wrong_with_a_delimited_file_is_said_in_one_go(check: Check) -> None:
    lines = [
        "Leavers of the trust",
        "Employee Number,Terminaton Date,Ethnic Origin,Band,Band,Secret",
        "1,14/08/2026,A,Band 5,Band 5,s",
        "2,14/08/2026,A,Band 5,Band 5,s,one more",
        "3,14/08/2026,Martian,Band 5,Band 5,s",
        ",14/08/2026,A,Band 5,Band 5,s",
        "5,14/08/2026,A,Band 5,Band 5,s,one more,and another",
        "",
        '7,14/08/2026,A,Band 5,Band 5,"s"s',
        "8,14/08/2026,Venusian,Band 5,Band 5,s",
    ]
    findings = check(lines)
    said = words_of(findings)
    for expected in (
        "the headings stand on row 2: set skip_rows to 1",
        "the headings 'Termination Date', 'Reason', 'Directorate' are missing; "
        "'Terminaton Date' is the nearest to 'Termination Date'",
        "the heading 'Band' stands 2 times",
        "row 4 has more fields than there are headings (6)",
        "row 9 cannot be divided into fields: its quotation marks do not pair up; nothing is read from there on",
        "not judged, as their headings cannot be read: leaving_date, reason, band, directorate",
        "(row): more fields than there are headings: 2 rows (rows 4, 7)",
        "ethnic_code: not a known ethnic code: 1 row (row 5)",
        "person: empty: 1 row (row 6)",
        "would refuse the file for what is wrong with it as a whole",
    ):
        assert expected in said, said
    assert "look at row 5 in the file" in said
    assert not {"Martian", "Venusian"} & set(re.findall(r"\w+", said))
    assert "leaving_date: empty" not in said
    assert said.endswith("Mend the file and check again.")


def test_another_delimiter_does_not_end_the_check(check: Check) -> None:
    said = words_of(check([line.replace(",", ";") for line in leavers("A", "Martian")]))
    assert "the delimiter looks like a semicolon: set delimiter" in said
    assert "ethnic_code: not a known ethnic code: 1 row (row 3)" in said


def test_another_encoding_does_not_end_the_check(check: Check, tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes("\n".join(leavers("A", *["Martién"] * 5)).encode("windows-1252"))
    said = words_of(check(path, encoding="utf-8"))
    assert said.count("the file is not utf-8: its bytes are windows-1252") == 1
    assert "5  'Martién'" in said


def test_everything_wrong_with_a_workbook_is_said_in_one_go(check: Check, tmp_path: Path) -> None:
    path = tmp_path / "file.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        top = ["Request", "Staff number", "Requested", "Training", "Approved", "Completed", "Cost"]
        rows = [["Requests"], [], top, ["1", "2", "2026-08-01", "voluntary", "perhaps", "yes", "twelve"]]
        for row, cells in enumerate(rows):
            sheet.write_row(row, 0, cells)
    said = words_of(check(path, "learning_budget", format="xlsx"))
    for expected in (
        "the headings stand on row 3: set skip_rows to 2",
        "the heading 'Staff no.' is missing",
        "training: not one of the allowed values: 1 row (row 4)",
        "approved: unreadable: 1 row (row 4)",
        "allowed: true, t, yes, y, 1, false, f, no, n, 0",
        "cost: unreadable: 1 row (row 4)",
    ):
        assert expected in said, said
    assert not {"voluntary", "perhaps", "twelve"} & set(said.replace("'", " ").split())


def test_everything_wrong_with_a_parquet_file_is_said_in_one_go(check: Check, tmp_path: Path) -> None:
    path = tmp_path / "file.parquet"
    columns = dict(
        zip(
            HEADINGS.split(","),
            ([1], ["2026-08-14"], ["Martian"], [["x"]], [["x"]], ["Nowhere"]),
            strict=True,
        )
    )
    pl.DataFrame(columns).write_parquet(path)
    said = words_of(check(path, format="parquet"))
    assert (
        "the column 'Reason' holds lists or structures; the column 'Band' holds lists or structures" in said
    )
    assert "directorate: not one of the allowed values: 1 row (row 2)" in said
    assert "look at row 2 in the file" in said
    assert "Martian" not in said


def test_a_file_none_of_whose_headings_is_there_is_refused_with_all_that_was_found(
    check: Check, tmp_path: Path
) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes("Näme,Other\nQuince,1\n".encode("windows-1252"))
    with pytest.raises(Refusal) as refused:
        check(path, encoding="utf-8")
    assert "its bytes are windows-1252" in str(refused.value)
    assert "'Directorate' are missing" in str(refused.value)
    assert "Quince" not in str(refused.value)


def test_the_sheet_that_was_read_is_named_where_none_of_its_headings_is_meant(
    check: Check, tmp_path: Path
) -> None:
    path = tmp_path / "leavers.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name, cells in (("Data", HEADINGS.split(",")), ("Cover", ["Leavers of the summer"])):
            book.add_worksheet(name).write_row(0, 0, cells)
        book.get_worksheet_by_name("Data").hide()
        book.get_worksheet_by_name("Cover").activate()
    with pytest.raises(
        Refusal, match="read the sheet Cover, the first that can be seen; 1 more, 1 of them hidden"
    ):
        check(path, format="xlsx")


def test_the_cells_of_a_row_that_is_none_of_headings_are_not_shown(check: Check) -> None:
    said = words_of(check(["Employee Number,Ann Quince,A,Retirement Age,Band 5,Medicine", f"1,{GOOD}"]))
    for each in ("Quince", "Band 5'", "left behind"):
        assert each not in said


def test_without_the_headings_that_choose_rows_all_are_judged_and_none_is_compared(check: Check) -> None:
    rows = [HEADINGS, f"1,{GOOD}", f"1,{GOOD.replace('Band 5', 'Band 6')}"]
    said = words_of(check(rows, keep={"Status": ["Active"]}))
    assert "the heading 'Status' is missing" in said
    assert "every row was judged, as the headings by which rows are chosen cannot be read" in said
    assert "another row has the same key" not in said
    assert "another row has the same key" in words_of(check(rows))


def test_without_a_quarter_the_one_assumed_is_said_and_no_row_is_wrong_for_its_own(check: Check) -> None:
    lines = [*leavers(*"A" * 2), *(f"3{n},{GOOD.replace('/08/', '/05/')}" for n in range(7))]
    assumed = check(lines, quarter=None)
    said = words_of(assumed)
    assert assumed.good
    assert f"read as of {assumed.read_as.words}, the last closed quarter; --quarter names another" in said
    assert "without --quarter, rows of other quarters are not called wrong" in said
    given = check(lines)
    assert not given.good
    said = words_of(given)
    assert "leaving_date: belongs to Apr to Jun 2026: 7 rows" in said
    assert (
        "A run of Jul to Sep 2026 would refuse the file: most rows that have a date belong to another quarter"
        in said
    )
    assert "--quarter" not in said


def test_what_a_run_would_do_with_the_rows_is_said(check: Check) -> None:
    few = words_of(check(leavers("Martian", *"A" * 19)))
    assert "A run of Jul to Sep 2026 would take it and reject 1 row, within the limit of 5%." in few
    many = words_of(check(leavers("Martian", *"A" * 18)))
    assert "A run of Jul to Sep 2026 would refuse the file: more than 5% of rows were rejected" in many
    assert "A run of Jul to Sep 2026 would take it.\nNothing is wrong with it." in words_of(
        check(leavers("A"))
    )


def test_allowed_values_are_listed_with_the_nearest(check: Check) -> None:
    rows = [
        HEADINGS,
        *(f"{n},{GOOD.replace('Band 5', word)}" for n, word in enumerate(["band5", "Bnd 6", "Quince"])),
    ]
    lines = [
        line.strip() for line in words_of(check(rows, values={"band": {"Grade V": "Band 5"}})).splitlines()
    ]
    (allowed,) = [line for line in lines if line.startswith("allowed: ")]
    assert allowed.startswith("allowed: Band 2, Band 3, Band 4, Band 5, Band 6, Band 7, Band 8a, ")
    assert allowed.count(", Band ") + allowed.count(", VSM") <= 11
    assert allowed.endswith(" more (organisation.yaml, lists.band)")
    assert "under the heading Band" in lines
    assert "or the source's own words: Grade V (sources.yaml, values)" in lines
    assert "nearest to what stands there: Band 5 (1 row), Band 6 (1 row), none (1 row)" in lines
    assert not {"band5", "Bnd", "Quince"} & {word for line in lines for word in line.split()}


def test_a_scale_of_the_survey_is_named_where_it_stands(
    cases_catalogue: Callable[..., Path], tmp_path: Path
) -> None:
    interviews = {
        "format": "csv",
        "location": "interviews.csv",
        "date_format": "%d/%m/%Y",
        "columns": {"interview": "Ref", "interview_date": "On", "would_recommend": "Recommend"},
        "not_available": ["ethnic_code", "reported_discrimination"],
    }
    sources = tmp_path / "catalogue" / "sources.yaml"
    catalogue = cases_catalogue(tmp_path / "catalogue")
    sources.write_text(
        yaml.safe_dump({**yaml.safe_load(sources.read_text("utf-8")), "exit_interviews": interviews}), "utf-8"
    )
    path = tmp_path / "file.csv"
    path.write_text("Ref,On,Recommend\n1,14/08/2026,Agreed\n", "utf-8")
    said = words_of(check_file(path, "exit_interviews", QUARTER, catalogue))
    assert "(survey.yaml, scales." in said
    assert "nearest to what stands there: Agree (1 row)" in said


def test_on_a_terminal_no_line_is_longer_than_it_is_wide(check: Check) -> None:
    findings = check(CASES / "thirty_bad_rows.csv", quarter=None)
    whole, wrapped = (words_of(findings, every_row=True, width=width) for width in (None, 80))
    assert max(map(len, whole.splitlines())) > 80 >= max(map(len, wrapped.splitlines()))
    assert wrapped.split() == whole.split()


def test_a_dataset_that_comes_from_a_database_has_no_file_to_check(check: Check) -> None:
    with pytest.raises(Refusal, match="the source of leavers is a database"):
        check(leavers("A"), format="sql", location="sqlite:///x.db", query="SELECT 1")
