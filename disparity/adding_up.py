"""What adds up: the sums that counts stand in by their meaning, and intervals narrowed by them.

Levels add up to the whole; White, ethnic minority and unknown to everyone; the broad groups within ethnic minority to
ethnic minority; a part and the rest to everyone; events and those without to the base. A count that stands in several
tables is one count in all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from disparity.counts import ALL, BROAD_GROUP, CELLS
from disparity.ethnicity import ETHNIC_MINORITY, UNKNOWN, WHITE

Ints = NDArray[np.int64]

NOUGHT = -1
"""In place of a count: the cell is nought, which everybody is told, or absent."""

_SIDES = ("reference", "group", "unknown")
_ORDER = {ALL: 1, BROAD_GROUP: 2}
# What a broad group has of its own; the rest it has from the whole, and is the same count there.
_OF_A_BROAD_GROUP = ("group_base", "group_events")
_OF_A_BROAD_GROUP_IN_A_SHARE = ("reference_events", "group_events")
EVERYONE = "everyone"


class Tables(NamedTuple):
    """Counts above nought and the sums they stand in: the signed terms of each sum add up to nought."""

    true: Ints
    implied: NDArray[np.bool_]
    of_sum: Ints
    number: Ints
    sign: Ints

    def narrowed(self, low: Ints, high: Ints) -> tuple[Ints, Ints]:
        """Return the intervals once each was narrowed by the others of its sums until nothing moves."""
        while True:
            least, most = self.implied_by_sums(low, high)
            tighter_low, tighter_high = low.copy(), high.copy()
            np.maximum.at(tighter_low, self.number, least)
            np.minimum.at(tighter_high, self.number, most)
            if np.array_equal(tighter_low, low) and np.array_equal(tighter_high, high):
                return low, high
            low, high = tighter_low, tighter_high

    def implied_by_sums(self, low: Ints, high: Ints) -> tuple[Ints, Ints]:
        """Return, for every term, what the other terms of its sum leave its count to be."""
        plus = self.sign > 0
        least = np.where(plus, low[self.number], -high[self.number])
        most = np.where(plus, high[self.number], -low[self.number])
        size = int(self.of_sum.max(initial=-1)) + 1
        least_of_sum, most_of_sum = np.zeros(size, np.int64), np.zeros(size, np.int64)
        np.add.at(least_of_sum, self.of_sum, least)
        np.add.at(most_of_sum, self.of_sum, most)
        at_least, at_most = most - most_of_sum[self.of_sum], least - least_of_sum[self.of_sum]
        return np.where(plus, at_least, -at_most), np.where(plus, at_most, -at_least)

    def connected(self) -> Ints:
        """Return a label for each count, the same for those that sums tie together."""
        label = np.arange(len(self.true))
        while True:
            of_sum = np.full(int(self.of_sum.max(initial=-1)) + 1, len(label))
            np.minimum.at(of_sum, self.of_sum, label[self.number])
            lowest = label.copy()
            np.minimum.at(lowest, self.number, of_sum[self.of_sum])
            if np.array_equal(lowest, label):
                return label
            label = lowest


def tables_of(counts: pl.DataFrame, true: Ints) -> tuple[Ints, Tables]:
    """Return which count each cell of ``true`` (rows by `CELLS`, -1 where absent) is, and all that adds up."""
    gathered = _Gathering()
    cells = np.full(true.shape, NOUGHT, dtype=np.int64)
    rows = counts.select("indicator", "of", "breakdown", "level").with_row_index("row")
    for (_, of), indicator in rows.group_by("indicator", "of", maintain_order=True):
        blocks = indicator.group_by("breakdown", maintain_order=True).agg("row", "level")
        for at, found in _counts_of(gathered, str(of), blocks.rows(), true):
            for index, cell in enumerate(CELLS):
                if cell in found:
                    cells[at, index] = found[cell]
    return cells, gathered.tables()


def _counts_of(
    gathered: _Gathering, of: str, blocks: list[tuple[str, list[int], list[str]]], true: Ints
) -> Iterator[tuple[list[int], dict[str, Ints]]]:
    """Gather one indicator's breakdowns, then their whole, then the broad groups within it; yield rows and counts."""
    divided: list[dict[str, Ints]] = []
    whole: dict[str, Ints] = {}
    for breakdown, at, levels in sorted(blocks, key=lambda block: _ORDER.get(block[0], 0)):
        columns = {cell: true[at, index] for index, cell in enumerate(CELLS) if true[at[0], index] >= 0}
        if breakdown == BROAD_GROUP:
            own = _OF_A_BROAD_GROUP_IN_A_SHARE if of else _OF_A_BROAD_GROUP
            found = gathered.add_rows(
                of, breakdown, levels, {name: columns[name] for name in own if name in columns}, []
            )
            gathered.add_levels(whole, found)
            found |= {name: np.repeat(whole[name], len(at)) for name in columns if name not in own}
        elif breakdown == ALL:
            found = whole = gathered.add_rows(of, breakdown, levels, columns, divided)
            for parts in divided:
                gathered.add_levels(whole, parts)
        else:
            found = gathered.add_rows(of, breakdown, levels, columns, [])
            divided.append(found)
        yield at, found


