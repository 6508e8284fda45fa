"""From a supplier's headings and words to ours: which rows are taken, and what each of our columns holds."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import polars as pl

from disparity.catalogue import Source
from disparity.datasets.contract import Column, Dataset, Vocabulary
from disparity.datasets.dates import DateReader
from disparity.datasets.identifiers import filled, is_error
from disparity.datasets.readable import UNREADABLE, WITHHELD, passed, rule_withheld, withheld
from disparity.datasets.records import IN_FORCE, KEEP
from disparity.formulas import without_apostrophe
from disparity.periods import Quarter
from disparity.predicates import nearest
from disparity.refusal import Refusal, refuse
from resources.catalogue_files import text_of
from resources.identifiers import columns_received, with_pseudonyms
from resources.inspection import WithheldWords
from resources.kept_words import KeptWords
from resources.left_out import Counting
from resources.notes import Note
from resources.tables import Table, cell, nearest_of, nearest_there, tidy
from resources.withheld import panics_unsaid
from resources.words_met import WordsMet

SOURCES = "catalogue/sources.yaml"
_BLANK = ""
_PLAIN_ANSWERS = (
    _BLANK, *"YyNn01", "Yes", "No", "YES", "NO", "yes", "no", "True", "False", "TRUE", "FALSE", "true", "false",
)  # fmt: skip
_YEARS_AHEAD = 10  # nobody is taken on for a day that lies further ahead: it is a slip
_STARTS_FAR_AHEAD = withheld(f"{UNREADABLE}: starts more than ten years after the quarter")
_ENDS_BEFORE_IT_STARTS = withheld(
    f"{UNREADABLE}: ends before it starts; where the end stands for no date, name it under no_value"
)


@dataclass
class Tally:
    """Rows of one file: not blank, blank, with effective dates that can be read or by why not, and left out.

    ``blanks_read`` are rows by our column and the word that its source has for a blank. A check alone has ``withheld``,
    which looks at the texts that do not pass the door.
    """

    rows: int = 0
    blank: int = 0
    dated: int = 0
    undated: Counter[str] = field(default_factory=Counter)
    left_out: Counting = field(default_factory=Counting)
    blanks_read: Counter[tuple[str, str]] = field(default_factory=Counter)
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

    @cached_property
    def dates(self) -> DateReader:
        """What reads the source's dates, wherever they stand."""
        return DateReader(self.source.date_format, self.source.no_value)

    @cached_property
    def kept(self) -> dict[str, KeptWords]:
        """The words that rows are taken by, by heading."""
        others = self.source.leave_out
        return {
            heading: KeptWords(words, others.get(heading, ())) for heading, words in self.source.keep.items()
        }

    @property
    def marks(self) -> tuple[str, ...]:
        """The columns that mark rows which the source's settings can neither take nor leave out."""
        return (*((KEEP,) if self.source.keep else ()), *((IN_FORCE,) if self.source.in_force else ()))

    @property
    def identifiers(self) -> tuple[str, ...]:
        """Our columns whose text is replaced by a pseudonym."""
        return tuple(name for name, kind in self.kinds.items() if kind == "identifier")

    @property
    def whose(self) -> str:
        """Our column that tells people apart, or what they sent; "" where the source gives none."""
        return next((name for name in ("person", *self.identifiers) if name in self.identifiers), "")

    @property
    def nothing(self) -> pl.DataFrame:
        """What is received of a file without rows."""
        texts = dict.fromkeys((*self.kinds, *self.marks, *columns_received(self.identifiers)), pl.String)
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

    @panics_unsaid()
    def received(
        self, cells: pl.DataFrame, positions: Mapping[str, int], file: str, tally: Tally
    ) -> pl.DataFrame:
        """Return the rows taken from one batch: ``file``, ``row_number`` and our columns as text.

        Where rows are chosen, ``keep`` and ``in_force`` mark a row whose word is nearly one kept, or whose dates
        cannot be read, so that its rejection is counted: it may be one that was meant.
        """
        names = [cell(position) for position in positions.values()]
        texts = cells.with_columns(_or_null(pl.col(name).str.strip_chars()) for name in names)
        rows = texts.filter(~pl.all_horizontal(pl.col(names).is_null()))
        tally.rows += rows.height
        tally.blank += cells.height - rows.height
        taken = self._in_force(self._kept(rows, positions, tally), positions, tally)
        self._count_nearly_kept(taken, positions, tally)
        self._count_blanks(taken, positions, tally)
        columns = [self._column(name, positions).alias(name) for name in self.kinds]
        given = taken.select(pl.lit(file).alias("file"), "row_number", *columns, *self.marks)
        if tally.withheld is not None:
            self._look_at_withheld(given, tally.withheld)
        received = given.with_columns(
            self.dates.read(given[name]) if kind == "date" else self._passed(name)
            for name, kind in self.kinds.items()
        )
        return with_pseudonyms(received, self.identifiers, self.key)

    def _passed(self, name: str) -> pl.Expr:
        return passed(pl.col(name), self.columns[name], self.vocabulary)

    def _look_at_withheld(self, given: pl.DataFrame, words: WithheldWords) -> None:
        for name, kind in self.kinds.items():
            if kind not in ("category", "ethnicity"):
                continue
            wrong = given.filter(self._passed(name) == WITHHELD)
            if kind == "ethnicity":
                who = pl.col(self.whose) if self.whose else pl.lit(None, pl.String)
                words.ethnicity.add(wrong.select(who.alias("who"), "row_number", word=name))
            else:
                right = (*(self.columns[name].allowed or ()), *self.words.get(name, ()))
                words.of_category(name, wrong[name], right)

    def _met(
        self, rows: pl.DataFrame, heading: str, positions: Mapping[str, int], tally: Tally
    ) -> WordsMet | None:
        """Return the words under a heading that rows are chosen by, with whose they are; a check alone wants them."""
        if tally.withheld is None:
            return None
        given = self.source.columns.get(self.whose)
        who = self._value(given, positions) if given else pl.lit(None, pl.String)
        word = self._cell(heading, positions).fill_null(_BLANK)
        known = (*_PLAIN_ANSWERS, *self.source.no_value, *self.source.leave_out.get(heading, ()))
        return WordsMet(known).add(rows.select("row_number", word=word, who=who))

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

    def _kept(self, rows: pl.DataFrame, positions: Mapping[str, int], tally: Tally) -> pl.DataFrame:
        """Leave out rows whose word under a heading of ``keep`` is another; mark those nearly kept and errors."""
        rows = rows.with_columns(pl.lit(None, pl.String).alias(KEEP))
        for heading, words in self.kept.items():
            name = cell(positions[tidy(heading)])
            verdicts = words.judge(rows[name], self.source.no_value)
            # An error is nobody's word, so it is not plainly another, unless the source says what it stands for.
            meant = [*self.source.no_value, *self.source.leave_out.get(heading, ())]
            error = (verdicts == "another") & rows.select(
                is_error(pl.col(name)).fill_null(value=False)
                & ~pl.col(name).is_in(meant).fill_null(value=False)
            ).to_series()
            verdicts = pl.select(pl.when(error).then(pl.lit("error")).otherwise(verdicts)).to_series()
            others = rows.filter(verdicts == "another")
            tally.left_out.add("keep", heading, others.height, self._met(others, heading, positions, tally))
            mark = (
                pl.when(verdicts == "nearly")
                .then(pl.lit(_nearly_kept(heading)))
                .when(verdicts == "error")
                .then(pl.lit(withheld(f"{UNREADABLE}: an error of a spreadsheet under {heading}")))
            )
            rows = rows.with_columns(pl.coalesce(KEEP, mark)).filter(verdicts != "another")
        return rows

    def _count_nearly_kept(self, taken: pl.DataFrame, positions: Mapping[str, int], tally: Tally) -> None:
        for heading in self.kept:
            nearly = taken.filter(pl.col(KEEP) == _nearly_kept(heading))
            tally.left_out.add("nearly", heading, nearly.height, self._met(nearly, heading, positions, tally))

    def _in_force(self, rows: pl.DataFrame, positions: Mapping[str, int], tally: Tally) -> pl.DataFrame:
        """Leave out rows that are not in force on the quarter's last day, and mark those that cannot be judged.

        A blank start or end bounds nothing. Where one of the two cannot be read a row may be in force, unless the
        other says that it is not; so it may where the two cannot both be right, or the start lies years ahead.
        """
        in_force = self.source.in_force
        if in_force is None:
            return rows
        headings = {"start": in_force.start, "end": in_force.end}
        texts = rows.select(**{part: self._value(heading, positions) for part, heading in headings.items()})
        read = texts.select(self.dates.read(texts[part]) for part in headings)
        start, end = (pl.col(part).str.to_date("%Y-%m-%d", strict=False) for part in headings)
        judged = read.select(
            undated=pl.coalesce(
                pl.format(withheld("{} ({})"), rule_withheld(pl.col(part)), pl.lit(heading))
                for part, heading in headings.items()
            ),
            slip=pl.coalesce(
                # A row that was cancelled may end on the day before its start: it was never in force.
                pl.when(end < start.dt.offset_by("-1d")).then(pl.lit(_ENDS_BEFORE_IT_STARTS)),
                pl.when(start > self.quarter.plus(4 * _YEARS_AHEAD).end).then(pl.lit(_STARTS_FAR_AHEAD)),
            ),
            ended=(end < self.quarter.end).fill_null(value=False),
            to_come=(start > self.quarter.end).fill_null(value=False),
        ).select(
            mark=pl.coalesce("undated", "slip"),
            undated=pl.col("undated").is_not_null(),
            ended=pl.col("ended") & pl.col("slip").is_null(),
            to_come=pl.col("to_come") & ~pl.col("ended") & pl.col("slip").is_null(),
        )
        undated = judged.filter("undated").select(rule_withheld(pl.col("mark"))).to_series()
        tally.undated.update(_rows_by_word(undated))
        tally.dated += rows.height - undated.len()
        tally.left_out.add("in_force", in_force.start, judged.filter("to_come").height)
        tally.left_out.add("in_force", in_force.end, judged.filter("ended").height)
        marked = rows.with_columns(judged["mark"].alias(IN_FORCE))
        return marked.filter(~(judged["ended"] | judged["to_come"]))

    def _column(self, name: str, positions: Mapping[str, int]) -> pl.Expr:
        """Return a column's text in our words, as the source's settings read it."""
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
        return filled(value, self.source.digits[name]) if name in self.source.digits else value


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
            for name in dict.fromkeys((*source.values, *source.values_from))
        },
        key=key,
    )


class HeadingFault(NamedTuple):
    """Wanted headings with which one thing is wrong, and the refusal that says what."""

    headings: tuple[str, ...]
    refusal: Refusal


def blanks_read(tally: Tally) -> tuple[Note, ...]:
    """Return a note for each column whose blanks are read as a word, by the source's own leave."""
    return tuple(
        Note(f"rows whose {name} is blank and is read as {word}, as {SOURCES} says: {{rows}}", rows)
        for (name, word), rows in tally.blanks_read.items()
        if rows
    )


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
        others = [heading for heading in table.headings if heading not in wanted] if table.named else []
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


def _nearly_kept(heading: str) -> str:
    return withheld(f"nearly one of the words kept under {heading}")


def _rows_by_word(words: pl.Series) -> dict[str, int]:
    return dict(words.fill_null("").alias("word").value_counts(name="rows").iter_rows())


def _words_in(path: Path) -> dict[str, str]:
    rule = "a list of words is a CSV file with a header row and two columns: their word, our word"
    try:
        rows = list(csv.reader(io.StringIO(text_of(path, encoding="utf-8-sig", newline=""), newline="")))
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
