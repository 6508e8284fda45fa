from __future__ import annotations

import csv
import io
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disparity import estimates as estimated
from reports.release.estimates import COLUMNS, canonical, indicators_csv, read_indicators_csv, rows_of

PROMISED = (
    "organisation, theme, indicator, breakdown, level, quarter, period_start, period_end, quarters, reference_group, "
    "group, "
    "reference_base, reference_events, reference_value, group_base, group_events, group_value, "
    "ratio_of, ratio, "
    "ratio_low, ratio_high, difference, difference_low, difference_high, p_value, q_value, evidence, flag, "
    "people_to_parity, unknown_base, unknown_events, ratio_low_unknown, ratio_high_unknown, status, vintage, "
    "reference_base_status, reference_events_status, group_base_status, group_events_status, "
    "unknown_base_status, "
    "unknown_events_status"
)


def cells_of(content: bytes):
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def test_the_header_is_the_promised_one(release):
    assert indicators_csv(release.estimates).split(b"\n")[0].decode() == PROMISED.replace(" ", "")


def test_columns_are_those_of_the_estimates():
    assert COLUMNS == estimated.COLUMNS


def test_a_protected_cell_is_empty_and_marked(frame, protected):
    (line,) = cells_of(indicators_csv(frame([protected])))
    assert (line["group_events"], line["group_events_status"], line["status"]) == ("", "[c]", "[c]")
    assert (line["group_value"], line["ratio"]) == ("", "")
    assert line["group_base"] == "25"


def test_ratios_have_two_decimals_and_probabilities_four(frame, told):
    (line,) = cells_of(indicators_csv(frame([replace(told["appointed"], ratio=1.6789, p_value=0.00004)])))
    assert (line["ratio"], line["p_value"], line["reference_value"]) == ("1.68", "0.0000", "21")


def test_lines_end_alike_on_every_machine(release):
    content = indicators_csv(release.estimates)
    assert b"\r" not in content
    assert content.endswith(b"\n")


def test_reading_back_gives_what_was_written(release):
    content = indicators_csv(release.estimates)
    assert indicators_csv(read_indicators_csv(content)) == content
    pd.testing.assert_frame_equal(read_indicators_csv(content), canonical(release.estimates))


@pytest.mark.parametrize(
    "name", ["=cmd()", "+1", "-1", "@SUM(A1)", " =cmd()", "\t=cmd()", "\uff1dcmd()", "'=cmd()"]
)
def test_a_name_that_a_spreadsheet_would_run_is_made_safe(frame, told, name):
    content = indicators_csv(frame([replace(told["appointed"], level=name)]))
    assert cells_of(content)[0]["level"] == f"'{name}"
    assert read_indicators_csv(content)["level"].tolist() == [name]


def test_negative_numbers_and_ranges_stay_as_they_are(frame, told):
    negative = replace(told["appointed"], difference=-8.5, people_to_parity="-3 to 2")
    (line,) = cells_of(indicators_csv(frame([negative])))
    assert (line["difference"], line["people_to_parity"]) == ("-8.5", "-3 to 2")


@settings(deadline=None, max_examples=50)
@given(st.text(st.characters(exclude_categories=("Cs",))))
def test_any_name_comes_back(name):
    empty = {column: [None] for column in COLUMNS} | {"quarters": [4], "vintage": [1], "level": [name]}
    content = indicators_csv(pd.DataFrame(empty))
    assert read_indicators_csv(content)["level"].tolist() == [name]


def test_numbers_for_people_may_come_as_numbers(release):
    mixed = release.estimates.copy().astype({"people_to_parity": object})
    mixed["people_to_parity"] = 4.0
    assert {row.people_to_parity for row in rows_of(mixed)} == {"4"}


def test_missing_columns_are_named(release):
    with pytest.raises(ValueError, match="ratio_low"):
        canonical(release.estimates.drop(columns="ratio_low"))


@pytest.mark.parametrize(
    ("status", "marker", "reason"),
    [
        ("", "", ""),
        ("[c]", "[c]", ""),
        ("[x] not agreed", "[x]", "not agreed"),
        ("[x] recruitment: 3 of 4 quarters", "[x]", "recruitment: 3 of 4 quarters"),
    ],
)
def test_a_status_is_a_marker_and_a_reason(told, status, marker, reason):
    row = replace(told["appointed"], status=status)
    assert (row.marker, row.reason) == (marker, reason)


@pytest.mark.parametrize(("written", "parity"), [("", None), ("12", (12, 12)), ("-3 to 12", (-3, 12))])
def test_people_to_parity_are_numbers(told, written, parity):
    assert replace(told["appointed"], people_to_parity=written).parity == parity
