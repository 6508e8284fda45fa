"""NHS financial quarters: keys, the words people read, and windows of whole quarters."""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SEASONS = ("early", "spring", "summer", "autumn")

FIRST_YEAR, LAST_YEAR = 1900, 2199
"""The years that a date of a person's work can lie in; any other is a slip or stands for "no end"."""


@dataclass(frozen=True, order=True)
class Quarter:
    """Three calendar months, known by their first day."""

    start: dt.date

    @classmethod
    def from_key(cls, key: str) -> Quarter:
        """Read a partition key such as ``2026-07-01``.

        Raises ValueError when it is not the first day of January, April, July or October, or of no sensible
        year.
        """
        start = dt.date.fromisoformat(key)
        if start.day != 1 or start.month not in (1, 4, 7, 10):
            raise ValueError(
                "a quarter starts on 1 January, 1 April, 1 July or 1 October, such as 2026-07-01"
            )
        if not FIRST_YEAR <= start.year <= LAST_YEAR:
            raise ValueError(f"a quarter lies between {FIRST_YEAR} and {LAST_YEAR}")
        return cls(start)

    @classmethod
    def holding(cls, day: dt.date) -> Quarter:
        """Return the quarter that ``day`` falls in."""
        return cls(dt.date(day.year, 3 * ((day.month - 1) // 3) + 1, 1))

    @property
    def key(self) -> str:
        """The partition key, the first day in ISO form."""
        return self.start.isoformat()

    @property
    def end(self) -> dt.date:
        """The last day of the quarter."""
        year, month = self.start.year, self.start.month + 2
        return dt.date(year, month, calendar.monthrange(year, month)[1])

    @property
    def words(self) -> str:
        """The name people read, such as ``Jul to Sep 2026``."""
        return words_of_span(self.start, self.end)

    @property
    def last_month(self) -> str:
        """The month it ends with, such as ``Sep 2026``."""
        return f"{_MONTHS[self.end.month - 1]} {self.end.year}"

    @property
    def season(self) -> str:
        """The name of what was held once in it, such as a survey: ``autumn 2025``.

        January to March is ``early``: a winter would be of two years.
        """
        return f"{_SEASONS[(self.start.month - 1) // 3]} {self.start.year}"

    @property
    def place(self) -> int:
        """Its place in the row of all quarters, as a whole number."""
        return self.start.year * 4 + (self.start.month - 1) // 3

    @property
    def ends_financial_year(self) -> bool:
        """Whether the financial year, April to March, ends with this quarter."""
        return self.start.month == 1

    def plus(self, quarters: int) -> Quarter:
        """Return the quarter that many quarters later (earlier when negative)."""
        months = self.start.year * 12 + self.start.month - 1 + 3 * quarters
        return Quarter(dt.date(months // 12, months % 12 + 1, 1))

    def window(self, quarters: int) -> tuple[Quarter, ...]:
        """Return the ``quarters`` consecutive quarters that end with this one, oldest first."""
        return tuple(self.plus(-back) for back in range(quarters - 1, -1, -1))


def lag_of_change(quarters: int) -> int:
    """Return how many quarters back the window lies that one of ``quarters`` is compared with: it shares none.

    A year at the least, so that the seasons are the same.
    """
    return max(4, quarters)


def words_of_span(start: dt.date, end: dt.date) -> str:
    """Word a span of whole months, such as ``Oct 2025 to Sep 2026``."""
    first, last = _MONTHS[start.month - 1], _MONTHS[end.month - 1]
    return (
        f"{first} to {last} {end.year}"
        if start.year == end.year
        else f"{first} {start.year} to {last} {end.year}"
    )
