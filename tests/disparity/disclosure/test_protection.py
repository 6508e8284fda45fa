"""Disclosure: the policy's rule for one cell, and a reader who adds and subtracts what he is shown."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from disparity.catalogue.indicators import BROAD_GROUP, Indicator
from disparity.catalogue.policies import NoProtection, Policy
from disparity.counts.cells import CELLS, COUNTS, WITHIN
from disparity.disclosure import protection as disclosure
from disparity.disclosure import shown_count, told_this_quarter
from disparity.disclosure.protection import BEYOND, worded_count
from disparity.disclosure.released_counts import SMALL, TOLD, Before
from disparity.ethnicity import ETHNIC_MINORITY, UNKNOWN, WHITE
from disparity.markers import ABSENT, HIDDEN
from disparity.periods import Quarter
from disparity.populations.people import EVERYONE, People
from invented_people import domain_of, having, of_two_groups

POLICY = Policy(
    title="Threshold 8, rounded to 5",
    why="a test",
    threshold=8,
    round_to=5,
    percent_decimals=0,
    pounds_round_to=10,
    least_interval=5,
)
SHARE = ("group_base", "group_events", "unknown_base")
Bounds = dict[Any, tuple[int, int]]
Sum = tuple[Any, tuple[Any, ...]]


def table(
    rows: Sequence[dict[str, Any]], *, indicator: str = "an_indicator", breakdown: str = "band"
) -> pl.DataFrame:
    """Make counts of one indicator: the first row is the whole, the others are levels."""
    named = [
        {
            "indicator": indicator,
            "breakdown": breakdown if at else "all",
            "level": f"level {at}" if at else "all",
            "unit": "",
            "of": "" if row["unknown_events"] is not None else "ethnic_minority",
            "missing": "",
            **row,
        }
        for at, row in enumerate(rows)
    ]
    return pl.DataFrame(named, schema=COUNTS)


def row(*cells: int | None, **more: Any) -> dict[str, Any]:
    return {**dict(zip(CELLS, cells, strict=True)), **more}


def with_whole(levels: Sequence[Sequence[int]]) -> list[dict[str, Any]]:
    """Put the sum of the levels before them."""
    whole = [sum(each) for each in zip(*levels, strict=True)]
    return [row(*whole), *(row(*level) for level in levels)]


def share_with_whole(levels: Sequence[Sequence[int]]) -> list[dict[str, Any]]:
    """Make a share without a part: everyone, those of the group and those unknown, each level beside the rest."""
    everyone, of_them, unknown = (sum(each) for each in zip(*levels, strict=True))
    return [
        row(None, None, everyone, of_them, unknown, None),
        *(row(everyone - n, of_them - x, n, x, u, None) for n, x, u in levels),
    ]


def with_broad_groups(beside: Sequence[int], groups: Sequence[Sequence[int]]) -> pl.DataFrame:
    """Make counts of broad groups, base and events of each, beside the White and unknown people of the whole."""
    white, unknown = beside[:2], beside[2:]
    whole = [sum(each) for each in zip(*groups, strict=True)]
    rows = [row(*white, *each, *unknown) for each in (whole, *groups)]
    return table(rows, breakdown=BROAD_GROUP)


def share_of_broad_groups(rest: Sequence[int], part: Sequence[int]) -> pl.DataFrame:
    """Make a share of senior managers of 100 beside 3,000 others, by broad group: the first of each is everyone's."""
    rows = [
        row(3_000, there, 100, here, 5, None)
        for there, here in [(sum(rest), sum(part)), *zip(rest, part, strict=True)]
    ]
    return table(rows, breakdown=BROAD_GROUP)


DOMAIN = domain_of(
    [
        (part,) for part in ("event", "senior", "NOT senior", "board", "NOT board", "shortlisted", "appointed",
                             "NOT withdrawn")
    ] + [("shortlisted", "appointed"), ("NOT withdrawn", "appointed")],
    {"band": [f"level {at}" for at in range(1, 20)]},
)  # fmt: skip


def everyone(dataset: str, *conditions: str) -> People:
    anybody = People(dataset, DOMAIN.everybody, "2026-07-01", "2026-07-01", EVERYONE)
    return having(anybody, *conditions)


def of_share(part: People, rest: People, of: str) -> dict[str, People]:
    """Say whom the cells of a share count: everyone in the part, those of a group, those unknown; the same of the rest."""
    return {
        "group_base": part, "group_events": part._replace(ethnicity=of),
        "unknown_base": part._replace(ethnicity=UNKNOWN),
        "reference_base": rest, "reference_events": rest._replace(ethnicity=of),
    }  # fmt: skip


def of_their_own(counts: pl.DataFrame) -> dict[str, dict[str, People]]:
    """Say that each indicator counts people whom no other counts, with no other rows than these."""
    DOMAIN.forget_rows()
    people = {}
    for indicator, of, breakdowns in counts.group_by("indicator", "of").agg(pl.col("breakdown")).iter_rows():
        there = everyone(indicator)
        elsewhere = there._replace(elsewhere=True)
        if BROAD_GROUP in breakdowns:
            there, elsewhere = everyone(indicator, "senior"), everyone(indicator, "NOT senior")
        people[indicator] = (
            of_share(there, elsewhere, of) if of else of_two_groups(everyone(indicator), "event")
        )
    return people


