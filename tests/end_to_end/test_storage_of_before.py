"""What an earlier version stored still opens: see ``tests/storage_of_before/README.md``."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Protocol

import pytest
from jsonschema import Draft202012Validator

from disparity.audiences import RELEASED
from disparity.periods import Quarter
from reports.reading_back.files import FROZEN, TABLE
from reports.reading_back.published_table import read_told
from reports.release.frozen import from_json, schema, to_json
from resources.settings import Settings
from resources.workplace import Workplace

PUBLISHED = ("2024-01-01", "2025-01-01")
NEXT = "2026-01-01"


class Ended(Protocol):
    code: int
    out: str
    err: str


Command = Callable[..., Ended]


@pytest.fixture
def on_it(storage_of_before: Path, command: Command) -> Callable[..., Ended]:
    """Run a command on what an earlier version stored."""
    folders = ("--catalogue", storage_of_before / "catalogue", "--storage", storage_of_before / "storage")
    return lambda *words: command(*words, *folders)


def _tables(place: Path) -> dict[str, bytes]:
    return {str(file.relative_to(place)): file.read_bytes() for file in place.rglob("indicators.csv")}


def _hidden(said: str) -> int:
    """Return how many hidden counts an audit proved to be left enough values: all there are."""
    found = re.search(r"all ([\d,]+) hidden counts are proved", said)
    assert found is not None, said
    return int(found[1].replace(",", ""))


def test_every_quarter_stands_as_it_did(on_it: Command) -> None:
    ended = on_it("status")
    assert ended.code == 0, ended.out
    rows = {
        cells[0]: cells[-2:]
        for line in ended.out.splitlines()
        if len(cells := [cell.strip() for cell in line.strip("│ ").split("│")]) > 2
    }
    assert len(rows) == 12
    for key in PUBLISHED:
        assert rows[Quarter.from_key(key).words] == ["published", "published"]
    assert rows["Oct to Dec 2025"] == ["awaiting approval", "awaiting approval"]


def test_every_release_reads_back(storage_of_before: Path) -> None:
    """Its figures, as they were frozen: what its pages say of them was read back by the version that made them."""
    settings = Settings.from_environment(
        {}, catalogue=storage_of_before / "catalogue", storage=storage_of_before / "storage"
    )
    workplace = Workplace(settings)
    quarters = Quarter.from_key("2025-10-01").window(8)
    of_this_version = Draft202012Validator(json.loads(schema()))
    read = 0
    for audience in RELEASED:
        for quarter in quarters:
            entry = workplace.lake.get(f"{audience}/release", quarter)
            if entry is None:
                continue
            files = {name: entry.read(name) for name in entry.files}
            release = from_json(files[FROZEN])
            assert (release.audience, release.quarter) == (audience, quarter)
            assert to_json(release) == files[FROZEN]
            assert list(of_this_version.iter_errors(json.loads(files[FROZEN]))) == []
            told = read_told(files[TABLE], workplace.catalogue, workplace.policy(audience), TABLE)
            assert told.quarter == quarter
            read += 1
    assert read == 12


@pytest.mark.parametrize("audience", RELEASED)
def test_published_releases_can_be_audited_by_what_is_kept_and_by_their_files(
    on_it: Command, storage_of_before: Path, audience: str
) -> None:
    alone, both = (on_it("audit", "--quarter", key, "--audience", audience) for key in PUBLISHED)
    files = on_it(
        "audit", "--quarter", PUBLISHED[-1], "--audience", audience, "--from", storage_of_before / "storage" / audience
    )  # fmt: skip
    for ended in (alone, both, files):
        assert ended.code == 0, ended.out
    assert 0 < _hidden(alone.out) < _hidden(both.out)
    assert "2 published tables up to Jan to Mar 2025, read back" in files.out


def test_what_was_approved_stays_approved_and_listed(on_it: Command, storage_of_before: Path) -> None:
    place = storage_of_before / "storage" / "published"
    before = _tables(place)
    assert len(before) == len(PUBLISHED)
    for key in PUBLISHED:
        ended = on_it("publish", "--quarter", key, "--approved-by", "B. Tester", "--even-if-empty")
        assert ended.code == 0, ended.out + ended.err
        assert ended.out.count("was approved before by A. Tester and stays so") == len(RELEASED)
    assert _tables(place) == before
    index = (place / "index.html").read_text(encoding="utf-8")
    for key in PUBLISHED:
        assert f'href="{key}/index.html"' in index
    assert "Jan to Mar 2025, vintage 2: Requests for training that had been taken back were counted." in index


def test_figures_of_before_can_be_explained_and_its_extracts_checked(
    on_it: Command, command: Command, storage_of_before: Path
) -> None:
    ended = on_it("explain", "shortlisted_from_applications", "--quarter", PUBLISHED[-1])
    assert ended.code == 0, ended.out + ended.err
    extract = storage_of_before / "landing" / f"leavers_{NEXT}_invented.csv"
    ended = command("check", extract, "--dataset", "leavers", "--catalogue", storage_of_before / "catalogue")
    assert ended.code == 0, ended.out + ended.err


@pytest.mark.long
def test_the_next_quarter_is_released_with_what_was_published_before_in_mind(
    on_it: Command, storage_of_before: Path
) -> None:
    ended = on_it("run", "--quarter", NEXT, "--landing", storage_of_before / "landing")
    assert ended.code == 0, ended.out + ended.err
    assert "Jan to Mar 2026 is released and awaiting approval." in ended.out
    ended = on_it("publish", "--quarter", NEXT, "--approved-by", "B. Tester")
    assert ended.code == 0, ended.out + ended.err
    place = storage_of_before / "storage" / "published"
    assert len(_tables(place)) == len(PUBLISHED) + 1
    # Of what the two years before hid, readers know since; without the ledger, once accepted, nothing of it is asked.
    with_memory = on_it("audit", "--quarter", NEXT)
    assert with_memory.code == 0, with_memory.out
    with closing(sqlite3.connect(storage_of_before / "storage" / "internal.db")) as database, database:
        assert database.execute("DELETE FROM ledger WHERE quarter < ?", (NEXT,)).rowcount > 0
    refused = on_it("audit", "--quarter", NEXT)
    assert (refused.code, refused.out) == (1, "")
    assert "lacks what was released: " in refused.err
    accepted = on_it("accept-loss", "--accepted-by", "B. Tester", "--reason", "the test deleted it")
    assert accepted.code == 0, accepted.err
    without = on_it("audit", "--quarter", NEXT)
    assert without.code == 0, without.out
    assert _hidden(with_memory.out) > _hidden(without.out) > 0


def test_its_parts_are_made_known_to_each_other_once_and_that_is_said(
    on_it: Command, storage_of_before: Path
) -> None:
    first, second = on_it("status"), on_it("status")
    assert "gave lake and databases, which an earlier version made, one identity" in first.err
    assert (first.code, second.code, second.err) == (0, 0, "")


def test_a_ledger_that_was_lost_before_the_parts_knew_each_other_is_missed(
    on_it: Command, storage_of_before: Path
) -> None:
    (storage_of_before / "storage" / "internal.db").unlink()
    refused = on_it("status")
    assert refused.code == 1
    assert "internal.db is new or empty" in refused.err
    # Reports in which nothing is available told of nobody, and are not missed.
    assert refused.err.count("restricted, Jan to Mar 2025, vintage 2") == 1
    assert "Oct to Dec 2024" not in refused.err
