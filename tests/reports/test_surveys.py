"""A survey is named by its own time, has one dot, and is compared with the survey before, on pages, drawings and sheets."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace

import fastexcel
import pandas as pd
import pytest

from disparity.analyses import CHANGE, SOME_CHANGE, THEN, TIMES_THEN
from disparity.catalogue import Catalogue, Target
from disparity.catalogue.indicators import Rows
from disparity.periods import Quarter
from disparity.rows import Estimate
from reports.charts.drawing import charts_of
from reports.pages.index import index_page
from reports.pages.quarter import OVERVIEW, Picture, pages_of
from reports.paper.board_paper import paper_page
from reports.reading_back.files import FROZEN, unexplained
from reports.reading_back.index import unexplained_in_index
from reports.reading_back.svg_parts import read_drawing
from reports.release.estimates import indicators_csv, read_indicators_csv, rows_of
from reports.release.frozen import Release, from_json, to_json
from reports.wording.numbers import wording_for
from reports.wording.periods import no_new_survey, period_words
from reports.wording.sentences import unknown_sentence
from reports.wording.targets import standing_of
from reports.workbook.writing import workbook

NOW = Quarter.from_key("2026-07-01")
HELD = [Quarter.from_key(key) for key in ("2025-10-01", "2024-10-01", "2023-10-01")]
NAME, TITLE = "asked", "Believes promotion is fair"
LABEL = "Survey of autumn 2025, about the 12 months before"


@pytest.fixture(scope="module")
def asking(catalogue: Catalogue) -> Catalogue:
    """The catalogue with a headline of the survey."""
    asked = Rows(
        kind="rows", theme="experience", title=TITLE, question="Is promotion fair?", dataset="staff_survey",
        base="equal_opportunity IS NOT NULL", event="equal_opportunity = 'Yes'", base_words="staff who answered",
        event_words="said that promotion is fair", sensitivity="low", headline=True, asks_about="the 12 months before",
    )  # fmt: skip
    return catalogue.model_copy(update={"indicators": catalogue.indicators | {NAME: asked}})


@pytest.fixture(scope="module")
def surveys(told: dict[str, Estimate]) -> list[Estimate]:
    """What the report of this summer has of the survey of last autumn, and what was reported of two before."""

    def of(reported: Quarter, held: Quarter, ratio: float) -> Estimate:
        when = {"quarter": reported.key, "period_start": held.key, "period_end": held.end.isoformat()}
        texts = {"theme": "experience", "indicator": NAME, "quarters": 1}
        return replace(told["appointed"], **when, **texts, ratio=ratio)

    return [
        of(NOW, HELD[0], 1.68),
        of(HELD[1].plus(3), HELD[1], 1.57),
        of(HELD[2].plus(3), HELD[2], 1.49),
    ]


@pytest.fixture(scope="module")
def made(release: Release, surveys: list[Estimate], frame: Callable[..., pd.DataFrame]) -> Release:
    """A release with the survey, its two predecessors and its change against the one before."""
    of = f"{HELD[1].key} to {HELD[1].end.isoformat()}"
    change = pd.DataFrame(
        [
            {"indicator": NAME, "analysis": CHANGE, "of": of, "figure": THEN, "value": 1.57, "words": ""},
            {
                "indicator": NAME, "analysis": CHANGE, "of": of, "figure": TIMES_THEN, "value": 1.07, "low": 1.01,
                "high": 1.2, "p_value": 0.03, "words": SOME_CHANGE,
            },
        ]
    )  # fmt: skip
    return replace(
        release,
        estimates=pd.concat([release.estimates, frame(surveys[:1])], ignore_index=True),
        history=pd.concat([release.history, frame(surveys)], ignore_index=True),
        analyses=pd.concat([release.analyses, change], ignore_index=True),
        commentary=None,
    )


@pytest.fixture(scope="module")
def files(made: Release, asking: Catalogue) -> dict[str, bytes]:
    charts = charts_of(made, asking)
    files = {f"{name}.svg": chart.svg for name, chart in charts.items()}
    files |= {name: page.encode() for name, page in pages_of(made, asking, charts, [*files]).items()}
    return files


@pytest.fixture(scope="module")
def page(files: dict[str, bytes]) -> str:
    return files["experience.html"].decode()


def table_of(page: str, name: str) -> list[list[str]]:
    """The words of a table's cells, row by row, headings first."""
    found = re.search(rf'<table[^>]*data-table="{name}".*?</table>', page, re.DOTALL)
    assert found is not None
    rows = re.findall(r"<tr.*?</tr>", found[0], re.DOTALL)
    return [re.findall(r">\s*([^<>]+?)\s*</t[hd]>", row) for row in rows]


