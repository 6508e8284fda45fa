"""What adds up: the sums that counts of people stand in by their meaning, over all tables, quarters and audiences.

The quarters of a window make the window; levels make the whole; White, ethnic minority and unknown make everyone; the
broad groups within ethnic minority make ethnic minority; and of the sets of rows that people are
(:mod:`disparity.populations.regions`) one that lies within another and the rest of it make the other, and all are made
of the parts that they cut each other into.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from disparity.catalogue.divisions import NOT_RECORDED
from disparity.catalogue.indicators import ALL
from disparity.ethnicity import ETHNIC_MINORITY, UNKNOWN, WHITE
from disparity.populations.people import (
    EVERYONE,
    OTHERS,
    People,
    is_change,
    quarter_after,
    quarter_before,
    quarters_between,
    since_edition,
)
from disparity.populations.regions import Domain, Name, Relation

Ints = NDArray[np.int64]
Sum = tuple[People, tuple[People, ...]]
"""A whole and its parts."""


class Bounds(NamedTuple):
    """The least and the greatest count that something could be, both inclusive."""

    low: Ints
    high: Ints


class Tables:
    """Numbered counts and the sums they stand in: the signed terms of each sum add up to nought."""

    def __init__(self, number_of: dict[People, int], of_sum: Ints, number: Ints, sign: Ints) -> None:
        """Take one term each in ``of_sum`` (rising), ``number`` of the count, and ``sign``."""
        self.number_of = number_of
        self.number, self.sign = number, sign
        self._sums = _Runs(of_sum)
        self._order = np.argsort(number, kind="stable")
        self._counts = _Runs(number[self._order], len(number_of))
        self._sum_of_term = self._sums.run_of_each()

    def __len__(self) -> int:
        """Return how many counts there are."""
        return len(self.number_of)

    @property
    def number_of_sums(self) -> int:
        """Return how many sums there are."""
        return len(np.unique(self._sum_of_term))

    def holding(self, low: Ints, high: Ints) -> Tables:
        """Return the tables without the sums that counts within these intervals do not make true.

        Nor those that what others imply of a count contradicts: where answers are lacking, what should add up may not.
        """
        tables, least, most = self, low, high
        while True:
            every = np.arange(len(tables._sums.start))
            terms, at_least, at_most = tables.implied(every, least, most)
            counts = tables.number[terms]
            new_least, new_most = least.copy(), most.copy()
            np.maximum.at(new_least, counts, at_least)
            np.minimum.at(new_most, counts, at_most)
            # A sum by itself is false where it leaves nothing of what was thought of one of its counts before.
            false = np.unique(tables.sum_of(terms[(at_least > most[counts]) | (at_most < least[counts])]))
            if not false.size:
                false = tables.sums_with(np.flatnonzero(new_least > new_most))
            if false.size:
                tables, least, most = tables._without(false), low, high
            elif np.array_equal(new_least, least) and np.array_equal(new_most, most):
                return tables
            else:
                least, most = new_least, new_most

    def _without(self, sums: Ints) -> Tables:
        kept = ~np.isin(self._sum_of_term, sums)
        return Tables(self.number_of, self._sum_of_term[kept], self.number[kept], self.sign[kept])

    def narrowed(self, low: Ints, high: Ints, moved: Ints | None = None) -> tuple[Ints, Ints]:
        """Return the intervals once each was narrowed by the others of its sums until nothing moves.

        Where only the intervals of ``moved`` counts are new, their sums are looked at first. Stops early where one is
        empty, its low above its high: then what was told contradicts itself.
        """
        low, high = low.copy(), high.copy()
        sums = np.arange(len(self._sums.start)) if moved is None else self.sums_with(moved)
        while sums.size:
            terms, least, most = self.implied(sums, low, high)
            counts = self.number[terms]
            before_low, before_high = low[counts], high[counts]
            np.maximum.at(low, counts, least)
            np.minimum.at(high, counts, most)
            if np.any(low[counts] > high[counts]):
                break
            sums = self.sums_with(counts[(low[counts] > before_low) | (high[counts] < before_high)])
        return low, high

    def implied(self, sums: Ints, low: Ints, high: Ints) -> tuple[Ints, Ints, Ints]:
        """Return the terms of some sums, and the least and most that the others of its sum leave the count of each."""
        terms = self.terms_in(sums)
        least, most = self._signed(terms, low, high)
        length = self._sums.length[sums]
        starts = np.cumsum(length) - length
        at_least = most - np.repeat(np.add.reduceat(most, starts), length)
        at_most = least - np.repeat(np.add.reduceat(least, starts), length)
        plus = self.sign[terms] > 0
        return terms, np.where(plus, at_least, -at_most), np.where(plus, at_most, -at_least)

    def _signed(self, terms: Ints, low: Ints, high: Ints) -> tuple[Ints, Ints]:
        plus, counts = self.sign[terms] > 0, self.number[terms]
        return np.where(plus, low[counts], -high[counts]), np.where(plus, high[counts], -low[counts])

    def sums_with(self, counts: Ints) -> Ints:
        """Return the sums that some counts stand in."""
        found: Ints = np.unique(self._sum_of_term[self._order[self._counts.within(np.unique(counts))]])
        return found

    def sum_of(self, terms: Ints) -> Ints:
        """Return the sums of some terms."""
        return self._sum_of_term[terms]

    def terms_in(self, sums: Ints) -> Ints:
        """Return the terms of some sums, sum after sum."""
        return self._sums.within(sums)


class _Runs:
    """Where each of a rising series of numbers stands, from 0 on."""

    def __init__(self, numbers: Ints, size: int | None = None) -> None:
        values = np.arange(int(numbers.max(initial=-1)) + 1 if size is None else size)
        self.start = np.searchsorted(numbers, values)
        self.length = np.searchsorted(numbers, values, side="right") - self.start

    def run_of_each(self) -> Ints:
        """Return the number of each place."""
        return np.repeat(np.arange(len(self.start)), self.length)

    def within(self, numbers: Ints) -> Ints:
        """Return the places of some numbers, one number after the other."""
        length = self.length[numbers]
        ends = np.cumsum(length)
        places: Ints = np.arange(int(length.sum())) + np.repeat(self.start[numbers] - ends + length, length)
        return places


@lru_cache(maxsize=1)
def tables_over(told: tuple[People, ...]) -> Tables:
    """Number the people told of and those implied, told ones first, and gather their sums.

    The last tables are kept: the reports of one quarter are mostly of the same people.
    """
    number_of = {people: at for at, people in enumerate(dict.fromkeys(told))}
    for people in of_missing_levels(told):
        number_of.setdefault(people, len(number_of))
    of_sum, number, sign = [], [], []
    for at, (whole, parts) in enumerate(sums_over(tuple(number_of))):
        for people in (whole, *parts):
            of_sum.append(at)
            number.append(number_of.setdefault(people, len(number_of)))
            sign.append(1)
        sign[-1 - len(parts)] = -1
    return Tables(number_of, np.array(of_sum, np.int64), np.array(number, np.int64), np.array(sign, np.int64))


_ETHNICITIES = (WHITE, ETHNIC_MINORITY, UNKNOWN)
_OF_NO_BROAD_GROUP = (EVERYONE, *_ETHNICITIES, OTHERS)


def of_missing_levels(told: Collection[People]) -> list[People]:
    """Return those of levels and broad groups that others of their dataset have a figure of and they have none: nobody.

    A level has no row where nobody is in it. Without these, who is left of it once they are taken away is not seen. Some
    may be told of all the same, where something else counts the same people: then the row that lacks says that of them.
    """
    known = frozenset(told)
    groups = (each for each in _missing_broad_groups(told) if each not in known)
    return [*groups, *_missing_levels(told)]


def seen_to_be_nobody(told: Collection[People]) -> set[People]:
    """Return those told of who are people of a level without a row, or within them: that they are nobody is no secret."""
    missing: dict[_Time, list[People]] = defaultdict(list)
    for each in of_missing_levels(told):
        missing[each.dataset, each.since, each.until].append(each)
    return {
        each
        for each in told
        if any(_are_within(each, other) for other in missing[each.dataset, each.since, each.until])
    }


def _are_within(people: People, others: People) -> bool:
    """Return whether some people of a dataset and time are all among others of it."""
    of_broad_group = people.ethnicity not in _OF_NO_BROAD_GROUP
    wider = {people.ethnicity, EVERYONE, *([ETHNIC_MINORITY] if of_broad_group else [])}
    domain = people.region.domain
    return others.ethnicity in wider and domain.holds(domain.whole(others.name), domain.whole(people.name))


def _missing_broad_groups(told: Iterable[People]) -> Iterator[People]:
    of_groups = [each for each in told if each.ethnicity not in _OF_NO_BROAD_GROUP]
    there: dict[tuple[str, str, str], dict[str, None]] = defaultdict(dict)
    for each in of_groups:
        there[each.dataset, each.since, each.until][each.ethnicity] = None
    for kind in dict.fromkeys(each._replace(ethnicity="") for each in of_groups):
        for group in there[kind.dataset, kind.since, kind.until]:
            yield kind._replace(ethnicity=group)


def _missing_levels(told: Iterable[People]) -> Iterator[People]:
    there = _levels_there(told)
    for people, names in _in_scopes(told):
        domain = people.region.domain
        for whole, by in _broken_down(people, names):
            in_hand = domain.levels_in_hand(people.scope, whole, by)
            for level in there[people.dataset, people.since, people.until][by]:
                name = domain.of_row(whole, by, level)
                lacking = not domain.may_be_there(people.scope, whole, by, level)
                if lacking and not name.region.is_nobody and (in_hand or name not in names):
                    yield people.called(name)
        yield from map(people.called, _of_nobody(people, names, there))


def _of_nobody(
    people: People, names: Collection[Name], there: Mapping[_Time, Mapping[str, Collection[str]]]
) -> Iterator[Name]:
    """Yield those of a whole in each level that others have of a breakdown which nobody of that whole has a value of."""
    domain = people.region.domain
    for by, levels in there[people.dataset, people.since, people.until].items():
        for whole in filter(names.__contains__, domain.named_wholes):
            rows = domain.levels_in_hand(people.scope, whole, by)
            if _is_of_nobody(rows):
                yield from _in_levels(domain, whole, by, (each for each in levels if each not in rows))


def _is_of_nobody(rows: Collection[str]) -> bool:
    """Return whether nobody has a value of a breakdown whose rows are these: it is shown by no row then, and said."""
    return set(rows) == {NOT_RECORDED}


def _broken_down(people: People, names: Collection[Name]) -> Iterator[tuple[Name, str]]:
    """Yield each whole with each breakdown that it is counted by, where anybody of a level is told of."""
    domain = people.region.domain
    breakdowns = dict.fromkeys(each.breakdown for each in names if each.breakdown != ALL)
    for whole in filter(names.__contains__, domain.named_wholes):
        for by in breakdowns:
            of_nobody = _is_of_nobody(domain.levels_in_hand(people.scope, whole, by))
            counted = domain.is_counted_by(people.scope, whole, by) and not of_nobody
            if counted and any(each in names for each in domain.divided(whole, by)):
                yield whole, by


def _in_levels(domain: Domain, whole: Name, by: str, levels: Iterable[str]) -> Iterator[Name]:
    """Yield the names of those of a whole who are in some levels, without levels that can be nobody."""
    found = (domain.of_row(whole, by, level) for level in levels)
    return (each for each in found if not each.region.is_nobody)


_Time = tuple[str, str, str]
"""A dataset, and the keys of the first and last quarter."""


def _levels_there(told: Iterable[People]) -> Mapping[_Time, Mapping[str, Collection[str]]]:
    """Return the levels of each breakdown that anybody is told of in, in each dataset and time."""
    there: dict[_Time, dict[str, dict[str, None]]] = defaultdict(lambda: defaultdict(dict))
    for each in told:
        if each.breakdown != ALL:
            there[each.dataset, each.since, each.until][each.breakdown][each.level] = None
    return there


def sums_over(told: Collection[People]) -> list[Sum]:
    """Return every sum that these people stand in, with those it implies though nobody is told of them.

    The order depends on that of ``told`` alone.
    """
    known, there = dict.fromkeys(told), _levels_there(told)
    broken_down: dict[_Time, dict[tuple[Name, str], None]] = defaultdict(dict)
    for people, names in _in_scopes(told):
        of_time = broken_down[people.dataset, people.since, people.until]
        of_time |= dict.fromkeys(_broken_down(people, names))

    def levels(people: Iterable[People]) -> Iterator[Sum]:
        return _levels(people, broken_down, there)

    said: dict[Sum, None] = {}
    for found in (_editions, _everyone, _regions, _ethnicities, _broad_groups, levels, _coinciding):
        new = [each for each in dict.fromkeys(found(list(known))) if each not in said]
        said.update(dict.fromkeys(new))
        for whole, parts in new:
            known[whole] = None
            known.update(dict.fromkeys(parts))
    return [*said, *_windows(told)]


def _editions(known: Iterable[People]) -> Iterator[Sum]:
    """Yield an edition's people and what a correction changed, where the people are told of as they stand now too."""
    known = dict.fromkeys(known)
    for people in known:
        now_and_change = since_edition(people)
        if now_and_change is not None and now_and_change[0] in known:
            yield now_and_change[0], (people, now_and_change[1])


