"""Naming: one name for the same people, by what their dataset can hold in the quarters spoken of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping

import polars as pl
import pytest

from disparity.catalogue.vocabulary import columns_of_all, vocabulary_of
from disparity.datasets.contract import Column
from disparity.disclosure.additivity import sums_over
from disparity.ethnicity import WHITE
from disparity.periods import Quarter
from disparity.populations.naming import ANY_OTHER, Naming, people_of_all, too_many_classes
from disparity.populations.people import (
    EVERYONE,
    KNOWN,
    STAFF,
    Asked,
    People,
    edition,
    had_in,
)
from disparity.populations.recorded import Level, Recorded
from disparity.populations.regions import Region, TooManyClasses
from resources.catalogue import DEFAULT, load_catalogue

CATALOGUE = load_catalogue(DEFAULT)
COLUMNS = columns_of_all(vocabulary_of(CATALOGUE))
SPRING, SUMMER = "2026-04-01", "2026-07-01"
YEAR = "2025-10-01"
AnyRecorded = Mapping[tuple[str, str], Recorded]


def asked(dataset: str, *conditions: str, since: str = SUMMER, until: str = SUMMER) -> Asked:
    return Asked(dataset, frozenset(conditions), since, until, WHITE)


def naming(
    *everybody: Asked,
    recorded: AnyRecorded | None = None,
    columns: Mapping[str, Column] | None = None,
    by: Collection[str] = (),
) -> Naming:
    """Name these, all of one dataset; its described columns may be others than the contract's."""
    dataset = everybody[0].dataset
    return Naming(
        everybody, {**COLUMNS, **({dataset: columns} if columns else {})}, {dataset: by}, recorded or {}
    )


def named(*everybody: Asked, recorded: AnyRecorded | None = None, by: Collection[str] = ()) -> list[People]:
    given = naming(*everybody, recorded=recorded, by=by)
    return [given.people(each) for each in everybody]


def none_blank(dataset: str, *quarters: str) -> dict[tuple[str, str], Recorded]:
    """Say that no accepted row of some quarters is blank in any column."""
    return {(dataset, each): Recorded(dict.fromkeys(COLUMNS[dataset], False), {}) for each in quarters}


# ------------------------------------------------------------------------- however they are spelt


@pytest.mark.parametrize(
    ("dataset", "one", "other"),
    [
        ("leavers", ("reason = 'Unknown'",), ("reason IN ('Unknown')",)),
        ("leavers", ("NOT (reason <> 'Unknown')",), ("reason IN ('Unknown')",)),
        ("recruitment", ("shortlisted", "appointed"), ("appointed",)),
        ("recruitment", ("appointed", "NOT declined"), ("appointed", "declined IS NOT NULL")),
        ("recruitment", ("years_experience BETWEEN 2 AND 5",), ("years_experience >= 2", "NOT years_experience > 5")),
        ("recruitment", ("offered IS NULL OR NOT offered",), ("(offered) IS NOT TRUE",)),
    ],
)  # fmt: skip
def test_the_same_people_have_one_name(dataset: str, one: Collection[str], other: Collection[str]) -> None:
    first, second, everybody = named(asked(dataset, *one), asked(dataset, *other), asked(dataset))
    assert first == second
    assert first != everybody
    assert sums_over([first, second]) == [], "they are one"


@pytest.mark.parametrize("is_blank", [False, True])
def test_not_a_flag_is_everybody_else_unless_of_somebody_it_is_blank_in_a_quarter(is_blank: bool) -> None:
    recorded = none_blank("recruitment", SPRING, SUMMER)
    if is_blank:
        recorded["recruitment", SPRING] = Recorded(
            {**recorded["recruitment", SUMMER].blank, "internal": True}, {}
        )
    window = {"since": SPRING, "until": SUMMER}
    flag, without, everybody, of_summer, not_in_summer = named(
        asked("recruitment", "internal", **window), asked("recruitment", "NOT internal", **window),
        asked("recruitment", **window), asked("recruitment"), asked("recruitment", "NOT internal"),
        recorded=recorded,
    )  # fmt: skip
    domain = everybody.region.domain
    elsewhere = domain.less(everybody.region, flag.region)
    assert (without.region == elsewhere) is not is_blank
    assert without.over(SUMMER, SUMMER) == not_in_summer
    there = of_summer.region.domain
    assert there.less(there.everybody, not_in_summer.region) == there.where({"internal"}), (
        "nobody is blank then"
    )


