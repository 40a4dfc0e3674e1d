"""One fact of many rows out of Arrow columns, as the low and high cells that a filing would have, without a filing for each.

What is read here is read as ``facts.values`` reads it from a filing's text. A value that is not plainly one which a filing may hold
puts its row in doubt: that row is read as a filing, which tells what is wrong, or takes what was doubted here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from compliance import dates
from compliance.facts.values import value_of
from compliance.quantities import BEYOND, MAX_FIGURE, Figure
from compliance.source import Unreadable
from compliance.vocabulary import Field, Vocabulary

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

EXACT, LOW, HIGH, COMPLETE = "", ".low", ".high", ".complete"
LAST_YEAR = 9999  # of a day that never comes: what goes on
_EPOCH = date(1970, 1, 1).toordinal()
_NEVER = date(LAST_YEAR, 1, 1).toordinal()
_CODE = r"^[0-9]{6}\z"


class Cells(NamedTuple):
    """A fact of many rows: the low and high cell of each, 0 in those that have no bound there (``below``, ``above``; None: all have).

    ``stated`` are the rows that state it, ``doubt`` those that are left to the filing; nothing is known in either's cells. Of a kind
    the cells are the bit, if it is known, and the possible bits. A text, a code or a reference has no cells.
    """

    low: Any
    high: Any
    below: Any
    above: Any
    stated: Array
    doubt: Array


class _Given(NamedTuple):
    """One column: a value of each row, which rows have one, and of which it is doubtful."""

    values: Array
    valid: Array
    doubt: Array


def parted(name: str) -> tuple[str, str]:
    """A column's name as the fact and the end of it that the column holds, or whether a list is complete."""
    for end in (LOW, HIGH, COMPLETE):
        if name.endswith(end):
            return name.removesuffix(end), end
    return name, EXACT


def ranged(low: str | None, high: str | None) -> str | None:
    """What a filing would write for two ends that are texts (None: open)."""
    if low is None and high is None:
        return None
    return low if low == high else f"{(low or '').removeprefix('=')}..{(high or '').removeprefix('=')}"


def plain(given: Any) -> Any:
    """A column as it is read here: only texts stay a dictionary, and none of it is nothing."""
    from pyarrow import types

    if types.is_dictionary(given.type) and (not is_text(given.type) or given.dictionary.null_count):
        return given.dictionary_decode()
    return given


def cells_of(field: Field, words: Vocabulary, given: Mapping[str, Any]) -> Cells:
    """The cells of a fact from its columns by the end that each holds (``EXACT``, or ``LOW`` and ``HIGH``)."""
    if EXACT in given and LOW in given:
        return _doubtful(field, words, given)
    low, high = given.get(LOW, given.get(EXACT)), given.get(HIGH, given.get(EXACT))
    if is_text(low.type) != is_text(high.type):
        return _doubtful(field, words, given)
    if field.type in ("text", "code", "ref"):
        return _of_text(field, low)
    if is_text(low.type):
        return _of_texts(field, words, low, high)
    if field.type == "flag":
        return _of_flags(low)
    if field.type == "date":
        first = _days(low)
        last = first if high is low else _days(high)
        return _of_days(field, first, last)
    first = _figures(field, low)
    last = first if high is low else _figures(field, high)
    return _of_figures(field, words, first, last)


def unknown(field: Field, words: Vocabulary, size: int) -> Cells:
    """The cells of a fact that no row states."""
    import numpy as np

    no = np.zeros(size, dtype=bool)
    if field.type in ("text", "code", "ref", "list"):
        return Cells(None, None, None, None, no, no)
    low, high = words.blank(field)
    kind = _dtype(field)
    first, last = (np.full(size, 0 if abs(end) >= BEYOND else end, dtype=kind) for end in (low, high))
    below, above = (~no if abs(end) >= BEYOND else None for end in (low, high))
    return Cells(first, last, below, above, no, no.copy())


def spread(blank: Cells, there: Array, few: Cells) -> Cells:
    """The cells of a fact of many rows, of which nothing is known (``blank``) but in some, with the cells of these."""
    for whole, part in ((blank.low, few.low), (blank.high, few.high)):
        whole[there] = part
    for whole, part in ((blank.below, few.below), (blank.above, few.above)):
        if whole is not None:
            whole[there] = False if part is None else part
    blank.stated[there], blank.doubt[there] = few.stated, few.doubt
    return blank


