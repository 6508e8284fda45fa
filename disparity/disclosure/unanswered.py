"""Unanswered: how many of those asked gave no answer, as a policy lets it be known, and when it is to be said.

A row is unanswered where it is not known whether the base is true of it or, where it is, what became of it. What is said
follows from protected counts alone, and a reader is taken to know these as far as they go: where nothing is said he knows
that as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from disparity.catalogue.indicators import ALL, Indicator, Rows, Share
from disparity.catalogue.policies import NoProtection, Policy
from disparity.counts.cells import CELLS
from disparity.disclosure.released_counts import Before, both, rounded
from disparity.populations.people import UNANSWERED, People

SHARE_SAID = 50
"""Said where one in so many, or more, of those asked gave no answer: 2%."""

Ints = NDArray[np.int64]
_Row = Mapping[str, Any]

_BASES = ("reference_base", "group_base", "unknown_base")


def unanswered_columns(counts: pl.DataFrame, policy: Policy | NoProtection, least: Ints) -> list[pl.Series]:
    """Return ``unanswered_shown``, ``_low`` and ``_high`` of each whole that has a count, null elsewhere.

    Fewer than ``least`` of a row are hidden, and so is whether there are any: nobody's zero is to be told from a few.
    """
    true = counts["unanswered"].fill_null(0).to_numpy().astype(np.int64)
    there = counts.select(
        (pl.col("breakdown") == ALL) & pl.any_horizontal(pl.col(CELLS).is_not_null())
    ).to_series()
    if isinstance(policy, NoProtection):
        shown, low, high, told = true, true, true, np.full(len(true), fill_value=True)
    else:
        told, shown = true >= least, rounded(true, policy)
        low = np.where(told, np.maximum(shown - policy.round_to // 2, least), 0)
        high = np.where(told, shown + (policy.round_to - 1) // 2, np.maximum(least - 1, 0))
    kept = {
        "shown": (shown, there.to_numpy() & told),
        "low": (low, there.to_numpy()),
        "high": (high, there.to_numpy()),
    }
    return [
        pl.Series(
            f"{UNANSWERED}_{name}",
            [n if known else None for n, known in zip(of.tolist(), at.tolist(), strict=True)],
            dtype=pl.Int64,
        )
        for name, (of, at) in kept.items()
    ]


def unanswered_in(counts: pl.DataFrame, people: Mapping[str, Mapping[str, People]]) -> dict[People, int]:
    """Return how many those who did not answer truly are, of every whole that names them."""
    wholes = counts.filter(pl.col("breakdown") == ALL).select("indicator", "unanswered")
    return {
        people[name][UNANSWERED]: count or 0
        for name, count in wholes.iter_rows()
        if UNANSWERED in people[name]
    }


def told_of_unanswered(
    protected: pl.DataFrame, people: Mapping[str, Mapping[str, People]]
) -> Iterator[tuple[People, Before]]:
    """Yield what protected counts leave open of those who did not answer, where it is known whom they were asked with.

    They are not hidden on their own account: who is left of a base is a secret of what it is taken from.
    """
    if f"{UNANSWERED}_low" not in protected.columns:
        return  # Kept before this was known.
    rows = protected.filter(pl.col(f"{UNANSWERED}_low").is_not_null())
    for name, low, high in rows.select("indicator", f"{UNANSWERED}_low", f"{UNANSWERED}_high").iter_rows():
        if UNANSWERED in people[name]:
            yield people[name][UNANSWERED], Before(low, high, hidden=False)


def known_too(known: Mapping[People, Before], told: Iterable[tuple[People, Before]]) -> dict[People, Before]:
    """Return what a reader knows once he was told this as well."""
    together = dict(known)
    for people, of_them in told:
        together[people] = both(together.get(people, of_them), of_them)
    return together


def lacking_answers(protected: pl.DataFrame, indicators: Mapping[str, Indicator]) -> list[str]:
    """Return the indicators of which one in `SHARE_SAID` or more of those asked gave no answer."""
    return [name for name, row in _wholes(protected, indicators).items() if _many(row, indicators[name])]


def _many(row: _Row, indicator: Indicator) -> bool:
    without = row.get(f"{UNANSWERED}_shown")
    if not without:
        return False
    # Those of unknown ethnicity stand in the sides of a share, and apart from the groups anywhere else.
    bases = _BASES[:2] if isinstance(indicator, Share) else _BASES
    return SHARE_SAID * int(without) >= sum(_at_least(row, each) for each in bases) + int(without)


def _at_least(row: _Row, cell: str) -> int:
    """Return a count as it is shown, or the least that a hidden one can be; 0 where there is none."""
    return int(row[f"{cell}_shown"] or row[f"{cell}_low"] or 0)


def broken_stages(protected: pl.DataFrame, indicators: Mapping[str, Indicator]) -> list[tuple[str, str]]:
    """Return each stage and the next whose base is not the events of the first, by more than protection explains."""
    wholes = _wholes(protected, indicators)
    pairs = dict.fromkeys(
        pair for each in indicators.values() if isinstance(each, Rows) for pair in pairwise(each.stages)
    )
    return [
        (before, after)
        for before, after in pairs
        if before in wholes and after in wholes and _apart(wholes[before], wholes[after])
    ]


def _apart(before: _Row, after: _Row) -> bool:
    """Return whether the events of one and the base of the other cannot be the same count, in any group."""
    for group in ("reference", "group", "unknown"):
        low, high = (before[f"{group}_events_{end}"] for end in ("low", "high"))
        least, most = (after[f"{group}_base_{end}"] for end in ("low", "high"))
        if None not in (low, high, least, most) and (low > most or least > high):
            return True
    return False


def _wholes(protected: pl.DataFrame, indicators: Mapping[str, Indicator]) -> dict[str, _Row]:
    """Return the row of each indicator's whole, in the order of the catalogue."""
    rows = {
        row["indicator"]: row for row in protected.filter(pl.col("breakdown") == ALL).iter_rows(named=True)
    }
    return {name: rows[name] for name in indicators if name in rows}
