"""Undivided: the breakdowns that a quarter's counts are without, and why, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from assets.audiences import themes_of
from assets.counting import UNDIVIDED
from disparity.catalogue import Catalogue, Policy
from disparity.datasets import DATASETS
from disparity.disclosure import tells_apart
from disparity.divisions import NOT_GIVEN, Undivided
from disparity.periods import Quarter
from resources.workplace import Workplace


def undivided(workplace: Workplace, quarter: Quarter, policy: Policy) -> Iterator[str]:
    """Yield a sentence for each breakdown that the policy would show and a dataset does not allow."""
    catalogue = workplace.catalogue
    titles: dict[Undivided, list[str]] = {}
    for theme in themes_of(catalogue):
        entry = workplace.lake.get(f"counts/{theme}", quarter)
        for found in entry.facts.get(UNDIVIDED, []) if entry else []:
            each = Undivided(**found)
            # Counts may be older than the catalogue.
            if each.indicator in catalogue.indicators and _is_shown(each, catalogue, policy):
                titles.setdefault(each._replace(indicator=""), []).append(
                    catalogue.indicators[each.indicator].title
                )
    yield from (_sentence(each, named, catalogue.house_style.breakdowns) for each, named in titles.items())


def _is_shown(found: Undivided, catalogue: Catalogue, policy: Policy) -> bool:
    return found.by not in catalogue.indicators[found.indicator].breakdowns or tells_apart(policy, found.by)


def _sentence(found: Undivided, titles: list[str], words: Mapping[str, str]) -> str:
    by = words.get(found.by, found.by)
    by = f"{by[:1].lower()}{by[1:]}"
    dataset = DATASETS[found.dataset].title.lower()
    why = f"{dataset} does not give" if found.why == NOT_GIVEN else f"no row of {dataset} counted here has"
    return f"Not broken down by {by}, which {why}: {'; '.join(titles)}."
