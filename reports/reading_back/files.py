"""Reading back: the finished files of a release, from their bytes, beside what the release may say.

Every number in its place has to follow from the rows of the release, every word from the catalogue or the release, and
nothing may tell of the machine, its user or a person. This is done before anything is published and knows nothing of the
counts behind the release.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from importlib.resources import files

import pandas as pd

from disparity.catalogue import Catalogue, Model
from disparity.catalogue.indicators import COMPARISONS
from reports.charts.stages import stages_picture
from reports.pages.downloads import PAPER
from reports.pages.quarter import page_names
from reports.reading_back.captions import unexplained_in_captions
from reports.reading_back.expected_text import Origins
from reports.reading_back.html_parts import PageReader
from reports.reading_back.leaks import Secrets, traces, words_of
from reports.reading_back.page import unexplained_in_page
from reports.reading_back.paper import unexplained_in_paper
from reports.reading_back.pdf_parts import read_tagged_pdf
from reports.reading_back.png import unexplained_in_png
from reports.reading_back.svg import unexplained_in_drawing
from reports.reading_back.svg_parts import UnreadableError, read_drawing
from reports.reading_back.tables import texts_of_json, unexplained_in_csv, unexplained_in_json
from reports.reading_back.words import unexplained_words
from reports.reading_back.workbook import unexplained_in_workbook
from reports.reading_back.xlsx_parts import open_spreadsheet
from reports.release.analyses import ANALYSES_COLUMNS, canonical_analyses
from reports.release.estimates import COLUMNS, canonical
from reports.release.frozen import Release, schema
from reports.release.provenance import PROVENANCE, unexplained_in_provenance

TABLE, BEHIND, FROZEN = "indicators.csv", "analyses.csv", "release.json"
BOOK, CAPTIONS, SCHEMA = "workbook.xlsx", "captions.csv", "release.schema.json"
_MOST_OF_A_FILE = 10
# Where the workbook has its words from.
_WORDED = {
    "reports.wording": ("sentences.py", "numbers.py", "periods.py", "titles.py"),
    "reports.workbook": ("layout.py", "sheets.py"),
}


def unexplained(
    files: Mapping[str, bytes], release: Release, catalogue: Catalogue, *, secrets: Collection[str] = ()
) -> list[str]:
    """Return a sentence for everything in the finished files of a release that has no origin in it.

    Each says which file, where in it and why, and none repeats a number, a name or a path, so that they can be logged.
    Of one file the first ten are given and the others counted. ``secrets`` are strings that may stand nowhere: user and
    host name, folders of this machine, pseudonyms. Empty when all is well.
    """
    reading = _Reading(files, release, catalogue, secrets)
    found = [f"Release: {each}." for each in _some(unexplained_words(reading.origins))]
    for name in sorted(files):
        found += [f"{name}: {each}." for each in _some(reading.file(name))]
    return found


def _some(findings: Iterator[str]) -> Iterator[str]:
    """Yield the first findings, and how many more there are."""
    each = list(findings)
    yield from each[:_MOST_OF_A_FILE]
    if len(each) > _MOST_OF_A_FILE:
        yield f"and {len(each) - _MOST_OF_A_FILE} more of the kind"


class _Reading:
    """The files of one release, each read by its kind."""

    def __init__(
        self, contents: Mapping[str, bytes], release: Release, catalogue: Catalogue, secrets: Collection[str]
    ) -> None:
        self.origins = Origins(release, catalogue)
        self._files = contents
        self._secrets = Secrets.of(secrets, self._ordinary_words)
        self._ordinary: set[str] = set()
        # Pictures by what they are called, each with the indicator that it is about.
        self._drawn = {
            COMPARISONS: COMPARISONS,
            **{name: name for name, indicator in catalogue.indicators.items() if indicator.headline},
            **{name: name for name in catalogue.indicators if self.origins.control(name) is not None},
            **{stages_picture(name): name for name in catalogue.indicators if self.origins.steps(name)},
        }
        self._kinds: Mapping[str, Callable[[str, bytes], Iterator[str]]] = {
            **dict.fromkeys(page_names(catalogue.house_style), self._page),
            TABLE: lambda _, content: self._csv(content, canonical(release.estimates)),
            BEHIND: lambda _, content: self._csv(content, canonical_analyses(release.analyses)),
            FROZEN: self._json,
            SCHEMA: self._schema,
            BOOK: self._book,
            CAPTIONS: self._captions,
            PAPER: self._paper,
            PROVENANCE: self._provenance,
            **dict.fromkeys((f"{name}.svg" for name in self._drawn), self._drawing),
            **dict.fromkeys((f"{name}.png" for name in self._drawn), self._picture),
        }

    def file(self, name: str) -> Iterator[str]:
        """Yield what a file says without origin."""
        if name not in self._kinds:
            yield "no release has a file of this name"
            return
        try:
            yield from self._kinds[name](name, self._files[name])
        except UnreadableError as error:
            yield str(error)
        except ValueError:
            yield "it cannot be read as what its name says"

    def _page(self, _: str, content: bytes) -> Iterator[str]:
        page = PageReader(content.decode())
        yield from unexplained_in_page(page, self.origins, self._files)
        yield from self._traces(page.texts())

    def _csv(self, content: bytes, table: pd.DataFrame) -> Iterator[str]:
        yield from unexplained_in_csv(content, table)
        yield from self._traces([content.decode()])

    def _json(self, _: str, content: bytes) -> Iterator[str]:
        yield from unexplained_in_json(content, self.origins.release)
        yield from self._traces(texts_of_json(content))

    def _schema(self, _: str, content: bytes) -> Iterator[str]:
        if content != schema():
            yield "it is not the schema of this version"

    def _book(self, _: str, content: bytes) -> Iterator[str]:
        spreadsheet = open_spreadsheet(content)
        yield from unexplained_in_workbook(spreadsheet, self.origins)
        yield from self._traces(spreadsheet.texts())

    def _captions(self, _: str, content: bytes) -> Iterator[str]:
        yield from unexplained_in_captions(content, self.origins.release, self._files)
        yield from self._traces([content.decode()])

    def _drawing(self, name: str, content: bytes) -> Iterator[str]:
        drawing, picture = read_drawing(content), name.removesuffix(".svg")
        about = self._drawn[picture]
        if (drawing.kind == "stages") != (picture != about):
            yield "it is another chart than its name says"
        yield from unexplained_in_drawing(drawing, about, self.origins)
        yield from self._traces(
            [drawing.title, drawing.words, *(each.text for each in drawing.parts.values())]
        )

    def _picture(self, _: str, content: bytes) -> Iterator[str]:
        return unexplained_in_png(content)

    def _paper(self, _: str, content: bytes) -> Iterator[str]:
        paper = read_tagged_pdf(content)
        yield from unexplained_in_paper(paper, self.origins, self._files)
        yield from self._traces(paper.texts())

    def _provenance(self, _: str, content: bytes) -> Iterator[str]:
        yield from unexplained_in_provenance(content, self._files)
        yield from self._traces(texts_of_json(content))

    def _traces(self, texts: Iterable[str]) -> Iterator[str]:
        return traces(texts, self._secrets)

    def _ordinary_words(self) -> set[str]:
        """Return the words that any report may have: those of the catalogue, the templates, the workbook and the columns.

        Taken from what is written down and not from a page, which could name a user as well.
        """
        if not self._ordinary:
            titles = [each.title for each in self.origins.release.datasets]
            self._ordinary = ordinary_words(self.origins.catalogue, titles)
        return self._ordinary


def ordinary_words(catalogue: Catalogue, titles: Iterable[str] = ()) -> set[str]:
    """Return the words that any report may have; ``titles`` are those of its datasets."""
    templates = files("reports").joinpath("templates")
    said: list[Model] = [
        catalogue.organisation,
        catalogue.house_style,
        *catalogue.indicators.values(),
        *([catalogue.board_paper] if catalogue.board_paper else []),
        *(each for vintages in catalogue.revisions.values() for each in vintages.values()),
    ]
    texts = [
        *(each.model_dump_json() for each in said),
        *(each.read_text(encoding="utf-8") for each in templates.iterdir()),
        *(
            files(each).joinpath(name).read_text(encoding="utf-8")
            for each, names in _WORDED.items()
            for name in names
        ),
        *(name for table in (COLUMNS, ANALYSES_COLUMNS) for name in table),
        *titles,
    ]
    return {word for text in texts for word in words_of(text)}
