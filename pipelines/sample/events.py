"""What happens to the invented people in a quarter: applications, training, survey replies, exit interviews.

Frames are in the pipeline's own words; each supplier's module turns them into what it would send. Days count
from 1970.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from pipelines.sample.people import Calendar, Ints, choose, codes_of, in_post, left_in
from pipelines.sample.profiles import ByGroup, Profile

Flags = npt.NDArray[np.bool_]

_OFTEN = {"1 to 2": 0.6, "3 to 5": 0.22, "6 to 10": 0.1, "More than 10": 0.08}
_AGREES = {"Agree": 0.65, "Strongly agree": 0.35}
_DOES_NOT = {"Strongly disagree": 0.2, "Disagree": 0.35, "Neither agree nor disagree": 0.45}


def happens(rng: np.random.Generator, chance: ByGroup, group: Ints) -> Flags:
    """Draw, for each person, whether it happened, by the chance of their group."""
    return rng.random(group.size) < np.array(chance)[group]


def offered_of_shortlisted(profile: Profile) -> ByGroup:
    """Return the chance of an offer that makes the planted share appointed among those who did not decline.

    With d the chance of declining, appointed = offer(1 - d) / (1 - offer d), solved for the offer.
    """
    d = profile.declines_an_offer
    white, minority, unknown = (p / (1 - d + p * d) for p in profile.appointed_of_shortlisted)
    return white, minority, unknown


def vacancies(profile: Profile, staff: int, calendar: Calendar, rng: np.random.Generator) -> pl.DataFrame:
    """Return every vacancy completed in the sample or in the quarter after, with its two days."""
    quarters = len(calendar.quarters) + 1
    a_quarter = max(1, round(staff * profile.applications_per_staff / profile.applications_per_vacancy))
    total = a_quarter * quarters
    quarter = np.repeat(np.arange(quarters), a_quarter)
    completed = calendar.day_in(quarter, rng.random(total))
    bands = {band: sum(w) for band, w in profile.bands.items()}
    return pl.DataFrame(
        {
            "vacancy": np.arange(total) + 31_000,
            "quarter": quarter,
            "completed_day": completed,
            "opened_day": completed - rng.integers(40, 120, total),
            "band": choose(rng, bands, total),
            "directorate": choose(rng, profile.directorates, total),
        }
    )


def applications(profile: Profile, vacancies: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Return one row per application with the stages it reached in the end."""
    of_each = rng.poisson(profile.applications_per_vacancy, vacancies.height)
    rows = vacancies[np.repeat(np.arange(vacancies.height), of_each)]
    size = rows.height
    group = rng.choice(3, size=size, p=profile.applicant_shares)
    shortlisted = happens(rng, profile.shortlisted, group)
    interviewed = shortlisted & happens(rng, profile.interviewed_of_shortlisted, group)
    offers, seen = offered_of_shortlisted(profile), profile.interviewed_of_shortlisted
    offered = interviewed & happens(
        rng, (offers[0] / seen[0], offers[1] / seen[1], offers[2] / seen[2]), group
    )
    declined = offered & (rng.random(size) < profile.declines_an_offer)
    channel = choose(rng, profile.channels, size)
    international = channel == (profile.international_channel or "")
    return rows.with_columns(
        application=pl.Series(rng.permutation(size) + 700_000),
        group=pl.Series(group),
        code=pl.Series(codes_of(rng, group)),
        channel=pl.Series(channel),
        international=pl.Series(international),
        internal=pl.Series(~international & (rng.random(size) < 0.2)),
        gender=pl.Series(
            choose(rng, {"female": 0.71, "male": 0.26, "other": 0.01, "not stated": 0.02}, size)
        ),
        shortlisted=pl.Series(shortlisted),
        interviewed=pl.Series(interviewed),
        offered=pl.Series(offered),
        appointed=pl.Series(offered & ~declined),
        declined=pl.Series(declined),
    )


