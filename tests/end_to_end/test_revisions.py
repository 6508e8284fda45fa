"""What a vintage is: a state of what was released. A run that is held back revises nothing; what is revised says why."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import pytest

from disparity.periods import Quarter
from resources.lake import Lake

KEY = "2026-07-01"
RELEASED = ("published", "restricted")


class Ended(Protocol):
    code: int
    out: str
    err: str


Command = Callable[..., Ended]


def _facts(place: Path, audience: str) -> dict[str, Any]:
    pointer = place / "storage" / "lake" / audience / "release" / f"{KEY}.json"
    facts: dict[str, Any] = json.loads(pointer.read_text(encoding="utf-8"))["facts"]
    return facts


def _pages(place: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(place)): path.read_bytes()
        for audience in RELEASED
        for path in sorted((place / "storage" / audience).rglob("*"))
        if path.is_file()
    }


@pytest.mark.long
def test_a_held_run_revises_nothing_and_the_same_files_again_are_as_approved(
    command: Command, place: Path
) -> None:
    folders = ["--catalogue", place / "catalogue", "--storage", place / "storage"]
    run = ["run", "--quarter", KEY, *folders, "--landing", place / "landing"]
    publish = ["publish", "--quarter", KEY, *folders]
    (recruitment,) = (place / "landing").glob(f"recruitment_{KEY}_invented.*")
    good = recruitment.read_bytes()
    recruitment.unlink()
    assert command(*run).code == 1
    recruitment.write_bytes(good)
    assert "awaiting approval" in command(*run).out
    assert command(*publish, "--approved-by", "A. Director").code == 0
    before = _pages(place)
    assert before
    for audience in RELEASED:
        assert _facts(place, audience)["vintage"] == 1
        page = before[f"storage/{audience}/{KEY}/index.html"].decode()
        assert "<strong>Revised" not in page
    released = {audience: _facts(place, audience) for audience in RELEASED}
    recruitment.write_text("<!DOCTYPE html><html><body>Please sign in</body></html>")
    held = command(*run)
    assert held.code == 1
    assert "is not released" in held.out
    recruitment.write_bytes(good)
    again = command(*run)
    assert again.code == 0, again.out
    assert "released, as it was approved before" in again.out
    assert {audience: _facts(place, audience) for audience in RELEASED} == released
    assert command("status", *folders).out.count("published") >= 2
    second = command(*publish, "--approved-by", "B. Director")
    assert second.code == 0, second.out
    assert "was approved before by A. Director and stays so; B. Director is not recorded" in second.out
    assert _pages(place) == before


def _words(place: Path, *names: str) -> str:
    return (place / "storage" / "published" / Path(*names) / "index.html").read_text(encoding="utf-8")


_DIFFER = ": files that differ from what was published: "


def _named(said: str, audience: str) -> set[str]:
    """Return the files that a run names to be read again."""
    (names,) = (
        line.partition(_DIFFER)[2] for line in said.splitlines() if line.startswith(f"  {audience}{_DIFFER}")
    )
    return set(names.split(", "))


@pytest.mark.long
def test_a_revision_says_why_once_somebody_has_written_it(command: Command, place: Path) -> None:
    folders = ["--catalogue", place / "catalogue", "--storage", place / "storage"]
    run = ["run", "--quarter", KEY, *folders, "--landing", place / "landing"]
    publish = ["publish", "--quarter", KEY, *folders, "--approved-by", "A. Director"]
    first = command(*run)
    assert first.code == 0
    assert command(*publish).code == 0
    assert _DIFFER not in first.out
    (leavers,) = (place / "landing").glob(f"leavers_{KEY}_invented.*")
    lines = leavers.read_bytes().splitlines(keepends=True)
    leavers.write_bytes(b"".join(lines[: 1 + len(lines) // 2]))
    revised = command(*run)
    assert revised.code == 0, revised.out
    lacking = "Jul to Sep 2026, vintage 2: figures that were published are others now, and nothing says why."
    assert revised.out.count(lacking) == 1
    for audience in RELEASED:
        assert {"indicators.csv", "release.json"} <= _named(revised.out, audience)
    assert "write it in revisions.yaml of the catalogue, 2026-09-30, 2, reason" in revised.out
    assert command(*publish).code == 0
    for page in (_words(place), _words(place, KEY)):
        assert "Revised [r]" in page
        assert "Jul to Sep 2026, vintage 2: No reason is recorded." in page
    reason = "Leavers who had come back were taken out."
    (place / "catalogue" / "revisions.yaml").write_text(f"2026-09-30:\n  2:\n    reason: {reason}\n")
    again = command(*run)
    assert again.code == 0, again.out
    assert "nothing says why" not in again.out
    # A reason is words: the figures are those that were published.
    named = _named(again.out, "published")
    assert {"index.html", "board-paper.pdf"} <= named
    assert "indicators.csv" not in named
    assert "No reason is recorded." in _words(place), "until it is approved"
    assert command(*publish).code == 0
    for page in (_words(place), _words(place, KEY)):
        assert f"Jul to Sep 2026, vintage 2: {reason}" in page
        assert "No reason is recorded." not in page
    frozen = json.loads((place / "storage" / "published" / KEY / "release.json").read_text(encoding="utf-8"))
    (revision,) = frozen["revisions"]
    assert (revision["period_end"], revision["vintage"], revision["reason"]) == ("2026-09-30", 2, reason)
    assert _facts(place, "published")["vintage"] == 2


@pytest.mark.long
def test_a_first_publication_revises_nothing_and_the_next_what_it_changes(
    command: Command, place: Path
) -> None:
    folders = ["--catalogue", place / "catalogue", "--storage", place / "storage"]
    run = ["run", "--quarter", KEY, *folders, "--landing", place / "landing"]
    publish = ["publish", "--quarter", KEY, *folders, "--approved-by", "A. Director"]
    (recruitment,) = (place / "landing").glob(f"recruitment_{KEY}_invented.csv")
    whole = recruitment.read_bytes().splitlines(keepends=True)

    def restated(share: float) -> str:
        recruitment.write_bytes(b"".join(whole[: 1 + int(len(whole) * share)]))
        ended = command(*run)
        assert ended.code == 0, ended.out
        assert command(*publish).code == 0
        return ended.out

    assert command(*run).code == 0, "released, and never published"
    said = restated(0.5)
    for audience in RELEASED:
        assert _facts(place, audience)["vintage"] == 2
    assert "nothing says why" not in said
    assert not [
        name for name, page in _pages(place).items() if name.endswith(".html") and b"<strong>Revised" in page
    ]
    frozen = json.loads((place / "storage" / "published" / KEY / "release.json").read_text(encoding="utf-8"))
    assert frozen["revisions"] == []

    said = restated(0.9)
    assert (
        "Jul to Sep 2026, vintage 3: figures that were published are others now, and nothing says why" in said
    )
    frozen = json.loads((place / "storage" / "published" / KEY / "release.json").read_text(encoding="utf-8"))
    (revision,) = frozen["revisions"]
    assert (revision["vintage"], revision["figures"]) == (3, ["appointed_from_shortlisting/all/all"])
    page = _words(place, KEY)
    assert "Jul to Sep 2026, vintage 3: No reason is recorded." in page
    assert "Revised since they were first published [r]: Appointed, of those shortlisted." in page
    assert "vintage 2: No reason" not in page
    published = _pages(place)
    assert "released, as it was approved before" in command(*run).out
    assert command(*publish).code == 0
    assert _pages(place) == published, "run and published again, it says the same"


def test_an_index_that_says_what_no_report_does_is_not_published(command: Command, place: Path) -> None:
    folders = ["--catalogue", place / "catalogue", "--storage", place / "storage"]
    publish = ["publish", "--quarter", KEY, *folders, "--approved-by", "A. Director"]
    assert command("run", "--quarter", KEY, *folders, "--landing", place / "landing").code == 0
    assert command(*publish).code == 0
    before = _words(place)
    lake, quarter = Lake(place / "storage" / "lake"), Quarter.from_key(KEY)
    kept = lake.get("published/release", quarter)
    assert kept is not None
    first, *others = kept.facts["headlines"]
    strange = {**kept.facts, "headlines": [f"{first} 37 of them.", *others]}
    lake.put("published/release", quarter, strange, {name: kept.read(name) for name in kept.files})
    refused = command(*publish)
    assert refused.code == 1
    said = f"{refused.out} {refused.err}"
    assert "the index over all quarters is not" in said
    assert "field headline" in said
    assert "37 of them" not in said
    assert _words(place) == before
