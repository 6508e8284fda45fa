"""The board paper of a quarter: what a board is asked, how sure we are, what changed and what is to be done, as a PDF."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from importlib.resources import files

from disparity.catalogue import BoardPaper, Catalogue
from disparity.catalogue.indicators import COMPARISONS
from disparity.periods import Quarter
from disparity.statistics.evidence import TOO_FEW
from reports.charts.drawing import Chart
from reports.pages.changes import changes_of
from reports.pages.frame import markings, render
from reports.pages.overview import comparison_words, headline_tables, headlines_of
from reports.pages.quarter import Picture
from reports.pages.tables import Params, table
from reports.paper.printing import printed
from reports.release.frozen import Release
from reports.release.provenance import PROVENANCE
from reports.wording.limitations import why_not
from reports.wording.numbers import label, sentence_case
from reports.wording.periods import period_words
from reports.wording.release_view import Told
from reports.wording.sentences import (
    MARKERS,
    bounds_sentence,
    evidence_sentence,
    finding,
    headline_rows,
    parity_words,
    unknown_sentence,
)
from reports.wording.targets import target_words

CHARTS = 4
NOT_RECORDED = "Not recorded in the catalogue (board_paper.yaml)."
_LAST_DAYS = {3: "31 March", 6: "30 June", 9: "30 September", 12: "31 December"}
_IN_THE_REPORT = "What the organisation did differently is in the commentary of the full report."
_NEUTRAL_DECISION = (
    "The board is asked to note the evidence in this paper and to decide what is to be done. "
    "(The software's own words: those of the organisation are not recorded in the catalogue.)"
)


@dataclass(frozen=True)
class Doubt:
    """A sentence on how far an indicator can be relied on, and the field by which it is read back."""

    name: str
    title: str
    field: str
    words: str
    period_end: str = ""
    """Of an earlier figure, the day it was told for."""


@dataclass(frozen=True)
class ChartBlock:
    """A chart under its heading, and what is said below it: the evidence, and how many people equal rates would move."""

    name: str
    title: str
    picture: Picture
    words: str


def paper(release: Release, catalogue: Catalogue, charts: Mapping[str, Chart]) -> bytes:
    """Return the board paper as PDF/UA-1, dated by the quarter's last day; ``charts`` as for the pages.

    Raises Refusal where the machine lacks Pango.
    """
    pictures = {name: Picture.of(chart) for name, chart in charts.items()}
    return printed(
        paper_page(release, catalogue, pictures),
        files("reports").joinpath("paper.css").read_text(encoding="utf-8"),
        author=release.organisation.name,
        day=release.quarter.end,
    )


def paper_page(release: Release, catalogue: Catalogue, pictures: Mapping[str, Picture]) -> str:
    """Return the document that the paper is printed from, in HTML with the slots by which it is read back."""
    told = Told(release, catalogue)
    titles = {name: indicator.title for name, indicator in catalogue.indicators.items()}
    headlines, strongest = headlines_of(told), headline_rows(release.estimates, catalogue)
    tables, changes = headline_tables(told), changes_of(told)
    return render(
        "paper.jinja",
        release.organisation,
        release.audience,
        title=paper_title(release.quarter),
        release=release,
        cover=_cover(release, catalogue.board_paper),
        headlines=headlines,
        titles=titles,
        comparisons=pictures.get(COMPARISONS),
        tables=tables,
        markers=_markers([*tables, *(each for each in (changes.table, changes.surveys) if each)]),
        charts=list(_charts(told, pictures)),
        changes=changes,
        practice=_IN_THE_REPORT if release.commentary else changes.practice,
        actions=_actions(catalogue.board_paper),
        too_few=[titles[row.indicator] for row in strongest if row.evidence == TOO_FEW],
        earlier=list(_last_told(told)),
        reasons=_reasons(told),
        limits=list(_limits(told, {each.name for each in headlines})),
        comparison=comparison_words(catalogue),
        unprotected=release.audience == "analyst",
        made_by=PROVENANCE,
    )


def paper_title(quarter: Quarter) -> str:
    """Return the title of a quarter's paper."""
    return f"Race equality: {quarter.words}"


def meeting_words(quarter: Quarter) -> str:
    """Say which meeting a paper is for where the catalogue names none."""
    return f"The meeting after {_LAST_DAYS[quarter.end.month]} {quarter.end.year}"


