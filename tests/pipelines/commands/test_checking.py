"""A supplier's check: everything wrong with a file in one go, by row number and rule, and no value of any row."""

from __future__ import annotations

import csv
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import pytest
import yaml

KEY = "2026-07-01"
CASES = Path(__file__).parents[2] / "cases"


class Ended(Protocol):
    code: int
    out: str
    err: str


class Finished(Protocol):
    landing: Path


Command = Callable[..., Ended]


@pytest.fixture
def tidy(finished_sample: Finished, tmp_path: Path) -> tuple[list[str], list[dict[str, str]], Path]:
    """The recruitment extract without what the sample planted: its banner, its rows, and a path to write them to."""
    found = finished_sample.landing / f"recruitment_{KEY}_invented.csv"
    banner, *lines = found.read_text(encoding="utf-8-sig").splitlines()
    rows = [row for row in csv.DictReader(lines) if row["Vacancy Completed"]]
    day = re.compile(r"\d\d/0[789]/2026")
    unique = {
        row["Application Ref"]: row for row in reversed(rows) if day.fullmatch(row["Vacancy Completed"])
    }
    return (
        [banner],
        [row for row in unique.values() if row["Ethnicity"] != "Klingon"][:60],
        tmp_path / "handed over.csv",
    )


def _write(tidy: tuple[list[str], list[dict[str, str]], Path]) -> Path:
    banner, rows, path = tidy
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write("\r\n".join(banner) + "\r\n")
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_a_good_file_has_nothing_wrong_with_it(
    tidy: tuple[list[str], list[dict[str, str]], Path], command: Command
) -> None:
    ended = command("check", _write(tidy), "--dataset", "recruitment", "--quarter", KEY)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("handed over.csv: 60 rows read\n")
    assert ended.out.endswith("Nothing is wrong with it.\n")
    assert "headings left behind: Applicant First Name, Panel Notes" in ended.out


def test_everything_wrong_is_listed_by_row_and_rule_and_no_value_but_of_ethnicity_is_shown(
    tidy: tuple[list[str], list[dict[str, str]], Path], command: Command
) -> None:
    _, rows, _ = tidy
    rows[0]["Ethnicity"] = "Secretvalue one"
    rows[1]["Ethnicity"] = "Prefer not to say"
    rows[4]["Vacancy Completed"] = "Secretvalue two"
    rows[7]["Vacancy Completed"] = "05/05/2026"
    rows[9] |= {"Shortlisted": "No", "Attended Interview": "No", "Offer Made": "No", "Start Confirmed": "Yes"}
    rows[11]["Post Band"] = "Secretvalue three"
    rows[13]["Shortlisted"] = "Secretvalue four"
    rows[15] = dict(rows[14])
    rows[20]["Application Ref"] = rows[19]["Application Ref"]
    rows[25]["Application Ref"] = ""
    for row in rows[30:45]:
        row["Gender"] = "Secretvalue five"
    # The header stands on row 2 under one banner row, so the first row of data is row 3 of the spreadsheet.
    ended = command("check", _write(tidy), "--dataset", "recruitment", "--quarter", KEY)
    assert ended.code == 1
    lines = [line.strip() for line in ended.out.splitlines()]
    for expected in (
        "ethnic_code: not a known ethnic code: 2 rows (rows 3, 4)",
        "1  'Prefer not to say'",
        "completed_date: unreadable: expected DD/MM/YYYY: 1 row (row 7)",
        "completed_date: belongs to Apr to Jun 2026: 1 row (row 10)",
        "band: not one of the allowed values: 1 row (row 14)",
        "shortlisted: unreadable: 1 row (row 16)",
        "application: the same row stands before: 1 row (row 18)",
        "application: another row has the same key and says something else: 2 rows (rows 22, 23)",
        "application: empty: 1 row (row 28)",
        "gender: not one of the allowed values: 15 rows (rows 33, 34, 35, 36, 37, 38, 39, 40 …)",
    ):
        assert expected in lines, ended.out
    assert "as they may be somebody's: look at row 3 in the file" in ended.out
    assert "appointed but not shortlisted" in ended.out
    assert ended.out.endswith("Mend these rows and check again.\n")
    assert "Secretvalue" not in ended.out + ended.err
    assert not any(row["Application Ref"] in ended.out for row in rows if row["Application Ref"])


