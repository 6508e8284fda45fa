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
from disparity.counts import CELLS, COUNTS, WITHIN
from disparity.decomposition import funnel, kitagawa_counts
from disparity.disclosure import protect
from disparity.estimates import estimate
from disparity.evidence import TOO_FEW
from disparity.periods import Quarter
from disparity.populations import people_of_all
from disparity.power import smallest_detectable_ratio
from disparity.process_control import xmr
from disparity.stratified import stratified_risk_ratio
from disparity.trend import change_of_ratio
from disparity.vacancies import vacancy_ratio
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
    "spend": {"kind": "mean", "dataset": "learning_budget", "value": "cost", "unit": "pounds"},
}


def catalogue_of() -> Catalogue:
    adapter: TypeAdapter[Indicator] = TypeAdapter(Indicator)
    made = {}
    for name, given_ in INDICATORS.items():
        fields = {**WORDS, **given_}
        if fields["kind"] == "mean":
            del fields["event"]
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
    people = people_of_all(CATALOGUE, quarter, dict.fromkeys(counts["indicator"], quarter.key))
    protected = protect(counts, policy, people).to_pandas()
    decimals = policy.percent_decimals
    return protected, estimate(protected, CATALOGUE, quarter, percent_decimals=decimals, released=False)


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


TODAY = [cells(400, 120, 300, 45, 20, 6)]
A_YEAR_AGO = [cells(420, 110, 280, 60, 20, 6)]


# ------------------------------------------------------------------ change


def test_a_change_is_that_of_two_windows_that_share_no_quarter() -> None:
    table = of(analysed(TODAY, earlier={4: A_YEAR_AGO, 1: [cells(1, 0, 1, 0, 0, 0)]}), analyses.CHANGE)
    then, times = (row for _, row in table.iterrows())
    assert then["of"] == times["of"] == "2024-10-01 to 2025-09-30"
    assert then["value"] == round((110 / 420) / (60 / 280), 2)
    expected = change_of_ratio(120, 400, 45, 300, 110, 420, 60, 280, window=(-3, 0), earlier_window=(-7, -4))
    assert times["value"] == round(float(expected.estimate), 2)
    assert limits(times) == rounded(expected)
    assert times["words"] == analyses.SOME_CHANGE


def test_a_window_of_two_years_is_set_beside_the_one_before_it() -> None:
    rows, before = ([{**each[0], "indicator": "two_years"}] for each in (TODAY, A_YEAR_AGO))
    assert of(analysed(rows, earlier={4: before}), analyses.CHANGE).empty
    found = of(analysed(rows, earlier={8: before}), analyses.CHANGE)
    assert set(found["of"]) == {"2022-10-01 to 2024-09-30"}


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ([cells(400, 0, 300, 45, 20, 6)], A_YEAR_AGO),
        (TODAY, [cells(400, 120, 300, 0, 20, 6)]),
        ([cells(None, None, None, None, None, None, missing="not received")], A_YEAR_AGO),  # type: ignore[arg-type]
    ],
    ids=["no events now", "none then", "nothing now"],
)
def test_nothing_is_said_of_a_change_from_or_to_nothing(now: Rows, then: Rows) -> None:
    assert of(analysed(now, earlier={4: then}), analyses.CHANGE).empty


def test_a_released_change_is_no_stronger_than_the_exact_one() -> None:
    exact, released = (
        of(analysed(TODAY, policy, earlier={4: A_YEAR_AGO}), analyses.CHANGE).iloc[1]
        for policy in (EXACT, POLICY)
    )
    assert released["low"] < exact["low"] < exact["high"] < released["high"]
    assert released["p_value"] > exact["p_value"]
    assert released["words"] == TOO_FEW


def test_little_change_in_large_numbers_is_no_material_change() -> None:
    many = [cells(40_000, 12_000, 30_000, 7_600, 0, 0)]
    assert of(analysed(many, earlier={4: many}), analyses.CHANGE)["words"].tolist() == [
        "",
        analyses.NO_CHANGE,
    ]


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
    assert ratios["of"].tolist() == ["shortlisted", "offered", "appointed"]
    assert ratios["value"].tolist() == np.round(expected.stages.estimate, 2).tolist()
    assert ratios["low"].tolist() == np.round(expected.stages.low, 2).tolist()
    assert parts["value"].tolist() == np.round(expected.share, 2).tolist()
    assert parts["value"].sum() == pytest.approx(1, abs=0.02)
    released = of(analysed(FUNNEL, POLICY), analyses.STAGE, figure=analyses.RATIO)
    assert (released["low"].to_numpy() <= ratios["low"].to_numpy()).all()
    assert (released["high"].to_numpy() >= ratios["high"].to_numpy()).all()


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
    assert (row["of"], row["value"]) == ("vacancy", round(first / second, 2))
    assert limits(row) == rounded(expected)


