"""Sums after a policy: means, sums of money and what is summed over strata, rounded, or hidden with the people behind."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray

from disparity.catalogue.indicators import ALL
from disparity.catalogue.policies import NoProtection, Policy
from disparity.counts.cells import WITHIN
from disparity.rounding import half_up

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

# What a mean is rounded to where it is not in pounds: half an hour, a tenth of a point on a scale.
_STEPS = {"hours": 0.5, "points": 0.1}


def known_where(name: str, values: Ints | Floats, told: Bools) -> pl.Series:
    """Return a column that is null where it is not told."""
    kind = pl.Int64 if values.dtype == np.int64 else pl.Float64
    kept = [value if tell else None for value, tell in zip(values.tolist(), told.tolist(), strict=True)]
    return pl.Series(name, kept, dtype=kind)


def sums(
    counts: pl.DataFrame, true: Ints, hidden: Bools, policy: Policy | NoProtection, least: Ints
) -> list[pl.Series]:
    """Round means and sums of money, and hide them with the people behind them; ``least`` people of each row are told."""
    pounds = 0 if isinstance(policy, NoProtection) else policy.pounds_round_to
    units = counts["unit"].to_list()
    step = np.array([0.0 if pounds == 0 else _STEPS.get(unit, float(pounds)) for unit in units])
    spent = counts["reference_squares"].is_null().to_numpy()
    columns: list[pl.Series] = []
    for side, people in (("reference", 0), ("group", 2)):
        total, squares = (
            counts[f"{side}_{name}"].cast(pl.Float64).fill_null(np.nan).to_numpy()
            for name in ("total", "squares")
        )
        n = true[:, people].astype(float)
        with np.errstate(divide="ignore", invalid="ignore"):
            mean = np.where(n > 0, total / n, np.nan)
            deviation = np.sqrt(np.maximum((squares - total * mean) / np.where(n > 1, n - 1, np.nan), 0))
        # A share of a sum stands on the people paid for, on either side; a mean on its own side's people.
        closed = np.where(spent, hidden[:, 2:4].any(axis=1), hidden[:, people : people + 2].any(axis=1))
        if not isinstance(policy, NoProtection):
            without = true[:, 2] - true[:, 3]
            closed |= spent & (without > 0) & (without < least)
            closed |= _dominated(counts, side, total, policy)
            closed = _with_a_second(counts, closed, np.where(spent, true[:, 2], true[:, people]))
        columns.append(
            known_where(f"{side}_total", _to_step(total, step), spent & ~closed & np.isfinite(total))
        )
        for name, values in (("mean", mean), ("deviation", deviation)):
            near = _to_step(values, step)
            told = ~spent & ~closed & np.isfinite(values)
            columns += [
                known_where(f"{side}_{name}", near, told),
                known_where(f"{side}_{name}_low", np.maximum(near - step / 2, 0), told),
                known_where(f"{side}_{name}_high", near + step / 2, told),
            ]
    return columns


def _dominated(counts: pl.DataFrame, side: str, total: Floats, policy: Policy) -> Bools:
    """Return where one or two people's part of a sum of pounds is so large that the sum would tell it.

    The p% rule and the (n, k) rule for n = 2, as in Hundepool and others (2012), Statistical Disclosure Control, 4.2.
    """
    largest, second = (
        counts[f"{side}_{name}"].cast(pl.Float64).fill_null(0).to_numpy() for name in ("largest", "second")
    )
    rule, two = policy.dominance, largest + second
    # What a sum less its largest two leaves is rounded in its last digits alone.
    known = 100 * (total - two) < rule.remainder_percent * largest - 1e-6
    large = 100 * two > rule.two_largest_percent * total + 1e-6
    of_pounds = counts["unit"].eq_missing("pounds").to_numpy() & (largest > 0)
    dominated: Bools = of_pounds & (known | large)
    return dominated


def within(
    counts: pl.DataFrame, true: Ints, hidden: Bools, policy: Policy | NoProtection, least: Ints
) -> Iterator[pl.Series]:
    """Round what is summed over strata as counts are, and hide it with the people behind it or where it is small.

    Hidden too beside few who were not of the events: over a single stratum these sums would tell how few.
    """
    step = 0 if isinstance(policy, NoProtection) else policy.round_to
    few = (true[:, :4:2] - true[:, 1:4:2] < least[:, np.newaxis]).any(axis=1)
    values = {name: counts[name].fill_null(np.nan).to_numpy() for name in WITHIN}
    told = ~hidden & ~few & np.all([np.isfinite(each) & (each >= least) for each in values.values()], axis=0)
    for name, exact in values.items():
        near = _to_step(exact, np.full(len(exact), float(step)))
        yield known_where(f"{name}_low", np.maximum(near - step / 2, 0), told)
        yield known_where(f"{name}_high", near + step / 2, told)


def _to_step(values: Floats, step: Floats) -> Floats:
    return np.where(step > 0, half_up(values / np.where(step > 0, step, 1)) * step, values)


def _with_a_second(counts: pl.DataFrame, hidden: Bools, people: Ints) -> Bools:
    """Hide a second level of a breakdown where one alone is hidden: the others would tell it."""
    hidden = hidden.copy()
    rows = counts.select("indicator", "breakdown").with_row_index("row")
    wholes = dict(rows.filter(pl.col("breakdown") == ALL).select("indicator", "row").iter_rows())
    parts = rows.filter(pl.col("breakdown") != ALL).group_by("indicator", "breakdown", maintain_order=True)
    for indicator, _, levels in parts.agg("row").iter_rows():
        secret = [row for row in levels if hidden[row]]
        if len(secret) != 1 or indicator not in wholes:
            continue
        told = [row for row in levels if not hidden[row] and people[row] > 0]
        hidden[min(told, key=lambda row: (int(people[row]), row), default=wholes[indicator])] = True
    return hidden
