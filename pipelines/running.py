"""Running quarters through Dagster from the command line, in the order a backfill needs, and saying how they ended."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import dagster as dg

from assets.audiences import RELEASED
from assets.releasing import can_be_released
from disparity.periods import Quarter
from disparity.refusal import Refusal, refuse
from pipelines.definitions import definitions_for
from pipelines.interface import dagster_instance
from pipelines.schedules import last_closed_quarter
from pipelines.telling import told_of_extracts, told_of_revisions
from reports.printing import check_printing
from resources.databases import approver_named, approver_of, is_approved, latest_release
from resources.settings import Settings
from resources.workplace import Workplace

_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass(frozen=True)
class Outcome:
    """How a command ended: whether the quarter asked for is released, and the words for people."""

    good: bool
    words: str


@dataclass(frozen=True)
class _Step:
    job: str
    quarter: Quarter


def run_quarters(settings: Settings, quarter: Quarter, history: int) -> Outcome:
    """Run a quarter and ``history`` quarters before it: records of all first, then counts onward, oldest first.

    Earlier quarters whose window reaches back before the organisation's first quarter get their records and no release.
    """
    check_printing()
    workplace = Workplace(settings)
    _check_landing(workplace)
    quarters = _quarters(workplace, quarter, history)
    workplace.open_databases()
    releasable = [each for each in quarters if each == quarter or can_be_released(workplace, each)]
    if history == 0:
        steps = [_Step("quarterly_report", quarter)]
    else:
        steps = [_Step("backfill_history", each) for each in quarters if each != quarter]
        steps += [_Step("rebuild_after_restatement", each) for each in releasable if each != quarter]
        steps.append(_Step("quarterly_report", quarter))
    failures: dict[Quarter, str] = {}
    with dagster_instance(settings) as instance, _progress(len(steps)) as advance:
        definitions = definitions_for(workplace)
        for step in steps:
            advance(f"{step.quarter.words}: {step.job.replace('_', ' ')}")
            failure = _execute(definitions, step, instance)
            if failure:
                failures[step.quarter] = failure
    return _outcome(workplace, quarter, quarters, failures)


def publish_quarter(settings: Settings, quarter: Quarter, approved_by: str) -> Outcome:
    """Approve and publish a quarter by the job ``publish``, with the approver's name on the run.

    Raises Refusal when nobody is named.
    """
    name = approver_named(approved_by)
    workplace = Workplace(settings)
    workplace.open_databases()
    with dagster_instance(settings) as instance:
        failure = _execute(
            definitions_for(workplace), _Step("publish", quarter), instance, tags={"approved_by": name}
        )
    if failure:
        return Outcome(False, failure)
    lines = [
        f"{quarter.words} is published.",
        *(_published(workplace, each, quarter, name) for each in RELEASED),
    ]
    return Outcome(True, "\n".join(lines))


def _published(workplace: Workplace, audience: str, quarter: Quarter, name: str) -> str:
    """Say where an audience's report is and who is on record as its approver, which may be somebody before this one."""
    release = latest_release(workplace.results, audience, quarter)
    on_record = approver_of(workplace.results, release.id) if release else None
    page = workplace.settings.storage / audience / quarter.key / "index.html"
    if on_record is None:
        return f"  {audience}, with no approval on record, as the catalogue requires none: {page}"
    if on_record == name:
        return f"  {audience}, approved by {name}: {page}"
    stays = f"It was approved before by {on_record} and stays so; {name} is not recorded as its approver."
    return f"  {audience}: {page}\n    {stays}"


def _check_landing(workplace: Workplace) -> None:
    landing = workplace.settings.landing
    if not landing.is_dir() and any(
        source.format != "sql" for source in workplace.catalogue.sources.values()
    ):
        raise refuse(
            "there is no such folder", where=str(landing), rule="extracts are read from the landing folder",
            do="make it and put the extracts there, or name another with --landing or RACE_EQUALITY_LANDING",
        )  # fmt: skip


def _quarters(workplace: Workplace, quarter: Quarter, history: int) -> list[Quarter]:
    closed = last_closed_quarter(dt.datetime.now(dt.UTC))
    first = Quarter(workplace.catalogue.organisation.first_quarter)
    if not first <= quarter <= closed:
        raise refuse(
            f"{quarter.words} is not a quarter to report on", where=f"--quarter {quarter.key}",
            rule=f"quarters run from {first.words} (first_quarter in organisation.yaml) to {closed.words}",
            do="name a quarter between them",
        )  # fmt: skip
    return [each for each in quarter.window(history + 1) if each >= first]


def _execute(
    definitions: dg.Definitions, step: _Step, instance: dg.DagsterInstance, tags: dict[str, str] | None = None
) -> str:
    """Run one job for one quarter; return "" or the sentence of what failed."""
    result = definitions.resolve_job_def(step.job).execute_in_process(
        partition_key=step.quarter.key,
        instance=instance,
        raise_on_error=False,
        run_config=_QUIET,
        tags=tags or {},
    )
    if result.success:
        return ""
    sentences = []
    for event in (
        result.get_step_failure_events() if hasattr(result, "get_step_failure_events") else result.all_events
    ):
        error = event.step_failure_data.error if event.is_step_failure else None
        while error is not None and error.cause is not None:
            error = error.cause
        if error is not None:
            sentences.append(_sentence(error.cls_name or "", error.message, result.run_id))
    return (
        "; ".join(dict.fromkeys(sentences)) or f"run {result.run_id} failed; its page in `make ui` says why"
    )


def _sentence(kind: str, message: str, run_id: str) -> str:
    words = message.strip().split(": ", 1)[-1] if kind in (Refusal.__name__, dg.Failure.__name__) else ""
    return words or f"run {run_id} failed with {kind}; its page in `make ui` says where"


def _outcome(
    workplace: Workplace, quarter: Quarter, quarters: list[Quarter], failures: dict[Quarter, str]
) -> Outcome:
    lines = [words for each in quarters for words in told_of_extracts(workplace, each)]
    lines += [f"{each.words}: {words}" for each, words in failures.items() if each != quarter]
    if quarter in failures:
        return Outcome(False, "\n".join([*lines, f"{quarter.words} is not released: {failures[quarter]}"]))
    lines += told_of_revisions(workplace, quarter)
    if not workplace.catalogue.organisation.approval_required:
        pages = [
            str(workplace.settings.storage / audience / quarter.key / "index.html") for audience in RELEASED
        ]
        return Outcome(True, "\n".join([*lines, f"{quarter.words} is published:", *pages]))
    waiting = [
        audience
        for audience in RELEASED
        if (found := latest_release(workplace.results, audience, quarter)) is None
        or not is_approved(workplace.results, found.id)
    ]
    state = "released and awaiting approval" if waiting else "released, as it was approved before"
    how = f"Publish it with the job `publish`, or: race-equality publish --quarter {quarter.key} --approved-by NAME"
    return Outcome(True, "\n".join([*lines, f"{quarter.words} is {state}.", how]))


@contextmanager
def _progress(steps: int) -> Iterator[Callable[[str], None]]:
    """Give a function that says what runs now: a bar on a terminal, plain lines elsewhere."""
    if not sys.stderr.isatty():
        done = 0

        def say(words: str) -> None:
            nonlocal done
            done += 1
            sys.stderr.write(f"{done}/{steps} {words}\n")

        yield say
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=steps)
        started = False

        def advance(words: str) -> None:
            nonlocal started
            bar.update(task, description=words, advance=1 if started else 0)
            started = True

        yield advance
