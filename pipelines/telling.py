"""What a run says of a quarter: extracts refused, lacking or with rows rejected, revisions without a reason; what to do."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from assets.audiences import RELEASED
from assets.states import NOT_RECEIVED, RECEIVED, REFUSED
from disparity.datasets import DATASETS
from disparity.periods import Quarter
from disparity.records import WHOLE_ROW
from disparity.refusal import refuse
from reports.reading_back import FROZEN
from reports.release import revisions_in
from reports.revisions import without_reason
from resources.lake import Entry
from resources.workplace import Workplace


def told_of_extracts(workplace: Workplace, quarter: Quarter) -> Iterator[str]:
    """Yield a sentence for each extract that was refused, is required and not there, or had rows rejected.

    A release tells its readers no more than the state: these words are for whoever ran it.
    """
    for name, dataset in DATASETS.items():
        entry = workplace.lake.get(f"records/{name}", quarter)
        if entry is None:
            continue
        about, facts = f"{dataset.title} of {quarter.words}", entry.facts
        if facts["state"] == REFUSED:
            yield f"{about}: {facts['words']}"
        if facts["state"] == NOT_RECEIVED and _is_missed(workplace, name, quarter):
            yield _missing(workplace, name, quarter, about)
        if facts.get("rejected_by_rule"):
            yield f"{about}: some rows were rejected: {_rules(facts)}{_where_listed(workplace, name, quarter)}"


def told_of_revisions(workplace: Workplace, quarter: Quarter) -> Iterator[str]:
    """Yield a sentence for each revision that a quarter's releases tell of and nobody has given a reason for."""
    entries = [workplace.lake.get(f"{audience}/release", quarter) for audience in RELEASED]
    found = [each for entry in entries if entry for each in revisions_in(entry.read(FROZEN))]
    yield from dict.fromkeys(without_reason(found))


def _is_missed(workplace: Workplace, name: str, quarter: Quarter) -> bool:
    """Return whether a dataset is required and lacking: a yearly one is not while the last four quarters brought it."""
    if name not in workplace.catalogue.organisation.required_datasets:
        return False
    quarters = quarter.window(4) if DATASETS[name].rarer_than_quarters else (quarter,)
    held = [workplace.lake.get(f"records/{name}", each) for each in quarters]
    return not any(entry is not None and entry.facts["state"] == RECEIVED for entry in held)


def _missing(workplace: Workplace, name: str, quarter: Quarter, about: str) -> str:
    source = workplace.catalogue.sources.get(name)
    required = "organisation.yaml requires this dataset"
    if source is None:
        return str(
            refuse("there is no source", where=about, rule=f"{required}, and sources.yaml names its source",
                   do="name one in sources.yaml, or take the dataset out of required_datasets")
        )  # fmt: skip
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


def _rules(facts: Mapping[str, Any]) -> str:
    """Name the rules with their columns. No count: how many rows a rule met can be few people."""
    return ", ".join(
        each["rule"] if each["column"] == WHOLE_ROW else f"{each['rule']} ({each['column']})"
        for each in facts["rejected_by_rule"]
    )


def _where_listed(workplace: Workplace, name: str, quarter: Quarter) -> str:
    """Say by which command the rows are listed; rows of a query are in no file to check."""
    source, received = workplace.catalogue.sources.get(name), workplace.lake.get(f"received/{name}", quarter)
    files = _files(workplace.settings.landing, source.location, received) if source and received else []
    if source is None or source.format == "sql" or not files:
        return "; race-equality explain INDICATOR tells how many"
    commands = [
        f"race-equality check {shlex.quote(file)} --dataset {name} --quarter {quarter.key}" for file in files
    ]
    return f"; {' and '.join(commands)} {'lists' if len(files) == 1 else 'list'} them"


def _files(landing: Path, location: str, received: Entry) -> list[str]:
    """Return the files that an extract was read from, as paths where they still lie below the landing folder."""
    below = (landing / location).parent
    names = [str(file["name"]) for file in received.facts.get("files", [])]
    return [str(below / name) if (below / name).is_file() else name for name in names]
