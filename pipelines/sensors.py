"""What starts or tells by itself: a complete new set of extracts, and a run that failed."""

import datetime as dt
import hashlib

import dagster as dg

from disparity.datasets import DATASETS
from disparity.periods import Quarter
from disparity.refusal import Refusal
from pipelines.schedules import LONDON, last_closed_quarter
from resources.notifier import notify
from resources.workplace import Workplace

LOOK_EVERY_SECONDS = 300


def extracts_seen(workplace: Workplace, quarter: Quarter) -> str | None:
    """Return a hash over the content of the quarter's extract files, or None while a required one is not there.

    A database source has no file to watch: it is taken to be there. Raises Refusal for several files where one is meant.
    """
    from resources.lake import sha256_of
    from resources.landing import find_files

    digest = hashlib.sha256()
    found_any = False
    for name, source in sorted(workplace.catalogue.sources.items()):
        if source.format == "sql":
            continue
        files = find_files(DATASETS[name], source, quarter, workplace.settings.landing)
        yearly = DATASETS[name].rarer_than_quarters
        if not files and not yearly and name in workplace.catalogue.organisation.required_datasets:
            return None
        for path in files:
            found_any = True
            digest.update(f"{name}\0{path.name}\0{sha256_of(path)}\0".encode())
    return digest.hexdigest()[:16] if found_any else None


def new_extracts_sensor(job_name: str) -> dg.SensorDefinition:
    """Run the last closed quarter when every required extract is there, once per content of the set."""

    @dg.sensor(
        name="new_extracts_sensor",
        job_name=job_name,
        minimum_interval_seconds=LOOK_EVERY_SECONDS,
        default_status=dg.DefaultSensorStatus.STOPPED,
        description="Sees a complete new set of extracts in the landing folder and runs their quarter, once per content.",
    )
    def sensor(
        context: dg.SensorEvaluationContext, workplace: dg.ResourceParam[Workplace]
    ) -> dg.RunRequest | dg.SkipReason:
        quarter = last_closed_quarter(dt.datetime.now(LONDON))
        try:
            seen = extracts_seen(workplace, quarter)
        except Refusal as refusal:
            return dg.SkipReason(str(refusal))
        if seen is None:
            return dg.SkipReason(f"the required extracts of {quarter.words} are not all there yet")
        return dg.RunRequest(run_key=f"extracts {quarter.key} {seen}", partition_key=quarter.key)

    return sensor


def failure_sensor() -> dg.SensorDefinition:
    """Tell people that a run failed: in the log, and by Teams or e-mail where set."""

    @dg.run_failure_sensor(
        name="run_failure_sensor",
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Says in the log, and by Microsoft Teams or e-mail where set, that a run failed and for which quarter.",
    )
    def sensor(context: dg.RunFailureSensorContext, workplace: dg.ResourceParam[Workplace]) -> None:
        quarter = context.dagster_run.tags.get("dagster/partition", "no quarter")
        message = f"{context.dagster_run.job_name} failed for {quarter}. Dagster's page of the run says why."
        context.log.error(message)
        notify(workplace.settings, message)

    return sensor
