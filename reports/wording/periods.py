"""Periods in words: what time a figure is of, on pages, charts and in sentences."""

from __future__ import annotations

import datetime as dt

from disparity.catalogue.deliveries import is_held, is_of_a_survey
from disparity.catalogue.indicators import Indicator, Share
from disparity.datasets import DATASETS
from disparity.periods import Quarter, words_of_span
from disparity.rows import Estimate
from reports.wording.numbers import label


def period_words(row: Estimate, indicator: Indicator) -> str:
    """Write when a row is about: as `when_words`, and of a survey what time it asked about."""
    asked = indicator.asks_about if is_survey(row, indicator) else None
    return when_words(row, indicator) + (f", about {label(asked)}" if asked else "")


def when_words(row: Estimate, indicator: Indicator) -> str:
    """Write when a row is about: its window, its survey, or its end for staff in post, who are counted there."""
    last = quarter_ending(row.period_end)
    if is_survey(row, indicator):
        return survey_words(last, indicator)
    if is_snapshot(indicator):
        return f"end of {last.last_month}"
    return words_of_span(Quarter.from_key(row.period_start).start, last.end)


def survey_words(held: Quarter, indicator: Indicator) -> str:
    """Name the survey of an indicator that was held in a quarter, such as ``survey of autumn 2025``."""
    return f"{DATASETS[indicator.dataset].called} of {held.season}"


def no_new_survey(row: Estimate, indicator: Indicator) -> str:
    """Say that the quarter brought no survey of its own; empty where it did, and of what is of no survey."""
    if not is_survey(row, indicator) or quarter_ending(row.period_end).key == row.quarter:
        return ""
    return f"No new {DATASETS[indicator.dataset].called} this quarter."


def is_survey(row: Estimate, indicator: Indicator) -> bool:
    """Whether a row is of one survey, and not of a window or of one that lacks its survey."""
    return is_of_a_survey(indicator) and is_held(row.quarters, row.status)


def quarter_ending(day: str) -> Quarter:
    """Return the quarter that ends on a day of the form ``2026-09-30``."""
    return Quarter.holding(dt.date.fromisoformat(day))


def then_words(of: str, indicator: Indicator) -> str:
    """Write the earlier period that an analysis names by its first and last day: a window, or a survey."""
    start, end = of.split(" to ")
    first, last = Quarter.from_key(start), quarter_ending(end)
    if is_of_a_survey(indicator) and first == last:
        return f"the {survey_words(last, indicator)}"
    return words_of_span(first.start, last.end)


def end_words(quarter: Quarter, indicator: Indicator) -> str:
    """Name one figure of a series in two words: by the month its period ends with, or the season of its survey."""
    return quarter.season if is_of_a_survey(indicator) else quarter.last_month


def is_snapshot(indicator: Indicator) -> bool:
    """Whether an indicator describes the staff in post on the last day of its window."""
    return isinstance(indicator, Share) and indicator.dataset == "staff_in_post" and indicator.value is None
