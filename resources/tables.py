"""What every format is read into, headings and batches of text; what a file's first bytes give away."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from disparity.refusal import Refusal, refuse
from resources.notes import Note

BATCH_ROWS = 50_000

_SIGNATURES = (
    (b"\xd0\xcf\x11\xe0", "an old or password-protected Office file"),
    (b"PK\x03\x04", "a workbook or a zip archive"),
    (b"%PDF", "a PDF document"),
    (b"PAR1", "a Parquet file"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"SQLite format 3", "an SQLite database"),
)


@dataclass(frozen=True)
class Hint:
    """Why headings that are wanted may be missing, in words, and the settings of the source that would mend it."""

    words: str
    settings: Mapping[str, Any]


@dataclass(frozen=True)
class Table:
    """One file, or one query's answer, as text cells.

    ``headings`` are tidied and in order. ``read(positions)`` yields batches with ``row_number`` (Int64, as a
    spreadsheet shows the row) and ``cell_<position>`` (String, as it came) for the positions asked for.
    ``hint(wanted)`` says why headings that are wanted may be missing. ``nested`` are the positions of columns that
    hold lists or structures, which are not read. ``noted()`` is what is to be known once all was read. ``first`` are
    the cells of the first rows where a row may end before its last heading; None where none does. ``named`` is whether
    headings that no setting names may be named: where some look like values of a row, they may be a person's.
    """

    headings: tuple[str, ...]
    read: Callable[[Sequence[int]], Iterator[pl.DataFrame]]
    notes: tuple[Note, ...] = ()
    hint: Callable[[Sequence[str]], Hint | None] = lambda wanted: None
    nested: frozenset[int] = frozenset()
    noted: Callable[[], tuple[Note, ...]] = lambda: ()
    first: Sequence[Sequence[str]] | None = field(default=None, repr=False)
    named: bool = True


def tidy(heading: str | None) -> str:
    """Return a heading trimmed, with line breaks and runs of spaces inside it made one space."""
    return " ".join((heading or "").split())


def nearest_there(wanted: str, there: Sequence[str]) -> str:
    """Name the nearest of the words in a file, never the others: they may be a person's."""
    near = nearest_of(wanted, there)
    return f"; the nearest is {near!r}" if near else ""


def nearest_of(wanted: str, there: Sequence[str]) -> str | None:
    """Return the word of a file that is nearest to a wanted one, in capitals or not; None where none is near."""
    lower = {word.lower(): word for word in there}
    near = difflib.get_close_matches(wanted.lower(), lower, n=1, cutoff=0.7)
    return lower[near[0]] if near else None


def cell(position: int) -> str:
    """Return the name of the column that holds the cells at a position."""
    return f"cell_{position}"


def what_it_is(path: Path) -> str | None:
    """Say what a file is that is not plain text, by its first bytes; None for what may be delimited text."""
    with path.open("rb") as file:
        head = file.read(4096)
    for signature, words in _SIGNATURES:
        if head.startswith(signature):
            return words
    text = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if text.startswith((b"<!doctype html", b"<html", b"<head", b"<body", b"<table", b"<meta")):
        return "an HTML page, perhaps a log-in page or an error page saved in place of the download"
    return "an XML file" if text.startswith(b"<?xml") else None


def empty(where: str) -> Refusal:
    """Refuse a file without anything in it."""
    return refuse(
        "the file is empty", where=where, rule="an extract has headings and rows", do="export it again"
    )


def ends_early(where: str, skip_rows: int) -> Refusal:
    """Refuse a file that ends before the row of headings."""
    return refuse(
        f"the file ends before its headings, which are expected on row {skip_rows + 1}",
        where=where,
        rule="headings stand on the row after skip_rows",
        do="export it again, or change skip_rows in catalogue/sources.yaml",
    )


def row_of_headings(
    top: Sequence[Sequence[str | None]], wanted: Sequence[str], skip_rows: int
) -> Hint | None:
    """Say on which of the first rows more of the wanted headings stand than where they are expected.

    One alone among several may be a word in a banner.
    """
    there = [len(set(wanted) & {tidy(each) for each in cells}) for cells in top]
    index = max(range(len(there)), key=there.__getitem__, default=skip_rows)
    expected = there[skip_rows] if skip_rows < len(there) else 0
    if index == skip_rows or there[index] < min(2, len(wanted)) or there[index] <= expected:
        return None
    words = f"the headings stand on row {index + 1}: set skip_rows to {index} in catalogue/sources.yaml"
    return Hint(words, {"skip_rows": index})
