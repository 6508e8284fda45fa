"""Noticing: what a quarter's readers have to know of its extracts, in sentences, by what a policy lets them be told.

The report's quality notes, the run's words and its page in Dagster all take them from here.
"""

from __future__ import annotations

from collections.abc import Iterator

from assets.staff_numbers import sentences_of
from assets.undivided import undivided
from disparity.catalogue import Policy
from disparity.datasets import DATASETS
from disparity.periods import Quarter
from resources.workplace import Workplace


def noticed(workplace: Workplace, quarter: Quarter, policy: Policy) -> Iterator[str]:
    """Yield a sentence for each thing that is not as expected of a quarter's extracts, counts by ``policy``."""
    yield from _unexpected(workplace, quarter)
    yield from undivided(workplace, quarter, policy)
    yield from _staff_numbers(workplace, quarter, policy)


def _unexpected(workplace: Workplace, quarter: Quarter) -> Iterator[str]:
    expectations = workplace.lake.get("quality/expectations", quarter)
    if expectations is not None:
        yield from (each["sentence"] for each in expectations.facts["findings"] if not each["ok"])


def _staff_numbers(workplace: Workplace, quarter: Quarter, policy: Policy) -> Iterator[str]:
    for name, dataset in DATASETS.items():
        entry = workplace.lake.get(f"records/{name}", quarter)
        if entry is not None:
            yield from sentences_of(entry.facts, dataset, policy)
