"""Charts of one process over separate periods: XmR and p-charts, and the funnel limits of proportions."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray

from disparity.statistics.arguments import Floats, as_floats, checked, checked_share, critical_value
from disparity.statistics.comparison import Interval, Numbers

RULES = "nhsrplotthedots-0.2.2"

PROCESS_LIMITS = "process limits"
TRIAL_LIMITS = "trial limits"

COMMON_CAUSE = "common cause"
IMPROVEMENT = "special cause improvement"
CONCERN = "special cause concern"
NEITHER_HIGH = "special cause neither, high"
NEITHER_LOW = "special cause neither, low"

ABOVE_UPPER = "above the upper limit"
BELOW_LOWER = "below the lower limit"
RISING = "trend of 7 rising"
FALLING = "trend of 7 falling"
NEAR_UPPER = "2 of 3 near the upper limit"
NEAR_LOWER = "2 of 3 near the lower limit"
SHIFT_ABOVE = "shift of 7 above the mean"
SHIFT_BELOW = "shift of 7 below the mean"

PASSES = "consistently passes the target"
FAILS = "consistently fails the target"
INCONSISTENT = "inconsistently passes and fails the target"
NOT_APPLICABLE = "not applicable"

_Flags = NDArray[np.bool_]

_PER_MOVING_RANGE = 2.66
_SCREEN = 3.267
_TRIAL_BELOW = 12
_RUN = 7
# A share that is mathematically on the mean may stand a rounding error beside it.
_ROUNDING = 1e-12


class Xmr(NamedTuple):
    """An XmR chart: limits of each series, what each point shows, and what the latest shows.

    ``rules`` names the rule set and ``limits`` what the limits are: `PROCESS_LIMITS` or `TRIAL_LIMITS`. ``mean``,
    ``lower``, ``upper``, ``variation`` and ``assurance`` have the shape of the series (scalars for one series);
    ``signals`` (the rule that marked the point) and ``points`` (its type) have that of the values.
    """

    rules: str
    limits: str
    mean: Numbers
    lower: Numbers
    upper: Numbers
    signals: Numbers
    points: Numbers
    variation: Numbers
    assurance: Numbers


class PChart(NamedTuple):
    """A p-chart: the pooled centre of each series; share, limits and signal of each point."""

    centre: Numbers
    shares: Numbers
    low: Numbers
    high: Numbers
    signals: Numbers


def xmr(
    values: ArrayLike,
    periods: Sequence[tuple[Any, Any]],
    *,
    better: Literal["higher", "lower", "neither"],
    target: ArrayLike | None = None,
    screen: bool = True,
    rules: str = RULES,
) -> Xmr:
    """XmR chart of ``values``, oldest first along the last axis; other axes are separate series.

    ``periods`` holds the first and last day, or quarter, of each value, both included: anything that orders.
    It has no default because the moving range takes neighbours to share nothing: where nothing changes at
    all, 20 rolling four-quarter values mark a point in 9 charts of 10, 20 separate quarters in 1 of 7. At
    least two values; fewer than 12 give `TRIAL_LIMITS`. Limits are in the unit of the values, and those of
    shares may lie outside 0 to 1. Raises ValueError naming the argument, also where periods overlap or are
    out of order. Gaps between periods are allowed, and not seen.

    The rules are those of NHSRplotthedots 0.2.2, after NHS England's Making Data Count. Limits: mean +- 2.66
    x the mean moving range; with ``screen``, moving ranges of 3.267 x their mean or more are left out once
    (Nelson 1982, J Qual Technol 14, 172-173; Making Data Count's workbook does not). A point is marked by the
    first of these that holds; being level with a limit or the mean is not beyond it:

    1. outside the limits;
    2. one of 7 points in a row that rise, or fall, at every step; one of two such trends goes by the later;
    3. one of 2 in 3 points in a row that are beyond two thirds of the way from mean to limit and not
       outside it, where all 3 are on that side of the mean;
    4. one of 7 points in a row on one side of the mean.

    High and rising marks are `IMPROVEMENT` where ``better`` is higher and `CONCERN` where lower, low and
    falling ones the reverse; where neither, `NEITHER_HIGH` and `NEITHER_LOW`. ``variation`` is the type of
    the latest point. ``assurance`` sets ``target`` (one, or one for each series) against the limits: beyond
    one `PASSES`, beyond the other `FAILS`, else `INCONSISTENT`; without a target, or where neither is better,
    `NOT_APPLICABLE`.

    Differences from 0.2.2: limits of equal values are the mean (there missing); where screening would leave
    no movement, nothing is screened (there every point is outside); less than 1e-12 of the largest value is
    taken for rounding; the last point of a rising trend is rising although the next, level with it, starts
    another trend (there falling).

    Examples
    --------
    >>> quarters = [(year, year) for year in range(12)]
    >>> found = xmr([10, 12, 11, 9, 10, 11, 12, 10, 9, 11, 10, 30], quarters, better="lower")
    >>> str(found.variation)
    'special cause concern'
    """
    if rules != RULES:
        raise ValueError(f"rules must be {RULES}")
    if better not in {"higher", "lower", "neither"}:
        raise ValueError("better must be higher, lower or neither")
    y = _checked_values(values)
    _check_periods(periods, y.shape[-1])
    mean = y.mean(axis=-1, keepdims=True)
    slack = _ROUNDING * np.abs(y).max(axis=-1, keepdims=True)
    reach = _PER_MOVING_RANGE * _mean_moving_range(y, slack, screen)
    signals = _signals(y, mean, reach, slack)
    points = _point_types(signals, better)
    centre, half = mean[..., 0], reach[..., 0]
    return Xmr(
        rules=rules,
        limits=TRIAL_LIMITS if y.shape[-1] < _TRIAL_BELOW else PROCESS_LIMITS,
        mean=centre[()],
        lower=(centre - half)[()],
        upper=(centre + half)[()],
        signals=signals,
        points=points,
        variation=points[..., -1][()],
        assurance=_assurance(centre - half, centre + half, target, better),
    )


def p_chart(events: ArrayLike, n: ArrayLike) -> PChart:
    """P-chart of ``events`` of ``n`` along the last axis, with limits for each point; shares from 0 to 1.

    The arguments broadcast, 0 <= events <= n, n >= 1; other axes are separate series. The centre is all
    events over all n; the limits are 3 binomial standard deviations at each point's n, kept within 0 to 1. A
    signal is `ABOVE_UPPER`, `BELOW_LOWER` or `COMMON_CAUSE`. Points must not share records: quarters, or
    organisations beside each other, never rolling windows. Where n is in the thousands nearly every point
    lies outside such limits, and `xmr` of the shares is the chart to read. Raises ValueError naming the
    argument. Montgomery, Introduction to Statistical Quality Control, section 7.2.

    Examples
    --------
    >>> found = p_chart([10, 12, 9, 30], [100, 100, 100, 100])
    >>> [str(each) for each in found.signals]
    ['common cause', 'common cause', 'common cause', 'above the upper limit']
    """
    x, base = checked_share(events, n)
    if x.ndim == 0 or x.shape[-1] == 0:
        raise ValueError("events must hold at least one point along the last axis")
    centre = x.sum(axis=-1, keepdims=True) / base.sum(axis=-1, keepdims=True)
    shares = x / base
    low, high = _binomial_limits(base, centre, 3.0)
    signals = np.select(
        [shares > high + _ROUNDING, shares < low - _ROUNDING], [ABOVE_UPPER, BELOW_LOWER], COMMON_CAUSE
    )
    return PChart(centre[..., 0][()], shares, low, high, signals)


def funnel_limits(n: ArrayLike, centre: ArrayLike, *, level: float = 0.95) -> Interval:
    """Limits within which the shares of groups of ``n`` people lie around ``centre``, from 0 to 1.

    ``n`` at least 1 and ``centre`` from 0 to 1 (the share of all groups together), broadcast. A funnel plot
    draws ``level`` 0.95 and 0.998. A group lies outside exactly when its `wilson` interval at that level
    excludes the centre. Raises ValueError naming the argument. Spiegelhalter (2005), Stat Med 24, 1185-1202;
    the formula of Public Health England's technical guidance, which writes it as an inverted Wilson interval.

    Examples
    --------
    >>> low, high = funnel_limits(50, 0.2)
    >>> round(float(low), 3), round(float(high), 3)
    (0.089, 0.311)
    """
    z = critical_value(level)
    base, middle = np.broadcast_arrays(checked("n", n, least=1.0), checked("centre", centre))
    if np.any(middle > 1.0):
        raise ValueError("centre must be a share from 0 to 1")
    low, high = _binomial_limits(base, middle, z)
    return Interval(low[()], high[()])


def _binomial_limits(n: Floats, centre: Floats, z: float) -> tuple[Floats, Floats]:
    reach = z * np.sqrt(centre * (1.0 - centre) / n)
    return np.maximum(centre - reach, 0.0), np.minimum(centre + reach, 1.0)


def _checked_values(values: ArrayLike) -> Floats:
    y = as_floats("values", values)
    wrong = np.count_nonzero(~np.isfinite(y))
    if wrong:
        raise ValueError(f"values must be finite; {wrong} of {y.size} are not")
    if y.ndim == 0 or y.shape[-1] < 2:
        raise ValueError("values must hold at least two points along the last axis")
    return y


def _check_periods(periods: Sequence[tuple[Any, Any]], points: int) -> None:
    try:
        spans = [(first, last) for first, last in periods]
        ordered = all(first <= last for first, last in spans) and all(
            one[0] <= other[0] for one, other in pairwise(spans)
        )
        shared = sum(not one[1] < other[0] for one, other in pairwise(spans))
    except (TypeError, ValueError):
        raise ValueError("periods must be pairs of first and last day or quarter") from None
    if len(spans) != points:
        raise ValueError("periods must be as many as values")
    if not ordered:
        raise ValueError("periods must each end after they start, and run from the oldest")
    if shared:
        raise ValueError(
            "periods must not overlap, as rolling windows do: points that share records are not independent; "
            f"{shared} of {points} share some with the one before"
        )


def _mean_moving_range(y: Floats, slack: Floats, screen: bool) -> Floats:
    moving = np.abs(np.diff(y, axis=-1))
    mean = np.asarray(moving.mean(axis=-1, keepdims=True))
    if not screen:
        return mean
    kept = moving < _SCREEN * mean
    counted = np.maximum(kept.sum(axis=-1, keepdims=True), 1)
    screened = np.where(kept, moving, 0.0).sum(axis=-1, keepdims=True) / counted
    return np.where(screened > slack, screened, mean)


def _signals(y: Floats, mean: Floats, reach: Floats, slack: Floats) -> NDArray[np.str_]:
    above, below = y - mean > slack, mean - y > slack
    outside = np.abs(y - mean) - reach > slack
    close = ~outside & (np.abs(y - mean) - reach * (2.0 / 3.0) > slack)
    rising, falling = _trends(y, slack)
    return np.select(
        [
            outside & above,
            outside,
            rising,
            falling,
            _two_of_three(close, above),
            _two_of_three(close, below),
            _in_run(above, _RUN),
            _in_run(below, _RUN),
        ],
        [ABOVE_UPPER, BELOW_LOWER, RISING, FALLING, NEAR_UPPER, NEAR_LOWER, SHIFT_ABOVE, SHIFT_BELOW],
        COMMON_CAUSE,
    )


def _windows(flags: _Flags, size: int) -> _Flags:
    """Return every stretch of ``size`` points that holds a point of the series; beyond its ends nothing is flagged."""
    beyond = [(0, 0)] * (flags.ndim - 1) + [(size - 1, size - 1)]
    return sliding_window_view(np.pad(flags, beyond), size, axis=-1)


def _within_any(stretches: _Flags, size: int) -> _Flags:
    """Return which points lie in one of the stretches that `_windows` made."""
    return np.asarray(sliding_window_view(stretches, size, axis=-1).any(axis=-1))


def _in_run(flags: _Flags, size: int) -> _Flags:
    return _within_any(np.asarray(_windows(flags, size).all(axis=-1)), size)


def _two_of_three(close: _Flags, side: _Flags) -> _Flags:
    two = _windows(close, 3).sum(axis=-1) >= 2
    return close & _within_any(np.asarray(two & _windows(side, 3).all(axis=-1)), 3)


def _trends(y: Floats, slack: Floats) -> tuple[_Flags, _Flags]:
    steps = np.diff(y, axis=-1)
    up, down = _in_run(steps > slack, _RUN - 1), _in_run(steps < -slack, _RUN - 1)
    none = np.zeros_like(up[..., :1])
    up_to, down_to = (np.concatenate([none, run], axis=-1) for run in (up, down))
    up_from, down_from = (np.concatenate([run, none], axis=-1) for run in (up, down))
    return (up_to & ~down_from) | up_from, (down_to & ~up_from) | down_from


def _point_types(signals: NDArray[np.str_], better: str) -> NDArray[np.str_]:
    high, low = {
        "higher": (IMPROVEMENT, CONCERN),
        "lower": (CONCERN, IMPROVEMENT),
        "neither": (NEITHER_HIGH, NEITHER_LOW),
    }[better]
    upward = np.isin(signals, [ABOVE_UPPER, RISING, NEAR_UPPER, SHIFT_ABOVE])
    return np.select([signals == COMMON_CAUSE, upward], [COMMON_CAUSE, high], low)


def _assurance(lower: Floats, upper: Floats, target: ArrayLike | None, better: str) -> Numbers:
    if target is None or better == "neither":
        return np.full(lower.shape, NOT_APPLICABLE)[()]
    goal = as_floats("target", target)
    if not np.all(np.isfinite(goal)):
        raise ValueError("target must be finite")
    if np.broadcast_shapes(goal.shape, lower.shape) != lower.shape:
        raise ValueError("target must be one number, or one for each series")
    beyond, short = (FAILS, PASSES) if better == "higher" else (PASSES, FAILS)
    return np.select([goal > upper, goal < lower], [beyond, short], INCONSISTENT)[()]
