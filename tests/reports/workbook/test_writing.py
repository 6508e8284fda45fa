"""The workbook as other programs open it: the figures of the tables of data, as numbers, and nothing that runs."""

from __future__ import annotations

import csv
import io
import math
import os
import pickle
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace

import fastexcel
import pandas as pd
import pytest

from reports.release.analyses import analyses_csv
from reports.release.estimates import NUMBERS, indicators_csv
from reports.release.frozen import Release
from reports.wording.numbers import label, sentence_case
from reports.workbook.layout import WHOLE
from reports.workbook.sheets import plain
from reports.workbook.writing import workbook

HOSTILE = [
    "<script>alert(1)</script>", "=cmd()", "=HYPERLINK(1)", "+1", "-3", "@SUM(A1)", "\t=1+1", "'=1",
    "[here](https://example.org)", "https://example.org", "mailto:x@y", "internal:Notes!A1", "$$note$$",
    "<r><t>rich</t></r>", "</t></si>", "_x0041_ & \"quoted\"", "\u202ereversed", "\u200b", "🙂", "ملف", "Very " * 60,
]  # fmt: skip


@pytest.fixture(scope="module")
def made(release, catalogue) -> bytes:
    return workbook(release, catalogue)


def opened(content: bytes) -> dict[str, list[list[object]]]:
    """Read every sheet as a reader of workbooks has it, row by row."""
    book = fastexcel.read_excel(content)
    return {
        name: book.load_sheet(name, header_row=None, dtypes=None).to_polars().rows()
        for name in book.sheet_names
    }


def table(content: bytes, title: str) -> list[dict[str, object]]:
    """Return the rows of the table whose sheet has a title that begins like this."""
    book = fastexcel.read_excel(content)
    listed = {row[1]: row[0] for row in opened(content)["Contents"][4:]}
    (name,) = [listed[each] for each in listed if str(each).startswith(title)]
    frame: list[dict[str, object]] = book.load_sheet(name, header_row=3).to_polars().to_dicts()
    return frame


def number(cell: str) -> float | None:
    """Return the number of a cell of a table of data; None where a workbook has no number for it."""
    return None if cell in ("", "inf") else float(cell)


def test_every_figure_of_the_indicators_stands_in_the_workbook(release, catalogue, made):
    tables = [
        *table(made, "Workforce"), *table(made, "Recruitment"), *table(made, "Experience"), *table(made, "Learning"),
        *table(made, "Leaving"), *table(made, "Ethnic group"), *table(made, "Pay band"), *table(made, "Directorate"),
        *table(made, "Internal"),
    ]  # fmt: skip
    tests, counts = table(made, "Tests"), table(made, "Counts")
    lines = list(csv.DictReader(io.StringIO(indicators_csv(release.estimates).decode())))
    assert len(tables) == len(tests) == len(lines)
    for line in lines:
        title = catalogue.indicators[line["indicator"]].title
        found = {"breakdown": line["breakdown"], "level": line["level"]}
        (compared,) = [each for each in tables if is_of(each, title, found, catalogue)]
        (tested,) = [each for each in tests if is_of(each, title, found, catalogue)]
        has = {
            "reference_value": compared["Reference group: value"],
            "group_value": compared["Comparison group: value"],
            "ratio": compared["Ratio"],
            "ratio_low": compared["Ratio: lower limit"],
            "ratio_high": compared["Ratio: upper limit"],
            "difference": compared["Difference"],
            "difference_low": compared["Difference: lower limit"],
            "difference_high": compared["Difference: upper limit"],
            "p_value": tested["p-value"],
            "q_value": tested["p-value, adjusted"],
            "ratio_low_unknown": tested["Ratio over unknown ethnicity: lowest"],
            "ratio_high_unknown": tested["Ratio over unknown ethnicity: highest"],
        }
        of = [each for each in counts if is_of(each, title, found, catalogue)]
        sides = ("reference", "group", "unknown") if line["reference_group"] else ("group", "unknown")
        for side, count in zip(sides, of, strict=True):
            has |= {f"{side}_base": count["Base"], f"{side}_events": count["Events"]}
            assert (count["Base: shorthand"] or "") == (
                line[f"{side}_base_status"] or ("" if line[f"{side}_base"] else "[z]")
            )
        assert has == {name: number(line[name]) for name in has}
        assert set(NUMBERS) - set(has) <= {"reference_base", "reference_events"}


