"""Reading text as a value of each kind; what cannot be a value of its column does not pass the door."""

from __future__ import annotations

import polars as pl

from disparity.datasets.contract import Column, Kind, Vocabulary
from disparity.datasets.identifiers import identified, is_marked
from disparity.periods import FIRST_YEAR, LAST_YEAR

FLAG_WORDS = dict.fromkeys(("true", "t", "yes", "y", "1"), True) | dict.fromkeys(
    ("false", "f", "no", "n", "0"), False
)
_ISO_DAY = r"^\d{4}-\d{2}-\d{2}$"
# A comma stands between thousands; "2,5" is refused, not read as 25.
_PLAIN_NUMBER = r"^[+-]?£?(\d+|\d{1,3}(,\d{3})+)?(\.\d*)?$"

UNREADABLE = "unreadable"

WITHHELD = "(withheld)"
"""Stands for text that is not a value of its column. It is rejected like any other wrong value, and says nothing."""

_RULE_WITHHELD = r"^\(withheld: (.+)\)$"


def withheld(rule: str) -> str:
    """Return what stands for text that breaks a rule: it says the rule, in words of ours, and nothing of the text."""
    return f"{WITHHELD[:-1]}: {rule})"


def rule_withheld(text: pl.Expr) -> pl.Expr:
    """Return the rule that received text was withheld by; null where it says none."""
    return text.str.extract(_RULE_WITHHELD)


def read(text: pl.Expr, kind: Kind) -> pl.Expr:
    """Read text as its kind; null where it cannot be read. Texts of categories and codes stay as they are, and
    identifiers unless they are marked.

    A date is in ISO form and of a sensible year.
    """
    match kind:
        case "date":
            day = pl.when(text.str.contains(_ISO_DAY)).then(text).str.to_date("%Y-%m-%d", strict=False)
            return pl.when(day.dt.year().is_between(FIRST_YEAR, LAST_YEAR)).then(day)
        case "flag":
            return text.str.to_lowercase().replace_strict(FLAG_WORDS, default=None, return_dtype=pl.Boolean)
        case "number" | "pounds":
            plain = pl.when(text.str.contains(_PLAIN_NUMBER)).then(text)
            value = plain.str.replace_all(r"[£,]", "").cast(pl.Float64, strict=False)
            return pl.when(value.is_finite()).then(value)
        case "whole number":
            return text.cast(pl.Int64, strict=False)
        case "identifier":
            return pl.when(~is_marked(text)).then(text)
        case _:
            return text


def passed(text: pl.Expr, described: Column, vocabulary: Vocabulary) -> pl.Expr:
    """Return ``text`` where it can be a value of its column, and ``WITHHELD`` elsewhere; null stays null.

    An identifier passes, to be replaced by its pseudonym; where text stands for nobody, a marker says why.
    """
    match described.kind:
        case "identifier":
            return identified(text)
        case "ethnicity":
            can_be = text.str.to_lowercase().is_in(list(vocabulary.ethnic_words))
        case "category":
            can_be = text.is_in(list(described.allowed or ()))
        case kind:
            can_be = read(text, kind).is_not_null()
    return pl.when(text.is_null() | can_be).then(text).otherwise(pl.lit(WITHHELD))
