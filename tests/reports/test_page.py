from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from reports.charts import charts_of
from reports.page import quarter_page
from reports.table import NUMBERS, rows_of

VOID = {"meta", "link", "img", "br", "hr", "input"}


class Page(HTMLParser):
    """Reads a page strictly: every element closed in its turn, and what tests ask about gathered."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.headings: list[int] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data):
        if not {"style", "script"} & set(self.open):
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def html(release, catalogue):
    return quarter_page(release, catalogue, charts_of(release, catalogue))


@pytest.fixture(scope="module")
def page(html):
    return Page(html)


def test_the_same_release_gives_the_same_page(html, release, catalogue):
    assert quarter_page(release, catalogue, charts_of(release, catalogue)) == html


def test_every_table_has_a_caption_and_scoped_headers(html, page):
    assert len(re.findall(r"<caption", html)) == len(page.all("table")) > 5
    assert page.all("th")
    assert {header.get("scope") for header in page.all("th")} == {"col", "row"}
    rows = re.findall(
        r"<tr.*?</tr>", re.sub(r"<thead.*?</thead>", "", html, flags=re.DOTALL), flags=re.DOTALL
    )
    assert all(row.count('scope="row"') == 1 for row in rows)


def test_every_table_scrolls_in_a_named_region_that_the_keyboard_reaches(page):
    regions = [each for each in page.all("div") if each.get("class") == "nhsuk-scroll"]
    identities = {attributes.get("id") for _, attributes in page.elements}
    assert len(regions) == len(page.all("table")) + len(page.all("img"))
    for region in regions:
        assert (region["role"], region["tabindex"]) == ("region", "0")
        assert region.get("aria-label") or region["aria-labelledby"] in identities


def test_identities_are_unique_and_links_within_the_page_lead_somewhere(page):
    identities = [attributes["id"] for _, attributes in page.elements if attributes.get("id")]
    assert len(identities) == len(set(identities))
    targets = [each["href"] for each in page.all("a")]
    assert {target[1:] for target in targets if target.startswith("#")} <= set(identities)
    assert {target for target in targets if not target.startswith("#")} == {
        "indicators.csv",
        "analyses.csv",
        "../index.html",
    }


def test_headings_skip_no_level(page):
    assert page.headings.count(1) == 1
    assert all(lower - upper <= 1 for upper, lower in zip(page.headings, page.headings[1:], strict=False))


def test_the_page_is_english_and_can_be_skipped_into(page):
    assert page.all("html")[0]["lang"] == "en-GB"
    assert page.elements[[name for name, _ in page.elements].index("body") + 1] == (
        "a",
        {"class": "nhsuk-skip-link", "data-module": "nhsuk-skip-link", "href": "#maincontent"},
    )


def test_nothing_is_fetched_or_run(html, page):
    assert not page.all("script")
    assert all(each["src"].startswith("data:image/svg+xml;base64,") for each in page.all("img"))
    assert [each["href"] for each in page.all("link")] == ["data:,"]
    assert "url(" not in html
    assert "@import" not in html
    assert not any("style" in attributes for _, attributes in page.elements)
    assert not any(key.startswith("on") for _, attributes in page.elements for key in attributes)


def test_the_content_security_policy_lets_this_stylesheet_in_alone(html, page):
    policy = next(each["content"] for each in page.all("meta") if each.get("http-equiv"))
    style = re.search(r"<style>(.*?)</style>", html, flags=re.DOTALL).group(1)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert len(style) < 25_000


def test_pictures_say_the_finding(page):
    pictures = page.all("img")
    assert len(pictures) == 4
    assert any("1.68 times as likely" in each["alt"] for each in pictures)


@pytest.mark.parametrize(
    ("audience", "words"),
    [("restricted", "Restricted: for named readers"), ("published", "Published: for all staff")],
)
def test_each_audience_is_marked_in_page_title_and_print(release, catalogue, audience, words):
    html = quarter_page(replace(release, audience=audience), catalogue, {})
    page = Page(html)
    assert page.text.count(words) >= 3
    assert words in re.search(r"@top-left.*", html).group()
    assert page.text.count("Invented figures: about nobody") >= 3


def test_real_figures_are_not_called_invented(release, catalogue):
    real = release.organisation.model_copy(update={"invented": False})
    assert "Invented figures" not in quarter_page(replace(release, organisation=real), catalogue, {})


def test_headlines_come_first_with_their_evidence(page):
    assert page.text.index("21% of White shortlisted") < page.text.index("Workforce Recruitment")
    assert "Clear evidence of a disparity 21% of White shortlisted" in page.text


def test_a_dataset_that_did_not_come_is_named(page):
    assert "Staff survey: not received. Nothing matched this quarter." in page.text
    assert "Staff survey response Not available [x]: not received." in page.text


def test_breakdowns_stand_in_the_organisations_order_and_words(page):
    bands = page.text[page.text.index("by pay band Pay band") :]
    assert bands.index("Band 5") < bands.index("Band 6") < bands.index("Band 10")
    assert page.text.index("Internal applicants") < page.text.index("External applicants")


def test_a_protected_cell_shows_its_marker(page):
    surgery = page.text[page.text.index("Surgery") :].split()[:9]
    assert surgery[:5] == ["Surgery", "60", "[c]", "25", "[c]"]


def test_no_figure_of_the_page_comes_from_elsewhere_than_the_release(release, catalogue):
    """Make every number of the release one of a few; then no other figure may stand in a table."""
    tables = {name: getattr(release, name).copy() for name in ("estimates", "history", "analyses")}
    for table in tables.values():
        for name in table.columns.intersection([*NUMBERS, "value", "low", "high"]):
            table[name] = table[name].astype(float).where(table[name].isna(), 7777.0)
    page = quarter_page(replace(release, **tables), catalogue, {})
    cells = re.findall(
        r'<td class="nhsuk-table__cell nhsuk-table__cell--numeric">\s*(.*?)\s*</td>', page, re.DOTALL
    )
    assert cells
    assert all(
        re.fullmatch(
            r"£?7,?777(\.\d+)?%?( \(7777\.00 to 7777\.00\))?|777700%|\[[cxz]\]|7777\.00 \(0\.50 to 1\.60\)",
            cell,
        )
        for cell in cells
    )


def test_a_quarter_in_which_nothing_can_be_told_is_short_and_says_so(release, catalogue, told):
    hidden = release.estimates[release.estimates["breakdown"] == "all"].copy()
    for name in NUMBERS:
        hidden[name] = float("nan")
    hidden["status"], hidden["evidence"] = "[c]", ""
    text = quarter_page(replace(release, estimates=hidden, history=hidden), catalogue, {})
    page = Page(text)
    assert "No headline figure can be shown this quarter." in page.text
    assert len(page.all("table")) == 7
    assert page.text.count("Not shown [c]") == len(catalogue.indicators)


def test_revised_figures_are_said_to_be_revised(release, catalogue):
    revised = release.estimates.assign(vintage=2)
    assert "Revised [r]" in Page(quarter_page(replace(release, estimates=revised), catalogue, {})).text


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "\u202eReversed", "X" * 300]
)
def test_hostile_names_are_shown_and_harmless(release, catalogue, name):
    organisation = release.organisation.model_copy(update={"name": name})
    estimates = release.estimates.assign(level=release.estimates["level"].replace("Surgery", name))
    hostile = replace(
        release,
        organisation=organisation,
        estimates=estimates,
        quality_notes=(name,),
        provenance=((name, name),),
    )
    page = Page(quarter_page(hostile, catalogue, charts_of(hostile, catalogue)))
    assert not page.all("script")
    assert all(each["src"].startswith("data:") for each in page.all("img"))
    assert name.strip("\u202e") in page.text


def test_every_told_row_is_on_the_page(release, page):
    for row in rows_of(release.estimates):
        if row.breakdown == "all" and row.told:
            assert row.indicator in {attributes.get("id") for _, attributes in page.elements}
