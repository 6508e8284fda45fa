"""An approval: of content and not of what made it, by a name, of the release that was looked at, one quarter at a time."""

from __future__ import annotations

import json
import os
import pty
import pwd
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

import dagster as dg
import pytest

from assets import naming
from assets.approving import Offer, offer_of
from assets.publication import EVEN_IF_EMPTY
from disparity.periods import Quarter
from pipelines.commands.running import publish_quarter
from pipelines.definitions import definitions_for
from reports.reading_back.files import FROZEN
from reports.release.provenance import PROVENANCE, content_sha256
from resources.databases import approver_of, latest_release, save_release
from resources.settings import Settings
from resources.workplace import Workplace

ROOT = Path(__file__).parents[2]
KEY = "2026-07-01"
QUARTER = Quarter.from_key(KEY)
RELEASED = ("published", "restricted")


class Ended(Protocol):
    code: int
    out: str
    err: str


class Finished(Protocol):
    catalogue: Path
    storage: Path


Command = Callable[..., Ended]


# ------------------------------------------------------------------ of content


def upgrade(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in for another version of the software, with other dependencies, wherever either is asked for."""
    other = {"code_version": lambda: "9.9.9 (0123456789ab)", "lock_sha256": lambda: "12" * 32}
    for module in list(sys.modules.values()):
        for name, stand_in in other.items():
            if vars(module).get(name) is getattr(naming, name) and module is not naming:
                monkeypatch.setattr(module, name, stand_in)
    for name, stand_in in other.items():
        monkeypatch.setattr(naming, name, stand_in)


def _provenance(place: Path, audience: str, *, published: bool) -> dict[str, Any]:
    """Return what made the release that lies in the lake, or the report that is published."""
    path = place / "storage" / audience / KEY / PROVENANCE
    if not published:
        lake = place / "storage" / "lake" / audience / "release"
        path = lake / json.loads((lake / f"{KEY}.json").read_text(encoding="utf-8"))["files"][PROVENANCE]
    read: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return read


@pytest.mark.long
def test_an_upgrade_that_changes_no_figure_or_word_asks_nobody_again_and_another_word_does(
    command: Command, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = ["--catalogue", place / "catalogue", "--storage", place / "storage"]
    run = ["run", "--quarter", KEY, *folders, "--landing", place / "landing"]
    publish = ["publish", "--quarter", KEY, *folders, "--approved-by", "A. Director"]
    assert "awaiting approval" in command(*run).out
    assert command(*publish).code == 0
    before = {audience: _provenance(place, audience, published=True) for audience in RELEASED}

    upgrade(monkeypatch)
    catalogue = place / "catalogue" / "indicators.yaml"
    catalogue.write_text(f"# A remark.\n{catalogue.read_text(encoding='utf-8')}", encoding="utf-8")
    (recruitment,) = (place / "landing").glob(f"recruitment_{KEY}_invented.*")
    recruitment.write_bytes(recruitment.read_bytes() + b"\n")  # the same rows in another file
    again = command(*run)
    assert "released, as it was approved before" in again.out
    assert "files that differ" not in again.out
    assert command("status", *folders).out.count("published") >= 2
    for audience in RELEASED:
        # What was published was made by the software before; what would be published now, by this one.
        assert _provenance(place, audience, published=True) == before[audience]
        now = _provenance(place, audience, published=False)
        assert (now["software"], now["dependencies"]) == ("9.9.9 (0123456789ab)", "12" * 32)
        assert now["content"] == before[audience]["content"]
        assert now["method"] == before[audience]["method"]
        assert now["extracts"]["recruitment"] != before[audience]["extracts"]["recruitment"]
        pages = (place / "storage" / audience / KEY).glob("*")
        assert not [each.name for each in pages if b"9.9.9" in each.read_bytes()]
    published = command(*publish)
    assert published.code == 0, published.out
    assert "no file differs from what was published; approved before by A. Director" in published.out
    for audience in RELEASED:
        assert _provenance(place, audience, published=True)["software"] == "9.9.9 (0123456789ab)"

    organisation = place / "catalogue" / "organisation.yaml"
    text = organisation.read_text(encoding="utf-8")
    assert "name: Northmoor and Vale NHS Trust\n" in text
    organisation.write_text(
        text.replace("Vale NHS Trust\n", "Vale NHS Foundation Trust\n", 1), encoding="utf-8"
    )
    worded = command(*run)
    assert "awaiting approval" in worded.out
    assert "files that differ from what was published: analyses.csv" not in worded.out
    assert "board-paper.pdf" in worded.out


def test_what_an_earlier_version_released_is_published_as_it_was_frozen(
    finished_sample: Finished, tmp_path: Path
) -> None:
    """It kept what made a release in the release itself, and in no file of its own."""
    workplace = _copied(finished_sample, tmp_path)
    for audience in RELEASED:
        entry = workplace.lake.get(f"{audience}/release", QUARTER)
        assert entry is not None
        files = {name: entry.read(name) for name in entry.files if name != PROVENANCE}
        frozen = json.loads(files[FROZEN])
        frozen["provenance"] = [["Code version", "0.0.9 (0123456789ab)"], *frozen["provenance"]]
        frozen["changed_since"] = ["Code version"]
        files[FROZEN] = f"{json.dumps(frozen, sort_keys=True, ensure_ascii=False)}\n".encode()
        facts = {**entry.facts, "sha256": content_sha256(files)}
        workplace.lake.put(f"{audience}/release", QUARTER, facts, files)
        found = latest_release(workplace.results, audience, QUARTER)
        assert found is not None
        save_release(
            workplace.results, audience, QUARTER, found.vintage, facts["sha256"], state="released",
            released_at=found.released_at.replace(year=2100),
        )  # fmt: skip
        shutil.rmtree(tmp_path / "storage" / audience)
    shown: list[str] = []
    outcome = publish_quarter(
        workplace.settings, QUARTER, "A. Director", agreed=lambda said: not shown.append(said)
    )
    assert outcome.good, outcome.words
    assert "made by" not in shown[0]
    for audience in RELEASED:
        entry = workplace.lake.get(f"{audience}/release", QUARTER)
        assert entry is not None
        folder = tmp_path / "storage" / audience / KEY
        assert {each.name: each.read_bytes() for each in folder.iterdir()} == {
            name: entry.read(name) for name in entry.files
        }


# ------------------------------------------------------------------ by a name, in Dagster


def _copied(finished: Finished, place: Path) -> Workplace:
    shutil.copytree(finished.storage, place / "storage")
    return Workplace(Settings.from_environment({}, catalogue=finished.catalogue, storage=place / "storage"))


@pytest.fixture
def waiting(finished_sample: Finished, tmp_path: Path) -> Workplace:
    """The finished sample as it was before anybody approved or published it."""
    workplace = _copied(finished_sample, tmp_path)
    with workplace.results.begin() as connection:
        connection.exec_driver_sql("DELETE FROM approval")
    for audience in RELEASED:
        shutil.rmtree(tmp_path / "storage" / audience)
        workplace.lake.forget(f"{audience}/publication", QUARTER)
    return workplace


def approval(workplace: Workplace, **changes: object) -> dict[str, object]:
    """Return what the dialog asks for, as somebody fills it in who looked at both releases."""
    releases = [offer_of(workplace, audience, QUARTER).release for audience in RELEASED]
    given: Mapping[str, object] = {"approved_by": "A. Director", "releases": releases} | changes
    return {"resources": {"approval": {"config": given}}}


def launch(
    workplace: Workplace, config: dict[str, object], **tags: str
) -> tuple[bool, list[str], dict[str, dict[str, Any]]]:
    """Run the job ``publish``: whether it succeeded, the words of what failed, and what is shown of each publication."""
    job = definitions_for(workplace).resolve_job_def("publish")
    with dg.DagsterInstance.ephemeral() as instance:
        ended = job.execute_in_process(
            run_config=config, partition_key=KEY, instance=instance, raise_on_error=False,
            tags={name.replace("__", "/"): value for name, value in tags.items()},
        )  # fmt: skip
    failed = [
        each.step_failure_data.user_failure_data.description
        for each in ended.all_events
        if each.is_step_failure and each.step_failure_data.user_failure_data
    ]
    made = {
        each.materialization.asset_key.path[0]: {
            name: value.value for name, value in each.materialization.metadata.items()
        }
        for each in ended.get_asset_materialization_events()
    }
    return ended.success, failed, made


def _approvers(workplace: Workplace) -> list[str | None]:
    found = [latest_release(workplace.results, audience, QUARTER) for audience in RELEASED]
    return [approver_of(workplace.results, each.id) for each in found if each]


def test_the_dialog_demands_a_name_and_the_releases(waiting: Workplace) -> None:
    definitions = definitions_for(waiting)
    for job in (definitions.resolve_job_def("publish"), definitions.resolve_implicit_global_asset_job_def()):
        with pytest.raises(dg.DagsterInvalidConfigError, match="Missing required config entry") as refused:
            dg.validate_run_config(job, {})
        assert {"approved_by", "releases"} <= set(str(refused.value).replace("'", " ").split())
    job = definitions.resolve_job_def("publish")
    for lacking in ("approved_by", "releases"):
        given = approval(waiting)
        del given["resources"]["approval"]["config"][lacking]  # type: ignore[index]
        with pytest.raises(dg.DagsterInvalidConfigError, match=lacking):
            dg.validate_run_config(job, given)


def test_who_named_the_releases_is_on_record_and_what_it_changed_is_shown(waiting: Workplace) -> None:
    succeeded, failed, made = launch(waiting, approval(waiting))
    assert succeeded, failed
    assert _approvers(waiting) == ["A. Director", "A. Director"]
    for audience in RELEASED:
        assert made[audience]["approved by"] == "A. Director"
        assert made[audience]["what it changed"] == "nothing was published before"
        assert made[audience]["release"].startswith(f"{audience}-")
        assert (waiting.settings.storage / audience / KEY / "index.html").is_file()


def test_the_account_that_approved_is_on_record_beside_the_name_whatever_the_environment_says(
    waiting: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME", "SUDO_USER"):
        monkeypatch.setenv(name, "somebody_else")
    succeeded, failed, _ = launch(waiting, approval(waiting))
    assert succeeded, failed
    with waiting.results.connect() as connection:
        said = connection.exec_driver_sql(
            "SELECT what FROM audit_log WHERE who = 'A. Director' AND what LIKE 'approved %'"
        ).all()
    account = pwd.getpwuid(os.geteuid()).pw_name
    assert [what.rpartition(", ")[2] for (what,) in said] == [f"from the account {account}"] * 2


@pytest.mark.parametrize("name", ["", "   ", "--", "1234"])
def test_no_account_and_no_tag_stands_in_for_a_name(waiting: Workplace, name: str) -> None:
    tags = {"approved_by": "A. Tag", "user": "A. User"}
    succeeded, failed, _ = launch(waiting, approval(waiting, approved_by=name), **tags)
    assert not succeeded
    assert len(failed) == 2
    for said in failed:
        assert said.startswith("approved_by: no name is given. Rule: a release is approved by a named person")
    assert _approvers(waiting) == [None, None]
    assert not (waiting.settings.storage / "published").exists()


def test_a_release_that_nobody_looked_at_is_not_approved_and_not_given_away(waiting: Workplace) -> None:
    right = [offer_of(waiting, audience, QUARTER).release for audience in RELEASED]
    succeeded, failed, _ = launch(waiting, approval(waiting, releases=[right[0], "restricted-0123456789ab"]))
    assert not succeeded
    (said,) = failed
    assert said.startswith("restricted, Jul to Sep 2026: the latest release is none of those named")
    assert "look at restricted/release of this quarter in Dagster" in said
    assert right[1] not in said
    assert _approvers(waiting) == ["A. Director", None]
    assert not (waiting.settings.storage / "restricted").exists()


def test_a_backfill_approves_nothing(waiting: Workplace) -> None:
    succeeded, failed, _ = launch(waiting, approval(waiting), dagster__backfill="abcdefgh")
    assert not succeeded
    assert len(failed) == 2
    for said in failed:
        assert "a backfill approves nothing" in said
        assert "run the job `publish` for one quarter at a time" in said
    assert _approvers(waiting) == [None, None]


def test_several_quarters_in_one_run_are_no_approval_either(waiting: Workplace) -> None:
    tags = {
        "dagster__asset_partition_range_start": "2026-04-01",
        "dagster__asset_partition_range_end": KEY,
    }
    job = definitions_for(waiting).resolve_job_def("publish")
    with dg.DagsterInstance.ephemeral() as instance:
        ended = job.execute_in_process(
            run_config=approval(waiting), instance=instance, raise_on_error=False,
            tags={name.replace("__", "/"): value for name, value in tags.items()},
        )  # fmt: skip
    failed = [each.step_failure_data.user_failure_data for each in ended.all_events if each.is_step_failure]
    assert len(failed) == 2
    assert all(
        each is not None and "a backfill approves nothing" in (each.description or "") for each in failed
    )
    assert _approvers(waiting) == [None, None]


def test_where_no_approval_is_required_nothing_is_asked(waiting: Workplace, tmp_path: Path) -> None:
    catalogue = shutil.copytree(waiting.settings.catalogue, tmp_path / "catalogue")
    organisation = catalogue / "organisation.yaml"
    text = organisation.read_text(encoding="utf-8")
    organisation.write_text(text.replace("approval_required: true", "approval_required: false"))
    free = Workplace(Settings.from_environment({}, catalogue=catalogue, storage=tmp_path / "storage"))
    for job in ("publish", "quarterly_report"):
        assert dg.validate_run_config(definitions_for(free).resolve_job_def(job), {}) is not None
    succeeded, failed, made = launch(free, {}, **{EVEN_IF_EMPTY: "yes"})
    assert succeeded, failed
    assert {each["approved by"] for each in made.values()} == {"not required by the catalogue"}
    assert _approvers(free) == [None, None]


# ------------------------------------------------------------------ on the command line


def test_what_would_be_published_is_shown_before(waiting: Workplace) -> None:
    shown: list[str] = []
    outcome = publish_quarter(
        waiting.settings, QUARTER, "A. Director", agreed=lambda said: bool(shown.append(said))
    )
    assert not outcome.good
    assert outcome.words == "Nothing was approved, and nothing published."
    assert shown[0].splitlines()[0] == "To be published, approved by A. Director: Jul to Sep 2026"
    for audience in RELEASED:
        offer = offer_of(waiting, audience, QUARTER)
        assert (
            f"  {offer.release}, made by software {naming.code_version()}: nothing was published before"
            in shown[0]
        )
    assert _approvers(waiting) == [None, None]


def test_a_release_made_while_somebody_looked_is_not_approved(waiting: Workplace) -> None:
    def meanwhile(_: str) -> bool:
        entry = waiting.lake.get("restricted/release", QUARTER)
        found = latest_release(waiting.results, "restricted", QUARTER)
        assert entry is not None
        assert found is not None
        files = {name: entry.read(name) for name in entry.files}
        waiting.lake.put("restricted/release", QUARTER, {**entry.facts, "sha256": "ab" * 32}, files)
        save_release(
            waiting.results, "restricted", QUARTER, found.vintage, "ab" * 32, state="released",
            released_at=found.released_at.replace(year=2100),
        )  # fmt: skip
        return True

    outcome = publish_quarter(waiting.settings, QUARTER, "A. Director", agreed=meanwhile)
    assert not outcome.good
    assert "restricted, Jul to Sep 2026: the latest release is none of those named" in outcome.words
    assert _approvers(waiting) == ["A. Director", None]


@pytest.mark.parametrize(("answer", "code"), [("n", 1), ("y", 0)])
def test_somebody_at_a_terminal_is_asked(waiting: Workplace, answer: str, code: int) -> None:
    ours, theirs = pty.openpty()
    arguments = [
        "publish", "--quarter", KEY, "--approved-by", "A. Director",
        "--storage", waiting.settings.storage, "--catalogue", waiting.settings.catalogue,
    ]  # fmt: skip
    started = subprocess.Popen(
        [sys.executable, "-m", "pipelines", *map(str, arguments)],
        cwd=ROOT, stdin=theirs, stdout=theirs, stderr=theirs, env={**os.environ, "COLUMNS": "200"},
    )  # fmt: skip
    os.close(theirs)
    os.write(ours, f"{answer}\n".encode())
    said = _all_of(ours)
    assert started.wait(timeout=120) == code, said
    assert "Approve and publish this? [y/N]" in said
    assert said.index("To be published, approved by A. Director") < said.index("Approve and publish this?")
    assert (waiting.settings.storage / "published").exists() is (code == 0)


def _all_of(terminal: int) -> str:
    """Return everything that is written to a terminal until its other end is closed."""
    said = b""
    try:
        while part := os.read(terminal, 4096):
            said += part
    except OSError:  # Linux's way of saying that nobody writes to it any more
        pass
    finally:
        os.close(terminal)
    return said.decode()


@pytest.mark.parametrize(
    ("offer", "words"),
    [
        (Offer("restricted-ab", None, "", None), "restricted-ab: nothing was published before"),
        (
            Offer("restricted-ab", [], "0.1.0 (cd)", "A. Director"),
            "restricted-ab, made by software 0.1.0 (cd): no file differs from what was published; "
            "approved before by A. Director",
        ),
        (
            Offer("restricted-ab", ["index.html", "board-paper.pdf"], "", None),
            "restricted-ab: files that differ from what was published: index.html, board-paper.pdf",
        ),
    ],
)
def test_an_offer_is_one_line(offer: Offer, words: str) -> None:
    assert offer.words == words
