"""Sheets: what a workbook of ours is made of: a cover, notes, and tables whose columns have either words or a number.

What stands in place of a number has a column of its own, so that a column of numbers has nothing else in it.
`reports.workbook.layout` says what stands where, `reports.workbook.writing` writes it, and `reports.reading_back.workbook`
holds a finished file against it.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from disparity.formulas import without_formula
from disparity.rows import Estimate, Line, Number
from reports.wording.numbers import label

COVER, CONTENTS, NOTES = "Cover", "Contents", "Notes"
INTRODUCTION, ABOUT = "Introductory information", "About these data"
CONTENTS_TITLE, CONTENTS_HEADINGS = "Table of contents", ("Sheet", "What it holds")
ONE_TABLE = "This sheet has one table."
SHORTHAND = ": shorthand"
PEOPLE = ("people_least", "people_most")

Side = Literal["reference", "group", "unknown"]


@dataclass(frozen=True)
class Counted:
    """One group of a row: whom it is of and how many there are, as the policy tells it."""

    row: Estimate
    side: Side

    @property
    def base(self) -> Number:
        """How many people, events or answers there are in all."""
        found: Number = getattr(self.row, f"{self.side}_base")
        return found

    @property
    def events(self) -> Number:
        """To how many of them it happened."""
        found: Number = getattr(self.row, f"{self.side}_events")
        return found

    def status(self, part: Literal["base", "events"]) -> str:
        """Return what stands in place of a count."""
        found: str = getattr(self.row, f"{self.side}_{part}_status")
        return found


Row = Estimate | Line | Counted


@dataclass(frozen=True)
class Column:
    """A column of a table: how it is headed, how wide and in what form, and the words or the field it takes from a row."""

    heading: str
    words: Callable[[Any], str] | None = None
    field: str = ""
    form: str = "General"
    width: int = 12

    @property
    def decimals(self) -> int:
        """With how many decimals its numbers are told at the most: as in the tables of the release."""
        return 4 if self.form == "0.0000" else 2


@dataclass(frozen=True)
class Sheet:
    """A sheet with one table: its name, its title, who may read it, how to read it, and the table."""

    name: str
    title: str
    marking: str
    how_to_read: str
    columns: tuple[Column, ...]
    rows: tuple[Any, ...]


@dataclass(frozen=True)
class Cover:
    """The first sheet: its title, what a reader has in hand, and what it is about."""

    title: str
    intro: tuple[str, ...]
    about: tuple[str, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """All that it says, with the headings that gptables gives it, from top to bottom."""
        return (self.title, INTRODUCTION, *self.intro, ABOUT, *self.about)


@dataclass(frozen=True)
class Book:
    """The whole workbook: its cover, its notes, its tables, and who may read it."""

    cover: Cover
    notes: Sheet
    tables: tuple[Sheet, ...]
    marking: str
    organisation: str
    end: dt.date


def number_of(row: Row, field: str) -> Number:
    """Return the number that a field of a row tells, unrounded; None where there is none, or it has no end."""
    if field in PEOPLE and isinstance(row, Estimate):
        return float(row.parity[field == "people_most"]) if row.parity else None
    found: Number = getattr(row, field)
    return None if found is None or math.isinf(found) else found


def plain(text: str) -> str:
    """Return a name as a cell may have it: no mark that turns text, no formula, no link, no markup, never empty.

    gptables makes a link of ``[words](address)`` and a note of ``$$words$$``, and takes no cell without a letter or a
    digit; xlsxwriter takes ``<r>`` at the beginning for markup of its own.
    """
    told = label(text).replace("](", "] (").replace("$$", "$ $")
    if not re.search("[A-Za-z0-9]", told):
        told = f"called {told}" if told else "no name"
    return f"'{told}" if told.startswith("<r>") else without_formula(told)
