"""Populations: who a cell counts, named so that the same people have one name in every table, quarter and audience."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from typing import NamedTuple

import polars as pl

from disparity.catalogue import Catalogue
from disparity.catalogue.deliveries import quarters_counted
from disparity.catalogue.given import broken_down
from disparity.catalogue.indicators import (
    ALL,
    BROAD_GROUP,
    Coverage,
    Indicator,
    Linked,
    Mean,
    Rate,
    Rows,
    Share,
)
from disparity.datasets import DATASETS
from disparity.ethnicity import ETHNIC_MINORITY, UNKNOWN, WHITE
from disparity.periods import Quarter
from disparity.populations.regions import Name, Region, Scope, Wording
from disparity.predicates import conditions_of

EVERYONE = "everyone"
OTHERS = "other than ethnic minority"
STAFF = "staff_in_post"
UNANSWERED = "unanswered"
"""In addition to the cells of an indicator: those who were asked and of whom the answer is lacking."""


class People(NamedTuple):
    """Who is counted: rows of a dataset that are in a set, of some quarters, level and ethnicity.

    ``since`` and ``until`` are the keys of the first and last quarter; over several quarters the rows of each add up.
    ``elsewhere`` says that those of a level are asked for as everybody who is not in it; of a level it is false.
    """

    dataset: str
    region: Region
    since: str
    until: str
    ethnicity: str
    breakdown: str = ALL
    level: str = ALL
    elsewhere: bool = False

    @property
    def name(self) -> Name:
        """The set of rows they are, without quarters and ethnicity."""
        return Name(self.region, self.breakdown, self.level)

    @property
    def scope(self) -> Scope:
        """Whose rows they are, whatever set of them."""
        return self.dataset, self.since, self.until, self.ethnicity

    @property
    def key(self) -> Key:
        """Their name as plain text, the same in every process."""
        return Key(self.dataset, str(self.region), *self[2:7])

    def called(self, name: Name) -> People:
        """Return other rows of the same dataset, quarters and ethnicity."""
        return People(
            self.dataset, name.region, self.since, self.until, self.ethnicity, name.breakdown, name.level
        )

    def of_row(self, breakdown: str, level: str) -> People:
        """Return those of them in a row of a table that is told, and take note of the row."""
        if breakdown not in (ALL, BROAD_GROUP):
            self.region.domain.row_of_table(self.scope, self.name, breakdown, level)
        return self.in_level(breakdown, level)

    def in_level(self, breakdown: str, level: str) -> People:
        """Return those of them in one level of a breakdown; a broad group stands in the whole."""
        if breakdown == BROAD_GROUP:
            # What stands beside a broad group is that of the whole, whose people those are.
            return self._replace(ethnicity=level) if self.ethnicity == ETHNIC_MINORITY else self
        if breakdown == ALL:
            return self
        domain = self.region.domain
        return self.called(domain.of_row(self.name, breakdown, level, elsewhere=self.elsewhere))

    def over(self, since: str, until: str) -> People:
        """Return the same rows of some of their quarters, or of others."""
        there = self.region.domain.over(since, until)
        if there is not self.region.domain:
            name = there.named(there.kept(self.region))
            if self.breakdown != ALL:
                name = there.of_row(name, self.breakdown, self.level)
            return self.called(name)._replace(since=since, until=until)
        return self._replace(since=since, until=until)

    @property
    def asked(self) -> Asked:
        """How they were asked for first; of those who only follow from others, as rows of their set."""
        wording = self.region.domain.wording(self.name)
        words = wording or Wording(frozenset({str(self.region)}), self.breakdown, self.level)
        return Asked(self.dataset, words.conditions, self.since, self.until, self.ethnicity, *words[1:])


class Key(NamedTuple):
    """The name of people as plain text."""

    dataset: str
    region: str
    since: str
    until: str
    ethnicity: str
    breakdown: str
    level: str


class Asked(NamedTuple):
    """Who is counted as an indicator asks for them: all conditions hold, in words that are no name.

    Conditions are as `regions.Domain.where` takes them, or of what staff had in another dataset (`had`).
    ``elsewhere`` is everybody in the whole who is not in the level.
    """

    dataset: str
    conditions: frozenset[str]
    since: str
    until: str
    ethnicity: str
    breakdown: str = ALL
    level: str = ALL
    elsewhere: bool = False


def asked_for(
    indicator: Indicator, quarter: Quarter, as_of: str, *, undecided: bool = False
) -> dict[str, Asked]:
    """Return whom each cell of an indicator's whole counts in the report of ``quarter``.

    ``as_of`` is the key of the quarter whose delivery was counted last: of a yearly dataset the one that is used.
    ``undecided`` says that of somebody the answer is lacking: with rows and means those are `UNANSWERED`, of every
    ethnicity. Cells that an indicator never has are left out. Raises PredicateError for a predicate that is not one.
    """
    asked = _asked_for(indicator, quarter, as_of)
    if undecided and isinstance(indicator, Rows | Mean):
        asked[UNANSWERED] = _unanswered(indicator, asked["reference_base"])
    return asked


def _asked_for(indicator: Indicator, quarter: Quarter, as_of: str) -> dict[str, Asked]:
    window = quarter.window(indicator.quarters)
    match indicator:
        case Rows():
            there = _there(
                indicator.dataset, window, as_of, _conditions(indicator.base) | _in_time(indicator)
            )
            known = {f"({_predicate(indicator.event)}) IS NOT UNKNOWN"}
            return _by_ethnicity(_also(there, known), _conditions(indicator.event))
        case Mean():
            measured = _conditions(indicator.base) | {f"{indicator.value} IS NOT NULL"}
            return _by_ethnicity(_there(indicator.dataset, window, as_of, measured), frozenset())
        case Share():
            return _share(indicator, window, as_of)
        case Linked():
            staff = _there(STAFF, window, window[-1].key, _conditions(indicator.base))
            had = had_in(indicator, window[0])
            return _by_ethnicity(_also(staff, {f"{KNOWN}{had}"}), {had})
        case Coverage():
            # A snapshot is the one taken when the latest events came.
            snapshot = DATASETS[indicator.base_dataset].cadence == "snapshot"
            then = (Quarter.from_key(as_of),) if snapshot else window
            there = _there(indicator.base_dataset, then, as_of, _conditions(indicator.base))
            return _beside(there, _there(indicator.dataset, window, as_of, _conditions(indicator.event)))
        case Rate():
            person_quarters = Asked(STAFF, frozenset(), window[0].key, window[-1].key, EVERYONE)
            return _beside(
                person_quarters, _there(indicator.dataset, window, as_of, _conditions(indicator.event))
            )


def _there(dataset: str, window: tuple[Quarter, ...], as_of: str, conditions: Collection[str]) -> Asked:
    """Return everyone of a dataset's rows that a window counts."""
    if DATASETS[dataset].rarer_than_quarters:
        return Asked(dataset, frozenset(conditions), as_of, as_of, EVERYONE)
    counted = quarters_counted(dataset, window)
    return Asked(dataset, frozenset(conditions), counted[0].key, counted[-1].key, EVERYONE)


