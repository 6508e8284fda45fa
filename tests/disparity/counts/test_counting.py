"""Counts: every kind of measure beside a plain count in Python, row by row."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from disparity.catalogue import Indicator
from disparity.catalogue.divisions import NOT_GIVEN, NOT_RECORDED, OF_NOBODY, Undivided
from disparity.catalogue.indicators import ALL, BROAD_GROUP
from disparity.counts.cells import CELLS, COUNTS, TOTALS, WITHIN
from disparity.counts.counting import Counted, Records, count
from disparity.ethnicity import GROUPS
from disparity.periods import Quarter
from disparity.statistics.vacancies import by_vacancy, vacancy_ratio

NOW = Quarter.from_key("2026-07-01")
YEAR = NOW.window(4)
WORDS = {
    "theme": "recruitment", "title": "T", "question": "Q", "base_words": "people", "event_words": "did",
    "sensitivity": "low",
}  # fmt: skip
Row = dict[str, Any]
Naive = dict[tuple[str, str], Row]


def indicator(**given: Any) -> Indicator:
    """Make an indicator, valid but for what it is about."""
    return TypeAdapter(Indicator).validate_python({**WORDS, **given})


def counted(
    made: Indicator, frames: Mapping[str, Mapping[Quarter, pl.DataFrame]], predicates: Mapping[str, pl.Expr]
) -> pl.DataFrame:
    lazy = {name: {at: frame.lazy() for at, frame in each.items()} for name, each in frames.items()}
    return count({"it": made}, {"it": predicates}, Records(lazy), NOW).counts


def cells(found: pl.DataFrame, *, totals: bool = False) -> Naive:
    """Return the counts by breakdown and level."""
    names = (*CELLS, "unanswered", *(TOTALS if totals else ()))
    return {
        (each["breakdown"], each["level"]): {name: each[name] for name in names}
        for each in found.iter_rows(named=True)
    }


def keys_of(row: Row, breakdowns: Iterable[str]) -> Iterable[tuple[str, str]]:
    yield ALL, ALL
    for name in breakdowns:
        level = row[name]
        yield (
            name,
            NOT_RECORDED if level is None else str(level).lower() if isinstance(level, bool) else level,
        )
    if row["ethnicity"] == "ethnic_minority":
        yield BROAD_GROUP, row["broad_group"]


def beside_white(into: dict[tuple[str, str], Row]) -> Naive:
    """Give every broad group the White and the unknown people of the whole."""
    shared = {name: into[ALL, ALL][name] for name in CELLS if not name.startswith("group")}
    return {key: row | shared if key[0] == BROAD_GROUP else row for key, row in into.items()}


def largest_two(values: Iterable[float]) -> list[float | None]:
    """Return the two largest of some values, None for each that is not there."""
    return [*sorted(values, reverse=True), None, None][:2]


def two_largest(found: pl.DataFrame, side: str) -> list[float | None]:
    whole = found.filter(pl.col("breakdown") == ALL)
    return list(whole.select(f"{side}_largest", f"{side}_second").row(0))


def two_groups() -> defaultdict[tuple[str, str], Row]:
    made: defaultdict[tuple[str, str], Row] = defaultdict(lambda: dict.fromkeys((*CELLS, "unanswered"), 0))
    assert made[ALL, ALL]
    return made


SIDES = dict(zip(GROUPS, ("reference", "group", "unknown"), strict=True))


def tally(
    into: dict[tuple[str, str], Row],
    rows: Iterable[Row],
    breakdowns: tuple[str, ...],
    judge: Callable[[Row], Any],
) -> Naive:
    """Count rows: ``judge`` returns None for not answered, else whether it happened (or "outside")."""
    for row in rows:
        for key in keys_of(row, breakdowns):
            verdict = judge(row)
            side = SIDES[row["ethnicity"]]
            if verdict is None:
                into[key]["unanswered"] += 1
            elif verdict != "outside":
                into[key][f"{side}_base"] += 1
                into[key][f"{side}_events"] += bool(verdict)
    return beside_white(into)


def where_recorded(rows: Naive, *kinds: str) -> Naive:
    """Leave out breakdowns of which nobody in the base (or nobody who had the event) has a value."""

    def somebody(breakdown: str, kind: str, *, recorded: bool) -> bool:
        return any(
            row[f"{side}_{kind}"]
            for (by, level), row in rows.items()
            for side in SIDES.values()
            if by == breakdown and not (recorded and level == NOT_RECORDED)
        )

    return {
        key: row
        for key, row in rows.items()
        if key[0] in (ALL, BROAD_GROUP)
        or all(
            somebody(key[0], kind, recorded=True) or not somebody(key[0], kind, recorded=False)
            for kind in kinds
        )
    }


MAYBE = st.sampled_from([True, False, None])
ETHNICITY = st.sampled_from(GROUPS)
# Under the comparison of White British with all others, White minorities are a broad group within ethnic minority.
BROAD = st.sampled_from(["Asian", "White", "Other"])
BAND = st.sampled_from(["Band 5", "Band 6", None])
APPLICATION = st.fixed_dictionaries(
    {
        "ethnicity": ETHNICITY,
        "broad_group": BROAD,
        "band": BAND,
        "internal": MAYBE,
        "shortlisted": MAYBE,
        "appointed": MAYBE,
        "completed_date": st.sampled_from([dt.date(2025, 9, 30), dt.date(2026, 8, 1), None]),
        "score": st.sampled_from([None, 0.0, 1.5, 20.0]),
    }
)
APPLICATION_SCHEMA = pl.Schema(
    {
        "ethnicity": pl.String, "broad_group": pl.String, "band": pl.String, "internal": pl.Boolean,
        "shortlisted": pl.Boolean, "appointed": pl.Boolean, "completed_date": pl.Date, "score": pl.Float64,
    }
)  # fmt: skip
BY = ("band", "internal")


def per_quarter(rows: list[Row], schema: pl.Schema) -> dict[Quarter, pl.DataFrame]:
    """Deal rows out over the quarters of the window."""
    return {quarter: pl.DataFrame(rows[at::4], schema=schema) for at, quarter in enumerate(YEAR)}


@settings(max_examples=40, deadline=None)
@given(rows=st.lists(APPLICATION, max_size=30), windowed=st.booleans())
def test_rows_are_counted_as_one_would_by_hand(rows: list[Row], windowed: bool) -> None:
    made = indicator(
        kind="rows", dataset="recruitment", base="b", event="e", breakdowns=BY,
        window_by="completed_date" if windowed else None,
    )  # fmt: skip
    frames = {"recruitment": per_quarter(rows, APPLICATION_SCHEMA)}
    found = counted(made, frames, {"base": pl.col("shortlisted"), "event": pl.col("appointed")})

    def judge(row: Row) -> Any:
        if windowed and (row["completed_date"] is None or row["completed_date"] < YEAR[0].start):
            return "outside"
        return "outside" if row["shortlisted"] is False else row["appointed"] if row["shortlisted"] else None

    inside = [row for row in rows if judge(row) != "outside"]
    assert cells(found) == where_recorded(tally(two_groups(), inside, BY, judge), "base")
    assert found.schema == COUNTS
    assert found.select(TOTALS).null_count().row(0) == (found.height,) * 4
    for name in {*BY} & {*found["breakdown"]}:
        levels = found.filter(pl.col("breakdown") == name)
        for column in (*CELLS, "unanswered"):
            assert levels[column].sum() == cells(found)[ALL, ALL][column]


@settings(max_examples=30, deadline=None)
@given(rows=st.lists(APPLICATION, max_size=40), vacancies=st.integers(1, 6))
def test_shortlists_are_summed_over_vacancies_that_inform(rows: list[Row], vacancies: int) -> None:
    made = indicator(
        kind="rows", dataset="recruitment", base="b", event="e", stratified_by="vacancy", breakdowns=("band",)
    )
    rows = [{**row, "vacancy": str(at % vacancies)} for at, row in enumerate(rows)]
    schema = pl.Schema({**APPLICATION_SCHEMA, "vacancy": pl.String})
    found = counted(
        made,
        {"recruitment": per_quarter(rows, schema)},
        {"base": pl.col("shortlisted"), "event": pl.col("appointed")},
    )
    counts = np.zeros((4, vacancies), int)
    for row in rows:
        if row["shortlisted"] and row["appointed"] is not None and row["ethnicity"] != "unknown":
            side = 0 if row["ethnicity"] == "white" else 2
            counts[side, int(row["vacancy"])] += row["appointed"]
            counts[side + 1, int(row["vacancy"])] += 1
    expected = by_vacancy(*counts)
    whole = found.filter(pl.col("breakdown") == ALL)
    compared = vacancy_ratio(*(whole[name].item() for name in WITHIN))
    assert compared[0] == pytest.approx(expected.ratio, nan_ok=True)
    assert compared[1:] == pytest.approx((expected.low, expected.high, expected.statistic, expected.p_value))
    assert (
        found.filter(pl.col("breakdown") != ALL).select(WITHIN).null_count().row(0) == (found.height - 1,) * 3
    )


def test_three_shortlists_that_inform_are_summed_as_by_hand() -> None:
    """Of vacancies with 5, 6 and 2 known people on the list 1, 3 and 1 were appointed; four others inform nothing.

    1 * 2 / 5 + 1 * 4 / 6 + 1 * 1 / 2 of White people beside 0 + 2 * 2 / 6 + 0 of others, and the variance is
    3 * 2 * 1 * 4 / (5 * 5 * 4) + 2 * 4 * 3 * 3 / (6 * 6 * 5) + 1 / (2 * 2) = 0.24 + 0.4 + 0.25.
    """
    people_of = {
        "first": [(3, 1, "white"), (2, 0, "ethnic_minority"), (2, 1, "unknown")],
        "second": [(2, 1, "white"), (4, 2, "ethnic_minority")],
        "one of each": [(1, 1, "white"), (1, 0, "ethnic_minority")],
        "one group": [(3, 1, "white")],
        "the other": [(3, 1, "ethnic_minority")],
        "nobody": [(2, 0, "white"), (2, 0, "ethnic_minority")],
        "everybody": [(1, 1, "white"), (1, 1, "ethnic_minority")],
    }
    listed = [
        (vacancy, ethnicity, True, at < appointed)
        for vacancy, groups in people_of.items()
        for on_list, appointed, ethnicity in groups
        for at in range(on_list)
    ]
    passed_over = [("first", "white", False, True), ("second", "ethnic_minority", True, None)]
    columns = ("vacancy", "ethnicity", "shortlisted", "appointed")
    rows = [
        dict(zip(columns, row, strict=True)) | {"broad_group": "Asian"} for row in (*listed, *passed_over)
    ]
    schema = pl.Schema({**APPLICATION_SCHEMA, "vacancy": pl.String})
    found = counted(
        indicator(kind="rows", dataset="recruitment", base="b", event="e", stratified_by="vacancy"),
        {"recruitment": per_quarter(rows, schema)},
        {"base": pl.col("shortlisted"), "event": pl.col("appointed")},
    )
    whole, broad_group = found.select(WITHIN).rows()
    assert whole == pytest.approx((2 / 5 + 4 / 6 + 1 / 2, 4 / 6, 0.89))
    assert broad_group == (None, None, None), "of the whole alone"


@settings(max_examples=40, deadline=None)
@given(rows=st.lists(APPLICATION, max_size=30))
def test_a_mean_leaves_out_those_with_no_value_and_counts_them(rows: list[Row]) -> None:
    made = indicator(
        kind="mean", dataset="recruitment", base="b", value="score", unit="points", breakdowns=("band",)
    )
    frames = {"recruitment": per_quarter(rows, APPLICATION_SCHEMA)}
    found = counted(made, frames, {"base": pl.col("shortlisted")})

    def judge(row: Row) -> Any:
        if row["shortlisted"] is False:
            return "outside"
        return True if row["shortlisted"] and row["score"] is not None else None

    inside = [row for row in rows if judge(row) != "outside"]
    assert cells(found) == where_recorded(tally(two_groups(), inside, ("band",), judge), "base")
    scores = [row["score"] for row in inside if judge(row) and row["ethnicity"] == "white"]
    whole = cells(found, totals=True)[ALL, ALL]
    assert whole["reference_total"] == pytest.approx(sum(scores))
    assert whole["reference_squares"] == pytest.approx(sum(score**2 for score in scores))
    assert set(found["unit"]) == {"points"}


PERSON = st.fixed_dictionaries(
    {
        "ethnicity": ETHNICITY,
        "broad_group": BROAD,
        "band": BAND,
        "senior_manager": MAYBE,
        "board_member": st.booleans(),
    }
)
STAFF_SCHEMA = pl.Schema(
    {
        "person": pl.String, "ethnicity": pl.String, "broad_group": pl.String, "band": pl.String,
        "senior_manager": pl.Boolean, "board_member": pl.Boolean,
    }
)  # fmt: skip


def staff_of(rows: list[Row]) -> list[Row]:
    return [{"person": str(at), **row} for at, row in enumerate(rows)]


def population(rows: Iterable[Row], of: str) -> tuple[int, int, int]:
    held = list(rows)
    return (
        len(held),
        sum(row["ethnicity"] == of for row in held),
        sum(row["ethnicity"] == "unknown" for row in held),
    )


@settings(max_examples=25, deadline=None)
@given(rows=st.lists(PERSON, max_size=30), of=st.sampled_from(["ethnic_minority", "unknown"]))
def test_a_share_sets_each_level_beside_everybody_else(rows: list[Row], of: str) -> None:
    staff = staff_of(rows)
    frames = {"staff_in_post": {NOW: pl.DataFrame(staff, schema=STAFF_SCHEMA)}}
    made = indicator(kind="share", dataset="staff_in_post", of=of, breakdowns=("band",))
    counted_of = counted(made, frames, {})
    found = cells(counted_of)
    assert set(counted_of["of"]) == {of}
    everyone, of_them, unknown = population(staff, of)
    assert found.pop((ALL, ALL)) == {
        "reference_base": None, "reference_events": None, "group_base": everyone, "group_events": of_them,
        "unknown_base": unknown, "unknown_events": None, "unanswered": 0,
    }  # fmt: skip
    groups = {
        level: found.pop((BROAD_GROUP, level))
        for level in ("Asian", "White", "Other")
        if (BROAD_GROUP, level) in found
    }
    assert len(groups) == (
        len({row["broad_group"] for row in staff if row["ethnicity"] == of}) if of != "unknown" else 0
    )
    for level, row in groups.items():
        assert (row["reference_base"], row["reference_events"]) == (None, None)
        assert (row["group_base"], row["unknown_base"]) == (everyone, unknown)
        assert row["group_events"] == sum(
            each["ethnicity"] == of and each["broad_group"] == level for each in staff
        )
    for (_, level), row in found.items():
        inside = [each for each in staff if (each["band"] or NOT_RECORDED) == level]
        there, of_there, unknown_there = population(inside, of)
        assert (row["group_base"], row["group_events"], row["unknown_base"]) == (
            there,
            of_there,
            unknown_there,
        )
        assert row["reference_base"] == everyone - there
        assert row["reference_events"] == of_them - of_there


@settings(max_examples=25, deadline=None)
@given(rows=st.lists(PERSON, max_size=30))
def test_a_part_stands_beside_the_rest_and_neither_holds_the_other(rows: list[Row]) -> None:
    staff = staff_of(rows)
    made = indicator(
        kind="share", dataset="staff_in_post", part="p", part_words="senior managers", breakdowns=("band",)
    )
    frames = {"staff_in_post": {NOW: pl.DataFrame(staff, schema=STAFF_SCHEMA)}}
    found = cells(counted(made, frames, {"part": pl.col("senior_manager")}))
    whole = found[ALL, ALL]
    for (_, level), row in [(key, found.pop(key)) for key in list(found) if key[0] == BROAD_GROUP]:
        of_group = [
            each["senior_manager"]
            for each in staff
            if each["broad_group"] == level and each["ethnicity"] == "ethnic_minority"
        ]
        assert (row["group_events"], row["reference_events"]) == (of_group.count(True), of_group.count(False))
        assert all(row[name] == whole[name] for name in ("group_base", "reference_base", "unknown_base"))
    for (breakdown, level), row in found.items():
        there = [each for each in staff if breakdown == ALL or (each["band"] or NOT_RECORDED) == level]
        part = population((each for each in there if each["senior_manager"]), "ethnic_minority")
        rest = population((each for each in there if each["senior_manager"] is False), "ethnic_minority")
        assert (row["group_base"], row["group_events"], row["unknown_base"]) == part
        assert (row["reference_base"], row["reference_events"]) == rest[:2]
        assert row["unanswered"] == sum(each["senior_manager"] is None for each in there)


REQUEST = st.fixed_dictionaries(
    {
        "person": st.sampled_from([str(at) for at in range(14)]),
        "ethnicity": ETHNICITY,
        "broad_group": BROAD,
        "completed": MAYBE,
        "cost": st.sampled_from([0.0, 10.0, 250.5]),
    }
)
REQUEST_SCHEMA = pl.Schema(
    {
        "person": pl.String,
        "ethnicity": pl.String,
        "broad_group": pl.String,
        "completed": pl.Boolean,
        "cost": pl.Float64,
    }
)


@settings(max_examples=40, deadline=None)
@given(people=st.lists(PERSON, max_size=12), requests=st.lists(REQUEST, max_size=30), in_pounds=st.booleans())
def test_linked_people_count_once_those_without_a_row_had_none_and_those_not_known_are_unanswered(
    people: list[Row], requests: list[Row], in_pounds: bool
) -> None:
    staff = staff_of(people)
    more = {"value": "cost", "unit": "pounds"} if in_pounds else {}
    made = indicator(kind="linked", dataset="learning_budget", event="e", breakdowns=("band",), **more)
    frames = {
        "staff_in_post": dict.fromkeys(YEAR, pl.DataFrame(staff, schema=STAFF_SCHEMA)),
        "learning_budget": per_quarter(requests, REQUEST_SCHEMA),
    }
    found = counted(made, frames, {"base": pl.col("board_member"), "event": pl.col("completed")})
    staff = [row for row in staff if row["board_member"]]

    def spent(row: Row) -> float | None:
        """What a person's requests add up to, None where it is not known of all that cost something."""
        own = [each for each in requests if each["person"] == row["person"]]
        if any(each["completed"] is None and each["cost"] > 0 for each in own):
            return None
        return sum(each["cost"] for each in own if each["completed"])

    def judge(row: Row) -> bool | None:
        if in_pounds:
            return None if spent(row) is None else spent(row) > 0
        done = [each["completed"] for each in requests if each["person"] == row["person"]]
        return True if True in done else None if None in done else False

    assert cells(found) == where_recorded(tally(two_groups(), staff, ("band",), judge), "base")
    assert set(found["unit"]) == {"pounds" if in_pounds else ""}
    whole = cells(found, totals=True)[ALL, ALL]
    if in_pounds:
        of_group = [
            sum_of
            for row in staff
            if row["ethnicity"] == "ethnic_minority" and (sum_of := spent(row)) is not None
        ]
        assert whole["group_total"] == pytest.approx(sum(of_group))
        assert whole["group_squares"] == pytest.approx(sum(each**2 for each in of_group))
        assert two_largest(found, "group") == largest_two(of_group)
    else:
        assert whole["group_total"] is None


