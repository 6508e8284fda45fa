"""Tests of estimates by vintage: frames come back as they went in, and nothing is overwritten."""

from __future__ import annotations

import datetime as dt
import math
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from disparity.periods import Quarter
from resources.databases import COLUMNS, latest_estimates, open_database, save_estimates, save_release

SUMMER = Quarter.from_key("2026-07-01")
SPRING = SUMMER.plus(-1)
NOON = dt.datetime(2026, 10, 15, 12, tzinfo=dt.UTC)
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def results(new_url: Callable[[], str]) -> Iterator[sa.Engine]:
    """An empty results database."""
    engine = open_database("results", new_url())
    yield engine
    engine.dispose()


@pytest.fixture
def internal(new_url: Callable[[], str]) -> Iterator[sa.Engine]:
    """An empty internal database."""
    engine = open_database("internal", new_url())
    yield engine
    engine.dispose()


def estimates(rows: int = 3, **changed: Any) -> pd.DataFrame:
    """Make a frame of this summer with every column of indicators.csv; every second number is empty."""
    made: dict[str, Any] = {
        "str": ["words é “ ”", "", "[c]"],
        "int64": [4, 8, 1],
        "float64": [0.1 + 0.2, math.nan, 1e-300],
    }
    frame = pd.DataFrame(
        {
            name: pd.Series([made[dtype][row % 3] for row in range(rows)], dtype=dtype)
            for name, dtype in COLUMNS.items()
        }
    )
    named = [f"indicator_{row}" for row in range(rows)]
    return frame.assign(indicator=named, **{"quarter": SUMMER.key, **changed})


def released(
    engine: sa.Engine, frame: pd.DataFrame, quarter: Quarter = SUMMER, state: str = "released"
) -> int:
    """Save a frame and its release; return the vintage."""
    vintage = save_estimates(engine, "restricted", quarter, frame)
    save_release(engine, "restricted", quarter, vintage, f"{vintage:064d}", state=state, released_at=NOON)
    return vintage


def test_the_columns_are_those_of_indicators_csv() -> None:
    assert list(COLUMNS) == [
        "organisation",
        "theme",
        "indicator",
        "breakdown",
        "level",
        "quarter",
        "period_start",
        "period_end",
        "quarters",
        "reference_group",
        "group",
        "reference_base",
        "reference_events",
        "reference_value",
        "group_base",
        "group_events",
        "group_value",
        "ratio_of",
        "ratio",
        "ratio_low",
        "ratio_high",
        "difference",
        "difference_low",
        "difference_high",
        "p_value",
        "q_value",
        "evidence",
        "flag",
        "people_to_parity",
        "unknown_base",
        "unknown_events",
        "ratio_low_unknown",
        "ratio_high_unknown",
        "status",
        "vintage",
        "reference_base_status",
        "reference_events_status",
        "group_base_status",
        "group_events_status",
        "unknown_base_status",
        "unknown_events_status",
    ]


def test_a_released_frame_comes_back_the_same(results: sa.Engine) -> None:
    frame = estimates()
    assert released(results, frame) == 1
    back = latest_estimates(results, "restricted", [SUMMER])
    pd.testing.assert_frame_equal(back, frame.assign(vintage=1), check_exact=True)
    assert {name: str(dtype) for name, dtype in back.dtypes.items()} == COLUMNS


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    numbers=st.lists(st.floats(width=64), min_size=3, max_size=3),
    words=st.lists(
        st.none() | st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0")),
        min_size=3,
        max_size=3,
    ),
)
def test_any_numbers_and_words_come_back_the_same(
    results: sa.Engine, numbers: list[float], words: list[str | None]
) -> None:
    frame = estimates(ratio=np.array(numbers), status=pd.Series(words, dtype="str"))
    vintage = released(results, frame)
    back = latest_estimates(results, "restricted", [SUMMER])
    pd.testing.assert_frame_equal(back, frame.assign(vintage=vintage), check_exact=True)
    assert save_estimates(results, "restricted", SUMMER, back) == vintage


def test_counts_as_nullable_whole_numbers_are_the_same_content(results: sa.Engine) -> None:
    counts = estimates(reference_base=pd.Series([5.0, math.nan, 0.0]))
    released(results, counts)
    nullable = counts.astype({"reference_base": "Int64"})
    assert save_estimates(results, "restricted", SUMMER, nullable) == 1


def test_a_vintage_is_new_only_when_content_differs_from_what_was_released(results: sa.Engine) -> None:
    frame = estimates()
    restated = estimates(level=["Band 5", "Band 6", "Band 7"])
    saved = [released(results, each) for each in (frame, frame, restated, restated, frame)]
    assert saved == [1, 1, 2, 2, 3]
    assert save_estimates(results, "restricted", SPRING, frame) == 1
    assert save_estimates(results, "published", SUMMER, frame.assign(vintage=99)) == 1
    assert kept(results) == [
        ("published", "2026-07-01", 1),
        ("restricted", "2026-04-01", 1),
        ("restricted", "2026-07-01", 1),
        ("restricted", "2026-07-01", 2),
        ("restricted", "2026-07-01", 3),
    ]


def kept(engine: sa.Engine) -> list[tuple[str, str, int]]:
    """Return every vintage that is kept, as audience, quarter and number."""
    query = sa.text("SELECT audience, quarter, vintage FROM estimate GROUP BY 1, 2, 3 ORDER BY 1, 2, 3")
    with engine.connect() as connection:
        return [(audience, quarter, vintage) for audience, quarter, vintage in connection.execute(query)]


