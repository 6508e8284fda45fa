"""Whom a cell counts: the same people have one name wherever they stand."""

from __future__ import annotations

from pathlib import Path

import pytest

from disparity.catalogue import Catalogue
from disparity.catalogue.indicators import BROAD_GROUP, Linked
from disparity.ethnicity import ETHNIC_MINORITY, UNKNOWN, WHITE
from disparity.periods import Quarter
from disparity.populations.naming import people_of_all
from disparity.populations.people import (
    EVERYONE,
    STAFF,
    UNANSWERED,
    People,
    edition,
    had_in,
    quarters_between,
    since_edition,
)
from disparity.populations.recorded import Recorded
from disparity.populations.regions import Region
from resources.catalogue import load_catalogue

SUMMER = Quarter.from_key("2026-07-01")


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue(Path("catalogue"))


def known(catalogue: Catalogue, *unknown: str) -> dict[tuple[str, str], Recorded]:
    """Say that of all staff it is recorded whether they had what linked indicators ask for, but for those named."""
    had = {
        had_in(each, SUMMER.window(each.quarters)[0]): name in unknown
        for name, each in catalogue.indicators.items()
        if isinstance(each, Linked)
    }
    return {(STAFF, SUMMER.key): Recorded(had, {})}


@pytest.fixture(scope="module")
def people(catalogue: Catalogue) -> dict[str, dict[str, People]]:
    as_of = dict.fromkeys(catalogue.indicators, SUMMER.key)
    return people_of_all(
        catalogue, SUMMER, as_of | {"survey_response": "2025-10-01"}, recorded=known(catalogue)
    )


def where(people: People, *conditions: str) -> Region:
    """Return the rows of which every condition is true, of those that the people's dataset can have then."""
    return people.region.domain.where(conditions)


COMPLETED = "completed_date IS NOT NULL"


def test_events_of_one_stage_are_the_base_of_the_next(people: dict[str, dict[str, People]]) -> None:
    shortlisted = people["shortlisted_from_applications"]["group_events"]
    # Whoever has no record of an interview is in no base of interviews.
    answered = people["interviewed_from_shortlisting"]["group_base"]
    assert answered.region == where(shortlisted, COMPLETED, "shortlisted", "interviewed IS NOT NULL")
    assert answered == shortlisted._replace(region=answered.region)
    assert answered != shortlisted
    assert shortlisted.since == "2025-10-01"
    assert shortlisted.until == "2026-07-01"
    alone = people["shortlisted_each_quarter"]["group_events"]
    assert alone in list(quarters_between(shortlisted))


def test_where_every_answer_is_recorded_the_events_of_one_stage_are_the_base_of_the_next_exactly(
    catalogue: Catalogue,
) -> None:
    keys = [each.key for each in SUMMER.window(4)]
    recorded = {("recruitment", key): Recorded({"interviewed": False}, {}) for key in keys}
    names = ("shortlisted_from_applications", "interviewed_from_shortlisting")
    found, in_one = (
        people_of_all(catalogue, SUMMER, dict.fromkeys(names, SUMMER.key), recorded=each)
        for each in (recorded, dict(list(recorded.items())[:3]))
    )
    first, second = (
        (each[names[0]]["group_events"], each[names[1]]["group_base"]) for each in (found, in_one)
    )
    assert first[0] == first[1]
    assert second[0] != second[1], "of one quarter it is not known"


def test_who_was_appointed_was_shortlisted_however_they_are_asked_for(
    people: dict[str, dict[str, People]],
) -> None:
    """One figure told under one name and hidden under another would be no secret."""
    appointed = people["appointed_from_shortlisting"]["group_events"]
    assert appointed == people["appointed_from_applications"]["group_events"]
    domain = appointed.region.domain
    for stage in ("shortlisted", "appointed IS NOT NULL", "declined IS NOT NULL"):
        assert domain.holds(where(appointed, stage), appointed.region)
    assert not domain.holds(where(appointed, "offered"), appointed.region), "an extract may lack the stage"
    assert domain.holds(where(appointed, "offered IS NULL OR offered"), appointed.region)
    interviewed = people["interviewed_from_shortlisting"]["group_events"].region
    assert domain.holds(people["interviewed_from_shortlisting"]["group_base"].region, interviewed)
    assert people["offered_from_interviews"]["group_base"].region == where(
        appointed, COMPLETED, "interviewed", "offered IS NOT NULL"
    )


