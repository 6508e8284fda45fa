"""What a check writes on request: every bad row, and a draft of a list of words; for its owner alone."""

from __future__ import annotations

import csv
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import pytest

CASES = Path(__file__).parents[2] / "cases"


class Ended(Protocol):
    code: int
    out: str
    err: str


Checked = Callable[..., Ended]


@pytest.fixture
def checked(command: Callable[..., Ended], cases_catalogue: Callable[..., Path], tmp_path: Path) -> Checked:
    """Check a file of leavers; ``list_of_words`` is a list that the source names for ethnicity."""

    def checking(path: Path, *options: object, list_of_words: Path | None = None) -> Ended:
        catalogue = tmp_path / "catalogue"
        shutil.rmtree(catalogue, ignore_errors=True)
        cases_catalogue(
            catalogue, leavers={"values_from": {"ethnic_code": "words.csv"}} if list_of_words else {}
        )
        if list_of_words:
            shutil.copyfile(list_of_words, catalogue / "words.csv")
        return command("check", path, "--dataset", "leavers", "--catalogue", catalogue, *options)

    return checking


def _lines(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.reader(lines))


def test_all_thirty_rows_are_written_for_the_owner_alone(checked: Checked, tmp_path: Path) -> None:
    out, draft = tmp_path / "bad.csv", tmp_path / "bad_ethnicity_words.csv"
    ended = checked(CASES / "thirty_bad_rows.csv", "--out", out)
    assert (ended.code, ended.err) == (1, "")
    assert ended.out.endswith(f"Written: {out}\nWritten: {draft}\n")
    headings, *rows = _lines(out)
    assert headings == ["file", "row", "column", "heading", "rule"]
    assert rows == [
        ["thirty_bad_rows.csv", str(row), "ethnic_code", "Ethnic Origin", "not a known ethnic code"]
        for row in range(2, 62, 2)
    ]
    assert "White British" not in out.read_text(encoding="utf-8")
    assert _lines(draft)[1:] == [["White British", "A"]]
    assert {stat.S_IMODE(path.stat().st_mode) for path in (out, draft)} == {0o600}


def test_the_draft_is_the_list_of_words_once_its_blanks_are_filled(checked: Checked, tmp_path: Path) -> None:
    words = ["-", "=1+1", "'=1", "White British", "Martian", 'say "A"', "A\u200b", "a,b", "@home"]
    path, out = tmp_path / "leavers.csv", tmp_path / "bad.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_lines(CASES / "thirty_bad_rows.csv")[0])
        writer.writerows(
            [n, "14/08/2026", word, "Retirement Age", "Band 5", "Medicine"]
            for n, word in enumerate(words * 5)
        )
    assert checked(path, "--out", out).code == 1
    draft = tmp_path / "bad_ethnicity_words.csv"
    drafted = _lines(draft)
    assert len(drafted) == 1 + len(words)
    assert not any(cell[:1] in ("=", "+", "-", "@") for line in drafted for cell in line if cell)
    unfilled = checked(path, list_of_words=draft)
    assert "no word of ours stands here" in unfilled.err
    with draft.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([theirs, ours or "Z"] for theirs, ours in drafted)
    ended = checked(path, list_of_words=draft)
    assert (ended.code, ended.err) == (0, ""), ended.out


def test_without_anything_wrong_the_file_has_its_headings_alone(checked: Checked, tmp_path: Path) -> None:
    path, out = tmp_path / "leavers.csv", tmp_path / "bad.csv"
    good = [
        line
        for line in (CASES / "thirty_bad_rows.csv").read_text("utf-8").splitlines()
        if "White" not in line
    ]
    path.write_text("\n".join(good), "utf-8")
    ended = checked(path, "--out", out)
    assert ended.code == 0
    assert len(_lines(out)) == 1
    assert not (tmp_path / "bad_ethnicity_words.csv").exists()


@pytest.mark.parametrize("there", ["bad.csv", "bad_ethnicity_words.csv"])
def test_nothing_is_overwritten(there: str, checked: Checked, tmp_path: Path) -> None:
    (tmp_path / there).write_text("mine")
    ended = checked(CASES / "thirty_bad_rows.csv", "--out", tmp_path / "bad.csv")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith(f"{tmp_path / there}: there is something there already.")
    assert (tmp_path / there).read_text() == "mine"
    assert len(list(tmp_path.glob("*.csv"))) == 1


def test_a_folder_that_is_not_there_is_refused(checked: Checked, tmp_path: Path) -> None:
    ended = checked(CASES / "thirty_bad_rows.csv", "--out", tmp_path / "none" / "bad.csv")
    assert (ended.code, ended.out) == (1, "")
    assert "there is no such folder" in ended.err


def test_words_that_look_like_names_are_in_no_draft(checked: Checked, tmp_path: Path) -> None:
    path, out = tmp_path / "leavers.csv", tmp_path / "bad.csv"
    headings = (CASES / "thirty_bad_rows.csv").read_text("utf-8").splitlines()[0]
    rows = [f"{n},14/08/2026,Person {n},Retirement Age,Band 5,Medicine" for n in range(50)]
    path.write_text("\n".join([headings, *rows]), "utf-8")
    ended = checked(path, "--out", out)
    assert len(_lines(out)) == 51
    assert not (tmp_path / "bad_ethnicity_words.csv").exists()
    assert "Person" not in ended.out + out.read_text("utf-8")
