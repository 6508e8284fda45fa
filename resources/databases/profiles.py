"""What the internal database alone may hold: profiles, and what cells were when they were released."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Engine, delete, insert, select

from disparity.periods import Quarter
from resources.databases.columns import rows_of
from resources.databases.internal import LedgerEntry, Profile
from resources.databases.opening import writing

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl


def save_profile(engine: Engine, dataset: str, quarter: Quarter, rows: pl.DataFrame) -> None:
    """Replace the profile of a dataset in a quarter by ``rows`` (measure, column, category, value).

    No rows at all takes the profile away, as for a dataset that was not received.
    """
    key = {"dataset": dataset, "quarter": quarter.key}
    with writing(engine) as session:
        session.execute(delete(Profile).filter_by(**key))
        if not rows.is_empty():
            session.execute(insert(Profile), [{**row, **key} for row in rows.iter_rows(named=True)])


def save_ledger(engine: Engine, audience: str, quarter: Quarter, vintage: int, cells: pd.DataFrame) -> None:
    """Keep what the cells of a vintage were when it was first released; one already kept stays as it is.

    ``cells`` has indicator, breakdown, level, cell (the column of indicators.csv), true_count, shown, low and
    high; ``shown`` is empty for a hidden cell, ``low`` and ``high`` bound what it could be.
    """
    key = {"audience": audience, "quarter": quarter.key, "vintage": vintage}
    rows = rows_of(cells)
    with writing(engine) as session:
        if rows and session.scalars(select(LedgerEntry).filter_by(**key).limit(1)).first() is None:
            session.execute(insert(LedgerEntry), [{**row, **key} for row in rows])
