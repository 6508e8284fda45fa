"""Receiving: one dataset's extract is taken in; whatever is wrong with it becomes a state and a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from assets.states import NOT_RECEIVED, RECEIVED, REFUSED
from disparity.catalogue import Source
from disparity.datasets import Dataset
from disparity.disclosure import shown_count
from disparity.periods import Quarter
from disparity.refusal import Refusal, refuse
from resources.lake import Damaged, Entry
from resources.landing import Extract, read_extract
from resources.pseudonyms import hold_to_one_key
from resources.workplace import Workplace

Kept = Mapping[str, Any]
"""What is remembered of an extract that was good: its facts, and its files' names in the lake."""


def receive(workplace: Workplace, dataset: Dataset, quarter: Quarter) -> Entry:
    """Take one dataset's extract in. Whatever is wrong with it becomes a state and a sentence, never an error.

    Raises Refusal for the pseudonym key: that is no extract's mistake, and the run stops.
    """
    place = f"received/{dataset.name}"
    source = workplace.catalogue.sources.get(dataset.name)
    if source is None:
        return workplace.lake.put(
            place, quarter, {"state": NOT_RECEIVED, "words": "the catalogue names no source"}, {}
        )
    hold_to_one_key(workplace.keys, workplace.lake.root)
    good = _last_good(workplace, dataset, quarter)
    with workplace.lake.aside() as lent:
        text = lent / "text.parquet"
        try:
            extract = _read(workplace, dataset, source, quarter, text)
        except Refusal as refusal:
            refused = {"state": REFUSED, "words": str(refusal), "last_good": good}
            return workplace.lake.put(place, quarter, refused, {})
        if extract is None:
            return _as_before(workplace, place, quarter, good)
        shown = partial(shown_count, policy=workplace.policy("restricted"))
        facts = {
            "state": RECEIVED,
            "words": "; ".join(note.said(shown) for file in extract.files for note in file.notes),
            "files": [asdict(file) for file in extract.files],
            "rows": extract.rows,
            "rows_left_out": extract.rows_left_out,
            "left_out": [each.fact for each in extract.left_out],
            # How many, not which: where a line break is lost, what stands among the headings is a person's row.
            "headings_left_behind": len(extract.left_behind) + extract.not_named,
        }
        return workplace.lake.put(place, quarter, facts, {"text.parquet": text})


def as_kept(received: Entry) -> Kept:
    """Return what is remembered of a received extract, so that it can count again after a bad one."""
    return {"facts": received.facts, "files": {name: path.name for name, path in received.files.items()}}


def _read(
    workplace: Workplace, dataset: Dataset, source: Source, quarter: Quarter, text: Path
) -> Extract | None:
    settings = workplace.settings
    extract = read_extract(
        dataset, source, settings.catalogue, workplace.vocabulary, quarter, settings.landing, workplace.keys, text
    )  # fmt: skip
    if extract is not None and not dataset.rarer_than_quarters:
        _refuse_another_quarters(workplace, dataset, quarter, extract)
    return extract


def _refuse_another_quarters(
    workplace: Workplace, dataset: Dataset, quarter: Quarter, extract: Extract
) -> None:
    """Refuse a file received for another quarter. Without rows, it is alike whenever there is nothing to send."""
    ours = {file.sha256: file.name for file in extract.files if file.rows}
    for other in workplace.lake.quarters(f"received/{dataset.name}"):
        try:
            entry = workplace.lake.get(f"received/{dataset.name}", other)
        except Damaged:  # it has to be run again, and is then held against this one
            continue
        for file in entry.facts.get("files", []) if entry and other != quarter else []:
            if file["sha256"] in ours:
                raise refuse(
                    f"the file is the very one received for {other.words}",
                    where=f"{dataset.name}, {ours[file['sha256']]}",
                    rule="every quarter has an extract of its own",
                    do=f"send the extract of {quarter.words}; if {other.words} has the wrong one, mend and run that "
                    "quarter first",
                )


def _last_good(workplace: Workplace, dataset: Dataset, quarter: Quarter) -> Kept | None:
    """Return the latest extract that neither receiving nor its records refused, or None."""
    received = workplace.lake.get_to_replace(f"received/{dataset.name}", quarter)
    records = workplace.lake.get_to_replace(f"records/{dataset.name}", quarter)
    judged = records.facts if records else {}
    if received is None:
        return None
    earlier = received.facts.get("last_good") or judged.get("last_good")
    if received.facts["state"] != RECEIVED:
        return earlier
    refused = judged.get("state") == REFUSED and judged.get("received_version") == received.version
    return earlier if earlier and refused else as_kept(received)


def _as_before(workplace: Workplace, place: str, quarter: Quarter, good: Kept | None) -> Entry:
    """Return what was received before: an extract that was taken away from the landing folder stays received.

    Raises Damaged where what is held of it cannot be used: without the extract it cannot be made anew.
    """
    held = workplace.lake.get(place, quarter)
    if held is not None:
        held.compare()
    if good is None:
        return workplace.lake.put(
            place, quarter, {"state": NOT_RECEIVED, "words": "no extract was found"}, {}
        )
    files = workplace.lake.files_of(place, quarter, good["files"])
    return workplace.lake.put(place, quarter, good["facts"], files)
