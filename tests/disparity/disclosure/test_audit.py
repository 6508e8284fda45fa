"""The audit: what is safe, what this release gives away, and what was given away before."""

from __future__ import annotations

import pytest

from disparity.catalogue.policies import Policy
from disparity.disclosure.attacker import Contradiction
from disparity.disclosure.audit import Audit, audit, left_of, of_all_readers, to_be_hidden
from disparity.disclosure.released_counts import BEYOND, Before
from disparity.ethnicity import ETHNIC_MINORITY, UNKNOWN, WHITE
from disparity.populations.people import EVERYONE, People
from invented_people import everybody

EXACT = Policy(
    title="Exact from 100", why="a test", threshold=100, round_to=1, percent_decimals=1, pounds_round_to=10,
    least_interval=5,
)  # fmt: skip
STAFF = everybody("staff_in_post", levels={"band": ("first", "second", "third", "fourth")})
COLUMNS = (ETHNIC_MINORITY, WHITE, UNKNOWN, EVERYONE)
HIDDEN = "[c]"
# Counts of sdcTable's example, hidden so that every line has two or more hidden; White people of the first level are 47.
ROWS: dict[str, list[int | str]] = {
    "first": [HIDDEN, HIDDEN, HIDDEN, 141],
    "second": [HIDDEN, 124, HIDDEN, 219],
    "third": [92, HIDDEN, 59, HIDDEN],
    "fourth": [800, HIDDEN, 651, HIDDEN],
    "all": [1012, 1262, 779, 3053],
}


@pytest.fixture(autouse=True)
def no_rows_of_other_tests() -> None:
    STAFF.region.domain.forget_rows()


def told(rows: dict[str, list[int | str]]) -> dict[People, Before]:
    return {
        STAFF.of_row("all" if level == "all" else "band", level)._replace(ethnicity=ethnicity): (
            Before(1, BEYOND, True) if isinstance(count, str) else Before(count, count, False)
        )
        for level, counts in rows.items()
        for ethnicity, count in zip(COLUMNS, counts, strict=True)
    }


RECOVERED = STAFF.of_row("band", "first")._replace(ethnicity=WHITE)


def test_a_count_that_several_lines_together_give_away_is_found() -> None:
    found = audit(told(ROWS), {}, EXACT, 60)
    assert not found.passed
    assert found.exposed == (RECOVERED,)
    assert (found.hidden, found.safe, found.unproved) == (9, 8, ())


def test_with_a_further_count_hidden_nobody_is_recovered() -> None:
    rows = ROWS | {"second": [HIDDEN, HIDDEN, HIDDEN, 219]}
    found = audit(told(rows), {}, EXACT, 60)
    assert found.passed
    assert (found.hidden, found.safe) == (10, 10)


def test_what_earlier_releases_hid_is_given_away_by_what_is_told_now() -> None:
    """The levels were told before without the whole; with the whole, what they hid comes out."""
    whole = {"all": ROWS["all"]}
    levels = {level: counts for level, counts in ROWS.items() if level != "all"}
    found = audit(told(whole), told(levels), EXACT, 60)
    assert found.exposed == (RECOVERED,)
    assert found.exposed_before == ()


def test_what_was_given_away_before_does_not_hold_a_release_that_tells_no_more_of_it() -> None:
    other = {STAFF._replace(dataset="leavers"): Before(300, 300, False)}
    found = audit(other, told(ROWS), EXACT, 60)
    assert found.exposed == ()
    assert found.exposed_before == (RECOVERED,)
    assert found.passed


def test_what_cannot_be_small_is_no_secret() -> None:
    found = audit(told(ROWS), {}, EXACT.model_copy(update={"threshold": 20}), 60)
    assert found.passed


def test_records_put_right_since_do_not_stop_the_audit_and_contradictions_of_one_release_do() -> None:
    before = {STAFF: Before(3054, 3054, False)}
    assert audit(told(ROWS), before, EXACT, 60).exposed == (RECOVERED,)
    with pytest.raises(Contradiction):
        audit(told(ROWS) | {RECOVERED: Before(48, 48, False)}, {}, EXACT, 60)


def test_without_time_nothing_passes() -> None:
    found = audit(told(ROWS), {}, EXACT, 0)
    assert not found.passed
    assert RECOVERED in found.unproved


def parts_of(
    whole: int, other: tuple[int, int], hidden: tuple[int, int] = (1, BEYOND)
) -> dict[People, Before]:
    """A whole of two levels: one told within an interval, one hidden."""
    first, second = (STAFF.of_row("band", level) for level in ("first", "second"))
    return {
        STAFF: Before(whole, whole, False),
        first: Before(*hidden, True),
        second: Before(*other, False),
    }


def test_what_was_told_of_the_same_people_twice_is_what_both_leave() -> None:
    """10 to 14 now leaves 1 to 5 of 15 for the rest, 8 to 12 before left 3 to 7: together they leave 3 to 5."""
    now, before = parts_of(15, (10, 14)), parts_of(15, (8, 12))
    for alone in (now, before):
        assert audit(alone, {}, EXACT, 60).passed
    found = audit(now, before, EXACT, 60)
    assert [each.level for each in found.exposed] == ["first"]
    assert (found.counts, found.sums) == (3, 1)


def test_who_is_told_now_is_hidden_no_more() -> None:
    now = {STAFF: Before(120, 120, False)}
    assert audit(now, {STAFF: Before(1, BEYOND, True)}, EXACT, 60).hidden == 0


