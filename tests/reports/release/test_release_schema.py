"""The JSON Schema of a frozen release: it holds for every release, knows every column, and takes nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from disparity.catalogue.organisation import Agreement, Organisation
from reports.reading_back.files import SCHEMA, unexplained
from reports.release.analyses import ANALYSES_COLUMNS
from reports.release.estimates import COLUMNS, NUMBERS, WHOLES
from reports.release.frozen import schema, to_json


@pytest.fixture(scope="module")
def written() -> dict[str, Any]:
    return json.loads(schema())


@pytest.fixture(scope="module")
def wrong(written) -> Callable[[Any], list[str]]:
    """Return the places of a document that are not as the schema has them."""
    validator = Draft202012Validator(written)
    return lambda document: [each.json_path for each in validator.iter_errors(document)]


def test_it_is_a_schema(written):
    Draft202012Validator.check_schema(written)


@pytest.mark.parametrize("audience", ["restricted", "published", "analyst"])
def test_a_release_is_as_it_says(release, frame, told, wrong, audience):
    endless = replace(told["appointed"], ratio_high=float("inf"), status="[x] 3 of 4 quarters")
    other = replace(release, audience=audience, estimates=frame([endless, *told.values()]))
    assert wrong(json.loads(to_json(release))) == []
    assert wrong(json.loads(to_json(other))) == []


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (lambda each: each.update(seen=37), "$"),
        (lambda each: each.pop("policy_why"), "$"),
        (lambda each: each["organisation"].update(agreements={}), "$.organisation"),
        (lambda each: each["estimates"][0].update(raw=37), "$.estimates[0]"),
        (lambda each: each["estimates"][0].update(group_base="37"), "$.estimates[0].group_base"),
        (lambda each: each["analyses"][0].pop("words"), "$.analyses[0]"),
        (lambda each: each.update(quarter="2026-08-01"), "$.quarter"),
    ],
)
def test_anything_else_is_not(release, wrong, change, where):
    document = json.loads(to_json(release))
    change(document)
    assert wrong(document) == [where]


def test_it_knows_every_column_and_its_kind(written):
    columns = written["$defs"]["estimate"]["properties"]
    assert list(columns) == list(COLUMNS)
    assert list(written["$defs"]["line"]["properties"]) == list(ANALYSES_COLUMNS)
    assert {name for name, each in columns.items() if each.get("$ref") == "#/$defs/number"} == set(NUMBERS)
    assert {name for name, each in columns.items() if each.get("type") == "integer"} == set(WHOLES)
    assert all(each["description"].endswith(".") for each in columns.values())


def test_it_knows_every_setting_that_is_told_and_no_agreement(written):
    known = set(written["$defs"]["organisation"]["properties"])
    assert known == set(Organisation.model_fields) - {"agreements"}


def test_who_recorded_an_agreement_is_not_told(release):
    agreed = {"board": Agreement(recorded_by="A. Person")}
    organisation = release.organisation.model_copy(update={"agreements": agreed})
    assert b"Person" not in to_json(replace(release, organisation=organisation))


def test_the_schema_beside_a_release_is_that_of_this_version(release, catalogue):
    assert unexplained({SCHEMA: schema()}, release, catalogue) == []
    assert unexplained({SCHEMA: schema().replace(b"parity", b"37")}, release, catalogue)
