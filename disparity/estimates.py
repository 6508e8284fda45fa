"""Estimates: what protected counts say of each indicator, with intervals and words that hold for every count they could be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from disparity.catalogue import Catalogue, Indicator
from disparity.catalogue.indicators import Linked, Mean, Rate, Rows, Share
from disparity.counts import ALL, CELLS
from disparity.disclosure import BEYOND, HIDDEN
from disparity.effect import CANNOT_TELL, WITHIN, four_fifths_box, people_to_parity_box
from disparity.evidence import evidence_words
from disparity.hull import hull
from disparity.means import mean_difference, mean_ratio
from disparity.multiplicity import benjamini_hochberg
from disparity.periods import Quarter
from disparity.proportions import Comparison, Interval, risk_difference, risk_ratio
from disparity.rates import rate_ratio
from disparity.unknowns import ratio_bounds

COLUMNS = (
    "organisation", "theme", "indicator", "breakdown", "level", "period_start", "period_end", "quarters",
    "reference_group", "group", "reference_base", "reference_events", "reference_value", "group_base", "group_events",
    "group_value", "ratio_of", "ratio", "ratio_low", "ratio_high", "difference", "difference_low", "difference_high",
    "p_value", "q_value", "evidence", "flag", "people_to_parity", "unknown_base", "unknown_events", "ratio_low_unknown",
    "ratio_high_unknown", "status", "vintage", *(f"{cell}_status" for cell in CELLS),
)  # fmt: skip
OUTSIDE = "outside 0.80 to 1.25"
NOT_AGREED = "[x] not agreed"
MORE_THAN_BASE = "[x] more events than people in the base"

Method = Literal["proportion", "rate", "mean", "share of a sum"]
_Floats = NDArray[np.float64]
_Bools = NDArray[np.bool_]
_COMPARED = CELLS[:4]
_ROUNDING = {"ratio": 2, "difference": 1, "p_value": 4, "q_value": 4}


class _Sides(NamedTuple):
    """The four counts of comparisons in the order of their ratios: numerator group first."""

    events_1: Interval
    base_1: Interval
    events_2: Interval
    base_2: Interval


def estimate(
    protected: pd.DataFrame, catalogue: Catalogue, quarter: Quarter, *, percent_decimals: int, released: bool
) -> pd.DataFrame:
    """Return one row per indicator, breakdown and level with the columns of ``COLUMNS`` (``vintage`` is 0 until saved).

    ``protected`` is what :func:`disparity.disclosure.protect` returns. Point values come from what is shown; intervals,
    p, evidence and flags hold for every count that a cell could be. Values are percent, pounds a head, or events a
    year per 100 staff. ``released`` withholds figures about a named few unless their agreement is recorded.
    """
    rows = _in_order(protected, catalogue)
    traits = _traits(rows, catalogue)
    table = _frame(rows, catalogue, quarter)
    _fill_status(table, rows, traits)
    values = _values(table, rows, traits)
    _fill_values(table, values, traits, percent_decimals)
    flipped = traits["flipped"].to_numpy(bool)
    method = traits["method"].to_numpy(object)
    comparable = _comparable(table, rows)
    for name, compare in _COMPARISONS.items():
        at = np.flatnonzero(comparable & (method == name))
        if at.size:
            filled = compare(table.iloc[at], rows.iloc[at], {side: each[at] for side, each in values.items()}, flipped[at])
            for column, filling in filled.items():
                table.loc[at, column] = filling
    _fill_effects(table, rows, traits, comparable & (method == "proportion"), flipped)
    table["q_value"] = benjamini_hochberg(table["p_value"].to_numpy(float))
    table["evidence"] = _evidence(table, traits)
    table = _rounded(table)
    return _without_the_unagreed(table, catalogue) if released else table


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


def _traits(rows: pd.DataFrame, catalogue: Catalogue) -> pd.DataFrame:
    """Return what each row's indicator says of how it is compared."""
    traits = pd.DataFrame(
        {
            name: {
                "method": method_of(each),
                "flipped": each.ratio_of == "group/reference",
                "flagged": each.flag == "four_fifths",
                "parity": isinstance(each, Rows | Linked) and each.better == "higher",
                "by_ethnicity": not isinstance(each, Share),
                "margin_low": each.margin[0],
                "margin_high": each.margin[1],
            }
            for name, each in catalogue.indicators.items()
        }
    ).T
    return traits.loc[rows["indicator"]].reset_index(drop=True)


