"""What starts by itself: a complete new set of extracts, once per content; and a failed run that is told of."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import dagster as dg
import pytest

from disparity.periods import Quarter
from pipelines import sensors
from pipelines.sensors import extracts_seen, failure_sensor, new_extracts_sensor
from resources.settings import Settings
from resources.workplace import Workplace

QUARTER = Quarter.from_key("2026-07-01")


class Finished(Protocol):
    landing: Path


@pytest.fixture
def landed(finished_sample: Finished, tmp_path: Path) -> Callable[[str], None]:
    """Put one dataset's extract of the quarter into the landing folder."""
    (tmp_path / "landing").mkdir()

    def land(dataset: str) -> None:
        (found,) = finished_sample.landing.glob(f"{dataset}_{QUARTER.key}_invented.*")
        shutil.copyfile(found, tmp_path / "landing" / found.name)

    return land


@pytest.fixture
def workplace(tmp_path: Path) -> Workplace:
    return Workplace(
        Settings.from_environment({}, landing=tmp_path / "landing", storage=tmp_path / "storage")
    )


def _tick(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.setattr(sensors, "last_closed_quarter", lambda _: QUARTER)
    return new_extracts_sensor("quarterly_report")(
        dg.build_sensor_context(resources={"workplace": workplace})
    )


def test_it_waits_until_every_required_extract_is_there(
    workplace: Workplace, landed: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    for dataset in ("exit_interviews", "staff_in_post", "recruitment"):
        waiting = _tick(workplace, monkeypatch)
        assert isinstance(waiting, dg.SkipReason)
        assert waiting.skip_message == "the required extracts of Jul to Sep 2026 are not all there yet"
        landed(dataset)
    assert isinstance(_tick(workplace, monkeypatch), dg.SkipReason)
    landed("leavers")
    asked = _tick(workplace, monkeypatch)
    assert isinstance(asked, dg.RunRequest)
    assert asked.partition_key == QUARTER.key


def test_it_asks_once_per_content(
    workplace: Workplace, landed: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for dataset in ("staff_in_post", "recruitment", "leavers"):
        landed(dataset)

    def run_key() -> str | None:
        asked = _tick(workplace, monkeypatch)
        assert isinstance(asked, dg.RunRequest)
        return asked.run_key

    first = run_key()
    assert run_key() == first
    leavers = tmp_path / "landing" / f"leavers_{QUARTER.key}_invented.csv"
    os.utime(leavers, (1, 1))
    assert run_key() == first, "the same content handed over again is nothing new"
    same_size = leavers.read_bytes().replace(b"2026", b"2025", 1)
    leavers.write_bytes(same_size)
    os.utime(leavers, (1, 1))
    second = run_key()
    assert second != first, "other content is new, even where size and time are the same"
    landed("exit_interviews")
    assert run_key() not in (first, second)


def test_two_files_where_one_is_meant_are_said_in_words(
    workplace: Workplace, landed: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    sources = workplace.catalogue.sources
    landed("staff_in_post")
    landed("recruitment")
    monkeypatch.setitem(
        sources, "leavers", sources["leavers"].model_copy(update={"location": "leavers*.csv"})
    )
    for name in ("leavers.csv", "leavers (1).csv"):
        (tmp_path / "landing" / name).write_text("anything")
    waiting = _tick(workplace, monkeypatch)
    assert isinstance(waiting, dg.SkipReason)
    assert "2 files match" in (waiting.skip_message or "")


def test_a_database_has_no_file_to_wait_for(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    source = workplace.catalogue.sources["leavers"].model_copy(update={"format": "sql", "query": "SELECT 1"})
    for name in list(workplace.catalogue.sources):
        monkeypatch.setitem(workplace.catalogue.sources, name, source)
    assert extracts_seen(workplace, QUARTER) is None, "with databases alone there is nothing to see"


def test_a_failed_run_is_told_of_in_one_sentence(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(sensors, "notify", lambda settings, message: told.append(message))

    @dg.job(tags={"dagster/partition": QUARTER.key})
    def quarterly_report() -> None:
        _fails()

    with dg.DagsterInstance.ephemeral() as instance:
        result = quarterly_report.execute_in_process(instance=instance, raise_on_error=False)
        (event,) = [each for each in result.all_events if each.event_type is dg.DagsterEventType.RUN_FAILURE]
        context = dg.build_run_status_sensor_context(
            "run_failure_sensor", event, instance, result.dagster_run, resources={"workplace": workplace}
        ).for_run_failure()
        failure_sensor()(context)
    assert told == ["quarterly_report failed for 2026-07-01. Dagster's page of the run says why."]


@dg.op
def _fails() -> None:
    raise dg.Failure("something with a value in it")


def test_the_last_closed_quarter_is_watched(workplace: Workplace) -> None:
    context = dg.build_sensor_context(resources={"workplace": workplace})
    waiting = new_extracts_sensor("quarterly_report")(context)
    assert isinstance(waiting, dg.SkipReason)
    now = dt.datetime.now(dt.UTC)
    assert sensors.last_closed_quarter(now).words in (waiting.skip_message or "")
