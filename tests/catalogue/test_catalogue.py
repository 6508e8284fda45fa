"""The two catalogues that come with the code: they load, and say what they must."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from disparity.catalogue import Catalogue
from disparity.catalogue.indicators import Rows
from disparity.datasets import DATASETS
from resources.catalogue import load_catalogue

ROOT = Path(__file__).parents[2]
FOLDERS = {"trust": ROOT / "catalogue", "membership_body": ROOT / "catalogue_examples" / "membership_body"}
THE_LEAST = {
    "workforce": {
        "ethnic_minority_share_of_staff",
        "ethnic_minority_share_of_senior_managers",
        "ethnic_minority_share_of_board",
        "ethnicity_not_known",
    },
    "recruitment": {
        "shortlisted_from_applications",
        "interviewed_from_shortlisting",
        "appointed_from_shortlisting",
        "appointed_from_applications",
    },
    "experience": {
        "harassment_from_public",
        "harassment_from_staff",
        "equal_opportunity",
        "discrimination_from_staff",
        "inclusive_leadership",
        "access_to_development",
        "survey_response",
    },
    "development": {
        "non_mandatory_training",
        "requests_approved",
        "training_spend_per_head",
        "ethnic_minority_share_of_training_spend",
    },
    "leaving": {
        "leavers_per_100_staff",
        "left_for_lack_of_opportunity",
        "exit_interviews_held",
        "would_recommend",
        "reported_discrimination",
    },
}


@pytest.fixture(scope="module", params=FOLDERS)
def catalogue(request: pytest.FixtureRequest) -> Catalogue:
    return load_catalogue(FOLDERS[request.param])


@pytest.fixture(scope="module")
def trust() -> Catalogue:
    return load_catalogue(FOLDERS["trust"])


def test_both_are_invented_and_have_a_source_for_every_dataset(catalogue: Catalogue) -> None:
    assert catalogue.organisation.invented
    assert set(catalogue.sources) == set(DATASETS)


def test_both_hold_at_least_the_indicators_the_plan_needs(catalogue: Catalogue) -> None:
    found: dict[str, set[str]] = {}
    for name, indicator in catalogue.indicators.items():
        found.setdefault(indicator.theme, set()).add(name)
    assert all(names <= found[theme] for theme, names in THE_LEAST.items())


def test_a_report_has_about_eight_headlines(catalogue: Catalogue) -> None:
    assert 7 <= sum(indicator.headline for indicator in catalogue.indicators.values()) <= 9


def test_a_ratio_above_one_always_means_ethnic_minority_staff_fare_less_well(catalogue: Catalogue) -> None:
    for name, indicator in catalogue.indicators.items():
        if indicator.kind != "share":
            expected = "reference/group" if indicator.better == "higher" else "group/reference"
            assert indicator.ratio_of == expected, name


def test_recruitment_is_read_over_completed_vacancies(catalogue: Catalogue) -> None:
    for name, indicator in catalogue.indicators.items():
        if isinstance(indicator, Rows) and indicator.theme == "recruitment":
            assert indicator.window_by == "completed_date", name


def test_a_trust_leaves_declined_offers_out_and_a_small_organisation_does_not_tell_how_few_they_were(
    catalogue: Catalogue, trust: Catalogue
) -> None:
    for name, indicator in catalogue.indicators.items():
        if isinstance(indicator, Rows) and indicator.theme == "recruitment":
            left_out = name.startswith("appointed") and catalogue == trust
            assert ("NOT declined" in indicator.base) == left_out, name
    stages = "offered_from_interviews" if catalogue == trust else "appointed_from_interviews"
    assert stages in catalogue.indicators


def test_each_is_told_by_the_policy_for_its_headcount(catalogue: Catalogue, trust: Catalogue) -> None:
    policy = "threshold8_round5" if catalogue == trust else "small_organisation"
    assert set(catalogue.organisation.audiences.values()) == {policy}


def test_what_was_told_in_confidence_is_highly_sensitive(catalogue: Catalogue) -> None:
    for name, indicator in catalogue.indicators.items():
        if isinstance(indicator, Rows) and DATASETS[indicator.dataset].in_confidence:
            assert indicator.sensitivity == "high", name


def test_every_breakdown_and_group_has_words(catalogue: Catalogue) -> None:
    style = catalogue.house_style
    used = {each for indicator in catalogue.indicators.values() for each in indicator.breakdowns}
    assert used <= set(style.breakdowns)
    assert {"white", "ethnic_minority", "unknown"} <= set(style.groups)
    assert all(set(style.levels[each]) == {"true", "false"} for each in used & {"internal", "international"})


def test_titles_and_questions_keep_house_style(catalogue: Catalogue) -> None:
    for indicator in catalogue.indicators.values():
        said = (
            f" {indicator.title} {indicator.question} {indicator.base_words} {indicator.event_words} ".lower()
        )
        assert not [word for word in catalogue.house_style.avoid if f" {word.lower()} " in said]


def test_the_standard_has_each_of_its_indicators_that_the_datasets_allow(trust: Catalogue) -> None:
    numbers = sorted(indicator.wres for indicator in trust.indicators.values() if indicator.wres)
    assert numbers == [1, 2, 4, 5, 6, 7, 8, 9]  # 3 is about disciplinary cases, which no dataset here holds


def test_the_standards_survey_questions_have_a_number_in_every_year(trust: Catalogue) -> None:
    for question in trust.survey.staff_survey.values():
        assert set(question.number) == {2023, 2024, 2025, 2026}


def test_the_crosswalk_puts_each_code_where_the_standard_and_the_census_do(catalogue: Catalogue) -> None:
    codes = {code.code: code for code in catalogue.ethnicity.codes}
    assert len(codes) == 70
    for name, code in codes.items():
        if name in {"Z", "99", "X"}:
            assert code.group("wres") == "unknown"
        else:
            assert code.category == name[0]
            assert code.group("wres") == ("white" if name[0] in "ABC" else "ethnic_minority")
    british = {name for name, code in codes.items() if code.white_british}
    assert british == {"A", "C2", "CA", "CB", "CC", "CD"}
    assert codes["C3"].group("white_british") == "ethnic_minority"
    assert (codes["R"].broad_group, codes["SC"].broad_group) == ("Asian", "Other")
    assert (codes["Z"].answer, codes["99"].answer, codes["X"].answer) == (
        "declined",
        "not_known",
        "not_known",
    )
    assert catalogue.ethnicity.not_known.code == "99"


@pytest.mark.parametrize("folder", FOLDERS.values(), ids=FOLDERS)
def test_every_word_list_ends_in_words_of_ours(folder: Path) -> None:
    catalogue = load_catalogue(folder)
    ours = {
        "ethnic_code": {code.code for code in catalogue.ethnicity.codes},
        "band": set(catalogue.organisation.lists.band),
    }
    lists = [
        (column, file) for source in catalogue.sources.values() for column, file in source.values_from.items()
    ]
    assert lists
    for column, file in lists:
        with (folder / file).open(encoding="utf-8", newline="") as text:
            words = list(csv.reader(text))[1:]
        assert {our for _, our in words} <= ours[column], file
