"""A real PostgreSQL server for the length of the test session, and empty databases on it and on SQLite."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa

MISSING = "PostgreSQL's server is not on this machine: install it with `apt-get install postgresql`"


def _binaries() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).resolve().parent if on_path else None


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """Start a server on a socket of its own and give its address; stop it at the end."""
    binaries = _binaries()
    if binaries is None:
        if os.environ.get("CI"):
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    # The server refuses to run as root; Debian's package makes the user it runs as instead.
    user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    data = folder / "data"

    def run(*arguments: str) -> None:
        as_user = (
            {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}
            if os.geteuid() == 0
            else {}
        )
        subprocess.run(
            arguments, check=True, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **as_user
        )

    try:
        if os.geteuid() == 0:
            shutil.chown(folder, user)
        run(
            str(binaries / "initdb"),
            "-D",
            str(data),
            "-U",
            "tests",
            "-A",
            "trust",
            "--no-sync",
            "-E",
            "UTF8",
            "--locale=C",
        )
        settings = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off"
        run(
            str(binaries / "pg_ctl"),
            "-D",
            str(data),
            "-w",
            "-l",
            str(folder / "log"),
            "-o",
            settings,
            "start",
        )
        try:
            yield f"postgresql://tests@/postgres?host={folder}"
        finally:
            run(str(binaries / "pg_ctl"), "-D", str(data), "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def _numbers() -> Iterator[int]:
    return count(1)


@pytest.fixture
def new_postgresql(postgresql_server: str, _numbers: Iterator[int]) -> Callable[[], str]:
    """Give the address of a new empty PostgreSQL schema, as good as a database of its own, at each call."""

    def make() -> str:
        name = f"test_{next(_numbers)}"
        engine = sa.create_engine(postgresql_server.replace("postgresql:", "postgresql+psycopg:"))
        with engine.begin() as connection:
            connection.execute(sa.text(f"CREATE SCHEMA {name}"))
        engine.dispose()
        return f"{postgresql_server}&options=-csearch_path%3D{name}"

    return make


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """Give the address of a new empty database each time it is called, on SQLite and on PostgreSQL."""
    if request.param == "postgresql":
        make: Callable[[], str] = request.getfixturevalue("new_postgresql")
        return make
    numbers = count(1)
    return lambda: f"sqlite:///{tmp_path / f'{next(numbers)}.db'}"
