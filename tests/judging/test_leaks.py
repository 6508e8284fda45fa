"""Three kinds of leak by hand: the same people under two spellings. The judge finds the count; the audit has to as well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from judge.holdings import Reader
from judge.judgement import judge, left_to
from judging.small_organisation import EXACT, HIDDEN, QUARTER, Row, audited, catalogue_in, policy_of, table_in

pytestmark = pytest.mark.long


def rows(dataset: str, base: str, event: str) -> dict[str, Any]:
    theme = {"staff_in_post": "workforce", "leavers": "leaving"}.get(dataset, dataset)
    return {"kind": "rows", "theme": theme, "dataset": dataset, "base": base, "event": event}


def share(dataset: str = "staff_in_post", **more: Any) -> dict[str, Any]:
    theme = {"staff_in_post": "workforce", "leavers": "leaving"}[dataset]
    words = {"part_words": "the part"} if "part" in more else {}
    return {"kind": "share", "theme": theme, "dataset": dataset, "flag": "none", **words, **more}


class Leak(NamedTuple):
    """A catalogue's indicators, a table published of them, and the true count that follows from it."""

    indicators: Mapping[str, Mapping[str, Any]]
    table: Sequence[Row]
    true: int


LEAKS = {
    "managers by band and as an event": Leak(
        {
            "by_band": share(breakdowns=["band"]),
            "managers": rows("staff_in_post", "TRUE", "band = 'Manager'"),
        },
        [
            Row("by_band", group=(280, 60), unknown=(20, None)),
            Row("by_band", "band", "Manager", (196, HIDDEN), (84, HIDDEN), (0, None)),
            Row("by_band", "band", "Support", (84, HIDDEN), (196, HIDDEN), (20, None)),
            Row("managers", reference=(200, 80), group=(60, HIDDEN), unknown=(20, 0)),
        ],
        4,
    ),
    "staff other than the board": Leak(
        {
            "board": share(part="board_member"),
            "senior": rows("staff_in_post", "NOT board_member", "senior_manager"),
        },
        [
            Row("board", reference=(200, HIDDEN), group=(14, HIDDEN), unknown=(HIDDEN, None)),
            Row("senior", reference=(151, 20), group=(45, 12), unknown=(HIDDEN, HIDDEN)),
        ],
        4,
    ),
    "a part is the whole less its rest": Leak(
        {
            "staff": share(),
            "seniors": share(part="senior_manager"),
            "others_on_the_board": rows("staff_in_post", "NOT senior_manager", "board_member"),
        },
        [
            Row("staff", group=(280, 60), unknown=(20, None)),
            Row("seniors", reference=(240, HIDDEN), group=(40, HIDDEN), unknown=(HIDDEN, None)),
            Row("others_on_the_board", reference=(172, HIDDEN), group=(52, HIDDEN), unknown=(16, 0)),
        ],
        8,
    ),
    "one reason in two spellings": Leak(
        {
            "of_unknown_reason": rows("leavers", "TRUE", "reason = 'Unknown'"),
            "share_of_them": share("leavers", part="reason IN ('Unknown')", rest_words="other leavers"),
        },
        [
            Row("of_unknown_reason", reference=(90, 20), group=(40, HIDDEN), unknown=(12, 0)),
            Row("share_of_them", reference=(115, HIDDEN), group=(27, HIDDEN), unknown=(0, None)),
        ],
        7,
    ),
    "who declined are among the shortlisted": Leak(
        {
            "interviewed": rows("recruitment", "shortlisted", "interviewed"),
            "appointed": rows("recruitment", "shortlisted AND NOT declined", "appointed"),
            "declined": rows("recruitment", "offered", "declined"),
        },
        [
            Row("interviewed", reference=(200, 150), group=(100, 60), unknown=(0, 0)),
            Row("appointed", reference=(180, 40), group=(96, 12), unknown=(0, 0)),
            Row("declined", reference=(60, 20), group=(16, HIDDEN), unknown=(0, 0)),
        ],
        4,
    ),
    "leavers by reason are as many as by band": Leak(
        {
            "by_reason": share("leavers", part="NOT reason IN ('Retirement', 'Unknown')"),
            "managers": share("leavers", part="band = 'Manager'"),
        },
        [
            Row("by_reason", reference=(56, 20), group=(44, 10), unknown=(HIDDEN, None)),
            Row("managers", reference=(68, 26), group=(32, HIDDEN), unknown=(HIDDEN, None)),
        ],
        4,
    ),
    "who was appointed had an offer": Leak(
        {
            "appointed": rows("recruitment", "TRUE", "appointed"),
            "not_taken_up": rows("recruitment", "offered", "NOT appointed"),
        },
        [
            Row("appointed", reference=(400, 40), group=(200, 12), unknown=(0, 0)),
            Row("not_taken_up", reference=(60, 20), group=(15, HIDDEN), unknown=(0, 0)),
        ],
        3,
    ),
}


