"""What a supplier's check says of rows chosen by dates and words: causes, rows left out, and words nearly kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

CASES = Path(__file__).parents[1] / "cases"


class Ended(Protocol):
    code: int
    out: str
    err: str


def test_unreadable_effective_dates_are_listed_by_their_cause(
    cases_catalogue: Callable[..., Path], command: Callable[..., Ended], tmp_path: Path
) -> None:
    dated = {"in_force": {"start": "Start", "end": "End"}, "no_value": ["31/12/4712"]}
    catalogue = cases_catalogue(tmp_path / "catalogue", staff_in_post=dated)
    file = CASES / "effective_dates_of_impossible_years.csv"
    ended = command(
        "check", file, "--dataset", "staff_in_post", "--quarter", "2026-07-01", "--catalogue", catalogue
    )
    assert (ended.code, ended.err) == (1, "")
    cause = "  in_force: unreadable: expected DD/MM/YYYY; looks like two-digit years"
    assert f"{cause} (Start): 2 rows (rows 3, 6)\n" in ended.out
    assert f"{cause} (End): 1 row (row 5)\n" in ended.out
    assert "left out" not in ended.out


def test_rows_left_out_and_nearly_kept_are_said_by_heading_and_word(
    cases_catalogue: Callable[..., Path], command: Callable[..., Ended], tmp_path: Path
) -> None:
    kept = {
        "Primary Assignment": ["Y"],
        "Assignment Status": ["Active Assignment", "Internal Secondment", "Acting Up"],
    }
    catalogue = cases_catalogue(tmp_path / "catalogue", staff_in_post={"keep": kept})
    file = CASES / "kept_words_that_nearly_match.csv"
    ended = command(
        "check", file, "--dataset", "staff_in_post", "--quarter", "2026-07-01", "--catalogue", catalogue
    )
    assert (ended.code, ended.err) == (1, "")
    for line in (
        "left out by keep, Primary Assignment: 1 row: 'N' (1)",
        "nearly a word that keep takes, Primary Assignment: 2 rows: 'Yes' (1), 'y' (1); add the words to keep or to "
        "leave_out in sources.yaml",
        "keep: nearly one of the words kept under Primary Assignment: 2 rows (rows 4, 5)",
        "keep: nearly one of the words kept under Assignment Status: 4 rows (rows 3, 7, 8, 9)",
    ):
        assert f"  {line}\n" in ended.out, ended.out
    assert "'Active\\xa0Assignment' (1)" in ended.out


def test_a_surname_that_a_shifted_row_brings_under_a_heading_of_keep_is_not_said(
    cases_catalogue: Callable[..., Path], command: Callable[..., Ended], tmp_path: Path
) -> None:
    catalogue = cases_catalogue(tmp_path / "catalogue", leavers={"keep": {"Status": ["Left"]}})
    rows = [
        f"{70010000 + at},14/08/2026,A,Retirement Age,Band 5,Medicine,{status}"
        for at, status in enumerate(["Left"] * 9 + ["Quince"] + ["Cancelled"] * 5)
    ]
    headings = "Employee Number,Termination Date,Ethnic Origin,Reason,Band,Directorate,Status"
    file = tmp_path / "leavers.csv"
    file.write_text("\n".join([headings, *rows]), encoding="utf-8")
    ended = command(
        "check", file, "--dataset", "leavers", "--quarter", "2026-07-01", "--catalogue", catalogue
    )
    few = "words that fewer than 5 people share (row 11)"
    assert f"  left out by keep, Status: 6 rows: 'Cancelled' (5), {few}\n" in ended.out
    assert "Quince" not in ended.out + ended.err
