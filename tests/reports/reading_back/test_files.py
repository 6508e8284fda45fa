"""Reading the finished files back: nothing is found in a release as it is, and every tampering is."""

from __future__ import annotations

import datetime as dt
import json
import random
import re
import struct
import zlib
from collections.abc import Callable
from dataclasses import asdict, replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disparity.analyses import MIX_AND_RATE
from disparity.catalogue import Catalogue, Target
from disparity.periods import Quarter
from disparity.statistics.evidence import CLEAR, NO_MATERIAL_DISPARITY, SOME, TOO_FEW
from reports.charts.drawing import charts_of
from reports.pages.quarter import OVERVIEW, pages_of
from reports.reading_back.files import BEHIND, FROZEN, TABLE, unexplained
from reports.reading_back.svg import Scale
from reports.release.analyses import analyses_csv, lines_of
from reports.release.estimates import indicators_csv, rows_of
from reports.release.frozen import Release, to_json
from reports.release.revisions import Revised
from resources.catalogue import DEFAULT, load_catalogue

PSEUDONYM = "5f3c" * 8
SECRETS = ("jsmith", "hr-server-07", "/srv/landing/northmoor", PSEUDONYM)
CHART, PICTURE = "appointed.svg", "appointed.png"


def files_of(release: Release, catalogue, *, drawn: bool = True) -> dict[str, bytes]:
    charts = charts_of(release, catalogue) if drawn else {}
    files = {
        TABLE: indicators_csv(release.estimates),
        BEHIND: analyses_csv(release.analyses),
        FROZEN: to_json(release),
    }
    for name, chart in charts.items():
        files |= {f"{name}.svg": chart.svg, f"{name}.png": chart.png}
    pages = pages_of(release, catalogue, charts, [name for name in files if name != FROZEN])
    return files | {name: page.encode() for name, page in pages.items()}


@pytest.fixture(scope="module")
def files(release, catalogue) -> dict[str, bytes]:
    return files_of(release, catalogue)


@pytest.fixture
def pages_with(files) -> Callable[[str], list[str]]:
    """Return the function that names the pages on which a text stands."""

    def named(text: str) -> list[str]:
        return [name for name in files if name.endswith(".html") and text in files[name].decode()]

    return named


@pytest.fixture
def found(files, release, catalogue) -> Callable[..., list[str]]:
    """Return what is found when a file has one text for another, and make sure that it was there to be changed."""

    def tampered(name: str, old: str, new: str, times: int = 1) -> list[str]:
        content = files[name].decode()
        assert old in content
        changed = content.replace(old, new, times)
        return of(files | {name: changed.encode()}, name)

    def of(changed: dict[str, bytes], name: str) -> list[str]:
        # A page is read beside the drawings that it shows and the names of what it leads to.
        beside = changed if name.endswith(".html") else {name: b""}
        read = {other: changed[other] if other == name or other.endswith(".svg") else b"" for other in beside}
        findings = unexplained(read, release, catalogue, secrets=SECRETS)
        return [finding for finding in findings if finding.startswith(f"{name}: ")]

    tampered.of = of
    return tampered


def test_a_release_as_it_is_has_nothing_without_origin(files, release, catalogue):
    assert unexplained(files, release, catalogue, secrets=SECRETS) == []


@pytest.mark.parametrize("audience", ["published", "analyst"])
def test_so_it_is_for_every_audience(release, catalogue, audience):
    told = replace(release, audience=audience)
    assert unexplained(files_of(told, catalogue, drawn=False), told, catalogue) == []


def test_files_made_from_exact_counts_are_found(release, catalogue):
    exact = {
        name: release.estimates[name] + 1 for name in ("group_base", "group_events", "group_value", "ratio")
    }
    raw = replace(release, estimates=release.estimates.assign(**exact))
    files = files_of(raw, catalogue)
    findings = unexplained(files, release, catalogue)
    wrong = {finding.split(": ")[0] for finding in findings}
    # The lines behind the ratios stay as they were, and of one theme nothing is told.
    assert wrong == {name for name in files if not name.endswith(".png")} - {BEHIND, "experience.html"}


# ------------------------------------------------------------------ the page

