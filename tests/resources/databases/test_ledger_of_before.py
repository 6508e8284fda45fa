"""A ledger of revision internal_0002 opens: people stand by predicates, and each line says whether it is hidden."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import alembic.command
import pytest
import sqlalchemy as sa

from disparity.catalogue.vocabulary import columns_of_all, vocabulary_of
from disparity.disclosure.ledger import asked_in
from disparity.populations.naming import Naming
from disparity.populations.people import People
from resources.catalogue import DEFAULT, load_catalogue
from resources.databases import ledger_for, open_database, recorded_for

TRAINED = "had any of learning_budget where training = 'non_mandatory' AND completed in 2025-10-01"
NOW_TRAINED = "had any of learning_budget where (training = 'non_mandatory') AND (completed) in 2025-10-01"
DID_NOT_ANSWER = (
    "answered: NOT declined", "answered: appointed IS NOT NULL", "answered: declined IS NOT NULL", "answered: shortlisted",
    "asked: not known to lack NOT declined", "asked: shortlisted",
)  # fmt: skip
"""What an earlier version wrote of those whose appointment was not recorded."""

OF_BEFORE: dict[str, tuple[str, tuple[str, ...], bool]] = {
    "everybody": ("staff_in_post", (), False),
    "plain": ("recruitment", ("appointed", "appointed IS NOT NULL", "shortlisted"), False),
    "hidden": ("recruitment", ("internal",), False),
    "others of two": (
        "recruitment",
        ("other than internal AND shortlisted", "completed_date IS NOT NULL"),
        False,
    ),
    "others": ("staff_in_post", ("other than board_member",), False),
    "not others": ("staff_in_post", ("other than NOT board_member as answered",), False),
    "either": ("staff_in_post", ("other than band = 'Band 5' OR board_member",), False),
    "unanswered": ("did not answer of recruitment", DID_NOT_ANSWER, False),
    "counted": ("recruitment", ("as counted by shortlisted_each_quarter", "shortlisted"), False),
    "elsewhere": ("staff_in_post", (), True),
    "had": ("staff_in_post", (TRAINED, f"known whether {TRAINED}"), False),
}
"""By what it is an example of: dataset, conditions and whether it is of those elsewhere, as they were written before."""


@pytest.fixture
def migrated(new_url: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> Iterator[sa.Engine]:
    """Make a database of before, fill its ledger, and open it."""
    url, upgrade = new_url(), alembic.command.upgrade
    with monkeypatch.context() as patched:
        patched.setattr("alembic.command.upgrade", lambda config, _: upgrade(config, "internal_0002"))
        of_before = open_database("internal", url)
    lines = [
        {
            "audience": "published", "quarter": "2026-07-01", "vintage": 1, "position": at, "dataset": dataset,
            "conditions": "\n".join(conditions), "since": "2026-07-01", "until": "2026-07-01", "ethnicity": "white",
            "breakdown": "band" if elsewhere else "all", "level": "Band 5" if elsewhere else "all",
            "elsewhere": elsewhere, "true_count": at + 10,
            "shown": None if name in ("hidden", "unanswered") else at + 10, "low": 1, "high": 30,
        }
        for at, (name, (dataset, conditions, elsewhere)) in enumerate(OF_BEFORE.items())
    ]  # fmt: skip
    with of_before.begin() as connection:
        assert "hidden" not in {each["name"] for each in sa.inspect(connection).get_columns("ledger")}
        table = sa.table("ledger", *map(sa.column, lines[0]))
        connection.execute(sa.insert(table), lines)
    of_before.dispose()
    engine = open_database("internal", url)
    yield engine
    engine.dispose()


@pytest.fixture
def kept(migrated: sa.Engine) -> dict[str, dict[str, Any]]:
    rows = ledger_for(migrated, ["published"]).iter_rows(named=True)
    return dict(zip(OF_BEFORE, rows, strict=True))


def test_what_was_told_stays_and_it_is_said_what_was_hidden(kept: dict[str, dict[str, Any]]) -> None:
    assert [each["true_count"] for each in kept.values()] == [at + 10 for at in range(len(OF_BEFORE))]
    assert {(each["low"], each["high"]) for each in kept.values()} == {(1, 30)}
    hidden = [name for name, each in kept.items() if each["hidden"]]
    assert hidden == ["hidden"], (
        "of those who did not answer few were not shown, and nothing was hidden for them"
    )
    assert kept["unanswered"]["shown"] is None


def test_nothing_is_recorded_of_the_columns_of_before(migrated: sa.Engine) -> None:
    assert recorded_for(migrated, ["published"]) == []


@pytest.fixture
def named(migrated: sa.Engine, kept: dict[str, dict[str, Any]]) -> tuple[Naming, dict[str, People]]:
    asked = asked_in(ledger_for(migrated, ["published"]))
    naming = Naming(
        asked, columns_of_all(vocabulary_of(load_catalogue(DEFAULT))), {"staff_in_post": ("band",)}, {}
    )
    return naming, {name: naming.people(each) for name, each in zip(kept, asked, strict=True)}


@pytest.mark.parametrize(
    ("name", "predicate"),
    [
        ("everybody", "board_member OR NOT board_member"),
        ("plain", "appointed"),
        ("hidden", "internal"),
        ("others of two", "completed_date IS NOT NULL AND NOT (internal AND shortlisted)"),
        ("others", "NOT board_member"),
        ("not others", "board_member"),
        ("either", "band <> 'Band 5' AND NOT board_member"),
        ("counted", "shortlisted"),
        ("elsewhere", "band <> 'Band 5'"),
        (
            "unanswered",
            "shortlisted AND (declined IS NULL OR (NOT declined AND appointed IS NULL))",
        ),
    ],
)
def test_people_of_before_are_those_of_whom_it_was_true(
    named: tuple[Naming, dict[str, People]], name: str, predicate: str
) -> None:
    naming, people = named
    found = people[name]
    there = naming.domain(found.dataset.partition(" ")[0], found.since, found.until)
    assert there.whole(found.name) == there.where({predicate})


def test_another_count_of_the_same_people_says_in_its_dataset_whose_it_is(
    named: tuple[Naming, dict[str, People]],
) -> None:
    assert named[1]["counted"].dataset == "recruitment as counted by shortlisted_each_quarter"
    assert named[1]["unanswered"].dataset == "recruitment"


def test_what_staff_had_is_what_is_asked_for_now(
    migrated: sa.Engine, named: tuple[Naming, dict[str, People]]
) -> None:
    had = named[1]["had"]
    now = had.asked._replace(conditions=frozenset({NOW_TRAINED}))
    naming = Naming([had.asked, now], columns_of_all(vocabulary_of(load_catalogue(DEFAULT))), {}, {})
    assert naming.people(had.asked) == naming.people(now)
