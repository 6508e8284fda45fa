"""Belonging: a storage that is new, whole or moved opens; one with a part lost, older, emptied or another's is refused."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
import sqlalchemy as sa

from disparity.disclosure.ledger import LEDGER
from disparity.periods import Quarter
from disparity.refusal import Refusal
from resources.belonging import Stores, accept_loss, open_stores
from resources.databases import ledger_for, log, note_on_record, save_ledger, save_release
from resources.databases.remembered import Released, on_record
from resources.lake import REGISTER
from resources.settings import Settings

SPRING, SUMMER = Quarter.from_key("2026-04-01"), Quarter.from_key("2026-07-01")
TOLD = pl.DataFrame(
    [("leavers", "", SUMMER.key, SUMMER.key, "white", "all", "all", False, 9, None, 1, 9, True)],
    schema=LEDGER,
    orient="row",
)
NOW = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
STORES = ("lake", "internal.db", "results.db")


def settings_of(storage: Path) -> Settings:
    return Settings.from_environment({}, storage=storage)


@contextmanager
def opened(settings: Settings) -> Iterator[Stores]:
    stores = open_stores(settings)
    yield stores
    stores.internal.dispose()
    stores.results.dispose()


def release(settings: Settings, quarter: Quarter = SUMMER) -> None:
    """Release a quarter to everybody, in the order in which a run does."""
    with opened(settings) as stores:
        _release(stores, quarter)


def _release(stores: Stores, quarter: Quarter) -> None:
    stores.lake.put("published/release", quarter, {"sha256": "a" * 64}, {"t.bin": b"told"})
    save_ledger(stores.internal, "published", quarter, 1, TOLD, {}, "a" * 64)
    save_release(stores.results, "published", quarter, 1, "a" * 64, state="released", released_at=NOW)
    note_on_record(stores.internal, [Released("published", quarter.key, 1)])


def refused(settings: Settings) -> str:
    with pytest.raises(Refusal) as refusal:
        open_stores(settings)
    return str(refusal.value)


def remove(path: Path) -> None:
    shutil.rmtree(path) if path.is_dir() else path.unlink()


def audit_log(storage: Path) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(storage / "results.db")) as database:
        return database.execute("SELECT who, what FROM audit_log ORDER BY id").fetchall()


@pytest.fixture
def storage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A storage with one release, whose first use said nothing."""
    release(settings_of(tmp_path / "storage"))
    assert capsys.readouterr() == ("", "")
    return tmp_path / "storage"


def test_what_is_whole_opens_without_a_word_wherever_it_is_moved(
    storage: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(storage, tmp_path / "moved")
    for _ in range(2):
        open_stores(settings_of(storage))
        open_stores(settings_of(tmp_path / "moved"))
    assert capsys.readouterr() == ("", "")
    assert audit_log(storage) == []


def _remove(storage: Path, name: str) -> None:
    remove(storage / name)


def _empty(storage: Path, name: str) -> None:
    remove(storage / name)
    (storage / name).mkdir() if name == "lake" else (storage / name).write_bytes(b"")


@pytest.mark.parametrize("lose", [_remove, _empty])
@pytest.mark.parametrize("name", STORES)
def test_a_part_that_is_gone_or_emptied_is_missed(
    storage: Path, name: str, lose: Callable[[Path, str], None]
) -> None:
    lose(storage, name)
    for _ in range(2):  # what opening it made is taken for nothing else
        said = refused(settings_of(storage))
        assert f"{storage / name} is new or empty, and the rest is not" in said
        assert "accept-loss" in said


@pytest.mark.parametrize("name", STORES)
def test_an_older_copy_of_a_part_is_missed_and_one_of_the_whole_opens(
    storage: Path, tmp_path: Path, name: str
) -> None:
    backup = tmp_path / "backup"
    shutil.copytree(storage, backup)
    release(settings_of(storage), SPRING)
    remove(storage / name)
    (shutil.copytree if (backup / name).is_dir() else shutil.copy2)(backup / name, storage / name)
    assert f"{storage / name} is an older copy" in refused(settings_of(storage))
    open_stores(settings_of(backup))


def test_a_part_of_another_storage_is_refused_and_no_loss_that_is_accepted(
    storage: Path, tmp_path: Path
) -> None:
    release(settings_of(tmp_path / "other"))
    for name in ("internal", "results"):
        mixed = replace(
            settings_of(storage), **{f"{name}_url": f"sqlite:///{tmp_path / 'other' / f'{name}.db'}"}
        )
        assert "these belong to different storages" in refused(mixed)
        with pytest.raises(Refusal, match="different storages"):
            accept_loss(mixed, "A. Tester", "no backup")
    open_stores(settings_of(tmp_path / "other"))


def test_exchanged_databases_and_one_for_both_are_refused_and_left_as_they_are(
    storage: Path, tmp_path: Path
) -> None:
    settings = settings_of(storage)
    internal, results = settings.internal_url, settings.results_url
    (tmp_path / "link.db").symlink_to(storage / "internal.db")
    before = [(storage / name).read_bytes() for name in STORES[1:]]
    link = f"sqlite:///{tmp_path}/link.db"
    for one, other in ((results, internal), (internal, internal), (results, results), (internal, link)):
        said = refused(replace(settings, internal_url=one, results_url=other))
        assert "it is the internal database" in said or "it is the results database" in said
    assert [(storage / name).read_bytes() for name in STORES[1:]] == before
    open_stores(settings)


def test_one_new_database_for_both_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'one.db'}"
    said = refused(replace(settings_of(tmp_path / "storage"), internal_url=url, results_url=url))
    assert "it is the internal database" in said


