"""Months added to days by the Civil Code, ends of periods and trading sessions, array by array."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from compliance import dates

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

CALENDAR = 200_000  # months: more than the calendar has
_WINDOW = (date(1980, 1, 1).toordinal(), date(2080, 1, 1).toordinal())  # days whose months are looked up
_DAY_BITS = 22  # more than the last day has
_FEW = 64  # days for which a table is not worth its looking up


def add_months(day: Any, months: Any) -> Any:
    """``dates.add_months`` for arrays of days and months."""
    import numpy as np

    if isinstance(day, int) and isinstance(months, int):
        return dates.add_months(day, months)
    if not isinstance(months, int) or np.ndim(day) == 0 or np.size(day) < _FEW:
        return _each_month_added(day, months)
    first, last = _WINDOW
    places = day - first
    outside = (places.view(np.uint64) >= last - first).nonzero()[0]
    if not len(outside):
        return _window(months)[places]
    places[outside] = 0
    found = _window(months)[places]
    odd = day[outside]
    unknown = (odd <= dates.FIRST_DAY) | (odd >= dates.LAST_DAY)
    found[outside] = odd if unknown.all() else _each_month_added(odd, months)
    return found


@lru_cache(maxsize=32)
def _window(months: int) -> Array:
    """Each day of the window some months on."""
    import numpy as np

    found: Array = _each_month_added(np.arange(*_WINDOW), months)
    return found


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
    return _each_distinct(lambda one, _: dates.period_end(one, months), day, 0)


def session(day: Any, count: Any, end: int, calendar: dates.Calendar) -> Any:
    """The first (``end`` 0) or last (1) day that ``dates.add_trading_days`` gives for arrays of days and counts of sessions."""
    return _each_distinct(lambda one, more: dates.add_trading_days(one, one, more, more, calendar)[end], day, count)


def _each_distinct(change: Callable[[int, int], int], day: Any, count: Any) -> Any:
    """A function of days and small numbers, asked once for each pair that there is."""
    import numpy as np

    if isinstance(day, int) and isinstance(count, int):
        return change(day, count)
    key = np.asarray(day, dtype=np.int64) + (np.asarray(count, dtype=np.int64) << _DAY_BITS)
    pairs, which = np.unique(key, return_inverse=True)
    found = [change(pair & (1 << _DAY_BITS) - 1, pair >> _DAY_BITS) for pair in pairs.tolist()]
    return np.array(found, dtype=np.int64)[which]
