"""The code location: a run gets the workplace in its turn, and what only looks gets it at once."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dagster as dg
import pytest

from disparity.periods import Quarter
from pipelines.definitions import in_its_turn
from resources.turns import waiting_before

SUMMER = Quarter.from_key("2026-07-01")


@pytest.fixture
def workplace(tmp_path: Path) -> Any:
    return SimpleNamespace(settings=SimpleNamespace(storage=tmp_path))


@pytest.fixture
def another_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Hold the turn as another process does; closing what is given lets go of it."""
    monkeypatch.setattr("resources.turns._LOOK_EVERY_SECONDS", 0.01)
    (tmp_path / "turns").mkdir()
    handle = os.open(tmp_path / "turns" / "running", os.O_RDWR | os.O_CREAT)
    fcntl.flock(handle, fcntl.LOCK_EX)
    yield handle
    os.close(handle)


@pytest.mark.parametrize("tag", ["dagster/partition", "dagster/asset_partition_range_start"])
def test_a_run_of_a_quarter_waits_for_its_turn_and_its_log_says_so(
    workplace: Any, another_runs: int, tag: str
) -> None:
    began, said = threading.Event(), []

    @dg.op(required_resource_keys={"workplace"})
    def begin(context):  # type: ignore[no-untyped-def]
        assert context.resources.workplace is workplace
        began.set()

    @dg.job(resource_defs={"workplace": in_its_turn(workplace)})
    def made() -> None:
        begin()

    def run() -> None:
        with dg.DagsterInstance.ephemeral() as instance:
            result = made.execute_in_process(tags={tag: SUMMER.key}, instance=instance)
            said.extend(entry.user_message for entry in instance.all_logs(result.run_id))

    running = threading.Thread(target=run)
    running.start()
    while running.is_alive() and not waiting_before(workplace.settings.storage, SUMMER.plus(1)):
        time.sleep(0.05)
    assert not began.wait(0.3)
    fcntl.flock(another_runs, fcntl.LOCK_UN)
    running.join(30)
    assert began.is_set()
    assert any(each.startswith("Another run over this storage goes first") for each in said)


def test_a_sensor_waits_for_nobody(workplace: Any, another_runs: int) -> None:
    with dg.build_sensor_context(resources={"workplace": in_its_turn(workplace)}) as context:
        assert context.resources.workplace is workplace
