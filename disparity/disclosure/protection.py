"""Disclosure control: from a true count to what an audience may know of it, an interval of possible counts.

The policy's rule for one cell comes first: nought stays nought, a small count becomes ``[c]``, others are rounded.
Then what adds up is looked at as a reader with the published rule would
(:mod:`disparity.disclosure.secondary_suppression`), and where a hidden count could be told too closely a further one
is hidden.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from disparity.catalogue.indicators import ALL, BROAD_GROUP, Coverage, Indicator
from disparity.catalogue.policies import NoProtection, Policy
from disparity.counts.cells import CELLS, LARGEST, TOTALS, WITHIN
from disparity.datasets import DATASETS
from disparity.disclosure.additivity import seen_to_be_nobody
from disparity.disclosure.released_counts import BEYOND, TOLD, Asked, Before, bounds, rounded
from disparity.disclosure.secondary_suppression import states_of
from disparity.disclosure.sums import known_where, sums, within
from disparity.disclosure.unanswered import known_too, told_of_unanswered, unanswered_columns
from disparity.markers import ABSENT, HIDDEN
from disparity.periods import Quarter
from disparity.populations.people import People, counted_by

__all__ = [
    "ABSENT",
    "BEYOND",
    "HIDDEN",
    "number_shown",
    "protect",
    "shown_count",
    "tells_apart",
    "told_this_quarter",
    "worded_count",
]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def protect(
    counts: pl.DataFrame,
    policy: Policy | NoProtection,
    people: Mapping[str, Mapping[str, People]],
    before: Mapping[People, Before] | None = None,
    indicators: Mapping[str, Indicator] | None = None,
    also: Collection[People] = (),
) -> pl.DataFrame:
    """Return the counts after a policy, row by row.

    Every cell ``x`` becomes ``x_shown`` (null where hidden or absent), ``x_low`` and ``x_high`` (the counts it could
    be, both inclusive) and ``x_status`` (``""``, ``[c]`` or ``[x]``). Of each side ``reference`` and ``group``,
    ``_mean`` and ``_deviation`` (standard deviation) are in the indicator's unit a head, rounded, with ``_low`` and
    ``_high``; ``_total`` is a sum of money where its shares are compared; all null where the people behind them are
    hidden. Each of `WITHIN` has ``_low`` and ``_high``, null likewise. Of each whole ``unanswered`` has ``_shown``,
    ``_low`` and ``_high`` (:mod:`disparity.disclosure.unanswered`): no table has them, but what is said of answers
    that are lacking follows from them, and a reader is taken to know them. Nothing else depends on the true counts.
    Rows of breakdowns that the policy does not let be told are left out.

    ``people`` says whom the cells of each indicator's whole count (:mod:`disparity.populations.people`), ``before`` what
    readers were told of people already, ``indicators`` how sensitive each is (one that is not there is taken for the
    most sensitive) and which are headlines, whose wholes are hidden last. Of ``also`` not even the size is told. Protect
    counts that are read together in one call: what adds up across indicators is seen only there.
    """
    if isinstance(policy, Policy):
        told = [each for each in counts["breakdown"].unique().to_list() if tells_apart(policy, each)]
        counts = counts.filter(pl.col("breakdown").is_in(told))
    true = true_counts(counts)
    absent = true < 0
    kept = counts.select("indicator", "breakdown", "level", "as_of", "missing")
    if isinstance(policy, NoProtection):
        hidden, shown, low, high = np.zeros_like(absent), true, true, true
        least = np.zeros(counts.height, np.int64)
    else:
        of_rows = _asked(counts, policy, indicators or {})
        least = of_rows.threshold
        few_others = {*_with_few_others(counts, true, people, of_rows, indicators or {}), *also}
        unanswered = told_of_unanswered(kept.with_columns(unanswered_columns(counts, policy, least)), people)
        known = known_too(before or {}, unanswered)
        state, asked = _states_of_cells(counts, true, policy, people, known, of_rows, few_others)
        hidden, shown, (low, high) = state != TOLD, rounded(true, policy), bounds(true, state, policy, asked)
    columns: list[pl.Series] = []
    for index, cell in enumerate(CELLS):
        gone, untold = absent[:, index], absent[:, index] | hidden[:, index]
        columns += [
            known_where(f"{cell}_shown", shown[:, index], ~untold),
            known_where(f"{cell}_low", low[:, index], ~gone),
            known_where(f"{cell}_high", high[:, index], ~gone),
            pl.Series(f"{cell}_status", np.select([gone, untold], [ABSENT, HIDDEN], "").astype(str).tolist()),
        ]
    return kept.with_columns(
        *columns,
        *unanswered_columns(counts, policy, least),
        *sums(counts, true, hidden, policy, least),
        *within(counts, true, np.asarray(hidden[:, :4].any(axis=1)), policy, least),
    )


def true_counts(counts: pl.DataFrame) -> Ints:
    """Return the cells of counts as an array, rows by `CELLS`, -1 where absent."""
    return np.column_stack([counts[cell].fill_null(-1).to_numpy() for cell in CELLS]).astype(np.int64)


def people_in(
    counts: pl.DataFrame, true: Ints, people: Mapping[str, Mapping[str, People]], *, told: bool = False
) -> tuple[dict[People, int], Ints]:
    """Return the count of all different people, and which of them each cell (rows by `CELLS`) is, -1 where absent.

    Two counts of the same people that differ, because one of them lacks an answer, are kept apart. ``told`` says that
    readers are told of all these rows, so that they see where one lacks.
    """
    counted: dict[People, int] = {}
    number_of: dict[People, int] = {}
    cells = np.full(true.shape, -1)
    rows = counts.select("indicator", "breakdown", "level").iter_rows()
    for at, (indicator, breakdown, level) in enumerate(rows):
        for index in np.flatnonzero(true[at] >= 0).tolist():
            count = int(true[at, index])
            cell = people[indicator][CELLS[index]]
            named = cell.of_row(breakdown, level) if told else cell.in_level(breakdown, level)
            if count and named.region.is_nobody:
                raise ValueError(f"{indicator}: people are counted whom the dataset cannot have")
            if counted.get(named, count) != count:
                named = counted_by(named, indicator)
            counted.setdefault(named, count)
            cells[at, index] = number_of.setdefault(named, len(number_of))
    return counted, cells


def told_this_quarter(
    counts: pl.DataFrame, policy: Policy | NoProtection, indicators: Mapping[str, Indicator], quarter: Quarter
) -> pl.DataFrame:
    """Blank the counts that the policy tells in other quarters alone, or over longer windows; ``missing`` says so."""
    if isinstance(policy, NoProtection):
        return counts
    reasons = {name: _not_told(policy, indicators[name], quarter) for name in counts["indicator"].unique()}
    untold = [name for name, reason in reasons.items() if reason]
    kept = counts.filter(~pl.col("indicator").is_in(untold) | (pl.col("breakdown") == ALL))
    blank, reason = pl.col("indicator").is_in(untold), pl.col("indicator").replace_strict(reasons, default="")
    return kept.with_columns(
        *(pl.when(~blank).then(name).alias(name) for name in (*CELLS, *TOTALS, *LARGEST, *WITHIN)),
        missing=pl.when(blank & (pl.col("missing") == "")).then(reason).otherwise("missing"),
    )


def _not_told(policy: Policy, indicator: Indicator, quarter: Quarter) -> str:
    """Say why a quarter's report tells nothing of an indicator, or "" where it does."""
    if policy.told == "every year" and not quarter.ends_financial_year:
        return "told once a year, with Jan to Mar"
    over_time = DATASETS[indicator.dataset].cadence == "quarterly"
    if over_time and indicator.quarters < policy.least_quarters:
        return "not told over so short a time"
    return ""


