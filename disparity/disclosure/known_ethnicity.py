"""Known ethnicity: which expectations of it are not met by protected counts alone, for readers of a report.

An expectation is judged on the profile of a quarter's exact records, and only whoever works with those may know how that
ended. Readers are told what follows from the counts that they have: nothing else of the catalogue's expectations does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from disparity.catalogue.expectations import Expectation
from disparity.catalogue.indicators import ALL
from disparity.datasets import DATASETS
from disparity.disclosure.released_counts import Before
from disparity.ethnicity import ETHNIC_MINORITY, UNKNOWN, WHITE
from disparity.populations.people import EVERYONE, People


def known_of_fewer(expectations: Iterable[Expectation], told: Mapping[People, Before]) -> Iterator[str]:
    """Yield the sentences of those expectations of which ``told`` leaves no doubt that they are not met.

    They are those that ask for a least share of a dataset's people with a known ethnicity, and are held against everybody
    of the dataset: the last snapshot, or else the longest window that is told of.
    """
    for each in expectations:
        least = _least_percent(each)
        known = None if least is None or each.numbers is None else _known_at_most(each.numbers.dataset, told)
        if least is not None and known is not None and known < least:
            yield each.sentence


def _least_percent(expectation: Expectation) -> float | None:
    """Return the least share of known ethnicity, in percent, that an expectation asks for; None where it asks for none."""
    numbers, least = expectation.numbers, expectation.arguments.get("min_value")
    if numbers is None or expectation.expect != "expect_column_values_to_be_between":
        return None
    asks = (numbers.measure, numbers.column, numbers.category) == ("share", "ethnicity_answer", "known")
    return float(least) if asks and isinstance(least, int | float) else None


def _known_at_most(dataset: str, told: Mapping[People, Before]) -> float | None:
    """Return the greatest share of everybody, in percent, whose ethnicity can be known; None where no window says."""
    unknown = [
        each for each in told if each.dataset == dataset and each.ethnicity == UNKNOWN and _is_everybody(each)
    ]
    by_window = sorted(unknown, key=lambda each: each.since, reverse=DATASETS[dataset].cadence == "snapshot")
    for each in sorted(by_window, key=lambda each: each.until, reverse=True):
        most = _most_known(each, told)
        if most is not None:
            lacking = told[each].low
            return 100 * most / (most + lacking) if most + lacking else None
    return None


def _is_everybody(people: People) -> bool:
    return people.breakdown == ALL and people.region == people.region.domain.everybody


def _most_known(unknown: People, told: Mapping[People, Before]) -> int | None:
    """Return how many of the same people can have a known ethnicity at most, None where nothing is told of them."""
    everyone, *groups = (
        told.get(unknown._replace(ethnicity=each)) for each in (EVERYONE, WHITE, ETHNIC_MINORITY)
    )
    ends = [] if everyone is None else [everyone.high - told[unknown].low]
    there = [each.high for each in groups if each is not None]
    if len(there) == len(groups):
        ends.append(sum(there))
    return min(ends, default=None)
