"""The data dictionary in the documentation is what the schemas say today."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import polars as pl

from disparity.catalogue.vocabulary import vocabulary_of
from disparity.datasets import DATASETS
from pipelines.documents.data_dictionary import data_dictionary
from resources.catalogue import DEFAULT, load_catalogue

WRITTEN = Path(__file__).parents[3] / "docs" / "data-dictionary.md"


def test_the_written_dictionary_is_current() -> None:
    assert WRITTEN.read_text(encoding="utf-8") == data_dictionary(load_catalogue(DEFAULT)), (
        "docs/data-dictionary.md is not what the schemas say: run `make data-dictionary` and look at the change"
    )


def test_every_field_of_every_dataset_stands_in_it_with_words_and_an_example() -> None:
    text = WRITTEN.read_text(encoding="utf-8")
    vocabulary = vocabulary_of(load_catalogue(DEFAULT))
    for dataset in DATASETS.values():
        section = text.partition(f"(`{dataset.name}`)\n")[2].partition("\n## ")[0]
        for name, described in dataset.columns(vocabulary).items():
            (line,) = [line for line in section.splitlines() if line.startswith(f"| `{name}` |")]
            cells = [cell.strip() for cell in line.strip("|").split(" | ")]
            assert len(cells) == 8, name
            assert cells[6], name
            assert cells[7], name
            assert cells[3] == ("yes" if described.needed else ""), name


def test_what_a_rule_between_flags_rejects_is_told_as_a_condition_that_rejects_the_same_rows() -> None:
    text = WRITTEN.read_text(encoding="utf-8")
    flags_alone = 0
    for dataset in DATASETS.values():
        columns = dataset.columns(vocabulary_of(load_catalogue(DEFAULT)))
        for rule in dataset.rules:
            names = list(dict.fromkeys(rule.holds.meta.root_names()))
            (line,) = [line for line in text.splitlines() if f" when: {rule.words}" in line]
            told = re.fullmatch(r".*\(`(.*)`\)", line)
            if any(columns[name].kind != "flag" for name in names):
                assert told is None
                continue
            assert told is not None
            rows = list(product((True, False, None), repeat=len(names)))
            frame = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.Boolean), orient="row")
            rejected = frame.select((~rule.holds).fill_null(False)).to_series()
            assert rejected.equals(
                frame.select(pl.sql_expr(told[1]).fill_null(False)).to_series(), check_names=False
            )
            flags_alone += 1
    assert flags_alone > 5


def test_the_list_that_an_organisation_names_for_itself_is_named() -> None:
    text = WRITTEN.read_text(encoding="utf-8")
    assert "| `leaving_reason`: Bank Staff not fulfilled minimum work requirement, Death in Service, " in text
    assert "| Yes, No, Don't know |" in text


def test_rules_across_columns_are_told() -> None:
    text = WRITTEN.read_text(encoding="utf-8")
    assert "a row is rejected when: appointed but not offered" in text
    assert "identifiers are hashed with a key of their own and join to nothing" in text
