"""Bad input, from the command line: a sentence, exit code 1, no traceback, and nothing half-written."""

from __future__ import annotations

import io
import json
import re
import shutil
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import pytest

from assets.receiving import receive
from assets.recording import keep_records, verdicts
from disparity.datasets import DATASETS
from disparity.periods import Quarter
from disparity.refusal import Refusal
from reports.release.estimates import read_indicators_csv
from resources.lake import Entry
from resources.settings import Settings
from resources.workplace import Workplace

KEY = "2026-07-01"
RELEASED = ("published", "restricted")


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


@pytest.fixture
def run(command: Command, place: Path) -> Callable[..., Ended]:
    """Run the quarter of a place."""

    def started(*options: object) -> Ended:
        folders = [
            word for name in ("catalogue", "landing", "storage") for word in (f"--{name}", place / name)
        ]
        return command("run", "--quarter", KEY, *folders, *options)

    return started


def _records(place: Path, dataset: str, key: str = KEY) -> dict[str, Any]:
    pointer = place / "storage" / "lake" / "records" / dataset / f"{key}.json"
    facts: dict[str, Any] = json.loads(pointer.read_text(encoding="utf-8"))["facts"]
    return facts


def _leftovers(place: Path) -> list[Path]:
    return [path for path in place.rglob("*") if ".writing-" in path.name]


def _assert_held(ended: Ended, place: Path, words: str) -> None:
    assert ended.code == 1
    assert words in ended.out, ended.out
    assert "Jul to Sep 2026 is not released" in ended.out
    assert "Traceback" not in ended.out + ended.err
    for audience in RELEASED:
        assert not (place / "storage" / audience).exists()
        assert not list((place / "storage" / "lake" / audience / "release").glob("*"))
    assert _leftovers(place) == []


def _extract(place: Path, dataset: str) -> Path:
    (found,) = (place / "landing").glob(f"{dataset}_{KEY}_invented.*")
    return found


def test_no_file_of_a_required_dataset_holds_the_release(run: Callable[..., Ended], place: Path) -> None:
    _extract(place, "leavers").unlink()
    _assert_held(run(), place, "Leavers: not received")


def test_dates_of_another_quarter_are_refused_with_the_reason(run: Callable[..., Ended], place: Path) -> None:
    leavers = _extract(place, "leavers")
    earlier = re.sub(rb"/0(\d)/2026", lambda month: b"/0%d/2026" % (int(month[1]) - 3), leavers.read_bytes())
    leavers.write_bytes(earlier)
    ended = run()
    _assert_held(ended, place, "most rows that have a date belong to another quarter than Jul to Sep 2026")
    facts = _records(place, "leavers")
    assert facts["state"] == "refused"
    assert facts["rows_received"] == facts["rows_accepted"] + facts["rows_rejected"]


@pytest.fixture
def workplace(place: Path) -> Workplace:
    """The place as a run sees it."""
    folders = {name: place / name for name in ("catalogue", "landing", "storage")}
    return Workplace(Settings.from_environment({}, **folders))


def _taken_in(workplace: Workplace, dataset: str, key: str = KEY) -> tuple[Entry, Entry]:
    """Receive an extract and keep its records, as their two assets do."""
    quarter = Quarter.from_key(key)
    received = receive(workplace, DATASETS[dataset], quarter)
    return received, keep_records(workplace, DATASETS[dataset], quarter)


def test_end_dates_that_cannot_be_read_are_rejected_and_counted(workplace: Workplace, place: Path) -> None:
    staff = _extract(place, "staff_in_post")
    lines = staff.read_text(encoding="utf-8-sig").splitlines()
    spoilt = [line.replace("31/12/4712", "31-DEC-4712") if at % 2 else line for at, line in enumerate(lines)]
    staff.write_text("\r\n".join(spoilt) + "\r\n", encoding="utf-8")
    _, records = _taken_in(workplace, "staff_in_post")
    assert records.facts["state"] == "refused"
    assert records.facts["words"].startswith(
        "more than 5% of rows were rejected, which is the limit: in_force (unr"
    )
    by_rule = {(each["column"], each["rule"]): each["rows"] for each in records.facts["rejected_by_rule"]}
    cause = "unreadable: expected DD/MM/YYYY; looks like DD-Mon-YYYY (Effective End Date)"
    assert by_rule["in_force", cause] > 100
    assert records.facts["rows_received"] == records.facts["rows_accepted"] + records.facts["rows_rejected"]


