"""What readers are told of known ethnicity follows from the counts that they have, and from nothing else."""

from __future__ import annotations

import pytest

from disparity.catalogue.expectations import Expectation
from disparity.disclosure.known_ethnicity import known_of_fewer
from disparity.disclosure.released_counts import BEYOND, Before
from disparity.ethnicity import ETHNIC_MINORITY, UNKNOWN, WHITE
from disparity.populations.people import EVERYONE
from invented_people import everybody, having

SAID = "Ethnicity is known for fewer than 90% of staff in post."
KNOWN = {"dataset": "staff_in_post", "measure": "share", "column": "ethnicity_answer", "category": "known"}
BETWEEN = "expect_column_values_to_be_between"
STAFF = everybody("staff_in_post", ("board_member",))


def expectation(numbers: dict[str, str] = KNOWN, expect: str = BETWEEN) -> Expectation:
    return Expectation.model_validate(
        {"name": "it", "sentence": SAID, "expect": expect, "numbers": numbers, "arguments": {"min_value": 90}}
    )


def of(**ends: tuple[int, int]) -> dict[object, Before]:
    return {
        STAFF._replace(ethnicity=each): Before(*low_high, hidden=False) for each, low_high in ends.items()
    }


@pytest.mark.parametrize(
    ("told", "said"),
    [
        # Of 1,000, rounded to 5: 98 to 102 unknown can be a tenth; 103 to 107 of at most 1,002 cannot.
        ({EVERYONE: (998, 1002), UNKNOWN: (98, 102)}, False),
        ({EVERYONE: (998, 1002), UNKNOWN: (103, 107)}, True),
        ({WHITE: (698, 702), ETHNIC_MINORITY: (198, 202), UNKNOWN: (98, 102)}, False),
        ({WHITE: (698, 702), ETHNIC_MINORITY: (178, 182), UNKNOWN: (103, 107)}, True),
        # Of whom not even the size is told, nothing follows.
        ({WHITE: (698, 702), ETHNIC_MINORITY: (1, BEYOND), UNKNOWN: (300, 304)}, False),
        ({WHITE: (8, 12), UNKNOWN: (300, 304)}, False),
        ({EVERYONE: (0, 0), UNKNOWN: (0, 0)}, False),
        ({}, False),
    ],
)
def test_it_is_said_where_the_counts_leave_no_doubt(told: dict[str, tuple[int, int]], said: bool) -> None:
    assert list(known_of_fewer([expectation()], of(**told))) == [SAID] * said  # type: ignore[arg-type]


def test_only_everybody_of_the_dataset_counts_and_of_a_snapshot_the_last_one() -> None:
    told = of(**{EVERYONE: (1000, 1000), UNKNOWN: (50, 50)})
    board = having(STAFF, "board_member")
    few = {
        board._replace(ethnicity=each): Before(n, n, hidden=False)
        for each, n in ((EVERYONE, 20), (UNKNOWN, 10))
    }
    year = {
        each._replace(since="2025-10-01"): Before(4 * known.low, 4 * known.high + 2000, hidden=False)
        for each, known in told.items()  # type: ignore[attr-defined]
    }
    assert not list(known_of_fewer([expectation()], {**few, **year, **told}))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "other",
    [
        expectation({**KNOWN, "category": "declined"}),
        expectation({"dataset": "staff_in_post", "measure": "rows"}),
        expectation(expect="expect_column_max_to_be_between"),
        Expectation(
            name="it",
            sentence=SAID,
            query="SELECT value FROM profile WHERE dataset = 'staff_in_post' AND quarter = :quarter",
        ),
    ],
)
def test_of_other_expectations_nothing_is_said(other: Expectation) -> None:
    assert not list(known_of_fewer([other], of(**{EVERYONE: (998, 1002), UNKNOWN: (503, 507)})))  # type: ignore[arg-type]
