"""The audit of a real run: what it says, what it keeps for whom, and when it ends with an error."""

from __future__ import annotations

import json
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import pytest

from disparity.audiences import RELEASED
from disparity.disclosure.audit import Audit
from disparity.ethnicity import ETHNIC_MINORITY
from disparity.periods import Quarter
from disparity.populations.people import Asked, People
from invented_people import everybody, having
from reports.pages.audit import audit_json, audit_of
from resources.lake import Lake

SHORTLISTED = having(
    everybody(
        "recruitment", ("shortlisted",), since="2025-10-01", ethnicity=ETHNIC_MINORITY,
        levels={"band": ("<Band 9>", "Band 8", "Band 7")},
    ),
    "shortlisted",
)  # fmt: skip
FEW = SHORTLISTED.of_row("band", "<Band 9>")
ELSEWHERE = SHORTLISTED._replace(elsewhere=True, since="2026-07-01").of_row("band", "<Band 9>")
FOUND = Audit(counts=90, sums=40, hidden=3, safe=1, exposed=(FEW,), exposed_before=(), unproved=(ELSEWHERE,))


class Finished(Protocol):
    catalogue: Path
    landing: Path
    storage: Path
    key: str


@pytest.fixture
def storage(finished_sample: Finished, tmp_path: Path) -> Path:
    """A copy of what a run wrote, without what was audited before."""
    copy = Path(shutil.copytree(finished_sample.storage, tmp_path / "storage"))
    lake = Lake(copy / "lake")
    for audience in RELEASED:
        lake.forget(f"{audience}/audit", Quarter.from_key(finished_sample.key))
    shutil.rmtree(copy / "audit")
    return copy


@pytest.fixture
def audit(command: Callable[..., Any], finished_sample: Finished, storage: Path) -> Callable[..., Any]:
    def run(*more: str, key: str = finished_sample.key) -> Any:
        places = ("--storage", storage, "--catalogue", finished_sample.catalogue)
        return command("audit", "--quarter", key, *places, *more)

    return run


def test_nobody_of_the_sample_can_be_recovered_and_its_owner_alone_reads_how_that_was_found(
    audit: Callable[..., Any], storage: Path, finished_sample: Finished, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = audit()
    assert ended.code == 0
    # How far it is, where witnesses of the run do not prove every count at once.
    assert all(line.startswith("audit, published, ") for line in ended.err.splitlines())
    assert "hidden counts are proved to be left enough values" in ended.out
    folder = storage / "audit" / "published" / finished_sample.key
    found = json.loads((folder / "audit.json").read_text(encoding="utf-8"))
    assert found["nobody_can_be_recovered"]
    assert found["hidden"] == found["safe"] > 100
    assert f'<dd class="nhsuk-summary-list__value">{found["hidden"]:,}</dd>' in (
        folder / "index.html"
    ).read_text(encoding="utf-8")
    assert [stat.S_IMODE(path.stat().st_mode) for path in (folder, *sorted(folder.iterdir()))] == [
        0o700,
        0o600,
        0o600,
    ]

    def asked_again(*_: object) -> None:
        pytest.fail("the restricted report tells the same: it is not attacked a second time")

    monkeypatch.setattr("assets.auditing.audit", asked_again)
    assert audit("--audience", "restricted").code == 0


def test_who_could_be_recovered_is_named_without_a_count_and_the_command_fails(
    audit: Callable[..., Any], storage: Path, finished_sample: Finished, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assets.auditing.audit", lambda *_: FOUND)
    ended = audit()
    assert ended.code == 1
    assert "everything that was told leaves 1 hidden count too few values" in ended.out
    page = (storage / "audit" / "published" / finished_sample.key / "index.html").read_text(encoding="utf-8")
    assert (
        "recruitment, quarters from 2025-10-01 to 2026-07-01, ethnic minority, &lt;Band 9&gt; (band), where shortlisted"
        in page
    )
    assert "recruitment, quarter of 2026-07-01, ethnic minority, not &lt;Band 9&gt; (band)" in page
    assert "Analysts alone" in page


def test_a_quarter_of_which_nothing_was_made_is_refused(audit: Callable[..., Any]) -> None:
    ended = audit(key="2031-01-01")
    assert ended.code == 1
    assert "nothing was made for" in ended.err
    assert "Traceback" not in ended.err


def test_an_audit_reads_back_as_it_was_written(finished_sample: Finished) -> None:
    from disparity.catalogue.policies import Policy
    from disparity.periods import Quarter

    policy = Policy(
        title="T", why="T", threshold=8, round_to=5, percent_decimals=0, pounds_round_to=10, least_interval=5
    )

    def named(asked: Asked) -> People:
        of = having(SHORTLISTED, *asked.conditions)._replace(since=asked.since, until=asked.until)
        return (
            of._replace(elsewhere=asked.elsewhere)
            .of_row(asked.breakdown, asked.level)
            ._replace(ethnicity=asked.ethnicity)
        )

    assert audit_of(audit_json(FOUND, "published", Quarter.from_key("2026-07-01"), policy), named) == FOUND
