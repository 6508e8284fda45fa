"""An attacker with a solver: what he was shown, what he knows to add up, and the exact range of what he wants to know.

He is written apart from the product, so that what he cannot recover is not what the product thinks he cannot.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp

from assets.releasing import render
from disparity.analyses import analyse
from disparity.catalogue import Catalogue
from disparity.catalogue.policies import NoProtection, Policy
from disparity.counts.cells import CELLS, COUNTS
from disparity.disclosure import protect
from disparity.estimates import estimate
from disparity.ethnicity import ETHNIC_MINORITY, UNKNOWN, WHITE
from disparity.periods import Quarter
from disparity.populations.naming import people_of_all
from disparity.populations.people import People
from invented_people import everybody, having
from reports.release.estimates import indicators_csv
from reports.release.frozen import Release
from resources.catalogue import DEFAULT, load_catalogue

UNBOUNDED = 100_000
QUARTER = Quarter.from_key("2026-07-01")
# A level is adjusted for as many others as stand beside it: alone, its q is its p, and its words follow from that.
OF_THE_FAMILY = ("level", "q_value", "evidence")

Ints = NDArray[np.int64]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what the attacks measured, which whether they passed does not say."""
    for report in terminalreporter.getreports("passed"):
        if "attacks" in report.nodeid:
            for name, value in report.user_properties:
                terminalreporter.write_line(f"{name}: {value}")


class Attacker:
    """Whole numbers within intervals, and sums of them."""

    def __init__(self) -> None:
        self.known: dict[Hashable, tuple[int, int]] = {}
        self.sums: list[dict[Hashable, int]] = []
        self._solver: _Solver | None = None

    def is_told(self, of: Hashable, low: int, high: int) -> None:
        """Take in an interval; what he was told before still holds."""
        least, most = self.known.get(of, (0, UNBOUNDED))
        self.known[of] = max(least, low), min(most, high)
        self._solver = None

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
        self._solver = None

    def range_of(self, wanted: Hashable) -> tuple[int, int]:
        """Return the least and the greatest that one number can be."""
        return self._solving.least(wanted), -self._solving.least(wanted, sign=-1)

    def width_of(self, wanted: Hashable) -> int:
        """Return how many values are left for a number."""
        low, high = self.range_of(wanted)
        return high - low + 1

    def pins_down(self, wanted: Hashable, *, to_fewer_than: int, small: int) -> bool:
        """Whether fewer values are left for a number that could be below ``small`` and is not known to be nought."""
        if self._solving.widest_seen(wanted) >= to_fewer_than:
            return False
        low, high = self.range_of(wanted)
        return low < small and (low, high) != (0, 0) and high - low + 1 < to_fewer_than

    @property
    def _solving(self) -> _Solver:
        self._solver = self._solver or _Solver(self.known, self.sums)
        return self._solver


class _Solver:
    """Integer programs over all that an attacker knows, and the whole tables they found on the way."""

    def __init__(
        self, known: Mapping[Hashable, tuple[int, int]], sums: Sequence[Mapping[Hashable, int]]
    ) -> None:
        names = dict.fromkeys([*known, *(name for each in sums for name in each)])
        self._at = {name: number for number, name in enumerate(names)}
        low, high = np.array([known.get(name, (0, UNBOUNDED)) for name in names], float).T
        matrix = np.zeros((len(sums), len(names)))
        for number, each in enumerate(sums):
            for name, sign in each.items():
                matrix[number, self._at[name]] = sign
        self._bounds = Bounds(low, high)
        self._sums = LinearConstraint(matrix, 0, 0) if len(matrix) else ()
        self._lowest, self._highest = np.full((2, len(names)), np.nan)

    def least(self, wanted: Hashable, *, sign: int = 1) -> int:
        """Return the least of a number, or of its negative."""
        aim = np.zeros(len(self._at))
        aim[self._at[wanted]] = sign
        found = milp(aim, constraints=self._sums, bounds=self._bounds, integrality=np.ones_like(aim))
        assert found.x is not None, f"what he was told contradicts itself: {found.message}"
        table = found.x.round()
        self._lowest, self._highest = np.fmin(self._lowest, table), np.fmax(self._highest, table)
        return round(aim @ table)

    def widest_seen(self, wanted: Hashable) -> float:
        """Return how far apart the tables found so far put a number, both ends counted: it is left as many or more."""
        at = self._at[wanted]
        return float(self._highest[at] - self._lowest[at] + 1)


