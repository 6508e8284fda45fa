"""The ledger: what was told of whom, and what a reader of several releases makes of it."""

from __future__ import annotations

import polars as pl
import pytest

from disparity.catalogue.policies import Policy
from disparity.counts.cells import COUNTS
from disparity.datasets.contract import Column
from disparity.disclosure import protect
from disparity.disclosure.additivity import of_missing_levels
from disparity.disclosure.ledger import (
    asked_in,
    counted_the_same,
    ledger_of,
    together,
    told_alike,
    told_by,
    told_in,
)
from disparity.disclosure.released_counts import Before, both
from disparity.ethnicity import ETHNIC_MINORITY, UNKNOWN, WHITE
from disparity.periods import Quarter
from disparity.populations.naming import Naming
from disparity.populations.people import EVERYONE, Asked, People, counted_by

POLICY = Policy(
    title="Test",
    why="Test",
    threshold=8,
    round_to=5,
    percent_decimals=0,
    pounds_round_to=100,
    least_interval=3,
)
SUMMER, AUTUMN = Quarter.from_key("2026-07-01"), Quarter.from_key("2026-10-01")
ASKED = Asked("recruitment", frozenset({"internal", "international"}), "2025-10-01", "2026-07-01", EVERYONE)
WORDED = ASKED._replace(conditions=frozenset({"channel = 'two words'"}))
ASKED_MORE = ASKED._replace(conditions=ASKED.conditions | {"withdrew"})
COLUMNS = {"recruitment": {
    **{name: Column("flag", "", example="") for name in ("internal", "international", "withdrew")},
    "channel": Column("category", "", example=""),
}}  # fmt: skip
NAMING = Naming([ASKED, ASKED_MORE, WORDED, ASKED._replace(conditions=frozenset())], COLUMNS, {}, {})
NAMING_BY_CHANNEL = Naming(
    [WORDED, ASKED._replace(conditions=frozenset(), breakdown="channel", level="one word")],
    COLUMNS, {"recruitment": ["channel"]}, {},
)  # fmt: skip
APPLIED, APPOINTED = map(NAMING.people, (ASKED, ASKED_MORE))


def counted_of(base: Asked, events: Asked) -> dict[str, dict[str, People]]:
    return {
        "a": {
            f"{side}_{kind}": NAMING.people(of._replace(ethnicity=ethnicity))
            for side, ethnicity in (("reference", WHITE), ("group", ETHNIC_MINORITY), ("unknown", UNKNOWN))
            for kind, of in (("base", base), ("events", events))
        }
    }


PEOPLE = counted_of(ASKED, ASKED_MORE)
COUNTED = pl.DataFrame(
    [
        {"indicator": "a", "breakdown": "all", "level": "all", "reference_base": 103, "reference_events": 0,
         "group_base": 41, "group_events": 3, "missing": ""}
    ],
    schema=COUNTS,
)  # fmt: skip
PROTECTED = protect(COUNTED, POLICY, PEOPLE)


def kept(audience: str, quarter: Quarter, vintage: int) -> pl.DataFrame:
    keys = {"audience": audience, "quarter": quarter.key, "vintage": vintage}
    return ledger_of(COUNTED, PROTECTED, PEOPLE).with_columns(
        pl.lit(value).alias(name) for name, value in keys.items()
    )


def test_each_of_the_people_stands_with_what_they_were_and_what_they_could_be() -> None:
    told = ledger_of(COUNTED, PROTECTED, PEOPLE).select(
        "ethnicity", "conditions", "true_count", "shown", "low", "high"
    )
    assert told.rows() == [
        (WHITE, "internal\ninternational", 103, 105, 103, 107),
        (WHITE, "internal\ninternational\nwithdrew", 0, 0, 0, 0),
        (ETHNIC_MINORITY, "internal\ninternational", 41, 40, 38, 42),
        (ETHNIC_MINORITY, "internal\ninternational\nwithdrew", 3, None, 1, 7),
    ]