def _spoil_page(path: Path) -> None:
    path.write_text("<!DOCTYPE html><html><body>Please sign in</body></html>")


def _spoil_quarter(path: Path) -> None:
    path.write_bytes(
        re.sub(rb"/0(\d)/2026", lambda month: b"/0%d/2026" % (int(month[1]) - 3), path.read_bytes())
    )


@pytest.mark.parametrize(
    "spoilings",
    [[_spoil_page], [_spoil_quarter], [_spoil_quarter, _spoil_page], [_spoil_page, _spoil_quarter]],
)
def test_what_was_received_before_counts_again_when_a_refused_file_is_taken_away(
    spoilings: list[Callable[[Path], None]], workplace: Workplace, place: Path
) -> None:
    leavers = _extract(place, "leavers")
    whole = leavers.read_bytes()
    good = _taken_in(workplace, "leavers")
    assert [each.facts["state"] for each in good] == ["received", "received"]
    for spoil in spoilings:
        leavers.write_bytes(whole)
        spoil(leavers)
        for _ in range(2):
            assert _taken_in(workplace, "leavers")[1].facts["state"] == "refused"
    leavers.unlink()
    for _ in range(2):
        assert [each.version for each in _taken_in(workplace, "leavers")] == [each.version for each in good]
    assert good[0].scan("text").collect().height == good[0].facts["rows"]


def test_a_refused_file_that_is_taken_away_leaves_nothing_received_where_nothing_was(
    workplace: Workplace, place: Path
) -> None:
    _spoil_page(_extract(place, "leavers"))
    assert _taken_in(workplace, "leavers")[0].facts["state"] == "refused"
    _extract(place, "leavers").unlink()
    assert [each.facts["state"] for each in _taken_in(workplace, "leavers")] == ["not received"] * 2


