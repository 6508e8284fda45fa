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


class Catalogue(Model):
    """Every setting of one organisation."""

    organisation: Organisation
    sources: dict[str, Source]
    survey: Survey
    indicators: dict[str, Indicator]
    policies: dict[str, Policy]
    house_style: HouseStyle
    ethnicity: Crosswalk
    expectations: Expectations
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
    "Model",
    "Organisation",
    "Policy",
    "Revisions",
    "Source",
    "Survey",
    "Target",
]
