"""Numbers in words: rates, ratios, intervals, differences and counts as house style writes them."""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass

from disparity.audiences import Audience
from disparity.catalogue import Catalogue
from disparity.catalogue.indicators import Indicator, Share
from disparity.catalogue.organisation import Organisation
from disparity.catalogue.policies import Policy
from disparity.catalogue.style import HouseStyle
from disparity.markers import NOT_APPLICABLE
from disparity.rounding import half_up, written
from disparity.rows import Estimate, Number
from reports.release.estimates import decimals_of, unit_of


@dataclass(frozen=True)
class Wording:
    """How one audience is told figures: house style, decimals of percentages, rounding of counts."""

    style: HouseStyle
    organisation: Organisation
    percent_decimals: int
    rounded_to: int
    threshold: int
    """Below it a count may be hidden, however sensitive."""

    @property
    def about(self) -> str:
        """The word before a rounded count, with its blank; nothing where counts are exact."""
        return "about " if self.rounded_to > 1 else ""


def wording_for(catalogue: Catalogue, audience: Audience) -> Wording:
    """Return how the policy of an audience words its figures; an analyst sees exact counts."""
    organisation = catalogue.organisation
    policy: Policy | None = None
    if audience != "analyst":
        policy = catalogue.policies[organisation.audiences[audience]]
    return Wording(
        style=catalogue.house_style,
        organisation=organisation,
        percent_decimals=2 if policy is None else policy.percent_decimals,
        rounded_to=1 if policy is None else policy.round_to,
        threshold=1 if policy is None else policy.greatest_threshold,
    )


def figure(value: Number, indicator: Indicator, wording: Wording) -> str:
    """Write a value in its unit, such as ``21%``, ``£120`` or ``3.40 points``; a marker if there is none."""
    if value is None:
        return NOT_APPLICABLE
    decimals = decimals_of(indicator, wording.percent_decimals)
    match unit_of(indicator):
        case "percent":
            return _percent(value, decimals)
        case "pounds":
            return f"£{written(value, thousands=True)}"
        case "rate":
            return written(value, decimals, thousands=True)
        case unit:
            return f"{written(value, decimals, thousands=True)} {unit}"


def difference_words(row: Estimate, indicator: Indicator, wording: Wording) -> str:
    """Write the difference with its unit and interval; empty where there is none."""
    if row.difference is None:
        return ""
    decimals = decimals_of(indicator, wording.percent_decimals)
    size = written(abs(row.difference), decimals, thousands=True)
    unit = {"percent": f" percentage {points_words(size)}", "rate": " a year per 100", "pounds": ""}.get(
        unit_of(indicator), f" {unit_of(indicator)}"
    )
    sign = "£" if unit_of(indicator) == "pounds" else ""

    def signed(value: float) -> str:
        return f"{_minus(value, decimals)}{sign}{written(abs(value), decimals, thousands=True)}"

    limits = (
        ""
        if row.difference_low is None or row.difference_high is None
        else (f" ({signed(row.difference_low)} to {signed(row.difference_high)})")
    )
    return f"{signed(row.difference)}{unit}{limits}"


def ratio_words(ratio: float) -> str:
    """Write a ratio with two decimals, never as a percentage; ``no upper limit`` where it is infinite."""
    return "no upper limit" if math.isinf(ratio) else written(ratio, 2)


def interval(low: Number, high: Number) -> str:
    """Write the interval of a ratio: ``1.31 to 2.11``, or ``1.31 upwards`` where it has no upper limit."""
    if low is None:
        return ""
    lower = written(low, 2)
    return f"{lower} upwards" if high is None or math.isinf(high) else f"{lower} to {written(high, 2)}"


def times(ratio: float, indicator: Indicator) -> str:
    """Write a ratio in words: ``1.5 times as likely``, or ``1.5 times as high`` for what is no chance."""
    words = times_as_likely(ratio)
    likely = unit_of(indicator) == "percent" and not isinstance(indicator, Share)
    return words if likely else words.replace("as likely", "as high")


def number(count: float) -> str:
    """Write a count with thousands separated."""
    return written(count, thousands=True)


def level_words(breakdown: str, level: str, style: HouseStyle) -> str:
    """Return the words of a level, without marks that would turn the text around it."""
    return label(style.levels.get(breakdown, {}).get(level, level))


def label(text: str) -> str:
    """Return a name without control and formatting characters, such as marks that reverse what follows."""
    return "".join(each for each in text if unicodedata.category(each) not in ("Cc", "Cf", "Cs")).strip()


def share_words(indicator: Share, wording: Wording) -> str:
    """Return whose share it is, such as ``Ethnic minority share``."""
    if indicator.of == "unknown":
        return "Unknown ethnicity"
    return f"{sentence_case(wording.style.groups['ethnic_minority'])} share"


def sentence_case(text: str) -> str:
    """Return the text with its first letter large, the rest as it was."""
    return text[:1].upper() + text[1:]


def _percent(value: float, decimals: int) -> str:
    """Write a percentage; one that is not 0 or 100 never rounds to it."""
    least = 10.0**-decimals
    if 0 < value < least / 2:
        return f"less than {least:.{decimals}f}%"
    if 100 - least / 2 < value < 100:
        return f"more than {100 - least:.{decimals}f}%"
    return f"{written(value, decimals)}%"


def _minus(value: float, decimals: int) -> str:
    return "\u2212" if half_up(value, decimals) < 0 else ""


def points_words(written: str) -> str:
    """Return the unit of a difference that is written so."""
    return "point" if written == "1" else "points"


def times_as_likely(ratio: float) -> str:
    """Return a ratio as the words before "as": "1.5 times as likely", or "as likely" where it rounds to 1.

    Two decimals below 10 with no trailing noughts, whole numbers from 10. Never a percentage. Raises
    ValueError where the ratio is negative, NaN or infinite: then give the counts instead.
    """
    if not (math.isfinite(ratio) and ratio >= 0):
        raise ValueError("ratio must be finite and not negative")
    if 0 < ratio < 0.01:
        return "less than 0.01 times as likely"
    figure = written(ratio) if ratio >= 9.995 else written(ratio, 2).rstrip("0").rstrip(".")
    return "as likely" if figure == "1" else f"{figure} times as likely"
