"""A real Chromium, and Dagster's interface for it to open."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from started_interface import Interface, started_interface

QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
    # Two may be open at once, and a container lends little shared memory.
    "--disable-dev-shm-usage",
    # A name on the internet that is bound to this machine, as whoever owns the name can do at any time.
    "--host-resolver-rules=MAP evil.example 127.0.0.1",
    # What some browsers withhold from pages of the internet of late, and others do not.
    "--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests",
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
    expect.set_options(timeout=30_000)  # a run and the page that shows it share the machine
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


@pytest.fixture(scope="session")
def interface(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Interface]:
    """Dagster's interface over a small invented trust, started in a landing folder full of hostile Python files."""
    from pipelines.sample import write_sample

    place = tmp_path_factory.mktemp("interface")
    write_sample(place / "landing", quarters=5)
    with started_interface(place) as started:
        yield started
