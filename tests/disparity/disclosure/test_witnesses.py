"""Witnesses: tables that proved counts safe are looked at again, and what no longer is a table proves nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from disparity.disclosure.additivity import Bounds, Tables, tables_over
from disparity.disclosure.attacker import EXPOSED, SAFE, Aid, proof_of
from disparity.disclosure.witnesses import Witnesses, base_of, moved_by
from disparity.populations.people import People
from invented_people import everybody

KEYS = [f"{year}-{month}-01" for year in (2020, 2021, 2022, 2023) for month in ("01", "04", "07", "10")]
YEAR = 4
ANYBODY = everybody("recruitment")
TRUE = {"white": [9, 8, 7, 9, 8, 9, 7, 8, 9, 8, 7, 9, 8, 9, 7, 8], "ethnic_minority": [1, 0, 2, 1] * 4}
WANTED = 5


def window(ethnicity: str, last: int) -> People:
    return ANYBODY._replace(since=KEYS[last - YEAR + 1], until=KEYS[last], ethnicity=ethnicity)


def reports(number: int) -> tuple[Tables, Bounds, np.ndarray, dict[People, int]]:
    """Return what so many quarterly reports of a year's counts say: White rounded, ethnic minority hidden as small."""
    true, told = {}, {}
    for last in range(YEAR - 1, YEAR - 1 + number):
        for ethnicity, counts in TRUE.items():
            people = window(ethnicity, last)
            true[people] = sum(counts[last - YEAR + 1 : last + 1])
            shown = 5 * ((true[people] + 2) // 5)
            told[people] = (1, 7) if ethnicity == "ethnic_minority" else (shown - 2, shown + 2)
    tables = tables_over(tuple(told))
    low, high = np.zeros(len(tables), np.int64), np.full(len(tables), 10_000_000)
    wanted = np.zeros(len(tables), np.int64)
    for people, (least, most) in told.items():
        at = tables.number_of[people]
        low[at], high[at] = least, most
        wanted[at] = WANTED if people.ethnicity == "ethnic_minority" else 0
    return tables, Bounds(low, high), wanted, true


def attacked(number: int, earlier: Witnesses | None = None) -> tuple[np.ndarray, Witnesses]:
    tables, told, wanted, true = reports(number)
    found: list[Witnesses] = []
    proof = proof_of(tables, told, wanted, 60, aid=Aid(Witnesses.of_truth(true, earlier), found.append))
    return proof.state[wanted > 0], found[0]


def test_the_base_is_the_truth_where_it_is_known_and_a_whole_table_everywhere() -> None:
    tables, told, _, true = reports(6)
    base = base_of(tables, told, Witnesses.of_truth(true), np.inf)
    assert base is not None
    assert {people: base[tables.number_of[people]] for people in true} == true
    of_sum = tables.sum_of(np.arange(len(tables.number)))
    totals = np.zeros(of_sum.max() + 1, np.int64)
    np.add.at(totals, of_sum, tables.sign * base[tables.number])
    assert not totals.any()


def test_a_truth_that_is_no_table_of_what_was_published_is_no_base() -> None:
    tables, told, _, true = reports(6)
    first, second = (window("white", last) for last in (3, 4))
    low, high = told.low.copy(), told.high.copy()
    quarter = tables.number_of[first._replace(since=KEYS[4], until=KEYS[4])]
    shared = tables.number_of[first._replace(since=KEYS[1])]
    low[quarter] = high[quarter] = 0
    low[shared] = high[shared] = 0
    assert base_of(tables, Bounds(low, high), Witnesses.of_truth({**true, second: 33}), np.inf) is None


def test_what_was_proved_of_the_past_is_not_sought_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the same reports nothing is sought at all; with one more, what it says nothing of is not."""
    _, found = attacked(12)
    monkeypatch.setattr(
        "disparity.disclosure.integer_programs.milp", lambda *_, **__: pytest.fail("a program was solved")
    )
    state, _ = attacked(12, found)
    assert (state == SAFE).all()


def test_with_one_report_more_what_it_says_nothing_of_stays_proved() -> None:
    _, found = attacked(12)
    tables, told, _, true = reports(13)
    known = Witnesses.of_truth(true, found)
    base = base_of(tables, told, known, np.inf)
    assert base is not None
    moves = moved_by(tables, told, base, known).toarray()
    left = np.maximum(moves, 0).max(axis=0) - np.minimum(moves, 0).min(axis=0) + 1
    assert np.all(left[[tables.number_of[window("ethnic_minority", last)] for last in range(3, 6)]] >= WANTED)


def test_a_move_that_is_no_table_any_more_proves_nothing() -> None:
    """What was proved with a hidden count is not when the count is published exactly."""
    _, found = attacked(6)
    tables, told, wanted, true = reports(6)
    low, high = told.low.copy(), told.high.copy()
    for ethnicity in TRUE:
        for last in range(YEAR - 1, YEAR + 5):
            at = tables.number_of[window(ethnicity, last)]
            low[at], high[at] = (4, 5) if wanted[at] else (low[at], high[at])
    proof = proof_of(
        tables, Bounds(low, high), wanted, 60, aid=Aid(Witnesses.of_truth(true, found), lambda _: None)
    )
    assert (proof.state[wanted > 0] == EXPOSED).all()


def test_truth_and_witnesses_change_no_verdict() -> None:
    tables, told, wanted, _ = reports(8)
    without = proof_of(tables, told, wanted, 60).state[wanted > 0]
    _, found = attacked(7)
    np.testing.assert_array_equal(attacked(8)[0], without)
    np.testing.assert_array_equal(attacked(8, found)[0], without)


def test_progress_is_told_round_by_round_until_nothing_is_left() -> None:
    tables, told, wanted, true = reports(8)
    said: list[tuple[int, int]] = []

    def progress(*round_and_left: Any) -> None:
        said.append(round_and_left)

    proof_of(tables, told, wanted, 60, aid=Aid(Witnesses.of_truth(true), progress=progress))
    assert said[0][0] == 1
    assert said[-1][1] == 0
