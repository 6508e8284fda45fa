"""The chart of stages: what it shows of both groups at each stage, what it says of them, and that it is read back."""

from __future__ import annotations

import csv
import io
import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from pydantic import TypeAdapter

from disparity.catalogue import Indicator
from disparity.statistics.evidence import NO_MATERIAL_DISPARITY, SOME, TOO_FEW
from reports.charts.drawing import charts_of, stages_chart
from reports.pages.captions import captions_csv
from reports.pages.downloads import downloads_of
from reports.pages.quarter import pages_of
from reports.reading_back.files import CAPTIONS, unexplained
from reports.release.estimates import rows_of
from reports.wording.release_view import Told

CHART, PICTURE = "whole_stages.svg", "whole_stages.png"
TITLES = {
    "shortlisted": ("Shortlisted, of those who applied", "were shortlisted"),
    "offered": ("Offered a post, of those interviewed", "were offered the post"),
    "whole": ("Appointed, of those who applied", "were appointed"),
}
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def staged(catalogue):
    """The catalogue with an indicator of three stages, one of them a headline."""
    appointed = catalogue.indicators["appointed"].model_dump() | {"headline": False}
    made = {
        name: appointed | {"title": title, "event_words": words, "base_words": "applicants"}
        for name, (title, words) in TITLES.items()
    }
    made["whole"]["stages"] = ["shortlisted", "appointed", "offered"]
    indicators = TypeAdapter(dict[str, Indicator]).validate_python(made)
    return catalogue.model_copy(update={"indicators": catalogue.indicators | indicators})


@pytest.fixture(scope="module")
def rows(told):
    """The stages' rows: one with clear evidence, one with a hidden figure."""
    row = told["appointed"]
    made = {"reference_value": 42.0, "group_value": 33.0, "ratio": 1.27}
    hidden = {"group_value": None, "group_events": None, "group_events_status": "[c]", "ratio": None}
    return {
        "shortlisted": replace(row, indicator="shortlisted", **made),
        "offered": replace(
            row, indicator="offered", reference_value=99.7, evidence=TOO_FEW, status="[c]", **hidden
        ),
        "whole": replace(row, indicator="whole", reference_value=9.0, group_value=4.0, ratio=2.25),
    }


@pytest.fixture(scope="module")
def of_stages(release, rows, frame):
    """Return the function that makes a release in which stages have other figures."""

    def made(**changes):
        told = {row.indicator: row for row in rows_of(release.estimates) if row.breakdown == "all"} | rows
        others = [row for row in rows_of(release.estimates) if row.breakdown != "all"]
        told = {name: replace(row, **changes.get(name, {})) for name, row in told.items()}
        return replace(release, estimates=frame([*told.values(), *others]))

    return made


def drawn(release, catalogue):
    return stages_chart("whole", Told(release, catalogue))


def files_of(release, catalogue) -> dict[str, bytes]:
    charts = charts_of(release, catalogue)
    files = {
        f"{name}.{kind}": getattr(chart, kind) for name, chart in charts.items() for kind in ("svg", "png")
    }
    files[CAPTIONS] = captions_csv(release, charts)
    pages = pages_of(release, catalogue, charts, list(files))
    return files | {name: page.encode() for name, page in pages.items()}


@pytest.fixture(scope="module")
def chart(of_stages, staged):
    return drawn(of_stages(), staged)


@pytest.fixture(scope="module")
def files(of_stages, staged):
    return files_of(of_stages(), staged)


def texts(svg: bytes) -> str:
    return " ".join("".join(each.itertext()) for each in ET.fromstring(svg).iter(f"{SVG}text"))


# ------------------------------------------------------------------ what it shows


def test_each_stage_is_told_in_order_and_last_all_of_them(chart):
    assert chart.alt.startswith(
        "Dot chart of stages, Oct 2025 to Sep 2026. "
        "Shortlisted, of those who applied: White 42%, ethnic minority 33%, ratio 1.27; "
        "Appointed, of those shortlisted: White 21%, ethnic minority 13%, ratio 1.68; "
        "Offered a post, of those interviewed: White more than 99%, ethnic minority [c]; "
        "All stages: Appointed, of those who applied: White 9%, ethnic minority 4%, ratio 2.25. 9% of White"
    )
    for words in ("42%", "33%", "more than 99%", "[c]", "White", "Ethnic minority", "All stages: Appointed,"):
        assert words in texts(chart.svg)


