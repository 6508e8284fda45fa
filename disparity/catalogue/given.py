"""What indicators rest on, and whether the sources give it: columns of predicates, values, windows and breakdowns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from disparity.catalogue.indicators import Coverage, Indicator, Linked, Mean, Rate, Rows, Share
from disparity.catalogue.sources import Source
from disparity.catalogue.vocabulary import DERIVED
from disparity.datasets import DATASETS
from disparity.predicates import PredicateError, columns_of

STAFF = "staff_in_post"
ETHNIC_CODE = "ethnic_code"
# Without these an indicator is still counted; without anything else it rests on it is not.
_MAY_DO_WITHOUT = frozenset({"breakdowns", "stratified_by"})


class Part(NamedTuple):
    """One column that an indicator rests on: the key that names it, and the dataset it is a column of."""

    key: str
    dataset: str
    column: str

    @property
    def is_essential(self) -> bool:
        """Whether nothing can be counted without it."""
        return self.key not in _MAY_DO_WITHOUT

    @property
    def given_as(self) -> str:
        """The column of a source that it comes from: for what the pipeline derives, the ethnic code."""
        return ETHNIC_CODE if self.column in DERIVED else self.column


def parts_of(indicator: Indicator, named: Mapping[str, Iterable[str]]) -> Iterator[Part]:
    """Yield everything an indicator rests on; ``named`` are the columns that its predicates name, by their key."""
    for key, dataset in datasets_of(indicator).items():
        for column in named.get(key, ()):
            yield Part(key, dataset, column)
    for key in ("value", "window_by", "stratified_by"):
        if (named_alone := getattr(indicator, key, None)) is not None:
            yield Part(key, indicator.dataset, named_alone)
    for dataset in broken_down(indicator):
        yield Part("ethnicity", dataset, "ethnicity")
        for column in indicator.breakdowns:
            yield Part("breakdowns", dataset, column)


def datasets_of(indicator: Indicator) -> dict[str, str]:
    """Return the dataset that each predicate of an indicator is about, by its key."""
    match indicator:
        case Rows():
            return {"base": indicator.dataset, "event": indicator.dataset}
        case Mean():
            return {"base": indicator.dataset}
        case Share():
            return {"part": indicator.dataset}
        case Linked():
            return {"base": STAFF, "event": indicator.dataset}
        case Coverage():
            return {"base": indicator.base_dataset, "event": indicator.dataset}
        case Rate():
            return {"event": indicator.dataset}


def broken_down(indicator: Indicator) -> tuple[str, ...]:
    """Return the datasets whose people are counted by ethnicity, which must hold the columns of breakdowns too."""
    match indicator:
        case Linked():
            return (STAFF,)
        case Rate():
            return (indicator.dataset, STAFF)
        case Coverage():
            return (indicator.dataset, indicator.base_dataset)
        case Share() if indicator.value is not None:
            return (indicator.dataset, STAFF)
        case _:
            return (indicator.dataset,)


def broken_down_by_dataset(indicators: Mapping[str, Indicator]) -> dict[str, frozenset[str]]:
    """Return, by dataset, the columns that people are counted by."""
    found: dict[str, frozenset[str]] = {}
    for indicator in indicators.values():
        for dataset in broken_down(indicator):
            found[dataset] = found.get(dataset, frozenset()) | set(indicator.breakdowns)
    return found


def given(dataset: str, sources: Mapping[str, Source]) -> frozenset[str]:
    """Return the columns that a dataset with a source is given, by its own source or by a look-up of staff."""
    own = _own(sources[dataset])
    if DATASETS[dataset].may_take_ethnicity_of_staff and STAFF in sources:
        own |= {ETHNIC_CODE} & _own(sources[STAFF])
    return own


def _own(source: Source) -> frozenset[str]:
    """Return the columns that a source gives; a blank for every row is nothing given."""
    return frozenset(source.columns) | {column for column, text in source.constants.items() if text.strip()}


def not_available(sources: Mapping[str, Source]) -> dict[str, frozenset[str]]:
    """Return, by dataset, the columns that its source says it does not give and nothing else does."""
    return {name: frozenset(source.not_available) - given(name, sources) for name, source in sources.items()}


def not_given(
    indicators: Mapping[str, Indicator], sources: Mapping[str, Source]
) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """Return the columns that indicators rest on and no source gives or says is not available: who rests on each, and how.

    By dataset and column of the source; indicators with the key that names it. Datasets without a source, and columns
    that are needed or that no dataset has, are judged elsewhere.
    """
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for name, indicator in indicators.items():
        for part in dict.fromkeys(parts_of(indicator, _named(indicator))):
            source = sources.get(part.dataset)
            if source is None or part.given_as in {*given(part.dataset, sources), *source.not_available}:
                continue
            users = found.setdefault((part.dataset, part.given_as), [])
            if (name, part.key) not in users:
                users.append((name, part.key))
    return found


def _named(indicator: Indicator) -> dict[str, list[str]]:
    """Return the columns that each predicate names; one that is none, which is a mistake of its own, names no column."""
    named = {}
    for key in datasets_of(indicator):
        predicate = getattr(indicator, key)
        try:
            named[key] = columns_of(predicate) if predicate is not None else []
        except PredicateError:
            named[key] = []
    return named
