"""Auditing published tables: read back from folders, or as they were frozen, and attacked with nothing else in hand."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

from assets.auditing import DATA, contradictions_refused
from disparity.audiences import RELEASED, wider_than
from disparity.disclosure.attacker import Contradiction
from disparity.disclosure.audit import Audit, Left, audit, left_of
from disparity.disclosure.published_reports import Report, known_from, people_of_cell
from disparity.periods import Quarter
from disparity.populations.people import People
from disparity.refusal import Refusal, refuse
from reports.pages.audit import audit_json, audit_page
from reports.reading_back.files import TABLE
from reports.reading_back.published_table import read_told
from resources.publisher import PAGE, publish_files
from resources.workplace import Workplace

_FETCH_AGAIN = "fetch the files as they were published, of one organisation and of one state of its records"


class Table(NamedTuple):
    """A published table as it was found, and by whose policy it is read."""

    file: str
    content: bytes
    audience: str


def tables_in(folders: Sequence[Path], audience: str, quarter: Quarter) -> list[Table]:
    """Find every table in some folders that can be of ``quarter`` or before: their own and that of each folder in them.

    A folder called as an audience, or one within it, holds what that audience was told; any other, what ``audience`` was.
    Raises Refusal where a folder has none or cannot be read.
    """
    tables: list[Table] = []
    for folder in folders:
        called = [name for name in folder.resolve().parts[-2:] if name in RELEASED]
        found = [Table(str(file), _read(file), (*called, audience)[0]) for file in _files_in(folder, quarter)]
        if not found:
            raise refuse(
                f"no {TABLE} of {quarter.words} or before", where=f"--from {folder}",
                rule=f"a folder holds {TABLE}, or folders of quarters that do", do="name a published folder",
            )  # fmt: skip
        tables += found
    return tables


def tables_frozen(workplace: Workplace, audience: str, quarter: Quarter) -> list[Table]:
    """Return the tables that an audience's readers can have: frozen for it, for wider ones, and of earlier quarters all."""
    tables, each = [], Quarter(workplace.catalogue.organisation.first_quarter)
    while each <= quarter:
        for readers in RELEASED if each < quarter else (audience, *wider_than(audience)):
            entry = workplace.lake.get(f"{readers}/release", each)
            if entry is not None:
                tables.append(Table(f"{readers}, {each.words}", entry.read(TABLE), readers))
        each = each.plus(1)
    return tables


def audit_tables(
    workplace: Workplace, tables: Sequence[Table], audience: str, quarter: Quarter, seconds: float
) -> Audit:
    """Audit what tables tell of a quarter, and keep what was found for the owner.

    Raises Refusal where a table is spoilt, none is of the quarter, or what they tell contradicts itself.
    """
    policy = workplace.policy(audience)
    reports = _reports(workplace, tables, quarter)
    with contradictions_refused(f"--from, {quarter.words}", do=_FETCH_AGAIN):
        found = _without_blanks_or_with(
            lambda blanks: audit(
                *known_from(reports, workplace.catalogue, quarter, blanks=blanks), policy, seconds
            )
        )
    files = {each.file: hashlib.sha256(each.content).hexdigest() for each in tables}
    organisation = workplace.catalogue.organisation
    page = audit_page(found, organisation, audience, quarter, policy, files)  # type: ignore[arg-type]
    data = audit_json(found, audience, quarter, policy, files)
    folder, written = folder_from_files(workplace, quarter), {DATA: data, PAGE: page.encode()}
    publish_files(folder, written, below=workplace.settings.storage, readers="owner")
    return found


def folder_from_files(workplace: Workplace, quarter: Quarter) -> Path:
    """Return where the page of an audit of files lies, apart from those of what is kept."""
    return workplace.settings.storage / "audit" / "from_files" / quarter.key


def left_of_cell(
    workplace: Workplace, tables: Sequence[Table], audience: str, quarter: Quarter, cell: str
) -> tuple[People, Left]:
    """Return whom a cell of a quarter's tables counts, and what all tables together leave of it. Raises Refusal."""
    reports, catalogue = _reports(workplace, tables, quarter), workplace.catalogue

    def left(blanks: bool) -> tuple[People, Left]:
        people = people_of_cell(cell, reports, catalogue, quarter, blanks=blanks)
        known = known_from(reports, catalogue, quarter, blanks=blanks)
        return people, left_of(people, known.told, known.before, workplace.policy(audience))

    with contradictions_refused(f"--cell, {quarter.words}", do=_FETCH_AGAIN):
        return _without_blanks_or_with(left)


_Found = TypeVar("_Found")


def _without_blanks_or_with(find: Callable[[bool], _Found]) -> _Found:
    """Return what is found by who takes it that no answer is lacking, or where that cannot be, that some may be."""
    try:
        return find(False)
    except Contradiction:
        return find(True)


def _reports(workplace: Workplace, tables: Sequence[Table], quarter: Quarter) -> list[Report]:
    """Read tables of which one at least is of the quarter; what later ones tell is left out."""
    read = [
        read_told(each.content, workplace.catalogue, workplace.policy(each.audience), each.file)
        for each in tables
    ]
    if all(each.quarter != quarter for each in read):
        raise refuse(
            f"there is no table of {quarter.words}", where="audit", rule="the quarter that is audited was released",
            do=f"race-equality run --quarter {quarter.key}, or name a folder that has its table with --from",
        )  # fmt: skip
    for table, report in zip(tables, read, strict=True):
        named = _quarter_named(Path(table.file).parent)
        if named is not None and named != report.quarter:
            raise refuse(
                "it is of another quarter than its folder", where=table.file,
                rule="a folder that is named by a quarter holds that quarter's table", do=_FETCH_AGAIN,
            )  # fmt: skip
    return [each for each in read if each.quarter <= quarter]


def _files_in(folder: Path, quarter: Quarter) -> Iterator[Path]:
    """Yield the tables of a folder and of those in it, without what is named as a later quarter."""
    try:
        within = [folder, *sorted(each for each in folder.iterdir() if each.is_dir())]
    except OSError as error:
        raise _unreadable(folder, error) from None
    for each in within:
        named = _quarter_named(each)
        if (named is None or named <= quarter) and (each / TABLE).exists():
            yield each / TABLE


def _quarter_named(folder: Path) -> Quarter | None:
    """Return the quarter that a folder is named by, if it is."""
    try:
        return Quarter.from_key(folder.name)
    except ValueError:
        return None


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise _unreadable(file, error) from None


def _unreadable(path: Path, error: OSError) -> Refusal:
    return refuse(
        f"it cannot be read ({error.strerror})", where=f"--from {path}",
        rule="a published folder is a folder that this account may read", do="name a published folder",
    )  # fmt: skip
