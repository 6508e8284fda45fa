"""Reading only: somebody else's database, opened so that one SELECT can be asked of it and nothing be changed by that.

What the pipeline itself promises differs by kind: SQLite and PostgreSQL are held to it by their own engines, of other
kinds the query's text alone is looked at, and `left_to_the_account` says so. Which query is asked, and what its rows
become, is `resources.queries`'.
"""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from disparity.refusal import Refusal, refuse
from resources.notes import Note

if TYPE_CHECKING:
    import sqlalchemy as sa

LIMIT_SECONDS = 900
"""How long a database may take over one query."""

_RULE = "a query is one SELECT, and changes nothing"
_LONGEST_VALUE = 2**24  # bytes of one value on SQLite: a query could ask for one that takes all memory
_LOOK_EVERY = 1_000  # steps of SQLite's engine between two looks at the clock

_READS = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_RECURSIVE})
_DOES = {
    sqlite3.SQLITE_DELETE: "delete rows",
    sqlite3.SQLITE_INSERT: "insert rows",
    sqlite3.SQLITE_UPDATE: "update rows",
    sqlite3.SQLITE_ATTACH: "open another file",
    sqlite3.SQLITE_PRAGMA: "use a PRAGMA",
    sqlite3.SQLITE_TRANSACTION: "begin or end a transaction",
}
_SCHEMAS = frozenset({"sqlite_master", "sqlite_temp_master"})
_OF_SCHEMA = "change what tables there are, or use a virtual one"
_UNSAFE_FUNCTIONS = frozenset({"load_extension", "fts3_tokenizer", "readfile", "writefile", "edit"})
# read_only_sql_transaction, and that no cursor is declared for what writes (feature_not_supported)
_POSTGRESQL_WRITES = {"25006", "0A000"}
_POSTGRESQL_TOO_LONG, _POSTGRESQL_SYNTAX = "57014", "42601"
_ESCAPED_NAME = re.compile(r"(?i)\bU&\"")
_RUN_IN_COMMENTS = re.compile(r"/\*M?!")  # MySQL and MariaDB run what stands in such a comment
_AS_SQLGLOT_CALLS = {"mssql": "tsql", "mariadb": "mysql"}


@contextmanager
def reading_only(url: sa.URL, query: str, where: str) -> Iterator[sa.Connection]:
    """Lend a connection for one query, which ends without a commit. Raises Refusal where the query does more than read."""
    import sqlalchemy as sa

    kind = url.get_backend_name()
    lend = {"sqlite": _sqlite, "postgresql": _postgresql}.get(kind, _other)
    engine = None
    try:
        engine = _engine(url, where)
        with lend(engine, query, where) as connection:
            yield connection
    except sa.exc.DBAPIError as error:
        raise _refused(error, where) or error from None
    finally:
        if engine is not None:
            engine.dispose()


def left_to_the_account(url: sa.URL) -> Note | None:
    """Say of a database that is not held to reading what the account has to hold; None where it is."""
    kind = url.get_backend_name()
    if kind in ("sqlite", "postgresql"):
        return None
    return Note(
        f"a database of kind {kind} is not opened read-only by the pipeline, nor stopped when it takes long: its text "
        "shows one SELECT and nothing is committed; what a function called in it does is left to the account, which "
        "its administrator should let read those tables alone"
    )


def _engine(url: sa.URL, where: str) -> sa.Engine:
    import sqlalchemy as sa

    if url.get_backend_name() == "postgresql":
        # The one driver whose cursors take a single statement, whatever the query's text holds.
        return sa.create_engine(url.set(drivername="postgresql+psycopg"), hide_parameters=True)
    if url.get_backend_name() != "sqlite":
        return sa.create_engine(url, hide_parameters=True)
    path = _file(url, where)

    def opened() -> sqlite3.Connection:
        return sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, isolation_level=None)

    return sa.create_engine("sqlite://", creator=opened, hide_parameters=True, poolclass=sa.pool.NullPool)


def _file(url: sa.URL, where: str) -> Path:
    """Return the file of a SQLite address, which is there and is all that the address says."""
    if url.drivername not in ("sqlite", "sqlite+pysqlite") or url.query or url.host:
        raise refuse(
            "a SQLite database is named by its file alone, without a driver, a host or anything after a question mark",
            where=where,
            rule="a SQLite file is opened by the pipeline itself, read-only",
            do="write the location as sqlite:///<file>",
        )
    path = Path(url.database or ":memory:").absolute()
    if not path.is_file():
        raise refuse(
            "there is no such database file",
            where=where,
            rule="the location names a database that is there",
            do="correct the location in catalogue/sources.yaml",
        )
    return path


@contextmanager
def _sqlite(engine: sa.Engine, _query: str, where: str) -> Iterator[sa.Connection]:
    with engine.connect() as connection:
        held = connection.connection.dbapi_connection
        assert isinstance(held, sqlite3.Connection)
        with held_to_reading(held, LIMIT_SECONDS, where):
            yield connection


