"""Reading dates: one rule wherever a date stands, and the likely cause where a text is none.

A date is written in its source's own format, or in ISO form with or without a time, and its year is a sensible one. A
time with a zone is of the day in London; a time without one is local. What stands for no date, such as an open end of
31/12/4712, is named by the source and reads as nothing; where it is not named, it cannot be read.
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Iterator, Sequence
from functools import cache
from zoneinfo import ZoneInfo

import polars as pl

from disparity.datasets.readable import UNREADABLE, withheld
from disparity.periods import FIRST_YEAR, LAST_YEAR

LONDON = ZoneInfo("Europe/London")

_DAY_ZERO = dt.date(1900, 1, 1)  # what programs that count days write for "no date"
_NAME_IT = "name it under no_value"

_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_NUMBERS_OF_MONTHS = {
    name: number for number, month in enumerate(_MONTHS, start=1) for name in (month[:3], month)
} | {"sept": 9}

_OFFSET = "Z|[+-][0-9]{2}:?[0-9]{2}"
# What each directive of strftime reads, and how people write it.
_DIRECTIVES = {
    "%d": ("(?P<day>[0-9]{1,2})", "DD"),
    "%m": ("(?P<month>[0-9]{1,2})", "MM"),
    "%b": ("(?P<name>[a-z]{3,9})", "Mon"),
    "%B": ("(?P<name>[a-z]{3,9})", "Month"),
    "%Y": ("(?P<year>[0-9]{4})", "YYYY"),
    "%y": ("(?P<short_year>[0-9]{2})", "YY"),
    "%a": ("[a-z]{3,9}", "Day"),
    "%A": ("[a-z]{3,9}", "Day"),
    "%H": ("(?P<hour>[0-9]{1,2})", "hh"),
    "%I": ("(?P<hour>[0-9]{1,2})", "hh"),
    "%M": ("(?P<minute>[0-9]{2})", "mm"),
    "%S": ("(?P<second>[0-9]{2})", "ss"),
    "%f": ("[0-9]{1,9}", "ffffff"),
    "%p": ("(?P<half>[ap]m)", "am"),
    "%z": (f"(?P<zone>{_OFFSET})", "+hh:mm"),
    "%%": ("%", "%"),
}
_SPELT_OUT = {
    "%F": "%Y-%m-%d", "%D": "%m/%d/%y", "%T": "%H:%M:%S", "%R": "%H:%M", "%h": "%b", "%e": "%d", "%-d": "%d", "%-m": "%m",
}  # fmt: skip
_PARTS = re.compile(r"%-?.|\s+|[^%]|%", re.DOTALL)
_ZONE_WRITTEN_OUT = re.compile(rf"%[MSfp]\s?(UTC|GMT|{_OFFSET})$")

_ISO = re.compile(
    "(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})"
    "(?:[T ](?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.,][0-9]+)?)?"
    f" ?(?P<zone>{_OFFSET})?)?"
)
_SERIAL_NUMBER = re.compile(r"[1-9][0-9]{4}(?:\.[0-9]+)?")  # as Excel counts days: of 1927 to 2173
_TIME_BEHIND = re.compile(
    r"[T,\s]+[0-9]{1,2}[:.][0-9]{2}(?:[:.][0-9]{2}(?:[.,][0-9]+)?)?(?:\s?[ap]\.?m\.?)?"
    rf"(?:\s?(?:UTC|GMT|BST|{_OFFSET}))?$",
    re.IGNORECASE,
)
_THREE_DIGITS = re.compile("(?<![0-9])(?=[0-9]{3}(?![0-9]))")


def london_day(moment: dt.datetime) -> dt.date:
    """Return the day of a moment: in London where it has a zone, its own where it has none."""
    if moment.tzinfo is None or not FIRST_YEAR <= moment.year <= LAST_YEAR:
        return moment.date()
    return moment.astimezone(LONDON).date()


class DateFormat:
    """One way of writing dates, by strftime's directives for days, months, years and times; names are English.

    A year has four digits where the format says ``%Y`` and two where it says ``%y`` (69 is 1969, 68 is 2068). A day,
    a month or an hour may have one digit, unless digits stand right next to it. Times of a format that ends in Z, UTC,
    GMT or an offset are of that zone.
    """

    def __init__(self, written: str) -> None:
        """Prepare a format. Raises ValueError for a directive that is not known or is there twice."""
        self.written = "".join(_SPELT_OUT.get(part, part) for part in _PARTS.findall(written))
        parts = _PARTS.findall(self.written)
        unknown = [part for part in parts if part.startswith("%") and part not in _DIRECTIVES]
        if unknown:
            raise ValueError(f"{unknown[0]} is no directive of a date")
        self.words = "".join(_DIRECTIVES[part][1] if part in _DIRECTIVES else part for part in parts)
        zone = _ZONE_WRITTEN_OUT.search(self.written)
        self._zone = _zone(zone[1]) if zone else None
        try:
            self._pattern = re.compile("".join(_patterns(parts)), re.IGNORECASE)
        except re.error:
            raise ValueError("a directive is there twice") from None

    def moment(self, text: str) -> dt.datetime | None:
        """Return the moment that a text of this format says, of any year; None for other text."""
        moment = _moment(self._pattern.fullmatch(text))
        return moment.replace(tzinfo=self._zone) if moment and self._zone else moment

    def looks_like(self, text: str) -> bool:
        """Whether a text has the shape of this format, though there may be no such day."""
        return self._pattern.fullmatch(text) is not None


def _patterns(parts: Sequence[str]) -> Iterator[str]:
    """Yield what each part reads. Numbers that run into each other have all their digits: 1112026 is two dates."""
    numbers = [part in _DIRECTIVES and "[0-9]" in _DIRECTIVES[part][0] for part in parts]
    for at, part in enumerate(parts):
        if part not in _DIRECTIVES:
            yield r"\s+" if part.isspace() else re.escape(part)
            continue
        pattern = _DIRECTIVES[part][0]
        together = numbers[at] and (any(numbers[max(at - 1, 0) : at]) or any(numbers[at + 1 : at + 2]))
        yield pattern.replace("{1,2}", "{2}") if together else pattern


def _moment(found: re.Match[str] | None) -> dt.datetime | None:
    """Return the moment of what was found, or None where nothing was, or where there is no such day."""
    if found is None:
        return None
    said = {name: text for name, text in found.groupdict().items() if text}
    try:
        year = int(said["year"]) if "year" in said else _of_its_century(int(said["short_year"]))
        month = int(said["month"]) if "month" in said else _NUMBERS_OF_MONTHS[said["name"].lower()]
        hour = int(said.get("hour", 0))
        if "half" in said:
            hour = hour % 12 + 12 * (said["half"].lower() == "pm")
        minute, second = int(said.get("minute", 0)), int(said.get("second", 0))
        return dt.datetime(
            year, month, int(said["day"]), hour, minute, second, tzinfo=_zone(said.get("zone"))
        )
    except (KeyError, ValueError):
        return None


def _of_its_century(short_year: int) -> int:
    return short_year + (1900 if short_year >= 69 else 2000)  # as POSIX has it


def _zone(offset: str | None) -> dt.tzinfo | None:
    if offset is None:
        return None
    if offset in ("Z", "z", "UTC", "GMT"):
        return dt.UTC
    hours, minutes = int(offset[1:3]), int(offset[-2:])
    return dt.timezone((-1 if offset[0] == "-" else 1) * dt.timedelta(hours=hours, minutes=minutes))


@cache
def _usual() -> tuple[DateFormat, ...]:
    """Return the formats that dates usually come in, those with all the digits of their years first."""
    orders = ("%d %m %Y", "%Y %m %d", "%d %b %Y", "%m %d %Y", "%b %d %Y", "%d %m %y", "%d %b %y", "%m %d %y")
    pairs = itertools.product(orders, ("/", "-", ".", " ", ""))
    return tuple(DateFormat(order.replace(" ", between)) for order, between in pairs)


def _variants(written: str) -> Iterator[tuple[str, DateFormat]]:
    """Yield what is often written in place of a format, by what it is called."""
    swapped = written.replace("%d", "%_").replace("%m", "%d").replace("%_", "%m")
    for words, variant in (
        ("two-digit years", written.replace("%Y", "%y")),
        ("four-digit years", written.replace("%y", "%Y")),
        ("day and month the other way round", swapped),
    ):
        if variant != written:
            yield words, DateFormat(variant)


class DateReader:
    """Reads the dates of one source: its format, and the texts that stand for no date there."""

    def __init__(self, date_format: str, no_value: Sequence[str] = ()) -> None:
        """Prepare a source's dates. Raises ValueError for a format of directives that are not known."""
        self._format = DateFormat(date_format)
        self._variants = dict(_variants(self._format.written))
        self._for_none = {day for text in no_value if (day := self._day(text)) is not None}

    def read(self, texts: pl.Series) -> pl.Series:
        """Return each text's day as ISO text, null where it stands for none, and why where it cannot be read."""
        known = texts.drop_nulls().unique()
        meant = pl.Series([self._meant(text) for text in known], dtype=pl.String)
        return texts.replace_strict(known, meant, return_dtype=pl.String)

    def _meant(self, text: str) -> str | None:
        day = self._day(text)
        if day is None:
            return self._unreadable(self._likely(text))
        if day in self._for_none:
            return None
        if day == _DAY_ZERO:
            return self._unreadable(f"1 January 1900 stands for no date; {_NAME_IT}")
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            return self._unreadable(
                f"the year is not of {FIRST_YEAR} to {LAST_YEAR}; where it stands for no date, {_NAME_IT}"
            )
        return day.isoformat()

    def _day(self, text: str) -> dt.date | None:
        """Return the day that a text says, of any year."""
        moment = self._format.moment(text) or _moment(_ISO.fullmatch(text))
        return None if moment is None else london_day(moment)

    def _unreadable(self, why: str) -> str:
        return withheld("; ".join(filter(None, (f"{UNREADABLE}: expected {self._format.words}", why))))

    def _likely(self, text: str) -> str:
        """Return the likely cause why a text is no date, in words that hold nothing of it; "" where none is seen."""
        if _SERIAL_NUMBER.fullmatch(text):
            return "looks like an Excel serial number"
        for words, variant in self._variants.items():
            if variant.moment(text):
                return f"looks like {words}"
        if self._format.looks_like(text):
            return "there is no such day"
        if self._format.looks_like(_THREE_DIGITS.sub("0", text)):
            return "looks like a year of three digits"
        day = _TIME_BEHIND.sub("", text)
        if day != text and (self._day(day) or any(each.moment(day) for each in _usual())):
            return "looks like a date with a time behind it"
        usual = next((each.words for each in _usual() if each.moment(text)), None)
        return f"looks like {usual}" if usual else ""
