"""The pages of a quarter, parsed: their order, their words, what they hold and what they ask of nobody."""

from __future__ import annotations

import base64
import hashlib
import math
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from disparity.catalogue import BoardPaper
from disparity.catalogue.commentary import Commentary, Passage
from reports.charts.drawing import charts_of
from reports.pages.quarter import OVERVIEW, pages_of
from reports.release.estimates import NUMBERS, rows_of
from reports.release.frozen import Release
from reports.release.revisions import Revised

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


BESIDE = ("analyses.csv", "appointed.png", "appointed.svg", "indicators.csv", "provenance.json")
THEMES = ("workforce", "recruitment", "experience", "development", "leaving")


def written(release, catalogue, *, drawn: bool = False) -> dict[str, str]:
    return pages_of(release, catalogue, charts_of(release, catalogue) if drawn else {}, BESIDE)


@pytest.fixture(scope="module")
def documents(release, catalogue) -> dict[str, str]:
    return written(release, catalogue, drawn=True)


@pytest.fixture(scope="module")
def pages(documents) -> dict[str, Page]:
    return {name: Page(document) for name, document in documents.items()}


@pytest.fixture(params=[OVERVIEW, *(f"{theme}.html" for theme in THEMES)])
def name(request) -> str:
    return request.param


@pytest.fixture
def html(documents, name) -> str:
    return documents[name]


@pytest.fixture
def page(pages, name) -> Page:
    return pages[name]


@pytest.fixture(scope="module")
def overview(pages) -> Page:
    return pages[OVERVIEW]


@pytest.fixture(scope="module")
def everything(pages) -> str:
    return " ".join(page.text for page in pages.values())


# ------------------------------------------------------------------ every page


def test_there_is_an_overview_and_a_page_for_each_theme(documents):
    assert set(documents) == {OVERVIEW, *(f"{theme}.html" for theme in THEMES)}


def test_the_same_release_gives_the_same_pages(documents, release, catalogue):
    assert written(release, catalogue, drawn=True) == documents


def test_every_table_has_a_caption_and_scoped_headers(html, page):
    assert len(re.findall(r"<caption", html)) == len(page.all("table"))
    assert {header.get("scope") for header in page.all("th")} <= {"col", "row"}
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


def test_identities_are_unique_and_every_link_leads_somewhere(pages, page):
    identities = [attributes["id"] for _, attributes in page.elements if attributes.get("id")]
    assert len(identities) == len(set(identities))
    ends = {name: {each.get("id") for _, each in other.elements} for name, other in pages.items()}
    for target in (each["href"] for each in page.all("a")):
        file, _, anchor = target.partition("#")
        if not file:
            assert anchor in identities
        elif anchor:
            assert anchor in ends[file]
        else:
            assert file in {*pages, *BESIDE, "../index.html"}


def test_every_page_leads_to_every_other_and_to_all_quarters(pages, page, name):
    targets = {each["href"] for each in page.all("a")}
    assert {*pages, "../index.html"} - {name} <= targets
    assert name not in targets
    assert [each for each in page.all("li") if each.get("aria-current") == "page"]


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


@pytest.mark.parametrize(
    ("audience", "words"),
    [("restricted", "Restricted: for named readers"), ("published", "Published: for all staff")],
)
def test_each_audience_is_marked_in_page_title_and_print(release, catalogue, audience, words):
    for html in written(replace(release, audience=audience), catalogue).values():
        page = Page(html)
        assert page.text.count(words) >= 3
        assert words in re.search(r"@top-left.*", html).group()
        assert page.text.count("Invented figures: about nobody") >= 3


def test_real_figures_are_not_called_invented(release, catalogue):
    real = release.organisation.model_copy(update={"invented": False})
    for html in written(replace(release, organisation=real), catalogue).values():
        assert "Invented figures" not in html


# ------------------------------------------------------------------ the overview


def test_headlines_come_first_with_their_evidence(overview):
    words = (
        "Clear evidence of a disparity 21% of White shortlisted",
        "What changed",
        "All headline figures",
        "Themes",
        "What this report cannot say",
        "Data quality",
        "How it was made",
        "Words and markers",
        "Downloads",
        "Where it comes from",
    )
    places = [overview.text.rindex(each) for each in words]
    assert places == sorted(places)


def test_the_decision_asked_and_its_owner_open_the_page(release, catalogue):
    asked = catalogue.model_copy(
        update={
            "board_paper": BoardPaper.model_construct(
                decision="To agree <this>.", sponsor="Chief people officer"
            )
        }
    )
    text = Page(written(release, asked)[OVERVIEW]).text
    assert text.index("To agree <this>. Owner: Chief people officer") < text.rindex("Headlines")
    assert "Owner:" not in Page(written(release, catalogue)[OVERVIEW]).text