CELL = '<td class="nhsuk-table__cell nhsuk-table__cell--numeric">\n        {}\n'
LAST = CELL + "      </td>\n    </tr>"


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        (CELL.format("800"), CELL.format("803"), "indicator appointed, table figures, row group, field base"),
        (CELL.format("13%"), CELL.format("12.5%"), "table figures, row group, field value"),
        (CELL.format("[c]"), CELL.format("6"), "breakdown band, row Band 10, field group_events"),
        (CELL.format("1.68 (1.35 to 2.09)"), CELL.format("1.68 (1.34 to 2.09)"), "field ratio"),
        (LAST.format("1.57"), LAST.format("1.56"), "table history, row 2026-06-30, field ratio"),
        (CELL.format("1.26 (1.12 to 1.42)"), CELL.format("1.27 (1.12 to 1.42)"), "table stages, row shortlisted"),
        (">\n        Band 5\n", ">\n        Band 6\n", "breakdown band, row Band 5"),
        ("3,000 rows accepted.", "3,001 rows accepted.", "table datasets, row staff_in_post, field words"),
        ("[x]: not received.", "[x]: 3 of 4 received.", "field reason"),
        ("equal chances are not ruled out", "37 people are not ruled out", "field view"),
        ("within the same shortlist the ratio is 1.50", "within the same shortlist the ratio is 1.59", "field view"),
        (CELL.format("1.57 [r]"), CELL.format("1.56 [r]"), "table changes, row appointed, field quarter_before"),
        (CELL.format("1.57 [r]"), CELL.format("1.57"), "table changes, row appointed, field quarter_before"),
        ("        Too few to tell\n", "        No material change\n", "table changes, row appointed, field change"),
        ('app-table__words">\n        Some evidence', 'app-table__words">\n        Clear evidence', "field evidence"),
        ("1.68 times as likely (1.35 to 2.09)", "1.68 times as likely (1.34 to 2.09)", "row overview, field commentary"),
        ("<strong>Band 10</strong> is small", "<strong>Band 11</strong> is small", "field commentary"),
        ("<p>21% beside", "<p>20% beside", "field commentary"),
        ('href="indicators.csv"', 'href="indicator.csv"', "href of <a>"),
        ("13% of ethnic minority shortlisted", "12% of ethnic minority shortlisted", "field headline"),
        ('app-finding" data-field="finding">21%', 'app-finding" data-field="finding">20%', "<p>"),
        ("34 to 40 would", "33 to 40 would", "under People to parity"),
        ("(about 40) were White", "(about 42) were White", "under Unknown ethnicity"),
        ("In Oct 2024 to Sep 2025 the ratio was 1.57", "In Oct 2024 to Sep 2025 the ratio was 1.5749", "under Change"),
        ("9 percentage points (5 to 12)", "8.5 percentage points (5 to 12)", "under Difference"),
        ("were more likely.</p>", "were more likely, 37 of them.</p>", "field evidence"),
        ('alt="Line chart of 3', 'alt="Line chart of 4', "<img alt> of indicator appointed, field chart"),
        ("22% (Jul 2025 to Jun 2026)", "23% (Jul 2025 to Jun 2026)", "<img alt> of indicator appointed"),
        ("Band 5 45%; ", "Band 5 44.6%; ", "<img alt> of indicator share_of_staff, field chart"),
        ("1.68 times as likely as ethnic minority</figcaption>", "1.7 times as likely</figcaption>", "chart-title"),
        ('aria-label="Chart: Appointed', 'aria-label="Chart of 911: Appointed', "<div aria-label>"),
        ("behind headline 2", "behind headline 12", "field headline"),
        ("Of 4 headline indicators", "Of 40 headline indicators", "field headlines"),
        ("Ethnicity is known for 93% of staff.", "Ethnicity is known for 93.4% of staff.", "field note"),
        ("below 0.01", "below 0.011", "field method"),
        ("of 30 June 2026 were sent again", "of 29 June 2026 were sent again", "field revision"),
        ("Jun 2026, vintage 2: The", "Jun 2026, vintage 3: The", "field revision"),
        ("Jul to Sep 2026</span></h1>", "37 in Jul to Sep 2026</span></h1>", "<h1>"),
        ("</h1>", "</h1><p>Of 37 people in all.</p>", "<p>"),
        ('<p class="app-finding"', '<p>One of 37.</p><p class="app-finding"', "<p> of indicator share_of_staff"),
        ('<p class="app-finding"', '<p>\u00bd of us</p><p class="app-finding"', "<p> of indicator share_of_staff"),
        ("Oct 2025 to Sep 2026</p>", "Oct 2025 to Oct 2026</p>", "field period"),
        ("rounded\n", "rounded 37\n", "field provenance"),
        ('data-indicator="appointed"', 'data-indicator="leavers"', "indicator leavers"),
        ('data-row="Surgery"', 'data-row="Ward 7"', "data-row"),
        ('id="quality"', 'id="quality-37"', "id of <h2>"),
        ('href="recruitment.html#appointed">See', 'href="leaving.html#leavers">See', "href of <a>"),
        ('<main class="', '<main title="37 people" class="', "<main title>"),
        ('<main class="', '<main data-total="37" class="', "data-total of <main>"),
        ("max-width", "/* 37 */ max-width", "<style>"),
        ("</main>", "<script>1</script></main>", "<script>"),
        ("</main>", "<script>alert(document.title)</script></main>", "<script>"),
        ("<style>", '<link rel="stylesheet" href="//elsewhere.example/a.css"><style>', "href of <link>"),
        ("<title>", '<meta http-equiv="refresh" content="; https://a.example"><title>', "content of <meta>"),
        ("</main>", '<form action="https://elsewhere.example"></form></main>', "action of <form>"),
        ("</main>", '<img src="data:image/png;base64,AAAA" alt="">', "src of <img>"),
    ],
)  # fmt: skip
def test_what_a_page_says_without_origin_is_found(found, pages_with, old, new, where):
    findings = [finding for name in pages_with(old) for finding in found(name, old, new)]
    assert findings
    assert any(where in finding for finding in findings)
    assert not any("37" in finding.replace("quality-37", "") for finding in findings)


