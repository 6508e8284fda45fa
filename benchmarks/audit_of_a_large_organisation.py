"""Audit and repair of 20,000 staff in 50 directorates, 12 bands and 5 groups. Promised: under 120 s and 2 GB.

All indicators of the default catalogue, over records made without extracts; a first report, and the one after it.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.audit_of_the_sample import count_quarter, measure, tell, workplace_in
from disparity.counts.counting import Records
from disparity.periods import Quarter
from pipelines.commands.demonstration import LAST
from pipelines.sample import events
from pipelines.sample.people import Calendar, in_post, people, posts
from pipelines.sample.profiles import TRUST
from resources.workplace import Workplace

STAFF = 20_000
DIRECTORATES = 50
# Of the trust's bands all but the medical grades, which leaves twelve.
MEDICAL = ("Trainee doctor", "Career grade doctor", "Consultant")
LARGE = replace(
    TRUST,
    bands={band: weights for band, weights in TRUST.bands.items() if band not in MEDICAL},
    # The largest is about five times the smallest.
    directorates={f"Directorate {number}": 1 / (number + 12) for number in range(1, DIRECTORATES + 1)},
)
QUARTERS = LAST.window(5)

Frames = dict[str, pl.DataFrame]


def records_of(workplace: Workplace, quarters: tuple[Quarter, ...]) -> Records:
    """Invent people who live through all quarters, and return what every dataset has of them."""
    random, calendar = np.random.default_rng(1), Calendar(quarters)
    everyone = people(LARGE, posts(LARGE, STAFF, len(quarters), random), calendar, random)
    everyone = everyone.with_columns(
        staff_type=pl.when(pl.col("person") % 10 < 7).then(pl.lit("Clinical")).otherwise(pl.lit("Non-clinical")),
        staff_group=pl.Series(random.choice(workplace.catalogue.organisation.lists.staff_group, everyone.height)),
    )  # fmt: skip
    applied = events.applications(LARGE, events.vacancies(LARGE, STAFF, calendar, random), random)
    frames: dict[str, dict[Quarter, pl.LazyFrame]] = {}
    for place, quarter in enumerate(quarters):
        for dataset, rows in _happened(everyone, applied, calendar, place, random).items():
            frames.setdefault(dataset, {})[quarter] = _with_ethnicity(workplace, rows).lazy()
    return Records(frames)


def _happened(
    everyone: pl.DataFrame, applied: pl.DataFrame, calendar: Calendar, place: int, random: np.random.Generator
) -> Frames:
    """Return every dataset's rows of one quarter, in the words of the catalogue."""
    gone = events.leavers(LARGE, everyone, place, random)
    interviews = events.exit_interviews(LARGE, gone, calendar, place, random)
    frames = {
        "staff_in_post": in_post(everyone, place),
        "recruitment": events.recruitment(applied, calendar, place).with_columns(
            completed_date=pl.from_epoch("completed_day", time_unit="d")
        ),
        "learning_budget": events.training_requests(LARGE, everyone, calendar, place, random),
        "leavers": gone.with_columns(reason=pl.col("reason").replace("", None)),
        "exit_interviews": interviews.with_columns(
            would_recommend="recommends", reported_discrimination=_yes_or_no(pl.col("discrimination"))
        ),
    }
    if calendar.quarters[place].start.month == 10:
        frames["staff_survey"] = _answered(
            events.survey_replies(LARGE, everyone, calendar, place, random), random
        )
    return frames


def _answered(replies: pl.DataFrame, random: np.random.Generator) -> pl.DataFrame:
    """Put what replies say into the words of the questionnaire."""
    says = {name: replies[f"says_{name}"].to_numpy() for name in LARGE.experiences}
    by_managers = says["harassment_from_staff"] & (random.random(replies.height) < 0.5)
    by_colleagues = says["harassment_from_staff"] & ~by_managers
    return replies.with_columns(
        _yes_or_no(pl.col("says_discrimination_from_staff")).alias("discrimination_from_staff"),
        harassment_from_public=pl.Series(events.how_often(random, says["harassment_from_public"])),
        harassment_from_managers=pl.Series(events.how_often(random, by_managers)),
        harassment_from_colleagues=pl.Series(events.how_often(random, by_colleagues)),
        equal_opportunity=pl.Series(events.fair_or_not(random, says["equal_opportunity"])),
        access_to_development=pl.Series(events.agreement(random, says["access_to_development"])),
        inclusive_leadership=pl.Series(events.agreement(random, says["inclusive_leadership"])),
    )


def _yes_or_no(flag: pl.Expr) -> pl.Expr:
    return pl.when(flag).then(pl.lit("Yes")).otherwise(pl.lit("No"))


def _with_ethnicity(workplace: Workplace, rows: pl.DataFrame) -> pl.DataFrame:
    """Add what each code means; a blank is not known."""
    crosswalk = workplace.catalogue.ethnicity
    meanings = crosswalk.frame(workplace.catalogue.organisation.comparison)
    given = pl.col("code").replace("", crosswalk.not_known.code).str.to_lowercase()
    return rows.with_columns(raw=given).join(meanings, on="raw", how="left")


def main() -> None:
    """Measure a first report, tell it, and measure the one after it."""
    with tempfile.TemporaryDirectory() as folder:
        workplace = workplace_in(Path(folder))
        records = records_of(workplace, QUARTERS)
        first, second = QUARTERS[-2:]
        count_quarter(workplace, records, first)
        measure(workplace, first)
        tell(workplace, first)
        count_quarter(workplace, records, second)
        measure(workplace, second)


if __name__ == "__main__":
    main()
