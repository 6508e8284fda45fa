"""When the quarter's report runs: at 06:00 in London on the 15th, summer time or not, for the quarter just closed."""

from __future__ import annotations

import datetime as dt

import dagster as dg
import pytest

from pipelines.schedules import LONDON, last_closed_quarter, quarterly_schedule


@pytest.mark.parametrize(
    ("moment", "key"),
    [
        ("2026-10-15T06:00:00+01:00", "2026-07-01"),
        ("2026-06-30T22:59:59+00:00", "2026-01-01"),
        ("2026-06-30T23:00:00+00:00", "2026-04-01"),
        ("2025-12-31T23:59:59+00:00", "2025-07-01"),
        ("2026-01-01T00:00:00+00:00", "2025-10-01"),
        ("2026-03-31T23:30:00+00:00", "2026-01-01"),
    ],
)
def test_a_quarter_closes_at_midnight_in_london(moment: str, key: str) -> None:
    assert last_closed_quarter(dt.datetime.fromisoformat(moment)).key == key


@pytest.mark.parametrize(
    ("tick", "key"),
    [
        (dt.datetime(2026, 1, 15, 6, tzinfo=LONDON), "2025-10-01"),
        (dt.datetime(2026, 4, 15, 6, tzinfo=LONDON), "2026-01-01"),
        (dt.datetime(2026, 7, 15, 6, tzinfo=LONDON), "2026-04-01"),
        (dt.datetime(2026, 10, 15, 6, tzinfo=LONDON), "2026-07-01"),
        (dt.datetime(2026, 7, 15, 5, tzinfo=dt.UTC), "2026-04-01"),
    ],
)
def test_each_tick_asks_once_for_the_quarter_that_closed(tick: dt.datetime, key: str) -> None:
    schedule = quarterly_schedule("quarterly_report")
    asked = schedule(dg.build_schedule_context(scheduled_execution_time=tick))
    assert isinstance(asked, dg.RunRequest)
    assert (asked.partition_key, asked.run_key) == (key, f"quarterly {key}")
    assert asked.run_config in (None, {})


def test_it_ticks_at_six_in_london_all_year_and_is_on() -> None:
    schedule = quarterly_schedule("quarterly_report")
    assert schedule.default_status is dg.DefaultScheduleStatus.RUNNING
    assert isinstance(schedule.cron_schedule, str)
    # A partition begins where the cron expression ticks: Dagster's own reading of it, clock changes included.
    ticks = dg.TimeWindowPartitionsDefinition(
        start="2025-01-01", end="2026-02-01", cron_schedule=schedule.cron_schedule, fmt="%Y-%m-%d",
        timezone=schedule.execution_timezone,
    )  # fmt: skip
    at = [window.start for window in map(ticks.time_window_for_partition_key, ticks.get_partition_keys())]
    assert [moment.isoformat() for moment in at] == [
        "2025-01-15T06:00:00+00:00",
        "2025-04-15T06:00:00+01:00",
        "2025-07-15T06:00:00+01:00",
        "2025-10-15T06:00:00+01:00",
    ]