@settings(max_examples=40, deadline=None)
@given(people=st.lists(PERSON, max_size=12), requests=st.lists(REQUEST, max_size=30))
def test_the_share_of_a_sum_stands_beside_the_share_of_staff(people: list[Row], requests: list[Row]) -> None:
    staff = staff_of(people)
    made = indicator(kind="share", dataset="learning_budget", value="cost", part_words="spend")
    frames = {
        "staff_in_post": dict.fromkeys(YEAR, pl.DataFrame(staff, schema=STAFF_SCHEMA)),
        "learning_budget": per_quarter(requests, REQUEST_SCHEMA),
    }
    found = counted(made, frames, {})
    whole = cells(found, totals=True)[ALL, ALL]
    paid = [row for row in requests if row["cost"] > 0]
    assert (whole["reference_base"], whole["reference_events"]) == population(staff, "ethnic_minority")[:2]
    assert (whole["group_base"], whole["group_events"], whole["unknown_base"]) == population(
        paid, "ethnic_minority"
    )
    assert whole["reference_total"] == pytest.approx(sum(row["cost"] for row in paid))
    of_group = [row["cost"] for row in paid if row["ethnicity"] == "ethnic_minority"]
    assert whole["group_total"] == pytest.approx(sum(of_group))
    assert two_largest(found, "group") == largest_two(of_group)
    assert two_largest(found, "reference") == largest_two([row["cost"] for row in paid]), "of everybody"


