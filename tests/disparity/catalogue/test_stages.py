"""What an indicator names beside itself: its stages, and what it is stratified by."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from disparity.catalogue.checks import mistakes
from resources.catalogue import DEFAULT, load_catalogue

WHOLE = load_catalogue(DEFAULT)
TODAY = dt.date(2026, 10, 15)


def with_changed(name: str, **changed: Any) -> list[str]:
    indicators = dict(WHOLE.indicators)
    indicators[name] = indicators[name].model_copy(update=changed)
    found = mistakes(WHOLE.model_copy(update={"indicators": indicators}), TODAY)
    return [f"{'.'.join(each.path)}: {each.words}" for each in found]


def test_the_default_catalogue_has_no_mistake() -> None:
    assert mistakes(WHOLE, TODAY) == []


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"stages": ("shortlisted_from_application",)}, "did you mean 'shortlisted_from_applications'"),
        ({"stages": ("leavers_per_100_staff",)}, "no indicator of rows 'leavers_per_100_staff'"),
        ({"stages": ("equal_opportunity",)}, "equal_opportunity counts another dataset or another number"),
        (
            {"quarters": 8},
            "shortlisted_from_applications counts another dataset or another number of quarters",
        ),
        ({"stratified_by": "vacency"}, "recruitment has no identifier 'vacency'"),
        ({"stratified_by": "band"}, "recruitment has no identifier 'band'"),
    ],
)
def test_a_name_that_leads_nowhere_is_a_mistake(changed: dict[str, Any], words: str) -> None:
    (found, *_) = with_changed("appointed_from_applications", **changed)
    assert found.startswith("appointed_from_applications.")
    assert words in found


def test_the_picture_of_stages_has_a_name_of_its_own() -> None:
    indicators = dict(WHOLE.indicators)
    indicators["appointed_from_applications_stages"] = indicators["offered_from_interviews"]
    (found,) = mistakes(WHOLE.model_copy(update={"indicators": indicators}), TODAY)
    assert found.path == ("appointed_from_applications", "stages")
    assert "indicator appointed_from_applications_stages is" in found.words