def test_a_key_that_cannot_be_used_stops_the_run_and_nothing_is_forgotten(
    run: Callable[..., Ended], workplace: Workplace, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = {name: _taken_in(workplace, name) for name in ("staff_in_post", "leavers")}
    for path in (place / "landing").iterdir():
        path.unlink()
    monkeypatch.setenv("RACE_EQUALITY_KEY", "5a")
    ended = run()
    assert ended.code == 1
    assert "RACE_EQUALITY_KEY: the key is 1 bytes long" in ended.out + ended.err
    assert "Traceback" not in ended.out + ended.err
    monkeypatch.setenv("RACE_EQUALITY_KEY", "5a" * 32)
    for name, entries in good.items():
        assert [each.version for each in _taken_in(workplace, name)] == [each.version for each in entries]


def test_another_key_than_before_is_refused_and_nothing_is_forgotten(
    workplace: Workplace, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = _taken_in(workplace, "leavers")
    monkeypatch.setenv("RACE_EQUALITY_KEY", "a5" * 32)
    other = Workplace(workplace.settings)
    for dataset in ("leavers", "staff_in_post"):
        with pytest.raises(Refusal, match="another pseudonym key"):
            receive(other, DATASETS[dataset], Quarter.from_key(KEY))
    assert [each.version for each in _taken_in(workplace, "leavers")] == [each.version for each in good]


@pytest.mark.parametrize("dataset", ["staff_in_post", "leavers"])
def test_the_file_of_another_quarter_is_refused_by_its_name(
    dataset: str, workplace: Workplace, place: Path
) -> None:
    path = _extract(place, dataset)
    _taken_in(workplace, dataset)
    earlier = shutil.copyfile(path, path.with_name(path.name.replace(KEY, "2026-04-01")))
    received, records = _taken_in(workplace, dataset, "2026-04-01")
    assert received.facts["state"] == records.facts["state"] == "refused"
    assert f"{earlier.name}: the file is the very one received for Jul to Sep 2026" in received.facts["words"]
    # The right file of the one quarter, and the other one's stays what it was.
    path.write_bytes(path.read_bytes() + b"\r\n")
    assert _taken_in(workplace, dataset)[0].facts["state"] == "received"
    assert _taken_in(workplace, dataset, "2026-04-01")[0].facts["state"] == "received"


def test_a_yearly_file_or_one_without_rows_may_come_again(workplace: Workplace, place: Path) -> None:
    leavers = _extract(place, "leavers")
    lines = leavers.read_bytes().splitlines()
    leavers.write_bytes(b"\r\n".join(lines[:3]) + b"\r\n")
    shutil.copyfile(leavers, leavers.with_name(leavers.name.replace(KEY, "2026-04-01")))
    for key in (KEY, "2026-04-01"):
        received, records = _taken_in(workplace, "leavers", key)
        assert (received.facts["state"], received.facts["rows"]) == ("received", 0)
        assert (records.facts["state"], records.facts["rows_accepted"]) == ("received", 0)
        assert records.scan("accepted").collect().height == 0


def test_a_quarter_in_which_nobody_left_is_released_as_that(run: Callable[..., Ended], place: Path) -> None:
    for dataset, headings in (("leavers", 3), ("exit_interviews", 1)):
        path = _extract(place, dataset)
        path.write_bytes(b"\r\n".join(path.read_bytes().splitlines()[:headings]) + b"\r\n")
    ended = run()
    assert ended.code == 0, ended.out + ended.err
    assert "awaiting approval" in ended.out
    table = place / "storage" / "analyst" / KEY / "indicators.csv"
    figures = read_indicators_csv(table.read_bytes()).query("breakdown == 'all'").set_index("indicator")
    assert not figures.loc["leavers_per_100_staff", "status"].startswith("[x]")
    assert figures.loc["leavers_per_100_staff", "group_events"] == 0


def test_the_share_of_known_ethnicity_is_said_without_a_number_of_rows(
    workplace: Workplace, place: Path
) -> None:
    _, records = _taken_in(workplace, "exit_interviews")
    limit = workplace.catalogue.organisation.ethnicity_known_percent
    for known, passes, words in (
        (75.0, False, "less than"),
        (limit, True, "at least"),
        (None, None, "not known: there are no rows"),
    ):
        facts = {**records.facts, "ethnicity_known_percent": known}
        judged = verdicts(workplace, DATASETS["exit_interviews"], facts)
        passed, said = judged["ethnicity_known_for_most_staff"]
        assert passed is passes
        assert words in said
        assert set(re.findall(r"[\d.]+", said)) <= {f"{limit:g}"}


def test_a_file_that_is_no_extract_is_refused_with_the_reason(run: Callable[..., Ended], place: Path) -> None:
    _extract(place, "recruitment").write_text("<!DOCTYPE html><html><body>Please sign in</body></html>")
    ended = run()
    _assert_held(ended, place, "Recruitment: refused")
    assert re.search(r"Recruitment of Jul to Sep 2026: .*HTML", ended.out), ended.out
    assert "Please sign in" not in ended.out + ended.err


def test_an_unknown_ethnic_code_is_rejected_and_counted_and_the_rest_is_released(
    run: Callable[..., Ended], place: Path
) -> None:
    staff = _extract(place, "staff_in_post")
    text = staff.read_text(encoding="utf-8-sig")
    # The fourth column from the front of a row that is in force: its ethnic origin.
    header = next(line for line in text.splitlines() if "Ethnic Origin" in line).split(",")
    at, spoilt, lines = header.index("Ethnic Origin"), 0, []
    for line in text.splitlines():
        cells = line.split(",")
        if (
            spoilt < 3
            and "Active Assignment" in cells
            and "31/12/4712" in cells
            and len(cells) == len(header)
        ):
            cells[at], spoilt = "QQ", spoilt + 1
        lines.append(",".join(cells))
    assert spoilt == 3
    staff.write_text("\r\n".join(lines) + "\r\n", encoding="utf-8")
    ended = run()
    assert ended.code == 0, ended.out + ended.err
    assert "awaiting approval" in ended.out
    facts = _records(place, "staff_in_post")
    by_rule = {(each["column"], each["rule"]): each["rows"] for each in facts["rejected_by_rule"]}
    assert by_rule["ethnic_code", "not a known ethnic code"] >= 3
    assert facts["rows_received"] == facts["rows_accepted"] + facts["rows_rejected"]
    assert _leftovers(place) == []


def test_an_optional_dataset_that_is_missing_is_told_and_the_rest_is_published(
    run: Callable[..., Ended], place: Path, command: Command
) -> None:
    _extract(place, "learning_budget").unlink()
    _extract(place, "exit_interviews").write_bytes(b"")
    ended = run()
    assert ended.code == 0, ended.out + ended.err
    folders = ("--storage", place / "storage", "--catalogue", place / "catalogue")
    assert command("publish", "--quarter", KEY, "--approved-by", "A. Tester", *folders).code == 0
    for audience in RELEASED:
        folder = place / "storage" / audience / KEY
        page = re.sub(r"<[^>]+>|\s+", " ", (folder / "index.html").read_text(encoding="utf-8"))
        assert "not received" in page
        told = read_indicators_csv((folder / "indicators.csv").read_bytes())
        figures = told.query("breakdown == 'all'").set_index("indicator")
        assert figures.loc["non_mandatory_training", "status"].startswith("[x]")
        assert "not received" in figures.loc["non_mandatory_training", "status"]
        assert figures.loc["would_recommend", "status"].startswith("[x]")
        assert figures.loc["ethnic_minority_share_of_staff", "status"] == ""
        assert figures.loc["appointed_from_shortlisting", "group_base"] > 0


def _in_the_directory(workbook: bytes, offset: int, value: bytes) -> bytes:
    """The workbook with a field changed of every part, as the directory of its archive has it."""
    for at in [each.start() for each in re.finditer(b"PK\1\2", workbook)]:
        workbook = workbook[: at + offset] + value + workbook[at + offset + len(value) :]
    return workbook


def _of_a_method_that_nobody_has(workbook: bytes) -> bytes:
    return _in_the_directory(workbook, 10, b"\x63\0")


def _with_a_password(workbook: bytes) -> bytes:
    return _in_the_directory(workbook, 8, b"\1\0")


def _with_a_manifest_that_nobody_can_unpack(workbook: bytes) -> bytes:
    content = io.BytesIO(workbook)
    with zipfile.ZipFile(content, "a") as parts:
        parts.writestr("META-INF/manifest.xml", "<manifest/>")
    return _of_a_method_that_nobody_has(content.getvalue())


@pytest.mark.parametrize(
    "damaged",
    [
        _with_a_manifest_that_nobody_can_unpack,
        _of_a_method_that_nobody_has,
        _with_a_password,
        lambda workbook: workbook[:2000] + b"\xff" * 200 + workbook[2200:],
        lambda workbook: workbook[:-30] + b"\xff" * 30,
    ],
)
def test_a_damaged_file_is_refused_by_its_name_and_is_no_error(
    damaged: Callable[[bytes], bytes], workplace: Workplace, place: Path
) -> None:
    path = _extract(place, "learning_budget")
    path.write_bytes(damaged(path.read_bytes()))
    received, records = _taken_in(workplace, "learning_budget")
    assert received.facts["state"] == records.facts["state"] == "refused"
    assert f"learning_budget, {path.name}: " in received.facts["words"]


def test_a_damaged_file_of_an_optional_dataset_does_not_stop_the_quarter(
    run: Callable[..., Ended], place: Path
) -> None:
    path = _extract(place, "learning_budget")
    path.write_bytes(_with_a_manifest_that_nobody_can_unpack(path.read_bytes()))
    ended = run()
    assert ended.code == 0, ended.out + ended.err
    assert f"learning_budget, {path.name}: " in ended.out
    assert "Traceback" not in ended.out + ended.err


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        ("organisation.yaml", "comparison: wres", "comparison: wress", ["comparison", "'wres'"]),
        ("organisation.yaml", "owner: people", "ovner: people", ["ovner", "did you mean 'owner'?"]),
        ("indicators.yaml", "  kind: rows", "  kind: row", ["rows"]),
        ("indicators.yaml", "theme: workforce", "theme: workforc", ["theme", "workforce"]),
        ("sources.yaml", "band: Post Band", "bnad: Post Band", ["bnad", "did you mean 'band'?"]),
        ("indicators.yaml", "event: appointed", "event: apointed", ["no column 'apointed'", "'appointed'"]),
        (
            "indicators.yaml",
            "'non_mandatory'",
            "'non_mandatry'",
            ["is not a value of training", "'non_mandatory'"],
        ),
        ("indicators.yaml", "event: appointed", "event: SUM(appointed) > 1", ["one row at a time"]),
        ("indicators.yaml", "event: appointed", "event: appointed IS TRUE", ["IS TRUE"]),
        ("indicators.yaml", "event: appointed", "event: years_experience", ["not true or false"]),
        (
            "organisation.yaml",
            "restricted: threshold8_round5",
            "restricted: threshold8",
            ["threshold8_round5"],
        ),
        ("house_style.yaml", "themes:", "themes: [", ["is not YAML"]),
    ],
)
def test_a_mistake_in_the_catalogue_is_pointed_at(
    file: str, old: str, new: str, expected: list[str], run: Callable[..., Ended], place: Path
) -> None:
    path = place / "catalogue" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    line = text[: text.index(old)].count("\n") + 1
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    ended = run()
    assert (ended.code, ended.out) == (1, "")
    assert "Traceback" not in ended.err
    assert str(path) in ended.err
    told = {int(number) for number in re.findall(r"line (\d+)", ended.err)}
    assert any(abs(number - line) <= 15 for number in told), (line, ended.err)
    for words in expected:
        assert words in ended.err, ended.err
    assert not (place / "storage").exists()


