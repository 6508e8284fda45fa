"""Dagster's interface as a person starts it, in a process group of its own and in a hostile folder."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hostile_folder import HostileFolder

_SECONDS_TO_START = 150


@dataclass(frozen=True)
class Interface:
    """Its address and the link that opens it; its storage, its landing folder and what it wrote; its process group."""

    url: str
    link: str
    storage: Path
    landing: HostileFolder
    log: Path
    group: int


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


@contextmanager
def started_interface(place: Path) -> Iterator[Interface]:
    """Start the interface in ``place / "landing"``, where the extracts lie, until it has said that it is open."""
    hostile, log, port = HostileFolder(place / "landing"), place / "log", free_port()
    program = str(Path(sys.executable).parent / "race-equality")
    command = [
        program, "ui", "--port", str(port), "--landing", ".", "--storage", str(place / "storage"),
    ]  # fmt: skip
    with log.open("wb") as written:
        server = subprocess.Popen(
            command, cwd=place / "landing", stdout=written, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        deadline = time.monotonic() + _SECONDS_TO_START
        while not (links := re.findall(r"http://\S+", log.read_text())):
            if server.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"the interface did not start: {log.read_text()[-2000:]}")
            time.sleep(0.5)
        yield Interface(f"http://127.0.0.1:{port}", links[0], place / "storage", hostile, log, server.pid)
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        try:
            server.wait(timeout=30)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()