def test_of_a_quarter_that_nothing_is_recorded_of_a_column_that_may_be_empty_may_be_blank() -> None:
    flag, without = named(asked("recruitment", "internal"), asked("recruitment", "NOT internal"))
    domain = flag.region.domain
    assert domain.less(domain.everybody, flag.region) != without.region
    needed, not_needed = named(asked("recruitment", "shortlisted"), asked("recruitment", "NOT shortlisted"))
    assert domain.everybody != needed.region
    domain = needed.region.domain
    assert domain.less(domain.everybody, needed.region) == not_needed.region


def test_an_event_that_is_the_level_of_a_breakdown_has_the_levels_name() -> None:
    band = CATALOGUE.organisation.lists.band[0]
    event, everybody = named(asked(STAFF, f"band = '{band}'"), asked(STAFF), by=("band",))
    assert event == everybody.of_row("band", band)
    assert (event.breakdown, event.level, event.region) == ("band", band, everybody.region)
    senior, of_all = named(
        asked(STAFF, "senior_manager", f"band = '{band}'"), asked(STAFF, "senior_manager"), by=("band",)
    )
    assert senior == of_all.of_row("band", band)


# ------------------------------------------------------------------------- by the dataset's rules


@pytest.mark.parametrize(
    ("wider", "narrower"),
    [
        ("offered", "appointed"), ("offered", "declined"), ("shortlisted", "offered"), ("interviewed", "offered"),
        ("NOT declined", "appointed"),
    ],
)  # fmt: skip
def test_one_stage_lies_within_another_by_the_rules(wider: str, narrower: str) -> None:
    recorded = none_blank("recruitment", SUMMER)
    more, fewer = named(asked("recruitment", wider), asked("recruitment", narrower), recorded=recorded)
    domain = more.region.domain
    assert domain.holds(more.region, fewer.region)
    assert not domain.holds(fewer.region, more.region)
    ((whole, (part, rest)),) = sums_over([more, fewer])
    assert (whole, part) == (more, fewer)
    assert rest.region == domain.where({wider, f"NOT ({narrower})"})


def test_who_applied_less_who_applied_and_did_not_decline_are_who_declined() -> None:
    applied, stayed, declined = named(
        *(asked("recruitment", *each) for each in ((), ("NOT declined",), ("declined",))),
        recorded=none_blank("recruitment", SUMMER),
    )
    assert declined == applied.called(
        applied.region.domain.named(applied.region.domain.less(applied.region, stayed.region))
    )
    ((whole, parts),) = sums_over([applied, stayed])
    assert (whole, set(parts)) == (applied, {stayed, declined})


def test_where_a_stage_may_be_blank_it_lies_within_what_an_extract_cannot_lack() -> None:
    """An extract may lack who was offered the post: whoever declined was offered it, or it is not known."""
    offered, declined, shortlisted = named(
        *(asked("recruitment", each) for each in ("offered", "declined", "shortlisted"))
    )
    domain = offered.region.domain
    assert not domain.holds(offered.region, declined.region)
    assert domain.holds(domain.where({"(offered) IS NOT FALSE"}), declined.region)
    assert not domain.holds(shortlisted.region, declined.region), "not even that follows then"


# ------------------------------------------------------------------------- classes of values


def labels(
    column: str, *conditions: str, described: Column, is_blank: bool = False, by: Collection[str] = ()
) -> tuple[str, ...]:
    """Return the classes of a column as a set of two conditions, one true and one not, shows them."""
    recorded = {("leavers", SUMMER): Recorded({column: is_blank}, {})}
    each = asked("leavers", *conditions)
    there = naming(each, recorded=recorded, columns={column: described}, by=by).domain(
        "leavers", SUMMER, SUMMER
    )
    found = {there.where({condition}) for condition in conditions}
    rows = {row[0] for region in found for row in region.rows}
    rest = [there.less(there.everybody, region) for region in found]
    return tuple(sorted(rows | {row[0] for region in rest for row in region.rows}))


REASON = Column("category", "", example="", allowed=("End of contract", "Moved", "Retired", "Unknown"))


def test_values_that_nothing_tells_apart_are_one_class() -> None:
    assert labels("x", "x IN ('Moved', 'Retired')", described=REASON) == ("Moved", "Retired", ANY_OTHER)
    assert labels("x", "x = 'Moved'", described=REASON, by=("x",)) == tuple(sorted(REASON.allowed or ()))
    unlisted = Column("category", "", example="")
    assert labels("x", "x = 'Moved'", described=unlisted, is_blank=True) == (
        "Moved",
        ANY_OTHER,
        "not recorded",
    )


