"""The landing place: find a dataset's extract, read it once, and write what may pass the door as text."""

from __future__ import annotations

import glob
import hashlib
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
from polars.exceptions import PanicException

from disparity.catalogue import Source
from disparity.datasets.contract import Dataset, Vocabulary
from disparity.periods import Quarter
from disparity.printable import printable
from disparity.refusal import Refusal, refuse
from resources.catalogue_files import what_it_is_not
from resources.delimited import delimited_table
from resources.expansion import hold_cells, hold_lines
from resources.headings import with_headings_judged
from resources.inspection import Inspection, going_on
from resources.isolated import table_apart
from resources.left_out import Counting, LeftOut
from resources.mapping import (
    SOURCES,
    RowMapping,
    Tally,
    blanks_read,
    heading_faults,
    mapping_of,
    positions_of,
)
from resources.notes import Note
from resources.parquet_files import parquet_table
from resources.pseudonyms import PseudonymKeys
from resources.queries import query_answer
from resources.tables import Table
from resources.withheld import kind_and_place, unforeseen, words_withheld
from resources.workbooks import workbook_table


@dataclass(frozen=True)
class ExtractFile:
    """One file of an extract, or one query: its name, SHA-256, rows, and notes on how it was read."""

    name: str
    sha256: str
    rows: int
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class Extract:
    """What was received: files, rows written, rows left out by ``keep`` or ``in_force``, headings left.

    ``nearly_kept`` are rows written that will be rejected, as their word is nearly one that ``keep`` takes. Of the
    headings left, those are not named that look like values of a row, nor any other of their file: ``not_named`` of them.
    """

    files: tuple[ExtractFile, ...]
    rows: int
    left_out: tuple[LeftOut, ...]
    nearly_kept: tuple[LeftOut, ...]
    left_behind: tuple[str, ...]
    not_named: int = 0

    @property
    def rows_left_out(self) -> int:
        """Rows that ``keep`` or ``in_force`` left out."""
        return sum(each.rows for each in self.left_out)


@words_withheld("an extract was read")
def read_extract(
    dataset: Dataset,
    source: Source,
    catalogue_folder: Path,
    vocabulary: Vocabulary,
    quarter: Quarter,
    landing: Path,
    keys: PseudonymKeys,
    out: Path,
    inspection: Inspection | None = None,
) -> Extract | None:
    """Read a dataset's extract of a quarter into the Parquet file ``out``; None when none was received.

    ``out`` holds ``file``, ``row_number`` (Int64, as a spreadsheet shows the row) and every column of the
    dataset that the source gives, in the schema's order, as text: trimmed, blank as null, their words made
    ours, dates in ISO form, identifiers as pseudonyms; and ``keep`` and ``in_force`` where the source has them, which
    mark a row whose word is nearly one kept, or whose effective dates cannot be read. Nothing else of the file passes.
    Rows are streamed in batches; ``out`` appears whole, owner-only, or not at all.

    Raises Refusal for whatever is wrong with the extract as a whole; a check, which alone gives an ``inspection``
    and of files alone, has it noted there wherever the rest can be read all the same.
    """
    mapping = mapping_of(
        dataset, source, vocabulary, catalogue_folder, quarter=quarter, key=keys.for_dataset(dataset)
    )
    if source.format == "sql":
        return _read_query(dataset, mapping, out)
    paths = find_files(dataset, source, quarter, landing)
    return _read_files(dataset, mapping, paths, out, inspection) if paths else None


def find_files(dataset: Dataset, source: Source, quarter: Quarter, landing: Path) -> list[Path]:
    """Return the files of a dataset's extract, by name. Raises Refusal for several where one is meant."""
    pattern = glob.escape(source.location.replace("{quarter}", quarter.key)).replace("[*]", "*")
    found = (landing / name for name in sorted(glob.glob(pattern, root_dir=landing)))
    # "~$" marks the owner file that Office keeps beside a workbook that somebody has open.
    paths = [path for path in found if not path.name.startswith("~$")]
    for path in paths:
        refuse_what_is_no_file(path, f"{dataset.name}, {path.name}")
    if len(paths) > 1 and source.files == "one":
        raise refuse(
            f"{len(paths)} files match {source.location}: {', '.join(path.name for path in paths)}",
            where=dataset.name,
            rule="this source is one file",
            do=f"take away all but one, or set files to many in {SOURCES}",
        )
    return paths


def refuse_what_is_no_file(path: Path, where: str) -> None:
    """Refuse a folder, what would be waited for or has no end, and a name that cannot be written down."""
    other = what_it_is_not(path.stat().st_mode) if path.exists() else None
    if other is not None:
        raise refuse(
            f"it is {other}, not a file",
            where=where,
            rule="an extract is a file",
            do="take it away and put the file there",
        )
    if not path.name.isascii() and not _is_utf_8(path.name):
        raise refuse(
            "the name of the file is no UTF-8",
            where=where,
            rule="names of files are kept with what was read from them",
            do="rename the file",
        )


