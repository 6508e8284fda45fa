"""The profile of a dataset's records in one quarter: numbers that say whether it looks like earlier ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from disparity.datasets.contract import Dataset, Vocabulary
from disparity.ethnicity import GROUPS

SCHEMA = pl.Schema({"measure": pl.String, "column": pl.String, "category": pl.String, "value": pl.Float64})

_ETHNICITIES = {"ethnicity": GROUPS, "ethnicity_answer": ("known", "declined", "not_known")}


def profile(records: pl.LazyFrame, dataset: Dataset, vocabulary: Vocabulary) -> pl.DataFrame:
    """Count what there is in a dataset's records, in one streaming pass.

    One row per number: ``measure``, ``column``, ``category``, ``value``; column and category are "" where a
    measure has none. The measures are ``rows``; ``nulls``, per column of the contract; ``share``, in percent
    of all rows, per allowed value (nought included), per ``true`` and ``false``, per comparison group and per
    kind of answer on ethnicity; ``sum``, for numbers and pounds. No rows have no shares.
    """
    described = dataset.columns(vocabulary)
    kinds = {name: column.kind for name, column in described.items()}
    values = {name: column.allowed for name, column in described.items() if kinds[name] == "category"}
    numbers = {
        ("rows", "", ""): pl.len(),
        **{("nulls", name, ""): pl.col(name).null_count() for name in kinds},
        **{("share", *key): true.sum() * 100 / pl.len() for key, true in _shares(kinds, values)},
        **{
            ("sum", name, ""): pl.col(name).sum()
            for name, kind in kinds.items()
            if kind in ("whole number", "number", "pounds")
        },
    }
    counted = records.select(
        number.cast(pl.Float64).alias(str(at)) for at, number in enumerate(numbers.values())
    ).collect(engine="streaming")
    rows = [(*key, value) for key, value in zip(numbers, counted.row(0), strict=True)]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row").filter(pl.col("value").is_finite())


def _shares(
    kinds: Mapping[str, str], values: Mapping[str, tuple[str, ...] | None]
) -> Iterator[tuple[tuple[str, str], pl.Expr]]:
    for name, kind in kinds.items():
        if kind == "flag":
            yield (name, "true"), pl.col(name)
            yield (name, "false"), ~pl.col(name)
        # A category of any text has no shares: a profile never holds what somebody typed.
        for value in values.get(name) or ():
            yield (name, value), pl.col(name) == value
    for name, listed in _ETHNICITIES.items():
        for value in listed:
            yield (name, value), pl.col(name) == value
