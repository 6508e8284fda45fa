"""A database that stops while a step works: the step ends in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import dagster as dg
import pytest
import sqlalchemy as sa

from assets.stopping import stops_in_words
from resources.databases import open_database


@pytest.mark.postgresql
def test_a_server_that_ends_its_connections_ends_a_step_in_words(new_postgresql: Callable[[], str]) -> None:
    url = new_postgresql()
    engine = open_database("results", url)
    other = sa.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))

    @stops_in_words
    def working() -> Iterator[int]:
        with engine.connect() as connection:
            (ours,) = connection.execute(sa.text("SELECT pg_backend_pid()")).one()
            yield 1
            with other.connect() as ending:
                ending.execute(sa.text("SELECT pg_terminate_backend(:ours)"), {"ours": ours})
            connection.execute(sa.text("SELECT 'Quince'"))
            yield 2

    with pytest.raises(dg.Failure) as failed:
        list(working())
    engine.dispose()
    other.dispose()
    assert "a database stopped, cannot be reached" in str(failed.value.description)
    assert "Quince" not in str(failed.value.description)
    assert failed.value.__cause__ is None
    assert failed.value.__suppress_context__
