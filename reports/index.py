"""The index over all quarters of an audience, latest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from disparity.catalogue.organisation import Organisation
from disparity.periods import Quarter
from reports.page import render
from reports.release import Audience


@dataclass(frozen=True)
class Entry:
    """A released quarter as the index lists it."""

    quarter: Quarter
    sentences: tuple[str, ...]
    revised: bool


def index_page(
    organisation: Organisation, audience: Audience, quarters: Sequence[tuple[Quarter, tuple[str, ...], int]]
) -> str:
    """Return the index as one HTML document, from each quarter's headline sentences and vintage."""
    entries = [
        Entry(quarter, sentences, vintage > 1)
        for quarter, sentences, vintage in sorted(quarters, key=lambda each: each[0], reverse=True)
    ]
    return render("index.jinja", organisation, audience, title="Race equality reports", entries=entries)
