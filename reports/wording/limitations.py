"""What a report cannot say: the indicators without a figure, gathered by reason, with the bounds that can be told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from disparity.catalogue.indicators import Coverage, Indicator, Share
from disparity.markers import ABSENT, HIDDEN
from disparity.rows import Estimate
from disparity.statistics.evidence import TOO_FEW
from reports.wording.numbers import sentence_case
from reports.wording.periods import period_words
from reports.wording.release_view import Told
from reports.wording.sentences import bounds_sentence, finding, status_sentence


@dataclass(frozen=True)
class Untold:
    """An indicator without a figure: the bounds that can be told, and when it was last told."""

    name: str
    title: str
    bounds: str
    earlier: str
    earlier_end: str


@dataclass(frozen=True)
class Reason:
    """Why figures are missing, in one sentence, and which."""

    words: str
    indicators: tuple[Untold, ...]
    is_of_all: bool


@dataclass(frozen=True)
class Described:
    """An indicator that says how far the others reach, such as the response to the survey."""

    name: str
    sentence: str


@dataclass(frozen=True)
class Unsaid:
    """What the overview says of the limits of a whole report."""

    reasons: tuple[Reason, ...]
    hidden_levels: tuple[str, ...]
    too_few: tuple[str, ...]
    coverage: tuple[Described, ...]


def why_not(row: Estimate | None) -> str:
    """Say why an indicator has no figure."""
    return status_sentence(ABSENT) if row is None else status_sentence(row.marker, row.reason)


def reasons_of(told: Told, names: Iterable[str]) -> tuple[Reason, ...]:
    """Gather those of the indicators that have no figure by the reason, in the order they come."""
    grouped: dict[str, list[Untold]] = {}
    for name in names:
        if not told.has_card(name):
            grouped.setdefault(why_not(told.whole(name)), []).append(_untold(name, told))
    everything = len(told.catalogue.indicators)
    return tuple(
        Reason(words, tuple(each), is_of_all=len(each) == everything) for words, each in grouped.items()
    )


def unsaid_of(told: Told) -> Unsaid:
    """Return what the whole report cannot say."""
    indicators = told.catalogue.indicators
    return Unsaid(
        reasons=reasons_of(told, indicators),
        hidden_levels=_hidden_levels(told),
        too_few=tuple(
            indicator.title for name, indicator in indicators.items() if _is_too_few(told.whole(name))
        ),
        coverage=tuple(_coverage(told)),
    )


def _untold(name: str, told: Told) -> Untold:
    indicator, row = told.catalogue.indicators[name], told.whole(name)
    bounds = "" if row is None else bounds_sentence(row, indicator, told.wording)
    last = next((each for each in told.history.get(name, ()) if each.told), None)
    return Untold(
        name=name,
        title=indicator.title,
        bounds=bounds,
        earlier="" if last is None else _last_told(last, indicator, told),
        earlier_end="" if last is None else last.period_end,
    )


def _last_told(row: Estimate, indicator: Indicator, told: Told) -> str:
    period = sentence_case(period_words(row, indicator))
    return f"Last told: {period}. {finding(row, indicator, told.wording)}"


def _hidden_levels(told: Told) -> tuple[str, ...]:
    """Return the names of breakdowns in which a figure of one level or more is hidden."""
    titles = told.catalogue.house_style.breakdowns
    hidden = {
        row.breakdown
        for name in told.catalogue.indicators
        if told.has_card(name)
        for row in told.rows[name]
        if row.marker == HIDDEN and row.breakdown != "all"
    }
    return tuple(title for name, title in titles.items() if name in hidden)


def _is_too_few(row: Estimate | None) -> bool:
    return row is not None and row.told and row.evidence == TOO_FEW


def _coverage(told: Told) -> Sequence[Described]:
    """Return what says how far the other figures reach: unknown ethnicity, and who answered."""
    found = []
    for name, indicator in told.catalogue.indicators.items():
        row = told.whole(name)
        reaches = isinstance(indicator, Coverage) or (
            isinstance(indicator, Share) and indicator.of == "unknown"
        )
        if reaches and row is not None and row.told:
            found.append(Described(name, finding(row, indicator, told.wording)))
    return found