def test_a_headline_says_what_would_change_the_view(overview):
    assert (
        "What would change this view: Like with like: within the same shortlist the ratio is 1.50"
        in overview.text
    )
    assert "within the same pay band the 95% interval is 0.77 to 4.25" in overview.text


def test_what_changed_stands_beside_what_was_told_before(overview, release, catalogue):
    assert "Appointed, of those shortlisted 1.68 1.57 [r] [x] Too few to tell" in overview.text
    assert "Not received this quarter: Staff survey." in overview.text
    assert "There is no release of the quarter before" in overview.text
    first = replace(release, history=release.history[release.history["period_end"] == "2026-09-30"])
    assert (
        "No headline figure was told in last quarter's report"
        in Page(written(first, catalogue)[OVERVIEW]).text
    )


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ((), "The method is that of last quarter's release"),
        (("indicators", "house_style"), "Not as in last quarter's release: indicators; house style."),
    ],
)
def test_a_change_of_method_is_told(release, catalogue, changed, words):
    assert words in Page(written(replace(release, changed_since=changed), catalogue)[OVERVIEW]).text


def test_every_told_headline_indicator_is_in_brief_and_leads_to_its_card(overview, catalogue):
    targets = {each["href"] for each in overview.all("a")}
    for name, indicator in catalogue.indicators.items():
        assert (f"{indicator.theme}.html#{name}" in targets) is indicator.headline


def test_what_cannot_be_said_is_summed_in_words(overview):
    limits = overview.text[overview.text.rindex("What this report cannot say") :]
    assert "Not available [x]: not received. Staff survey response." in limits
    assert (
        "Hidden [c] for one level or more, so that nobody can be identified: Pay band; Directorate." in limits
    )
    assert "there is no disparity: Leavers a year per 100 staff." in limits


def test_downloads_are_what_lies_beside_the_pages(overview, release, catalogue):
    targets = {each["href"] for each in overview.all("a")}
    assert {"indicators.csv", "analyses.csv", "appointed.png"} <= targets
    assert "appointed.svg" not in targets
    paper = pages_of(release, catalogue, {}, ("board-paper.pdf", "new.txt"))[OVERVIEW]
    assert {"board-paper.pdf", "new.txt"} <= {each["href"] for each in Page(paper).all("a")}
    assert "indicators.csv" not in paper


def test_revised_figures_are_said_to_be_revised(release, catalogue):
    own = (Revised("2026-09-30", 2), Revised("2026-09-30", 3, "Bands were put right."))
    revised = replace(release, estimates=release.estimates.assign(vintage=3), revisions=own)
    text = Page(written(revised, catalogue)[OVERVIEW]).text
    start = text.index("Revised [r]: some figures differ from those first published for this quarter.")
    assert text[start:].index("Jul to Sep 2026, vintage 2: No reason is recorded.") < text[start:].index(
        "Jul to Sep 2026, vintage 3: Bands were put right."
    )
    assert text.count("Bands were put right.") == 1


def test_why_earlier_quarters_were_revised_stands_with_what_changed(overview):
    text = overview.text
    changed = text[text.index("What changed") :]
    assert (
        "Apr to Jun 2026, vintage 2: The appointments of 30 June 2026 were sent again & counted." in changed
    )


# ------------------------------------------------------------------ themes


def test_pictures_say_the_finding(pages):
    pictures = [each for page in pages.values() for each in page.all("img")]
    assert len(pictures) == 5
    assert any("1.68 times as likely" in each["alt"] for each in pictures)


def test_a_dataset_that_did_not_come_is_named(pages):
    experience = pages["experience.html"].text
    assert "Staff survey: not received. Nothing matched this quarter." in experience
    assert "No figure of this theme can be shown this quarter." in experience
    assert "Not available [x]: not received. Staff survey response" in experience


def test_breakdowns_stand_in_the_organisations_order_and_words(pages):
    workforce, recruitment = (pages[f"{theme}.html"].text for theme in ("workforce", "recruitment"))
    bands = workforce[workforce.index("by pay band Pay band") :]
    assert bands.index("Band 5") < bands.index("Band 6") < bands.index("Band 10")
    assert recruitment.index("Internal applicants") < recruitment.index("External applicants")


def test_a_protected_cell_shows_its_marker(pages):
    text = pages["recruitment.html"].text
    assert text[text.index("Surgery") :].split()[:5] == ["Surgery", "60", "[c]", "25", "[c]"]


