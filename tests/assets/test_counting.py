"""Counting what lies in the lake: columns that are not available, breakdowns that nobody has, whom figures are of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest

from assets.counting import UNDIVIDED, count_theme, people_counted, records_held
from assets.receiving import receive
from assets.recording import keep_records
from assets.undivided import undivided
from disparity.analyses import analyse
from disparity.catalogue.divisions import NOT_GIVEN, Undivided
from disparity.catalogue.indicators import ALL
from disparity.catalogue.policies import NoProtection
from disparity.counts.cells import CELLS
from disparity.datasets import DATASETS
from disparity.disclosure import protect
from disparity.disclosure.additivity import Sum, of_missing_levels, sums_over
from disparity.disclosure.protection import people_in, true_counts
from disparity.estimates import estimate
from disparity.ethnicity import WHITE
from disparity.periods import Quarter
from disparity.refusal import Refusal
from reports.wording.sentences import status_sentence
from resources.settings import Settings
from resources.workplace import Workplace

CASES = Path(__file__).parents[1] / "cases"
NOW = Quarter.from_key("2026-07-01")
TRAINED = "non_mandatory_training"
SHORTLISTED = "shortlisted_from_applications"


class Counted:
    """A workplace whose extracts of one quarter were received and counted, every indicator over that quarter alone."""

    def __init__(self, folder: Path, catalogue: Path, themes: Sequence[str], **extracts: str) -> None:
        landing = folder / "landing"
        landing.mkdir()
        for dataset, text in extracts.items():
            (landing / f"{dataset}.csv").write_text(text, encoding="utf-8")
        settings = Settings.from_environment(
            {}, catalogue=catalogue, landing=landing, storage=folder / "storage"
        )
        self.workplace = Workplace(settings)
        indicators = {
            name: each.model_copy(update={"quarters": 1})
            for name, each in self.workplace.catalogue.indicators.items()
            if each.theme in themes
        }
        self.workplace.catalogue = self.workplace.catalogue.model_copy(update={"indicators": indicators})
        for dataset in DATASETS.values():
            receive(self.workplace, dataset, NOW)
            keep_records(self.workplace, dataset, NOW)
        records = records_held(self.workplace, NOW, 1)
        self.entries = {theme: count_theme(self.workplace, theme, records, NOW) for theme in themes}
        self.counts = pl.concat([each.scan("counts").collect() for each in self.entries.values()])
        self.people = people_counted(self.workplace, self.counts, NOW).people

    def whole(self, indicator: str) -> dict[str, Any]:
        rows = self.counts.rows_by_key(["indicator", "breakdown"], named=True, include_key=True)
        return rows[indicator, ALL][0]

    def estimates(self) -> pd.DataFrame:
        protected = protect(self.counts, NoProtection(), self.people).to_pandas()
        return estimate(
            protected, self.workplace.catalogue, NOW, percent_decimals=1, least_base=1, released=False
        )

    def analyses(self) -> pd.DataFrame:
        protected = protect(self.counts, NoProtection(), self.people).to_pandas()
        found = self.estimates()
        return analyse(protected, found, found.iloc[:0], self.workplace.catalogue, NOW, NoProtection())

    def notes(self) -> list[str]:
        return list(undivided(self.workplace, NOW, self.workplace.policy("published")))


def read(name: str) -> str:
    return (CASES / name).read_text(encoding="utf-8-sig")


STAFF, LEARNING = (
    read(name) for name in ("staff_numbers_without_zeros_staff.csv", "learning_without_completed.csv")
)


@pytest.fixture
def trained(tmp_path: Path, cases_catalogue: Callable[..., Path]) -> Callable[..., Counted]:
    """Count training from the case's staff and learning, its source changed."""

    def counted(learning: str = LEARNING, staff: str = STAFF, **changes: Any) -> Counted:
        catalogue = cases_catalogue(tmp_path / "catalogue", **changes)
        themes = ("workforce", "development")
        return Counted(tmp_path, catalogue, themes, staff_in_post=staff, learning_budget=learning)

    return counted


WITHOUT = {
    "request": "Request",
    "person": "Staff no.",
    "requested_date": "Requested",
    "training": "Training",
    "approved": "Approved",
    "cost": "Cost",
}


