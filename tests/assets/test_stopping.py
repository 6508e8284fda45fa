"""What a person can mend ends a step with its sentence; any other error is left as it is."""

from __future__ import annotations

from collections.abc import Iterator

import dagster as dg
import pytest

from assets.stopping import stops_in_words
from disparity.refusal import refuse


@stops_in_words
def made(*, of: Exception | None) -> Iterator[int]:
    """Yield one thing, then raise or yield another."""
    yield 1
    if of is not None:
        raise of
    yield 2


def test_a_refusal_becomes_a_failure_with_its_own_sentence_that_is_not_tried_again() -> None:
    refusal = refuse(
        "it is a log-in page", where="leavers.csv", rule="an extract is CSV", do="export it again"
    )
    making = made(of=refusal)
    assert next(making) == 1
    with pytest.raises(dg.Failure) as raised:
        next(making)
    assert raised.value.description == str(refusal)
    assert not raised.value.allow_retries
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__


def test_a_fault_is_no_sentence_for_people() -> None:
    with pytest.raises(ZeroDivisionError):
        list(made(of=ZeroDivisionError()))


def test_what_is_made_is_handed_on() -> None:
    assert list(made(of=None)) == [1, 2]
    assert made.__name__ == "made"