def is_of(row: dict[str, object], title: str, of: dict[str, str], catalogue) -> bool:
    """Whether a row is of this indicator and level: every level of the fixtures has a name of its own."""
    level = next((str(row[name]) for name in row if name == "Level" or name.endswith(" (level)")), WHOLE)
    names = catalogue.house_style.levels.get(of["breakdown"], {})
    return row["Indicator"] == title and level == (
        WHOLE if of["level"] == "all" else names.get(of["level"], of["level"])
    )


def test_every_figure_of_the_analyses_stands_in_the_workbook(release, made):
    lines = list(csv.DictReader(io.StringIO(analyses_csv(release.analyses).decode())))
    rows = table(made, "What stands behind")
    names = {"value": "Value", "low": "Lower limit", "high": "Upper limit", "p_value": "p-value"}
    for line, row in zip(lines, rows, strict=True):
        assert {name: row[heading] for name, heading in names.items()} == {
            name: number(line[name]) for name in names
        }
    assert rows[0]["It is about"] == "Oct 2024 to Sep 2025"
    assert rows[4]["Remarks"] == "No upper limit"


def test_a_hidden_count_is_blank_and_has_its_marker_beside_it(made):
    (row,) = [each for each in table(made, "Directorate") if each["Directorate (level)"] == "Surgery"]
    assert row["Comparison group: value"] is None
    assert row["Comparison group: shorthand"] == row["Ratio: shorthand"] == "[c]"
    assert (row["Ratio"], row["Ratio: lower limit"]) == (None, 0.75)
    assert str(row["Remarks"]).startswith("Not shown [c]")


def test_numbers_are_numbers_and_people_to_parity_has_its_ends_in_columns(made):
    rows = table(made, "Tests")
    ends = {(row["People to parity: least"], row["People to parity: most"]) for row in rows}
    assert ends == {(None, None), (34.0, 40.0)}
    for sheet in fastexcel.read_excel(made).sheet_names[3:]:
        frame = fastexcel.read_excel(made).load_sheet(sheet, header_row=3).to_polars()
        for name in frame.columns:
            if name in ("Ratio", "Base", "Events", "Value", "p-value") or name.endswith((": value", "limit")):
                assert frame[name].dtype.is_numeric() or frame[name].is_null().all(), (sheet, name)


def test_periods_are_spelled_out(made):
    assert {row["Period"] for row in table(made, "Recruitment")} == {"Oct 2025 to Sep 2026"}
    assert {row["Period"] for row in table(made, "Pay band")} == {"End of Sep 2026"}


def test_earlier_figures_are_told_and_revised_ones_marked(made):
    rows = [row for row in table(made, "Headline") if str(row["Indicator"]).startswith("Appointed")]
    assert [row["Ratio"] for row in rows] == [None, 1.57, 1.68]
    assert rows[1]["Remarks"] == "Revised since it was first published [r]."


@pytest.mark.parametrize("audience", ["restricted", "published"])
def test_every_sheet_is_marked_for_its_readers_and_as_invented(release, catalogue, audience):
    content = workbook(replace(release, audience=audience), catalogue)
    marking = {"restricted": "Restricted: for named readers", "published": "Published: for all staff"}
    for name, rows in opened(content).items():
        said = " ".join(str(row[0]) for row in rows[:4])
        assert marking[audience] in said, name
        assert "Invented figures: about nobody" in said, name
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        sheets = [name for name in parts.namelist() if name.startswith("xl/worksheets/sheet")]
        assert all(
            re.search(rf"<oddHeader>[^<]*{marking[audience]}", parts.read(name).decode()) for name in sheets
        )
        properties = parts.read("docProps/core.xml").decode()
    assert "<dcterms:created" in properties
    assert set(re.findall(r"\d{4}-\d\d-\d\dT[\d:]+Z", properties)) == {"2026-10-01T00:00:00Z"}
    assert re.search(r"<dc:creator>Invented Trust</dc:creator>", properties)


def test_the_notes_explain_shorthand_policy_extracts_and_provenance(made):
    notes = {f"{row[0]}: {row[1]}" for row in opened(made)["Notes"]}
    for words in (
        "Shorthand: [c] Confidential", "Protection: Counts of 1 to 7 hidden", "Data quality: Ethnicity is known",
        "Extract: Staff survey: Not received. Nothing matched", "Provenance: Disclosure policy: rounded",
        "Provenance: Which software, catalogue and extracts made it stands in provenance.json",
    ):  # fmt: skip
        assert any(note.startswith(words) for note in notes), words


