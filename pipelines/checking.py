"""A supplier's check of one file: everything wrong with it, in words, before it is handed over."""

from __future__ import annotations

import datetime as dt
import secrets
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from disparity.blanks import Blank, Blanks
from disparity.catalogue import Catalogue
from disparity.datasets import DATASETS
from disparity.datasets.vocabulary import vocabulary_of
from disparity.periods import Quarter
from disparity.predicates import nearest
from disparity.records import ROW, RecordContract, repeated_keys
from disparity.refusal import refuse
from pipelines.checked_blanks import words_of_blanks
from pipelines.schedules import last_closed_quarter
from resources.catalogue import load_catalogue
from resources.landing import Extract, read_extract
from resources.pseudonyms import KEY_BYTES, PseudonymKeys
from resources.settings import Settings
from resources.withheld import words_withheld

_ROWS_NAMED = 8
_BATCH_ROWS = 100_000


@dataclass(frozen=True)
class Report:
    """What a check found: how many rows have a problem, and the words."""

    problems: int
    words: str


def check_file(file: Path, dataset: str, quarter: Quarter | None, catalogue_folder: Path | None) -> Report:
    """Read one file as the dataset's source says and judge every row. No row's value is in the words.

    Raises Refusal when the file as a whole cannot be read, or there is no such dataset or source.
    """
    folder = Settings.from_environment(catalogue=catalogue_folder).catalogue
    catalogue = load_catalogue(folder)
    if dataset not in catalogue.sources:
        raise refuse(
            f"no dataset {dataset!r} with a source{nearest(dataset, catalogue.sources)}", where="--dataset",
            rule="a file is checked as one of the catalogue's sources", do="name one of them",
        )  # fmt: skip
    if not file.is_file():
        raise refuse(
            "there is no such file",
            where=str(file),
            rule="check looks at one file",
            do="name the file to check",
        )
    source = catalogue.sources[dataset].model_copy(update={"location": str(file.resolve()), "files": "one"})
    vocabulary = vocabulary_of(catalogue)
    read_as = quarter or last_closed_quarter(dt.datetime.now(dt.UTC))
    with tempfile.TemporaryDirectory(prefix="race-equality-check-") as lent:
        text = Path(lent) / "text.parquet"
        # The pseudonyms made here are thrown away with the folder, so any key will do and none is kept.
        extract = read_extract(
            DATASETS[dataset],
            source,
            folder,
            vocabulary,
            read_as,
            file.parent,
            PseudonymKeys(secrets.token_bytes(KEY_BYTES)),
            text,
        )
        if extract is None:
            raise refuse(
                "there is nothing in it", where=str(file), rule="a file holds rows", do="send it again"
            )
        blanks = Blanks(dataset, catalogue.sources[dataset].columns, catalogue)
        rejects = _rejects(pl.scan_parquet(text), dataset, catalogue, quarter, blanks)
    found = blanks.findings()
    words = _words(
        file, extract, rejects, words_of_blanks(found, dataset, catalogue), _closing(rejects, found)
    )
    return Report(rejects.select(ROW).unique().height, words)


@words_withheld("rows were judged")
def _rejects(
    text: pl.LazyFrame, dataset: str, catalogue: Catalogue, quarter: Quarter | None, blanks: Blanks
) -> pl.DataFrame:
    """Return the rejects, and add every batch to ``blanks``."""
    contract = RecordContract(
        DATASETS[dataset],
        vocabulary_of(catalogue),
        catalogue.ethnicity,
        catalogue.organisation.comparison,
        quarter,
    )
    repeated = repeated_keys(text, DATASETS[dataset])
    rejects = [repeated]
    for batch in text.collect_batches(chunk_size=_BATCH_ROWS, maintain_order=True):
        judged = contract.judge(batch)
        rejects.append(judged.rejects)
        blanks.add(batch, judged.accepted.join(repeated, on=ROW, how="anti"))
    return pl.concat(rejects)


def _exactly(rows: int) -> str:
    return f"{rows:,}"


def _closing(rejects: pl.DataFrame, found: Sequence[Blank]) -> str:
    """Say what there is to do. Blanks reject no row, and what they mean is for people to say."""
    if not rejects.is_empty():
        return "Mend these rows and check again."
    if any(each.to_be_looked_at for each in found):
        return "No row is rejected. Are the blanks meant as they are read?"
    return "Nothing is wrong with it."


def _words(
    file: Path, extract: Extract, rejects: pl.DataFrame, of_blanks: Sequence[str], closing: str
) -> str:
    lines = [f"{file.name}: {extract.rows:,} rows read"]
    lines += [f"  note: {note.said(_exactly)}" for each in extract.files for note in each.notes]
    if extract.rows_left_out:
        lines.append(f"  left out by the source's own rules: {extract.rows_left_out:,} rows")
    if extract.left_behind:
        lines.append(f"  headings left behind: {', '.join(extract.left_behind)}")
    found = (
        rejects.group_by("column", "rule").agg(pl.col("row_number").sort().alias("at")).sort("column", "rule")
    )
    for column, rule, at in found.iter_rows():
        named = ", ".join(map(str, at[:_ROWS_NAMED])) + (" …" if len(at) > _ROWS_NAMED else "")
        rows = "1 row" if len(at) == 1 else f"{len(at):,} rows"
        lines.append(f"  {column}: {rule}: {rows} ({'row' if len(at) == 1 else 'rows'} {named})")
    return "\n".join([*lines, *of_blanks, closing])
