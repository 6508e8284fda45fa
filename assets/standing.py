"""Standing: how many of a report's figures are shown, and what the others wait for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from disparity.markers import HIDDEN, UNRELIABLE


@dataclass(frozen=True)
class Standing:
    """How many figures a report has: shown, hidden by its policy, of too few people, and not available, by reason."""

    shown: int
    hidden: int
    too_few: int
    lacking: Mapping[str, int]

    @property
    def figures(self) -> int:
        """Every figure that the catalogue asks for."""
        return self.shown + self.hidden + self.too_few + sum(self.lacking.values())

    @property
    def words(self) -> str:
        """Why figures are not shown, with how many for each reason."""
        reasons = {"hidden by the policy": self.hidden, "too few people": self.too_few, **self.lacking}
        return ", ".join(f"{why} ({count})" for why, count in reasons.items() if count)


def standing_of(estimates: pd.DataFrame) -> Standing:
    """Count the rows of a release's estimates by ``status``."""
    counted = Counter(str(status) for status in estimates["status"])
    shown, hidden, too_few = (counted.pop(status, 0) for status in ("", HIDDEN, UNRELIABLE))
    reasons = {status.partition(" ")[2] or status: number for status, number in counted.most_common()}
    return Standing(shown, hidden, too_few, reasons)
