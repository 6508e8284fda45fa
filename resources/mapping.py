"""From a supplier's headings and words to ours: which rows are taken, and what each of our columns holds."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

import polars as pl

from disparity.catalogue import Source
from disparity.datasets.contract import Column, Dataset, Vocabulary
from disparity.datasets.identifiers import filled
from disparity.datasets.readable import WITHHELD, passed
from disparity.formulas import without_apostrophe
from disparity.periods import Quarter
from disparity.predicates import nearest
from disparity.records import IN_FORCE
from disparity.refusal import Refusal, refuse
from resources.identifiers import columns_received, with_pseudonyms
from resources.inspection import WithheldWords
from resources.tables import Table, cell, nearest_of, nearest_there, tidy

SOURCES = "catalogue/sources.yaml"
_ISO = "%Y-%m-%d"


@dataclass
class Tally:
    """Rows of one file: not blank, blank, left out, and by whether their dates can be read.

    A check alone has ``withheld``, which looks at the texts that do not pass the door.
    """

    rows: int = 0
    blank: int = 0
    left_out: int = 0
    dated: int = 0
    undated: int = 0
    withheld: WithheldWords | None = None


@dataclass(frozen=True)
class RowMapping:
    """A source's mapping for one dataset and quarter, ready to turn batches of cells into received text.

    ``kinds`` are our columns that the source gives, in the schema's order; ``words`` their word for ours, by
    column.
    """

    source: Source
    quarter: Quarter
    kinds: Mapping[str, str]
    columns: Mapping[str, Column]
    vocabulary: Vocabulary
    words: Mapping[str, Mapping[str, str]]
    key: bytes = field(repr=False)

    @property
    def headings(self) -> tuple[str, ...]:
        """Every heading that is read, for a column of ours or for choosing rows."""
        in_force = self.source.in_force
        chosen_by = (*self.source.keep, *((in_force.start, in_force.end) if in_force else ()))
        return tuple(dict.fromkeys(map(tidy, (*self.source.columns.values(), *chosen_by))))

    @property
    def identifiers(self) -> tuple[str, ...]:
        """Our columns whose text is replaced by a pseudonym."""
        return tuple(name for name, kind in self.kinds.items() if kind == "identifier")

    @property
    def nothing(self) -> pl.DataFrame:
        """What is received of a file without rows."""
        marked = (IN_FORCE,) if self.source.in_force else ()
        texts = dict.fromkeys((*self.kinds, *marked, *columns_received(self.identifiers)), pl.String)
        return pl.DataFrame(schema={"file": pl.String, "row_number": pl.Int64, **texts})

    def without(self, headings: Collection[str]) -> RowMapping:
        """Return the mapping as it is without some headings: their columns are not given, and choose no rows."""
        source = self.source
        chosen_by = (source.in_force.start, source.in_force.end) if source.in_force else ()
        left = source.model_copy(
            update={
                "columns": {
                    name: each for name, each in source.columns.items() if tidy(each) not in headings
                },
                "keep": {each: texts for each, texts in source.keep.items() if tidy(each) not in headings},
                "in_force": None if set(map(tidy, chosen_by)) & set(headings) else source.in_force,
            }
        )
        given = {*left.columns, *left.constants}
        return replace(
            self, source=left, kinds={name: kind for name, kind in self.kinds.items() if name in given}
        )

    def received(
        self, cells: pl.DataFrame, positions: Mapping[str, int], file: str, tally: Tally
    ) -> pl.DataFrame:
        """Return the rows taken from one batch: ``file``, ``row_number`` and our columns as text.

        Where rows in force are chosen, ``in_force`` marks a row whose dates cannot be read, so that its rejection
        is counted: it may be in force.
        """
        names = [cell(position) for position in positions.values()]
        texts = cells.with_columns(_or_null(pl.col(name).str.strip_chars()) for name in names)
        rows = texts.filter(~pl.all_horizontal(pl.col(names).is_null()))
        kept = rows.filter(self._kept(positions)) if self.source.keep else rows
        tally.rows += rows.height
        tally.blank += cells.height - rows.height
        taken = self._in_force(kept, positions, tally)
        tally.left_out += rows.height - taken.height
        columns = [self._column(name, positions).alias(name) for name in self.kinds]
        marked = (IN_FORCE,) if self.source.in_force else ()
        given = taken.select(pl.lit(file).alias("file"), "row_number", *columns, *marked)
        if tally.withheld is not None:
            self._look_at_withheld(given, tally.withheld)
        received = given.with_columns(self._passed(name) for name in self.kinds)
        return with_pseudonyms(received, self.identifiers, self.key)

    def _passed(self, name: str) -> pl.Expr:
        return passed(pl.col(name), self.columns[name], self.vocabulary)

    def _look_at_withheld(self, given: pl.DataFrame, words: WithheldWords) -> None:
        for name, kind in self.kinds.items():
            if kind not in ("category", "ethnicity"):
                continue
            wrong = given.filter(self._passed(name) == WITHHELD)[name]
            if kind == "ethnicity":
                words.of_ethnicity(wrong)
            else:
                words.of_category(
                    name, wrong, (*(self.columns[name].allowed or ()), *self.words.get(name, ()))
                )

    def _cell(self, heading: str, positions: Mapping[str, int]) -> pl.Expr:
        return pl.col(cell(positions[tidy(heading)]))

    def _value(self, heading: str, positions: Mapping[str, int]) -> pl.Expr:
        text = self._cell(heading, positions)
        nothing = list(self.source.no_value)
        return pl.when(~text.is_in(nothing)).then(text) if nothing else text

    def _kept(self, positions: Mapping[str, int]) -> pl.Expr:
        def chosen(heading: str, allowed: Sequence[str]) -> pl.Expr:
            listed = self._cell(heading, positions).is_in(list(allowed)).fill_null(value=False)
            return listed | self._value(heading, positions).is_null() if "" in allowed else listed

        return pl.all_horizontal(chosen(heading, allowed) for heading, allowed in self.source.keep.items())

    def _in_force(self, rows: pl.DataFrame, positions: Mapping[str, int], tally: Tally) -> pl.DataFrame:
        """Leave out rows that are not in force on the quarter's last day, and mark those that cannot be judged.

        A blank start or end bounds nothing.
        """
        in_force = self.source.in_force
        if in_force is None:
            return rows
        judged = rows.with_columns(
            **{
                part: self._date(self._value(heading, positions))
                for part, heading in (("start", in_force.start), ("end", in_force.end))
            }
        ).with_columns(
            start_day=pl.col("start").str.to_date(_ISO, strict=False),
            end_day=pl.col("end").str.to_date(_ISO, strict=False),
        )
        undated = (pl.col("start").is_not_null() & pl.col("start_day").is_null()) | (
            pl.col("end").is_not_null() & pl.col("end_day").is_null()
        )
        tally.undated += judged.filter(undated).height
        tally.dated += judged.filter(~undated).height
        last_day = self.quarter.end
        started = pl.col("start_day").is_null() | (pl.col("start_day") <= last_day)
        lasts = pl.col("end_day").is_null() | (pl.col("end_day") >= last_day)
        mark = pl.when(undated).then(pl.lit(WITHHELD)).alias(IN_FORCE)
        return judged.filter(started & lasts).with_columns(mark)

    def _column(self, name: str, positions: Mapping[str, int]) -> pl.Expr:
        if name in self.source.constants:
            quarter = {"{quarter_start}": self.quarter.start, "{quarter_end}": self.quarter.end}
            text = self.source.constants[name]
            for placeholder, day in quarter.items():
                text = text.replace(placeholder, day.isoformat())
            return pl.lit(text or None, pl.String)
        value = self._value(self.source.columns[name], positions)
        words = self.words.get(name)
        if words:
            value = _or_null(value.fill_null("").replace(list(words), list(words.values())))
        if name in self.source.digits:
            value = filled(value, self.source.digits[name])
        return self._date(value) if self.kinds[name] == "date" else value

    def _date(self, text: pl.Expr) -> pl.Expr:
        """Return a date in ISO form; what is not of the source's format passes as it is."""
        iso = pl.coalesce(text.str.to_date(self.source.date_format, strict=False).dt.to_string(_ISO), text)
        nothing = _iso_dates(self.source.no_value, self.source.date_format)
        return pl.when(~iso.is_in(nothing)).then(iso) if nothing else iso