def test_training_that_was_completed_is_read_from_its_heading(trained: Callable[..., Counted]) -> None:
    found = trained()
    assert [found.whole(TRAINED)[cell] for cell in CELLS[:4]] == [300, 120, 200, 40]
    row = found.estimates().set_index(["indicator", "breakdown"]).loc[(TRAINED, ALL)]
    assert (row["reference_value"], row["group_value"], row["ratio"]) == (40, 20, 2.00)


def test_where_the_heading_is_not_mapped_nothing_is_read_as_nobody(trained: Callable[..., Counted]) -> None:
    with pytest.raises(Refusal) as refused:
        trained(learning_budget={"columns": WITHOUT})
    assert "learning_budget is not given completed" in str(refused.value)
    assert f"{TRAINED} (event)" in str(refused.value)


def test_where_it_is_not_available_the_figure_says_so(trained: Callable[..., Counted]) -> None:
    changed = {"columns": WITHOUT, "not_available": ["directorate", "completed"]}
    found = trained(learning_budget=changed)
    row = found.estimates().set_index("indicator").loc[TRAINED]
    assert row["status"] == "[x] learning and development budget has no 'completed'"
    assert status_sentence(*row["status"].split(" ", 1)) == (
        "Not available [x]: learning and development budget has no 'completed'."
    )
    assert found.whole("training_spend_per_head")["missing"] == "", "which does not rest on it"


def _false_sums(found: Counted) -> list[Sum]:
    """Return the sums said to hold of people who were counted, and do not."""
    counted, _ = people_in(found.counts, true_counts(found.counts), found.people, told=True)
    return [
        (whole, parts)
        for whole, parts in sums_over(tuple(counted))
        if {whole, *parts} <= counted.keys() and counted[whole] != sum(counted[each] for each in parts)
    ]


def test_of_whom_it_is_not_recorded_whether_they_trained_is_in_no_sum_with_all_staff(
    trained: Callable[..., Counted],
) -> None:
    """Ten White staff's completed requests say nothing: 110 of 290. All ten are in Band 6, so that Band 5 is as before."""
    learning, staff = LEARNING.splitlines(), STAFF.splitlines()
    for line in range(1, 11):
        learning[line] = learning[line].replace(",Yes,Yes,", ",Yes,,")
        staff[line] = staff[line].replace("Band 5", "Band 6")
    found = trained("\n".join(learning), "\n".join(staff))
    whole = found.whole(TRAINED)
    assert [whole[cell] for cell in (*CELLS[:4], "unanswered")] == [290, 110, 200, 40, 10]
    base, events = (found.people[TRAINED][f"reference_{each}"] for each in ("base", "events"))
    staff_in_post = found.people["training_spend_per_head"]["reference_base"]
    domain = base.region.domain
    assert domain.holds(staff_in_post.region, base.region)
    assert domain.holds(base.region, events.region)
    assert len({staff_in_post, base, events}) == 3
    assert any(staff_in_post == more and base in parts for more, parts in sums_over([staff_in_post, base]))
    assert _false_sums(found) == []


def test_where_all_is_recorded_those_asked_are_the_staff(trained: Callable[..., Counted]) -> None:
    found = trained()
    base = found.people[TRAINED]["reference_base"]
    assert base == found.people["training_spend_per_head"]["reference_base"]
    assert (base.region, base.ethnicity) == (base.region.domain.everybody, WHITE)
    assert _false_sums(found) == []


@pytest.fixture
def recruited(tmp_path: Path, cases_catalogue: Callable[..., Path]) -> Callable[..., Counted]:
    """Count recruitment from the case's applications, the band of each as ``band`` gives it by its place."""

    def counted(band: Callable[[int], str] | None) -> Counted:
        lines = read("declined_blank_where_no_offer.csv").splitlines()
        lacking = ["channel", "directorate", "internal", "international"]
        changed: dict[str, Any] = {"not_available": [*lacking, "band"]}
        if band is not None:
            bands = ["Band", *(band(at) for at in range(1, len(lines)))]
            lines = [f"{line},{each}" for line, each in zip(lines, bands, strict=True)]
            headings = {
                "application": "Ref", "vacancy": "Vacancy", "opened_date": "Opened", "completed_date": "Completed",
                "ethnic_code": "Ethnicity", "shortlisted": "Shortlisted", "interviewed": "Interviewed",
                "offered": "Offered", "appointed": "Appointed", "declined": "Declined", "band": "Band",
            }  # fmt: skip
            changed = {"columns": headings, "not_available": lacking}
        folder = tmp_path / ("without" if band is None else "with")
        folder.mkdir()
        catalogue = cases_catalogue(folder / "catalogue", recruitment=changed)
        return Counted(folder, catalogue, ("recruitment",), recruitment="\n".join(lines))

    return counted


