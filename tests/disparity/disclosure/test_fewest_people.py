"""Suppression against enumeration: every choice of what to hide in a small system, one by one."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from random import Random
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from scipy.optimize import OptimizeResult, milp

from disparity.disclosure.additivity import Bounds, Tables
from disparity.disclosure.attacker import (
    EXPOSED,
    SAFE,
    UNPROVED,
    Contradiction,
    Proof,
    proof_of,
    range_of,
)
from disparity.disclosure.fewest_people import Choice, fewest_hidden
from disparity.disclosure.released_counts import BEYOND
from invented_people import everybody

ANYBODY = everybody("")

Sum = Sequence[tuple[int, int]]
"""Numbers of counts, each with its sign; together they come to nought."""


class Release(NamedTuple):
    """True counts and what adds up; those of 1 to ``threshold`` - 1 are secret, and are to be left so many values.

    What is told may be that far off, and some counts are told nowhere.
    """

    true: tuple[int, ...]
    sums: tuple[Sum, ...]
    threshold: int = 4
    wanted: int = 3
    beyond: int = BEYOND
    off_by: int = 0
    untold: frozenset[int] = frozenset()

    @property
    def counts(self) -> np.ndarray:
        return np.array(self.true, np.int64)

    @property
    def secret(self) -> np.ndarray:
        return (self.counts > 0) & (self.counts < self.threshold) & self.is_told

    @property
    def is_told(self) -> np.ndarray:
        return ~np.isin(np.arange(len(self.true)), list(self.untold))

    @property
    def can_hide(self) -> np.ndarray:
        return self.is_told & (self.counts > 0) & ~self.secret

    @property
    def tables(self) -> Tables:
        terms = [(at, number, sign) for at, each in enumerate(self.sums) for number, sign in each]
        columns = [np.array(column, np.int64) for column in zip(*terms, strict=True)] or [
            np.zeros(0, np.int64)
        ] * 3
        return Tables({ANYBODY._replace(dataset=str(at)): at for at in range(len(self.true))}, *columns)

    def shown(self, hidden: np.ndarray) -> Bounds:
        """Return what a reader knows of each count where some that are not small are hidden too."""
        true, hidden = self.counts, hidden & self.can_hide
        off_by = np.where(true > 0, self.off_by, 0)
        of_any_size = hidden | ~self.is_told
        low = np.select([self.secret | hidden, ~self.is_told], [1, 0], np.maximum(true - off_by, true > 0))
        high = np.select([self.secret, of_any_size], [self.threshold - 1, self.beyond], true + off_by)
        return Bounds(low, high)

    @property
    def asked(self) -> tuple[Tables, Bounds, Bounds, np.ndarray, np.ndarray]:
        nothing = np.zeros(len(self.true), bool)
        wanted = np.where(self.secret, self.wanted, 0)
        return self.tables, self.shown(nothing), self.shown(~nothing), wanted, self.counts

    def chosen(self, seconds: float = 60) -> Choice:
        return fewest_hidden(*self.asked, seconds)

    def stops(self, hidden: np.ndarray) -> bool:
        """Return whether an attacker is left enough values of every secret count."""
        tables, shown = self.tables, self.shown(hidden)
        ranges = (range_of(tables, shown, int(each)) for each in np.flatnonzero(self.secret))
        return all(high - low + 1 >= self.wanted for low, high in ranges)

    def least_cost(self) -> int | None:
        """Return the cost of the cheapest of all choices that stop the attacker, if one does."""
        can = np.flatnonzero(self.can_hide)
        every = itertools.chain.from_iterable(
            itertools.combinations(can, size) for size in range(len(can) + 1)
        )
        for each in sorted(every, key=lambda some: int(self.counts[list(some)].sum())):
            hidden = np.isin(np.arange(len(self.true)), each)
            if self.stops(hidden):
                return int(self.counts[hidden].sum())
        return None


def crossed(*counts: Sequence[int], threshold: int = 4, wanted: int = 3) -> Release:
    """Return a table of rows and columns with its margins."""
    table = np.array(counts, np.int64)
    table = np.vstack([table, table.sum(axis=0)])
    table = np.column_stack([table, table.sum(axis=1)])
    number = np.arange(table.size).reshape(table.shape)
    lines = [*number.tolist(), *number.T.tolist()]
    sums = tuple([*((at, 1) for at in parts), (whole, -1)] for *parts, whole in lines)
    return Release(tuple(table.ravel().tolist()), sums, threshold, wanted)


@st.composite
def tables_of_two_ways(draw: st.DrawFn) -> Release:
    rows, columns = draw(st.sampled_from([(2, 2), (2, 3)]))
    line = st.lists(st.sampled_from([0, 1, 2, 3, 4, 5, 7, 9]), min_size=columns, max_size=columns)
    counts = draw(st.lists(line, min_size=rows, max_size=rows))
    return crossed(*counts, wanted=draw(st.integers(2, 3)))


@st.composite
def linked_systems(draw: st.DrawFn) -> Release:
    """Sums of any of a few counts; hidden ones are known to be small enough for whole numbers to matter."""
    true = draw(st.lists(st.integers(0, 6), min_size=3, max_size=5))
    parts = st.lists(st.integers(0, len(true) - 1), min_size=2, max_size=4)
    sums: list[Sum] = []
    for some in draw(st.lists(parts, min_size=1, max_size=4)):
        sums.append([*((at, 1) for at in some), (len(true), -1)])
        true.append(sum(true[at] for at in some))
    beyond, off_by = draw(st.sampled_from([40, BEYOND])), draw(st.sampled_from([0, 0, 1]))
    untold = draw(st.frozensets(st.integers(0, len(true) - 1), max_size=1))
    return Release(tuple(true), tuple(sums), 4, draw(st.integers(2, 3)), beyond, off_by, untold)


# Three of whom every two are told: each line has two that are hidden, and still they are known.
TRIANGLE = Release(
    (3, 2, 3, 5, 5, 6, 8),
    (
        [(0, 1), (1, 1), (3, -1)],
        [(1, 1), (2, 1), (4, -1)],
        [(0, 1), (2, 1), (5, -1)],
        [(0, 1), (4, 1), (6, -1)],
    ),
)


@settings(max_examples=60, deadline=None)
@given(st.one_of(tables_of_two_ways(), linked_systems()))
@example(TRIANGLE)
def test_no_choice_of_all_there_are_hides_fewer_people_and_stops_the_attacker(release: Release) -> None:
    least = release.least_cost()
    choice = release.chosen()
    assert choice.fewest
    assert choice.people == release.counts[choice.hidden].sum()
    assert not np.any(choice.hidden & ~release.can_hide)
    assert choice.short.any() == (least is None)
    if least is not None:
        assert choice.people == least
        assert release.stops(choice.hidden)


def with_time_for(programs: int) -> Callable[..., OptimizeResult]:
    """Return what solves some programs and then says that time is over."""
    left = iter(range(programs))

    def solved(*args: Any, **options: Any) -> OptimizeResult:
        is_over = next(left, None) is None
        return OptimizeResult(status=1, x=None) if is_over else milp(*args, **options)

    return solved


@settings(max_examples=60, deadline=None)
@given(st.one_of(tables_of_two_ways(), linked_systems()), st.integers(0, 1))
@example(TRIANGLE, 0)
def test_a_choice_that_was_mended_is_safe_and_not_called_the_fewest(release: Release, programs: int) -> None:
    fewest = release.chosen()
    assume(not fewest.short.any())
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("disparity.disclosure.fewest_people.milp", with_time_for(programs))
        choice = release.chosen()
    assert not choice.fewest
    assert release.stops(choice.hidden)
    assert choice.people == release.counts[choice.hidden].sum() >= fewest.people
    for each in np.flatnonzero(choice.hidden):
        assert not release.stops(choice.hidden & (np.arange(len(release.true)) != each)), "hidden in vain"


@settings(max_examples=40, deadline=None)
@given(st.one_of(tables_of_two_ways(), linked_systems()), st.randoms(use_true_random=False))
def test_the_order_of_the_counts_does_not_matter(release: Release, random: Random) -> None:
    order = list(range(len(release.true)))
    random.shuffle(order)
    sums = tuple([(order.index(at), sign) for at, sign in reversed(one)] for one in reversed(release.sums))
    untold = frozenset(map(order.index, release.untold))
    other = release._replace(true=tuple(release.true[at] for at in order), sums=sums, untold=untold)
    choice, reordered = release.chosen(), other.chosen()
    assert reordered.people == choice.people
    assert reordered.short.tolist() == choice.short[order].tolist()


# sdcTable's tests/testthat/test-simpleheuristic.R: nine cells are secret, two or more in every line, and one is exactly 47.
SDC_TABLE = [[30, 47, 64, 89], [90, 124, 5, 31], [92, 100, 59, 85], [800, 991, 651, 685]]
SECRET = [(0, 0), (0, 1), (0, 2), (1, 0), (1, 2), (2, 1), (2, 3), (3, 1), (3, 3)]


def test_two_secrets_in_every_line_take_one_count_more_and_it_is_the_least_that_helps() -> None:
    release = crossed(*SDC_TABLE)
    secret = np.isin(np.arange(25), [5 * row + column for row, column in SECRET])
    every = np.ones(25, bool)
    told = Bounds(np.where(secret, 0, release.counts), np.where(secret, 3943, release.counts))
    if_hidden = Bounds(0 * release.counts, np.where(every, 3943, 0))
    wanted = np.where(secret, 5, 0)
    before = proof_of(release.tables, told, wanted, 60)
    assert np.flatnonzero(before.state == EXPOSED).tolist() == [1]
    choice = fewest_hidden(release.tables, told, if_hidden, wanted, release.counts, 60)
    assert (np.flatnonzero(choice.hidden).tolist(), choice.people, choice.fewest) == ([8], 31, True)
    after = Bounds(*(np.where(choice.hidden, *each) for each in zip(if_hidden, told, strict=True)))
    assert set(proof_of(release.tables, after, wanted, 60).state[secret]) == {SAFE}


def test_a_secret_count_alone_in_its_lines_takes_three_more() -> None:
    release = crossed([3, 20, 30], [40, 50, 60], [70, 80, 90])
    choice = release.chosen()
    assert np.flatnonzero(choice.hidden).tolist() == [1, 4, 5]
    assert choice.people == 110
    assert range_of(release.tables, release.shown(choice.hidden), 0) == (1, 3)


def test_one_count_and_its_only_sum_are_hidden_together() -> None:
    release = Release((3, 0, 3), ([(0, 1), (1, 1), (2, -1)],))
    assert not release.chosen().hidden.any(), "both are small"
    release = Release((3, 9, 12), ([(0, 1), (1, 1), (2, -1)],))
    assert np.flatnonzero(release.chosen().hidden).tolist() == [1]


def test_a_count_that_stands_in_no_sum_takes_nothing_with_it() -> None:
    choice = Release((3, 9), ()).chosen()
    assert (choice.hidden.tolist(), choice.people, choice.fewest) == ([False, False], 0, True)


def test_where_nothing_is_secret_nothing_is_hidden() -> None:
    choice = crossed([4, 5], [6, 0]).chosen()
    assert (choice.hidden.any(), choice.people, choice.fewest, choice.short.any()) == (False, 0, True, False)


def test_noughts_are_never_hidden_and_what_nothing_helps_is_said_to_be_short() -> None:
    """Beside the secret count all others are nought, but for their sum, which must not be hidden."""
    tables, told, if_hidden, wanted, cost = Release((3, 0, 0, 3), ([(0, 1), (1, 1), (2, 1), (3, -1)],)).asked
    for known in (told, if_hidden):
        known.low[3] = known.high[3] = 3
    choice = fewest_hidden(tables, told, if_hidden, wanted, cost, 60)
    assert not choice.hidden.any()
    assert choice.short.tolist() == [True, False, False, True]


def test_a_count_left_short_whatever_is_hidden_is_left_what_can_be() -> None:
    """Its partner is known to be 8 or 9 once hidden: two values are fewer than three, and more than one."""
    tables, told, if_hidden, wanted, cost = Release((3, 9, 12), ([(0, 1), (1, 1), (2, -1)],)).asked
    if_hidden.low[1:], if_hidden.high[1:] = [9, 12], [10, 12]
    choice = fewest_hidden(tables, told, if_hidden, wanted, cost, 60)
    assert choice.hidden.tolist() == [False, True, False]
    assert choice.short.tolist() == [True, False, False]
    assert choice.fewest


def test_what_only_whole_numbers_give_away_is_hidden_from_those_who_know_that_people_are_whole() -> None:
    """Of five terms that make nought three are secret, two of them counted twice, so that the third is even: it is 2.

    By halves it would be 1 to 3.
    """
    doubled = [(0, 1), (1, 1), (1, 1), (2, -1), (2, -1), (3, 1), (4, -1)]
    assert Release((2, 2, 2, 5, 7), (doubled,)).chosen().hidden.tolist() == [False, False, False, True, False]


@pytest.mark.parametrize("order", [1, -1])
def test_a_gap_among_the_values_left_is_not_their_end(order: int) -> None:
    """Twice the one and once the other make 5: the other is 1 or 3 and never 2, which is as far apart as it can be."""
    sums = ([(0, 1), (0, 1), (1, 1), (2, -1)][::order],)
    assert not Release((2, 1, 5), sums, wanted=2).chosen().hidden.any()
    assert (
        not Release((1, 2, 5), ([(0, 1), (1, 1), (1, 1), (2, -1)][::order],), wanted=2).chosen().hidden.any()
    )


def test_what_could_not_be_proved_is_not_taken_for_safe(monkeypatch: pytest.MonkeyPatch) -> None:
    def unproved(*args: Any) -> Proof:
        proof = proof_of(*args)
        return proof._replace(state=np.where(proof.state == SAFE, UNPROVED, proof.state))

    monkeypatch.setattr("disparity.disclosure.fewest_people.proof_of", unproved)
    release = crossed([3, 20, 0], [40, 50, 60])
    choice = release.chosen(seconds=1)
    np.testing.assert_array_equal(choice.hidden, release.can_hide)
    assert not choice.fewest
    np.testing.assert_array_equal(choice.short, release.secret)


def test_when_there_is_no_time_everything_is_hidden() -> None:
    release = crossed([3, 20, 0], [40, 50, 60])
    choice = release.chosen(seconds=0)
    np.testing.assert_array_equal(choice.hidden, release.can_hide)
    assert not choice.fewest
    assert release.stops(choice.hidden)


def test_when_there_is_no_time_what_nothing_helps_is_no_obstacle() -> None:
    """Of three every two are told, which takes a program to see; nothing more can be hidden."""
    pairs = ([(0, 1), (1, 1), (3, -1)], [(1, 1), (2, 1), (4, -1)], [(0, 1), (2, 1), (5, -1)])
    release = Release((3, 2, 4, 5, 6, 7), pairs)
    secret = np.arange(6) < 3
    told = Bounds(np.where(secret, 0, release.counts), np.where(secret, 9, release.counts))
    for seconds in (0, 60):
        choice = fewest_hidden(release.tables, told, told, np.where(secret, 5, 0), release.counts, seconds)
        assert not choice.hidden.any()
        assert choice.short.tolist() == secret.tolist()
        assert choice.fewest == (seconds > 0)


def test_few_programs_are_enough_for_a_table_of_ordinary_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is learnt of one choice rules out many others."""
    asked = []

    def counted(*args: Any, **options: Any) -> OptimizeResult:
        asked.append(args)
        return milp(*args, **options)

    monkeypatch.setattr("disparity.disclosure.fewest_people.milp", counted)
    counts = np.random.default_rng(20_260_701).poisson(12, (10, 8))
    assert crossed(*counts.tolist(), threshold=10, wanted=5).chosen().fewest
    assert len(asked) <= 5


def test_the_same_system_has_the_same_choice() -> None:
    release = crossed([3, 20, 20], [20, 20, 20], [20, 20, 20])
    first, second = release.chosen(), release.chosen()
    np.testing.assert_array_equal(first.hidden, second.hidden)


def test_what_contradicts_itself_is_refused() -> None:
    tables, told, if_hidden, wanted, cost = Release((3, 9, 13), ([(0, 1), (1, 1), (2, -1)],)).asked
    with pytest.raises(Contradiction):
        fewest_hidden(tables, told, told, wanted, cost, 60)
    with pytest.raises(ValueError, match="telling it"):
        fewest_hidden(tables, if_hidden, told, wanted, cost, 60)
