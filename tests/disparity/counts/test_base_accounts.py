"""The account of the rows outside a base, where its rows are people linked to another dataset's rows."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from pydantic import TypeAdapter

from disparity.catalogue import Indicator
from disparity.counts.base_accounts import (
    BASE_NOT_ANSWERED,
    BASE_NOT_TRUE,
    EVENT_NOT_ANSWERED,
    IN_BASE,
    IN_EVENTS,
    accounts_of,
)
from disparity.counts.cells import CELLS
from disparity.counts.counting import Records, count
from disparity.periods import Quarter

NOW = Quarter.from_key("2026-07-01")
PREDICATES = {"base": ~pl.col("board_member"), "event": pl.col("completed")}


@pytest.mark.parametrize(
    ("more", "known"), [({}, 4), ({"value": "cost", "unit": "pounds"}, 4)], ids=["had any", "a sum"]
)
def test_people_of_whom_it_is_not_recorded_are_accounted_for_as_they_are_counted(
    more: dict[str, Any], known: int
) -> None:
    """Of eight staff one is on the board and of one that is not known; of two others the request has no answer."""
    staff = pl.LazyFrame(
        {
            "person": [str(at) for at in range(8)],
            "ethnicity": ["white", "ethnic_minority"] * 4,
            "broad_group": ["White", "Asian"] * 4,
            "board_member": [True, None, *[False] * 6],
        }
    )
    requests = pl.LazyFrame(
        {
            "person": ["0", "2", "3", "3", "4", "5", "away"],
            "completed": [None, None, None, False, True, False, True],
            "cost": [5.0, 5.0, 5.0, 0.0, 5.0, 0.0, 5.0],
        }
    )
    indicator: Indicator = TypeAdapter(Indicator).validate_python(
        {
            "kind": "linked", "dataset": "learning_budget", "event": "e", "theme": "development", "title": "T",
            "question": "Q", "base_words": "staff", "event_words": "did", "sensitivity": "low", "quarters": 1, **more,
        }
    )  # fmt: skip
    records = Records({"staff_in_post": {NOW: staff}, "learning_budget": {NOW: requests}})
    people, rows = accounts_of(indicator, PREDICATES, records, NOW)
    assert people.dataset == "staff_in_post"
    assert people.rows == {IN_BASE: known, BASE_NOT_ANSWERED: 1, BASE_NOT_TRUE: 1, EVENT_NOT_ANSWERED: 2}
    assert rows.rows[IN_EVENTS] == 2
    assert sum(rows.rows.values()) == 7
    whole = count({"it": indicator}, {"it": PREDICATES}, records, NOW).counts.row(0, named=True)
    assert sum(whole[cell] for cell in CELLS[::2]) == known
    assert sum(whole[cell] for cell in CELLS[1::2]) == 1
    assert whole["unanswered"] == people.rows[BASE_NOT_ANSWERED] + people.rows[EVENT_NOT_ANSWERED]
