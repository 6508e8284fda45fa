"""The data dictionary in the documentation is what the schemas say today."""

from __future__ import annotations

from pathlib import Path

from disparity.datasets import DATASETS
from disparity.datasets.vocabulary import vocabulary_of
from pipelines.data_dictionary import data_dictionary
from resources.catalogue import DEFAULT, load_catalogue

WRITTEN = Path(__file__).parents[2] / "docs" / "data-dictionary.md"


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


def test_rules_across_columns_are_told() -> None:
    text = WRITTEN.read_text(encoding="utf-8")
    assert "a row is rejected when: appointed but not offered" in text
    assert "identifiers are hashed with a key of their own and join to nothing" in text