def _windows(known: Iterable[People]) -> Iterator[Sum]:
    """Yield a window and its quarters; and two that overlap, each as what they share and what they do not.

    The second follows from the first, but a reader who only narrows intervals would not see it.
    """
    # What a correction changed, and what stood before it, is looked at by itself.
    windows = [
        each
        for each in known
        if each.since != each.until and since_edition(each) is None and not is_change(each)
    ]
    for people in windows:
        yield people, tuple(quarters_between(people))
    for alike in _grouped(windows, lambda each: each._replace(since="", until="")):
        for earlier, later in pairwise(sorted(alike, key=lambda each: (each.since, each.until))):
            if earlier.since < later.since <= earlier.until < later.until:
                shared = earlier.over(later.since, earlier.until)
                yield earlier, (earlier.over(earlier.since, quarter_before(later.since)), shared)
                yield later, (shared, later.over(quarter_after(earlier.until), later.until))


def _everyone(known: Collection[People]) -> Iterator[Sum]:
    """Yield everyone of whom the three groups are known, where others are told of whatever their ethnicity.

    Before `_regions`, so that it sets them beside each other.
    """
    spoken_of = {(each.dataset, each.since, each.until) for each in known if each.ethnicity == EVERYONE}
    there = (each for each in known if (each.dataset, each.since, each.until) in spoken_of)
    for alike in _grouped(there, lambda each: each._replace(ethnicity="")):
        present = {each.ethnicity for each in alike}
        if present.issuperset(_ETHNICITIES) and EVERYONE not in present:
            yield (
                alike[0]._replace(ethnicity=EVERYONE),
                tuple(alike[0]._replace(ethnicity=each) for each in _ETHNICITIES),
            )