def recruitment(applications: pl.DataFrame, calendar: Calendar, quarter: int) -> pl.DataFrame:
    """Return a quarter's extract: vacancies completed in it, then those still in progress, as they stood."""
    last_day = calendar.last_day(quarter)
    completed = applications.filter(pl.col("quarter") == quarter)
    open_still = applications.filter((pl.col("quarter") == quarter + 1) & (pl.col("opened_day") <= last_day))
    not_yet = pl.lit(value=False)
    open_still = open_still.with_columns(
        completed_day=pl.lit(None, dtype=pl.Int64),
        shortlisted=pl.col("shortlisted") & (pl.col("opened_day") + 30 <= last_day),
        **dict.fromkeys(("interviewed", "offered", "appointed", "declined"), not_yet),
    )
    return pl.concat([completed, open_still])


def training_requests(
    profile: Profile, everyone: pl.DataFrame, calendar: Calendar, quarter: int, rng: np.random.Generator
) -> pl.DataFrame:
    """Return a quarter's requests for training.

    Those who train have one completed course in each year, the first in the quarter they join, so over any
    four quarters the planted share of staff in post has had one, however long they have been here. Refusals
    follow approvals in the same proportion in each group: approval is at parity.
    """
    here = pl.concat([in_post(everyone, quarter), left_in(everyone, quarter)]).filter(~pl.col("board_member"))
    turn = (pl.col("turn") == quarter % 4) | (pl.col("joined") == quarter)
    taken = here.filter(pl.col("trains") & turn)
    booked = _some_of(here, taken, 0.12, rng)
    odds_of_refusal = (1 - profile.request_approved) / profile.request_approved
    refused = _some_of(here, pl.concat([taken, booked]), odds_of_refusal, rng)
    undecided = _some_of(here, taken, 0.05, rng)
    mandatory = here.filter(pl.Series(rng.random(here.height) < 0.08))
    rows = pl.concat(
        [
            _decided(taken, "non_mandatory", approved=True, completed=True),
            _decided(booked, "non_mandatory", approved=True, completed=False),
            _decided(refused, "non_mandatory", approved=False, completed=False),
            _decided(undecided, "non_mandatory", approved=None, completed=False),
            _decided(mandatory, "mandatory", approved=True, completed=True),
        ]
    )
    return _dated_and_priced(profile, rows, calendar, quarter, rng)


def _some_of(here: pl.DataFrame, asked: pl.DataFrame, times: float, rng: np.random.Generator) -> pl.DataFrame:
    """Draw people at random within each group, on average ``times`` as many as asked in it."""
    drawn = []
    for group in range(3):
        there = here.filter(pl.col("group") == group)
        wanted = rng.poisson(times * asked.filter(pl.col("group") == group).height)
        drawn.append(there[rng.integers(0, max(there.height, 1), wanted if there.height else 0)])
    return pl.concat(drawn)


def _decided(rows: pl.DataFrame, training: str, *, approved: bool | None, completed: bool) -> pl.DataFrame:
    return rows.with_columns(
        training=pl.lit(training), approved=pl.lit(approved, dtype=pl.Boolean), completed=pl.lit(completed)
    )


def _dated_and_priced(
    profile: Profile, rows: pl.DataFrame, calendar: Calendar, quarter: int, rng: np.random.Generator
) -> pl.DataFrame:
    first, last = calendar.first_day(quarter), calendar.last_day(quarter)
    from_day = np.maximum(rows["joined_day"].to_numpy(), first)
    until = np.where(rows["left"].to_numpy() == quarter, rows["left_day"].to_numpy(), last)
    day = from_day + np.floor(rng.random(rows.height) * (until - from_day + 1)).astype(np.int64)
    spread = rng.lognormal(-0.18, 0.6, rows.height)
    course = np.array(profile.cost_of_a_course)[rows["group"].to_numpy()] * spread
    price = np.where(rows["training"].to_numpy() == "mandatory", 15 + 40 * rng.random(rows.height), course)
    spent = rows["approved"].fill_null(value=False).to_numpy()
    number = 100_000 * (quarter + 1) + rng.permutation(rows.height)
    return rows.with_columns(
        request=pl.Series(number),
        requested_day=pl.Series(day),
        cost=pl.Series(np.where(spent, np.round(price, 2), 0.0)),
    ).sort("requested_day", "request")


