"""Column schemas: what Dagster shows of the columns of records and estimates, from contracts and the registry of rows."""

from __future__ import annotations

import dagster as dg

from disparity.catalogue import Catalogue
from disparity.catalogue.vocabulary import vocabulary_of
from disparity.datasets import Dataset
from disparity.datasets.contract import Column
from disparity.rows import Estimate, columns_of


def schema_of_records(dataset: Dataset, catalogue: Catalogue) -> dg.TableSchema:
    """Return the columns of a dataset's records as its contract describes them."""
    columns = dataset.columns(vocabulary_of(catalogue))
    return dg.TableSchema(
        [
            dg.TableColumn(name, each.kind, each.description, _constraints(name, each, dataset))
            for name, each in columns.items()
        ]
    )


def schema_of_estimates() -> dg.TableSchema:
    """Return the columns of the estimates."""
    return dg.TableSchema(
        [dg.TableColumn(name, each.kind, each.about.words) for name, each in columns_of(Estimate).items()]
    )


def _constraints(name: str, column: Column, dataset: Dataset) -> dg.TableColumnConstraints:
    bounds = [
        f"{words} {bound:g}"
        for words, bound in (("at least", column.least), ("at most", column.most))
        if bound is not None
    ]
    allowed = [f"one of {', '.join(column.allowed)}"] if column.allowed else []
    return dg.TableColumnConstraints(
        nullable=column.may_be_empty, unique=dataset.key == (name,), other=[*bounds, *allowed]
    )
