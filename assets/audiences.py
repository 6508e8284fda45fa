"""The audiences that the chain is built for, and the themes it speaks of."""

from disparity.catalogue import Catalogue

ANALYST = "analyst"
RELEASED = ("restricted", "published")
AUDIENCES = (ANALYST, *RELEASED)


def read_by(audience: str) -> tuple[str, ...]:
    """Return the reports that an audience's readers can lay side by side: its own, and those for more people."""
    return RELEASED[RELEASED.index(audience) :] if audience in RELEASED else ()


def themes_of(catalogue: Catalogue) -> list[str]:
    """Return the themes that have indicators, in the order of the catalogue."""
    return list(dict.fromkeys(indicator.theme for indicator in catalogue.indicators.values()))
