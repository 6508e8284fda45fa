"""What policies tell, tallied on small tables, and whether docs/policies.md is what the code computes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from disparity.catalogue import Catalogue
from disparity.catalogue.policies import NoProtection, Policy
from disparity.counts.cells import CELLS
from disparity.disclosure.released_counts import BEYOND
from disparity.rows import Estimate
from pipelines.documents.method_figures import filled
from pipelines.documents.policy_figures import (
    POLICIES_PAGE,
    CellTold,
    Comparison,
    Told,
    cells_told,
    comparison_told,
    comparisons_told,
    parity_block,
    policies,
    sample_blocks,
)
from reports.release.estimates import NUMBERS, TEXTS, WHOLES
from resources.catalogue import DEFAULT, load_catalogue

PAGE = Path(__file__).parents[3] / "docs" / POLICIES_PAGE
STALE = f"docs/{POLICIES_PAGE} is not what the code computes: run `make policies` and look at the change"
APPOINTED = "appointed_from_shortlisting"
ROUNDED = "threshold8_round5"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue(DEFAULT)


def estimate(**known: Any) -> Estimate:
    blank = {**dict.fromkeys(TEXTS, ""), **dict.fromkeys(NUMBERS), **dict.fromkeys(WHOLES, 0)}
    named = {"indicator": APPOINTED, "breakdown": "all", "level": "all", "reference_group": "White"}
    return Estimate(**{**blank, **named, **known})


# ------------------------------------------------------------------ cells


def protected_row(level: str, **fate_of: str) -> dict[str, object]:
    """Return one row of protected counts; what no fate is named for is shown."""
    status = {"shown": "", "absent": "[x]"}
    high = {"shown": 20, "small": 7, "for another": BEYOND, "absent": None}
    row: dict[str, object] = {"indicator": "i", "breakdown": "band", "level": level}
    for cell in CELLS:
        fate = fate_of.get(cell, "shown")
        row |= {f"{cell}_status": status.get(fate, "[c]"), f"{cell}_high": high[fate]}
    return row


def counted_row(level: str, **count_of: int | None) -> dict[str, object]:
    return {
        "indicator": "i",
        "breakdown": "band",
        "level": level,
        **{cell: count_of.get(cell, 20) for cell in CELLS},
    }


def test_every_cell_that_was_counted_is_tallied_once_by_what_became_of_it() -> None:
    counts = pl.DataFrame(
        [counted_row("1"), counted_row("2", unknown_events=None), counted_row("3", unknown_base=None)]
    )
    protected = pl.DataFrame(
        [
            protected_row("1", group_events="small", reference_events="for another", unknown_events="absent"),
            protected_row("2", unknown_events="absent", unknown_base="small"),
        ]
    )
    tally = cells_told(counts, protected)
    # Of the first row three are shown, of the second four of five; the third is left out with its five.
    assert tally == {
        CellTold.SHOWN: 3 + 4,
        CellTold.SMALL: 2,
        CellTold.FOR_ANOTHER: 1,
        CellTold.NOT_TOLD: 1 + 5,
    }


# ------------------------------------------------------------------ comparisons

HIDDEN = {"status": "[c]", "group_events_status": "[c]", "ratio_low": 0.9, "ratio_high": float("inf")}
OF_MANY = {"reference_base": 140.0, "reference_events": 30.0, "group_base": 60.0}
OF_FEW = {"reference_base": 140.0, "reference_events": 15.0, "group_base": 60.0}


@pytest.mark.parametrize(
    ("known", "said"),
    [
        ({"ratio": 1.29, "ratio_low": 0.5, "ratio_high": 3.0}, Comparison.VALUE),
        ({"difference": 2.0}, Comparison.VALUE),
        ({"reference_group": "", "group_value": 20.0}, Comparison.VALUE),
        # At the other group's rate 12.9 of 60: a hidden count is below 8 and so below that.
        (HIDDEN | OF_MANY, Comparison.BOUND),
        # At the other group's rate 6.4 of 60: below 8 is no news.
        (HIDDEN | OF_FEW, Comparison.INTERVAL),
        (HIDDEN | OF_FEW | {"ratio_low": 0.0, "ratio_high": 4.0}, Comparison.INTERVAL),
        (HIDDEN | OF_FEW | {"ratio_low": 0.0}, Comparison.NOTHING),
        ({"status": "[c]"}, Comparison.NOTHING),
        ({"status": "[x] not agreed"}, Comparison.NOTHING),
    ],
)
def test_what_is_said_of_a_comparison(known: dict[str, Any], said: Comparison, catalogue: Catalogue) -> None:
    policy = catalogue.policies[ROUNDED]
    assert comparison_told(estimate(**known), catalogue.indicators[APPOINTED], policy) is said


def test_only_of_chances_is_a_bound_said(catalogue: Catalogue) -> None:
    share = catalogue.indicators["ethnic_minority_share_of_senior_managers"]
    row = estimate(**HIDDEN, **OF_MANY)
    assert comparison_told(row, share, catalogue.policies[ROUNDED]) is Comparison.INTERVAL


def test_comparisons_are_those_that_the_exact_counts_have_a_value_of(catalogue: Catalogue) -> None:
    nothing = pl.DataFrame()
    exact = Told(
        nothing,
        [
            estimate(level="told", ratio=1.2),
            estimate(level="hidden", ratio=1.3),
            estimate(level="left out", difference=3.0),
            estimate(level="of nobody"),
            estimate(level="described", reference_group="", group_value=20.0),
        ],
    )
    told = Told(
        nothing,
        [estimate(level="told", ratio=1.25), estimate(level="hidden", status="[c]")],
    )
    tally = comparisons_told(exact, told, catalogue, catalogue.policies[ROUNDED])
    assert tally == {Comparison.VALUE: 1, Comparison.NOTHING: 2}
    assert comparisons_told(exact, exact, catalogue, NoProtection()) == {Comparison.VALUE: 3}


# ------------------------------------------------------------------ parity beside 1.71


@pytest.fixture(scope="module")
def parity() -> dict[tuple[str, str], tuple[str, str]]:
    """What is told by policy and time, of 1.71 and of parity."""
    _, _, *rows = parity_block().splitlines()
    cells = [[each.strip() for each in row.strip("|").split(" | ")] for row in rows]
    return {(name.strip("`"), over): (disparity, equal) for name, over, disparity, equal in cells}


def test_rounding_to_5_shows_the_same_of_one_year_whether_the_truth_is_parity_or_not(
    parity: dict[tuple[str, str], tuple[str, str]],
) -> None:
    disparity, equal = parity[ROUNDED, "one year"]
    assert disparity == equal
    # 30/140 over 10/60.
    assert disparity.startswith("30 of 140, 10 of 60: 1.29 (")


@pytest.mark.parametrize(
    "policy", ["small_organisation", "exact_suppressed", "restricted_small_numbers", "none"]
)
def test_two_years_told_exactly_show_both(
    policy: str, parity: dict[tuple[str, str], tuple[str, str]]
) -> None:
    # 64/280 over 16/120 is 12/7; its Miettinen-Nurminen limits, and those at parity, are the method's.
    assert parity[policy, "two years"] == (
        "64 of 280, 16 of 120: 1.71 (1.05 to 2.85)",
        "56 of 280, 24 of 120: 1.00 (0.66 to 1.54)",
    )


def test_one_year_is_told_as_each_policy_has_it(parity: dict[tuple[str, str], tuple[str, str]]) -> None:
    assert set(parity["small_organisation", "one year"]) == {"[x] not told over so short a time"}
    assert parity["restricted_small_numbers", "one year"][0] == "32 of 140, 8 of 60: 1.71 (0.87 to 3.52)"
    # 8 is below 10; at the rate of White candidates 32 * 60 / 140 = 13.7 would have been appointed.
    hidden, shown = parity["exact_suppressed", "one year"]
    assert hidden.startswith("32 of 140, [c] of 60: [c] fewer than 10 of 60, equal chances would give 14; 0.")
    assert shown.startswith("28 of 140, 12 of 60: 1.00 (")


# ------------------------------------------------------------------ the document


def test_what_is_told_of_parity_is_current() -> None:
    said = f"<!-- computed: parity -->\n{parity_block()}<!-- end -->"
    assert said in PAGE.read_text(encoding="utf-8"), STALE


def test_every_policy_is_explained() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for name in policies():
        assert f"\n### `{name}`\n" in text
        assert f"\n| `{name}` | " in text


def _row_of(name: str, policy: Policy) -> Iterator[str]:
    yield f"| `{name}` | 1 to {policy.threshold - 1}"
    yield "exact" if policy.round_to == 1 else f"rounded to {policy.round_to}"
    yield "once a year" if policy.told == "every year" else "every quarter"
    yield f"| {policy.least_base or 'any'} |"


def test_the_table_of_policies_says_what_the_catalogue_says(catalogue: Catalogue) -> None:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    for name, policy in catalogue.policies.items():
        row = next(line for line in lines if line.startswith(f"| `{name}` | "))
        for said in _row_of(name, policy):
            assert said in row, f"{name}: {said}"


@pytest.mark.long
def test_what_is_told_of_invented_extracts_is_current(tmp_path: Path) -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text == filled(text, {**sample_blocks(tmp_path), "parity": parity_block()}), STALE
