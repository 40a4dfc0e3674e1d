"""The rows that a computation runs over, and what is taken together over the items of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from compliance.expressions.columns.layout import Segments, Table
from compliance.expressions.tree import Node

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[Any]

MOST_HELD = 1 << 27


class Frame:
    """The rows that a computation runs over: the filings, or the items of a loop with the row of the loop around for each.

    ``index`` tells which row of the table each of them is (None: all, in order). Items have ``around``, the frame of the loop
    around, ``parents``, their rows in it, and ``open``, which of its lists are not declared complete. ``whole`` is the frame
    that this one has some rows of, and which. ``base`` is the frame of what the filings state before scenarios change them,
    and the row in it that each row here is. ``filing`` is the filing of each row of an outermost frame (None: each its own).
    ``kept`` tells that the frame outlives the computation of one rule: see ``Kept``.
    """

    def __init__(self, depth: int, table: Table, index: Array | None, size: int, around: Frame | None = None) -> None:
        self.depth = depth
        self.table = table
        self.index = index
        self.size = size
        self.around = around
        self.parents: Any = None
        self.open: Any = None
        self.shape: Segments | None = None
        self.whole: tuple[Frame, Array] | None = None
        self.base: tuple[Frame, Array] | None = None
        self.filing: Array | None = None
        self.kept = False
        self.memo: dict[Any, Any] = {}  # by node; in a frame that is kept by node and what it is told of beside the rows

    def only(self, chosen: Array) -> Frame:
        """The frame with some of its rows."""
        found = Frame(self.depth, self.table, chosen if self.index is None else self.index[chosen], len(chosen), self.around)
        found.open = self.open
        found.whole = self, chosen
        if self.around is None:
            found.filing = chosen if self.filing is None else self.filing[chosen]
        else:
            found.parents = self.parents[chosen]
        if self.base is not None:
            found.base = self.base[0], self.base[1][chosen]
        return found

    def filings(self, rows: Any, of: int, spread: Array | None = None) -> Any:
        """The filings, of so many, that some rows of this frame belong to; False where there are none.

        ``spread`` tells, of scenarios, the filing that each is of.
        """
        import numpy as np

        frame, rows = self, filled(rows, self).nonzero()[0]
        if not len(rows):
            return False
        while frame.around is not None:
            rows = frame.parents[rows]
            frame = frame.around
        if frame.filing is not None:
            rows = frame.filing[rows]
        if frame.base is None and spread is not None:
            mine = np.zeros(1 + int(spread.max(initial=0)), dtype=bool)
            mine[rows[rows < len(mine)]] = True
            return mine[spread]
        found = np.zeros(of, dtype=bool)
        found[rows] = True
        return found

    def numbers(self) -> Array:
        """The filing that each row belongs to."""
        import numpy as np

        frame: Frame = self
        way: Any = None
        while frame.around is not None:
            way = frame.parents if way is None else frame.parents[way]
            frame = frame.around
        if way is None:
            return np.arange(frame.size) if frame.filing is None else frame.filing
        found: Array = way if frame.filing is None else frame.filing[way]
        return found

    def segments(self) -> Segments:
        """How the items are spread over the rows of the loop around."""
        import numpy as np

        if self.shape is None:
            assert self.whole is not None
            whole, chosen = self.whole
            self.shape = Segments(np.searchsorted(chosen, whole.segments().offsets))
        return self.shape


class Kept:
    """What all that is asked of one batch shares: the frames of its filings and their items, with what was computed in them.

    Of no scenario: what reads a cell that is put is computed for itself. Frames are kept by the rows that they have some of,
    down to the items of the filings' lists; those of lists in lists would be too many. ``held`` is how many bytes are held:
    who asks begins anew beyond ``MOST_HELD``. One that is not ``shared`` serves a single question, and keeps nothing beyond it.
    """

    def __init__(self, table: Table, shared: bool = True) -> None:
        self.table = table
        self.shared = shared
        self.begin()

    def begin(self) -> None:
        """Keep nothing of what there was."""
        self.root = Frame(0, self.table, None, self.table.size)
        self.root.kept = self.shared
        self.loops: dict[tuple[Frame, int, Node], Frame] = {}
        self.parts: dict[tuple[Frame, bytes], Frame] = {}
        self.held = 0

    def only(self, frame: Frame, chosen: Array) -> Frame:
        """A frame with some of its rows: the same frame for the same rows."""
        if not frame.kept:
            return frame.only(chosen)
        key = frame, chosen.tobytes()
        if key not in self.parts:
            found = self.parts[key] = frame.only(chosen)
            found.kept = True
            self.held += 4 * chosen.nbytes  # the key, the rows, their places in the table and their parents
        return self.parts[key]

    def entered(self, key: tuple[Frame, int, Node], inner: Frame) -> None:
        """Keep the frame of a loop's items."""
        inner.kept = True
        self.loops[key] = inner
        self.held += 8 * inner.size if inner.index is None else 24 * inner.size


def filled(values: Any, inner: Frame) -> Array:
    """An array over a frame's rows, also of what is the same for all."""
    import numpy as np

    return np.full(inner.size, values) if np.ndim(values) == 0 else np.asarray(values)


def over(pick: np.ufunc, values: Array, inner: Frame, nothing: Any) -> Array:
    """The items of each row taken together; a row without items gives ``nothing``."""
    import numpy as np

    shape = inner.segments()
    if shape.each is not None:
        found = values[0 :: shape.each]
        for place in range(1, shape.each):
            found = pick(found, values[place :: shape.each])
        return found
    taken = values
    if shape.longest > 1 and len(shape.full):
        taken = one_by_one(pick, values, shape) if shape.later else pick.reduceat(values, shape.begin)
    if len(shape.full) == shape.rows and shape.rows:
        return taken
    result = np.full(shape.rows, nothing, dtype=values.dtype)
    result[shape.full] = taken
    return result


def one_by_one(pick: np.ufunc, values: Array, shape: Segments) -> Array:
    """The items of each row that has any: the first of all rows with the second of all rows, and so on."""
    import numpy as np

    found: Array = values[shape.begin]
    for place, at in enumerate(shape.later, 1):
        more = values[at]
        if pick is np.add:  # else the last item may be taken twice
            more = more * (shape.sizes > place)
        found = pick(found, more, out=found)
    return found


def summed(values: Array, inner: Frame) -> Array:
    """The sum of each row's items."""
    import numpy as np

    return over(np.add, values, inner, 0)


def any_of(values: Array, inner: Frame) -> Array:
    """Whether any of each row's items holds."""
    import numpy as np

    shape = inner.segments()
    if shape.each is not None or (shape.later and 8 * np.count_nonzero(values) > values.size):
        return over(np.logical_or, values, inner, False)
    found = np.zeros(shape.rows, dtype=bool)
    found[inner.parents[values]] = True
    return found
