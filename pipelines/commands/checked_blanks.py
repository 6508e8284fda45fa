"""What a check says of blanks: how each is read, whom the indicators lose by it, and the line that would read it as no."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from disparity.catalogue import Catalogue
from disparity.catalogue.vocabulary import vocabulary_of
from disparity.counts.blanks import Blank, Loss
from disparity.datasets import DATASETS
from disparity.datasets.contract import Column
from resources.mapping import SOURCES

_WORDS_NAMED = 6
_READ_AS = {
    "in progress": "as still in progress",
    "not known": "as ethnicity not known",
    "not answered": "as not answered",
    "not recorded": "as not recorded",
}


def words_of_blanks(found: Sequence[Blank], dataset: str, catalogue: Catalogue) -> Iterator[tuple[int, str]]:
    """Yield indent and text of the lines of a check about blanks, counts exact.

    Those that nobody has said the meaning of come first.
    """
    described = DATASETS[dataset].columns(vocabulary_of(catalogue))
    for each in sorted(found, key=lambda each: not each.to_be_looked_at):
        yield from _lines(each, dataset, described[each.column], catalogue)


def _lines(blank: Blank, dataset: str, described: Column, catalogue: Catalogue) -> Iterator[tuple[int, str]]:
    meant = f" ({described.description})" if blank.as_described else ""
    read = f"read {_READ_AS[blank.read_as]}{meant}"
    yield 2, f"{blank.column}: blank in {blank.rows:,} of {blank.of:,} rows, {read}"
    yield from ((4, _lost(each, catalogue)) for each in blank.losses)
    if blank.levels:
        titles = ", ".join(catalogue.indicators[each].title for each in blank.levels)
        yield 4, f'broken down by {blank.column} these rows stand as "Not recorded": {titles}'
    if blank.losses:
        yield from line_for_blank(blank.column, dataset, catalogue)


def line_for_blank(column: str, dataset: str, catalogue: Catalogue) -> Iterator[tuple[int, str]]:
    """Yield the line of the sources that would give a blank of a column its word, where it can mean one."""
    described = DATASETS[dataset].columns(vocabulary_of(catalogue))[column]
    line = _line(column, described, catalogue.sources[dataset].values.get(column, {}))
    if line:
        yield 4, f"if a blank means {line[0]}, say so in {SOURCES}, {dataset}, values: {line[1]}"


def _lost(loss: Loss, catalogue: Catalogue) -> str:
    title, share = catalogue.indicators[loss.indicator].title, f"{loss.lost:,} of {loss.asked:,}"
    if loss.role == "events":
        return f"{title}: of {share} it is not known whether they count"
    return f"{title}: {share} are left out of the base"


def _line(column: str, described: Column, words: Mapping[str, str]) -> tuple[str, str] | None:
    """Return what a blank could mean, and the line that reads it so; None where a blank can mean nothing else."""
    match described.kind:
        case "flag":
            return "no", f"{column}: {_mapping({**words, '': 'false'})}"
        case "number" | "whole number" | "pounds":
            return "0", f"{column}: {_mapping({**words, '': '0'})}"
        case "category" if described.allowed and not described.nullable:
            named = ", ".join(described.allowed[:_WORDS_NAMED])
            more = "…" if len(described.allowed) > _WORDS_NAMED else ""
            return "one of its words", f'{column}: {{"": …}} with that word ({named}{more})'
        case _:
            return None


def _mapping(words: Mapping[str, str]) -> str:
    """Return words as a mapping in YAML on one line."""
    return (
        "{"
        + ", ".join(f"{json.dumps(k, ensure_ascii=False)}: {json.dumps(v)}" for k, v in words.items())
        + "}"
    )
