"""Every page of the published samples in a real browser: whole, self-contained, readable by anybody on any screen."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from reports.charts.drawing import charts_of
from reports.pages.quarter import Picture
from reports.paper.board_paper import paper_page
from reports.release.frozen import from_json
from resources.catalogue import load_catalogue

pytestmark = [pytest.mark.long, pytest.mark.browser]

ROOT = Path(__file__).parents[2]
QUARTER = "2026-07-01"
OVERVIEW = f"{QUARTER}/index.html"
THEMES = [
    f"{QUARTER}/{theme}.html"
    for theme in ("workforce", "recruitment", "experience", "development", "leaving")
]
PAGES = ["index.html", OVERVIEW, *THEMES]
# Of the organisation of 120 people: of few of its people something can be told.
YEAR_END = "2026-01-01"
OF_BODY = [f"{YEAR_END}/index.html", f"{YEAR_END}/recruitment.html"]
TRUST, BODY = ROOT / "catalogue", ROOT / "catalogue_examples" / "membership_body"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

WRONG_IN_TABLES = """() => [...document.querySelectorAll('table')].flatMap(table => {
    const found = [];
    const note = words => found.push(`${table.id}: ${words}`);
    if (!table.caption || !table.caption.textContent.trim()) note('no caption');
    if (!table.tHead || table.tHead.rows.length !== 1) note('no row of headings');
    const heads = [...(table.tHead?.rows[0]?.cells ?? [])];
    heads.forEach(cell => {
        if (cell.tagName !== 'TH' || cell.scope !== 'col') note('a heading of a column that is none');
        if (!cell.textContent.trim()) note('an empty heading');
    });
    [...table.tBodies].flatMap(body => [...body.rows]).forEach(row => {
        const [first, ...others] = row.cells;
        if (first.tagName !== 'TH' || first.scope !== 'row') note('a heading of a row that is none');
        if (others.some(cell => cell.tagName !== 'TD')) note('a cell that is no cell');
        if (row.cells.length !== heads.length) note('a row of another length');
        if ([...row.cells].some(cell => !cell.textContent.trim())) note('an empty cell');
    });
    return found;
})"""


def publish(place: Path, quarter: str, *, quarters: int, history: int, profile: str, catalogue: Path) -> Path:
    """Publish a quarter of an invented organisation; return the folder of what everybody may read."""
    landing, storage = ["--landing", str(place / "landing")], ["--storage", str(place / "storage")]
    settings = ["--catalogue", str(catalogue), *storage, "--quarter", quarter]
    # In processes of their own: Playwright's event loop runs in this one.
    for words in (
        ["sample", "--out", landing[1], "--quarters", str(quarters), "--profile", profile],
        ["run", "--history", str(history), *settings, *landing],
        ["publish", "--approved-by", "A Person", *settings],
    ):
        subprocess.run([sys.executable, "-m", "pipelines", *words], check=True, capture_output=True)
    return place / "storage" / "published"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the trust publishes."""
    place = tmp_path_factory.mktemp("published")
    return publish(place, QUARTER, quarters=5, history=4, profile="trust", catalogue=TRUST)