@contextmanager
def held_to_reading(connection: sqlite3.Connection, seconds: float, where: str) -> Iterator[None]:
    """Hold a SQLite connection to SELECT, to values of bounded size and to a time. Raises Refusal where it is stopped."""
    import sqlalchemy as sa

    does: list[str] = []
    until = time.monotonic() + seconds

    def may(action: int, table: str | None, function: str | None, *_: object) -> int:
        if action in _READS or (action == sqlite3.SQLITE_FUNCTION and function not in _UNSAFE_FUNCTIONS):
            return sqlite3.SQLITE_OK
        does.append(_OF_SCHEMA if table in _SCHEMAS else _DOES.get(action, "change something"))
        return sqlite3.SQLITE_DENY

    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
    connection.set_authorizer(may)
    connection.set_progress_handler(lambda: time.monotonic() > until, _LOOK_EVERY)
    try:
        yield
    except (sqlite3.Error, sa.exc.DBAPIError) as error:
        if does:
            raise _does_more(f"it would {does[0]}", where) from None
        if "one statement at a time" in str(error):
            raise _does_more("it is several statements", where) from None
        if time.monotonic() > until:
            raise _too_long(seconds, where) from None
        raise
    finally:
        connection.set_authorizer(None)
        connection.set_progress_handler(None, 0)


@contextmanager
def _postgresql(engine: sa.Engine, query: str, where: str) -> Iterator[sa.Connection]:
    """Lend a connection in a read-only transaction. What may do anything to the server is found by PostgreSQL's own word.

    A function with a side effect is one that is VOLATILE; a read-only transaction stops few of them.
    """
    import sqlalchemy as sa

    called = _called(query, where)
    with engine.connect().execution_options(postgresql_readonly=True) as connection:
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = {LIMIT_SECONDS * 1000}")
        proc = sa.table(
            "pg_proc", sa.column("proname", sa.String), sa.column("provolatile"), schema="pg_catalog"
        )
        volatile = sa.select(proc.c.proname).where(proc.c.proname.in_(called), proc.c.provolatile == "v")
        found = sorted(set(connection.scalars(volatile)))
        if found:
            raise _does_more(
                f"it calls {', '.join(found)}, which PostgreSQL calls volatile: it may do something", where
            )
        yield connection


def _called(query: str, where: str) -> list[str]:
    """Return every name in a query for PostgreSQL that a function could be called by: before ``(``, or after ``).``."""
    from sqlglot import TokenType
    from sqlglot.dialects.postgres import Postgres
    from sqlglot.errors import TokenError

    try:
        tokens = Postgres().tokenize(query)
    except TokenError:
        tokens = []
    if not tokens or _ESCAPED_NAME.search(query):
        raise _does_more("its words cannot be told apart", where)
    names = []
    for at, token in enumerate(tokens):
        before = [each.token_type for each in tokens[max(at - 2, 0) : at]]
        after = tokens[at + 1].token_type if at + 1 < len(tokens) else None
        if after is TokenType.L_PAREN or before == [TokenType.R_PAREN, TokenType.DOT]:
            names.append(token.text if token.token_type is TokenType.IDENTIFIER else token.text.lower())
    return names


@contextmanager
def _other(engine: sa.Engine, query: str, where: str) -> Iterator[sa.Connection]:
    _refuse_what_is_no_select(query, engine.dialect.name, where)
    with engine.connect() as connection:
        yield connection


def _refuse_what_is_no_select(query: str, kind: str, where: str) -> None:
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    named = _AS_SQLGLOT_CALLS.get(kind, kind)
    try:
        trees = sqlglot.parse(
            query, read=named if named in {each.value for each in sqlglot.Dialects} else None
        )
    except (SqlglotError, ValueError):
        trees = []
    writes = exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.DDL, exp.Into, exp.Lock, exp.Command
    if (
        len(trees) != 1
        or not isinstance(trees[0], exp.Query)
        or next(trees[0].find_all(*writes), None) is not None
        or _RUN_IN_COMMENTS.search(query)
    ):
        raise _does_more("its text cannot be told to be one SELECT and no more", where)


def _refused(error: sa.exc.DBAPIError, where: str) -> Refusal | None:
    """Return the refusal that PostgreSQL's own stands for, by its SQLSTATE, or None for whatever else went wrong."""
    state = getattr(error.orig, "sqlstate", None)
    if state in _POSTGRESQL_WRITES:
        return _does_more("PostgreSQL did not let it in a read-only transaction", where)
    if state == _POSTGRESQL_SYNTAX:
        return refuse(
            f"PostgreSQL does not take the query for one SELECT (SQLSTATE {state})",
            where=where,
            rule=_RULE,
            do="look whether it is misspelt, does more than read, or is several statements",
        )
    return _too_long(LIMIT_SECONDS, where) if state == _POSTGRESQL_TOO_LONG else None


def _does_more(what: str, where: str) -> Refusal:
    return refuse(
        f"the query does more than read: {what}",
        where=where,
        rule=_RULE,
        do="ask for what is to be read by one SELECT; what needs more stands in a view of the database, made by its "
        "administrator, and the account may read that view alone",
    )


def _too_long(seconds: float, where: str) -> Refusal:
    return refuse(
        f"the query took longer than {seconds:g} seconds",
        where=where,
        rule="a database answers in that time",
        do="make the query simpler, or ask for fewer rows and columns",
    )
