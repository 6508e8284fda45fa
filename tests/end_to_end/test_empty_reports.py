"""A report that shows no figure is published where that is asked for, and nowhere by itself."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import pytest

from assets.publishing import refuse_empty
from disparity.markers import HIDDEN
from disparity.periods import Quarter
from disparity.refusal import Refusal
from reports.reading_back.files import FROZEN
from reports.release.frozen import from_json, to_json
from resources.settings import Settings
from resources.workplace import Workplace


class Finished(Protocol):
    catalogue: Path
    storage: Path
    key: str


class Ended(Protocol):
    code: int
    out: str
    err: str


@pytest.fixture
def emptied(finished_sample: Finished, tmp_path: Path) -> Workplace:
    """The finished sample, as if the public's policy had let no figure through."""
    shutil.copytree(finished_sample.storage, tmp_path / "storage")
    shutil.rmtree(tmp_path / "storage" / "published")
    settings = Settings.from_environment(
        {}, catalogue=finished_sample.catalogue, storage=tmp_path / "storage"
    )
    workplace, quarter = Workplace(settings), Quarter.from_key(finished_sample.key)
    entry = workplace.lake.get("published/release", quarter)
    assert entry is not None
    release = from_json(entry.read(FROZEN))
    nothing = dataclasses.replace(release, estimates=release.estimates.assign(status=HIDDEN))
    files = {name: entry.read(name) for name in entry.files} | {FROZEN: to_json(nothing)}
    workplace.lake.put("published/release", quarter, entry.facts, files)
    return workplace


def test_a_report_with_figures_needs_no_asking(emptied: Workplace, finished_sample: Finished) -> None:
    refuse_empty(emptied, "restricted", Quarter.from_key(finished_sample.key))


def test_an_empty_report_is_refused_with_what_it_waits_for(
    emptied: Workplace, finished_sample: Finished
) -> None:
    with pytest.raises(Refusal) as raised:
        refuse_empty(emptied, "published", Quarter.from_key(finished_sample.key))
    said = str(raised.value)
    assert said.startswith("published, Jul to Sep 2026: the report shows none of its ")
    assert " figures: hidden by the policy (" in said
    assert "--even-if-empty" in said


def test_it_is_published_where_that_is_asked_for(
    emptied: Workplace, finished_sample: Finished, command: Callable[..., Ended]
) -> None:
    storage = emptied.settings.storage
    asked = ("publish", "--quarter", finished_sample.key, "--approved-by", "A. Tester")
    folders = ("--storage", storage, "--catalogue", finished_sample.catalogue)
    ended = command(*asked, *folders)
    assert ended.code == 1
    assert "published, Jul to Sep 2026: the report shows none of its " in ended.out
    assert "Traceback" not in ended.out + ended.err
    page = storage / "published" / finished_sample.key / "index.html"
    assert not page.exists()
    ended = command(*asked, "--even-if-empty", *folders)
    assert page.exists(), ended.out
