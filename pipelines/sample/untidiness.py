"""What goes wrong with real extracts, in known amounts: rows sent twice, late rows, codes nobody knows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

_TWICE, _LATE, _UNKNOWN = 0.006, 0.006, 0.004
"""Shares of an extract's rows: together far below the 5% at which it is refused, none in a small one."""


@dataclass(frozen=True)
class Planted:
    """How many rows of an extract were made wrong on purpose, and how many a source's settings leave out."""

    sent_twice: int = 0
    late: int = 0
    unknown_codes: int = 0
    left_out: int = 0


def untidy(
    rows: pl.DataFrame, late: pl.DataFrame | None, code: str, unknown_word: str, rng: np.random.Generator
) -> tuple[pl.DataFrame, Planted]:
    """Return a supplier's rows with a few unknown ethnic codes, a few rows twice and a few late.

    ``late`` holds the rows of the quarter before that could turn up again, or None; ``code`` heads the
    ethnicity column, and an extract without one gets no unknown codes.
    """
    twice, unknown = int(rows.height * _TWICE), int(rows.height * _UNKNOWN)
    places = rng.permutation(rows.height)
    wrong = pl.Series(np.isin(np.arange(rows.height), places[:unknown]))
    if code in rows.columns:
        given = pl.when(wrong).then(pl.lit(unknown_word)).otherwise(pl.col(code))
        changed = rows.with_columns(given.alias(code))
    else:
        changed, unknown = rows, 0
    parts = [changed, changed[places[unknown : unknown + twice]]]
    again = 0
    if late is not None:
        again = min(int(rows.height * _LATE), late.height)
        parts.append(late[rng.permutation(late.height)[:again]])
    return pl.concat(parts), Planted(sent_twice=twice, late=again, unknown_codes=unknown)
