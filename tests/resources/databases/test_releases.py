"""Tests of releases, approvals and publications."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa

from disparity.periods import Quarter
from disparity.refusal import Refusal
from resources.databases import (
    approve,
    is_approved,
    latest_release,
    open_database,
    published_quarters,
    record_publication,
    save_release,
)

SUMMER = Quarter.from_key("2026-07-01")
NOON = dt.datetime(2026, 10, 15, 12, tzinfo=dt.UTC)
LATER = NOON + dt.timedelta(hours=1)
OLD, NEW = "a" * 64, "b" * 64


@pytest.fixture
def results(new_url: Callable[[], str]) -> Iterator[sa.Engine]:
    """An empty results database."""
    engine = open_database("results", new_url())
    yield engine
    engine.dispose()


def test_the_same_release_again_changes_nothing(results: sa.Engine) -> None:
    first = save_release(results, "restricted", SUMMER, 1, OLD, state="released", released_at=NOON)
    assert save_release(results, "restricted", SUMMER, 1, OLD, state="released", released_at=LATER) == first
    found = latest_release(results, "restricted", SUMMER)
    assert found is not None
    assert (found.id, found.vintage, found.content_sha256, found.state) == (first, 1, OLD, "released")
    assert (found.released_at, found.released_at.tzinfo) == (NOON, dt.UTC)


def test_a_time_in_another_zone_is_kept_as_utc(results: sa.Engine) -> None:
    save_release(
        results,
        "restricted",
        SUMMER,
        1,
        OLD,
        state="released",
        released_at=NOON.astimezone(dt.timezone(dt.timedelta(hours=1))),
    )
    found = latest_release(results, "restricted", SUMMER)
    assert found is not None
    assert found.released_at.isoformat() == NOON.isoformat()


def test_a_time_without_a_zone_is_an_error(results: sa.Engine) -> None:
    with pytest.raises(sa.exc.StatementError, match="time zone"):
        save_release(
            results, "restricted", SUMMER, 1, OLD, state="released", released_at=NOON.replace(tzinfo=None)
        )


def test_an_approval_is_of_one_content(results: sa.Engine) -> None:
    first = save_release(results, "restricted", SUMMER, 1, OLD, state="released", released_at=NOON)
    assert not is_approved(results, first)
    approve(results, first, "A. Director", NOON)
    approve(results, first, "Somebody Else", LATER)
    assert is_approved(results, first)
    second = save_release(results, "restricted", SUMMER, 1, NEW, state="released", released_at=LATER)
    assert second != first
    assert not is_approved(results, second)
    with results.connect() as connection:
        assert connection.execute(sa.text("SELECT approved_by FROM approval")).all() == [("A. Director",)]


def test_content_that_comes_back_is_the_latest_again_with_its_approval(results: sa.Engine) -> None:
    first = save_release(results, "restricted", SUMMER, 1, OLD, state="released", released_at=NOON)
    approve(results, first, "A. Director", NOON)
    save_release(results, "restricted", SUMMER, 1, NEW, state="released", released_at=LATER)
    assert (
        save_release(
            results, "restricted", SUMMER, 1, OLD, state="released", released_at=LATER + dt.timedelta(hours=1)
        )
        == first
    )
    found = latest_release(results, "restricted", SUMMER)
    assert found is not None
    assert found.id == first
    assert is_approved(results, found.id)


def test_a_release_held_back_is_neither_approved_nor_stays_so(results: sa.Engine) -> None:
    held = save_release(results, "restricted", SUMMER, 1, OLD, state="held", released_at=NOON)
    with pytest.raises(Refusal, match="held back"):
        approve(results, held, "A. Director", NOON)
    assert save_release(results, "restricted", SUMMER, 1, OLD, state="released", released_at=LATER) == held
    approve(results, held, "A. Director", LATER)
    assert is_approved(results, held)
    save_release(results, "restricted", SUMMER, 1, OLD, state="held", released_at=LATER)
    assert not is_approved(results, held)


def test_a_release_that_is_not_there_is_not_approved(results: sa.Engine) -> None:
    with pytest.raises(Refusal, match="no such release"):
        approve(results, 7, "A. Director", NOON)
    assert latest_release(results, "restricted", SUMMER) is None


def test_published_quarters_are_oldest_first_with_their_latest_vintage(results: sa.Engine) -> None:
    for quarter, vintage, at in (
        (SUMMER, 1, NOON),
        (SUMMER.plus(-1), 1, NOON),
        (SUMMER, 2, LATER),
        (SUMMER, 2, NOON),
    ):
        record_publication(results, "published", quarter, vintage, at)
    assert list(published_quarters(results, "published").items()) == [(SUMMER.plus(-1), 1), (SUMMER, 2)]
    assert published_quarters(results, "restricted") == {}
    with results.connect() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM publication")).scalar() == 3
