"""What a reader holds of one dataset: its published counts, under one name for the same people, and what else he knows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from judge.classes import Classes, classes_of, rest_of, share_nobody
from judge.dictionary import Dataset, datasets
from judge.policies import Could, Policy, read_policy
from judge.predicates import columns_of
from judge.published import ALL, EVERYONE, MINORITY, UNKNOWN, WHITE, Count, Published, read_published
from judge.tables import ImpossibleError, People, Tables

DICTIONARY = Path(__file__).parents[2] / "docs" / "data-dictionary.md"


@dataclass(frozen=True)
class Reader:
    """Somebody who has published tables, all by one policy, their catalogue and the data dictionary.

    ``empty`` are fields that he knows to be empty in some row, as DATASET.FIELD; of others he supposes that they never are,
    as long as what is published does not contradict it. ``known`` are counts that he has from elsewhere, by name.
    """

    tables: Sequence[Path]
    catalogue: Path
    policy: Path
    empty: Collection[str] = ()
    known: Mapping[str, int] = field(default_factory=dict)
    dictionary: Path = DICTIONARY

    def holds(self) -> Iterator[Holding]:
        """Yield what he holds of each dataset."""
        policy, described = read_policy(self.policy), datasets(self.dictionary, self.catalogue)
        published = read_published(self.tables, self.catalogue, described, policy)
        published = replace(published, counts=tuple(map(self._as_known, published.counts)))
        if wrong := self.known.keys() - {count.name for count in published.counts}:
            raise ValueError(f"no count is published as {min(wrong)}")
        for dataset in sorted({count.whom.dataset for count in published.counts}):
            yield Holding(dataset, published, described, policy, self.empty)

    def _as_known(self, count: Count) -> Count:
        if count.name not in self.known:
            return count
        exactly = self.known[count.name]
        return replace(count, could_be=Could(exactly, exactly, hidden=False))


class Known(NamedTuple):
    """All that is published of some people: what each count could be together, and what the policy asks of it at most."""

    name: str
    could: Could
    threshold: int
    hides_zero: bool


class Holding:
    """What a reader holds of one dataset."""

    def __init__(
        self,
        dataset: str,
        published: Published,
        described: Mapping[str, Dataset],
        policy: Policy,
        empty: Collection[str],
    ) -> None:
        """Take the counts of a dataset. Fields are supposed to be filled, but for those known to be ``empty``."""
        self.dataset, self.policy = dataset, policy
        self._published, self._described = published, described
        self._counts = [each for each in published.counts if each.whom.dataset == dataset]
        of_broad_groups = {each.whom.ethnicity for each in self._counts} - {
            WHITE,
            MINORITY,
            UNKNOWN,
            EVERYONE,
        }
        self._groups = {
            WHITE: frozenset({WHITE}),
            MINORITY: frozenset(of_broad_groups or {MINORITY}),
            UNKNOWN: frozenset({UNKNOWN}),
        }
        named = {tuple(each.split(".", 1)) for each in empty} | published.not_recorded
        self._suppose(frozenset(name for of, name in named if of == dataset))

    def tables(self, also: Collection[People], seconds: float) -> Tables:
        """Return all tables that the counts leave possible; raises ImpossibleError where there is none."""
        counts = {people: known.could for people, known in self.known.items()}
        return Tables(self._classes, self._groups, counts, also, seconds)

    def possible(self) -> bool:
        """Return whether there is a table, if need be with any field empty that may be: then he supposes that."""
        try:
            self.tables([], 60.0)
        except ImpossibleError:
            fields = self._described[self.dataset].fields
            may_be = {name for name, each in fields.items() if each.may_be_empty}
            self._suppose(frozenset(may_be | {had.field for had in self._published.linked}))
        else:
            return True
        try:
            self.tables([], 60.0)
        except ImpossibleError:
            return False
        return True

    def _suppose(self, empty: frozenset[str]) -> None:
        fields = {
            name for count in self._counts for text in count.whom.predicates for name in columns_of(text)
        }
        self._classes: Classes = classes_of(
            self._described[self.dataset],
            list(dict.fromkeys(count.whom for count in self._counts)),
            {count.breakdown for count in self._counts} - {ALL},
            {had: self._described[had.dataset] for had in self._published.linked if had.field in fields},
            empty,
        )
        self.known = self._together()
        people = {count.name: self._people_of(count) for count in self._counts}
        named = {name: f"{name.removesuffix('_base')}_events" for name in people}
        self.events = {(people[base], people[events]) for base, events in named.items() if events in people}
        """Each base with its events."""
        self.places: dict[People, set[tuple[str, str, bool]]] = defaultdict(set)
        """At which levels of which breakdowns people are counted, and whether as a level or as the rest."""
        for count in self._counts:
            self.places[people[count.name]].add((count.breakdown, count.level, count.whom.rest))

    def rest_of(self, wider: People, narrower: People) -> People | None:
        """Return who of some people are not among others that are part of them; None where these are not, or nobody is."""
        if (*wider[:2], wider.ethnicities) == (*narrower[:2], narrower.ethnicities):
            rest = rest_of(self._classes, wider.chosen, narrower.chosen)
            return None if rest is None else wider._replace(chosen=rest)
        if (
            wider._replace(ethnicities=narrower.ethnicities) == narrower
            and narrower.ethnicities < wider.ethnicities
        ):
            return wider._replace(ethnicities=wider.ethnicities - narrower.ethnicities)
        return None

    def parts_of(self, wider: People, narrower: Iterable[People]) -> list[People]:
        """Return those that are part of some people and share nobody with each other, the largest first."""
        within = [each for each in narrower if self.rest_of(wider, each) is not None]
        parts: list[People] = []
        for each in sorted(within, key=lambda each: -self._size(each)):
            if all(share_nobody(self._classes, each.chosen, part.chosen) for part in parts):
                parts.append(each)
        return parts

    def _size(self, people: People) -> int:
        return len(people.chosen.levels)

    def _together(self) -> dict[People, Known]:
        """Return what all counts of the same people say together: hidden is what none of them shows."""
        known: dict[People, Known] = {}
        for count in self._counts:
            one, threshold = count.could_be, self.policy.threshold_of(count.sensitivity)
            people, hides = self._people_of(count), count.sensitivity in self.policy.hides_zero
            other = known.get(people, Known(count.name, one, threshold, hides))
            could = Could(
                max(one.least, other.could.least),
                min(one.greatest, other.could.greatest),
                one.hidden and other.could.hidden,
            )
            known[people] = Known(
                other.name, could, max(threshold, other.threshold), hides or other.hides_zero
            )
        return known

    def _people_of(self, count: Count) -> People:
        """Return of whom a count is, under the one name that the same people have."""
        if count.breakdown == ALL:
            chosen = self._classes.whole(count.whom)
        else:
            chosen = self._classes.at_level(count.whom, count.breakdown, count.level)
        return People(count.first, count.last, chosen, self.ethnicities(count.whom.ethnicity))

    def ethnicities(self, named: str) -> frozenset[str]:
        """Return what counts tell apart within an ethnicity."""
        if named == EVERYONE:
            return frozenset[str]().union(*self._groups.values())
        return self._groups.get(named, frozenset({named}))
