"""Counts: cross-classified counts and sums of every indicator, all that later stages know about people."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import polars as pl

from disparity.catalogue.deliveries import quarters_counted
from disparity.catalogue.divisions import NOT_GIVEN, NOT_RECORDED, Undivided, divided, recorded_of_nobody
from disparity.catalogue.given import STAFF, Part, parts_of
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
    broken_down_by,
)
from disparity.counts.cells import COUNTS, LARGEST, TOTALS
from disparity.datasets import DATASETS
from disparity.ethnicity import ETHNIC_MINORITY, UNKNOWN, WHITE
from disparity.periods import Quarter

_KEYS = ("breakdown", "level", "ethnicity")
_EVERY_ROW = pl.lit(True)

Predicates = Mapping[str, Mapping[str, pl.Expr]]
"""Resolved predicates of each indicator: ``base``, ``event``, ``part``."""


@dataclass(frozen=True)
class Records:
    """Accepted records by dataset and quarter; a quarter that is absent was not received or was refused.

    ``not_available`` are columns of the sources, by dataset, that the organisation says it has not.
    """

    frames: Mapping[str, Mapping[Quarter, pl.LazyFrame]]
    not_available: Mapping[str, Collection[str]] = field(default_factory=dict)

    def over(self, dataset: str, quarters: Sequence[Quarter]) -> pl.LazyFrame:
        """Return the records of a window: every delivery, or the latest of one that is rarer."""
        held = [self.frames[dataset][quarter] for quarter in self.delivered(dataset, quarters)]
        # A quarter may lack a column of another: where ethnicity came from is kept where it was looked up, and a question
        # may be new. There it is null: not answered.
        return pl.concat(held, how="diagonal")

    def delivered(self, dataset: str, quarters: Sequence[Quarter]) -> list[Quarter]:
        """Return the quarters whose deliveries make up a window."""
        held = [quarter for quarter in quarters if quarter in self.frames.get(dataset, {})]
        return held[-1:] if DATASETS[dataset].rarer_than_quarters else held

    def missing(self, dataset: str, quarters: Sequence[Quarter]) -> str:
        """Say what a window lacks, or "" when every expected delivery is there."""
        held = self.delivered(dataset, quarters)
        expected = 1 if DATASETS[dataset].rarer_than_quarters else len(quarters)
        if len(held) == expected:
            return ""
        return "not received" if not held else f"{len(held)} of {expected} quarters"

    def have(self, part: Part, quarters: Sequence[Quarter]) -> bool:
        """Return whether the records of a window have a column that an indicator rests on."""
        if part.given_as in self.not_available.get(part.dataset, ()):
            return False
        return any(
            part.column in self._columns[part.dataset, each]
            for each in self.delivered(part.dataset, quarters)
        )

    @cached_property
    def _columns(self) -> dict[tuple[str, Quarter], frozenset[str]]:
        return {
            (dataset, quarter): frozenset(frame.collect_schema().names())
            for dataset, frames in self.frames.items()
            for quarter, frame in frames.items()
        }


class Counted(NamedTuple):
    """Counts with the columns of `COUNTS`, and what their indicators name and could not be counted by."""

    counts: pl.DataFrame
    undivided: tuple[Undivided, ...]


class _Planned(NamedTuple):
    """An indicator as it can be counted, what its window lacks, and its counting, which is yet to be done."""

    indicator: Indicator
    lacking: str
    undivided: list[Undivided]
    plan: pl.LazyFrame


def count(
    indicators: Mapping[str, Indicator], predicates: Predicates, records: Records, quarter: Quarter
) -> Counted:
    """Count every indicator over its window that ends with ``quarter``.

    The counts have one row per indicator, breakdown and level with the columns of ``COUNTS``: six cells (people or
    events of the reference group, the group compared and those whose ethnicity is unknown); sums, sums of
    squares, the two largest values and their unit where the indicator has a value; `WITHIN`, in the whole, where it
    has strata; how many rows did not answer (base, event or value not recorded); the quarter of the last delivery
    counted; and what the window lacks ("" when nothing).
    Cells are null where it lacks something: a delivery, or a column that the indicator rests on. Levels of `BROAD_GROUP`
    are broad groups within ethnic minority: the group is that one, the rest as in the whole. A breakdown that a dataset
    counted has no column for, or that none of its rows counted has a value of, has no rows.
    """
    planned = {
        name: _planned(name, indicator, predicates[name], records, quarter.window(indicator.quarters))
        for name, indicator in indicators.items()
    }
    collected = pl.collect_all([each.plan for each in planned.values()], engine="streaming")
    frames, undivided = [], []
    for (name, each), frame in zip(planned.items(), collected, strict=True):
        named = _named(frame, name, each.indicator, each.lacking, _as_of(each.indicator, records, quarter))
        of_nobody = list(recorded_of_nobody(name, each.indicator, named))
        frames.append(named.filter(~pl.col("breakdown").is_in([found.by for found in of_nobody])))
        undivided += [*each.undivided, *of_nobody]
    return Counted(pl.concat(frames) if frames else pl.DataFrame(schema=COUNTS), tuple(undivided))


def _planned(
    name: str,
    indicator: Indicator,
    predicates: Mapping[str, pl.Expr],
    records: Records,
    window: Sequence[Quarter],
) -> _Planned:
    """Plan the counting of an indicator, without what the records of its window do not have."""
    needs = _needs(indicator, records, window)
    lacking = _missing(needs, records)
    absent = [] if lacking else _absent(indicator, predicates, records, needs)
    essential = (f"{_title(part.dataset)} has no {part.given_as!r}" for part in absent if part.is_essential)
    lacking = lacking or "; ".join(dict.fromkeys(essential))
    if lacking:
        return _Planned(indicator, lacking, [], pl.LazyFrame(schema=COUNTS))
    undivided = [Undivided(name, part.column, part.dataset, NOT_GIVEN) for part in absent]
    indicator = divided(indicator, {each.by for each in undivided})
    return _Planned(indicator, "", undivided, _plan(indicator, predicates, records, window))


def _absent(
    indicator: Indicator,
    predicates: Mapping[str, pl.Expr],
    records: Records,
    needs: Mapping[str, Sequence[Quarter]],
) -> list[Part]:
    """Return what an indicator rests on and the records of its window do not have."""
    named = {key: expression.meta.root_names() for key, expression in predicates.items()}
    return [part for part in parts_of(indicator, named) if not records.have(part, needs[part.dataset])]


def _as_of(indicator: Indicator, records: Records, quarter: Quarter) -> str:
    """Return the key of the quarter whose delivery is counted last, "" where none is."""
    delivered = records.delivered(indicator.dataset, quarter.window(indicator.quarters))
    return delivered[-1].key if delivered else ""


def _named(frame: pl.DataFrame, name: str, indicator: Indicator, lacking: str, as_of: str) -> pl.DataFrame:
    """Give one indicator's counts all the columns, and one empty row where the window lacks something."""
    if lacking:
        frame = pl.DataFrame({"breakdown": [ALL], "level": [ALL]})
    if _unit(indicator) == "":
        frame = frame.drop(*TOTALS, *LARGEST, strict=False)
    absent = [
        pl.lit(None, dtype).alias(column) for column, dtype in COUNTS.items() if column not in frame.columns
    ]
    return (
        frame.with_columns(absent)
        .with_columns(
            indicator=pl.lit(name),
            unit=pl.lit(_unit(indicator)),
            of=pl.lit(indicator.of if isinstance(indicator, Share) else ""),
            as_of=pl.lit(as_of),
            missing=pl.lit(lacking),
        )
        .select(pl.col(column).cast(dtype) for column, dtype in COUNTS.items())
        .sort("breakdown", "level")
    )


