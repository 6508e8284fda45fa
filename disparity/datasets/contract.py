"""What a dataset's contract is made of: described pandera columns, its period, its key, and whom it was told to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pandera.polars as pa
import polars as pl

from disparity.catalogue.organisation import Lists

Kind = Literal[
    "text", "identifier", "date", "flag", "whole number", "number", "pounds", "category", "ethnicity"
]
Cadence = Literal["snapshot", "quarterly", "annual"]

DTYPES: dict[str, Any] = {
    "identifier": pl.String,
    "category": pl.String,
    "ethnicity": pl.String,
    "date": pl.Date,
    "flag": pl.Boolean,
    "whole number": pl.Int64,
    "number": pl.Float64,
    "pounds": pl.Float64,
}


@dataclass(frozen=True)
class Vocabulary:
    """The allowed values a catalogue brings: its own lists, ethnic codes and survey answers."""

    lists: Lists
    ethnic_codes: tuple[str, ...]
    answers: Mapping[str, Mapping[str, tuple[str, ...]]]
    questions: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Dataset:
    """One dataset's contract. ``schema`` builds its pandera schema from a catalogue's vocabulary."""

    name: str
    title: str
    description: str
    cadence: Cadence
    period_column: str
    key: tuple[str, ...]
    schema: Callable[[Vocabulary], pa.DataFrameSchema]
    in_confidence: bool = False
    may_take_ethnicity_of_staff: bool = False
    open_period: bool = field(
        default=False, metadata={"doc": "a row without a date has not ended yet and is kept"}
    )


def column(
    kind: Kind,
    description: str,
    *,
    example: str,
    unit: str = "",
    needed: bool = True,
    nullable: bool = False,
    allowed: tuple[str, ...] | None = None,
    least: float | None = None,
    most: float | None = None,
) -> pa.Column:
    """Describe one column. ``needed`` columns must be in the extract; others are empty where it has none.

    ``allowed`` are the only texts; ``least`` and ``most`` bound numbers, in ``unit``.
    """
    checks: list[pa.Check] = []
    if allowed is not None:
        checks.append(pa.Check.isin(list(allowed), error="not one of the allowed values"))
    if least is not None:
        checks.append(pa.Check.ge(least, error=f"below {least:g}"))
    if most is not None:
        checks.append(pa.Check.le(most, error=f"above {most:g}"))
    return pa.Column(
        DTYPES[kind],
        checks,
        nullable=nullable or not needed,
        description=description,
        metadata={"kind": kind, "unit": unit, "example": example, "needed": needed, "allowed": allowed},
    )


def row_rule(rule: str, holds: pl.Expr) -> pa.Check:
    """Return a check across the columns of one row: it fails where ``holds`` is false and passes where it is null."""
    return pa.Check(lambda data: data.lazyframe.select(holds.fill_null(True)), error=rule)  # noqa: FBT003


def ethnicity(vocabulary: Vocabulary) -> pa.Column:
    """Describe the ethnic code column that every dataset carries."""
    return column(
        "ethnicity",
        "Ethnic code, after the crosswalk; blank in the extract becomes the code for not known",
        example="C3",
        needed=False,
        allowed=vocabulary.ethnic_codes,
    )


def kind_of(described: pa.Column) -> str:
    """Return the kind of a column made by :func:`column`."""
    return str((described.metadata or {})["kind"])


def needed(described: pa.Column) -> bool:
    """Return whether an extract must hold this column."""
    return bool((described.metadata or {})["needed"])


def allowed_values(described: pa.Column) -> tuple[str, ...] | None:
    """Return the allowed texts of a column, or None where any will do."""
    values: tuple[str, ...] | None = (described.metadata or {})["allowed"]
    return values
