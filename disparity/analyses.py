"""Analyses: what stands behind a comparison and how it moves, from protected counts and released estimates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from disparity import rows
from disparity.catalogue import Catalogue
from disparity.catalogue.deliveries import is_held, is_of_a_survey, is_of_single_quarters
from disparity.catalogue.indicators import ALL, Indicator, Rows, Share
from disparity.catalogue.policies import NoProtection, Policy
from disparity.counts.cells import WITHIN
from disparity.disclosure.released_counts import BEYOND, TOLD, bounds
from disparity.estimates import method_of
from disparity.periods import Quarter, lag_of_change
from disparity.rounding import half_up
from disparity.rows import names_of
from disparity.statistics.comparison import Comparison, Interval
from disparity.statistics.decomposition import funnel, kitagawa_counts
from disparity.statistics.evidence import TOO_FEW
from disparity.statistics.multiplicity import benjamini_hochberg
from disparity.statistics.power import smallest_detectable_ratio
from disparity.statistics.process_control import xmr
from disparity.statistics.proportions import risk_ratio
from disparity.statistics.stratified import stratified_risk_ratio
from disparity.statistics.vacancies import vacancy_ratio
from disparity.statistics.worst_case import Box, hull, hull_of_change, hull_of_strata

COLUMNS = names_of(rows.Line)
NUMBERS = names_of(rows.Line, "number")

CHANGE, STAGE, WITHIN_STRATA, STANDARDISED, MIX_AND_RATE, DETECTABLE, CONTROL = (
    "change", "stage", "within", "standardised", "mix and rate", "detectable", "control",
)  # fmt: skip
THEN, TIMES_THEN = "ratio then", "times the ratio then"
RATIO, PART = "ratio", "part of the whole log ratio"
MIX, RATE = "mix", "rate"
NO_CHANGE, CLEAR_CHANGE, SOME_CHANGE = (
    "no material change",
    "clear evidence of a change",
    "some evidence of a change",
)

STANDARDISED_BY = ("band", "directorate")
_SIDES = ("reference", "group")
_COMPARED = tuple(f"{side}_{cell}" for side in _SIDES for cell in ("events", "base"))
_LEAST_VARIANCE = 5.0
_LEAST_POINTS = 4

_Floats: TypeAlias = NDArray[np.float64]
Line: TypeAlias = dict[str, Any]
_Rows: TypeAlias = Mapping[str, Line]


def analyse(
    protected: pd.DataFrame,
    estimates: pd.DataFrame,
    earlier: pd.DataFrame,
    catalogue: Catalogue,
    quarter: Quarter,
    policy: Policy | NoProtection,
) -> pd.DataFrame:
    """Return the analyses of a quarter's indicators for the whole organisation, a line each, with `COLUMNS`.

    ``protected`` and ``estimates`` are one audience's, as `protect` and `estimate` return them; ``earlier``
    its released estimates of earlier quarters. ``value`` comes from what is shown; ``low`` and ``high`` hold
    for every count that a cell could be, and are NaN where nothing is known that does. Ratios have the
    direction of the indicator. Nothing is said of a comparison that is not told.
    """
    now = {row["indicator"]: row for row in _told_wholes(estimates)}
    boxes = dict(iter(protected.groupby(["indicator", "breakdown"], sort=False)))
    divided = {
        (name, by): boxes[name, by]
        for name in now
        for by in STANDARDISED_BY
        if _can_be_divided(catalogue.indicators[name]) and (name, by) in boxes
    }
    lines = [
        *_changes(now, earlier, catalogue, quarter, policy),
        *_standardised(divided, catalogue),
        *_detectable(now, catalogue),
    ]
    for name, row in now.items():
        indicator = catalogue.indicators[name]
        lines += _stages(name, indicator, now, policy)
        lines += _within(name, indicator, boxes[name, ALL].iloc[0])
        lines += _control(name, indicator, row, earlier)
    for (name, by), levels in divided.items():
        lines += _mix_and_rate(name, by, _levels(levels, "shown", catalogue.indicators[name]), policy)
    return _finished(lines, catalogue)


def _finished(lines: list[Line], catalogue: Catalogue) -> pd.DataFrame:
    """Return the lines as a table in the order of the catalogue, rounded, each column of its one type."""
    order = {name: place for place, name in enumerate(catalogue.indicators)}
    lines.sort(key=lambda line: order[line["indicator"]])
    table = pd.DataFrame(lines, columns=list(COLUMNS))
    points = table["analysis"] == MIX_AND_RATE
    for column in NUMBERS:
        figures = table[column].astype(float)
        of_its_kind = np.where(points, half_up(figures, 1), half_up(figures, 2))
        table[column] = half_up(figures, 4) if column == "p_value" else of_its_kind
    return table.astype(dict.fromkeys((name for name in COLUMNS if name not in NUMBERS), "str"))


def _line(name: str, analysis: str, of: str, figure: str, value: float, **more: Any) -> Line:
    return {
        "indicator": name, "analysis": analysis, "of": of, "figure": figure, "value": value, "low": np.nan, "high": np.nan,
        "p_value": np.nan, "words": "", **more,
    }  # fmt: skip


def _told_wholes(estimates: pd.DataFrame) -> list[Line]:
    """Return the told rows of the whole organisation."""
    told = estimates[(estimates["breakdown"] == ALL) & (estimates["status"] == "")]
    return [{str(name): value for name, value in row.items()} for row in told.to_dict("records")]


def _flipped(indicator: Indicator) -> bool:
    return indicator.ratio_of == "group/reference"


def _shown(row: Line, flipped: bool) -> _Floats:
    """Return events 1, base 1, events 2, base 2 as they are shown, numerator group first."""
    counts = np.array([row[cell] for cell in _COMPARED], dtype=float)
    return np.roll(counts, 2) if flipped else counts


def _box(counts: _Floats, policy: Policy | NoProtection) -> Interval:
    """Return what counts that are shown so could be."""
    if isinstance(policy, NoProtection):
        return Interval(counts, counts)
    whole = counts.astype(np.int64)
    low, high = bounds(whole, np.full(whole.shape, TOLD), policy)
    return Interval(low.astype(float), high.astype(float))


# ------------------------------------------------------------------ change


class _Moved(NamedTuple):
    """An indicator's row now and then, the length of its window, and both rows' counts as they are shown."""

    name: str
    quarters: int
    now: Line
    then: Line
    counts: _Floats


def _changes(
    now: _Rows,
    earlier: pd.DataFrame,
    catalogue: Catalogue,
    quarter: Quarter,
    policy: Policy | NoProtection,
) -> Iterator[Line]:
    """Compare today's ratios with those of the last windows that share no quarter with them, or of the survey before."""
    wholes = dict(iter(earlier[earlier["breakdown"] == ALL].groupby("indicator", sort=False)))
    found: list[_Moved] = []
    for name, row in now.items():
        indicator = catalogue.indicators[name]
        then = _compared_with(row, wholes[name], indicator, quarter) if name in wholes else None
        if then is not None and then["status"] == "" and method_of(indicator) in ("proportion", "rate"):
            counts = np.stack([_shown(each, _flipped(indicator)) for each in (row, then)])
            # A ratio of nothing has no change, and a rate may have more events than people once a quarter.
            if np.all(counts[:, [0, 2]] > 0) and np.all(counts[:, [0, 2]] <= counts[:, [1, 3]]):
                found.append(_Moved(name, indicator.quarters, row, then, counts))
    for quarters in sorted({each.quarters for each in found}):
        alike = [each for each in found if each.quarters == quarters]
        counts = np.stack([each.counts for each in alike])
        boxes: list[Box] = []
        for window in (0, 1):
            low, high = _box(counts[:, window], policy)
            x1, n1, x2, n2 = (Interval(low[:, cell], high[:, cell]) for cell in range(4))
            boxes.append((x1, n1, x2, n2))
        windows = _windows(each.now for each in alike), _windows(each.then for each in alike)
        change = hull_of_change(*boxes, window=windows[0], earlier_window=windows[1])
        ratios = (counts[:, :, 0] * counts[:, :, 3]) / (counts[:, :, 2] * counts[:, :, 1])
        words = _words_of_change(change)
        for at, (name, _, _, then, _) in enumerate(alike):
            of = f"{then['period_start']} to {then['period_end']}"
            limits = {"low": change.low[at], "high": change.high[at], "p_value": change.p_value[at]}
            yield _line(name, CHANGE, of, THEN, then["ratio"])
            yield _line(
                name, CHANGE, of, TIMES_THEN, ratios[at, 0] / ratios[at, 1], **limits, words=words[at]
            )


