"""The attacker against enumeration: every whole table of a small system, one by one."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.optimize import OptimizeResult, milp

from disparity.catalogue.indicators import ALL
from disparity.disclosure.additivity import Bounds, Tables
from disparity.disclosure.attacker import (
    EXPOSED,
    NOT_ASKED,
    SAFE,
    UNPROVED,
    Contradiction,
    proof_of,
    range_of,
)
from invented_people import everybody

Sum = Sequence[tuple[int, int]]
"""Numbers of counts, each with its sign; together they come to nought."""


def tables_of(size: int, sums: Sequence[Sum], levels: Sequence[tuple[str, str]] = ()) -> Tables:
    """Return tables of so many counts; of the first of them breakdown and level are given."""
    terms = [(at, number, sign) for at, each in enumerate(sums) for number, sign in each]
    columns = [np.array(column, np.int64) for column in zip(*terms, strict=True)] or [
        np.zeros(0, np.int64)
    ] * 3
    of_levels = [*levels, *[(ALL, ALL)] * (size - len(levels))]
    anybody = everybody("")
    names = {
        anybody._replace(dataset=str(at), breakdown=by, level=level): at
        for at, (by, level) in enumerate(of_levels)
    }
    return Tables(names, *columns)


def bounds_of(pairs: Sequence[tuple[int, int]]) -> Bounds:
    low, high = np.array(pairs, np.int64).T
    return Bounds(low, high)


def whole_tables(sums: Sequence[Sum], told: Sequence[tuple[int, int]]) -> np.ndarray:
    """Return every whole table there is."""
    every = itertools.product(*(range(low, high + 1) for low, high in told))
    kept = [each for each in every if all(sum(sign * each[at] for at, sign in one) == 0 for one in sums)]
    return np.array(kept, np.int64).reshape(len(kept), len(told))


def triangle() -> tuple[Tables, Bounds]:
    """Three counts of whom every two add up to a number told: 5, 6 and 7, so they are 3, 2 and 4."""
    sums = [[(0, 1), (1, 1), (3, -1)], [(1, 1), (2, 1), (4, -1)], [(0, 1), (2, 1), (5, -1)]]
    return tables_of(6, sums), bounds_of([(0, 9)] * 3 + [(5, 5), (6, 6), (7, 7)])


def test_what_several_sums_tell_together_is_found_where_one_by_one_they_tell_little() -> None:
    tables, told = triangle()
    low, high = tables.narrowed(*told)
    assert (high - low)[:3].min() >= 4, "sum by sum each is left five values"
    proof = proof_of(tables, told, np.array([5, 5, 5, 0, 0, 0]), 60)
    assert proof.state.tolist() == [EXPOSED] * 3 + [NOT_ASKED] * 3
    assert [range_of(tables, told, at) for at in range(3)] == [(3, 3), (2, 2), (4, 4)]


def test_whole_people_tell_more_than_halves_would() -> None:
    """Twice a count and one that is told make an odd number: by halves there is a table, by people there is none."""
    tables = tables_of(3, [[(0, 1), (1, 1), (2, -1)], [(0, 1), (1, -1)]])
    told = bounds_of([(0, 9), (0, 9), (5, 8)])
    assert [range_of(tables, told, at) for at in (0, 2)] == [(3, 4), (6, 8)]
    assert proof_of(tables, told, np.array([3, 0, 3]), 60).state.tolist() == [EXPOSED, NOT_ASKED, SAFE]


# sdcTable's tests/testthat/test-simpleheuristic.R: every line has two hidden cells (None) or more, and one of them is 47.
HIDDEN_IN_EVERY_LINE = [
    [None, None, None, 89, 230],
    [None, 124, None, 31, 250],
    [92, None, 59, None, 336],
    [800, None, 651, None, 3127],
    [1012, 1262, 779, 890, 3943],
]


def test_two_hidden_cells_in_every_line_are_not_enough() -> None:
    rows, columns = len(HIDDEN_IN_EVERY_LINE), len(HIDDEN_IN_EVERY_LINE[0])
    cells = [
        (count, count) if count is not None else (0, 3943) for row in HIDDEN_IN_EVERY_LINE for count in row
    ]
    lines = [[at * columns + each for each in range(columns)] for at in range(rows)]
    lines += [[each * columns + at for each in range(rows)] for at in range(columns)]
    tables = tables_of(len(cells), [[*((at, 1) for at in parts), (whole, -1)] for *parts, whole in lines])
    told = bounds_of(cells)
    low, high = tables.narrowed(*told)
    assert (low[1], high[1]) == (0, 116), "line by line nobody sees it"
    assert range_of(tables, told, 1) == (47, 47)
    hidden = [at for at, (low, high) in enumerate(cells) if low < high]
    proof = proof_of(tables, told, np.array([5 if at in hidden else 0 for at in range(len(cells))]), 60)
    assert [at for at in hidden if proof.state[at] != SAFE] == [1]
    assert proof.state[1] == EXPOSED
    assert {at: range_of(tables, told, at) for at in (0, 2, 5, 7)} == {
        0: (25, 94),
        2: (0, 69),
        5: (26, 95),
        7: (0, 69),
    }


@st.composite
def systems(draw: st.DrawFn) -> tuple[list[list[tuple[int, int]]], list[tuple[int, int]]]:
    """A few counts and sums of which at least one whole table is a solution."""
    size = draw(st.integers(2, 6))
    truth = draw(st.lists(st.integers(0, 5), min_size=size, max_size=size))
    counts, sums = list(truth), []
    for _ in range(draw(st.integers(0, 3))):
        parts = draw(st.lists(st.integers(0, size - 1), min_size=2, max_size=size, unique=True))
        sums.append([(at, 1) for at in parts] + [(len(counts), -1)])
        counts.append(sum(truth[at] for at in parts))
    told = []
    for at, count in enumerate(counts):
        below, above = draw(st.integers(0, 2)), draw(st.integers(0, 2 if at < size else 1))
        told.append((max(0, count - below), count + above))
    return sums, told


@settings(max_examples=60, deadline=None)
@given(systems(), st.integers(1, 5))
def test_a_proof_says_what_enumeration_says(
    system: tuple[list[list[tuple[int, int]]], list[tuple[int, int]]], wanted: int
) -> None:
    sums, told = system
    every = whole_tables(sums, told)
    least, greatest = every.min(axis=0), every.max(axis=0)
    tables, bounds = tables_of(len(told), sums), bounds_of(told)
    proof = proof_of(tables, bounds, np.full(len(told), wanted), 60)
    np.testing.assert_array_equal(proof.state, np.where(greatest - least + 1 >= wanted, SAFE, EXPOSED))
    assert np.all((proof.low <= least) & (greatest <= proof.high))
    told_apart = proof.least <= proof.greatest
    assert np.all((least <= proof.least) & (proof.greatest <= greatest), where=told_apart)
    assert range_of(tables, bounds, 0) == (least[0], greatest[0])


LEVELS = st.lists(st.sampled_from([("band", "1"), ("band", "2"), ("site", "1"), (ALL, ALL)]), max_size=6)


@pytest.mark.parametrize("hardly", [1.0, 0.05], ids=["each once", "again and again"])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(system=systems(), levels=LEVELS, wanted=st.integers(1, 5))
def test_what_stays_as_it_is_meanwhile_changes_no_proof(
    hardly: float,
    system: tuple[list[list[tuple[int, int]]], list[tuple[int, int]]],
    levels: list[tuple[str, str]],
    wanted: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Breakdowns move one by one, and levels are looked at by themselves: what is proved is of all sums together."""
    monkeypatch.setattr("disparity.disclosure.attacker._HARDLY", hardly)
    sums, told = system
    every = whole_tables(sums, told)
    least, greatest = every.min(axis=0), every.max(axis=0)
    tables = tables_of(len(told), sums, levels[: len(told)])
    proof = proof_of(tables, bounds_of(told), np.full(len(told), wanted), 60)
    np.testing.assert_array_equal(proof.state, np.where(greatest - least + 1 >= wanted, SAFE, EXPOSED))
    assert np.all((proof.low <= least) & (greatest <= proof.high))