def leavers(profile: Profile, everyone: pl.DataFrame, quarter: int, rng: np.random.Generator) -> pl.DataFrame:
    """Return those who left in a quarter with the recorded reason, blank for a few."""
    rows = left_in(everyone, quarter).sort("left_day", "person")
    for_want_of_it = happens(rng, profile.left_for_lack_of_opportunity, rows["group"].to_numpy())
    reason = np.where(for_want_of_it, profile.lack_of_opportunity, choose(rng, profile.reasons, rows.height))
    not_recorded = rng.random(rows.height) < 0.06
    return rows.with_columns(reason=pl.Series(np.where(not_recorded, "", reason), dtype=pl.String))


def survey_replies(
    profile: Profile, everyone: pl.DataFrame, calendar: Calendar, quarter: int, rng: np.random.Generator
) -> pl.DataFrame:
    """Return the replies to the annual survey, by staff in post on the quarter's last day."""
    here = in_post(everyone, quarter)
    here = here if profile.board_in_staff else here.filter(~pl.col("board_member"))
    rows = here.filter(pl.Series(happens(rng, profile.replies, here["group"].to_numpy())))
    rows = rows[rng.permutation(rows.height)]
    group = rows["group"].to_numpy()
    answers = {name: happens(rng, chance, group) for name, chance in profile.experiences.items()}
    blank = rng.random(rows.height) < profile.ethnicity_left_blank
    return rows.with_columns(
        reply=pl.Series(np.arange(rows.height) + 50_001),
        survey_day=pl.Series(calendar.first_day(quarter) + rng.integers(5, 58, rows.height)),
        code=pl.Series(np.where(blank, "Z", rows["code"].to_numpy())),
        **{f"says_{name}": pl.Series(said) for name, said in answers.items()},
    )


def how_often(rng: np.random.Generator, experienced: Flags) -> npt.NDArray[np.str_]:
    """Word how often it was experienced, on the national scale."""
    return np.where(experienced, choose(rng, _OFTEN, experienced.size), "Never")


def agreement(rng: np.random.Generator, agrees: Flags) -> npt.NDArray[np.str_]:
    """Word an answer on the five-point scale."""
    return np.where(agrees, choose(rng, _AGREES, agrees.size), choose(rng, _DOES_NOT, agrees.size))


def fair_or_not(rng: np.random.Generator, fair: Flags) -> npt.NDArray[np.str_]:
    """Word an answer of yes, no or don't know."""
    return np.where(fair, "Yes", choose(rng, {"No": 0.45, "Don't know": 0.55}, fair.size))


def exit_interviews(
    profile: Profile, leavers: pl.DataFrame, calendar: Calendar, quarter: int, rng: np.random.Generator
) -> pl.DataFrame:
    """Return the exit interviews held with a quarter's leavers, up to ten days before they left."""
    held = leavers.filter(pl.Series(happens(rng, profile.interview_held, leavers["group"].to_numpy())))
    rows = held[rng.permutation(held.height)]
    group = rows["group"].to_numpy()
    day = rows["left_day"].to_numpy() - rng.integers(0, 11, rows.height)
    return rows.with_columns(
        interview=pl.Series(1000 * (quarter + 1) + np.arange(rows.height)),
        interview_day=pl.Series(np.maximum(day, calendar.first_day(quarter))),
        recommends=pl.Series(agreement(rng, happens(rng, profile.would_recommend, group))),
        discrimination=pl.Series(happens(rng, profile.reported_discrimination, group)),
    )