def test_one_database_for_both_that_an_earlier_version_let_pass_is_refused(
    storage: Path, tmp_path: Path
) -> None:
    """Both kinds of tables stand in it, so that neither opening makes any."""
    with closing(sqlite3.connect(storage / "internal.db")) as database:
        database.execute("ATTACH ? AS other", (str(storage / "results.db"),))
        for (made,) in database.execute(
            "SELECT sql FROM other.sqlite_master WHERE type = 'table'"
        ).fetchall():
            database.execute(made)
        database.execute("INSERT INTO results_version SELECT * FROM other.results_version")
        database.commit()
    settings = settings_of(storage)
    said = refused(replace(settings, results_url=settings.internal_url))
    assert "both addresses are of one database" in said
    open_stores(settings)


def test_one_server_database_for_both_is_refused(new_postgresql: Callable[[], str], tmp_path: Path) -> None:
    url = new_postgresql()
    settings = replace(settings_of(tmp_path), internal_url=url, results_url=url)
    assert "it is the internal database" in refused(settings)
    engine = sa.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        for table in ("results_version", "internal_version"):
            connection.execute(sa.text(f"DROP TABLE IF EXISTS {table} CASCADE"))
            connection.execute(sa.text(f"CREATE TABLE {table} (version_num varchar(32))"))
        connection.execute(sa.text("INSERT INTO results_version VALUES ('results_0003')"))
        connection.execute(sa.text("INSERT INTO internal_version VALUES ('internal_0004')"))
    engine.dispose()
    assert "both addresses are of one database" in refused(settings)