def _frame(rows: pd.DataFrame, catalogue: Catalogue, quarter: Quarter) -> pd.DataFrame:
    indicators = [catalogue.indicators[name] for name in rows["indicator"]]
    windows = [quarter.window(each.quarters) for each in indicators]
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
            "period_start": [window[0].start.isoformat() for window in windows],
            "period_end": [window[-1].end.isoformat() for window in windows],
            "quarters": [each.quarters for each in indicators],
            "reference_group": [reference for reference, _ in words],
            "group": [group for _, group in words],
            "ratio_of": [_ratio_words(each, *pair) for each, pair in zip(indicators, words, strict=True)],
            "vintage": 0,
        }
    )
    for cell in CELLS:
        table[cell] = rows[f"{cell}_shown"].astype(float)
        table[f"{cell}_status"] = rows[f"{cell}_status"].astype(object)
    texts = ("evidence", "flag", "people_to_parity", "status")
    for column in (each for each in COLUMNS if each not in table.columns):
        table[column] = pd.Series("", table.index, dtype=object) if column in texts else np.nan
    return table.loc[:, list(COLUMNS)]


def _group_words(indicator: Indicator, breakdown: str, level: str, catalogue: Catalogue) -> tuple[str, str]:
    style = catalogue.house_style
    if not isinstance(indicator, Share):
        return style.groups["white"], style.groups["ethnic_minority"]
    if indicator.part_words is not None:
        return indicator.rest_words, indicator.part_words
    if breakdown == ALL:
        return "", indicator.base_words
    return indicator.rest_words, style.levels.get(breakdown, {}).get(level, level)


def _ratio_words(indicator: Indicator, reference: str, group: str) -> str:
    if not reference:
        return ""
    return f"{reference} / {group}" if indicator.ratio_of == "reference/group" else f"{group} / {reference}"


def _fill_status(table: pd.DataFrame, rows: pd.DataFrame, traits: pd.DataFrame) -> None:
    hidden = (table[[f"{cell}_status" for cell in _COMPARED]] == HIDDEN).any(axis=1)
    lacking = rows["missing"] != ""
    over = [rows[f"{side}_events_low"] > rows[f"{side}_base_high"] for side in ("reference", "group")]
    impossible = (over[0] | over[1]) & (traits["method"] == "proportion")
    table["status"] = np.select(
        [lacking, impossible, hidden], ["[x] " + rows["missing"], MORE_THAN_BASE, HIDDEN], default=""
    ).astype(object)


def _values(table: pd.DataFrame, rows: pd.DataFrame, traits: pd.DataFrame) -> dict[str, _Floats]:
    """Return the value of each side from what is shown, before rounding: NaN where a row is not told."""
    values: dict[str, _Floats] = {}
    method = traits["method"].to_numpy(object)
    for side in ("reference", "group"):
        base = table[f"{side}_base"].to_numpy(float)
        events, total = table[f"{side}_events"].to_numpy(float), rows[f"{side}_total"].to_numpy(float)
        with np.errstate(divide="ignore", invalid="ignore"):
            value = np.select(
                [method == "mean", method == "rate"], [total / base, 400 * events / base], default=100 * events / base
            )
            if side == "group":
                of_sum = 100 * total / rows["reference_total"].to_numpy(float)
                value = np.where(method == "share of a sum", of_sum, value)
        values[side] = np.where((table["status"] == "") & np.isfinite(value), value, np.nan)
    return values


def _fill_values(
    table: pd.DataFrame, values: dict[str, _Floats], traits: pd.DataFrame, percent_decimals: int
) -> None:
    method = traits["method"].to_numpy(object)
    for side, value in values.items():
        table[f"{side}_value"] = np.select(
            [method == "mean", method == "rate"], [value.round(2), value.round(1)], default=value.round(percent_decimals)
        )


