"""The ledger: what was told of whom, and what a reader of several releases makes of it."""

from __future__ import annotations

import polars as pl

from disparity.catalogue.policies import Policy
from disparity.complements import Before, both
from disparity.counts import COUNTS
from disparity.disclosure import protect
from disparity.ethnicity import ETHNIC_MINORITY, UNKNOWN, WHITE
from disparity.ledger import counted_the_same, ledger_of, together, told_alike, told_by, told_in
from disparity.periods import Quarter
from disparity.populations import EVERYONE, People

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
APPLIED = People("recruitment", frozenset({"a", "b"}), "2025-10-01", "2026-07-01", EVERYONE)
APPOINTED = APPLIED._replace(conditions=APPLIED.conditions | {"c"})
PEOPLE = {
    "a": {
        f"{side}_{kind}": of._replace(ethnicity=ethnicity)
        for side, ethnicity in (("reference", WHITE), ("group", ETHNIC_MINORITY), ("unknown", UNKNOWN))
        for kind, of in (("base", APPLIED), ("events", APPOINTED))
    }
}
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
        (WHITE, "a\nb", 103, 105, 103, 107),
        (WHITE, "a\nb\nc", 0, 0, 0, 0),
        (ETHNIC_MINORITY, "a\nb", 41, 40, 38, 42),
        (ETHNIC_MINORITY, "a\nb\nc", 3, None, 1, 7),
    ]


def test_what_was_told_reads_back_as_it_was_told() -> None:
    assert told_by(kept("published", SUMMER, 1), AUTUMN) == told_in(PROTECTED, PEOPLE)
    assert told_in(PROTECTED, PEOPLE)[APPOINTED._replace(ethnicity=ETHNIC_MINORITY)] == Before(1, 7, True)


def test_earlier_vintages_and_those_of_the_quarter_in_the_making_are_editions() -> None:
    ledger = pl.concat([kept("published", SUMMER, 1), kept("published", SUMMER, 2)])
    editions = {each.dataset for each in told_by(ledger, AUTUMN)}
    assert editions == {"recruitment", "recruitment as of published 2026-07-01 vintage 1"}
    assert "recruitment" not in {each.dataset for each in told_by(ledger, SUMMER)}


def test_what_one_report_hides_and_another_tells_is_told() -> None:
    exact = kept("restricted", SUMMER, 1).with_columns(
        shown="true_count", low="true_count", high="true_count"
    )
    both = told_by(pl.concat([kept("published", SUMMER, 1), exact]), AUTUMN)
    assert both[APPOINTED._replace(ethnicity=ETHNIC_MINORITY)] == Before(3, 3, False)
    assert both[APPLIED._replace(ethnicity=WHITE)] == Before(103, 103, False)


def test_a_release_is_known_by_its_counts() -> None:
    told = ledger_of(COUNTED, PROTECTED, PEOPLE)
    assert counted_the_same(told, COUNTED, PEOPLE)
    assert not counted_the_same(told, COUNTED.with_columns(group_events=pl.lit(4, pl.Int64)), PEOPLE)
    assert not counted_the_same(told.clear(), COUNTED, PEOPLE), "nothing was told"


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
    assert told_by(told, AUTUMN)[people] == Before(38, 39, False)
    told = told.with_columns(pl.when(~at).then(pl.col("low")).otherwise(pl.lit(39)).alias("low"))
    assert told_by(told.reverse(), AUTUMN)[people] == Before(39, 39, False)


def test_people_without_conditions_and_with_words_in_them_read_back_as_they_were() -> None:
    people = {"a": {cell: of._replace(conditions=frozenset()) for cell, of in PEOPLE["a"].items()}}
    worded = {
        "a": {
            cell: of._replace(conditions=frozenset({"x = 'two words'"})) for cell, of in PEOPLE["a"].items()
        }
    }
    for named in (people, worded):
        ledger = ledger_of(COUNTED, PROTECTED, named).with_columns(
            audience=pl.lit("published"), quarter=pl.lit(SUMMER.key), vintage=pl.lit(1)
        )
        conditions = {each.conditions for each in told_by(ledger, AUTUMN)}
        assert conditions <= {each.conditions for each in named["a"].values()} | {
            each.conditions | {"as counted by a"} for each in named["a"].values()
        }


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
