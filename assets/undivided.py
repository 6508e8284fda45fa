"""Undivided: the breakdowns that a quarter's counts are without, and why, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from assets.counting import found_undivided
from disparity.catalogue import Catalogue, Policy
from disparity.catalogue.divisions import NOT_GIVEN, Undivided
from disparity.datasets import DATASETS
from disparity.disclosure.protection import tells_apart
from disparity.periods import Quarter
from resources.workplace import Workplace


def undivided(workplace: Workplace, quarter: Quarter, policy: Policy) -> Iterator[str]:
    """Yield a sentence for each breakdown that the policy would show and a dataset does not allow."""
    catalogue = workplace.catalogue
    titles: dict[tuple[str, Undivided], list[str]] = {}
    for each in found_undivided(workplace, quarter):
        indicator = catalogue.indicators[each.indicator]
        is_breakdown = each.by in indicator.breakdowns
        if not is_breakdown or tells_apart(policy, each.by):
            how = "broken down by" if is_breakdown else "compared within the same"
            titles.setdefault((how, each._replace(indicator="")), []).append(indicator.title)
    for (how, each), named in titles.items():
        yield f"Not {how} {_by_and_why(each, catalogue)}: {'; '.join(named)}."


def _by_and_why(found: Undivided, catalogue: Catalogue) -> str:
    by = catalogue.house_style.breakdowns.get(found.by, found.by)
    dataset = DATASETS[found.dataset].title.lower()
    why = f"{dataset} does not give" if found.why == NOT_GIVEN else f"no row of {dataset} counted here has"
    return f"{by[:1].lower()}{by[1:]}, which {why}"