@pytest.mark.parametrize(
    ("day", "cause"),
    [
        (
            "31/12/9999",
            "the year is not of 1900 to 2199; where it stands for no date, name it under no_value",
        ),
        (
            "05/05/1899",
            "the year is not of 1900 to 2199; where it stands for no date, name it under no_value",
        ),
        ("05/05/0000", "there is no such day"),
    ],
)
def test_a_date_of_no_sensible_year_is_unreadable(
    day: str, cause: str, tidy: tuple[list[str], list[dict[str, str]], Path], command: Command
) -> None:
    tidy[1][4]["Vacancy Completed"] = day
    for options in ((), ("--quarter", KEY)):
        ended = command("check", _write(tidy), "--dataset", "recruitment", *options)
        assert (ended.code, ended.err) == (1, "")
        assert f"  completed_date: unreadable: expected DD/MM/YYYY; {cause}: 1 row (row 7)\n" in ended.out


def test_a_file_without_rows_is_checked_as_the_catalogue_lets_it_be(
    finished_sample: Finished, command: Command, tmp_path: Path
) -> None:
    (found,) = finished_sample.landing.glob(f"leavers_{KEY}_invented.*")
    path = tmp_path / "nobody.csv"
    path.write_bytes(b"\r\n".join(found.read_bytes().splitlines()[:3]) + b"\r\n")
    ended = command("check", path, "--dataset", "leavers", "--quarter", KEY)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("nobody.csv: 0 rows read\n")
    assert "  note: there are headings and no rows\n" in ended.out
    assert ended.out.endswith("Nothing is wrong with it.\n")


def test_without_a_quarter_rows_of_any_period_pass(
    tidy: tuple[list[str], list[dict[str, str]], Path], command: Command
) -> None:
    tidy[1][7]["Vacancy Completed"] = "05/05/2026"
    tidy[1][7]["Advert Opened"] = "01/05/2026"
    path = _write(tidy)
    assert command("check", path, "--dataset", "recruitment").code == 0
    assert command("check", path, "--dataset", "recruitment", "--quarter", KEY).code == 1


@pytest.mark.parametrize("dataset", ["staff_in_post", "learning_budget", "leavers", "exit_interviews"])
def test_every_supplier_can_check_its_own_shape(
    dataset: str, finished_sample: Finished, command: Command
) -> None:
    (found,) = finished_sample.landing.glob(f"{dataset}_{KEY}_invented.*")
    ended = command("check", found, "--dataset", dataset)
    assert ended.err == ""
    assert re.match(rf"{re.escape(found.name)}: [\d,]+ rows read\n", ended.out)
    assert "not a known" not in ended.out or dataset in ("staff_in_post", "leavers")


def test_staff_numbers_that_stand_for_nobody_are_listed_and_lost_zeros_are_said(
    cases_catalogue: Callable[..., Path], tmp_path: Path, command: Command
) -> None:
    file = CASES / "what_stands_for_a_staff_number.csv"
    catalogue = cases_catalogue(tmp_path / "catalogue")
    ended = command("check", file, "--dataset", "leavers", "--quarter", KEY, "--catalogue", catalogue)
    assert ended.code == 1
    assert (
        "  note: 2 numbers under person differ from another one by zeros in front alone, and padding"
        in ended.out
    )
    assert [line.strip() for line in ended.out.splitlines() if line.startswith("  person")] == [
        "person: no identifier: a number in scientific notation (its digits are lost): 1 row (row 7)",
        "person: no identifier: a number with a decimal point or comma: 1 row (row 4)",
        "person: no identifier: a word or sign that stands for nothing: 2 rows (rows 9, 10)",
        "person: no identifier: an error of a spreadsheet: 1 row (row 8)",
        "person: no identifier: quotation marks stand around or before it: 1 row (row 6)",
        "person: no identifier: written as a formula: 1 row (row 5)",
    ]
    assert "stands before" not in ended.out
    assert "TBC" not in ended.out + ended.err