@pytest.fixture(scope="module")
def published_by_body(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a body of 120 people publishes once a year: little of it can be told."""
    place = tmp_path_factory.mktemp("published_by_body")
    return publish(place, YEAR_END, quarters=11, history=7, profile="membership_body", catalogue=BODY)


@pytest.fixture(
    params=[*(("published", name) for name in PAGES), *(("published_by_body", name) for name in OF_BODY)],
    ids="-".join,
)
def opened(request: pytest.FixtureRequest, page: Page) -> Page:
    """Open a page with everything unfolded."""
    folder, name = request.param
    page.goto((request.getfixturevalue(folder) / name).as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    return page


@pytest.fixture(
    params=[("published", QUARTER, TRUST), ("published_by_body", YEAR_END, BODY)], ids=lambda each: each[0]
)
def paper(request: pytest.FixtureRequest, page: Page, tmp_path: Path) -> Page:
    """Open the document that a board paper is printed from, which is no page of the site and has no frame."""
    published, quarter, folder = request.param
    frozen = request.getfixturevalue(published) / quarter / "release.json"
    release, catalogue = from_json(frozen.read_bytes()), load_catalogue(folder)
    pictures = {name: Picture.of(chart) for name, chart in charts_of(release, catalogue).items()}
    document = tmp_path / "paper.html"
    document.write_text(paper_page(release, catalogue, pictures), encoding="utf-8")
    page.goto(document.as_uri())
    return page


def test_these_are_all_the_pages(published: Path) -> None:
    assert {path.relative_to(published).as_posix() for path in published.rglob("*.html")} == set(PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_with_nothing_asked_of_the_network(page: Page, published: Path, name: str) -> None:
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.goto((published / name).as_uri())
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert said == []
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_text("Published: for all staff and the public").first).to_be_visible()
    expect(page.get_by_text("Invented figures").first).to_be_visible()


def test_every_chart_is_drawn_and_in_words(page: Page, published: Path) -> None:
    charts = 0
    for name in THEMES:
        page.goto((published / name).as_uri())
        for chart in page.locator("img").all():
            assert chart.evaluate("image => image.naturalWidth") > 0
            assert chart.get_attribute("alt")
            charts += 1
    assert charts >= 6


def test_axe_finds_no_violation(opened: Page) -> None:
    found = Axe().run(opened, options={"runOnly": RULES, "resultTypes": ["violations"]})
    assert found.violations_count == 0, found.generate_report()


def test_axe_would_find_one(page: Page, published: Path) -> None:
    page.goto((published / OVERVIEW).as_uri())
    page.evaluate("document.documentElement.removeAttribute('lang')")
    found = Axe().run(page, options={"runOnly": RULES, "resultTypes": ["violations"]})
    assert [each["id"] for each in found.response["violations"]] == ["html-has-lang"]


def test_nothing_is_cut_off_at_320_pixels(opened: Page) -> None:
    opened.set_viewport_size({"width": 320, "height": 800})
    assert opened.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("width", [640, 1280])
def test_text_of_twice_the_size_stays_on_the_page(opened: Page, width: int) -> None:
    opened.set_viewport_size({"width": width, "height": 800})
    opened.evaluate("document.documentElement.style.fontSize = '200%'")
    assert opened.evaluate("document.documentElement.scrollWidth") <= width
    cut = opened.evaluate(
        """() => [...document.querySelectorAll('main *')]
            .filter(each => !each.closest('.nhsuk-scroll') && each.offsetWidth > 1)
            .filter(each => each.scrollWidth > each.clientWidth + 1 && getComputedStyle(each).display === 'block')
            .map(each => each.outerHTML.slice(0, 120))"""
    )
    assert cut == []


def test_the_keyboard_goes_through_everything_in_its_order(opened: Page) -> None:
    everything = "a[href], summary, [tabindex='0']"
    count = opened.evaluate(
        f"""() => {{
            const all = [...document.querySelectorAll("{everything}")].filter(each => each.checkVisibility());
            all.forEach((each, at) => {{ each.dataset.at = at }});
            return all.length;
        }}"""
    )
    seen = []
    for _ in range(count):
        opened.keyboard.press("Tab")
        seen.append(opened.evaluate("Number(document.activeElement.dataset.at ?? -1)"))
    assert seen == list(range(count))


def test_the_skip_link_comes_first_and_leads_past_the_way_about(opened: Page) -> None:
    opened.keyboard.press("Tab")
    assert opened.evaluate("document.activeElement.textContent.trim()") == "Skip to main content"
    opened.keyboard.press("Enter")
    opened.keyboard.press("Tab")
    assert opened.evaluate("document.activeElement.closest('main') !== null")


def test_every_heading_of_a_table_is_one(opened: Page) -> None:
    """Neither axe nor vnu looks: each column and each row is named by a cell that is a heading and says of what."""
    assert opened.evaluate(WRONG_IN_TABLES) == []


def test_axe_finds_no_violation_in_what_a_board_paper_is_printed_from(paper: Page) -> None:
    """Its tags come from this document. Landmarks, which are for pages alone, are no rule of WCAG and not asked for."""
    wcag = [rule for rule in RULES if rule.startswith("wcag")]
    found = Axe().run(paper, options={"runOnly": wcag, "resultTypes": ["violations"]})
    assert found.violations_count == 0, found.generate_report()


def test_every_heading_of_a_table_of_a_board_paper_is_one(paper: Page) -> None:
    """Its tables stand below the heading that names them, and some have no caption of their own."""
    assert paper.locator("table").count() >= 2
    assert {each for each in paper.evaluate(WRONG_IN_TABLES) if not each.endswith(": no caption")} == set()


def test_print_keeps_the_marking_and_drops_the_way_about(opened: Page) -> None:
    opened.emulate_media(media="print")
    expect(opened.get_by_text("Published: for all staff and the public").first).to_be_visible()
    expect(opened.locator(".nhsuk-skip-link")).to_be_hidden()
    assert opened.locator(".nhsuk-contents-list:visible").count() == 0


def test_the_html_is_valid(published: Path, html_checker: list[str]) -> None:
    pages = [str(published / name) for name in PAGES]
    command = [*html_checker, "--errors-only", "--stdout", "--format", "text", *pages]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_no_page_is_heavy(published: Path) -> None:
    assert max((published / name).stat().st_size for name in PAGES) < 1_500_000


def test_the_index_leads_to_the_quarter_and_the_quarter_to_its_figures(page: Page, published: Path) -> None:
    page.goto((published / "index.html").as_uri())
    page.get_by_role("link", name="Jul to Sep 2026").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Jul to Sep 2026")
    page.get_by_role("link", name="See the figures behind headline 1").click()
    assert page.url.rpartition("#")[2]
    expect(page.locator(":target")).to_be_visible()
