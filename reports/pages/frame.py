"""What every page has: its frame, its marking on screen and in print, its stylesheet, its content security policy."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import ChainableUndefined, ChoiceLoader, Environment, PackageLoader

from disparity.audiences import Audience
from disparity.catalogue.organisation import Organisation
from reports.wording.numbers import label, sentence_case

MARKINGS: Mapping[Audience, str] = {
    "restricted": "Restricted: for named readers",
    "published": "Published: for all staff and the public",
    "analyst": "Analysts alone: not protected, not to be passed on",
}
INVENTED = "Invented figures: about nobody"


def render(template: str, organisation: Organisation, audience: Audience, **values: Any) -> str:
    """Render a page of this organisation for an audience, its marking and its content security policy set."""
    style = stylesheet(organisation, audience)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        _environment()
        .get_template(template)
        .render(
            organisation=organisation,
            audience=audience,
            markings=markings(organisation, audience),
            style=style,
            style_hash=digest,
            **values,
        )
    )


def stylesheet(organisation: Organisation, audience: Audience) -> str:
    """Return the stylesheet, with the marking printed in the margin of every sheet."""
    marking = " | ".join(markings(organisation, audience))
    sheet = files("reports").joinpath("style.css").read_text(encoding="utf-8")
    return (
        f'\n{sheet}\n@page {{ @top-left {{ content: "{marking}"; font: bold 10pt Arial, sans-serif; }} }}\n'
    )


def markings(organisation: Organisation, audience: Audience) -> list[str]:
    """Return who may read a page, and whether its figures are about anybody."""
    return [MARKINGS[audience], *([INVENTED] if organisation.invented else [])]


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=ChoiceLoader([PackageLoader("reports"), PackageLoader("nhsuk_frontend_jinja")]),
        autoescape=True,
        undefined=ChainableUndefined,  # the macros read parameters that were not given
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(label=label, sentence_case=sentence_case)
    return environment