def same_for_all(field: Field, words: Vocabulary, text: str, size: int) -> Cells | None:
    """The cells of a fact that every row states as one text; None where it is no figure, day, flag or kind that a filing would take."""
    import numpy as np

    found = None if field.type in ("text", "code", "ref", "list") else _read(field, words, text, (None, None))
    if found is None:
        return None
    cells, yes = unknown(field, words, size), np.ones(size, dtype=bool)
    low, high = (np.full(size, 0 if abs(end) >= BEYOND else end, dtype=cells.low.dtype) for end in found)
    below, above = (yes if abs(end) >= BEYOND else None for end in found)
    return Cells(low, high, below, above, yes, ~yes)


def is_text(kind: Any) -> bool:
    """Whether a column holds texts, or nothing at all."""
    from pyarrow import types

    if types.is_dictionary(kind):
        kind = kind.value_type
    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_null(kind))


def strings(given: Any) -> Any:
    """A column of texts as plain strings."""
    import pyarrow as pa

    return given if given.type == pa.string() else given.cast(pa.string())


def valid(given: Any) -> Array:
    """The rows that have a value."""
    found: Array = given.is_valid().to_numpy(zero_copy_only=False)
    return found


def _dtype(field: Field) -> Any:
    import numpy as np

    return np.uint64 if field.type == "kind" else bool if field.type == "flag" else np.int64


def _doubtful(field: Field, words: Vocabulary, given: Mapping[str, Any]) -> Cells:
    """Columns that are not read here: every row that states something in them is in doubt."""
    stated = None
    for column in given.values():
        stated = valid(column) if stated is None else stated | valid(column)
    assert stated is not None
    return unknown(field, words, len(stated))._replace(stated=stated, doubt=stated)


def _of_text(field: Field, given: Any) -> Cells:
    import numpy as np
    import pyarrow.compute as pc

    stated = valid(given)
    doubt = np.zeros(len(stated), dtype=bool)
    if field.type == "code":
        sound = pc.match_substring_regex(strings(given), _CODE).fill_null(True)
        doubt = ~sound.to_numpy(zero_copy_only=False)
    return Cells(None, None, None, None, stated, doubt)


# Texts: each distinct one is read once


