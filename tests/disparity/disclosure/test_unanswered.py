"""Unanswered: what is said of lacking answers follows from protected counts, which readers are taken to know."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disparity.catalogue.indicators import ALL
from disparity.catalogue.policies import NoProtection, Policy
from disparity.catalogue.vocabulary import columns_of_all, vocabulary_of
from disparity.counts.cells import COUNTS
from disparity.disclosure import protect
from disparity.disclosure.additivity import sums_over, tables_over
from disparity.disclosure.ledger import asked_in, counted_the_same, ledger_of, told_by, told_in
from disparity.disclosure.released_counts import BEYOND, Before
from disparity.disclosure.unanswered import broken_stages, lacking_answers, unanswered_in
from disparity.ethnicity import ETHNIC_MINORITY, UNKNOWN, WHITE
from disparity.periods import Quarter
from disparity.populations.naming import Naming, people_of_all
from disparity.populations.people import EVERYONE, UNANSWERED, People
from resources.catalogue import load_catalogue

CATALOGUE = load_catalogue(Path(__file__).parents[3] / "catalogue")
NOW, NEXT = Quarter.from_key("2026-07-01"), Quarter.from_key("2026-10-01")
SHORTLISTED, INTERVIEWED = "shortlisted_from_applications", "interviewed_from_shortlisting"
APPOINTED = "appointed_from_shortlisting"
NAMES = (SHORTLISTED, INTERVIEWED, "offered_from_interviews", APPOINTED, "appointed_from_applications")
INDICATORS = {name: CATALOGUE.indicators[name] for name in NAMES}
PEOPLE = people_of_all(CATALOGUE, NOW, dict.fromkeys(NAMES, NOW.key), NAMES)
POLICY = Policy(
    title="T", why="T", threshold=8, round_to=5, percent_decimals=0, pounds_round_to=10, least_interval=5
)


def counted(**of: dict[str, Any]) -> pl.DataFrame:
    rows = [
        {"indicator": name, "breakdown": ALL, "level": ALL, "missing": "", "unanswered": 0, **cells}
        for name, cells in of.items()
    ]
    return pl.DataFrame(rows, schema=COUNTS)


def cells(
    white: tuple[int, int], minority: tuple[int, int], unknown: tuple[int, int] = (0, 0), **more: int
) -> dict[str, int]:
    names = ("reference", "group", "unknown")
    both = zip(names, (white, minority, unknown), strict=True)
    return {
        f"{name}_{kind}": n for name, of in both for kind, n in zip(("base", "events"), of, strict=True)
    } | more


def protected(counts: pl.DataFrame, policy: Policy | NoProtection = POLICY) -> pl.DataFrame:
    return protect(counts, policy, PEOPLE, indicators=INDICATORS)


@given(st.integers(0, 400), st.integers(0, 60))
@settings(max_examples=60, deadline=None)
def test_a_note_is_there_if_and_only_if_the_protected_counts_say_so(base: int, without: int) -> None:
    counts = counted(**{APPOINTED: cells((base, base // 3), (base // 2, base // 8), unanswered=without)})
    shown = protected(counts)
    row = shown.row(0, named=True)
    answered = sum(
        row[f"{each}_base_shown"] or row[f"{each}_base_low"] for each in ("reference", "group", "unknown")
    )
    rounded = row["unanswered_shown"]
    assert (rounded is None) == (without < 8)
    assert row["unanswered_low"] <= without <= row["unanswered_high"]
    said = rounded is not None and rounded / (answered + rounded) >= 0.02
    assert lacking_answers(shown, INDICATORS) == ([APPOINTED] if said else [])


@given(st.integers(0, 60))
@settings(max_examples=40, deadline=None)
def test_one_blank_more_that_gives_the_same_protected_counts_gives_the_same_notes(without: int) -> None:
    one, other = (
        protected(counted(**{APPOINTED: cells((210, 60), (95, 20), unanswered=each)}))
        for each in (without, without + 1)
    )
    if one.equals(other):
        assert lacking_answers(one, INDICATORS) == lacking_answers(other, INDICATORS)
    else:
        assert (without + 1) % 5 == 3, "where the count, rounded, is another one"


def test_of_few_nothing_is_said_and_a_few_are_not_told_from_none() -> None:
    none, few = (
        protected(counted(**{APPOINTED: cells((40, 20), (30, 10), unanswered=each)})) for each in (0, 7)
    )
    assert none.equals(few)
    assert lacking_answers(few, INDICATORS) == []
    assert told_in(few, PEOPLE)[PEOPLE[APPOINTED][UNANSWERED]] == Before(0, 7, hidden=False)


def test_a_figure_that_is_not_there_has_nothing_lacking() -> None:
    shown = protected(counted(**{APPOINTED: {"unanswered": None, "missing": "3 of 4 quarters"}}))
    assert shown["unanswered_low"].to_list() == [None]
    assert lacking_answers(shown, INDICATORS) == []


def test_a_stage_that_is_not_counted_from_those_before_is_said_where_rounding_does_not_explain_it() -> None:
    def pairs(base: int, policy: Policy | NoProtection = POLICY) -> list[tuple[str, str]]:
        stages = {
            SHORTLISTED: cells((400, 152), (300, 88)),
            INTERVIEWED: cells((base, 60), (88, 20), unanswered=152 - base),
            "offered_from_interviews": cells((60, 20), (20, 10)),
            "appointed_from_applications": cells((400, 20), (300, 10)),
        }
        return broken_stages(protected(counted(**stages), policy), INDICATORS)

    assert pairs(152) == pairs(149) == []
    assert pairs(147) == [(SHORTLISTED, INTERVIEWED)]
    assert pairs(151, NoProtection()) == [(SHORTLISTED, INTERVIEWED)], "exact counts differ by one"


def test_those_asked_are_those_who_answered_and_those_who_did_not() -> None:
    told = [each for of in PEOPLE.values() for each in of.values()]
    unanswered = PEOPLE[INTERVIEWED][UNANSWERED]
    shortlisted = PEOPLE[SHORTLISTED]["reference_events"]._replace(ethnicity=EVERYONE)
    answered = PEOPLE[INTERVIEWED]["reference_base"]._replace(ethnicity=EVERYONE)
    sums = {(whole, frozenset(parts)) for whole, parts in sums_over(told)}
    assert (shortlisted, frozenset({answered, unanswered})) in sums
    groups = {answered._replace(ethnicity=each) for each in (WHITE, ETHNIC_MINORITY, UNKNOWN)}
    assert (answered, frozenset(groups)) in sums
    assert unanswered.ethnicity == EVERYONE


def test_who_declined_for_all_we_know_are_among_the_shortlisted_too() -> None:
    unanswered = PEOPLE[APPOINTED][UNANSWERED]
    domain = unanswered.region.domain
    shortlisted = PEOPLE[SHORTLISTED]["reference_events"]._replace(ethnicity=EVERYONE)
    assert domain.holds(shortlisted.region, unanswered.region)
    undecided = domain.where({"completed_date IS NOT NULL", "shortlisted", "declined IS NULL"})
    assert domain.holds(unanswered.region, undecided)
    sums = sums_over([each for of in PEOPLE.values() for each in of.values()])
    assert any(whole == shortlisted and unanswered in parts for whole, parts in sums)


def test_what_is_known_of_them_narrows_what_a_reader_makes_of_a_hidden_base() -> None:
    """Where 100 were shortlisted and fewer than 8 did not answer, few of the next base can be out of sight."""
    of = {
        **{PEOPLE[SHORTLISTED][cell]: (n, n) for cell, n in
           (("reference_events", 60), ("group_events", 40), ("unknown_events", 0))},
        **{PEOPLE[INTERVIEWED][cell]: bounds for cell, bounds in
           (("reference_base", (58, 60)), ("group_base", (0, 1000)), ("unknown_base", (0, 0)))},
    }  # fmt: skip

    def left(told: dict[People, tuple[int, int]]) -> tuple[int, int]:
        tables = tables_over(tuple(told))
        low, high = np.zeros(len(tables), np.int64), np.full(len(tables), BEYOND)
        for each, (least, most) in told.items():
            low[tables.number_of[each]], high[tables.number_of[each]] = least, most
        low, high = tables.narrowed(low, high)
        at = tables.number_of[PEOPLE[INTERVIEWED]["group_base"]]
        return int(low[at]), int(high[at])

    assert left(of) == (0, 40)
    assert left(of | {PEOPLE[INTERVIEWED][UNANSWERED]: (0, 7)}) == (100 - 7 - 60, 40)


def test_of_whom_an_answer_is_never_lacking_nobody_is_named() -> None:
    assert PEOPLE[SHORTLISTED][UNANSWERED].region.is_nobody, "whether somebody was shortlisted is needed"
    asked_by_name = people_of_all(CATALOGUE, NOW, {"equal_opportunity": NOW.key}, ["equal_opportunity"])
    of_answers = asked_by_name["equal_opportunity"][UNANSWERED].region
    assert of_answers.is_nobody, "the base is of those who answered"


def test_where_everybody_answered_nobody_is_named_and_no_count_is_hidden_for_them() -> None:
    everybody = people_of_all(CATALOGUE, NOW, dict.fromkeys(NAMES, NOW.key))
    assert not [name for name, cells_of in everybody.items() if UNANSWERED in cells_of]


def test_the_ledger_keeps_what_is_known_of_them_and_hides_nothing_on_their_account() -> None:
    for without in (3, 40):
        counts = counted(**{APPOINTED: cells((210, 60), (95, 20), unanswered=without)})
        shown = protected(counts)
        ledger = ledger_of(counts, shown, PEOPLE)
        kept = ledger.with_columns(audience=pl.lit("published"), quarter=pl.lit(NOW.key), vintage=pl.lit(1))
        unanswered = PEOPLE[APPOINTED][UNANSWERED]
        naming = Naming(asked_in(ledger), columns_of_all(vocabulary_of(CATALOGUE)), {}, {})
        assert told_by(kept, NEXT, naming)[unanswered] == told_in(shown, PEOPLE)[unanswered]
        assert not told_by(kept, NEXT, naming)[unanswered].hidden
        assert counted_the_same(ledger, counts, PEOPLE, naming)
        one_more = counts.with_columns(unanswered=pl.col("unanswered") + 1)
        assert not counted_the_same(ledger, one_more, PEOPLE, naming)
        assert unanswered_in(counts, PEOPLE) == {unanswered: without}


def test_counts_kept_before_this_was_known_are_read_without_it() -> None:
    shown = protected(counted(**{APPOINTED: cells((210, 60), (95, 20), unanswered=40)}))
    of_before = shown.drop(f"unanswered_{end}" for end in ("shown", "low", "high"))
    assert lacking_answers(of_before, INDICATORS) == []
    assert PEOPLE[APPOINTED][UNANSWERED] in told_in(shown, PEOPLE)
    assert PEOPLE[APPOINTED][UNANSWERED] not in told_in(of_before, PEOPLE)


@pytest.mark.parametrize("name", NAMES[1:])
def test_each_names_those_who_did_not_answer_apart_from_all_others(name: str) -> None:
    unanswered = PEOPLE[name][UNANSWERED]
    domain = unanswered.region.domain
    assert not unanswered.region.is_nobody
    for cell, each in PEOPLE[name].items():
        apart = domain.within(unanswered.region, each.region).is_nobody
        assert apart is (cell != UNANSWERED), cell
