"""A policy's YAML as a reader has it: what a published count may be, and how many values a hidden one must leave."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import yaml

BEYOND = 10_000_000
"""No organisation counts so many of anything."""


class Could(NamedTuple):
    """The least and the greatest count that something could be, and whether it is hidden."""

    least: int
    greatest: int
    hidden: bool


class Policy(NamedTuple):
    """The rules of a policy that say what a count published by it may be."""

    threshold: int
    by_sensitivity: dict[str, int]
    hides_zero: tuple[str, ...]
    round_to: int
    least_interval: int

    def threshold_of(self, sensitivity: str) -> int:
        """Return the least count that is shown of an indicator of this sensitivity."""
        return self.by_sensitivity.get(sensitivity, self.threshold)

    @property
    def greatest_threshold(self) -> int:
        """The least count that is shown of whatever indicator."""
        return max([self.threshold, *self.by_sensitivity.values()])

    def could_be(self, shown: str, status: str, sensitivity: str, *, compared: bool) -> Could | None:
        """Return what a count could be, or None where nothing is published of it.

        ``compared``: an interval, a p-value or a flag is published of its row. Nothing is compared with a count that was
        hidden for another's sake, so such a hidden one is small; by which indicator's threshold cannot be seen.
        """
        if status.startswith("[x]"):
            return None
        if status:
            most = max(self.greatest_threshold - 1, 1) if compared else BEYOND
            return Could(0 if self.hides_zero else 1, most, hidden=True)
        count = int(shown)
        if count == 0:
            return Could(0, 0, hidden=False)
        # Halves are rounded up: 8 to 12 are shown as 10 where counts are rounded to 5, 5 to 14 where to 10.
        below = self.round_to // 2
        above = self.round_to - 1 - below
        return Could(max(count - below, self.threshold_of(sensitivity)), count + above, hidden=False)


def read_policy(file: Path) -> Policy:
    """Read a policy's YAML."""
    told = yaml.safe_load(file.read_text(encoding="utf-8"))
    return Policy(
        told["threshold"],
        told.get("threshold_by_sensitivity", {}),
        tuple(told.get("hide_noughts", ())),
        told["round_to"],
        told["least_interval"],
    )