def test_what_fractions_expose_by_the_sums_of_a_level_needs_no_program_in_whole_numbers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The triangle is of one level, and one of its counts stands in a sum with another level too."""
    tables, told = triangle()
    sums = [[(0, 1), (1, 1), (3, -1)], [(1, 1), (2, 1), (4, -1)], [(0, 1), (2, 1), (5, -1)]]
    sums.append([(0, 1), (6, 1), (7, -1)])
    levels = [("band", "1")] * 6 + [("band", "2")] * 2
    tables = tables_of(8, sums, levels)
    told = bounds_of([*zip(*map(np.ndarray.tolist, told), strict=True), (0, 9), (5, 20)])
    sizes = []

    def solved(costs: np.ndarray, *, integrality: np.ndarray, **program: Any) -> OptimizeResult:
        sizes.append((len(costs), bool(integrality.all())))
        return milp(costs, integrality=integrality, **program)

    monkeypatch.setattr("disparity.disclosure.integer_programs.milp", solved)
    proof = proof_of(tables, told, np.array([5, 5, 5, 0, 0, 0, 0, 0]), 60)
    assert proof.state[:3].tolist() == [EXPOSED] * 3
    assert 3 in [size for size, _ in sizes]
    assert not any(of_people for _, of_people in sizes)


def test_what_cannot_be_small_is_safe_and_is_not_attacked(monkeypatch: pytest.MonkeyPatch) -> None:
    tables, told = triangle()
    proof = proof_of(tables, told, np.array([5, 5, 5, 2, 0, 0]), 60, small_below=5)
    assert proof.state.tolist() == [EXPOSED] * 3 + [SAFE, NOT_ASKED, NOT_ASKED]
    monkeypatch.setattr(
        "disparity.disclosure.integer_programs.milp", lambda *_, **__: pytest.fail("a program was solved")
    )
    proof = proof_of(tables, told, np.array([5, 5, 5, 0, 0, 0]), 60, small_below=0)
    assert proof.state.tolist() == [SAFE] * 3 + [NOT_ASKED] * 3


def test_without_time_nothing_is_called_proved_that_is_not() -> None:
    tables, told = triangle()
    proof = proof_of(tables, told, np.array([5, 5, 8, 0, 0, 0]), 0)
    assert proof.state.tolist() == [UNPROVED, UNPROVED, EXPOSED, NOT_ASKED, NOT_ASKED, NOT_ASKED]


def test_when_time_is_over_a_count_one_value_short_is_not_called_safe(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Time for one program each way: they find 0 and 3 of a count that could be 0 to 9."""
    found = iter([[3], [0]])
    limits = []

    def solved(*_: object, options: dict[str, float], **__: object) -> OptimizeResult:
        limits.append(options["time_limit"])
        table = next(found, None)
        return OptimizeResult(
            status=1, x=None if table is None else np.array([*table, 9 - table[0]]), mip_dual_bound=None
        )

    monkeypatch.setattr("disparity.disclosure.integer_programs.milp", solved)
    tables = tables_of(3, [[(0, 1), (1, 1), (2, -1)]])
    told = bounds_of([(0, 9), (0, 9), (9, 9)])
    proof = proof_of(tables, told, np.array([5, 0, 0]), 60)
    assert proof.state.tolist() == [UNPROVED, NOT_ASKED, NOT_ASKED]
    assert (proof.least[0], proof.greatest[0]) == (0, 3)
    assert 0 < min(limits) <= max(limits) <= 60