def test_no_figure_of_a_page_comes_from_elsewhere_than_the_release(release, catalogue):
    """Make every number of the release one of a few; then no other figure may stand in a table."""
    tables = {name: getattr(release, name).copy() for name in ("estimates", "history", "analyses")}
    for table in tables.values():
        for name in table.columns.intersection([*NUMBERS, "value", "low", "high"]):
            table[name] = table[name].astype(float).where(table[name].isna(), 7777.0)
    pages = "".join(written(replace(release, **tables), catalogue).values())
    cells = re.findall(
        r'<td class="nhsuk-table__cell nhsuk-table__cell--numeric">\s*(.*?)\s*</td>', pages, re.DOTALL
    )
    assert cells
    assert all(
        re.fullmatch(
            r"£?7,?777(\.\d+)?%?( \(7777\.00 to 7777\.00\))?|777700%|\[[cxz]\]|7777\.00 (\[r\]|\(0\.50 to 1\.60\))",
            cell,
        )
        for cell in cells
    )


@pytest.fixture(scope="module")
def silent(release) -> Release:
    """A release in which nothing can be told."""
    hidden = release.estimates[release.estimates["breakdown"] == "all"].copy()
    for name in NUMBERS:
        hidden[name] = float("nan")
    hidden["status"], hidden["evidence"] = "[c]", ""
    return replace(release, estimates=hidden, history=hidden)


def test_a_quarter_in_which_nothing_can_be_told_is_short_and_says_so(silent, catalogue):
    pages = {name: Page(html) for name, html in written(silent, catalogue).items()}
    assert "No headline figure can be shown this quarter." in pages[OVERVIEW].text
    assert (
        "Not shown [c]: too few people to show it without a risk to them. Every indicator."
        in pages[OVERVIEW].text
    )
    assert len(pages[OVERVIEW].all("table")) == 2
    for theme in THEMES:
        page = pages[f"{theme}.html"]
        assert not page.all("table")
        assert not [each for _, each in page.elements if "nhsuk-card" in (each.get("class") or "")]
        assert page.text.count("Not shown [c]") == 1


def test_what_is_hidden_is_bounded_and_says_when_it_was_last_told(release, catalogue, row, told, frame):
    hidden = row(
        "appointed", status="[c]", group_events_status="[c]", reference_base=1000.0, reference_events=210.0,
        group_base=60.0, ratio_low=1.8, ratio_high=12.0, evidence="some evidence",
    )  # fmt: skip
    earlier = replace(told["appointed"], period_start="2025-07-01", period_end="2026-06-30")
    quiet = replace(release, estimates=frame([hidden]), history=frame([hidden, earlier]))
    text = Page(written(quiet, catalogue)["recruitment.html"]).text
    assert (
        "the ratio is 1.80 to 12.00. Fewer than 8 of about 60 ethnic minority shortlisted applicants" in text
    )
    assert "Last told: Jul 2025 to Jun 2026. 21% of White shortlisted applicants were appointed" in text


def test_bounds_that_bound_nothing_are_left_out(release, catalogue, row, frame):
    hidden = row("appointed", status="[c]", group_events_status="[c]", ratio_low=0.0, ratio_high=math.inf)
    text = Page(written(replace(release, estimates=frame([hidden])), catalogue)["recruitment.html"]).text
    assert "upwards" not in text


# ------------------------------------------------------------------ names, commentary


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "\u202eReversed", "X" * 300]
)
def test_hostile_names_are_shown_and_harmless(release, catalogue, name):
    organisation = release.organisation.model_copy(update={"name": name})
    estimates = release.estimates.assign(level=release.estimates["level"].replace("Surgery", name))
    said = Commentary.model_construct(by=name, passages=(Passage(page="overview", text=name),))
    hostile = replace(
        release,
        organisation=organisation,
        estimates=estimates,
        quality_notes=(name,),
        provenance=((name, name),),
        commentary=said,
    )
    for html in written(hostile, catalogue, drawn=True).values():
        page = Page(html)
        assert not page.all("script")
        assert all(each["src"].startswith("data:") for each in page.all("img"))
        assert name.strip("\u202e") in page.text


def test_every_told_row_is_on_the_page_of_its_theme(release, pages):
    for row in rows_of(release.estimates):
        if row.breakdown == "all" and row.told:
            ends = {attributes.get("id") for _, attributes in pages[f"{row.theme}.html"].elements}
            assert row.indicator in ends


def test_commentary_stands_where_it_belongs_with_its_figures(release, catalogue):
    said = Commentary(
        by="Head of <people>",
        passages=(
            Passage(
                page="overview", text="Read **this**:\n\n- {{ appointed.ratio }} & {{ appointed.interval }}"
            ),
            Passage(page="experience", text="Replies: {{ survey_response.group_value }}."),
        ),
    )
    pages = {name: Page(html) for name, html in written(replace(release, commentary=said), catalogue).items()}
    assert "Commentary by Head of <people> Read this : 1.68 & 1.35 to 2.09" in pages[OVERVIEW].text
    assert "Replies: not available [x]." in pages["experience.html"].text
    assert "Commentary" not in pages["leaving.html"].text