def test_a_mistake_is_pointed_at_on_its_own_line(run: Callable[..., Ended], place: Path) -> None:
    path = place / "catalogue" / "indicators.yaml"
    text = path.read_text(encoding="utf-8")
    line = text[: text.index("event: appointed")].count("\n") + 1
    path.write_text(text.replace("event: appointed", "event: apointed", 1), encoding="utf-8")
    assert f"{path}, line {line}, appointed_from_shortlisting.event: " in run().err


def test_a_file_in_the_place_of_the_storage_folder_is_refused(run: Callable[..., Ended], place: Path) -> None:
    (place / "storage").write_text("a file")
    ended = run()
    assert ended.code == 1
    assert "cannot be written" in ended.err
    assert "--storage" in ended.err
    assert "Traceback" not in ended.err
    assert (place / "storage").read_text() == "a file"


def test_a_file_in_the_place_of_the_published_folder_is_refused_and_the_release_stays(
    finished_sample: Finished, tmp_path: Path, command: Command
) -> None:
    storage = tmp_path / "storage"
    shutil.copytree(finished_sample.storage, storage)
    shutil.rmtree(storage / "published")
    (storage / "published").write_text("a file")
    folders = ("--storage", storage, "--catalogue", finished_sample.catalogue)
    ended = command("publish", "--quarter", finished_sample.key, "--approved-by", "B. Tester", *folders)
    assert ended.code == 1
    assert "cannot be written" in ended.out
    assert "Traceback" not in ended.out + ended.err
    (storage / "published").unlink()
    assert (
        command("publish", "--quarter", finished_sample.key, "--approved-by", "B. Tester", *folders).code == 0
    )
    page = Path("published") / finished_sample.key / "index.html"
    assert (storage / page).read_bytes() == (finished_sample.storage / page).read_bytes()


