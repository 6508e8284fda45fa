"""What the internal database alone may hold: profiles, and what cells were when they were released."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from sqlalchemy import Engine, delete, insert, select
from sqlalchemy.orm import Session

from disparity.periods import Quarter
from resources.databases.internal import LedgerColumns, LedgerEntry, Profile
from resources.databases.opening import writing

if TYPE_CHECKING:
    import polars as pl

    from disparity.recorded import Recorded


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
) -> None:
    """Keep what a vintage told of whom when it was first released; one already kept stays as it is.

    ``told`` has the columns of `disparity.ledger.LEDGER`; ``recorded`` is what was recorded of the columns that they are
    told apart by, by dataset and quarter's key.
    """
    key = {"audience": audience, "quarter": quarter.key, "vintage": vintage}
    rows = [{**row, **key, "position": at} for at, row in enumerate(told.iter_rows(named=True))]
    with writing(engine) as session:
        if rows and session.scalars(select(LedgerEntry).filter_by(**key).limit(1)).first() is None:
            session.execute(insert(LedgerEntry), rows)
            columns = [
                {**key, "dataset": dataset, "of_quarter": of, "recorded": each.text()}
                for (dataset, of), each in sorted(recorded.items())
            ]
            session.execute(delete(LedgerColumns).filter_by(**key))
            if columns:
                session.execute(insert(LedgerColumns), columns)


def ledger_for(engine: Engine, audiences: Collection[str]) -> pl.DataFrame:
    """Return the ledger of some audiences, in a fixed order.

    The columns are audience, quarter and vintage before those of `disparity.ledger.LEDGER`.
    """
    import polars as pl

    from disparity.ledger import LEDGER

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
    from disparity.recorded import recorded_from

    order = (LedgerColumns.quarter, LedgerColumns.audience, LedgerColumns.vintage)
    query = select(LedgerColumns).where(LedgerColumns.audience.in_(audiences)).order_by(*order)
    with Session(engine) as session:
        return [
            ((each.dataset, each.of_quarter), recorded_from(each.recorded)) for each in session.scalars(query)
        ]
