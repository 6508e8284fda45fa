"""The estimates as a table: its columns, its canonical form, and the tidy ``indicators.csv``."""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
from typing import Any

import pandas as pd

from disparity.catalogue.indicators import Indicator, Linked, Mean, Rate
from disparity.formulas import without_apostrophe, without_formula
from disparity.periods import Quarter
from disparity.rounding import written
from disparity.rows import Estimate, columns_of, names_of

COLUMNS = names_of(Estimate)
QUARTER, PERIOD_END = "quarter", "period_end"
TEXTS, WHOLES, NUMBERS = (names_of(Estimate, kind) for kind in ("text", "whole", "number"))
_DECIMALS = {name: each.about.decimals or 0 for name, each in columns_of(Estimate).items()}
# Written with all of their decimals; other numbers without zeros at the end.
_PADDED = 2


def canonical(estimates: pd.DataFrame) -> pd.DataFrame:
    """Return the estimates with exactly `COLUMNS`, texts as ``str`` without nulls and numbers as float64.

    The order of rows is kept. A table of an earlier version, which did not say the quarter of its report, has it from the
    period, which ended with it. Raises ValueError naming the columns that are missing or not known.
    """
    if QUARTER not in estimates.columns and PERIOD_END in estimates.columns:
        ends = [dt.date.fromisoformat(end) for end in estimates[PERIOD_END]]
        estimates = estimates.assign(**{QUARTER: [Quarter.holding(end).key for end in ends]})
    wrong = sorted(set(COLUMNS) ^ set(estimates.columns))
    if wrong:
        raise ValueError(f"estimates have the wrong columns: {', '.join(wrong)}")
    return pd.DataFrame({name: _column(name, estimates[name]) for name in COLUMNS}, columns=list(COLUMNS))


def _column(name: str, column: pd.Series[Any]) -> pd.Series[Any]:
    column = column.reset_index(drop=True)
    if name in TEXTS:
        if column.dtype == "str":
            return column.fillna("")
        return pd.Series([_text(value) for value in column], dtype="str")
    if name in WHOLES:
        return column.astype("int64")
    if column.dtype == "float64":
        return column
    return pd.Series([math.nan if pd.isna(value) else float(value) for value in column], dtype="float64")


def rows_of(estimates: pd.DataFrame) -> tuple[Estimate, ...]:
    """Return the estimates row by row. Raises ValueError where `canonical` does."""
    frame = canonical(estimates).astype(object)
    frame = frame.where(frame.notna(), None)
    return tuple(
        Estimate(**{str(key): value for key, value in row.items()}) for row in frame.to_dict("records")
    )


def unit_of(indicator: Indicator) -> str:
    """Return the unit of an indicator's values: percent, pounds, hours, points or a rate per 100 a year."""
    match indicator:
        case Mean() | Linked():
            return indicator.unit
        case Rate():
            return "rate"
        case _:
            return "percent"


def decimals_of(indicator: Indicator, percent_decimals: int) -> int:
    """Return how many decimals a value of this indicator is told with."""
    fixed = {"pounds": 0, "hours": 1, "points": 2, "rate": 1}
    return fixed.get(unit_of(indicator), percent_decimals)


def indicators_csv(estimates: pd.DataFrame) -> bytes:
    """Write the tidy file: `COLUMNS` as header, UTF-8, lines ended by LF, ``inf`` where a limit has no end.

    A text that a spreadsheet would run as a formula is given an apostrophe in front.
    """
    lines = [COLUMNS, *([_cell(name, getattr(row, name)) for name in COLUMNS] for row in rows_of(estimates))]
    return "".join(f"{','.join(quoted(cell) for cell in line)}\n" for line in lines).encode()


def read_indicators_csv(content: bytes) -> pd.DataFrame:
    """Read what `indicators_csv` wrote, in canonical form; an earlier version wrote fewer columns."""
    lines = csv.DictReader(io.StringIO(content.decode(), newline=""))
    columns = [name for name in COLUMNS if name in (lines.fieldnames or ())]
    read = [{name: _read(name, line[name]) for name in columns} for line in lines]
    return canonical(pd.DataFrame(read, columns=columns))


def _text(value: Any) -> str:
    if value is None or (not isinstance(value, str) and pd.isna(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _cell(name: str, value: Any) -> str:
    if value is None:
        return ""
    if name in WHOLES or name == "people_to_parity":
        return str(value)
    if name in TEXTS:
        return without_formula(value)
    return written(value, _DECIMALS[name]) if _DECIMALS[name] >= _PADDED else _trimmed(value)


def quoted(cell: str) -> str:
    """Quote a cell as RFC 4180 has it; Python's writer differs by version for a lone carriage return."""
    return '"' + cell.replace('"', '""') + '"' if set(cell) & set(',"\r\n') else cell


def _trimmed(value: float) -> str:
    figure = written(value, 2).rstrip("0").rstrip(".") if math.isfinite(value) else str(value)
    return "0" if figure == "-0" else figure


def _read(name: str, cell: str) -> Any:
    if name in NUMBERS:
        return float(cell) if cell else math.nan
    if name in WHOLES:
        return int(cell)
    return without_apostrophe(cell)