LEAVER_SCHEMA = pl.Schema(
    {"ethnicity": pl.String, "broad_group": pl.String, "band": pl.String, "reason": pl.String}
)
LEAVER = st.fixed_dictionaries(
    {
        "ethnicity": ETHNICITY,
        "broad_group": BROAD,
        "band": BAND,
        "reason": st.sampled_from(["Retired", "Moved", None]),
    }
)


@settings(max_examples=40, deadline=None)
@given(people=st.lists(PERSON, max_size=20), leavers=st.lists(LEAVER, max_size=20))
def test_a_rate_sets_events_beside_every_snapshot_of_the_window(
    people: list[Row], leavers: list[Row]
) -> None:
    made = indicator(kind="rate", dataset="leavers", event="e", breakdowns=("band",))
    staff = staff_of(people)
    frames = {
        "staff_in_post": per_quarter(staff, STAFF_SCHEMA),
        "leavers": per_quarter(leavers, LEAVER_SCHEMA),
    }
    found = counted(made, frames, {"event": pl.col("reason") == "Moved"})
    expected = two_groups() | tally(two_groups(), staff, ("band",), lambda _: False)
    for row in leavers:
        for key in keys_of(row, ("band",)):
            if row["reason"] is None:
                expected[key]["unanswered"] += 1
            elif row["reason"] == "Moved":
                expected[key][f"{SIDES[row['ethnicity']]}_events"] += 1

    def somebody(rows: Naive) -> Naive:
        return {
            key: row
            for key, row in rows.items()
            if any(
                row[name] for name in row if key[0] != BROAD_GROUP or name.startswith(("group", "unanswered"))
            )
        }

    kept = where_recorded(beside_white(expected), "base", "events")
    assert somebody(cells(found)) == somebody(kept)


