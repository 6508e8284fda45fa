"""Errors whose own words are withheld: what nobody foresaw while rows were in hand is told by its kind and place alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from polars.exceptions import PanicException

from disparity.refusal import Refusal


class UnforeseenError(Exception):
    """An error that was not foreseen. Its traceback is the first one's; the first one's words may quote a row."""


@contextmanager
def words_withheld(doing: str, *, but: tuple[type[Exception], ...] = ()) -> Iterator[None]:
    """Let no error out whose words may quote a row: Polars, for one, quotes the values that it could not read.

    A refusal, an error of the operating system and those in ``but`` pass as they are: their words are ours, or
    name a file. Dagster writes whatever an asset raises into its event log, with all that led to it.
    """
    passing: tuple[type[Exception], ...] = (Refusal, OSError, UnforeseenError, *but)
    try:
        yield
    except passing:
        raise
    except (Exception, PanicException) as error:
        words = f"{type(error).__name__} while {doing}; its own words are withheld, as they may quote a row"
        raise UnforeseenError(words).with_traceback(error.__traceback__) from None
