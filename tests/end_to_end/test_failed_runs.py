"""A refused required extract: one step fails and says why, what follows is skipped, and the next quarter is untouched."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from disparity.periods import Quarter
from pipelines.commands.running import Outcome, publish_quarter, run_quarters
from pipelines.interface.processes import dagster_instance
from reports.release.estimates import read_indicators_csv
from resources.settings import Settings

REFUSED = Quarter.from_key("2026-04-01")
NEXT = REFUSED.plus(1)
AUDIENCES = ("analyst", "restricted", "published")


@dataclass(frozen=True)
class Ran:
    """What became of two quarters, the first of them without a required extract."""

    settings: Settings
    refused: Outcome
    publishing: Outcome
    following: Outcome


@pytest.fixture(scope="module")
def ran(few_indicators: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Ran:
    from pipelines.sample import write_sample

    place = tmp_path_factory.mktemp("failed")
    write_sample(place / "landing", quarters=4, staff=400)
    (place / "landing" / f"leavers_{REFUSED.key}_invented.csv").write_text(
        "<!DOCTYPE html><html>Sign in</html>"
    )
    few_indicators(place / "catalogue", "2025-10-01", quarters=4)
    folders = {name: place / name for name in ("catalogue", "landing", "storage")}
    settings = Settings.from_environment({}, **folders)
    return Ran(
        settings,
        run_quarters(settings, REFUSED, history=2),
        publish_quarter(settings, REFUSED, "A. Tester"),
        run_quarters(settings, NEXT, history=0),
    )


@pytest.fixture(scope="module")
def events(ran: Ran) -> dict[str, list[dg.DagsterEvent]]:
    """The events of each quarter's report, as Dagster keeps them, by the quarter's key."""
    with dagster_instance(ran.settings) as instance:
        runs = instance.get_runs(dg.RunsFilter(job_name="quarterly_report"))
        return {
            run.tags["dagster/partition"]: [
                entry.get_dagster_event() for entry in instance.all_logs(run.run_id) if entry.is_dagster_event
            ]
            for run in runs
        }


def _of(events: list[dg.DagsterEvent], kind: dg.DagsterEventType) -> list[Any]:
    return [event for event in events if event.event_type is kind]


def test_one_step_fails_and_its_words_are_the_refusal_the_folder_and_the_command(
    ran: Ran, events: dict[str, list[dg.DagsterEvent]]
) -> None:
    (failed,) = _of(events[REFUSED.key], dg.DagsterEventType.STEP_FAILURE)
    assert failed.step_key == "quality__required_extracts"
    error = failed.step_failure_data.error
    (whole,) = _of(events[REFUSED.key], dg.DagsterEventType.RUN_FAILURE)
    landing = ran.settings.landing
    for said in (error, whole.event_specific_data.error):
        assert (said.stack, said.cause, said.context) == ([], None, None)
        assert said.message.startswith("Apr to Jun 2026 is not released. Leavers: refused.")
        assert "HTML" in said.message
        assert f"It lies in {landing}; race-equality check {landing}/leavers_{REFUSED.key}_" in said.message
        assert f"--dataset leavers --quarter {REFUSED.key}" in said.message


def test_counts_are_materialised_as_not_received_and_what_follows_is_skipped(
    events: dict[str, list[dg.DagsterEvent]],
) -> None:
    made = {
        each.asset_key.to_user_string(): each.event_specific_data.materialization.metadata
        for each in _of(events[REFUSED.key], dg.DagsterEventType.ASSET_MATERIALIZATION)
    }
    counts = {name: metadata for name, metadata in made.items() if name.startswith("counts/")}
    assert counts
    assert {metadata["state"].value for metadata in counts.values()} == {"not received"}
    assert not [name for name in made if name.startswith(AUDIENCES)]
    skipped = {each.step_key for each in _of(events[REFUSED.key], dg.DagsterEventType.STEP_SKIPPED)}
    assert skipped >= {f"{audience}__estimates" for audience in AUDIENCES}
    assert skipped >= {"restricted__release", "published__release"}


def test_a_refused_extract_is_seen_on_its_own_page_and_nothing_is_as_expected_of_it(
    ran: Ran, events: dict[str, list[dg.DagsterEvent]]
) -> None:
    checks = {
        (
            each.event_specific_data.asset_key.to_user_string(),
            each.event_specific_data.check_name,
        ): each.event_specific_data
        for each in _of(events[REFUSED.key], dg.DagsterEventType.ASSET_CHECK_EVALUATION)
    }
    usable = checks["received/leavers", "extract_can_be_used"]
    assert not usable.passed
    assert f"It lies in {ran.settings.landing}" in usable.metadata["in words"].value
    expected = checks["quality/expectations", "extracts_look_as_expected"]
    assert not expected.passed
    assert expected.metadata["in words"].value == "Leavers: refused, so nothing is known of it"


def test_the_words_of_the_command_end_with_what_is_lacking(ran: Ran) -> None:
    assert not ran.refused.good
    said = ran.refused.words.splitlines()
    assert said[-1] == "Apr to Jun 2026 is not released. Leavers: refused."
    assert len([line for line in said if line.startswith("Leavers of Apr to Jun 2026: ")]) == 1
    rejected = [line.partition(" of ")[0] for line in said if ": some rows were rejected: " in line]
    assert rejected
    assert len(set(rejected)) == len(rejected), "a line for each extract, not for each quarter"


def test_publishing_a_held_release_names_the_check_and_the_extract(ran: Ran) -> None:
    assert not ran.publishing.good
    for audience in ("restricted", "published"):
        assert f"{audience}, Apr to Jun 2026: the latest release is held back by" in ran.publishing.words
    assert (
        "required_datasets_received: Apr to Jun 2026 is not released. Leavers: refused."
        in ran.publishing.words
    )


def test_the_next_quarter_is_released_with_three_quarters_of_four(ran: Ran) -> None:
    assert ran.following.good, ran.following.words
    table = ran.settings.storage / "analyst" / NEXT.key / "indicators.csv"
    figures = read_indicators_csv(table.read_bytes()).query("breakdown == 'all'").set_index("indicator")
    assert figures.loc["leavers_per_100_staff", "status"] == "[x] leavers: 3 of 4 quarters"
    assert figures.loc["appointed_from_shortlisting", "status"] == ""


def test_a_run_ends_with_a_table_of_what_is_shown_and_what_the_rest_waits_for(ran: Ran) -> None:
    said = ran.following.words
    assert "Figures of Jul to Sep 2026" in said
    parts = [re.split(r"\s{2,}", line.strip()) for line in said.splitlines()]
    rows = {words: counts for words, *counts in parts if len(counts) == 2}
    assert rows["not available: leavers: 3 of 4 quarters"] == ["1", "1"]
    assert all(int(each) > 0 for each in rows["shown"])
    assert "awaiting approval" in said
    assert said.splitlines()[-1].endswith("race-equality publish --quarter 2026-07-01 --approved-by NAME")


def test_runs_of_the_command_belong_to_their_job_in_the_interface(ran: Ran) -> None:
    with dagster_instance(ran.settings) as instance:
        runs = instance.get_runs()
    assert {run.job_name for run in runs} == {"backfill_history", "quarterly_report", "publish"}
    for run in runs:
        origin = run.remote_job_origin
        assert origin is not None
        assert origin.job_name == run.job_name
        assert origin.repository_origin.get_label() == "__repository__@race_equality_pipeline"
        assert "dagster/partition" in run.tags