def test_a_file_that_is_not_there_or_no_such_dataset_is_refused_in_a_sentence(
    finished_sample: Finished, command: Command, tmp_path: Path
) -> None:
    (found,) = finished_sample.landing.glob(f"leavers_{KEY}_invented.*")
    missing = command("check", tmp_path / "nothing.csv", "--dataset", "leavers")
    assert (missing.code, missing.out) == (1, "")
    assert missing.err.startswith(f"{tmp_path / 'nothing.csv'}: there is no such file.")
    misspelt = command("check", found, "--dataset", "leaver")
    assert misspelt.code == 1
    assert "did you mean 'leavers'?" in misspelt.err


def test_the_file_of_another_dataset_is_judged_as_far_as_it_has_the_headings(
    finished_sample: Finished, command: Command
) -> None:
    (found,) = finished_sample.landing.glob(f"leavers_{KEY}_invented.*")
    ended = command("check", found, "--dataset", "staff_in_post", "--quarter", KEY)
    assert (ended.code, ended.err) == (1, "")
    assert "are missing" in ended.out
    assert "not judged, as their headings cannot be read: " in ended.out
    assert "A run of Jul to Sep 2026 would refuse the file for what is wrong with it as a whole" in ended.out


def test_a_file_that_cannot_be_read_at_all_is_refused_and_nothing_is_left(
    finished_sample: Finished, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "lent"))
    (tmp_path / "lent").mkdir()
    (found,) = finished_sample.landing.glob(f"learning_budget_{KEY}_invented.xlsx")
    other = shutil.copyfile(found, tmp_path / "other.csv")
    ended = command("check", other, "--dataset", "staff_in_post")
    assert (ended.code, ended.out) == (1, "")
    assert "Rule: " in ended.err
    assert "Traceback" not in ended.err
    assert list((tmp_path / "lent").iterdir()) == []
    assert {path.name for path in tmp_path.iterdir()} == {"lent", "other.csv"}


CASES = Path(__file__).parents[2] / "cases"
DECLINED = CASES / "declined_blank_where_no_offer.csv"


def test_each_column_that_is_blank_is_named_with_whom_indicators_lose_and_the_line_that_reads_it_as_no(
    cases_catalogue: Callable[..., Path], command: Command, tmp_path: Path
) -> None:
    catalogue = cases_catalogue(tmp_path / "catalogue")
    ended = command("check", DECLINED, "--dataset", "recruitment", "--quarter", KEY, "--catalogue", catalogue)
    assert (ended.code, ended.err) == (0, "")
    lines = ended.out.splitlines()
    at = lines.index("  declined: blank in 632 of 700 rows, read as not answered")
    assert lines[at + 1 :] == [
        "    Appointed, of those shortlisted: 182 of 242 are left out of the base",
        "    Appointed, of those who applied: 632 of 692 are left out of the base",
        "    if a blank means no, say so in catalogue/sources.yaml, recruitment, values: "
        'declined: {"": "false"}',
        "A run of Jul to Sep 2026 would take it.",
        "No row is rejected. Are the blanks meant as they are read?",
    ]


def test_the_line_that_is_named_does_what_it_says(
    cases_catalogue: Callable[..., Path], command: Command, tmp_path: Path
) -> None:
    words = {"declined": {"Yes": "true", "No": "false"}}
    catalogue = cases_catalogue(tmp_path / "catalogue", recruitment={"values": words})
    options = ("--dataset", "recruitment", "--quarter", KEY, "--catalogue", catalogue)
    (line,) = re.findall(r"values: (declined: \{.*\})", command("check", DECLINED, *options).out)
    assert yaml.safe_load(line) == {"declined": words["declined"] | {"": "false"}}
    sources = yaml.safe_load((catalogue / "sources.yaml").read_text())
    sources["recruitment"]["values"] = yaml.safe_load(line)
    (catalogue / "sources.yaml").write_text(yaml.safe_dump(sources))
    again = command("check", DECLINED, *options)
    assert (again.code, again.err) == (0, "")
    assert "blank in" not in again.out
    assert (
        "  note: rows whose declined is blank and is read as false, as catalogue/sources.yaml says: 632\n"
        in again.out
    )
    assert again.out.endswith("Nothing is wrong with it.\n")


