"""Two first commands at once end as one after the other; a later quarter is not released while an earlier one waits."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest

from disparity.periods import Quarter
from pipelines.commands.running import run_quarters
from pipelines.definitions import definitions_for
from reports.reading_back.files import FROZEN
from reports.release.frozen import from_json
from resources.databases import latest_release
from resources.lake import make_private_folder
from resources.settings import Settings
from resources.workplace import Workplace

ROOT = Path(__file__).resolve().parents[2]
SUMMER = Quarter.from_key("2026-07-01")
SPRING = SUMMER.plus(-1)
AUDIENCES = ("restricted", "published")


@pytest.fixture(scope="module")
def settings(few_indicators: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Two quarters that were run by two commands started at once, where nothing had been run before."""
    from pipelines.sample import write_sample

    place = tmp_path_factory.mktemp("at_once")
    write_sample(place / "landing", quarters=2, staff=400)
    few_indicators(place / "catalogue", SPRING.plus(-1).key)
    return Settings.from_environment(
        {}, **{name: place / name for name in ("catalogue", "landing", "storage")}
    )


@pytest.mark.long
def test_two_first_commands_of_neighbouring_quarters_end_as_one_after_the_other(settings: Settings) -> None:
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "pipelines", "run", "--quarter", quarter.key]
            + [f"--{name}={getattr(settings, name)}" for name in ("catalogue", "landing", "storage")],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for quarter in (SPRING, SUMMER)
    ]
    spring, summer = [(*each.communicate(timeout=600), each.returncode) for each in started]
    assert "Traceback" not in f"{spring}{summer}"
    assert "Waiting for its end" in spring[1] + summer[1]
    assert spring[-1] == 0, spring
    if summer[-1]:
        # It was first by a hair, saw the other wait, and said what to do.
        assert "wait until that run has ended, and run this quarter again" in summer[0]
        assert run_quarters(settings, SUMMER, history=0).good
    workplace = Workplace(settings)
    for audience in AUDIENCES:
        entry = workplace.lake.get(f"{audience}/release", SUMMER)
        assert entry is not None
        assert SPRING.key in set(from_json(entry.read(FROZEN)).history["quarter"])
        for quarter in (SPRING, SUMMER):
            found = latest_release(workplace.results, audience, quarter)
            assert found is not None
            assert (found.state, found.vintage) == ("released", 1)


@pytest.mark.long
def test_a_later_quarter_is_not_released_while_an_earlier_one_waits(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where it began a moment before the other was there to be seen."""
    monkeypatch.setattr("resources.turns._wait", lambda *_: None)
    turns = make_private_folder(settings.storage / "turns")
    handle = os.open(turns / SPRING.plus(-1).key, os.O_RDWR | os.O_CREAT)
    job = definitions_for(Workplace(settings)).resolve_implicit_global_asset_job_def()
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        with dg.DagsterInstance.ephemeral() as instance:
            result = job.execute_in_process(
                asset_selection=[dg.AssetKey(["published", "release"])],
                partition_key=SUMMER.key,
                instance=instance,
                raise_on_error=False,
            )
    finally:
        os.close(handle)
    (failed,) = result.get_step_failure_events()
    said = failed.step_failure_data.user_failure_data.description
    assert "Jan to Mar 2026 was started meanwhile and is not released yet" in said
    assert "wait until that run has ended, and run this quarter again" in said
