"""The audit of published files: what an outsider finds in them, agrees with what is kept, and which are refused."""

from __future__ import annotations

import csv
import io
import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import polars as pl
import pytest

from assets.auditing_tables import tables_frozen, tables_in
from assets.counting import frame_of, people_counted
from disparity.counts.cells import CELLS
from disparity.disclosure.audit import audit
from disparity.disclosure.ledger import told_in
from disparity.disclosure.released_counts import Before
from disparity.periods import Quarter
from disparity.populations.people import People
from disparity.refusal import Refusal
from reports.pages.audit import audit_of
from reports.reading_back.published_table import read_told
from reports.release.estimates import COLUMNS, quoted
from resources.settings import Settings
from resources.workplace import Workplace

SUMMER = Quarter.from_key("2026-07-01")
SHARE = "ethnic_minority_share_of_staff"


class Finished(Protocol):
    catalogue: Path
    landing: Path
    storage: Path
    key: str


@pytest.fixture(scope="module")
def workplace(finished_sample: Finished) -> Workplace:
    return Workplace(
        Settings.from_environment({}, catalogue=finished_sample.catalogue, storage=finished_sample.storage)
    )


@pytest.fixture(scope="module")
def published(finished_sample: Finished) -> bytes:
    return (finished_sample.storage / "published" / finished_sample.key / "indicators.csv").read_bytes()


@pytest.fixture
def audited(command: Callable[..., Any], finished_sample: Finished, tmp_path: Path) -> Callable[..., Any]:
    """Run the audit with nothing but some folders and the catalogue: neither lake nor ledger."""

    def run(*more: object, key: str = finished_sample.key) -> Any:
        places = ("--storage", tmp_path / "empty", "--catalogue", finished_sample.catalogue)
        return command("audit", "--quarter", key, *places, *more)

    return run


def written(folder: Path, rows: list[dict[str, str]]) -> Path:
    """Write a table of some rows as a published folder has it."""
    (folder / SUMMER.key).mkdir(parents=True)
    lines = [COLUMNS, *([row[name] for name in COLUMNS] for row in rows)]
    text = "".join(",".join(map(quoted, line)) + "\n" for line in lines)
    (folder / SUMMER.key / "indicators.csv").write_text(text, encoding="utf-8")
    return folder


def of_share(published: bytes) -> list[dict[str, str]]:
    """The rows about shares of staff by band."""
    rows = csv.DictReader(io.StringIO(published.decode(), newline=""))
    return [row for row in rows if row["indicator"] == SHARE and row["breakdown"] in ("all", "band")]


def test_an_outsider_finds_nobody_in_the_published_files_and_what_is_kept_stays_as_it_is(
    audited: Callable[..., Any], finished_sample: Finished, tmp_path: Path
) -> None:
    kept = tmp_path / "empty" / "audit" / "published" / SUMMER.key / "audit.json"
    kept.parent.mkdir(parents=True)
    kept.write_text("kept", encoding="utf-8")
    ended = audited("--from", finished_sample.storage / "published")
    assert (ended.code, ended.err) == (0, "")
    assert "1 published table up to Jul to Sep 2026, read back: all " in ended.out
    folder = tmp_path / "empty" / "audit" / "from_files" / SUMMER.key
    found = json.loads((folder / "audit.json").read_text(encoding="utf-8"))
    assert found["nobody_can_be_recovered"]
    assert found["hidden"] == found["safe"] > 100
    assert [file.endswith("published/2026-07-01/indicators.csv") for file in found["files"]] == [True]
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (folder, *sorted(folder.iterdir()))]
    assert modes == [0o700, 0o600, 0o600]
    assert kept.read_text(encoding="utf-8") == "kept"
    # Nothing was made beside it: no lake, no ledger.
    assert [path.name for path in (tmp_path / "empty").iterdir()] == ["audit"]


def test_what_an_outsider_reads_of_every_cell_holds_its_true_count(
    workplace: Workplace, published: bytes
) -> None:
    report = read_told(published, workplace.catalogue, workplace.policy("published"), "a file")
    keys = ["indicator", "breakdown", "level"]
    both = report.cells.join(frame_of(workplace, "counts", SUMMER).select(*keys, *CELLS), on=keys)
    assert both.height == report.cells.height > 300
    for cell in CELLS:
        told = both.filter(pl.col(f"{cell}_low").is_not_null())
        assert told.height > 50 or cell == "unknown_events"
        within = told.select(pl.col(cell).is_between(f"{cell}_low", f"{cell}_high")).to_series()
        assert within.all(), cell


