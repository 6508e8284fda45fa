"""What was recorded of a dataset's columns in a quarter: which are blank in any accepted row, and what they could hold.

It decides whether two predicates are true of the same people; no value of a row is in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import polars as pl

from disparity.datasets.contract import Column


class Recorded(NamedTuple):
    """What is known of the columns of a dataset in a quarter.

    ``blank`` says of each column whether any accepted row is blank in it; of staff, also of what they had in another
    dataset whether that is not known of any. ``values`` are the texts that a column could have then.
    """

    blank: Mapping[str, bool]
    values: Mapping[str, tuple[str, ...]]

    def text(self) -> str:
        """Return it as text, which `recorded_from` reads."""
        return json.dumps(self._asdict(), sort_keys=True, ensure_ascii=False)


def recorded_from(text: str) -> Recorded:
    """Read what `Recorded.text` wrote."""
    read = json.loads(text)
    return Recorded(read["blank"], {name: tuple(values) for name, values in read["values"].items()})


def recorded_in(frames: Sequence[pl.LazyFrame], described: Mapping[str, Column]) -> list[Recorded]:
    """Return what the accepted rows of some quarters show of their described columns that are no identifier.

    A column that a quarter has not is blank in every row of it.
    """
    columns = [name for name, each in described.items() if each.kind != "identifier"]
    values = {name: described[name].allowed or () for name in columns if described[name].allowed is not None}
    there = [[name for name in columns if name in frame.collect_schema().names()] for frame in frames]
    counted = pl.collect_all(
        [frame.select(pl.col(names).null_count() > 0) for frame, names in zip(frames, there, strict=True)]
    )
    return [
        Recorded(
            {name: bool(blank[name].item()) if name in blank.columns else True for name in columns}, values
        )
        for blank in counted
    ]


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
        found[key] = Recorded(blank, values)
    return found
