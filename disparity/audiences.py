"""Audiences: who reads which report, and which reports lie side by side before one reader."""

from __future__ import annotations

from typing import Literal

ANALYST = "analyst"
RELEASED = ("restricted", "published")
AUDIENCES = (ANALYST, *RELEASED)


def wider_than(audience: str) -> tuple[str, ...]:
    """Return the reports for more people than this one's, which its readers can lay beside it."""
    return RELEASED[RELEASED.index(audience) + 1 :] if audience in RELEASED else ()


def read_by(audience: str) -> tuple[tuple[str, ...], ...]:
    """Return what the readers of an audience's report read, one kind of reader after the other: it, and all wider ones.

    The readers of a narrower report read this one too; those who read most come last.
    """
    kinds = RELEASED[: RELEASED.index(audience) + 1]
    return tuple(RELEASED[RELEASED.index(each) :] for each in reversed(kinds))


Audience = Literal["restricted", "published", "analyst"]