@pytest.fixture(scope="module")
def true_of(workplace: Workplace) -> dict[tuple[str, str], int]:
    """The true number of ethnic minority staff in no band but this one, and in it."""
    counts = frame_of(workplace, "counts", SUMMER).filter(
        (pl.col("indicator") == SHARE) & (pl.col("breakdown") == "band")
    )
    return {
        (row["level"], cell): row[cell]
        for row in counts.iter_rows(named=True)
        for cell in ("reference_events", "group_events")
    }


@pytest.fixture
def told_of_the_others(
    published: bytes, true_of: dict[tuple[str, str], int]
) -> tuple[list[dict[str, str]], dict[str, int]]:
    """The table in which ethnic minority staff of all other bands are told, rounded, where they were hidden: by band."""
    rows, told = of_share(published), {}
    for row in rows:
        if row["reference_events_status"] == "[c]":
            told[row["level"]] = 5 * ((true_of[row["level"], "reference_events"] + 2) // 5)
            row |= {"reference_events": str(told[row["level"]]), "reference_events_status": ""}
    assert told
    return rows, told


def test_who_is_found_in_tampered_files_is_found_in_the_ledger_told_the_same(
    audited: Callable[..., Any],
    workplace: Workplace,
    told_of_the_others: tuple[list[dict[str, str]], dict[str, int]],
    tmp_path: Path,
) -> None:
    rows, told = told_of_the_others
    ended = audited("--from", written(tmp_path / "published", rows))
    assert ended.code == 1
    assert "too few values" in ended.out
    content = (tmp_path / "empty" / "audit" / "from_files" / SUMMER.key / "audit.json").read_bytes()
    named = people_counted(workplace, frame_of(workplace, "counts", SUMMER), SUMMER).naming.people
    exposed = set(audit_of(content, named).exposed)
    assert exposed
    assert set(_in_the_ledger(workplace, told)) == exposed
    assert {each.ethnicity for each in exposed} >= {"ethnic_minority"}


def _in_the_ledger(workplace: Workplace, told: dict[str, int]) -> tuple[People, ...]:
    """Audit what the ledger says of the same rows, with the same figures told."""
    counts = frame_of(workplace, "counts", SUMMER)
    people = people_counted(workplace, counts, SUMMER).people
    rows = frame_of(workplace, "published/protected", SUMMER).filter(
        (pl.col("indicator") == SHARE) & pl.col("breakdown").is_in(["all", "band"])
    )
    known, policy = told_in(rows, people), workplace.policy("published")
    for level, shown in told.items():
        others = people[SHARE]["reference_events"].of_row("band", level)
        known[others] = Before(max(shown - 2, policy.threshold), shown + 2, hidden=False)
    return audit(known, {}, policy, 60).exposed


def test_what_is_left_of_one_count_holds_the_true_one_and_says_when_it_is_too_little(
    audited: Callable[..., Any],
    published: bytes,
    told_of_the_others: tuple[list[dict[str, str]], dict[str, int]],
    true_of: dict[tuple[str, str], int],
    tmp_path: Path,
) -> None:
    sound, tampered = (
        written(tmp_path / name, rows)
        for name, rows in (("sound", of_share(published)), ("tampered", told_of_the_others[0]))
    )
    given_away = []
    for at, level in enumerate(told_of_the_others[1]):
        cell = f"{SHARE}/band/{level}/group_events"
        for folder in (sound, tampered) if at == 0 else (tampered,):
            ended = audited("--from", folder, "--cell", cell)
            least, greatest = _numbers(ended.out)
            assert least <= true_of[level, "group_events"] <= greatest
            assert ended.code == ("too few values" in ended.out)
            given_away += [folder] * ended.code
    assert given_away
    assert sound not in given_away
    # To ask keeps nothing.
    assert not (tmp_path / "empty").exists()


def _numbers(words: str) -> tuple[float, float]:
    """Read the least and the greatest count from what was said."""
    _, _, said = words.splitlines()[1].partition("this count is ")
    if "exactly" in said:
        return (exact := float(said.split()[0].replace(",", ""))), exact
    least, _, greatest = said.removeprefix("at least ").rstrip(".").replace(",", "").partition(" and ")
    return float(least), float(greatest.removeprefix("at most ")) if "at most" in greatest[:8] else float(
        "inf"
    )


def test_one_count_of_what_is_kept_is_worked_out_from_the_frozen_tables(
    command: Callable[..., Any], finished_sample: Finished
) -> None:
    places = ("--storage", finished_sample.storage, "--catalogue", finished_sample.catalogue)
    ended = command("audit", "--quarter", SUMMER.key, "--cell", f"{SHARE}/all/all/group_base", *places)
    assert (ended.code, ended.err) == (0, "")
    assert "staff_in_post, quarter of 2026-07-01.\n" in ended.out
    refused = command("audit", "--quarter", SUMMER.key, "--cell", f"{SHARE}/bands/all/group_base", *places)
    assert refused.code == 1
    assert "did you mean 'band'?" in refused.err


def test_readers_of_the_restricted_report_have_the_published_one_too(workplace: Workplace) -> None:
    assert [each.file for each in tables_frozen(workplace, "published", SUMMER)] == [
        "published, Jul to Sep 2026"
    ]
    assert [each.audience for each in tables_frozen(workplace, "restricted", SUMMER)] == [
        "restricted",
        "published",
    ]
    # Later, both are earlier reports to anybody's knowledge.
    assert len(tables_frozen(workplace, "published", SUMMER.plus(1))) == 2


def test_tables_are_found_in_folders_and_read_by_the_policy_of_whom_they_are_for(tmp_path: Path) -> None:
    for place in (
        "restricted/2026-04-01",
        "restricted/2026-10-01",
        "saved",
        "saved/in july",
        "published/2026-07-01",
    ):
        (tmp_path / place).mkdir(parents=True, exist_ok=True)
        (tmp_path / place / "indicators.csv").write_text(place, encoding="utf-8")

    def found(*folders: str) -> list[tuple[str, str]]:
        tables = tables_in([tmp_path / each for each in folders], "published", SUMMER)
        return [(each.content.decode(), each.audience) for each in tables]

    assert found("restricted", "saved") == [
        ("restricted/2026-04-01", "restricted"),
        ("saved", "published"),
        ("saved/in july", "published"),
    ]
    assert found("restricted/2026-04-01", "published/2026-07-01") == [
        ("restricted/2026-04-01", "restricted"),
        ("published/2026-07-01", "published"),
    ]


def test_spoilt_files_are_refused_in_words(
    audited: Callable[..., Any], published: bytes, tmp_path: Path
) -> None:
    folder = tmp_path / "published" / SUMMER.key
    folder.mkdir(parents=True)
    lines = published.decode().splitlines(keepends=True)
    cells = lines[1].split(",")
    cells[COLUMNS.index("group_base")] = "Dr A. Person"
    with_a_name = "".join([lines[0], ",".join(cells), *lines[2:]]).encode()
    for content in (with_a_name, b"\xff\xfe", published[: len(published) // 2], b""):
        (folder / "indicators.csv").write_bytes(content)
        ended = audited("--from", tmp_path / "published")
        assert ended.code == 1
        assert f"{folder / 'indicators.csv'}" in ended.err
        assert "What to do: " in ended.err
        assert "Traceback" not in ended.err
        assert "Dr A. Person" not in ended.err


def test_what_is_not_there_or_in_the_wrong_place_is_refused(
    audited: Callable[..., Any], published: bytes, finished_sample: Finished, tmp_path: Path
) -> None:
    there = finished_sample.storage / "published"
    assert "cannot be read" in audited("--from", tmp_path / "nowhere").err
    assert "no indicators.csv of " in audited("--from", tmp_path).err
    assert "there is no table of Oct to Dec 2026" in audited("--from", there, key="2026-10-01").err
    assert "no indicators.csv of Apr to Jun 2026 or before" in audited("--from", there, key="2026-04-01").err
    (tmp_path / "2026-04-01").mkdir()
    (tmp_path / "2026-04-01" / "indicators.csv").write_bytes(published)
    assert "it is of another quarter than its folder" in audited("--from", tmp_path).err


def test_a_folder_in_place_of_a_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "indicators.csv").mkdir()
    with pytest.raises(Refusal, match="cannot be read"):
        tables_in([tmp_path], "published", SUMMER)


def test_files_that_contradict_each_other_are_refused(
    audited: Callable[..., Any], published: bytes, tmp_path: Path
) -> None:
    rows = of_share(published)
    one = written(tmp_path / "one", rows)
    rows[0]["group_base"] = str(int(rows[0]["group_base"]) + 50)
    other = written(tmp_path / "other", rows)
    ended = audited("--from", one, "--from", other)
    assert (ended.code, "what was told contradicts itself" in ended.err) == (1, True)
