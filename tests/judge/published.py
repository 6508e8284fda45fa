"""Published tables as a reader has them: of each count in `indicators.csv`, whom it is of and what it could be.

Whom an indicator's counts are of is read from the catalogue's YAML. What follows for one count from all others is worked
out in :mod:`judge.tables`.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from judge.dictionary import Dataset, Field
from judge.policies import Could, Policy
from judge.predicates import NotCoveredError, Row, truth

ALL, BROAD_GROUP = "all", "broad_group"
WHITE, MINORITY, UNKNOWN, EVERYONE = "white", "ethnic_minority", "unknown", "everyone"
STAFF = "staff_in_post"
_SIDES = (("reference", WHITE), ("group", MINORITY), ("unknown", UNKNOWN))
_QUARTERS = 4
"""How many quarters an indicator's window has where the catalogue does not say."""
_COMPARED = ("ratio_low", "ratio_high", "p_value", "flag")


@dataclass(frozen=True)
class Whom:
    """Of whom a count of a whole is: rows of a dataset, of one ethnicity, of which some predicates are ``true``.

    Of others it must be ``known`` whether they are. Both are SQL. ``over_window``: of every quarter of the window, though
    the dataset is a snapshot. ``rest``: at a level of a breakdown, those in no such level.
    """

    dataset: str
    ethnicity: str = EVERYONE
    _: KW_ONLY
    true: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    over_window: bool = False
    rest: bool = False

    @property
    def predicates(self) -> tuple[str, ...]:
        """All that it asks of a row."""
        return (*self.true, *self.known)

    def holds(self, row: Row) -> bool:
        """Return whether a row is one of them, whatever its ethnicity."""
        return all(truth(each, row) is True for each in self.true) and all(
            truth(each, row) is not None for each in self.known
        )


class Had(NamedTuple):
    """What a linked indicator asks of each of the staff: whether they have a row in a dataset of which all this is true.

    ``field`` is what it is called as a field of theirs, ``quarters`` how far back the row may lie.
    """

    field: str
    dataset: str
    true: tuple[str, ...]
    quarters: int


@dataclass(frozen=True)
class Count:
    """One published count, or one that a row which is not there says is zero; quarters are numbered one by one."""

    name: str
    whom: Whom
    first: int
    last: int
    breakdown: str
    level: str
    could_be: Could
    sensitivity: str


@dataclass(frozen=True)
class Published:
    """All that some published tables say of people, and the linked events that they speak of."""

    counts: tuple[Count, ...]
    linked: tuple[Had, ...]
    not_recorded: frozenset[tuple[str, str]]
    """Datasets with fields that a published level shows to be empty in some rows."""


def read_published(
    files: Sequence[Path], catalogue: Path, described: Mapping[str, Dataset], policy: Policy
) -> Published:
    """Read tables that were all published by one policy with one catalogue."""
    indicators = yaml.safe_load((catalogue / "indicators.yaml").read_text(encoding="utf-8"))
    reader = _Reader(indicators, described, policy)
    counts: list[Count] = []
    for file in files:
        with file.open(encoding="utf-8", newline="") as lines:
            counts += reader.counts(list(csv.DictReader(lines)))
    linked = tuple(_had_of(name, each) for name, each in indicators.items() if each["kind"] == "linked")
    empty = {
        (each.whom.dataset, each.breakdown)
        for each in counts
        if each.level == NOT_RECORDED and each.could_be.greatest > 0
    }
    return Published(tuple(counts), linked, frozenset(empty))


NOT_RECORDED = "not recorded"


def levels_of(field: Field) -> tuple[str, ...]:
    """Return the levels of a breakdown by a field: its values, and those of whom it is empty where that may be."""
    if field.kind == "flag":
        values: tuple[str, ...] = ("false", "true")
    elif field.kind == "category":
        values = field.values
    else:
        raise NotCoveredError(f"a breakdown by a field of kind {field.kind}")
    return (*values, NOT_RECORDED) if field.may_be_empty else values


def _had_of(name: str, indicator: Mapping[str, Any]) -> Had:
    """Return what makes one of the staff one who had it: a row of the event, with more than nothing of its value."""
    value = (f"{indicator['value']} > 0",) if "value" in indicator else ()
    true = (indicator["event"], *value)
    return Had(_field_of(name), indicator["dataset"], true, indicator.get("quarters", _QUARTERS))


def _field_of(linked: str) -> str:
    return f"had_{linked}"


