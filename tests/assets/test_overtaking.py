"""Overtaking: which earlier quarter a report waits for, and which later reports were made without it."""

from __future__ import annotations

import datetime as dt
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from assets.overtaking import refuse_overtaking, released_without
from disparity.periods import Quarter
from disparity.refusal import Refusal
from pipelines.commands.run_summary import told_of_later
from reports.reading_back.files import FROZEN
from reports.release.frozen import from_json, to_json
from resources.databases import save_release
from resources.settings import Settings
from resources.workplace import Workplace

NOW = dt.datetime(2026, 10, 15, 12, tzinfo=dt.UTC)
AUTUMN = Quarter.from_key("2025-10-01")
"""The last quarter that the storage of before has a release of."""


@pytest.fixture
def workplace(storage_of_before: Path) -> Workplace:
    return Workplace(
        Settings.from_environment(
            {}, catalogue=storage_of_before / "catalogue", storage=storage_of_before / "storage"
        )
    )


@contextmanager
def _announced(workplace: Workplace, quarter: Quarter) -> Iterator[None]:
    """Announce a quarter as another process does that waits for its turn."""
    folder = workplace.settings.storage / "turns"
    folder.mkdir(exist_ok=True)
    handle = os.open(folder / quarter.key, os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def test_a_report_waits_for_an_earlier_quarter_that_was_not_released(workplace: Workplace) -> None:
    winter = AUTUMN.plus(1)
    refuse_overtaking(workplace, "published", winter.plus(1))
    with _announced(workplace, winter):
        refuse_overtaking(workplace, "published", winter)
        with pytest.raises(Refusal, match="Jan to Mar 2026 was started meanwhile and is not released yet"):
            refuse_overtaking(workplace, "published", winter.plus(1))
        for state in ("held", "released"):
            save_release(workplace.results, "published", winter, 1, "a" * 64, state=state, released_at=NOW)
            if state == "held":
                with pytest.raises(Refusal, match="run this quarter again"):
                    refuse_overtaking(workplace, "published", winter.plus(1))
        refuse_overtaking(workplace, "published", winter.plus(1))


def test_a_report_whose_history_lacks_a_quarter_or_has_it_as_it_was_is_named(workplace: Workplace) -> None:
    earlier = AUTUMN.plus(-1)
    entry = workplace.lake.get("published/release", AUTUMN)
    assert entry is not None
    assert list(released_without(workplace, "published", earlier)) == []
    release = from_json(entry.read(FROZEN))
    of_it = release.history["quarter"] == earlier.key
    assert of_it.any()
    lacking = release.history[~of_it].reset_index(drop=True)
    as_it_was = release.history.assign(vintage=release.history["vintage"] - of_it)
    for history in (lacking, as_it_was):
        files = {FROZEN: to_json(replace(release, history=history))}
        workplace.lake.put("published/release", AUTUMN, entry.facts, files)
        assert list(released_without(workplace, "published", earlier)) == [AUTUMN]


def test_a_later_report_that_is_damaged_or_gone_is_named_and_stops_no_earlier_one(
    workplace: Workplace,
) -> None:
    earlier = AUTUMN.plus(-1)
    pointer = workplace.lake.root / "published/release" / f"{AUTUMN.key}.json"
    pointer.write_bytes(pointer.read_bytes()[:-9])
    assert list(released_without(workplace, "published", earlier)) == [AUTUMN]
    pointer.unlink()
    assert list(released_without(workplace, "published", earlier)) == [AUTUMN]
    (said,) = told_of_later(workplace, earlier)
    assert "its release is damaged or gone. Make it again: race-equality run --quarter 2025-10-01" in said
