"""What an audit proved is kept for the owner and saves the next one the search; how far it has come is said."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, Protocol

import pytest
from scipy.optimize import milp

from assets.auditing import audit_of_release, audit_release
from disparity.disclosure.audit import Audit
from disparity.periods import Quarter
from resources.settings import Settings
from resources.workplace import Workplace

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


def audited_again(workplace: Workplace, said: list[str]) -> Audit:
    """Audit the public report with no verdict kept, so that only what proved it can help."""
    shutil.rmtree(workplace.lake.root / "published" / "audit")
    shutil.rmtree(workplace.lake.root / "restricted" / "audit", ignore_errors=True)
    return audit_release(workplace, "published", QUARTER, 60, said.append)


def test_an_audit_made_again_hardly_seeks_and_says_the_same(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What two tables differ in is known to be safe by the tables kept; what is proved not to be small is proved anew."""
    before = audit_of_release(workplace, "published", QUARTER)
    solved = []

    def counted(*given: Any, **more: Any) -> Any:
        solved.append(1)
        return milp(*given, **more)

    monkeypatch.setattr("disparity.disclosure.integer_programs.milp", counted)
    assert audited_again(workplace, []) == before
    with_tables = len(solved)
    shutil.rmtree(workplace.lake.root / "published" / "witnesses")
    assert audited_again(workplace, []) == before
    assert 10 * with_tables < len(solved) - with_tables, (with_tables, len(solved))


def test_without_what_was_kept_it_is_sought_and_how_far_that_has_come_is_said(workplace: Workplace) -> None:
    before = audit_of_release(workplace, "published", QUARTER)
    shutil.rmtree(workplace.lake.root / "published" / "witnesses")
    said: list[str] = []
    assert audited_again(workplace, said) == before
    assert said[0].startswith(f"audit, published, {QUARTER.words}: round 1, ")
    assert any(" 0 counts left, " in each for each in said)


def test_witnesses_hold_the_truth_and_are_for_the_owner_alone(workplace: Workplace) -> None:
    kept = list((workplace.lake.root / "published" / "witnesses").iterdir())
    assert kept
    assert {each.stat().st_mode & 0o777 for each in kept} == {0o600}
