"""The judge by itself: what it imports, how it reads, and that its tables are those that counting all of them finds."""

from __future__ import annotations

import ast
import datetime as dt
import random
import sys
from itertools import product
from pathlib import Path

import pytest

from judge.classes import Chosen, Classes, classes_of
from judge.dictionary import Dataset, Field, datasets
from judge.holdings import DICTIONARY
from judge.policies import BEYOND, Could, Policy
from judge.predicates import NotCoveredError, Row, literals_of, truth
from judge.published import MINORITY, UNKNOWN, WHITE, Had, Whom
from judge.tables import ImpossibleError, People, Tables

HERE = Path(__file__).parent
CATALOGUE = HERE.parents[1] / "catalogue"
OTHERS = {"judge", "ortools", "sqlglot", "yaml"}


def test_the_judge_imports_nothing_of_what_it_judges() -> None:
    modules = [file for file in HERE.glob("*.py") if not file.name.startswith("test_")]
    assert len(modules) > 5
    imported = set()
    for file in modules:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {name.name.partition(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0
                imported.add(str(node.module).partition(".")[0])
    assert imported - sys.stdlib_module_names == OTHERS


ROW: Row = {
    "flag": True,
    "off": False,
    "band": "A",
    "cost": 5.0,
    "day": float(dt.date(2026, 7, 1).toordinal()),
    "none": None,
}


@pytest.mark.parametrize(
    ("sql", "is_true"),
    [
        ("TRUE", True),
        ("flag AND NOT off", True),
        ("off OR none", None),
        ("flag OR none", True),
        ("off AND none", False),
        ("NOT none", None),
        ("none IS NULL", True),
        ("none IS NOT NULL", False),
        ("NOT none IS NULL", False),
        ("band = 'A'", True),
        ("'B' = band", False),
        ("band <> 'B'", True),
        ("band NOT IN ('B', 'C')", True),
        ("none IN ('B')", None),
        ("none = 'A'", None),
        ("cost > 5", False),
        ("cost >= 5 AND cost < 5.5", True),
        ("cost BETWEEN -1 AND 4", False),
        ("day > DATE '2026-07-01'", False),
        ("day <= DATE '2026-07-01'", True),
    ],
)
def test_a_predicate_is_true_false_or_not_known_of_a_row(sql: str, is_true: bool | None) -> None:
    assert truth(sql, ROW) is is_true


def test_what_the_judge_cannot_read_it_says() -> None:
    with pytest.raises(NotCoveredError):
        truth("cost + 1 > 5", ROW)
    with pytest.raises(NotCoveredError):
        list(literals_of("opened < completed", "opened"))


ROUNDED = Policy(8, {"high": 11}, (), 5, 5)


@pytest.mark.parametrize(
    ("shown", "status", "sensitivity", "compared", "could"),
    [
        ("10", "", "low", False, Could(8, 12, False)),
        ("10", "", "high", False, Could(11, 12, False)),
        ("15", "", "low", False, Could(13, 17, False)),
        ("0", "", "high", False, Could(0, 0, False)),
        ("", "[c]", "low", True, Could(1, 10, True)),
        ("", "[c]", "low", False, Could(1, BEYOND, True)),
        ("", "[x]", "low", False, None),
    ],
)
def test_what_a_published_count_could_be(
    shown: str, status: str, sensitivity: str, compared: bool, could: Could | None
) -> None:
    assert ROUNDED.could_be(shown, status, sensitivity, compared=compared) == could


def test_every_true_count_is_one_that_what_is_shown_of_it_could_be() -> None:
    for to, threshold in ((1, 10), (3, 6), (5, 8), (10, 7)):
        policy = Policy(threshold, {}, (), to, 5)
        for true in range(threshold, 60):
            shown = str(to * ((true + to // 2) // to))
            could = policy.could_be(shown, "", "low", compared=False)
            assert could is not None
            assert could.least <= true <= could.greatest


def test_the_dictionary_says_which_rows_there_are_and_which_values_a_field_takes() -> None:
    described = datasets(DICTIONARY, CATALOGUE)
    assert described["staff_in_post"].cadence == "snapshot"
    assert described["learning_budget"].fields["cost"] == Field("pounds", may_be_empty=False, least=0)
    assert len(described["leavers"].fields["reason"].values) == 39
    assert described["staff_survey"].fields["equal_opportunity"].values == ("Yes", "No", "Don't know")
    assert "appointed AND NOT offered" in described["recruitment"].rejected
    assert "NOT approved AND completed" in described["learning_budget"].rejected


def of_recruitment(*predicates: str, empty: set[str] | None = None) -> list[frozenset[int]]:
    recruitment = datasets(DICTIONARY, CATALOGUE)["recruitment"]
    asked = [Whom("recruitment", true=(each,)) for each in predicates]
    classes = classes_of(recruitment, asked, (), {}, empty or set())
    return [classes.of_whom[each] for each in asked]


def test_the_rules_of_a_dataset_say_who_is_among_whom() -> None:
    appointed, offered, declined, not_taken_up, shortlisted = of_recruitment(
        "appointed", "offered", "declined", "offered AND NOT appointed", "shortlisted"
    )
    assert appointed < offered < shortlisted
    assert declined < not_taken_up == offered - appointed
    appointed, offered = of_recruitment("appointed", "offered", empty={"offered"})
    assert not appointed <= offered, "whose offer is not recorded may have been appointed"


def test_the_same_people_are_of_the_same_classes_however_they_are_spelt() -> None:
    staff = Dataset(
        "snapshot",
        {
            "band": Field("category", may_be_empty=False, values=("A", "B", "C")),
            "a": Field("flag", may_be_empty=False),
            "b": Field("flag", may_be_empty=False),
        },
        (),
    )
    spelt = [
        "a OR b",
        "NOT (NOT a AND NOT b)",
        "band = 'A'",
        "NOT band IN ('B', 'C')",
        "NOT a",
        "band <> 'A'",
    ]
    asked = [Whom("staff", true=(each,)) for each in spelt]
    classes = classes_of(staff, asked, ("band",), {}, ())
    either, as_well, of_a, not_of_others, _, other = (classes.of_whom[each] for each in asked)
    assert either == as_well
    assert of_a == not_of_others
    assert classes.at_level(asked[2], "band", "A") == classes.whole(asked[2])
    assert classes.at_level(asked[5], "band", "A").levels == frozenset()
    assert classes.at_level(asked[5], "band", "B") != classes.whole(asked[5])
    assert of_a.isdisjoint(other)


def test_who_had_the_narrower_of_two_linked_events_had_the_wider() -> None:
    described = datasets(DICTIONARY, CATALOGUE)
    learning = described["learning_budget"]
    linked = {
        Had("had_any", "learning_budget", ("completed",), 4): learning,
        Had("had_some", "learning_budget", ("completed", "training = 'mandatory'"), 4): learning,
        Had("had_lately", "learning_budget", ("completed",), 1): learning,
    }
    asked = [Whom("staff_in_post", true=(had.field,)) for had in linked]
    classes = classes_of(described["staff_in_post"], asked, (), linked, ())
    had_any, some, lately = (classes.of_whom[each] for each in asked)
    assert some < had_any
    assert lately < had_any
    assert some - lately
    assert lately - some


def whole(*numbers: int) -> Chosen:
    return Chosen("", frozenset((number, frozenset[str]()) for number in numbers))


def test_least_and_greatest_are_those_of_all_tables_counted_one_by_one() -> None:
    draw = random.Random(14)
    classes = Classes(2, {}, {})
    groups = {each: frozenset({each}) for each in (WHITE, MINORITY, UNKNOWN)}
    everyone = frozenset(groups)
    kinds = [
        People(1, 1, whole(*numbers), ethnicities)
        for numbers in ((0,), (1,), (0, 1))
        for ethnicities in (everyone, *groups.values())
    ]
    tables = [table for table in product(range(8), repeat=6) if sum(table) == 7]
    for _ in range(6):
        true = draw.choice(tables)
        counts = {People(1, 1, whole(0, 1), everyone): Could(7, 7, hidden=False)}
        for people in draw.sample(kinds, 5):
            count = _sum(people, true)
            least, greatest = max(0, count - draw.randint(0, 2)), count + draw.randint(0, 1)
            counts.setdefault(people, Could(least, greatest, hidden=True))
        possible = [
            table
            for table in tables
            if all(could.least <= _sum(people, table) <= could.greatest for people, could in counts.items())
        ]
        solved = Tables(classes, groups, counts, kinds, seconds=20)
        for people in kinds:
            found = [_sum(people, table) for table in possible]
            assert (solved.least_of(people), solved.greatest_of(people)) == (min(found), max(found))
            assert solved.reaches(people, max(found)) is True
            assert solved.reaches(people, max(found) + 1) is False


def _sum(people: People, table: tuple[int, ...]) -> int:
    at = {
        (number, each): 3 * number + place
        for number in (0, 1)
        for place, each in enumerate((WHITE, MINORITY, UNKNOWN))
    }
    return sum(table[at[number, each]] for number in people.chosen.numbers for each in people.ethnicities)


def test_what_no_table_has_is_impossible() -> None:
    groups = {each: frozenset({each}) for each in (WHITE, MINORITY, UNKNOWN)}
    part, all_of_them = (People(1, 1, whole(*numbers), frozenset({WHITE})) for numbers in ((0,), (0, 1)))
    counts = {part: Could(6, 7, hidden=False), all_of_them: Could(2, 5, hidden=False)}
    with pytest.raises(ImpossibleError):
        Tables(Classes(2, {}, {}), groups, counts, (), seconds=20)


def test_quarters_that_windows_divide_add_up_over_reports() -> None:
    groups = {each: frozenset({each}) for each in (WHITE, MINORITY, UNKNOWN)}
    year, *quarters = (
        People(first, last, whole(0), frozenset({WHITE}))
        for first, last in ((1, 4), (1, 1), (2, 2), (3, 3), (4, 4))
    )
    shown = zip((year, *quarters[:3]), (50, 20, 15, 12), strict=True)
    counts = {people: Could(count, count, hidden=False) for people, count in shown}
    counts[quarters[3]] = Could(1, BEYOND, hidden=True)
    tables = Tables(Classes(1, {}, {}), groups, counts, (), seconds=20)
    assert (tables.least_of(quarters[3]), tables.greatest_of(quarters[3])) == (3, 3)
