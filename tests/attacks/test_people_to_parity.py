"""Attack: "so many would have had to go the other way" is worked out from four counts, and gives the last of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from disparity.catalogue.policies import Policy

INDICATOR = "appointed_from_shortlisting"
# What a reader has beside it: both bases and the reference group's events. The group's events are blanked.
BESIDE = ["reference_base", "reference_events", "group_base", "people_to_parity"]


@pytest.mark.parametrize("beside", [(300, 120), (42, 20), (40, 8)], ids=["large", "middle", "few events"])
def test_people_to_parity_gives_the_events_that_are_blanked(
    tables: Any, analyst: Any, beside: tuple[int, int]
) -> None:
    """Each person moved is one step of the figure beside a large group, and at most two beside a small one."""
    tried = tables.group_of(32, INDICATOR, beside)
    left = tried.values_left(tables.numbered(tried.printed_by(analyst), BESIDE), "group_events")
    assert left.max() <= (2 if beside[0] > 100 else 4)
    assert np.median(left) <= 2


@pytest.mark.parametrize("beside", [(300, 120), (42, 20), (40, 8)], ids=["large", "middle", "few events"])
def test_published_people_to_parity_leave_what_the_counts_leave(
    tables: Any, published: Any, rounding: Policy, beside: tuple[int, int]
) -> None:
    tried = tables.group_of(32, INDICATOR, beside)
    printed = tried.printed_by(published)
    assert (printed["people_to_parity"] != "").any()
    alike = tables.numbered(printed, [*tables.as_told, "people_to_parity"])
    assert np.array_equal(alike, tables.numbered(printed, tables.as_told))
    for name in tables.of_a_group:
        assert tried.fewest_left(alike, name) >= rounding.least_interval, name


def test_published_people_to_parity_are_not_told_of_hidden_counts(tables: Any, published: Any) -> None:
    printed = tables.group_of(32, INDICATOR).printed_by(published)
    hidden = (printed[["group_base_status", "group_events_status"]] == "[c]").any(axis=1)
    assert hidden.any()
    assert (printed.loc[hidden, "people_to_parity"] == "").all()