def _in_scopes(known: Iterable[People]) -> Iterator[tuple[People, dict[Name, None]]]:
    """Yield one of those of each dataset, time and ethnicity, with the names of all of them."""
    for alike in _grouped(known, lambda each: (each.dataset, each.since, each.until, each.ethnicity)):
        yield alike[0], dict.fromkeys(each.name for each in alike)


def _regions(known: Iterable[People]) -> Iterator[Sum]:
    """Yield what adds up among sets of rows: within the whole, within each level, and a level with all elsewhere."""
    for people, names in _in_scopes(known):
        domain = people.region.domain
        for context, present in _contexts(domain, names):
            yield from _called(people, domain.relations(context, present))
        yield from _called(people, filter(None, map(domain.elsewhere, names)))


def _contexts(domain: Domain, names: Collection[Name]) -> Iterator[tuple[tuple[str, str], tuple[int, ...]]]:
    """Yield the whole and every level that anybody is in, with the places of the wholes known there, where several are."""
    for context in dict.fromkeys([(ALL, ALL), *((each.breakdown, each.level) for each in names)]):
        present = tuple(at for at, name in enumerate(domain.of_wholes(*context)) if name in names)
        if len(present) > 1:
            yield context, present


def _called(people: People, relations: Iterable[tuple[Name, tuple[Name, ...]]]) -> Iterator[Sum]:
    for whole, parts in relations:
        yield people.called(whole), tuple(map(people.called, parts))