def test_an_answer_that_may_be_lacking_does_not_follow_from_what_holds_without_it(
    catalogue: Catalogue,
) -> None:
    vague = catalogue.indicators["appointed_from_shortlisting"].model_copy(
        update={"base": "shortlisted OR internal", "event": "appointed OR offered IS NULL"}
    )
    changed = catalogue.model_copy(update={"indicators": {"it": vague}})
    events = people_of_all(changed, SUMMER, {"it": SUMMER.key})["it"]["group_events"]
    for column, known in (("internal", False), ("appointed", False), ("completed_date", True)):
        known_of_all = events.region.domain.holds(where(events, f"{column} IS NOT NULL"), events.region)
        assert known_of_all is known, column


def test_a_part_and_the_rest_are_of_everyone(people: dict[str, dict[str, People]]) -> None:
    senior = people["ethnic_minority_share_of_senior_managers"]
    staff = people["ethnic_minority_share_of_staff"]
    part, rest = senior["group_base"], senior["reference_base"]
    assert part.region == where(part, "senior_manager")
    domain = part.region.domain
    assert rest.region == domain.less(domain.everybody, part.region) == where(part, "NOT senior_manager")
    assert staff["group_base"] == part._replace(region=domain.everybody)
    assert staff["group_base"].ethnicity == EVERYONE
    assert staff["group_events"].ethnicity == ETHNIC_MINORITY
    assert staff["reference_base"].elsewhere
    assert people["ethnicity_not_known"]["group_events"] == staff["unknown_base"]
    assert "unknown_events" not in staff


def test_a_yearly_survey_is_counted_as_of_its_delivery(people: dict[str, dict[str, People]]) -> None:
    response = people["survey_response"]
    assert {each.since for each in response.values()} == {"2025-10-01"}
    assert response["reference_base"].dataset == "staff_in_post"
    assert response["reference_events"].dataset == "staff_survey"


def test_who_did_not_answer_is_in_no_base(people: dict[str, dict[str, People]]) -> None:
    base = people["equal_opportunity"]["reference_base"]
    assert base.region == where(base, "equal_opportunity IS NOT NULL")
    assert base.region != base.region.domain.everybody, "a question may be left out"
    assert people["equal_opportunity"]["reference_events"].region == where(base, "equal_opportunity = 'Yes'")


def test_training_of_staff_is_of_its_window_and_staff_of_the_last_snapshot(
    people: dict[str, dict[str, People]],
) -> None:
    trained, spent = people["non_mandatory_training"], people["training_spend_per_head"]
    assert trained["group_base"] == spent["group_base"]
    assert trained["group_base"].since == trained["group_base"].until == SUMMER.key
    assert trained["group_events"] != spent["group_events"]
    base, events = (trained[f"group_{each}"].region for each in ("base", "events"))
    assert base.domain.holds(base, events)
    assert base != events


def test_where_some_are_undecided_a_linked_base_is_a_part_of_the_staff(
    catalogue: Catalogue, people: dict[str, dict[str, People]]
) -> None:
    """Its events are a part of it, and of the staff; another indicator's base stays the staff."""
    as_of = dict.fromkeys(catalogue.indicators, SUMMER.key)
    found = people_of_all(catalogue, SUMMER, as_of, recorded=known(catalogue, "non_mandatory_training"))
    staff = people["training_spend_per_head"]["group_base"]
    assert found["training_spend_per_head"]["group_base"] == staff
    trained = found["non_mandatory_training"]
    base, events = trained["group_base"].region, trained["group_events"].region
    domain = base.domain
    for wider, narrower in ((domain.everybody, base), (base, events)):
        assert domain.holds(wider, narrower)
        assert wider != narrower
    assert people["non_mandatory_training"]["group_base"] == staff
    rows = people_of_all(catalogue, SUMMER, as_of, ["requests_approved"])["requests_approved"]
    unanswered = rows.pop(UNANSWERED)
    assert rows == people["requests_approved"], "who did not answer is in no base of rows already"
    domain = unanswered.region.domain
    assert domain.within(unanswered.region, rows["group_base"].region).is_nobody