def _is_utf_8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _read_files(
    dataset: Dataset, mapping: RowMapping, paths: list[Path], out: Path, inspection: Inspection | None
) -> Extract:
    names = _names(paths)
    wheres = {path: f"{dataset.name}, {names[path]}" for path in paths}
    hashes = {path: _sha256(path, wheres[path]) for path in paths}
    _refuse_the_same_twice(names, hashes, dataset.name)
    files: list[ExtractFile] = []
    tallies: list[Tally] = []
    left_behind: set[str] = set()
    not_named = 0
    with _written_aside(out) as write:
        for path in paths:
            tally = Tally(withheld=inspection.words if inspection else None)
            try:
                with _opened(path, mapping, wheres[path], inspection) as (table, taken_by):
                    _take_rows(table, taken_by, names[path], write, tally=tally, where=wheres[path])
            except Refusal:
                raise
            except OSError as error:
                raise _unreadable(error, wheres[path]) from None
            except (Exception, PanicException) as error:
                raise unforeseen(kind_and_place(error), wheres[path]) from None
            if _sha256(path, wheres[path]) != hashes[path]:
                raise refuse(
                    "the file changed while it was read",
                    where=wheres[path],
                    rule="a file is whole before it is read",
                    do="wait until whoever writes it has finished, and run again",
                )
            with going_on(inspection):
                _refuse_what_is_not_taken(tally, taken_by.source, dataset, wheres[path])
            notes = (*table.notes, *table.noted(), *_notes(tally))
            files.append(ExtractFile(names[path], hashes[path], tally.rows, notes))
            tallies.append(tally)
            left = _left_behind(table, mapping)
            left_behind |= left if table.named else set()
            not_named += 0 if table.named else len(left)
        write(mapping.nothing)
    return replace(_extract(files, tallies, left_behind), not_named=not_named)


def _read_query(dataset: Dataset, mapping: RowMapping, out: Path) -> Extract | None:
    tally = Tally()
    where = f"{dataset.name}, query"
    with query_answer(mapping.source, mapping.quarter, where) as answer, _written_aside(out) as write:
        _take_rows(answer.table, mapping, answer.name, write, tally=tally, where=where)
        if tally.rows + tally.blank == 0 and not mapping.source.may_be_empty:
            return None
        _refuse_what_is_not_taken(tally, mapping.source, dataset, where)
        write(mapping.nothing)
    notes = (*_notes(tally), *answer.notes)
    file = ExtractFile(answer.name, answer.rows_hash.hexdigest, tally.rows, notes)
    return _extract([file], [tally], _left_behind(answer.table, mapping))


def _take_rows(
    table: Table,
    mapping: RowMapping,
    name: str,
    write: Callable[[pl.DataFrame], None],
    *,
    tally: Tally,
    where: str,
) -> None:
    positions = positions_of(mapping.headings, table, where)
    for batch in table.read(list(positions.values())):
        write(mapping.received(batch, positions, name, tally))


@contextmanager
def _opened(
    path: Path, mapping: RowMapping, where: str, inspection: Inspection | None
) -> Iterator[tuple[Table, RowMapping]]:
    """Open a file. A check goes on past what is wrong with its headings, without those that cannot be read."""
    with _table(path, mapping.source, where, inspection) as opened:
        table = with_headings_judged(opened, mapping, where)
        if inspection is None:
            yield table, mapping
            return
        faults = list(heading_faults(mapping.headings, table, where))
        hint = table.hint(mapping.headings) if faults else None
        if hint is None:
            unread = [heading for fault in faults for heading in fault.headings]
            if len(unread) == len(mapping.headings):
                # Another sheet or encoding than was meant may be why.
                raise Refusal(str(faults[0].refusal), [note.said(str) for note in table.notes])
            inspection.faults += [fault.refusal for fault in faults]
            inspection.unread = tuple(unread)
            yield table, mapping.without(unread)
            return
    inspection.faults.append(
        refuse(
            "the headings are not where they are expected",
            where=where,
            rule="headings stand, divided by the delimiter, on the row after skip_rows",
            do=hint.words,
        )
    )
    as_hinted = mapping.source.model_copy(update=hint.settings)
    with _opened(path, replace(mapping, source=as_hinted), where, inspection) as again:
        yield again


def _table(
    path: Path, source: Source, where: str, inspection: Inspection | None
) -> AbstractContextManager[Table]:
    match source.format:
        case "csv":
            lines = hold_lines(path, where)
            table = delimited_table(path, source, where, inspection)
            hold_cells(lines, len(table.headings), path.stat().st_size, where)
            return nullcontext(table)
        case "parquet":
            return table_apart(parquet_table, path, source, where)
        case _:
            return table_apart(workbook_table, path, source, where)