def people(n: int, **more: Any) -> pl.DataFrame:
    given = {
        "ethnicity": ["white"] * n,
        "broad_group": ["White"] * n,
        **{name: [value] * n for name, value in more.items()},
    }
    return pl.DataFrame(given, schema=dict.fromkeys(given, pl.String))


def test_coverage_takes_the_staff_list_of_the_quarter_the_replies_came_in() -> None:
    """An annual survey of two quarters ago stands beside the staff of two quarters ago."""
    made = indicator(kind="coverage", dataset="staff_survey", base_dataset="staff_in_post")
    frames = {
        "staff_survey": {YEAR[1]: people(30)},
        "staff_in_post": {quarter: people(100 + at) for at, quarter in enumerate(YEAR)},
    }
    always = {"base": pl.lit(True), "event": pl.lit(True)}
    whole = cells(counted(made, frames, always))[ALL, ALL]
    assert (whole["reference_base"], whole["reference_events"]) == (101, 30)
    later = {**frames, "staff_survey": {YEAR[1]: people(30), YEAR[3]: people(7)}}
    whole = cells(counted(made, later, always))[ALL, ALL]
    assert (whole["reference_base"], whole["reference_events"]) == (103, 7), "the latest survey alone"
    made = indicator(kind="coverage", dataset="exit_interviews", base_dataset="staff_in_post")
    interviews = {**frames, "exit_interviews": {quarter: people(2) for quarter in YEAR}}
    whole = cells(counted(made, interviews, always))[ALL, ALL]
    assert (whole["reference_base"], whole["reference_events"]) == (103, 8), "the latest staff alone"


