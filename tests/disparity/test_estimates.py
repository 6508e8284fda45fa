"""Estimates: point values from what is shown alone, and intervals and words that hold for whatever the cells could be."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter
from scipy.stats import binom

from disparity.catalogue import Catalogue, Indicator
from disparity.catalogue.indicators import BROAD_GROUP
from disparity.catalogue.organisation import Agreement
from disparity.catalogue.policies import NoProtection, Policy
from disparity.counts.cells import CELLS, COUNTS
from disparity.disclosure import protect, shown_count
from disparity.estimates import COLUMNS, MORE_THAN_BASE, OUTSIDE, estimate, method_of
from disparity.markers import HIDDEN
from disparity.periods import Quarter
from disparity.populations.naming import people_of_all
from disparity.statistics.evidence import CLEAR, NO_MATERIAL_DISPARITY, SOME, TOO_FEW
from resources.catalogue import DEFAULT, load_catalogue

NOW = Quarter.from_key("2026-07-01")
WHOLE = load_catalogue(DEFAULT)
POLICY = WHOLE.policies["threshold8_round5"]
WORDS = {
    "theme": "recruitment", "title": "T", "question": "Q", "base_words": "people", "event_words": "did",
    "sensitivity": "low",
}  # fmt: skip
KINDS: dict[str, dict[str, Any]] = {
    "rows": {"kind": "rows", "dataset": "recruitment", "base": "TRUE", "event": "appointed"},
    "rate": {"kind": "rate", "dataset": "leavers", "better": "lower", "ratio_of": "group/reference"},
    "mean": {"kind": "mean", "dataset": "learning_budget", "base": "TRUE", "value": "cost", "unit": "pounds"},
    "linked": {"kind": "linked", "dataset": "learning_budget", "event": "TRUE", "value": "cost", "unit": "pounds"},
    "share": {"kind": "share", "dataset": "staff_in_post", "ratio_of": "group/reference", "breakdowns": ["band"]},
    "part": {
        "kind": "share", "dataset": "staff_in_post", "part": "board_member", "part_words": "the board",
        "ratio_of": "group/reference", "needs_agreement": "board",
    },
    "spend": {
        "kind": "share", "dataset": "learning_budget", "value": "cost", "part_words": "spend",
        "rest_words": "staff in post", "ratio_of": "group/reference",
    },
    "coverage": {"kind": "coverage", "dataset": "staff_survey", "base_dataset": "staff_in_post"},
}  # fmt: skip


def catalogue_of(**changed: dict[str, Any]) -> Catalogue:
    """Return the default catalogue with one indicator of each kind, some of them changed."""
    adapter: TypeAdapter[Indicator] = TypeAdapter(Indicator)
    made = {
        name: adapter.validate_python({**WORDS, **given, **changed.get(name, {})})
        for name, given in KINDS.items()
    }
    return WHOLE.model_copy(update={"indicators": made})


CATALOGUE = catalogue_of()


def counts_of(*rows: dict[str, Any]) -> pl.DataFrame:
    plain = {
        "breakdown": "all", "level": "all", "unit": "", "missing": "", "as_of": NOW.key, "indicator": "rows",
    }  # fmt: skip
    made = [{**plain, **row} for row in rows]
    shares = {name for name, given in KINDS.items() if given["kind"] == "share"}
    share = {"of": "ethnic_minority", "unknown_events": None}
    of = [share if row["indicator"] in shares else {"of": ""} for row in made]
    return pl.DataFrame([row | more for row, more in zip(made, of, strict=True)], schema=COUNTS)


def cells(*values: int | None, **more: Any) -> dict[str, Any]:
    return {**dict(zip(CELLS, values, strict=True)), **more}


def estimated(
    *rows: dict[str, Any],
    policy: Policy | NoProtection = POLICY,
    catalogue: Catalogue = CATALOGUE,
    released: bool = True,
) -> pd.DataFrame:
    counts = counts_of(*rows)
    people = people_of_all(catalogue, NOW, dict.fromkeys(counts["indicator"], NOW.key), counts=counts)
    protected = protect(counts, policy, people).to_pandas()
    return estimate(
        protected,
        catalogue,
        NOW,
        percent_decimals=policy.percent_decimals,
        least_base=policy.least_base,
        released=released,
    )


def exactly(*rows: dict[str, Any], **more: Any) -> pd.DataFrame:
    return estimated(*rows, policy=NoProtection(), released=False, **more)


def test_the_applications_of_a_field_experiment_give_its_papers_figures() -> None:
    """Bertrand and Mullainathan (2004), table 1: 235 of 2,435 and 157 of 2,435, 9.65% and 6.45%, ratio 1.50."""
    row = exactly(cells(2_435, 235, 2_435, 157, 0, 0)).iloc[0]
    assert (row.reference_value, row.group_value, row.ratio) == (9.65, 6.45, 1.5)
    assert row.difference == 3.2
    assert row.ratio_low < 1.5 < row.ratio_high
    assert row.p_value < 0.001
    assert (row.evidence, row.flag, row.status) == (CLEAR, OUTSIDE, "")
    assert row.people_to_parity == "39"
    assert (row.reference_group, row.group, row.ratio_of) == (
        "White",
        "ethnic minority",
        "White / ethnic minority",
    )
    assert (row.period_start, row.period_end, row.quarters) == ("2025-10-01", "2026-09-30", 4)
    assert (row.organisation, row.theme) == (CATALOGUE.organisation.name, "recruitment")
    assert row.vintage == 0, "until it is saved"


def test_a_survey_is_of_the_quarter_it_was_held_in_though_a_later_report_rests_on_it() -> None:
    held, window = "2025-10-01", ("2025-10-01", "2026-09-30", 4)
    told, lacking = (
        exactly(cells(300, 40, 200, 20, 10, 5, indicator="coverage", **more)).iloc[0]
        for more in ({"as_of": held}, {"as_of": "", "missing": "staff survey: not received"})
    )
    assert (told.period_start, told.period_end, told.quarters) == (held, "2025-12-31", 1)
    assert (lacking.period_start, lacking.period_end, lacking.quarters) == window
    assert told.quarter == lacking.quarter == NOW.key
    counted = exactly(cells(300, 40, 200, 20, 10, 5, as_of=NOW.key)).iloc[0]
    assert (counted.period_start, counted.period_end, counted.quarters) == window


def test_of_a_base_below_the_policys_least_no_percentage_is_told() -> None:
    policy = POLICY.model_copy(update={"least_base": 20, "round_to": 1})
    few, enough = (estimated(cells(400, 120, n, 10, 0, 0), policy=policy).iloc[0] for n in (19, 20))
    assert (few.status, enough.status) == ("[u]", "")
    assert pd.isna(few.group_value)
    assert pd.isna(few.ratio)
    assert pd.isna(few.ratio_low), "its interval would tell it"
    assert enough.group_value == 50


def test_the_columns_are_those_of_the_interface_each_of_one_type() -> None:
    every = [cells(300, 40, 200, 20, 10, 5, indicator=name) for name in KINDS]
    table = estimated(*every)
    assert tuple(table.columns) == COLUMNS
    assert list(table["indicator"]) == list(KINDS), "in the order of the catalogue"
    texts = {
        "organisation",
        "theme",
        "indicator",
        "breakdown",
        "level",
        "quarter",
        "period_start",
        "period_end",
    }
    texts |= {"reference_group", "group", "ratio_of", "evidence", "flag", "people_to_parity", "status"}
    texts |= {f"{cell}_status" for cell in CELLS}
    for column in COLUMNS:
        expected = "str" if column in texts else "int64" if column in ("quarters", "vintage") else "float64"
        assert str(table[column].dtype) == expected, column
    assert not table[sorted(texts)].isna().any().any()
    none = estimated()
    assert (none.dtypes == table.dtypes).all(), "though there is no row to tell it from"


def test_a_table_in_which_everything_is_missing_says_so_and_nothing_else() -> None:
    rows = [{"indicator": name, "missing": "recruitment: not received"} for name in KINDS]
    table = estimated(*rows)
    assert list(table["status"]) == ["[x] recruitment: not received"] * len(KINDS)
    numbers = table.select_dtypes("float64")
    assert numbers.isna().all().all()
    assert (table[["evidence", "flag", "people_to_parity"]] == "").all().all()
    assert (table[[f"{cell}_status" for cell in CELLS]] == "[x]").all().all()
    assert estimated().empty


def test_how_each_kind_is_compared() -> None:
    methods = {name: method_of(each) for name, each in CATALOGUE.indicators.items()}
    assert methods == {
        "rows": "proportion", "rate": "rate", "mean": "mean", "linked": "mean", "share": "proportion",
        "part": "proportion", "spend": "share of a sum", "coverage": "proportion",
    }  # fmt: skip


# -------------------------------------------------- from protected counts alone

PAIR = st.tuples(st.integers(0, 300), st.integers(0, 300)).map(lambda two: (max(two), min(two)))
SIX = st.tuples(PAIR, PAIR, PAIR).map(lambda sides: tuple(itertools.chain(*sides)))
SHOWN_ALONE = (
    "reference_base", "reference_events", "reference_value", "group_base", "group_events", "group_value",
    "unknown_base", "unknown_events", "ratio", "difference", "ratio_low_unknown", "ratio_high_unknown", "status",
)  # fmt: skip


def levels(rows: list[tuple[int, ...]], kind: str) -> list[dict[str, Any]]:
    """Make one row a level: many tables are compared at the cost of one."""
    return [cells(*row, indicator=kind, breakdown="band", level=f"{at:03}") for at, row in enumerate(rows)]


def alike(value: int) -> list[int]:
    """Return the counts that are shown as this one is."""
    near = range(value - 8, value + 9)
    return [each for each in near if each >= 0 and shown_count(each, POLICY) == shown_count(value, POLICY)]


MANY = st.lists(SIX, min_size=20, max_size=40)


@settings(max_examples=8, deadline=None)
@given(true=MANY, draw=st.data(), kind=st.sampled_from(["rows", "rate", "part", "coverage"]))
def test_counts_that_are_shown_alike_give_the_same_rows(
    true: list[tuple[int, ...]], draw: st.DataObject, kind: str
) -> None:
    other = [tuple(draw.draw(st.sampled_from(alike(value))) for value in row) for row in true]
    both = [
        row for row in zip(true, other, strict=True) if all(row[1][at] >= row[1][at + 1] for at in (0, 2, 4))
    ]
    first, second = (estimated(*levels([pair[at] for pair in both], kind)) for at in (0, 1))
    statuses = [f"{cell}_status" for cell in CELLS]
    same = (first[statuses] == second[statuses]).all(axis=1)
    assert same.mean() > 0.8
    # Where a level is hidden for another's sake no row with a hidden count is compared, so that such rows are alike
    # where all levels are.
    same &= ~(first[statuses] == HIDDEN).any(axis=1) | same.all()
    of_one_row = [name for name in COLUMNS if name not in ("q_value", "evidence")]
    pd.testing.assert_frame_equal(first.loc[same, of_one_row], second.loc[same, of_one_row])


@settings(max_examples=10, deadline=None)
@given(true=MANY, kind=st.sampled_from(["rows", "rate", "part"]))
def test_what_is_said_holds_the_analysts_interval(true: list[tuple[int, ...]], kind: str) -> None:
    """Intervals are at least as wide, p at least as large and words no stronger than on the true counts."""
    protected, exact = (estimated(*levels(true, kind), policy=each) for each in (POLICY, NoProtection()))
    compared = protected["p_value"].notna() & exact["p_value"].notna()
    protected, exact = protected[compared], exact[compared]
    # An exact p between the ends of the cells can be a little larger, but not where it decides anything.
    assert ((protected["p_value"] >= exact["p_value"]) | (protected["p_value"] >= 0.05)).all()
    for name in ("ratio", "difference"):
        bounded = protected[f"{name}_low"].notna()
        assert (protected[f"{name}_low"] <= exact[f"{name}_low"])[bounded].all()
        assert (protected[f"{name}_high"] >= exact[f"{name}_high"])[bounded].all()
    settled = protected["evidence"] == NO_MATERIAL_DISPARITY
    assert (exact["evidence"][settled] == NO_MATERIAL_DISPARITY).all()
    flagged = ~protected["flag"].isin(["", "cannot tell"])
    assert (protected["flag"] == exact["flag"])[flagged].all()


def spending(
    n: tuple[int, int], mean: tuple[float, float], deviation: tuple[float, float], kind: str
) -> dict[str, Any]:
    total = [count * each for count, each in zip(n, mean, strict=True)]
    squares = [
        count * each**2 + max(count - 1, 0) * spread**2
        for count, each, spread in zip(n, mean, deviation, strict=True)
    ]
    return cells(
        n[0], n[0], n[1], n[1], 0, 0, indicator=kind, unit="pounds", reference_total=total[0],
        reference_squares=squares[0], group_total=total[1], group_squares=squares[1],
    )  # fmt: skip


SPENT = st.tuples(
    st.tuples(st.integers(8, 400), st.integers(8, 400)),
    st.tuples(st.floats(10, 900), st.floats(10, 900)),
    st.tuples(st.floats(1, 900), st.floats(1, 900)),
)


@settings(max_examples=10, deadline=None)
@given(drawn=st.lists(SPENT, min_size=10, max_size=20))
def test_a_rounded_mean_still_holds_the_analysts_interval(drawn: list[Any]) -> None:
    rows = [
        {**spending(*each, "mean"), "breakdown": "band", "level": f"{at:03}"} for at, each in enumerate(drawn)
    ]
    protected, exact = (estimated(*rows, policy=policy) for policy in (POLICY, NoProtection()))
    assert (protected["reference_value"] % 10 == 0).all()
    assert ((protected["reference_value"] - exact["reference_value"]).abs() <= 5.01).all()
    for name in ("ratio", "difference"):
        assert (protected[f"{name}_low"] <= exact[f"{name}_low"]).all()
        assert (protected[f"{name}_high"] >= exact[f"{name}_high"]).all()
    assert (protected["p_value"] >= exact["p_value"]).all()


@pytest.mark.parametrize("n", [(200, 5), (5, 200)])
def test_a_value_hidden_with_its_people_is_marked_and_leaves_others_alone(n: tuple[int, int]) -> None:
    other = spending((200, 300), (100, 50), (30, 30), "mean")
    told, row = (each for _, each in estimated(other, spending(n, (100, 50), (30, 30), "linked")).iterrows())
    assert row.status == "[c]"
    assert np.isnan([row.reference_value, row.group_value, row.ratio, row.ratio_low, row.p_value]).all()
    assert row.evidence == ""
    pd.testing.assert_series_equal(told, estimated(other).iloc[0])
    assert told.evidence == CLEAR


def test_a_mean_hidden_lest_it_tell_another_is_marked_though_its_people_are_told() -> None:
    """Of Band 5 the counts are shown, but its mean and the whole's would give that of Band 6's five people."""
    bands = {"all": (650, 105), "Band 5": (200, 100), "Band 6": (150, 5), "Band 7": (300, 0)}
    table = estimated(
        *(
            spending(n, (100, 50), (30, 30), "mean")
            | {"breakdown": "all" if name == "all" else "band", "level": name}
            for name, n in bands.items()
        )
    ).set_index("level")
    assert table["status"].to_dict() == {"all": "", "Band 5": "[c]", "Band 6": "[c]", "Band 7": ""}
    assert (table.loc["Band 5", [f"{cell}_status" for cell in CELLS]] == "").all()
    assert table.loc["all", "ratio"] == 2
    assert table.loc["Band 7", "reference_value"] == 100


@pytest.mark.parametrize("flipped", [False, True])
def test_means_are_compared_as_welch_does(flipped: bool) -> None:
    """Variances of the means 8**2 / 16 = 4 and 18**2 / 36 = 9; 13**2 / (4**2 / 15 + 9**2 / 35) = 50 degrees of freedom.

    From a table of t: 2.009 leaves 0.05 in both tails, 2.678 leaves 0.01 and 2.937 leaves 0.005.
    """
    half, t = 2.009 * 13**0.5, 10 / 13**0.5
    assert 2.678 < t < 2.937
    catalogue = catalogue_of(mean={"ratio_of": "group/reference"} if flipped else {})
    row = exactly(spending((16, 36), (110, 100), (8, 18), "mean"), catalogue=catalogue).iloc[0]
    assert (row.reference_value, row.group_value) == (110, 100)
    assert row.ratio == (0.91 if flipped else 1.1)
    sign = -1 if flipped else 1
    assert row.difference == sign * 10
    limits = sorted(round(sign * limit, 1) for limit in (10 - half, 10 + half))
    assert [row.difference_low, row.difference_high] == limits
    assert (row.ratio_low > 1, row.ratio_high < 1) == (not flipped, flipped)
    assert 0.005 < row.p_value < 0.01
    assert row.evidence == NO_MATERIAL_DISPARITY, "for all its p: the ratio is inside 0.8 to 1.25"
    assert row.people_to_parity == row.flag == ""
    assert np.isnan([row.ratio_low_unknown, row.ratio_high_unknown]).all()


def test_means_half_a_standard_error_apart_have_the_p_of_that() -> None:
    """100 and 98 of 50 each, deviation 20: t is 2 / (20 * sqrt(2 / 50)) = 0.5 on 98, of which a table gives p = 0.618."""
    assert exactly(spending((50, 50), (100, 98), (20, 20), "mean")).iloc[0].p_value == pytest.approx(
        0.618, abs=0.0005
    )


@pytest.mark.parametrize("n", [(1, 200), (200, 1)])
def test_the_mean_of_one_person_has_no_interval(n: tuple[int, int]) -> None:
    row = exactly(spending(n, (100, 50), (30, 30), "mean")).iloc[0]
    assert (row.reference_value, row.group_value, row.ratio, row.status) == (100, 50, 2, "")
    assert np.isnan([row.ratio_low, row.ratio_high, row.difference_low, row.p_value]).all()


def test_means_and_rates_have_decimals_of_their_own() -> None:
    """Where percentages are whole: 125 leavers of 4,005 in four snapshots are 12.484 a year per 100 staff."""
    catalogue = catalogue_of(mean={"unit": "points"})
    scores = spending((300, 200), (3.44, 2.61), (1, 1), "mean") | {"unit": "points"}
    leavers = cells(4_005, 125, 2_000, 75, 0, 0, indicator="rate")
    rate, mean, share = (
        row
        for _, row in estimated(
            leavers, scores, cells(300, 40, 200, 20, 0, 0, indicator="coverage"), catalogue=catalogue
        ).iterrows()
    )
    assert (rate.reference_value, rate.group_value) == (12.5, 15)
    assert (mean.reference_value, mean.group_value) == (3.4, 2.6)
    assert (share.reference_value, share.group_value) == (13, 10)
    pence = exactly(spending((300, 200), (10 / 3, 2), (1, 1), "mean")).iloc[0]
    assert pence.reference_value == 3.33


# ----------------------------------------------------------------- which way round


def test_a_ratio_the_other_way_round_is_inverted_and_its_difference_negated() -> None:
    flipped = catalogue_of(rows={"ratio_of": "group/reference"})
    one = exactly(cells(400, 100, 300, 50, 20, 4)).iloc[0]
    other = exactly(cells(400, 100, 300, 50, 20, 4), catalogue=flipped).iloc[0]
    assert other.ratio_of == "ethnic minority / White"
    assert other.ratio == pytest.approx(1 / one.ratio, abs=0.01)
    assert (other.ratio_low, other.ratio_high) == pytest.approx(
        (1 / one.ratio_high, 1 / one.ratio_low), abs=0.01
    )
    assert (other.difference, other.difference_low) == (-one.difference, -one.difference_high)
    assert other.p_value == one.p_value
    assert other.people_to_parity == one.people_to_parity
    assert other.ratio_low_unknown == pytest.approx(1 / one.ratio_high_unknown, abs=0.01)


def test_a_rate_is_a_year_per_hundred_staff() -> None:
    """Four snapshots of 1,000 White and 500 ethnic minority staff; 100 and 75 leavers."""
    row = exactly(cells(4_000, 100, 2_000, 75, 0, 0, indicator="rate")).iloc[0]
    assert (row.reference_value, row.group_value, row.ratio, row.difference) == (10, 15, 1.5, 5)
    assert np.isnan(row.difference_low)
    assert row.flag == "", "four-fifths is a rule for selection rates"
    assert row.people_to_parity == ""
    all_left_once = exactly(cells(4_000, 1_000, 2_000, 500, 0, 0, indicator="rate")).iloc[0]
    assert (all_left_once.reference_value, all_left_once.group_value) == (100, 100)


def test_rates_of_breast_cancer_have_their_papers_ratio() -> None:
    """Boice and Monson (1977) as in Rothman: 41 cases in 28,010 years, 15 in 19,017; exact limits of Stata's `ir`."""
    row = exactly(cells(19_017, 15, 28_010, 41, 0, 0, indicator="rate")).iloc[0]
    assert (row.ratio, row.ratio_low, row.ratio_high) == (1.86, 1.01, 3.61)
    tail = binom.sf(40, 56, 28_010 / (28_010 + 19_017))
    assert row.p_value == round(2 * float(tail), 4)
    assert row.evidence == SOME


