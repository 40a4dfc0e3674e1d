"""Days known to the day, the month or the year, and adding months by the Civil Code.

A day is a whole number (the proleptic Gregorian ordinal of the day); a day that is not known exactly is the range from
the first to the last day it can be.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from datetime import date
from functools import lru_cache

from compliance.quantities import Figure, narrow
from compliance.source import Unreadable

FIRST_DAY = 1  # 0001-01-01: before any day that a filing may hold
LAST_DAY = date.max.toordinal()  # 9999-12-31: after any day that a filing may hold
NEVER = LAST_DAY + 1  # the end of what has no end: days [start, NEVER) hold to the last day of the calendar
FIRST_YEAR, LAST_YEAR = 1900, 2200  # what a filing may hold
EARLIEST, LATEST = date(FIRST_YEAR, 1, 1).toordinal(), date(LAST_YEAR, 12, 31).toordinal()  # the same, as days

_FORM = re.compile(r"([0-9]{4})(?:-([0-9]{1,2})(?:-([0-9]{1,2}))?)?")
_CHINESE = re.compile(r"([0-9]{4})年(?:([0-9]{1,2})月(?:([0-9]{1,2})日)?)?")
_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
OPEN_ENDED = ("至今", "present")


def parse(text: str, open_ended: bool = False) -> Figure:
    """A day, month, year or ``a..b`` of them as a range of day numbers.

    ``2024-12-25``, ``2024-12``, ``2024`` and ``2024年12月25日`` are read; ``a..`` and ``..b`` are open to one side.
    Where ``open_ended`` is true, ``至今``/``present`` means that no end is in sight (the last day of the calendar).
    Raises ``Unreadable``.
    """
    shown = narrow(text)
    if shown is None:
        raise Unreadable("date-unreadable", text=text)
    if open_ended and shown in OPEN_ENDED:
        return Figure(LAST_DAY, LAST_DAY, 1, text)
    if ".." in shown:
        start, _, end = shown.partition("..")
        if not start and not end:
            raise Unreadable("date-unreadable", text=text)
        low = _span(start, text)[0] if start else FIRST_DAY
        high = _span(end, text)[1] if end and not (open_ended and end in OPEN_ENDED) else LAST_DAY
        if low > high:
            raise Unreadable("range-reversed", text=text)
        return Figure(low, high, 1, text)
    low, high = _span(shown, text)
    return Figure(low, high, 1, text)


def _span(shown: str, text: str) -> tuple[int, int]:
    """The first and the last day of a day, month or year."""
    match = _FORM.fullmatch(shown) or _CHINESE.fullmatch(shown)
    if match is None:
        raise Unreadable("date-unreadable", text=text)
    year, month, day = (int(part) if part else None for part in match.groups())
    assert year is not None
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Unreadable("date-far", text=text, first=FIRST_YEAR, last=LAST_YEAR)
    if month is None:
        return date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
    if not 1 <= month <= 12:
        raise Unreadable("date-impossible", text=text)
    length = month_length(year, month)
    if day is None:
        return date(year, month, 1).toordinal(), date(year, month, length).toordinal()
    if not 1 <= day <= length:
        raise Unreadable("date-impossible", text=text)
    ordinal = date(year, month, day).toordinal()
    return ordinal, ordinal


def month_length(year: int, month: int) -> int:
    """How many days a month has."""
    leap = month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return _LENGTHS[month - 1] + leap


def add_months(day: int, months: int) -> int:
    """The last day of a period of ``months`` months that begins on ``day`` (day numbers; months may be negative).

    Civil Code arts. 200-204: the first day is not counted; the period ends on the corresponding day of its last month,
    or on that month's last day where there is none. Saturates at both ends of the calendar. Months cannot be taken
    back: 31 January plus one month is 28 February, and back again it is 28 January.
    """
    if day <= FIRST_DAY or day >= LAST_DAY:
        return day
    start = date.fromordinal(day)
    index = start.year * 12 + start.month - 1 + months
    year, month = index // 12, index % 12 + 1
    if year < 1:
        return FIRST_DAY
    if year > 9999:
        return LAST_DAY
    if start.day <= 28:
        return date(year, month, start.day).toordinal()
    return date(year, month, min(start.day, month_length(year, month))).toordinal()


def clipped(day: int, months: int) -> bool:
    """Whether ``add_months`` fell back to the month's last day for want of a corresponding day."""
    if day <= FIRST_DAY or day >= LAST_DAY:
        return False
    end = add_months(day, months)
    return FIRST_DAY < end < LAST_DAY and date.fromordinal(end).day != date.fromordinal(day).day


def period_end(day: int, months: int) -> int:
    """The last day of the calendar period of so many months (1, 2, 3, 4, 6 or 12, counted from January) that holds a day."""
    if day <= FIRST_DAY or day >= LAST_DAY:
        return day
    held = date.fromordinal(day)
    month = ((held.month - 1) // months + 1) * months
    return date(held.year, month, month_length(held.year, month)).toordinal()


Calendar = tuple[int, ...]  # the first and the last day on which sessions are known, then the weekdays without one


@lru_cache(maxsize=8)
def _sessions(calendar: Calendar) -> tuple[int, ...]:
    since, until, *closed = calendar
    shut = frozenset(closed)
    return tuple(day for day in range(since, until + 1) if (day - 1) % 7 < 5 and day not in shut)


def add_trading_days(low: int, high: int, least: int, most: int, calendar: Calendar) -> tuple[int, int]:
    """The range of the ``n``-th session after a day within ``low..high`` (before it, for a negative ``n`` in ``least..most``).

    The day itself is not counted; with ``n`` 0 it is the day itself. Where sessions are not known every session takes a day at
    least, and there is no telling how many it takes.
    """
    known, ends = _sessions(calendar), calendar[:2]
    first = _session(low, least, known, ends)
    return first if low == high and least == most else (first[0], _session(high, most, known, ends)[1])


def _session(day: int, count: int, known: tuple[int, ...], ends: tuple[int, ...]) -> tuple[int, int]:
    """The range of the session that lies ``count`` sessions from a day; both ends never fall as either grows.

    ``known`` are the sessions between the two days of ``ends``.
    """
    if count == 0 or day <= FIRST_DAY or day >= LAST_DAY:
        return day, day
    since, until = ends
    if count > 0:
        at = bisect_right(known, day) + count - 1
        found = known[at] if at < len(known) else None
        if found is not None and day >= since - 1:
            return found, found
        low = day + count if day < since - 1 else max(day, until) + at + 1 - len(known)
        return min(low, LAST_DAY), LAST_DAY if found is None else found
    at = bisect_left(known, day) + count
    found = known[at] if at >= 0 else None
    if found is not None and day <= until + 1:
        return found, found
    high = day + count if day > until + 1 else min(day, since) + at
    return FIRST_DAY if found is None else found, max(high, FIRST_DAY)


def iso(day: int) -> str:
    """A day number as ``2024-12-25``; the ends of the calendar, which no filing holds, as an empty text."""
    return "" if day <= FIRST_DAY or day >= LAST_DAY else date.fromordinal(day).isoformat()