PAID = [
    {"ethnicity": ethnicity, "broad_group": broad_group, "band": band, "cost": cost}
    for ethnicity, broad_group, band, cost in (
        ("white", "White", "Band 5", 10.0),
        ("white", "White", "Band 6", 20.0),
        ("ethnic_minority", "Asian", "Band 5", 0.5),
        ("ethnic_minority", "Other", "Band 5", 4.0),
        ("ethnic_minority", "Asian", "Band 6", None),
        ("unknown", None, "Band 6", 7.0),
    )
]
PAID_SCHEMA = pl.Schema(
    {"ethnicity": pl.String, "broad_group": pl.String, "band": pl.String, "cost": pl.Float64}
)


def test_money_is_summed_by_level_and_broad_groups_stand_beside_the_whole() -> None:
    made = indicator(
        kind="mean", dataset="learning_budget", base="b", value="cost", unit="pounds", breakdowns=("band",)
    )
    found = counted(made, {"learning_budget": per_quarter(PAID, PAID_SCHEMA)}, {"base": pl.lit(True)})
    assert found.select("breakdown", "level", *TOTALS, "unanswered").rows() == [
        ("all", "all", 30, 500, 4.5, 16.25, 1),
        ("band", "Band 5", 10, 100, 4.5, 16.25, 0),
        ("band", "Band 6", 20, 400, 0, 0, 1),
        ("broad_group", "Asian", 30, 500, 0.5, 0.25, 1),
        ("broad_group", "Other", 30, 500, 4, 16, 0),
    ]


def test_what_was_spent_on_each_person_is_summed_before_it_is_squared() -> None:
    """Of two on the board 10 and 20 were spent on one and nothing on the other, beside 0.5 on one who is White."""
    on_board = {"0": "ethnic_minority", "1": "ethnic_minority", "2": "white"}
    staff = [
        {"person": person, "ethnicity": ethnicity, "broad_group": "Asian", "board_member": True}
        for person, ethnicity in on_board.items()
    ]
    staff.append({**staff[2], "person": "3", "board_member": False})
    spent = [("0", 10.0, True), ("0", 20.0, True), ("1", 40.0, False), ("2", 0.5, True), ("3", 100.0, True)]
    requests = [{"person": person, "cost": cost, "completed": done} for person, cost, done in spent]
    found = counted(
        indicator(kind="linked", dataset="learning_budget", event="e", value="cost", unit="pounds"),
        {
            "staff_in_post": dict.fromkeys(YEAR, pl.DataFrame(staff, schema_overrides=STAFF_SCHEMA)),
            "learning_budget": per_quarter(requests, REQUEST_SCHEMA),
        },
        {"base": pl.col("board_member"), "event": pl.col("completed")},
    )
    whole = found.row(0, named=True)
    assert [whole[name] for name in CELLS] == [1, 1, 2, 1, 0, 0]
    assert [whole[name] for name in TOTALS] == [0.5, 0.25, 30, 900]


def test_a_share_of_spend_is_divided_by_level_as_the_staff_are() -> None:
    """Nobody was paid for in Band 7, and one sum in Band 6 was not recorded; broad groups have no share of it."""
    made = indicator(
        kind="share", dataset="learning_budget", value="cost", part_words="spend", breakdowns=("band",)
    )
    bands = ("Band 5", "Band 5", "Band 5", "Band 6", "Band 6", "Band 7")
    ethnicities = ("ethnic_minority", "white", "white", "white", "unknown", "white")
    staff = [
        {"person": str(at), "ethnicity": ethnicity, "broad_group": "Asian", "band": band}
        for at, (ethnicity, band) in enumerate(zip(ethnicities, bands, strict=True))
    ]
    frames = {
        "staff_in_post": dict.fromkeys(YEAR, pl.DataFrame(staff, schema_overrides=STAFF_SCHEMA)),
        "learning_budget": per_quarter(PAID, PAID_SCHEMA),
    }
    found = counted(made, frames, {})
    assert found.select("breakdown", "level", *CELLS, *TOTALS, "unanswered").rows() == [
        ("all", "all", 6, 1, 5, 2, 1, None, 41.5, None, 4.5, None, 1),
        ("band", "Band 5", 3, 1, 3, 2, 0, None, 14.5, None, 4.5, None, 0),
        ("band", "Band 6", 2, 0, 2, 0, 1, None, 27, None, 0, None, 1),
        ("band", "Band 7", 1, 0, 0, 0, 0, None, 0, None, 0, None, 0),
    ]
    assert set(found["unit"]) == {"pounds"}


