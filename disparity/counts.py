"""Counts: cross-classified counts and sums for every indicator over its window, all that later stages know about people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from disparity.catalogue.indicators import Coverage, Indicator, Linked, Mean, Rate, Rows, Share
from disparity.datasets import DATASETS
from disparity.ethnicity import ETHNIC_MINORITY, UNKNOWN, WHITE
from disparity.periods import Quarter

CELLS = ("reference_base", "reference_events", "group_base", "group_events", "unknown_base", "unknown_events")
TOTALS = ("reference_total", "reference_squares", "group_total", "group_squares")
ALL = "all"
NOT_RECORDED = "not recorded"

COUNTS = pl.Schema(
    {
        "indicator": pl.String,
        "breakdown": pl.String,
        "level": pl.String,
        **dict.fromkeys(CELLS, pl.Int64),
        **dict.fromkeys(TOTALS, pl.Float64),
        "unanswered": pl.Int64,
        "missing": pl.String,
    }
)
_KEYS = ("breakdown", "level", "ethnicity")


@dataclass(frozen=True)
class Records:
    """Accepted records by dataset and quarter; a quarter that is absent was not received or was refused."""

    frames: Mapping[str, Mapping[Quarter, pl.LazyFrame]]

    def over(self, dataset: str, quarters: Sequence[Quarter]) -> pl.LazyFrame:
        """Return the records of a window: every delivery, or for an annual dataset the latest."""
        return pl.concat([self.frames[dataset][quarter] for quarter in self.delivered(dataset, quarters)])

    def delivered(self, dataset: str, quarters: Sequence[Quarter]) -> list[Quarter]:
        """Return the quarters whose deliveries make up a window."""
        held = [quarter for quarter in quarters if quarter in self.frames.get(dataset, {})]
        return held[-1:] if DATASETS[dataset].cadence == "annual" else held

    def missing(self, dataset: str, quarters: Sequence[Quarter]) -> str:
        """Say what a window lacks, or "" when every expected delivery is there."""
        held = self.delivered(dataset, quarters)
        expected = 1 if DATASETS[dataset].cadence == "annual" else len(quarters)
        if len(held) == expected:
            return ""
        return "not received" if not held else f"{len(held)} of {expected} quarters"


def count(indicators: Mapping[str, Indicator], predicates: Predicates, records: Records, quarter: Quarter) -> pl.DataFrame:
    """Count every indicator over its window that ends with ``quarter``.

    Returns one row per indicator, breakdown and level with the columns of ``COUNTS``: six cells (people or events of the
    reference group, the group compared and those whose ethnicity is unknown), sums and sums of squares where the indicator
    has a value, how many did not answer, and what the window lacks ("" when nothing). Cells are null where it lacks something.
    """
    plans = []
    for name, indicator in indicators.items():
        window = quarter.window(indicator.quarters)
        lacking = _missing(indicator, records, window)
        plan = pl.LazyFrame(schema=COUNTS) if lacking else _plan(indicator, predicates[name], records, window)
        plans.append((name, lacking, plan))
    collected = pl.collect_all([plan for _, _, plan in plans], engine="streaming")
    frames = [
        _named(frame, name, lacking) for (name, lacking, _), frame in zip(plans, collected, strict=True)
    ]
    return pl.concat(frames) if frames else pl.DataFrame(schema=COUNTS)


Predicates = Mapping[str, Mapping[str, pl.Expr]]
"""Resolved predicates of each indicator: ``base``, ``event``, ``part``."""


def _named(frame: pl.DataFrame, name: str, lacking: str) -> pl.DataFrame:
    if lacking:
        frame = pl.DataFrame({"breakdown": [ALL], "level": [ALL]})
    absent = [pl.lit(None, dtype).alias(column) for column, dtype in COUNTS.items() if column not in frame.columns]
    return (
        frame.with_columns(absent)
        .with_columns(indicator=pl.lit(name), missing=pl.lit(lacking))
        .select(pl.col(column).cast(dtype) for column, dtype in COUNTS.items())
        .sort("breakdown", "level")
    )


def _missing(indicator: Indicator, records: Records, window: Sequence[Quarter]) -> str:
    needs = {indicator.dataset: window}
    match indicator:
        case Share() if indicator.value is None:
            needs = {indicator.dataset: window[-1:]}
        case Share() | Linked():
            needs["staff_in_post"] = window[-1:]
        case Coverage():
            needs[indicator.base_dataset] = _base_quarters(indicator, records, window)
        case Rate():
            needs["staff_in_post"] = window
        case Rows() | Mean() if DATASETS[indicator.dataset].cadence == "snapshot":
            needs = {indicator.dataset: window[-1:]}
    lacking = {dataset: words for dataset, quarters in needs.items() if (words := records.missing(dataset, quarters))}
    return "; ".join(f"{DATASETS[dataset].title.lower()}: {words}" for dataset, words in lacking.items())


def _base_quarters(indicator: Coverage, records: Records, window: Sequence[Quarter]) -> Sequence[Quarter]:
    """The quarters of the base: for a snapshot, the one taken when the latest events came."""
    if DATASETS[indicator.base_dataset].cadence != "snapshot":
        return window
    return records.delivered(indicator.dataset, window)[-1:] or window[-1:]


def _plan(
    indicator: Indicator, predicates: Mapping[str, pl.Expr], records: Records, window: Sequence[Quarter]
) -> pl.LazyFrame:
    match indicator:
        case Rows():
            return _rows(indicator, predicates, records, window)
        case Mean():
            frame = _dataset(records, indicator.dataset, window).filter(predicates["base"])
            return _two_groups(_cube(frame, indicator.breakdowns, event=pl.lit(True), value=pl.col(indicator.value)))  # noqa: FBT003
        case Share():
            return _share(indicator, predicates, records, window)
        case Linked():
            return _linked(indicator, predicates, records, window)
        case Coverage():
            events = _dataset(records, indicator.dataset, window).filter(predicates["event"])
            base = records.over(indicator.base_dataset, _base_quarters(indicator, records, window))
            return _beside(events, base.filter(predicates["base"]), indicator.breakdowns)
        case Rate():
            events = _dataset(records, indicator.dataset, window).filter(predicates["event"])
            return _beside(events, records.over("staff_in_post", window), indicator.breakdowns)


def _dataset(records: Records, dataset: str, window: Sequence[Quarter]) -> pl.LazyFrame:
    quarters = window[-1:] if DATASETS[dataset].cadence == "snapshot" else window
    return records.over(dataset, quarters)


def _cube(
    frame: pl.LazyFrame, breakdowns: Sequence[str], *, event: pl.Expr, value: pl.Expr | None = None
) -> pl.LazyFrame:
    """Count base and events (and sum a value) by breakdown, level and ethnicity, with the whole beside each breakdown.

    The rows are read once, into the crossing of all breakdowns; the levels and the whole are sums over that crossing.
    """
    measured = frame.select(
        "ethnicity",
        *(pl.col(name).cast(pl.String).fill_null(NOT_RECORDED).alias(name) for name in breakdowns),
        event=pl.when(pl.lit(True)).then(event),  # noqa: FBT003 - a literal alone would not be as long as the frame
        value=value if value is not None else pl.lit(None, pl.Float64),
    )
    answered = pl.col("event").is_not_null()
    crossing = measured.group_by("ethnicity", *breakdowns).agg(
        base=answered.sum().cast(pl.Int64),
        events=pl.col("event").sum().cast(pl.Int64),
        unanswered=pl.col("event").null_count().cast(pl.Int64),
        total=pl.col("value").cast(pl.Float64).sum(),
        squares=(pl.col("value").cast(pl.Float64) ** 2).sum(),
    )
    levels = [pl.lit(ALL).alias("level"), *(pl.col(name).alias("level") for name in breakdowns)]
    return pl.concat(
        [
            crossing.with_columns(level, breakdown=pl.lit(name))
            .group_by(_KEYS)
            .agg(pl.col("base", "events", "unanswered", "total", "squares").sum())
            for name, level in zip((ALL, *breakdowns), levels, strict=True)
        ]
    )


def _of(group: str, column: str) -> pl.Expr:
    return pl.col(column).filter(pl.col("ethnicity") == group).sum()


def _two_groups(cube: pl.LazyFrame) -> pl.LazyFrame:
    """Set White, ethnic minority and unknown side by side, one row per breakdown and level."""
    return cube.group_by("breakdown", "level").agg(
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
        unanswered=pl.col("unanswered").sum(),
    )


def _rows(
    indicator: Rows, predicates: Mapping[str, pl.Expr], records: Records, window: Sequence[Quarter]
) -> pl.LazyFrame:
    frame = _dataset(records, indicator.dataset, window)
    if indicator.window_by is not None:
        frame = frame.filter(pl.col(indicator.window_by).is_between(window[0].start, window[-1].end))
    return _two_groups(_cube(frame.filter(predicates["base"]), indicator.breakdowns, event=predicates["event"]))


def _beside(events: pl.LazyFrame, base: pl.LazyFrame, breakdowns: Sequence[str]) -> pl.LazyFrame:
    """Set group totals of two datasets beside each other: events from one, base from the other, never linked."""
    happened = _cube(events, breakdowns, event=pl.lit(True)).select(*_KEYS, pl.col("base").alias("events"))  # noqa: FBT003
    stood = _cube(base, breakdowns, event=pl.lit(True)).drop("events")  # noqa: FBT003
    joined = stood.join(happened, on=_KEYS, how="full", coalesce=True)
    return _two_groups(joined.with_columns(pl.col("base", "events", "unanswered", "total", "squares").fill_null(0)))


def _linked(
    indicator: Linked, predicates: Mapping[str, pl.Expr], records: Records, window: Sequence[Quarter]
) -> pl.LazyFrame:
    """Count each person at the last snapshot once; those without a matching row had none."""
    value = pl.col(indicator.value) if indicator.value is not None else pl.lit(None, pl.Float64)
    had = _dataset(records, indicator.dataset, window).filter(predicates["event"])
    per_person = had.group_by("person").agg(value=value.cast(pl.Float64).sum(), had=pl.lit(True).first())  # noqa: FBT003
    staff = records.over("staff_in_post", window[-1:]).filter(predicates["base"])
    people = staff.join(per_person, on="person", how="left").with_columns(
        pl.col("had").fill_null(False), pl.col("value").fill_null(0.0)  # noqa: FBT003
    )
    event = pl.col("had") if indicator.value is None else pl.col("value") > 0
    return _two_groups(_cube(people, indicator.breakdowns, event=event, value=pl.col("value")))


def _share(
    indicator: Share, predicates: Mapping[str, pl.Expr], records: Records, window: Sequence[Quarter]
) -> pl.LazyFrame:
    staff = records.over("staff_in_post", window[-1:])
    if indicator.value is not None:
        paid = _dataset(records, indicator.dataset, window).filter(pl.col(indicator.value) > 0)
        part = _cube(paid, indicator.breakdowns, event=pl.lit(True), value=pl.col(indicator.value))  # noqa: FBT003
        rest = _cube(staff, indicator.breakdowns, event=pl.lit(True))  # noqa: FBT003
        return _part_and_rest(_population(part, indicator.of), _population(rest, indicator.of))
    people = staff if indicator.dataset == "staff_in_post" else _dataset(records, indicator.dataset, window)
    if "part" in predicates:
        inside = pl.when(pl.lit(True)).then(predicates["part"])  # noqa: FBT003
        part = _cube(people.filter(inside), indicator.breakdowns, event=pl.lit(True))  # noqa: FBT003
        rest = _cube(people.filter(~inside), indicator.breakdowns, event=pl.lit(True))  # noqa: FBT003
        return _part_and_rest(_population(part, indicator.of), _population(rest, indicator.of))
    whole = _population(_cube(people, indicator.breakdowns, event=pl.lit(True)), indicator.of)  # noqa: FBT003
    return _levels_and_rest(whole)


def _population(cube: pl.LazyFrame, of: str) -> pl.LazyFrame:
    """Sum a cube over ethnicity: everyone there, those of the group spoken of, those unknown, and the group's sum."""
    return cube.group_by("breakdown", "level").agg(
        everyone=pl.col("base").sum(),
        of_them=_of(of, "base"),
        unknown=_of(UNKNOWN, "base"),
        total=_of(of, "total"),
        all_total=pl.col("total").sum(),
    )