def _unit(indicator: Indicator) -> str:
    """Return the unit of what an indicator sums, or "" where it counts people alone."""
    if isinstance(indicator, Mean):
        return indicator.unit
    return "pounds" if isinstance(indicator, Share | Linked) and indicator.value is not None else ""


def _needs(indicator: Indicator, records: Records, window: Sequence[Quarter]) -> dict[str, Sequence[Quarter]]:
    """Return the quarters that an indicator counts over, by dataset."""
    needs: dict[str, Sequence[Quarter]] = {indicator.dataset: quarters_counted(indicator.dataset, window)}
    match indicator:
        case Linked():
            needs[STAFF] = window[-1:]
        case Share() if indicator.value is not None:
            needs[STAFF] = window[-1:]
        case Coverage():
            needs[indicator.base_dataset] = quarters_of_base(indicator, records, window)
        case Rate():
            needs[STAFF] = window
        case _:
            pass
    return needs


def _missing(needs: Mapping[str, Sequence[Quarter]], records: Records) -> str:
    """Say which datasets lack an expected delivery."""
    lacking = {name: words for name, quarters in needs.items() if (words := records.missing(name, quarters))}
    return "; ".join(f"{_title(name)}: {words}" for name, words in lacking.items())


def _title(dataset: str) -> str:
    return DATASETS[dataset].title.lower()


