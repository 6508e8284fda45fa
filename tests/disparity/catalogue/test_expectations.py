"""Tests of the expectations of the catalogue: what a query may be, and what is said of one that may not."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from disparity.catalogue.expectations import PROFILE, Expectation, Expectations

ROWS = "SELECT value FROM profile WHERE dataset = 'leavers' AND measure = 'rows' AND quarter = :quarter"
KEYS = {
    "quarter": "2026-07-01",
    "previous_quarter": "2026-04-01",
    "same_quarter_last_year": "2025-07-01",
    "four_quarters_before": "2025-07-01",
}
NUMBERS = {"dataset": "leavers", "measure": "rows"}


def expectation(query: str | None = ROWS, **more: Any) -> Expectation:
    """Make an expectation."""
    return Expectation.model_validate(
        {"name": "leavers", "sentence": "Leavers differ.", "query": query, **more}
    )


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELEC value FROM profile", "not one SQL query"),
        (f"{ROWS}; {ROWS}", "not one SQL query"),
        ("DELETE FROM profile", "begins with SELECT or WITH"),
        (f"WITH gone AS (DELETE FROM profile RETURNING *) {ROWS}", "changes something"),
        ("SELECT * INTO other FROM profile", "changes something"),
        (ROWS.replace("profile", "profil"), "no table 'profil'"),
        (ROWS.replace("profile", "pg_catalog.profile"), "no table 'profile'"),
        (
            f"SELECT value FROM release WHERE EXISTS (WITH release AS (SELECT 1) SELECT 1 FROM release) UNION {ROWS}",
            "no table 'release'",
        ),
        (
            f"{ROWS} AND EXISTS (WITH ledger AS (SELECT * FROM ledger) SELECT 1 FROM ledger)",
            "no table 'ledger'",
        ),
        (f"WITH profile AS (SELECT 1 AS value) {ROWS}", "call what WITH defines something else"),
        ("SELECT pg_sleep(10)", "no function"),
        (ROWS.replace("SELECT value", "SELECT valu"), "'valu' could not be resolved"),
        (ROWS.replace(":quarter", ":quater"), "no quarter :quater; did you mean 'quarter'"),
        (ROWS.replace("leavers", "leaver"), "'leaver' is no dataset; did you mean 'leavers'"),
        (ROWS.replace("rows", "row"), "'row' is no measure; did you mean 'rows'"),
        (ROWS.replace("= 'leavers'", "IN ('leavers', 'survey')"), "'survey' is no dataset"),
        ("SELECT value FROM profile WHERE quarter = :quarter", "names no dataset"),
        (ROWS.replace(":quarter", "'2026-07-01'"), "does not speak of the quarter"),
    ],
)
def test_a_query_that_will_not_do_is_explained(query: str, said: str) -> None:
    with pytest.raises(ValidationError) as error:
        expectation(query)
    assert said in str(error.value)


@pytest.mark.parametrize(
    "given",
    [
        {"query": None},
        {"query": None, "expect": "expect_column_values_to_be_between"},
        {"query": None, "numbers": NUMBERS},
        {"expect": "expect_column_values_to_be_between", "numbers": NUMBERS},
        {"arguments": {"min_value": 1}},
    ],
)
def test_an_expectation_is_a_query_or_an_ordinary_one(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="give either query, or expect and numbers"):
        expectation(**given)


def test_a_kind_that_is_not_known_is_an_error() -> None:
    with pytest.raises(ValidationError, match="expect_column_values_to_be_between"):
        expectation(None, expect="expect_column_values_to_be_betwen", numbers=NUMBERS)


def test_it_knows_the_datasets_and_quarters_it_is_about() -> None:
    query = (
        "SELECT now.value FROM profile AS now JOIN profile AS earlier ON earlier.quarter = :previous_quarter "
        "WHERE now.dataset = 'staff_in_post' AND earlier.dataset IN ('leavers') AND now.quarter = :quarter"
    )
    about = expectation(query)
    assert about.datasets == ("leavers", "staff_in_post")
    assert about.quarters == {"quarter", "previous_quarter"}
    ordinary = expectation(None, expect="expect_column_values_to_be_between", numbers=NUMBERS)
    assert (ordinary.datasets, ordinary.quarters) == (("leavers",), {"quarter"})


def test_a_query_runs_with_its_quarters_bound_and_a_reserved_word_for_a_column() -> None:
    database = sqlite3.connect(":memory:")
    database.execute(f"CREATE TABLE of_test ({', '.join(f'{chr(34)}{name}{chr(34)}' for name in PROFILE)})")
    database.execute("INSERT INTO of_test VALUES ('leavers', '2026-07-01', 'share', 'band', 'Band 5', 60)")
    query = ROWS.replace("'rows'", "'share' AND column = 'band'")
    sql = expectation(query).sql(KEYS, "of_test")
    assert database.execute(sql).fetchall() == [(60,)]
    assert database.execute(sql.replace("2026-07-01", "2026-10-01")).fetchall() == []
    database.close()


def test_a_name_stands_once_in_all_suites() -> None:
    once = {"name": "leavers", "sentence": "Leavers differ.", "query": ROWS}
    with pytest.raises(ValidationError, match="these stand twice: leavers"):
        TypeAdapter(Expectations).validate_python({"one": [once], "two": [once]})
