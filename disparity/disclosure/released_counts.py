"""Released counts: what a policy makes of a true count, what a reader of it knows, and what it may leave him."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from disparity.catalogue.policies import Policy
from disparity.disclosure.additivity import Bounds, Ints

TOLD, SMALL, OF_ANY_SIZE = range(3)
"""Shown rounded; hidden as small; hidden for another's sake."""

BEYOND = 10_000_000
"""The greatest count of a cell that was hidden for another's sake: nothing is told of its size."""


class Before(NamedTuple):
    """What was told of people earlier or to others: the counts they could be, and whether the count was hidden."""

    low: int
    high: int
    hidden: bool


def both(one: Before, other: Before) -> Before:
    """Return what two statements leave open; where they contradict each other the records changed: the later one."""
    low, high = max(one.low, other.low), min(one.high, other.high)
    return Before(low, high, one.hidden and other.hidden) if low <= high else other


class Asked(NamedTuple):
    """What a policy asks of each of some counts, arrays over them.

    ``threshold`` is the least count that is told, ``nought`` is 1 where 0 is hidden as a small count is (else 0), and
    ``matters`` how much it matters that it is told: what matters least is hidden first for another's sake.
    """

    threshold: Ints
    nought: Ints
    matters: Ints


def asked_of_all(policy: Policy, size: int) -> Asked:
    """Return what a policy asks of every count at the least, whatever its sensitivity."""
    return Asked(np.full(size, policy.threshold), *np.zeros((2, size), np.int64))


def rounded(true: Ints, policy: Policy) -> Ints:
    """Return counts rounded to the policy's multiple, halves up."""
    return policy.round_to * ((true + policy.round_to // 2) // policy.round_to)


def bounds(true: Ints, state: Ints, policy: Policy, asked: Asked | None = None) -> Bounds:
    """Return the least and greatest count each may be, to a reader who knows policy and state alone.

    ``asked`` is what the policy asks of each, by default what it asks of all.
    """
    threshold, nought, _ = asked or asked_of_all(policy, 1)
    shown, step = rounded(true, policy), policy.round_to
    # Of one hidden for another's sake a reader sees no interval, and takes it that it is not small.
    hidden = np.where(true < threshold, 1 - nought, threshold)
    low = np.where(state == TOLD, np.maximum(shown - step // 2, threshold), hidden)
    high = np.select([state == TOLD, state == SMALL], [shown + (step - 1) // 2, threshold - 1], BEYOND)
    told_nought = (true == 0) & ((state == TOLD) | (nought == 0))
    return Bounds(np.where(told_nought, 0, low), np.where(told_nought, 0, high))
