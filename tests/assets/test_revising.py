"""What was published before, as a release finds it: in a quarter's own report, and in the history of a later one."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import sqlalchemy as sa

from assets.revising import HISTORY, history_shown, revisions_in_release
from disparity.periods import Quarter
from reports.reading_back.files import FROZEN
from reports.release.revisions import Revised
from resources.databases import estimates_of, save_estimates, save_release
from resources.settings import Settings
from resources.workplace import Workplace

AUTUMN, WINTER = Quarter.from_key("2024-10-01"), Quarter.from_key("2025-01-01")
"""Released and shown in the history of the next quarter's report alone; published, restated and published again."""
SHOWN, OF_A_LEVEL = "ethnic_minority_share_of_staff", "ethnicity_not_known"


@pytest.fixture
def workplace(storage_of_before: Path) -> Workplace:
    """What an earlier version stored, with a figure of everybody and one of a level among those of the autumn."""
    folders = {name: storage_of_before / name for name in ("catalogue", "storage")}
    workplace = Workplace(Settings.from_environment({}, **folders))
    with workplace.results.begin() as connection:
        told = "UPDATE estimate SET group_base = 90, group_value = 20 WHERE quarter = :quarter AND indicator = :name"
        for name in (SHOWN, OF_A_LEVEL):
            connection.execute(sa.text(told), {"quarter": AUTUMN.key, "name": name})
        level = "UPDATE estimate SET breakdown = 'band', level = 'Officer' WHERE indicator = :name AND quarter = :quarter"
        connection.execute(sa.text(level), {"quarter": AUTUMN.key, "name": OF_A_LEVEL})
    return workplace


def restated(workplace: Workplace, **changes: float) -> int:
    """Release the autumn again, with other numbers where there were some, and return the vintage."""
    before = estimates_of(workplace.results, "published", AUTUMN, 1)
    shown = before["group_base"].notna()
    changed = before.assign(**{name: before[name].mask(shown, value) for name, value in changes.items()})
    vintage = save_estimates(workplace.results, "published", AUTUMN, changed)
    at = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    save_release(workplace.results, "published", AUTUMN, vintage, "0" * 64, state="released", released_at=at)
    return vintage


def revised(workplace: Workplace, quarter: Quarter, vintage: int) -> list[Revised]:
    table = estimates_of(workplace.results, "published", quarter, vintage)
    return list(revisions_in_release(workplace, "published", table[:0], table))


def test_what_was_published_again_is_a_revision_with_its_reason(workplace: Workplace) -> None:
    why = "Requests for training that had been taken back were counted."
    assert revised(workplace, WINTER, 1) == []
    # By the policy of a small organisation nothing is shown once records were put right.
    assert revised(workplace, WINTER, 2) == [Revised("2025-03-31", 2, why, ())]


def test_what_stood_in_the_history_of_a_published_report_alone_was_published_too(
    workplace: Workplace,
) -> None:
    vintage = restated(workplace, group_value=25.0)
    assert vintage == 2
    # Of a level nothing stands there.
    assert revised(workplace, AUTUMN, vintage) == [Revised("2024-12-31", 2, None, (f"{SHOWN}/all/all",))]


def test_what_a_report_showed_before_it_was_published_again_is_remembered(workplace: Workplace) -> None:
    """The winter's report is published again with the autumn's new figures; it keeps what it showed of them before."""
    entry = workplace.lake.get("published/publication", WINTER)
    assert entry is not None
    assert HISTORY not in entry.facts, "an earlier version did not say"
    frozen = entry.read(FROZEN)
    restated(workplace, group_value=25.0)
    later = frozen.replace(b'"vintage": 1', b'"vintage": 2')
    shown = history_shown(entry, later)
    assert shown[AUTUMN.key] == [1, 2]
    workplace.lake.put("published/publication", WINTER, {**entry.facts, HISTORY: shown}, {FROZEN: later})
    assert [each.vintage for each in revised(workplace, AUTUMN, 2)] == [2]


def test_what_was_released_and_never_published_revises_nothing(workplace: Workplace) -> None:
    with workplace.results.begin() as connection:
        connection.execute(sa.text("DELETE FROM publication"))
    assert revised(workplace, AUTUMN, restated(workplace, group_value=25.0)) == []
    assert revised(workplace, WINTER, 2) == []
