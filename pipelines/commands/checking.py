"""A supplier's check of one file before it is handed over: everything that is wrong with it, as typed findings."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from disparity.catalogue import Catalogue, Source
from disparity.catalogue.vocabulary import vocabulary_of
from disparity.counts.blanks import Blank, Blanks
from disparity.datasets import DATASETS, Dataset
from disparity.datasets.identifiers import apart_by_zeros
from disparity.datasets.readable import FLAG_WORDS
from disparity.datasets.records import (
    OTHER_PERIOD,
    REJECTS,
    ROW,
    WHOLE_ROW,
    RecordContract,
    refusal_words,
    repeated_keys,
)
from disparity.periods import Quarter
from disparity.predicates import nearest
from disparity.printable import printable
from disparity.refusal import Refusal, refuse
from pipelines.commands.unknown_words import UnknownWords, unknown_words
from pipelines.schedules import last_closed_quarter
from resources.catalogue import load_catalogue
from resources.identifiers import note_of_zeros
from resources.inspection import Inspection
from resources.landing import Extract, read_extract, refuse_what_is_no_file
from resources.notes import Note
from resources.pseudonyms import KEY_BYTES, PseudonymKeys
from resources.settings import Settings
from resources.tables import tidy
from resources.temporary import temporary_folder
from resources.withheld import words_withheld

TOO_MANY_FIELDS = "more fields than there are headings"

_BATCH_ROWS = 100_000
_OF_OTHERS = pl.col("rule").str.starts_with(OTHER_PERIOD)


@dataclass(frozen=True)
class Allowed:
    """What a column of a closed list takes: our values in order, and the source's own words for them.

    ``stands_in`` is where the values stand; ``words_from`` the file of further words, or "".
    """

    values: tuple[str, ...]
    stands_in: str
    words: tuple[str, ...]
    words_from: str


@dataclass(frozen=True)
class Findings:
    """What a check of one file found.

    ``notes`` say how it was read. ``faults`` are those of the file as a whole, for which a run refuses it;
    ``unread`` are mapped headings that are missing or cannot be read, and ``not_judged`` our columns under them;
    ``chosen`` is false where all rows were judged, since rows could not be chosen. ``rejects`` has a line per row,
    column and rule, as a run of the quarter ``read_as`` has, whether or not it was ``given``; ``refused_for_rows``
    says why that run refuses the file for its rows, or "". ``headings`` are theirs, by our column, and ``nearest``
    counts rows by the value nearest to a wrong word, by column. ``unknown_words`` are those of ethnicity.
    ``apart_by_zeros`` is whether numbers differ from others by zeros in front alone.
    """

    file: str
    read_as: Quarter
    given: bool
    extract: Extract
    notes: tuple[Note, ...]
    faults: tuple[str, ...]
    unread: tuple[str, ...]
    not_judged: tuple[str, ...]
    chosen: bool
    rejects: pl.DataFrame
    refused_for_rows: str
    reject_limit_percent: float
    headings: Mapping[str, str]
    allowed: Mapping[str, Allowed]
    nearest: Mapping[str, Mapping[str | None, int]]
    blanks: tuple[Blank, ...]
    dataset: str
    catalogue: Catalogue
    unknown_words: UnknownWords
    apart_by_zeros: bool

    @property
    def headings_fit(self) -> bool:
        """Whether the row of headings is one: where most are missing, it may be a person's row."""
        return 2 * len(self.unread) <= len(set(self.headings.values()))

    @property
    def elsewhere(self) -> int:
        """How many rows are of another quarter."""
        return self.rejects.filter(_OF_OTHERS).select(ROW).n_unique()

    @property
    def wrong(self) -> pl.DataFrame:
        """The rejects but for those that a quarter nobody named would make."""
        return self.rejects if self.given else self.rejects.filter(~_OF_OTHERS)

    @property
    def good(self) -> bool:
        """Whether nothing is wrong."""
        return self.wrong.is_empty() and not self.faults


