"""Executing one job for one quarter in this process, as a run that Dagster lists under the job and on the timeline."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import dagster as dg
from dagster._core.definitions.job_base import InMemoryJob
from dagster._core.execution.api import execute_run_iterator
from dagster._core.remote_origin import RemoteJobOrigin, RemoteRepositoryOrigin

from disparity.periods import Quarter
from pipelines.interface.processes import code_location

_REPOSITORY = "__repository__"  # Dagster's name for what a code location holds

# Started from a terminal, a run says on it what this command says, and not what the log of its page says.
_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
_ENDED = (
    dg.DagsterEventType.STEP_SUCCESS,
    dg.DagsterEventType.STEP_FAILURE,
    dg.DagsterEventType.STEP_SKIPPED,
)


def execute(
    definitions: dg.Definitions,
    job: str,
    quarter: Quarter,
    instance: dg.DagsterInstance,
    *,
    tags: Mapping[str, str] | None = None,
    resources: Mapping[str, object] | None = None,
    step_ended: Callable[[], None] = lambda: None,
) -> str:
    """Run one job for one quarter; return "" or the sentences of what failed, one a line.

    ``resources`` is what Dagster's dialog would ask for, by resource.

    Dagster's own ``execute_in_process`` makes a run of no code location, and its timeline leaves such runs out.
    """
    made = definitions.resolve_job_def(job)
    run = instance.create_run_for_job(
        job_def=made,
        run_config={
            **_QUIET,
            "resources": {name: {"config": given} for name, given in (resources or {}).items()},
        },
        tags={**made.run_tags, **made.get_tags_for_partition_key(quarter.key, None), **(tags or {})},
        remote_job_origin=_origin(job),
    )
    said, succeeded = [], False
    for event in execute_run_iterator(InMemoryJob(made), run, instance):
        succeeded |= event.event_type is dg.DagsterEventType.PIPELINE_SUCCESS
        if event.event_type in _ENDED:
            step_ended()
        if event.is_step_failure:
            said.append(_sentence(event, run.run_id))
    if succeeded:
        return ""
    return "\n".join(dict.fromkeys(said)) or f"run {run.run_id} failed; its page in `make ui` says why"


def steps_of(definitions: dg.Definitions, job: str) -> int:
    """Return how many steps a job has."""
    return len(definitions.resolve_job_def(job).nodes)


def _sentence(event: dg.DagsterEvent, run_id: str) -> str:
    """Return the words of who stopped the step, or of what nobody foresaw its kind alone: its words may quote a row."""
    failed = event.step_failure_data
    if failed.user_failure_data is not None and failed.user_failure_data.description:
        return failed.user_failure_data.description
    error = failed.error
    while error is not None and error.cause is not None:
        error = error.cause
    kind = error.cls_name if error is not None else "an error"
    return f"run {run_id} failed with {kind}; its page in `make ui` says where"


def _origin(job: str) -> RemoteJobOrigin:
    """Return where the interface finds a job: in our code location."""
    (location,) = code_location().create_origins()
    return RemoteRepositoryOrigin(location, _REPOSITORY).get_job_origin(job)
