"""Estimates by vintage: a numbered state of what was released, never overwritten, and at most one draft of the next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlalchemy import Engine, Select, delete, func, insert, select
from sqlalchemy.orm import Session

from disparity import rows
from disparity.periods import Quarter
from disparity.rows import Kind, columns_of
from resources.databases.columns import rows_of
from resources.databases.internal import AnalystEstimate
from resources.databases.opening import writing
from resources.databases.results import Estimate, Release

if TYPE_CHECKING:
    import pandas as pd

ANALYST = "analyst"


_DTYPES: dict[Kind, str] = {"text": "str", "whole": "int64", "number": "float64"}
COLUMNS: dict[str, str] = {name: _DTYPES[each.kind] for name, each in columns_of(rows.Estimate).items()}
"""The columns of an estimates frame, in the order of indicators.csv, with their pandas dtypes."""


def save_estimates(engine: Engine, audience: str, quarter: Quarter, frame: pd.DataFrame) -> int:
    """Keep a quarter's estimates and return their vintage, from 1.

    A vintage is a state of what was released. Content like that of the latest one has its number; other content
    is a draft of the next, which stands in for any draft before it until a release takes it up. Analysts'
    estimates have no release: each content of theirs is kept. The frame's own ``vintage`` and ``quarter`` are not looked
    at.
    ``analyst`` belongs in the internal database, other audiences in the results database.
    Raises ValueError when the columns are not those of indicators.csv.
    """
    content = _typed(frame.assign(vintage=0, quarter=quarter.key))
    table = AnalystEstimate if audience == ANALYST else Estimate
    key = {"quarter": quarter.key} if audience == ANALYST else {"audience": audience, "quarter": quarter.key}
    with writing(engine) as session:
        settled = session.scalar(_settled(audience, quarter)) or 0
        session.execute(delete(table).filter_by(**key).where(table.vintage > settled))
        if settled and _vintage(session, audience, quarter, settled).assign(vintage=0).equals(content):
            return settled
        kept = rows_of(content.assign(vintage=settled + 1))
        session.execute(insert(table), [{**row, **key, "position": at} for at, row in enumerate(kept)])
        return settled + 1


def latest_estimates(engine: Engine, audience: str, quarters: Sequence[Quarter]) -> pd.DataFrame:
    """Return the estimates of each quarter as last released to an audience, oldest quarter first.

    Quarters with no release are absent. Analysts' estimates are not released: theirs is the latest vintage.
    """
    import pandas as pd

    with Session(engine) as session:
        found = [
            _vintage(session, audience, quarter, vintage)
            for quarter in sorted(set(quarters))
            if (vintage := session.scalar(_settled(audience, quarter)))
        ]
    return pd.concat(found, ignore_index=True) if found else _typed(pd.DataFrame(columns=list(COLUMNS)))


def estimates_of(engine: Engine, audience: str, quarter: Quarter, vintage: int) -> pd.DataFrame:
    """Return one vintage of a quarter's estimates; no rows where there is none."""
    with Session(engine) as session:
        return _vintage(session, audience, quarter, vintage)


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    wrong = sorted(set(COLUMNS) ^ set(frame.columns))
    if wrong:
        raise ValueError(
            f"estimates have the columns of indicators.csv; missing or not among them: {', '.join(wrong)}"
        )
    return frame[list(COLUMNS)].astype(COLUMNS).reset_index(drop=True)


def _settled(audience: str, quarter: Quarter) -> Select[int]:
    """Select the latest vintage that was released; of analysts' estimates the latest there is."""
    if audience == ANALYST:
        return select(func.max(AnalystEstimate.vintage)).where(AnalystEstimate.quarter == quarter.key)
    return select(func.max(Release.vintage)).where(
        Release.audience == audience, Release.quarter == quarter.key, Release.state == "released"
    )


def _vintage(session: Session, audience: str, quarter: Quarter, vintage: int) -> pd.DataFrame:
    import pandas as pd

    table = AnalystEstimate if audience == ANALYST else Estimate
    query = (
        select(*(getattr(table, name) for name in COLUMNS))
        .where(table.quarter == quarter.key, table.vintage == vintage)
        .order_by(table.position)
    )
    if table is Estimate:
        query = query.where(Estimate.audience == audience)
    return _typed(pd.DataFrame(session.execute(query).all(), columns=list(COLUMNS), dtype=object))
