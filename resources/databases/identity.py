"""To which storage a database belongs, whether it is whole, and whether two are one and the same.

What follows from that is `resources.belonging`'s.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine, MetaData, delete, insert, inspect, select, text
from sqlalchemy.orm import Session

from disparity.refusal import refuse
from resources.databases.internal import InternalBase, InternalIdentity
from resources.databases.opening import Kind, named, writing
from resources.databases.results import ResultsBase, ResultsIdentity
from resources.register import Known

_IDENTITY: dict[Kind, type[InternalIdentity] | type[ResultsIdentity]] = {
    "internal": InternalIdentity,
    "results": ResultsIdentity,
}
_TABLES: dict[Kind, MetaData] = {"internal": InternalBase.metadata, "results": ResultsBase.metadata}


def known_as(kind: Kind, engine: Engine) -> Known | None:
    """Return to which storage a database belongs; None where it does not say."""
    table = _IDENTITY[kind]
    with Session(engine) as session:
        found = session.execute(select(table.identity, table.opened)).first()
        return Known(*found) if found else None


def make_known(kind: Kind, engine: Engine, known: Known) -> None:
    """Record to which storage a database belongs, and how often that was opened."""
    table = _IDENTITY[kind]
    with writing(engine) as session:
        session.execute(delete(table))
        session.execute(insert(table).values(identity=known.identity, opened=known.opened))


def is_empty(kind: Kind, engine: Engine) -> bool:
    """Return whether nothing was ever kept in a database."""
    tables = [each for each in _TABLES[kind].sorted_tables if each.name != f"{kind}_identity"]
    with engine.connect() as connection:
        return all(connection.execute(select(each).limit(1)).first() is None for each in tables)


def refuse_without_tables(kind: Kind, engine: Engine) -> None:
    """Raise Refusal where tables of a database are gone."""
    gone = sorted(_TABLES[kind].tables.keys() - set(inspect(engine).get_table_names()))
    if gone:
        raise refuse(
            f"tables are gone: {', '.join(gone)}",
            where=named(kind, engine),
            rule="a database is opened with all its tables",
            do="bring it back from a backup made together with the rest of the storage; where there is none, move it away: "
            "it is then lost, and every command says what can be done about that",
        )


def are_one(one: Engine, other: Engine) -> bool:
    """Return whether two engines write to the same tables, by whatever addresses."""
    if one.dialect.name != other.dialect.name:
        return False
    if one.dialect.name == "sqlite":
        return Path(one.url.database or "").samefile(other.url.database or "")
    where = text("SELECT pg_postmaster_start_time(), current_database(), current_schema()")
    with one.connect() as first, other.connect() as second:
        return first.execute(where).one() == second.execute(where).one()