def _also(asked: Asked, conditions: Collection[str]) -> Asked:
    return asked._replace(conditions=asked.conditions | set(conditions))


def _conditions(predicate: str) -> frozenset[str]:
    return frozenset(conditions_of(predicate))


def _predicate(predicate: str) -> str:
    """Return a predicate in one spelling."""
    return " AND ".join(f"({each})" for each in conditions_of(predicate)) or "TRUE"


def _in_time(indicator: Indicator) -> frozenset[str]:
    by = indicator.window_by if isinstance(indicator, Rows) else None
    return frozenset({f"{by} IS NOT NULL"} if by else ())


KNOWN = "known whether "
"""Before a condition of what staff had: those of whom it is recorded whether they did."""
HAD = re.compile(
    r"had (?P<value>\w+) of (?P<dataset>\w+) where (?P<event>.*) in (?P<since>\d{4}-\d\d-\d\d)", re.DOTALL
)
"""The condition that staff had something in another dataset since some quarter: any row, or a value above 0."""
ANY_ROW = "any"


def had_in(indicator: Linked, since: Quarter) -> str:
    """Return the condition that staff had what a linked indicator asks for, from a quarter on."""
    return f"had {indicator.value or ANY_ROW} of {indicator.dataset} where {_predicate(indicator.event)} in {since.key}"


def _unanswered(indicator: Rows | Mean, base: Asked) -> Asked:
    """Name those whose base or event is not known: the base is not known to be false of them, and they are not in it."""
    what = _predicate(indicator.base)
    event = indicator.value if isinstance(indicator, Mean) else _predicate(indicator.event)
    known = f"{event} IS NOT NULL" if isinstance(indicator, Mean) else f"({event}) OR NOT ({event})"
    lacking = {f"(({what}) AND ({known})) IS NOT TRUE", *_in_time(indicator)}
    maybe = {f"({what}) IS NOT FALSE"} if what != "TRUE" else set()
    return base._replace(conditions=frozenset(lacking | maybe), ethnicity=EVERYONE)