class _Gathering:
    """Gathers counts and the sums they stand in, each once."""

    def __init__(self) -> None:
        self._true: list[int] = []
        self._shown: set[int] = set()
        self._known: dict[tuple[object, ...], dict[str, int]] = {}
        self._terms: list[tuple[int, int, int]] = []
        self._sums: set[tuple[int, tuple[int, ...]]] = set()

    def tables(self) -> Tables:
        terms = np.array(self._terms, dtype=np.int64).reshape(-1, 3)
        implied = np.ones(len(self._true), bool)
        implied[sorted(self._shown)] = False
        return Tables(np.array(self._true, dtype=np.int64), implied, *terms.T)

    def add_rows(
        self,
        of: str,
        breakdown: str,
        levels: list[str],
        columns: dict[str, Ints],
        whole_of: list[dict[str, Ints]],
    ) -> dict[str, Ints]:
        """Add the levels of one breakdown, and what their cells imply; return the count of each, by name.

        ``of`` says whose share a share is, `ETHNIC_MINORITY` or `UNKNOWN`; "" is a measure told of all three groups.
        ``whole_of`` are the counts of the breakdowns whose whole these rows are.
        """
        columns, sums = _with_implied(of, columns)
        found = {}
        for name, (element, beside) in _people_in(of, columns).items():
            others = {other: columns[of] for other, of in beside.items() if other != element}
            keys = _keys(breakdown, levels, element, columns[name], others)
            keys += [_key_of_whole(parts[name]) for parts in whole_of if name in parts]
            found[name] = self._counts(levels, columns[name], keys, shown=name in CELLS)
        for whole, parts in sums:
            for at, one in enumerate(found[whole]):
                self._add(int(one), [int(found[part][at]) for part in parts])
        return found

    def add_levels(self, whole: dict[str, Ints], found: dict[str, Ints]) -> None:
        """Add that the levels of a breakdown make the whole, and that a level and the rest do."""
        for name, counts in found.items():
            if name in whole:
                self._add(int(whole[name][0]), [int(each) for each in counts])
        for kind in ("base", "events"):
            rest, level = f"reference_{kind}", f"group_{kind}"
            if rest in found and rest not in whole and level in whole:
                for pair in zip(found[rest], found[level], strict=True):
                    self._add(int(whole[level][0]), [int(each) for each in pair])

    def _counts(
        self, levels: list[str], values: Ints, keys: list[tuple[object, ...]], *, shown: bool
    ) -> Ints:
        """Return the counts of some levels: those known by one of the keys, or new ones."""
        same = next((self._known[key] for key in keys if key in self._known), {})
        counts = []
        for level, value in zip(levels, values.tolist(), strict=True):
            if value == 0 and shown:
                counts.append(NOUGHT)
                continue
            # Nobody is told that an implied count is nought, so each of those stands for itself.
            number = same.get(level) if value else None
            if number is None:
                self._true.append(value)
                number = len(self._true) - 1
            counts.append(number)
        if shown:
            self._shown |= {number for number in counts if number != NOUGHT}
        named = {level: at for level, at, value in zip(levels, counts, values, strict=True) if value}
        for key in keys:
            self._known.setdefault(key, named)
        return np.array(counts, dtype=np.int64)

    def _add(self, whole: int, parts: list[int]) -> None:
        """Add a sum, once."""
        present = tuple(sorted(part for part in parts if part != NOUGHT))
        if whole == NOUGHT or not present or present == (whole,) or (whole, present) in self._sums:
            return
        number = len(self._sums)
        self._sums.add((whole, present))
        self._terms += [(number, whole, -1), *((number, part, 1) for part in present)]


