"""From a supplier's headings and words to ours: which rows are taken, and what each of our columns holds."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from disparity.catalogue import Source
from disparity.datasets.contract import Column, Dataset, Vocabulary
from disparity.datasets.readable import WITHHELD, passed
from disparity.periods import Quarter
from disparity.predicates import nearest
from disparity.records import IN_FORCE
from disparity.refusal import refuse
from resources.notes import Note
from resources.pseudonyms import pseudonyms
from resources.tables import Table, cell, nearest_there, tidy

SOURCES = "catalogue/sources.yaml"
_ISO = "%Y-%m-%d"
_BLANK = ""


@dataclass
class Tally:
    """Rows of one file: not blank, blank, left out, by whether their dates can be read, and whose blank is read as a word.

    ``blanks_read`` are rows by our column and the word that its source has for a blank.
    """

    rows: int = 0
    blank: int = 0
    left_out: int = 0
    dated: int = 0
    undated: int = 0
    blanks_read: Counter[tuple[str, str]] = field(default_factory=Counter)


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
    def nothing(self) -> pl.DataFrame:
        """What is received of a file without rows."""
        marked = (IN_FORCE,) if self.source.in_force else ()
        texts = dict.fromkeys((*self.kinds, *marked), pl.String)
        return pl.DataFrame(schema={"file": pl.String, "row_number": pl.Int64, **texts})

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
        self._count_blanks(taken, positions, tally)
        columns = [
            passed(self._column(name, positions), self.columns[name], self.vocabulary).alias(name)
            for name in self.kinds
        ]
        marked = (IN_FORCE,) if self.source.in_force else ()
        received = taken.select(pl.lit(file).alias("file"), "row_number", *columns, *marked)
        return received.with_columns(
            pseudonyms(received[name], self.key) for name, kind in self.kinds.items() if kind == "identifier"
        )

    def _count_blanks(self, taken: pl.DataFrame, positions: Mapping[str, int], tally: Tally) -> None:
        """Count the rows whose blank is read as a word, by column and word."""
        for name, words in self.words.items():
            if name in self.source.columns and words.get(_BLANK):
                blank = taken.select(self._value(self.source.columns[name], positions).is_null().sum()).item()
                tally.blanks_read[name, words[_BLANK]] += blank

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
            value = _or_null(value.fill_null(_BLANK).replace(list(words), list(words.values())))
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


def blanks_read(tally: Tally) -> tuple[Note, ...]:
    """Return a note for each column whose blanks are read as a word, by the source's own leave."""
    return tuple(
        Note(f"rows whose {name} is blank and is read as {word}, as {SOURCES} says: {{rows}}", rows)
        for (name, word), rows in tally.blanks_read.items()
        if rows
    )


def positions_of(wanted: Iterable[str], table: Table, where: str) -> dict[str, int]:
    """Return the position of every wanted heading. Raises Refusal for one that is missing or stands twice."""
    wanted = tuple(wanted)
    times = Counter(table.headings)
    missing = [heading for heading in wanted if not times[heading]]
    if missing:
        listed = ", ".join(map(repr, missing))
        raise refuse(
            f"the heading {listed} is missing{nearest_there(missing[0], table.headings)}"
            if len(missing) == 1
            else f"the headings {listed} are missing",
            where=where,
            rule=f"every heading that {SOURCES} maps is in the file",
            do=table.hint(wanted)
            or f"put the heading back, or map the column to its new heading in {SOURCES}",
        )
    twice = [heading for heading in wanted if times[heading] > 1]
    if twice:
        raise refuse(
            f"the heading {twice[0]!r} stands {times[twice[0]]} times",
            where=where,
            rule="a heading that is mapped stands once",
            do="rename or take away the one that is not meant",
        )
    return {heading: table.headings.index(heading) for heading in wanted}


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
        theirs, ours = (row[0].strip(), row[1].strip()) if len(row) == 2 else ("", "")
        if len(row) != 2 or words.setdefault(theirs, ours) != ours:
            what = "does not have two fields" if len(row) != 2 else "gives a word a second meaning"
            raise refuse(f"row {number} {what}", where=str(path), rule=rule, do="correct that row")
    return words