def _compared_with(row: Line, wholes: pd.DataFrame, indicator: Indicator, quarter: Quarter) -> Line | None:
    """Return the earlier row of an indicator's whole that its change is measured from, or None; it may not be shown itself.

    Of a survey it is that of the survey before, as the latest report has it.
    """
    if is_of_a_survey(indicator):
        held = [is_held(*each) for each in zip(wholes["quarters"], wholes["status"], strict=True)]
        before = wholes[np.array(held, dtype=bool) & (wholes["period_end"] < row["period_end"])]
        wholes = before[before["period_end"] == before["period_end"].max()]
    else:
        then = quarter.plus(-lag_of_change(indicator.quarters))
        wholes = wholes[wholes["period_end"] == then.end.isoformat()]
    return None if wholes.empty else {str(name): value for name, value in wholes.iloc[-1].items()}


def _windows(rows: Iterable[Line]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the first and last quarters of rows, as whole numbers that count quarters."""
    ends = [
        [Quarter.holding(dt.date.fromisoformat(row[end])).place for end in ("period_start", "period_end")]
        for row in rows
    ]
    first, last = np.array(ends, dtype=np.int64).T
    return first, last


def _words_of_change(change: Comparison) -> list[str]:
    q = np.asarray(benjamini_hochberg(change.p_value))
    within = (np.asarray(change.low) >= 0.8) & (np.asarray(change.high) <= 1.25)
    words = np.select([within, q < 0.01, q < 0.05], [NO_CHANGE, CLEAR_CHANGE, SOME_CHANGE], TOO_FEW)
    return [str(each) for each in words]


# ------------------------------------------------------------------ stages


def _stages(name: str, indicator: Indicator, now: _Rows, policy: Policy | NoProtection) -> Iterator[Line]:
    """Say what each stage adds to the ratio of an indicator that names its stages."""
    if not isinstance(indicator, Rows) or not indicator.stages:
        return
    steps = (*indicator.stages, name)
    if not all(step in now for step in steps):
        return
    flipped = _flipped(indicator)
    first = _shown(now[steps[0]], flipped)
    events = np.stack([_shown(now[step], flipped) for step in steps])
    # Rows are the groups, columns how many reached each stage, the base first.
    reached = np.stack([np.append(first[base], events[:, cell]) for base, cell in ((1, 0), (3, 2))])
    if np.any(np.diff(reached) > 0):
        return  # Rounded up past the stage before: what is shown is no funnel.
    split = funnel(reached[0], reached[1])
    low, high = _box(reached, policy)
    box = [Interval(low[g, s], high[g, s]) for g in (0, 1) for s in (slice(1, None), slice(None, -1))]
    limits = hull(risk_ratio, *box)
    for at, step in enumerate(steps):
        ends = {"low": limits.low[at], "high": limits.high[at], "p_value": limits.p_value[at]}
        yield _line(name, STAGE, step, RATIO, split.stages.estimate[at], **ends)
        yield _line(name, STAGE, step, PART, split.share[at])


# ------------------------------------------------------------------ within strata


def _within(name: str, indicator: Indicator, row: pd.Series[Any]) -> Iterator[Line]:
    """Compare people on the same shortlist, from sums over vacancies; nothing where few of them tell."""
    if not isinstance(indicator, Rows) or indicator.stratified_by is None:
        return
    sums = np.array([[row[f"{each}_{end}"] for end in ("low", "high")] for each in WITHIN], dtype=float)
    first, second = sums[1::-1] if _flipped(indicator) else sums[:2]
    if not np.isfinite(sums).all() or sums[2, 0] < _LEAST_VARIANCE or min(first[0], second[0]) <= 0:
        return
    # Lowest and highest ratio, each with the least and greatest variance.
    ends = vacancy_ratio(first[[0, 0, 1, 1]], second[[1, 1, 0, 0]], sums[2, [0, 1, 0, 1]])
    same = ends.statistic.min() <= 0 <= ends.statistic.max()
    limits = {"low": ends.low.min(), "high": ends.high.max(), "p_value": 1.0 if same else ends.p_value.max()}
    yield _line(
        name, WITHIN_STRATA, indicator.stratified_by, RATIO, float(first.sum() / second.sum()), **limits
    )


# ------------------------------------------------------------------ standardised


def _can_be_divided(indicator: Indicator) -> bool:
    return method_of(indicator) == "proportion" and not isinstance(indicator, Share)


def _levels(levels: pd.DataFrame, end: str, indicator: Indicator) -> _Floats:
    """Return events 1, base 1, events 2, base 2 (rows) of the levels (columns): ``shown``, ``low`` or ``high``."""
    counts = np.stack([levels[f"{cell}_{end}"].to_numpy(float) for cell in _COMPARED])
    return np.roll(counts, 2, axis=0) if _flipped(indicator) else counts


def _possible(counts: _Floats) -> bool:
    """Whether all is shown, with no more events than people anywhere."""
    return bool(np.isfinite(counts).all() and (counts[[0, 2]] <= counts[[1, 3]]).all())


def _standardised(divided: Mapping[tuple[str, str], pd.DataFrame], catalogue: Catalogue) -> Iterator[Line]:
    """Compare people of the same band or directorate, pooled; with no value where a level is hidden."""
    found: list[tuple[tuple[str, str], _Floats, _Floats, _Floats]] = []
    for key, levels in divided.items():
        low, high, shown = (
            _levels(levels, end, catalogue.indicators[key[0]]) for end in ("low", "high", "shown")
        )
        if (high < BEYOND).all() and (low[[0, 2]] <= high[[1, 3]]).all():
            found.append((key, low, high, shown))
    if not found:
        return
    # All at once: those of fewer levels are filled up with levels that hold nobody.
    most = max(each[1].shape[1] for each in found)

    def filled(counts: Iterable[_Floats]) -> _Floats:
        return np.stack([np.pad(each, ((0, 0), (0, most - each.shape[1]))) for each in counts], axis=1)

    low, high, shown = (filled(counts) for counts in list(zip(*found, strict=True))[1:])
    limits = hull_of_strata(stratified_risk_ratio, *(Interval(low[cell], high[cell]) for cell in range(4)))
    told = [_possible(each) for _, _, _, each in found]
    values = np.full(len(found), np.nan)
    if any(told):
        values[told] = stratified_risk_ratio(*shown[:, told]).estimate
    for at, ((name, by), *_) in enumerate(found):
        ends = {"low": limits.low[at], "high": limits.high[at], "p_value": limits.p_value[at]}
        yield _line(name, STANDARDISED, by, RATIO, values[at], **ends)


def _mix_and_rate(name: str, by: str, shown: _Floats, policy: Policy | NoProtection) -> Iterator[Line]:
    """Split the difference into what the groups' mix of bands adds and what their rates within bands add.

    Where every level is told. Limits are given of exact counts alone: the split has none that hold for a box.
    """
    if not _possible(shown) or np.any(shown[[1, 3]].sum(axis=1) == 0):
        return
    split = kitagawa_counts(*shown)
    for figure, value, limits in (
        (MIX, split.split.mix, split.mix_interval),
        (RATE, split.split.rate, split.rate_interval),
    ):
        exact = isinstance(policy, NoProtection)
        ends = {"low": 100 * float(limits.low), "high": 100 * float(limits.high)} if exact else {}
        yield _line(name, MIX_AND_RATE, by, figure, 100 * float(value), **ends)


# ------------------------------------------------------------------ what could have been seen


def _detectable(now: _Rows, catalogue: Catalogue) -> Iterator[Line]:
    """Say which ratios these numbers would have shown four times in five, where they were too few to tell."""
    counts = {
        name: _shown(row, _flipped(catalogue.indicators[name]))
        for name, row in now.items()
        if row["evidence"] == TOO_FEW and method_of(catalogue.indicators[name]) == "proportion"
    }
    names = [name for name, each in counts.items() if _possible(each) and min(each[[1, 3]]) >= 1]
    if names:
        x1, n1, x2, n2 = np.stack([counts[name] for name in names], axis=1)
        found = smallest_detectable_ratio(n1, n2, (x1 + x2) / (n1 + n2))
        for name, below, above in zip(names, found.below, found.above, strict=True):
            yield _line(name, DETECTABLE, ALL, RATIO, np.nan, low=below, high=above)


# ------------------------------------------------------------------ process control


def _control(name: str, indicator: Indicator, row: Line, earlier: pd.DataFrame) -> Iterator[Line]:
    """Say whether the latest ratio of single quarters is out of its own run; never of windows that overlap."""
    if not is_of_single_quarters(indicator) or not row["ratio_of"]:
        return
    before = earlier[
        (earlier["indicator"] == name) & (earlier["breakdown"] == ALL) & (earlier["quarters"] == 1)
    ]
    series = pd.concat([before, pd.DataFrame([row])]).sort_values("period_start")
    series = series[np.isfinite(series["ratio"].astype(float))]
    if len(series) < _LEAST_POINTS or series["period_start"].iloc[-1] != row["period_start"]:
        return
    periods = list(zip(series["period_start"], series["period_end"], strict=True))
    chart = xmr(series["ratio"].to_numpy(float), periods, better="neither")
    yield _line(
        name, CONTROL, f"{len(series)} quarters", RATIO, float(row["ratio"]),
        low=max(float(chart.lower), 0.0), high=float(chart.upper),
        words=f"{chart.variation}; {chart.limits} ({chart.rules})",
    )  # fmt: skip
