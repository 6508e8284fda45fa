"""Where each dataset comes from: file or database, its shape, and how its columns map to ours."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field, model_validator

from disparity.model import Model, Name, Text

Heading = Annotated[str, Field(min_length=1, max_length=200)]


_FROM_ENVIRONMENT = r"\$\{\w+\}"
_PASSWORD = re.compile(rf"^([\w+.-]+://[^:/@]*):{_FROM_ENVIRONMENT}@")


def _without_secrets(location: str) -> str:
    return "" if re.fullmatch(_FROM_ENVIRONMENT, location) else _PASSWORD.sub(r"\1@", location)


class InForce(Model):
    """Effective-dated rows: keep those in force on the last day of the quarter."""

    start: Heading
    end: Heading


class Source(Model):
    """One dataset's extract: where it lies and how to read it as text.

    ``location`` is a path below the landing folder (or absolute), or for ``sql`` a SQLAlchemy URL; ``{quarter}`` stands
    for the quarter's key and ``*`` for anything. A URL's password, or the whole of it, may be ``${NAME}``, taken from the
    environment so that no password lies here; nothing else may. ``query`` is bound to ``:period_start``, the quarter's
    first day, and ``:next_period_start``, the first day after it; also to ``:period_end``, its last day.
    """

    format: Literal["csv", "xlsx", "ods", "parquet", "sql"]
    location: Text
    files: Literal["one", "many"] = "one"
    delimiter: Annotated[str, Field(pattern=r"^[\t !#-/:-@\[-`{-~]$")] = ","
    encoding: Literal["utf-8", "utf-16", "windows-1252"] | None = Field(
        default=None, description="stated by the supplier; found out from the bytes when absent"
    )
    sheet: Text | None = None
    skip_rows: Annotated[int, Field(ge=0, le=100)] = 0
    query: str | None = None
    columns: dict[Name, Heading]
    values: dict[Name, dict[str, str]] = Field(
        default_factory=dict, description="their word for ours, by our column; unlisted words pass unchanged"
    )
    values_from: dict[Name, Text] = Field(
        default_factory=dict, description="the same from a two-column CSV file in the catalogue folder"
    )
    constants: dict[Name, str] = Field(
        default_factory=dict, description="a value for every row; {quarter_end} is the quarter's last day"
    )
    not_available: tuple[Name, ...] = Field(
        default=(), description="columns of ours that this source does not give; what rests on them says so"
    )
    no_value: tuple[str, ...] = Field(
        default=(), description="texts that stand for nothing, such as the open end 31/12/4712"
    )
    digits: dict[Name, Annotated[int, Field(ge=2, le=40)]] = Field(
        default_factory=dict,
        description="how many digits an identifier has that is a number, by our column: zeros lost in front are put back",
    )
    date_format: str = "%Y-%m-%d"
    keep: dict[Heading, tuple[str, ...]] = Field(
        default_factory=dict,
        description="rows to take, by heading and allowed texts; others are counted and left",
    )
    leave_out: dict[Heading, tuple[str, ...]] = Field(
        default_factory=dict,
        description="words under a heading of keep that are nearly ones to take, and are known to be others",
    )
    in_force: InForce | None = None
    may_be_empty: bool = Field(
        default=False,
        description="headings without rows say that there was nothing in the quarter, such as nobody who left",
    )

    @model_validator(mode="after")
    def _fits_its_format(self) -> Source:
        if (self.format == "sql") != (self.query is not None):
            raise ValueError("a query belongs to format sql, and format sql needs one")
        if "${" in (self.location if self.format != "sql" else _without_secrets(self.location)):
            raise ValueError(
                "${NAME} stands for a secret: it may be the password in the address of a database, or the whole address"
            )
        if self.sheet is not None and self.format not in ("xlsx", "ods"):
            raise ValueError("a sheet belongs to format xlsx or ods")
        if "%" not in self.date_format:
            raise ValueError("a date format is written with % signs, such as %d/%m/%Y")
        twice = set(self.columns) & set(self.constants)
        if twice:
            raise ValueError(
                f"{', '.join(sorted(twice))}: mapped to a heading and given as a constant; keep one"
            )
        both = set(self.not_available) & {*self.columns, *self.constants}
        if both:
            raise ValueError(f"{', '.join(sorted(both))}: given, and said to be not available; keep one")
        return self
