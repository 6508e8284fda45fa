"""Tests of releases, approvals and publications."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

import alembic.command
import pytest
import sqlalchemy as sa

from disparity.periods import Quarter
from disparity.refusal import Refusal
from resources.databases import (
    approve,
    approver_of,
    is_approved,
    latest_release,
    open_database,
    published_vintages,
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
    assert approver_of(results, first) is None
    assert approve(results, first, "A. Director", NOON) == "A. Director"
    assert approve(results, first, "Somebody Else", LATER) == "A. Director"
    assert is_approved(results, first)
    assert approver_of(results, first) == "A. Director"
    second = save_release(results, "restricted", SUMMER, 1, NEW, state="released", released_at=LATER)
    assert second != first
    assert not is_approved(results, second)
    with results.connect() as connection:
        assert connection.execute(sa.text("SELECT approved_by FROM approval")).all() == [("A. Director",)]


def test_a_held_release_between_the_same_content_twice_leaves_its_approval(results: sa.Engine) -> None:
    first = save_release(results, "restricted", SUMMER, 1, OLD, state="released", released_at=NOON)
    approve(results, first, "A. Director", NOON)
    save_release(results, "restricted", SUMMER, 2, NEW, state="held", released_at=LATER)
    again = LATER + dt.timedelta(hours=1)
    assert save_release(results, "restricted", SUMMER, 1, OLD, state="released", released_at=again) == first
    found = latest_release(results, "restricted", SUMMER)
    assert found is not None
    assert (found.id, found.vintage, found.state) == (first, 1, "released")
    assert is_approved(results, found.id)


@pytest.mark.parametrize(
    "name", ["", "   ", "\t\n", "\N{NO-BREAK SPACE}", "\N{ZERO WIDTH SPACE}", "--", "A" * 101]
)
def test_nobody_approves_without_a_name(results: sa.Engine, name: str) -> None:
    release = save_release(results, "restricted", SUMMER, 1, OLD, state="released", released_at=NOON)
    with pytest.raises(Refusal, match="a release is approved by a named person"):
        approve(results, release, name, NOON)
    assert approver_of(results, release) is None


@pytest.mark.parametrize(
    "name", ["A. Director\x1b[2J", "A. \N{RIGHT-TO-LEFT OVERRIDE}Director", "A.\x00Director"]
)
def test_a_name_shows_all_it_holds(results: sa.Engine, name: str) -> None:
    release = save_release(results, "restricted", SUMMER, 1, OLD, state="released", released_at=NOON)
    with pytest.raises(Refusal, match="the name holds characters that cannot be seen") as refused:
        approve(results, release, name, NOON)
    assert name not in str(refused.value)
    assert approver_of(results, release) is None


def test_a_name_is_kept_without_the_spaces_around_it(results: sa.Engine) -> None:
    release = save_release(results, "restricted", SUMMER, 1, OLD, state="released", released_at=NOON)
    assert approve(results, release, "  Zoë\n O'Neill ", NOON) == "Zoë O'Neill"


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


def test_the_latest_is_what_was_recorded_last_though_a_clock_was_once_a_year_ahead(
    results: sa.Engine,
) -> None:
    ahead = NOON + dt.timedelta(days=365)
    for state in ("released", "held"):
        save_release(results, "restricted", SUMMER, 1, OLD, state=state, released_at=ahead)
        second = save_release(results, "restricted", SUMMER, 2, NEW, state="released", released_at=NOON)
        found = latest_release(results, "restricted", SUMMER)
        assert found is not None
        assert (found.id, found.state, found.released_at) == (second, "released", NOON)


def test_a_storage_of_before_knows_the_latest_by_its_log_and_where_that_is_silent_by_the_time(
    new_url: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, upgrade, ahead = new_url(), alembic.command.upgrade, NOON + dt.timedelta(days=365)
    with monkeypatch.context() as patched:
        patched.setattr("alembic.command.upgrade", lambda config, _: upgrade(config, "results_0001"))
        of_before = open_database("results", url)
    releases = [
        (1, "restricted", NOON), (2, "restricted", ahead), (3, "restricted", LATER),
        (4, "published", LATER), (5, "published", NOON),
    ]  # fmt: skip
    columns = ("id", "audience", "quarter", "vintage", "content_sha256", "state", "released_at")
    with of_before.begin() as connection:
        table = sa.table("release", *map(sa.column, columns))
        for number, audience, at in releases:
            row = (number, audience, SUMMER.key, 1, f"{number:064x}", "released", at)
            connection.execute(sa.insert(table).values(dict(zip(columns, row, strict=True))))
        log = sa.table("audit_log", *map(sa.column, ("id", "at", "who", "what")))
        for line, number in enumerate((1, 2, 3, 1, 2, 1), start=1):
            said = (
                f"released restricted 2026-07-01 as release {number}"
                if line < 5
                else f"held restricted 2026-07-01, release {number}"
            )
            connection.execute(sa.insert(log).values(id=line, at=NOON, who="pipeline", what=said))
    approved = sa.table("approval", *map(sa.column, ("release_id", "approved_by", "approved_at")))
    with of_before.begin() as connection:
        connection.execute(
            sa.insert(approved).values(release_id=1, approved_by="A. Director", approved_at=NOON)
        )
    of_before.dispose()
    engine = open_database("results", url)
    by_log, by_time = (latest_release(engine, audience, SUMMER) for audience in ("restricted", "published"))
    assert by_log is not None
    assert by_time is not None
    assert (by_log.id, by_time.id) == (1, 4)
    assert approver_of(engine, 1) == "A. Director"
    engine.dispose()


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


def test_published_quarters_are_oldest_first_with_their_vintages(results: sa.Engine) -> None:
    for quarter, vintage, at in (
        (SUMMER, 1, NOON),
        (SUMMER.plus(-1), 1, NOON),
        (SUMMER, 2, LATER),
        (SUMMER, 2, NOON),
    ):
        record_publication(results, "published", quarter, vintage, at)
    assert list(published_vintages(results, "published").items()) == [
        (SUMMER.plus(-1), [1]),
        (SUMMER, [1, 2]),
    ]
    assert published_vintages(results, "restricted") == {}
    with results.connect() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM publication")).scalar() == 3
