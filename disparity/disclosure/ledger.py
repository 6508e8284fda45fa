"""The ledger: what was told of whom in every release, and what a reader of several releases knows by it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from disparity.counts.cells import CELLS
from disparity.disclosure.protection import people_in, true_counts
from disparity.disclosure.released_counts import Before, both
from disparity.disclosure.unanswered import known_too, told_of_unanswered, unanswered_in
from disparity.markers import HIDDEN
from disparity.periods import Quarter
from disparity.populations.naming import Naming
from disparity.populations.people import UNANSWERED, Asked, People, edition

AND = "\n"
"""Between conditions, which hold no line break."""

LEDGER = pl.Schema(
    {
        "dataset": pl.String,
        "conditions": pl.String,
        "since": pl.String,
        "until": pl.String,
        "ethnicity": pl.String,
        "breakdown": pl.String,
        "level": pl.String,
        "elsewhere": pl.Boolean,
        "true_count": pl.Int64,
        "shown": pl.Int64,
        "low": pl.Int64,
        "high": pl.Int64,
        "hidden": pl.Boolean,
    }
)


def ledger_of(
    counts: pl.DataFrame, protected: pl.DataFrame, people: Mapping[str, Mapping[str, People]]
) -> pl.DataFrame:
    """Return one row per different people told of: who, what they truly are, what is shown, low, high, whether hidden.

    They stand as they were asked for first, not by their name: a name holds among the values that a column had then.
    ``counts`` and ``protected`` are the same rows before and after a policy. For the owner-only database alone.
    """
    keys = ["indicator", "breakdown", "level"]
    counts = protected.select(keys).join(counts, on=keys, how="left", maintain_order="left")
    true = true_counts(counts)
    counted, cells = people_in(counts, true, people)
    named = list(counted)
    rows: list[dict[str, object]] = [{}] * len(named)
    for index, cell in enumerate(CELLS):
        told = protected.select(f"{cell}_shown", f"{cell}_low", f"{cell}_high").rows()
        for at, number in enumerate(cells[:, index].tolist()):
            shown, low, high = told[at]
            if number >= 0 and low is not None:
                rows[number] = {
                    **_asked(named[number]), "true_count": counted[named[number]],
                    "shown": shown, "low": low, "high": high, "hidden": shown is None,
                }  # fmt: skip
    return pl.DataFrame(
        [*(row for row in rows if row), *_of_unanswered(counts, protected, people)], schema=LEDGER
    )


def _of_unanswered(
    counts: pl.DataFrame, protected: pl.DataFrame, people: Mapping[str, Mapping[str, People]]
) -> Iterator[dict[str, object]]:
    """Yield a row for each of those who did not answer and of whom something is known."""
    if f"{UNANSWERED}_low" not in protected.columns:
        return
    true = unanswered_in(counts, people)
    for row in protected.filter(pl.col(f"{UNANSWERED}_low").is_not_null()).iter_rows(named=True):
        named = people[row["indicator"]].get(UNANSWERED)
        if named is not None:
            yield {
                **_asked(named), "true_count": true[named], "hidden": False,
                **{end: row[f"{UNANSWERED}_{end}"] for end in ("shown", "low", "high")},
            }  # fmt: skip


def _asked(people: People) -> dict[str, object]:
    asked = people.asked
    return {**asked._asdict(), "conditions": AND.join(sorted(asked.conditions))}


def asked_in(ledger: pl.DataFrame) -> list[Asked]:
    """Return everybody that a ledger speaks of, as they were asked for, once each."""
    return [
        _asked_by(row)
        for row in ledger.select(Asked._fields).unique(maintain_order=True).iter_rows(named=True)
    ]


def told_by(ledger: pl.DataFrame, making: Quarter, naming: Naming) -> dict[People, Before]:
    """Return what a reader of all these releases was told: of each people what is common to all that was said.

    ``ledger`` has the columns of `LEDGER` with audience, quarter and vintage. A vintage that another has followed, and
    every vintage of the quarter that is ``making``, spoke of records as they stood then: their people are an edition.
    """
    known: dict[People, Before] = {}
    for people, row in _told_of(ledger, making, naming):
        told = Before(row["low"], row["high"], row["hidden"])
        known[people] = both(known.get(people, told), told)
    return known


def true_by(ledger: pl.DataFrame, making: Quarter, naming: Naming) -> dict[People, int]:
    """Return what the counts that `told_by` speaks of truly were. For the owner alone."""
    return {people: row["true_count"] for people, row in _told_of(ledger, making, naming)}


def _told_of(
    ledger: pl.DataFrame, making: Quarter, naming: Naming
) -> Iterator[tuple[People, dict[str, Any]]]:
    latest = ledger.group_by("audience", "quarter").agg(newest=pl.col("vintage").max())
    for row in ledger.join(latest, on=["audience", "quarter"]).iter_rows(named=True):
        people = naming.people(_asked_by(row))
        if row["vintage"] != row["newest"] or row["quarter"] == making.key:
            people = edition(people, f"{row['audience']} {row['quarter']} vintage {row['vintage']}")
        people.region.domain.told_of(people.scope, people.name)
        yield people, row


def counted_the_same(
    told: pl.DataFrame, counts: pl.DataFrame, people: Mapping[str, Mapping[str, People]], naming: Naming
) -> bool:
    """Return whether everybody that one release told of is counted as then; ``told`` is its part of the ledger."""
    now = people_in(counts, true_counts(counts), people)[0] | unanswered_in(counts, people)
    then = {naming.people(_asked_by(row)): row["true_count"] for row in told.iter_rows(named=True)}
    return bool(then) and all(now.get(each) == count for each, count in then.items())


def told_alike(ledger: pl.DataFrame, audiences: Sequence[str]) -> bool:
    """Return whether all these audiences were told the same of the same people in the same quarters."""
    columns = [name for name in ledger.columns if name not in ("audience", "true_count")]
    of_each = [ledger.filter(pl.col("audience") == each).select(columns).sort(columns) for each in audiences]
    return all(each.equals(of_each[0]) for each in of_each[1:])


def told_in(protected: pl.DataFrame, people: Mapping[str, Mapping[str, People]]) -> dict[People, Before]:
    """Return what protected counts tell of whom."""
    known: dict[People, Before] = {}
    for row in protected.iter_rows(named=True):
        for cell in CELLS:
            if row[f"{cell}_low"] is not None:
                named = people[row["indicator"]][cell].of_row(row["breakdown"], row["level"])
                told = Before(row[f"{cell}_low"], row[f"{cell}_high"], row[f"{cell}_status"] == HIDDEN)
                known[named] = both(known.get(named, told), told)
    return known_too(known, told_of_unanswered(protected, people))


def _asked_by(row: Mapping[str, Any]) -> Asked:
    conditions = frozenset(row["conditions"].split(AND)) - {""}
    return Asked(row["dataset"], conditions, *(row[name] for name in Asked._fields[2:]))


def together(one: Mapping[People, Before], other: Mapping[People, Before]) -> dict[People, Before]:
    """Return what two sets of statements leave open of all whom either speaks of."""
    return {**one, **{people: both(one.get(people, told), told) for people, told in other.items()}}
