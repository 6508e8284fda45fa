"""House style: the words and colours every page, chart and sentence uses."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field

from disparity.model import Model, Name, Text

Colour = Annotated[str, Field(pattern=r"^#[0-9A-Fa-f]{6}$")]


class HouseStyle(Model):
    """Words for the groups and themes, and the two colours of the comparison."""

    groups: dict[Name, Text]
    themes: dict[Name, Text]
    breakdowns: dict[Name, Text]
    levels: dict[Name, dict[str, Text]] = Field(
        default_factory=dict,
        description="words for levels that are flags, such as internal: {'true': Internal}",
    )
    reference_colour: Colour = "#12436D"
    group_colour: Colour = "#F46A25"
    avoid: tuple[Text, ...] = Field(default=(), description="words no generated text may hold")

    def avoided_in(self, text: str) -> list[str]:
        """Return the words of a text that this style avoids, in any case."""
        return [
            word for word in self.avoid if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE)
        ]
