"""The numbers in docs/method.md are those of the code, and the intervals hold the truth as often as it says."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import product
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from pipelines.documents.coverage_chart import coverage_chart
from pipelines.documents.interval_coverage import (
    DOCUMENTED,
    HIGHEST,
    LOWEST,
    METHODS,
    Coverage,
    Design,
    Method,
    OneRate,
    TwoRates,
    coverage,
)
from pipelines.documents.method_figures import CHART, METHOD, Figures, figures, filled

DOCS = Path(__file__).parents[3] / "docs"
STALE = "is not what the code computes: run `make method` and look at the change"
TWO = [method for method in METHODS if isinstance(method, TwoRates)]
# Steps of 1%, ratios between those of the documentation, and groups of equal and of very uneven size.
FINE = Design(
    sizes=(*DOCUMENTED.sizes, (20, 40), (30, 30), (80, 80), (200, 25)),
    rates=tuple(Fraction(percent, 100) for percent in range(1, 100)),
    ratios=(*DOCUMENTED.ratios, *(Fraction(each, 10) for each in (6, 7, 9, 11, 13, 17))),
)


def words(method: Method) -> str:
    return f"{method.measure}, {method.name}"


@pytest.fixture(scope="module")
def covered() -> dict[str, Coverage]:
    return {words(method): coverage(method) for method in METHODS}


@pytest.fixture(scope="module")
def computed(covered: dict[str, Coverage]) -> Figures:
    return figures(list(covered.values()))


# ------------------------------------------------------------------ the document


def test_the_numbers_in_the_document_are_current(computed: Figures) -> None:
    text = (DOCS / METHOD).read_text(encoding="utf-8")
    assert text == filled(text, computed.blocks), f"docs/{METHOD} {STALE}"


def test_the_chart_is_current(computed: Figures) -> None:
    assert (DOCS / CHART).read_text(encoding="utf-8") == computed.chart, f"docs/{CHART} {STALE}"
    assert f"]({CHART})" in computed.blocks["coverage"]


def test_only_what_stands_in_a_block_is_replaced() -> None:
    text = "Above.\n\n<!-- computed: one -->\nold\n\nolder\n<!-- end -->\nBetween.\n<!-- computed: two -->\n<!-- end -->\n"
    blocks = {"one": "| 1 |\n", "two": r"a \1 stays" + "\n"}
    once = filled(text, blocks)
    assert once == (
        "Above.\n\n<!-- computed: one -->\n| 1 |\n<!-- end -->\nBetween.\n"
        "<!-- computed: two -->\na \\1 stays\n<!-- end -->\n"
    )
    assert filled(once, blocks) == once


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<!-- computed: one -->\nold\n", "needs a '<!-- end -->'"),
        ("<!-- computed: one -->\n<!-- computed: one -->\n<!-- end -->\n", "needs a '<!-- end -->'"),
        ("<!-- computed: one-off -->\n<!-- end -->\n", "needs a '<!-- end -->'"),
        ("nothing\n", "no others: one"),
        ("<!-- computed: other -->\n<!-- end -->\n", "no others: one, other"),
        ("<!-- computed: one -->\n<!-- end -->\n<!-- computed: one -->\n<!-- end -->\n", "no others: one"),
    ],
)
def test_a_document_whose_blocks_are_wrong_is_refused(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        filled(text, {"one": "new\n"})


def test_the_worked_example_is_told_exactly_and_protected(computed: Figures) -> None:
    _, _, exact, protected = computed.blocks["worked_example"].splitlines()
    assert exact == "| exact (analyst) | 32 of 140, 8 of 60 | 1.71 | 0.87 to 3.52 | 0.12 | outside | 4 |"
    assert protected.startswith("| `threshold8_round5` | 30 of 140, 10 of 60 | 1.29 |")
    assert protected.endswith("| 1 | cannot tell | 0 to 4 |")


def test_the_field_experiment_is_told_as_published(computed: Figures) -> None:
    # Bertrand and Mullainathan (2004), table 1: 9.65% and 6.45%, ratio 1.50, difference 3.20 points.
    block = computed.blocks["field_experiment"]
    for said in ("| 9.65% |", "| 6.45% |", "| ratio | Miettinen-Nurminen | 1.50 |", "| Newcombe | 3.20 |"):
        assert said in block


# ------------------------------------------------------------------ how often intervals hold the truth


def test_coverage_is_the_sum_over_all_tables() -> None:
    method = next(each for each in TWO if words(each) == "Difference, Newcombe")
    design = Design(((5, 3),), (Fraction(1, 5), Fraction(1, 2)), (Fraction(1), Fraction(5, 2)))
    found = coverage(method, design)
    assert list(zip(found.rate_1, found.rate_2, strict=True)) == [(0.2, 0.2), (0.5, 0.2), (0.5, 0.5)]
    by_hand = 0.0
    for x1, x2 in product(range(6), range(4)):
        table = method.compare(x1, 5, x2, 3)
        if table.low <= 0.3 <= table.high:
            by_hand += math.comb(5, x1) * 0.5**5 * math.comb(3, x2) * 0.2**x2 * 0.8 ** (3 - x2)
    assert found.held[1] == pytest.approx(by_hand, abs=1e-12)
    assert found.expected == pytest.approx([0.6, 0.6, 1.5])


def test_coverage_of_one_rate_is_the_sum_over_its_counts() -> None:
    method = next(each for each in METHODS if isinstance(each, OneRate) and each.name == "Wilson")
    found = coverage(method, Design(((4, 2),), (Fraction(1, 10), Fraction(1, 2)), ()))
    # Of 2 people Wilson's interval at no event reaches 0.66, at one 0.09 to 0.91, and at two starts at 0.34.
    assert found.held[:2] == pytest.approx([0.99, 1.0])
    assert list(found.n_1) == [2, 2, 4, 4]


def test_the_grid_is_the_documented_one(covered: dict[str, Coverage]) -> None:
    assert len(covered["Ratio, Koopman"].held) == 4 * len(DOCUMENTED.pairs) == 1152
    assert all(0.02 <= float(rate) <= 0.98 for pair in DOCUMENTED.pairs for rate in pair)


@pytest.mark.parametrize("method", TWO, ids=words)
def test_two_groups_are_covered_within_the_goal_wherever_five_are_expected(
    method: TwoRates, covered: dict[str, Coverage]
) -> None:
    found = covered[words(method)]
    assert found.enough.held.size > 800
    assert found.enough.inside == 1.0
    assert found.inside > 0.95
    assert 0.95 <= found.held.mean() <= 0.955
    assert found.held.min() > 0.91


@pytest.mark.parametrize(
    ("name", "lowest", "inside", "inside_where_enough"),
    [("Wilson", 0.925, 0.92, 0.97), ("Mid-p", 0.93, 0.92, 1.0), ("Clopper-Pearson", 0.95, 0.70, 0.82)],
)
def test_one_rate_is_covered(
    name: str, lowest: float, inside: float, inside_where_enough: float, covered: dict[str, Coverage]
) -> None:
    found = covered[f"One rate, {name}"]
    assert found.held.min() >= lowest
    assert found.inside >= inside
    assert found.enough.inside >= inside_where_enough
    assert 0.95 <= found.held.mean() < 0.97


@pytest.mark.long
@pytest.mark.parametrize("method", METHODS, ids=words)
def test_the_same_limits_hold_on_a_grid_many_times_as_fine(method: Method) -> None:
    found = coverage(method, FINE)
    if isinstance(method, TwoRates):
        assert found.enough.inside == 1.0
        assert found.inside > 0.92
    elif method.name == "Clopper-Pearson":
        assert found.held.min() >= 0.95
    else:
        assert found.enough.held.min() >= 0.92


# ------------------------------------------------------------------ the chart


def made_up(measure: str, name: str) -> Coverage:
    points = np.array([0.92, 0.95, 0.96])
    return Coverage(measure, name, points, np.array([1.0, 6.0, 9.0]), *(np.full(3, np.nan),) * 4)


def test_the_chart_has_a_row_and_words_for_every_method() -> None:
    root = ET.fromstring(coverage_chart([made_up("One rate", "First"), made_up("Ratio", "Second & third")]))
    texts = [each.text for each in root.iter("{http://www.w3.org/2000/svg}text")]
    for said in (
        "One rate",
        "Ratio",
        "First",
        "Second & third",
        "5 or more expected",
        "fewer than 5 expected",
    ):
        assert texts.count(said) == 1
    described = root.find("{http://www.w3.org/2000/svg}desc")
    assert described is not None
    assert "First: 0.950 to 0.960 where 5 or more are expected, 0.920 to 0.920 elsewhere" in (
        described.text or ""
    )


def test_the_chart_is_readable_in_size_and_stays_within_its_edges(computed: Figures) -> None:
    root = ET.fromstring(computed.chart)
    assert float(root.attrib["font-size"]) >= 16
    assert LOWEST == 0.93
    assert HIGHEST == 0.97
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    for bar in root.iter("{http://www.w3.org/2000/svg}rect"):
        assert 0 <= float(bar.attrib.get("x", 0)) <= width - float(bar.attrib["width"])
        assert 0 <= float(bar.attrib.get("y", 0)) <= height - float(bar.attrib["height"])
