"""Words that people write into the catalogue and a report passes on as they are: no figure is typed in them by hand."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator

from disparity.model import Text

_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
# Numbers that are no figures: dates, years, and places in an Act or a standard.
_NO_FIGURE = re.compile(
    rf"(?<![\d£.,])(?:\d{{1,2}} (?:{_MONTHS})\b|(?:19|20)\d\d(?:/\d\d)?(?![\d%]|[.,]\d))"
    r"|\b(?:section|article|schedule|part|regulation|standard|indicator)s? \d{1,3}[A-Z]?(?:\(\d{1,2}\))*",
    re.IGNORECASE,
)
_FIGURE = re.compile(r"\d|\bper ?cent\b|%", re.IGNORECASE)


def _without_figures(text: str) -> str:
    """A figure typed by hand is protected by nothing and is wrong a quarter later."""
    if _FIGURE.search(_NO_FIGURE.sub("", text)):
        raise ValueError(
            "a figure is typed here, and the figures of a report come from the release, which protects them; "
            "say it without the number (years, dates such as 31 March 2027 and numbers of sections, articles, "
            "standards and indicators may stand)"
        )
    return text


Words = Annotated[Text, AfterValidator(_without_figures)]
"""Text in which no figure is typed by hand."""