# ------------------------------------------------------------------ names


def test_a_survey_is_named_by_its_season_and_what_it_asks_about(
    asking: Catalogue, surveys: list[Estimate]
) -> None:
    asked = asking.indicators[NAME]
    assert period_words(surveys[0], asked) == "survey of autumn 2025, about the 12 months before"
    unsaid = asked.model_copy(update={"asks_about": None})
    assert period_words(surveys[0], unsaid) == "survey of autumn 2025"
    winter = replace(surveys[0], period_start="2026-01-01", period_end="2026-03-31")
    assert period_words(winter, unsaid) == "survey of early 2026"


def test_where_the_survey_was_not_received_the_window_is_named(
    asking: Catalogue, row: Callable[..., Estimate]
) -> None:
    lacking = row("survey_response", status="[x] staff survey: not received")
    assert period_words(lacking, asking.indicators["survey_response"]) == "Oct 2025 to Sep 2026"
    assert no_new_survey(lacking, asking.indicators["survey_response"]) == ""


def test_no_page_names_a_survey_by_the_window_of_the_report(page: str) -> None:
    card = page[page.index(f'id="{NAME}"') :]
    assert f'data-field="period">{LABEL}</p>' in card
    assert "Oct 2025 to Sep 2026" not in card
    assert 'data-field="no-new-survey">No new survey this quarter.</p>' in card


def test_a_quarter_with_a_new_survey_says_nothing_of_a_lack(
    asking: Catalogue, surveys: list[Estimate]
) -> None:
    fresh = replace(surveys[0], quarter=HELD[0].key)
    assert no_new_survey(fresh, asking.indicators[NAME]) == ""
    assert no_new_survey(surveys[0], asking.indicators[NAME]) == "No new survey this quarter."


# ------------------------------------------------------------------ one dot a survey


def test_the_chart_has_a_dot_for_each_survey_and_names_them(files: dict[str, bytes], page: str) -> None:
    drawing = read_drawing(files[f"{NAME}.svg"])
    assert len(drawing.parts["line-group"].marks) == len(HELD)
    named = [part.text for name, part in drawing.parts.items() if name.startswith("xtick_")]
    assert [" ".join(each.split()) for each in named] == ["autumn 2023", "autumn 2024", "autumn 2025"]
    assert drawing.text_of("when") == "Survey of"
    assert "Line chart of 3 surveys' figures." in page.replace("&#39;", "'")


def test_the_table_of_earlier_figures_has_a_row_for_each_survey(page: str) -> None:
    assert [row[0] for row in table_of(page, "history")[1:]] == [
        "Survey of autumn 2025",
        "Survey of autumn 2024",
        "Survey of autumn 2023",
    ]
    assert "neighbouring figures share people" not in page


def test_a_target_is_reached_from_the_survey_that_was_the_latest_then(
    asking: Catalogue, surveys: list[Estimate]
) -> None:
    since, asked = Quarter.from_key("2025-07-01").end, asking.indicators[NAME]
    target = Target(reach="parity", since=since, by=Quarter.from_key("2028-07-01").end)
    standing = standing_of(target, asked, surveys)
    assert standing is not None
    assert standing.start == surveys[1]
    later = target.model_copy(update={"since": NOW.plus(1).end})
    assert standing_of(later, asked, surveys) is None


