from __future__ import annotations

import re

from disparity.periods import Quarter
from reports.index import index_page

JUNE, SEPTEMBER = Quarter.from_key("2026-04-01"), Quarter.from_key("2026-07-01")


def test_quarters_stand_latest_first_with_their_headlines(catalogue):
    page = index_page(
        catalogue.organisation, "restricted", [(JUNE, ("First & <b>.",), 1), (SEPTEMBER, ("Second.",), 1)]
    )
    assert re.findall(r'href="([^"#]*index\.html)"', page) == [
        "2026-07-01/index.html",
        "2026-04-01/index.html",
    ]
    assert page.index("Jul to Sep 2026") < page.index("Second.") < page.index("Apr to Jun 2026")
    assert "First &amp; &lt;b&gt;." in page
    assert "Revised" not in page


def test_a_later_vintage_is_marked(catalogue):
    assert "Revised [r]" in index_page(catalogue.organisation, "restricted", [(JUNE, ("Said.",), 2)])


def test_the_index_carries_the_same_marking_and_policy(catalogue):
    page = index_page(catalogue.organisation, "restricted", [])
    assert "Restricted: for named readers" in page
    assert "Invented figures: about nobody" in page
    assert "default-src &#39;none&#39;" in page or "default-src 'none'" in page
    assert "No quarter has been released yet." in page


def test_a_quarter_without_headlines_says_so(catalogue):
    assert "No headline figure could be shown." in index_page(
        catalogue.organisation, "published", [(JUNE, (), 1)]
    )
