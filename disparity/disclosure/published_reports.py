"""An outsider: what somebody knows who has the published reports of some quarters and the catalogue, and nothing else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple, TypeVar

import polars as pl

from disparity.catalogue import Catalogue
from disparity.catalogue.divisions import NOT_RECORDED
from disparity.catalogue.given import broken_down, broken_down_by_dataset
from disparity.catalogue.indicators import Linked
from disparity.catalogue.vocabulary import columns_of_all, vocabulary_of
from disparity.counts.cells import CELLS
from disparity.datasets import DATASETS
from disparity.datasets.contract import Column
from disparity.disclosure.attacker import Contradiction
from disparity.disclosure.ledger import told_in
from disparity.disclosure.released_counts import Before, both
from disparity.markers import HIDDEN
from disparity.periods import Quarter
from disparity.populations.naming import Naming
from disparity.populations.people import (
    STAFF,
    Asked,
    People,
    asked_for_all,
    edition,
    had_in,
    quarters_of,
)
from disparity.populations.recorded import Recorded, all_recorded
from disparity.predicates import nearest
from disparity.refusal import refuse

_Of = TypeVar("_Of")


class Report(NamedTuple):
    """What one report tells: ``cells`` has indicator, breakdown and level, and of each cell _low, _high and _status.

    ``held`` are the keys of the quarters that its surveys are of, by dataset, as far as it says so.
    """

    quarter: Quarter
    vintage: int
    cells: pl.DataFrame
    held: Mapping[str, str] = MappingProxyType({})


class Known(NamedTuple):
    """What a reader was told of whom in the reports of one quarter, and in those before."""

    told: dict[People, Before]
    before: dict[People, Before]


class Delivery(NamedTuple):
    """The records of a yearly dataset that a report counts, by the key of the quarter they are taken to be of.

    Where it is not ``dated`` they were first read of in that quarter's report, and may be older.
    """

    as_of: str
    dated: bool


Cells = dict[tuple[str, str, str, str], Before]
"""What is told of each cell, by indicator, breakdown, level and cell."""


def known_from(
    reports: Sequence[Report], catalogue: Catalogue, quarter: Quarter, *, blanks: bool = False
) -> Known:
    """Return what the reports of ``quarter`` tell and what all earlier ones told; of later ones nothing is known.

    He takes it that no answer is lacking, or with ``blanks`` that any may be whose column the dictionary lets be empty.
    Where an older vintage of a report says otherwise than a newer one it is of records that were put right since. Raises
    Contradiction where two of one quarter and vintage do.
    """
    named = people_named(reports, catalogue, quarter, blanks=blanks)
    known = Known({}, {})
    for report in sorted(reports, key=lambda each: each.quarter):
        if report.quarter > quarter:
            break
        of = known.told if report.quarter == quarter else known.before
        told = told_in(report.cells, named[report.quarter])
        if _put_right_since(report, reports):
            release = f"{report.quarter.key} vintage {report.vintage}"
            told = {edition(each, release): cell for each, cell in told.items()}
        for people, cell in told.items():
            of[people] = both(of.get(people, cell), cell)
    return known


def _put_right_since(report: Report, reports: Sequence[Report]) -> bool:
    """Return whether a newer vintage of a report says otherwise. Raises Contradiction where one of its own vintage does."""
    told = _cells_of(report)
    beside = [each for each in reports if each.quarter == report.quarter and each is not report]
    otherwise = {each.vintage for each in beside if contradict(told, _cells_of(each))}
    if report.vintage in otherwise:
        raise Contradiction("two reports of one quarter and vintage")
    return any(vintage > report.vintage for vintage in otherwise)


def undecided_in(reports: Sequence[Report], catalogue: Catalogue, quarter: Quarter) -> list[str]:
    """Return the linked indicators whose base the reports of ``quarter`` show not to be the staff that others count.

    Of some of the staff it was not recorded whether they had it. As long as nothing shows it, he takes them for the same.
    """
    of_quarter = [each for each in reports if each.quarter == quarter]
    asked = asked_for_all(catalogue, quarter, dict.fromkeys(catalogue.indicators, quarter.key))
    people = _named(reports, catalogue, {quarter: asked}, {quarter: []}, blanks=False)[quarter]
    linked = [name for name, each in catalogue.indicators.items() if isinstance(each, Linked)]
    found: dict[str, None] = {}
    for cells in (each.cells for each in of_quarter):
        staff = told_in(cells.filter(~pl.col("indicator").is_in(linked)), people)
        of_each = {name: told_in(cells.filter(pl.col("indicator") == name), people) for name in linked}
        found |= {name: None for name, told in of_each.items() if contradict(told, staff)}
    return list(found)


def people_named(
    reports: Sequence[Report], catalogue: Catalogue, until: Quarter, *, blanks: bool = False
) -> dict[Quarter, dict[str, dict[str, People]]]:
    """Return, by quarter, whom the cells of every indicator's whole count in its reports, as an outsider names them.

    No later reports than of ``until``; ``blanks`` is as `known_from` takes it.
    """
    delivered = deliveries(reports, catalogue)
    quarters = sorted({each.quarter for each in reports if each.quarter <= until})
    undecided = {quarter: undecided_in(reports, catalogue, quarter) for quarter in quarters}
    deliveries_of = {quarter: _deliveries_of(catalogue, quarter, delivered) for quarter in quarters}
    asked = {
        quarter: asked_for_all(catalogue, quarter, {name: each.as_of for name, each in of.items()})
        for quarter, of in deliveries_of.items()
    }
    named = _named(reports, catalogue, asked, undecided, blanks=blanks)
    for quarter, of in deliveries_of.items():
        for name, delivery in of.items():
            if not delivery.dated:
                # Those it is set beside were counted in a quarter that he does not know: tied to none.
                named[quarter][name] = {
                    cell: each
                    if each.dataset == catalogue.indicators[name].dataset
                    else edition(each, f"a delivery first read of in {delivery.as_of}")
                    for cell, each in named[quarter][name].items()
                }
    return named


def _deliveries_of(
    catalogue: Catalogue, quarter: Quarter, delivered: Mapping[tuple[str, str], Delivery]
) -> dict[str, Delivery]:
    return {
        name: delivered.get((quarter.key, indicator.dataset), Delivery(quarter.key, dated=True))
        for name, indicator in catalogue.indicators.items()
    }


def _named(
    reports: Sequence[Report],
    catalogue: Catalogue,
    asked: Mapping[Quarter, Mapping[str, Mapping[str, Asked]]],
    undecided: Mapping[Quarter, Collection[str]],
    *,
    blanks: bool,
) -> dict[Quarter, dict[str, dict[str, People]]]:
    """Return the names of those asked for in the reports of each quarter, by what he takes to be recorded."""
    columns = columns_of_all(vocabulary_of(catalogue))
    everybody = [each for of in asked.values() for cells in of.values() for each in cells.values()]
    naming = Naming(
        everybody, columns, broken_down_by_dataset(catalogue.indicators),
        all_recorded([
            *_taken_as_recorded(catalogue, everybody, undecided, columns, blanks=blanks),
            *_levels_read(reports, catalogue, everybody, columns),
        ]),
    )  # fmt: skip
    return {
        quarter: {
            name: {cell: naming.people(each) for cell, each in cells.items()} for name, cells in of.items()
        }
        for quarter, of in asked.items()
    }


def _taken_as_recorded(
    catalogue: Catalogue,
    asked: Iterable[Asked],
    undecided: Mapping[Quarter, Collection[str]],
    columns: Mapping[str, Mapping[str, Column]],
    *,
    blanks: bool,
) -> Iterator[tuple[tuple[str, str], Recorded]]:
    not_blank = {
        dataset: {} if blanks else dict.fromkeys(described, False) for dataset, described in columns.items()
    }
    for dataset, since, until in dict.fromkeys((each.dataset, each.since, each.until) for each in asked):
        for key in quarters_of(since, until):
            yield (dataset, key), Recorded(not_blank[dataset], {})
    for quarter, names in undecided.items():
        had = {
            had_in(each, quarter.window(each.quarters)[0]): name in names
            for name, each in catalogue.indicators.items()
            if isinstance(each, Linked)
        }
        yield (STAFF, quarter.key), Recorded({**not_blank[STAFF], **had}, {})


def _levels_read(
    reports: Sequence[Report],
    catalogue: Catalogue,
    asked: Iterable[Asked],
    columns: Mapping[str, Mapping[str, Column]],
) -> Iterator[tuple[tuple[str, str], Recorded]]:
    """Yield the levels that reports have rows of: in those there were people, whatever the catalogue lists today."""
    read: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    for report in reports:
        rows = report.cells.select("indicator", "breakdown", "level").unique(maintain_order=True)
        for name, by, level in rows.iter_rows():
            for dataset in broken_down(catalogue.indicators[name]) if name in catalogue.indicators else ():
                if by in columns[dataset]:
                    read[dataset, by][level] = None
    for (dataset, by), levels in read.items():
        known = Recorded(
            {by: True} if NOT_RECORDED in levels else {},
            {by: (*(columns[dataset][by].allowed or ()), *(each for each in levels if each != NOT_RECORDED))},
        )
        for since, until in dict.fromkeys(
            (each.since, each.until) for each in asked if each.dataset == dataset
        ):
            for key in quarters_of(since, until):
                yield (dataset, key), known


def people_of_cell(
    name: str, reports: Sequence[Report], catalogue: Catalogue, quarter: Quarter, *, blanks: bool = False
) -> People:
    """Return whom a cell of the reports of ``quarter`` counts, asked for as INDICATOR/BREAKDOWN/LEVEL/CELL.

    Raises Refusal, saying what there is, where nothing is told of such a cell.
    """
    newest = max((each.vintage for each in reports if each.quarter == quarter), default=0)
    people = people_named(reports, catalogue, quarter, blanks=blanks)[quarter]
    told = {
        (indicator, breakdown, level, cell): people[indicator][cell].of_row(breakdown, level)
        for report in reports
        if (report.quarter, report.vintage) == (quarter, newest)
        for indicator, breakdown, level, cell in _cells_of(report)
    }
    asked = _parts_of(name)
    for at, kind in enumerate(_PARTS_OF_A_NAME):
        there = dict.fromkeys(each[at] for each in told if each[:at] == asked[:at])
        if asked[at] not in there:
            raise refuse(
                f"nothing is told of the {kind} {asked[at]!r}{nearest(asked[at], there)}", where=f"--cell, {quarter.words}",
                rule="a cell is named INDICATOR/BREAKDOWN/LEVEL/CELL as in indicators.csv, the whole all/all",
                do="name one that the report tells of",
            )  # fmt: skip
    return told[asked]


_PARTS_OF_A_NAME = ("indicator", "breakdown", "level", "cell")


def _parts_of(name: str) -> tuple[str, str, str, str]:
    """Return the four parts of a cell's name; a level can have a slash in it."""
    indicator, _, rest = name.partition("/")
    breakdown, _, rest = rest.partition("/")
    level, _, cell = rest.rpartition("/")
    return indicator, breakdown, level, cell


