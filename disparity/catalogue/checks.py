"""What must agree between the parts of a catalogue: names that point at each other, and predicates that resolve."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from disparity.catalogue import Catalogue
from disparity.catalogue.indicators import Coverage, Indicator, Linked, Mean, Rate, Rows, Share
from disparity.datasets import DATASETS
from disparity.datasets.contract import Vocabulary, needed
from disparity.datasets.vocabulary import record_columns, record_values, vocabulary_of
from disparity.predicates import PredicateError, nearest, resolve


@dataclass(frozen=True)
class Mistake:
    """One thing that does not agree: the file (without ending), the key path in it, and the words."""

    file: str
    path: tuple[str, ...]
    words: str


def mistakes(catalogue: Catalogue) -> list[Mistake]:
    """Return everything in a catalogue that does not agree with the rest of it."""
    vocabulary = vocabulary_of(catalogue)
    return [
        *_audiences(catalogue),
        *_sources(catalogue, vocabulary),
        *(each for name, indicator in catalogue.indicators.items() for each in _indicator(name, indicator, vocabulary)),
        *_house_style(catalogue),
    ]


def _audiences(catalogue: Catalogue) -> Iterator[Mistake]:
    for audience in ("restricted", "published"):
        policy = catalogue.organisation.audiences.get(audience)  # type: ignore[call-overload]
        if policy is None:
            yield Mistake("organisation", ("audiences",), f"no policy for {audience}; every released audience names one")
        elif policy not in catalogue.policies:
            yield Mistake(
                "organisation", ("audiences", audience), f"no policy {policy!r}{nearest(policy, catalogue.policies)}"
            )


def _sources(catalogue: Catalogue, vocabulary: Vocabulary) -> Iterator[Mistake]:
    for name in catalogue.organisation.required_datasets:
        if name not in catalogue.sources:
            yield Mistake("organisation", ("required_datasets",), f"{name} is required and has no source in sources.yaml")
    for name, source in catalogue.sources.items():
        if name not in DATASETS:
            yield Mistake("sources", (name,), f"no dataset {name!r}{nearest(name, DATASETS)}")
            continue
        columns = DATASETS[name].schema(vocabulary).columns
        for part, mapped in (("columns", source.columns), ("constants", source.constants), ("values", source.values)):
            for column in mapped:
                if column not in columns:
                    yield Mistake("sources", (name, part, column), f"{name} has no column {column!r}{nearest(column, columns)}")
        for column, described in columns.items():
            if needed(described) and column not in source.columns and column not in source.constants:
                yield Mistake("sources", (name, "columns"), f"{name} needs the column {column}; map it to a heading")


def _datasets_of(indicator: Indicator) -> dict[str, str]:
    """Return the dataset that each predicate of an indicator is about, by its key."""
    match indicator:
        case Rows():
            return {"base": indicator.dataset, "event": indicator.dataset}
        case Mean():
            return {"base": indicator.dataset}
        case Share():
            return {"part": indicator.dataset}
        case Linked():
            return {"base": "staff_in_post", "event": indicator.dataset}
        case Coverage():
            return {"base": indicator.base_dataset, "event": indicator.dataset}
        case Rate():
            return {"event": indicator.dataset}


def broken_down(indicator: Indicator) -> tuple[str, ...]:
    """Return the datasets that must hold the columns of an indicator's breakdowns."""
    match indicator:
        case Linked():
            return ("staff_in_post",)
        case Rate():
            return (indicator.dataset, "staff_in_post")
        case Coverage():
            return (indicator.dataset, indicator.base_dataset)
        case Share() if indicator.value is not None:
            return (indicator.dataset, "staff_in_post")
        case _:
            return (indicator.dataset,)


def _indicator(name: str, indicator: Indicator, vocabulary: Vocabulary) -> Iterator[Mistake]:
    for key, dataset in _datasets_of(indicator).items():
        predicate = getattr(indicator, key)
        if predicate is None:
            continue
        try:
            resolve(predicate, record_columns(dataset, vocabulary), record_values(dataset, vocabulary))
        except PredicateError as error:
            yield Mistake("indicators", (name, key), f"in {dataset}: {error}")
    for breakdown in indicator.breakdowns:
        for dataset in broken_down(indicator):
            columns = record_columns(dataset, vocabulary)
            if breakdown not in columns:
                yield Mistake(
                    "indicators", (name, "breakdowns"), f"{dataset} has no column {breakdown!r}{nearest(breakdown, columns)}"
                )
    yield from _numbers(name, indicator, vocabulary)
    if isinstance(indicator, Linked) and DATASETS[indicator.dataset].in_confidence:
        yield Mistake(
            "indicators", (name, "dataset"), f"{indicator.dataset} was told in confidence and is never linked to a person"
        )
    if isinstance(indicator, Share):
        compared = indicator.part is not None or indicator.value is not None
        if compared != (indicator.part_words is not None):
            yield Mistake("indicators", (name,), "part_words names what part or value picks out; give both or neither")


def _numbers(name: str, indicator: Indicator, vocabulary: Vocabulary) -> Iterator[Mistake]:
    if isinstance(indicator, Mean | Share | Linked) and indicator.value is not None:
        columns = record_columns(indicator.dataset, vocabulary)
        numeric = [column for column, dtype in columns.items() if dtype.is_numeric()]
        if indicator.value not in numeric:
            yield Mistake(
                "indicators", (name, "value"),
                f"{indicator.dataset} has no number {indicator.value!r}{nearest(indicator.value, numeric)}",
            )  # fmt: skip
    if isinstance(indicator, Rows) and indicator.window_by is not None:
        columns = record_columns(indicator.dataset, vocabulary)
        if indicator.window_by not in columns:
            yield Mistake(
                "indicators", (name, "window_by"), f"no column {indicator.window_by!r}{nearest(indicator.window_by, columns)}"
            )


def _house_style(catalogue: Catalogue) -> Iterator[Mistake]:
    style = catalogue.house_style
    for theme in sorted({indicator.theme for indicator in catalogue.indicators.values()} - set(style.themes)):
        yield Mistake("house_style", ("themes",), f"no words for the theme {theme}")
    used = {breakdown for indicator in catalogue.indicators.values() for breakdown in indicator.breakdowns}
    for breakdown in sorted(used - set(style.breakdowns)):
        yield Mistake("house_style", ("breakdowns",), f"no words for the breakdown {breakdown}")
    for group in ("white", "ethnic_minority", "unknown"):
        if group not in style.groups:
            yield Mistake("house_style", ("groups",), f"no words for the group {group}")


def predicates_of(catalogue: Catalogue) -> dict[str, dict[str, pl.Expr]]:
    """Return every indicator's predicates as Polars expressions, by their key. The catalogue must be without mistakes."""
    vocabulary = vocabulary_of(catalogue)
    return {
        name: {
            key: resolve(predicate, record_columns(dataset, vocabulary), record_values(dataset, vocabulary))
            for key, dataset in _datasets_of(indicator).items()
            if (predicate := getattr(indicator, key)) is not None
        }
        for name, indicator in catalogue.indicators.items()
    }
