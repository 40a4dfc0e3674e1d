"""Months added to days by the Civil Code, ends of periods and trading sessions, array by array."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from compliance import dates

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

CALENDAR = 200_000  # months: more than the calendar has
_WINDOW = (date(1980, 1, 1).toordinal(), date(2080, 1, 1).toordinal())  # days whose months are looked up
_FEW = 64  # days for which a table is not worth its looking up


def add_months(day: Any, months: Any) -> Any:
    """``dates.add_months`` for arrays of days and months."""
    import numpy as np

    if isinstance(day, int) and isinstance(months, int):
        return dates.add_months(day, months)
    if not isinstance(months, int) or np.ndim(day) == 0 or np.size(day) < _FEW:
        return _each_month_added(day, months)
    return _looked_up(day, day - _WINDOW[0], _window(months), months)


def add_either(day: Any, first: Any, one: int, other: int) -> Any:
    """Days ``one`` number of months on where a mask holds, and ``other`` elsewhere."""
    import numpy as np

    if isinstance(first, bool) or one == other:
        return add_months(day, one if first is not False else other)
    if np.ndim(day) == 0 or np.size(day) < _FEW:
        return _each_month_added(day, np.where(first, one, other))
    return _looked_up(day, day - _WINDOW[0], _windows(one, other), (first, one, other))


def _looked_up(day: Array, places: Array, table: Array, months: Any) -> Array:
    """Days some months on, or one of two numbers of months on, by their places in a table; those outside of it one by one."""
    import numpy as np

    outside = (places.view(np.uint64) >= _WINDOW[1] - _WINDOW[0]).nonzero()[0]
    if len(outside):
        places[outside] = 0
    if not isinstance(months, int):
        places += months[0] * np.int64(_WINDOW[1] - _WINDOW[0])
    found: Array = table[places]
    if len(outside):
        odd = day[outside]
        unknown = (odd <= dates.FIRST_DAY) | (odd >= dates.LAST_DAY)
        if not unknown.all():
            more = months if isinstance(months, int) else np.where(months[0][outside], months[1], months[2])
            odd = _each_month_added(odd, more)
        found[outside] = odd
    return found


@lru_cache(maxsize=32)
def _window(months: int) -> Array:
    """Each day of the window some months on."""
    import numpy as np

    found: Array = _each_month_added(np.arange(*_WINDOW), months)
    return found


@lru_cache(maxsize=8)
def _windows(one: int, other: int) -> Array:
    """Each day of the window ``other`` months on, then each ``one`` number of months on."""
    import numpy as np

    return np.concatenate((_window(other), _window(one)))


def _each_month_added(day: Any, months: Any) -> Any:
    import numpy as np

    epoch = 719_163  # the day number of 1970-01-01
    days = np.asarray(day, dtype=np.int64)
    start = (days - epoch).astype("datetime64[D]")
    month = start.astype("datetime64[M]")
    within = (start - month.astype("datetime64[D]")).astype(np.int64)
    target = (month.astype(np.int64) + np.clip(months, -CALENDAR, CALENDAR)).astype("datetime64[M]")
    first = target.astype("datetime64[D]").astype(np.int64)
    length = (target + 1).astype("datetime64[D]").astype(np.int64) - first
    end = np.clip(first + np.minimum(within, length - 1) + epoch, dates.FIRST_DAY, dates.LAST_DAY)
    return np.where((days <= dates.FIRST_DAY) | (days >= dates.LAST_DAY), days, end)


def period_end(day: Any, months: int) -> Any:
    """``dates.period_end`` for an array of days."""
    import numpy as np

    if isinstance(day, int):
        return dates.period_end(day, months)
    distinct, which = np.unique(day, return_inverse=True)
    return np.array([dates.period_end(one, months) for one in distinct.tolist()], dtype=np.int64)[which]


def session(day: Any, count: Any, end: int, calendar: dates.Calendar) -> Any:
    """The first (``end`` 0) or last (1) day that ``dates.add_trading_days`` gives for arrays of days and counts of sessions."""
    import numpy as np

    if isinstance(day, int) and isinstance(count, int):
        return dates.add_trading_days(day, day, count, count, calendar)[end]
    days, counts = np.broadcast_arrays(np.asarray(day, dtype=np.int64), np.asarray(count, dtype=np.int64))
    known, (since, until) = _sessions(calendar), calendar[:2]
    last = len(known) - 1
    after = np.searchsorted(known, days, side="right") + counts - 1
    before = np.searchsorted(known, days, side="left") + counts
    if end:
        ahead = np.where(after <= last, known[np.clip(after, 0, last)], dates.LAST_DAY)
        unknown = np.where(days > until + 1, days + counts, np.minimum(days, since) + before)
        exact = (before >= 0) & (days <= until + 1)
        behind = np.where(exact, known[np.clip(before, 0, last)], np.maximum(unknown, dates.FIRST_DAY))
    else:
        unknown = np.where(days < since - 1, days + counts, np.maximum(days, until) + after - last)
        exact = (after <= last) & (days >= since - 1)
        ahead = np.where(exact, known[np.clip(after, 0, last)], np.minimum(unknown, dates.LAST_DAY))
        behind = np.where(before >= 0, known[np.clip(before, 0, last)], dates.FIRST_DAY)
    stays = (counts == 0) | (days <= dates.FIRST_DAY) | (days >= dates.LAST_DAY)
    return np.where(stays, days, np.where(counts > 0, ahead, behind))


@lru_cache(maxsize=8)
def _sessions(calendar: dates.Calendar) -> Array:
    """Every session that a calendar knows."""
    import numpy as np

    since, until, *closed = calendar
    days = np.arange(since, until + 1)
    return days[((days - 1) % 7 < 5) & ~np.isin(days, np.array(closed, dtype=np.int64))]
