"""What a release knows of the one before it: whether software, catalogue or policy are other ones."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from assets.releasing import _changed_since
from disparity.periods import Quarter
from reports.reading_back import FROZEN
from resources.lake import Lake

NOW = Quarter.from_key("2026-07-01")
MADE = (
    ("Code version", "0.1.0 (ab)"),
    ("Catalogue", "12"),
    ("Disclosure policy", "rounded"),
    ("Vintage", "1"),
)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path)


def changed(lake: Lake, provenance: tuple[tuple[str, str], ...]) -> tuple[str, ...] | None:
    return _changed_since(SimpleNamespace(lake=lake), "restricted", NOW, provenance)


def release(lake: Lake, audience: str, quarter: Quarter) -> None:
    # A release of another version has other keys; its provenance can be read all the same.
    lake.put(f"{audience}/release", quarter, {}, {FROZEN: json.dumps({"provenance": MADE}).encode()})


def test_of_a_first_release_nothing_is_known(lake: Lake) -> None:
    release(lake, "published", NOW.plus(-1))
    release(lake, "restricted", NOW.plus(-2))
    assert changed(lake, MADE) is None


def test_releases_made_alike_differ_in_nothing(lake: Lake) -> None:
    release(lake, "restricted", NOW.plus(-1))
    assert changed(lake, (*MADE[:3], ("Vintage", "2"))) == ()


def test_what_made_them_otherwise_is_named(lake: Lake) -> None:
    release(lake, "restricted", NOW.plus(-1))
    other = (("Code version", "0.2.0 (cd)"), MADE[1], ("Disclosure policy", "exact"))
    assert changed(lake, other) == ("Code version", "Disclosure policy")
