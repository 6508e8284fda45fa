"""What must agree between parts of a catalogue: names that point at each other, predicates that resolve."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from disparity.catalogue import Catalogue, Source
from disparity.catalogue.indicators import Coverage, Indicator, Linked, Mean, Rate, Rows, Share
from disparity.counts import broken_down_by
from disparity.datasets import DATASETS
from disparity.datasets.contract import Column, Vocabulary
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
        *(
            mistake
            for name, indicator in catalogue.indicators.items()
            for mistake in _indicator(name, indicator, catalogue, vocabulary)
        ),
        *_house_style(catalogue),
    ]


def _audiences(catalogue: Catalogue) -> Iterator[Mistake]:
    audiences: dict[str, str] = dict(catalogue.organisation.audiences.items())
    for audience in ("restricted", "published"):
        policy = audiences.get(audience)
        if policy is None:
            words = f"no policy for {audience}; every released audience names one"
            yield Mistake("organisation", ("audiences",), words)
        elif policy not in catalogue.policies:
            words = f"no policy {policy!r}{nearest(policy, catalogue.policies)}"
            yield Mistake("organisation", ("audiences", audience), words)


def _sources(catalogue: Catalogue, vocabulary: Vocabulary) -> Iterator[Mistake]:
    for required in catalogue.organisation.required_datasets:
        if required not in catalogue.sources:
            words = f"{required} is required and has no source in sources.yaml"
            yield Mistake("organisation", ("required_datasets",), words)
    for name, source in catalogue.sources.items():
        if name not in DATASETS:
            yield Mistake("sources", (name,), f"no dataset {name!r}{nearest(name, DATASETS)}")
            continue
        yield from _source(name, source, DATASETS[name].columns(vocabulary))


def _source(name: str, source: Source, columns: Mapping[str, Column]) -> Iterator[Mistake]:
    parts: dict[str, Mapping[str, object]] = {
        "columns": source.columns,
        "constants": source.constants,
        "values": source.values,
        "values_from": source.values_from,
    }
    for part, mapped in parts.items():
        for column in mapped:
            if column not in columns:
                words = f"{name} has no column {column!r}{nearest(column, columns)}"
                yield Mistake("sources", (name, part, column), words)
    for column, described in columns.items():
        if described.needed and column not in source.columns and column not in source.constants:
            yield Mistake(
                "sources", (name, "columns"), f"{name} needs the column {column}; map it to a heading"
            )
        allowed = described.allowed
        if allowed is None or described.kind == "ethnicity":
            continue
        for theirs, ours in source.values.get(column, {}).items():
            if ours not in allowed:
                words = f"{ours!r} is not a value of {column}{nearest(ours, allowed)}"
                yield Mistake("sources", (name, "values", column, theirs), words)


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


def _indicator(
    name: str, indicator: Indicator, catalogue: Catalogue, vocabulary: Vocabulary
) -> Iterator[Mistake]:
    for key, dataset in _datasets_of(indicator).items():
        predicate = getattr(indicator, key)
        if predicate is None:
            continue
        try:
            resolve(predicate, record_columns(dataset, vocabulary), record_values(dataset, vocabulary))
        except PredicateError as error:
            yield Mistake("indicators", (name, key), f"in {dataset}: {error}")
    found = [
        *_breakdowns(indicator, vocabulary),
        *_columns(indicator, vocabulary),
        *_linking(indicator, vocabulary),
        *_wording(indicator),
        *_agreement(indicator, catalogue),
        *_stages(indicator, catalogue),
    ]
    for path, words in found:
        yield Mistake("indicators", (name, *path), words)


_Found = Iterator[tuple[tuple[str, ...], str]]


def _breakdowns(indicator: Indicator, vocabulary: Vocabulary) -> _Found:
    """A breakdown is a column of few values, listed or true and false, in every dataset counted."""
    for breakdown in indicator.breakdowns:
        for dataset in broken_down(indicator):
            described = DATASETS[dataset].columns(vocabulary)
            divided = [
                column
                for column, each in described.items()
                if each.kind == "flag" or (each.kind == "category" and each.allowed is not None)
            ]
            if breakdown not in described:
                yield ("breakdowns",), f"{dataset} has no column {breakdown!r}{nearest(breakdown, divided)}"
            elif breakdown not in divided:
                words = f"{breakdown} of {dataset} is not divided into levels{nearest(breakdown, divided)}"
                yield ("breakdowns",), words


def _columns(indicator: Indicator, vocabulary: Vocabulary) -> _Found:
    """A value is a number of its dataset, and a window is told by one of its dates."""
    columns = record_columns(indicator.dataset, vocabulary)
    if isinstance(indicator, Mean | Share | Linked) and indicator.value is not None:
        numeric = [column for column, dtype in columns.items() if dtype.is_numeric()]
        if indicator.value not in numeric:
            words = (
                f"{indicator.dataset} has no number {indicator.value!r}{nearest(indicator.value, numeric)}"
            )
            yield ("value",), words
    if isinstance(indicator, Rows) and indicator.window_by is not None:
        dates = [column for column, dtype in columns.items() if dtype == pl.Date]
        if indicator.window_by not in dates:
            near = nearest(indicator.window_by, dates)
            yield ("window_by",), f"{indicator.dataset} has no date {indicator.window_by!r}{near}"
    if isinstance(indicator, Rows) and indicator.stratified_by is not None:
        described = DATASETS[indicator.dataset].columns(vocabulary)
        strata = [column for column, each in described.items() if each.kind == "identifier"]
        if indicator.stratified_by not in strata:
            near = nearest(indicator.stratified_by, strata)
            yield (
                ("stratified_by",),
                f"{indicator.dataset} has no identifier {indicator.stratified_by!r}{near}",
            )


def _linking(indicator: Indicator, vocabulary: Vocabulary) -> _Found:
    if not isinstance(indicator, Linked):
        return
    dataset = DATASETS[indicator.dataset]
    if dataset.in_confidence:
        yield ("dataset",), f"{dataset.name} was told in confidence and is never linked to a person"
    elif "person" not in dataset.columns(vocabulary):
        linked = [name for name, each in DATASETS.items() if "person" in each.columns(vocabulary)]
        yield ("dataset",), f"{dataset.name} does not say which person; it is one of {', '.join(linked)}"


def _wording(indicator: Indicator) -> _Found:
    if not isinstance(indicator, Share):
        return
    if indicator.part is not None and indicator.value is not None:
        yield (), "part picks out people and value sums money; give one of the two"
    elif (indicator.part is not None or indicator.value is not None) != (indicator.part_words is not None):
        yield (), "part_words names what part or value picks out; give both or neither"


def _agreement(indicator: Indicator, catalogue: Catalogue) -> _Found:
    """An agreement that nothing records withholds a figure; one that is misspelt would do so in silence."""
    needed_of, recorded = indicator.needs_agreement, catalogue.organisation.agreements
    if needed_of is not None and needed_of not in recorded:
        yield (
            ("needs_agreement",),
            f"organisation.yaml has no agreement {needed_of!r}{nearest(needed_of, recorded)}",
        )


def _stages(indicator: Indicator, catalogue: Catalogue) -> _Found:
    """Stages are indicators of rows on the same dataset, over the same window."""
    if not isinstance(indicator, Rows):
        return
    of_rows = {name: each for name, each in catalogue.indicators.items() if isinstance(each, Rows)}
    for stage in indicator.stages:
        found = of_rows.get(stage)
        if found is None:
            yield ("stages",), f"no indicator of rows {stage!r}{nearest(stage, of_rows)}"
        elif (found.dataset, found.quarters) != (indicator.dataset, indicator.quarters):
            yield ("stages",), f"{stage} counts another dataset or another number of quarters"


def _house_style(catalogue: Catalogue) -> Iterator[Mistake]:
    style = catalogue.house_style
    for theme in sorted({indicator.theme for indicator in catalogue.indicators.values()} - set(style.themes)):
        yield Mistake("house_style", ("themes",), f"no words for the theme {theme}")
    used = {
        breakdown for indicator in catalogue.indicators.values() for breakdown in broken_down_by(indicator)
    }
    for breakdown in sorted(used - set(style.breakdowns)):
        yield Mistake("house_style", ("breakdowns",), f"no words for the breakdown {breakdown}")
    for group in ("white", "ethnic_minority", "unknown"):
        if group not in style.groups:
            yield Mistake("house_style", ("groups",), f"no words for the group {group}")


def predicates_of(catalogue: Catalogue) -> dict[str, dict[str, pl.Expr]]:
    """Return the predicates of every indicator of a sound catalogue as Polars expressions, by their key."""
    vocabulary = vocabulary_of(catalogue)
    return {
        name: {
            key: resolve(predicate, record_columns(dataset, vocabulary), record_values(dataset, vocabulary))
            for key, dataset in _datasets_of(indicator).items()
            if (predicate := getattr(indicator, key)) is not None
        }
        for name, indicator in catalogue.indicators.items()
    }
