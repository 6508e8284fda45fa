"""Indicators: what is counted, of whom, over which window, which way round, and how sensitive it is."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from disparity.catalogue.organisation import DatasetName
from disparity.ethnicity import UNKNOWN
from disparity.model import Model, Name, Text

Theme = Literal["workforce", "recruitment", "experience", "development", "leaving"]
Sensitivity = Literal["low", "medium", "high"]
COMPARISONS = "comparisons"
"""What the chart of several indicators' ratios is called, and therefore no indicator."""

Predicate = Annotated[str, Field(min_length=1, max_length=400, description="a row-wise SQL expression")]


class _Indicator(Model):
    theme: Theme
    title: Text
    question: Text = Field(description="the plain question the figures answer")
    base_words: Text = Field(description="who or what is in the base, such as 'shortlisted applicants'")
    event_words: Text = Field(description="what happened to them, such as 'were appointed'")
    quarters: Literal[1, 4, 8] = 4
    asks_about: Text | None = Field(
        default=None,
        description="the time that a survey's question asks about, such as 'the 12 months before'",
    )
    better: Literal["higher", "lower", "neither"] = "higher"
    ratio_of: Literal["reference/group", "group/reference"] = "reference/group"
    flag: Literal["four_fifths", "none"] = "four_fifths"
    margin: tuple[float, float] = Field(
        default=(0.8, 1.25), description="inside it a ratio is no material disparity"
    )
    sensitivity: Sensitivity
    breakdowns: tuple[Name, ...] = ()
    headline: bool = False
    wres: Annotated[int, Field(ge=1, le=9)] | None = None
    needs_agreement: Name | None = None

    @property
    def above_1_is_less_well(self) -> bool:
        """Whether a ratio above 1 means that the group fares less well: fewer good events, or more bad ones."""
        return (self.better, self.ratio_of) in {("higher", "reference/group"), ("lower", "group/reference")}


class Rows(_Indicator):
    """Base and event are predicates on the rows of one dataset."""

    kind: Literal["rows"]
    dataset: DatasetName
    base: Predicate
    event: Predicate
    window_by: Name | None = Field(
        default=None, description="date column that must be filled and in the window"
    )
    stratified_by: Name | None = Field(
        default=None, description="identifier within which the groups are compared too, such as the vacancy"
    )
    stages: tuple[Name, ...] = Field(
        default=(),
        description="the indicators on the way from base to event, each one's events the base of the next",
    )


class Mean(_Indicator):
    """The mean of a number over the rows of one dataset."""

    kind: Literal["mean"]
    dataset: DatasetName
    base: Predicate
    value: Name
    unit: Literal["pounds", "hours", "points"]


class Share(_Indicator):
    """A group's part of a population beside its part of the rest (or of the staff in post, for a sum).

    ``part`` picks the population; without it the whole dataset is described and nothing compared, and each
    level of a breakdown is compared with the rest. With ``value`` the group's share of a sum stands beside
    its share of staff in post.
    """

    kind: Literal["share"]
    dataset: DatasetName
    of: Literal["ethnic_minority", "unknown"] = "ethnic_minority"
    part: Predicate | None = None
    part_words: Text | None = None
    rest_words: Text = "other staff"
    value: Name | None = None
    unit: Literal["percent"] = "percent"

    @property
    def above_1_is_less_well(self) -> bool:
        """A share sets one population beside another, so that its ratio says nothing of how a group fares."""
        return False


class Linked(_Indicator):
    """Staff in post at the last snapshot; event or value from another dataset, none counted as nought."""

    kind: Literal["linked"]
    base: Predicate = "TRUE"
    dataset: DatasetName
    event: Predicate
    value: Name | None = Field(
        default=None, description="sum of this over the person's matching rows; else had any"
    )
    unit: Literal["percent", "pounds"] = "percent"


class Coverage(_Indicator):
    """Group totals of two datasets beside each other, never linked: survey replies of staff in post."""

    kind: Literal["coverage"]
    dataset: DatasetName
    event: Predicate = "TRUE"
    base_dataset: DatasetName
    base: Predicate = "TRUE"


class Rate(_Indicator):
    """Events a year per 100 staff, over the person-time of the window's staff-in-post snapshots."""

    kind: Literal["rate"]
    dataset: DatasetName
    event: Predicate = "TRUE"


Indicator = Annotated[Rows | Mean | Share | Linked | Coverage | Rate, Field(discriminator="kind")]


ALL = "all"
BROAD_GROUP = "broad_group"
"""The breakdown whose levels are the broad groups within ethnic minority, each beside White."""


def broken_down_by(indicator: Indicator) -> tuple[str, ...]:
    """Return the breakdowns an indicator is counted by: the catalogue's, and the broad groups of people."""
    of_no_group = isinstance(indicator, Share) and (indicator.of == UNKNOWN or indicator.value is not None)
    return indicator.breakdowns if of_no_group else (*indicator.breakdowns, BROAD_GROUP)
