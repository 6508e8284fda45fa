"""The sample: same bytes each time, true to its manifest, untidy within limits, as disparate as planted."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from disparity.catalogue import Catalogue
from disparity.catalogue.vocabulary import vocabulary_of
from disparity.datasets import DATASETS
from disparity.periods import Quarter
from pipelines.sample import write_sample
from pipelines.sample.profiles import ProfileName
from resources.catalogue import load_catalogue
from resources.landing import read_extract
from resources.pseudonyms import PseudonymKeys

ROOT = Path(__file__).parents[2]
CATALOGUES: dict[ProfileName, Path] = {
    "trust": ROOT / "catalogue",
    "membership_body": ROOT / "catalogue_examples" / "membership_body",
}
KEYS = PseudonymKeys(b"a key for tests, of thirty-two b")


@dataclass(frozen=True)
class Sample:
    folder: Path
    catalogue_folder: Path
    catalogue: Catalogue
    manifest: dict[str, Any]

    def received(self, file: dict[str, Any], out: Path) -> tuple[pl.DataFrame, int]:
        """The rows that pass the door, with their group (null for an unknown code), and how many do not."""
        dataset, quarter = DATASETS[file["dataset"]], Quarter.from_key(file["quarter"])
        source = self.catalogue.sources[dataset.name]
        vocabulary = vocabulary_of(self.catalogue)
        extract = read_extract(
            dataset,
            source,
            self.catalogue_folder,
            vocabulary,
            quarter,
            self.folder,
            KEYS,
            out / "rows.parquet",
        )
        assert extract is not None
        rows = pl.read_parquet(out / "rows.parquet")
        if "ethnic_code" in rows.columns:
            known = self.catalogue.ethnicity.frame("wres").select("raw", group="ethnicity")
            raw = pl.col("ethnic_code").fill_null("99").str.to_lowercase().alias("raw")
            rows = rows.with_columns(raw).join(known, on="raw", how="left", maintain_order="left")
        return rows, extract.rows_left_out

    def window(self, dataset: str, out: Path, quarters: int = 4) -> pl.DataFrame:
        """A year's rows that the records stage would accept: once each, in their quarter, code known."""
        keys = self.manifest["quarters"][-quarters:]
        files = [
            each for each in self.manifest["files"] if each["dataset"] == dataset and each["quarter"] in keys
        ]
        return pl.concat([self._accepted(dataset, file, out) for file in files], how="vertical")

    def _accepted(self, dataset: str, file: dict[str, Any], out: Path) -> pl.DataFrame:
        rows, _ = self.received(file, out)
        quarter, day = (
            Quarter.from_key(file["quarter"]),
            pl.col(DATASETS[dataset].period_column).str.to_date(),
        )
        rows = rows.unique(DATASETS[dataset].key, keep="first", maintain_order=True).drop(
            "file", "row_number"
        )
        rows = rows.filter(day.is_null() | day.is_between(quarter.start, quarter.end))
        if "group" in rows.columns:
            rows = rows.filter(pl.col("group").is_not_null())
        return rows.with_columns(quarter=pl.lit(file["quarter"]))


def _sample(folder: Path, profile: ProfileName, quarters: int, staff: int) -> Sample:
    manifest = write_sample(folder, quarters=quarters, staff=staff, profile=profile)
    found = json.loads(manifest.read_text(encoding="utf-8"))
    return Sample(folder, CATALOGUES[profile], load_catalogue(CATALOGUES[profile]), found)