def test_rates_stand_at_lines_from_nought_and_groups_differ_in_more_than_colour(chart):
    svg = chart.svg.decode()
    assert svg.count('id="now-') == 7
    assert "label-group-1" in svg
    assert "now-group-1" not in svg
    assert "0%" in texts(chart.svg)
    marks = [
        re.search(rf'id="now-{side}-0">.*?#(m[0-9a-f]+)', svg, re.DOTALL)[1]
        for side in ("reference", "group")
    ]
    assert len(set(marks)) == 2
    dashes = [re.search(rf'id="line-{side}-0">.*?</g>', svg, re.DOTALL)[0] for side in ("reference", "group")]
    assert ["stroke-dasharray" in each for each in dashes] == [False, True]
    sizes = re.findall(r"font(?:-size)?: (?:[\w ]* )?([\d.]+)px", svg)
    assert set(sizes) == {"13"}


def test_it_is_drawn_where_stages_are_told_and_the_same_each_time(chart, of_stages, staged):
    assert drawn(of_stages(), staged) == chart
    untold = {"reference_value": None, "group_value": None}
    assert drawn(of_stages(whole=untold), staged) is None
    nothing = dict.fromkeys(("shortlisted", "appointed", "offered"), untold)
    assert drawn(of_stages(**nothing), staged) is None
    release = of_stages()
    fewer = release.estimates[release.estimates["indicator"] != "offered"]
    assert drawn(replace(release, estimates=fewer), staged) is None
    assert stages_chart("appointed", Told(release, staged)) is None


@pytest.mark.parametrize(
    ("changes", "title"),
    [
        ({}, "Rates shown differ most: appointed, of those shortlisted"),
        ({"shortlisted": {"ratio": 1.9}}, "Rates shown differ most: shortlisted, of those who applied"),
        ({"shortlisted": {"ratio": 0.3}}, "Rates shown differ most: shortlisted, of those who applied"),
        (
            {"shortlisted": {"ratio": float("inf")}},
            "Rates shown differ most: shortlisted, of those who applied",
        ),
        # Two that are as far apart, or one more so without evidence: none is singled out as the widest.
        (
            {"shortlisted": {"ratio": 1.68}},
            "Clear evidence of a disparity: shortlisted, of those who applied",
        ),
        ({"offered": {"ratio": 3.0}}, "Clear evidence of a disparity: shortlisted, of those who applied"),
        (
            {"shortlisted": {"evidence": SOME}, "appointed": {"evidence": TOO_FEW}},
            "Some evidence of a disparity: shortlisted, of those who applied",
        ),
        (
            {"shortlisted": {"evidence": NO_MATERIAL_DISPARITY}, "appointed": {"evidence": TOO_FEW}},
            "No stage shown has evidence of a disparity",
        ),
    ],
)
def test_the_message_is_true_of_the_stages(of_stages, staged, changes, title):
    assert drawn(of_stages(**changes), staged).title == title
    assert len(title.split()) <= 10


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>",
        "\u202eReversed 3",
        "W" * 300,
        "many words of a name " * 15,
        "Band 8a = 7%",
    ],
)
def test_names_may_be_anything(of_stages, staged, name):
    groups = {each: {"group": name, "reference_group": name} for each in (*TITLES, "appointed")}
    called = {
        each: indicator.model_copy(update={"title": name, "event_words": name})
        for each, indicator in staged.indicators.items()
        if each in TITLES
    }
    other = staged.model_copy(update={"indicators": staged.indicators | called})
    release = of_stages(**groups)
    chart = drawn(release, other)
    assert b"\xe2\x80\xae" not in chart.svg
    assert not list(ET.fromstring(chart.svg).iter(f"{SVG}script"))
    assert len(chart.title.split()) <= 10
    assert unexplained({CHART: chart.svg, PICTURE: chart.png}, release, other) == []


# ------------------------------------------------------------------ where it is


def test_it_stands_on_the_card_and_among_the_pictures(files, chart, staged):
    page = files["recruitment.html"].decode()
    card = page[page.index('id="whole"') :]
    assert card.count("<img") == 1
    assert chart.title in card
    assert 'aria-label="Chart: Appointed, of those who applied, stage by stage"' in card
    assert page[: page.index('id="whole"')].count("<img") == 1
    offered = downloads_of(files, staged).pictures
    assert (PICTURE, "Appointed, of those who applied, stage by stage") in [
        (each.name, each.words) for each in offered
    ]
    captions = list(csv.DictReader(io.StringIO(files[CAPTIONS].decode())))
    assert (captions[-1]["file"], captions[-1]["title"], captions[-1]["alt_text"]) == (
        PICTURE,
        chart.title,
        chart.alt,
    )


# ------------------------------------------------------------------ that it is read back


def test_as_it_is_nothing_is_without_origin(files, of_stages, staged):
    assert unexplained(files, of_stages(), staged) == []