def test_what_was_told_reads_back_as_it_was_told() -> None:
    assert told_by(kept("published", SUMMER, 1), AUTUMN, NAMING) == told_in(PROTECTED, PEOPLE)
    assert told_in(PROTECTED, PEOPLE)[APPOINTED._replace(ethnicity=ETHNIC_MINORITY)] == Before(1, 7, True)


def test_earlier_vintages_and_those_of_the_quarter_in_the_making_are_editions() -> None:
    ledger = pl.concat([kept("published", SUMMER, 1), kept("published", SUMMER, 2)])
    editions = {each.dataset for each in told_by(ledger, AUTUMN, NAMING)}
    assert editions == {"recruitment", "recruitment as of published 2026-07-01 vintage 1"}
    assert "recruitment" not in {each.dataset for each in told_by(ledger, SUMMER, NAMING)}


def test_what_one_report_hides_and_another_tells_is_told() -> None:
    exact = kept("restricted", SUMMER, 1).with_columns(
        shown="true_count", low="true_count", high="true_count", hidden=False
    )
    both = told_by(pl.concat([kept("published", SUMMER, 1), exact]), AUTUMN, NAMING)
    assert both[APPOINTED._replace(ethnicity=ETHNIC_MINORITY)] == Before(3, 3, False)
    assert both[APPLIED._replace(ethnicity=WHITE)] == Before(103, 103, False)


def test_a_release_is_known_by_its_counts() -> None:
    told = ledger_of(COUNTED, PROTECTED, PEOPLE)
    assert counted_the_same(told, COUNTED, PEOPLE, NAMING)
    assert not counted_the_same(told, COUNTED.with_columns(group_events=pl.lit(4, pl.Int64)), PEOPLE, NAMING)
    assert not counted_the_same(told.clear(), COUNTED, PEOPLE, NAMING), "nothing was told"


def test_two_statements_leave_what_both_leave_and_the_later_one_holds_where_they_contradict() -> None:
    assert both(Before(1, 7, True), Before(3, 9, True)) == Before(3, 7, True)
    assert both(Before(1, 7, True), Before(7, 9, True)) == Before(7, 7, True)
    assert both(Before(1, 7, True), Before(5, 9, False)).hidden is False, "what one shows is hidden no more"
    assert both(Before(1, 7, True), Before(8, 12, False)) == Before(8, 12, False)


def test_people_told_of_twice_are_known_by_both() -> None:
    wide = PROTECTED.with_columns(group_base_low=pl.lit(35), group_base_high=pl.lit(39))
    people = APPLIED._replace(ethnicity=ETHNIC_MINORITY)
    assert told_in(pl.concat([PROTECTED, wide], how="vertical_relaxed"), PEOPLE)[people] == Before(
        38, 39, False
    )
    told = pl.concat([kept("published", SUMMER, 1), kept("restricted", SUMMER, 1)])
    at = (pl.col("audience") == "restricted") & (pl.col("true_count") == 41)
    told = told.with_columns(pl.when(at).then(pl.lit(39)).otherwise(pl.col("high")).alias("high"))
    assert told_by(told, AUTUMN, NAMING)[people] == Before(38, 39, False)
    told = told.with_columns(pl.when(~at).then(pl.col("low")).otherwise(pl.lit(39)).alias("low"))
    assert told_by(told.reverse(), AUTUMN, NAMING)[people] == Before(39, 39, False)


@pytest.mark.parametrize("base", [ASKED._replace(conditions=frozenset()), WORDED])
def test_people_without_conditions_and_with_words_in_them_read_back_as_they_were(base: Asked) -> None:
    """Where two cells of the same people say otherwise, the second's are kept as this indicator counts them."""
    people = counted_of(base, base)
    ledger = ledger_of(COUNTED, PROTECTED, people)
    kept = ledger.with_columns(audience=pl.lit("published"), quarter=pl.lit(SUMMER.key), vintage=pl.lit(1))
    named = {each for each in people["a"].values() if each.ethnicity != UNKNOWN}
    assert set(told_by(kept, AUTUMN, NAMING)) == named | {counted_by(each, "a") for each in named}
    assert {each.conditions for each in asked_in(ledger)} == {base.conditions}


