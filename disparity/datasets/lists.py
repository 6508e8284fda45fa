"""Lists: the values of columns that each organisation names for itself."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

from pydantic import AfterValidator

from disparity.model import Model, Text


def _each_once(values: tuple[str, ...]) -> tuple[str, ...]:
    """Spellings that differ in capitals alone are one value: as two they would divide its people."""
    times = Counter(value.casefold() for value in values)
    twice = sorted({value for value in values if times[value.casefold()] > 1})
    if twice:
        raise ValueError(f"these stand twice: {', '.join(twice)}; keep one of each")
    return values


Distinct = Annotated[tuple[Text, ...], AfterValidator(_each_once)]
"""Values in display order, each of which stands once."""


class Lists(Model):
    """Allowed values of columns each organisation names for itself, in display order. Empty allows none."""

    band: Distinct
    directorate: Distinct
    staff_type: Distinct
    staff_group: Distinct
    channel: Distinct
    leaving_reason: Distinct
