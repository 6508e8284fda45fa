"""Reading the index over all quarters back: its entries beside the reports they lead to, its table beside the latest.

What an entry says was read back with the report that says it first, by the catalogue of that time; here it is the same.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from functools import cached_property

from disparity.audiences import Audience
from disparity.catalogue import Catalogue
from disparity.catalogue.commentary import Lexicon
from disparity.periods import Quarter
from reports.pages.quarter import OVERVIEW
from reports.reading_back.cells import cell_texts, heading_texts
from reports.reading_back.expected_text import Origins, numbers_in, without
from reports.reading_back.files import FROZEN, ordinary_words
from reports.reading_back.frame import OK, Frame, asides
from reports.reading_back.html_parts import Attribute, PageReader, Place, one_line
from reports.reading_back.leaks import Secrets, traces
from reports.release.frozen import from_json, revisions_in

_TABLE = "by-indicator"
_FIELDS = ("quarter", "revision", "headline", _TABLE)


def unexplained_in_index(
    content: bytes,
    listed: Mapping[Quarter, Mapping[str, bytes]],
    catalogue: Catalogue,
    audience: Audience,
    *,
    secrets: Collection[str] = (),
) -> list[str]:
    """Return a sentence for everything in the index that does not follow from the reports it lists.

    ``listed`` are the published files of each quarter, of which the overview and the frozen release are read. Each
    sentence says where and why, and none repeats what stands there.
    """
    page = PageReader(content.decode())
    return [f"index.html: {each}." for each in _Index(page, listed, catalogue, audience).unexplained(secrets)]


class _Report:
    """A published report, as far as the index speaks of it."""

    def __init__(self, quarter: Quarter, files: Mapping[str, bytes]) -> None:
        self._quarter, self._files = quarter, files

    @cached_property
    def said(self) -> tuple[str, ...]:
        """Everything that its overview says, place by place."""
        return tuple(place.text for place in PageReader(self._files[OVERVIEW].decode()).places)

    @cached_property
    def revisions(self) -> tuple[str, ...]:
        """What it says of its own revisions."""
        end = self._quarter.end.isoformat()
        return tuple(each.words for each in revisions_in(self._files[FROZEN]) if each.period_end == end)


class _Index:
    """The index, place by place."""

    def __init__(
        self,
        page: PageReader,
        listed: Mapping[Quarter, Mapping[str, bytes]],
        catalogue: Catalogue,
        audience: Audience,
    ) -> None:
        self._page, self._catalogue = page, catalogue
        self._frame = Frame(catalogue.organisation, audience, catalogue.indicators)
        self._reports = {
            quarter.key: _Report(quarter, listed[quarter]) for quarter in sorted(listed, reverse=True)
        }
        self._origins = Origins(from_json(listed[max(listed)][FROZEN]), catalogue) if listed else None
        lexicon = Lexicon(catalogue.indicators, catalogue.organisation, catalogue.house_style)
        titles = (indicator.title for indicator in catalogue.indicators.values())
        self._phrases = [catalogue.organisation.name, *titles, *lexicon.names]

    def unexplained(self, secrets: Collection[str]) -> Iterator[str]:
        """Yield what has no origin, and what lacks."""
        yield from asides(self._page)
        for attribute in self._page.attributes:
            reason = self._wrong_attribute(attribute)
            if reason:
                yield f"{attribute.name} of <{attribute.tag}>: {reason}"
        known = {*_FIELDS, *self._reports, *self._catalogue.indicators, *self._ends}
        for place in self._page.places:
            reason = self._wrong(place)
            if reason:
                yield f"{place.where(known)}: {reason}"
        yield from self._lacking()
        yield from traces(self._page.texts(), Secrets.of(secrets, lambda: ordinary_words(self._catalogue)))

    @cached_property
    def _ends(self) -> frozenset[str]:
        """The last days of the quarters that the latest release tells of."""
        return (
            frozenset(end for rows in self._origins.history.values() for end in rows)
            if self._origins
            else frozenset()
        )

    def _wrong_attribute(self, each: Attribute) -> str:
        row = each.about.get("row", "")
        if (each.tag, each.name) == ("a", "href") and not each.value.startswith("#"):
            own = row in self._reports and each.value == f"{row}/{OVERVIEW}"
            return OK if own else "it does not lead to the report that it stands for"
        if each.name in ("src", "srcset", "http-equiv", "action") and each.value != "Content-Security-Policy":
            return "no index of ours has it"
        if each.name == "data-row":
            known = row in self._reports or row in self._catalogue.indicators
            return OK if known else "a row that nothing here stands for"
        if each.name == "data-field":
            return (
                OK if each.value in _FIELDS or each.value in self._ends else "a field that nothing here has"
            )
        return self._frame.wrong_attribute(each)

    def _wrong(self, place: Place) -> str:
        framed = self._frame.wrong_place(place)
        if framed is not None:
            return framed
        if place.about.get("table") and place.tag in ("td", "th"):
            told = self._told_in_table(place)
            return (
                OK
                if place.text in {one_line(each) for each in told}
                else "it is not what the latest release has there"
            )
        report = self._reports.get(place.about.get("row", ""))
        if report is not None or place.field:
            return OK if report and self._says(report, place) else "it is not what the report has there"
        return "a number that no report has" if numbers_in(without(place.text, self._phrases)) else OK

    def _says(self, report: _Report, place: Place) -> bool:
        """Whether a report says what an entry has of it."""
        match place.field:
            case "quarter":
                return place.text == Quarter.from_key(place.about["row"]).words
            case "revision":
                return place.text in report.revisions
            case "headline":
                # What would lead on from it stands behind it there.
                return any(each == place.text or each.startswith(f"{place.text} ") for each in report.said)
            case _:
                return False

    def _told_in_table(self, place: Place) -> Collection[str]:
        if self._origins is None or place.about["table"] != _TABLE:
            return ()
        if "row" in place.about:
            return (heading_texts if place.tag == "th" else cell_texts)(place, self._origins)
        if place.field not in self._ends:
            return () if place.field else ("Indicator",)
        return (Quarter.holding(dt.date.fromisoformat(place.field)).words,)

    def _lacking(self) -> Iterator[str]:
        """Yield what the index has to say and does not: each report once, latest first, and that it was revised."""
        of = {field: [each for each in self._page.places if each.field == field] for field in _FIELDS}
        if [each.about.get("row") for each in of["quarter"]] != list(self._reports):
            yield "it does not list every report once, latest first"
        for key, report in self._reports.items():
            said = tuple(each.text for each in of["revision"] if each.about.get("row") == key)
            if said != report.revisions:
                yield f"{key}: what was revised, and why, is not said as its report has it"