def test_a_part_is_set_beside_the_rest_in_percentage_points() -> None:
    row = exactly(cells(2_986, 808, 14, 2, 1, None, indicator="part")).iloc[0]
    assert (row.reference_group, row.group, row.ratio_of) == (
        "other staff",
        "the board",
        "the board / other staff",
    )
    assert (row.reference_value, row.group_value) == (27.06, 14.29)
    assert row.difference == -12.8
    assert row.people_to_parity == ""
    assert np.isnan(row.ratio_low_unknown)


def test_a_population_alone_has_a_value_and_no_ratio_and_its_levels_stand_beside_the_rest() -> None:
    table = exactly(
        cells(None, None, 3_000, 812, 171, None, indicator="share"),
        cells(2_500, 600, 500, 212, 20, None, indicator="share", breakdown="band", level="Band 5"),
    )
    whole, band = table.iloc[0], table.iloc[1]
    assert (whole.reference_group, whole.group, whole.ratio_of) == ("", "people", "")
    assert whole.group_value == 27.07
    assert np.isnan([whole.reference_value, whole.ratio, whole.ratio_low, whole.p_value]).all()
    assert (band.reference_group, band.group) == ("other staff", "Band 5")
    assert (band.reference_value, band.group_value) == (24, 42.4)
    assert band.ratio == 1.77


