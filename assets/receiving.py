"""Receiving: one dataset's extract is taken in; whatever is wrong with it becomes a state and a sentence."""

from __future__ import annotations

from dataclasses import asdict

from assets.states import NOT_RECEIVED, RECEIVED, REFUSED
from disparity.datasets import Dataset
from disparity.periods import Quarter
from disparity.refusal import Refusal
from resources.lake import Entry
from resources.landing import read_extract
from resources.workplace import Workplace


def receive(workplace: Workplace, dataset: Dataset, quarter: Quarter) -> Entry:
    """Take one dataset's extract in. Whatever is wrong with it becomes a state and a sentence, never an error."""
    place = f"received/{dataset.name}"
    source = workplace.catalogue.sources.get(dataset.name)
    if source is None:
        return workplace.lake.put(
            place, quarter, {"state": NOT_RECEIVED, "words": "the catalogue names no source"}, {}
        )
    with workplace.lake.aside() as lent:
        text = lent / "text.parquet"
        try:
            extract = read_extract(
                dataset, source, workplace.settings.catalogue, workplace.vocabulary, quarter,
                workplace.settings.landing, workplace.keys, text,
            )  # fmt: skip
        except Refusal as refusal:
            return workplace.lake.put(place, quarter, {"state": REFUSED, "words": str(refusal)}, {})
        if extract is None:
            return _kept(workplace, place, quarter)
        facts = {
            "state": RECEIVED,
            "words": "; ".join(note for file in extract.files for note in file.notes),
            "files": [asdict(file) for file in extract.files],
            "rows": extract.rows,
            "rows_left_out": extract.rows_left_out,
            "left_behind": list(extract.left_behind),
        }
        return workplace.lake.put(place, quarter, facts, {"text.parquet": text})


def _kept(workplace: Workplace, place: str, quarter: Quarter) -> Entry:
    """Return what was received before: an extract that was taken away from the landing folder stays received."""
    before = workplace.lake.get(place, quarter)
    if before is not None and before.facts["state"] == RECEIVED:
        return before
    return workplace.lake.put(place, quarter, {"state": NOT_RECEIVED, "words": "no extract was found"}, {})
