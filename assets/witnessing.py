"""Witnesses in the lake: the true counts an auditor knows, and the tables an audit found, kept for the next one.

For the owner alone, as all of the lake is. What is kept is looked at again by every audit
(:mod:`disparity.disclosure.witnesses`).
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import polars as pl
from scipy.sparse import coo_array, csr_array

from assets.counting import Counted
from disparity.disclosure.attacker import Aid
from disparity.disclosure.ledger import true_by
from disparity.disclosure.protection import people_in, true_counts
from disparity.disclosure.unanswered import unanswered_in
from disparity.disclosure.witnesses import Witnesses
from disparity.periods import Quarter
from disparity.populations.people import Key
from resources.lake import Entry
from resources.workplace import Workplace

Say = Callable[[str], None]
"""Is given a sentence about how far the work has come, which holds no count of people."""


def aid_of(
    workplace: Workplace,
    audience: str,
    quarter: Quarter,
    counts: pl.DataFrame,
    counted: Counted,
    say: Say,
) -> Aid:
    """Return the true counts of all that was published and is to be, what the last audit found, and where to keep more."""
    people = counted.people
    now = people_in(counts, true_counts(counts), people)[0] | unanswered_in(counts, people)
    known = Witnesses.of_truth(
        true_by(counted.ledger, quarter, counted.naming) | now, _last(workplace, audience, quarter)
    )
    began = time.monotonic()

    def progress(turn: int, left: int) -> None:
        spent = time.monotonic() - began
        say(f"audit, {audience}, {quarter.words}: round {turn}, {left:,} counts left, {spent:.0f} s")

    return Aid(known, lambda found: _keep(workplace, audience, quarter, found), progress)


def _keep(workplace: Workplace, audience: str, quarter: Quarter, found: Witnesses) -> None:
    """Keep the witnesses that an audit of a quarter found, by the names of the people."""
    people = pl.DataFrame(found.people, schema=list(Key._fields), orient="row").with_columns(
        table=found.table
    )
    moves = found.moves.tocoo()
    frames = {
        "people.parquet": people,
        "moves.parquet": pl.DataFrame({"move": moves.row, "people": moves.col, "by": moves.data}),
    }
    workplace.lake.put(_place(audience), quarter, {"moves": found.moves.shape[0]}, frames)


def _last(workplace: Workplace, audience: str, quarter: Quarter) -> Witnesses | None:
    """Return what the last audit of this quarter, or else of one before, found."""
    first = Quarter(workplace.catalogue.organisation.first_quarter)
    while quarter >= first:
        entry = workplace.lake.get_to_replace(_place(audience), quarter)
        if entry is not None:
            return _read(entry)
        quarter = quarter.plus(-1)
    return None


def _read(entry: Entry) -> Witnesses:
    people, moves = entry.scan("people").collect(), entry.scan("moves").collect().to_dict()
    shape = (int(entry.facts["moves"]), people.height)
    by = coo_array(
        (moves["by"].to_numpy(), (moves["move"].to_numpy(), moves["people"].to_numpy())), shape=shape
    )
    named = tuple(Key(*each) for each in people.select(Key._fields).iter_rows())
    return Witnesses(named, people["table"].to_numpy().astype(np.int64), csr_array(by), {})


def _place(audience: str) -> str:
    return f"{audience}/witnesses"
