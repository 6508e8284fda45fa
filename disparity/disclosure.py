"""Disclosure control: from a true count to what an audience may know of it, an interval of possible counts.

The policy's rule for one cell comes first: nought stays nought, a small count becomes ``[c]``, others are
rounded. Then what adds up is looked at as a reader with the published rule would
(:mod:`disparity.complements`), and where a hidden count could be told too closely a further one is hidden.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from disparity.catalogue.policies import NoProtection, Policy
from disparity.complements import BEYOND, TOLD, Before, bounds, rounded, states_of
from disparity.counts import ALL, BROAD_GROUP, CELLS, WITHIN
from disparity.populations import People

__all__ = ["ABSENT", "BEYOND", "HIDDEN", "protect", "shown_count"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

HIDDEN = "[c]"
ABSENT = "[x]"

# What a mean is rounded to where it is not in pounds: half an hour, a tenth of a point on a scale.
_STEPS = {"hours": 0.5, "points": 0.1}


def protect(
    counts: pl.DataFrame,
    policy: Policy | NoProtection,
    people: Mapping[str, Mapping[str, People]],
    before: Mapping[People, Before] | None = None,
) -> pl.DataFrame:
    """Return the counts after a policy, row by row.

    Every cell ``x`` becomes ``x_shown`` (null where hidden or absent), ``x_low`` and ``x_high`` (the counts
    it could be, both inclusive) and ``x_status`` (``""``, ``[c]`` or ``[x]``). Of each side ``reference`` and
    ``group``, ``_mean`` and ``_deviation`` (standard deviation) are in the indicator's unit a head, rounded,
    with ``_low`` and ``_high``; ``_total`` is a sum of money where its shares are compared; all null where
    the people behind them are hidden. Each of `WITHIN` has ``_low`` and ``_high``, null likewise. Nothing else
    depends on the true counts. Rows of `BROAD_GROUP` are left out where the policy does not let the broad
    groups be told apart.

    ``people`` says whom the cells of each indicator's whole count (:mod:`disparity.populations`), ``before`` what
    readers were told of people already. Protect counts that are read together in one call: what adds up across
    indicators is seen only there.
    """
    if isinstance(policy, Policy) and not policy.broad_groups:
        counts = counts.filter(pl.col("breakdown") != BROAD_GROUP)
    true = true_counts(counts)
    absent = true < 0
    if isinstance(policy, NoProtection):
        hidden, shown, low, high = np.zeros_like(absent), true, true, true
    else:
        state = _states_of_cells(counts, true, policy, people, before)
        hidden, shown, (low, high) = state != TOLD, rounded(true, policy), bounds(true, state, policy)
    columns: list[pl.Series] = []
    for index, cell in enumerate(CELLS):
        gone, untold = absent[:, index], absent[:, index] | hidden[:, index]
        columns += [
            _known(f"{cell}_shown", shown[:, index], ~untold),
            _known(f"{cell}_low", low[:, index], ~gone),
            _known(f"{cell}_high", high[:, index], ~gone),
            pl.Series(f"{cell}_status", np.select([gone, untold], [ABSENT, HIDDEN], "").astype(str).tolist()),
        ]
    kept = counts.select("indicator", "breakdown", "level", "missing")
    return kept.with_columns(
        *columns,
        *_sums(counts, true, hidden, policy),
        *_within(counts, np.asarray(hidden[:, :4].any(axis=1)), policy),
    )


def true_counts(counts: pl.DataFrame) -> Ints:
    """Return the cells of counts as an array, rows by `CELLS`, -1 where absent."""
    return np.column_stack([counts[cell].fill_null(-1).to_numpy() for cell in CELLS]).astype(np.int64)


def people_in(
    counts: pl.DataFrame, true: Ints, people: Mapping[str, Mapping[str, People]]
) -> tuple[dict[People, int], Ints]:
    """Return the count of all different people, and which of them each cell (rows by `CELLS`) is, -1 where absent.

    Two counts of the same people that differ, because one of them lacks an answer, are kept apart.
    """
    counted: dict[People, int] = {}
    number_of: dict[People, int] = {}
    cells = np.full(true.shape, -1)
    rows = counts.select("indicator", "breakdown", "level").iter_rows()
    for at, (indicator, breakdown, level) in enumerate(rows):
        for index in np.flatnonzero(true[at] >= 0).tolist():
            count = int(true[at, index])
            named = people[indicator][CELLS[index]].of_row(breakdown, level)
            if counted.get(named, count) != count:
                named = named._replace(conditions=named.conditions | {f"as counted by {indicator}"})
            counted.setdefault(named, count)
            cells[at, index] = number_of.setdefault(named, len(number_of))
    return counted, cells


def _states_of_cells(
    counts: pl.DataFrame,
    true: Ints,
    policy: Policy,
    people: Mapping[str, Mapping[str, People]],
    before: Mapping[People, Before] | None,
) -> Ints:
    counted, cells = people_in(counts, true, people)
    of_people = np.fromiter(counted.values(), np.int64, len(counted))
    return np.append(states_of(list(counted), of_people, policy, before), TOLD)[cells]


def _known(name: str, values: Ints | Floats, told: Bools) -> pl.Series:
    """Return a column that is null where it is not told."""
    kind = pl.Int64 if values.dtype == np.int64 else pl.Float64
    kept = [value if tell else None for value, tell in zip(values.tolist(), told.tolist(), strict=True)]
    return pl.Series(name, kept, dtype=kind)


def _sums(counts: pl.DataFrame, true: Ints, hidden: Bools, policy: Policy | NoProtection) -> list[pl.Series]:
    """Round means and sums of money, and hide them with the people behind them."""
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
            closed |= spent & (without > 0) & (without < policy.threshold)
            closed = _with_a_second(counts, closed, np.where(spent, true[:, 2], true[:, people]))
        columns.append(_known(f"{side}_total", _to_step(total, step), spent & ~closed & np.isfinite(total)))
        for name, values in (("mean", mean), ("deviation", deviation)):
            near = _to_step(values, step)
            told = ~spent & ~closed & np.isfinite(values)
            columns += [
                _known(f"{side}_{name}", near, told),
                _known(f"{side}_{name}_low", np.maximum(near - step / 2, 0), told),
                _known(f"{side}_{name}_high", near + step / 2, told),
            ]
    return columns


def _within(counts: pl.DataFrame, hidden: Bools, policy: Policy | NoProtection) -> Iterator[pl.Series]:
    """Round what is summed over strata as counts are, and hide it with the people behind it or where it is small."""
    step, least = (0, 0) if isinstance(policy, NoProtection) else (policy.round_to, policy.threshold)
    values = {name: counts[name].fill_null(np.nan).to_numpy() for name in WITHIN}
    told = ~hidden & np.all([np.isfinite(each) & (each >= least) for each in values.values()], axis=0)
    for name, exact in values.items():
        near = _to_step(exact, np.full(len(exact), float(step)))
        yield _known(f"{name}_low", np.maximum(near - step / 2, 0), told)
        yield _known(f"{name}_high", near + step / 2, told)


def _to_step(values: Floats, step: Floats) -> Floats:
    return np.where(step > 0, np.round(values / np.where(step > 0, step, 1)) * step, values)


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


def shown_count(true: int, policy: Policy) -> str:
    """Word a single count as a policy lets it be shown: ``0``, ``[c]`` or a rounded number."""
    if 0 < true < policy.threshold:
        return HIDDEN
    return f"{int(rounded(np.array(true), policy)):,}"