def quarters_of_base(indicator: Coverage, records: Records, window: Sequence[Quarter]) -> Sequence[Quarter]:
    """Return the quarters of the base: for a snapshot, the one taken when the latest events came."""
    if DATASETS[indicator.base_dataset].cadence != "snapshot":
        return window
    return records.delivered(indicator.dataset, window)[-1:] or window[-1:]


def _plan(
    indicator: Indicator, predicates: Mapping[str, pl.Expr], records: Records, window: Sequence[Quarter]
) -> pl.LazyFrame:
    frame = records.over(indicator.dataset, quarters_counted(indicator.dataset, window))
    by = broken_down_by(indicator)
    match indicator:
        case Rows():
            if indicator.window_by is not None:
                frame = frame.filter(pl.col(indicator.window_by).is_between(window[0].start, window[-1].end))
            counted = _two_groups(_cube(frame, by, base=predicates["base"], event=predicates["event"]))
            return _with_strata(counted, frame, indicator, predicates)
        case Mean():
            value = pl.col(indicator.value)
            return _two_groups(_cube(frame, by, base=predicates["base"], event=_recorded(value), value=value))
        case Share():
            return _share(indicator, predicates, frame, records, window)
        case Linked():
            people = linked_people(indicator, predicates["event"], frame, records.over(STAFF, window[-1:]))
            had, value = pl.col("had"), pl.col("had_value")
            return _two_groups(_cube(people, by, base=predicates["base"], event=had, value=value))
        case Coverage():
            stood = records.over(indicator.base_dataset, quarters_of_base(indicator, records, window))
            return _beside(frame, predicates["event"], stood, predicates["base"], by)
        case Rate():
            return _beside(frame, predicates["event"], records.over(STAFF, window), _EVERY_ROW, by)


def _recorded(value: pl.Expr) -> pl.Expr:
    return pl.when(value.is_not_null()).then(_EVERY_ROW)


_CUBE = pl.Schema(
    {
        **dict.fromkeys(_KEYS, pl.String),
        **dict.fromkeys(("base", "events", "unanswered"), pl.Int64),
        **dict.fromkeys(("total", "squares", "largest", "second"), pl.Float64),
    }
)
_ADDED = ("base", "events", "unanswered", "total", "squares")
_COUNTED = tuple(_CUBE)[len(_KEYS) :]