def test_words_of_a_flag_level_come_from_the_house_style() -> None:
    catalogue = catalogue_of(share={"breakdowns": ["internal"]})
    row = exactly(
        cells(90, 10, 60, 20, 0, None, indicator="share", breakdown="internal", level="true"),
        catalogue=catalogue,
    )
    assert row["group"].item() == "Internal applicants"


def test_a_broad_group_stands_beside_white_people_and_in_a_share_within_the_population() -> None:
    of_group = {"breakdown": BROAD_GROUP, "level": "Other"}
    rows = exactly(
        cells(300, 90, 40, 6, 12, 2, **of_group),
        cells(None, None, 3_000, 75, 180, None, indicator="share", **of_group),
        cells(2_900, 70, 100, 5, 3, None, indicator="part", **of_group),
    )
    assert rows[["reference_group", "group", "ratio_of"]].to_numpy().tolist() == [
        ["White", "Other ethnic group", "White / Other ethnic group"],
        ["", "people", ""],
        ["other staff", "the board", "the board / other staff"],
    ]
    assert rows["ratio"].tolist()[::2] == [2.0, 2.07]
    assert rows["group_value"].tolist() == [15, 2.5, 5]


def test_a_share_of_spend_stands_beside_the_share_of_staff_untested() -> None:
    money = {"unit": "pounds", "reference_total": 50_000.0, "group_total": 12_500.0}
    row = estimated(cells(2_000, 600, 300, 90, 12, None, indicator="spend", **money)).iloc[0]
    assert (row.reference_value, row.group_value, row.difference) == (30, 25, -5)
    assert np.isnan(row.p_value)
    assert row.evidence == ""
    for events in (4, 296):
        few = estimated(cells(2_000, 600, 300, events, 12, None, indicator="spend", **money)).iloc[0]
        assert few.status == "[c]", "of few people, or of all but a few"
        assert np.isnan(few.group_value)


