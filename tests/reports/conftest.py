"""A small catalogue of every kind of indicator, and hand-made estimates to tell of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from pydantic import TypeAdapter

from disparity.analyses import (
    CHANGE,
    CONTROL,
    DETECTABLE,
    MIX,
    MIX_AND_RATE,
    PART,
    RATE,
    RATIO,
    STAGE,
    STANDARDISED,
    THEN,
    TIMES_THEN,
    WITHIN_STRATA,
)
from disparity.catalogue import Catalogue, HouseStyle, Indicator, Organisation, Policy
from disparity.catalogue.commentary import Commentary, Passage
from disparity.catalogue.expectations import Expectation
from disparity.catalogue.revisions import Revision
from disparity.periods import Quarter
from disparity.rows import Estimate, Line, columns_of
from disparity.statistics.evidence import TOO_FEW
from reports.release.estimates import COLUMNS
from reports.release.frozen import DatasetStatus, Release
from reports.release.revisions import Revised

QUARTER = Quarter.from_key("2026-07-01")
WHY_REVISED = "The appointments of 30 June 2026 were sent again & counted."


def line(analysis: str, of: str, figure: str, *numbers: float | None, words: str = "") -> Line:
    """Make one line of the analyses of ``appointed``: value, low, high and p as far as they are given."""
    value, low, high, p_value = [*numbers, *[None] * (4 - len(numbers))]
    return Line("appointed", analysis, of, figure, value, low, high, p_value, words)


def behind_appointed() -> list[Line]:
    before = "2024-10-01 to 2025-09-30"
    return [
        line(CHANGE, before, THEN, 1.57),
        line(CHANGE, before, TIMES_THEN, 1.09, 0.70, 1.69, 0.71, words=TOO_FEW),
        line(STAGE, "shortlisted", RATIO, 1.26, 1.12, 1.42, 0.0001),
        line(STAGE, "shortlisted", PART, 0.45),
        line(STAGE, "appointed", RATIO, 1.35, 1.01, float("inf"), 0.04),
        line(STAGE, "appointed", PART, 0.55),
        line(WITHIN_STRATA, "vacancy", RATIO, 1.50, 0.97, 2.35, 0.08),
        line(STANDARDISED, "band", RATIO, None, 0.77, 4.25, 1.0),
        line(STANDARDISED, "directorate", RATIO, 1.59, 0.93, 2.95, 0.2),
        line(MIX_AND_RATE, "directorate", MIX, -0.4),
        line(MIX_AND_RATE, "directorate", RATE, 8.4),
        line(DETECTABLE, "all", RATIO, None, 0.68, 1.40),
        line(CONTROL, "9 quarters", RATIO, 1.31, 0.9, 1.9, words="common cause; trial limits (a rule set)"),
    ]


INDICATORS: dict[str, dict[str, Any]] = {
    "share_of_staff": {
        "kind": "share",
        "theme": "workforce",
        "title": "Ethnic minority share of staff",
        "dataset": "staff_in_post",
        "base_words": "staff in post",
        "event_words": "are from an ethnic minority",
        "breakdowns": ["band"],
        "headline": True,
        "ratio_of": "group/reference",
        "flag": "none",
    },
    "senior_managers": {
        "kind": "share",
        "theme": "workforce",
        "title": "Senior managers",
        "dataset": "staff_in_post",
        "part": "x",
        "part_words": "senior managers",
        "base_words": "staff in post",
        "event_words": "are from an ethnic minority",
        "headline": True,
        "ratio_of": "group/reference",
        "flag": "none",
    },
    "appointed": {
        "kind": "rows",
        "theme": "recruitment",
        "title": "Appointed, of those shortlisted",
        "dataset": "recruitment",
        "base": "shortlisted",
        "event": "appointed",
        "base_words": "shortlisted applicants",
        "event_words": "were appointed",
        "breakdowns": ["directorate", "internal"],
        "headline": True,
    },
    "survey_response": {
        "kind": "coverage",
        "theme": "experience",
        "title": "Staff survey response",
        "dataset": "staff_survey",
        "base_dataset": "staff_in_post",
        "base_words": "staff in post",
        "event_words": "replied to the survey",
    },
    "spend_per_head": {
        "kind": "linked",
        "theme": "development",
        "title": "Training spend per head",
        "dataset": "learning_budget",
        "event": "approved",
        "value": "cost",
        "unit": "pounds",
        "base_words": "staff in post",
        "event_words": "had spent on their training",
        "flag": "none",
    },
    "share_of_spend": {
        "kind": "share",
        "theme": "development",
        "title": "Ethnic minority share of spend",
        "dataset": "learning_budget",
        "value": "cost",
        "part_words": "spend",
        "rest_words": "staff in post",
        "base_words": "training spend",
        "event_words": "went to ethnic minority staff",
        "flag": "none",
    },
    "leavers": {
        "kind": "rate",
        "theme": "leaving",
        "title": "Leavers a year per 100 staff",
        "dataset": "leavers",
        "base_words": "staff",
        "event_words": "left",
        "better": "lower",
        "ratio_of": "group/reference",
        "headline": True,
    },
}

WORDS = {"question": "Are both groups treated alike?", "sensitivity": "low"}


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    listed = dict.fromkeys(("staff_type", "staff_group", "channel", "leaving_reason"), ())
    organisation = Organisation.model_validate(
        {
            "name": "Invented Trust",
            "short_name": "Invented",
            "invented": True,
            "first_quarter": "2024-04-01",
            "headcount": 3000,
            "owner": "people",
            "required_datasets": ["staff_in_post"],
            "audiences": {"restricted": "rounded", "published": "rounded"},
            "lists": {
                "band": ["Band 5", "Band 6", "Band 10"],
                "directorate": ["Medicine", "Surgery"],
                **listed,
            },
        }
    )
    policy = Policy(
        title="Counts of 1 to 7 hidden",
        why="To protect people.",
        threshold=8,
        round_to=5,
        percent_decimals=0,
        pounds_round_to=10,
        least_interval=5,
    )
    style = HouseStyle(
        groups={"white": "White", "ethnic_minority": "ethnic minority", "unknown": "ethnicity not known"},
        themes={
            "workforce": "Workforce",
            "recruitment": "Recruitment",
            "experience": "Experience at work",
            "development": "Learning and development",
            "leaving": "Leaving",
        },
        breakdowns={
            "broad_group": "Ethnic group",
            "band": "Pay band",
            "directorate": "Directorate",
            "internal": "Internal and external applicants",
        },
        levels={
            "internal": {"true": "Internal applicants", "false": "External applicants"},
            "broad_group": {"Other": "Other ethnic group"},
        },
        avoid=("BAME", "BME", "non-White", "only", "worst"),
    )
    indicators = TypeAdapter(dict[str, Indicator]).validate_python(
        {name: WORDS | each for name, each in INDICATORS.items()}
    )
    known = Expectation.model_construct(name="known", sentence="Ethnicity is known for 93% of staff.")
    return Catalogue.model_construct(
        organisation=organisation,
        policies={"rounded": policy},
        house_style=style,
        indicators=indicators,
        expectations={"shares": (known,)},
        revisions={dt.date(2026, 6, 30): {2: Revision(reason=WHY_REVISED)}},
    )


@pytest.fixture(scope="session")
def row(catalogue: Catalogue) -> Callable[..., Estimate]:
    """Build a row: ``row("appointed", group_value=13.0)``; ``back`` moves it that far into the past."""

    def build(name: str, *, back: int = 0, **cells: Any) -> Estimate:
        indicator = catalogue.indicators[name]
        reported = QUARTER.plus(-back)
        window = reported.window(indicator.quarters)
        given = {
            "organisation": "Invented Trust",
            "theme": indicator.theme,
            "indicator": name,
            "breakdown": "all",
            "level": "all",
            "quarter": reported.key,
            "period_start": window[0].key,
            "period_end": window[-1].end.isoformat(),
            "quarters": indicator.quarters,
            "reference_group": "White",
            "group": "ethnic minority",
            "vintage": 1,
        } | cells
        empty = {"number": None, "text": "", "whole": 0}
        return Estimate(
            **{column: given.get(column, empty[each.kind]) for column, each in columns_of(Estimate).items()}
        )

    return build


@pytest.fixture(scope="session")
def told(row: Callable[..., Estimate]) -> dict[str, Estimate]:
    """Return one told row of each indicator for the whole organisation; counts are multiples of 5."""
    appointed = row(
        "appointed",
        reference_base=1000.0,
        reference_events=210.0,
        reference_value=21.0,
        group_base=800.0,
        group_events=100.0,
        group_value=12.5,
        ratio_of="White / ethnic minority",
        ratio=1.68,
        ratio_low=1.35,
        ratio_high=2.09,
        difference=8.5,
        difference_low=5.1,
        difference_high=11.9,
        p_value=0.0001,
        q_value=0.0004,
        evidence="clear evidence of a disparity",
        flag="outside 0.80 to 1.25",
        people_to_parity="34 to 40",
        unknown_base=40.0,
        unknown_events=10.0,
        ratio_low_unknown=1.60,
        ratio_high_unknown=1.69,
    )
    return {
        "share_of_staff": row(
            "share_of_staff",
            reference_group="",
            group="staff in post",
            group_base=3000.0,
            group_events=1000.0,
            group_value=33.0,
            unknown_base=200.0,
        ),
        "senior_managers": row(
            "senior_managers",
            reference_group="other staff",
            group="senior managers",
            reference_base=2900.0,
            reference_events=980.0,
            reference_value=34.0,
            group_base=100.0,
            group_events=20.0,
            group_value=20.0,
            ratio_of="senior managers / other staff",
            ratio=0.59,
            ratio_low=0.39,
            ratio_high=0.86,
            difference=-13.8,
            difference_low=-20.4,
            difference_high=-4.7,
            p_value=0.004,
            q_value=0.012,
            evidence="some evidence",
        ),
        "appointed": appointed,
        "survey_response": row("survey_response", status="[x] not received", reference_base_status="[x]"),
        "spend_per_head": row(
            "spend_per_head",
            reference_base=2000.0,
            reference_value=120.0,
            group_base=1000.0,
            group_value=80.0,
            ratio_of="White / ethnic minority",
            ratio=1.5,
            ratio_low=1.2,
            ratio_high=1.9,
            difference=40.0,
            difference_low=20.0,
            difference_high=60.0,
            evidence="some evidence",
        ),
        "share_of_spend": row(
            "share_of_spend",
            reference_group="staff in post",
            group="training spend",
            reference_value=33.0,
            group_value=25.0,
            difference=-8.0,
        ),
        "leavers": row(
            "leavers",
            reference_base=8000.0,
            reference_events=220.0,
            reference_value=11.0,
            group_base=4000.0,
            group_events=125.0,
            group_value=12.5,
            ratio_of="ethnic minority / White",
            ratio=1.14,
            ratio_low=0.9,
            ratio_high=1.43,
            difference=1.5,
            p_value=0.26,
            q_value=0.4,
            evidence="too few to tell",
            flag="within 0.80 to 1.25",
        ),
    }


@pytest.fixture(scope="session")
def protected(row: Callable[..., Estimate]) -> Estimate:
    """Return a row with a hidden count: no value, no ratio, an interval for all that the count could be."""
    return row(
        "appointed",
        breakdown="directorate",
        level="Surgery",
        reference_base=60.0,
        reference_events=20.0,
        group_base=25.0,
        group_events_status="[c]",
        ratio_of="White / ethnic minority",
        ratio_low=0.75,
        ratio_high=38.4,
        p_value=1.0,
        q_value=1.0,
        evidence="too few to tell",
        flag="cannot tell",
        status="[c]",
    )


def frame_of(rows: list[Estimate]) -> pd.DataFrame:
    return pd.DataFrame([[getattr(each, name) for name in COLUMNS] for each in rows], columns=list(COLUMNS))


@pytest.fixture(scope="session")
def frame() -> Callable[[list[Estimate]], pd.DataFrame]:
    """Return the function that makes a frame of rows."""
    return frame_of


@pytest.fixture(scope="session")
def release(
    catalogue: Catalogue, row: Callable[..., Estimate], told: dict[str, Estimate], protected: Estimate
) -> Release:
    bands = [
        row(
            "share_of_staff",
            breakdown="band",
            level=level,
            reference_group="other staff",
            group=level,
            reference_base=2500.0,
            reference_events=850.0,
            reference_value=34.0,
            group_base=base,
            group_events=events,
            group_value=value,
            status=status,
            group_events_status=status,
            ratio=ratio,
            ratio_low=0.5,
            ratio_high=1.6,
        )
        for level, base, events, value, ratio, status in (
            ("Band 10", 40.0, None, None, None, "[c]"),
            ("Band 5", 400.0, 180.0, 45.0, 1.32, ""),
            ("Band 6", 200.0, 30.0, 15.0, 0.44, ""),
        )
    ]
    levels = [
        protected,
        replace(told["appointed"], breakdown="directorate", level="Medicine"),
        *(replace(told["appointed"], breakdown="broad_group", level=level) for level in ("Other", "Asian")),
        replace(told["appointed"], breakdown="internal", level="true"),
        replace(told["appointed"], breakdown="internal", level="false"),
    ]
    headlines = [told[name] for name, each in catalogue.indicators.items() if each.headline]
    earlier = [row("appointed", back=1, reference_value=22.0, group_value=14.0, ratio=1.57, vintage=2)]
    earlier += [row("appointed", back=2, status="[c]", group_events_status="[c]")]
    return Release(
        organisation=catalogue.organisation,
        audience="restricted",
        quarter=QUARTER,
        estimates=frame_of([*told.values(), *bands, *levels]),
        analyses=pd.DataFrame([*behind_appointed()]),
        history=frame_of([*earlier, *headlines]),
        datasets=(
            DatasetStatus("staff_in_post", "Staff in post", "received", "3,000 rows accepted."),
            DatasetStatus("staff_survey", "Staff survey", "not received", "Nothing matched this quarter."),
        ),
        quality_notes=("Ethnicity is known for 93% of staff.",),
        provenance=(("Disclosure policy", "rounded"), ("Vintage", "1")),
        policy_title="Counts of 1 to 7 hidden",
        policy_why="To protect people.",
        commentary=Commentary(
            by="Head of people analytics",
            passages=(
                Passage(
                    page="overview",
                    text="Of {{ appointed.title }}: {{ appointed.times }} ({{ appointed.interval }}).\n\n"
                    "- {{ leavers.difference }} in {{ leavers.period }}\n- **Band 10** is small.",
                ),
                Passage(
                    page="recruitment",
                    text="{{ appointed.reference_value }} beside {{ appointed.group_value }}.",
                ),
            ),
        ),
        revisions=(Revised("2026-06-30", 2, WHY_REVISED),),
    )