@pytest.mark.parametrize("state", ["", "held"])
def test_what_was_never_released_is_a_draft_and_the_first_release_is_the_first_vintage(
    results: sa.Engine, state: str
) -> None:
    draft, mended = estimates(), estimates(4, theme="workforce")
    if state:
        released(results, draft, state=state)
    else:
        save_estimates(results, "restricted", SUMMER, draft)
    assert released(results, mended) == 1
    pd.testing.assert_frame_equal(latest_estimates(results, "restricted", [SUMMER]), mended.assign(vintage=1))
    assert kept(results) == [("restricted", "2026-07-01", 1)]


def test_content_that_was_released_comes_back_as_its_vintage_and_the_draft_is_dropped(
    results: sa.Engine,
) -> None:
    first = estimates()
    released(results, first)
    released(results, estimates(theme="workforce"), state="held")
    assert save_estimates(results, "published", SUMMER, first) == 1
    assert save_estimates(results, "restricted", SUMMER, first) == 1
    assert kept(results) == [("published", "2026-07-01", 1), ("restricted", "2026-07-01", 1)]


def test_a_draft_after_a_release_is_replaced_and_its_number_used_once_it_is_released(
    results: sa.Engine,
) -> None:
    released(results, estimates())
    drafts = [estimates(theme="workforce"), estimates(2, theme="leaving"), estimates(theme="recruitment")]
    assert [save_estimates(results, "restricted", SUMMER, each) for each in drafts] == [2, 2, 2]
    assert released(results, drafts[0]) == 2
    back = latest_estimates(results, "restricted", [SUMMER])
    pd.testing.assert_frame_equal(back, drafts[0].assign(vintage=2))


@pytest.mark.parametrize(
    "change",
    [
        {"ratio": [0.3, math.nan, 1e-300]},
        {"ratio": [0.1 + 0.2, 0.0, 1e-300]},
        {"flag": ["words é “ ”", None, "[c]"]},
    ],
)
def test_the_smallest_change_is_a_new_vintage(results: sa.Engine, change: dict[str, Any]) -> None:
    released(results, estimates())
    assert save_estimates(results, "restricted", SUMMER, estimates(**change)) == 2


def test_fewer_rows_are_a_new_vintage(results: sa.Engine) -> None:
    released(results, estimates())
    assert save_estimates(results, "restricted", SUMMER, estimates().head(2)) == 2


def test_a_vintage_held_back_is_not_the_latest_released(results: sa.Engine) -> None:
    first = estimates()
    released(results, first)
    assert released(results, estimates(theme="workforce"), state="held") == 2
    back = latest_estimates(results, "restricted", [SUMMER])
    pd.testing.assert_frame_equal(back, first.assign(vintage=1))


def test_quarters_come_oldest_first_and_those_without_a_release_are_absent(results: sa.Engine) -> None:
    released(results, estimates(organisation="summer"), SUMMER)
    released(results, estimates(organisation="spring"), SPRING)
    save_estimates(results, "restricted", SPRING.plus(-1), estimates(organisation="winter"))
    back = latest_estimates(results, "restricted", [SUMMER, SPRING, SPRING.plus(-1)])
    assert list(back["organisation"]) == ["spring"] * 3 + ["summer"] * 3


def test_nothing_released_is_an_empty_frame_with_the_same_columns(results: sa.Engine) -> None:
    back = latest_estimates(results, "published", [SUMMER])
    assert back.empty
    assert {name: str(dtype) for name, dtype in back.dtypes.items()} == COLUMNS


def test_analysts_have_the_latest_vintage_in_the_internal_database(internal: sa.Engine) -> None:
    restated = estimates(theme="workforce")
    saved = [save_estimates(internal, "analyst", SUMMER, each) for each in (estimates(), restated, restated)]
    assert saved == [1, 2, 2]
    pd.testing.assert_frame_equal(latest_estimates(internal, "analyst", [SUMMER]), restated.assign(vintage=2))


@pytest.mark.parametrize("wrong", [{"drop": ["ratio"]}, {"add": "staff_number"}])
def test_other_columns_are_an_error(results: sa.Engine, wrong: dict[str, Any]) -> None:
    frame = estimates().drop(columns=wrong.get("drop", []))
    frame = frame.assign(**{wrong["add"]: 1}) if "add" in wrong else frame
    with pytest.raises(ValueError, match=wrong.get("add", "ratio")):
        save_estimates(results, "restricted", SUMMER, frame)


KILLED_BEFORE_COMMIT = """
    import os, signal, sys
    import pandas as pd
    from sqlalchemy import event
    from disparity.periods import Quarter
    from resources.databases import open_database, save_estimates
    engine = open_database("results", sys.argv[1])
    event.listen(engine, "commit", lambda connection: os.kill(os.getpid(), signal.SIGKILL))
    save_estimates(engine, "restricted", Quarter.from_key("2026-07-01"), pd.read_pickle(sys.argv[2]))
"""


def test_a_save_that_was_killed_leaves_nothing(new_url: Callable[[], str], tmp_path: Path) -> None:
    url, frame = new_url(), estimates()
    frame.to_pickle(tmp_path / "frame")
    killed = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(KILLED_BEFORE_COMMIT), url, str(tmp_path / "frame")],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
        timeout=60,
    )
    assert killed.returncode == -signal.SIGKILL
    engine = open_database("results", url)
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM estimate")).scalar() == 0
    assert save_estimates(engine, "restricted", SUMMER, frame) == 1
    engine.dispose()


def test_two_writers_at_once_end_in_one_vintage(new_url: Callable[[], str]) -> None:
    from concurrent.futures import ThreadPoolExecutor

    url = new_url()
    engines = [open_database("results", url) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        vintages = list(
            pool.map(lambda engine: save_estimates(engine, "restricted", SUMMER, estimates()), engines)
        )
    assert vintages == [1] * 4
    with engines[0].connect() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM estimate")).scalar() == 3
    for engine in engines:
        engine.dispose()
