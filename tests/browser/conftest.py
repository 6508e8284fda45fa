"""A real Chromium, and Dagster's interface in a process group of its own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


# For one module at a time: Playwright keeps an event loop running in this thread, beside which Dagster cannot run its own.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        words = "no Chromium on this machine; on Debian: apt-get install chromium"
        if os.environ.get("CI"):
            pytest.fail(words)
        pytest.skip(words)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=list(QUIET))
        yield launched
        launched.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    opened = context.new_page()
    opened.set_default_timeout(60_000)
    yield opened
    context.close()


@pytest.fixture(scope="session")
def html_checker() -> list[str]:
    """Return the command of the W3C's checker of HTML. Where it is lacking the test is skipped, but never in CI."""
    jar = Path(sys.prefix) / "npm" / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
    lacking = None
    if shutil.which("java") is None:
        lacking = "no Java on this machine; on Debian: apt-get install default-jre-headless"
    elif not jar.is_file():
        lacking = "no vnu.jar in the environment; make test-long installs it with npm"
    if lacking and os.environ.get("CI"):
        pytest.fail(lacking)
    if lacking:
        pytest.skip(lacking)
    return ["java", "-jar", str(jar)]


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2):
            return True
    except OSError:
        return False


@pytest.fixture(scope="module")
def interface(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """Dagster's interface over a small invented trust: its address and its storage folder."""
    from pipelines.sample import write_sample

    place = tmp_path_factory.mktemp("interface")
    write_sample(place / "landing", quarters=5)
    port = free_port()
    command = [
        sys.executable, "-m", "pipelines", "ui", "--port", str(port),
        "--landing", str(place / "landing"), "--storage", str(place / "storage"),
    ]  # fmt: skip
    with (place / "log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        url = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 150
        while not answers(f"{url}/server_info"):
            if server.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"the interface did not start: {(place / 'log').read_text()[-2000:]}")
            time.sleep(1)
        yield url, place / "storage"
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        try:
            server.wait(timeout=30)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()