# ------------------------------------------------------------------- words and flags


@pytest.mark.parametrize(
    ("counts", "evidence", "flag"),
    [
        ((3_000, 600, 2_000, 400), NO_MATERIAL_DISPARITY, "within 0.80 to 1.25"),
        ((3_000, 700, 2_000, 400), CLEAR, "within 0.80 to 1.25"),
        ((3_000, 900, 2_000, 400), CLEAR, OUTSIDE),
        ((300, 90, 200, 42), SOME, OUTSIDE),
        ((60, 20, 40, 12), TOO_FEW, "within 0.80 to 1.25"),
        ((60, 0, 40, 0), TOO_FEW, "cannot tell"),
    ],
)
def test_evidence_and_flag_are_told_apart(counts: tuple[int, ...], evidence: str, flag: str) -> None:
    row = exactly(cells(*counts, 0, 0)).iloc[0]
    assert (row.evidence, row.flag) == (evidence, flag)


def test_evidence_is_judged_after_adjusting_over_everything_that_is_told() -> None:
    lone = exactly(cells(300, 90, 200, 42, 0, 0)).iloc[0]
    others = [cells(100, 30, 100, 30, 0, 0, breakdown="band", level=f"Band {at}") for at in range(2, 9)]
    family = exactly(cells(300, 90, 200, 42, 0, 0), *others)
    assert family["p_value"].iloc[0] == lone.p_value == lone.q_value
    assert family["q_value"].iloc[0] == pytest.approx(8 * lone.p_value, abs=0.001)
    assert (lone.evidence, family["evidence"].iloc[0]) == (SOME, TOO_FEW)