class Rest(NamedTuple):
    """Those who are left of some people once others of them are taken away.

    ``kind`` is the same of the same two at every level and ethnicity.
    """

    wider: People
    narrower: People
    rest: People
    kind: tuple[object, ...]


def rests(known: Iterable[People]) -> Iterator[Rest]:
    """Yield those left of people who hold others, wherever both are known."""
    for people, names in _in_scopes(known):
        domain = people.region.domain
        for context, present in _contexts(domain, names):
            of_wholes = domain.of_wholes(*context)
            for wider, narrower, rest in domain.nested(context, present):
                kind = (people.dataset, people.since, people.until, wider, narrower)
                held = [people.called(name) for each in (wider, narrower) if (name := of_wholes[each])]
                yield Rest(held[0], held[1], people.called(rest), kind)


def _ethnicities(known: Iterable[People]) -> Iterator[Sum]:
    """Yield everyone and the three groups, where all but one of the four are known.

    Where everyone and ethnic minority are, those who are not are a secret of their own: the rest of a share.
    """
    for alike in _grouped(known, lambda each: each._replace(ethnicity="")):
        present = {each.ethnicity for each in alike} & {EVERYONE, *_ETHNICITIES}
        everyone, white, minority, unknown, others = (
            alike[0]._replace(ethnicity=each) for each in (EVERYONE, *_ETHNICITIES, OTHERS)
        )
        if {EVERYONE, ETHNIC_MINORITY} <= present:
            yield everyone, (minority, others)
        if len(present) >= len(_ETHNICITIES):
            yield everyone, (white, minority, unknown)


