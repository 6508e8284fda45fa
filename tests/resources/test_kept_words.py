"""Words that rows are chosen by: those kept, those that nearly are, and those that mean something else."""

from __future__ import annotations

import string
from collections.abc import Iterable

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resources.kept_words import KeptWords

STATUS = ("Active Assignment", "Internal Secondment", "Acting Up")
NEARLY = {
    STATUS: (
        "Active assignment", "ACTIVE ASSIGNMENT", "Active  Assignment", "Active\u00a0Assignment", "Active\u200bAssignment",
        "\ufeffActive Assignment", "ActiveAssignment", "Active-Assignment", "Active Assignment.", "\uff21ctive Assignment",
        "Active Asignment", "Active Assignments", "Acitve Assignment", "Active Assignment\u200b", "acting up", "Acting-Up",
        "\u0410ctive Assignment", "Active\u3164Assignment",
    ),
    ("Y",): ("y", "Yes", "YES", "TRUE", "true", "1", "1.0", "Y.", "\uff39", "\u200bY", "\u03a5", "Y\u3164"),
    ("N", ""): ("n", "No", "false", "0", "-", "\u200b"),
    ("true",): ("T", "True", "Y", "1"),
    ("1",): ("01", "1.0", "1.", "Yes"),
    ("0012",): ("12", "12.0"),
}  # fmt: skip
ANOTHER = {
    STATUS: (
        "Inactive Assignment", "Non-Active Assignment", "Suspended Assignment", "Acting Down", "External Secondment",
        "Active", "Assignment", "Active Assignment 2", "Career Break", "", "Acting", "Active Asignmnt",
    ),
    ("Y",): ("N", "No", "0", "T", "X", "YN", ""),
    ("N",): ("Y", "Yes", "NA", ""),
    ("1",): ("10", "11", "-1", "1.5", "2"),
    ("Part Time 1",): ("Part Time 2", "Part Time 11"),
    ("Trainee", "Employee"): ("Trainer", "Employer"),
    ("Paid", "Typical", "A"): ("Said", "Unpaid", "Atypical", "A+", "B"),
}  # fmt: skip


def _pairs(words: dict[tuple[str, ...], tuple[str, ...]]) -> list[tuple[tuple[str, ...], str]]:
    return [(kept, word) for kept, found in words.items() for word in found]


def _judged(kept: Iterable[str], texts: list[str | None], **settings: Iterable[str]) -> list[str]:
    no_value = list(settings.pop("no_value", ()))
    return KeptWords(kept, **settings).judge(pl.Series(texts, dtype=pl.String), no_value).to_list()


@pytest.mark.parametrize(("kept", "word"), _pairs(NEARLY), ids=map(str, range(len(_pairs(NEARLY)))))
def test_a_word_that_is_nearly_one_kept_is_neither_kept_nor_another(kept: tuple[str, ...], word: str) -> None:
    assert KeptWords(kept).verdict(word) == "nearly"


@pytest.mark.parametrize(("kept", "word"), _pairs(ANOTHER), ids=map(str, range(len(_pairs(ANOTHER)))))
def test_a_word_of_another_meaning_is_another_however_alike(kept: tuple[str, ...], word: str) -> None:
    assert KeptWords(kept).verdict(word) == "another"


@pytest.mark.parametrize("kept", [*NEARLY, *ANOTHER])
def test_the_words_themselves_are_kept(kept: tuple[str, ...]) -> None:
    assert {KeptWords(kept).verdict(word) for word in kept} == {"kept"}


def test_a_word_known_to_be_another_is_one_however_near() -> None:
    assert _judged(["a"], ["a", "A", "á"], others=["A"]) == ["kept", "another", "another"]


def test_blanks_and_texts_that_stand_for_nothing_are_blanks() -> None:
    texts = ["N", None, "", "NULL", "Y"]
    assert _judged(["N", ""], texts, no_value=["NULL"]) == ["kept"] * 4 + ["another"]
    assert _judged(["N"], texts, no_value=["NULL"]) == ["kept"] + ["another"] * 4
    assert _judged(["NULL"], texts, no_value=["NULL"]) == ["another"] * 3 + ["kept", "another"]
    assert _judged(["N"], []) == []


@settings(deadline=None, max_examples=50)
@given(
    kept=st.sets(st.text(max_size=6) | st.sampled_from(["Y", "Acting Up"]), min_size=1),
    texts=st.lists(st.none() | st.text(max_size=6) | st.sampled_from(["y", "Yes", "acting up"])),
)
def test_every_row_has_one_verdict_and_the_words_kept_alone_are_kept(
    kept: set[str], texts: list[str | None]
) -> None:
    verdicts = _judged(kept, texts)
    assert len(verdicts) == len(texts)
    for text, verdict in zip(texts, verdicts, strict=True):
        assert verdict in ("kept", "nearly", "another")
        assert (verdict == "kept") == ((text or "") in kept)


@given(word=st.text(string.ascii_letters + "éÑü", min_size=1, max_size=12))
def test_capitals_spaces_and_what_is_not_seen_make_no_other_word(word: str) -> None:
    for alike in (f" {word}", f"{word}\u200b", word.swapcase(), f"{word[:1]}\u00a0{word[1:]}"):
        assert KeptWords([word]).verdict(alike) in ("kept", "nearly"), alike