def test_released_sums_are_rounded_and_the_limits_hold_for_all_they_could_be() -> None:
    told = [cells(400, 120, 300, 60, 0, 0, indicator="on_shortlist", **SUMS)]
    exact, released = (
        of(analysed(told, policy), analyses.WITHIN_STRATA).iloc[0] for policy in (EXACT, POLICY)
    )
    assert released["value"] == 1.5
    assert released["low"] < exact["low"] < exact["high"] < released["high"]
    same = [cells(400, 120, 300, 60, 0, 0, indicator="on_shortlist", **(SUMS | {"reference_within": 47.1}))]
    assert of(analysed(same, POLICY), analyses.WITHIN_STRATA).iloc[0].equals(released)
    few = [cells(400, 120, 300, 60, 0, 0, indicator="on_shortlist", **(SUMS | {"group_within": 7.0}))]
    hidden = [cells(400, 120, 300, 6, 0, 0, indicator="on_shortlist", **SUMS)]
    for rows in (few, hidden):
        assert of(analysed(rows, POLICY), analyses.WITHIN_STRATA).empty
    assert of(analysed([told[0] | {"within_variance": 4.9}]), analyses.WITHIN_STRATA).empty


# ------------------------------------------------------------------ standardised, mix and rate

LEVELS = [(300, 90, 40, 8), (80, 40, 60, 30), (120, 20, 200, 24)]


def by_band(levels: list[tuple[int, ...]], name: str = "appointed") -> Rows:
    whole = [sum(each) for each in zip(*levels, strict=True)]
    rows = [cells(*whole, 0, 0, indicator=name)]
    rows += [
        cells(*each, 0, 0, indicator=name, breakdown="band", level=f"Band {at}")
        for at, each in enumerate(levels)
    ]
    return rows


@pytest.mark.parametrize("name", ["appointed", "harassed"])
def test_people_of_the_same_band_are_compared(name: str) -> None:
    table = analysed(by_band(LEVELS, name))
    row = of(table, analyses.STANDARDISED).iloc[0]
    n1, x1, n2, x2 = np.transpose(LEVELS)
    counts = (x1, n1, x2, n2) if name == "appointed" else (x2, n2, x1, n1)
    expected = stratified_risk_ratio(*counts)
    assert (row["of"], row["value"]) == ("band", round(float(expected.estimate), 2))
    assert limits(row) == rounded(expected)
    mix, rate = (
        of(table, analyses.MIX_AND_RATE, figure=figure).iloc[0] for figure in (analyses.MIX, analyses.RATE)
    )
    split = kitagawa_counts(*counts)
    assert mix["value"] == round(100 * float(split.split.mix), 1)
    assert rate["value"] == round(100 * float(split.split.rate), 1)
    assert (mix["low"], rate["high"]) == (
        round(100 * float(split.mix_interval.low), 1), round(100 * float(split.rate_interval.high), 1),
    )  # fmt: skip


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


def test_the_mean_of_a_number_is_not_divided_into_events() -> None:
    rows = [{**row, "indicator": "spend"} for row in by_band(LEVELS)]
    assert analysed(rows).empty


# ------------------------------------------------------------------ power, control


def test_what_could_have_been_seen_is_said_where_there_are_too_few() -> None:
    few = [cells(60, 20, 40, 12, 0, 0)]
    row = of(analysed(few), analyses.DETECTABLE).iloc[0]
    expected = smallest_detectable_ratio(60, 40, 0.32)
    assert (row["low"], row["high"]) == (round(float(expected.below), 2), round(float(expected.above), 2))
    assert of(analysed([cells(3_000, 900, 2_000, 400, 0, 0)]), analyses.DETECTABLE).empty


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
    assert analysed([cells(*[None] * 6, missing="recruitment: not received")]).empty  # type: ignore[arg-type]


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