def protect(
    counts: pl.DataFrame,
    policy: Policy | NoProtection,
    people: dict[str, dict[str, People]] | None = None,
    before: dict[People, Before] | None = None,
    indicators: dict[str, Indicator] | None = None,
) -> pl.DataFrame:
    return disclosure.protect(counts, policy, people or of_their_own(counts), before, indicators)


def indicator(**given: Any) -> Indicator:
    """Make an indicator, valid but for what it is about."""
    words = {
        "theme": "recruitment",
        "title": "T",
        "question": "Q",
        "base_words": "people",
        "event_words": "did",
    }
    of_kind = {"kind": "rows", "dataset": "recruitment", "base": "TRUE", "event": "appointed"}
    made: Indicator = TypeAdapter(Indicator).validate_python(words | of_kind | {"sensitivity": "low"} | given)
    return made


# ------------------------------------------------------------------ one cell


@pytest.mark.parametrize(
    ("true", "shown", "low", "high", "status"),
    [
        (0, 0, 0, 0, ""),
        (1, None, 1, 7, HIDDEN),
        (7, None, 1, 7, HIDDEN),
        (8, 10, 8, 12, ""),
        (12, 10, 8, 12, ""),
        (13, 15, 13, 17, ""),
        (2_998, 3_000, 2_998, 3_002, ""),
        (None, None, None, None, ABSENT),
    ],
)
def test_a_cell_alone_follows_the_rule(
    true: int | None, shown: int | None, low: int | None, high: int | None, status: str
) -> None:
    found = protect(table([row(true, true, true, true, true, true)]), POLICY)
    for cell in CELLS:
        assert found.select(f"{cell}_shown", f"{cell}_low", f"{cell}_high", f"{cell}_status").row(0) == (
            shown,
            low,
            high,
            status,
        )


@settings(max_examples=60, deadline=None)
@given(true=st.integers(0, 5_000), threshold=st.integers(1, 20), step=st.integers(1, 20))
def test_the_true_count_is_always_within_what_is_said(true: int, threshold: int, step: int) -> None:
    assume(2 * threshold >= step)
    policy = POLICY.model_copy(update={"threshold": threshold, "round_to": step})
    found = protect(table([row(true, 0, 0, 0, 0, 0)]), policy)
    low, high, shown = found.select("reference_base_low", "reference_base_high", "reference_base_shown").row(
        0
    )
    assert low <= true <= high
    assert shown is None or (shown % step == 0 and (shown == 0) == (true == 0))
    assert shown_count(true, policy) == (HIDDEN if shown is None else f"{shown:,}")


@pytest.mark.parametrize(
    ("true", "rounded", "exact"),
    [
        (0, "0", "0"),
        (1, "fewer than 8", "fewer than 8"),
        (7, "fewer than 8", "fewer than 8"),
        (8, "about 10", "8"),
        (53, "about 55", "53"),
        (1_234, "about 1,235", "1,234"),
    ],
)
def test_a_count_in_a_sentence_says_whether_it_is_rounded(true: int, rounded: str, exact: str) -> None:
    assert worded_count(true, POLICY) == rounded
    assert worded_count(true, POLICY.model_copy(update={"round_to": 1})) == exact


def test_a_policy_that_shows_some_as_nought_is_refused() -> None:
    with pytest.raises(ValidationError, match="would be rounded to 0"):
        Policy.model_validate({**POLICY.model_dump(), "threshold": 2})


def test_no_protection_shows_every_count_as_it_is() -> None:
    found = protect(table([row(0, 1, 7, 8, 3_001, None)]), NoProtection())
    for cell, true in zip(CELLS[:5], (0, 1, 7, 8, 3_001), strict=True):
        assert found.select(f"{cell}_shown", f"{cell}_low", f"{cell}_high").row(0) == (true,) * 3
    assert found["unknown_events_status"].item() == ABSENT
    assert found["unknown_events_high"].item() is None


@settings(max_examples=30, deadline=None)
@given(cells=st.lists(st.integers(0, 60), min_size=6, max_size=6), others=st.data())
def test_what_is_told_of_lone_cells_depends_on_what_is_shown_alone(
    cells: list[int], others: st.DataObject
) -> None:
    """Any other counts in the same rounding classes give the very same frame."""

    def same_class(true: int) -> st.SearchStrategy[int]:
        shown = shown_count(true, POLICY)
        return st.sampled_from([each for each in range(70) if shown_count(each, POLICY) == shown])

    changed = [others.draw(same_class(true)) for true in cells]
    first, second = protect(table([row(*cells)]), POLICY), protect(table([row(*changed)]), POLICY)
    told = [name for name in first.columns if name.endswith(("_shown", "_status"))]
    if first.select(told).equals(second.select(told)):
        plain = [name for name in first.columns if not name.startswith(("reference_mean", "group_mean"))]
        assert first.select(plain).equals(second.select(plain))


# ------------------------------------------------------------- who adds and subtracts


