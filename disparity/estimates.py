"""Estimates: what protected counts say, with intervals and words that hold for every count they could be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from disparity.catalogue import Catalogue, Indicator
from disparity.catalogue.deliveries import window_of
from disparity.catalogue.indicators import ALL, BROAD_GROUP, Linked, Mean, Rate, Rows, Share
from disparity.counts.cells import CELLS
from disparity.disclosure.released_counts import BEYOND
from disparity.markers import ABSENT, HIDDEN, UNRELIABLE
from disparity.periods import Quarter
from disparity.rounding import half_up
from disparity.rows import Estimate, columns_of, names_of
from disparity.statistics.comparison import Comparison, Interval
from disparity.statistics.effect import CANNOT_TELL, WITHIN, four_fifths_box, people_to_parity_box
from disparity.statistics.evidence import evidence_words
from disparity.statistics.means import mean_difference, mean_ratio
from disparity.statistics.multiplicity import benjamini_hochberg
from disparity.statistics.proportions import risk_difference, risk_ratio
from disparity.statistics.rates import rate_ratio
from disparity.statistics.unknowns import ratio_bounds
from disparity.statistics.worst_case import exact_p_where_small, hull

COLUMNS = names_of(Estimate)
OUTSIDE = "outside 0.80 to 1.25"
MORE_THAN_BASE = "[x] more events than people in the base"

Method = Literal["proportion", "rate", "mean", "share of a sum"]
_Floats = NDArray[np.float64]
_Bools = NDArray[np.bool_]
_Filling = dict[str, NDArray[Any]]
_COMPARED = CELLS[:4]
_TEXTS = names_of(Estimate, "text")


class _Sides(NamedTuple):
    """The four counts of comparisons in the order of their ratios: numerator group first."""

    events_1: Interval
    base_1: Interval
    events_2: Interval
    base_2: Interval


def estimate(
    protected: pd.DataFrame,
    catalogue: Catalogue,
    quarter: Quarter,
    *,
    percent_decimals: int,
    least_base: int,
    released: bool,
) -> pd.DataFrame:
    """Return one row per indicator, breakdown and level, with ``COLUMNS`` (``vintage`` is 0 until saved).

    ``protected`` is what :func:`disparity.disclosure.protection.protect` returns. Point values come from what is shown;
    intervals, p, evidence and flags hold for every count that a cell could be. Values are percent, pounds a
    head, or events a year per 100 staff; where a side may be fewer than ``least_base`` people a row is `UNRELIABLE`.
    ``released`` withholds figures about a named few unless their
    agreement is recorded: nothing is computed from them, and they are no part of the family that p-values are
    adjusted over.
    """
    rows = _in_order(protected, catalogue)
    if released:
        rows = _without_the_unagreed(rows, catalogue)
    traits = _traits(rows, catalogue)
    table = _frame(rows, catalogue, quarter)
    table["status"] = _statuses(rows, traits, least_base)
    values = _values(table, rows, traits)
    _fill_values(table, values, traits, percent_decimals)
    comparable = _comparable(table, rows)
    method = traits["method"].to_numpy(object)
    for name, compare in _COMPARISONS.items():
        at = np.flatnonzero(comparable & (method == name))
        if at.size:
            chosen = {side: each[at] for side, each in values.items()}
            flipped = traits["flipped"].to_numpy(bool)[at]
            _fill(table, at, compare(rows.iloc[at], chosen, flipped))
    _coarsen_shares_of_sums(table, traits)
    counted = comparable & np.isin(method, ("proportion", "rate"))
    _fill_flags(table, rows, traits, comparable & (method == "proportion"))
    _fill_people_to_parity(table, rows, traits, comparable)
    _fill_unknown_bounds(table, traits, counted)
    table["q_value"] = benjamini_hochberg(table["p_value"].to_numpy(float))
    table["evidence"] = _evidence(table, traits)
    return _finished(table)


def method_of(indicator: Indicator) -> Method:
    """Return how an indicator's two sides are compared."""
    if isinstance(indicator, Mean) or (isinstance(indicator, Linked) and indicator.value is not None):
        return "mean"
    if isinstance(indicator, Share) and indicator.value is not None:
        return "share of a sum"
    return "rate" if isinstance(indicator, Rate) else "proportion"