@pytest.fixture
def attacker() -> Attacker:
    """Nobody has told him anything yet."""
    return Attacker()


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """The catalogue that is delivered."""
    return load_catalogue(DEFAULT)


@pytest.fixture(scope="session")
def rounding(catalogue: Catalogue) -> Policy:
    """The policy of the published report: 1 to 7 hidden, others rounded to 5."""
    return catalogue.policies[catalogue.organisation.audiences["published"]]


@pytest.fixture(scope="session")
def exact(rounding: Policy) -> Policy:
    """Counts as they are, but those below 5 hidden: what a spreadsheet with a threshold alone does."""
    plain = {"threshold": 5, "round_to": 1, "percent_decimals": 1, "least_interval": 3}
    return rounding.model_copy(update={"title": "Threshold 5, exact", **plain})


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


# ----------------------------------------------------------------------- the figures of a build


@dataclass(frozen=True)
class Build:
    """What is made of one quarter's counts for an audience. Whatever an attacker reads comes from here."""

    catalogue: Catalogue
    policy: Policy | NoProtection

    def estimates(self, counts: pl.DataFrame) -> pd.DataFrame:
        """Protect counts and estimate, as the pipeline does."""
        return estimate(
            self.protected(counts).to_pandas(), self.catalogue, QUARTER,
            percent_decimals=self.policy.percent_decimals, least_base=self.policy.least_base,
            released=isinstance(self.policy, Policy),
        )  # fmt: skip

    def protected(self, counts: pl.DataFrame) -> pl.DataFrame:
        """Protect counts that nothing was told of before."""
        people = people_of_all(
            self.catalogue, QUARTER, dict.fromkeys(counts["indicator"].unique(), QUARTER.key),
            counts=counts,
        )  # fmt: skip
        return protect(counts, self.policy, people, indicators=self.catalogue.indicators)

    def printed(self, counts: pl.DataFrame) -> pd.DataFrame:
        """Return what stands in ``indicators.csv``, to the letter."""
        file = io.BytesIO(indicators_csv(self.estimates(counts)))
        return pd.read_csv(file, dtype=str, keep_default_na=False)

    def release(self, counts: pl.DataFrame) -> Release:
        """Gather everything that is said of a first quarter."""
        estimates = self.estimates(counts)
        protected, none = self.protected(counts).to_pandas(), estimates.iloc[:0]
        return Release(
            organisation=self.catalogue.organisation,
            audience="published" if isinstance(self.policy, Policy) else "analyst",
            quarter=QUARTER,
            estimates=estimates,
            analyses=analyse(protected, estimates, none, self.catalogue, QUARTER, self.policy),
            history=estimates[estimates["breakdown"] == "all"].reset_index(drop=True),
            datasets=(),
            quality_notes=(),
            provenance=(),
            policy_title=self.policy.title,
            policy_why="a test",
        )

    def files(self, counts: pl.DataFrame) -> dict[str, bytes]:
        """Make every file of the publication."""
        workplace: Any = SimpleNamespace(catalogue=self.catalogue)
        return render(workplace, self.release(counts))


@pytest.fixture(scope="session")
def analyst(catalogue: Catalogue) -> Build:
    """Exact figures: what the attacks are shown to work on."""
    return Build(catalogue, NoProtection())


@pytest.fixture(scope="session")
def published(catalogue: Catalogue, rounding: Policy) -> Build:
    """The report that everybody reads."""
    return Build(catalogue, rounding)


