from __future__ import annotations

import struct
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from reports.charts.drawing import charts_of, indicator_chart, thumbnail
from reports.wording.numbers import wording_for
from reports.wording.release_view import Told

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def charts(release, catalogue):
    return charts_of(release, catalogue)


@pytest.fixture
def wording(catalogue):
    return wording_for(catalogue, "published")


@pytest.fixture
def alone(release, catalogue, frame):
    """Return the function that makes a release of some rows and no history or analyses."""

    def made(*rows):
        bare = replace(release, estimates=frame(list(rows)), history=frame([]), analyses=release.analyses[:0])
        return Told(bare, catalogue)

    return made


def texts(svg: bytes) -> str:
    return " ".join("".join(each.itertext()) for each in ET.fromstring(svg).iter(f"{SVG}text"))


def test_every_headline_with_a_figure_has_a_chart(charts, catalogue):
    headlines = [name for name, each in catalogue.indicators.items() if each.headline]
    assert list(charts) == ["comparisons", *headlines]


def test_the_same_release_gives_the_same_bytes(charts, release, catalogue):
    assert charts_of(release, catalogue) == charts


def test_a_chart_names_and_describes_itself(charts):
    for chart in charts.values():
        root = ET.fromstring(chart.svg)
        assert root.get("role") == "img"
        assert [root.find(f"{SVG}title").text, root.find(f"{SVG}desc").text] == [chart.title, chart.alt]
        named = {each.get("id") for each in root}
        assert set(root.get("aria-labelledby").split()) <= named
        assert len(chart.title.split()) <= 10


def test_a_chart_fetches_nothing_and_carries_no_date_or_version(charts):
    for chart in charts.values():
        assert b"<metadata" not in chart.svg
        assert b"atplotlib" not in chart.svg.replace(b"matplotlib.axis", b"")
        assert b"<!DOCTYPE" not in chart.svg
        assert b"atplotlib" not in chart.png
        assert not any(
            value.startswith("http")
            for each in ET.fromstring(chart.svg).iter()
            for value in each.attrib.values()
        )


def test_text_is_twelve_points_or_more(charts):
    for chart in charts.values():
        for each in ET.fromstring(chart.svg).iter(f"{SVG}text"):
            size = next(part for part in each.get("style").replace(";", " ").split() if part.endswith("px"))
            assert float(size.removesuffix("px")) >= 12


def test_values_are_labelled_directly_and_in_the_words(charts):
    assert "21%" in texts(charts["appointed"].svg)
    assert "13%" in texts(charts["appointed"].svg)
    assert "Ethnic minority" in texts(charts["appointed"].svg)
    for figure in ("21%", "13%", "22%", "14%", "1.68 times as likely", "1.35 to 2.09"):
        assert figure in charts["appointed"].alt
    assert charts["appointed"].title == "Clear evidence: White 1.68 times as likely as ethnic minority"


def test_scales_start_at_nought(charts):
    assert "0%" in texts(charts["appointed"].svg)
    assert "0%" in texts(charts["share_of_staff"].svg)


def test_bands_stand_in_their_order_beside_all_staff(charts):
    chart = charts["share_of_staff"]
    said = chart.alt[chart.alt.index("By band") :]
    assert said == "By band: Band 5 45%; Band 6 15%; Band 10 [c]."
    assert "All staff in post 33%" in texts(chart.svg)
    assert "[c]" in texts(chart.svg)
    assert chart.title == "Ethnic minority share: 15% to 45% by pay band"


def test_groups_differ_in_more_than_colour(charts):
    svg = charts["appointed"].svg.decode()
    assert "stroke-dasharray" in svg
    markers = {
        each.get("d") for each in ET.fromstring(svg).iter(f"{SVG}path") if each.get("id", "").startswith("m")
    }
    assert len(markers) >= 3


def test_one_quarter_is_told_with_dots(alone, told):
    chart = indicator_chart("appointed", alone(told["appointed"]))
    assert chart.alt.startswith("Dot chart, Oct 2025 to Sep 2026: White 21%; ethnic minority 13%.")


def test_nothing_to_show_is_no_chart(alone, protected):
    whole = replace(protected, breakdown="all", level="all")
    assert indicator_chart("appointed", alone(whole)) is None
    assert thumbnail("appointed", alone()) is None


def test_a_thumbnail_is_small(release, catalogue):
    for name in ("share_of_staff", "appointed"):
        png = thumbnail(name, Told(release, catalogue))
        assert png.startswith(b"\x89PNG")
        assert len(png) < 40_000
        assert struct.unpack(">II", png[16:24])[0] >= 300


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", "$x^2$ & \\frac", "\u202eReversed", "\U0001f600" * 5, "W" * 300]
)
def test_hostile_names_are_drawn_as_text(alone, told, name):
    chart = indicator_chart("appointed", alone(replace(told["appointed"], group=name)))
    root = ET.fromstring(chart.svg)
    assert not list(root.iter(f"{SVG}script"))
    assert b"\xe2\x80\xae" not in chart.svg
