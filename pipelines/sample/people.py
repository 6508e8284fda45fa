"""The invented staff: posts, and the people who hold them one after another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from disparity.periods import Quarter
from pipelines.sample.profiles import Profile

Ints = npt.NDArray[np.int64]

_FIRST_NAMES = (
    "Alex",
    "Bryn",
    "Chidi",
    "Dilip",
    "Esme",
    "Femi",
    "Grace",
    "Hana",
    "Imran",
    "Joy",
    "Kemi",
    "Lena",
    "Zoë",
)
_LAST_NAMES = (
    "Abara",
    "Brack",
    "Calder",
    "Dessai",
    "Eaves",
    "Farrow",
    "Gantry",
    "Harle",
    "Iqdal",
    "Jessup",
    "Kofrey",
)

CODES: tuple[dict[str, float], ...] = (
    {
        "A": 0.66, "CA": 0.14, "CB": 0.02, "CC": 0.02, "C2": 0.01, "B": 0.03, "C": 0.05, "C3": 0.02,
        "CP": 0.03, "CK": 0.02,
    },
    {
        "H": 0.22, "J": 0.07, "K": 0.03, "L": 0.08, "LE": 0.03, "LK": 0.02, "R": 0.03, "M": 0.07, "N": 0.19,
        "PC": 0.05, "P": 0.02, "D": 0.03, "E": 0.02, "F": 0.02, "G": 0.02, "S": 0.02, "SC": 0.08,
    },
    {"Z": 0.6, "99": 0.2, "": 0.2},
)  # fmt: skip
"""Ethnic codes of each group: White, ethnic minority, not known. Blank is never recorded."""


@dataclass(frozen=True)
class Calendar:
    """The quarters of the sample, oldest first, and day arithmetic over them."""

    quarters: tuple[Quarter, ...]

    def day_in(self, quarter: Ints, part: npt.NDArray[np.float64]) -> Ints:
        """Return the day since 1970 that lies ``part`` (0 to 1) of the way through each quarter."""
        first: Ints = np.array([_day(each.start) for each in (*self.quarters, self.quarters[-1].plus(1))])
        last: Ints = np.array([_day(each.end) for each in (*self.quarters, self.quarters[-1].plus(1))])
        return first[quarter] + np.floor(part * (last[quarter] - first[quarter] + 1)).astype(np.int64)

    def first_day(self, quarter: int) -> int:
        """Return the first day of a quarter, in days since 1970."""
        return _day(self.quarters[quarter].start)

    def last_day(self, quarter: int) -> int:
        """Return the last day of a quarter, in days since 1970."""
        return _day(self.quarters[quarter].end)


def _day(date: object) -> int:
    return int(np.datetime64(str(date), "D").astype(np.int64))


def choose(rng: np.random.Generator, weights: dict[str, float], size: int) -> npt.NDArray[np.str_]:
    """Draw ``size`` of the words in proportion to their weights."""
    share = np.array(list(weights.values()), dtype=float)
    return rng.choice(np.array(list(weights)), size=size, p=share / share.sum())


def codes_of(rng: np.random.Generator, groups: Ints) -> npt.NDArray[np.str_]:
    """Draw an ethnic code for each person from the codes of their group."""
    drawn = np.stack([choose(rng, weights, groups.size) for weights in CODES])
    return drawn[groups, np.arange(groups.size)]


def _groups(total: int, shares: tuple[float, float, float]) -> Ints:
    minority, unknown = round(total * shares[1]), round(total * shares[2])
    return np.repeat([0, 1, 2], [total - minority - unknown, minority, unknown])


def posts(profile: Profile, staff: int, quarters: int, rng: np.random.Generator) -> pl.DataFrame:
    """Return one row per post: group, band, directorate, flags and the quarter it opened in (-1: the start).

    A leaver is followed in the post by somebody of the same group, so the make-up of the staff is known
    exactly in every quarter and changes with growth alone, which is two fifths ethnic minority.
    """
    board = np.repeat([0, 1, 2], [int(each) for each in profile.board])
    seniors = _groups(round(staff * profile.senior_share), profile.senior_group_shares)
    growth = _groups(round(staff * profile.growth_per_quarter), (0.55, 0.4, 0.05))
    everyone = np.bincount(_groups(staff, profile.group_shares), minlength=3)
    counted = np.bincount(seniors, minlength=3) + (
        np.bincount(board, minlength=3) if profile.board_in_staff else 0
    )
    others = np.repeat([0, 1, 2], np.maximum(everyone - counted, 0))
    rng.shuffle(others)
    group = np.concatenate([board, seniors, others, *([growth] * quarters)])
    rest = group.size - board.size - seniors.size
    by_group = np.stack(
        [choose(rng, {band: w[g] for band, w in profile.bands.items()}, rest) for g in range(3)]
    )
    bands = by_group[group[board.size + seniors.size :], np.arange(rest)]
    band = np.concatenate(
        [np.repeat(profile.board_band, board.size), choose(rng, profile.senior_bands, seniors.size), bands]
    )
    opened = np.concatenate(
        [np.full(group.size - growth.size * quarters, -1), np.repeat(np.arange(quarters), growth.size)]
    )
    place = np.arange(group.size)
    return pl.DataFrame(
        {
            "group": group,
            "band": band,
            "directorate": choose(rng, profile.directorates, group.size),
            "senior_manager": (place >= board.size) & (place < board.size + seniors.size),
            "board_member": place < board.size,
            "opened": opened,
        }
    )


def people(
    profile: Profile, posts: pl.DataFrame, calendar: Calendar, rng: np.random.Generator
) -> pl.DataFrame:
    """Return one row per person who ever held a post.

    ``joined`` and ``left`` are places of quarters: -1 is before the sample, their count is still here.
    ``joined_day`` and ``left_day`` count from 1970. ``trains`` says who has a yearly course, ``turn`` when.
    """
    quarters = len(calendar.quarters)
    chance = np.array(profile.leaves_in_a_year)[posts["group"]] / 4 * ~posts["board_member"].to_numpy()
    leaves = rng.random((posts.height, quarters)) < chance[:, None]
    leaves &= posts["opened"].to_numpy()[:, None] < np.arange(quarters)
    post, quarter = np.nonzero(leaves)
    holder = np.concatenate([np.arange(posts.height), post])
    joined = np.concatenate([posts["opened"].to_numpy(), quarter])
    order = np.lexsort((joined, holder))
    holder, joined = holder[order], joined[order]
    followed = np.append(holder[1:] == holder[:-1], False)
    left = np.where(followed, np.append(joined[1:], quarters), quarters)
    size = holder.size
    left_day = calendar.day_in(np.minimum(left, quarters), 0.7 * rng.random(size))
    before = calendar.first_day(0) - rng.integers(30, 30 * 365, size)
    joined_day = np.where(
        joined < 0, before, calendar.day_in(np.maximum(joined, 0), 0.7 + 0.3 * rng.random(size))
    )
    group = posts["group"].to_numpy()[holder]
    held = posts.drop("opened")[holder]
    return held.with_columns(
        person=pl.Series(rng.permutation(size) + 20_410_000),
        joined=pl.Series(joined),
        left=pl.Series(left),
        joined_day=pl.Series(joined_day),
        left_day=pl.Series(left_day),
        code=pl.Series(codes_of(rng, group)),
        trains=pl.Series(rng.random(size) < np.array(profile.trained_in_a_year)[group]),
        turn=pl.Series(rng.integers(0, 4, size)),
        fte=pl.Series(rng.choice(["1", ".8", ".6", ".5", ""], size=size, p=[0.62, 0.16, 0.12, 0.08, 0.02])),
        first_name=pl.Series(rng.choice(_FIRST_NAMES, size)),
        last_name=pl.Series(rng.choice(_LAST_NAMES, size)),
        born_day=pl.Series(rng.integers(-7000, 13000, size)),
    )


def in_post(everyone: pl.DataFrame, quarter: int) -> pl.DataFrame:
    """Return those employed on the last day of a quarter."""
    return everyone.filter((pl.col("joined") <= quarter) & (pl.col("left") > quarter))


def left_in(everyone: pl.DataFrame, quarter: int) -> pl.DataFrame:
    """Return those whose last day was in a quarter."""
    return everyone.filter(pl.col("left") == quarter)
