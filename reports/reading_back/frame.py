"""Reading the frame of a page back: what no page of ours has, whatever it is about, and what its attributes may hold."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable

from disparity.audiences import Audience
from disparity.catalogue.organisation import Organisation
from reports.pages.frame import stylesheet
from reports.reading_back.expected_text import numbers_in
from reports.reading_back.html_parts import Attribute, PageReader, Place

OK = ""
NOT_OURS = "no page of ours has it"

_NEVER = {"script", "iframe", "object", "embed", "template", "noscript"}
_FIXED = {("tabindex", "0"), ("charset", "utf-8"), ("content", "width=device-width, initial-scale=1")}
_NO_ICON = ("link", "href", "data:,")
# Another place than the page's own: an address with a scheme, or that of another host.
_ELSEWHERE = re.compile(r"\s*(?:[a-z][a-z0-9+.-]*:|//|\\)|.*://", re.IGNORECASE | re.DOTALL)


class Frame:
    """What stands around the words of every page for one audience; ``names`` may stand in attributes, digits and all."""

    def __init__(self, organisation: Organisation, audience: Audience, names: Iterable[str]) -> None:
        """Take up the stylesheet of the audience, and the names in every form."""
        self._style = stylesheet(organisation, audience)
        digest = base64.b64encode(hashlib.sha256(self._style.encode()).digest()).decode()
        self._style_hash = f"'sha256-{digest}'"
        # Names stand in identities with hyphens.
        spelt = {form for each in names for form in (each, each.replace("_", "-"))}
        self._spelt = sorted(spelt, key=len, reverse=True)

    def wrong_attribute(self, each: Attribute) -> str:
        """Return why an attribute that shows no picture and leads nowhere on the site has no origin; "" where it has."""
        if each.tag in _NEVER or each.name.startswith("on") or each.name == "style":
            return NOT_OURS
        if (each.tag, each.name, each.value) == _NO_ICON or (each.name, each.value) in _FIXED:
            return OK
        if not each.name.startswith("data-") and _ELSEWHERE.match(each.value):
            return "it leads to another place"
        rest = each.value.replace(self._style_hash, "") if numbers_in(each.value) else ""
        for name in self._spelt if rest else ():
            rest = rest.replace(name, "")
        return "a number that is no part of our names" if numbers_in(rest) else OK

    def wrong_place(self, place: Place) -> str | None:
        """Return why a place of the frame says what has no origin; None where the place is the page's own."""
        if place.tag.split(" ")[0] in _NEVER:
            return NOT_OURS
        if place.tag == "style":
            return OK if place.text == self._style else "it is not our stylesheet"
        return None


def asides(page: PageReader) -> Iterable[str]:
    """Yield that a page has what is neither an element nor words."""
    if page.asides:
        yield "a comment or declaration stands in it, and no page of ours has one"
