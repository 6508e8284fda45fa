"""Ethnicity: from a raw code or label to the 16+1 category, the broad group and the comparison group."""

from __future__ import annotations

from typing import Literal

import polars as pl
from pydantic import model_validator

from disparity.model import Model, Text

WHITE = "white"
ETHNIC_MINORITY = "ethnic_minority"
UNKNOWN = "unknown"
GROUPS = (WHITE, ETHNIC_MINORITY, UNKNOWN)

BroadGroup = Literal["Asian", "Black", "Mixed", "White", "Other", "Unknown"]
"""In the order in which reports list them."""
Comparison = Literal["wres", "white_british"]

COLUMNS = ("ethnic_code", "ethnic_category", "broad_group", "ethnicity_answer", "ethnicity")


class Code(Model):
    """One row of the crosswalk: a code, the label it goes by and what it means."""

    code: Text
    label: Text
    category: Text
    category_ons_2021: Text
    broad_group: BroadGroup
    answer: Literal["known", "declined", "not_known"]
    white_british: bool

    def group(self, comparison: Comparison) -> str:
        """Return the comparison group: the national standard's (WRES), or White British beside all others."""
        if self.answer != "known":
            return UNKNOWN
        white = self.white_british if comparison == "white_british" else self.broad_group == "White"
        return WHITE if white else ETHNIC_MINORITY


class Crosswalk(Model):
    """Every code and known label. A blank is "not known"; a code that is not here is refused, row by row."""

    codes: tuple[Code, ...]

    @model_validator(mode="after")
    def _each_spelling_has_one_meaning(self) -> Crosswalk:
        meant: dict[str, Code] = {}
        for code in self.codes:
            for raw in (code.code, code.label):
                other = meant.setdefault(raw.lower(), code)
                if other.model_copy(update={"label": code.label}) != code:
                    raise ValueError(f"{raw!r} stands for two things, {other.code} and {code.code}; keep one")
        if not any(code.answer == "not_known" for code in self.codes):
            raise ValueError("no code has the answer not_known; a blank ethnicity needs one, such as 99")
        return self

    def frame(self, comparison: Comparison) -> pl.DataFrame:
        """Return one row per raw spelling (lower case, trimmed) with the five ethnicity columns."""
        seen: dict[str, tuple[str, ...]] = {}
        for code in self.codes:
            meaning = (code.code, code.category, code.broad_group, code.answer, code.group(comparison))
            seen |= {raw.lower(): meaning for raw in (code.code, code.label)}
        rows = [(raw, *meaning) for raw, meaning in seen.items()]
        return pl.DataFrame(rows, schema=["raw", *COLUMNS], orient="row")

    @property
    def not_known(self) -> Code:
        """The code that a blank stands for: ethnicity was never recorded."""
        return next(code for code in self.codes if code.answer == "not_known")
