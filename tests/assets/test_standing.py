"""How many figures a report shows, and what the others wait for."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.standing import standing_of

STATUSES = ["", "[c]", "[u]", "[x] leavers: 3 of 4 quarters", "[x] not agreed"]


def of(*statuses: str) -> pd.DataFrame:
    return pd.DataFrame({"status": pd.Series(statuses, dtype="str")})


def test_figures_are_counted_by_what_they_wait_for() -> None:
    standing = standing_of(of("", "", "[c]", "[u]", *STATUSES[3:], STATUSES[3]))
    assert (standing.shown, standing.hidden, standing.too_few) == (2, 1, 1)
    assert standing.lacking == {"leavers: 3 of 4 quarters": 2, "not agreed": 1}
    assert standing.words == (
        "hidden by the policy (1), too few people (1), leavers: 3 of 4 quarters (2), not agreed (1)"
    )


@given(st.lists(st.sampled_from(STATUSES)))
def test_no_figure_is_left_out(statuses: list[str]) -> None:
    standing = standing_of(of(*statuses))
    assert standing.figures == len(statuses)
    assert standing.shown == statuses.count("")


@pytest.mark.parametrize("status", STATUSES[1:])
def test_a_report_of_nothing_but_reasons_shows_nothing(status: str) -> None:
    assert standing_of(of(status)).shown == 0
