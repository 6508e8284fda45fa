"""The planted truth, indicator by indicator: what the pipeline should find, within what chance allows."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from pipelines.sample.events import offered_of_shortlisted
from pipelines.sample.people import Ints
from pipelines.sample.profiles import ByGroup, Profile

_HEADLINES = (
    "ethnic_minority_share_of_staff",
    "ethnic_minority_share_of_senior_managers",
    "shortlisted_from_applications",
    "appointed_from_shortlisting",
    "harassment_from_staff",
    "equal_opportunity",
    "non_mandatory_training",
    "leavers_per_100_staff",
)
_WORSE_WHEN_HIGHER = (
    "harassment_from_public",
    "harassment_from_staff",
    "discrimination_from_staff",
    "leavers_per_100_staff",
    "left_for_lack_of_opportunity",
    "reported_discrimination",
)


def planted_truth(profile: Profile, posts: pl.DataFrame, quarters: int) -> list[dict[str, Any]]:
    """Return the planted values in the last quarter's window, in percent (leavers: a year per 100 staff).

    ``ratio`` and ``difference`` are oriented as the catalogue has the indicator, in ``ratio_of``.
    """
    chances = {**_recruitment(profile), **profile.experiences}
    chances |= {
        "non_mandatory_training": profile.trained_in_a_year,
        "requests_approved": (profile.request_approved,) * 3,
        "leavers_per_100_staff": _leaving(profile, posts, quarters),
        "left_for_lack_of_opportunity": profile.left_for_lack_of_opportunity,
        "would_recommend": profile.would_recommend,
        "reported_discrimination": profile.reported_discrimination,
    }
    found = [_compared(name, 100 * chance[0], 100 * chance[1]) for name, chance in chances.items()]
    return [*_shares(posts), *found]


def _recruitment(profile: Profile) -> dict[str, ByGroup]:
    """Chances at each stage, over applicants who did not decline where the indicator leaves those out."""
    sifted, seen, offers = (
        profile.shortlisted,
        profile.interviewed_of_shortlisted,
        offered_of_shortlisted(profile),
    )
    d = profile.declines_an_offer
    of_seen = [offer / share for offer, share in zip(offers, seen, strict=True)]
    from_start = [s * o * (1 - d) / (1 - s * o * d) for s, o in zip(sifted, offers, strict=True)]
    return {
        "shortlisted_from_applications": sifted,
        "interviewed_from_shortlisting": seen,
        "offered_from_interviews": (of_seen[0], of_seen[1], of_seen[2]),
        "appointed_from_shortlisting": profile.appointed_of_shortlisted,
        "appointed_from_applications": (from_start[0], from_start[1], from_start[2]),
    }


def _leaving(profile: Profile, posts: pl.DataFrame, quarters: int) -> ByGroup:
    """Leavers a year over the mean of the window's snapshots; board members stay."""
    window = range(max(quarters - 4, 0), quarters)
    free_to_leave = sum(_headcount(posts.filter(~pl.col("board_member")), quarter - 1) for quarter in window)
    snapshots = sum(_headcount(posts, quarter) for quarter in window)
    white, minority, unknown = np.array(profile.leaves_in_a_year) * free_to_leave / snapshots
    return float(white), float(minority), float(unknown)


def _headcount(posts: pl.DataFrame, quarter: int) -> Ints:
    return np.bincount(posts.filter(pl.col("opened") <= quarter)["group"], minlength=3)


def _shares(posts: pl.DataFrame) -> list[dict[str, Any]]:
    everyone, minority = posts.height, int((posts["group"] == 1).sum())
    seniors, rest = posts.filter("senior_manager"), posts.filter(~pl.col("senior_manager"))
    of_seniors, of_rest = (100 * int((part["group"] == 1).sum()) / part.height for part in (seniors, rest))
    return [
        {
            "indicator": "ethnic_minority_share_of_staff",
            "headline": True,
            "ratio_of": "",
            "reference_value": None,
            "group_value": round(100 * minority / everyone, 4),
            "ratio": None,
            "difference": None,
        },
        _oriented(
            "ethnic_minority_share_of_senior_managers", "senior managers / other staff", of_rest, of_seniors
        ),
    ]


def _compared(indicator: str, white: float, minority: float) -> dict[str, Any]:
    way_round = "ethnic minority / White" if indicator in _WORSE_WHEN_HIGHER else "White / ethnic minority"
    return _oriented(indicator, way_round, white, minority, group_first=indicator in _WORSE_WHEN_HIGHER)


def _oriented(
    indicator: str, ratio_of: str, reference: float, group: float, *, group_first: bool = True
) -> dict[str, Any]:
    above, below = (group, reference) if group_first else (reference, group)
    return {
        "indicator": indicator,
        "headline": indicator in _HEADLINES,
        "ratio_of": ratio_of,
        "reference_value": round(reference, 4),
        "group_value": round(group, 4),
        "ratio": round(above / below, 4) if below else None,
        "difference": round(above - below, 4),
    }
