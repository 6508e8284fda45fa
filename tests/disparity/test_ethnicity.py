"""Ethnicity: codes and labels, what is unknown, and which comparison group each belongs to."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from pydantic import ValidationError

from disparity.ethnicity import COLUMNS, GROUPS, Code, Crosswalk
from resources.catalogue import DEFAULT, load_catalogue


def code(name: str, label: str, **changed: Any) -> Code:
    """Make a code: a known Asian one unless changed."""
    plain: dict[str, Any] = {
        "category": name[0],
        "category_ons_2021": name[0],
        "broad_group": "Asian",
        "answer": "known",
        "white_british": False,
    }
    return Code(code=name, label=label, **{**plain, **changed})


INDIAN = code("H", "Indian")
UNKNOWN = code("99", "Not known", broad_group="Unknown", answer="not_known")


@pytest.fixture(scope="module")
def crosswalk() -> Crosswalk:
    return load_catalogue(DEFAULT).ethnicity


def group_of(crosswalk: Crosswalk, raw: str, comparison: Any = "wres") -> str:
    return str(
        crosswalk.frame(comparison).row(by_predicate=pl.col("raw") == raw.lower(), named=True)["ethnicity"]
    )


@pytest.mark.parametrize(
    ("raw", "wres", "white_british"),
    [
        ("A", "white", "white"),
        ("B", "white", "ethnic_minority"),
        ("C", "white", "ethnic_minority"),
        ("C2", "white", "white"),
        ("CA", "white", "white"),
        ("CP", "white", "ethnic_minority"),
        ("Polish", "white", "ethnic_minority"),
        ("D", "ethnic_minority", "ethnic_minority"),
        ("R", "ethnic_minority", "ethnic_minority"),
        ("S", "ethnic_minority", "ethnic_minority"),
        ("Filipino", "ethnic_minority", "ethnic_minority"),
        ("Z", "unknown", "unknown"),
        ("99", "unknown", "unknown"),
        ("X", "unknown", "unknown"),
        ("not STATED", "unknown", "unknown"),
    ],
)
def test_each_code_and_label_has_its_group_under_both_comparisons(
    crosswalk: Crosswalk, raw: str, wres: str, white_british: str
) -> None:
    assert group_of(crosswalk, raw) == wres
    assert group_of(crosswalk, raw, "white_british") == white_british


def test_declined_and_never_asked_are_told_apart(crosswalk: Crosswalk) -> None:
    answers = dict(crosswalk.frame("wres").select("raw", "ethnicity_answer").iter_rows())
    assert answers["z"] == "declined"
    assert answers["99"] == answers["x"] == "not_known"


def test_the_frame_has_one_row_a_spelling_and_the_five_columns(crosswalk: Crosswalk) -> None:
    frame = crosswalk.frame("wres")
    assert frame.columns == ["raw", *COLUMNS]
    assert frame["raw"].is_unique().all()
    assert frame["raw"].equals(frame["raw"].str.to_lowercase().str.strip_chars())
    assert set(frame["ethnicity"]) == set(GROUPS)
    assert frame.null_count().sum_horizontal().item() == 0


def test_a_code_may_go_by_several_labels() -> None:
    frame = Crosswalk(codes=(INDIAN, code("H", "Asian or Asian British - Indian"), UNKNOWN)).frame("wres")
    assert frame.filter(pl.col("ethnic_code") == "H").height == 3


@pytest.mark.parametrize(
    ("codes", "words"),
    [
        ((INDIAN, code("H", "Indien", broad_group="Black"), UNKNOWN), "'H' stands for two things"),
        ((INDIAN, code("HA", "indian"), UNKNOWN), "'indian' stands for two things, H and HA"),
        ((INDIAN, code("K", "h"), UNKNOWN), "'h' stands for two things, H and K"),
        ((INDIAN,), "no code has the answer not_known"),
    ],
)
def test_a_spelling_with_two_meanings_is_refused(codes: tuple[Code, ...], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Crosswalk(codes=codes)