def test_numbers_are_cut_at_the_literals_within_the_limits() -> None:
    number = Column("number", "", example="", least=0, most=70)
    assert labels("x", "x > 2", "x <= 5", described=number) == tuple(
        sorted(["above -inf below 2", "2", "above 2 below 5", "5", "above 5 below inf"])
    )
    assert labels("x", "x > 0", "x < 70", described=number) == ("0", "70", "above 0 below 70")


def test_whole_numbers_have_none_between_1_and_2() -> None:
    whole, any_number = (Column(kind, "", example="") for kind in ("whole number", "number"))
    assert "above 1 below 2" not in labels("x", "x > 1", "x >= 2", described=whole)
    assert "above 1 below 2" in labels("x", "x > 1", "x >= 2", described=any_number)

    def sets(described: Column) -> list[Region]:
        more, at_least = asked("leavers", "x > 1"), asked("leavers", "x >= 2")
        given = naming(more, at_least, columns={"x": described})
        return [given.people(each).region for each in (more, at_least)]

    assert len({*sets(whole)}) == 1
    assert len({*sets(any_number)}) == 2


def test_dates_are_cut_at_the_literals() -> None:
    date = Column("date", "", example="")
    first, next_day = dt.date(2026, 7, 1), dt.date(2026, 7, 2)
    found = labels("x", f"x >= DATE '{first}'", f"x > DATE '{next_day}'", described=date)
    assert {f"{first}", f"{next_day}"} <= set(found)
    assert len(found) == 4, "before, either day, after: there is no day between them"
    since, after = asked("leavers", f"x >= DATE '{next_day}'"), asked("leavers", f"x > DATE '{first}'")
    given = naming(since, after, columns={"x": date})
    assert given.people(since) == given.people(after)


# ------------------------------------------------------------------------- over quarters


def values(quarter: str, *of: str) -> tuple[tuple[str, str], Recorded]:
    return ("leavers", quarter), Recorded({"reason": False}, {"reason": of})


def test_a_value_allowed_since_renames_nobody() -> None:
    """A reason added in summer: who left for another one in spring is who it was, and the year's are as spelt."""
    recorded = dict([values(SPRING, "Moved", "Retired"), values(SUMMER, "Moved", "Retired", "Redundancy")])
    window = {"since": SPRING, "until": SPRING}
    retired, of_spring, spelt = named(
        asked("leavers", "reason = 'Retired'", since=SPRING), asked("leavers", "reason = 'Retired'", **window),
        asked("leavers", "NOT reason = 'Moved'", **window), recorded=recorded,
    )  # fmt: skip
    assert of_spring == spelt, "there were two reasons then"
    assert retired.over(SPRING, SPRING) == of_spring
    retired, others = named(
        asked("leavers", "reason = 'Retired'"), asked("leavers", "NOT reason = 'Moved'"), recorded=recorded
    )
    assert retired != others
    assert retired._replace(region=retired.region) == retired
    before = dict([values(SPRING, "Moved", "Retired"), values(SUMMER, "Moved", "Retired")])
    in_both = [
        named(asked("leavers", "reason = 'Retired'", **window), recorded=each)[0]
        for each in (before, recorded)
    ]
    assert in_both[0] == in_both[1] == of_spring, "what was told in spring is of the same people"


def test_a_level_added_to_a_breakdown_renames_no_other() -> None:
    lists = {SPRING: ("north", "south"), SUMMER: ("north", "south", "west")}
    recorded = {
        (STAFF, quarter): Recorded({"directorate": False}, {"directorate": of})
        for quarter, of in lists.items()
    }
    everybody = asked(STAFF, since=SPRING)
    (whole,) = named(everybody, recorded=recorded, by=("directorate",))
    of_spring, of_summer = (whole.over(each, each) for each in lists)
    for level in ("north", "south"):
        then, now = (each.of_row("directorate", level) for each in (of_spring, of_summer))
        assert then._replace(since=SUMMER, until=SUMMER) == now
    assert not of_summer.of_row("directorate", "west").region.is_nobody
    assert of_spring.of_row("directorate", "west").region.is_nobody


def test_an_edition_has_the_name_of_the_people_it_was_of() -> None:
    ask = asked("leavers", "reason = 'Unknown'")
    of_then = ask._replace(dataset="leavers as of published 2026-07-01 vintage 1")
    now, then = named(ask, of_then)
    assert then == edition(now, "published 2026-07-01 vintage 1")


# ------------------------------------------------------------------------- what staff had in another dataset


TRAINED = CATALOGUE.indicators["non_mandatory_training"]


