"""Reasons for revisions, and the words of the board paper: what may be written, and where it is said what may not."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest

from disparity.refusal import Refusal
from resources.catalogue import DEFAULT, REVISIONS, load_catalogue, method_of

JUNE = dt.date(2026, 6, 30)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DEFAULT, tmp_path / "catalogue"))


def refused(folder: Path, text: str) -> str:
    (folder / REVISIONS).write_text(text, encoding="utf-8")
    with pytest.raises(Refusal) as refusal:
        load_catalogue(folder)
    return str(refusal.value).replace(f"{folder}/", "")


def test_reasons_are_found_by_the_last_day_of_the_quarter_and_by_vintage(folder: Path) -> None:
    (folder / REVISIONS).write_text(
        "2026-06-30:\n  2:\n    reason: Late appointments of 30 June 2026 were added.\n"
        "  3:\n    reason: An objection was upheld.\n    reason_for:\n      published: Bands were put right.\n",
        encoding="utf-8",
    )
    reasons = load_catalogue(folder).revisions[JUNE]
    assert reasons[2].told_to("published") == "Late appointments of 30 June 2026 were added."
    assert reasons[3].told_to("restricted") == "An objection was upheld."
    assert reasons[3].told_to("published") == "Bands were put right."


@pytest.mark.parametrize("text", ["", "# a comment\n", None])
def test_it_may_be_empty_or_lack(folder: Path, text: str | None) -> None:
    (folder / REVISIONS).unlink()
    if text is not None:
        (folder / REVISIONS).write_text(text)
    assert load_catalogue(folder).revisions == {}


WRONG = {
    "a typed figure": (
        "2026-06-30:\n  2:\n    reason: We left out 37 people.\n",
        "line 3, 2026-06-30.2.reason: a figure is typed here, and the figures of a report come from the release",
    ),
    "a typed figure for one audience": (
        "2026-06-30:\n  2:\n    reason: Put right.\n    reason_for:\n      published: 12% were late.\n",
        "line 5, 2026-06-30.2.reason_for.published: a figure is typed here",
    ),
    "an avoided word": (
        "2026-06-30:\n  2:\n    reason: Bame staff were coded anew.\n",
        "line 3, 2026-06-30.2.reason: 'BAME' is a word that the house style avoids (house_style.yaml, avoid); "
        "say it in another",
    ),
    "no reason": (
        "2026-06-30:\n  2:\n    why: Put right.\n",
        "line 2, 2026-06-30.2.reason: this key is needed and is not there; add it",
    ),
    "the first release": (
        "2026-06-30:\n  1:\n    reason: Put right.\n",
        "line 2, 2026-06-30.1: the first release corrects nothing; vintages that do are numbered from 2",
    ),
    "no last day": (
        "2026-04-01:\n  2:\n    reason: Put right.\n",
        "line 1, 2026-04-01: a quarter is named here by its last day; write 2026-06-30 for the one that holds 2026-04-01",
    ),
    "no day": (
        "June:\n  2:\n    reason: Put right.\n",
        "line 1, June: expected a date such as 2026-07-01",
    ),
    "another audience": (
        "2026-06-30:\n  2:\n    reason: Put right.\n    reason_for: {publishd: Bands.}\n",
        "line 4, 2026-06-30.2.reason_for.publishd: expected 'restricted' or 'published'; did you mean 'published'?",
    ),
    "no vintage": (
        "2026-06-30: Put right.\n",
        "line 1, 2026-06-30: expected keys with values under them",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_said_with_its_line(folder: Path, case: str) -> None:
    text, words = WRONG[case]
    assert f"{REVISIONS}, {words}" in refused(folder, text)


def test_a_reason_changes_no_figure_and_so_not_the_method(folder: Path) -> None:
    before = method_of(folder)
    (folder / REVISIONS).write_text("2026-06-30:\n  2:\n    reason: Put right.\n")
    assert method_of(folder) == before


def test_the_board_paper_avoids_the_words_of_the_house_style(folder: Path) -> None:
    path = folder / "board_paper.yaml"
    text = path.read_text(encoding="utf-8").replace("Deputy director of recruitment", "Head of BME networks")
    path.write_text(text, encoding="utf-8")
    line = text[: text.index("Head of BME networks")].count("\n") + 1
    with pytest.raises(Refusal) as refusal:
        load_catalogue(folder)
    assert str(refusal.value) == (
        f"{path}, line {line}, actions.0.owner: 'BME' is a word that the house style avoids "
        "(house_style.yaml, avoid); say it in another"
    )
