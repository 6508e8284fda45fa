"""What the judge asks about besides hidden counts: those that are published nowhere and follow from two that are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from judge.holdings import Reader
from judge.judgement import judge
from judging.small_organisation import EXACT, Row, catalogue_in, policy_of, table_in

INTERVIEWED = {
    "kind": "rows",
    "theme": "recruitment",
    "dataset": "recruitment",
    "base": "shortlisted",
    "event": "interviewed",
}


def exposed(
    folder: Path, *rows: Row, policy: dict[str, Any] | None = None, **indicators: Any
) -> list[tuple[int | None, ...]]:
    catalogue = catalogue_in(folder / "catalogue", {"interviewed": INTERVIEWED, **indicators}, policy)
    judged = judge(Reader([table_in(folder, rows)], catalogue, policy_of(catalogue)))
    assert not judged.undecided
    return [(left.least, left.greatest) for left in judged.exposed if left.follows]


@pytest.mark.parametrize(
    ("events", "zero_is_hidden", "found"),
    [(15, False, []), (27, False, [(3, 3)]), (30, False, []), (30, True, [(0, 0)])],
)
def test_of_a_base_those_without_its_events(
    events: int, zero_is_hidden: bool, found: list[tuple[int, int]], tmp_path: Path
) -> None:
    policy = EXACT | ({"hide_noughts": ["low"]} if zero_is_hidden else {})
    row = Row("interviewed", reference=(40, 25), group=(30, events), unknown=(0, 0))
    assert exposed(tmp_path, row, policy=policy) == found


def test_of_some_people_those_who_are_not_among_others(tmp_path: Path) -> None:
    of_offers = INTERVIEWED | {"base": "offered", "event": "appointed"}
    rows = [
        Row("interviewed", reference=(40, 25), group=(30, 15), unknown=(0, 0)),
        Row("taken_up", reference=(15, "[c]"), group=(12, "[c]"), unknown=(0, 0)),
    ]
    # Interviewed and not offered: 25 less 15, and 15 less 12.
    assert exposed(tmp_path, *rows, taken_up=of_offers) == [(3, 3)]


def test_a_whole_less_a_level_is_the_sum_of_others_and_not_asked_about(tmp_path: Path) -> None:
    rows = [
        Row("interviewed", reference=(40, 20), group=(28, 15), unknown=(0, 0)),
        Row("interviewed", "band", "Manager", (24, 12), (21, "[c]"), (0, 0)),
        Row("interviewed", "band", "Support", (8, "[c]"), ("[c]", "[c]"), (0, 0)),
        Row("interviewed", "band", "Professional", (8, "[c]"), ("[c]", "[c]"), (0, 0)),
    ]
    policy = EXACT | {"threshold": 8}
    by_band = {
        "base": "shortlisted AND band IN ('Support', 'Professional', 'Manager')",
        "breakdowns": ["band"],
    }
    assert exposed(tmp_path, *rows, policy=policy, interviewed=INTERVIEWED | by_band) == []
