"""The captions of the pictures for slides: one for each, safe for a spreadsheet, and marked for its readers."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest

from reports.charts.drawing import Chart, charts_of
from reports.pages.captions import captions_csv


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def test_every_picture_has_its_title_its_words_and_its_source(release, catalogue):
    charts = charts_of(release, catalogue)
    rows = rows_of(captions_csv(release, charts))
    assert [row["file"] for row in rows] == [f"{name}.png" for name in charts]
    for row, chart in zip(rows, charts.values(), strict=True):
        assert (row["title"], row["alt_text"]) == (chart.title, chart.alt)
        assert row["source"] == (
            "Invented Trust, race equality report, Jul to Sep 2026. "
            "Restricted: for named readers. Invented figures: about nobody."
        )


def test_the_source_says_who_may_see_a_picture(release):
    told = replace(
        release,
        audience="published",
        organisation=release.organisation.model_copy(update={"invented": False}),
    )
    (row,) = rows_of(captions_csv(told, {"a": Chart("a", "Title", "Words", b"", b"")}))
    assert row["source"] == (
        "Invented Trust, race equality report, Jul to Sep 2026. Published: for all staff and the public."
    )


@pytest.mark.parametrize(
    "name", ["=cmd()", "+1", "-1", "@A1", "\t=1", '"quoted", and so on', "\u202ename", "two\nlines"]
)
def test_a_hostile_title_is_shown_and_does_nothing(release, name):
    content = captions_csv(release, {"a": Chart("a", name, name, b"", b"")})
    (row,) = rows_of(content)
    assert row["title"] == row["alt_text"]
    assert not row["title"].startswith(("=", "+", "-", "@", "\t"))
    assert len(content.decode().splitlines()) == 2
