"""The rows that a computation runs over, and what is taken together over the items of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from compliance.expressions.columns.layout import Segments, Table
from compliance.expressions.tree import Node

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[Any]


class Frame:
    """The rows that a computation runs over: the filings, or the items of a loop with the row of the loop around for each."""

    def __init__(self, depth: int, table: Table, index: Array | None, around: Frame | None = None, found: Any = None) -> None:
        self.depth = depth
        self.table = table
        self.index = index
        self.around = around
        of_filings: tuple[Any, Any, Any, int, Any] = (None, None, None, table.size, None)
        self.size: int
        self.parents, self.begun, self.open, self.size, self.shape = found or of_filings
        self.whole: tuple[Frame, Array] | None = None  # the frame that this one has some rows of, and which
        self.memo: dict[Node, Any] = {}
        self.loops: dict[tuple[int, Node], Frame] = {}

    def only(self, chosen: Array) -> Frame:
        """The frame with some of its rows."""
        index = chosen if self.index is None else self.index[chosen]
        if self.around is None:
            return Frame(self.depth, self.table, index, None, (None, None, None, len(chosen), None))
        found = Frame(self.depth, self.table, index, self.around, (self.parents[chosen], None, self.open, len(chosen), None))
        found.whole = self, chosen
        return found

    @property
    def starts(self) -> Array:
        """Where the items of each row of the loop around begin."""
        import numpy as np

        if self.begun is None:
            assert self.whole is not None
            whole, chosen = self.whole
            self.begun = np.searchsorted(chosen, whole.starts)
        found: Array = self.begun
        return found

    def filings(self, rows: Any, of: int) -> Any:
        """The filings, of so many, that some rows of this frame belong to."""
        import numpy as np

        frame, rows = self, filled(rows, self).nonzero()[0]
        while frame.around is not None:
            rows = frame.parents[rows]
            frame = frame.around
        found = np.zeros(of, dtype=bool)
        found[rows if frame.index is None else frame.index[rows]] = True
        return found

    def segments(self) -> Segments:
        """How the items are spread over the rows of the loop around."""
        if self.shape is None:
            self.shape = Segments(self.starts)
        found: Segments = self.shape
        return found


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
    result = np.full(shape.rows, nothing, dtype=values.dtype)
    if len(shape.full):
        result[shape.full] = pick.reduceat(values, shape.begin)
    return result


def summed(values: Array, inner: Frame) -> Array:
    """The sum of each row's items. Running sums may go past 64 bits and come back: their differences are right."""
    import numpy as np

    if inner.segments().each is not None or values.dtype != np.int64:
        return over(np.add, values, inner, 0)
    running = np.zeros(len(values) + 1, dtype=np.int64)
    np.cumsum(values, out=running[1:])
    ends = running[inner.starts]
    return np.asarray(ends[1:] - ends[:-1])


def any_of(values: Array, inner: Frame) -> Array:
    """Whether any of each row's items holds."""
    import numpy as np

    shape = inner.segments()
    if shape.each is not None:
        return over(np.logical_or, values, inner, False)
    found = np.zeros(shape.rows, dtype=bool)
    found[inner.parents[values]] = True
    return found
