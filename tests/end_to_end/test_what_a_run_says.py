"""What a run says of the extracts it read, and that nothing is written where a database cannot be used."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import pytest

from disparity.catalogue import Policy
from disparity.periods import Quarter
from pipelines.commands import running
from resources.settings import Settings
from resources.workplace import Workplace

KEY = "2026-07-01"


class Ended(Protocol):
    code: int
    out: str
    err: str


class Finished(Protocol):
    catalogue: Path
    landing: Path
    storage: Path
    key: str


Command = Callable[..., Ended]


def test_a_missing_extract_and_rejected_rows_are_told_with_what_to_do(command: Command, place: Path) -> None:
    landing = place / "landing"
    (landing / f"leavers_{KEY}_invented.csv").unlink()
    recruitment = landing / f"recruitment_{KEY}_invented.csv"
    text = recruitment.read_text(encoding="utf-8-sig")
    heading = "Ethnicity"
    header = next(line for line in text.splitlines() if heading in line).split(",")
    lines, spoilt = [], 0
    for line in text.splitlines():
        cells = line.split(",")
        if not spoilt and len(cells) == len(header) and cells != header:  # one row, so a small count
            cells[header.index(heading)], spoilt = "CANARYQRY", 1
        lines.append(",".join(cells))
    assert spoilt
    recruitment.write_text("\n".join(lines) + "\n", encoding="utf-8")
    folders = [word for name in ("catalogue", "landing", "storage") for word in (f"--{name}", place / name)]
    ended = command("run", "--quarter", KEY, *folders)
    assert ended.code == 1
    said = ended.out.splitlines()
    (missing,) = [line for line in said if line.startswith("Leavers of Jul to Sep 2026: ")]
    assert f"no file leavers_{KEY}_invented.csv lies in {landing}" in missing
    assert "What to do: put the extract there under that name and run again." in missing
    (rejected,) = [line for line in said if line.startswith("Recruitment of Jul to Sep 2026: ")]
    assert ": some rows were rejected: " in rejected
    assert "not a known ethnic code (ethnic_code)" in rejected
    assert rejected.endswith(
        f"; race-equality check {recruitment} --dataset recruitment --quarter {KEY} lists them"
    )
    assert "CANARYQRY" not in ended.out + ended.err
    assert "Traceback" not in ended.out + ended.err
    # What comes at times only is not missed: the survey is yearly, and interviews are not required.
    assert not [line for line in said if line.startswith(("Staff survey", "Exit interviews"))]


def test_what_readers_must_know_is_said_once_before_the_table_and_the_next_command(
    finished_sample: Finished, monkeypatch: pytest.MonkeyPatch
) -> None:
    quarter = Quarter.from_key(finished_sample.key)
    settings = Settings.from_environment(
        {},
        catalogue=finished_sample.catalogue,
        landing=finished_sample.landing,
        storage=finished_sample.storage,
    )
    asked: list[Policy] = []

    def noticed(workplace: Workplace, of: Quarter, policy: Policy) -> Iterator[str]:
        asked.append(policy)
        yield from ["One staff number in ten matches nobody."] * 2

    monkeypatch.setattr(running, "noticed", noticed)
    workplace = Workplace(settings)
    words = running._outcome(workplace, quarter, quarter.window(4), {}).words
    assert asked == [workplace.policy("restricted")]
    assert words.count("One staff number in ten matches nobody.") == 1
    said = [
        words.index(part)
        for part in ("matches nobody", "Figures of Jul", "  shown ", "is released, as it was")
    ]
    assert said == sorted(said)
    assert words.splitlines()[-1].startswith("Publish it with the job `publish`, or: race-equality publish")


@pytest.mark.parametrize("kind", ["internal", "results"])
@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "--landing", "{landing}"),
        ("publish", "--approved-by", "B. Tester"),
        ("explain", "appointed_from_shortlisting"),
    ],
)
def test_nothing_is_written_where_a_database_is_of_a_newer_version(
    kind: str, arguments: tuple[str, ...], finished_sample: Finished, tmp_path: Path, command: Command
) -> None:
    storage = tmp_path / "storage"
    shutil.copytree(finished_sample.storage, storage)
    with sqlite3.connect(storage / f"{kind}.db") as connection:
        connection.execute(f"UPDATE {kind}_version SET version_num = '{kind}_9999'")
    connection.close()
    before = {path: path.read_bytes() for path in storage.rglob("*") if path.is_file()}
    given = [each.format(landing=finished_sample.landing) for each in arguments]
    folders = ("--storage", storage, "--catalogue", finished_sample.catalogue)
    ended = command(*given, "--quarter", finished_sample.key, *folders)
    assert ended.code == 1
    assert "it was made by a newer version of the pipeline" in ended.err
    assert {path: path.read_bytes() for path in storage.rglob("*") if path.is_file()} == before


def test_an_explanation_of_an_empty_place_makes_no_database(
    command: Command, tmp_path: Path, finished_sample: Finished
) -> None:
    places = ("--storage", tmp_path / "nothing", "--catalogue", finished_sample.catalogue)
    ended = command("explain", "appointed_from_shortlisting", "--quarter", KEY, *places)
    assert "nothing was counted for" in ended.err
    assert not list(tmp_path.rglob("*.db"))
