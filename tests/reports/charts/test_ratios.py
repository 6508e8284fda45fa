"""The headline ratios side by side: which of them, where they stand, what is said of them, and how it is read back."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disparity.catalogue import Catalogue
from disparity.rows import Estimate
from disparity.statistics.evidence import CLEAR, TOO_FEW
from reports.charts.drawing import Chart, charts_of, comparisons_chart
from reports.charts.style import charts_style, fitted, inches_wide
from reports.pages.captions import captions_csv
from reports.pages.quarter import OVERVIEW, pages_of
from reports.reading_back.files import unexplained
from reports.reading_back.svg_parts import Drawing, read_drawing
from reports.release.frozen import Release
from reports.wording.release_view import Told

NAME = "comparisons.svg"
NAMES = (
    "W" * 300,
    "\u202eReversed \u05e9\u05dc\u05d5\u05dd wing 8a",
    "Ward " + "of a very long name " * 14,
    "$x^2$ & <script>alert(1)</script>",
    "\U0001f600" * 40,
    "5 of 7 wards",
)


@pytest.fixture(scope="module")
def three(catalogue: Catalogue) -> Catalogue:
    """Return a catalogue with a third indicator to compare, beside two shares and what was not received."""
    headline = catalogue.indicators["spend_per_head"].model_copy(update={"headline": True})
    return catalogue.model_copy(update={"indicators": {**catalogue.indicators, "spend_per_head": headline}})


@pytest.fixture
def drawn(three, told, release, frame) -> Callable[..., Chart | None]:
    """Return the function that draws the ratios with other cells in an indicator's row."""

    def draw(catalogue: Catalogue = three, **changed: dict[str, object]) -> Chart | None:
        rows = [replace(row, **changed.get(name, {})) for name, row in told.items()]
        return comparisons_chart(Told(replace(release, estimates=frame(rows)), catalogue))

    return draw


@pytest.fixture
def read_back(three, release, frame) -> Callable[[Chart, list[Estimate]], list[str]]:
    """Return the function that reads a drawing back beside rows."""

    def read(svg: bytes, rows: list[Estimate], catalogue: Catalogue = three) -> list[str]:
        beside = replace(release, estimates=frame(rows))
        findings = unexplained({NAME: svg}, beside, catalogue, secrets=["jsmith"])
        return [finding for finding in findings if finding.startswith(NAME)]

    return read


def drawing(chart: Chart) -> Drawing:
    return read_drawing(chart.svg)


def names_of(read: Drawing) -> list[str]:
    """Return the names of rows from above."""
    return [part.text for name, part in read.parts.items() if name.startswith("ytick")][::-1]


# ------------------------------------------------------------------ what it shows


def test_it_has_the_ratios_of_one_kind_in_the_order_of_the_catalogue(drawn):
    assert names_of(drawing(drawn())) == [
        "Appointed, of those shortlisted",
        "Training spend per head",
        "Leavers a year per 100 staff",
    ]


def test_a_ratio_that_says_another_thing_above_1_is_left_out(drawn, three):
    for changes in ({"better": "neither"}, {"better": "lower"}, {"headline": False}):
        other = three.indicators["appointed"].model_copy(update=changes)
        chart = drawn(three.model_copy(update={"indicators": {**three.indicators, "appointed": other}}))
        assert names_of(drawing(chart)) == ["Training spend per head", "Leavers a year per 100 staff"]


def test_a_share_never_says_who_fares_less_well(three):
    assert not any(
        share.model_copy(update={"better": better}).above_1_is_less_well
        for share in (three.indicators["senior_managers"], three.indicators["share_of_spend"])
        for better in ("higher", "lower", "neither")
    )


def test_it_says_what_above_1_means_in_the_words_of_the_house(drawn, three):
    chart = drawn()
    assert (
        "Above 1: ethnic minority people fare less well. Below 1: White people fare less well." in chart.alt
    )
    read = drawing(chart)
    assert read.text_of("label-above") == "Above 1: ethnic minority people fare less well."
    words = {**three.house_style.groups, "ethnic_minority": "global majority"}
    style = three.house_style.model_copy(update={"groups": words})
    other = drawing(drawn(three.model_copy(update={"house_style": style})))
    assert other.text_of("label-above") == "Above 1: global majority people fare less well."


def test_figures_and_evidence_stand_beside_each_row_and_in_the_words(drawn):
    chart = drawn()
    assert drawing(chart).text_of("label-2") == f"1.68 (1.35 to 2.09) {CLEAR}"
    assert f"Appointed, of those shortlisted 1.68 (1.35 to 2.09), {CLEAR}; " in chart.alt
    assert chart.alt.endswith(f"Leavers a year per 100 staff 1.14 (0.90 to 1.43), {TOO_FEW}.")
    assert chart.title == "Clear evidence of a disparity in 1 of 3 comparisons"