@pytest.mark.parametrize("leak", LEAKS.values(), ids=list(LEAKS))
def test_a_count_that_follows_from_two_spellings_of_the_same_people(leak: Leak, tmp_path: Path) -> None:
    indicators, table, true = leak
    catalogue = catalogue_in(tmp_path / "catalogue", indicators)
    reader = Reader([table_in(tmp_path, table)], catalogue, policy_of(catalogue))
    assert true in {each.least for each in left_to(reader) if each.least == each.greatest}
    assert not judge(reader).passed
    found = audited(catalogue, tmp_path / "storage", tmp_path / "published")
    assert not found["nobody_can_be_recovered"], f"the audit calls {found['safe']} of {found['hidden']} safe"


def test_where_answers_are_lacking_who_declined_is_not_what_is_left(tmp_path: Path) -> None:
    indicators, table, true = LEAKS["who declined are among the shortlisted"]
    catalogue = catalogue_in(tmp_path / "catalogue", indicators)
    file, policy = table_in(tmp_path, table), policy_of(catalogue)
    ((_, least, greatest, *_),) = left_to(Reader([file], catalogue, policy, empty=["recruitment.declined"]))
    assert (least, greatest) == (1, true)


def test_managers_who_are_not_junior_are_no_more_than_the_seniors_there_are(tmp_path: Path) -> None:
    """Nobody is told of all seniors: they are who is left of the staff, and at no level but that of managers."""
    indicators = {
        "juniors": rows("staff_in_post", "NOT senior_manager", "board_member") | {"breakdowns": ["band"]},
        "managers": rows("staff_in_post", "TRUE", "band = 'Manager'"),
    }
    table = [
        Row("juniors", reference=(180, 30), group=(60, 30), unknown=(15, 0)),
        Row("juniors", "band", "Support", (90, 15), (30, 15), (9, 0)),
        Row("juniors", "band", "Professional", (90, 15), (30, 15), (6, 0)),
        Row("managers", reference=(240, 60), group=(90, 30), unknown=(15, HIDDEN)),
    ]
    policy = EXACT | {"threshold": 6, "round_to": 3, "least_interval": 3}
    catalogue = catalogue_in(tmp_path / "catalogue", indicators, policy)
    reader = Reader([table_in(tmp_path, table)], catalogue, policy_of(catalogue))
    exposed = {name: (least, greatest) for name, least, greatest, *_ in judge(reader).exposed}
    assert exposed[f"{QUARTER.key} managers/all/all/unknown_events"] == (1, 2)
    assert not audited(catalogue, tmp_path / "storage", tmp_path / "published")["nobody_can_be_recovered"]


def test_where_white_staff_are_counted_by_band_everybody_of_a_band_without_a_row_is_not_nobody(
    tmp_path: Path,
) -> None:
    indicators = {
        "staff": share(),
        "others": share(part="band <> 'Manager'"),
        "managers": rows("staff_in_post", "TRUE", "band = 'Manager'") | {"breakdowns": ["band"]},
    }
    small = (HIDDEN, 0)
    table = [
        Row("staff", group=(103, 39), unknown=(15, None)),
        Row("others", reference=(HIDDEN, HIDDEN), group=(90, HIDDEN), unknown=(HIDDEN, None)),
        Row("managers", reference=(49, HIDDEN), group=(39, HIDDEN), unknown=(15, HIDDEN)),
        Row("managers", "band", "Manager", *[(HIDDEN, HIDDEN)] * 3),
        *(Row("managers", "band", level, small, small, small) for level in ("Professional", "Support")),
    ]
    catalogue = catalogue_in(tmp_path / "catalogue", indicators, EXACT | {"hide_noughts": ["low"]})
    assert judge(Reader([table_in(tmp_path, table)], catalogue, policy_of(catalogue))).passed
    assert audited(catalogue, tmp_path / "storage", tmp_path / "published")["nobody_can_be_recovered"]
