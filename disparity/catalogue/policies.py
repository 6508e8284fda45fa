"""Disclosure policies: what each audience may be shown of a count, and when."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from disparity.catalogue.indicators import Sensitivity
from disparity.model import Model, Name, Text

Threshold = Annotated[int, Field(ge=1, le=100)]
Percent = Annotated[int, Field(ge=1, le=100)]


class Dominance(Model):
    """When a sum of money would tell one person's part of it: to a colleague who knows his own, or to anybody."""

    remainder_percent: Percent = Field(
        default=10,
        description="hidden where all but the two largest parts are less than this of the largest (the p% rule)",
    )
    two_largest_percent: Percent = Field(
        default=85,
        description="hidden where the two largest parts are more than this of the sum (the (n, k) rule for n = 2)",
    )


class Policy(Model):
    """How a cell is protected before anything is computed from it.

    A count of 0 stays 0; 1 to ``threshold`` - 1 is shown as ``[c]``; others are rounded to a multiple of
    ``round_to``. An indicator's sensitivity may ask for more.
    """

    title: Text
    why: Text
    headcount: tuple[int, int | None] = Field(
        default=(0, None), description="the least and the greatest number of staff it is meant for"
    )
    threshold: Threshold = Field(description="the least count that is told")
    threshold_by_sensitivity: dict[Sensitivity, Threshold] = Field(
        default_factory=dict, description="the same, of indicators of a sensitivity that asks for more"
    )
    hide_noughts: tuple[Sensitivity, ...] = Field(
        default=(),
        description="of what sensitivity 0, and everybody of a base, is hidden as a small count is",
    )
    round_to: Annotated[int, Field(ge=1, le=100)]
    least_base: Annotated[int, Field(ge=0, le=1000)] = Field(
        default=0, description="of fewer people no percentage is told"
    )
    percent_decimals: Annotated[int, Field(ge=0, le=2)]
    pounds_round_to: Annotated[int, Field(ge=1, le=10000)]
    dominance: Dominance = Dominance()
    least_interval: Annotated[int, Field(ge=1, le=50)] = Field(
        description="a hidden count must leave an outsider at least this many possible values"
    )
    hides: Literal["one by one", "fewest people"] = Field(
        default="one by one",
        description="how further counts are chosen to be hidden; the fewest people are sought in small tables alone",
    )
    broad_groups: bool = Field(
        default=True, description="whether the broad groups within ethnic minority may be told apart"
    )
    breakdowns: tuple[Name, ...] | None = Field(
        default=None, description="the breakdowns that may be told; all of them where this is left out"
    )
    least_quarters: Literal[1, 4, 8] = Field(default=1, description="the shortest window that is told")
    told: Literal["every quarter", "every year"] = Field(
        default="every quarter", description="every year: with the quarter that ends the financial year"
    )

    @model_validator(mode="after")
    def _shown_counts_are_not_nought(self) -> Policy:
        if 2 * self.threshold < self.round_to:
            raise ValueError(
                f"a count of {self.threshold} is shown and would be rounded to 0; "
                "give a threshold of at least half of round_to"
            )
        if any(each < self.threshold for each in self.threshold_by_sensitivity.values()):
            raise ValueError("a sensitivity asks for less than threshold; give it as much or leave it out")
        return self

    def threshold_of(self, sensitivity: Sensitivity) -> int:
        """Return the least count that is told of an indicator of this sensitivity."""
        return self.threshold_by_sensitivity.get(sensitivity, self.threshold)

    @property
    def greatest_threshold(self) -> int:
        """The least count that is told whatever its sensitivity."""
        return max(self.threshold, *self.threshold_by_sensitivity.values(), 0)


class NoProtection(Model):
    """Exact counts, for named analysts alone."""

    title: Literal["No protection"] = "No protection"
    percent_decimals: int = 2
    least_base: int = 0
