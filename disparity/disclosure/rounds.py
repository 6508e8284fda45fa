"""Protection in rounds: protect, let the intruder look at the result, hide what he found, until he finds nobody.

How a count is protected is said in `protection`, and how the intruder works by whoever hands him over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import polars as pl

from disparity.catalogue.indicators import Indicator
from disparity.catalogue.policies import Policy
from disparity.disclosure.ledger import together, told_in
from disparity.disclosure.protection import protect
from disparity.disclosure.released_counts import BEYOND, Before
from disparity.populations.people import People

Intruder = Callable[[Mapping[People, Before]], set[People]]
"""Is given what a report would show, and returns of whom not even the size may be shown so that he finds nobody."""

# What is hidden for those exposed may, by the rule for what adds up, take more with it; rarely is a third look needed.
_MOST = 4


def protect_in_rounds(
    counts: pl.DataFrame,
    policy: Policy,
    people: Mapping[str, Mapping[str, People]],
    indicators: Mapping[str, Indicator],
    readers: Sequence[Mapping[People, Before]],
    also_read: Mapping[People, Before],
    intruder: Intruder,
) -> pl.DataFrame:
    """Return the counts after the policy, with as much hidden as stops an intruder who reads all that was published.

    ``readers`` is what each kind of reader knows already, ``also_read`` what other reports of the same quarter tell all of
    them. What he still finds when no more can be hidden stays for the audit to say: then the report is not released.
    """
    without_size = _without_size(also_read)
    for _ in range(_MOST):
        for known in readers:
            protected = protect(counts, policy, people, together(known, also_read), indicators, without_size)
            without_size = _without_size(told_in(protected, people))
        further = intruder(told_in(protected, people))
        if further <= without_size:
            break
        without_size |= further
    return protected


def _without_size(known: Mapping[People, Before]) -> set[People]:
    """Return those who are hidden and of whom not even the size is shown."""
    return {people for people, each in known.items() if each.hidden and each.high >= BEYOND}
