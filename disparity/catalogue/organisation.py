"""The organisation: who it is, what it calls its bands and directorates, and who may read what."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from disparity.datasets.lists import Lists
from disparity.model import Model, Name, Text
from disparity.periods import Quarter

DatasetName = Literal[
    "staff_in_post", "staff_survey", "recruitment", "learning_budget", "leavers", "exit_interviews"
]

# From this many staff on, counts rounded to 5 still say something.
_LARGE = 500


class Agreement(Model):
    """A recorded agreement of a small, named group of people to figures about them.

    It counts from the day it was given. A catalogue with one that is still to come is refused.
    """

    agreed_on: dt.date | None = None
    recorded_by: Text | None = None


class Organisation(Model):
    """One employer and the settings that hold for all of its quarters."""

    name: Text
    short_name: Text
    invented: bool = Field(default=False, description="the figures are about nobody; said on every page")
    first_quarter: dt.date
    comparison: Literal["wres", "white_british"] = "wres"
    owner: Text = Field(description="team named in Dagster as the owner of every asset")
    required_datasets: tuple[DatasetName, ...]
    reject_limit_percent: Annotated[float, Field(ge=0, le=100)] = 5.0
    ethnicity_known_percent: Annotated[float, Field(ge=0, le=100)] = 90.0
    approval_required: bool = True
    headcount: Annotated[int, Field(ge=1)] = Field(description="about how many staff it has")
    audiences: dict[Literal["restricted", "published"], Name] = Field(
        description="the disclosure policy of each released audience; left out, the one for its headcount"
    )
    agreements: dict[Name, Agreement] = Field(default_factory=dict)
    lists: Lists

    @model_validator(mode="before")
    @classmethod
    def _policies_by_headcount(cls, document: Any) -> Any:
        if not isinstance(document, dict) or "audiences" in document:
            return document
        headcount = document.get("headcount")
        large = isinstance(headcount, int) and headcount >= _LARGE
        policy = "threshold8_round5" if large else "small_organisation"
        return document | {"audiences": dict.fromkeys(("restricted", "published"), policy)}

    @field_validator("first_quarter")
    @classmethod
    def _is_a_quarter(cls, value: dt.date) -> dt.date:
        return Quarter.from_key(value.isoformat()).start
