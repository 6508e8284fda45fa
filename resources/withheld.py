"""Errors whose own words are withheld: what nobody foresaw while rows were in hand is told by its kind and place alone."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from polars.exceptions import PanicException

from disparity.refusal import Refusal, refuse
from resources.system_errors import refusal_of_the_system

_STDERR = 2
_PANIC = b"panicked at"
_one_at_a_time = threading.RLock()


class UnforeseenError(Exception):
    """An error that was not foreseen. Its traceback is the first one's; the first one's words may quote a row."""


@contextmanager
def words_withheld(doing: str, *, but: tuple[type[Exception], ...] = ()) -> Iterator[None]:
    """Let no error out whose words may quote a row: Polars, for one, quotes the values that it could not read.

    A refusal, an error of the operating system and those in ``but`` pass as they are: their words are ours, or
    name a file. What the system refused a database or a library is refused in words. Dagster writes whatever an asset
    raises into its event log, with all that led to it.
    """
    passing: tuple[type[Exception], ...] = (Refusal, OSError, UnforeseenError, *but)
    try:
        yield
    except passing:
        raise
    except (Exception, PanicException) as error:
        refused = refusal_of_the_system(error)  # a full disk, or a database that stopped, by its kind alone
        if refused is not None:
            raise refused from None
        words = f"{type(error).__name__} while {doing}; its own words are withheld, as they may quote a row"
        raise UnforeseenError(words).with_traceback(error.__traceback__) from None


@contextmanager
def panics_unsaid() -> Iterator[None]:
    """Keep from the terminal what Polars says when it panics: past Python, to stderr, with the text that it had in hand.

    It says so even where it goes on afterwards, and has no setting against it. Whatever else is said meanwhile, of any
    thread, is said when the block ends, so the block is a short one. Where the system has no file in memory nothing is.
    """
    with _one_at_a_time:
        try:
            kept = os.dup(_STDERR)
        except OSError:  # closed: nothing is said to anybody
            yield
            return
        in_memory = hasattr(os, "memfd_create")
        aside = os.memfd_create("stderr") if in_memory else os.open(os.devnull, os.O_RDWR)
        os.dup2(aside, _STDERR)
        try:
            yield
        finally:
            os.dup2(kept, _STDERR)
            said = os.pread(aside, os.fstat(aside).st_size, 0) if in_memory else b""
            os.close(aside)
            os.close(kept)
            if said and _PANIC not in said:
                with open(_STDERR, "wb", closefd=False) as stderr:
                    stderr.write(said)


def kind_and_place(error: BaseException) -> str:
    """Name an error by its kind and the line of code it came from: its own words may quote a row."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    at = f" in {Path(place.tb_frame.f_code.co_filename).name}, line {place.tb_lineno}" if place else ""
    return f"{type(error).__name__}{at}"


def unforeseen(kind: str, where: str) -> Refusal:
    """Word an error that nobody foresaw as a refusal of the file that was read."""
    return refuse(
        f"reading it ended in an error that was not foreseen ({kind})",
        where=where,
        rule="a file that cannot be read is refused, whatever keeps it from being read",
        do="export it again, and look whether it opens in the program it is from; where it does, pass this sentence on "
        "to whoever looks after this software, as it holds nothing of the file",
    )