def tells_apart(policy: Policy, breakdown: str) -> bool:
    """Return whether the levels of a breakdown may be told."""
    if breakdown == BROAD_GROUP:
        return policy.broad_groups
    return breakdown == ALL or policy.breakdowns is None or breakdown in policy.breakdowns


def _asked(counts: pl.DataFrame, policy: Policy, indicators: Mapping[str, Indicator]) -> Asked:
    """Return what the policy asks of the counts of each row, and how much it matters that they are told."""
    rows = list(counts.select("indicator", "breakdown").iter_rows())
    of_rows = [indicators[name].sensitivity if name in indicators else "high" for name, _ in rows]
    headlines = {name for name, each in indicators.items() if each.headline}
    return Asked(
        np.array([policy.threshold_of(each) for each in of_rows], np.int64),
        np.array([each in policy.hide_noughts for each in of_rows], np.int64),
        np.array([(by == ALL) + (by == ALL and name in headlines) for name, by in rows], np.int64),
    )


def _with_few_others(
    counts: pl.DataFrame,
    true: Ints,
    people: Mapping[str, Mapping[str, People]],
    of_rows: Asked,
    indicators: Mapping[str, Indicator],
) -> Iterator[People]:
    """Yield the events of coverages that few of the base lack: two datasets, so that no sum would see it."""
    rows = counts.select("indicator", "breakdown", "level").iter_rows()
    for at, (name, breakdown, level) in enumerate(rows):
        if not isinstance(indicators.get(name), Coverage):
            continue
        least = 1 - of_rows.nought[at]
        for base in (0, 2, 4):
            others = true[at, base] - true[at, base + 1]
            if true[at, base] > 0 and least <= others < of_rows.threshold[at]:
                yield people[name][CELLS[base + 1]].in_level(breakdown, level)


