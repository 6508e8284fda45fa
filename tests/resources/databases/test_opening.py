"""Tests of opening a database: its file, its migration, two processes at once, and what is refused."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from dagster._utils.error import serializable_error_info_from_exc_info

from disparity.refusal import Refusal
from resources.databases import default_url, open_database
from resources.databases.internal import InternalBase
from resources.databases.opening import _MIGRATIONS, HEADS, writing
from resources.databases.results import ResultsBase

MODELS = {"internal": InternalBase.metadata, "results": ResultsBase.metadata}
ROOT = Path(__file__).resolve().parents[3]


def _in_another_process(code: str, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(code), *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.mark.parametrize("kind", ["internal", "results"])
def test_migrations_make_what_the_models_say(kind: str, new_url: Callable[[], str]) -> None:
    engine = open_database(kind, new_url())
    with engine.connect() as connection:
        compared = MigrationContext.configure(
            connection,
            opts={"version_table": f"{kind}_version", "compare_type": True, "compare_server_default": True},
        )
        assert compare_metadata(compared, MODELS[kind]) == []
        foreign = {table: sa.inspect(connection).get_foreign_keys(table) for table in MODELS[kind].tables}
    engine.dispose()
    assert {table for table, keys in foreign.items() if keys} == (
        {"approval"} if kind == "results" else set()
    )


@pytest.mark.parametrize("kind", ["internal", "results"])
def test_the_named_head_is_the_newest_migration(kind: str) -> None:
    scripts = ScriptDirectory(str(_MIGRATIONS), version_locations=[str(_MIGRATIONS / kind)])
    assert scripts.get_heads() == [HEADS[kind]]


def test_opening_again_changes_nothing(new_url: Callable[[], str]) -> None:
    url = new_url()
    for _ in range(2):
        engine = open_database("results", url)
        assert set(sa.inspect(engine).get_table_names()) == {*MODELS["results"].tables, "results_version"}
        engine.dispose()


@pytest.mark.parametrize(("made", "other"), [("internal", "results"), ("results", "internal")])
def test_one_kind_is_not_made_within_the_other(made: str, other: str, new_url: Callable[[], str]) -> None:
    url = new_url()
    open_database(made, url).dispose()
    with pytest.raises(Refusal, match=f"it is the {made} database"):
        open_database(other, url)
    engine = open_database(made, url)
    assert f"{other}_version" not in sa.inspect(engine).get_table_names()
    engine.dispose()


def test_the_file_is_the_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "internal.db"
    url = default_url("internal", path.parent)
    open_database("internal", url).dispose()
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o644)
    open_database("internal", url).dispose()
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["internal.db"]


def test_foreign_keys_hold(new_url: Callable[[], str]) -> None:
    engine = open_database("results", new_url())
    with pytest.raises(sa.exc.IntegrityError), engine.begin() as connection:
        connection.execute(
            sa.text("INSERT INTO approval VALUES (1, 'A. Director', '2026-11-01 09:00:00.000000')")
        )
    engine.dispose()


def test_the_audit_log_refuses_change_and_removal(new_url: Callable[[], str]) -> None:
    engine = open_database("results", new_url())
    with engine.begin() as connection:
        connection.execute(
            sa.text("INSERT INTO audit_log VALUES (1, '2026-11-01 09:00:00.000000', 'analyst', 'ran')")
        )
    for statement in ("UPDATE audit_log SET who = 'nobody'", "DELETE FROM audit_log"):
        with pytest.raises(sa.exc.DBAPIError, match="added to, never changed"), engine.begin() as connection:
            connection.execute(sa.text(statement))
    engine.dispose()


OPEN_WHEN_TOLD = """
    import sys
    import alembic.command
    from resources.databases import open_database
    sys.stdin.readline()
    open_database("results", sys.argv[1]).dispose()
"""


def test_two_processes_may_open_a_new_database_at_once(new_url: Callable[[], str]) -> None:
    url = new_url()
    processes = [_in_another_process(OPEN_WHEN_TOLD, url) for _ in range(2)]
    for process in processes:
        process.stdin.write(b"now\n")
        process.stdin.flush()
    assert [(process.communicate(timeout=60)[1], process.returncode) for process in processes] == [
        (b"", 0)
    ] * 2
    engine = open_database("results", url)
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT version_num FROM results_version")).all() == [
            (HEADS["results"],)
        ]
    engine.dispose()


KILLED_AFTER_THIRD_TABLE = """
    import os, signal, sys
    from alembic.operations import Operations
    from resources.databases import open_database
    made, make = [], Operations.create_table
    def create_table(self, *args, **kwargs):
        made.append(make(self, *args, **kwargs))
        if len(made) == 3:
            os.kill(os.getpid(), signal.SIGKILL)
    from alembic import op
    op.create_table = lambda *args, **kwargs: create_table(op._proxy, *args, **kwargs)
    open_database("results", sys.argv[1])
