"""The data dictionary: every dataset's fields as its schema describes them, written as Markdown."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from itertools import product

import polars as pl

from disparity.catalogue import Catalogue
from disparity.catalogue.vocabulary import vocabulary_of
from disparity.datasets import DATASETS, Dataset
from disparity.datasets.contract import Column, RowRule, Vocabulary
from disparity.rows import Estimate, Line, columns_of
from resources.catalogue import DEFAULT, load_catalogue

_MOST_LISTED = 6
_TABLES: Mapping[str, type[Estimate | Line]] = {"indicators.csv": Estimate, "analyses.csv": Line}
_HEAD = """\
# Data dictionary

Generated from the schemas in `disparity/datasets/` by `make data-dictionary`; a test keeps it current. Lists that an
organisation names for itself, and survey questions, are those of the default catalogue. Examples are invented. The tables
that are written with a report come last, by `disparity/rows.py`.

Every dataset's records also carry `ethnic_category` (16+1), `broad_group`, `ethnicity_answer` (known, declined, not_known)
and `ethnicity` (white, ethnic_minority, unknown), worked out from `ethnic_code` by the catalogue's crosswalk.

Behind a rule between flags stands the condition that rejects a row. Where an empty field leaves a rule open, the row is
accepted. A list that an organisation names for itself is named as in its `organisation.yaml`.
"""


def data_dictionary(catalogue: Catalogue) -> str:
    """Return the dictionary of all datasets as Markdown."""
    vocabulary = vocabulary_of(catalogue)
    datasets = "".join(_section(each, vocabulary) for each in DATASETS.values())
    return _HEAD + datasets + "".join(_table(file, row) for file, row in _TABLES.items())


def _table(file: str, row: type[Estimate | Line]) -> str:
    """Return the columns of one of the tables that are written with a report."""
    lines = [f"| `{name}` | {each.kind} | {each.about.words} |" for name, each in columns_of(row).items()]
    return "\n".join(
        ["", f"## {file}", "", "| field | kind | what it is |", "| --- | --- | --- |", *lines, ""]
    )


def _section(dataset: Dataset, vocabulary: Vocabulary) -> str:
    facts = [
        f"- cadence: {dataset.cadence}; the period is that of `{dataset.period_column}`",
        f"- key: {', '.join(f'`{name}`' for name in dataset.key)}",
    ]
    if dataset.in_confidence:
        facts.append(
            "- told in confidence: identifiers are hashed with a key of their own and join to nothing"
        )
    if dataset.may_take_ethnicity_of_staff:
        facts.append(
            "- an ethnicity that was never recorded may be taken from the same person in staff in post"
        )
    if dataset.open_period:
        facts.append(f"- a row without `{dataset.period_column}` has not ended and is kept")
    columns = dataset.columns(vocabulary)
    rules = [f"- a row is rejected when: {rule.words}{_condition(rule, columns)}" for rule in dataset.rules]
    head = [
        "| field | kind | unit | needed | may be empty | values | example | what it is |",
        "| --- " * 8 + "|",
    ]
    rows = [_row(name, described, vocabulary) for name, described in columns.items()]
    parts = [
        f"\n## {dataset.title} (`{dataset.name}`)\n",
        f"{dataset.description}\n",
        "\n".join(facts + rules) + "\n",
    ]
    return "\n".join([*parts, *head, *rows]) + "\n"


def _condition(rule: RowRule, columns: Mapping[str, Column]) -> str:
    """Return what a rule between flags rejects, as SQL in brackets, found by trying all that they can be; else ""."""
    names = list(dict.fromkeys(rule.holds.meta.root_names()))
    if any(columns[name].kind != "flag" for name in names):
        return ""
    tried = pl.DataFrame(list(product((True, False), repeat=len(names))), schema=names, orient="row")
    rejected = [
        " AND ".join(name if value else f"NOT {name}" for name, value in row.items())
        for row in tried.filter(~rule.holds).iter_rows(named=True)
    ]
    return f" (`{' OR '.join(rejected)}`)"


def _row(name: str, described: Column, vocabulary: Vocabulary) -> str:
    cells = (
        f"`{name}`",
        described.kind,
        described.unit,
        "yes" if described.needed else "",
        "yes" if described.may_be_empty else "",
        _list_named(described, vocabulary) + _values(described),
        described.example,
        described.description,
    )
    return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"


def _list_named(described: Column, vocabulary: Vocabulary) -> str:
    """Return the name of the organisation's list that a column's values are of, as it stands before them."""
    named = [name for name, values in vocabulary.lists if values and values == described.allowed]
    return f"`{named[0]}`: " if named else ""


def _values(described: Column) -> str:
    values = described.allowed or ()
    more = f" and {len(values) - _MOST_LISTED} more" if len(values) > _MOST_LISTED else ""
    bounds = [
        f"{words} {bound:g}"
        for words, bound in (("at least", described.least), ("at most", described.most))
        if bound is not None
    ]
    listed = ", ".join(values[:_MOST_LISTED]) + more
    return listed or ", ".join(bounds)


if __name__ == "__main__":
    sys.stdout.write(data_dictionary(load_catalogue(DEFAULT)))