def test_an_indicators_own_margin_decides_what_is_no_material_disparity() -> None:
    """Ratios of 0.83 and 1.2 with intervals past both ends of 0.8 to 1.25."""
    wide = catalogue_of(rows={"margin": (0.5, 2.0)})
    for counts in ((200, 50, 300, 90, 0, 0), (300, 90, 200, 50, 0, 0)):
        rows = cells(*counts), cells(*counts, indicator="coverage")
        assert exactly(*rows)["evidence"].tolist() == [TOO_FEW, TOO_FEW]
        assert exactly(*rows, catalogue=wide)["evidence"].tolist() == [NO_MATERIAL_DISPARITY, TOO_FEW]


def test_an_indicator_that_wants_no_flag_has_none() -> None:
    unflagged = catalogue_of(rows={"flag": "none"})
    assert exactly(cells(300, 90, 200, 30, 0, 0), catalogue=unflagged).iloc[0].flag == ""


def test_people_to_parity_is_a_range_where_counts_are_rounded() -> None:
    row = estimated(cells(400, 100, 300, 50, 20, 10)).iloc[0]
    few, many = (int(each) for each in row.people_to_parity.split(" to "))
    exact = int(exactly(cells(400, 100, 300, 50, 20, 10)).iloc[0].people_to_parity)
    assert few < exact < many
    better_low = catalogue_of(rows={"better": "lower"})
    assert exactly(cells(400, 100, 300, 50, 0, 0), catalogue=better_low).iloc[0].people_to_parity == ""


