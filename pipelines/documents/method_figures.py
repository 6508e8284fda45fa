"""The numbers in docs/method.md and its chart, computed by the code they describe.

`make method` fills what stands between ``<!-- computed: NAME -->`` and ``<!-- end -->``; the words around are
written by hand. A test keeps both files current.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from disparity.catalogue.policies import Policy
from disparity.disclosure.released_counts import TOLD, bounds, rounded
from disparity.statistics.comparison import Comparison, Interval, Numbers
from disparity.statistics.effect import (
    CANNOT_TELL,
    WITHIN,
    chance_of_as_few,
    expected_at_equal_chances,
    four_fifths,
    four_fifths_box,
    people_to_parity,
    people_to_parity_box,
    selections_to_four_fifths,
    smallest_detectable_ratio,
)
from disparity.statistics.exact import fisher, fisher_mid_p
from disparity.statistics.proportions import (
    clopper_pearson,
    mid_p,
    odds_ratio,
    risk_difference,
    risk_ratio,
    wilson,
)
from disparity.statistics.worst_case import exact_p_where_small, hull
from pipelines.documents.coverage_chart import coverage_chart
from pipelines.documents.interval_coverage import (
    DOCUMENTED,
    ENOUGH,
    HIGHEST,
    LOWEST,
    METHODS,
    Coverage,
    OneRate,
    coverage,
)
from resources.catalogue import DEFAULT, load_catalogue

METHOD = "method.md"
CHART = "images/coverage.svg"

_EXAMPLE = (32, 140, 8, 60)
_EXAMPLE_POLICY = "threshold8_round5"
_EXPERIMENT = (235, 2435, 157, 2435)

_BLOCK = re.compile(r"(<!-- computed: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
_OPENING = "<!-- computed:"
_WRAP = 120

Row: TypeAlias = tuple[str, ...]
Counts: TypeAlias = NDArray[np.int64]


class Figures(NamedTuple):
    """The text of every computed block by its name, and the chart."""

    blocks: dict[str, str]
    chart: str


def figures(found: Sequence[Coverage]) -> Figures:
    """Compute everything from the coverage of every one of `METHODS`."""
    blocks = {
        "worked_example": _worked_example(),
        "field_experiment": _field_experiment(),
        "coverage": _coverage(found),
    }
    return Figures(blocks, coverage_chart(found))


def filled(text: str, blocks: dict[str, str]) -> str:
    """Return the document with its blocks computed.

    Raises ValueError where a block is not closed, is unknown, is missing, or stands twice.
    """
    names = [found[2] for found in _BLOCK.finditer(text)]
    if text.count(_OPENING) != len(names):
        raise ValueError("every '<!-- computed: NAME -->' needs a '<!-- end -->', each on a line of its own")
    wrong = sorted(set(names) ^ set(blocks)) + sorted({name for name in names if names.count(name) > 1})
    if wrong:
        raise ValueError(
            f"these blocks must stand in the document once each, and no others: {', '.join(wrong)}"
        )
    return _BLOCK.sub(lambda found: f"{found[1]}{blocks[found[2]]}{found[3]}", text)


def _paragraph(text: str) -> str:
    return textwrap.fill(text, _WRAP, break_long_words=False, break_on_hyphens=False)


def _table(head: Row, rows: Sequence[Row]) -> str:
    lines = (head, ("---",) * len(head), *rows)
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


# ------------------------------------------------------------------ what rounding costs


def _worked_example() -> str:
    head = ("", "shown", "ratio", "95% interval", "p", "four-fifths", "people to parity")
    true = np.array(_EXAMPLE)
    policy = load_catalogue(DEFAULT).policies[_EXAMPLE_POLICY]
    if not isinstance(policy, Policy):
        raise TypeError(f"{_EXAMPLE_POLICY} does not round")
    protected = bounds(true, np.full(true.shape, TOLD), policy)
    exact = _as_told("exact (analyst)", true, true, true)
    return _table(head, [exact, _as_told(f"`{_EXAMPLE_POLICY}`", rounded(true, policy), *protected)])


def _as_told(name: str, shown: Counts, low: Counts, high: Counts) -> Row:
    """Return a row of what is told of a comparison whose counts are shown and could be ``low`` to ``high``."""
    # An axis of one comparison, since the pipeline compares many at a time.
    events_1, n_1, events_2, n_2 = (
        Interval(*ends) for ends in zip(low[:, np.newaxis], high[:, np.newaxis], strict=True)
    )
    sides = (events_1, n_1, events_2, n_2)
    ratio, parity = hull(risk_ratio, *sides), people_to_parity_box(*sides)
    flag = str(four_fifths_box(*sides)[0])
    least, most = parity.low[0], parity.high[0]
    return (
        name,
        f"{shown[0]} of {shown[1]}, {shown[2]} of {shown[3]}",
        f"{risk_ratio(*shown).estimate:.2f}",
        f"{ratio.low[0]:.2f} to {ratio.high[0]:.2f}",
        _p(exact_p_where_small(ratio.p_value, *sides)[0]),
        flag if flag in (WITHIN, CANNOT_TELL) else "outside",
        f"{least}" if least == most else f"{least} to {most}",
    )


# ------------------------------------------------------------------ four counts by every method


def _field_experiment() -> str:
    x1, n1, x2, n2 = _EXPERIMENT
    words = _paragraph(
        f"Callbacks to {n1:,} applications with a White-sounding name and {n2:,} with a Black-sounding one, alike but "
        f"for the name: {x1} and {x2} (Bertrand and Mullainathan 2004, Am Econ Rev 94, from page 991)."
    )
    compared = _table(
        ("", "method", "value", "95% interval", "p"), [*_each_rate(), *_comparisons(), *_exact()]
    )
    return f"{words}\n\n{compared}\n{_table(('', 'value'), list(_in_people()))}"


def _each_rate() -> Iterator[Row]:
    x1, n1, x2, n2 = _EXPERIMENT
    methods: dict[str, Callable[..., Interval]] = {
        "Wilson": wilson, "mid-p": mid_p, "Clopper-Pearson": clopper_pearson
    }  # fmt: skip
    for group, events, n in (("rate of group 1", x1, n1), ("rate of group 2", x2, n2)):
        for name, method in methods.items():
            yield group, name, f"{100 * events / n:.2f}%", _limits(method(events, n), 100, "%"), ""


def _comparisons() -> Iterator[Row]:
    for name, method, compare in (
        ("ratio", "Miettinen-Nurminen", risk_ratio),
        ("ratio", "Koopman", partial(risk_ratio, method="koopman")),
        ("ratio", "MOVER-Wilson", partial(risk_ratio, method="mover_wilson")),
        ("odds ratio", "Miettinen-Nurminen", odds_ratio),
    ):
        found = compare(*_EXPERIMENT)
        yield name, method, f"{found.estimate:.2f}", _limits(found), _p(found.p_value)
    for method, compare in (
        ("Miettinen-Nurminen", risk_difference),
        ("Newcombe", partial(risk_difference, method="newcombe")),
    ):
        found = compare(*_EXPERIMENT)
        yield (
            "difference in points", method, f"{100 * found.estimate:.2f}", _limits(found, 100), _p(found.p_value)
        )  # fmt: skip


def _exact() -> Iterator[Row]:
    for name, test in (("Fisher", fisher), ("Fisher, mid-p", fisher_mid_p)):
        yield "exact test", name, "", "", _p(test(*_EXPERIMENT).p_value)


def _in_people() -> Iterator[Row]:
    x1, n1, x2, n2 = _EXPERIMENT
    yield "four-fifths rule", str(four_fifths(*_EXPERIMENT))
    yield "events of group 2 at equal chances", f"{expected_at_equal_chances(*_EXPERIMENT):.0f}; seen {x2}"
    yield "chance of as few, were chances equal", _p(chance_of_as_few(*_EXPERIMENT))
    yield "people to parity", f"{people_to_parity(*_EXPERIMENT)}"
    yield "selections to four-fifths", f"{selections_to_four_fifths(*_EXPERIMENT)}"
    found = smallest_detectable_ratio(n1, n2, (x1 + x2) / (n1 + n2))
    yield "ratios found four times in five", f"{found.below:.2f} or less, {found.above:.2f} or more"


def _limits(found: Interval | Comparison, scale: int = 1, unit: str = "") -> str:
    return f"{scale * found.low:.2f}{unit} to {scale * found.high:.2f}{unit}"


def _p(value: Numbers) -> str:
    """Write a probability to two figures."""
    return "below 0.0001" if value < 0.0001 else f"{value:.2g}"


# ------------------------------------------------------------------ coverage


def _coverage(found: Sequence[Coverage]) -> str:
    head = (
        "interval", "mean", "share inside", "lowest", "highest",
        f"{ENOUGH:g} or more expected: share inside", "its lowest", "its highest",
    )  # fmt: skip
    rows = [
        (f"{each.measure}, {each.name}", f"{each.held.mean():.3f}", *_summary(each), *_summary(each.enough))
        for each in found
    ]
    picture = f"![The table above as a chart: a row for each interval, two bars in a row.]({CHART})"
    reading = _paragraph(
        f"Filled bars: points at which {ENOUGH:g} or more are expected; hollow: the others. A bar holds nine points in "
        "ten, the line all of them, the stroke in the bar is their mean."
    )
    parts = (_grid_in_words(), _table(head, rows).rstrip("\n"), picture, reading, _outside_in_words(found))
    return "\n\n".join(parts) + "\n"


def _summary(points: Coverage) -> Row:
    return f"{_share(points.inside)}", f"{points.held.min():.3f}", f"{points.held.max():.3f}"


def _grid_in_words() -> str:
    sizes = ", ".join(f"{n_1} and {n_2}" for n_1, n_2 in DOCUMENTED.sizes)
    ratios = ", ".join(f"{float(ratio):.3g}" for ratio in DOCUMENTED.ratios)
    rates = DOCUMENTED.rates
    step = rates[1] - rates[0]
    range_of_rates = f"{_percent(rates[0])} to {_percent(rates[-1])}"
    return _paragraph(
        "Nothing is simulated: at given true rates the chance of every table is known, and coverage is the sum of the "
        "chances of those whose interval holds the truth. **The grid**: groups of "
        f"{sizes}; rates of group 2 from {range_of_rates} in steps of {_percent(step)}; "
        f"ratios of the rates {ratios}, as far as both rates are from {range_of_rates}: "
        f"{len(DOCUMENTED.sizes) * len(DOCUMENTED.pairs):,} points. For one rate the same sizes and rates: "
        f"{len(DOCUMENTED.single_sizes) * len(rates):,} points. The goal is {LOWEST} to {HIGHEST}. “{ENOUGH:g} or more "
        "expected” are the points at which every group can expect as many with the event and as many without."
    )


def _outside_in_words(found: Sequence[Coverage]) -> str:
    """Say what is outside the goal where enough is expected, and where the rest of it lies."""
    two = [each for each, method in zip(found, METHODS, strict=True) if not isinstance(method, OneRate)]
    share = len(two[0].enough.held) / len(two[0].held)
    outside = [
        f"{each.name} at {_share(1 - each.enough.inside)} of its points"
        for each in found
        if each.enough.inside < 1
    ]
    but = f", but for {' and '.join(outside)}" if outside else ""
    lowest = min(two, key=lambda each: float(each.held.min()))
    at = int(lowest.held.argmin())
    n_1, n_2, rate_1, rate_2 = (
        float(field[at]) for field in (lowest.n_1, lowest.n_2, lowest.rate_1, lowest.rate_2)
    )
    return _paragraph(
        f"**What is outside.** Where {ENOUGH:g} or more are expected ({_share(share)} of the points of two groups), "
        f"every interval is inside the goal at every point{but}. With one rate a single count decides at each end, and "
        "coverage moves in steps as it is passed; two groups have more tables and smoother steps. Clopper-Pearson is "
        "conservative by nature: it is never below 0.95. Where fewer are expected intervals are mostly too wide "
        "(a group without events rules out little, so a small rate is nearly always held), and seldom too narrow: the "
        f"lowest of two groups is {float(lowest.held[at]):.3f}, groups of {n_1:.0f} and {n_2:.0f} with true rates of "
        f"{100 * rate_1:.0f}% and {100 * rate_2:.0f}%, which expect {n_1 * rate_1:.1f} and {n_2 * rate_2:.1f} events."
    )


def _share(value: float) -> str:
    """Write a share in percent; one that is not 0% or 100% never rounds to it."""
    return f"{min(max(100 * value, 0.1), 99.9):.1f}%" if 0 < value < 1 else f"{100 * value:.0f}%"


def _percent(rate: Fraction) -> str:
    return f"{float(100 * rate):g}%"


def main(docs: Path) -> None:
    """Write the computed blocks and the chart below ``docs``."""
    computed = figures([coverage(method) for method in METHODS])
    method = docs / METHOD
    method.write_text(filled(method.read_text(encoding="utf-8"), computed.blocks), encoding="utf-8")
    (docs / CHART).write_text(computed.chart, encoding="utf-8")


if __name__ == "__main__":
    main(Path(__file__).parents[2] / "docs")
