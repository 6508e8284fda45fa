"""What a run says of a quarter: extracts refused, lacking or with rows rejected, revisions without a reason, later quarters
that lack it; what to do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from assets.lacking import check_command, lacking, refused_words
from assets.overtaking import released_without
from assets.states import NOT_RECEIVED, RECEIVED, REFUSED
from disparity.audiences import RELEASED
from disparity.datasets import DATASETS
from disparity.datasets.records import WHOLE_ROW
from disparity.disclosure import shown_count
from disparity.periods import Quarter
from reports.reading_back.files import FROZEN
from reports.release.frozen import revisions_in
from reports.release.revisions import without_reason
from resources.lake import Entry
from resources.left_out import in_short
from resources.workplace import Workplace


@dataclass(frozen=True)
class _Said:
    """A sentence about one extract, its kind, and how earlier quarters of the same kind are added to it."""

    kind: tuple[str, ...]
    quarter: Quarter
    sentence: str
    also: str = ""


def told_of_extracts(workplace: Workplace, quarters: Sequence[Quarter]) -> Iterator[str]:
    """Yield a sentence for each extract that was refused, is required and not there, or had rows rejected or left out.

    Of what happened in several quarters the latest is worded and the others are named. A release tells its
    readers no more than the state: these words are for whoever ran it.
    """
    alike: dict[tuple[str, ...], list[_Said]] = {}
    for quarter in sorted(quarters, reverse=True):
        for said in _said(workplace, quarter):
            alike.setdefault(said.kind, []).append(said)
    for latest, *others in alike.values():
        more = ", ".join(each.quarter.words for each in reversed(others))
        yield f"{latest.sentence.rstrip('.')}; {latest.also} {more}" if more else latest.sentence
    yield from _told_of_reading(workplace, max(quarters))


def _told_of_reading(workplace: Workplace, quarter: Quarter) -> Iterator[str]:
    """Yield how each extract of a quarter was read, where there is anything to know of it."""
    shown = partial(shown_count, policy=workplace.policy("restricted"))
    for name, dataset in DATASETS.items():
        received = workplace.lake.get(f"received/{name}", quarter)
        words = _as_read(received.facts, shown) if received else ""
        if words:
            yield f"{dataset.title} of {quarter.words}: {words}"


def _said(workplace: Workplace, quarter: Quarter) -> Iterator[_Said]:
    missed = {each.title: each for each in lacking(workplace, quarter) if each.state == NOT_RECEIVED}
    for name, dataset in DATASETS.items():
        entry = workplace.lake.get(f"records/{name}", quarter)
        if entry is None:
            continue
        facts = entry.facts
        if facts["state"] == REFUSED:  # each for its own reason
            words = refused_words(workplace, name, quarter, facts["words"])
            yield _Said((name, REFUSED, quarter.key), quarter, words)
        if dataset.title in missed:
            yield _Said((name, NOT_RECEIVED), quarter, missed[dataset.title].sentence, "nor did it come for")
        if facts.get("rejected_by_rule") and facts["state"] != REFUSED:
            listed = _where_listed(workplace, name, quarter)
            words = f"{dataset.title} of {quarter.words}: some rows were rejected: {_rules(facts)}{listed}"
            yield _Said((name, "rejected"), quarter, words, "rows were rejected, too, of")


def _as_read(facts: Mapping[str, Any], shown: Callable[[int], str]) -> str:
    """Return what is to be known of how an extract was read, rows that its source leaves out among it; "" for nothing."""
    if facts["state"] != RECEIVED:
        return ""
    left_out = in_short(facts, shown) if facts.get("left_out") else ""
    return "; ".join(filter(None, (facts["words"], left_out)))


def told_of_revisions(workplace: Workplace, quarter: Quarter) -> Iterator[str]:
    """Yield a sentence for each revision that a quarter's releases tell of and nobody has given a reason for."""
    entries = [workplace.lake.get(f"{audience}/release", quarter) for audience in RELEASED]
    found = [each for entry in entries if entry for each in revisions_in(entry.read(FROZEN))]
    yield from dict.fromkeys(without_reason(found))


def told_of_later(workplace: Workplace, quarter: Quarter) -> Iterator[str]:
    """Yield a sentence for each later quarter that was released without this one's figures as they are now."""
    later = {each for audience in RELEASED for each in released_without(workplace, audience, quarter)}
    for each in sorted(later):
        yield (
            f"{each.words} was released without {quarter.words} as it is now, or its release is damaged or gone. "
            f"Make it again: race-equality run --quarter {each.key}, or the job `rebuild_after_restatement`"
        )


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
    commands = [check_command(file, name, quarter) for file in files]
    return f"; {' and '.join(commands)} {'lists' if len(files) == 1 else 'list'} them"


def _files(landing: Path, location: str, received: Entry) -> list[str]:
    """Return the files that an extract was read from, as paths where they still lie below the landing folder."""
    below = (landing / location).parent
    names = [str(file["name"]) for file in received.facts.get("files", [])]
    return [str(below / name) if (below / name).is_file() else name for name in names]
