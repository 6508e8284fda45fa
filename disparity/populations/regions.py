"""Regions: sets of the rows that a dataset can have, each with one name however its predicate is spelt.

Here are the classes of rows that predicates and breakdowns tell apart, which of them the dataset's rules let be, and what
is done with sets of them. Whose counts they are, when, and of which ethnicity, is not known here
(:mod:`disparity.populations.people`); nor which counts are published.
"""

from __future__ import annotations

import ast
import math
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, reduce
from itertools import permutations
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from disparity.catalogue.divisions import NOT_RECORDED
from disparity.catalogue.indicators import ALL
from disparity.predicates import columns_of

Bools = NDArray[np.bool_]

MOST_CLASSES = 200_000
"""So many classes of rows at most are told apart by predicates that have columns in common."""


class TooManyClasses(ValueError):  # noqa: N818 (it is what it is called)
    """Predicates tell more classes of rows apart than can be looked at; the message names their columns."""


class Classes(NamedTuple):
    """The values of a column as far as anything tells them apart: a label of each class, and a value that is in it."""

    labels: tuple[str, ...]
    values: pl.Series


class Region:
    """A set of rows: of the columns that decide who is in it, the classes of those who are. Equal where the sets are.

    ``columns`` are in the order of the alphabet, ``rows`` hold a label for each. Of everybody no column decides.
    """

    __slots__ = ("_hash", "_text", "columns", "domain", "rows")

    def __init__(self, domain: Domain, columns: tuple[str, ...], rows: frozenset[tuple[str, ...]]) -> None:
        """Take a set in the one form that `Domain` brings it to."""
        self.domain, self.columns, self.rows = domain, columns, rows
        self._hash = hash((columns, rows))
        self._text = ""

    def __eq__(self, other: object) -> bool:
        """Return whether these are the same rows."""
        if self is other:
            return True
        return isinstance(other, Region) and (self.columns, self.rows) == (other.columns, other.rows)

    def __hash__(self) -> int:
        """Return the hash of the set, whatever domain it is of."""
        return self._hash

    def __repr__(self) -> str:
        """Return the set as text, the same wherever it is made."""
        self._text = self._text or f"{list(self.columns)}: {sorted(self.rows)}"
        return self._text

    @property
    def lacks_an_answer(self) -> bool:
        """Whether every row of it is blank in one of the columns that decide."""
        return bool(self.columns) and all(NOT_RECORDED in row for row in self.rows)

    @property
    def is_nobody(self) -> bool:
        """Whether no row can be in it."""
        return not self.rows


class Name(NamedTuple):
    """The one name of a set of rows: a region of one level of a breakdown, or of the whole.

    A set that lies within one level is of that level, whoever asks for it; within several, of the first breakdown.
    """

    region: Region
    breakdown: str = ALL
    level: str = ALL


class Wording(NamedTuple):
    """How a set of rows was asked for: conditions that all hold, of those of a level, or ``elsewhere`` than there."""

    conditions: frozenset[str]
    breakdown: str = ALL
    level: str = ALL
    elsewhere: bool = False


Scope = tuple[str, str, str, str]
"""Whose rows: a dataset or an edition of it, the keys of the first and last quarter, and an ethnicity."""

Relation = tuple[Name, tuple[Name, ...]]
"""A set of rows, and sets that share no row and make it up."""


class Nested(NamedTuple):
    """Of two wholes, by their places in `Domain.wholes`, the one that holds the other, and what is left of it."""

    wider: int
    narrower: int
    rest: Name


# What is made of the answer to a predicate: true, false or not known.
JUDGED = re.compile(r"\((?P<of>.*)\) IS (?P<what>UNKNOWN|NOT UNKNOWN|NOT TRUE|NOT FALSE)", re.DOTALL)


