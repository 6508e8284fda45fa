from __future__ import annotations

import re
from dataclasses import replace

from disparity.periods import Quarter
from reports.pages.index import Entry, index_page
from reports.release.revisions import Revised

JUNE, SEPTEMBER = Quarter.from_key("2026-04-01"), Quarter.from_key("2026-07-01")


def test_quarters_stand_latest_first_with_their_headlines(catalogue):
    entries = [Entry(JUNE, ("First & <b>.",)), Entry(SEPTEMBER, ("Second.",))]
    page = index_page(catalogue, "restricted", entries, None)
    assert re.findall(r'href="([^"#]*index\.html)"', page) == [
        "2026-07-01/index.html",
        "2026-04-01/index.html",
    ]
    assert page.index("Jul to Sep 2026") < page.index("Second.") < page.index("Apr to Jun 2026")
    assert "First &amp; &lt;b&gt;." in page
    assert "Revised" not in page


def test_a_revised_quarter_is_marked(catalogue):
    page = index_page(catalogue, "restricted", [Entry(JUNE, ("Said.",), (Revised("2026-06-30", 2),))], None)
    assert "Revised [r]" in page
    assert "Apr to Jun 2026, vintage 2: No reason is recorded." in page


def test_why_it_was_revised_is_said_by_its_own_release_alone(catalogue):
    recorded = (
        Revised("2026-03-31", 2, "Another quarter."),
        Revised("2026-06-30", 2, "Sent again & <b>."),
        Revised("2026-06-30", 3),
    )
    page = index_page(catalogue, "restricted", [Entry(JUNE, ("Said.",), recorded)], None)
    assert "Apr to Jun 2026, vintage 2: Sent again &amp; &lt;b&gt;." in page
    assert "Apr to Jun 2026, vintage 3: No reason is recorded." in page
    assert "Another quarter." not in page


def test_the_index_carries_the_same_marking_and_policy(catalogue):
    page = index_page(catalogue, "restricted", [], None)
    assert "Restricted: for named readers" in page
    assert "Invented figures: about nobody" in page
    assert "default-src &#39;none&#39;" in page or "default-src 'none'" in page
    assert "No quarter has been released yet." in page


def test_a_quarter_without_headlines_says_so(catalogue):
    page = index_page(catalogue, "published", [Entry(JUNE, ())], None)
    assert "No headline figure could be shown." in page


def test_headline_indicators_stand_side_by_side_over_the_quarters_that_told_them(catalogue, release):
    page = index_page(catalogue, "restricted", [], release)
    head, *rows = re.findall(r"<tr.*?</tr>", page, re.DOTALL)
    cells = {row[0]: row[1:] for row in (re.findall(r">\s*([^<>]+?)\s*</t[hd]>", each) for each in rows)}
    # Of the quarter before that nothing was told.
    assert re.findall(r"\w+ to \w+ \d{4}", head) == ["Jul to Sep 2026", "Apr to Jun 2026"]
    assert cells["Appointed, of those shortlisted"] == ["1.68", "1.57 [r]"]
    assert cells["Ethnic minority share of staff"] == ["33%", "[x]"]


def test_where_no_quarter_told_a_headline_there_is_no_table(catalogue, release):
    assert "<table" not in index_page(
        catalogue, "restricted", [], replace(release, history=release.history[:0])
    )