def test_a_cell_that_leaves_few_values_by_itself_is_left_those() -> None:
    few = audit({STAFF: Before(1, 3, True)}, {}, EXACT, 60)
    assert (few.hidden, few.safe, few.passed) == (1, 1, True)
    assert not audit(parts_of(110, (107, 108), hidden=(1, 3)), {}, EXACT, 60).passed


@pytest.mark.parametrize(("threshold", "passed"), [(99, True), (100, False)])
def test_a_count_is_small_below_the_threshold(threshold: int, passed: bool) -> None:
    """99 to 101 are left."""
    policy = EXACT.model_copy(update={"threshold": threshold})
    assert audit(parts_of(200, (99, 101)), {}, policy, 60).passed is passed


def test_those_told_nowhere_can_be_nobody() -> None:
    """Of 5 people 1 to 5 are of an ethnic minority, since all may be."""
    told = {STAFF: Before(5, 5, False), STAFF._replace(ethnicity=ETHNIC_MINORITY): Before(1, 7, True)}
    assert audit(told, {}, EXACT, 60).passed


def test_what_is_narrower_now_than_earlier_releases_left_it_is_given_away_now() -> None:
    """Before: 1 to 4 of 110. Now: 1 to 2."""
    before, now = parts_of(110, (106, 109)), parts_of(110, (108, 109))
    found = audit(now, before, EXACT, 60)
    assert [each.level for each in found.exposed] == ["first"]
    assert found.exposed_before == ()
    assert [each.level for each in audit(before, before, EXACT, 60).exposed_before] == ["first"]


def test_what_is_left_of_one_count_is_exact() -> None:
    """All lines together leave the first row's White people one value, its unknown people more."""
    left = left_of(RECOVERED, told(ROWS), {}, EXACT)
    assert (left.least, left.greatest, left.hidden, left.wanted, left.enough) == (47, 47, True, 5, False)
    other = left_of(RECOVERED._replace(ethnicity=UNKNOWN), told(ROWS), {}, EXACT)
    assert other.enough
    assert other.greatest - other.least >= 4


def test_what_is_left_of_one_count_reckons_with_earlier_releases_unless_records_were_put_right() -> None:
    now, before = parts_of(15, (10, 14)), parts_of(15, (8, 12))
    (hidden,) = (each for each, known in now.items() if known.hidden)
    assert left_of(hidden, now, {}, EXACT)[:2] == (1, 5)
    assert left_of(hidden, now, before, EXACT)[:2] == (3, 5)
    assert left_of(hidden, now, parts_of(16, (8, 12)), EXACT)[:2] == (1, 5)


def test_a_count_that_is_shown_or_cannot_be_small_is_left_enough() -> None:
    shown = left_of(STAFF, {STAFF: Before(48, 48, False)}, {}, EXACT)
    assert (shown.hidden, shown.wanted, shown.enough) == (False, 0, True)
    large = left_of(RECOVERED, told(ROWS), {}, EXACT.model_copy(update={"threshold": 20}))
    assert (large.small, large.enough) == (False, True)


def test_what_is_exposed_to_one_kind_of_reader_is_exposed() -> None:
    one, other = RECOVERED, STAFF
    few = Audit(9, 4, hidden=3, safe=2, exposed=(one,), exposed_before=(), unproved=())
    many = Audit(9, 4, hidden=5, safe=4, exposed=(), exposed_before=(one,), unproved=(one, other))
    assert of_all_readers([few, many]) == many._replace(exposed=(one,), exposed_before=(), unproved=(other,))
    assert of_all_readers([many]) == many


def with_no_size(known: dict[People, Before], hidden: tuple[People, ...]) -> dict[People, Before]:
    return known | {each: Before(min(known[each].low, EXACT.threshold), BEYOND, True) for each in hidden}


def test_what_is_hidden_besides_leaves_nobody_exposed_and_hides_the_fewest() -> None:
    """124 is the smallest of the counts told that would do; 92 and 59 stand in lines that give nothing more."""
    exposed = told(ROWS)
    hidden = to_be_hidden(audit(exposed, {}, EXACT, 60), exposed, {}, EXACT, 60)
    assert hidden
    mended = with_no_size(exposed, hidden)
    assert audit(mended, {}, EXACT, 60).passed
    people = sum(exposed[each].low for each in hidden)
    for other, now in exposed.items():
        if not now.hidden and now.low < people and other.breakdown != "all":
            assert not audit(with_no_size(exposed, (other,)), {}, EXACT, 60).passed, (
                "it would have been fewer"
            )


def test_where_the_size_of_those_exposed_is_enough_no_more_is_hidden() -> None:
    """They are 1 to 99 by their own cell and 98 or 99 by the others; that they are fewer than 100 is kept too."""
    known = parts_of(200, (101, 105), hidden=(1, 99))
    narrow = {**known, STAFF: Before(203, 203, False)}
    found = audit(narrow, {}, EXACT, 60)
    first = STAFF.of_row("band", "first")
    assert found.exposed == (first,)
    assert to_be_hidden(found, narrow, {}, EXACT, 60) == (first,)
    assert audit(with_no_size(narrow, (first,)), {}, EXACT, 60).passed


def test_what_was_told_before_cannot_be_hidden_and_those_it_gives_away_stay() -> None:
    """Two levels of 200 were told already: the third, and now the whole, say what is left for the fourth."""
    first, second = (STAFF.of_row("band", level) for level in ("first", "second"))
    before = {STAFF: Before(200, 200, False), second: Before(150, 150, False)}
    now = {first: Before(1, 99, True)}
    found = audit(now, before, EXACT, 60)
    assert found.exposed == (first,)
    assert not audit(with_no_size(now, to_be_hidden(found, now, before, EXACT, 60)), before, EXACT, 60).passed
