"""What is not as it was written in a storage is refused in words by whatever reads it, and made anew by what makes it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import pytest

from reports.reading_back.files import FROZEN, TABLE


class Finished(Protocol):
    catalogue: Path
    landing: Path
    storage: Path
    key: str


class Ended(Protocol):
    code: int
    out: str
    err: str


Command = Callable[..., Ended]


@pytest.fixture
def storage(finished_sample: Finished, tmp_path: Path) -> Path:
    """A copy of a finished year's storage, to be spoilt."""
    return Path(shutil.copytree(finished_sample.storage, tmp_path / "storage"))


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def stored(storage: Path, place: str, key: str, name: str) -> Path:
    """Return where the lake has a file."""
    folder = storage / "lake" / place
    return folder / str(json.loads((folder / f"{key}.json").read_bytes())["files"][name])


READERS = {
    ("counts/recruitment", "counts.parquet"): ("explain", "appointed_from_shortlisting"),
    ("records/recruitment", "rejected.parquet"): ("explain", "appointed_from_shortlisting"),
    ("published/protected/leaving", "protected.parquet"): ("audit",),
    ("published/release", TABLE): ("audit", "--cell", "leavers_per_100_staff/all/all/group_events"),
    ("restricted/release", "index.html"): ("publish", "--approved-by", "A. Tester"),
    ("published/publication", FROZEN): ("publish", "--approved-by", "A. Tester"),
}


@pytest.mark.parametrize("place", READERS)
def test_a_flipped_bit_is_noticed_by_whatever_reads_it(
    storage: Path, finished_sample: Finished, command: Command, place: tuple[str, str]
) -> None:
    key = finished_sample.key
    path = stored(storage, place[0], key, place[1])
    flip(path)
    ended = command(
        *READERS[place], "--quarter", key, "--storage", storage, "--catalogue", finished_sample.catalogue
    )
    said = f"lake, {place[0]} of Jul to Sep 2026: {path.name} is not as it was written."
    assert said in ended.out + ended.err
    if place[0] == "published/publication":  # it is what publishing makes, from the release
        assert ended.code == 0, ended.out
        assert path.read_bytes() == stored(storage, "published/release", key, FROZEN).read_bytes()
    else:
        assert ended.code == 1
        assert f"race-equality run --quarter {key}" in ended.out + ended.err


@pytest.mark.long
def test_what_a_run_makes_is_made_anew_by_the_command_that_the_refusal_names(
    storage: Path, finished_sample: Finished, command: Command
) -> None:
    """A file or the pointer of every place of a quarter is spoilt at once; the same bytes are published in the end.

    That no extract came is known from the lake alone: where that is gone too, somebody says so.
    """
    key, lake = finished_sample.key, storage / "lake"
    before = {path: path.read_bytes() for path in (storage / "published").rglob("*") if path.is_file()}
    pointers = [path for path in sorted(lake.rglob(f"{key}.json")) if path.parent.name != "publication"]
    assert len(pointers) > 30
    for number, pointer in enumerate(pointers):
        files = sorted(json.loads(pointer.read_bytes())["files"].values())
        flip(pointer.parent / files[0]) if files and number % 2 else pointer.unlink()
    places = ("--quarter", key, "--storage", storage, "--catalogue", finished_sample.catalogue)
    refused = command("publish", "--approved-by", "A. Tester", *places)
    assert refused.code == 1
    assert f"race-equality run --quarter {key}" in refused.out + refused.err
    running = ("run", *places, "--landing", finished_sample.landing)
    ended = command(*running)
    assert ended.code == 1
    assert ended.err.count("Not used, and made anew: ") > 10
    assert f"Jul to Sep 2026: lake, received/staff_survey of Jul to Sep 2026: {key}.json is gone" in ended.out
    why = ("--accepted-by", "A. Tester", "--reason", "no survey was made that summer")
    accepted = command("accept-loss", *why, *places[2:])
    assert accepted.code == 0, accepted.err
    ended = command(*running)
    assert ended.code == 0, ended.out + ended.err
    ended = command("publish", "--approved-by", "A. Tester", *places)
    assert ended.code == 0, ended.out + ended.err
    assert {path: path.read_bytes() for path in before} == before
    status = command("status", "--storage", storage, "--catalogue", finished_sample.catalogue)
    assert status.code == 0, status.out


def test_a_damaged_extract_that_is_not_there_any_more_is_refused_and_not_called_missing(
    storage: Path, finished_sample: Finished, command: Command, tmp_path: Path
) -> None:
    key = finished_sample.key
    received = stored(storage, "received/leavers", key, "text.parquet")
    flip(received)
    (tmp_path / "landing").mkdir()
    places = ("--storage", storage, "--catalogue", finished_sample.catalogue)
    ended = command("run", "--quarter", key, "--landing", tmp_path / "landing", *places)
    assert ended.code == 1
    assert f"lake, received/leavers of Jul to Sep 2026: {received.name} is not as it was written" in ended.out
    assert "no extract was found" not in ended.out
    accepted = command(
        "accept-loss", "--accepted-by", "A. Tester", "--reason", "the extract is gone", *places
    )
    assert accepted.code == 0, accepted.err
    assert "Jul to Sep 2026 of received/leavers in the lake" in accepted.out
    assert command("status", *places).code == 0


OPENING = [
    ("status",),
    ("audit",),
    ("publish", "--approved-by", "A. Tester"),
    ("explain", "leavers_per_100_staff"),
    ("run",),
    ("ui",),
]


@pytest.mark.parametrize("words", OPENING)
def test_every_command_that_opens_a_storage_misses_its_ledger(
    storage: Path, finished_sample: Finished, command: Command, words: tuple[str, ...]
) -> None:
    (storage / "internal.db").unlink()
    before = {path: path.read_bytes() for path in (storage / "lake").rglob("*") if path.is_file()}
    quarter = () if words[0] in ("status", "ui") else ("--quarter", finished_sample.key)
    landing = ("--landing", finished_sample.landing) if words[0] in ("run", "ui") else ()
    ended = command(
        *words, *quarter, *landing, "--storage", storage, "--catalogue", finished_sample.catalogue
    )
    assert (ended.code, ended.out) == (1, "")
    assert "internal.db is new or empty" in ended.err
    assert (
        "lacks what was released: restricted, Jul to Sep 2026, vintage 1; published, Jul to Sep 2026"
        in ended.err
    )
    assert {path: path.read_bytes() for path in before} == before
