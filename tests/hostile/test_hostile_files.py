"""No file that somebody hands over ends anything but itself: a sentence with its name, within its limits, about nobody.

``HOSTILE_MUTANTS`` is how many sound files are changed at random, 2,000 where it is not set; ``HOSTILE_BUILT`` which of
those built to be hostile are read, every 20th where it is not set. `make prove` asks for 20,000, and for every one.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from hostile.built import built
from hostile.mutants import mutant
from hostile.readers import Ended, WatchedReader
from hostile.sound import PEOPLE

MUTANTS = int(os.environ.get("HOSTILE_MUTANTS", "2000"))
BUILT_EVERY = int(os.environ.get("HOSTILE_BUILT", "20"))
READINGS = ("received", "checked")
MOST_SECONDS, MOST_MEGABYTES = 10.0, 1_000
_PARTS = 2
_CHECKED_EVERY = 12  # a check judges rows as well, which takes ten times as long


def faults_of(ended: Ended, name: str) -> Iterator[str]:
    if ended.how not in ("read", "refused"):
        yield f"{name}: {ended.how}: {ended.words[-600:]}"
    if ended.how == "refused" and ("leavers." not in ended.words or "What to do: " not in ended.words):
        yield f"{name}: no name or nothing to do in {ended.words[:200]}"
    if ended.seconds > MOST_SECONDS:
        yield f"{name}: {ended.seconds} s"
    if ended.megabytes > MOST_MEGABYTES:
        yield f"{name}: {ended.megabytes} MB"
    if PEOPLE.search(ended.words):
        yield f"{name}: a value of a person: {ended.words[:300]}"


def _said(
    capsys: pytest.CaptureFixture[str], what: str, ends: Counter[str], most: Ended, faults: list[str]
) -> None:
    with capsys.disabled():
        sys.stdout.write(
            f"\n{ends.total():,} {what}: {dict(ends)}; {most.seconds:.1f} s of computing and {most.megabytes} MB at most; "
            f"{len(faults)} faults\n"
        )


def _greater(one: Ended, other: Ended) -> Ended:
    return Ended("", "", max(one.seconds, other.seconds), max(one.megabytes, other.megabytes))


@pytest.mark.long
@pytest.mark.parametrize("part", range(_PARTS))
def test_sound_files_changed_at_random(part: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Read in one process, to be quick; whichever ends it is read again as a run reads it, and must not end that."""
    ends, most, faults = Counter[str](), Ended(""), list[str]()
    with WatchedReader(tmp_path, apart=False) as here, WatchedReader(tmp_path, apart=True) as apart:
        for number in range(part, MUTANTS, _PARTS):
            format_, content = mutant(number)
            how = "received" if number // 4 % _CHECKED_EVERY else "checked"
            ended = here.read(format_, content, how)
            if ended.how in ("death", "endless") and format_ != "csv":
                ended = apart.read(format_, content, how)
            ends[ended.how] += 1
            most = _greater(most, ended)
            faults += faults_of(ended, f"mutant {number}, {format_}, {how}")
    _said(capsys, "mutants", ends, most, faults)
    assert not faults, "\n".join(faults)


@pytest.mark.long
def test_files_built_to_be_hostile(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ends, most, faults = Counter[str](), Ended(""), list[str]()
    with WatchedReader(tmp_path, apart=True) as reader:
        for at, file in enumerate(islice(built(), 0, None, BUILT_EVERY)):
            ended = reader.read(file.format, file.content(), READINGS[at % 2])
            ends[ended.how] += 1
            most = _greater(most, ended)
            faults += faults_of(ended, f"{file.format}, {file.name}")
    _said(capsys, "built files", ends, most, faults)
    assert not faults, "\n".join(faults)
