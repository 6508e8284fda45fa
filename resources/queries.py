"""Queries: rows of a database as text, streamed, with a hash of the data and never a word of the password."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from disparity.catalogue import Source
from disparity.datasets.dates import london_day
from disparity.periods import Quarter
from disparity.refusal import Refusal, refuse
from resources.notes import Note
from resources.reading_only import left_to_the_account, reading_only
from resources.tables import BATCH_ROWS, Table, cell, tidy

if TYPE_CHECKING:
    import sqlalchemy as sa

_ENVIRONMENT = re.compile(r"\$\{(\w+)\}")
_DAY_WITH_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[ T](?!00:00)\d\d:\d\d")


class RowsHash:
    """A hash of rows in whatever order the database returns them: the sum of their SHA-256 hashes."""

    def __init__(self, headings: Sequence[str]) -> None:
        """Begin with the headings."""
        self._sum = _hash(list(headings))

    def add(self, row: list[str | None]) -> None:
        """Add one row of text."""
        self._sum = (self._sum + _hash(row)) % 2**256

    @property
    def hexdigest(self) -> str:
        """The hash so far."""
        return f"{self._sum:064x}"


class TimesOfDay:
    """Watches the rows of a query bound to the quarter's last day, which may take that day's first moment alone.

    ``BETWEEN :period_start AND :period_end`` does so where a column has times. A query that takes the day whole, by
    a cast perhaps, gives rows of it.
    """

    def __init__(self, query: str, quarter: Quarter) -> None:
        """Begin with no row seen."""
        self._watched = "period_end" in _bound_names(query)
        self._last_day = quarter.end.isoformat()
        self._days: set[str] = set()

    def look(self, row: Sequence[object]) -> None:
        """Note the days in one row that have a time."""
        if self._watched:
            texts = (str(value) for value in row if isinstance(value, str | dt.datetime))
            self._days.update(found[1] for text in texts if (found := _DAY_WITH_TIME.match(text)))

    @property
    def notes(self) -> tuple[Note, ...]:
        """What the reader has to know, once all rows were seen."""
        if not self._days or self._last_day in self._days:
            return ()
        return (
            Note(
                "dates of the query have times and none is of the quarter's last day: BETWEEN :period_start AND "
                ":period_end would lose what happened during it; write >= :period_start AND < :next_period_start"
            ),
        )


@dataclass(frozen=True)
class Answer:
    """A query's table, the name it goes by, and of the rows read so far their hash and times.

    ``left_open`` says what the pipeline cannot promise of the database; None where it holds it to reading.
    """

    name: str
    table: Table
    rows_hash: RowsHash
    times: TimesOfDay
    left_open: Note | None

    @property
    def notes(self) -> tuple[Note, ...]:
        """What the reader has to know, once all rows were seen."""
        return (*self.times.notes, *((self.left_open,) if self.left_open else ()))


@contextmanager
def query_answer(source: Source, quarter: Quarter, where: str) -> Iterator[Answer]:
    """Run the source's query, bound to the quarter's days that it asks for; its first row is row 2.

    ``${NAME}`` is taken from the environment as the location's password, or as the whole location. Nothing is
    written to the database. Raises Refusal when it cannot be reached, or does not take the query, or the query does
    more than read; the database's own message may quote data or the connection, so its kind alone is said.
    """
    import sqlalchemy as sa

    url = _url(source.location.replace("{quarter}", quarter.key), where)
    query = source.query or ""
    try:
        with reading_only(url, query, where) as connection:
            result = connection.execution_options(yield_per=BATCH_ROWS).execute(_bound(query, quarter))
            headings = tuple(map(tidy, result.keys()))
            rows_hash, times = RowsHash(headings), TimesOfDay(query, quarter)
            table = Table(headings, lambda positions: _batches(result, positions, rows_hash, times))
            yield Answer(_name(source.location, url), table, rows_hash, times, left_to_the_account(url))
    except sa.exc.SQLAlchemyError as error:
        raise _failed(
            f"the database could not be reached or did not take the query ({_kind(error)})", where
        ) from None
    except ImportError as error:
        raise refuse(
            f"the driver {error.name or ''} of the database is not installed",
            where=where,
            rule="a database is read through its SQLAlchemy driver",
            do="install the driver beside the pipeline",
        ) from None


def _bound_names(query: str) -> frozenset[str]:
    return frozenset(re.findall(r"(?<![:\w]):(\w+)\b", query))


def _bound(query: str, quarter: Quarter) -> sa.TextClause:
    import sqlalchemy as sa

    days = {
        "period_start": quarter.start,
        "next_period_start": quarter.plus(1).start,
        "period_end": quarter.end,
    }
    used = [sa.bindparam(name, day, sa.Date) for name, day in days.items() if name in _bound_names(query)]
    return sa.text(query).bindparams(*used)


def _batches(
    result: sa.CursorResult[Any], positions: Sequence[int], rows_hash: RowsHash, times: TimesOfDay
) -> Iterator[pl.DataFrame]:
    schema = {"row_number": pl.Int64, **{cell(position): pl.String for position in positions}}
    first = 2
    for part in result.partitions():
        for given in part:
            times.look([given[at] for at in positions])
        rows = [[_text(value) for value in row] for row in part]
        for row in rows:
            rows_hash.add(row)
        numbered = [(number, *(row[at] for at in positions)) for number, row in enumerate(rows, start=first)]
        yield pl.DataFrame(numbered, schema=schema, orient="row")
        first += len(rows)


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dt.date):
        return (london_day(value) if isinstance(value, dt.datetime) else value).isoformat()
    if isinstance(value, float | Decimal):
        if math.isnan(value):
            return None
        # Beyond that a float has lost digits, and to write them all would invent some.
        exact = isinstance(value, Decimal) or abs(value) < 2**53
        return str(int(value)) if math.isfinite(value) and exact and value == int(value) else str(value)
    return str(value)


def _hash(row: list[Any]) -> int:
    return int.from_bytes(hashlib.sha256(json.dumps(row).encode()).digest(), "big")


def _url(location: str, where: str) -> sa.URL:
    import sqlalchemy as sa

    def filled(text: str | None) -> str | None:
        return (
            None if text is None else _ENVIRONMENT.sub(lambda found: _from_environment(found[1], where), text)
        )

    try:
        if _ENVIRONMENT.fullmatch(location):
            return sa.make_url(filled(location) or "")
        url = sa.make_url(location)
    except (sa.exc.ArgumentError, ValueError):
        raise refuse(
            "the location is no database address",
            where=where,
            rule="a location of format sql is a SQLAlchemy URL",
            do="write it as dialect+driver://user:${PASSWORD}@host/database, the password in the environment",
        ) from None
    # Filled in its place, so that a password may hold any character without being escaped.
    return url.set(password=filled(url.password))


def _from_environment(name: str, where: str) -> str:
    if name not in os.environ:
        raise refuse(
            f"the environment variable {name} is not set",
            where=where,
            rule="the location takes it from the environment",
            do=f"set {name} for the account that runs the pipeline",
        )
    return os.environ[name]


def _name(location: str, url: sa.URL) -> str:
    """Name a query by its database, or by the variable that has its whole address: of that nothing is told."""
    if _ENVIRONMENT.fullmatch(location):
        return f"query of {location}"
    return f"query of {Path(url.database).name if url.database else url.get_backend_name()}"


def _kind(error: Exception) -> str:
    state = getattr(getattr(error, "orig", None), "sqlstate", None)
    return f"{type(error).__name__}, SQLSTATE {state}" if state else type(error).__name__


def _failed(what: str, where: str) -> Refusal:
    return refuse(
        what,
        where=where,
        rule="a location of format sql answers its query",
        do="try the query with the database's own client under the same account",
    )