def test_a_window_holds_its_first_and_last_day() -> None:
    made = indicator(kind="rows", dataset="recruitment", base="b", event="e", window_by="completed_date")
    days = [dt.date(2025, 9, 30), dt.date(2025, 10, 1), dt.date(2026, 9, 30), dt.date(2026, 10, 1)]
    frame = people(4).with_columns(completed_date=pl.Series(days))
    frames = {"recruitment": {each: frame if each == NOW else frame[:0] for each in YEAR}}
    assert cells(counted(made, frames, ALWAYS))[ALL, ALL]["reference_base"] == 2


def test_coverage_counts_who_answered_of_those_it_asks() -> None:
    """Of 3 White and 2 other people who moved, 1 and 1 replied; one reason and one reply are not recorded."""
    made = indicator(kind="coverage", dataset="exit_interviews", base_dataset="leavers")
    left = pl.concat(
        [
            people(3, reason="Moved"),
            people(1, reason="Retired"),
            people(1, reason=None).with_columns(ethnicity=pl.lit("unknown")),
            people(2, reason="Moved").with_columns(ethnicity=pl.lit("ethnic_minority")),
        ]
    )
    replies = pl.DataFrame(
        {
            "ethnicity": ["white", "white", "white", "ethnic_minority"],
            "broad_group": ["White", "White", "White", "Asian"],
            "replied": [True, False, None, True],
        }
    )
    frames = {
        "exit_interviews": {each: replies if each == NOW else replies[:0] for each in YEAR},
        "leavers": {each: left if each == NOW else left[:0] for each in YEAR},
    }
    found = counted(made, frames, {"base": pl.col("reason") == "Moved", "event": pl.col("replied")})
    assert found.row(0, named=True).items() >= {
        "reference_base": 3, "reference_events": 1, "group_base": 2, "group_events": 1,
        "unknown_base": 0, "unknown_events": 0, "unanswered": 2, "unit": "", "of": "",
    }.items()  # fmt: skip


def test_many_indicators_are_counted_at_once_each_as_of_its_last_delivery() -> None:
    made = {
        "recruited": indicator(kind="rows", dataset="recruitment", base="b", event="e"),
        "surveyed": indicator(kind="rows", dataset="staff_survey", base="b", event="e"),
        "interviewed": indicator(kind="rows", dataset="exit_interviews", base="b", event="e"),
        "in_post": indicator(kind="share", dataset="staff_in_post"),
        "trained": indicator(kind="rows", dataset="learning_budget", base="b", event="e"),
    }
    frames = {
        "recruitment": {each: people(2) for each in YEAR},
        "staff_survey": {YEAR[1]: people(30)},
        "exit_interviews": {},
        "staff_in_post": {each: people(50 + at) for at, each in enumerate(YEAR)},
        "learning_budget": {each: people(3) for each in YEAR[:3]},
    }
    lazy = {name: {at: frame.lazy() for at, frame in each.items()} for name, each in frames.items()}
    always = {"base": pl.lit(True), "event": pl.lit(True)}
    found = count(made, dict.fromkeys(made, always), Records(lazy), NOW).counts
    whole = found.filter(pl.col("breakdown") == ALL)
    assert whole.select("indicator", "reference_base", "group_base", "as_of", "missing").rows() == [
        ("recruited", 8, 0, NOW.key, ""),
        ("surveyed", 30, 0, YEAR[1].key, ""),
        ("interviewed", None, None, "", "exit interviews: not received"),
        ("in_post", None, 53, NOW.key, ""),
        ("trained", None, None, YEAR[2].key, "learning and development budget: 3 of 4 quarters"),
    ]
    assert whole["of"].to_list() == ["", "", "", "ethnic_minority", ""]


def test_coverage_of_leavers_sums_the_window_on_both_sides() -> None:
    made = indicator(kind="coverage", dataset="exit_interviews", base_dataset="leavers")
    frames = {
        "exit_interviews": {quarter: people(2) for quarter in YEAR},
        "leavers": {quarter: people(5) for quarter in YEAR},
    }
    whole = cells(counted(made, frames, {"base": pl.lit(True), "event": pl.lit(True)}))[ALL, ALL]
    assert (whole["reference_base"], whole["reference_events"]) == (20, 8)


def test_rows_of_a_snapshot_are_those_of_the_last() -> None:
    made = indicator(kind="rows", dataset="staff_in_post", base="b", event="e")
    frames = {"staff_in_post": {quarter: people(10 + at) for at, quarter in enumerate(YEAR)}}
    found = counted(made, frames, {"base": pl.lit(True), "event": pl.lit(True)})
    assert cells(found)[ALL, ALL]["reference_base"] == 13