# ------------------------------------------------------------------ what changed


def test_what_changed_is_told_from_the_survey_before_and_no_quarter_from_itself(
    files: dict[str, bytes], page: str
) -> None:
    overview = files[OVERVIEW].decode()
    assert TITLE not in [row[0] for row in table_of(overview, "changes")]
    assert table_of(overview, "survey-changes") == [
        ["Indicator", "Latest survey", "The one before", "Has it changed?"],
        [TITLE, "1.68 (autumn 2025)", "1.57 (autumn 2024)", "Some evidence of a change"],
    ]
    assert "No new survey this quarter: the latest is the survey of autumn 2025." in overview
    assert "In the survey of autumn 2024 the ratio was 1.57. It is now 1.07 times that (1.01 to 1.20)" in page


def test_the_paper_has_that_table_too(made: Release, asking: Catalogue) -> None:
    pictures = {name: Picture.of(chart) for name, chart in charts_of(made, asking).items()}
    paper = paper_page(made, asking, pictures)
    assert table_of(paper, "survey-changes")[1][1:3] == ["1.68 (autumn 2025)", "1.57 (autumn 2024)"]
    assert "No new survey this quarter" in paper


def test_a_first_survey_has_none_before_it(
    made: Release, asking: Catalogue, surveys: list[Estimate], frame: Callable[..., pd.DataFrame]
) -> None:
    alone = replace(
        made,
        history=frame(surveys[:1]),
        analyses=made.analyses[made.analyses["indicator"] != NAME],
        revisions=(),
    )
    overview = pages_of(alone, asking, {}, ())[OVERVIEW]
    assert 'data-table="survey-changes"' not in overview
    assert "No new survey this quarter" in overview


def test_the_index_has_a_survey_in_its_own_quarter_and_says_which_brought_none(
    made: Release, asking: Catalogue
) -> None:
    index = index_page(asking, "restricted", [], made)
    head, *rows = table_of(index, "by-indicator")
    cells = next(dict(zip(head, row, strict=True)) for row in rows if row[0] == TITLE)
    assert cells == {
        "Indicator": TITLE,
        "Jul to Sep 2026": "No new survey",
        "Apr to Jun 2026": "No new survey",
        "Oct to Dec 2025": "1.68",
        "Oct to Dec 2024": "1.57",
        "Oct to Dec 2023": "1.49",
    }
    listed = {
        made.quarter: {OVERVIEW: pages_of(made, asking, {}, ())[OVERVIEW].encode(), FROZEN: to_json(made)}
    }
    found = list(unexplained_in_index(index.encode(), listed, asking, "restricted"))
    assert not [each for each in found if "by-indicator" in each]
    spoilt = index.replace("No new survey", "1.68", 1).encode()
    found = list(unexplained_in_index(spoilt, listed, asking, "restricted"))
    assert any("by-indicator" in each for each in found)


def rows_of_workbook(release: Release, catalogue: Catalogue) -> list[tuple[object, ...]]:
    book = fastexcel.read_excel(workbook(release, catalogue))
    sheets = (book.load_sheet(name, header_row=None, dtypes=None).to_polars() for name in book.sheet_names)
    return [row for sheet in sheets for row in sheet.rows()]


def test_the_workbook_names_surveys_by_their_time(made: Release, asking: Catalogue) -> None:
    said = {cell for row in rows_of_workbook(made, asking) if TITLE in row for cell in row}
    assert {LABEL, "The survey of autumn 2024"} <= said
    assert "Oct 2025 to Sep 2026" not in said


# ------------------------------------------------------------------ read back