@contextmanager
def _written_aside(out: Path) -> Iterator[Callable[[pl.DataFrame], None]]:
    """Lend a function that adds rows to a file beside ``out``, which becomes ``out`` when all went well.

    Where it was never called, there is no ``out``; called without rows alone, there is one without rows.
    """
    aside = out.with_name(f".{out.name}.{secrets.token_hex(8)}")
    try:
        out.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
    except OSError as error:
        raise _unwritable(error, out) from None
    writer: pq.ParquetWriter | None = None

    def write(rows: pl.DataFrame) -> None:
        nonlocal writer
        table = rows.to_arrow(compat_level=pl.CompatLevel.oldest())
        try:
            writer = writer or pq.ParquetWriter(
                file, table.schema, compression="zstd", write_statistics=False
            )
            if rows.height:
                writer.write_table(table)
        except OSError as error:
            raise _unwritable(error, out) from None

    try:
        with file:
            try:
                yield write
            finally:
                if writer is not None:
                    writer.close()
            os.fsync(file.fileno())
        if writer is not None:
            aside.replace(out)
    except OSError as error:
        raise _unwritable(error, out) from None
    finally:
        aside.unlink(missing_ok=True)


def _names(paths: list[Path]) -> dict[Path, str]:
    """Return each file's own name, or its path below the folder they share where two have the same name."""
    if len({path.name for path in paths}) == len(paths):
        return {path: printable(path.name) for path in paths}
    shared = os.path.commonpath(paths)
    return {path: printable(path.relative_to(shared).as_posix()) for path in paths}


def _sha256(path: Path, where: str) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise _unreadable(error, where) from None


def _refuse_the_same_twice(names: dict[Path, str], hashes: dict[Path, str], where: str) -> None:
    first: dict[str, Path] = {}
    for path, digest in hashes.items():
        same = first.setdefault(digest, path)
        if same != path:
            raise refuse(
                f"the files {names[same]} and {names[path]} are the same",
                where=where,
                rule="a file is handed over once",
                do="take one of them away, or send the file that was meant",
            )


def _refuse_what_is_not_taken(tally: Tally, source: Source, dataset: Dataset, where: str) -> None:
    if tally.rows == 0 and source.may_be_empty:
        return
    if tally.rows == 0:
        raise refuse(
            "there are headings and no rows",
            where=where,
            rule="an extract has at least one row, unless its source says that it may be empty",
            do="export it again; where a quarter may have nothing to send, set may_be_empty: true for "
            f"{dataset.name} in {SOURCES}",
        )
    if tally.undated and not tally.dated:
        ((commonest, _),) = tally.undated.most_common(1)
        raise refuse(
            f"no date under the headings of in_force can be read by the format {source.date_format}: {commonest}",
            where=where,
            rule="rows in force are chosen by their dates",
            do=f"correct date_format in {SOURCES}, or have the dates written so",
        )
    if tally.rows == tally.left_out.rows("keep", "in_force", "nearly"):
        nearly = ", ".join(each.heading for each in tally.left_out.found("nearly"))
        raise refuse(
            f"no row is taken{f'; what stands under {nearly} is nearly a word that is kept' if nearly else ''}",
            where=where,
            rule="keep and in_force take at least one row",
            do=f"compare the words and dates in the file with keep and in_force in {SOURCES}",
        )


def _notes(tally: Tally) -> tuple[Note, ...]:
    return (
        *((Note("blank rows were passed over"),) if tally.blank else ()),
        *((Note("there are headings and no rows"),) if not tally.rows else ()),
        *blanks_read(tally),
    )


def _left_behind(table: Table, mapping: RowMapping) -> set[str]:
    return set(table.headings) - set(mapping.headings) - {""}


def _extract(files: list[ExtractFile], tallies: list[Tally], left_behind: set[str]) -> Extract:
    counted = Counting()
    for tally in tallies:
        counted.include(tally.left_out)
    return Extract(
        files=tuple(files),
        rows=sum(file.rows for file in files) - counted.rows("keep", "in_force"),
        left_out=counted.found("keep", "in_force"),
        nearly_kept=counted.found("nearly"),
        left_behind=tuple(sorted(left_behind)),
    )


def _unreadable(error: OSError, where: str) -> Refusal:
    return refuse(
        f"the file cannot be read ({error.strerror or type(error).__name__})",
        where=where,
        rule="the account that runs the pipeline reads the landing folder",
        do="give it leave to read the file, or send it again",
    )


def _unwritable(error: OSError, out: Path) -> Refusal:
    return refuse(
        f"nothing can be written there ({error.strerror or type(error).__name__})",
        where=str(out.parent),
        rule="the account that runs the pipeline writes the storage folder",
        do="give it leave, or make room on the disk",
    )
