"""Disclosure policies: what each audience may be shown of a count."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from disparity.model import Model, Text


class Policy(Model):
    """How a cell is protected before anything is computed from it.

    A count of 0 stays 0; 1 to ``threshold`` - 1 is shown as ``[c]``; others are rounded to a multiple of
    ``round_to``.
    """

    title: Text
    why: Text
    threshold: Annotated[int, Field(ge=1, le=100)]
    round_to: Annotated[int, Field(ge=1, le=100)]
    percent_decimals: Annotated[int, Field(ge=0, le=2)]
    pounds_round_to: Annotated[int, Field(ge=1, le=10000)]
    least_interval: Annotated[int, Field(ge=1, le=50)] = Field(
        description="a hidden count must leave an outsider at least this many possible values"
    )
    broad_groups: bool = Field(
        default=True, description="whether the broad groups within ethnic minority may be told apart"
    )

    @model_validator(mode="after")
    def _shown_counts_are_not_nought(self) -> Policy:
        if 2 * self.threshold < self.round_to:
            raise ValueError(
                f"a count of {self.threshold} is shown and would be rounded to 0; "
                "give a threshold of at least half of round_to"
            )
        return self


class NoProtection(Model):
    """Exact counts, for named analysts alone."""

    title: Literal["No protection"] = "No protection"
    percent_decimals: int = 2