"""


def test_a_migration_that_was_killed_is_done_from_the_start(new_url: Callable[[], str]) -> None:
    url = new_url()
    process = _in_another_process(KILLED_AFTER_THIRD_TABLE, url)
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    engine = open_database("results", url)
    assert set(sa.inspect(engine).get_table_names()) == {*MODELS["results"].tables, "results_version"}
    engine.dispose()


def test_a_newer_database_is_refused_and_left_alone(new_url: Callable[[], str]) -> None:
    url = new_url()
    engine = open_database("internal", url)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE internal_version SET version_num = 'internal_9999'"))
    with pytest.raises(Refusal, match="made by a newer version of the pipeline"):
        open_database("internal", url)
    with engine.connect() as connection:
        assert (
            connection.execute(sa.text("SELECT version_num FROM internal_version")).scalar()
            == "internal_9999"
        )
    engine.dispose()


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "storage").write_text("not a folder", encoding="utf-8")
    with pytest.raises(Refusal, match="cannot be written"):
        open_database("results", default_url("results", tmp_path / "storage"))


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become a user without rights")
def test_a_folder_without_the_right_to_write_is_refused_as_root_tests_it(tmp_path: Path) -> None:
    refused = """
        import os, sys
        from disparity.refusal import Refusal
        from resources.databases import open_database
        open_database("results", sys.argv[1]).dispose()
        os.umask(0)
        os.setresuid(65534, 65534, 65534)
        try:
            open_database("results", sys.argv[1])
        except Refusal as refusal:
            assert "cannot be written" in str(refusal), str(refusal)
        else:
            raise SystemExit("not refused")
    """
    process = _in_another_process(refused, default_url("results", tmp_path))
    assert (process.communicate(timeout=60)[1], process.returncode) == (b"", 0)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_the_right_to_write_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(Refusal, match="cannot be written"):
        open_database("results", default_url("results", tmp_path))


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "results.db").write_bytes(b"staff number,name\n" * 100)
    with pytest.raises(Refusal, match="not a database") as refusal:
        open_database("results", default_url("results", tmp_path))
    assert "staff number" not in str(refusal.value)


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://host/name", "sqlite://", "sqlite:///:memory:"])
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(Refusal, match="RACE_EQUALITY_INTERNAL_URL"):
        open_database("internal", url)


def test_a_server_that_cannot_be_reached_is_refused_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="cannot be reached") as refusal:
        open_database("results", f"postgresql://someone:s3cret@/name?host={tmp_path}")
    assert "s3cret" not in str(refusal.value)
    assert refusal.value.__cause__ is None


SECRET = "CANARYQRY"


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql:///r?host=127.0.0.1&port=9&user=u&password={SECRET}",
        f"postgresql://u:{SECRET}@127.0.0.1:9/r",
        f"postgresql://u:p@{SECRET}@127.0.0.1:9/r",
        f"postgresql://127.0.0.1:9/r&password={SECRET}",
        f"postgresql://{SECRET}@127.0.0.1:9/r?sslpassword={SECRET}&nonsense={SECRET}",
        f"postgresql://127.0.0.1:{SECRET}/r",
        f"postgresql://u:{SECRET}@127.0.0.1:abc/r",
        f"postgresql:///r?host=a:{SECRET}&host=b&port={SECRET}",
        f"mysql://u:{SECRET}@127.0.0.1/r",
        f"sqlite:////nowhere/r.db?password={SECRET}",
        f"{SECRET}",
    ],
)
def test_a_refusal_tells_the_setting_and_no_secret_of_the_address(url: str, tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refusal:
        open_database("results", url)
    said = serializable_error_info_from_exc_info(
        (type(refusal.value), refusal.value, refusal.value.__traceback__)
    )
    assert SECRET not in f"{refusal.value}{said}"
    assert "RACE_EQUALITY_RESULTS_URL" in str(refusal.value)
    assert not list(tmp_path.iterdir())


def test_a_refusal_names_the_host_and_the_database(tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refusal:
        open_database("internal", "postgresql://someone@127.0.0.1:9/race?connect_timeout=3")
    assert str(refusal.value).startswith(
        "internal database (RACE_EQUALITY_INTERNAL_URL: database race on 127.0.0.1): it cannot be reached or used."
    )
    assert "someone" not in str(refusal.value)
    (tmp_path / "results.db").write_bytes(b"staff number,name\n" * 100)
    with pytest.raises(Refusal, match=f"results database {tmp_path}/results.db: the file is not a database"):
        open_database("results", default_url("results", tmp_path))


def test_what_a_writer_did_before_an_error_is_undone(new_url: Callable[[], str]) -> None:
    engine = open_database("results", new_url())

    def fail() -> None:
        with writing(engine) as session:
            session.execute(
                sa.text("INSERT INTO publication VALUES ('restricted', '2026-07-01', 1, '2026-11-01')")
            )
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM publication")).scalar() == 0
    engine.dispose()
