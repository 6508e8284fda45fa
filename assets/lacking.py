"""Lacking: the extracts a quarter cannot do without that were refused or did not come, and what to do about each."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assets.states import NOT_RECEIVED, RECEIVED, REFUSED, State
from disparity.datasets import DATASETS
from disparity.periods import Quarter
from disparity.refusal import Refusal, refuse
from resources.landing import find_files
from resources.workplace import Workplace


@dataclass(frozen=True)
class Lacking:
    """One required extract that cannot be counted: its state, and a sentence that says why and what to do."""

    title: str
    state: State
    sentence: str


def lacking(workplace: Workplace, quarter: Quarter) -> tuple[Lacking, ...]:
    """Return the required extracts of a quarter that were refused or did not come."""
    return tuple(_lacking(workplace, quarter))


def not_released(quarter: Quarter, missed: Sequence[Lacking]) -> str:
    """Say that a quarter is not released for want of these extracts: one line for it, and one for each of them."""
    names = "; ".join(f"{each.title}: {each.state}" for each in missed)
    return "\n".join([f"{quarter.words} is not released. {names}.", *(each.sentence for each in missed)])


def refused_words(workplace: Workplace, dataset: str, quarter: Quarter, words: str) -> str:
    """Return a refused extract's own sentence, with the folder it lies in and the command that says all of it."""
    return (
        f"{DATASETS[dataset].title} of {quarter.words}: {words}{_where_it_lies(workplace, dataset, quarter)}"
    )


def state_in_words(workplace: Workplace, dataset: str, quarter: Quarter, facts: Mapping[str, Any]) -> str:
    """Return what the page of an extract says of its state; of a refused one with where it lies and how to check it."""
    if facts["state"] == REFUSED:
        return refused_words(workplace, dataset, quarter, facts["words"])
    return str(facts["words"]) or "as expected"


def check_command(path: Path | str, dataset: str, quarter: Quarter) -> str:
    """Return the command that lists everything wrong with a file."""
    return f"race-equality check {shlex.quote(str(path))} --dataset {dataset} --quarter {quarter.key}"


def _lacking(workplace: Workplace, quarter: Quarter) -> Iterator[Lacking]:
    for name in DATASETS:  # in the order of pages
        if name not in workplace.catalogue.organisation.required_datasets:
            continue
        title = DATASETS[name].title
        entry = workplace.lake.get(f"records/{name}", quarter)
        state: State = entry.facts["state"] if entry else NOT_RECEIVED
        if entry is not None and state == REFUSED:
            words = refused_words(workplace, name, quarter, entry.facts["words"])
            yield Lacking(title, state, words)
        elif state == NOT_RECEIVED and not came_within_a_year(workplace, name, quarter):
            words = _missing(workplace, name, quarter) if entry else _unread(name, quarter)
            yield Lacking(title, state, words)


def came_within_a_year(workplace: Workplace, name: str, quarter: Quarter) -> bool:
    """Return whether a yearly extract came in one of the last four quarters; others come every quarter."""
    if not DATASETS[name].rarer_than_quarters:
        return False
    held = [workplace.lake.get(f"records/{name}", each) for each in quarter.window(4)]
    return any(entry is not None and entry.facts["state"] == RECEIVED for entry in held)


def _unread(name: str, quarter: Quarter) -> str:
    return str(
        refuse("nothing was read for this quarter yet", where=f"{DATASETS[name].title} of {quarter.words}",
               rule="organisation.yaml requires this dataset", do="run the job `quarterly_report` for the quarter first")
    )  # fmt: skip


def _missing(workplace: Workplace, name: str, quarter: Quarter) -> str:
    source, required = workplace.catalogue.sources[name], "organisation.yaml requires this dataset"
    about = f"{DATASETS[name].title} of {quarter.words}"
    if source.format == "sql":  # the location is an address, which may hold a password
        return str(
            refuse("the query gave no row", where=about, rule=f"{required}, and it is read by the query in sources.yaml",
                   do="look at the query and at the database's rows of the quarter, and run again")
        )  # fmt: skip
    pattern = source.location.replace("{quarter}", quarter.key)
    return str(
        refuse(f"no file {pattern} lies in {workplace.settings.landing}", where=about,
               rule=f"{required}, and location in sources.yaml says where it lies",
               do="put the extract there under that name and run again")
    )  # fmt: skip


def _where_it_lies(workplace: Workplace, dataset: str, quarter: Quarter) -> str:
    """Name the folder and the command for each file; rows of a query lie in no folder."""
    source, landing = workplace.catalogue.sources[dataset], workplace.settings.landing
    if source.format == "sql":
        return ""
    folder = (landing / source.location).parent
    try:
        paths = find_files(DATASETS[dataset], source, quarter, landing)
    except Refusal:  # several files where one is meant: the sentence before names them
        paths = []
    commands = " and ".join(check_command(path, dataset, quarter) for path in paths)
    looked = f"; {commands} says all that is wrong" if commands else ""
    return f" It lies in {folder}{looked}."