def _cube(
    frame: pl.LazyFrame,
    breakdowns: Sequence[str],
    *,
    base: pl.Expr = _EVERY_ROW,
    event: pl.Expr = _EVERY_ROW,
    value: pl.Expr | None = None,
) -> pl.LazyFrame:
    """Count base and events (and sum a value) by breakdown, level and ethnicity, with the whole beside them.

    A row whose base or event is null did not answer: it is outside the base, and counted. The rows are read
    once, into the crossing of all breakdowns; the levels and the whole, which is there even when nobody is in
    it, are sums over that crossing. Of the broad groups only those within ethnic minority are levels.
    """
    happened = pl.when(base).then(event)
    measured = frame.filter(base.fill_null(True)).select(
        "ethnicity",
        *(pl.col(name).cast(pl.String).fill_null(NOT_RECORDED).alias(name) for name in breakdowns),
        event=happened,
        value=pl.when(happened.is_not_null()).then(value if value is not None else None).cast(pl.Float64),
    )
    crossing = measured.group_by("ethnicity", *breakdowns).agg(
        base=pl.col("event").count().cast(pl.Int64),
        events=pl.col("event").sum().cast(pl.Int64),
        unanswered=pl.col("event").null_count().cast(pl.Int64),
        total=pl.col("value").sum(),
        squares=(pl.col("value") ** 2).sum(),
        largest=pl.col("value").max(),
        second=pl.col("value").top_k(2).min(),
        values=pl.col("value").count(),
    )
    crossing = crossing.with_columns(second=pl.when(pl.col("values") > 1).then("second")).drop("values")
    levels = [pl.lit(ALL), *(pl.col(name) for name in breakdowns)]
    keyed = [
        crossing.select(pl.lit(name).alias("breakdown"), level.alias("level"), "ethnicity", *_COUNTED)
        for name, level in zip((ALL, *breakdowns), levels, strict=True)
    ]
    nobody = pl.LazyFrame([[ALL, ALL, WHITE, 0, 0, 0, 0.0, 0.0, None, None]], schema=_CUBE, orient="row")
    within = (pl.col("breakdown") != BROAD_GROUP) | (pl.col("ethnicity") == ETHNIC_MINORITY)
    return (
        pl.concat([nobody, *keyed])
        .filter(within)
        .group_by(_KEYS)
        .agg(pl.col(_ADDED).sum(), largest=pl.col("largest").max(), second=_second())
    )


def _second() -> pl.Expr:
    """Return the second largest value of several parts, each with its own two largest."""
    both = pl.col("largest").append(pl.col("second"))
    return both.drop_nulls().sort(descending=True).get(1, null_on_oob=True)


def _of(group: str, column: str) -> pl.Expr:
    return pl.col(column).filter(pl.col("ethnicity") == group).sum()


def _largest(group: str, column: str) -> pl.Expr:
    return pl.col(column).filter(pl.col("ethnicity") == group).max()


def _two_groups(cube: pl.LazyFrame) -> pl.LazyFrame:
    """Set White, ethnic minority and unknown side by side, one row per breakdown and level."""
    counted = cube.group_by("breakdown", "level").agg(
        reference_base=_of(WHITE, "base"),
        reference_events=_of(WHITE, "events"),
        group_base=_of(ETHNIC_MINORITY, "base"),
        group_events=_of(ETHNIC_MINORITY, "events"),
        unknown_base=_of(UNKNOWN, "base"),
        unknown_events=_of(UNKNOWN, "events"),
        reference_total=_of(WHITE, "total"),
        reference_squares=_of(WHITE, "squares"),
        group_total=_of(ETHNIC_MINORITY, "total"),
        group_squares=_of(ETHNIC_MINORITY, "squares"),
        reference_largest=_largest(WHITE, "largest"),
        reference_second=_largest(WHITE, "second"),
        group_largest=_largest(ETHNIC_MINORITY, "largest"),
        group_second=_largest(ETHNIC_MINORITY, "second"),
        unanswered=pl.col("unanswered").sum(),
    )
    return _as_in_the_whole(
        counted, "reference_base", "reference_events", "reference_total", "reference_squares",
        "reference_largest", "reference_second", "unknown_base", "unknown_events",
    )  # fmt: skip