def narrowed(bounds: Bounds, sums: Sequence[Sum]) -> Bounds:
    """Narrow every interval by every sum until nothing moves: what a reader with pencil and paper can do."""
    bounds, moved = dict(bounds), True
    while moved:
        moved = False
        for whole, parts in sums:
            terms = [(whole, -1), *((part, 1) for part in parts)]
            for one, sign in terms:
                low = high = 0
                for other, its_sign in terms:
                    if other != one:
                        least, most = bounds[other]
                        low += least if its_sign > 0 else -most
                        high += most if its_sign > 0 else -least
                least, most = (-high, -low) if sign > 0 else (low, high)
                new = max(bounds[one][0], least), min(bounds[one][1], most)
                if new != bounds[one]:
                    bounds[one], moved = new, True
    return bounds


def shown_bounds(protected: pl.DataFrame) -> Bounds:
    """Return what the frame says of every cell, by row and name."""
    return {
        (at, cell): (each[f"{cell}_low"], each[f"{cell}_high"])
        for at, each in enumerate(protected.iter_rows(named=True))
        for cell in CELLS
        if each[f"{cell}_low"] is not None
    }


def sums_of(protected: pl.DataFrame, bounds: Bounds) -> Iterator[Sum]:
    """Yield what everybody knows to add up in one indicator, adding what is implied to ``bounds``."""
    levels = range(1, protected.height)
    for cell in CELLS:
        if (0, cell) in bounds:
            yield (0, cell), tuple((at, cell) for at in levels)
    for at in range(protected.height):
        for side in ("reference", "group", "unknown"):
            if (at, f"{side}_base") in bounds and (at, f"{side}_events") in bounds:
                bounds[at, side, "without"] = 0, BEYOND
                yield (at, f"{side}_base"), ((at, f"{side}_events"), (at, side, "without"))
        if (at, "unknown_events") not in bounds:
            bounds[at, "white"] = 0, BEYOND
            yield (at, "group_base"), ((at, "group_events"), (at, "unknown_base"), (at, "white"))
            for kind in ("base", "events"):
                if at and (0, f"reference_{kind}") not in bounds:
                    yield (0, f"group_{kind}"), ((at, f"reference_{kind}"), (at, f"group_{kind}"))


def sums_of_broad_groups(protected: pl.DataFrame, bounds: Bounds) -> Iterator[Sum]:
    """Yield what everybody knows of broad groups: they make up ethnic minority, whatever stands beside is one count."""
    share = (0, "unknown_events") not in bounds
    own = ("reference_events", "group_events") if share else ("group_base", "group_events")
    groups = range(1, protected.height)
    for cell in CELLS:
        if cell in own:
            yield (0, cell), tuple((at, cell) for at in groups)
        elif (0, cell) in bounds:
            yield from (((0, cell), ((at, cell),)) for at in groups)
    if not share:
        for at in range(protected.height):
            bounds[at, "group", "without"] = 0, BEYOND
            yield (at, "group_base"), ((at, "group_events"), (at, "group", "without"))
        yield (0, "group", "without"), tuple((at, "group", "without") for at in groups)


def told_too_closely(protected: pl.DataFrame, true: pl.DataFrame) -> list[tuple[Any, tuple[int, int]]]:
    """Return the hidden cells, and small implied ones, that a reader narrows below the policy's least interval."""
    own = shown_bounds(protected)
    of_groups = protected["breakdown"].last() == BROAD_GROUP
    sums = list((sums_of_broad_groups if of_groups else sums_of)(protected, own))
    after = narrowed(own, sums)
    close = []
    for key, (low, high) in after.items():
        real = _true_of(key, true)
        assert low <= real <= high
        if key[1] in CELLS:
            # What is hidden for another's sake and cannot be small is no secret of its own.
            secret = protected[f"{key[1]}_status"][key[0]] == HIDDEN and low < POLICY.threshold
            least = min(POLICY.least_interval, own[key][1] - own[key][0] + 1)
        else:
            secret, least = 0 < real < POLICY.threshold, min(POLICY.least_interval, POLICY.threshold - 1)
        if secret and high - low + 1 < least:
            close.append((key, (low, high)))
    return close


def _true_of(key: Any, true: pl.DataFrame) -> int:
    cells = true.row(key[0], named=True)
    if key[1] in CELLS:
        return int(cells[key[1]])
    if key[1] == "white":
        return int(cells["group_base"] - cells["group_events"] - cells["unknown_base"])
    return int(cells[f"{key[1]}_base"] - cells[f"{key[1]}_events"])


def with_the_rule_alone(counts: pl.DataFrame, monkeypatch: pytest.MonkeyPatch) -> pl.DataFrame:
    """Protect by the rule for one cell alone, with no further cell hidden."""

    def plain(_: Any, true: Any, policy: Policy, *__: Any) -> Any:
        return np.where((true > 0) & (true < policy.threshold), SMALL, TOLD)

    with monkeypatch.context() as patched:
        patched.setattr("disparity.disclosure.protection.states_of", plain)
        return protect(counts, POLICY)