def mapping_of(
    dataset: Dataset,
    source: Source,
    vocabulary: Vocabulary,
    catalogue_folder: Path,
    *,
    quarter: Quarter,
    key: bytes,
) -> RowMapping:
    """Prepare a source's mapping.

    Raises Refusal when it names a column that the dataset has not, leaves out one that is needed, or names a
    list of words that cannot be read.
    """
    columns = dataset.columns(vocabulary)
    given = {*source.columns, *source.constants}
    where = f"{SOURCES}, {dataset.name}"
    for name in (*source.columns, *source.constants, *source.values, *source.values_from):
        if name not in columns:
            raise refuse(
                f"{dataset.name} has no column {name!r}{nearest(name, columns)}",
                where=where,
                rule="a source gives columns of its dataset",
                do="correct the name",
            )
    for name, described in columns.items():
        if described.needed and name not in given:
            raise refuse(
                f"the column {name} is needed and is not given",
                where=where,
                rule="every needed column has a heading or a constant",
                do=f"map {name} to a heading of the extract",
            )
    return RowMapping(
        source=source,
        quarter=quarter,
        kinds={name: described.kind for name, described in columns.items() if name in given},
        columns=columns,
        vocabulary=vocabulary,
        words={
            name: {
                **(
                    _words_in(catalogue_folder / source.values_from[name])
                    if name in source.values_from
                    else {}
                ),
                **source.values.get(name, {}),
            }
            for name in {*source.values, *source.values_from}
        },
        key=key,
    )