def check_file(file: Path, dataset: str, quarter: Quarter | None, catalogue_folder: Path | None) -> Findings:
    """Read one file as the dataset's source says, going on past its faults, and judge every row.

    Without a quarter the file is read as of the last that has closed, and no row is rejected for its quarter.
    Raises Refusal when nothing of the file can be read, or there is no such dataset, or no file as its source.
    """
    folder = Settings.from_environment(catalogue=catalogue_folder).catalogue
    catalogue = load_catalogue(folder)
    source = _source_of(file, dataset, catalogue)
    read_as = quarter or last_closed_quarter(dt.datetime.now(dt.UTC))
    inspection = Inspection()
    with temporary_folder("check") as lent:
        text = lent / "text.parquet"
        extract = _read(file, DATASETS[dataset], source, folder, catalogue, read_as, text, inspection)
        given = pl.scan_parquet(text)
        not_judged = tuple(
            name for name, heading in source.columns.items() if tidy(heading) in inspection.unread
        )
        chosen = not set(inspection.unread) & _choosing(source)
        of_zeros = [note_of_zeros(name, numbers, dataset) for name, numbers in apart_by_zeros(given).items()]
        judged = [name for name in source.columns if name not in not_judged]
        blanks = Blanks(dataset, judged, catalogue)
        rejects, dated = _judge(
            given, DATASETS[dataset], catalogue, read_as, not_judged, blanks, chosen=chosen
        )
    return Findings(
        file=printable(file.name),
        read_as=read_as,
        given=quarter is not None,
        extract=extract,
        notes=(*(note for each in extract.files for note in each.notes), *of_zeros),
        faults=tuple(dict.fromkeys(map(str, inspection.faults))),
        unread=inspection.unread,
        not_judged=not_judged,
        chosen=chosen,
        rejects=pl.concat([_undivided(printable(file.name), inspection), rejects]),
        refused_for_rows=refusal_words(
            DATASETS[dataset], read_as, rejects, received=extract.rows, dated=dated,
            limit_percent=catalogue.organisation.reject_limit_percent, of_files=False,
        ),
        reject_limit_percent=catalogue.organisation.reject_limit_percent,
        headings={name: tidy(heading) for name, heading in source.columns.items()},
        allowed=_allowed(DATASETS[dataset], source, catalogue),
        nearest=inspection.words.nearest,
        dataset=dataset,
        catalogue=catalogue,
        blanks=tuple(blanks.findings()),
        unknown_words=unknown_words(inspection.words.ethnicity, extract.rows, catalogue.ethnicity),
        apart_by_zeros=bool(of_zeros),
    )  # fmt: skip


def _source_of(file: Path, dataset: str, catalogue: Catalogue) -> Source:
    if dataset not in catalogue.sources:
        raise refuse(
            f"no dataset {dataset!r} with a source{nearest(dataset, catalogue.sources)}", where="--dataset",
            rule="a file is checked as one of the catalogue's sources", do="name one of them",
        )  # fmt: skip
    source = catalogue.sources[dataset]
    if source.format == "sql":
        raise refuse(
            f"the source of {dataset} is a database", where="--dataset",
            rule="check looks at one file",
            do="name a dataset whose source is a file; what a query gives is judged when the quarter is run",
        )  # fmt: skip
    refuse_what_is_no_file(file, str(file))
    if not file.is_file():
        raise refuse(
            "there is no such file",
            where=str(file),
            rule="check looks at one file",
            do="name the file to check",
        )
    return source.model_copy(update={"location": str(file.resolve()), "files": "one"})