def test_the_message_is_true_and_short_where_nothing_is_clear(drawn):
    chart = drawn(appointed={"evidence": TOO_FEW})
    assert chart.title == "Clear evidence of a disparity in none of 3 comparisons"
    assert len(chart.title.split()) <= 10


def test_half_is_as_far_from_equal_as_twice(drawn):
    parts = drawing(drawn()).parts
    ticks = {part.text: part.paths[0][0][0] for name, part in parts.items() if name.startswith("xtick")}
    assert list(ticks) == ["0.5", "1", "2", "4"]
    assert ticks["1"] - ticks["0.5"] == pytest.approx(ticks["2"] - ticks["1"])
    assert parts["line-equal"].points[0][0] == pytest.approx(ticks["1"])


def test_fewer_than_two_ratios_are_no_chart(drawn, catalogue):
    hidden = {"ratio": None, "ratio_low": 0.75, "ratio_high": 38.4, "status": "[c]"}
    assert drawn(appointed=hidden) is not None
    assert drawn(appointed=hidden, leavers=hidden) is None
    assert drawn(catalogue, leavers=hidden) is None


@pytest.mark.parametrize(
    ("cells", "parts", "words"),
    [
        ({"ratio_low": None, "ratio_high": None}, {"now"}, "1.68 "),
        ({"ratio": None, "status": "[c]"}, {"line"}, "[c] (1.35 to 2.09) "),
        ({"ratio": None, "ratio_high": math.inf}, {"line", "high"}, "[z] (1.35 upwards) "),
        ({"ratio_low": 0.1, "ratio_high": 38.4}, {"now", "line", "low", "high"}, "1.68 (0.10 to 38.40) "),
        ({"ratio": 0.0, "ratio_low": 0.0, "ratio_high": 0.9}, {"line", "low"}, "0.00 (0.00 to 0.90) "),
        ({"ratio": None, "ratio_low": 9.0, "ratio_high": 12.0}, {"line", "low", "high"}, "[z] (9.00 to 12.00) "),
    ],
)  # fmt: skip
def test_what_is_not_told_is_not_drawn(drawn, read_back, told, cells, parts, words):
    chart = drawn(appointed=cells)
    read = drawing(chart)
    assert {name.removesuffix("-2") for name in read.parts if name.endswith("-2")} & {
        *("now", "line", "low", "high")
    } == parts
    assert read.text_of("label-2").startswith(words)
    assert read_back(chart.svg, [*{**told, "appointed": replace(told["appointed"], **cells)}.values()]) == []


def test_an_interval_that_holds_every_ratio_is_no_row(drawn):
    nothing = {"ratio": None, "ratio_low": 0.0, "ratio_high": math.inf}
    assert len(names_of(drawing(drawn(appointed=nothing)))) == 2


@pytest.mark.parametrize("name", NAMES)
def test_hostile_names_fit_and_are_read_back(drawn, read_back, told, three, name):
    indicators = {key: each.model_copy(update={"title": name}) for key, each in three.indicators.items()}
    named = three.model_copy(update={"indicators": indicators})
    chart = drawn(named)
    assert b"\xe2\x80\xae" not in chart.svg
    assert b"<script" not in chart.svg
    assert read_back(chart.svg, [*told.values()], named) == []
    with charts_style("comparisons"):
        lines = fitted(name, 2.2, 3).split("\n")
        assert len(lines) <= 3
        assert all(inches_wide(line) <= 2.2 for line in lines)


