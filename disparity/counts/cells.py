"""Cells: the columns of a row of counts, of whom each is."""

from __future__ import annotations

import polars as pl

CELLS = ("reference_base", "reference_events", "group_base", "group_events", "unknown_base", "unknown_events")
TOTALS = ("reference_total", "reference_squares", "group_total", "group_squares")
LARGEST = ("reference_largest", "reference_second", "group_largest", "group_second")
"""The two largest of the values that a sum is of, where it is of pounds: what one person's part of it may be."""
WITHIN = ("reference_within", "group_within", "within_variance")
"""Over strata (the shortlists of single vacancies): events weighted by the other group's part of the stratum, and the
variance of their difference at equal chances."""

COUNTS = pl.Schema(
    {
        "indicator": pl.String,
        "breakdown": pl.String,
        "level": pl.String,
        **dict.fromkeys(CELLS, pl.Int64),
        **dict.fromkeys(TOTALS, pl.Float64),
        **dict.fromkeys(LARGEST, pl.Float64),
        **dict.fromkeys(WITHIN, pl.Float64),
        "unit": pl.String,
        "of": pl.String,
        "as_of": pl.String,
        "unanswered": pl.Int64,
        "missing": pl.String,
    }
)
