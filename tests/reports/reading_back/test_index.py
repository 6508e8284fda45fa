"""Reading the index back: nothing is found in it as it is, and every number, link, script and omission is."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from disparity.periods import Quarter
from reports.pages.index import Entry, index_page
from reports.pages.quarter import OVERVIEW, pages_of
from reports.reading_back.files import FROZEN
from reports.reading_back.index import unexplained_in_index
from reports.release.frozen import Release, revisions_in, to_json
from reports.release.revisions import Revised
from reports.wording.sentences import headline_sentences

JUNE, SEPTEMBER = Quarter.from_key("2026-04-01"), Quarter.from_key("2026-07-01")
SECRETS = ("jsmith", "hr-server-07", "/srv/landing/northmoor")

Files = dict[Quarter, dict[str, bytes]]


@pytest.fixture(scope="module")
def releases(release) -> list[Release]:
    """Return June's release, which was revised twice, and September's."""
    revisions = (Revised("2026-06-30", 2, "Sent again on 3 July 2026."), Revised("2026-06-30", 3))
    estimates = release.estimates.assign(vintage=3, quarter=JUNE.key, period_end="2026-06-30")
    before = replace(
        release, quarter=JUNE, estimates=estimates, history=release.history[:0], revisions=revisions
    )
    return [before, release]


@pytest.fixture(scope="module")
def listed(releases, catalogue) -> Files:
    return {
        each.quarter: {
            OVERVIEW: pages_of(each, catalogue, {}, ())[OVERVIEW].encode(),
            FROZEN: to_json(each),
        }
        for each in releases
    }


@pytest.fixture(scope="module")
def page(releases, listed, catalogue) -> str:
    entries = [
        Entry(
            each.quarter,
            headline_sentences(each.estimates, catalogue, "restricted"),
            revisions_in(listed[each.quarter][FROZEN]),
        )
        for each in releases
    ]
    return index_page(catalogue, "restricted", entries, releases[-1])


@pytest.fixture
def found(page, listed, catalogue) -> Callable[..., list[str]]:
    """Return what is found when the index has one text for another, and make sure that it was there to be changed."""

    def tampered(old: str, new: str) -> list[str]:
        assert old in page
        changed = page.replace(old, new, 1).encode()
        return unexplained_in_index(changed, listed, catalogue, "restricted", secrets=SECRETS)

    return tampered


def test_an_index_as_it_is_has_nothing_without_origin(page, listed, catalogue):
    assert unexplained_in_index(page.encode(), listed, catalogue, "restricted", secrets=SECRETS) == []
    assert "Apr to Jun 2026, vintage 2: Sent again on 3 July 2026." in page
    assert "Apr to Jun 2026, vintage 3: No reason is recorded." in page
    assert page.count("Revised [r]") == 1


def test_an_index_of_nothing_has_nothing_without_origin(catalogue):
    page = index_page(catalogue, "published", [], None)
    assert unexplained_in_index(page.encode(), {}, catalogue, "published") == []


def test_a_report_of_an_earlier_version_is_read_too(listed, catalogue, releases):
    """It was frozen before there were reasons, and its overview said its headlines alone."""
    frozen = json.loads(listed[JUNE][FROZEN])
    del frozen["revisions"]
    said = headline_sentences(releases[0].estimates, catalogue, "restricted")
    overview = "".join(f"<li>{each}</li>" for each in said)
    before = {FROZEN: json.dumps(frozen).encode(), OVERVIEW: overview.encode()}
    page = index_page(catalogue, "restricted", [Entry(JUNE, said, revisions_in(before[FROZEN]))], None)
    assert page.count("No reason is recorded.") == 2
    assert unexplained_in_index(page.encode(), {JUNE: before}, catalogue, "restricted") == []


CELL = "        {}\n"


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        (CELL.format("1.57 [r]"), CELL.format("1.56 [r]"), "table by-indicator"),
        (CELL.format("1.57 [r]"), CELL.format("1.57"), "row appointed, field 2026-06-30"),
        (CELL.format("1.68"), CELL.format("1.60"), "row appointed, field 2026-09-30"),
        (CELL.format("33%"), CELL.format("33.3%"), "row share_of_staff"),
        (CELL.format("Leavers a year per 100 staff"), CELL.format("Leavers a year per 10 staff"), "<th>"),
        (CELL.format("Jul to Sep 2026"), CELL.format("Jul to Sep 2025"), "<th>"),
        (CELL.format("Indicator"), CELL.format("Indicator 7"), "<th>"),
        ('data-row="appointed"', 'data-row="leavers"', "row leavers"),
        ("13% of ethnic minority shortlisted", "12% of ethnic minority shortlisted", "row 2026-07-01, field headline"),
        ("1.68 times as likely", "1.63 times as likely", "field headline"),
        ("2026-07-01/index.html", "2026-04-01/index.html", "href of <a>"),
        ("2026-07-01/index.html", "2025-07-01/index.html", "href of <a>"),
        ("2026-07-01/index.html", "https://elsewhere.example/2026-07-01/index.html", "href of <a>"),
        ("2026-07-01/index.html", "2026-07-01/workbook.xlsx", "href of <a>"),
        ("</main>", '<a href="2026-07-01/index.html">All</a></main>', "href of <a>"),
        (">Jul to Sep 2026</a>", ">Jul to Sep 2025</a>", "row 2026-07-01, field quarter"),
        ("Sent again on 3 July", "Sent again on 4 July", "field revision"),
        ("vintage 3: No reason is recorded.", "vintage 3: All is well.", "field revision"),
        ("vintage 3: No reason", "vintage 2: No reason", "2026-04-01: what was revised"),
        ("</main>", "<p>Of 37 people in all.</p></main>", "<p>"),
        ("</main>", "<p>Made by jsmith.</p></main>", "another secret"),
        ("</main>", "<p>From /srv/landing/northmoor/x.</p></main>", "the path or name of a file or folder"),
        ("</main>", "<script>alert(document.title)</script></main>", "<script>"),
        ("</main>", '<script src="a.js"></script></main>', "src of <script>"),
        ("</main>", "<!-- note --></main>", "a comment or declaration"),
        ("</main>", '<img src="data:image/png;base64,AAAA" alt=""></main>', "src of <img>"),
        ("</main>", '<p onclick="go()">Go</p></main>', "onclick of <p>"),
        ("</main>", '<form action="elsewhere"></form></main>', "action of <form>"),
        ("<title>", '<link rel="stylesheet" href="//elsewhere.example/a.css"><title>', "href of <link>"),
        ("<title>", '<meta http-equiv="refresh" content=";url=a.html"><title>', "http-equiv of <meta>"),
        ("max-width", "/* wide */ max-width", "<style>"),
        ('<main class="', '<main title="37 people" class="', "<main title>"),
        ('id="quarters"', 'id="quarters-37"', "id of <h2>"),
    ],
)  # fmt: skip
def test_what_an_index_says_without_origin_is_found(found, page, old, new, where):
    if old not in page:
        pytest.fail(f"{old!r} does not stand in the index")
    findings = found(old, new)
    assert findings
    assert any(where in finding for finding in findings), findings
    assert not any(secret in finding for finding in findings for secret in ("37", *SECRETS))


def test_a_report_that_is_not_listed_or_listed_twice_is_found(page, listed, catalogue):
    start, end = page.index('<div class="nhsuk-card">'), page.rindex('<div class="nhsuk-card">')
    card = page[start:end]
    for changed in (page[:start] + page[end:], page[:end] + card + page[end:]):
        findings = unexplained_in_index(changed.encode(), listed, catalogue, "restricted")
        assert "index.html: it does not list every report once, latest first." in findings


def test_a_revision_that_is_not_said_is_found(found):
    end = "</p>\n"
    line = '<p data-row="2026-04-01" data-field="revision">Apr to Jun 2026, vintage 3: No reason is recorded.'
    assert found(line + end, "") == [
        "index.html: 2026-04-01: what was revised, and why, is not said as its report has it."
    ]


def test_headlines_of_one_report_are_not_those_of_another(catalogue, releases, listed):
    """A sentence is looked for in the report that the entry leads to, and in no other."""
    other = Entry(JUNE, ("3% of them left.",), releases[0].revisions)
    page = index_page(catalogue, "restricted", [other], None)
    only = {JUNE: listed[JUNE]}
    assert unexplained_in_index(page.encode(), only, catalogue, "restricted") == [
        "index.html: <li> of row 2026-04-01, field headline: it is not what the report has there."
    ]
