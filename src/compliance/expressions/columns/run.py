"""One formula on one batch: each node computed once, in the outermost rows that it can be told in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from compliance.expressions.columns.bounds import Fit
from compliance.expressions.columns.frames import Frame
from compliance.expressions.columns.layout import Table
from compliance.expressions.columns.numbers import Member, Number, Truth, exactly, taken
from compliance.expressions.columns.scenarios import Scenarios
from compliance.expressions.columns.trees import depth_of
from compliance.expressions.tree import Node

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]


Operation = Callable[["Run", Node, Frame], Any]


class Run:
    """Computes the nodes of a formula on a batch, each for the rows that need it.

    ``doubted`` marks the filings for which a comparison of quotients was read as open: columns do not divide.
    """

    def __init__(
        self,
        operations: Mapping[str, Operation],
        batch: Table | Scenarios,
        parameters: Sequence[int],
        slots: Mapping[str, int],
        on: tuple[Any, Any],
    ) -> None:
        self.operations = operations
        self.scenarios = batch if isinstance(batch, Scenarios) else None
        self.root = outermost(batch)
        self.parameters = parameters
        self.slots = slots
        self.on = on
        self.moving = not (isinstance(on[0], int) and isinstance(on[1], int))
        # Here and not in the frames: an inner one knows the outer ones, and what knows each other is freed late.
        self.loops: dict[tuple[Frame, int, Node], Frame] = {}
        self.fit = Fit(batch.size)
        self.doubted: Any = False

    def value(self, node: Node, frame: Frame) -> Any:
        """A node's value in a frame, computed in the outermost frame that it can be told in."""
        if node.op == "const":
            return bool(node.value) if node.type.kind == "truth" else exactly(node.value)
        home = frame
        needed = depth_of(node)
        while home.depth > needed:
            assert home.around is not None
            home = home.around
        if node not in home.memo:
            home.memo[node] = self.computed(node, home)
        found = home.memo[node]
        return found if home is frame else self.spread_out(node, found, home, frame)

    def computed(self, node: Node, home: Frame) -> Any:
        """A node's value, of what is known already where it is: before the scenarios, or for more rows than these."""
        if home.base is not None and self.scenarios is not None and not self.scenarios.touch(node, self.moving):
            there, which = home.base
            found = self.value(node, there)
            return single(found, which) if there.size == 1 else part_of(found, which)
        if home.whole is not None and node in home.whole[0].memo:
            whole, chosen = home.whole
            return part_of(whole.memo[node], chosen)
        return self.operations[node.op](self, node, home)

    def spread_out(self, node: Node, found: Any, home: Frame, frame: Frame) -> Any:
        """What is known of outer rows, for each inner row."""
        if is_plain(found):
            return found
        if node in frame.memo:
            return frame.memo[node]
        assert frame.around is not None
        if frame.around is not home:
            found = self.spread_out(node, found, home, frame.around)
        result = frame.memo[node] = part_of(found, frame.parents)
        return result

    def number(self, node: Node, frame: Frame) -> Number:
        """A number or a day."""
        found: Number = self.value(node, frame)
        return found

    def truth(self, node: Node, frame: Frame) -> Truth:
        """Whether a truth is proved, and whether it is possible."""
        found = self.value(node, frame)
        return (found, found) if isinstance(found, bool) else found

    def place(self, row: Node, frame: Frame) -> tuple[Table, Array | None]:
        """The table and rows that a root, item or reference stands for."""
        if row.op in ("root", "item"):
            return frame.table, frame.index
        table, index = self.place(row.args[0], frame)
        target, leads = table.reference(row.value[2])
        return target, leads if index is None else leads[index]

    def at(self, node: Node, scale: int, frame: Frame) -> Number:
        """A number at a finer scale: another unit, and no computation."""
        found = self.number(node, frame)
        if node.type.kind != "number" or node.type.scale == scale:
            return found
        return replace(found, power=found.power + scale - node.type.scale)


def outermost(batch: Table | Scenarios) -> Frame:
    """The frame of a batch's filings."""
    if isinstance(batch, Table):
        return Frame(0, batch, None, batch.size)
    base = Frame(0, batch.table, None, batch.table.size)
    base.spread = batch.of
    found = Frame(0, batch.table, batch.of, batch.size)
    found.base = base, batch.of
    return found


def is_plain(found: Any) -> bool:
    """Whether what was found is one for all rows."""
    if isinstance(found, tuple):
        return isinstance(found[0], bool) and isinstance(found[1], bool)
    if isinstance(found, Number):
        return isinstance(found.low, int) and isinstance(found.high, int) and found.below is None and found.above is None
    return isinstance(found, bool) or isinstance(found.bits, int)


def part_of(found: Any, rows: Array) -> Any:
    """What was found, for some rows of those that it was found for."""
    if is_plain(found):
        return found
    if isinstance(found, tuple):
        low = taken(found[0], rows)
        return low, low if found[0] is found[1] else taken(found[1], rows)
    return found.each(lambda values: taken(values, rows))


def single(found: Any, rows: Array) -> Any:
    """What was found for one filing alone, as what holds for all its scenarios."""
    if is_plain(found):
        return found
    if isinstance(found, tuple):
        return bool(found[0]), bool(found[1])
    if isinstance(found, Member):
        bits = int(found.bits[0])
        return Member(bits, found.exact, None, (bits,))
    low = int(found.low) if isinstance(found.low, int) else int(found.low[0])
    high = low if found.low is found.high else int(found.high) if isinstance(found.high, int) else int(found.high[0])
    below, above = (None if mask is None or not mask.any() else mask[rows] for mask in (found.below, found.above))
    return replace(found, low=low, high=high, below=below, above=above)