def test_lines_cut_short_and_every_kind_of_blank_are_named_calmly_where_a_blank_has_its_meaning(
    cases_catalogue: Callable[..., Path], command: Command, tmp_path: Path
) -> None:
    file = tmp_path / "short.csv"
    file.write_text(
        "Ref,Vacancy,Opened,Completed,Ethnicity,Shortlisted,Interviewed,Offered,Appointed,Declined\n"
        "R1,V1,01/06/2026,14/08/2026,A,Yes,Yes,Yes,Yes,No\nR2,V1,01/06/2026,14/08/2026,A,Yes,Yes,No,No,No\n"
        "R3,V2,01/06/2026,,,No,No,No,No,No\nR4,V1,01/06/2026,14/08/2026,A,Yes\n"
    )
    catalogue = cases_catalogue(tmp_path / "catalogue")
    ended = command("check", file, "--dataset", "recruitment", "--quarter", KEY, "--catalogue", catalogue)
    assert (ended.code, ended.err) == (0, "")
    assert (
        "  note: rows with fewer fields than there are headings: 1; what they lack is read as blank\n"
        in ended.out
    )
    assert "  interviewed: blank in 1 of 4 rows, read as not answered\n" in ended.out
    assert "    Interviewed, of those shortlisted: 1 of 3 are left out of the base\n" in ended.out
    calm = ended.out[ended.out.index("  completed_date: blank in 1 of 4 rows, read as still in progress") :]
    assert "  ethnic_code: blank in 1 of 4 rows, read as ethnicity not known" in calm
    assert "if a blank means" not in calm


def test_where_blanks_have_their_meaning_nothing_is_wrong(
    cases_catalogue: Callable[..., Path], command: Command, tmp_path: Path
) -> None:
    file = tmp_path / "open.csv"
    heading, first, *_ = DECLINED.read_text().splitlines()
    file.write_text("\n".join([heading, first, "R0,V1,01/06/2026,,,No,No,No,No,No"]) + "\n")
    catalogue = cases_catalogue(tmp_path / "catalogue")
    ended = command("check", file, "--dataset", "recruitment", "--quarter", KEY, "--catalogue", catalogue)
    assert ended.code == 0
    assert "completed_date: blank in 1 of 2 rows, read as still in progress" in ended.out
    assert ended.out.endswith("Nothing is wrong with it.\n")


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGHUP])
def test_a_check_that_is_asked_to_end_leaves_nothing_of_the_file(
    ending: signal.Signals, cases_catalogue: Callable[..., Path], tmp_path: Path
) -> None:
    catalogue, lent, file = cases_catalogue(tmp_path / "catalogue"), tmp_path / "lent", tmp_path / "l.csv"
    lent.mkdir()
    headings = "Employee Number,Termination Date,Ethnic Origin,Reason,Band,Directorate\n"
    file.write_text(headings + "20600000,14/08/2026,A,Retirement Age,Band 5,Medicine\n" * 1_000_000)
    asked = ["check", file, "--dataset", "leavers", "--quarter", KEY, "--catalogue", catalogue]
    checking = subprocess.Popen(
        [sys.executable, "-m", "pipelines", *map(str, asked)],
        env=os.environ | {"TMPDIR": str(lent)}, cwd=CASES.parents[1], stdout=subprocess.DEVNULL,
    )  # fmt: skip
    end = time.monotonic() + 60
    while not any(lent.glob("race-equality-check-*/*")) and time.monotonic() < end:
        time.sleep(0.02)
    checking.send_signal(ending)
    assert checking.wait(60) == 128 + ending
    assert not any(lent.iterdir())