def test_a_band_that_nobody_has_is_no_breakdown_and_makes_no_q_smaller(
    recruited: Callable[..., Counted],
) -> None:
    blank, without = recruited(lambda _: ""), recruited(None)
    for found in (blank, without):
        assert set(found.counts["breakdown"]) == {ALL, "broad_group"}
        assert not set(found.analyses()["analysis"]) & {"standardised", "mix and rate"}
    figures = blank.estimates()
    pd.testing.assert_frame_equal(figures, without.estimates())
    assert figures["q_value"].notna().sum() >= 4
    titles = (
        "Shortlisted, of those who applied; Interviewed, of those shortlisted; "
        "Offered a post, of those interviewed; Appointed, of those shortlisted; Appointed, of those who applied."
    )
    (said,) = (note for note in blank.notes() if "pay band" in note)
    assert said == f"Not broken down by pay band, which no row of recruitment counted here has: {titles}"
    (said,) = (note for note in without.notes() if "pay band" in note)
    assert said == f"Not broken down by pay band, which recruitment does not give: {titles}"


def test_a_band_that_some_have_is_a_breakdown(recruited: Callable[..., Counted]) -> None:
    found = recruited(lambda at: "Band 5" if at % 2 else "")
    levels = found.counts.filter(indicator=SHORTLISTED, breakdown="band")["level"]
    assert set(levels) == {"Band 5", "not recorded"}
    assert not any("pay band" in note for note in found.notes())
    assert "standardised" in set(found.analyses()["analysis"])


def test_a_policy_that_shows_no_breakdown_has_nothing_to_say_of_one(
    recruited: Callable[..., Counted],
) -> None:
    found = recruited(None)
    silent = found.workplace.policy("published").model_copy(update={"breakdowns": ()})
    assert list(undivided(found.workplace, NOW, silent)) == []


def test_counts_of_an_earlier_version_lack_nothing_that_is_said(recruited: Callable[..., Counted]) -> None:
    found = recruited(None)
    facts = {key: value for key, value in found.entries["recruitment"].facts.items() if key != UNDIVIDED}
    found.workplace.lake.put("counts/recruitment", NOW, facts, {"counts.parquet": found.counts})
    assert found.notes() == []


def test_a_stratum_that_is_not_given_is_said_in_words_of_its_own(recruited: Callable[..., Counted]) -> None:
    found = recruited(None)
    lacking = Undivided("appointed_from_shortlisting", "vacancy", "recruitment", NOT_GIVEN)
    facts = {**found.entries["recruitment"].facts, UNDIVIDED: [lacking._asdict()]}
    found.workplace.lake.put("counts/recruitment", NOW, facts, {"counts.parquet": found.counts})
    assert found.notes() == [
        "Not compared within the same vacancy, which recruitment does not give: Appointed, of those shortlisted."
    ]


@pytest.mark.parametrize("one_has", [False, True])
def test_that_nobody_of_a_base_has_a_band_is_known_to_who_is_told(
    one_has: bool, recruited: Callable[..., Counted]
) -> None:
    """Flipped by one person: the sentence is there, and so is what follows from it for the attacker."""
    lines = read("declined_blank_where_no_offer.csv").splitlines()[1:]
    shortlisted = [at for at, line in enumerate(lines, start=1) if line.split(",")[5] == "Yes"]
    without = {*shortlisted[one_has:]}
    found = recruited(lambda at: "" if at in without else "Band 5")
    said = [
        note for note in found.notes() if "Appointed, of those shortlisted" in note and "pay band" in note
    ]
    assert len(said) == (not one_has)
    told, _ = people_in(found.counts, true_counts(found.counts), found.people, told=True)
    missing = of_missing_levels(tuple(told))
    base = found.people["appointed_from_shortlisting"]["reference_base"].of_row("band", "Band 5")
    assert (base in missing) == (not one_has)
    assert _false_sums(found) == []