def deliveries(reports: Sequence[Report], catalogue: Catalogue) -> dict[tuple[str, str], Delivery]:
    """Return, by quarter's key and yearly dataset, whose records its reports count, as far as a reader can tell.

    A report says of which quarter its surveys are; one of an earlier version did not. Of those, one that contradicts in
    nothing what the report of the quarter before said of a dataset repeats its records; one
    that does has those that came in its own quarter. With nothing to set it beside, it cannot be told when they came.
    """
    found: dict[tuple[str, str], Delivery] = {}
    quarters = sorted({each.quarter for each in reports})
    for dataset in (name for name, each in DATASETS.items() if each.rarer_than_quarters):
        told = {quarter: _told_of(dataset, quarter, reports, catalogue) for quarter in quarters}
        said = {
            each.quarter: each.held[dataset]
            for each in sorted(reports, key=lambda each: each.vintage)
            if dataset in each.held
        }
        found |= {(quarter.key, dataset): Delivery(key, dated=True) for quarter, key in said.items()}
        for quarter in (each for each in quarters if told[each] and each not in said):
            before = told.get(quarter.plus(-1), {})
            if told[quarter].keys() & before.keys() and not contradict(before, told[quarter]):
                found[quarter.key, dataset] = found[quarter.plus(-1).key, dataset]
            else:
                found[quarter.key, dataset] = Delivery(quarter.key, dated=bool(before))
    return found


def _told_of(dataset: str, quarter: Quarter, reports: Sequence[Report], catalogue: Catalogue) -> Cells:
    """Return what the reports of a quarter tell of one dataset."""
    of_dataset = [name for name, each in catalogue.indicators.items() if each.dataset == dataset]
    told: Cells = {}
    for report in (each for each in reports if each.quarter == quarter):
        cells = _cells_of(report._replace(cells=report.cells.filter(pl.col("indicator").is_in(of_dataset))))
        told |= {at: both(told.get(at, cell), cell) for at, cell in cells.items()}
    return told


def _cells_of(report: Report) -> Cells:
    return {
        (row["indicator"], row["breakdown"], row["level"], cell): Before(
            row[f"{cell}_low"], row[f"{cell}_high"], row[f"{cell}_status"] == HIDDEN
        )
        for row in report.cells.iter_rows(named=True)
        for cell in CELLS
        if row[f"{cell}_low"] is not None
    }


def contradict(one: Mapping[_Of, Before], other: Mapping[_Of, Before]) -> bool:
    """Return whether two statements leave nothing that some count could be."""
    return any(
        max(one[each].low, other[each].low) > min(one[each].high, other[each].high)
        for each in one.keys() & other.keys()
    )