def _in_order(protected: pd.DataFrame, catalogue: Catalogue) -> pd.DataFrame:
    order = {name: position for position, name in enumerate(catalogue.indicators)}
    return protected.sort_values(
        "indicator", key=lambda names: names.map(order), kind="stable", ignore_index=True
    )


def _without_the_unagreed(rows: pd.DataFrame, catalogue: Catalogue) -> pd.DataFrame:
    """Blank the figures about a named few whose agreement is not recorded, and drop their breakdowns."""
    agreed = {name for name, each in catalogue.organisation.agreements.items() if each.agreed_on is not None}
    withheld = [
        name
        for name, each in catalogue.indicators.items()
        if each.needs_agreement is not None and each.needs_agreement not in agreed
    ]
    rows = rows[~(rows["indicator"].isin(withheld) & (rows["breakdown"] != ALL))].reset_index(drop=True)
    of_them = rows["indicator"].isin(withheld)
    for column in rows.columns.difference(["indicator", "breakdown", "level", "as_of", "missing"]):
        blank = ABSENT if column.endswith("_status") else np.nan
        rows[column] = rows[column].mask(of_them, blank)
    return rows.assign(missing=rows["missing"].mask(of_them, "not agreed"))


def _traits(rows: pd.DataFrame, catalogue: Catalogue) -> pd.DataFrame:
    """Return what each row's indicator says of how it is compared."""
    indicators = [catalogue.indicators[name] for name in rows["indicator"]]
    return pd.DataFrame(
        {
            "method": [method_of(each) for each in indicators],
            "flipped": [each.ratio_of == "group/reference" for each in indicators],
            "flagged": [each.flag == "four_fifths" for each in indicators],
            "parity": [isinstance(each, Rows | Linked) and each.better == "higher" for each in indicators],
            "by_ethnicity": [not isinstance(each, Share) for each in indicators],
            "margin_low": [each.margin[0] for each in indicators],
            "margin_high": [each.margin[1] for each in indicators],
        }
    )


def _frame(rows: pd.DataFrame, catalogue: Catalogue, quarter: Quarter) -> pd.DataFrame:
    indicators = [catalogue.indicators[name] for name in rows["indicator"]]
    windows = [window_of(each, quarter, as_of) for each, as_of in zip(indicators, rows["as_of"], strict=True)]
    words = [
        _group_words(each, breakdown, level, catalogue)
        for each, breakdown, level in zip(indicators, rows["breakdown"], rows["level"], strict=True)
    ]
    table = pd.DataFrame(
        {
            "organisation": catalogue.organisation.name,
            "theme": [each.theme for each in indicators],
            "indicator": rows["indicator"],
            "breakdown": rows["breakdown"],
            "level": rows["level"],
            "quarter": quarter.key,
            "period_start": [window[0].start.isoformat() for window in windows],
            "period_end": [window[-1].end.isoformat() for window in windows],
            "quarters": [len(window) for window in windows],
            "reference_group": [reference for reference, _ in words],
            "group": [group for _, group in words],
            "ratio_of": [_ratio_words(each, *pair) for each, pair in zip(indicators, words, strict=True)],
            "vintage": 0,
        }
    )
    for cell in CELLS:
        table[cell] = rows[f"{cell}_shown"].astype(float)
        table[f"{cell}_status"] = rows[f"{cell}_status"]
    for column in (each for each in COLUMNS if each not in table.columns):
        table[column] = pd.Series("" if column in _TEXTS else np.nan, table.index)
    return table.loc[:, list(COLUMNS)]


def _group_words(indicator: Indicator, breakdown: str, level: str, catalogue: Catalogue) -> tuple[str, str]:
    style = catalogue.house_style
    words = style.levels.get(breakdown, {}).get(level, level)
    if not isinstance(indicator, Share):
        group = words if breakdown == BROAD_GROUP else style.groups["ethnic_minority"]
        return style.groups["white"], group
    if indicator.part_words is not None:
        return indicator.rest_words, indicator.part_words
    if breakdown in (ALL, BROAD_GROUP):
        return "", indicator.base_words
    return indicator.rest_words, words


