"""An attacker with a solver: what he was shown, what he knows to add up, and the exact range of what he wants to know.

He is written apart from the product, so that what he cannot recover is not what the product thinks he cannot.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from disparity.catalogue.policies import Policy
from disparity.counts import CELLS, COUNTS

UNBOUNDED = 100_000


class Attacker:
    """Whole numbers within intervals, and sums of them."""

    def __init__(self) -> None:
        self.known: dict[Hashable, tuple[int, int]] = {}
        self.sums: list[dict[Hashable, int]] = []

    def is_told(self, of: Hashable, low: int, high: int) -> None:
        """Take in an interval; what he was told before still holds."""
        least, most = self.known.get(of, (0, UNBOUNDED))
        self.known[of] = max(least, low), min(most, high)

    def reads(self, protected: pl.DataFrame, release: Hashable = "") -> None:
        """Take in every cell of protected counts, by release, indicator, level and cell."""
        for row in protected.iter_rows(named=True):
            for cell in CELLS:
                if row[f"{cell}_low"] is not None:
                    of = (release, row["indicator"], row["level"], cell)
                    self.is_told(of, row[f"{cell}_low"], row[f"{cell}_high"])

    def knows(self, whole: Hashable, parts: Iterable[Hashable]) -> None:
        """Take in that some parts make a whole."""
        self.sums.append({whole: -1} | dict.fromkeys(parts, 1))

    def range_of(self, wanted: Hashable) -> tuple[int, int]:
        """Return the least and the greatest that one number can be."""
        names = list(dict.fromkeys([*self.known, *(name for each in self.sums for name in each)]))
        at = {name: number for number, name in enumerate(names)}
        low, high = np.array([self.known.get(name, (0, UNBOUNDED)) for name in names], float).T
        matrix = np.zeros((len(self.sums), len(names)))
        for number, each in enumerate(self.sums):
            for name, sign in each.items():
                matrix[number, at[name]] = sign
        aim = np.zeros(len(names))
        aim[at[wanted]] = 1
        ends = []
        for sign in (1, -1):
            found = milp(
                sign * aim,
                constraints=LinearConstraint(matrix, 0, 0) if len(matrix) else (),
                bounds=Bounds(low, high),
                integrality=np.ones(len(names)),
            )
            assert found.x is not None, f"what he was told contradicts itself: {found.message}"
            ends.append(round(found.x[at[wanted]]))
        return ends[0], ends[1]

    def width_of(self, wanted: Hashable) -> int:
        """Return how many values are left for a number."""
        low, high = self.range_of(wanted)
        return high - low + 1


@pytest.fixture
def attacker() -> Attacker:
    """Nobody has told him anything yet."""
    return Attacker()


@pytest.fixture
def rounding() -> Policy:
    """The policy of large organisations: 1 to 7 hidden, others rounded to 5."""
    return Policy(
        title="Threshold 8, rounded to 5", why="a test", threshold=8, round_to=5, percent_decimals=0,
        pounds_round_to=10, least_interval=5,
    )  # fmt: skip


@pytest.fixture
def exact() -> Policy:
    """Counts as they are, but those below 5 hidden: what a spreadsheet with a threshold alone does."""
    return Policy(
        title="Threshold 5, exact", why="a test", threshold=5, round_to=1, percent_decimals=1,
        pounds_round_to=10, least_interval=3,
    )  # fmt: skip


def table(
    indicator: str, rows: dict[str, tuple[int | None, ...]], breakdown: str = "band", **more: Any
) -> pl.DataFrame:
    """Make counts: the level ``all`` is the whole, others are levels of one breakdown."""
    made = [
        {"indicator": indicator, "breakdown": "all" if level == "all" else breakdown, "level": level, "unit": "",
         "of": "", "missing": "", "as_of": "", **more, **dict(zip(CELLS, cells, strict=True))}
        for level, cells in rows.items()
    ]  # fmt: skip
    return pl.DataFrame(made, schema=COUNTS)


@pytest.fixture
def counted() -> Any:
    """Make counts of one indicator from its rows."""
    return table


def by_the_rule_alone(counts: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Protect each cell by the threshold and rounding alone, as a spreadsheet does: the build to be attacked."""
    columns = []
    for cell in CELLS:
        true = counts[cell]
        small = true.is_between(1, policy.threshold - 1)
        step = policy.round_to
        shown = (true + step // 2) // step * step
        low = pl.select(
            pl.when(small)
            .then(1)
            .when(true == 0)
            .then(0)
            .otherwise(pl.max_horizontal(shown - step // 2, policy.threshold))
        ).to_series()
        high = pl.select(
            pl.when(small)
            .then(policy.threshold - 1)
            .when(true == 0)
            .then(0)
            .otherwise(shown + (step - 1) // 2)
        ).to_series()
        told = true.is_not_null()
        columns += [
            pl.select(pl.when(told).then(values)).to_series().alias(f"{cell}_{end}")
            for end, values in (("low", low), ("high", high))
        ]
        columns.append(
            pl.select(pl.when(small).then(pl.lit("[c]")).otherwise(pl.lit("")))
            .to_series()
            .alias(f"{cell}_status")
        )
    return counts.select("indicator", "breakdown", "level").with_columns(columns)


@pytest.fixture
def unprotected() -> Any:
    """Return the build that is attacked first, to show that an attack works."""
    return by_the_rule_alone
