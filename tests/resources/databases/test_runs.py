"""Tests of runs, extracts and the audit log."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
import sqlalchemy as sa

from disparity.periods import Quarter
from resources.databases import (
    ExtractState,
    extract_states,
    log,
    open_database,
    record_run,
    save_extract_state,
)

SUMMER = Quarter.from_key("2026-07-01")
NOON = dt.datetime(2026, 10, 15, 12, tzinfo=dt.UTC)
FILE = ExtractState("staff.csv", "a" * 64, "2990", "10", "received", "2,990 rows accepted, 10 rejected")


@pytest.fixture
def results(new_url: Callable[[], str]) -> Iterator[sa.Engine]:
    """An empty results database."""
    engine = open_database("results", new_url())
    yield engine
    engine.dispose()


def test_a_run_is_recorded_once_for_each_quarter(results: sa.Engine) -> None:
    for quarter, what in ((SUMMER, "quarterly report"), (SUMMER, "again"), (SUMMER.plus(-1), "history")):
        record_run(
            results, "run-1", quarter, code_version="1.0", catalogue_hash="c" * 64, what=what, started_at=NOON
        )
    with results.connect() as connection:
        assert connection.execute(sa.text("SELECT quarter, what FROM run ORDER BY quarter")).all() == [
            ("2026-04-01", "history"),
            ("2026-07-01", "quarterly report"),
        ]


def test_the_current_files_of_a_quarter_come_back(results: sa.Engine) -> None:
    second = replace(FILE, file_name="agency.csv", sha256="b" * 64, rows_accepted="[c]")
    absent = ExtractState("", "", "0", "0", "not received", "no file has arrived")
    for _ in range(2):
        save_extract_state(results, "staff_in_post", SUMMER, [FILE, second])
        save_extract_state(results, "staff_survey", SUMMER, [absent])
    assert extract_states(results, SUMMER) == {"staff_in_post": (second, FILE), "staff_survey": (absent,)}
    assert extract_states(results, SUMMER.plus(-1)) == {}


def test_a_restated_file_takes_the_place_of_the_old_one_which_is_kept(results: sa.Engine) -> None:
    restated = replace(FILE, sha256="d" * 64, rows_rejected="0")
    for state in (FILE, restated):
        save_extract_state(results, "staff_in_post", SUMMER, [state])
    assert extract_states(results, SUMMER) == {"staff_in_post": (restated,)}
    with results.connect() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM extract")).scalar() == 2
    save_extract_state(results, "staff_in_post", SUMMER, [FILE])
    assert extract_states(results, SUMMER) == {"staff_in_post": (FILE,)}


def test_the_log_keeps_every_line(results: sa.Engine) -> None:
    for what in ("approved the release", "approved the release", "published"):
        log(results, "A. Director", what, NOON)
    with results.connect() as connection:
        assert connection.execute(sa.text("SELECT what FROM audit_log ORDER BY id")).scalars().all() == [
            "approved the release",
            "approved the release",
            "published",
        ]
