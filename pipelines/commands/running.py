"""Running quarters through Dagster from the command line, in the order a backfill needs, and saying how they ended."""

from __future__ import annotations

import contextlib
import datetime as dt
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from assets.approving import Offer, offer_of
from assets.differing import files_that_differ
from assets.lacking import lacking
from assets.noticing import noticed
from assets.publication import EVEN_IF_EMPTY
from assets.releasing import can_be_released
from disparity.audiences import RELEASED
from disparity.periods import Quarter
from disparity.printable import printable_lines
from disparity.refusal import Refusal, refuse
from pipelines.commands.closing import closing_table, standings_of
from pipelines.commands.executing import execute, steps_of
from pipelines.commands.progress import progress
from pipelines.commands.run_summary import told_of_extracts, told_of_later, told_of_revisions
from pipelines.definitions import definitions_for
from pipelines.interface.processes import dagster_instance
from pipelines.schedules import last_closed_quarter
from reports.paper.printing import check_printing
from resources.databases import approver_named, approver_of, is_approved, latest_release
from resources.lake import Damaged
from resources.settings import Settings
from resources.turns import turn
from resources.workplace import Workplace


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
    workplace.open_stores()
    releasable = [each for each in quarters if each == quarter or can_be_released(workplace, each)]
    if history == 0:
        steps = [_Step("quarterly_report", quarter)]
    else:
        steps = [_Step("backfill_history", each) for each in quarters if each != quarter]
        steps += [_Step("rebuild_after_restatement", each) for each in releasable if each != quarter]
        steps.append(_Step("quarterly_report", quarter))
    failures: dict[Quarter, str] = {}
    definitions = definitions_for(workplace)
    in_all = sum(steps_of(definitions, step.job) for step in steps)
    with (
        turn(settings.storage, quarters[0], say),
        dagster_instance(settings) as instance,
        progress(len(steps), in_all) as going,
    ):
        for step in steps:
            going.begin(f"{step.quarter.words}: {step.job.replace('_', ' ')}")
            failure = execute(definitions, step.job, step.quarter, instance, step_ended=going.step_ended)
            if failure:
                failures[step.quarter] = failure
    try:
        return _outcome(workplace, quarter, quarters, failures)
    except Damaged as damaged:
        # What the runs did not make anew cannot be read for the closing words either, and why they did not is not lost.
        why = [f"{each.words}: {failure}" for each, failure in failures.items()]
        return Outcome(False, "\n".join([*why, str(damaged)]))


def publish_quarter(
    settings: Settings,
    quarter: Quarter,
    approved_by: str,
    *,
    even_if_empty: bool = False,
    agreed: Callable[[str], bool] = lambda _: True,
) -> Outcome:
    """Approve and publish a quarter by the job ``publish``: the releases that ``agreed`` was shown in words, and no others.

    A report that shows no figure is published where ``even_if_empty`` asks for it.

    Raises Refusal when nobody is named.
    """
    name = approver_named(approved_by)
    workplace = Workplace(settings)
    workplace.open_stores()
    offers = list(_offers(workplace, quarter))
    if offers and not agreed(_offered(workplace, quarter, name, offers)):
        return Outcome(False, "Nothing was approved, and nothing published.")
    given = {"approved_by": name, "releases": [each.release for each in offers]}
    with turn(settings.storage, quarter, say), dagster_instance(settings) as instance:
        failure = execute(
            definitions_for(workplace), "publish", quarter, instance,
            tags={EVEN_IF_EMPTY: "yes"} if even_if_empty else {},
            resources={"approval": given} if workplace.catalogue.organisation.approval_required else {},
        )  # fmt: skip
    if failure:
        return Outcome(False, "\n".join([failure, closing_table(workplace, quarter)]).rstrip())
    lines = [
        f"{quarter.words} is published.",
        *(_published(workplace, each, quarter, name) for each in RELEASED),
        closing_table(workplace, quarter),
    ]
    return Outcome(True, "\n".join(lines))


def say(words: str) -> None:
    """Say how far a command has come, beside what it prints at its end."""
    sys.stderr.write(f"{printable_lines(words)}\n")


def _offers(workplace: Workplace, quarter: Quarter) -> Iterator[Offer]:
    """Yield what can be published of a quarter; of what cannot, the job says why."""
    for audience in RELEASED:
        with contextlib.suppress(Refusal):
            yield offer_of(workplace, audience, quarter)


def _offered(workplace: Workplace, quarter: Quarter, name: str, offers: Sequence[Offer]) -> str:
    """Say what is about to be published, to whom, and by whose approval."""
    by = f"approved by {name}" if workplace.catalogue.organisation.approval_required else "without approval"
    return "\n".join([f"To be published, {by}: {quarter.words}", *(f"  {each.words}" for each in offers)])


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


def _outcome(
    workplace: Workplace, quarter: Quarter, quarters: list[Quarter], failures: dict[Quarter, str]
) -> Outcome:
    lines = [
        *told_of_extracts(workplace, quarters),
        *noticed(workplace, quarter, workplace.policy("restricted")),
    ]
    lines += [
        line for each in failures if each != quarter for line in _failed(workplace, each, failures[each])
    ]
    if quarter in failures:
        lines += _failed(workplace, quarter, failures[quarter])
        return Outcome(False, "\n".join(dict.fromkeys([*lines, closing_table(workplace, quarter)])).rstrip())
    lines += [
        *told_of_revisions(workplace, quarter),
        *told_of_later(workplace, quarter),
        closing_table(workplace, quarter),
    ]
    return Outcome(True, "\n".join([*dict.fromkeys(lines), *_next(workplace, quarter)]))


def _failed(workplace: Workplace, quarter: Quarter, failure: str) -> list[str]:
    """Return what failed of a quarter, without what was said of its extracts before."""
    before = {each.sentence for each in lacking(workplace, quarter)}
    lines = [line for line in failure.splitlines() if line not in before]
    if not lines[0].startswith(quarter.words):
        aim = "released" if workplace.catalogue.organisation.approval_required else "published"
        lines[0] = f"{quarter.words} is not {aim}: {lines[0]}"
    return lines


def _next(workplace: Workplace, quarter: Quarter) -> list[str]:
    """Return where a released quarter stands and the next command, or its pages where it is published."""
    if not workplace.catalogue.organisation.approval_required:
        pages = [
            str(workplace.settings.storage / audience / quarter.key / "index.html") for audience in RELEASED
        ]
        return [f"{quarter.words} is published:", *pages]
    waiting = [
        audience
        for audience in RELEASED
        if (found := latest_release(workplace.results, audience, quarter)) is None
        or not is_approved(workplace.results, found.id)
    ]
    state = "released and awaiting approval" if waiting else "released, as it was approved before"
    how = f"Publish it with the job `publish`, or: race-equality publish --quarter {quarter.key} --approved-by NAME"
    empty = [audience for audience, each in standings_of(workplace, quarter).items() if not each.shown]
    said = (
        [f"No figure is shown in: {', '.join(empty)}. Such a report is published with --even-if-empty alone."]
        if empty
        else []
    )
    return [f"{quarter.words} is {state}.", *_differences(workplace, quarter, waiting), *said, how]


def _differences(workplace: Workplace, quarter: Quarter, waiting: list[str]) -> Iterator[str]:
    """Yield which files of the reports that await approval differ from those published before."""
    for audience in waiting:
        names = files_that_differ(workplace, audience, quarter)
        if names:
            yield f"  {audience}: files that differ from what was published: {', '.join(names)}"