class HeadingFault(NamedTuple):
    """Wanted headings with which one thing is wrong, and the refusal that says what."""

    headings: tuple[str, ...]
    refusal: Refusal


def positions_of(wanted: Iterable[str], table: Table, where: str) -> dict[str, int]:
    """Return the position of every wanted heading. Raises Refusal where one cannot be read."""
    wanted = tuple(wanted)
    fault = next(heading_faults(wanted, table, where), None)
    if fault is not None:
        raise fault.refusal
    return {heading: table.headings.index(heading) for heading in wanted}


def heading_faults(wanted: Sequence[str], table: Table, where: str) -> Iterator[HeadingFault]:
    """Yield what is wrong with wanted headings: some are missing, stand more than once, or head no plain cells."""
    times = Counter(table.headings)
    missing = tuple(heading for heading in wanted if not times[heading])
    if missing:
        hint = table.hint(wanted)
        others = [heading for heading in table.headings if heading not in wanted]
        fault = refuse(
            # Where most are missing, what stands there may be a person's row, and "Band 5" is near to "Band".
            _missing(missing, others if 2 * len(missing) <= len(wanted) else []),
            where=where,
            rule=f"every heading that {SOURCES} maps is in the file",
            do=hint.words
            if hint
            else f"put the heading back, or map the column to its new heading in {SOURCES}",
        )
        yield HeadingFault(missing, fault)
    twice = tuple(heading for heading in wanted if times[heading] > 1)
    if twice:
        words = "; ".join(f"the heading {heading!r} stands {times[heading]} times" for heading in twice)
        fault = refuse(
            words,
            where=where,
            rule="a heading that is mapped stands once",
            do="rename or take away the one that is not meant",
        )
        yield HeadingFault(twice, fault)
    nested = {table.headings[position] for position in table.nested}
    unread = tuple(heading for heading in wanted if heading in nested and heading not in twice)
    if unread:
        words = "; ".join(f"the column {heading!r} holds lists or structures" for heading in unread)
        fault = refuse(
            words,
            where=where,
            rule="a column that is mapped holds texts, numbers, dates or flags",
            do="write it again with one value in each row",
        )
        yield HeadingFault(unread, fault)


def _missing(missing: Sequence[str], others: Sequence[str]) -> str:
    if len(missing) == 1:
        return f"the heading {missing[0]!r} is missing{nearest_there(missing[0], others)}"
    near = {heading: nearest_of(heading, others) for heading in missing}
    nearest = ", ".join(f"{word!r} is the nearest to {heading!r}" for heading, word in near.items() if word)
    return f"the headings {', '.join(map(repr, missing))} are missing{'; ' * bool(nearest)}{nearest}"


def _or_null(text: pl.Expr) -> pl.Expr:
    return pl.when(text != "").then(text)


def _iso_dates(texts: Sequence[str], date_format: str) -> list[str]:
    found = pl.Series(texts, dtype=pl.String)
    days = [
        found.str.to_date(each, strict=False).drop_nulls().dt.to_string(_ISO) for each in (date_format, _ISO)
    ]
    return pl.concat(days).unique().sort().to_list()


def _words_in(path: Path) -> dict[str, str]:
    rule = "a list of words is a CSV file with a header row and two columns: their word, our word"
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = list(csv.reader(lines))
    except (OSError, UnicodeDecodeError, csv.Error):
        raise refuse(
            "the file is not there or cannot be read", where=str(path), rule=rule, do="add it, in UTF-8"
        ) from None
    words: dict[str, str] = {}
    for number, row in enumerate(rows[1:], start=2):
        if not any(row):
            continue
        theirs, ours = (without_apostrophe(row[0].strip()), row[1].strip()) if len(row) == 2 else ("", "")
        if len(row) != 2 or words.setdefault(theirs, ours) != ours:
            what = "does not have two fields" if len(row) != 2 else "gives a word a second meaning"
            raise refuse(f"row {number} {what}", where=str(path), rule=rule, do="correct that row")
    return words