def _with_strata(
    counted: pl.LazyFrame, frame: pl.LazyFrame, indicator: Rows, predicates: Mapping[str, pl.Expr]
) -> pl.LazyFrame:
    """Add to the whole what is summed over the strata of an indicator that has them."""
    if indicator.stratified_by is None:
        return counted
    within = _within(frame, indicator.stratified_by, predicates["base"], predicates["event"])
    return counted.join(within, on=["breakdown", "level"], how="left")


def _within(frame: pl.LazyFrame, stratum: str, base: pl.Expr, event: pl.Expr) -> pl.LazyFrame:
    """Sum over the strata that inform: both groups are there, and the event befell some and not all.

    See `disparity.statistics.vacancies`, which makes a comparison of these sums.
    """
    happened = pl.when(base).then(event)

    def of(group: str) -> pl.Expr:
        return pl.col("event").filter(pl.col("ethnicity") == group)

    n1, x1, n2, x2 = (pl.col(name).cast(pl.Float64) for name in ("n1", "x1", "n2", "x2"))
    n, m = n1 + n2, x1 + x2
    strata = (
        frame.select("ethnicity", stratum=pl.col(stratum), event=happened)
        .filter(pl.col("stratum").is_not_null())
        .group_by("stratum")
        .agg(
            n1=of(WHITE).count(),
            x1=of(WHITE).sum(),
            n2=of(ETHNIC_MINORITY).count(),
            x2=of(ETHNIC_MINORITY).sum(),
        )
        .filter((n1 > 0) & (n2 > 0) & (m > 0) & (m < n))
    )
    return strata.select(
        breakdown=pl.lit(ALL),
        level=pl.lit(ALL),
        reference_within=(x1 * n2 / n).sum(),
        group_within=(x2 * n1 / n).sum(),
        within_variance=(n1 * n2 * m * (n - m) / (n * n * (n - 1))).sum(),
    )


def _as_in_the_whole(counted: pl.LazyFrame, *columns: str) -> pl.LazyFrame:
    """Give each broad group the whole's figures of these columns: those it is read beside, or within."""
    whole = counted.filter(pl.col("breakdown") == ALL).select(pl.col(columns).name.prefix("all_"))
    of_group = pl.col("breakdown") == BROAD_GROUP
    return (
        counted.join(whole, how="cross")
        .with_columns(pl.when(of_group).then(f"all_{name}").otherwise(name).alias(name) for name in columns)
        .drop(f"all_{name}" for name in columns)
    )


def _beside(
    events: pl.LazyFrame, event: pl.Expr, base: pl.LazyFrame, stood: pl.Expr, breakdowns: Sequence[str]
) -> pl.LazyFrame:
    """Set group totals of two datasets beside each other: events of one, base of the other, never linked."""
    happened = _cube(events, breakdowns, event=event).select(*_KEYS, "events", not_told="unanswered")
    there = _cube(base, breakdowns, base=stood).drop("events")
    joined = there.join(happened, on=_KEYS, how="full", coalesce=True).with_columns(
        pl.col(*_ADDED, "not_told").fill_null(0)
    )
    return _two_groups(joined.with_columns(unanswered=pl.col("unanswered") + pl.col("not_told")))


def linked_people(
    indicator: Linked, event: pl.Expr, frame: pl.LazyFrame, staff: pl.LazyFrame
) -> pl.LazyFrame:
    """Return the staff with ``had``, whether the event befell each of them, and ``had_value``, what it adds up to.

    Whoever has a row with the event had it, or with a value more than nothing of it. ``had`` is null of those who have no
    such row and one of which that is not recorded: they may have had it. A row with no value adds nothing, whatever became
    of it; of a sum every other row has to be known. Those without a matching row had none.
    """
    if indicator.value is None:
        value, known, happened = pl.lit(0.0), pl.col("event").any(), pl.lit(True)
    else:
        value = pl.col(indicator.value).cast(pl.Float64)
        value = pl.when(event | (value == 0)).then(value)
        known, happened = pl.col("had_value").is_not_null().all(), pl.col("had_value") > 0
    rows = frame.filter(event.fill_null(True)).select("person", event=event, had_value=value)
    of_each = rows.group_by("person").agg(pl.col("had_value").sum(), had_known=known)
    none, known = pl.col("had_known").is_null(), pl.col("had_known")
    return staff.join(of_each, on="person", how="left").with_columns(
        pl.col("had_value").fill_null(0.0), had=pl.when(none).then(False).when(known).then(happened)
    )


