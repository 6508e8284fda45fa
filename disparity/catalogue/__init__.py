"""The catalogue as a whole: everything an organisation changes, validated together."""

from __future__ import annotations

from disparity.catalogue.expectations import Expectations
from disparity.catalogue.indicators import Indicator
from disparity.catalogue.organisation import Organisation
from disparity.catalogue.policies import Policy
from disparity.catalogue.sources import Source
from disparity.catalogue.style import HouseStyle
from disparity.catalogue.survey import Survey
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


__all__ = ["Catalogue", "HouseStyle", "Indicator", "Model", "Organisation", "Policy", "Source", "Survey"]