def _states_of_cells(
    counts: pl.DataFrame,
    true: Ints,
    policy: Policy,
    people: Mapping[str, Mapping[str, People]],
    before: Mapping[People, Before] | None,
    of_rows: Asked,
    also: Collection[People],
) -> tuple[Ints, Asked]:
    """Return how each cell is kept, and what is asked of it: of the same people the most that any row asks."""
    counted, cells = people_in(counts, true, people, told=True)
    of_people = np.fromiter(counted.values(), np.int64, len(counted))
    # One place more than people: absent cells are number -1.
    asked = Asked(*np.zeros((3, len(counted) + 1), np.int64))
    for most, of_row in zip(asked, of_rows, strict=True):
        np.maximum.at(most, cells, np.broadcast_to(of_row[:, np.newaxis], cells.shape))
    of_each = Asked(*(field[:-1] for field in asked))
    # Nobody can be there, as everybody knows: their zero is no secret.
    if of_each.nought.any():
        nobody = seen_to_be_nobody(tuple(counted))
        of_each.nought[[each.region.is_nobody or each in nobody for each in counted]] = 0
    state = states_of(list(counted), of_people, policy, before, of_each, also)
    return np.append(state, TOLD)[cells], Asked(*(field[cells] for field in asked))


def shown_count(true: int, policy: Policy) -> str:
    """Word a single count, of whatever sensitivity, as a policy lets it be shown: ``0``, ``[c]`` or a number."""
    shown = number_shown(true, policy)
    return HIDDEN if shown is None else f"{shown:,}"


def number_shown(true: int, policy: Policy) -> int | None:
    """Return a single count, of whatever sensitivity, as a policy lets it be shown; None where it is hidden."""
    return None if 0 < true < policy.greatest_threshold else int(rounded(np.array(true), policy))


def worded_count(true: int, policy: Policy) -> str:
    """Word a count for a sentence, as `shown_count` lets it be shown: ``fewer than 8``, or ``about 55`` where rounded."""
    shown = shown_count(true, policy)
    if shown == HIDDEN:
        return f"fewer than {policy.greatest_threshold}"
    return shown if policy.round_to == 1 or true == 0 else f"about {shown}"