def _of_texts(field: Field, words: Vocabulary, low: Any, high: Any) -> Cells:
    """A fact from columns of texts."""
    import numpy as np

    (first, lows), (last, highs) = _coded(low), _coded(high)
    if high is low:
        found, codes = np.unique(first, return_inverse=True)
        pairs = [(lows[code], lows[code]) for code in found.tolist()]
    else:
        found, codes = np.unique(first * len(highs) + last, return_inverse=True)
        pairs = [(lows[code // len(highs)], highs[code % len(highs)]) for code in found.tolist()]
    nothing = tuple(words.blank(field))
    ends = [_read(field, words, ranged(*pair), nothing) for pair in pairs]
    doubt = np.array([end is None for end in ends], dtype=bool)[codes]
    stated = np.array([pair != (None, None) for pair in pairs], dtype=bool)[codes]
    cells = []
    masks = []
    for place in (0, 1):
        plain = [(nothing if end is None else end)[place] for end in ends]
        past = np.array([abs(cell) >= BEYOND for cell in plain], dtype=bool)
        cells.append(np.array([0 if abs(cell) >= BEYOND else cell for cell in plain], dtype=_dtype(field))[codes])
        masks.append(past[codes] if past.any() else None)
    return Cells(cells[0], cells[1], masks[0], masks[1], stated, doubt)


def _coded(given: Any) -> tuple[Array, list[str | None]]:
    """The place of each row's text among the distinct ones, of which the last is none at all."""
    import numpy as np
    from pyarrow import types

    encoded = given if types.is_dictionary(given.type) else strings(given).dictionary_encode()
    known = encoded.dictionary.to_pylist()
    codes = encoded.indices.fill_null(len(known)).to_numpy(zero_copy_only=False).astype(np.int64)
    return codes, [*known, None]


def _read(field: Field, words: Vocabulary, text: str | None, nothing: tuple[Any, Any]) -> tuple[int, int] | None:
    """The cells that a text stands for; None where a filing would not take it."""
    if text is None:
        return nothing
    try:
        found: Figure = value_of(field, words, text)
    except Unreadable:
        return None
    return found.low, found.high


# Flags, days and figures


def _of_flags(given: Any) -> Cells:
    import numpy as np

    stated = valid(given)
    values = given.fill_null(False).to_numpy(zero_copy_only=False)
    return Cells(values, values | ~stated, None, None, stated, np.zeros(len(stated), dtype=bool))


def _days(given: Any) -> _Given:
    """Days as day numbers. In doubt is what no filing holds; the last year is left to whoever knows what it may stand for."""
    import numpy as np
    import pyarrow as pa

    known = valid(given)
    values = given.cast(pa.int32()).fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64) + _EPOCH
    return _Given(values, known, known & ((values < dates.EARLIEST) | (values > dates.LATEST)) & ~_never(values))


def _never(values: Array) -> Array:
    found: Array = (values >= _NEVER) & (values <= dates.LAST_DAY)
    return found


def _of_days(field: Field, first: _Given, last: _Given) -> Cells:
    """Days from both ends. One in the last year goes on, where there is such a thing; as the end of a range it leaves that open."""
    import numpy as np

    stated = first.valid | last.valid
    doubt = first.doubt | last.doubt
    never = last.valid & _never(last.values)
    exact = stated if last is first else first.valid & last.valid & (first.values == last.values)
    if last is not first:
        doubt |= first.valid & last.valid & (first.values > last.values)
        doubt |= ~exact & ((first.valid & _never(first.values)) | (never & ~first.valid))
    if not field.open_ended:
        doubt |= exact & never
    values = np.where(never, dates.LAST_DAY, last.values)
    low = np.where(first.valid & ~doubt, np.where(exact, values, first.values), dates.FIRST_DAY)
    high = np.where(last.valid & ~doubt, values, dates.LAST_DAY)
    return Cells(low, high, None, None, stated, doubt)


def _figures(field: Field, given: Any) -> _Given:
    """Figures in the smallest unit of the field. In doubt is what a filing may not hold, or cannot hold exactly."""
    import numpy as np
    from pyarrow import types

    known = valid(given)
    if types.is_integer(given.type):
        values = given.fill_null(0).to_numpy(zero_copy_only=False)
        past = values > MAX_FIGURE  # while it is still without a sign
        values = values.astype(np.int64)
        past |= values < -MAX_FIGURE
    else:
        values, past = _decimals(given, field.scale)
    if field.least is not None:
        past = past | (values < field.least)
    if field.most is not None:
        past = past | (values > field.most)
    if field.rounded and field.type != "ratio":
        past = np.ones(len(known), dtype=bool)  # as written it would stand for what rounds to it
    return _Given(values, known, known & past)


def _decimals(given: Any, scale: int) -> tuple[Array, Array]:
    """Decimals as whole numbers at a scale, and those that are none, or are larger than a filing may hold."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    finer = np.zeros(len(given), dtype=bool)
    try:
        if given.type.scale > scale:
            finer = pc.not_equal(given, pc.round(given, scale)).fill_null(False).to_numpy(zero_copy_only=False)
            given = given.cast(pa.decimal128(38, scale), safe=False)
        wide = given.cast(pa.decimal128(38, given.type.scale))
    except pa.ArrowException:
        return np.zeros(len(given), dtype=np.int64), np.ones(len(given), dtype=bool)
    halves = np.frombuffer(wide.buffers()[1], dtype="<i8").reshape(-1, 2)[wide.offset : wide.offset + len(wide)]
    values = halves[:, 0].astype(np.int64)
    factor = 10 ** (scale - given.type.scale)
    most = MAX_FIGURE // factor
    past = finer | (halves[:, 1] != values >> 63) | (values > most) | (values < -most)  # more digits than it may have, or than 64 bits
    return np.where(past, 0, values) * min(factor, MAX_FIGURE), past


def _of_figures(field: Field, words: Vocabulary, first: _Given, last: _Given) -> Cells:
    import numpy as np

    stated = first.valid | last.valid
    doubt = first.doubt | last.doubt
    if last is not first:
        doubt = doubt | (first.valid & last.valid & (first.values > last.values))
    ends, masks = [], []
    for one, nothing in zip((first, last), words.blank(field), strict=True):
        told = one.valid & ~doubt
        open_ = abs(nothing) >= BEYOND
        whole = bool(told.all())
        ends.append(one.values if whole else np.where(told, one.values, 0 if open_ else nothing))
        masks.append(~told if open_ and not whole else None)
    return Cells(ends[0], ends[1], masks[0], masks[1], stated, doubt)