@pytest.mark.parametrize("table", [(9, 9), (10, -1)], ids=["breaks a sum", "is outside an interval"])
def test_a_table_that_is_none_is_no_proof(table: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    tables = tables_of(3, [[(0, 1), (1, 1), (2, -1)]])
    found = iter([(0, 9), table])

    def solved(costs: np.ndarray, **_: object) -> OptimizeResult:
        # A least move is sought with two numbers a count: none is found.
        x = np.array(next(found, (0, 9))) if len(costs) == 2 else None
        return OptimizeResult(status=1, x=x, mip_dual_bound=None)

    monkeypatch.setattr("disparity.disclosure.integer_programs.milp", solved)
    proof = proof_of(tables, bounds_of([(0, 9), (0, 9), (9, 9)]), np.array([5, 0, 0]), 60)
    assert proof.state[0] == UNPROVED
    assert proof.greatest[0] == 0


def test_the_same_system_has_the_same_proof() -> None:
    tables, told = triangle()
    first, second = (proof_of(tables, told, np.full(6, 2), 60) for _ in range(2))
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("last", [(8, 8), (30, 40)], ids=["of several sums", "of one"])
def test_what_no_table_keeps_is_said_to_contradict_itself(last: tuple[int, int]) -> None:
    sums = [[(0, 1), (1, 1), (3, -1)], [(1, 1), (2, 1), (4, -1)], [(0, 1), (2, 1), (5, -1)]]
    told = bounds_of([(0, 9)] * 3 + [(5, 5), (6, 6), last])
    with pytest.raises(Contradiction):
        proof_of(tables_of(6, sums), told, np.array([2, 2, 2, 0, 0, 0]), 60)


def test_values_beyond_a_gap_are_values_too() -> None:
    """Twice one count, twice another and a third make 11: the third is 1 or 3, and never 2."""
    number_of = {everybody(name): at for at, name in enumerate("abcd")}
    tables = Tables(
        number_of, np.zeros(6, np.int64), np.array([0, 0, 1, 1, 2, 3]), np.array([1, 1, 1, 1, 1, -1])
    )
    told = Bounds(np.array([1, 1, 1, 11]), np.array([3, 3, 3, 11]))
    proof = proof_of(tables, told, np.array([0, 0, 2, 0]), 60)
    assert proof.state[2] == SAFE
    assert range_of(tables, told, 2) == (1, 3)