def test_nearly_every_number_of_a_page_is_bound_to_its_place(files, found):
    """Change numbers one at a time. What may pass is another number that the same sentence has to tell."""
    name = "recruitment.html"
    page = files[name].decode()
    said = [
        match.span(1)
        for match in re.finditer(
            r'[>"][^<>"]*?(?<![\w&#.,])(\d+(?:[.,]\d+)*)(?![\w;])[^<>"]*(?=<|"[^>]*>)', page
        )
        if page.index("<body") < match.start() and "-" not in match.group(1)
    ]
    chosen = random.Random(7).sample(said, 15)
    passed = 0
    for _, end in chosen:
        last = str((int(page[end - 1]) + 1) % 10)
        changed = f"{page[: end - 1]}{last}{page[end:]}"
        passed += not found.of(files | {name: changed.encode()}, name)
    assert passed <= 1


# ------------------------------------------------------------------ charts


@pytest.mark.parametrize(
    ("name", "old", "new", "where"),
    [
        (CHART, r'(<g id="line-group">.*?<use [^>]*y=")([\d.]+)', r"\g<1>101.5", "line-group"),
        (CHART, r'(<g id="now-reference">.*?<use [^>]*y=")([\d.]+)', r"\g<1>80.5", "now-reference"),
        (CHART, r'(<g id="line-reference">\s*<path d="M [\d.]+ )([\d.]+)', r"\g<1>77.7", "line-reference"),
        (CHART, r'(<g id="line-group">.*?)(<use [^>]*>)', r"\g<1>\g<2>\g<2>", "line-group"),
        (CHART, r'(<g id="line-group">.*?)(<use [^>]*>)', r"\g<1>", "line-group"),
        (CHART, r'(<g id="now-group">)', r'<g id="now-7"><path d="M 60 60 L 70 70"/></g>\1', "now-7"),
        (CHART, r'(<g id="now-group">)', r'<g><path d="M 60 60 L 70 70"/></g>\1', "lines"),
        (CHART, r'(<g id="now-group">)', r'<circle cx="60" cy="60" r="3"/>\1', "<circle>"),
        (CHART, r'(<g id="now-group">)', r"<text>37</text>\1", "lines"),
        (CHART, r'(<g id="ytick_2">.*?>)(\d+%)(<)', r"\g<1>7%\g<3>", "scale of values"),
        (CHART, r'(<g id="xtick_2">.*?>)([A-Z][a-z]+)(<)', r"\g<1>Feb\g<3>", "scale of names"),
        (CHART, r'(<g id="label-group">.*?)(13%)', r"\g<1>12.5%", "label-group"),
        (CHART, r"12 months to", "11 months to", "window"),
        (CHART, r"(<title[^>]*>[^<]*)1.68", r"\g<1>1.6842", "title"),
        (CHART, r"(<desc[^>]*>[^<]*)14%", r"\g<1>13%", "description"),
        (CHART, r"<defs>", "<!-- jsmith --><defs>", "comment"),
        (CHART, r"<defs>", "<metadata>/home/jsmith/charts.py</metadata><defs>", "<metadata>"),
        (CHART, r'<g id="figure_1">', '<g id="figure_1" class="37">', "class of <g>"),
        (CHART, r"stroke-linecap: butt", "stroke-linecap: jsmith", "words in <style>"),
        ("share_of_staff.svg", r'(<g id="now-1">.*?<use [^>]*x=")([\d.]+)', r"\g<1>200", "now-1"),
        ("share_of_staff.svg", r'(<g id="now-0">.*?<use [^>]*y=")([\d.]+)', r"\g<1>50", "now-0"),
        ("share_of_staff.svg", r'<g id="now-1">.*?</g>\s*</g>', "", "now-1: what a row"),
        ("share_of_staff.svg", r'(<g id="line-whole">\s*<path d="M )([\d.]+)', r"\g<1>222", "line-whole"),
        ("share_of_staff.svg", r'(<g id="label-2">.*?>)(\[c\])', r"\g<1>7", "label-2"),
        ("share_of_staff.svg", r">Band 6<", ">Band 7<", "scale of names"),
        ("senior_managers.svg", r'(<g id="now-group">.*?<use [^>]*x=")([\d.]+)', r"\g<1>180", "now-group"),
    ],
)
def test_what_a_drawing_shows_without_origin_is_found(files, found, name, old, new, where):
    changed, times = re.subn(old, new, files[name].decode(), count=1, flags=re.DOTALL)
    assert times == 1
    findings = found.of(files | {name: changed.encode()}, name)
    assert any(where in finding for finding in findings), findings
    assert not any("jsmith" in finding for finding in findings)