def _ratio_words(indicator: Indicator, reference: str, group: str) -> str:
    if not reference:
        return ""
    return f"{reference} / {group}" if indicator.ratio_of == "reference/group" else f"{group} / {reference}"


def _statuses(rows: pd.DataFrame, traits: pd.DataFrame, least_base: int) -> pd.Series[str]:
    """Say of each row why its comparison is not told, or ""."""
    hidden = (rows[[f"{cell}_status" for cell in _COMPARED]] == HIDDEN).any(axis=1)
    for method, sums in (("mean", ("reference_mean", "group_mean")), ("share of a sum", ("group_total",))):
        of_nobody = (rows[["reference_base_high", "group_base_high"]] == 0).any(axis=1)
        hidden |= (traits["method"] == method) & rows[list(sums)].isna().any(axis=1) & ~of_nobody
    over = pd.Series(data=False, index=rows.index)
    for side in ("reference", "group"):
        over |= rows[f"{side}_events_low"] > rows[f"{side}_base_high"]
    impossible = over & (traits["method"] == "proportion")
    lacking = rows["missing"] != ""
    few = (rows[["reference_base_low", "group_base_low"]] < least_base).any(axis=1)
    words = np.select(
        [lacking, impossible, hidden, few], ["[x] " + rows["missing"], MORE_THAN_BASE, HIDDEN, UNRELIABLE], ""
    )
    return pd.Series(words, rows.index, dtype="str")


def _values(table: pd.DataFrame, rows: pd.DataFrame, traits: pd.DataFrame) -> dict[str, _Floats]:
    """Return the value of each side from what is shown, before rounding: NaN where a row is not told."""
    values: dict[str, _Floats] = {}
    method = traits["method"].to_numpy(object)
    for side in ("reference", "group"):
        base, events = table[f"{side}_base"].to_numpy(float), table[f"{side}_events"].to_numpy(float)
        mean, whole, of_group = (
            rows[each].to_numpy(float) for each in (f"{side}_mean", "reference_total", "group_total")
        )
        with np.errstate(divide="ignore", invalid="ignore"):
            value = np.select(
                [method == "mean", method == "rate"], [mean, 400 * events / base], 100 * events / base
            )
            if side == "group":
                value = np.where(method == "share of a sum", 100 * of_group / whole, value)
        values[side] = np.where((table["status"] == "") & np.isfinite(value), value, np.nan)
    return values


def _fill_values(
    table: pd.DataFrame, values: dict[str, _Floats], traits: pd.DataFrame, percent_decimals: int
) -> None:
    method = traits["method"].to_numpy(object)
    for side, value in values.items():
        table[f"{side}_value"] = np.select(
            [method == "mean", method == "rate"],
            [half_up(value, 2), half_up(value, 1)],
            default=half_up(value, percent_decimals),
        )


def _comparable(table: pd.DataFrame, rows: pd.DataFrame) -> _Bools:
    """Return which rows have two sides whose counts are known or bounded.

    Where one count of an indicator is hidden for another's sake no row with a hidden count is compared: that some are and
    some are not would tell which were hidden for which reason, and by the rule what they must have been.
    """
    high = rows[[f"{cell}_high" for cell in _COMPARED]].to_numpy(float)
    unsized = pd.Series((high >= BEYOND).any(axis=1), rows.index).groupby(rows["indicator"]).transform("any")
    told = table["status"] == ""
    possible = (told | (table["status"] == HIDDEN) & ~unsized).to_numpy()
    bounded = np.isfinite(high).all(axis=1) & (high < BEYOND).all(axis=1)
    return np.asarray(possible & bounded & (high[:, 0] > 0) & (high[:, 2] > 0))


def _ordered(first: _Floats, second: _Floats, flipped: _Bools) -> tuple[_Floats, _Floats]:
    return np.where(flipped, second, first), np.where(flipped, first, second)


def _pair(rows: pd.DataFrame, what: str, flipped: _Bools) -> tuple[Interval, Interval]:
    """Return the least and greatest of both sides, numerator group first."""
    low, high = (
        _ordered(
            rows[f"reference_{what}_{end}"].to_numpy(float),
            rows[f"group_{what}_{end}"].to_numpy(float),
            flipped,
        )
        for end in ("low", "high")
    )
    return Interval(low[0], high[0]), Interval(low[1], high[1])


