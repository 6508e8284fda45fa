"""Disclosure control: from a true count to what an audience may know of it, an interval of possible counts.

Primary protection is the policy's rule for one cell. A count of nought stays nought, a small one becomes ``[c]``, others are
rounded. Then each table is looked at as a reader with the published rounding rule would: where the parts and the whole of a
table pin a hidden count down to fewer values than the policy's ``least_interval``, a further cell is hidden.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from disparity.catalogue.policies import NoProtection, Policy
from disparity.counts import ALL, CELLS

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

HIDDEN = "[c]"
ABSENT = "[x]"
BEYOND = 10_000_000  # the greatest count of a cell that was hidden for another's sake: nothing is told of its size


def protect(counts: pl.DataFrame, policy: Policy | NoProtection) -> pl.DataFrame:
    """Return the counts after a policy.

    Every cell ``x`` becomes ``x_shown`` (null where hidden or absent), ``x_low`` and ``x_high`` (the counts it could be, both
    inclusive) and ``x_status`` (``""``, ``[c]`` or ``[x]``). Sums become ``x_total`` rounded to whole steps of pounds and
    ``x_deviation``, the standard deviation per head, both null where the people behind them are hidden. No true count is left.
    """
    true = np.column_stack([counts[cell].fill_null(-1).to_numpy() for cell in CELLS]).astype(np.int64)
    absent = true < 0
    if isinstance(policy, NoProtection):
        hidden = np.zeros_like(absent)
        shown, low, high = true, true, true
    else:
        hidden = (true > 0) & (true < policy.threshold)
        hidden = _with_further_cells(counts, true, hidden, policy)
        shown, low, high = _bounds(true, hidden, policy)
    untold = absent | hidden
    columns: dict[str, object] = {}
    for index, cell in enumerate(CELLS):
        columns[f"{cell}_shown"] = pl.Series(shown[:, index]).zip_with(~pl.Series(untold[:, index]), _nothing(len(true)))
        columns[f"{cell}_low"] = pl.Series(low[:, index]).zip_with(~pl.Series(absent[:, index]), _nothing(len(true)))
        columns[f"{cell}_high"] = pl.Series(high[:, index]).zip_with(~pl.Series(absent[:, index]), _nothing(len(true)))
        columns[f"{cell}_status"] = np.select(
            [absent[:, index], hidden[:, index]], [ABSENT, HIDDEN], default=""
        ).astype(object)
    kept = counts.select("indicator", "breakdown", "level", "missing")
    return kept.with_columns(**{name: _series(name, values) for name, values in columns.items()}).with_columns(
        **_sums(counts, pl.Series(hidden[:, 1]), pl.Series(hidden[:, 3]), policy)
    )


def _nothing(length: int) -> pl.Series:
    return pl.Series([None] * length, dtype=pl.Int64)


def _series(name: str, values: object) -> pl.Series:
    return values if isinstance(values, pl.Series) else pl.Series(name, values, dtype=pl.String)  # type: ignore[arg-type]


def _bounds(true: Ints, hidden: Bools, policy: Policy) -> tuple[Ints, Ints, Ints]:
    """Return what is shown and the least and greatest count it can stand for, knowing the policy."""
    step = policy.round_to
    shown = step * ((true + step // 2) // step)
    low = np.maximum(shown - step // 2, policy.threshold)
    high = shown + (step - 1) // 2
    nought = true == 0
    # A cell hidden for another's sake may be of any size; its reader knows no more than that it is not nought.
    small = hidden & (true < policy.threshold)
    further = hidden & ~small
    low = np.select([nought, hidden], [0, 1], default=low)
    high = np.select([nought, further, small], [0, BEYOND, policy.threshold - 1], default=high)
    return np.where(nought, 0, shown), low, high


def _with_further_cells(counts: pl.DataFrame, true: Ints, hidden: Bools, policy: Policy) -> Bools:
    """Hide further cells until no table narrows a hidden count below the policy's least interval."""
    hidden = hidden.copy()
    tables = _tables(counts)
    for _ in range(len(true) + 1):
        before = int(hidden.sum())
        for whole, parts in tables:
            for column in range(len(CELLS)):
                _close(true, hidden, whole, parts, column, policy)
        if int(hidden.sum()) == before:
            break
    return hidden


def _tables(counts: pl.DataFrame) -> list[tuple[int, Ints]]:
    """Return the row of each whole and the rows of its parts: the levels of a breakdown add up to all."""
    rows = counts.select("indicator", "breakdown").with_row_index("row")
    wholes = dict(rows.filter(pl.col("breakdown") == ALL).select("indicator", "row").iter_rows())
    parts = rows.filter(pl.col("breakdown") != ALL).group_by("indicator", "breakdown", maintain_order=True).agg("row")
    return [(wholes[indicator], np.array(levels)) for indicator, _, levels in parts.iter_rows() if indicator in wholes]


def _close(true: Ints, hidden: Bools, whole: int, parts: Ints, column: int, policy: Policy) -> None:
    """Hide the smallest told part of one table's column while a hidden part can be told too closely."""
    while True:
        secret = [int(row) for row in parts if hidden[row, column]]
        if not secret or hidden[whole, column] or true[whole, column] < 0:
            return
        _, low, high = _bounds(true[:, column], hidden[:, column], policy)
        others = np.array([row for row in parts if true[row, column] >= 0])
        for row in secret:
            rest = others[others != row]
            least = max(int(low[row]), int(low[whole] - high[rest].sum()))
            most = min(int(high[row]), int(high[whole] - low[rest].sum()))
            if most - least + 1 < min(policy.least_interval, int(high[row] - low[row]) + 1):
                break
        else:
            return
        told = [int(row) for row in parts if true[row, column] > 0 and not hidden[row, column]]
        if not told:
            hidden[whole, column] = True
            return
        hidden[min(told, key=lambda row: (int(true[row, column]), row)), column] = True


def _sums(
    counts: pl.DataFrame, hidden_reference: pl.Series, hidden_group: pl.Series, policy: Policy | NoProtection
) -> dict[str, pl.Expr]:
    """Round sums of money, and hide them with the people they were spent on."""
    made: dict[str, pl.Expr] = {}
    for side, hidden in (("reference", hidden_reference), ("group", hidden_group)):
        n = counts[f"{side}_base"].cast(pl.Float64)
        total, squares = counts[f"{side}_total"], counts[f"{side}_squares"]
        spread = (((squares - total * total / n) / (n - 1)).clip(0)).sqrt()
        made[f"{side}_total"] = pl.lit(_rounded(total, policy, 1).zip_with(~hidden, _no_sum(len(counts))))
        made[f"{side}_deviation"] = pl.lit(_rounded(spread, policy, 10).zip_with(~hidden, _no_sum(len(counts))))
    return made


def _no_sum(length: int) -> pl.Series:
    return pl.Series([None] * length, dtype=pl.Float64)


def _rounded(values: pl.Series, policy: Policy | NoProtection, finer: int) -> pl.Series:
    if isinstance(policy, NoProtection):
        return values
    step = max(policy.pounds_round_to / finer, 1)
    return (values / step).round() * step


def shown_count(true: int, policy: Policy) -> str:
    """Word a single count as a policy lets it be shown: ``0``, ``[c]`` or a rounded number."""
    if true == 0:
        return "0"
    step = policy.round_to
    return HIDDEN if true < policy.threshold else f"{step * ((true + step // 2) // step):,}"
