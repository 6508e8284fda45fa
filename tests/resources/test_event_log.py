"""The event log keeps what Dagster's own keeps, and reads it back."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import dagster as dg
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage

from resources.event_log import KEPT_OPEN, KeptOpenSqliteEventLogStorage, _without_waiting

LOG = """\
telemetry: {{enabled: false}}
event_log_storage:
  module: {module}
  class: {kind}
  config: {{base_dir: {home}/events}}
"""


@dg.asset(check_specs=[dg.AssetCheckSpec("it_holds", asset="thing")])
def thing():
    return dg.MaterializeResult(
        metadata={"rows": 3}, check_results=[dg.AssetCheckResult(check_name="it_holds", passed=True)]
    )


def events_of(home: Path, kind: type[SqliteEventLogStorage], *, runs: int) -> list[list[str]]:
    home.mkdir()
    (home / "dagster.yaml").write_text(LOG.format(module=kind.__module__, kind=kind.__name__, home=home))
    with dg.DagsterInstance.from_config(str(home)) as instance:
        assert type(instance.event_log_storage) is kind
        ids = [dg.materialize([thing], instance=instance).run_id for _ in range(runs)]
        kept = [[str(entry.get_dagster_event().event_type_value) for entry in instance.all_logs(each)
                 if entry.is_dagster_event] for each in ids]  # fmt: skip
        event = instance.get_latest_materialization_event(dg.AssetKey("thing"))
        assert event is not None
        assert event.run_id == ids[-1]
    return kept


def test_the_same_events_are_kept_as_by_dagsters_own_log(tmp_path: Path) -> None:
    ours = events_of(tmp_path / "ours", KeptOpenSqliteEventLogStorage, runs=2)
    theirs = events_of(tmp_path / "theirs", SqliteEventLogStorage, runs=2)
    assert ours == theirs
    assert "ASSET_CHECK_EVALUATION" in ours[0]


def test_only_the_last_few_connections_are_kept(tmp_path: Path) -> None:
    log = KeptOpenSqliteEventLogStorage(str(tmp_path))
    for number in range(KEPT_OPEN + 3):
        assert log.get_logs_for_run(f"run-{number}") == []
    assert len(log._engines) == KEPT_OPEN
    log.dispose()
    assert not log._engines


def test_its_files_are_written_in_the_way_that_stays_whole_without_waiting_for_the_disk(
    tmp_path: Path,
) -> None:
    log = KeptOpenSqliteEventLogStorage(str(tmp_path))
    modes = []
    for connected in (
        log.run_connection("run-1"),
        log.index_connection(),
    ):  # one after the other: they share a lock
        with connected as connection:
            modes.append(connection.exec_driver_sql("PRAGMA journal_mode").scalar())
    log.dispose()
    assert modes == ["wal", "wal"]


def test_a_file_in_another_mode_is_waited_for(tmp_path: Path) -> None:
    before = SqliteEventLogStorage(str(tmp_path))
    with before.run_connection("run-1"):
        pass
    path = tmp_path / "run-1.db"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        _without_waiting(connection, None)
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)


@dg.asset
def stopped():
    raise dg.Failure("the file is a log-in page", allow_retries=False)


@dg.asset
def broken():
    raise ValueError("nobody foresaw this")


def test_what_a_person_can_mend_is_kept_as_its_sentence_and_a_fault_with_its_stack(tmp_path: Path) -> None:
    (tmp_path / "dagster.yaml").write_text(
        LOG.format(module="resources.event_log", kind=KeptOpenSqliteEventLogStorage.__name__, home=tmp_path)
    )
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        ended = dg.materialize([stopped, broken], instance=instance, raise_on_error=False)
        kinds = {dg.DagsterEventType.STEP_FAILURE, dg.DagsterEventType.RUN_FAILURE}
        happened = [entry.get_dagster_event() for entry in instance.all_logs(ended.run_id, of_type=kinds)]
    failed = {event.step_key: event.step_failure_data.error for event in happened if event.is_step_failure}
    assert (failed["stopped"].message, failed["stopped"].stack) == ("the file is a log-in page", [])
    assert failed["broken"].cause.stack
    (run,) = [event.event_specific_data for event in happened if not event.is_step_failure]
    first = run.first_step_failure_event
    assert bool(run.error.stack) == (first.step_key == "broken")


def test_the_failure_of_a_run_that_stopped_has_the_sentence_alone(tmp_path: Path) -> None:
    (tmp_path / "dagster.yaml").write_text(
        LOG.format(module="resources.event_log", kind=KeptOpenSqliteEventLogStorage.__name__, home=tmp_path)
    )
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        ended = dg.materialize([stopped], instance=instance, raise_on_error=False)
        (entry,) = instance.all_logs(ended.run_id, of_type={dg.DagsterEventType.RUN_FAILURE})
    run = entry.get_dagster_event().event_specific_data
    assert (run.error.message, run.error.stack) == ("the file is a log-in page", [])