class Domain:
    """The rows that a dataset can have in some quarters, and the sets of them that are asked for."""

    def __init__(
        self,
        columns: Mapping[str, Classes],
        rules: Sequence[pl.Expr] = (),
        breakdowns: Collection[str] = (),
        wholes: Iterable[frozenset[str]] = (),
        meant: Mapping[str, str] | None = None,
        within: Mapping[tuple[str, str], tuple[tuple[str, str], ...]] | None = None,
        over: Callable[[str, str], Domain] | None = None,
    ) -> None:
        """Take the classes of every column that anything asks for or a rule names.

        ``rules`` are true of every row, or null. ``wholes`` are the conditions of each set that is asked for as a whole,
        not as a level. ``meant`` are the predicates that conditions stand for which are none themselves. ``within``
        are the levels, by breakdown and level, that are known to lie within levels of others, though no rule says so.
        ``over`` gives the domain of the same dataset over other quarters, by the keys of the first and last; by default
        this one.
        """
        self._columns, self._meant = columns, meant or {}
        self._breakdowns = tuple(sorted(set(breakdowns) & columns.keys()))
        self._rules = tuple(each for each in rules if set(each.meta.root_names()) <= columns.keys())
        self._linked = _linked(columns, self._rules)
        self._ruled: dict[tuple[str, ...], Bools] = {}
        self._possible: dict[tuple[str, ...], Bools] = {}
        self._arrays: dict[Region, Bools] = {}
        self._made: dict[tuple[tuple[str, ...], frozenset[tuple[str, ...]]], Region] = {}
        self._true_of: dict[str, Region] = {}
        self._asked: dict[frozenset[str], Region] = {}
        self._counted_by: set[tuple[tuple[str, ...], Name, str]] = set()
        self._tables: dict[tuple[Scope, Name, str], set[str]] = defaultdict(set)
        self._told_of: dict[tuple[tuple[str, ...], Name], set[str]] = defaultdict(set)
        self._holds: dict[tuple[Region, Region], bool] = {}
        self._named: dict[Region, Name] = {}
        self._of_level: dict[tuple[str, str], Region] = {}
        self._levels: dict[tuple[Name, str, str], Name] = {}
        self._wholes_of: dict[Name, Region] = {}
        self._coinciding: dict[Name, tuple[Relation, ...]] = {}
        self._wordings: dict[Name, Wording] = {}
        self._of_wholes: dict[tuple[str, str], tuple[Name | None, ...]] = {}
        self._relations: dict[
            tuple[tuple[str, str], tuple[int, ...]], tuple[tuple[Nested, ...], tuple[Relation, ...]]
        ] = {}
        self._divided: dict[tuple[Name, str], tuple[Name, ...]] = {}
        self._within = within or {}
        self.over = over or (lambda _since, _until: self)
        self.everybody = self._region((), np.array(True))
        self._nobody = self._region((), np.array(False))
        asked = [self.where(each) for each in (frozenset[str](), *sorted(wholes, key=sorted))]
        self.wholes = tuple(dict.fromkeys(each for each in asked if not each.is_nobody))

    def where(self, conditions: Collection[str]) -> Region:
        """Return the rows of which every condition is true.

        A condition is a predicate in SQL, one in brackets followed by IS [NOT] UNKNOWN, IS NOT TRUE or IS NOT FALSE, one
        that stands for a predicate, or the text of a set that follows from others.
        Raises TooManyClasses, and PredicateError for what is no predicate.
        """
        asked = frozenset(conditions)
        if asked not in self._asked:
            found = self.everybody
            for condition in sorted(asked):
                found = self.within(found, self._where(condition))
            if not any(map(_is_text, asked)):
                self._wordings.setdefault(self.named(found), Wording(asked))
            self._asked[asked] = found
        return self._asked[asked]

    def within(self, one: Region, other: Region) -> Region:
        """Return the rows that are in both."""
        columns = self._closed(one.columns, other.columns)
        return self._region(columns, self._spread(one, columns) & self._spread(other, columns))

    def less(self, one: Region, other: Region) -> Region:
        """Return the rows of one that are not in another."""
        columns = self._closed(one.columns, other.columns)
        return self._region(columns, self._spread(one, columns) & ~self._spread(other, columns))

    def holds(self, wider: Region, narrower: Region) -> bool:
        """Return whether every row of the narrower is in the wider."""
        if (wider, narrower) not in self._holds:
            self._holds[wider, narrower] = self.less(narrower, wider).is_nobody
        return self._holds[wider, narrower]

    def kept(self, region: Region) -> Region:
        """Return those rows of a region, of this domain or of a wider one, that this one can have."""
        return self._region(region.columns, self._array(region))

    def named(self, region: Region) -> Name:
        """Return the one name of a set of rows."""
        if region not in self._named:
            self._named[region] = self._name(region)
        return self._named[region]

    def whole(self, name: Name) -> Region:
        """Return the set of rows that a name is of."""
        if name not in self._wholes_of:
            of_level = name.breakdown != ALL
            there = self._level(name.breakdown, name.level) if of_level else self.everybody
            self._wholes_of[name] = self.within(name.region, there)
        return self._wholes_of[name]

    def of_row(self, name: Name, breakdown: str, level: str, *, elsewhere: bool = False) -> Name:
        """Return the name of those of them in a level of a breakdown, or ``elsewhere``."""
        if (name, breakdown, level) not in self._levels or elsewhere:
            if not elsewhere and self.says_nothing_of(name, breakdown):
                there = level in self._columns[breakdown].labels
                found = Name(name.region, breakdown, level) if there else Name(self._nobody)
            else:
                in_level = self.within(self.whole(name), self._level(breakdown, level))
                found = self.named(self.less(self.whole(name), in_level) if elsewhere else in_level)
            asked = self._wordings.get(name)
            if asked is not None and asked.breakdown == ALL:
                self._wordings.setdefault(found, Wording(asked.conditions, breakdown, level, elsewhere))
            if elsewhere:
                return found
            self._levels[name, breakdown, level] = found
        return self._levels[name, breakdown, level]

    def forget_rows(self) -> None:
        """Forget all rows that were noted, as of counts that are made anew."""
        for noted in (self._counted_by, self._tables, self._told_of):
            noted.clear()

    def counted_by(self, scope: Scope, name: Name, breakdown: str) -> None:
        """Take note that those of a name are counted by a breakdown.

        Of one ethnicity: who counts White staff by band says nothing of everybody in a band that no table has a row of.
        """
        self._counted_by.add((scope[1:], name, breakdown))

    def is_counted_by(self, scope: Scope, name: Name, breakdown: str) -> bool:
        """Return whether that was noted, of whatever edition of the dataset."""
        return (scope[1:], name, breakdown) in self._counted_by

    def told_of(self, scope: Scope, name: Name) -> None:
        """Take note that some report tells of those of a name, in whatever table and to whomever."""
        self._told_of[scope[:3], name].add(scope[3])

    def are_told_of(self, scope: Scope, name: Name) -> Collection[str]:
        """Return the ethnicities of which that was noted, over the same quarters."""
        return self._told_of.get((scope[:3], name), ())

    def row_of_table(self, scope: Scope, name: Name, breakdown: str, level: str) -> None:
        """Take note of a row of a table in hand that counts those of a name. A level without a row is nobody."""
        self.counted_by(scope, name, breakdown)
        self.told_of(scope, self.of_row(name, breakdown, level))
        self._tables[scope, name, breakdown].add(level)

    def levels_in_hand(self, scope: Scope, name: Name, breakdown: str) -> Collection[str]:
        """Return the levels of which tables in hand have a row of those of a name; none where there is no such table."""
        return self._tables.get((scope, name, breakdown), ())

    def may_be_there(self, scope: Scope, name: Name, breakdown: str, level: str) -> bool:
        """Return whether anything counts those of a name in a level.

        Of a report that is no more in hand it is not known which table told of whom: of people whom several tables count
        it left one row, in the words of the first. So nobody of whom it told is taken for nobody.
        """
        in_hand = self.levels_in_hand(scope, name, breakdown)
        if in_hand:
            return level in in_hand
        return scope[3] in self.are_told_of(scope, self.of_row(name, breakdown, level))

    def rest_of(self, whole: Name, parts: Iterable[Name]) -> Name:
        """Return the name of those of a whole who are in none of some parts of it."""
        return self.named(reduce(self.less, map(self.whole, parts), self.whole(whole)))

    def says_nothing_of(self, name: Name, breakdown: str) -> bool:
        """Return whether those of a name can be in any level of a breakdown, whatever else they are."""
        tied = len(self._linked[breakdown]) > 1 or breakdown in name.region.columns
        return name.breakdown == ALL and not tied and not name.region.is_nobody

    def wording(self, name: Name) -> Wording | None:
        """Return how a set was asked for first, None where it only follows from others."""
        return self._wordings.get(name)

    def of_wholes(self, breakdown: str, level: str) -> tuple[Name | None, ...]:
        """Return the name of those of every whole who are in a level, or of all; None where it can be nobody."""
        if (breakdown, level) not in self._of_wholes:
            self._of_wholes[breakdown, level] = tuple(
                self._there(each, breakdown, level) for each in self.wholes
            )
        return self._of_wholes[breakdown, level]

    def _there(self, whole: Region, breakdown: str, level: str) -> Name | None:
        name = self.named(whole)
        found = name if breakdown == ALL else self.of_row(name, breakdown, level)
        return None if found.region.is_nobody else found

    def nested(self, context: tuple[str, str], present: tuple[int, ...]) -> tuple[Nested, ...]:
        """Return which of some wholes, by their places in `wholes`, hold which others in one context."""
        return self._related(context, present)[0]

    def relations(self, context: tuple[str, str], present: tuple[int, ...]) -> tuple[Relation, ...]:
        """Return what adds up among some of the wholes, by their places in `wholes`, in one context.

        One that lies within another and the rest of it make the other; and where that leaves anything out, each is made
        of the parts that all of them cut each other into. Wholes that have no column in common say nothing of each
        other but that both are within the same.
        """
        return self._related(context, present)[1]

    def divided(self, name: Name, by: str) -> tuple[Name, ...]:
        """Return the names of those of a set who are in each level of a breakdown, without levels that can be nobody."""
        if (name, by) not in self._divided:
            levels = [self.of_row(name, by, level) for level in self._columns[by].labels]
            self._divided[name, by] = tuple(each for each in levels if not each.region.is_nobody)
        return self._divided[name, by]

    @cached_property
    def named_wholes(self) -> Mapping[Name, None]:
        """The names of all wholes, each once, in their order."""
        return dict.fromkeys(self.named(each) for each in self.wholes)

    def elsewhere(self, name: Name) -> Relation | None:
        """Return, of those who were asked for as everybody who is not in a level, that they and it make the whole."""
        asked = self.wording(name)
        if asked is None or not asked.elsewhere:
            return None
        whole = self.named(self.where(asked.conditions))
        return whole, (self.of_row(whole, asked.breakdown, asked.level), name)

    def check(self) -> None:
        """Raise TooManyClasses where wholes that have columns in common, with one breakdown, tell too many rows apart."""
        for group in self._in_common(self.wholes, self.everybody):
            columns = [each.columns for each in group]
            for by in ((), *((each,) for each in self._breakdowns)):
                self._shape(self._closed(*columns, by))

    def coinciding(self, name: Name) -> tuple[Relation, ...]:
        """Return, of those of one level, that they and the rest make those of a level which all of that level are in."""
        if name not in self._coinciding:
            self._coinciding[name] = tuple(
                (wider, (name, self.named(self.less(self.whole(wider), self.whole(name)))))
                for by, level in self._within.get((name.breakdown, name.level), ())
                if (wider := self.of_row(Name(name.region), by, level)) != name and not wider.region.is_nobody
            )
        return self._coinciding[name]

    def _related(
        self, context: tuple[str, str], present: tuple[int, ...]
    ) -> tuple[tuple[Nested, ...], tuple[Relation, ...]]:
        if (context, present) not in self._relations:
            wholes = [self.named(self.wholes[each]) for each in present]
            levels = {column for each in wholes for column in each.region.columns} & set(self._breakdowns)
            # Where no whole says anything of any breakdown, all levels are alike.
            if (
                context[0] != ALL
                and not levels
                and all(self.says_nothing_of(each, context[0]) for each in wholes)
            ):
                self._relations[context, present] = self._related_alike(context, present)
            else:
                self._relations[context, present] = self._related_here(context, present)
        return self._relations[context, present]

    def _related_alike(
        self, context: tuple[str, str], present: tuple[int, ...]
    ) -> tuple[tuple[Nested, ...], tuple[Relation, ...]]:
        """Return what adds up in a level of which no whole says anything: what does in all of them."""
        nested, relations = self._related((ALL, ALL), present)
        return (
            tuple(each._replace(rest=Name(each.rest.region, *context)) for each in nested),
            tuple(
                (Name(whole.region, *context), tuple(Name(each.region, *context) for each in parts))
                for whole, parts in relations
            ),
        )

    def _related_here(
        self, context: tuple[str, str], present: tuple[int, ...]
    ) -> tuple[tuple[Nested, ...], tuple[Relation, ...]]:
        names = self.of_wholes(*context)
        place = {self.whole(name): at for at in reversed(present) if (name := names[at]) is not None}
        everybody = self.everybody if context[0] == ALL else self._level(*context)
        nested: list[Nested] = []
        relations: dict[Relation, None] = {}
        for group in self._groups(tuple(sorted(place, key=place.__getitem__)), everybody):
            pairs = [each for each in permutations(group, 2) if self.holds(*each)]
            rests = {pair: self.less(*pair) for pair in pairs}
            for (wider, each), rest in rests.items():
                if wider in place:
                    nested.append(Nested(place[wider], place[each], self.named(rest)))
                whole, part, other = map(self.named, (wider, each, rest))
                # Where the rest is one of the group too, they say the same the other way round.
                if (whole, (other, part)) not in relations:
                    relations[whole, (part, other)] = None
            relations |= dict.fromkeys(self._of_parts(group, rests))
        return tuple(nested), tuple(relations)

    def _groups(self, regions: tuple[Region, ...], everybody: Region) -> list[tuple[Region, ...]]:
        """Return regions that have columns in common, with everybody where those of one group leave out nobody.

        Then whoever is told of one group knows how many there are, and what another leaves of them.
        """
        groups = list(self._in_common(regions, everybody))
        if len(groups) > 1 and everybody not in regions:
            left_out = (reduce(self.less, group, everybody) for group in groups)
            if any(each.is_nobody for each in left_out):
                return list(self._in_common((everybody, *regions), everybody))
        return groups

    def _in_common(self, regions: tuple[Region, ...], everybody: Region) -> Iterator[tuple[Region, ...]]:
        """Yield regions whose columns are the same or tied by a rule, one way or another, everybody with each of them."""
        fixed = set(everybody.columns)
        groups: list[tuple[set[str], list[Region]]] = []
        for region in (each for each in regions if each != everybody):
            columns, members = set(self._closed(region.columns)) - fixed, [region]
            for group in [each for each in groups if each[0] & columns]:
                groups.remove(group)
                columns |= group[0]
                members = [*group[1], *members]
            groups.append((columns, members))
        for _, members in groups:
            yield (everybody, *members) if everybody in regions else tuple(members)

    def _of_parts(
        self, group: Sequence[Region], rests: Mapping[tuple[Region, Region], Region]
    ) -> Iterator[Relation]:
        """Yield regions as the sum of the parts that all of a group cut each other into, where pairs do not say it."""
        parts = self._parts(group)
        known = [*dict.fromkeys([*group, *rests.values()])]
        if len(known) >= len(parts) and set(parts) <= set(known):
            said = _rank(
                [[_sign(each, pair[0], pair[1], rest) for each in known] for pair, rest in rests.items()]
            )
            there = _rank([[self.holds(each, part) for part in parts] for each in known])
            if said == len(known) - there:
                return
        for region in group:
            within = [part for part in parts if self.holds(region, part)]
            if len(within) > 1:
                yield self.named(region), tuple(map(self.named, within))

    def _parts(self, group: Sequence[Region]) -> list[Region]:
        """Return the parts, each wholly within or without every region, that make up all of them."""
        columns = self._closed(*(each.columns for each in group))
        code = np.zeros(self._shape(columns), np.int64)
        within = np.zeros(self._shape(columns), bool)
        for region in group:
            array = self._spread(region, columns)
            within |= array
            # Numbered anew after each, so that however many there are the numbers stay small.
            code = np.unique(2 * code + array, return_inverse=True)[1].reshape(code.shape)
        within &= self._can_be(columns)
        return [self._region(columns, within & (code == each)) for each in np.unique(code[within])]

    def _where(self, condition: str) -> Region:
        if _is_text(condition):
            columns, rows = ast.literal_eval(f"({condition.replace(']: [', '], [', 1)})")
            return self.kept(Region(self, tuple(columns), frozenset(rows)))
        if condition not in self._true_of:
            judged = JUDGED.fullmatch(condition)
            predicate = judged["of"] if judged else self._meant.get(condition, condition)
            columns = self._closed(tuple(columns_of(predicate)))
            answer = pl.sql_expr(predicate)
            match judged["what"] if judged else "TRUE":
                case "UNKNOWN":
                    asked = answer.is_null()
                case "NOT UNKNOWN":
                    asked = answer.is_not_null()
                case "NOT TRUE":
                    asked = ~answer.fill_null(value=False)
                case "NOT FALSE":
                    asked = answer.fill_null(value=True)
                case _:
                    asked = answer.fill_null(value=False)
            found = self._rows(columns).select(asked.alias("it"))["it"]
            self._true_of[condition] = self._region(columns, found.to_numpy().reshape(self._shape(columns)))
        return self._true_of[condition]

    def _level(self, breakdown: str, level: str) -> Region:
        if (breakdown, level) not in self._of_level:
            self._of_level[breakdown, level] = self._made_level(breakdown, level)
        return self._of_level[breakdown, level]

    def _made_level(self, breakdown: str, level: str) -> Region:
        columns = self._closed((breakdown,))
        axis = columns.index(breakdown)
        here = np.array([each == level for each in self._columns[breakdown].labels])
        shape = [-1 if at == axis else 1 for at in range(len(columns))]
        return self._region(columns, np.broadcast_to(here.reshape(shape), self._shape(columns)))

    def _name(self, region: Region) -> Name:
        array = self._array(region)
        for by in (each for each in self._breakdowns if each in region.columns):
            axis = region.columns.index(by)
            others = tuple(at for at in range(len(region.columns)) if at != axis)
            (levels,) = np.nonzero(array.any(axis=others))
            if len(levels) == 1:
                columns = tuple(each for each in region.columns if each != by)
                of_level = self._region(columns, array.take(levels[0], axis))
                return Name(of_level, by, self._columns[by].labels[levels[0]])
        return Name(region)

    def _region(self, columns: tuple[str, ...], array: Bools) -> Region:
        """Return the set of rows in its one form: those that can be, by the columns that decide who is in it."""
        can_be = self._can_be(columns)
        rows = array & can_be
        kept = rows
        deciding = list(columns)
        for axis, column in enumerate(columns):
            without = np.asarray(kept.any(axis=axis, keepdims=True))
            # Where it makes no difference to any row that can be.
            if np.array_equal(without & can_be, rows):
                kept = without
                deciding.remove(column)
        decided: Bools = kept.reshape(tuple(len(self._columns[each].labels) for each in deciding))
        labels = [self._columns[each].labels for each in deciding]
        if decided.ndim:
            found = zip(*(at.tolist() for at in np.nonzero(decided)), strict=True)
            key = (
                tuple(deciding),
                frozenset(tuple(of[at] for of, at in zip(labels, row, strict=True)) for row in found),
            )
        else:
            key = ((), frozenset([()] if decided else []))
        if key not in self._made:
            self._made[key] = Region(self, *key)
            self._arrays[self._made[key]] = decided
        return self._made[key]

    def _array(self, region: Region) -> Bools:
        """Return a set of rows as one truth for each class of its columns."""
        if region not in self._arrays:
            array = np.zeros(self._shape(region.columns), bool)
            place = [
                {label: at for at, label in enumerate(self._columns[each].labels)} for each in region.columns
            ]
            for row in region.rows:
                if all(label in of for of, label in zip(place, row, strict=True)):
                    array[tuple(of[label] for of, label in zip(place, row, strict=True))] = True
            self._arrays[region] = array
        return self._arrays[region]

    def _spread(self, region: Region, columns: tuple[str, ...]) -> Bools:
        shape = [len(self._columns[each].labels) if each in region.columns else 1 for each in columns]
        return np.broadcast_to(self._array(region).reshape(shape), self._shape(columns))

    def _closed(self, *several: tuple[str, ...]) -> tuple[str, ...]:
        """Return columns with all that a rule ties to them."""
        return tuple(
            sorted({each for columns in several for column in columns for each in self._linked[column]})
        )

    def _shape(self, columns: tuple[str, ...]) -> tuple[int, ...]:
        shape = tuple(len(self._columns[each].labels) for each in columns)
        if math.prod(shape) > MOST_CLASSES:
            raise TooManyClasses(", ".join(columns))
        return shape

    def _can_be(self, columns: tuple[str, ...]) -> Bools:
        """Return which classes of some columns a row can be of, by the rules."""
        if columns not in self._possible:
            found = np.ones(self._shape(columns), bool)
            for group in dict.fromkeys(self._linked[each] for each in columns):
                if len(group) > 1:
                    gone = tuple(at for at, each in enumerate(group) if each not in columns)
                    shape = [len(self._columns[each].labels) if each in group else 1 for each in columns]
                    found &= self._by_rules(group).any(axis=gone).reshape(shape)
            self._possible[columns] = found
        return self._possible[columns]

    def _by_rules(self, group: tuple[str, ...]) -> Bools:
        """Return which classes of columns that rules tie together a row can be of."""
        if group not in self._ruled:
            rules = [each for each in self._rules if set(each.meta.root_names()) <= set(group)]
            kept = self._rows(group).select(pl.all_horizontal(each.fill_null(value=True) for each in rules))
            self._ruled[group] = kept.to_series().to_numpy().reshape(self._shape(group))
        return self._ruled[group]

    def _rows(self, columns: tuple[str, ...]) -> pl.DataFrame:
        """Return one row of each class of some columns."""
        places = np.indices(self._shape(columns)).reshape(len(columns), -1)
        return pl.DataFrame(
            [
                self._columns[each].values.gather(at).alias(each)
                for each, at in zip(columns, places, strict=True)
            ]
        )


def _is_text(condition: str) -> bool:
    """Return whether a condition is the text of a `Region`, which no predicate begins as."""
    return condition.startswith("[")


def _linked(columns: Iterable[str], rules: Sequence[pl.Expr]) -> dict[str, tuple[str, ...]]:
    """Return, of each column, those that rules tie to it, itself among them."""
    linked = {each: {each} for each in columns}
    for rule in rules:
        together = set().union(*(linked[each] for each in rule.meta.root_names()))
        linked |= dict.fromkeys(together, together)
    return {each: tuple(sorted(group)) for each, group in linked.items()}


def _sign(each: Region, wider: Region, narrower: Region, rest: Region) -> int:
    return int(each == wider) - int(each == narrower) - int(each == rest)


def _rank(rows: Sequence[Sequence[int | bool]]) -> int:
    return int(np.linalg.matrix_rank(np.array(rows, float))) if rows else 0
