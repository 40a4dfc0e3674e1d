"""Days, months and years as ranges of days, and months added by the Civil Code."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import example, given
from hypothesis import strategies as st

from compliance import dates
from compliance.dates import FIRST_DAY, LAST_DAY, add_months, clipped, iso, parse
from compliance.source import Unreadable


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2024-12-25", "2024-12-25", "2024-12-25"),
        ("2024-2-3", "2024-02-03", "2024-02-03"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2023-02", "2023-02-01", "2023-02-28"),
        ("2024", "2024-01-01", "2024-12-31"),
        ("2024年12月25日", "2024-12-25", "2024-12-25"),
        ("2024 年 2 月 3 日", "2024-02-03", "2024-02-03"),
        ("２０２４年１２月", "2024-12-01", "2024-12-31"),
        ("2024年12⽉25⽇", "2024-12-25", "2024-12-25"),
        ("2024年", "2024-01-01", "2024-12-31"),
        ("2021-11-01..2021-11-15", "2021-11-01", "2021-11-15"),
        ("2020..2025-12", "2020-01-01", "2025-12-31"),
        ("2021-11..2021-11-15", "2021-11-01", "2021-11-15"),
        ("..2025-12", "", "2025-12-31"),
        ("2025-12..", "2025-12-01", ""),
        ("2000-02-29", "2000-02-29", "2000-02-29"),
        ("1900-01-01", "1900-01-01", "1900-01-01"),
        ("2200-12-31", "2200-12-31", "2200-12-31"),
    ],
)
def test_every_written_form(text: str, first: str, last: str) -> None:
    figure = parse(text)
    assert (iso(figure.low), iso(figure.high), figure.text) == (first, last, text)
    assert figure.exact == (first == last)


@pytest.mark.parametrize("text", ["至今", "present", " 至今 "])
def test_no_end_in_sight(text: str) -> None:
    figure = parse(text, open_ended=True)
    assert figure.exact and figure.low == LAST_DAY
    since = parse("2024-01-01..至今", open_ended=True)
    assert (iso(since.low), since.high) == ("2024-01-01", LAST_DAY)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "date-unreadable"),
        ("..", "date-unreadable"),
        ("至今", "date-unreadable"),
        ("2024-01-01..至今", "date-unreadable"),
        ("2024/12/25", "date-unreadable"),
        ("20241225", "date-unreadable"),
        ("24-12-25", "date-unreadable"),
        ("2024-12-25T00:00", "date-unreadable"),
        ("2024-12-2⑤", "date-unreadable"),
        ("2024年12", "date-unreadable"),
        ("2023-02-30", "date-impossible"),
        ("2023-02-29", "date-impossible"),
        ("1900-02-29", "date-impossible"),
        ("2024-13", "date-impossible"),
        ("2024-00-01", "date-impossible"),
        ("2024-01-00", "date-impossible"),
        ("1899-12-31", "date-far"),
        ("2201", "date-far"),
        ("0000", "date-far"),
        ("2024-12..2024-11", "range-reversed"),
    ],
)
def test_what_is_refused(text: str, code: str) -> None:
    with pytest.raises(Unreadable) as caught:
        parse(text)
    assert caught.value.code == code


def naive(day: int, months: int) -> date:
    """Count the months one by one on a calendar, then look for the corresponding day from the month's end."""
    start = date.fromordinal(day)
    first = start.replace(day=1)
    for _ in range(abs(months)):
        first = (first + timedelta(days=31)).replace(day=1) if months > 0 else (first - timedelta(days=1)).replace(day=1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return min(first + timedelta(days=start.day - 1), last)


days = st.dates(date(1900, 1, 1), date(2200, 12, 31)).map(date.toordinal)


@given(days, st.integers(-600, 600))
@example(date(2024, 1, 31).toordinal(), 1)
@example(date(2024, 2, 29).toordinal(), 12)
@example(date(2021, 8, 31).toordinal(), 36)
def test_months_as_on_a_naive_calendar_and_as_dateutil(day: int, months: int) -> None:
    end = date.fromordinal(add_months(day, months))
    assert end == naive(day, months)
    assert end == date.fromordinal(day) + relativedelta(months=months)
    assert clipped(day, months) == (end.day != date.fromordinal(day).day)


@given(days, days, st.integers(-600, 600))
def test_adding_months_keeps_the_order_of_days(one: int, other: int, months: int) -> None:
    low, high = sorted((one, other))
    assert add_months(low, months) <= add_months(high, months)


@pytest.mark.parametrize(
    ("start", "months", "end", "is_clipped"),
    [
        ("2021-10-18", 36, "2024-10-18", False),
        ("2021-11-30", 36, "2024-11-30", False),
        ("2021-08-31", 18, "2023-02-28", True),
        ("2024-01-31", 1, "2024-02-29", True),
        ("2024-02-29", 12, "2025-02-28", True),
        ("2024-02-29", 48, "2028-02-29", False),
        ("2025-02-28", 1, "2025-03-28", False),
        ("2024-03-31", -1, "2024-02-29", True),
        ("2024-05-15", 0, "2024-05-15", False),
    ],
)
def test_month_ends(start: str, months: int, end: str, is_clipped: bool) -> None:
    day = parse(start).low
    assert iso(add_months(day, months)) == end
    assert clipped(day, months) is is_clipped


def test_months_cannot_be_taken_back() -> None:
    day = parse("2025-01-31").low
    assert iso(add_months(add_months(day, 1), -1)) == "2025-01-28"


def test_the_ends_of_the_calendar_stay_where_they_are() -> None:
    for months in (-36, 0, 36, 10**6):
        assert add_months(LAST_DAY, months) == LAST_DAY
        assert add_months(FIRST_DAY, months) == FIRST_DAY
    assert add_months(parse("2200").high, 12 * 8000) == LAST_DAY
    assert add_months(parse("1900").low, -12 * 2000) == FIRST_DAY
    assert not clipped(LAST_DAY, 1)
    assert iso(LAST_DAY) == iso(FIRST_DAY) == ""
    assert dates.OPEN_ENDED[0] == "至今"


# Sessions and periods

CALENDAR = tuple(
    dates.parse(day).low for day in ("2024-09-02", "2024-10-31", "2024-09-16", "2024-09-17", *(f"2024-10-0{n}" for n in (1, 2, 3, 4, 7)))
)


def sessions(day: str, count: int) -> tuple[str, str]:
    low = dates.parse(day).low
    return tuple(dates.iso(end) for end in dates.add_trading_days(low, low, count, count, CALENDAR))  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("day", "count", "found"),
    [
        ("2024-09-30", 1, "2024-10-08"),
        ("2024-09-28", 1, "2024-09-30"),  # a Saturday
        ("2024-09-29", 1, "2024-09-30"),  # a Sunday on which offices work
        ("2024-10-08", -1, "2024-09-30"),
        ("2024-10-05", -1, "2024-09-30"),
        ("2024-09-13", 2, "2024-09-19"),
        ("2024-10-31", -20, "2024-09-26"),
        ("2024-10-03", 0, "2024-10-03"),
        ("2024-09-01", 1, "2024-09-02"),
        ("2024-11-01", -1, "2024-10-31"),
    ],
)
def test_sessions_are_counted_from_the_day_after(day: str, count: int, found: str) -> None:
    assert sessions(day, count) == (found, found)


