"""What adds up by its meaning, and intervals narrowed by it."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disparity.catalogue.divisions import NOT_RECORDED
from disparity.disclosure.additivity import (
    Tables,
    of_missing_levels,
    seen_to_be_nobody,
    sums_over,
    tables_over,
)
from disparity.ethnicity import ETHNIC_MINORITY, UNKNOWN, WHITE
from disparity.populations.people import EVERYONE, OTHERS, edition, quarters_between
from invented_people import everybody, having

APPLIED = everybody(
    "recruitment",
    ("shortlisted",), ("NOT shortlisted",), ("shortlisted", "appointed"),
    since="2026-04-01", until="2026-04-01", ethnicity=WHITE,
    levels={"band": ("Band 5", "Band 6", "Band 7")},
)  # fmt: skip
SHORTLISTED = having(APPLIED, "shortlisted")
APPOINTED = having(APPLIED, "shortlisted", "appointed")


def test_who_is_asked_more_of_is_part_of_who_is_asked_less() -> None:
    wholes = {(whole, parts[0]) for whole, parts in sums_over([APPLIED, SHORTLISTED, APPOINTED])}
    assert wholes == {(APPLIED, SHORTLISTED), (APPLIED, APPOINTED), (SHORTLISTED, APPOINTED)}


def test_a_part_and_other_people_make_everyone_once() -> None:
    rest = having(APPLIED, "NOT shortlisted")
    ((whole, parts),) = sums_over([APPLIED, SHORTLISTED, rest])
    assert (whole, set(parts)) == (APPLIED, {SHORTLISTED, rest})


def test_three_groups_make_everyone_and_broad_groups_ethnic_minority() -> None:
    groups = [APPLIED._replace(ethnicity=each) for each in (WHITE, ETHNIC_MINORITY, UNKNOWN)]
    everyone = APPLIED._replace(ethnicity=EVERYONE)
    assert sums_over(groups) == sums_over([groups[0], groups[2], everyone]) == [(everyone, tuple(groups))]
    assert sums_over(groups[:2]) == []
    broad = [APPLIED._replace(ethnicity=each) for each in ("Asian", "Black")]
    assert (groups[1], tuple(broad)) in sums_over([*groups, *broad])


def test_of_a_share_those_who_are_not_of_its_group_are_looked_at_together() -> None:
    everyone, white, minority, unknown, others = (
        APPLIED._replace(ethnicity=each) for each in (EVERYONE, WHITE, ETHNIC_MINORITY, UNKNOWN, OTHERS)
    )
    share = (everyone, (minority, others))
    assert sums_over([everyone, minority]) == [share]
    assert sums_over([everyone, minority, unknown]) == [share, (everyone, (white, minority, unknown))]
    assert sums_over([everyone, white]) == []


def test_levels_make_the_whole_and_so_do_a_level_and_everybody_elsewhere() -> None:
    levels = [APPLIED.of_row("band", each) for each in ("Band 5", "Band 6")]
    assert sums_over([APPLIED, *levels]) == [(APPLIED, tuple(levels))]
    elsewhere = APPLIED._replace(elsewhere=True).of_row("band", "Band 5")
    assert (elsewhere.breakdown, elsewhere.elsewhere) == ("all", False)
    assert (APPLIED, (levels[0], elsewhere)) in sums_over([APPLIED, levels[0], elsewhere])
    assert sums_over(levels) == [], "without the whole nothing is known of it"


def test_quarters_make_windows_that_share_them() -> None:
    year = APPLIED._replace(since="2025-07-01")
    half = APPLIED._replace(since="2026-01-01")
    assert sums_over([year, half]) == [(each, tuple(quarters_between(each))) for each in (year, half)]
    assert APPLIED in sums_over([half])[0][1]


def test_windows_that_overlap_share_what_is_between() -> None:
    first, second = (APPLIED._replace(since=since, until=until) for since, until in (
        ("2025-04-01", "2026-01-01"), ("2025-07-01", "2026-04-01")))  # fmt: skip
    shared = APPLIED._replace(since="2025-07-01", until="2026-01-01")
    went, came = (APPLIED._replace(since=each, until=each) for each in ("2025-04-01", "2026-04-01"))
    sums = sums_over([first, second])
    assert sums[2:] == [(first, (went, shared)), (second, (shared, came))]


def test_an_earlier_edition_and_the_change_make_what_is_told_now() -> None:
    before = edition(APPLIED, "published 2026-04-01 vintage 1")
    ((whole, (part, change)),) = sums_over([APPLIED, before])
    assert (whole, part) == (APPLIED, before)
    assert change.dataset.startswith("change of")
    year = edition(APPLIED._replace(since="2025-07-01"), "published 2026-04-01 vintage 1")
    assert sums_over([APPLIED, year]) == [], "what stood before is looked at by itself"


def test_a_year_and_the_next_quarters_year_tell_the_difference_of_two_quarters() -> None:
    """Four-quarter windows published every quarter: exact figures give a quarter less the same one a year before."""
    first = APPLIED._replace(since="2025-04-01", until="2026-01-01")
    second = APPLIED._replace(since="2025-07-01", until="2026-04-01")
    went = first._replace(until="2025-04-01")
    tables = tables_over((first, second, went))
    exactly = np.array([40, 37, 5])
    size = len(tables)
    low = np.concatenate([exactly, np.zeros(size - 3, np.int64)])
    high = np.concatenate([exactly, np.full(size - 3, 10_000)])
    narrow_low, narrow_high = tables.narrowed(low, high)
    came = tables.number_of[second._replace(since="2026-04-01")]
    assert (narrow_low[came], narrow_high[came]) == (2, 2), "37 = 40 - 5 + the new quarter"


@st.composite
def systems(draw: st.DrawFn) -> tuple[Tables, np.ndarray, np.ndarray, np.ndarray]:
    """Draw a table of up to 3 by 3 with its margins, and intervals that hold it."""
    rows, columns = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    inside = np.array(draw(st.lists(st.integers(0, 4), min_size=rows * columns, max_size=rows * columns)))
    cells = {(r, c): r * columns + c for r in range(rows) for c in range(columns)}
    sums = [[cells[r, c] for c in range(columns)] for r in range(rows)]
    sums += [[cells[r, c] for r in range(rows)] for c in range(columns)]
    true = np.concatenate([inside, [inside[each].sum() for each in sums]])
    terms = [
        (at, number, sign)
        for at, parts in enumerate(sums)
        for number, sign in ((len(cells) + at, -1), *((part, 1) for part in parts))
    ]
    names = {APPLIED._replace(level=str(at)): at for at in range(len(true))}
    slack = draw(
        st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=len(true), max_size=len(true))
    )
    below, above = np.array(slack).T
    return Tables(names, *np.array(terms).T), true, np.maximum(true - below, 0), true + above


@settings(max_examples=60, deadline=None)
@given(systems(), st.data())
def test_narrowing_keeps_the_truth_and_is_the_same_from_where_something_moved(system, data) -> None:
    tables, true, low, high = system
    narrow = tables.narrowed(low, high)
    assert (narrow[0] <= true).all()
    assert (true <= narrow[1]).all()
    at = data.draw(st.integers(0, len(true) - 1))
    tighter_low, tighter_high = narrow[0].copy(), narrow[1].copy()
    tighter_low[at] = tighter_high[at] = true[at]
    whole = tables.narrowed(tighter_low, tighter_high)
    near = tables.narrowed(tighter_low, tighter_high, np.array([at]))
    assert all(np.array_equal(one, other) for one, other in zip(whole, near, strict=True))


@settings(max_examples=60, deadline=None)
@given(systems())
def test_nothing_that_is_possible_is_narrowed_away(system) -> None:
    tables, true, low, high = system
    inside = tables_inside(tables, true)
    narrow_low, narrow_high = tables.narrowed(low, high)
    for values in itertools.product(*(range(low[at], high[at] + 1) for at in inside[:4])):
        guess = true.copy()
        guess[inside[:4]] = values
        for at in range(len(inside), len(true)):
            terms = tables.terms_in(np.array([at - len(inside)]))
            guess[at] = sum(guess[each] for each in tables.number[terms] if each != at)
        if (low <= guess).all() and (guess <= high).all():
            assert (narrow_low <= guess).all()
            assert (guess <= narrow_high).all()


def tables_inside(tables: Tables, true: np.ndarray) -> list[int]:
    return [at for at in range(len(true)) if not np.any((tables.number == at) & (tables.sign < 0))]


@pytest.mark.parametrize("empty", [np.array([0, 0, 9]), np.array([5, 5, 0])])
def test_what_contradicts_itself_leaves_an_empty_interval(empty: np.ndarray) -> None:
    tables = Tables(
        {APPLIED._replace(level=str(at)): at for at in range(3)},
        np.zeros(3, np.int64),
        np.arange(3),
        np.array([1, 1, -1]),
    )
    low, high = tables.narrowed(empty, empty)
    assert (low > high).any()


def test_sums_that_do_not_hold_are_left_out() -> None:
    tables = tables_over((APPLIED, SHORTLISTED))
    known = np.array([3, 5])
    none = tables.holding(np.append(known, 0), np.append(known, 100))
    assert none.number.size == 0
    assert tables.holding(np.append(known[::-1], 0), np.append(known[::-1], 100)).number.size == 3


def test_sums_that_what_is_implied_contradicts_are_left_out() -> None:
    """The base has one more by level than in all: 6 did not fall out, and 2 and 5 of them by level."""
    told = {
        people.of_row(breakdown, level): count
        for breakdown, level, *counts in (
            ("all", "all", 10, 4),
            ("band", "Band 5", 5, 3),
            ("band", "Band 6", 6, 1),
        )
        for people, count in zip((APPLIED, SHORTLISTED), counts, strict=True)
    }
    tables = tables_over(tuple(told))
    low = np.array([*told.values(), *[0] * (len(tables) - len(told))])
    high = np.array([*told.values(), *[100] * (len(tables) - len(told))])
    held = tables.holding(low, high)
    assert np.all(np.less_equal(*held.narrowed(low, high)))
    of_sums = {
        frozenset(held.number[held.terms_in(np.array([each]))].tolist())
        for each in held.sums_with(np.arange(len(told)))
    }
    assert {1, 3, 5} in of_sums, "those shortlisted add up, and are kept"
    assert {0, 2, 4} not in of_sums


def test_a_level_without_a_row_is_nobody_and_those_left_of_it_are_seen() -> None:
    """The one person of group Other is a trustee: those who are not trustees have no row of that group."""
    staff = everybody(
        "staff_in_post", ("NOT board_member",), ethnicity=ETHNIC_MINORITY, levels={"band": ("a", "b", "c")}
    )
    others = having(staff, "NOT board_member")
    groups = ("asian", "black", "other")
    told = [staff, others, *(staff._replace(ethnicity=each) for each in groups)]
    told += [others._replace(ethnicity=each) for each in groups[:2]]
    assert of_missing_levels(told) == [others._replace(ethnicity="other")]
    trustees = having(staff, "board_member")
    sums = sums_over(tuple(tables_over(tuple(told)).number_of))
    assert (trustees, tuple(trustees._replace(ethnicity=each) for each in groups)) in sums
    levels = [staff.of_row("band", level) for level in "ab"]
    assert not of_missing_levels([staff, others, *levels]), "a breakdown that is not told at all"
    levels.append(others.of_row("band", "a"))
    lacking = others.called(staff.region.domain.of_row(others.name, "band", "b"))
    assert of_missing_levels([staff, others, *levels]) == [lacking]
    assert not of_missing_levels([staff, others, *levels, others.of_row("band", "b")])
    elsewhere = [
        each._replace(elsewhere=True).of_row("band", level)
        for each, level in ((staff, "a"), (staff, "b"), (others, "a"))
    ]
    assert not of_missing_levels([staff, others, *elsewhere]), "who is not in an empty level is everybody"


def test_a_level_without_a_row_is_nobody_of_those_alone_who_are_counted_by_it() -> None:
    white = everybody("staff_in_post", ("band = 'a'",), ethnicity=WHITE, levels={"band": ("a", "b")})
    everyone, managers = (each._replace(ethnicity=EVERYONE) for each in (white, having(white, "band = 'a'")))
    told = [white, *(white.of_row("band", level) for level in "ab"), everyone, managers]
    assert managers.breakdown == "band"
    assert not of_missing_levels(told), "no row would say how many of everyone are in another level"


def test_a_level_that_other_readers_are_told_of_is_neither_nobody_nor_left_out_of_the_whole() -> None:
    """The directors are told of staff by band, the public of managers alone and of everybody."""
    staff = everybody("staff_in_post", ("band = 'a'",), ("NOT band = 'a'",), levels={"band": ("a", "b", "c")})
    of_white = staff._replace(ethnicity=WHITE)
    for each in (staff, of_white):
        for level in "abc":
            each.of_row("band", level)
    managers = having(staff, "band = 'a'")
    told = [staff, of_white, managers, managers._replace(ethnicity=WHITE)]
    assert not of_missing_levels(told)
    assert (staff, (managers,)) not in sums_over(told)
    (rest,) = (parts for whole, parts in sums_over(told) if whole == staff)
    assert set(rest) == {managers, having(staff, "NOT band = 'a'")}


def test_who_is_divided_twice_over_is_as_many_each_time() -> None:
    staff = everybody("staff_in_post", ("manager",), ("NOT manager",), ("clinical",), ("NOT clinical",))
    managers, others, clinical, rest = (
        having(staff, each) for each in ("manager", "NOT manager", "clinical", "NOT clinical")
    )
    sums = sums_over([managers, others, clinical, rest])
    assert {(whole, frozenset(parts)) for whole, parts in sums} == {
        (staff, frozenset({managers, others})),
        (staff, frozenset({clinical, rest})),
    }
    assert (staff, (clinical, rest)) in sums_over([managers, others, clinical]), (
        "those told of are among everybody"
    )
    assert sums_over([managers, clinical]) == []


def test_those_of_a_level_are_part_of_people_who_only_follow() -> None:
    staff = everybody("staff_in_post", ("NOT senior",), ("band = 'a'",), levels={"band": ("a", "b", "c")})
    juniors, managers = having(staff, "NOT senior"), having(staff, "band = 'a'")
    seniors = having(staff, "senior")
    sums = sums_over([staff, juniors, managers, juniors.of_row("band", "a")])
    domain = staff.region.domain
    elsewhere = staff.called(domain.rest_of(seniors.name, [seniors.of_row("band", "a").name]))
    assert (seniors, (seniors.of_row("band", "a"), elsewhere)) in sums


def test_people_of_a_level_without_a_row_are_seen_to_be_nobody_whatever_else_counts_them() -> None:
    staff = everybody(
        "staff_in_post", ("board",), ("board", "band = 'a'"), ethnicity=ETHNIC_MINORITY,
        levels={"band": ("a", "b", "c")},
    )  # fmt: skip
    board, managers = having(staff, "board"), having(staff, "board", "band = 'a'")
    told = [
        each.of_row("band", level) for each, levels in ((staff, "abc"), (board, "bc")) for level in levels
    ]
    told += [staff, board, managers, managers._replace(ethnicity="asian")]
    assert managers.name == board.called(staff.region.domain.of_row(board.name, "band", "a")).name
    assert seen_to_be_nobody(told) == {managers, managers._replace(ethnicity="asian")}
    board.of_row("band", "a")
    assert not seen_to_be_nobody(told), "a row is there"


def test_those_of_whom_nobody_has_a_value_of_a_breakdown_are_nobody_in_each_level_that_others_have() -> None:
    staff = everybody("staff_in_post", ("board",), ("NOT board",), levels={"band": ("a", "b", NOT_RECORDED)})
    board, others = having(staff, "board"), having(staff, "NOT board")
    told = [staff, board, *(staff.of_row("band", level) for level in ("a", "b", NOT_RECORDED))]
    assert not of_missing_levels(told)
    without = board.of_row("band", NOT_RECORDED)
    found = of_missing_levels(told)
    assert [each.level for each in found] == ["a", "b"]
    sums = sums_over(tuple(tables_over(tuple(told)).number_of))
    (a, b), of_a = found, next(each for each in told if each.level == "a")
    made_of = {(whole, frozenset(parts)) for whole, parts in sums}
    assert (of_a, frozenset({a, others.of_row("band", "a")})) in made_of
    assert (board, frozenset({a, b, without})) in made_of, "all of them are those without"