def _cover(release: Release, said: BoardPaper | None) -> Params:
    """Return the fields that a board secretary expects, as a table."""
    rows = {
        "Organisation": label(release.organisation.name),
        "Meeting": (said and said.meeting) or meeting_words(release.quarter),
        "Purpose": f"For {said.purpose}" if said else "For assurance and decision",
        "Decision asked": said.decision if said else _NEUTRAL_DECISION,
        "Sponsor": said.sponsor if said else NOT_RECORDED,
        "Author": said.author if said else NOT_RECORDED,
        "Strategic objective": said.objective if said else NOT_RECORDED,
        "Risk": said.risk if said else NOT_RECORDED,
        "Legal duty": "; ".join(said.duties) if said and said.duties else NOT_RECORDED,
        "Who may read it": " | ".join(markings(release.organisation, release.audience)),
    }
    return table(
        "cover",
        "",
        ["Item", "In this paper"],
        [[name, label(words)] for name, words in rows.items()],
        kind="cover",
        words=1,
    )


def _markers(tables: Sequence[Params]) -> list[tuple[str, str]]:
    """Return the markers that stand in tables, with what they mean."""
    cells = " ".join(cell["text"] for each in tables for row in each["rows"] for cell in row)
    return [(marker, meaning) for marker, meaning in MARKERS if marker in cells]


def _charts(told: Told, pictures: Mapping[str, Picture]) -> Iterator[ChartBlock]:
    """Yield the charts of the headlines with the strongest evidence, in the order of the headlines."""
    rows = [row for row in headline_rows(told.release.estimates, told.catalogue) if row.indicator in pictures]
    for row in rows[: CHARTS - (COMPARISONS in pictures)]:
        indicator = told.catalogue.indicators[row.indicator]
        parity, standing = parity_words(row), told.standing(row.indicator)
        said = (
            evidence_sentence(row, indicator, told.wording),
            f"People to parity: {parity}" if parity else "",
            f"Target: {target_words(standing, indicator, told.wording)}" if standing else "",
        )
        words = " ".join(each for each in said if each)
        yield ChartBlock(row.indicator, indicator.title, pictures[row.indicator], words)


def _untold(told: Told) -> list[str]:
    """Return the headline indicators that have no figure for the whole organisation."""
    names = [name for name, indicator in told.catalogue.indicators.items() if indicator.headline]
    return [name for name in names if (row := told.whole(name)) is None or not row.told]


def _reasons(told: Told) -> dict[str, list[str]]:
    """Return why figures are not shown, each reason with the titles of the indicators."""
    reasons: dict[str, list[str]] = {}
    for name in _untold(told):
        reasons.setdefault(why_not(told.whole(name)), []).append(told.catalogue.indicators[name].title)
    return reasons


def _limits(told: Told, viewed: Set[str]) -> Iterator[Doubt]:
    """Yield what limits single headline indicators: bounds of what is hidden, and what the unknown could change.

    Of those that were ``viewed``, it was said before what people of unknown ethnicity could change.
    """
    for name, indicator in told.catalogue.indicators.items():
        row = told.whole(name)
        if not indicator.headline or row is None:
            continue
        bounds = "" if row.told else bounds_sentence(row, indicator, told.wording)
        if bounds:
            yield Doubt(name, indicator.title, "bounds", bounds)
        unknown = unknown_sentence(row, indicator, told.wording) if row.told and name not in viewed else ""
        if unknown.endswith("crosses 1."):
            yield Doubt(name, indicator.title, "unknown", unknown)


def _last_told(told: Told) -> Iterator[Doubt]:
    """Yield the latest figures that were told of headline indicators without one this quarter."""
    for name in _untold(told):
        indicator = told.catalogue.indicators[name]
        last = next((row for row in told.history.get(name, ()) if row.told), None)
        if last is not None:
            period = sentence_case(period_words(last, indicator))
            words = f"Last told: {period}. {finding(last, indicator, told.wording)}"
            yield Doubt(name, indicator.title, "earlier", words, last.period_end)


def _actions(said: BoardPaper | None) -> Params | None:
    if said is None or not said.actions:
        return None
    return table(
        "actions",
        "",
        ["Action", "Owner", "By"],
        [[label(words) for words in (each.action, each.owner, each.by)] for each in said.actions],
        kind="actions",
        words=2,
    )
