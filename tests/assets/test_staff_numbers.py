"""Staff numbers, from extracts to counts: what stands for nobody, what matches nobody, and what zeros would put right."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.counting import records_held
from assets.noticing import noticed, quality_notes
from assets.receiving import receive
from assets.recording import keep_records, verdicts
from assets.staff_numbers import NotInPost, sentences_for_readers, sentences_of, words_of_strangers
from disparity.catalogue.policies import Policy
from disparity.counts.counting import count
from disparity.datasets import DATASETS
from disparity.disclosure import shown_count
from disparity.periods import Quarter
from pipelines.definitions import definitions_for
from resources.lake import Entry
from resources.settings import Settings
from resources.workplace import Workplace

CASES = Path(__file__).parents[1] / "cases"
QUARTER = Quarter.from_key("2026-07-01")
LEARNING = DATASETS["learning_budget"]
POLICY = Policy(
    title="Threshold 8, rounded to 5", why="a test", threshold=8, round_to=5, percent_decimals=0, pounds_round_to=10,
    least_interval=5,
)  # fmt: skip
EXACT = POLICY.model_copy(update={"round_to": 1})

Place = Callable[..., Workplace]


@pytest.fixture
def place(cases_catalogue: Callable[..., Path], tmp_path: Path) -> Place:
    """Make a workplace of cases, or of contents, by dataset; ``changes`` by dataset are laid over its sources."""

    def made(extracts: Mapping[str, str], **changes: dict[str, Any]) -> Workplace:
        landing = tmp_path / "landing"
        landing.mkdir()
        for dataset, case in extracts.items():
            content = (CASES / case).read_text(encoding="utf-8") if case.endswith(".csv") else case
            (landing / f"{dataset}.csv").write_text(content, encoding="utf-8")
        return Workplace(
            Settings.from_environment(
                {},
                catalogue=cases_catalogue(tmp_path / "catalogue", **changes),
                landing=landing,
                storage=tmp_path / "storage",
            )
        )

    return made


def taken_in(workplace: Workplace, dataset: str, quarter: Quarter = QUARTER) -> Entry:
    """Receive an extract and keep its records, as their two assets do."""
    receive(workplace, DATASETS[dataset], quarter)
    return keep_records(workplace, DATASETS[dataset], quarter)


WITHOUT_ZEROS = {
    "staff_in_post": "staff_numbers_without_zeros_staff.csv",
    "learning_budget": "staff_numbers_without_zeros_learning.csv",
}


def trained(workplace: Workplace) -> list[float]:
    """Count non-mandatory training over the one quarter there is, in percent: White and ethnic minority."""
    name = "non_mandatory_training"
    indicator = workplace.catalogue.indicators[name].model_copy(update={"quarters": 1, "breakdowns": ()})
    records = records_held(workplace, QUARTER, 1)
    (row,) = (
        count({name: indicator}, workplace.predicates, records, QUARTER)
        .counts.filter(breakdown="all")
        .to_dicts()
    )
    return [100 * row[f"{group}_events"] / row[f"{group}_base"] for group in ("reference", "group")]


# ------------------------------------------------------------- a third of the numbers without their zeros


def test_rows_whose_numbers_lost_their_zeros_are_said_with_what_would_match_them(place: Place) -> None:
    workplace = place(WITHOUT_ZEROS)
    taken_in(workplace, "staff_in_post")
    facts = taken_in(workplace, "learning_budget").facts
    assert facts["not_in_post"] == NotInPost(accepted=160, rows=53, found_with_zeros=53, lists=1)
    assert trained(workplace) == pytest.approx([27, 13.5], abs=0.4)
    (said,) = noticed(workplace, QUARTER, workplace.policy("restricted"))
    assert said.startswith(
        "Learning and development budget: about 55 of about 160 rows are of people who are not in"
    )
    assert "With zeros put in front of their numbers, all of them would be found" in said
    assert "export staff numbers as text" in said
    assert "set digits for person under learning_budget and staff_in_post in sources.yaml" in said
    # Readers of the report learn what its figures leave out, and nothing of settings.
    assert list(quality_notes(workplace, QUARTER, workplace.policy("published"))) == [
        "Learning and development budget: about 55 of about 160 rows are of people who are not in the only staff list "
        "there is of this quarter and the last, and figures that join the two leave them out."
    ]
    passed, words = verdicts(workplace, LEARNING, facts)["everyone_was_in_post"]
    assert passed is False
    assert words in said


@pytest.mark.parametrize("digits", [8, 9])
def test_zeros_are_put_back_where_the_sources_say_how_many_digits_there_are(
    place: Place, digits: int
) -> None:
    eight = {"digits": {"person": digits}}
    workplace = place(WITHOUT_ZEROS, learning_budget=eight, staff_in_post=eight)
    taken_in(workplace, "staff_in_post")
    facts = taken_in(workplace, "learning_budget").facts
    assert facts["not_in_post"] == NotInPost(accepted=160, rows=0, found_with_zeros=0, lists=1)
    assert trained(workplace) == [40, 20]
    assert not list(noticed(workplace, QUARTER, workplace.policy("restricted")))
    assert verdicts(workplace, LEARNING, facts)["everyone_was_in_post"][0] is True


def test_zeros_that_the_staff_list_lost_are_seen_as_well(place: Place) -> None:
    staff = (CASES / WITHOUT_ZEROS["staff_in_post"]).read_text(encoding="utf-8")
    workplace = place({**WITHOUT_ZEROS, "staff_in_post": re.sub(r"(?m)^0+", "", staff)})
    taken_in(workplace, "staff_in_post")
    facts = taken_in(workplace, "learning_budget").facts
    assert facts["not_in_post"] == NotInPost(accepted=160, rows=107, found_with_zeros=107, lists=1)


def test_numbers_that_no_zeros_bring_together_are_said_without_that(place: Place) -> None:
    staff = (CASES / WITHOUT_ZEROS["staff_in_post"]).read_text(encoding="utf-8")
    workplace = place({**WITHOUT_ZEROS, "staff_in_post": re.sub(r"(?m)^0", "E", staff)})
    taken_in(workplace, "staff_in_post")
    facts = taken_in(workplace, "learning_budget").facts
    assert facts["not_in_post"] == NotInPost(accepted=160, rows=160, found_with_zeros=0, lists=1)
    (said,) = noticed(workplace, QUARTER, workplace.policy("restricted"))
    assert "all rows are of people who are not in the only staff list" in said
    assert "zeros" not in said
    # With one list of two, they may stand in the other: that is not known, and not passed.
    passed, words = verdicts(workplace, LEARNING, facts)["everyone_was_in_post"]
    assert passed is None
    assert words.startswith("not known: ")


def test_the_list_of_the_quarter_before_is_looked_in_too(place: Place) -> None:
    header, *lines = (CASES / WITHOUT_ZEROS["staff_in_post"]).read_text(encoding="utf-8").splitlines()
    workplace = place({**WITHOUT_ZEROS, "staff_in_post": "\n".join([header, *lines[:300]])})
    before = QUARTER.plus(-1)
    taken_in(workplace, "staff_in_post", before)
    landing = workplace.settings.landing / "staff_in_post.csv"
    landing.write_text("\n".join([header, *lines[300:]]), encoding="utf-8")
    taken_in(workplace, "staff_in_post")
    facts = taken_in(workplace, "learning_budget").facts
    assert facts["not_in_post"] == NotInPost(accepted=160, rows=53, found_with_zeros=53, lists=2)
    (said,) = noticed(workplace, QUARTER, workplace.policy("published"))
    assert "in neither this quarter's nor the last quarter's staff in post" in said
    assert "who joined and left in between rightly is not" in said


# ------------------------------------------------------------- what stands for nobody


def test_what_stands_for_nobody_is_rejected_by_row_and_reason(place: Place) -> None:
    workplace = place({"leavers": "what_stands_for_a_staff_number.csv"})
    entry = taken_in(workplace, "leavers")
    rejected = entry.scan("rejected").collect()
    assert rejected.select("row_number", "column", "rule").rows() == [
        (4, "person", "no identifier: a number with a decimal point or comma"),
        (5, "person", "no identifier: written as a formula"),
        (6, "person", "no identifier: quotation marks stand around or before it"),
        (7, "person", "no identifier: a number in scientific notation (its digits are lost)"),
        (8, "person", "no identifier: an error of a spreadsheet"),
        (9, "person", "no identifier: a word or sign that stands for nothing"),
        (10, "person", "no identifier: a word or sign that stands for nothing"),
    ]
    accepted = entry.scan("accepted").collect()
    assert accepted["row_number"].to_list() == [2, 3]
    assert accepted["person"].n_unique() == 2
    assert entry.facts["apart_by_zeros"] == {"person": 2}
    passed, words = verdicts(workplace, DATASETS["leavers"], entry.facts)["numbers_keep_their_zeros"]
    assert passed is False
    assert words.startswith(
        "fewer than 8 numbers under person differ from another one by zeros in front alone"
    )
    (said,) = noticed(workplace, QUARTER, workplace.policy("published"))
    assert f"Leavers: {words}." == said


def test_numbers_filled_to_their_digits_are_one_person(place: Place) -> None:
    workplace = place({"leavers": "what_stands_for_a_staff_number.csv"}, leavers={"digits": {"person": 5}})
    entry = taken_in(workplace, "leavers")
    assert entry.scan("accepted").collect()["row_number"].to_list() == [2]
    assert (3, "person", "the same row stands before") in entry.scan("rejected").collect().select(
        "row_number", "column", "rule"
    ).rows()
    assert entry.facts["apart_by_zeros"] == {}


# ------------------------------------------------------------- not known is not passed


def test_without_a_staff_list_it_is_not_known_whether_anybody_was_in_post(place: Place) -> None:
    workplace = place({"learning_budget": WITHOUT_ZEROS["learning_budget"]})
    facts = taken_in(workplace, "learning_budget").facts
    passed, words = verdicts(workplace, LEARNING, facts)["everyone_was_in_post"]
    assert (passed, words) == (None, "not known: there is no staff list of this quarter or the last")


@pytest.mark.parametrize("content", [None, "<html>", "Employee Number\n1\n"])
def test_of_an_extract_that_was_not_read_no_check_is_passed(place: Place, content: str | None) -> None:
    workplace = place({"leavers": content} if content else {})
    facts = taken_in(workplace, "leavers").facts
    judged = verdicts(workplace, DATASETS["leavers"], facts)
    assert {passed for passed, _ in judged.values()} == {None}
    assert all(words.startswith("not known: ") for _, words in judged.values())


def test_of_no_rows_the_share_of_known_ethnicity_is_not_known(place: Place) -> None:
    headings = "Employee Number,Termination Date,Ethnic Origin,Reason,Band,Directorate\n"
    workplace = place({"leavers": headings}, leavers={"may_be_empty": True})
    facts = taken_in(workplace, "leavers").facts
    judged = verdicts(workplace, DATASETS["leavers"], facts)
    assert judged["ethnicity_known_for_most_staff"] == (None, "not known: there are no rows")
    assert judged["every_row_accounted_for"][0] is True


def test_of_a_refused_extract_it_is_not_known_who_was_in_post(place: Place) -> None:
    workplace = place({"leavers": "what_stands_for_a_staff_number.csv"})
    facts = taken_in(workplace, "leavers").facts
    judged = verdicts(workplace, DATASETS["leavers"], facts)
    assert judged["everyone_was_in_post"] == (None, "not known: the extract was refused")
    assert judged["rejects_within_the_limit"][0] is False


def test_on_the_page_of_a_run_it_is_a_warning_and_in_its_log(place: Place) -> None:
    workplace = place(WITHOUT_ZEROS)
    names = ("staff_in_post", "learning_budget", "leavers")
    chosen = [dg.AssetKey([stage, name]) for stage in ("received", "records") for name in names]
    job = definitions_for(workplace).resolve_implicit_global_asset_job_def()
    with dg.DagsterInstance.ephemeral() as instance:
        result = job.execute_in_process(asset_selection=chosen, partition_key=QUARTER.key, instance=instance)
        log = [
            each.user_message for each in instance.all_logs(result.run_id) if each.level == logging.WARNING
        ]
    checks = {
        (each.asset_key.path[1], each.check_name): each
        for each in result.get_asset_check_evaluations()
        if each.asset_key.path[0] == "records"
    }
    words = "about 55 of about 160 rows are of people who are not in the only staff list"
    for name, said in (("learning_budget", words), ("leavers", "not known: no row was judged")):
        check = checks[name, "everyone_was_in_post"]
        assert (check.passed, check.severity) == (False, dg.AssetCheckSeverity.WARN)
        assert str(check.metadata["in words"].value).startswith(said)
    # What could not be made is a warning, even where what is wrong would be an error.
    sums = checks["leavers", "every_row_accounted_for"]
    assert (sums.passed, sums.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert checks["learning_budget", "every_row_accounted_for"].passed
    (warned,) = [line for line in log if "staff list" in line]
    assert warned.startswith(f"Learning and development budget of Jul to Sep 2026: {words}")


# ------------------------------------------------------------- sentences by a policy


def found(rows: int, accepted: int, with_zeros: int = 0) -> NotInPost:
    return NotInPost(accepted=accepted, rows=rows, found_with_zeros=with_zeros, lists=2)


@pytest.mark.parametrize(
    ("rows", "accepted", "rounded", "exact"),
    [
        (53, 160, "about 55 of about 160 rows", "53 of 160 rows"),
        (3, 160, "fewer than 8 of about 160 rows", "fewer than 8 of 160 rows"),
        (157, 160, "all but fewer than 8 of about 160 rows", "all but fewer than 8 of 160 rows"),
        (3, 5, "fewer than 8 rows", "fewer than 8 rows"),
        (160, 160, "all rows", "all rows"),
    ],
)
def test_neither_the_rows_nor_those_left_over_are_a_count_the_policy_hides(
    rows: int, accepted: int, rounded: str, exact: str
) -> None:
    for policy, words in ((POLICY, rounded), (EXACT, exact)):
        assert words_of_strangers(found(rows, accepted), LEARNING, policy).startswith(
            f"{words} are of people"
        )


@given(st.integers(0, 60), st.integers(0, 60), st.sampled_from([POLICY, EXACT]))
def test_a_sentence_depends_on_what_the_policy_shows_alone(rows: int, others: int, policy: Policy) -> None:
    """Any other counts that are shown alike, of the rows, of those left over and of all, give the very same sentence."""

    def alike(count: int) -> Iterator[int]:
        return (each for each in range(130) if shown_count(each, policy) == shown_count(count, policy))

    said = words_of_strangers(found(rows, rows + others), LEARNING, policy)
    for other in alike(rows):
        for rest in alike(others):
            if shown_count(other + rest, policy) == shown_count(rows + others, policy):
                assert words_of_strangers(found(other, other + rest), LEARNING, policy) == said


def test_how_many_zeros_would_bring_back_is_said_without_a_number() -> None:
    for with_zeros, words in ((53, "all of them would be found"), (52, "some of them"), (1, "some of them")):
        said = words_of_strangers(found(53, 160, with_zeros), LEARNING, EXACT)
        assert words in said
        assert re.findall(r"\d+", said) == ["53", "160"]


@pytest.mark.parametrize(
    ("rows", "accepted", "said"),
    [(3, 100, False), (7, 100, False), (8, 500, True), (8, 520, False), (0, 160, False), (160, 160, True)],
)
def test_a_report_says_so_where_the_counts_it_shows_are_one_in_fifty(
    rows: int, accepted: int, said: bool
) -> None:
    facts = {"not_in_post": found(rows, accepted)}
    assert bool(list(sentences_for_readers(facts, LEARNING, POLICY))) is said
    assert bool(list(sentences_of(facts, LEARNING, POLICY))) is (rows > 0)


def test_a_report_says_that_one_may_be_counted_as_two_where_it_may_say_how_many() -> None:
    for numbers, said in (
        (7, []),
        (20, ["about 20 numbers differ from another one by zeros in front alone"]),
    ):
        notes = list(sentences_for_readers({"apart_by_zeros": {"person": numbers}}, LEARNING, POLICY))
        assert [each.partition(": ")[2].partition(",")[0] for each in notes] == said


def test_records_of_an_earlier_version_say_nothing_of_their_numbers() -> None:
    assert not list(sentences_of({"state": "received", "rows_accepted": 160}, LEARNING, POLICY))


def test_what_was_received_by_an_earlier_version_still_opens(place: Place) -> None:
    workplace = place(WITHOUT_ZEROS)
    taken_in(workplace, "staff_in_post")
    received = receive(workplace, LEARNING, QUARTER)
    older = received.scan("text").drop("person_without_zeros", "request_without_zeros").collect()
    workplace.lake.put("received/learning_budget", QUARTER, received.facts, {"text.parquet": older})
    facts = keep_records(workplace, LEARNING, QUARTER).facts
    # Those in full cannot be told without zeros, and match as they are; those without zeros match the list's numbers.
    assert facts["not_in_post"] == NotInPost(accepted=160, rows=53, found_with_zeros=53, lists=1)
    assert facts["apart_by_zeros"] == {}
