"""Errors that nobody foresaw tell their kind and place, and no row."""

from __future__ import annotations

import os
import sqlite3
import sys
import traceback

import polars as pl
import pytest
from sqlalchemy.exc import OperationalError

from disparity.refusal import Refusal
from resources.withheld import UnforeseenError, panics_unsaid, words_withheld

TYPED = "QQ 12 34 56 C"


@words_withheld("rows were read")
def _read_strictly(texts: list[str]) -> pl.Series:
    return pl.Series(texts).cast(pl.Int64)


def test_polars_quotes_what_it_cannot_read() -> None:
    """Else there were nothing to withhold."""
    with pytest.raises(pl.exceptions.InvalidOperationError, match=TYPED):
        pl.Series([TYPED]).cast(pl.Int64)


def test_an_unforeseen_error_tells_its_kind_and_its_lines_and_nothing_else() -> None:
    with pytest.raises(UnforeseenError) as told:
        _read_strictly(["1", TYPED])
    words = "".join(traceback.format_exception(told.value))
    assert "InvalidOperationError while rows were read" in words
    assert "in _read_strictly" in words
    assert TYPED not in words


def test_one_withheld_is_told_once() -> None:
    with (
        pytest.raises(UnforeseenError, match=r"^ZeroDivisionError while one thing was done;"),
        words_withheld("another thing was done"),
        words_withheld("one thing was done"),
    ):
        _ = 1 / 0


@pytest.mark.parametrize(
    "error", [Refusal("l.csv: no. Rule: one. What to do: two."), FileNotFoundError(2, "none"), KeyError("x")]
)
def test_words_of_our_own_and_of_the_system_pass(error: Exception) -> None:
    with pytest.raises(type(error)) as told, words_withheld("rows were read", but=(KeyError,)):
        raise error
    assert told.value is error


def test_what_stops_a_run_passes() -> None:
    with pytest.raises(KeyboardInterrupt), words_withheld("rows were read"):
        raise KeyboardInterrupt


def test_what_goes_well_is_returned() -> None:
    assert _read_strictly(["1"]).to_list() == [1]


def test_what_a_database_was_refused_is_said_in_words() -> None:
    driver = sqlite3.OperationalError("database or disk is full: INSERT (Quoxivekaz)")
    with (
        pytest.raises(Refusal, match="there is no room left on the disk of a database") as refused,
        words_withheld("rows were read"),
    ):
        raise OperationalError("INSERT", {}, driver)
    assert "Quoxivekaz" not in str(refused.value)


@pytest.mark.skipif(sys.platform != "linux", reason="where nothing is said aside, nothing is said later")
def test_a_panic_is_not_said_and_everything_else_is(capfd: pytest.CaptureFixture[str]) -> None:
    with panics_unsaid(), panics_unsaid():
        os.write(2, b"a warning of a library\n")
    with panics_unsaid():
        os.write(2, f"thread 'polars-0' panicked at str.rs:7: {TYPED} is not a char boundary\n".encode())
    sys.stderr.write("and of ours\n")
    assert capfd.readouterr().err == "a warning of a library\nand of ours\n"


def test_stderr_that_is_closed_keeps_nobody_from_reading() -> None:
    kept = os.dup(2)
    os.close(2)
    try:
        with panics_unsaid():
            found = 1
    finally:
        os.dup2(kept, 2)
        os.close(kept)
    assert found
