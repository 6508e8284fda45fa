"""What the internal database alone may hold: profiles, and what cells were when they were released."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from sqlalchemy import Engine, delete, insert, select
from sqlalchemy.orm import Session

from disparity.periods import Quarter
from resources.databases.internal import LedgerColumns, LedgerEntry, LedgerRelease, Profile
from resources.databases.opening import writing

if TYPE_CHECKING:
    import polars as pl

    from disparity.populations.recorded import Recorded


def save_profile(engine: Engine, dataset: str, quarter: Quarter, rows: pl.DataFrame) -> None:
    """Replace the profile of a dataset in a quarter by ``rows`` (measure, column, category, value).

    No rows at all takes the profile away, as for a dataset that was not received.
    """
    key = {"dataset": dataset, "quarter": quarter.key}
    with writing(engine) as session:
        session.execute(delete(Profile).filter_by(**key))
        if not rows.is_empty():
            session.execute(insert(Profile), [{**row, **key} for row in rows.iter_rows(named=True)])


def save_ledger(
    engine: Engine,
    audience: str,
    quarter: Quarter,
    vintage: int,
    told: pl.DataFrame,
    recorded: Mapping[tuple[str, str], Recorded],
    content_sha256: str,
) -> None:
    """Keep what a vintage told of whom when it was first released; of one on record, what is kept stays.

    Of one that is not, as its run was killed, it is replaced: nobody was told it. One on record whose lines were lost
    is kept now. ``content_sha256`` is of the release. ``told`` has the columns of
    `disparity.disclosure.ledger.LEDGER`; ``recorded`` is what was recorded of the columns that they are told apart
    by, by dataset and quarter's key.
    """
    key = {"audience": audience, "quarter": quarter.key, "vintage": vintage}
    rows = [{**row, **key, "position": at} for at, row in enumerate(told.iter_rows(named=True))]
    with writing(engine) as session:
        kept = session.get(LedgerRelease, (audience, quarter.key, vintage))
        if kept is not None and kept.on_record and (kept.lines or not rows):
            return
        columns = [
            {**key, "dataset": dataset, "of_quarter": of, "recorded": each.text()}
            for (dataset, of), each in sorted(recorded.items())
        ]
        for table, lines in ((LedgerEntry, rows), (LedgerColumns, columns)):
            session.execute(delete(table).filter_by(**key))
            if lines:
                session.execute(insert(table), lines)
        on_record = kept is not None and kept.on_record
        session.merge(
            LedgerRelease(**key, content_sha256=content_sha256, lines=len(rows), on_record=on_record)
        )


def ledger_for(engine: Engine, audiences: Collection[str]) -> pl.DataFrame:
    """Return the ledger of some audiences, in a fixed order.

    The columns are audience, quarter and vintage before those of `disparity.disclosure.ledger.LEDGER`.
    """
    import polars as pl

    from disparity.disclosure.ledger import LEDGER

    keys = {"audience": pl.String(), "quarter": pl.String(), "vintage": pl.Int64()}
    schema = pl.Schema({**keys, **LEDGER})
    columns = [getattr(LedgerEntry, name) for name in schema]
    order = (LedgerEntry.quarter, LedgerEntry.audience, LedgerEntry.vintage, LedgerEntry.position)
    query = select(*columns).where(LedgerEntry.audience.in_(audiences)).order_by(*order)
    with Session(engine) as session:
        rows = [tuple(row) for row in session.execute(query)]
    return pl.DataFrame(rows, schema=schema, orient="row")


def recorded_for(engine: Engine, audiences: Collection[str]) -> list[tuple[tuple[str, str], Recorded]]:
    """Return what every release to some audiences recorded of the columns of its datasets, by dataset and quarter's key."""
    from disparity.populations.recorded import recorded_from

    order = (LedgerColumns.quarter, LedgerColumns.audience, LedgerColumns.vintage)
    query = select(LedgerColumns).where(LedgerColumns.audience.in_(audiences)).order_by(*order)
    with Session(engine) as session:
        return [
            ((each.dataset, each.of_quarter), recorded_from(each.recorded)) for each in session.scalars(query)
        ]
