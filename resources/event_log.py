"""Dagster's event log on SQLite, with its connections kept open: half of a run's own time went into opening them."""

from __future__ import annotations

import sqlite3
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from dagster import DagsterEvent, EventLogEntry
from dagster._core.events import JobFailureData
from dagster._core.execution.plan.objects import StepFailureData
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage
from dagster._serdes import ConfigurableClassData
from dagster_shared.error import SerializableErrorInfo
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.event import listen
from sqlalchemy.pool import QueuePool

KEPT_OPEN = 8
WAIT_SECONDS = 60


class KeptOpenSqliteEventLogStorage(SqliteEventLogStorage):
    """The same files and tables. Each run has a file of its own, so the connections of the last few are kept.

    It replaces one private method of Dagster's, whose version is pinned; a test holds it to Dagster's own behaviour.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Begin with no connection open."""
        self._engines: OrderedDict[str, Engine] = OrderedDict()
        super().__init__(*args, **kwargs)

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Any
    ) -> KeptOpenSqliteEventLogStorage:
        """Make it from ``dagster.yaml``; the inherited method names its own class."""
        return cls(inst_data=inst_data, **config_value)

    def store_event(self, event: EventLogEntry) -> None:
        """Keep an event; of a step that stopped with a sentence for people, the sentence without a stack."""
        super().store_event(in_words(event))

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock, self._engine(shard).connect() as connection, connection.begin():
            yield connection

    def _engine(self, shard: str) -> Engine:
        engine = self._engines.pop(shard, None)
        if engine is None:
            engine = create_engine(
                self.conn_string_for_shard(shard), poolclass=QueuePool, connect_args={"timeout": WAIT_SECONDS}
            )
            listen(engine, "connect", _without_waiting)
        if shard not in self._initialized_dbs:
            self._initdb(engine)
            self._initialized_dbs.add(shard)
        self._engines[shard] = engine
        if len(self._engines) > KEPT_OPEN:
            _, oldest = self._engines.popitem(last=False)
            oldest.dispose()
        return engine

    def dispose(self) -> None:
        """Close every connection."""
        while self._engines:
            _, engine = self._engines.popitem()
            engine.dispose()
        super().dispose()


def _without_waiting(connection: sqlite3.Connection, _record: object) -> None:
    """Wait for the disk at none of a run's thousand events, where its file is in WAL mode: that stays whole all the same.

    A power cut then takes the last events of a history, and no record, release or approval. Dagster leaves the files of
    runs in another mode; a new one is put into this one.
    """
    if connection.execute("PRAGMA page_count").fetchone() == (0,):
        # Where another process has just begun the same file it stays as that one has it.
        with suppress(sqlite3.OperationalError):
            connection.execute("PRAGMA journal_mode = WAL")
    if connection.execute("PRAGMA journal_mode").fetchone() == ("wal",):
        connection.execute("PRAGMA synchronous = NORMAL")


def in_words(event: EventLogEntry) -> EventLogEntry:
    """Return a failure that was meant for people as its sentence alone; every other event as it is.

    Dagster keeps the stack of whatever ends a step, and its page shows that below the words: of no use to who can mend an
    extract, and a screen long.
    """
    happened = event.dagster_event
    return event if happened is None else event._replace(dagster_event=_without_stack(happened))


def _without_stack(happened: DagsterEvent) -> DagsterEvent:
    data = happened.event_specific_data
    if isinstance(data, StepFailureData):
        return happened._replace(event_specific_data=data._replace(error=_error_of(data)))
    if isinstance(data, JobFailureData) and data.first_step_failure_event is not None:
        step = _without_stack(data.first_step_failure_event)
        of_step = step.event_specific_data
        error = of_step.error if isinstance(of_step, StepFailureData) else data.error
        return happened._replace(
            event_specific_data=data._replace(error=error, first_step_failure_event=step)
        )
    return happened


def _error_of(data: StepFailureData) -> SerializableErrorInfo | None:
    said = data.user_failure_data.description if data.user_failure_data else None
    if not said or data.error is None:
        return data.error
    return data.error._replace(message=said, stack=[], cause=None, context=None)