def _part_and_rest(part: pl.LazyFrame, rest: pl.LazyFrame) -> pl.LazyFrame:
    """Set a part beside the rest. For a sum, ``reference_total`` is the whole sum and ``group_total`` the group's."""
    on = ["breakdown", "level"]
    return part.join(rest, on=on, how="full", coalesce=True, suffix="_rest").select(
        *on,
        reference_base=pl.col("everyone_rest").fill_null(0),
        reference_events=pl.col("of_them_rest").fill_null(0),
        group_base=pl.col("everyone").fill_null(0),
        group_events=pl.col("of_them").fill_null(0),
        unknown_base=pl.col("unknown").fill_null(0),
        unknown_events=pl.lit(None, pl.Int64),
        reference_total=pl.col("all_total").fill_null(0),
        group_total=pl.col("total").fill_null(0),
        unanswered=pl.lit(0, pl.Int64),
    )


def _levels_and_rest(whole: pl.LazyFrame) -> pl.LazyFrame:
    """Describe a population, and set each level of its breakdowns beside everybody else."""
    everybody = whole.filter(pl.col("breakdown") == ALL).select(
        pl.col("everyone").alias("all_everyone"), pl.col("of_them").alias("all_of_them")
    )
    alone = pl.col("breakdown") == ALL
    return whole.join(everybody, how="cross").select(
        "breakdown",
        "level",
        reference_base=pl.when(~alone).then(pl.col("all_everyone") - pl.col("everyone")),
        reference_events=pl.when(~alone).then(pl.col("all_of_them") - pl.col("of_them")),
        group_base="everyone",
        group_events="of_them",
        unknown_base="unknown",
        unknown_events=pl.lit(None, pl.Int64),
        unanswered=pl.lit(0, pl.Int64),
    )
