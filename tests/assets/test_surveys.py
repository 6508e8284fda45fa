"""From counts to the chart of a release: reports of nine quarters that rest on three surveys have three figures."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import polars as pl
import pytest

from assets import releasing
from disparity.analyses import analyse
from disparity.catalogue.policies import NoProtection
from disparity.counts.cells import CELLS, COUNTS
from disparity.disclosure import protect
from disparity.estimates import estimate
from disparity.periods import Quarter
from disparity.populations.naming import people_of_all
from reports.charts.drawing import charts_of
from reports.reading_back.svg_parts import read_drawing
from reports.release.frozen import Release
from resources.catalogue import DEFAULT, load_catalogue

NOW, FIRST = Quarter.from_key("2026-07-01"), Quarter.from_key("2024-07-01")
ASKED, COUNTED = "equal_opportunity", "appointed_from_shortlisting"
CATALOGUE = load_catalogue(DEFAULT)


def reported(quarter: Quarter) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The protected counts of a quarter and what is estimated from them: surveys are held in autumn."""
    held = next(each for each in reversed(quarter.window(4)) if each.start.month == 10)
    yes = {2023: 110, 2024: 100, 2025: 90}[held.start.year]
    rows = [
        dict(zip(CELLS, (400, 240, 200, counted, 20, 10), strict=True))
        | {"indicator": name, "breakdown": "all", "level": "all", "unit": "", "of": "", "missing": "", "as_of": of.key}
        for name, counted, of in ((ASKED, yes, held), (COUNTED, 100 + quarter.start.month, quarter))
    ]  # fmt: skip
    people = people_of_all(CATALOGUE, quarter, {row["indicator"]: row["as_of"] for row in rows})
    protected = protect(pl.DataFrame(rows, schema=COUNTS), NoProtection(), people).to_pandas()
    table = estimate(protected, CATALOGUE, quarter, percent_decimals=0, least_base=0, released=True)
    return protected, table.assign(vintage=1)


@pytest.fixture(scope="module")
def release() -> Release:
    before = pd.concat([reported(NOW.plus(-back))[1] for back in range(8, 0, -1)], ignore_index=True)
    protected, estimates = reported(NOW)
    lines = analyse(protected, estimates, before, CATALOGUE, NOW, NoProtection())
    workplace = SimpleNamespace(catalogue=CATALOGUE, policy=lambda _: CATALOGUE.policies["threshold8_round5"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(releasing, "earlier_estimates", lambda *_: before)
        patch.setattr(releasing, "_changed_since", lambda *_: None)
        for name in ("_provenance", "_statuses", "quality_notes", "revisions_in_release"):
            patch.setattr(releasing, name, lambda *_: ())
        return releasing.build_release(workplace, "restricted", NOW, estimates, lines)  # type: ignore[arg-type]


@pytest.mark.parametrize(("name", "dots"), [(ASKED, 3), (COUNTED, 9)])
def test_three_surveys_have_three_dots_in_reports_of_nine_quarters(
    release: Release, name: str, dots: int
) -> None:
    drawing = read_drawing(charts_of(release, CATALOGUE)[name].svg)
    assert len(drawing.parts["line-group"].marks) == dots
    assert (release.history["indicator"] == name).sum() == dots


def test_the_latest_is_compared_with_the_survey_before(release: Release) -> None:
    change = release.analyses[
        (release.analyses["indicator"] == ASKED) & (release.analyses["analysis"] == "change")
    ]
    assert set(change["of"]) == {"2024-10-01 to 2024-12-31"}
    assert change["value"].tolist() == [round((240 / 400) / (100 / 200), 2), round(100 / 90, 2)]