def test_a_mark_may_be_a_hair_off_and_no_more(files, found):
    svg = files[CHART].decode()
    start = re.search(r'<g id="now-group">.*?<use [^>]*y="([\d.]+)', svg, re.DOTALL)
    for shift, ok in ((0.01, True), (0.5, False), (-0.5, False)):
        moved = f"{svg[: start.start(1)]}{float(start[1]) + shift:.6f}{svg[start.end(1) :]}"
        assert (found.of(files | {CHART: moved.encode()}, CHART) == []) is ok


def test_a_page_shows_the_drawing_that_lies_beside_it(files, found):
    other = files | {CHART: files["leavers.svg"]}
    assert any("src of <img>" in finding for finding in found.of(other, "recruitment.html"))


@pytest.mark.parametrize("logarithmic", [False, True])
def test_a_scale_is_read_off_its_ticks(logarithmic):
    scale = Scale(200.0, -50.0, logarithmic)
    read = Scale.through([(value, scale.place(value)) for value in (1.0, 2.0, 4.0)])
    assert read.logarithmic is logarithmic
    assert read.value(scale.place(3.0)) == pytest.approx(3)
    assert read.holds(scale.place(3.0), 3.0)
    assert not read.holds(scale.place(3.0), 3.1)


def test_ticks_on_no_line_are_no_scale():
    assert Scale.through([(0.0, 0.0), (1.0, 10.0), (2.0, 30.0)]) is None
    assert Scale.through([(1.0, 0.0)]) is None


