"""Dagster's event log on SQLite, with its connections kept open: half of a run's own time went into opening them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, create_engine
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
