"""What a release says of extracts, and knows of the one before it: which parts of the method are other ones."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from assets.releasing import _changed_since, _statuses
from disparity.catalogue import Method
from disparity.catalogue.policies import Policy
from disparity.periods import Quarter
from reports.reading_back.files import FROZEN
from reports.release.provenance import PROVENANCE, Provenance
from resources.lake import Lake

NOW = Quarter.from_key("2026-07-01")
METHOD = dict.fromkeys(Method.model_fields, "ab" * 32)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path)


def changed(lake: Lake, **parts: str) -> tuple[str, ...] | None:
    workplace = SimpleNamespace(lake=lake, method=METHOD | parts)
    return _changed_since(workplace, "restricted", NOW)


def release(lake: Lake, audience: str, quarter: Quarter) -> None:
    made = Provenance("cd" * 32, "0.1.0 (0123456789ab)", None, METHOD, {})
    lake.put(f"{audience}/release", quarter, {}, {PROVENANCE: made.to_json()})


def test_of_a_first_release_nothing_is_known(lake: Lake) -> None:
    release(lake, "published", NOW.plus(-1))
    release(lake, "restricted", NOW.plus(-2))
    assert changed(lake) is None


def test_nor_is_it_after_a_release_of_an_earlier_version(lake: Lake) -> None:
    frozen = {"provenance": [["Code version", "0.1.0 (0123456789ab)"], ["Catalogue", "0123456789abcdef"]]}
    lake.put("restricted/release", NOW.plus(-1), {}, {FROZEN: json.dumps(frozen).encode()})
    assert changed(lake) is None


def test_releases_made_alike_differ_in_nothing_whatever_software_made_them(lake: Lake) -> None:
    release(lake, "restricted", NOW.plus(-1))
    assert changed(lake) == ()


def test_the_parts_that_are_other_ones_are_named(lake: Lake) -> None:
    release(lake, "restricted", NOW.plus(-1))
    assert changed(lake, policies="ef" * 32, indicators="12" * 32) == ("indicators", "policies")


@pytest.mark.parametrize(
    ("rejected", "words"),
    [
        (0, ""),
        (1, ""),
        (7, ""),
        (8, "about 10 rows were rejected and are in no figure"),
        (12, "about 10 rows were rejected and are in no figure"),
    ],
)
def test_a_few_rejected_rows_are_not_told_from_none(lake: Lake, rejected: int, words: str) -> None:
    lake.put("records/leavers", NOW, {"state": "received", "rows_rejected": rejected}, {})
    policy = Policy(
        title="Rounded",
        why="For a test.",
        threshold=8,
        round_to=5,
        percent_decimals=0,
        pounds_round_to=10,
        least_interval=5,
    )
    workplace = SimpleNamespace(lake=lake, catalogue=SimpleNamespace(sources={"leavers": None}))
    (said,) = _statuses(workplace, NOW, policy)
    assert said.words == words
