"""Readers: what each kind of reader of a report knows already, from earlier reports and from those for more people."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from assets.counting import Counted, frame_of
from disparity.audiences import RELEASED, read_by, wider_than
from disparity.disclosure.ledger import counted_the_same, together, told_alike, told_by, told_in
from disparity.disclosure.released_counts import Before
from disparity.periods import Quarter
from disparity.populations.people import People
from resources.workplace import Workplace


def told_before(
    audience: str, quarter: Quarter, counts: pl.DataFrame, counted: Counted
) -> list[dict[People, Before]]:
    """Return what each kind of reader of a report was told earlier: of other quarters, and of this one before.

    Where the reports for narrower audiences told no more than the wider ones, who reads all of them knows what each does.
    """
    ledger = counted.ledger
    own = ledger.filter((pl.col("audience") == audience) & (pl.col("quarter") == quarter.key))
    latest = own.filter(pl.col("vintage") == pl.col("vintage").max())
    if counted_the_same(latest, counts, counted.people, counted.naming):
        # Later reports were made with this one in mind; made again it is the same.
        ledger = ledger.filter(pl.col("quarter") < quarter.key)
    kinds = read_by(audience)
    if told_alike(ledger, RELEASED):
        kinds = kinds[-1:]
    return [
        told_by(ledger.filter(pl.col("audience").is_in(kind)), making=quarter, naming=counted.naming)
        for kind in kinds
    ]


def told_to_more(
    workplace: Workplace, audience: str, quarter: Quarter, people: Mapping[str, Mapping[str, People]]
) -> dict[People, Before]:
    """Return what the reports of the same quarter for more people tell, which readers of this one lay beside it."""
    known: dict[People, Before] = {}
    for wider in wider_than(audience):
        known = together(known, told_in(frame_of(workplace, f"{wider}/protected", quarter), people))
    return known