def _key_of_whole(parts: Ints) -> tuple[object, ...]:
    """Return what a whole is known by: the counts it is made of."""
    return ("whole", *sorted(part for part in parts.tolist() if part != NOUGHT))


def _with_implied(
    of: str, columns: dict[str, Ints]
) -> tuple[dict[str, Ints], list[tuple[str, tuple[str, ...]]]]:
    """Return the columns with those they imply, and each whole with its parts.

    Everyone is White, ethnic minority and unknown together where a measure is told of all three, else the part and the
    rest; a share's White people are those left of everyone there.
    """
    columns, sums = dict(columns), []
    for kind in ("base", "events"):
        parts = tuple(f"{side}_{kind}" for side in (_SIDES[:2] if of else _SIDES))
        if all(part in columns for part in parts):
            columns[f"everyone_{kind}"] = np.sum([columns[part] for part in parts], axis=0)
            sums.append((f"everyone_{kind}", parts))
    for whole, parts, rest in _rests(of, columns):
        columns[rest] = columns[whole] - np.sum([columns[part] for part in parts], axis=0)
        sums.append((whole, (*parts, rest)))
    return columns, sums


def _rests(of: str, columns: dict[str, Ints]) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Name what is left of a whole: those without the event, and the White people of a share."""
    for side in _SIDES:
        base, events = f"{side}_base", f"{side}_events"
        if base in columns and events in columns and bool((columns[events] <= columns[base]).all()):
            yield base, (events,), f"{side}_without"
    if of == ETHNIC_MINORITY and {"group_base", "group_events", "unknown_base"} <= set(columns):
        yield "group_base", ("group_events", "unknown_base"), "group_white"


def _people_in(of: str, columns: dict[str, Ints]) -> dict[str, tuple[str, dict[str, str]]]:
    """Return, for each column, which people of a population it counts, and the population's columns by people."""
    if of:
        populations = [
            {EVERYONE: f"{side}_base", of: f"{side}_events"} for side in ("reference", "group", "everyone")
        ]
        if of == ETHNIC_MINORITY:
            populations[1] |= {UNKNOWN: "unknown_base", WHITE: "group_white"}
    else:
        people = {WHITE: "reference", ETHNIC_MINORITY: "group", UNKNOWN: "unknown", EVERYONE: "everyone"}
        populations = [
            {element: f"{side}_{kind}" for element, side in people.items()} for kind in ("base", "events")
        ]
    found: dict[str, tuple[str, dict[str, str]]] = {name: (name, {}) for name in columns}
    for population in populations:
        present = {element: name for element, name in population.items() if name in columns}
        found |= {name: (element, present) for element, name in present.items()}
    if of == UNKNOWN and "group_events" in found:
        found["unknown_base"] = found["group_events"]
    return found


def _keys(
    breakdown: str, levels: list[str], element: str, values: Ints, others: dict[str, Ints]
) -> list[tuple[object, ...]]:
    """Return what some people's counts are known by: two numbers or more, of them or of others of their population.

    One number alone may be another's by chance; with a second beside it, a reader sees that the people are the same.
    """

    def of(column: Ints) -> tuple[tuple[str, int], ...]:
        return tuple(sorted(pair for pair in zip(levels, column.tolist(), strict=True) if pair[1]))

    own = of(values)
    alone: list[tuple[object, ...]] = [(breakdown, element, own)] if len(own) > 1 else []
    beside = {other: of(column) for other, column in others.items()}
    return alone + [
        (breakdown, element, own, other, theirs)
        for other, theirs in beside.items()
        if theirs and theirs != own
    ]
