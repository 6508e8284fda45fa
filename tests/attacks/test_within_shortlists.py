"""Attack: where all stood for one post, the comparison within posts is the whole one, rounded a second time.

Sums over shortlists are rounded to 5 as counts are, but at other places, and the reader who knows that there was one post
works them out from each table that the rounded counts leave. Posts whose applicants nobody can count give him nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from disparity.catalogue.policies import Policy
from disparity.counts.cells import WITHIN
from disparity.disclosure import protect
from disparity.statistics.vacancies import vacancy_ratio

INDICATOR = "appointed_from_shortlisting"
# 400 and 38 stood for one post with many places; 200 and 36 of them were appointed. Two of the 38 were not.
TRUTH = (400, 200, 38, 36, 0, 0)


def sums_of_one_post(tried: Any) -> dict[str, np.ndarray]:
    """Work out what the product sums over posts, of tables with a single one."""
    n1, x1, n2, x2 = (
        tried.cell(f"{side}_{kind}").astype(float)
        for side in ("reference", "group")
        for kind in ("base", "events")
    )
    n, m = n1 + n2, x1 + x2
    return dict(
        zip(WITHIN, (x1 * n2 / n, x2 * n1 / n, n1 * n2 * m * (n - m) / (n**2 * (n - 1))), strict=True)
    )


@pytest.fixture(scope="module")
def tried(tables: Any, published: Any) -> Any:
    """Every table that the published counts leave open."""
    return tables.all_that_could_be(TRUTH, INDICATOR, published)


@pytest.fixture(scope="module")
def protected_sums(tried: Any, tables: Any, rounding: Policy) -> pl.DataFrame:
    """What the policy makes of the sums of each table, each with people of its own."""
    names = [f"table {at:04}" for at in range(len(tried))]
    counts = pl.concat(
        [
            tables.table(name, {"all": tuple(row)})
            for name, row in zip(names, tried.cells.tolist(), strict=True)
        ]
    ).with_columns(**{name: pl.Series(values) for name, values in sums_of_one_post(tried).items()})
    told = protect(counts, rounding, {name: tables.people_of_their_own(name) for name in names})
    return told.select(f"{name}_{end}" for name in WITHIN for end in ("low", "high"))


def test_an_exact_ratio_within_one_post_tells_who_was_not_appointed(
    tried: Any, tables: Any, rounding: Policy
) -> None:
    """Beside rounded counts, three figures of two decimals: of nine in ten tables it leaves fewer than five values."""
    ratio = vacancy_ratio(*(sums_of_one_post(tried)[name] for name in WITHIN))
    alike = tables.numbered(pd.DataFrame(np.column_stack(ratio[:3]).round(2)))
    left = tried.values_left(alike, "group_rest")
    assert (left < rounding.least_interval).mean() > 0.9


def printed_within(build: Any, counted: Any, tried: Any, at: int) -> str:
    """Return the line within shortlists of a published report."""
    sums = {name: pl.lit(float(values[at])) for name, values in sums_of_one_post(tried).items()}
    counts = counted(INDICATOR, {"all": tuple(tried.cells[at].tolist())}).with_columns(**sums)
    analyses = build.release(counts).analyses
    return analyses[analyses["analysis"] == "within"].to_csv()


def test_a_published_ratio_within_one_post_leaves_what_the_counts_leave(
    tried: Any, tables: Any, protected_sums: pl.DataFrame, published: Any, counted: Any, rounding: Policy
) -> None:
    by_sums = tables.numbered(protected_sums.to_pandas().fillna(-1))
    read = {
        each: printed_within(published, counted, tried, int(np.argmax(by_sums == each)))
        for each in set(by_sums)
    }
    alike = np.array([read[each] == read[by_sums[0]] for each in by_sums])
    left = np.unique(tried.cell("group_rest")[alike])
    assert left.min() < rounding.threshold
    assert left.size >= rounding.least_interval