def test_whoever_is_asked_for_in_other_words_is_told_of_by_the_same_name() -> None:
    """What a release kept was spelt as its catalogue spelt it then; what is told now is of the same people."""
    spelt = {"internal\ninternational": "NOT (NOT international OR NOT internal)"}
    ledger = kept("published", SUMMER, 1)
    respelt = ledger.with_columns(pl.col("conditions").replace(spelt))
    assert not respelt.equals(ledger)
    naming = Naming([*asked_in(ledger), *asked_in(respelt)], COLUMNS, {}, {})
    assert told_by(respelt, AUTUMN, naming) == told_by(ledger, AUTUMN, NAMING)
    assert counted_the_same(respelt, COUNTED, PEOPLE, naming)


def test_a_level_whose_row_stands_in_the_words_of_another_table_is_not_taken_for_nobody_later() -> None:
    """Of people whom several ask for the ledger has one row: here those of a channel, in the words of a predicate."""
    everyone = ASKED._replace(conditions=frozenset())
    people = {"a": {"group_base": NAMING_BY_CHANNEL.people(everyone._replace(ethnicity=ETHNIC_MINORITY))}}
    rows = [("all", "all", 103), ("channel", "one word", 60), ("channel", "two words", 43)]
    counted = pl.DataFrame(
        [{"indicator": "a", "breakdown": by, "level": at, "group_base": count, "missing": ""} for by, at, count in rows],
        schema=COUNTS,
    )  # fmt: skip
    ledger = ledger_of(counted, protect(counted, POLICY, people), people)
    assert WORDED.conditions in [each.conditions for each in asked_in(ledger)]
    naming = Naming(asked_in(ledger), COLUMNS, {"recruitment": ["channel"]}, {})
    keys = {"audience": "published", "quarter": SUMMER.key, "vintage": 1}
    kept = ledger.with_columns(pl.lit(value).alias(name) for name, value in keys.items())
    known = tuple(told_by(kept, AUTUMN, naming))
    assert len(known) == len(rows)
    assert not of_missing_levels(known)


def test_people_told_nothing_of_have_no_line() -> None:
    untold = [pl.lit(None, pl.Int64).alias(f"group_events_{what}") for what in ("shown", "low", "high")]
    ledger = ledger_of(COUNTED, PROTECTED.with_columns(untold), PEOPLE)
    assert ledger["true_count"].to_list() == [103, 0, 41]


def test_audiences_are_told_alike_where_the_same_is_said_of_the_same_quarters() -> None:
    one, other = kept("published", SUMMER, 1), kept("restricted", SUMMER, 1)
    assert told_alike(pl.concat([one, other.reverse()]), ("published", "restricted"))
    exact = other.with_columns(low="true_count", high="true_count")
    assert not told_alike(pl.concat([one, exact]), ("published", "restricted"))
    assert not told_alike(pl.concat([one, kept("restricted", AUTUMN, 1)]), ("published", "restricted"))
    assert not told_alike(one, ("published", "restricted")), "nothing was told to the other"
    assert told_alike(one.clear(), ("published", "restricted"))


def test_two_sets_of_statements_speak_of_all_whom_either_speaks_of() -> None:
    one = {APPLIED: Before(1, 7, True), APPOINTED: Before(0, 0, False)}
    other = {APPLIED: Before(3, 9, True), APPLIED._replace(ethnicity=WHITE): Before(8, 12, False)}
    found = together(one, other)
    assert found == one | other | {APPLIED: Before(3, 7, True)}