@dataclass(frozen=True)
class Tables:
    """Tables of one indicator that an attacker tries out, rows by `CELLS`: which of them print the same?"""

    indicator: str
    cells: Ints

    def __len__(self) -> int:
        return len(self.cells)

    @property
    def counts(self) -> pl.DataFrame:
        """The tables as levels of a breakdown without a whole, so that none of them says anything of another."""
        rows = {f"{at:05}": tuple(row) for at, row in enumerate(self.cells.tolist())}
        return table(self.indicator, rows)

    def cell(self, name: str) -> Ints:
        """Return one cell of every table; ``group_rest`` and ``reference_rest`` are the base less the events."""
        if name.endswith("_rest"):
            side = name.removesuffix("_rest")
            return self.cell(f"{side}_base") - self.cell(f"{side}_events")
        return self.cells[:, CELLS.index(name)]

    def printed_by(self, build: Build) -> pd.DataFrame:
        """Return what is printed of each table by itself."""
        return build.printed(self.counts).drop(columns=list(OF_THE_FAMILY))

    def values_left(self, alike: Ints, name: str) -> Ints:
        """Return for each table how many values of a cell are left among those numbered alike."""
        return pd.Series(self.cell(name)).groupby(alike).transform("nunique").to_numpy()

    def fewest_left(self, alike: Ints, name: str) -> int:
        """Return the fewest values that are left of a cell that is not told to be nought."""
        left, nought = self.values_left(alike, name), self.cell(name) == 0
        told_nought = pd.Series(nought).groupby(alike).transform("all").to_numpy()
        return int(left[~told_nought].min(initial=UNBOUNDED))


def numbered(printed: pd.DataFrame, columns: Sequence[str] | None = None) -> Ints:
    """Number rows so that those that read the same, in these columns or in all, have one number."""
    return printed.groupby(list(columns or printed.columns), sort=False).ngroup().to_numpy()


COUNTS_AS_TOLD = (*CELLS, *(f"{cell}_status" for cell in CELLS))
# What can be small in a group, and whom it then tells of: its people, those with the event, those without.
OF_A_GROUP = ("group_base", "group_events", "group_rest")


def of_the_estimates(printed: pd.DataFrame) -> list[str]:
    """Return the columns that are worked out from counts: what is left to read where counts are blanked."""
    return [name for name in printed.columns if name not in COUNTS_AS_TOLD]


def group_of(most: int, indicator: str, beside: tuple[int, int] = (300, 120)) -> Tables:
    """Return every table of a group of 1 to ``most`` people beside one reference group.

    ``most`` is the greatest count that is rounded to the same, so that no table is left out that would read the same.
    """
    rows = [(*beside, n, x, 0, 0) for n in range(1, most + 1) for x in range(n + 1)]
    return Tables(indicator, np.array(rows))


def all_that_could_be(true: Sequence[int], indicator: str, build: Build) -> Tables:
    """Return every table whose cells lie where a reader is told that they do; the first of them is the truth."""
    row = build.protected(Tables(indicator, np.array([true])).counts).row(0, named=True)
    told = [range(row[f"{cell}_low"], row[f"{cell}_high"] + 1) for cell in CELLS]
    others = [each for each in itertools.product(*told) if each != tuple(true) and _is_possible(each)]
    return Tables(indicator, np.array([true, *others]))


def _is_possible(cells: Sequence[int]) -> bool:
    return all(cells[base] >= cells[base + 1] for base in (0, 2, 4))


ANYBODY = everybody("", ("event",), levels={"band": ("Band 5", "Band 6")})


def people_of_their_own(name: str) -> dict[str, People]:
    """Say whom an indicator counts whose people stand in no other table."""
    there = ANYBODY._replace(dataset=name)
    events = having(there, "event")
    return {
        f"{side}_{kind}": of._replace(ethnicity=ethnicity)
        for side, ethnicity in (("reference", WHITE), ("group", ETHNIC_MINORITY), ("unknown", UNKNOWN))
        for kind, of in (("base", there), ("events", events))
    }


@pytest.fixture(scope="session")
def tables() -> SimpleNamespace:
    """What an attacker does with many tables at once."""
    return SimpleNamespace(
        of=Tables, table=table, people_of_their_own=people_of_their_own, group_of=group_of,
        all_that_could_be=all_that_could_be, numbered=numbered, of_the_estimates=of_the_estimates,
        as_told=list(COUNTS_AS_TOLD), of_a_group=OF_A_GROUP,
    )  # fmt: skip
