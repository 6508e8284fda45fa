"""Targets: how far a share is from where it is meant to be, whether it is on its way, and what it would take."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from disparity.statistics.arguments import (
    checked,
    checked_count,
    checked_share,
    checked_whole_share,
    finite,
    whole_quarters,
)
from disparity.statistics.comparison import Numbers
from disparity.statistics.proportions import wilson

ON_THE_LINE = "on the line"
BEHIND = "behind"
CANNOT_TELL = "cannot tell"
REACHABLE = "reachable"
NOT_REACHABLE = "not reachable with that many"


class Distance(NamedTuple):
    """Percentage points still to go (negative past the target), and people needed now at the same size."""

    points: Numbers
    people: Numbers


class Track(NamedTuple):
    """A share with its interval, and the word that says where it stands against the line."""

    share: Numbers
    low: Numbers
    high: Numbers
    word: Numbers


class Appointments(NamedTuple):
    """Appointments of the group needed by the date, and the word that says whether there will be so many."""

    needed: Numbers
    word: Numbers


def path(
    baseline: ArrayLike, target: ArrayLike, baseline_at: ArrayLike, target_at: ArrayLike, now_at: ArrayLike
) -> Numbers:
    """Return where the straight line from ``baseline`` to ``target`` stands now, in their unit.

    The times are whole numbers that count quarters; all broadcast. From ``target_at`` on it is the target.
    Raises ValueError naming the argument: not finite, times not whole, ``target_at`` not after
    ``baseline_at``, or ``now_at`` before it. A line to monitor by; never a quota.

    Examples
    --------
    >>> float(path(10.0, 20.0, 0, 8, 4))
    15.0
    """
    start, end = finite("baseline", baseline), finite("target", target)
    begun, due, now = (
        whole_quarters(name, time)
        for name, time in (("baseline_at", baseline_at), ("target_at", target_at), ("now_at", now_at))
    )
    if np.any(due <= begun):
        raise ValueError("target_at must be after baseline_at")
    if np.any(now < begun):
        raise ValueError("now_at must not be before baseline_at")
    whole = due - begun
    gone = np.minimum(now - begun, whole)
    return np.where(gone == whole, end, start + (end - start) * gone / whole)[()]


def distance_to_target(
    events: ArrayLike,
    n: ArrayLike,
    target_events: ArrayLike,
    target_n: ArrayLike,
    *,
    better: Literal["higher", "lower"] = "higher",
) -> Distance:
    """How far the share ``events`` of ``n`` is from ``target_events`` of ``target_n``.

    Whole counts, broadcast, 0 <= events <= n, n >= 1; a target of 20% is 20 of 100, parity with the workforce
    its own counts. ``points`` are percentage points still to go, negative past the target. ``people`` is the
    least whole number by which the events would have to be more (fewer, where ``better`` is lower) among the
    same n to reach the target, 0 where it is reached; by integer arithmetic. Raises ValueError naming the
    argument. For monitoring; never a quota.

    Examples
    --------
    >>> points, people = distance_to_target(18, 120, 20, 100)
    >>> float(points), int(people)
    (5.0, 6)
    """
    _check_better(better)
    x, base, goal, goal_base = np.broadcast_arrays(
        *checked_whole_share(events, n), *checked_whole_share(target_events, target_n, prefix="target_")
    )
    if better == "lower":
        x, goal = base - x, goal_base - goal
    people = np.maximum(-(-goal * base // goal_base) - x, 0)
    points = 100.0 * (goal * base - x * goal_base) / (base * goal_base)
    return Distance(np.asarray(points)[()], np.asarray(people)[()])


def on_track(
    events: ArrayLike,
    n: ArrayLike,
    line: ArrayLike,
    *,
    better: Literal["higher", "lower"] = "higher",
    level: float = 0.95,
) -> Track:
    """Say whether the share ``events`` of ``n`` stands on the ``line`` that `path` draws, a share from 0 to 1.

    Arguments broadcast; 0 <= events <= n, n >= 1. The word is judged by the Wilson interval: `ON_THE_LINE`
    where all of it is at the line or on the better side, `BEHIND` where all of it is on the other,
    `CANNOT_TELL` where it straddles. Small groups rarely tell. Raises ValueError naming the argument.

    Examples
    --------
    >>> str(on_track(18, 120, 0.3).word)
    'behind'
    """
    _check_better(better)
    x, base = checked_share(events, n)
    low, high = wilson(x, base, level=level)
    mark = checked("line", line)
    if np.any(mark > 1.0):
        raise ValueError("line must be a share from 0 to 1")
    above, below = (low >= mark), (high < mark)
    if better == "lower":
        above, below = (high <= mark), (low > mark)
    word = np.select([above, below], [ON_THE_LINE, BEHIND], CANNOT_TELL)
    share, low, high, word = np.broadcast_arrays(x / base, low, high, word)
    return Track(share[()], low[()], high[()], word[()])


def appointments_needed(
    events: ArrayLike,
    n: ArrayLike,
    target_events: ArrayLike,
    target_n: ArrayLike,
    *,
    appointments: ArrayLike,
    leavers: ArrayLike,
) -> Appointments:
    """Return how many of the ``appointments`` until the date would be the group's, were the target to be met.

    ``events`` of ``n`` in post now are of the group; the target is ``target_events`` of ``target_n``. Of the
    n, ``leavers`` are expected to leave by the date, of every group in proportion. Whole counts, broadcast.
    ``needed`` is the least whole number, by integer arithmetic, that brings the share of those then in post
    to the target; 0 where none are needed. ``word`` is `NOT_REACHABLE` where it is above ``appointments``.
    Raises ValueError naming the argument, also where leavers are more than n or nobody would be in post.
    What would follow from equal shares, for monitoring; never a quota.

    Examples
    --------
    >>> needed, word = appointments_needed(18, 120, 20, 100, appointments=30, leavers=20)
    >>> int(needed), str(word)
    (11, 'reachable')
    """
    places, leave = checked_count("appointments", appointments), checked_count("leavers", leavers)
    x, base, goal, goal_base, places, leave = np.broadcast_arrays(
        *checked_whole_share(events, n),
        *checked_whole_share(target_events, target_n, prefix="target_"),
        places,
        leave,
    )
    if np.any(leave > base):
        raise ValueError("leavers must not be above n")
    staying = base - leave
    if np.any(staying + places == 0):
        raise ValueError("appointments must be above 0 where everyone leaves")
    # The group's part of those who stay is rarely whole: two quotients are compared by their remainders.
    wanted, over = np.divmod(goal * (staying + places), goal_base)
    held, part = np.divmod(x * staying, base)
    needed = np.maximum(wanted - held + (over * base > part * goal_base), 0)
    word = np.where(needed > places, NOT_REACHABLE, REACHABLE)
    return Appointments(np.asarray(needed)[()], word[()])


def _check_better(better: str) -> None:
    if better not in {"higher", "lower"}:
        raise ValueError("better must be higher or lower")
