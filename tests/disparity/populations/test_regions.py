"""Regions: sets of rows are equal where they are the same rows, and what adds up of them is true and complete."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from disparity.catalogue.indicators import ALL
from disparity.populations import regions
from disparity.populations.regions import (
    Classes,
    Domain,
    Name,
    Region,
    Relation,
    TooManyClasses,
)
from invented_people import domain_of

Row = Mapping[str, object]
Truth = Callable[[Row], bool | None]

CLASSES = {
    "flag": Classes(("false", "true", "not recorded"), pl.Series([False, True, None])),
    "band": Classes(("low", "mid", "high"), pl.Series(["low", "mid", "high"])),
    "hours": Classes(("few", "37", "many"), pl.Series([20.0, 37.0, 40.0])),
}
EVERY_ROW = [
    dict(zip(CLASSES, values, strict=True))
    for values in itertools.product(*(each.values.to_list() for each in CLASSES.values()))
]
"""Rows are told apart by a flag that may be blank, a text and a number: 27 kinds in all."""


# ------------------------------------------------------------------------- predicates, and what they say of one row


def _equals(column: str, value: object) -> Truth:
    return lambda row: None if row[column] is None else row[column] == value


def _above(column: str, value: float) -> Truth:
    return lambda row: row[column] > value  # type: ignore[operator]


def _not(one: Truth) -> Truth:
    return lambda row: None if (answer := one(row)) is None else not answer


def _and(one: Truth, other: Truth) -> Truth:
    def both(row: Row) -> bool | None:
        answers = {one(row), other(row)}
        return False if False in answers else None if None in answers else True

    return both


def _or(one: Truth, other: Truth) -> Truth:
    return _not(_and(_not(one), _not(other)))


LEAVES: list[tuple[str, Truth]] = [
    ("flag", _equals("flag", True)),
    ("flag IS NULL", lambda row: row["flag"] is None),
    *((f"band = '{each}'", _equals("band", each)) for each in ("low", "mid", "high")),
    ("band IN ('low', 'mid')", _or(_equals("band", "low"), _equals("band", "mid"))),
    ("hours > 37", _above("hours", 37)),
    ("hours >= 37", _or(_above("hours", 37), _equals("hours", 37))),
]
PREDICATES = st.recursive(
    st.sampled_from(LEAVES),
    lambda inner: st.one_of(
        inner.map(lambda one: (f"NOT ({one[0]})", _not(one[1]))),
        st.tuples(inner, inner).map(
            lambda two: (f"({two[0][0]}) AND ({two[1][0]})", _and(two[0][1], two[1][1]))
        ),
        st.tuples(inner, inner).map(
            lambda two: (f"({two[0][0]}) OR ({two[1][0]})", _or(two[0][1], two[1][1]))
        ),
    ),
    max_leaves=5,
)
OFFERED_IS_SHORTLISTED = (~pl.col("flag") | (pl.col("hours") > 20.0),)
"""A rule of the dataset: whoever has the flag has more than few hours."""


def _rule_holds(row: Row) -> bool:
    return not row["flag"] or row["hours"] > 20.0  # type: ignore[operator]


def true_of(truth: Truth, rows: Sequence[Row]) -> frozenset[int]:
    return frozenset(at for at, row in enumerate(rows) if truth(row) is True)


def made_of(region: Region, rows: Sequence[Row]) -> frozenset[int]:
    """Return the places of those rows that a region holds, by the labels that it is made of."""
    label_of = {
        name: dict(zip(each.values.to_list(), each.labels, strict=True)) for name, each in CLASSES.items()
    }
    return frozenset(
        at
        for at, row in enumerate(rows)
        if tuple(label_of[each][row[each]] for each in region.columns) in region.rows
    )


def domain(*predicates: str, rules: Sequence[pl.Expr] = (), breakdowns: Sequence[str] = ()) -> Domain:
    return Domain(CLASSES, rules, breakdowns, [frozenset({each}) for each in predicates])


@settings(max_examples=300, deadline=None)
@given(PREDICATES, PREDICATES, st.booleans())
def test_predicates_have_one_region_if_and_only_if_they_are_true_of_the_same_rows(
    one: tuple[str, Truth], other: tuple[str, Truth], ruled: bool
) -> None:
    there = domain(rules=OFFERED_IS_SHORTLISTED if ruled else ())
    rows = [row for row in EVERY_ROW if not ruled or _rule_holds(row)]
    first, second = there.where({one[0]}), there.where({other[0]})
    rows_of_first, rows_of_second = true_of(one[1], rows), true_of(other[1], rows)
    assert made_of(first, rows) == rows_of_first
    assert (first == second) is (rows_of_first == rows_of_second)
    assert there.holds(first, second) is (rows_of_first >= rows_of_second)
    assert made_of(there.within(first, second), rows) == rows_of_first & rows_of_second
    assert made_of(there.less(first, second), rows) == rows_of_first - rows_of_second
    assert there.less(first, second).is_nobody is (rows_of_first <= rows_of_second)


@settings(max_examples=150, deadline=None)
@given(PREDICATES, st.booleans())
def test_a_name_is_of_one_level_where_the_rows_are_and_gives_the_rows_back(
    one: tuple[str, Truth], ruled: bool
) -> None:
    there = domain(rules=OFFERED_IS_SHORTLISTED if ruled else (), breakdowns=("band",))
    rows = [row for row in EVERY_ROW if not ruled or _rule_holds(row)]
    name, found = there.named(there.where({one[0]})), true_of(one[1], rows)
    assert made_of(there.whole(name), rows) == found
    levels = {str(rows[at]["band"]) for at in found}
    assert ({name.level} if name.breakdown == "band" else set()) == (levels if len(levels) == 1 else set())


# ------------------------------------------------------------------------- what adds up


def _contexts() -> list[tuple[str, str]]:
    return [(ALL, ALL), *(("band", each) for each in CLASSES["band"].labels)]


def _known(there: Domain, context: tuple[str, str]) -> tuple[int, ...]:
    return tuple(at for at, each in enumerate(there.of_wholes(*context)) if each is not None)


def _count(there: Domain, name: Name, counts: Sequence[int], rows: Sequence[Row]) -> int:
    return sum(counts[at] for at in made_of(there.whole(name), rows))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(PREDICATES, min_size=1, max_size=4), st.booleans(), st.data())
def test_every_relation_is_true_of_any_rows(
    asked: list[tuple[str, Truth]], ruled: bool, data: st.DataObject
) -> None:
    rules = OFFERED_IS_SHORTLISTED if ruled else ()
    there = domain(*(each for each, _ in asked), rules=rules, breakdowns=("band",))
    rows = [row for row in EVERY_ROW if not ruled or _rule_holds(row)]
    counts = data.draw(st.lists(st.integers(0, 9), min_size=len(rows), max_size=len(rows)))
    for context in _contexts():
        for whole, parts in there.relations(context, _known(there, context)):
            assert _count(there, whole, counts, rows) == sum(
                _count(there, part, counts, rows) for part in parts
            )
            assert not there.whole(whole).is_nobody
        for wider, narrower, rest in there.nested(context, _known(there, context)):
            of = there.of_wholes(*context)
            held = [_count(there, name, counts, rows) for at in (wider, narrower) if (name := of[at])]
            assert held[0] - held[1] == _count(there, rest, counts, rows)


MOST = 2


def _allowed_by(relations: Sequence[Relation], wholes: Sequence[Name]) -> set[tuple[int, ...]]:
    """Return what counts of wholes can be by the relations alone, everyone at most `MOST`: tried one after another."""
    names = [*dict.fromkeys([*wholes, *(each for whole, parts in relations for each in (whole, *parts))])]
    place = {name: at for at, name in enumerate(names)}
    lines = [(place[whole], [place[each] for each in parts]) for whole, parts in relations]
    last_of: dict[int, list[tuple[int, list[int]]]] = {}
    for whole, parts in lines:
        last_of.setdefault(max(whole, *parts), []).append((whole, parts))

    def tried(values: list[int]) -> Iterator[tuple[int, ...]]:
        if len(values) == len(names):
            yield tuple(values[: len(wholes)])
            return
        for value in range(MOST + 1):
            values.append(value)
            if all(
                values[whole] == sum(values[each] for each in parts)
                for whole, parts in last_of.get(len(values) - 1, ())
            ):
                yield from tried(values)
            values.pop()

    return set(tried([]))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(PREDICATES, min_size=1, max_size=2), st.booleans())
@example([(each, truth) for each, truth in LEAVES if each in ("flag", "hours >= 37")], True)
def test_what_the_relations_leave_open_is_what_some_rows_could_be(
    asked: list[tuple[str, Truth]], ruled: bool
) -> None:
    """Complete: of up to two of everybody, no counts are left that no rows have.

    By the rule alone whoever has the flag is among those of 37 hours or more, which no column of both says.
    """
    rules = OFFERED_IS_SHORTLISTED if ruled else ()
    there = domain(*(each for each, _ in asked), rules=rules)
    rows = [row for row in EVERY_ROW if not ruled or _rule_holds(row)]
    wholes = [each for each in there.of_wholes(ALL, ALL) if each is not None]
    kinds = {tuple(at in made_of(there.whole(each), rows) for each in wholes) for at in range(len(rows))}
    true = {
        tuple(sum(column) for column in zip(*those, strict=True)) if those else (0,) * len(wholes)
        for size in range(MOST + 1)
        for those in itertools.combinations_with_replacement(sorted(kinds), size)
    }
    assert _allowed_by(there.relations((ALL, ALL), _known(there, (ALL, ALL))), wholes) == true


def test_three_sets_that_only_overlap_are_cut_into_their_parts() -> None:
    there = domain_of([("a",), ("b",), ("a OR b",)])
    names = {each: there.named(there.where({each})) for each in ("a", "b", "a OR b")}
    relations = dict.fromkeys(there.relations((ALL, ALL), (0, 1, 2, 3)))
    both, a_alone, b_alone = (
        there.named(there.where({each})) for each in ("a AND b", "a AND NOT b", "b AND NOT a")
    )
    as_sets = {(whole, frozenset(parts)) for whole, parts in relations}
    assert (names["a"], frozenset({both, a_alone})) in as_sets
    assert (names["a OR b"], frozenset({both, a_alone, b_alone})) in as_sets
    assert len(as_sets) == len(relations), "each once"


def test_a_set_and_what_is_left_make_the_whole_once_though_both_are_asked_for() -> None:
    there = domain_of([("a",), ("NOT a",)])
    ((whole, parts),) = there.relations((ALL, ALL), (0, 1, 2))
    assert whole == there.named(there.everybody)
    assert set(parts) == {there.named(there.where({each})) for each in ("a", "NOT a")}


def test_sets_that_have_no_column_in_common_say_nothing_of_each_other() -> None:
    there = domain_of([("a",), ("b",)])
    for _, parts in there.relations((ALL, ALL), (0, 1, 2)):
        assert len({each for part in parts for each in there.whole(part).columns}) == 1


# ------------------------------------------------------------------------- levels


LEVELS = {"band": ("Band 5", "Band 6", "Band 7"), "site": ("north", "south")}


def test_what_is_true_of_one_level_alone_is_that_level() -> None:
    there = domain_of([("senior",)], LEVELS)
    manage = there.named(there.where({"band IN ('Band 7')"}))
    assert (
        manage
        == there.of_row(there.named(there.everybody), "band", "Band 7")
        == Name(there.everybody, "band", "Band 7")
    )
    senior = there.named(there.where({"senior", "NOT (band <> 'Band 7')"}))
    assert senior == there.of_row(there.named(there.where({"senior"})), "band", "Band 7")


def test_a_set_within_levels_of_two_breakdowns_has_one_name_whoever_asks() -> None:
    there = domain_of([()], LEVELS)
    whole = there.named(there.everybody)
    by_band = there.of_row(there.of_row(whole, "band", "Band 5"), "site", "north")
    by_site = there.of_row(there.of_row(whole, "site", "north"), "band", "Band 5")
    assert by_band == by_site
    assert by_band.breakdown == "band"


def test_everybody_elsewhere_and_the_level_make_the_whole() -> None:
    there = domain_of([("senior",)], LEVELS)
    senior = there.named(there.where({"senior"}))
    level, elsewhere = (there.of_row(senior, "band", "Band 5", elsewhere=each) for each in (False, True))
    assert there.elsewhere(elsewhere) == (senior, (level, elsewhere))
    assert there.elsewhere(level) is None
    assert there.whole(elsewhere) == there.where({"senior", "band <> 'Band 5'"})


def test_of_two_levels_those_elsewhere_are_the_other() -> None:
    there = domain_of([()], LEVELS)
    whole = there.named(there.everybody)
    assert there.of_row(whole, "site", "north", elsewhere=True) == there.of_row(whole, "site", "south")


def test_a_set_is_divided_into_the_levels_that_anybody_can_be_in() -> None:
    there = domain_of([()], LEVELS)
    low = there.named(there.where({"band <> 'Band 7'"}))
    assert [each.level for each in there.divided(low, "band")] == ["Band 5", "Band 6"]


def test_those_of_a_level_known_to_lie_within_another_and_the_rest_make_the_other() -> None:
    made = domain_of([()], LEVELS)
    there = Domain(
        {by: Classes(of, pl.Series(list(of))) for by, of in LEVELS.items()},
        breakdowns=LEVELS,
        within={("band", "Band 5"): (("site", "north"),)},
    )
    assert list(made.coinciding(Name(made.everybody, "band", "Band 5"))) == []
    five = Name(there.everybody, "band", "Band 5")
    ((north, (held, rest)),) = there.coinciding(five)
    assert (north, held) == (Name(there.everybody, "site", "north"), five)
    assert there.whole(rest) == there.where({"site = 'north'", "band <> 'Band 5'"})


# ------------------------------------------------------------------------- conditions


@pytest.mark.parametrize(
    ("what", "flags"),
    [
        ("TRUE", {True}),
        ("IS UNKNOWN", {None}),
        ("IS NOT UNKNOWN", {True, False}),
        ("IS NOT TRUE", {False, None}),
        ("IS NOT FALSE", {True, None}),
    ],
)
def test_what_is_made_of_an_answer_that_may_be_lacking(what: str, flags: set[bool | None]) -> None:
    there = domain()
    found = there.where({"flag" if what == "TRUE" else f"(flag) {what}"})
    assert {EVERY_ROW[at]["flag"] for at in made_of(found, EVERY_ROW)} == flags


def test_a_condition_that_stands_for_a_predicate_is_that() -> None:
    there = Domain(CLASSES, meant={"had it": "flag"})
    assert there.where({"had it"}) == there.where({"flag"})


def test_the_first_words_that_a_set_was_asked_for_in_are_kept() -> None:
    there = domain("NOT (flag IS NULL)")
    name = there.named(there.where({"flag IS NOT NULL"}))
    wording = there.wording(name)
    assert wording is not None
    assert wording.conditions == {"NOT (flag IS NULL)"}
    assert there.wording(there.named(there.less(there.everybody, there.where({"hours > 37"})))) is None


def test_too_many_classes_are_refused_with_their_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    labels = tuple(map(str, range(600)))
    wide = Classes(labels, pl.Series(list(range(600))))
    there = Domain({"x": wide, "y": wide, "z": wide})
    assert there.where({"x = 1"}) != there.where({"y = 1"}), "each by itself is few"
    with pytest.raises(TooManyClasses, match="x, y"):
        there.where({"x = 1", "y = 1"})
    monkeypatch.setattr(regions, "MOST_CLASSES", 360_000)
    assert there.where({"x = 1", "y = 1"}).rows == {("1", "1")}
    asked = Domain(
        {"x": wide, "y": wide, "z": wide}, wholes=map(frozenset, [{"x = 1", "y = 1"}, {"y = 2 OR z = 1"}])
    )
    with pytest.raises(TooManyClasses, match="x, y, z"):
        asked.check()


def test_a_region_is_the_same_in_another_domain_and_as_text() -> None:
    one, other = domain("flag"), domain("hours > 37", rules=())
    assert one.where({"flag"}) == other.where({"flag"})
    assert repr(one.where({"flag", "band = 'low'"})) == repr(other.where({"band = 'low'", "flag"}))
    assert len({one.where({"flag"}), other.where({"flag"})}) == 1
    assert np.all([one.everybody == other.everybody, one.where({"flag"}) != "flag"])


def test_a_set_that_only_follows_is_read_back_by_its_text_and_stays_one_that_nobody_asked_for() -> None:
    domain = domain_of([("shortlisted",), ("declined",)])
    left = domain.less(domain.where({"shortlisted"}), domain.where({"declined"}))
    assert domain.wording(domain.named(left)) is None
    for each in (left, domain.everybody):
        assert domain.where({str(each)}) == each
    assert domain.wording(domain.named(left)) is None
