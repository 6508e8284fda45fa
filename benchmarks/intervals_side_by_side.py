"""Score intervals of two proportions beside what else there is in Python, on the same tables in one process.

A million of ours; the loop over statsmodels, which takes one table at a time, on the first thousand of them;
fairlearn's bootstrap. Hoped for: ours 200 times as fast per interval as the loop. Neither library is needed for
anything else, and what is not installed is left out with a word.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import numpy as np

from disparity.statistics.proportions import odds_ratio, risk_difference, risk_ratio, wilson

MANY, FEW = 1_000_000, 1_000
ROUNDS = 3
GOAL = 200
RESAMPLES = 100
FAILED = (np.nan, np.nan)
GET = "`make bench` installs it, or: pip install -e '.[bench]'"

Counts = tuple[Any, Any, Any, Any]
COMPARED = (("ratio", risk_ratio), ("diff", risk_difference), ("odds-ratio", odds_ratio))
BOOTSTRAPPED = ((32, 140, 8, 60), (235, 2435, 157, 2435))


def quickest(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the fewest seconds of a few rounds, which other programs disturb least, and what the work gave."""
    seconds = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        given = work()
        seconds.append(time.perf_counter() - started)
    return min(seconds), given


def tables(number: int) -> Counts:
    """Draw tables of groups of up to 3,000 people."""
    random = np.random.default_rng(1)
    n_1, n_2 = random.integers(1, 3000, (2, MANY))
    counts = random.integers(0, n_1 + 1), n_1, random.integers(0, n_2 + 1), n_2
    return tuple(column[:number] for column in counts)  # type: ignore[return-value]


def ours() -> dict[str, float]:
    """Time a million of each measure in one call; return the seconds of one interval."""
    many, taken = tables(MANY), {}
    for name, compare in COMPARED:
        seconds, _ = quickest(lambda compare=compare: compare(*many))
        taken[name] = seconds / MANY
        print(f"disparity: {MANY:,} {name} intervals, each with its p, in {seconds:.1f} s")
    return taken


def beside_statsmodels(at_once: dict[str, float]) -> None:
    """Time their loop over a thousand tables, and say on how many both agree.

    On the difference they seldom do: the cubic of 0.15.0 (`score_test_proportions_2indep`) has the events of a group in
    one place where Miettinen and Nurminen have its size.
    """
    try:
        from statsmodels.stats.proportion import confint_proportions_2indep
    except ImportError:
        print(f"statsmodels: not installed; {GET}")
        return
    few = tables(FEW)
    rows = np.stack(few, axis=1).tolist()

    def limits(row: list[int], name: str) -> Any:
        try:
            return confint_proportions_2indep(*row, method="score", compare=name)
        except (ValueError, ZeroDivisionError):
            return FAILED

    print(f"statsmodels {version('statsmodels')}: loop over {FEW:,} of these tables, method score")
    for name, compare in COMPARED:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            seconds, theirs = quickest(lambda name=name: [limits(row, name) for row in rows])
        same, found = quickest(lambda compare=compare: compare(*few))
        print(
            f"  {name}: {1e6 * seconds / FEW:.0f} µs an interval, ours {1e6 * at_once[name]:.1f} µs: "
            f"{seconds / FEW / at_once[name]:.0f} times as fast (hoped for: {GOAL}); "
            f"{seconds / same:.0f} times in one call of the same {FEW:,}. "
            f"Alike to six digits: {agreeing(theirs, found):,}; failed: {sum(each is FAILED for each in theirs)}"
        )


def agreeing(limits: list[Any], found: Any) -> int:
    """Count the tables of which both limits are the same; theirs are complex numbers at times."""
    theirs = np.real(np.array(limits, dtype=complex))
    close = np.isclose(theirs, np.stack([found.low, found.high], axis=1), rtol=1e-6, atol=1e-6)
    return int(np.count_nonzero(close.all(axis=1)))


def beside_fairlearn() -> None:
    """Time the bootstrap of two groups' rates and their ratio, and show it where a group has no event."""
    try:
        from fairlearn.metrics import MetricFrame, selection_rate
    except ImportError:
        print(f"fairlearn: not installed; {GET}")
        return

    def bootstrapped(x1: int, n1: int, x2: int, n2: int) -> Any:
        events = np.concatenate([np.arange(n1) < x1, np.arange(n2) < x2]).astype(int)
        return MetricFrame(
            metrics=selection_rate, y_true=events, y_pred=events, sensitive_features=np.repeat([1, 2], [n1, n2]),
            n_boot=RESAMPLES, ci_quantiles=[0.025, 0.975], random_state=1,
        )  # fmt: skip

    print(
        f"fairlearn {version('fairlearn')}: bootstrap of {RESAMPLES} samples, ratio as the lower rate over the higher"
    )
    for table in BOOTSTRAPPED:
        started = time.perf_counter()
        low, high = bootstrapped(*table).ratio_ci(method="between_groups")
        seconds = time.perf_counter() - started
        x1, n1, x2, n2 = table
        found = risk_ratio(x2, n2, x1, n1)
        print(
            f"  {x2} of {n2} beside {x1} of {n1}: {low:.2f} to {high:.2f} in {seconds:.2f} s; "
            f"ours {found.low:.2f} to {found.high:.2f}"
        )
    low, high = (each.loc[1] for each in bootstrapped(0, 5, 3, 20).by_group_ci)
    found = wilson(0, 5)
    print(f"  a rate of 0 of 5: {low:.2f} to {high:.2f}; ours {found.low:.2f} to {found.high:.2f}")


def main() -> None:
    """Print each in turn."""
    beside_statsmodels(ours())
    beside_fairlearn()


if __name__ == "__main__":
    main()
