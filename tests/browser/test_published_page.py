"""The published page in a real browser: whole, self-contained and readable on a narrow screen."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.long, pytest.mark.browser]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("published")
    folders = ["--landing", str(place / "landing"), "--storage", str(place / "storage")]
    quarter = ["--quarter", "2026-07-01"]
    # In processes of their own: Playwright's event loop runs in this one.
    for words in (
        ["sample", "--out", str(place / "landing"), "--quarters", "5"],
        ["run", *quarter, "--history", "4", *folders],
        ["publish", *quarter, "--approved-by", "A Person", *folders[2:]],
    ):
        subprocess.run([sys.executable, "-m", "pipelines", *words], check=True, capture_output=True)
    return place / "storage" / "published"


def test_the_page_opens_with_nothing_asked_of_the_network(page: Page, published: Path) -> None:
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.goto((published / "2026-07-01" / "index.html").as_uri())
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert said == []
    expect(page.get_by_role("heading", level=1)).to_contain_text("Jul to Sep 2026")
    expect(page.get_by_text("Invented figures").first).to_be_visible()
    charts = page.locator("img")
    assert charts.count() >= 6
    for index in range(charts.count()):
        assert charts.nth(index).evaluate("image => image.naturalWidth") > 0
        assert charts.nth(index).get_attribute("alt")


def test_nothing_is_cut_off_at_320_pixels(page: Page, published: Path) -> None:
    page.set_viewport_size({"width": 320, "height": 800})
    page.goto((published / "2026-07-01" / "index.html").as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_the_index_leads_to_the_quarter(page: Page, published: Path) -> None:
    page.goto((published / "index.html").as_uri())
    page.get_by_role("link", name="Jul to Sep 2026").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Jul to Sep 2026")