def _broad_groups(known: Iterable[People]) -> Iterator[Sum]:
    for alike in _grouped(known, lambda each: each._replace(ethnicity="")):
        groups = [each for each in alike if each.ethnicity not in _OF_NO_BROAD_GROUP]
        if groups:
            ordered = sorted(groups, key=lambda each: each.ethnicity)
            yield groups[0]._replace(ethnicity=ETHNIC_MINORITY), tuple(ordered)


def _levels(
    known: Iterable[People],
    broken_down: Mapping[_Time, Collection[tuple[Name, str]]],
    there: Mapping[_Time, Mapping[str, Collection[str]]],
) -> Iterator[Sum]:
    """Yield a whole and its levels: whatever is asked for as a whole and broken down, and what is left of that.

    Of any other of whom some level is known, that level and the rest make the whole.
    """
    for people, names in _in_scopes(known):
        domain = people.region.domain
        implied = [each for each in names if each.breakdown == ALL and domain.wording(each) is None]
        time = people.dataset, people.since, people.until
        divided: set[tuple[Name, str]] = set()
        for whole, by in (each for each in broken_down.get(time, ()) if each[0] in names):
            levels = domain.divided(whole, by)
            if any(each not in names and domain.are_told_of(people.scope, each) for each in levels):
                # Others are told of a level that these readers know nothing of.
                continue
            region = domain.whole(whole)
            for each in (whole, *(rest for rest in implied if domain.holds(region, domain.whole(rest)))):
                expected = set(_in_levels(domain, each, by, there[time][by]))
                if expected and names.keys() >= expected:
                    divided.add((each, by))
                    parts = (part for part in domain.divided(each, by) if part in names)
                    yield people.called(each), tuple(map(people.called, parts))
        yield from _called(people, _partly_divided(domain, names, divided))


def _partly_divided(
    domain: Domain, names: Collection[Name], divided: Collection[tuple[Name, str]]
) -> Iterator[Relation]:
    """Yield the levels that are known of those who are not wholly divided by a breakdown, with whoever else there is."""
    at_levels = dict.fromkeys((Name(each.region), each.breakdown) for each in names if each.breakdown != ALL)
    breakdowns = dict.fromkeys(by for _, by in at_levels)
    # Of whoever can be in any level alike the level has their own region; of others it has to be worked out.
    candidates = at_levels | dict.fromkeys(
        (each, by)
        for each in names
        if each.breakdown == ALL
        for by in breakdowns
        if not domain.says_nothing_of(each, by)
    )
    for whole, by in (each for each in candidates if each[0] in names and each not in divided):
        levels = [each for each in domain.divided(whole, by) if each in names and each != whole]
        rest = domain.rest_of(whole, levels)
        if levels and rest != whole:
            yield whole, tuple(levels) if rest.region.is_nobody else (*levels, rest)


def _coinciding(known: Iterable[People]) -> Iterator[Sum]:
    """Yield those of a level, and the rest of those of another level that all of that level are in."""
    for people, names in _in_scopes(known):
        for name in names:
            found = people.region.domain.coinciding(name)
            yield from _called(people, (each for each in found if each[0] in names))


_Key = TypeVar("_Key")


def _grouped(known: Iterable[People], alike: Callable[[People], _Key]) -> Iterator[list[People]]:
    """Yield those whom ``alike`` makes the same."""
    groups: dict[_Key, list[People]] = defaultdict(list)
    for each in known:
        groups[alike(each)].append(each)
    yield from groups.values()