def _read(
    file: Path, dataset: Dataset, source: Source, folder: Path, catalogue: Catalogue, quarter: Quarter, text: Path,
    inspection: Inspection,
) -> Extract:  # fmt: skip
    """Read the file into ``text``. Raises Refusal with all that is wrong where nothing of it can be read."""
    # The pseudonyms made here are thrown away with the folder, so any key will do and none is kept.
    keys = PseudonymKeys(secrets.token_bytes(KEY_BYTES))
    vocabulary = vocabulary_of(catalogue)
    try:
        extract = read_extract(
            dataset, source, folder, vocabulary, quarter, file.parent, keys, text, inspection
        )
    except Refusal as last:
        # What the file has in place of what was looked for is said here alone: its owner is reading.
        raise Refusal("\n".join(dict.fromkeys(map(str, [*inspection.faults, last, *last.there])))) from None
    if extract is None:
        raise refuse("there is nothing in it", where=str(file), rule="a file holds rows", do="send it again")
    return extract


def _choosing(source: Source) -> set[str]:
    """Return the headings by which rows are chosen."""
    in_force = source.in_force
    return {*map(tidy, source.keep), *((tidy(in_force.start), tidy(in_force.end)) if in_force else ())}


@words_withheld("rows were judged")
def _judge(
    text: pl.LazyFrame, dataset: Dataset, catalogue: Catalogue, quarter: Quarter, not_judged: tuple[str, ...],
    blanks: Blanks, *, chosen: bool,
) -> tuple[pl.DataFrame, int]:  # fmt: skip
    """Return a line per row, column and rule that failed, and how many rows have a date; add the rows to ``blanks``.

    Columns whose heading cannot be read are no fault of a row. Rows share a key only where those were ``chosen``
    that a run would take.
    """
    vocabulary, organisation = vocabulary_of(catalogue), catalogue.organisation
    contract = RecordContract(dataset, vocabulary, catalogue.ethnicity, organisation.comparison, quarter)
    comparable = chosen and not set(dataset.key) & set(not_judged)
    repeated = repeated_keys(text, dataset) if comparable else pl.DataFrame(schema=REJECTS)
    rejects = [repeated]
    dated = 0
    for batch in text.collect_batches(chunk_size=_BATCH_ROWS, maintain_order=True):
        judged = contract.judge(batch)
        rejects.append(judged.rejects.filter(~pl.col("column").is_in(not_judged)))
        blanks.add(batch, judged.accepted.join(repeated, on=ROW, how="anti"))
        dated += judged.dated
    return pl.concat(rejects), dated


def _undivided(file: str, inspection: Inspection) -> pl.DataFrame:
    rows = pl.DataFrame({"row_number": inspection.undivided}, schema={"row_number": pl.Int64})
    named = {"file": pl.lit(file), "column": pl.lit(WHOLE_ROW), "rule": pl.lit(TOO_MANY_FIELDS)}
    return rows.with_columns(**named).select(REJECTS.names())


def _allowed(dataset: Dataset, source: Source, catalogue: Catalogue) -> dict[str, Allowed]:
    """Return what each column of a closed list takes, flags among them."""
    survey = catalogue.survey
    asked = {"staff_survey": survey.staff_survey, "exit_interviews": survey.exit_interviews}.get(
        dataset.name, {}
    )
    found: dict[str, Allowed] = {}
    for name, described in dataset.columns(vocabulary_of(catalogue)).items():
        if described.kind == "flag":
            values, stands_in = tuple(FLAG_WORDS), "in capitals or not"
        elif described.kind == "category":
            values = described.allowed or ()
            stands_in = (
                f"survey.yaml, scales.{asked[name].scale}" if name in asked else _place_of(values, catalogue)
            )
        else:
            continue
        found[name] = Allowed(
            values,
            stands_in,
            tuple(filter(None, source.values.get(name, ()))),
            source.values_from.get(name, ""),
        )
    return found


def _place_of(values: tuple[str, ...], catalogue: Catalogue) -> str:
    for name, listed in catalogue.organisation.lists:
        if listed is values:
            return f"organisation.yaml, lists.{name}"
    return "fixed; their words are mapped under values in sources.yaml"
