"""Coinciding: the breakdowns of which one has levels that lie within levels of another, in sentences for the analyst."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from assets.counting import recorded_when_counted
from disparity.catalogue import Policy
from disparity.catalogue.given import broken_down_by_dataset
from disparity.datasets import DATASETS
from disparity.disclosure.protection import tells_apart
from disparity.periods import Quarter
from disparity.populations.recorded import Recorded, all_recorded, known_within
from resources.workplace import Workplace


def coinciding(workplace: Workplace, quarter: Quarter, policy: Policy) -> Iterator[str]:
    """Yield a sentence for each dataset with two breakdowns that the policy shows and colleagues know one by the other."""
    catalogue = workplace.catalogue
    of_dataset: dict[str, dict[str, Recorded]] = defaultdict(dict)
    for (dataset, key), recorded in all_recorded(recorded_when_counted(workplace, quarter)).items():
        of_dataset[dataset][key] = recorded
    told_by = broken_down_by_dataset(catalogue.indicators)
    for dataset, by_quarter in sorted(of_dataset.items()):
        # Of a snapshot the last quarter is counted, of anything else the whole window.
        last = DATASETS[dataset].cadence == "snapshot"
        quarters = [by_quarter[key] for key in sorted(by_quarter)]
        shown = {by for by in told_by.get(dataset, ()) if tells_apart(policy, by)}
        pairs = {
            (by, other)
            for (by, _), within in known_within(quarters[-1:] if last else quarters).items()
            for other, _ in within
            if {by, other} <= shown
        }
        if pairs:
            words = catalogue.house_style.breakdowns
            named = "; ".join(
                f"{words.get(by, by)} within {words.get(other, other)}" for by, other in sorted(pairs)
            )
            yield (
                f"{DATASETS[dataset].title}: everybody in some level of one breakdown is in the same level of another "
                f"({named}). Colleagues know that, and the counts are protected with it in mind: more of them are hidden. "
                "To lose fewer, break these figures down by one of the two (breakdowns in indicators.yaml)"
            )