# ------------------------------------------------------------------ what is read back


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        (r'(<g id="now-2">.*?<use [^>]*x=")([\d.]+)', r"\g<1>240", "now-2"),
        (r'(<g id="now-2">.*?<use [^>]*y=")([\d.]+)', r"\g<1>50", "now-2"),
        (r'(<g id="line-1">\s*<path d="M )([\d.]+)', r"\g<1>222", "line-1"),
        (r'(<g id="line-equal">\s*<path d="M )([\d.]+)', r"\g<1>222", "line-equal"),
        (r'(<g id="label-2">.*?)1\.68', r"\g<1>1.69", "label-2"),
        (r'(<g id="label-2">.*?)2\.09', r"\g<1>2.08", "label-2"),
        (r'(<g id="label-2">.*?)>clear', r"\g<1>>some", "label-2"),
        (r'(<g id="label-above">.*?)Above', r"\g<1>Below", "label-above"),
        (r'(<g id="label-equal">.*?)Equal', r"\g<1>Better", "label-equal"),
        (r'(<g id="now-2">)', r'<g id="now-7"><path d="M 60 60 L 70 70"/></g>\1', "now-7"),
        (r'(<g id="now-2">)', r'<g id="high-2"><path d="M 60 60 L 70 70"/></g>\1', "high-2"),
        (r'(<g id="now-2">.*?)(<use [^>]*>)', r"\g<1>\g<2>\g<2>", "now-2"),
        (r'<g id="now-2">.*?</g>\s*</g>', "", "now-2: what a row"),
        (r'<g id="line-0">.*?</g>', "", "line-0: what a row"),
        (r'<g id="label-1">.*?</g>', "", "label-1: what a row"),
        (r'(<g id="xtick_4">.*?>)4(<)', r"\g<1>3\g<2>", "scale of values"),
        (r">shortlisted<", ">longlisted<", "scale of names"),
        (r"(<title[^>]*>[^<]*)1 of 3", r"\g<1>2 of 3", "title"),
        (r"(<desc[^>]*>[^<]*)1\.35", r"\g<1>1.25", "description"),
        (r"(<desc[^>]*>[^<]*)95%", r"\g<1>99%", "description"),
    ],
)
def test_every_tampering_is_found(drawn, read_back, told, old, new, where):
    svg = drawn().svg
    assert read_back(svg, [*told.values()]) == []
    changed, times = re.subn(old, new, svg.decode(), count=1, flags=re.DOTALL)
    assert times == 1
    assert any(where in finding for finding in read_back(changed.encode(), [*told.values()]))


def test_a_row_that_lacks_or_is_too_many_is_found(drawn, read_back, told):
    hidden = replace(told["leavers"], ratio=None, ratio_low=None, ratio_high=None)
    fewer = [*{**told, "leavers": hidden}.values()]
    assert read_back(drawn().svg, fewer)
    assert read_back(
        drawn(leavers={"ratio": None, "ratio_low": None, "ratio_high": None}).svg, [*told.values()]
    )


def test_no_chart_may_stand_in_for_another(drawn, release, catalogue, told):
    charts = charts_of(release, catalogue)
    for name, other in ((NAME, "leavers"), ("leavers.svg", "comparisons")):
        assert unexplained({name: charts[other].svg}, release, catalogue) == [
            f"{name}: it is not the kind of chart that its name says."
        ]


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ('alt="Dot chart of 2 ratios', 'alt="Dot chart of 3 ratios', "<img alt> of field chart"),
        ("shortlisted 1.68 (1.35", "shortlisted 1.68 (1.34", "<img alt> of field chart"),
        ("disparity in 1 of 2 comp", "disparity in 2 of 2 comp", "<figcaption> of field chart-title"),
    ],
)
def test_the_overview_holds_it_with_its_words(release: Release, catalogue, old, new, where):
    charts = charts_of(release, catalogue)
    files = {
        f"{name}.{kind}": getattr(each, kind) for name, each in charts.items() for kind in ("svg", "png")
    }
    files["captions.csv"] = captions_csv(release, charts)
    page = pages_of(release, catalogue, charts, files)[OVERVIEW]
    assert page.index("Clear evidence of a disparity in 1 of 2 comparisons") < page.index(
        "Headline indicators"
    )
    assert 'href="comparisons.png">Headline ratios side by side</a>' in page
    assert unexplained(files, release, catalogue) == []
    assert old in page
    files[OVERVIEW] = page.replace(old, new, 1).encode()
    assert any(where in finding for finding in unexplained(files, release, catalogue))


def test_the_overview_shows_the_drawing_that_lies_beside_it(release, catalogue):
    charts = charts_of(release, catalogue)
    page = pages_of(release, catalogue, charts, [])[OVERVIEW].encode()
    findings = unexplained({OVERVIEW: page, NAME: charts["leavers"].svg}, release, catalogue)
    assert any("src of <img>" in finding for finding in findings)


ratios = st.none() | st.sampled_from([0.0, 0.01, 0.24, 0.5, 1.0, 1.38, 4.0, 9.996, 64.0, 1234.5])
limits = ratios | st.just(math.inf)


@settings(deadline=None, max_examples=15)
@given(
    rows=st.lists(
        st.fixed_dictionaries(
            {
                "ratio": ratios,
                "ratio_low": ratios,
                "ratio_high": limits,
                "status": st.sampled_from(["", "[c]"]),
            }
        ),
        min_size=3,
        max_size=3,
    )
)
def test_whatever_the_ratios_are_they_are_read_back(rows, three, told, release, frame):
    changed = dict(zip(("appointed", "spend_per_head", "leavers"), rows, strict=True))
    cells = {name: replace(row, **changed.get(name, {})) for name, row in told.items()}
    chart = comparisons_chart(Told(replace(release, estimates=frame([*cells.values()])), three))
    if chart is not None:
        beside = replace(release, estimates=frame([*cells.values()]))
        assert unexplained({NAME: chart.svg, "comparisons.png": chart.png}, beside, three) == []
