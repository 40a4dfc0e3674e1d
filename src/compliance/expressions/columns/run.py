"""One formula on one batch: each node computed once, in the outermost rows that it can be told in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from compliance.expressions.columns.bounds import Fit
from compliance.expressions.columns.frames import Frame
from compliance.expressions.columns.layout import Table
from compliance.expressions.columns.numbers import Number, Truth, exactly, taken
from compliance.expressions.tree import Node, free_items

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

Operation = Callable[["Run", Node, Frame], Any]


class Run:
    """Computes the nodes of a formula on a batch, each for the rows that need it."""

    def __init__(
        self,
        operations: Mapping[str, Operation],
        root: Table,
        parameters: Sequence[int],
        slots: Mapping[str, int],
        on: tuple[Any, Any],
    ) -> None:
        self.operations = operations
        self.root = Frame(0, root, None)
        self.parameters = parameters
        self.slots = slots
        self.on = on
        self.fit = Fit(root.size)

    def value(self, node: Node, frame: Frame) -> Any:
        """A node's value in a frame, computed in the outermost frame that it can be told in."""
        if node.op == "const":
            return bool(node.value) if node.type.kind == "truth" else exactly(node.value)
        home = frame
        needed = max(free_items(node), default=0)
        while home.depth > needed:
            assert home.around is not None
            home = home.around
        if node not in home.memo:
            home.memo[node] = self.operations[node.op](self, node, home)
        found = home.memo[node]
        return found if home is frame else self.spread_out(node, found, home, frame)

    def spread_out(self, node: Node, found: Any, home: Frame, frame: Frame) -> Any:
        """What is known of outer rows, for each inner row."""
        if isinstance(found, tuple):
            if isinstance(found[0], bool) and isinstance(found[1], bool):
                return found
        elif isinstance(found, bool) or (found.exact and isinstance(found.low if isinstance(found, Number) else found.bits, int)):
            return found
        if node in frame.memo:
            return frame.memo[node]
        assert frame.around is not None
        if frame.around is not home:
            found = self.spread_out(node, found, home, frame.around)
        if isinstance(found, tuple):
            low = taken(found[0], frame.parents)
            result: Any = (low, low if found[0] is found[1] else taken(found[1], frame.parents))
        else:
            result = found.each(lambda values: taken(values, frame.parents))
        frame.memo[node] = result
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
