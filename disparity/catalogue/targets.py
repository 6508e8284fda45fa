"""Targets: where the organisation means an indicator to be, and by when."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from disparity.model import Model
from disparity.periods import Quarter

PARITY = "parity"


def _end_of_quarter(day: dt.date) -> dt.date:
    end = Quarter.holding(day).end
    if day != end:
        raise ValueError(
            f"a target is measured at the end of a quarter; the one that holds this day ends on {end}"
        )
    return day


_QuarterEnd = Annotated[dt.date, AfterValidator(_end_of_quarter)]


class Target(Model):
    """What the second group's figure is to reach: a value in the indicator's unit, or what it is compared with.

    A straight path leads there from the figure of the quarter that ended on ``since``.
    """

    reach: Literal["parity"] | Annotated[float, Field(ge=0)]
    since: _QuarterEnd
    by: _QuarterEnd

    @model_validator(mode="after")
    def _takes_time(self) -> Target:
        if self.since >= self.by:
            raise ValueError("a target is reached after it was set: 'by' is to be later than 'since'")
        return self
