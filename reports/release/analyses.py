"""The analyses as a table: its columns, its canonical form, and the tidy ``analyses.csv``."""

from __future__ import annotations

from typing import Any

import pandas as pd

from disparity.formulas import without_formula
from disparity.rounding import written
from disparity.rows import Line, columns_of, names_of
from reports.release.estimates import quoted

ANALYSES_COLUMNS = names_of(Line)
_NUMBERS = names_of(Line, "number")
_DECIMALS = {name: each.about.decimals or 0 for name, each in columns_of(Line).items()}


def canonical_analyses(analyses: pd.DataFrame) -> pd.DataFrame:
    """Return the analyses with their columns in order, texts as ``str`` and numbers as float64."""
    wrong = sorted(set(ANALYSES_COLUMNS) ^ set(analyses.columns))
    if wrong:
        raise ValueError(f"analyses have the wrong columns: {', '.join(wrong)}")
    kinds = {name: "float64" if name in _NUMBERS else "str" for name in ANALYSES_COLUMNS}
    return analyses.loc[:, list(ANALYSES_COLUMNS)].reset_index(drop=True).astype(kinds)


def lines_of(analyses: pd.DataFrame) -> tuple[Line, ...]:
    """Return the analyses line by line."""
    frame = canonical_analyses(analyses).astype(object)
    frame = frame.where(frame.notna(), None)
    return tuple(Line(**{str(key): value for key, value in row.items()}) for row in frame.to_dict("records"))


def analyses_csv(analyses: pd.DataFrame) -> bytes:
    """Write the tidy file: a header, UTF-8, lines ended by LF, an empty cell where nothing is told."""
    lines = [
        ANALYSES_COLUMNS,
        *([_cell(name, getattr(line, name)) for name in ANALYSES_COLUMNS] for line in lines_of(analyses)),
    ]
    return "".join(f"{','.join(quoted(cell) for cell in line)}\n" for line in lines).encode()


def _cell(name: str, value: Any) -> str:
    if value is None:
        return ""
    if name not in _NUMBERS:
        return without_formula(value)
    return written(value, _DECIMALS[name])
