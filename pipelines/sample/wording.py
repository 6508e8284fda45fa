"""How suppliers word things: what a supplier is, and dates, flags, codes and free text as they write them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

from pipelines.sample.files import FileShape

Words = Callable[[pl.DataFrame, np.random.Generator], pl.DataFrame]


@dataclass(frozen=True)
class Supplier:
    """One dataset's supplier: its words, file, ethnicity heading, a code nobody knows, its date heading."""

    words: Words
    shape: FileShape
    ethnicity: str = ""
    unknown_word: str = ""
    late_where: str = ""


INVENTED = "INVENTED SAMPLE - about nobody"
_REMARKS = ("", "Rang to confirm", "Course was £30 more", "Invented remark", "Asked about parking", "")
_BRITISH_CODES = ("C2", "CA", "CB", "CC", "CD")


def day(column: str, form: str = "%d/%m/%Y") -> pl.Expr:
    """Write a day since 1970 as text, blank where there is none."""
    return pl.from_epoch(column, time_unit="d").dt.strftime(form).fill_null("")


def flag(column: str, yes: str, no: str) -> pl.Expr:
    """Write a flag in the supplier's two words."""
    return pl.when(column).then(pl.lit(yes)).otherwise(pl.lit(no))


def words(column: str, their_words: dict[str, str]) -> pl.Expr:
    """Write a value in the supplier's word for it."""
    return pl.col(column).replace_strict(their_words, default="", return_dtype=pl.String)


def category(their_words: dict[str, str]) -> pl.Expr:
    """Word a code by its 16+1 category: the supplier has no finer ones. What was never recorded is blank."""
    category = (
        pl.when(pl.col("code").is_in(_BRITISH_CODES))
        .then(pl.lit("A"))
        .otherwise(pl.col("code").str.slice(0, 1))
    )
    return category.replace_strict(their_words, default="", return_dtype=pl.String)


def remarks(rows: pl.DataFrame, rng: np.random.Generator) -> pl.Series:
    """Write free text, which no pipeline may take in."""
    return pl.Series(rng.choice(_REMARKS, rows.height), dtype=pl.String)


def full_name() -> pl.Expr:
    """Write a name, which no pipeline may take in."""
    return pl.concat_str("first_name", "last_name", separator=" ")
