"""What an outsider makes of several reports: whose records a yearly survey's are, older vintages, and cells by name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from disparity.catalogue import Catalogue
from disparity.counts.cells import CELLS
from disparity.disclosure.attacker import Contradiction
from disparity.disclosure.published_reports import (
    Delivery,
    Report,
    contradict,
    deliveries,
    known_from,
    people_of_cell,
)
from disparity.disclosure.released_counts import BEYOND, Before
from disparity.periods import Quarter
from disparity.populations.people import EVERYONE, People, edition
from disparity.refusal import Refusal
from invented_people import everybody
from resources.catalogue import load_catalogue

SUMMER = Quarter.from_key("2026-07-01")
SPRING, WINTER = SUMMER.plus(-1), SUMMER.plus(-2)
SHARE, RESPONSE, ANSWER = "ethnic_minority_share_of_staff", "survey_response", "equal_opportunity"
STAFF = everybody(
    "staff_in_post", since=SUMMER.key, until=SUMMER.key, levels={"band": ("Band 8/9", "others")}
)
Row = tuple[str, str, str, dict[str, tuple[int, int]]]


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue(Path("catalogue"))


def report(quarter: Quarter, *rows: Row, vintage: int = 1) -> Report:
    """A report; a count that can be one of many was hidden, one that stands nowhere is absent."""
    lines = []
    for indicator, breakdown, level, cells in rows:
        line: dict[str, str | int | None] = {"indicator": indicator, "breakdown": breakdown, "level": level}
        for cell in CELLS:
            low, high = cells.get(cell, (None, None))
            status = "[x]" if low is None else "[c]" if high == BEYOND else ""
            line |= {f"{cell}_low": low, f"{cell}_high": high, f"{cell}_status": status}
        lines.append(line)
    return Report(quarter, vintage, pl.DataFrame(lines, infer_schema_length=None))


def staff(everyone: int, breakdown: str = "all", level: str = "all") -> Row:
    return SHARE, breakdown, level, {"group_base": (everyone, everyone), "group_events": (1, BEYOND)}


def survey(replies: int, of: int = 500) -> tuple[Row, Row]:
    return (
        (ANSWER, "all", "all", {"group_base": (replies, replies)}),
        (RESPONSE, "all", "all", {"group_base": (of, of), "group_events": (replies, replies)}),
    )


def delivered(catalogue: Catalogue, *reports: Report) -> list[Delivery | None]:
    found = deliveries(reports, catalogue)
    return [found.get((each.quarter.key, "staff_survey")) for each in reports]


def test_a_survey_that_is_told_again_is_the_same_and_another_came_in_its_quarter(
    catalogue: Catalogue,
) -> None:
    first, again, other = report(WINTER, *survey(300)), report(SPRING, *survey(300)), survey(310)
    assert delivered(catalogue, first, again, report(SUMMER, *other)) == [
        Delivery(WINTER.key, dated=False),
        Delivery(WINTER.key, dated=False),
        Delivery(SUMMER.key, dated=True),
    ]


def test_a_report_that_says_of_which_quarter_its_survey_is_is_believed(catalogue: Catalogue) -> None:
    held = {"staff_survey": SUMMER.plus(-3).key}
    said = [report(quarter, *survey(300))._replace(held=held) for quarter in (SPRING, SUMMER)]
    assert delivered(catalogue, *said) == [Delivery(SUMMER.plus(-3).key, dated=True)] * 2
    known = known_from(said, catalogue, SUMMER)
    assert {each.until for each in known.told if each.dataset == "staff_survey"} == {SUMMER.plus(-3).key}
    # A newer vintage may rest on a survey that came late.
    late = report(SUMMER, *survey(310), vintage=2)._replace(held={"staff_survey": SUMMER.key})
    assert deliveries([late, *said], catalogue)[SUMMER.key, "staff_survey"] == Delivery(
        SUMMER.key, dated=True
    )


def test_without_a_report_of_the_quarter_before_nobody_can_tell_when_a_survey_came(
    catalogue: Catalogue,
) -> None:
    assert delivered(catalogue, report(WINTER, *survey(300)), report(SUMMER, *survey(300))) == [
        Delivery(WINTER.key, dated=False),
        Delivery(SUMMER.key, dated=False),
    ]
    # That the one before tells nothing of the survey does not say that it had not come.
    assert delivered(catalogue, report(SPRING, staff(500)), report(SUMMER, *survey(300))) == [
        None,
        Delivery(SUMMER.key, dated=False),
    ]


def test_whom_an_undated_survey_is_set_beside_is_tied_to_no_quarter_of_staff(catalogue: Catalogue) -> None:
    undated = known_from([report(SUMMER, staff(520), *survey(300, of=500))], catalogue, SUMMER).told
    dated = known_from(
        [report(SPRING, *survey(290)), report(SUMMER, *survey(300, of=520))], catalogue, SUMMER
    ).told
    beside = STAFF._replace(ethnicity="ethnic_minority")
    assert dated[beside] == Before(520, 520, False)
    # What the share hides of those people, a survey of nobody knows when does not tell.
    assert undated[beside] == Before(1, BEYOND, True)
    assert undated[edition(beside, "a delivery first read of in 2026-07-01")] == Before(500, 500, False)


def test_the_same_people_in_several_reports_are_known_by_all_of_them_and_later_ones_are_not_read(
    catalogue: Catalogue,
) -> None:
    by_quarters = (SHARE, "all", "all", {"group_base": (498, 502)})
    by_others = (SHARE, "all", "all", {"group_base": (495, 499), "group_events": (40, 44)})
    reports = [report(SPRING, staff(510)), report(SUMMER, by_quarters), report(SUMMER, by_others)]
    known = known_from([*reports, report(SUMMER.plus(1), staff(530))], catalogue, SUMMER)
    assert known.told == {
        STAFF: Before(498, 499, False),
        STAFF._replace(ethnicity="ethnic_minority"): Before(40, 44, False),
    }
    assert known.before[STAFF._replace(since=SPRING.key, until=SPRING.key)] == Before(510, 510, False)
    assert {each.since for each in known.before} == {SPRING.key}


TRAINED, SPENT = "non_mandatory_training", "training_spend_per_head"


def test_of_staff_some_of_whom_are_not_in_a_linked_base_he_takes_them_for_other_people(
    catalogue: Catalogue,
) -> None:
    minority = STAFF._replace(ethnicity="ethnic_minority")
    share = (SHARE, "all", "all", {"group_base": (3000, 3000), "group_events": (498, 502)})
    fewer = (TRAINED, "all", "all", {"group_base": (488, 492), "group_events": (40, 44)})
    same = (SPENT, "all", "all", {"group_base": (500, 504)})
    told = known_from([report(SUMMER, share, fewer, same)], catalogue, SUMMER).told
    assert told[minority] == Before(500, 502, False)
    (known,) = (who for who, each in told.items() if each == Before(488, 492, False))
    assert known == minority._replace(region=known.region)
    domain = known.region.domain
    assert domain.holds(domain.everybody, known.region)
    assert not domain.holds(known.region, domain.everybody), "of some of the staff it is not known"
    cell = people_of_cell(f"{TRAINED}/all/all/group_base", [report(SUMMER, share, fewer)], catalogue, SUMMER)
    assert cell == known
    alike = known_from([report(SUMMER, share, same)], catalogue, SUMMER).told
    assert set(alike) == {STAFF, minority}


def test_an_older_vintage_that_says_otherwise_is_of_records_that_were_put_right(catalogue: Catalogue) -> None:
    older, newer = report(SUMMER, staff(500)), report(SUMMER, staff(501), vintage=2)
    for reports in ([older, newer], [newer, older]):
        told = known_from(reports, catalogue, SUMMER).told
        assert told[STAFF] == Before(501, 501, False)
        assert told[edition(STAFF, "2026-07-01 vintage 1")] == Before(500, 500, False)
    # One that says the same is another audience's.
    assert STAFF in known_from([older, report(SUMMER, staff(500), vintage=2)], catalogue, SUMMER).told
    assert len(known_from([older, report(SUMMER, staff(500), vintage=2)], catalogue, SUMMER).told) == 2


def test_two_reports_of_one_vintage_that_say_otherwise_are_of_different_records(catalogue: Catalogue) -> None:
    with pytest.raises(Contradiction):
        known_from([report(SUMMER, staff(500)), report(SUMMER, staff(501))], catalogue, SUMMER)


@pytest.fixture
def found(catalogue: Catalogue) -> Callable[[str], People]:
    reports = [report(SUMMER, staff(500), staff(90, "band", "Band 8/9")), report(SPRING, *survey(300))]
    return lambda name: people_of_cell(name, reports, catalogue, SUMMER)


def test_a_cell_is_found_by_its_name_though_its_level_has_a_slash(found: Callable[[str], People]) -> None:
    assert found(f"{SHARE}/all/all/group_base") == STAFF
    assert found(f"{SHARE}/band/Band 8/9/group_base") == STAFF.of_row("band", "Band 8/9")


@pytest.mark.parametrize(
    ("name", "there"),
    [
        ("", f"indicator ''; it is one of {SHARE}"),
        (f"{RESPONSE}/all/all/group_base", f"indicator 'survey_response'; it is one of {SHARE}"),
        (f"{SHARE[:-1]}/band/Band 8/9/group_base", f"did you mean '{SHARE}'"),
        (f"{SHARE}/grade/Band 8/9/group_base", "breakdown 'grade'; it is one of all, band"),
        (f"{SHARE}/band/Band 7/group_base", "level 'Band 7'; did you mean 'Band 8/9'"),
        (f"{SHARE}/all/all/reference_base", "did you mean 'group_base'"),
        (f"{SHARE}/all/all/true_count", "cell 'true_count'; it is one of group_base, group_events"),
    ],
)
def test_a_misspelt_cell_is_refused_with_what_there_is(
    found: Callable[[str], People], name: str, there: str
) -> None:
    with pytest.raises(Refusal) as refused:
        found(name)
    assert there in str(refused.value)


def test_levels_that_the_catalogue_does_not_list_are_people_of_their_own(catalogue: Catalogue) -> None:
    """Two that it listed when the report was made, and those of whom none is recorded: each has its own count."""
    levels = {"Band of before": 30, "Another of before": 40, "not recorded": 50}
    assert not levels.keys() & set(catalogue.organisation.lists.band)
    rows = [staff(500), *(staff(count, "band", level) for level, count in levels.items())]
    told = known_from([report(SUMMER, *rows)], catalogue, SUMMER).told
    counted = {each.level: known.low for each, known in told.items() if each.ethnicity == EVERYONE}
    assert counted == {"all": 500, **levels}


def test_two_statements_contradict_each_other_where_nothing_is_left_of_a_count() -> None:
    known = {"a": Before(1, 7, True), "b": Before(8, 12, False)}
    assert not contradict(known, {"a": Before(7, 9, False), "c": Before(0, 0, False)})
    assert contradict(known, {"a": Before(7, 9, False), "b": Before(13, 17, False)})
