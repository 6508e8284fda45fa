"""Protecting with an attacker: what he finds is hidden further, and what cannot be hidden holds the release."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import pytest

from assets.auditing import audit_of_release
from assets.counting import frame_of, people_counted
from assets.protecting import protect_themes
from assets.releasing import judge_release
from disparity.disclosure.attacker import Contradiction
from disparity.disclosure.audit import Audit
from disparity.disclosure.ledger import told_in
from disparity.disclosure.released_counts import BEYOND, Before
from disparity.periods import Quarter
from disparity.populations.people import People
from reports.reading_back.files import FROZEN
from reports.release.frozen import from_json
from resources.settings import Settings
from resources.workplace import Workplace

ROOT = Path(__file__).resolve().parents[2]
CLEAN = Audit(90, 40, 3, 3, (), (), ())
QUARTER = Quarter.from_key("2026-07-01")


class Finished(Protocol):
    catalogue: Path
    landing: Path
    storage: Path


@pytest.fixture
def workplace(finished_sample: Finished, tmp_path: Path) -> Workplace:
    storage = Path(shutil.copytree(finished_sample.storage, tmp_path / "storage"))
    settings = Settings.from_environment(
        {}, catalogue=finished_sample.catalogue, landing=finished_sample.landing, storage=storage
    )
    return Workplace(settings)


def told(workplace: Workplace, audience: str = "published") -> dict[People, Before]:
    people = people_counted(workplace, frame_of(workplace, "counts", QUARTER), QUARTER).people
    return told_in(frame_of(workplace, f"{audience}/protected", QUARTER), people)


def of_no_size(known: Mapping[People, Before]) -> set[People]:
    return {each for each, what in known.items() if what.hidden and what.high >= BEYOND}


def forget_audits(workplace: Workplace) -> None:
    """Take away what was found before: it would not be sought again."""
    for audience in ("published", "restricted"):
        for quarter in workplace.lake.quarters(f"{audience}/audit"):
            workplace.lake.forget(f"{audience}/audit", quarter)


def finds(monkeypatch: pytest.MonkeyPatch, *found: Audit) -> list[object]:
    """Let the attacker find these, one attack after the other, and return what he was set on."""
    attacked: list[object] = []
    left = list(found)

    def audit(known: object, *_: object) -> Audit:
        attacked.append(known)
        return left.pop(0)

    monkeypatch.setattr("assets.auditing.audit", audit)
    return attacked


def test_of_those_found_not_even_the_size_is_told_and_the_attacker_is_set_on_it_again(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = told(workplace)
    found = next(each for each, known in before.items() if known.hidden and known.high < BEYOND)
    forget_audits(workplace)
    attacked = finds(monkeypatch, CLEAN._replace(exposed=(found,), safe=2), CLEAN)
    monkeypatch.setattr("assets.protecting.to_be_hidden", lambda *_: (found,))
    protect_themes(workplace, "published", QUARTER)
    assert len(attacked) == 2
    assert of_no_size(told(workplace)) == of_no_size(before) | {found}
    assert audit_of_release(workplace, "published", QUARTER) == CLEAN, "as it was kept with the counts"
    protect_themes(workplace, "restricted", QUARTER)
    assert found in of_no_size(told(workplace, "restricted")), "its readers have the public report beside it"


def test_what_nothing_can_hide_ends_the_search_and_holds_the_release(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = workplace.lake.get("published/release", QUARTER)
    assert entry is not None
    files = {name: entry.read(name) for name in entry.files}
    release = from_json(files[FROZEN])
    assert judge_release(workplace, release, files)["nobody_can_be_recovered"][0]
    found = CLEAN._replace(exposed=(next(iter(told(workplace))),), safe=2)
    forget_audits(workplace)
    finds(monkeypatch, found)
    monkeypatch.setattr("assets.protecting.to_be_hidden", lambda *_: ())
    protect_themes(workplace, "published", QUARTER)
    passed, words = judge_release(workplace, release, files)["nobody_can_be_recovered"]
    assert not passed
    assert "everything that was told leaves 1 hidden count too few values" in words


def test_what_contradicts_itself_is_protected_and_the_release_says_so(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def contradicts(*_: Any) -> Audit:
        raise Contradiction

    before = told(workplace)
    forget_audits(workplace)
    monkeypatch.setattr("assets.auditing.audit", contradicts)
    protect_themes(workplace, "published", QUARTER)
    assert told(workplace) == before
    entry = workplace.lake.get("published/release", QUARTER)
    assert entry is not None
    files = {name: entry.read(name) for name in entry.files}
    passed, words = judge_release(workplace, from_json(files[FROZEN]), files)["nobody_can_be_recovered"]
    assert not passed
    assert "what was told contradicts itself" in words


def test_an_audit_of_other_counts_is_not_taken_for_that_of_these(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = audit_of_release(workplace, "published", QUARTER)
    attacked = finds(monkeypatch, CLEAN)
    assert audit_of_release(workplace, "published", QUARTER) == kept
    assert not attacked
    frames = frame_of(workplace, "published/protected", QUARTER)
    theme = next(iter(workplace.catalogue.indicators.values())).theme
    rows = frames.filter(frames["indicator"].is_in([
        name for name, each in workplace.catalogue.indicators.items() if each.theme == theme
    ]))  # fmt: skip
    other = rows.with_columns(group_base_low=rows["group_base_low"] - 1)
    workplace.lake.put(f"published/protected/{theme}", QUARTER, {}, {"protected.parquet": other})
    assert audit_of_release(workplace, "published", QUARTER) == CLEAN
    assert len(attacked) == 1


def code_elsewhere(folder: Path, changed: str = "") -> Path:
    """Copy the code and what pins its libraries, with a line added to one file."""
    for package in ("assets", "disparity", "pipelines", "reports", "resources"):
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "requirements.lock", folder)
    if changed:
        with (folder / changed).open("a", encoding="utf-8") as source:
            source.write("# another line\n")
    return folder


@pytest.mark.parametrize(
    "changed",
    ["disparity/disclosure/ledger.py", "disparity/disclosure/fewest_people.py", "assets/counting.py"],
)
def test_a_verdict_is_sought_again_when_code_that_gave_it_has_changed(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, changed: str
) -> None:
    kept = audit_of_release(workplace, "published", QUARTER)
    attacked = finds(monkeypatch, CLEAN)
    monkeypatch.setattr("assets.naming._ROOT", code_elsewhere(tmp_path / "the_same"))
    assert audit_of_release(workplace, "published", QUARTER) == kept
    assert not attacked
    monkeypatch.setattr("assets.naming._ROOT", code_elsewhere(tmp_path / "changed", changed))
    assert audit_of_release(workplace, "published", QUARTER) == CLEAN
    assert len(attacked) == 1


def test_a_verdict_is_sought_again_when_the_pinned_libraries_have_changed(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    attacked = finds(monkeypatch, CLEAN)
    monkeypatch.setattr("assets.auditing.lock_sha256", lambda: "0" * 64, raising=False)
    assert audit_of_release(workplace, "published", QUARTER) == CLEAN
    assert len(attacked) == 1
