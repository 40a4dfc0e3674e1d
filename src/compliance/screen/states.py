"""States as numbers: what rows hold, told apart by a number for each state that there is, and rows divided by them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

WIDE = 1 << 40  # beyond which states are numbered anew: two of them, each of no more states than rows, stay far from 64 bits
SPARSE = 8  # numbers for a row up to which those that there are are marked in a table of all


class Codes(NamedTuple):
    """For each row the number of its state, below ``width``, in as many bits as are at hand."""

    values: Array
    width: int


class Division(NamedTuple):
    """Rows by their states: the first row of each class, and the class of each row."""

    first: Array
    of: Array


def joined(parts: Iterable[Codes | None]) -> Codes | None:
    """The states of what is in several at once; None where it all is in one."""
    import numpy as np

    found = None
    for part in parts:
        if found is None or part is None:
            found = found or part
            continue
        width = found.width * part.width
        if width > WIDE:
            found, part = Codes(*numbered(found)), Codes(*numbered(part))
            width = found.width * part.width
        found = Codes(found.values.astype(np.int64) * part.width + part.values, width)
    return found


def states(values: Array) -> Codes | None:
    """The states of an array; None where all of it is the same."""
    import numpy as np
    import pyarrow as pa

    if not len(values) or (values == values[0]).all():
        return None
    if values.dtype == bool:
        return Codes(values.view(np.uint8), 2)
    return _encoded(pa.array(values))


def _encoded(values: Any) -> Codes:
    """The states of an Arrow array."""
    coded = values.dictionary_encode()
    return Codes(coded.indices.to_numpy(), len(coded.dictionary))


def numbered(codes: Codes) -> tuple[Array, int]:
    """As few numbers as there are states, and how many these are."""
    import numpy as np

    if not len(codes.values):
        return codes.values, 0
    if codes.width > SPARSE * len(codes.values):
        found = states(codes.values)
        return (codes.values * 0, 1) if found is None else found
    there = np.zeros(codes.width, dtype=bool)
    there[codes.values] = True
    places = np.cumsum(there) - 1
    return places[codes.values], int(places[-1]) + 1


def sequences(codes: Codes, counts: Array) -> Codes:
    """The states of lists, of which each has so many items with these states."""
    import numpy as np
    import pyarrow as pa

    ends = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(counts))) * codes.values.itemsize
    texts = pa.Array.from_buffers(
        pa.large_binary(), len(counts), [None, pa.py_buffer(ends), pa.py_buffer(np.ascontiguousarray(codes.values))]
    )
    return _encoded(texts)


def divided(codes: Codes) -> Division:
    """Rows divided by their states."""
    import numpy as np

    of, width = numbered(codes)
    first = np.empty(width, dtype=np.int64)
    first[of[::-1]] = np.arange(len(of))[::-1]
    return Division(first, of)
