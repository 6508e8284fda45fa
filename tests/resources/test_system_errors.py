"""What the system and databases refuse, for real: a sentence with its cause and what to do, and no words of theirs."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
import sqlalchemy as sa

from resources.system_errors import refusal_of_the_system


def said(doing: Callable[[], object]) -> str:
    """Return in words what stops something that is done."""
    with pytest.raises(Exception) as raised:  # noqa: PT011 - of whatever kind
        doing()
    refusal = refusal_of_the_system(raised.value)
    assert refusal is not None, raised.value
    assert "Rule: " in str(refusal)
    assert "What to do: " in str(refusal)
    return str(refusal)


def test_a_full_disk() -> None:
    assert "there is no room left on the disk" in said(lambda: Path("/dev/full").write_bytes(b"x"))
    frame = pl.DataFrame({"of Quince": range(100_000)})
    assert "there is no room left on the disk" in said(lambda: frame.write_parquet("/dev/full"))
    assert "there is no room left on the disk" in said(lambda: frame.lazy().sink_csv("/dev/full"))


def test_a_full_database(tmp_path: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'some.db'}")
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 2")
        connection.exec_driver_sql("CREATE TABLE people (name TEXT)")
        insert = sa.text("INSERT INTO people VALUES (:name)")
        words = said(lambda: connection.execute(insert, {"name": "Quince" * 10_000}))
    engine.dispose()
    assert "there is no room left on the disk of a database" in words
    assert "Quince" not in words


def test_a_database_that_is_read_only(tmp_path: Path) -> None:
    path = tmp_path / "some.db"
    sqlite3.connect(path).close()
    engine = sa.create_engine(f"sqlite:///file:{path}?mode=ro&uri=true")
    with engine.connect() as connection:
        words = said(lambda: connection.exec_driver_sql("CREATE TABLE people (name TEXT)"))
    engine.dispose()
    assert "may be read and not written" in words


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (PermissionError(13, "Permission denied", "/some/place"), "/some/place: this account may not read or write"),
        (OSError(30, "Read-only file system", b"/some/pl\xff"), "/some/pl\\udcff: the disk may be read and not"),
        (OSError(27, "File too large"), "a file has grown to the limit"),
        (OSError(122, "Disk quota exceeded"), "may take no more room"),
        (OSError("as a library says it"), "the system refuses it: OSError"),
        (OSError("No space left on device (os error 28)"), "there is no room left on the disk"),
        (FileNotFoundError(2, "No usable temporary directory found in ['/tmp']"), "no temporary folder can be written"),
        (ConnectionResetError(104, "Connection reset by peer"), "the system refuses it: Connection reset by peer"),
    ],
)  # fmt: skip
def test_each_cause_has_its_words(error: OSError, words: str) -> None:
    def within() -> None:
        try:
            raise error
        except OSError as first:
            raise RuntimeError("while a step ran") from first

    assert words in said(within)


def test_a_name_that_is_no_utf_8() -> None:
    name = os.fsdecode(b"people\xff")
    assert "is no UTF-8" in said(name.encode)


def test_a_fault_of_the_program_is_none_of_it() -> None:
    for fault in (ValueError("Quince"), KeyError("Quince"), UnicodeEncodeError("ascii", "£", 0, 1, "no")):
        assert refusal_of_the_system(fault) is None