def test_unknown_bounds_are_those_of_everyone_unknown_in_one_group() -> None:
    row = exactly(cells(200, 60, 100, 20, 50, 5)).iloc[0]
    assert row.ratio == 1.5
    as_white, as_minority = (65 / 250) / (20 / 100), (60 / 200) / (25 / 150)
    assert (row.ratio_low_unknown, row.ratio_high_unknown) == (round(as_white, 2), round(as_minority, 2))
    rate = exactly(cells(100, 20, 200, 60, 50, 5, indicator="rate")).iloc[0]
    assert (rate.ratio_low_unknown, rate.ratio_high_unknown) == (
        row.ratio_low_unknown,
        row.ratio_high_unknown,
    )


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((200, 60, 100, 20, 0, 0), (1.5, 1.5)),
        ((200, 60, 100, 20, 50, 50), (0.64, 2.2)),
        ((200, 60, 100, 0, 50, 5), (9, np.inf)),
        ((200, 60, 1, 1, 50, 5), (0.26, 2.55)),
        ((1, 1, 200, 60, 50, 5), (0.39, 3.85)),
    ],
    ids=["nobody unknown", "all of them events", "no event in a group", "one in a group", "one in the other"],
)
def test_unknown_bounds_at_the_edges(counts: tuple[int, ...], expected: tuple[float, float]) -> None:
    row = exactly(cells(*counts)).iloc[0]
    assert (row.ratio_low_unknown, row.ratio_high_unknown) == expected
    assert np.isfinite([row.ratio_low, row.p_value]).all()