@pytest.mark.parametrize("audience", ["published", "analyst"])
def test_so_it_is_for_every_audience(of_stages, staged, audience):
    told = replace(of_stages(), audience=audience)
    assert unexplained(files_of(told, staged), told, staged) == []


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        (r'(<g id="now-group-2">.*?<use [^>]*x=")([\d.]+)', r"\g<1>270", "now-group-2: a mark does not stand"),
        (r'(<g id="now-group-2">.*?<use [^>]*y=")([\d.]+)', r"\g<1>90", "now-group-2: a mark does not stand"),
        (r'(<g id="line-reference-3">\s*<path d="M [\d.]+ [\d.]+\s*L )([\d.]+)', r"\g<1>300", "line-reference-3"),
        (r'(<g id="label-reference-3">.*?)(42%)', r"\g<1>43%", "label-reference-3: it is not the value"),
        (r'(<g id="label-group-1">.*?>)(\[c\])', r"\g<1>7%", "label-group-1: it is not the value"),
        (r'(<g id="label-group">.*?>)Ethnic minority', r"\g<1>White", "label-group: "),
        (r'(<g id="key-group">.*?>)\u25a0', "\\g<1>\u25cf", "key-group: "),
        (r'(<g id="now-group-2">)', r'<g id="now-group-1"><use xlink:href="#m0" x="9" y="9"/></g>\1', "now-group-1: more"),
        (r'(<g id="now-group-2">)', r'<g id="now-group-7"><path d="M 60 60 L 70 70"/></g>\1', "now-group-7: more"),
        (r'(<g id="now-group-2">)', r'<g id="key-7"/>\1', "id of <g>"),
        (r'(<g id="now-group-2">.*?)(<use [^>]*>)', r"\g<1>\g<2>\g<2>", "now-group-2: more"),
        (r'<g id="now-group-2">.*?</g>\s*</g>', "", "now-group-2: what a row"),
        (r'<g id="label-group-0">.*?</g>', "", "label-group-0: what a row"),
        (r">Appointed, of those<", ">Offered, of those<", "scale of names"),
        (r'(<g id="xtick_2">.*?>)(\d+%)(<)', r"\g<1>7%\g<3>", "scale of values"),
        (r"(<desc[^>]*>[^<]*)ratio 1.27", r"\g<1>ratio 1.26", "description"),
        (r"(<desc[^>]*>[^<]*)33%", r"\g<1>32%", "description"),
        (r"(<title[^>]*>)", r"\g<1>37 of ", "title"),
    ],
)  # fmt: skip
def test_what_it_shows_without_origin_is_found(files, of_stages, staged, old, new, where):
    changed, times = re.subn(old, new, files[CHART].decode(), count=1, flags=re.DOTALL)
    assert times == 1
    findings = unexplained({CHART: changed.encode()}, of_stages(), staged)
    assert any(where in finding for finding in findings), findings
    assert not any("37" in finding for finding in findings)


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"shortlisted": {"group_value": 32.0}}, "now-group-3"),
        ({"offered": {"group_value": 50.0}}, "now-group-1: what a row"),
        ({"offered": {"reference_value": None}}, "now-reference-1: more"),
        ({"whole": {"ratio": 2.3}}, "description"),
    ],
)
def test_figures_of_another_release_are_found(files, of_stages, staged, changes, where):
    findings = unexplained({CHART: files[CHART]}, of_stages(**changes), staged)
    assert any(where in finding for finding in findings), findings


def test_a_chart_of_stages_without_a_row_of_one_is_no_file_of_the_release(files, of_stages, staged):
    release = of_stages()
    fewer = replace(release, estimates=release.estimates[release.estimates["indicator"] != "offered"])
    findings = unexplained({name: files[name] for name in (CHART, PICTURE)}, fewer, staged)
    assert findings == [f"{name}: no release has a file of this name." for name in (PICTURE, CHART)]


def test_another_chart_by_its_name_is_found(files, of_stages, staged):
    other = {CHART: files["appointed.svg"], "appointed.svg": files[CHART]}
    findings = unexplained(other, of_stages(), staged)
    assert {finding for finding in findings if "another chart than its name says" in finding} == {
        f"{name}: it is another chart than its name says." for name in other
    }


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("33%, ratio 1.27", "33%, ratio 1.28", "<img alt> of indicator whole, field chart"),
        ("Rates shown differ most:", "37 shown differ most:", "field chart-title"),
    ],
)
def test_what_its_card_says_without_origin_is_found(files, of_stages, staged, old, new, where):
    page = files["recruitment.html"].decode()
    assert old in page
    changed = files | {"recruitment.html": page.replace(old, new).encode()}
    assert any(where in finding for finding in unexplained(changed, of_stages(), staged))


def test_its_card_shows_the_drawing_that_lies_beside_it(files, of_stages, staged):
    changed = files | {CHART: files["appointed.svg"]}
    assert any("src of <img>" in finding for finding in unexplained(changed, of_stages(), staged))
