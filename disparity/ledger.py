"""The ledger: what every cell of a release truly was, what was shown of it and what it could be, for later audits."""

from __future__ import annotations

import polars as pl

from disparity.counts import CELLS

_KEYS = ("indicator", "breakdown", "level")


def ledger_of(counts: pl.DataFrame, protected: pl.DataFrame) -> pl.DataFrame:
    """Return one row per cell that has a count: keys, cell, true_count, shown (null if hidden), low and high.

    ``counts`` and ``protected`` are the same indicators before and after a policy. For the owner-only database alone.
    """
    cells = [
        counts.select(*_KEYS, true_count=cell)
        .join(
            protected.select(*_KEYS, shown=f"{cell}_shown", low=f"{cell}_low", high=f"{cell}_high"),
            on=_KEYS,
            how="inner",
        )
        .with_columns(cell=pl.lit(cell))
        for cell in CELLS
    ]
    told = pl.concat(cells).filter(pl.col("true_count").is_not_null())
    return told.select(*_KEYS, "cell", "true_count", "shown", "low", "high").sort(*_KEYS, "cell")
