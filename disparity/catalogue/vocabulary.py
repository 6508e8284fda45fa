"""The typed frames that catalogue and datasets make together: what predicates may name, and their values."""

from __future__ import annotations

import polars as pl

from disparity.catalogue import Catalogue
from disparity.datasets import DATASETS
from disparity.datasets.contract import DTYPES, Column, Vocabulary
from disparity.ethnicity import GROUPS

DERIVED: dict[str, tuple[str, ...]] = {
    "ethnic_category": (),
    "broad_group": ("Asian", "Black", "Mixed", "White", "Other", "Unknown"),
    "ethnicity_answer": ("known", "declined", "not_known"),
    "ethnicity": GROUPS,
}


def vocabulary_of(catalogue: Catalogue) -> Vocabulary:
    """Return the allowed values that a catalogue brings to the datasets' schemas."""
    survey = catalogue.survey
    asked = {"staff_survey": survey.staff_survey, "exit_interviews": survey.exit_interviews}
    return Vocabulary(
        lists=catalogue.organisation.lists,
        ethnic_codes=tuple(dict.fromkeys(code.code for code in catalogue.ethnicity.codes)),
        ethnic_words=frozenset(catalogue.ethnicity.frame("wres")["raw"]),
        answers={
            dataset: {name: survey.scales[question.scale] for name, question in questions.items()}
            for dataset, questions in asked.items()
        },
        questions={
            dataset: {name: question.text for name, question in questions.items()}
            for dataset, questions in asked.items()
        },
    )


def columns_of_all(vocabulary: Vocabulary) -> dict[str, dict[str, Column]]:
    """Return the described columns of every dataset, with those that the pipeline derives, which are never blank."""
    derived = {
        name: Column("category", "Derived from the ethnic code", example="", allowed=values or None)
        for name, values in DERIVED.items()
    }
    return {name: {**dataset.columns(vocabulary), **derived} for name, dataset in DATASETS.items()}


def record_columns(dataset: str, vocabulary: Vocabulary) -> pl.Schema:
    """Return a dataset's record columns that are not identifiers, with the derived ethnicity columns."""
    described = DATASETS[dataset].columns(vocabulary)
    typed = {name: DTYPES[each.kind] for name, each in described.items() if each.kind != "identifier"}
    return pl.Schema({**typed, **dict.fromkeys(DERIVED, pl.String)})


def record_values(dataset: str, vocabulary: Vocabulary) -> dict[str, tuple[str, ...]]:
    """Return the allowed texts of every column of a dataset's records that has them."""
    described = DATASETS[dataset].columns(vocabulary)
    listed = {name: each.allowed for name, each in described.items() if each.allowed is not None}
    return {**listed, **{name: values for name, values in DERIVED.items() if values}}