def test_parts_on_a_server_and_in_files_know_each_other(
    new_postgresql: Callable[[], str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = settings_of(tmp_path / "storage")
    settings = replace(files, internal_url=new_postgresql())
    release(settings)
    release(settings, SPRING)
    assert capsys.readouterr() == ("", "")
    assert "internal.db is new or empty" in refused(files)  # as where the setting is forgotten once
    assert "is new or empty" in refused(replace(files, internal_url=new_postgresql()))
    with opened(settings):
        pass
    both = replace(
        settings_of(tmp_path / "both"), internal_url=new_postgresql(), results_url=new_postgresql()
    )
    release(both)
    release(both, SPRING)
    assert "different storages" in refused(replace(both, storage=files.storage))


EMPTIED = {
    "ledger": ("internal", "lacks what was released: published, Jul to Sep 2026, vintage 1"),
    "ledger_release": ("internal", "lacks what was released: published, Jul to Sep 2026, vintage 1"),
    "release": ("results", "lacks what was released: published, Jul to Sep 2026, vintage 1, which the ledger has"),
    "internal_identity": ("internal", "does not say to which storage it belongs"),
    "results_identity": ("results", "does not say to which storage it belongs"),
}  # fmt: skip


@pytest.mark.parametrize("table", EMPTIED)
def test_a_table_that_was_emptied_is_missed_and_one_that_was_dropped(storage: Path, table: str) -> None:
    kind, words = EMPTIED[table]
    with closing(sqlite3.connect(storage / f"{kind}.db")) as database, database:
        database.execute(f"DELETE FROM {table}")
    assert words in refused(settings_of(storage))
    with closing(sqlite3.connect(storage / f"{kind}.db")) as database, database:
        database.execute(f"DROP TABLE {table}")
    assert f"tables are gone: {table}" in refused(settings_of(storage))


def test_a_register_that_was_lost_or_spoilt_is_missed(storage: Path) -> None:
    register = storage / "lake" / REGISTER
    whole = register.read_bytes()
    for spoilt in (whole.replace(b'"opened": 1', b'"opened": 2'), whole[:20], b"", b"[]", b"{}", b"null"):
        assert spoilt != whole
        register.write_bytes(spoilt)
        assert "the register of the lake is damaged" in refused(settings_of(storage))
    register.unlink()
    assert "does not say to which storage it belongs" in refused(settings_of(storage))


def test_reports_that_lie_where_all_else_is_new_are_not_taken_for_a_first_use(tmp_path: Path) -> None:
    page = tmp_path / "published" / SUMMER.key / "index.html"
    page.parent.mkdir(parents=True)
    page.write_text("told", encoding="utf-8")
    assert refused(settings_of(tmp_path)).count("is new or empty") == 3


@pytest.mark.parametrize("name", STORES)
def test_a_loss_is_accepted_by_name_and_for_a_reason_and_stays_on_record(storage: Path, name: str) -> None:
    settings = settings_of(storage)
    remove(storage / name)
    for by, why in (("", "no backup"), ("A. Tester", " -")):
        with pytest.raises(Refusal):
            accept_loss(settings, by, why)
    assert "new or empty" in refused(settings)
    accepted = accept_loss(settings, "A. Tester", "the disk broke;\nno backup")
    stores = open_stores(settings)
    assert any(str(storage / name) in each for each in accepted)
    on_log = [(who, what) for who, what in audit_log(storage) if who == "A. Tester"]
    assert [what for _, what in on_log] == [
        f"accepted a loss: {each}. Reason: the disk broke; no backup" for each in accepted
    ]
    assert on_record(stores.results) == {Released("published", SUMMER.key, 1)}
    assert ledger_for(stores.internal, ["published"]).height == (0 if name == "internal.db" else 1)
    with pytest.raises(Refusal, match="nothing is lost"):
        accept_loss(settings, "A. Tester", "again")
    # Lost once more, it is accepted once more.
    remove(storage / name)
    assert "new or empty" in refused(settings)


def test_a_quarter_that_is_released_again_as_it_was_is_in_the_ledger_again(storage: Path) -> None:
    settings = settings_of(storage)
    remove(storage / "internal.db")
    accept_loss(settings, "A. Tester", "no backup")
    release(settings)
    stores = open_stores(settings)
    assert ledger_for(stores.internal, ["published"]).height == 1


def test_what_was_never_on_record_is_replaced_in_the_ledger_and_what_was_is_kept(storage: Path) -> None:
    """A run killed between ledger and record, then another with other extracts: the readers were told the second."""
    stores = open_stores(settings_of(storage))
    other = TOLD.with_columns(true_count=pl.lit(3, pl.Int64))
    for told in (TOLD, other):
        save_ledger(stores.internal, "published", SPRING, 1, told, {}, "b" * 64)
    save_ledger(stores.internal, "published", SUMMER, 1, other, {}, "a" * 64)
    stores = open_stores(settings_of(storage))  # and nobody misses it
    held = ledger_for(stores.internal, ["published"])
    assert dict(held.select("quarter", "true_count").iter_rows()) == {SPRING.key: 3, SUMMER.key: 9}


KILLED = """
import os, signal, sys
from pathlib import Path
import resources.belonging as it
from resources.settings import Settings
steps = [0]
def counted(do):
    def step(*args):
        steps[0] += 1
        if steps[0] == int(sys.argv[2]):
            os.kill(os.getpid(), signal.SIGKILL)
        return do(*args)
    return step
it.make_known = counted(it.make_known)
it.Lake.write_register = counted(it.Lake.write_register)
it.open_stores(Settings.from_environment({}, storage=Path(sys.argv[1])))
"""


@pytest.mark.long
@pytest.mark.parametrize("first", [True, False])
def test_killed_while_it_is_opened_it_opens_again(tmp_path: Path, first: bool) -> None:
    root = Path(__file__).parents[2]
    for step in range(1, 5 + first):  # the register is written twice, and once more when it is made
        storage = tmp_path / str(step)
        if not first:
            release(settings_of(storage))
        done = subprocess.run(
            [sys.executable, "-c", KILLED, str(storage), str(step)], cwd=root, check=False,
            env={**os.environ, "PYTHONPATH": str(root)},
        )  # fmt: skip
        assert done.returncode == -signal.SIGKILL
        release(settings_of(storage), SPRING)
        open_stores(settings_of(storage))


def test_the_log_of_before_is_not_needed_to_open(storage: Path) -> None:
    """Whoever may write a line must not be able to stop the quarter by it."""
    stores = open_stores(settings_of(storage))
    log(stores.results, "A. Tester", "accepted a loss: nothing. Reason: none", NOW)
    open_stores(settings_of(storage))
