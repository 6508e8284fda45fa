"""What a file may stand for: how many rows and how much text for the bytes it has, whatever its format packs or repeats.

A table written by people or their programs keeps far below this; a file that is a thousand times what it weighs does
not, and is refused before it takes all memory. How each format is read belongs in the module of that format.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import polars.selectors as cs

from disparity.refusal import refuse
from resources.sheets import MOST_ROWS

_PIECE = 1 << 20
_BYTES_OF_A_ROW = 8
_ROWS_OF_ANY_TEXT = 100_000
_CELLS_OF_ANY_TEXT = 100_000_000
_CELLS_PER_BYTE = (
    4  # a delimiter stands behind each cell of a whole row, so that a file of those has one at most
)
_TEXT_OF_ANY_FILE = 256 << 20
_TEXT_PER_BYTE = 32
_LONGEST_CELL = 1 << 17
_SENT_AT_ONCE = 16 << 20
_DO = "look for what is repeated, or stands far below the table, and export the table alone; or send it in several files"


def hold_lines(path: Path, where: str) -> int:
    """Return how many lines delimited text has. Raises Refusal for more than its bytes can hold with rows in them."""
    line_feeds = carriage_returns = 0
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            line_feeds += piece.count(b"\n")
            carriage_returns += piece.count(b"\r")
    size, lines = path.stat().st_size, max(line_feeds, carriage_returns)
    _hold_rows(lines, _ROWS_OF_ANY_TEXT + size // _BYTES_OF_A_ROW, size, where)
    return lines


def hold_cells(lines: int, headings: int, size: int, where: str) -> None:
    """Refuse delimited text whose rows end early under so many headings that filling them up takes all time."""
    cells, most = lines * headings, _CELLS_OF_ANY_TEXT + _CELLS_PER_BYTE * size
    if cells > most:
        raise refuse(
            f"it stands for {cells:,} cells, of {lines:,} rows under {headings:,} headings, and is of {size:,} bytes",
            where=where,
            rule=f"a file of its size holds at most {most:,} cells, as a delimiter stands behind each",
            do="look whether the row of headings is one, and whether rows end early; and export the columns that are meant",
        )


def hold_rows(rows: int, size: int, where: str) -> None:
    """Refuse a packed file of more rows than a sheet has, and than its bytes can hold besides."""
    _hold_rows(rows, MOST_ROWS + size // _BYTES_OF_A_ROW, size, where)


def _hold_rows(rows: int, most: int, size: int, where: str) -> None:
    if rows > most:
        raise refuse(
            f"it stands for {rows:,} rows and is of {size:,} bytes",
            where=where,
            rule=f"a file of its format and size holds at most {most:,} rows",
            do=_DO,
        )


def hold_text(length: int, size: int, where: str) -> None:
    """Refuse a file whose text, unpacked or repeated, is of more bytes than one of its size has."""
    most = _TEXT_OF_ANY_FILE + _TEXT_PER_BYTE * size
    if length > most:
        raise refuse(
            f"it stands for more than {most >> 20:,} MiB of text and is of {size:,} bytes",
            where=where,
            rule="a file holds so much text for its size and no more",
            do=_DO,
        )


def held(batches: Iterator[pl.DataFrame], size: int, where: str) -> Iterator[pl.DataFrame]:
    """Yield the rows of a file of so many bytes in slices of bounded text. Raises Refusal for too much of it.

    Text counts as often as it stands: a column of one text is small as it is held, and large as it is written.
    """
    lengths = cs.string().str.len_bytes().fill_null(0).cast(pl.Int64)
    none, so_far = pl.lit(0, pl.Int64), 0
    for batch in batches:
        texts = batch.with_columns(
            longest=pl.max_horizontal(none, lengths), all=pl.sum_horizontal(none, lengths)
        )
        if any(length > _LONGEST_CELL for length in texts["longest"].to_list()):
            raise refuse(
                f"a cell under a heading that is read holds more than {_LONGEST_CELL:,} bytes of text",
                where=where,
                rule="a column that is read holds a code, a date, a number or an identifier",
                do="look for the longest text, and export it again",
            )
        so_far += sum(texts["all"].to_list())
        hold_text(so_far, size, where)
        yield from _slices(batch, texts["all"])


def _slices(batch: pl.DataFrame, texts: pl.Series) -> Iterator[pl.DataFrame]:
    """Cut a batch where the next multiple of what is sent at once is passed."""
    parts = (texts.cum_sum() // _SENT_AT_ONCE).to_list()
    first = 0
    for _, rows in itertools.groupby(parts):
        length = sum(1 for _ in rows)
        yield batch.slice(first, length)
        first += length
