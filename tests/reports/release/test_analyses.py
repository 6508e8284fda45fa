"""The analyses as a file: every line as it stands, and none that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from dataclasses import asdict, fields, replace

import pandas as pd
import pytest

from disparity import analyses
from disparity.rows import Line
from reports.release.analyses import analyses_csv, canonical_analyses, lines_of


def test_the_columns_are_those_the_analyses_are_made_with():
    assert tuple(field.name for field in fields(Line)) == analyses.COLUMNS


def test_the_file_holds_every_line(release):
    written = analyses_csv(release.analyses)
    assert written.endswith(b"\n")
    assert b"\r" not in written
    read = list(csv.DictReader(io.StringIO(written.decode(), newline="")))
    assert [row["analysis"] for row in read] == [line.analysis for line in lines_of(release.analyses)]
    change = read[1]
    assert (change["value"], change["low"], change["high"], change["p_value"]) == (
        "1.09",
        "0.70",
        "1.69",
        "0.7100",
    )
    assert (read[0]["low"], read[4]["high"], read[7]["value"]) == ("", "inf", "")


def test_a_name_that_a_spreadsheet_would_run_is_made_safe(release):
    first = lines_of(release.analyses)[0]
    written = analyses_csv(pd.DataFrame([asdict(replace(first, of="=1+1"))])).decode()
    assert ",'=1+1," in written


def test_wrong_columns_are_named(release):
    with pytest.raises(ValueError, match="wrong columns: figure"):
        canonical_analyses(release.analyses.drop(columns="figure"))
    assert lines_of(release.analyses[:0]) == ()