def test_the_same_release_gives_the_same_bytes_on_another_machine(release, catalogue, made, tmp_path):
    kept, out = tmp_path / "kept", tmp_path / "out"
    kept.write_bytes(pickle.dumps((release, catalogue)))
    script = (
        "import pathlib, pickle, sys, time; time.time = lambda: 2e9\n"
        "from reports.workbook.writing import workbook\n"
        "release, catalogue = pickle.loads(pathlib.Path(sys.argv[1]).read_bytes())\n"
        "pathlib.Path(sys.argv[2]).write_bytes(workbook(release, catalogue))"
    )
    other = {
        "PYTHONHASHSEED": "77",
        "TZ": "Pacific/Auckland",
        "LC_ALL": "C",
        "USER": "jsmith",
        "PYTHONPATH": ".",
    }
    subprocess.run(
        [sys.executable, "-c", script, str(kept), str(out)], check=True, env=os.environ | other, timeout=120
    )
    assert out.read_bytes() == made


def test_hostile_names_are_shown_and_do_nothing(release, catalogue, frame, protected):
    levels = frame([replace(protected, level=name) for name in HOSTILE])
    content = workbook(replace(release, estimates=pd.concat([release.estimates, levels])), catalogue)
    shown = [row["Directorate (level)"] for row in table(content, "Directorate")]
    assert shown == ["Surgery", "Medicine", *(plain(sentence_case(label(name))) for name in HOSTILE)]
    assert_nothing_runs(content)


@pytest.mark.parametrize("name", HOSTILE[:: len(HOSTILE) // 5])
def test_nor_do_they_in_titles(release, catalogue, name):
    content = workbook(called(release, name), named(catalogue, name))
    assert {row["Indicator"] for row in table(content, "Leaving")} == {plain(name)}
    assert_nothing_runs(content)


def assert_nothing_runs(content: bytes) -> None:
    """Make sure that there is no formula, no markup of a name's own, and no link but those to the sheets."""
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        texts = [parts.read(each).decode() for each in parts.namelist()]
    assert not any("<f>" in text or "<r>" in text or "TargetMode" in text for text in texts)
    (links,) = [text for text in texts if "<hyperlink " in text]
    assert set(re.findall(r'location="([^"]*)"', links)) == {
        f"'{sheet}'!A1" for sheet in opened(content) if sheet not in ("Cover", "Contents")
    }


def called(release: Release, name: str) -> Release:
    """Give the organisation a name."""
    return replace(release, organisation=release.organisation.model_copy(update={"name": name}))


def named(catalogue, name: str):
    """Give an indicator, a theme and a breakdown a name."""
    style = catalogue.house_style
    update = {
        "themes": style.themes | {"experience": name},
        "breakdowns": style.breakdowns | {"broad_group": name},
    }
    leavers = catalogue.indicators["leavers"].model_copy(update={"title": name})
    return catalogue.model_copy(
        update={
            "house_style": style.model_copy(update=update),
            "indicators": catalogue.indicators | {"leavers": leavers},
        }
    )


def test_a_name_is_plain_however_it_is_made():
    assert [plain(name) for name in ("Surgery", "=1", "[a](b)", "$$a$$", "\u202e", "🙂", "<r>a</r>", " a ")] == [
        "Surgery", "'=1", "[a] (b)", "$ $a$ $", "no name", "called 🙂", "'<r>a</r>", "a",
    ]  # fmt: skip


def test_a_release_of_one_figure_has_a_workbook(release, catalogue, told_alone: Callable[[], Release]):
    names = list(opened(workbook(told_alone(), catalogue)))
    assert names == ["Cover", "Contents", "Notes", "Table_1", "Table_2", "Table_3"]


@pytest.fixture
def told_alone(release, frame, told) -> Callable[[], Release]:
    return lambda: replace(
        release,
        estimates=frame([replace(told["appointed"], ratio_high=math.inf)]),
        analyses=release.analyses[:0],
        history=release.history[:0],
    )


def test_a_limit_without_end_is_blank_and_said(catalogue, told_alone):
    (row,) = table(workbook(told_alone(), catalogue), "Recruitment")
    assert (row["Ratio: upper limit"], row["Ratio: shorthand"]) == (None, "[z]")
    assert row["Remarks"] == "The ratio has no upper limit."