ROWS = {"kind": "rows", "dataset": "recruitment", "base": "b", "event": "e"}
ALWAYS = {"base": pl.lit(True), "event": pl.lit(True), "part": pl.lit(True)}
MISSING = {
    "nothing at all": (ROWS, {}, "recruitment: not received"),
    "a quarter": (ROWS, {"recruitment": YEAR[1:]}, "recruitment: 3 of 4 quarters"),
    "older quarters do not stand in": (
        ROWS,
        {"recruitment": NOW.plus(-4).window(4)},
        "recruitment: not received",
    ),
    "a survey lacks nothing": ({**ROWS, "dataset": "staff_survey"}, {"staff_survey": YEAR[:1]}, ""),
    "a survey of last year": (
        {**ROWS, "dataset": "staff_survey"},
        {"staff_survey": (NOW.plus(-4),)},
        "staff survey: not received",
    ),
    "the last staff list": (
        {"kind": "share", "dataset": "staff_in_post"},
        {"staff_in_post": YEAR[:3]},
        "staff in post: not received",
    ),
    "one of a rate's staff lists": (
        {"kind": "rate", "dataset": "leavers"},
        {"leavers": YEAR, "staff_in_post": YEAR[2:]},
        "staff in post: 2 of 4 quarters",
    ),
    "what the staff are linked to, and not they": (
        {"kind": "linked", "dataset": "learning_budget", "event": "e"},
        {"learning_budget": YEAR, "staff_in_post": YEAR[:3]},
        "staff in post: not received",
    ),
    "what was spent, and not the staff": (
        {"kind": "share", "dataset": "learning_budget", "value": "cost", "part_words": "spend"},
        {"learning_budget": YEAR, "staff_in_post": YEAR[:3]},
        "staff in post: not received",
    ),
    "a survey, and not the staff of today": (
        {"kind": "coverage", "dataset": "staff_survey", "base_dataset": "staff_in_post"},
        {"staff_in_post": YEAR[3:]},
        "staff survey: not received",
    ),
    "linked, the last staff list alone": (
        {"kind": "linked", "dataset": "learning_budget", "event": "e"},
        {"learning_budget": YEAR, "staff_in_post": YEAR[3:]},
        "",
    ),
    "both": (
        {"kind": "coverage", "dataset": "exit_interviews", "base_dataset": "leavers"},
        {"leavers": YEAR[2:]},
        "exit interviews: not received; leavers: 2 of 4 quarters",
    ),
}


@pytest.mark.parametrize(("given", "held", "words"), MISSING.values(), ids=MISSING)
def test_a_window_says_what_it_lacks(given: Row, held: Mapping[str, Iterable[Quarter]], words: str) -> None:
    frames = {
        name: {quarter: people(3, person="1") for quarter in quarters} for name, quarters in held.items()
    }
    found = counted(indicator(**given), frames, ALWAYS)
    assert found["missing"].to_list() == [words] * found.height
    assert found.select("breakdown", "level").row(0) == (ALL, ALL)
    if words:
        assert found.height == 1
        assert found.select(*CELLS, *TOTALS).null_count().row(0) == (1,) * 10


def test_a_window_with_nobody_in_it_has_noughts_and_lacks_nothing() -> None:
    frames = {"recruitment": dict.fromkeys(YEAR, people(0))}
    found = counted(indicator(**ROWS), frames, ALWAYS)
    assert cells(found) == {(ALL, ALL): dict.fromkeys((*CELLS, "unanswered"), 0)}


def test_a_column_that_one_quarter_lacks_does_not_matter() -> None:
    """Where ethnicity was taken from stands in the quarters alone in which it was looked up."""
    frames = {"learning_budget": {each: people(2) for each in YEAR}}
    frames["learning_budget"][NOW] = people(3, ethnicity_from="own")
    found = counted(indicator(**{**ROWS, "dataset": "learning_budget"}), frames, ALWAYS)
    assert cells(found)[ALL, ALL]["reference_base"] == 9


def test_no_indicators_no_counts() -> None:
    assert count({}, {}, Records({}), NOW).counts.schema == COUNTS


def training(**requests: list[bool | None]) -> Mapping[str, Mapping[Quarter, pl.DataFrame]]:
    """Three White staff and one other, and whether the requests of some of them were completed."""
    staff = pl.DataFrame(
        {
            "person": ["ann", "ben", "cat", "dev"],
            "ethnicity": ["white", "white", "white", "ethnic_minority"],
            "broad_group": ["White", "White", "White", "Asian"],
        }
    )
    rows = [(person, done) for person, each in requests.items() for done in each]
    asked = pl.DataFrame(rows, schema={"person": pl.String, "completed": pl.Boolean}, orient="row")
    return {
        "staff_in_post": {NOW: staff},
        "learning_budget": {each: asked if each == NOW else asked[:0] for each in YEAR},
    }


TRAINED = {"kind": "linked", "dataset": "learning_budget", "event": "e"}
COMPLETED = {"base": pl.lit(True), "event": pl.col("completed")}


@pytest.mark.parametrize(
    ("requests", "white", "unanswered"),
    [
        ({"ann": [True, None], "ben": [False]}, (3, 1), 0),
        ({"ann": [True], "ben": [None, False]}, (2, 1), 1),
        ({"ann": [None], "ben": [None], "cat": [None]}, (0, 0), 3),
        ({}, (3, 0), 0),
    ],
    ids=["had it once", "may have had it", "nobody is known", "no requests"],
)
def test_what_is_not_recorded_of_a_person_is_not_taken_for_did_not(
    requests: dict[str, list[bool | None]], white: tuple[int, int], unanswered: int
) -> None:
    whole = cells(counted(indicator(**TRAINED), training(**requests), COMPLETED))[ALL, ALL]
    assert (whole["reference_base"], whole["reference_events"], whole["unanswered"]) == (*white, unanswered)
    assert (whole["group_base"], whole["group_events"]) == (1, 0), "asked for nothing, so had nothing"


def count_of(
    made: Indicator, frames: Mapping[str, Mapping[Quarter, pl.DataFrame]], **not_available: list[str]
) -> Counted:
    lazy = {name: {at: frame.lazy() for at, frame in each.items()} for name, each in frames.items()}
    return count({"it": made}, {"it": COMPLETED}, Records(lazy, not_available), NOW)


def test_an_indicator_says_which_column_it_rests_on_is_not_available() -> None:
    """Whatever the records hold: of an earlier source perhaps."""
    counts, undivided = count_of(
        indicator(**TRAINED), training(ann=[True]), learning_budget=["completed", "cost"]
    )
    assert counts["missing"].to_list() == ["learning and development budget has no 'completed'"]
    assert counts.select(CELLS).null_count().row(0) == (1,) * len(CELLS)
    assert undivided == ()


