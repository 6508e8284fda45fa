"""Approving: the latest release is the one made last, whatever the clock said when another was made."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from assets import releasing
from assets.approving import approve_release, latest_and_frozen, offer_of
from assets.holding import hold
from assets.releasing import freeze
from disparity.periods import Quarter
from reports.reading_back.files import FROZEN
from reports.release.frozen import Release, from_json, to_json
from resources.settings import Settings
from resources.workplace import Workplace

AUTUMN = Quarter.from_key("2025-10-01")
RIGHT = dt.datetime(2026, 2, 1, 9, tzinfo=dt.UTC)
AHEAD = dt.datetime(2031, 2, 1, 9, tzinfo=dt.UTC)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[dt.datetime], None]:
    """Set the clock of whatever makes, holds and approves releases."""

    def set_to(moment: dt.datetime) -> None:
        shown = SimpleNamespace(datetime=SimpleNamespace(now=lambda _: moment), UTC=dt.UTC)
        for module in ("releasing", "holding", "approving"):
            monkeypatch.setattr(f"assets.{module}.dt", shown)

    return set_to


def test_what_is_made_after_the_clock_is_right_again_can_be_approved(
    storage_of_before: Path, clock: Callable[[dt.datetime], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    workplace = Workplace(
        Settings.from_environment(
            {}, catalogue=storage_of_before / "catalogue", storage=storage_of_before / "storage"
        )
    )
    _, entry = latest_and_frozen(workplace, "published", AUTUMN)
    first = from_json(entry.read(FROZEN))
    monkeypatch.setattr(
        releasing, "_remember", lambda *_: None
    )  # what it tells of whom is not looked at here

    def make(release: Release) -> str:
        freeze(workplace, release, {FROZEN: to_json(release)})
        return offer_of(workplace, "published", AUTUMN).release

    clock(AHEAD)
    ahead = make(replace(first, quality_notes=("Made while the clock was ahead.",)))
    hold(workplace, replace(first, quality_notes=("Held while the clock was ahead.",)), {"a_check": "no"})
    clock(RIGHT)
    right = make(replace(first, quality_notes=("Made when it was right again.",)))
    assert right != ahead
    assert approve_release(workplace, "published", AUTUMN, "A. Director", [right]) == "A. Director"
    found, _ = latest_and_frozen(workplace, "published", AUTUMN)
    assert found.released_at == RIGHT