def _comparable(table: pd.DataFrame, rows: pd.DataFrame) -> _Bools:
    """Return which rows have two sides whose counts are known or bounded."""
    high = rows[[f"{cell}_high" for cell in _COMPARED]].to_numpy(float)
    possible = table["status"].isin(["", HIDDEN]).to_numpy()
    bounded = np.isfinite(high).all(axis=1) & (high < BEYOND).all(axis=1)
    return np.asarray(possible & bounded & (high[:, 0] > 0) & (high[:, 2] > 0))


def _ordered(first: _Floats, second: _Floats, flipped: _Bools) -> tuple[_Floats, _Floats]:
    return np.where(flipped, second, first), np.where(flipped, first, second)


def _sides(rows: pd.DataFrame, flipped: _Bools) -> _Sides:
    def ordered(cell: str) -> tuple[Interval, Interval]:
        low, high = (
            _ordered(rows[f"reference_{cell}_{end}"].to_numpy(float), rows[f"group_{cell}_{end}"].to_numpy(float), flipped)
            for end in ("low", "high")
        )
        return Interval(low[0], high[0]), Interval(low[1], high[1])

    (events_1, events_2), (base_1, base_2) = ordered("events"), ordered("base")
    return _Sides(events_1, base_1, events_2, base_2)


def _points(values: dict[str, _Floats], flipped: _Bools) -> dict[str, object]:
    first, second = _ordered(values["reference"], values["group"], flipped)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = first / second
    return {"ratio": np.where(np.isfinite(ratio), ratio, np.nan), "difference": first - second}


def _compare_proportions(
    table: pd.DataFrame, rows: pd.DataFrame, values: dict[str, _Floats], flipped: _Bools
) -> dict[str, object]:
    sides = _sides(rows, flipped)
    ratio, difference = hull(risk_ratio, *sides), hull(risk_difference, *sides)
    return _points(values, flipped) | {
        "ratio_low": ratio.low,
        "ratio_high": ratio.high,
        "p_value": ratio.p_value,
        "difference_low": 100 * difference.low,
        "difference_high": 100 * difference.high,
    }


def _compare_rates(
    table: pd.DataFrame, rows: pd.DataFrame, values: dict[str, _Floats], flipped: _Bools
) -> dict[str, object]:
    ratio = hull(rate_ratio, *_sides(rows, flipped))
    return _points(values, flipped) | {"ratio_low": ratio.low, "ratio_high": ratio.high, "p_value": ratio.p_value}


def _compare_means(
    table: pd.DataFrame, rows: pd.DataFrame, values: dict[str, _Floats], flipped: _Bools
) -> dict[str, object]:
    n = _ordered(table["reference_base"].to_numpy(float), table["group_base"].to_numpy(float), flipped)
    mean = _ordered(values["reference"], values["group"], flipped)
    spread = _ordered(rows["reference_deviation"].to_numpy(float), rows["group_deviation"].to_numpy(float), flipped)
    told = np.isfinite([*n, *mean, *spread]).all(axis=0)
    sides = [each[told] for side in (0, 1) for each in (n[side], mean[side], spread[side])]
    result = _points(values, flipped)
    for name, compare in (("ratio", mean_ratio), ("difference", mean_difference)):
        made = np.full((3, len(table)), np.nan)
        if told.any():
            one = compare(*sides)
            made[:, told] = [one.low, one.high, one.p_value]
        result |= {f"{name}_low": made[0], f"{name}_high": made[1], "p_value": made[2]}
    return result


def _compare_shares_of_sums(
    table: pd.DataFrame, rows: pd.DataFrame, values: dict[str, _Floats], flipped: _Bools
) -> dict[str, object]:
    """A sum of money is not a count of people: its share is set beside theirs, with no test."""
    return {"difference": _points(values, flipped)["difference"]}


_COMPARISONS: dict[Method, Callable[..., dict[str, object]]] = {
    "proportion": _compare_proportions,
    "rate": _compare_rates,
    "mean": _compare_means,
    "share of a sum": _compare_shares_of_sums,
}