def test_a_broad_group_is_of_ethnic_minority_and_beside_the_whole(
    people: dict[str, dict[str, People]],
) -> None:
    cells = people["appointed_from_applications"]
    asian = cells["group_base"].of_row(BROAD_GROUP, "Asian")
    assert (asian.ethnicity, asian.breakdown, asian.level) == ("Asian", "all", "all")
    assert cells["reference_base"].of_row(BROAD_GROUP, "Asian") == cells["reference_base"]
    assert cells["unknown_base"].of_row("band", "Band 5").level == "Band 5"
    assert [cells[f"{side}_base"].ethnicity for side in ("reference", "group", "unknown")] == [
        WHITE,
        ETHNIC_MINORITY,
        UNKNOWN,
    ]


def test_an_edition_knows_whom_it_was_of(people: dict[str, dict[str, People]]) -> None:
    base = people["appointed_from_applications"]["group_base"]
    before = edition(base, "published 2026-07-01 vintage 1")
    found = since_edition(before)
    assert found is not None
    assert found[0] == base
    assert since_edition(base) is None
    assert since_edition(found[1]) is None


YEAR = ("2025-10-01", "2026-07-01")
LAST = ("2026-07-01", "2026-07-01")
SURVEY = ("2025-10-01", "2025-10-01")
SPEND = "ethnic_minority_share_of_training_spend"
BOARD = "ethnic_minority_share_of_board"


@pytest.mark.parametrize(
    ("indicator", "cell", "dataset", "quarters", "ethnicity", "conditions"),
    [
        ("leavers_per_100_staff", "reference_base", "staff_in_post", YEAR, WHITE, ()),
        ("leavers_per_100_staff", "unknown_events", "leavers", YEAR, UNKNOWN, ()),
        ("survey_response", "group_base", "staff_in_post", SURVEY, ETHNIC_MINORITY, ()),
        ("survey_response", "group_events", "staff_survey", SURVEY, ETHNIC_MINORITY, ()),
        ("exit_interviews_held", "group_base", "leavers", YEAR, ETHNIC_MINORITY, ()),
        ("equal_opportunity", "reference_base", "staff_survey", SURVEY, WHITE, ("equal_opportunity IS NOT NULL",)),
        ("non_mandatory_training", "reference_base", "staff_in_post", LAST, WHITE, ()),
        (
            "training_spend_per_head", "reference_events", "staff_in_post", LAST, WHITE,
            ("had cost of learning_budget where (approved) in 2025-10-01",),
        ),
        (SPEND, "group_base", "learning_budget", YEAR, EVERYONE, ("cost > 0",)),
        (SPEND, "reference_base", "staff_in_post", LAST, EVERYONE, ()),
        (SPEND, "reference_events", "staff_in_post", LAST, ETHNIC_MINORITY, ()),
        (BOARD, "group_events", "staff_in_post", LAST, ETHNIC_MINORITY, ("board_member",)),
        (BOARD, "reference_events", "staff_in_post", LAST, ETHNIC_MINORITY, ("NOT board_member",)),
        ("ethnicity_not_known", "group_events", "staff_in_post", LAST, UNKNOWN, ()),
    ],
)  # fmt: skip
def test_the_people_of_each_kind_of_indicator(
    catalogue: Catalogue,
    indicator: str,
    cell: str,
    dataset: str,
    quarters: tuple[str, str],
    ethnicity: str,
    conditions: tuple[str, ...],
) -> None:
    """By the catalogue's own words; a yearly survey was delivered three quarters before."""
    as_of = {
        name: "2025-10-01" if getattr(each, "dataset", "") == "staff_survey" else SUMMER.key
        for name, each in catalogue.indicators.items()
    }
    found = people_of_all(catalogue, SUMMER, as_of, recorded=known(catalogue))[indicator][cell]
    assert found == People(dataset, where(found, *conditions), *quarters, ethnicity)
    assert (found.region == found.region.domain.everybody) is (not conditions)
