"""Reading only: whatever a query of a source says, the database it is asked of stays as it was, and time is limited."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

from disparity.catalogue import Source
from disparity.periods import Quarter
from disparity.refusal import Refusal
from resources import reading_only
from resources.queries import query_answer

QUARTER = Quarter.from_key("2026-07-01")
WHERE = "leavers, query"


def _asked(location: str, query: str) -> tuple[int, list[str]]:
    """Return how many rows a query gave, and what is said of how it was read."""
    source = Source(format="sql", location=location, query=query, columns={"leaving_date": "left_on"})
    with query_answer(source, QUARTER, WHERE) as answer:
        rows = sum(batch.height for batch in answer.table.read([0]))
    return rows, [note.words for note in answer.notes]


def _refused(location: str, query: str) -> str:
    with pytest.raises(Refusal) as refusal:
        _asked(location, query)
    assert refusal.value.__cause__ is None
    return str(refusal.value)


SCHEMA = """
    CREATE TABLE leavers (left_on TEXT, why TEXT);
    INSERT INTO leavers VALUES ('2026-08-31', 'Retirement'), ('2026-07-01', NULL);
    CREATE VIEW gone AS SELECT left_on FROM leavers;
    CREATE TRIGGER coming INSTEAD OF INSERT ON gone BEGIN INSERT INTO leavers VALUES (new.left_on, 'x'); END;
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A SQLite database of leavers, alone in its folder."""
    path = tmp_path / "an hr?folder" / "hr.db"
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(SCHEMA)
    return path


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("SELECT left_on FROM leavers WHERE left_on >= :period_start AND left_on < :next_period_start", 2),
        ("SELECT left_on FROM gone ORDER BY left_on;", 2),
        ("WITH one AS (SELECT left_on FROM leavers) SELECT upper(left_on) AS left_on FROM one", 2),
        ("WITH RECURSIVE n(left_on) AS (SELECT 1 UNION ALL SELECT left_on + 1 FROM n LIMIT 5) SELECT left_on FROM n", 5),
        ("SELECT left_on FROM leavers WHERE why = 'DROP TABLE x; --'", 0),
    ],
)  # fmt: skip
def test_one_select_is_read(file: Path, query: str, rows: int) -> None:
    assert _asked(f"sqlite:///{file.as_posix().replace('?', '%3F')}", query)[0] == rows


@pytest.mark.parametrize(
    "query",
    [
        "WITH one AS (SELECT 1) DELETE FROM leavers RETURNING left_on",
        "DELETE FROM leavers",
        "UPDATE leavers SET left_on = 'x' RETURNING left_on",
        "INSERT INTO gone VALUES ('x') RETURNING left_on",
        "REPLACE INTO leavers VALUES ('x', 'y')",
        "DROP TABLE leavers",
        "ALTER TABLE leavers RENAME TO others",
        "CREATE TABLE others AS SELECT * FROM leavers",
        "CREATE TEMP TABLE others AS SELECT * FROM leavers",
        "ATTACH '{folder}/new.db' AS new",
        "VACUUM",
        "VACUUM INTO '{folder}/copy.db'",
        "PRAGMA journal_mode = WAL",
        "PRAGMA user_version = 7",
        "BEGIN EXCLUSIVE",
        "SAVEPOINT here",
        "SELECT load_extension('{folder}/x') AS left_on",
        "SELECT left_on FROM leavers; DELETE FROM leavers",
        "SELECT left_on FROM leavers WHERE why = ';'; COMMIT",
    ],
)
def test_what_does_more_than_read_is_refused_and_leaves_file_and_folder_as_they_were(
    file: Path, query: str
) -> None:
    before = file.read_bytes()
    said = _refused(
        f"sqlite:///{file.as_posix().replace('?', '%3F')}", query.replace("{folder}", str(file.parent))
    )
    assert said.startswith("leavers, query: the query does more than read: ")
    assert file.read_bytes() == before
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize(
    "location",
    [
        "sqlite:///{folder}/other.db",
        "sqlite:///{folder}/other.db?mode=rwc",
        "sqlite:///file:{folder}/other.db?mode=rwc&uri=true",
        "sqlite:///file:{folder}/hr.db?mode=rw&uri=true",
        "sqlite+pysqlcipher:///{folder}/other.db",
        "sqlite:///{folder}",
        "sqlite://",
        "sqlite:///:memory:",
    ],
)
def test_an_address_that_is_no_file_that_is_there_is_refused_and_nothing_is_made(
    file: Path, location: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(file.parent)
    said = _refused(location.replace("{folder}", "."), "SELECT left_on FROM leavers")
    assert "no such database file" in said or "is named by its file alone" in said
    assert list(file.parent.iterdir()) == [file]


ENDLESS = "WITH RECURSIVE n(left_on) AS (SELECT 1 UNION ALL SELECT left_on + 1 FROM n) SELECT count(*) AS left_on FROM n"


def test_a_query_without_end_and_a_value_without_bound_are_stopped(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    location = f"sqlite:///{file.as_posix().replace('?', '%3F')}"
    monkeypatch.setattr(reading_only, "LIMIT_SECONDS", 0.2)
    before = time.monotonic()
    assert "took longer than 0.2 seconds" in _refused(location, ENDLESS)
    assert time.monotonic() - before < 10
    assert "did not take the query" in _refused(location, "SELECT zeroblob(900000000) AS left_on")


@pytest.fixture
def server(new_postgresql: Callable[[], str]) -> Iterator[str]:
    """A PostgreSQL database of leavers, with what a query could do more than read."""
    url = new_postgresql()
    engine = sa.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.exec_driver_sql(SCHEMA.partition("CREATE VIEW")[0])
        connection.exec_driver_sql("CREATE SEQUENCE numbers")
        connection.exec_driver_sql("CREATE FUNCTION told(text) RETURNS text LANGUAGE sql AS 'SELECT $1'")
    yield url
    with engine.connect() as connection:
        held = connection.exec_driver_sql("SELECT left_on, why FROM leavers ORDER BY 1").all()
        assert held == [("2026-07-01", None), ("2026-08-31", "Retirement")]
        assert connection.exec_driver_sql("SELECT is_called FROM numbers").scalar() is False
        assert connection.exec_driver_sql("SELECT to_regclass('others')").scalar() is None
    engine.dispose()


@pytest.mark.postgresql
@pytest.mark.parametrize("driver", ["postgresql:", "postgresql+psycopg:", "postgresql+psycopg2:"])
def test_one_select_is_read_on_postgresql(server: str, driver: str) -> None:
    query = """
        WITH quarter AS (SELECT upper(left_on) AS left_on FROM leavers WHERE left_on >= '2026-07-01' OR why = ';')
        SELECT coalesce(left_on, '')::date AS left_on FROM quarter  -- of the quarter; nothing else
        WHERE left_on::date >= :period_start AND left_on::date < :next_period_start;
    """
    assert _asked(server.replace("postgresql:", driver), query) == (2, [])


@pytest.mark.postgresql
@pytest.mark.parametrize(
    "query",
    [
        "WITH gone AS (DELETE FROM leavers RETURNING left_on) SELECT left_on FROM gone",
        "DELETE FROM leavers RETURNING left_on",
        "SELECT left_on INTO others FROM leavers",
        "CREATE TABLE others AS SELECT * FROM leavers",
        "SELECT left_on FROM leavers FOR UPDATE",
        "SELECT left_on FROM leavers FOR KEY SHARE",
        "COPY leavers TO '/tmp/leavers_of_the_tests.csv'",
        "COPY (SELECT 1) TO PROGRAM 'touch /tmp/leavers_of_the_tests'",
        "SELECT nextval('numbers')::text AS left_on",
        "SELECT setval('numbers', 7)::text AS left_on",
        "SELECT pg_read_file('PG_VERSION') AS left_on",
        "SELECT ('PG_VERSION'::text).pg_read_file AS left_on",
        "SELECT \"pg_read_file\" ('PG_VERSION') AS left_on",
        "SELECT U&\"pg\\005fread\\005ffile\"('PG_VERSION') AS left_on",
        "SELECT pg_catalog . PG_LS_DIR /* here */ ('.') AS left_on",
        "SELECT left_on FROM ROWS FROM (pg_ls_dir('.')) AS t(left_on)",
        "SELECT set_config('transaction_read_only', 'off', false) AS left_on",
        "SELECT pg_terminate_backend(0)::text AS left_on",
        "SELECT pg_notify('a', 'b')::text AS left_on",
        "SELECT lo_export(1, '/tmp/leavers_of_the_tests')::text AS left_on",
        "SELECT query_to_xml('DELETE FROM leavers', true, true, '')::text AS left_on",
        "SELECT told('x') AS left_on",
        "SELECT left_on FROM leavers; DELETE FROM leavers",
        "SELECT left_on FROM leavers; COMMIT; DELETE FROM leavers",
        "COMMIT",
        "SET TRANSACTION READ WRITE",
        "DO $$ BEGIN DELETE FROM leavers; END $$",
        "CALL nothing()",
        "TRUNCATE leavers",
        "VACUUM",
        "NOTIFY a",
    ],
)
def test_what_does_more_than_read_is_refused_by_postgresql(server: str, query: str) -> None:
    said = _refused(server, query)
    assert "does not take the query for one SELECT" in said or "does more than read" in said
    assert "Retirement" not in said
    assert not Path("/tmp/leavers_of_the_tests").exists()


@pytest.mark.postgresql
def test_a_slow_query_is_stopped_by_postgresql(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_only, "LIMIT_SECONDS", 1)
    query = (
        "SELECT count(*)::text AS left_on FROM generate_series(1, 1000000) a, generate_series(1, 1000000) b"
    )
    assert "took longer than 1 seconds" in _refused(server, query)


class _Elsewhere(SQLiteDialect_pysqlite):
    """A database of a kind that the pipeline does not know, with SQLite behind it."""

    name = "mysql"
    supports_statement_cache = True


@pytest.fixture
def elsewhere(file: Path) -> str:
    sa.dialects.registry.register("mysql.tests", __name__, "_Elsewhere")
    sa.dialects.registry.impls["mysql.tests"] = lambda: _Elsewhere
    return f"mysql+tests:///{file.as_posix().replace('?', '%3F')}"


def test_of_another_kind_it_is_said_what_is_left_to_the_account(elsewhere: str) -> None:
    rows, (note,) = _asked(elsewhere, "SELECT left_on FROM leavers WHERE left_on >= :period_start")
    assert rows == 2
    assert note.startswith("a database of kind mysql is not opened read-only by the pipeline")
    assert "its administrator should let read those tables alone" in note


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM leavers RETURNING left_on",
        "WITH one AS (SELECT 1) DELETE FROM leavers RETURNING left_on",
        "SELECT left_on INTO @x FROM leavers",
        "SELECT left_on FROM leavers INTO OUTFILE '/tmp/x'",
        "SELECT left_on FROM leavers FOR UPDATE",
        "SELECT /*!50000 left_on FROM leavers INTO OUTFILE '/tmp/x' */ left_on FROM leavers",
        "SELECT left_on FROM leavers; DELETE FROM leavers",
        "CALL something()",
        "SET GLOBAL general_log = 1",
    ],
)
def test_of_another_kind_the_text_has_to_show_one_select(elsewhere: str, file: Path, query: str) -> None:
    before = file.read_bytes()
    assert "cannot be told to be one SELECT and no more" in _refused(elsewhere, query)
    assert file.read_bytes() == before
