"""People of invented datasets: flags and levels tell their rows apart, and every combination of them can be.

For tests of what is done with people whoever they are. Those of real datasets come from `disparity.populations.naming`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import polars as pl

from disparity.ethnicity import ETHNIC_MINORITY, UNKNOWN, WHITE
from disparity.populations.people import EVERYONE, People
from disparity.populations.regions import Classes, Domain
from disparity.predicates import columns_of


def domain_of(
    wholes: Collection[Collection[str]], levels: Mapping[str, Collection[str]] | None = None
) -> Domain:
    """Return the rows that the flags of the wholes' conditions and the levels of breakdowns tell apart."""
    named = {column for conditions in wholes for each in conditions for column in columns_of(each)}
    flags = dict.fromkeys(sorted(named), Classes(("false", "true"), pl.Series([False, True])))
    breakdowns = {by: Classes(tuple(of), pl.Series(list(of))) for by, of in (levels or {}).items()}
    return Domain({**flags, **breakdowns}, breakdowns=breakdowns, wholes=map(frozenset, wholes))


def everybody(
    dataset: str,
    *wholes: Collection[str],
    since: str = "2026-07-01",
    until: str = "2026-07-01",
    ethnicity: str = EVERYONE,
    levels: Mapping[str, Collection[str]] | None = None,
) -> People:
    """Return everybody of a dataset of which some wholes are asked for, each by conditions that all hold."""
    return People(dataset, domain_of(wholes, levels).everybody, since, until, ethnicity)


def having(people: People, *conditions: str) -> People:
    """Return those of a dataset's people of whom every condition is true, of the same quarters and ethnicity."""
    domain = people.region.domain
    return people.called(domain.named(domain.where(conditions)))


def of_two_groups(base: People, *event: str) -> dict[str, People]:
    """Say whom the cells count: White, ethnic minority and unknown people of the base, and those with the event."""
    domain = base.region.domain
    events = base.called(domain.named(domain.within(domain.whole(base.name), domain.where(event))))
    return {
        f"{side}_{kind}": people._replace(ethnicity=ethnicity)
        for side, ethnicity in (("reference", WHITE), ("group", ETHNIC_MINORITY), ("unknown", UNKNOWN))
        for kind, people in (("base", base), ("events", events))
    }
