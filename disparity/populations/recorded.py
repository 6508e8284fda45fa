"""What was recorded of a dataset's columns in a quarter: which are blank in any row, what they could hold, how levels lie.

It decides whether two predicates are true of the same people, and which levels any colleague knows to lie within others.
For the owner alone: it says how many people are in a level.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import polars as pl

from disparity.catalogue.divisions import NOT_RECORDED
from disparity.datasets.contract import Column


class Level(NamedTuple):
    """The people of one level of a breakdown in a quarter: how many, and the levels of others that all of them are in."""

    people: int
    within: tuple[tuple[str, str], ...]


class Recorded(NamedTuple):
    """What is known of the columns of a dataset in a quarter.

    ``blank`` says of each column whether any accepted row is blank in it; of staff, also of what they had in another
    dataset whether that is not known of any. ``values`` are the texts that a column could have then, ``levels`` those of
    each breakdown that somebody was in.
    """

    blank: Mapping[str, bool]
    values: Mapping[str, tuple[str, ...]]
    levels: Mapping[str, Mapping[str, Level]] = MappingProxyType({})

    def text(self) -> str:
        """Return it as text, which `recorded_from` reads."""
        plain = {name: dict(each) for name, each in self._asdict().items()}
        return json.dumps(plain, sort_keys=True, ensure_ascii=False)


def recorded_from(text: str) -> Recorded:
    """Read what `Recorded.text` wrote."""
    read = json.loads(text)
    levels = {
        by: {
            level: Level(people, tuple((other, there) for other, there in within))
            for level, (people, within) in of.items()
        }
        for by, of in read["levels"].items()
    }
    return Recorded(read["blank"], {name: tuple(values) for name, values in read["values"].items()}, levels)


def recorded_in(
    frames: Sequence[pl.LazyFrame], described: Mapping[str, Column], breakdowns: Collection[str]
) -> list[Recorded]:
    """Return what the accepted rows of some quarters show of their described columns that are no identifier.

    A column that a quarter has not is blank in every row of it.
    """
    columns = [name for name, each in described.items() if each.kind != "identifier"]
    listed = [name for name in columns if described[name].allowed is not None]
    found = []
    for frame in frames:
        there = frame.collect_schema().names()
        here = [name for name in columns if name in there]
        asked = [pl.col(name).null_count().alias(name) for name in here]
        texts = [
            pl.col(name).drop_nulls().unique().implode().alias(f"{name} of")
            for name in here
            if name in listed
        ]
        counted = frame.select(*asked, *texts).collect(engine="streaming")
        values = {
            name: tuple(dict.fromkeys([*(described[name].allowed or ()), *sorted(_texts_in(counted, name))]))
            for name in listed
        }
        blank = {name: bool(counted[name].item()) if name in here else True for name in columns}
        found.append(
            Recorded(blank, values, _levels(frame, [each for each in sorted(breakdowns) if each in here]))
        )
    return found


def _texts_in(counted: pl.DataFrame, name: str) -> list[str]:
    return counted[f"{name} of"].item().to_list() if f"{name} of" in counted.columns else []


def _levels(frame: pl.LazyFrame, breakdowns: Sequence[str]) -> dict[str, dict[str, Level]]:
    """Return the levels of each breakdown, with the levels of others that all their people are in."""
    if not breakdowns:
        return {}
    texts = [pl.col(name).cast(pl.String).fill_null(NOT_RECORDED).alias(name) for name in breakdowns]
    crossing = frame.select(texts).group_by(breakdowns).agg(people=pl.len()).collect(engine="streaming")
    return {
        by: {
            level: Level(
                people,
                tuple(
                    (other, only[0]) for other, only in zip(others, in_each, strict=True) if len(only) == 1
                ),
            )
            for level, people, *in_each in crossing.group_by(by)
            .agg(pl.col("people").sum(), *(pl.col(other).unique().alias(other) for other in others))
            .sort(by)
            .iter_rows()
        }
        for by in breakdowns
        for others in [[each for each in breakdowns if each != by]]
    }


LEAST_KNOWN = 10
"""Of a level of so many people or more any colleague knows whether all of them are in a level of another breakdown."""


def known_within(recorded: Sequence[Recorded | None]) -> dict[tuple[str, str], tuple[tuple[str, str], ...]]:
    """Return the levels, by breakdown and level, that lie within levels of others in every one of some quarters.

    Only those of `LEAST_KNOWN` people or more in all quarters together. Of a quarter of which nothing is recorded it is
    not known.
    """
    if any(each is None for each in recorded):
        return {}
    there: dict[tuple[str, str], list[Level]] = {}
    for levels in (each.levels for each in recorded if each is not None):
        for by, of in levels.items():
            for level, found in of.items():
                there.setdefault((by, level), []).append(found)
    within = {
        at: tuple(each for each in found[0].within if all(each in other.within for other in found))
        for at, found in there.items()
        if sum(each.people for each in found) >= LEAST_KNOWN
    }
    return {at: others for at, others in within.items() if others}


def all_recorded(
    several: Iterable[tuple[tuple[str, str], Recorded]],
) -> dict[tuple[str, str], Recorded]:
    """Return what is known by dataset and quarter's key, where several states of the same records may be spoken of.

    A column is blank where any of them says so, and could hold what it could in any.
    """
    found: dict[tuple[str, str], Recorded] = {}
    for key, each in several:
        known = found.get(key, Recorded({}, {}))
        blank = {
            **known.blank,
            **{name: known.blank.get(name, False) or is_so for name, is_so in each.blank.items()},
        }
        values = {
            name: tuple(dict.fromkeys([*known.values.get(name, ()), *each.values.get(name, ())]))
            for name in {**known.values, **each.values}
        }
        found[key] = Recorded(
            blank, values, _in_both(known.levels, each.levels) if key in found else each.levels
        )
    return found


def _in_both(
    one: Mapping[str, Mapping[str, Level]], other: Mapping[str, Mapping[str, Level]]
) -> dict[str, dict[str, Level]]:
    """Return of each level what two states of the records agree on; where one has no breakdown, what the other says."""
    agreed = {
        by: {
            level: Level(found.people, tuple(each for each in found.within if each in one[by][level].within))
            for level, found in other[by].items()
            if level in one[by]
        }
        for by in one.keys() & other.keys()
    }
    return {**one, **other, **agreed}  # type: ignore[dict-item]
