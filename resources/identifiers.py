"""Identifiers at the door: each becomes its pseudonym, and that of its number without the zeros in front of it.

The second is how it is found out, with no number kept, that a supplier's spreadsheet lost zeros.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from disparity.datasets.identifiers import WITHOUT_ZEROS, is_marked, without_zeros
from resources.notes import Note
from resources.pseudonyms import pseudonyms


def columns_received(identifiers: Sequence[str]) -> tuple[str, ...]:
    """Return the columns that `with_pseudonyms` adds."""
    return tuple(f"{name}{WITHOUT_ZEROS}" for name in identifiers)


def with_pseudonyms(received: pl.DataFrame, identifiers: Sequence[str], key: bytes) -> pl.DataFrame:
    """Replace identifiers by their pseudonyms, and add those without zeros in front where there are any.

    A marker of what stands for nobody stays: it is no identifier, and says why.
    """
    added = {}
    for name, without in zip(identifiers, columns_received(identifiers), strict=True):
        marked = pl.when(is_marked(pl.col(name))).then(name)
        texts = received.select(marked=marked, identifier=pl.when(~is_marked(pl.col(name))).then(name))
        shorter = texts.select(without_zeros(pl.col("identifier"))).to_series()
        added[name] = pseudonyms(texts["identifier"], key).fill_null(texts["marked"])
        added[without] = pseudonyms(shorter, key)
    return received.with_columns(**added)


def note_of_zeros(column: str, identifiers: int, dataset: str) -> Note:
    """Say that zeros in front alone keep identifiers of a column apart, and what to do."""
    return Note(
        f"{{rows}} numbers under {column} differ from another one by zeros in front alone, and padding with zeros would "
        f"make them one; if they are the same, export the column as text, so that zeros stay, or set digits for {column} "
        f"under {dataset} in sources.yaml",
        identifiers,
    )
