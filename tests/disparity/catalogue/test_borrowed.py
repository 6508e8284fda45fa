"""Whole sentences of an example are found in any dress; what is anybody's is not."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disparity.catalogue import Target
from disparity.catalogue.borrowed import (
    LEAST_WORDS,
    Written,
    borrowed,
    borrowed_lines,
    borrowed_targets,
    sentences,
)

RISK = (
    "Board assurance framework, workforce: if disparities stay, the trust loses staff and skills, "
    "and may breach its duties under the Equality Act 2010."
)
COMMENTARY = """By: Head of people analytics

Being shortlisted comes first: White applicants were {{ shortlisted.times }}, and the interval
({{ shortlisted.interval }}) leaves little room for chance.

- Panels saw names until the summer; applications are read without them from the autumn on.
"""


def found(text: str, *examples: str) -> bool:
    return bool(list(borrowed([Written("board_paper", ("risk",), text)], examples or (RISK,))))


@pytest.mark.parametrize(
    "dressed",
    [
        RISK,
        RISK.upper(),
        RISK.replace(" ", "\n  "),
        RISK.replace(",", "").rstrip("."),
        f"We have thought about this at length. {RISK} It is ours to mend.",
    ],
)
def test_a_sentence_of_an_example_is_found_in_any_dress(dressed: str) -> None:
    assert found(dressed)


@pytest.mark.parametrize(
    "own",
    [
        "Chief people officer",
        "Public sector equality duty: Equality Act 2010, section 149",
        "If disparities stay, we may breach our duties under the Equality Act 2010.",
        "",
    ],
)
def test_what_is_anybodys_is_not(own: str) -> None:
    assert not found(own)
    assert not found(own, "Chief people officer", own[: len(own) // 2])


@given(
    st.lists(
        st.sampled_from(["staff", "trust", "board", "figures", "duty", "risk"]), max_size=LEAST_WORDS - 1
    )
)
def test_a_short_sentence_is_anybodys_even_word_for_word(words: list[str]) -> None:
    text = " ".join(words)
    assert not found(text, text)


def test_sentences_of_a_commentary_are_found_on_their_lines_whoever_speaks_and_whichever_figure_is_named() -> (
    None
):
    own = COMMENTARY.replace("Head of people analytics", "The head of workforce").replace(
        "shortlisted.", "offered."
    )
    assert list(borrowed_lines(own, [COMMENTARY])) == [3, 6]
    assert list(
        borrowed_lines(own.replace("- Panels saw names", "- Our panels saw names"), [COMMENTARY])
    ) == [3]


def test_a_slots_dot_ends_no_sentence() -> None:
    ((_, sentence), _) = sentences(COMMENTARY)
    assert sentence.startswith("being shortlisted comes first")
    assert sentence.endswith("leaves little room for chance")


def test_a_target_is_an_examples_where_it_is_the_same_to_the_day() -> None:
    example = Target(reach="parity", since=dt.date(2025, 9, 30), by=dt.date(2028, 9, 30))
    sooner = example.model_copy(update={"by": dt.date(2027, 9, 30)})
    assert list(borrowed_targets({"share": example, "other": example}, {"share": example})) == ["share"]
    assert list(borrowed_targets({"share": sooner}, {"share": example})) == []