def test_gaps_in_a_series_are_no_marks(release, catalogue, row, frame):
    earlier = [
        row("appointed", back=back, reference_value=reference, group_value=group)
        for back, reference, group in ((5, 20.0, 10.0), (4, None, 11.0), (3, 19.0, None), (2, None, 12.0), (1, 18.0, 9.0))
    ]  # fmt: skip
    gaps = replace(release, history=frame(earlier), revisions=())
    files = files_of(gaps, catalogue)
    assert unexplained(files, gaps, catalogue) == []
    fuller = replace(
        gaps, history=frame([*earlier[:1], replace(earlier[1], reference_value=21.0), *earlier[2:]])
    )
    assert any(each.startswith(f"{CHART}: line-reference") for each in unexplained(files, fuller, catalogue))


# ------------------------------------------------------------------ data


@pytest.mark.parametrize(
    ("name", "old", "new", "where"),
    [
        (TABLE, ",800,100,12.5,", ",801,100,12.5,", "row 3, group_base"),
        (TABLE, ",1.68,1.35,", ",1.683,1.35,", "row 3, ratio"),
        (TABLE, ",0.0001,", ",0.00013,", "row 3, p_value"),
        (TABLE, ",[c],", ",7,", "row"),
        (TABLE, "organisation,theme", "organisation,person,theme", "columns"),
        (TABLE, "\nInvented Trust", "\nInvented Trust,37\nInvented Trust", "more or fewer rows"),
        (TABLE, ",Surgery,", ",Urology,", "level"),
        (BEHIND, ",1.09,0.70,", ",1.09,0.71,", "row 2, low"),
        (BEHIND, "indicator,analysis", "indicator,seen,analysis", "columns"),
        (FROZEN, '"group_base": 800.0', '"group_base": 801.0', "estimates 3 group_base"),
        (FROZEN, '"group_base": 800.0', '"raw": 801, "group_base": 800.0', "other keys"),
        (FROZEN, '"group_base": 800.0', '"group_base": 801.0, "group_base": 800.0', "twice"),
        (FROZEN, '"policy_why"', '"seen": 37, "policy_why"', "other keys"),
        (FROZEN, "{", "", "cannot be read"),
    ],
)
def test_data_that_is_not_the_release_is_found(found, name, old, new, where):
    assert any(where in finding for finding in found(name, old, new))


# ------------------------------------------------------------------ what tells of the machine or of people


@pytest.mark.parametrize(
    "trace",
    [*SECRETS, "JSMITH", "/home/jsmith/extract.csv", "C:\\Users\\jsmith", "ab" * 16, "staff_list_2026.xlsx"],
)
@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        (OVERVIEW, "</main>", "<!-- {} --></main>"),
        (OVERVIEW, "</main>", "<p>{}</p></main>"),
        (OVERVIEW, '<main class="', '<main data-by="{}" class="'),
        (TABLE, ",Surgery,", ',"{}",'),
        (FROZEN, '"policy_why"', '"by": {}, "policy_why"'),
        (CHART, "<defs>", "<!-- {} --><defs>"),
        (CHART, "<defs>", "<metadata>{}</metadata><defs>"),
        (CHART, ">Ethnic minority<", ">{}<"),
    ],
)
def test_a_trace_is_found_and_not_repeated(found, trace, name, old, new):
    findings = found(name, old, new.format(json.dumps(trace) if name == FROZEN else trace))
    assert findings
    assert not any(trace.lower() in finding.lower() for finding in findings)


def test_a_user_whose_name_is_a_word_of_every_report_is_not_found(files, release, catalogue):
    assert unexplained(files, release, catalogue, secrets=["staff", "White", "nhsuk", "a", ""]) == []


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


@pytest.mark.parametrize(
    "kind_and_data",
    [
        (b"tEXt", b"Author\0jsmith"),
        (b"tIME", b"\x07\xea\x01\x01\0\0\0"),
        (b"eXIf", b"/home"),
        (b"pHYs", b"jsmith-37"),
    ],
)
def test_a_picture_says_nothing_but_how_it_looks(files, found, kind_and_data):
    kind, data = kind_and_data
    picture = files[PICTURE]
    longer = data if kind != b"pHYs" else data + b"!"
    findings = found.of(files | {PICTURE: picture[:33] + chunk(kind, longer) + picture[33:]}, PICTURE)
    assert any(kind.decode() in finding for finding in findings)
    assert not any("jsmith" in finding for finding in findings)