@pytest.mark.parametrize(
    "counts", [(100, 120, 100, 40, 10, 2), (100, 40, 100, 120, 10, 2), (100, 40, 100, 20, 10, 12)]
)
def test_a_rate_of_more_events_than_staff_is_compared_without_unknown_bounds(counts: tuple[int, ...]) -> None:
    row = exactly(cells(*counts, indicator="rate")).iloc[0]
    assert row.status == ""
    assert np.isfinite([row.ratio, row.ratio_low, row.ratio_high, row.p_value]).all()
    assert np.isnan([row.ratio_low_unknown, row.ratio_high_unknown]).all()


def test_a_protected_cell_is_said_of_the_row_and_still_bounds_the_ratio() -> None:
    row = estimated(cells(200, 60, 100, 3, 5, 0)).iloc[0]
    assert (row.status, row.group_events_status, row.reference_events_status) == ("[c]", "[c]", "")
    assert np.isnan([row.group_events, row.group_value, row.reference_value, row.ratio, row.difference]).all()
    assert row.reference_events == 60
    assert row.ratio_low < 60 / 200 / (3 / 100) < row.ratio_high
    assert row.evidence == CLEAR, "1 to 7 of about 100 is far from 60 of 200, whatever it is"
    assert row.people_to_parity == ""
    assert np.isnan(row.ratio_low_unknown)