@pytest.mark.parametrize("kind", ["internal", "results"])
def test_a_database_of_a_newer_version_is_refused_and_left_alone(
    kind: str, finished_sample: Finished, tmp_path: Path, command: Command
) -> None:
    storage = tmp_path / "storage"
    shutil.copytree(finished_sample.storage, storage)
    database = storage / f"{kind}.db"
    with sqlite3.connect(database) as connection:
        connection.execute(f"UPDATE {kind}_version SET version_num = '{kind}_9999'")
    connection.close()
    before = database.read_bytes()
    folders = (
        "--storage",
        storage,
        "--catalogue",
        finished_sample.catalogue,
        "--landing",
        finished_sample.landing,
    )
    ended = command("run", "--quarter", finished_sample.key, *folders)
    assert ended.code == 1
    said = ended.out + ended.err
    assert "it was made by a newer version of the pipeline" in said
    assert "Traceback" not in said
    assert database.read_bytes() == before
    for audience in RELEASED:
        page = Path(audience) / finished_sample.key / "index.html"
        assert (storage / page).read_bytes() == (finished_sample.storage / page).read_bytes()


@pytest.mark.long
def test_one_refused_quarter_in_a_backfill_of_twelve_leaves_the_others_whole(
    few_indicators: Callable[..., Path], tmp_path: Path, command: Command
) -> None:
    from pipelines.sample import write_sample

    few_indicators(tmp_path / "catalogue", "2023-10-01", quarters=4)
    write_sample(tmp_path / "landing", quarters=12, staff=600)
    quarters = Quarter.from_key(KEY).window(12)
    refused = quarters[6]
    spoilt = tmp_path / "landing" / f"leavers_{refused.key}_invented.csv"
    shutil.copyfile(tmp_path / "landing" / f"leavers_{quarters[3].key}_invented.csv", spoilt)
    folders = [
        word for name in ("catalogue", "landing", "storage") for word in (f"--{name}", tmp_path / name)
    ]
    ended = command("run", "--quarter", KEY, "--history", 11, *folders)
    assert ended.code == 0, ended.out
    assert f"{refused.words}: " in ended.out
    for quarter in quarters:
        facts = _records(tmp_path, "leavers", quarter.key)
        assert facts["state"] == ("refused" if quarter == refused else "received")
    for audience in RELEASED:
        released = {path.stem for path in (tmp_path / "storage/lake" / audience / "release").glob("20*.json")}
        assert released == {quarter.key for quarter in quarters[3:] if quarter != refused}
    assert not (tmp_path / "storage" / "analyst" / refused.key).exists(), "what follows of it is skipped"
    for place, quarter in enumerate(quarters[3:], start=3):
        if quarter == refused:
            continue
        table = tmp_path / "storage" / "analyst" / quarter.key / "indicators.csv"
        figures = read_indicators_csv(table.read_bytes()).query("breakdown == 'all'").set_index("indicator")
        lacking = figures.loc["leavers_per_100_staff", "status"]
        assert lacking == ("[x] leavers: 3 of 4 quarters" if 6 <= place < 10 else ""), quarter
        assert figures.loc["appointed_from_shortlisting", "status"] == ""
    # Sent again, whole: the quarter and the windows that hold it are made good, the others keep their vintage.
    write_sample(tmp_path / "landing", quarters=12, staff=600)
    assert command("run", "--quarter", KEY, "--history", 5, *folders).code == 0
    for place, quarter in enumerate(quarters[3:], start=3):
        table = tmp_path / "storage" / "analyst" / quarter.key / "indicators.csv"
        figures = read_indicators_csv(table.read_bytes()).query("breakdown == 'all'").set_index("indicator")
        assert figures.loc["leavers_per_100_staff", "status"] == ""
        assert set(figures["vintage"]) == {2 if 6 < place < 10 else 1}, quarter