ATTACKED = {
    # 12 and 10 are both shown as 10 (8 to 12), so the third is at most 4.
    "one hidden level": with_whole([(10, 0, 0, 0, 0, 0), (2, 0, 0, 0, 0, 0)]),
    "several small levels of a small whole": with_whole([(1, 0, 0, 0, 0, 0)] * 6),
    "a level of a share": share_with_whole([(300, 100, 20), (13, 2, 0)]),
    "White people of a share": share_with_whole([(300, 100, 20), (12, 8, 2)]),
}


@pytest.mark.parametrize("rows", ATTACKED.values(), ids=ATTACKED)
def test_without_further_cells_a_reader_subtracts_his_way_to_hidden_ones(
    rows: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = table(rows)
    assert told_too_closely(with_the_rule_alone(counts, monkeypatch), counts)
    assert told_too_closely(protect(counts, POLICY), counts) == []


@pytest.mark.parametrize(
    "counts",
    [
        with_broad_groups((300, 90, 20, 9), [(10, 0), (2, 0)]),
        share_of_broad_groups((100, 80, 40, 20), (10, 0, 2, 0)),
    ],
    ids=["a group", "a group's senior managers"],
)
def test_without_further_cells_a_reader_takes_broad_groups_from_ethnic_minority(
    counts: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert told_too_closely(with_the_rule_alone(counts, monkeypatch), counts)
    assert told_too_closely(protect(counts, POLICY), counts) == []


_PAIR = st.tuples(st.integers(0, 24), st.integers(0, 24)).map(lambda two: (max(two), min(two)))


@settings(max_examples=80, deadline=None)
@given(groups=st.lists(_PAIR, min_size=1, max_size=5), white=_PAIR, unknown=_PAIR)
def test_no_hidden_cell_of_a_broad_group_can_be_told(
    groups: list[tuple[int, int]], white: tuple[int, int], unknown: tuple[int, int]
) -> None:
    counts = with_broad_groups((*white, *unknown), groups)
    found = protect(counts, POLICY)
    assert told_too_closely(found, counts) == []
    for cell in CELLS:
        if not cell.startswith("group"):
            assert found[f"{cell}_status"].n_unique() == 1, "White people are the same wherever they stand"


@settings(max_examples=60, deadline=None)
@given(groups=st.lists(st.tuples(st.integers(0, 40), st.integers(0, 15)), min_size=1, max_size=5))
def test_no_hidden_cell_of_a_share_by_broad_group_can_be_told(groups: list[tuple[int, int]]) -> None:
    counts = share_of_broad_groups(*zip(*groups, strict=True))
    assert told_too_closely(protect(counts, POLICY), counts) == []


def test_broad_groups_are_left_out_where_the_policy_does_not_tell_them_apart() -> None:
    counts = with_broad_groups((300, 90, 20, 9), [(40, 10), (50, 20)])
    assert protect(counts, POLICY)["breakdown"].to_list() == ["all", BROAD_GROUP, BROAD_GROUP]
    of_two = POLICY.model_copy(update={"broad_groups": False})
    assert protect(counts, of_two)["breakdown"].to_list() == ["all"]
    assert protect(counts, NoProtection()).height == 3


def _counts_of_two_groups() -> st.SearchStrategy[list[tuple[int, ...]]]:
    """Levels with base and events of three groups, small and near the threshold more often than not."""
    pair = st.tuples(st.integers(0, 24), st.integers(0, 24)).map(lambda two: (max(two), min(two)))
    level = st.tuples(pair, pair, pair).map(lambda sides: tuple(itertools.chain(*sides)))
    return st.lists(level, min_size=1, max_size=6)


def _counts_of_shares() -> st.SearchStrategy[list[tuple[int, ...]]]:
    parts = st.tuples(st.integers(0, 16), st.integers(0, 16), st.integers(0, 9))
    return st.lists(parts.map(lambda three: (sum(three), three[1], three[2])), min_size=1, max_size=6)


@settings(max_examples=80, deadline=None)
@given(levels=_counts_of_two_groups())
def test_no_hidden_cell_of_two_groups_can_be_told(levels: list[tuple[int, ...]]) -> None:
    counts = table(with_whole(levels))
    assert told_too_closely(protect(counts, POLICY), counts) == []


@settings(max_examples=80, deadline=None)
@given(levels=_counts_of_shares())
@example(levels=[(2, 1, 1), (2, 1, 1)])
@example(levels=[(1, 0, 1), (8, 8, 0), (9, 8, 0)])
def test_no_hidden_cell_of_a_share_can_be_told(levels: list[tuple[int, ...]]) -> None:
    counts = table(share_with_whole(levels))
    assert told_too_closely(protect(counts, POLICY), counts) == []


@settings(max_examples=30, deadline=None)
@given(levels=_counts_of_two_groups())
def test_hiding_is_the_same_every_time_and_never_touches_nought(levels: list[tuple[int, ...]]) -> None:
    counts = table(with_whole(levels))
    first = protect(counts, POLICY)
    assert first.equals(protect(counts, POLICY))
    for cell in CELLS:
        nought = counts[cell] == 0
        assert (first[f"{cell}_shown"].filter(nought) == 0).all()
        small = counts[cell].is_between(1, 7)
        assert (first[f"{cell}_status"].filter(small) == HIDDEN).all()


def test_the_board_and_the_rest_do_not_tell_the_board() -> None:
    """All staff in one indicator, the board and the rest in another: the difference is the board's."""
    staff = table([row(None, None, 3_000, 812, 171, None)], indicator="of_staff")
    board = table([row(2_986, 808, 14, 4, 1, None)], indicator="of_board")
    rest = everyone("staff", "NOT board")
    people = {
        "of_staff": of_share(everyone("staff"), everyone("staff")._replace(elsewhere=True), ETHNIC_MINORITY),
        "of_board": of_share(everyone("staff", "board"), rest, ETHNIC_MINORITY),
    }
    apart, together = protect(board, POLICY), protect(pl.concat([staff, board]), POLICY, people)
    # 812 is shown as 810 (808 to 812) and 808 as well: their difference is at most 4, and not nought.
    assert apart["reference_events_status"].item() == ""
    low, high = narrowed(
        {"all": (808, 812), "rest": (808, 812), "board": (1, 7)}, [("all", ("rest", "board"))]
    )["board"]
    assert (low, high) == (1, 4)
    assert (
        HIDDEN
        in together["reference_events_status"].to_list() + together["group_events_status"].to_list()[:1]
    )


@pytest.mark.parametrize("recorded", [(), ("appointed IS NOT NULL",)])
def test_the_same_count_is_hidden_wherever_it_stands(recorded: tuple[str, ...]) -> None:
    """Those shortlisted are events of one indicator and the base of another."""
    levels = [(40, 20), (30, 3), (25, 9)]
    first = table(with_whole([(n, x, 0, 0, 0, 0) for n, x in levels]), indicator="shortlisted")
    second = table(with_whole([(x, 0, 0, 0, 0, 0) for _, x in levels]), indicator="appointed")
    people = {
        "shortlisted": of_two_groups(everyone("applications"), "shortlisted"),
        # Those without a record of an appointment are in no base of appointments; everybody has one here.
        "appointed": of_two_groups(everyone("applications", "shortlisted", *recorded), "appointed"),
    }
    found = protect(pl.concat([first, second]), POLICY, people)
    events = found.filter(pl.col("indicator") == "shortlisted")["reference_events_status"]
    base = found.filter(pl.col("indicator") == "appointed")["reference_base_status"]
    assert HIDDEN in events.to_list()
    assert events.equals(base, check_names=False)


def test_the_smallest_count_that_helps_is_hidden_and_no_other() -> None:
    levels = [(200, 0), (60, 0), (10, 0), (9, 0), (2, 0)]
    found = protect(table(with_whole([(n, x, 0, 0, 0, 0) for n, x in levels])), POLICY)
    assert found["reference_base_status"].to_list() == ["", "", "", "", "", HIDDEN], "281 leaves 1 to 7 open"
    close = protect(table(with_whole([(n, 0, 0, 0, 0, 0) for n in (17, 12, 6)])), POLICY)
    assert close["reference_base_status"].to_list() == ["", "", HIDDEN, HIDDEN]


@pytest.mark.parametrize("others", [(0, 0), (50, 30)])
def test_equal_numbers_of_other_people_are_left_alone(others: tuple[int, int]) -> None:
    """Two wholes of 14 that have nothing to do with each other: one would tell its levels of 7, one has none."""
    group, unknown = others
    first = table(with_whole([(7, 0, group, 0, unknown, 0)] * 2), indicator="first")
    second = table([row(14, 0, 0, 0, 0, 0)], indicator="second")
    found = protect(pl.concat([first, second]), POLICY)
    assert found["reference_base_status"].to_list() == [HIDDEN, HIDDEN, HIDDEN, ""]


@settings(max_examples=40, deadline=None)
@given(levels=_counts_of_shares())
def test_the_unknown_are_hidden_once_and_for_all(levels: list[tuple[int, ...]]) -> None:
    """In the share of unknown people they stand twice, and again beside the share of ethnic minority people."""
    minority = table(share_with_whole(levels), indicator="minority")
    of_unknown = [{**row, "of": "unknown"} for row in share_with_whole([(n, u, u) for n, _, u in levels])]
    unknown = table(of_unknown, indicator="unknown")
    elsewhere = everyone("staff")._replace(elsewhere=True)
    people = {
        "minority": of_share(everyone("staff"), elsewhere, ETHNIC_MINORITY),
        "unknown": of_share(everyone("staff"), elsewhere, UNKNOWN),
    }
    found = protect(pl.concat([minority, unknown]), POLICY, people)
    first, second = (found.filter(pl.col("indicator") == name) for name in ("minority", "unknown"))
    assert second["group_events_status"].equals(second["unknown_base_status"], check_names=False)
    assert first["unknown_base_status"].equals(second["unknown_base_status"])
    assert first["group_base_status"].equals(second["group_base_status"])


def test_a_thousand_rows_are_protected_in_a_moment() -> None:
    rng = np.random.default_rng(1)
    frames = []
    for at in range(60):
        base = rng.integers(0, 40, (17, 3))
        events = rng.binomial(base, 0.3)
        levels = np.stack([base, events], axis=2).reshape(17, 6)
        frames.append(table(with_whole(levels.tolist()), indicator=f"indicator_{at}"))
    counts = pl.concat(frames)
    start = time.perf_counter()
    protect(counts, POLICY)
    assert time.perf_counter() - start < 20, "it must end, and soon; a second or two is usual"


# ------------------------------------------------------------------------- what a policy asks of whom


BY_SENSITIVITY = POLICY.model_copy(
    update={
        "threshold": 5, "threshold_by_sensitivity": {"medium": 10, "high": 11}, "hide_noughts": ("high",),
        "round_to": 1, "least_interval": 4,
    }
)  # fmt: skip


@pytest.mark.parametrize(
    ("sensitivity", "told", "hidden"), [("low", 5, 4), ("medium", 10, 9), ("high", 11, 10)]
)
def test_the_threshold_is_that_of_the_sensitivity(sensitivity: str, told: int, hidden: int) -> None:
    counts = table([row(400, told, 300, hidden, 0, None)])
    found = protect(
        counts, BY_SENSITIVITY, indicators={"an_indicator": indicator(sensitivity=sensitivity)}
    ).row(0, named=True)
    assert (found["reference_events_shown"], found["group_events_shown"]) == (told, None)
    least = 0 if sensitivity == "high" else 1
    assert (found["group_events_low"], found["group_events_high"]) == (least, told - 1)


def test_of_an_indicator_that_nothing_is_said_of_the_most_is_asked() -> None:
    found = protect(table([row(400, 10, 300, 20, 30, None)]), BY_SENSITIVITY).row(0, named=True)
    assert (found["reference_events_shown"], found["group_events_shown"]) == (None, 20)


@pytest.mark.parametrize("events", [0, 20], ids=["nobody", "everybody"])
@pytest.mark.parametrize(("sensitivity", "told"), [("low", True), ("high", False)])
def test_that_nobody_or_everybody_gave_an_answer_is_hidden_where_that_tells_each_of_them(
    events: int, sensitivity: str, told: bool
) -> None:
    counts = table([row(400, 120, 20, events, 30, 15)])
    found = protect(
        counts, BY_SENSITIVITY, indicators={"an_indicator": indicator(sensitivity=sensitivity)}
    ).row(0, named=True)
    assert (found["group_base_shown"] == 20 and found["group_events_shown"] == events) is told
    assert found["group_events_low"] <= events <= found["group_events_high"]


def test_the_same_people_are_kept_as_the_more_sensitive_indicator_asks() -> None:
    same = of_two_groups(everyone("recruitment"), "appointed")
    counts = pl.concat([table([row(400, 7, 300, 40, 30, 15)], indicator=name) for name in ("one", "other")])
    indicators = {"one": indicator(sensitivity="low"), "other": indicator(sensitivity="medium")}
    found = protect(counts, BY_SENSITIVITY, {"one": same, "other": same}, indicators=indicators)
    assert found["reference_events_shown"].to_list() == [None, None]


@pytest.mark.parametrize(("headline", "hidden"), [("all", "stayed"), ("stayed", "all")])
def test_a_headline_is_hidden_last_however_small(headline: str, hidden: str) -> None:
    """Of 60 applicants 57 did not withdraw: both figures would tell of the 3 who did."""
    everybody = of_two_groups(everyone("recruitment"), "appointed")
    stayed = of_two_groups(everyone("recruitment", "NOT withdrawn"), "appointed")
    cells = {"all": (400, 90, 60, 30, 200, 80), "stayed": (380, 90, 57, 30, 180, 80)}
    counts = pl.concat([table([row(*each)], indicator=name) for name, each in cells.items()])
    indicators = {name: indicator(headline=name == headline) for name in cells}
    found = protect(counts, BY_SENSITIVITY, {"all": everybody, "stayed": stayed}, indicators=indicators)
    untold = found.filter(pl.col("group_base_shown").is_null())["indicator"].to_list()
    assert untold == [hidden]


def test_levels_are_hidden_before_the_whole() -> None:
    """Each of two levels has 3 people who were not appointed, 6 together: no whole needs to go."""
    levels = with_whole([(60, 40, 30, 27, 50, 30), (60, 40, 12, 9, 50, 30)])
    found = protect(table(levels), BY_SENSITIVITY, indicators={"an_indicator": indicator()})
    hidden = found.select(pl.sum_horizontal(pl.col(f"{cell}_shown").is_null() for cell in CELLS)).to_series()
    assert hidden[0] == 0
    assert hidden[1:].sum() >= 2


def test_a_level_further_off_is_hidden_before_a_headline_beside() -> None:
    """6 of the second level and what the whole leaves of it elsewhere: the whole stood nearest, and stays."""
    counts = table(share_with_whole([(24, 12, 2), (50, 6, 2), (30, 0, 0)]))
    found = protect(counts, POLICY, indicators={"an_indicator": indicator(headline=True)})
    whole, levels = (found.filter((pl.col("breakdown") == "all") == of_all) for of_all in (True, False))
    assert whole.select("group_base_shown", "group_events_shown").row(0) == (105, 20)
    assert levels["group_events_shown"].null_count() > 1


@pytest.mark.parametrize(("replied", "told"), [(295, True), (296, False), (300, True)])
def test_few_who_did_not_reply_are_hidden_like_few_who_did(replied: int, told: bool) -> None:
    """Replies and staff are two datasets: no sum holds both, but a reader takes one from the other."""
    kind = {"kind": "coverage", "dataset": "staff_survey", "base_dataset": "staff_in_post", "event": "TRUE"}
    counted = TypeAdapter(Indicator).validate_python(
        {"theme": "experience", "title": "T", "question": "Q", "base_words": "staff", "event_words": "replied"}
        | kind | {"sensitivity": "low"}
    )  # fmt: skip
    people = of_two_groups(everyone("staff_in_post")) | {
        f"{side}_events": everyone("staff_survey")._replace(ethnicity=ethnicity)
        for side, ethnicity in (("reference", WHITE), ("group", ETHNIC_MINORITY), ("unknown", UNKNOWN))
    }
    counts = table([row(300, replied, 200, 90, 30, 20)])
    found = protect(counts, BY_SENSITIVITY, {"an_indicator": people}, indicators={"an_indicator": counted})
    assert (found["reference_events_shown"].item() == replied) is told
    assert found["group_events_shown"].item() == 90


def test_breakdowns_a_policy_does_not_name_are_left_out() -> None:
    counts = pl.concat(
        [table(with_whole([(50,) * 6, (60,) * 6])), with_broad_groups((50, 20, 9, 9), [(40, 20)])]
    )
    policy = POLICY.model_copy(update={"breakdowns": (), "broad_groups": False})
    assert set(protect(counts, policy)["breakdown"]) == {"all"}
    assert set(protect(counts, policy.model_copy(update={"breakdowns": ("band",)}))["breakdown"]) == {
        "all",
        "band",
    }


@pytest.mark.parametrize(
    ("told", "least", "quarter", "quarters", "reason"),
    [
        ("every quarter", 1, "2026-07-01", 1, ""),
        ("every year", 1, "2026-07-01", 4, "told once a year, with Jan to Mar"),
        ("every year", 8, "2026-01-01", 8, ""),
        ("every year", 8, "2026-01-01", 4, "not told over so short a time"),
    ],
)
def test_a_policy_says_when_and_over_how_long_figures_are_told(
    told: str, least: int, quarter: str, quarters: int, reason: str
) -> None:
    policy = POLICY.model_copy(update={"told": told, "least_quarters": least})
    counts = table(with_whole([(50,) * 6, (60,) * 6]))
    found = told_this_quarter(
        counts, policy, {"an_indicator": indicator(quarters=quarters)}, Quarter.from_key(quarter)
    )
    if not reason:
        assert found.equals(counts)
        return
    assert found["missing"].to_list() == [reason], "the whole alone stays, to say why it is not told"
    assert found.select(CELLS).null_count().row(0) == (1,) * len(CELLS)


def test_staff_in_post_are_of_one_day_however_short_the_window() -> None:
    policy = POLICY.model_copy(update={"told": "every year", "least_quarters": 8})
    counts = table([row(400, 120, 300, 60, 10, 5)])
    staff = {"an_indicator": indicator(dataset="staff_in_post", base="TRUE", event="TRUE", quarters=4)}
    assert told_this_quarter(counts, policy, staff, Quarter.from_key("2026-01-01")).equals(counts)


def test_what_a_window_lacks_is_said_before_what_the_policy_does_not_tell() -> None:
    counts = table([row(*(None,) * 6, missing="leavers: 3 of 4 quarters")])
    policy = POLICY.model_copy(update={"told": "every year"})
    found = told_this_quarter(counts, policy, {"an_indicator": indicator()}, Quarter.from_key("2026-07-01"))
    assert found["missing"].item() == "leavers: 3 of 4 quarters"


def test_an_analyst_is_told_in_every_quarter() -> None:
    counts = table([row(400, 120, 300, 60, 10, 5)])
    assert told_this_quarter(counts, NoProtection(), {}, Quarter.from_key("2026-07-01")).equals(counts)


def test_a_policy_asks_no_less_of_what_is_more_sensitive() -> None:
    with pytest.raises(ValidationError, match="asks for less than threshold"):
        Policy.model_validate({**POLICY.model_dump(), "threshold_by_sensitivity": {"high": 7}})


# ------------------------------------------------------------------------- sums


def spending(n: int, mean: float, **more: Any) -> dict[str, Any]:
    """Make a row of spending: as many White people as ethnic minority people, with one mean and a deviation of 30."""
    total, squares = n * mean, n * mean**2 + 900 * max(n - 1, 0)
    return row(
        n, n, n, n, 0, 0, unit="pounds", reference_total=total, reference_squares=squares,
        group_total=total, group_squares=squares, **more,
    )  # fmt: skip


def test_a_mean_is_rounded_and_its_interval_holds_it() -> None:
    found = protect(table([spending(100, 123.4)]), POLICY).row(0, named=True)
    assert found["reference_mean"] == 120
    assert (found["reference_mean_low"], found["reference_mean_high"]) == (115, 125)
    assert (found["reference_deviation_low"], found["reference_deviation_high"]) == (25, 35)
    assert found["reference_total"] is None
    exact = protect(table([spending(100, 123.4)]), NoProtection()).row(0, named=True)
    assert exact["group_mean"] == exact["group_mean_low"] == exact["group_mean_high"] == pytest.approx(123.4)
    assert exact["group_deviation"] == pytest.approx(30)


@pytest.mark.parametrize(
    ("largest", "second", "told"),
    [
        (1_000, 900, True),
        # What is left beside the two largest is less than a tenth of the largest: the second could tell the largest.
        (5_000, 4_600, False),
        # 86% of the sum is of two people.
        (6_000, 2_600, False),
        (6_000, 2_400, True),
    ],
)
def test_a_sum_that_one_or_two_people_dominate_is_hidden(largest: float, second: float, told: bool) -> None:
    parts = {"reference_largest": largest, "reference_second": second}
    found = protect(table([spending(100, 100, **parts)]), POLICY).row(0, named=True)
    assert (found["reference_mean"] is not None) is told
    assert found["group_mean"] is not None, "the other side has no such people"
    assert protect(table([spending(100, 100, **parts)]), NoProtection())["reference_mean"].item() == 100


def test_hours_are_no_sum_to_dominate() -> None:
    parts = {"reference_largest": 6_000.0, "reference_second": 2_600.0}
    found = protect(table([spending(100, 100, **parts) | {"unit": "hours"}]), POLICY)
    assert found["reference_mean"].item() == 100


def test_a_score_is_not_rounded_away() -> None:
    scored = {**spending(100, 3.44), "unit": "points"}
    assert protect(table([scored]), POLICY)["group_mean"].item() == pytest.approx(3.4)


@pytest.mark.parametrize("people", [0, 1, 5, 7])
def test_the_mean_of_a_few_is_hidden_and_of_nobody_absent(people: int) -> None:
    found = protect(table([spending(people, 50)]), POLICY).row(0, named=True)
    assert found["reference_mean"] is None
    assert found["group_deviation_high"] is None


def test_one_hidden_mean_takes_another_with_it() -> None:
    levels = [spending(100, 50), spending(20, 60), spending(4, 1_000)]
    counts = table([spending(124, 82.3), *levels])
    hidden = protect(counts, POLICY)["reference_mean"].is_null().to_list()
    assert hidden[3]
    assert sum(hidden) >= 2


def test_a_share_of_a_sum_stands_on_those_paid_for() -> None:
    paid = {"unit": "pounds", "reference_total": 50_004.0, "group_total": 12_006.0}
    told = protect(table([row(2_000, 500, 300, 90, 10, None, **paid)]), POLICY).row(0, named=True)
    assert (told["reference_total"], told["group_total"]) == (50_000, 12_010)
    assert told["reference_mean"] is None
    for few in (row(2_000, 500, 300, 3, 10, None, **paid), row(2_000, 500, 300, 297, 2, None, **paid)):
        hidden = protect(table([few]), POLICY).row(0, named=True)
        assert (hidden["reference_total"], hidden["group_total"]) == (None, None)


@pytest.mark.parametrize(
    ("events", "sums", "told"),
    [(60, (46.4, 28.9, 28.8), True), (60, (46.4, 7.9, 28.8), False), (5, (46.4, 28.9, 28.8), False)],
    ids=["told", "a small sum", "a small count beside it"],
)
def test_sums_over_shortlists_are_rounded_and_hidden_with_the_people_behind_them(
    events: int, sums: tuple[float, ...], told: bool
) -> None:
    counts = table([row(400, 120, 300, events, 0, 0, **dict(zip(WITHIN, sums, strict=True)))])
    found = protect(counts, POLICY).row(0, named=True)
    limits = [(found[f"{name}_low"], found[f"{name}_high"]) for name in WITHIN]
    assert limits == ([(42.5, 47.5), (27.5, 32.5), (27.5, 32.5)] if told else [(None, None)] * 3)
    exact = protect(counts, NoProtection()).row(0, named=True)
    assert (
        [exact[f"{name}_low"] for name in WITHIN] == [exact[f"{name}_high"] for name in WITHIN] == list(sums)
    )


def test_nothing_in_nothing_out() -> None:
    assert protect(pl.DataFrame(schema=COUNTS), POLICY).is_empty()


def test_the_fewest_people_are_hidden_where_the_policy_says_so() -> None:
    """3 of one level are hidden, and of the other two levels the 12 go with them, not the 60."""
    policy = POLICY.model_copy(update={"threshold": 10, "round_to": 1})
    levels = [(40, 30, 3, 0, 0, 0), (40, 30, 60, 0, 0, 0), (40, 30, 12, 0, 0, 0)]
    chosen = {}
    for hides in ("one by one", "fewest people"):
        found = protect(table(with_whole(levels)), policy.model_copy(update={"hides": hides}))
        hidden = found.filter(pl.col("group_base_shown").is_null())["level"].to_list()
        chosen[hides] = sum(
            dict(zip(["level 1", "level 2", "level 3"], (3, 60, 12), strict=True))[each] for each in hidden
        )
    assert chosen["fewest people"] == 15
    assert chosen["fewest people"] <= chosen["one by one"]
