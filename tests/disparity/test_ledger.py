from __future__ import annotations

import polars as pl

from disparity.catalogue.policies import Policy
from disparity.counts import COUNTS
from disparity.disclosure import protect
from disparity.ledger import ledger_of

POLICY = Policy(
    title="Test",
    why="Test",
    threshold=8,
    round_to=5,
    percent_decimals=0,
    pounds_round_to=100,
    least_interval=3,
)


def test_each_cell_stands_with_what_it_was_and_what_it_could_be() -> None:
    row = {"indicator": "a", "breakdown": "all", "level": "all", "reference_base": 103, "reference_events": 0,
           "group_base": 41, "group_events": 3, "missing": ""}  # fmt: skip
    counts = pl.DataFrame([row], schema=COUNTS)
    ledger = ledger_of(counts, protect(counts, POLICY))
    assert {
        cell: tuple(rest) for cell, *rest in ledger.drop("indicator", "breakdown", "level").iter_rows()
    } == {
        "reference_base": (103, 105, 103, 107),
        "reference_events": (0, 0, 0, 0),
        "group_base": (41, 40, 38, 42),
        "group_events": (3, None, 1, 7),
    }
