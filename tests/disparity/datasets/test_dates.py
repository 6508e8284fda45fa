"""Reading dates: every format reads back what it writes, no other year is believed, and a cause is seen."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disparity.datasets.dates import DateFormat, DateReader, london_day
from disparity.datasets.readable import UNREADABLE, withheld
from disparity.periods import FIRST_YEAR, LAST_YEAR

DAY_ZERO = dt.date(1900, 1, 1)
FORMATS = (
    "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d %m %Y", "%m/%d/%Y", "%Y/%m/%d", "%Y%m%d", "%d%m%Y", "%d-%b-%Y", "%d %B %Y",
    "%b %d, %Y", "%A, %d %B %Y", "%d/%m/%y", "%d%m%y", "%d-%b-%y", "%F", "%e/%-m/%Y", "%d/%m/%Y %H:%M", "%Y%m%d%H%M%S",
    "%d/%m/%Y %I:%M %p", "%FT%T",
)  # fmt: skip


def moments(first: dt.date, last: dt.date) -> st.SearchStrategy[dt.datetime]:
    return st.builds(dt.datetime.combine, st.dates(first, last), st.times())


sensible_days = st.dates(dt.date(FIRST_YEAR, 1, 2), dt.date(LAST_YEAR, 12, 31))


def read_one(text: str, date_format: str = "%d/%m/%Y", no_value: tuple[str, ...] = ()) -> str | None:
    (found,) = DateReader(date_format, no_value).read(pl.Series([text]))
    return found


def why(text: str, date_format: str = "%d/%m/%Y") -> str:
    """What is said of a text that is no date, behind the format that was expected."""
    words = DateFormat(date_format).words
    found = read_one(text, date_format)
    before = withheld(f"{UNREADABLE}: expected {words}")[:-1]
    assert found is not None
    assert found.startswith(before)
    return found.removeprefix(before).removeprefix("; ")[:-1]


@pytest.mark.parametrize("date_format", FORMATS)
@settings(deadline=None, max_examples=15)
@given(moment=moments(dt.date(1969, 1, 1), dt.date(2068, 12, 31)))
def test_every_format_reads_back_what_it_writes(date_format: str, moment: dt.datetime) -> None:
    written = moment.strftime(date_format).strip()  # as every cell is, and %e begins with a space
    assert read_one(written, date_format) == moment.date().isoformat()


@settings(deadline=None, max_examples=50)
@given(day=sensible_days, date_format=st.sampled_from(FORMATS))
def test_iso_days_are_read_beside_every_format(day: dt.date, date_format: str) -> None:
    assert read_one(day.isoformat(), date_format) == day.isoformat()


@settings(deadline=None, max_examples=100)
@given(
    texts=st.lists(
        st.none()
        | st.dates().map(lambda day: f"{day.day:02}/{day.month:02}/{day.year:04}")
        | st.dates().map(dt.date.isoformat)
        | st.from_regex(r"[0-9]{1,4}[/.-][0-9]{1,2}[/.-][0-9]{1,5}( [0-9]{2}:[0-9]{2})?", fullmatch=True)
        | st.text(max_size=12)
    ),
    date_format=st.sampled_from(FORMATS),
)
def test_what_is_read_is_of_a_sensible_year_and_what_is_not_says_why(
    texts: list[str | None], date_format: str
) -> None:
    found = DateReader(date_format).read(pl.Series("day", texts, dtype=pl.String))
    assert found.name == "day"
    for text, one in zip(texts, found, strict=True):
        if text is None:
            assert one is None
        elif one is None or not one.startswith(f"(withheld: {UNREADABLE}: expected "):
            assert one is not None
            assert FIRST_YEAR <= dt.date.fromisoformat(one).year <= LAST_YEAR
            assert one != DAY_ZERO.isoformat()


@pytest.mark.parametrize(
    ("text", "date_format", "day"),
    [
        ("1/4/2019", "%d/%m/%Y", "2019-04-01"),
        ("31-DEC-2026", "%d-%b-%Y", "2026-12-31"),
        ("1 Sept 2026", "%d %b %Y", "2026-09-01"),
        ("1  September\u00a02026", "%d %b %Y", "2026-09-01"),
        ("01/04/68", "%d/%m/%y", "2068-04-01"),
        ("01/04/69", "%d/%m/%y", "1969-04-01"),
        ("2026-09-30 14:05:00.1234567", "%d/%m/%Y", "2026-09-30"),
        ("2026-09-30T14:05", "%d/%m/%Y", "2026-09-30"),
        ("12:30 am 01/04/2019", "%I:%M %p %d/%m/%Y", "2019-04-01"),
    ],
)
def test_what_is_not_in_doubt_is_read(text: str, date_format: str, day: str) -> None:
    assert read_one(text, date_format) == day


@pytest.mark.parametrize(
    ("text", "date_format", "day"),
    [
        ("2026-06-30T23:00:00Z", "%d/%m/%Y", "2026-07-01"),
        ("2026-06-30 22:59:59Z", "%d/%m/%Y", "2026-06-30"),
        ("2026-12-31T23:00:00+00:00", "%d/%m/%Y", "2026-12-31"),
        ("2026-06-30T19:30:00-0500", "%d/%m/%Y", "2026-07-01"),
        ("2026-07-01T00:30:00+02:00", "%d/%m/%Y", "2026-06-30"),
        ("30/06/2026 23:00 +0000", "%d/%m/%Y %H:%M %z", "2026-07-01"),
        ("30/06/2026 23:00:00 UTC", "%d/%m/%Y %H:%M:%S UTC", "2026-07-01"),
        ("30/06/2026 23:00+0000", "%d/%m/%Y %H:%M+0000", "2026-07-01"),
        ("30/06/2026 19:00 -05:00", "%d/%m/%Y %H:%M -05:00", "2026-07-01"),
        ("2026-06-30T23:00:00.000Z", "%Y-%m-%dT%H:%M:%S.%fZ", "2026-07-01"),
        ("20260630T230000Z", "%Y%m%dT%H%M%SZ", "2026-07-01"),
        ("30/06/2026 23:00", "%d/%m/%Y %H:%M", "2026-06-30"),
    ],
)
def test_a_time_with_a_zone_is_of_the_day_in_london_and_one_without_is_local(
    text: str, date_format: str, day: str
) -> None:
    assert read_one(text, date_format) == day


@settings(deadline=None, max_examples=50)
@given(
    moment=moments(dt.date(1970, 1, 2), dt.date(2199, 12, 30)),
    zone=st.sampled_from(["UTC", "America/New_York", "Asia/Kolkata", "Europe/London"]),
)
def test_one_moment_is_of_one_day_whatever_zone_it_is_written_in(moment: dt.datetime, zone: str) -> None:
    written = moment.replace(tzinfo=dt.UTC).astimezone(ZoneInfo(zone)).isoformat()
    expected = moment.replace(tzinfo=dt.UTC).astimezone(ZoneInfo("Europe/London")).date()
    assert read_one(written) == expected.isoformat()
    assert london_day(dt.datetime.fromisoformat(written)) == expected


def test_the_first_and_last_moments_that_there_are_have_a_day() -> None:
    west = dt.timezone(dt.timedelta(hours=-5))
    assert london_day(dt.datetime.max.replace(tzinfo=west)) == dt.date.max
    assert london_day(dt.datetime.min.replace(tzinfo=dt.timezone(dt.timedelta(hours=5)))) == dt.date.min


CAUSES = {
    ("46295", "%d/%m/%Y"): "looks like an Excel serial number",
    ("46295.75", "%d/%m/%Y"): "looks like an Excel serial number",
    ("01/04/2019 00:00", "%d/%m/%Y"): "looks like a date with a time behind it",
    ("01/04/2019T09:30:00.000Z", "%d/%m/%Y"): "looks like a date with a time behind it",
    ("1 Apr 2019 9:30 a.m.", "%d/%m/%Y"): "looks like a date with a time behind it",
    ("01/04/2019 09:30:00", "%d/%m/%Y %H:%M"): "looks like a date with a time behind it",
    ("01/04/2019", "%d/%m/%Y %H:%M"): "looks like DD/MM/YYYY",
    ("01/04/19", "%d/%m/%Y"): "looks like two-digit years",
    ("31/03/27", "%d/%m/%Y"): "looks like two-digit years",
    ("01-Apr-19", "%d-%b-%Y"): "looks like two-digit years",
    ("01/04/2019", "%d/%m/%y"): "looks like four-digit years",
    ("01/04/207", "%d/%m/%Y"): "looks like a year of three digits",
    ("04/13/2019", "%d/%m/%Y"): "looks like day and month the other way round",
    ("13/04/2019", "%m/%d/%Y"): "looks like day and month the other way round",
    ("04/13/19", "%d/%m/%Y"): "looks like MM/DD/YY",
    ("01-Apr-2019", "%d/%m/%Y"): "looks like DD-Mon-YYYY",
    ("01/04/2019", "%d-%b-%Y"): "looks like DD/MM/YYYY",
    ("20190401", "%d/%m/%Y"): "looks like YYYYMMDD",
    ("31/02/2026", "%d/%m/%Y"): "there is no such day",
    ("2026-02-30", "%Y-%m-%d"): "there is no such day",
    ("1042019", "%d%m%Y"): "",
    ("01/04/20199", "%d/%m/%Y"): "",
    ("soon", "%d/%m/%Y"): "",
    ("Ann Peach, 01/04/2019", "%d/%m/%Y"): "",
    ("01/04/2019 Ann Peach", "%d/%m/%Y"): "",
    ("\u0660\u0661/04/2019", "%d/%m/%Y"): "",
}


@pytest.mark.parametrize(("text", "date_format"), CAUSES)
def test_what_cannot_be_read_names_the_format_and_the_likely_cause(text: str, date_format: str) -> None:
    assert why(text, date_format) == CAUSES[text, date_format]


@pytest.mark.parametrize(
    "text", ["01/04/0027", "0207-04-01", "01/04/1019", "01/01/0001", "31/12/1899", "01/01/2200"]
)
def test_years_that_are_not_sensible_are_not_believed(text: str) -> None:
    assert why(text).startswith(
        "the year is not of 1900 to 2199; where it stands for no date, name it under no_value"
    )


@pytest.mark.parametrize(
    "text", ["31/12/4712", "31/12/9999", "01/01/1900", "4712-12-31", "9999-12-31 23:59:59"]
)
def test_what_stands_for_no_date_is_a_setting(text: str) -> None:
    assert why(text).endswith("name it under no_value")
    assert read_one(text, no_value=("31/12/4712", "31/12/9999", "1900-01-01", "n/a")) is None


def test_nothing_is_read_of_no_text() -> None:
    assert DateReader("%d/%m/%Y").read(pl.Series([], dtype=pl.String)).to_list() == []
    assert DateReader("%d/%m/%Y").read(pl.Series([None], dtype=pl.String)).to_list() == [None]


@pytest.mark.parametrize("written", ["%Q", "%d/%d/%Y", "%d/%m/%Z", "%d/%m/%y %Y %y", "%s"])
def test_a_format_that_cannot_be_read_is_none(written: str) -> None:
    with pytest.raises(ValueError, match="directive"):
        DateFormat(written)


def test_a_format_in_words() -> None:
    assert DateFormat("%e %B %Y at %H:%M (100%%)").words == "DD Month YYYY at hh:mm (100%)"


@pytest.mark.parametrize("zone", ["UTC", "GMT", "Z", "+00:00"])
def test_a_zone_behind_a_half_of_the_day_is_one_as_behind_minutes(zone: str) -> None:
    texts = pl.Series([f"30/06/2026 11:30 PM {zone}"])
    assert DateReader(f"%d/%m/%Y %I:%M %p {zone}").read(texts).to_list() == ["2026-07-01"]
