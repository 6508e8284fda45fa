"""The sheets of a workbook: their names, which of them can be seen, and the one that a source means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from disparity.catalogue import Source
from disparity.refusal import refuse
from resources.notes import Note
from resources.tables import nearest_there

MOST_ROWS = 1_048_576
MOST_COLUMNS = 16_384
NO_VALUE = "#N/A"
"""Stands for a formula that was never calculated: it is no blank, and no value of any column."""

NO_DAY = "#NUM!"
"""Stands for a date that no calendar has, such as a day before the first: no blank either."""

NO_FLAG = "#VALUE!"
"""Stands for a cell that is said to be true or false and is neither."""

_CELLS_ONE_BY_ONE = 600_000
_CELLS_PER_BYTE = 0.06
_SMALL_FILE = 10 << 20


def most_cells_one_by_one(size: int) -> int:
    """Return how many cells are looked at one by one of a file of so many bytes, which takes ten microseconds each.

    It is a count, so that a file is not read on one machine and refused for its time on another that is half as fast.
    """
    return _CELLS_ONE_BY_ONE + int(_CELLS_PER_BYTE * max(0, size - _SMALL_FILE))


class TooManyCellsError(Exception):
    """There are more cells than the ``most`` that are looked at one by one."""

    def __init__(self, most: int) -> None:
        """Keep the number."""
        super().__init__()
        self.most = most


@dataclass(frozen=True)
class Sheet:
    """One sheet of cells: its name as on its tab, where it lies in the archive, whether its tab is hidden."""

    name: str
    part: str
    hidden: bool


AnySheet = TypeVar("AnySheet", bound=Sheet)


def sheet_meant(sheets: Sequence[AnySheet], source: Source, where: str) -> AnySheet:
    """Return the sheet that the source names, hidden or not; else the first that can be seen.

    Raises Refusal where there is none.
    """
    seen = [sheet for sheet in sheets if not sheet.hidden]
    if source.sheet is not None:
        named = next((sheet for sheet in sheets if sheet.name == source.sheet), None)
        if named is not None:
            return named
        raise refuse(
            f"the workbook has no sheet {source.sheet!r}"
            f"{nearest_there(source.sheet, [sheet.name for sheet in sheets])}",
            where=where,
            rule="the sheet is the one that catalogue/sources.yaml names",
            do="rename the sheet, or change sheet in the catalogue",
            there=[f"the sheets there are: {', '.join(sheet.name for sheet in seen)}"] if seen else (),
        )
    if not seen:
        raise refuse(
            "no sheet of cells can be seen in the workbook",
            where=where,
            rule="where the catalogue names no sheet, the first that can be seen is read",
            do="show the sheet that is meant, or name it as sheet in catalogue/sources.yaml",
        )
    return seen[0]


def notes_on(sheet: Sheet, sheets: Sequence[Sheet], source: Source) -> tuple[Note, ...]:
    """Say which sheet was read where it might be another than was meant."""
    if source.sheet is not None:
        return (
            (Note(f"the sheet {sheet.name}, which the catalogue names, is hidden"),) if sheet.hidden else ()
        )
    if len(sheets) == 1:
        return ()
    hidden = sum(each.hidden for each in sheets)
    others = f"{len(sheets) - 1} more" + (f", {hidden} of them hidden," if hidden else "")
    was_or_were = "was" if len(sheets) == 2 else "were"
    return (
        Note(f"read the sheet {sheet.name}, the first that can be seen; {others} {was_or_were} not read"),
    )
