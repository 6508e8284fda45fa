"""Downloads: the files that are published beside the pages, and what each is for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from disparity.catalogue import Catalogue
from disparity.catalogue.indicators import COMPARISONS
from reports.charts.stages import stages_picture
from reports.release.provenance import PROVENANCE

PAPER = "board-paper.pdf"
_RATIOS = "Headline ratios side by side"
_WORDS = {
    PAPER: "the paper for the board",
    "workbook.xlsx": "every table of this report as a workbook",
    "indicators.csv": "every figure here, and more, as one tidy table",
    "analyses.csv": "what stands behind the ratios",
    "captions.csv": "title, alternative text and source of each picture",
    "release.json": "the frozen release, for programs",
    "release.schema.json": "the JSON Schema of release.json",
    PROVENANCE: "which software, catalogue and extracts made the report, by their hashes",
}


@dataclass(frozen=True)
class Download:
    """A file to download: its name and what it holds."""

    name: str
    words: str


@dataclass(frozen=True)
class Downloads:
    """The files of the report, and its charts as pictures for slides."""

    files: tuple[Download, ...]
    pictures: tuple[Download, ...]
    paper: str


def downloads_of(beside: Collection[str], catalogue: Catalogue) -> Downloads:
    """Return what is published beside the pages: known files in the order of this module, then others, then pictures."""
    pictures = [name for name in beside if name.endswith((".png", ".svg"))]
    titles = {COMPARISONS: _RATIOS}
    for name, indicator in catalogue.indicators.items():
        titles |= {name: indicator.title, stages_picture(name): f"{indicator.title}, stage by stage"}
    order = {name: place for place, name in enumerate(_WORDS)}
    others = sorted(set(beside) - set(pictures), key=lambda name: (order.get(name, len(order)), name))
    return Downloads(
        files=tuple(Download(name, _WORDS.get(name, "")) for name in others),
        pictures=tuple(
            Download(f"{name}.png", title) for name, title in titles.items() if f"{name}.png" in pictures
        ),
        paper=PAPER if PAPER in beside else "",
    )