def _fill_effects(
    table: pd.DataFrame, rows: pd.DataFrame, traits: pd.DataFrame, comparable: _Bools, flipped: _Bools
) -> None:
    """Fill the four-fifths flag, people to parity, and what those of unknown ethnicity could do, where they have a meaning."""
    at = np.flatnonzero(comparable & traits["flagged"].to_numpy(bool))
    if at.size:
        flags = np.asarray(four_fifths_box(*_sides(rows.iloc[at], flipped[at])))
        table.loc[at, "flag"] = np.where(np.isin(flags, (WITHIN, CANNOT_TELL)), flags, OUTSIDE).astype(object)
    told = (table["status"] == "").to_numpy()
    at = np.flatnonzero(comparable & told & traits["parity"].to_numpy(bool))
    if at.size:
        few, many = people_to_parity_box(*_sides(rows.iloc[at], np.zeros(at.size, bool)))
        table.loc[at, "people_to_parity"] = [
            f"{low:d}" if low == high else f"{low:d} to {high:d}"
            for low, high in zip(np.atleast_1d(few), np.atleast_1d(many), strict=True)
        ]
    order = [f"{side}_{cell}" for side in ("reference", "group", "unknown") for cell in ("events", "base")]
    counts = table[order].to_numpy(float)
    sound = np.isfinite(counts).all(axis=1) & (counts[:, [0, 2, 4]] <= counts[:, [1, 3, 5]]).all(axis=1)
    at = np.flatnonzero(comparable & sound & (counts[:, [1, 3]] > 0).all(axis=1) & traits["by_ethnicity"].to_numpy(bool))
    if at.size:
        chosen = np.where(flipped[at, np.newaxis], counts[at][:, [2, 3, 0, 1, 4, 5]], counts[at])
        bounds = ratio_bounds(*chosen.T)
        table.loc[at, "ratio_low_unknown"], table.loc[at, "ratio_high_unknown"] = bounds.low, bounds.high


def _evidence(table: pd.DataFrame, traits: pd.DataFrame) -> NDArray[np.object_]:
    """Return the fixed words where something was compared, each judged by its indicator's own margin."""
    words = np.full(len(table), "", dtype=object)
    compared = table["p_value"].notna()
    for (low, high), group in traits[compared.to_numpy()].groupby(["margin_low", "margin_high"]):
        at = group.index.to_numpy()
        words[at] = evidence_words(
            table.loc[at, "q_value"].to_numpy(float),
            table.loc[at, "ratio_low"].to_numpy(float),
            table.loc[at, "ratio_high"].to_numpy(float),
            margin_low=float(low),
            margin_high=float(high),
        )
    return words


def _rounded(table: pd.DataFrame) -> pd.DataFrame:
    for column, decimals in _ROUNDING.items():
        bounds = (f"{column}_low", f"{column}_high", f"{column}_low_unknown", f"{column}_high_unknown")
        rounded = [each for each in (column, *bounds) if each in table.columns]
        table[rounded] = table[rounded].astype(float).round(decimals)
    return table


def _without_the_unagreed(table: pd.DataFrame, catalogue: Catalogue) -> pd.DataFrame:
    """Withhold figures about a named few whose agreement is not recorded."""
    agreed = {name for name, each in catalogue.organisation.agreements.items() if each.agreed_on is not None}
    for name, indicator in catalogue.indicators.items():
        if indicator.needs_agreement is None or indicator.needs_agreement in agreed:
            continue
        at = table["indicator"] == name
        table = table[~at | (table["breakdown"] == ALL)].reset_index(drop=True)
        row = table["indicator"] == name
        kept = COLUMNS[: COLUMNS.index("reference_base")] + ("ratio_of", "vintage")
        for column in (each for each in COLUMNS if each not in kept):
            blank: object = "" if table[column].dtype == object else np.nan
            table.loc[row, column] = "[x]" if column.endswith("_status") else blank
        table.loc[row, "status"] = NOT_AGREED
    return table
