"""Turns: one run at a time over a storage, the earliest quarter first, and whoever waits says for whom."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from disparity.periods import Quarter
from resources import turns
from resources.turns import turn, waiting_before

ROOT = Path(__file__).resolve().parents[2]
SUMMER = Quarter.from_key("2026-07-01")
SPRING = SUMMER.plus(-1)


@pytest.fixture(autouse=True)
def look_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "_LOOK_EVERY_SECONDS", 0.01)


@contextmanager
def _another(storage: Path, *names: str) -> Iterator[None]:
    """Hold files of the turns as another process would: a lock of its own on each."""
    (storage / "turns").mkdir(parents=True, exist_ok=True)
    handles = [os.open(storage / "turns" / name, os.O_RDWR | os.O_CREAT) for name in names]
    try:
        for handle in handles:
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        for handle in handles:
            os.close(handle)


class _Asking:
    """A run that asks for its turn in a thread, and what it says meanwhile."""

    def __init__(self, storage: Path, quarter: Quarter) -> None:
        self.said: list[str] = []
        self.there = threading.Event()
        self._thread = threading.Thread(target=self._ask, args=(storage, quarter))
        self._thread.start()

    def _ask(self, storage: Path, quarter: Quarter) -> None:
        with turn(storage, quarter, self.said.append):
            self.there.set()

    def ended(self) -> None:
        self._thread.join(10)
        assert self.there.is_set()


def test_it_waits_for_the_run_that_goes_on_and_says_so_once(tmp_path: Path) -> None:
    with _another(tmp_path, "running"):
        (tmp_path / "turns" / "running").write_text("process 7, Apr to Jun 2026")
        asking = _Asking(tmp_path, SUMMER)
        assert not asking.there.wait(0.2)
    asking.ended()
    assert asking.said == [
        "Another run over this storage goes first (process 7, Apr to Jun 2026). Waiting for its end."
    ]


@pytest.mark.parametrize(("announced", "waits"), [(SPRING, True), (SUMMER, True), (SUMMER.plus(1), False)])
def test_it_waits_for_an_earlier_quarter_that_waits_and_for_no_later_one(
    tmp_path: Path, announced: Quarter, waits: bool
) -> None:
    with _another(tmp_path, announced.key):
        asking = _Asking(tmp_path, SUMMER)
        assert asking.there.wait(0.3) is not waits
    asking.ended()


KILLED = """
    import os, signal, sys
    from pathlib import Path
    from disparity.periods import Quarter
    from resources.turns import turn
    with turn(Path(sys.argv[1]), Quarter.from_key("2026-04-01"), print):
        os.kill(os.getpid(), signal.SIGKILL)
"""


def test_nobody_waits_for_what_a_killed_process_left(tmp_path: Path) -> None:
    killed = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(KILLED), str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert killed.returncode == -9
    assert (tmp_path / "turns" / "running").read_text().endswith("Apr to Jun 2026")
    asking = _Asking(tmp_path, SUMMER)
    asking.ended()
    assert asking.said == []


def test_a_command_has_one_turn_over_all_its_runs(tmp_path: Path) -> None:
    with turn(tmp_path, SPRING, print), turn(tmp_path, SUMMER, print):
        assert waiting_before(tmp_path, SUMMER) == [], "its own quarters are no other's"
        with _another(tmp_path, "2026-01-01"):
            assert waiting_before(tmp_path, SUMMER) == [SPRING.plus(-1)]


def test_what_waits_before_a_quarter_is_told_earliest_first(tmp_path: Path) -> None:
    assert waiting_before(tmp_path, SUMMER) == []
    with _another(tmp_path, "2026-04-01", "2025-10-01", "2026-07-01", "2026-10-01"):
        assert waiting_before(tmp_path, SUMMER) == [SUMMER.plus(-3), SPRING]
