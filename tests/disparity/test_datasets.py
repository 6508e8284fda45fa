"""Datasets: what every contract must have, and what those told in confidence must not."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from disparity.catalogue import Catalogue
from disparity.catalogue.vocabulary import record_columns, record_values, vocabulary_of
from disparity.datasets import DATASETS, Dataset
from disparity.datasets.contract import DTYPES, Column
from resources.catalogue import DEFAULT, load_catalogue

CATALOGUE: Catalogue = load_catalogue(DEFAULT)
VOCABULARY = vocabulary_of(CATALOGUE)


@pytest.fixture(params=DATASETS)
def dataset(request: pytest.FixtureRequest) -> Dataset:
    return DATASETS[request.param]


@pytest.fixture
def columns(dataset: Dataset) -> dict[str, Column]:
    return dataset.columns(VOCABULARY)


def test_every_column_says_what_it_is_with_an_example(columns: dict[str, Column]) -> None:
    for name, column in columns.items():
        assert column.description, name
        assert column.example, name
        if column.kind in ("number", "pounds"):
            assert column.unit, name
        if column.allowed:
            assert column.example in column.allowed or column.kind == "ethnicity", name
        if column.kind == "date":
            dt.date.fromisoformat(column.example)


def test_its_key_and_period_are_columns_that_must_be_there(
    dataset: Dataset, columns: dict[str, Column]
) -> None:
    for key in dataset.key:
        assert columns[key].kind == "identifier"
        assert not columns[key].may_be_empty
    assert columns[dataset.period_column].kind == "date"
    assert columns[dataset.period_column].may_be_empty == dataset.open_period


def test_no_column_has_a_place_for_a_name_an_address_or_free_text(columns: dict[str, Column]) -> None:
    free = [name for name, each in columns.items() if each.kind == "category" and each.allowed is None]
    assert free == []
    assert {each.kind for each in columns.values()} <= set(DTYPES)
    assert not {"name", "address", "date_of_birth", "email", "comment"} & set(columns)


def test_what_was_told_in_confidence_names_no_employee(dataset: Dataset, columns: dict[str, Column]) -> None:
    assert dataset.in_confidence == (dataset.name in ("staff_survey", "exit_interviews"))
    assert not (dataset.in_confidence and "person" in columns)
    assert not (dataset.in_confidence and dataset.may_take_ethnicity_of_staff)


def test_the_schema_validates_what_the_columns_describe(dataset: Dataset, columns: dict[str, Column]) -> None:
    schema = dataset.schema(VOCABULARY)
    assert list(schema.columns) == list(columns)
    empty = pl.DataFrame(schema={name: DTYPES[each.kind] for name, each in columns.items()})
    assert schema.validate(empty, lazy=True).is_empty()
    for name, column in schema.columns.items():
        assert column.nullable == columns[name].may_be_empty
        assert column.description == columns[name].description


def test_predicates_may_name_no_identifier_and_know_the_values(dataset: Dataset) -> None:
    named, values = record_columns(dataset.name, VOCABULARY), record_values(dataset.name, VOCABULARY)
    assert not {"person", "application", "vacancy", "request", "reply", "interview"} & set(named)
    assert {"ethnicity", "ethnicity_answer", "broad_group", "ethnic_category"} <= set(named)
    assert all(named[name] == pl.String for name in values)
    assert values["ethnicity"] == ("white", "ethnic_minority", "unknown")


def test_survey_questions_become_columns_with_their_scale() -> None:
    columns = DATASETS["staff_survey"].columns(VOCABULARY)
    for name, question in CATALOGUE.survey.staff_survey.items():
        assert columns[name].allowed == CATALOGUE.survey.scales[question.scale]
        assert question.text in columns[name].description
        assert columns[name].may_be_empty
    values = record_values("exit_interviews", VOCABULARY)
    assert values["reported_discrimination"] == ("Yes", "No")


def test_staff_columns_take_the_organisations_own_lists() -> None:
    columns = DATASETS["staff_in_post"].columns(VOCABULARY)
    assert columns["band"].allowed == CATALOGUE.organisation.lists.band
    assert set(columns["ethnic_code"].allowed or ()) == {each.code for each in CATALOGUE.ethnicity.codes}


def test_datasets_stand_under_their_own_names() -> None:
    assert list(DATASETS) == [each.name for each in DATASETS.values()]
    assert set(CATALOGUE.sources) <= set(DATASETS)