@pytest.mark.parametrize(
    "changed",
    [
        lambda png: png + b"jsmith",
        lambda png: b"GIF89a" + png,
        lambda png: png[:-12],
        lambda png: png[:33] + chunk(b"IDAT", zlib.compress(b"jsmith")) + png[33:],
        lambda png: png.replace(b"IHDR", b"IHDr", 1),
    ],
)
def test_a_picture_that_is_more_or_less_than_one_is_found(files, found, changed):
    assert found.of(files | {PICTURE: changed(files[PICTURE])}, PICTURE)


@pytest.mark.parametrize("name", ["notes.txt", "appointed.csv", "survey_response.svg", "../index.html"])
def test_a_file_that_no_release_has_is_found(files, found, name):
    assert found.of(files | {name: b""}, name)


def test_bytes_that_are_no_text_are_found(files, found):
    for name in (OVERVIEW, TABLE, FROZEN, CHART):
        assert found.of(files | {name: b"\xff\xfe"}, name)


def test_much_is_told_shortly(found):
    assert len(found(OVERVIEW, "%", "37%", times=-1)) == 11


# ------------------------------------------------------------------ the release's own words


@pytest.mark.parametrize(
    "changes",
    [
        {"quality_notes": ("Ethnicity is known for 92.7% of staff.",)},
        {"quality_notes": ("Leavers: about 53 of about 160 rows are of people in no staff list.",)},
        {"quality_notes": ("Leavers: fewer than 7 of about 160 rows are of people in no staff list.",)},
        {"quality_notes": ("Leavers: 5 of about 160 rows are of people in no staff list.",)},
        {"provenance": (("Rows accepted", "2987"),)},
        {"provenance": (("2987 rows", "1"),)},
        {"provenance": (("Code version", "0.1.0 (0123456789ab)"),)},
        {"policy_why": "It hid 37 counts."},
        {"revisions": (Revised("2026-06-30", 2, "We left out 37 people."),)},
        {"revisions": (Revised("2026-06-30", 2),)},
        {"revisions": (Revised("2026-06-30", 2, "Sent again."), Revised("2026-09-30", 2))},
    ],
)
def test_words_of_a_release_with_numbers_of_their_own_are_found(release, catalogue, changes):
    wordy = replace(release, **changes)
    findings = unexplained(files_of(wordy, catalogue, drawn=False), wordy, catalogue)
    assert findings
    assert all(finding.startswith("Release: ") for finding in findings)


def test_counts_that_the_policy_shows_may_stand_in_a_quality_note(release, catalogue):
    notes = (
        "Leavers: about 55 of about 1,160 rows are of people in no staff list.",
        "Leavers: fewer than 8 of about 160 rows are of people in no staff list.",
    )
    noted = replace(release, quality_notes=notes)
    findings = unexplained(files_of(noted, catalogue, drawn=False), noted, catalogue)
    assert not [finding for finding in findings if "quality note" in finding]


@pytest.mark.parametrize(
    ("words", "ok"),
    [("fewer than 8 rows", True), ("about 10 rows", True), ("7 rows", False), ("12 rows", False)],
)
def test_rows_of_an_extract_are_counted_as_the_policy_has_it(release, catalogue, words, ok):
    told = replace(release, datasets=(replace(release.datasets[0], words=words),))
    assert (unexplained(files_of(told, catalogue, drawn=False), told, catalogue) == []) is ok


def test_a_note_may_name_an_indicator_whose_title_holds_a_number(release, catalogue):
    (title,) = (each.title for each in catalogue.indicators.values() if "100" in each.title)
    for note, ok in ((f"Answers are lacking. It concerns: {title}.", True), ("37 staff", False)):
        told = replace(release, quality_notes=(note,))
        assert (unexplained(files_of(told, catalogue, drawn=False), told, catalogue) == []) is ok


