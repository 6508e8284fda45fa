"""An analyst runs a quarter from Dagster's interface, finds its chart, and publishes it by a name that has to be typed."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from started_interface import Interface

pytestmark = [pytest.mark.long, pytest.mark.browser]

LOCATION = "race_equality_pipeline"
RUN_MILLISECONDS = 240_000


@pytest.fixture(autouse=True)
def signed_in(page: Page, interface: Interface) -> None:
    """Open the link that was printed, as an analyst does."""
    page.goto(interface.link)


def choose_latest(page: Page, url: str, job: str) -> None:
    page.goto(f"{url}/locations/{LOCATION}/jobs/{job}")
    page.get_by_role("button", name="Materialize all").first.click()
    page.get_by_text("Latest", exact=True).click()


def launch(page: Page) -> None:
    page.get_by_role("button", name="Launch 1 run").click()
    expect(page.get_by_text("Launched run").first).to_be_visible()


def approve(page: Page, name: str, releases: list[str]) -> None:
    """Fill in what the dialog of ``publish`` demands, as it offers it."""
    page.get_by_text("Config", exact=True).click()
    page.get_by_role("button", name="Add config").click()
    page.get_by_role("button", name="Scaffold missing config").click()
    page.get_by_role("button", name="Confirm").click()
    editor = page.locator(".CodeMirror").last
    expect(editor).to_contain_text("approved_by: ''")
    expect(editor).to_contain_text("releases: []")
    editor.click()
    page.keyboard.press("Control+A")
    given = f"{{approved_by: {name}, releases: [{', '.join(releases)}]}}"
    page.keyboard.insert_text(f"resources:\n  approval:\n    config: {given}\n")
    page.get_by_role("button", name="Save config").click()


def release_of(page: Page, url: str, audience: str) -> str:
    """Return what a release is called, as its metadata show it."""
    page.goto(f"{url}/assets/{audience}/release?view=partitions&partition=2026-07-01")
    return page.get_by_text(re.compile(rf"^{audience}-[0-9a-f]{{12}}$")).first.inner_text()


def wait_for_success(page: Page, url: str, job: str) -> None:
    page.goto(f"{url}/locations/{LOCATION}/jobs/{job}/runs")
    expect(page.get_by_text("Success", exact=True).first).to_be_visible(timeout=RUN_MILLISECONDS)


def test_an_analyst_runs_and_publishes_a_quarter(page: Page, interface: Interface) -> None:
    url, storage = interface.url, interface.storage
    live: list[str] = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: live.append(str(frame))))
    choose_latest(page, url, "quarterly_report")
    launch(page)
    wait_for_success(page, url, "quarterly_report")

    page.goto(f"{url}/assets/restricted/release?view=partitions&partition=2026-07-01")
    expect(page.get_by_text("of staff in post are from an ethnic minority").first).to_be_visible()
    page.get_by_text("[Show Markdown]").last.click()
    chart = page.locator("img[src^='data:image/png;base64,']")
    expect(chart).to_be_visible()
    assert chart.evaluate("image => image.naturalWidth") > 100

    releases = [release_of(page, url, audience) for audience in ("restricted", "published")]
    choose_latest(page, url, "publish")
    page.get_by_role("button", name="Launch 1 run").click()
    expect(page.get_by_text('Missing required config entry "resources"').first).to_be_visible()
    assert not (storage / "published" / "2026-07-01").exists()
    choose_latest(page, url, "publish")
    approve(page, "A. Director", releases)
    launch(page)
    wait_for_success(page, url, "publish")
    assert (storage / "published" / "2026-07-01" / "index.html").is_file()
    page.goto(f"{url}/assets/restricted/publication?view=partitions&partition=2026-07-01")
    expect(page.get_by_text("A. Director").first).to_be_visible()
    page.goto(f"{url}/runs")
    page.locator("a[href*='/runs/']").filter(has_text=re.compile("^[0-9a-f]{8}$")).first.click()
    expect(page.get_by_text("RUN_SUCCESS").first).to_be_visible()
    assert any('"type":"data"' in frame for frame in live), "a run's page is kept current by WebSocket"
    assert interface.landing.executed == []


def test_the_schedule_is_on_and_names_the_fifteenth(page: Page, interface: Interface) -> None:
    page.goto(f"{interface.url}/locations/{LOCATION}/schedules/quarterly_report_schedule")
    expect(page.get_by_text("day 15 of the month").first).to_be_visible()
    expect(page.get_by_role("switch").or_(page.locator("input[type=checkbox]")).first).to_be_checked()


def test_checks_have_names_a_director_could_read(page: Page, interface: Interface) -> None:
    page.goto(f"{interface.url}/assets/records/staff_in_post?view=checks")
    for name in ("every_row_accounted_for", "ethnicity_known_for_most_staff"):
        expect(page.get_by_text(name).first).to_be_visible()
