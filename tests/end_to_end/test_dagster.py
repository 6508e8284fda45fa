"""What Dagster is told and what it keeps: definitions, jobs, checks by quarter, and metadata that give nobody away."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import dagster as dg
import pytest

from disparity.periods import Quarter
from pipelines.definitions import definitions_for
from pipelines.interface.processes import dagster_instance
from resources.catalogue import DEFAULT
from resources.settings import Settings
from resources.workplace import Workplace

ROOT = Path(__file__).parents[2]
DATASETS = ("exit_interviews", "learning_budget", "leavers", "recruitment", "staff_in_post", "staff_survey")
THEMES = ("development", "experience", "leaving", "recruitment", "workforce")
AUDIENCES = ("analyst", "published", "restricted")
GROUPS = {
    "received", "records", "quality", "counts", "analyst_protected", "restricted_protected", "published_protected",
    "analyst_report", "restricted_report", "published_report",
}  # fmt: skip


class Finished(Protocol):
    catalogue: Path
    landing: Path
    storage: Path
    key: str


@pytest.fixture(scope="module")
def definitions(tmp_path_factory: pytest.TempPathFactory) -> dg.Definitions:
    storage = tmp_path_factory.mktemp("never_used") / "storage"
    return definitions_for(Workplace(Settings.from_environment({}, catalogue=DEFAULT, storage=storage)))


def test_definitions_load_and_name_every_stage(definitions: dg.Definitions) -> None:
    dg.Definitions.validate_loadable(definitions)
    expected = {f"{stage}/{name}" for stage in ("received", "records") for name in DATASETS}
    expected |= {f"counts/{theme}" for theme in THEMES}
    expected |= {f"{audience}/protected/{theme}" for audience in AUDIENCES for theme in THEMES}
    expected |= {f"{audience}/estimates" for audience in AUDIENCES}
    expected |= {
        f"{audience}/{last}"
        for audience in ("published", "restricted")
        for last in ("release", "publication")
    }
    expected |= {"quality/profiles", "quality/expectations", "quality/required_extracts"}
    assert {spec.key.to_user_string() for spec in definitions.resolve_all_asset_specs()} == expected


def test_every_asset_says_what_it_is_and_whose(definitions: dg.Definitions) -> None:
    specs = definitions.resolve_all_asset_specs()
    for spec in specs:
        assert spec.kinds, spec.key
        assert spec.owners == ["team:people-analytics"], spec.key
        assert spec.description is not None, spec.key
        assert len(spec.description) > 30, spec.key
        assert spec.code_version, spec.key
        assert isinstance(spec.partitions_def, dg.TimeWindowPartitionsDefinition), spec.key
        assert spec.partitions_def.timezone == "Europe/London"
    assert {spec.group_name for spec in specs} == GROUPS


def test_every_check_is_partitioned_and_described_and_release_alone_blocks(
    definitions: dg.Definitions,
) -> None:
    checks = [spec for made in definitions.resolve_asset_graph().assets_defs for spec in made.check_specs]
    assert {"every_row_accounted_for", "ethnicity_known_for_most_staff", "extract_can_be_used"} <= {
        c.name for c in checks
    }
    for spec in checks:
        assert spec.partitions_def is not None, spec.name
        assert spec.description, spec.name
        of_release = spec.asset_key.path[-1] == "release" and spec.name != "revisions_have_reasons"
        assert spec.blocking == of_release, spec.name
        assert re.fullmatch(r"[a-z]+(_[a-z]+){2,}", spec.name), spec.name


def test_quarters_are_keyed_by_first_day_in_london(definitions: dg.Definitions) -> None:
    spec = definitions.resolve_all_asset_specs()[0]
    quarters = spec.partitions_def
    assert isinstance(quarters, dg.TimeWindowPartitionsDefinition)
    keys = quarters.get_partition_keys()
    assert keys[:4] == ["2023-10-01", "2024-01-01", "2024-04-01", "2024-07-01"]
    window = quarters.time_window_for_partition_key("2024-07-01")
    assert (window.start.isoformat(), window.end.isoformat()) == (
        "2024-07-01T00:00:00+01:00",
        "2024-10-01T00:00:00+01:00",
    )


def test_jobs_but_publish_need_no_configuration_and_select_their_stages(definitions: dg.Definitions) -> None:
    stages: dict[str, set[str]] = {}
    for name in ("quarterly_report", "backfill_history", "rebuild_after_restatement", "publish"):
        job = definitions.resolve_job_def(name)
        assert job.partitions_def is not None, name
        assert job.description, name
        # Dagster's own check of an empty Launchpad: it raises where anything must be typed, as for an approval.
        if name != "publish":
            assert dg.validate_run_config(job, {}) is not None
        stages[name] = {
            key.path[-1] if key.path[0] in AUDIENCES else key.path[0]
            for key in job.asset_layer.executable_asset_keys
        }
    assert stages["backfill_history"] == {"received", "records", "quality"}
    assert stages["publish"] == {"publication"}
    assert "received" not in stages["rebuild_after_restatement"]
    assert "release" in stages["rebuild_after_restatement"]
    assert {"received", "release"} <= stages["quarterly_report"]
    assert "publication" not in stages["quarterly_report"], (
        "where approval is required nothing is published by itself"
    )


def test_a_restated_quarter_lists_the_later_windows_that_hold_it(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    quarters = definitions.resolve_all_asset_specs()[0].partitions_def
    assert quarters is not None
    counts = graph.get(dg.AssetKey(["counts", "workforce"]))
    mapping = counts.partition_mappings[dg.AssetKey(["records", "leavers"])]
    restated = quarters.subset_with_partition_keys(["2025-01-01"])
    later = mapping.get_downstream_partitions_for_partitions(restated, quarters, quarters)
    assert set(later.get_partition_keys()) == {"2025-01-01", "2025-04-01", "2025-07-01", "2025-10-01"}


def test_the_code_location_is_light_to_import() -> None:
    heavy = "great_expectations", "matplotlib", "scipy.stats", "alembic"
    program = f"import sys, pipelines.definitions; print([name for name in {heavy!r} if name in sys.modules])"
    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True, timeout=120
    )
    assert ended.stdout.strip() == "[]"


@pytest.fixture(scope="module")
def events(finished_sample: Finished) -> Iterator[list[Any]]:
    """Every materialisation and check of the finished sample, as Dagster keeps them."""
    settings = Settings.from_environment({}, storage=finished_sample.storage)
    kinds = {dg.DagsterEventType.ASSET_MATERIALIZATION, dg.DagsterEventType.ASSET_CHECK_EVALUATION}
    with dagster_instance(settings) as instance:
        yield [
            record.dagster_event.event_specific_data
            for run in instance.get_runs()
            for record in instance.all_logs(run.run_id, of_type=kinds)
            if record.dagster_event
        ]


def _materialised(events: list[Any]) -> list[Any]:
    return [event.materialization for event in events if hasattr(event, "materialization")]


def _checked(events: list[Any]) -> list[Any]:
    return [event for event in events if hasattr(event, "check_name")]


def test_checks_are_recorded_against_their_quarter(events: list[Any], finished_sample: Finished) -> None:
    checks = _checked(events)
    quarters = {quarter.key for quarter in Quarter.from_key(finished_sample.key).window(4)}
    assert {check.partition for check in checks} == quarters
    for name in ("every_row_accounted_for", "rejects_within_the_limit", "extract_can_be_used"):
        assert {check.partition for check in checks if check.check_name == name} == quarters
    released = [check for check in checks if check.blocking]
    assert {check.check_name for check in released} == {
        "required_datasets_received", "every_row_accounted_for", "no_small_count_is_told",
        "nobody_can_be_recovered", "every_number_has_an_origin", "release_reads_back",
    }  # fmt: skip
    assert all(check.passed and check.partition == finished_sample.key for check in released)
    warned = [check for check in checks if check.check_name == "revisions_have_reasons"]
    assert len(warned) == 2
    assert all(check.passed and not check.blocking for check in warned)


def test_metadata_hold_no_small_count_of_people(events: list[Any]) -> None:
    told = re.compile(r"0|\[c\]|[\d,]*[05]")
    seen = 0
    for made in _materialised(events):
        if made.asset_key.path[0] not in ("received", "records"):
            continue
        for name, held in made.metadata.items():
            if "rows" in name or "taken from" in name:
                assert told.fullmatch(held.value), (made.asset_key, name)
                assert held.value in ("0", "[c]") or int(held.value.replace(",", "")) >= 10
                seen += 1
            elif name == "rejected by rule":
                for line in held.value.splitlines()[2:]:
                    rows = line.split("|")[-2].strip()
                    assert told.fullmatch(rows), line
                    seen += rows == "[c]"
    assert seen > 100
    for check in _checked(events):
        if check.check_name == "everyone_was_in_post":
            words = check.metadata["in words"].value
            counts = re.findall(r"\d[\d,]*", words.replace("fewer than 8", ""))
            assert all(told.fullmatch(each) and int(each.replace(",", "")) >= 10 for each in counts), words
            assert check.passed == words.startswith("everybody stands in"), words


def test_metadata_of_a_report_come_from_its_protected_figures(
    events: list[Any], finished_sample: Finished
) -> None:
    for audience in ("published", "restricted"):
        made = {
            "/".join(each.asset_key.path[1:]): each.metadata
            for each in _materialised(events)
            if each.asset_key.path[0] == audience
        }
        summary = made["estimates"]["headline figures"].value
        assert len(summary.splitlines()) == 12
        assert not re.search(r"\d\.\d+ / ", summary.replace("rate", "")) or "Leavers" in summary
        assert made["release"]["headlines"].value.startswith("- ")
        chart = made["release"]["chart"].value
        assert "data:image/png;base64," in chart
        assert len(chart) < 50_000
        assert made["publication"]["page"].value == f"{audience}/{finished_sample.key}/index.html"
        assert made["publication"]["approved by"].value == "A. Tester"
        assert made["release"]["approved by"].value == "nobody yet"
        assert made["publication"]["release"].value == made["release"]["release"].value
        assert made["release"]["content sha256"].value.startswith(made["release"]["release"].value[-12:])
    analyst = [each for each in _materialised(events) if each.asset_key.path[0] in ("analyst", "counts")]
    for each in analyst:
        # Dagster's pages are no place for exact figures: an analyst's are in a file of their own.
        assert set(each.metadata) <= {
            "figures",
            "figures told",
            "vintage",
            "where",
            "policy",
            "figures counted",
            "state",
        }


def test_a_quarter_can_be_materialised_by_an_asset_selection_alone(
    tmp_path: Path, finished_sample: Finished
) -> None:
    """As `Materialize` in the interface does it: chosen assets, one quarter, nothing typed."""
    settings = Settings.from_environment(
        {}, catalogue=finished_sample.catalogue, landing=finished_sample.landing, storage=tmp_path / "storage"
    )
    workplace = Workplace(settings)
    chosen = [dg.AssetKey(["received", "leavers"]), dg.AssetKey(["records", "leavers"])]
    job = definitions_for(workplace).resolve_implicit_global_asset_job_def()
    with dg.DagsterInstance.ephemeral() as instance:
        result = job.execute_in_process(
            asset_selection=chosen, partition_key=finished_sample.key, instance=instance
        )
    assert result.success
    entry = workplace.lake.get("records/leavers", Quarter.from_key(finished_sample.key))
    assert entry is not None
    assert entry.facts["state"] == "received"
