"""What a vintage is: a state of what was released. A run that is held back revises nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

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
