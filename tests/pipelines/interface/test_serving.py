"""How the interface is started; what it lets through is in tests/pipelines/test_guard.py and tests/browser."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import pytest

from disparity.refusal import Refusal
from pipelines.interface.serving import _close_to_others


class Ended(Protocol):
    code: int
    out: str
    err: str


Command = Callable[..., Ended]


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o666, 0o600])
def test_a_file_that_the_link_is_printed_into_is_closed_to_other_accounts(tmp_path: Path, mode: int) -> None:
    with (tmp_path / "log").open("w") as log:
        os.fchmod(log.fileno(), mode)
        _close_to_others(log.fileno())
        assert os.fstat(log.fileno()).st_mode & 0o777 == 0o600


def test_a_pipe_and_a_device_are_left_as_they_are() -> None:
    reading, writing = os.pipe()
    device = os.open(os.devnull, os.O_WRONLY)
    before = os.fstat(device).st_mode
    for descriptor in (writing, device):
        _close_to_others(descriptor)
    assert os.fstat(device).st_mode == before
    for descriptor in (reading, writing, device):
        os.close(descriptor)


def test_a_file_that_cannot_be_closed_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def of_another_account(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "fchmod", of_another_account)
    with (tmp_path / "log").open("w") as log:
        os.chmod(tmp_path / "log", 0o644)
        with pytest.raises(
            Refusal, match="the link that opens the interface: it is written to a file of another"
        ):
            _close_to_others(log.fileno())


def test_a_taken_port_is_said_before_anything_is_started(command: Command, tmp_path: Path) -> None:
    storage = tmp_path / "storage"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = command("ui", "--port", port, "--storage", storage)
    assert ended.code == 1
    assert f"--port: port {port} cannot be used: Address already in use. Rule:" in ended.err


@pytest.mark.parametrize("given", ["", "http://equality.example.org", "https://e.example/dagster"])
def test_an_address_that_cannot_be_served_is_refused(command: Command, tmp_path: Path, given: str) -> None:
    ended = command("ui", "--public-url", given, "--storage", tmp_path / "storage")
    assert ended.code == 1
    assert ended.err.startswith(f"--public-url: {given!r} is not an address")
    assert not (tmp_path / "storage").exists()
