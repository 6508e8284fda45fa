"""The control chart: only of quarters that share nobody, and every mark of it read back."""

from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd
import pytest

from disparity.analyses import CONTROL, RATIO
from disparity.periods import Quarter
from disparity.rows import Line
from disparity.statistics.process_control import COMMON_CAUSE, NEITHER_HIGH
from reports.charts.drawing import charts_of
from reports.pages.quarter import pages_of
from reports.reading_back.files import unexplained

LIMITS = Line(
    "quarterly", CONTROL, "8 quarters", RATIO, 1.22, 0.94, 1.59, None, f"{COMMON_CAUSE}; trial limits (rules)"
)
RATIOS = (1.22, 1.30, None, 1.18, 1.35, 1.27, 1.20, 1.25, 1.33)
CHART = "quarterly.svg"


@pytest.fixture(scope="module")
def quarterly(catalogue):
    """Return the catalogue with an indicator of single quarters that is no headline."""
    alone = {"quarters": 1, "headline": False, "title": "Appointed in this quarter alone", "breakdowns": ()}
    own = catalogue.indicators["appointed"].model_copy(update=alone)
    return catalogue.model_copy(update={"indicators": catalogue.indicators | {"quarterly": own}})


@pytest.fixture(scope="module")
def released(release, told, frame):
    """Return the function that makes a release of eight quarters' ratios and limits."""

    def made(limits=LIMITS):
        rows = [_row(told, back, ratio) for back, ratio in enumerate(RATIOS)]
        lines = [limits] if limits else []
        return replace(
            release,
            estimates=pd.concat([release.estimates, frame(rows[:1])], ignore_index=True),
            history=pd.concat([release.history, frame(rows)], ignore_index=True),
            analyses=pd.concat([release.analyses, pd.DataFrame(lines)], ignore_index=True),
            commentary=None,
        )

    return made


def _row(told, back, ratio):
    quarter = Quarter.from_key("2026-07-01").plus(-back)
    when = {
        "quarter": quarter.key,
        "period_start": quarter.key,
        "period_end": quarter.end.isoformat(),
        "quarters": 1,
    }
    return replace(told["appointed"], indicator="quarterly", ratio=ratio, **when)


def files_of(release, catalogue):
    charts = charts_of(release, catalogue)
    files = {f"{name}.svg": chart.svg for name, chart in charts.items()}
    pages = pages_of(release, catalogue, charts, list(files))
    return files | {name: page.encode() for name, page in pages.items()}


@pytest.fixture(scope="module")
def files(released, quarterly):
    return files_of(released(), quarterly)


def test_single_quarters_are_drawn_between_their_limits(released, quarterly):
    chart = charts_of(released(), quarterly)["quarterly"]
    assert chart.title == "Latest ratio 1.22: no more than the usual variation"
    assert "in 8 single quarters. Latest 1.22 (Jul to Sep 2026); mean 1.26." in chart.alt
    for words in (b"Upper limit 1.59", b"Mean 1.26", b"Lower limit 0.94", b">Equal<"):
        assert words in chart.svg


def test_what_is_out_of_its_run_is_said_so(released, quarterly):
    beyond = replace(LIMITS, words=f"{NEITHER_HIGH}; trial limits (rules)")
    chart = charts_of(released(beyond), quarterly)["quarterly"]
    assert chart.title == "Latest ratio 1.22: more than the usual variation"


def test_without_limits_there_is_no_chart(released, quarterly):
    assert "quarterly" not in charts_of(released(None), quarterly)


def test_windows_that_overlap_are_under_no_control(released, quarterly):
    overlapping = quarterly.indicators["quarterly"].model_copy(update={"quarters": 4})
    other = quarterly.model_copy(update={"indicators": quarterly.indicators | {"quarterly": overlapping}})
    assert "quarterly" not in charts_of(released(), other)


def test_it_stands_on_its_card_and_has_an_origin(files, released, quarterly):
    assert "Latest ratio 1.22: no more than the usual variation" in files["recruitment.html"].decode()
    assert unexplained(files, released(), quarterly) == []


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        (r'(<g id="line-ratio">.*?<use [^>]*y=")([\d.]+)', r"\g<1>101.5", "line-ratio"),
        (r'(<g id="line-ratio">.*?)(<use [^>]*>)', r"\g<1>", "line-ratio"),
        (r'(<g id="line-high">\s*<path d="M [\d.]+ )([\d.]+)', r"\g<1>77.7", "line-high"),
        (r'(<g id="line-equal">\s*<path d="M [\d.]+ )([\d.]+)', r"\g<1>77.7", "line-equal"),
        (r'<g id="line-low">.*?</g>', "", "line-low"),
        ("Mean 1.26", "Mean 1.27", "label-mean"),
        ("Upper limit 1.59", "Upper limit 1.95", "label-high"),
        (r"(<title[^>]*>[^<]*)1.22", r"\g<1>1.32", "title"),
        (r"(<desc[^>]*>[^<]*mean )1.26", r"\g<1>1.28", "description"),
        (r'(<g id="xtick_2">.*?>)([A-Z][a-z]+)(<)', r"\g<1>Feb\g<3>", "scale of names"),
    ],
)
def test_another_control_chart_is_found(files, released, quarterly, old, new, where):
    content = files[CHART].decode()
    changed = re.sub(old, new, content, count=1, flags=re.DOTALL)
    assert changed != content
    findings = unexplained({CHART: changed.encode()}, released(), quarterly)
    assert any(where in each for each in findings), findings


def test_without_its_limits_a_control_chart_has_no_origin(files, released, quarterly):
    assert unexplained({CHART: files[CHART]}, released(None), quarterly)