def _sides(rows: pd.DataFrame, flipped: _Bools) -> _Sides:
    (events_1, events_2), (base_1, base_2) = _pair(rows, "events", flipped), _pair(rows, "base", flipped)
    return _Sides(events_1, base_1, events_2, base_2)


def _points(values: dict[str, _Floats], flipped: _Bools) -> _Filling:
    first, second = _ordered(values["reference"], values["group"], flipped)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = first / second
    return {"ratio": np.where(np.isfinite(ratio), ratio, np.nan), "difference": first - second}


def _compare_proportions(rows: pd.DataFrame, values: dict[str, _Floats], flipped: _Bools) -> _Filling:
    sides = _sides(rows, flipped)
    ratio, difference = hull(risk_ratio, *sides), hull(risk_difference, *sides)
    return _points(values, flipped) | {
        "ratio_low": np.asarray(ratio.low),
        "ratio_high": np.asarray(ratio.high),
        "p_value": np.asarray(exact_p_where_small(ratio.p_value, *sides)),
        "difference_low": 100 * np.asarray(difference.low),
        "difference_high": 100 * np.asarray(difference.high),
    }


def _compare_rates(rows: pd.DataFrame, values: dict[str, _Floats], flipped: _Bools) -> _Filling:
    ratio = hull(rate_ratio, *_sides(rows, flipped))
    limits = {"ratio_low": ratio.low, "ratio_high": ratio.high, "p_value": ratio.p_value}
    return _points(values, flipped) | {name: np.asarray(limit) for name, limit in limits.items()}


def _compare_means(rows: pd.DataFrame, values: dict[str, _Floats], flipped: _Bools) -> _Filling:
    """Compare rounded means: widest at the fewest people, the largest deviations, the ends of the means."""
    n, mean, spread = (_pair(rows, what, flipped) for what in ("base", "mean", "deviation"))
    told = np.isfinite([*mean[0], *mean[1], spread[0].high, spread[1].high]).all(axis=0)
    result = _points(values, flipped)
    for name, compare in (("ratio", mean_ratio), ("difference", mean_difference)):
        limits = np.full((3, len(rows)), np.nan)
        if told.any():
            ends = ((mean[0].low, mean[1].high), (mean[0].high, mean[1].low))
            corners = [
                compare(
                    *(
                        each[told]
                        for each in (n[0].low, first, spread[0].high, n[1].low, second, spread[1].high)
                    )
                )
                for first, second in ends
            ]
            limits[:, told] = _widest(*corners)
        result |= {f"{name}_low": limits[0], f"{name}_high": limits[1], "p_value": limits[2]}
    return result


def _widest(lowest: Comparison, highest: Comparison) -> list[_Floats]:
    """Return low, high and p over all between two comparisons; p is 1 where equality lies between them."""
    equal = (np.asarray(lowest.statistic) <= 0) & (np.asarray(highest.statistic) >= 0)
    p_value = np.where(equal, 1.0, np.maximum(lowest.p_value, highest.p_value))
    return [np.asarray(lowest.low), np.asarray(highest.high), p_value]


def _compare_shares_of_sums(rows: pd.DataFrame, values: dict[str, _Floats], flipped: _Bools) -> _Filling:
    """A sum of money is not a count of people: its share is set beside theirs, with no test."""
    return {"difference": _points(values, flipped)["difference"]}


def _coarsen_shares_of_sums(table: pd.DataFrame, traits: pd.DataFrame) -> None:
    """Take the difference of shares of money from the shares as told: a finer one would tell the sum more closely."""
    at = np.flatnonzero(
        (traits["method"] == "share of a sum").to_numpy() & table["difference"].notna().to_numpy()
    )
    told = {side: table[f"{side}_value"].to_numpy(float)[at] for side in ("reference", "group")}
    first, second = _ordered(told["reference"], told["group"], traits["flipped"].to_numpy(bool)[at])
    _fill(table, at, {"difference": first - second})