class _Reader:
    def __init__(
        self, indicators: Mapping[str, Any], described: Mapping[str, Dataset], policy: Policy
    ) -> None:
        self._indicators, self._described, self._policy = indicators, described, policy

    def counts(self, rows: list[dict[str, str]]) -> Iterator[Count]:
        """Yield the counts of one table, and those of levels that have no row: nobody is in them."""
        levels: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
        for row in rows:
            levels[row["indicator"], row["breakdown"]].append(row)
            yield from self._counts_of(row)
        for (name, breakdown), beside in levels.items():
            if breakdown != ALL:
                yield from self._of_nobody(name, beside, rows)

    def _counts_of(self, row: dict[str, str]) -> Iterator[Count]:
        sensitivity = self._indicators[row["indicator"]]["sensitivity"]
        for cell, whom in self._whom(row["indicator"]).items():
            # Nothing is compared with those whose ethnicity is not known.
            compared = not cell.startswith("unknown") and any(row[name] for name in _COMPARED)
            told = self._policy.could_be(row[cell], row[f"{cell}_status"], sensitivity, compared=compared)
            if told is not None:
                yield self._count(row, cell, whom, told)

    def _of_nobody(
        self, name: str, beside: list[dict[str, str]], rows: list[dict[str, str]]
    ) -> Iterator[Count]:
        """Yield, for each level that other indicators have and this one has not, that its base is nobody.

        A level has a row wherever somebody of the base is in it.
        """
        breakdown, there = beside[0]["breakdown"], {row["level"] for row in beside}
        seen = [row["level"] for row in rows if row["breakdown"] == breakdown]
        for cell, whom in self._whom(name).items():
            of_broad_group = breakdown != BROAD_GROUP or whom.ethnicity == MINORITY
            if whom.rest or not of_broad_group:
                continue
            field = self._described[whom.dataset].fields.get(breakdown)
            for level in dict.fromkeys([*seen, *(levels_of(field) if field else ())]):
                if level not in there:
                    row = beside[0] | {"level": level}
                    yield self._count(row, cell, whom, Could(0, 0, hidden=False))

    def _count(self, row: dict[str, str], cell: str, whom: Whom, told: Could) -> Count:
        breakdown, level = row["breakdown"], row["level"].removeprefix("'")
        name = f"{row['quarter']} {row['indicator']}/{breakdown}/{level}/{cell}"
        if breakdown == BROAD_GROUP:
            # What stands in the row of a broad group and is not of ethnic minority is the whole's.
            whom = replace(whom, ethnicity=level if whom.ethnicity == MINORITY else whom.ethnicity)
            breakdown, level = ALL, ALL
        first, last = _quarter(row["period_start"]), _quarter(row["period_end"])
        if self._cadence(whom.dataset) == "snapshot" and not whom.over_window:
            first = last
        sensitivity = self._indicators[row["indicator"]]["sensitivity"]
        return Count(name, whom, first, last, breakdown, level, told, sensitivity)

    def _cadence(self, dataset: str) -> str:
        return self._described[dataset].cadence

    def _whom(self, name: str) -> dict[str, Whom]:
        """Return of whom each cell of an indicator's whole is, as `indicators.yaml` says."""
        indicator = self._indicators[name]
        match indicator["kind"]:
            case "rows":
                return _rows(indicator)
            case "mean":
                measured = Whom(
                    indicator["dataset"], true=(indicator["base"], f"{indicator['value']} IS NOT NULL")
                )
                return _by_ethnicity(measured, measured)
            case "share":
                return _share(indicator)
            case "linked":
                base, had = indicator.get("base", "TRUE"), _field_of(name)
                return _by_ethnicity(Whom(STAFF, true=(base,), known=(had,)), Whom(STAFF, true=(base, had)))
            case "coverage":
                base, event = (indicator.get(each, "TRUE") for each in ("base", "event"))
                cadences = self._cadence(indicator["dataset"]), self._cadence(indicator["base_dataset"])
                if cadences == ("annual", "quarterly"):
                    raise NotCoveredError("a yearly dataset compared with a quarterly one")
                return _by_ethnicity(
                    Whom(indicator["base_dataset"], true=(base,)), Whom(indicator["dataset"], true=(event,))
                )
            case "rate":
                event = indicator.get("event", "TRUE")
                return _by_ethnicity(Whom(STAFF, over_window=True), Whom(indicator["dataset"], true=(event,)))
            case kind:
                raise NotCoveredError(f"an indicator of kind {kind}")


def _rows(indicator: Mapping[str, Any]) -> dict[str, Whom]:
    """Who did not answer, of base or event, is in neither; a window by a date leaves out who has none."""
    dataset, event = indicator["dataset"], indicator["event"]
    dated = (f"{indicator['window_by']} IS NOT NULL",) if "window_by" in indicator else ()
    asked = (indicator["base"], *dated)
    return _by_ethnicity(Whom(dataset, true=asked, known=(event,)), Whom(dataset, true=(*asked, event)))


def _by_ethnicity(base: Whom, events: Whom) -> dict[str, Whom]:
    return {
        f"{side}_{kind}": replace(of, ethnicity=ethnicity)
        for side, ethnicity in _SIDES
        for kind, of in (("base", base), ("events", events))
    }


def _share(indicator: Mapping[str, Any]) -> dict[str, Whom]:
    """A part compared with the rest of it; a sum's people with all staff; without either, a level with the others."""
    dataset, of = indicator["dataset"], indicator.get("of", MINORITY)
    if "value" in indicator:
        part, rest = Whom(dataset, true=(f"{indicator['value']} > 0",)), Whom(STAFF)
    elif "part" in indicator:
        part, rest = (
            Whom(dataset, true=(each,)) for each in (indicator["part"], f"NOT ({indicator['part']})")
        )
    else:
        part, rest = Whom(dataset), Whom(dataset, rest=True)
    return {
        "group_base": part,
        "group_events": replace(part, ethnicity=of),
        "unknown_base": replace(part, ethnicity=UNKNOWN),
        "reference_base": rest,
        "reference_events": replace(rest, ethnicity=of),
    }


def _quarter(day: str) -> int:
    """Number the quarter of a day, so that the next one's number is greater by one."""
    year, month = int(day[:4]), int(day[5:7])
    return year * 4 + (month - 1) // 3