def test_records_kept_before_there_was_such_a_column_do_not_have_it() -> None:
    frames = training(ann=[True])
    older = {each: frame.drop("completed") for each, frame in frames["learning_budget"].items()}
    lacking = count_of(indicator(**TRAINED), {**frames, "learning_budget": older}).counts
    assert lacking["missing"].to_list() == ["learning and development budget has no 'completed'"]
    some = {**older, NOW: frames["learning_budget"][NOW]}
    whole = cells(count_of(indicator(**TRAINED), {**frames, "learning_budget": some}).counts)[ALL, ALL]
    assert (whole["reference_base"], whole["reference_events"]) == (3, 1), "a quarter that has it is read"


def test_ethnicity_that_is_not_available_leaves_nothing_to_compare() -> None:
    found = count_of(indicator(**TRAINED), training(ann=[True]), staff_in_post=["ethnic_code"]).counts
    assert found["missing"].to_list() == ["staff in post has no 'ethnic_code'"]


def test_a_breakdown_or_stratum_that_is_not_available_goes_and_the_indicator_stays() -> None:
    frame = pl.DataFrame(
        {
            "ethnicity": ["white", "ethnic_minority"] * 2,
            "broad_group": ["White", "Asian"] * 2,
            "vacancy": ["1", "1", "2", "2"],
            "band": ["Band 5", "Band 6"] * 2,
            "completed": [True, False, True, False],
        }
    )
    made = indicator(**ROWS, stratified_by="vacancy", breakdowns=("band",))
    frames = {"recruitment": {each: frame if each == NOW else frame[:0] for each in YEAR}}
    divided = count_of(made, frames)
    assert divided.undivided == ()
    assert "band" in divided.counts["breakdown"]
    assert divided.counts[WITHIN[0]].drop_nulls().to_list() == [1.0]
    counts, undivided = count_of(made, frames, recruitment=["band", "vacancy"])
    assert set(counts["breakdown"]) == {ALL, BROAD_GROUP}
    assert counts[WITHIN[0]].null_count() == counts.height
    assert cells(counts)[ALL, ALL] == cells(divided.counts)[ALL, ALL]
    assert set(undivided) == {Undivided("it", by, "recruitment", NOT_GIVEN) for by in ("band", "vacancy")}


def test_rows_of_no_known_stratum_are_no_stratum_of_their_own() -> None:
    rows = [("white", True), ("white", False), ("ethnic_minority", False)]
    frame = pl.DataFrame(rows, schema=["ethnicity", "completed"], orient="row").with_columns(
        broad_group=pl.lit("Asian"), vacancy=pl.lit(None, pl.String)
    )
    frames = {"recruitment": {each: frame if each == NOW else frame[:0] for each in YEAR}}
    found = count_of(indicator(**ROWS, stratified_by="vacancy"), frames).counts
    assert found.filter(pl.col("breakdown") == ALL)[WITHIN[0]].to_list() == [0.0]


def banded(n: int, band: str | None) -> pl.DataFrame:
    return people(n, band=band).with_columns(person=pl.int_range(n).cast(pl.String), completed=True)


BY_BAND = {
    "rows": ({**ROWS, "dataset": "leavers"}, "leavers"),
    "share of everybody": ({"kind": "share", "dataset": "leavers"}, "leavers"),
    "share of a part": ({"kind": "share", "dataset": "leavers", "part": "p", "part_words": "those"}, "leavers"),
    "share of a sum": (
        {"kind": "share", "dataset": "leavers", "value": "spent", "part_words": "spend"}, "leavers"
    ),
    "rate, of leavers": ({"kind": "rate", "dataset": "leavers", "event": "e"}, "leavers"),
    "rate, of staff": ({"kind": "rate", "dataset": "leavers", "event": "e"}, "staff_in_post"),
    "coverage, of its base": (
        {"kind": "coverage", "dataset": "leavers", "base_dataset": "staff_in_post"}, "staff_in_post"
    ),
    "coverage, of its events": (
        {"kind": "coverage", "dataset": "leavers", "base_dataset": "staff_in_post"}, "leavers"
    ),
    "linked": ({"kind": "linked", "dataset": "leavers", "event": "e"}, "staff_in_post"),
}  # fmt: skip


@pytest.mark.parametrize(("given", "without"), BY_BAND.values(), ids=BY_BAND)
def test_what_nobody_has_is_no_breakdown_and_is_said(given: Row, without: str) -> None:
    """Not the whole once more as "not recorded"; where one row has a value there is a breakdown, with the others in it."""
    made = indicator(**given, breakdowns=("band",))
    predicates = {"base": pl.lit(True), "event": pl.lit(True), "part": pl.col("completed")}

    def found(of: str, *frames: pl.DataFrame) -> Counted:
        whole = {"staff_in_post": banded(40, "Band 5"), "leavers": banded(9, "Band 5")}
        whole |= {of: pl.concat(frames).with_columns(spent=pl.lit(5.0))}
        lazy = {
            name: dict.fromkeys(YEAR, frame.with_columns(spent=pl.lit(5.0)).lazy())
            for name, frame in whole.items()
        }
        return count({"it": made}, {"it": predicates}, Records(lazy), NOW)

    counts, undivided = found(without, banded(7, None))
    assert "band" not in counts["breakdown"]
    assert undivided == (Undivided("it", "band", without, OF_NOBODY),)
    counts, undivided = found(without, banded(7, None), banded(1, "Band 5"))
    assert set(counts.filter(pl.col("breakdown") == "band")["level"]) == {"Band 5", NOT_RECORDED}
    assert undivided == ()


def test_where_nobody_left_nobody_lacks_a_band() -> None:
    made = indicator(kind="rate", dataset="leavers", event="e", breakdowns=("band",))
    frames = {
        "staff_in_post": dict.fromkeys(YEAR, banded(5, "Band 5")),
        "leavers": dict.fromkeys(YEAR, banded(0, None)),
    }
    counts, undivided = count_of(made, frames)
    assert cells(counts)["band", "Band 5"]["reference_base"] == 20
    assert undivided == ()