_COMPARISONS: dict[Method, Callable[[pd.DataFrame, dict[str, _Floats], _Bools], _Filling]] = {
    "proportion": _compare_proportions,
    "rate": _compare_rates,
    "mean": _compare_means,
    "share of a sum": _compare_shares_of_sums,
}


def _fill(table: pd.DataFrame, at: NDArray[np.intp], filling: _Filling) -> None:
    for column, values in filling.items():
        whole = table[column].to_numpy(copy=True)
        whole[at] = values
        table[column] = whole


def _fill_flags(table: pd.DataFrame, rows: pd.DataFrame, traits: pd.DataFrame, comparable: _Bools) -> None:
    """Say where the ratio lies by four-fifths, on every table the cells could be."""
    at = np.flatnonzero(comparable & traits["flagged"].to_numpy(bool))
    if at.size:
        flags = np.asarray(four_fifths_box(*_sides(rows.iloc[at], traits["flipped"].to_numpy(bool)[at])))
        _fill(table, at, {"flag": np.where(np.isin(flags, (WITHIN, CANNOT_TELL)), flags, OUTSIDE)})


def _fill_people_to_parity(
    table: pd.DataFrame, rows: pd.DataFrame, traits: pd.DataFrame, comparable: _Bools
) -> None:
    """Say how many of the reference group's events would have had to be the group's, where all is told."""
    of_people = traits["parity"].to_numpy(bool) & (traits["method"] == "proportion").to_numpy()
    at = np.flatnonzero(comparable & of_people & (table["status"] == "").to_numpy())
    if at.size:
        few, many = people_to_parity_box(*_sides(rows.iloc[at], np.zeros(at.size, bool)))
        words = [
            f"{low:d}" if low == high else f"{low:d} to {high:d}"
            for low, high in zip(np.atleast_1d(few), np.atleast_1d(many), strict=True)
        ]
        _fill(table, at, {"people_to_parity": np.array(words, dtype=object)})


def _fill_unknown_bounds(table: pd.DataFrame, traits: pd.DataFrame, comparable: _Bools) -> None:
    """Say what the ratio would be with everyone of unknown ethnicity in one group, from shown counts."""
    order = [f"{side}_{cell}" for side in ("reference", "group", "unknown") for cell in ("events", "base")]
    counts = table[order].to_numpy(float)
    told = np.isfinite(counts).all(axis=1) & (table["status"] == "").to_numpy()
    sound = (counts[:, [0, 2, 4]] <= counts[:, [1, 3, 5]]).all(axis=1) & (counts[:, [1, 3]] > 0).all(axis=1)
    at = np.flatnonzero(comparable & told & sound & traits["by_ethnicity"].to_numpy(bool))
    if at.size:
        flipped = traits["flipped"].to_numpy(bool)[at, np.newaxis]
        bounds = ratio_bounds(*np.where(flipped, counts[at][:, [2, 3, 0, 1, 4, 5]], counts[at]).T)
        low, high = np.asarray(bounds.low), np.asarray(bounds.high)
        _fill(table, at, {"ratio_low_unknown": low, "ratio_high_unknown": high})


def _evidence(table: pd.DataFrame, traits: pd.DataFrame) -> NDArray[np.object_]:
    """Return the fixed words where something was compared, each judged by its indicator's own margin."""
    words = np.full(len(table), "", dtype=object)
    compared = table["p_value"].notna().to_numpy()
    margins = traits[["margin_low", "margin_high"]].to_numpy(float)
    for low, high in np.unique(margins[compared], axis=0):
        at = np.flatnonzero(compared & (margins == (low, high)).all(axis=1))
        judged = (table[column].to_numpy(float)[at] for column in ("q_value", "ratio_low", "ratio_high"))
        words[at] = evidence_words(*judged, margin_low=float(low), margin_high=float(high))
    return words


def _finished(table: pd.DataFrame) -> pd.DataFrame:
    """Round what is computed, and give every column its one type."""
    for name, column in columns_of(Estimate).items():
        if column.about.decimals is not None:
            table[name] = half_up(table[name], column.about.decimals)
    return table.astype(dict.fromkeys(_TEXTS, "str") | {"quarters": "int64"})
