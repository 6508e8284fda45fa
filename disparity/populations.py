"""Populations: who a cell counts, named so that the same people have one name in every table, quarter and audience."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from typing import NamedTuple

from disparity.catalogue import Catalogue
from disparity.catalogue.indicators import Coverage, Indicator, Linked, Mean, Rate, Rows, Share
from disparity.counts import ALL, BROAD_GROUP, quarters_counted
from disparity.datasets import DATASETS
from disparity.datasets.contract import Column
from disparity.datasets.vocabulary import vocabulary_of
from disparity.ethnicity import ETHNIC_MINORITY, UNKNOWN, WHITE
from disparity.periods import Quarter
from disparity.predicates import columns_of, conditions_of

EVERYONE = "everyone"
OTHERS = "other than ethnic minority"
STAFF = "staff_in_post"
UNANSWERED = "unanswered"
"""In addition to the cells of an indicator: those who were asked and of whom the answer is lacking."""

# What is null where its column is: a flag, none, or a comparison with a literal.
_OF_ONE_COLUMN = re.compile(r"(NOT )?[a-z_]+|[a-z_]+ (=|<>|<|<=|>|>=) ('[^']*'|[\d.]+)")

Columns = Mapping[str, Mapping[str, Column]]
"""The described columns of each dataset."""


class People(NamedTuple):
    """Who is counted: rows of a dataset for which every condition holds, of some quarters, level and ethnicity.

    ``since`` and ``until`` are the keys of the first and last quarter; over several quarters the rows of each add up.
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

    def of_row(self, breakdown: str, level: str) -> People:
        """Return those of them in one level of a breakdown; a broad group stands in the whole."""
        if breakdown != BROAD_GROUP:
            return self._replace(breakdown=breakdown, level=level)
        # What stands beside a broad group is that of the whole, whose people those are.
        return self._replace(ethnicity=level) if self.ethnicity == ETHNIC_MINORITY else self


def people_of(
    indicator: Indicator, quarter: Quarter, as_of: str, columns: Columns, *, undecided: bool = False
) -> dict[str, People]:
    """Return whom each cell of an indicator's whole counts in the report of ``quarter``.

    ``as_of`` is the key of the quarter whose delivery was counted last: of a yearly dataset the one that is used.
    ``undecided`` says that somebody is not in the base because an answer is lacking: of a linked indicator those of whom
    it is not known whether they had it, of rows and means those of `UNANSWERED`.
    Their conditions are all that hold of them by the rules of their dataset, so that the same people have one name
    however they are asked for: who was appointed was shortlisted. Cells that an indicator never has are left out.
    `UNANSWERED` are those of every ethnicity whose base or event is not known, where base and event are of one dataset.
    Raises PredicateError for a predicate that is not one.
    """
    asked = _people_asked_for(indicator, quarter, as_of, columns, undecided=undecided)
    named = {
        cell: people._replace(conditions=_all_that_hold(people, columns[people.dataset]))
        for cell, people in asked.items()
    }
    if undecided and isinstance(indicator, Rows | Mean):
        unanswered = _unanswered(indicator, named["reference_base"], columns[indicator.dataset])
        of_all, of_them = asked_and_answered(unanswered)
        if of_all != of_them:
            named[UNANSWERED] = unanswered
    return named


def _all_that_hold(people: People, described: Mapping[str, Column]) -> frozenset[str]:
    """Return what is asked of people and what follows: an earlier stage, and that a column has an answer."""
    nested, found = DATASETS[people.dataset].nested, set(people.conditions)
    for condition in people.conditions:
        # A flag that may be empty need not be there with a later one.
        found |= {each for each in nested.get(condition, ()) if not described[each].may_be_empty}
        if _OF_ONE_COLUMN.fullmatch(condition):
            found |= {f"{name} IS NOT NULL" for name in _may_be_empty(condition, described)}
    return frozenset(found)


