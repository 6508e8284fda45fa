"""The catalogue as a whole: everything an organisation changes, validated together."""

from __future__ import annotations

from pydantic import Field

from disparity.catalogue.board_paper import BoardPaper
from disparity.catalogue.commentary import Commentary
from disparity.catalogue.expectations import Expectations
from disparity.catalogue.indicators import Indicator
from disparity.catalogue.organisation import Organisation
from disparity.catalogue.policies import Policy
from disparity.catalogue.revisions import Revisions
from disparity.catalogue.sources import Source
from disparity.catalogue.style import HouseStyle
from disparity.catalogue.survey import Survey
from disparity.catalogue.targets import Target
from disparity.ethnicity import Crosswalk
from disparity.model import Model


class Method(Model):
    """The parts of a catalogue by which figures are made and worded, each with its title for readers.

    Whether the method changed between two releases is said by these alone. A part that stands here belongs to it; one that
    stands in `Catalogue` does not.
    """

    organisation: Organisation = Field(title="settings and lists of the organisation")
    sources: dict[str, Source] = Field(title="how extracts are read")
    survey: Survey = Field(title="questions of the survey")
    indicators: dict[str, Indicator] = Field(title="indicators")
    policies: dict[str, Policy] = Field(title="disclosure policies")
    house_style: HouseStyle = Field(title="house style")
    ethnicity: Crosswalk = Field(title="ethnic codes")
    expectations: Expectations = Field(title="what is expected of extracts")


class Catalogue(Method):
    """Every setting of one organisation: its method, and what it says and aims at, which change no figure and no method."""

    board_paper: BoardPaper | None = None
    targets: dict[str, Target] = Field(default_factory=dict, description="by indicator")
    commentary: dict[str, Commentary] = Field(
        default_factory=dict, description="what a quarter's report is given to say, by the quarter's key"
    )
    revisions: Revisions = Field(
        default_factory=dict, description="why quarters were released again, by their last day and vintage"
    )


__all__ = [
    "BoardPaper",
    "Catalogue",
    "HouseStyle",
    "Indicator",
    "Method",
    "Model",
    "Organisation",
    "Policy",
    "Revisions",
    "Source",
    "Survey",
    "Target",
]


def themes_of(catalogue: Catalogue) -> list[str]:
    """Return the themes that have indicators, in the order of the catalogue."""
    return list(dict.fromkeys(indicator.theme for indicator in catalogue.indicators.values()))
