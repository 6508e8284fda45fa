"""Classes of rows: what the predicates and breakdowns of a catalogue can tell apart of the rows of one dataset.

Fields are given every value that matters (one for all that no predicate tells apart, and empty where a row may lack it),
the combinations that the dictionary rejects are left out, and combinations that no count tells apart are one class.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from typing import NamedTuple

from judge.dictionary import Dataset, Field
from judge.predicates import NotCoveredError, Row, Value, columns_of, literals_of, truth
from judge.published import NOT_RECORDED, Had, Whom, levels_of

_MOST_COMBINATIONS = 200_000


class Chosen(NamedTuple):
    """Rows of some classes: of each by its number, the levels of ``breakdown`` that they are in.

    Where ``breakdown`` is empty they are all rows of those classes, whatever their level.
    """

    breakdown: str
    levels: frozenset[tuple[int, frozenset[str]]]

    @property
    def numbers(self) -> frozenset[int]:
        """The classes that they are of."""
        return frozenset(number for number, _ in self.levels)


@dataclass(frozen=True)
class Classes:
    """The classes of a dataset: of each count's rows which, and of each breakdown the levels that a class can be in."""

    size: int
    of_whom: Mapping[Whom, frozenset[int]]
    levels: Mapping[str, tuple[frozenset[str], ...]]

    def whole(self, whom: Whom) -> Chosen:
        """Return the rows of a count of a whole."""
        return Chosen("", frozenset((number, frozenset[str]()) for number in self.of_whom[whom]))

    def at_level(self, whom: Whom, breakdown: str, level: str) -> Chosen:
        """Return the rows of a count at a level, or of a rest in all others."""
        able, found = self.levels[breakdown], dict[int, frozenset[str]]()
        for number in self.of_whom[whom]:
            there = able[number] - {level} if whom.rest else able[number] & {level}
            if there:
                found[number] = there
        return self.named_once(Chosen(breakdown, frozenset(found.items())))

    def by(self, breakdown: str, chosen: Chosen) -> Chosen:
        """Return the rows of whole classes with the levels that they can be in."""
        able = self.levels[breakdown]
        return Chosen(breakdown, frozenset((number, able[number]) for number in chosen.numbers))

    def named_once(self, chosen: Chosen) -> Chosen:
        """Return the same rows, without the breakdown where it leaves out nobody of their classes."""
        if chosen.breakdown and chosen != self.by(chosen.breakdown, chosen):
            return chosen
        return Chosen("", frozenset((number, frozenset[str]()) for number in chosen.numbers))


def classes_of(
    dataset: Dataset,
    asked: Sequence[Whom],
    breakdowns: Collection[str],
    linked: Mapping[Had, Dataset],
    empty: Collection[str],
) -> Classes:
    """Return the classes of a dataset that some counts and breakdowns tell apart.

    ``linked`` are events of people in other datasets, each a field of its own here; ``empty`` are the fields that a row may
    lack, as far as the dictionary says so.
    """
    fields = {name: _may_lack(name, each, empty) for name, each in dataset.fields.items()}
    texts = [text for whom in asked for text in whom.predicates]
    named = _named(texts) - {had.field for had in linked}
    # A rule may tie together two fields of which predicates name one, by way of a third.
    while more := [
        rule for rule in dataset.rejected if columns_of(rule) & named and not columns_of(rule) <= named
    ]:
        named |= _named(more)
    rules = [rule for rule in dataset.rejected if columns_of(rule) <= named]
    fields_named = sorted(named)
    literals = {name: _literals(name, texts) for name in fields_named}
    values = [_values(name, fields[name], literals[name]) for name in fields_named]
    combined = [
        dict(zip(fields_named, each, strict=True)) | had
        for each in _limited(values)
        for had in _had_together(linked, empty)
    ]
    rows = [row for row in combined if not any(truth(rule, row) for rule in rules)]
    told_apart = [name for name in fields_named if name in breakdowns]
    signatures: dict[tuple[object, ...], list[int]] = {}
    for at, row in enumerate(rows):
        signature = (*(whom.holds(row) for whom in asked), *(row[name] for name in told_apart))
        signatures.setdefault(signature, []).append(at)
    examples = [rows[found[0]] for found in signatures.values()]
    return Classes(
        len(examples),
        {whom: frozenset(at for at, row in enumerate(examples) if whom.holds(row)) for whom in asked},
        {
            by: tuple(_able(by, fields[by], row, literals.get(by, ())) for row in examples)
            for by in breakdowns
        },
    )


def _may_lack(name: str, field: Field, empty: Collection[str]) -> Field:
    return Field(field.kind, field.may_be_empty and name in empty, field.values, field.least, field.most)


def _named(texts: Collection[str]) -> set[str]:
    return {name for text in texts for name in columns_of(text)}


def _literals(name: str, texts: Collection[str]) -> tuple[Value, ...]:
    return tuple(sorted({literal for text in texts for literal in literals_of(text, name)}, key=str))