def _by_ethnicity(there: Asked, event: Collection[str]) -> dict[str, Asked]:
    return _beside(there, _also(there, event))


def _beside(base: Asked, events: Asked) -> dict[str, Asked]:
    return {
        f"{side}_{kind}": asked._replace(ethnicity=ethnicity)
        for side, ethnicity in (("reference", WHITE), ("group", ETHNIC_MINORITY), ("unknown", UNKNOWN))
        for kind, asked in (("base", base), ("events", events))
    }


def _share(indicator: Share, window: tuple[Quarter, ...], as_of: str) -> dict[str, Asked]:
    everyone = _there(indicator.dataset, window, as_of, frozenset())
    if indicator.value is not None:
        part = _also(everyone, {f"{indicator.value} > 0"})
        rest = _there(STAFF, window, window[-1].key, frozenset())
    elif indicator.part is not None:
        part = _also(everyone, _conditions(indicator.part))
        rest = _also(everyone, {f"NOT ({_predicate(indicator.part)})"})
    else:
        part, rest = everyone, everyone._replace(elsewhere=True)
    return {
        "group_base": part,
        "group_events": part._replace(ethnicity=indicator.of),
        "unknown_base": part._replace(ethnicity=UNKNOWN),
        "reference_base": rest,
        "reference_events": rest._replace(ethnicity=indicator.of),
    }


def quarters_between(people: People) -> Iterator[People]:
    """Yield the people of each single quarter of a window."""
    for key in quarters_of(people.since, people.until):
        yield people.over(key, key)


def quarter_after(key: str) -> str:
    """Return the key of the next quarter."""
    return Quarter.from_key(key).plus(1).key


def quarter_before(key: str) -> str:
    """Return the key of the quarter before."""
    return Quarter.from_key(key).plus(-1).key


@cache
def quarters_of(since: str, until: str) -> tuple[str, ...]:
    """Return the keys of the quarters from one to another."""
    keys, quarter = [since], Quarter.from_key(since)
    while keys[-1] != until:
        quarter = quarter.plus(1)
        keys.append(quarter.key)
    return tuple(keys)


_AS_OF = " as of "
_CHANGE = "change of "
_COUNTED_BY = " as counted by "


def counted_by(people: People, indicator: str) -> People:
    """Return people as one indicator counts them, where another counts the same and finds another number."""
    return people._replace(dataset=f"{people.dataset}{_COUNTED_BY}{indicator}")


def edition(people: People, release: str) -> People:
    """Return the people as the records stood in a release, when they have been put right since."""
    return people._replace(dataset=f"{people.dataset}{_AS_OF}{release}")


def since_edition(people: People) -> tuple[People, People] | None:
    """Return, for people of an edition, the same people as records stand now and what the correction changed."""
    dataset, found, _ = people.dataset.partition(_AS_OF)
    if not found or is_change(people):
        return None
    return people._replace(dataset=dataset), people._replace(dataset=f"{_CHANGE}{people.dataset}")


def plain_dataset(dataset: str) -> str:
    """Return the dataset that people are of, whatever edition of its records."""
    return dataset.removeprefix(_CHANGE).partition(_AS_OF)[0].partition(_COUNTED_BY)[0]


def is_change(people: People) -> bool:
    """Return whether this is a difference between editions, which may be below 0."""
    return people.dataset.startswith(_CHANGE)


def asked_for_all(
    catalogue: Catalogue, quarter: Quarter, as_of: Mapping[str, str], undecided: Collection[str] = ()
) -> dict[str, dict[str, Asked]]:
    """Return `asked_for` of every indicator that was counted: ``as_of`` by indicator, and those with some ``undecided``."""
    return {
        name: asked_for(catalogue.indicators[name], quarter, last or quarter.key, undecided=name in undecided)
        for name, last in as_of.items()
    }


def asked_of_levels(catalogue: Catalogue, counts: pl.DataFrame, quarter: Quarter) -> Iterator[Asked]:
    """Yield everybody in each level of a breakdown that counts have a row of, whatever the catalogue lists.

    ``counts`` has indicator, breakdown and level.
    """
    rows = counts.filter(~pl.col("breakdown").is_in([ALL, BROAD_GROUP]))
    for name, by, level in (
        rows.select("indicator", "breakdown", "level").unique(maintain_order=True).iter_rows()
    ):
        for dataset in broken_down(catalogue.indicators[name]):
            yield Asked(dataset, frozenset(), quarter.key, quarter.key, EVERYONE, by, level)