def test_a_status_has_no_count_of_its_own(release, catalogue):
    for status, ok in (("[x] 3 of 4 quarters", True), ("[x] 37 people", False)):
        rows = [
            replace(row, status=status) if row.indicator == "survey_response" else row
            for row in rows_of(release.estimates)
        ]
        told = replace(release, estimates=pd.DataFrame([asdict(row) for row in rows]))
        assert (unexplained(files_of(told, catalogue, drawn=False), told, catalogue) == []) is ok


@pytest.mark.parametrize(("column", "ok"), [("q16b", True), ("q37", False)])
def test_a_status_names_a_column_that_a_dataset_has(release, catalogue, column, ok):
    whole = load_catalogue(DEFAULT)
    asked = whole.survey.staff_survey
    survey = whole.survey.model_copy(update={"staff_survey": {**asked, "q16b": asked["equal_opportunity"]}})
    catalogue = catalogue.model_copy(update={"survey": survey, "ethnicity": whole.ethnicity})
    for status in (
        f"[x] staff survey has no '{column}'",
        f"[x] staff survey has no 'q16b'; leavers has no '{column}'",
    ):
        rows = [
            replace(row, status=status) if row.indicator == "survey_response" else row
            for row in rows_of(release.estimates)
        ]
        told = replace(release, estimates=pd.DataFrame([asdict(row) for row in rows]))
        assert (unexplained(files_of(told, catalogue, drawn=False), told, catalogue) == []) is ok


def test_a_note_may_name_a_figure_whose_title_has_a_number(release, catalogue):
    name, titled = next(iter(catalogue.indicators.items()))
    titled = titled.model_copy(update={"title": "Trained in 12 months"})
    catalogue = catalogue.model_copy(update={"indicators": {**catalogue.indicators, name: titled}})
    for title, ok in (("Trained in 12 months", True), ("Trained in 14 months", False)):
        note = f"Not broken down by pay band, which no row of leavers counted here has: {title}."
        told = replace(release, quality_notes=(note,))
        found = unexplained(files_of(told, catalogue, drawn=False), told, catalogue)
        assert (found == []) is ok, found


# ------------------------------------------------------------------ nothing is found where all is well

numbers = st.none() | st.sampled_from(
    [0.0, 0.003, 0.2, 0.5, 0.995, 1.0, 9.996, 12.345, 99.7, 100.0, 1234.5, 2.5e6]
)
counts = st.none() | st.sampled_from([0.0, 8.0, 10.0, 1000.0, 123455.0])
apart = st.none() | st.sampled_from([-20.4, -0.04, 0.0, 1.0, 8.5])
limits = numbers | st.just(float("inf"))
CHANGED = {
    **{f"{side}_value": numbers for side in ("reference", "group")},
    **{f"{side}_{cell}": counts for side in ("reference", "group", "unknown") for cell in ("base", "events")},
    **dict.fromkeys(("ratio", "ratio_low", "ratio_low_unknown"), numbers),
    **dict.fromkeys(("ratio_high", "ratio_high_unknown"), limits),
    **dict.fromkeys(("difference", "difference_low", "difference_high"), apart),
    "people_to_parity": st.sampled_from(["", "0", "4", "-3", "-5 to -3", "-3 to 2", "34 to 40"]),
    "evidence": st.sampled_from(["", CLEAR, SOME, NO_MATERIAL_DISPARITY, TOO_FEW]),
    "status": st.sampled_from(["", "", "[c]", "[x] not received", "[x] leavers: 3 of 4 quarters; staff: not received"]),
    "vintage": st.sampled_from([1, 12]),
}  # fmt: skip


def newest_of(*tables: pd.DataFrame) -> dict[str, int]:
    """Return the latest vintage of each quarter, by its last day."""
    every = pd.concat(tables)
    ends = every["quarter"].map(lambda key: Quarter.from_key(key).end.isoformat())
    return every["vintage"].groupby(ends).max().to_dict()


def catalogue_reason(catalogue: Catalogue, end: str, vintage: int) -> str | None:
    recorded = catalogue.revisions.get(dt.date.fromisoformat(end), {}).get(vintage)
    return recorded.told_to("restricted") if recorded else None