def test_a_release_with_surveys_has_nothing_without_origin(
    files: dict[str, bytes], made: Release, asking: Catalogue
) -> None:
    assert unexplained(files, made, asking) == []


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("experience.html", LABEL, "Survey of autumn 2026, about the 12 months before"),
        ("experience.html", LABEL, "Survey of spring 2025, about the 12 months before"),
        ("experience.html", "No new survey this quarter.</p>", "A new survey this quarter.</p>"),
        ("experience.html", "Survey of autumn 2023", "Survey of autumn 2022"),
        ("experience.html", "survey of autumn 2024 the ratio", "survey of autumn 2022 the ratio"),
        ("experience.html", "Line chart of 3 surveys", "Line chart of 9 surveys"),
        (OVERVIEW, "1.57 (autumn 2024)", "1.57 (autumn 2023)"),
        (OVERVIEW, "1.57 (autumn 2024)", "1.68 (autumn 2024)"),
        (OVERVIEW, "1.68 (autumn 2025)", "1.68 (summer 2025)"),
        (OVERVIEW, "the latest is the survey of autumn 2025", "the latest is the survey of autumn 2022"),
        (f"{NAME}.svg", "Survey of", "12 months to"),
    ],
)
def test_another_time_of_a_survey_is_found(
    files: dict[str, bytes], made: Release, asking: Catalogue, name: str, old: str, new: str
) -> None:
    content = files[name].decode()
    assert old in content
    spoilt = files | {name: content.replace(old, new, 1).encode()}
    read = spoilt if name.endswith(".html") else {name: spoilt[name]}
    assert any(each.startswith(f"{name}: ") for each in unexplained(read, made, asking))


def test_a_release_that_was_frozen_before_still_opens_with_the_quarter_its_periods_end_with(
    release: Release,
) -> None:
    frozen = json.loads(to_json(release))
    for each in (*frozen["estimates"], *frozen["history"]):
        del each["quarter"]
    opened = from_json(json.dumps(frozen).encode())
    assert to_json(opened) == to_json(release)
    assert {each.quarter for each in rows_of(opened.estimates)} == {NOW.key}


def test_so_does_a_table_that_was_published_before(release: Release) -> None:
    published = indicators_csv(release.estimates)
    lines = [line.split(",") for line in published.decode().splitlines()]
    at = lines[0].index("quarter")
    before = "".join(",".join([*line[:at], *line[at + 1 :]]) + "\n" for line in lines)
    assert indicators_csv(read_indicators_csv(before.encode())) == published


# ------------------------------------------------------------------ people and person-quarters


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"unknown_base": 715.0}, "About 715 person-quarters (one for each person in each quarter's staff list) were of"),
        (
            {"unknown_base": 715.0, "ratio_low_unknown": 0.9, "ratio_high_unknown": 1.2},
            "If all about 715 person-quarters (one for each person in each quarter's staff list) of unknown ethnicity were",
        ),
        ({"unknown_base_status": "[c]"}, "The number of person-quarters of unknown ethnicity is not shown [c]."),
    ],
)  # fmt: skip
def test_the_unknown_of_a_rate_are_person_quarters(
    catalogue: Catalogue, told: dict[str, Estimate], cells: dict[str, float | str], said: str
) -> None:
    row = replace(told["leavers"], **cells)  # type: ignore[arg-type]
    words = unknown_sentence(row, catalogue.indicators["leavers"], wording_for(catalogue, "published"))
    assert words.startswith(said)


def test_the_unknown_of_anything_else_are_people(catalogue: Catalogue, told: dict[str, Estimate]) -> None:
    words = unknown_sentence(
        told["appointed"], catalogue.indicators["appointed"], wording_for(catalogue, "published")
    )
    assert words.startswith("If all those of unknown ethnicity (about 40) were White")


def test_the_workbook_counts_a_rate_in_person_quarters(release: Release, catalogue: Catalogue) -> None:
    assert any("Staff, in person-quarters" in row for row in rows_of_workbook(release, catalogue))