def _values(name: str, field: Field, literals: Sequence[Value]) -> list[Value]:
    """Return a value for each that predicates tell apart, with None for an empty field where a row may lack it."""
    match field.kind:
        case "flag":
            found: list[Value] = [True, False]
        case "category":
            others = [each for each in field.values if each not in literals]
            found = [*(each for each in field.values if each in literals), *others[:1]]
        case "number" | "whole number" | "pounds" | "date":
            cuts = sorted(each for each in literals if isinstance(each, float)) or [0.0]
            between = [(low + high) / 2 for low, high in pairwise(cuts)]
            candidates = sorted([cuts[0] - 1, *cuts, *between, cuts[-1] + 1])
            low = -float("inf") if field.least is None else field.least
            high = float("inf") if field.most is None else field.most
            found = [each for each in candidates if low <= each <= high]
        case _:
            raise NotCoveredError(f"a predicate on {name}, of kind {field.kind}")
    return [*found, None] if field.may_be_empty else found


def _limited(values: Sequence[Sequence[Value]]) -> Iterator[tuple[Value, ...]]:
    size = 1
    for each in values:
        size *= len(each)
    if size > _MOST_COMBINATIONS:
        raise NotCoveredError(f"{size:,} combinations of values")
    return product(*values)


def _able(by: str, field: Field, row: Row, literals: Collection[Value]) -> frozenset[str]:
    """Return the levels that rows of a class can be in: those whose value its predicates take for that of the class."""
    levels = levels_of(field)
    if by not in row:
        return frozenset(levels)
    value = row[by]
    if value is None:
        return frozenset({NOT_RECORDED})
    if isinstance(value, bool):
        return frozenset({str(value).lower()})
    if value in literals:
        return frozenset({str(value)})
    return frozenset(each for each in levels if each != NOT_RECORDED and each not in literals)


def _had_together(linked: Mapping[Had, Dataset], empty: Collection[str]) -> list[dict[str, Value]]:
    """Return who can have had which linked events together, and of whom an event may not be known.

    Somebody has rows of some kinds in the other dataset, in some of the quarters. He had an event if one of them has it, so
    that whoever had the narrower had the wider, and whoever had "this or that" had one of them.
    """
    fields = sorted(had.field for had in linked)
    regions = {region for name in {had.dataset for had in linked} for region in _regions(name, linked)}
    found: list[dict[str, Value]] = []
    for values in product(*([True, False, *([None] if each in empty else [])] for each in fields)):
        had: dict[str, Value] = dict(zip(fields, values, strict=True))
        not_had = {field for field, value in had.items() if value is False}
        possible = frozenset[str]().union(*(region for region in regions if not region & not_had))
        if {field for field, value in had.items() if value is True} <= possible:
            found.append(had)
    return found


def _regions(dataset: str, linked: Mapping[Had, Dataset]) -> Iterator[frozenset[str]]:
    """Yield which linked events one row of a dataset can be at once, by what it says and how far back it lies."""
    events = [had for had in linked if had.dataset == dataset]
    described, texts = linked[events[0]], [text for had in events for text in had.true]
    named = sorted(_named(texts))
    rules = [rule for rule in described.rejected if columns_of(rule) <= set(named)]
    for each in _limited([_values(name, described.fields[name], _literals(name, texts)) for name in named]):
        row = dict(zip(named, each, strict=True))
        if any(truth(rule, row) for rule in rules):
            continue
        true = {had for had in events if all(truth(text, row) is True for text in had.true)}
        for quarters in {had.quarters for had in events}:
            yield frozenset(had.field for had in true if had.quarters >= quarters)


def share_nobody(classes: Classes, one: Chosen, other: Chosen) -> bool:
    """Return whether no row is among both."""
    one, other = _alike(classes, one, other)
    here, there = dict(one.levels), dict(other.levels)
    # Of a whole class no levels are said: it is all of them.
    both = here.keys() & there.keys()
    return not any(not one.breakdown or here[number] & there[number] for number in both)


def _alike(classes: Classes, one: Chosen, other: Chosen) -> tuple[Chosen, Chosen]:
    """Return both with the levels of a breakdown that one of them has."""
    breakdown = one.breakdown or other.breakdown
    if not breakdown:
        return one, other
    with_levels = [each if each.breakdown else classes.by(breakdown, each) for each in (one, other)]
    return with_levels[0], with_levels[1]


def rest_of(classes: Classes, one: Chosen, other: Chosen) -> Chosen | None:
    """Return who of some rows are not among others that are part of them; None where these are not, or nobody is left."""
    one, other = _alike(classes, one, other)
    wider, narrower = dict(one.levels), dict(other.levels)
    none = frozenset[str]()
    if one.breakdown != other.breakdown or not narrower.keys() <= wider.keys():
        return None
    if any(not levels <= wider[number] for number, levels in narrower.items()):
        return None
    left = {
        number: levels - narrower.get(number, none)
        for number, levels in wider.items()
        if number not in narrower or levels != narrower[number]
    }
    return classes.named_once(Chosen(one.breakdown, frozenset(left.items()))) if left else None