def had(event: str, value: str | None = None, since: str = YEAR) -> str:
    changed = TRAINED.model_copy(update={"event": event, "value": value})
    return had_in(changed, Quarter.from_key(since))  # type: ignore[arg-type]


ANY_TRAINING, COMPLETED = had("TRUE"), had("completed")


def test_who_had_something_completed_is_among_who_had_anything() -> None:
    more, fewer, since = named(
        asked(STAFF, ANY_TRAINING), asked(STAFF, COMPLETED), asked(STAFF, had("TRUE", since=SPRING))
    )
    domain = more.region.domain
    assert domain.holds(more.region, fewer.region)
    assert domain.holds(more.region, since.region), "who had it since spring had it since autumn"
    assert not domain.holds(fewer.region, since.region)
    assert not domain.holds(since.region, fewer.region)
    ((whole, (part, rest)),) = sums_over([more, fewer])
    assert (whole, part) == (more, fewer)
    assert rest.region == domain.less(more.region, fewer.region)


def test_what_staff_had_is_the_same_however_it_is_spelt() -> None:
    one, other, sum_above = named(
        asked(STAFF, had("completed AND training = 'non_mandatory'")),
        asked(STAFF, had("training IN ('non_mandatory') AND NOT (NOT completed)")),
        asked(STAFF, had("completed AND training = 'non_mandatory'", value="cost")),
    )
    assert one == other
    assert sum_above != one
    assert one.region.domain.holds(one.region, sum_above.region), "who had something that cost had something"


@pytest.mark.parametrize("some", [False, True])
def test_of_whom_it_is_known_whether_they_had_it_are_all_staff_unless_of_some_it_is_not(some: bool) -> None:
    recorded = {(STAFF, SUMMER): Recorded({COMPLETED: some}, {})}
    base, events, staff = named(
        asked(STAFF, f"{KNOWN}{COMPLETED}"), asked(STAFF, f"{KNOWN}{COMPLETED}", COMPLETED), asked(STAFF),
        recorded=recorded,
    )  # fmt: skip
    assert (base == staff) is not some
    assert base.region.domain.holds(base.region, events.region)
    assert base != events


# ------------------------------------------------------------------------- what is known of levels, and limits


def test_levels_that_lie_within_others_in_every_quarter_are_known_to() -> None:
    within = {"band": {"Band 9": Level(12, (("staff_group", "Medical"),))}}
    values_of = {"band": ("Band 5", "Band 9"), "staff_group": ("Medical", "Nursing")}
    recorded = {(STAFF, SUMMER): Recorded({}, values_of, within)}
    (whole,) = named(asked(STAFF), recorded=recorded, by=("band", "staff_group"))
    nine, medical = whole.of_row("band", "Band 9"), whole.of_row("staff_group", "Medical")
    found = [(each, parts) for each, parts in sums_over([nine, medical]) if nine in parts]
    assert [each for each, _ in found] == [medical]


def test_a_catalogue_that_tells_too_many_rows_apart_is_named_by_its_indicator_and_columns() -> None:
    assert too_many_classes(CATALOGUE) == {}
    many = " OR ".join(
        f"(years_experience = {at} AND opened_date = DATE '2026-01-{at + 1:02}')" for at in range(30)
    )
    wide = CATALOGUE.indicators["appointed_from_applications"].model_copy(
        update={"base": f"({many}) AND completed_date > opened_date", "breakdowns": ("band", "directorate")}
    )
    catalogue = CATALOGUE.model_copy(update={"indicators": {"wide": wide}})
    found = too_many_classes(catalogue)
    assert list(found) == ["wide"]
    assert {"years_experience", "opened_date"} <= set(found["wide"].split(", "))
    with pytest.raises(TooManyClasses):
        people_of_all(
            CATALOGUE.model_copy(update={"indicators": {"wide": wide}}),
            Quarter.from_key(SUMMER),
            {"wide": SUMMER},
        )


def test_every_cell_of_the_catalogue_has_people_but_for_who_never_lacks_an_answer() -> None:
    quarter = Quarter.from_key(SUMMER)
    people = people_of_all(CATALOGUE, quarter, dict.fromkeys(CATALOGUE.indicators, SUMMER))
    assert people.keys() == CATALOGUE.indicators.keys()
    assert not [name for name, cells in people.items() for each in cells.values() if each.region.is_nobody]
    assert {each.ethnicity for cells in people.values() for each in cells.values()} >= {WHITE, EVERYONE}
    assert pl.Series([each.dataset for cells in people.values() for each in cells.values()]).n_unique() > 5
