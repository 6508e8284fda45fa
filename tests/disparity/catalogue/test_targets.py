"""Targets: measured at the ends of quarters, reached after they were set."""

from __future__ import annotations

import datetime as dt

import pytest
from pydantic import ValidationError

from disparity.catalogue import Target

SET = {"reach": "parity", "since": "2025-09-30", "by": "2028-09-30"}


@pytest.mark.parametrize("reach", ["parity", 15, 0.5])
def test_a_target_is_a_value_or_parity(reach):
    target = Target.model_validate(SET | {"reach": reach})
    assert (target.reach, target.by) == (reach, dt.date(2028, 9, 30))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"by": "2028-08-31"}, "ends on 2028-09-30"),
        ({"since": "2025-10-01"}, "ends on 2025-12-31"),
        ({"by": "2025-09-30"}, "to be later than 'since'"),
        ({"reach": "equal"}, "parity"),
        ({"reach": -1}, "greater than or equal to 0"),
    ],
)
def test_what_can_be_no_target_is_refused(change, words):
    with pytest.raises(ValidationError, match=words):
        Target.model_validate(SET | change)
