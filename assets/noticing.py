"""Noticing: what has to be known of a quarter's extracts, in sentences, by what a policy lets be known.

The report's quality notes have what concerns its figures; the run's words and its page in Dagster say what to do as well.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

import polars as pl

from assets.coinciding import coinciding
from assets.counting import frame_of, people_counted
from assets.staff_numbers import sentences_for_readers, sentences_of
from assets.undivided import undivided
from disparity.audiences import RELEASED
from disparity.catalogue import Catalogue, Policy, themes_of
from disparity.catalogue.indicators import Indicator
from disparity.datasets import DATASETS, Dataset
from disparity.disclosure.known_ethnicity import known_of_fewer
from disparity.disclosure.ledger import told_in
from disparity.disclosure.unanswered import broken_stages, lacking_answers
from disparity.periods import Quarter
from resources.workplace import Workplace

OfStaffNumbers = Callable[[Mapping[str, Any], Dataset, Policy], Iterator[str]]


def noticed(workplace: Workplace, quarter: Quarter, policy: Policy) -> Iterator[str]:
    """Yield what whoever ran a quarter has to know of its extracts, and what to do; counts by ``policy``.

    Expectations are judged on exact records: what is said of them here is for nobody else.
    """
    yield from _unexpected(workplace, quarter)
    yield from _of_extracts(workplace, quarter, policy, sentences_of)
    yield from coinciding(workplace, quarter, policy)


def quality_notes(workplace: Workplace, quarter: Quarter, policy: Policy) -> Iterator[str]:
    """Yield what readers of a quarter's report have to know of what its figures rest on; counts by ``policy``."""
    yield from _ethnicity_not_known(workplace, quarter, policy)
    yield from _of_extracts(workplace, quarter, policy, sentences_for_readers)


def _of_extracts(
    workplace: Workplace, quarter: Quarter, policy: Policy, of_staff_numbers: OfStaffNumbers
) -> Iterator[str]:
    yield from undivided(workplace, quarter, policy)
    for name, dataset in DATASETS.items():
        entry = workplace.lake.get(f"records/{name}", quarter)
        if entry is not None:
            yield from of_staff_numbers(entry.facts, dataset, policy)
    yield from _unanswered(workplace, quarter, policy)


def _unexpected(workplace: Workplace, quarter: Quarter) -> Iterator[str]:
    expectations = workplace.lake.get("quality/expectations", quarter)
    if expectations is not None:
        yield from (each["sentence"] for each in expectations.facts["findings"] if not each["ok"])


def _ethnicity_not_known(workplace: Workplace, quarter: Quarter, policy: Policy) -> Iterator[str]:
    """Say of which datasets ethnicity is known for fewer than is expected, as the protected counts show it."""
    protected = _protected(workplace, quarter, policy)
    if protected is not None:
        counted = people_counted(workplace, frame_of(workplace, "counts", quarter), quarter)
        expectations = chain.from_iterable(workplace.catalogue.expectations.values())
        yield from known_of_fewer(expectations, told_in(protected, counted.people))


def _unanswered(workplace: Workplace, quarter: Quarter, policy: Policy) -> Iterator[str]:
    """Say of which figures answers are lacking, by the counts that were protected with this policy."""
    protected = _protected(workplace, quarter, policy)
    if protected is not None:
        indicators = _without_the_unagreed(workplace.catalogue)
        yield from lacking_words(lacking_answers(protected, indicators), workplace.catalogue)
        yield from stages_words(broken_stages(protected, indicators), workplace.catalogue)


def _protected(workplace: Workplace, quarter: Quarter, policy: Policy) -> pl.DataFrame | None:
    """Return the counts that were protected with a policy, None where there are none.

    Of two audiences with one policy those of the wider: readers of the narrower report have that one too.
    """
    for audience in reversed(RELEASED):
        places = [f"{audience}/protected/{theme}" for theme in themes_of(workplace.catalogue)]
        made = all(workplace.lake.get(place, quarter) is not None for place in places)
        if made and workplace.policy(audience) == policy:
            return frame_of(workplace, f"{audience}/protected", quarter)
    return None


def _without_the_unagreed(catalogue: Catalogue) -> dict[str, Indicator]:
    """Return the indicators but for those about a named few whose agreement is not recorded."""
    agreements = catalogue.organisation.agreements
    return {
        name: each
        for name, each in catalogue.indicators.items()
        if each.needs_agreement is None or agreements[each.needs_agreement].agreed_on is not None
    }


def lacking_words(lacking: Sequence[str], catalogue: Catalogue) -> Iterator[str]:
    """Say in one sentence a dataset which figures leave out many of those asked, without a number of them."""
    titles: dict[str, list[str]] = defaultdict(list)
    for indicator in (catalogue.indicators[name] for name in lacking):
        titles[indicator.dataset].append(indicator.title)
    for dataset, of_dataset in titles.items():
        yield (
            f"{DATASETS[dataset].title}: one in fifty or more of those asked have no answer on record "
            f"and are in no base. It concerns: {'; '.join(of_dataset)}."
        )


def stages_words(broken: Sequence[tuple[str, str]], catalogue: Catalogue) -> Iterator[str]:
    """Say in one sentence a dataset which stages are not counted from those who reached the stage before."""
    pairs: dict[str, list[str]] = defaultdict(list)
    for before, after in ((catalogue.indicators[one], catalogue.indicators[next_]) for one, next_ in broken):
        pairs[after.dataset].append(f"{after.title} (the stage before is: {before.title})")
    for dataset, of_dataset in pairs.items():
        yield (
            f"{DATASETS[dataset].title}: the base of a stage is not those who reached the stage before. "
            f"It concerns: {'; '.join(of_dataset)}."
        )