def _people_asked_for(
    indicator: Indicator, quarter: Quarter, as_of: str, columns: Columns, *, undecided: bool
) -> dict[str, People]:
    window = quarter.window(indicator.quarters)
    match indicator:
        case Rows():
            answered, happened = _rows(indicator, columns)
            return _by_ethnicity(_there(indicator.dataset, window, as_of, answered), happened)
        case Mean():
            measured = _conditions(indicator.base) | {f"{indicator.value} IS NOT NULL"}
            return _by_ethnicity(_there(indicator.dataset, window, as_of, measured), measured)
        case Share():
            return _share(indicator, window, as_of, columns)
        case Linked():
            staff = _there(STAFF, window, window[-1].key, _conditions(indicator.base))
            had = f"had {indicator.value or 'any'} of {indicator.dataset} where {indicator.event} in {window[0].key}"
            if undecided:
                # Some of the staff, and the same of them at every level and ethnicity, whoever is undecided there.
                staff = staff._replace(conditions=staff.conditions | {f"known whether {had}"})
            return _by_ethnicity(staff, staff.conditions | {had})
        case Coverage():
            # A snapshot is the one taken when the latest events came.
            snapshot = DATASETS[indicator.base_dataset].cadence == "snapshot"
            then = (Quarter.from_key(as_of),) if snapshot else window
            there = _there(indicator.base_dataset, then, as_of, _conditions(indicator.base))
            events = _there(indicator.dataset, window, as_of, _conditions(indicator.event))
            return _beside(there, events)
        case Rate():
            person_quarters = People(STAFF, frozenset(), window[0].key, window[-1].key, EVERYONE)
            return _beside(
                person_quarters, _there(indicator.dataset, window, as_of, _conditions(indicator.event))
            )


def _there(dataset: str, window: tuple[Quarter, ...], as_of: str, conditions: frozenset[str]) -> People:
    """Return everyone of a dataset's rows that a window counts."""
    if DATASETS[dataset].rarer_than_quarters:
        return People(dataset, conditions, as_of, as_of, EVERYONE)
    counted = quarters_counted(dataset, window)
    return People(dataset, conditions, counted[0].key, counted[-1].key, EVERYONE)


def _conditions(predicate: str) -> frozenset[str]:
    return frozenset(conditions_of(predicate))


def _rows(indicator: Rows, columns: Columns) -> tuple[frozenset[str], frozenset[str]]:
    """Return the conditions of base and events: the base are those who answered as well."""
    answered = {f"{name} IS NOT NULL" for name in _may_be_empty(indicator.event, columns[indicator.dataset])}
    base = _conditions(indicator.base) | answered
    if indicator.window_by is not None:
        base |= {f"{indicator.window_by} IS NOT NULL"}
    return base, base | _conditions(indicator.event)


def _may_be_empty(predicate: str, described: Mapping[str, Column]) -> list[str]:
    """Return the columns of a predicate that a row may lack; those derived by the pipeline it never does."""
    return [name for name in columns_of(predicate) if name in described and described[name].may_be_empty]


_DID_NOT_ANSWER = "did not answer of "
_ASKED, _ANSWERED = "asked: ", "answered: "


def _unanswered(indicator: Rows | Mean, base: People, described: Mapping[str, Column]) -> People:
    """Name those whose base or event is not known. They are in no other population: only what they add up with ties them.

    Asked are those of whom what needs no answer is true, and the rest of the base at least not known to be false.
    """
    conditions = _conditions(indicator.base)
    open_ones = {
        each for each in conditions if _may_be_empty(each, described) and not each.endswith(" IS NOT NULL")
    }
    window = isinstance(indicator, Rows) and indicator.window_by
    sure = (conditions - open_ones) | ({f"{window} IS NOT NULL"} if window else set())
    asked = _all_that_hold(base._replace(conditions=frozenset(sure)), described)
    if open_ones:
        asked |= {f"not known to lack {' AND '.join(sorted(open_ones))}"}
    named = {f"{_ASKED}{each}" for each in asked} | {f"{_ANSWERED}{each}" for each in base.conditions}
    return base._replace(
        dataset=f"{_DID_NOT_ANSWER}{base.dataset}", conditions=frozenset(named), ethnicity=EVERYONE
    )


def did_not_answer(people: People) -> bool:
    """Return whether these are the people of `UNANSWERED`."""
    return people.dataset.startswith(_DID_NOT_ANSWER)


def asked_and_answered(unanswered: People) -> tuple[People, People]:
    """Return who was asked and who of them answered: with those who did not, they make those asked."""
    asked, answered = (
        unanswered._replace(
            dataset=unanswered.dataset.removeprefix(_DID_NOT_ANSWER),
            conditions=frozenset(
                each.removeprefix(kind) for each in unanswered.conditions if each.startswith(kind)
            ),
        )
        for kind in (_ASKED, _ANSWERED)
    )
    return asked, answered


