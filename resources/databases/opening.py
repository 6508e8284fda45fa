"""Opening a database: its file, its engine, its migration to the newest form, and one writer at a time."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    String,
    column,
    create_engine,
    event,
    inspect,
    make_url,
    select,
    text,
)
from sqlalchemy import table as table_clause
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.orm import Session

from disparity.refusal import Refusal, refuse

Kind = Literal["internal", "results"]

HEADS: dict[Kind, str] = {"internal": "internal_0004", "results": "results_0003"}
"""The newest migration of each database; one at it is opened without loading Alembic."""

_MIGRATIONS = Path(__file__).resolve().parent / "migrations"
_PLAIN_NAME = re.compile(r"[\w.:-]+")
_WAIT_SECONDS = 60
_LOCK = 7_218_401  # any number that no other program on the same PostgreSQL database uses


def default_url(kind: Kind, storage: Path) -> str:
    """Return the address of the SQLite file that a database has when no other is set."""
    return URL.create("sqlite", database=str(storage / f"{kind}.db")).render_as_string(hide_password=False)


def open_database(kind: Kind, url: str) -> Engine:
    """Open a database, made and migrated where that is needed. Safe for several processes at once.

    ``url`` is ``sqlite:///<file>`` or ``postgresql://...``. Raises Refusal when it is neither, or the
    database cannot be reached or written, is none, or was made by a newer version. Of the address its words
    tell the host and the name of the database, or the file, alone.
    """
    address = _address(kind, url)
    where = _where(kind, address)
    if address.get_backend_name() == "sqlite":
        _make_file(Path(address.database or ""), where)
    try:
        engine = _engine(address)
    except ArgumentError:  # such as two hosts and one port
        raise _not_an_address(kind) from None
    try:
        if _version(kind, engine) != HEADS[kind]:
            _refuse_the_other(kind, engine, where)
            _migrate(kind, engine, where)
    except DBAPIError as error:
        engine.dispose()
        raise unusable(where, error) from None
    except Refusal:
        engine.dispose()
        raise
    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """Hold the database's one write lock for one transaction: committed whole at the end, or not at all."""
    with Session(engine.execution_options(sqlite_begin="BEGIN IMMEDIATE")) as session, session.begin():
        if engine.dialect.name == "postgresql":
            session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        yield session


def _address(kind: Kind, url: str) -> URL:
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):  # a ValueError where the port is no number
        raise _not_an_address(kind) from None
    backend = "postgresql" if address.drivername == "postgres" else address.drivername.partition("+")[0]
    # A bare @ in a password puts the rest of the password into the host.
    if backend == "postgresql" and "@" not in (address.host or ""):
        return address.set(drivername="postgresql+psycopg")
    if backend != "sqlite" or address.database in (None, "", ":memory:") or address.query:
        raise _not_an_address(kind)
    return address.set(drivername="sqlite")


def _where(kind: Kind, address: URL) -> str:
    """Name a database in words: its file, or the setting with plain names of database and host, and no more.

    Whatever else an address holds, a password may stand there, so nothing of it is told.
    """
    if address.get_backend_name() == "sqlite":
        return f"{kind} database {address.database}"
    named = (("database", address.database), ("on", address.host))
    told = " ".join(f"{word} {name}" for word, name in named if name and _PLAIN_NAME.fullmatch(name))
    return f"{kind} database ({': '.join(filter(None, (_setting(kind), told)))})"


def _setting(kind: Kind) -> str:
    return f"RACE_EQUALITY_{kind.upper()}_URL"


def _not_an_address(kind: Kind) -> Refusal:
    return refuse(
        "the address is of no kind that can be used",
        where=f"{kind} database",
        rule="a database is a SQLite file (sqlite:///<file>) or PostgreSQL (postgresql://<user>@<host>/<name>)",
        do=f"correct {_setting(kind)} (a port is a number; in a password @ is written %40), "
        "or unset it to keep a file in the storage folder",
    )


def _make_file(path: Path, where: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        if stat.S_IMODE(path.stat().st_mode) != 0o600:
            path.chmod(0o600)
        writable = os.access(path.parent, os.W_OK | os.X_OK)
    except OSError:
        writable = False
    if not writable:
        raise refuse(
            "the file or its folder cannot be written",
            where=where,
            rule="the storage folder is writable by who runs the pipeline",
            do="give yourself the right to write there, or name another folder with --storage",
        )


def _engine(address: URL) -> Engine:
    if address.get_backend_name() == "postgresql":
        return create_engine(
            address, pool_pre_ping=True, hide_parameters=True, connect_args={"connect_timeout": 10}
        )
    engine = create_engine(address, hide_parameters=True, connect_args={"timeout": _WAIT_SECONDS})
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    # Python's driver opens transactions late and none for DDL; the "begin" event opens them instead.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    # A rollback journal, not WAL: one file to keep owner-only, sound on a network folder.
    connection.execute("PRAGMA synchronous = FULL")


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("sqlite_begin", "BEGIN"))


def _version(kind: Kind, bind: Engine | Connection) -> str | None:
    table = f"{kind}_version"
    if not inspect(bind).has_table(table):
        return None
    query = select(column("version_num", String)).select_from(table_clause(table))
    if isinstance(bind, Connection):
        return bind.execute(query).scalar()
    with bind.connect() as connection:
        return connection.execute(query).scalar()


def _refuse_the_other(kind: Kind, engine: Engine, where: str) -> None:
    """Refuse to make one kind of database within the other, as where addresses are exchanged, or both are one."""
    other: Kind = "results" if kind == "internal" else "internal"
    if _version(kind, engine) is None and _version(other, engine) is not None:
        raise refuse(
            f"it is the {other} database",
            where=where,
            rule="the two are apart, as who may read results may not read what is internal",
            do=f"give each its own address, in {_setting('internal')} and {_setting('results')}, or put files that were "
            "exchanged back in their places",
        )


def named(kind: Kind, engine: Engine) -> str:
    """Return an open database in words, which tell no secret of its address."""
    return _where(kind, engine.url)


def _migrate(kind: Kind, engine: Engine, where: str) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    for option, value in (
        ("script_location", str(_MIGRATIONS)),
        ("version_locations", str(_MIGRATIONS / kind)),
        ("path_separator", "newline"),
    ):
        config.set_main_option(option, value.replace("%", "%%"))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    with writing(engine) as session:
        connection = session.connection()
        version = _version(kind, connection)
        if version is not None and version not in known:
            raise refuse(
                "it was made by a newer version of the pipeline",
                where=where,
                rule="an older version does not write to it",
                do="install the newer version again, or name another storage folder",
            )
        config.attributes.update(connection=connection, version_table=f"{kind}_version")
        command.upgrade(config, "head")


def unusable(where: str, error: DBAPIError) -> Refusal:
    """Word what the driver said by its kind alone: its own text may hold an address or a password."""
    said = str(error.orig).lower()
    if "locked" in said:
        what, do = "another process has held it for too long", "wait for that process to end and run again"
    elif "not a database" in said or "malformed" in said:
        what, do = (
            "the file is not a database, or is damaged",
            "move it away, restore it from a copy, or name another storage folder",
        )
    else:
        what, do = (
            "it cannot be reached or used",
            "look at the address, the server, the user's rights and the space on the disk",
        )
    return refuse(what, where=where, rule="a run needs its databases", do=do)
