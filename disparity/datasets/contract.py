"""What a dataset's contract is made of: described columns, its period, its key, whom it was told to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from disparity.datasets.lists import Lists

if TYPE_CHECKING:
    import pandera.polars as pa

Kind = Literal["identifier", "date", "flag", "whole number", "number", "pounds", "category", "ethnicity"]
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
    """The allowed values a catalogue brings: its own lists, ethnic codes and survey answers.

    ``ethnic_words`` are all codes and labels that the crosswalk knows, in lower case.
    """

    lists: Lists
    ethnic_codes: tuple[str, ...]
    ethnic_words: frozenset[str]
    answers: Mapping[str, Mapping[str, tuple[str, ...]]]
    questions: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Column:
    """One described column. Columns that are not ``needed`` are empty where an extract has none.

    ``allowed`` are the only texts; ``least`` and ``most`` bound numbers, in ``unit``.
    """

    kind: Kind
    description: str
    example: str
    unit: str = ""
    needed: bool = True
    nullable: bool = False
    allowed: tuple[str, ...] | None = None
    least: float | None = None
    most: float | None = None

    @property
    def may_be_empty(self) -> bool:
        """Whether a row without it is accepted."""
        return self.nullable or not self.needed


@dataclass(frozen=True)
class RowRule:
    """A rule across the columns of one row: broken where ``holds`` is false, not where it is null."""

    words: str
    holds: pl.Expr


@dataclass(frozen=True)
class Dataset:
    """One dataset's contract: its columns, as a catalogue's vocabulary completes them, and its rules.

    ``nested`` says which flags a row with a flag has too, by its rules. ``is_of_staff``: its rows name employees who stand
    in staff in post. ``open_period``: a row without a date in ``period_column`` has not ended yet and is kept.
    ``called`` is what people call one delivery.
    """

    name: str
    title: str
    description: str
    cadence: Cadence
    period_column: str
    key: tuple[str, ...]
    columns: Callable[[Vocabulary], dict[str, Column]]
    rules: tuple[RowRule, ...] = ()
    nested: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    in_confidence: bool = False
    is_of_staff: bool = False
    may_take_ethnicity_of_staff: bool = False
    open_period: bool = False
    called: str = "extract"

    @property
    def rarer_than_quarters(self) -> bool:
        """Whether it does not come with every quarter, so that several reports rest on one delivery."""
        return self.cadence not in ("snapshot", "quarterly")

    def schema(self, vocabulary: Vocabulary) -> pa.DataFrameSchema:
        """Return the pandera schema that records are validated by, with every column's description.

        pandera, which brings pandas, is imported here: whoever only reads a catalogue does not wait for it.
        """
        import pandera.polars as pa

        def rule(each: RowRule) -> pa.Check:
            return pa.Check(lambda data: data.lazyframe.select(each.holds.fill_null(True)), error=each.words)

        columns = {name: _pandera_column(each) for name, each in self.columns(vocabulary).items()}
        return pa.DataFrameSchema(
            columns, checks=[rule(each) for each in self.rules], name=self.name, strict=True
        )


def _pandera_column(described: Column) -> pa.Column:
    import pandera.polars as pa

    checks: list[pa.Check] = []
    if described.allowed is not None:
        checks.append(pa.Check.isin(list(described.allowed), error="not one of the allowed values"))
    if described.least is not None:
        checks.append(pa.Check.ge(described.least, error=f"below {described.least:g}"))
    if described.most is not None:
        checks.append(pa.Check.le(described.most, error=f"above {described.most:g}"))
    return pa.Column(
        DTYPES[described.kind],
        checks,
        nullable=described.may_be_empty,
        description=described.description,
        metadata={"unit": described.unit, "example": described.example},
    )


def ethnicity(vocabulary: Vocabulary) -> Column:
    """Describe the ethnic code column that every dataset carries."""
    return Column(
        "ethnicity",
        "Ethnic code, after the crosswalk; blank in the extract becomes the code for not known",
        example="C3",
        needed=False,
        allowed=vocabulary.ethnic_codes,
    )