def _share(
    indicator: Share,
    predicates: Mapping[str, pl.Expr],
    frame: pl.LazyFrame,
    records: Records,
    window: Sequence[Quarter],
) -> pl.LazyFrame:
    by, of = broken_down_by(indicator), indicator.of
    if indicator.value is not None:
        value = pl.col(indicator.value)
        paid = _population(_cube(frame, by, base=value > 0, value=value), of)
        return _part_and_rest(paid, _population(_cube(records.over(STAFF, window[-1:]), by), of))
    if "part" in predicates:
        part = _population(_cube(frame, by, base=predicates["part"]), of)
        return _part_and_rest(part, _population(_cube(frame, by, base=~predicates["part"]), of))
    return _levels_and_rest(_population(_cube(frame, by), of))


def _population(cube: pl.LazyFrame, of: str) -> pl.LazyFrame:
    """Sum a cube over ethnicity: everyone there, the group spoken of, those unknown, and what they sum to."""
    return cube.group_by("breakdown", "level").agg(
        everyone=pl.col("base").sum(),
        of_them=_of(of, "base"),
        unknown=_of(UNKNOWN, "base"),
        total=_of(of, "total"),
        all_total=pl.col("total").sum(),
        largest=_largest(of, "largest"),
        second=_largest(of, "second"),
        all_largest=pl.col("largest").max(),
        all_second=_second(),
        unanswered=pl.col("unanswered").sum(),
    )


def _part_and_rest(part: pl.LazyFrame, rest: pl.LazyFrame) -> pl.LazyFrame:
    """Set a part beside the rest. Of a sum ``reference_total`` is the whole, ``group_total`` the group's."""
    on = ["breakdown", "level"]
    counted = part.join(rest, on=on, how="full", coalesce=True, suffix="_rest").select(
        *on,
        reference_base=pl.col("everyone_rest").fill_null(0),
        reference_events=pl.col("of_them_rest").fill_null(0),
        group_base=pl.col("everyone").fill_null(0),
        group_events=pl.col("of_them").fill_null(0),
        unknown_base=pl.col("unknown").fill_null(0),
        unknown_events=pl.lit(None, pl.Int64),
        reference_total=pl.col("all_total").fill_null(0),
        group_total=pl.col("total").fill_null(0),
        reference_largest="all_largest",
        reference_second="all_second",
        group_largest="largest",
        group_second="second",
        # Rows whose part is not recorded are in neither; both cubes count the same ones.
        unanswered=pl.col("unanswered").fill_null(0),
    )
    return _as_in_the_whole(counted, "reference_base", "group_base", "unknown_base")


def _levels_and_rest(whole: pl.LazyFrame) -> pl.LazyFrame:
    """Describe a population, and set each level of its breakdowns beside everybody else."""
    everybody = whole.filter(pl.col("breakdown") == ALL).select(
        all_everyone="everyone", all_of_them="of_them"
    )
    level = ~pl.col("breakdown").is_in([ALL, BROAD_GROUP])
    counted = whole.join(everybody, how="cross").select(
        "breakdown",
        "level",
        reference_base=pl.when(level).then(pl.col("all_everyone") - pl.col("everyone")),
        reference_events=pl.when(level).then(pl.col("all_of_them") - pl.col("of_them")),
        group_base="everyone",
        group_events="of_them",
        unknown_base="unknown",
        unknown_events=pl.lit(None, pl.Int64),
        unanswered="unanswered",
    )
    return _as_in_the_whole(counted, "group_base", "unknown_base")
