"""Analyses: each beside the function it rests on, from what is shown alone, and nothing where it cannot be told."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from disparity import analyses
from disparity.analyses import analyse
from disparity.catalogue import Catalogue, Indicator
from disparity.catalogue.policies import NoProtection, Policy
from disparity.counts.cells import CELLS, COUNTS, WITHIN
from disparity.disclosure import protect
from disparity.estimates import estimate
from disparity.periods import Quarter
from disparity.populations.naming import people_of_all
from disparity.statistics.comparison import Interval
from disparity.statistics.decomposition import funnel, kitagawa_counts
from disparity.statistics.evidence import TOO_FEW
from disparity.statistics.power import smallest_detectable_ratio
from disparity.statistics.process_control import xmr
from disparity.statistics.proportions import risk_ratio
from disparity.statistics.stratified import stratified_risk_ratio
from disparity.statistics.trend import change_of_ratio
from disparity.statistics.vacancies import vacancy_ratio
from disparity.statistics.worst_case import hull, hull_of_change
from resources.catalogue import DEFAULT, load_catalogue

NOW = Quarter.from_key("2026-07-01")
WHOLE = load_catalogue(DEFAULT)
POLICY = WHOLE.policies["threshold8_round5"]
EXACT = NoProtection()
WORDS = {
    "kind": "rows", "theme": "recruitment", "title": "T", "question": "Q", "base_words": "people", "event_words": "did",
    "sensitivity": "low", "dataset": "recruitment", "base": "TRUE", "event": "appointed",
}  # fmt: skip
INDICATORS: dict[str, dict[str, Any]] = {
    "shortlisted": {},
    "offered": {},
    "appointed": {"stages": ["shortlisted", "offered"], "breakdowns": ["band", "directorate"]},
    "on_shortlist": {"stratified_by": "vacancy"},
    "harassed": {
        "ratio_of": "group/reference",
        "better": "lower",
        "breakdowns": ["band"],
        "stratified_by": "vacancy",
    },
    "each_quarter": {"quarters": 1},
    "two_years": {"quarters": 8},
    "left": {"kind": "rate", "dataset": "leavers", "ratio_of": "group/reference", "better": "lower"},
    "dismissed": {"stages": ["harassed"], "ratio_of": "group/reference", "better": "lower"},
    "asked": {"dataset": "staff_survey", "event": "equal_opportunity = 'Yes'"},
    "spend": {"kind": "mean", "dataset": "learning_budget", "value": "cost", "unit": "pounds"},
}


def catalogue_of() -> Catalogue:
    adapter: TypeAdapter[Indicator] = TypeAdapter(Indicator)
    made = {}
    for name, given_ in INDICATORS.items():
        fields = {**WORDS, **given_}
        if fields["kind"] == "mean":
            del fields["event"]
        if fields["kind"] == "rate":
            del fields["base"], fields["event"]
        made[name] = adapter.validate_python(fields)
    return WHOLE.model_copy(update={"indicators": made})


CATALOGUE = catalogue_of()
Rows = list[dict[str, Any]]


def cells(*values: int, **more: Any) -> dict[str, Any]:
    plain = {
        "indicator": "appointed",
        "breakdown": "all",
        "level": "all",
        "unit": "",
        "of": "",
        "missing": "",
    }
    return {**plain, **dict(zip(CELLS, values, strict=True)), **more}


def made(
    rows: Rows, policy: Policy | NoProtection, quarter: Quarter = NOW
) -> tuple[pd.DataFrame, pd.DataFrame]:
    counts = pl.DataFrame(rows, schema=COUNTS)
    people = people_of_all(CATALOGUE, quarter, dict.fromkeys(counts["indicator"], quarter.key), counts=counts)
    protected = protect(counts, policy, people).to_pandas()
    decimals = policy.percent_decimals
    return protected, estimate(
        protected, CATALOGUE, quarter, percent_decimals=decimals, least_base=0, released=False
    )


def analysed(
    rows: Rows, policy: Policy | NoProtection = EXACT, earlier: dict[int, Rows] | None = None
) -> pd.DataFrame:
    before = [made(each, policy, NOW.plus(-back))[1] for back, each in (earlier or {}).items()]
    protected, estimates = made(rows, policy)
    empty = estimates[:0]
    return analyse(protected, estimates, pd.concat([empty, *before]), CATALOGUE, NOW, policy)


def of(table: pd.DataFrame, analysis: str, **more: str) -> pd.DataFrame:
    chosen = table[table["analysis"] == analysis]
    for name, value in more.items():
        chosen = chosen[chosen[name] == value]
    return chosen


def limits(row: pd.Series) -> list[float]:  # type: ignore[type-arg]
    return [row["low"], row["high"], row["p_value"]]


def rounded(comparison: Any) -> list[float]:
    return [
        round(float(comparison.low), 2),
        round(float(comparison.high), 2),
        round(float(comparison.p_value), 4),
    ]


def within_two(count: float) -> Interval:
    """Return what a count could be that is shown as this multiple of 5."""
    return Interval(np.array(count - 2.0), np.array(count + 2.0))


TODAY = [cells(400, 120, 300, 45, 20, 6)]
A_YEAR_AGO = [cells(420, 110, 280, 60, 20, 6)]


# ------------------------------------------------------------------ change


def test_a_change_is_that_of_two_windows_that_share_no_quarter() -> None:
    table = of(analysed(TODAY, earlier={4: A_YEAR_AGO, 1: [cells(1, 0, 1, 0, 0, 0)]}), analyses.CHANGE)
    then, times = (row for _, row in table.iterrows())
    assert then["of"] == times["of"] == "2024-10-01 to 2025-09-30"
    assert (then["figure"], times["figure"]) == (analyses.THEN, analyses.TIMES_THEN)
    assert then["value"] == round((110 / 420) / (60 / 280), 2)
    expected = change_of_ratio(120, 400, 45, 300, 110, 420, 60, 280, window=(-3, 0), earlier_window=(-7, -4))
    assert times["value"] == round(float(expected.estimate), 2)
    assert limits(times) == rounded(expected)
    assert times["words"] == analyses.SOME_CHANGE


def test_every_change_is_that_of_its_own_indicator_and_direction() -> None:
    """Three of a year, one of them the other way round and one a rate, beside one of two years."""
    now = {
        "appointed": (400, 120, 300, 45),
        "harassed": (1_000, 100, 400, 20),
        "left": (1_600, 120, 1_200, 45),
        "two_years": (800, 200, 500, 100),
    }
    then = {
        "appointed": (420, 110, 280, 60),
        "harassed": (1_000, 80, 400, 80),
        "left": (1_500, 110, 1_100, 60),
        "two_years": (700, 200, 450, 120),
    }
    rows, before = (
        {name: cells(*each, 0, 0, indicator=name) for name, each in counts.items()} for counts in (now, then)
    )
    two_years = before.pop("two_years")
    table = of(
        analysed(list(rows.values()), earlier={8: [two_years], 4: list(before.values())}),
        analyses.CHANGE,
        figure=analyses.TIMES_THEN,
    ).set_index("indicator")
    expected = {}
    for name, today in now.items():
        quarters = 8 if name == "two_years" else 4
        n1, x1, n2, x2 = np.array([today, then[name]]).T
        counts = (x1, n1, x2, n2) if name in ("appointed", "two_years") else (x2, n2, x1, n1)
        windows = {
            "window": (1 - quarters, 0),
            "earlier_window": (1 - 2 * quarters, -quarters),
        }
        expected[name] = change_of_ratio(
            *(each[0] for each in counts), *(each[1] for each in counts), **windows
        )
        assert table.loc[name, "value"] == round(float(expected[name].estimate), 2), name
        assert limits(table.loc[name]) == rounded(expected[name]), name
    assert expected["harassed"].p_value < 0.01 / 3, "clear among the three of its kind"
    assert 0.05 / 3 < expected["appointed"].p_value < 0.05 * 2 / 3, "some"
    assert table["words"].to_dict() == {
        "appointed": analyses.SOME_CHANGE,
        "harassed": analyses.CLEAR_CHANGE,
        "left": TOO_FEW,
        "two_years": TOO_FEW,
    }


def test_a_window_of_two_years_is_set_beside_the_one_before_it() -> None:
    rows, before = ([{**each[0], "indicator": "two_years"}] for each in (TODAY, A_YEAR_AGO))
    assert of(analysed(rows, earlier={4: before}), analyses.CHANGE).empty
    found = of(analysed(rows, earlier={8: before}), analyses.CHANGE)
    assert set(found["of"]) == {"2022-10-01 to 2024-09-30"}


def asked(rows: Rows, held: int, **more: Any) -> Rows:
    """Make the rows those of a survey that was held so many quarters before today."""
    return [{**rows[0], "indicator": "asked", "as_of": NOW.plus(-held).key, **more}]


def test_a_survey_is_compared_with_the_survey_before_it_and_never_with_itself() -> None:
    """That of last autumn was in the reports of this winter and spring too, that of the autumn before a year earlier."""
    again = {back: asked(TODAY, held=3) for back in (1, 2, 3)}
    before = {back: asked(A_YEAR_AGO, held=7) for back in (4, 5, 6, 7)}
    found = of(analysed(asked(TODAY, held=3), earlier={**before, **again}), analyses.CHANGE)
    assert set(found["of"]) == {"2024-10-01 to 2024-12-31"}
    expected = change_of_ratio(120, 400, 45, 300, 110, 420, 60, 280, window=(-3, -3), earlier_window=(-7, -7))
    assert limits(found.iloc[1]) == rounded(expected)
    assert of(analysed(asked(TODAY, held=3), earlier=again), analyses.CHANGE).empty


def test_the_survey_before_may_be_two_years_back_and_is_never_passed_over() -> None:
    long_ago = {9: asked(A_YEAR_AGO, held=9)}
    found = of(analysed(asked(TODAY, held=0), earlier=long_ago), analyses.CHANGE)
    assert set(found["of"]) == {"2024-04-01 to 2024-06-30"}
    # Where the survey before was received and tells nothing, the one before that is no stand-in.
    untold = asked([cells(420, 110, 280, 0, 20, 6)], held=4)
    assert of(analysed(asked(TODAY, held=0), earlier={**long_ago, 4: untold}), analyses.CHANGE).empty


def test_what_an_earlier_version_gave_the_window_is_of_no_known_survey() -> None:
    earlier = {4: asked(A_YEAR_AGO, held=4, as_of="")}
    assert of(analysed(asked(TODAY, held=0), earlier=earlier), analyses.CHANGE).empty


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ([cells(400, 0, 300, 45, 20, 6)], A_YEAR_AGO),
        (TODAY, [cells(400, 120, 300, 0, 20, 6)]),
        ([cells(None, None, None, None, None, None, missing="not received")], A_YEAR_AGO),  # type: ignore[arg-type]
        *(
            ([cells(*counts, 0, 0, indicator="left")], [cells(100, 30, 100, 20, 0, 0, indicator="left")])
            for counts in ((100, 120, 100, 40), (100, 40, 100, 120))
        ),
    ],
    ids=["no events now", "none then", "nothing now", "more events than people", "the same of the others"],
)
def test_nothing_is_said_of_a_change_from_or_to_nothing(now: Rows, then: Rows) -> None:
    assert of(analysed(now, earlier={4: then}), analyses.CHANGE).empty


def test_a_change_of_one_event_or_to_everyone_is_still_told() -> None:
    now, then = (2, 1, 20, 20), (30, 30, 20, 10)
    row = of(
        analysed([cells(*now, 0, 0)], earlier={4: [cells(*then, 0, 0)]}),
        analyses.CHANGE,
        figure=analyses.TIMES_THEN,
    ).iloc[0]
    assert row["value"] == 0.25, "0.5 over 1, today, and 1 over 0.5"


def test_a_released_change_is_no_stronger_than_the_exact_one() -> None:
    exact, released = (
        of(analysed(TODAY, policy, earlier={4: A_YEAR_AGO}), analyses.CHANGE).iloc[1]
        for policy in (EXACT, POLICY)
    )
    assert released["low"] < exact["low"] < exact["high"] < released["high"]
    assert released["p_value"] > exact["p_value"]
    assert released["words"] == TOO_FEW
    now, then = (
        [within_two(each) for each in counts] for counts in ((120, 400, 45, 300), (110, 420, 60, 280))
    )
    expected = hull_of_change(now, then, window=(-3, 0), earlier_window=(-7, -4))  # type: ignore[arg-type]
    assert limits(released) == rounded(expected)


def test_in_large_numbers_little_change_is_no_material_one_and_much_is_clear() -> None:
    many, fewer = ([cells(40_000, 12_000, 30_000, appointed, 0, 0)] for appointed in (7_600, 5_000))
    for now, then, words in (
        (many, many, analyses.NO_CHANGE),
        (fewer, many, analyses.CLEAR_CHANGE),
        (many, fewer, analyses.CLEAR_CHANGE),
    ):
        assert of(analysed(now, earlier={4: then}), analyses.CHANGE)["words"].tolist() == ["", words]


# ------------------------------------------------------------------ stages

FUNNEL = [
    cells(900, 480, 700, 300, 0, 0, indicator="shortlisted"),
    cells(480, 200, 300, 90, 0, 0, indicator="offered"),
    cells(900, 180, 700, 70, 0, 0, indicator="appointed"),
]


def test_stages_add_up_to_the_whole_ratio() -> None:
    table = of(analysed(FUNNEL), analyses.STAGE)
    expected = funnel([900, 480, 200, 180], [700, 300, 90, 70])
    ratios, parts = (
        of(table, analyses.STAGE, figure=analyses.RATIO),
        of(table, analyses.STAGE, figure=analyses.PART),
    )
    assert ratios["of"].tolist() == parts["of"].tolist() == ["shortlisted", "offered", "appointed"]
    assert ratios["value"].tolist() == np.round(expected.stages.estimate, 2).tolist()
    assert ratios["low"].tolist() == np.round(expected.stages.low, 2).tolist()
    assert parts["value"].tolist() == np.round(expected.share, 2).tolist()
    assert parts["value"].sum() == pytest.approx(1, abs=0.02)
    released = of(analysed(FUNNEL, POLICY), analyses.STAGE, figure=analyses.RATIO)
    assert (released["low"].to_numpy() <= ratios["low"].to_numpy()).all()
    assert (released["high"].to_numpy() >= ratios["high"].to_numpy()).all()
    steps = [(480, 900, 300, 700), (200, 480, 90, 300), (180, 200, 70, 90)]
    for step, (_, row) in zip(steps, released.iterrows(), strict=True):
        assert limits(row) == rounded(hull(risk_ratio, *(within_two(each) for each in step)))


def test_stages_of_a_ratio_the_other_way_round() -> None:
    rows = [
        cells(900, 480, 700, 300, 0, 0, indicator="harassed"),
        cells(900, 180, 700, 70, 0, 0, indicator="dismissed"),
    ]
    table = of(analysed(rows), analyses.STAGE)
    expected = funnel([700, 300, 70], [900, 480, 180])
    ratios, parts = (of(table, analyses.STAGE, figure=each) for each in (analyses.RATIO, analyses.PART))
    assert set(table["indicator"]) == {"dismissed"}
    assert ratios["value"].tolist() == np.round(expected.stages.estimate, 2).tolist()
    assert ratios["high"].tolist() == np.round(expected.stages.high, 2).tolist()
    assert ratios["p_value"].tolist() == np.round(expected.stages.p_value, 4).tolist()
    assert parts["value"].tolist() == np.round(expected.share, 2).tolist()


def test_a_stage_that_all_pass_is_told_and_one_of_more_than_came_to_it_is_no_funnel() -> None:
    all_pass = [FUNNEL[0], cells(480, 480, 300, 300, 0, 0, indicator="offered"), FUNNEL[2]]
    ratios = of(analysed(all_pass), analyses.STAGE, figure=analyses.RATIO)
    assert ratios["value"].tolist()[1] == 1
    for more in ((490, 481, 300, 90), (480, 200, 310, 301)):
        grown = [FUNNEL[0], cells(*more, 0, 0, indicator="offered"), FUNNEL[2]]
        assert of(analysed(grown), analyses.STAGE).empty


def test_a_hidden_stage_hides_the_funnel() -> None:
    hidden = [FUNNEL[0], cells(480, 200, 300, 5, 0, 0, indicator="offered"), FUNNEL[2]]
    assert of(analysed(hidden, POLICY), analyses.STAGE).empty
    assert of(analysed(FUNNEL[:2]), analyses.STAGE).empty


# ------------------------------------------------------------------ within shortlists

SUMS = dict(zip(WITHIN, (46.4, 28.9, 28.8), strict=True))


@pytest.mark.parametrize("name", ["on_shortlist", "harassed"])
def test_people_on_the_same_shortlist_are_compared_from_sums(name: str) -> None:
    row = of(analysed([cells(400, 120, 300, 60, 0, 0, indicator=name, **SUMS)]), analyses.WITHIN_STRATA).iloc[
        0
    ]
    first, second = (46.4, 28.9) if name == "on_shortlist" else (28.9, 46.4)
    expected = vacancy_ratio(first, second, 28.8)
    assert (row["of"], row["figure"]) == ("vacancy", analyses.RATIO)
    assert row["value"] == round(first / second, 2)
    assert limits(row) == rounded(expected)


def test_released_sums_are_rounded_and_the_limits_hold_for_all_they_could_be() -> None:
    told = [cells(400, 120, 300, 60, 0, 0, indicator="on_shortlist", **SUMS)]
    exact, released = (
        of(analysed(told, policy), analyses.WITHIN_STRATA).iloc[0] for policy in (EXACT, POLICY)
    )
    assert released["value"] == 1.5
    assert released["low"] < exact["low"] < exact["high"] < released["high"]
    # 45 and 30 could be 42.5 to 47.5 and 27.5 to 32.5, and the variance, shown as 30, as much.
    lowest, highest = (
        [vacancy_ratio(*sums, variance) for variance in (27.5, 32.5)] for sums in ((42.5, 32.5), (47.5, 27.5))
    )
    assert limits(released) == [
        round(float(min(each.low for each in lowest)), 2),
        round(float(max(each.high for each in highest)), 2),
        round(float(max(each.p_value for each in (*lowest, *highest))), 4),
    ]
    same = [cells(400, 120, 300, 60, 0, 0, indicator="on_shortlist", **(SUMS | {"reference_within": 47.1}))]
    assert of(analysed(same, POLICY), analyses.WITHIN_STRATA).iloc[0].equals(released)
    few = [cells(400, 120, 300, 60, 0, 0, indicator="on_shortlist", **(SUMS | {"group_within": 7.0}))]
    hidden = [cells(400, 120, 300, 6, 0, 0, indicator="on_shortlist", **SUMS)]
    for rows in (few, hidden):
        assert of(analysed(rows, POLICY), analyses.WITHIN_STRATA).empty
    assert of(analysed([told[0] | {"within_variance": 4.9}]), analyses.WITHIN_STRATA).empty
    assert not of(analysed([told[0] | {"within_variance": 5.0}]), analyses.WITHIN_STRATA).empty


def test_released_sums_that_could_be_equal_differ_by_chance() -> None:
    near = SUMS | {"reference_within": 32.0}
    row = cells(400, 120, 300, 60, 0, 0, indicator="on_shortlist", **near)
    assert of(analysed([row], POLICY), analyses.WITHIN_STRATA).iloc[0]["p_value"] == 1
    assert of(analysed([row]), analyses.WITHIN_STRATA).iloc[0]["p_value"] < 1


def test_released_sums_that_could_be_too_small_are_not_compared() -> None:
    """Rounded to 4, a sum of 1.9 could be zero, and a variance of 5.5 no more than 2."""
    policy = POLICY.model_copy(update={"threshold": 2, "round_to": 4})
    told = cells(400, 120, 300, 60, 0, 0, indicator="on_shortlist", **SUMS)
    assert len(of(analysed([told], policy), analyses.WITHIN_STRATA)) == 1
    for small in ({"reference_within": 1.9}, {"group_within": 1.9}, {"within_variance": 5.5}):
        assert of(analysed([told | small], policy), analyses.WITHIN_STRATA).empty
        assert len(of(analysed([told | small]), analyses.WITHIN_STRATA)) == 1


@pytest.mark.parametrize("none", ["reference_within", "group_within"])
def test_shortlists_from_which_one_group_had_nobody_appointed_have_no_ratio(none: str) -> None:
    row = cells(400, 120, 300, 60, 0, 0, indicator="on_shortlist", **(SUMS | {none: 0.0}))
    assert of(analysed([row]), analyses.WITHIN_STRATA).empty
    assert len(of(analysed([row | {none: 0.9}]), analyses.WITHIN_STRATA)) == 1
    of_no_shortlist = cells(400, 120, 300, 60, 0, 0, indicator="appointed", **SUMS)
    assert of(analysed([of_no_shortlist]), analyses.WITHIN_STRATA).empty


# ------------------------------------------------------------------ standardised, mix and rate

LEVELS = [(300, 90, 40, 8), (80, 40, 60, 30), (120, 20, 200, 24)]


def by_band(levels: list[tuple[int, ...]], name: str = "appointed", by: str = "band") -> Rows:
    whole = [sum(each) for each in zip(*levels, strict=True)]
    rows = [cells(*whole, 0, 0, indicator=name)]
    rows += [
        cells(*each, 0, 0, indicator=name, breakdown=by, level=f"Band {at}") for at, each in enumerate(levels)
    ]
    return rows


@pytest.mark.parametrize("name", ["appointed", "harassed"])
def test_people_of_the_same_band_are_compared(name: str) -> None:
    table = analysed(by_band(LEVELS, name))
    row = of(table, analyses.STANDARDISED).iloc[0]
    n1, x1, n2, x2 = np.transpose(LEVELS)
    counts = (x1, n1, x2, n2) if name == "appointed" else (x2, n2, x1, n1)
    expected = stratified_risk_ratio(*counts)
    assert (row["of"], row["figure"]) == ("band", analyses.RATIO)
    assert row["value"] == round(float(expected.estimate), 2)
    assert limits(row) == rounded(expected)
    mix, rate = (
        of(table, analyses.MIX_AND_RATE, figure=figure).iloc[0] for figure in (analyses.MIX, analyses.RATE)
    )
    split = kitagawa_counts(*counts)
    for row, value, interval in (
        (mix, split.split.mix, split.mix_interval),
        (rate, split.split.rate, split.rate_interval),
    ):
        assert row["of"] == "band"
        expected_figures = [round(100 * float(each), 1) for each in (value, interval.low, interval.high)]
        assert [row["value"], row["low"], row["high"]] == expected_figures


def test_bands_and_directorates_are_each_pooled() -> None:
    both = [*by_band(LEVELS), *by_band([LEVELS[0], (200, 60, 260, 54)], by="directorate")[1:]]
    table = of(analysed(both), analyses.STANDARDISED).set_index("of")
    by_directorate = stratified_risk_ratio([90, 60], [300, 200], [8, 54], [40, 260])
    assert table.loc["directorate", "value"] == round(float(by_directorate.estimate), 2)
    alone = of(analysed(by_band(LEVELS)), analyses.STANDARDISED).set_index("of")
    pd.testing.assert_series_equal(table.loc["band"], alone.loc["band"])


def test_where_rates_within_bands_are_equal_the_whole_difference_is_mix() -> None:
    """Everyone of one band and nobody of the other, of which White people are 9 in 10 and 1 in 10."""
    table = analysed(by_band([(90, 90, 10, 10), (10, 0, 90, 0)]))
    split = of(table, analyses.MIX_AND_RATE).set_index("figure")["value"]
    assert (split[analyses.MIX], split[analyses.RATE]) == (80, 0)


def test_groups_of_one_mix_have_a_mix_of_nought_without_a_sign() -> None:
    """Rates of 30% and 50% in two bands, which hold 1,000 and 1,001 of White people and 1,000 each of others."""
    table = analysed(by_band([(1_001, 300, 1_000, 300), (1_000, 500, 1_000, 500)]))
    mix = of(table, analyses.MIX_AND_RATE, figure=analyses.MIX).iloc[0]
    assert str(mix["value"]) == "0.0"


def test_a_band_of_more_events_than_people_or_a_group_of_nobody_is_not_divided() -> None:
    wrong = [*LEVELS, (40, 10, 5, 6)]
    wrong_of_the_other = [*LEVELS, (10, 13, 40, 10)]
    nobody = [(300, 90, 0, 0), (80, 40, 0, 0)]
    nobody_of_the_other = [(0, 0, 300, 90), (0, 0, 80, 40)]
    for levels in (wrong, wrong_of_the_other, nobody, nobody_of_the_other):
        for policy in (EXACT, POLICY):
            table = analysed(by_band(levels), policy)
            assert of(table, analyses.MIX_AND_RATE).empty
            assert of(table, analyses.STANDARDISED)["value"].isna().all()


def test_a_band_in_which_everyone_was_appointed_is_pooled_as_others_are() -> None:
    nobody_appointed = analysed(by_band([(300, 90, 40, 0), (80, 40, 60, 0)]))
    assert len(of(nobody_appointed, analyses.MIX_AND_RATE)) == 2
    table = analysed(by_band([*LEVELS, (20, 20, 30, 30)]))
    n1, x1, n2, x2 = np.transpose([*LEVELS, (20, 20, 30, 30)])
    expected = stratified_risk_ratio(x1, n1, x2, n2)
    row = of(table, analyses.STANDARDISED).iloc[0]
    assert (row["value"], *limits(row)) == (round(float(expected.estimate), 2), *rounded(expected))
    assert len(of(table, analyses.MIX_AND_RATE)) == 2


def test_a_band_hidden_for_anothers_sake_could_hold_anyone() -> None:
    rows = by_band([(10, 0, 60, 25), (2, 0, 40, 15)])
    assert of(analysed(rows, POLICY), analyses.STANDARDISED).empty
    assert not of(analysed(rows), analyses.STANDARDISED).empty


def test_a_hidden_band_leaves_an_interval_and_no_value() -> None:
    small = [*LEVELS, (30, 9, 20, 3)]
    table = analysed(by_band(small), POLICY)
    row = of(table, analyses.STANDARDISED).iloc[0]
    exact = of(analysed(by_band(small)), analyses.STANDARDISED).iloc[0]
    assert np.isnan(row["value"])
    assert row["low"] < exact["low"] < exact["high"] < row["high"]
    assert of(table, analyses.MIX_AND_RATE).empty
    told = of(analysed(by_band(LEVELS), POLICY), analyses.MIX_AND_RATE)
    assert told[["low", "high"]].isna().all().all(), "no limits hold for a box"


def test_indicators_of_different_numbers_of_bands_do_not_change_each_other() -> None:
    alone = of(analysed(by_band(LEVELS)), analyses.STANDARDISED)
    both = analysed([*by_band(LEVELS), *by_band(LEVELS[:2], "harassed")])
    assert of(both, analyses.STANDARDISED, indicator="appointed").equals(alone)
    hidden = by_band([*LEVELS, (30, 9, 20, 3)], "harassed")
    beside = of(analysed([*by_band(LEVELS), *hidden], POLICY), analyses.STANDARDISED)
    told = of(analysed(by_band(LEVELS), POLICY), analyses.STANDARDISED)
    assert of(beside, analyses.STANDARDISED, indicator="appointed").equals(told)
    assert of(beside, analyses.STANDARDISED, indicator="harassed")["value"].isna().all()


def test_the_mean_of_a_number_is_not_divided_into_events() -> None:
    """Means of 10 of which 1,000 is the mean square: told, and too few to tell."""
    rows = [
        row
        | {"indicator": "spend", "unit": "pounds"}
        | {f"{side}_total": 10.0 * row[f"{side}_base"] for side in ("reference", "group")}
        | {f"{side}_squares": 1_000.0 * row[f"{side}_base"] for side in ("reference", "group")}
        for row in by_band(LEVELS)
    ]
    _, estimates = made(rows, EXACT)
    assert (estimates.iloc[0]["status"], estimates.iloc[0]["evidence"]) == ("", TOO_FEW)
    assert analysed(rows, earlier={4: rows}).empty


# ------------------------------------------------------------------ power, control


def test_what_could_have_been_seen_is_said_where_there_are_too_few() -> None:
    few = [cells(60, 20, 40, 12, 0, 0)]
    row = of(analysed(few), analyses.DETECTABLE).iloc[0]
    expected = smallest_detectable_ratio(60, 40, 0.32)
    assert (row["low"], row["high"]) == (round(float(expected.below), 2), round(float(expected.above), 2))
    assert of(analysed([cells(3_000, 900, 2_000, 400, 0, 0)]), analyses.DETECTABLE).empty


def test_what_could_have_been_seen_is_that_of_each_groups_size() -> None:
    """White people are the first group in one indicator and the second in the other; a third cannot be told."""
    few = [
        cells(60, 20, 40, 12, 0, 0, indicator="shortlisted"),
        cells(90, 20, 30, 5, 0, 0, indicator="harassed"),
        cells(30, 3, 0, 0, 0, 0, indicator="each_quarter"),
    ]
    table = of(analysed(few), analyses.DETECTABLE).set_index("indicator")
    for name, n1, n2, rate in (("shortlisted", 60, 40, 32 / 100), ("harassed", 30, 90, 25 / 120)):
        expected = smallest_detectable_ratio(n1, n2, rate)
        found = table.loc[name, ["low", "high"]].tolist()
        assert found == [round(float(expected.below), 2), round(float(expected.above), 2)]
    assert set(table.index) == {"shortlisted", "harassed"}
    assert set(zip(table["of"], table["figure"], strict=True)) == {("all", analyses.RATIO)}
    assert table["value"].isna().all()
    for smallest in ((1, 1, 400, 120), (40, 4, 20, 0)):
        assert len(of(analysed([cells(*smallest, 0, 0)]), analyses.DETECTABLE)) == 1


def test_single_quarters_have_a_control_chart_and_overlapping_windows_none() -> None:
    series = {
        back: [cells(200 + back, 60, 150, 30 + back % 5, 0, 0, indicator="each_quarter")] for back in range(9)
    }
    today = series.pop(0)
    found = analysed(today, earlier=series)
    row = of(found, analyses.CONTROL).iloc[0]
    ratios = [round((60 / (200 + back)) / ((30 + back % 5) / 150), 2) for back in range(8, -1, -1)]
    expected = xmr(ratios, [(at, at) for at in range(9)], better="neither")
    assert row["of"] == "9 quarters"
    assert [row["low"], row["high"]] == [round(float(expected.lower), 2), round(float(expected.upper), 2)]
    assert row["words"] == f"{expected.variation}; trial limits (nhsrplotthedots-0.2.2)"
    yearly = {back: [{**rows[0], "indicator": "appointed"}] for back, rows in series.items()}
    assert of(analysed([{**today[0], "indicator": "appointed"}], earlier=yearly), analyses.CONTROL).empty
    assert of(analysed(today, earlier={back: series[back] for back in (1, 2)}), analyses.CONTROL).empty
    fewest = of(analysed(today, earlier={back: series[back] for back in (1, 2, 3)}), analyses.CONTROL)
    assert fewest["of"].tolist() == ["4 quarters"]


def test_a_control_chart_is_of_the_whole_organisation_up_to_today() -> None:
    series = {back: [cells(200, 60, 150, 30 + back, 0, 0, indicator="each_quarter")] for back in range(1, 6)}
    today = [cells(200, 60, 150, 30, 0, 0, indicator="each_quarter")]
    chart = of(analysed(today, earlier=series), analyses.CONTROL)
    others = {
        back: [
            *rows,
            rows[0] | cells(50, 5, 40, 30, 0, 0, indicator="each_quarter", breakdown="band", level="Band 5"),
            rows[0] | {"indicator": "appointed"},
        ]
        for back, rows in series.items()
    }
    assert of(analysed(today, earlier=others), analyses.CONTROL).equals(chart)
    assert of(analysed(today, earlier={-1: series[1], **series}), analyses.CONTROL).empty, (
        "a quarter has come since"
    )
    none = [cells(200, 60, 150, 0, 0, 0, indicator="each_quarter")]
    assert of(analysed(none, earlier=series), analyses.CONTROL).empty, "today has no ratio"
    assert of(analysed(today, earlier=series | {2: none}), analyses.CONTROL)["of"].tolist() == ["5 quarters"]


@pytest.mark.parametrize(("name", "quarters_before"), [("each_quarter", 4), ("appointed", 1)])
def test_windows_of_another_length_before_an_indicator_was_changed_are_no_part_of_its_chart(
    name: str, quarters_before: int
) -> None:
    rows = [cells(200, 60, 150, 30, 0, 0, indicator=name)]
    before = pd.concat([made(rows, EXACT, NOW.plus(-back))[1] for back in range(1, 9)])
    table = analyse(*made(rows, EXACT), before.assign(quarters=quarters_before), CATALOGUE, NOW, EXACT)
    assert of(table, analyses.CONTROL).empty


def test_a_ratio_has_no_control_limit_below_nought() -> None:
    series = {
        back: [cells(200, 60 if back % 2 else 20, 200, 20, 0, 0, indicator="each_quarter")]
        for back in range(8)
    }
    row = of(analysed(series.pop(0), earlier=series), analyses.CONTROL).iloc[0]
    expected = xmr([3.0, 1.0] * 4, [(at, at) for at in range(8)], better="neither")
    assert expected.lower < 0
    assert (row["figure"], row["value"]) == (analyses.RATIO, 1)
    assert (row["low"], row["high"]) == (0, round(float(expected.upper), 2))


# ------------------------------------------------------------------ all together


def test_columns_order_and_types() -> None:
    table = analysed([*FUNNEL, *by_band(LEVELS, "harassed")], earlier={4: FUNNEL})
    assert tuple(table.columns) == analyses.COLUMNS
    order = list(INDICATORS)
    assert [order.index(name) for name in table["indicator"]] == sorted(
        order.index(n) for n in table["indicator"]
    )
    assert {str(table[name].dtype) for name in analyses.NUMBERS} == {"float64"}
    assert {str(table[name].dtype) for name in set(analyses.COLUMNS) - set(analyses.NUMBERS)} == {"str"}
    nothing = analysed([cells(*[None] * 6, missing="recruitment: not received")])  # type: ignore[arg-type]
    assert nothing.empty
    assert nothing.dtypes.equals(table.dtypes)


def shown_as(value: int) -> st.SearchStrategy[int]:
    """Draw a count that the policy shows as it shows this one."""
    if value < 8:
        return st.just(0) if value == 0 else st.integers(1, 7)
    near = 5 * ((value + 2) // 5)
    return st.integers(max(8, near - 2), near + 2)


@settings(max_examples=25, deadline=None)
@given(draw=st.data())
def test_what_is_released_depends_on_what_is_shown_alone(draw: st.DataObject) -> None:
    pair = st.integers(0, 120).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n)))
    four = st.tuples(pair, pair)
    levels = [(*one, *two) for one, two in draw.draw(st.lists(four, min_size=2, max_size=3))]
    other = [tuple(draw.draw(shown_as(value)) for value in level) for level in levels]
    kept = [
        level
        for level in zip(levels, other, strict=True)
        if level[1][0] >= level[1][1] and level[1][2] >= level[1][3]
    ]
    if not kept:
        return
    pair_of_rows = [by_band([each[at] for each in kept]) for at in (0, 1)]
    protected = [made(rows, POLICY)[0] for rows in pair_of_rows]
    if protected[0].equals(protected[1]):
        first, second = (analysed(rows, POLICY) for rows in pair_of_rows)
        pd.testing.assert_frame_equal(first, second)
