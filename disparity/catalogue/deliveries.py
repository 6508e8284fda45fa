"""Surveys: a figure from a dataset that comes more rarely than quarters is of its delivery's time, not of the window.

A window says how far back the latest delivery may lie. Reports of several quarters rest on one delivery, so that a series
has one figure for it, and what it is compared with is the delivery before.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from disparity.catalogue import Catalogue
from disparity.catalogue.indicators import Indicator
from disparity.datasets import DATASETS
from disparity.markers import ABSENT
from disparity.periods import Quarter


def is_of_a_survey(indicator: Indicator) -> bool:
    """Whether an indicator's figures come from one delivery of a dataset that is rarer than quarters."""
    return DATASETS[indicator.dataset].rarer_than_quarters


def is_of_single_quarters(indicator: Indicator) -> bool:
    """Whether every quarter has a figure of its own that shares nobody with the one before."""
    return indicator.quarters == 1 and not is_of_a_survey(indicator)


def window_of(indicator: Indicator, quarter: Quarter, as_of: str) -> tuple[Quarter, ...]:
    """Return the quarters that a figure in the report of ``quarter`` is of: the window's, or the one of the survey.

    ``as_of`` is the key of the quarter whose delivery is counted last, "" where none is.
    """
    if is_of_a_survey(indicator) and as_of:
        return (Quarter.from_key(as_of),)
    return quarter.window(indicator.quarters)


def is_held(quarters: int, status: str) -> bool:
    """Whether a row of such an indicator is of a survey: one that lacks it spans the window, and so did those of before.

    Earlier versions gave a survey's rows the window, from which nobody can tell which survey it was.
    """
    return quarters == 1 and not status.startswith(ABSENT)


def one_row_a_survey(table: pd.DataFrame, catalogue: Catalogue, quarter: Quarter) -> pd.DataFrame:
    """Return the rows of several reports, oldest first, with each survey once, as the latest report has it.

    Of indicators of surveys nothing else is kept but what the report of ``quarter`` itself has.
    """
    surveys = [name for name, each in catalogue.indicators.items() if is_of_a_survey(each)]
    held = pd.Series(map(is_held, table["quarters"], table["status"]), index=table.index, dtype=bool)
    kept = ~table["indicator"].isin(surveys) | held | (table["quarter"] == quarter.key)
    return table[kept].drop_duplicates(["indicator", "breakdown", "level", "period_end"], keep="last")


def quarters_counted(dataset: str, window: Sequence[Quarter]) -> Sequence[Quarter]:
    """Return the quarters of a window that are counted: of a snapshot the last, else every one."""
    return window[-1:] if DATASETS[dataset].cadence == "snapshot" else window
