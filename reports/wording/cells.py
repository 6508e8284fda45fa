"""Cells: what stands in a cell of a table, by the row it is of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from disparity.catalogue.indicators import Indicator, Share
from disparity.markers import NOT_APPLICABLE
from disparity.rounding import written
from disparity.rows import Estimate, Number
from reports.release.estimates import unit_of
from reports.wording.numbers import Wording, figure, interval, number


def cell(value: Number, status: str, written: str | None = None) -> str:
    """Write a figure, or the marker that stands in its place."""
    if value is None:
        return status or NOT_APPLICABLE
    return number(value) if written is None else written


Shape = Literal["values", "means", "counts"]
_PARTS: Mapping[Shape, tuple[str, ...]] = {
    "values": ("value",),
    "means": ("base", "value"),
    "counts": ("base", "events", "value"),
}


def shape_of(indicator: Indicator) -> Shape:
    """Say which figures of a side go together: a value alone, with its base, or with base and events."""
    if isinstance(indicator, Share) and indicator.value is not None:
        return "values"
    return "counts" if unit_of(indicator) in ("percent", "rate") else "means"


def side_value(
    row: Estimate, side: Literal["reference", "group"], indicator: Indicator, wording: Wording
) -> str:
    """Write one side's value, or the marker that stands in its place."""
    return side_cell(row, side, indicator, wording)[-1]


def side_cell(
    row: Estimate, side: Literal["reference", "group"], indicator: Indicator, wording: Wording
) -> list[str]:
    """Write the cells of one group: its people, its events and its value, as far as the indicator has them."""
    base, events, value = (getattr(row, f"{side}_{part}") for part in ("base", "events", "value"))
    base_status, events_status = getattr(row, f"{side}_base_status"), getattr(row, f"{side}_events_status")
    marker = events_status or base_status or row.marker
    value_cell = cell(value, marker, figure(value, indicator, wording))
    match shape_of(indicator):
        case "values":
            return [value_cell]
        case "means":
            return [cell(base, base_status), value_cell]
        case "counts":
            return [cell(base, base_status), cell(events, events_status), value_cell]


def ratio_cell(row: Estimate) -> str:
    """Write a ratio with its interval."""
    limits = interval(row.ratio_low, row.ratio_high)
    return written(row.ratio or 0, 2) + (f" ({limits})" if limits else "")
