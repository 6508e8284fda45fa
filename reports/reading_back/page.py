"""Reading the page back: what each place of it may say by the release. Findings say where, and never repeat a number."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence

from disparity.catalogue.commentary import OVERVIEW, Lexicon
from disparity.catalogue.indicators import COMPARISONS
from disparity.rows import Estimate
from reports.charts.stages import stages_picture
from reports.pages.changes import EARLIER, SURVEYS
from reports.pages.quarter import page_names
from reports.paper.board_paper import meeting_words
from reports.reading_back.cells import cell_texts, heading_texts
from reports.reading_back.expected_text import Origins, strays, without
from reports.reading_back.frame import OK as _OK
from reports.reading_back.frame import Frame, asides
from reports.reading_back.html_parts import Attribute, PageReader, Place, one_line
from reports.release.provenance import PROVENANCE
from reports.wording.limitations import why_not
from reports.wording.numbers import sentence_case
from reports.wording.periods import no_new_survey, period_words

# Columns whose headings have a number: the 95% interval, and so many a year per 100.
_HEADS = {
    "ratio": ["95%"],
    "value": ["100"],
    "reference_value": ["100"],
    "group_value": ["100"],
}
# The explanations on the overview have numbers of their own.
_METHOD = ("95%", "1", "0.01", "0.05", "0.80 to 1.25", "0.80 to 1.25")

# Places that hold words of the release or the catalogue as they are.
_AS_TOLD = {"provenance", "note", "dataset", "decision", "reason", "revision"}

# What findings may call by its name.
_FIELDS = (
    *("figures", "stages", "history", "breakdown", "datasets", "markers", "changes", "in-brief"),
    *("base", "events", "value", "ratio", "part", "evidence", "state", "words", "change"),
    *EARLIER,
    *SURVEYS,
    *("survey-changes", "no-new-survey"),
    *(f"{side}_{part}" for side in ("reference", "group") for part in ("base", "events", "value")),
    *("period", "question", "finding", "headline", "headlines", "chart", "chart-title", "history"),
    *("dataset", "note", "method", "provenance", "decision", "commentary", "overview", "revision"),
    *("view", "reason", "untold", "bounds", "earlier", "chart-words", "unknown"),
    *("Target", "Difference", "Flags", "People to parity", "Unknown ethnicity", "Change", "Single quarters"),
    *("Within the same shortlist", "Could have been seen"),
)

_ELSEWHERE = "it is not what the release has there"
_STRAY = "a number that does not follow from what the release has there"


def unexplained_in_page(page: PageReader, origins: Origins, files: Mapping[str, bytes]) -> Iterator[str]:
    """Yield what in a page has no origin in the release; ``files`` are those published with it."""
    yield from asides(page)
    style, names = origins.catalogue.house_style, origins.catalogue.indicators
    named = {*names, *style.breakdowns, *style.themes}
    frame = Frame(origins.release.organisation, origins.release.audience, named)
    attributes, places = _Attributes(origins, files, frame), _Places(origins, page, frame)
    known = named | attributes.rows | set(_FIELDS)
    for attribute in page.attributes:
        reason = attributes.wrong(attribute)
        if reason:
            yield f"{attribute.name} of <{attribute.tag}>: {reason}"
    for place in page.places:
        reason = places.wrong(place)
        if reason:
            yield f"{place.where(known)}: {reason}"


class _Attributes:
    """What attributes may hold: names of the catalogue and the release, and pictures that are published beside it."""

    def __init__(self, origins: Origins, files: Mapping[str, bytes], frame: Frame) -> None:
        release, catalogue = origins.release, origins.catalogue
        self._frame, self._files = frame, files
        self._cards = {
            name: f"{indicator.theme}.html#{name}" for name, indicator in catalogue.indicators.items()
        }
        self._targets = {*page_names(catalogue.house_style), *self._cards.values(), *files, PROVENANCE}
        self._targets.add("../index.html")
        self.rows = {
            *("reference", "group", "unknown"),
            *(OVERVIEW, *catalogue.house_style.themes),
            *catalogue.indicators,
            *(each.name for each in release.datasets),
            *(level for levels in origins.levels.values() for level in levels),
            *(end for ends in origins.history.values() for end in ends),
            *(line.of for lines in origins.lines.values() for line in lines),
        }

    def wrong(self, each: Attribute) -> str:
        """Return why an attribute has no origin; "" where it has."""
        if each.name == "src":
            return self._wrong_picture(each)
        if each.name == "data-row":
            return _OK if each.value in self.rows else "a row that the release does not have"
        if (each.tag, each.name) == ("a", "href") and not each.value.startswith("#"):
            return self._wrong_link(each)
        return self._frame.wrong_attribute(each)

    def _wrong_link(self, each: Attribute) -> str:
        if each.about.get("field") == "headline":
            own = each.value == self._cards.get(each.about.get("indicator", ""))
            return _OK if own else "a headline leads to figures that are not its own"
        return _OK if each.value in self._targets else "it leads to what is not published beside the page"

    def _wrong_picture(self, each: Attribute) -> str:
        name = each.about.get("indicator") or COMPARISONS
        drawn = [self._files.get(f"{picture}.svg") for picture in (name, stages_picture(name))]
        own = [f"data:image/svg+xml;base64,{base64.b64encode(svg).decode()}" for svg in drawn if svg]
        return _OK if each.value in own else "it is not the drawing that is published beside the page"


class _Places:
    """What places may say: the words of the catalogue, and numbers that follow from the rows they are about."""

    def __init__(self, origins: Origins, page: PageReader, frame: Frame) -> None:
        release, catalogue = origins.release, origins.catalogue
        self._origins, self._frame = origins, frame
        self._headlines = [each.name for each in page.places if each.field == "headline"]
        self._phrases = {name: list(origins.phrases(name)) for name in catalogue.indicators} | {
            "": [
                release.organisation.name,
                release.quarter.words,
                *catalogue.house_style.themes.values(),
                *(each.title for each in release.datasets),
                *(indicator.title for indicator in catalogue.indicators.values()),
                *Lexicon(catalogue.indicators, catalogue.organisation, catalogue.house_style).names,
                *(catalogue.board_paper.words if catalogue.board_paper else ()),
                meeting_words(release.quarter),
                *origins.surveys,
            ]
        }
        self._facts: dict[str, Mapping[str, Sequence[str]]] = {}
        self._sentences: Mapping[str, Callable[[Place, Estimate], Sequence[str]]] = {
            "finding": lambda _, row: origins.finding(row),
            "evidence": lambda _, row: origins.evidence(row),
            "headline": lambda place, row: [*origins.finding(row), self._position(place)],
            "chart-title": lambda place, _: origins.chart_title(place.name),
            "chart": lambda place, _: origins.chart_words(place.name, place.text),
            "history": lambda _, row: [str(3 * row.quarters)],
            "view": lambda place, _: origins.view(place.name, place.text),
            "bounds": lambda _, row: origins.finding(row),
            "chart-words": lambda place, row: [
                *origins.evidence(row),
                *(
                    text
                    for fact in ("People to parity", "Target")
                    for text in origins.facts(place.name).get(fact, [])
                ),
            ],
            "unknown": lambda place, _: origins.facts(place.name).get("Unknown ethnicity", []),
            "earlier": lambda place, _: origins.last_told(place.name, place.about.get("row", "")),
        }

    def wrong(self, place: Place) -> str:
        """Return why a place says what has no origin; "" where all of it has."""
        if place.name not in self._phrases:
            return "an indicator that the catalogue does not have"
        framed = self._frame.wrong_place(place)
        if framed is not None:
            return framed
        if place.tag in ("td", "th"):
            return self._wrong_cell(place)
        if place.tag == "dd":
            return self._wrong_fact(place)
        if place.tag == "h2" and place.name:
            title = self._origins.catalogue.indicators[place.name].title
            return _OK if place.text == one_line(title) else "the figures below are of another indicator"
        return self._wrong_sentence(place) if place.name else self._wrong_on_page(place)

    def _wrong_numbers(self, place: Place, texts: Sequence[str]) -> str:
        phrases = self._phrases[place.name]
        if place.field in ("chart", "chart-title"):
            phrases = [*self._origins.chart_phrases(place.name or COMPARISONS)]
        return _STRAY if strays(without(place.text, phrases), texts) else _OK

    def _wrong_cell(self, place: Place) -> str:
        if "row" in place.about:
            told = (heading_texts if place.tag == "th" else cell_texts)(place, self._origins)
            return _OK if place.text in {one_line(each) for each in told} else _ELSEWHERE
        return self._wrong_numbers(place, _HEADS.get(place.field, []))

    def _wrong_fact(self, place: Place) -> str:
        if place.field == "provenance":
            told = {(one_line(name), one_line(value)) for name, value in self._origins.release.provenance}
            return _OK if (place.term, place.text) in told else _ELSEWHERE
        if not place.name:
            return self._wrong_numbers(place, _METHOD if place.field == "method" else [])
        facts = self._facts.setdefault(place.name, self._origins.facts(place.name))
        term = "Ratio" if place.term.startswith("Ratio (") else place.term
        return self._wrong_numbers(place, facts.get(term, []))

    def _wrong_sentence(self, place: Place) -> str:
        row = self._origins.whole(place.name)
        if row is not None and place.field == "period":
            told = sentence_case(period_words(row, self._origins.catalogue.indicators[row.indicator]))
            return _OK if place.text == told else "it is not the period of its row"
        if row is not None and place.field == "no-new-survey":
            told = no_new_survey(row, self._origins.catalogue.indicators[row.indicator])
            return _OK if place.text == told else "its survey is new, or of no survey"
        if row is None or place.field not in self._sentences:
            return self._wrong_numbers(place, [])
        return self._wrong_numbers(place, self._sentences[place.field](place, row))

    def _wrong_on_page(self, place: Place) -> str:
        release, origins = self._origins.release, self._origins
        if place.field in _AS_TOLD:
            return _OK if place.text in {one_line(each) for each in self._as_told(place)} else _ELSEWHERE
        told: Sequence[str] = []
        match place.field:
            case "commentary":
                told = origins.commentary(place.about.get("row", ""))
            case "headlines":
                told = [str(sum(each.headline for each in origins.catalogue.indicators.values()))]
            case "chart-title":
                told = origins.chart_title(COMPARISONS)
            case "chart":
                told = origins.chart_words(COMPARISONS, place.text)
            case "method":
                told = [release.policy_title, release.policy_why, *_METHOD]
        return self._wrong_numbers(place, told)

    def _as_told(self, place: Place) -> Iterator[str]:
        """Yield what may stand word for word in a place for the words of the release or the catalogue."""
        release, catalogue = self._origins.release, self._origins.catalogue
        match place.field:
            case "provenance":
                for name, value in release.provenance:
                    yield name if place.tag == "dt" else f"{name}: {value}"
            case "note":
                yield from release.quality_notes
            case "dataset":
                for each in release.datasets:
                    if each.name == place.about.get("row"):
                        yield f"{each.title}: {each.state}. {sentence_case(each.words)}"
            case "revision":
                yield from (each.words for each in release.revisions)
            case "decision" if catalogue.board_paper:
                yield catalogue.board_paper.decision
            case "reason":
                yield from (why_not(self._origins.whole(name)) for name in catalogue.indicators)

    def _position(self, place: Place) -> str:
        return str(self._headlines.index(place.name) + 1)