def test_a_cell_hidden_for_anothers_sake_tells_no_interval() -> None:
    table = estimated(
        cells(12, 0, 100, 40, 0, 0),
        cells(10, 0, 60, 25, 0, 0, breakdown="band", level="Band 5"),
        cells(2, 0, 40, 15, 0, 0, breakdown="band", level="Band 6"),
    )
    hidden = table[table["level"] == "Band 5"].iloc[0]
    assert (hidden.status, hidden.reference_base_status) == ("[c]", "[c]")
    assert np.isnan([hidden.ratio_low, hidden.ratio_high, hidden.p_value, hidden.ratio]).all()


@pytest.mark.parametrize("kind", ["rows", "coverage"])
def test_more_events_than_people_is_said_and_not_compared(kind: str) -> None:
    row = estimated(cells(100, 120, 100, 40, 0, 0, indicator=kind)).iloc[0]
    assert row.status == MORE_THAN_BASE
    assert np.isnan([row.reference_value, row.ratio, row.p_value]).all()
    assert (row.evidence, row.flag) == ("", "")
    everyone = exactly(cells(100, 100, 100, 40, 0, 0, indicator=kind)).iloc[0]
    assert (everyone.status, everyone.reference_value, everyone.ratio) == ("", 100, 2.5)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "counts",
    [(0, 0, 0, 0, 0, 0), (300, 0, 0, 0, 0, 0), (0, 0, 300, 300, 0, 0), (300, 90, 0, 9, 0, 0)],
    ids=["nobody", "one group without events", "the other of nothing else", "leavers whom no snapshot held"],
)
def test_an_empty_group_is_compared_with_nobody(kind: str, counts: tuple[int, ...]) -> None:
    for table in (estimated(cells(*counts, indicator=kind)), exactly(cells(*counts, indicator=kind))):
        row = table.iloc[0]
        assert np.isnan([row.ratio, row.ratio_low, row.p_value]).all()
        assert row.evidence == ""


# ------------------------------------------------------------------ recorded agreement

BOARD = (
    cells(2_986, 808, 40, 12, 8, None, indicator="part"),
    cells(500, 200, 20, 9, 0, None, indicator="part", breakdown="band", level="VSM"),
)


def test_figures_about_a_few_who_have_not_agreed_are_withheld_from_what_is_released() -> None:
    organisation = WHOLE.organisation.model_copy(update={"agreements": {"board": Agreement()}})
    unagreed = CATALOGUE.model_copy(update={"organisation": organisation})
    others = cells(300, 90, 200, 42, 10, 9)
    table = estimated(others, *BOARD, catalogue=unagreed)
    assert list(table["indicator"]) == ["rows", "part"], "and its breakdowns are gone"
    row = table.iloc[1]
    assert (row.breakdown, row.level, row.status) == ("all", "all", "[x] not agreed")
    assert {row[f"{cell}_status"] for cell in CELLS} == {"[x]"}
    assert table.select_dtypes("float64").iloc[1].isna().all()
    assert (row.evidence, row.flag, row.ratio_of) == ("", "", "the board / other staff")
    alone = estimated(others, catalogue=unagreed)
    pd.testing.assert_frame_equal(table.iloc[:1], alone), "nor do they weigh on the q of others"
    assert (
        not estimated(others, *BOARD, catalogue=unagreed, released=False)["status"]
        .str.contains("agreed")
        .any()
    )


def test_figures_about_a_few_who_agreed_are_told() -> None:
    table = estimated(*BOARD)
    assert len(table) == 2
    assert table["group_value"].notna().all()


def test_the_same_counts_give_the_same_table() -> None:
    rows = [cells(300, 40, 200, 20, 10, 8, indicator=name) for name in reversed(KINDS)]
    pd.testing.assert_frame_equal(estimated(*rows), estimated(*rows))
    pd.testing.assert_frame_equal(estimated(*rows), estimated(*reversed(rows)))
    pd.testing.assert_frame_equal(exactly(*rows), exactly(*reversed(rows)))


def test_levels_stay_in_their_order_however_many_they_are() -> None:
    rows = [
        cells(300 + at, 40, 200, 20, 10, 8, indicator=name, breakdown="band", level=f"Band {at}")
        for at in range(40)
        for name in ("rate", "rows")
    ]
    table = exactly(*rows)
    assert table["indicator"].tolist() == ["rows"] * 40 + ["rate"] * 40
    assert table["reference_base"].tolist() == [300 + at for at in range(40)] * 2