@pytest.fixture(scope="module")
def trust(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    return _sample(tmp_path_factory.mktemp("trust"), "trust", quarters=12, staff=3000)


@pytest.fixture(scope="module")
def body(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    return _sample(tmp_path_factory.mktemp("body"), "membership_body", quarters=4, staff=120)


@pytest.fixture(params=["trust", "body"])
def sample(request: pytest.FixtureRequest) -> Sample:
    found: Sample = request.getfixturevalue(request.param)
    return found


def _bytes(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("profile", CATALOGUES)
def test_the_same_arguments_write_the_same_bytes_and_another_seed_does_not(
    tmp_path: Path, profile: ProfileName
) -> None:
    for folder, seed in (("first", 1), ("again", 1), ("other", 2)):
        write_sample(tmp_path / folder, quarters=2, staff=150, seed=seed, profile=profile)
    first, other = _bytes(tmp_path / "first"), _bytes(tmp_path / "other")
    assert first == _bytes(tmp_path / "again")
    assert all(first[name] != other[name] for name in first.keys() & other.keys())


def test_every_file_says_it_is_invented(sample: Sample) -> None:
    names = {path.name for path in sample.folder.iterdir()}
    assert all("_invented." in name for name in names)
    assert names == {"manifest_invented.json", *(file["file"] for file in sample.manifest["files"])}
    assert sample.manifest["invented"] is True


def test_every_quarter_has_its_extracts_and_each_october_the_survey(trust: Sample) -> None:
    for quarter in trust.manifest["quarters"]:
        found = {file["dataset"] for file in trust.manifest["files"] if file["quarter"] == quarter}
        assert found == set(DATASETS) - (set() if "-10-" in quarter else {"staff_survey"})


def test_the_manifest_counts_the_rows_that_the_files_hold(sample: Sample, tmp_path: Path) -> None:
    for file in sample.manifest["files"]:
        if file["quarter"] == sample.manifest["quarters"][0] or file["dataset"] == "staff_survey":
            continue
        rows, left_out = sample.received(file, tmp_path)
        assert (rows.height + left_out, left_out) == (file["rows"], file["left_out"]), file["file"]
        own = rows.drop("file", "row_number")
        assert own.height - own.unique().height == file["sent_twice"], file["file"]
        day = pl.col(DATASETS[file["dataset"]].period_column).str.to_date()
        early = day < Quarter.from_key(file["quarter"]).start
        assert own.filter(early).height == file["late"], file["file"]


def test_unknown_codes_are_as_many_as_the_manifest_says(sample: Sample, tmp_path: Path) -> None:
    last = sample.manifest["quarters"][-1]
    for file in sample.manifest["files"]:
        if file["quarter"] == last:
            rows, _ = sample.received(file, tmp_path)
            unknown = rows["group"].null_count() if "group" in rows.columns else 0
            assert unknown == file["unknown_codes"], file["file"]


def test_what_is_wrong_stays_far_below_the_limit_and_spares_exit_interviews(sample: Sample) -> None:
    files = sample.manifest["files"]
    for file in files:
        wrong = file["sent_twice"] + file["late"] + file["unknown_codes"]
        assert wrong / file["rows"] < 0.025, file["file"]
        assert file["dataset"] != "exit_interviews" or not wrong
    assert sum(file["sent_twice"] for file in files) > 0
    assert sum(file["unknown_codes"] for file in files) > 0
    assert sum(file["late"] for file in files) > 0


def test_names_and_free_text_never_pass_the_door(sample: Sample, tmp_path: Path) -> None:
    last = sample.manifest["quarters"][-1]
    told = ("Zoë", "Jessup", "Invented remark", "Ewan")
    for file in sample.manifest["files"]:
        if file["quarter"] == last:
            rows, _ = sample.received(file, tmp_path)
            text = rows.write_csv()
            assert not [word for word in told if word in text], file["file"]


def test_staff_leavers_and_learning_agree_with_each_other(trust: Sample, tmp_path: Path) -> None:
    staff = trust.window("staff_in_post", tmp_path, 2)
    before, now = trust.manifest["quarters"][-2:]
    then, today = (set(staff.filter(quarter=each)["person"]) for each in (before, now))
    gone = set(trust.window("leavers", tmp_path, 1)["person"])
    asked = set(trust.window("learning_budget", tmp_path, 1)["person"])
    rejected = 0.005 * len(then)
    assert not gone & today
    assert len(gone - then) <= rejected
    assert len(then - today - gone) <= rejected
    assert len(asked - today - gone) <= rejected


def _happened(rows: pl.DataFrame, base: str, event: str) -> tuple[tuple[int, int], tuple[int, int]]:
    flags = [name for name in rows.columns if set(rows[name].drop_nulls().unique()) <= {"true", "false"}]
    of_them = rows.with_columns(pl.col(flags) == "true").filter(pl.sql_expr(base))
    counts = []
    for group in ("white", "ethnic_minority"):
        mine = of_them.filter(group=group)
        counts.append((mine.filter(pl.sql_expr(event)).height, mine.height))
    return counts[0], counts[1]


def _holds(truth: dict[str, Any], white: tuple[float, float], minority: tuple[float, float]) -> bool:
    """Whether a plain 95% interval of the difference holds the planted one."""
    p, q = white[0] / white[1], minority[0] / minority[1]
    spread = np.sqrt(p * (1 - p) / white[1] + q * (1 - q) / minority[1])
    planted = (truth["reference_value"] - truth["group_value"]) / 100
    return bool(abs((p - q) - planted) <= 1.96 * spread)


@pytest.mark.parametrize(
    ("indicator", "dataset"),
    [
        ("shortlisted_from_applications", "recruitment"),
        ("appointed_from_shortlisting", "recruitment"),
        ("harassment_from_staff", "staff_survey"),
        ("equal_opportunity", "staff_survey"),
    ],
)
def test_planted_chances_are_found_in_the_last_year(
    trust: Sample, tmp_path: Path, indicator: str, dataset: str
) -> None:
    truth = {each["indicator"]: each for each in trust.manifest["planted"]}[indicator]
    rows = trust.window(dataset, tmp_path)
    if dataset == "recruitment":
        rows = rows.filter(pl.col("completed_date").is_not_null())
    measured = trust.catalogue.indicators[indicator]
    assert truth["headline"]
    assert measured.headline
    assert _holds(truth, *_happened(rows, measured.base, measured.event))  # type: ignore[union-attr]


def test_planted_training_and_leaving_are_found_in_the_last_year(trust: Sample, tmp_path: Path) -> None:
    planted = {each["indicator"]: each for each in trust.manifest["planted"]}
    staff = trust.window("staff_in_post", tmp_path)
    today = staff.filter(quarter=trust.manifest["quarters"][-1])
    courses = trust.window("learning_budget", tmp_path)
    trained = courses.filter((pl.col("training") == "non_mandatory") & (pl.col("completed") == "true"))[
        "person"
    ]
    leavers = trust.window("leavers", tmp_path)
    trains, leaves = [], []
    for group in ("white", "ethnic_minority"):
        mine = today.filter(group=group)
        trains.append((mine["person"].is_in(trained.implode()).sum(), mine.height))
        leaves.append((leavers.filter(group=group).height, staff.filter(group=group).height / 4))
    assert _holds(planted["non_mandatory_training"], trains[0], trains[1])
    truth = planted["leavers_per_100_staff"]["ratio"]
    found = (leaves[1][0] / leaves[1][1]) / (leaves[0][0] / leaves[0][1])
    assert abs(np.log(found / truth)) <= 1.96 * np.sqrt(1 / leaves[0][0] + 1 / leaves[1][0])


def test_approval_of_requests_is_planted_at_parity(trust: Sample, tmp_path: Path) -> None:
    truth = {each["indicator"]: each for each in trust.manifest["planted"]}["requests_approved"]
    assert truth["ratio"] == 1.0
    people = trust.window("staff_in_post", tmp_path, 1).select("person", "group")
    decided = trust.window("learning_budget", tmp_path).join(people, on="person")
    base, event = "training = 'non_mandatory' AND approved IS NOT NULL", "approved = 'true'"
    counts = []
    for group in ("white", "ethnic_minority"):
        mine = decided.filter(pl.sql_expr(base)).filter(group=group)
        counts.append((mine.filter(pl.sql_expr(event)).height, mine.height))
    assert _holds(truth, counts[0], counts[1])


def test_senior_managers_are_exactly_as_planted(trust: Sample, tmp_path: Path) -> None:
    truth = {each["indicator"]: each for each in trust.manifest["planted"]}
    share = truth["ethnic_minority_share_of_senior_managers"]
    (file,) = (
        each
        for each in trust.manifest["files"]
        if each["dataset"] == "staff_in_post" and each["quarter"] == trust.manifest["quarters"][-1]
    )
    rows, _ = trust.received(file, tmp_path)
    seniors = rows.unique("person").filter(pl.col("senior_manager") == "true")
    minority = (seniors["group"] == "ethnic_minority").sum()
    assert seniors.height == 90
    assert 100 * minority / seniors.height == pytest.approx(share["group_value"], abs=2.3)
    assert share["reference_value"] > 2 * share["group_value"]


def test_a_small_invented_organisation_has_two_dozen_ethnic_minority_staff(
    body: Sample, tmp_path: Path
) -> None:
    today = body.window("staff_in_post", tmp_path, 1)
    staff = today.filter(pl.col("board_member") == "false")
    assert staff.height == 120
    assert staff.filter(group="ethnic_minority").height == 25
    appointed = body.window("recruitment", tmp_path).filter(pl.col("appointed") == "true").height
    assert 25 <= appointed <= 60