@settings(deadline=None, max_examples=6)
@given(data=st.data())
def test_whatever_a_release_says_its_own_page_and_tables_have_nothing_else(data, release, catalogue, frame):
    def changed(table: pd.DataFrame) -> pd.DataFrame:
        return frame([replace(row, **data.draw(st.fixed_dictionaries(CHANGED))) for row in rows_of(table)])

    lines = [
        replace(
            line,
            value=data.draw(numbers) if line.analysis != MIX_AND_RATE else line.value,
            high=data.draw(limits),
        )
        for line in lines_of(release.analyses)
    ]
    estimates, history = changed(release.estimates), changed(release.history)
    told = replace(
        release,
        estimates=estimates,
        history=history,
        revisions=tuple(
            Revised(end, vintage, catalogue_reason(catalogue, end, vintage))
            for end, newest in sorted(newest_of(estimates, history).items())
            for vintage in range(2, newest + 1)
        ),
        analyses=pd.DataFrame([asdict(line) for line in lines]),
    )
    assert unexplained(files_of(told, catalogue, drawn=False), told, catalogue) == []


@pytest.mark.parametrize("name", ["5", "Ward 8a & more", "\u202eReversed 3", "X1" * 150, "½ of them"])
def test_levels_may_be_called_anything(release, catalogue, name):
    levels = release.estimates["level"].replace({"Surgery": name, "Band 6": name})
    lists = release.organisation.lists.model_copy(update={"band": ("Band 5", name, "Band 10")})
    organisation = release.organisation.model_copy(update={"lists": lists})
    called = replace(release, organisation=organisation, estimates=release.estimates.assign(level=levels))
    other = catalogue.model_copy(update={"organisation": organisation})
    assert unexplained(files_of(called, other), called, other) == []


# ------------------------------------------------------------------ targets


@pytest.fixture(scope="module")
def aiming(catalogue):
    """Return the catalogue with a target for an indicator whose history is told since the quarter before."""
    target = Target(reach="parity", since=dt.date(2026, 6, 30), by=dt.date(2028, 6, 30))
    return catalogue.model_copy(update={"targets": {"appointed": target}})


@pytest.fixture(scope="module")
def aimed(release, aiming) -> dict[str, bytes]:
    return files_of(release, aiming)


def test_a_target_and_its_path_have_an_origin(aimed, release, aiming):
    assert b"Target 21%" in aimed[CHART]
    assert "To match White by Apr to Jun 2028" in aimed["recruitment.html"].decode()
    assert unexplained(aimed, release, aiming, secrets=SECRETS) == []


@pytest.mark.parametrize(
    ("name", "old", "new", "where"),
    [
        (CHART, r"Target 21%", "Target 20%", "label-target"),
        (CHART, r'(<g id="line-target">\s*<path d="M [\d.]+ )([\d.]+)', r"\g<1>77.7", "line-target"),
        (CHART, r'(<g id="line-target">\s*<path d="M [^L]+)L [\d.]+ [\d.]+', r"\g<1>", "line-target"),
        (CHART, r'<g id="lead-group">.*?</g>', "", "lead-group"),
        (CHART, r"(<desc[^>]*>[^<]*The path is at )\d+%", r"\g<1>19%", "description"),
        ("recruitment.html", r"(>\s*To match[^<]*path is at )\d+%", r"\g<1>19%", "under Target"),
        ("recruitment.html", r"(>\s*To match[^<]*by about )\d+", r"\g<1>37", "under Target"),
        ("recruitment.html", r"(>\s*To match White by Apr to Jun )2028", r"\g<1>2029", "under Target"),
    ],
)
def test_another_target_is_found(aimed, release, aiming, name, old, new, where):
    content = aimed[name].decode()
    changed = re.sub(old, new, content, count=1, flags=re.DOTALL)
    assert changed != content
    read = aimed | {name: changed.encode()}
    findings = unexplained(
        read if name.endswith(".html") else {name: read[name]}, release, aiming, secrets=SECRETS
    )
    assert any(each.startswith(f"{name}: ") and where in each for each in findings), findings


def test_a_path_that_the_catalogue_does_not_lead_is_found(aimed, release, catalogue):
    findings = unexplained({CHART: aimed[CHART]}, release, catalogue, secrets=SECRETS)
    assert findings