@pytest.mark.parametrize(
    ("day", "count", "low", "high"),
    [
        ("2024-10-30", 2, "2024-11-01", ""),  # one more is known, the second is not
        ("2024-11-05", 3, "2024-11-08", ""),
        ("2024-11-05", -3, "2024-10-29", "2024-11-02"),
        ("2024-09-03", -2, "", "2024-09-01"),
        ("2024-08-20", 2, "2024-08-22", "2024-09-03"),
        ("2024-08-20", -2, "", "2024-08-18"),
        ("2024-08-20", 100, "2024-11-28", ""),
    ],
)
def test_beyond_what_is_known_a_session_is_open(day: str, count: int, low: str, high: str) -> None:
    assert sessions(day, count) == (low, high)


@given(st.integers(CALENDAR[0] - 40, CALENDAR[1] + 40), st.integers(0, 30), st.integers(-30, 30), st.integers(0, 5))
def test_more_known_of_a_session_never_widens_it(day: int, wide: int, count: int, more: int) -> None:
    outer = dates.add_trading_days(day, day + wide, count, count + more, CALENDAR)
    for inner in (day, day + wide // 2, day + wide):
        low, high = dates.add_trading_days(inner, inner, count + more // 2, count + more // 2, CALENDAR)
        assert outer[0] <= low <= high <= outer[1]


@pytest.mark.parametrize(
    ("day", "months", "end"),
    [
        ("2024-02-10", 1, "2024-02-29"),
        ("2024-02-10", 3, "2024-03-31"),
        ("2024-07-01", 6, "2024-12-31"),
        ("2024-06-30", 6, "2024-06-30"),
        ("2023-01-01", 12, "2023-12-31"),
        ("2023-05-01", 2, "2023-06-30"),
        ("2023-05-01", 4, "2023-08-31"),
    ],
)
def test_the_end_of_a_period(day: str, months: int, end: str) -> None:
    assert dates.iso(dates.period_end(dates.parse(day).low, months)) == end


def test_the_ends_of_the_calendar_stay() -> None:
    for day in (dates.FIRST_DAY, dates.LAST_DAY):
        assert dates.period_end(day, 12) == day
        assert dates.add_trading_days(day, day, 5, 5, CALENDAR) == (day, day)
