"""When the quarter's report runs with nobody watching."""

import datetime as dt
from zoneinfo import ZoneInfo

import dagster as dg

from disparity.periods import Quarter

LONDON = ZoneInfo("Europe/London")


def last_closed_quarter(moment: dt.datetime) -> Quarter:
    """Return the last quarter that had ended at a moment, by London's calendar."""
    return Quarter.holding(moment.astimezone(LONDON).date()).plus(-1)


def quarterly_schedule(job_name: str) -> dg.ScheduleDefinition:
    """Run the last closed quarter at 06:00 on the 15th of the month after it ended, once."""

    @dg.schedule(
        name="quarterly_report_schedule",
        job_name=job_name,
        cron_schedule="0 6 15 1,4,7,10 *",
        execution_timezone="Europe/London",
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="06:00 on the 15th of January, April, July and October, for the quarter that has just closed.",
    )
    def schedule(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        quarter = last_closed_quarter(context.scheduled_execution_time)
        return dg.RunRequest(run_key=f"quarterly {quarter.key}", partition_key=quarter.key)

    return schedule