def _by_ethnicity(there: People, events: frozenset[str]) -> dict[str, People]:
    return _beside(there, there._replace(conditions=events))


def _beside(base: People, events: People) -> dict[str, People]:
    return {
        f"{side}_{kind}": people._replace(ethnicity=ethnicity)
        for side, ethnicity in (("reference", WHITE), ("group", ETHNIC_MINORITY), ("unknown", UNKNOWN))
        for kind, people in (("base", base), ("events", events))
    }


def _share(indicator: Share, window: tuple[Quarter, ...], as_of: str, columns: Columns) -> dict[str, People]:
    everyone = _there(indicator.dataset, window, as_of, frozenset())
    if indicator.value is not None:
        part = everyone._replace(conditions=frozenset({f"{indicator.value} > 0"}))
        rest = _there(STAFF, window, window[-1].key, frozenset())
    elif indicator.part is not None:
        told = not _may_be_empty(indicator.part, columns[indicator.dataset])
        part = everyone._replace(conditions=_conditions(indicator.part))
        rest = everyone._replace(conditions=frozenset({other_than(part.conditions, told=told)}))
    else:
        part, rest = everyone, everyone._replace(elsewhere=True)
    return {
        "group_base": part,
        "group_events": part._replace(ethnicity=indicator.of),
        "unknown_base": part._replace(ethnicity=UNKNOWN),
        "reference_base": rest,
        "reference_events": rest._replace(ethnicity=indicator.of),
    }


def other_than(conditions: frozenset[str], *, told: bool = True) -> str:
    """Return the condition that not all of these hold; where some have no answer it is another one."""
    return f"other than {' AND '.join(sorted(conditions))}" + ("" if told else " as answered")


def is_of_others(condition: str) -> bool:
    """Return whether a condition is one of `other_than`."""
    return condition.startswith("other than ")


def quarters_between(people: People) -> Iterator[People]:
    """Yield the people of each single quarter of a window."""
    dataset, conditions, since, until, ethnicity, breakdown, level, elsewhere = people
    for key in _keys_between(since, until):
        yield People(dataset, conditions, key, key, ethnicity, breakdown, level, elsewhere)


def quarter_after(key: str) -> str:
    """Return the key of the next quarter."""
    return Quarter.from_key(key).plus(1).key


def quarter_before(key: str) -> str:
    """Return the key of the quarter before."""
    return Quarter.from_key(key).plus(-1).key


@cache
def _keys_between(since: str, until: str) -> tuple[str, ...]:
    keys, quarter = [since], Quarter.from_key(since)
    while keys[-1] != until:
        quarter = quarter.plus(1)
        keys.append(quarter.key)
    return tuple(keys)


_AS_OF = " as of "
_CHANGE = "change of "


def edition(people: People, release: str) -> People:
    """Return the people as the records stood in a release, when they have been put right since."""
    return people._replace(dataset=f"{people.dataset}{_AS_OF}{release}")


def since_edition(people: People) -> tuple[People, People] | None:
    """Return, for people of an edition, the same people as records stand now and what the correction changed."""
    dataset, found, _ = people.dataset.partition(_AS_OF)
    if not found or is_change(people):
        return None
    return people._replace(dataset=dataset), people._replace(dataset=f"{_CHANGE}{people.dataset}")


def is_change(people: People) -> bool:
    """Return whether this is a difference between editions, which may be below nought."""
    return people.dataset.startswith(_CHANGE)


def people_of_all(
    catalogue: Catalogue, quarter: Quarter, as_of: Mapping[str, str], undecided: Collection[str] = ()
) -> dict[str, dict[str, People]]:
    """Return `people_of` every indicator that was counted: ``as_of`` by indicator, and those with some ``undecided``."""
    vocabulary = vocabulary_of(catalogue)
    columns = {name: dataset.columns(vocabulary) for name, dataset in DATASETS.items()}
    return {
        name: people_of(
            catalogue.indicators[name], quarter, last or quarter.key, columns, undecided=name in undecided
        )
        for name, last in as_of.items()
    }
